"""From an executed notebook to one file of HTML, PDF, Word or slides: one contract, two renderers."""

from sanshi_report.render.choose import Choice, choose, tried
from sanshi_report.render.document import (
    FORMATS,
    QUARTO_ONLY,
    SLIDES,
    DataFile,
    Document,
    Fonts,
    Format,
    Indicator,
    Layout,
    Renderer,
    Sources,
    StatedCell,
    file_of,
)
from sanshi_report.render.specimen import set_specimen
from sanshi_report.render.text import text_of

__all__ = [
    "FORMATS",
    "QUARTO_ONLY",
    "SLIDES",
    "Choice",
    "DataFile",
    "Document",
    "Fonts",
    "Format",
    "Indicator",
    "Layout",
    "Renderer",
    "Sources",
    "StatedCell",
    "choose",
    "file_of",
    "set_specimen",
    "text_of",
    "tried",
]
