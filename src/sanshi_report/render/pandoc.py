"""Pandoc, as a function of text to text: the one that came with the package, and no configuration."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, cast

import pypandoc

from sanshi_report.errors import RenderError

__all__ = ["convert", "document_of", "version", "write", "write_docx", "write_pptx"]


@cache
def version() -> str:
    """Return pandoc's version."""
    return _run(["--version"], "").split()[1]


def convert(text: str, source: str, target: str) -> str:
    """Return `text` converted between two of pandoc's formats; no file is read."""
    return _run([f"--from={source}", f"--to={target}", "--wrap=none", "--sandbox"], text)


def document_of(html: str) -> dict[str, Any]:
    """Return the syntax tree of a piece of HTML."""
    return cast(dict[str, Any], json.loads(convert(html, "html", "json")))


def write(document: dict[str, Any], target: str) -> str:
    """Return a syntax tree in a text format."""
    return convert(json.dumps(document), "json", target)


def write_docx(document: dict[str, Any], target: Path, reference: Path, folder: Path) -> None:
    """Write a syntax tree as a Word file, pictures taken from `folder`."""
    _write_office(document, "docx", target, reference, folder)


def write_pptx(document: dict[str, Any], target: Path, reference: Path, folder: Path) -> None:
    """Write a syntax tree as slides, one for each heading, pictures taken from `folder`."""
    _write_office(document, "pptx", target, reference, folder, "--slide-level=1")


def _write_office(
    document: dict[str, Any], format: str, target: Path, reference: Path, folder: Path, *more: str
) -> None:
    files = [f"--output={target}", f"--reference-doc={reference}", f"--resource-path={folder}"]
    _run(["--from=json", f"--to={format}", *files, *more], json.dumps(document))


def _run(arguments: list[str], text: str) -> str:
    # Not through pypandoc's own search, which prefers a newer pandoc the machine may have.
    program = Path(pypandoc.__file__).parent / "files" / "pandoc"
    done = subprocess.run(
        [program, f"--data-dir={program.parent}", *arguments],
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    if done.returncode:
        raise RenderError("typesetting_failed", reason=done.stderr.decode(errors="replace").strip())
    return done.stdout.decode().replace("\r\n", "\n")
