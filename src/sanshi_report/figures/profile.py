"""One project's page of charts: its money this year and in its whole life, its permits, its nodes."""

from __future__ import annotations

from typing import Any, cast

import altair as alt
import pandas as pd

from sanshi_report import style
from sanshi_report.figures.calendar import Row, calendar
from sanshi_report.figures.figure import (
    Figure,
    Rows,
    at,
    base,
    height,
    key,
    layered,
    records,
    text_width,
)
from sanshi_report.figures.timeline import Line, Mark, Span, clock, ruled, timeline
from sanshi_report.style import Count, Language, say
from sanshi_report.style.chart import COLOURS, FONT_SIZE, WIDTH
from sanshi_report.style.status import STATUSES
from sanshi_report.style.text import SCALE
from sanshi_report.workspace import Parameters

__all__ = ["funding", "meetings", "money", "time"]

_SPACING = 40
_LOW: tuple[Any, int, int] = ("right", -10, -12)
_HIGH: tuple[Any, int, int] = ("left", 10, 16)
"""Where the amount to date stands: near the axis there is room only above the line."""


def money(
    months: pd.DataFrame, path: pd.DataFrame, parameters: Parameters, language: Language
) -> Figure:
    """Draw what a project invested this year by month, and in its whole life up to its completion.

    Parameters
    ----------
    months, path : DataFrame
        `metrics.profile.months` and `trajectory`.
    """
    panels = [_life(path, parameters, language)]
    if months["invested"].sum() or months["planned_cum"].notna().any():
        panels.insert(0, _year(months, language))
    chart = alt.vconcat(*panels, spacing=_SPACING)
    return Figure(chart, "fig-money", path)


