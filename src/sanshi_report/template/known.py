"""What is known before a period, and which of it concerns one unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import get_close_matches

import pandas as pd

from sanshi_report.errors import UsageError
from sanshi_report.ledger import effective, load
from sanshi_report.ledger.model import PROJECT_DATES
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
        The latest version of every row of earlier periods, whatever it was about; all empty at the beginning.
    is_new_year : bool
        Whether all of it is of an earlier year, whose register no longer holds.
    """

    period: ReportPeriod
    unit: str
    tables: Mapping[str, pd.DataFrame]
    is_new_year: bool = False

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


def known_before(workspace: Workspace, period: ReportPeriod, unit: str) -> Known:
    """Return what the submissions for earlier periods say as of now.

    Raises
    ------
    UsageError
        If something is known, and nobody of that name answers for any of it.
    DataError
        If earlier submissions cannot be read. Control totals may be missed: a template is how they get mended.
    """
    counting = effective(workspace, period.previous(), datetime.now(CHINA))
    last = max((ReportPeriod.parse(receipt.period) for receipt in counting), default=None)
    if last is None:
        return Known(period, unit, {**{t: empty(t) for t in TABLES}, "projects": _no_projects()})
    ledger = load(workspace, last, "now", _lenient(workspace.parameters(last)))
    known = Known(period, unit, ledger.known, is_new_year=last.year != period.year)
    if unit and unit not in known.units:
        near = get_close_matches(unit, known.units, n=5, cutoff=0.4)
        named = "、".join(near or known.units[:20])
        raise UsageError("unit_unknown", found=unit, near=named)
    return known


def _lenient(parameters: Parameters) -> Parameters:
    programme = parameters.programme
    totals = programme.control_totals.model_copy(update={"mode": "warn"})
    return replace(parameters, programme=programme.model_copy(update={"control_totals": totals}))


def _no_projects() -> pd.DataFrame:
    days = {name: pd.Series([], dtype="datetime64[us]") for name in PROJECT_DATES}
    return empty("projects").assign(**days)
