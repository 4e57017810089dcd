"""The ledger an earlier report was made from: what was then known, judged at its own last day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import pandas as pd

from sanshi_report.ledger.corrections import listed
from sanshi_report.ledger.model import Ledger
from sanshi_report.ledger.past import Past
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES

__all__ = ["published", "published_before", "reported_for"]


def published_before(ledger: Ledger, tables: Collection[str] = tuple(TABLES)) -> Ledger:
    """Return the ledger that the report of the period before was made from, some of its tables alone if given.

    Where its cutoff is not known, today's knowledge is judged at that period's end.
    """
    before = ledger.period.previous()
    if ledger.last_cutoff is None:
        return ledger.at(before)
    return published(ledger, before, ledger.last_cutoff, tables=tables)


def published(
    ledger: Ledger,
    period: ReportPeriod,
    cutoff: datetime,
    last_cutoff: datetime | None = None,
    tables: Collection[str] = tuple(TABLES),
) -> Ledger:
    """Return the ledger that an earlier report was made from.

    What then counted counts: files taken back since too, the corrections then in force, and the register of
    that period's own year, with the projects that have left since.

    Parameters
    ----------
    period : ReportPeriod
        What that report was about.
    cutoff, last_cutoff : datetime
        Its cutoff and that of the report before it.
    tables : collection of str
        Those wanted, `projects` and `progress` among them, and `moves` in any case; the others are empty.
    """
    past = ledger.past or Past.of(ledger.history)
    found = past.of_tables({*tables, "moves"}).at(period, cutoff)
    return Ledger.of(
        found.known,
        period,
        cutoff,
        history=found.history,
        corrections=listed(found.corrections),
        last_cutoff=last_cutoff,
        past=past,
        whole=ledger.whole,
    )


def reported_for(origins: pd.Series) -> pd.Series:
    """Return the `ReportPeriod` of the submission each row came in, from the row's origin."""
    folders = origins.str.split("/").str[0]
    periods = {folder: ReportPeriod.parse(folder) for folder in folders.unique()}
    return folders.map(periods).astype(object)
