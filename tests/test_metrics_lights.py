from decimal import Decimal

import pandas as pd
import pytest
from ledgers import lights

from sanshi_report.metrics.lights import distances, progress_lights, start_lights

D = Decimal
A_TRILLIONTH = D("0.000000000001")


@pytest.mark.parametrize(
    ("gap", "light"),
    [
        ("8.333333333333", "green"),
        ("0", "green"),
        ("-0.000000000001", "yellow"),
        ("-10", "yellow"),
        ("-10.000000000001", "red"),
        ("-100", "red"),
    ],
)
def test_a_gap_on_a_threshold_has_the_better_colour(gap: str, light: str) -> None:
    rule = lights(green=0, yellow=-10).progress
    assert progress_lights([D(gap)], [None], rule) == [light]


@pytest.mark.parametrize(
    ("ratio", "light"),
    [
        ("80", "green"),
        ("79.999999999999", "yellow"),
        ("60", "yellow"),
        ("59.999999999999", "red"),
    ],
)
def test_the_ratio_basis_looks_at_the_ratio_alone(ratio: str, light: str) -> None:
    rule = lights("ratio", green=80, yellow=60).progress
    assert progress_lights([D(-50)], [D(ratio)], rule) == [light]


def test_what_has_no_value_is_not_rated() -> None:
    assert progress_lights([None, D(1)], [None, None], lights().progress) == ["not_rated", "green"]


def test_distances_in_points_of_completion() -> None:
    rule = lights(green=0, yellow=-10).progress
    completion = [D("55"), D("43"), D("30"), None]
    frame = distances(completion, [D(50)] * 4, ["green", "yellow", "red", "not_rated"], rule)
    assert frame["next_light"].fillna("").tolist() == ["", "green", "yellow", ""]
    # 43 is 7 below pace and 3 above 40; 30 is 10 below 40; 55 can lose 5.
    assert frame["to_better_points"].tolist() == [None, D(7), D(10), None]
    assert frame["to_worse_points"].tolist() == [D(5), D(3), None, None]


def test_distances_on_the_ratio_basis_are_points_too() -> None:
    rule = lights("ratio", green=80, yellow=60).progress
    # Pace 50: green from 40 % completion, yellow from 30 %.
    frame = distances([D(45), D(36), D(10)], [D(50)] * 3, ["green", "yellow", "red"], rule)
    assert frame["to_better_points"].tolist() == [None, D(4), D(20)]
    assert frame["to_worse_points"].tolist() == [D(5), D(6), None]


def test_start_lights_by_whole_months_late() -> None:
    started = pd.Series([True, False, False, False, False])
    late = pd.Series([None, None, 0, 2, 3], dtype="Int64")
    rule = lights(late=(0, 3)).starts
    expected = ["green", "not_rated", "yellow", "yellow", "red"]
    assert start_lights(started, late, rule).tolist() == expected


def test_a_start_is_green_until_the_yellow_month() -> None:
    late = pd.Series([0, 1], dtype="Int64")
    rule = lights(late=(1, 3)).starts
    assert start_lights(pd.Series([False, False]), late, rule).tolist() == ["green", "yellow"]
