import pytest
from ledgers import ledger, new, old, parameters, planned, spent

from sanshi_report.ledger import Ledger
from sanshi_report.workspace import Parameters


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden")


@pytest.fixture(scope="session")
def small() -> Ledger:
    """Two new builds and two continuing projects in June 2024, with a few rows in every table."""
    return ledger(
        projects=[
            new("X1", "2024-03-15", county="示例乙县", tier="county", total_investment="20"),
            new("X2", "2024-09-30", sector="民生", started_on="2024-06-03"),
            old("H1", "12", total_investment="40.5", planned_completion="2024-06-30"),
            old("H2", "10", sector="民生", completed_on="2024-05-20", total_investment="29.5"),
        ],
        plan=[*planned("H1", *["1"] * 12), *planned("H2", *["0.5"] * 6, *["1"] * 5, "2")],
        progress=[
            *spent("H1", "1", "1", "1", "1", "1", "1"),
            *spent("H2", "1", "1", "0.5", "0.5", "0.5", "0.25"),
            *spent("X2", None, None, None, None, None, "0.2"),
        ],
        nodes=[
            {"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-06-30"},
            {"node_id": "N2", "project_id": "H1", "node": "桩基", "due_on": "2024-05-31",
             "done_on": "2024-06-10"},
            {"node_id": "N3", "project_id": "X2", "node": "土方", "due_on": "2024-07-31"},
        ],
        permits=[
            {"project_id": "X1", "permit": "土地", "department": "自然资源部门", "status": "办理中",
             "due_on": "2024-03-31"},
            {"project_id": "X1", "permit": "立项", "department": "发展改革部门", "status": "已办结",
             "granted_on": "2024-01-10"},
            {"project_id": "X2", "permit": "立项", "department": "发展改革部门", "status": "不需要"},
        ],
        inputs=[
            {"project_id": "H1", "month": "2024-06", "input": "人", "unit": "人", "needed": "100",
             "secured": "60"},
            {"project_id": "X2", "month": "2024-06", "input": "人", "unit": "人", "needed": "20",
             "secured": "30"},
        ],
        funding=[
            {"project_id": "H1", "source": "银行贷款", "planned": "30", "in_place": "10.5"},
            {"project_id": "H1", "source": "市级财政资金", "planned": "10.5"},
        ],
        problems=[
            {"problem_id": "W1", "project_id": "X1", "raised_on": "2024-05-01", "category": "用地报批",
             "tier": "多部门", "owner": "示例乙局", "due_on": "2024-06-20", "description": "组卷"},
            {"problem_id": "W2", "project_id": "H1", "raised_on": "2024-06-01", "category": "劳动力",
             "tier": "现场", "owner": "示例甲局", "due_on": "2024-06-10", "closed_on": "2024-06-09",
             "description": "用工"},
        ],
        actions=[
            {"action_id": "J1", "meeting_on": "2024-06-05", "project_id": "X1", "content": "交地",
             "owner": "示例乙局", "due_on": "2024-06-30"},
            {"action_id": "J2", "meeting_on": "2024-06-05", "content": "排查", "owner": "示例丙局",
             "due_on": "2024-06-20", "closed_on": "2024-06-18"},
        ],
        meetings=[{"held_on": "2024-06-05", "level": "指挥部办公室", "subject": "月度例会"}],
        incidents=[
            {"incident_id": "A1", "project_id": "H1", "occurred_on": "2024-05-17", "incident": "安全",
             "severity": "一般", "description": "轻伤"},
        ],
    )  # fmt: skip


@pytest.fixture(scope="session")
def june() -> Parameters:
    """The parameters of June 2024, with the rules the tests reckon with."""
    return parameters("2024-06")
