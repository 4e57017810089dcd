"""What a build would do: which reports are due, and what each depends on, as digests.

Nothing here imports pandas: a build with nothing to do ends in well under a second.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any, cast

from sanshi_report.build.calendar import (
    Instance,
    Register,
    Subjects,
    instances,
    reports_asked_for,
)
from sanshi_report.catalogue import LANGUAGES, Language
from sanshi_report.errors import RenderError, UsageError
from sanshi_report.ledger import Head, Receipt, moment, proven, verified
from sanshi_report.period import ReportPeriod
from sanshi_report.render import FORMATS, QUARTO_ONLY, SLIDES, Format, Renderer, file_of
from sanshi_report.workspace import Parameters, Report, Workspace

__all__ = [
    "LEDGER",
    "Plan",
    "Request",
    "Task",
    "digest_of",
    "frame_file",
    "frames_of",
    "make_plan",
    "table_name",
    "trail_name",
]


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Attributes
    ----------
    reports, languages : sequence of str or None
        None for all reports that are due, and for the languages of the parameters.
    formats : sequence of str or None
        What to make of each report that offers it; None for all that it offers.
    as_of : str, datetime or None
        The moment to look from; None for the period's cutoff.
    subjects : Subjects
        The weeks, officials and projects that reports are narrowed to.
    """

    reports: Sequence[str] | None
    languages: Sequence[str] | None
    formats: Sequence[str] | None
    as_of: str | datetime | None
    subjects: Subjects


@dataclass(frozen=True)
class Task:
    """One document of a report in one language.

    Attributes
    ----------
    instance : Instance
        The report, and the week, official or project it is about.
    language : {"zh", "en"}
        The language it is written in.
    files_read : tuple of Path
        The notebook it comes from, then the office's own words for it.
    key : str
        Digest of everything its content depends on.
    formats : tuple of str
        What to make of it.
    is_asked_for : bool
        False if it is made only because the release has it already.
    """

    instance: Instance
    language: Language
    files_read: tuple[Path, ...]
    key: str
    formats: tuple[Format, ...]
    is_asked_for: bool = False

    @property
    def name(self) -> str:
        """Stem of its files: `monthly_bulletin`, or `monthly_bulletin.en`."""
        return self.instance.name + ("" if self.language == "zh" else f".{self.language}")

    @property
    def notebook(self) -> Path:
        """The notebook it comes from."""
        return self.files_read[0]

    @property
    def files(self) -> tuple[str, ...]:
        """The files it puts into the release, besides its tables."""
        made = (file_of(self.name, format) for format in self.formats)
        return (f"{self.name}.ipynb", *made, trail_name(self.name))


@dataclass(frozen=True)
class Plan:
    """Everything a build of one period rests on; `head` is how far the list of receipts had come."""

    workspace: Workspace
    parameters: Parameters
    as_of: datetime
    receipts: tuple[Receipt, ...]
    renderer: Renderer
    tasks: tuple[Task, ...]
    data_key: str
    head: Head

    @property
    def period(self) -> ReportPeriod:
        """The reporting period."""
        return self.parameters.period

    @property
    def release(self) -> Path:
        """Where the period is published."""
        return self.workspace.output / str(self.period)

    @cached_property
    def inputs(self) -> dict[str, str]:
        """Path from the workspace to SHA-256 of every submission and correction that counts."""
        found = {f"data/raw/{receipt.name}": receipt.sha256 for receipt in self.receipts}
        return found | _digests(self.workspace, _standing_orders(self.workspace))

    @cached_property
    def in_force(self) -> dict[str, str]:
        """Path of every parameter file to a digest of what it decides for the period."""
        return {
            file.relative_to(self.workspace.root).as_posix(): digest
            for file, digest in self.parameters.in_force.items()
        }

    @cached_property
    def settings(self) -> dict[str, str]:
        """Path from the workspace to SHA-256 of the parameters, the notebooks and the office's own words."""
        read = dict.fromkeys(file for task in self.tasks for file in task.files_read)
        return _digests(self.workspace, (*self.parameters.files, *read))


def make_plan(
    workspace: Workspace,
    parameters: Parameters,
    request: Request,
    renderer: Renderer,
    standing: Sequence[Mapping[str, Any]],
) -> Plan:
    """Plan the reports asked for, and whatever else the release already holds.

    Parameters
    ----------
    standing : sequence of mapping
        The `reports` of the present release's manifest. A release is of one state throughout, so what
        it holds is planned too, and made again if it is out of date.

    Raises
    ------
    UsageError
        If a report, format or language is unknown, nothing is due, or no report asked for is made into
        what was asked for.
    RenderError
        If the renderer cannot make a format asked for.
    DataError
        If the received files are not in order.
    """
    _known("format_unknown", FORMATS if request.formats is None else request.formats, FORMATS)
    _known("language_unknown", request.languages or (), LANGUAGES)
    foreign = [one for one in request.formats or () if one in QUARTO_ONLY]
    if foreign and renderer.name != "quarto":
        raise RenderError("format_needs_quarto", found=foreign[0])
    listed, period = parameters.programme.reports, parameters.period
    offered = {report.name: _offered(report, renderer) for report in listed}
    reports = reports_asked_for(listed, period, request.reports, request.subjects)
    now = moment(request.as_of, parameters.cutoff)
    head = proven(workspace).head
    receipts = verified(workspace, period, now)
    data_key = _data_key(workspace, parameters, now, receipts)
    register = cache(lambda: _register(workspace, parameters, now))
    languages = cast(Sequence[Language], request.languages or parameters.programme.page.languages)
    formats = _formats(reports, offered, period, request.formats)
    asked = {
        (instance, language): formats[instance.report.name]
        for instance in instances(reports, period, request.subjects, register)
        for language in languages
        if formats[instance.report.name]
    }
    tasks = [
        _task(workspace, instance, language, formats, (data_key, renderer))
        for (instance, language), formats in _with_standing(
            asked, standing, listed, offered
        ).items()
    ]
    tasks = [replace(task, is_asked_for=(task.instance, task.language) in asked) for task in tasks]
    return Plan(workspace, parameters, now, receipts, renderer, tuple(tasks), data_key, head)


