"""The Word report: a document an official can go on editing."""

from __future__ import annotations

import io
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import docx
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from sanshi_report.blocks import Figure, Grid, Row, Table, plain
from sanshi_report.render import pandoc
from sanshi_report.render.content import Content, Numbered, size_of
from sanshi_report.render.document import Document
from sanshi_report.render.office import settled, state
from sanshi_report.render.paper import Node, classes_of, mapped, stretches, tree
from sanshi_report.render.pdf import UNBROKEN, figures, png_of
from sanshi_report.render.word_styles import HEADING, PAGES, Page, element, font_table, template

__all__ = ["docx_bytes", "finished", "prepare"]

_DOTS_PER_INCH = 220
_WIDE_MARGINS = {"top": 22, "right": 15, "bottom": 18, "left": 15, "header": 11, "footer": 9}
_LEFT, _CENTER, _RIGHT = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.RIGHT,
)
# What pandoc takes the line to be, in twips, when it turns shares of it into columns.
_PANDOC_LINE = 7920


def docx_bytes(document: Document, content: Content) -> bytes:
    """Return the report as a Word file."""
    with TemporaryDirectory(prefix="sanshi-docx-") as folder:
        root = Path(folder)
        report = prepare(root, document, content)
        pandoc.write_docx(report, root / "report.docx", root / "reference.docx", root)
        return finished((root / "report.docx").read_bytes(), document, content)


def prepare(root: Path, document: Document, content: Content) -> Node:
    """Put the template and the pictures into `root` and return the report's syntax tree."""
    page = PAGES[document.layout]
    template(document).save(str(root / "reference.docx"))
    drawings = {one.label: one for one in figures(content)}
    for label, one in drawings.items():
        (root / f"{label}.png").write_bytes(png_of(one, document.fonts, _DOTS_PER_INCH))
    report = tree(content, document.layout)
    parts = _masthead(document)
    found = stretches(mapped(report["blocks"], _span), document.layout)
    for stretch in found:
        for block in stretch.blocks:
            parts += _block(block, drawings, page)
        if len(found) > 1:
            parts.append(_section(page, stretch.wide, last=stretch is found[-1]))
    return report | {"blocks": parts}


def finished(data: bytes, document: Document, content: Content) -> bytes:
    """Return what pandoc wrote with its tables dressed, its pages turned and its bytes settled."""
    word = docx.Document(io.BytesIO(data))
    page = PAGES[document.layout]
    numbered = (block.item for block in content.blocks if isinstance(block, Numbered))
    tables = [item for item in numbered if isinstance(item, Table)]
    for built, one in zip(word.tables, tables, strict=True):
        wide = one.wide and document.layout != "landscape"
        _dress_table(built, one.grid, _line(page, wide), page.table - wide)
    _turn_pages(word, page)
    _running_heads(word, document)
    _properties(word, document)
    saved = io.BytesIO()
    word.save(saved)
    return settled(saved.getvalue(), {"word/fontTable.xml": font_table()})


def _line(page: Page, wide: bool) -> float:
    # Points; a wide page is the upright one turned, with its own margins.
    length = page.size[1] - _WIDE_MARGINS["left"] - _WIDE_MARGINS["right"] if wide else page.line
    return length / 25.4 * 72


def _masthead(document: Document) -> list[Node]:
    line = [text for text in (document.issue, document.date_line) if text]
    official = document.layout == "gbt9704"
    head = [("修订提示", document.ribbon), ("红头" if official else "期号", document.issuer)]
    parts = [_styled(style, [_str(text)]) for style, text in head if text]
    if line:
        tab: Node = {"t": "RawInline", "c": ["openxml", "<w:r><w:tab/></w:r>"]}
        parts.append(_styled("期号", [_str(line[0]), *([tab, _str(line[1])] if line[1:] else [])]))
    parts.append(_styled("Title", [_str(document.title)]))
    return parts + ([_styled("Subtitle", [_str(document.subtitle)])] if document.subtitle else [])


def _str(text: str) -> Node:
    return {"t": "Str", "c": text}


