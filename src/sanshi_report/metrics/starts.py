"""Starts of new builds: against their own planned day, and against the programme's milestones.

A start is the substantive start (`started_on`), never the ground-breaking ceremony. At every scope
started = due − due and not started + early.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.lights import start_lights
from sanshi_report.metrics.scopes import happened, months_past, period_end, tally
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = ["counts", "milestones", "position", "register", "required", "staircase"]

_COLUMNS = [
    "project_id", "name", "sector", "tier", "county", "lead_official", "task_force",
    "responsible_unit", "planned_start", "groundbreaking_on", "started_on",
]  # fmt: skip


@keyed_by("project_id")
def register(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every new build and where its start stands.

    Returns
    -------
    pandas.DataFrame
        One row per new build, in the register's order: its identity and days (`groundbreaking_on` and
        `started_on` missing if after the period's end); `is_due`: planned on or before the period's
        end; `is_started`; `is_due_not_started`; `is_early`: started and not yet due; `months_late`:
        `Int64`, whole months from the end of the planned month to the period's end for those due and
        not started, else missing; `light`.

    Examples
    --------
    >>> register = report.metrics.starts.register()
    >>> register[["project_id", "planned_start", "started_on", "months_late", "light"]].head(4)
      project_id planned_start started_on  months_late      light
    0        X01    2024-03-15 2024-03-12         <NA>      green
    1        X02    2024-04-20 2024-04-18         <NA>      green
    2        X03    2024-08-30        NaT         <NA>  not_rated
    3        X04    2024-05-20        NaT            1     yellow
    """
    frame = _builds(ledger)[_COLUMNS].reset_index(drop=True)
    for day in ("groundbreaking_on", "started_on"):
        frame[day] = frame[day].where(happened(frame[day], ledger))
    end, planned = period_end(ledger), frame["planned_start"]
    frame["is_due"] = happened(planned, ledger)
    frame["is_started"] = frame["started_on"].notna()
    frame["is_due_not_started"] = frame["is_due"] & ~frame["is_started"]
    frame["is_early"] = frame["is_started"] & ~frame["is_due"]
    # Within its own month a start is due and not yet a month late, at a week's end for instance.
    months = months_past(planned, end).clip(lower=0)
    frame["months_late"] = months.where(frame["is_due_not_started"])
    rule = parameters.programme.lights.starts
    frame["light"] = start_lights(frame["is_started"], frame["months_late"], rule)
    return frame


