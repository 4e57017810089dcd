"""The workbook: a guide, a sheet for each table, and the hidden lists."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import xlsxwriter

from sanshi_report.catalogue import say
from sanshi_report.intake.handed_out import GUIDE
from sanshi_report.schemas import TABLES
from sanshi_report.template.checks import Checks, lists
from sanshi_report.template.guide import write_guide
from sanshi_report.template.known import Known
from sanshi_report.template.looks import Looks
from sanshi_report.template.pages import SHEETS, page
from sanshi_report.template.sheet import FIRST, Setting, write_sheet
from sanshi_report.workspace import CHINA, Parameters

__all__ = ["workbook"]


def workbook(known: Known, parameters: Parameters, sheets: Sequence[str] = SHEETS) -> bytes:
    """Return a template as an xlsx file whose bytes depend on nothing but what is in it."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        _fill(book, known, parameters, sheets)
    return buffer.getvalue()


def _fill(book: Any, known: Known, parameters: Parameters, sheets: Sequence[str]) -> None:
    programme = parameters.programme
    pages = {table: page(known, table, programme) for table in sheets}
    setting = Setting(
        Looks(book),
        Checks(*lists(known, programme), say("template.lists"),
               _register(pages["projects"].height), str(known.period)),
        programme,
        known.period,
        known.unit,
        known.is_new_year,
    )  # fmt: skip
    created = datetime.combine(known.period.start, datetime.min.time())
    book.set_properties({"author": programme.programme.issuer.zh, "created": created})
    guide = book.add_worksheet(GUIDE)
    for one in pages.values():
        write_sheet(book.add_worksheet(TABLES[one.table].title), one, setting)
    write_guide(guide, list(pages.values()), setting, parameters.cutoff.astimezone(CHINA))
    hidden = book.add_worksheet(setting.checks.page)
    for at, values in enumerate(setting.checks.columns):
        for row, value in enumerate(values):
            hidden.write_string(row, at, value)
    hidden.protect()
    hidden.hide()
    guide.activate()


def _register(height: int) -> str:
    """Return the formula of the project numbers in the register: as many as there are, or it would offer blanks."""
    sheet = f"'{TABLES['projects'].title}'!$A${FIRST + 1}"
    return f"=OFFSET({sheet},0,0,MAX(1,COUNTA({sheet}:$A${FIRST + height})),1)"
