"""What a review meeting has before it: what to decide, the main indicators, who is honoured and named."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import FEN_PER
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.heads import Heads, light_rules
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = ["decisions", "other_decisions", "position", "red_tables", "scoring_rule", "verdicts"]


def decisions(waiting: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate what waits for the highest levels.

    Parameters
    ----------
    waiting : DataFrame
        `metrics.review.decisions`.
    """
    rows = waiting[waiting["is_headquarters"]].reset_index(drop=True)
    return _decisions(rows, "tbl-decisions", "tbl_decisions", parameters, language)


def other_decisions(waiting: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the problems whose time is up and that go to a level below headquarters.

    Parameters
    ----------
    waiting : DataFrame
        `metrics.review.decisions`.
    """
    rows = waiting[~waiting["is_headquarters"]].reset_index(drop=True)
    return _decisions(rows, "tbl-other-decisions", "tbl_other_decisions", parameters, language)


def _decisions(
    rows: pd.DataFrame, label: str, caption: str, parameters: Parameters, language: Language
) -> Table:
    heads = Heads(parameters, language)

    def asked(row: dict[str, Any]) -> str:
        tier = parameters.term(row["tier"], language)
        days = Count(0 if pd.isna(row["days_past"]) else row["days_past"])
        return heads.word(f"review_meeting.asked_{row['asked']}", tier=tier, days=days)

    return Table(
        rows,
        (
            heads.text("name", "project"),
            heads.term("level", "review_meeting.level"),
            heads.text("description", "review_meeting.matter"),
            heads.term("owner", "review_meeting.owner"),
            heads.day("due_on", "review_meeting.promised"),
            Column("asked", heads.word("review_meeting.why"), asked, of_row=True),
        ),
        label,
        say(f"review_meeting.{caption}", language),
        language,
    )


def position(position: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the main indicators now and at the last review.

    Parameters
    ----------
    position : DataFrame
        `metrics.review.position`.
    """
    heads = Heads(parameters, language)

    def figure(name: str, title: str, *, signed: bool = False) -> Column:
        def show(row: dict[str, Any]) -> str:
            value = row[name]
            if row["unit"] == "亿元":
                fen = None if value is None else int(value * FEN_PER["亿元"])
                return style.yi(fen, language, signed=signed)
            return style.number(value, parameters.kpis[row["kpi"]].decimals, signed=signed)

        return Column(name, heads.word(title), show, "number", of_row=True)

    return Table(
        position,
        (
            Column("kpi", heads.word("kpi"), lambda code: parameters.kpis[code].label[language]),
            Column("unit", heads.word("unit"), lambda unit: heads.word(f"unit_{unit}")),
            figure("target", "kpi_target"),
            figure("actual", "kpi_actual"),
            figure("gap", "kpi_gap", signed=True),
            figure("actual_before", "review_meeting.before"),
            figure("change", "review_meeting.change", signed=True),
            heads.light("status"),
        ),
        "tbl-position",
        say("review_meeting.tbl_position", language),
        language,
        notes=(
            *light_rules(parameters, language, "progress"),
            say("review_meeting.note_before", language),
        ),
    )


def verdicts(scores: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate who is honoured and who is named by the scoring rule, each kind by itself.

    Parameters
    ----------
    scores : DataFrame
        `metrics.scoring.scores`.
    """
    heads = Heads(parameters, language)
    rows = scores[scores["verdict"].isin(["honour", "criticise"])]
    rows = rows.assign(group=rows["kind"] + " " + rows["verdict"])
    groups = {
        f"{kind} {verdict}": heads.word(
            f"review_meeting.{verdict}_{kind}", n=Count(rows["group"].eq(f"{kind} {verdict}").sum())
        )
        for kind in ("continuing", "new_build")
        if scores.loc[scores["kind"].eq(kind), "score"].notna().any()
        for verdict in ("honour", "criticise")
    }
    return Table(
        rows.sort_values(["rank", "project_id"]).reset_index(drop=True),
        (
            heads.text("name", "project"),
            heads.term("sector"),
            heads.term("responsible_unit"),
            heads.text("lead_official"),
            Column(
                "score", heads.word("review_meeting.score"), lambda v: style.number(v, 2), "number"
            ),
            Column("rank", heads.word("review_meeting.place"), _place, "number", of_row=True),
        ),
        "tbl-verdicts",
        say("review_meeting.tbl_verdicts", language),
        language,
        group="group",
        groups=groups,
        notes=(scoring_rule(parameters, language),),
    )


def scoring_rule(parameters: Parameters, language: Language) -> str:
    """Return what honours and what names, with the rule's version."""
    rule = parameters.programme.scoring
    key = "rule_scoring" if rule.honour_despite_incident else "rule_scoring_incident"
    return say(
        f"review_meeting.{key}",
        language,
        version=rule.version,
        honour=style.number(rule.honour_from),
        criticise=style.number(rule.criticise_below),
    )


def _place(row: dict[str, Any]) -> str:
    return f"{style.count(row['rank'])}/{style.count(row['of'])}"


def red_tables(
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
    heads = Heads(parameters, language)

    def task(row: dict[str, Any]) -> str:
        return plain(row["task"]).removeprefix(f"{plain(row['name'])}：")

    return Table(
        rows.reset_index(drop=True),
        (
            Column(
                "kind", heads.word("task_list.kind"), lambda k: heads.word(f"task_list.kind_{k}")
            ),
            Column("task", heads.word("task_list.task"), task, of_row=True),
            heads.term("owner", "task_list.owner"),
            heads.day("original_due_on", "task_list.original_due_on"),
            heads.day("due_on", "review_meeting.asked_by"),
        ),
        f"tbl-red-{style.label_part(project['project_id'])}",
        say("review_meeting.tbl_red", language, name=project["name"]),
        language,
    )
