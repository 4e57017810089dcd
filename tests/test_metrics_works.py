"""Nodes, permits, problems, actions, incidents, completions and the register's size."""

import pandas as pd
from ledgers import ledger, new, old, parameters

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import (
    completions,
    incidents,
    nodes,
    permits,
    problems,
    projects,
)
from sanshi_report.workspace import Parameters

TWO = [new("X1", "2024-03-15"), old("H1", "12", sector="民生")]


def node(node_id: str, due_on: str, done_on: str | None = None, **values: str) -> dict:
    row = {"project_id": "X1", "node": "封顶", "due_on": due_on, "done_on": done_on}
    return {"node_id": node_id, **row, **values}


NODES = [
    node("N1", "2024-05-31", "2024-06-10"),  # done late
    node("N2", "2024-06-30"),  # due on the last day
    node("N3", "2024-06-01", "2024-07-02", project_id="H1"),  # done after the period
    node("N4", "2024-07-31"),
    node("N5", "2024-07-01", project_id="H1"),
    node("N6", "2024-07-15", "2024-06-20"),  # done early
    node("N7", "2024-08-01"),
]


def test_nodes_due_done_and_overdue() -> None:
    june = ledger(projects=TWO, nodes=NODES)
    total = nodes.summary(june, parameters()).iloc[0]
    assert total[["due", "done", "overdue"]].tolist() == [3, 1, 2]
    by_project = nodes.summary(june, parameters(), "project").set_index("scope_value")
    assert by_project.loc["X1"].tolist() == [2, 1, 1]
    assert by_project.loc["H1"].tolist() == [1, 0, 1]


def test_overdue_nodes_are_listed_longest_first() -> None:
    frame = nodes.overdue(ledger(projects=TWO, nodes=NODES))
    assert frame["node_id"].tolist() == ["N3", "N2"]
    assert frame["days_overdue"].tolist() == [29, 0]
    assert frame["name"].tolist() == ["示例H1", "示例X1"]


def test_next_month_lists_what_is_due_and_not_done() -> None:
    frame = nodes.due_next(ledger(projects=TWO, nodes=NODES))
    assert frame["node_id"].tolist() == ["N5", "N4"]
    december = ledger("2024-12", projects=TWO, nodes=[node("N8", "2025-01-31")])
    assert nodes.due_next(december)["node_id"].tolist() == ["N8"]
    second_quarter = ledger("2024-Q2", projects=TWO, nodes=NODES)
    assert nodes.due_next(second_quarter)["node_id"].tolist() == ["N5", "N4"]


def permit(project: str, name: str, status: str, **values: str | None) -> dict:
    return {
        "project_id": project,
        "permit": name,
        "department": "自然资源部门",
        "status": status,
    } | values


PERMITS = [
    permit("X1", "土地", "已办结", due_on="2024-03-31", granted_on="2024-06-30"),
    permit("X1", "规划", "已办结", due_on="2024-06-30", granted_on="2024-07-01"),
    permit("X1", "立项", "已办结", due_on="2024-02-01"),
    permit("X1", "环评", "未启动"),
    permit("H1", "土地", "办理中", due_on="2024-05-31", applied_on="2024-04-01"),
    permit("H1", "规划", "不需要", due_on="2024-01-31"),
    permit("H1", "用能", "办理中", due_on="2024-07-01"),
]


def test_permits_needed_granted_and_overdue() -> None:
    june = ledger(projects=TWO, permits=PERMITS)
    frame = permits.summary(june, parameters())
    assert frame["scope_value"].tolist() == ["立项", "土地", "规划", "环评", "用能"]
    assert frame["needed_permits"].tolist() == [1, 2, 1, 1, 1]
    assert frame["granted"].tolist() == [1, 1, 0, 0, 0]
    assert frame["in_progress"].tolist() == [0, 1, 1, 0, 1]
    assert frame["not_started"].tolist() == [0, 0, 0, 1, 0]
    assert frame["overdue"].tolist() == [0, 1, 1, 0, 0]
    sectors = permits.summary(june, parameters(), "sector").set_index("scope_value")
    assert sectors["needed_permits"].to_dict() == {"工业": 4, "民生": 2}


