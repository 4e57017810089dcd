"""What is to be done, by whom and by when."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = [
    "caption",
    "kinds_or_total",
    "levels",
    "meetings_owed",
    "project_name",
    "task_columns",
    "task_matrix",
    "task_volume",
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
    heads = Heads(parameters, language)
    frame = pd.concat([by_kind, whole], ignore_index=True)
    counts = [heads.number(name, f"task_list.{name}") for name in ("listed", "overdue", "coming")]
    return Table(
        frame.assign(is_total=frame["scope_value"] == ""),
        (kinds_or_total(heads), *counts),
        "tbl-volume",
        caption("tbl_volume", _next(parameters), language),
        language,
        total="is_total",
    )


def task_matrix(by_project: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate how many tasks of each type every project has.

    Parameters
    ----------
    by_project : DataFrame
        `metrics.workload.by_project`.
    """
    heads = Heads(parameters, language)
    counts = [_some(heads, f"{kind}_tasks", f"task_list.kind_{kind}") for kind in _KINDS]
    return Table(
        by_project,
        (
            Column("name", heads.word("project"), lambda name: project_name(name, heads)),
            *counts,
            _some(heads, "listed", "total"),
            _some(heads, "overdue", "task_list.overdue"),
            heads.money("to_invest", "task_list.to_invest"),
        ),
        "tbl-matrix",
        caption("tbl_matrix", _next(parameters), language),
        language,
        notes=(say("task_list.note_investment", language),),
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
    heads = Heads(parameters, language)
    groups = {
        row["scope_value"]: heads.word(
            "task_list.group_of",
            name=parameters.term(row["scope_value"], language),
            n=Count(row["listed"]),
        )
        for row in by_owner.to_dict("records")
    }
    project = Column("name", heads.word("project"), lambda name: project_name(name, heads))
    columns = (project, *task_columns(heads), *_asked_for(heads), _signature(heads))
    return _list(listed, columns, "owners", "owner", groups, parameters, language)


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
    heads = Heads(parameters, language)
    some = by_project[by_project["listed"].gt(0)]
    groups = {_group(row): _project_head(row, heads) for row in some.to_dict("records")}
    kind, task = task_columns(heads)
    owner = heads.term("owner", "task_list.owner")
    columns = (task, kind, owner, *_asked_for(heads), _signature(heads))
    frame = listed.assign(place=listed["project_id"].fillna(""))
    return _list(frame, columns, "projects", "place", groups, parameters, language)


def meetings_owed(meetings: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the meetings each project's bodies owe next month, to be signed for.

    Parameters
    ----------
    meetings : DataFrame
        `metrics.workload.meetings` of the list.
    """
    heads = Heads(parameters, language)
    columns: list[Column] = []
    for number, level in levels(meetings, parameters, language):
        columns += [
            Column(f"owner_{number}", heads.word("task_list.level_owner", level=level)),
            Column(
                f"owed_{number}",
                heads.word("task_list.level_owed", level=level),
                style.count,
                "number",
            ),
        ]
    return Table(
        meetings,
        (heads.text("name", "project"), *columns, _signature(heads)),
        "tbl-meetings",
        caption("tbl_meetings", _next(parameters), language),
        language,
    )


def task_columns(heads: Heads) -> tuple[Column, Column]:
    """Return the columns that say what a task is: its type, and itself in words."""

    def words(row: dict[str, Any]) -> str:
        language = heads.language
        match row["kind"]:
            case "start":
                return heads.word("task_list.task_start")
            case "permit":
                name = heads.parameters.term(row["task"], language)
                return heads.word("task_list.task_permit", task=name)
            case "investment":
                amount, target = (
                    style.money(row[name], language) for name in ("to_invest", "to_reach")
                )
                return heads.word("task_list.task_investment", amount=amount, target=target)
            case "meeting":
                level = heads.parameters.term(row["task"], language)
                return heads.word("task_list.task_meeting", level=level, n=Count(row["meetings"]))
            case _:
                return plain(row["task"]).removeprefix(f"{plain(row['name'])}：")

    kind = Column(
        "kind", heads.word("task_list.kind"), lambda kind: heads.word(f"task_list.kind_{kind}")
    )
    return kind, Column("task", heads.word("task_list.task"), words, of_row=True)


def _list(
    frame: pd.DataFrame,
    columns: Iterable[Column],
    name: str,
    group: str,
    groups: dict[str, str],
    parameters: Parameters,
    language: Language,
) -> Table:
    return Table(
        frame,
        tuple(columns),
        f"tbl-{name}",
        caption(f"tbl_{name}", _next(parameters), language),
        language,
        group=group,
        groups=groups,
        notes=(say("task_list.note_overdue", language),),
    )


def _asked_for(heads: Heads) -> tuple[Column, Column]:
    """Return the day a list asks for, and for what was overdue the day first set."""

    def first(row: dict[str, Any]) -> str:
        if not row["is_overdue"] or row["original_due_on"] == row["due_on"]:
            return ""
        day = row["original_due_on"]
        away = day.year != heads.parameters.period.year
        return style.day(day, heads.language, year=away, short=True)

    title = heads.word("task_list.original_due_on")
    return heads.day("due_on", "task_list.due_on"), Column(
        "original_due_on", title, first, of_row=True
    )


def _signature(heads: Heads) -> Column:
    return Column("project_id", heads.word("task_list.signature"), lambda _: "")


def kinds_or_total(heads: Heads) -> Column:
    """Return the column of types, which says so for the total."""

    def show(kind: str) -> str:
        return heads.word(f"task_list.kind_{kind}" if kind else "total")

    return Column("scope_value", heads.word("task_list.kind"), show)


def levels(
    meetings: pd.DataFrame, parameters: Parameters, language: Language
) -> list[tuple[int, str]]:
    """Return the number and name of each project level of the cadence that the meetings have."""
    levels = [rule.level for rule in parameters.programme.cadence if rule.scope == "project"]
    named = enumerate((parameters.term(level, language) for level in levels), start=1)
    return [(number, level) for number, level in named if f"owner_{number}" in meetings]


def _some(heads: Heads, name: str, title: str) -> Column:
    """Return a column of counts in which none is left blank, so that what there is stands out."""
    return Column(name, heads.word(title), lambda n: style.count(n) if n else "", "number")


def project_name(name: Any, heads: Heads) -> str:
    """Return a project's name, or what tasks of no project stand under."""
    text = plain(name)
    return heads.word("task_list.no_project") if text == style.MISSING else text


def _group(row: dict[Any, Any]) -> str:
    return "" if pd.isna(row["project_id"]) else str(row["project_id"])


def _project_head(row: dict[Any, Any], heads: Heads) -> str:
    name, n = project_name(row["name"], heads), Count(row["listed"])
    if plain(row["task_force"]) == style.MISSING:
        return heads.word("task_list.group_of", name=name, n=n)
    return heads.word("task_list.group_project", name=name, force=plain(row["task_force"]), n=n)


def _next(parameters: Parameters) -> str:
    return str(parameters.period.following)


def caption(key: str, month: str, language: Language) -> str:
    """Return the caption of a table about one month, `2024-06`."""
    return say(f"task_list.{key}", language, month=style.month(month, language))
