"""One project's whole record (一项目一档): its ledger alone, and what only a single project's page asks.

`only` narrows a ledger to one project; every other metric then speaks of that project. What compares projects,
such as a rank, is asked of the whole ledger.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.errors import UsageError
from sanshi_report.exact import each_of, percents
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.membership import first_months
from sanshi_report.metrics import (
    cadence,
    durations,
    investment,
    labour,
    lifetime,
    permits,
    starts,
)
from sanshi_report.metrics.scopes import happened, in_order, period_end, with_projects, within
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = [
    "actions",
    "changes",
    "inputs",
    "life",
    "meetings",
    "months",
    "nodes",
    "only",
    "permit_steps",
    "points",
    "problems",
    "score",
    "standing",
    "trajectory",
]

_BEGUN = "施工许可"


def only(ledger: Ledger, value: str | None = None, column: str = "project_id") -> Ledger:
    """Return the ledger of one project, or of those with a value in another column of the register.

    Of a project that left or was split this year it is the ledger of the month in which it did.

    Parameters
    ----------
    value : str, optional
        A project's number, or a name it has or had; by default that of the first project.
    column : str
        Such as `county`.

    Raises
    ------
    UsageError
        If no project has it; those like it are named.
    """
    everyone = pd.concat([ledger.projects, ledger.left]).dropna(subset=column)
    listed = everyone if column == "project_id" else ledger.projects.dropna(subset=column)
    known = listed[column].drop_duplicates().tolist()
    wanted = str(known[0] if value is None and known else value)
    if wanted not in known and column == "project_id":
        wanted = _named(ledger, known).get(wanted, wanted)
    if wanted not in known:
        near = "、".join(get_close_matches(wanted, known, n=5, cutoff=0.5) or known)
        if column == "project_id":
            raise UsageError("project_unknown", found=wanted, near=near)
        raise UsageError("part_unknown", column=column, found=wanted, near=near)
    left = ledger.left.loc[ledger.left["project_id"].eq(wanted), "left_on"]
    if column == "project_id" and len(left):
        month = ReportPeriod.parse(f"{left.iloc[0]:%Y-%m}")
        ledger = ledger.at(min(month, ledger.period, key=lambda period: period.end), [wanted])
    return within(ledger, everyone.loc[everyone[column] == wanted, "project_id"])


def _named(ledger: Ledger, known: list[str]) -> dict[str, str]:
    """Return the number of each project by every name it has or had this year."""
    told = ledger.history["projects"][["name", "project_id"]]
    renamed = ledger.moves[["new_name", "project_id"]].set_axis(told.columns, axis="columns")
    rows = pd.concat([told, renamed.dropna()])
    rows = rows[rows["project_id"].isin(known)]
    return dict(zip(rows["name"], rows["project_id"], strict=True))


@keyed_by("project_id")
def score(ledger: Ledger, scores: pd.DataFrame) -> pd.DataFrame:
    """Return the project's row of `scoring.scores`, which compares it with all others of its kind.

    Examples
    --------
    >>> own, scores = report.only("H08"), report.metrics.scoring.scores()
    >>> own.metrics.profile.score(scores)[["project_id", "score", "rank", "of", "verdict"]]
      project_id            score  rank  of    verdict
    0        H08  79.810526315789    11  13  criticise
    """
    return _own(scores, ledger)


@keyed_by("project_id", "scoring_item")
def points(ledger: Ledger, points: pd.DataFrame) -> pd.DataFrame:
    """Return the project's rows of `scoring.points`.

    Examples
    --------
    >>> own, points = report.only("H08"), report.metrics.scoring.points()
    >>> own.metrics.profile.points(points)[["scoring_item", "measured", "rate", "points"]]
      scoring_item          measured rate           points
    0   investment   76.000000000000   60             45.6
    1        nodes  100.000000000000   20               20
    2     meetings   71.052631578947   20  14.210526315789
    """
    return _own(points, ledger)


@keyed_by("project_id")
def standing(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the light of each project and what it was given for: one row in a ledger of one project.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its `name`, `sector`, `kind`, `lead_official`, `task_force` and `responsible_unit`;
        `light`; for new builds `planned_start`, `started_on`, `months_late`; for continuing
        projects `annual_plan`, `invested_ytd`, `completion_pct`, `pace_pct`, `gap_points`.

    Examples
    --------
    >>> own = report.only("H08")
    >>> own.metrics.profile.standing()[["project_id", "light", "completion_pct", "gap_points"]]
      project_id light   completion_pct        gap_points
    0        H08   red  38.000000000000  -12.000000000000
    """
    builds, money = starts.register(ledger, parameters), investment.by_project(ledger, parameters)
    of_builds = ["planned_start", "started_on", "months_late"]
    of_money = ["annual_plan", "invested_ytd", "completion_pct", "pace_pct", "gap_points"]
    rows = [
        builds[["project_id", "light", *of_builds]],
        money[["project_id", "light", *of_money]],
    ]
    parts = [part for part in rows if len(part)] or rows[:1]
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.reindex(columns=["project_id", "light", *of_builds, *of_money])
    whole = dict.fromkeys(("months_late", "annual_plan", "invested_ytd"), "Int64")
    days = dict.fromkeys(of_builds[:2], "datetime64[us]")
    frame = frame.astype(whole | days | dict.fromkeys(of_money[2:], object))
    who = ["name", "sector", "kind", "lead_official", "task_force", "responsible_unit"]
    return with_projects(frame, ledger, who)


