"""The bulletin's tables on permits, inputs, completion, meetings and problems by tier."""

from __future__ import annotations

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Language, say
from sanshi_report.tables.table import Record, Table, plain, word
from sanshi_report.workspace import Parameters

__all__ = ["completions", "held_up", "inputs", "loans", "meetings", "permits", "tiers"]


def permits(times: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate each permit: how many are needed, granted and overdue, and how long it takes.

    Parameters
    ----------
    times : DataFrame
        `metrics.bulletin.permit_times`.
    """
    takes = "median_workdays p90_workdays longest_waiting_workdays"
    return Table(
        times,
        f"scope_value needed_permits granted on_time overdue {takes}",
        "tbl-permits",
        parameters,
        language,
        titles={"scope_value": say("bulletin.permit", language)},
        under={say("bulletin.takes", language): takes},
    )


def held_up(waiting: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the starts that are due or fall due next month, each with the permit that holds it up.

    Parameters
    ----------
    waiting : DataFrame
        `metrics.bulletin.waiting`.
    """

    def permit(row: Record) -> str:
        name = row["critical_permit"]
        if plain(name) != style.MISSING:
            return parameters.term(name, language)
        key: str = "no_permit" if pd.notna(row["outstanding"]) else "permits_untold"
        return word(f"bulletin.{key}", language)

    return Table(
        waiting,
        "name planned_start outstanding critical_permit critical_department critical_due_on "
        "critical_days_overdue",
        "tbl-held-up",
        parameters,
        language,
        says={"critical_permit": permit},
        group="falls_due",
        groups=("due", "next"),
    )


def inputs(coverage: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate what of each input was needed and secured in the month.

    Parameters
    ----------
    coverage : DataFrame
        `metrics.inputs.coverage`.
    """
    return Table(
        coverage,
        "scope_value unit needed secured secured_pct shortfall short_projects",
        "tbl-inputs",
        parameters,
        language,
        titles={"scope_value": say("bulletin.input", language)},
    )


def loans(matched: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate who could lend labour to whom.

    Parameters
    ----------
    matched : DataFrame
        `metrics.labour.loans`.
    """

    def near(row: Record) -> str:
        return say(f"bulletin.{'same' if row['is_same_county'] else 'other'}_county", language)

    return Table(
        matched,
        "from_name to_name lent is_same_county",
        "tbl-loans",
        parameters,
        language,
        says={"is_same_county": near},
    )


def completions(register: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the projects whose completion or commissioning belongs to this year.

    Parameters
    ----------
    register : DataFrame
        `metrics.acceptance.register`.
    """

    def steps(row: Record) -> str:
        return f"{style.count(row['steps_done'])}/{style.count(row['steps'])}"

    return Table(
        register,
        "name planned_completion completed_on planned_commissioning commissioned_on steps stage",
        "tbl-completions",
        parameters,
        language,
        says={
            "steps": steps,
            "stage": lambda row: word(f"bulletin.stage_{row['stage']}", language),
        },
        right="steps",
    )


def meetings(by_level: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the meetings owed and held, in the month and since January.

    Parameters
    ----------
    by_level : DataFrame
        `metrics.bulletin.meetings`.
    """
    now, year = "windows met missed", "windows_so_far met_so_far kept_pct"
    return Table(
        by_level,
        f"level every {now} {year}",
        "tbl-meetings",
        parameters,
        language,
        under={
            say("bulletin.this_month", language): now,
            say("bulletin.this_year", language): year,
        },
        says={"every": lambda row: word(f"bulletin.every_{row['every']}", language)},
    )


def tiers(by_tier: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the problems by tier, with their age and how many should go one tier up.

    Parameters
    ----------
    by_tier : DataFrame
        `metrics.escalation.by_tier`.
    """
    age = "median_days oldest_days"
    return Table(
        by_tier,
        f"tier tier_days raised closed open overdue time_up {age}",
        "tbl-tiers",
        parameters,
        language,
        under={say("bulletin.age", language): age},
    )
