"""The report between its masthead and its end: headings, figures and tables numbered, references resolved."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sanshi_report.blocks import Address, Figure, Paragraph, Run, Table
from sanshi_report.blocks import Text as Runs
from sanshi_report.blocks import plain as plain_text
from sanshi_report.catalogue import Language, say
from sanshi_report.errors import RenderError
from sanshi_report.render.document import Document, Format
from sanshi_report.render.markup import clean, plain
from sanshi_report.render.outputs import Output, Prose, outputs_of, read_notebook
from sanshi_report.render.pandoc import convert

__all__ = [
    "Block",
    "Content",
    "Numbered",
    "Passage",
    "Text",
    "compose",
    "composed",
    "safe_svg",
    "size_of",
]

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
class Passage:
    """A paragraph; a heading with its number, where it has a level; or a list, where it has a start.

    Attributes
    ----------
    texts : tuple of Text
        One text, or the items of a list.
    level : int
        Of a heading; 0 for none.
    anchor : str
        The heading's identifier in the page.
    start : int
        Number of the list's first item; 0 for no list.
    """

    texts: tuple[Runs, ...]
    level: int = 0
    anchor: str = ""
    start: int = 0


@dataclass(frozen=True)
class Numbered:
    """A figure or table with its number, such as 图1."""

    number: str
    item: Figure | Table


Block = Text | Passage | Numbered


@dataclass(frozen=True)
class Content:
    """The blocks in order, and where the values in them lead.

    Attributes
    ----------
    places : mapping of Address to (str, str)
        Identifier in the page, and in words, of where a value is from; empty where nothing is linked.
    """

    blocks: tuple[Block, ...]
    places: Mapping[Address, tuple[str, str]] = field(default_factory=dict)

    @property
    def headings(self) -> list[tuple[int, str, str]]:
        """Return level, anchor and text of every heading."""
        return [heading for block in self.blocks for heading in _headings(block)]


def compose(
    outputs: Sequence[Output],
    language: Language,
    *,
    linked: bool = False,
    places: Mapping[Address, tuple[str, str]] | None = None,
) -> Content:
    """Return the report `outputs` make: headings, figures and tables numbered, references to them resolved.

    Parameters
    ----------
    linked : bool
        Make each number of the prose a link to where it comes from.
    places : mapping of Address to (str, str), optional
        Identifier in the page, and in words, of where a value is from.
    """
    counts = {"fig": 0, "tbl": 0}
    numbers: dict[str, str] = {}
    for one in outputs:
        if isinstance(one, Figure | Table):
            kind = "fig" if isinstance(one, Figure) else "tbl"
            counts[kind] += 1
            numbers[one.label] = say(f"render.{kind}_number", language, n=counts[kind])
    written = [one.markdown for one in outputs if isinstance(one, Prose)]
    prose = iter(_set_prose(written, numbers) if written else [])
    headings = _Headings(language)
    blocks: list[Block] = []
    for one in outputs:
        match one:
            case Prose():
                blocks.append(Text(next(prose)))
            case Paragraph() if one.level:
                blocks.append(headings.numbered(one))
            case Paragraph():
                _add(one, blocks)
            case _:
                blocks.append(Numbered(numbers[one.label], one))
    return Content(tuple(blocks), (places or {}) if linked else {})


def composed(document: Document, format: Format) -> Content:
    """Return the report of a document; in HTML its numbers lead to where they come from.

    Raises
    ------
    RenderError
        If its notebook cannot be published.
    """
    linked = format == "html"
    places = document.sources.places if document.sources else {}
    outputs = outputs_of(read_notebook(document.notebook))
    return compose(outputs, document.language, linked=linked, places=places)


def size_of(figure: Figure) -> tuple[float, float]:
    """Return width and height of a drawing in CSS pixels.

    Raises
    ------
    RenderError
        If the drawing does not say.
    """
    box = re.search(r'viewBox="[\d.+-]+ [\d.+-]+ ([\d.]+) ([\d.]+)"', figure.svg)
    if not box:
        raise RenderError("figure_unsafe", figure=figure.label, reason="viewBox?")
    return float(box[1]), float(box[2])


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


def _headings(block: Block) -> Iterator[tuple[int, str, str]]:
    match block:
        case Text():
            for level, anchor, text in _HEADING.findall(block.html):
                yield int(level), anchor, plain(text)
        case Passage(texts=(text,), level=level) if level:
            yield level, block.anchor, plain_text(text)


_HEADING = re.compile(r'<h([2-5]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)


class _Headings:
    """Numbers headings one after another: `一、`, `（一）`, `1.`; or `1.`, `2.1`, `2.1.1`."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._counts = [0, 0, 0]
        self._open = ["", "", ""]
        self._anchors: set[str] = set()

    def numbered(self, heading: Paragraph) -> Passage:
        level = max(2, heading.level)
        number = self._next(level - 2, is_numbered=heading.numbered)
        text = (Run(number), *heading.text) if number else heading.text
        return Passage((text,), level, self._anchor(plain_text(heading.text)))

    def _next(self, depth: int, *, is_numbered: bool) -> str:
        if depth > 2:
            return ""
        self._counts[depth] += is_numbered
        count = self._counts[depth]
        self._counts[depth + 1 :] = [0] * (2 - depth)
        # Parts of a section without a number are numbered like sections.
        self._open[depth:] = [str(count) if is_numbered else "", *[""] * (2 - depth)]
        if not is_numbered:
            return ""
        if self._language == "zh":
            return ("{0}、", "（{0}）", "{1}. ")[depth].format(_chinese(count), count)
        path = list(filter(None, self._open))
        return f"{'.'.join(path)}{'.' * (len(path) == 1)} "

    def _anchor(self, words: str) -> str:
        """Return an identifier that does not change when sections before it come or go."""
        name = wanted = "sec-" + re.sub(r"\W+", "-", words.lower()).strip("-")
        number = 1
        while name in self._anchors:
            number += 1
            name = f"{wanted}-{number}"
        self._anchors.add(name)
        return name


def _chinese(number: int) -> str:
    """Return a number below a hundred in Chinese."""
    digits = ("", *"一二三四五六七八九")
    tens, ones = divmod(number, 10)
    return f"{digits[tens] if tens > 1 else ''}{'十' if tens else ''}{digits[ones]}"


def _add(paragraph: Paragraph, blocks: list[Block]) -> None:
    """Add a paragraph to the blocks; an item, to the list that it goes on."""
    match blocks[-1:]:
        case [Passage(texts, start=start)] if start and paragraph.number == start + len(texts):
            blocks[-1] = Passage((*texts, paragraph.text), start=start)
        case _:
            blocks.append(Passage((paragraph.text,), start=paragraph.number))


def _set_prose(pieces: Sequence[str], numbers: dict[str, str]) -> list[str]:
    pieces = [_referenced(piece, numbers) for piece in pieces]
    joined = f"\n\n{_BETWEEN}\n\n".join(pieces)
    html = convert(joined, _MARKDOWN, "html5").split(f"<p>{_BETWEEN}</p>")
    if len(html) != len(pieces):
        # An unclosed code fence swallows what follows; alone it harms only its own piece.
        html = [convert(piece, _MARKDOWN, "html5") for piece in pieces]
    return [clean(_demoted(piece)) for piece in html]


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
