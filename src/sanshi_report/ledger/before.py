"""The ledger of the report before: what was then known, judged at its own last day."""

from __future__ import annotations

import pandas as pd

from sanshi_report.ledger.loading import latest
from sanshi_report.ledger.model import Ledger, with_dates
from sanshi_report.period import ReportPeriod

__all__ = ["published_before", "reported_for"]


def published_before(ledger: Ledger) -> Ledger:
    """Return the ledger that the report of the period before was made from.

    It has the submissions for earlier periods received by that report's cutoff; the office's corrections
    are those of today. Where the cutoff is not known, today's knowledge is judged at that period's end.
    """
    before = ledger.period.previous()
    if ledger.last_cutoff is None:
        return ledger.at(before)
    told = {
        table: _told(rows, before, pd.Timestamp(ledger.last_cutoff))
        for table, rows in ledger.history.items()
    }
    known = {table: latest(table, rows) for table, rows in told.items()}
    known["projects"] = with_dates(known["projects"], told["progress"])
    return Ledger.of(known, before, ledger.last_cutoff, history=told)


def _told(rows: pd.DataFrame, period: ReportPeriod, cutoff: pd.Timestamp) -> pd.DataFrame:
    in_time = rows["known_at"].le(cutoff)
    early = reported_for(rows["origin"]).map(lambda about: about.end <= period.end)
    return rows[in_time & early.astype(bool)].reset_index(drop=True)


def reported_for(origins: pd.Series) -> pd.Series:
    """Return the `ReportPeriod` of the submission each row came in, from the row's origin."""
    folders = origins.str.split("/").str[0]
    periods = {folder: ReportPeriod.parse(folder) for folder in folders.unique()}
    return folders.map(periods).astype(object)
