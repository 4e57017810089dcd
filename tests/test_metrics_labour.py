"""Inputs by month, labour troughs, and spare labour lent."""

from datetime import date
from decimal import Decimal

import pytest
from ledgers import ledger, new, parameters

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import labour
from sanshi_report.workspace import Labour, Parameters


def hands(project: str, month: str, needed: str, secured: str, unit: str = "人") -> dict:
    return {"project_id": project, "month": month, "input": "人", "unit": unit, "needed": needed,
            "secured": secured}  # fmt: skip


def rules() -> Parameters:
    seasons = [
        {"value": "三夏", "en": "Summer harvest", "starts_on": date(2024, 5, 31), "ends_on": date(2024, 6, 20)},
        {"value": "节日", "en": "Festival", "starts_on": date(2024, 6, 10), "ends_on": date(2024, 6, 10)},
    ]  # fmt: skip
    return parameters(labour=Labour.model_validate({"trough_below_pct": 90, "seasons": seasons}))


def told() -> Ledger:
    return ledger(
        projects=[
            new("X1", "2024-01-01", county="甲区"),
            new("X2", "2024-01-01", county="乙区", sector="民生"),
            new("X3", "2024-01-01", county="甲区", sector="民生"),
            new("X4", "2024-01-01", county="丙县"),
            new("X5", "2024-01-01", county="丙县"),
        ],
        inputs=[
            hands("X1", "2024-04", "100", "90"),
            hands("X1", "2024-05", "100", "89.9"),
            hands("X2", "2024-05", "100", "90"),
            hands("X1", "2024-06", "100", "60"),  # lacks 40
            hands("X2", "2024-06", "100", "75"),  # lacks 25
            hands("X3", "2024-06", "50", "62"),  # 12 over
            hands("X4", "2024-06", "50", "90"),  # 40 over
            hands("X5", "2024-06", "10", "10"),
            hands("X5", "2024-07", "10", "0"),
            {"project_id": "X1", "month": "2024-06", "input": "地", "unit": "亩", "needed": "8",
             "secured": "2"},
        ],
    )  # fmt: skip


def test_a_trough_is_a_month_below_the_share() -> None:
    frame = labour.troughs(told(), rules())
    assert frame["month"].tolist() == ["2024-04", "2024-05", "2024-06"]
    assert frame["secured_pct"].tolist() == [
        Decimal("90.000000000000"),
        Decimal("89.950000000000"),
        Decimal("95.806451612903"),  # 297 of 310
    ]
    assert frame["is_trough"].tolist() == [False, True, False]
    assert frame["season"].isna().tolist() == [True, False, False]
    assert frame["season"].tolist()[1:] == ["三夏", "三夏、节日"]


def test_inputs_by_month_since_january() -> None:
    frame = labour.coverage_by_month(told(), rules())
    assert list(zip(frame["month"], frame["input"], strict=True)) == [
        ("2024-04", "人"), ("2024-05", "人"), ("2024-06", "人"), ("2024-06", "地"),
    ]  # fmt: skip
    june = frame[frame["month"].eq("2024-06")].set_index("input")
    assert june.loc["人", ["shortfall", "spare"]].tolist() == [Decimal(65), Decimal(52)]
    assert june.loc["地", "secured_pct"] == Decimal(25)


def test_spare_labour_goes_to_the_neediest_from_the_nearest() -> None:
    frame = labour.loans(told(), rules())
    moves = list(zip(frame["from_project"], frame["to_project"], frame["lent"], strict=True))
    # X1 lacks most: its own county's X3 first, then X4; X2 has what X4 has left.
    assert moves == [
        ("X3", "X1", Decimal(12)),
        ("X4", "X1", Decimal(28)),
        ("X4", "X2", Decimal(12)),
    ]
    assert frame["is_same_county"].tolist() == [True, False, False]
    assert frame["from_name"].tolist() == ["示例X3", "示例X4", "示例X4"]


def test_what_loans_leave_unmet() -> None:
    frame = labour.unmatched(told(), rules()).set_index("project_id")
    assert frame.loc["X1", ["shortfall", "lent", "still_short"]].tolist() == [40, 40, 0]
    assert frame.loc["X2", ["shortfall", "lent", "still_short"]].tolist() == [25, 12, 13]


@pytest.mark.parametrize("unit", ["工日", "人次"])
def test_different_units_are_not_lent(unit: str) -> None:
    june = ledger(
        projects=[new("X1", "2024-01-01"), new("X2", "2024-01-01")],
        inputs=[hands("X1", "2024-06", "10", "5"), hands("X2", "2024-06", "5", "10", unit)],
    )
    assert labour.loans(june, rules()).empty
    assert labour.unmatched(june, rules())["still_short"].tolist() == [Decimal(5)]


def test_no_inputs_no_troughs() -> None:
    nothing = ledger()
    assert labour.troughs(nothing, rules()).empty
    assert labour.loans(nothing, rules()).empty
    assert labour.unmatched(nothing, rules()).empty
