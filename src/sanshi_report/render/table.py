"""A table's meaning, read from its author's HTML, and written back without the author's styling."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Literal

from sanshi_report.render.markup import INLINE, UNSEEN, Cleaner, plain

__all__ = ["Cell", "Grid", "Row", "ems", "placed", "read_table", "shares", "write_table"]

_CHINESE = "[\u2e80-\u9fff]"
# A day of a month, or a number with its unit; an amount of money may break before it.
_VALUE = rf"\d+月\d+日|[^\s\u2e80-\u9fff]*\d(?![亿万]){_CHINESE}"
Align = Literal["left", "center", "right"]


@dataclass(frozen=True)
class Cell:
    """One cell: cleaned HTML, what it spans, how it is set."""

    html: str
    align: Align = "left"
    columns: int = 1
    rows: int = 1
    strong: bool = False


@dataclass(frozen=True)
class Row:
    """A row and its role."""

    cells: tuple[Cell, ...]
    role: Literal["head", "body", "group", "total"] = "body"


@dataclass(frozen=True)
class Grid:
    """Header rows, body rows, and the notes under the table (cleaned HTML)."""

    head: tuple[Row, ...]
    body: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Return the number of columns."""
        rows = self.head[:1] or self.body[:1]
        return sum(cell.columns for row in rows for cell in row.cells)


