"""Rows over days: what was to happen when, what did, and how each row stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count, pairwise
from typing import Any, cast

import altair as alt
import pandas as pd

from sanshi_report import style
from sanshi_report.figures.figure import base, layered, text_width
from sanshi_report.style import Language
from sanshi_report.style.chart import COLOURS, WIDTH

__all__ = ["Line", "Mark", "Span", "clock", "timeline"]

TEXT = 15
_GAP = 8


@dataclass(frozen=True)
class Span:
    """Days from one to another, in a colour; thin ones are drawn as a line."""

    first: pd.Timestamp
    last: pd.Timestamp
    colour: str
    thin: bool = False


@dataclass(frozen=True)
class Mark:
    """A symbol on a day."""

    on: pd.Timestamp
    symbol: str
    colour: str


@dataclass(frozen=True)
class Line:
    """One row: its name on the left, what it comes to on the right, between them its days."""

    name: str
    told: str
    colour: str
    spans: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = field(default=())


def clock(
    first: pd.Timestamp, last: pd.Timestamp, left: float, right: float
) -> tuple[alt.Scale, float]:
    """Return a scale of days (numbers since 1970) over px, and how many px a day has."""
    days = max(1, (last - first).days)
    scale = alt.Scale(domain=[_number(first), _number(last)], range=[left, right], nice=False)
    return scale, (right - left) / days


def timeline(
    lines: list[Line],
    first: pd.Timestamp,
    last: pd.Timestamp,
    now: pd.Timestamp,
    language: Language,
    *,
    step: int = 22,
    title: str = "",
) -> alt.LayerChart:
    """Draw rows over the days from `first` to `last`, with months or years ruled and `now` marked.

    Parameters
    ----------
    step : int
        Height of a row in px.
    title : str
        What the rows say together, above them.
    """
    left = TEXT * max((text_width(line.name) for line in lines), default=0) + _GAP
    right = WIDTH - 8 - TEXT * max((text_width(line.told) for line in lines), default=0) - 2 * _GAP
    scale, px = clock(first, last, left, right)
    height = step * len(lines)

    def x(name: str) -> alt.X:
        return alt.X(f"{name}:Q", axis=None, scale=scale)

    y = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[0, len(lines)], range=[0, height]))
    rows = [
        {"row": n + 0.5, "name": line.name, "told": line.told, "colour": line.colour}
        for n, line in enumerate(lines)
    ]
    spans = [
        {"row": n + 0.5, "from": _number(span.first), "to": _number(span.last), "colour": span.colour,
         "thin": span.thin}
        for n, line in enumerate(lines) for span in line.spans
    ]  # fmt: skip
    marks = [
        {"row": n + 0.5, "on": _number(mark.on), "symbol": mark.symbol, "colour": mark.colour}
        for n, line in enumerate(lines) for mark in line.marks
    ]  # fmt: skip
    some, many = base(rows).encode(y=y), base(spans).encode(y=y, x=x("from"), x2="to:Q")
    colour = alt.Color("colour:N", scale=None)
    layers = [
        *ruled(first, last, scale, px, height, language),
        *([_now(now, x("on"))] if first <= now <= last else []),
        some.mark_text(align="left", fontSize=TEXT, x=0).encode(text="name:N"),
        some.mark_text(align="right", fontSize=TEXT, x=WIDTH - 8).encode(
            text="told:N", color=colour
        ),
        many.transform_filter("!datum.thin").mark_bar(size=step * 0.4).encode(color=colour),
        many.transform_filter("datum.thin").mark_rule(strokeWidth=2).encode(color=colour),
        base(marks).mark_text(fontSize=TEXT).encode(y=y, x=x("on"), text="symbol:N", color=colour),
    ]
    return layered(layers, width=WIDTH - 8, height=height, **({"title": title} if title else {}))


def ruled(
    first: pd.Timestamp,
    last: pd.Timestamp,
    scale: alt.Scale,
    px: float,
    height: float,
    language: Language,
) -> list[alt.Chart]:
    """Return light rules at the beginnings of months or years, named under the drawing.

    Where there is no room for every name, every second one is there, or third, and so on.
    """
    by_month = (last - first).days <= 400
    freq = "MS" if by_month else "YS"
    starts = pd.date_range(first.replace(day=1), last, freq=freq)
    edges = [first, *(day for day in starts if first < day < last), last]
    texts: list[dict[str, Any]] = []
    for begin, end in pairwise(edges):
        month = style.month(f"{begin:%Y-%m}", language, short=True)
        words = month if by_month else f"{begin.year}"
        middle = _number(begin) + (end - begin).days / 2
        width = TEXT * text_width(words) + 6
        if by_month or width <= (end - begin).days * px:
            texts.append({"on": middle, "words": words, "width": width})
    texts = next(some for step in count(1) if _have_room(some := texts[::step], px))
    x = alt.X("on:Q", axis=None, scale=scale)
    rules: list[dict[str, Any]] = [{"on": _number(day)} for day in edges]
    return [
        base(rules).mark_rule(color=COLOURS["faint"], strokeWidth=1).encode(x=x),
        base(texts)
        .mark_text(fontSize=TEXT, color=COLOURS["soft"], y=height + 14)
        .encode(x=x, text="words:N"),
    ]


def _have_room(texts: list[dict[str, Any]], px: float) -> bool:
    return all(
        (b["on"] - a["on"]) * px >= (a["width"] + b["width"]) / 2 for a, b in pairwise(texts)
    )


def _now(day: pd.Timestamp, x: alt.X) -> alt.Chart:
    return cast(alt.Chart, base([{"on": _number(day)}]).mark_rule(strokeWidth=1.5).encode(x=x))


def _number(day: pd.Timestamp) -> int:
    return (day - pd.Timestamp(0)).days
