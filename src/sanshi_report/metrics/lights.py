"""Warning lights: which colour a project shows, and how far it is from the next.

A light is decided on the value that is published (`exact.PRECISE` places), so that anyone holding the
KPI table can decide it again. The thresholds and their version come from the parameters.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

import pandas as pd

from sanshi_report.exact import PRECISE, half_up
from sanshi_report.workspace import ProgressLight, StartLight

__all__ = ["LIGHTS", "changes", "distances", "progress_lights", "start_lights"]

LIGHTS = ("green", "yellow", "stalled", "red", "not_rated")
"""From best to worst; `stalled` is told by `stalled.overriding` alone, `not_rated` is a status of its own."""

ZERO = Decimal(0)


def progress_lights(
    gap_points: Iterable[Decimal | None], ratio_pct: Iterable[Decimal | None], rule: ProgressLight
) -> list[str]:
    """Return the investment light of each row.

    Parameters
    ----------
    gap_points : iterable of Decimal or None
        Completion minus pace, in percentage points.
    ratio_pct : iterable of Decimal or None
        Completion as a percentage of pace.
    rule : ProgressLight
        Its `basis` says which of the two is measured; a value on a threshold has the better colour.

    Returns
    -------
    list of str
        `green`, `yellow`, `red`, or `not_rated` where there is no value.
    """
    measures = gap_points if rule.basis == "points" else ratio_pct
    return [_grade(measure, rule) for measure in measures]


def _grade(measure: Decimal | None, rule: ProgressLight) -> str:
    if measure is None:
        return "not_rated"
    if measure >= rule.green_from:
        return "green"
    return "yellow" if measure >= rule.yellow_from else "red"


def distances(
    completion_pct: Iterable[Decimal | None],
    pace_pct: Iterable[Decimal | None],
    lights: Iterable[str],
    rule: ProgressLight,
) -> pd.DataFrame:
    """Return how far each row is from changing colour, in percentage points of completion.

    Returns
    -------
    pandas.DataFrame
        `next_light`: the next better colour, missing for green and not rated; `to_better_points`: what
        completion must gain to show it; `to_worse_points`: what completion can lose and still keep
        its colour, None for red. Both are never negative.
    """
    rows = [
        _distance(completion, pace, light, rule)
        for completion, pace, light in zip(completion_pct, pace_pct, lights, strict=True)
    ]
    frame = pd.DataFrame(
        rows, columns=["next_light", "to_better_points", "to_worse_points"], dtype=object
    )
    return frame.astype({"next_light": "str"})


def _distance(
    completion: Decimal | None, pace: Decimal | None, light: str, rule: ProgressLight
) -> tuple[str | None, Decimal | None, Decimal | None]:
    if completion is None or pace is None or light == "not_rated":
        return None, None, None
    above = {
        "green": completion - _edge(pace, rule.green_from, rule),
        "yellow": completion - _edge(pace, rule.yellow_from, rule),
    }
    if light == "green":
        return None, None, max(above["green"], ZERO)
    if light == "yellow":
        return "green", max(-above["green"], ZERO), max(above["yellow"], ZERO)
    return "yellow", max(-above["yellow"], ZERO), None


def _edge(pace: Decimal, threshold: Decimal, rule: ProgressLight) -> Decimal:
    """Return the completion at which a threshold is met."""
    if rule.basis == "points":
        return pace + threshold
    return half_up(Fraction(pace) * Fraction(threshold) / 100, PRECISE)


def start_lights(is_started: pd.Series, months_late: pd.Series, rule: StartLight) -> pd.Series:
    """Return the start light of each new build.

    Parameters
    ----------
    is_started : pandas.Series
        Whether it has substantively started.
    months_late : pandas.Series
        `Int64`, whole months past the end of the planned month; missing where nothing is owed yet.
    rule : StartLight
        A threshold is reached on its month: red after three months shows red at 3.

    Returns
    -------
    pandas.Series
        `green` for the started, `not_rated` for those neither started nor due, else by months late.
    """
    late = months_late.fillna(-1)
    lights = pd.Series("green", index=months_late.index, dtype="str")
    lights = lights.mask(late.ge(rule.yellow_after_months), "yellow")
    lights = lights.mask(late.ge(rule.red_after_months), "red")
    return lights.mask(months_late.isna(), "not_rated").mask(is_started, "green")


def changes(lights: pd.Series, before: pd.Series) -> pd.Series:
    """Return how each light moved: `better`, `same` or `worse`; missing where either is not rated."""
    worse = {light: at for at, light in enumerate(LIGHTS[:-1])}
    # Of no rows at all the numbers would be text.
    now, then = (some.map(worse).astype("Float64") for some in (lights, before))
    step = (now - then).clip(-1, 1)
    return step.map({-1: "better", 0: "same", 1: "worse"}).astype("str")
