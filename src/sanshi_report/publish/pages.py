"""A page of the site: what it says, what it is called, what surrounds it, and its HTML in a language."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from sanshi_report.build.calendar import for_a_file
from sanshi_report.catalogue import LANGUAGES, Language, say
from sanshi_report.columns import column
from sanshi_report.exact import fen_of
from sanshi_report.period import ReportPeriod
from sanshi_report.publish.issues import Figures, Issue
from sanshi_report.render import FORMATS, file_of
from sanshi_report.style import (
    LIGHTS,
    MISSING,
    day,
    light_html,
    light_word,
    money,
    number,
    pct,
    period_words,
    points,
    shown,
    yi,
)

__all__ = [
    "Page",
    "Site",
    "asset",
    "both",
    "feed_file",
    "group_page",
    "in_line",
    "relative",
    "spoken",
    "written",
]

_TEMPLATES = Path(__file__).parent / "templates"
_COUNTED = ("个", "项", "次", "起")


def both(key: str, **values: Any) -> dict[Language, str]:
    """Return a text of the catalogue in each language; a value may be a mapping by language itself."""
    return {
        to: say(key, to, **{name: _in(value, to) for name, value in values.items()})
        for to in LANGUAGES
    }


def _in(value: Any, language: Language) -> Any:
    return value[language] if isinstance(value, Mapping) else value


@dataclass(frozen=True)
class Page:
    """A page in both languages.

    Attributes
    ----------
    name : str
        Its place in the site: `projects/H05` is `projects/H05.html` in Chinese, `projects/H05.en.html` in
        English. Places stay the same from one publication to the next.
    template : str
        The file under `templates/` that says how it looks.
    title, lead : mapping of Language to str
        Its title, which no other page has, and what it is about in a sentence.
    values : mapping
        What the template speaks of.
    previous, following : str
        Names of the pages before and after it among its kind; empty for none.
    """

    name: str
    template: str
    title: Mapping[Language, str]
    lead: Mapping[Language, str]
    values: Mapping[str, Any] = field(default_factory=dict)
    previous: str = ""
    following: str = ""

    def file(self, language: Language) -> str:
        """Return its file in a language, from the site's folder."""
        return f"{self.name}.html" if language == "zh" else f"{self.name}.{language}.html"


@dataclass(frozen=True)
class Site:
    """What all pages share.

    Attributes
    ----------
    issues : sequence of Issue
        The periods, latest first, at least one.
    pages : sequence of Page
        All pages, the home page first.
    base : str
        Where it will be published, with a slash at its end; empty if that is not known.
    """

    issues: Sequence[Issue]
    pages: Sequence[Page] = ()
    base: str = ""

    @property
    def programme(self) -> Mapping[Language, str]:
        """What the programme is called."""
        name = self.issues[0].parameters.programme.programme.name
        return {to: name[to] for to in LANGUAGES}


def in_line(pages: Iterable[Page]) -> list[Page]:
    """Return pages of a kind, each leading to the one before and the one after it."""
    line = list(pages)
    names = ["", *(page.name for page in line), ""]
    return [
        replace(page, previous=before, following=after)
        for page, before, after in zip(line, names, names[2:], strict=False)
    ]


def written(site: Site, page: Page, language: Language) -> str:
    """Return the HTML of a page in a language; nothing in it makes a request to another host."""
    other: Language = "en" if language == "zh" else "zh"
    here = page.file(language)
    named = {one.name: one for one in site.pages}
    home = site.issues[0].parameters.programme.programme
    labels = site.issues[0].parameters.kpis

    def link(name: str, anchor: str = "") -> str:
        return relative(here, named[name].file(language)) + (
            f"#{quote(anchor, safe='=')}" if anchor else ""
        )

    around = {
        side: {"href": link(name), "title": named[name].title[language]}
        for side, name in (("previous", page.previous), ("following", page.following))
        if name in named
    }
    return (
        _environment()
        .get_template(page.template)
        .render(
            page.values,
            site=site,
            page=page,
            language=language,
            other=other,
            twin=relative(here, page.file(other)),
            here=here,
            feed=relative(here, feed_file(language)),
            title=page.title[language],
            lead=page.lead[language],
            programme=site.programme[language],
            issuer=home.issuer[language],
            around=around,
            is_sample=any(issue.about["data_status"] == "sample" for issue in site.issues),
            has=named.__contains__,
            link=link,
            file=lambda path: relative(here, path),
            group_page=group_page,
            kpi_label=lambda kpi: labels[kpi].label[language] if kpi in labels else kpi,
            **_speaking(language),
        )
    )


def _speaking(language: Language) -> dict[str, Any]:
    """Return what templates put values into words with."""
    return {
        "say": lambda key, **values: say(f"site.{key}", language, **values),
        "label": lambda key, to=language: say(key, to),
        "day": lambda moment, **options: day(moment, language, **options),
        "on": lambda text: day(date.fromisoformat(text[:10]), language) if text else MISSING,
        "words": lambda period: period_words(period, language),
        "short": lambda period: _short(period, language),
        "light": lambda code: Markup(light_html(code or None, language)),
        "light_word": lambda code: light_word(code or None, language),
        "value": partial(_value, language),
        "heading": lambda name: column(name).title(language),
        "cell": partial(_cell, language),
        "change": partial(_change, language),
        "identity": partial(_identity, language),
        "formats": partial(_formats, language),
    }


