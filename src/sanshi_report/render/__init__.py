"""From an executed notebook to one file of HTML, PDF, Word or slides: one contract, two renderers."""

from sanshi_report.render.choose import choose
from sanshi_report.render.document import (
    FORMATS,
    SLIDES,
    DataFile,
    Document,
    Fonts,
    Format,
    Indicator,
    Layout,
    Renderer,
    Sources,
)
from sanshi_report.render.outputs import publishable
from sanshi_report.render.text import text_of

__all__ = [
    "FORMATS",
    "SLIDES",
    "DataFile",
    "Document",
    "Fonts",
    "Format",
    "Indicator",
    "Layout",
    "Renderer",
    "Sources",
    "choose",
    "publishable",
    "text_of",
]
