"""What any report of the year was made from: which rows counted at a cutoff, set right, the latest of each.

The report made now and every earlier one go through `Past.at`, so that what a report quotes of the last one is
what that one printed: files taken back since, corrections of the time and projects that have left included.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

import pandas as pd

from sanshi_report.intake import Fault
from sanshi_report.ledger import corrections, membership
from sanshi_report.ledger.corrections import Correction
from sanshi_report.ledger.inbox import Receipt, Withdrawal, digest_of, ending, lists
from sanshi_report.ledger.model import with_dates
from sanshi_report.ledger.sources import Sources
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import key_of
from sanshi_report.workspace import Workspace

__all__ = ["Known", "Past", "latest", "of_year", "taken_back", "told"]

_DONE = {
    "nodes": ("done_on",),
    "permits": ("applied_on", "granted_on"),
    "problems": ("closed_on",),
    "actions": ("closed_on",),
    "incidents": ("closed_on",),
}
"""Days on which something was done: once told they stand, until another day is told or the office corrects it."""

_STATUSES = {"applied_on": ("办理中", "已办结"), "granted_on": ("已办结",)}
"""A permit's status is told with every row: a day stands only while the status does not deny it."""


@dataclass(frozen=True)
class Known:
    """What was known at one cutoff.

    Attributes
    ----------
    history : Mapping[str, pandas.DataFrame]
        Every version of every row that counted, oldest first, those set right after those sent.
    known : Mapping[str, pandas.DataFrame]
        The latest version of every row about the projects of the period's year.
    corrections : sequence of Correction
        Those in force.
    faults : list of Fault
        Corrections that no longer fit.
    """

    history: Mapping[str, pd.DataFrame]
    known: Mapping[str, pd.DataFrame]
    corrections: Sequence[Correction]
    faults: list[Fault]


@dataclass(frozen=True, eq=False)
class Past:
    """Every row of every file that counted for a report of the year, as sent, and all corrections.

    Attributes
    ----------
    rows : Mapping[str, pandas.DataFrame]
        By table in the order of receipts, with `known_at`, `origin` and `until`, when the file was withdrawn.
    corrections : sequence of Correction
        Those on file.
    """

    rows: Mapping[str, pd.DataFrame]
    corrections: Sequence[Correction] = ()

    @classmethod
    def of(cls, history: Mapping[str, pd.DataFrame]) -> Self:
        """Return the past of rows of which none was ever withdrawn."""
        never = pd.Timestamp.max.tz_localize("Asia/Shanghai").as_unit("us")
        return cls({table: rows.assign(until=never) for table, rows in history.items()})

    @classmethod
    def read(
        cls,
        sources: Sources,
        counted: Collection[Receipt],
        gone: Mapping[Receipt, datetime],
        on_file: Sequence[Correction],
    ) -> Self:
        """Return the past of files that were read, those withdrawn since among them.

        Of these, one with a fault never was in a report.
        """
        names = {receipt.name for receipt in counted}
        faulty = {fault.file for fault in sources.faults} - names
        ends = {(r.name, pd.Timestamp(r.received_at)): at for r, at in gone.items()}
        rows = {}
        for table, frame in cls.of(sources.history).rows.items():
            if ends:
                file = frame["origin"].str.split("#").str[0]
                at = [ends.get(one) for one in zip(file, frame["known_at"], strict=True)]
                until = pd.to_datetime(pd.Series(at, index=frame.index, dtype=object), utc=True)
                until = until.dt.tz_convert("Asia/Shanghai").fillna(frame["until"])
                frame = frame.assign(until=until)[~file.isin(faulty)]
            rows[table] = frame
        return cls(rows, on_file)

    def at(self, period: ReportPeriod, cutoff: datetime) -> Known:
        """Return what the report of a period was made from at a cutoff."""
        history = {table: told(rows, period, cutoff) for table, rows in self.rows.items()}
        history = {table: _standing(table, rows) for table, rows in history.items()}
        counting = corrections.in_force(self.corrections, period, cutoff)
        history, stale = corrections.correct(history, counting)
        newest = {table: latest(table, rows) for table, rows in history.items()}
        known = of_year(newest, history, period.year)
        dated = with_dates(known["projects"], history["progress"])
        known["projects"], also_stale = corrections.correct_dates(dated, counting)
        return Known(history, known, counting, [*stale, *also_stale])

    def of_tables(self, tables: Collection[str]) -> Self:
        """Return some tables alone, with the corrections of their cells."""
        rows = {name: self.rows[name] for name in tables}
        return replace(
            self, rows=rows, corrections=[c for c in self.corrections if c.table in rows]
        )

    def of_projects(self, ids: Collection[str]) -> Self:
        """Return what is told of some projects."""
        rows = {
            name: membership.concerning(frame, ids)
            if name == "moves"
            else frame[frame["project_id"].isin(ids)]
            for name, frame in self.rows.items()
        }
        return replace(self, rows=rows)


