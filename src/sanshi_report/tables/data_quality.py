"""The state of the data in tables: who reported, what is empty, what is unusual, row by row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Language, say
from sanshi_report.tables.cells import amount_text, cell_name, cell_text, place_text, table_name
from sanshi_report.tables.table import Record, Table, plain
from sanshi_report.workspace import Parameters

__all__ = ["completeness", "contradictions", "rules", "suspicions", "units"]


def units(by_unit: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate each responsible unit's report of the month.

    Parameters
    ----------
    by_unit : DataFrame
        `metrics.submissions.by_unit`.
    """

    def sender(row: Record) -> str:
        own = row["submitted_by"] == row["responsible_unit"]
        return say("data_quality.itself", language) if own else plain(row["submitted_by"])

    return Table(
        by_unit,
        "responsible_unit projects status received_at submitted_by missing_projects "
        "self_reported_pct gaps suspicions",
        "tbl-units",
        parameters,
        language,
        says={
            "status": lambda row: say(f"data_quality.status_{row['status']}", language),
            "submitted_by": sender,
        },
    )


def completeness(by_table: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the share of recommended cells that are filled.

    Parameters
    ----------
    by_table : DataFrame
        `metrics.completeness.by_table`.
    """

    def weakest(row: Record) -> str:
        if plain(row["weakest"]) == style.MISSING:
            return style.MISSING
        named = cell_name(row["table"], row["weakest"], language)
        number = row["weakest_empty"]
        return say("data_quality.weakest_count", language, column=named, n=number)

    return Table(
        by_table,
        "table rows cells filled filled_pct weakest",
        "tbl-completeness",
        parameters,
        language,
        says={"table": lambda row: table_name(row["table"], language), "weakest": weakest},
    )


def rules(by_report: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the suspicions by rule: this month's, the last report's, and all of the year's.

    Parameters
    ----------
    by_report : DataFrame
        `metrics.suspicion.by_report`.
    """
    return Table(
        by_report,
        "rule suspicions projects suspicions_before suspicions_of_year",
        "tbl-rules",
        parameters,
        language,
        titles={"suspicions": say("data_quality.this_month", language)},
        says={"rule": lambda row: _rule(row["rule"], parameters, language)},
    )


def suspicions(found: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the suspicions one by one, under the rule that gave them.

    Parameters
    ----------
    found : DataFrame
        `metrics.suspicion.suspicions`.
    """
    return Table(
        found,
        "name responsible_unit month figure found origin",
        "tbl-suspicions",
        parameters,
        language,
        says={
            "name": lambda row: _project(row, language),
            "figure": lambda row: cell_name(row["table"], row["figure"], language, row["item"]),
            "found": lambda row: _what(row, parameters.period.year, language),
            "origin": lambda row: place_text(row["origin"], language),
        },
        group="rule",
    )


def contradictions(found: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the contradictions between sources, under the rule that found them, and how each is handled.

    Parameters
    ----------
    found : DataFrame
        `metrics.consistency.register`.
    """
    year = parameters.period.year

    def about(row: Record) -> str:
        item = plain(row["item"])
        if row["rule"] == "last_month":
            return say(f"labels.kind_{item}", language)
        return item if item == style.MISSING else parameters.term(item, language)

    def what(row: Record) -> str:
        rule = row["rule"]
        if rule == "before_stage" and pd.isna(row["found"]):
            rule = "before_stage_untold"
        return say(
            f"consistency.what_{rule}",
            language,
            found=_either(row["found"], row, language, year),
            # What says that a site is stopped is a sentence, and no cell of its figure.
            against=plain(row["against"])
            if rule == "standing_still"
            else _either(row["against"], row, language, year),
            measured=_plain(row["measured"] or Decimal(0)),
        )

    return Table(
        found,
        "name responsible_unit item found handled origin",
        "tbl-contradictions",
        parameters,
        language,
        says={
            "name": lambda row: _project(row, language),
            "item": about,
            "found": what,
            "origin": lambda row: place_text(row["origin"], language),
        },
        group="rule",
        wide=True,
    )


def _either(value: Any, row: Record, language: Language, year: int) -> str:
    """Return a light in words, or what a cell holds."""
    if value in style.LIGHTS:
        return style.light_word(value, language)
    return cell_text(value, row["table"], row["figure"], language, year)


def _project(row: Record, language: Language) -> str:
    known = plain(row["name"])
    return say("data_quality.whole", language) if known == style.MISSING else known


def _rule(rule: str, parameters: Parameters, language: Language) -> str:
    """Return a rule in words, its limit with it."""
    limits = parameters.programme.suspicions
    limit: dict[str, Decimal | int] = {
        "unchanged": limits.unchanged_months,
        "idle": limits.idle_months_after_start,
        "apart": limits.physical_financial_points,
        "moved_late": limits.plan_moved_within_days,
        "self_reported": limits.self_reported_share_pct,
    }
    return say(f"data_quality.group_{rule}", language, limit=_plain(Decimal(limit.get(rule, 0))))


def _what(row: Record, year: int, language: Language) -> str:
    """Return what was found, against what, in a few words."""

    def text(value: Any) -> str:
        return cell_text(value, row["table"], row["figure"], language, year)

    rule = row["rule"]
    if rule == "idle" and pd.isna(row["found"]):
        rule = "idle_old"
    if rule == "moved_late" and row["measured"] < 0:
        rule = "moved_after"
    measured = abs(row["measured"])
    shown = {
        "亿元": lambda: amount_text(measured, language),
        "%": lambda: style.pct(measured),
        "个百分点": lambda: style.number(measured, 1),
    }.get(row["unit"], lambda: _plain(measured))()
    return say(
        f"data_quality.what_{rule}",
        language,
        found=text(row["found"]),
        against=text(row["against"]),
        measured=shown,
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
