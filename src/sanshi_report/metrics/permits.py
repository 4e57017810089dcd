"""Permits: needed, granted, under way, overdue."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import happened, period_end, tally, with_projects
from sanshi_report.workspace import Parameters

__all__ = ["overdue", "register", "summary"]


@keyed_by("scope_value")
def summary(ledger: Ledger, parameters: Parameters, by: str | None = "permit") -> pd.DataFrame:
    """Return the permits needed and how far they are, by scope.

    Parameters
    ----------
    by : str or None
        A project scope, `permit` or `department`.

    Returns
    -------
    pandas.DataFrame
        `scope_value` and `Int64` counts: `needed_permits` (every status but 不需要) = `granted` + `in_progress` +
        `not_started`; `overdue`: promised by the period's end and not granted. A permit is granted from
        its `granted_on`, or by its status where that day is not given. Missing where no permit was reported.

    Examples
    --------
    >>> report.metrics.permits.summary().head(2)
      scope_value  needed_permits  granted  in_progress  not_started  overdue
    0        立项              30       29            1            0        0
    1        土地              30       24            4            2        2
    """
    wanted = ["needed_permits", "granted", "in_progress", "not_started", "overdue"]
    names = {f"is_{name.removesuffix('_permits')}": name for name in wanted}
    facts = register(ledger).rename(columns=names)
    return tally(facts, ledger.projects, parameters, by, wanted, unreported=None)


@keyed_by("project_id", "permit")
def overdue(ledger: Ledger) -> pd.DataFrame:
    """Return the permits promised on or before the period's end and not granted, longest first.

    Returns
    -------
    pandas.DataFrame
        `project_id`, the project's identity, `permit`, `department`, `status`, `applied_on`, `due_on`,
        `days_overdue` (`Int64`).

    Examples
    --------
    >>> overdue = report.metrics.permits.overdue()
    >>> overdue[["project_id", "permit", "department", "due_on", "days_overdue"]].head(2)
      project_id permit    department     due_on  days_overdue
    0        X05   土地  自然资源部门 2024-01-31           151
    1        X05   规划  自然资源部门 2024-02-23           128
    """
    facts = register(ledger)
    columns = ["project_id", "permit", "department", "status", "applied_on", "due_on", "days_overdue"]  # fmt: skip
    late = facts.loc[facts["is_overdue"], columns]
    return with_projects(late.sort_values(["due_on", "project_id"], kind="stable"), ledger)


@keyed_by("project_id", "permit")
def register(ledger: Ledger) -> pd.DataFrame:
    """Return the ledger's permits, and how each stands at the period's end.

    Returns
    -------
    pandas.DataFrame
        The ledger's columns; `is_needed`, `is_granted`, `is_in_progress`, `is_not_started`, `is_overdue`;
        `days_overdue` (`Int64`): days since the promise of those overdue.

    Examples
    --------
    >>> permits = report.metrics.permits.register()
    >>> permits[["project_id", "permit", "due_on", "granted_on", "is_granted"]].head(2)
      project_id permit     due_on granted_on  is_granted
    0        H01   立项 2022-01-25 2022-01-20        True
    1        H01   土地 2022-05-05 2022-04-25        True
    """
    permits = ledger.permits
    needed = permits["status"].ne("不需要")
    undated = permits["status"].eq("已办结") & permits["granted_on"].isna()
    granted = needed & (happened(permits["granted_on"], ledger) | undated)
    not_started = needed & ~granted & permits["status"].eq("未启动")
    overdue = needed & ~granted & happened(permits["due_on"], ledger)
    days = (period_end(ledger) - permits["due_on"]).dt.days.astype("Int64")
    return permits.assign(
        is_needed=needed,
        is_granted=granted,
        is_in_progress=needed & ~granted & ~not_started,
        is_not_started=not_started,
        is_overdue=overdue,
        days_overdue=days.where(overdue),
    )
