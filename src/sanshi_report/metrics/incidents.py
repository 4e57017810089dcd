"""Safety, quality and integrity incidents: counted and listed, never hidden."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import happened, tally, with_projects
from sanshi_report.workspace import Parameters

__all__ = ["so_far", "summary"]


@keyed_by("scope_value")
def summary(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return this year's incidents by scope, or by `incident` (安全, 质量, 廉政) or `severity`.

    Returns
    -------
    pandas.DataFrame
        `scope_value`; `Int64` counts `incidents`, `unresolved`; `permitted`, which is 0. Incidents on
        no project are in the portfolio alone.

    Examples
    --------
    >>> report.metrics.incidents.summary("sector")
      scope_value  incidents  unresolved  permitted
    0        工业          0           0          0
    1    基础设施          1           0          0
    2        民生          0           0          0
    """
    facts = so_far(ledger).assign(incidents=1, permitted=0)
    facts["unresolved"] = facts["closed_on"].isna()
    wanted = ["incidents", "unresolved", "permitted"]
    return tally(facts, ledger.projects, parameters, by, wanted)


@keyed_by("incident_id")
def so_far(ledger: Ledger) -> pd.DataFrame:
    """Return the incidents from the year's first day to the period's end, by day.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its `name` and `responsible_unit` (missing where on none), `incident_id`,
        `occurred_on`, `incident`, `severity`, `description`, `closed_on`; `is_new`: in this period.

    Examples
    --------
    >>> incidents = report.metrics.incidents.so_far()
    >>> incidents[["incident_id", "project_id", "occurred_on", "incident", "severity"]]
      incident_id project_id occurred_on incident severity
    0   A2024-001        X06  2024-05-17     安全     一般
    """
    table = ledger.incidents
    first = pd.Timestamp(ledger.period.year, 1, 1)
    rows = table[table["occurred_on"].ge(first) & happened(table["occurred_on"], ledger)]
    rows = rows.assign(
        closed_on=rows["closed_on"].where(happened(rows["closed_on"], ledger)),
        is_new=rows["occurred_on"].ge(pd.Timestamp(ledger.period.start)),
    )
    columns = [
        "project_id", "incident_id", "occurred_on", "incident", "severity", "description",
        "closed_on", "is_new",
    ]  # fmt: skip
    rows = rows[columns].sort_values(["occurred_on", "incident_id"])
    return with_projects(rows, ledger, ["name", "responsible_unit"])
