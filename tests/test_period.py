from datetime import date

import pytest

from sanshi_report.errors import UsageError
from sanshi_report.period import ReportPeriod


@pytest.mark.parametrize(
    ("text", "start", "end", "elapsed"),
    [
        ("2024-06", date(2024, 6, 1), date(2024, 6, 30), 6),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), 2),
        ("2023-02", date(2023, 2, 1), date(2023, 2, 28), 2),
        ("2024-Q4", date(2024, 10, 1), date(2024, 12, 31), 12),
        ("2024", date(2024, 1, 1), date(2024, 12, 31), 12),
    ],
)
def test_a_period_knows_its_days(text: str, start: date, end: date, elapsed: int) -> None:
    period = ReportPeriod.parse(text)
    assert (period.start, period.end, period.months_elapsed) == (start, end, elapsed)
    assert str(period) == text


@pytest.mark.parametrize(
    "text",
    [
        "2024-13",
        "2024-00",
        "2024-6",
        "202406",
        "2024-06 ",
        "2024-06\n",
        "２０２４-06",
        "٢٠٢٤-06",
        "2024/06",
        "2024-Q5",
        "0000-01",
        "2024-06; touch x",
        "../2024",
        202406,
        2024.06,
        True,
    ],
)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(UsageError, match="YYYY-MM"):
        ReportPeriod.parse(text)


@pytest.mark.parametrize("text", [None, ""])
def test_no_period_is_its_own_error(text: object) -> None:
    with pytest.raises(UsageError, match="没有给出报告期"):
        ReportPeriod.parse(text)


def test_neighbours_cross_the_year() -> None:
    assert str(ReportPeriod.parse("2024-12").next()) == "2025-01"
    assert str(ReportPeriod.parse("2024-Q1").previous()) == "2023-Q4"
    assert str(ReportPeriod.parse("2024").next()) == "2025"


def test_a_range_is_expanded_in_order() -> None:
    assert [str(p) for p in ReportPeriod.parse_range("2023-11..2024-02")] == [
        "2023-11",
        "2023-12",
        "2024-01",
        "2024-02",
    ]
    assert [str(p) for p in ReportPeriod.parse_range("2024-06")] == ["2024-06"]


@pytest.mark.parametrize("text", ["2024-06..2024-01", "2024-01..2024-Q2", "2024-01..2024"])
def test_a_crooked_range_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="区间"):
        ReportPeriod.parse_range(text)


def test_periods_order_and_hash() -> None:
    june, july = ReportPeriod.parse("2024-06"), ReportPeriod.parse("2024-07")
    assert june < july
    assert len({june, ReportPeriod.parse("2024-06")}) == 1
    assert ReportPeriod.parse("2024-Q1").months == ["2024-01", "2024-02", "2024-03"]
