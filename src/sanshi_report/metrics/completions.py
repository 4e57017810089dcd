"""Completion and commissioning of projects of both kinds, against their planned days."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import IDENTITY, happened, tally
from sanshi_report.workspace import Parameters

__all__ = ["register", "summary"]


@keyed_by("project_id")
def register(ledger: Ledger) -> pd.DataFrame:
    """Return every project's completion and commissioning.

    Returns
    -------
    pandas.DataFrame
        In the register's order: `project_id`, its identity, `kind`, `planned_completion`,
        `completed_on`, `planned_commissioning`, `commissioned_on` (missing if after the period's end);
        `is_completion_due` and `is_commissioning_due`: planned on or before the period's end;
        `is_completion_done`, `is_commissioning_done`.

    Examples
    --------
    >>> ends = report.metrics.completions.register()
    >>> ends[["project_id", "planned_completion", "is_completion_due", "is_completion_done"]].head(4)
      project_id planned_completion  is_completion_due  is_completion_done
    0        H01         2026-10-31              False               False
    1        H02         2026-06-30              False               False
    2        H03         2024-12-31              False               False
    3        H04         2024-06-30               True                True
    """
    columns = [
        "project_id", *IDENTITY, "kind", "planned_completion", "completed_on",
        "planned_commissioning", "commissioned_on",
    ]  # fmt: skip
    frame = ledger.projects[columns].reset_index(drop=True)
    for step, day in (("completion", "completed_on"), ("commissioning", "commissioned_on")):
        frame[day] = frame[day].where(happened(frame[day], ledger))
        frame[f"is_{step}_due"] = happened(frame[f"planned_{step}"], ledger)
        frame[f"is_{step}_done"] = frame[day].notna()
    return frame


@keyed_by("scope_value")
def summary(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return `scope_value` and, by scope, how many of each step of `register` are due and done (`Int64`).

    Steps done before their planned day are counted as done.

    Examples
    --------
    >>> by_sector = report.metrics.completions.summary("sector")
    >>> by_sector[["scope_value", "completion_due", "completion_done"]]
      scope_value  completion_due  completion_done
    0        工业               1                1
    1    基础设施               0                0
    2        民生               0                0
    """
    wanted = ["completion_due", "completion_done", "commissioning_due", "commissioning_done"]
    facts = register(ledger).rename(columns={f"is_{name}": name for name in wanted})
    return tally(facts, ledger.projects, parameters, by, wanted)
