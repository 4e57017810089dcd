"""A line of text as a document, to see whether a renderer and its fonts can set it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sanshi_report.render.document import Document, Fonts, Renderer

__all__ = ["set_specimen"]

_DAY = datetime(2024, 1, 1, tzinfo=UTC)


def set_specimen(renderer: Renderer, text: str, fonts: Fonts | None = None) -> None:
    """Make a PDF of a line of text, as title, heading and prose, and throw it away.

    Raises
    ------
    RenderError
        If it cannot be made.
    """
    with TemporaryDirectory(prefix="sanshi-") as folder:
        document = Document(
            notebook=_notebook(Path(folder), text),
            title=text,
            subtitle="",
            issuer="",
            issue="",
            date_line="",
            language="zh",
            layout="gbt9704",
            notice="",
            timestamp=_DAY,
            fonts=fonts or Fonts(),
        )
        renderer.render(document, "pdf", Path(folder) / "specimen.pdf")


def _notebook(folder: Path, text: str) -> Path:
    output = {
        "data": {"text/markdown": f"## {text}\n\n{text}"},
        "metadata": {},
        "output_type": "display_data",
    }
    cell = {
        "cell_type": "code",
        "execution_count": 1,
        "id": "specimen",
        "metadata": {},
        "outputs": [output],
        "source": "specimen",
    }
    path = folder / "specimen.ipynb"
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(content), encoding="utf-8")
    return path
