"""The page for the leaders: a judgement, where every county's projects stand, and three things to decide."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import half_up, percents
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import explanations, investment, review, stalled, starts
from sanshi_report.metrics.lights import LIGHTS, changes
from sanshi_report.workspace import CHINA, Parameters

__all__ = ["asks", "judgement", "projects", "since_last_month"]

ASKS = 3
"""Things to decide on one page."""

RECENT = 3
"""Months whose average says where a project's year is heading."""


@keyed_by()
def judgement(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return in one row how the programme stands, and how many projects stand how.

    Returns
    -------
    pandas.DataFrame
        `overall`: `behind` where the continuing projects together are red, or fewer than half of the starts required
        are made; else `mixed` where a milestone is missed or a project is red or stalled, `fair` where one is yellow,
        `well` where none is. `Int64`:
        `green`, `yellow`, `stalled`, `red` and `not_rated` projects; `long_red`: red for three months on end or more.

    Examples
    --------
    >>> report.metrics.briefing.judgement()[["overall", "yellow", "stalled", "red", "long_red"]]
      overall  yellow  stalled  red  long_red
    0   mixed       6        1    4         3
    """
    lights = projects(ledger, parameters)["light"]
    counts = {light: int(lights.eq(light).sum()) for light in LIGHTS}
    whole = investment.total(ledger, parameters).iloc[0]
    begun = starts.position(ledger, parameters).iloc[0]
    is_short = pd.notna(begun["starts_gap"]) and begun["starts_gap"] < 0
    is_half = is_short and begun["started"] * 2 < begun["required"]
    odd = counts["yellow"] + counts["stalled"] + counts["red"]
    overall = "mixed" if is_short or counts["stalled"] or counts["red"] else "fair"
    overall = overall if odd or is_short else "well"
    if whole["light"] == "red" or is_half:
        overall = "behind"
    months = review.red(ledger, parameters)["months_red"]
    frame = pd.DataFrame([counts | {"long_red": int(months.ge(3).sum())}]).astype("Int64")
    return frame.assign(overall=pd.Series([overall], dtype="str"))


@keyed_by("project_id")
def projects(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every project with its light: of its start, or of its investment.

    Returns
    -------
    pandas.DataFrame
        By `county` as they come in the register, city-level projects first, the largest first: `project_id`, `name`,
        `kind`, `tier`, `county`, `light`, `total_investment`.

    Examples
    --------
    >>> report.metrics.briefing.projects()[["project_id", "county", "light"]].head(3)
      project_id  county   light
    0        H06  市本级  yellow
    1        H01  市本级  yellow
    2        X06  市本级   green
    """
    lights = explanations.lights(ledger, parameters).set_index("project_id")["light"]
    columns = ["project_id", "name", "kind", "tier", "county", "total_investment"]
    rows = ledger.projects[columns].join(lights, on="project_id")
    place = {county: at for at, county in enumerate(rows["county"].unique())}
    order = rows.assign(place=rows["county"].map(place), below=rows["tier"].ne("city"))
    keys = ["below", "place", "total_investment"]
    order = order.sort_values(keys, ascending=[True, True, False], kind="stable")
    return order[[*columns, "light"]].reset_index(drop=True)


@keyed_by("project_id")
def since_last_month(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the projects that started in the period, or whose light moved since the last report.

    Returns
    -------
    pandas.DataFrame
        New builds first: `project_id`, `name`, `kind`, `light`, `light_previous`, `light_change`; `is_new`: started in
        the period. New builds' lights are compared with today's knowledge of the month before.

    Examples
    --------
    >>> moved = report.metrics.briefing.since_last_month()
    >>> moved[["project_id", "light_previous", "light", "is_new"]]
      project_id light_previous  light  is_new
    0        X05         yellow    red   False
    1        X07      not_rated  green    True
    2        X12      not_rated  green    True
    3        X15      not_rated  green    True
    """
    begun = starts.register(ledger, parameters)
    before = ledger.period.previous()
    then = starts.register(ledger.at(before), parameters).set_index("project_id")["light"]
    begun = begun.assign(
        kind="new_build",
        is_new=begun["started_on"].ge(pd.Timestamp(ledger.period.start)),
        light_previous=begun["project_id"].map(then).astype("str"),
    )
    begun["light_change"] = changes(begun["light"], begun["light_previous"])
    money = investment.by_project(ledger, parameters).assign(kind="continuing", is_new=False)
    columns = ["project_id", "name", "kind", "light", "light_previous", "light_change", "is_new"]
    rows = pd.concat([begun[columns], money[columns]], ignore_index=True)
    is_moved = rows["is_new"] | rows["light_change"].isin(["better", "worse"])
    return rows[is_moved].astype({"kind": "str"}).reset_index(drop=True)


@keyed_by("number")
def asks(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the three things to decide that weigh most: one a project, the worst light first, then the highest level.

    Returns
    -------
    pandas.DataFrame
        `number` from 1; `project_id`, its `name`, `responsible_unit`, `kind`, `light`; the open problem behind it:
        `problem_id`, `category`, `description`, its `owner`, and `level`: who must decide (see `review.decisions`);
        `decide_by`: the day promised where that is to come, else the end of the month that follows; what comes of
        deciding nothing: `cost`: `start` (the start stays late), `stalled` (the site stays stopped), `plan` (the
        year's plan is missed) or `later` (later nodes are put off); of a start `months_late`, of a standstill
        `months_idle`, of a plan `shortfall_year_end` (fen) and `completion_year_end_pct`, both at the average of
        the last three months.

    Examples
    --------
    >>> asked = report.metrics.briefing.asks()
    >>> asked[["number", "project_id", "level", "decide_by", "cost"]]
       number project_id           level  decide_by   cost
    0       1        X05  常务会或常委会 2024-07-31  start
    1       2        H12          市政府 2024-07-31   plan
    2       3        H05          市政府 2024-07-31   plan
    """
    waiting = review.decisions(ledger, parameters)
    lights = projects(ledger, parameters).set_index("project_id")[["kind", "light"]]
    rows = waiting.join(lights, on="project_id")
    rows = rows[rows["project_id"].notna()]
    worst = {"red": 0, "stalled": 1, "yellow": 2}
    rows = rows.assign(worst=rows["light"].map(worst).fillna(len(worst)))
    rows = rows.sort_values("worst", kind="stable").drop_duplicates("project_id").head(ASKS)
    rows = rows.reset_index(drop=True)
    rows["number"] = pd.Series(range(1, len(rows) + 1), dtype="Int64")
    end = pd.Timestamp(ledger.period.following.end)
    cutoff = pd.Timestamp(ledger.as_of.astimezone(CHINA).date())
    rows["decide_by"] = (
        rows["due_on"].where(rows["due_on"].gt(cutoff), end).astype("datetime64[us]")
    )
    begun = starts.register(ledger, parameters).set_index("project_id")["months_late"]
    rows["months_late"] = rows["project_id"].map(begun).astype("Int64")
    still = stalled.register(ledger, parameters).set_index("project_id")["months_idle"]
    rows["months_idle"] = rows["project_id"].map(still).astype("Int64")
    rows = rows.join(_year_end(ledger, parameters), on="project_id")
    cases = [
        rows["light"].eq("stalled"),
        rows["months_late"].notna(),
        rows["shortfall_year_end"].gt(0).fillna(False) & (ledger.period.months_elapsed < 12),
    ]
    cost = np.select(cases, ["stalled", "start", "plan"], "later")
    rows["cost"] = pd.Series(cost, index=rows.index, dtype="str")
    rates = rows["completion_year_end_pct"]
    rows["completion_year_end_pct"] = rates.astype(object).where(rates.notna(), None)
    columns = [
        "number", "project_id", "name", "responsible_unit", "kind", "light", "problem_id", "category",
        "description", "owner", "level", "decide_by", "cost", "months_late", "months_idle",
        "shortfall_year_end", "completion_year_end_pct",
    ]  # fmt: skip
    return rows[columns]


def _year_end(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return, by continuing project, the year's completion and what it lacks at the average of the last months."""
    rows = investment.by_project(ledger, parameters).set_index("project_id")
    elapsed = ledger.period.months_elapsed
    year = ledger.period.year
    last = [f"{year}-{month:02d}" for month in range(max(1, elapsed - RECENT + 1), elapsed + 1)]
    told = ledger.progress[ledger.progress["month"].isin(last)]
    spent = told.groupby("project_id")["invested"].sum().reindex(rows.index, fill_value=0)
    ahead = [
        int(half_up(Fraction(int(so_far)) + Fraction(int(of), len(last) or 1) * (12 - elapsed), 0))
        for so_far, of in zip(rows["invested_ytd"], spent, strict=True)
    ]
    reached = pd.Series(ahead, index=rows.index, dtype="Int64")
    rates = percents(reached.where(rows["annual_plan"].notna()), rows["annual_plan"])
    return pd.DataFrame(
        {
            "shortfall_year_end": (rows["annual_plan"] - reached).clip(lower=0),
            "completion_year_end_pct": pd.Series(rates, index=rows.index, dtype=object),
        }
    )
