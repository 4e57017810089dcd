"""The review meeting in words: who leads and lags, what moved, what is to be decided, each red project."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.narrative.pieces import Pieces
from sanshi_report.narrative.prose import Prose, Voice, fact, stacked
from sanshi_report.style import Count, Language, escape_markdown
from sanshi_report.workspace import Parameters

__all__ = [
    "indicators",
    "leaders",
    "moved",
    "opening",
    "outlook",
    "pages",
]

_LEADERS = 2
_NAMED = 3
_ORDER = {"green": 0, "yellow": 1, "red": 2}


def opening(parameters: Parameters, language: Language) -> Prose:
    """Return the first page's heading."""
    return Prose(Voice(parameters, language)("review_meeting.head_position"))


def leaders(
    scores: pd.DataFrame,
    red: pd.DataFrame,
    waiting: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return who leads, who lags, and how much waits for which level.

    Parameters
    ----------
    scores, red, waiting : DataFrame
        `metrics.scoring.scores`, `metrics.review.red` and `metrics.review.decisions`.
    """
    voice = Voice(parameters, language)
    ahead = []
    for kind in ("continuing", "new_build"):
        rows = scores[scores["kind"].eq(kind) & scores["rank"].le(_LEADERS).fillna(False)]
        items = [
            voice.named(row, "review_meeting.named")
            for row in _rows(rows.sort_values(["rank", "project_id"]))
        ]
        if items:
            ahead.append(voice(f"review_meeting.first_{kind}", items=voice.listed(items)))
    behind = [_lagging(row, voice) for row in _rows(red)]
    lags = voice("review_meeting.lags", items=voice.listed(behind))
    levels = waiting["level"].value_counts(sort=False)
    parts = [
        voice(
            "review_meeting.level_count",
            level=voice.term(str(level)),
            n=fact(str(level), Count(n)),
        )
        for level, n in levels.items()
    ]
    number = Count(len(waiting))
    asked = voice("review_meeting.asked", matters=number, parts=voice.listed(parts))
    text = voice.paragraphs(
        voice("review_meeting.leads", parts=voice("semicolon").join(ahead)) if ahead else "",
        lags if behind else voice("review_meeting.lags_none"),
        asked if parts else voice("review_meeting.asked_none"),
    )
    asking = waiting.drop(columns=["progress", "is_headquarters"])
    lagging = red[["project_id", "name", "months_late", "gap_points"]]
    whole = pd.DataFrame({"matters": [len(waiting)]})
    return Prose(text, "data-decisions", stacked(whole, asking, lagging))


def moved(
    begun: pd.DataFrame, moved: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return what has moved since the last review: starts, money, lights.

    Parameters
    ----------
    begun, moved : DataFrame
        `metrics.review.begun` and `money`.
    """
    voice = Voice(parameters, language)
    new = begun[begun["is_new"]].sort_values(["started_on", "project_id"])
    names = [escape_markdown(name) for name in new["name"]]
    invested = voice.money(moved["invested_since"].sum())
    starts = voice(
        "review_meeting.moved_starts" if names else "review_meeting.moved_no_starts",
        started=Count(len(names)),
        items=voice.listed(names),
    )
    money = voice("review_meeting.moved_money", invested=invested)
    first = moved.head(_NAMED).query("ahead_change > 0")
    last = moved.tail(_NAMED).query("ahead_change < 0").iloc[::-1]
    parts = [
        voice(f"review_meeting.moved_{key}", items=voice.listed(_amounts(rows, voice)))
        for key, rows in (("up", first), ("down", last))
        if len(rows)
    ]
    pulled = (
        voice("review_meeting.moved_pulled", parts=voice("semicolon").join(parts)) if parts else ""
    )
    text = voice.paragraphs(
        voice(
            "review_meeting.head_moved_first"
            if moved["light_before"].isna().all()
            else "review_meeting.head_moved"
        ),
        voice.joined(starts, money),
        voice.joined(pulled, _lights(begun, moved, voice)),
    )
    facts = {"started": len(names), "invested": moved["invested_since"].sum()}
    return Prose(text, "data-moved", pd.DataFrame([facts]).astype("Int64"))


def indicators(
    ledger: Ledger, schedule: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return the heading of the indicators, what all figures rest on, and the earned schedule.

    Parameters
    ----------
    schedule : DataFrame
        `metrics.earned.total`.
    """
    voice, whole = Voice(parameters, language), schedule.iloc[0]
    lead = voice(
        "review_meeting.basis",
        end=style.day(ledger.period.end, language),
        known=voice.moment(ledger.as_of),
    )
    is_sample = parameters.programme.programme.data_status == "sample"
    sample = voice("review_meeting.sample") if is_sample else ""
    names = ("spi", "spi_t", "spi_recent", "months_behind")
    values = {name: style.number(whole[name], 2) for name in names}
    earned = voice("review_meeting.schedule", **values) if whole["spi_t"] is not None else ""
    head = voice("review_meeting.head_indicators")
    text = voice.paragraphs(head, voice.joined(lead, sample), earned)
    return Prose(text, "data-schedule", schedule)


def outlook(ahead: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return the heading of the outlook, or of the year's outcome.

    Parameters
    ----------
    ahead : DataFrame
        `metrics.outlook.investment`.
    """
    key = "head_outcome" if ahead["status"].iloc[0] == "settled" else "head_outlook"
    return Prose(Voice(parameters, language)(f"review_meeting.{key}"))


def pages(
    red: pd.DataFrame,
    waiting: pd.DataFrame,
    figures: Sequence[object],
    tables: Sequence[object | None],
    parameters: Parameters,
    language: Language,
) -> Pieces:
    """Return a page for each red project: who, where it stands, why, what is asked.

    Parameters
    ----------
    red, waiting : DataFrame
        `metrics.review.red` and `decisions`.
    figures, tables : sequence
        `figures.review.red_figures` and `tables.review.red_tables`, one of each for each row of `red`; where there is
        no table, that is said.
    """
    voice = Voice(parameters, language)
    if red.empty:
        head = voice("review_meeting.head_red_none")
        return Pieces((Prose(voice.paragraphs(head, voice("review_meeting.red_none"))),))
    pieces: list[object] = []
    for number, row in enumerate(_rows(red)):
        asked = waiting[waiting["project_id"].eq(row["project_id"])]
        own = red.iloc[[number]]
        page = Prose(
            _page(row, asked, voice), f"data-red-{style.label_part(row['project_id'])}", own
        )
        nothing = Prose(voice("review_meeting.nothing_due"))
        pieces += [page, figures[number], tables[number] or nothing]
    return Pieces(tuple(pieces))


def _lagging(row: dict[Any, Any], voice: Voice) -> str:
    if row["kind"] == "new_build":
        months = Count(row["months_late"])
        return voice.named(row, "review_meeting.named_start", months_late=months)
    points = style.number(abs(row["gap_points"]), 2)
    return voice.named(row, "review_meeting.named_gap", gap_points=points)


def _page(row: dict[Any, Any], asked: pd.DataFrame, voice: Voice) -> str:
    name = escape_markdown(row["name"])
    who = voice(
        "review_meeting.red_who",
        lead=escape_markdown(row["lead_official"]),
        force=escape_markdown(row["task_force"]),
        unit=escape_markdown(row["responsible_unit"]),
    )
    told = _build(row, voice) if row["kind"] == "new_build" else _money(row, voice)
    nodes = Count(row["nodes_overdue"])
    late = voice("review_meeting.red_nodes", nodes_overdue=nodes) if nodes else ""
    scored = row["score"] is not None
    score = voice(
        "review_meeting.red_score",
        kind=voice(f"review_meeting.{row['kind']}"),
        score=style.number(row["score"], 2),
        rank=Count(row["rank"]),
        of=Count(row["of"]),
    ) if scored else ""  # fmt: skip
    key = "red_why" if row["is_explained"] else "red_unexplained"
    why = voice(f"review_meeting.{key}", text=escape_markdown(row["explanation"]))
    return voice.paragraphs(
        voice("review_meeting.head_red", name=name),
        who,
        voice.joined(told, late, score),
        why,
        _asked(row, asked, voice),
    )


def _money(row: dict[Any, Any], voice: Voice) -> str:
    before = row["gap_before"]
    known = before is not None and before != 0
    told = voice(
        "review_meeting.red_money",
        invested_ytd=voice.money(row["invested_ytd"]),
        annual_plan=voice.money(row["annual_plan"]),
        completion_pct=style.pct(row["completion_pct"]),
        gap_points=voice.pace(row["gap_points"]),
        before=voice("review_meeting.red_before", gap_before=voice.pace(before)) if known else "",
        months_red=Count(row["months_red"]),
    )
    behind = row["months_behind"]
    if behind is None or behind <= 0:
        return told
    months, index = style.number(behind, 1), style.number(row["spi_t"], 2)
    schedule = voice("review_meeting.red_schedule", months_behind=months, spi_t=index)
    return voice.joined(told, schedule)


def _build(row: dict[Any, Any], voice: Voice) -> str:
    begun = voice(
        "review_meeting.red_start",
        day=voice.day(row["planned_start"]),
        months_late=Count(row["months_late"]),
        outstanding=Count(row["outstanding"]),
    )
    if not isinstance(row["critical_permit"], str):
        return voice.joined(begun, _expected(row, voice))
    days = row["critical_days_overdue"]
    key = "red_critical" if pd.isna(days) else "red_critical_late"
    critical = voice(
        f"review_meeting.{key}",
        permit=voice.term(row["critical_permit"]),
        department=voice.term(row["critical_department"]),
        critical_days_overdue=Count(0 if pd.isna(days) else days),
    )
    return voice.joined(begun, critical, _expected(row, voice))


def _expected(row: dict[Any, Any], voice: Voice) -> str:
    if pd.isna(row["expected_on"]):
        return ""
    days = {name: voice.day(row[f"{name}_on"]) for name in ("early", "expected", "late")}
    return voice("review_meeting.red_expected", **days)


def _asked(row: dict[Any, Any], asked: pd.DataFrame, voice: Voice) -> str:
    items = [
        voice(
            "review_meeting.red_decide",
            text=escape_markdown(one["description"]),
            level=voice.term(one["level"]),
        )
        for one in _rows(asked)
    ]
    if row["kind"] == "continuing" and not pd.isna(row["to_invest_per_month"]):
        amount = voice.money(row["to_invest_per_month"])
        items.append(voice("review_meeting.red_invest", to_invest_per_month=amount))
    return voice("review_meeting.red_asked", items=voice("semicolon").join(items)) if items else ""


def _amounts(rows: pd.DataFrame, voice: Voice) -> list[str]:
    return [
        voice(
            "review_meeting.named_change",
            name=escape_markdown(row["name"]),
            ahead_change=voice.money(abs(int(row["ahead_change"]))),
        )
        for row in _rows(rows)
    ]


def _lights(begun: pd.DataFrame, moved: pd.DataFrame, voice: Voice) -> str:
    """Say whose light is better or worse than at the last review."""
    columns = ["name", "light", "light_before"]
    rows = pd.concat([moved[columns], begun[columns]], ignore_index=True)
    if moved["light_before"].isna().all():
        return ""
    now, then = rows["light"].map(_ORDER), rows["light_before"].map(_ORDER).fillna(0)
    parts = []
    for key, some in (("better", rows[now < then]), ("worse", rows[now > then])):
        names = [
            voice("review_meeting.named_light", name=escape_markdown(row["name"]),
                  light=voice.light(row["light"]))
            for row in _rows(some)
        ]  # fmt: skip
        if names:
            parts.append(voice(f"review_meeting.lights_{key}", items=voice.listed(names)))
    if not parts:
        return voice("review_meeting.lights_same")
    return voice("review_meeting.lights", parts=voice("semicolon").join(parts))


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")
