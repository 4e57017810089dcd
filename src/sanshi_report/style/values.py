"""A value as readers see it, by the kind of its column: one way in tables, one in sentences."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

import pandas as pd

from sanshi_report.catalogue import Language, say
from sanshi_report.columns import Column
from sanshi_report.exact import FEN_PER
from sanshi_report.style import text

__all__ = ["Form", "shown"]

Form = Literal["table", "prose"]
"""In a table a unit stands in the heading and English months are short."""

_PLACES = {"percent": 2, "points": 2, "ratio": 2, "score": 2}
_PLACES_OF_UNITS = {"%": 2, "个百分点": 2, "分": 2}


def shown(
    value: Any,
    column: Column,
    language: Language,
    *,
    form: Form = "table",
    year: int | None = None,
    term: Callable[[str], str] = str,
    unit: str = "",
    places: int | None = None,
) -> str:
    """Return a value of a column as text on one line; missing is `—`.

    Parameters
    ----------
    value : object
        As the frame holds it: fen, exact decimals, timestamps, codes.
    column : Column
        Its entry in the register, whose kind decides.
    form : {"table", "prose"}
        Where it is to stand.
    year : int, optional
        The report's year, which days and months are shown without.
    term : callable, optional
        Gives the name of a code, such as `Parameters.term`.
    unit : str
        For a column of kind `by_unit`: the row's unit, as the register has it.
    places : int, optional
        Decimals, where they are not those of the kind: an indicator has its own.

    Examples
    --------
    >>> from sanshi_report.columns import column
    >>> shown(7_218_000_000, column("invested_ytd"), "zh", form="prose")
    '0.72亿元'
    """
    if value is None or pd.isna(value):
        return text.MISSING
    match column.kind:
        case "light":
            return text.light_word(value, language)
        case "code":
            return term(str(value))
        case "flag":
            return say("labels.yes" if value else "labels.no", language)
        case "day" | "moment" | "month":
            return _time(value, language, form, year)
        case "exact" if isinstance(value, pd.Timestamp):
            return _time(value, language, form, year)
        case "fen" | "exact":
            return _money(value, column, language, form)
        case "yi" | "by_unit" if column.kind == "yi" or unit == "亿元":
            return _money(Fraction(value) * FEN_PER["亿元"], column, language, form)
        case "text" | "year":
            return " ".join(str(value).split())
        case _:
            return _number(value, column, form, unit, places)


def _money(fen: Any, column: Column, language: Language, form: Form) -> str:
    amount = text.yi(fen, language, signed=column.signed)
    return amount if form == "table" else say("labels.money", language, amount=amount)


def _time(value: Any, language: Language, form: Form, year: int | None) -> str:
    """Return a day or a month (`YYYY-MM`), its year where that is not the report's."""
    short = form == "table"
    if not isinstance(value, str):
        return text.day(value, language, year=value.year != year, short=short)
    name = text.month(value, language, short=short)
    if int(value[:4]) == year:
        return name
    return f"{value[:4]}年{name}" if language == "zh" else f"{name} {value[:4]}"


def _number(value: Any, column: Column, form: Form, unit: str, places: int | None) -> str:
    signed = column.signed or (column.kind == "points" and form == "table")
    if places is None and (isinstance(value, float) or column.kind not in (*_PLACES, "by_unit")):
        # What is reported or counted is shown as it is: 12.5, 3, a median of 3.5.
        exact = value if isinstance(value, Decimal) else Decimal(str(value))
        decimals = max(0, -int(exact.normalize().as_tuple().exponent))
        places, value = min(2, decimals), exact
    elif places is None:
        places = _PLACES.get(column.kind, _PLACES_OF_UNITS.get(unit, 0))
    number = text.number(value, places, signed=signed)
    is_percent = column.kind == "percent" or (unit == "%" and form == "prose")
    return f"{number}%" if is_percent else number