def test_overdue_permits_are_listed() -> None:
    frame = permits.overdue(ledger(projects=TWO, permits=PERMITS))
    assert frame["project_id"].tolist() == ["H1", "X1"]
    assert frame["permit"].tolist() == ["土地", "规划"]
    assert frame["days_overdue"].tolist() == [30, 0]


def problem(problem_id: str, raised_on: str, tier: str, due_on: str, **values: str) -> dict:
    row = {"project_id": "X1", "raised_on": raised_on, "tier": tier, "due_on": due_on}
    texts = {"category": "用地报批", "owner": "示例乙局", "description": "组卷"}
    return {"problem_id": problem_id, **row, **texts, **values}


PROBLEMS = [
    problem("W1", "2024-06-20", "现场", "2024-06-30"),
    problem("W2", "2024-05-01", "市政府", "2024-07-01", closed_on="2024-07-03"),
    problem("W3", "2024-01-31", "市政府", "2024-06-01", project_id="H1"),
    problem("W4", "2024-03-01", "单一部门", "2024-03-10", closed_on="2024-06-30"),
    problem("W5", "2024-07-01", "现场", "2024-07-02"),  # raised after the period
]


def test_open_problems_come_by_tier_and_day() -> None:
    frame = problems.open_problems(ledger(projects=TWO, problems=PROBLEMS), parameters())
    assert frame["problem_id"].tolist() == ["W3", "W2", "W1"]
    assert frame["tier_order"].tolist() == [4, 4, 1]
    assert frame["age_days"].tolist() == [151, 60, 10]
    assert frame["is_overdue"].tolist() == [True, False, True]
    assert frame["days_overdue"].tolist() == [29, pd.NA, 0]
    assert frame["name"].tolist() == ["示例H1", "示例X1", "示例X1"]


def test_problems_raised_closed_and_overdue() -> None:
    june = ledger(projects=TWO, problems=PROBLEMS)
    total = problems.summary(june, parameters()).iloc[0]
    assert total[["raised", "closed", "open", "overdue"]].tolist() == [4, 1, 3, 2]
    levels = problems.summary(june, parameters(), "level")
    assert levels["scope_value"].tolist() == ["现场", "单一部门", "市政府"]
    assert levels["raised"].tolist() == [1, 1, 2]
    assert levels["overdue"].tolist() == [1, 0, 1]


def action(action_id: str, meeting_on: str, due_on: str, closed_on: str | None = None) -> dict:
    days = {"meeting_on": meeting_on, "due_on": due_on, "closed_on": closed_on}
    return {"action_id": action_id, **days, "content": "交地", "owner": "示例乙局"}


ACTIONS = [
    action("J1", "2024-04-05", "2024-04-30", "2024-05-31"),  # closed before June
    action("J2", "2024-05-05", "2024-06-15", "2024-06-15"),
    action("J3", "2024-05-05", "2024-05-31", "2024-06-02"),
    action("J4", "2024-05-05", "2024-06-30"),
    action("J5", "2024-06-05", "2024-07-01", "2024-07-01"),
    action("J6", "2024-07-01", "2024-07-05"),
]


def test_follow_up_covers_every_action_alive_in_the_period() -> None:
    frame = problems.follow_up(ledger(projects=TWO, actions=ACTIONS))
    assert frame["action_id"].tolist() == ["J2", "J3", "J4", "J5"]
    assert frame["status"].tolist() == ["done", "late_done", "overdue", "open"]
    assert frame["days_overdue"].tolist() == [pd.NA, 2, 0, pd.NA]
    assert frame["is_new"].tolist() == [False, False, False, True]
    assert frame["closed_on"].isna().tolist() == [False, False, True, True]
    assert frame["name"].isna().all()


