"""The leaders' page at a glance: four numbers, and every county's projects."""

from __future__ import annotations

from collections.abc import Iterator
from math import sqrt
from typing import Any, Literal, TypeAlias

import altair as alt
import pandas as pd

from sanshi_report import style
from sanshi_report.figures.figure import Figure, Rows, base, fitted, missing, records, text_width
from sanshi_report.style import LIGHTS, Count, Language, say
from sanshi_report.style.chart import COLOURS, FONT_SIZE, WIDTH
from sanshi_report.workspace import Parameters

__all__ = ["glance"]

_GAP, _TILE, _HEAD, _ROW = 8, 104, 42, 36
_PAPER = "#f4f6f8"
# Points of a figure: the largest project fills its place.
_LARGEST, _SMALLEST = 30.0, 9.0
_ACROSS, _LEAST = 9, 3

_Line: TypeAlias = tuple[str, float, str]
"""Words, their size and their colour."""


def glance(
    position: pd.DataFrame,
    counts: pd.DataFrame,
    total: pd.DataFrame,
    judgement: pd.DataFrame,
    problems: pd.DataFrame,
    actions: pd.DataFrame,
    projects: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Figure:
    """Draw starts, completion, lights and what is overdue as tiles; below them a tile for each county.

    In a county's tile each project is a mark, its shape and colour the light, its size the total investment.

    Parameters
    ----------
    position, counts, total : DataFrame
        `metrics.starts.position` and `counts`, `metrics.investment.total`.
    judgement, projects : DataFrame
        `metrics.briefing.judgement` and `projects`.
    problems, actions : DataFrame
        `metrics.problems.summary` and `actions_summary`.
    """
    tiles = [
        _starts(position.iloc[0], counts.iloc[0], language),
        _completion(total.iloc[0], language),
        _lights(judgement.iloc[0], language),
        _overdue(problems.iloc[0], actions.iloc[0], language),
    ]
    wide = (WIDTH - 8 - _GAP * (len(tiles) - 1)) / len(tiles)
    layers = [mark for n, tile in enumerate(tiles) for mark in _tile(tile, n * (wide + _GAP), wide)]
    drawn, bottom = _map(projects, parameters, language, _TILE + 2 * _GAP)
    return Figure(fitted([*layers, *drawn], round(bottom)), "fig-glance", data=projects)


def _tile(lines: list[_Line], left: float, width: float) -> Iterator[alt.Chart]:
    """Yield a tile of four lines: what it is about, the number, and two below it."""
    yield _box(left, width, 0, _TILE, _PAPER)
    yield _box(left, 4, 0, _TILE, lines[2][2])
    for (words, size, colour), y in zip(lines, (17, 45, 72, 92), strict=True):
        # Never wider than the tile.
        fitting = min(size, (width - 16) / max(text_width(words), 1))
        yield _words(words, left + 11, y, fitting, colour)


def _starts(row: pd.Series, counts: pd.Series, language: Language) -> list[_Line]:
    name = (say("briefing.tile_starts", language), FONT_SIZE, COLOURS["soft"])
    originally = say(
        "briefing.tile_originally",
        language,
        due=Count(counts["due_originally"]),
        late=Count(counts["due_not_started_originally"]),
    )
    last = (originally, 15, COLOURS["soft"])
    if missing(row["starts_gap"]):
        told = say("briefing.tile_no_milestone", language)
        colour = LIGHTS["not_rated"].colour
        return [name, (style.number(row["started"]), 28, COLOURS["ink"]), (told, 15, colour), last]
    met = row["starts_gap"] >= 0
    verdict = say(
        "labels.chart_met" if met else "labels.chart_missed",
        language,
        short=Count(-row["starts_gap"]),
    )
    light = LIGHTS["green" if met else "yellow"]
    number = f"{style.number(row['started'])} / {style.number(row['required'])}"
    return [
        name, (number, 28, COLOURS["ink"]), (f"{light.symbol} {verdict}", 16, light.colour), last,
    ]  # fmt: skip


def _completion(row: pd.Series, language: Language) -> list[_Line]:
    lines: list[_Line] = [
        (say("briefing.tile_completion", language), FONT_SIZE, COLOURS["soft"]),
        (style.pct(row["completion_pct"], 1), 28, COLOURS["ink"]),
    ]
    for key, light, gap in (
        ("tile_pace", row["light"], row["gap_points"]),
        ("tile_plan", row["plan_light"], row["plan_gap_points"]),
    ):
        points = style.MISSING if gap is None else style.points(gap, 1)
        words = say(f"briefing.{key}", language, points=points)
        lines.append((f"{LIGHTS[light].symbol} {words}", 15, LIGHTS[light].colour))
    return lines


def _lights(row: pd.Series, language: Language) -> list[_Line]:
    bad = ("red", "stalled", "yellow")
    numbers = " ".join(f"{LIGHTS[code].symbol}{row[code]}" for code in bad)
    words = " ".join(say(f"labels.light_{code}", language) for code in bad)
    worst = next((code for code in bad if row[code]), "green")
    fine = say("briefing.tile_fine", language, green=Count(row["green"]))
    return [
        (say("briefing.tile_lights", language), FONT_SIZE, COLOURS["soft"]),
        (numbers, 26, COLOURS["ink"]),
        (words, 15, LIGHTS[worst].colour),
        (fine, 15, COLOURS["soft"]),
    ]


def _overdue(problems: pd.Series, actions: pd.Series, language: Language) -> list[_Line]:
    late = int(problems["overdue"]) + int(actions["overdue"])
    colour = LIGHTS["yellow" if late else "green"].colour
    return [
        (say("briefing.tile_overdue", language), FONT_SIZE, COLOURS["soft"]),
        (style.number(late), 28, COLOURS["ink"]),
        (say("briefing.tile_problems", language, n=Count(problems["overdue"])), 15, colour),
        (say("briefing.tile_actions", language, n=Count(actions["overdue"])), 15, colour),
    ]


def _map(
    projects: pd.DataFrame, parameters: Parameters, language: Language, top: float
) -> tuple[list[alt.Chart], float]:
    """Return the counties' tiles and where they end: city-level projects across the page, counties side by side."""
    largest = max(1, int(projects["total_investment"].max())) if len(projects) else 1
    is_city = projects["tier"].eq("city")
    layers: list[alt.Chart] = []
    for some, in_row in ((projects[is_city], 1), (projects[~is_city], 5)):
        counties = list(some["county"].unique())
        for first in range(0, len(counties), in_row):
            row = counties[first : first + in_row]
            width = (WIDTH - 8 - _GAP * (len(row) - 1)) / len(row)
            across = max(_LEAST, round(_ACROSS / len(row)))
            height = 0.0
            for at, county in enumerate(row):
                own = records(some[some["county"] == county])
                name = parameters.term(county, language)
                left = at * (width + _GAP)
                height = max(height, _HEAD + _ROW * -(-len(own) // across))
                layers += _county(own, name, left, top, width, across, largest, language)
            boxes = [
                _box(at * (width + _GAP), width, top, top + height, _PAPER)
                for at in range(len(row))
            ]
            layers = [*boxes, *layers]
            top += height + _GAP
    return layers, top


def _county(
    own: Rows, name: str, left: float, top: float, width: float, across: int, largest: int,
    language: Language,
) -> Iterator[alt.Chart]:  # fmt: skip
    total = style.money(sum(int(row["total_investment"]) for row in own), language)
    told = say("briefing.county", language, n=Count(len(own)), total=total)
    for words, size, y, colour in (
        (name, 15.0, 14.0, COLOURS["ink"]),
        (told, 14.0, 32.0, COLOURS["soft"]),
    ):
        yield _words(words, left + 8, top + y, min(size, (width - 12) / text_width(words)), colour)
    step = (width - 12) / across
    for at, row in enumerate(own):
        light = LIGHTS[row["light"]]
        size = max(_SMALLEST, _LARGEST * sqrt(int(row["total_investment"]) / largest))
        sign = "○" if row["light"] == "not_rated" else light.symbol
        x = left + 6 + step * (at % across + 0.5)
        y = top + _HEAD + _ROW * (at // across) + 16
        yield _words(sign, x, y, size + 8, light.colour, "center")


def _box(left: float, width: float, top: float, bottom: float, colour: str) -> alt.Chart:
    sides: Any = {"x": left, "x2": left + width, "y": top, "y2": bottom}
    mark = base([{}]).mark_rect(color=colour, opacity=1)
    placed: alt.Chart = mark.encode(**{name: alt.value(at) for name, at in sides.items()})
    return placed


def _words(
    words: str,
    x: float,
    y: float,
    size: float,
    colour: str,
    align: Literal["left", "center"] = "left",
) -> alt.Chart:
    mark = base([{}]).mark_text(
        align=align, baseline="middle", x=x, y=y, fontSize=size, color=colour
    )
    told: alt.Chart = mark.encode(text=alt.value(words))
    return told
