"""What a ledger is, and how what is known is judged at a period's last day."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from sanshi_report.ledger import membership
from sanshi_report.ledger.inbox import table_of
from sanshi_report.ledger.returned import no_returns
from sanshi_report.ledger.revisions import no_revisions, since
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES, empty

if TYPE_CHECKING:
    from sanshi_report.ledger.past import Past
    from sanshi_report.ledger.totals import Mismatch

__all__ = ["ABOUT", "PROJECT_DATES", "Ledger", "judge", "with_dates"]

PROJECT_DATES = ("groundbreaking_on", "started_on", "completed_on", "commissioned_on")
"""What a project's monthly reports say of the project itself."""

ABOUT = {
    "progress": "month",
    "inputs": "month",
    "problems": "raised_on",
    "actions": "meeting_on",
    "meetings": "held_on",
    "incidents": "occurred_on",
    "practices": "recorded_on",
    "moves": "effective_on",
    "changes": "approved_on",
}
"""The column that says when what a row tells of came about."""

_EVENTS = {
    "projects": PROJECT_DATES,
    "left": PROJECT_DATES,
    "progress": PROJECT_DATES,
    "nodes": ("done_on",),
    "permits": ("applied_on", "granted_on"),
    "problems": ("closed_on",),
    "actions": ("closed_on",),
    "incidents": ("closed_on",),
}
"""Dates of things done, as against dates promised or planned."""


@dataclass(frozen=True, eq=False)
class Ledger:
    """All tables as known at one moment and judged at one period's last day.

    Attributes
    ----------
    period : ReportPeriod
        The period reported on; everything is judged at its last day.
    as_of : datetime
        Submissions received later do not count.
    projects ... changes : pandas.DataFrame
        One frame per table of `schemas.TABLES`, its columns followed by `known_at` and `origin`.
        `projects` also has `groundbreaking_on`, `started_on`, `completed_on`, `commissioned_on`. Rows about
        later days are gone and later events have no date yet; `plan` keeps all months.
        Nothing is told of projects that are not in the programme on that day, but in `moves` and `incidents`.
    left : pandas.DataFrame
        The projects that left or were split this year by then: as `projects`, with `left_on`.
    receipts : pandas.DataFrame
        The receipts the ledger was made from.
    returned : pandas.DataFrame
        Receipts taken back, with the number of `faults` in each file; see `returned.returned`.
    revisions : pandas.DataFrame
        What later submissions changed in earlier ones; see `revisions.COLUMNS`.
    history : Mapping[str, pandas.DataFrame]
        Every version of every row, by table, oldest first, before judging.
    corrections : pandas.DataFrame
        The office's corrections in force; see `corrections.COLUMNS`.
    mismatches : tuple of Mismatch
        Control totals the ledger does not add up to; only where the parameters say `warn`.
    warnings : tuple of intake.Fault
        What was ignored in the files read.
    last_cutoff : datetime or None
        The cutoff of the period before: what became known later was not in its report.
    known : Mapping[str, pandas.DataFrame]
        The latest version of every row, before judging.
    past : Past or None
        What earlier reports were made from; see `before.published`.
    whole : Ledger or None
        Of a part of the programme, such as one county, the whole: what the programme decides together is asked
        of it, and no target of the whole is the part's own.
    """

    period: ReportPeriod
    as_of: datetime
    projects: pd.DataFrame
    plan: pd.DataFrame
    nodes: pd.DataFrame
    progress: pd.DataFrame
    permits: pd.DataFrame
    inputs: pd.DataFrame
    funding: pd.DataFrame
    problems: pd.DataFrame
    actions: pd.DataFrame
    meetings: pd.DataFrame
    incidents: pd.DataFrame
    practices: pd.DataFrame
    moves: pd.DataFrame
    changes: pd.DataFrame
    left: pd.DataFrame
    receipts: pd.DataFrame
    revisions: pd.DataFrame
    history: Mapping[str, pd.DataFrame] = field(repr=False)
    corrections: pd.DataFrame = field(default_factory=pd.DataFrame)
    returned: pd.DataFrame = field(default_factory=no_returns)
    mismatches: tuple[Mismatch, ...] = ()
    warnings: tuple[Any, ...] = ()
    last_cutoff: datetime | None = None
    known: Mapping[str, pd.DataFrame] = field(default_factory=dict, repr=False)
    past: Past | None = field(default=None, repr=False)
    whole: Ledger | None = field(default=None, repr=False)

    @classmethod
    def of(
        cls,
        known: Mapping[str, pd.DataFrame],
        period: ReportPeriod,
        as_of: datetime,
        **others: Any,
    ) -> Self:
        """Return the ledger of what is known, judged at a period's last day.

        Parameters
        ----------
        known : Mapping[str, pandas.DataFrame]
            The latest version of every row by table; a table left out is empty. Where `projects` lacks its
            dates they are taken from `progress`.
        **others : Any
            Any further attribute.
        """
        tables = {table: known[table] if table in known else empty(table) for table in TABLES}
        if not set(PROJECT_DATES) <= set(tables["projects"]):
            tables["projects"] = with_dates(tables["projects"], tables["progress"])
        values: dict[str, Any] = {
            "receipts": table_of([]),
            "revisions": no_revisions(),
            "history": tables,
            **judge(tables, period),
            **others,
        }
        return cls(period=period, as_of=as_of, known=tables, **values)

    def at(self, period: ReportPeriod, keeping: Collection[str] = ()) -> Self:
        """Return the same knowledge judged at the end of an earlier period, or of a week within this one.

        Parameters
        ----------
        keeping : collection of str
            Numbers of projects that stay though they left; see `membership.at`.

        Raises
        ------
        ValueError
            If the period ends later than this ledger's: what was reported for it is not known here.
        """
        if period.end > self.period.end:
            raise ValueError(f"{period} ends after {self.period}")
        judged: dict[str, Any] = dict(judge(self.known, period, keeping))
        # The last report of an earlier period was another one.
        return replace(self, period=period, last_cutoff=None, **judged)

    def revised(self) -> pd.DataFrame:
        """Return what changed in figures that the report of the period before could print.

        Net, one row per cell, from the register, the monthly plans, progress and inputs; what moved on in the
        other tables is news, not a revision.
        """
        tables = ("projects", "plan", "progress", "inputs")
        return since(self.revisions, self.last_cutoff or self.as_of, tables)


