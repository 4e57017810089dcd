"""From received files to a ledger: read, set right, keep the latest, judge, reconcile."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime

import pandas as pd

from sanshi_report.intake import Fault, FaultsFound
from sanshi_report.ledger import checks, corrections, limits
from sanshi_report.ledger.inbox import moment, table_of, verified
from sanshi_report.ledger.model import Ledger, with_dates
from sanshi_report.ledger.returned import returned
from sanshi_report.ledger.revisions import revisions
from sanshi_report.ledger.sources import Sources, read_all
from sanshi_report.ledger.totals import TotalsDiffer, reconcile
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import key_of
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
        If a file is not as received, if any cell of any file is at fault (`FaultsFound`), or if the projects
        miss a control total (`TotalsDiffer`).
    """
    parameters = parameters or workspace.parameters(period)
    at = parameters.period
    known_by = moment(as_of, parameters.cutoff)
    receipts = verified(workspace, at, known_by)
    sources = read_all(workspace, receipts, parameters, progress)
    on_file, unreadable = corrections.read(workspace, parameters)
    if sources.faults or unreadable:
        raise FaultsFound(
            [*sources.faults, *_also_faulty(workspace, sources, at.year), *unreadable]
        )
    counting = corrections.in_force(on_file, at, known_by)
    history, stale = corrections.correct(sources.history, counting)
    known, also_stale = _known(history, counting, at.year)
    found = _faults(checks.Places(workspace), known, history, parameters, counting, known_by)
    if faults := [*found, *stale, *also_stale]:
        raise FaultsFound(faults)
    ledger = Ledger.of(
        known,
        at,
        known_by,
        receipts=table_of([asdict(receipt) for receipt in receipts]),
        revisions=revisions(history),
        history=history,
        corrections=corrections.listed(counting),
        returned=returned(workspace, at, known_by, parameters),
        warnings=tuple(sources.warnings),
        last_cutoff=workspace.cutoff(at.previous()),
    )
    mismatches = reconcile(ledger, parameters)
    if mismatches and parameters.programme.control_totals.mode == "fault":
        raise TotalsDiffer(mismatches)
    return replace(ledger, mismatches=tuple(mismatches))


def _known(
    history: Mapping[str, pd.DataFrame], counting: Sequence[corrections.Correction], year: int
) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Return the latest version of every row about a year's projects, which have their dates set right."""
    newest = {table: latest(table, rows) for table, rows in history.items()}
    known = _of_year(newest, history, year)
    dated = with_dates(known["projects"], history["progress"])
    known["projects"], stale = corrections.correct_dates(dated, counting)
    return known, stale


def latest(table: str, history: pd.DataFrame) -> pd.DataFrame:
    """Return the last version of every row, in the order in which the rows first came."""
    key = key_of(table)
    if not history.duplicated(key).any():
        return history
    order = history.groupby(key, sort=False, dropna=False).ngroup()
    kept = history.assign(_order=order).drop_duplicates(key, keep="last")
    return kept.sort_values("_order", ignore_index=True).drop(columns="_order")


def _of_year(
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


def _also_faulty(workspace: Workspace, sources: Sources, year: int) -> Iterator[Fault]:
    """Yield what is certain between files though cells of some are at fault."""
    places = checks.Places(workspace)
    known = _of_year(sources.history, sources.history, year)
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
    known: Mapping[str, pd.DataFrame],
    history: Mapping[str, pd.DataFrame],
    parameters: Parameters,
    counting: Sequence[corrections.Correction],
    known_by: datetime,
) -> Iterator[Fault]:
    """Yield what is wrong between files of which no cell is at fault."""
    at = parameters.period
    of_year = _of_year(history, history, at.year)
    yield from checks.strangers(places, known)
    yield from checks.spellings(places, of_year)
    yield from checks.two_days(places, of_year["progress"])
    yield from limits.beyond(places, known, history, counting, parameters.programme, at, known_by)