def _styled(style: str, inlines: list[Node]) -> Node:
    return {
        "t": "Div",
        "c": [["", [], [["custom-style", style]]], [{"t": "Para", "c": inlines}]],
    }


def _span(node: Node) -> list[Node] | None:
    for name in classes_of(node) if node["t"] == "Span" else ():
        style = f"灯-{name[6:]}" if name.startswith("light-") else ""
        style = "图表编号" if name == "number" else style
        if style:
            return [{"t": "Span", "c": [["", [], [["custom-style", style]]], node["c"][1]]}]
    if node["t"] == "Header":
        # The title has a style of its own, so a section is Word's first level.
        return [node | {"c": [node["c"][0] - 1, *node["c"][1:]]}]
    return None


def _block(block: Node, drawings: dict[str, Figure], page: Page) -> list[Node]:
    kinds = classes_of(block)
    if not {"table", "chart"} & set(kinds):
        return [block]
    (label, _, _), (caption, *rest) = block["c"]
    anchor: Node = {"t": "Span", "c": [[label, [], []], caption["c"]]}
    if "chart" in kinds:
        picture = _picture(drawings[label], page)
        # Quarto makes a figure of its own of a picture that is alone in its paragraph.
        company: Node = {"t": "RawInline", "c": ["openxml", "<w:r/>"]}
        return [_styled("图", [picture, company]), _styled("Image Caption", [anchor])]
    table, *notes = rest
    under = [_styled("表注", note["c"]) for note in notes]
    return [_styled("Table Caption", [anchor]), table, *under]


def _picture(figure: Figure, page: Page) -> Node:
    width, height = size_of(figure)
    # As large as in the PDF: a figure fills the line, a tall one gives way.
    scale = min(0.66, _line(page, False) / width, 298 / height)
    size = [["width", f"{width * scale:.1f}pt"], ["height", f"{height * scale:.1f}pt"]]
    return {
        "t": "Image",
        "c": [["", [], size], [_str(plain(figure.alt))], [f"{figure.label}.png", ""]],
    }


def _section(page: Page, wide: bool, last: bool) -> Node:
    width, height = page.size[::-1] if wide else page.size
    turned = ' w:orient="landscape"' if wide else ""
    size = f'<w:pgSz w:w="{Mm(width).twips}" w:h="{Mm(height).twips}"{turned}/>'
    mark = ' w:rsidR="last"' if last else ""
    xml = f'<w:p><w:pPr><w:pStyle w:val="分节"/><w:sectPr{mark}>{size}</w:sectPr></w:pPr></w:p>'
    return {"t": "RawBlock", "c": ["openxml", xml]}


def _turn_pages(word: Any, page: Page) -> None:
    final = word.element.body.sectPr
    for section in list(word.element.body.iter(qn("w:sectPr"))):
        if section is final:
            continue
        size = section.find(qn("w:pgSz"))
        full = deepcopy(final)
        full.replace(full.find(qn("w:pgSz")), size)
        if size.get(qn("w:orient")):
            for name, length in _WIDE_MARGINS.items():
                full.find(qn("w:pgMar")).set(qn(f"w:{name}"), str(Mm(length).twips))
        paragraph = section.getparent().getparent()
        before = paragraph.getprevious()
        if section.get(qn("w:rsidR")):
            word.element.body.replace(final, full)
            word.element.body.remove(paragraph)
        elif before is not None and before.tag == qn("w:p"):
            # The last paragraph of the run ends it; an empty one could fall on a page of its own.
            before.get_or_add_pPr().append(full)
            word.element.body.remove(paragraph)
        else:
            section.getparent().replace(section, full)


