"""A table as HTML, and how wide its columns are."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from html import escape

from sanshi_report.blocks import Cell, Grid, Row
from sanshi_report.render.inline import inline_html, seen

__all__ = ["UNIT", "ems", "shares", "write_table"]

UNIT = re.compile(r"\s*(（[^（）]*）|\([^()]*\))")
"""A unit in a heading, which stays whole."""
_CHINESE = "[\u2e80-\u9fff]"
# A day of a month, or a number with its unit; an amount of money may break before it.
_VALUE = rf"\d+月\d+日|[^\s\u2e80-\u9fff]*\d(?![亿万]){_CHINESE}"
# On screen a value as short as a date or a unit's name stays on one line, and a sentence is given room.
_WHOLE, _LONG = 6.5, 14.0
# As many columns fit the screen of a phone.
_NARROW = 3


def write_table(grid: Grid, widths: tuple[float, ...] = ()) -> str:
    """Return `grid` as semantic HTML; `widths` are the columns' shares of the line.

    A row of many columns can become a card on a phone: its cells know their headings.
    """
    labels = _labels(grid) if grid.head and grid.width > _NARROW else {}
    columns = "".join(f'<col style="width:{100 * w:.2f}%">' for w in widths)
    span = f' colspan="{grid.width}"' if grid.width > 1 else ""
    notes = "".join(f"<tr><td{span}>{inline_html(note)}</td></tr>" for note in grid.notes)
    return (
        ('<table class="cards">' if labels else "<table>")
        + (f"<colgroup>{columns}</colgroup>" if columns else "")
        + (f"<thead>{''.join(map(_row, grid.head))}</thead>" if grid.head else "")
        + f"<tbody>{''.join(_row(row, labels) for row in grid.body)}</tbody>"
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
        told = {at: seen(cell.text) for at, cell in grid.placed(row) if cell.columns == 1}
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


def _labels(grid: Grid) -> dict[int, str]:
    """Return the headings over each column, from the top, as one text; none if two columns share theirs."""
    found: dict[int, list[str]] = {}
    for row in grid.head:
        for start, cell in grid.placed(row):
            for at in range(start, start + cell.columns):
                found.setdefault(at, []).append(seen(cell.text))
    labels = {at: " · ".join(filter(None, texts)) for at, texts in found.items()}
    return labels if len(set(labels.values())) == len(labels) else {}


def _row(row: Row, labels: Mapping[int, str] | None = None) -> str:
    role = f' class="{row.role}"' if row.role in ("group", "total") else ""
    return f"<tr{role}>{''.join(_cell_html(cell, at, row, labels or {}) for at, cell in enumerate(row.cells))}</tr>"


def _cell_html(cell: Cell, position: int, row: Row, labels: Mapping[int, str]) -> str:
    classes: list[str] = [cell.align] * (cell.align != "left")
    if row.role == "body" and position:
        length = ems(seen(cell.text))
        classes += ["whole"] * (length <= _WHOLE) + ["long"] * (length > _LONG)
        classes += ["lit"] * (bool(labels) and any(run.light for run in cell.text))
    attributes = f' class="{" ".join(classes)}"' if classes else ""
    if position and row.role != "group" and labels.get(position):
        attributes += f' data-label="{escape(labels[position])}"'
    attributes += f' colspan="{cell.columns}"' if cell.columns > 1 else ""
    attributes += f' rowspan="{cell.rows}"' if cell.rows > 1 else ""
    html = inline_html(cell.text)
    if row.role == "head":
        html = UNIT.sub(r'<span class="unit">\1</span>', html)
        scope = "colgroup" if cell.columns > 1 else "col"
    elif row.role == "group":
        html = f'<span class="stuck">{html}</span>'
        scope = "rowgroup"
    else:
        scope = "row" if position == 0 else ""
    if not scope:
        return f"<td{attributes}>{html}</td>"
    return f'<th scope="{scope}"{attributes}>{html}</th>'


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
