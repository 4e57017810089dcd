"""Cells of the ledger in a table about them: what each is called, what it holds, where it was sent."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import fen_of, half_up
from sanshi_report.ledger.corrections import MARK
from sanshi_report.schemas import TABLES
from sanshi_report.style import Language, say
from sanshi_report.tables.table import plain

__all__ = ["amount_text", "cell_name", "cell_text", "place_text", "table_name"]


def table_name(table: str, language: Language) -> str:
    """Return what a table is called."""
    schema = TABLES[table]
    return str(schema.title if language == "zh" else schema.description)


def cell_name(table: str, figure: str, language: Language, item: Any = None) -> str:
    """Return what a cell is called: its column, after the node, permit … it belongs to."""
    column = _column(table, figure)
    title = str(column.title if language == "zh" else column.description)
    if item is None or pd.isna(item):
        return title
    return say("data_quality.item_of", language, item=plain(item), figure=title)


def cell_text(value: Any, table: str, figure: str, language: Language, year: int) -> str:
    """Return exact text of a cell as a reader sees it: `0.7866` as an amount, days and months in words.

    Parameters
    ----------
    value : str or None
        As `ledger.revisions` and `metrics.suspicion` write it: money in 亿元.
    year : int
        Days of this year are shown without it.
    """
    if plain(value) == style.MISSING:
        return style.MISSING
    text = str(value)
    if re.fullmatch(r"\d{4}-\d{2}", text):
        return style.month(text, language)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        day = pd.Timestamp(text)
        return style.day(day, language, year=day.year != year, short=True)
    column = _column(table, figure)
    facts: dict[str, Any] = column.metadata or {}
    if facts["kind"] == "money":
        return amount_text(Decimal(text), language)
    if facts["kind"] == "percent":
        number = Decimal(text)
        return style.pct(number, 0 if number == number.to_integral_value() else 1)
    return text


def amount_text(amount: Decimal, language: Language) -> str:
    """Return an amount in 亿元 with its unit; one that rounding would hide is shown exactly."""
    if amount and not half_up(amount, 2):
        amount = amount if language == "zh" else amount / 10
        return say("labels.money", language, amount=f"{amount.normalize():f}")
    return style.money(fen_of(amount), language)


def place_text(origin: Any, language: Language) -> str:
    """Return where a row was sent: file, sheet and row; and whether the office corrected it."""
    if plain(origin) == style.MISSING:
        return style.MISSING
    sent, mark, _ = str(origin).partition(MARK)
    file, _, place = sent.partition("#")
    sheet, _, row = place.rpartition("!")
    text = say("data_quality.origin", language, file=file, sheet=sheet, row=row)
    return say("data_quality.origin_corrected", language, origin=text) if mark else text


def _column(table: str, figure: str) -> Any:
    # A project's dates are shown with the project and reported with its progress.
    columns = TABLES[table].columns
    return columns[figure] if figure in columns else TABLES["progress"].columns[figure]
