"""Indicators that the catalogue alone declares: rows of the ledger counted, or a column of them summed."""

from __future__ import annotations

import pandas as pd

from sanshi_report.errors import ParameterError
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.model import ABOUT
from sanshi_report.metrics.scopes import PROJECT_SCOPES, period_end, tally
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Parameters, RowsOf

__all__ = ["counted"]

TIMES = {**ABOUT, "plan": "month"}
"""The column of each table that says of which month or day a row is."""

LOGS = ("problems", "actions", "meetings", "incidents", "practices", "changes")
"""Tables in which no row says that nothing happened; in others it says that nothing was reported."""


def counted(
    kpi: str,
    rule: RowsOf,
    kind: str | None,
    ledger: Ledger,
    parameters: Parameters,
    by: str,
) -> pd.Series:
    """Return an indicator by the values of a scope: `Int64`, fen where it sums money.

    Parameters
    ----------
    kpi : str
        Its code, for messages.
    rule : RowsOf
        Which rows, and what of them. A row is of the month or day that it tells of.
    kind : str or None
        Restricts it to the projects of that kind.
    by : str
        A scope of projects, or a column of the table.

    Raises
    ------
    ParameterError
        If there is no such table or column, or it cannot be summed or dated.
    """
    _check(kpi, rule, by)
    facts: pd.DataFrame = getattr(ledger, rule.table)
    if by == "level" and rule.table == "problems":
        facts = facts.assign(level=facts["tier"])
    projects = ledger.projects
    if kind:
        projects = projects[projects["kind"].eq(kind)]
        facts = facts[facts["project_id"].isin(projects["project_id"])]
    for column, values in rule.where.items():
        facts = facts[facts[column].isin(values)]
    if about := TIMES.get(rule.table):
        days = facts[about]
        if about == "month":
            days = pd.to_datetime(days, format="%Y-%m").astype("datetime64[us]")
        start = {"period": ledger.period.start, "year": ledger.period.start.replace(month=1, day=1)}
        since = pd.Timestamp(start.get(rule.during, "1900-01-01"))
        facts = facts[days.between(since, period_end(ledger))]
    facts = facts.assign(figure=facts[rule.sum] if rule.sum else 1)
    none = 0 if rule.table in LOGS else None
    frame = tally(facts, projects, parameters, by, ["figure"], unreported=none)
    return frame.set_index("scope_value")["figure"]


def _check(kpi: str, rule: RowsOf, by: str) -> None:
    if rule.table not in TABLES:
        raise ParameterError("kpi_reads_unknown", found=rule.table, tables=", ".join(TABLES))
    columns = TABLES[rule.table].columns
    scope = "tier" if (rule.table, by) == ("problems", "level") else by
    wanted = [*rule.where, *filter(None, [rule.sum]), *([] if scope in PROJECT_SCOPES else [scope])]
    sums = [n for n, c in columns.items() if (c.metadata or {})["kind"] in {"money", "count"}]
    strange = [name for name in wanted if name not in columns]
    if strange or (rule.sum and rule.sum not in sums):
        column, known = (strange[0], list(columns)) if strange else (rule.sum, sums)
        raise ParameterError("kpi_column_unknown", kpi=kpi, column=column, known=", ".join(known))
    if rule.during != "ever" and rule.table not in TIMES:
        raise ParameterError("kpi_undated", kpi=kpi, table=rule.table, known=", ".join(TIMES))
