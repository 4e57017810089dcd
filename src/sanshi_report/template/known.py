"""What is known before a period, and which of it concerns one unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches

import pandas as pd

from sanshi_report.errors import UsageError
from sanshi_report.ledger import effective, load, membership
from sanshi_report.ledger.carried import carried
from sanshi_report.ledger.model import PROJECT_DATES, with_dates
from sanshi_report.ledger.past import latest
from sanshi_report.ledger.sources import read_all, renamed
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES, empty
from sanshi_report.workspace import CHINA, Parameters, Workspace

__all__ = ["Known", "known_before"]

_OWNERS = {"permits": "department", "problems": "owner", "actions": "owner"}
"""Tables whose rows name who must act, whatever the project."""


@dataclass(frozen=True)
class Known:
    """The ledger before a period, seen by one unit.

    Attributes
    ----------
    period : ReportPeriod
        The month to be reported.
    unit : str
        The unit; empty for all of them.
    tables : Mapping[str, pandas.DataFrame]
        The latest version of every row of earlier periods about projects that are in the programme at the month's
        end; all empty at the beginning.
    is_new_year : bool
        Whether all of it is of an earlier year and the register begins anew: `tables` are as `carried`.
    completed : sequence of str
        Projects that the year before completed, which no longer are in the register.
    last : ReportPeriod or None
        The latest month that is known.
    """

    period: ReportPeriod
    unit: str
    tables: Mapping[str, pd.DataFrame]
    is_new_year: bool = False
    completed: Sequence[str] = ()
    last: ReportPeriod | None = None

    @property
    def is_january(self) -> bool:
        """Whether the month begins a year, whose plans are asked for."""
        return self.period.start.month == 1

    @property
    def own(self) -> list[str]:
        """Numbers of the projects the unit is responsible for, in the order of the register."""
        projects = self.tables["projects"]
        mine = projects["responsible_unit"].eq(self.unit) | (not self.unit)
        return list(projects.loc[mine, "project_id"])

    @property
    def units(self) -> list[str]:
        """Everyone a template can be for: who answers for a project, or must act on something."""
        named = [self.tables["projects"]["responsible_unit"]]
        named += [self.tables[table][column] for table, column in _OWNERS.items()]
        return list(pd.concat(named).dropna().unique())

    def concerning(self, table: str) -> pd.DataFrame:
        """Return the rows about the unit's projects, and those that name it as who must act."""
        rows = self.tables[table]
        mine = rows["project_id"].isin(self.own) | (not self.unit)
        if table in _OWNERS:
            mine |= rows[_OWNERS[table]].eq(self.unit)
        return rows[mine]


def known_before(workspace: Workspace, parameters: Parameters, unit: str) -> Known:
    """Return what the submissions for periods before that of the parameters say as of now.

    In a new year the projects are those of its own register, once that was received.

    Raises
    ------
    UsageError
        If something is known, and nobody of that name answers for any of it.
    DataError
        If earlier submissions cannot be read. Control totals may be missed: a template is how they get mended.
    """
    period = parameters.period
    counting = effective(workspace, period.previous(), datetime.now(CHINA))
    last = max((ReportPeriod.parse(receipt.period) for receipt in counting), default=None)
    if last is None:
        return Known(period, unit, {**{t: empty(t) for t in TABLES}, "projects": _no_projects()})
    ledger = load(workspace, last, "now", _lenient(workspace.parameters(last)))
    day = ReportPeriod.parse(f"{last.year}-12").end if last.year != period.year else period.end
    # A project that leaves by the month's end is asked for nothing.
    tables = renamed(membership.at(ledger.known, day), parameters.programme)
    completed: Sequence[str] = ()
    is_new_year = last.year != period.year
    if is_new_year:
        tables, completed = carried(tables, ledger.history, last.year)
        register = _register(workspace, parameters)
        if not register.empty:
            tables, is_new_year = _within(register, tables), False
    known = Known(period, unit, tables, is_new_year, completed, last)
    if unit and unit not in known.units:
        near = get_close_matches(unit, known.units, n=5, cutoff=0.4)
        named = "、".join(near or known.units[:20])
        raise UsageError("unit_unknown", found=unit, near=named)
    return known


def _register(workspace: Workspace, parameters: Parameters) -> pd.DataFrame:
    """Return the projects that were registered for the period itself, with the dates reported so far."""
    counting = effective(workspace, parameters.period, datetime.now(CHINA))
    of_year = [one for one in counting if one.period.startswith(f"{parameters.period.year}-")]
    read = read_all(workspace, of_year, parameters).history if of_year else {}
    return latest("projects", read["projects"]) if read else _no_projects()


def _within(register: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return what is known of the projects in a register, and of none in particular."""
    numbers = register["project_id"]
    kept = {
        table: rows[rows["project_id"].isin(numbers) | rows["project_id"].isna()]
        for table, rows in tables.items()
    }
    return kept | {"projects": with_dates(register, tables["progress"])}


def _lenient(parameters: Parameters) -> Parameters:
    programme = parameters.programme
    totals = programme.control_totals.model_copy(update={"mode": "warn"})
    return replace(parameters, programme=programme.model_copy(update={"control_totals": totals}))


def _no_projects() -> pd.DataFrame:
    days = {name: pd.Series([], dtype="datetime64[us]") for name in PROJECT_DATES}
    return empty("projects").assign(**days)
