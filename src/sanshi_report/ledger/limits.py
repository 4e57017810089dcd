"""Hard limits on a month's money: beyond them a figure is a fault, unless the office lets it stand by name.

A figure stands if an entry of `corrections.yaml` in force gives it as both `expected` and `value`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from fractions import Fraction
from statistics import median
from typing import Any

import pandas as pd

from sanshi_report.exact import FEN_PER, PRECISE, half_up
from sanshi_report.intake import Fault
from sanshi_report.ledger.checks import Places
from sanshi_report.ledger.corrections import Correction
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import CHINA, Programme

__all__ = ["beyond"]

_MONTHS = {"progress": "invested", "plan": "planned_investment"}
"""The column of each table that has a project's money by months."""


def beyond(
    places: Places,
    known: Mapping[str, pd.DataFrame],
    history: Mapping[str, pd.DataFrame],
    counting: Iterable[Correction],
    programme: Programme,
    period: ReportPeriod,
    as_of: datetime,
) -> Iterator[Fault]:
    """Yield a fault for each figure of the period's year that is beyond a limit, one for each cell.

    A month, invested or planned, beyond the project's total investment; a month with money that takes or
    keeps the year to date beyond it; a month more than `limits.leap_times` the median of the project's
    other months with money that had been reported when this figure was, where there are
    `limits.leap_min_months` of these: what is in order does not become a fault because money slows down
    later. Invested months later than the period are left to their own report.
    """
    standing = {
        (c.table, c.key["project_id"], c.key["month"], c.value)
        for c in counting
        if c.is_acceptance and _MONTHS.get(c.table) == c.column
    }
    totals = known["projects"].set_index("project_id")["total_investment"]
    for table, column in _MONTHS.items():
        frame = known[table]
        rows = pd.DataFrame({name: frame[name] for name in ("project_id", "month", "origin")})
        rows = rows.assign(money=frame[column], total=frame["project_id"].map(totals))
        rows = rows[rows["money"].gt(0).fillna(False)].sort_values(
            ["project_id", "month"], kind="stable"
        )
        if table == "plan":
            found = _planned(rows, f"{period.year}-")
        else:
            told = _with_times(rows[rows["month"] <= period.last_month], history["progress"])
            found = _judged(told, f"{period.year}-", programme)
        for row, rule, values in found:
            cell = (table, row["project_id"], row["month"], row["money"])
            if cell not in standing:
                entry = _entry(*cell, column, period, as_of)
                shown = f"{_yi(row['money'])} 亿元"
                yield places.fault(
                    row["origin"], table, column, shown, rule,
                    project=row["project_id"], month=row["month"], entry=entry, **values,
                )  # fmt: skip


def _with_times(rows: pd.DataFrame, history: pd.DataFrame) -> pd.DataFrame:
    """Return months with when the project `first` reported them, and `since` when with this very figure.

    Both are places in the order of receipts, which is that of `history`; the clock may have stood otherwise.
    """
    times = history.rename(columns={"invested": "money"})
    files = times["origin"].str.split("#").str[0]
    times = times.assign(place=files.map({file: n for n, file in enumerate(files.unique())}))
    month, figure = ["project_id", "month"], ["project_id", "month", "money"]
    first = times.groupby(month)["place"].min().rename("first")
    since = times.groupby(figure)["place"].min().rename("since")
    return rows.join(first, on=month).join(since, on=figure)


def _judged(
    rows: pd.DataFrame, year: str, programme: Programme
) -> Iterator[tuple[dict[Any, Any], str, dict[str, Any]]]:
    """Yield the rows of a year beyond a limit, each with the first rule it breaks and what that says."""
    limits = programme.limits
    sums = rows[rows["month"].str.startswith(year)].groupby("project_id")["money"].cumsum()
    least = rows.groupby("project_id")["money"].transform("min")
    rows = rows.assign(sum=sums.reindex(rows.index))
    projects = rows.groupby("project_id")
    # No median is below the least month, so that few rows need one.
    doubtful = (
        rows["money"].gt(rows["total"])
        | rows["sum"].gt(rows["total"])
        | rows["money"].gt(least * int(limits.leap_times))
    )
    in_year = rows["sum"].notna()
    for index, row in rows[in_year & doubtful.fillna(False)].to_dict("index").items():
        total, money = row["total"], row["money"]
        if not pd.isna(total) and money > total:
            yield row, "month_beyond_total", {"limit": _yi(total)}
        elif not pd.isna(total) and row["sum"] > total:
            yield row, "year_beyond_total", {"sum": _yi(row["sum"]), "limit": _yi(total)}
        else:
            own = projects.get_group(row["project_id"])
            months = own.loc[own["first"] <= row["since"], "money"].drop(index)
            usual = median(Fraction(int(month)) for month in months) if len(months) else 0
            limit = Fraction(limits.leap_times) * usual
            if len(months) >= limits.leap_min_months and money > limit:
                times = f"{limits.leap_times.normalize():f}"
                yield row, "leap", {"usual": _yi(usual), "times": times, "limit": _yi(limit)}


def _planned(rows: pd.DataFrame, year: str) -> Iterator[tuple[dict[Any, Any], str, dict[str, Any]]]:
    """Yield the planned months of a year beyond the project's total."""
    beyond = rows["money"].gt(rows["total"]).fillna(False) & rows["month"].str.startswith(year)
    for row in rows[beyond].to_dict("records"):
        yield row, "month_beyond_total", {"limit": _yi(row["total"])}


def _yi(fen: Any) -> str:
    """Return fen as 亿元, without trailing zeros."""
    value = half_up(
        Fraction(fen if isinstance(fen, Fraction) else int(fen)) / FEN_PER["亿元"], PRECISE
    )
    return f"{value.normalize():f}"


def _entry(
    table: str,
    project: str,
    month: str,
    money: int,
    column: str,
    period: ReportPeriod,
    as_of: datetime,
) -> str:
    """Return what to write into `corrections.yaml` to let a figure stand, but for who decides it and why."""
    at = as_of.astimezone(CHINA)
    when = f"{at:%Y-%m-%d}" if at.time() >= time(23, 59, 59) else f"{at:%Y-%m-%dT%H:%M}"
    last = f"{period.end:%Y-%m}"
    early = f", period: {last}" if month > last else ""
    return (
        f"- {{who: , why: , when: {when}, table: {table}, "
        f"key: {{project_id: {_quoted(project)}, month: {month}}}, column: {column}, "
        f"expected: {_yi(money)}, value: {_yi(money)}{early}}}"
    )


def _quoted(text: str) -> str:
    """Return a text as YAML takes it for one, whatever stands in it."""
    return text if text.isalnum() else "'" + text.replace("'", "''") + "'"
