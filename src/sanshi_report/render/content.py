"""The report between its masthead and its end: prose as HTML, figures and tables numbered."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass

from sanshi_report.catalogue import Language, say
from sanshi_report.errors import RenderError
from sanshi_report.render.markup import clean, plain
from sanshi_report.render.outputs import Figure, Output, Prose, Table
from sanshi_report.render.pandoc import convert

__all__ = ["Block", "Content", "Numbered", "Text", "compose", "safe_svg"]

# Paragraphs, headings, lists, emphasis, spans and links. No raw markup, and nothing that a name in
# the ledger could turn into a formula, a note or a table.
_WITHOUT = (
    "raw_html raw_tex raw_attribute tex_math_dollars yaml_metadata_block citations footnotes smart "
    "pipe_tables simple_tables multiline_tables grid_tables line_blocks definition_lists strikeout "
    "example_lists fenced_divs implicit_figures"
)
_MARKDOWN = f"markdown-{_WITHOUT.replace(' ', '-')}+east_asian_line_breaks"
_BETWEEN = "sanshi-piece-ends-here"


@dataclass(frozen=True)
class Text:
    """Prose as clean HTML."""

    html: str


@dataclass(frozen=True)
class Numbered:
    """A figure or table with its number, such as 图1."""

    number: str
    item: Figure | Table


Block = Text | Numbered


@dataclass(frozen=True)
class Content:
    """The blocks in order, and the headings as (level, anchor, text)."""

    blocks: tuple[Block, ...]

    @property
    def headings(self) -> list[tuple[int, str, str]]:
        """Return level, anchor and text of every heading."""
        html = "".join(block.html for block in self.blocks if isinstance(block, Text))
        found = re.findall(r'<h([2-5]) id="([^"]+)">(.*?)</h\1>', html, re.DOTALL)
        return [(int(level), anchor, plain(text)) for level, anchor, text in found]


def compose(outputs: Sequence[Output], language: Language, *, linked: bool = False) -> Content:
    """Return the report `outputs` make: figures and tables numbered, references to them resolved.

    Parameters
    ----------
    linked : bool
        Make each number of the prose that was traced a link to where it comes from.
    """
    counts = {"fig": 0, "tbl": 0}
    numbers: dict[str, str] = {}
    for one in outputs:
        if not isinstance(one, Prose):
            kind = "fig" if isinstance(one, Figure) else "tbl"
            counts[kind] += 1
            numbers[one.label] = say(f"render.{kind}_number", language, n=counts[kind])
    written = [
        _with_links(one) if linked else one.markdown for one in outputs if isinstance(one, Prose)
    ]
    prose = iter(_set_prose(written, numbers))
    blocks: list[Block] = [
        Text(next(prose)) if isinstance(one, Prose) else Numbered(numbers[one.label], one)
        for one in outputs
    ]
    return Content(tuple(blocks))


def safe_svg(svg: str, prefix: str) -> str:
    """Return `svg` for use inside a page: no prolog, and its identifiers its own.

    Raises
    ------
    RenderError
        If it is not well formed, or holds a script, foreign markup, a handler or an outside address.
    """
    try:
        root = ET.fromstring(svg)
    except ET.ParseError as error:
        raise RenderError("figure_unsafe", figure=prefix, reason=error) from error
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2].lower()
        if name in ("script", "foreignobject", "iframe") or not isinstance(element.tag, str):
            raise RenderError("figure_unsafe", figure=prefix, reason=f"<{name}>")
        for key, value in element.attrib.items():
            local = key.rpartition("}")[2].lower()
            outside = local == "href" and not value.startswith(("#", "data:image/"))
            if local.startswith("on") or outside or re.search(r"url\(\s*['\"]?(?!#)", value):
                raise RenderError("figure_unsafe", figure=prefix, reason=f'{local}="{value}"')
    body = svg[svg.index("<svg") :]
    names = dict.fromkeys(re.findall(r'\sid="([^"]+)"', body))
    fresh = {name: f"{prefix}-{number}" for number, name in enumerate(names, 1)}
    body = re.sub(r'(\sid=")([^"]+)(")', lambda m: m[1] + fresh[m[2]] + m[3], body)
    return re.sub(r'((?:href="|url\()#)([^")]+)', lambda m: m[1] + fresh.get(m[2], m[2]), body)


def _set_prose(pieces: Sequence[str], numbers: dict[str, str]) -> list[str]:
    pieces = [_referenced(piece, numbers) for piece in pieces]
    joined = f"\n\n{_BETWEEN}\n\n".join(pieces)
    html = convert(joined, _MARKDOWN, "html5").split(f"<p>{_BETWEEN}</p>")
    if len(html) != len(pieces):
        # An unclosed code fence swallows what follows; alone it harms only its own piece.
        html = [convert(piece, _MARKDOWN, "html5") for piece in pieces]
    return [clean(_demoted(piece)) for piece in html]


def _with_links(prose: Prose) -> str:
    """Return prose in which every traced number, but for those of headings, is a link."""
    text = prose.markdown
    for fact in sorted(prose.facts, key=lambda one: -one.start):
        line = text[text.rfind("\n", 0, fact.start) + 1 :]
        if line.startswith("#"):
            continue
        title = re.sub(r'(["\\])', r"\\\1", fact.title)
        link = f'[{text[fact.start : fact.end]}](#{fact.target} "{title}"){{.fact}}'
        text = text[: fact.start] + link + text[fact.end :]
    return text


def _demoted(html: str) -> str:
    # The title is the page's only first-level heading.
    return re.sub(r"(</?h)1\b", r"\g<1>2", html)


def _referenced(markdown: str, numbers: dict[str, str]) -> str:
    def link(match: re.Match[str]) -> str:
        before, label, after = match.groups()
        if label not in numbers:
            return match[0]
        return f"{before.rstrip(' ')}[{numbers[label]}](#{label}){after.lstrip(' ')}"

    # Markdown needs spaces around a reference; beside a Chinese character they are not text.
    chinese = "[\u2e80-\u9fff\uff00-\uffef]"
    found = rf"((?<={chinese}) |(?<![\w\\]))@((?:fig|tbl)-[\w-]*\w)( (?={chinese})|)"
    return re.sub(found, link, markdown)
