"""One cell: from what was typed to what is meant, or the rule that forbids a guess."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import numpy as np

from sanshi_report.exact import FEN_PER, decimal_of
from sanshi_report.intake.formats import Formatted

__all__ = ["Marked", "Odd", "Reader", "Unreadable", "folded", "is_missing", "plain"]

LONGEST = 32_767
"""Characters a spreadsheet cell can hold."""

_YEARS = range(1990, 2101)
_MOST_FEN = 10**15
_MOST = 10**9

_SPACE = (
    " \t\r\n\v\f\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000\u200b\u2060\ufeff"
    + "".join(map(chr, range(0x2000, 0x200B)))
)
_NARROW = {0xFF01 + n: 0x21 + n for n in range(94)} | {
    0x3000: " ",
    0xFFE5: "¥",
    0xFFE0: "¢",
    0xFFE1: "£",
}
_MISSING = re.compile(r"(?:[-—–―─]*|/|无)")
_ERROR = re.compile(
    r"#(?:REF!|DIV/0!|N/A|NAME\?|NULL!|NUM!|VALUE!|SPILL!|CALC!|FIELD!|BLOCKED!|#+)"
)
# Those that turn the direction of writing would turn round the figures of a sentence, too.
_CONTROL = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
# Nobody writes 050.5: it is what a comma left behind in a CSV cuts off 1,050.5.
_NUMBER = re.compile(r"[+-]?(?:[1-9][0-9]{0,2}(?:[, ][0-9]{3})+|0|[1-9][0-9]*)(?:\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]+")
_OWN_UNIT = re.compile(r"[+-]?[0-9][0-9,.]*[^0-9,.eE+-]+|[¥$].*", re.DOTALL)
_CLOCK = r"(?:[T ]?(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?)?"
_DATES = (
    re.compile(rf"([0-9]{{4}})年([0-9]{{1,2}})月([0-9]{{1,2}})[日号]{_CLOCK}"),
    re.compile(rf"([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}}){_CLOCK}"),
    re.compile(rf"([0-9]{{4}})\.([0-9]{{1,2}})\.([0-9]{{1,2}}){_CLOCK}"),
    re.compile(rf"([0-9]{{4}})/([0-9]{{1,2}})/([0-9]{{1,2}}){_CLOCK}"),
    re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})"),
)
_MONTHS = (
    re.compile(r"([0-9]{4})年([0-9]{1,2})月份?"),
    re.compile(r"([0-9]{4})[-./]([0-9]{1,2})"),
    re.compile(r"([0-9]{4})([0-9]{2})"),
)
_YEARLESS = re.compile(
    r"[0-9]{1,2}月(?:份|[0-9]{1,2}[日号]?)?|[0-9]{1,2}[-./][0-9]{1,2}(?:[-./][0-9]{2})?|[0-9]{1,2}年.*"
)


# In a number of something: letters that are neither plain Latin nor Chinese. Most of them look like one that is.
_STRANGE = re.compile(r"[^\W\d_A-Za-z\u2e80-\u9fff\U00020000-\U0003ffff]")


class Unreadable(Exception):
    """A cell that cannot be read without guessing; `rule` and `values` as in `Fault`."""

    def __init__(self, rule: str, **values: Any) -> None:
        super().__init__(rule)
        self.rule = rule
        self.values = values


@dataclass(frozen=True)
class Odd:
    """A cell that has no value to read; `rule` says why, `text` what the sender sees."""

    rule: str
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Marked:
    """A text or number of which something is struck out, raised or lowered; `text` is all of it.

    Attributes
    ----------
    marks : frozenset[str]
        `struck`, `raised`, `lowered`.
    """

    text: str
    marks: frozenset[str]

    def __str__(self) -> str:
        return self.text


def plain(text: str) -> str:
    """Return text with full-width characters narrowed and the space around it gone.

    Nothing else is taken for what it resembles: ①, ² and ½ stay, and are no digits.
    """
    return unicodedata.normalize("NFC", text).translate(_NARROW).strip(_SPACE)


def folded(text: str) -> str:
    """Return an identifier without what tells no two things apart: case, width, space, the kind of dash, 0 or O."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    narrow = re.sub("(?<=[0-9])[oil]", lambda match: "0" if match[0] == "o" else "1", narrow)
    kinds = [(character, unicodedata.category(character)) for character in narrow]
    return "".join(
        "-" if kind == "Pd" else character
        for character, kind in kinds
        if kind[0] != "Z" and kind not in {"Cc", "Cf"}
    )


