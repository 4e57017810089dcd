"""What moving a plan hid: put off too late, in time only by moving, moved without approval.

These are suspicions; `suspicion` lists them with the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import pandas as pd

from sanshi_report.exact import decimal_of, yi_of
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import plans
from sanshi_report.metrics.scopes import period_end
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Parameters

__all__ = ["Moved", "exact_text", "found", "plainly", "rows"]

_MONEY = {
    name
    for schema in TABLES.values()
    for name, column in schema.columns.items()
    if (column.metadata or {})["kind"] == "money"
}


class Moved(NamedTuple):
    """What the moved plans of one ledger give rise to.

    Attributes
    ----------
    events : list of dict
        Plans put off too late, or kept only by moving: listed in the first report that can tell.
    states : list of dict
        Plans moved without approval: listed as long as they stand so.
    """

    events: list[dict[str, Any]]
    states: list[dict[str, Any]]


def found(ledger: Ledger, parameters: Parameters) -> Moved:
    """Return what moving plans hid by the end of a ledger's period, and what moved without approval."""
    within = parameters.programme.suspicions.plan_moved_within_days
    steps = plans.moves(ledger)
    items = plans.items(steps, ledger)
    events = [*_moved_late(steps, within, period_end(ledger)), *_by_moving(items)]
    return Moved(events, list(_unapproved(items)))


def rows(now: Moved, before: Moved) -> list[dict[str, Any]]:
    """Return the rows to list: the events that the report before could not tell of, and the states."""
    event = ("rule", "table", "key", "figure", "found", "against")
    listed = {tuple(row[name] for name in event) for row in before.events}
    news = [row for row in now.events if tuple(row[name] for name in event) not in listed]
    return [*news, *now.states]


def _moved_late(steps: pd.DataFrame, within: int, end: pd.Timestamp) -> Iterator[dict[str, Any]]:
    """Yield the plans put off, or lowered, shortly before they were missed."""
    for row in steps.to_dict("records"):
        old, new, done = row["plan_before"], row["plan_after"], row["outcome"]
        if row["table"] == "plan":
            due = pd.Timestamp(ReportPeriod.parse(row["month"]).end)
            missed = new < old and (done or 0) < old
        elif isinstance(old, pd.Timestamp):
            due, missed = old, new > old and (done is None or done > old)
        else:
            continue
        ahead = (due - row["moved_on"]).days
        if missed and due <= end and ahead <= within:
            yield _plan_row("moved_late", row, new, old, Decimal(ahead), Decimal(within), "天")


def _by_moving(items: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in items[items["verdict"] == "by_moving"].to_dict("records"):
        past, unit = _distance(row["original"], row["outcome"] or 0)
        done = row["outcome"] or 0
        yield _plan_row("by_moving", row, done, row["original"], abs(past), Decimal(0), unit)


def _unapproved(items: pd.DataFrame) -> Iterator[dict[str, Any]]:
    moved = items["original"].ne(items["current"]) & ~items["is_approved"]
    for row in items[moved.astype(bool)].to_dict("records"):
        shift, unit = _distance(row["original"], row["current"])
        yield _plan_row("unapproved", row, row["current"], row["original"], shift, Decimal(0), unit)


def _plan_row(
    rule: str,
    row: dict[Any, Any],
    found: Any,
    against: Any,
    measured: Decimal,
    limit: Decimal,
    unit: str,
) -> dict[str, Any]:
    due = against if isinstance(against, pd.Timestamp) else None
    month = row["month"] if isinstance(row["month"], str) else f"{due:%Y-%m}" if due else None
    cell = {n: row[n] for n in ("project_id", "table", "key", "item", "figure", "origin")}
    return {
        "rule": rule,
        **cell,
        "month": month,
        "found": exact_text(found, row["figure"]),
        "against": exact_text(against, row["figure"]),
        "measured": measured,
        "limit": limit,
        "unit": unit,
    }


def _distance(old: Any, new: Any) -> tuple[Decimal, str]:
    """Return how far a plan is from another: days, or 亿元."""
    if isinstance(old, pd.Timestamp):
        return Decimal((new - old).days), "天"
    return yi_of(new - old) or Decimal(0), "亿元"


def exact_text(value: Any, figure: str) -> str | None:
    """Return a cell as exact text: money in 亿元, days `2024-06-28`."""
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if figure in _MONEY:
        return f"{yi_of(int(value)):f}"
    return plainly(decimal_of(value)) if isinstance(value, float) else str(value)


def plainly(value: Decimal) -> str:
    """Return a number without trailing zeros or exponent."""
    return f"{value.normalize():f}"
