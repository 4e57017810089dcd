"""What the bulletin says of permits, inputs, completion, meetings, escalation, recognition and good practice."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import percent
from sanshi_report.narrative.prose import Prose, Voice, fact
from sanshi_report.style import Count, Language, escape_markdown
from sanshi_report.workspace import Parameters

__all__ = [
    "completions",
    "escalation",
    "inputs",
    "meetings",
    "outlook",
    "permits",
    "practices",
]

_NAMED = 5


def permits(
    times: pd.DataFrame, land: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return how many permits are granted, which takes longest, and the days from land to start.

    Parameters
    ----------
    times, land : DataFrame
        `metrics.bulletin.permit_times` and `land`.
    """
    voice = Voice(parameters, language)
    sums = {name: Count(times[name].sum()) for name in ("needed_permits", "granted", "overdue")}
    facts = {
        "permits_granted_target": sums["needed_permits"],
        "permits_granted": sums["granted"],
        "permits_overdue": sums["overdue"],
    }
    head = voice("bulletin.head_permits")
    if not sums["needed_permits"]:
        return Prose(voice.paragraphs(head, voice("bulletin.permits_none")))
    key = "permits_all" if sums["granted"] == sums["needed_permits"] else "permits"
    said = voice(f"bulletin.{key}", **facts)
    text = voice.joined(said, _slowest(times, voice), _land(land.iloc[0], voice))
    return Prose(voice.paragraphs(head, text), "data-land", land)


