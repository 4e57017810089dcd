"""The KPI table: every published figure, by scope, exactly.

Each code of the catalogue is one column of one metric's summary; nothing is worked out twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.errors import ParameterError
from sanshi_report.exact import PRECISE, half_up, yi_of
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import (
    cadence,
    completions,
    incidents,
    inputs,
    investment,
    nodes,
    permits,
    problems,
    projects,
    starts,
)
from sanshi_report.schemas import KPIS, TABLES, validate
from sanshi_report.workspace import Parameters

__all__ = ["kpis", "kpis_csv", "kpis_json"]

_Summary = Callable[[Ledger, Parameters, str | None], pd.DataFrame]


@dataclass(frozen=True)
class _Source:
    """Where a KPI comes from: a summary, and which of its columns are actual, target and status."""

    summary: _Summary
    actual: str
    target: str | None = None
    status: str | None = None
    fixed_target: Decimal | None = None


_HUNDRED = half_up(100, PRECISE)

_SOURCES = {
    "projects.count": _Source(projects.summary, "projects", "projects_control"),
    "investment.total": _Source(projects.summary, "total_investment", "total_investment_control"),
    "starts.milestone": _Source(starts.position, "started", "required", "light"),
    "starts.due": _Source(starts.counts, "due"),
    "starts.started": _Source(starts.counts, "started"),
    "starts.due_not_started": _Source(starts.counts, "due_not_started"),
    "starts.early": _Source(starts.counts, "early"),
    "investment.ytd": _Source(investment.by_group, "invested_ytd", "annual_plan"),
    "investment.completion_pct": _Source(
        investment.by_group, "completion_pct", "pace_pct", "light"
    ),
    "investment.plan_to_date": _Source(investment.by_group, "invested_planned", "plan_to_date"),
    "investment.new_builds": _Source(investment.new_builds, "invested_ytd"),
    "nodes.done": _Source(nodes.summary, "done", "due"),
    "nodes.overdue": _Source(nodes.summary, "overdue"),
    "permits.granted": _Source(permits.summary, "granted", "needed_permits"),
    "permits.overdue": _Source(permits.summary, "overdue"),
    "problems.closed": _Source(problems.summary, "closed", "raised"),
    "problems.overdue": _Source(problems.summary, "overdue"),
    "actions.closed": _Source(problems.actions_summary, "closed", "raised"),
    "actions.overdue": _Source(problems.actions_summary, "overdue"),
    "meetings.held": _Source(cadence.owed_and_held, "met", "windows"),
    "inputs.secured_pct": _Source(inputs.coverage, "secured_pct", fixed_target=_HUNDRED),
    "funding.in_place": _Source(inputs.funding, "in_place", "planned"),
    "completions.done": _Source(completions.summary, "completion_done", "completion_due"),
    "commissioning.done": _Source(completions.summary, "commissioning_done", "commissioning_due"),
    "incidents.count": _Source(incidents.summary, "incidents", "permitted"),
}


@keyed_by("kpi", "scope", "scope_value")
def kpis(
    ledger: Ledger, parameters: Parameters, scopes: Collection[str] | None = None
) -> pd.DataFrame:
    """Return the KPI table (`schemas.KPIS`): one row per KPI, scope and value of the scope.

    Only the rows of some `scopes` are worked out if these are given.

    Rows follow the catalogue, its scopes, and the order of the parameters' lists. `target`, `actual` and
    `gap` (actual − target) are `Decimal`s in the catalogue's unit: 亿元 exactly, without trailing zeros;
    percentages and points to `exact.PRECISE` places; counts whole. None where one does not apply. `status`
    is the light of `investment.completion_pct` (`not_rated` without an annual plan) and of
    `starts.milestone`, else missing.

    Raises
    ------
    ParameterError
        If the catalogue names a KPI that no metric provides, or a table that there is not.
    """
    unknown = [code for code in parameters.kpis if code not in _SOURCES]
    if unknown:
        raise ParameterError("kpi_unknown", codes=", ".join(unknown))
    strange = {name for kpi in parameters.kpis.values() for name in kpi.reads if name not in TABLES}
    if strange:
        found, tables = ", ".join(sorted(strange)), ", ".join(TABLES)
        raise ParameterError("kpi_reads_unknown", found=found, tables=tables)

    @cache
    def summary(function: _Summary, scope: str) -> pd.DataFrame:
        return function(ledger, parameters, scope)

    rows = [
        (str(ledger.period), ledger.as_of.isoformat(), code, scope, *row)
        for code, entry in parameters.kpis.items()
        for scope in entry.scopes
        if scopes is None or scope in scopes
        for row in _rows(_SOURCES[code], summary(_SOURCES[code].summary, scope), entry.unit)
    ]
    texts = ("period", "as_of", "kpi", "scope", "scope_value", "unit", "status")
    frame = pd.DataFrame(rows, columns=list(KPIS.columns), dtype=object)
    return validate(frame.astype(dict.fromkeys(texts, "str")), KPIS)


def _rows(source: _Source, summary: pd.DataFrame, unit: str) -> Iterator[tuple[Any, ...]]:
    """Yield scope_value, target, actual, unit, gap, status of each row of a summary."""
    for row in summary.to_dict("records"):
        target: Any = row[source.target] if source.target else source.fixed_target
        actual: Any = row[source.actual]
        gap: Any = None if pd.isna(target) or pd.isna(actual) else actual - target
        status = row[source.status] if source.status else None
        figures = (_written(target, unit), _written(actual, unit), unit, _written(gap, unit))
        yield row["scope_value"], *figures, status


def _written(value: Any, unit: str) -> Decimal | None:
    """Return a value of a summary in the unit it is published in."""
    if pd.isna(value):
        return None
    if isinstance(value, Decimal):
        return value
    return yi_of(value) if unit == "亿元" else Decimal(int(value))


def kpis_csv(frame: pd.DataFrame) -> str:
    """Return the KPI table as CSV: plain decimals, empty where missing, lines ended by LF.

    A text that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    plain = _plain(frame)
    plain["scope_value"] = plain["scope_value"].str.replace(r"^(?=[=+\-@\t\r])", "'", regex=True)
    return plain.to_csv(index=False, lineterminator="\n")


def kpis_json(frame: pd.DataFrame) -> str:
    """Return the KPI table as a JSON list of objects: decimals as strings, null where missing."""
    plain = _plain(frame).astype(object)
    records = plain.where(plain.notna(), None).to_dict("records")
    return json.dumps(records, ensure_ascii=False, indent=1) + "\n"


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the table with its decimals written out, never with an exponent."""
    figures = {
        column: [None if pd.isna(value) else f"{value:f}" for value in frame[column]]
        for column in ("target", "actual", "gap")
    }
    return frame.assign(
        **{
            name: pd.Series(texts, index=frame.index, dtype="str")
            for name, texts in figures.items()
        }
    )
