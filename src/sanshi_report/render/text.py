"""The words of a finished report, for checking one against another."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

__all__ = ["text_of"]

_UNREAD = {"head", "nav", "script", "style", "svg"}
_INLINE = {"a", "b", "code", "em", "i", "span", "strong", "sub", "sup"}
_CELLS = {"td", "th"}
# The placeholders of a slide from this number on are its running heads.
_RUNNING = 10


def text_of(path: Path) -> str:
    """Return the text of an HTML, Word or PowerPoint report.

    A paragraph is a line and so is a table row, its cells set apart by tabs. What a drawing says, the
    contents list and the running heads are left out.
    """
    if path.suffix == ".docx":
        lines = _word_lines(path)
    elif path.suffix == ".pptx":
        lines = _slide_lines(path)
    else:
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        reader.close()
        lines = "".join(reader.parts).split("\n")
    tidy = (re.sub(r"[ \u00a0]+", " ", line).strip(" ").rstrip("\t ") for line in lines)
    return "\n".join(line for line in tidy if line)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNREAD or dict(attrs).get("class") == "skip":
            self._unread.append(tag)
        elif tag not in _INLINE | _CELLS and not self._unread:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if self._unread:
            if tag == self._unread[-1]:
                self._unread.pop()
        elif tag not in _INLINE:
            self.parts.append("\t" if tag in _CELLS else "\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.parts.append(re.sub(r"\s+", " ", data) if data.strip() else " ")


def _word_lines(path: Path) -> list[str]:
    import docx
    from docx.table import Table
    from docx.text.paragraph import Paragraph

    lines: list[str] = []
    for block in docx.Document(str(path)).iter_inner_content():
        match block:
            case Paragraph():
                lines.append(block.text.replace("\t", " "))
            case Table():
                # A cell that spans columns or rows is one element met several times.
                met: set[object] = set()
                for row in block.rows:
                    fresh = [c for c in dict.fromkeys(row.cells) if c._tc not in met]
                    met.update(c._tc for c in fresh)
                    lines.append("\t".join({c._tc: c.text for c in fresh}.values()))
    return lines


def _slide_lines(path: Path) -> list[str]:
    import pptx

    lines: list[str] = []
    for slide in pptx.Presentation(str(path)).slides:
        for shape in slide.shapes:
            if shape.has_table:
                for row in shape.table.rows:
                    cells = [cell for cell in row.cells if not cell.is_spanned]
                    lines.append("\t".join(cell.text for cell in cells))
            elif shape.has_text_frame and shape.placeholder_format.idx < _RUNNING:
                lines += shape.text_frame.text.replace("\v", "\n").split("\n")
    return lines
