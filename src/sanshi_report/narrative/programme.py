"""How the programme stands, in words: overall, starts, investment, sectors, who is ahead and behind."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.narrative.prose import Prose, Voice, fact
from sanshi_report.period import ReportPeriod
from sanshi_report.style import Count, Language, say
from sanshi_report.workspace import Parameters

__all__ = ["investment", "opening", "overall", "sectors", "standing", "starts"]

_LEADERS = 3


def opening(ledger: Ledger, parameters: Parameters, language: Language) -> Prose:
    """Return the lead: what is reported, as known when, and the editor's remarks."""
    voice = Voice(parameters, language)
    about = parameters.programme.programme
    lead = voice(
        "opening",
        period=style.period_words(ledger.period, language),
        programme=about.name[language],
        end=style.day(ledger.period.end, language),
        known=voice.moment(ledger.as_of),
    )
    sample = voice("sample_data") if about.data_status == "sample" else ""
    remarks = parameters.remarks[language] if parameters.remarks else ""
    said = style.escape_markdown(remarks) if remarks else ""
    return Prose(voice.paragraphs(voice("addressees"), voice.joined(lead, sample), said))


def overall(
    by_kind: pd.DataFrame,
    position: pd.DataFrame,
    total: pd.DataFrame,
    new_builds: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return the overall position: size, starts against the milestone, investment against the year.

    Parameters
    ----------
    by_kind : DataFrame
        `metrics.projects.summary(..., "kind")`.
    position : DataFrame
        `metrics.starts.position`.
    total, new_builds : DataFrame
        `metrics.investment.total` and `new_builds`.
    """
    voice = Voice(parameters, language)
    kinds = by_kind.set_index("scope_value").reindex(["新建", "续建"], fill_value=0)
    new, old = _rows(kinds)
    whole = total.iloc[0]
    size = voice(
        "overall_size",
        programme=parameters.programme.programme.name[language],
        projects=fact("projects_count", Count(by_kind["projects"].sum())),
        total=fact("investment_total", voice.money(by_kind["total_investment"].sum())),
        new=fact("projects_count", Count(new["projects"])),
        new_total=fact("investment_total", voice.money(new["total_investment"])),
        old=fact("projects_count", Count(old["projects"])),
        old_total=fact("investment_total", voice.money(old["total_investment"])),
        investment_ytd_target=voice.money(whole["annual_plan"]),
    )
    amount = voice.money(new_builds.iloc[0]["invested_ytd"])
    built = voice("overall_new_builds", investment_new_builds=amount)
    begun = voice(
        "overall_starts",
        day=voice.day(parameters.period.end),
        starts_started=Count(position.iloc[0]["started"]),
        verdict=_milestone(position.iloc[0], voice),
    )
    return voice.section(
        "overall",
        size,
        voice.joined(begun, _year_so_far(whole, voice, "overall_investment"), built),
    )


def starts(
    register: pd.DataFrame, milestones: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return starts against plan and milestones, naming what is due and not started, and what is early.

    Parameters
    ----------
    register, milestones : DataFrame
        `metrics.starts.register` and `milestones`.
    """
    voice = Voice(parameters, language)
    late = register[register["is_due_not_started"]].sort_values(["planned_start", "project_id"])
    early = register[register["is_early"]].sort_values(["started_on", "project_id"])
    due = Count(register["is_due"].sum())
    plan = "none" if not due else "all" if late.empty else "some"
    counts = voice(
        "starts_counts",
        day=voice.day(parameters.period.end),
        due=voice(f"starts_due_{plan}", starts_due=due, starts_due_not_started=Count(len(late))),
        early=voice("starts_early", starts_early=Count(len(early))) if len(early) else "",
        starts_started=Count(register["is_started"].sum()),
    )
    return voice.section(
        "starts",
        voice("head_starts_progress"),
        voice.joined(counts, _next_milestone(register, milestones, voice)),
        voice("starts_late_list", items=voice.listed([_late(row, voice) for row in _rows(late)]))
        if len(late)
        else "",
        voice("starts_early_list", items=voice.listed([_early(row, voice) for row in _rows(early)]))
        if len(early)
        else "",
        voice("start_definition", text=parameters.programme.programme.start_definition[language]),
    )


def investment(
    total: pd.DataFrame, by_month: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return the continuing projects' investment: the period, the year so far, and the pace's basis.

    Parameters
    ----------
    total, by_month : DataFrame
        `metrics.investment.total` and `by_month`.
    """
    voice = Voice(parameters, language)
    whole, period = total.iloc[0], parameters.period
    now = by_month[by_month["month"].isin(period.months)]
    planned = now["planned"].sum(min_count=1)
    month = voice(
        "investment_month_unplanned" if pd.isna(planned) else "investment_month",
        period=_short_period(period, language),
        invested=voice.money(whole["invested_month"]),
        planned=voice.money(planned),
    )
    pace = style.pct(whole["pace_pct"])
    basis = voice(f"pace_{whole['pace_basis']}", investment_completion_pct_target=pace)
    return voice.section(
        "investment",
        voice("head_investment_total"),
        voice.joined(
            _year_so_far(whole, voice, "investment_year"),
            _against_plan(whole, voice),
            month if period.months_elapsed > len(period.months) else "",
        ),
        basis,
    )


def sectors(by_sector: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return each sector's investment against pace.

    Parameters
    ----------
    by_sector : DataFrame
        `metrics.investment.by_group(..., "sector")`.
    """
    voice = Voice(parameters, language)
    parts = [
        voice(
            "sector_position" if row["completion_pct"] is not None else "sector_unrated",
            sector=voice.term(row["scope_value"]),
            invested_ytd=voice.money(row["invested_ytd"]),
            completion_pct=style.pct(row["completion_pct"]),
            gap_points=voice.pace(row["gap_points"]),
            light=voice.light(row["light"]),
        )
        for row in _rows(by_sector)
    ]
    text = voice("sectors", parts=voice("semicolon").join(parts)) if parts else voice("none")
    return voice.section("sectors", text)


def standing(by_project: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return who is ahead and who is behind, named with the responsible unit, and what has moved.

    Parameters
    ----------
    by_project : DataFrame
        `metrics.investment.by_project`.
    """
    voice = Voice(parameters, language)
    rated = by_project[by_project["light"] != "not_rated"].sort_values(["rank", "project_id"])
    lights = {code: rated[rated["light"] == code] for code in ("green", "yellow", "red")}
    counts = voice(
        "standing_counts",
        projects=Count(len(rated)),
        **{code: Count(len(rows)) for code, rows in lights.items()},
    )
    unrated = Count(len(by_project) - len(rated))
    facts = {code: len(rows) for code, rows in lights.items()}
    facts |= {"projects": len(rated), "not_rated": int(unrated)}

    def named(code: str, rows: pd.DataFrame) -> str:
        items = [
            voice.named(row, "named_pct", completion_pct=style.pct(row["completion_pct"]))
            for row in _rows(rows)
        ]
        return voice(f"standing_{code}", items=voice.listed(items)) if items else ""

    said = voice.section(
        "standing",
        voice.joined(counts, voice("standing_unrated", not_rated=unrated) if unrated else "")
        if len(rated)
        else voice("none"),
        named("green", lights["green"].head(_LEADERS)),
        named("yellow", lights["yellow"]),
        named("red", lights["red"]),
        _moved(rated, voice),
    )
    return replace(said, label="data-standing", data=pd.DataFrame([facts]).astype("Int64"))


def _milestone(position: Any, voice: Voice) -> str:
    if pd.isna(position["required"]):
        first = voice.parameters.programme.milestones[0]
        return voice("milestone_before", due=voice.day(first.due_on), required=Count(first.starts))
    gap = int(position["starts_gap"])
    key = "missed" if gap < 0 else "exceeded" if gap else "met"
    return voice(
        f"milestone_{key}",
        due=voice.day(position["due_on"]),
        starts_milestone_target=Count(position["required"]),
        starts_milestone_gap=Count(abs(gap)),
    )


def _next_milestone(register: pd.DataFrame, milestones: pd.DataFrame, voice: Voice) -> str:
    started = int(register["is_started"].sum())
    if len(register) and started == len(register):
        return voice("starts_complete", starts_started=Count(started))
    coming = milestones[~milestones["is_past"]]
    if coming.empty:
        return ""
    goal = coming.iloc[0]
    to_go = Count(int(goal["required"]) - started)
    key = "milestone_next" if to_go > 0 else "milestone_next_reached"
    due, required = voice.day(goal["due_on"]), Count(goal["required"])
    return voice(key, due=due, required=required, to_go=to_go)


def _year_so_far(whole: Any, voice: Voice, key: str) -> str:
    rated = whole["completion_pct"] is not None
    return voice(
        key if rated else f"{key}_unrated",
        span=_span(voice.parameters.period, voice.language),
        investment_ytd=voice.money(whole["invested_ytd"]),
        investment_completion_pct=style.pct(whole["completion_pct"]),
        investment_completion_pct_gap=voice.pace(whole["gap_points"]),
        light=voice.light(whole["light"]),
    )


def _against_plan(whole: Any, voice: Voice) -> str:
    if pd.isna(whole["plan_to_date"]):
        return ""
    gap = int(whole["invested_planned"] - whole["plan_to_date"])
    key = "less" if gap < 0 else "more" if gap else "as"
    missing = Count(whole["without_plan"])
    return voice.joined(
        voice(
            f"investment_{key}_planned",
            investment_plan_to_date_target=voice.money(whole["plan_to_date"]),
            investment_plan_to_date_gap=voice.money(abs(gap)),
        ),
        voice("investment_without_plan", without_plan=missing) if missing else "",
    )


def _late(row: dict[str, Any], voice: Voice) -> str:
    months = Count(row["months_late"])
    key = "named_late" if months else "named_due"
    return voice.named(row, key, day=voice.day(row["planned_start"]), months_late=months)


def _early(row: dict[str, Any], voice: Voice) -> str:
    started, planned = voice.day(row["started_on"]), voice.day(row["planned_start"])
    return voice.named(row, "named_early", started=started, planned=planned)


def _moved(rated: pd.DataFrame, voice: Voice) -> str:
    """Say which projects' lights changed since the period before."""
    order = {"green": 0, "yellow": 1, "red": 2}
    known = rated[rated["light_previous"].isin(list(order))]
    if known.empty:
        return ""
    step = known["light"].map(order) - known["light_previous"].map(order)
    parts = []
    for key, rows in (("improved", known[step < 0]), ("worsened", known[step > 0])):
        items = [
            voice.named(
                row,
                "named_moved",
                before=voice.light(row["light_previous"]),
                now=voice.light(row["light"]),
            )
            for row in _rows(rows)
        ]
        if items:
            parts.append(voice(f"standing_{key}", items=voice.listed(items)))
    if not parts:
        return voice("standing_unmoved")
    return voice("standing_moved", parts=voice("semicolon").join(parts))


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")


def _span(period: ReportPeriod, language: Language) -> str:
    """Return the months of the year so far: `1—6月`, `from January to June`; the first alone."""
    last = style.month(period.months[-1], language)
    if period.months_elapsed == 1:
        return say("prose.span_first", language, last=last)
    first = style.month(f"{period.year}-01", language).removesuffix("月")
    return say("prose.span", language, first=first, last=last)


def _short_period(period: ReportPeriod, language: Language) -> str:
    return (
        style.month(period.months[0], language)
        if period.is_month
        else style.period_words(period, language)
    )
