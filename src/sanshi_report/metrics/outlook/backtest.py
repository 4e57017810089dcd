"""How good the outlook has been: each past month's is made again and held against what happened.

A month's outlook is made from today's knowledge of what had happened by its end, for every later month up to
the period's: investment by that month's end, and starts by it.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import FEN_PER, PRECISE, half_up, percent
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.earned import curves
from sanshi_report.metrics.outlook.draws import interval
from sanshi_report.metrics.outlook.money import paths
from sanshi_report.metrics.outlook.starts import simulated
from sanshi_report.metrics.starts import register
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = ["backtest", "backtest_summary"]

UNITS = {"investment": "亿元", "starts": "个"}

_NUMBERS = ["low", "median", "high", "actual", "error"]


@keyed_by("what", "made_on", "about")
def backtest(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every past outlook that can be held against what happened.

    Returns
    -------
    pandas.DataFrame
        By `what` (`investment` or `starts`), then `made_on` and `about`, both months: `unit`; `low`,
        `median`, `high`, `actual` (`Decimal` in the unit: 亿元 invested this year, or new builds started, by
        the end of `about`); `is_covered`: actual lies from low to high; `error` = median − actual;
        `error_pct` of actual (`Decimal`, None where actual is 0). A month whose history was too short made no outlook.

    Examples
    --------
    >>> made = report.metrics.outlook.backtest()
    >>> made[["made_on", "about", "low", "high", "is_covered"]].head(2)
       made_on    about           low           high  is_covered
    0  2024-04  2024-05  56.644284173  61.3060167056        True
    1  2024-04  2024-06  67.822345382  76.3534191904        True
    """
    rule = parameters.programme.outlook
    months = [ReportPeriod.parse(f"{ledger.period.year}-{n:02d}")
              for n in range(1, ledger.period.months_elapsed + 1)]  # fmt: skip
    told, builds = curves(ledger), register(ledger, parameters)
    rows: list[tuple[Any, ...]] = []
    for made in months[:-1]:
        # Of the projects that were in the programme then and are now.
        then = ledger.at(made)
        is_now = then.projects["project_id"].isin(ledger.projects["project_id"])
        then = replace(then, projects=then.projects[is_now])
        was = set(then.projects["project_id"])
        invested = told.invested[told.projects["project_id"].isin(was)].sum(axis=0)
        started = builds.loc[builds["project_id"].isin(was), "started_on"]
        later = [month for month in months if month > made]
        drawn = paths(then, parameters)
        for at, month in enumerate(later[: drawn.shape[1]]):
            actual = int(invested[month.months_elapsed])
            rows.append(("investment", made, month, *interval(drawn[:, at], rule), actual))
        starting = simulated(then, parameters)
        if starting is None:
            continue
        for month in later:
            end = pd.Timestamp(month.end)
            counts = interval(starting.counts(end), rule)
            rows.append(("starts", made, month, *counts, int(started.le(end).sum())))
    return _judged(rows)


@keyed_by("what")
def backtest_summary(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how past outlooks came out, for investment and for starts.

    Returns
    -------
    pandas.DataFrame
        Two rows: `what`; `Int64` `forecasts` and `covered` by their interval; `coverage_pct`, to be held
        against `interval_pct`; `unit`, `mean_error` (`Decimal` in the unit) and `mean_error_pct`: the mean of
        the errors' sizes, None without forecasts (the latter for starts too, which are too few).

    Examples
    --------
    >>> record = report.metrics.outlook.backtest_summary()
    >>> record[["what", "forecasts", "covered", "coverage_pct", "interval_pct"]]
             what  forecasts  covered      coverage_pct  interval_pct
    0  investment          3        3  100.000000000000            80
    1      starts          1        1  100.000000000000            80
    """
    frame = backtest(ledger, parameters)
    rows = []
    for what in UNITS:
        past = frame[frame["what"].eq(what)]
        covered, sizes = int(past["is_covered"].sum()), past["error"].abs()
        shares = [abs(share) for share in past["error_pct"] if share is not None]
        is_money = what == "investment" and len(shares) > 0
        total = sum((Fraction(size) for size in sizes), Fraction(0))
        rows.append(
            {
                "what": what,
                "forecasts": len(past),
                "covered": covered,
                "coverage_pct": percent(covered, len(past)),
                "interval_pct": parameters.programme.outlook.interval_pct,
                "unit": UNITS[what],
                "mean_error": half_up(total / len(past), PRECISE) if len(past) else None,
                "mean_error_pct": half_up(sum(shares, Decimal(0)) / len(shares), PRECISE)
                if is_money
                else None,
            }
        )
    whole = dict.fromkeys(["forecasts", "covered", "interval_pct"], "Int64")
    texts = {"what": "str", "unit": "str"}
    return pd.DataFrame(rows, dtype=object).astype({**texts, **whole})


def _judged(rows: list[tuple[Any, ...]]) -> pd.DataFrame:
    columns = ["what", "made_on", "about", "low", "median", "high", "actual"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    texts = {name: frame[name].map(str).astype("str") for name in columns[:3]}
    frame = frame.assign(**texts).astype(dict.fromkeys(columns[3:], "Int64"))
    frame.insert(3, "unit", frame["what"].map(UNITS).astype("str"))
    frame["is_covered"] = frame["actual"].between(frame["low"], frame["high"]).astype("bool")
    frame["error"] = frame["median"] - frame["actual"]
    share = [
        percent(error, actual)
        for error, actual in zip(frame["error"], frame["actual"], strict=True)
    ]
    frame["error_pct"] = pd.Series(share, index=frame.index, dtype=object)
    for name in _NUMBERS:
        pairs = zip(frame[name], frame["unit"], strict=True)
        values = [_in_unit(int(number), unit) for number, unit in pairs]
        frame[name] = pd.Series(values, index=frame.index, dtype=object)
    return frame.sort_values(["what", "made_on", "about"], ignore_index=True)


def _in_unit(number: int, unit: str) -> Decimal:
    return Decimal(number) / FEN_PER.get(unit, 1)
