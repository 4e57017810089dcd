"""The continuing projects side by side."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from sanshi_report import style
from sanshi_report.figures.figure import Figure, at, base, fitted, records, tips
from sanshi_report.style import Language, say
from sanshi_report.style.chart import COLOURS

__all__ = ["completion"]

_SHAPES = {
    "green": "circle", "yellow": "triangle-up", "stalled": "diamond", "red": "square",
    "not_rated": "stroke",
}  # fmt: skip


def completion(by_project: pd.DataFrame, language: Language) -> Figure:
    """Draw each continuing project's completion against pace, with its light.

    Parameters
    ----------
    by_project : DataFrame
        `metrics.investment.by_project`; projects that are not rated are left out.
    language : {"zh", "en"}
        Language of the labels.
    """
    rated = by_project[by_project["completion_pct"].notna()]
    rated = rated.sort_values(["rank", "project_id"], kind="stable")
    rows = [_row(row, language) for row in records(rated)]
    longest = max([100.0, *(row["completion"] for row in rows)])
    scale = alt.Scale(domain=[0, longest * 1.27], nice=False)
    grid = alt.Axis(
        values=[0, 25, 50, 75, 100], grid=True, domain=False, ticks=False,
        labelExpr="datum.value + '%'", labelColor=COLOURS["soft"],
    )  # fmt: skip
    x = alt.X("completion:Q", title=None, scale=scale, axis=grid)
    names = alt.Y("name:N", sort=[row["name"] for row in rows], title=None)
    some = base(rows).encode(y=names.axis(labelLimit=300, labelPadding=10))
    pace = base(rows[:1]).encode(x="pace:Q")
    codes = list(style.LIGHTS)
    colours = alt.Scale(domain=codes, range=[style.LIGHTS[code].colour for code in codes])
    colour = alt.Color("light:N", legend=None, scale=colours)
    shapes = alt.Scale(domain=codes, range=[_SHAPES[code] for code in codes])
    shown = tips(
        language, name="project", unit="responsible_unit", completion_text="completion_pct",
        gap="gap", word="light",
    )  # fmt: skip
    label = some.encode(x=x, text="label:N", color=colour)
    layers = [
        pace.mark_rule(strokeDash=[6, 4]),
        pace.mark_text(color=COLOURS["target"], y=-12).encode(text="pace_label:N"),
        some.mark_rule(strokeWidth=3, opacity=0.4).encode(x=x, x2="pace:Q", color=colour),
        some.mark_point(size=190, opacity=1).encode(
            x=x, color=colour, shape=alt.Shape("light:N", legend=None, scale=shapes), tooltip=shown
        ),
        label.transform_filter("datum.ahead").mark_text(align="left", dx=13),
        label.transform_filter("!datum.ahead").mark_text(align="right", dx=-13),
    ]
    return Figure(fitted(layers, 34 * len(rows) + 60), "fig-completion", rated)


def _row(row: dict[str, Any], language: Language) -> dict[str, Any]:
    pace = style.pct(row["pace_pct"], 1)
    return {
        "name": row["name"],
        "unit": row["responsible_unit"],
        "completion": at(row["completion_pct"]),
        "completion_text": style.pct(row["completion_pct"]),
        "pace": at(row["pace_pct"]),
        "pace_label": say("labels.chart_pace_at", language, pace=pace),
        "gap": style.points(row["gap_points"]),
        "ahead": bool(row["gap_points"] >= 0),
        "light": row["light"],
        "word": style.light_word(row["light"], language),
        "label": style.pct(row["completion_pct"], 1),
    }
