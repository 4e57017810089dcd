"""The bulletin's figures on permits, labour and meetings."""

from __future__ import annotations

from functools import partial
from typing import Any

import altair as alt
import pandas as pd

from sanshi_report import style
from sanshi_report.figures.calendar import Row, calendar
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
    text_width,
    tips,
)
from sanshi_report.figures.timeline import TEXT
from sanshi_report.period import ReportPeriod
from sanshi_report.style import LIGHTS, Language, say
from sanshi_report.style.chart import COLOURS, WIDTH
from sanshi_report.style.status import STATUSES
from sanshi_report.workspace import Parameters

__all__ = ["labour", "meetings", "permits"]

_CELL = 21
_LINES = 3
"""How many words are written over a month in which a season begins."""


def permits(matrix: pd.DataFrame, parameters: Parameters, language: Language) -> Figure | None:
    """Draw every new build's permits as a matrix of signs; nothing once all are granted.

    Parameters
    ----------
    matrix : DataFrame
        `metrics.bulletin.matrix`.
    """
    outstanding = matrix["status"].isin(["overdue", "open", "to_come"])
    if not outstanding.any():
        return None
    words = {code: say(f"bulletin.status_{code}", language) for code in STATUSES}
    builds = matrix["name"].drop_duplicates().tolist()
    columns = [term.value for term in parameters.programme.permits]
    rows: Rows = [
        {
            "name": row["name"],
            "permit": parameters.term(row["permit"], language),
            "row": builds.index(row["name"]) + 0.5,
            "column": columns.index(row["permit"]) if row["permit"] in columns else len(columns),
            "symbol": STATUSES[row["status"]][0],
            "colour": STATUSES[row["status"]][1],
            "word": words[row["status"]],
            "shaded": row["status"] == "overdue",
        }
        for row in records(matrix)
    ]
    return Figure(_matrix(rows, builds, words, language), "fig-permits", matrix)


def _matrix(
    rows: Rows, builds: list[str], words: dict[str, str], language: Language
) -> alt.LayerChart:
    """Draw signs in rows by project and columns by permit, their names along the edges."""
    left = TEXT * max(text_width(name) for name in builds) + 8
    heads = {row["column"]: row["permit"] for row in rows}
    step = (WIDTH - 24 - left) / (max(heads) + 1)
    tall = _CELL * len(builds)
    x = alt.X("column:Q", axis=None, scale=alt.Scale(domain=[-0.5, max(heads) + 0.5],
              range=[left, WIDTH - 24], nice=False))  # fmt: skip
    y = alt.Y("row:Q", axis=None, scale=alt.Scale(domain=[0, len(builds)], range=[0, tall]))
    names = [{"row": n + 0.5, "name": name} for n, name in enumerate(builds)]
    tops = [
        {"column": at, **dict(zip(("over", "permit"), _halves(name, step), strict=True))}
        for at, name in heads.items()
    ]
    cells = base(rows).encode(x=x, y=y)
    shown = [*tips(language, name="project"), alt.Tooltip("permit:N"), alt.Tooltip("word:N")]
    slant: dict[str, Any] = {} if language == "zh" else {"angle": 336, "align": "left", "dx": -16}
    layers = [
        base(names).mark_rule(color=COLOURS["faint"], strokeWidth=1).encode(y=y),
        base(names).mark_text(align="left", x=0, fontSize=TEXT).encode(y=y, text="name:N"),
        base(tops).mark_text(y=-12, fontSize=TEXT, **slant).encode(x=x, text="permit:N"),
        base(tops).mark_text(y=-14 - TEXT, fontSize=TEXT).encode(x=x, text="over:N"),
        cells.transform_filter("datum.shaded").mark_square(
            color="#f6d5d5", opacity=1, size=(0.85 * min(step, 2 * _CELL)) ** 2 / 2
        ),
        cells.mark_text(fontSize=15).encode(
            text="symbol:N", color=alt.Color("colour:N", scale=None), tooltip=shown
        ),
        *key([(*STATUSES[code], words[code]) for code in words], y=tall + 16),
    ]
    return layered(layers, width=WIDTH - 8, height=tall)


def _halves(name: str, step: float) -> tuple[str, str]:
    """Return what of a column's name stands over the rest: half of a Chinese one that is too wide for it."""
    is_wide = not name.isascii() and TEXT * text_width(name) > step - TEXT
    cut = len(name) // 2 if is_wide else 0
    return name[:cut], name[cut:]


