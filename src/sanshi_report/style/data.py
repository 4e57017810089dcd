"""Metric frames for machines: written exactly as CSV, or as numbers a chart can place."""

from __future__ import annotations

import io
import re
from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report.columns import column
from sanshi_report.exact import FEN_PER, yi_of

__all__ = ["csv_text", "plottable", "read_cell", "typed", "unprotected"]


# What begins like that with apostrophes of its own gets one more, so that one can be taken away again.
_FORMULA = re.compile(r"^(?!-[\d.]+$)(?='*[=+\-@\t\r])")
_PROTECTED = re.compile(r"^'(?='*[=+\-@\t\r])")
_WHOLE = re.compile(r"-?\d+")


def csv_text(frame: pd.DataFrame) -> str:
    """Return every row and column of a frame as CSV under its code name; lines end in LF.

    Amounts are in 亿元, decimals plain, missing cells empty. A text that a spreadsheet would take for a
    formula is preceded by an apostrophe.

    Raises
    ------
    LookupError
        If nothing is known of a column: see `columns`.

    Examples
    --------
    >>> csv_text(report.metrics.investment.to_plan()).splitlines()
    ['planned_month,over', '14.0126,-0.614']
    """
    written = {name: _written(frame[name], column(str(name)).kind) for name in frame}
    return pd.DataFrame(written).to_csv(index=False, lineterminator="\n")


def typed(text: str) -> pd.DataFrame:
    """Return a frame as `csv_text` wrote it: fen as whole numbers, decimals exact, missing cells None.

    All columns have the dtype `object`; a cell is a `str`, `int`, `Decimal`, `bool` or `Timestamp`.

    Examples
    --------
    >>> typed(csv_text(report.metrics.investment.to_plan()))
      planned_month         over
    0  140126000000  -6140000000
    """
    written = pd.read_csv(io.StringIO(text), dtype="str", keep_default_na=False)
    cells = {
        name: pd.Series(
            [read_cell(cell, column(str(name)).kind) for cell in written[name]], dtype=object
        )
        for name in written
    }
    return pd.DataFrame(cells, columns=written.columns, dtype=object)


def unprotected(cell: str) -> str:
    """Return a text of a CSV table without the apostrophe that keeps a spreadsheet from reading a formula.

    Examples
    --------
    >>> unprotected("'=1+1"), unprotected("H05")
    ('=1+1', 'H05')
    """
    return _PROTECTED.sub("", cell)


def read_cell(cell: str, kind: str) -> Any:
    """Return a cell of a CSV table of a kind of column; see `typed`.

    Examples
    --------
    >>> read_cell("14.0126", "fen"), read_cell("True", "flag"), read_cell("", "count")
    (140126000000, True, None)
    """
    if cell == "":
        return None
    if kind in ("text", "code", "light", "month", "period", "exact"):
        return unprotected(cell)
    if kind in ("day", "moment"):
        return pd.Timestamp(cell)
    if kind == "flag":
        return cell == "True"
    if kind == "fen":
        fen = Decimal(cell) * FEN_PER["亿元"]
        return int(fen) if fen == int(fen) else fen
    return int(cell) if _WHOLE.fullmatch(cell) else Decimal(cell)


def plottable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame for charts of one's own: amounts in 亿元, percentages and counts as floats.

    Good for placing marks; a number that is to be published is formatted from the exact frame.

    Examples
    --------
    >>> by_project = plottable(report.metrics.investment.by_project())
    >>> by_project[["project_id", "annual_plan", "invested_ytd", "completion_pct"]].head(2)
      project_id  annual_plan  invested_ytd  completion_pct
    0        H01         24.5        11.270       46.000000
    1        H02         13.2         6.744       51.090909
    """
    return frame.assign(
        **{str(name): _floats(frame[name], column(str(name)).kind == "fen") for name in frame}
    )


def _floats(values: pd.Series[Any], is_money: bool) -> pd.Series[Any]:
    if is_money:
        return values.astype("Float64").astype(float) / FEN_PER["亿元"]
    if values.dtype == object:
        return values.astype(float)
    return values.astype("Float64").astype(float) if values.dtype == "Int64" else values


def _written(values: pd.Series[Any], kind: str) -> pd.Series[Any]:
    if kind == "fen":
        return values.map(lambda fen: None if pd.isna(fen) else f"{yi_of(fen):f}").astype("str")
    if values.dtype == object and kind == "exact":
        return values.map(_day_or_money).astype("str")
    if values.dtype == object:
        return values.map(lambda value: None if pd.isna(value) else f"{value:f}").astype("str")
    if isinstance(values.dtype, pd.StringDtype):
        # A negative number is no formula.
        return values.str.replace(_FORMULA, "'", regex=True)
    return values


def _day_or_money(value: Any) -> str | None:
    if pd.isna(value):
        return None
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{yi_of(value):f}"
