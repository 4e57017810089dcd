"""The Word template: page, fonts and styles of an official document, made in code."""

from __future__ import annotations

import math
from typing import Any

import docx
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from sanshi_report.render.document import Document, Layout
from sanshi_report.render.table import ems

__all__ = ["HEADING", "PAGES", "Page", "element", "font_table", "template"]

# The official fonts every office machine has, whatever free ones the PDF is set in.
BODY, HEADING, TITLE, LATIN = "仿宋", "黑体", "宋体", "Times New Roman"
# What to use where a machine has not got one.
_INSTEAD = {
    BODY: "FangSong,STFangsong,FangSong_GB2312,Noto Serif SC,Noto Serif CJK SC",
    HEADING: "SimHei,STHeiti,Noto Sans SC,Noto Sans CJK SC",
    TITLE: "SimSun,STSong,Noto Serif SC,Noto Serif CJK SC",
    LATIN: "Liberation Serif",
}
_LEFT, _CENTER, _BOTH = (
    WD_ALIGN_PARAGRAPH.LEFT,
    WD_ALIGN_PARAGRAPH.CENTER,
    WD_ALIGN_PARAGRAPH.JUSTIFY,
)


class Page:
    """A layout's measures: page in mm, text in points."""

    def __init__(
        self,
        size: tuple[int, int],
        margins: tuple[int, int, int, int],
        body: float,
        pitch: float,
        table: float,
    ) -> None:
        self.size, self.margins = size, margins
        self.body, self.pitch, self.table = body, pitch, table

    @property
    def line(self) -> int:
        """Return the length of the line in mm."""
        return self.size[0] - self.margins[1] - self.margins[3]


PAGES: dict[Layout, Page] = {
    "gbt9704": Page((210, 297), (37, 26, 35, 28), 16, 28.95, 9.5),
    "landscape": Page((297, 210), (20, 22, 16, 22), 12, 19.5, 9.5),
    "plain": Page((210, 297), (25, 24, 23, 24), 11, 19, 9.5),
}


def template(document: Document, colours: dict[str, str]) -> Any:
    """Return an empty Word document with every style a report uses."""
    layout = document.layout
    page = PAGES[layout]
    made = docx.Document()
    _page(made.sections[0], page, official=layout == "gbt9704")
    for spoken in made.styles.element.iter(qn("w:lang")):
        spoken.set(qn("w:eastAsia"), "zh-CN")
    indent = page.body * 2
    for name in ("Normal", "Body Text", "First Paragraph", "Compact", "Block Text"):
        first = 0 if name in ("Normal", "Compact") else indent
        style = _paragraph(made, name, page.body, BODY, _BOTH, page.pitch, indent=first)
        if layout == "gbt9704":
            # 28 characters to the line: a fifth of a point off each.
            style.element.rPr.find(qn("w:sz")).addprevious(element("spacing", val=-4))
    _paragraph(made, "Title", 22, TITLE, _CENTER, 32, before=page.pitch, after=10, bold=True)
    _paragraph(made, "Subtitle", page.body, BODY, _CENTER, page.pitch, after=page.pitch / 2)
    official = layout == "gbt9704"
    size = page.body if official else page.body + 3
    for level in (1, 2, 3, 4):
        face = HEADING if level == 1 else BODY
        name = f"Heading {level}"
        style = _paragraph(made, name, size, face, _LEFT, page.pitch, bold=level > 1)
        style.paragraph_format.keep_with_next = True
        style.paragraph_format.space_before = Pt(0 if official else page.pitch / 3)
        _first_line(style, indent if official else 0)
        # What is shown in a meeting has a page for each section.
        style.paragraph_format.page_break_before = layout == "landscape" and level == 1
        size = page.body
    _special(made, page, layout)
    _fit(made, page, document)
    for status, colour in colours.items():
        light = made.styles.add_style(f"灯-{status}", WD_STYLE_TYPE.CHARACTER)
        _face(light, HEADING, None)
        # The symbol belongs to the Chinese word after it.
        light.element.rPr.rFonts.set(qn("w:hint"), "eastAsia")
        light.font.color.rgb = RGBColor.from_string(colour.lstrip("#").upper())
    number = made.styles.add_style("图表编号", WD_STYLE_TYPE.CHARACTER)
    number.font.color.rgb = RGBColor(0xB3, 0x19, 0x1B)
    return made


def font_table() -> bytes:
    """Return the document part that names the fonts and what may stand in for them."""
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    fonts = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{instead}"/></w:font>'
        for name, instead in _INSTEAD.items()
    )
    head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    return f'{head}\n<w:fonts xmlns:w="{space}">{fonts}</w:fonts>'.encode()


def element(name: str, **attributes: str | int) -> Any:
    """Return a WordprocessingML element; attribute names are in its own namespace."""
    made = OxmlElement(f"w:{name}")
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), str(value))
    return made


