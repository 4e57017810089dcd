"""The ledger an earlier report was made from: what was then known, judged at its own last day."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from sanshi_report.ledger.loading import latest
from sanshi_report.ledger.model import Ledger, with_dates
from sanshi_report.period import ReportPeriod

__all__ = ["published", "published_before", "reported_for"]


def published_before(ledger: Ledger) -> Ledger:
    """Return the ledger that the report of the period before was made from.

    Where its cutoff is not known, today's knowledge is judged at that period's end.
    """
    before = ledger.period.previous()
    if ledger.last_cutoff is None:
        return ledger.at(before)
    return published(ledger, before, ledger.last_cutoff)


def published(
    ledger: Ledger, period: ReportPeriod, cutoff: datetime, last_cutoff: datetime | None = None
) -> Ledger:
    """Return the ledger that an earlier report was made from.

    It has the submissions for periods up to its own that were received by its cutoff; the office's
    corrections are those of today.

    Parameters
    ----------
    period : ReportPeriod
        What that report was about.
    cutoff, last_cutoff : datetime
        Its cutoff and that of the report before it.
    """
    told = {
        table: _told(rows, period, pd.Timestamp(cutoff)) for table, rows in ledger.history.items()
    }
    known = {table: latest(table, rows) for table, rows in told.items()}
    known["projects"] = with_dates(known["projects"], told["progress"])
    return Ledger.of(
        known,
        period,
        cutoff,
        history=told,
        corrections=ledger.corrections,
        last_cutoff=last_cutoff,
    )


def _told(rows: pd.DataFrame, period: ReportPeriod, cutoff: pd.Timestamp) -> pd.DataFrame:
    in_time = rows["known_at"].le(cutoff)
    folders = rows["origin"].str.slice(0, 7)
    return rows[in_time & folders.le(f"{period.end:%Y-%m}")].reset_index(drop=True)


def reported_for(origins: pd.Series) -> pd.Series:
    """Return the `ReportPeriod` of the submission each row came in, from the row's origin."""
    folders = origins.str.split("/").str[0]
    periods = {folder: ReportPeriod.parse(folder) for folder in folders.unique()}
    return folders.map(periods).astype(object)
