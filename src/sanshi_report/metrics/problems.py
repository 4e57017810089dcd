"""Problems and the actions meetings assign: closed, open, overdue, followed up."""

from __future__ import annotations

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import happened, period_end, tally, with_projects
from sanshi_report.workspace import Parameters

__all__ = ["actions_summary", "follow_up", "open_problems", "summary"]


@keyed_by("scope_value")
def summary(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return the problems raised so far, by scope.

    Parameters
    ----------
    by : str or None
        A project scope, `level` (the problem's tier), `category` or `owner`.

    Returns
    -------
    pandas.DataFrame
        `scope_value` and `Int64` counts: `raised` = `closed` + `open`; `overdue`, of those open.

    Examples
    --------
    >>> report.metrics.problems.summary("sector")
      scope_value  raised  closed  open  overdue
    0        工业       9       4     5        4
    1    基础设施      10       7     3        1
    2        民生       5       3     2        1
    """
    facts = _judged(ledger.problems, "raised_on", ledger).rename(columns={"tier": "level"})
    wanted = ["raised", "closed", "open", "overdue"]
    return tally(facts, ledger.projects, parameters, by, wanted)


@keyed_by("problem_id")
def open_problems(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the problems not closed at the period's end: the highest tier first, then the longest due.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its `name`, `sector`, `responsible_unit`; `problem_id`, `raised_on`, `category`,
        `tier`, `owner`, `due_on`, `description`, `progress`; `age_days` since it was raised;
        `is_overdue`: due on or before the period's end; `days_overdue`, missing unless overdue;
        `tier_order`, 1 for the lowest tier of the parameters. Days and order are `Int64`.

    Examples
    --------
    >>> open_problems = report.metrics.problems.open_problems()
    >>> open_problems[["problem_id", "category", "tier", "age_days", "days_overdue"]].head(2)
      problem_id  category            tier  age_days  days_overdue
    0  W2024-018  用地报批  常务会或常委会        33          <NA>
    1  W2024-001  用地报批          市政府       164           107
    """
    facts = _judged(ledger.problems, "raised_on", ledger)
    rows = facts[facts["open"]].rename(columns={"overdue": "is_overdue"})
    end = period_end(ledger)
    order = {term.value: n for n, term in enumerate(parameters.programme.problem_tiers, start=1)}
    rows = rows.assign(
        age_days=(end - rows["raised_on"]).dt.days.astype("Int64"),
        days_overdue=_days(rows["due_on"], rows["is_overdue"], end),
        tier_order=rows["tier"].map(order).astype("Int64"),
    )
    rows = rows.sort_values(["tier_order", "due_on", "problem_id"], ascending=[False, True, True])
    columns = [
        "project_id", "problem_id", "raised_on", "category", "tier", "owner", "due_on",
        "description", "progress", "age_days", "is_overdue", "days_overdue", "tier_order",
    ]  # fmt: skip
    return with_projects(rows[columns], ledger, ["name", "sector", "responsible_unit"])


@keyed_by("scope_value")
def actions_summary(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return the actions assigned so far, by scope (or `owner`).

    Returns
    -------
    pandas.DataFrame
        `scope_value` and `Int64` counts: `raised` (assigned) = `closed` + `open`; `overdue`, of those
        open. Actions on no project are in the portfolio alone.

    Examples
    --------
    >>> report.metrics.problems.actions_summary()[["raised", "closed", "open", "overdue"]]
       raised  closed  open  overdue
    0      34      23    11        6
    """
    facts = _judged(ledger.actions, "meeting_on", ledger)
    wanted = ["raised", "closed", "open", "overdue"]
    return tally(facts, ledger.projects, parameters, by, wanted)


@keyed_by("action_id")
def follow_up(ledger: Ledger) -> pd.DataFrame:
    """Return every action that was alive in the period: assigned in it, or not closed before it.

    Returns
    -------
    pandas.DataFrame
        By meeting and number: `project_id` and the project's `name` (missing where on none),
        `action_id`, `meeting_on`, `content`, `owner`, `due_on`, `closed_on`; `is_new`: assigned in the
        period; `status`: `done` (closed by its day), `late_done`, `open` (its day has not come),
        `overdue`; `days_overdue`: `Int64`, from its day to the close or the period's end, missing
        unless late.

    Examples
    --------
    >>> follow_up = report.metrics.problems.follow_up()
    >>> follow_up[["action_id", "owner", "due_on", "closed_on", "status"]].head(2)
       action_id         owner     due_on  closed_on     status
    0  J2024-004  自然资源部门 2024-03-15        NaT    overdue
    1  J2024-008  示例丁县政府 2024-04-04 2024-06-14  late_done
    """
    facts = _judged(ledger.actions, "meeting_on", ledger)
    start, end = pd.Timestamp(ledger.period.start), period_end(ledger)
    closed_on = facts["closed_on"].where(facts["closed"])
    rows = facts.assign(closed_on=closed_on, is_new=facts["meeting_on"].ge(start))
    rows = rows[rows["raised"] & (rows["is_new"] | rows["open"] | rows["closed_on"].ge(start))]
    in_time = rows["closed_on"].le(rows["due_on"])
    status = np.select(
        [rows["closed"] & in_time, rows["closed"], rows["overdue"]],
        ["done", "late_done", "overdue"],
        "open",
    )
    rows = rows.assign(status=pd.Series(status, index=rows.index, dtype="str"))
    is_late = rows["status"].isin(["late_done", "overdue"])
    rows = rows.assign(days_overdue=_days(rows["due_on"], is_late, rows["closed_on"].fillna(end)))
    columns = [
        "project_id", "action_id", "meeting_on", "content", "owner", "due_on", "closed_on",
        "is_new", "status", "days_overdue",
    ]  # fmt: skip
    return with_projects(rows[columns].sort_values(["meeting_on", "action_id"]), ledger, ["name"])


def _judged(table: pd.DataFrame, raised_on: str, ledger: Ledger) -> pd.DataFrame:
    raised = happened(table[raised_on], ledger)
    closed = raised & happened(table["closed_on"], ledger)
    is_open = raised & ~closed
    overdue = is_open & happened(table["due_on"], ledger)
    return table.assign(raised=raised, closed=closed, open=is_open, overdue=overdue)


def _days(due_on: pd.Series, is_late: pd.Series, until: pd.Series | pd.Timestamp) -> pd.Series:
    return (until - due_on).dt.days.where(is_late).astype("Int64")
