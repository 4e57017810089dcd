"""Quarto as renderer: its own pandoc and Typst, our page, our layout, our tables.

Quarto is handed the report as pandoc's syntax tree and not as Markdown, so a name in the ledger that
looks like a shortcode, a formula or a reference stays a name. It works in a private project, executes
nothing, and only its result is taken.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sanshi_report.errors import RenderError
from sanshi_report.render import pdf, reveal, slides, word
from sanshi_report.render.content import Content, Numbered, Passage, composed
from sanshi_report.render.document import Document, Format
from sanshi_report.render.page import block_html, html_page
from sanshi_report.render.paper import Node, tree
from sanshi_report.render.place import place

__all__ = ["OLDEST", "Quarto"]

OLDEST = "1.9"
"""The first Quarto that writes PDF/A."""

_SECONDS = 120
_LINES = 4
"""How many lines of Quarto's explanation are shown."""
_ERROR = re.compile(r"error\b:?\s*", re.IGNORECASE)
_ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Quarto:
    """The Quarto executable at `path`."""

    name = "quarto"

    def __init__(self, path: str) -> None:
        self._path = path

    @cached_property
    def version(self) -> str:
        """Return Quarto's version.

        Raises
        ------
        RenderError
            If this is no Quarto that runs.
        """
        try:
            told = self._run(["--version"], Path.cwd(), {}, "--version").strip()
        except RenderError as error:
            reason = error.values["reason"]
            raise RenderError("quarto_broken", path=self._path, reason=reason) from error
        if not re.match(r"\d+\.\d+", told):
            raise RenderError("quarto_broken", path=self._path, reason=f"--version: {told!r:.40}")
        return told

    @property
    def is_recent(self) -> bool:
        """Return whether this Quarto can do what is asked of it: archival PDF, for one."""
        numbers = [
            [int(part) for part in re.findall(r"\d+", v)[:2]] for v in (self.version, OLDEST)
        ]
        return numbers[0] >= numbers[1]

    def render(self, document: Document, format: Format, target: Path) -> None:
        """Write `document` as `format` to `target`; see `Renderer`."""
        content = composed(document, format)
        with TemporaryDirectory(prefix="sanshi-quarto-") as folder:
            project = Path(folder)
            report, options = _prepared(project, document, content, format)
            _write_project(project, document, report, options)
            to = "typst" if format == "pdf" else format
            command = ["render", "report.qmd", "--to", to, "--no-execute"]
            told = self._run(command, project, _environment(document), format)
            made = project / f"report.{'html' if format == 'revealjs' else format}"
            if not made.is_file():
                raise _failure(format, told, "status 0")
            data = made.read_bytes()
        if format in ("docx", "pptx"):
            finished = word.finished if format == "docx" else slides.finished
            data = finished(data, document, content)
        place(data, target)

    def _run(self, command: list[str], folder: Path, extra: dict[str, str], format: str) -> str:
        try:
            status, out, err = _ended([self._path, *command], folder, os.environ | extra)
        except OSError as error:
            reason = error.strerror or error
            raise RenderError("quarto_failed", format=format, reason=reason) from error
        except subprocess.TimeoutExpired as error:
            raise RenderError(
                "quarto_timeout", format=format, seconds=_SECONDS, reason=f"> {_SECONDS} s"
            ) from error
        if status < 0:
            raise RenderError("quarto_killed", format=format, reason=signal.Signals(-status).name)
        if status:
            if "could not be displayed" in out + err:
                raise pdf.typesetting_error(out + err)
            raise _failure(format, err + "\n" + out, f"status {status}")
        return out


def _ended(command: list[str], folder: Path, environment: dict[str, str]) -> tuple[int, str, str]:
    """Run a program to its end; return its status and what it wrote to its output and error.

    Quarto is a shell script that starts other programs. They share a session of their own, and when
    time is up, or this process is interrupted, all of them are ended.
    """
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment | {"NO_COLOR": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    ) as process:
        try:
            out, err = process.communicate(timeout=_SECONDS)
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return process.returncode, out, err


def _failure(format: str, told: str, instead: str) -> RenderError:
    """Return the error for a failure: Quarto's first error and the lines that explain it, or `instead`."""
    lines = [line.strip() for line in _ESCAPE.sub("", told).splitlines() if line.strip()]
    first = next((at for at, line in enumerate(lines) if _ERROR.match(line)), len(lines) - 1)
    words = " ".join(lines[first : first + _LINES]).partition("Stack trace")[0]
    reason = _ERROR.sub("", words, count=1).strip(" .") or instead
    return RenderError("quarto_failed", format=format, reason=reason)


def _prepared(
    project: Path, document: Document, content: Content, format: Format
) -> tuple[Node, dict[str, Any]]:
    """Return the syntax tree for one format, and the options that go with it."""
    match format:
        case "html":
            page = html_page(document, content, body="\0").replace("$", "$$")
            (project / "page.html").write_text(page.replace("\0", "$body$"), encoding="utf-8")
            return _html_tree(document, content), {"template": "page.html", "minimal": True}
        case "pdf":
            pdf.fonts_for(document.fonts)
            (project / "main.typ").write_text(f"{pdf.PREAMBLE}$body$\n", encoding="utf-8")
            options = {"template": "main.typ", "pdf-standard": "a-2b"}
            return pdf.prepare(project, document, content), options
        case "docx":
            return word.prepare(project, document, content), {"reference-doc": "reference.docx"}
        case "pptx":
            more = {"reference-doc": "reference.pptx", "slide-level": 1}
            return slides.prepare(project, document, content), more
        case "revealjs":
            # Of its own format: elsewhere some of them mean something else.
            told = {"format": {"revealjs": reveal.OPTIONS}, "pagetitle": document.full_title}
            return reveal.prepare(project, document, content), told


def _html_tree(document: Document, content: Content) -> Node:
    def written(block: Passage | Numbered) -> list[Node]:
        return [{"t": "RawBlock", "c": ["html", block_html(block, document, content.places)]}]

    return tree(content, document.layout, written)


def _write_project(
    project: Path, document: Document, report: Node, options: dict[str, Any]
) -> None:
    settings = {
        "project": {"type": "default"},
        "lang": "zh-CN" if document.language == "zh" else "en",
        "shift-heading-level-by": 0,
        "number-sections": False,
        "execute": {"enabled": False},
        **options,
    }
    # JSON is YAML.
    (project / "_quarto.yml").write_text(json.dumps(settings), encoding="utf-8")
    # Quarto looks for shortcodes and fences even in JSON, so their marks are written as escapes.
    source = json.dumps(report)
    for mark in ("`", "<", "{{"):
        source = source.replace(mark, "".join(f"\\u{ord(c):04x}" for c in mark))
    (project / "report.qmd").write_text(f"```{{=pandoc-json}}\n{source}\n```\n", encoding="utf-8")


def _environment(document: Document) -> dict[str, str]:
    folders = os.pathsep.join(str(folder) for folder in pdf.font_folders(document.fonts))
    return {
        "TYPST_FONT_PATHS": folders,
        "TYPST_IGNORE_SYSTEM_FONTS": "true",
        "SOURCE_DATE_EPOCH": str(int(document.timestamp.timestamp())),
    }