def is_missing(value: Any) -> bool:
    """Return whether a cell says that there is nothing: blank, a dash, a slash, 无."""
    return isinstance(value, str) and (
        not value or (len(value) < 40 and _MISSING.fullmatch(plain(value)) is not None)
    )


@dataclass(frozen=True)
class Reader:
    """Reads the cells of one column.

    Attributes
    ----------
    kind : str
        As in `schemas`: text, month, choice, money, count, percent, quantity, date.
    codes : Mapping[str, str]
        What each permitted value becomes, for `choice` and for texts held against a list.
    identifies : bool
        Whether full-width characters in a text stand for plain ones (ids, keys).
    unit : str
        The unit money is written in.
    typed : bool
        Whether cells have types; in a CSV everything is text.
    longest : int
        How many characters a text may have.
    """

    kind: str
    codes: Mapping[str, str] = field(default_factory=dict)
    identifies: bool = False
    unit: str = "亿元"
    typed: bool = True
    longest: int = LONGEST

    def __call__(self, value: Any) -> Any:
        """Return what one non-missing cell means.

        Raises
        ------
        Unreadable
            If it breaks a rule or could mean more than one thing.
        """
        if isinstance(value, str):
            self._check_text(value)
        elif isinstance(value, Odd):
            raise Unreadable(value.rule)
        elif isinstance(value, Formatted):
            value = value.as_read(self.kind, self.unit)
            if value is None:
                raise Unreadable("own_unit")
        elif isinstance(value, Marked):
            if self.kind != "text" or self.identifies or self.codes or "struck" in value.marks:
                raise Unreadable("marked")
            self._check_text(value.text)
            value = value.text
        read: Callable[[Any], Any] = getattr(self, f"_{self.kind}")
        return read(value)

    def many(self, values: list[Any]) -> dict[Any, Any]:
        """Return what each of several distinct cells means, an `Unreadable` where it cannot be said."""
        known: dict[Any, Any] = {}
        if self.kind == "money":
            known = _fen_of_floats([v for v in values if type(v) is float], FEN_PER[self.unit])
        for value in values:
            if value not in known:
                try:
                    known[value] = None if is_missing(value) else self(value)
                except Unreadable as problem:
                    known[value] = problem
        return known

    def _check_text(self, value: str) -> None:
        if len(value) > self.longest:
            raise Unreadable("too_long", length=len(value), longest=self.longest)
        if _CONTROL.search(value):
            raise Unreadable("control_character")
        if value[:2].strip(_SPACE)[:1] in {"#", "＃"} and _ERROR.fullmatch(plain(value)):
            raise Unreadable("error_value")

    def _text(self, value: Any) -> str:
        if isinstance(value, str):
            text = plain(value) if self.identifies or self.codes else value.strip(_SPACE)
        elif isinstance(value, date) and self.identifies:
            raise Unreadable(
                "date_for_id"
            )  # 1-2, typed as a number of something, turned into a day
        elif isinstance(value, datetime):
            text = value.date().isoformat() if value.time() == value.min.time() else str(value)
        elif isinstance(value, date):
            text = value.isoformat()
        elif isinstance(value, float | int):
            text = _decimal_text(value)
        else:
            raise Unreadable("time_alone")
        if self.identifies and (strange := _STRANGE.findall(text)):
            raise Unreadable("id_letters", letters="、".join(dict.fromkeys(strange)))
        return self._listed(text) if self.codes else text

    def _choice(self, value: Any) -> str:
        return self._text(value)

    def _listed(self, text: str) -> str:
        codes = {"".join(plain(value).split()): code for value, code in self.codes.items()}
        found = codes.get("".join(text.split()))
        if found is None:
            raise Unreadable("not_listed", allowed="、".join(dict.fromkeys(self.codes)))
        return found

    def _money(self, value: Any) -> int:
        number = _number(value)
        if number < 0:
            raise Unreadable("negative")
        fen = number * FEN_PER[self.unit]
        if fen > _MOST_FEN:
            raise Unreadable("too_large", unit=self.unit)
        if fen != fen.to_integral_value():
            raise Unreadable("finer_than_fen", unit=self.unit)
        return int(fen)

    def _count(self, value: Any) -> int:
        number = self._quantity(value)
        if number != number.to_integral_value():
            raise Unreadable("not_whole")
        return int(number)

    def _quantity(self, value: Any) -> Decimal:
        number = _number(value)
        if number < 0:
            raise Unreadable("negative")
        if number > _MOST:
            raise Unreadable("too_large", unit="")
        return number

    def _percent(self, value: Any) -> float:
        text = plain(value) if isinstance(value, str) else None
        marked = text is not None and text.endswith("%")
        number = _number(text[:-1].rstrip() if text and marked else value)
        if not 0 <= number <= 100:
            raise Unreadable("percent_range")
        if 0 < number < 1 and not marked:
            raise Unreadable("percent_or_share")
        return float(number)

    def _date(self, value: Any) -> datetime:
        if isinstance(value, datetime):
            return _day(value.year, value.month, value.day)
        if isinstance(value, date):
            return _day(value.year, value.month, value.day)
        text = _calendar_text(value)
        for pattern in _DATES:
            if match := pattern.fullmatch(text):
                return _day(*map(int, match.groups()))
        if any(pattern.fullmatch(text) for pattern in _MONTHS):
            raise Unreadable("date_no_day")
        raise Unreadable("date_no_year" if _YEARLESS.fullmatch(text) else "date_shape")

    def _month(self, value: Any) -> str:
        """Return a month; of whole days only its first and last, which may stand for it."""
        if isinstance(value, date):
            return self._month_of(value.year, value.month, value.day)
        text = _calendar_text(value)
        if re.fullmatch(r"[0-9]{4}\.1", text) and (isinstance(value, float) or not self.typed):
            raise Unreadable("month_or_october")
        for pattern in (*_MONTHS, *_DATES):
            if match := pattern.fullmatch(text):
                return self._month_of(*map(int, match.groups()))
        raise Unreadable("month_no_year" if _YEARLESS.fullmatch(text) else "month_shape")

    def _month_of(self, year: int, month: int, day: int = 1) -> str:
        if not 1 <= month <= 12:
            raise Unreadable("no_such_month")
        start = _day(year, month, 1)
        if day not in {1, monthrange(year, month)[1]}:
            raise Unreadable("month_is_day")
        return f"{start:%Y-%m}"


