"""The report as slides: pandoc writes the text, tables and pictures, and here they are placed and dressed.

Pandoc keeps no class of a span in a slide. What a light or a number is travels as small capitals, which a
report uses for nothing else, and is told from its text when the slide is dressed.
"""

from __future__ import annotations

import io
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from pptx import Presentation
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Pt

from sanshi_report.blocks import Figure, Grid, plain
from sanshi_report.render import pandoc
from sanshi_report.render.content import Content, size_of
from sanshi_report.render.deck import (
    AREA,
    GAP,
    NOTES,
    PADDING,
    PITCH,
    ROW,
    SIDE,
    TITLE_PITCH,
    Area,
    Cover,
    Picture,
    Sheet,
    Slide,
    Words,
    cut,
    said,
)
from sanshi_report.render.document import Document
from sanshi_report.render.office import settled, state
from sanshi_report.render.paper import Node, classes_of, mapped
from sanshi_report.render.pdf import png_of
from sanshi_report.render.slides_template import ABOVE, AMBER, COVER, NOTICE, NUMBER, template
from sanshi_report.style import LIGHTS

__all__ = ["finished", "pptx_bytes", "prepare"]

_DOTS_PER_INCH = 180
_PLAIN_TABLE = "{2D5ABB26-0587-4C30-8999-92F81FD0307C}"
"""The style without a style, which every program knows."""

_SIDES = {"left": "l", "center": "ctr", "right": "r"}
_FILLS = {"head": "F2F2F2", "total": "F7F7F7"}
_RED = '<a:schemeClr val="accent1"/>'
_INKS = {"group": _RED, "note": '<a:schemeClr val="tx2"/>'}


def pptx_bytes(document: Document, content: Content) -> bytes:
    """Return the report as a PowerPoint file."""
    with TemporaryDirectory(prefix="sanshi-pptx-") as folder:
        root = Path(folder)
        report = prepare(root, document, content)
        pandoc.write_pptx(report, root / "report.pptx", root / "reference.pptx", root)
        return finished((root / "report.pptx").read_bytes(), document, content)


def prepare(root: Path, document: Document, content: Content) -> Node:
    """Put the template and the pictures into `root` and return the slides' syntax tree."""
    template(document).save(str(root / "reference.pptx"))
    parts: list[Node] = []
    for slide in cut(document, content):
        parts.append({"t": "Header", "c": [1, [slide.anchor, [], []], slide.title]})
        parts += _beneath(slide)
        if isinstance(slide, Picture):
            drawing = png_of(slide.figure, document.fonts, _dots(slide.figure))
            (root / f"{slide.anchor}.png").write_bytes(drawing)
    return pandoc.document_of("") | {"blocks": mapped(parts, _marked)}


def finished(data: bytes, document: Document, content: Content) -> bytes:
    """Return what pandoc wrote with its slides dressed and its bytes settled."""
    shown = Presentation(io.BytesIO(data))
    deck = cut(document, content)
    for number, (built, slide) in enumerate(zip(shown.slides, deck, strict=True), 1):
        _number_shapes(built)
        _dress(built, slide, document)
        _running(built, slide, document, number)
        for run in built.shapes._spTree.iter(qn("a:r")):
            _dress_run(run, document)
    state(shown.core_properties, document)
    saved = io.BytesIO()
    shown.save(saved)
    return settled(saved.getvalue())


# What pandoc is given


def _beneath(slide: Slide) -> list[Node]:
    match slide:
        case Cover():
            return [{"t": "Para", "c": [{"t": "Str", "c": line}]} for line in slide.lines]
        case Words():
            return slide.blocks
        case Picture():
            image = {"t": "Image", "c": [["", [], []], [], [f"{slide.anchor}.png", ""]]}
            return [{"t": "Para", "c": [image]}]
        case Sheet():
            return [slide.table]
    return []


def _marked(node: Node) -> list[Node] | None:
    for name in classes_of(node) if node["t"] == "Span" else ():
        if name == "number" or name.startswith("light-"):
            return [{"t": "SmallCaps", "c": node["c"][1]}]
    return None


# How it is dressed


def _dress(built: Any, slide: Slide, document: Document) -> None:
    title = built.shapes.title
    _set_size(title, slide.size, pitch=TITLE_PITCH)
    match slide:
        case Cover():
            _make_cover(built, slide)
        case Words() if len(built.placeholders) > 1:
            _set_size(built.placeholders[1], slide.text, pitch=PITCH, gap=GAP)
        case Picture():
            _dress_picture(_only(built, "pic"), slide.figure)
        case Sheet():
            frame = _only(built, "graphicFrame")
            frame._element.nvGraphicFramePr.cNvPr.set("descr", said(slide.title))
            _dress_table(frame, slide)


