"""What the programme office decides, as closed models: targets, rules, lists, thresholds.

An unknown key, a wrong type or a missing target is refused when a parameter file is read.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from sanshi_report.catalogue import Language
from sanshi_report.exact import fen_of
from sanshi_report.workspace.coherence import LISTS


def _money(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or value < 0:
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
    """A value of a list as files have it, with its English name."""

    value: str = Field(min_length=1)
    en: str
    was: list[str] = []
    """What it was called before; files may still say so, and are taken to mean this."""

    @property
    def stored(self) -> str:
        """What the ledger keeps for it."""
        return self.value


class Coded(Term):
    """A value that rules are about, by a code that stays the same whatever the value is called."""

    code: str = ""

    @property
    def stored(self) -> str:
        """What the ledger keeps for it."""
        return self.code or self.value


class InputTerm(Term):
    """What projects need to go on; of labour, shortages are explained and hands are lent."""

    is_labour: bool = False


class PermitTerm(Term):
    """A permit and the department that leads on it."""

    department: str
    department_en: str
    after: list[str] = []
    """The permits that must be granted before it."""
    comes_last: bool = False
    """Whether it can be applied for only when the others are granted."""


class CategoryTerm(Term):
    """A category of problems, and the permit that such a problem holds up, if it holds up one."""

    permit: str = ""
    remedy: Text | None = None
    """What is usually decided about such a problem; the leaders' page advises it."""


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

    count: int = Field(ge=0)
    total_investment: Fen
    annual_plan: Fen | None = None
    city_level: int | None = Field(default=None, ge=0)


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


class StalledLight(_Closed):
    """When a project begun counts as standing still, whatever its other lights."""

    after_months: int = Field(default=2, gt=0)
    """Months on end without money, those before the start and its own month left out."""
    words: list[Annotated[str, Field(min_length=1)]] = []
    """What an open problem, or the latest note on the works, says of a site that is stopped."""


class Lights(_Closed):
    """The warning-light rules, with the version printed under every table that uses them."""

    version: str
    progress: ProgressLight
    starts: StartLight
    stalled: StalledLight = StalledLight()


class Cadence(_Closed):
    """How often a body owes a dispatch meeting, and of a project's bodies which it is."""

    level: str = Field(min_length=1)
    en: str
    was: list[str] = []
    every: Literal["week", "half_month", "month", "two_months"]
    scope: Literal["programme", "project"]
    owner: Literal["task_force", "responsible_unit"] = "responsible_unit"

    @property
    def value(self) -> str:
        """The level, as of any list."""
        return self.level

    @property
    def stored(self) -> str:
        """What the ledger keeps for it."""
        return self.level


class Suspicions(_Closed):
    """Thresholds of the data-quality suspicions."""

    unchanged_months: int = Field(gt=1)
    idle_months_after_start: int = Field(gt=0)
    physical_financial_points: Number
    plan_moved_within_days: int = Field(gt=0)
    self_reported_share_pct: Number


class Limits(_Closed):
    """Beyond what a month's money is a fault that only a correction of this very figure lets stand."""

    leap_times: Number = Field(default=Decimal(20), gt=1, le=1000)
    """How many times the median of the project's other months with money, as far as known, a month may be."""
    leap_min_months: int = Field(default=3, gt=0)
    """How many other months with money it takes to judge one; of three, one odd month moves no median."""


class Stages(_Closed):
    """The order of works in a sector, as notes on the works name them, and from which on they are a start."""

    sector: str
    start_from: str
    order: list[Annotated[str, Field(min_length=1)]] = Field(min_length=1)

    @model_validator(mode="after")
    def _among_them(self) -> Self:
        if self.start_from not in self.order:
            raise ValueError("start_from must be one of order")
        return self


class Consistency(_Closed):
    """What shows that two sources contradict each other."""

    closed_words: list[Annotated[str, Field(min_length=1)]] = []
    """What is said of the handling of a problem that is solved; without the day, the release stops."""
    stages: list[Stages] = []


class Season(Term):
    """Days in which labour is known to be short, such as a harvest."""

    starts_on: date
    ends_on: date

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.ends_on < self.starts_on:
            raise ValueError("ends_on must not be before starts_on")
        return self


class Labour(_Closed):
    """When a month counts as a labour trough, and the seasons that explain one."""

    trough_below_pct: Number
    seasons: list[Season]


class Explanations(_Closed):
    """Which projects owe an explanation, and for how long an approved change is one."""

    from_light: Literal["yellow", "red"]
    months: int = Field(gt=0)
    answer_days: int = Field(default=15, gt=0)
    """Days after the period's end by which one that is missing is to be given."""


class Share(_Closed):
    """Points for the whole of something; a part earns its share, more than the whole up to a cap."""

    points: Number = Field(gt=0)
    cap_pct: Number = Field(default=Decimal(100), ge=100)


class Each(_Closed):
    """Points for each of something, negative to deduct, `most` in all."""

    points: Number
    most: Number = Field(gt=0)


