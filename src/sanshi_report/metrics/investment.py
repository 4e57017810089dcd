"""Money invested this year: by continuing projects against their annual plan and the pace, and by new builds.

Sums are whole fen. New builds have no annual plan, so no rate here ever mixes the two kinds.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import PRECISE, half_up, percent, percents
from sanshi_report.ledger import Ledger, published_before
from sanshi_report.ledger.membership import first_months
from sanshi_report.metrics import stalled
from sanshi_report.metrics.lights import changes, distances, progress_lights
from sanshi_report.metrics.scopes import placed, tally
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters, ProgressLight

__all__ = [
    "by_group", "by_month", "by_project", "is_by_plan", "new_builds", "pace", "plans_by_month",
    "since_joining", "summed_up", "to_plan", "total", "without_largest",
]  # fmt: skip

_IDENTITY = [
    "project_id", "name", "sector", "tier", "county", "lead_official", "task_force",
    "responsible_unit",
]  # fmt: skip
_MONEY = [
    "annual_plan", "invested_month", "invested_ytd", "invested_rated", "plan_to_date",
    "invested_planned",
]  # fmt: skip
_RATES = [
    "completion_pct", "pace_pct", "pace_basis", "gap_points", "ratio_pct", "light",
    "plan_gap_points", "plan_light",
]  # fmt: skip


@keyed_by("project_id")
def by_project(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each continuing project's investment, its light and its place.

    Returns
    -------
    pandas.DataFrame
        One row per continuing project, in the register's order. Its identity; money in fen: `annual_plan`,
        `invested_month` (in the period's months; missing if nothing was reported), `invested_ytd` (0 if nothing was
        reported), `invested_rated`, the part of it that has an annual plan, `plan_to_date` (monthly plans of the
        year up to the period's end; missing unless there is one for each month since it joined) and
        `invested_planned`, invested_ytd where there is a plan_to_date to hold it against; `completion_pct` =
        invested_rated ÷ annual_plan, `pace_pct` and `pace_basis` (see `pace`), `gap_points` = completion_pct −
        pace_pct, `ratio_pct` = completion ÷ pace, `light`; by the other yardstick, the monthly plans,
        `plan_gap_points` = (invested_planned − plan_to_date) ÷ annual_plan and `plan_light`; `next_light`,
        `to_better_points`, `to_worse_points` (see `lights.distances`); `completion_pct_previous`,
        `completion_change_points` and `light_previous`: the same as the report of the previous period had them,
        missing when that was in another year or had no such project; `light_change`: `better`, `same` or `worse`,
        missing where either is not rated; `rank` and `rank_in_sector`: `Int64`, by completion, ties share the
        better place. A project without annual plan has no rates and no place, and is `not_rated`.

    Examples
    --------
    >>> by_project = report.metrics.investment.by_project()
    >>> by_project[["project_id", "annual_plan", "invested_ytd", "completion_pct", "light"]].head(2)
      project_id   annual_plan  invested_ytd   completion_pct   light
    0        H01  245000000000  112700000000  46.000000000000  yellow
    1        H02  132000000000   67440000000  51.090909090909   green
    """
    amounts, by_plan = _amounts(ledger, ledger.period, "continuing"), is_by_plan(ledger, parameters)
    frame = _rated(amounts, by_plan, parameters)
    rule = parameters.programme.lights.progress
    steps = distances(frame["completion_pct"], frame["pace_pct"], frame["light"], rule)
    frame = frame.join(steps).join(_previous(ledger, frame["project_id"], parameters))
    frame["light"] = stalled.overriding(frame["light"], frame["project_id"], ledger, parameters)
    frame["completion_change_points"] = _differences(
        frame["completion_pct"], frame["completion_pct_previous"]
    )
    frame["rank"] = frame["completion_pct"].rank(method="min", ascending=False).astype("Int64")
    frame["light_change"] = changes(frame["light"], frame["light_previous"])
    ranks = frame.groupby("sector", sort=False)["rank"].rank(method="min")
    frame["rank_in_sector"] = ranks.astype("Int64")
    return frame[
        [
            *_IDENTITY, *_MONEY, *_RATES, "next_light", "to_better_points", "to_worse_points",
            "completion_pct_previous", "completion_change_points", "light_previous", "light_change",
            "rank", "rank_in_sector",
        ]
    ]  # fmt: skip


