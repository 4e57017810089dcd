"""Checking the data of a period as its report will read it, and keeping the list of faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sanshi_report.intake import Fault, FaultsFound, faults_table
from sanshi_report.ledger import Ledger, load
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Workspace

__all__ = ["Checked", "check"]


@dataclass(frozen=True)
class Checked:
    """What checking found: a ledger, or faults and the file that lists them."""

    ledger: Ledger | None
    faults: Sequence[Fault]
    listing: Path


def check(
    workspace: Workspace, period: str | ReportPeriod | None, as_of: str | datetime | None = None
) -> Checked:
    """Read everything received for a period; faults go to `data/processed/<period>/faults.csv`.

    A listing of earlier faults is removed when there are none any more.

    Raises
    ------
    ReportError
        If the data cannot be read at all: no receipts, changed files, totals that do not reconcile.
    """
    parameters = workspace.parameters(period)
    listing = workspace.processed / str(parameters.period) / "faults.csv"
    try:
        ledger = load(workspace, parameters.period, as_of, parameters)
    except FaultsFound as found:
        listing.parent.mkdir(parents=True, exist_ok=True)
        # The byte-order mark is what makes Excel read Chinese in a CSV.
        faults_table(found.faults).to_csv(listing, index=False, encoding="utf-8-sig")
        return Checked(None, found.faults, listing)
    listing.unlink(missing_ok=True)
    return Checked(ledger, (), listing)
