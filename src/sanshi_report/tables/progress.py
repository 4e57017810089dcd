"""How the programme stands: the main indicators, starts, investment by group, and the ranking."""

from __future__ import annotations

import pandas as pd

from sanshi_report.style import Language
from sanshi_report.tables.table import Record, Table, light, word
from sanshi_report.workspace import Parameters

__all__ = ["groups", "overview", "ranking", "sectors_in", "starts"]

_MAIN = (
    "starts.milestone", "investment.ytd", "investment.completion_pct", "nodes.done",
    "permits.granted", "problems.closed", "actions.closed", "completions.done",
    "commissioning.done", "incidents.count",
)  # fmt: skip


def overview(kpis: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the main indicators of the whole programme: target, actual, gap.

    Parameters
    ----------
    kpis : DataFrame
        `metrics.kpis`.
    """
    whole = kpis[(kpis["scope"] == "portfolio") & kpis["kpi"].isin(_MAIN)]
    rows = whole.set_index("kpi").reindex([code for code in _MAIN if code in set(whole["kpi"])])
    return Table(
        rows.reset_index()[["kpi", "unit", "target", "actual", "gap", "status"]],
        "kpi unit target actual gap status",
        "tbl-overview",
        parameters,
        language,
        titles={"status": word("light", language)},
        says={"status": lambda row: light(row["status"], language)},
    )


def starts(register: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the new builds due and not started, and those started early.

    Parameters
    ----------
    register : DataFrame
        `metrics.starts.register`.
    """
    late = register[register["is_due_not_started"]].assign(list="late")
    early = register[register["is_early"]].assign(list="early")
    late = late.sort_values(["planned_start", "project_id"])
    early = early.sort_values(["started_on", "project_id"])
    return Table(
        pd.concat([late, early], ignore_index=True),
        "name sector county responsible_unit planned_start started_on days_late light",
        "tbl-starts",
        parameters,
        language,
        group="list",
        groups=("late", "early"),
    )


def groups(
    by_sector: pd.DataFrame,
    by_tier: pd.DataFrame,
    total: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Table:
    """Tabulate the continuing projects' investment by sector, in total, and of that by tier.

    Parameters
    ----------
    by_sector, by_tier, total : DataFrame
        `metrics.investment.by_group` and `total`.
    """
    frame = pd.concat(
        [by_sector.assign(by="sector"), total.assign(by="total"), by_tier.assign(by="tier")],
        ignore_index=True,
    )

    def name(row: Record) -> str:
        if row["by"] == "total":
            return word("total", language)
        value = parameters.term(row["scope_value"], language)
        return word("of_which", language, value=value) if row["by"] == "tier" else value

    return Table(
        frame.assign(is_total=frame["by"] == "total"),
        "scope_value projects annual_plan invested_month invested_ytd completion_pct gap_points light",
        "tbl-groups",
        parameters,
        language,
        says={"scope_value": name},
        total="is_total",
    )


def ranking(by_project: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the continuing projects by place within their sector.

    Parameters
    ----------
    by_project : DataFrame
        `metrics.investment.by_project`.
    """
    frame = by_project.sort_values(["rank_in_sector", "project_id"], na_position="last")
    columns = [
        "sector", "rank_in_sector", "project_id", "name", "responsible_unit", "annual_plan",
        "invested_month", "invested_ytd", "completion_pct", "completion_change_points", "pace_pct",
        "gap_points", "light",
    ]  # fmt: skip
    return Table(
        frame[columns].reset_index(drop=True),
        "name rank_in_sector responsible_unit annual_plan invested_ytd completion_pct "
        "completion_change_points gap_points light",
        "tbl-ranking",
        parameters,
        language,
        group="sector",
        groups=sectors_in(by_project, parameters),
    )


def sectors_in(frame: pd.DataFrame, parameters: Parameters) -> list[str]:
    """Return the sectors that a frame has, in the order of the parameters."""
    present = set(frame["sector"])
    return [term.value for term in parameters.programme.sectors if term.value in present]
