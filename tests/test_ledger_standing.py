"""Days on which something was done stand once told."""

from pathlib import Path

import pandas as pd
import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report.intake import FaultsFound
from sanshi_report.ledger import load
from sanshi_report.metrics import inputs
from sanshi_report.workspace import Workspace

NODE = {"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-05-31"}
PERMIT = {"project_id": "X1", "permit": "土地", "department": "自然资源部门"}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    submit(workspace, "2024-06", "2024-07-01", "甲.xlsx", projects=[project("X1", "新建"), project("H1")],
           progress=[invested("H1", "2024-06", "0.3")],
           nodes=[NODE | {"done_on": "2024-05-20"}],
           permits=[PERMIT | {"status": "已办结", "applied_on": "2024-03-01", "granted_on": "2024-04-01"}])  # fmt: skip
    return workspace


def test_a_node_done_stays_done_though_a_later_sheet_has_no_such_column(
    workspace: Workspace,
) -> None:
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", nodes=[NODE | {"note": "已报"}])
    (row,) = load(workspace, "2024-06").nodes.to_dict("records")
    assert (row["done_on"], row["note"]) == (pd.Timestamp(2024, 5, 20), "已报")


def test_another_day_takes_its_place(workspace: Workspace) -> None:
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", nodes=[NODE | {"done_on": "2024-05-21"}])
    assert load(workspace, "2024-06").nodes["done_on"].tolist() == [pd.Timestamp(2024, 5, 21)]


def test_the_office_can_take_it_back(workspace: Workspace) -> None:
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", nodes=[NODE | {"done_on": ""}])
    (workspace.raw / "corrections.yaml").write_text(
        """- {who: 经办人, when: "2024-07-03 09:00", why: 现场核实未完成, table: nodes,
   key: {node_id: N1}, column: done_on, expected: 2024-05-20, value: ""}
""",
        encoding="utf-8",
    )
    assert load(workspace, "2024-06").nodes["done_on"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("status", "applied", "granted"),
    [
        ("已办结", "2024-03-01", "2024-04-01"),
        ("办理中", "2024-03-01", None),
        ("未启动", None, None),
    ],
)
def test_a_permits_days_stand_as_far_as_its_status_lets_them(
    workspace: Workspace, status: str, applied: str | None, granted: str | None
) -> None:
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", permits=[PERMIT | {"status": status}])
    days = load(workspace, "2024-06").permits[["applied_on", "granted_on"]].iloc[0]
    found = [None if pd.isna(day) else f"{day:%Y-%m-%d}" for day in days]
    assert found == [applied, granted]


def money(unit: str, needed: str, secured: str, project_id: str = "H1") -> dict[str, str]:
    return {"project_id": project_id, "month": "2024-06", "input": "钱", "unit": unit,
            "needed": needed, "secured": secured}  # fmt: skip


def test_money_in_another_unit_is_added_up(workspace: Workspace) -> None:
    told = [money("亿元", "1", "0.5"), money("万元", "5000", "2500", "X1")]
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", inputs=told)
    ledger = load(workspace, "2024-06")
    rows = inputs.coverage(ledger, workspace.parameters("2024-06")).set_index("scope_value")
    # 1 + 0.5 needed, 0.5 + 0.25 secured.
    assert rows.loc["钱", ["unit", "needed", "secured", "secured_pct"]].tolist() == [
        "亿元",
        1.5,
        0.75,
        50,
    ]


def test_two_units_of_one_input_are_a_fault(workspace: Workspace) -> None:
    told = [money("亿元", "1", "0.5"), money("吨", "5000", "2500", "X1")]
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", inputs=told)
    with pytest.raises(FaultsFound) as found:
        load(workspace, "2024-06")
    assert [(fault.rule, fault.found) for fault in found.value.faults] == [("two_units", "吨")]
