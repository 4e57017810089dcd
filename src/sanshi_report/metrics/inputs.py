"""Inputs secured for the sites (labour, land, money, environmental capacity), and funding in place."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import FEN_PER, percents
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import in_order, tally, with_projects
from sanshi_report.workspace import Parameters

__all__ = ["coverage", "funding", "in_one_unit", "shortfalls"]


@keyed_by("scope_value")
def coverage(ledger: Ledger, parameters: Parameters, by: str | None = "input") -> pd.DataFrame:
    """Return each input of the period's last month over all projects.

    Returns
    -------
    pandas.DataFrame
        One row per input reported: `scope_value`; `unit`; `needed`, `secured`, `shortfall` and `spare`
        (what projects lack and have over, each summed on its own) as `Decimal` in that unit;
        `secured_pct` = secured ÷ needed; `projects` and `short_projects`, `Int64`. Money is in 亿元,
        whatever it was reported in. Where projects report one input in different units there is no sum:
        unit and amounts are missing.

    Examples
    --------
    >>> coverage = report.metrics.inputs.coverage()
    >>> coverage[["scope_value", "unit", "needed", "secured", "secured_pct"]].head(2)
      scope_value unit  needed secured      secured_pct
    0          人   人  4159.0  3069.0  73.791776869440
    1          地   亩  4358.0  3752.0  86.094538779257
    """
    rows = _month(ledger)
    rows = rows.assign(projects=1, short_projects=rows["shortfall"].gt(Decimal(0)).astype(int))
    amounts = ["needed", "secured", "shortfall", "spare"]
    groups = rows.groupby("input", sort=False)
    frame = groups[amounts].sum().astype(object)
    is_one_unit = groups["unit"].nunique().eq(1)
    frame[amounts] = frame[amounts].where(is_one_unit, None)
    frame.insert(0, "unit", groups["unit"].first().where(is_one_unit))
    frame[["projects", "short_projects"]] = groups[["projects", "short_projects"]].sum()
    frame["secured_pct"] = pd.Series(
        percents(frame["secured"], frame["needed"]), index=frame.index, dtype=object
    )
    frame = frame.astype({"projects": "Int64", "short_projects": "Int64"})
    frame = frame.reindex(in_order(frame.index, "input", parameters))
    return frame.rename_axis("scope_value").reset_index()


@keyed_by("project_id", "input")
def shortfalls(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return what each project lacks in the period's last month.

    Returns
    -------
    pandas.DataFrame
        By input, then register: `project_id`, its `name`, `sector`, `responsible_unit`, `input`, `unit`,
        `needed`, `secured`, `shortfall` (`Decimal`), `secured_pct`, `department`.

    Examples
    --------
    >>> short = report.metrics.inputs.shortfalls()
    >>> short[["project_id", "input", "needed", "secured", "shortfall"]].head(2)
      project_id input needed secured shortfall
    0        H01    人  460.0   311.0     149.0
    1        H02    人  260.0   177.0      83.0
    """
    rows = _month(ledger)
    rows = rows[rows["shortfall"].gt(Decimal(0))]
    share = percents(rows["secured"], rows["needed"])
    rows = rows.assign(secured_pct=pd.Series(share, index=rows.index, dtype=object))
    place = {value: n for n, value in enumerate(in_order(rows["input"], "input", parameters))}
    rows = rows.sort_values("input", key=lambda values: values.map(place), kind="stable")
    columns = [
        "project_id", "input", "unit", "needed", "secured", "shortfall", "secured_pct",
        "department",
    ]  # fmt: skip
    return with_projects(rows[columns], ledger, ["name", "sector", "responsible_unit"])


@keyed_by("scope_value")
def funding(ledger: Ledger, parameters: Parameters, by: str | None = "source") -> pd.DataFrame:
    """Return funding by a project scope or by `source`.

    Returns
    -------
    pandas.DataFrame
        `scope_value`; `planned` and `in_place`, `Int64` fen, an unreported amount in place counting as
        none; `in_place_pct`. Missing where no source was reported.

    Examples
    --------
    >>> report.metrics.inputs.funding().head(2)
            scope_value        planned      in_place     in_place_pct
    0    中央预算内投资   959925000000  369300000000  38.471755605907
    1  地方政府专项债券  1668315000000  640728000000  38.405696765899
    """
    facts = ledger.funding.assign(in_place=ledger.funding["in_place"].fillna(0))
    wanted = ["planned", "in_place"]
    frame = tally(facts, ledger.projects, parameters, by, wanted, unreported=None)
    share = percents(frame["in_place"], frame["planned"])
    return frame.assign(in_place_pct=pd.Series(share, index=frame.index, dtype=object))


def in_one_unit(rows: pd.DataFrame) -> pd.DataFrame:
    """Return inputs with every amount of money in 亿元; other units stay as reported."""
    per = rows["unit"].map(FEN_PER)
    is_money = per.notna() & rows["unit"].ne("亿元")
    if not is_money.any():
        return rows
    rows = rows.copy()
    for name in ("needed", "secured"):
        amounts = rows.loc[is_money, name] * per[is_money].map(Decimal) / FEN_PER["亿元"]
        rows.loc[is_money, name] = amounts
    return rows.assign(unit=rows["unit"].mask(is_money, "亿元"))


def _month(ledger: Ledger) -> pd.DataFrame:
    rows = in_one_unit(ledger.inputs[ledger.inputs["month"] == ledger.period.months[-1]])
    lack = rows["needed"] - rows["secured"]
    none = Decimal(0)
    shortfall = lack.map(lambda amount: max(amount, none)).astype(object)
    spare = lack.map(lambda amount: max(-amount, none)).astype(object)
    return rows.assign(shortfall=shortfall, spare=spare)