def labour(troughs: pd.DataFrame, parameters: Parameters, language: Language) -> Figure | None:
    """Draw the hands needed and secured month by month, the troughs marked with their season.

    Parameters
    ----------
    troughs : DataFrame
        `metrics.labour.troughs`.
    """
    if troughs.empty:
        return None
    rows = [_labour_row(row, parameters, language) for row in records(troughs)]
    _name_seasons(rows)
    top = 1.4 * max(max(row["needed"], row["secured"]) for row in rows)
    y = partial(height, top=top)
    year = ReportPeriod.parse(f"{parameters.period.year}").months
    order = [style.month(month, language, short=True) for month in year]
    months = base(rows).encode(x=months_axis(order).scale(domain=order))
    shown = [
        *tips(language, month="month"),
        alt.Tooltip("told:N", title=say("bulletin.secured", language)),
    ]
    labels = months.encode(y=y("top"))
    words = {
        name: say(f"bulletin.chart_{name}", language) for name in ("needed", "secured", "trough")
    }
    layers = [
        months.mark_bar(color=COLOURS["plan"], width={"band": 0.9}).encode(
            y=y("needed"), tooltip=shown
        ),
        months.mark_bar(width={"band": 0.62}).encode(y=y("secured"), tooltip=shown),
        labels.transform_filter("!datum.trough")
        .mark_text(dy=-10, fontSize=14, color=COLOURS["soft"])
        .encode(text="share:N"),
        labels.transform_filter("datum.trough")
        .mark_text(dy=-10, fontSize=14, color=LIGHTS["red"].colour)
        .encode(text="share:N"),
        *(
            labels.transform_filter(f"datum.line_{n} !== ''")
            .mark_text(dy=-29 - 13 * n, fontSize=12, color=COLOURS["target"])
            .encode(text=f"line_{n}:N")
            for n in range(_LINES)
        ),
        *key(
            [
                ("■", COLOURS["plan"], words["needed"]),
                ("■", COLOURS["actual"], words["secured"]),
                ("▼", LIGHTS["red"].colour, words["trough"]),
            ],
            y=-14,
        ),
    ]
    return Figure(fitted(layers, 220), "fig-labour", troughs)


def _labour_row(row: dict[str, Any], parameters: Parameters, language: Language) -> dict[str, Any]:
    seasons = row["season"].split("、") if isinstance(row["season"], str) else []
    needed, secured = at(row["needed"]) or 0.0, at(row["secured"]) or 0.0
    share = style.pct(row["secured_pct"], 0)
    return {
        "month": style.month(row["month"], language, short=True),
        "needed": needed,
        "secured": secured,
        "top": max(needed, secured),
        "trough": bool(row["is_trough"]),
        "share": f"▼{share}" if row["is_trough"] else share,
        "seasons": [parameters.term(name, language) for name in seasons],
        "told": f"{style.quantity(row['secured'])} / {style.quantity(row['needed'])} {share}",
    }


def _name_seasons(rows: Rows) -> None:
    """Name each season over its first month, a word to a line; the next month needs no second naming."""
    before: list[str] = []
    for row in rows:
        new = [name for name in row["seasons"] if name not in before]
        words = " ".join(new).split()[::-1]
        row |= {f"line_{n}": word for n, word in enumerate([*words, *[""] * _LINES][:_LINES])}
        before = row["seasons"]


def meetings(
    windows: pd.DataFrame, by_level: pd.DataFrame, parameters: Parameters, language: Language
) -> Figure | None:
    """Draw the year's windows in which each level owed meetings, filled to the share that was held.

    Parameters
    ----------
    windows, by_level : DataFrame
        `metrics.bulletin.windows` and `meetings`.
    """
    if windows.empty:
        return None
    rows = []
    for row in records(by_level):
        told = style.pct(row["kept_pct"], 1)
        own = windows[windows["level"].eq(row["level"])]
        rows.append(Row(parameters.term(row["level"], language), told, own))
    year = parameters.period.year
    first = min(pd.Timestamp(year, 1, 1), windows["opens"].min())
    chart = calendar(rows, first, pd.Timestamp(year, 12, 31), language)
    return Figure(chart, "fig-meetings", windows)
