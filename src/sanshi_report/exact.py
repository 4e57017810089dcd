"""Exact arithmetic for money and percentages: integers and decimals, one rounding rule.

Money is held as whole 分 (fen, 0.01 yuan) so that sums never drift; it becomes 亿元 (10**8 yuan) only
at the edges. Ratios are exact fractions until they are written down.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from numbers import Integral
from typing import Any

__all__ = [
    "FEN_PER",
    "PRECISE",
    "decimal_of",
    "each_of",
    "fen_of",
    "half_up",
    "percent",
    "percents",
    "yi_of",
]

FEN_PER = {"亿元": 10**10, "万元": 10**6, "元": 10**2}
"""How many fen one unit of each permitted money unit is."""

PRECISE = 12
"""Decimal places kept for a quotient that has no end; display rounds from these."""


def half_up(value: Decimal | Fraction | int, places: int) -> Decimal:
    """Round `value` half away from zero to `places` decimal places.

    Examples
    --------
    >>> half_up(Decimal("2.5"), 0), half_up(Fraction(-1, 8), 2)
    (Decimal('3'), Decimal('-0.13'))
    """
    with localcontext() as context:
        context.prec = 60
        if isinstance(value, Fraction):
            scaled = abs(value) * 10**places
            whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
            return Decimal(whole if value >= 0 else -whole).scaleb(-places)
        return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def decimal_of(value: float | int | str | Decimal) -> Decimal:
    """Return the decimal a cell shows: the shortest that reads back, at most 15 digits for a float.

    A spreadsheet holds binary doubles and shows 15 significant digits; a sum such as 0.1 + 0.2 carries
    a 17-digit tail that nobody typed.

    Examples
    --------
    >>> decimal_of(0.1 + 0.2)
    Decimal('0.3')
    """
    if isinstance(value, float):
        shortest = Decimal(repr(float(value)))
        return shortest if len(shortest.as_tuple().digits) <= 15 else Decimal(f"{value:.15g}")
    return Decimal(value)


def fen_of(value: float | int | str | Decimal, unit: str = "亿元") -> int:
    """Return the amount in fen.

    Raises
    ------
    ValueError
        If the amount is finer than one fen, so that no whole number of fen equals it.

    Examples
    --------
    >>> fen_of("0.7218"), fen_of(7218, "万元")
    (7218000000, 7218000000)
    """
    with localcontext() as context:
        context.prec = 60
        fen = decimal_of(value) * FEN_PER[unit]
        if fen != fen.to_integral_value():
            raise ValueError(f"{value} {unit} is finer than 0.01 yuan")
        return int(fen)


def yi_of(fen: int | Decimal | None) -> Decimal | None:
    """Return fen, or parts of a fen, as 亿元, exactly, without trailing zeros; missing stays missing.

    Examples
    --------
    >>> yi_of(7_218_000_000)
    Decimal('0.7218')
    """
    if fen is None or _missing(fen):
        return None
    with localcontext() as context:
        context.prec = 60
        value = (fen if isinstance(fen, Decimal) else Decimal(int(fen))) / FEN_PER["亿元"]
        return (
            value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()
        )


def percent(part: Any, whole: Any) -> Decimal | None:
    """Return 100 · part / whole of two exact numbers to `PRECISE` places.

    None where either is missing (None or NA) or `whole` is 0.

    Examples
    --------
    >>> percent(41_800_000_000, 110_000_000_000)
    Decimal('38.000000000000')
    """
    if _missing(part) or _missing(whole) or whole == 0:
        return None
    return half_up(_fraction(part) * 100 / _fraction(whole), PRECISE)


def each_of(whole: Any, parts: int) -> Decimal | None:
    """Return whole ÷ parts to `PRECISE` places: a monthly average, for instance.

    None where the whole is missing or there are no parts.

    Examples
    --------
    >>> each_of(10, 3)
    Decimal('3.333333333333')
    """
    return None if _missing(whole) or not parts else half_up(_fraction(whole) / parts, PRECISE)


def percents(part: Iterable[int], whole: Iterable[int]) -> list[Decimal | None]:
    """Return `percent` of each pair.

    Examples
    --------
    >>> percents([1, 5], [4, 0])
    [Decimal('25.000000000000'), None]
    """
    return [percent(p, w) for p, w in zip(part, whole, strict=True)]


def _fraction(value: Any) -> Fraction:
    # A numpy integer would stay 64 bits wide inside a Fraction and overflow without a word.
    return Fraction(int(value)) if isinstance(value, Integral) else Fraction(value)


def _missing(value: Any) -> bool:
    # Told without pandas, whose import would cost every command half a second. NA has no truth
    # value; a NaN is the one number that differs from itself.
    return value is None or type(value).__name__ == "NAType" or bool(value != value)
