"""The annexed registers of all projects; new builds and continuing projects never in one table."""

from __future__ import annotations

import pandas as pd

from sanshi_report.style import Language, say
from sanshi_report.tables.heads import Heads, light_rules
from sanshi_report.tables.table import Table
from sanshi_report.workspace import Parameters

__all__ = ["continuing_projects", "new_projects"]


def new_projects(
    register: pd.DataFrame,
    invested: pd.DataFrame,
    projects: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Table:
    """Tabulate every new build.

    Parameters
    ----------
    register : DataFrame
        `metrics.starts.register`.
    invested : DataFrame
        `metrics.investment.new_builds(..., "project")`.
    projects : DataFrame
        The ledger's projects, for scope, total investment and planned completion.
    """
    heads = Heads(parameters, language)
    amounts = invested.rename(columns={"scope_value": "project_id"})[["project_id", "invested_ytd"]]
    frame = register.merge(_described(projects), on="project_id", how="left", validate="1:1")
    frame = frame.merge(amounts, on="project_id", how="left", validate="1:1")
    return Table(
        frame,
        (
            heads.text("name", "project"),
            heads.county(),
            heads.text("scope"),
            heads.money("total_investment"),
            heads.text("lead_official"),
            heads.text("task_force"),
            heads.term("responsible_unit"),
            heads.day("planned_start"),
            heads.day("groundbreaking_on"),
            heads.day("started_on"),
            heads.money("invested_ytd"),
            heads.day("planned_completion"),
            heads.light(),
        ),
        "tbl-new-projects",
        say("prose.tbl_new_projects", language),
        language,
        group="sector",
        groups=_sectors(frame, parameters, language),
        notes=(say("prose.note_scope", language), *light_rules(parameters, language, "starts")),
        wide=True,
    )


def continuing_projects(
    by_project: pd.DataFrame, projects: pd.DataFrame, parameters: Parameters, language: Language
) -> Table:
    """Tabulate every continuing project.

    Parameters
    ----------
    by_project : DataFrame
        `metrics.investment.by_project`.
    projects : DataFrame
        The ledger's projects, for scope, total investment and planned completion.
    """
    heads = Heads(parameters, language)
    frame = by_project.merge(_described(projects), on="project_id", how="left", validate="1:1")
    return Table(
        frame,
        (
            heads.text("name", "project"),
            heads.county(),
            heads.text("scope"),
            heads.money("total_investment"),
            heads.text("lead_official"),
            heads.text("task_force"),
            heads.term("responsible_unit"),
            heads.money("annual_plan", under="this_year"),
            heads.money("invested_month", under="this_year"),
            heads.money("invested_ytd", under="this_year"),
            heads.pct("completion_pct"),
            heads.points("gap_points"),
            heads.light(),
            heads.points("to_better_points"),
        ),
        "tbl-continuing-projects",
        say("prose.tbl_continuing_projects", language),
        language,
        group="sector",
        groups=_sectors(frame, parameters, language),
        notes=(
            say("prose.note_scope", language),
            say("prose.note_to_better", language),
            *light_rules(parameters, language, "progress"),
        ),
        wide=True,
    )


def _described(projects: pd.DataFrame) -> pd.DataFrame:
    return projects[["project_id", "scope", "total_investment", "planned_completion"]]


def _sectors(frame: pd.DataFrame, parameters: Parameters, language: Language) -> dict[str, str]:
    return {
        term.value: parameters.term(term.value, language)
        for term in parameters.programme.sectors
        if term.value in set(frame["sector"])
    }
