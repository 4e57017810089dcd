"""What the monthly bulletin puts side by side: permits with their times, meetings of the month and the year."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percents
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import cadence, compliance, durations, permits, profile, starts
from sanshi_report.metrics.scopes import happened, with_projects
from sanshi_report.metrics.spread import medians
from sanshi_report.workspace import Parameters

__all__ = ["land", "matrix", "meetings", "permit_times", "practices", "waiting", "windows"]


@keyed_by("scope_value")
def permit_times(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how far each permit is and how long it takes: `permits.summary` with `durations.by_permit`.

    Examples
    --------
    >>> times = report.metrics.bulletin.permit_times()
    >>> times[["scope_value", "granted", "on_time", "overdue", "median_workdays"]].head(2)
      scope_value  granted  on_time  overdue median_workdays
    0        立项       29       27        0              12
    1        土地       24       21        2              46
    """
    counts = permits.summary(ledger, parameters)
    times = durations.by_permit(ledger, parameters)
    others = ["scope_value", *times.columns.difference(counts.columns, sort=False)]
    return counts.merge(times[others], on="scope_value", validate="1:1")


@keyed_by("project_id", "permit")
def matrix(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every permit of every new build: `profile.permit_steps` with `name`, in the register's order.

    Examples
    --------
    >>> permits = report.metrics.bulletin.matrix()
    >>> permits[["project_id", "permit", "granted_on", "working_days", "status"]].head(2)
      project_id permit granted_on  working_days status
    0        X01   立项 2023-10-16             9   done
    1        X01   土地 2023-12-11            33   done
    """
    builds = starts.register(ledger, parameters)[["project_id", "name"]]
    steps = profile.permit_steps(ledger, parameters)
    return builds.merge(steps, on="project_id", how="left").dropna(
        subset="permit", ignore_index=True
    )


@keyed_by("project_id")
def waiting(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the rows of `durations.holding_up` of starts that are due, or fall due next month.

    Examples
    --------
    >>> waiting = report.metrics.bulletin.waiting()
    >>> waiting[["project_id", "planned_start", "light", "critical_permit"]].head(2)
      project_id planned_start   light critical_permit
    0        X05    2024-03-28     red            规划
    1        X04    2024-05-20  yellow            安评
    """
    rows = durations.holding_up(ledger, parameters)
    return rows[rows["falls_due"].ne("later")].reset_index(drop=True)


@keyed_by()
def land(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how long new builds take from land to start, in one row.

    Returns
    -------
    pandas.DataFrame
        `started`: builds with both days known, their `median_days` (`Decimal`) and `longest_days`; `waiting`:
        builds with land and no start, their `longest_waiting_days` and `longest_waiting`, the name of the
        one that has waited longest. Counts and days are `Int64`, missing where there is none.

    Examples
    --------
    >>> land = report.metrics.bulletin.land()
    >>> land[["started", "median_days", "longest_days", "waiting", "longest_waiting"]]
       started median_days  longest_days  waiting   longest_waiting
    0        8          70            92        3  示例医药原料项目
    """
    rows = durations.land_to_start(ledger, parameters)
    taken, idle = rows["days"].dropna(), rows[rows["waiting_days"].notna()]
    longest = idle.sort_values("waiting_days", ascending=False, kind="stable").head(1)
    whole = pd.Series("", index=rows.index, dtype="str")
    numbers = {
        "started": len(taken),
        "longest_days": taken.max() if len(taken) else pd.NA,
        "waiting": len(idle),
        "longest_waiting_days": longest["waiting_days"].max() if len(idle) else pd.NA,
    }
    frame = pd.DataFrame([numbers]).astype("Int64")
    median = medians(rows["days"], whole, pd.Index([""])).iloc[0] if len(taken) else None
    names = longest["name"].to_list() or [None]
    return frame.assign(
        median_days=pd.Series([median], dtype=object),
        longest_waiting=pd.Series(names, dtype="str"),
    )


@keyed_by("level")
def meetings(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the meetings owed and held, of the period and since January, by level.

    Returns
    -------
    pandas.DataFrame
        By level in the parameters' order: `level`, `every`, `is_by_project`; of the period `bodies`,
        `kept_bodies` that missed none, `short_bodies` that missed some, `windows`, `met`, `missed`; of the year
        `windows_so_far`, `met_so_far`, `missed_so_far` (`Int64`) and `kept_pct` = met_so_far ÷ windows_so_far
        (`Decimal`, None without windows).

    Examples
    --------
    >>> by_level = report.metrics.bulletin.meetings()
    >>> by_level[["level", "every", "windows", "met", "missed", "kept_pct"]].head(3)
              level       every  windows  met  missed          kept_pct
    0        指挥部  two_months        1    1       0  100.000000000000
    1  指挥部办公室       month        1    1       0   83.333333333333
    2          专班  half_month       59   54       5   89.972144846797
    """
    now = cadence.owed_and_held(ledger, parameters).rename(columns={"scope_value": "level"})
    by_project = {rule.level for rule in parameters.programme.cadence if rule.scope == "project"}
    now = now.assign(
        short_bodies=now["bodies"] - now["kept_bodies"], is_by_project=now["level"].isin(by_project)
    )
    year = compliance.by_month(ledger, parameters)
    counts = ["windows", "met", "missed"]
    sums = year.groupby("level")[counts].sum().add_suffix("_so_far")
    columns = ["level", "every", "is_by_project", "bodies", "kept_bodies", "short_bodies", *counts]
    frame = now[columns].join(sums, on="level")
    share = percents(frame["met_so_far"], frame["windows_so_far"])
    return frame.assign(kept_pct=pd.Series(share, index=frame.index, dtype=object))


@keyed_by("level", "opens")
def windows(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every window of the year, and what share of the bodies that owed a meeting held it.

    Returns
    -------
    pandas.DataFrame
        By level in the parameters' order, then day: `level`, `opens`, `closes`; `bodies`, `met` (`Int64`);
        `share`: met ÷ bodies (`Float64`).

    Examples
    --------
    >>> windows = report.metrics.bulletin.windows()
    >>> windows[["level", "closes", "bodies", "met", "share"]].head(2)
        level     closes  bodies  met  share
    0  指挥部 2024-02-29       1    1    1.0
    1  指挥部 2024-04-30       1    1    1.0
    """
    rows = cadence.by_window(ledger, parameters)
    rows = rows.assign(bodies=1, met=rows["held_on"].notna().astype("int64"))
    groups = rows.groupby(["level", "opens", "closes"], sort=False)
    frame = groups[["bodies", "met"]].sum().astype("Int64").reset_index()
    return frame.assign(share=frame["met"].astype("Float64") / frame["bodies"])


@keyed_by("practice_id")
def practices(ledger: Ledger) -> pd.DataFrame:
    """Return the good practice recorded in the period, by day.

    Returns
    -------
    pandas.DataFrame
        `project_id`, the project's `name` (missing where on none), `practice_id`, `recorded_on`, `title`,
        `content`.

    Examples
    --------
    >>> report.metrics.bulletin.practices()[["practice_id", "project_id", "title"]]
      practice_id project_id                   title
    0   P2024-003        H06  三夏富余班组跨项目调剂
    """
    rows = ledger.practices
    begun = rows["recorded_on"].ge(pd.Timestamp(ledger.period.start))
    rows = rows[begun & happened(rows["recorded_on"], ledger)]
    columns = ["project_id", "practice_id", "recorded_on", "title", "content"]
    rows = rows.sort_values(["recorded_on", "practice_id"])
    return with_projects(rows[columns], ledger, ["name"])
