"""What was received and taken back: the trail of a submission that did not count in the end."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

import pandas as pd

from sanshi_report.ledger.inbox import Receipt, digest_of, ending, lists, table_of
from sanshi_report.ledger.sources import faults_in
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters, Workspace

__all__ = ["no_returns", "returned"]


def no_returns() -> pd.DataFrame:
    """Return a frame of returned submissions without rows."""
    return table_of([]).assign(faults=pd.Series([], dtype="Int64"))


def returned(
    workspace: Workspace, period: ReportPeriod, known_by: datetime, parameters: Parameters
) -> pd.DataFrame:
    """Return the receipts for periods up to this one that had been withdrawn at a moment.

    Returns
    -------
    pandas.DataFrame
        The columns of `receipts`, and `faults`: how many its file has by the lists of its month, missing where
        the file is gone or is not what was received.
    """
    held, gone = lists(workspace)
    rows, faults = [], []
    for receipt in held:
        end = ending(receipt, gone, known_by)
        if end is None or ReportPeriod.parse(receipt.period).end > period.end:
            continue
        why = {name: getattr(end, name) for name in ("withdrawn_at", "withdrawn_by", "reason")}
        rows.append(asdict(receipt) | why)
        faults.append(_faults(workspace, receipt, parameters))
    return table_of(rows).assign(faults=pd.Series(faults, dtype="Int64"))


def _faults(workspace: Workspace, receipt: Receipt, parameters: Parameters) -> int | None:
    path = workspace.raw / receipt.name
    if not path.is_file() or path.is_symlink() or digest_of(path) != receipt.sha256:
        return None
    programme = parameters.by_month.get(receipt.period, parameters.programme)
    return faults_in(workspace, receipt, programme)
