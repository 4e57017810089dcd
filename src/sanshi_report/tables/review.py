"""What a review meeting has before it: what to decide, the main indicators, who is honoured and named."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.table import Record, Table, light, word
from sanshi_report.tables.tasks import task_words
from sanshi_report.workspace import Parameters

__all__ = ["decisions", "other_decisions", "position", "red", "verdicts"]


def decisions(waiting: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate what waits for the highest levels.

    Parameters
    ----------
    waiting : DataFrame
        `metrics.review.decisions`.
    """
    rows = waiting[waiting["is_headquarters"]].reset_index(drop=True)
    return _decisions(rows, "tbl-decisions", parameters, language)


def other_decisions(waiting: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the problems whose time is up and that go to a level below headquarters.

    Parameters
    ----------
    waiting : DataFrame
        `metrics.review.decisions`.
    """
    rows = waiting[~waiting["is_headquarters"]].reset_index(drop=True)
    return _decisions(rows, "tbl-other-decisions", parameters, language)


def _decisions(rows: pd.DataFrame, label: str, parameters: Parameters, language: Language) -> Table:
    def asked(row: Record) -> str:
        tier = parameters.term(row["tier"], language)
        days = Count(0 if pd.isna(row["days_past"]) else row["days_past"])
        return say(f"review_meeting.asked_{row['asked']}", language, tier=tier, days=days)

    return Table(
        rows,
        "name level description owner due_on asked",
        label,
        parameters,
        language,
        titles={
            "description": say("review_meeting.matter", language),
            "due_on": say("review_meeting.promised", language),
        },
        says={"asked": asked},
    )


def position(position: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the main indicators now and at the last review.

    Parameters
    ----------
    position : DataFrame
        `metrics.review.position`.
    """
    return Table(
        position,
        "kpi unit target actual gap actual_before change status",
        "tbl-position",
        parameters,
        language,
        titles={"status": word("light", language)},
        says={"status": lambda row: light(row["status"], language)},
    )


def verdicts(scores: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate who is honoured and who is named by the scoring rule, each kind by itself.

    Parameters
    ----------
    scores : DataFrame
        `metrics.scoring.scores`.
    """
    rows = scores[scores["verdict"].isin(["honour", "criticise"])]
    rows = rows.assign(group=rows["kind"] + " " + rows["verdict"])
    groups = [
        f"{kind} {verdict}"
        for kind in ("continuing", "new_build")
        if scores.loc[scores["kind"].eq(kind), "score"].notna().any()
        for verdict in ("honour", "criticise")
    ]
    return Table(
        rows.sort_values(["rank", "project_id"]).reset_index(drop=True),
        "name sector responsible_unit task_force score rank",
        "tbl-verdicts",
        parameters,
        language,
        says={"rank": lambda row: f"{style.count(row['rank'])}/{style.count(row['of'])}"},
        right="rank",
        group="group",
        groups=groups,
    )


def red(
    red: pd.DataFrame, due: pd.DataFrame, parameters: Parameters, language: Language
) -> list[Table | None]:
    """Tabulate, for each red project, the problems and actions its coming list asks for; None for none.

    Parameters
    ----------
    red, due : DataFrame
        `metrics.review.red` and `due`.
    """
    listed = [(due[due["project_id"].eq(row["project_id"])], row) for row in red.to_dict("records")]
    return [None if rows.empty else _due(rows, row, parameters, language) for rows, row in listed]


def _due(
    rows: pd.DataFrame, project: dict[Any, Any], parameters: Parameters, language: Language
) -> Table:
    return Table(
        rows.reset_index(drop=True),
        "kind task owner original_due_on due_on",
        f"tbl-red-{style.label_part(project['project_id'])}",
        parameters,
        language,
        titles={"due_on": say("review_meeting.asked_by", language)},
        says=task_words(parameters, language),
    )
