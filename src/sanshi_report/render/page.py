"""The HTML report: one file, readable offline, without scripts, on a phone and on paper."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from html import escape
from importlib.resources import files
from string import Template

import vl_convert

from sanshi_report.blocks import Address, Figure, Table, plain
from sanshi_report.catalogue import say
from sanshi_report.render.content import Block, Content, Numbered, Passage, Text, safe_svg
from sanshi_report.render.document import Document
from sanshi_report.render.inline import inline_html
from sanshi_report.render.sources import ANCHOR, download, sources_html
from sanshi_report.render.table import shares, write_table
from sanshi_report.style import LIGHTS

__all__ = ["COLOURS", "asset", "block_html", "caption_html", "chart_script", "html_page"]

# The min-width of a wide table in page.css, in em.
_WIDE_LINE = 96.0

COLOURS = {light.code: light.colour for light in LIGHTS.values()}
"""Colour of each light."""


def html_page(document: Document, content: Content, body: str | None = None) -> str:
    """Return the whole page; nothing in it makes a request. `body` stands in for the blocks."""
    blocks = [block_html(block, document, content.places) for block in content.blocks]
    language, headings = document.language, content.headings
    if document.sources:
        headings = [*headings, (2, ANCHOR, say("render.sources", language))]
    about = filter(
        None, (document.issuer, document.full_title, document.date_line, document.notice)
    )
    script = chart_script() if any(_is_live(block) for block in content.blocks) else ""
    values = {
        "lang": "zh-CN" if language == "zh" else "en",
        "policy": _policy(script),
        "date": document.timestamp.date().isoformat(),
        "title": escape(document.full_title),
        "description": escape("，".join(about) if language == "zh" else ", ".join(about)),
        "issuer": escape(document.issuer),
        "layout": document.layout,
        "style": _style(document.notice),
        "skip": say("render.skip", language),
        "banners": _banners(document),
        "masthead": _masthead(document),
        "contents_label": say("render.contents", language),
        "contents": _contents(headings),
        "content": "\n".join(blocks) if body is None else body,
        "sources": sources_html(document.sources, document.notebook.stem, language)
        if document.sources
        else "",
        "colophon": escape(" · ".join(filter(None, (document.issuer, document.date_line)))),
        "script": f"<script>{script}</script>" if script else "",
    }
    return Template(asset("page.html")).substitute(values)


@cache
def asset(name: str) -> str:
    """Return a text file that belongs to the renderers."""
    return files("sanshi_report.render").joinpath("assets", name).read_text(encoding="utf-8")


def caption_html(block: Numbered) -> str:
    """Return a figure's or table's number and caption."""
    number = f'<span class="number">{escape(block.number)}</span>'
    return f"{number} {inline_html(block.item.caption)}" if block.item.caption else number


def _is_live(block: Block) -> bool:
    """Return whether a chart has something to show where it is touched."""
    return (
        isinstance(block, Numbered) and isinstance(block.item, Figure) and bool(_live(block.item))
    )


def _live(figure: Figure) -> str:
    """Return the specification of a chart that has more to tell than is drawn; empty for any other."""
    if not figure.spec:
        return ""
    spec = json.dumps(figure.spec, ensure_ascii=False, separators=(",", ":"))
    return spec.replace("<", "\\u003c") if '"tooltip"' in spec else ""


@cache
def chart_script() -> str:
    """Return the script that makes charts live: Vega, and what puts it to work."""
    bundle = vl_convert.javascript_bundle(asset("charts.js"))
    return re.sub(r"</(?=script)", r"<\\/", bundle, flags=re.IGNORECASE)


def _policy(script: str) -> str:
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    scripts = f"script-src 'sha256-{digest}'; " if script else ""
    return (
        f"default-src 'none'; {scripts}style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _style(notice: str) -> str:
    # Inside a CSS string, hexadecimal escapes hold whatever the notice says.
    literal = "".join(c if c.isalnum() or c == " " else f"\\{ord(c):06x}" for c in notice)
    return Template(asset("page.css")).substitute(page_notice=literal, **COLOURS)


def _lines(*pairs: tuple[str, str]) -> str:
    return "\n".join(f'<p class="{name}">{escape(text)}</p>' for name, text in pairs if text)


def _banners(document: Document) -> str:
    """Return what must be known before anything is read: that the edition is superseded, that data is a sample."""
    language = document.language
    told = (("ribbon", document.ribbon), ("notice", document.notice))
    return "\n".join(
        f'<aside class="{name}" aria-label="{say(f"render.{name}", language)}">{escape(text)}</aside>'
        for name, text in told
        if text
    )


def _masthead(document: Document) -> str:
    issue = "".join(
        f"<span>{escape(text)}</span>" for text in (document.issue, document.date_line) if text
    )
    return "\n".join(
        filter(
            None,
            (
                _lines(("issuer", document.issuer)),
                f'<p class="issue">{issue}</p>' if issue else "",
                f"<h1>{escape(document.title)}</h1>",
                _lines(("subtitle", document.subtitle)),
            ),
        )
    )


def _contents(headings: list[tuple[int, str, str]]) -> str:
    parts, depth = ["<ol>"], 2
    for position, (level, anchor, text) in enumerate(headings):
        wanted = min(level, 3) if position else 2
        parts.append("<ol>" if wanted > depth else "</li>" if position else "")
        parts.append("</ol></li>" if wanted < depth else "")
        parts.append(f'<li><a href="#{escape(anchor)}">{escape(text)}</a>')
        depth = wanted
    parts.append("</li></ol>" * (depth - 1) if headings else "</ol>")
    return "".join(parts)


def _data_link(block: Numbered, document: Document) -> str:
    data = document.sources.data_of(block.item.label) if document.sources else None
    if data is None:
        return ""
    title = say("render.download", document.language, number=block.number)
    return " " + download(data, document.notebook.stem, "CSV", title)


def block_html(
    block: Block, document: Document, places: Mapping[Address, tuple[str, str]] | None = None
) -> str:
    """Return one block of the report; `places` say where the values of its words lead."""
    match block:
        case Text():
            return block.html
        case Passage():
            return _passage(block, places)
    item = block.item
    caption = f"<figcaption>{caption_html(block)}{_data_link(block, document)}</figcaption>"
    if isinstance(item, Table):
        # A wide table is as wide as its style says, and scrolls in its box where that is too much.
        widths = shares(item.grid, _WIDE_LINE, padding=1.3) if item.wide else ()
        table = write_table(replace(item.grid, notes=()), widths)
        notes = "".join(f"<p>{inline_html(note)}</p>" for note in item.grid.notes)
        return (
            f'<figure id="{item.label}" class="table{" wide" if item.wide else ""}">{caption}'
            f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(block.number)}">'
            f"{table}</div>" + (f'<div class="notes">{notes}</div>' if notes else "") + "</figure>"
        )
    spec = _live(item)
    return (
        f'<figure id="{item.label}" class="chart"><div class="scroll">'
        f'<div class="drawing" role="img" aria-label="{escape(plain(item.alt))}">'
        f"{safe_svg(item.svg, item.label)}</div></div>"
        + (f'<script type="application/json" class="vega-spec">{spec}</script>' if spec else "")
        + f"{caption}</figure>"
    )


def _passage(block: Passage, places: Mapping[Address, tuple[str, str]] | None) -> str:
    if block.level:
        name = f"h{block.level}"
        return f'<{name} id="{escape(block.anchor)}">{inline_html(block.texts[0])}</{name}>'
    if block.start:
        items = "\n".join(f"<li>{inline_html(text, places)}</li>" for text in block.texts)
        start = f' start="{block.start}"' if block.start > 1 else ""
        return f"<ol{start}>\n{items}\n</ol>"
    return f"<p>{inline_html(block.texts[0], places)}</p>"
