"""Earned schedule: SPI by money and SPI(t) by months."""

from decimal import Decimal

import pandas as pd
from ledgers import ledger, new, old, parameters, planned, spent

from sanshi_report.metrics import earned

YI = 10**10
EVEN = ["1"] * 12
EARLY = ["2", "2", "1", "1", "1", "1", "0.5", "0.5", "0.5", "0.5", "1", "1"]  # adds up to 12


def measured(
    annual: str, plan: list[str], invested: list[str], period: str = "2024-06"
) -> pd.Series:
    told = ledger(
        period,
        projects=[old("H1", annual)],
        plan=planned("H1", *plan),
        progress=spent("H1", *invested),
    )
    return earned.by_project(told, parameters()).iloc[0]


def test_an_even_plan_gives_both_indices_alike() -> None:
    row = measured("12", EVEN, ["1", "1", "1", "1", "1", "0"])
    assert row["baseline"] == "plan"
    assert row[["planned_value", "invested_ytd"]].tolist() == [6 * YI, 5 * YI]
    assert row["spi"] == row["spi_t"] == Decimal("0.833333333333")
    assert row[["earned_months", "elapsed_months", "months_behind"]].tolist() == [5, 6, 1]


def test_a_front_loaded_plan_tells_money_and_time_apart() -> None:
    # 4.5 of 8: after two months of plan 4, and half of March's 1.
    row = measured("12", EARLY, ["1", "1", "1", "0.5", "0.5", "0.5"])
    assert row["spi"] == Decimal("0.562500000000")
    assert row["earned_months"] == Decimal("2.5")
    assert row["spi_t"] == Decimal("0.416666666667")
    assert row["months_behind"] == Decimal("3.5")
    # April to June: 1.5 of 3
    assert row["spi_recent"] == Decimal("0.5")


def test_late_is_late_even_when_the_year_closes() -> None:
    row = measured("12", EARLY, ["0", *["1"] * 11], "2024-12")
    assert row["spi"] == Decimal("0.916666666667")
    assert row["earned_months"] == Decimal(11)
    assert row["spi_t"] == Decimal("0.916666666667")
    assert row["spi_recent"] == Decimal("1.200000000000")  # 3 of 2.5


def test_ahead_of_plan_is_negative_months_behind_and_stops_at_the_years_end() -> None:
    row = measured("12", EVEN, ["4", "4"], "2024-02")
    assert row[["spi", "spi_t", "months_behind"]].tolist() == [4, 4, -6]
    done = measured("12", EVEN, ["8", "8"], "2024-02")
    assert done["earned_months"] == 12


def test_without_complete_monthly_plans_there_is_no_index() -> None:
    for plan in (["1"] * 11, [*["1"] * 11, "0.5"], []):
        row = measured("10", plan, ["1", "1", "0.5"], "2024-03")
        assert row["baseline"] == "time"
        assert pd.isna(row["planned_value"])
        measures = ["spi", "earned_months", "spi_t", "months_behind", "spi_recent"]
        assert row[measures].tolist() == [None] * 5
        assert row["invested_ytd"] == 25 * YI // 10


def test_an_outlook_spreads_the_annual_plan_where_there_are_no_monthly_ones() -> None:
    told = ledger("2024-03", projects=[old("H1", "10")])
    # Twelfths of a fen: 10 × 3 ÷ 12 of 10 is 2.5.
    assert earned.curves(told).planned[0, 3] == 12 * 25 * YI // 10


def test_months_planned_at_nothing_count_as_reached() -> None:
    row = measured("12", ["0", "0", *["1.2"] * 10], ["0", "0", "0.6"], "2024-03")
    assert row["earned_months"] == Decimal("2.5")
    first = measured("12", ["0", "0", *["1.2"] * 10], ["0"], "2024-01")
    assert first["spi"] is None
    assert first["spi_t"] == Decimal(2)


def test_all_projects_together() -> None:
    told = ledger(
        projects=[old("H1", "12"), old("H2", "6"), old("H3", None), new("X1", "2024-01-01")],
        plan=[*planned("H1", *EVEN), *planned("X1", *EVEN)],
        progress=[
            *spent("H1", "1", "1", "1", "1", "1", "1"),
            *spent("H2", "1.5"),
            *spent("X1", "9"),
        ],
    )
    row = earned.total(told, parameters()).iloc[0]
    # H2 has no monthly plans: it is in neither sum.
    assert row[["projects", "without_plan", "baseline"]].tolist() == [1, 1, "plan"]
    assert row[["planned_value", "invested_ytd"]].tolist() == [6 * YI, 6 * YI]
    assert row[["earned_months", "months_behind"]].tolist() == [6, 0]
    assert earned.by_project(told, parameters())["baseline"].tolist() == ["plan", "time"]


def test_an_empty_ledger_has_earned_nothing() -> None:
    assert earned.by_project(ledger(), parameters()).empty
    row = earned.total(ledger(), parameters()).iloc[0]
    assert row["projects"] == 0
    assert row[["spi", "spi_t", "months_behind"]].tolist() == [None, None, None]
