"""How long permits take, from the land to the start, and which permit holds up which start."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import permits, problems, starts
from sanshi_report.metrics.scopes import IDENTITY, in_order, period_end, placed, tally
from sanshi_report.metrics.spread import medians, nearest_ranks
from sanshi_report.metrics.workdays import working_days
from sanshi_report.workspace import Parameters

__all__ = ["by_permit", "holding_up", "land_to_start", "timed"]

LAND = "土地"

_CRITICAL = ["permit", "department", "status", "due_on", "reason"]


@keyed_by("project_id", "permit")
def timed(ledger: Ledger) -> pd.DataFrame:
    """Return the permits needed, with how long each took or has been waiting.

    Returns
    -------
    pandas.DataFrame
        The columns of `permits.register` for every permit needed, and `Int64`: `working_days` from
        its application, that day left out, to its grant, that day counted (missing unless both are
        known, in order, and in years whose holidays are known); `waiting_workdays` from its
        application to the period's end, for those applied for and not granted.

    Examples
    --------
    >>> timed = report.metrics.durations.timed()
    >>> timed[["project_id", "permit", "applied_on", "granted_on", "working_days"]].head(2)
      project_id permit applied_on granted_on  working_days
    0        H01   立项 2022-01-04 2022-01-20            12
    1        H01   土地 2022-02-07 2022-04-25            55
    """
    rows = permits.register(ledger).query("is_needed")
    end = pd.Series(period_end(ledger), index=rows.index)
    days = working_days(rows["applied_on"], rows["granted_on"])
    waiting = working_days(rows["applied_on"], end)
    return rows.assign(
        working_days=days.where(rows["is_granted"] & days.ge(0).fillna(False)),
        waiting_workdays=waiting.where(rows["is_in_progress"] & waiting.ge(0).fillna(False)),
    )


@keyed_by("scope_value")
def by_permit(ledger: Ledger, parameters: Parameters, by: str | None = "permit") -> pd.DataFrame:
    """Return how many working days permits take from application to grant.

    Parameters
    ----------
    by : str or None
        `permit`, `department`, or a project scope.

    Returns
    -------
    pandas.DataFrame
        `scope_value`; `granted`; `on_time`: granted by the day promised; `in_progress`; `uncounted`:
        granted, but a day is missing or lies in a year without a holiday calendar; `median_workdays`
        (`Decimal`); `p90_workdays`: nine in ten took no longer; `longest_workdays`; `longest_waiting_workdays`, of
        those under way. Counts and other days are `Int64`; days are missing where nothing is counted.

    Examples
    --------
    >>> times = report.metrics.durations.by_permit()
    >>> times[["scope_value", "granted", "on_time", "median_workdays", "p90_workdays"]].head(2)
      scope_value  granted  on_time median_workdays  p90_workdays
    0        立项       29       27              12            15
    1        土地       24       21              46            63
    """
    facts = timed(ledger)
    facts = facts.rename(columns={"is_granted": "granted", "is_in_progress": "in_progress"})
    facts["on_time"] = facts["granted"] & facts["granted_on"].le(facts["due_on"])
    facts["uncounted"] = facts["granted"] & facts["working_days"].isna()
    counts = ["granted", "on_time", "in_progress", "uncounted"]
    frame = tally(facts, ledger.projects, parameters, by, counts).set_index("scope_value")
    keys, _ = placed(facts, ledger.projects, parameters, by)
    frame["median_workdays"] = medians(facts["working_days"], keys, frame.index)
    frame["p90_workdays"] = nearest_ranks(facts["working_days"], keys, frame.index, 90)
    for name, column in (
        ("longest_workdays", "working_days"),
        ("longest_waiting_workdays", "waiting_workdays"),
    ):
        frame[name] = facts.groupby(keys)[column].max().reindex(frame.index).astype("Int64")
    return frame.reset_index()


@keyed_by("project_id")
def land_to_start(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how long each new build took from getting its land to its start (拿地到开工).

    Returns
    -------
    pandas.DataFrame
        One row per new build, in the register's order: `project_id`, its identity, `planned_start`,
        `land_granted_on`, `started_on`; `Int64`: `days` and `working_days` from the one to the other,
        negative where work began before the land was granted, missing until both are known;
        `waiting_days`, calendar days since the land was granted, for those not started.

    Examples
    --------
    >>> land = report.metrics.durations.land_to_start()
    >>> land[["project_id", "land_granted_on", "started_on", "days", "waiting_days"]].head(4)
      project_id land_granted_on started_on  days  waiting_days
    0        X01      2023-12-11 2024-03-12    92          <NA>
    1        X02      2024-02-09 2024-04-18    69          <NA>
    2        X03             NaT        NaT  <NA>          <NA>
    3        X04      2024-03-06        NaT  <NA>           116
    """
    land = permits.register(ledger).query("permit == @LAND and is_granted")
    granted_on = land.set_index("project_id")["granted_on"].rename("land_granted_on")
    builds = starts.register(ledger, parameters).join(granted_on, on="project_id")
    land_on, started_on = builds["land_granted_on"], builds["started_on"]
    waiting = (period_end(ledger) - land_on).dt.days.astype("Int64")
    frame = builds.assign(
        days=(started_on - land_on).dt.days.astype("Int64"),
        working_days=working_days(land_on, started_on),
        waiting_days=waiting.where(started_on.isna()),
    )
    days = [
        "planned_start",
        "land_granted_on",
        "started_on",
        "days",
        "working_days",
        "waiting_days",
    ]
    return frame[["project_id", *IDENTITY, *days]]