def taken_back(
    workspace: Workspace, period: ReportPeriod, known_by: datetime, cutoffs: Collection[datetime]
) -> dict[Receipt, datetime]:
    """Return the receipts that counted at one of some cutoffs and were withdrawn since, with when.

    One whose file is gone, or is another by now, is left out.
    """
    held, gone = lists(workspace)
    found: dict[Receipt, datetime] = {}
    for receipt in held:
        end: Withdrawal | None = ending(receipt, gone, known_by)
        if end is None or ReportPeriod.parse(receipt.period).end > period.end:
            continue
        counted = any(receipt.received_at <= cutoff < end.withdrawn_at for cutoff in cutoffs)
        path = workspace.raw / receipt.name
        if counted and path.is_file() and digest_of(path) == receipt.sha256:
            found[receipt] = end.withdrawn_at
    return found


def told(rows: pd.DataFrame, period: ReportPeriod, cutoff: datetime) -> pd.DataFrame:
    """Return the rows that counted for a period's report at a cutoff."""
    at = pd.Timestamp(cutoff)
    in_time = rows["known_at"].le(at) & rows["until"].gt(at)
    folders = rows["origin"].str.slice(0, 7)
    counted = rows[in_time & folders.le(f"{period.end:%Y-%m}")]
    return counted.drop(columns="until").reset_index(drop=True)


def latest(table: str, history: pd.DataFrame) -> pd.DataFrame:
    """Return the last version of every row, in the order in which the rows first came."""
    key = key_of(table)
    if not history.duplicated(key).any():
        return history
    order = history.groupby(key, sort=False, dropna=False).ngroup()
    kept = history.assign(_order=order).drop_duplicates(key, keep="last")
    return kept.sort_values("_order", ignore_index=True).drop(columns="_order")


def of_year(
    known: Mapping[str, pd.DataFrame], history: Mapping[str, pd.DataFrame], year: int
) -> dict[str, pd.DataFrame]:
    """Return what is known of the projects that are in the register of a year.

    Each year has its own register: a project that left the programme is in none of the year's files, and what
    earlier years reported of it is left aside. What the year's own files say of it stays, to be a fault.
    """
    registers = history["projects"]
    now = registers["origin"].str.startswith(f"{year}-")
    left = set(registers["project_id"]) - set(registers.loc[now, "project_id"])
    if not left:
        return dict(known)
    kept = {}
    for table, frame in known.items():
        if "project_id" in frame:
            is_earlier = ~frame["origin"].str.startswith(f"{year}-") | (table == "projects")
            frame = frame[~(frame["project_id"].isin(left) & is_earlier)].reset_index(drop=True)
        kept[table] = frame
    return kept


def _standing(table: str, history: pd.DataFrame) -> pd.DataFrame:
    """Return a history in which a day that something was done on stands though a later row leaves it empty."""
    days, key = _DONE.get(table, ()), key_of(table)
    if not days or not history.duplicated(key).any():
        return history
    before = history.groupby(key, sort=False, dropna=False)[list(days)].ffill()
    filled = {}
    for day in days:
        stands = pd.Series(True, index=history.index)
        if table == "permits":
            stands = history["status"].isin(_STATUSES[day])
        filled[day] = history[day].where(history[day].notna() | ~stands, before[day])
    return history.assign(**filled)
