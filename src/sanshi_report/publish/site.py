"""Collecting the releases into `output/site/`, whole or not at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sanshi_report.build import manifest
from sanshi_report.build.place import place, staging, writing
from sanshi_report.build.plan import LEDGER
from sanshi_report.catalogue import LANGUAGES, Language, say
from sanshi_report.errors import BuildError, UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.publish.pages import PAGES, Issue, page
from sanshi_report.workspace import Workspace

__all__ = ["Site", "publish"]


@dataclass(frozen=True)
class Site:
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


def publish(workspace: Workspace) -> Site:
    """Make the site of all releases that are as they were made, in place of the former one.

    Raises
    ------
    BuildError
        If there is no release, or the site cannot be written; the former site is then untouched.
    """
    issues: list[Issue] = []
    excluded: list[BuildError] = []
    target = workspace.output / "site"
    with staging(workspace, "site") as folder, writing(workspace.output):
        for period in _periods(workspace):
            try:
                about = _take(workspace.output / str(period), folder / str(period), period)
            except BuildError as error:
                excluded.append(error)
            else:
                parameters = workspace.parameters(period)
                issues.append(Issue(period, about, parameters, folder / str(period)))
        if not issues:
            raise BuildError("site_empty", output=workspace.output)
        for language in LANGUAGES:
            (folder / PAGES[language]).write_text(page(issues, language), encoding="utf-8")
        place(folder, target)
    return Site(target, tuple(issue.period for issue in issues), tuple(excluded))


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


def _take(release: Path, target: Path, period: ReportPeriod) -> Mapping[str, Any]:
    """Copy a release into the site, every file compared with its digest, and return its manifest."""
    about = manifest.read(release)
    if about is None:
        raise BuildError("release_missing", period=period)
    _copy(release, target, about, period)
    for former in about["supersedes"]:
        folder = release / former["folder"]
        earlier = manifest.read(folder)
        if earlier is None:
            raise BuildError("release_damaged", period=period, file=former["folder"])
        _copy(folder, target / former["folder"], earlier, period)
        for name in sorted((target / former["folder"]).glob("*.html")):
            _mark(name, about, target)
    return about


def _copy(release: Path, target: Path, about: Mapping[str, Any], period: ReportPeriod) -> None:
    # Bytes, not a second name: whoever edits a file of the release must not edit the site.
    # The ledger itself is the office's own: a site shows what reports say of it.
    shown = (one for one in about["outputs"] if not one["path"].startswith(f"{LEDGER}/"))
    for output in shown:
        if not manifest.is_own(release, output["path"]):
            raise BuildError("release_damaged", period=period, file=output["path"])
        content = (release / output["path"]).read_bytes()
        if sha256(content).hexdigest() != output["sha256"]:
            raise BuildError("release_damaged", period=period, file=output["path"])
        path = target / output["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    manifest.write(about, target)


def _mark(document: Path, about: Mapping[str, Any], release: Path) -> None:
    """Put a banner over a superseded document that leads to the present one."""
    present = release / document.name
    if present.is_file():
        link, language = (
            f"../../{quote(document.name)}",
            _language(about, document.stem.removesuffix(".slides")),
        )
    else:
        link, language = f"../../../{PAGES['zh']}", "zh"
    words = say("site.superseded", language, n=about["edition"])
    banner = f'<p class="ribbon">{escape(words)} <a style="color:#fff" href="{link}">'
    banner += f"{escape(say('site.present', language))}</a></p>"
    text = document.read_text(encoding="utf-8")
    document.write_text(
        re.sub(r"<body[^>]*>", lambda body: body[0] + banner, text, count=1), encoding="utf-8"
    )


def _language(about: Mapping[str, Any], name: str) -> Language:
    languages: dict[str, Language] = {one["name"]: one["language"] for one in about["reports"]}
    return languages.get(name, "zh")
