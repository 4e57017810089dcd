"""How the programme stands: the main indicators, starts, investment by group, and the ranking."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import FEN_PER
from sanshi_report.style import Language, say
from sanshi_report.tables.heads import Heads, light_rules
from sanshi_report.tables.table import Column, Table
from sanshi_report.workspace import Parameters

__all__ = ["groups", "overview", "ranking", "starts"]

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
    heads = Heads(parameters, language)
    whole = kpis[(kpis["scope"] == "portfolio") & kpis["kpi"].isin(_MAIN)]
    rows = whole.set_index("kpi").reindex([code for code in _MAIN if code in set(whole["kpi"])])
    frame = rows.reset_index()[["kpi", "unit", "target", "actual", "gap", "status"]]

    def figure(name: str, *, signed: bool = False) -> Column:
        def show(row: dict[str, Any]) -> str:
            return _figure(row[name], row, parameters, language, signed)

        return Column(name, heads.word(f"kpi_{name}"), show, "number", of_row=True)

    return Table(
        frame,
        (
            Column("kpi", heads.word("kpi"), lambda code: parameters.kpis[code].label[language]),
            Column("unit", heads.word("unit"), lambda unit: heads.word(f"unit_{unit}")),
            figure("target"),
            figure("actual"),
            figure("gap", signed=True),
            heads.light("status"),
        ),
        "tbl-overview",
        say("prose.tbl_overview", language),
        language,
        notes=light_rules(parameters, language, "progress"),
    )


def _figure(
    value: Any, row: dict[str, Any], parameters: Parameters, language: Language, signed: bool
) -> str:
    if row["unit"] == "亿元":
        fen = None if value is None or pd.isna(value) else int(value * FEN_PER["亿元"])
        return style.yi(fen, language, signed=signed)
    return style.number(value, parameters.kpis[row["kpi"]].decimals, signed=signed)


def starts(register: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the new builds due and not started, and those started early.

    Parameters
    ----------
    register : DataFrame
        `metrics.starts.register`.
    """
    heads = Heads(parameters, language)
    late = register[register["is_due_not_started"]].assign(list="late")
    early = register[register["is_early"]].assign(list="early")
    late = late.sort_values(["planned_start", "project_id"])
    early = early.sort_values(["started_on", "project_id"])
    return Table(
        pd.concat([late, early], ignore_index=True),
        (
            heads.text("name", "project"),
            heads.term("sector"),
            heads.county(),
            heads.term("responsible_unit"),
            heads.day("planned_start"),
            heads.day("started_on"),
            heads.number("months_late"),
            heads.light(),
        ),
        "tbl-starts",
        say("prose.tbl_starts", language),
        language,
        group="list",
        groups={
            "late": heads.word("due_not_started", count=style.Count(len(late))),
            "early": heads.word("early", count=style.Count(len(early))),
        },
        notes=light_rules(parameters, language, "starts"),
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
    heads = Heads(parameters, language)
    frame = pd.concat(
        [by_sector.assign(by="sector"), total.assign(by="total"), by_tier.assign(by="tier")],
        ignore_index=True,
    )

    def name(row: dict[str, Any]) -> str:
        if row["by"] == "total":
            return heads.word("total")
        value = parameters.term(row["scope_value"], language)
        return heads.word("of_which", value=value) if row["by"] == "tier" else value

    return Table(
        frame.assign(is_total=frame["by"] == "total"),
        (
            Column("scope_value", heads.word("group"), name, of_row=True),
            heads.number("projects"),
            heads.money("annual_plan", "annual_plan"),
            heads.money("invested_month"),
            heads.money("invested_ytd"),
            heads.pct("completion_pct"),
            heads.points("gap_points"),
            heads.light(),
        ),
        "tbl-groups",
        say("prose.tbl_groups", language),
        language,
        total="is_total",
        notes=light_rules(parameters, language, "progress"),
    )


def ranking(by_project: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the continuing projects by place within their sector.

    Parameters
    ----------
    by_project : DataFrame
        `metrics.investment.by_project`.
    """
    heads = Heads(parameters, language)
    order = [term.value for term in parameters.programme.sectors]
    present = [value for value in order if value in set(by_project["sector"])]
    frame = by_project.sort_values(["rank_in_sector", "project_id"], na_position="last")
    columns = [
        "sector", "rank_in_sector", "project_id", "name", "responsible_unit", "annual_plan",
        "invested_month", "invested_ytd", "completion_pct", "completion_change_points", "pace_pct",
        "gap_points", "light",
    ]  # fmt: skip
    return Table(
        frame[columns].reset_index(drop=True),
        (
            heads.text("name", "project"),
            heads.number("rank_in_sector"),
            heads.term("responsible_unit"),
            heads.money("annual_plan"),
            heads.money("invested_ytd"),
            heads.pct("completion_pct"),
            heads.points("completion_change_points"),
            heads.points("gap_points"),
            heads.light(),
        ),
        "tbl-ranking",
        say("prose.tbl_ranking", language),
        language,
        group="sector",
        groups={value: parameters.term(value, language) for value in present},
        notes=(
            say("prose.note_ranking", language),
            *light_rules(parameters, language, "progress"),
        ),
    )
