"""Checking the data of a period as its report will read it, and keeping what is wrong with it."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from sanshi_report.intake import Fault, FaultsFound, faults_table
from sanshi_report.ledger import Ledger, Receipt, load, moment, too_late
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Workspace

__all__ = ["Checked", "check"]


@dataclass(frozen=True)
class Checked:
    """What checking found: a ledger, or faults, the file that lists them, and the files to send back.

    `late` are the files for the period that came after `known_by`, the moment looked from.
    """

    ledger: Ledger | None
    faults: Sequence[Fault]
    listing: Path
    known_by: datetime
    returned: Sequence[Path] = ()
    late: Sequence[Receipt] = ()


def check(
    workspace: Workspace,
    period: str | ReportPeriod | None,
    as_of: str | datetime | None = None,
    progress: Callable[[str, float], None] = lambda *_: None,
) -> Checked:
    """Read everything received for a period and tell every fault.

    Faults go to `data/processed/<period>/faults.csv`; a copy of each faulty file with the cells marked and
    commented goes beside it, under `returned/<period received for>/`. Both are removed once nothing is
    wrong any more.

    Parameters
    ----------
    progress : callable, optional
        Told a file's name and how much of all files has been read, from 0 to 1.

    Raises
    ------
    ReportError
        If the data cannot be read at all: no receipts, changed files, totals that do not reconcile; or they
        contradict themselves, see `metrics.consistency`.
    """
    from sanshi_report.metrics.consistency import refuse

    parameters = workspace.parameters(period)
    known_by = moment(as_of, parameters.cutoff)
    late = too_late(workspace, parameters.period, known_by)
    folder = workspace.processed / str(parameters.period)
    listing, returned = folder / "faults.csv", folder / "returned"
    shutil.rmtree(returned, ignore_errors=True)
    try:
        ledger = load(workspace, parameters.period, known_by, parameters, progress)
    except FaultsFound as found:
        folder.mkdir(parents=True, exist_ok=True)
        # The byte-order mark is what makes Excel read Chinese in a CSV.
        faults_table(found.faults).to_csv(listing, index=False, encoding="utf-8-sig")
        marked = tuple(_marked(workspace, found.faults, returned))
        return Checked(None, found.faults, listing, known_by, marked, late)
    listing.unlink(missing_ok=True)
    refuse(ledger, parameters)
    return Checked(ledger, (), listing, known_by, (), late)


def _marked(workspace: Workspace, faults: Sequence[Fault], returned: Path) -> Iterator[Path]:
    """Write a marked copy of every received file that has faults."""
    from sanshi_report.intake.marking import mark

    by_file: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        by_file[fault.file].append(fault)
    for name, found in by_file.items():
        received = workspace.raw / name
        if PurePosixPath(name).parent.name and received.is_file():
            target = returned / (name if name.endswith(".xlsx") else f"{name}.xlsx")
            target.parent.mkdir(parents=True, exist_ok=True)
            mark(received, found, target)
            yield target
