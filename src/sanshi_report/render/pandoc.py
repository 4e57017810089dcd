"""Pandoc, as a function of text to text; it reads no files and no user configuration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pypandoc

__all__ = ["convert", "document_of", "version", "write"]


def version() -> str:
    """Return pandoc's version."""
    return str(pypandoc.get_pandoc_version())


def convert(text: str, source: str, target: str) -> str:
    """Return `text` converted between two of pandoc's formats."""
    return str(
        pypandoc.convert_text(text, target, format=source, extra_args=["--wrap=none", "--sandbox"])
    )


def document_of(html: str) -> dict[str, Any]:
    """Return the syntax tree of a piece of HTML."""
    return cast(dict[str, Any], json.loads(convert(html, "html", "json")))


def write(document: dict[str, Any], target: str) -> str:
    """Return a syntax tree in a text format."""
    return convert(json.dumps(document), "json", target)


def write_docx(document: dict[str, Any], target: Path, reference: Path, folder: Path) -> None:
    """Write a syntax tree as a Word file, pictures taken from `folder`."""
    pypandoc.convert_text(
        json.dumps(document),
        "docx",
        format="json",
        outputfile=str(target),
        extra_args=[f"--reference-doc={reference}", f"--resource-path={folder}"],
    )
