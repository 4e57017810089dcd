"""What became of what was to be done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.table import Record, Says, Table, plain
from sanshi_report.tables.tasks import (
    days,
    kind_or_total,
    levels,
    project_name,
    task_words,
)
from sanshi_report.workspace import Parameters

__all__ = ["finished", "meetings_held", "outcome", "outcome_owners", "unfinished"]

_SYMBOLS = {"done": "●", "late": "▲", "not_done": "■", "dropped": "—"}
_COUNTS = "listed done late not_done dropped done_pct"


def outcome(
    by_kind: pd.DataFrame, whole: pd.DataFrame, parameters: Parameters, language: Language
) -> Table:
    """Tabulate what became of last month's list by type, with the total.

    Parameters
    ----------
    by_kind, whole : DataFrame
        `metrics.tasks.tally`, by kind and over all.
    """
    frame = pd.concat([by_kind, whole], ignore_index=True)
    return Table(
        frame.assign(is_total=frame["scope_value"] == ""),
        f"scope_value {_COUNTS}",
        "tbl-outcome",
        parameters,
        language,
        titles={"scope_value": say("task_list.kind", language)},
        says={"scope_value": kind_or_total(language)},
        total="is_total",
    )


def outcome_owners(by_owner: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the owners who left something undone or were late, the most undone first.

    Parameters
    ----------
    by_owner : DataFrame
        `metrics.tasks.tally(..., "owner")`.
    """
    some = by_owner[by_owner["not_done"].gt(0) | by_owner["late"].gt(0)]
    some = some.sort_values(["not_done", "late"], ascending=False, kind="stable")
    return Table(
        some.reset_index(drop=True),
        f"scope_value {_COUNTS}",
        "tbl-outcome-owners",
        parameters,
        language,
        titles={"scope_value": say("task_list.owner", language)},
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

    def held_of_owed(number: int) -> Says:
        def said(row: Record) -> str:
            status = row[f"status_{number}"]
            if plain(status) == style.MISSING:
                return style.MISSING
            held, owed = style.count(row[f"met_{number}"]), style.count(row[f"owed_{number}"])
            told = _status(status, language)
            return say("task_list.held_of_owed", language, held=held, owed=owed, status=told)

        return said

    numbered = levels(meetings, parameters, language)
    titles = {
        f"met_{number}": say("task_list.level_held", language, level=level)
        for number, level in numbered
    }
    return Table(
        meetings,
        " ".join(["name", *titles]),
        "tbl-meetings-held",
        parameters,
        language,
        titles=titles,
        says={f"met_{number}": held_of_owed(number) for number, _ in numbered},
    )


def _scored(
    scored: pd.DataFrame,
    statuses: Sequence[str],
    name: str,
    parameters: Parameters,
    language: Language,
) -> Table:
    frame = scored[scored["status"].isin(statuses)].reset_index(drop=True)
    return Table(
        frame,
        "name kind task owner due_on status",
        f"tbl-{name}",
        parameters,
        language,
        says=task_words(parameters, language)
        | {
            "name": project_name(language),
            "status": lambda row: _result(row, parameters, language),
        },
        group="status",
        groups=statuses,
    )


def _result(row: Record, parameters: Parameters, language: Language) -> str:
    """Return when a task was done, or how far it came and what happens next."""
    parts: list[str] = []
    if pd.notna(row["done_on"]):
        late = row["status"] == "late"
        number = Count((row["done_on"] - row["due_on"]).days)
        key = "task_list.result_late" if late else "task_list.result_on"
        day = days("done_on", parameters, language)(row)
        parts.append(say(key, language, day=day, days=number))
    if row["kind"] == "investment":
        amount = style.money(row["invested_ytd"], language)
        parts.append(say("task_list.result_invested", language, amount=amount))
    if pd.notna(row["met"]):
        held, owed = Count(row["met"]), Count(row["meetings"])
        parts.append(say("task_list.result_held", language, held=held, owed=owed))
    if row["status"] == "not_done" and pd.notna(row["now_due_on"]):
        day = days("now_due_on", parameters, language)(row)
        parts.append(say("task_list.result_moved", language, day=day))
    if row["is_carried"]:
        parts.append(say("task_list.result_carried", language))
    return say("prose.comma", language).join(parts) or _status(row["status"], language)


def _status(status: Any, language: Language) -> str:
    return f"{_SYMBOLS[status]} {say(f'task_list.{status}', language)}"


def _last(parameters: Parameters) -> str:
    return parameters.period.months[-1]
