"""The renderer that needs nothing installed: pandoc and Typst come as Python packages."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path

from sanshi_report.errors import RenderError
from sanshi_report.render import pandoc
from sanshi_report.render.document import Document, Format

__all__ = ["Builtin"]


class Builtin:
    """Pandoc for HTML, Word and slides, Typst for PDF."""

    name = "builtin"

    @property
    def version(self) -> str:
        """Return the versions that decide the bytes."""
        return f"pandoc {pandoc.version()}, typst {version('typst')}"

    def render(self, document: Document, format: Format, target: Path) -> None:
        """Write `document` as `format` to `target`; see `Renderer`."""
        # Late, so that asking for the version waits for no typesetter.
        from sanshi_report.render.content import composed
        from sanshi_report.render.page import html_page
        from sanshi_report.render.pdf import pdf_bytes
        from sanshi_report.render.place import place
        from sanshi_report.render.slides import pptx_bytes
        from sanshi_report.render.word import docx_bytes

        content = composed(document, format)
        match format:
            case "html":
                made = html_page(document, content).encode()
            case "pdf":
                made = pdf_bytes(document, content)
            case "docx":
                made = docx_bytes(document, content)
            case "pptx":
                made = pptx_bytes(document, content)
            case "revealjs":
                raise RenderError("format_needs_quarto", found=format)
        place(made, target)
