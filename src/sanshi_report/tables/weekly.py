"""A lead official's week: his projects, and what is raised, solved, overdue and coming."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.heads import Heads, light_rules
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.tables.tasks import task_columns
from sanshi_report.workspace import Parameters

__all__ = ["week_items", "week_projects", "week_summary"]

_GROUPS = ("new", "closed", "overdue", "coming", "open")


def week_summary(summary: pd.DataFrame, parameters: Parameters, language: Language) -> Table | None:
    """Tabulate every official's week in numbers; nothing for one official alone.

    Parameters
    ----------
    summary : DataFrame
        `metrics.weekly.summary`.
    """
    if len(summary) < 2:
        return None
    heads = Heads(parameters, language)

    def some(name: str, under: str = "") -> Column:
        above = heads.word(f"weekly.under_{under}") if under else ""
        title = heads.word(f"weekly.{name}")
        return Column(name, title, lambda n: style.count(n) if n else "", "number", above)

    return Table(
        summary,
        (
            Column("lead_official", heads.word("lead_official"), lambda name: _name(name, heads)),
            some("projects"),
            some("red"),
            some("yellow"),
            *(
                some(name, "problems")
                for name in ("raised", "closed", "open_problems", "late_problems")
            ),
            *(some(name, "items") for name in ("overdue", "coming")),
            *(some(name, "meetings") for name in ("held", "missed", "owed_next")),
        ),
        "tbl-summary",
        say("weekly.tbl_summary", language),
        language,
        notes=(say("weekly.note_counts", language),),
    )


def week_projects(
    projects: pd.DataFrame,
    meetings: pd.DataFrame,
    officials: list[str],
    parameters: Parameters,
    language: Language,
) -> list[Table]:
    """Tabulate each official's projects: progress, light, and this week's meetings.

    Parameters
    ----------
    projects, meetings : DataFrame
        `metrics.weekly.projects` and `meetings`.
    officials : list of str
        A table for each of them.
    """
    heads = Heads(parameters, language)
    frame = projects.assign(meetings=projects["project_id"].map(_meetings(meetings, heads)))

    def table(number: int, official: str) -> Table:
        return Table(
            frame[frame["lead_official"].eq(official)].reset_index(drop=True),
            (
                heads.text("name", "project"),
                Column("kind", heads.word("weekly.stage"), lambda row: _stage(row, heads), of_row=True),
                heads.money("invested_ytd", "weekly.invested"),
                heads.pct("completion_pct", "completion_pct"),
                heads.points("gap_points", "weekly.gap"),
                Column("physical_pct", heads.word("weekly.physical"), _physical, "number"),
                heads.light(),
                heads.text("meetings", "weekly.meetings"),
            ),
            f"tbl-projects-{number}",
            say("weekly.tbl_projects", language, name=_name(official, heads)),
            language,
            notes=light_rules(parameters, language, "progress", "starts") if number == 1 else (),
        )  # fmt: skip

    return [table(number, official) for number, official in enumerate(officials, start=1)]


def week_items(
    items: pd.DataFrame, officials: list[str], parameters: Parameters, language: Language
) -> list[Table | None]:
    """Tabulate each official's problems of the week, what is overdue, and what falls due next week.

    Parameters
    ----------
    items : DataFrame
        `metrics.weekly.items`.
    officials : list of str
        A table for each of them, None where there is nothing; groups that are empty are left out, for the
        prose before it says so.
    """
    heads = Heads(parameters, language)
    kind, task = task_columns(heads)

    def table(number: int, official: str) -> Table | None:
        own = items[items["lead_official"].eq(official)].reset_index(drop=True)
        if own.empty:
            return None
        sizes = own["group"].value_counts(sort=False)
        groups = {
            name: heads.word(f"weekly.group_{name}", n=Count(sizes[name]))
            for name in _GROUPS
            if name in sizes.index
        }
        return Table(
            own,
            (
                heads.text("name", "project"),
                kind,
                task,
                heads.term("owner", "task_list.owner"),
                heads.day("due_on", "task_list.due_on"),
                Column("group", heads.word("weekly.state"), lambda row: _state(row, heads), of_row=True),
            ),
            f"tbl-items-{number}",
            say("weekly.tbl_items", language, name=_name(official, heads)),
            language,
            group="group",
            groups=groups,
        )  # fmt: skip

    return [table(number, official) for number, official in enumerate(officials, start=1)]


def _stage(row: dict[str, Any], heads: Heads) -> str:
    """Return how far a project is: continuing, to start, started or completed, and when."""
    if pd.notna(row["completed_on"]):
        return heads.word("weekly.stage_completed", day=_day(row["completed_on"], heads))
    if row["kind"] == "continuing":
        return heads.word("weekly.stage_continuing")
    if pd.notna(row["started_on"]):
        return heads.word("weekly.stage_started", day=_day(row["started_on"], heads))
    return heads.word("weekly.stage_planned", day=_day(row["planned_start"], heads))


def _physical(value: Any) -> str:
    return style.MISSING if pd.isna(value) else f"{value:g}%"


def _meetings(meetings: pd.DataFrame, heads: Heads) -> dict[str, str]:
    """Return in words, by project, which bodies missed a meeting this week, or how many were held."""
    said = {}
    for project, rows in meetings.groupby("project_id"):
        missed = [
            heads.word(
                "weekly.meeting_missed",
                level=heads.parameters.term(row["level"], heads.language),
                n=Count(row["missed"]),
            )
            for row in rows[rows["missed"].gt(0)].to_dict("records")
        ]
        held = Count(rows["held"].sum())
        kept = heads.word("weekly.meeting_kept", held=held) if held else style.MISSING
        said[str(project)] = style.listed(missed, heads.language) or kept
    return said


def _state(row: dict[str, Any], heads: Heads) -> str:
    if pd.notna(row["closed_on"]):
        return heads.word("weekly.state_closed", day=_day(row["closed_on"], heads))
    if pd.isna(row["days_overdue"]):
        return heads.word("weekly.state_coming")
    days = Count(row["days_overdue"])
    return heads.word("weekly.state_overdue" if days else "weekly.state_today", days=days)


def _day(value: Any, heads: Heads) -> str:
    away = bool(pd.notna(value)) and value.year != heads.parameters.period.year
    return style.day(value, heads.language, year=away, short=True)


def _name(official: Any, heads: Heads) -> str:
    return plain(official) if official else heads.word("weekly.nobody")
