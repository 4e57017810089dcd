"""What a reader must know to rely on the figures, and the annex."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.quality import State
from sanshi_report.metrics.suspicion import by_rule
from sanshi_report.narrative.prose import Prose, Voice, fact, stacked
from sanshi_report.style import Count, Language, escape_markdown
from sanshi_report.workspace import Parameters

__all__ = ["annex", "notes"]


def notes(ledger: Ledger, state: State, parameters: Parameters, language: Language) -> Prose:
    """Return the notes on the data: what they rest on, what looks unusual, what was revised or changed.

    Parameters
    ----------
    state : State
        `metrics.quality.state`.
    """
    voice = Voice(parameters, language)
    n = Count(len(state.changes))
    changed = voice("notes_changes" if n else "notes_no_changes", changes=n)
    stood = let_stand(state.corrections)
    corrections = Count(len(state.corrections) - stood)
    corrected = voice("data_quality.note_corrections", n=fact("corrections", corrections))
    kept = voice("data_quality.note_kept", kept=Count(stood))
    items = [
        _reported(state, voice),
        _unusual(state, voice),
        _revised(ledger, state, voice),
        changed,
        corrected if corrections else "",
        kept if stood else "",
    ]
    if parameters.programme.programme.data_status == "sample":
        items.append(voice("notes_sample"))
    section = voice.section(
        "notes", *(f"{n}. {text}" for n, text in enumerate(filter(None, items), 1))
    )
    facts = state.evidence.assign(
        suspicions=len(state.suspicions),
        on_projects=state.suspicions["project_id"].nunique(),
        revised=len(state.revised),
        changes=len(state.changes),
        corrections=int(corrections),
        **({"kept": stood} if stood else {}),
    )
    months = state.evidence_by_month.tail(1)
    data = stacked(facts, months, by_rule(state.suspicions), state.effect)
    return replace(section, label="data-notes", data=data)


def _reported(state: State, voice: Voice) -> str:
    """Return who reported, who did not or not in time, and what backs the figures."""
    row = state.evidence.to_dict("records")[0]
    counts: dict[str, Any] = {str(name): Count(n) for name, n in row.items()}
    reported = voice("notes_reported" if counts["missing"] else "notes_all_reported", **counts)
    if not counts["reported"]:
        return reported
    late = state.units[state.units["status"] != "on_time"]["responsible_unit"]
    named = voice.listed([escape_markdown(unit) for unit in late])
    return voice.joined(
        reported,
        voice("notes_evidence", **counts),
        backing(state.evidence_by_month, voice.parameters, voice, "note_evidence"),
        voice("data_quality.note_late", items=named) if named else "",
    )


def _unusual(state: State, voice: Voice) -> str:
    found = state.suspicions
    if found.empty:
        return voice("data_quality.note_no_suspicions")
    return voice(
        "data_quality.note_suspicions",
        suspicions=Count(len(found)),
        on_projects=Count(found["project_id"].nunique()),
        parts=rule_counts(by_rule(found), voice),
    )


def _revised(ledger: Ledger, state: State, voice: Voice) -> str:
    """Return what was revised since the report before; nothing before the year's second report."""
    period = voice.parameters.period
    if ledger.last_cutoff is None or period.months_elapsed == len(period.months):
        return ""
    n = Count(len(state.revised))
    since = style.day(ledger.last_cutoff, voice.language)
    told = voice("notes_revised" if n else "notes_not_revised", revised=n, since=since)
    moved = state.effect[state.effect["difference_ytd"] != 0]
    return voice.joined(told, *(effect_on(row, voice) for row in moved.to_dict("records")))


def annex(parameters: Parameters, language: Language) -> Prose:
    """Return the heading of the annexed registers."""
    return Voice(parameters, language).section("annex")


def rule_counts(found: pd.DataFrame, voice: Voice) -> str:
    """Return the rules that gave something, each with how much.

    Parameters
    ----------
    found : DataFrame
        `metrics.suspicion.by_rule`.
    """
    return voice.listed(
        [
            voice(
                "data_quality.rule_count",
                rule=voice(f"data_quality.rule_{row['rule']}"),
                suspicions=Count(row["suspicions"]),
            )
            for row in found[found["suspicions"].gt(0)].to_dict("records")
        ]
    )


def backing(evidence: pd.DataFrame, parameters: Parameters, voice: Voice, key: str) -> str:
    """Return a sentence on the share of the month's money that nobody confirmed.

    Parameters
    ----------
    evidence : DataFrame
        `metrics.quality.evidence_by_month`.
    key : str
        The sentence; it may state `invested`, `own`, `pct`, and how that compares with the limit.
    """
    rows = evidence[evidence["month"] == parameters.period.months[-1]]
    if rows.empty or rows.iloc[0]["self_reported_pct"] is None:
        return voice("data_quality.overall_no_evidence")
    row = rows.iloc[0]
    return voice(
        f"data_quality.{key}",
        invested=voice.money(row["invested"]),
        unconfirmed_amount=voice.money(row["unconfirmed_amount"]),
        self_reported_pct=style.pct(row["self_reported_pct"]),
        **_limit(row["self_reported_pct"], parameters, voice),
    )


def _limit(share: Decimal, parameters: Parameters, voice: Voice) -> dict[str, str]:
    limit = parameters.programme.suspicions.self_reported_share_pct
    verdict = "limit_over" if share > limit else "limit_within"
    places = max(0, -int(limit.normalize().as_tuple().exponent))
    return {
        "verdict": voice(f"data_quality.{verdict}"),
        "suspicions_self_reported_share_pct": style.number(limit, places),
    }


def effect_on(row: dict[Any, Any], voice: Voice) -> str:
    """Return what revisions did to a total published last time: a row of `metrics.quality.effect`."""
    moved = bool(row["difference_ytd"])
    month = style.month(row["through"], voice.language, short=True)
    span = "months_to" if row["through"] > f"{row['through'][:4]}-01" else "months_first"
    return voice(
        "data_quality.revisions_effect" if moved else "data_quality.revisions_unmoved",
        kind=voice(f"data_quality.kind_{row['kind']}"),
        months=voice(f"data_quality.{span}", month=month),
        published_ytd=voice.money(row["published_ytd"]),
        revised_ytd=voice.money(row["revised_ytd"]),
        difference_ytd=style.yi(row["difference_ytd"], voice.language, signed=True),
    )


def let_stand(corrections: pd.DataFrame) -> int:
    """Return how many entries change nothing: they let a figure beyond a limit stand."""
    return int(corrections["old"].eq(corrections["new"]).sum())
