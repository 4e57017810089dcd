"""Projects since their beginning and to the last completion, across years and five-year plans."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percents
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import IDENTITY
from sanshi_report.period import ReportPeriod

__all__ = ["by_year", "register"]


@keyed_by("project_id")
def register(ledger: Ledger) -> pd.DataFrame:
    """Return how far each project is in its whole life.

    Returns
    -------
    pandas.DataFrame
        In the register's order: `project_id`, its identity, `kind`; `Int64` fen `total_investment`,
        `invested_before` the year (none where not told), `invested_ytd`, `invested_to_date` = the two
        together, `to_invest` = total − to date (negative where more was spent than planned);
        `invested_pct` of the total; `physical_pct` (`Float64`), as last reported; `planned_completion`,
        `completed_on`; `is_in_next_plan`: planned to complete in a later five-year plan than the report's year is
        in; `completion_year` (`Int64`): of the completion, or of its plan while it is to come.

    Examples
    --------
    >>> lives = report.metrics.lifetime.register()
    >>> lives[["project_id", "total_investment", "invested_to_date", "invested_pct"]].head(2)
      project_id  total_investment  invested_to_date     invested_pct
    0        H01     1286000000000      664700000000  51.687402799378
    1        H02      624000000000      313440000000  50.230769230769
    """
    money = ["total_investment", "invested_before"]
    days = ["planned_completion", "completed_on"]
    frame = ledger.projects[["project_id", *IDENTITY, "kind", *money, *days]].reset_index(drop=True)
    frame["invested_before"] = frame["invested_before"].fillna(0)
    year = ReportPeriod.parse(f"{ledger.period.year}").months[: ledger.period.months_elapsed]
    progress = ledger.progress[ledger.progress["month"].isin(year)].sort_values("month")
    by_project = progress.groupby("project_id")
    invested = by_project["invested"].sum().rename("invested_ytd")
    physical = by_project["physical_pct"].last()
    frame = frame.join(invested, on="project_id").join(physical, on="project_id")
    frame["invested_ytd"] = frame["invested_ytd"].astype("Int64").fillna(0)
    frame["physical_pct"] = frame["physical_pct"].astype("Float64")
    frame["invested_to_date"] = frame["invested_before"] + frame["invested_ytd"]
    frame["to_invest"] = frame["total_investment"] - frame["invested_to_date"]
    share = percents(frame["invested_to_date"], frame["total_investment"])
    frame["invested_pct"] = pd.Series(share, index=frame.index, dtype=object)
    ends = frame["completed_on"].fillna(frame["planned_completion"])
    frame["completion_year"] = ends.dt.year.astype("Int64")
    planned, now = frame["planned_completion"].dt.year, ledger.period.year
    # Five-year plans begin in the years after those that end in 0 and 5.
    frame["is_in_next_plan"] = (planned - 1) // 5 > (now - 1) // 5
    return frame[
        [
            "project_id", *IDENTITY, "kind", *money, "invested_ytd", "invested_to_date",
            "to_invest", "invested_pct", "physical_pct", *days, "is_in_next_plan", "completion_year",
        ]
    ]  # fmt: skip


@keyed_by("year")
def by_year(ledger: Ledger) -> pd.DataFrame:
    """Return how many projects complete in each year, to the last one.

    Returns
    -------
    pandas.DataFrame
        One row per year from the first completion to the last: `year`; `Int64` `planned_completions`, projects whose
        plan ends in it; `completions`, projects completed in it or, while to come, planned for it; `done`,
        of those completed; `total_investment` of the completions (fen); `cumulative_pct`: share of the
        programme's total investment completed by the year's end.

    Examples
    --------
    >>> by_year = report.metrics.lifetime.by_year()
    >>> by_year[["year", "planned_completions", "done", "cumulative_pct"]].head(2)
       year  planned_completions  done   cumulative_pct
    0  2024                    4     1  10.320715084612
    1  2025                    4     0  17.246051303502
    """
    projects = register(ledger)
    plans = projects["planned_completion"].dt.year
    if projects.empty:
        years = pd.RangeIndex(0, name="year")
    else:
        ends = pd.concat([plans, projects["completion_year"]])
        years = pd.RangeIndex(int(ends.min()), int(ends.max()) + 1, name="year")
    groups = projects.groupby("completion_year")
    frame = pd.DataFrame(
        {
            "planned_completions": plans.value_counts().reindex(years, fill_value=0),
            "completions": groups.size().reindex(years, fill_value=0),
            "done": groups["completed_on"].count().reindex(years, fill_value=0),
            "total_investment": groups["total_investment"].sum().reindex(years, fill_value=0),
        }
    ).astype("Int64")
    whole = int(projects["total_investment"].sum())
    reached = frame["total_investment"].cumsum()
    share = percents(reached, [whole] * len(frame))
    frame["cumulative_pct"] = pd.Series(share, index=frame.index, dtype=object)
    return frame.reset_index().astype({"year": "Int64"})
