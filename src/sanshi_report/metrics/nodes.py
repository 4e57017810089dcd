"""Plan nodes: done, overdue, and due next month."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import happened, period_end, tally, with_projects
from sanshi_report.workspace import Parameters

__all__ = ["due_next", "overdue", "summary", "this_year"]


@keyed_by("scope_value")
def summary(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return nodes due by the period's end, by scope.

    Returns
    -------
    pandas.DataFrame
        `scope_value` and `Int64` counts over the nodes' whole life, other years included: `due`; `done`,
        of those due; `overdue`, due and not done. A node done before its time counts once its day comes.
        Missing where no node was reported.

    Examples
    --------
    >>> report.metrics.nodes.summary("sector")
      scope_value  due  done  overdue
    0        工业   61    47       14
    1    基础设施   60    58        2
    2        民生   60    57        3
    """
    facts = _judged(ledger)
    wanted = ["due", "done", "overdue"]
    return tally(facts, ledger.projects, parameters, by, wanted, unreported=None)


def this_year(ledger: Ledger) -> pd.DataFrame:
    """Return `due` and `done` nodes by project: those due this year so far, and what the last year left undone.

    Examples
    --------
    >>> report.metrics.nodes.this_year().head(2)
                due  done
    project_id
    H01           6     5
    H02           6     6
    """
    facts = _judged(ledger)
    first = pd.Timestamp(ledger.period.year, 1, 1)
    facts = facts[facts["due_on"].ge(first) | ~facts["done_on"].lt(first)]
    return facts.groupby("project_id")[["due", "done"]].sum()


@keyed_by("node_id")
def overdue(ledger: Ledger) -> pd.DataFrame:
    """Return the nodes due on or before the period's end and not done by it, longest first.

    Returns
    -------
    pandas.DataFrame
        `project_id`, the project's identity, `node_id`, `node`, `due_on`, `note`, `days_overdue`
        (`Int64`, from the day due to the period's end).

    Examples
    --------
    >>> overdue = report.metrics.nodes.overdue()
    >>> overdue[["node_id", "node", "due_on", "days_overdue"]].head(2)
       node_id        node     due_on  days_overdue
    0  X05-N01    施工招标 2024-01-19           163
    1  X05-N02  场平与临建 2024-02-18           133
    """
    facts = _judged(ledger)
    late = facts[facts["overdue"]]
    days = (period_end(ledger) - late["due_on"]).dt.days.astype("Int64")
    late = late[["project_id", "node_id", "node", "due_on", "note"]].assign(days_overdue=days)
    return with_projects(late.sort_values(["due_on", "node_id"]), ledger)


@keyed_by("node_id")
def due_next(ledger: Ledger) -> pd.DataFrame:
    """Return the nodes due in the month (or week) that follows and not done already, by day.

    Returns
    -------
    pandas.DataFrame
        `project_id`, the project's identity, `node_id`, `node`, `due_on`, `note`.

    Examples
    --------
    >>> report.metrics.nodes.due_next()[["node_id", "node", "due_on"]].head(2)
       node_id               node     due_on
    0  H05-N07      厂房封顶（3） 2024-07-19
    1  H08-N07  主体结构二段（2） 2024-07-19
    """
    month = ledger.period.following
    coming = ledger.nodes["due_on"].between(pd.Timestamp(month.start), pd.Timestamp(month.end))
    rows = ledger.nodes[coming & ~happened(ledger.nodes["done_on"], ledger)]
    rows = rows[["project_id", "node_id", "node", "due_on", "note"]]
    return with_projects(rows.sort_values(["due_on", "node_id"]), ledger)


def _judged(ledger: Ledger) -> pd.DataFrame:
    due = happened(ledger.nodes["due_on"], ledger)
    done = happened(ledger.nodes["done_on"], ledger)
    return ledger.nodes.assign(due=due, done=due & done, overdue=due & ~done)
