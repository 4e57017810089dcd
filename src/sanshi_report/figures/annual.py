"""The year in pictures: a small chart for every project, how outlooks came out, the years to the last completion."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, cast

import altair as alt
import pandas as pd

from sanshi_report import style
from sanshi_report.exact import FEN_PER, fen_of
from sanshi_report.figures.figure import Figure, Rows, at, base, fitted, layered, missing, records
from sanshi_report.style import LIGHTS, Count, Language, say
from sanshi_report.style.chart import COLOURS, WIDTH
from sanshi_report.style.text import SCALE
from sanshi_report.workspace import Parameters

__all__ = ["builds", "continuing", "outlooks", "years"]

_ACROSS = 3
_GAP = 14
_ROW_GAP = 8
_PAGE = 520
_PANEL = (WIDTH - 8 - _GAP * (_ACROSS - 1)) // _ACROSS
_HEAD = 30
_SMALL = 14
"""Still 10.5 pt on paper, and a long name fits over a panel."""


def continuing(
    monthly: pd.DataFrame, by_project: pd.DataFrame, parameters: Parameters, language: Language
) -> Figure:
    """Draw each continuing project's year: the share of its plan invested, beside plan and pace.

    Parameters
    ----------
    monthly, by_project : DataFrame
        `metrics.monthly.by_project` and `metrics.investment.by_project`.
    """
    rated = by_project[by_project["completion_pct"].notna()].sort_values(["rank", "project_id"])
    highest = max([100.0, *(float(value) for value in rated["completion_pct"])])
    panels = []
    for row in records(rated):
        own = monthly[monthly["project_id"].eq(row["project_id"])]
        word = f"{style.pct(row['completion_pct'], 1)} {LIGHTS[row['light']].symbol}"
        colour = LIGHTS[row["light"]].colour
        panels.append(_panel(row["name"], word, colour, _curve(own, highest)))
    data = monthly[monthly["project_id"].isin(rated["project_id"])].reset_index(drop=True)
    return _multiples(panels, "fig-continuing", data)


def builds(
    monthly: pd.DataFrame, builds: pd.DataFrame, parameters: Parameters, language: Language
) -> Figure:
    """Draw each new build's year: what it invested, the day it was to start and the day it did.

    Parameters
    ----------
    monthly, builds : DataFrame
        `metrics.monthly.by_project` and `metrics.annual.builds`.
    """
    panels = []
    for row in records(builds):
        own = monthly[monthly["project_id"].eq(row["project_id"])]
        word, colour = _started(row, language)
        panels.append(_panel(row["name"], word, colour, _bars(own, row, parameters, language)))
    data = monthly[monthly["project_id"].isin(builds["project_id"])].reset_index(drop=True)
    return _multiples(panels, "fig-builds", data)


def _multiples(panels: list[alt.LayerChart], label: str, data: pd.DataFrame) -> Figure:
    charts = panels or [layered([base([{}]).mark_text()], width=_PANEL, height=_HEAD)]
    # A page's height holds them at full size, so that their words stay legible.
    lines = -(-len(charts) // _ACROSS)
    tall = min(76, _PAGE // lines - _HEAD - _ROW_GAP)
    charts = [panel.properties(height=tall) for panel in charts]
    chart = alt.concat(*charts, columns=_ACROSS, spacing={"row": _ROW_GAP, "column": _GAP})
    return Figure(cast(alt.TopLevelMixin, chart), label, data)


def _panel(name: str, word: str, colour: str, marks: list[alt.Chart]) -> alt.LayerChart:
    title = base([{}]).mark_text(align="left", x=0, y=-22, fontSize=_SMALL, color=COLOURS["ink"])
    verdict = base([{}]).mark_text(align="left", x=0, y=-7, fontSize=_SMALL, color=colour)
    texts = [title.encode(text=alt.value(name)), verdict.encode(text=alt.value(word))]
    return layered([*marks, *texts], width=_PANEL, height=_HEAD)


def _at_month(rows: Rows, field: str, top: float) -> alt.Chart:
    x = alt.X("at:Q", axis=None, title=None, scale=alt.Scale(domain=[0, 12], nice=False))
    y = alt.Y(f"{field}:Q", axis=None, title=None, scale=alt.Scale(domain=[0, top], nice=False))
    return base(rows).encode(x=x, y=y)


def _curve(own: pd.DataFrame, highest: float) -> list[alt.Chart]:
    months = records(own)
    begin: dict[str, Any] = {"at": 0, "invested": 0, "planned": 0, "pace": 0}
    rows: Rows = [begin]
    for number, row in enumerate(months, start=1):
        rows.append(
            {
                "at": number,
                "invested": at(row["invested_pct"]),
                "planned": at(row["planned_pct"]),
                "pace": at(row["pace_pct"]),
            }
        )
    top = 1.02 * highest
    past = [row for row in rows if row["invested"] is not None]
    plans = [row for row in rows if row["planned"] is not None]
    paces = [row for row in rows if row["pace"] is not None]
    ends: Rows = [{"at": 0, "base": 0}, {"at": 12, "base": 0}]
    return [
        _at_month(ends, "base", top).mark_line(color=COLOURS["line"], strokeWidth=1),
        _at_month(plans, "planned", top).mark_line(color=COLOURS["soft"], strokeWidth=1.5),
        _at_month(paces, "pace", top).mark_line(
            color=COLOURS["target"], strokeWidth=1.5, strokeDash=[4, 3]
        ),
        _at_month(past, "invested", top).mark_line(strokeWidth=2.5),
        _at_month(past[-1:], "invested", top).mark_point(size=45, opacity=1),
    ]


def _bars(
    own: pd.DataFrame, build: dict[str, Any], parameters: Parameters, language: Language
) -> list[alt.Chart]:
    unit = SCALE[language][0]
    rows: Rows = [
        {"at": number - 0.9, "to": number - 0.1, "invested": at(row["invested"], unit) or 0}
        for number, row in enumerate(records(own), start=1)
    ]
    top = 1.15 * max([0.0001, *(row["invested"] for row in rows)])
    year = parameters.period.year
    marks: Rows = [{"at": _month_of(build["planned_start"], year), "base": 0, "top": top}]
    begun: Rows = [{"at": _month_of(build["started_on"], year), "top": 0.93 * top}]
    ends: Rows = [{"at": 0, "base": 0}, {"at": 12, "base": 0}]
    layers = [
        _at_month(ends, "base", top).mark_line(color=COLOURS["line"], strokeWidth=1),
        _at_month(rows, "invested", top)
        .mark_rect(opacity=1, color=COLOURS["actual"])
        .encode(x2="to:Q", y2=alt.datum(0)),
    ]
    if marks[0]["at"] is not None:
        rule = _at_month(marks, "base", top).mark_rule(strokeDash=[4, 3], strokeWidth=2)
        layers.append(rule.encode(y2="top:Q"))
    if begun[0]["at"] is not None:
        layers.append(
            _at_month(begun, "top", top).mark_point(size=60, opacity=1, color=COLOURS["ink"])
        )
    return layers


def _month_of(day: Any, year: int) -> float | None:
    """Return where in the year's months a day lies, 0 to 12."""
    if missing(day):
        return None
    place = (day.year - year) * 12 + day.month - 1 + (day.day - 1) / day.days_in_month
    return round(float(min(max(place, 0), 12)), 3)