def _bordered(style: Any, side: str, size: int, colour: str) -> None:
    """Give a paragraph style a rule on one side; `size` in eighths of a point."""
    borders = element("pBdr")
    borders.append(element(side, val="single", sz=size, space=6, color=colour))
    later = ("shd", "tabs", "spacing", "ind", "contextualSpacing", "jc", "outlineLvl")
    style.element.get_or_add_pPr().insert_element_before(borders, *(f"w:{n}" for n in later))


def _fit(made: Any, page: Page, document: Document) -> None:
    # The issuer stands on one line; a title of several has them of nearly one length.
    line = page.line / 25.4 * 72
    if document.issuer:
        largest = 0.97 * line / ems(document.issuer)
        made.styles["红头"].font.size = Pt(min(36, math.floor(largest)))
    needed = ems(document.title) * 22
    lines = math.ceil(needed * 1.05 / line)
    if lines > 1:
        shape = made.styles["Title"].paragraph_format
        shape.left_indent = shape.right_indent = Pt(max(0, (line - needed / lines - 24) / 2))


def _special(made: Any, page: Page, layout: Layout) -> None:
    red = RGBColor(0xC4, 0x16, 0x1C)
    head = _paragraph(made, "红头", 36, TITLE, _CENTER, 50, bold=True)
    head.font.color.rgb = red
    issue = _paragraph(made, "期号", page.body - 1, BODY, _LEFT, page.pitch)
    issue.paragraph_format.tab_stops.add_tab_stop(Mm(page.line), WD_TAB_ALIGNMENT.RIGHT)
    if layout == "gbt9704":
        _bordered(issue, "bottom", 18, "C4161C")
    ribbon = _paragraph(made, "修订提示", 10.5, HEADING, _CENTER, 16)
    ribbon.font.color.rgb = red
    size = 12 if page.body > 14 else 10.5
    for name in ("Table Caption", "Image Caption"):
        caption = _paragraph(made, name, size, HEADING, _CENTER, 0, before=6, after=6)
        # A table's caption stands above it, a figure's below.
        caption.paragraph_format.keep_with_next = name == "Table Caption"
    picture = _paragraph(made, "图", page.body, BODY, _CENTER, 0, before=6)
    picture.paragraph_format.keep_with_next = True
    _paragraph(made, "表格文字", page.table, BODY, _LEFT, 0)
    notes = _paragraph(made, "表注", page.table - 1.5, BODY, _LEFT, 0, before=2, after=2)
    notes.font.color.rgb = RGBColor(0x5A, 0x5A, 0x5A)
    _paragraph(made, "分节", 1, BODY, _LEFT, 1)
    _paragraph(made, "Header", 9, HEADING, _CENTER, 0).font.color.rgb = RGBColor(0x5A, 0x5A, 0x5A)
    _paragraph(made, "Footer", 14 if layout == "gbt9704" else 10.5, TITLE, _CENTER, 0)


def _paragraph(
    made: Any,
    name: str,
    size: float,
    face: str,
    align: Any,
    pitch: float,
    *,
    indent: float = 0,
    before: float = 0,
    after: float = 0,
    bold: bool = False,
) -> Any:
    known = {style.name for style in made.styles}
    style = (
        made.styles[name] if name in known else made.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    )
    # The stock template's own colours, spacing and rules go; a heading's level stays.
    for stock in [*style.element.xpath("./w:rPr/*"), *style.element.xpath("./w:pPr/*")]:
        if stock.tag != qn("w:outlineLvl"):
            stock.getparent().remove(stock)
    _face(style, face, size)
    style.font.bold, style.font.italic = bold, False
    style.font.color.rgb = RGBColor(0x0F, 0x0F, 0x0F)
    style.quick_style = True
    style.hidden = False
    shape = style.paragraph_format
    shape.alignment = align
    shape.space_before, shape.space_after = Pt(before), Pt(after)
    # No pitch means as tall as what it holds: an exact one would cut a picture.
    shape.line_spacing = Pt(pitch) if pitch else 1.0
    shape.left_indent = shape.right_indent = Pt(0)
    _first_line(style, indent)
    return style


def _first_line(style: Any, indent: float) -> None:
    style.paragraph_format.first_line_indent = Pt(indent)
    measures = style.element.get_or_add_pPr().get_or_add_ind()
    measures.set(qn("w:firstLineChars"), "200" if indent else "0")


def _face(style: Any, face: str, size: float | None) -> None:
    if size is not None:
        style.font.size = Pt(size)
    style.font.name = LATIN
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
        fonts.attrib.pop(qn(f"w:{theme}"), None)
    fonts.set(qn("w:eastAsia"), face)
    fonts.set(qn("w:cs"), LATIN)


def _page(section: Any, page: Page, official: bool) -> None:
    section.page_width, section.page_height = (Mm(side) for side in page.size)
    section.top_margin, section.right_margin, section.bottom_margin, section.left_margin = (
        Mm(side) for side in page.margins
    )
    section.header_distance = Mm(18 if official else 10)
    section.footer_distance = Mm(24 if official else 9)
    # Lines have an exact pitch of their own; a grid would stretch tables to it as well.
    section._sectPr.remove(section._sectPr.find(qn("w:docGrid")))