def inputs(
    coverage: pd.DataFrame,
    unmatched: pd.DataFrame,
    sources: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return how far the inputs are secured, what loans of labour would leave short, and the funding.

    Parameters
    ----------
    coverage, sources : DataFrame
        `metrics.inputs.coverage`, and `funding` by source.
    unmatched : DataFrame
        `metrics.labour.unmatched`.
    """
    voice = Voice(parameters, language)
    parts = [
        voice(
            "bulletin.input_share",
            input=voice.term(row["scope_value"]),
            secured_pct=style.pct(row["secured_pct"]),
        )
        for row in _rows(coverage)
    ]
    month = style.month(parameters.period.months[-1], language)
    shares = voice(
        "bulletin.inputs" if parts else "bulletin.inputs_none",
        month=month,
        parts=voice.listed(parts),
    )
    hands = {
        name: sum(unmatched[name], Decimal(0)) for name in ("shortfall", "lent", "still_short")
    }
    short = voice(
        "bulletin.hands_short" if hands["lent"] else "bulletin.hands_alone",
        short_projects=Count(len(unmatched)),
        **{name: style.quantity(amount) for name, amount in hands.items()},
    )
    whole = {name: int(sources[name].sum()) for name in ("planned", "in_place")}
    share = percent(whole["in_place"], whole["planned"])
    money = voice(
        "bulletin.funding",
        in_place_pct=style.pct(share),
        funding_in_place_target=voice.money(whole["planned"]),
        funding_in_place=voice.money(whole["in_place"]),
    )
    data = pd.DataFrame([whole]).astype("Int64")
    data = data.assign(**{n: _one(amount) for n, amount in hands.items()}, in_place_pct=_one(share))
    data = data.assign(short_projects=len(unmatched))
    text = voice.joined(shares, short if len(unmatched) else "", money if whole["planned"] else "")
    return Prose(voice.paragraphs(voice("bulletin.head_inputs"), text), "data-inputs", data)


def completions(register: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how many projects were to complete and to produce this year, and which are late.

    Parameters
    ----------
    register : DataFrame
        `metrics.acceptance.register`.
    """
    voice = Voice(parameters, language)
    year_end = pd.Timestamp(parameters.period.year, 12, 31)
    facts, late = {}, []
    for step, planned, done in (
        ("completion", "planned_completion", "completed_on"),
        ("commissioning", "planned_commissioning", "commissioned_on"),
    ):
        facts[f"{step}_planned"] = int(register[planned].le(year_end).sum())
        facts[f"{step}_done"] = int(register[done].notna().sum())
        rows = register[
            register[done].isna() & register[planned].le(pd.Timestamp(parameters.period.end))
        ]
        items = [
            voice.named(row, "bulletin.named_planned", day=voice.day(row[planned]))
            for row in _rows(rows)
        ]
        if items:
            late.append(voice(f"bulletin.{step}_late", items=voice.listed(items)))
    key = "completions" if len(register) else "completions_none"
    said = voice(f"bulletin.{key}", **{name: Count(n) for name, n in facts.items()})
    text = voice.paragraphs(voice("bulletin.head_completions"), voice.joined(said, *late))
    return Prose(text, "data-completions", pd.DataFrame([facts]).astype("Int64"))


def meetings(
    by_level: pd.DataFrame, bodies: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return which levels kept their cadence in the month, and who missed the most.

    Parameters
    ----------
    by_level : DataFrame
        `metrics.bulletin.meetings`.
    bodies : DataFrame
        `metrics.cadence.by_body`.
    """
    voice = Voice(parameters, language)
    owed = by_level[by_level["windows"].gt(0)]
    kept, missed = owed[owed["missed"].eq(0)], owed[owed["missed"].gt(0)]
    rules = parameters.programme.cadence
    of_projects = {rule.level for rule in rules if rule.scope == "project"}
    parts = []
    if len(kept):
        names = voice.listed([voice.term(level) for level in kept["level"]])
        parts.append(voice("bulletin.levels_kept", levels=names))
    parts += [
        voice(
            "bulletin.level_missed" if row["level"] in of_projects else "bulletin.body_missed",
            level=voice.term(row["level"]),
            windows=Count(row["windows"]),
            missed=Count(row["missed"]),
            short_bodies=Count(row["bodies"] - row["kept_bodies"]),
        )
        for row in _rows(missed)
    ]
    said = voice("bulletin.meetings", parts=voice("semicolon").join(parts)) if parts else ""
    most = bodies[bodies["missed"].gt(1)].groupby("name", sort=False)["missed"].sum()
    most = most.sort_values(ascending=False, kind="stable").head(_NAMED)
    items = [
        voice("bulletin.missed_of", name=escape_markdown(name), missed=Count(n))
        for name, n in most.items()
    ]
    named = voice("bulletin.most_missed", items=voice.listed(items)) if items else ""
    text = voice.paragraphs(
        voice("bulletin.head_meetings"),
        voice.joined(said or voice("bulletin.meetings_none"), named),
    )
    data = owed.assign(short_bodies=owed["bodies"] - owed["kept_bodies"])
    return Prose(text, "data-cadence", pd.concat([data, most.reset_index()], ignore_index=True))


def escalation(suggested: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return the problems whose tier's time is up and that should go one tier up.

    Parameters
    ----------
    suggested : DataFrame
        `metrics.escalation.suggested`.
    """
    voice = Voice(parameters, language)
    head = voice("bulletin.head_escalation")
    if suggested.empty:
        return Prose(voice.paragraphs(head, voice("bulletin.escalation_none")))
    order = [term.value for term in parameters.programme.problem_tiers][::-1]
    parts = [
        _lifted(tier, suggested[suggested["tier"].eq(tier)], voice)
        for tier in order
        if suggested["tier"].eq(tier).any()
    ]
    count = fact("rows", Count(len(suggested)))
    text = voice("bulletin.escalation", n=count, parts=voice("semicolon").join(parts))
    columns = ["name", "problem_id", "tier", "escalate_to", "tier_days", "days_past"]
    return Prose(voice.paragraphs(head, text), "data-escalation", suggested[columns])


def outlook(ahead: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return the heading of the outlook, or of the year's outcome.

    Parameters
    ----------
    ahead : DataFrame
        `metrics.outlook.investment`.
    """
    key = "head_outcome" if ahead["status"].iloc[0] == "settled" else "head_outlook"
    return Prose(Voice(parameters, language)(f"bulletin.{key}"))


def practices(recorded: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return the good practice recorded in the period.

    Parameters
    ----------
    recorded : DataFrame
        `metrics.bulletin.practices`.
    """
    voice = Voice(parameters, language)
    told = [
        voice(
            "bulletin.practice" if isinstance(row["name"], str) else "bulletin.practice_of_all",
            title=escape_markdown(row["title"]),
            name=escape_markdown(row["name"]),
            content=escape_markdown(row["content"]),
        )
        for row in _rows(recorded)
    ]
    none = "" if told else voice("bulletin.practices_none")
    return Prose(voice.paragraphs(voice("bulletin.head_practices"), none, *told))


def _lifted(tier: str, rows: pd.DataFrame, voice: Voice) -> str:
    """Return a tier's problems whose time is up, and where they should go."""
    items = [
        voice("bulletin.over", name=escape_markdown(row["name"]), days_past=Count(row["days_past"]))
        for row in _rows(rows)
    ]
    higher = rows["escalate_to"].iloc[0]
    names = {"tier": voice.term(tier), "items": voice.listed(items)}
    if not isinstance(higher, str):
        return voice("bulletin.to_decide", **names)
    return voice("bulletin.lifted", higher=voice.term(higher), **names)


def _slowest(times: pd.DataFrame, voice: Voice) -> str:
    known = [row for row in _rows(times) if row["median_workdays"] is not None]
    if not known:
        return ""
    row = max(known, key=lambda row: row["median_workdays"])
    return voice(
        "bulletin.slowest",
        permit=voice.term(row["scope_value"]),
        median_workdays=_halves(row["median_workdays"]),
        p90_workdays=style.count(row["p90_workdays"]),
    )


def _land(row: Any, voice: Voice) -> str:
    parts = []
    if row["started"]:
        days = {
            "median_days": _halves(row["median_days"]),
            "longest_days": Count(row["longest_days"]),
        }
        parts.append(voice("bulletin.land_started", started=Count(row["started"]), **days))
    if row["waiting"]:
        parts.append(
            voice(
                "bulletin.land_waiting",
                waiting=Count(row["waiting"]),
                name=escape_markdown(row["longest_waiting"]),
                longest_waiting_days=Count(row["longest_waiting_days"]),
            )
        )
    return voice("bulletin.land", parts=voice("semicolon").join(parts)) if parts else ""


def _halves(days: Decimal) -> str:
    return style.number(days, 0 if days == int(days) else 1)


def _one(value: Any) -> pd.Series:
    return pd.Series([value], dtype=object)


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")
