"""Who is honoured and who is named, and who owes an explanation: in the words of each report that says it."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd

from sanshi_report.narrative.prose import Prose, Voice
from sanshi_report.style import Count, Language
from sanshi_report.workspace import Parameters

__all__ = ["recognition"]


def recognition(
    scores: pd.DataFrame,
    unexplained: pd.DataFrame,
    parameters: Parameters,
    language: Language,
    report: Literal["bulletin", "review_meeting"],
) -> Prose:
    """Return how many projects are honoured and named, and who owes an explanation.

    Parameters
    ----------
    scores, unexplained : DataFrame
        `metrics.scoring.scores` and `metrics.explanations.missing`.
    report : {"bulletin", "review_meeting"}
        File of the catalogue whose words are used.
    """
    voice = Voice(parameters, language)
    rated = scores.loc[scores["score"].notna(), "kind"].value_counts()
    found = scores["verdict"].value_counts()
    facts = {
        **{kind: int(rated.get(kind, 0)) for kind in ("continuing", "new_build")},
        **{verdict: int(found.get(verdict, 0)) for verdict in ("honour", "criticise")},
    }
    counts = voice(f"{report}.verdicts", **{name: Count(n) for name, n in facts.items()})
    missing: list[dict[Any, Any]] = unexplained.to_dict("records")
    items = [voice.named(row, f"{report}.named") for row in missing]
    owed = voice(
        f"{report}.unexplained" if items else f"{report}.explained",
        light=voice.light(parameters.programme.explanations.from_light),
        items=voice.listed(items),
    )
    text = voice.paragraphs(voice(f"{report}.head_recognition"), voice.joined(counts, owed))
    return Prose(text, "data-verdicts", pd.DataFrame([facts]).astype("Int64"))
