"""Age of problems by tier, and which should go one tier up."""

from dataclasses import replace
from decimal import Decimal

import pandas as pd
from ledgers import ledger, new, parameters

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import escalation


def problem(problem_id: str, raised_on: str, tier: str, **values: str) -> dict:
    row = {"problem_id": problem_id, "project_id": "X1", "raised_on": raised_on, "tier": tier}
    texts = {
        "category": "用地报批",
        "owner": "示例乙局",
        "description": "组卷",
        "due_on": "2024-06-30",
    }
    return row | texts | values


PROBLEMS = [
    problem("W1", "2024-06-23", "现场"),  # exactly the seven days a site has
    problem("W2", "2024-06-24", "现场"),  # six
    problem("W3", "2024-06-10", "现场", closed_on="2024-06-29"),
    problem("W4", "2024-06-15", "单一部门"),  # exactly fifteen
    problem("W5", "2024-05-01", "常务会或常委会"),  # exactly sixty, and no tier above
    problem("W6", "2024-02-01", "多部门", due_on="2024-07-31"),  # 150, though not overdue
]


def june(problems: list[dict] = PROBLEMS) -> Ledger:
    return ledger(projects=[new("X1", "2024-03-15")], problems=problems)


def test_escalation_is_suggested_when_the_tiers_days_are_up() -> None:
    frame = escalation.suggested(june(), parameters())
    assert frame["problem_id"].tolist() == ["W6", "W1", "W4", "W5"]
    assert frame["days_at_tier"].tolist() == [150, 7, 15, 60]
    assert frame["days_past"].tolist() == [120, 0, 0, 0]
    assert frame["escalate_to"].isna().tolist() == [False, False, False, True]
    assert frame["escalate_to"].tolist()[:3] == ["市政府", "单一部门", "多部门"]


def test_every_tier_has_a_row() -> None:
    frame = escalation.by_tier(june(), parameters()).set_index("tier")
    assert frame.index.tolist() == ["现场", "单一部门", "多部门", "市政府", "常务会或常委会"]
    site = frame.loc["现场"]
    assert site[["tier_days", "raised", "closed", "open", "time_up"]].tolist() == [7, 3, 1, 2, 1]
    assert site["oldest_days"] == 7
    assert site["median_days"] == Decimal("6.5")
    assert frame.loc["市政府", ["raised", "open", "time_up"]].tolist() == [0, 0, 0]
    assert frame.loc["市政府", "oldest_days"] is pd.NA
    assert frame.loc["市政府", "median_days"] is None
    assert frame.loc["多部门", ["overdue", "time_up"]].tolist() == [0, 1]


def lifted(*versions: tuple[str, str]) -> Ledger:
    """One problem raised in January, as each period's submission gave its tier."""
    rows = [problem("W1", "2024-01-18", tier) for _, tier in versions]
    history = ledger(problems=rows).problems
    history["origin"] = [f"{period}/a.xlsx#问题台账!3" for period, _ in versions]
    return replace(june([rows[-1]]), history={"problems": history})


def test_a_problem_lifted_has_its_new_tiers_time_from_that_period() -> None:
    told = lifted(("2024-01", "多部门"), ("2024-03", "多部门"), ("2024-05", "市政府"))
    row = escalation.suggested(told, parameters()).iloc[0]
    assert row["tier_since"] == pd.Timestamp("2024-05-01")
    assert row[["days_at_tier", "tier_days", "days_past"]].tolist() == [60, 45, 15]
    just_now = lifted(("2024-01", "多部门"), ("2024-06", "市政府"))
    assert escalation.suggested(just_now, parameters()).empty


def test_a_tier_given_in_the_first_month_counts_from_the_day_raised() -> None:
    told = lifted(("2024-01", "现场"), ("2024-01", "多部门"))
    row = escalation.suggested(told, parameters()).iloc[0]
    assert row["tier_since"] == pd.Timestamp("2024-01-18")
    assert row["days_at_tier"] == 164


def test_without_problems_there_is_nothing_to_escalate() -> None:
    nothing = ledger()
    assert escalation.suggested(nothing, parameters()).empty
    assert escalation.by_tier(nothing, parameters())["open"].tolist() == [0, 0, 0, 0, 0]
