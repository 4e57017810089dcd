"""Investment of the continuing projects: over the months, and by sector."""

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
    layered,
    months_axis,
    records,
    tips,
)
from sanshi_report.style import Language, say
from sanshi_report.style.chart import COLOURS, WIDTH
from sanshi_report.style.text import SCALE
from sanshi_report.workspace import Parameters

__all__ = ["investment", "sectors"]


def investment(by_month: pd.DataFrame, total: pd.DataFrame, language: Language) -> Figure:
    """Draw cumulative investment against pace, and under it each month's against its plan.

    Parameters
    ----------
    by_month : DataFrame
        `metrics.investment.by_month`: twelve months, fen.
    total : DataFrame
        `metrics.investment.total`: one row.
    language : {"zh", "en"}
        Language of the labels.
    """
    rows = _month_rows(by_month, language)
    whole = total.iloc[0]
    chart = alt.vconcat(_cumulative(rows, whole, language), _monthly(rows, language), spacing=32)
    return Figure(chart, "fig-investment", by_month)


def _month_rows(by_month: pd.DataFrame, language: Language) -> Rows:
    unit = SCALE[language][0]
    amounts = ("invested", "planned", "invested_cum", "planned_cum", "pace_cum")
    return [
        {
            "month": style.month(row["month"], language, short=True),
            **{name: at(row[name], unit) for name in amounts},
            **{f"{name}_text": style.yi(row[name], language) for name in amounts},
        }
        for row in records(by_month)
    ]


def _cumulative(rows: Rows, whole: Any, language: Language) -> alt.LayerChart:
    x = months_axis([row["month"] for row in rows]).axis(None)
    last = [row for row in rows if row["invested_cum"] is not None][-1:]
    top = max(row[name] or 0 for row in rows for name in ("pace_cum", "invested_cum"))
    y = partial(height, top=1.12 * top)
    months, now = base(rows).encode(x=x), base(last).encode(x=x)
    done = months.transform_filter("datum.invested_cum !== null")
    # Below the line there is always room: beside it early in the year, well under it later.
    late = whole["pace_pct"] > 60
    shown = tips(
        language, month="month", invested_cum_text="chart_cumulative", pace_cum_text="chart_pace"
    )
    verdict = say(
        "labels.chart_so_far",
        language,
        amount=last[0]["invested_cum_text"],
        completion=style.pct(whole["completion_pct"], 1),
    )
    pace = say("labels.chart_pace", language)
    annual = f"{say('labels.annual_plan', language)} {rows[-1]['pace_cum_text']}"
    layers = [
        months.mark_line(color=COLOURS["target"], strokeWidth=2, strokeDash=[6, 4]).encode(
            y=y("pace_cum")
        ),
        done.mark_line().encode(y=y("invested_cum")),
        done.mark_point(opacity=1).encode(y=y("invested_cum"), tooltip=shown),
        now.mark_text(
            color=COLOURS["actual"],
            align="right" if late else "left",
            dx=8 if late else 14,
            dy=86 if late else 14,
        ).encode(y=y("invested_cum"), text=alt.value(verdict)),
        *(
            base(rows[place : place + 1])
            .mark_text(color=COLOURS["target"], align="right", dx=dx, dy=-16)
            .encode(x=x, y=y("pace_cum"), text=alt.value(words))
            for place, dx, words in ((8, 0, pace), (11, 22, annual))
        ),
    ]
    title = say("labels.chart_cumulative", language)
    return layered(layers, width=WIDTH - 8, height=210, title=title)


