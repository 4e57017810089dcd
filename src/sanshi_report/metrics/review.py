"""What a review meeting decides from: what moved since the last one, who is behind, what waits for whom.

Reviews are two months apart. What stood at the last one is judged again by today's knowledge, so that a
figure revised since is no movement. The year's first review looks back to the year's beginning, when nothing
was due.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import each_of, half_up
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import (
    durations,
    earned,
    escalation,
    explanations,
    investment,
    nodes,
    outlook,
    problems,
    scoring,
    starts,
    tasks,
)
from sanshi_report.metrics.kpis import kpis
from sanshi_report.metrics.lights import LIGHTS, changes
from sanshi_report.metrics.scopes import IDENTITY
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = ["begun", "decisions", "due", "last", "money", "position", "red", "tally"]

APART = 2
"""Months between reviews."""

HEADQUARTERS = 2
"""The highest tiers, so many of them, decide at a review even before a problem's time is up."""

MAIN = (
    "starts.milestone", "investment.ytd", "investment.completion_pct", "nodes.overdue",
    "permits.overdue", "problems.overdue", "actions.overdue", "completions.done", "incidents.count",
)  # fmt: skip


def last(ledger: Ledger) -> Ledger | None:
    """Return the ledger as it stood at the last review, or None in the year's first."""
    before = ledger.period
    for _ in range(APART):
        before = before.previous()
    return ledger.at(before) if before.year == ledger.period.year else None