def test_actions_on_no_project_are_in_the_portfolio_alone() -> None:
    rows = [*ACTIONS, {**action("J7", "2024-06-05", "2024-06-10"), "project_id": "X1"}]
    june = ledger(projects=TWO, actions=rows)
    total = problems.actions_summary(june, parameters()).iloc[0]
    assert total[["raised", "closed", "open", "overdue"]].tolist() == [6, 3, 3, 2]
    projects = problems.actions_summary(june, parameters(), "project").set_index("scope_value")
    assert projects["raised"].to_dict() == {"X1": 1, "H1": 0}


def test_incidents_of_this_year_only() -> None:
    rows = [
        {"incident_id": f"A{n}", "occurred_on": day, "incident": "安全", "severity": "一般",
         "description": "轻伤", "closed_on": closed, "project_id": project}
        for n, (day, closed, project) in enumerate([
            ("2023-12-31", None, "X1"), ("2024-01-01", "2024-02-01", "H1"),
            ("2024-06-30", "2024-07-01", None), ("2024-07-01", None, "X1"),
        ])
    ]  # fmt: skip
    june = ledger(projects=TWO, incidents=rows)
    frame = incidents.so_far(june)
    assert frame["incident_id"].tolist() == ["A1", "A2"]
    assert frame["is_new"].tolist() == [False, True]
    assert frame["closed_on"].isna().tolist() == [False, True]
    total = incidents.summary(june, parameters()).iloc[0]
    assert total[["incidents", "unresolved", "permitted"]].tolist() == [2, 1, 0]
    kinds = incidents.summary(june, parameters(), "kind").set_index("scope_value")
    assert kinds["incidents"].to_dict() == {"新建": 0, "续建": 1}


def test_completions_and_commissioning() -> None:
    rows = [
        old("H1", "1", planned_completion="2024-06-30", completed_on="2024-06-30"),
        old("H2", "1", planned_completion="2024-05-31", completed_on="2024-07-01"),
        old("H3", "1", planned_completion="2024-12-31", completed_on="2024-04-01",
            planned_commissioning="2024-06-01"),
        new("X1", "2024-01-01", commissioned_on="2024-06-15"),
    ]  # fmt: skip
    june = ledger(projects=rows)
    frame = completions.register(june).set_index("project_id")
    assert frame["is_completion_due"].tolist() == [True, True, False, False]
    assert frame["is_completion_done"].tolist() == [True, False, True, False]
    total = completions.summary(june, parameters()).iloc[0].tolist()
    assert total == ["", 2, 2, 1, 1]
    kinds = completions.summary(june, parameters(), "kind").set_index("scope_value")
    assert kinds.loc["新建"].tolist() == [0, 0, 0, 1]


def test_the_register_beside_its_control_totals(small: Ledger, june: Parameters) -> None:
    total = projects.summary(small, june).iloc[0]
    assert (total["projects"], total["projects_control"]) == (4, 30)
    assert total["total_investment_control"] - total["total_investment"] == 999_73 * 10**8
    kinds = projects.summary(small, june, "kind").set_index("scope_value")
    assert kinds["projects_control"].to_dict() == {"新建": 17, "续建": 13}
    tiers = projects.summary(small, june, "tier").set_index("scope_value")
    assert tiers.loc["市本级", ["projects", "projects_control"]].tolist() == [3, 18]
    assert tiers.loc["县区"].isna()["projects_control"]


def test_no_rows_at_all(june: Parameters) -> None:
    nothing = ledger()
    for listed in (
        nodes.overdue(nothing),
        nodes.due_next(nothing),
        permits.overdue(nothing),
        permits.summary(nothing, june),
        problems.open_problems(nothing, june),
        problems.follow_up(nothing),
        incidents.so_far(nothing),
        completions.register(nothing),
    ):
        assert listed.empty
    for counted in (nodes, problems, incidents, completions):
        frame = counted.summary(nothing, june)
        assert frame.drop(columns="scope_value").sum().sum() == 0
