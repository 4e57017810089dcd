"""Where things are, and what the programme office has decided: the folders and the parameters.

Parameters are read once, frozen, and closed: an unknown key, a wrong type or a missing target is
refused, and all problems of all files are told together.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from sanshi_report.catalogue import Language
from sanshi_report.errors import ParameterError, UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace.coherence import LISTS
from sanshi_report.workspace.files import InForce, told
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
    Stages,
    StalledLight,
    StartLight,
    Text,
    Total,
)

__all__ = [
    "CHINA",
    "LISTS",
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
    "Stages",
    "StalledLight",
    "StartLight",
    "Text",
    "Total",
    "Workspace",
    "default_cutoff",
]

CHINA = ZoneInfo("Asia/Shanghai")


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
    by_month : Mapping[str, Programme]
        What was in force at the end of each month, from January to the period's end and of the years before,
        as far as files are there: received files are read with the lists of their own month.
    in_force : Mapping[Path, str]
        By file, a digest of all that it decides for this period; decisions for later leave it as it is.
    local : Path or None
        The folder of the office's own notebooks and words.
    """

    period: ReportPeriod
    programme: Programme
    cutoff: datetime
    cutoffs: Mapping[str, datetime]
    remarks: Text | None
    kpis: Mapping[str, Kpi]
    files: tuple[Path, ...]
    by_month: Mapping[str, Programme] = field(default_factory=dict, repr=False)
    in_force: Mapping[Path, str] = field(default_factory=dict, repr=False)
    local: Path | None = None

    @cached_property
    def english(self) -> dict[str, str]:
        """Return the English name of every value on the lists, where it has one of its own."""
        year = self.programme
        listed = [term for name in LISTS for term in getattr(year, name)]
        names = {t.value: t.en for t in (*listed, *year.labour.seasons, *year.acceptance)}
        return names | {permit.department: permit.department_en for permit in year.permits}

    def term(self, value: str, language: Language) -> str:
        """Return a value of a list in `language`; a value on no list stays as it is."""
        return value if language == "zh" else self.english.get(value, value)

    def word(self, name: str, stored: str, language: Language) -> str:
        """Return what a list calls what the ledger keeps for one of its values."""
        return self.term(self.programme.words(name).get(stored, stored), language)


def digest(*parts: object) -> str:
    """Return the SHA-256 of values that JSON can write."""
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()


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
    def local(self) -> Path:
        """The office's own notebooks, each with the words it says beside it."""
        return self.notebooks / "local"

    def notebook(self, report: str) -> tuple[Path, ...]:
        """Return the files that a report is made from: its notebook, then its words if they are the office's own.

        The office's own notebook stands for one of the same name that came with the program.

        Raises
        ------
        ParameterError
            If there is no notebook of that name.
        """
        found = [folder / f"{report}.ipynb" for folder in (self.local, self.notebooks)]
        notebook = next((file for file in found if file.is_file()), None)
        if notebook is None:
            where = " | ".join(file.relative_to(self.root).as_posix() for file in found)
            raise ParameterError("notebook_missing", report=report, path=where)
        return notebook, *sorted(self.local.glob(f"{report}.*.md"))

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
        years = {year: self._year(year, problems) for year in self._years(at.year)}
        catalogue = InForce(self._needed("metrics.yaml"), Catalogue, problems)
        months = [m for m in ReportPeriod.parse(f"{at.year}").months if m <= f"{at.end:%Y-%m}"]
        decided = {
            name: self._decided(name, problems) for name in dict.fromkeys([*months, str(at)])
        }
        own = decided[str(at)]
        if own.cutoff and own.cutoff.date() < at.start:
            problems.append(told(f"{at}.yaml: cutoff", "cutoff_early", {"found": own.cutoff}))
        if problems:
            raise ParameterError(
                "parameters_invalid", count=len(problems), details="\n".join(problems)
            )
        programme, kpis = years[at.year].on(at.end), catalogue.on(at.end)
        by_month = {
            month: years[year].on(ReportPeriod.parse(month).end)
            for year in sorted(years)
            for month in (months if year == at.year else ReportPeriod.parse(f"{year}").months)
        }
        found = [self._period_file(name) for name in decided]
        files = [file for file in found if file and file.is_file()]
        in_force = {
            read.file: digest(
                *(p.lists() for month, p in by_month.items() if month.startswith(f"{year}-")),
                *([programme.model_dump_json()] if year == at.year else []),
            )
            for year, read in years.items()
        }
        in_force[catalogue.file] = digest(kpis.model_dump_json())
        in_force |= {file: digest(file.read_bytes().hex()) for file in files}
        return Parameters(
            period=at,
            programme=programme,
            cutoff=own.cutoff or default_cutoff(at),
            cutoffs={m: decided[m].cutoff or default_cutoff(ReportPeriod.parse(m)) for m in months},
            remarks=own.remarks,
            kpis=kpis.kpis,
            files=tuple(in_force),
            by_month=by_month,
            in_force=in_force,
            local=self.local,
        )

    def _needed(self, name: str) -> Path:
        file = self.parameter_folder / name
        if not file.is_file():
            raise ParameterError("parameters_missing", file=file.relative_to(self.root))
        return file

    def _years(self, year: int) -> list[int]:
        """Return a year, and those before it that files were received for and parameters are there of."""
        self._needed(f"{year}.yaml")
        received = {
            int(folder.name[:4]) for folder in self.raw.glob("[0-9][0-9][0-9][0-9]-[01][0-9]")
        }
        earlier = (one for one in received if one < year)
        there = (one for one in earlier if (self.parameter_folder / f"{one}.yaml").is_file())
        return [year, *sorted(there)]

    def _year(self, year: int, problems: list[str]) -> InForce[Programme]:
        read = InForce(self.parameter_folder / f"{year}.yaml", Programme, problems, year)
        stated = read.on(date(year, 1, 1)).programme.year if read.is_valid else year
        if stated != year:
            problems.append(f"{year}.yaml: programme.year: {stated} ≠ {year}")
        return read

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
        if not file or not file.is_file():
            return PeriodParameters()
        read = InForce(file, PeriodParameters, problems)
        return read.on(date.max) if read.is_valid else PeriodParameters()
