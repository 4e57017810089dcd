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
