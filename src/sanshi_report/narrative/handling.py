"""What is being dealt with, in words: assigned actions, problems, incidents, nodes."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from sanshi_report import style
from sanshi_report.narrative.prose import Prose, Voice, fact, stacked
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
    parts = [
        voice(f"actions_{code}", n=fact(code, number)) for code, number in found.items() if number
    ]
    new = int(follow_up["is_new"].sum())
    counts = voice(
        "actions_counts",
        actions=Count(len(follow_up)),
        parts=voice("comma").join(parts),
        newly=Count(new),
    )
    overdue = follow_up[follow_up["status"] == "overdue"]
    owners = _owners(overdue, voice, "actions_owners")
    said = voice.section("actions", voice("head_actions_list"), voice.joined(counts, owners))
    whole = pd.DataFrame([{"actions": len(follow_up), "newly": new, **found}])
    return _with(said, "data-actions", whole, _by_owner(overdue))


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
        problems_closed_target=Count(whole["raised"]),
        problems_closed=Count(whole["closed"]),
        problems_closed_gap=Count(whole["open"]),
        problems_overdue=Count(whole["overdue"]),
    )
    tiers = open_problems["tier"].value_counts(sort=False)
    parts = [
        voice("tier_count", tier=voice.term(str(tier)), n=fact("open", Count(n)))
        for tier, n in tiers.items()
    ]
    said_of_tiers = voice("problems_tiers", parts=voice.listed(parts)) if parts else ""
    late = open_problems[open_problems["is_overdue"].astype(bool)]
    owners = _owners(late, voice, "problems_owners")
    said = voice.section(
        "problems", voice("head_problems_list"), voice.joined(counts, said_of_tiers), owners
    )
    by_tier = tiers.rename_axis("tier").reset_index(name="open")
    return _with(said, "data-problems", summary, by_tier, _by_owner(late))


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
    values = {"newly": new, "incidents_count": Count(len(so_far)), "open": unresolved}
    closing = voice("incidents_open" if unresolved else "incidents_all_closed", **values)
    key = "incidents_new" if new else "incidents_no_new"
    said = voice.section("incidents", voice(key, closing=closing, **values))
    return _with(said, "data-incidents", pd.DataFrame([values]))


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
        "nodes_overdue": Count(len(overdue)),
        "next": Count(len(due_next)),
    }
    late = voice("nodes_overdue" if len(overdue) else "nodes_no_overdue", **values)
    coming = voice("nodes_next" if len(due_next) else "nodes_no_next", **values)
    said = voice.section("nodes", voice.joined(late, coming))
    facts = {name: values[name] for name in ("nodes_overdue", "next")}
    return _with(said, "data-nodes", pd.DataFrame([facts]))


def _owners(late: pd.DataFrame, voice: Voice, key: str) -> str:
    """Name who is late and with how many, the most first."""
    parts = [
        voice(
            f"{key}_count",
            owner=voice.term(str(row["owner"])),
            n=fact("overdue", Count(row["overdue"])),
        )
        for row in _by_owner(late).to_dict("records")
    ]
    return voice(key, items=voice.listed(parts)) if parts else ""


def _by_owner(late: pd.DataFrame) -> pd.DataFrame:
    """Return with how many each owner is late, the most first."""
    found = late["owner"].value_counts(sort=False).sort_values(ascending=False, kind="stable")
    return found.rename_axis("owner").reset_index(name="overdue")


def _with(said: Prose, label: str, *facts: pd.DataFrame) -> Prose:
    """Return prose with the figures it states: of all, then of parts."""
    return replace(said, label=label, data=stacked(*facts))
