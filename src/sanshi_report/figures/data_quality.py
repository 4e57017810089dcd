"""The data's own state, drawn: who reported when, what backs the money, what is unusual, how figures moved."""

from __future__ import annotations

from collections.abc import Sequence
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
    key,
    missing,
    months_axis,
    records,
)
from sanshi_report.period import ReportPeriod
from sanshi_report.style import LIGHTS, Language, say
from sanshi_report.style.chart import COLOURS
from sanshi_report.workspace import Parameters

__all__ = ["evidence", "punctuality", "record", "triangle"]

_STATUSES = {
    "on_time": ("●", LIGHTS["green"].colour),
    "late": ("▲", LIGHTS["yellow"].colour),
    "partial": ("◆", COLOURS["target"]),
    "missing": ("■", LIGHTS["red"].colour),
}
# Parts of one bar: printed in black and white they are four different greys.
_GRADES = {
    "self_reported": "#cf8427",
    "unstated": "#e3e6ea",
    "confirmed": "#a9c7e6",
    "verified": "#1f5a94",
}
_HEAT = ("#f6f7f8", "#f7dfb0", "#eec168", "#c98f2b", "#8a5a00")
"""How many suspicions, from none to four and more."""

_STEP = 23


def punctuality(by_month: pd.DataFrame, parameters: Parameters, language: Language) -> Figure:
    """Draw for each unit and month whether its report was complete and on time.

    Parameters
    ----------
    by_month : DataFrame
        `metrics.submissions.punctuality`.
    """
    words = {name: say(f"data_quality.status_{name}", language) for name in _STATUSES}
    rows = [
        {
            "row": row["responsible_unit"],
            "month": style.month(row["month"], language, short=True),
            "sign": _STATUSES[row["status"]][0],
            "colour": _STATUSES[row["status"]][1],
            "said": words[row["status"]],
        }
        for row in records(by_month)
    ]
    units = list(dict.fromkeys(row["row"] for row in rows))
    cells = base(rows).encode(x=_year_axis(parameters, language), y=_units(units))
    tip = alt.Tooltip("said:N", title=say("data_quality.status", language))
    signs = cells.mark_text(fontSize=15).encode(
        text="sign:N", color=alt.Color("colour:N", scale=None), tooltip=tip
    )
    legend = key(
        [(sign, colour, words[name][2:]) for name, (sign, colour) in _STATUSES.items()], y=-14
    )
    return Figure(_matrix([signs, *legend], len(units)), "fig-punctuality", by_month)


def record(record: pd.DataFrame, parameters: Parameters, language: Language) -> Figure:
    """Draw how many suspicions each unit had in each month's report, and what was returned to it.

    Parameters
    ----------
    record : DataFrame
        `metrics.submissions.record`; units with nothing all year are left out of the drawing.
    """
    sums = record.groupby("sender", sort=False)[["suspicions", "returned"]].sum()
    noisy = list(sums.index[sums.sum(axis=1) > 0])
    rows = [
        {
            "row": row["sender"],
            "month": style.month(row["month"], language, short=True),
            "colour": _HEAT[min(int(row["suspicions"]), len(_HEAT) - 1)],
            "text": _counted(row, language),
            "ink": "#ffffff" if row["suspicions"] > 3 else COLOURS["ink"],
        }
        for row in records(record[record["sender"].isin(noisy)])
    ]
    some = base(rows).encode(x=_year_axis(parameters, language), y=_units(noisy))
    layers = [
        some.mark_rect(stroke="#ffffff", strokeWidth=3).encode(
            color=alt.Color("colour:N", scale=None)
        ),
        some.mark_text(fontSize=15).encode(text="text:N", color=alt.Color("ink:N", scale=None)),
    ]
    return Figure(_matrix(layers, max(1, len(noisy)), key_above=False), "fig-record", record)


def evidence(evidence: pd.DataFrame, parameters: Parameters, language: Language) -> Figure:
    """Draw what each month's money rests on, the limit of the self-reported share marked.

    Parameters
    ----------
    evidence : DataFrame
        `metrics.quality.evidence_by_month`.
    """
    limit = parameters.programme.suspicions.self_reported_share_pct
    pieces, ends = _shares(evidence, language)
    y_scale = alt.Scale(domain=[0, 108], nice=False)

    def y(field: str) -> alt.Y:
        return alt.Y(f"{field}:Q", axis=None, title=None, scale=y_scale)

    x = _year_axis(parameters, language)
    line = base([{"limit": at(limit)}])
    words = say("data_quality.chart_limit", language, limit=style.number(limit))
    layers = [
        base(pieces)
        .mark_bar(width={"band": 0.72})
        .encode(x=x, y=y("from"), y2="to:Q", color=alt.Color("colour:N", scale=None),
                tooltip=[alt.Tooltip("said:N", title=say("labels.month", language))]),
        base(ends)
        .mark_text(dy=13, color=COLOURS["ink"], fontSize=15)
        .encode(x=x, y=y("own"), text="own_text:N"),
        line.mark_rule(strokeDash=[6, 4]).encode(y=y("limit")),
        *key(
            [
                *(("■", colour, say(f"data_quality.{name}", language))
                  for name, colour in _GRADES.items()),
                ("╍", COLOURS["target"], words),
            ],
            y=-14,
        ),
    ]  # fmt: skip
    return Figure(fitted(layers, 260), "fig-evidence", evidence)