def _offered(report: Report, renderer: Renderer) -> set[str]:
    """Return what a report can be made into here: slides only where it is shown in a meeting."""
    beyond = {*(() if report.slides else SLIDES)}
    beyond |= {*(() if renderer.name == "quarto" else QUARTO_ONLY)}
    return {format for format in FORMATS if format not in beyond}


def _formats(
    reports: Sequence[Report],
    offered: Mapping[str, set[str]],
    period: ReportPeriod,
    asked: Sequence[str] | None,
) -> dict[str, set[str]]:
    """Return what to make of each report asked for."""
    found = {
        report.name: {one for one in offered[report.name] if asked is None or one in asked}
        for report in reports
    }
    if asked is not None and reports and not any(found.values()):
        able = [name for name, formats in offered.items() if formats & set(asked)]
        raise UsageError(
            "format_not_offered",
            found=", ".join(asked),
            period=period,
            known=", ".join(able) or "—",
        )
    return found


def _with_standing(
    asked: Mapping[tuple[Instance, Language], set[str]],
    standing: Sequence[Mapping[str, Any]],
    listed: Sequence[Report],
    offered: Mapping[str, set[str]],
) -> dict[tuple[Instance, Language], set[str]]:
    """Return the formats of each document asked for or there already, in the order of the parameters."""
    wanted = {document: set(formats) for document, formats in asked.items()}
    by_name = {report.name: report for report in listed}
    for one in standing:
        if report := by_name.get(one["report"]):
            document = Instance.of(report, one["about"]), one["language"]
            wanted.setdefault(document, set()).update(offered[report.name] & set(one["formats"]))
    at = {name: number for number, name in enumerate(by_name)}
    order = sorted(wanted, key=lambda d: (at[d[0].report.name], d[0].name, LANGUAGES.index(d[1])))
    return {document: wanted[document] for document in order}


def _register(workspace: Workspace, parameters: Parameters, as_of: datetime) -> Register:
    from sanshi_report.ledger import load

    return Register(load(workspace, parameters.period, as_of, parameters))


LEDGER = "ledger"
"""Folder of a release that holds the rows behind its figures."""


def trail_name(document: str) -> str:
    """Return the file that says where each number of a document stands, in a release."""
    return f"sources/{document}.csv"


def table_name(document: str, label: str) -> str:
    """Return the file of a release that holds the data of a document's table, figure or piece of prose."""
    return f"tables/{document}-{label.removeprefix('tbl-')}.csv"


def frame_file(name: str) -> str:
    """Return the file of a release that holds the frame of a metric."""
    return f"tables/{name}.csv"


def frames_of(notebook: Path) -> dict[str, list[str]]:
    """Return the frames that a published notebook speaks of, each with the columns of its key."""
    content = json.loads(notebook.read_text(encoding="utf-8"))
    found: dict[str, list[str]] = content["metadata"].get("sanshi", {}).get("frames", {})
    return found


def digest_of(*parts: Any) -> str:
    """Return the SHA-256 of values that JSON can write."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def _data_key(
    workspace: Workspace, parameters: Parameters, as_of: datetime, receipts: Sequence[Receipt]
) -> str:
    """Return a digest of all that figures come from: data, parameters, program and libraries."""
    counted = [(r.name, r.sha256, r.received_at.isoformat()) for r in receipts]
    files = _digests(workspace, _standing_orders(workspace))
    decided = [(file.name, digest) for file, digest in sorted(parameters.in_force.items())]
    about = (str(parameters.period), as_of.isoformat())
    return digest_of(*about, counted, files, decided, _program(), _environment())


def _task(
    workspace: Workspace,
    instance: Instance,
    language: Language,
    formats: set[str],
    basis: tuple[str, Renderer],
) -> Task:
    report, (data_key, renderer) = instance.report.name, basis
    read = workspace.notebook(report)
    content = (data_key, report, instance.about, language, *_digests(workspace, read).values())
    key = digest_of(*content, renderer.name, renderer.version)
    ordered = tuple(format for format in FORMATS if format in formats)
    return Task(instance, language, read, key, ordered)


def _known(key: str, given: Sequence[str], known: Sequence[str]) -> None:
    unknown = [one for one in given if one not in known]
    if unknown or (key == "format_unknown" and not given):
        raise UsageError(key, found=", ".join(map(repr, unknown)) or "''", known=", ".join(known))


def _standing_orders(workspace: Workspace) -> list[Path]:
    corrections = workspace.raw / "corrections.yaml"
    return [corrections] if corrections.is_file() else []


def _digests(workspace: Workspace, files: Sequence[Path]) -> dict[str, str]:
    return {
        file.relative_to(workspace.root).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in files
    }


def _program() -> str:
    package = Path(__file__).parents[1]
    files = sorted(
        path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    )
    return digest_of(
        [
            (path.relative_to(package).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
            for path in files
        ]
    )


def _environment() -> str:
    # The names of these folders are the names and versions of all that is installed.
    site = Path(sysconfig.get_path("purelib"))
    installed = sorted(path.name for path in site.glob("*.dist-info"))
    return digest_of(platform.python_version(), installed)
