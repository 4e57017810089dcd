"""One project in words: who and what it is, how it stands, what is open."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.narrative.prose import Prose, Voice
from sanshi_report.style import Count, Language, escape_markdown
from sanshi_report.workspace import Parameters

__all__ = [
    "charts",
    "duties",
    "inputs",
    "meetings",
    "money",
    "nodes",
    "opening",
    "permits",
    "plans",
    "safety",
    "score",
]


def opening(
    ledger: Ledger,
    standing: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return the lead: which project, whose, as known when, and its light.

    Parameters
    ----------
    ledger : Ledger
        `metrics.profile.only` of the whole.
    standing : DataFrame
        `metrics.profile.standing`.
    """
    voice = Voice(parameters, language)
    row = ledger.projects.iloc[0]
    lead = voice(
        "project_profile.opening",
        name=escape_markdown(row["name"]),
        id=row["project_id"],
        end=style.day(ledger.period.end, language),
        known=voice.moment(ledger.as_of),
    )
    about = parameters.programme.programme
    sample = voice("project_profile.sample") if about.data_status == "sample" else ""
    light = standing.iloc[0]
    verdict = voice(
        f"project_profile.stands_{row['kind']}",
        name=escape_markdown(row["name"]),
        sector=voice.term(row["sector"]),
        unit=escape_markdown(row["responsible_unit"]),
        official=escape_markdown(row["lead_official"]),
        force=escape_markdown(row["task_force"]),
        light=voice.light(light["light"]),
        why=_why(light, voice),
    )
    head = voice("project_profile.head_identity")
    return Prose(
        voice.paragraphs(voice.joined(lead, sample), head, verdict), "data-standing", standing
    )


