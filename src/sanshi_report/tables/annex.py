"""The annexed registers of all projects; new builds and continuing projects never in one table."""

from __future__ import annotations

import pandas as pd

from sanshi_report.style import Language
from sanshi_report.tables.progress import sectors_in
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
        parameters,
        language,
        group="sector",
        groups=sectors_in(frame, parameters),
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
        parameters,
        language,
        under={word("this_year", language): this_year},
        group="sector",
        groups=sectors_in(frame, parameters),
        wide=True,
    )


def _described(projects: pd.DataFrame) -> pd.DataFrame:
    return projects[["project_id", "scope", "total_investment", "planned_completion"]]
