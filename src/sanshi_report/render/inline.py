"""Runs of text as HTML and as pandoc's inlines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from sanshi_report.blocks import Address, Run, Text

__all__ = ["Node", "inline_html", "inlines", "seen"]

Node = dict[str, Any]
_NO_BREAK = "\u00a0"
_BLANK = re.compile(r"([ \t\r\n]+)")


def seen(text: Text) -> str:
    """Return a text as it is set: a light's symbol and its word stay on one line."""
    return "".join(map(_seen, text))


def inline_html(text: Text, places: Mapping[Address, tuple[str, str]] | None = None) -> str:
    """Return a text as HTML, where each value that has digits leads to its place.

    Parameters
    ----------
    places : mapping of Address to (str, str), optional
        Identifier in the page, and in words, of where a value is from.
    """
    return "".join(_html(run, places or {}) for run in text)


def inlines(text: Text) -> list[Node]:
    """Return a text as pandoc's inlines; a light is a span of class `light-<code>`."""
    return [node for run in text for node in _nodes(run)]


def _seen(run: Run) -> str:
    return run.text.replace(" ", _NO_BREAK) if run.light else run.text


def _html(run: Run, places: Mapping[Address, tuple[str, str]]) -> str:
    words = escape(_seen(run), quote=False)
    if run.light:
        words = f'<span class="light light-{run.light}">{words}</span>'
    words = f"<strong>{words}</strong>" if run.strong else words
    if (
        run.at is None
        or run.at not in places
        or not any(character.isdigit() for character in run.text)
    ):
        return words
    target, told = places[run.at]
    return f'<a class="fact" href="#{escape(target)}" title="{escape(told)}">{words}</a>'


def _nodes(run: Run) -> Iterator[Node]:
    nodes = [
        {"t": "Space"} if _BLANK.fullmatch(part) else {"t": "Str", "c": part}
        for part in _BLANK.split(_seen(run))
        if part
    ]
    if run.light:
        nodes = [{"t": "Span", "c": [["", ["light", f"light-{run.light}"], []], nodes]}]
    if run.strong and nodes:
        yield {"t": "Strong", "c": nodes}
    else:
        yield from nodes
