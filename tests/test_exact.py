from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanshi_report.exact import decimal_of, fen_of, half_up, percent, percents, yi_of


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("0.125", 2, "0.13"),
        ("-0.125", 2, "-0.13"),
        ("2.5", 0, "3"),
        ("1099.725", 2, "1099.73"),
        ("0.5", 0, "1"),
        ("13.83", 1, "13.8"),
    ],
)
def test_halves_go_away_from_zero(value: str, places: int, expected: str) -> None:
    assert str(half_up(Decimal(value), places)) == expected
    assert str(half_up(Fraction(value), places)) == expected


def test_the_gap_comes_from_unrounded_values() -> None:
    # 9716/10000 of plan against 10/12 of the year: 13.8 points, though 97.2 − 83.3 would give 13.9.
    gap = Fraction(9716, 100) - Fraction(1000, 12)
    assert half_up(gap, 1) == Decimal("13.8")


@pytest.mark.parametrize(
    ("value", "unit", "fen"),
    [
        (1099.73, "亿元", 10_997_300_000_000),
        ("1099.73", "亿元", 10_997_300_000_000),
        (0.1 + 0.2, "亿元", 3_000_000_000),
        (1234.56, "万元", 1_234_560_000),
        ("12345678.91", "元", 1_234_567_891),
        (0, "亿元", 0),
    ],
)
def test_amounts_become_whole_fen(value: float | str, unit: str, fen: int) -> None:
    assert fen_of(value, unit) == fen


def test_an_amount_finer_than_a_fen_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        fen_of("0.001", "元")
    with pytest.raises(ValueError, match="finer"):
        fen_of(10 / 3)


def test_published_totals_add_up_in_fen_and_not_in_floats() -> None:
    parts = [363.76, 341.00, 349.31, 45.66]
    assert yi_of(sum(fen_of(part) for part in parts)) == Decimal("1099.73")
    assert sum([341.00, 349.31, 45.66]) != 735.97
    assert yi_of(sum(fen_of(part) for part in [341.00, 349.31, 45.66])) == Decimal("735.97")
    assert yi_of(fen_of(68.20) + fen_of(69.86) + fen_of(13.70)) == Decimal("151.76")


def test_fen_become_the_shortest_decimal() -> None:
    assert str(yi_of(10**11)) == "10"
    assert str(yi_of(1)) == "1E-10"
    assert f"{yi_of(15_176_000_000_00):f}" == "151.76"
    assert yi_of(None) is None
    assert yi_of(pd.NA) is None  # type: ignore[arg-type]


@given(st.decimals(min_value=0, max_value=10**6, places=10))
def test_every_amount_of_fen_survives_the_round_trip(amount: Decimal) -> None:
    assert yi_of(fen_of(amount)) == amount


@given(st.decimals(min_value=0, max_value=10**5, places=4))
def test_a_cell_reads_back_as_it_was_typed(amount: Decimal) -> None:
    assert decimal_of(float(amount)) == amount


def test_percentages_have_no_value_without_a_plan() -> None:
    assert percent(1, 3) == Decimal("33.333333333333")
    assert percent(1, 0) is None
    assert percent(pd.NA, 3) is None
    assert percents([1, 2], [2, 0]) == [Decimal(50), None]


def test_money_out_of_a_frame_does_not_overflow() -> None:
    invested, plan = (pd.Series([fen], dtype="Int64") for fen in (9_716 * 10**10, 10**14))
    assert percents(invested, plan) == [Decimal("97.16")]
