"""Where the year is heading, in words: money, starts, and how good such outlooks have been."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.narrative.prose import Prose, Voice
from sanshi_report.style import Count, Language
from sanshi_report.workspace import Parameters

__all__ = ["money", "record", "starts"]

_AMOUNTS = (
    "annual_plan", "to_invest", "to_invest_per_month", "invested_per_month", "invested_per_month_recently",
    "invested_plain", "invested_low", "invested_median", "invested_high", "invested_ytd",
)  # fmt: skip


_SPREAD = ("starts_low", "starts_median", "starts_high")


def money(ahead: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return what the year's investment needs and where it is heading, or why nothing is forecast.

    Parameters
    ----------
    ahead : DataFrame
        `metrics.outlook.investment`.
    """
    voice, row = Voice(parameters, language), ahead.iloc[0]
    amounts = {name: voice.money(row[name]) for name in _AMOUNTS}
    over = abs(int(row["invested_ytd"] - row["annual_plan"]))
    values = {
        **amounts,
        "months_known": Count(row["months_known"]),
        "months_left": Count(row["months_left"]),
        "outlook_min_months": Count(parameters.programme.outlook.min_months),
        "probability_pct": style.pct(row["probability_pct"]),
        "interval_pct": Count(row["interval_pct"]),
        "over": voice.money(over),
    }
    if row["status"] == "settled":
        key = "settled_met" if row["invested_ytd"] >= row["annual_plan"] else "settled_missed"
        text = voice(f"outlook.money_{key}", **values)
    else:
        needed = voice(
            "outlook.money_needed" if row["to_invest"] else "outlook.money_reached", **values
        )
        text = voice.joined(needed, voice(f"outlook.money_{row['status']}", **values))
    return Prose(text, "data-outlook", ahead.assign(over=pd.Series([over], dtype="Int64")))


def starts(milestones: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return the outlook of each milestone to come, or how the last one ended.

    Parameters
    ----------
    milestones : DataFrame
        `metrics.outlook.starts`.
    """
    voice = Voice(parameters, language)
    coming = milestones[~milestones["is_past"]]
    if coming.empty:
        parts = [_milestone(row, voice, "starts_settled") for row in milestones.to_dict("records")]
        text = voice("outlook.starts_past", parts=voice("semicolon").join(parts))
    elif coming["status"].eq("too_short").any():
        least = Count(parameters.programme.outlook.min_durations)
        text = voice("outlook.starts_too_short", outlook_min_durations=least)
    else:
        parts = [_milestone(row, voice, "starts_forecast") for row in coming.to_dict("records")]
        text = voice("outlook.starts_coming", parts=voice("semicolon").join(parts))
    return Prose(text, "data-outlook-starts", milestones)


def record(record: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how past outlooks came out, with the interval they promised.

    Parameters
    ----------
    record : DataFrame
        `metrics.outlook.backtest_summary`.
    """
    voice = Voice(parameters, language)
    parts = []
    for row in record.to_dict("records"):
        if not row["forecasts"]:
            continue
        places = {"investment": ("mean_error_pct", "%"), "starts": ("mean_error", "")}
        name, unit = places[row["what"]]
        parts.append(
            voice(
                f"outlook.record_{row['what']}",
                forecasts=Count(row["forecasts"]),
                covered=Count(row["covered"]),
                coverage_pct=style.pct(row["coverage_pct"]),
                **{name: style.number(row[name], 2) + unit},
            )
        )
    interval = Count(record["interval_pct"].iloc[0])
    key = "outlook.record" if parts else "outlook.record_none"
    text = voice(key, parts=voice("semicolon").join(parts), interval_pct=interval)
    return Prose(text, "data-outlook-record", record)


def _milestone(row: dict[Any, Any], voice: Voice, key: str) -> str:
    return voice(
        f"outlook.{key}",
        due=voice.day(row["due_on"]),
        required=Count(row["required"]),
        started=Count(row["started"]),
        **{name: style.count(row[name]) for name in _SPREAD},
        probability_pct=style.pct(row["probability_pct"]),
        verdict=voice("outlook.met" if row["started"] >= row["required"] else "outlook.missed"),
    )
