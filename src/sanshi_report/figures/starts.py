"""Substantive starts against the milestones."""

from __future__ import annotations

from functools import partial

import pandas as pd

from sanshi_report import style
from sanshi_report.figures.figure import (
    Figure,
    Rows,
    base,
    fitted,
    height,
    key,
    months_axis,
    records,
    tips,
)
from sanshi_report.style import LIGHTS, Count, Language, say
from sanshi_report.style.chart import COLOURS

__all__ = ["starts"]


def starts(staircase: pd.DataFrame, milestones: pd.DataFrame, language: Language) -> Figure:
    """Draw cumulative starts by month against the plan and the milestones' steps.

    Parameters
    ----------
    staircase : DataFrame
        `metrics.starts.staircase`: twelve months, projects.
    milestones : DataFrame
        `metrics.starts.milestones`.
    language : {"zh", "en"}
        Language of the labels.
    """
    rows, marks = _month_rows(staircase, language), _milestone_rows(milestones, language)
    heights = [max(row["planned"], row["started"] or 0) for row in rows]
    top = 1.22 * max([1, *heights, *(mark["required"] for mark in marks)])
    x, y = months_axis([row["month"] for row in rows]), partial(height, top=top)
    months, goals = base(rows).encode(x=x), base(marks).encode(x=x, y=y("required"))
    to_come = months.transform_filter("datum.started === null && datum.planned > 1")
    done = months.transform_filter("datum.started !== null")
    numbers = done.encode(y=y("started"), text="started:N")
    shown = tips(language, month="month", planned="chart_planned_starts", told="chart_starts")
    words_of = {
        name: say(f"labels.chart_{name}", language)
        for name in ("starts", "planned_starts", "milestone")
    }
    layers = [
        months.mark_bar(color=COLOURS["plan"], width={"band": 0.9}).encode(
            y=y("planned"), tooltip=shown
        ),
        to_come.mark_text(color=COLOURS["soft"], dy=14).encode(y=y("planned"), text="planned:N"),
        done.mark_bar(width={"band": 0.62}).encode(y=y("started"), tooltip=shown),
        numbers.transform_filter("datum.started > 1").mark_text(color="#ffffff", dy=13),
        numbers.transform_filter("datum.started <= 1").mark_text(color=COLOURS["actual"], dy=-11),
        goals.mark_tick(color=COLOURS["target"], thickness=4, opacity=1, width={"band": 1}),
        goals.mark_text(color=COLOURS["target"], dy=-14).encode(text="goal:N"),
        goals.transform_filter("datum.met")
        .mark_text(color=LIGHTS["green"].colour, dy=-36)
        .encode(text="verdict:N"),
        goals.transform_filter("!datum.met")
        .mark_text(color=LIGHTS["red"].colour, dy=-36)
        .encode(text="verdict:N"),
        *key(
            [
                ("■", COLOURS["actual"], words_of["starts"]),
                ("■", COLOURS["plan"], words_of["planned_starts"]),
                ("━", COLOURS["target"], words_of["milestone"]),
            ],
            y=14,
            down=True,
        ),
    ]
    return Figure(fitted(layers, 320), "fig-starts", _data(staircase, milestones))


def _data(staircase: pd.DataFrame, milestones: pd.DataFrame) -> pd.DataFrame:
    """Return the staircase and, in a milestone's month, how many starts it still lacks today."""
    required = dict(
        zip(milestones["due_on"].dt.strftime("%Y-%m"), milestones["required"], strict=True)
    )
    goals = staircase["month"].map(required).astype("Int64")
    return staircase.assign(milestone=goals, to_go=goals - staircase["started"].max())


def _month_rows(staircase: pd.DataFrame, language: Language) -> Rows:
    return [
        {
            "month": style.month(row["month"], language, short=True),
            "planned": int(row["planned_starts"]),
            "started": None if pd.isna(row["started"]) else int(row["started"]),
            "told": style.count(row["started"]),
        }
        for row in records(staircase)
    ]


def _milestone_rows(milestones: pd.DataFrame, language: Language) -> Rows:
    return [
        {
            "month": style.month(f"{row['due_on']:%Y-%m}", language, short=True),
            "required": int(row["required"]),
            "goal": say("labels.chart_goal", language, required=row["required"]),
            "verdict": _verdict(row["starts_gap"], language) if row["is_past"] else "",
            "met": bool(row["is_past"] and row["starts_gap"] >= 0),
        }
        for row in records(milestones)
    ]


def _verdict(gap: int, language: Language) -> str:
    if gap >= 0:
        return say("labels.chart_met", language)
    return say("labels.chart_missed", language, short=Count(-gap))