def _fen_of_floats(values: list[float], fen_per_unit: int) -> dict[Any, Any]:
    """Return the fen of those floats that are at most 15-digit decimals of whole fen.

    Two decimals of 15 digits or fewer never share a double, so if n / fen_per_unit is the double, n fen
    is the amount written. What fails this (a finer amount, a negative, a binary tail) is left out.
    """
    numbers = np.array(values, dtype=np.float64)
    with np.errstate(all="ignore"):
        fen = np.rint(numbers * fen_per_unit)
        exact = (fen >= 0) & (fen < _MOST_FEN) & (fen / fen_per_unit == numbers)
    return {v: int(n) for v, n, ok in zip(values, fen.tolist(), exact.tolist(), strict=True) if ok}


def _number(value: Any) -> Decimal:
    if isinstance(value, float | int):
        number = decimal_of(value)
        if not number.is_finite():
            raise Unreadable("not_number")
        return number
    if not isinstance(value, str):
        raise Unreadable("date_for_number" if isinstance(value, date) else "not_number")
    text = plain(value).replace("\xa0", " ")
    if _SCIENTIFIC.fullmatch(text):
        raise Unreadable("scientific")
    if not _NUMBER.fullmatch(text):
        raise Unreadable("own_unit" if _OWN_UNIT.fullmatch(text) else "not_number")
    return Decimal(re.sub("[, ]", "", text))


def _decimal_text(value: float | Decimal) -> str:
    number = decimal_of(value)
    if not number.is_finite():
        raise Unreadable("not_number")
    whole = number == number.to_integral_value()
    return f"{number.quantize(Decimal(1)) if whole and abs(number) < _MOST_FEN else number.normalize():f}"


def _calendar_text(value: Any) -> str:
    if isinstance(value, float | int):
        return _decimal_text(value)
    if not isinstance(value, str):
        raise Unreadable("time_alone")
    return re.sub(r"\s*([年月日号./-])\s*", r"\1", plain(value))


def _day(year: int, month: int, day: int) -> datetime:
    if year not in _YEARS:
        raise Unreadable("year_range", first=_YEARS[0], last=_YEARS[-1])
    try:
        return datetime(year, month, day)
    except ValueError:
        raise Unreadable("no_such_day") from None
