"""Cumulative curves: money against plan and pace, and where the year is heading."""

from __future__ import annotations

from functools import partial
from typing import Any

import altair as alt
import pandas as pd

from sanshi_report import style
from sanshi_report.figures.figure import (
    Figure,
    Rows,
    at,
    base,
    fitted,
    height,
    key,
    months_axis,
    records,
    tips,
)
from sanshi_report.style import Language, say
from sanshi_report.style.chart import COLOURS
from sanshi_report.style.text import SCALE

__all__ = ["outlook", "project_curve"]

_LINES = ("invested_cum", "planned_cum", "pace_cum")
_SPREAD = ("low", "median", "high")


def outlook(
    by_month: pd.DataFrame, fan: pd.DataFrame, ahead: pd.DataFrame, language: Language
) -> Figure:
    """Draw the year's investment against plan and pace, and the outlook to its end as a fan.

    Parameters
    ----------
    by_month : DataFrame
        `metrics.investment.by_month`: twelve months, fen.
    fan, ahead : DataFrame
        `metrics.outlook.fan` and `metrics.outlook.investment`.
    """
    row = ahead.iloc[0]
    data = by_month.merge(fan, how="left", on="month")
    notes = []
    if row["status"] == "forecast":
        span = {name: style.yi(row[f"invested_{name}"], language) for name in _SPREAD}
        notes = [
            say("review_meeting.chart_year_end", language, **span),
            say(
                "review_meeting.chart_chance", language, chance=style.pct(row["probability_pct"], 1)
            ),
        ]
    return _drawn(data, notes, "fig-outlook", language, tall=280)


def project_curve(monthly: pd.DataFrame, language: Language, tall: int = 200) -> Figure:
    """Draw one continuing project's year: invested against its monthly plan and the pace.

    Parameters
    ----------
    monthly : DataFrame
        The project's rows of `metrics.monthly.by_project`.
    """
    label = f"fig-curve-{style.label_part(monthly['project_id'].iloc[0])}"
    return _drawn(monthly, [], label, language, tall=tall)


def _drawn(
    data: pd.DataFrame, notes: list[str], label: str, language: Language, tall: int
) -> Figure:
    rows = _rows(data, language)
    order = [row["month"] for row in rows]
    top = max((row[name] or 0 for row in rows for name in (*_LINES, "invested_high")), default=1)
    x, y = months_axis(order), partial(height, top=1.12 * top or 1)
    months = base(rows).encode(x=x)
    done = months.transform_filter("datum.invested_cum !== null")
    plans = months.transform_filter("datum.planned_cum !== null")
    now = base([row for row in rows if row["invested_cum"] is not None][-1:]).encode(x=x)
    high = any((row["invested_cum"] or 0) > 0.15 * top for row in rows)
    end = [row for row in rows if row["pace_cum"] is not None][-1:]
    shown = tips(
        language, month="month", invested_cum_text="chart_invested", planned_cum_text="chart_plan",
        pace_cum_text="chart_pace",
    )  # fmt: skip
    layers = [
        *_fan(rows, x, y),
        plans.mark_line(color=COLOURS["soft"], strokeWidth=2).encode(y=y("planned_cum")),
        months.transform_filter("datum.pace_cum !== null")
        .mark_line(color=COLOURS["target"], strokeWidth=2, strokeDash=[6, 4])
        .encode(y=y("pace_cum")),
        done.mark_line().encode(y=y("invested_cum")),
        done.mark_point(opacity=1).encode(y=y("invested_cum"), tooltip=shown),
        # Under the line there is room, but for what is close to the axis.
        now.mark_text(color=COLOURS["actual"], align="left", dx=8, dy=16 if high else -24).encode(
            y=y("invested_cum"), text="invested_cum_text:N"
        ),
        base(end)
        .mark_text(color=COLOURS["target"], align="right", dx=18, dy=-14)
        .encode(x=x, y=y("pace_cum"), text="pace_cum_text:N"),
        *_legend(bool(notes), language),
        *(
            base([{}])
            .mark_text(align="right", x="width", y=tall - 92 + 24 * n, color=COLOURS["ink"])
            .encode(text=alt.value(note))
            for n, note in enumerate(notes)
        ),
    ]
    return Figure(fitted(layers, tall), label, data)


def _rows(data: pd.DataFrame, language: Language) -> Rows:
    unit = SCALE[language][0]
    spread = [f"invested_{name}" for name in _SPREAD]
    rows = []
    for row in records(data):
        amounts = {name: row.get(name) for name in (*_LINES, *spread)}
        texts = {f"{name}_text": style.yi(amounts[name], language) for name in _LINES}
        places = {name: at(value, unit) for name, value in amounts.items()}
        rows.append({"month": style.month(row["month"], language, short=True), **places, **texts})
    # The fan opens from where the year stands.
    past = [row for row in rows if row["invested_cum"] is not None]
    if past and any(row["invested_median"] is not None for row in rows):
        past[-1].update(dict.fromkeys(spread, past[-1]["invested_cum"]))
    return rows


def _fan(rows: Rows, x: Any, y: Any) -> list[alt.Chart]:
    to_come = base([row for row in rows if row["invested_median"] is not None]).encode(x=x)
    band = to_come.mark_area(color=COLOURS["actual"], opacity=0.18)
    middle = to_come.mark_line(color=COLOURS["actual"], strokeWidth=2, strokeDash=[2, 3])
    return [
        band.encode(y=y("invested_low"), y2="invested_high:Q"),
        middle.encode(y=y("invested_median")),
    ]


def _legend(has_fan: bool, language: Language) -> list[alt.Chart]:
    entries = [
        ("━", COLOURS["actual"], say("labels.chart_invested_amount", language)),
        ("━", COLOURS["soft"], say("labels.chart_plan", language)),
        ("╍", COLOURS["target"], say("labels.chart_pace", language)),
    ]
    if has_fan:
        entries.append(("▒", COLOURS["actual"], say("review_meeting.chart_fan", language)))
    return key(entries, y=10, down=True)
