"""A report's own page as it stands in the site: with a bar that leads on, and a banner if it was superseded.

What the report says is left as it was published; the bar and the banner come before it. What is the same on many
pages, or stands in the site anyway, is referred to: a page saved alone still reads, its charts drawn.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from html import escape, unescape
from itertools import zip_longest
from typing import Any

from sanshi_report.catalogue import Language, say
from sanshi_report.publish.issues import Issue
from sanshi_report.publish.pages import relative
from sanshi_report.render import file_of
from sanshi_report.render.sources import ANCHOR
from sanshi_report.style import period_words

__all__ = [
    "Mention",
    "Reading",
    "Section",
    "lightened",
    "mentions",
    "opened",
    "readings",
    "sections",
    "with_bar",
]

_STYLE = """
.site-bar { display: flex; flex-wrap: wrap; gap: 0 1.2rem; padding: .2rem 1.25rem; font: 1rem/1.6 system-ui, sans-serif;
  font-size: .9375rem; background: #f5f6f8; border-bottom: 1px solid #d5d9de; }
.site-bar a { display: inline-block; min-width: 24px; padding: .2rem 0; color: #0b4f9e; }
.site-bar .on { margin-left: auto; }
.site-bar + .ribbon a, .ribbon .site-present { color: #fff; }
@media screen and (prefers-color-scheme: dark) {
  .site-bar { background: #20262d; border-color: #3b434c; }
  .site-bar a { color: #8ab8ff; }
}
@media print { .site-bar { display: none; } }
"""
_HEADING = re.compile(r'<h([23]) id="([^"]+)"[^>]*>(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
_ROW = re.compile(r'(<th scope="row"[^>]*>)([^<]+)(</th>)')
_LARGE = 100_000
"""Characters from which a script on a page is one that others share."""
_SCRIPT = re.compile(rf"<script>(.{{{_LARGE},}}?)</script>", re.DOTALL)
_HELD = re.compile(r'href="data:text/csv;base64,([A-Za-z0-9+/=]*)"')
_BODY = re.compile(r"<body[^>]*>\s*(?:<a class=\"skip\".*?</a>\s*)?", re.DOTALL)


@dataclass(frozen=True)
class Reading:
    """A report's page in the site.

    Attributes
    ----------
    issue : Issue
        The period it was issued for.
    entry : mapping
        Its entry in the manifest.
    previous, following : str
        Files of the same report about the time before and after; empty for none.
    """

    issue: Issue
    entry: Mapping[str, Any]
    previous: str = ""
    following: str = ""

    @property
    def file(self) -> str:
        """Its file, from the site's folder."""
        return f"{self.issue.period}/{file_of(self.entry['name'], 'html')}"

    @property
    def language(self) -> Language:
        """The language it is written in."""
        spoken: Language = self.entry["language"]
        return spoken

    def is_for(self, language: Language) -> bool:
        """Return whether pages in a language lead to it: it is in that language, or there is none that is."""
        return self.language == language or not self.twin

    @property
    def twin(self) -> str:
        """The same document in the other language; empty for none."""
        for one in self.issue.about["reports"]:
            same = (one["report"], one["about"]) == (self.entry["report"], self.entry["about"])
            if same and one["language"] != self.language and "html" in one["formats"]:
                return f"{self.issue.period}/{file_of(one['name'], 'html')}"
        return ""


def readings(issues: Sequence[Issue]) -> Iterator[Reading]:
    """Yield every report's page with those before and after it: the same report, official, project, language."""
    lines: dict[tuple[Any, ...], list[Reading]] = {}
    for issue in reversed(issues):
        for entry in issue.about["reports"]:
            if "html" in entry["formats"]:
                same = {name: value for name, value in entry["about"].items() if name != "week"}
                key = (entry["report"], entry["language"], *sorted(same.items()))
                lines.setdefault(key, []).append(Reading(issue, entry))
    for line in lines.values():
        line.sort(key=lambda one: (one.issue.period, one.entry["about"].get("week") or ""))
        files = ["", *(one.file for one in line), ""]
        for one, former, later in zip(line, files, files[2:], strict=False):
            yield Reading(one.issue, one.entry, former, later)


@dataclass(frozen=True)
class Mention:
    """A section of a report that speaks of a project.

    Attributes
    ----------
    reading : Reading
        The report.
    anchor : str
        The section's identifier in the page; empty for a report that is about the project.
    heading : str
        Its heading; empty likewise.
    """

    reading: Reading
    anchor: str = ""
    heading: str = ""


@dataclass(frozen=True)
class Section:
    """A section of a report: its identifier in the page, its heading as text, and its HTML."""

    anchor: str
    heading: str
    html: str


def sections(text: str) -> Iterator[Section]:
    """Yield the sections of a report's page, without that on where its numbers are from."""
    found = [*_HEADING.finditer(text)]
    for section, following in zip_longest(found, found[1:]):
        anchor, heading = unescape(section[2]), unescape(_TAG.sub("", section[3])).strip()
        if anchor == ANCHOR:
            return
        end = following.start() if following else None
        yield Section(anchor, heading, text[section.start() : end])


def mentions(
    told: Sequence[Section], reading: Reading, names: Mapping[str, str]
) -> Iterator[tuple[str, Mention]]:
    """Yield each project that a report speaks of, by number, with each section that does.

    Parameters
    ----------
    told : sequence of Section
        The report's sections.
    names : mapping of str to str
        What projects are called, by number.
    """
    own = reading.entry["about"].get("project")
    if own:
        yield own, Mention(reading)
        return
    escaped = {number: escape(name) for number, name in names.items()}
    for section in told:
        for number, name in escaped.items():
            if name in section.html:
                yield number, Mention(reading, section.anchor, section.heading)


def with_bar(text: str, reading: Reading, pages: Mapping[str, str]) -> str:
    """Return a report's page with its bar: home, its period, the report before and after, the other language.

    Parameters
    ----------
    pages : mapping of str to str
        The pages of what rows of its tables are about, by name, from the site's folder without an ending.
    """
    language, issue = reading.language, reading.issue
    ending = ".html" if language == "zh" else f".{language}.html"
    places = [
        ("", f"index{ending}", say("site.at_index", language), ""),
        ("", f"periods/{issue.period}{ending}", period_words(issue.period, language), ""),
        ("on", reading.previous, "← " + say("site.report_before", language), ""),
        ("", reading.following, say("site.report_after", language) + " →", ""),
        ("", reading.twin, *_other(language)),
    ]
    links = "".join(
        f'<a href="{relative(reading.file, there)}"{_class(kind)}{tongue}>{escape(words)}</a>'
        for kind, there, words, tongue in places
        if there
    )
    named = escape(say("site.places", language))
    bar = f'<nav class="site-bar" aria-label="{named}">{links}</nav>'

    def led(row: re.Match[str]) -> str:
        page = pages.get(unescape(row[2]))
        if not page:
            return row[0]
        return f'{row[1]}<a href="{relative(reading.file, page + ending)}">{row[2]}</a>{row[3]}'

    return opened(_ROW.sub(led, text), bar)


def opened(text: str, first: str) -> str:
    """Return a page with something put first in its body, and the style of it in its head."""
    styled = text.replace("</head>", f"<style>{_STYLE}</style>\n</head>", 1)
    return _BODY.sub(lambda body: f"{body[0]}{first}\n", styled, count=1)


def lightened(text: str, file: str, tables: Mapping[str, str]) -> tuple[str, Mapping[str, str]]:
    """Return a page that refers to what it held itself, and the scripts that it refers to, by file.

    Parameters
    ----------
    file : str
        The page, from the site's folder.
    tables : mapping of str to str
        The site's tables: the file of each by the SHA-256 of its content.
    """
    scripts: dict[str, str] = {}

    def script(found: re.Match[str]) -> str:
        name = f"assets/charts-{sha256(found[1].encode()).hexdigest()[:8]}.js"
        scripts[name] = found[1]
        return f'<script src="{relative(file, name)}"></script>'

    def table(found: re.Match[str]) -> str:
        there = tables.get(sha256(b64decode(found[1])).hexdigest())
        return f'href="{relative(file, there)}"' if there else found[0]

    lighter = _HELD.sub(table, _SCRIPT.sub(script, text))
    if scripts:  # the digest in the policy was of what is now a file
        lighter = re.sub(r"script-src 'sha256-[^']*'", "script-src 'self' file:", lighter, count=1)
    return lighter, scripts


def _other(language: Language) -> tuple[str, str]:
    other: Language = "en" if language == "zh" else "zh"
    return say("site.name", other), f' lang="{other}"'


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
