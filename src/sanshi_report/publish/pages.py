"""The site's page, in each language: every period, latest first, and every report."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import quote

from sanshi_report.build import manifest
from sanshi_report.build.calendar import Instance
from sanshi_report.build.documents import when
from sanshi_report.build.plan import trail_name
from sanshi_report.catalogue import Language, say
from sanshi_report.exact import fen_of
from sanshi_report.period import ReportPeriod
from sanshi_report.render import FORMATS, file_of
from sanshi_report.style import LIGHTS, MISSING, day, light_html, money, number, pct, period_words
from sanshi_report.workspace import Parameters

__all__ = ["PAGES", "Issue", "page"]

PAGES: dict[Language, str] = {"zh": "index.html", "en": "index.en.html"}

_HEADLINE = {
    "starts.started": "starts.milestone",
    "starts.due_not_started": "",
    "investment.ytd": "investment.ytd",
    "investment.completion_pct": "investment.completion_pct",
}
"""The figures shown of each period, and the indicator whose target stands beside each."""


@dataclass(frozen=True)
class Issue:
    """A period of the site.

    Attributes
    ----------
    period : ReportPeriod
        The period.
    about : mapping
        The manifest of its release.
    parameters : Parameters
        What was decided for it.
    folder : Path
        Where its files are.
    """

    period: ReportPeriod
    about: Mapping[str, Any]
    parameters: Parameters
    folder: Path

    @cached_property
    def figures(self) -> dict[str, dict[str, str]]:
        """The programme's own rows of the KPI table, by code."""
        text = (self.folder / "kpis.csv").read_text(encoding="utf-8-sig")
        rows = csv.DictReader(io.StringIO(text))
        return {row["kpi"]: row for row in rows if row["scope"] == "portfolio"}

    def title(self, report: str, language: Language) -> str:
        """Return what a report is called."""
        listed = {one.name: one for one in self.parameters.programme.reports}
        return listed[report].title[language] if report in listed else report

    def documents(self, language: Language) -> dict[str, list[Mapping[str, Any]]]:
        """Return the documents of each report, each in one language: this one if there is it."""
        chosen: dict[tuple[str, str], Mapping[str, Any]] = {}
        for entry in self.about["reports"]:
            key = entry["report"], str(entry["about"])
            if key not in chosen or entry["language"] == language:
                chosen[key] = entry
        found: dict[str, list[Mapping[str, Any]]] = {}
        for entry in chosen.values():
            found.setdefault(entry["report"], []).append(entry)
        return found


def page(issues: Sequence[Issue], language: Language) -> str:
    """Return the index of the site in one language; nothing in it makes a request.

    Parameters
    ----------
    issues : sequence of Issue
        Latest first, at least one.
    """
    programme = issues[0].parameters.programme.programme
    is_sample = any(issue.about["data_status"] == "sample" for issue in issues)
    other: Language = "en" if language == "zh" else "zh"
    notice = escape(say("build.sample_data", language))
    contents = (
        f'<a href="#{issue.period}">{escape(period_words(issue.period, language))}</a>'
        for issue in issues
    )
    lights = (f".light-{light.code} {{ color: {light.colour}; }}" for light in LIGHTS.values())
    values = {
        "lang": "zh-CN" if language == "zh" else "en",
        "title": escape(say("site.title", language, programme=programme.name[language])),
        "issuer": escape(programme.issuer[language]),
        "lights": "\n".join(lights),
        "skip": say("render.skip", language),
        "notice": f'<p class="notice">{notice}</p>' if is_sample else "",
        "contents_label": say("site.periods", language),
        "contents": " ".join(contents),
        "by_report": say("site.by_report", language),
        "twin": f'<a href="{PAGES[other]}" lang="{other}">{say("site.name", other)}</a>',
        "issues": "\n".join(_issue(issue, language) for issue in issues),
        "reports": "\n".join(_by_report(issues, language)),
        "footer": say("site.footer", language),
    }
    template = files(__package__).joinpath("page.html").read_text(encoding="utf-8")
    return Template(template).substitute(values)


def _issue(issue: Issue, language: Language) -> str:
    about, period = issue.about, issue.period
    revised = ""
    if about["edition"] > 1:
        words = say("site.revised", language, n=about["edition"])
        revised = f' <span class="revised">{escape(words)}</span>'
    known = say("site.known", language, day=_day(about["as_of"], language))
    documents = issue.documents(language).items()
    return "\n".join(
        filter(
            None,
            (
                f'<section id="{period}"><h2>{escape(period_words(period, language))}{revised}</h2>',
                f'<p class="known">{escape(known)}</p>',
                f'<dl class="figures">{"".join(_figures(issue, language))}</dl>',
                "<ul>",
                *(_report(issue, name, entries, language) for name, entries in documents),
                "</ul>",
                _data(issue, language),
                _former(issue, language),
                "</section>",
            ),
        )
    )


