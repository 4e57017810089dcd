"""What a reader must know to rely on the figures, and the annex."""

from __future__ import annotations

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.narrative.prose import Prose, Voice
from sanshi_report.style import Count, Language
from sanshi_report.workspace import Parameters

__all__ = ["annex", "notes"]


def notes(
    ledger: Ledger,
    evidence: pd.DataFrame,
    revised: pd.DataFrame,
    changes: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return the notes on the data: what it rests on, what was revised, what was changed by approval.

    Parameters
    ----------
    evidence, revised, changes : DataFrame
        `metrics.quality.evidence`, `revised` and `changes`.
    """
    voice = Voice(parameters, language)
    counts = {str(name): Count(n) for name, n in evidence.to_dict("records")[0].items()}
    reported = voice("notes_reported" if counts["missing"] else "notes_all_reported", **counts)
    basis = voice("notes_evidence", **counts) if counts["reported"] else ""
    # Before the year's first bulletin there is none to have been revised.
    is_first = parameters.period.months_elapsed == len(parameters.period.months)
    has_last = ledger.last_cutoff is not None and not is_first
    since = style.day(ledger.last_cutoff, language) if has_last else ""
    number = Count(len(revised))
    revision = voice("notes_revised" if number else "notes_not_revised", n=number, since=since)
    changed = voice("notes_changes" if len(changes) else "notes_no_changes", n=Count(len(changes)))
    items = [voice.joined(reported, basis), revision if since else "", changed]
    if parameters.programme.programme.data_status == "sample":
        items.append(voice("notes_sample"))
    section = voice.section(
        "notes", *(f"{n}. {text}" for n, text in enumerate(filter(None, items), 1))
    )
    return Prose(section.markdown, "data-evidence", evidence)


def annex(parameters: Parameters, language: Language) -> Prose:
    """Return the heading of the annexed registers."""
    return Voice(parameters, language).section("annex")
