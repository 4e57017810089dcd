"""A published period as the site tells of it: read from the files of its release, each held against its digest."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from sanshi_report.build import manifest
from sanshi_report.build.calendar import Instance
from sanshi_report.build.documents import when
from sanshi_report.catalogue import Language
from sanshi_report.errors import BuildError
from sanshi_report.period import ReportPeriod
from sanshi_report.style import typed, unprotected
from sanshi_report.workspace import Parameters

__all__ = ["Figures", "Issue", "Record", "verified"]

Record = Mapping[str, str]
"""A row of a CSV table, every cell as it is written there."""

Figures = Mapping[str, Record]
"""Rows of the KPI table about one thing, by the indicator's code."""

_REGISTER = "ledger/projects.csv"
_IDENTITY = (
    "project_id", "name", "sector", "kind", "tier", "county", "lead_official", "task_force",
    "responsible_unit", "total_investment", "annual_plan", "planned_start", "planned_completion",
)  # fmt: skip


def verified(release: Path, output: Mapping[str, Any], period: ReportPeriod) -> bytes:
    """Return the content of a file of a release.

    Raises
    ------
    BuildError
        If it is gone, reached through a link, or not what the manifest says.
    """
    damaged = BuildError("release_damaged", period=period, file=output["path"])
    if not manifest.is_own(release, output["path"]):
        raise damaged
    content: bytes = (release / output["path"]).read_bytes()
    if sha256(content).hexdigest() != output["sha256"]:
        raise damaged
    return content


@dataclass(frozen=True)
class Issue:
    """A period of the site.

    Attributes
    ----------
    period : ReportPeriod
        The period.
    about : mapping
        The manifest of its release.
    parameters : Parameters
        What was decided for it.
    release : Path
        Where its files are.
    """

    period: ReportPeriod
    about: Mapping[str, Any]
    parameters: Parameters
    release: Path

    @cached_property
    def outputs(self) -> Mapping[str, Mapping[str, Any]]:
        """The manifest's entry of every file of the release, by path."""
        return {output["path"]: output for output in self.about["outputs"]}

    def text(self, name: str) -> str:
        """Return the text of a file of the release."""
        return verified(self.release, self.outputs[name], self.period).decode("utf-8-sig")

    def rows(self, name: str) -> Sequence[Record]:
        """Return the rows of a CSV table of the release; none if it has no such file."""
        if name not in self.outputs:
            return ()
        text = self.text(name)
        return tuple(
            {column: unprotected(cell) for column, cell in row.items()}
            for row in csv.DictReader(io.StringIO(text))
        )

    def records(self, name: str) -> list[dict[str, Any]]:
        """Return the rows of a metric's frame with exact values, each with its `line`, from 1; none without it."""
        if name not in self.outputs:
            return []
        frame = typed(self.text(name))
        numbered = frame.assign(line=range(1, len(frame) + 1))
        return [{str(k): v for k, v in row.items()} for row in numbered.to_dict("records")]

    @cached_property
    def _figures(self) -> Mapping[tuple[str, str], Figures]:
        found: dict[tuple[str, str], dict[str, Record]] = {}
        for row in self.rows("kpis.csv"):
            found.setdefault((row["scope"], row["scope_value"]), {})[row["kpi"]] = row
        return found

    def figures(self, scope: str = "portfolio", value: str = "") -> Figures:
        """Return the indicators of the whole programme, or of one value of a scope."""
        return self._figures.get((scope, value), {})

    @cached_property
    def projects(self) -> Mapping[str, Record]:
        """What every project is called and where it belongs, by number, in the register's order."""
        rows = self.rows(_REGISTER)
        return {row["project_id"]: {name: row[name] for name in _IDENTITY} for row in rows}

    @cached_property
    def lights(self) -> Mapping[str, str]:
        """The light of each project that has one: a continuing one's for money, a new build's for its start."""
        starts = self.rows("tables/starts.register.csv")
        found = {row["project_id"]: row["light"] for row in starts}
        for (scope, value), figures in self._figures.items():
            if scope == "project" and (row := figures.get("investment.completion_pct")):
                found[value] = row["status"]
        return {project: light for project, light in found.items() if light}

    @property
    def as_of(self) -> datetime:
        """The moment it looks from."""
        return datetime.fromisoformat(self.about["as_of"])

    def title(self, report: str, language: Language) -> str:
        """Return what a report is called."""
        listed = {one.name: one for one in self.parameters.programme.reports}
        return listed[report].title[language] if report in listed else report

    def documents(self, language: Language) -> dict[str, list[Mapping[str, Any]]]:
        """Return the documents of each report, each in one language: this one if there is it."""
        chosen: dict[tuple[str, str], Mapping[str, Any]] = {}
        for entry in self.about["reports"]:
            key = entry["report"], str(entry["about"])
            if key not in chosen or entry["language"] == language:
                chosen[key] = entry
        found: dict[str, list[Mapping[str, Any]]] = {}
        for entry in chosen.values():
            found.setdefault(entry["report"], []).append(entry)
        return found

    def subject(self, entry: Mapping[str, Any], language: Language) -> str:
        """Return what sets a document apart from the report's others: its week, whom or what it is about."""
        listed = {one.name: one for one in self.parameters.programme.reports}
        report = listed.get(entry["report"])
        instance = Instance.of(report, entry["about"]) if report else None
        week = when(instance, self.period, language) if instance and instance.week else ""
        return " · ".join(filter(None, (week, entry["subject"])))
