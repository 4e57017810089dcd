"""What is to be done, by whom and by when, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = [
    "finished",
    "meetings_held",
    "meetings_owed",
    "outcome",
    "outcome_owners",
    "task_columns",
    "task_matrix",
    "task_volume",
    "tasks_by_owner",
    "tasks_by_project",
    "unfinished",
]

SYMBOLS = {"done": "●", "late": "▲", "not_done": "■", "dropped": "—"}
_COUNTS = ("listed", "done", "late", "not_done", "dropped")
_KINDS = ("start", "permit", "node", "investment", "problem", "action", "meeting")


def outcome(
    by_kind: pd.DataFrame, whole: pd.DataFrame, parameters: Parameters, language: Language
) -> Table:
    """Tabulate what became of last month's list by type, with the total.

    Parameters
    ----------
    by_kind, whole : DataFrame
        `metrics.tasks.tally`, by kind and over all.
    """
    heads = Heads(parameters, language)
    frame = pd.concat([by_kind, whole], ignore_index=True)
    return Table(
        frame.assign(is_total=frame["scope_value"] == ""),
        (_kinds_or_total(heads), *_outcome_columns(heads)),
        "tbl-outcome",
        _caption("tbl_outcome", _last(parameters), language),
        language,
        total="is_total",
        notes=(say("task_list.note_outcome", language),),
    )


def outcome_owners(by_owner: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the owners who left something undone or were late, the most undone first.

    Parameters
    ----------
    by_owner : DataFrame
        `metrics.tasks.tally(..., "owner")`.
    """
    heads = Heads(parameters, language)
    some = by_owner[by_owner["not_done"].gt(0) | by_owner["late"].gt(0)]
    some = some.sort_values(["not_done", "late"], ascending=False, kind="stable")
    return Table(
        some.reset_index(drop=True),
        (heads.term("scope_value", "task_list.owner"), *_outcome_columns(heads)),
        "tbl-outcome-owners",
        _caption("tbl_outcome_owners", _last(parameters), language),
        language,
        notes=(say("task_list.note_owners_done", language),) if len(some) < len(by_owner) else (),
    )


