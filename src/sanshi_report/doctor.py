"""Whether a report can be made on this machine with this data, and if not, why."""

from __future__ import annotations

import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from sanshi_report.catalogue import LANGUAGES, say
from sanshi_report.errors import RenderError, ReportError
from sanshi_report.ledger import load, receipts
from sanshi_report.render import Fonts, choose, set_specimen, tried
from sanshi_report.workspace import Parameters, Workspace

__all__ = ["Finding", "examine"]

State = Literal["good", "note", "bad"]

_NEEDED_MEGABYTES = 200
# What a report cannot do without: common and rarer characters, the lights' symbols, official marks.
_SPECIMEN = (
    "三十工程推进情况通报（示例）——促开工、扩投资；滞后、预警：●▲■—✓〔2024〕第６期，㎡、％、−、·。"
)


@dataclass(frozen=True)
class Finding:
    """One thing looked at.

    Attributes
    ----------
    subject : str
        What it is, in both languages.
    state : {"good", "note", "bad"}
        `bad` means that no report can be made.
    detail : str
        What was found.
    """

    subject: str
    state: State
    detail: str


def examine(workspace: Workspace) -> Iterator[Finding]:
    """Yield what is found, one thing after another, without changing anything."""
    yield _finding("python", "good", f"{platform.python_version()} · {sys.executable}")
    yield _packages()
    yield _renderer()
    yield _writable(workspace)
    try:
        months = sorted(receipts(workspace)["period"].unique())
        if not months:
            yield _finding("data", "bad", *_both("no_receipts"))
            return
        parameters = workspace.parameters(months[-1])
    except ReportError as error:
        yield _finding("data", "bad", error.text("zh"), error.text("en"))
        return
    yield _finding("parameters", "good", " ".join(file.name for file in parameters.files))
    yield _fonts(workspace, parameters)
    yield _data(workspace, months)


def _packages() -> Finding:
    from packaging.requirements import InvalidRequirement, Requirement

    lock = Path(__file__).parents[2] / "requirements.lock"
    if not lock.is_file():
        return _finding("packages", "note", *_both("no_lock"))
    matching, differing = 0, []
    for line in lock.read_text(encoding="utf-8").splitlines():
        if line[:1] in ("", " ", "#"):
            continue
        try:
            wanted = Requirement(line.rstrip(" \\"))
        except InvalidRequirement:
            continue
        if wanted.marker and not wanted.marker.evaluate():
            continue
        found = _version(wanted.name)
        if found and wanted.specifier.contains(found, prereleases=True):
            matching += 1
        else:
            differing.append(f"{wanted.name} {found or '∅'} ≠ {wanted.specifier}")
    return _finding(
        "packages",
        "note" if differing else "good",
        f"{matching} = requirements.lock",
        *differing[:10],
    )


def _renderer() -> Finding:
    """Say which renderer serves, and why not Quarto if there is one."""
    refused: list[RenderError] = []
    chosen = tried(choose("auto", refused.append), "auto", refused.append)
    found = f"{chosen.name}: {chosen.version}"
    if refused:
        return _finding("renderer", "note", found, *(refused[0].text(to) for to in LANGUAGES))
    return _finding("renderer", "good", found, *_both(f"because_{chosen.name}"))


def _writable(workspace: Workspace) -> Finding:
    try:
        with tempfile.TemporaryFile(dir=workspace.output):
            free = shutil.disk_usage(workspace.output).free // 2**20
    except OSError as error:
        return _finding("output", "bad", f"{workspace.output}: {error.strerror}")
    return _finding("output", "good" if free > _NEEDED_MEGABYTES else "bad", f"{free} MB")


def _fonts(workspace: Workspace, parameters: Parameters) -> Finding:
    """Set a specimen in the report's fonts with the built-in renderer: a missing glyph is an error."""
    families = parameters.programme.page.fonts
    fonts = Fonts(
        families.body, families.heading, tuple(workspace.root / f for f in families.folders)
    )
    try:
        set_specimen(choose("builtin"), _SPECIMEN, fonts)
    except ReportError as error:
        return _finding("fonts", "bad", error.text("zh"), error.text("en"))
    return _finding("fonts", "good", f"{families.body} · {families.heading}", _SPECIMEN)


def _data(workspace: Workspace, months: Sequence[str]) -> Finding:
    """Read everything received, as the last month's report does."""
    try:
        ledger = load(workspace, months[-1])
    except ReportError as error:
        return _finding("data", "bad", *(_start(error.text(language)) for language in LANGUAGES))
    span = f"{months[0]} … {months[-1]}"
    counts = {"files": len(ledger.receipts), "projects": len(ledger.projects)}
    return _finding("data", "good", span, *_both("data_good", **counts))


def _start(text: str, lines: int = 5) -> str:
    return "\n".join(text.splitlines()[:lines])


def _both(key: str, **values: Any) -> list[str]:
    return [say(f"doctor.{key}", language, **values) for language in LANGUAGES]


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _finding(subject: str, state: State, *details: str) -> Finding:
    return Finding(" ".join(_both(subject)), state, "\n".join(details))
