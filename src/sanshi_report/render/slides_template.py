"""The slides' template with a report's name on it; `tools/office_styles.py` writes the empty one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pptx import Presentation

from sanshi_report.render.document import Document

__all__ = ["ABOVE", "AMBER", "COVER", "FILE", "NOTICE", "NUMBER", "REPORT", "template"]

FILE = Path(__file__).parent / "assets" / "reference.pptx"
"""The empty presentation with the layouts of slides."""

COVER = "Title Slide"
"""Name of the first slide's layout."""

ABOVE, NOTICE, NUMBER = 13, 11, 12
"""Placeholders of every slide: the headings it stands under, the notice, its number."""

REPORT = "Report"
"""Name of the shape that says on every slide which report it is of."""

AMBER = "8A5A00"


def template(document: Document) -> Any:
    """Return the empty presentation, with the document's name in the head of its slides."""
    made = Presentation(str(FILE))
    (content,) = (one for one in made.slide_layouts if one.name == "Title and Content")
    shape: Any = next(one for one in content.shapes if one.name == REPORT)
    words = " · ".join(filter(None, (document.title, document.subtitle)))
    shape.text_frame.paragraphs[0].runs[0].text = words
    return made
