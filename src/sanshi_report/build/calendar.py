"""The calendar: which reports a period owes, and as which documents."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Self

from sanshi_report.catalogue import Language, say
from sanshi_report.errors import UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Report

if TYPE_CHECKING:
    import pandas as pd

    from sanshi_report.ledger import Ledger

__all__ = [
    "ALL",
    "Instance",
    "Register",
    "Subjects",
    "due_in",
    "instances",
    "is_due",
    "reports_asked_for",
]

ALL = "all"
"""Stands for every project there is data of."""

_NEAR = 5
_SHOWN = 20
_LONGEST_NAME = 40


@dataclass(frozen=True)
class Subjects:
    """What the reports are narrowed to.

    Attributes
    ----------
    weeks, officials, projects : tuple of str
        Only these; empty for every week of the period, for all officials in one document, and for no
        project. `projects` may be `("all",)`.
    """

    weeks: tuple[str, ...] = ()
    officials: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Instance:
    """One document of a report, before it is written in a language and a format.

    Attributes
    ----------
    report : Report
        Its entry in the parameters.
    week : str or None
        The ISO week it is about, if the report is a weekly one.
    official : str or None
        The one lead official a weekly report is for; None for all.
    project : str or None
        The project it is about, if the report is made on request.
    part : str or None
        The county, sector … it is about, if the report has a document for `each`.
    """

    report: Report
    week: str | None = None
    official: str | None = None
    project: str | None = None
    part: str | None = None

    @classmethod
    def of(cls, report: Report, about: Mapping[str, Any]) -> Self:
        """Return the document whose `about` this is, or which a notebook's parameters describe."""
        values = {field: about.get(name) for name, field in _told(report).items()}
        return cls(report, **values)

    @property
    def name(self) -> str:
        """`monthly_bulletin`, `weekly_digest-2024-W23`, `project_profile-H05` …, fit for a file."""
        parts = (self.report.name, self.week, self.official, self.project, self.part)
        return "-".join(_for_a_file(part) for part in parts if part)

    @property
    def about(self) -> dict[str, str | None]:
        """What its notebook is told besides the period, the moment and the language."""
        return {name: getattr(self, field) for name, field in _told(self.report).items()}


def is_due(report: Report, period: ReportPeriod) -> bool:
    """Return whether a period owes a report without being asked for it."""
    if not period.is_month:
        return False
    match report.every:
        case "month" | "week":
            return True
        case "two_months":
            return period.months_elapsed % 2 == 0
        case "year":
            return period.months_elapsed == 12
        case "on_request":
            return False


def due_in(report: Report, year: int, language: Language) -> str:
    """Return in words how often a report is due, and the months of a year in which it is."""
    months = ReportPeriod.parse(f"{year}").months
    due = [month for month in months if is_due(report, ReportPeriod.parse(month))]
    shown = f"{due[0]} … {due[-1]}" if len(due) == len(months) else ", ".join(due)
    return say(f"build.due_{report.every}", language, months=shown)


def reports_asked_for(
    listed: Sequence[Report],
    period: ReportPeriod,
    names: Sequence[str] | None,
    subjects: Subjects,
) -> list[Report]:
    """Return the reports that a period owes, or those asked for by name or through their subject.

    Raises
    ------
    UsageError
        If a report is unknown or not due, lacks its project, or is narrowed to what it is not about.
    """
    if names is None:
        names = _named_by(listed, period, subjects)
    by_name = {report.name: report for report in listed}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        shown = ", ".join(map(repr, unknown))
        raise UsageError("report_unknown", found=shown, known=", ".join(by_name))
    asked = [by_name[name] for name in dict.fromkeys(names)]
    for report in asked:
        if report.every == "on_request":
            if not subjects.projects:
                raise UsageError("report_needs_project", report=report.name)
        elif not is_due(report, period):
            words = {f"due_{to}": due_in(report, period.year, to) for to in ("zh", "en")}
            raise UsageError("report_not_due", report=report.name, period=period, **words)
    for setting, given, every in _settings(subjects):
        if given and not any(report.every == every for report in asked):
            takers = ", ".join(report.name for report in listed if report.every == every) or "—"
            raise UsageError("setting_unused", setting=setting, known=takers)
    return asked


def instances(
    reports: Iterable[Report],
    period: ReportPeriod,
    subjects: Subjects,
    register: Callable[[], Register],
) -> list[Instance]:
    """Return the documents of reports.

    Parameters
    ----------
    register : callable
        Gives the register, which takes reading the ledger; called only if a document depends on it.

    Raises
    ------
    UsageError
        If a week is none, or does not end in the period.
    """
    return [one for report in reports for one in _of_report(report, period, subjects, register)]


