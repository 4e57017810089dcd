"""The year looked back on: its targets, what problems and starts taught, and what goes over into the next."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percent, yi_of
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import (
    completions,
    investment,
    lifetime,
    nodes,
    outlook,
    permits,
    plans,
    problems,
    scoring,
    starts,
)
from sanshi_report.metrics.scopes import IDENTITY, happened, in_order, with_projects
from sanshi_report.metrics.spread import medians
from sanshi_report.workspace import Parameters

__all__ = [
    "builds",
    "by_category",
    "carried",
    "explained",
    "late_starts",
    "life",
    "plans_moved",
    "practices",
    "standings",
    "targets",
    "to_complete",
    "year_end_outlooks",
]

SHARES = ("investment", "start", "nodes", "meetings")
"""The items that give points for a share of something; the others add or take points a piece."""


@keyed_by("goal", "scope_value", "due_on")
def targets(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the year's targets and what became of them.

    Returns
    -------
    pandas.DataFrame
        In this order: `goal`: `start` (one row per milestone), `investment` (all continuing projects, then
        each sector), `completion` and `commissioning` (planned by the year's end); `due_on`, of milestones;
        `scope_value`, the sector; `unit`; `target`, `actual` by the due day or the period's end, `gap` =
        actual − target (`Decimal`, in the unit); `rate_pct` = actual ÷ target; `is_met` (`boolean`), NA for a
        milestone to come, and where nothing was due. An investment's actual is that of the projects with
        an annual plan, as in every completion rate.

    Examples
    --------
    >>> goals = report.metrics.annual.targets()
    >>> goals[["goal", "due_on", "target", "actual", "gap", "is_met"]].head(2)
        goal     due_on target actual   gap  is_met
    0  start 2024-06-30      9      8    -1   False
    1  start 2024-09-30     14   None  None    <NA>
    """
    rows: list[tuple[object, ...]] = []
    for goal in starts.milestones(ledger, parameters).to_dict("records"):
        actual = None if pd.isna(goal["started"]) else Decimal(int(goal["started"]))
        rows.append(("start", goal["due_on"], "", "个", Decimal(int(goal["required"])), actual))
    for by in (None, "sector"):
        for row in investment.by_group(ledger, parameters, by).to_dict("records"):
            if pd.notna(row["annual_plan"]):
                amounts = [yi_of(row[name]) for name in ("annual_plan", "invested_rated")]
                rows.append(("investment", pd.NaT, row["scope_value"], "亿元", *amounts))
    ends = completions.summary(ledger, parameters).iloc[0]
    for step in ("completion", "commissioning"):
        counts = [Decimal(int(ends[f"{step}_{name}"])) for name in ("due", "done")]
        rows.append((step, pd.NaT, "", "个", *counts))
    columns = ["goal", "due_on", "scope_value", "unit", "target", "actual"]
    frame = pd.DataFrame(rows, columns=columns, dtype=object)
    pairs = list(zip(frame["target"], frame["actual"], strict=True))
    gaps = [None if actual is None else actual - target for target, actual in pairs]
    rates = [percent(actual, target) for target, actual in pairs]
    frame = frame.assign(
        gap=pd.Series(gaps, index=frame.index, dtype=object),
        rate_pct=pd.Series(rates, index=frame.index, dtype=object),
        is_met=pd.array(
            [
                gap >= 0 if gap is not None and target else None
                for gap, target in zip(gaps, frame["target"], strict=True)
            ],
            dtype="boolean",
        ),
    )
    texts = {"goal": "str", "scope_value": "str", "unit": "str"}
    return frame.astype({**texts, "due_on": "datetime64[us]"})


