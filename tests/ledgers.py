"""Small hand-made ledgers: a few rows in, a `Ledger` out.

Rows are written as in a workbook: money in 亿元 ("12.34"), days "2024-06-15", months "2024-06".
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from sanshi_report.exact import fen_of
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.model import with_dates
from sanshi_report.ledger.past import latest
from sanshi_report.ledger.revisions import revisions
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES, empty
from sanshi_report.workspace import (
    Lights,
    Milestone,
    Pace,
    Parameters,
    ProgressLight,
    StalledLight,
    StartLight,
    Workspace,
    default_cutoff,
)

ROOT = Path(__file__).parents[1]
EVENTS = ("groundbreaking_on", "started_on", "completed_on", "commissioned_on")
PROJECT = {
    "sector": "工业",
    "tier": "city",
    "county": "示例甲区",
    "task_force": "示例第一专班",
    "responsible_unit": "示例甲局",
    "total_investment": "10",
    "planned_completion": "2026-12-31",
}

Row = Mapping[str, Any]


def new(project_id: str, planned_start: str | None, **values: Any) -> Row:
    """A new build; `started_on` and the other event days go beside its columns."""
    return PROJECT | {
        "project_id": project_id,
        "name": f"示例{project_id}",
        "kind": "new_build",
        "planned_start": planned_start,
        **values,
    }


def old(project_id: str, annual_plan: str | None, **values: Any) -> Row:
    """A continuing project."""
    return PROJECT | {
        "project_id": project_id,
        "name": f"示例{project_id}",
        "kind": "continuing",
        "annual_plan": annual_plan,
        **values,
    }


def spent(project_id: str, *invested: str | None, year: int = 2024) -> list[Row]:
    """Progress from January on; None is a month not reported."""
    return [
        {"project_id": project_id, "month": f"{year}-{month:02d}", "invested": amount}
        for month, amount in enumerate(invested, start=1)
        if amount is not None
    ]


def planned(project_id: str, *amounts: str, year: int = 2024) -> list[Row]:
    """Monthly plans from January on."""
    return [
        {"project_id": project_id, "month": f"{year}-{month:02d}", "planned_investment": amount}
        for month, amount in enumerate(amounts, start=1)
    ]


def ledger(period: str = "2024-06", **tables: list[Row]) -> Ledger:
    """A ledger of the given rows, not judged: metrics leave out what is later by themselves."""
    at = ReportPeriod.parse(period)
    frames = {name: _frame(name, tables.get(name, [])) for name in TABLES}
    for day in EVENTS:
        days = [row.get(day) for row in tables.get("projects", [])]
        frames["projects"][day] = pd.Series(pd.to_datetime(days), dtype="datetime64[us]")
    as_of = datetime.fromisoformat("2024-07-05T23:59:59+08:00")
    return replace(Ledger.of(frames, at, as_of), **frames)


def told(period: str, *submissions: tuple[str, str, Mapping[str, list[Row]]]) -> Ledger:
    """A ledger of submissions, each its period, the day it was received (noon) and its rows; judged.

    The report before was made from what was received by the 5th of the period.
    """
    parts: dict[str, list[pd.DataFrame]] = {table: [empty(table)] for table in TABLES}
    for about, received, tables in submissions:
        at = pd.Timestamp(f"{received}T12:00", tz="Asia/Shanghai")
        for table, rows in tables.items():
            origins = [f"{about}/示例甲局.xlsx#{table}!{n}" for n, _ in enumerate(rows, start=2)]
            frame = _frame(table, rows).assign(origin=pd.Series(origins, dtype="str"))
            frame["known_at"] = pd.Series([at] * len(rows), dtype="datetime64[us, Asia/Shanghai]")
            parts[table].append(frame)
    history = {table: pd.concat(rows, ignore_index=True) for table, rows in parts.items()}
    known = {table: latest(table, rows) for table, rows in history.items()}
    known["projects"] = with_dates(known["projects"], history["progress"])
    about = ReportPeriod.parse(period)
    return Ledger.of(
        known,
        about,
        default_cutoff(about),
        history=history,
        revisions=revisions(history),
        last_cutoff=default_cutoff(about.previous()),
    )


def _frame(table: str, rows: list[Row]) -> pd.DataFrame:
    frame = empty(table)
    if not rows:
        return frame
    columns = {}
    for name, column in TABLES[table].columns.items():
        kind = (column.metadata or {})["kind"]
        cells = [row.get(name) for row in rows]
        if kind == "money":
            cells = [None if cell is None else fen_of(cell) for cell in cells]
        if kind == "quantity":
            cells = [None if cell is None else Decimal(cell) for cell in cells]
        if kind == "date":
            cells = pd.to_datetime(cells)
        columns[name] = pd.Series(cells, dtype=frame[name].dtype)
    columns["known_at"] = pd.Series([pd.NaT] * len(rows), dtype=frame["known_at"].dtype)
    columns["origin"] = pd.Series([f"test#{table}!{n}" for n in range(len(rows))], dtype="str")
    return pd.DataFrame(columns)


def parameters(period: str = "2024-06", **programme: Any) -> Parameters:
    """The repository's parameters with the rules the tests reckon with, or others given here."""
    read = Workspace.find(ROOT).parameters(period)
    rules = {
        "milestones": [
            Milestone(due_on=date(2024, 6, 30), starts=9),
            Milestone(due_on=date(2024, 9, 30), starts=14),
            Milestone(due_on=date(2024, 12, 31), starts=17),
        ],
        "pace": Pace(basis="time"),
        "lights": lights(),
    }
    return replace(read, programme=read.programme.model_copy(update=rules | programme))


def lights(
    basis: Any = "points",
    green: int = 0,
    yellow: int = -10,
    late: tuple[int, int] = (0, 3),
    stalled: int = 24,
) -> Lights:
    """Light rules: thresholds of progress, and months late for a start to be yellow and red.

    A project stands still after as many months as `stalled`: by default so many that none does, since most of
    these ledgers tell a year's money in one month.
    """
    return Lights(
        version="test",
        progress=ProgressLight(basis=basis, green_from=Decimal(green), yellow_from=Decimal(yellow)),
        starts=StartLight(yellow_after_months=late[0], red_after_months=late[1]),
        stalled=StalledLight(after_months=stalled, words=["停工"]),
    )
