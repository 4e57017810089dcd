"""The KPI table: every published figure, by scope, exactly.

Each code of the catalogue is one column of one metric's summary; nothing is worked out twice.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from functools import cache
from importlib import import_module
from inspect import signature
from typing import Any

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.errors import ParameterError
from sanshi_report.exact import PRECISE, half_up, yi_of
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.declared import counted
from sanshi_report.metrics.scopes import PROJECT_SCOPES, listed
from sanshi_report.schemas import KPIS, TABLES, validate
from sanshi_report.workspace import Kpi, Parameters, RowsOf

__all__ = ["indicator_of", "kpis", "kpis_csv", "kpis_json"]

_Summary = Callable[[Ledger, Parameters, str | None], pd.DataFrame]


def indicator_of(frame: str, column: str, parameters: Parameters) -> tuple[str, str, str] | None:
    """Return the indicator that a cell of a metric's frame is: its code, its scope, and `actual` or `target`.

    None where it is none. The frame is named as `columns.keyed_by` names it.
    """
    for code, entry in parameters.kpis.items():
        name, _, scope = frame.removeprefix(entry.of.frame if entry.of else "").partition(".")
        if entry.of and not name:
            for side in ("actual", "target"):
                if getattr(entry.of, side) == column:
                    return code, scope or "portfolio", side
    return None


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
        If the catalogue names a frame, table or column that there is not.

    Examples
    --------
    >>> kpis = report.metrics.kpis(["portfolio", "kind"])
    >>> kpis[["kpi", "scope_value", "target", "actual", "unit"]].head(3)
                  kpi scope_value target actual unit
    0  projects.count                 30     30   个
    1  projects.count        新建     17     17   个
    2  projects.count        续建     13     13   个
    """
    strange = {name for kpi in parameters.kpis.values() for name in kpi.reads if name not in TABLES}
    if strange:
        found, tables = ", ".join(sorted(strange)), ", ".join(TABLES)
        raise ParameterError("kpi_reads_unknown", found=found, tables=tables)

    @cache
    def summary(frame: str, scope: str) -> pd.DataFrame:
        return _frame(frame)(ledger, parameters, scope)

    rows = [
        (str(ledger.period), ledger.as_of.isoformat(), code, scope, *row)
        for code, entry in parameters.kpis.items()
        for scope in entry.scopes
        if scopes is None or scope in scopes
        for row in _rows(
            _figures(code, entry, scope, summary, ledger, parameters),
            entry.unit,
            _on_the_list(entry, scope, parameters),
        )
    ]
    texts = ("period", "as_of", "kpi", "scope", "scope_value", "unit", "status")
    frame = pd.DataFrame(rows, columns=list(KPIS.columns), dtype=object)
    return validate(frame.astype(dict.fromkeys(texts, "str")), KPIS)


def _on_the_list(entry: Kpi, scope: str, parameters: Parameters) -> list[str]:
    """Return the values of the office's list that an indicator has a row for, reported or not."""
    # The levels of meetings are another list, and each has its row already.
    if scope in PROJECT_SCOPES or (scope == "level" and "problems" not in entry.reads):
        return []
    return listed(scope, parameters)


def _frame(name: str) -> _Summary:
    """Return the metric of a name: one that gives a row for each value of a scope."""
    home, _, metric = name.partition(".")
    try:
        found = getattr(import_module(f"sanshi_report.metrics.{home}"), metric)
    except (ImportError, AttributeError):
        raise ParameterError("kpi_frame_unknown", frame=name) from None
    given = list(signature(found).parameters) if callable(found) else []
    if given != ["ledger", "parameters", "by"] or getattr(found, "key", ()) != ("scope_value",):
        raise ParameterError("kpi_frame_unknown", frame=name)
    summary: _Summary = found
    return summary


def _figures(
    code: str,
    entry: Kpi,
    scope: str,
    summary: Callable[[str, str], pd.DataFrame],
    ledger: Ledger,
    parameters: Parameters,
) -> pd.DataFrame:
    """Return `scope_value`, `actual`, `target` and `status` of an indicator in a scope."""

    def told(rows: RowsOf) -> pd.Series:
        return counted(code, rows, entry.kind, ledger, parameters, scope)

    if entry.of:
        wanted = {"actual": entry.of.actual, "target": entry.of.target, "status": entry.of.status}
        frame = summary(entry.of.frame, scope)
        for column in filter(None, wanted.values()):
            if column not in frame:
                known = ", ".join(map(str, frame.columns))
                raise ParameterError("kpi_column_unknown", kpi=code, column=column, known=known)
        found = {name: frame[column] for name, column in wanted.items() if column}
        figures = pd.DataFrame(found, dtype=object).set_axis(frame["scope_value"])
    else:
        assert entry.rows is not None  # The parameters see to it.
        figures = pd.DataFrame({"actual": told(entry.rows)}, dtype=object)
    if entry.target_rows:
        figures["target"] = told(entry.target_rows).reindex(figures.index).astype(object)
    if entry.fixed_target is not None:
        fixed = entry.fixed_target
        fixed = half_up(fixed, PRECISE) if entry.unit == "%" else fixed
        figures["target"] = pd.Series(fixed, index=figures.index, dtype=object)
    frame = figures.reindex(columns=["actual", "target", "status"])
    return frame.rename_axis("scope_value").reset_index()


def _rows(frame: pd.DataFrame, unit: str, values: list[str]) -> Iterator[tuple[Any, ...]]:
    """Yield scope_value, target, actual, unit, gap, status of each row.

    A value of the office's list that nothing was reported of has an empty row, in the list's place.
    """
    rows = {row["scope_value"]: row for row in frame.to_dict("records")}
    for value in dict.fromkeys([*values, *rows]):
        row = rows.get(value)
        if row is None:
            yield value, None, None, unit, None, None
            continue
        target, actual = row["target"], row["actual"]
        gap: Any = None if pd.isna(target) or pd.isna(actual) else actual - target
        figures = (_written(target, unit), _written(actual, unit), unit, _written(gap, unit))
        yield value, *figures, None if pd.isna(row["status"]) else row["status"]


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
