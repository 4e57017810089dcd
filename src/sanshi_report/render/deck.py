"""The report cut into slides: what each holds, and how large it is set so that all of it fits.

Nobody typesets a slide before it is shown, so what it needs is reckoned here: lines, rows and heights,
in points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from sanshi_report.blocks import Figure, Grid, Row, Table
from sanshi_report.catalogue import Language, say
from sanshi_report.render.content import Content, Numbered
from sanshi_report.render.document import Document
from sanshi_report.render.inline import seen
from sanshi_report.render.measure import lines_of, parts
from sanshi_report.render.paper import Node, framed, tree
from sanshi_report.render.table import ems, shares

__all__ = ["AREA", "PAGE", "Area", "Cover", "Picture", "Sheet", "Slide", "Words", "cut", "said"]


@dataclass(frozen=True)
class Area:
    """A rectangle of a slide, in points."""

    left: float
    top: float
    width: float
    height: float


PAGE = (960.0, 540.0)
"""Width and height of a slide, 16 to 9."""

AREA = Area(48, 120, 864, 378)
"""Where the text, the table or the picture of a slide stands."""

TITLE_PITCH, PITCH, GAP = 1.2, 1.5, 0.45
"""From line to line of a title and of text, and between paragraphs, in their own size."""

ROW, PADDING, SIDE = 1.3, 0.26, 0.4
"""From line to line in a table, and above, below and beside its text, in its own size."""

NOTES = 0.8
"""Size of the notes under a table, to that of its text."""

_WORDS = (22.0, 20.0, 18.0)
_ROWS = ((18.0, 16.0, 15.0, 14.0), (13.0, 12.0, 11.0, 10.0, 9.0, 8.0))
_TITLES = (28.0, 26.0, 24.0, 22.0, 20.0, 18.0, 16.0, 14.0)
_TITLE_HEIGHT = 66.0


@dataclass(frozen=True, kw_only=True)
class Slide:
    """What every slide has.

    Attributes
    ----------
    title : list of Node
        The title as pandoc's inlines.
    size : float
        Size of the title in points.
    above : str
        The headings it stands under, unless they are its title.
    anchor : str
        What a reference leads to; may be empty.
    """

    title: list[Node]
    size: float = 0.0
    above: str = ""
    anchor: str = ""


@dataclass(frozen=True, kw_only=True)
class Cover(Slide):
    """The first slide: the masthead, whose lines stand under the title."""

    lines: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Words(Slide):
    """Text, of `text` points."""

    blocks: list[Node] = field(default_factory=list)
    text: float = _WORDS[0]


@dataclass(frozen=True, kw_only=True)
class Picture(Slide):
    """A figure."""

    figure: Figure


@dataclass(frozen=True, kw_only=True)
class Sheet(Slide):
    """A table or a part of one.

    Attributes
    ----------
    table : Node
        Pandoc's table; its last `notes` rows are notes, each in its first cell.
    rows : tuple of Row
        What the rows before the notes are.
    heights : tuple of float
        Of all rows, in points.
    widths : tuple of float
        Of the columns, in points.
    text : float
        Size of its text in points.
    """

    table: Node
    rows: tuple[Row, ...]
    notes: int
    heights: tuple[float, ...]
    widths: tuple[float, ...]
    text: float


def cut(document: Document, content: Content) -> list[Slide]:
    """Return the slides of a report, the cover first.

    Each heading begins a slide; a figure or table has one of its own, titled by its caption. What is too
    long for a slide goes on upon the next, which says so; a table's headings are repeated there.
    """
    items = {b.item.label: b.item for b in content.blocks if isinstance(b, Numbered)}
    slides: list[Slide] = [_cover(document)]
    for section in _sections(tree(content, document.layout)["blocks"]):
        slides += _of_section(section, items, document.language)
    return [replace(slide, size=slide.size or _title_size(slide.title)) for slide in slides]


def said(nodes: object) -> str:
    """Return the text of pandoc nodes."""
    if isinstance(nodes, list):
        return "".join(said(node) for node in nodes)
    if not isinstance(nodes, dict):
        return ""
    match nodes["t"]:
        case "Str":
            return str(nodes["c"])
        case "Space" | "SoftBreak" | "LineBreak":
            return " "
        case "Code" | "CodeBlock":
            return str(nodes["c"][1])
        case _:
            return said(nodes.get("c", []))


def _cover(document: Document) -> Cover:
    lines = (document.subtitle, document.issuer, document.issue, document.date_line)
    size = next((s for s in (54.0, 48.0, 44.0, 40.0) if ems(document.title) * s <= 800), 36.0)
    title = [{"t": "Str", "c": document.title}]
    return Cover(title=title, size=size, above=document.ribbon, lines=tuple(filter(None, lines)))


# Sections


@dataclass(frozen=True)
class _Section:
    """What stands under one heading: the titles from the first level to its own, and the blocks."""

    titles: tuple[list[Node], ...]
    blocks: list[Node]
    is_parent: bool
    """Whether it is followed by a heading of a lower level."""


def _sections(blocks: Sequence[Node]) -> Iterator[_Section]:
    under: dict[int, list[Node]] = {}
    held: list[Node] = []
    for block in blocks:
        if block["t"] != "Header":
            held.append(block)
            continue
        level, _, inlines = block["c"]
        if under or held:
            yield _Section(tuple(under.values()), held, is_parent=level > max(under, default=0))
        under = {n: title for n, title in under.items() if n < level} | {level: inlines}
        held = []
    if under or held:
        yield _Section(tuple(under.values()), held, is_parent=False)


def _of_section(
    section: _Section, items: dict[str, Figure | Table], language: Language
) -> Iterator[Slide]:
    """Yield the slides of a section; a heading with nothing under it at all has a slide too."""
    above = " · ".join(map(said, section.titles))
    for is_framed, blocks in groupby(section.blocks, framed):
        if is_framed:
            for block in blocks:
                yield from _framed(block, items, above, language)
        else:
            yield from _words(list(blocks), section.titles, language)
    if not section.blocks and not section.is_parent:
        yield from _words([], section.titles, language)


# Words


def _words(
    blocks: Sequence[Node], titles: Sequence[list[Node]], language: Language
) -> Iterator[Words]:
    *above, title = titles or ([],)
    over = " · ".join(map(said, above))
    units = [unit for block in blocks for unit in _units(block)]
    size, heights = _WORDS[-1], [0.0]
    for size in _WORDS:
        heights = [_height(unit, size) for unit in units]
        if sum(heights) <= AREA.height:
            break
    for number, (first, end) in enumerate(parts(heights, AREA.height)):
        inlines = [*title, *_continued(language)] if number else title
        yield Words(title=inlines, above=over, blocks=units[first:end], text=size)


def _continued(language: Language) -> list[Node]:
    return [{"t": "Str", "c": say("render.continued", language)}]


def _units(block: Node) -> Iterator[Node]:
    """Yield the smallest pieces a block can be divided into between slides."""
    kind, inner = block["t"], block.get("c", [])
    if kind == "HorizontalRule":
        return
    if kind == "BulletList":
        yield from ({"t": kind, "c": [item]} for item in inner)
    elif kind == "OrderedList":
        (start, *style), items = inner
        yield from ({"t": kind, "c": [[start + n, *style], [item]]} for n, item in enumerate(items))
    elif kind == "Para" and _height(block, _WORDS[-1]) > AREA.height:
        yield from ({"t": "Para", "c": part} for part in _sentences(inner))
    else:
        yield block


def _sentences(inlines: list[Node]) -> Iterator[list[Node]]:
    """Yield the inlines of a paragraph by runs of sentences, each less than half a slide."""
    pieces: list[Node] = []
    for one in inlines:
        whole = re.split(r"(?<=[。；！？])", one["c"]) if one["t"] == "Str" else []
        pieces += [{"t": "Str", "c": part} for part in whole if part] or [one]
    part: list[Node] = []
    for piece in pieces:
        part.append(piece)
        ended = bool(re.search(r"[。；！？.]$", said([piece])))
        if ended and _height({"t": "Para", "c": part}, _WORDS[-1]) > AREA.height / 3:
            yield part
            part = []
    if part:
        yield part


def _height(block: Node, size: float) -> float:
    indents = {"BulletList": 27.0, "OrderedList": 27.0, "BlockQuote": 100.0}
    width = (AREA.width - indents.get(block["t"], 0.0)) / size
    texts = [block] if "List" not in block["t"] else _paragraphs(block)
    lines = sum(lines_of(said([text]), width) for text in texts)
    return size * (PITCH * lines + GAP * len(texts))


def _paragraphs(block: Node) -> list[Node]:
    items = block["c"][1] if block["t"] == "OrderedList" else block["c"]
    return [inner for item in items for inner in item]


# Figures and tables


def _framed(
    block: Node, items: dict[str, Figure | Table], above: str, language: Language
) -> Iterator[Slide]:
    (label, _, _), (caption, *rest) = block["c"]
    item = items[label]
    if isinstance(item, Figure):
        yield Picture(title=caption["c"], above=above, anchor=label, figure=item)
    else:
        table, *notes = rest
        for number, sheet in enumerate(_sheets(item.grid, table, notes)):
            title = [*caption["c"], *_continued(language)] if number else caption["c"]
            anchor = label if number == 0 else ""
            yield replace(sheet, title=title, above=above, anchor=anchor)


def _sheets(grid: Grid, table: Node, notes: list[Node]) -> list[Sheet]:
    """Return a table on as few slides as it takes, set as large as these allow."""
    found: list[list[Sheet]] = []
    for sizes in _ROWS:
        made = (_at_size(grid, table, notes, size) for size in sizes)
        found = [sheets for sheets in made if sheets]
        if found:
            break
    return min(found, key=len) if found else [_whole(grid, table, notes, _ROWS[-1][-1])]


def _at_size(grid: Grid, table: Node, notes: list[Node], size: float) -> list[Sheet]:
    """Return a table cut at one size, or nothing if a row alone would be too high for a slide."""
    whole = _whole(grid, table, notes, size)
    head, count = len(grid.head), len(grid.body)
    heads = sum(whole.heights[:head])
    rows, foot = whole.heights[head : head + count], sum(whole.heights[head + count :])
    groups = [n for n, row in enumerate(grid.body) if row.role == "group"]
    again = max((rows[n] for n in groups), default=0.0)
    room = AREA.height - heads
    if max(rows, default=0.0) + max(foot, again) > room:
        return []
    # The foot stays with the last row, and a group's name with the row under it.
    tied = [
        height + (rows[n + 1] if n in groups and n + 1 < count else 0.0)
        for n, height in enumerate(rows)
    ]
    return [
        _part(whole, grid, first, end, last=end == count)
        for first, end in parts(rows, room, foot=foot, again=again, needs=tied)
    ]


def _whole(grid: Grid, table: Node, notes: list[Node], size: float) -> Sheet:
    # Padding to spare: faces differ in the width of a digit, and more in that of a bold word.
    heads = "".join(seen(cell.text) for row in grid.head for cell in row.cells)
    padding = 1.1 if re.search("[\u2e80-\u9fff]", heads) else 1.4
    share = shares(grid, AREA.width / size, padding=padding)
    widths = tuple(AREA.width * one / sum(share) for one in share)
    heights = [_row_height(row, grid, widths, size) for row in (*grid.head, *grid.body)]
    for note in notes:
        lines = lines_of(said([note]), AREA.width / (size * NOTES))
        heights.append(size * NOTES * (ROW * lines + 2 * PADDING))
    blank: list[Any] = [["", [], []], {"t": "AlignDefault"}, 1, len(widths)]
    under: list[Any] = [
        [["", [], []], [[*blank, [{"t": "Plain", "c": note["c"]}]]]] for note in notes
    ]
    return Sheet(
        title=[],
        table=_with_rows(table, [*_rows(table), *under]),
        rows=(*grid.head, *grid.body),
        notes=len(notes),
        heights=tuple(heights),
        widths=widths,
        text=size,
    )


def _part(whole: Sheet, grid: Grid, first: int, end: int, *, last: bool) -> Sheet:
    """Return rows `first` to `end` of a table's body under its head, and under their group's name."""
    head, count = len(grid.head), len(grid.body)
    kept = list(range(first, end))
    begun = [n for n in range(first + 1) if grid.body[n].role == "group"] if kept else []
    if begun and begun[-1] < first:
        kept = [begun[-1], *kept]
    under = list(range(count, count + whole.notes)) if last else []
    rows = _rows(whole.table)
    return replace(
        whole,
        table=_with_rows(whole.table, [rows[n] for n in (*kept, *under)]),
        rows=(*grid.head, *(grid.body[n] for n in kept)),
        notes=len(under),
        heights=(*whole.heights[:head], *(whole.heights[head + n] for n in (*kept, *under))),
    )


def _rows(table: Node) -> list[Any]:
    return [row for body in table["c"][4] for row in (*body[2], *body[3])]


def _with_rows(table: Node, rows: list[Any]) -> Node:
    body = [["", [], []], 0, [], rows]
    return {"t": "Table", "c": [*table["c"][:4], [body], table["c"][5]]}


def _row_height(row: Row, grid: Grid, widths: Sequence[float], size: float) -> float:
    lines = 1
    for at, cell in grid.placed(row):
        width = sum(widths[at : at + cell.columns]) / size - 2 * SIDE
        if cell.rows == 1:
            lines = max(lines, lines_of(seen(cell.text), width))
    return size * (ROW * lines + 2 * PADDING)


def _title_size(title: list[Node]) -> float:
    text = said(title)
    fitting = (
        size
        for size in _TITLES
        if lines_of(text, AREA.width / size) * size * TITLE_PITCH <= _TITLE_HEIGHT
    )
    return next(fitting, _TITLES[-1])
