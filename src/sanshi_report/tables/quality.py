"""What changed in figures already published, and in plans."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import fen_of
from sanshi_report.ledger.corrections import MARK
from sanshi_report.style import Language, say
from sanshi_report.tables.cells import cell_name, cell_text
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = ["changes", "revisions"]


def revisions(revised: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the reported figures that were revised since the report before.

    Parameters
    ----------
    revised : DataFrame
        `metrics.quality.revised`.
    """
    heads = Heads(parameters, language)

    def value(name: str, *, signed: bool = False) -> Column:
        def show(row: dict[str, Any]) -> str:
            return _shown(row[name], row, heads, signed)

        return Column(name, heads.word(f"revision_{name}"), show, "number", of_row=True)

    def item(row: dict[str, Any]) -> str:
        return cell_name(row["table"], row["column"], language)

    return Table(
        revised,
        (
            heads.text("name", "project"),
            Column("column", heads.word("revision_item"), item, of_row=True),
            Column("month", heads.word("month"), lambda month: _month(month, language)),
            value("old"),
            value("new"),
            value("difference", signed=True),
            Column("new_origin", heads.word("revision_source"), _file),
        ),
        "tbl-revisions",
        say("prose.tbl_revisions", language),
        language,
    )


def changes(changed: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the plan changes approved in the period, with their reasons.

    Parameters
    ----------
    changed : DataFrame
        `metrics.quality.changes`.
    """
    heads = Heads(parameters, language)
    return Table(
        changed,
        (
            heads.text("name", "project"),
            heads.text("field", "change_field"),
            heads.text("old", "change_old"),
            heads.text("new", "change_new"),
            heads.text("reason", "change_reason"),
            heads.text("approved_by"),
            heads.day("approved_on"),
        ),
        "tbl-changes",
        say("prose.tbl_changes", language),
        language,
    )


def _file(origin: str) -> str:
    """Return the file a new value came in, marked if the office corrected it."""
    return plain(origin).partition("#")[0] + MARK.rstrip("#") * (MARK in plain(origin))


def _month(month: Any, language: Language) -> str:
    return style.MISSING if pd.isna(month) else style.month(month, language)


def _shown(value: Any, row: dict[str, Any], heads: Heads, signed: bool) -> str:
    if value is None or pd.isna(value):
        return style.MISSING
    if row["unit"] == "亿元":
        return style.yi(fen_of(value), heads.language, signed=signed)
    if not signed:
        year = heads.parameters.period.year
        return cell_text(value, row["table"], row["column"], heads.language, year)
    sign = "+" if value > 0 else ""
    return f"{sign}{value}".replace("-", style.text.MINUS)
