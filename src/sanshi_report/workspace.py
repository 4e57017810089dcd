"""Where things are, and what the programme office has decided: the folders and the parameters.

Parameters are read once, frozen, and closed: an unknown key, a wrong type or a missing target is
refused, and all problems of all files are told together.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from sanshi_report.catalogue import Language
from sanshi_report.errors import ParameterError, UsageError
from sanshi_report.exact import fen_of
from sanshi_report.period import ReportPeriod

__all__ = [
    "CHINA",
    "Kpi",
    "Parameters",
    "PeriodParameters",
    "Programme",
    "Report",
    "Text",
    "Workspace",
]

CHINA = ZoneInfo("Asia/Shanghai")

_Model = TypeVar("_Model", bound=BaseModel)


class _Loader(yaml.CSafeLoader):
    """YAML whose decimals stay decimals and whose repeated keys are refused."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for key, (key_node, _) in zip(keys, node.value, strict=True):
            if keys.count(key) > 1:
                raise yaml.MarkedYAMLError(
                    problem=f"duplicate key {key}", problem_mark=key_node.start_mark
                )
        return super().construct_mapping(node, deep)


_Loader.add_constructor(
    "tag:yaml.org,2002:float",
    lambda loader, node: Decimal(str(loader.construct_scalar(node))),  # type: ignore[arg-type]
)