def _started(row: dict[str, Any], language: Language) -> tuple[str, str]:
    light = LIGHTS[row["light"]]
    if missing(row["started_on"]):
        word = style.light_word(row["light"], language)
        return f"{word} {say('annual_review.not_started', language)}", light.colour
    days = int(row["days_late"])
    key = "late" if days > 0 else "early" if days < 0 else "in_time"
    day = style.day(row["started_on"], language, year=False, short=True)
    word = say(f"annual_review.started_{key}", language, day=day, days=Count(abs(days)))
    return word, LIGHTS["yellow" if days > 0 else "green"].colour


def outlooks(year_end: pd.DataFrame, language: Language) -> Figure:
    """Draw what each month's outlook said of the year's end, and where the year ended.

    Parameters
    ----------
    year_end : DataFrame
        `metrics.annual.year_end_outlooks`.
    """
    # Charts measure in the language's unit; the outlook is held against what happened in 亿元.
    unit = Fraction(SCALE[language][0], FEN_PER["亿元"])
    rows: Rows = [
        {
            "month": style.month(row["made_on"], language, short=True),
            **{name: at(row[name], unit) for name in ("low", "median", "high", "actual")},
            "word": style.yi(fen_of(row["median"]), language),
            "colour": COLOURS["actual"] if row["is_covered"] else LIGHTS["red"].colour,
        }
        for row in records(year_end)
    ]
    values = [row[name] for row in rows for name in ("low", "high", "actual")] or [0.0, 1.0]
    room = 0.16 * (max(values) - min(values) or 1)
    scale = alt.Scale(domain=[min(values) - room, max(values) + room], nice=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", axis=None, title=None, scale=scale)

    order = [row["month"] for row in rows]
    x = alt.X("month:O", sort=order, title=None, axis=alt.Axis(ticks=False, labelPadding=6))
    some, colour = base(rows).encode(x=x), alt.Color("colour:N", scale=None)
    actual = style.yi(fen_of(year_end["actual"].iloc[0]), language) if len(year_end) else ""
    goal = base(rows[:1]).encode(y=y("actual"))
    layers = [
        goal.mark_rule(strokeDash=[6, 4]),
        goal.mark_text(color=COLOURS["target"], align="right", x="width", dy=-12).encode(
            text=alt.value(say("annual_review.chart_actual", language, actual=actual))
        ),
        some.mark_rule(strokeWidth=12, opacity=0.35).encode(y=y("low"), y2="high:Q", color=colour),
        some.mark_point(size=80, opacity=1).encode(y=y("median"), color=colour),
        some.mark_text(dy=16, fontSize=_SMALL).encode(y=y("low"), text="word:N", color=colour),
    ]
    return Figure(fitted(layers, 230), "fig-outlooks", year_end)


def years(by_year: pd.DataFrame, language: Language) -> Figure:
    """Draw how much of the programme completes in each year, to the last.

    Parameters
    ----------
    by_year : DataFrame
        `metrics.lifetime.by_year`.
    """
    unit = SCALE[language][0]
    rows: Rows = [
        {
            "year": str(row["year"]),
            "total": at(row["total_investment"], unit) or 0,
            "colour": COLOURS["actual"] if row["done"] else COLOURS["soft"],
            "word": say(
                "annual_review.chart_year",
                language,
                n=Count(row["completions"]),
                amount=style.yi(row["total_investment"], language),
                share=style.pct(row["cumulative_pct"], 1),
            ),
        }
        for row in records(by_year)
    ]
    top = max((row["total"] for row in rows), default=1)
    scale = alt.Scale(domain=[0, 2.6 * top], nice=False)
    x = alt.X("total:Q", axis=None, title=None, scale=scale)
    names = alt.Y("year:N", sort=None, title=None, axis=alt.Axis(labelPadding=8))
    some = base(rows).encode(y=names, x=x)
    layers = [
        some.mark_bar(size=24).encode(color=alt.Color("colour:N", scale=None)),
        some.mark_text(align="left", dx=8).encode(text="word:N"),
    ]
    return Figure(fitted(layers, 38 * max(len(rows), 1)), "fig-years", by_year)