def _of_report(
    report: Report, period: ReportPeriod, subjects: Subjects, register: Callable[[], Register]
) -> Iterator[Instance]:
    if report.each:
        yield from (Instance(report, part=part) for part in register().parts(report.each))
    elif report.every == "week":
        for week in _weeks(period, subjects.weeks):
            for official in subjects.officials or (None,):
                yield Instance(report, week=week, official=official)
    elif report.every == "on_request":
        named = register().with_data if ALL in subjects.projects else subjects.projects
        yield from (Instance(report, project=project) for project in named)
    else:
        yield Instance(report)


class Register:
    """The projects and officials of a ledger, whom a document may be about."""

    def __init__(self, ledger: Ledger) -> None:
        from sanshi_report.schemas import TABLES

        projects: pd.DataFrame = ledger.projects
        self.names = dict(zip(projects["project_id"], projects["name"], strict=True))
        """Name by project, in the order of the register."""
        self._projects = projects
        self.officials = self.parts("lead_official")
        frames = (getattr(ledger, table) for table in TABLES if table not in ("projects", "plan"))
        reported = {one for frame in frames if "project_id" in frame for one in frame["project_id"]}
        self.with_data = [project for project in self.names if project in reported]
        """Projects of which more is known than the register and the plan."""

    def parts(self, column: str) -> list[str]:
        """Return the counties, sectors … of the register, in its order."""
        return list(dict.fromkeys(self._projects[column].dropna()))

    def knows(self, instance: Instance) -> bool:
        """Return whether there is anything to say in a document."""
        official, project, each = instance.official, instance.project, instance.report.each
        return (
            (official is None or official in self.officials)
            and (project is None or project in self.with_data)
            and (each is None or instance.part in self.parts(each))
        )

    def require(self, instance: Instance, period: ReportPeriod) -> None:
        """Refuse a document about whom the ledger does not know.

        Raises
        ------
        UsageError
            If its official or project is not in the ledger, or nothing was reported of the project yet.
        """
        official, project = instance.official, instance.project
        if official is not None and official not in self.officials:
            near = get_close_matches(official, self.officials, _NEAR, 0.4) or self.officials
            raise UsageError("official_unknown", found=official, known="、".join(near[:_SHOWN]))
        if project is not None and project not in self.names:
            raise UsageError("project_unknown", found=project, near="、".join(self._near(project)))
        if project is not None and project not in self.with_data:
            named = f"{project} {self.names[project]}"
            raise UsageError("project_without_data", project=named, period=period)

    def subject(self, instance: Instance) -> str:
        """Return the name of whom or what a document is about; empty for everything."""
        if instance.project:
            return f"{instance.project} {self.names[instance.project]}"
        return instance.official or instance.part or ""

    def _near(self, found: str) -> list[str]:
        labels = {project: f"{project} {name}" for project, name in self.names.items()}
        words = {project: project for project in labels}
        words |= {name: project for project, name in self.names.items()}
        near = get_close_matches(found, words, _NEAR, 0.4)
        return [labels[words[one]] for one in near] or list(labels.values())[:_SHOWN]


def _for_a_file(text: str) -> str:
    """Return a text as part of a file's name; one that had to be changed stays apart from others."""
    name = re.sub(r"[^\w-]+", "_", text)[:_LONGEST_NAME]
    return name if name == text else f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def _told(report: Report) -> dict[str, str]:
    """Return the parameters that tell a notebook what it is about, each with the field that holds it."""
    if report.each:
        return {report.each: "part"}
    match report.every:
        case "week":
            return {"week": "week", "official": "official"}
        case "on_request":
            return {"project": "project"}
        case _:
            return {}


def _settings(subjects: Subjects) -> list[tuple[str, tuple[str, ...], str]]:
    return [
        ("PROJECT", subjects.projects, "on_request"),
        ("OFFICIAL", subjects.officials, "week"),
        ("WEEK", subjects.weeks, "week"),
    ]


def _named_by(listed: Sequence[Report], period: ReportPeriod, subjects: Subjects) -> list[str]:
    """Return the reports that are about what is asked for, or else all that are due."""
    about = [every for _, given, every in _settings(subjects) if given]
    if about:
        return [report.name for report in listed if report.every in about]
    due = [report.name for report in listed if is_due(report, period)]
    if not due:
        raise UsageError("nothing_due", period=period)
    return due


def _weeks(period: ReportPeriod, asked: Sequence[str]) -> list[str]:
    there_are = [str(week) for week in period.weeks]
    for week in asked:
        if str(ReportPeriod.parse_week(week)) not in there_are:
            raise UsageError("week_outside", week=week, period=period, weeks=", ".join(there_are))
    return list(dict.fromkeys(asked)) or there_are
