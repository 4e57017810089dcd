"""Whose tasks they are: a list of `tasks` by owner and project, and its meetings side by side."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.tasks import KINDS
from sanshi_report.workspace import Parameters

__all__ = ["by_project", "carried", "meetings", "volume", "without_meetings"]


@keyed_by("scope_value")
def volume(listed: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return how many tasks there are and how many of them are overdue already.

    Parameters
    ----------
    listed : pandas.DataFrame
        `tasks.due_next`.
    by : str or None
        `kind`, `owner` or `project_id`; tasks without one are left out.

    Returns
    -------
    pandas.DataFrame
        `scope_value` (empty for all) and `Int64`: `listed` = `overdue` + `coming`. Kinds stand in their
        own order, others with the most overdue first, then the most listed.

    Examples
    --------
    >>> listed = report.metrics.tasks.due_next()
    >>> report.metrics.workload.volume(listed, "kind").head(3)
      scope_value  listed  overdue  coming
    0       start       4        3       1
    1      permit      15        9       6
    2        node      46       19      27
    """
    keys = listed[by] if by else pd.Series("", index=listed.index)
    facts = pd.DataFrame({"listed": 1, "overdue": listed["is_overdue"].astype("int64")})
    sums = facts.groupby(keys, sort=False).sum()
    if by == "kind":
        sums = sums.reindex([kind for kind in KINDS if kind in sums.index])
    elif by:
        sums = sums.sort_values(["overdue", "listed"], ascending=False, kind="stable")
    else:
        sums = sums.reindex([""], fill_value=0)
    frame = sums.assign(coming=sums["listed"] - sums["overdue"]).astype("Int64")
    frame.index = pd.Index(frame.index, dtype="str", name="scope_value")
    return frame.reset_index()


@keyed_by("project_id")
def by_project(listed: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return how many tasks of each kind every project has.

    Returns
    -------
    pandas.DataFrame
        Every project in the register's order, then, if there are any, the tasks on no project in a row
        without `project_id`: `project_id`, `name`, `task_force`, `responsible_unit`; `Int64` counts, one
        for each of `tasks.KINDS`, such as `permit_tasks`; `listed`, their sum; `overdue`; `to_invest`, fen,
        missing where the
        project is at pace.

    Examples
    --------
    >>> listed = report.metrics.tasks.due_next()
    >>> projects = report.metrics.workload.by_project(listed, report.ledger)
    >>> projects[["project_id", "node_tasks", "investment_tasks", "listed", "overdue"]].head(2)
      project_id  node_tasks  investment_tasks  listed  overdue
    0        H01           2                 1       5        2
    1        H02           1                 1       4        0
    """
    keys = listed["project_id"].fillna("")
    counts = (
        pd.crosstab(keys, listed["kind"])
        .reindex(columns=list(KINDS), fill_value=0)
        .add_suffix("_tasks")
    )
    counts["listed"] = counts.sum(axis=1)
    counts["overdue"] = listed["is_overdue"].astype("int64").groupby(keys).sum()
    register = ledger.projects.set_index("project_id")
    rows = [*register.index, *[""] * ("" in counts.index)]
    frame = counts.reindex(rows, fill_value=0).astype("Int64")
    frame["to_invest"] = listed["to_invest"].groupby(keys).sum(min_count=1).reindex(rows)
    frame.columns.name = None
    frame = register[["name", "task_force", "responsible_unit"]].reindex(rows).join(frame)
    frame.index = pd.Index(rows, dtype="str", name="project_id")
    frame = frame.reset_index()
    return frame.assign(project_id=frame["project_id"].replace("", None).astype("str"))


@keyed_by("project_id")
def meetings(listed: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return the meetings of each project's bodies, one project a row.

    Parameters
    ----------
    listed : pandas.DataFrame
        `tasks.due_next`, or a `tasks.score` of one.

    Returns
    -------
    pandas.DataFrame
        `project_id`, `name`, and for the n-th project level of the cadence, counted from 1: `owner_n`,
        `owed_n` (`Int64`), and of a scored list `met_n` (`Int64`) and `status_n`. A body that owes none
        has them missing.

    Examples
    --------
    >>> listed = report.metrics.tasks.due_next()
    >>> report.metrics.workload.meetings(listed, report.parameters).head(2)
      project_id                      name       owner_1  owed_1   owner_2  owed_2
    0        H01      示例新材料一体化项目  示例第一专班       2  示例甲局       4
    1        H02  示例装备制造园区（一期）  示例第二专班       2  示例甲局       4
    """
    rows = listed[listed["kind"].eq("meeting") & listed["project_id"].notna()]
    frame = rows[["project_id", "name"]].drop_duplicates("project_id").reset_index(drop=True)
    levels = [rule.level for rule in parameters.programme.cadence if rule.scope == "project"]
    names = {"owner": "owner", "meetings": "owed", "met": "met", "status": "status"}
    for number, level in enumerate(levels, start=1):
        own = rows[rows["task"].eq(level)].set_index("project_id")
        for column, name in names.items():
            if column in own:
                frame[f"{name}_{number}"] = (
                    frame["project_id"].map(own[column]).astype(own[column].dtype)
                )
    return frame


@keyed_by("key")
def without_meetings(listed: pd.DataFrame) -> pd.DataFrame:
    """Return a list without the meetings of the projects' own bodies, which `meetings` has.

    Examples
    --------
    >>> listed = report.metrics.tasks.due_next()
    >>> items = report.metrics.workload.without_meetings(listed)
    >>> items[["key", "owner", "due_on", "is_overdue"]].head(2)
             key         owner     due_on  is_overdue
    0  start:X05  示例戊县政府 2024-07-31        True
    1  start:X04  示例丙县政府 2024-07-31        True
    """
    is_own = listed["kind"].eq("meeting") & listed["project_id"].notna()
    return listed[~is_own].reset_index(drop=True)


@keyed_by("key")
def carried(scored: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Return a scored list with `is_carried`: not done, and on the list that follows it.

    Meetings missed are not made up for: a later list's are others.

    Examples
    --------
    >>> last_list = report.metrics.tasks.last_list()
    >>> scored = report.metrics.tasks.score(last_list)
    >>> listed = report.metrics.tasks.due_next()
    >>> carried = report.metrics.workload.carried(scored, listed)
    >>> carried[["key", "status", "is_carried"]].head(3)
             key    status  is_carried
    0  start:X05  not_done        True
    1  start:X04  not_done        True
    2  start:X15      done       False
    """
    is_open = scored["status"].eq("not_done") & scored["kind"].ne("meeting")
    return scored.assign(is_carried=is_open & scored["key"].isin(listed["key"]))