def feed_file(language: Language) -> str:
    """Return the file of the feed in a language."""
    return "feed.xml" if language == "zh" else f"feed.{language}.xml"


def asset(name: str) -> str:
    """Return a file that pages of the site refer to."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def group_page(kind: str, name: str) -> str:
    """Return the name of the page of one of the `counties` or `units`."""
    return f"{kind}/{for_a_file(name)}"


def relative(here: str, there: str) -> str:
    """Return how a file of the site leads to another, both given from the site's folder."""
    return quote(posixpath.relpath(there, posixpath.dirname(here) or "."))


def _short(period: ReportPeriod, language: Language) -> str:
    """Return a period as short as a heading of a narrow column can be."""
    return period_words(period, language) if language == "zh" else str(period)


def _value(
    language: Language, issue: Issue, figures: Figures, kpi: str, side: str = "actual"
) -> Markup:
    """Return a cell of a period's KPI table with its address: the file, the row and the column."""
    text = spoken(issue, figures, kpi, language, side)
    if text == MISSING:
        return Markup(MISSING)
    row = figures[kpi]
    at = f"{issue.period}/kpis.csv#{kpi},{row['scope']},{row['scope_value']},{side}"
    return Markup('<data value="{}" data-at="{}">{}</data>').format(row[side], at, text)


def spoken(
    issue: Issue, figures: Figures, kpi: str, language: Language, side: str = "actual"
) -> str:
    """Return a cell of a period's KPI table as it is read; missing is `—`."""
    row, known = figures.get(kpi), issue.parameters.kpis.get(kpi)
    if row is None or known is None or not row[side]:
        return MISSING
    return _amount(row[side], known.unit, known.decimals, language)


def _change(language: Language, issue: Issue, kpi: str, change: Decimal | None) -> str:
    """Return how an indicator has changed, with its sign; of percentages, in points."""
    if change is None:
        return MISSING
    known = issue.parameters.kpis[kpi]
    match known.unit:
        case "亿元":
            return say("labels.money", language, amount=yi(fen_of(change), language, signed=True))
        case "%":
            return say("site.change_points", language, n=points(change, known.decimals))
    shown = number(change, known.decimals, signed=True)
    return shown + (known.unit if language == "zh" else "")


def _cell(language: Language, issue: Issue, file: str, row: Mapping[str, Any], name: str) -> Markup:
    """Return a cell of a table of a release as its column's kind has it, with its address."""
    about, parameters = column(name), issue.parameters

    def term(code: str) -> str:
        words = about.values
        return words[code][language] if code in words else parameters.term(code, language)

    if about.kind == "light":
        return Markup(light_html(row[name], language))
    text = shown(row[name], about, language, year=parameters.period.year, term=term)
    if about.kind in ("text", "code"):
        return Markup.escape(text)
    at = f"{issue.period}/{file}#{row['line']},{name}"
    return Markup('<data value="{}" data-at="{}">{}</data>').format(row[name], at, text)


def _identity(language: Language, issue: Issue, row: Mapping[str, str], name: str) -> str:
    """Return what a project is or belongs to, as the register has it, in words."""
    code, parameters = row[name], issue.parameters
    if not code:
        return MISSING
    match column(name).kind:
        case "day":
            return day(date.fromisoformat(code), language, short=True)
        case "fen":
            return money(fen_of(Decimal(code)), language)
    match name:
        case "kind":
            return say(f"labels.kind_{code}", language)
        case "tier":
            return parameters.word("project_tiers", code, language)
    return parameters.term(code, language)


def _amount(text: str, unit: str, decimals: int, language: Language) -> str:
    """Return a value of the KPI table as it is read."""
    if not text:
        return MISSING
    exact = Decimal(text)
    if unit == "亿元":
        return money(fen_of(exact), language)
    if unit == "%":
        return pct(exact, decimals)
    return number(exact, decimals) + (unit if language == "zh" or unit not in _COUNTED else "")


def _formats(
    language: Language, issue: Issue, entry: Mapping[str, Any]
) -> list[tuple[str, str, str]]:
    """Return file, words and language of each format of a document; no language if it is the page's."""
    spoken = entry["language"]
    note = "" if spoken == language else f" ({say('site.name', spoken)})"
    return [
        (
            f"{issue.period}/{file_of(entry['name'], format)}",
            say(f"site.format_{format}", language) + note,
            "" if spoken == language else spoken,
        )
        for format in FORMATS
        if format in entry["formats"]
    ]


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["lights"] = LIGHTS
    # Worst first; what is not rated, or has no light, comes last.
    worst = {code: -at for at, code in enumerate(LIGHTS)} | {"not_rated": 1, "": 2}
    environment.globals["rank_of_light"] = worst
    return environment
