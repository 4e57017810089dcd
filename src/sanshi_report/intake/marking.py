"""A received workbook to send back: faulty cells coloured and commented, and a list of them in front."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell, MergedCell
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from sanshi_report.catalogue import LANGUAGES, say
from sanshi_report.child import NotStartedError, TooCostlyError, run
from sanshi_report.intake.cells import LONGEST, Odd, Unreadable
from sanshi_report.intake.faults import Fault
from sanshi_report.intake.files import sheets_of
from sanshi_report.intake.formats import Formatted

__all__ = ["mark"]

_PINK = PatternFill("solid", fgColor="FFC7CE")
_HEAD = PatternFill("solid", fgColor="1F3864")
_RED = Side("medium", color="C00000")
_COLUMNS = {"sheet": 14, "cell": 9, "column": 18, "found": 28, "rule": 44, "mend": 44}
_MOST = 1000
_RULE = Border(bottom=Side("thin", color="BFBFBF"))
_LINE = 15.0
_FONT = "Microsoft YaHei"
_AUTHOR = "sanshi"


def mark(path: Path, faults: Sequence[Fault], target: Path) -> None:
    """Write a copy of a received file as xlsx in which its faults are coloured, commented and listed.

    Macros and links to other workbooks are left behind. Of a file that cannot be opened only the list is
    written. After the first thousand faults a line says how many more there are.

    Parameters
    ----------
    path : Path
        The file as received; it is not changed.
    faults : sequence of Fault
        What `read` found in it.
    target : Path
        The xlsx to write, whole or not at all.

    Raises
    ------
    OSError
        If `target` cannot be written.
    """
    try:
        run(_mark, path.absolute(), list(faults), target.absolute())
    except (TooCostlyError, NotStartedError):
        _mark(None, faults, target)


def _mark(path: Path | None, faults: Sequence[Fault], target: Path) -> None:
    """Write the marked copy, or the list alone where no file is to be opened."""
    book = _copy(path) if path else _emptied(Workbook())
    by_sheet: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults[:_MOST]:
        by_sheet[fault.sheet].append(fault)
    for sheet in book.worksheets:
        if found := by_sheet.get(sheet.title):
            sheet.sheet_properties.tabColor = "C00000"
            _mark_cells(sheet, found)
    _list_faults(book, faults[:_MOST], len(faults) - _MOST)
    partly = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        book.save(partly)
        partly.replace(target)
    finally:
        partly.unlink(missing_ok=True)


def _copy(path: Path) -> Workbook:
    """Return the workbook itself, or one with the same cells where openpyxl cannot hold it."""
    try:
        sheets = list(sheets_of(path))
    except Unreadable:
        return _emptied(Workbook())
    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        # openpyxl fails in many ways on what it does not know; the cells alone then have to do.
        with suppress(Exception):
            return load_workbook(path, keep_links=False)
    book = _emptied(Workbook())
    for sheet in sheets:
        page = book.create_sheet(sheet.name[:31])
        for row, values in enumerate(sheet.rows, 1):
            for column, value in enumerate(values, 1):
                if value != "":
                    _put(page.cell(row, column), value)
        for (top, left), (bottom, right) in sheet.merged:
            page.merge_cells(
                start_row=top + 1, start_column=left + 1, end_row=bottom + 1, end_column=right + 1
            )
    return book


def _emptied(book: Workbook) -> Workbook:
    for sheet in book.worksheets:
        book.remove(sheet)
    return book


def _put(cell: Cell | MergedCell, value: Any) -> None:
    """Write a value; text stays text, even where it begins like a formula."""
    if isinstance(value, Formatted):
        cell.value, cell.number_format = value.number, value.code
    elif isinstance(value, bool | int | float | date | datetime | time | timedelta):
        cell.value = value
    else:
        cell.value = ILLEGAL_CHARACTERS_RE.sub("\ufffd", str(value))[:LONGEST]
        cell.data_type = "s"
        cell.quotePrefix = True
    if isinstance(value, Odd):
        cell.font = Font(color="C00000")


def _mark_cells(sheet: Worksheet, faults: Iterable[Fault]) -> None:
    anchors = {
        (row, column): (area.min_row, area.min_col)
        for area in sheet.merged_cells.ranges
        for row, column in area.cells
    }
    texts: dict[str, list[str]] = defaultdict(list)
    for fault in faults:
        if fault.cell:
            texts[fault.cell] += [fault.advice(to) for to in LANGUAGES]
    for name, lines in texts.items():
        at = sheet[name]
        cell = sheet.cell(*anchors.get((at.row, at.column), (at.row, at.column)))
        cell.fill = _PINK
        cell.border = Border(_RED, _RED, _RED, _RED)
        if cell.comment:
            lines.insert(0, cell.comment.text)
        cell.comment = Comment("\n".join(lines), _AUTHOR, height=20 + 44 * len(lines), width=380)


def _height(texts: Sequence[str]) -> float:
    """Return the height in points that a row of wrapped texts takes up; not every program works it out."""
    lines = 1
    for text, width in zip(texts, _COLUMNS.values(), strict=True):
        spans = [sum(1 + (ord(c) > 0x2E7F) for c in line) for line in text.splitlines()]
        lines = max(lines, sum(1 + span // (width - 1) for span in spans))
    return min(409.0, lines * _LINE)


def _list_faults(book: Workbook, faults: Sequence[Fault], further: int) -> None:
    title = say("faults.summary_title")
    while title in book.sheetnames:
        title += "_"
    page = book.create_sheet(title, 0)
    book.active = page
    page.append(
        [
            f"{say(f'faults.summary_{name}')}\n{say(f'faults.summary_{name}', 'en')}"
            for name in _COLUMNS
        ]
    )
    for number, fault in enumerate(faults, 2):
        texts = [
            fault.sheet,
            fault.cell,
            fault.column,
            fault.found,
            "\n".join(fault.reason(to) for to in LANGUAGES),
            "\n".join(fault.mend(to) for to in LANGUAGES),
        ]
        for column, text in enumerate(texts, 1):
            _put(page.cell(number, column), text)
            page.cell(number, column).alignment = Alignment(wrap_text=True, vertical="top")
            page.cell(number, column).border = _RULE
        page.row_dimensions[number].height = _height(texts)
        if fault.cell and fault.sheet in book.sheetnames:
            link = page.cell(number, 2)
            place = f"{quote_sheetname(fault.sheet)}!{fault.cell}"
            link.hyperlink = Hyperlink(link.coordinate, location=place)
            link.font = Font(_FONT, color="0563C1", underline="single")
    if further > 0:
        texts = [say("faults.summary_further", to, count=further) for to in LANGUAGES]
        page.append(["\n".join(texts)])
    for column, width in enumerate(_COLUMNS.values(), 1):
        head = page.cell(1, column)
        head.font, head.fill = Font(_FONT, bold=True, color="FFFFFF"), _HEAD
        head.alignment = Alignment(wrap_text=True, vertical="center")
        page.column_dimensions[get_column_letter(column)].width = width
    page.row_dimensions[1].height = 2 * _LINE
    page.freeze_panes = "A2"
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0
    page.sheet_properties.pageSetUpPr.fitToPage = True
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet is page
