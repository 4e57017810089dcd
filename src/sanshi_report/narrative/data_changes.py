"""What moved in the data, in words: figures revised, plans put off, cells corrected, files sent back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.narrative.data_quality import stated
from sanshi_report.narrative.prose import Prose, Voice
from sanshi_report.style import Count, Language
from sanshi_report.workspace import Parameters

__all__ = [
    "annex",
    "corrections",
    "effect_on",
    "let_stand",
    "plans",
    "revisions",
    "triangle",
]


def revisions(
    ledger: Ledger,
    revised: pd.DataFrame,
    effect: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return what was revised since the report before, and what that did to its totals.

    Parameters
    ----------
    revised, effect : DataFrame
        `metrics.quality.revised` and `effect`.
    """
    voice = Voice(parameters, language)
    heading = voice("data_quality.head_revisions")
    if effect.empty or ledger.last_cutoff is None:
        return Prose(voice.paragraphs(heading, voice("data_quality.revisions_first")))
    n, projects = Count(len(revised)), Count(revised["project_id"].nunique())
    said = voice(
        "data_quality.revisions" if n else "data_quality.revisions_none",
        since=voice.moment(ledger.last_cutoff),
        revised_cells=n,
        projects=projects,
    )
    effects = voice.joined(*(effect_on(row, voice) for row in effect.to_dict("records")))
    data = effect.assign(revised_cells=len(revised), projects=int(projects))
    return Prose(voice.paragraphs(heading, said, effects), "data-effect", data)


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


def triangle(ages: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how far figures move after they are first published.

    Parameters
    ----------
    ages : DataFrame
        `metrics.quality.mean_absolute`.
    """
    voice = Voice(parameters, language)
    heading = voice("data_quality.head_triangle")
    if ages.empty:
        return Prose(voice.paragraphs(heading, voice("data_quality.triangle_short")))
    first, last = ages.iloc[0], ages.iloc[-1]
    later = voice(
        "data_quality.triangle_later",
        lag=Count(last["lag"]),
        mean=_billions(last["mean_absolute"], voice),
    )
    said = voice(
        "data_quality.triangle",
        after_one=_billions(first["mean_absolute"], voice),
        months=Count(first["months"]),
        later=later if len(ages) > 1 else "",
    )
    facts = {
        "after_one": first["mean_absolute"],
        "months": first["months"],
        "lag": last["lag"],
        "mean": last["mean_absolute"],
    }
    return stated("triangle", voice.paragraphs(heading, said), facts)


def plans(plans: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how many plans moved, how many of them with approval, and what that hides.

    Parameters
    ----------
    plans : DataFrame
        `metrics.plans.register`.
    """
    voice = Voice(parameters, language)
    heading = voice("data_quality.head_plans")
    if plans.empty:
        return Prose(voice.paragraphs(heading, voice("data_quality.plans_none")))
    counts = {
        "plans": len(plans),
        "approved": int(plans["is_approved"].sum()),
        "unapproved": int((~plans["is_approved"]).sum()),
        "late": int(plans["verdict"].isin(("by_moving", "spared", "late", "missed")).sum()),
        "hidden": int(plans["verdict"].isin(("by_moving", "spared")).sum()),
        "tightened": int(plans["verdict"].eq("tightened").sum()),
    }
    tighter = voice("data_quality.plans_tightened", tightened=Count(counts["tightened"]))
    numbers: dict[str, Any] = {name: Count(n) for name, n in counts.items()}
    numbers["n"] = numbers.pop("plans")
    numbers["tightened"] = tighter if counts["tightened"] else ""
    said = voice("data_quality.plans", **numbers)
    return stated("plans", voice.paragraphs(heading, said), counts)


def corrections(
    corrections: pd.DataFrame, returned: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return how much the office corrected, and how many submissions went back.

    Parameters
    ----------
    corrections, returned : DataFrame
        `metrics.quality.corrections` and `metrics.submissions.returned`.
    """
    voice = Voice(parameters, language)
    stood = let_stand(corrections)
    n, kept, gone = Count(len(corrections) - stood), Count(stood), Count(len(returned))
    faults = Count(returned["faults"].sum())
    corrected = voice(f"data_quality.{'corrections' if n else 'corrections_none'}", n=n)
    back = voice(f"data_quality.{'returned' if gone else 'returned_none'}", n=gone, faults=faults)
    heading = voice("data_quality.head_corrections")
    stands = voice("data_quality.kept", kept=kept) if stood else ""
    text = voice.paragraphs(heading, voice.joined(*filter(None, (corrected, stands, back))))
    counts: dict[str, Any] = {"corrections": n, "returned": gone, "faults": faults}
    return stated("corrections", text, counts | ({"kept": kept} if stood else {}))


def let_stand(corrections: pd.DataFrame) -> int:
    """Return how many entries change nothing: they let a figure beyond a limit stand."""
    return int(corrections["old"].eq(corrections["new"]).sum())


def annex(figures: pd.DataFrame, parameters: Parameters, language: Language) -> Prose | None:
    """Return the heading of the triangle in numbers, if there is more than one report.

    Parameters
    ----------
    figures : DataFrame
        `metrics.quality.triangle`.
    """
    if figures["known_in"].nunique() < 2:
        return None
    return Prose(Voice(parameters, language)("data_quality.head_annex"))


def _billions(amount: Decimal, voice: Voice) -> str:
    """Return an amount in 亿元 in the language's unit, finer than money is shown elsewhere."""
    return style.number(amount / (1 if voice.language == "zh" else 10), 3)
