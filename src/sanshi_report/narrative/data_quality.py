"""The data in words: who has reported, what is empty, what backs the money, what looks unusual."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import percent
from sanshi_report.ledger import Ledger
from sanshi_report.narrative.prose import Prose, Voice, fact, stacked
from sanshi_report.style import Count, Language, escape_markdown
from sanshi_report.workspace import Parameters

__all__ = [
    "backing",
    "completeness",
    "evidence",
    "late_units",
    "opening",
    "overall",
    "record",
    "rule_counts",
    "submissions",
    "suspicions",
]

_NAMED = 3
_STATUSES = ("on_time", "late", "partial", "missing")
_BACKING = (
    "invested", "verified_amount", "confirmed_amount", "self_reported_amount", "unstated_amount",
    "unconfirmed_amount", "self_reported_pct",
)  # fmt: skip
_EFFECT = ("published_ytd", "revised_ytd", "difference_ytd")


def opening(ledger: Ledger, parameters: Parameters, language: Language) -> Prose:
    """Return the lead: what the report is about, as known when."""
    voice = Voice(parameters, language)
    about = parameters.programme.programme
    lead = voice(
        "data_quality.opening",
        period=style.period_words(ledger.period, language),
        programme=about.name[language],
        end=style.day(ledger.period.end, language),
        known=voice.moment(ledger.as_of),
    )
    sample = voice("sample_data") if about.data_status == "sample" else ""
    return Prose(voice.paragraphs(lead, sample))


def overall(
    units: pd.DataFrame,
    completeness: pd.DataFrame,
    evidence: pd.DataFrame,
    listed: pd.DataFrame,
    revised: pd.DataFrame,
    effect: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return the data's state, a sentence on each side of it.

    Parameters
    ----------
    units, completeness : DataFrame
        `metrics.submissions.by_unit` and `metrics.completeness.by_table`.
    evidence, revised, effect : DataFrame
        `metrics.quality.evidence_by_month`, `revised` and `effect`.
    listed : DataFrame
        `metrics.suspicion.by_month`.
    """
    voice = Voice(parameters, language)
    sent, counts = _sent(units, voice)
    cells, filled = Count(completeness["cells"].sum()), Count(completeness["filled"].sum())
    share = percent(int(filled), int(cells))
    whole = voice(
        "data_quality.overall_completeness",
        cells=cells,
        filled=filled,
        filled_pct=style.pct(share),
    )
    odd, found = _odd(listed, parameters, voice)
    sides = (
        sent,
        whole,
        backing(evidence, parameters, voice, "overall_evidence"),
        odd,
        _revision(revised, effect, voice),
    )
    month = parameters.period.months[-1]
    items = "\n".join(f"- {side}" for side in sides)
    facts = {"cells": cells, "filled": filled, "filled_pct": share, "revised": len(revised)}
    text = voice.paragraphs(voice("data_quality.head_overall"), items)
    facts |= _first(evidence[evidence["month"] == month], _BACKING)
    facts |= _first(effect[effect["kind"] == "continuing"], _EFFECT) if len(revised) else {}
    return stated("overall", text, counts | found | facts)


def _sent(units: pd.DataFrame, voice: Voice) -> tuple[str, dict[str, Any]]:
    counts: dict[str, Any] = {name: Count((units["status"] == name).sum()) for name in _STATUSES}
    verdict = "all_on_time" if counts["on_time"] == len(units) else "some_not"
    size = {"units": Count(len(units)), "projects": Count(units["projects"].sum())}
    said = voice(f"data_quality.{verdict}", **counts)
    return voice("data_quality.overall_submissions", verdict=said, **size), counts | size


def _odd(listed: pd.DataFrame, parameters: Parameters, voice: Voice) -> tuple[str, dict[str, Any]]:
    """Return how many suspicions there are, against the report before."""
    last = parameters.period.months[-1]
    now = listed[listed["listed_in"] == last]
    earlier = [month for month in parameters.cutoffs if month < last]
    before = int((listed["listed_in"] == earlier[-1]).sum()) if earlier else None
    by = None if before is None else Decimal(len(now) - before)
    change = _direction(by, "moved_first", "moved_same", "moved_more", "moved_less")
    said = voice(
        f"data_quality.{'overall_suspicions' if len(now) else 'overall_no_suspicions'}",
        suspicions=len(now),
        on_projects=Count(now["project_id"].nunique()),
        moved=voice(f"data_quality.{change}", suspicions_more=abs(int(by or 0))),
    )
    projects = now["project_id"].nunique()
    facts = {"suspicions": len(now), "on_projects": projects, "suspicions_before": before}
    return said, facts | {"suspicions_more": abs(int(by or 0))}