def _dress_table(table: Any, grid: Grid, line: float, size: float) -> None:
    columns = table._tbl.tblGrid.gridCol_lst
    widths = [round(int(c.get(qn("w:w"))) / _PANDOC_LINE * line * 20) for c in columns]
    for column, width in zip(columns, widths, strict=True):
        column.set(qn("w:w"), str(width))
    properties = table._tbl.tblPr
    for old in list(properties):
        if old.tag != qn("w:tblStyle"):
            properties.remove(old)
    properties.append(element("tblW", type="dxa", w=sum(widths)))
    properties.append(element("jc", val="center"))
    rules = element("tblBorders")
    rules.append(element("top", val="single", sz=12, space=0, color="1A1A1A"))
    rules.append(element("bottom", val="single", sz=12, space=0, color="1A1A1A"))
    rules.append(element("insideH", val="single", sz=2, space=0, color="BFBFBF"))
    properties.append(rules)
    properties.append(element("tblLayout", type="fixed"))
    padding = element("tblCellMar")
    for side, amount in (("top", 40), ("left", 70), ("bottom", 40), ("right", 70)):
        padding.append(element(side, w=amount, type="dxa"))
    properties.append(padding)
    looks = {"firstRow": 1, "lastRow": 0, "firstColumn": 0, "lastColumn": 0}
    properties.append(element("tblLook", val="0620", **looks, noHBand=1, noVBand=1))
    rows = (*grid.head, *grid.body)
    for position, (built, row) in enumerate(zip(table._tbl.tr_lst, rows, strict=True), 1):
        # A heading row stays with the row under it, and a short table stays whole.
        stays = row.role in ("head", "group") or len(rows) <= UNBROKEN
        ruled = position == len(grid.head)
        stays = bool(grid.notes) if position == len(rows) else stays
        _dress_row(built, row, widths, size, stays=stays, ruled=ruled)


def _dress_row(
    built: Any, row: Row, widths: list[int], size: float, *, stays: bool, ruled: bool
) -> None:
    # Word wants the children of a cell's properties in the schema's order.
    built.get_or_add_trPr().insert(0, element("cantSplit"))
    shade = {"head": "F2F2F2", "total": "F7F7F7"}.get(row.role)
    at = 0
    for cell in built.tc_lst:
        span = cell.grid_span
        properties = cell.get_or_add_tcPr()
        properties.get_or_add_tcW().set(qn("w:w"), str(sum(widths[at : at + span])))
        properties.tcW.set(qn("w:type"), "dxa")
        at += span
        if ruled:
            rules = element("tcBorders")
            rules.append(element("bottom", val="single", sz=6, space=0, color="1A1A1A"))
            properties.append(rules)
        if shade:
            properties.append(element("shd", val="clear", color="auto", fill=shade))
        properties.append(element("vAlign", val="center"))
        for paragraph in cell.p_lst:
            paragraph.get_or_add_pPr().style = "表格文字"
            if stays:
                paragraph.pPr.get_or_add_keepNext()
            for run in paragraph.iter(qn("w:r")):
                _dress_run(run, row, size)


def _dress_run(run: Any, row: Row, size: float) -> None:
    properties = run.get_or_add_rPr()
    properties.sz_val = Pt(size)
    if row.role == "head":
        fonts = properties.get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), HEADING)


def _running_heads(word: Any, document: Document) -> None:
    official = document.layout == "gbt9704"
    word.settings.odd_and_even_pages_header_footer = official
    first = word.sections[0]
    sides = [(first.header, first.footer, _RIGHT if official else _CENTER)]
    if official:
        sides.append((first.even_page_header, first.even_page_footer, _LEFT))
    for header, footer, side in sides:
        header.is_linked_to_previous = footer.is_linked_to_previous = False
        header.paragraphs[0].style = "Header"
        header.paragraphs[0].text = document.notice
        number = footer.paragraphs[0]
        number.style = "Footer"
        number.alignment = side
        if official:
            # One character in from the outer edge.
            edge = number._p.get_or_add_pPr().get_or_add_ind()
            edge.set(qn("w:leftChars"), "100")
            edge.set(qn("w:rightChars"), "100")
        number.add_run("— ")
        field = element("fldSimple", instr="PAGE")
        field.append(element("r"))
        field[0].append(element("t"))
        field[0][0].text = "1"
        number._p.append(field)
        number.add_run(" —")


def _properties(word: Any, document: Document) -> None:
    state(word.core_properties, document)
    language = word.settings.element.find(qn("w:themeFontLang"))
    if language is not None:
        language.set(qn("w:eastAsia"), "zh-CN")
