"""Numbers, dates and lights as readers see them; every rounding is half up from the exact value."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from html import escape
from typing import Any

import pandas as pd

from sanshi_report.catalogue import Language, say
from sanshi_report.exact import FEN_PER, half_up
from sanshi_report.period import ReportPeriod

__all__ = [
    "LIGHTS",
    "MISSING",
    "Count",
    "Light",
    "count",
    "day",
    "escape_markdown",
    "label_part",
    "light_html",
    "light_word",
    "listed",
    "money",
    "month",
    "number",
    "pct",
    "period_words",
    "points",
    "quantity",
    "yi",
]

MISSING = "—"
"""What a cell without a value shows."""

MINUS = "\N{MINUS SIGN}"

# strftime would follow the process's locale.
_ENGLISH = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip

# Money stands in 亿元 (10**8 yuan) with 2 places in Chinese, in billions (10**9) with 3 in English:
# the same digits, so both editions round at the same place.
SCALE: dict[Language, tuple[int, int]] = {"zh": (FEN_PER["亿元"], 2), "en": (10**11, 3)}


@dataclass(frozen=True)
class Light:
    """A warning light: a symbol and a colour, never the colour alone; its word is in the catalogue."""

    code: str
    symbol: str
    colour: str


LIGHTS: dict[str, Light] = {
    light.code: light
    for light in (
        Light("green", "●", "#1a7f37"),
        Light("yellow", "▲", "#8a5a00"),
        Light("red", "■", "#b3191b"),
        Light("not_rated", "—", "#57606a"),
    )
}
"""The lights by code; the colours differ in lightness as well as hue and read at 4.5:1 on white."""


class Count(int):
    """A whole number that agrees with its noun: `{n:project|projects}` gives `1 project`.

    None at all is `no projects`. `{n:~was|were}` gives the word alone. Without a format it prints as a number.

    Examples
    --------
    >>> f"{Count(1):project|projects} {Count(1):~was|were} late", f"{Count(0):project|projects}"
    ('1 project was late', 'no projects')
    """

    def __format__(self, spec: str) -> str:
        one, bar, many = spec.removeprefix("~").partition("|")
        if not bar:
            return format(int(self), spec)
        word = one if self == 1 else many
        return word if spec.startswith("~") else f"{int(self) or 'no'} {word}"


def number(value: Any, places: int = 0, *, signed: bool = False) -> str:
    """Return an exact number to `places` decimals, with a true minus sign; missing is `—`.

    `signed` writes the plus sign too; zero has no sign, also when it is a rounded small negative.

    Examples
    --------
    >>> number(Decimal("-1.525"), 2), number(3, signed=True), number(None)
    ('−1.53', '+3', '—')
    """
    if _missing(value):
        return MISSING
    exact = value if isinstance(value, Decimal | Fraction) else int(value)
    rounded = half_up(exact, places)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):.{places}f}"


def count(value: Any) -> str:
    """Return a whole number; missing is `—`.

    Examples
    --------
    >>> count(13)
    '13'
    """
    return number(value)


def quantity(value: Any) -> str:
    """Return an amount of an input as it was reported, at most to two decimals; missing is `—`.

    Examples
    --------
    >>> quantity(Decimal("460.0")), quantity(Decimal("4.851"))
    ('460', '4.85')
    """
    if _missing(value):
        return MISSING
    exponent = value.normalize().as_tuple().exponent
    return number(value, min(2, max(0, -exponent)))


def yi(fen: Any, language: Language = "zh", *, signed: bool = False) -> str:
    """Return fen as a bare amount: 亿元 with 2 decimals, or billions of yuan with 3 in English.

    Examples
    --------
    >>> yi(7_218_000_000), yi(7_218_000_000, "en"), yi(-710_000_000, signed=True)
    ('0.72', '0.072', '−0.07')
    """
    unit, places = SCALE[language]
    if _missing(fen):
        return MISSING
    # A number of numpy's would stay one inside the fraction.
    exact = Fraction(fen if isinstance(fen, Fraction | Decimal) else int(fen))
    return number(exact / unit, places, signed=signed)


def money(fen: Any, language: Language = "zh") -> str:
    """Return fen as an amount with its unit, as a sentence has it.

    Examples
    --------
    >>> money(7_218_000_000), money(7_218_000_000, "en")
    ('0.72亿元', '0.072 billion yuan')
    """
    return say("labels.money", language, amount=yi(fen, language))


def pct(value: Any, places: int = 2) -> str:
    """Return percent, `48.25%`; missing is `—`.

    Examples
    --------
    >>> pct(Decimal("48.469293621508"))
    '48.47%'
    """
    return MISSING if _missing(value) else f"{number(value, places)}%"


def points(value: Any, places: int = 2) -> str:
    """Return a difference in percentage points with its sign, `−1.75`.

    Examples
    --------
    >>> points(Decimal("-1.530706378492"))
    '−1.53'
    """
    return number(value, places, signed=True)


def day(value: Any, language: Language = "zh", *, year: bool = True, short: bool = False) -> str:
    """Return a date, `2024年6月30日` or `30 June 2024`, or without its year; missing is `—`.

    Short, the English month is `Jun`.

    Examples
    --------
    >>> june = pd.Timestamp(2024, 6, 30)
    >>> day(june), day(june, "en"), day(june, "en", year=False, short=True)
    ('2024年6月30日', '30 June 2024', '30 Jun')
    """
    if _missing(value):
        return MISSING
    name = month(f"{value:%Y-%m}", language, short=short)
    if language == "zh":
        return (f"{value.year}年" if year else "") + f"{name}{value.day}日"
    return f"{value.day} {name}" + (f" {value.year}" if year else "")


def month(text: str, language: Language = "zh", *, short: bool = False) -> str:
    """Return the month of a `YYYY-MM`: `6月`, `June`, or `Jun` when short.

    Examples
    --------
    >>> month("2024-06"), month("2024-06", "en", short=True)
    ('6月', 'Jun')
    """
    at = int(text[5:7])
    if language == "zh":
        return f"{at}月"
    return _ENGLISH[at - 1][:3] if short else _ENGLISH[at - 1]


def period_words(period: ReportPeriod, language: Language = "zh") -> str:
    """Return a reporting period in words: `2024年6月`, `June 2024`, `2024年第2季度`, `2024年`.

    Examples
    --------
    >>> june = ReportPeriod.parse("2024-06")
    >>> period_words(june), period_words(june, "en")
    ('2024年6月', 'June 2024')
    """
    at = str(period)
    if period.is_month:
        name = month(at, language)
        return f"{period.year}年{name}" if language == "zh" else f"{name} {period.year}"
    if "Q" in at:
        quarter = at[-1]
        return (
            f"{period.year}年第{quarter}季度" if language == "zh" else f"Q{quarter} {period.year}"
        )
    return f"{period.year}年" if language == "zh" else at


def listed(items: Sequence[str], language: Language = "zh") -> str:
    """Return items as an enumeration: `甲、乙、丙`, or `A, B and C`.

    Examples
    --------
    >>> listed(["H05", "H08", "H12"]), listed(["H05", "H08", "H12"], "en")
    ('H05、H08、H12', 'H05, H08 and H12')
    """
    if language == "zh":
        return "、".join(items)
    return " and ".join(filter(None, (", ".join(items[:-1]), *items[-1:])))


def light_word(code: Any, language: Language = "zh") -> str:
    """Return a light's symbol and word, `■ 滞后`; missing is `—`.

    Examples
    --------
    >>> light_word("red"), light_word("green", "en")
    ('■ 滞后', '● On track')
    """
    if _missing(code):
        return MISSING
    return f"{LIGHTS[code].symbol} {say(f'labels.light_{code}', language)}"


def light_html(code: Any, language: Language = "zh") -> str:
    """Return a light's symbol and word as coloured HTML.

    Examples
    --------
    >>> light_html("red")
    '<span class="light light-red">■ 滞后</span>'
    """
    if _missing(code):
        return MISSING
    return f'<span class="light light-{code}">{escape(light_word(code, language))}</span>'


def escape_markdown(text: Any) -> str:
    r"""Return text from the ledger as one line of literal Markdown, whatever it holds.

    Examples
    --------
    >>> print(escape_markdown("1*2"))
    1\*2
    """
    if _missing(text):
        return MISSING
    line = " ".join(str(text).split())
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", line)


def label_part(text: str) -> str:
    """Return text from the ledger as part of a label: itself if that is plain and short, or its digest.

    Examples
    --------
    >>> label_part("H08"), label_part("county=示例甲区")
    ('H08', '0bf78443d85f')
    """
    is_plain = re.fullmatch(r"[A-Za-z0-9_-]{1,40}", text)
    return text if is_plain else hashlib.sha256(text.encode()).hexdigest()[:12]


def _missing(value: Any) -> bool:
    return value is None or bool(pd.isna(value))
