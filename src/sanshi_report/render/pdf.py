"""The PDF report: pandoc's Typst, set by Typst as PDF/A, where a missing glyph is an error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pylopdf_fonts_zh_cn
import typst

from sanshi_report.blocks import Figure, plain
from sanshi_report.errors import RenderError
from sanshi_report.render import pandoc
from sanshi_report.render.content import Content, Numbered, safe_svg
from sanshi_report.render.document import Document, Fonts
from sanshi_report.render.page import COLOURS, asset
from sanshi_report.render.paper import FRONT, Node, classes_of, framed, mapped, stretches, tree

__all__ = [
    "PREAMBLE",
    "UNBROKEN",
    "figures",
    "font_folders",
    "fonts_for",
    "pdf_bytes",
    "png_of",
    "prepare",
    "typesetting_error",
]

PREAMBLE = '#import "layout.typ": *\n#show: report\n'
"""What comes before the report's Typst source."""

UNBROKEN = 14
"""A table of this many rows or fewer stays on one page."""

_LONGEST = 10_000
"""Characters of an alternative text; a string of PDF/A holds 32,767 bytes."""

_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_MISSING = re.compile(r'the text `"(.*?)"` could not be displayed', re.DOTALL)


def pdf_bytes(document: Document, content: Content) -> bytes:
    """Return the report as PDF/A-2b.

    Raises
    ------
    RenderError
        If a font is not there, or lacks a character of the report.
    """
    with TemporaryDirectory(prefix="sanshi-pdf-") as folder:
        root = Path(folder)
        body = pandoc.write(prepare(root, document, content), "typst")
        main = root / "main.typ"
        main.write_text(PREAMBLE + body, encoding="utf-8")
        return _compiled(main, document)


def prepare(root: Path, document: Document, content: Content) -> Node:
    """Put what the Typst source will read into `root` and return the report's syntax tree."""
    (root / "layout.typ").write_text(asset("layout.typ"), encoding="utf-8")
    (root / "about.json").write_text(_about(document), encoding="utf-8")
    drawings = {one.label: one for one in figures(content)}
    for label, one in drawings.items():
        (root / f"{label}.svg").write_text(safe_svg(one.svg, label), encoding="utf-8")
    report = tree(content, document.layout)
    front, rest = _front(mapped(report["blocks"], _light))
    shown = [_block(block, drawings) for block in front]
    parts = [_raw("#opening")]
    if front and document.layout == "landscape":
        # A wide page has room for the drawing and the form side by side.
        sides = [one for side in shown[1:] for one in (_raw("["), *side, _raw("],"))]
        parts += [*shown[0], _raw("#side-by-side("), *sides, _raw(")")]
    elif front:
        parts = [_raw("#on-front-page["), *chain(*shown), _raw("]"), *parts]
    for stretch in stretches(rest, document.layout):
        inner = [node for block in stretch.blocks for node in _block(block, drawings)]
        parts += [_raw("#on-wide-page["), *inner, _raw("]")] if stretch.wide else inner
    return report | {"blocks": parts}


def _front(blocks: list[Node]) -> tuple[list[Node], list[Node]]:
    """Return the leaders' page, its heading first, and the rest of the report."""
    at = next((at for at, one in enumerate(blocks) if framed(one) and one["c"][0][0] == FRONT), -1)
    if at < 0:
        return [], blocks
    first = max((n for n in range(at) if blocks[n]["t"] == "Header"), default=at)
    return blocks[first : at + 1], [*blocks[:first], *blocks[at + 1 :]]


def figures(content: Content) -> Iterator[Figure]:
    """Yield the drawings of a report."""
    for block in content.blocks:
        if isinstance(block, Numbered) and isinstance(block.item, Figure):
            yield block.item


def font_folders(fonts: Fonts) -> list[Path]:
    """Return the folders fonts are taken from: the document's own, then the package's."""
    return [*fonts.folders, Path(pylopdf_fonts_zh_cn.__file__).parent]


@cache
def fonts_for(fonts: Fonts) -> typst.Fonts:
    """Return exactly the fonts a document may use; the machine's own are not among them.

    Raises
    ------
    RenderError
        If a family is missing.
    """
    found = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in font_folders(fonts)],
    )
    for family in (fonts.body, fonts.heading):
        if family.lower() not in {name.lower() for name in found.families()}:
            raise RenderError("font_missing", family=family)
    return found


def png_of(figure: Figure, fonts: Fonts, dots_per_inch: float = 220) -> bytes:
    """Return a drawing as PNG, its text set in the document's fonts.

    Raises
    ------
    RenderError
        If they lack a character of it.
    """
    with TemporaryDirectory(prefix="sanshi-png-") as folder:
        (Path(folder) / "drawing.svg").write_text(figure.svg, encoding="utf-8")
        source = Path(folder) / "main.typ"
        source.write_text(
            '#set page(width: auto, height: auto, margin: 0pt)\n#image("drawing.svg")',
            encoding="utf-8",
        )
        try:
            # A picture would leave out a missing glyph without a word; PDF/A does not.
            typst.compile(
                str(source), format="pdf", pdf_standards="a-2b", font_paths=fonts_for(fonts)
            )
            png = typst.compile(
                str(source), format="png", ppi=dots_per_inch, font_paths=fonts_for(fonts)
            )
        except typst.TypstError as error:
            raise typesetting_error(str(error.diagnostic)) from error
    assert isinstance(png, bytes)
    return png


