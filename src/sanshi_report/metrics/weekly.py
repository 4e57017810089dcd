"""A lead official's week: his projects, what was raised, solved and missed, and what next week asks for.

Everything is judged at the week's Sunday, from what the period's report knows. Money is reported by the
month, so it stands as at the end of the latest month that was over.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.errors import UsageError
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import cadence, investment, starts, tasks
from sanshi_report.metrics.scopes import happened, period_end, with_projects
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = ["GROUPS", "items", "judged", "meetings", "officials", "projects", "summary"]

GROUPS = ("new", "closed", "overdue", "coming", "open")
"""Problems raised in the week; solved in it; overdue; due next week; problems open besides."""

NOBODY = ""
"""Stands for the lead official of projects that have none."""

_ITEMS: dict[str, Any] = {
    **dict.fromkeys(("group", "key", "kind", "project_id", "name", "owner", "task"), "str"),
    "due_on": "datetime64[us]",
    "closed_on": "datetime64[us]",
    "is_new": "boolean",
}


def judged(ledger: Ledger, week: str | None = None) -> Ledger:
    """Return a period's ledger judged at the Sunday of one of its weeks, by default the last.

    Raises
    ------
    UsageError
        If the week is malformed or does not end in the period; those that do are named.
    """
    weeks = ledger.period.weeks
    wanted = ReportPeriod.parse_week(week) if week else weeks[-1]
    if wanted not in weeks:
        names = ", ".join(map(str, weeks))
        raise UsageError("week_outside", week=wanted, period=ledger.period, weeks=names)
    return ledger.at(wanted)


def officials(ledger: Ledger, official: str | None = None) -> list[str]:
    """Return the lead officials in the register's order, or the one asked for.

    Projects without one come last, under `NOBODY`.

    Raises
    ------
    UsageError
        If no project is led by the one asked for; the nearest names are given, or all.
    """
    led = ledger.projects["lead_official"].fillna(NOBODY)
    names = sorted(dict.fromkeys(led), key=lambda name: name == NOBODY)
    if official is None:
        return names
    if official in names and official != NOBODY:
        return [official]
    known = [name for name in names if name != NOBODY]
    near = get_close_matches(official, known) or known
    raise UsageError("official_unknown", found=official, known="、".join(near))


@keyed_by("project_id")
def projects(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how every project stands at the week's end.

    Returns
    -------
    pandas.DataFrame
        In the register's order: `project_id`, identity (`lead_official` is never missing), `kind`;
        `light`: of investment for continuing projects, of the start for new builds; `planned_start`,
        `started_on`, `completed_on`; `month`: the latest that was over, missing in the year's first
        weeks; of its end `annual_plan` and `invested_ytd` in fen, `completion_pct`, `gap_points` (of
        continuing projects), `physical_pct`.

    Examples
    --------
    >>> projects = report.in_week("2024-W23").metrics.weekly.projects()
    >>> projects[["project_id", "completion_pct", "month", "light"]].head(2)
      project_id   completion_pct    month   light
    0        H01  37.914285714286  2024-05  yellow
    1        H02  42.744696969697  2024-05   green
    """
    columns = ["project_id", "kind", "planned_start", "started_on", "completed_on"]
    frame = with_projects(ledger.projects[columns], ledger)
    frame["lead_official"] = frame["lead_official"].fillna(NOBODY)
    begun = starts.register(ledger, parameters).set_index("project_id")["light"]
    money = _money(ledger, parameters)
    frame = frame.join(money, on="project_id")
    is_new = frame["kind"].eq("new_build")
    light = frame.pop("light").fillna("not_rated").mask(is_new, frame["project_id"].map(begun))
    return frame.assign(light=light.astype("str"))


