"""Inputs month by month, the months in which labour was short, and who could lend to whom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import inputs
from sanshi_report.metrics.scopes import with_projects
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Labour, Parameters

__all__ = ["coverage_by_month", "loans", "troughs", "unmatched"]

NONE = Decimal(0)

_LOANS = ["from_project", "from_name", "to_project", "to_name", "lent", "unit", "is_same_county"]


@keyed_by("month", "input")
def coverage_by_month(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return `month` and the columns of `inputs.coverage`, `scope_value` as `input`, since January.

    Examples
    --------
    >>> coverage = report.metrics.labour.coverage_by_month()
    >>> coverage[["month", "input", "unit", "needed", "secured", "secured_pct"]].head(2)
         month input unit  needed secured      secured_pct
    0  2024-01    人   人  3180.0  2618.0  82.327044025157
    1  2024-01    地   亩  4358.0  2083.0  47.797154658100
    """
    year = ReportPeriod.parse(f"{ledger.period.year}").months
    parts = []
    for text in year[: ledger.period.months_elapsed]:
        month = replace(ledger, period=ReportPeriod.parse(text))
        parts.append(inputs.coverage(month, parameters).assign(month=text))
    frame = pd.concat(parts, ignore_index=True).rename(columns={"scope_value": "input"})
    others = [column for column in frame.columns if column != "month"]
    return frame[["month", *others]].astype({"month": "str", "input": "str", "unit": "str"})


@keyed_by("month")
def troughs(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the labour of each month since January that reported any, and when it was short.

    Returns
    -------
    pandas.DataFrame
        `month`, `needed`, `secured` (`Decimal`, hands), `secured_pct`; `season`: those of the parameters
        with a day in the month, joined by 、, missing if there is none; `is_trough`: the share secured
        is below the parameters' (`labour.trough_below_pct`).

    Examples
    --------
    >>> troughs = report.metrics.labour.troughs()
    >>> troughs[["month", "needed", "secured", "season", "is_trough"]].head(3)
         month  needed secured season  is_trough
    0  2024-01  3180.0  2618.0    NaN       True
    1  2024-02  3180.0  1165.0   春节       True
    2  2024-03  3400.0  3187.0    NaN      False
    """
    rule = parameters.programme.labour
    frame = coverage_by_month(ledger, parameters)
    is_labour = frame["input"].isin(parameters.programme.labour_inputs)
    frame = frame[is_labour].reset_index(drop=True)
    seasons = [_seasons(rule, ReportPeriod.parse(month)) for month in frame["month"]]
    below = [pct is not None and pct < rule.trough_below_pct for pct in frame["secured_pct"]]
    return frame[["month", "needed", "secured", "secured_pct"]].assign(
        season=pd.Series(seasons, index=frame.index, dtype="str"),
        is_trough=pd.Series(below, index=frame.index, dtype="bool"),
    )


@keyed_by("from_project", "to_project")
def loans(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return which project could lend labour to which in the period's last month.

    Whoever lacks most is served first: by projects of its own county, then of its own sector, then the
    others, those with most to spare first. What is lent is never more than is spare.

    Returns
    -------
    pandas.DataFrame
        `from_project`, `from_name`, `to_project`, `to_name`, `lent` (`Decimal`), `unit`,
        `is_same_county`.

    Examples
    --------
    >>> loans = report.metrics.labour.loans()
    >>> loans[["from_project", "to_project", "lent", "unit", "is_same_county"]]
      from_project to_project  lent unit  is_same_county
    0          X02        H06  78.0   人            True
    1          H04        H06  62.0   人           False
    2          X16        H06  15.0   人           False
    """
    rows = _sites(ledger, parameters)
    offers = rows[rows["balance"].gt(NONE)].to_dict("records")
    wants = rows[rows["balance"].lt(NONE)].sort_values("balance", kind="stable")
    matched = [loan for want in wants.to_dict("records") for loan in _lend(want, offers)]
    frame = pd.DataFrame(matched, columns=_LOANS)
    texts = dict.fromkeys(
        [name for name in _LOANS if name not in {"lent", "is_same_county"}], "str"
    )
    return frame.astype({**texts, "lent": object, "is_same_county": "bool"})


@keyed_by("project_id")
def unmatched(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return, for each project short of labour in the period's last month, what loans would leave.

    Returns
    -------
    pandas.DataFrame
        The most lacking first: `project_id`, its `name`, `responsible_unit`; `unit`; `shortfall` = `lent` +
        `still_short` (`Decimal`).

    Examples
    --------
    >>> unmatched = report.metrics.labour.unmatched()
    >>> unmatched[["project_id", "shortfall", "lent", "still_short"]].head(2)
      project_id shortfall   lent still_short
    0        H06     184.0  155.0        29.0
    1        H01     149.0      0       149.0
    """
    rows = _sites(ledger, parameters)
    rows = rows[rows["balance"].lt(NONE)].sort_values("balance", kind="stable")
    lent = loans(ledger, parameters).groupby("to_project")["lent"].sum()
    got = [lent.get(project, NONE) for project in rows["project_id"]]
    shortfall = [-balance for balance in rows["balance"]]
    remaining = [short - part for short, part in zip(shortfall, got, strict=True)]
    amounts = {"shortfall": shortfall, "lent": got, "still_short": remaining}
    frame = rows[["project_id", "unit"]].assign(
        **{
            name: pd.Series(values, index=rows.index, dtype=object)
            for name, values in amounts.items()
        }
    )
    return with_projects(frame, ledger, ["name", "responsible_unit"])


def _sites(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each project's labour in the month, with what it has over (`balance`, below 0 if short)."""
    rows = ledger.inputs
    is_labour = rows["input"].isin(parameters.programme.labour_inputs)
    rows = rows[rows["month"].eq(ledger.period.months[-1]) & is_labour]
    rows = rows.assign(balance=(rows["secured"] - rows["needed"]).astype(object))
    known = ["name", "sector", "county"]
    return with_projects(rows[["project_id", "unit", "balance"]], ledger, known)


def _lend(want: dict[Any, Any], offers: list[dict[Any, Any]]) -> Iterator[tuple[Any, ...]]:
    """Yield a row of `loans` for each project that lends, and take what it lends from its offer."""

    def distance(offer: dict[Any, Any]) -> tuple[bool, bool, Decimal]:
        is_far = offer["county"] != want["county"]
        return is_far, offer["sector"] != want["sector"], -offer["balance"]

    lacking = -want["balance"]
    for offer in sorted(offers, key=distance):
        amount = min(lacking, offer["balance"])
        if amount > NONE and offer["unit"] == want["unit"]:
            offer["balance"] -= amount
            lacking -= amount
            near = offer["county"] == want["county"]
            ends = offer["project_id"], offer["name"], want["project_id"], want["name"]
            yield *ends, amount, want["unit"], near


def _seasons(rule: Labour, month: ReportPeriod) -> str | None:
    names = [
        season.value
        for season in rule.seasons
        if season.starts_on <= month.end and season.ends_on >= month.start
    ]
    return "、".join(names) or None
