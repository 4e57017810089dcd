"""The original, the approved and the current plan, and what became of each."""

from typing import Any

import pandas as pd
import pytest
from ledgers import new, old, told

from sanshi_report.ledger import Ledger
from sanshi_report.ledger.corrections import MARK
from sanshi_report.metrics import plans


def change(field: str, new: str, on: str, **values: Any) -> dict[str, str]:
    return {"project_id": "X1", "field": field, "old": "—", "new": new, "reason": "示例",
            "approved_by": "示例工程指挥部", "approved_on": on, **values}  # fmt: skip


def put_off(*days: str, period: str = "2024-06", **others: Any) -> Ledger:
    """A new build whose planned start is another day in each month's submission from April on."""
    sent = [
        (f"2024-0{n}", f"2024-0{n + 1}-03", {"projects": [new("X1", day)]})
        for n, day in enumerate(days, start=4)
    ]
    return told(period, *sent, (period, "2024-07-04", others))


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def test_the_three_plans_are_kept_apart() -> None:
    ledger = put_off("2024-05-31", "2024-06-15", "2024-07-31",
                     changes=[change("计划开工", "2024-06-15", "2024-05-20")])  # fmt: skip
    (row,) = plans.register(ledger).to_dict("records")
    assert (row["table"], row["key"], row["figure"]) == ("projects", "X1", "planned_start")
    assert row["original"] == day("2024-05-31")
    assert row["approved"] == day("2024-06-15")
    assert row["current"] == day("2024-07-31")
    assert (row["times"], row["is_approved"], row["verdict"]) == (2, False, "spared")
    assert (row["approved_on"], row["reason"]) == (day("2024-05-20"), "示例")


def test_a_step_is_dated_by_its_approval_or_else_by_its_submission() -> None:
    steps = plans.moves(put_off("2024-05-31", "2024-06-15", "2024-07-31",
                                changes=[change("计划开工", "2024年6月15日", "2024-05-20")]))  # fmt: skip
    assert steps["moved_on"].tolist() == [day("2024-05-20"), day("2024-07-03")]
    assert steps["is_approved"].tolist() == [True, False]
    assert steps["name"].tolist() == ["示例X1", "示例X1"]


@pytest.mark.parametrize(
    ("started_on", "period", "verdict"),
    [
        ("2024-05-31", "2024-06", "in_time"),
        ("2024-06-01", "2024-06", "by_moving"),
        ("2024-07-31", "2024-07", "by_moving"),
        ("2024-08-01", "2024-08", "late"),
        (None, "2024-06", "spared"),
        (None, "2024-07", "missed"),
        ("2024-07-20", "2024-06", "spared"),  # not happened yet at the period's end
    ],
)
def test_the_verdict_says_what_the_moving_hid(
    started_on: str | None, period: str, verdict: str
) -> None:
    row = {"project_id": "X1", "month": "2024-06", "invested": "0", "started_on": started_on}
    ledger = put_off("2024-05-31", "2024-07-31", period=period, progress=[row])
    assert plans.register(ledger)["verdict"].tolist() == [verdict]


def test_a_plan_brought_forward_can_be_late_by_the_current_day_alone() -> None:
    assert plans.register(put_off("2024-08-31", "2024-05-31"))["verdict"].tolist() == ["tightened"]
    done = {"project_id": "X1", "month": "2024-06", "invested": "0", "started_on": "2024-06-20"}
    ledger = put_off("2024-08-31", "2024-05-31", progress=[done])
    assert plans.register(ledger)["verdict"].tolist() == ["tightened"]


def test_a_plan_neither_of_whose_days_has_come_is_to_come() -> None:
    assert plans.register(put_off("2024-08-31", "2024-09-30"))["verdict"].tolist() == ["to_come"]


def test_a_plan_that_came_back_to_the_original_is_still_told() -> None:
    (row,) = plans.register(put_off("2024-05-31", "2024-07-31", "2024-05-31")).to_dict("records")
    assert (row["original"], row["current"], row["times"]) == (
        day("2024-05-31"),
        day("2024-05-31"),
        2,
    )


def monthly(new_plan: str, invested: str | None, period: str = "2024-06") -> str:
    row = {"project_id": "H1", "month": "2024-06"}
    ledger = told(
        period,
        ("2024-05", "2024-06-03",
         {"projects": [old("H1", "12")], "plan": [{**row, "planned_investment": "0.80"}]}),
        (period, "2024-07-03",
         {"plan": [{**row, "planned_investment": new_plan}],
          "progress": [{**row, "invested": invested}] if invested else []}),
    )  # fmt: skip
    (verdict,) = plans.register(ledger)["verdict"]
    return str(verdict)


def test_a_months_money_is_judged_by_both_plans() -> None:
    assert monthly("0.70", "0.80") == "in_time"
    assert monthly("0.70", "0.79") == "by_moving"
    assert monthly("0.70", "0.69") == "missed"
    assert monthly("0.90", "0.85") == "tightened"
    assert monthly("0.90", "0.79") == "missed"
    assert monthly("0.70", None) == "missed"
    assert monthly("0.70", None, period="2024-05") == "to_come"


@pytest.mark.parametrize(
    ("text", "approved"),
    [
        ("3月1.34亿元，6月0.7亿元", 7_000_000_000),
        ("６月 7000万元", 7_000_000_000),
        ("16月0.7亿元", None),
        ("按会议纪要", None),
    ],
)
def test_what_a_record_says_of_a_month_is_read(text: str, approved: int | None) -> None:
    row = {"project_id": "X1", "month": "2024-06"}
    ledger = told(
        "2024-06",
        ("2024-05", "2024-06-03",
         {"projects": [new("X1", None)], "plan": [{**row, "planned_investment": "0.80"}]}),
        ("2024-06", "2024-07-03",
         {"plan": [{**row, "planned_investment": "0.70"}], "changes": [change("月度计划", text, "2024-06-05")]}),
    )  # fmt: skip
    (found,) = plans.register(ledger).to_dict("records")
    assert found["approved"] == approved
    assert found["is_approved"] == (approved is not None)


def test_a_record_about_another_project_or_another_node_approves_nothing() -> None:
    node = {"node_id": "N1", "project_id": "X1", "node": "封顶"}
    ledger = told(
        "2024-06",
        ("2024-05", "2024-06-03",
         {"projects": [new("X1", None), new("X2", None)], "nodes": [{**node, "due_on": "2024-06-20"}]}),
        ("2024-06", "2024-07-03",
         {"nodes": [{**node, "due_on": "2024-07-20"}],
          "changes": [change("节点 N1 计划完成", "2024-07-20", "2024-06-05", project_id="X2"),
                      change("节点 N2 计划完成", "2024-07-20", "2024-06-05")]}),
    )  # fmt: skip
    (found,) = plans.register(ledger).to_dict("records")
    assert not found["is_approved"]
    assert found["approved"] is None
    assert found["item"] == "封顶"


def test_what_the_office_corrected_was_never_a_plan() -> None:
    ledger = put_off("2024-05-31", "2024-07-31")
    projects = ledger.history["projects"]
    origins = projects["origin"].iloc[0], projects["origin"].iloc[0] + f"{MARK}1"
    ledger.history["projects"]["origin"] = pd.Series(origins, dtype="str")
    assert plans.moves(ledger).empty


def test_nothing_moved_gives_empty_frames() -> None:
    ledger = put_off("2024-05-31", "2024-05-31")
    assert plans.moves(ledger).empty
    assert plans.register(ledger).empty
