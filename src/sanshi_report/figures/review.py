"""What a review meeting looks at: what moved, what holds a start up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import altair as alt
import pandas as pd

from sanshi_report import style
from sanshi_report.figures.curves import project_curve
from sanshi_report.figures.figure import (
    Figure,
    Rows,
    at,
    base,
    fitted,
    missing,
    records,
    text_width,
)
from sanshi_report.style import LIGHTS, Count, Language, say
from sanshi_report.style.chart import COLOURS, FONT_SIZE, WIDTH
from sanshi_report.style.text import SCALE
from sanshi_report.workspace import Parameters

__all__ = ["red", "waterfall"]

_DAY = pd.Timedelta(days=1)


def waterfall(money: pd.DataFrame, language: Language) -> Figure:
    """Draw what each continuing project added to the distance from pace since the last review.

    Parameters
    ----------
    money : DataFrame
        `metrics.review.money`.
    """
    before, after = int(money["ahead_before"].sum()), int(money["ahead"].sum())
    is_first = bool(money["light_before"].isna().all())
    name = say(f"review_meeting.bar_{'start' if is_first else 'before'}", language)
    steps: Rows = [_step(name, 0, before, "whole", language)]
    level = before
    for row in records(money):
        kind = "gain" if row["ahead_change"] >= 0 else "loss"
        steps.append(_step(row["name"], level, level + int(row["ahead_change"]), kind, language))
        level += int(row["ahead_change"])
    steps.append(_step(say("review_meeting.bar_after", language), 0, after, "whole", language))
    ends = [end for step in steps for end in (step["from"], step["to"])]
    room = 0.22 * (max(ends) - min(ends) or 1)
    scale = alt.Scale(domain=[min(ends) - room, max(ends) + room], nice=False)
    y = alt.Y("name:N", sort=[step["name"] for step in steps], title=None)
    some = base(steps).encode(y=y.axis(labelLimit=300, labelPadding=8))
    colour = alt.Color("colour:N", scale=None)
    shown = [alt.Tooltip("name:N", title=say("labels.project", language)),
             alt.Tooltip("label:N", title=say("review_meeting.ahead_change", language))]  # fmt: skip

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", axis=None, title=None, scale=scale)

    zero = base([{"zero": 0}]).encode(x=x("zero"))
    is_right = abs(max(ends)) < abs(min(ends))
    layers = [
        zero.mark_rule(strokeDash=[6, 4]),
        zero.mark_text(color=COLOURS["target"], y=-12).encode(
            text=alt.value(say("labels.chart_pace", language))
        ),
        # The unit stands at the end that the pace leaves free.
        base([{}])
        .mark_text(
            color=COLOURS["soft"],
            align="left" if is_right else "right",
            x=0 if is_right else "width",
            y=-12,
        )
        .encode(text=alt.value(say("labels.unit_money", language))),
        some.mark_bar(size=17).encode(x=x("from"), x2="to:Q", color=colour, tooltip=shown),
        *_amounts(some.transform_filter("datum.right"), x("high"), colour, "left", 6),
        *_amounts(some.transform_filter("!datum.right"), x("low"), colour, "right", -6),
    ]
    data = money.drop(columns=["tier", "county", "lead_official", "task_force"])
    totals_row = pd.DataFrame({"ahead_before": [before], "ahead": [after]}, dtype="Int64")
    data = pd.concat([data, totals_row.assign(ahead_change=after - before)], ignore_index=True)
    return Figure(fitted(layers, 26 * len(steps) + 14), "fig-waterfall", data)


def _amounts(
    bars: alt.Chart, x: alt.X, colour: alt.Color, align: Literal["left", "right"], away: int
) -> list[alt.Chart]:
    """Return the amounts beside bars, and under each a margin of paper where the line of the pace would cross it."""
    margin = bars.mark_text(align=align, dx=away, stroke="white", strokeWidth=5)
    words = bars.mark_text(align=align, dx=away).encode(color=colour)
    return [layer.encode(x=x, text="label:N") for layer in (margin, words)]


def _step(name: str, start: int, end: int, kind: str, language: Language) -> dict[str, Any]:
    unit = SCALE[language][0]
    low, high = sorted((at(start, unit) or 0.0, at(end, unit) or 0.0))
    colours = {"whole": COLOURS["actual"], "gain": LIGHTS["green"].colour, "loss": LIGHTS["red"].colour}  # fmt: skip
    return {
        "name": name,
        "from": at(start, unit),
        "to": at(end, unit),
        "low": low,
        "high": high,
        "right": end >= start,
        "label": style.yi(end - start, language, signed=True),
        "colour": colours[kind],
    }


def red(
    red: pd.DataFrame,
    monthly: pd.DataFrame,
    permits: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> list[Figure]:
    """Draw each red project: a continuing one's year, a new build's permits.

    Parameters
    ----------
    red, monthly, permits : DataFrame
        `metrics.review.red`, `metrics.monthly.by_project` and `metrics.permits.register`.
    """
    return [
        project_curve(monthly[monthly["project_id"].eq(row["project_id"])], language)
        if row["kind"] == "continuing"
        else permit_bars(permits[permits["project_id"].eq(row["project_id"])], parameters, language)
        for row in records(red)
    ]


def permit_bars(permits: pd.DataFrame, parameters: Parameters, language: Language) -> Figure:
    """Draw how long each permit of a project took or is taking, with the day it was promised for.

    Parameters
    ----------
    permits : DataFrame
        The project's rows of `metrics.permits.register`.
    """
    end = pd.Timestamp(parameters.period.end)
    needed = permits[permits["is_needed"]]
    rows = [_permit(row, end, parameters, language) for row in records(needed)]
    first = min((row["from"] for row in rows if row["from"] is not None), default=-30)
    span = -first or 1
    names = max((text_width(row["permit"]) for row in rows), default=0)
    words = FONT_SIZE * max((text_width(row["word"]) for row in rows), default=0) + 14
    bars = max(WIDTH - FONT_SIZE * names - 24 - words, WIDTH / 4)
    scale = alt.Scale(domain=[first, span * words / bars], nice=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", axis=None, title=None, scale=scale)

    y = alt.Y("permit:N", sort=[row["permit"] for row in rows], title=None)
    some = base(rows).encode(y=y.axis(labelLimit=220, labelPadding=8))
    colour = alt.Color("colour:N", scale=None)
    told = [alt.Tooltip("said:N", title=say("review_meeting.permit", language))]
    layers = [
        *_month_rules(first, end, scale, language),
        some.transform_filter("datum.from !== null")
        .mark_bar(size=14)
        .encode(x=x("from"), x2="to:Q", color=colour, tooltip=told),
        some.transform_filter("datum.due !== null")
        .mark_tick(size=20)
        .encode(x=x("due"), tooltip=told),
        some.mark_text(align="left", dx=8).encode(x=x("now"), text="word:N", color=colour),
    ]
    data = needed.drop(columns=["known_at", "origin"]).reset_index(drop=True)
    about = f"-{style.label_part(permits['project_id'].iloc[0])}" if len(permits) else ""
    label = f"fig-permits{about}"
    return Figure(fitted(layers, 22 * max(len(rows), 1) + 30), label, data)


def _permit(
    row: Mapping[str, Any], end: pd.Timestamp, parameters: Parameters, language: Language
) -> dict[str, Any]:
    due, applied, granted = (_days(row[day], end) for day in ("due_on", "applied_on", "granted_on"))
    if row["is_granted"]:
        day = style.day(row["granted_on"], language, year=row["granted_on"].year != end.year, short=True)  # fmt: skip
        word, light = say("review_meeting.permit_granted", language, day=day), "green"
    elif row["is_overdue"]:
        late = Count(row["days_overdue"])
        word, light = say("review_meeting.permit_overdue", language, days=late), "red"
    else:
        name = "permit_waiting" if row["is_in_progress"] else "permit_not_started"
        word, light = say(f"review_meeting.{name}", language), "not_rated"
    symbol = LIGHTS[light].symbol
    permit = parameters.term(row["permit"], language)
    return {
        "permit": permit,
        "from": applied,
        "to": 0 if granted is None else granted,
        "due": due,
        "now": 0,
        "word": f"{symbol} {word}",
        "said": f"{permit} {word}",
        "colour": LIGHTS[light].colour,
    }


def _days(day: Any, end: pd.Timestamp) -> int | None:
    return None if missing(day) else int((day - end) / _DAY)


def _month_rules(
    first: int, end: pd.Timestamp, scale: alt.Scale, language: Language
) -> Iterable[alt.Chart]:
    """Return a faint line at the first of every other month, with its name."""
    starts = pd.date_range(end + first * _DAY, end, freq="MS")
    step = max(1, -(-len(starts) // 5))
    rows = [
        {"day": _days(day, end), "name": style.month(f"{day:%Y-%m}", language, short=True)}
        for day in starts[::step]
    ]
    marks = base(rows).encode(x=alt.X("day:Q", axis=None, title=None, scale=scale))
    return [
        marks.mark_rule(color=COLOURS["faint"], strokeWidth=1),
        marks.mark_text(y=-10, color=COLOURS["soft"], align="left").encode(text="name:N"),
    ]