def _figures(issue: Issue, language: Language) -> Iterator[str]:
    for code, beside in _HEADLINE.items():
        row, kpi = issue.figures.get(code), issue.parameters.kpis.get(code)
        if row is None or kpi is None:
            continue
        target = issue.figures.get(beside, {}).get("target")
        light = light_html(row["status"], language) if row["status"] else ""
        small = ""
        if target:
            shown = _amount(target, kpi.unit, kpi.decimals, language)
            small = escape(say(f"site.beside_{beside.replace('.', '_')}", language, value=shown))
        value = escape(_amount(row["actual"], kpi.unit, kpi.decimals, language))
        yield (
            f"<div><dt>{escape(kpi.label[language])}</dt>"
            f'<dd class="value">{value}</dd><dd class="beside">{small} {light}</dd></div>'
        )


def _amount(text: str, unit: str, decimals: int, language: Language) -> str:
    """Return a value of the KPI table as it is read."""
    if not text:
        return MISSING
    value = Decimal(text)
    if unit == "亿元":
        return money(fen_of(value), language)
    if unit == "%":
        return pct(value, decimals)
    return number(value, decimals) + (unit if language == "zh" else "")


def _report(
    issue: Issue, name: str, entries: Sequence[Mapping[str, Any]], language: Language
) -> str:
    title = escape(issue.title(name, language))
    if len(entries) == 1 and not any(entries[0]["about"].values()):
        return f'<li><span class="title">{title}</span>{_links(issue, entries[0], language)}</li>'
    count = say("site.count", language, n=len(entries))
    rows = "\n".join(
        f'<li><span class="title">{escape(_subject(issue, entry, language))}</span>'
        f"{_links(issue, entry, language)}</li>"
        for entry in entries
    )
    return (
        f"<li><details><summary>{title}{escape(count)}</summary><ul>\n{rows}\n</ul></details></li>"
    )


def _subject(issue: Issue, entry: Mapping[str, Any], language: Language) -> str:
    """Return what sets a document apart from the report's others."""
    listed = {one.name: one for one in issue.parameters.programme.reports}
    report = listed.get(entry["report"])
    instance = Instance.of(report, entry["about"]) if report else None
    week = when(instance, issue.period, language) if instance and instance.week else ""
    return " · ".join(filter(None, (week, entry["subject"]))) or entry["name"]


def _links(issue: Issue, entry: Mapping[str, Any], language: Language) -> str:
    name, spoken = entry["name"], entry["language"]
    note, words = "", ""
    if spoken != language:
        note, words = f' lang="{spoken}"', f" ({say('site.name', spoken)})"
    links = (
        f'<a href="{_at(issue, file_of(name, format))}"{note}>'
        f"{escape(say(f'site.format_{format}', language) + words)}</a>"
        for format in FORMATS
        if format in entry["formats"]
    )
    return f'<span class="links">{"".join(links)}</span>'


def _data(issue: Issue, language: Language) -> str:
    """Return links to the data of a period, and to the tables of each document."""
    names = [output["path"] for output in issue.about["outputs"]]
    data = [name for name in names if name.endswith(".csv") and "/" not in name]
    documents = [entry["name"] for entry in issue.about["reports"]]
    parts = [_files(issue, (*data, manifest.NAME))]
    for document in documents:
        tables = manifest.tables_of(document, documents, names)
        trail = trail_name(document)
        if trail in names:
            tables.append(trail)
        if tables:
            summary = escape(document + say("site.tables", language, n=len(tables)))
            listed = _files(issue, tables)
            parts.append(f"<details><summary>{summary}</summary>{listed}</details>")
    summary = escape(say("site.data", language))
    return f"<details><summary>{summary}</summary>{''.join(parts)}</details>"


def _files(issue: Issue, names: Iterable[str]) -> str:
    links = (
        f'<a href="{_at(issue, name)}">{escape(name.removeprefix("tables/"))}</a>' for name in names
    )
    return f'<div class="data">{" ".join(links)}</div>'


def _former(issue: Issue, language: Language) -> str:
    links = []
    for former in issue.about["supersedes"]:
        folder = issue.folder / former["folder"]
        first = next((path.name for path in sorted(folder.glob("*.html"))), "manifest.json")
        known = _day(former["as_of"], language)
        words = say("site.former", language, n=former["edition"], day=known)
        links.append(f'<a href="{_at(issue, former["folder"] + "/" + first)}">{escape(words)}</a>')
    return f'<p class="former">{" ".join(links)}</p>' if links else ""


def _by_report(issues: Sequence[Issue], language: Language) -> Iterator[str]:
    """Yield each report with the periods it was issued for."""
    places: dict[str, list[str]] = {}
    titles: dict[str, str] = {}
    for issue in issues:
        for name, entries in issue.documents(language).items():
            titles.setdefault(name, issue.title(name, language))
            words = escape(period_words(issue.period, language))
            single = entries[0] if len(entries) == 1 and "html" in entries[0]["formats"] else None
            href = _at(issue, f"{single['name']}.html") if single else f"#{issue.period}"
            places.setdefault(name, []).append(f'<a href="{href}">{words}</a>')
    for name, links in places.items():
        yield f'<h3>{escape(titles[name])}</h3>\n<p class="places">{" ".join(links)}</p>'


def _at(issue: Issue, name: str) -> str:
    return f"{issue.period}/{quote(name)}"


def _day(moment: str, language: Language) -> str:
    return day(datetime.fromisoformat(moment), language)
