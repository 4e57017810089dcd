"""Reading 200,000 rows of monthly progress: `intake.read` beside `pandas.read_excel` with openpyxl.

    python benchmarks/read_workbooks.py [ROWS]

Both read the same workbook. pandas yields cells as they stand; `intake` checks every one of them against
the contract as well, and looks for what the sheet's XML alone tells. Exit status 1 if it is less than
five times as fast.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import pandas as pd
import xlsxwriter

from sanshi_report.child import run
from sanshi_report.intake import read
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Workspace

WANTED = 5.0


def main() -> int:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    programme = Workspace.find().parameters("2024-06").programme
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "progress.xlsx"
        write(path, rows)
        size = path.stat().st_size / 1e6
        print(f"{rows:,} rows × {len(TABLES['progress'].columns)} columns, {size:.1f} MB")
        reading, ours = timed(
            "intake.read", rows, lambda: read(path, programme, name="progress.xlsx")
        )
        assert not reading.faults, reading.faults[:3]
        assert len(reading.tables["progress"]) == rows
        frame, theirs = timed(
            "pandas.read_excel with openpyxl", rows, lambda: pd.read_excel(path, engine="openpyxl")
        )
        assert len(frame) == rows
    print(f"{theirs / ours:.1f} times as fast; wanted at least {WANTED:g}")
    return 0 if theirs >= WANTED * ours else 1


def timed(name: str, rows: int, call: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a call returns and the processor seconds it took, here and in the child that reads."""
    start = process_time() + run(process_time)
    begun = perf_counter()
    result = call()
    clock = perf_counter() - begun
    took = process_time() + run(process_time) - start
    print(
        f"{name:32}{took:7.2f} s of processor, {clock:7.2f} s by the clock, "
        f"{rows / took:9,.0f} rows/s"
    )
    return result, took


def write(path: Path, rows: int) -> None:
    """Write a workbook of `rows` plausible rows of progress, twelve months a project."""
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("月度进展")
    for at, column in enumerate(TABLES["progress"].columns.values()):
        sheet.write(0, at, column.title)
    for row in range(1, rows + 1):
        project, month = divmod(row - 1, 12)
        sheet.write(row, 0, f"H{project:05d}")
        sheet.write(row, 1, f"2024-{month + 1:02d}")
        sheet.write(row, 2, (row * 7919 % 1_000_000) / 10_000)
        sheet.write(row, 3, row % 101)
        sheet.write(row, 4, f"第 {row % 40} 层施工")
        sheet.write_datetime(row, 5, datetime(2024, month + 1, 1), day)
        sheet.write_datetime(row, 6, datetime(2024, month + 1, 15), day)
        sheet.write(row, 9, row % 900)
        sheet.write(row, 10, ("自报", "三方确认", "核查")[row % 3])
        sheet.write(row, 11, f"填报人{row % 97}")
        sheet.write_datetime(row, 12, datetime(2024, month + 1, 28), day)
    book.close()


if __name__ == "__main__":
    sys.exit(main())
