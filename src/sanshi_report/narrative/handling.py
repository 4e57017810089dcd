"""What is being dealt with, in words: assigned actions, problems, incidents, nodes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sanshi_report import style
from sanshi_report.narrative.prose import Prose, Voice
from sanshi_report.style import Count, Language
from sanshi_report.workspace import Parameters

__all__ = ["actions", "incidents", "nodes", "problems"]


def actions(follow_up: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how assigned actions were carried out, naming who let them lapse.

    Parameters
    ----------
    follow_up : DataFrame
        `metrics.problems.follow_up`.
    """
    voice = Voice(parameters, language)
    if follow_up.empty:
        return voice.section("actions", voice("head_actions_list"), voice("actions_none"))
    found = {code: Count((follow_up["status"] == code).sum()) for code in _ACTIONS}
    parts = [voice(f"actions_{code}", n=number) for code, number in found.items() if number]
    counts = voice(
        "actions_counts",
        total=Count(len(follow_up)),
        parts=voice("comma").join(parts),
        new=Count(follow_up["is_new"].sum()),
    )
    overdue = follow_up[follow_up["status"] == "overdue"]
    owners = _owners(overdue, voice, "actions_owners")
    return voice.section("actions", voice("head_actions_list"), voice.joined(counts, owners))


_ACTIONS = ("done", "late_done", "open", "overdue")


def problems(
    summary: pd.DataFrame, open_problems: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return how many problems were raised, closed and are open, by tier, and who is late.

    Parameters
    ----------
    summary, open_problems : DataFrame
        `metrics.problems.summary` (over all) and `open_problems`.
    """
    voice = Voice(parameters, language)
    whole = summary.iloc[0]
    if not whole["raised"]:
        return voice.section("problems", voice("head_problems_list"), voice("problems_none"))
    key = "problems_open" if len(open_problems) else "problems_all_closed"
    counts = voice(
        key,
        raised=Count(whole["raised"]),
        closed=Count(whole["closed"]),
        open=Count(whole["open"]),
        overdue=Count(whole["overdue"]),
    )
    tiers = open_problems["tier"].value_counts(sort=False)
    parts = [
        voice("tier_count", tier=voice.term(str(tier)), n=Count(n)) for tier, n in tiers.items()
    ]
    by_tier = voice("problems_tiers", parts=voice.listed(parts)) if parts else ""
    late = open_problems[open_problems["is_overdue"].astype(bool)]
    owners = _owners(late, voice, "problems_owners")
    said = voice.section(
        "problems", voice("head_problems_list"), voice.joined(counts, by_tier), owners
    )
    return replace(said, label="data-problems", data=summary)


def incidents(so_far: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return this period's safety, quality and integrity incidents, and this year's.

    Parameters
    ----------
    so_far : DataFrame
        `metrics.incidents.so_far`.
    """
    voice = Voice(parameters, language)
    if so_far.empty:
        return voice.section("incidents", voice("incidents_none"))
    new, unresolved = Count(so_far["is_new"].sum()), Count(so_far["closed_on"].isna().sum())
    values = {"new": new, "total": Count(len(so_far)), "open": unresolved}
    closing = voice("incidents_open" if unresolved else "incidents_all_closed", **values)
    key = "incidents_new" if new else "incidents_no_new"
    return voice.section("incidents", voice(key, closing=closing, **values))


def nodes(
    overdue: pd.DataFrame, due_next: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return the nodes overdue and those of next month.

    Parameters
    ----------
    overdue, due_next : DataFrame
        `metrics.nodes.overdue` and `due_next`.
    """
    voice = Voice(parameters, language)
    following = parameters.period.next().months[0]
    values = {
        "day": voice.day(parameters.period.end),
        "month": style.month(following, language),
        "overdue": Count(len(overdue)),
        "next": Count(len(due_next)),
    }
    late = voice("nodes_overdue" if len(overdue) else "nodes_no_overdue", **values)
    coming = voice("nodes_next" if len(due_next) else "nodes_no_next", **values)
    return voice.section("nodes", voice.joined(late, coming))


def _owners(late: pd.DataFrame, voice: Voice, key: str) -> str:
    """Name who is late and with how many, the most first."""
    found = late["owner"].value_counts(sort=False).sort_values(ascending=False, kind="stable")
    parts = [
        voice(f"{key}_count", owner=voice.term(str(owner)), n=Count(n))
        for owner, n in found.items()
    ]
    return voice(key, items=voice.listed(parts)) if parts else ""
