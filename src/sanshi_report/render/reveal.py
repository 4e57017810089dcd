"""The slides for a browser, which Quarto makes with reveal.js: one file that makes no request."""

from __future__ import annotations

from html import escape
from pathlib import Path
from typing import Any

from sanshi_report.blocks import plain
from sanshi_report.render import pandoc
from sanshi_report.render.content import Content, safe_svg
from sanshi_report.render.deck import AREA, PAGE, Cover, Picture, Sheet, Slide, Words, cut
from sanshi_report.render.document import Document
from sanshi_report.render.page import COLOURS, asset
from sanshi_report.render.paper import Node

__all__ = ["OPTIONS", "prepare"]

# Whatever a script in it may try, the browser asks nobody for anything.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'unsafe-inline' data:; style-src 'unsafe-inline' data:; img-src data:; font-src data:; "
    "base-uri 'none'; form-action 'none'\">\n"
)

OPTIONS: dict[str, Any] = {
    "slide-level": 1,
    "embed-resources": True,
    # Tables are lost when slides are stretched.
    "auto-stretch": False,
    "html-math-method": "plain",
    "include-in-header": "head.html",
    "css": "reveal.css",
    "width": PAGE[0],
    "height": PAGE[1],
    "margin": 0,
    "center": False,
    "transition": "none",
    "slide-number": "c",
    "hash": True,
    "menu": False,
    "overview": True,
}
"""What Quarto is told besides."""


def prepare(root: Path, document: Document, content: Content) -> Node:
    """Put the style and the policy into `root` and return the slides' syntax tree."""
    lights = "".join(f".reveal .light-{name} {{ color: {c}; }}\n" for name, c in COLOURS.items())
    (root / "reveal.css").write_text(asset("reveal.css") + lights, encoding="utf-8")
    (root / "head.html").write_text(_POLICY, encoding="utf-8")
    blocks = [block for slide in cut(document, content) for block in _slide(slide, document)]
    return pandoc.document_of("") | {"blocks": blocks}


def _slide(slide: Slide, document: Document) -> list[Node]:
    size = ["style", f"--size: {slide.size:g}px"]
    title = {"t": "Span", "c": [["", [], []], slide.title]}
    kind = ["cover"] if isinstance(slide, Cover) else []
    running = {
        "above": slide.above,
        "report": "" if kind else document.full_title,
        "notice": document.notice,
    }
    lines = "".join(
        f'<p class="{name}">{escape(text)}</p>' for name, text in running.items() if text
    )
    return [
        {"t": "Header", "c": [1, [slide.anchor, kind, [size]], [title]]},
        *_beneath(slide),
        _html(f'{lines}<div class="rule"></div>'),
    ]


def _beneath(slide: Slide) -> list[Node]:
    match slide:
        case Cover():
            lines = (f'<p class="line">{escape(line)}</p>' for line in slide.lines)
            return [_html("".join(lines))]
        case Words():
            return [_sized("words", slide.text, slide.blocks)]
        case Picture():
            svg = safe_svg(slide.figure.svg, slide.anchor)
            alt = escape(plain(slide.figure.alt))
            return [_html(f'<div class="drawing" role="img" aria-label="{alt}">{svg}</div>')]
        case Sheet():
            return [_sized("sheet", slide.text, [_table(slide)])]
    return []


def _table(sheet: Sheet) -> Node:
    about, caption, columns, head, (body,), foot = sheet.table["c"]
    shares = [
        [alignment, {"t": "ColWidth", "c": width / AREA.width}]
        for (alignment, _), width in zip(columns, sheet.widths, strict=True)
    ]
    count = len(body[3]) - sheet.notes
    rows = [
        [["", [*row[0][1], *(["last"] if n == count - 1 else ["note"] if n >= count else [])], []], row[1]]
        for n, row in enumerate(body[3])
    ]  # fmt: skip
    return {"t": "Table", "c": [about, caption, shares, head, [[*body[:3], rows]], foot]}


def _sized(kind: str, size: float, blocks: list[Node]) -> Node:
    return {"t": "Div", "c": [["", [kind], [["style", f"font-size: {size:g}px"]]], blocks]}


def _html(text: str) -> Node:
    return {"t": "RawBlock", "c": ["html", text]}
