"""Metric frames for machines: written exactly as CSV, or as numbers a chart can place."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report.exact import FEN_PER, yi_of

__all__ = ["csv_text", "plottable"]

MONEY = frozenset(
    {
        "annual_plan", "invested", "invested_before", "invested_cum", "invested_month", "invested_ytd",
        "pace_cum", "plan_to_date", "planned", "planned_cum", "to_invest", "to_reach",
        "total_investment", "self_reported_amount", "confirmed_amount", "verified_amount",
        "unstated_amount", "unconfirmed_amount", "published_ytd", "revised_ytd", "first_ytd",
        "difference_ytd", "over", "ahead", "ahead_before", "ahead_change", "invested_since",
        "invested_plain", "invested_to_date", "in_place", "invested_low", "invested_median", "invested_high",
        "invested_per_month", "invested_per_month_recently", "to_invest_per_month",
    }
)  # fmt: skip
"""Columns that hold fen, by the one name they have in metric frames."""


def csv_text(frame: pd.DataFrame) -> str:
    """Return every row and column of a frame as CSV under its code name; lines end in LF.

    Amounts are in 亿元, decimals plain, missing cells empty. A text that a spreadsheet would take for a
    formula is preceded by an apostrophe.
    """
    written = {name: _written(frame[name], name in MONEY) for name in frame}
    return pd.DataFrame(written).to_csv(index=False, lineterminator="\n")


def plottable(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame for charts of one's own: amounts in 亿元, percentages and counts as floats.

    Good for placing marks; a number that is to be published is formatted from the exact frame.
    """
    return frame.assign(**{str(name): _floats(frame[name], name in MONEY) for name in frame})


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
