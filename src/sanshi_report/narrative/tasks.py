"""The task list in words: what became of last month's, and what the coming month asks for."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.narrative.prose import Prose, Voice, fact
from sanshi_report.style import Count, Language, escape_markdown
from sanshi_report.workspace import Parameters

__all__ = [
    "finished_lead",
    "last_tasks",
    "meetings_lead",
    "next_tasks",
    "owners_lead",
    "projects_lead",
    "tasks_opening",
]

_NAMED = 3


def tasks_opening(ledger: Ledger, parameters: Parameters, language: Language) -> Prose:
    """Return the lead: what the list is for, how it is made, as known when."""
    voice = Voice(parameters, language)
    about = parameters.programme.programme
    lead = voice(
        "task_list.opening",
        programme=about.name[language],
        month=_words(parameters, language),
        end=style.day(parameters.period.following.end, language),
        known=voice.moment(ledger.as_of),
    )
    sample = voice("sample_data") if about.data_status == "sample" else ""
    return Prose(voice.paragraphs(voice("addressees"), voice.joined(lead, sample)))


def last_tasks(
    scored: pd.DataFrame,
    whole: pd.DataFrame,
    by_owner: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return what became of last month's list, and who left the most undone.

    Parameters
    ----------
    scored : DataFrame
        `metrics.workload.carried` of the scored list.
    whole, by_owner : DataFrame
        `metrics.tasks.tally`, over all and by owner.
    """
    voice = Voice(parameters, language)
    month = style.month(parameters.period.months[-1], language)
    heading = voice("task_list.head_last", month=month)
    if scored.empty:
        return Prose(voice.paragraphs(heading, voice("task_list.last_none", month=month)))
    row = whole.iloc[0]
    numbers = {name: Count(row[name]) for name in ("listed", "done", "late", "not_done", "dropped")}
    share = style.pct(row["done_pct"])
    counts = voice("task_list.last_counts", month=month, done_pct=share, **numbers)
    undone = scored[scored["status"] == "not_done"]
    if undone.empty:
        text = voice.joined(counts, voice("task_list.last_all_done"))
        return Prose(voice.paragraphs(heading, text))
    carried = voice(
        "task_list.last_carried",
        carried=Count(scored["is_carried"].sum()),
        month=_words(parameters, language),
    )
    kinds = voice(
        "task_list.last_kinds",
        parts=_kinds(undone["kind"].value_counts(sort=False), "not_done", voice),
    )
    most = by_owner[by_owner["not_done"].gt(0)].sort_values(
        "not_done", ascending=False, kind="stable"
    )
    owners = _owners(most, "not_done", "task_list.last_owners", voice)
    return Prose(voice.paragraphs(heading, voice.joined(counts, kinds, carried), owners))


def next_tasks(
    listed: pd.DataFrame,
    whole: pd.DataFrame,
    by_kind: pd.DataFrame,
    by_owner: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return what the coming month asks for: how much, which starts, how much money, of whom the most.

    Parameters
    ----------
    listed : DataFrame
        `metrics.tasks.due_next`.
    whole, by_kind, by_owner : DataFrame
        `metrics.workload.volume` of it, over all, by kind and by owner.
    """
    voice = Voice(parameters, language)
    month = _words(parameters, language)
    heading = voice("task_list.head_next", month=month)
    if listed.empty:
        return Prose(voice.paragraphs(heading, voice("task_list.next_none", month=month)))
    row = whole.iloc[0]
    numbers = {name: Count(row[name]) for name in ("listed", "overdue", "coming")}
    parts = _kinds(by_kind.set_index("scope_value")["listed"], "listed", voice)
    counts = voice("task_list.next_counts", month=month, parts=parts, **numbers)
    begun = listed[listed["kind"] == "start"]
    begun = begun.rename(columns={"owner": "responsible_unit"})
    items = [voice.named(row, "task_list.named") for row in _rows(begun)]
    starts = voice("task_list.next_starts", items=voice.listed(items)) if items else ""
    late = by_owner[by_owner["overdue"].gt(0)]
    owners = _owners(late, "overdue", "task_list.next_owners", voice)
    to_invest = listed[listed["kind"] == "investment"]
    money = _money(to_invest, voice)
    facts = {"projects": len(to_invest), "to_invest": to_invest["to_invest"].sum()}
    totals = pd.DataFrame([facts]).astype("Int64")
    text = voice.paragraphs(heading, counts, starts, money, owners)
    return Prose(text, "data-money", totals)


def owners_lead(parameters: Parameters, language: Language) -> Prose:
    """Return the heading and lead of the list by owner."""
    return _lead("owners", _words(parameters, language), parameters, language)


def projects_lead(parameters: Parameters, language: Language) -> Prose:
    """Return the heading and lead of the list by project."""
    return _lead("projects", _words(parameters, language), parameters, language)


def meetings_lead(listed: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return the heading of the meetings owed, and how many there are.

    Parameters
    ----------
    listed : DataFrame
        `metrics.tasks.due_next`.
    """
    own = listed[listed["kind"].eq("meeting") & listed["project_id"].notna()]
    totals = pd.DataFrame({"owed": [own["meetings"].sum()]}).astype("Int64")
    month = _words(parameters, language)
    lead = _lead("meetings", month, parameters, language, owed=Count(totals["owed"].iloc[0]))
    return Prose(lead.said, "data-meetings", totals)


def finished_lead(parameters: Parameters, language: Language) -> Prose:
    """Return the heading and lead of what was done in time last month."""
    month = style.month(parameters.period.months[-1], language)
    return _lead("finished", month, parameters, language)


def _lead(
    name: str, month: str, parameters: Parameters, language: Language, **values: Any
) -> Prose:
    voice = Voice(parameters, language)
    heading = voice(f"task_list.head_{name}", month=month)
    return Prose(voice.paragraphs(heading, voice(f"task_list.{name}_lead", **values)))


def _money(rows: pd.DataFrame, voice: Voice) -> str:
    if rows.empty:
        return ""
    most = rows.sort_values("to_invest", ascending=False, kind="stable").head(_NAMED)
    items = [
        voice(
            "task_list.named_amount",
            name=escape_markdown(row["name"]),
            to_invest=voice.money(row["to_invest"]),
        )
        for row in most.to_dict("records")
    ]
    return voice(
        "task_list.next_money",
        projects=Count(len(rows)),
        to_invest=voice.money(rows["to_invest"].sum()),
        items=voice.listed(items),
    )


def _kinds(counts: pd.Series, column: str, voice: Voice) -> str:
    parts = [
        voice(
            "task_list.count_of",
            name=voice(f"task_list.kind_{kind}"),
            n=fact(column, Count(n)),
        )
        for kind, n in counts.items()
    ]
    return voice.listed(parts)


def _owners(rows: pd.DataFrame, column: str, key: str, voice: Voice) -> str:
    """Name those with the most, and everyone who has as many as the last of them."""
    if rows.empty:
        return ""
    least = rows[column].iloc[min(_NAMED, len(rows)) - 1]
    items = [
        voice(
            "task_list.owner_of",
            name=voice.term(row["scope_value"]),
            n=fact(column, Count(row[column])),
        )
        for row in rows[rows[column].ge(least)].to_dict("records")
    ]
    return voice(key, items=voice.listed(items))


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


def _words(parameters: Parameters, language: Language) -> str:
    """Return the month a list is for, with its year where it is not the report's."""
    month = parameters.period.following
    if month.year != parameters.period.year:
        return style.period_words(month, language)
    return style.month(str(month), language)
