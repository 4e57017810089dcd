"""Whether dispatch meetings were held as often as each body owes them.

The year is cut into windows as long as the cadence: ISO weeks (Monday to Sunday), halves of a month (to
the 15th, to the end), months, pairs of months from January. A body owes one meeting in each window, and
the window belongs to the period in which it ends; it is met by a meeting on any of its days, once, whatever
else is held in it. A programme-wide level is one body; at a project level each project with a task force is
one, from the year's beginning, started or not, to its completion: it owes none in the window it is completed in.
"""

from __future__ import annotations

from datetime import date

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.membership import entered_on
from sanshi_report.metrics.scopes import happened, with_projects
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Cadence, Parameters

__all__ = ["by_body", "by_window", "owed_and_held"]

_COUNTS = ["windows", "met", "missed", "owed", "held"]


@keyed_by("scope_value")
def owed_and_held(ledger: Ledger, parameters: Parameters, by: str | None = "level") -> pd.DataFrame:
    """Return the meetings of the period by level, in the order of the parameters.

    Returns
    -------
    pandas.DataFrame
        `scope_value` (the level), `every`, and `Int64`: `bodies`, those with a window ending in the
        period; `kept_bodies`, of them those that missed none; `windows` = `met` + `missed`, `owed` and
        `held`, the sums of `by_body`.

    Examples
    --------
    >>> by_level = report.metrics.cadence.owed_and_held()
    >>> by_level[["scope_value", "every", "bodies", "owed", "held"]]
        scope_value       every  bodies  owed  held
    0        指挥部  two_months       1     1     1
    1  指挥部办公室       month       1     1     1
    2          专班  half_month      30    59    55
    3          项目        week      30   124   112
    """
    bodies = by_body(ledger, parameters)
    has_window = bodies["windows"].gt(0)
    kept = has_window & bodies["missed"].eq(0)
    flags = {"bodies": has_window.astype("Int64"), "kept_bodies": kept.astype("Int64")}
    rules = parameters.programme.cadence
    levels = pd.Index([rule.level for rule in rules], dtype="str", name="scope_value")
    sums = bodies.assign(**flags).groupby("level")[[*flags, *_COUNTS]].sum()
    frame = sums.reindex(levels, fill_value=0)
    frame.insert(0, "every", pd.Series([rule.every for rule in rules], index=levels, dtype="str"))
    return frame.reset_index()


