"""Every project's money month by month through the year, beside its plan and its pace."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percents
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.membership import first_months
from sanshi_report.metrics.investment import (
    is_by_plan,
    pace,
    plans_by_month,
    since_joining,
    summed_up,
)
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = ["by_project"]


@keyed_by("project_id", "month")
def by_project(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return twelve months for each project, in the register's order.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its `name`, `sector`, `kind`; `month`; `Int64` fen `invested` and `invested_cum`, missing
        after the period; `planned`, missing in a month without a plan, and `planned_cum`, from then on;
        `annual_plan`, and `pace_cum`, the pace in fen (see `investment.pace`), both missing for new
        builds; `invested_pct`, `planned_pct` and `pace_pct`: the cumulative amounts as a share of the annual
        plan (`Decimal`, None where missing).

    Examples
    --------
    >>> monthly = report.metrics.monthly.by_project()
    >>> monthly[["project_id", "month", "invested", "planned", "invested_pct"]].head(2)
      project_id    month     invested      planned    invested_pct
    0        H01  2024-01  13592000000  13524000000  5.547755102041
    1        H01  2024-02   5393000000   6762000000  7.748979591837
    """
    months = ReportPeriod.parse(f"{ledger.period.year}").months
    projects = ledger.projects[["project_id", "name", "sector", "kind", "annual_plan"]]
    rated = projects["kind"].eq("continuing")
    projects = projects.assign(annual_plan=projects["annual_plan"].where(rated))
    frame = projects.merge(pd.DataFrame({"month": pd.Series(months, dtype="str")}), how="cross")
    number = frame["month"].str.slice(5).astype("int64")
    reached = number.le(ledger.period.months_elapsed)
    sums = ledger.progress.groupby(["project_id", "month"])["invested"].sum()
    filled = frame.join(sums, on=["project_id", "month"])["invested"].astype("Int64").fillna(0)
    frame["invested"] = filled.where(reached)
    frame["invested_cum"] = filled.groupby(frame["project_id"]).cumsum().where(reached)
    plans = plans_by_month(ledger, projects["project_id"])
    for name, wide in (("planned", plans), ("planned_cum", summed_up(plans))):
        frame[name] = pd.Series(wide.to_numpy().ravel(), index=frame.index, dtype="Int64")
    firsts = first_months(frame["project_id"], ledger.moves, ledger.period.end)
    shares = list(map(since_joining, firsts, number))
    to_date = frame.assign(
        plan_to_date=frame["planned_cum"], time_share=pd.Series(shares, dtype=object)
    )
    told = pace(to_date, is_by_plan(ledger, parameters))
    frame["pace_cum"] = told["pace_cum"]
    frame["pace_pct"] = told["pace_pct"].where(frame["annual_plan"].notna(), None)
    for name in ("invested", "planned"):
        share = percents(frame[f"{name}_cum"], frame["annual_plan"])
        frame[f"{name}_pct"] = pd.Series(share, index=frame.index, dtype=object)
    return frame[
        [
            "project_id", "name", "sector", "kind", "month", "invested", "invested_cum", "planned",
            "planned_cum", "annual_plan", "pace_cum", "invested_pct", "planned_pct",
            "pace_pct",
        ]
    ]  # fmt: skip
