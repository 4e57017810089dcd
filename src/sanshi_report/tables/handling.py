"""What is being dealt with: nodes, assigned actions, problems, incidents."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = ["actions", "incidents", "nodes", "problems"]


def actions(follow_up: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate how the actions assigned by meetings were carried out.

    Parameters
    ----------
    follow_up : DataFrame
        `metrics.problems.follow_up`.
    """
    heads = Heads(parameters, language)

    def status(row: dict[str, Any]) -> str:
        word = heads.word(f"action_{row['status']}")
        if pd.isna(row["days_overdue"]):
            return word
        return heads.word("with_days", word=word, days=Count(row["days_overdue"]))

    return Table(
        follow_up,
        (
            heads.text("name", "project"),
            Column("content", heads.word("action"), _content, of_row=True),
            heads.term("owner", "responsible_unit"),
            heads.day("meeting_on", "assigned_on"),
            heads.day("due_on", "due_on"),
            Column("status", heads.word("handling"), status, of_row=True),
        ),
        "tbl-actions",
        say("prose.tbl_actions", language),
        language,
    )


def problems(open_problems: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the open problems by tier, the highest first.

    Parameters
    ----------
    open_problems : DataFrame
        `metrics.problems.open_problems`.
    """
    heads = Heads(parameters, language)

    def problem(row: dict[str, Any]) -> str:
        category = parameters.term(row["category"], language)
        return heads.word("of_category", category=category, text=plain(row["description"]))

    sizes = open_problems["tier"].value_counts(sort=False)
    tiers = {
        str(value): heads.word(
            "tier_group", tier=parameters.term(str(value), language), count=Count(count)
        )
        for value, count in sizes.items()
    }
    return Table(
        open_problems,
        (
            heads.text("name", "project"),
            Column("description", heads.word("description"), problem, of_row=True),
            heads.term("owner", "responsible_unit"),
            heads.day("due_on"),
            heads.number("days_overdue"),
            heads.text("progress", "handling"),
        ),
        "tbl-problems",
        say("prose.tbl_problems", language),
        language,
        group="tier",
        groups=tiers,
    )


def nodes(
    overdue: pd.DataFrame, due_next: pd.DataFrame, parameters: Parameters, language: Language
) -> Table:
    """Tabulate the nodes overdue, and those due next month.

    Parameters
    ----------
    overdue, due_next : DataFrame
        `metrics.nodes.overdue` and `metrics.nodes.due_next`.
    """
    heads = Heads(parameters, language)
    days = pd.Series(pd.NA, index=due_next.index, dtype="Int64")
    coming = due_next.assign(days_overdue=days, list="next")
    frame = pd.concat([overdue.assign(list="overdue"), coming], ignore_index=True)
    return Table(
        frame,
        (
            heads.text("name", "project"),
            heads.text("node"),
            heads.term("responsible_unit"),
            heads.day("due_on", "planned_on"),
            heads.number("days_overdue"),
        ),
        "tbl-nodes",
        say("prose.tbl_nodes", language),
        language,
        group="list",
        groups={
            "overdue": heads.word("nodes_overdue", count=Count(len(overdue))),
            "next": heads.word("nodes_next", count=Count(len(due_next))),
        },
    )


def incidents(so_far: pd.DataFrame, parameters: Parameters, language: Language) -> Table | None:
    """Tabulate this year's safety, quality and integrity incidents; nothing where there is none.

    Parameters
    ----------
    so_far : DataFrame
        `metrics.incidents.so_far`.
    """
    if so_far.empty:
        return None
    heads = Heads(parameters, language)

    def closed(row: dict[str, Any]) -> str:
        if pd.isna(row["closed_on"]):
            return heads.word("incident_open")
        return heads.word("incident_closed", day=style.day(row["closed_on"], language, year=False))

    return Table(
        so_far,
        (
            heads.text("name", "project"),
            heads.term("incident"),
            heads.text("severity"),
            heads.day("occurred_on"),
            heads.text("description", "incident_description"),
            Column("closed_on", heads.word("handling"), closed, of_row=True),
        ),
        "tbl-incidents",
        say("prose.tbl_incidents", language),
        language,
    )


def _content(row: dict[str, Any]) -> str:
    """Return what was assigned; the project's name, often written before it, has its own column."""
    return plain(row["content"]).removeprefix(f"{plain(row['name'])}：")
