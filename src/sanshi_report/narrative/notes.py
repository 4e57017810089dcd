"""What a reader must know to rely on the figures, and the annex."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.quality import State
from sanshi_report.metrics.suspicion import by_rule
from sanshi_report.narrative.data_changes import effect_on, let_stand
from sanshi_report.narrative.data_quality import backing, rule_counts
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
