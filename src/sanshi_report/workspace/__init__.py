"""Where things are, and what the programme office has decided: the folders and the parameters.

Parameters are read once, frozen, and closed: an unknown key, a wrong type or a missing target is
refused, and all problems of all files are told together.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ValidationError

from sanshi_report.catalogue import Language, yamls
from sanshi_report.errors import ParameterError, UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace.programme import (
    Cadence,
    Catalogue,
    ControlTotals,
    Each,
    Kpi,
    Labour,
    Lights,
    Milestone,
    Outlook,
    Pace,
    PeriodParameters,
    Programme,
    ProgressLight,
    Report,
    RowsOf,
    Scoring,
    Share,
    StartLight,
    Text,
    Total,
)

__all__ = [
    "CHINA",
    "Cadence",
    "ControlTotals",
    "Each",
    "Kpi",
    "Labour",
    "Lights",
    "Milestone",
    "Outlook",
    "Pace",
    "Parameters",
    "PeriodParameters",
    "Programme",
    "ProgressLight",
    "Report",
    "RowsOf",
    "Scoring",
    "Share",
    "StartLight",
    "Text",
    "Total",
    "Workspace",
    "default_cutoff",
]

CHINA = ZoneInfo("Asia/Shanghai")

_Model = TypeVar("_Model", bound=BaseModel)


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
    cutoffs : dict[str, datetime]
        The cutoff of each month's report, from January to the period's end.
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
    cutoffs: Mapping[str, datetime]
    remarks: Text | None
    kpis: Mapping[str, Kpi]
    files: tuple[Path, ...]

    @cached_property
    def english(self) -> dict[str, str]:
        """Return the English name of every value on the lists, where it has one of its own."""
        year = self.programme
        names: dict[str, str] = {}
        for term in (
            *year.sectors,
            *year.permits,
            *year.inputs,
            *year.funding_sources,
            *year.problem_categories,
            *year.problem_tiers,
            *year.labour.seasons,
            *year.acceptance,
        ):
            names[term.value] = term.en
        names.update({permit.department: permit.department_en for permit in year.permits})
        names.update({body.level: body.en for body in year.cadence})
        return names

    def term(self, value: str, language: Language) -> str:
        """Return a ledger value in `language`; a value on no list stays as it is."""
        return value if language == "zh" else self.english.get(value, value)


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
        given = root or os.environ.get("SANSHI_ROOT") or Path(__file__).parents[3]
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
        for needed in (year_file, kpi_file):
            if not needed.is_file():
                raise ParameterError("parameters_missing", file=needed.relative_to(self.root))
        programme = _read(year_file, Programme, problems)
        catalogue = _read(kpi_file, Catalogue, problems)
        months = [m for m in ReportPeriod.parse(f"{at.year}").months if m <= f"{at.end:%Y-%m}"]
        decided = {
            name: self._decided(name, problems) for name in dict.fromkeys([*months, str(at)])
        }
        own = decided[str(at)]
        if programme and programme.programme.year != at.year:
            problems.append(
                f"{year_file.name}: programme.year: {programme.programme.year} ≠ {at.year}"
            )
        if problems or programme is None or catalogue is None:
            raise ParameterError(
                "parameters_invalid", count=len(problems), details="\n".join(problems)
            )
        files = [self._period_file(name) for name in decided]
        return Parameters(
            period=at,
            programme=programme,
            cutoff=own.cutoff or default_cutoff(at),
            cutoffs={m: decided[m].cutoff or default_cutoff(ReportPeriod.parse(m)) for m in months},
            remarks=own.remarks,
            kpis=catalogue.kpis,
            files=(year_file, kpi_file, *(file for file in files if file and file.is_file())),
        )

    def cutoff(self, period: ReportPeriod) -> datetime:
        """Return the cutoff of one period's report, whatever year it is in.

        Raises
        ------
        ParameterError
            If the period's own file is there and wrong.
        """
        problems: list[str] = []
        decided = self._decided(str(period), problems)
        if problems:
            raise ParameterError("parameters_invalid", count=len(problems), details=problems[0])
        return decided.cutoff or default_cutoff(period)

    def _period_file(self, period: str) -> Path | None:
        """Return where a period's own decisions are; a year has none beside the programme's file."""
        return self.parameter_folder / f"{period}.yaml" if "-" in period else None

    def _decided(self, period: str, problems: list[str]) -> PeriodParameters:
        file = self._period_file(period)
        read = _read(file, PeriodParameters, problems) if file and file.is_file() else None
        return read or PeriodParameters()


def _read(file: Path, model: type[_Model], problems: list[str]) -> _Model | None:
    try:
        content = yamls.read(file)
        return model.model_validate({} if content is None else content)
    except yaml.YAMLError as error:
        problems.append(f"{file.name}: {' '.join(str(error).split())}")
    except ValidationError as error:
        for problem in error.errors():
            key = ".".join(str(part) for part in problem["loc"]) or "(file)"
            problems.append(
                f"{file.name}: {key}: {problem['msg']} (found {problem['input']!r:.60})"
            )
    return None
