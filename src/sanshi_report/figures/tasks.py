"""Tasks counted: what became of last month's, and who has how much to do next."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd

from sanshi_report.figures.figure import Figure, Rows, base, fitted, key, records
from sanshi_report.style import LIGHTS, Language, say
from sanshi_report.style.chart import COLOURS
from sanshi_report.workspace import Parameters

__all__ = ["outcome", "workload"]

# Parts of one bar, with their ink: printed in black and white they are four different greys.
_STATUSES = {
    "done": ("●", "#4f9d66", COLOURS["ink"]),
    "late": ("▲", "#d9a441", COLOURS["ink"]),
    "not_done": ("■", LIGHTS["red"].colour, "#ffffff"),
    "dropped": ("—", "#d5d9de", COLOURS["ink"]),
}
_LOADS = {
    "overdue": ("■", LIGHTS["red"].colour, "#ffffff"),
    "coming": ("■", "#8fb8de", COLOURS["ink"]),
}
_MOST = 12


def outcome(by_kind: pd.DataFrame, language: Language) -> Figure | None:
    """Draw what became of last month's tasks, a bar for each type; nothing where there was no list.

    Parameters
    ----------
    by_kind : DataFrame
        `metrics.tasks.tally(..., "kind")`.
    """
    if by_kind.empty:
        return None
    rows = [
        {**row, "name": say(f"task_list.kind_{row['scope_value']}", language)}
        for row in records(by_kind)
    ]
    return _stacked(rows, _STATUSES, "fig-outcome", by_kind, language)


def workload(by_owner: pd.DataFrame, parameters: Parameters, language: Language) -> Figure:
    """Draw how much the owners with the most to do have, what is overdue first.

    Parameters
    ----------
    by_owner : DataFrame
        `metrics.workload.volume(..., "owner")`.
    """
    most = by_owner.sort_values(["listed", "overdue"], ascending=False, kind="stable").head(_MOST)
    rows = [{**row, "name": parameters.term(row["scope_value"], language)} for row in records(most)]
    return _stacked(rows, _LOADS, "fig-load", most.reset_index(drop=True), language)


def _stacked(
    rows: Rows,
    parts: dict[str, tuple[str, str, str]],
    label: str,
    data: pd.DataFrame,
    language: Language,
) -> Figure:
    words = {part: say(f"task_list.{part}", language) for part in parts}
    top = max([1, *(int(row["listed"]) for row in rows)])
    scale = alt.Scale(domain=[0, 1.1 * top], nice=False)
    x = alt.X("from:Q", axis=None, title=None, scale=scale)
    y = alt.Y("name:N", sort=[row["name"] for row in rows], title=None)
    pieces = [piece for row in rows for piece in _pieces(row, parts, words, top)]
    some = base(pieces).encode(y=y.axis(labelPadding=8, labelLimit=220))
    ends = [{"name": row["name"], "end": int(row["listed"])} for row in rows]
    total = base(ends).encode(y=y, x=alt.X("end:Q", axis=None, scale=scale), text="end:Q")
    shown = alt.Tooltip("said:N", title=say("task_list.task", language))
    layers = [
        some.mark_bar(size=20).encode(
            x=x, x2="to:Q", color=alt.Color("colour:N", scale=None), tooltip=shown
        ),
        some.transform_filter("datum.fits")
        .mark_text(fontSize=14)
        .encode(
            x=alt.X("middle:Q", axis=None, scale=scale),
            text="n:Q",
            color=alt.Color("ink:N", scale=None),
        ),
        total.mark_text(align="left", dx=7, color=COLOURS["soft"]),
        *key([(symbol, colour, words[part]) for part, (symbol, colour, _) in parts.items()], y=-14),
    ]
    return Figure(fitted(layers, 28 * max(len(rows), 1) + 24), label, data)


def _pieces(
    row: dict[str, Any], parts: dict[str, tuple[str, str, str]], words: dict[str, str], top: int
) -> list[dict[str, Any]]:
    """Return a bar's pieces one after another; a number is written where there is room for it."""
    pieces, at = [], 0
    for part, (_, colour, ink) in parts.items():
        count = int(row[part])
        if count:
            pieces.append(
                {
                    "name": row["name"],
                    "n": count,
                    "said": f"{row['name']} {words[part]} {count}",
                    "from": at,
                    "to": at + count,
                    "middle": at + count / 2,
                    "colour": colour,
                    "ink": ink,
                    "fits": count > 0.045 * top,
                }
            )
        at += count
    return pieces
