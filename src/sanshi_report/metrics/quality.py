"""How far the figures can be relied on: what was revised, what was approved to change, what backs them."""

from __future__ import annotations

import pandas as pd

from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import happened, with_projects

__all__ = ["changes", "evidence", "revised"]

FIGURES = ("projects", "plan", "progress")
"""Tables whose cells are figures or days already published; elsewhere a new value is just news."""


def revised(ledger: Ledger) -> pd.DataFrame:
    """Return the figures and days published before that later submissions changed, net.

    Returns
    -------
    pandas.DataFrame
        In register order, then by month: the columns of `ledger.revised()` after `project_id` and the
        project's `name`. Texts, and cells that were empty before, are left out.
    """
    rows = ledger.revised()
    known = rows["table"].isin(FIGURES) & rows["old"].notna()
    is_day = rows["column"].str.fullmatch(r"planned_.*|.*_on") & rows["column"].ne("reported_on")
    rows = rows[known & (rows["unit"].notna() | is_day)]
    place = {project: n for n, project in enumerate(ledger.projects["project_id"])}
    rows = rows.assign(_place=rows["project_id"].map(place))
    rows = rows.sort_values(["_place", "month", "column"], kind="stable").drop(columns="_place")
    return with_projects(rows, ledger, ["name"])


def changes(ledger: Ledger) -> pd.DataFrame:
    """Return the changes approved in the period, by day.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its `name`, `field`, `old`, `new`, `reason`, `approved_by`, `approved_on`.
    """
    table = ledger.changes
    start = pd.Timestamp(ledger.period.start)
    rows = table[table["approved_on"].ge(start) & happened(table["approved_on"], ledger)]
    columns = ["project_id", "field", "old", "new", "reason", "approved_by", "approved_on"]
    rows = rows[columns].sort_values(["approved_on", "project_id"], kind="stable")
    return with_projects(rows, ledger, ["name"])


def evidence(ledger: Ledger) -> pd.DataFrame:
    """Return what the last month's reports rest on.

    Returns
    -------
    pandas.DataFrame
        One row of `Int64` counts of projects: `projects`, `reported`, `missing` = projects − reported;
        `self_reported`, `confirmed`, `verified` of those reported.
    """
    rows = ledger.progress[ledger.progress["month"] == ledger.period.months[-1]]
    kinds = {"self_reported": "自报", "confirmed": "三方确认", "verified": "核查"}
    counts = {
        "projects": len(ledger.projects),
        "reported": len(rows),
        "missing": len(ledger.projects) - len(rows),
        **{name: int(rows["evidence"].eq(value).sum()) for name, value in kinds.items()},
    }
    return pd.DataFrame([counts]).astype("Int64")
