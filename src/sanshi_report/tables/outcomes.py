"""What became of what was to be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.tables.tasks import (
    caption,
    kinds_or_total,
    levels,
    project_name,
    task_columns,
)
from sanshi_report.workspace import Parameters

__all__ = ["finished", "meetings_held", "outcome", "outcome_owners", "unfinished"]

_SYMBOLS = {"done": "●", "late": "▲", "not_done": "■", "dropped": "—"}
_COUNTS = ("listed", "done", "late", "not_done", "dropped")


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
        (kinds_or_total(heads), *_outcome_columns(heads)),
        "tbl-outcome",
        caption("tbl_outcome", _last(parameters), language),
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
        caption("tbl_outcome_owners", _last(parameters), language),
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
            held, owed = style.count(row[f"met_{number}"]), style.count(row[f"owed_{number}"])
            word = _status(status, heads)
            return heads.word("task_list.held_of_owed", held=held, owed=owed, status=word)

        title = heads.word("task_list.level_held", level=level)
        return Column(f"met_{number}", title, show, of_row=True)

    columns = [column(number, level) for number, level in levels(meetings, parameters, language)]
    return Table(
        meetings,
        (heads.text("name", "project"), *columns),
        "tbl-meetings-held",
        caption("tbl_meetings_held", _last(parameters), language),
        language,
    )


def _scored(
    scored: pd.DataFrame,
    statuses: Sequence[str],
    name: str,
    parameters: Parameters,
    language: Language,
) -> Table:
    heads = Heads(parameters, language)
    frame = scored[scored["status"].isin(statuses)].reset_index(drop=True)
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
            Column("name", heads.word("project"), lambda name: project_name(name, heads)),
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
        caption(f"tbl_{name}", _last(parameters), language),
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
    if pd.notna(row["met"]):
        held, owed = Count(row["met"]), Count(row["meetings"])
        parts.append(heads.word("task_list.result_held", held=held, owed=owed))
    if row["status"] == "not_done" and pd.notna(row["now_due_on"]):
        parts.append(heads.word("task_list.result_moved", day=day(row["now_due_on"])))
    if row["is_carried"]:
        parts.append(heads.word("task_list.result_carried"))
    return say("prose.comma", language).join(parts) or _status(row["status"], heads)


def _outcome_columns(heads: Heads) -> tuple[Column, ...]:
    counts = (heads.number(name, f"task_list.{name}") for name in _COUNTS)
    return (*counts, heads.pct("done_pct", "task_list.done_pct"))


def _status(status: Any, heads: Heads) -> str:
    return f"{_SYMBOLS[status]} {heads.word(f'task_list.{status}')}"


def _last(parameters: Parameters) -> str:
    return parameters.period.months[-1]
