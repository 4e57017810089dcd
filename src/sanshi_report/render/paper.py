"""What the two paged formats share: the report as pandoc's syntax tree, and its portrait and wide stretches.

Tables and figures are `Div`s of class `table`, `wide` or `chart` that hold a caption paragraph first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from sanshi_report.blocks import Cell, Grid, Row, Run, Table
from sanshi_report.blocks import Text as Runs
from sanshi_report.render.content import Content, Numbered, Passage, Text
from sanshi_report.render.document import Layout
from sanshi_report.render.inline import Node, inlines
from sanshi_report.render.pandoc import document_of
from sanshi_report.render.table import UNIT, shares

__all__ = ["FRONT", "Node", "classes_of", "framed", "mapped", "stretches", "tree"]

# Em to the line of a table, in its own size: an upright page, a wide one.
_LINES: dict[Layout, tuple[float, float]] = {
    "gbt9704": (46.0, 88.0),
    "landscape": (75.0, 75.0),
    "plain": (48.0, 88.0),
}


FRONT = "tbl-briefing"
"""The form that ends the leaders' page; on a wide page it stands beside the drawing."""


@dataclass(frozen=True)
class Stretch:
    """Consecutive blocks on pages of one orientation."""

    wide: bool
    blocks: list[Node]


def tree(
    content: Content,
    layout: Layout,
    written: Callable[[Passage | Numbered], list[Node]] | None = None,
) -> Node:
    """Return the syntax tree of the whole report.

    Parameters
    ----------
    written : callable, optional
        Gives the nodes of a block that is not HTML already, where they are not to be those of paper.
    """
    prose = "".join(f"<div>{b.html}</div>" for b in content.blocks if isinstance(b, Text))
    document = document_of(prose)
    pieces = iter(document["blocks"])
    parts: list[Node] = []
    for block in content.blocks:
        match block:
            case Text():
                parts += next(pieces)["c"][1]
            case _ if written:
                parts += written(block)
            case Passage():
                parts.append(_passage(block))
            case Numbered():
                parts.append(_frame(block, layout))
    return document | {"blocks": parts}


def _passage(block: Passage) -> Node:
    if block.level:
        return {
            "t": "Header",
            "c": [block.level, [block.anchor, [], []], inlines(block.texts[0])],
        }
    if block.start:
        style = [block.start, {"t": "DefaultStyle"}, {"t": "DefaultDelim"}]
        return {"t": "OrderedList", "c": [style, [[_plain(text)] for text in block.texts]]}
    return {"t": "Para", "c": inlines(block.texts[0])}


def _frame(block: Numbered, layout: Layout) -> Node:
    item = block.item
    number = {"t": "Span", "c": [["", ["number"], []], inlines((Run(block.number),))]}
    between = [{"t": "Space"}] if item.caption else []
    inner: list[Node] = [{"t": "Para", "c": [number, *between, *inlines(item.caption)]}]
    kinds = ["chart"]
    if isinstance(item, Table):
        kinds = ["table", "wide"] if item.wide else ["table"]
        line = _LINES[layout][item.wide]
        is_beside = item.label == FRONT and layout == "landscape"
        inner.append(_table(item.grid, line / 2 if is_beside else line))
        inner += [{"t": "Para", "c": inlines(note)} for note in item.grid.notes]
    return {"t": "Div", "c": [[item.label, kinds, []], inner]}


def _table(grid: Grid, line: float) -> Node:
    columns = [
        [{"t": "AlignDefault"}, {"t": "ColWidth", "c": round(100 * share, 2) / 100}]
        for share in shares(grid, line)
    ]
    head, body = ([_row(row) for row in rows] for rows in (grid.head, grid.body))
    blank: list[Any] = ["", [], []]
    bodies = [[blank, 0, [], body]]
    return {"t": "Table", "c": [blank, [None, []], columns, [blank, head], bodies, [blank, []]]}


def _row(row: Row) -> list[Any]:
    role = [row.role] if row.role in ("group", "total") else []
    return [["", role, []], [_cell(cell, row) for cell in row.cells]]


def _cell(cell: Cell, row: Row) -> list[Any]:
    nodes = _heading(cell.text) if row.role == "head" else inlines(cell.text)
    if row.role in ("group", "total") and nodes:
        nodes = [{"t": "Strong", "c": nodes}]
    scope = [["scope", "colgroup" if cell.columns > 1 else "col"]] if row.role == "head" else []
    side = [cell.align] if cell.align != "left" else []
    blocks = [{"t": "Plain", "c": nodes}] if nodes else []
    return [
        ["", side, scope], {"t": f"Align{cell.align.title()}"}, cell.rows, cell.columns, blocks
    ]  # fmt: skip


def _heading(text: Runs) -> list[Node]:
    """Return a column's heading; a unit in it stays whole."""
    nodes: list[Node] = []
    for run in text:
        for number, part in enumerate(UNIT.split(run.text)):
            inner = inlines((replace(run, text=part),))
            is_unit = number % 2
            nodes += [{"t": "Span", "c": [["", ["unit"], []], inner]}] if is_unit else inner
    return nodes


def _plain(text: Runs) -> Node:
    return {"t": "Plain", "c": inlines(text)}


def classes_of(node: Node) -> list[str]:
    """Return the classes of a `Div` or `Span`; of anything else, none."""
    return list(node["c"][0][1]) if node["t"] in ("Div", "Span") else []


def framed(node: Node) -> bool:
    """Return whether a block is a figure or a table with its caption."""
    return node["t"] == "Div" and bool({"table", "chart"} & set(node["c"][0][1]))


def mapped(value: Any, change: Callable[[Node], list[Node] | None]) -> Any:
    """Return the tree with every node for which `change` answers replaced, innermost first."""
    if isinstance(value, list):
        out: list[Any] = []
        for one in value:
            new = mapped(one, change)
            replaced = change(new) if isinstance(new, dict) and "t" in new else None
            out.extend([new] if replaced is None else replaced)
        return out
    if isinstance(value, dict):
        return {key: mapped(one, change) for key, one in value.items()}
    return value


def stretches(blocks: list[Node], layout: Layout) -> list[Stretch]:
    """Return the blocks by page orientation.

    A wide table takes along the heading it opens a section with; a page that is wide already needs
    no turning.
    """
    if layout == "landscape":
        return [Stretch(False, blocks)]
    found: list[Stretch] = []
    for block in blocks:
        wide = "wide" in classes_of(block)
        taken = _opening(found[-1].blocks) if wide and found and not found[-1].wide else []
        if taken:
            del found[-1].blocks[-len(taken) :]
        if not found or found[-1].wide != wide:
            found.append(Stretch(wide, []))
        found[-1].blocks.extend([*taken, block])
    return [one for one in found if one.blocks]


def _opening(blocks: list[Node]) -> list[Node]:
    tail = list(_tail(blocks))
    return tail[::-1] if tail and tail[-1]["t"] == "Header" else []


def _tail(blocks: list[Node]) -> Iterator[Node]:
    # At most a heading, another above it, and two paragraphs.
    for position, block in enumerate(reversed(blocks[-4:])):
        if block["t"] == "Header":
            yield block
            above = blocks[-position - 2 : -position - 1]
            if above and above[0]["t"] == "Header":
                yield above[0]
            return
        if block["t"] != "Para":
            return
        yield block
