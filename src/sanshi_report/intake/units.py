"""The money unit of a sheet: everything on it that speaks of units is gathered and must agree.

Two kinds of text are told apart. What stands around a table (titles, notes, comments, print headers, the
names of sheet and file) states a unit wherever it mentions one that is not part of an amount: 万元 does,
1099.73亿元 does not. What stands in a table's own texts is prose; there only a plain declaration counts,
such as 单位：万元 or 以万元计.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sanshi_report.intake.cells import Unreadable, plain

__all__ = [
    "ASSUMED",
    "KNOWN",
    "Stated",
    "agreed",
    "bare",
    "declared",
    "mentioned",
    "noted",
    "scaled",
    "squeezed",
]

ASSUMED = "亿元"
"""What money is read in where nothing on the sheet says a unit."""

KNOWN = {"亿元": "亿元", "亿": "亿元", "万元": "万元", "万": "万元", "元": "元"}
"""The units that can be read, by how they may be written."""

_BRACKETS = str.maketrans("【[〔{<《】]〕}>》萬億圆圓仟佰拾計", "(((((())))))万亿元元千百十计")
_SCALE = "[亿万千百十]"
_FOREIGN = (
    r"(?:美|欧|日|港|澳|英|新台|加)(?:元|币|镑|金)|"
    r"(?<![a-z])(?:usd|eur|hkd|jpy|gbp|cny|rmb|yuan|wanyuan|yiyuan|dollars?|million|billion|thousand)(?![a-z])|[$€£]|"
    rf"{_SCALE}+[块円]|(?<![a-z])[a-z]元"
)
_AMOUNT = re.compile(
    rf"(?:[0-9]|[0-9]\.[0-9]+ |[一二三四五六七八九两几数余多])(?:{_SCALE}*(?:{_FOREIGN}|元)|{_SCALE}+)"
)
_MENTION = re.compile(rf"{_SCALE}*(?:{_FOREIGN})|{_SCALE}+元")
_IN_BRACKETS = re.compile(rf"\((?:单位|人民币|金额)*:?({_SCALE}*元?)\)")
_AFTER_WORD = re.compile(
    rf"(?:单位|币种|货币|金额|投资额):?[:为是用以按]*\(?(?:人民币)?\)?:?([0-9]*{_SCALE}*元|[0-9]*{_SCALE}+|[a-z$¥]{{1,12}})"
    r"(?![\u4e00-\u9fffa-z])"
)
_AS_UNIT = re.compile(rf"([0-9]*(?:{_SCALE}*元|{_SCALE}+))(?:为|作)(?:计量|计价)?单位")
_COUNTED_IN = re.compile(
    rf"(?:以|按|用|均为|都是|应为|实为|改为|改成|换成)(?:人民币)?({_SCALE}*元|{_SCALE}+)(?:人民币)?(?:计|填|表示|核算|反映|统计|列|$|[,;。)])"
)
# Of people and other things counted: only one at a time is read.
_SCALED = re.compile(
    rf"(?:(?:单位|人数|数量)[^;。]{{0,8}}?[:为是用以按(、,/]+|[(])({_SCALE}+(?:人|名|个|人次|工日))(?![\u4e00-\u9fff])"
    rf"|(?:以|按|用|均为)({_SCALE}+(?:人|名|个|人次|工日))(?:计|填|为单位|表示|统计)"
)
_PHYSICAL = {"m", "km", "m2", "m3", "mm", "t", "kg", "kw", "mw", "kwh", "ha", "mu"}
_STANDS_FOR = re.compile(rf"(?:代表|等于|相当于|表示)([0-9一]*{_SCALE}+元?)")
_QUOTED = re.compile(rf"[“\"'「『]({_SCALE}+)[”\"'」』]")
_CURRENCY = re.compile("人民币|rmb|cny|¥")


@dataclass(frozen=True)
class Stated:
    """A unit as some text states it, and where that text stands (`B2`, 批注 D7, 页眉, 文件名)."""

    unit: str
    where: str


def squeezed(text: str) -> str:
    """Return text narrowed, in lower case, brackets and characters of one meaning written one way."""
    return " ".join(plain(text).translate(_BRACKETS).casefold().split())


def mentioned(text: str) -> set[str]:
    """Return the units that a text around a table mentions, as written; amounts do not count."""
    line = squeezed(text[:2000])
    tight = line.replace(" ", "")
    spaced = _AMOUNT.sub("#", line)
    rest = spaced.replace(" ", "")
    found = {match[0] for text in (spaced, rest) for match in _MENTION.finditer(text)}
    return (found | set(_IN_BRACKETS.findall(rest)) | _declared(tight) | {bare(text)}) - {""}


def declared(text: str) -> set[str]:
    """Return the units that a text within a table declares, as written."""
    return _declared(squeezed(text[:2000]).replace(" ", "")) if len(text) > 1 else set()


def scaled(text: str) -> set[str]:
    """Return the units of several things at a time that a text declares counts to be in, such as 百人."""
    tight = squeezed(text[:2000]).replace(" ", "")
    return {one or other for one, other in _SCALED.findall(tight)}


def bare(cell: str) -> str:
    """Return the unit that a cell is and nothing else, empty if it is more or something else."""
    text = _CURRENCY.sub("", squeezed(cell).replace(" ", "").strip("()"))
    return text if re.fullmatch(rf"{_SCALE}+|{_SCALE}*元|{_SCALE}*(?:{_FOREIGN})", text) else ""


def _declared(tight: str) -> set[str]:
    patterns = (_AFTER_WORD, _AS_UNIT, _COUNTED_IN, _STANDS_FOR, _QUOTED)
    return {unit for pattern in patterns for unit in pattern.findall(tight)} - _PHYSICAL


def noted(note: str) -> str | None:
    """Return the unit that a heading's note in brackets is, None where it is something else.

    Raises
    ------
    Unreadable
        If it speaks of a unit that is not known.
    """
    text = _CURRENCY.sub("", re.sub("^(?:金额|计量)?单位:?", "", squeezed(note).replace(" ", "")))
    text = text.strip(":")
    if text in KNOWN:
        return KNOWN[text]
    if re.search(rf"{_SCALE}|元|{_FOREIGN}|[‰%]", text):
        raise Unreadable("unit_unknown", unit=note)
    return None


def agreed(stated: Iterable[Stated]) -> str | None:
    """Return the one unit that all statements name, None where there is none.

    Raises
    ------
    Unreadable
        If one is not known, or two differ; both places are named.
    """
    known: dict[str, str] = {}
    for one in stated:
        word = _CURRENCY.sub("", one.unit)
        if word not in KNOWN:
            raise Unreadable("unit_stated_unknown", unit=one.unit, where=one.where)
        known.setdefault(KNOWN[word], one.where)
        if len(known) > 1:
            places = "、".join(f"{unit}（{where}）" for unit, where in known.items())
            raise Unreadable("unit_conflict", units=places, where=one.where)
    return next(iter(known), None)