def score(own: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return the project's score and its place among its kind.

    Parameters
    ----------
    own : DataFrame
        Its row of `metrics.scoring.scores`.
    """
    voice = Voice(parameters, language)
    row = own.iloc[0]
    if row["score"] is None:
        return Prose(voice("project_profile.score_none"))
    values = {"score": style.number(row["score"], 2), "rank": Count(row["rank"])}
    text = voice("project_profile.score", of=Count(row["of"]), **values)
    return Prose(text, "data-score", own)


def charts(parameters: Parameters, language: Language) -> Prose:
    """Return the heading of the page of charts."""
    return Prose(Voice(parameters, language)("project_profile.head_charts"))


def money(
    months: pd.DataFrame,
    life: pd.DataFrame,
    earned: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return this year's money, and what the whole still needs.

    Parameters
    ----------
    months, life : DataFrame
        `metrics.profile.months` and `life`.
    earned : DataFrame
        `metrics.earned.by_project`, empty for a new build.
    """
    voice = Voice(parameters, language)
    row = life.iloc[0]
    now = months[months["month"].isin(parameters.period.months)]
    planned = now["planned"].sum(min_count=1)
    key = "month" if pd.isna(planned) else "month_planned"
    month = voice(
        f"project_profile.money_{key}",
        month=style.month(parameters.period.months[-1], language),
        invested=voice.money(now["invested"].sum()),
        planned=voice.money(planned),
        invested_ytd=voice.money(row["invested_ytd"]),
    )
    whole = voice(
        "project_profile.money_life",
        invested_to_date=voice.money(row["invested_to_date"]),
        invested_pct=style.pct(row["invested_pct"]),
        total_investment=voice.money(row["total_investment"]),
        physical_pct=_physical(row, voice),
    )
    indices = earned[["project_id", "spi", "spi_t"]]
    data = life.merge(indices, on="project_id", how="left").astype({"spi": object, "spi_t": object})
    data = data.where(data.notna(), None).astype(life.dtypes)
    return _section("money", voice, [month, _earned(earned, voice), whole, _rest(row, voice)], data)


def permits(
    steps: pd.DataFrame, land: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return how many permits are granted, which are late, and the days from land to start.

    Parameters
    ----------
    steps : DataFrame
        `metrics.profile.permit_steps`.
    land : DataFrame
        `metrics.durations.land_to_start` of the project.
    """
    voice = Voice(parameters, language)
    needed = steps[steps["status"].ne("not_needed")]
    granted = needed[needed["granted_on"].notna()]
    late = needed[needed["status"].eq("overdue")]
    facts = {"needed_permits": len(needed), "granted": len(granted), "overdue": len(late)}
    counts = {name: Count(n) for name, n in facts.items()}
    if needed.empty:
        return _section("permits", voice, [voice("project_profile.permits_none")])
    key = "all" if len(granted) == len(needed) else "some"
    said = voice(f"project_profile.permits_{key}", **counts)
    names = voice.listed([voice.term(name) for name in late["permit"]])
    overdue = voice("project_profile.permits_overdue", names=names, **counts) if len(late) else ""
    waits = land[["days", "working_days", "waiting_days"]].head(1).reset_index(drop=True)
    frame = pd.DataFrame([facts]).join(waits)
    return _section("permits", voice, [said, overdue, _land(land, voice)], frame.astype("Int64"))


def nodes(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how many nodes were due and done, and the next one.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.nodes`.
    """
    voice = Voice(parameters, language)
    if rows.empty:
        return _section("nodes", voice, [voice("project_profile.nodes_none")])
    facts = {
        "nodes": len(rows),
        "due": int(rows["status"].ne("to_come").sum()),
        "done": int(rows["done_on"].notna().sum()),
        "late": int(rows["status"].eq("late_done").sum()),
        "overdue": int(rows["status"].eq("overdue").sum()),
    }
    said = voice("project_profile.nodes", **{name: Count(n) for name, n in facts.items()})
    coming = rows[rows["status"].eq("to_come")].head(1)
    following = [
        voice(
            "project_profile.nodes_next",
            node=escape_markdown(row["node"]),
            day=voice.day(row["due_on"]),
        )
        for row in coming.to_dict("records")
    ]
    return _section("nodes", voice, [said, *following], pd.DataFrame([facts]).astype("Int64"))


def inputs(
    rows: pd.DataFrame, sources: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return which inputs are short, and how much of the money is in place.

    Parameters
    ----------
    rows, sources : DataFrame
        `metrics.profile.inputs`, and `metrics.inputs.funding` by source.
    """
    voice = Voice(parameters, language)
    short = [row for row in rows.to_dict("records") if row["shortfall"]]
    parts = [
        voice(
            "project_profile.input_short",
            input=voice.term(row["input"]),
            secured_pct=style.pct(row["secured_pct"]),
        )
        for row in short
    ]
    if rows.empty:
        said = voice("project_profile.inputs_none")
    elif parts:
        said = voice("project_profile.inputs_short", items=voice.listed(parts))
    else:
        said = voice("project_profile.inputs_full")
    whole = sources[["planned", "in_place"]].sum().to_frame().T.astype("Int64")
    money_said = voice(
        "project_profile.funding" if len(sources) else "project_profile.funding_none",
        planned=voice.money(whole["planned"].iloc[0]),
        in_place=voice.money(whole["in_place"].iloc[0]),
    )
    return _section("inputs", voice, [said, money_said], whole)


def duties(
    problems: pd.DataFrame, actions: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return how many problems and actions there were, and how many are open and overdue.

    Parameters
    ----------
    problems, actions : DataFrame
        `metrics.profile.problems` and `actions`.
    """
    voice = Voice(parameters, language)
    facts, said = [], []
    for name, rows in (("problems", problems), ("actions", actions)):
        counts = {
            "raised": len(rows),
            "closed": int(rows["closed_on"].notna().sum()),
            "open": int(rows["closed_on"].isna().sum()),
            "overdue": int(rows["status"].eq("overdue").sum()),
        }
        facts.append(counts)
        key = "none" if rows.empty else "open" if counts["open"] else "closed"
        values = {part: Count(n) for part, n in counts.items()}
        said.append(voice(f"project_profile.{name}_{key}", **values))
    told = pd.DataFrame(facts).astype("Int64")
    told.insert(0, "item", pd.Series(["problems", "actions"], dtype="str"))
    return _section("duties", voice, said, told)


def meetings(bodies: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how many of the meetings owed this year each of the project's bodies held.

    Parameters
    ----------
    bodies : DataFrame
        `metrics.compliance.by_body`; programme-wide bodies are left out.
    """
    voice = Voice(parameters, language)
    own = bodies[bodies["project_id"].notna()].reset_index(drop=True)
    parts = [
        voice(
            "project_profile.meetings_of",
            level=voice.term(row["level"]),
            windows=Count(row["windows"]),
            met=Count(row["met"]),
            missed=Count(row["missed"]),
        )
        for row in own.to_dict("records")
    ]
    said = voice("semicolon").join(parts) or voice("project_profile.meetings_none")
    ended = said + voice("project_profile.stop") if parts else said
    return _section("meetings", voice, [ended], own)


def plans(
    moved: pd.DataFrame, revised: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return how many of the project's plans moved, and how many figures were revised since last month.

    Parameters
    ----------
    moved, revised : DataFrame
        `metrics.plans.register` and `metrics.quality.revised`.
    """
    voice = Voice(parameters, language)
    facts = {
        "moved": len(moved),
        "spared": int(moved["verdict"].isin(["by_moving", "spared"]).sum()),
        "revised": len(revised),
    }
    counts = {name: Count(n) for name, n in facts.items()}
    said = [
        voice(f"project_profile.plans_{'moved' if facts['moved'] else 'unmoved'}", **counts),
        voice("project_profile.plans_spared", **counts) if facts["spared"] else "",
        voice(f"project_profile.plans_{'revised' if facts['revised'] else 'unrevised'}", **counts),
    ]
    return _section("plans", voice, said, pd.DataFrame([facts]).astype("Int64"))


def safety(incidents: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return whether the project had safety, quality or integrity incidents this year.

    Parameters
    ----------
    incidents : DataFrame
        `metrics.incidents.so_far`.
    """
    voice = Voice(parameters, language)
    key = "safety" if len(incidents) else "safety_none"
    number = len(incidents)
    said = voice(f"project_profile.{key}", incidents=Count(number))
    facts = pd.DataFrame([{"incidents": number}]).astype("Int64")
    return _section("safety", voice, [said], facts if number else None)


def _section(
    name: str, voice: Voice, sentences: list[str], data: pd.DataFrame | None = None
) -> Prose:
    text = voice.paragraphs(voice(f"project_profile.head_{name}"), voice.joined(*sentences))
    return Prose(text, f"data-{name}" if data is not None else "", data)


def _why(light: Any, voice: Voice) -> str:
    """Return what a project's light was given for."""
    if pd.notna(light["completion_pct"]):
        return voice(
            "project_profile.why_money",
            invested_ytd=voice.money(light["invested_ytd"]),
            completion_pct=style.pct(light["completion_pct"]),
            gap_points=voice.pace(light["gap_points"]),
        )
    planned, started = light["planned_start"], light["started_on"]
    if pd.isna(planned):
        return voice("project_profile.why_unrated")
    if pd.notna(started):
        key = "early" if started < planned else "late" if started > planned else "as_planned"
    else:
        key = "overdue" if pd.notna(light["months_late"]) else "coming"
    months = Count(0 if pd.isna(light["months_late"]) else light["months_late"])
    return voice(
        f"project_profile.why_{key}",
        planned=voice.day(planned),
        started=voice.day(started),
        months_late=months,
    )


def _physical(row: Any, voice: Voice) -> str:
    if pd.isna(row["physical_pct"]):
        return ""
    return voice("project_profile.money_physical", physical_pct=f"{row['physical_pct']:g}%")


def _earned(earned: pd.DataFrame, voice: Voice) -> str:
    if earned.empty or earned["spi"].iloc[0] is None or earned["spi_t"].iloc[0] is None:
        return ""
    indices = {name: style.number(earned[name].iloc[0], 2) for name in ("spi", "spi_t")}
    return voice("project_profile.money_earned", **indices)


def _rest(row: Any, voice: Voice) -> str:
    """Return what is still to be invested, and at what speed to complete as planned."""
    if pd.notna(row["completed_on"]):
        return voice("project_profile.money_completed", day=voice.day(row["completed_on"]))
    if row["to_invest"] <= 0:
        return ""
    key = "money_rest" if pd.notna(row["to_invest_per_month"]) else "money_past"
    return voice(
        f"project_profile.{key}",
        to_invest=voice.money(row["to_invest"]),
        day=voice.day(row["planned_completion"]),
        months_to_completion=Count(row["months_to_completion"]),
        to_invest_per_month=voice.money(row["to_invest_per_month"]),
        invested_per_month=voice.money(row["invested_per_month"]),
    )


def _land(land: pd.DataFrame, voice: Voice) -> str:
    """Return how long it took, or has been, from getting the land to the start."""
    if land.empty:
        return ""
    row = land.iloc[0]
    if pd.isna(row["land_granted_on"]):
        return voice("project_profile.land_none")
    key = "land_begun" if pd.notna(row["days"]) else "land_not_begun"
    days = row["days"] if pd.notna(row["days"]) else row["waiting_days"]
    return voice(f"project_profile.{key}", day=voice.day(row["land_granted_on"]), days=Count(days))
