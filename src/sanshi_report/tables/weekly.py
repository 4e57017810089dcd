"""A lead official's week: his projects, and what is raised, solved, overdue and coming."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.table import Record, Table, plain
from sanshi_report.tables.tasks import days, some, task_words
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
    problems, items = "raised closed open_problems late_problems", "overdue coming"
    meetings = "held missed owed_next"
    counts = f"projects red yellow {problems} {items} {meetings}"
    shared = {"problems": problems, "items": items, "meetings": meetings}
    return Table(
        summary,
        f"lead_official {counts}",
        "tbl-summary",
        parameters,
        language,
        titles={"coming": say("weekly.coming", language)},
        under={say(f"weekly.under_{name}", language): below for name, below in shared.items()},
        says={"lead_official": lambda row: _name(row["lead_official"], language)} | some(counts),
        right=counts,
    )


def week_projects(
    own: pd.DataFrame,
    projects: pd.DataFrame,
    meetings: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> list[Table]:
    """Tabulate each official's projects: progress, light, and this week's meetings.

    Parameters
    ----------
    own : DataFrame
        Rows of `metrics.weekly.summary`: a table for each official.
    projects, meetings : DataFrame
        `metrics.weekly.projects` and `meetings`.
    """
    said = _meetings(meetings, parameters, language)
    frame = projects.assign(meetings=projects["project_id"].map(said))

    def table(number: int, official: str) -> Table:
        return Table(
            frame[frame["lead_official"].eq(official)].reset_index(drop=True),
            "name kind invested_ytd completion_pct gap_points physical_pct light meetings",
            f"tbl-projects-{number}",
            parameters,
            language,
            titles={name: say(f"weekly.{key}", language) for name, key in _TITLES},
            says={
                "kind": lambda row: _stage(row, parameters, language),
                "meetings": lambda row: plain(row["meetings"]),
            },
        )

    return [
        table(number, official) for number, official in enumerate(own["lead_official"], start=1)
    ]


_TITLES = (("kind", "stage"), ("meetings", "meetings"))


def week_items(
    own: pd.DataFrame, items: pd.DataFrame, parameters: Parameters, language: Language
) -> list[Table | None]:
    """Tabulate each official's problems of the week, what is overdue, and what falls due next week.

    Parameters
    ----------
    own : DataFrame
        Rows of `metrics.weekly.summary`: a table for each official, None where there is nothing; groups that
        are empty are left out, for the prose before it says so.
    items : DataFrame
        `metrics.weekly.items`.
    """

    def table(number: int, official: str) -> Table | None:
        rows = items[items["lead_official"].eq(official)].reset_index(drop=True)
        if rows.empty:
            return None
        present = set(rows["group"])
        return Table(
            rows,
            "name kind task owner due_on group",
            f"tbl-items-{number}",
            parameters,
            language,
            titles={"group": say("weekly.state", language)},
            says=task_words(parameters, language)
            | {"group": lambda row: _state(row, parameters, language)},
            group="group",
            groups=[name for name in _GROUPS if name in present],
        )

    return [
        table(number, official) for number, official in enumerate(own["lead_official"], start=1)
    ]


def _stage(row: Record, parameters: Parameters, language: Language) -> str:
    """Return how far a project is: continuing, to start, started or completed, and when."""

    def said(stage: str, name: str) -> str:
        day = days(name, parameters, language)(row)
        return say(f"weekly.stage_{stage}", language, day=day)

    if pd.notna(row["completed_on"]):
        return said("completed", "completed_on")
    if row["kind"] == "continuing":
        return say("weekly.stage_continuing", language)
    if pd.notna(row["started_on"]):
        return said("started", "started_on")
    return said("planned", "planned_start")


def _meetings(meetings: pd.DataFrame, parameters: Parameters, language: Language) -> dict[str, str]:
    """Return in words, by project, which bodies missed a meeting this week, or how many were held."""
    said = {}
    for project, rows in meetings.groupby("project_id"):
        missed = [
            say(
                "weekly.meeting_missed",
                language,
                level=parameters.term(row["level"], language),
                n=Count(row["missed"]),
            )
            for row in rows[rows["missed"].gt(0)].to_dict("records")
        ]
        held = Count(rows["held"].sum())
        kept = say("weekly.meeting_kept", language, held=held) if held else style.MISSING
        said[str(project)] = style.listed(missed, language) or kept
    return said


def _state(row: Record, parameters: Parameters, language: Language) -> str:
    if pd.notna(row["closed_on"]):
        day = days("closed_on", parameters, language)(row)
        return say("weekly.state_closed", language, day=day)
    if pd.isna(row["days_overdue"]):
        return say("weekly.state_coming", language)
    late = Count(row["days_overdue"])
    return say(f"weekly.state_{'overdue' if late else 'today'}", language, days=late)


def _name(official: Any, language: Language) -> str:
    return plain(official) if official else say("weekly.nobody", language)
