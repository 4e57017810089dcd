"""What one output of a notebook says, as data: headings, paragraphs, tables and figures made of runs of text.

A run is words, or a value as text with its address: the frame, the row and the column it is from. Notebooks
publish blocks under a MIME type of their own; renderers, checks and trails read them back with `unpack`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import groupby
from typing import Any, Literal, NamedTuple, get_args

from sanshi_report.style import LIGHTS, escape_markdown

__all__ = [
    "MIME",
    "Address",
    "Block",
    "Cell",
    "Figure",
    "Grid",
    "Paragraph",
    "Row",
    "Run",
    "Table",
    "Text",
    "as_html",
    "as_markdown",
    "bundle",
    "pack",
    "plain",
    "texts_in",
    "unbundle",
    "unpack",
]

MIME = "application/vnd.sanshi+json"
Align = Literal["left", "center", "right"]
Role = Literal["head", "body", "group", "total"]
# A text without a sign that Markdown reads, and not like the number of an item.
_HARMLESS = re.compile(r"""(?!\d+[.)]\s)\+?(?:[^!-/:-@\[-`{-~]|[.,:;%()?'"])*""")
_NO_BREAK = "\u00a0"


class Address(NamedTuple):
    """Where a value stands.

    `frame` is a metric such as `starts.register`, or `parameters`; `row` is the row's key, its parts parted by
    a space, or the path of a parameter; `column` is the column, or `#` for how many rows `row` describes.
    """

    frame: str
    row: str
    column: str


@dataclass(frozen=True)
class Run:
    """Some text in one style.

    Attributes
    ----------
    text : str
        What is shown, on one line.
    at : Address or None
        Where the value is from; None for words.
    form : str
        How the value was put into words, where its column has several ways.
    light : str
        Code of the light that it is; empty for none.
    strong : bool
        Set strong.
    """

    text: str
    at: Address | None = None
    form: str = ""
    light: str = ""
    strong: bool = False

    def __str__(self) -> str:
        raise TypeError("a run would lose its address: join runs in a tuple, or ask for `plain`")


Text = tuple[Run, ...]
"""Runs one after another."""


@dataclass(frozen=True)
class Paragraph:
    """Running text; a heading of that `level`, or an item of a list with that `number`, where it is not 0.

    Headings of level 2 to 4 are numbered when a document is composed, but for those not to be `numbered`,
    such as that of an annex.
    """

    text: Text
    level: int = 0
    number: int = 0
    numbered: bool = True


@dataclass(frozen=True)
class Cell:
    """One cell of a table, how it is set, and how many columns and rows it spans."""

    text: Text
    align: Align = "left"
    columns: int = 1
    rows: int = 1


@dataclass(frozen=True)
class Row:
    """A row and its role."""

    cells: tuple[Cell, ...]
    role: Role = "body"


@dataclass(frozen=True)
class Grid:
    """Rows of headings, rows below them, and the notes under the table."""

    head: tuple[Row, ...]
    body: tuple[Row, ...]
    notes: tuple[Text, ...] = ()

    @property
    def width(self) -> int:
        """Return the number of columns."""
        rows = self.head[:1] or self.body[:1]
        return sum(cell.columns for row in rows for cell in row.cells)

    def placed(self, row: Row) -> list[tuple[int, Cell]]:
        """Return the cells of a row, each with the column it begins in."""
        # A heading of two rows pushes those below it aside.
        taken: set[int] = set()
        if row.role == "head" and self.head and row is not self.head[0]:
            taken = {at for at, cell in self.placed(self.head[0]) if cell.rows > 1}
        free = iter([at for at in range(self.width * 2) if at not in taken])
        found = []
        for cell in row.cells:
            start = next(free)
            for _ in range(cell.columns - 1):
                next(free)
            found.append((start, cell))
        return found


@dataclass(frozen=True)
class Table:
    """A table; `wide` asks for a landscape page on paper."""

    label: str
    caption: Text
    grid: Grid
    wide: bool = False


@dataclass(frozen=True)
class Figure:
    """A drawing with its caption and what it shows in words.

    Attributes
    ----------
    svg : str
        The drawing.
    spec : dict
        The Vega-Lite it was drawn from; empty for none.
    """

    label: str
    caption: Text
    alt: Text
    svg: str
    spec: dict[str, Any] = field(default_factory=dict)


Block = Paragraph | Table | Figure


def plain(text: Iterable[Run]) -> str:
    """Return a text without its addresses."""
    return "".join(run.text for run in text)


def texts_in(block: Block) -> Iterator[Text]:
    """Yield every text of a block: words, captions, cells and notes."""
    match block:
        case Paragraph():
            yield block.text
        case Figure():
            yield from (block.caption, block.alt)
        case Table():
            yield block.caption
            for row in (*block.grid.head, *block.grid.body):
                yield from (cell.text for cell in row.cells)
            yield from block.grid.notes


def bundle(*blocks: Block) -> dict[str, Any]:
    """Return blocks as what a cell of a notebook returns: as data, and as JupyterLab shows them.

    The drawing of a figure that stands alone is there once, as SVG.
    """
    match blocks:
        case (Figure() as figure,):
            return {MIME: pack([replace(figure, svg="")]), "image/svg+xml": figure.svg}
    return {MIME: pack(blocks), "text/html": as_html(blocks), "text/markdown": as_markdown(blocks)}


def unbundle(data: Mapping[str, Any]) -> tuple[Block, ...]:
    """Return the blocks of a bundle.

    Raises
    ------
    KeyError, TypeError, ValueError
        If the data is no blocks.
    """
    return tuple(
        replace(block, svg="".join(data["image/svg+xml"]))
        if isinstance(block, Figure) and not block.svg
        else block
        for block in unpack(data[MIME])
    )


def pack(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return blocks as plain data; `unpack` gives them back."""
    return [_packed(block) for block in blocks]


def unpack(packed: Sequence[dict[str, Any]]) -> tuple[Block, ...]:
    """Return the blocks that were packed.

    Raises
    ------
    KeyError, TypeError, ValueError
        If that is not what the data is.
    """
    return tuple(_unpacked(dict(one)) for one in packed)


def _packed(block: Block) -> dict[str, Any]:
    match block:
        case Paragraph():
            about = {"kind": "paragraph", "level": block.level, "number": block.number}
            return about | {"numbered": block.numbered, "text": _runs(block.text)}
        case Figure():
            return {
                "kind": "figure", "label": block.label, "caption": _runs(block.caption),
                "alt": _runs(block.alt), "svg": block.svg, "spec": block.spec,
            }  # fmt: skip
    grid = block.grid
    return {
        "kind": "table", "label": block.label, "caption": _runs(block.caption), "wide": block.wide,
        "head": [_row(row) for row in grid.head], "body": [_row(row) for row in grid.body],
        "notes": [_runs(note) for note in grid.notes],
    }  # fmt: skip


def _unpacked(one: dict[str, Any]) -> Block:
    match one.pop("kind"):
        case "paragraph":
            text, numbered = _text(one["text"]), bool(one["numbered"])
            return Paragraph(text, int(one["level"]), int(one["number"]), numbered)
        case "figure":
            return Figure(**one | {"caption": _text(one["caption"]), "alt": _text(one["alt"])})
        case "table":
            head, body = (tuple(map(_row_of, one[part])) for part in ("head", "body"))
            grid = Grid(head, body, tuple(map(_text, one["notes"])))
            return Table(one["label"], _text(one["caption"]), grid, one["wide"])
        case other:
            raise ValueError(f"no block is a {other!r}")


def _runs(text: Text) -> list[Any]:
    """Return a text as data: words as they are, other runs with what is particular to them."""
    return [
        run.text
        if run == Run(run.text)
        else {name: value for name, value in vars(run).items() if value}
        for run in text
    ]


def _text(runs: Sequence[Any]) -> Text:
    return tuple(Run(run) if isinstance(run, str) else _run(**run) for run in runs)


def _run(*, at: Sequence[str] = (), light: str = "", **about: Any) -> Run:
    if light and light not in LIGHTS:
        raise ValueError(f"no light is {light!r}")
    return Run(at=Address(*at) if at else None, light=light, **about)


def _row(row: Row) -> dict[str, Any]:
    cells = [[_runs(c.text), c.align, c.columns, c.rows] for c in row.cells]
    return {"role": row.role, "cells": cells}


def _row_of(row: dict[str, Any]) -> Row:
    return Row(tuple(_cell(*cell) for cell in row["cells"]), _known(row["role"], Role))


def _cell(text: Sequence[Any], align: Align, columns: int, rows: int) -> Cell:
    return Cell(_text(text), _known(align, Align), int(columns), int(rows))


def _known(value: Any, words: Any) -> Any:
    """Return one of a few words; what is written into markup must be one."""
    if value not in get_args(words):
        raise ValueError(f"{value!r} is none of {get_args(words)}")
    return value


def as_html(blocks: Iterable[Block]) -> str:
    """Return blocks as HTML for JupyterLab, which knows no style sheet of ours."""
    return "\n".join(_html(block) for block in blocks)


def as_markdown(blocks: Iterable[Block]) -> str:
    """Return the paragraphs and tables of blocks as Markdown in which every value is literal."""
    return "\n\n".join(filter(None, map(_markdown, blocks)))


def _html(block: Block) -> str:
    match block:
        case Paragraph():
            tag = f"h{block.level}" if block.level else "p"
            number = f"{block.number}. " if block.number else ""
            return f"<{tag}>{number}{_text_html(block.text)}</{tag}>"
        case Figure():
            return block.svg[block.svg.index("<svg") :]
    caption = f'<caption style="{_CAPTION}">{_text_html(block.caption)}</caption>'
    head, body = ("".join(map(_row_html, rows)) for rows in (block.grid.head, block.grid.body))
    notes = "".join(f"<div><small>{_text_html(note)}</small></div>" for note in block.grid.notes)
    table = f"{caption}<thead>{head}</thead><tbody>{body}</tbody>"
    return f'<div style="overflow-x: auto"><table style="{_TABLE}">{table}</table>{notes}</div>'


# JupyterLab aligns cells to the right and folds long headings; only styles of their own say otherwise.
_TABLE = "border-collapse: collapse; border-bottom: 2px solid; font-size: 14px"
_CAPTION = "caption-side: top; text-align: left; font-weight: bold; padding: 4px 8px"
_ROWS: dict[Role, str] = {
    "head": "border-top: 2px solid; font-weight: bold",
    "group": "border-top: 1px solid; font-weight: bold",
    "total": "border-top: 1px solid; font-weight: bold",
    "body": "",
}


def _row_html(row: Row) -> str:
    tag = "th" if row.role in ("head", "group") else "td"
    return f'<tr style="{_ROWS[row.role]}">{"".join(_cell_html(c, tag) for c in row.cells)}</tr>'


def _cell_html(cell: Cell, tag: str) -> str:
    spans = f' colspan="{cell.columns}"' * (cell.columns > 1)
    spans += f' rowspan="{cell.rows}"' * (cell.rows > 1)
    whole = "; white-space: nowrap" * (cell.align == "right")
    style = f"text-align: {cell.align}; padding: 4px 8px{whole}"
    return f'<{tag} style="{style}"{spans}>{_text_html(cell.text)}</{tag}>'


def _text_html(text: Text) -> str:
    return "".join(map(_run_html, text))


def _run_html(run: Run) -> str:
    words = escape(run.text, quote=False)
    if run.light:
        words = words.replace(" ", _NO_BREAK)
        colour = LIGHTS[run.light].colour
        words = f'<span class="light light-{run.light}" style="color: {colour}">{words}</span>'
    return f"<strong>{words}</strong>" if run.strong else words


def _markdown(block: Block) -> str:
    match block:
        case Paragraph():
            sign = "#" * block.level or (f"{block.number}." if block.number else "")
            return f"{sign} {_text_markdown(block.text)}".lstrip()
        case Figure():
            return ""
    grid = block.grid
    heads = [_line(row, grid, repeated=True) for row in grid.head]
    head = [" ".join(filter(None, dict.fromkeys(titles))) for titles in zip(*heads, strict=True)]
    ruled = [head or [""] * grid.width, ["---"] * grid.width]
    lines = [*ruled, *(_line(row, grid) for row in grid.body)]
    rows = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    return "\n\n".join([rows, *map(_text_markdown, grid.notes)])


def _line(row: Row, grid: Grid, *, repeated: bool = False) -> list[str]:
    """Return what stands in each column of a row: of a wide cell in the first, or repeated in all."""
    line = [""] * grid.width
    for at, cell in grid.placed(row):
        for column in range(at, at + cell.columns if repeated else at + 1):
            line[column] = _text_markdown(cell.text)
    return line


def _text_markdown(text: Text) -> str:
    parts = []
    for strong, runs in groupby(text, key=lambda run: run.strong):
        words = "".join(map(_run_markdown, runs))
        parts.append(f"**{words}**" if strong else words)
    return "".join(parts)


def _run_markdown(run: Run) -> str:
    if run.light:
        return f"[{run.text}]{{.light .light-{run.light}}}"
    # Escaping sets a text on one line, without the spaces at its ends.
    bare = run.text.strip(" ")
    is_harmless = _HARMLESS.fullmatch(bare)
    return run.text if is_harmless else run.text.replace(bare, escape_markdown(bare))
