"""Money invested this year: by continuing projects against their annual plan and the pace, and by new builds.

Sums are whole fen. New builds have no annual plan, so no rate here ever mixes the two kinds.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import PRECISE, half_up, percent, percents
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.lights import changes, distances, progress_lights
from sanshi_report.metrics.scopes import tally
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = [
    "by_group",
    "by_month",
    "by_project",
    "complete_plans",
    "new_builds",
    "pace",
    "to_plan",
    "total",
]

_IDENTITY = [
    "project_id", "name", "sector", "tier", "county", "lead_official", "task_force",
    "responsible_unit",
]  # fmt: skip
_MONEY = ["annual_plan", "invested_month", "invested_ytd", "plan_to_date"]
_RATES = ["completion_pct", "pace_pct", "pace_basis", "gap_points", "ratio_pct", "light"]


@keyed_by("project_id")
def by_project(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each continuing project's investment, its light and its place.

    Returns
    -------
    pandas.DataFrame
        One row per continuing project, in the register's order. Its identity; money in fen: `annual_plan`,
        `invested_month` (in the period's months; missing if nothing was reported), `invested_ytd` (0 if nothing
        was reported), `plan_to_date` (monthly plans of the year up to the period's end; missing without any);
        `completion_pct` = invested_ytd ÷ annual_plan, `pace_pct` and `pace_basis` (see `pace`), `gap_points` =
        completion_pct − pace_pct, `ratio_pct` = completion ÷ pace, `light`; `next_light`, `to_better_points`,
        `to_worse_points` (see `lights.distances`); `completion_pct_previous`, `completion_change_points` and
        `light_previous`: the same at the previous period's end by today's knowledge, missing when that was in
        another year; `light_change`: `better`, `same` or `worse`, missing where either is not rated; `rank` and
        `rank_in_sector`: `Int64`, by completion, ties share the better place. A project without annual plan has
        no rates and no place, and is `not_rated`.
    """
    frame = _rated(_amounts(ledger, ledger.period, "continuing"), ledger.period, parameters)
    rule = parameters.programme.lights.progress
    steps = distances(frame["completion_pct"], frame["pace_pct"], frame["light"], rule)
    frame = frame.join(steps).join(_previous(ledger, parameters))
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
        worked out on the sums. A project without annual plan is in the sums of money but not in the
        rates. A sum of which nothing was reported is missing.
    """
    amounts = _amounts(ledger, ledger.period, "continuing")
    is_complete = amounts["is_plan_complete"].astype(bool)
    amounts = amounts.assign(projects=1, incomplete=~is_complete)
    projects = ledger.projects[ledger.projects["kind"] == "continuing"]
    wanted = ["projects", *_MONEY, "invested_rated", "incomplete"]
    sums = tally(amounts, projects, parameters, by, wanted)
    sums["is_plan_complete"] = sums["incomplete"].eq(0)
    rated = _rated(sums, ledger.period, parameters)
    return rated[["scope_value", "projects", *_MONEY, *_RATES]]


def total(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return `by_group` over all continuing projects: one row."""
    return by_group(ledger, parameters, None)