def unfinished(scored: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate last month's tasks that were not done, and those done late.

    Parameters
    ----------
    scored : DataFrame
        `metrics.workload.carried` of a scored list.
    """
    return _scored(scored, ("not_done", "late"), "unfinished", parameters, language)


def finished(scored: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate last month's tasks that were done in time, and those dropped.

    Parameters
    ----------
    scored : DataFrame
        `metrics.workload.carried` of a scored list.
    """
    return _scored(scored, ("done", "dropped"), "finished", parameters, language)


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
        (_kinds_or_total(heads), *counts),
        "tbl-volume",
        _caption("tbl_volume", _next(parameters), language),
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
    counts = [_some(heads, kind, f"task_list.kind_{kind}") for kind in _KINDS]
    return Table(
        by_project,
        (
            Column("name", heads.word("project"), lambda name: _name(name, heads)),
            *counts,
            _some(heads, "listed", "total"),
            _some(heads, "overdue", "task_list.overdue"),
            heads.money("to_invest", "task_list.to_invest"),
        ),
        "tbl-matrix",
        _caption("tbl_matrix", _next(parameters), language),
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
    project = Column("name", heads.word("project"), lambda name: _name(name, heads))
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
    for number, level in _levels(meetings, parameters, language):
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
        _caption("tbl_meetings", _next(parameters), language),
        language,
    )


def meetings_held(meetings: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate how many of last month's meetings each project's bodies held.

    Parameters
    ----------
    meetings : DataFrame
        `metrics.workload.meetings` of the scored list.
    """
    heads = Heads(parameters, language)

    def column(number: int, level: str) -> Column:
        def show(row: dict[str, Any]) -> str:
            status = row[f"status_{number}"]
            if plain(status) == style.MISSING:
                return style.MISSING
            held, owed = style.count(row[f"held_{number}"]), style.count(row[f"owed_{number}"])
            word = _status(status, heads)
            return heads.word("task_list.held_of_owed", held=held, owed=owed, status=word)

        title = heads.word("task_list.level_held", level=level)
        return Column(f"held_{number}", title, show, of_row=True)

    columns = [column(number, level) for number, level in _levels(meetings, parameters, language)]
    return Table(
        meetings,
        (heads.text("name", "project"), *columns),
        "tbl-meetings-held",
        _caption("tbl_meetings_held", _last(parameters), language),
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
        _plainly(frame),
        tuple(columns),
        f"tbl-{name}",
        _caption(f"tbl_{name}", _next(parameters), language),
        language,
        group=group,
        groups=groups,
        notes=(say("task_list.note_overdue", language),),
    )


def _scored(
    scored: pd.DataFrame,
    statuses: Sequence[str],
    name: str,
    parameters: Parameters,
    language: Language,
) -> Table:
    heads = Heads(parameters, language)
    frame = _plainly(scored[scored["status"].isin(statuses)].reset_index(drop=True))
    groups = {
        status: heads.word(
            "task_list.group_of",
            name=_status(status, heads),
            n=Count((frame["status"] == status).sum()),
        )
        for status in statuses
    }
    return Table(
        frame,
        (
            Column("name", heads.word("project"), lambda name: _name(name, heads)),
            *task_columns(heads),
            heads.term("owner", "task_list.owner"),
            heads.day("due_on", "task_list.due_on"),
            Column(
                "status",
                heads.word("task_list.result"),
                lambda row: _result(row, heads),
                of_row=True,
            ),
        ),
        f"tbl-{name}",
        _caption(f"tbl_{name}", _last(parameters), language),
        language,
        group="status",
        groups=groups,
        notes=(say("task_list.note_unfinished", language),) if name == "unfinished" else (),
    )


def _result(row: dict[str, Any], heads: Heads) -> str:
    """Return when a task was done, or how far it came and what happens next."""
    language = heads.language
    year = heads.parameters.period.year

    def day(value: Any) -> str:
        return style.day(value, language, year=value.year != year, short=True)

    parts = []
    if pd.notna(row["done_on"]):
        late = row["status"] == "late"
        days = Count((row["done_on"] - row["due_on"]).days)
        key = "task_list.result_late" if late else "task_list.result_on"
        parts.append(heads.word(key, day=day(row["done_on"]), days=days))
    if row["kind"] == "investment":
        amount = style.money(row["invested_ytd"], language)
        parts.append(heads.word("task_list.result_invested", amount=amount))
    if pd.notna(row["held"]):
        held, owed = Count(row["held"]), Count(row["meetings"])
        parts.append(heads.word("task_list.result_held", held=held, owed=owed))
    if row["status"] == "not_done" and pd.notna(row["now_due_on"]):
        parts.append(heads.word("task_list.result_moved", day=day(row["now_due_on"])))
    if row["is_carried"]:
        parts.append(heads.word("task_list.result_carried"))
    return say("prose.comma", language).join(parts) or _status(row["status"], heads)


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


def _outcome_columns(heads: Heads) -> tuple[Column, ...]:
    counts = (heads.number(name, f"task_list.{name}") for name in _COUNTS)
    return (*counts, heads.pct("done_pct", "task_list.done_pct"))


def _kinds_or_total(heads: Heads) -> Column:
    def show(kind: str) -> str:
        return heads.word(f"task_list.kind_{kind}" if kind else "total")

    return Column("scope_value", heads.word("task_list.kind"), show)


def _levels(
    meetings: pd.DataFrame, parameters: Parameters, language: Language
) -> list[tuple[int, str]]:
    """Return the number and name of each project level of the cadence that the meetings have."""
    levels = [rule.level for rule in parameters.programme.cadence if rule.scope == "project"]
    named = enumerate((parameters.term(level, language) for level in levels), start=1)
    return [(number, level) for number, level in named if f"owner_{number}" in meetings]


def _plainly(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a list with its amounts under names that tell them from the KPI table's."""
    names = {"amount": "to_invest", "target": "to_reach", "actual": "invested_ytd"}
    return frame.rename(columns=names)


def _some(heads: Heads, name: str, title: str) -> Column:
    """Return a column of counts in which none is left blank, so that what there is stands out."""
    return Column(name, heads.word(title), lambda n: style.count(n) if n else "", "number")


def _status(status: Any, heads: Heads) -> str:
    return f"{SYMBOLS[status]} {heads.word(f'task_list.{status}')}"


def _name(name: Any, heads: Heads) -> str:
    text = plain(name)
    return heads.word("task_list.no_project") if text == style.MISSING else text


def _group(row: dict[Any, Any]) -> str:
    return "" if pd.isna(row["project_id"]) else str(row["project_id"])


def _project_head(row: dict[Any, Any], heads: Heads) -> str:
    name, n = _name(row["name"], heads), Count(row["listed"])
    if plain(row["task_force"]) == style.MISSING:
        return heads.word("task_list.group_of", name=name, n=n)
    return heads.word("task_list.group_project", name=name, force=plain(row["task_force"]), n=n)


def _last(parameters: Parameters) -> str:
    return parameters.period.months[-1]


def _next(parameters: Parameters) -> str:
    return str(parameters.period.following)


def _caption(key: str, month: str, language: Language) -> str:
    return say(f"task_list.{key}", language, month=style.month(month, language))
