"""The state of the data in tables: who reported, what is empty, what is unusual, row by row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Language, say
from sanshi_report.tables.cells import amount_text, cell_name, cell_text, place_text, table_name
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = ["completeness", "rules", "suspicions", "units"]


def units(by_unit: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate each responsible unit's report of the month.

    Parameters
    ----------
    by_unit : DataFrame
        `metrics.submissions.by_unit`.
    """
    heads = Heads(parameters, language)

    def status(value: str) -> str:
        return heads.word(f"data_quality.status_{value}")

    def sender(row: dict[str, Any]) -> str:
        own = row["submitted_by"] == row["responsible_unit"]
        return say("data_quality.itself", language) if own else plain(row["submitted_by"])

    month = style.month(parameters.period.months[-1], language)
    return Table(
        by_unit,
        (
            heads.text("responsible_unit"),
            heads.number("projects"),
            Column("status", heads.word("data_quality.status"), status),
            Column(
                "received_at",
                heads.word("data_quality.received_at"),
                lambda at: style.day(at, language, year=False, short=True),
            ),
            Column("submitted_by", heads.word("data_quality.submitted_by"), sender, of_row=True),
            heads.text("missing_projects", "data_quality.missing_projects"),
            heads.pct("self_reported_pct", "data_quality.self_reported_pct"),
            heads.number("gaps", "data_quality.gaps"),
            heads.number("suspicions", "data_quality.suspicions_count"),
        ),
        "tbl-units",
        say("data_quality.tbl_units", language, month=month),
        language,
        notes=(say("data_quality.note_units", language),),
    )


def completeness(by_table: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the share of recommended cells that are filled.

    Parameters
    ----------
    by_table : DataFrame
        `metrics.completeness.by_table`.
    """
    heads = Heads(parameters, language)

    def weakest(row: dict[str, Any]) -> str:
        if plain(row["weakest"]) == style.MISSING:
            return style.MISSING
        column = cell_name(row["table"], row["weakest"], language)
        return heads.word("data_quality.weakest_count", column=column, n=row["weakest_empty"])

    return Table(
        by_table,
        (
            Column(
                "table",
                heads.word("data_quality.table"),
                lambda table: table_name(table, language),
            ),
            heads.number("rows", "data_quality.rows"),
            heads.number("cells", "data_quality.cells"),
            heads.number("filled", "data_quality.filled"),
            heads.pct("filled_pct", "data_quality.filled_pct"),
            Column("weakest", heads.word("data_quality.weakest"), weakest, of_row=True),
        ),
        "tbl-completeness",
        say("data_quality.tbl_completeness", language),
        language,
    )


def rules(by_report: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the suspicions by rule: this month's, the last report's, and all of the year's.

    Parameters
    ----------
    by_report : DataFrame
        `metrics.suspicion.by_report`.
    """
    heads = Heads(parameters, language)
    return Table(
        by_report,
        (
            Column(
                "rule",
                heads.word("data_quality.rule"),
                lambda rule: _rule(rule, parameters, language),
            ),
            heads.number("suspicions", "data_quality.this_month"),
            heads.number("projects", "data_quality.on_projects"),
            heads.number("suspicions_before", "data_quality.last_month"),
            heads.number("suspicions_of_year", "data_quality.this_year"),
        ),
        "tbl-rules",
        say("data_quality.tbl_rules", language),
        language,
    )


def suspicions(found: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the suspicions one by one, under the rule that gave them.

    Parameters
    ----------
    found : DataFrame
        `metrics.suspicion.suspicions`.
    """
    heads = Heads(parameters, language)

    def project(name: Any) -> str:
        return plain(name) if pd.notna(name) else heads.word("data_quality.whole")

    def figure(row: dict[str, Any]) -> str:
        return cell_name(row["table"], row["figure"], language, row["item"])

    def what(row: dict[str, Any]) -> str:
        return _what(row, heads)

    sizes = found["rule"].value_counts(sort=False)
    groups = {
        str(
            rule
        ): f"{_rule(str(rule), parameters, language)}{heads.word('data_quality.count', n=n)}"
        for rule, n in sizes.items()
    }
    return Table(
        found,
        (
            Column("name", heads.word("project"), project),
            heads.text("responsible_unit"),
            Column(
                "month",
                heads.word("month"),
                lambda month: style.MISSING if pd.isna(month) else style.month(month, language),
            ),
            Column("figure", heads.word("data_quality.figure"), figure, of_row=True),
            Column("found", heads.word("data_quality.what"), what, of_row=True),
            Column(
                "origin",
                heads.word("data_quality.source"),
                lambda origin: place_text(origin, language),
            ),
        ),
        "tbl-suspicions",
        say("data_quality.tbl_suspicions", language),
        language,
        group="rule",
        groups=groups,
    )


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


def _what(row: dict[str, Any], heads: Heads) -> str:
    """Return what was found, against what, in a few words."""
    language, year = heads.language, heads.parameters.period.year

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
    return heads.word(
        f"data_quality.what_{rule}",
        found=text(row["found"]),
        against=text(row["against"]),
        measured=shown,
    )


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"
