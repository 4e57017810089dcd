"""What a number format does to the value of a cell: leaves it as it is, or shows something else.

A white list: a format is plain, a percentage of the number, an amount with its unit in words, or a number
filled up with zeros. Whatever else it may be (`0"%"`, `$0`, `0.0,`, `# ?/?`, `[>100]0`) the reader of the sheet sees
something that the cell does not hold, and nobody here guesses what.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sanshi_report.exact import decimal_of

__all__ = [
    "BUILT_IN",
    "Effect",
    "Formatted",
    "date_as_shown",
    "date_parts",
    "effect_of",
    "is_always_plain",
    "places_of",
    "text_effect_of",
]

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: "$#,##0", 6: "$#,##0", 7: "$#,##0.00", 8: "$#,##0.00",
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    **dict.fromkeys((14, 15, 22, 30, 31, 36, 50), "yyyy-mm-dd"),
    **dict.fromkeys((17, 27, 52, 57), "yyyy-mm"), **dict.fromkeys((16, 28, 29, 51, 53, 54, 58), "m-d"),
    **dict.fromkeys((*range(18, 22), *range(32, 36), 45, 46, 47, 55, 56), "h:mm"),
    37: "#,##0_);(#,##0)", 38: "#,##0_);[Red](#,##0)",
    39: "#,##0.00_);(#,##0.00)", 40: "#,##0.00_);[Red](#,##0.00)",
    41: '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', 42: "$#,##0",
    43: '_(* #,##0.00_);_(* (#,##0.00);_(* "-"??_);_(@_)', 44: "$#,##0.00",
    48: "##0.0E+0", 49: "@",
}  # fmt: skip
"""The formats a workbook names by number alone; those that differ by country stand for their kind."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|(?P<padding>_.|\*.)|\[(?P<bracket>[^\]]*)\]'
    r"|(?P<general>General|G/通用格式|通用格式)|(?P<digits>[0#?.,]+)|(?P<other>.)",
    re.DOTALL | re.IGNORECASE,
)
_COLOUR = re.compile(
    r"black|blue|cyan|green|magenta|red|white|yellow|(?:color|颜色) ?[0-9]{1,2}"
    r"|[黑蓝绿红白黄]色?|蓝绿色?|洋红色?|青色?|\$-[0-9a-f]+",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[#?,]*0[0?,]*(?<!,)(?:\.[0#?]*)?|[#?][#?,]*(?<!,)(?:\.[0#?]*)?|\.[0#?]+")
_UNIT = re.compile(r"(?:人民币)?([亿万千百十]*元|[亿万])")


@dataclass(frozen=True)
class Effect:
    """What a format does to one value.

    Attributes
    ----------
    what : str
        `plain`; `percent`; `unit`, an amount followed by a unit of money in words; `filled`, zeros in
        front; `date`; `hides`, nothing is shown; `other`, anything else is shown.
    unit : str
        The unit of `unit`, such as `万元`.
    """

    what: str
    unit: str = ""


_PLAIN, _HIDES, _OTHER, _DATE = map(Effect, ("plain", "hides", "other", "date"))


@dataclass(frozen=True)
class Formatted:
    """A number whose format shows something else than the number: 0.45 as `0%`, 1 as `000`, 1 as `$0`."""

    number: float
    code: str

    def __str__(self) -> str:
        number = decimal_of(self.number)
        if self.effect.what == "percent":
            return f"{_digits(Decimal(100) * number)}%"
        if self.effect.what == "filled":
            return f"{'-' * (number < 0)}{_digits(abs(number)).zfill(len(self.code.split(';')[0]))}"
        return f"{_digits(number)} [{self.code}]"

    @property
    def effect(self) -> Effect:
        """What the format does to this very number; zero and negative ones have sections of their own."""
        return effect_of(self.code, self.number)

    def as_read(self, kind: str, unit: str) -> float | str | None:
        """Return the number, or its text where the text is what counts, in a column of `kind`.

        Returns
        -------
        float, str or None
            None if the sender does not simply see the number in the column's unit.
        """
        what = self.effect.what
        if what == "percent":
            return str(self) if kind not in {"money", "count", "quantity"} else None
        if what == "filled":
            amount = {"money", "count", "quantity"}
            return self.number if kind in amount else str(self) if kind != "percent" else None
        known = {unit, unit.removesuffix("元") or unit}
        same = what == "unit" and kind == "money" and self.effect.unit in known
        return self.number if same else None


def _digits(number: Decimal) -> str:
    return f"{number.normalize():f}" if number.is_finite() else str(number)


@lru_cache(maxsize=4096)
def is_always_plain(code: str) -> bool:
    """Return whether no number and no text looks otherwise than it is; dates are, too."""
    signs = {effect_of(code, number).what for number in (1, -1, 0)}
    if "date" in signs and (date_parts(code) != frozenset("ymd") or not _is_plain_date(code)):
        return False
    return signs <= {"plain", "date"} and text_effect_of(code) == _PLAIN


@lru_cache(maxsize=4096)
def places_of(code: str) -> int | None:
    """Return how many decimals a plain format shows of a number; None where it shows all, or is of dates."""
    digits = [token["digits"] for token in _TOKEN.finditer(_sections(code)[0]) if token["digits"]]
    if not digits or effect_of(code, 1).what == "date":
        return None
    return len("".join(digits).partition(".")[2])


@lru_cache(maxsize=4096)
def date_parts(code: str) -> frozenset[str]:
    """Return which of year, month and day (`y`, `m`, `d`) a format shows; none of a format for times."""
    letters = set(_bare(_sections(code)[0]).casefold().replace("e", "y")) & set("ymdhs")
    is_time = letters & set("hs") and not letters & set("yd")  # then m are minutes
    return frozenset() if is_time else frozenset(letters & set("ymd"))


def _is_plain_date(code: str) -> bool:
    """Return whether a format adds no words to a day but those of the calendar, and counts as the West does."""
    tokens = list(_TOKEN.finditer(_sections(code)[0]))
    words = "".join((token["quoted"] or token["escaped"] or "") for token in tokens)
    brackets = [token["bracket"] for token in tokens if token["bracket"] is not None]
    calendars = [one for one in brackets if re.fullmatch(r"\$-[0-9a-f]{5,}", one, re.IGNORECASE)]
    return not re.sub(r"[年月日号星期时分秒上下午,，./\s-]", "", words) and not calendars


def date_as_shown(value: date, code: str) -> date | str:
    """Return a day as its format shows it: itself, or a text that lacks what the format leaves out.

    Somebody who types 6月5日 gets a day of the year in which it was typed, and does not see which.
    """
    parts = date_parts(code)
    if not parts or not _is_plain_date(code):
        return f"{value} [{code}]"  # a text that is no day, to be refused
    if parts >= frozenset("ymd"):
        return value
    year = f"{value.year}年" if "y" in parts else ""
    month = f"{value.month}月" if "m" in parts else ""
    return year + month + (f"{value.day}日" if "d" in parts else "")


def effect_of(code: str, number: float) -> Effect:
    """Return what a format does to a number."""
    return _effect_of(code, (number > 0) - (number < 0))


def text_effect_of(code: str) -> Effect:
    """Return what a format does to a text: `plain`, `hides`, or `other` where it adds words."""
    sections = _sections(code)
    if len(sections) < 4 and "@" not in _bare(sections[-1]):
        return _PLAIN  # a format for numbers alone
    shown = _shown(sections[3] if len(sections) > 3 else sections[-1])
    if shown is None:
        return _OTHER
    return {"@": _PLAIN, "General": _PLAIN, "": _HIDES}.get("".join(shown), _OTHER)


@lru_cache(maxsize=4096)
def _effect_of(code: str, sign: int) -> Effect:
    sections = _sections(code)
    if len(sections) > 4:
        return _OTHER
    if len(sections) < 4 and "@" in _bare(sections[-1]):  # the last one is for texts
        sections = sections[:-1] or sections
    own = sign if len(sections) > 1 + (sign == 0) else 1
    effect = _effect_of_section(sections[{1: 0, -1: 1, 0: 2}[own]], own, sign)
    every = {_effect_of_section(s, {0: 1, 1: -1}.get(n, 0), 0).unit for n, s in enumerate(sections)}
    return _OTHER if effect.what == "unit" and len(every) > 1 else effect


def _sections(code: str) -> list[str]:
    """Return the sections between the semicolons that part them."""
    parts, start = [], 0
    for token in _TOKEN.finditer(code):
        if token["other"] == ";":
            parts.append(code[start : token.start()])
            start = token.end()
    return [*parts, code[start:]]


def _bare(section: str) -> str:
    return "".join(token["other"] or "" for token in _TOKEN.finditer(section))


def _shown(section: str) -> list[str] | None:
    """Return what a section shows, literal texts in quotes, padding and colours left out; None if it is unclear."""
    shown: list[str] = []
    for token in _TOKEN.finditer(section):
        kind = token.lastgroup
        if kind == "bracket" and not _COLOUR.fullmatch(token["bracket"]):
            return None
        if kind in {"quoted", "escaped"}:
            text = (token["quoted"] or token["escaped"] or "").strip()
            shown += [f'"{text}"'] if text else []
        elif kind == "general":
            shown.append("General")
        elif kind == "other" and ord(token["other"]) > 0x2E7F:
            shown.append(f'"{token["other"]}"')
        elif kind in {"other", "digits"} and not token[0].isspace():
            shown.append(token[0])
    return shown


def _effect_of_section(section: str, own: int, sign: int) -> Effect:
    """Return what one section does; `own` is the sign it is for, 1 where it is for all numbers."""
    if not re.sub(r"_.|\*.|\s", "", section):
        return _HIDES
    if re.search("[ydhs]|m", _bare(section), re.IGNORECASE):
        return _DATE
    shown = _shown(section)
    if shown is None or not shown:
        return _OTHER if shown is None else _HIDES
    if own == 0 and "".join(shown).replace("?", "") in {'"-"', "-"}:
        return _PLAIN  # how accountants write zero
    if own < 0:
        shown = _without_sign(shown)
        if shown is None:
            return _OTHER
    number, after = shown[0], shown[1:]
    if number in {"General", "@"} and not after:
        return _PLAIN
    if number != "General" and not _NUMBER.fullmatch(number):
        return _OTHER
    if sign == 0 and number != "General" and "0" not in number:
        return _HIDES  # `#` shows nothing of a zero
    if not after:
        return Effect("filled") if re.fullmatch("0{2,}", number) else _PLAIN
    if after == ["%"]:
        return Effect("percent")
    words = "".join(part[1:-1] for part in after if part[0] == '"')
    unit = _UNIT.fullmatch("".join(words.split()))
    return Effect("unit", unit[1]) if unit and all(part[0] == '"' for part in after) else _OTHER


def _without_sign(shown: list[str]) -> list[str] | None:
    """Return a negative section without its minus or its brackets; None if it has neither."""
    plain = [part.strip('"') if part in {'"-"', '"("', '")"'} else part for part in shown]
    if plain[0] == "-" and len(plain) > 1:
        return plain[1:]
    if plain[0] == "(" and plain[-1] == ")" and len(plain) > 2:
        return plain[1:-1]
    return None
