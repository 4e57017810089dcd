"""The annexed registers of all projects; new builds and continuing projects never in one table."""

from __future__ import annotations

import pandas as pd

from sanshi_report.style import Language, say
from sanshi_report.tables.rating import light_rules
from sanshi_report.tables.table import Table, word
from sanshi_report.workspace import Parameters

__all__ = ["continuing_projects", "new_projects"]

_WHO = "name county scope total_investment lead_official task_force responsible_unit"


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
    amounts = invested.rename(columns={"scope_value": "project_id"})[["project_id", "invested_ytd"]]
    frame = register.merge(_described(projects), on="project_id", how="left", validate="1:1")
    frame = frame.merge(amounts, on="project_id", how="left", validate="1:1")
    return Table(
        frame,
        f"{_WHO} planned_start groundbreaking_on started_on invested_ytd planned_completion light",
        "tbl-new-projects",
        say("prose.tbl_new_projects", language),
        parameters,
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
    frame = by_project.merge(_described(projects), on="project_id", how="left", validate="1:1")
    this_year = "annual_plan invested_month invested_ytd"
    return Table(
        frame,
        f"{_WHO} {this_year} completion_pct gap_points light to_better_points",
        "tbl-continuing-projects",
        say("prose.tbl_continuing_projects", language),
        parameters,
        language,
        under={word("this_year", language): this_year},
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