@keyed_by("scope_value")
def by_group(ledger: Ledger, parameters: Parameters, by: str | None) -> pd.DataFrame:
    """Return the investment of the continuing projects by scope.

    Returns
    -------
    pandas.DataFrame
        `scope_value`, `projects` (`Int64`), the money of `by_project` summed, and its rates and light
        worked out on the sums, the pace by time of each project weighed by its annual plan, and `without_plan`
        (`Int64`): how many projects have no plan_to_date. A
        project without annual plan is in the sums of money but not in the rates; one whose plan is 0 is in
        both. A sum of which nothing was reported is missing. A group with a project that has no plan_to_date
        is not held against the monthly plans.

    Examples
    --------
    >>> by_sector = report.metrics.investment.by_group("sector")
    >>> by_sector[["scope_value", "annual_plan", "invested_ytd", "completion_pct", "light"]]
      scope_value   annual_plan  invested_ytd   completion_pct   light
    0        工业  682000000000  363890000000  53.356304985337   green
    1    基础设施  698600000000  305340000000  43.707414829659  yellow
    2        民生  137000000000   66340000000  48.423357664234  yellow
    """
    amounts = _amounts(ledger, ledger.period, "continuing")
    amounts = amounts.assign(projects=1, without_plan=amounts["plan_to_date"].isna())
    projects = ledger.projects[ledger.projects["kind"] == "continuing"]
    wanted = ["projects", *_MONEY, "without_plan"]
    sums = tally(amounts, projects, parameters, by, wanted)
    shares = _shares(amounts, projects, parameters, by, ledger.period.months_elapsed)
    sums["time_share"] = shares.reindex(sums["scope_value"]).array
    rated = _rated(sums, is_by_plan(ledger, parameters), parameters)
    if by == "project":
        rated["light"] = stalled.overriding(
            rated["light"], rated["scope_value"], ledger, parameters
        )
    return rated[["scope_value", "projects", *_MONEY, "without_plan", *_RATES]]


