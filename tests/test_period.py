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


def test_a_week_runs_from_monday_to_sunday_and_belongs_where_it_ends() -> None:
    week = ReportPeriod.parse_week("2024-W27")
    assert (week.start, week.end) == (date(2024, 7, 1), date(2024, 7, 7))
    assert (str(week), str(week.previous()), str(week.next())) == (
        "2024-W27",
        "2024-W26",
        "2024-W28",
    )
    assert (week.months, week.is_week, week.is_month) == ([], True, False)
    assert ReportPeriod.parse_week("2025-W01").start == date(2024, 12, 30)
    assert ReportPeriod.parse_week("2025-W01").year == 2025


@pytest.mark.parametrize(
    ("week", "elapsed", "last"),
    [
        ("2024-W01", 0, "2023-12"),
        ("2024-W25", 5, "2024-05"),
        ("2024-W26", 6, "2024-06"),  # its Sunday is 30 June
        ("2023-W52", 12, "2023-12"),  # its Sunday is 31 December
    ],
)
def test_a_week_knows_the_months_that_are_over(week: str, elapsed: int, last: str) -> None:
    period = ReportPeriod.parse_week(week)
    assert (period.months_elapsed, period.last_month) == (elapsed, last)


def test_the_weeks_of_a_month_are_those_whose_sunday_is_in_it() -> None:
    june = ReportPeriod.parse("2024-06").weeks
    assert [str(week) for week in june] == [f"2024-W{n}" for n in (22, 23, 24, 25, 26)]
    year = [w for m in ReportPeriod.parse("2024").months for w in ReportPeriod.parse(m).weeks]
    assert year == ReportPeriod.parse("2024").weeks
    assert len(year) == 52


def test_what_follows_a_period_is_a_month_and_what_follows_a_week_a_week() -> None:
    assert str(ReportPeriod.parse("2024-Q2").following) == "2024-07"
    assert str(ReportPeriod.parse("2024-12").following) == "2025-01"
    assert str(ReportPeriod.parse_week("2024-W52").following) == "2025-W01"


@pytest.mark.parametrize(
    "text", ["2024-W53", "2024-W00", "2024-23", "2024-W5", "2024-w23", "", None]
)
def test_anything_but_a_week_is_refused(text: object) -> None:
    with pytest.raises(UsageError, match="YYYY-Wnn"):
        ReportPeriod.parse_week(text)