def _money(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError("expected an amount in 亿元, such as 1099.73")
    return fen_of(value)


Fen = Annotated[int, BeforeValidator(_money)]
"""Written in 亿元, held in fen."""

Number = Annotated[Decimal, BeforeValidator(lambda v: Decimal(v) if type(v) is int else v)]


class _Closed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Text(_Closed):
    """A text in both languages."""

    zh: str
    en: str

    def __getitem__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


class Term(_Closed):
    """A value as it stands in the ledger, with its English name."""

    value: str
    en: str


class PermitTerm(Term):
    """A permit and the department that leads on it."""

    department: str
    department_en: str


class TierTerm(Term):
    """A problem tier and the days it has before escalation is due."""

    days: int = Field(gt=0)


class About(_Closed):
    """The programme itself."""

    year: int
    name: Text
    issuer: Text
    data_status: Literal["sample", "official"]
    start_definition: Text


class Total(_Closed):
    """Control figures of one group of projects; money in fen."""

    count: int
    total_investment: Fen
    annual_plan: Fen | None = None
    city_level: int | None = None


class ControlTotals(_Closed):
    """What the ledger must add up to, exactly."""

    mode: Literal["fault", "warn"] = "fault"
    projects: Total
    new_build: Total
    continuing: Total
    continuing_by_sector: dict[str, Total]


class Milestone(_Closed):
    """Cumulative substantive starts due by a day."""

    due_on: date
    starts: int = Field(ge=0)


class Pace(_Closed):
    """What completion is measured against."""

    basis: Literal["time", "plan"] = "time"


class ProgressLight(_Closed):
    """Thresholds of the investment light, on gap points or on the ratio to pace."""

    basis: Literal["points", "ratio"]
    green_from: Number
    yellow_from: Number

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.yellow_from > self.green_from:
            raise ValueError("yellow_from must not be above green_from")
        return self


class StartLight(_Closed):
    """Thresholds of the start light, in whole months past the planned month."""

    yellow_after_months: int = Field(ge=0)
    red_after_months: int = Field(ge=0)


class Lights(_Closed):
    """The warning-light rules, with the version printed under every table that uses them."""

    version: str
    progress: ProgressLight
    starts: StartLight


class Cadence(_Closed):
    """How often a body owes a dispatch meeting."""

    level: str
    en: str
    every: Literal["week", "half_month", "month", "two_months"]
    scope: Literal["programme", "project"]


class Suspicions(_Closed):
    """Thresholds of the data-quality suspicions."""

    unchanged_months: int = Field(gt=1)
    idle_months_after_start: int = Field(gt=0)
    physical_financial_points: Number
    plan_moved_within_days: int = Field(gt=0)
    self_reported_share_pct: Number


class Report(_Closed):
    """One kind of report: its notebook, title, calendar and layout."""

    name: str
    title: Text
    every: Literal["month", "two_months", "week", "year", "never"]
    layout: Literal["gbt9704", "landscape", "plain"]


class Fonts(_Closed):
    """Font families by role, and further folders to look for them in."""

    body: str
    heading: str
    folders: list[str] = []


class Page(_Closed):
    """How reports look."""

    fonts: Fonts
    languages: list[Literal["zh", "en"]] = Field(min_length=1)


class Programme(_Closed):
    """`parameters/<year>.yaml`."""

    programme: About
    sectors: list[Term]
    control_totals: ControlTotals
    milestones: list[Milestone] = Field(min_length=1)
    pace: Pace
    lights: Lights
    cadence: list[Cadence]
    permits: list[PermitTerm]
    inputs: list[Term]
    funding_sources: list[Term]
    problem_categories: list[Term]
    problem_tiers: list[TierTerm]
    suspicions: Suspicions
    reports: list[Report]
    page: Page

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        days = [m.due_on for m in self.milestones]
        starts = [m.starts for m in self.milestones]
        in_year = all(day.year == self.programme.year for day in days)
        if not in_year or days != sorted(set(days)) or starts != sorted(starts):
            raise ValueError("milestones must rise through the programme's year")
        sectors = {term.value for term in self.sectors}
        if set(self.control_totals.continuing_by_sector) != sectors:
            raise ValueError("continuing_by_sector must name exactly the sectors")
        if self.control_totals.continuing.annual_plan is None:
            raise ValueError("control_totals.continuing.annual_plan is the target: it must be set")
        return self


class PeriodParameters(_Closed):
    """`parameters/<period>.yaml`: what the editor decides for one report."""

    cutoff: datetime | None = None
    remarks: Text | None = None

    @model_validator(mode="after")
    def _zoned(self) -> Self:
        if self.cutoff is not None and self.cutoff.tzinfo is None:
            raise ValueError("cutoff needs an offset, such as 2024-07-05T23:59:59+08:00")
        return self


class Kpi(_Closed):
    """One entry of the KPI catalogue."""

    label: Text
    unit: str
    decimals: int = Field(ge=0)
    formula: Text
    kind: Literal["new_build", "continuing"] | None = None
    scopes: list[
        Literal[
            "portfolio",
            "kind",
            "sector",
            "tier",
            "county",
            "project",
            "permit",
            "input",
            "source",
            "level",
        ]
    ]


class _Catalogue(_Closed):
    kpis: dict[str, Kpi]


@dataclass(frozen=True)
class Parameters:
    """Everything decided for one reporting period.

    Attributes
    ----------
    period : ReportPeriod
        The month, quarter or year reported on.
    programme : Programme
        The year's targets, rules and lists.
    cutoff : datetime
        Submissions received after this moment do not count; has a UTC offset.
    remarks : Text or None
        The editor's remarks.
    kpis : dict[str, Kpi]
        The KPI catalogue, by code, in order of presentation.
    files : tuple[Path, ...]
        The files read, for the manifest.
    """

    period: ReportPeriod
    programme: Programme
    cutoff: datetime
    remarks: Text | None
    kpis: Mapping[str, Kpi]
    files: tuple[Path, ...]

    @cached_property
    def _english(self) -> dict[str, str]:
        year = self.programme
        names: dict[str, str] = {}
        lists = (year.sectors, year.permits, year.inputs, year.funding_sources)
        for term in (
            *year.problem_categories,
            *year.problem_tiers,
            *(t for one in lists for t in one),
        ):
            names[term.value] = term.en
        names.update({permit.department: permit.department_en for permit in year.permits})
        names.update({body.level: body.en for body in year.cadence})
        return names

    def term(self, value: str, language: Language) -> str:
        """Return a ledger value in `language`; a value on no list stays as it is."""
        return value if language == "zh" else self._english.get(value, value)


def default_cutoff(period: ReportPeriod) -> datetime:
    """Return the end of the 5th of the month after the period, China time."""
    fifth = period.end + timedelta(days=5)
    return datetime.combine(fifth, time(23, 59, 59), timezone(timedelta(hours=8)))


@dataclass(frozen=True)
class Workspace:
    """The folder that holds parameters, data, notebooks and output."""

    root: Path

    @classmethod
    def find(cls, root: str | Path | None = None) -> Self:
        """Return the workspace at `root`, at SANSHI_ROOT, or the one this package lies in.

        The working directory is never consulted: a scheduler's would decide what is built.

        Raises
        ------
        UsageError
            If the folder lacks `parameters/` or `data/raw/`.
        """
        given = root or os.environ.get("SANSHI_ROOT") or Path(__file__).parents[2]
        found = cls(Path(given).expanduser().resolve())
        for needed in (found.parameter_folder, found.raw):
            if not needed.is_dir():
                missing = needed.relative_to(found.root)
                raise UsageError("root_not_found", root=found.root, missing=missing)
        return found

    @property
    def raw(self) -> Path:
        """Received files, as received."""
        return self.root / "data" / "raw"

    @property
    def processed(self) -> Path:
        """What can be recomputed from `raw`."""
        return self.root / "data" / "processed"

    @property
    def output(self) -> Path:
        """Published reports."""
        return self.root / "output"

    @property
    def notebooks(self) -> Path:
        """The report notebooks."""
        return self.root / "notebooks"

    @property
    def parameter_folder(self) -> Path:
        """The parameter files."""
        return self.root / "parameters"

    def parameters(self, period: str | ReportPeriod | None) -> Parameters:
        """Read the parameters of one period, by default the one SANSHI_PERIOD names.

        Raises
        ------
        UsageError
            If the period is missing or malformed.
        ParameterError
            If a file is missing or anything in the files is wrong; every problem is named.
        """
        at = ReportPeriod.parse(period or os.environ.get("SANSHI_PERIOD"))
        problems: list[str] = []
        year_file = self.parameter_folder / f"{at.year}.yaml"
        kpi_file = self.parameter_folder / "metrics.yaml"
        own_file = self.parameter_folder / f"{at}.yaml"
        for needed in (year_file, kpi_file):
            if not needed.is_file():
                raise ParameterError("parameters_missing", file=needed.relative_to(self.root))
        programme = _read(year_file, Programme, problems)
        catalogue = _read(kpi_file, _Catalogue, problems)
        has_own = own_file != year_file and own_file.is_file()
        own = _read(own_file, PeriodParameters, problems) if has_own else PeriodParameters()
        if programme and programme.programme.year != at.year:
            problems.append(
                f"{year_file.name}: programme.year: {programme.programme.year} ≠ {at.year}"
            )
        if problems or programme is None or catalogue is None or own is None:
            raise ParameterError(
                "parameters_invalid", count=len(problems), details="\n".join(problems)
            )
        return Parameters(
            period=at,
            programme=programme,
            cutoff=own.cutoff or default_cutoff(at),
            remarks=own.remarks,
            kpis=catalogue.kpis,
            files=(year_file, kpi_file, *((own_file,) if has_own else ())),
        )


def _read(file: Path, model: type[_Model], problems: list[str]) -> _Model | None:
    try:
        content = yaml.load(file.read_text(encoding="utf-8-sig"), Loader=_Loader)
        return model.model_validate({} if content is None else content)
    except UnicodeDecodeError as error:
        problems.append(f"{file.name}: not UTF-8: {error.reason}")
    except yaml.YAMLError as error:
        problems.append(f"{file.name}: {' '.join(str(error).split())}")
    except ValidationError as error:
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"]) or "(file)"
            problems.append(
                f"{file.name}: {key}: {problem['msg']} (found {problem['input']!r:.60})"
            )
    return None
