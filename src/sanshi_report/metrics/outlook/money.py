"""The outlook of the continuing projects' investment at the year's end.

Each month's completion ratio is what was invested in it ÷ what was planned for it, over all continuing
projects. A draw first draws a past of as many months from the months known, with replacement, then the
months to come from that past: so the interval also shows how little a few months tell.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sanshi_report.columns import keyed_by
from sanshi_report.exact import each_of
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.earned import RECENT, curves
from sanshi_report.metrics.outlook.draws import Draws, chance, generator, interval
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Outlook, Parameters

__all__ = ["fan", "investment", "paths"]

MILLION = 10**6
"""Ratios are whole millionths, so that no draw depends on how a machine rounds."""

_AVERAGES = [
    "to_invest_per_month", "invested_per_month", "invested_per_month_recently", "invested_plain",
]  # fmt: skip
_AMOUNTS = [
    "months_known", "months_left", "annual_plan", "invested_ytd", "over", "to_invest", *_AVERAGES,
    "invested_low", "invested_median", "invested_high",
]  # fmt: skip


_SPREAD = ["invested_low", "invested_median", "invested_high"]


@dataclass(frozen=True)
class _Year:
    """Fen of all continuing projects by month: planned for all twelve, invested in those elapsed."""

    planned: NDArray[np.int64]
    invested: NDArray[np.int64]

    @property
    def left(self) -> int:
        """Months to come."""
        return len(self.planned) - len(self.invested)


@keyed_by()
def investment(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return what the year's investment needs and where it is heading: one row.

    Returns
    -------
    pandas.DataFrame
        `status`: `forecast`, `too_short` (fewer months than the parameters ask for, or no plan) or `settled`
        (December); `months_known`, `months_left`; `Int64` fen: `annual_plan`, all together, `invested_ytd`,
        `over` = invested_ytd − annual_plan, `to_invest` (0 once reached); `Decimal` fen: `to_invest_per_month`
        (÷ months left, None without any), `invested_per_month` so far, `invested_per_month_recently` (the last
        three), `invested_plain`: invested so far + average × months left; `Int64` fen: `invested_low`,
        `invested_median`,
        `invested_high` at the year's end; `probability_pct` (`Decimal`): draws that reach the target;
        `interval_pct`: the share of draws from low to high. A settled year has its outcome for all three, and
        100 or 0 per cent.

    Examples
    --------
    >>> ahead = report.metrics.outlook.investment()
    >>> ahead[["annual_plan", "invested_low", "invested_high", "probability_pct"]]
         annual_plan   invested_low  invested_high  probability_pct
    0  1517600000000  1434200841410  1530491684994  21.510000000000
    """
    year, rule = _year(ledger), parameters.programme.outlook
    known, target, so_far = len(year.invested), int(year.planned.sum()), int(year.invested.sum())
    remaining = max(0, target - so_far)
    recent = year.invested[-RECENT:]
    row: dict[str, object] = {
        "status": _status(year, rule),
        "months_known": known,
        "months_left": year.left,
        "annual_plan": target,
        "invested_ytd": so_far,
        "over": so_far - target,
        "to_invest": remaining,
        "to_invest_per_month": each_of(remaining, year.left),
        "invested_per_month": each_of(so_far, known),
        "invested_per_month_recently": each_of(int(recent.sum()), len(recent)),
        "invested_plain": each_of(so_far * (known + year.left), known),
        "interval_pct": rule.interval_pct,
    }
    if row["status"] != "too_short":
        ends = paths(ledger, parameters)[:, -1] if year.left else np.array([so_far])
        low, median, high = interval(ends, rule)
        row["invested_low"], row["invested_median"] = int(low), int(median)
        row["invested_high"] = int(high)
        row["probability_pct"] = chance(ends >= target)
    columns = ["status", *_AMOUNTS, "probability_pct", "interval_pct"]
    frame = pd.DataFrame([row], columns=columns, dtype=object)
    exact = ["probability_pct", *_AVERAGES]
    whole = dict.fromkeys([n for n in (*_AMOUNTS, "interval_pct") if n not in exact], "Int64")
    frame[exact] = frame[exact].where(frame[exact].notna(), None)
    return frame.astype({"status": "str", **whole})


@keyed_by("month")
def fan(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the year's investment after each month to come.

    Returns
    -------
    pandas.DataFrame
        `month`; `invested_low`, `invested_median`, `invested_high` (`Int64` fen).

    Empty unless there is a forecast.

    Examples
    --------
    >>> report.metrics.outlook.fan().head(2)
         month  invested_low  invested_median  invested_high
    0  2024-07  840652996950     863475351180   877027997040
    1  2024-08  975535961235    1002550442130  1019126406146
    """
    months = ReportPeriod.parse(f"{ledger.period.year}").months[ledger.period.months_elapsed :]
    drawn = paths(ledger, parameters)
    if drawn.size == 0:
        months, drawn = [], np.zeros((1, 0), dtype="int64")
    spread = dict(zip(_SPREAD, interval(drawn, parameters.programme.outlook), strict=True))
    frame = pd.DataFrame({"month": months, **spread})
    return frame.astype({"month": "str", **dict.fromkeys(_SPREAD, "Int64")})


def paths(ledger: Ledger, parameters: Parameters) -> Draws:
    """Return the year's investment after each month to come (columns, fen), by draw.

    Without columns unless there is a forecast.
    """
    year, rule = _year(ledger), parameters.programme.outlook
    if _status(year, rule) != "forecast":
        return np.zeros((rule.draws, 0), dtype="int64")
    # Python's whole numbers: a province's fen times a million need more than 64 bits.
    months = zip(year.invested.tolist(), year.planned.tolist(), strict=False)
    ratios = np.array([spent * MILLION // plan for spent, plan in months if plan])
    random = generator(rule)
    pasts = random.integers(len(ratios), size=(rule.draws, len(ratios)))
    picked = random.integers(len(ratios), size=(rule.draws, year.left))
    drawn = ratios[np.take_along_axis(pasts, picked, axis=1)]
    to_come = drawn * (year.planned[-year.left :] // MILLION)
    return int(year.invested.sum()) + to_come.cumsum(axis=1)


def _status(year: _Year, rule: Outlook) -> str:
    planned_months = int((year.planned[: len(year.invested)] > 0).sum())
    if planned_months < rule.min_months:
        return "too_short"
    return "forecast" if year.left else "settled"


def _year(ledger: Ledger) -> _Year:
    told = curves(ledger)
    planned = np.diff(told.planned.sum(axis=0) // 12)
    return _Year(planned, np.diff(told.invested.sum(axis=0)))
