"""A year in which projects join, leave, are split and renamed: a workspace from January to July 2024.

X1 is a new build, renamed on 5 June. H1 goes on all year. H2 leaves on 20 May. H3 is split on 10 June into H31 and
H32, which share what it had invested. H4 joins on 15 April.
"""

from datetime import date
from pathlib import Path
from typing import Any

import yaml
from submissions import invested, new_workspace, project, submit

from sanshi_report.workspace import Workspace


def total(count: int, amount: float, **more: Any) -> dict[str, Any]:
    return {"count": count, "total_investment": amount, **more}


_CONTINUING = {
    2024: total(3, 30, annual_plan=6),
    date(2024, 4, 15): total(4, 40, annual_plan=7.80),
    date(2024, 5, 20): total(3, 30, annual_plan=5.80),
    date(2024, 6, 10): total(4, 30, annual_plan=5.80),
}
_ALL = {
    2024: total(4, 40),
    date(2024, 4, 15): total(5, 50),
    date(2024, 5, 20): total(4, 40),
    date(2024, 6, 10): total(5, 40),
}


def move(project_id: str, kind: str, day: str, approved_on: str, **values: Any) -> dict[str, Any]:
    return {
        "project_id": project_id, "move": kind, "effective_on": day, "reason": "示例原因",
        "approved_by": "示例指挥部", "approved_on": approved_on, **values,
    }  # fmt: skip


def a_year_of_moves(root: Path) -> Workspace:
    """Return the workspace, received month by month; each file came on the 3rd of the month after."""
    workspace = new_workspace(root, 1, 3)
    file = workspace.parameter_folder / "2024.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    none = total(0, 0, annual_plan=0)
    content["control_totals"] |= {
        "projects": {"from": _ALL},
        "continuing": {"from": _CONTINUING},
        "continuing_by_sector": {"工业": {"from": _CONTINUING}, "基础设施": none, "民生": none},
    }
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    force = {"lead_official": "示例领导甲", "task_force": "示例第一专班"}
    register = [
        project("X1", "新建", planned_start="2024-09-30", **force),
        project("H1", **force),
        project("H2", responsible_unit="示例乙局", **force),
        project("H3", **force),
    ]
    submit(workspace, "2024-01", "2024-02-03", projects=register, progress=_months(1))
    for month in (2, 3):
        submit(workspace, f"2024-{month:02d}", f"2024-{month + 1:02d}-03", progress=_months(month))
    joined = project("H4", responsible_unit="示例丙局", annual_plan="1.80", **force)
    submit(
        workspace, "2024-04", "2024-05-03", projects=[joined], progress=_months(4),
        moves=[move("H4", "进入", "2024-04-15", "2024-04-10")],
    )  # fmt: skip
    submit(
        workspace, "2024-05", "2024-06-03", progress=_months(5),
        moves=[move("H2", "退出", "2024-05-20", "2024-05-28")],
        problems=[_problem("W1", "H2"), _problem("W2", "H1"), _problem("W3", "H3")],
        incidents=[{"incident_id": "A1", "project_id": "H2", "occurred_on": "2024-05-06",
                    "incident": "安全", "severity": "一般", "description": "示例情况"}],
    )  # fmt: skip
    parts = [
        project("H31", total_investment="6", annual_plan="1.20", name="示例H3一期", **force),
        project("H32", total_investment="4", annual_plan="0.80", name="示例H3二期", **force),
    ]
    before = [
        invested(part, f"2024-{month:02d}", amount)
        for month in range(1, 6)
        for part, amount in (("H31", "0.06"), ("H32", "0.04"))
    ]
    submit(
        workspace, "2024-06", "2024-07-03", projects=parts, progress=[*before, *_months(6)],
        moves=[
            move("H3", "拆分", "2024-06-10", "2024-06-06", into="H31"),
            move("H3", "拆分", "2024-06-10", "2024-06-06", into="H32"),
            move("X1", "更名", "2024-06-05", "2024-06-03", new_name="示例X1（新名）"),
        ],
    )  # fmt: skip
    return workspace


def _months(month: int) -> list[dict[str, Any]]:
    amounts = {
        "H1": ["0.10"] * 6,
        "H2": ["0.20", "0.20", "0.20", "0.20", "0.05"],
        "H3": ["0.10"] * 5,
        "H4": ["", "", "", "0.20", "0.30", "0.40"],
        "H31": [""] * 5 + ["0.10"],
        "H32": [""] * 5 + ["0.05"],
        "X1": ["0"] * 6,
    }
    return [
        invested(name, f"2024-{month:02d}", told[month - 1])
        for name, told in amounts.items()
        if len(told) >= month and told[month - 1]
    ]


def _problem(problem_id: str, project_id: str) -> dict[str, Any]:
    return {
        "problem_id": problem_id, "project_id": project_id, "raised_on": "2024-05-10", "category": "征地清表",
        "tier": "现场", "owner": "示例丁局", "due_on": "2024-06-15", "description": f"{project_id}清表",
    }  # fmt: skip