def _only(built: Any, kind: str) -> Any:
    return next(shape for shape in built.shapes if shape._element.tag == qn(f"p:{kind}"))


def _number_shapes(built: Any) -> None:
    # Pandoc gives several shapes one number.
    for number, shape in enumerate(built.shapes, 2):
        shape._element.xpath(".//p:cNvPr")[0].set("id", str(number))


def _make_cover(built: Any, slide: Cover) -> None:
    layouts = built.part.package.presentation_part.presentation.slide_layouts
    for relation in built.part.rels.values():
        if relation.reltype.endswith("/slideLayout"):
            relation._target = layouts.get_by_name(COVER).part
    for shape, role in zip(built.placeholders, ("ctrTitle", "subTitle"), strict=False):
        shape._element.xpath(".//p:ph")[0].set("type", role)
        _set_size(shape, slide.size if role == "ctrTitle" else 20, pitch=1.3, gap=0.35)


def _set_size(shape: Any, size: float, *, pitch: float, gap: float = 0.0) -> None:
    """Set a shape's text in one size with lines of one height."""
    body = shape._element.txBody
    rules = (
        f'<a:lnSpc><a:spcPts val="{round(size * pitch * 100)}"/></a:lnSpc>'
        f'<a:spcBef><a:spcPts val="0"/></a:spcBef>'
        f'<a:spcAft><a:spcPts val="{round(size * gap * 100)}"/></a:spcAft>'
    )
    for paragraph in body.p_lst:
        properties = paragraph.get_or_add_pPr()
        for number, rule in enumerate(parse_xml(f"<a:x {nsdecls('a')}>{rules}</a:x>")):
            properties.insert(number, rule)
        for run in paragraph.iter(qn("a:r")):
            run.get_or_add_rPr().set("sz", str(round(size * 100)))


def _dots(figure: Figure) -> float:
    # Of the drawing as it is, for enough of them where it is shown.
    return _DOTS_PER_INCH * _scale(figure) / 0.75


def _scale(figure: Figure) -> float:
    width, height = size_of(figure)
    return min(AREA.width / width, AREA.height / height)


def _dress_picture(shape: Any, figure: Figure) -> None:
    width, height = (length * _scale(figure) for length in size_of(figure))
    _set_area(
        shape,
        Area(
            AREA.left + (AREA.width - width) / 2,
            AREA.top + (AREA.height - height) / 2,
            width,
            height,
        ),
    )
    about = shape._element.nvPicPr.cNvPr
    about.set("descr", plain(figure.alt))
    about.set("name", figure.label)


def _set_area(shape: Any, area: Area) -> None:
    shape.left, shape.top = Pt(area.left), Pt(area.top)
    shape.width, shape.height = Pt(area.width), Pt(area.height)


def _dress_table(frame: Any, sheet: Sheet) -> None:
    table = frame.table
    _set_area(frame, Area(AREA.left, AREA.top, sum(sheet.widths), sum(sheet.heights)))
    _plain(table)
    for column, width in zip(table.columns, sheet.widths, strict=True):
        column.width = Pt(width)
    for row, height in zip(table.rows, sheet.heights, strict=True):
        row.height = Pt(height)
    heads = sum(row.role == "head" for row in sheet.rows)
    grid = Grid(sheet.rows[:heads], sheet.rows[heads:])
    for number, row in enumerate(sheet.rows):
        ruled = number + 1 in (heads, len(sheet.rows))
        for built in table.rows[number].cells:
            _dress_cell(built, row.role, sheet.text, top=number == 0, ruled=ruled)
        for at, cell in grid.placed(row):
            built = table.cell(number, at)
            if cell.columns > 1 or cell.rows > 1:
                built.merge(table.cell(number + cell.rows - 1, at + cell.columns - 1))
            for paragraph in built._tc.txBody.p_lst:
                paragraph.get_or_add_pPr().set("algn", _SIDES[cell.align])
    for number in range(len(sheet.rows), len(sheet.heights)):
        for built in table.rows[number].cells:
            _dress_cell(built, "note", sheet.text * NOTES)
        table.cell(number, 0).merge(table.cell(number, len(sheet.widths) - 1))


def _plain(table: Any) -> None:
    """Leave a table with no looks but those it is given."""
    properties = table._tbl.tblPr
    properties.attrib.clear()
    properties.set("firstRow", "1")
    properties.find(qn("a:tableStyleId")).text = _PLAIN_TABLE