def _revision(revised: pd.DataFrame, effect: pd.DataFrame, voice: Voice) -> str:
    """Return what was revised since the report before, and what that did to the main total."""
    if effect.empty:
        return voice("data_quality.overall_first")
    if revised.empty:
        return voice("data_quality.overall_no_revisions")
    row = effect[effect["kind"] == "continuing"].iloc[0]
    moved = voice(
        f"data_quality.{'effect_some' if row['difference_ytd'] else 'effect_none'}",
        published_ytd=voice.money(row["published_ytd"]),
        revised_ytd=voice.money(row["revised_ytd"]),
        difference_ytd=style.yi(row["difference_ytd"], voice.language, signed=True),
    )
    return voice("data_quality.overall_revisions", revised=Count(len(revised)), effect=moved)


def submissions(
    units: pd.DataFrame, punctuality: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return who has not reported, or not in time, and how punctual the year has been.

    Parameters
    ----------
    units, punctuality : DataFrame
        `metrics.submissions.by_unit` and `punctuality`.
    """
    voice = Voice(parameters, language)
    named = [late_units(units, status, voice) for status in _STATUSES[1:]]
    due, on_time = len(punctuality), int((punctuality["status"] == "on_time").sum())
    share = percent(on_time, due)
    year = voice(
        "data_quality.submissions_year",
        months=Count(punctuality["month"].nunique()),
        units=Count(len(units)),
        due=Count(due),
        on_time=Count(on_time),
        on_time_pct=style.pct(share),
    )
    text = voice.paragraphs(
        voice("data_quality.head_submissions"),
        *named,
        voice.joined(year, voice("data_quality.submissions_rule")),
    )
    months = punctuality["month"].nunique()
    data = {
        "due": due,
        "on_time": on_time,
        "on_time_pct": share,
        "months": months,
        "units": len(units),
    }
    return stated("submissions", text, data)


def late_units(units: pd.DataFrame, status: str, voice: Voice) -> str:
    """Return a sentence that names the units whose report has a status; empty if there is none."""
    rows = units[units["status"] == status].to_dict("records")
    items = [
        escape_markdown(row["responsible_unit"])
        if pd.isna(row["missing_projects"]) or status == "missing"
        else voice(
            "data_quality.unit_missing",
            unit=escape_markdown(row["responsible_unit"]),
            projects=escape_markdown(row["missing_projects"]),
        )
        for row in rows
    ]
    key = f"data_quality.submissions_{status}"
    return voice(key, items=voice.listed(items)) if items else ""


def completeness(
    completeness: pd.DataFrame, units: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return how much is left empty, and with whom.

    Parameters
    ----------
    completeness, units : DataFrame
        `metrics.completeness.by_table` and `metrics.submissions.by_unit`.
    """
    voice = Voice(parameters, language)
    cells, filled = Count(completeness["cells"].sum()), Count(completeness["filled"].sum())
    empty, share = cells - filled, percent(int(filled), int(cells))
    most = most_of(units, "gaps", "responsible_unit", "unit_count", voice)
    key = "completeness_some" if empty else "completeness_all"
    said = voice(
        f"data_quality.{key}",
        cells=cells,
        empty=Count(empty),
        filled_pct=style.pct(share),
        items=most,
    )
    rule = voice("data_quality.completeness_rule")
    text = voice.paragraphs(voice("data_quality.head_completeness"), voice.joined(said, rule))
    counts = {"cells": int(cells), "empty": int(empty), "filled_pct": share}
    facts = pd.DataFrame([counts])
    lacking = units.loc[units["gaps"].gt(0), ["responsible_unit", "gaps"]]
    return Prose(text, "data-completeness", stacked(facts, lacking))


def evidence(
    evidence: pd.DataFrame, units: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return what the month's money rests on, and where it is least confirmed.

    Parameters
    ----------
    evidence, units : DataFrame
        `metrics.quality.evidence_by_month` and `metrics.submissions.by_unit`.
    """
    voice = Voice(parameters, language)
    heading = voice("data_quality.head_evidence")
    rows = evidence[evidence["month"] == parameters.period.months[-1]]
    if rows.empty or rows.iloc[0]["self_reported_pct"] is None:
        return Prose(voice.paragraphs(heading, voice("data_quality.evidence_none")))
    row = rows.iloc[0]
    earlier = evidence[evidence["month"] < row["month"]]["self_reported_pct"].dropna()
    by = row["self_reported_pct"] - earlier.iloc[-1] if len(earlier) else None
    direction = _direction(by, "evidence_first", "evidence_same", "evidence_up", "evidence_down")
    amount = voice.money(row["unstated_amount"])
    unstated = voice("data_quality.evidence_unstated", unstated_amount=amount)
    said = voice(
        "data_quality.evidence",
        invested=voice.money(row["invested"]),
        verified_amount=voice.money(row["verified_amount"]),
        confirmed_amount=voice.money(row["confirmed_amount"]),
        self_reported_amount=voice.money(row["self_reported_amount"]),
        unstated=unstated if row["unstated_amount"] else "",
        self_reported_pct=style.pct(row["self_reported_pct"]),
        moved=voice(f"data_quality.{direction}", change_points=style.number(abs(by or 0), 2)),
        **_limit(row["self_reported_pct"], parameters, voice),
    )
    shares = units[units["self_reported_pct"].map(lambda value: bool(value))]
    shares = shares.sort_values("self_reported_pct", ascending=False, kind="stable").head(_NAMED)
    items = [
        voice(
            "data_quality.unit_share",
            unit=escape_markdown(row["responsible_unit"]),
            self_reported_pct=style.pct(row["self_reported_pct"]),
        )
        for row in shares.to_dict("records")
    ]
    most = voice("data_quality.evidence_units", items=voice.listed(items)) if items else ""
    text = voice.paragraphs(heading, voice.joined(said, most))
    return stated("evidence", text, {"change_points": by} | _first(rows, _BACKING))


def suspicions(found: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how many suspicions there are by each rule.

    Parameters
    ----------
    found : DataFrame
        `metrics.suspicion.by_rule` of this month's.
    """
    voice = Voice(parameters, language)
    total = Count(found["suspicions"].sum())
    key = "suspicions" if total else "suspicions_none"
    said = voice(
        f"data_quality.{key}", rules=Count(len(found)), n=total, parts=rule_counts(found, voice)
    )
    rule = voice("data_quality.suspicions_rule")
    text = voice.paragraphs(voice("data_quality.head_suspicions"), voice.joined(said, rule))
    return stated("suspicions", text, {"suspicions": total, "rules": len(found)})


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


def record(record: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return with whom something is unusual most often, and what was ignored in files.

    Parameters
    ----------
    record : DataFrame
        `metrics.submissions.record`.
    """
    voice = Voice(parameters, language)
    names = ["suspicions", "notes"]
    sums = record.groupby("sender", sort=False)[names].sum().reset_index()
    most = most_of(sums, "suspicions", "sender", "unit_suspicions", voice)
    ignored = Count(sums["notes"].sum())
    notes = voice(
        "data_quality.record_notes",
        n=fact("notes", ignored),
        items=most_of(sums, "notes", "sender", "unit_count", voice),
    )
    text = voice.paragraphs(
        voice("data_quality.head_record"),
        voice.joined(
            voice("data_quality.record"),
            voice("data_quality.record_most", items=most) if most else "",
            notes if ignored else "",
        ),
    )
    whole = pd.DataFrame([sums[names].sum()])
    return Prose(text, "data-record", stacked(whole, sums))


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


def _direction(by: Decimal | None, first: str, same: str, more: str, less: str) -> str:
    if by is None:
        return first
    return same if not by else more if by > 0 else less


def most_of(frame: pd.DataFrame, count: str, name: str, key: str, voice: Voice) -> str:
    """Name the three units with the most, and whoever has as many as the third; empty if none has any."""
    rows = frame[frame[count].gt(0)].sort_values(count, ascending=False, kind="stable")
    if rows.empty:
        return ""
    least = int(rows[count].iloc[min(_NAMED, len(rows)) - 1])
    return voice.listed(
        [
            voice(
                f"data_quality.{key}",
                unit=escape_markdown(row[name]),
                n=fact(count, Count(int(row[count]))),
            )
            for row in rows[rows[count].ge(least)].to_dict("records")
        ]
    )


def _first(rows: pd.DataFrame, columns: Sequence[str]) -> dict[str, Any]:
    return {} if rows.empty else {name: rows.iloc[0][name] for name in columns}


def stated(name: str, markdown: str, facts: dict[str, Any]) -> Prose:
    """Return prose with the figures it states, for the record and for the build's check."""
    return Prose(markdown, f"data-{name}", pd.DataFrame([facts]))
