"""Working days, how long permits take, from land to start, and what holds up a start."""

from decimal import Decimal

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters

from sanshi_report.metrics import durations
from sanshi_report.metrics.spread import medians, nearest_ranks
from sanshi_report.metrics.workdays import covered_years, working_days


def days(*texts: str | None) -> pd.Series:
    return pd.Series(pd.to_datetime(list(texts)), dtype="datetime64[us]")


@pytest.mark.parametrize(
    ("after", "until", "count"),
    [
        ("2024-06-14", "2024-06-14", 0),
        ("2024-06-14", "2024-06-16", 0),  # a weekend
        ("2024-06-07", "2024-06-11", 1),  # Dragon Boat on Monday 10 June
        ("2024-02-02", "2024-02-19", 8),  # Spring Festival 10-17; Sundays 4 and 18 are worked
        ("2024-04-26", "2024-05-06", 4),  # 1-5 May off, Sunday 28 April worked
        ("2023-12-29", "2024-01-02", 1),  # across a year
        ("2024-06-14", "2024-06-13", -1),
    ],
)
def test_working_days_follow_the_official_calendar(after: str, until: str, count: int) -> None:
    assert working_days(days(after), days(until)).tolist() == [count]


def test_a_year_without_a_calendar_has_no_working_days() -> None:
    beyond = covered_years()[1] + 1
    found = working_days(
        days("2024-06-03", "2003-12-31", None, "2024-06-03"),
        days(f"{beyond}-01-05", "2024-06-03", "2024-06-03", None),
    )
    assert found.isna().all()
    assert found.dtype == "Int64"


def test_the_middle_and_the_ninth_of_ten() -> None:
    values = pd.Series([30, 10, 20, 40, pd.NA, 7], dtype="Int64")
    keys = pd.Series(["a", "a", "a", "a", "a", "b"])
    groups = pd.Index(["b", "c", "a"])
    assert medians(values, keys, groups).tolist() == [Decimal(7), None, Decimal(25)]
    assert nearest_ranks(values, keys, groups, 90).tolist() == [7, pd.NA, 40]
    ten, all_one, one = (
        pd.Series(range(1, 11), dtype="Int64"),
        pd.Series(["t"] * 10),
        pd.Index(["t"]),
    )
    assert nearest_ranks(ten, all_one, one, 90).tolist() == [9]
    assert medians(ten, all_one, one).tolist() == [Decimal("5.5")]


BUILDS = [
    new("X1", "2024-04-15", started_on="2024-05-20"),
    new("X2", "2024-05-31"),
    new("X3", "2024-07-10"),
    new("X4", "2024-09-10"),
]


def permit(project: str, name: str, status: str, due_on: str | None, **values: str) -> dict:
    departments = {"土地": "自然资源部门", "规划": "自然资源部门", "环评": "生态环境部门"}
    department = departments.get(name, "住房城乡建设部门")
    row = {"project_id": project, "permit": name, "department": department, "status": status}
    return row | {"due_on": due_on} | values


PERMITS = [
    # 8 working days, on the last day promised
    permit("X1", "土地", "已办结", "2024-02-19", applied_on="2024-02-02", granted_on="2024-02-19"),
    # 4 working days, late
    permit("X1", "规划", "已办结", "2024-05-05", applied_on="2024-04-26", granted_on="2024-05-06"),
    permit("X1", "环评", "不需要", None),
    # under way for 17 working days by Sunday 30 June: 6 and 7, 11-14, 17-21, 24-28 = 16; 5 is the day applied
    permit("X2", "土地", "办理中", "2024-05-10", applied_on="2024-06-05"),
    permit("X2", "规划", "未启动", "2024-05-20"),
    permit("X2", "施工许可", "未启动", "2024-05-28"),
    # no application day, so nothing to count
    permit("X3", "土地", "已办结", "2024-05-20", granted_on="2024-05-21"),
    permit("X3", "施工许可", "未启动", "2024-07-12"),
    permit("X4", "规划", "办理中", None, applied_on="2024-06-28"),
    permit("X4", "环评", "办理中", "2024-09-01", applied_on="2024-06-03"),
    # granted after the period, so still waiting: 4-7, 11-14, 17-21, 24-28 = 18
    permit("X4", "土地", "已办结", "2024-07-01", applied_on="2024-06-03", granted_on="2024-07-03"),
]  # fmt: skip


def test_how_long_permits_take() -> None:
    june = ledger(projects=BUILDS, permits=PERMITS)
    frame = durations.by_permit(june, parameters()).set_index("scope_value")
    assert frame.index.tolist() == ["土地", "规划", "环评", "施工许可"]
    land = frame.loc["土地"]
    assert land[["granted", "on_time", "in_progress", "uncounted"]].tolist() == [2, 1, 2, 1]
    assert land["median_workdays"] == Decimal(8)
    assert land[["p90_workdays", "longest_workdays", "longest_waiting_workdays"]].tolist() == [
        8,
        8,
        18,
    ]
    plan = frame.loc["规划"]
    assert plan[["granted", "on_time", "in_progress", "longest_waiting_workdays"]].tolist() == [
        1,
        0,
        1,
        0,
    ]
    assert frame.loc["环评", "median_workdays"] is None
    assert frame.loc["环评", "p90_workdays"] is pd.NA