@keyed_by("project_id")
def holding_up(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the new builds not started, what each still lacks, and which permit is the critical one.

    The critical permit is the root of the delay: of those needed and not granted, the first that an open problem of
    the project is about, as the categories of problems say; or else, of those whose own prerequisites are granted,
    the one promised first. A permit that can only follow the others (`comes_last`) is critical once it alone is left.

    Returns
    -------
    pandas.DataFrame
        By planned day: `project_id`, its identity, `planned_start`; `falls_due`: `due` by the
        period's end, `next` month, or `later`; `light`, `months_late`; `outstanding`: how many
        permits are needed and not granted, missing for a project that no permit was reported of;
        `outstanding_permits`: their names in the parameters' order, joined by 、; `critical_permit`,
        `critical_department`, `critical_status`, `critical_due_on`, missing where nothing is
        outstanding; `critical_reason`: `problem` or `order`, as above; `critical_days_overdue`, missing unless its
        promise has passed; `is_after_start`: one of those outstanding is promised for after the planned start, or
        not at all.

    Examples
    --------
    >>> waiting = report.metrics.durations.holding_up()
    >>> waiting[["project_id", "light", "outstanding_permits", "critical_permit"]].head(2)
    project_id   light   outstanding_permits critical_permit
    0        X05     red  土地、规划、施工许可            土地
    1        X04  yellow  环评、安评、施工许可            环评
    """
    builds = starts.register(ledger, parameters).query("~is_started")
    end = period_end(ledger)
    next_end = end + pd.offsets.MonthEnd(1)
    planned = builds["planned_start"]
    when = np.select([planned.le(end), planned.le(next_end)], ["due", "next"], "later")
    frame = builds[["project_id", *IDENTITY, "planned_start", "light", "months_late"]]
    frame = frame.assign(falls_due=pd.Series(when, index=frame.index, dtype="str"))
    frame = frame.join(_outstanding(ledger, parameters), on="project_id")
    is_reported = frame["project_id"].isin(ledger.permits["project_id"])
    frame["outstanding"] = frame["outstanding"].fillna(0).astype("Int64").where(is_reported)
    due_on = frame["critical_due_on"]
    late = (end - due_on).dt.days.astype("Int64")
    frame["critical_days_overdue"] = late.where(late.ge(0).fillna(False))
    is_left = frame["outstanding"].gt(0).fillna(False).astype(bool)
    frame["is_after_start"] = is_left & ~frame.pop("last_due_on").le(frame["planned_start"])
    return frame.sort_values(["planned_start", "project_id"], ignore_index=True)


def _outstanding(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return, by project, the permits needed and not granted, the critical one of them, and the last day promised."""
    rows = permits.register(ledger).query("is_needed and not is_granted")
    place = {name: n for n, name in enumerate(in_order(rows["permit"], "permit", parameters))}
    rows = rows.assign(place=rows["permit"].map(place)).sort_values("place", kind="stable")
    names = rows.groupby("project_id")["permit"]
    critical = _critical(rows, ledger, parameters)
    promises = rows.groupby("project_id")["due_on"]
    listed = pd.DataFrame(
        {
            "outstanding": names.size(),
            "outstanding_permits": names.agg("、".join),
            # One without a promise comes after all others.
            "last_due_on": promises.max().where(promises.count().eq(promises.size())),
        }
    )
    return listed.join(critical[_CRITICAL].add_prefix("critical_"))


def _critical(rows: pd.DataFrame, ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the critical row of each project's outstanding permits, with its `reason`, by project."""
    year = parameters.programme
    now = {former: term.value for term in year.permits for former in term.was}
    about = {
        term.value: now.get(term.permit, term.permit)
        for term in year.problem_categories
        if term.permit
    }
    asked = problems.open_problems(ledger, parameters)[["project_id", "category"]]
    tied = set(zip(asked["project_id"], asked["category"].map(about), strict=True))
    last = {term.value for term in year.permits if term.comes_last}
    before = {term.value: {now.get(one, one) for one in term.after} for term in year.permits}
    left = rows.groupby("project_id")["permit"].agg(set)
    pairs = list(zip(rows["project_id"], rows["permit"], strict=True))
    is_tied = pd.Series([pair in tied for pair in pairs], index=rows.index, dtype="bool")
    waits = [
        bool(before.get(permit, set()) & left[project])
        or (permit in last and bool(left[project] - last))
        for project, permit in pairs
    ]
    rows = rows.assign(
        reason=is_tied.map({True: "problem", False: "order"}).astype("str"),
        # Of those that a problem is about the order decides, of the others the promise.
        rank=np.where(is_tied, 0, np.where(waits, 2, 1)),
        promised=rows["due_on"].mask(is_tied),
    )
    order = rows.sort_values(["rank", "promised", "place"], kind="stable", na_position="last")
    return order.drop_duplicates("project_id").set_index("project_id")
