"""Received files read in a process of their own; what becomes of it there, a fault says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from sanshi_report import child
from sanshi_report.child import NotStartedError, TooCostlyError, run
from sanshi_report.intake import tables
from sanshi_report.intake.cells import Unreadable
from sanshi_report.intake.faults import Fault
from sanshi_report.intake.files import sheets_of
from sanshi_report.intake.headers import find_header

if TYPE_CHECKING:
    from sanshi_report.workspace import Programme

__all__ = ["columns_of", "read", "unopenable"]


def read(
    path: Path,
    programme: Programme,
    *,
    name: str,
    progress: Callable[[float], None] | None = None,
) -> tables.Reading:
    """Read one received file; bad content becomes faults, never an exception.

    Parameters
    ----------
    path : Path
        The file: xlsx, xlsm, xls, xlsb, ods or csv.
    programme : Programme
        The year's lists: sectors, permits, inputs, sources, problem categories.
    name : str
        How faults and `origin` call the file, such as `2024-06/unit.xlsx`.
    progress : callable, optional
        Told now and then how much of the file has been read, from 0 to 1.
    """
    lists = tables.lists_of(programme)
    try:
        return run(tables.read, path.absolute(), lists, name=name, progress=progress)
    except (TooCostlyError, NotStartedError) as error:
        why = _why(error)
        return tables.Reading(faults=[Fault(name, "", "", "", "", why.rule, why.values)])


def unopenable(path: Path) -> str | None:
    """Return the rule that keeps a file from being opened, if one does; its cells are not judged."""
    try:
        return run(_unopenable, path.absolute())
    except (TooCostlyError, NotStartedError) as error:
        return _why(error).rule


def _unopenable(path: Path) -> str | None:
    try:
        next(sheets_of(path), None)
    except Unreadable as problem:
        return problem.rule
    return None


def columns_of(path: Path, sheet: str, table: str) -> dict[str, int]:
    """Return in which column of a sheet, counted from 0, each column of its table stands."""
    try:
        return run(_columns_of, path.absolute(), sheet, table)
    except (TooCostlyError, NotStartedError):
        return {}


def _columns_of(path: Path, sheet: str, table: str) -> dict[str, int]:
    pages = (page for page in sheets_of(path) if page.name == sheet)
    headers = (find_header(table, page) for page in pages)
    columns = next((header.columns for header in headers if header), {})
    return {name: column.at for name, column in columns.items()}


def _why(error: TooCostlyError | NotStartedError) -> Unreadable:
    if isinstance(error, NotStartedError):
        return Unreadable("reader_not_started")
    return Unreadable(
        "file_too_costly", memory=child.LIMITS.memory >> 20, seconds=child.LIMITS.processor
    )