@keyed_by("level", "project_id")
def by_body(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the meetings of the period by level and body.

    Returns
    -------
    pandas.DataFrame
        `level`; `project_id`, its `name`, `task_force` and `responsible_unit` (missing for a
        programme-wide level, and for meetings that name no project); `Int64` counts: `windows` that end
        in the period = `met`, with a meeting in them + `missed`; `owed`: those not already met before
        the period began, such as a week that straddles two months; `held`: meetings in the period.

    Examples
    --------
    >>> bodies = report.metrics.cadence.by_body()
    >>> bodies[["level", "project_id", "windows", "met", "owed", "held"]].head(3)
              level project_id  windows  met  owed  held
    0        指挥部        NaN        1    1     1     1
    1  指挥部办公室        NaN        1    1     1     1
    2          专班        H01        2    1     2     1
    """
    rows = pd.concat([_level(ledger, rule) for rule in parameters.programme.cadence])
    return with_projects(rows, ledger, ["name", "task_force", "responsible_unit"])


@keyed_by("level", "project_id", "opens")
def by_window(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every window of the year that ends by the period's end, for each body that owes a meeting in it.

    Returns
    -------
    pandas.DataFrame
        By level, body and day: `level`; `project_id`, missing for a programme-wide level; `opens` and
        `closes`, the window's first and last day; `held_on`, the body's first meeting in it, missing if
        there was none.

    Examples
    --------
    >>> report.metrics.cadence.by_window()[["level", "opens", "closes", "held_on"]].head(2)
        level      opens     closes    held_on
    0  指挥部 2024-01-01 2024-02-29 2024-02-27
    1  指挥部 2024-03-01 2024-04-30 2024-04-25
    """
    year = ReportPeriod.parse(f"{ledger.period.year}")
    parts = []
    for rule in parameters.programme.cadence:
        windows = _windows(rule, year)
        windows = windows[happened(windows["closes"], ledger)].reset_index(drop=True)
        parts.append(_due(ledger, rule, windows).assign(level=rule.level))
    frame = pd.concat(parts, ignore_index=True)
    frame["project_id"] = frame["project_id"].replace("", None).astype("str")
    columns = ["level", "project_id", "opens", "closes", "held_on"]
    return frame[columns].astype({"level": "str"})


def _level(ledger: Ledger, rule: Cadence) -> pd.DataFrame:
    """Return `project_id`, `level` and the counts of each body of one level."""
    start = pd.Timestamp(ledger.period.start)
    due = _due(ledger, rule, _windows(rule, ledger.period))
    meetings = _meetings(ledger, rule)
    owed, missed = ~due["held_on"].lt(start), due["held_on"].isna()
    flags = {"met": ~missed, "missed": missed, "owed": owed}
    facts = due.assign(windows=1, **{name: flag.astype("Int64") for name, flag in flags.items()})
    counts = facts.groupby("project_id", sort=False)[["windows", *flags]].sum()
    held = meetings[meetings["held_on"].ge(start)].groupby("project_id").size()
    bodies = list(dict.fromkeys([*counts.index, *held.index]))
    counts["held"] = 0
    counts = counts.reindex(bodies, fill_value=0)
    counts["held"] = held.reindex(bodies, fill_value=0)
    frame = counts.astype("Int64").rename_axis("project_id").reset_index()
    frame["project_id"] = frame["project_id"].replace("", None).astype("str")
    return frame.assign(level=rule.level)[["project_id", "level", *_COUNTS]]


def _due(ledger: Ledger, rule: Cadence, windows: pd.DataFrame) -> pd.DataFrame:
    """Return `project_id`, `opens`, `closes` and `held_on` of each window in which a body owes a meeting."""
    due = _bodies(ledger, rule).merge(windows, how="cross")
    # A project completed within a window, or joined within it, owes no meeting in it.
    due = due[~due["completed_on"].le(due["closes"])].drop(columns="completed_on")
    entered = entered_on(due["project_id"], ledger.moves, ledger.period.end)
    due = due[~entered.gt(due["opens"])]
    firsts = _first_in_each(windows, _meetings(ledger, rule))
    return due.merge(firsts, how="left", on=["project_id", "closes"])


def _bodies(ledger: Ledger, rule: Cadence) -> pd.DataFrame:
    """Return `project_id` and `completed_on` of the bodies; a programme-wide one has an empty id.

    A part of the programme has no programme-wide ones.
    """
    if rule.scope == "programme":
        never = pd.Series([pd.NaT], dtype="datetime64[us]")
        body = pd.DataFrame({"project_id": pd.Series([""], dtype="str"), "completed_on": never})
        return body.head(0) if ledger.whole else body
    projects = ledger.projects[ledger.projects["task_force"].notna()]
    return projects[["project_id", "completed_on"]]


def _meetings(ledger: Ledger, rule: Cadence) -> pd.DataFrame:
    """Return `project_id` and `held_on` of a level's meetings: one a day for each body."""
    table = ledger.meetings
    rows = table[table["level"].eq(rule.level) & happened(table["held_on"], ledger)]
    ids = rows["project_id"].fillna("") if rule.scope == "project" else ""
    return rows.assign(project_id=ids)[["project_id", "held_on"]].drop_duplicates()


def _first_in_each(windows: pd.DataFrame, meetings: pd.DataFrame) -> pd.DataFrame:
    """Return the day of each body's first meeting in each window it met in."""
    place = windows["closes"].searchsorted(meetings["held_on"])
    window = windows.reindex(place).set_axis(meetings.index)
    inside = meetings["held_on"].ge(window["opens"])
    rows = meetings.assign(closes=window["closes"])[inside].sort_values("held_on")
    return rows.drop_duplicates(["project_id", "closes"])


def _windows(rule: Cadence, period: ReportPeriod) -> pd.DataFrame:
    """Return `opens` and `closes` of the windows that end in the period, in order."""
    # A week may lie in two months; of their windows those that end in it are kept.
    ends = dict.fromkeys((f"{period.start:%Y-%m}", *period.months, f"{period.end:%Y-%m}"))
    months = [ReportPeriod.parse(month) for month in ends]
    if rule.every == "week":
        closes = pd.date_range(period.start, period.end, freq="W-SUN", unit="us").to_series()
        return pd.DataFrame({"opens": closes - pd.Timedelta(days=6), "closes": closes}).reset_index(
            drop=True
        )
    spans: list[tuple[date, date]]
    if rule.every == "half_month":
        halves = [
            (m.start, m.start.replace(day=15), m.start.replace(day=16), m.end) for m in months
        ]
        spans = [half for a, b, c, d in halves for half in ((a, b), (c, d))]
    elif rule.every == "month":
        spans = [(month.start, month.end) for month in months]
    else:
        pairs = [month for month in months if month.start.month % 2 == 0]
        spans = [(month.previous().start, month.end) for month in pairs]
    spans = [span for span in spans if period.start <= span[1] <= period.end]
    frame = pd.DataFrame(spans, columns=["opens", "closes"])
    return frame.astype({"opens": "datetime64[us]", "closes": "datetime64[us]"})
