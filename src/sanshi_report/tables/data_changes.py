"""What moved in the data, in tables: year-to-date figures, plans, corrections, submissions sent back."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.columns import column
from sanshi_report.exact import yi_of
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.cells import cell_name, cell_text, table_name
from sanshi_report.tables.table import Record, Says, Table, plain
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
    reports = list(dict.fromkeys(figures["known_in"]))
    if len(reports) < 2:
        return None
    frame = figures.pivot_table("invested_ytd", "month", "known_in", aggfunc="first").astype(
        "Int64"
    )
    frame = frame.reindex(columns=reports).add_prefix(_AS_KNOWN_IN)
    frame = frame.rename_axis(columns=None).reset_index()
    names = [_AS_KNOWN_IN + at for at in reports]

    def amount(name: str, before: str) -> Says:
        def show(row: Record) -> str:
            if plain(row[name]) == style.MISSING:
                return ""
            is_same = before and pd.notna(row[before]) and row[before] == row[name]
            return "·" if is_same else style.yi(row[name], language)

        return show

    return Table(
        frame,
        " ".join(["month", *names]),
        "tbl-triangle",
        parameters,
        language,
        titles={
            name: style.month(at, language, short=True)
            for name, at in zip(names, reports, strict=True)
        },
        under={say("data_quality.chart_known", language): " ".join(names)},
        says={name: amount(name, one) for name, one in zip(names, ["", *names], strict=False)},
        right=" ".join(names),
        wide=len(reports) > _MOST_UPRIGHT,
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

    def amount(name: str, *, signed: bool = False) -> Says:
        scale, places = (1, 3) if language == "zh" else (10, 4)
        return lambda row: style.number(row[name] / scale, places, signed=signed)

    return Table(
        mean_absolute,
        "lag months mean_absolute mean",
        "tbl-ages",
        parameters,
        language,
        says={
            "lag": lambda row: say("data_quality.lag_months", language, n=Count(row["lag"])),
            "mean_absolute": amount("mean_absolute"),
            "mean": amount("mean", signed=True),
        },
        right="mean_absolute mean",
    )


def plans(moved: pd.DataFrame, parameters: Parameters, language: Language) -> Table | None:
    """Tabulate the plans that moved: the original, the approved and the current one, if any did.

    Parameters
    ----------
    moved : DataFrame
        `metrics.plans.register`.
    """
    if moved.empty:
        return None
    year = parameters.period.year
    three = ("original", "approved", "current", "outcome")
    frame = moved.assign(**{name: moved[name].map(_exact).astype("str") for name in three})

    def item(row: Record) -> str:
        if row["table"] == "plan":
            month = style.month(row["month"], language)
            return say("data_quality.money_of_month", language, month=month)
        own = plain(row["item"])
        return cell_name(row["table"], row["figure"], language) if own == style.MISSING else own

    def exact(name: str) -> Says:
        unit = say("labels.money", language, amount="")
        return lambda row: cell_text(
            row[name], row["table"], row["figure"], language, year
        ).removesuffix(unit)

    def approval(row: Record) -> str:
        if not row["is_approved"]:
            return say("data_quality.approval_none", language)
        return style.shown(row["approved_on"], column("approved_on"), language, year=year)

    def verdict(row: Record) -> str:
        code = plain(row["verdict"])
        return code if code == style.MISSING else say(f"data_quality.verdict_{code}", language)

    return Table(
        frame,
        "figure original approved current approved_on outcome verdict",
        "tbl-plans",
        parameters,
        language,
        says={"figure": item, "approved_on": approval, "verdict": verdict}
        | {name: exact(name) for name in three},
        group="project_id",
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
    year = parameters.period.year

    def cell(row: Record) -> str:
        name = cell_name(row["table"], row["column"], language, row["key"])
        return f"{table_name(row['table'], language)} {name}"

    def value(name: str) -> Says:
        return lambda row: cell_text(row[name], row["table"], row["column"], language, year)

    return Table(
        listed,
        "number column old new why who expires",
        "tbl-corrections",
        parameters,
        language,
        says={
            "column": cell,
            "old": value("old"),
            "new": value("new"),
            "who": lambda row: _decided(row["who"], row["when"], language),
        },
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
    return Table(
        taken,
        "file submitted_by received_at withdrawn_by reason faults",
        "tbl-returned",
        parameters,
        language,
        says={
            "file": lambda row: f"{row['period']}/{row['file']}",
            "withdrawn_by": lambda row: _decided(
                row["withdrawn_by"], row["withdrawn_at"], language
            ),
        },
    )


def _decided(who: Any, when: Any, language: Language) -> str:
    """Return who decided something, and on which day."""
    day = style.day(when, language)
    return say("data_quality.decided_of", language, who=plain(who), day=day)


def _exact(value: Any) -> str | None:
    """Return a plan as exact text: a day, or 亿元."""
    if value is None:
        return None
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{yi_of(value):f}"
