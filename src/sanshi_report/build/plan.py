"""What a build would do: which reports are due, and what each depends on, as digests.

Nothing here imports pandas: a build with nothing to do ends in well under a second.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sanshi_report.catalogue import LANGUAGES, Language
from sanshi_report.errors import ParameterError, UsageError
from sanshi_report.ledger import Receipt, moment, verified
from sanshi_report.period import ReportPeriod
from sanshi_report.render import FORMATS, Format, Renderer
from sanshi_report.workspace import Parameters, Report, Workspace

__all__ = ["Plan", "Request", "Task", "digest_of", "make_plan"]


@dataclass(frozen=True)
class Request:
    """What was asked for.

    Attributes
    ----------
    reports, languages : sequence of str or None
        None for all reports that are due, and for the languages of the parameters.
    formats : sequence of str
        The documents to make.
    as_of : str, datetime or None
        The moment to look from; None for the period's cutoff.
    """

    reports: Sequence[str] | None
    languages: Sequence[str] | None
    formats: Sequence[str]
    as_of: str | datetime | None


@dataclass(frozen=True)
class Task:
    """One report in one language.

    Attributes
    ----------
    report : Report
        Its entry in the parameters.
    language : {"zh", "en"}
        The language it is written in.
    notebook : Path
        The notebook it comes from.
    key : str
        Digest of everything its content depends on.
    formats : tuple of str
        The documents to make.
    """

    report: Report
    language: Language
    notebook: Path
    key: str
    formats: tuple[Format, ...]

    @property
    def name(self) -> str:
        """Stem of its files: `monthly_bulletin`, or `monthly_bulletin.en`."""
        return self.report.name + ("" if self.language == "zh" else f".{self.language}")

    @property
    def files(self) -> tuple[str, ...]:
        """The files it puts into the release."""
        return tuple(f"{self.name}.{ending}" for ending in ("ipynb", *self.formats))


@dataclass(frozen=True)
class Plan:
    """Everything a build of one period rests on."""

    workspace: Workspace
    parameters: Parameters
    as_of: datetime
    receipts: tuple[Receipt, ...]
    renderer: Renderer
    tasks: tuple[Task, ...]
    data_key: str

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
    def settings(self) -> dict[str, str]:
        """Path from the workspace to SHA-256 of the parameters and notebooks."""
        notebooks = dict.fromkeys(task.notebook for task in self.tasks)
        return _digests(self.workspace, (*self.parameters.files, *notebooks))


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
        If a report, format or language is unknown, or nothing is due.
    DataError
        If the received files are not in order.
    """
    _known("format_unknown", request.formats, FORMATS)
    _known("language_unknown", request.languages or (), LANGUAGES)
    chosen = _reports(parameters, request.reports)
    now = moment(request.as_of, parameters.cutoff)
    receipts = verified(workspace, parameters.period, now)
    data_key = _data_key(workspace, parameters, now, receipts)
    wanted = {
        (report.name, language): set(request.formats)
        for report in chosen
        for language in request.languages or parameters.programme.page.languages
    }
    for one in standing:
        wanted.setdefault((one["report"], one["language"]), set()).update(one["formats"])
    tasks = [
        _task(workspace, report, language, wanted[report.name, language], (data_key, renderer))
        for report in parameters.programme.reports
        for language in LANGUAGES
        if (report.name, language) in wanted
    ]
    return Plan(workspace, parameters, now, receipts, renderer, tuple(tasks), data_key)


def digest_of(*parts: Any) -> str:
    """Return the SHA-256 of values that JSON can write."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


def is_due(report: Report, period: ReportPeriod) -> bool:
    """Whether a period owes a report without being asked for it."""
    if not period.is_month:
        return False
    match report.every:
        case "month" | "week":
            return True
        case "two_months":
            return period.months_elapsed % 2 == 0
        case "year":
            return period.months_elapsed == 12
        case "never":
            return False


def _data_key(
    workspace: Workspace, parameters: Parameters, as_of: datetime, receipts: Sequence[Receipt]
) -> str:
    """Return a digest of all that figures come from: data, parameters, program and libraries."""
    counted = [(r.name, r.sha256, r.received_at.isoformat()) for r in receipts]
    files = _digests(workspace, (*parameters.files, *_standing_orders(workspace)))
    period = str(parameters.period)
    return digest_of(period, as_of.isoformat(), counted, files, _program(), _environment())


def _task(
    workspace: Workspace,
    report: Report,
    language: Language,
    formats: set[str],
    basis: tuple[str, Renderer],
) -> Task:
    notebook = workspace.notebooks / f"{report.name}.ipynb"
    if not notebook.is_file():
        where = notebook.relative_to(workspace.root)
        raise ParameterError("notebook_missing", report=report.name, path=where)
    data_key, renderer = basis
    source = hashlib.sha256(notebook.read_bytes()).hexdigest()
    key = digest_of(data_key, report.name, language, source, renderer.name, renderer.version)
    ordered = tuple(format for format in FORMATS if format in formats)
    return Task(report, language, notebook, key, ordered)


def _reports(parameters: Parameters, names: Sequence[str] | None) -> list[Report]:
    listed = {report.name: report for report in parameters.programme.reports}
    due = [report for report in listed.values() if is_due(report, parameters.period)]
    if names is None:
        if not due:
            raise UsageError("nothing_due", period=parameters.period)
        return due
    _known("report_unknown", names, tuple(listed))
    for name in names:
        report = listed[name]
        if report not in due and report.every != "never":
            raise UsageError("report_not_due", report=name, period=parameters.period)
    return [listed[name] for name in names]


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
