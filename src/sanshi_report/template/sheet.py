"""One sheet of a template: headings with notes, the rows handed out, room for more, and what may be typed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sanshi_report.catalogue import Language, say
from sanshi_report.intake.handed_out import MARK, REFERENCE, mark_of
from sanshi_report.intake.headers import facts_of
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES
from sanshi_report.style import period_words
from sanshi_report.template.checks import Checks, both
from sanshi_report.template.looks import SENTENCES, Looks, height_of, paper, width_of
from sanshi_report.template.notes import note
from sanshi_report.template.pages import Cell, Page, Reference
from sanshi_report.workspace import Programme

__all__ = ["FIRST", "PROTECTION", "Column", "Setting", "columns_of", "write_sheet"]

HEAD = 3
"""The row of headings, 0-based; above it a title and a hint in two languages."""
FIRST = HEAD + 1

PROTECTION = {"format_columns": True, "format_rows": True}


@dataclass(frozen=True)
class Setting:
    """What all sheets of a workbook share.

    Attributes
    ----------
    month : ReportPeriod
        The month reported.
    whose : str
        The unit whose template it is; empty for all.
    is_new_year : bool
        Whether the register begins anew.
    """

    looks: Looks
    checks: Checks
    programme: Programme
    month: ReportPeriod
    whose: str
    is_new_year: bool

    def unit(self, language: Language = "zh") -> str:
        """Return whose template it is, in words."""
        return self.whose or say("template.everyone_long", language)

    def status(self, language: Language = "zh") -> str:
        """Return the mark of sample data, or nothing."""
        is_sample = self.programme.programme.data_status == "sample"
        return say("template.sample", language) if is_sample else ""

    @property
    def footer(self) -> str:
        """The footer of every printed page."""
        page = say("template.page_number")
        parts = (self.unit()[:60], f"{period_words(self.month)}{self.status()}")
        left, centre = (part.replace("&", "&&") for part in parts)
        return f"&L{left}&C{centre}&R{page}"


@dataclass(frozen=True)
class Column:
    """A column of a sheet: of the table, or a reference."""

    name: str
    kind: str
    at: int
    width: float
    reference: Reference | None = None


def columns_of(page: Page) -> list[Column]:
    """Return the columns of a sheet from left to right, without the marks that follow them."""
    columns: list[Column] = []

    def add(name: str, kind: str, reference: Reference | None = None) -> None:
        width = width_of(page.table, name, kind)
        columns.append(Column(name, kind, len(columns), width, reference))

    for name in TABLES[page.table].columns:
        add(name, facts_of(page.table, name)["kind"])
        for one in page.references:
            if one.after == name:
                add(one.key, one.kind, one)
    return columns


def write_sheet(sheet: Any, page: Page, setting: Setting) -> None:
    """Fill one worksheet."""
    columns = columns_of(page)
    last = HEAD + max(1, page.height)
    _head(sheet, page, columns, setting)
    for row in range(page.height):
        _row(sheet, page, columns, row, setting.looks)
    for column in columns:
        if column.reference is None:
            _check(sheet, page, column, last, setting)
        elif column.name == "check" and page.given:
            area = (FIRST, column.at, HEAD + page.given, column.at)
            rule = {
                "type": "text",
                "criteria": "not containing",
                "value": say("template.check_done"),
            }
            sheet.conditional_format(*area, {**rule, "format": setting.looks["alarm"]})
    named = next((c.at for c in columns if c.name == "name"), 0)
    sheet.freeze_panes(FIRST, 1 + (named if named <= 2 else 0))
    sheet.set_tab_color("#FFC000" if page.given and not page.is_closed else "#BFBFBF")
    sheet.protect("", PROTECTION)
    paper(sheet, (0, HEAD), last, len(columns) - 1, setting.footer)


# Headings -------------------------------------------------------------------------------------------


def _head(sheet: Any, page: Page, columns: Sequence[Column], setting: Setting) -> None:
    looks, table = setting.looks, TABLES[page.table]
    words: dict[str, Any] = {
        "period": period_words(setting.month),
        "unit": setting.unit(),
        "status": setting.status(),
    }
    anew = "_new_year" if page.table == "projects" and setting.is_new_year else ""
    title = say("template.page_title", sheet=table.title, **words)
    sheet.write_string(0, 0, title, looks["title"])
    sheet.write_string(1, 0, say(f"template.hint_{page.table}{anew}"), looks["hint"])
    sheet.write_string(2, 0, say(f"template.hint_{page.table}{anew}", "en"), looks["english"])
    texts = []
    for column in columns:
        text = _heading(page.table, column)
        sheet.set_column(column.at, column.at, column.width)
        if column.reference is None and facts_of(page.table, column.name)["required"]:
            head = looks["head"]
            sheet.write_rich_string(HEAD, column.at, text, looks["star"], "*", head)
            text += "*"
        else:
            sheet.write_string(
                HEAD, column.at, text, looks["head_reference" if column.reference else "head"]
            )
        texts.append((text, column.width))
        _comment(sheet, column.at, _note(page.table, column, setting.programme))
    for row, height in ((0, 26), (1, 19), (2, 15), (HEAD, height_of(texts))):
        sheet.set_row(row, height)
    marks = len(columns)
    sheet.set_column(marks, marks, 20, None, {"hidden": True})
    sheet.write_string(HEAD, marks, MARK, looks["head_reference"])
    _comment(sheet, marks, both("mark_note"))


def _heading(table: str, column: Column) -> str:
    if column.reference:
        unit = "\n（亿元）" if column.kind == "money" else ""
        return f"{REFERENCE}\n{say(f'template.reference_{column.name}')}{unit}"
    unit = facts_of(table, column.name)["unit"]
    title = str(TABLES[table].columns[column.name].title)
    return f"{title}\n（{unit}）" if unit and unit not in title else title


def _note(table: str, column: Column, programme: Programme) -> str:
    return both("reference_note") if column.reference else note(table, column.name, programme)


def _comment(sheet: Any, at: int, text: str) -> None:
    size = {"width": 300, "height": height_of([(text, 44)]) * 1.2}
    sheet.write_comment(HEAD, at, text, {**size, "font_name": "宋体", "font_size": 10})


# Rows -----------------------------------------------------------------------------------------------


def _row(sheet: Any, page: Page, columns: Sequence[Column], row: int, looks: Looks) -> None:
    texts = []
    for column in columns:
        if column.reference:
            value = _reference(sheet, page, columns, column, row, looks)
        else:
            value = page.value(row, column.name)
            state = "open" if page.is_open(row, column.name) else "locked"
            _write(sheet, FIRST + row, column, value, looks.cell(_kind(column), state))
        if isinstance(value, str):
            texts.append((value, column.width))
    sheet.set_row(FIRST + row, height_of(texts))
    if row < len(page.rows) and not (page.counts_untouched and row < page.given):
        cells = [page.value(row, name) for name in TABLES[page.table].columns]
        mark = mark_of(page.table, cells, awaits=page.awaits(row))
        sheet.write_string(FIRST + row, len(columns), mark)


def _kind(column: Column) -> str:
    return "long" if column.kind == "text" and column.name in SENTENCES else column.kind


def _write(sheet: Any, row: int, column: Column, value: Cell | None, look: Any) -> None:
    if value is None:
        sheet.write_blank(row, column.at, None, look)
    elif isinstance(value, str):
        sheet.write_string(row, column.at, value, look)
    elif isinstance(value, datetime):
        sheet.write_datetime(row, column.at, value, look)
    else:
        sheet.write_number(row, column.at, value, look)


def _reference(
    sheet: Any, page: Page, columns: Sequence[Column], column: Column, row: int, looks: Looks
) -> Cell | None:
    """Write one cell of a reference column and return what it shows."""
    one = column.reference
    assert one is not None
    look = looks.cell(column.kind, "reference")
    value = one.values[row] if row < page.given else None
    formula = one.formulas[row] if one.formulas and row < page.given else ""
    formula = formula or (one.below if row >= page.given else "")
    if not formula:
        _write(sheet, FIRST + row, column, value, look)
        return value
    cells = {c.name: xl_rowcol_to_cell(FIRST + row, c.at) for c in columns}
    formula = re.sub(r"\[(\w+)\]", lambda match: cells[match[1]], formula)
    result = "" if value is None else value
    sheet.write_formula(FIRST + row, column.at, formula, look, result)
    return value


# Checks ---------------------------------------------------------------------------------------------


def _check(sheet: Any, page: Page, column: Column, last: int, setting: Setting) -> None:
    first = FIRST
    if column.name == "invested" and page.limits:
        for most in page.limits:
            sheet.data_validation(first, column.at, first, column.at, setting.checks.invested(most))
            first += 1
    check = setting.checks.of(page.table, column.name)
    if check and first <= last:
        if check["validate"] == "custom":
            cell = xl_rowcol_to_cell(first, column.at)
            check = {**check, "value": check["value"].replace("[]", cell)}
        sheet.data_validation(first, column.at, last, column.at, check)
    if column.name in page.awaited and page.given:
        area = (FIRST, column.at, HEAD + page.given, column.at)
        sheet.conditional_format(*area, {"type": "blanks", "format": setting.looks["must"]})
