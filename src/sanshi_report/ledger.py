"""The ledger: every fact with the period it is about and the moment it became known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from sanshi_report.period import ReportPeriod

__all__ = ["Ledger"]


@dataclass(frozen=True)
class Ledger:
    """All tables as known at one moment and judged at one period's last day.

    Attributes
    ----------
    period : ReportPeriod
        The period reported on; everything is judged at its last day.
    as_of : datetime
        Submissions received later do not count.
    projects ... changes : pandas.DataFrame
        One frame per table of `schemas.TABLES`, its columns followed by `known_at` and `origin`.
        `projects` also has `groundbreaking_on`, `started_on`, `completed_on`, `commissioned_on`.
    receipts : pandas.DataFrame
        The receipts the ledger was made from.
    revisions : pandas.DataFrame
        What later submissions changed in earlier ones.
    history : Mapping[str, pandas.DataFrame]
        Every version of every row, by table, before judging.
    """

    period: ReportPeriod
    as_of: datetime
    projects: pd.DataFrame
    plan: pd.DataFrame
    nodes: pd.DataFrame
    progress: pd.DataFrame
    permits: pd.DataFrame
    inputs: pd.DataFrame
    funding: pd.DataFrame
    problems: pd.DataFrame
    actions: pd.DataFrame
    meetings: pd.DataFrame
    incidents: pd.DataFrame
    practices: pd.DataFrame
    changes: pd.DataFrame
    receipts: pd.DataFrame
    revisions: pd.DataFrame
    history: Mapping[str, pd.DataFrame]