def total(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return `by_group` over all continuing projects: one row.

    Examples
    --------
    >>> total = report.metrics.investment.total()
    >>> total[["annual_plan", "invested_ytd", "completion_pct", "gap_points"]]
         annual_plan  invested_ytd   completion_pct       gap_points
    0  1517600000000  735570000000  48.469293621508  -1.530706378492
    """
    return by_group(ledger, parameters, None)


@keyed_by("scope_value")
def without_largest(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return how each group of continuing projects stands without the project furthest ahead of its pace in money.

    Returns
    -------
    pandas.DataFrame
        Of the groups with two rated projects or more: `scope_value`; `largest`: that project's name; `completion_pct`,
        `gap_points` and `light` of all, and `completion_pct_without`, `gap_points_without` and `light_without` of
        the others; `is_turned`: the light is another without it.

    Examples
    --------
    >>> without = report.metrics.investment.without_largest("sector")
    >>> without[["scope_value", "light", "light_without", "is_turned"]]
      scope_value   light light_without  is_turned
    0        工业   green        yellow       True
    1    基础设施  yellow        yellow      False
    2        民生  yellow        yellow      False
    """
    own = ledger.projects[ledger.projects["kind"] == "continuing"]
    rated = by_project(ledger, parameters)
    rated = rated[rated["gap_points"].notna()].reset_index(drop=True)
    keys, _ = placed(rated, own, parameters, by)
    ahead = [
        gap * int(plan) for gap, plan in zip(rated["gap_points"], rated["annual_plan"], strict=True)
    ]
    order = sorted(rated.index, key=lambda at: ahead[at], reverse=True)
    first = rated.assign(group=keys).loc[order].drop_duplicates("group").set_index("group")
    others = _amounts(ledger, ledger.period, "continuing")
    others = others[~others["project_id"].isin(first["project_id"])]
    sums = tally(others, own, parameters, by, _MONEY)
    shares = _shares(others, own, parameters, by, ledger.period.months_elapsed)
    sums["time_share"] = shares.reindex(sums["scope_value"]).array
    rest = _rated(sums, is_by_plan(ledger, parameters), parameters).set_index("scope_value")
    rates = ["completion_pct", "gap_points", "light"]
    frame = by_group(ledger, parameters, by)[["scope_value", *rates]]
    frame = frame.join(first["name"].rename("largest"), on="scope_value")
    frame = frame.join(rest[rates].add_suffix("_without"), on="scope_value")
    frame = frame[keys.value_counts().reindex(frame["scope_value"]).ge(2).to_numpy()]
    frame = frame.assign(is_turned=frame["light"].ne(frame["light_without"]))
    return frame.reset_index(drop=True)


@keyed_by()
def to_plan(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how the continuing projects stand against their monthly plans.

    Returns
    -------
    pandas.DataFrame
        One row, `Int64` fen: `planned_month`, the plans of the period's months, missing without any; `over`:
        invested this year where there are plans to date, less these, missing without any.

    Examples
    --------
    >>> report.metrics.investment.to_plan()
       planned_month         over
    0   140126000000  -6140000000
    """
    months, whole = by_month(ledger, parameters), total(ledger, parameters)
    now = months["month"].isin(ledger.period.months)
    planned = months.loc[now, "planned"].sum(min_count=1)
    over = whole["invested_planned"] - whole["plan_to_date"]
    return pd.DataFrame({"planned_month": pd.array([planned], dtype="Int64"), "over": over})


@keyed_by("scope_value")
def new_builds(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return `scope_value`, `projects`, `invested_month` and `invested_ytd` of the new builds.

    Examples
    --------
    >>> report.metrics.investment.new_builds("sector")
      scope_value  projects  invested_month  invested_ytd
    0        工业         5      9282000000   40417000000
    1    基础设施         6     17338000000   37789000000
    2        民生         6      2582000000    2749000000
    """
    amounts = _amounts(ledger, ledger.period, "new_build").assign(projects=1)
    projects = ledger.projects[ledger.projects["kind"] == "new_build"]
    return tally(amounts, projects, parameters, by, ["projects", "invested_month", "invested_ytd"])


@keyed_by("month")
def by_month(ledger: Ledger, parameters: Parameters, kind: str = "continuing") -> pd.DataFrame:
    """Return one kind's investment month by month through the year.

    Returns
    -------
    pandas.DataFrame
        Twelve rows, `Int64` fen: `month`; `invested` and `invested_cum`, missing after the period;
        `planned`, the monthly plans there are, and `planned_cum` of the projects with a plan for every
        month so far, both missing where there is none; `pace_cum`: annual plan × m ⁄ 12 rounded to the
        fen, or the cumulative monthly plan where that is the pace; missing for new builds.

    Examples
    --------
    >>> by_month = report.metrics.investment.by_month()
    >>> by_month[["month", "invested", "planned", "invested_cum", "pace_cum"]].head(2)
         month     invested      planned  invested_cum      pace_cum
    0  2024-01  89782000000  89122000000   89782000000  126466666667
    1  2024-02  35547000000  44561000000  125329000000  252933333333
    """
    months = ReportPeriod.parse(f"{ledger.period.year}").months
    elapsed = ledger.period.months_elapsed
    projects = ledger.projects.loc[ledger.projects["kind"] == kind, "project_id"]
    frame = pd.DataFrame({"month": pd.Series(months, dtype="str")})
    reached = pd.Series(range(1, 13)) <= elapsed
    rows = ledger.progress[ledger.progress["project_id"].isin(projects)]
    sums = rows.groupby("month")["invested"].sum().reindex(months, fill_value=0).astype("Int64")
    frame["invested"] = sums.reset_index(drop=True).where(reached)
    frame["invested_cum"] = sums.cumsum().reset_index(drop=True).where(reached)
    plans = plans_by_month(ledger, projects)
    frame["planned"] = plans.sum(min_count=1).array
    frame["planned_cum"] = summed_up(plans).sum(min_count=1).astype("Int64").array
    frame["pace_cum"] = _pace_by_month(ledger, parameters, frame["planned_cum"], kind)
    return frame[["month", "invested", "planned", "invested_cum", "planned_cum", "pace_cum"]]


def _pace_by_month(
    ledger: Ledger, parameters: Parameters, planned_cum: pd.Series, kind: str
) -> pd.Series:
    whole = by_group(ledger, parameters, None).iloc[0]
    if kind != "continuing" or pd.isna(whole["annual_plan"]):
        return pd.Series(pd.NA, index=planned_cum.index, dtype="Int64")
    projects = ledger.projects[ledger.projects["kind"] == kind]
    amounts = _amounts(ledger, ledger.period, kind)
    shares = [_shares(amounts, projects, parameters, None, month).iloc[0] for month in range(1, 13)]
    frame = pd.DataFrame({"plan_to_date": planned_cum, "time_share": shares})
    frame = frame.assign(annual_plan=whole["annual_plan"])
    return pace(frame, is_by_plan(ledger, parameters))["pace_cum"]


def since_joining(first: int, month: int) -> Fraction:
    """Return which share of a project's months in the year has gone by at the end of a month.

    Parameters
    ----------
    first : int
        The month it joined in, 1 where it was in from the beginning; see `membership.first_months`.
    month : int
        From 1 to 12; before its first nothing has gone by.
    """
    # A column has them as numpy's numbers, which Decimal does not take.
    return Fraction(max(0, int(month) - int(first) + 1), 13 - int(first))


def _shares(
    amounts: pd.DataFrame,
    projects: pd.DataFrame,
    parameters: Parameters,
    by: str | None,
    month: int,
) -> pd.Series:
    """Return by value of a scope which share of the annual plans is due by time at a month's end.

    Each project's own share, weighed by its annual plan; where there is none, the year's months gone by.
    """
    keys, values = placed(amounts, projects, parameters, by)
    sums = {value: (Fraction(0), 0) for value in values}
    for key, annual, first in zip(
        keys, amounts["annual_plan"], amounts["first_month"], strict=True
    ):
        if pd.notna(annual):
            due, whole = sums[key]
            sums[key] = due + int(annual) * since_joining(first, month), whole + int(annual)
    shares = [due / whole if whole else since_joining(1, month) for due, whole in sums.values()]
    return pd.Series(shares, index=values, dtype=object)


def plans_by_month(ledger: Ledger, projects: pd.Series) -> pd.DataFrame:
    """Return the year's monthly plans, projects down and twelve months across (`Int64` fen).

    For the months before it joined a project plans nothing.

    Examples
    --------
    >>> plans = report.metrics.investment.plans_by_month(report.ledger.projects["project_id"])
    >>> plans[["2024-01", "2024-02", "2024-12"]].head(2)
    month           2024-01     2024-02      2024-12
    project_id
    H01         13524000000  6762000000  21168000000
    H02          7444000000  3722000000  11196000000
    """
    months = ReportPeriod.parse(f"{ledger.period.year}").months
    wide = ledger.plan.pivot_table(
        index="project_id", columns="month", values="planned_investment", aggfunc="sum"
    )
    wide = wide.reindex(index=projects, columns=months).astype("Int64")
    firsts = first_months(projects, ledger.moves, ledger.period.end)
    for project, first in zip(projects, firsts, strict=True):
        wide.loc[project, months[: first - 1]] = 0
    return wide


def summed_up(wide: pd.DataFrame) -> pd.DataFrame:
    """Return each row's sums from its first column on, missing from the first that is missing."""
    is_known = wide.notna().cummin(axis=1)
    return wide.fillna(0).cumsum(axis=1).where(is_known)


def is_by_plan(ledger: Ledger, parameters: Parameters) -> bool:
    """Return whether the pace comes from the monthly plans: for all projects at every scope, or for none.

    It does where the parameters ask for it and every continuing project with an annual plan has complete
    monthly plans; of a part of the programme the whole is asked, so that no two reports differ.
    """
    whole = ledger.whole or ledger
    projects = whole.projects[whole.projects["kind"].eq("continuing")]
    owing = projects.loc[projects["annual_plan"].gt(0).fillna(False).astype(bool), "project_id"]
    is_asked = parameters.programme.pace.basis == "plan" and len(owing) > 0
    return is_asked and set(owing) <= complete_plans(whole)


def complete_plans(ledger: Ledger) -> set[str]:
    """Return the projects with a plan for each month since they joined that together are the annual plan."""
    months = ReportPeriod.parse(f"{ledger.period.year}").months
    plan = ledger.plan[ledger.plan["month"].isin(months)].groupby("project_id")[
        "planned_investment"
    ]
    told = pd.DataFrame({"months": plan.size(), "whole": plan.sum()})
    firsts = first_months(ledger.projects["project_id"], ledger.moves, ledger.period.end)
    annual = ledger.projects[["annual_plan"]].assign(needed=13 - firsts)
    told = told.join(annual.set_axis(ledger.projects["project_id"]), how="inner")
    is_whole = told["whole"].eq(told["annual_plan"]).fillna(False).astype(bool)
    return set(told.index[told["months"].eq(told["needed"]).astype(bool) & is_whole])


def pace(frame: pd.DataFrame, by_plan: bool) -> pd.DataFrame:
    """Return what completion is measured against, and on which basis.

    Parameters
    ----------
    frame : pandas.DataFrame
        `annual_plan` and `plan_to_date` in fen; `time_share`: which share of the plan is due by time, an exact
        `Fraction`; see `since_joining`.
    by_plan : bool
        See `is_by_plan`.

    Returns
    -------
    pandas.DataFrame
        `pace`, an exact `Fraction` of the annual plan; `pace_basis`: `plan` (plan_to_date ÷ annual_plan)
        or `time` (time_share); `pace_pct`
        (`Decimal`); `pace_cum`: `Int64`, the pace in fen, missing without an annual plan.
    """
    rows = list(zip(frame["plan_to_date"], frame["annual_plan"], frame["time_share"], strict=True))
    paces = [
        Fraction(int(to_date), int(annual))
        if by_plan and pd.notna(annual) and annual > 0
        else by_time
        for to_date, annual, by_time in rows
    ]
    amounts = [
        pd.NA if pd.isna(annual) else int(half_up(int(annual) * share, 0))
        for share, (_, annual, _) in zip(paces, rows, strict=True)
    ]
    percentages = [half_up(100 * share, PRECISE) for share in paces]
    return pd.DataFrame(
        {
            "pace": pd.Series(paces, index=frame.index, dtype=object),
            "pace_basis": pd.Series("plan" if by_plan else "time", index=frame.index, dtype="str"),
            "pace_pct": pd.Series(percentages, index=frame.index, dtype=object),
            "pace_cum": pd.Series(amounts, index=frame.index, dtype="Int64"),
        }
    )


def _amounts(ledger: Ledger, period: ReportPeriod, kind: str) -> pd.DataFrame:
    """Return identity and money of each project of a kind, up to a period's end, and what of its plan is due."""
    year = ReportPeriod.parse(f"{period.year}").months
    elapsed = year[: period.months_elapsed]
    projects = ledger.projects[ledger.projects["kind"] == kind]
    frame = projects[[*_IDENTITY, "annual_plan"]].reset_index(drop=True)
    progress, plan = ledger.progress, ledger.plan[ledger.plan["month"].isin(year)]

    def summed(rows: pd.DataFrame, column: str) -> pd.Series:
        sums = rows.groupby("project_id")[column].sum()
        return frame["project_id"].map(sums).astype("Int64")

    frame["invested_month"] = summed(progress[progress["month"].isin(period.months)], "invested")
    frame["invested_ytd"] = summed(progress[progress["month"].isin(elapsed)], "invested").fillna(0)
    frame["invested_rated"] = frame["invested_ytd"].where(frame["annual_plan"].notna(), 0)
    told = plan[plan["month"].isin(elapsed)]
    frame["first_month"] = first_months(frame["project_id"], ledger.moves, period.end)
    frame["time_share"] = pd.Series(
        [since_joining(first, len(elapsed)) for first in frame["first_month"]], dtype=object
    )
    needed = len(elapsed) - frame["first_month"] + 1
    is_whole = frame["project_id"].map(told.groupby("project_id").size()).eq(needed)
    is_whole = is_whole.fillna(False).astype(bool)
    frame["plan_to_date"] = summed(told, "planned_investment").where(is_whole)
    frame["invested_planned"] = frame["invested_ytd"].where(is_whole)
    return frame


def _rated(frame: pd.DataFrame, by_plan: bool, parameters: Parameters) -> pd.DataFrame:
    """Add the columns of `_RATES`."""
    frame = frame.join(pace(frame, by_plan))
    completion = percents(frame["invested_rated"], frame["annual_plan"])
    ratio = [
        percent(invested, int(annual) * share) if pd.notna(annual) else None
        for invested, annual, share in zip(
            frame["invested_rated"], frame["annual_plan"], frame["pace"], strict=True
        )
    ]
    columns = {"completion_pct": completion, "ratio_pct": ratio}
    frame = frame.assign(
        **{n: pd.Series(v, index=frame.index, dtype=object) for n, v in columns.items()}
    )
    frame["gap_points"] = _differences(frame["completion_pct"], frame["pace_pct"])
    rule = parameters.programme.lights.progress
    lights = progress_lights(frame["gap_points"], frame["ratio_pct"], rule)
    frame["light"] = pd.Series(lights, index=frame.index, dtype="str")
    return frame.assign(**_against_plans(frame, rule))


def _against_plans(frame: pd.DataFrame, rule: ProgressLight) -> dict[str, pd.Series]:
    """Return the gap to the monthly plans and the light that the same rule gives for it."""
    is_planned = frame["plan_to_date"].notna()
    if "without_plan" in frame:
        is_planned &= frame["without_plan"].eq(0)
    annual = frame["annual_plan"].where(is_planned)
    gaps = percents(frame["invested_planned"] - frame["plan_to_date"], annual)
    ratios = percents(frame["invested_planned"], frame["plan_to_date"].where(annual.notna()))
    lights = progress_lights(gaps, ratios, rule)
    return {
        "plan_gap_points": pd.Series(gaps, index=frame.index, dtype=object),
        "plan_light": pd.Series(lights, index=frame.index, dtype="str"),
    }


def _previous(ledger: Ledger, projects: pd.Series, parameters: Parameters) -> pd.DataFrame:
    """Return some projects' completion and light as the report one period earlier in the year had them."""
    before = ledger.period.previous()
    names = {"completion_pct": "completion_pct_previous", "light": "light_previous"}
    none: dict[str, Any] = {"completion_pct_previous": object, "light_previous": "str"}
    if before.year != ledger.period.year:
        told = pd.DataFrame(index=projects.index, columns=list(none), dtype=object)
        return told.where(told.notna(), None).astype(none)
    is_known = ledger.last_cutoff is not None
    tables = ["projects", "plan", "progress", "problems"]
    then = published_before(ledger, tables) if is_known else ledger.at(before)
    amounts, by_plan = _amounts(then, before, "continuing"), is_by_plan(then, parameters)
    frame = _rated(amounts, by_plan, parameters)
    frame["light"] = stalled.overriding(frame["light"], frame["project_id"], then, parameters)
    frame = frame.set_index("project_id")[list(names)]
    told = frame.rename(columns=names).reindex(projects).set_axis(projects.index).astype(none)
    return told.where(told.notna(), None)


def _differences(left: pd.Series, right: pd.Series) -> pd.Series:
    """Return left − right of Decimals, None where either is."""
    pairs = zip(left, right, strict=True)
    values: list[Decimal | None] = [
        None if one is None or other is None else one - other for one, other in pairs
    ]
    return pd.Series(values, index=left.index, dtype=object)