class Scoring(_Closed):
    """How projects are scored. `limit` is the highest score; none is below 0."""

    version: str
    limit: Number = Field(gt=0)
    investment: Share
    start: Share
    nodes: Share
    meetings: Share
    start_late: Each
    early_start: Each
    completion: Each
    commissioning: Each
    problems_overdue: Each
    actions_overdue: Each
    incidents: Each
    honour_from: Number
    criticise_below: Number
    honour_despite_incident: bool

    @model_validator(mode="after")
    def _coherent(self) -> Self:
        if self.criticise_below > self.honour_from:
            raise ValueError("criticise_below must not be above honour_from")
        gains = (self.early_start, self.completion, self.commissioning)
        losses = (self.start_late, self.problems_overdue, self.actions_overdue, self.incidents)
        if any(g.points < 0 for g in gains) or any(loss.points > 0 for loss in losses):
            raise ValueError("a bonus must not be negative, nor a deduction positive")
        return self


class Outlook(_Closed):
    """How the future is reckoned, and how much past it takes."""

    min_months: int = Field(gt=1)
    """Months of the year reported before money is forecast."""
    min_durations: int = Field(gt=1)
    """Observed durations before a permit has its own, and before a start is forecast."""
    interval_pct: int = Field(gt=0, lt=100)
    draws: int = Field(ge=100, le=100_000)
    seed: int = Field(ge=0)


class Report(_Closed):
    """One kind of report: its notebook, title, calendar and layout, and whether it is shown as slides.

    A weekly report has a document for every week that ends in the period, and its notebook the parameters
    `week` and `official`; one made on request has a document for each project asked for, and its notebook
    the parameter `project`. Any other may say `each: county`: then it has a document for each county of the
    register, and its notebook the parameter `county`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: Text
    every: Literal["month", "two_months", "week", "year", "on_request"]
    layout: Literal["gbt9704", "landscape", "plain"]
    slides: bool = False
    each: (
        Literal["sector", "tier", "county", "lead_official", "task_force", "responsible_unit"]
        | None
    ) = None

    @model_validator(mode="after")
    def _about_one_thing(self) -> Self:
        if self.each and self.every in ("week", "on_request"):
            raise ValueError("each is for reports of a month, two months or a year")
        return self


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
    """`parameters/<year>.yaml`, as in force on one day."""

    programme: About
    sectors: list[Term] = Field(min_length=1)
    project_tiers: list[Coded] = Field(min_length=1)
    control_totals: ControlTotals
    milestones: list[Milestone] = Field(min_length=1)
    pace: Pace
    lights: Lights
    cadence: list[Cadence] = Field(min_length=1)
    permits: list[PermitTerm]
    inputs: list[InputTerm]
    evidence: list[Coded]
    funding_sources: list[Term]
    problem_categories: list[CategoryTerm]
    problem_tiers: list[TierTerm] = Field(min_length=1)
    incident_types: list[Term]
    labour: Labour
    acceptance: list[Term]
    explanations: Explanations
    scoring: Scoring
    outlook: Outlook
    suspicions: Suspicions
    limits: Limits = Limits()
    consistency: Consistency = Consistency()
    reports: list[Report]
    page: Page

    def stored(self, name: str) -> dict[str, str]:
        """Return what the ledger keeps for each value of one of `LISTS`."""
        return {term.value: term.stored for term in getattr(self, name)}

    def former(self, name: str) -> dict[str, str]:
        """Return what the ledger keeps for each former name of a value."""
        return {word: term.stored for term in getattr(self, name) for word in term.was}

    def words(self, name: str) -> dict[str, str]:
        """Return the value that stands for each thing the ledger keeps."""
        return {kept: value for value, kept in self.stored(name).items()}

    @property
    def labour_inputs(self) -> list[str]:
        """The inputs that are people."""
        return [term.value for term in self.inputs if term.is_labour]

    def lists(self) -> dict[str, dict[str, str]]:
        """Return what the ledger keeps for every word that files may use, by list."""
        return {name: self.stored(name) | self.former(name) for name in LISTS}


class PeriodParameters(_Closed):
    """`parameters/<period>.yaml`: what the editor decides for one report."""

    cutoff: datetime | None = None
    remarks: Text | None = None

    @model_validator(mode="after")
    def _zoned(self) -> Self:
        if self.cutoff is not None and self.cutoff.tzinfo is None:
            raise ValueError("cutoff needs an offset, such as 2024-07-05T23:59:59+08:00")
        return self


class Of(_Closed):
    """A KPI's columns of a metric's frame, such as `nodes.summary`."""

    frame: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    actual: str
    target: str | None = None
    status: str | None = None


class RowsOf(_Closed):
    """Rows of a table of the ledger, to be counted, or a column of them to be summed."""

    table: str
    sum: str | None = None
    where: dict[str, list[str]] = {}
    """Values that a column must have one of."""
    during: Literal["period", "year", "ever"] = "ever"


class Kpi(_Closed):
    """One entry of the KPI catalogue.

    It comes `of` a frame or counts `rows`; `target_rows` and `fixed_target` say what else it is held against.
    """

    label: Text
    unit: str
    decimals: int = Field(ge=0)
    formula: Text
    of: Of | None = None
    rows: RowsOf | None = None
    target_rows: RowsOf | None = None
    fixed_target: Number | None = None
    reads: list[str] = Field(min_length=1)
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

    @model_validator(mode="after")
    def _founded(self) -> Self:
        if (self.of is None) == (self.rows is None):
            raise ValueError("a KPI comes either `of` a frame or from `rows` of a table")
        told = [self.of and self.of.target, self.target_rows, self.fixed_target]
        if sum(one is not None for one in told) > 1:
            raise ValueError("a KPI has one target")
        return self


class Catalogue(_Closed):
    """`parameters/metrics.yaml`."""

    kpis: dict[str, Kpi]
