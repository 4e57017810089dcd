"""A value is shown by the kind of its column, in the same words wherever it stands."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest

from sanshi_report.columns import KINDS, Column, column, register
from sanshi_report.style import shown

DAY = pd.Timestamp("2024-06-05")
MOMENT = pd.Timestamp("2024-07-03 17:30", tz="Asia/Shanghai")


def say(value: Any, name: str, form: str = "table", language: str = "zh", **given: Any) -> str:
    return shown(value, column(name), language, form=form, **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "name", "table", "prose"),
    [
        (7_218_000_000, "invested_ytd", "0.72", "0.72亿元"),
        (Decimal("3.625"), "mean", "3.63", "3.63亿元"),
        (Decimal("48.465"), "completion_pct", "48.47%", "48.47%"),
        (12.5, "physical_pct", "12.5%", "12.5%"),
        (38.0, "physical_pct", "38%", "38%"),
        (Decimal("-1.745"), "gap_points", "−1.75", "−1.75"),
        (Decimal("8.25"), "gap_points", "+8.25", "8.25"),
        (Decimal("0.9"), "spi", "0.90", "0.90"),
        (Decimal("18.3333"), "score", "18.33", "18.33"),
        (Decimal(5), "bonus", "+5.00", "+5.00"),
        (9, "due", "9", "9"),
        (Decimal("3.5"), "median_days", "3.5", "3.5"),
        (Decimal(21), "median_workdays", "21", "21"),
        (Decimal("120.50"), "needed", "120.5", "120.5"),
        (2026, "completion_year", "2026", "2026"),
        (DAY, "planned_start", "6月5日", "6月5日"),
        (pd.Timestamp("2023-12-31"), "planned_start", "2023年12月31日", "2023年12月31日"),
        (MOMENT, "received_at", "7月3日", "7月3日"),
        ("2024-06", "month", "6月", "6月"),
        ("2023-12", "month", "2023年12月", "2023年12月"),
        ("red", "light", "■ 滞后", "■ 滞后"),
        ("工业", "sector", "<工业>", "<工业>"),
        (" 示例\n路\t一期 ", "name", "示例 路 一期", "示例 路 一期"),
        (True, "is_started", "是", "是"),
        (DAY, "original", "6月5日", "6月5日"),
        (5_000_000_000, "original", "0.50", "0.50亿元"),
    ],
)
def test_each_kind_has_its_way(value: Any, name: str, table: str, prose: str) -> None:
    given = {"year": 2024, "term": "<{}>".format}
    assert [say(value, name, form, **given) for form in ("table", "prose")] == [table, prose]


def test_english_has_billions_and_short_months_in_tables() -> None:
    assert say(7_218_000_000, "invested_ytd", "prose", "en") == "0.072 billion yuan"
    assert say(DAY, "planned_start", "table", "en", year=2024) == "5 Jun"
    assert say(DAY, "planned_start", "prose", "en") == "5 June 2024"
    assert say("2024-06", "month", "table", "en", year=2024) == "Jun"
    assert say("2023-06", "month", "prose", "en", year=2024) == "June 2023"
    assert say(False, "is_started", "table", "en") == "No"


@pytest.mark.parametrize(
    ("value", "unit", "places", "table", "prose"),
    [
        ("151.764", "亿元", 2, "151.76", "151.76亿元"),
        ("48.465", "%", 2, "48.47", "48.47%"),
        ("48.465", "%", None, "48.47", "48.47%"),
        ("3.36", "个百分点", None, "3.36", "3.36"),
        ("8", "个", 0, "8", "8"),
        ("8.4", "个", None, "8", "8"),
    ],
)
def test_a_value_whose_unit_the_row_tells(
    value: str, unit: str, places: int | None, table: str, prose: str
) -> None:
    shown = [
        say(Decimal(value), "actual", form, unit=unit, places=places) for form in ("table", "prose")
    ]
    assert shown == [table, prose]


def test_a_gap_has_its_sign_in_every_unit() -> None:
    assert say(Decimal("3.364"), "gap", unit="%") == "+3.36"
    assert say(Decimal("-0.005"), "gap", unit="亿元") == "−0.01"
    assert say(Decimal(1), "gap", unit="个", places=0) == "+1"


@pytest.mark.parametrize("missing", [None, pd.NA, pd.NaT, float("nan")])
def test_what_is_missing_is_a_dash_in_every_kind(missing: Any) -> None:
    for kind in KINDS:
        assert shown(missing, Column("x", kind, "甲", "A"), "zh") == "—"


def test_every_kind_of_the_register_is_known() -> None:
    assert {one.kind for one in register().values()} <= set(KINDS)