@keyed_by("month")
def months(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the year of one project month by month.

    Returns
    -------
    pandas.DataFrame
        Twelve rows: the columns of `investment.by_month`; `completion_pct`: invested so far ÷ annual plan;
        and of the month's report `physical_pct` (`Float64`), `workers` (`Int64`), `evidence`, missing where
        nothing was reported.

    Examples
    --------
    >>> months = report.only("H08").metrics.profile.months()
    >>> months[["month", "invested", "planned", "completion_pct", "physical_pct"]].head(2)
         month    invested     planned  completion_pct  physical_pct
    0  2024-01  4522000000  5940000000  4.110909090909          35.0
    1  2024-02  2469000000  2970000000  6.355454545455          35.0
    """
    project = ledger.projects.iloc[0]
    frame = investment.by_month(ledger, parameters, project["kind"])
    annual: Any = project["annual_plan"] if project["kind"] == "continuing" else pd.NA
    share = percents(frame["invested_cum"], [annual] * len(frame))
    frame["completion_pct"] = pd.Series(share, index=frame.index, dtype=object)
    reported = ledger.progress.set_index("month")[["physical_pct", "workers", "evidence"]]
    return frame.join(reported, on="month")


@keyed_by("project_id")
def life(ledger: Ledger) -> pd.DataFrame:
    """Return each project in its whole life, and the speed the rest of it needs.

    Returns
    -------
    pandas.DataFrame
        The columns of `lifetime.register`; `planned_commissioning`, `commissioned_on`; fen: `invested_month`,
        invested in the period, and `planned_month`, the plans of its months, missing for a project without
        monthly plans this year; `months_to_completion` (`Int64`): calendar months after the period's up to that
        of the planned completion, which counts, 0 once it has passed; `Decimal` fen: `invested_per_month` of
        this year since it joined, and `to_invest_per_month`: to_invest ÷ months to completion, None without any.

    Examples
    --------
    >>> life = report.only("H08").metrics.profile.life()
    >>> life[["project_id", "total_investment", "invested_pct", "planned_completion"]]
      project_id  total_investment     invested_pct planned_completion
    0        H08      470000000000  39.106382978723         2026-09-30
    """
    frame = lifetime.register(ledger)
    days = ["planned_commissioning", "commissioned_on"]
    frame = frame.join(ledger.projects.set_index("project_id")[days], on="project_id")
    end, planned = period_end(ledger), frame["planned_completion"]
    left = (planned.dt.year - end.year) * 12 + planned.dt.month - end.month
    left = left.astype("Int64").clip(lower=0)
    required = [
        each_of(max(0, int(rest)), int(count))
        for rest, count in zip(frame["to_invest"], left, strict=True)
    ]
    firsts = first_months(frame["project_id"], ledger.moves, ledger.period.end)
    months = ledger.period.months_elapsed - firsts + 1
    average = list(map(each_of, frame["invested_ytd"], months))
    return _in_period(frame, ledger).assign(
        months_to_completion=left,
        invested_per_month=pd.Series(average, index=frame.index, dtype=object),
        to_invest_per_month=pd.Series(required, index=frame.index, dtype=object),
    )


@keyed_by("stage", "on")
def trajectory(ledger: Ledger) -> pd.DataFrame:
    """Return what one project had cost by which day, from its beginning to its planned completion.

    Returns
    -------
    pandas.DataFrame
        By day: `stage`: `begun` (nothing yet: the day construction was permitted, of a continuing project),
        `before` (the year's beginning), `month` (a month's end), `year` (what the annual plan would
        reach), `whole` (the planned completion); `on`; `amount_to_date` (`Int64` fen).

    Examples
    --------
    >>> report.only("H08").metrics.profile.trajectory().head(3)
        stage         on  amount_to_date
    0   begun 2022-06-30               0
    1  before 2023-12-31    142000000000
    2   month 2024-01-31    146522000000
    """
    row = lifetime.register(ledger).iloc[0]
    year = ledger.period.year
    stages: list[tuple[str, pd.Timestamp, int]] = []
    granted = ledger.permits.loc[ledger.permits["permit"].eq(_BEGUN), "granted_on"].dropna()
    first = pd.Timestamp(year - 1, 12, 31)
    before = int(row["invested_before"])
    if before and len(granted) and granted.iloc[0] < first:
        stages.append(("begun", granted.iloc[0], 0))
    stages.append(("before", first, before))
    invested = ledger.progress.groupby("month")["invested"].sum()
    so_far = before
    for month in ReportPeriod.parse(f"{year}").months[: ledger.period.months_elapsed]:
        so_far += int(invested.get(month, 0))
        stages.append(("month", pd.Timestamp(ReportPeriod.parse(month).end), so_far))
    annual = ledger.projects["annual_plan"].iloc[0]
    if pd.notna(annual) and row["kind"] == "continuing":
        stages.append(("year", pd.Timestamp(year, 12, 31), before + int(annual)))
    stages.append(("whole", row["planned_completion"], int(row["total_investment"])))
    frame = pd.DataFrame(stages, columns=["stage", "on", "amount_to_date"])
    return frame.astype({"stage": "str", "on": "datetime64[us]", "amount_to_date": "Int64"})


@keyed_by("project_id", "permit")
def permit_steps(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every permit with its days and how it stands, in the order of the parameters.

    Returns
    -------
    pandas.DataFrame
        `project_id`, `permit`, `department`, `applied_on`, `due_on`, `granted_on`, `document_no`; `working_days`
        it took, and `waiting_workdays`, how many it has been waiting (`Int64`, see
        `durations.timed`); `status`: `done` by its promise, `late_done`, `open`, `overdue`, `to_come`
        (neither applied for nor promised by now), `not_needed`.

    Examples
    --------
    >>> steps = report.only("H08").metrics.profile.permit_steps()
    >>> steps[["permit", "due_on", "granted_on", "working_days", "status"]].head(2)
      permit     due_on granted_on  working_days status
    0   立项 2022-02-28 2022-02-28            15   done
    1   土地 2022-05-26 2022-04-27            41   done
    """
    rows = permits.register(ledger)
    taken = durations.timed(ledger)[["working_days", "waiting_workdays"]]
    rows = rows.join(taken)
    late = rows["granted_on"].gt(rows["due_on"])
    cases = [
        ~rows["is_needed"], rows["is_granted"] & late, rows["is_granted"], rows["is_overdue"],
        rows["is_in_progress"],
    ]  # fmt: skip
    names = ["not_needed", "late_done", "done", "overdue", "open"]
    status = pd.Series(np.select(cases, names, "to_come"), index=rows.index, dtype="str")
    place = {name: n for n, name in enumerate(in_order(rows["permit"], "permit", parameters))}
    rows = rows.assign(status=status, place=rows["permit"].map(place))
    columns = [
        "project_id", "permit", "department", "applied_on", "due_on", "granted_on", "document_no",
        "working_days", "waiting_workdays", "status",
    ]  # fmt: skip
    return rows.sort_values("place", kind="stable")[columns].reset_index(drop=True)


@keyed_by("node_id")
def nodes(ledger: Ledger) -> pd.DataFrame:
    """Return every node with how it stands, by the day it is due.

    Returns
    -------
    pandas.DataFrame
        `node_id`, `node`, `due_on`, `done_on`, `note`, and of `_followed` `status` and `days_late`.

    Examples
    --------
    >>> nodes = report.only("H08").metrics.profile.nodes()
    >>> nodes[["node_id", "due_on", "done_on", "status", "days_late"]].head(2)
       node_id     due_on    done_on     status  days_late
    0  H08-N01 2024-01-26 2024-01-24       done       <NA>
    1  H08-N02 2024-02-21 2024-03-11  late_done         19
    """
    rows = _followed(ledger.nodes, "done_on", ledger)
    columns = ["node_id", "node", "due_on", "done_on", "status", "days_late", "note"]
    return rows.sort_values(["due_on", "node_id"])[columns].reset_index(drop=True)


@keyed_by("problem_id")
def problems(ledger: Ledger) -> pd.DataFrame:
    """Return every problem raised, the open ones first.

    Returns
    -------
    pandas.DataFrame
        `problem_id`, `raised_on`, `category`, `tier`, `owner`, `due_on`, `closed_on`, `description`, `progress`,
        and of `_followed` `status` and `days_late`.

    Examples
    --------
    >>> problems = report.only("H08").metrics.profile.problems()
    >>> problems[["problem_id", "category", "closed_on", "status", "days_late"]]
      problem_id  category  closed_on     status  days_late
    0  W2024-006  征地清表 2024-06-14  late_done         45
    1  W2024-021    劳动力 2024-06-20  late_done          6
    """
    rows = ledger.problems[happened(ledger.problems["raised_on"], ledger)]
    columns = [
        "problem_id", "raised_on", "category", "tier", "owner", "due_on", "closed_on", "status",
        "days_late", "description", "progress",
    ]  # fmt: skip
    return _open_first(rows, "raised_on", ledger)[columns]


@keyed_by("action_id")
def actions(ledger: Ledger) -> pd.DataFrame:
    """Return every action assigned, the open ones first.

    Returns
    -------
    pandas.DataFrame
        `action_id`, `name` of the project, `meeting_on`, `content`, `owner`, `due_on`, `closed_on`, and of
        `_followed` `status` and `days_late`.

    Examples
    --------
    >>> actions = report.only("H08").metrics.profile.actions()
    >>> actions[["action_id", "owner", "due_on", "closed_on", "days_late"]]
       action_id         owner     due_on  closed_on  days_late
    0  J2024-008  示例丁县政府 2024-04-04 2024-06-14         71
    1  J2024-031      示例丙局 2024-06-18 2024-06-21          3
    """
    rows = ledger.actions[happened(ledger.actions["meeting_on"], ledger)]
    names = ledger.projects.set_index("project_id")["name"]
    rows = rows.join(names, on="project_id")
    columns = [
        "action_id", "name", "meeting_on", "content", "owner", "due_on", "closed_on", "status",
        "days_late",
    ]  # fmt: skip
    return _open_first(rows, "meeting_on", ledger)[columns]


@keyed_by("level", "project_id", "opens")
def meetings(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the windows in which the projects' own bodies owed a meeting; see `cadence.by_window`.

    Examples
    --------
    >>> windows = report.only("H08").metrics.profile.meetings()
    >>> windows[["level", "opens", "closes", "held_on"]].head(3)
      level      opens     closes    held_on
    0  专班 2024-01-01 2024-01-15        NaT
    1  专班 2024-01-16 2024-01-31        NaT
    2  专班 2024-02-01 2024-02-15 2024-02-09
    """
    return cadence.by_window(ledger, parameters).dropna(subset="project_id").reset_index(drop=True)


@keyed_by("input")
def inputs(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each input as last reported this year, and the month in which least of it was secured.

    Returns
    -------
    pandas.DataFrame
        One row per input: the columns of `labour.coverage_by_month` but the counts, `month` the last one
        reported; `worst_month` and `worst_pct` (`Decimal`).

    Examples
    --------
    >>> inputs = report.only("H08").metrics.profile.inputs()
    >>> inputs[["input", "unit", "needed", "secured", "worst_month", "worst_pct"]]
      input  unit needed secured worst_month        worst_pct
    0    人    人  220.0   152.0     2024-02  34.545454545455
    1    钱  亿元   4.95   4.851     2024-02  93.995510662177
    """
    rows = labour.coverage_by_month(ledger, parameters)
    last = rows.drop_duplicates("input", keep="last").set_index("input")
    known = rows[rows["secured_pct"].notna()]
    worst = known.assign(place=known["secured_pct"].astype("Float64")).sort_values(
        "place", kind="stable"
    )
    worst = worst.drop_duplicates("input").set_index("input").reindex(last.index)
    columns = ["month", "unit", "needed", "secured", "shortfall", "secured_pct"]
    frame = last[columns].assign(worst_month=worst["month"], worst_pct=worst["secured_pct"])
    order = in_order(frame.index, "input", parameters)
    return frame.reindex(order).rename_axis("input").reset_index()


@keyed_by("field", "approved_on")
def changes(ledger: Ledger) -> pd.DataFrame:
    """Return every change approved so far, by day.

    Returns
    -------
    pandas.DataFrame
        `field`, `old`, `new`, `reason`, `approved_by`, `approved_on`.

    Examples
    --------
    >>> report.only("H09").metrics.profile.changes()[["field", "old", "new"]]
          field                           old                           new
    0  月度计划  6月0.7866亿元，8月0.8748亿元  6月0.6866亿元，8月0.9748亿元
    """
    rows = ledger.changes[happened(ledger.changes["approved_on"], ledger)]
    columns = ["field", "old", "new", "reason", "approved_by", "approved_on"]
    return rows.sort_values(["approved_on", "field"])[columns].reset_index(drop=True)


def _own(frame: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    return frame[frame["project_id"].isin(ledger.projects["project_id"])].reset_index(drop=True)


def _in_period(frame: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return projects with what was invested and planned in the period's months."""
    months, plan = ledger.period.months, ledger.plan
    has_plan = plan.loc[plan["month"].str.startswith(f"{ledger.period.year}-"), "project_id"]
    sums = {}
    for name, table, column in (
        ("invested_month", ledger.progress, "invested"),
        ("planned_month", plan, "planned_investment"),
    ):
        rows = table[table["month"].isin(months)]
        sums[name] = frame["project_id"].map(rows.groupby("project_id")[column].sum())
    invested, planned = (amount.astype("Int64").fillna(0) for amount in sums.values())
    return frame.assign(
        invested_month=invested, planned_month=planned.where(frame["project_id"].isin(has_plan))
    )


def _open_first(rows: pd.DataFrame, since: str, ledger: Ledger) -> pd.DataFrame:
    rows = _followed(rows, "closed_on", ledger)
    is_closed = rows["closed_on"].notna()
    return rows.assign(is_closed=is_closed).sort_values(
        ["is_closed", since], kind="stable", ignore_index=True
    )


def _followed(rows: pd.DataFrame, done: str, ledger: Ledger) -> pd.DataFrame:
    """Return rows with a `due_on` with how each stands.

    `status`: `done` by its day, `late_done`, `overdue` (due by the period's end and not done), `to_come`;
    `days_late` (`Int64`): to the day it was done or the period's end, missing unless late.
    """
    done_on = rows[done].where(happened(rows[done], ledger))
    is_done = done_on.notna()
    late = done_on.gt(rows["due_on"])
    overdue = ~is_done & happened(rows["due_on"], ledger)
    status = np.select(
        [is_done & late, is_done, overdue], ["late_done", "done", "overdue"], "to_come"
    )
    days = (done_on.fillna(period_end(ledger)) - rows["due_on"]).dt.days.astype("Int64")
    return rows.assign(
        **{done: done_on},
        status=pd.Series(status, index=rows.index, dtype="str"),
        days_late=days.where(late | overdue),
    )
