"""A small workspace and its submissions: rows in, received workbooks out.

Rows are written as in a workbook: money in 亿元 ("12.34"), days "2024-06-15", months "2024-06".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import xlsxwriter
import yaml

from sanshi_report.ledger import Receipt, receive
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Workspace

ROOT = Path(__file__).parents[1]

Rows = Sequence[Mapping[str, Any]]


def project(project_id: str, kind: str = "续建", **values: Any) -> dict[str, Any]:
    """A row of the register; a continuing project plans 2.00 of its 10.00 this year."""
    own = {"annual_plan": "2.00"} if kind == "续建" else {"planned_start": "2024-06-30"}
    return {
        "project_id": project_id,
        "name": f"示例{project_id}",
        "sector": "工业",
        "kind": kind,
        "tier": "市本级",
        "county": "示例甲区",
        "responsible_unit": "示例甲局",
        "total_investment": "10.00",
        "planned_completion": "2026-12-31",
        **own,
        **values,
    }


def invested(project_id: str, month: str, amount: str, **values: Any) -> dict[str, Any]:
    """A row of progress."""
    return {"project_id": project_id, "month": month, "invested": amount, **values}


def new_workspace(root: Path, new: int = 1, continuing: int = 1, **control: Any) -> Workspace:
    """A workspace whose control totals fit that many projects of `project`, all of them industrial."""
    (root / "data" / "raw").mkdir(parents=True)
    (root / "parameters").mkdir()
    for name in ("2024.yaml", "metrics.yaml"):
        (root / "parameters" / name).write_bytes((ROOT / "parameters" / name).read_bytes())
    programme = yaml.safe_load((root / "parameters" / "2024.yaml").read_text(encoding="utf-8"))
    all_of = {"count": new + continuing, "total_investment": 10 * (new + continuing)}
    old = {"count": continuing, "total_investment": 10 * continuing, "annual_plan": 2 * continuing}
    none = {"count": 0, "total_investment": 0, "annual_plan": 0}
    programme["control_totals"] = {
        "projects": {**all_of, "city_level": new + continuing},
        "new_build": {"count": new, "total_investment": 10 * new},
        "continuing": old,
        "continuing_by_sector": {"工业": old, "基础设施": none, "民生": none},
        **control,
    }
    for goal in programme["milestones"]:
        goal["starts"] = min(goal["starts"], new)
    text = yaml.safe_dump(programme, allow_unicode=True)
    (root / "parameters" / "2024.yaml").write_text(text, encoding="utf-8")
    return Workspace(root)


def workbook(path: Path, **tables: Rows) -> Path:
    """Write rows as a workbook with the headings of the contract."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plain = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(path, plain) as book:
        for table, rows in tables.items():
            columns = TABLES[table].columns
            used = [name for name in columns if any(name in row for row in rows)]
            sheet = book.add_worksheet(TABLES[table].title)
            sheet.write_row(0, 0, [columns[name].title for name in used])
            for line, row in enumerate(rows, start=1):
                sheet.write_row(line, 0, [row.get(name, "") for name in used])
    return path


def submit(
    workspace: Workspace,
    period: str,
    at: str,
    file: str = "示例甲局.xlsx",
    *,
    earlier: str = "",
    **tables: Rows,
) -> Receipt:
    """Receive a workbook at a time of China (`2024-07-03` or `2024-07-03T18:00`)."""
    path = workbook(workspace.root / "outbox" / file, **tables)
    now = datetime.fromisoformat(f"{at}+08:00" if "T" in at else f"{at}T12:00:00+08:00")
    return receive(workspace, [path], period, "示例甲局", now=now, earlier=earlier)[0]
