"""From works to production: the steps of acceptance, completion and commissioning of the year's projects."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import completions, plans
from sanshi_report.metrics.scopes import IDENTITY, days_of, happened, period_end, with_projects
from sanshi_report.workspace import Parameters

__all__ = ["register", "steps"]

COMPLETION, COMMISSIONING = "竣工", "投产"

_STEP = ["project_id", "step", "due_on", "done_on"]


@keyed_by("project_id")
def register(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the projects whose completion or commissioning belongs to this year.

    A project is one if either is planned by the year's last day and was not done before the year, or is
    done in it.

    Returns
    -------
    pandas.DataFrame
        By planned completion: `project_id`, its identity, `kind`, `planned_completion`, `completed_on`,
        `completion_days_late`, `planned_commissioning`, `commissioned_on`, `commissioning_days_late`;
        `days_to_production`, from completion to commissioning; `steps` and `steps_done`: acceptance steps
        among its nodes; by the day first planned, which a later plan does not hide, `original_completion` and
        `completion_days_late_originally`; `stage`: `commissioned`, `completed`, `accepting` (a step is done) or
        `works`. Days late run to the day it was done or the period's end, negative if early, missing while not
        due. Days and counts are `Int64`.

    Examples
    --------
    >>> endings = report.metrics.acceptance.register()
    >>> endings[["project_id", "planned_completion", "completed_on", "stage"]].head(2)
      project_id planned_completion completed_on      stage
    0        H04         2024-06-30   2024-06-26  completed
    1        H12         2024-09-30          NaT      works
    """
    frame = completions.register(ledger)
    first = pd.Timestamp(ledger.period.year, 1, 1)
    last = pd.Timestamp(ledger.period.year, 12, 31)
    belongs = pd.Series(False, index=frame.index)
    for planned, done in (
        ("planned_completion", "completed_on"),
        ("planned_commissioning", "commissioned_on"),
    ):
        due = frame[planned].le(last) & ~frame[done].lt(first)
        belongs |= due | frame[done].ge(first)
        name = planned.removeprefix("planned_")
        frame[f"{name}_days_late"] = _days_late(frame[planned], frame[done], ledger)
    first_planned = days_of(
        frame["project_id"], plans.originals(ledger, "projects", "planned_completion")
    ).fillna(frame["planned_completion"])
    frame = frame.assign(
        original_completion=first_planned,
        completion_days_late_originally=_days_late(first_planned, frame["completed_on"], ledger),
    )
    frame = frame[belongs].join(_counted(ledger, parameters), on="project_id")
    counts = ["steps", "steps_done"]
    frame[counts] = frame[counts].fillna(0).astype("Int64")
    lag = frame["commissioned_on"] - frame["completed_on"]
    frame["days_to_production"] = lag.dt.days.astype("Int64")
    stages = [
        frame["is_commissioning_done"],
        frame["is_completion_done"],
        frame["steps_done"].gt(0),
    ]
    stage = np.select(stages, ["commissioned", "completed", "accepting"], "works")
    frame["stage"] = pd.Series(stage, index=frame.index, dtype="str")
    columns = [
        "project_id", *IDENTITY, "kind", "planned_completion", "completed_on",
        "completion_days_late", "planned_commissioning", "commissioned_on",
        "commissioning_days_late", "days_to_production", "steps", "steps_done", "stage",
        "original_completion", "completion_days_late_originally",
    ]  # fmt: skip
    order = frame[columns].sort_values("planned_completion", kind="stable")
    return order.reset_index(drop=True)


def _days_late(planned: pd.Series, done: pd.Series, ledger: Ledger) -> pd.Series:
    """Return days from the planned day to the day it was done, or to the period's end; missing while not due."""
    days = (done.fillna(period_end(ledger)) - planned).dt.days.astype("Int64")
    return days.where(done.notna() | days.ge(0).fillna(False))


@keyed_by("project_id", "step")
def steps(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each step of the projects of `register`: acceptance, completion, commissioning.

    Returns
    -------
    pandas.DataFrame
        By project, then in the order of the steps: `project_id`, its `name`, `step` (as in the
        parameters, then 竣工 and 投产 where planned or done), `due_on`, `done_on`; `status`: `done` by its
        day, `late_done`, `open`, or `overdue`: due on or before the period's end and not done.

    Examples
    --------
    >>> steps = report.metrics.acceptance.steps()
    >>> steps[["project_id", "step", "due_on", "done_on", "status"]].head(3)
      project_id      step     due_on    done_on status
    0        H04  联合验收 2024-06-20 2024-06-19   done
    1        H04  竣工备案 2024-06-28 2024-06-26   done
    2        H04    试生产 2024-08-09        NaT   open
    """
    projects = register(ledger, parameters)
    parts = [_acceptance(ledger, parameters)]
    for step, planned, done in (
        (COMPLETION, "planned_completion", "completed_on"),
        (COMMISSIONING, "planned_commissioning", "commissioned_on"),
    ):
        rows = projects[projects[[planned, done]].notna().any(axis=1)]
        rows = rows.rename(columns={planned: "due_on", done: "done_on"}).assign(step=step)
        parts.append(rows[_STEP])
    place = {project: n for n, project in enumerate(projects["project_id"])}
    frame = pd.concat(parts, ignore_index=True).astype({"step": "str"})
    frame = frame.assign(place=frame["project_id"].map(place)).dropna(subset="place")
    frame = frame.sort_values("place", kind="stable").drop(columns="place")
    is_done = frame["done_on"].notna()
    in_time = is_done & ~frame["done_on"].gt(frame["due_on"])
    cases = [in_time, is_done, happened(frame["due_on"], ledger)]
    status = np.select(cases, ["done", "late_done", "overdue"], "open")
    frame["status"] = pd.Series(status, index=frame.index, dtype="str")
    return with_projects(frame, ledger, ["name"])


def _acceptance(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the acceptance steps among the nodes, in the parameters' order; a node is its first match."""
    rows = ledger.nodes
    step = pd.Series(None, index=rows.index, dtype="str")
    place = pd.Series(0, index=rows.index)
    for n, term in enumerate(parameters.programme.acceptance):
        found = step.isna() & rows["node"].str.contains(term.value, regex=False)
        step, place = step.mask(found, term.value), place.mask(found, n)
    done_on = rows["done_on"].where(happened(rows["done_on"], ledger))
    rows = rows.assign(step=step, place=place, done_on=done_on).dropna(subset="step")
    return rows.sort_values(["place", "due_on"], kind="stable")[_STEP]


def _counted(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    groups = _acceptance(ledger, parameters).groupby("project_id")
    return pd.DataFrame({"steps": groups.size(), "steps_done": groups["done_on"].count()})
