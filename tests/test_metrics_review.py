from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, planned, spent

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import monthly, review
from sanshi_report.workspace import Pace

PROJECTS = [
    old("H1", "12", name="示例甲"),
    old("H2", "24", name="示例乙", responsible_unit="示例乙局"),
    new("X1", "2024-03-15"),
    new("X2", "2024-05-30", started_on="2024-05-28"),
    new("X3", "2024-09-30", started_on="2024-04-02"),
]
SPENT = [*spent("H1", *["1.1"] * 6), *spent("H2", "2", "2", "2", "2", "0.5", "0.5")]
PROBLEM = {
    "project_id": "H2", "category": "资金筹措", "owner": "财政金融部门", "description": "贷款未批",
}  # fmt: skip


def problem(number: str, tier: str, raised: str, due: str = "2024-07-31", **more: Any) -> Any:
    return PROBLEM | {"problem_id": number, "tier": tier, "raised_on": raised, "due_on": due} | more


def book(period: str = "2024-06", **given: Any) -> Ledger:
    return ledger(period, **{"projects": PROJECTS, "progress": SPENT, **given})


def test_the_last_review_was_two_months_before() -> None:
    before = review.last(book("2024-06"))
    assert before is not None
    assert str(before.period) == "2024-04"
    assert review.last(book("2024-02")) is None


def test_indicators_stand_beside_those_of_the_last_review() -> None:
    rows = review.position(book(), parameters()).set_index("kpi")
    assert tuple(rows.loc["investment.ytd", ["actual", "actual_before", "change"]]) == (
        Decimal("15.6"), Decimal("12.4"), Decimal("3.2"),
    )  # fmt: skip
    begun = rows.loc["starts.milestone", ["target", "actual", "actual_before", "change"]]
    assert tuple(begun) == (9, 2, 1, 1)
    first = review.position(book("2024-02"), parameters("2024-02"))
    assert list(first["actual_before"]) == [None] * len(first)
    assert list(first["change"]) == [None] * len(first)


def test_a_light_moves_from_the_last_review_and_from_green_where_nothing_was_rated() -> None:
    rows = [*spent("H1", *["0.5"] * 4, "3", "2"), *spent("H2", "2", "2", "2", "2", "0.5", "0.5")]
    facts = book(progress=rows, projects=[*PROJECTS, new("X4", "2024-05-10")])
    money = review.money(facts, parameters()).set_index("project_id")
    assert money["light_before"].to_dict() == {"H1": "red", "H2": "green"}
    assert money["light_change"].to_dict() == {"H1": "better", "H2": "worse"}
    begun = review.begun(facts, parameters()).set_index("project_id")
    assert begun["light_before"].to_dict() == {
        "X1": "yellow", "X2": "not_rated", "X3": "green", "X4": "not_rated",
    }  # fmt: skip
    assert begun["light_change"].to_dict() == {
        "X1": "worse", "X2": "same", "X3": "same", "X4": "worse",
    }  # fmt: skip


def test_in_the_years_first_review_no_light_has_moved() -> None:
    facts, rules = book("2024-02"), parameters("2024-02")
    assert review.money(facts, rules)["light_change"].isna().all()
    assert review.begun(facts, rules)["light_change"].isna().all()


def test_money_says_who_gained_on_the_pace_and_who_lost() -> None:
    rows = review.money(book(), parameters()).set_index("project_id")
    # H1: 6.6 of 6 due, 4.4 of 4 before; H2: 9 of 12 due, 8 of 8 before.
    assert list(rows.index) == ["H1", "H2"]
    yi = 10**10
    assert [round(rows.loc[p, "ahead"] / yi, 2) for p in rows.index] == [0.6, -3.0]
    assert [round(rows.loc[p, "ahead_before"] / yi, 2) for p in rows.index] == [0.4, 0.0]
    assert [round(rows.loc[p, "ahead_change"] / yi, 2) for p in rows.index] == [0.2, -3.0]
    assert rows.loc["H2", "gap_points"] == Decimal("-12.5")
    assert abs(rows.loc["H2", "gap_before"]) < Decimal("0.000001")
    assert tuple(rows["light"]) == ("green", "red")
    assert list(rows["invested_since"]) == [int(2.2 * yi), yi]


def test_the_years_first_review_looks_back_to_its_beginning() -> None:
    rows = review.money(book("2024-02"), parameters("2024-02"))
    assert list(rows["ahead_before"]) == [0, 0]
    assert rows["light_before"].isna().all()
    assert list(rows["ahead"]) == list(rows["ahead_change"])


def test_starts_since_the_last_review_are_new() -> None:
    rows = review.begun(book(), parameters()).set_index("project_id")
    assert list(rows["is_new"]) == [False, True, False]
    assert list(rows["light"]) == ["red", "green", "green"]
    assert list(rows["light_before"]) == ["yellow", "not_rated", "green"]


@pytest.mark.parametrize(
    ("tier", "raised", "level", "asked"),
    [
        ("单一部门", "2024-06-15", "多部门", "raise"),
        ("市政府", "2024-06-20", "市政府", "settle"),
        ("市政府", "2024-05-16", "常务会或常委会", "raise"),
        ("常务会或常委会", "2024-05-01", "常务会或常委会", "decide"),
        ("常务会或常委会", "2024-05-02", "常务会或常委会", "settle"),
    ],
)
def test_who_must_decide(tier: str, raised: str, level: str, asked: str) -> None:
    facts = book(problems=[problem("W1", tier, raised)])
    row = review.decisions(facts, parameters()).iloc[0]
    assert (row["level"], row["asked"]) == (level, asked)