@keyed_by("kpi")
def position(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the main indicators of the whole programme, now and at the last review.

    Returns
    -------
    pandas.DataFrame
        By indicator: `kpi`, `unit`, `target`, `actual`, `gap`, `status`, as in the KPI table; `actual_before`, the
        actual at the last review, and `change` since (`Decimal`), None in the year's first.

    Examples
    --------
    >>> position = report.metrics.review.position()
    >>> position[["kpi", "target", "actual", "gap", "status", "change"]].head(2)
                    kpi  target  actual      gap  status   change
    0  starts.milestone       9       8       -1  yellow        5
    1    investment.ytd  151.76  73.557  -78.203     NaN  30.3799
    """
    now, earlier = _main(ledger, parameters), last(ledger)
    before = [None] * len(now) if earlier is None else _main(earlier, parameters)["actual"]
    change = [
        None if old is None or new is None else new - old
        for old, new in zip(before, now["actual"], strict=True)
    ]
    then = pd.Series(list(before), index=now.index, dtype=object)
    frame = now.assign(actual_before=then, change=pd.Series(change, index=now.index, dtype=object))
    columns = ["unit", "target", "actual", "gap", "status", "actual_before", "change"]
    return frame[columns].reset_index()


@keyed_by("project_id")
def money(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how each continuing project with an annual plan moved against its pace.

    Returns
    -------
    pandas.DataFrame
        By change, the largest gain first: `project_id`, its identity; `light`, `light_before` and
        `light_change` (see `begun`); `gap_points`, `gap_before`, `gap_change` (`Decimal` points); `Int64`
        fen: `invested_ytd`, `invested_since` the last review, `ahead` = invested − pace × annual plan
        (negative behind), `ahead_before`, `ahead_change`. In the year's first review what was before is 0,
        its light missing.

    Examples
    --------
    >>> money = report.metrics.review.money()
    >>> money[["project_id", "ahead_before", "ahead", "ahead_change", "light_change"]].head(2)
      project_id  ahead_before         ahead  ahead_change light_change
    0        H04   20486000000   41400000000   20914000000         same
    1        H06  -24333000000  -15630000000    8703000000         same
    """
    rows, earlier = _ahead(ledger, parameters), last(ledger)
    if earlier is None:
        nothing = pd.Series([Decimal(0)] * len(rows), index=rows.index, dtype=object)
        then = rows.assign(light=None, gap_points=nothing, invested_ytd=0, ahead=0)
        then = then.astype({"light": "str", "invested_ytd": "Int64", "ahead": "Int64"})
    else:
        then = _ahead(earlier, parameters)
    then = then.set_index("project_id").reindex(rows["project_id"]).reset_index()
    rows = rows.assign(
        light_before=then["light"],
        light_change=_light_changes(rows["light"], then["light"], earlier),
        gap_before=then["gap_points"],
        gap_change=rows["gap_points"] - then["gap_points"],
        invested_since=rows["invested_ytd"] - then["invested_ytd"],
        ahead_before=then["ahead"],
        ahead_change=rows["ahead"] - then["ahead"],
    )
    order = rows.sort_values(["ahead_change", "project_id"], ascending=[False, True])
    return order.reset_index(drop=True)


@keyed_by("project_id")
def begun(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every new build with what its start did since the last review.

    Returns
    -------
    pandas.DataFrame
        The columns of `starts.register`, with `light_before`, `is_new`: started since, and `light_change`
        since: `better`, `same` or `worse`, missing where it is not rated; what was not rated then counts as
        green. What was before is missing in the year's first review, and so is the change.

    Examples
    --------
    >>> begun = report.metrics.review.begun()
    >>> begun[["project_id", "light", "light_before", "light_change", "is_new"]].query("is_new").head(2)
      project_id  light light_before light_change  is_new
    6        X07  green    not_rated         same    True
    9        X10  green    not_rated         same    True
    """
    rows, earlier = starts.register(ledger, parameters), last(ledger)
    before = pd.Series(None, index=rows.index, dtype="str")
    since = pd.Timestamp(ledger.period.year, 1, 1)
    if earlier is not None:
        then = starts.register(earlier, parameters).set_index("project_id")["light"]
        before = then.reindex(rows["project_id"]).set_axis(rows.index)
        since = pd.Timestamp(earlier.period.next().start)
    return rows.assign(
        light_before=before,
        light_change=_light_changes(rows["light"], before, earlier),
        is_new=rows["started_on"].ge(since),
    )


@keyed_by("problem_id")
def decisions(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the open problems that wait for a decision, by the level it must be taken at, highest first.

    Returns
    -------
    pandas.DataFrame
        `level`, the tier to decide; `asked`: `raise` (its own tier's time is up), `decide` (so is that of the
        highest) or `settle` (it is with one of the highest tiers, and in time); `project_id`, its `name`,
        `responsible_unit`; `problem_id`, `category`, `description`, `progress`, `tier`, `owner`, `due_on`;
        `Int64` days: `age_days`, `days_overdue`, `days_past` the tier's time (the last two missing if not);
        `is_headquarters`: the level is one of the highest.

    Examples
    --------
    >>> waiting = report.metrics.review.decisions()
    >>> waiting[["level", "asked", "problem_id", "owner", "due_on"]].head(2)
                level  asked problem_id         owner     due_on
    0  常务会或常委会  raise  W2024-001  自然资源部门 2024-03-15
    1  常务会或常委会  raise  W2024-014  财政金融部门 2024-06-28
    """
    names = [term.value for term in parameters.programme.problem_tiers]
    times = escalation.suggested(ledger, parameters)[["problem_id", "days_past", "escalate_to"]]
    rows = problems.open_problems(ledger, parameters).merge(times, how="left", on="problem_id")
    level = rows["escalate_to"].fillna(rows["tier"])
    time_up, top = rows["days_past"].notna(), level.isin(names[-HEADQUARTERS:])
    asked = np.select([rows["escalate_to"].notna(), time_up], ["raise", "decide"], "settle")
    rows = rows.assign(level=level, asked=pd.Series(asked, index=rows.index, dtype="str"))
    rows = rows.assign(is_headquarters=top, place=level.map(names.index).astype("int64"))
    rows = rows[time_up | top].astype({"days_past": "Int64"})
    order = ["place", "days_past", "problem_id"]
    rows = rows.sort_values(order, ascending=[False, False, True], na_position="last")
    columns = [
        "level", "asked", "project_id", "name", "responsible_unit", "problem_id", "category",
        "description", "progress", "tier", "owner", "due_on", "age_days", "days_overdue", "days_past",
        "is_headquarters",
    ]  # fmt: skip
    return rows[columns].reset_index(drop=True)


@keyed_by("project_id")
def red(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the projects whose light is red, new builds first, with what is known of each.

    Returns
    -------
    pandas.DataFrame
        The red rows of `explanations.register`, then `months_red`: months on end, this one included, at whose
        end the light was red; `nodes_overdue`; `score` (`Decimal`), `rank`, `of` (see `scoring.scores`); of
        continuing projects `annual_plan`, `invested_ytd`, `completion_pct`, `gap_before` (see `money`),
        `spi_t` and `months_behind` (see `earned`), and `to_invest_per_month`: what is left of the plan ÷
        months left (`Decimal` fen), None in December; of new builds `planned_start`, from
        `durations.holding_up` `outstanding`, `critical_permit`, `critical_department`,
        `critical_days_overdue`, and from `outlook.start_chances` `early_on`, `expected_on`, `late_on`.
        Counts, days and fen are `Int64`.

    Examples
    --------
    >>> red = report.metrics.review.red()
    >>> red[["project_id", "months_red", "nodes_overdue", "rank", "is_explained"]].head(2)
      project_id  months_red  nodes_overdue  rank  is_explained
    0        X05           1              6    11          True
    1        H05           5              1    12          True
    """
    rows = explanations.register(ledger, parameters).query("light == 'red'")
    rows = rows.assign(months_red=rows["project_id"].map(_months_red(ledger, parameters, rows)))
    late = nodes.overdue(ledger)["project_id"].value_counts()
    late = rows["project_id"].map(late).fillna(0)
    rows = rows.assign(nodes_overdue=late).astype({"months_red": "Int64", "nodes_overdue": "Int64"})
    amounts = investment.by_project(ledger, parameters)
    left = 12 - ledger.period.months_elapsed
    owed = (amounts["annual_plan"] - amounts["invested_ytd"]).clip(lower=0)
    each = [each_of(amount, left) for amount in owed]
    amounts["to_invest_per_month"] = pd.Series(each, index=amounts.index, dtype=object)
    holding = durations.holding_up(ledger, parameters)
    for frame, columns in (
        (scoring.scores(ledger, parameters), ["score", "rank", "of"]),
        (amounts, ["annual_plan", "invested_ytd", "completion_pct", "to_invest_per_month"]),
        (money(ledger, parameters), ["gap_before"]),
        (earned.by_project(ledger, parameters), ["spi_t", "months_behind"]),
        (holding, ["planned_start", "outstanding", "critical_permit", "critical_department",
                   "critical_days_overdue"]),
        (outlook.start_chances(ledger, parameters), ["early_on", "expected_on", "late_on"]),
    ):  # fmt: skip
        rows = rows.join(frame.set_index("project_id")[columns], on="project_id")
    decimals = [
        "score", "completion_pct", "to_invest_per_month", "gap_before", "spi_t", "months_behind",
    ]  # fmt: skip
    rows[decimals] = rows[decimals].where(rows[decimals].notna(), None)
    return rows.reset_index(drop=True)


@keyed_by("key")
def due(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return what the red projects' list of the coming month asks for of problems and actions.

    Returns
    -------
    pandas.DataFrame
        The columns of `tasks.due_next`, by project, what was due first at the top.

    Examples
    --------
    >>> report.metrics.review.due()[["key", "owner", "due_on", "is_overdue"]].head(2)
                     key         owner     due_on  is_overdue
    0  problem:W2024-017  财政金融部门 2024-07-05       False
    1   action:J2024-027  财政金融部门 2024-07-05       False
    """
    listed = tasks.due_next(ledger, parameters)
    reds = red(ledger, parameters)["project_id"]
    kinds = ["problem", "action"]
    rows = listed[listed["project_id"].isin(reds) & listed["kind"].isin(kinds)]
    return rows.sort_values(["project_id", "original_due_on"], kind="stable").reset_index(drop=True)


@keyed_by("kind", "light")
def tally(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how many projects of each kind show each light, now and at the last review.

    Returns
    -------
    pandas.DataFrame
        By `kind` (new_build, continuing), then `light`: `Int64` `projects` and `projects_before`, missing in the year's
        first review.

    Examples
    --------
    >>> report.metrics.review.tally().head(4)
            kind      light  projects  projects_before
    0  new_build      green         8                3
    1  new_build     yellow         2                1
    2  new_build        red         1                0
    3  new_build  not_rated         6               13
    """
    earlier = last(ledger)
    now = _lights(ledger, parameters)
    then = None if earlier is None else _lights(earlier, parameters)
    before = pd.NA if then is None else then["projects"]
    return now.assign(projects_before=pd.Series(before, index=now.index, dtype="Int64"))


def _main(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    table = kpis(ledger, parameters, scopes=["portfolio"])
    whole = table[table["kpi"].isin(MAIN)].set_index("kpi")
    return whole.reindex([code for code in MAIN if code in whole.index])


def _ahead(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    rows = investment.by_project(ledger, parameters)
    rows = rows[rows["gap_points"].notna()].reset_index(drop=True)
    due = [
        int(half_up(Fraction(int(annual)) * Fraction(pace) / 100, 0))
        for annual, pace in zip(rows["annual_plan"], rows["pace_pct"], strict=True)
    ]
    ahead = rows["invested_ytd"] - pd.Series(due, index=rows.index, dtype="Int64")
    columns = ["project_id", *IDENTITY, "light", "gap_points", "invested_ytd"]
    return rows[columns].assign(ahead=ahead)


def _light_changes(lights: pd.Series, before: pd.Series, earlier: Ledger | None) -> pd.Series:
    then = before if earlier is None else before.where(before.isin(LIGHTS[:-1]), "green")
    return changes(lights, then)


def _lights(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    kinds = {
        "new_build": starts.register(ledger, parameters)["light"],
        "continuing": investment.by_project(ledger, parameters)["light"],
    }
    rows = [
        (kind, light, int(lights.eq(light).sum()))
        for kind, lights in kinds.items()
        for light in LIGHTS
    ]
    frame = pd.DataFrame(rows, columns=["kind", "light", "projects"])
    return frame.astype({"kind": "str", "light": "str", "projects": "Int64"})


def _months_red(ledger: Ledger, parameters: Parameters, rows: pd.DataFrame) -> dict[str, int]:
    counts = dict.fromkeys(rows["project_id"], 0)
    still = set(counts)
    for number in range(ledger.period.months_elapsed, 0, -1):
        still &= _red_at(ledger.at(_month(ledger, number)), parameters)
        for project in still:
            counts[project] += 1
    return counts


def _red_at(ledger: Ledger, parameters: Parameters) -> set[str]:
    builds = starts.register(ledger, parameters)
    both = pd.concat([builds, investment.by_project(ledger, parameters)])
    return set(both.loc[both["light"].eq("red"), "project_id"])


def _month(ledger: Ledger, number: int) -> ReportPeriod:
    return ReportPeriod.parse(f"{ledger.period.year}-{number:02d}")