def _dress_cell(
    cell: Any, role: str, size: float, *, top: bool = False, ruled: bool = False
) -> None:
    side, end = Pt(0 if role == "note" else SIDE * size), Pt(PADDING * size)
    strong, light = (1.5, "1A1A1A"), (0.5, "BFBFBF")
    under = None if role == "note" else strong if ruled else light
    borders = {"L": None, "R": None, "T": strong if top else None, "B": under}
    lines = "".join(_border(edge, line) for edge, line in borders.items() if line or edge in "LR")
    fill = _FILLS.get(role)
    shade = f'<a:solidFill><a:srgbClr val="{fill}"/></a:solidFill>' if fill else "<a:noFill/>"
    for old in cell._tc.xpath("./a:tcPr"):
        cell._tc.remove(old)
    cell._tc.append(
        parse_xml(
            f'<a:tcPr {nsdecls("a")} marL="{side}" marR="{side}" marT="{end}" marB="{end}" '
            f'anchor="ctr">{lines}{shade}</a:tcPr>'
        )
    )
    for paragraph in cell._tc.txBody.p_lst:
        _dress_line(paragraph, role, size)


def _border(edge: str, line: tuple[float, str] | None) -> str:
    if line is None:
        return f'<a:ln{edge} w="0"><a:noFill/></a:ln{edge}>'
    width, colour = line
    paint = f'<a:solidFill><a:srgbClr val="{colour}"/></a:solidFill>'
    return f'<a:ln{edge} w="{Pt(width)}">{paint}</a:ln{edge}>'


def _dress_line(paragraph: Any, role: str, size: float) -> None:
    spacing = f'<a:lnSpc {nsdecls("a")}><a:spcPts val="{round(size * ROW * 100)}"/></a:lnSpc>'
    paragraph.get_or_add_pPr().insert(0, parse_xml(spacing))
    runs = list(paragraph.iter(qn("a:r")))
    for run in runs:
        properties = run.get_or_add_rPr()
        properties.set("sz", str(round(size * 100)))
        if role in ("head", "group", "total"):
            properties.set("b", "1")
        if role in _INKS:
            _colour(run, _INKS[role])
    if not runs:
        # An empty cell is no higher than one with text.
        ending = f'<a:endParaRPr {nsdecls("a")} sz="{round(size * 100)}"/>'
        paragraph.append(parse_xml(ending))


def _dress_run(run: Any, document: Document) -> None:
    properties = run.get_or_add_rPr()
    properties.set("lang", "zh-CN" if document.language == "zh" else "en-GB")
    properties.set("altLang", "en-US")
    if properties.attrib.pop("cap", None) is None:
        return
    symbol = run.text[:1]
    light = next((one for one in LIGHTS.values() if one.symbol == symbol), None)
    _colour(run, f'<a:srgbClr val="{light.colour[1:].upper()}"/>' if light else _RED)
    properties.set("b", "1")


def _colour(run: Any, colour: str) -> None:
    properties = run.get_or_add_rPr()
    for old in properties.xpath("./a:solidFill"):
        properties.remove(old)
    properties.insert(0, parse_xml(f"<a:solidFill {nsdecls('a')}>{colour}</a:solidFill>"))


def _running(built: Any, slide: Slide, document: Document, number: int) -> None:
    """Add what runs through all slides: the headings above, the notice, the number."""
    tree = built.shapes._spTree
    first = len(built.shapes) + 2
    if slide.above:
        tree.append(_filled(first, "body", ABOVE, _text(slide.above)))
    if document.notice:
        # Not every program takes a footer's looks from the layout.
        looks = f'<a:rPr sz="1200"><a:solidFill><a:srgbClr val="{AMBER}"/></a:solidFill></a:rPr>'
        tree.append(_filled(first + 1, "ftr", NOTICE, _text(document.notice, looks)))
    if number > 1:
        field = (
            '<a:fld id="{C1FF6DA9-008F-8B48-92A6-B652298478BF}" type="slidenum">'
            f"<a:rPr/><a:t>{number}</a:t></a:fld>"
        )
        tree.append(_filled(first + 2, "sldNum", NUMBER, field))


def _text(text: str, looks: str = "<a:rPr/>") -> str:
    return f"<a:r>{looks}<a:t>{escape(text, quote=False)}</a:t></a:r>"


def _filled(number: int, kind: str, index: int, inner: str) -> Any:
    return parse_xml(
        f'<p:sp {nsdecls("a", "p")}><p:nvSpPr><p:cNvPr id="{number}" name="{kind} {number}"/>'
        f'<p:cNvSpPr><a:spLocks noGrp="1"/></p:cNvSpPr><p:nvPr><p:ph type="{kind}" sz="quarter" '
        f'idx="{index}"/></p:nvPr></p:nvSpPr><p:spPr/><p:txBody><a:bodyPr/><a:lstStyle/>'
        f"<a:p>{inner}</a:p></p:txBody></p:sp>"
    )
