"""What is being dealt with: nodes, assigned actions, problems, incidents."""

from __future__ import annotations

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language
from sanshi_report.tables.table import Record, Table, plain, word
from sanshi_report.workspace import Parameters

__all__ = ["actions", "incidents", "nodes", "problems"]


def actions(follow_up: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate how the actions assigned by meetings were carried out.

    Parameters
    ----------
    follow_up : DataFrame
        `metrics.problems.follow_up`.
    """

    def status(row: Record) -> str:
        said = word(f"action_{row['status']}", language)
        if pd.isna(row["days_overdue"]):
            return said
        return word("with_days", language, word=said, days=Count(row["days_overdue"]))

    return Table(
        follow_up,
        "name content owner meeting_on due_on status",
        "tbl-actions",
        parameters,
        language,
        says={"content": _content, "status": status},
    )


def problems(open_problems: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the open problems by tier, the highest first; those closed since, by the cutoff, are left out.

    Parameters
    ----------
    open_problems : DataFrame
        `metrics.problems.open_problems`.
    """
    open_problems = open_problems[open_problems["closed_after"].isna()].reset_index(drop=True)

    def problem(row: Record) -> str:
        category = parameters.term(row["category"], language)
        return word("of_category", language, category=category, text=plain(row["description"]))

    return Table(
        open_problems,
        "name description owner due_on days_overdue progress",
        "tbl-problems",
        parameters,
        language,
        says={"description": problem},
        group="tier",
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
    days = pd.Series(pd.NA, index=due_next.index, dtype="Int64")
    coming = due_next.assign(days_overdue=days, list="next")
    frame = pd.concat([overdue.assign(list="overdue"), coming], ignore_index=True)
    return Table(
        frame,
        "name node responsible_unit due_on days_overdue",
        "tbl-nodes",
        parameters,
        language,
        group="list",
        groups=("overdue", "next"),
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

    def closed(row: Record) -> str:
        if pd.isna(row["closed_on"]):
            return word("incident_open", language)
        day = style.day(row["closed_on"], language, year=False)
        return word("incident_closed", language, day=day)

    return Table(
        so_far,
        "name incident severity occurred_on description closed_on",
        "tbl-incidents",
        parameters,
        language,
        titles={
            "description": word("incident_description", language),
            "closed_on": word("handling", language),
        },
        says={
            "closed_on": closed,
        },
    )


def _content(row: Record) -> str:
    """Return what was assigned; the project's name, often written before it, has its own column."""
    return plain(row["content"]).removeprefix(f"{plain(row['name'])}：")
