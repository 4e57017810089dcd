"""The bulletin's tables on permits, inputs, completion, meetings and problems by tier."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Count, Language, say
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = ["completions", "held_up", "inputs", "loans", "meetings", "permits", "tiers"]


def permits(times: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate each permit: how many are needed, granted and overdue, and how long it takes.

    Parameters
    ----------
    times : DataFrame
        `metrics.bulletin.permit_times`.
    """
    heads = Heads(parameters, language)
    takes = "bulletin.takes"
    return Table(
        times,
        (
            heads.term("scope_value", "bulletin.permit"),
            heads.number("needed_permits", "bulletin.needed"),
            heads.number("granted", "bulletin.granted"),
            heads.number("on_time", "bulletin.on_time"),
            heads.number("overdue", "bulletin.overdue"),
            _halves("median_workdays", heads, "bulletin.median", takes),
            heads.number("p90_workdays", "bulletin.p90", takes),
            heads.number("longest_waiting_workdays", "bulletin.longest_waiting", takes),
        ),
        "tbl-permits",
        say("bulletin.tbl_permits", language),
        language,
        notes=(say("bulletin.note_permits", language),),
    )


def held_up(waiting: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the starts that are due or fall due next month, each with the permit that holds it up.

    Parameters
    ----------
    waiting : DataFrame
        `metrics.bulletin.waiting`.
    """
    heads = Heads(parameters, language)

    def permit(row: dict[str, Any]) -> str:
        name = row["critical_permit"]
        if plain(name) != style.MISSING:
            return parameters.term(name, language)
        key = "no_permit" if pd.notna(row["outstanding"]) else "permits_untold"
        return heads.word(f"bulletin.{key}")

    found = waiting["falls_due"].value_counts()
    groups = {
        when: heads.word(f"bulletin.starts_{when}", n=Count(found.get(when, 0)))
        for when in ("due", "next")
    }
    return Table(
        waiting,
        (
            heads.text("name", "project"),
            heads.day("planned_start"),
            heads.number("outstanding", "bulletin.outstanding"),
            Column("critical_permit", heads.word("bulletin.critical"), permit, of_row=True),
            heads.term("critical_department", "bulletin.department"),
            heads.day("critical_due_on", "bulletin.promised"),
            heads.number("critical_days_overdue", "days_overdue"),
        ),
        "tbl-held-up",
        say("bulletin.tbl_held_up", language),
        language,
        group="falls_due",
        groups=groups,
        notes=(say("bulletin.note_critical", language),),
    )


def inputs(coverage: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate what of each input was needed and secured in the month.

    Parameters
    ----------
    coverage : DataFrame
        `metrics.inputs.coverage`.
    """
    heads = Heads(parameters, language)
    return Table(
        coverage,
        (
            heads.term("scope_value", "bulletin.input"),
            heads.text("unit"),
            _amount("needed", heads, "bulletin.wanted"),
            _amount("secured", heads, "bulletin.secured"),
            heads.pct("secured_pct", "bulletin.secured_pct"),
            _amount("shortfall", heads, "bulletin.shortfall"),
            heads.number("short_projects", "bulletin.short_projects"),
        ),
        "tbl-inputs",
        say("bulletin.tbl_inputs", language),
        language,
        notes=(say("bulletin.note_inputs", language),),
    )


def loans(matched: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate who could lend labour to whom.

    Parameters
    ----------
    matched : DataFrame
        `metrics.labour.loans`.
    """
    heads = Heads(parameters, language)

    def near(is_near: Any) -> str:
        return heads.word("bulletin.same_county" if is_near else "bulletin.other_county")

    return Table(
        matched,
        (
            heads.text("from_name", "bulletin.lender"),
            heads.text("to_name", "bulletin.borrower"),
            _amount("lent", heads, "bulletin.hands"),
            Column("is_same_county", heads.word("bulletin.distance"), near),
        ),
        "tbl-loans",
        say("bulletin.tbl_loans", language),
        language,
    )


def completions(register: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the projects whose completion or commissioning belongs to this year.

    Parameters
    ----------
    register : DataFrame
        `metrics.acceptance.register`.
    """
    heads = Heads(parameters, language)

    def steps(row: dict[str, Any]) -> str:
        return f"{style.count(row['steps_done'])}/{style.count(row['steps'])}"

    return Table(
        register,
        (
            heads.text("name", "project"),
            heads.day("planned_completion", "bulletin.planned"),
            heads.day("completed_on", "bulletin.done"),
            heads.day("planned_commissioning", "bulletin.planned_commissioning"),
            heads.day("commissioned_on", "bulletin.commissioned"),
            Column("steps", heads.word("bulletin.steps"), steps, "number", of_row=True),
            Column(
                "stage", heads.word("bulletin.stage"), lambda s: heads.word(f"bulletin.stage_{s}")
            ),
        ),
        "tbl-completions",
        say("bulletin.tbl_completions", language),
        language,
    )


def meetings(by_level: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the meetings owed and held, in the month and since January.

    Parameters
    ----------
    by_level : DataFrame
        `metrics.bulletin.meetings`.
    """
    heads = Heads(parameters, language)
    now, year = "bulletin.this_month", "bulletin.this_year"
    return Table(
        by_level,
        (
            heads.term("level", "bulletin.level"),
            Column(
                "every", heads.word("bulletin.every"), lambda e: heads.word(f"bulletin.every_{e}")
            ),
            heads.number("windows", "bulletin.owed", now),
            heads.number("met", "bulletin.met", now),
            heads.number("missed", "bulletin.missed", now),
            heads.number("windows_so_far", "bulletin.owed", year),
            heads.number("met_so_far", "bulletin.met", year),
            heads.pct("kept_pct", "bulletin.kept", year),
        ),
        "tbl-meetings",
        say("bulletin.tbl_meetings", language),
        language,
        notes=(say("bulletin.note_meetings", language),),
    )


def tiers(by_tier: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the problems by tier, with their age and how many should go one tier up.

    Parameters
    ----------
    by_tier : DataFrame
        `metrics.escalation.by_tier`.
    """
    heads = Heads(parameters, language)
    return Table(
        by_tier,
        (
            heads.term("tier", "bulletin.tier"),
            heads.number("tier_days", "bulletin.tier_days"),
            heads.number("raised", "bulletin.raised"),
            heads.number("closed", "bulletin.closed"),
            heads.number("open", "bulletin.open"),
            heads.number("overdue", "bulletin.overdue"),
            heads.number("time_up", "bulletin.time_up"),
            _halves("median_days", heads, "bulletin.median", "bulletin.age"),
            heads.number("oldest_days", "bulletin.oldest", "bulletin.age"),
        ),
        "tbl-tiers",
        say("bulletin.tbl_tiers", language),
        language,
    )


def _amount(name: str, heads: Heads, title: str) -> Column:
    return Column(name, heads.word(title), style.quantity, "number")


def _halves(name: str, heads: Heads, title: str, under: str) -> Column:
    """Return a column of whole numbers and halves."""

    def show(value: Any) -> str:
        return style.number(value, 0 if value is None or value == int(value) else 1)

    return Column(name, heads.word(title), show, "number", heads.word(under))
