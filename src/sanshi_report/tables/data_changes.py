"""What moved in the data, in tables: year-to-date figures, plans, corrections, submissions sent back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import yi_of
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.cells import cell_name, cell_text, table_name
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = ["ages", "corrections", "plans", "returned", "triangle"]

_MOST_UPRIGHT = 8
"""Reports beside one another on an upright page."""
_AS_KNOWN_IN = "invested_ytd_"


def triangle(figures: pd.DataFrame, parameters: Parameters, language: Language) -> Table | None:
    """Tabulate each month's year to date as each report had it, if there is more than one.

    Parameters
    ----------
    figures : DataFrame
        `metrics.quality.triangle`.
    """
    heads = Heads(parameters, language)
    reports = list(dict.fromkeys(figures["known_in"]))
    if len(reports) < 2:
        return None
    frame = figures.pivot_table("invested_ytd", "month", "known_in", aggfunc="first").astype(
        "Int64"
    )
    frame = frame.reindex(columns=reports).add_prefix(_AS_KNOWN_IN)
    frame = frame.rename_axis(columns=None).reset_index()

    def column(at: str) -> Column:
        before = reports[reports.index(at) - 1] if reports.index(at) else ""

        def show(row: dict[str, Any]) -> str:
            now = row[_AS_KNOWN_IN + at]
            if plain(now) == style.MISSING:
                return ""
            then = row[_AS_KNOWN_IN + before] if before else pd.NA
            return "·" if pd.notna(then) and then == now else style.yi(now, language)

        title = style.month(at, language, short=True)
        under = heads.word("data_quality.chart_known")
        return Column(_AS_KNOWN_IN + at, title, show, "number", under, of_row=True)

    return Table(
        frame,
        (
            Column(
                "month",
                heads.word("data_quality.chart_about"),
                lambda month: style.month(month, language),
            ),
            *map(column, reports),
        ),
        "tbl-triangle",
        say("data_quality.tbl_triangle", language),
        language,
        wide=len(reports) > _MOST_UPRIGHT,
        notes=(say("data_quality.note_triangle", language),),
    )


def ages(mean_absolute: pd.DataFrame, parameters: Parameters, language: Language) -> Table | None:
    """Tabulate how far figures moved 1, 2, … months after they were first published, if any could.

    Parameters
    ----------
    mean_absolute : DataFrame
        `metrics.quality.mean_absolute`.
    """
    if mean_absolute.empty:
        return None
    heads = Heads(parameters, language)

    def amount(name: str, *, signed: bool = False) -> Column:
        def show(value: Decimal) -> str:
            scale, places = (1, 3) if language == "zh" else (10, 4)
            return style.number(value / scale, places, signed=signed)

        return Column(name, heads.word(f"data_quality.{name}"), show, "number")

    return Table(
        mean_absolute,
        (
            Column(
                "lag",
                heads.word("data_quality.lag"),
                lambda n: heads.word("data_quality.lag_months", n=Count(n)),
            ),
            heads.number("months", "data_quality.age_months"),
            amount("mean_absolute"),
            amount("mean", signed=True),
        ),
        "tbl-ages",
        say("data_quality.tbl_ages", language),
        language,
    )


def plans(register: pd.DataFrame, parameters: Parameters, language: Language) -> Table | None:
    """Tabulate the plans that moved: the original, the approved and the current one, if any did.

    Parameters
    ----------
    register : DataFrame
        `metrics.plans.register`.
    """
    if register.empty:
        return None
    heads = Heads(parameters, language)
    year = parameters.period.year
    three = ("original", "approved", "current", "outcome")
    frame = register.assign(**{name: register[name].map(_exact).astype("str") for name in three})

    def item(row: dict[str, Any]) -> str:
        if row["table"] == "plan":
            month = style.month(row["month"], language)
            return heads.word("data_quality.money_of_month", month=month)
        own = plain(row["item"])
        return cell_name(row["table"], row["figure"], language) if own == style.MISSING else own

    def shown(name: str) -> Column:
        def show(row: dict[str, Any]) -> str:
            text = cell_text(row[name], row["table"], row["figure"], language, year)
            unit = say("labels.money", language, amount="")
            return text.removesuffix(unit)

        return Column(name, heads.word(f"data_quality.{name}"), show, of_row=True)

    def approval(row: dict[str, Any]) -> str:
        if not row["is_approved"]:
            return heads.word("data_quality.approval_none")
        day = row["approved_on"]
        return style.day(day, language, year=day.year != year, short=True)

    def verdict(value: Any) -> str:
        known = plain(value) != style.MISSING
        return heads.word(f"data_quality.verdict_{value}") if known else style.MISSING

    names = dict(zip(register["project_id"], register["name"], strict=True))
    return Table(
        frame,
        (
            Column("figure", heads.word("data_quality.item"), item, of_row=True),
            *(shown(name) for name in three[:3]),
            Column("approved_by", heads.word("data_quality.approval"), approval, of_row=True),
            shown("outcome"),
            Column("verdict", heads.word("data_quality.verdict"), verdict),
        ),
        "tbl-plans",
        say("data_quality.tbl_plans", language),
        language,
        group="project_id",
        groups={project: plain(name) for project, name in names.items()},
        notes=(say("data_quality.note_plans", language),),
    )


def corrections(listed: pd.DataFrame, parameters: Parameters, language: Language) -> Table | None:
    """Tabulate what the office corrected, who decided it and why; nothing where the text says none.

    Parameters
    ----------
    listed : DataFrame
        `metrics.quality.corrections`.
    """
    if listed.empty:
        return None
    heads = Heads(parameters, language)
    year = parameters.period.year

    def cell(row: dict[str, Any]) -> str:
        name = cell_name(row["table"], row["column"], language, row["key"])
        return f"{table_name(row['table'], language)} {name}"

    def value(name: str) -> Column:
        def show(row: dict[str, Any]) -> str:
            return cell_text(row[name], row["table"], row["column"], language, year)

        return Column(name, heads.word(f"data_quality.{name}"), show, of_row=True)

    def decided(row: dict[str, Any]) -> str:
        day = style.day(row["when"], language)
        return heads.word("data_quality.decided_of", who=plain(row["who"]), day=day)

    return Table(
        listed,
        (
            heads.number("number", "data_quality.number"),
            Column("column", heads.word("data_quality.corrected"), cell, of_row=True),
            value("old"),
            value("new"),
            heads.text("why", "data_quality.why"),
            Column("who", heads.word("data_quality.decided"), decided, of_row=True),
            heads.day("expires", "data_quality.expires"),
        ),
        "tbl-corrections",
        say("data_quality.tbl_corrections", language),
        language,
    )


def returned(taken: pd.DataFrame, parameters: Parameters, language: Language) -> Table | None:
    """Tabulate the submissions sent back this year, the latest first; nothing where the text says none.

    Parameters
    ----------
    taken : DataFrame
        `metrics.submissions.returned`.
    """
    if taken.empty:
        return None
    heads = Heads(parameters, language)

    def file(row: dict[str, Any]) -> str:
        return f"{row['period']}/{row['file']}"

    def end(row: dict[str, Any]) -> str:
        day = style.day(row["withdrawn_at"], language)
        return heads.word("data_quality.decided_of", who=plain(row["withdrawn_by"]), day=day)

    return Table(
        taken,
        (
            Column("file", heads.word("data_quality.file"), file, of_row=True),
            heads.text("submitted_by", "data_quality.submitted_by"),
            heads.day("received_at", "data_quality.received_at"),
            Column("withdrawn_by", heads.word("data_quality.returned_by"), end, of_row=True),
            heads.text("reason", "data_quality.reason"),
            heads.number("faults", "data_quality.faults"),
        ),
        "tbl-returned",
        say("data_quality.tbl_returned", language),
        language,
    )


def _exact(value: Any) -> str | None:
    """Return a plan as exact text: a day, or 亿元."""
    if value is None:
        return None
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{yi_of(value):f}"