def with_dates(projects: pd.DataFrame, progress: pd.DataFrame) -> pd.DataFrame:
    """Return projects with the last non-empty of each date in `progress`, whose rows are oldest first."""
    latest = progress.groupby("project_id", sort=False)[list(PROJECT_DATES)].last()
    dates = latest.reindex(projects["project_id"])
    return projects.assign(
        **{name: dates[name].to_numpy().astype("datetime64[us]") for name in PROJECT_DATES}
    )


def judge(
    known: Mapping[str, pd.DataFrame], period: ReportPeriod, keeping: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """Return the tables, and `left`, as they stand at the period's last day: what is later has not happened.

    Parameters
    ----------
    keeping : collection of str
        As `membership.at` has it.
    """
    end = pd.Timestamp(period.end)
    judged = {}
    for table, frame in membership.at(known, period.end, keeping).items():
        about = ABOUT.get(table)
        if about:
            frame = frame[frame[about] <= (period.last_month if about == "month" else end)]
        frame = frame.reset_index(drop=True)
        if table == "permits":
            frame = _judge_permits(frame, end)
        for event in _EVENTS.get(table, ()):
            frame[event] = frame[event].where(frame[event] <= end)
        judged[table] = frame
    return judged


def _judge_permits(permits: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Take back what a later day brought: the grant, its number, the application."""
    unapplied = permits["applied_on"] > end
    ungranted = (permits["granted_on"] > end) | unapplied
    status = permits["status"]
    status = status.mask(ungranted & (status == "已办结"), "办理中")
    status = status.mask(unapplied & (status == "办理中"), "未启动")
    return permits.assign(
        status=status, document_no=permits["document_no"].mask(ungranted & status.ne("不需要"))
    )
