"""Collecting the releases into `output/site/`, whole or not at all."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sanshi_report.build import manifest
from sanshi_report.build.place import copy, place, staging, writing
from sanshi_report.build.plan import LEDGER, digest_of, program_digest
from sanshi_report.catalogue import LANGUAGES, Language, say
from sanshi_report.errors import BuildError, ReportError, UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.publish import data, exploring, finding, pages
from sanshi_report.publish.comparing import by_two, comparable
from sanshi_report.publish.contents import contents
from sanshi_report.publish.documents import documents
from sanshi_report.publish.exploring import explored
from sanshi_report.publish.issues import Issue, verified
from sanshi_report.publish.projects import Project, by_project, register
from sanshi_report.publish.reading import (
    Mention,
    lightened,
    mentions,
    opened,
    readings,
    sections,
    with_bar,
)
from sanshi_report.workspace import Workspace, default_cutoff

__all__ = ["Published", "publish"]

HOME = "index.html"
_ADDRESS = re.compile(r"https?://[^\s\"'<>?#]+")


@dataclass(frozen=True)
class Published:
    """What was published.

    Attributes
    ----------
    folder : Path
        The site's folder; it opens at `index.html`.
    periods : tuple of ReportPeriod
        The periods in it, latest first.
    excluded : tuple of BuildError
        Why each period that there is data of, or a folder of reports, is not in it.
    """

    folder: Path
    periods: tuple[ReportPeriod, ...]
    excluded: tuple[BuildError, ...]


def publish(workspace: Workspace, *, keep: int | None = None, base: str = "") -> Published:
    """Make the site of all releases that are as they were made, in place of the former one.

    What is the same as in the former site, or in a release, is linked and not written again.

    Parameters
    ----------
    keep : int, optional
        How many periods to have in it, the latest; all unless given.
    base : str
        The address it will have on a web server, `https://…`; what is to be read from elsewhere, the feed and
        the map of the site, then says where it is.

    Raises
    ------
    UsageError
        If there are no periods to keep, or the address is none.
    BuildError
        If there is no release, or the site cannot be written; the former site is then untouched.
    """
    if keep is not None and keep < 1:
        raise UsageError("keep_malformed", found=keep)
    if base and not _ADDRESS.fullmatch(base):
        raise UsageError("base_url_malformed", found=repr(base))
    base = f"{base.rstrip('/')}/" if base else ""
    target = workspace.output / "site"
    issues: list[Issue] = []
    excluded: list[BuildError] = []
    with staging(workspace, "site") as folder, writing(workspace.output):
        store = _Store(folder, target)
        for period in _periods(workspace):
            if keep is not None and len(issues) == keep:
                break
            try:
                issues.append(_take(workspace, store, period))
            except BuildError as error:
                shutil.rmtree(folder / str(period), ignore_errors=True)
                excluded.append(error)
        if not issues:
            raise BuildError("site_empty", output=workspace.output)
        _write_pages(
            store, workspace.root, issues, _cutoff(workspace, issues[0].period.following), base
        )
        place(folder, target)
    return Published(target, tuple(issue.period for issue in issues), tuple(excluded))


@dataclass(frozen=True)
class _Store:
    """The site being made, beside the former one."""

    folder: Path
    former: Path

    def put(self, name: str, content: str | bytes) -> None:
        """Write a file, or give the former site's a second name if it is the same."""
        wanted = content.encode() if isinstance(content, str) else content
        path, before = self.folder / name, self.former / name
        # It may be a second name of a release's file, which must stay as it is.
        path.unlink(missing_ok=True)
        if manifest.is_own(self.former, name) and before.read_bytes() == wanted:
            copy(before, path)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(wanted)

    def again(self, folder: str) -> None:
        """Take a folder over from the former site, with the files beside it that have its name."""
        home, name = (self.former / folder).parent, (self.former / folder).name
        for path in sorted([*home.glob(f"{name}.*"), *(home / name).rglob("*")]):
            if path.is_file() and not path.is_symlink():
                copy(path, self.folder / path.relative_to(self.former))


def _periods(workspace: Workspace) -> list[ReportPeriod]:
    """Return the periods there is data or a folder of reports of, latest first."""
    found = set()
    for home in (workspace.output, workspace.raw):
        for path in home.iterdir():
            try:
                found.add(ReportPeriod.parse(path.name))
            except UsageError:
                continue
    return sorted(found, reverse=True)


def _cutoff(workspace: Workspace, period: ReportPeriod) -> datetime:
    try:
        return workspace.cutoff(period)
    except ReportError:  # what is decided of a period to come is not the site's concern
        return default_cutoff(period)


def _take(workspace: Workspace, store: _Store, period: ReportPeriod) -> Issue:
    """Link a release into the site, every file held against its digest."""
    release, target = workspace.output / str(period), store.folder / str(period)
    about = manifest.read(release)
    if about is None:
        raise BuildError("release_missing", period=period)
    _link(release, store, str(period), about, period)
    for former in about["supersedes"]:
        folder = release / former["folder"]
        earlier = manifest.read(folder)
        if earlier is None:
            raise BuildError("release_damaged", period=period, file=former["folder"])
        _link(folder, store, f"{period}/{former['folder']}", earlier, period)
        for path in sorted((target / former["folder"]).glob("*.html")):
            name = path.relative_to(store.folder).as_posix()
            store.put(name, _superseded(path, about, target))
    return Issue(period, about, workspace.parameters(period), release)