def triangle(figures: pd.DataFrame, parameters: Parameters, language: Language) -> Figure | None:
    """Draw by how much each month's year to date had moved in each later report, if there is one.

    Parameters
    ----------
    figures : DataFrame
        `metrics.quality.triangle`.
    """
    months = list(dict.fromkeys(figures["month"]))
    if len(months) < 2:
        return None
    largest = max([1, *figures["difference_ytd"].dropna().abs()])
    rows = [
        {
            "row": _up_to(row["month"], language),
            "month": style.month(row["known_in"], language, short=True),
            "colour": _revised_colour(row, largest),
            "text": _revised_text(row, language),
            "ink": COLOURS["ink"],
        }
        for row in records(figures)
        if not missing(row["invested_ytd"])
    ]
    names = [_up_to(month, language) for month in months]
    reported = _year_axis(parameters, language).title(say("data_quality.chart_known", language))
    cells = base(rows).encode(x=reported, y=_units(names))
    layers = [
        cells.mark_rect(stroke="#ffffff", strokeWidth=2).encode(
            color=alt.Color("colour:N", scale=None)
        ),
        cells.mark_text(fontSize=13).encode(text="text:N", color=alt.Color("ink:N", scale=None)),
        *key(
            [
                ("■", COLOURS["plan"], say("data_quality.chart_first", language)),
                ("■", "#6fa3d0", say("data_quality.chart_up", language)),
                ("■", "#e0a35c", say("data_quality.chart_down", language)),
            ],
            y=-14,
        ),
    ]
    return Figure(_matrix(layers, max(1, len(names))), "fig-triangle", figures)


def _matrix(layers: Sequence[alt.Chart], rows: int, *, key_above: bool = True) -> alt.LayerChart:
    return fitted(layers, _STEP * rows + (56 if key_above else 30))


def _units(order: list[str]) -> alt.Y:
    return alt.Y(
        "row:N", sort=order, title=None, axis=alt.Axis(labelLimit=200, labelPadding=8, ticks=False)
    )


def _year_axis(parameters: Parameters, language: Language) -> alt.X:
    """Return an axis of all twelve months, so that a figure looks alike from month to month."""
    months = ReportPeriod.parse(f"{parameters.period.year}").months
    names = [style.month(month, language, short=True) for month in months]
    return months_axis(names).scale(domain=names)


def _counted(row: dict[str, Any], language: Language) -> str:
    parts = [str(row["suspicions"])] if row["suspicions"] else []
    if row["returned"]:
        parts.append(say("data_quality.returned_mark", language, n=row["returned"]))
    return " ".join(parts)


def _shares(by_month: pd.DataFrame, language: Language) -> tuple[Rows, Rows]:
    """Return the pieces of each month's bar, in per cent, and where the unconfirmed part ends."""
    pieces, ends = [], []
    for row in records(by_month):
        if not row["invested"]:
            continue
        month, top = style.month(row["month"], language, short=True), 0.0
        for name, colour in _GRADES.items():
            amount = row[f"{name}_amount"]
            share = 100 * int(amount) / int(row["invested"])
            said = f"{say(f'data_quality.{name}', language)} {style.money(amount, language)}"
            if amount:
                pieces.append(
                    {"month": month, "from": top, "to": top + share, "colour": colour, "said": said}
                )
            top += share
        share_text = style.pct(row["self_reported_pct"], 0)
        ends.append({"month": month, "own": at(row["self_reported_pct"]), "own_text": share_text})
    return pieces, ends


def _up_to(month: str, language: Language) -> str:
    """Return the months of a year to date."""
    name = style.month(month, language, short=True)
    key = "months_first" if month.endswith("-01") else "months_to"
    return say(f"data_quality.{key}", language, month=name)


def _revised_colour(row: dict[str, Any], largest: int) -> str:
    if row["month"] == row["known_in"]:
        return COLOURS["plan"]
    by = row["difference_ytd"]
    if not by:
        return "#f6f7f8"
    strong = abs(by) > largest / 3
    if by > 0:
        return "#6fa3d0" if strong else "#c9deef"
    return "#e0a35c" if strong else "#f7e0bd"


def _revised_text(row: dict[str, Any], language: Language) -> str:
    if row["month"] == row["known_in"]:
        return ""
    by = row["difference_ytd"]
    return style.yi(by, language, signed=True) if by else "·"
