"""The story of the sample year, read from `story.yaml` into typed, exact facts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from sanshi_report.catalogue import yamls
from sanshi_report.exact import fen_of
from sanshi_report.sample.days import month_end

__all__ = ["Change", "Moment", "Project", "Revision", "Row", "Story", "story"]

Row = dict[str, Any]
"""One row of a table of the ledger: money in fen, dates as `date`, choices as in the workbook."""

STEMS = "甲乙丙丁戊己庚辛壬癸"
NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True)
class Moment:
    """What a submission can tell: the period it is for, and the day it is sent."""

    month: str
    sent: date

    @property
    def end(self) -> date:
        """Last day of the period."""
        return month_end(self.month)

    def known(self, day: date | None) -> date | None:
        """Return the day if it has come by the time of sending."""
        return day if day and day <= self.sent else None


@dataclass(frozen=True)
class Project:
    """One made-up project; money in fen."""

    id: str
    name: str
    sector: str
    county: str
    unit: str
    lead: str
    task_force: str
    scope: str
    total: int
    before: int | None
    plan: int | None
    planned_h1: Decimal
    done_h1: Decimal
    done_year: Decimal
    planned_start: date | None
    started: date | None
    groundbreaking: date | None
    planned_completion: date
    planned_commissioning: date
    completed: date | None
    commissioned: date | None

    @property
    def is_new(self) -> bool:
        """Whether it is a new build."""
        return self.planned_start is not None

    @property
    def tier(self) -> str:
        """City or county."""
        return "市本级" if self.county == "市本级" else "县区"


@dataclass(frozen=True)
class Revision:
    """A month's figure first reported wrongly: by how much (fen), and until when."""

    project: str
    month: str
    excess: int
    known: date


@dataclass(frozen=True)
class Change:
    """An approved change of the register, of a node's date, or of monthly plans (`shift`, fen)."""

    project: str
    field: str
    column: str
    new: str
    reason: str
    by: str
    on: date
    shift: dict[str, int]


@dataclass(frozen=True)
class Story:
    """Everything in `story.yaml`; the simple lists stay as rows of text."""

    projects: list[Project]
    revisions: list[Revision]
    changes: list[Change]
    idle: dict[str, list[str]]
    copied: dict[str, list[str]]
    ahead_physically: dict[str, int]
    blank: dict[str, dict[str, list[str]]]
    late: list[dict[str, str]]
    returned: list[dict[str, Any]]
    corrections: list[dict[str, Any]]
    lighter: dict[str, dict[str, int]]
    acceptance: dict[str, list[str]]
    late_permits: list[list[str]]
    problems: list[list[str]]
    escalations: list[list[str]]
    headquarters: list[date]
    office: list[date]
    assigned: list[list[str]]
    incidents: list[list[str]]
    practices: list[list[str]]

    @property
    def meetings(self) -> list[date]:
        """All meetings of the headquarters and its office, in order."""
        return sorted((*self.headquarters, *self.office))

    def project(self, project_id: str) -> Project:
        """Return a project as first registered."""
        return next(p for p in self.projects if p.id == project_id)

    def changed(self, project: Project, day: date) -> Project:
        """Return a project as registered on a day, with the changes approved by then."""
        values: dict[str, Any] = {}
        for change in self.changes:
            if (
                change.project == project.id
                and change.on <= day
                and hasattr(project, change.column)
            ):
                old = getattr(project, change.column)
                is_day = isinstance(old, date)
                values[change.column] = date.fromisoformat(change.new) if is_day else change.new
        # Monthly plans have a column of the same name as the annual plan and are shifted elsewhere.
        values.pop("plan", None)
        return replace(project, **values)


def _days(texts: list[str]) -> tuple[date | None, date | None]:
    first, second, *_ = [*map(date.fromisoformat, texts), None, None]
    return first, second


def _project(number: int, row: dict[str, Any]) -> Project:
    """Return a project; officials lead three each, and every project has its own task force."""
    planned_start, started = _days(row.get("start", []))
    completion, commissioning = _days(row["finish"])
    completed, commissioned = _days(row.get("done", []))
    ground = row.get("groundbreaking")
    tens, ones = divmod(number + 1, 10)
    numeral = ("" if tens == 0 else "十" if tens == 1 else NUMERALS[tens - 1] + "十") + (
        NUMERALS[ones - 1] if ones else ""
    )
    assert completion is not None
    assert commissioning is not None
    return Project(
        id=row["id"],
        name=row["name"],
        sector=row["sector"],
        county=row["county"],
        unit=row["unit"],
        lead=f"示例领导{STEMS[number % 10]}",
        task_force=f"示例第{numeral}专班",
        scope=row["scope"],
        total=fen_of(row["total"]),
        before=fen_of(row["before"]) if "before" in row else None,
        plan=fen_of(row["plan"]) if "plan" in row else None,
        planned_h1=Decimal(row.get("h1", ["0", "0"])[0]),
        done_h1=Decimal(row.get("h1", ["0", "0"])[1]),
        done_year=Decimal(row.get("year", "0")),
        planned_start=planned_start,
        started=started,
        groundbreaking=date.fromisoformat(ground) if ground else None,
        planned_completion=completion,
        planned_commissioning=commissioning,
        completed=completed,
        commissioned=commissioned,
    )


def _change(row: dict[str, Any]) -> Change:
    shift = {month: fen_of(amount) for month, amount in row.get("shift", {}).items()}
    rest = {key: value for key, value in row.items() if key not in {"shift", "on", "new"}}
    return Change(**rest, new=row.get("new", ""), on=date.fromisoformat(row["on"]), shift=shift)


@cache
def story() -> Story:
    """Return the sample year's story."""
    text = files(__package__).joinpath("story.yaml").read_text(encoding="utf-8")
    # Every scalar stays the text that was written, so no amount passes through binary.
    content = yamls.parse(text, plain=True)
    return Story(
        projects=[_project(number, row) for number, row in enumerate(content["projects"])],
        revisions=[
            Revision(project, month, fen_of(excess), date.fromisoformat(known))
            for project, month, excess, known in content["revisions"]
        ],
        changes=[_change(row) for row in content["changes"]],
        idle=content["idle"],
        copied=content["copied"],
        ahead_physically={k: int(v) for k, v in content["ahead_physically"].items()},
        lighter={
            project: {month: int(percent) for month, percent in months.items()}
            for project, months in content["lighter"].items()
        },
        acceptance=content["acceptance"],
        headquarters=[date.fromisoformat(day) for day in content["headquarters"]],
        office=[date.fromisoformat(day) for day in content["office"]],
        **{
            name: content[name]
            for name in (
                "blank",
                "late",
                "returned",
                "corrections",
                "late_permits",
                "problems",
                "escalations",
                "assigned",
                "incidents",
                "practices",
            )
        },
    )