def _link(
    release: Path, store: _Store, name: str, about: Mapping[str, Any], period: ReportPeriod
) -> None:
    # The ledger itself is the office's own: a site shows what reports say of it.
    for output in about["outputs"]:
        path = output["path"]
        if path.startswith(f"{LEDGER}/"):
            continue
        if not manifest.is_own(release, path):
            raise BuildError("release_damaged", period=period, file=path)
        copy(release / path, store.folder / name / path)
        # What stands in the site is what is examined: a build may put another release in this one's place.
        verified(store.folder / name, output, period)
    store.put(f"{name}/{manifest.NAME}", manifest.text_of(about))


def _superseded(document: Path, about: Mapping[str, Any], release: Path) -> str:
    """Return a superseded document with a banner that leads to the present one."""
    if (release / document.name).is_file():
        link, language = (
            f"../../{quote(document.name)}",
            _language(about, document.stem.removesuffix(".slides")),
        )
    else:
        link, language = f"../../../{HOME}", "zh"
    words = say("site.superseded", language, n=about["edition"])
    named, present = say("render.ribbon", language), escape(say("site.present", language))
    banner = (
        f'<aside class="ribbon" aria-label="{named}">{escape(words)} '
        f'<a class="site-present" href="{link}">{present}</a></aside>'
    )
    return opened(document.read_text(encoding="utf-8"), banner)


def _language(about: Mapping[str, Any], name: str) -> Language:
    languages: dict[str, Language] = {one["name"]: one["language"] for one in about["reports"]}
    return languages.get(name, "zh")


def _write_pages(
    store: _Store, root: Path, issues: Sequence[Issue], cutoff: datetime, base: str
) -> None:
    projects = register(issues)
    names = {project.number: project.row["name"] for project in projects}
    leading = {project.row["name"]: project.page for project in projects}
    spoken: dict[Language, dict[str, list[Mention]]] = {to: {} for to in LANGUAGES}
    found: dict[Language, list[finding.Entry]] = {to: [] for to in LANGUAGES}
    tables = {issue.period: data.by_content(issue) for issue in issues}
    shared: dict[str, str] = {}
    line = sorted(readings(issues), key=lambda one: one.issue.period, reverse=True)
    for reading in line:
        text = (store.folder / reading.file).read_text(encoding="utf-8")
        told = list(sections(text))
        for language in filter(reading.is_for, LANGUAGES):
            found[language] += finding.entries_of(reading, told, language)
            for number, mention in mentions(told, reading, names):
                spoken[language].setdefault(number, []).append(mention)
        barred = with_bar(text, reading, leading)
        lighter, scripts = lightened(barred, reading.file, tables[reading.issue.period])
        shared.update(scripts)
        store.put(reading.file, lighter)
    site = pages.Site(issues, tuple(_pages(root, issues, cutoff, projects, spoken)), base)
    for language in LANGUAGES:
        for page in site.pages:
            store.put(page.file(language), pages.written(site, page, language))
        entries = [*finding.projects_found(projects, site, language), *found[language]]
        store.put(f"assets/index.{language}.js", finding.index(entries))
        store.put(f"assets/periods.{language}.js", comparable(issues, projects, language))
        store.put(pages.feed_file(language), finding.feed(site, language, base))
    store.put("sitemap.xml", finding.sitemap(site, line, base))
    _write_data(store, issues)
    shared |= exploring.scripts(site)
    for name in ("table.js", "search.js", "compare.js"):
        shared[f"assets/{name}"] = pages.asset(name)
    for name, content in shared.items():
        store.put(name, content)


def _write_data(store: _Store, issues: Sequence[Issue]) -> None:
    for name, content in data.together(issues):
        store.put(name, content)
    for issue in issues:
        folder = data.package_folder(issue)
        made_from = digest_of(
            program_digest(),
            manifest.text_of(issue.about),
            sorted(issue.parameters.in_force.values()),
        )
        if _made_from(store.former / folder) == made_from:
            store.again(folder)
            continue
        for name, content in data.of_period(issue, made_from):
            store.put(name, content)


def _made_from(folder: Path) -> str:
    """Return what a folder of data says it was made from; nothing if there is none that can be read."""
    try:
        package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
        return str(package["madeFrom"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _pages(
    root: Path,
    issues: Sequence[Issue],
    cutoff: datetime,
    projects: Sequence[Project],
    spoken: Mapping[Language, Mapping[str, Sequence[Mention]]],
) -> Iterator[pages.Page]:
    programme = issues[0].parameters.programme.programme.name
    name = {to: programme[to] for to in LANGUAGES}
    yield from contents(issues, cutoff)
    yield from by_project(issues, projects, spoken, name)
    yield from by_two(issues, projects, name)
    yield from explored(issues, projects, name)
    yield data.data_page(issues, name)
    yield from documents(root, name)
    yield finding.search_page(name)
