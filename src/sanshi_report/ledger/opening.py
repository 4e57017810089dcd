"""The way into the data for a notebook: a period's parameters and its ledger."""

from __future__ import annotations

import os
from datetime import datetime

from sanshi_report.ledger.inbox import receipts
from sanshi_report.ledger.loading import load
from sanshi_report.ledger.model import Ledger
from sanshi_report.workspace import Parameters, Workspace

__all__ = ["open_ledger"]


def open_ledger(
    period: str | None = None, as_of: str | datetime | None = None
) -> tuple[Parameters, Ledger]:
    """Return the parameters and the ledger of a period.

    Parameters
    ----------
    period : str, optional
        By default the one that SANSHI_PERIOD names, else the latest month that anything was received for.
    as_of : str or datetime, optional
        `"now"`, a day or a moment; by default the period's cutoff.

    Raises
    ------
    ReportError
        If the period, its parameters or its data are not in order.
    """
    workspace = Workspace.find()
    wanted = period or os.environ.get("SANSHI_PERIOD")
    if not wanted:
        months = receipts(workspace)["period"]
        wanted = None if months.empty else str(months.max())
    parameters = workspace.parameters(wanted)
    return parameters, load(workspace, parameters.period, as_of, parameters)