def test_what_is_low_and_in_time_needs_no_decision_and_the_highest_stands_first() -> None:
    facts = book(
        problems=[
            problem("W1", "现场", "2024-06-28"),
            problem("W2", "现场", "2024-06-01"),
            problem("W3", "多部门", "2024-05-01"),
            problem("W4", "市政府", "2024-05-01", closed_on="2024-06-01"),
            problem("W5", "常务会或常委会", "2024-06-28"),
        ]
    )
    rows = review.decisions(facts, parameters())
    assert list(rows["problem_id"]) == ["W5", "W3", "W2"]
    assert list(rows["is_headquarters"]) == [True, True, False]
    assert list(rows["days_past"].fillna(-1)) == [-1, 30, 22]


def test_a_red_project_says_for_how_long_and_what_it_still_needs() -> None:
    node = {"node_id": "N1", "project_id": "H2", "node": "封顶", "due_on": "2024-06-10"}
    rows = review.red(book(nodes=[node]), parameters()).set_index("project_id")
    assert list(rows.index) == ["X1", "H2"]
    # H2 was at 8.5 of 10 by May (−6.25 points): red in June alone. X1 was three months late in June.
    assert list(rows["months_red"]) == [1, 1]
    assert list(rows["nodes_overdue"]) == [0, 1]
    assert rows.loc["H2", "to_invest_per_month"] == 25 * 10**9
    assert rows.loc["H2", "completion_pct"] == Decimal("37.5")
    assert rows.loc["X1", "months_late"] == 3
    assert rows.loc["X1", "completion_pct"] is None


def test_nothing_is_left_to_invest_after_december() -> None:
    spending = spent("H2", *["1"] * 12)
    rows = review.red(
        book("2024-12", projects=PROJECTS[1:2], progress=spending), parameters("2024-12")
    )
    assert rows["to_invest_per_month"].isna().all()


def test_the_coming_list_of_the_red_names_their_problems_and_actions() -> None:
    action = {
        "action_id": "J1", "meeting_on": "2024-06-05", "project_id": "H1", "content": "办证",
        "owner": "示例甲局", "due_on": "2024-07-20",
    }  # fmt: skip
    facts = book(
        problems=[
            problem("W1", "现场", "2024-06-28"),
            problem("W2", "现场", "2024-06-20", "2024-06-25"),
        ],
        actions=[action],
    )
    rows = review.due(facts, parameters())
    assert list(rows["key"]) == ["problem:W2", "problem:W1"]


@pytest.mark.parametrize("ask", [review.position, review.money, review.begun, review.decisions,
                                 review.red, review.due])  # fmt: skip
def test_an_empty_ledger_has_the_same_columns(ask: Any) -> None:
    empty, full = ask(ledger(), parameters()), ask(book(), parameters())
    assert list(empty.columns) == list(full.columns)


def test_months_of_each_project_beside_plan_and_pace() -> None:
    plans = planned("H1", *["0.5"] * 6, *["1.5"] * 6)
    rows = monthly.by_project(book("2024-03", plan=plans), parameters()).set_index(
        ["project_id", "month"]
    )
    march, april = rows.loc[("H1", "2024-03")], rows.loc[("H1", "2024-04")]
    yi = 10**10
    assert list(march[["invested_cum", "planned_cum", "pace_cum"]]) == [
        33 * 10**9,
        15 * 10**9,
        3 * yi,
    ]
    assert march["invested_pct"] == Decimal("27.5")
    assert pd.isna(april["invested_cum"])
    assert april["invested_pct"] is None
    assert april["planned_cum"] == 2 * yi
    assert pd.isna(rows.loc[("H2", "2024-03"), "planned"])
    assert pd.isna(rows.loc[("X1", "2024-03"), "pace_cum"])
    assert len(rows) == 60


def test_each_projects_months_follow_its_plan_where_that_is_the_pace() -> None:
    projects = [new("X1", "2024-03-15"), old("H1", "12"), old("H2", "6")]
    plans = [*planned("H1", *["0.5"] * 6, *["1.5"] * 6), *planned("H2", *["0.5"] * 12)]
    rules = parameters(pace=Pace(basis="plan"))
    told = ledger("2024-03", projects=projects, plan=plans)
    rows = monthly.by_project(told, rules).set_index(["project_id", "month"])
    yi = 10**10
    # H1 has planned 1.5 of 12 by March, H2 1.5 of 6.
    march = [rows.loc[(project, "2024-03"), "pace_pct"] for project in ("H1", "H2")]
    assert march == [Decimal("12.5"), Decimal(25)]
    assert rows.loc[("H1", "2024-07"), "pace_cum"] == 45 * yi // 10
    assert rows.loc[("X1", "2024-03"), "pace_pct"] is None


def test_a_month_not_reported_is_no_money() -> None:
    rows = monthly.by_project(book("2024-03", progress=spent("H1", "1", None, "2")), parameters())
    assert list(rows["invested_cum"][:3]) == [10**10, 10**10, 3 * 10**10]
