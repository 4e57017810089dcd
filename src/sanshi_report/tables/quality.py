"""What changed in figures already published, and in plans."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import fen_of
from sanshi_report.ledger.corrections import MARK
from sanshi_report.style import Language
from sanshi_report.tables.cells import cell_name, cell_text
from sanshi_report.tables.table import Record, Says, Table, plain
from sanshi_report.workspace import Parameters

__all__ = ["changes", "revisions"]


def revisions(revised: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the reported figures that were revised since the report before.

    Parameters
    ----------
    revised : DataFrame
        `metrics.quality.revised`.
    """
    year = parameters.period.year

    def value(name: str, *, signed: bool = False) -> Says:
        return lambda row: _shown(row[name], row, language, year, signed)

    return Table(
        revised,
        "name column month old new difference new_origin",
        "tbl-revisions",
        parameters,
        language,
        says={
            "column": lambda row: cell_name(row["table"], row["column"], language),
            "old": value("old"),
            "new": value("new"),
            "difference": value("difference", signed=True),
            "new_origin": lambda row: _file(row["new_origin"]),
        },
        right="old new difference",
    )


def changes(changed: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the plan changes approved in the period, with their reasons.

    Parameters
    ----------
    changed : DataFrame
        `metrics.quality.changes`.
    """
    return Table(
        changed,
        "name field old new reason approved_by approved_on",
        "tbl-changes",
        parameters,
        language,
    )


def _file(origin: str) -> str:
    """Return the file a new value came in, marked if the office corrected it."""
    return plain(origin).partition("#")[0] + MARK.rstrip("#") * (MARK in plain(origin))


def _shown(value: Any, row: Record, language: Language, year: int, signed: bool) -> str:
    if value is None or pd.isna(value):
        return style.MISSING
    if row["unit"] == "亿元":
        return style.yi(fen_of(value), language, signed=signed)
    if not signed:
        return cell_text(value, row["table"], row["column"], language, year)
    sign = "+" if value > 0 else ""
    return f"{sign}{value}".replace("-", style.text.MINUS)
