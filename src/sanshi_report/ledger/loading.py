"""From received files to a ledger: read, set right, keep the latest, judge, reconcile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import asdict, replace
from datetime import datetime
from operator import attrgetter

import pandas as pd

from sanshi_report.intake import Fault, FaultsFound
from sanshi_report.ledger import checks, corrections, limits
from sanshi_report.ledger.contradictions import contradictions
from sanshi_report.ledger.inbox import moment, table_of, verified
from sanshi_report.ledger.model import Ledger
from sanshi_report.ledger.past import Known, Past, of_year, taken_back, told
from sanshi_report.ledger.returned import returned
from sanshi_report.ledger.revisions import revisions
from sanshi_report.ledger.sources import Sources, read_all
from sanshi_report.ledger.totals import TotalsDiffer, reconcile
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters, Workspace

__all__ = ["load"]


def load(
    workspace: Workspace,
    period: str | ReportPeriod | None,
    as_of: str | datetime | None = None,
    parameters: Parameters | None = None,
    progress: Callable[[str, float], None] = lambda *_: None,
) -> Ledger:
    """Return the ledger of a period as known at a moment.

    Parameters
    ----------
    workspace : Workspace
        Where the received files and the parameters are.
    period : str or ReportPeriod
        The month, quarter or year reported on.
    as_of : str, datetime, optional
        `"now"`, a day or a day and time; by default the period's cutoff.
    parameters : Parameters, optional
        The period's parameters, if they have been read.
    progress : callable, optional
        Told a file's name and how much of all files, by size, has been read, from 0 to 1.

    Raises
    ------
    DataError
        If a file is not as received, a cell at fault (`FaultsFound`) or a control total missed (`TotalsDiffer`).
    """
    parameters = parameters or workspace.parameters(period)
    at = parameters.period
    known_by = moment(as_of, parameters.cutoff)
    receipts = verified(workspace, at, known_by)
    last_cutoff = workspace.cutoff(at.previous())
    gone = taken_back(workspace, at, known_by, [last_cutoff, *parameters.cutoffs.values()])
    files = sorted([*receipts, *gone], key=attrgetter("number"))
    sources = read_all(workspace, files, parameters, progress)
    on_file, unreadable = corrections.read(workspace, parameters)
    past = Past.read(sources, receipts, gone, on_file)
    now = _counting(sources, {receipt.name for receipt in receipts})
    if now.faults or unreadable:
        also = _also_faulty(workspace, now, past, at, known_by)
        raise FaultsFound([*now.faults, *also, *unreadable])
    found = past.at(at, known_by)
    if faults := [*_faults(checks.Places(workspace), found, parameters, known_by), *found.faults]:
        raise FaultsFound(faults)
    ledger = Ledger.of(
        found.known,
        at,
        known_by,
        receipts=table_of([asdict(receipt) for receipt in receipts]),
        revisions=revisions(found.history),
        history=found.history,
        past=past,
        corrections=corrections.listed(found.corrections),
        returned=returned(workspace, at, known_by, parameters),
        warnings=tuple(now.warnings),
        last_cutoff=last_cutoff,
    )
    return _reconciled(ledger, parameters)


def _reconciled(ledger: Ledger, parameters: Parameters) -> Ledger:
    """Return a ledger with what of it misses the control totals, if that may be."""
    mismatches = reconcile(ledger, parameters)
    if mismatches and parameters.programme.control_totals.mode == "fault":
        raise TotalsDiffer(mismatches)
    return replace(ledger, mismatches=tuple(mismatches))


def _counting(sources: Sources, names: Collection[str]) -> Sources:
    """Return what was read without what is wrong with files that no longer count."""
    return replace(
        sources,
        faults=[fault for fault in sources.faults if fault.file in names],
        warnings=[warning for warning in sources.warnings if warning.file in names],
        faulty={
            table: rows[rows["origin"].str.split("#").str[0].isin(names)]
            for table, rows in sources.faulty.items()
        },
    )


def _also_faulty(
    workspace: Workspace, sources: Sources, past: Past, at: ReportPeriod, known_by: datetime
) -> Iterator[Fault]:
    """Yield what is certain between files though cells of some are at fault."""
    places = checks.Places(workspace)
    rows = {table: told(frame, at, known_by) for table, frame in past.rows.items()}
    known = of_year(rows, rows, at.year)
    unnamed = sources.faulty.get("projects")
    # Else the missing project may stand in what cannot be read.
    if all(fault.cell for fault in sources.faults) and (
        unnamed is None or not unnamed["project_id"].isna().any()
    ):
        every = {
            table: pd.concat([rows, sources.faulty[table]], ignore_index=True)
            if table in sources.faulty
            else rows
            for table, rows in known.items()
        }
        yield from checks.strangers(places, every)
    yield from checks.spellings(places, known)
    yield from checks.two_days(places, known["progress"])


def _faults(
    places: checks.Places,
    found: Known,
    parameters: Parameters,
    known_by: datetime,
) -> Iterator[Fault]:
    """Yield what is wrong between files of which no cell is at fault."""
    at, known, history = parameters.period, found.known, found.history
    own = of_year(history, history, at.year)
    yield from checks.strangers(places, known)
    yield from checks.spellings(places, own)
    yield from checks.two_days(places, own["progress"])
    yield from checks.two_units(places, known["inputs"], at.year)
    yield from contradictions(places, known, history, at)
    counting, programme = found.corrections, parameters.programme
    yield from limits.beyond(places, known, history, counting, programme, at, known_by)
