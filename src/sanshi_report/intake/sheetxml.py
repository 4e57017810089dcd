"""One worksheet of an xlsx in a single pass over its XML: all that the workbook reader leaves out.

Nearly all rows of a long table follow one narrow grammar, in which cells stand in order and have a value. A
regular expression knows such rows in a tenth of the time that parsing takes; every other row is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from functools import cache
from xml.parsers import expat

from sanshi_report.intake.cells import Odd, Unreadable
from sanshi_report.intake.faults import cell_name
from sanshi_report.intake.seen import NONE, Look, Unseen, style_of
from sanshi_report.intake.xmls import local, parser

__all__ = ["Texts", "plain_edge", "rich_texts", "sheet_of"]

_NAME = re.compile(r"([A-Z]{1,3})([1-9][0-9]{0,6})")
_ROW = re.compile(rb"<row[ >/]")
_USED = re.compile(rb' s="([0-9]+)"')
_STYLED = re.compile(rb'<c r="([A-Z]+)[0-9]+" s="([0-9]+)"')
_STYLED_OR_NOT = re.compile(rb'<c r="([A-Z]+)')
_LETTERS = [chr(65 + n) for n in range(26)] + [f"{a}{chr(65 + n)}" for a in "AB" for n in range(26)]
_CODES = re.compile(r'&(?:"[^"]*"|[0-9]+|K(?:[0-9A-Fa-f]{6}|[0-9]{2}[+-][0-9]{3})|[A-Za-z&])')
_PARTS = {"Header": "页眉", "Footer": "页脚"}


@dataclass(frozen=True)
class Texts:
    """The shared texts of a workbook that are marked: by number, which of their parts are how."""

    marks: dict[int, Look] = field(default_factory=dict)


@dataclass
class _Run:
    """The marks of the parts of one rich text."""

    every: list[frozenset[str]] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)

    def look(self) -> Look:
        whole = bool(self.every) and all("struck" in marks for marks in self.every)
        some = frozenset[str]().union(*self.every) - ({"struck"} if whole else set())
        return Look(struck=whole, marks=some)


def sheet_of(
    xml: bytes, styles: list[Look], texts: Texts, conditions: AbstractSet[str] = frozenset()
) -> Unseen:
    """Return what a worksheet holds besides plain values.

    Parameters
    ----------
    xml : bytes
        The worksheet part.
    styles : list[Look]
        What each cell style does.
    texts : Texts
        The marked shared texts.
    conditions : set[str]
        The conditional formats, by number, that hide a value, strike it out or show another.

    Raises
    ------
    Unreadable
        If cells or rows occur twice or out of order.
    ValueError, expat.ExpatError
        If the XML is broken or refused.
    """
    reader = _Reader(styles, texts, conditions)
    starts = [match.start() for match in _ROW.finditer(xml)]
    if not starts or b"<!" in xml or b"<?" in xml[10:]:
        reader.parser.Parse(xml, True)
        return reader.sheet
    end = xml.find(b"</sheetData", starts[-1])
    end = len(xml) if end < 0 else end
    reader.parser.Parse(xml[: starts[0]], False)
    plain = _plain_row(not texts.marks)
    looks = None if reader.zero else reader.looks_used(xml)
    for begin, until in zip(starts, [*starts[1:], end], strict=True):
        row = None if looks is None else plain.match(xml, begin, until)
        if row and row.end() == until:
            reader.add_plain_row(xml, row, looks or {})
        else:
            reader.parser.Parse(xml[begin:until], False)
    reader.parser.Parse(xml[end:], True)
    return reader.sheet


@cache
def _plain_row(shared: bool) -> re.Pattern[bytes]:
    """Return the grammar of a visible row of plain cells: named, in order, each with a value or blank.

    Columns are tried one after another, which is how their order is sure; each name ends in the row's number.

    Parameters
    ----------
    shared : bool
        Whether cells with a shared text are plain: none of those texts is marked.
    """
    kinds = rb"str|inlineStr|n|b" + (rb"|s" if shared else b"")
    value = rb"(?:<f[^<>]*+>[^<]*+</f>|<f[^<>]*/>)?+<v>(?!\s*+<)[^<]*+</v>"
    text = rb"<is><t[^<>]*+>[^<]*+</t></is>"
    rest = rb'(?: s="\d++")?+(?: t="(?:%s)")?+(?:/>|>(?:%s|%s)</c>))?+' % (kinds, value, text)
    cells = b"".join(rb'(?:<c r="%s\1"' % name.encode() + rest for name in _LETTERS)
    more = rb'(?: (?!hidden|ht="[0.])[\w:]++="[^"<>]*+")*+'
    return re.compile(rb'<row r="([0-9]++)"%s>%s</row>' % (more, cells))


@dataclass
class _Row:
    """What a row tells, by column, whatever its number is."""

    hidden: bool = False
    last: int = -1
    looks: dict[int, Look] = field(default_factory=dict)


class _Reader:
    """Follows the tags of a worksheet."""

    def __init__(self, styles: list[Look], texts: Texts, conditions: AbstractSet[str]) -> None:
        self.sheet = Unseen()
        self.styles = [
            NONE if style == NONE else style for style in styles
        ]  # compared by identity below
        self.texts = texts
        self.conditions = conditions
        self.zero = False
        self.area = ""
        self.row = self.column = -1
        self.now = _Row()
        self.kind = ""
        self.style = NONE
        self.formula = self.valued = False
        self.value: list[str] | None = None
        self.words: list[str] | None = None
        self.rich = _Run()
        self.parser: expat.XMLParserType = parser(self._start, self._end, self._text)

    def looks_used(self, xml: bytes) -> dict[bytes, Look] | None:
        """Return the styles by number that show values otherwise; None if only parsing can tell."""
        used = set(_USED.findall(xml))
        if any(number != b"%d" % int(number) or int(number) >= len(self.styles) for number in used):
            return None
        looks = {number: self.styles[int(number)] for number in used}
        usual = style_of(self.styles, 0)
        return {n: look for n, look in looks.items() if look != NONE} if usual == NONE else None

    def add_plain_row(self, xml: bytes, row: re.Match[bytes], looks: dict[bytes, Look]) -> None:
        """Add a row that follows the grammar."""
        self._next_row(int(row[1]) - 1)
        last = _STYLED_OR_NOT.match(xml, xml.rfind(b'<c r="', *row.span()))
        self.sheet.stretch(self.row, _column_number(last[1].decode()) if last else -1)
        if looks:
            for cell in _STYLED.finditer(xml, *row.span()):
                if look := looks.get(cell[2]):
                    self.sheet.looks[self.row, _column_number(cell[1].decode())] = look

    def _next_row(self, number: int) -> None:
        if number <= self.row:
            raise Unreadable("file_repeats", what=f"{number + 1}:{number + 1}")
        self.row = number

    def _keep_row(self) -> None:
        if self.now.hidden:
            self.sheet.hidden_rows.add(self.row)
        self.sheet.stretch(self.row, self.now.last)
        for column, look in self.now.looks.items():
            self.sheet.looks[self.row, column] = look

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if tag == "c":
            self._start_cell(attributes)
        elif tag == "v":
            if self.valued:
                raise Unreadable("file_repeats", what=cell_name(self.row, self.column))
            self.value, self.valued = [], True
        elif tag == "row":
            number = attributes.get("r")
            self._next_row(int(number) - 1 if number else self.row + 1)
            self.column = -1
            usual = self.zero and "ht" not in attributes
            self.now = _Row(usual or _is_hidden(attributes, "ht"))
        elif tag == "f":
            self.formula = True
        elif tag == "is":
            self.rich = _Run()
        elif tag == "r" and self.kind == "inlineStr":
            self.rich.marks = set(self.style.marks) | ({"struck"} if self.style.struck else set())
        elif tag in {"rPr", "strike", "vertAlign"} and self.kind == "inlineStr":
            _mark_run(self.rich.marks, tag, attributes)
        elif tag == "col":
            if _is_hidden(attributes, "width"):
                first, last = int(attributes["min"]) - 1, int(attributes["max"])
                self.sheet.hidden_columns.update(range(first, min(last, 1 << 14)))
        elif tag[-6:] in _PARTS:
            self.words = []
        elif tag in {"dataValidation", "conditionalFormatting", "cfRule", "sheetFormatPr"}:
            self._start_rule(tag, attributes)

    def _start_rule(self, tag: str, attributes: dict[str, str]) -> None:
        """Take in what holds for more than a cell."""
        if tag == "dataValidation":
            parts = (
                attributes.get(p, "") for p in ("promptTitle", "prompt", "errorTitle", "error")
            )
            where = f"填写提示 {attributes.get('sqref', '')[:20]}".strip()
            self.sheet.asides += [(where, text) for text in parts if text.strip()]
        elif tag == "conditionalFormatting":
            self.area = attributes.get("sqref", "")
        elif tag == "cfRule":
            if attributes.get("dxfId") in self.conditions:
                self.sheet.conditional.append(self.area[:60])
        else:
            stated = attributes.get("defaultRowHeight")
            self.zero = attributes.get("zeroHeight") in {"1", "true"} or (
                stated is not None and float(stated) < 1
            )

    def _start_cell(self, attributes: dict[str, str]) -> None:
        named = attributes.get("r")
        column = self.column + 1
        if named is not None:
            match = _NAME.fullmatch(named)
            if match is None or int(match[2]) != self.row + 1:
                raise Unreadable("file_repeats", what=named[:20])
            column = _column_number(match[1])
        if column <= self.column:
            raise Unreadable("file_repeats", what=cell_name(self.row, column))
        self.column = column
        self.kind = attributes.get("t", "n")
        self.style = style_of(self.styles, int(attributes.get("s") or 0))
        self.formula = self.valued = False
        self.value = None

    def _text(self, words: str) -> None:
        if self.value is not None:
            self.value.append(words)
        elif self.words is not None:
            self.words.append(words)

    def _end(self, name: str) -> None:
        tag = local(name)
        if tag == "c":
            self._end_cell()
        elif tag == "row":
            self._keep_row()
        elif tag == "r" and self.kind == "inlineStr":
            self.rich.every.append(frozenset(self.rich.marks))
        elif tag[-6:] in _PARTS and self.words is not None:
            if words := plain_edge("".join(self.words)):
                self.sheet.asides.append((_PARTS[tag[-6:]], words))
            self.words = None

    def _end_cell(self) -> None:
        value = None if self.value is None else "".join(self.value)
        self.value = None
        look = self.style
        if self.kind == "e":
            look = replace(look, odd=Odd("error_value", (value or "").strip() or "#?"))
        # An empty text is a result; LibreOffice and Excel write it as a value of type str.
        elif (self.formula and self.kind != "str" and not (value or "").strip()) or (
            self.formula and not self.valued
        ):
            look = replace(look, odd=Odd("no_cached_value", "="))
        elif self.kind == "s" and self.texts.marks:
            number = (value or "").strip()
            look = look.over(self.texts.marks.get(int(number) if number.isdecimal() else -1))
        elif self.kind == "inlineStr" and self.rich.every:
            look = look.over(self.rich.look())
            self.rich = _Run()
        if look is not NONE:
            self.now.looks[self.column] = look
        self.now.last = self.column
        self.kind = ""


def plain_edge(text: str) -> str:
    """Return the words of a print header or footer without the codes among them."""
    return _CODES.sub(" ", text).strip()


def _mark_run(marks: set[str], tag: str, attributes: dict[str, str]) -> None:
    """Take one property of a part of a rich text into its marks."""
    if tag == "rPr":
        marks.clear()  # what a part says of itself replaces what the cell's style says
    elif tag == "strike":
        if attributes.get("val", "1") not in {"0", "false"}:
            marks.add("struck")
    elif attributes.get("val") == "superscript":
        marks.add("raised")
    elif attributes.get("val") == "subscript":
        marks.add("lowered")


def rich_texts(xml: bytes) -> Texts:
    """Return the marked ones of a workbook's shared texts."""
    found: dict[int, Look] = {}
    number, run = -1, _Run()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal number, run
        tag = local(name)
        if tag == "si":
            number, run = number + 1, _Run()
        elif tag == "r":
            run.marks = set()
        elif tag in {"strike", "vertAlign"}:
            _mark_run(run.marks, tag, attributes)

    def end(name: str) -> None:
        tag = local(name)
        if tag == "r":
            run.every.append(frozenset(run.marks))
        elif tag == "si" and any(run.every):
            found[number] = run.look()

    parser(start, end).Parse(xml, True)
    return Texts(found)


def _is_hidden(attributes: dict[str, str], size: str) -> bool:
    stated = attributes.get(size)
    least = 1 if size == "ht" else 0.5  # a point; half a character
    tiny = stated is not None and float(stated) < least
    return tiny or attributes.get("hidden") in {"1", "true"}


def _column_number(letters: str) -> int:
    """Return the 0-based number of a column: C is 2."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