def _monthly(rows: Rows, language: Language) -> alt.LayerChart:
    order = [row["month"] for row in rows]
    top = max(row[name] or 0 for row in rows for name in ("planned", "invested"))
    y = partial(height, top=1.25 * top)
    months = base(rows).encode(x=months_axis(order))
    done = months.transform_filter("datum.invested !== null")
    shown = tips(language, month="month", invested_text="chart_invested", planned_text="chart_plan")
    layers = [
        months.mark_bar(color=COLOURS["plan"], width={"band": 0.9}).encode(
            y=y("planned"), tooltip=shown
        ),
        done.mark_bar(width={"band": 0.62}).encode(y=y("invested"), tooltip=shown),
        done.mark_text(color=COLOURS["actual"], dy=-10, fontSize=15).encode(
            y=y("invested"), text="invested_text:N"
        ),
        *key(
            [
                ("■", COLOURS["actual"], say("labels.chart_monthly", language)),
                ("■", COLOURS["plan"], say("labels.chart_plan", language)),
            ],
            y=-14,
        ),
    ]
    return layered(layers, width=WIDTH - 8, height=130)


def sectors(by_sector: pd.DataFrame, parameters: Parameters, language: Language) -> Figure:
    """Draw each sector's investment within its annual plan, the pace marked.

    Parameters
    ----------
    by_sector : DataFrame
        `metrics.investment.by_group(..., "sector")`, fen.
    parameters : Parameters
        Names and order of the sectors.
    language : {"zh", "en"}
        Language of the labels.
    """
    order = [term.value for term in parameters.programme.sectors]
    ranked = by_sector.sort_values("scope_value", key=lambda names: names.map(order.index))
    rows = [_sector_row(row, parameters, language) for row in records(ranked)]
    top = max((max(row["plan"], row["invested"]) for row in rows), default=1)
    scale = alt.Scale(domain=[0, top * 1.42], nice=False)

    def x(field: str) -> alt.X:
        return alt.X(f"{field}:Q", title=None, axis=None, scale=scale)

    names = alt.Y("name:N", sort=[row["name"] for row in rows], title=None)
    some = base(rows).encode(y=names.axis(labelPadding=8))
    shown = tips(
        language, name="sector", invested_text="chart_invested", plan_text="annual_plan", gap="gap"
    )
    layers = [
        some.mark_bar(color=COLOURS["plan"], size=36).encode(x=x("plan"), tooltip=shown),
        some.mark_bar(size=20).encode(x=x("invested"), tooltip=shown),
        some.mark_tick(size=46).encode(x=x("pace")),
        some.mark_text(align="left", dx=8, dy=-11).encode(
            x=x("end"), text="verdict:N", color=alt.Color("colour:N", scale=None)
        ),
        some.mark_text(align="left", dx=8, dy=11, color=COLOURS["soft"]).encode(
            x=x("end"), text="detail:N"
        ),
        *key(
            [
                ("■", COLOURS["actual"], say("labels.chart_invested_amount", language)),
                ("■", COLOURS["plan"], say("labels.annual_plan", language)),
                ("┃", COLOURS["target"], rows[0]["pace_label"] if rows else ""),
            ],
            y=-14,
        ),
    ]
    return Figure(fitted(layers, 70 * max(len(rows), 1)), "fig-sectors", ranked)


def _sector_row(row: dict[str, Any], parameters: Parameters, language: Language) -> dict[str, Any]:
    unit = SCALE[language][0]
    plan, invested = at(row["annual_plan"], unit) or 0, at(row["invested_ytd"], unit) or 0
    share = at(row["pace_pct"])
    return {
        "name": parameters.term(row["scope_value"], language),
        "plan": plan,
        "invested": invested,
        "end": max(plan, invested),
        "pace": None if share is None else round(plan * share / 100, 4),
        "pace_label": say("labels.chart_pace_at", language, pace=style.pct(row["pace_pct"], 1)),
        "colour": style.LIGHTS[row["light"]].colour,
        "invested_text": style.yi(row["invested_ytd"], language),
        "plan_text": style.yi(row["annual_plan"], language),
        "gap": style.points(row["gap_points"]),
        "verdict": f"{style.pct(row['completion_pct'], 1)} {style.light_word(row['light'], language)}",
        "detail": f"{style.yi(row['invested_ytd'], language)} / {style.yi(row['annual_plan'], language)}",
    }
