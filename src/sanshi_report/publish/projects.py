"""Pages by project, by county and by responsible unit: where each stands, and its history over all periods."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sanshi_report.build.calendar import for_a_file
from sanshi_report.catalogue import LANGUAGES, Language
from sanshi_report.publish.issues import Figures, Issue, Record
from sanshi_report.publish.pages import Page, both, group_page, in_line
from sanshi_report.publish.reading import Mention
from sanshi_report.style import LIGHTS

__all__ = ["Project", "by_project", "project_page", "register"]

_OPEN = (
    ("tables/problems.open_problems.csv", "problems",
     ("category", "description", "tier", "owner", "due_on", "days_overdue")),
    ("tables/nodes.overdue.csv", "nodes", ("node", "due_on", "days_overdue")),
    ("tables/incidents.so_far.csv", "incidents",
     ("incident", "severity", "occurred_on", "description", "closed_on")),
)  # fmt: skip
"""Frames whose rows about a project its page shows as they stand in the latest period, with the columns shown."""


@dataclass(frozen=True)
class Project:
    """A project as the latest period that has it in the register knows it.

    Attributes
    ----------
    issue : Issue
        That period.
    row : mapping of str to str
        What it is called and where it belongs, as the release has it.
    light : str
        Its light then; empty for none.
    """

    issue: Issue
    row: Record
    light: str

    @property
    def number(self) -> str:
        """Its number."""
        return self.row["project_id"]

    @property
    def page(self) -> str:
        """The name of its page."""
        return project_page(self.number)

    @property
    def figures(self) -> Figures:
        """Its indicators, by code."""
        return self.issue.figures("project", self.number)


def project_page(number: str) -> str:
    """Return the name of a project's page."""
    return f"projects/{for_a_file(number)}"


def register(issues: Sequence[Issue]) -> list[Project]:
    """Return every project of any period, in the order of the latest register, those that left last."""
    found: dict[str, Project] = {}
    for issue in issues:
        for number, row in issue.projects.items():
            found.setdefault(number, Project(issue, row, issue.lights.get(number, "")))
    return list(found.values())


def by_project(
    issues: Sequence[Issue],
    projects: Sequence[Project],
    mentions: Mapping[Language, Mapping[str, Sequence[Mention]]],
    name: Mapping[Language, str],
) -> Iterator[Page]:
    """Yield the pages of all projects, of each, and of each county and unit.

    Parameters
    ----------
    issues : sequence of Issue
        Latest first.
    mentions : mapping
        In each language, where reports speak of each project, by its number.
    name : mapping of Language to str
        What the programme is called.
    """
    if not projects:
        return
    yield Page(
        "projects",
        "projects.html",
        both("site.title_projects", programme=name),
        both("site.lead_projects", n=len(projects)),
        {"projects": projects, "filters": _filters(projects)},
    )
    yield from in_line(_project(one, issues, mentions, name) for one in projects)
    for kind, column in (("counties", "county"), ("units", "responsible_unit")):
        yield from _groups(kind, column, projects, issues, name)


def _filters(projects: Sequence[Project]) -> dict[str, list[str]]:
    """Return the values of each column that projects are chosen by, as the releases have them."""
    columns = ("sector", "kind", "tier", "county")
    found = {
        column: list(dict.fromkeys(project.row[column] for project in projects))
        for column in columns
    }
    lights = {project.light for project in projects}
    return found | {"light": [light for light in LIGHTS if light in lights]}


def _project(
    project: Project,
    issues: Sequence[Issue],
    mentions: Mapping[Language, Mapping[str, Sequence[Mention]]],
    name: Mapping[Language, str],
) -> Page:
    number, row = project.number, project.row
    known = [issue for issue in issues if number in issue.projects]
    history = [(issue, issue.figures("project", number)) for issue in known]
    opened = [
        (kind, file, columns, rows)
        for file, kind, columns in _OPEN
        if (rows := [one for one in project.issue.records(file) if one["project_id"] == number])
    ]
    values = {
        "project": project,
        "history": history,
        "kpis": _told(history),
        "open": opened,
        "mentions": {to: _by_issue(mentions[to].get(number, ())) for to in LANGUAGES},
        "county": group_page("counties", row["county"]),
        "unit": group_page("units", row["responsible_unit"]),
    }
    named = f"{number} {row['name']}"
    lead = both("site.lead_project", name=row["name"], n=len(known))
    title = both("site.title_project", name=named, programme=name)
    return Page(project.page, "project.html", title, lead, values)


def _by_issue(mentions: Sequence[Mention]) -> list[tuple[Issue, list[Mention]]]:
    """Return mentions by the period they stand in, the latest first."""
    found: dict[Any, list[Mention]] = {}
    for one in mentions:
        found.setdefault(one.reading.issue.period, []).append(one)
    return [(ones[0].reading.issue, ones) for _, ones in sorted(found.items(), reverse=True)]


def _told(history: Sequence[tuple[Issue, Figures]]) -> list[str]:
    """Return the indicators that are anything but nothing in some period, in the catalogue's order."""

    def is_told(kpi: str) -> bool:
        cells = [
            figures[kpi][side]
            for _, figures in history
            if kpi in figures
            for side in ("actual", "target")
        ]
        return any(Decimal(cell) for cell in cells if cell)

    known = dict.fromkeys(kpi for issue, _ in history for kpi in issue.parameters.kpis)
    return [kpi for kpi in known if is_told(kpi)]


def _groups(
    kind: str,
    column: str,
    projects: Sequence[Project],
    issues: Sequence[Issue],
    name: Mapping[Language, str],
) -> Iterator[Page]:
    """Yield the page that lists all groups, and one for each."""
    groups: dict[str, list[Project]] = {}
    for project in projects:
        groups.setdefault(project.row[column], []).append(project)
    listed = [
        (value, group_page(kind, value), len(ones), Counter(one.light for one in ones if one.light))
        for value, ones in groups.items()
    ]
    yield Page(
        kind,
        "groups.html",
        both(f"site.title_{kind}", programme=name),
        both(f"site.lead_{kind}", n=len(groups)),
        {"listed": listed},
    )

    def group(value: str, ones: list[Project]) -> Page:
        history = [(issue, issue.figures(column, value)) for issue in issues]
        told = [(issue, figures) for issue, figures in history if figures]
        named = _named(value, issues[0])
        return Page(
            group_page(kind, value),
            "group.html",
            both(f"site.title_of_{kind}", name=named, programme=name),
            both("site.lead_group", name=named, n=len(ones)),
            {"projects": ones, "history": told, "kpis": _told(told)},
        )

    yield from in_line(group(value, ones) for value, ones in groups.items())


def _named(value: str, issue: Issue) -> dict[Language, str]:
    return {to: issue.parameters.term(value, to) for to in LANGUAGES}