@keyed_by()
def to_plan(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how the continuing projects stand against their monthly plans.

    Returns
    -------
    pandas.DataFrame
        One row, `Int64` fen: `planned_month`, the plans of the period's months; `over`: invested this year
        less the plans to date, missing without any.
    """
    months, whole = by_month(ledger, parameters), total(ledger, parameters)
    planned = months.loc[months["month"].isin(ledger.period.months), "planned"].sum()
    over = whole["invested_ytd"] - whole["plan_to_date"]
    return pd.DataFrame({"planned_month": pd.array([planned], dtype="Int64"), "over": over})


@keyed_by("scope_value")
def new_builds(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return `scope_value`, `projects`, `invested_month` and `invested_ytd` of the new builds."""
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
        `planned` and `planned_cum`, the monthly plans; `pace_cum`: annual plan × m ⁄ 12 rounded to the
        fen, or the cumulative monthly plan where that is the pace; missing for new builds.
    """
    months = ReportPeriod.parse(f"{ledger.period.year}").months
    elapsed = ledger.period.months_elapsed
    projects = ledger.projects.loc[ledger.projects["kind"] == kind, "project_id"]
    frame = pd.DataFrame({"month": pd.Series(months, dtype="str")})
    reached = pd.Series(range(1, 13)) <= elapsed
    for name, table, column in (
        ("invested", ledger.progress, "invested"),
        ("planned", ledger.plan, "planned_investment"),
    ):
        rows = table[table["project_id"].isin(projects)]
        sums = rows.groupby("month")[column].sum().reindex(months, fill_value=0)
        frame[name] = sums.astype("Int64").reset_index(drop=True)
        frame[f"{name}_cum"] = frame[name].cumsum()
    for name in ("invested", "invested_cum"):
        frame[name] = frame[name].where(reached)
    frame["pace_cum"] = _pace_by_month(ledger, parameters, frame["planned_cum"], kind)
    return frame[["month", "invested", "planned", "invested_cum", "planned_cum", "pace_cum"]]


def _pace_by_month(
    ledger: Ledger, parameters: Parameters, planned_cum: pd.Series, kind: str
) -> pd.Series:
    whole = by_group(ledger, parameters, None).iloc[0]
    if kind != "continuing" or pd.isna(whole["annual_plan"]):
        return pd.Series(pd.NA, index=planned_cum.index, dtype="Int64")
    frame = pd.DataFrame({"plan_to_date": planned_cum, "months": range(1, 13)})
    # A group's pace comes from its plans where all of them are complete.
    frame = frame.assign(
        annual_plan=whole["annual_plan"], is_plan_complete=whole["pace_basis"] == "plan"
    )
    return pace(frame, parameters)["pace_cum"]


def complete_plans(ledger: Ledger) -> set[str]:
    """Return the projects with a plan for each month of the year that together are the annual plan."""
    months = ReportPeriod.parse(f"{ledger.period.year}").months
    plan = ledger.plan[ledger.plan["month"].isin(months)].groupby("project_id")[
        "planned_investment"
    ]
    told = pd.DataFrame({"months": plan.size(), "whole": plan.sum()})
    annual = ledger.projects.set_index("project_id")["annual_plan"]
    told = told.join(annual, how="inner")
    is_whole = told["whole"].eq(told["annual_plan"]).fillna(False).astype(bool)
    return set(told.index[told["months"].eq(12) & is_whole])


def pace(frame: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return what completion is measured against, and on which basis.

    Parameters
    ----------
    frame : pandas.DataFrame
        `annual_plan` and `plan_to_date` in fen; `months` of the year gone by; `is_plan_complete`: there is a
        monthly plan for each of the twelve months and together they are the annual plan.

    Returns
    -------
    pandas.DataFrame
        `pace`, an exact `Fraction` of the annual plan; `pace_basis`: `plan` (plan_to_date ÷ annual_plan)
        where the parameters ask for it and the monthly plans are complete, else `time` (months ÷ 12); `pace_pct`
        (`Decimal`); `pace_cum`: `Int64`, the pace in fen, missing without an annual plan.
    """
    from_plan = frame["is_plan_complete"].astype(bool) & frame["annual_plan"].gt(0).fillna(False)
    from_plan &= parameters.programme.pace.basis == "plan"
    rows = list(
        zip(from_plan, frame["plan_to_date"], frame["annual_plan"], frame["months"], strict=True)
    )
    paces = [
        Fraction(int(to_date), int(annual)) if planned else Fraction(int(months), 12)
        for planned, to_date, annual, months in rows
    ]
    amounts = [
        pd.NA if pd.isna(annual) else int(half_up(int(annual) * share, 0))
        for share, (_, _, annual, _) in zip(paces, rows, strict=True)
    ]
    percentages = [half_up(100 * share, PRECISE) for share in paces]
    return pd.DataFrame(
        {
            "pace": pd.Series(paces, index=frame.index, dtype=object),
            "pace_basis": from_plan.map({True: "plan", False: "time"}).astype("str"),
            "pace_pct": pd.Series(percentages, index=frame.index, dtype=object),
            "pace_cum": pd.Series(amounts, index=frame.index, dtype="Int64"),
        }
    )


def _amounts(ledger: Ledger, period: ReportPeriod, kind: str) -> pd.DataFrame:
    """Return identity and money of each project of a kind, up to a period's end."""
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
    frame["invested_rated"] = frame["invested_ytd"].where(
        frame["annual_plan"].gt(0).fillna(False), 0
    )
    to_date = plan["planned_investment"].where(plan["month"].isin(elapsed), 0)
    frame["plan_to_date"] = summed(plan.assign(to_date=to_date), "to_date")
    frame["is_plan_complete"] = frame["project_id"].isin(complete_plans(ledger))
    return frame


def _rated(frame: pd.DataFrame, period: ReportPeriod, parameters: Parameters) -> pd.DataFrame:
    """Add the columns of `_RATES`."""
    frame = frame.assign(months=period.months_elapsed)
    frame = frame.join(pace(frame, parameters))
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
    return frame.assign(light=pd.Series(lights, index=frame.index, dtype="str"))


def _previous(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each continuing project's completion and light one period earlier in the same year."""
    before = ledger.period.previous()
    names = {"completion_pct": "completion_pct_previous", "light": "light_previous"}
    frame = _rated(_amounts(ledger, before, "continuing"), before, parameters)
    frame = frame[list(names)].rename(columns=names)
    if before.year != ledger.period.year:
        return frame.assign(
            completion_pct_previous=pd.Series([None] * len(frame), dtype=object),
            light_previous=pd.Series([None] * len(frame), dtype="str"),
        )
    return frame


def _differences(left: pd.Series, right: pd.Series) -> pd.Series:
    """Return left − right of Decimals, None where either is."""
    pairs = zip(left, right, strict=True)
    values: list[Decimal | None] = [
        None if one is None or other is None else one - other for one, other in pairs
    ]
    return pd.Series(values, index=left.index, dtype=object)
