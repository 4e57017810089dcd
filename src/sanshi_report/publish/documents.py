"""The workspace's own pages about its data and indicators, from Markdown."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from sanshi_report.catalogue import LANGUAGES, Language
from sanshi_report.publish.pages import Page, both

__all__ = ["documents"]

_PAIRS: Mapping[str, Mapping[Language, str]] = {
    "indicators": {"zh": "docs/zh/indicators.md", "en": "docs/indicators.md"},
    "data": {"zh": "docs/data.zh-CN.md", "en": "docs/data.md"},
    "collecting": {"zh": "docs/collecting.zh-CN.md", "en": "docs/collecting.md"},
    "year": {"zh": "docs/zh/year.md", "en": "docs/year.md"},
    "reference": {"zh": "docs/zh/reference.md", "en": "docs/reference.md"},
}
"""Pages by name, with their file in each language."""


def documents(root: Path, programme: Mapping[Language, str]) -> Iterator[Page]:
    """Yield a page for each document that the workspace has in both languages; none in a workspace without."""
    there = {
        name: files
        for name, files in _PAIRS.items()
        if all((root / file).is_file() for file in files.values())
    }
    for name, files in there.items():
        read = {to: (root / files[to]).read_text(encoding="utf-8") for to in LANGUAGES}
        headings = {to: read[to].partition("\n")[0].lstrip("# ") for to in LANGUAGES}
        body = {to: _html(read[to], files[to], there) for to in LANGUAGES}
        yield Page(
            f"docs/{name}",
            "document.html",
            both("site.title_document", name=headings, programme=programme),
            both(f"site.lead_doc_{name}"),
            {"body": body, "heading_of": headings},
        )


def _html(text: str, file: str, there: Mapping[str, Mapping[Language, str]]) -> Markup:
    """Return a document as HTML, without its title; links lead to documents of the site or are plain text."""
    tokens = _markdown().parse(text)
    pages = {
        path: f"{name}.html" if to == "zh" else f"{name}.{to}.html"
        for name, files in there.items()
        for to, path in files.items()
    }
    anchors = set(_anchored(tokens))
    for token in tokens:
        for child in token.children or ():
            if child.type == "link_open":
                _lead(child, file, pages, anchors)
    # The title is the page's own.
    return Markup(_markdown().renderer.render(tokens[3:], _markdown().options, {}))


def _anchored(tokens: list[Token]) -> Iterator[str]:
    """Give headings the identifiers that links know them by, and yield these."""
    taken: dict[str, int] = {}
    for heading, inline in pairwise(tokens):
        if heading.type == "heading_open":
            slug = re.sub(r"[^\w\- ]", "", inline.content.lower()).replace(" ", "-")
            taken[slug] = taken.get(slug, -1) + 1
            slug += f"-{taken[slug]}" if taken[slug] else ""
            heading.attrSet("id", slug)
            yield slug


def _lead(link: Token, file: str, pages: Mapping[str, str], anchors: set[str]) -> None:
    target, _, anchor = str(link.attrGet("href")).partition("#")
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
    if not target and anchor in anchors:
        return
    link.attrs = {"href": pages[path]} if path in pages else {}


def _table(self: Any, tokens: list[Token], at: int, *_: Any) -> str:
    return (
        '<div class="scroll" tabindex="0"><table>' if tokens[at].nesting == 1 else "</table></div>"
    )


@cache
def _markdown() -> MarkdownIt:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    reader.add_render_rule("table_open", _table)
    reader.add_render_rule("table_close", _table)
    return reader
