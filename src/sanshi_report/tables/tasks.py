"""What is to be done, by whom and by when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.columns import column
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.table import Record, Says, Table, plain, word
from sanshi_report.workspace import Parameters

__all__ = [
    "days",
    "kind_or_total",
    "levels",
    "meetings_owed",
    "project_name",
    "some",
    "task_matrix",
    "task_volume",
    "task_words",
    "tasks_by_owner",
    "tasks_by_project",
]

_KINDS = ("start", "permit", "node", "investment", "problem", "action", "meeting")


def task_volume(
    by_kind: pd.DataFrame, whole: pd.DataFrame, parameters: Parameters, language: Language
) -> Table:
    """Tabulate next month's tasks by type, with the total.

    Parameters
    ----------
    by_kind, whole : DataFrame
        `metrics.workload.volume`, by kind and over all.
    """
    frame = pd.concat([by_kind, whole], ignore_index=True)
    return Table(
        frame.assign(is_total=frame["scope_value"] == ""),
        "scope_value listed overdue coming",
        "tbl-volume",
        parameters,
        language,
        titles={"scope_value": say("task_list.kind", language)},
        says={"scope_value": kind_or_total(language)},
        total="is_total",
    )


def task_matrix(by_project: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate how many tasks of each type every project has.

    Parameters
    ----------
    by_project : DataFrame
        `metrics.workload.by_project`.
    """
    counts = " ".join(f"{kind}_tasks" for kind in _KINDS) + " listed overdue"
    return Table(
        by_project,
        f"name {counts} to_invest",
        "tbl-matrix",
        parameters,
        language,
        titles={"listed": word("total", language)},
        says={"name": project_name(language)} | some(counts),
        right=counts,
    )


def tasks_by_owner(
    listed: pd.DataFrame, by_owner: pd.DataFrame, parameters: Parameters, language: Language
) -> Table:
    """Tabulate next month's tasks owner by owner, to be signed for.

    Parameters
    ----------
    listed : DataFrame
        `metrics.workload.without_meetings` of the list.
    by_owner : DataFrame
        `metrics.workload.volume(..., "owner")` of the same, whose order is kept.
    """
    return _list(
        listed,
        "name kind task",
        "owners",
        parameters,
        language,
        group="owner",
        groups=list(by_owner["scope_value"]),
    )


def tasks_by_project(
    listed: pd.DataFrame, by_project: pd.DataFrame, parameters: Parameters, language: Language
) -> Table:
    """Tabulate next month's tasks project by project, for the task forces to sign.

    Parameters
    ----------
    listed : DataFrame
        `metrics.workload.without_meetings` of the list.
    by_project : DataFrame
        `metrics.workload.by_project` of the same, whose order is kept.
    """
    rows = by_project[by_project["listed"].gt(0)].to_dict("records")
    groups = [_group(row) for row in rows]
    frame = listed.assign(place=listed["project_id"].fillna(""))
    return _list(
        frame, "task kind owner", "projects", parameters, language, group="place", groups=groups
    )


def meetings_owed(meetings: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the meetings each project's bodies owe next month, to be signed for.

    Parameters
    ----------
    meetings : DataFrame
        `metrics.workload.meetings` of the list.
    """
    numbered = levels(meetings, parameters, language)
    titles = {
        f"{what}_{number}": say(f"task_list.level_{what}", language, level=level)
        for number, level in numbered
        for what in ("owner", "owed")
    }
    return Table(
        meetings,
        " ".join(["name", *titles, "project_id"]),
        "tbl-meetings",
        parameters,
        language,
        titles=titles | _signature(language),
        says={"project_id": lambda _: ""},
    )


def task_words(parameters: Parameters, language: Language) -> dict[str, Says]:
    """Return the words of the columns that say what a task is: its type, and itself."""

    def task(row: Record) -> str:
        match row["kind"]:
            case "start":
                return say("task_list.task_start", language)
            case "permit":
                name = parameters.term(row["task"], language)
                return say("task_list.task_permit", language, task=name)
            case "investment":
                amount, target = (
                    style.money(row[name], language) for name in ("to_invest", "to_reach")
                )
                return say("task_list.task_investment", language, amount=amount, target=target)
            case "meeting":
                level = parameters.term(row["task"], language)
                return say(
                    "task_list.task_meeting", language, level=level, n=Count(row["meetings"])
                )
            case _:
                return plain(row["task"]).removeprefix(f"{plain(row['name'])}：")

    return {"kind": lambda row: say(f"task_list.kind_{row['kind']}", language), "task": task}


def _list(
    frame: pd.DataFrame,
    columns: str,
    name: str,
    parameters: Parameters,
    language: Language,
    **groups: Any,
) -> Table:
    """Return a list of tasks, with the day it asks for, and for what was overdue the day first set."""

    def first(row: Record) -> str:
        if not row["is_overdue"] or row["original_due_on"] == row["due_on"]:
            return ""
        return days("original_due_on", parameters, language)(row)

    return Table(
        frame,
        f"{columns} due_on original_due_on project_id",
        f"tbl-{name}",
        parameters,
        language,
        titles=_signature(language),
        says=task_words(parameters, language)
        | {"name": project_name(language), "original_due_on": first, "project_id": lambda _: ""},
        **groups,
    )


def days(name: str, parameters: Parameters, language: Language) -> Callable[[Record], str]:
    """Return how a day of a row is said."""
    return lambda row: style.shown(row[name], column(name), language, year=parameters.period.year)


def _signature(language: Language) -> dict[str, str]:
    """Return the heading of an empty column to sign in."""
    return {"project_id": say("task_list.signature", language)}


def kind_or_total(language: Language) -> Says:
    """Return how a type of task is called in a column that says so for the total."""
    return lambda row: word(
        f"task_list.kind_{row['scope_value']}" if row["scope_value"] else "total", language
    )


def levels(
    meetings: pd.DataFrame, parameters: Parameters, language: Language
) -> list[tuple[int, str]]:
    """Return the number and name of each project level of the cadence that the meetings have."""
    levels = [rule.level for rule in parameters.programme.cadence if rule.scope == "project"]
    named = enumerate((parameters.term(level, language) for level in levels), start=1)
    return [(number, level) for number, level in named if f"owner_{number}" in meetings]


def some(names: str) -> dict[str, Says]:
    """Return counts in which none is left blank, so that what there is stands out."""
    return {name: _count(name) for name in names.split()}


def _count(name: str) -> Says:
    return lambda row: style.count(row[name]) if row[name] else ""


def project_name(language: Language) -> Says:
    """Return a project's name, or what tasks of no project stand under."""
    return lambda row: _named(row["name"], language)


def _named(name: Any, language: Language) -> str:
    text = plain(name)
    return say("task_list.no_project", language) if text == style.MISSING else text


def _group(row: Record) -> str:
    return "" if pd.isna(row["project_id"]) else str(row["project_id"])
