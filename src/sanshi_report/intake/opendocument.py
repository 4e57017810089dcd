"""What an OpenDocument spreadsheet tells besides plain values: one pass over its content, a row at a time."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from xml.etree.ElementTree import Element
from zipfile import ZipFile

from sanshi_report.intake.cells import Odd, Unreadable
from sanshi_report.intake.faults import cell_name
from sanshi_report.intake.seen import NONE, Look, Unseen, in_format
from sanshi_report.intake.xmls import local, parser, tree_of

__all__ = ["look_into_ods"]

_ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|NAME\?|NULL!|NUM!|VALUE!)|Err:[0-9]+")
_NUMBERS = {"float", "percentage", "currency"}
_DRAWN = {"annotation", "frame", "custom-shape", "rect", "ellipse", "caption", "line", "g"}
_TINY = 4.0
_POINTS = {"pt": 1.0, "cm": 28.35, "mm": 2.835, "in": 72.0, "px": 0.75}
_SIGNS = {"value()>=0": 0, "value()>0": 0, "value()<0": 1, "value()<=0": 1, "value()=0": 2}


def look_into_ods(archive: ZipFile) -> Callable[[str, int], Unseen]:
    """Return what tells the unseen of a sheet of an ods by its name.

    Raises
    ------
    Unreadable
        If it is encrypted, too large, or has a sheet twice.
    """
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Unreadable("file_encrypted")
    styles = _Styles()
    edges: list[tuple[str, str]] = []
    if "styles.xml" in archive.namelist():
        tree = tree_of(archive.read("styles.xml"))
        for node in tree.iter():
            styles.take(node)
        edges = _edges(tree)
    content = _Content(styles)
    with archive.open("content.xml") as stream:
        while block := stream.read(1 << 20):
            content.parser.Parse(block, False)
    content.parser.Parse(b"", True)
    charts = _chart_titles(archive)
    for one in content.sheets.values():  # calamine would take them all in at once
        one.refuse_too_large()
        one.asides += [*edges, *content.told, *charts]
    return lambda name, _: content.sheets[name]


def _chart_titles(archive: ZipFile) -> list[tuple[str, str]]:
    """Return the titles of the charts, of whatever sheet they are."""
    parts = [n for n in archive.namelist() if re.fullmatch(r"[^/]+/content\.xml", n)]
    nodes = [node for part in parts for node in tree_of(archive.read(part)).iter("title")]
    return [("图表标题", text) for node in nodes if (text := "".join(node.itertext()).strip())]


def _edges(tree: Element) -> list[tuple[str, str]]:
    """Return the print headers and footers."""
    found = []
    for node in tree.iter():
        where = {"header": "页眉", "footer": "页脚"}.get(node.tag.removesuffix("-left"))
        if where and (text := " ".join("".join(node.itertext()).split())):
            found.append((where, text))
    return found


@dataclass
class _Styles:
    """Number formats and looks by the names that cells use."""

    codes: dict[str, str] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    formats: dict[str, str] = field(default_factory=dict)
    marks: dict[str, frozenset[str]] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    inks: dict[str, str] = field(default_factory=dict)
    grounds: dict[str, str] = field(default_factory=dict)
    tiny: set[str] = field(default_factory=set)
    known: dict[str, Look] = field(default_factory=dict)

    def take(self, node: Element) -> None:
        """Take in a style, if a node is one."""
        name = _get(node, "name")
        if node.tag in _DATA_STYLES:
            self.codes[name] = self._code(node)
        elif node.tag == "style":
            self.parents[name] = _get(node, "parent-style-name")
            if _get(node, "data-style-name"):
                self.formats[name] = _get(node, "data-style-name")
            for one in node:
                self._take_properties(name, one)

    def _take_properties(self, name: str, node: Element) -> None:
        if node.tag == "text-properties":
            through = _get(node, "text-line-through-style") or _get(node, "text-line-through-type")
            raised = _get(node, "text-position").split(" ")[0]
            marks = {"struck"} if through not in {"", "none"} else set()
            if raised == "super" or (raised[:1].isdigit() and not raised.startswith("0%")):
                marks.add("raised")
            elif raised == "sub" or raised.startswith("-"):
                marks.add("lowered")
            if through or raised:
                self.marks[name] = frozenset(marks)
            if ink := _get(node, "color"):
                self.inks[name] = ink.casefold()
            if 0 <= _points(_get(node, "font-size")) < _TINY:
                self.tiny.add(name)
        if ground := _get(node, "background-color"):
            self.grounds[name] = ground.casefold()
        size = _get(node, "column-width") or _get(node, "row-height")
        if 0 <= _points(size) < 1:
            self.hidden.add(name)

    def _code(self, node: Element) -> str:
        """Return a number format as a spreadsheet program writes it in one line."""
        own = "".join(_code_of(one, node.tag) for one in node) or " "  # which shows nothing
        sections: dict[int, str] = {}
        for one in node:
            if one.tag == "map":
                place = _SIGNS.get(re.sub(r"\s|(?<=[<>=])-?0\.0+$", "", _get(one, "condition")), 9)
                sections[place] = self.codes.get(_get(one, "apply-style-name"), "[?]")
        if 9 in sections:
            return "[?]0"  # a condition of its own: nothing that is on the white list
        if not sections:
            return own
        if 0 not in sections:
            sections[0] = own
        last = 1 if len(sections) == 1 else 2 if len(sections) == 2 else 3
        return ";".join(sections.get(n, own) for n in range(last + 1))

    def look(self, name: str) -> Look:
        """Return how the cells of a style look."""
        if name not in self.known:
            code = marks = ink = ground = None
            at, steps, tiny = name, 0, False
            while at and steps < 50:
                code = self.formats.get(at) if code is None else code
                marks = self.marks.get(at) if marks is None else marks
                ink = self.inks.get(at) if ink is None else ink
                ground = self.grounds.get(at) if ground is None else ground
                tiny = tiny or at in self.tiny
                at, steps = self.parents.get(at, ""), steps + 1
            format_ = self.codes.get(code or "", "")
            every = marks or frozenset()
            ground = "#ffffff" if ground in {None, "transparent"} else ground
            faint = tiny or ink == ground
            look = Look("", every - {"struck"}, "struck" in every, faint=faint)
            self.known[name] = in_format(look, format_) if format_ else look
        return self.known[name]


_DATA_STYLES = {
    f"{kind}-style"
    for kind in ("number", "percentage", "currency", "date", "time", "boolean", "text")
}


def _code_of(node: Element, style: str) -> str:
    text = "".join(node.itertext())
    if style in {"date-style", "time-style"}:
        return "" if node.tag in {"map", "text", "text-properties"} else "y"
    if node.tag == "number":
        return _digits(node)
    if node.tag in {"text", "currency-symbol"}:
        if node.tag == "text" and (text in {"-", "(", ")"} or style == "percentage-style"):
            return text
        return '"' + text.replace('"', "''") + '"' if text.strip("\u200f\u200e") else ""
    codes = {"fraction": "# ?/?", "scientific-number": "0.00E+00", "text-content": "@"}
    return codes.get(node.tag, "General" if node.tag == "boolean" else "")


def _digits(node: Element) -> str:
    whole = int(_get(node, "min-integer-digits") or 0)
    places = int(_get(node, "decimal-places") or 0)
    if len(node) or max(whole, places) > 40:
        return '0"?"0'  # words among the digits
    code = "#,##0" if _get(node, "grouping") == "true" else "0" * whole or "#"
    code += "." + "0" * places if places else ""
    return code + ("," if float(_get(node, "display-factor") or 1) != 1 else "")


def _points(size: str) -> float:
    """Return a length in points; -1 where it is none."""
    length = re.fullmatch(r"([0-9]*\.?[0-9]+)(pt|cm|mm|in|px)?", size)
    return float(length[1]) * _POINTS[length[2] or "pt"] if length else -1


def _get(node: Element, name: str) -> str:
    """Return an attribute whatever its prefix is."""
    return next((v for k, v in node.attrib.items() if local(k) == name), "")


class _Content:
    """Follows the tags of the content, building one row at a time."""

    def __init__(self, styles: _Styles) -> None:
        self.styles = styles
        self.sheets: dict[str, Unseen] = {}
        self.sheet = Unseen()
        self.row = self.column = 0
        self.columns: list[tuple[int, str]] = []
        self.path: list[Element] = []
        self.building = ""
        self.groups: list[tuple[str, bool]] = []
        self.told: list[tuple[str, str]] = []
        self.parser = parser(self._start, self._end, self._text)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = local(name)
        if self.path:
            self.path.append(Element(tag, attributes))
            self.path[-2].append(self.path[-1])
        elif tag in {
            "table-row",
            "table-column",
            "style",
            "shapes",
            "content-validation",
            *_DATA_STYLES,
        }:
            self.path.append(Element(tag, attributes))
        elif tag == "table":
            title = _get(Element(tag, attributes), "name")
            if title in self.sheets:
                raise Unreadable("file_repeats", what=title[:60])
            self.sheet = self.sheets[title] = Unseen()
            self.row = self.column = 0
            self.columns = []
        elif tag in {"table-row-group", "table-column-group"}:
            self.groups.append((tag, _get(Element(tag, attributes), "display") == "false"))

    def _text(self, words: str) -> None:
        if self.path:
            node = self.path[-1]
            if len(node):
                node[-1].tail = (node[-1].tail or "") + words
            else:
                node.text = (node.text or "") + words

    def _end(self, name: str) -> None:
        tag = local(name)
        if not self.path:
            if tag in {"table-row-group", "table-column-group"} and self.groups:
                self.groups.pop()
            return
        node = self.path.pop()
        if self.path:
            return
        if tag == "table-row":
            self._add_row(node)
        elif tag == "table-column":
            self._add_columns(node)
        elif tag == "shapes":
            self._add_drawn(node)
        elif tag == "content-validation":
            texts = [part for one in node for part in (_get(one, "title"), "".join(one.itertext()))]
            self.told += [("填写提示", text.strip()) for text in texts if text.strip()]
        else:
            self.styles.take(node)

    def _is_hidden(self, node: Element) -> bool:
        return (
            _get(node, "visibility") in {"collapse", "filter"}
            or _get(node, "style-name") in self.styles.hidden
            or any(closed for tag, closed in self.groups if tag == f"{node.tag}-group")
        )

    def _add_columns(self, node: Element) -> None:
        wide = _repeated(node, "columns")
        first, self.column = self.column, self.column + wide
        self.columns.append((self.column, _get(node, "default-cell-style-name")))
        if self._is_hidden(node):
            self.sheet.hidden_columns.update(range(first, min(self.column, 1 << 14)))

    def _add_row(self, node: Element) -> None:
        down, first = _repeated(node, "rows"), self.row
        before = self.sheet.rows
        column, usual = 0, _get(node, "default-cell-style-name")
        for cell in node:
            if cell.tag not in {"table-cell", "covered-table-cell"}:
                continue
            wide = _repeated(cell, "columns")
            self._add_cell(cell, column, (down, wide), usual)
            column += wide
        if self._is_hidden(node) and self.sheet.rows > before:
            self.sheet.hidden_rows.update(range(first, first + down))
        self.row += down

    def _add_cell(self, cell: Element, column: int, size: tuple[int, int], usual: str) -> None:
        self._add_drawn(cell, cell_name(self.row, column))
        runs = list(_runs(cell, ""))
        shows = "".join(text for text, _ in runs)
        kind, formula = _get(cell, "value-type"), _get(cell, "formula")
        if not (kind or shows or formula):
            return
        down, wide = size
        self.sheet.stretch(self.row + down - 1, column + wide - 1)
        self.sheet.refuse_too_large()
        spanned = (
            int(_get(cell, "number-rows-spanned") or 1),
            int(_get(cell, "number-columns-spanned") or 1),
        )
        if max(spanned) > 1:
            last = self.row + spanned[0] - 1, column + spanned[1] - 1
            self.sheet.merged.append(((self.row, column), last))
        style = _get(cell, "style-name") or usual or self._style_of_column(column)
        look = self._look(style, runs, kind)
        if _ERROR.fullmatch(shows) and (formula or kind != "string"):
            look = replace(look, odd=Odd("error_value", shows))
        elif formula and not kind and not shows:
            look = replace(look, odd=Odd("no_cached_value", "="))
        elif kind in _NUMBERS and not look.code and (code := _betrayed(shows, kind)):
            look = replace(look, code=code)
        if look is not NONE and look != NONE:
            for row in range(self.row, self.row + down):
                for at in range(column, column + wide):
                    self.sheet.looks[row, at] = look

    def _style_of_column(self, column: int) -> str:
        return next((style for until, style in self.columns if column < until), "")

    def _look(self, style: str, runs: list[tuple[str, str]], kind: str) -> Look:
        look = self.styles.look(style) if style else NONE
        every = [self.styles.marks.get(name) for text, name in runs if text.strip()]
        if kind != "string" or not any(every):
            return look
        usual = look.marks | ({"struck"} if look.struck else set())
        marks = [usual if one is None else one for one in every]
        whole = all("struck" in one for one in marks)
        return replace(
            look, marks=frozenset().union(*marks) - ({"struck"} if whole else set()), struck=whole
        )

    def _add_drawn(self, node: Element, cell: str = "") -> None:
        for one in [one for one in node if one.tag in _DRAWN]:
            words = [p for p in one.iter() if p.tag in {"p", "h"}]
            text = "\n".join("".join(p.itertext()) for p in words).strip()
            where = f"批注 {cell}" if one.tag == "annotation" else "文本框"
            if text:
                self.sheet.asides.append((where, text))


def _repeated(node: Element, what: str) -> int:
    times = int(_get(node, f"number-{what}-repeated") or 1)
    if times < 1:
        raise ValueError("repeated less than once")
    return times


def _runs(node: Element, style: str) -> list[tuple[str, str]]:
    """Return the pieces of text that a cell shows, each with the name of its style."""
    found: list[tuple[str, str]] = (
        [(node.text, style)] if node.text and node.tag != "table-cell" else []
    )
    for one in node:
        if one.tag not in _DRAWN:
            found += _runs(one, _get(one, "style-name") if one.tag == "span" else style)
            if one.tail and node.tag != "table-cell":
                found.append((one.tail, style))
    return found


def _betrayed(shows: str, kind: str) -> str:
    """Return the number format that the shown text of a number without a style betrays, if any."""
    if re.fullmatch("0[0-9]+", shows):
        return "0" * len(shows)
    words = re.sub(r"^\s*-?[0-9.,\s]+", "", shows)
    if kind == "percentage" or words == "%":
        return "0%"
    return f'0"{words}"' if words and re.search("[0-9]", shows) and "E" not in words else ""
