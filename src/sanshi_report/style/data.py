"""Metric frames for machines: written exactly as CSV, or as numbers a chart can place."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report.columns import column
from sanshi_report.exact import FEN_PER, yi_of

__all__ = ["csv_text", "plottable"]


def csv_text(frame: pd.DataFrame) -> str:
    """Return every row and column of a frame as CSV under its code name; lines end in LF.

    Amounts are in 亿元, decimals plain, missing cells empty. A text that a spreadsheet would take for a
    formula is preceded by an apostrophe.

    Raises
    ------
    LookupError
        If nothing is known of a column: see `columns`.
    """
    written = {name: _written(frame[name], column(str(name)).kind == "fen") for name in frame}
    return pd.DataFrame(written).to_csv(index=False, lineterminator="\n")


def plottable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame for charts of one's own: amounts in 亿元, percentages and counts as floats.

    Good for placing marks; a number that is to be published is formatted from the exact frame.
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


def _written(values: pd.Series[Any], is_money: bool) -> pd.Series[Any]:
    if is_money:
        return values.map(lambda fen: None if pd.isna(fen) else f"{yi_of(fen):f}").astype("str")
    if values.dtype == object:
        return values.map(lambda value: None if pd.isna(value) else f"{value:f}").astype("str")
    if isinstance(values.dtype, pd.StringDtype):
        # A negative number is no formula.
        return values.str.replace(r"^(?!-[\d.]+$)(?=[=+\-@\t\r])", "'", regex=True)
    return values
