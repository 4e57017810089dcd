"""What the two paged formats share: the report as pandoc's syntax tree, and its portrait and wide runs.

Tables and figures are `Div`s of class `table`, `wide` or `chart` that hold a caption paragraph first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sanshi_report.render.content import Content, Text
from sanshi_report.render.document import Layout
from sanshi_report.render.outputs import Table
from sanshi_report.render.page import caption_html
from sanshi_report.render.pandoc import document_of
from sanshi_report.render.table import shares, write_table

__all__ = ["Node", "classes_of", "framed", "mapped", "runs", "tree"]

Node = dict[str, Any]

# Em to the line of a table, in its own size: an upright page, a wide one.
_LINES: dict[Layout, tuple[float, float]] = {
    "gbt9704": (46.0, 88.0),
    "landscape": (75.0, 75.0),
    "plain": (48.0, 88.0),
}


@dataclass(frozen=True)
class Run:
    """Consecutive blocks on pages of one orientation."""

    wide: bool
    blocks: list[Node]


def tree(content: Content, layout: Layout) -> Node:
    """Return the syntax tree of the whole report."""
    upright, wide = _LINES[layout]
    parts = []
    for block in content.blocks:
        if isinstance(block, Text):
            parts.append(block.html)
            continue
        caption = f"<p>{caption_html(block)}</p>"
        if isinstance(block.item, Table):
            line = wide if block.item.wide else upright
            kind = "table wide" if block.item.wide else "table"
            grid = block.item.grid
            notes = "".join(f"<p>{note}</p>" for note in grid.notes)
            inner = caption + write_table(grid, shares(grid, line), paper=True) + notes
        else:
            kind, inner = "chart", caption
        parts.append(f'<div id="{block.item.label}" class="{kind}">{inner}</div>')
    return document_of("\n".join(parts))


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


def runs(blocks: list[Node], layout: Layout) -> list[Run]:
    """Return the blocks by page orientation.

    A wide table takes along the heading it opens a section with; a page that is wide already needs
    no turning.
    """
    if layout == "landscape":
        return [Run(False, blocks)]
    found: list[Run] = []
    for block in blocks:
        wide = "wide" in classes_of(block)
        taken = _opening(found[-1].blocks) if wide and found and not found[-1].wide else []
        if taken:
            del found[-1].blocks[-len(taken) :]
        if not found or found[-1].wide != wide:
            found.append(Run(wide, []))
        found[-1].blocks.extend([*taken, block])
    return [run for run in found if run.blocks]


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
