"""Templates of a small workspace, and what a unit does with them: look, type, send."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.worksheet.worksheet import Worksheet
from submissions import invested, new_workspace, project, submit

from sanshi_report.intake import Reading, read
from sanshi_report.ledger import receive
from sanshi_report.template import make
from sanshi_report.workspace import Workspace

HEADINGS = 4
"""The row of headings."""
YI = 10**10  # fen

Form = openpyxl.Workbook


def two_months(root: Path) -> Workspace:
    """One continuing project H1, invested 0.50 and 0.25 by February, and a new build X1 of another unit."""
    workspace = new_workspace(root)
    submit(
        workspace, "2024-01", "2024-02-03",
        projects=[
            project("H1", invested_before="4.00", lead_official="示例领导甲"),
            project("X1", "新建", responsible_unit="示例乙局"),
        ],
        progress=[invested("H1", "2024-01", "0.50", physical_pct=20, groundbreaking_on="2024-01-05")],
        plan=[{"project_id": "H1", "month": f"2024-{m:02d}", "planned_investment": "0.10"}
              for m in (2, 3, 4)],
        nodes=[{"node_id": "H1-N1", "project_id": "H1", "node": "封顶", "due_on": "2024-03-31"},
               {"node_id": "H1-N2", "project_id": "H1", "node": "桩基", "due_on": "2024-02-28"}],
        permits=[{"project_id": "H1", "permit": "环评", "department": "生态环境部门",
                  "status": "办理中", "applied_on": "2024-01-04"},
                 {"project_id": "X1", "permit": "土地", "department": "自然资源部门",
                  "status": "未启动"}],
        problems=[{"problem_id": "W1", "project_id": "X1", "raised_on": "2024-01-09",
                   "category": "用地报批", "tier": "单一部门", "owner": "自然资源部门",
                   "due_on": "2024-03-15", "description": "未组卷"}],
        inputs=[{"project_id": "H1", "month": "2024-01", "input": "人", "unit": "人",
                 "needed": 320, "secured": 300, "department": "示例人社部门"}],
        funding=[{"project_id": "H1", "source": "银行贷款", "planned": "5.00", "in_place": "3.20"}],
        actions=[{"action_id": "J1", "meeting_on": "2024-01-05", "content": "报送进展",
                  "owner": "示例甲局", "due_on": "2024-02-28"}],
        incidents=[{"incident_id": "A1", "project_id": "H1", "occurred_on": "2024-01-08",
                    "incident": "安全", "severity": "一般", "description": "轻伤"}],
    )  # fmt: skip
    submit(
        workspace, "2024-02", "2024-03-03",
        progress=[invested("H1", "2024-02", "0.25", physical_pct=25, started_on="2024-02-20")],
        nodes=[{"node_id": "H1-N2", "project_id": "H1", "node": "桩基", "due_on": "2024-02-28",
                "done_on": "2024-03-02"}],
    )  # fmt: skip
    return workspace


def handed_out(workspace: Workspace, period: str = "2024-03", unit: str = "示例甲局") -> Form:
    return openpyxl.load_workbook(make(workspace, period, unit).path)


def columns(sheet: Worksheet) -> dict[str, int]:
    """Where each heading stands, without its unit and star: {'本月完成投资': 5}."""
    cells = [cell for cell in sheet[HEADINGS] if cell.value]
    return {re.sub(r"\n（.元）|（..）|\*|\n", "", str(cell.value)): cell.column for cell in cells}


def rows(sheet: Worksheet, *headings: str) -> list[tuple[Any, ...]]:
    """What stands under some headings, rows without any of it left out."""
    at = [columns(sheet)[heading] for heading in headings]
    found = [
        tuple(sheet.cell(row, column).value for column in at)
        for row in range(HEADINGS + 1, sheet.max_row + 1)
    ]
    return [cells for cells in found if any(cell is not None for cell in cells)]


def fill(sheet: Worksheet, known: dict[str, Any], **typed: Any) -> None:
    """Type into the first row that says what is known (None: nothing), as far as the sheet lets one."""
    at = columns(sheet)
    row = next(
        row
        for row in range(HEADINGS + 1, sheet.max_row + 1)
        if all(sheet.cell(row, at[name]).value == value for name, value in known.items())
    )
    for name, value in typed.items():
        cell = sheet.cell(row, at[name])
        assert not cell.protection.locked, cell.coordinate
        cell.value = value


def sent(form: Form, workspace: Workspace, name: str = "报来.xlsx") -> tuple[Path, Reading]:
    """Save a form and read it as the office would."""
    path = workspace.root / name
    form.save(path)
    programme = workspace.parameters("2024-03").programme
    return path, read(path, programme, name=f"2024-03/{name}")


def accept(
    form: Form, workspace: Workspace, period: str = "2024-03", at: str = "2024-04-04"
) -> None:
    path, reading = sent(form, workspace)
    assert reading.faults == []
    receive(workspace, [path], period, "示例甲局", now=datetime.fromisoformat(f"{at}T12:00+08:00"))
