"""A lead official's week in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.narrative.prose import Prose, Voice, fact, stacked
from sanshi_report.period import ReportPeriod
from sanshi_report.style import Count, Language, escape_markdown
from sanshi_report.workspace import Parameters

__all__ = ["week_opening", "week_overview", "week_sections"]

_NAMED = 3
_WORST_FIRST = {"red": 0, "yellow": 1}


def week_opening(ledger: Ledger, parameters: Parameters, language: Language) -> Prose:
    """Return the lead: which week, judged when, and how old the money is.

    Parameters
    ----------
    ledger : Ledger
        Judged at the week's end.
    """
    voice = Voice(parameters, language)
    about, week = parameters.programme.programme, ledger.period
    month = ReportPeriod.parse(week.last_month)
    money = (
        voice("weekly.money_until", month=style.month(str(month), language))
        if month.year == week.year
        else voice("weekly.money_none")
    )
    lead = voice(
        "weekly.opening",
        programme=about.name[language],
        start=style.day(week.start, language),
        end=style.day(week.end, language, year=language == "en"),
        money=money,
        known=voice.moment(ledger.as_of),
    )
    sample = voice("sample_data") if about.data_status == "sample" else ""
    return Prose(voice.joined(lead, sample))


def week_overview(
    summary: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose | None:
    """Return the week of all officials together; nothing for one official alone.

    Parameters
    ----------
    summary : DataFrame
        `metrics.weekly.summary`.
    """
    if len(summary) < 2:
        return None
    voice = Voice(parameters, language)
    totals = summary.drop(columns="lead_official").sum().to_frame().T.astype("Int64")
    counts = voice(
        "weekly.all_counts",
        officials=Count(summary["lead_official"].ne("").sum()),
        **_numbers(totals.iloc[0]),
    )
    most = summary[summary["overdue"].gt(0) & summary["lead_official"].ne("")]
    most = most.sort_values("overdue", ascending=False, kind="stable")
    least = most["overdue"].iloc[min(_NAMED, len(most)) - 1] if len(most) else 0
    items = [
        voice(
            "weekly.official_of",
            name=escape_markdown(row["lead_official"]),
            overdue=Count(row["overdue"]),
        )
        for row in most[most["overdue"].ge(least)].to_dict("records")
    ]
    named = voice("weekly.all_most", items=voice.listed(items)) if items else ""
    text = voice.paragraphs(voice("weekly.head_all"), voice.joined(counts, named))
    return Prose(text, "data-week", totals.assign(officials=summary["lead_official"].ne("").sum()))


def week_sections(
    summary: pd.DataFrame,
    projects: pd.DataFrame,
    items: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> list[Prose]:
    """Return the opening of each official's section.

    Parameters
    ----------
    summary, projects, items : DataFrame
        `metrics.weekly.summary`, `projects` and `items`.
    """
    voice = Voice(parameters, language)
    overdue = _overdue(items)
    numbered = enumerate(summary.to_dict("records"), start=1)
    return [
        Prose(
            _section(row, projects, overdue, voice),
            f"data-official-{number}",
            _facts(summary.iloc[[number - 1]], projects, overdue),
        )
        for number, row in numbered
    ]


def _overdue(items: pd.DataFrame) -> pd.DataFrame:
    """Return how many things of each project are overdue, and the longest by how many days."""
    late = items[items["days_overdue"].notna()].groupby("project_id")["days_overdue"]
    return pd.DataFrame({"overdue": late.count(), "longest_days": late.max()}).astype("Int64")


def _facts(summary: pd.DataFrame, projects: pd.DataFrame, overdue: pd.DataFrame) -> pd.DataFrame:
    """Return an official's figures, then those of the projects that need attention."""
    own = projects[projects["lead_official"].eq(summary["lead_official"].iloc[0])]
    named = own.loc[own["light"].isin(list(_WORST_FIRST)), ["project_id", "name"]]
    late = named.join(overdue, on="project_id", how="inner")
    return stacked(summary, late)


def _section(
    row: dict[Any, Any], projects: pd.DataFrame, overdue: pd.DataFrame, voice: Voice
) -> str:
    official = row["lead_official"]
    name = escape_markdown(official) if official else voice("weekly.nobody")
    own = projects[projects["lead_official"].eq(official)]
    sizes = {light: int((own["light"] == light).sum()) for light in style.LIGHTS}
    lights = [
        voice("weekly.light_count", light=voice.light(light), n=fact(light, Count(n)))
        for light, n in sizes.items()
        if n
    ]
    counts = voice("weekly.counts", lights=voice.listed(lights), **_numbers(row))
    attention = own[own["light"].isin(list(_WORST_FIRST))]
    attention = attention.sort_values(
        "light", key=lambda lights: lights.map(_WORST_FIRST), kind="stable"
    )
    named = [_attention(one, overdue, voice) for one in attention.to_dict("records")]
    return voice.paragraphs(
        voice("weekly.head_official", name=name),
        counts,
        voice("weekly.attention", items=voice.listed(named)) if named else "",
    )


def _attention(row: dict[Any, Any], overdue: pd.DataFrame, voice: Voice) -> str:
    values = {"name": escape_markdown(row["name"]), "light": voice.light(row["light"])}
    if row["project_id"] not in overdue.index:
        return voice("weekly.attention_light", **values)
    counts = {name: Count(n) for name, n in overdue.loc[row["project_id"]].items()}
    return voice("weekly.attention_project", **counts, **values)


def _numbers(row: Any) -> dict[str, Count]:
    names = (
        "projects", "green", "yellow", "red", "raised", "closed", "open_problems", "late_problems",
        "overdue", "coming", "held", "missed", "owed_next",
    )  # fmt: skip
    return {name: Count(row[name]) for name in names}