def read_table(html: str) -> Grid:
    """Return the meaning of the first table in `html`.

    Alignment, groups, totals and notes are told from great-tables' class names, or from inline
    `text-align` and `font-weight`. A title row is left out: the caption is the title.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return Grid(tuple(reader.head), tuple(reader.body), tuple(reader.notes))


def write_table(grid: Grid, widths: tuple[float, ...] = (), *, paper: bool = False) -> str:
    """Return `grid` as semantic HTML; `widths` are the columns' shares of the line.

    On `paper` it is HTML for pandoc: its reader takes a body row of header cells for a second header,
    and knows emphasis only as an element.
    """
    columns = "".join(f'<col style="width:{100 * w:.2f}%">' for w in widths)
    span = f' colspan="{grid.width}"' if grid.width > 1 else ""
    notes = "" if paper else "".join(f"<tr><td{span}>{note}</td></tr>" for note in grid.notes)
    return (
        "<table>"
        + (f"<colgroup>{columns}</colgroup>" if columns else "")
        + ("<thead>" + "".join(_row(r, paper) for r in grid.head) + "</thead>" if grid.head else "")
        + "<tbody>"
        + "".join(_row(r, paper) for r in grid.body)
        + "</tbody>"
        + (f"<tfoot>{notes}</tfoot>" if notes else "")
        + "</table>"
    )


def shares(grid: Grid, line: float, padding: float = 0.9) -> tuple[float, ...]:
    """Return each column's share of a line `line` em long; the shares may sum to less than 1.

    A column gets what its longest cell needs when all fit. Otherwise the columns start from their
    longest unbreakable words, and share what is left of the line so that the rows stay low.
    """
    texts: list[list[str]] = [[] for _ in range(grid.width)]
    heads: list[list[str]] = [[] for _ in range(grid.width)]
    for row in (*grid.head, *grid.body):
        told = {at: plain(cell.html) for at, cell in placed(grid, row) if cell.columns == 1}
        for at, column in enumerate(heads if row.role == "head" else texts):
            column.append(told.get(at, ""))
    room = line - padding * grid.width
    least: list[float] = []
    for whole in (5, 4, 3, 2):
        least = [
            max(2.0, *(_longest(text, whole) for text in (*above, *below)), 0.0)
            for above, below in zip(heads, texts, strict=True)
        ]
        if sum(least) <= room:
            break
    lengths = [[ems(text) for text in column] for column in texts]
    wish = [
        max(word, *(ems(text) / 2 for text in above), *cells, 0.0)
        for word, above, cells in zip(least, heads, lengths, strict=True)
    ]
    widths = wish if sum(wish) <= room else _fitted(lengths, least, wish, room)
    total = sum(widths) + padding * grid.width
    stretch = max(1.0, min(line / total, 1.6)) if total < line else line / total
    return tuple((w + padding) * stretch / line for w in widths)


class _Reader(Cleaner):
    """Collects rows; what is inside a cell is cleaned on the way."""

    def __init__(self) -> None:
        super().__init__()
        self.head: list[Row] = []
        self.body: list[Row] = []
        self.notes: list[str] = []
        self._section = "tbody"
        self._row: list[Cell] = []
        self._row_class = ""
        self._cell: Cell | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("thead", "tbody", "tfoot"):
            self._section = tag
        elif tag == "tr":
            self._row, self._row_class = [], given.get("class", "")
        elif tag in ("td", "th"):
            self.finished()
            self._cell = _blank(given)
        elif tag in UNSEEN or (self._cell is not None and tag in INLINE):
            super().handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th") and self._cell is not None:
            self._row.append(replace(self._cell, html=self.finished().strip()))
            self._cell = None
        elif tag == "tr" and self._row:
            self._keep()
        elif tag in UNSEEN or self._cell is not None:
            super().handle_endtag(tag)

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            super().handle_data(re.sub(r"\s+", " ", data))

    def _keep(self) -> None:
        cells, kind = tuple(self._row), self._row_class
        self._row = []
        if self._section == "tfoot" and len(cells) == 1:
            self.notes.append(cells[0].html)
        elif "gt_heading" in kind:
            return
        elif self._section == "thead":
            self.head.append(Row(cells, "head"))
        elif "gt_group_heading_row" in kind or "group" in kind.split():
            self.body.append(Row(cells, "group"))
        else:
            total = self._section == "tfoot" or "summary_row" in kind or "total" in kind.split()
            total = total or all(cell.strong for cell in cells)
            plain_cells = tuple(replace(cell, strong=False) for cell in cells)
            self.body.append(Row(plain_cells, "total") if total else Row(cells))


def _blank(given: dict[str, str]) -> Cell:
    classes, style = given.get("class", ""), given.get("style", "")
    aligned = re.search(r"text-align:\s*(left|center|right)", style) or re.search(
        r"(?:\bgt_|^|\s)(left|center|right)\b", classes
    )
    align: Align = aligned[1] if aligned else "left"  # type: ignore[assignment]
    strong = bool(re.search(r"font-weight:\s*(bold|[6-9]00)", style)) or "strong" in classes.split()
    return Cell("", align, _span(given.get("colspan")), _span(given.get("rowspan")), strong)


def _span(value: str | None) -> int:
    return int(value) if value and value.isdigit() and int(value) > 0 else 1


# On screen a value as short as a date or a unit's name stays on one line, and a sentence is given room.
_WHOLE, _LONG = 6.5, 14.0


def _row(row: Row, paper: bool) -> str:
    role = f' class="{row.role}"' if row.role in ("group", "total") else ""
    cells = "".join(_cell_html(cell, at, row, paper) for at, cell in enumerate(row.cells))
    return f"<tr{role}>{cells}</tr>"


def _cell_html(cell: Cell, position: int, row: Row, paper: bool) -> str:
    strong = cell.strong or row.role in ("group", "total")
    classes = [cell.align] * (cell.align != "left") + ["strong"] * (strong and row.role == "body")
    if row.role == "body" and position and not paper:
        length = ems(plain(cell.html))
        classes += ["whole"] * (length <= _WHOLE) + ["long"] * (length > _LONG)
    attributes = f' class="{" ".join(classes)}"' if classes else ""
    attributes += f' style="text-align:{cell.align}"' if paper else ""
    attributes += f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    attributes += f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    html = f"<strong>{cell.html}</strong>" if paper and strong and cell.html else cell.html
    if row.role == "head":
        html = re.sub(r"\s*(（[^（）]*）|\([^()]*\))", r'<span class="unit">\1</span>', html)
        scope = "colgroup" if cell.columns > 1 else "col"
    elif row.role == "group":
        html = html if paper else f'<span class="stuck">{html}</span>'
        scope = "rowgroup"
    else:
        scope = "row" if position == 0 else ""
    if not scope or (paper and row.role != "head"):
        return f"<td{attributes}>{html}</td>"
    return f'<th scope="{scope}"{attributes}>{html}</th>'


def placed(grid: Grid, row: Row) -> list[tuple[int, Cell]]:
    """Return the cells of a row, each with the column it begins in."""
    # Spanning headers push the cells below them aside.
    taken: set[int] = set()
    if row.role == "head" and grid.head and row is not grid.head[0]:
        taken = {at for at, cell in placed(grid, grid.head[0]) if cell.rows > 1}
    free = iter([at for at in range(grid.width * 2) if at not in taken])
    found = []
    for cell in row.cells:
        start = next(free)
        for _ in range(cell.columns - 1):
            next(free)
        found.append((start, cell))
    return found


def _fitted(
    columns: list[list[float]], least: list[float], wish: list[float], room: float
) -> list[float]:
    """Return widths that fit the room and keep the rows low.

    Again and again the column whose narrowing costs least is narrowed; what that frees beyond need goes
    back where it saves most. What counts is how tall rows become: beside a cell of two lines another of
    two costs nothing.
    """
    widths = list(wish)
    heights = [_heights(cells, width) for cells, width in zip(columns, widths, strict=True)]
    while (spare := room - sum(widths)) < -1e-9:
        steps = [
            (_cost(cells, heights, at, width) / min(widths[at] - width, -spare), width, at)
            for at, cells in enumerate(columns)
            for width in _breaks(cells, least[at], widths[at])
        ]
        if not steps:
            return widths
        _, width, at = min(steps)
        widths[at], heights[at] = width, _heights(columns[at], width)
    while spare > 0:
        steps = [
            (_cost(cells, heights, at, width) / (width - widths[at]), width, at)
            for at, cells in enumerate(columns)
            for width in _breaks(cells, widths[at] + 0.02, widths[at] + spare)
        ]
        gain, width, at = min(steps, default=(0.0, 0.0, 0))
        if gain >= 0:
            break
        spare -= width - widths[at]
        widths[at], heights[at] = width, _heights(columns[at], width)
    # The rest, if there is any, to those that wanted more.
    wanting = [max(0.0, w - width) for w, width in zip(wish, widths, strict=True)]
    part = max(0.0, spare) / (sum(wanting) or 1.0)
    return [width + want * part for width, want in zip(widths, wanting, strict=True)]


def _heights(cells: list[float], width: float) -> list[float]:
    return [_height(cell, width) for cell in cells]


def _height(length: float, width: float) -> float:
    # A line of Chinese often ends early, to keep a mark or a number whole. One row of four lines is
    # harder to read than two of two.
    lines = 1 if length <= width else math.ceil((length + 0.5) / width)
    return float(lines**1.5)


def _breaks(cells: list[float], least: float, most: float) -> set[float]:
    """Return the widths below `most` at which some cell just holds in so many lines, and the least."""
    found = {least} | {
        cell if lines == 1 else (cell + 0.5) / lines
        for cell in set(cells)
        for lines in range(1, math.ceil((cell + 0.5) / least) + 1)
    }
    return {one + 0.01 for one in found if least <= one < most - 0.02}


def _cost(cells: list[float], heights: list[list[float]], at: int, width: float) -> float:
    """Return how much taller the rows become, and a little for every cell that does; or lower, below 0."""
    cost = 0.0
    for row, cell in enumerate(cells):
        was, new = heights[at][row], _height(cell, width)
        if new != was:
            beside = max((one[row] for n, one in enumerate(heights) if n != at), default=1.0)
            cost += max(new, beside) - max(was, beside) + 0.1 * (new - was)
    return cost


def ems(text: str) -> float:
    """Return about how many em wide a text is, with the gaps between Chinese and other characters."""
    gaps = len(re.findall(rf"(?<={_CHINESE})(?=[0-9A-Za-z])|(?<=[0-9A-Za-z])(?={_CHINESE})", text))
    wide = (1.0 if c == "%" or unicodedata.east_asian_width(c) in "WFA" else 0.56 for c in text)
    return sum(wide) + 0.25 * gaps


def _longest(text: str, whole: float) -> float:
    # Chinese breaks between any two characters, but a short value, a date and a short word should
    # stay whole.
    length = ems(text)
    if length <= whole or (length <= 1.8 * whole and re.search(r"\d", text)):
        return length
    words = re.findall(rf"\S+\u00a0\S+|（[^（）]*）|{_VALUE}|{_CHINESE}+|[^\s\u2e80-\u9fff]+", text)
    return max(
        (min(ems(w), whole) if re.match(_CHINESE, w) else ems(w) for w in words), default=0.0
    )
