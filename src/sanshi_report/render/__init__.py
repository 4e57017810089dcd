"""From an executed notebook to one file of HTML, PDF or Word: one contract, two renderers."""

from sanshi_report.render.choose import choose
from sanshi_report.render.document import FORMATS, Document, Fonts, Format, Layout, Renderer
from sanshi_report.render.outputs import publishable
from sanshi_report.render.text import text_of

__all__ = [
    "FORMATS",
    "Document",
    "Fonts",
    "Format",
    "Layout",
    "Renderer",
    "choose",
    "publishable",
    "text_of",
]