@keyed_by("project_id")
def standings(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the scores with what they consist of.

    Returns
    -------
    pandas.DataFrame
        The columns of `scoring.scores`, and the `points` of its items (`Decimal`, None where not scored):
        `basic`, for shares; `bonus`, added a piece; `deducted`, taken a piece or by the highest score. The
        three are the score. By kind, continuing projects first, then place.

    Examples
    --------
    >>> standings = report.metrics.annual.standings()
    >>> standings[["project_id", "score", "basic", "bonus", "deducted"]].head(2)
      project_id             score             basic bonus         deducted
    0        H04  110.000000000000  108.111111111111     5  -3.111111111111
    1        H13  108.842105263158  108.842105263158     0                0
    """
    rows, given = scoring.scores(ledger, parameters), scoring.points(ledger, parameters)
    is_share, adds = (
        given["scoring_item"].isin(SHARES),
        given["points"].map(lambda one: one > 0).astype(bool),
    )
    for name, some in (
        ("basic", given[is_share]),
        ("bonus", given[~is_share & adds]),
        ("deducted", given[~is_share & ~adds]),
    ):
        sums = some.groupby("project_id")["points"].sum()
        pairs = zip(rows["project_id"], rows["score"], strict=True)
        found = [None if score is None else sums.get(one, Decimal(0)) for one, score in pairs]
        rows[name] = pd.Series(found, index=rows.index, dtype=object)
    return rows.sort_values(["kind", "rank", "project_id"], ignore_index=True)


@keyed_by("project_id", "scoring_item")
def explained(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return `scoring.points` with each project's `rank`, in the order of `standings`.

    Examples
    --------
    >>> explained = report.metrics.annual.explained()
    >>> explained[["project_id", "rank", "scoring_item", "measured", "points"]].head(2)
      project_id  rank scoring_item          measured points
    0        H04     1   investment  192.000000000000     72
    1        H04     1        nodes  100.000000000000     20
    """
    order = standings(ledger, parameters)[["project_id", "rank", "score"]]
    order = order.assign(place=range(len(order)))
    rows = scoring.points(ledger, parameters).merge(order, on="project_id")
    return rows.sort_values("place", kind="stable", ignore_index=True).drop(columns="place")


@keyed_by("made_on")
def year_end_outlooks(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the rows of `outlook.backtest` about the investment at the year's end.

    Examples
    --------
    >>> outlooks = december.metrics.annual.year_end_outlooks()
    >>> outlooks[["made_on", "low", "high", "actual", "is_covered"]].head(2)
       made_on             low            high    actual  is_covered
    0  2024-04  138.3968087708  155.3397019523  153.2078        True
    1  2024-05   142.687085687  155.2671283622  153.2078        True
    """
    rows = outlook.backtest(ledger, parameters)
    told = rows["what"].eq("investment") & rows["about"].eq(f"{ledger.period.year}-12")
    return rows[told].reset_index(drop=True)


@keyed_by("project_id")
def builds(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every new build by its planned start, and how its start came out.

    Returns
    -------
    pandas.DataFrame
        The columns of `starts.register`; `days_late` (`Int64`) from the planned day to the start, negative where
        it was early, missing before it; `is_late`: started late, or due and not started.

    Examples
    --------
    >>> builds = december.metrics.annual.builds()
    >>> builds[["project_id", "planned_start", "started_on", "days_late", "is_late"]].head(2)
      project_id planned_start started_on  days_late  is_late
    0        X01    2024-03-15 2024-03-12         -3    False
    1        X05    2024-03-28 2024-09-12        168     True
    """
    rows = starts.register(ledger, parameters).sort_values(["planned_start", "project_id"])
    days = (rows["started_on"] - rows["planned_start"]).dt.days.astype("Int64")
    late = days.gt(0).fillna(False).astype(bool) | rows["is_due_not_started"]
    return rows.assign(days_late=days, is_late=late).reset_index(drop=True)


@keyed_by("category")
def by_category(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return what kinds of problem the year brought, the most frequent first.

    Returns
    -------
    pandas.DataFrame
        `category`; `Int64`: `raised` = `closed` + `open`, `closed_late` after the promised day, `projects`
        concerned, `longest_days` from raising to closing; `median_days` (`Decimal`), None where none is
        closed.

    Examples
    --------
    >>> categories = report.metrics.annual.by_category()
    >>> categories[["category", "raised", "closed", "open", "median_days"]].head(2)
       category  raised  closed  open median_days
    0    劳动力       4       4     0         7.5
    1  用地报批       3       0     3        None
    """
    rows = ledger.problems[happened(ledger.problems["raised_on"], ledger)]
    closed = happened(rows["closed_on"], ledger)
    days = (rows["closed_on"] - rows["raised_on"]).dt.days.astype("Int64").where(closed)
    rows = rows.assign(
        raised=1, closed=closed, open=~closed, days=days,
        closed_late=closed & rows["closed_on"].gt(rows["due_on"]),
    )  # fmt: skip
    counts = ["raised", "closed", "open", "closed_late"]
    groups = rows.groupby("category")
    order = in_order(rows["category"], "category", parameters)
    index = pd.Index(order, dtype="str", name="category")
    frame = groups[counts].sum().reindex(index).astype("Int64")
    frame["projects"] = groups["project_id"].nunique().reindex(index).astype("Int64")
    frame["median_days"] = medians(rows["days"], rows["category"], index)
    frame["longest_days"] = groups["days"].max().reindex(index).astype("Int64")
    frame = frame.sort_values("raised", ascending=False, kind="stable")
    return frame.reset_index()


@keyed_by("project_id")
def late_starts(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the new builds that started after their planned day, and the permit that held them longest.

    Returns
    -------
    pandas.DataFrame
        Latest first: `project_id`, its identity, `planned_start`, `started_on`, `days_late` (`Int64`);
        `permit`, its `department` and `permit_days_late`: of the permits granted by the start that the others
        did not wait for, the one furthest past its promise; missing where all were in time.

    Examples
    --------
    >>> late = december.metrics.annual.late_starts()
    >>> late[["project_id", "planned_start", "started_on", "days_late", "permit"]].head(3)
      project_id planned_start started_on  days_late permit
    0        X05    2024-03-28 2024-09-12        168   土地
    1        X04    2024-05-20 2024-08-26         98   安评
    2        X08    2024-09-10 2024-10-10         30   土地
    """
    rows = starts.register(ledger, parameters)
    rows = rows[rows["started_on"].gt(rows["planned_start"])]
    late = rows.assign(
        days_late=(rows["started_on"] - rows["planned_start"]).dt.days.astype("Int64")
    )
    last = [term.value for term in parameters.programme.permits if term.comes_last]
    granted = permits.register(ledger)
    granted = granted[granted["is_granted"] & ~granted["permit"].isin(last)]
    days = (granted["granted_on"] - granted["due_on"]).dt.days.astype("Int64")
    granted = granted.assign(permit_days_late=days)[days.gt(0).fillna(False)]
    worst = granted.sort_values("permit_days_late", kind="stable")
    worst = worst.drop_duplicates("project_id", keep="last")
    worst = worst.set_index("project_id")[["permit", "department", "permit_days_late"]]
    columns = ["project_id", *IDENTITY, "planned_start", "started_on", "days_late"]
    joined = late[columns].join(worst, on="project_id")
    return joined.sort_values("days_late", ascending=False, kind="stable", ignore_index=True)


@keyed_by("verdict")
def plans_moved(ledger: Ledger) -> pd.DataFrame:
    """Return how the items whose plan moved came out.

    Returns
    -------
    pandas.DataFrame
        `verdict` (see `plans.register`) and `items` (`Int64`): only those that have a day or a month to be
        judged by; every verdict has a row.

    Examples
    --------
    >>> december.metrics.annual.plans_moved().head(3)
         verdict  items
    0    in_time      6
    1  by_moving      5
    2     spared      0
    """
    found = plans.register(ledger)["verdict"].value_counts()
    order = ["in_time", "by_moving", "spared", "late", "missed", "to_come"]
    counts = [int(found.get(verdict, 0)) for verdict in order]
    return pd.DataFrame({"verdict": order, "items": counts}).astype(
        {"verdict": "str", "items": "Int64"}
    )


@keyed_by("practice_id")
def practices(ledger: Ledger) -> pd.DataFrame:
    """Return the year's good practice by day: `practice_id`, `name`, `recorded_on`, `title`, `content`.

    Examples
    --------
    >>> practices = report.metrics.annual.practices()
    >>> practices[["practice_id", "project_id", "recorded_on", "title"]].head(2)
      practice_id project_id recorded_on               title
    0   P2024-001        X01  2024-02-23  开工前手续并联办理
    1   P2024-002        NaN  2024-04-19      专班驻点周会商
    """
    rows = ledger.practices
    since = rows["recorded_on"].ge(pd.Timestamp(ledger.period.year, 1, 1))
    rows = rows[since & happened(rows["recorded_on"], ledger)]
    columns = ["project_id", "practice_id", "recorded_on", "title", "content"]
    rows = rows[columns].sort_values(["recorded_on", "practice_id"], kind="stable")
    return with_projects(rows, ledger, ["name"])


@keyed_by("project_id")
def to_complete(ledger: Ledger) -> pd.DataFrame:
    """Return the rows of `lifetime.register` to be completed by the end of next year, by planned day.

    Examples
    --------
    >>> coming = december.metrics.annual.to_complete()
    >>> coming[["project_id", "planned_completion", "invested_pct", "physical_pct"]].head(2)
      project_id planned_completion     invested_pct  physical_pct
    0        H11         2025-08-20  78.606557377049          77.0
    1        H10         2025-10-31  60.671722643554          86.0
    """
    rows = lifetime.register(ledger)
    last = pd.Timestamp(ledger.period.year + 1, 12, 31)
    coming = rows["completed_on"].isna() & rows["planned_completion"].le(last)
    order = rows[coming].sort_values("planned_completion", kind="stable")
    return order.reset_index(drop=True)


@keyed_by()
def life(ledger: Ledger) -> pd.DataFrame:
    """Return `projects` (`Int64`), the fen of `lifetime.register` summed, and `invested_pct`: one row.

    Examples
    --------
    >>> life = report.metrics.annual.life()
    >>> life[["projects", "total_investment", "invested_to_date", "invested_pct"]]
       projects  total_investment  invested_to_date     invested_pct
    0        30    10997300000000     3979525000000  36.186382111973
    """
    rows = lifetime.register(ledger)
    amounts = ["total_investment", "invested_before", "invested_ytd", "invested_to_date"]
    sums = pd.DataFrame([rows[amounts].sum()]).astype("Int64")
    share = percent(sums["invested_to_date"].iloc[0], sums["total_investment"].iloc[0])
    sums.insert(0, "projects", pd.Series([len(rows)], dtype="Int64"))
    return sums.assign(invested_pct=pd.Series([share], dtype=object))


@keyed_by()
def carried(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return what goes over into the next year.

    Returns
    -------
    pandas.DataFrame
        One row: `year`, the next; `Int64` counts `projects` not completed, `problems` and `actions` open,
        `nodes` overdue, `nodes_to_come` due by the end of March, `completions` planned by the end of next
        year, and `to_invest` (fen): what those still need.

    Examples
    --------
    >>> carried = december.metrics.annual.carried()
    >>> carried[["year", "projects", "problems", "actions", "completions"]]
       year  projects  problems  actions  completions
    0  2025        26         4        4            4
    """
    spring = pd.Timestamp(ledger.period.year + 1, 3, 31)
    due = ledger.nodes["due_on"].le(spring) & ~happened(ledger.nodes["due_on"], ledger)
    to_come = due & ~happened(ledger.nodes["done_on"], ledger)
    ending = to_complete(ledger)
    counts = {
        "year": ledger.period.year + 1,
        "projects": int((~completions.register(ledger)["is_completion_done"]).sum()),
        "problems": int(problems.summary(ledger, parameters)["open"].iloc[0]),
        "actions": int(problems.actions_summary(ledger, parameters)["open"].iloc[0]),
        "nodes": len(nodes.overdue(ledger)),
        "nodes_to_come": int(to_come.sum()),
        "completions": len(ending),
        "to_invest": int(ending["to_invest"].sum()),
    }
    return pd.DataFrame([counts]).astype("Int64")
