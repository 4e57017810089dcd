"""A received file opened safely: whatever it holds, either sheets of cells or the fault that prevents it."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from sanshi_report.intake.cells import Unreadable

__all__ = ["Sheet", "sheets_of"]

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv")

_MOST_BYTES = 1 << 29
_MOST_RATIO = 250
_RATIO_FROM = 1 << 26
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


@dataclass(frozen=True)
class Sheet:
    """One sheet as a grid of values from A1 on.

    Attributes
    ----------
    name : str
        As its tab says; for a CSV the file's name without suffix.
    rows : list[list[Any]]
        Equally long rows of str, float, date, datetime, time, timedelta or bool; blank is ''.
    merged : list of ((row, column), (row, column))
        First and last cell of each merged range, 0-based.
    odd : dict[(row, column), str]
        Cells whose value is missing from `rows`: an error value such as `#REF!`, or `=` for a formula
        without a cached result.
    typed : bool
        False for CSV, where everything is text.
    hidden : bool
        Whether the sender sees it.
    """

    name: str
    rows: list[list[Any]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    odd: dict[tuple[int, int], str] = field(default_factory=dict)
    typed: bool = True
    hidden: bool = False


def sheets_of(path: Path) -> Iterator[Sheet]:
    """Yield the sheets of a received file, one at a time.

    Raises
    ------
    Unreadable
        If the file cannot be opened or must not be.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Unreadable("file_format", allowed=" ".join(SUFFIXES))
    try:
        if path.stat().st_size == 0:
            raise Unreadable("file_empty")
        yield from _csv_sheet(path) if suffix == ".csv" else _workbook_sheets(path)
    except OSError as error:
        raise Unreadable("file_unreadable", why=error.strerror or str(error)) from error


def _csv_sheet(path: Path) -> Iterator[Sheet]:
    text = _decoded(path.read_bytes())
    csv.field_size_limit(1 << 24)
    rows: list[list[Any]] = []
    try:
        rows.extend(csv.reader(text.splitlines(keepends=True), strict=True))
    except csv.Error as error:
        raise Unreadable("csv_syntax", line=len(rows) + 1, why=str(error)) from error
    width = max(map(len, rows), default=0)
    for row in rows:
        row.extend([""] * (width - len(row)))
    yield Sheet(path.stem, rows, typed=False)


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        broken = error
    try:
        return content.decode("gb18030")
    except UnicodeDecodeError:
        line = content[: broken.start].count(b"\n") + 1
        raise Unreadable("csv_encoding", line=line) from broken


def _workbook_sheets(path: Path) -> Iterator[Sheet]:
    _refuse_dangerous(path)
    try:
        with CalamineWorkbook.from_path(path) as book:
            for sheet in book.sheets_metadata:
                if sheet.typ is SheetTypeEnum.WorkSheet:
                    grid = book.get_sheet_by_name(sheet.name)
                    yield Sheet(
                        sheet.name,
                        grid.to_python(skip_empty_area=False),
                        list(grid.merged_cell_ranges or []),
                        hidden=sheet.visible is not SheetVisibleEnum.Visible,
                    )
    except PasswordError as error:
        raise Unreadable("file_encrypted") from error
    except CalamineError as error:
        raise Unreadable("file_damaged") from error


def _refuse_dangerous(path: Path) -> None:
    with path.open("rb") as file:
        head = file.read(8)
    if head == _OLE:
        if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
            raise Unreadable("file_encrypted")
        return
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            if any(entry.flag_bits & 1 for entry in entries):
                raise Unreadable("file_encrypted")
            size = sum(entry.file_size for entry in entries)
            packed = max(1, path.stat().st_size)
            if size > _MOST_BYTES or (size > _RATIO_FROM and size / packed > _MOST_RATIO):
                raise Unreadable("file_bomb", size=size >> 20, limit=_MOST_BYTES >> 20)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError) as error:
        raise Unreadable("file_damaged") from error
