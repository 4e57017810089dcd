"""The Word template of each layout, fitted to a document; `tools/office_styles.py` writes them."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import docx
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt

from sanshi_report.render.document import Document, Layout
from sanshi_report.render.table import ems

__all__ = [
    "BODY", "HEADING", "LATIN", "PAGES", "TITLE", "Page", "element", "file_of", "font_table", "template",
]  # fmt: skip

# The official fonts every office machine has, whatever free ones the PDF is set in.
BODY, HEADING, TITLE, LATIN = "仿宋", "黑体", "宋体", "Times New Roman"
# What to use where a machine has not got one.
_INSTEAD = {
    BODY: "FangSong,STFangsong,FangSong_GB2312,Noto Serif SC,Noto Serif CJK SC",
    HEADING: "SimHei,STHeiti,Noto Sans SC,Noto Sans CJK SC",
    TITLE: "SimSun,STSong,Noto Serif SC,Noto Serif CJK SC",
    LATIN: "Liberation Serif",
}


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


def file_of(layout: Layout) -> Path:
    """Return the empty Word file with the styles of a layout."""
    return Path(__file__).parent / "assets" / f"reference-{layout}.docx"


def template(document: Document) -> Any:
    """Return an empty Word document with every style a report uses, its head fitted to one line."""
    made = docx.Document(str(file_of(document.layout)))
    _fit(made, PAGES[document.layout], document)
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