def test_a_department_has_all_its_permits() -> None:
    june = ledger(projects=BUILDS, permits=PERMITS)
    frame = durations.by_permit(june, parameters(), "department").set_index("scope_value")
    assert frame.loc["自然资源部门", "median_workdays"] == Decimal(6)  # of 8 and 4
    assert frame.loc["自然资源部门", "p90_workdays"] == 8
    whole = durations.by_permit(june, parameters(), None)
    assert whole["granted"].tolist() == [3]
    assert durations.by_permit(june, parameters(), "kind")["scope_value"].tolist() == ["新建"]


def test_from_land_to_start() -> None:
    june = ledger(projects=[*BUILDS, old("H1", "1")], permits=PERMITS)
    frame = durations.land_to_start(june, parameters()).set_index("project_id")
    assert frame.index.tolist() == ["X1", "X2", "X3", "X4"]
    # 19 February to 20 May: 10 + 31 + 30 + 20 = 91 days
    assert frame.loc["X1", "days"] == 91
    # February 8, March 21, April 22 (4-5 off, 7 and 28 worked), May to the 20th: 6-10, 11 worked, 13-17, 20
    assert frame.loc["X1", "working_days"] == 63
    assert frame["waiting_days"].tolist() == [pd.NA, pd.NA, 40, pd.NA]
    assert frame["land_granted_on"].isna().tolist() == [False, True, False, True]


def test_the_critical_permit_of_each_start() -> None:
    june = ledger(projects=BUILDS, permits=PERMITS)
    frame = durations.holding_up(june, parameters()).set_index("project_id")
    assert frame["falls_due"].to_dict() == {"X2": "due", "X3": "next", "X4": "later"}
    assert frame["outstanding"].tolist() == [3, 1, 3]
    assert frame.loc["X2", "outstanding_permits"] == "土地、规划、施工许可"
    # Planning follows the land, the construction permit all others; of those free to go on the first promised.
    assert frame["critical_permit"].to_dict() == {"X2": "土地", "X3": "施工许可", "X4": "土地"}
    assert frame["critical_reason"].tolist() == ["order"] * 3
    assert frame.loc["X2", "critical_department"] == "自然资源部门"
    assert frame["critical_days_overdue"].tolist() == [51, pd.NA, pd.NA]
    # X2's were promised before its start; X3's is promised for two days after; one of X4's not at all.
    assert frame["is_after_start"].tolist() == [False, True, True]
    assert frame.loc["X2", ["light", "months_late"]].tolist() == ["yellow", 1]


def problem(category: str, closed_on: str | None = None) -> dict:
    return {
        "problem_id": "W1", "project_id": "X4", "raised_on": "2024-06-03", "category": category,
        "tier": "多部门", "owner": "示例乙局", "due_on": "2024-07-15", "closed_on": closed_on,
        "description": "未批",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("told", "permit_name", "reason"),
    [
        ([problem("环境影响评价")], "环评", "problem"),
        ([problem("规划许可")], "规划", "problem"),  # though the land is not granted either
        ([problem("施工许可")], "土地", "order"),  # X4 needs none
        ([problem("劳动力")], "土地", "order"),  # about no permit
        ([problem("环境影响评价", "2024-06-20")], "土地", "order"),  # solved
        (
            [problem("规划许可"), problem("用地报批") | {"problem_id": "W2"}],
            "土地",
            "problem",
        ),  # the earlier of two
    ],
)
def test_the_permit_that_an_open_problem_is_about_is_the_critical_one(
    told: list[dict], permit_name: str, reason: str
) -> None:
    june = ledger(projects=BUILDS, permits=PERMITS, problems=told)
    row = durations.holding_up(june, parameters()).set_index("project_id").loc["X4"]
    assert row[["critical_permit", "critical_reason"]].tolist() == [permit_name, reason]


def test_of_a_start_without_a_row_of_permits_nothing_is_known_to_be_granted() -> None:
    row = durations.holding_up(ledger(projects=[new("X5", "2024-06-10")]), parameters()).iloc[0]
    assert pd.isna(row["outstanding"])
    assert not row["is_after_start"]


def test_a_start_with_every_permit_is_held_up_by_none() -> None:
    granted = {
        "project_id": "X5",
        "permit": "立项",
        "department": "发展改革部门",
        "status": "已办结",
    }
    june = ledger(projects=[new("X5", "2024-06-10")], permits=[granted])
    row = durations.holding_up(june, parameters()).iloc[0]
    assert row["outstanding"] == 0
    assert pd.isna(row["critical_permit"])
    assert not row["is_after_start"]


def test_an_empty_ledger_has_no_durations() -> None:
    nothing = ledger()
    assert durations.by_permit(nothing, parameters()).empty
    assert durations.land_to_start(nothing, parameters()).empty
    assert durations.holding_up(nothing, parameters())["is_after_start"].dtype == bool
