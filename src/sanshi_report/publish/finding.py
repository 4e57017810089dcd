"""What helps to find things: an index for the search page, a feed of what is new, a map of all pages.

The index needs no server: a script holds, for every pair of neighbouring Chinese characters and every other word,
the entries that have it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree

from sanshi_report.catalogue import LANGUAGES, Language, say
from sanshi_report.publish.pages import Page, Site, both
from sanshi_report.publish.projects import Project
from sanshi_report.publish.reading import Reading, Section
from sanshi_report.style import period_words

__all__ = [
    "Entry",
    "entries_of",
    "feed",
    "grams",
    "index",
    "projects_found",
    "search_page",
    "sitemap",
]

_WORDS = re.compile(r"[㐀-䶿一-鿿]+|[a-z0-9]+(?:[-.][a-z0-9]+)*")
_UNREAD = re.compile(r"<(table|svg|script|style)\b.*?</\1>", re.DOTALL)
_END = re.compile(r"</(?:p|li|h\d|div|figure|figcaption)>")
_TAG = re.compile(r"<[^>]+>")
_SIGNS = "".join(chr(code) for code in range(35, 127) if chr(code) not in "\\'\"<>&`")
_ATOM = "http://www.w3.org/2005/Atom"
_MAP = "http://www.sitemaps.org/schemas/sitemap/0.9"


@dataclass(frozen=True)
class Entry:
    """Something that can be found.

    Attributes
    ----------
    title, about : str
        What it is called, and the period or kind it belongs to.
    path : str
        Where it is, from the site's folder; may have an anchor.
    text : str
        What it says, besides its title.
    """

    title: str
    about: str
    path: str
    text: str = ""


def search_page(name: Mapping[Language, str]) -> Page:
    """Return the page to search from."""
    title = both("site.title_search", programme=name)
    return Page("search", "search.html", title, both("site.lead_search"))


def entries_of(
    reading: Reading, sections: Iterable[Section], language: Language
) -> Iterator[Entry]:
    """Yield each section of a report: its heading and its prose, not its tables."""
    title = reading.issue.title(reading.entry["report"], language)
    subject = reading.issue.subject(reading.entry, language)
    about = " · ".join(
        filter(None, (title, subject or period_words(reading.issue.period, language)))
    )
    for section in sections:
        prose = _END.sub(" ", _UNREAD.sub(" ", section.html))
        text = unescape(_TAG.sub("", prose))
        yield Entry(section.heading, about, f"{reading.file}#{section.anchor}", text)


def projects_found(projects: Sequence[Project], site: Site, language: Language) -> Iterator[Entry]:
    """Yield each project with all that is said of where it belongs, and every page that is of no period."""
    told = {project.page: " ".join(project.row.values()) for project in projects}
    kind = say("site.at_projects", language)
    for page in site.pages:
        if page.name in told:
            title = page.title[language].partition(" · ")[0]
            yield Entry(title, kind, page.file(language), told[page.name])
        elif page.name.startswith(("counties/", "units/", "docs/")):
            yield Entry(page.title[language], "", page.file(language), page.lead[language])


def grams(text: str) -> set[str]:
    """Return what a text is found by: pairs of neighbouring Chinese characters, single ones, and other words."""
    found: set[str] = set()
    for run in _WORDS.findall(text.lower()):
        if run[0] <= "z":
            found.add(run[:20])
        elif len(run) == 1:
            found.add(run)
        else:
            found |= {run[at : at + 2] for at in range(len(run) - 1)}
    return found


def index(entries: Sequence[Entry]) -> str:
    """Return the script that holds entries and what they are found by.

    A list of entries is written as the steps from each to the next, a sign for each; `!` stands for as many
    as there are signs.
    """
    held: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        for gram in grams(f"{entry.title} {entry.about} {entry.text}"):
            held.setdefault(gram, []).append(number)
    content = {
        "signs": _SIGNS,
        "entries": [[entry.title, entry.about, entry.path] for entry in entries],
        "grams": {gram: _steps(held[gram]) for gram in sorted(held)},
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"const INDEX = {text};\n"


def _steps(numbers: Sequence[int]) -> str:
    steps = (number - before for before, number in zip([0, *numbers], numbers, strict=False))
    return "".join("!" * (step // len(_SIGNS)) + _SIGNS[step % len(_SIGNS)] for step in steps)


def feed(site: Site, language: Language, base: str) -> str:
    """Return the Atom feed in a language: an entry for each edition of a period, the latest first.

    Parameters
    ----------
    base : str
        Where the site is published; addresses are relative without it.
    """
    ending = "" if language == "zh" else f".{language}"
    home = site.issues[0].parameters.programme.programme
    root = ElementTree.Element(
        "feed", {"xmlns": _ATOM, "xml:lang": "zh-CN" if language == "zh" else "en"}
    )
    _put(root, "title", say("site.title", language, programme=site.programme[language]))
    _put(root, "id", _identity(site, ""))
    _put(root, "updated", max(issue.as_of for issue in site.issues).isoformat())
    _put(_put(root, "author"), "name", home.issuer[language])
    _put(root, "link", rel="alternate", type="text/html", href=f"{base}index{ending}.html")
    _put(root, "link", rel="self", href=f"{base}feed{ending}.xml")
    for issue in site.issues:
        entry = _put(root, "entry")
        edition = issue.about["edition"]
        revised = f" · {say('site.revised', language, n=edition)}" if edition > 1 else ""
        _put(entry, "title", period_words(issue.period, language) + revised)
        _put(entry, "id", _identity(site, f"{issue.period}/{edition}"))
        _put(entry, "updated", issue.as_of.isoformat())
        _put(entry, "link", href=f"{base}periods/{issue.period}{ending}.html")
        comma = "、" if language == "zh" else ", "
        titles = [issue.title(report, language) for report in issue.documents(language)]
        _put(entry, "summary", comma.join(titles))
    return _xml(root)


def sitemap(site: Site, readings: Sequence[Reading], base: str) -> str:
    """Return the map of all pages; without a base its addresses are relative, and it says so."""
    root = ElementTree.Element("urlset", {"xmlns": _MAP})
    if not base:
        root.append(
            ElementTree.Comment(
                f" {say('site.map_relative', 'zh')} | {say('site.map_relative', 'en')} "
            )
        )
    files = [page.file(to) for page in site.pages for to in LANGUAGES]
    for file in (*files, *(reading.file for reading in readings)):
        _put(_put(root, "url"), "loc", base + quote(file))
    return _xml(root)


def _identity(site: Site, what: str) -> str:
    """Return a name that stays the same wherever the site is put."""
    year = site.issues[0].parameters.programme.programme.name["zh"]
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'sanshi/{year}/{what}')}"


def _put(
    parent: ElementTree.Element, tag: str, text: str = "", **attributes: str
) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag, attributes)
    child.text = text or None
    return child


def _xml(root: ElementTree.Element) -> str:
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"