@keyed_by("scope_value")
def counts(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return `scope_value`, `due`, `started`, `due_not_started` and `early` (`Int64`) by scope.

    Examples
    --------
    >>> report.metrics.starts.counts()[["due", "started", "due_not_started", "early"]]
       due  started  due_not_started  early
    0    9        8                3      2
    """
    wanted = ["due", "started", "due_not_started", "early"]
    facts = register(ledger, parameters).rename(columns={f"is_{name}": name for name in wanted})
    return tally(facts, _builds(ledger), parameters, by, wanted)


@keyed_by("due_on")
def milestones(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the programme's start milestones and how each stands.

    Returns
    -------
    pandas.DataFrame
        One row per milestone, by day, and none for a part of the programme, which has no milestones of its
        own: `due_on`; `required`: cumulative starts; `planned_starts`: new
        builds the ledger plans to start by then; `started`: those started by then, missing while the day is
        after the period's end; `starts_gap`: started − required; `to_go`: what is required less the starts
        so far; `is_past`: the day has come; `light`: green met, yellow missed, `not_rated` to come.

    Examples
    --------
    >>> milestones = report.metrics.starts.milestones()
    >>> milestones[["due_on", "required", "is_past", "started", "to_go", "light"]]
          due_on  required  is_past  started  to_go      light
    0 2024-06-30         9     True        8      1     yellow
    1 2024-09-30        14    False     <NA>      6  not_rated
    2 2024-12-31        17    False     <NA>      9  not_rated
    """
    builds, frame = _builds(ledger), required(ledger, parameters)
    due = frame["due_on"]
    frame["planned_starts"] = _count_by(builds["planned_start"], due)
    frame["is_past"] = happened(due, ledger)
    frame["started"] = _count_by(builds["started_on"], due).where(frame["is_past"])
    frame["starts_gap"] = frame["started"] - frame["required"]
    frame["to_go"] = frame["required"] - int(happened(builds["started_on"], ledger).sum())
    met = frame["starts_gap"].ge(0).fillna(False).astype(bool)
    frame["light"] = np.select([~frame["is_past"], met], ["not_rated", "green"], "yellow")
    return frame.astype({"light": "str"})


@keyed_by("scope_value")
def position(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return the portfolio's starts against the latest milestone on or before the period's end.

    Returns
    -------
    pandas.DataFrame
        One row: `scope_value` (empty), `due_on`, `required`, `started` (so far, at the period's end),
        `starts_gap`, `light`: green met, yellow missed; before the first milestone `required` and
        `starts_gap` are missing and nothing is rated.

    Examples
    --------
    >>> position = report.metrics.starts.position()
    >>> position[["started", "due_on", "required", "starts_gap", "light"]]
       started     due_on  required  starts_gap   light
    0        8 2024-06-30         9          -1  yellow
    """
    passed = milestones(ledger, parameters).query("is_past").tail(1)
    started = counts(ledger, parameters)[["scope_value", "started"]]
    latest = passed[["due_on", "required"]].reset_index(drop=True).reindex([0])
    frame = started.join(latest)
    frame["starts_gap"] = frame["started"] - frame["required"]
    rated = frame["starts_gap"].notna()
    met = frame["starts_gap"].ge(0).fillna(False).astype(bool)
    frame["light"] = np.select([~rated, met], ["not_rated", "green"], "yellow")
    return frame.astype({"light": "str"})


@keyed_by("month")
def staircase(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return cumulative starts at the end of each month of the year.

    Returns
    -------
    pandas.DataFrame
        Twelve rows: `month`; `required`: the latest milestone on or before the month's end, 0
        before the first because nothing is required yet, missing in a part of the programme;
        `planned_starts`; `started`, missing after the period. Starts of earlier years are in every
        month.

    Examples
    --------
    >>> report.metrics.starts.staircase().head(4)
         month  required  planned_starts  started
    0  2024-01         0               0        0
    1  2024-02         0               0        0
    2  2024-03         0               2        1
    3  2024-04         0               4        3
    """
    months = ReportPeriod.parse(f"{ledger.period.year}").months
    ends = pd.Series([ReportPeriod.parse(month).end for month in months], dtype="datetime64[us]")
    goals, builds = required(ledger, parameters), _builds(ledger)
    steps = pd.array([0 if len(goals) else pd.NA, *goals["required"]], dtype="Int64")
    frame = pd.DataFrame({"month": pd.Series(months, dtype="str")})
    frame["required"] = steps[_reached(goals["due_on"], ends)]
    frame["planned_starts"] = _count_by(builds["planned_start"], ends)
    frame["started"] = _count_by(builds["started_on"], ends).where(happened(ends, ledger))
    return frame


def required(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return `due_on` and `required` of each milestone of the programme; none of a part of it.

    Examples
    --------
    >>> report.metrics.starts.required()
          due_on  required
    0 2024-06-30         9
    1 2024-09-30        14
    2 2024-12-31        17
    """
    goals = [] if ledger.whole else parameters.programme.milestones
    days = pd.Series([goal.due_on for goal in goals], dtype="datetime64[us]")
    return pd.DataFrame(
        {"due_on": days, "required": pd.array([g.starts for g in goals], dtype="Int64")}
    )


def _builds(ledger: Ledger) -> pd.DataFrame:
    return ledger.projects[ledger.projects["kind"] == "new_build"]


def _reached(days: pd.Series, ends: pd.Series) -> NDArray[np.intp]:
    """Return how many of the days are on or before each end."""
    ordered = days.dropna().sort_values().to_numpy()
    return np.searchsorted(ordered, ends.to_numpy(), side="right")


def _count_by(days: pd.Series, ends: pd.Series) -> pd.Series:
    return pd.Series(_reached(days, ends), dtype="Int64")
