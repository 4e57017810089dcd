"""Meetings owed and held, window by window through the year."""

from __future__ import annotations

from dataclasses import dataclass

import altair as alt
import pandas as pd

from sanshi_report.figures.figure import base, key, layered, text_width
from sanshi_report.figures.timeline import TEXT, clock, ruled
from sanshi_report.style import LIGHTS, Language, say
from sanshi_report.style.chart import COLOURS, WIDTH

__all__ = ["Row", "calendar"]

_MISSED = LIGHTS["red"].colour
_STEP = 26
_TOP, _BOTTOM = 0.16, 0.84


@dataclass(frozen=True)
class Row:
    """One body: its name, what it comes to, and its windows: `opens`, `closes`, `share` of meetings held."""

    name: str
    told: str
    windows: pd.DataFrame


def calendar(
    rows: list[Row], first: pd.Timestamp, last: pd.Timestamp, language: Language
) -> alt.LayerChart:
    """Draw each body's windows as boxes, filled from below to the share held; none at all is crossed out."""
    left = TEXT * max((text_width(row.name) for row in rows), default=0) + 10
    right = WIDTH - 8 - TEXT * max((text_width(row.told) for row in rows), default=0) - 12
    scale, px = clock(first, last, left, right)
    height = _STEP * len(rows)
    boxes = [
        {
            "from": _number(window["opens"]),
            "to": _number(window["closes"]) + 1,
            "top": n + _TOP,
            "filled": n + _BOTTOM - (_BOTTOM - _TOP) * float(window["share"]),
            "bottom": n + _BOTTOM,
            "middle": (_number(window["opens"]) + _number(window["closes"]) + 1) / 2,
            "row": n + 0.5,
            "none": not window["share"],
        }
        for n, row in enumerate(rows)
        for window in row.windows.to_dict("records")
    ]
    y_scale = alt.Scale(domain=[0, max(1, len(rows))], range=[0, height])
    names = [{"row": n + 0.5, "name": row.name, "told": row.told} for n, row in enumerate(rows)]
    y = alt.Y("row:Q", axis=None, scale=y_scale)
    some = base(boxes).encode(
        x=alt.X("from:Q", axis=None, scale=scale),
        x2="to:Q",
        y2="bottom:Q",
    )
    missed = base([box for box in boxes if box["none"]]).encode(
        x=alt.X("middle:Q", axis=None, scale=scale), y=y
    )
    labels = base(names).encode(y=y)
    layers = [
        *ruled(first, last, scale, px, height, language),
        some.mark_rect(fill="#f6d5d5", stroke="#ffffff").encode(
            y=alt.Y("top:Q", axis=None, scale=y_scale)
        ),
        some.mark_rect(fill=COLOURS["actual"], stroke="#ffffff").encode(
            y=alt.Y("filled:Q", axis=None, scale=y_scale)
        ),
        missed.mark_text(color=_MISSED, fontSize=12).encode(text=alt.value("×")),
        labels.mark_text(align="left", x=0, fontSize=TEXT).encode(text="name:N"),
        labels.mark_text(align="right", x=WIDTH - 8, fontSize=TEXT).encode(text="told:N"),
        *key(
            [
                ("■", COLOURS["actual"], say("project_profile.chart_held", language)),
                ("×", _MISSED, say("project_profile.chart_missed", language)),
            ],
            y=-16,
        ),
    ]
    return layered(layers, width=WIDTH - 8, height=height)


def _number(day: pd.Timestamp) -> int:
    return (day - pd.Timestamp(0)).days