@keyed_by("key")
def items(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return what a lead official must know of by the week's end, each thing once.

    Returns
    -------
    pandas.DataFrame
        By group of `GROUPS`, day due and key: `group`; `lead_official`; `key`, `kind`, `project_id`, `name`,
        `owner` and `task` as in `tasks.due_next`, but no meetings and nothing on no project; `due_on`, the
        day in the ledger; `days_overdue`, `Int64`, missing unless overdue; `closed_on`; `is_new`: a problem
        raised in the week, even if it was solved at once.

    Examples
    --------
    >>> items = report.in_week("2024-W23").metrics.weekly.items()
    >>> items[["group", "key", "owner", "due_on", "days_overdue"]].iloc[[0, 2]]
         group                key         owner     due_on  days_overdue
    0      new  problem:W2024-021      示例丙局 2024-06-14          <NA>
    2  overdue       node:X05-N01  示例戊县政府 2024-01-19           142
    """
    listed = tasks.due_next(ledger, parameters)
    listed = listed[listed["kind"].ne("meeting") & listed["project_id"].notna()]
    due = listed.assign(
        group=np.where(listed["is_overdue"], "overdue", "coming"), due_on=listed["original_due_on"]
    )
    told = _problems(ledger)
    first = told[told["group"].isin(["new", "closed"])]
    later = told[told["group"].eq("open") & ~told["key"].isin(due["key"])]
    due = due[~due["key"].isin(first["key"])]
    frame = pd.concat([first, due, later], ignore_index=True).reindex(columns=list(_ITEMS))
    frame = frame.astype(_ITEMS)
    is_late = happened(frame["due_on"], ledger) & frame["group"].ne("closed")
    days = (period_end(ledger) - frame["due_on"]).dt.days
    known = ledger.projects.set_index("project_id")["lead_official"].fillna(NOBODY)
    frame = frame.assign(
        days_overdue=days.where(is_late).astype("Int64"),
        is_new=frame["is_new"].fillna(False).astype(bool),
        lead_official=frame["project_id"].map(known),
        place=frame["group"].map({name: at for at, name in enumerate(GROUPS)}),
    )
    return frame.sort_values(["place", "due_on", "key"], ignore_index=True).drop(columns="place")


@keyed_by("project_id", "level")
def meetings(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the meetings of the week and those owed next week, by project and level.

    Returns
    -------
    pandas.DataFrame
        Project levels of the cadence only: `project_id`, `level`, `lead_official`; `Int64`: `held` in the
        week, `missed`: windows that ended in it without a meeting, `owed_next`: windows that end next week
        and have none yet.

    Examples
    --------
    >>> meetings = report.in_week("2024-W23").metrics.weekly.meetings()
    >>> meetings[["project_id", "level", "held", "missed", "owed_next"]].head(2)
      project_id level  held  missed  owed_next
    0        H01  专班     1       0          0
    1        H01  项目     1       0          1
    """
    rules = parameters.programme.cadence
    levels = [rule.level for rule in rules if rule.scope == "project"]
    now = cadence.by_body(ledger, parameters)[["project_id", "level", "held", "missed"]]
    listed = tasks.due_next(ledger, parameters)
    owed = listed[listed["kind"].eq("meeting")][["project_id", "task", "meetings"]]
    owed = owed.rename(columns={"task": "level", "meetings": "owed_next"})
    frame = now.merge(owed, how="outer", on=["project_id", "level"])
    frame = frame[frame["level"].isin(levels) & frame["project_id"].notna()]
    counts = ["held", "missed", "owed_next"]
    frame[counts] = frame[counts].fillna(0).astype("Int64")
    known = ledger.projects.set_index("project_id")["lead_official"].fillna(NOBODY)
    return frame.assign(lead_official=frame["project_id"].map(known)).reset_index(drop=True)


@keyed_by("lead_official")
def summary(
    projects: pd.DataFrame, items: pd.DataFrame, meetings: pd.DataFrame, officials: list[str]
) -> pd.DataFrame:
    """Return each official's week in numbers.

    Parameters
    ----------
    projects, items, meetings : pandas.DataFrame
        `projects`, `items` and `meetings` of the week.
    officials : list of str
        Whom to count, in this order.

    Returns
    -------
    pandas.DataFrame
        `lead_official` and `Int64`: `projects` and of them `green`, `yellow`, `red`; problems `raised` and
        `closed` in the week, `open_problems` at its end and of them `late_problems`; `overdue` and
        `coming`: things of every kind overdue, and due next week; meetings `held`, `missed`, `owed_next`.

    Examples
    --------
    >>> weekly = report.in_week("2024-W23").metrics.weekly
    >>> everyone = weekly.officials()
    >>> summary = weekly.summary(weekly.projects(), weekly.items(), weekly.meetings(), everyone)
    >>> summary[["lead_official", "projects", "red", "overdue", "held", "missed"]].head(2)
      lead_official  projects  red  overdue  held  missed
    0    示例领导甲         4    0        0     7       0
    1    示例领导乙         3    1        5     2       1
    """
    is_open = items["kind"].eq("problem") & items["group"].ne("closed")
    late = items["days_overdue"].notna()
    facts = {
        "projects": (projects, projects["kind"].notna()),
        **{light: (projects, projects["light"].eq(light)) for light in ("green", "yellow", "red")},
        "raised": (items, items["is_new"]),
        "closed": (items, items["group"].eq("closed")),
        "open_problems": (items, is_open),
        "late_problems": (items, is_open & late),
        "overdue": (items, late),
        "coming": (items, items["group"].eq("coming")),
    }
    frame = pd.DataFrame(index=pd.Index(officials, dtype="str", name="lead_official"))
    for name, (rows, chosen) in facts.items():
        frame[name] = rows[chosen].groupby("lead_official").size().reindex(officials, fill_value=0)
    counts = ["held", "missed", "owed_next"]
    sums = meetings.groupby("lead_official")[counts].sum().reindex(officials, fill_value=0)
    return frame.join(sums).astype("Int64").reset_index()


def _money(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each project's money and physical progress at the end of the latest whole month."""
    month = ReportPeriod.parse(ledger.period.last_month)
    columns = ["annual_plan", "invested_ytd", "completion_pct", "gap_points", "light"]
    if month.year != ledger.period.year:
        rated = investment.by_project(ledger, parameters).set_index("project_id")[columns].head(0)
        return rated.assign(physical_pct=pd.Series(dtype="Float64"), month=pd.Series(dtype="str"))
    then = ledger.at(month)
    rated = investment.by_project(then, parameters).set_index("project_id")[columns]
    built = investment.new_builds(then, parameters, "project").set_index("scope_value")
    frame = pd.concat([rated, built[["invested_ytd"]]]).rename_axis("project_id")
    told = then.progress[then.progress["month"].eq(str(month))].set_index("project_id")
    return frame.assign(physical_pct=told["physical_pct"].reindex(frame.index), month=str(month))


def _problems(ledger: Ledger) -> pd.DataFrame:
    """Return the problems raised or solved in the week and the open ones, as `items` has them."""
    start, table = pd.Timestamp(ledger.period.start), ledger.problems
    raised = happened(table["raised_on"], ledger)
    closed = raised & happened(table["closed_on"], ledger)
    now_closed, is_new = closed & table["closed_on"].ge(start), table["raised_on"].ge(start)
    group = np.select([now_closed, is_new], ["closed", "new"], "open")
    rows = table.assign(
        group=group,
        is_new=is_new,
        kind="problem",
        key="problem:" + table["problem_id"],
        task=table["description"],
    )
    rows = rows[raised & (~closed | now_closed)]
    return with_projects(rows, ledger, ["name"])