def time(
    permits: pd.DataFrame,
    land: pd.DataFrame,
    nodes: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Figure | None:
    """Draw a project's permits from application to grant, and its nodes from the day due to the day done.

    Parameters
    ----------
    permits, nodes : DataFrame
        `metrics.profile.permit_steps` and `nodes`.
    land : DataFrame
        `metrics.durations.land_to_start`, empty for a continuing project.
    """
    now = pd.Timestamp(parameters.period.end)
    panels = []
    if len(permits):
        named = permits.assign(permit=[parameters.term(p, language) for p in permits["permit"]])
        panels.append(_permits(named, land, now, language))
    if len(nodes):
        panels.append(_nodes(nodes, now, language))
    if not panels:
        return None
    chart = alt.vconcat(*panels, spacing=_SPACING)
    return Figure(chart, "fig-time", nodes)


def funding(sources: pd.DataFrame, parameters: Parameters, language: Language) -> Figure | None:
    """Draw what of each source's money is in place; nothing where no source is known.

    Parameters
    ----------
    sources : DataFrame
        `metrics.inputs.funding(..., "source")`.
    """
    if sources.empty:
        return None
    unit = SCALE[language][0]
    rows: Rows = [
        {
            "name": parameters.term(row["scope_value"], language),
            "planned": at(row["planned"], unit),
            "in_place": at(row["in_place"], unit),
            "told": f"{style.yi(row['in_place'], language)} / {style.yi(row['planned'], language)}"
            f" · {style.pct(row['in_place_pct'], 1)}",
        }
        for row in records(sources)
    ]
    top = max(1e-9, *(row["planned"] for row in rows))
    names, told = (max(text_width(row[part]) for row in rows) for part in ("name", "told"))
    across = WIDTH - 16 - min(FONT_SIZE * names, 260)
    # After the longest bar there is room for the longest words.
    longest = max(across - FONT_SIZE * told - 8, across / 4)
    x = alt.Scale(domain=[0, top * across / longest], nice=False)
    y = alt.Y("name:N", sort=[row["name"] for row in rows], title=None)
    some = base(rows).encode(y=y.axis(labelPadding=8, labelLimit=260))
    words = {
        name: say(f"project_profile.chart_{name}", language) for name in ("in_place", "planned")
    }
    layers = [
        some.mark_bar(color=COLOURS["plan"], size=22).encode(
            x=alt.X("planned:Q", axis=None, scale=x)
        ),
        some.mark_bar(size=12).encode(x=alt.X("in_place:Q", axis=None, scale=x)),
        some.mark_text(align="left", dx=8).encode(
            x=alt.X("planned:Q", axis=None, scale=x), text="told:N"
        ),
        *key(
            [("■", COLOURS["actual"], words["in_place"]), ("■", COLOURS["plan"], words["planned"])],
            y=-14,
        ),
    ]
    fit = alt.AutoSizeParams(type="fit", contains="padding")
    chart = layered(layers, width=WIDTH, height=30 * len(rows) + 24, autosize=fit)
    return Figure(chart, "fig-funding", sources)


def _year(months: pd.DataFrame, language: Language) -> alt.LayerChart:
    """Draw the year's cumulative money against its plan and pace, with each month's as bars."""
    unit = SCALE[language][0]
    names = ("invested", "invested_cum", "planned_cum", "pace_cum")
    rows: Rows = [
        {
            "month": style.month(row["month"], language, short=True),
            **{name: at(row[name], unit) for name in names},
            "told": style.yi(row["invested_cum"], language),
        }
        for row in records(months)
    ]
    top = 1.2 * max([1e-9, *(row[name] or 0 for row in rows for name in names[1:])])
    order = [row["month"] for row in rows]
    x = alt.X("month:O", sort=order, title=None, axis=alt.Axis(ticks=False, labelPadding=6))
    some = base(rows).encode(x=x)
    done = some.transform_filter("datum.invested_cum !== null")
    last = base([row for row in rows if row["invested_cum"] is not None][-1:]).encode(x=x)
    planned = any(row["planned_cum"] for row in rows)
    paced = any(row["pace_cum"] for row in rows)
    layers = [
        some.mark_bar(color=COLOURS["plan"], width={"band": 0.62}).encode(
            y=height("invested", top)
        ),
        *(
            [
                some.mark_line(color=COLOURS["soft"], strokeWidth=2).encode(
                    y=height("planned_cum", top)
                )
            ]
            if planned
            else []
        ),
        *(
            [
                some.mark_line(color=COLOURS["target"], strokeWidth=2, strokeDash=[6, 4]).encode(
                    y=height("pace_cum", top)
                )
            ]
            if paced
            else []
        ),
        done.mark_line().encode(y=height("invested_cum", top)),
        done.mark_point(opacity=1, size=60).encode(y=height("invested_cum", top)),
        last.mark_text(color=COLOURS["actual"], align="left", dx=8, dy=14).encode(
            y=height("invested_cum", top), text="told:N"
        ),
        *key(_year_key(planned, paced, language), y=-14),
    ]
    title = say("project_profile.chart_year", language)
    return layered(layers, width=WIDTH - 8, height=140, title=title)


def _year_key(planned: bool, paced: bool, language: Language) -> list[tuple[str, str, str]]:
    words = {
        name: say(f"project_profile.chart_{name}", language)
        for name in ("cumulative", "month", "plan", "pace")
    }
    entries = [
        ("━", COLOURS["actual"], words["cumulative"]),
        ("■", COLOURS["plan"], words["month"]),
    ]
    if planned:
        entries.append(("━", COLOURS["soft"], words["plan"]))
    if paced:
        entries.append(("┅", COLOURS["target"], words["pace"]))
    return entries


def _life(path: pd.DataFrame, parameters: Parameters, language: Language) -> alt.LayerChart:
    """Draw the money of a project's whole life, what is behind as a line, what is to come dashed."""
    unit = SCALE[language][0]
    first = path["on"].iloc[0].replace(month=1, day=1)
    last = max(path["on"].max(), pd.Timestamp(parameters.period.year, 12, 31)).replace(
        month=12, day=31
    )
    scale, px = clock(first, last, 0, WIDTH - 8)
    rows: Rows = [
        {"stage": row["stage"], "on": (row["on"] - pd.Timestamp(0)).days, "amount": at(row["amount_to_date"], unit)}
        for row in records(path)
    ]  # fmt: skip
    top = 1.3 * max(1e-9, *(row["amount"] for row in rows))
    x = alt.X("on:Q", axis=None, scale=scale)
    y = height("amount", top)
    past = [row for row in rows if row["stage"] in {"begun", "before"}]
    known = [row for row in rows if row["stage"] in {"before", "month"}]
    coming = [known[-1], *(row for row in rows if row["stage"] in {"year", "whole"})]
    ends = [row for row in rows if row["stage"] in {"year", "whole"}]

    def told(stage: str, row: dict[str, Any], align: Any, dx: int, dy: int) -> alt.Chart:
        amount = path.loc[path["stage"].eq(stage), "amount_to_date"].iloc[-1]
        words = say(f"project_profile.life_{stage}", language, amount=style.yi(amount, language))
        colour = COLOURS["actual"] if stage == "month" else COLOURS["soft"]
        point = base([row]).encode(x=x, y=y, text=alt.value(words))
        return cast(alt.Chart, point.mark_text(align=align, dx=dx, dy=dy, color=colour))

    dashed: dict[str, Any] = {"strokeDash": [5, 4], "strokeWidth": 2}
    layers = [
        *ruled(first, last, scale, px, 150, language),
        base(past).mark_line(color=COLOURS["soft"], **dashed).encode(x=x, y=y),
        base(coming).mark_line(color=COLOURS["soft"], **dashed).encode(x=x, y=y),
        base(known).mark_line().encode(x=x, y=y),
        base([known[-1]]).mark_point(opacity=1).encode(x=x, y=y),
        base(ends)
        .mark_text(color=COLOURS["target"], fontSize=15)
        .encode(x=x, y=y, text=alt.value("◆")),
        told("month", known[-1], *_LOW if known[-1]["amount"] < top / 4 else _HIGH),
        told("whole", ends[-1], "right", -4, -18),
    ]
    if known[0]["amount"]:
        layers.append(told("before", known[0], "right", -8, -8))
    return layered(
        layers, width=WIDTH - 8, height=150, title=say("project_profile.chart_life", language)
    )


def _permits(
    permits: pd.DataFrame, land: pd.DataFrame, now: pd.Timestamp, language: Language
) -> alt.LayerChart:
    rows = records(permits)
    lines = [_permit(row, now, language) for row in rows if row["status"] != "not_needed"]
    lines += [
        _land(row, now, language) for row in records(land) if pd.notna(row["land_granted_on"])
    ]
    days = permits[["applied_on", "due_on", "granted_on"]].melt()["value"]
    days = pd.concat([days, land["planned_start"], land["started_on"]]).dropna()
    if (
        permits["status"].isin(["overdue", "open", "to_come"]).any()
        or land["started_on"].isna().any()
    ):
        days = pd.concat([days, pd.Series([now])])
    first = days.min().replace(day=1)
    last = days.max() + pd.offsets.MonthEnd(0)
    title = say("project_profile.chart_permits", language)
    return timeline(lines, first, last, now, language, title=title)


def _permit(row: dict[str, Any], now: pd.Timestamp, language: Language) -> Line:
    symbol, colour = STATUSES[row["status"]]
    end = row["granted_on"] if pd.notna(row["granted_on"]) else now
    spans = () if pd.isna(row["applied_on"]) else (Span(row["applied_on"], end, colour),)
    marks = [Mark(row["due_on"], "◇", COLOURS["ink"])] if pd.notna(row["due_on"]) else []
    if pd.notna(row["granted_on"]):
        marks.append(Mark(row["granted_on"], symbol, colour))
    if pd.notna(row["working_days"]):
        words = say("project_profile.took", language, days=Count(row["working_days"]))
    elif pd.notna(row["waiting_workdays"]):
        words = say("project_profile.waiting", language, days=Count(row["waiting_workdays"]))
    else:
        words = say(f"project_profile.status_{row['status']}", language)
    return Line(row["permit"], f"{symbol} {words}", colour, spans, tuple(marks))


def _land(row: dict[str, Any], now: pd.Timestamp, language: Language) -> Line:
    begun = pd.notna(row["started_on"])
    days = Count(row["days"] if begun else row["waiting_days"])
    status = "done" if begun else "overdue" if row["planned_start"] <= now else "open"
    symbol, colour = STATUSES[status]
    end = row["started_on"] if begun else now
    span = Span(row["land_granted_on"], end, COLOURS["actual"])
    key_ = "project_profile.land_took" if begun else "project_profile.land_waiting"
    marks = (
        Mark(row["planned_start"], "◇", COLOURS["ink"]),
        *((Mark(end, symbol, colour),) if begun else ()),
    )
    name = say("project_profile.land_to_start", language)
    return Line(name, say(key_, language, days=days), colour, (span,), marks)


def _nodes(nodes: pd.DataFrame, now: pd.Timestamp, language: Language) -> alt.LayerChart:
    days = nodes[["due_on", "done_on"]].melt()["value"]
    first = min(days.min(), now).replace(day=1)
    last = max(days.max(), now) + pd.offsets.MonthEnd(0)
    lines = [_node(row, now, language) for row in records(nodes)]
    title = say("project_profile.chart_nodes", language)
    return timeline(lines, first, last, now, language, title=title)


def _node(row: dict[str, Any], now: pd.Timestamp, language: Language) -> Line:
    symbol, colour = STATUSES[row["status"]]
    until = row["done_on"] if pd.notna(row["done_on"]) else now
    due = Mark(row["due_on"], "◇", COLOURS["ink"])
    if row["status"] == "to_come":
        words = style.day(row["due_on"], language, year=False, short=True)
        return Line(row["node"], f"{symbol} {words}", colour, (), (due,))
    span = Span(min(row["due_on"], until), max(row["due_on"], until), colour)
    key_ = "project_profile.late" if pd.notna(row["days_late"]) else "project_profile.in_time"
    days = Count(row["days_late"]) if pd.notna(row["days_late"]) else Count(0)
    words = say(key_, language, days=days)
    return Line(
        row["node"], f"{symbol} {words}", colour, (span,), (due, Mark(until, symbol, colour))
    )


def meetings(windows: pd.DataFrame, parameters: Parameters, language: Language) -> Figure | None:
    """Draw the windows of the year in which a project's bodies owed a meeting, and which they used.

    Parameters
    ----------
    windows : DataFrame
        `metrics.profile.meetings`.
    """
    if windows.empty:
        return None
    frame = windows.assign(is_held=windows["held_on"].notna())
    frame["share"] = frame["is_held"].astype("int64")
    rows = []
    for level, own in frame.groupby("level", sort=False):
        held, owed = Count(own["is_held"].sum()), Count(len(own))
        told = say("project_profile.held_of", language, held=held, owed=owed)
        rows.append(Row(parameters.term(str(level), language), told, own))
    year = parameters.period.year
    first, last = pd.Timestamp(year, 1, 1), pd.Timestamp(year, 12, 31)
    chart = calendar(rows, min(first, frame["opens"].min()), last, language)
    counts = frame.groupby("level", sort=False)["is_held"].agg(["sum", "size"]).astype("Int64")
    counts = counts.rename(columns={"sum": "held", "size": "owed"}).reset_index()
    return Figure(chart, "fig-meetings", counts)
