"""Beginning a year: its parameters without what is to be approved, and its register to be completed and sent."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sanshi_report.catalogue import say
from sanshi_report.errors import BuildError, ParameterError, UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.template import place
from sanshi_report.template.book import workbook
from sanshi_report.template.known import known_before
from sanshi_report.workspace import Parameters, Workspace, default_cutoff
from sanshi_report.workspace.next_year import next_year

__all__ = ["NewYear", "new_year"]

_SHEETS = ("projects", "plan", "nodes", "problems", "actions")


@dataclass(frozen=True)
class NewYear:
    """What a year begins with.

    Attributes
    ----------
    year : int
    parameters, register : pathlib.Path
        The parameter file, and the workbook with the register.
    written : sequence of pathlib.Path
        Those of the two that were not there before; the others are left as they were.
    unfilled : sequence of str
        The keys of the parameters that are still empty or wrong.
    completed : sequence of str
        Projects that are no longer in the register.
    last : ReportPeriod or None
        The latest month the register rests on.
    """

    year: int
    parameters: Path
    register: Path
    written: Sequence[Path]
    unfilled: Sequence[str]
    completed: Sequence[str]
    last: ReportPeriod | None


def new_year(workspace: Workspace, year: str) -> NewYear:
    """Write what a year begins with, and nothing over what is there.

    Raises
    ------
    UsageError
        If `year` is none.
    ParameterError
        If no earlier year has parameters, or they are not in order.
    DataError
        If earlier submissions cannot be read.
    BuildError
        If a file cannot be written.
    """
    if not re.fullmatch(r"(?:199[0-9]|20[0-9][0-9]|2100)", year):
        raise UsageError("year_malformed", found=repr(year))
    january = ReportPeriod.parse(f"{year}-01")
    parameters = workspace.parameter_folder / f"{year}.yaml"
    register = (
        workspace.output
        / "templates"
        / str(january)
        / f"{say('cli.new_year_file', year=year)}.xlsx"
    )
    written = []
    before = _before(workspace, january.year)
    try:
        if not os.path.lexists(parameters):
            text = (workspace.parameter_folder / f"{before}.yaml").read_text(encoding="utf-8-sig")
            place(parameters, next_year(text, january.year).encode())
            written.append(parameters)
        known = known_before(workspace, _for(workspace, january, before), "")
        if not os.path.lexists(register):
            place(register, workbook(known, _for(workspace, january, before), _SHEETS))
            written.append(register)
    except OSError as error:
        reason = error.strerror or error
        raise BuildError("file_system", path=error.filename, reason=reason) from error
    found = (january.year, parameters, register, written, _unfilled(workspace, january))
    return NewYear(*found, known.completed, known.last)


def _before(workspace: Workspace, year: int) -> int:
    """Return the latest year before one that has parameters, which must be in order."""
    files = workspace.parameter_folder.glob("[12][0-9][0-9][0-9].yaml")
    earlier = max((int(file.stem) for file in files if int(file.stem) < year), default=year - 1)
    workspace.parameters(f"{earlier}-12")
    return earlier


def _unfilled(workspace: Workspace, january: ReportPeriod) -> Sequence[str]:
    try:
        workspace.parameters(january)
    except ParameterError as error:
        lines = str(error.values["details"]).splitlines()
        return [key for line in lines for key in line.split(": ")[1].split()]
    return ()


def _for(workspace: Workspace, january: ReportPeriod, before: int) -> Parameters:
    """Return the year's parameters, or while they are not complete those it was begun from."""
    if not _unfilled(workspace, january):
        return workspace.parameters(january)
    earlier = workspace.parameters(f"{before}-12")
    return replace(earlier, period=january, cutoff=default_cutoff(january))