def _about(document: Document) -> str:
    day = document.timestamp
    told = ("title", "subtitle", "issuer", "issue", "date_line", "notice", "ribbon", "layout")
    about = {name: getattr(document, name) for name in told} | {
        "lang": document.language,
        "region": "cn" if document.language == "zh" else "gb",
        "body": document.fonts.body,
        "heading": document.fonts.heading,
        "colours": COLOURS,
        "date": {"year": day.year, "month": day.month, "day": day.day},
    }
    return json.dumps(about, ensure_ascii=False)


def _compiled(source: Path, document: Document) -> bytes:
    try:
        made = typst.compile(
            str(source),
            root=str(source.parent),
            format="pdf",
            font_paths=fonts_for(document.fonts),
            pdf_standards="a-2b",
            timestamp=int(document.timestamp.timestamp()),
        )
    except typst.TypstError as error:
        raise typesetting_error(str(error.diagnostic)) from error
    assert isinstance(made, bytes)
    return made


def typesetting_error(told: str) -> RenderError:
    """Return Typst's complaint in our words; characters without a glyph are named."""
    quoted = (_ESCAPED.sub(lambda e: chr(int(e[1], 16)), text) for text in _MISSING.findall(told))
    missing = "".join(sorted(set("".join(quoted))))
    if missing:
        named = ", ".join(f"{c} (U+{ord(c):04X})" for c in missing)
        return RenderError("glyph_missing", characters=named, missing=missing)
    return RenderError("typesetting_failed", reason=told.strip())


def _raw(text: str) -> Node:
    return {"t": "RawBlock", "c": ["typst", text]}


def _inline(text: str) -> Node:
    return {"t": "RawInline", "c": ["typst", text]}


def _literal(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _light(node: Node) -> list[Node] | None:
    for name in classes_of(node) if node["t"] == "Span" else ():
        if name.startswith("light-"):
            return [_inline(f'#light("{name[6:]}")['), *node["c"][1], _inline("]")]
        if name == "number":
            return [_inline("#number["), *node["c"][1], _inline("]")]
        if name == "unit":
            return [_inline("#box["), *node["c"][1], _inline("]")]
    return None


def _block(block: Node, drawings: dict[str, Figure]) -> list[Node]:
    kinds = classes_of(block)
    if "chart" in kinds:
        label, caption = block["c"][0][0], block["c"][1][0]["c"]
        opened = f'#chart("{label}.svg", {_literal(plain(drawings[label].alt)[:_LONGEST])}, ['
        inlines = [_inline(opened), *caption, _inline(f"]) <{label}>")]
        return [{"t": "Plain", "c": inlines}]
    if "table" in kinds:
        return _table(block, "wide" in kinds)
    return [block]


def _table(block: Node, wide: bool) -> list[Node]:
    (label, _, _), (caption, table, *notes) = block["c"]
    _, _, columns, head, bodies, _ = table["c"]
    rows = [row for body in bodies for row in (*body[2], *body[3])]
    widths = ", ".join(f"{100 * column[1]['c']:.2f}%" for column in columns)
    size = "wide-size" if wide else "table-size"
    parts = [_inline(f"#sheet(({widths},), {size}, ["), *caption["c"], _inline("],\n")]
    if head[1]:
        parts += [_inline("table.header("), *_cells(head[1], "head"), _inline("table.hline()),\n")]
    for row in rows:
        role = next(iter(row[0][1]), "body")
        inner = _cells([row], role)
        # A group's name is a header of its own: never alone at a page's foot, and said again overleaf.
        group = role == "group"
        parts += [_inline("table.header(level: 2, "), *inner, _inline("),")] if group else inner
    parts.append(_inline("table.hline(stroke: 1pt),\n"))
    if notes:
        told = [node for note in notes for node in (_inline("["), *note["c"], _inline("],"))]
        parts += [_inline(f"notes({len(columns)}, "), *told, _inline("),\n")]
    parts.append(_inline(f") <{label}>"))
    made: list[Node] = [{"t": "Plain", "c": parts}]
    whole = len(rows) + len(head[1]) <= UNBROKEN
    return [_raw("#whole["), *made, _raw("]")] if whole else made


def _cells(rows: list[Any], role: str) -> list[Node]:
    parts: list[Node] = []
    for row in rows:
        for _, alignment, down, across, blocks in row[1]:
            side = {"AlignRight": "right", "AlignCenter": "center"}.get(alignment["t"], "left")
            inlines: list[Node] = []
            for one in blocks:
                inlines += [{"t": "LineBreak"}] if inlines else []
                inlines += one["c"]
            opened = f'cell({side}, {across}, {down}, "{role}")['
            parts += [_inline(opened), *inlines, _inline("],\n")]
    return parts
