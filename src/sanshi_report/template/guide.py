"""The first sheet: whose template it is, when it is due, how to fill it in, and what each sheet asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from sanshi_report.catalogue import LANGUAGES, Language, say
from sanshi_report.schemas import TABLES
from sanshi_report.style import day, period_words
from sanshi_report.template.checks import both
from sanshi_report.template.looks import Looks, height_of, paper
from sanshi_report.template.pages import Page
from sanshi_report.template.sheet import FIRST, PROTECTION, Setting, columns_of

__all__ = ["write_guide"]

_STEPS = ("progress", "update", "new", "units", "locked", "protection", "send")
_WIDTHS = (5, 15, 92, 11, 11)
_RIGHT = len(_WIDTHS) - 1


def write_guide(sheet: Any, pages: Sequence[Page], setting: Setting, due: datetime) -> None:
    """Fill the guide; `due` is by when the form is to be sent."""
    looks = setting.looks
    for at, width in enumerate(_WIDTHS):
        sheet.set_column(at, at, width)
    sheet.hide_gridlines(2)
    title, unit, when = _whose(setting, due, "zh")
    sheet.write_string(0, 0, title, looks["title"])
    sheet.write_string(1, 0, "; ".join(_whose(setting, due, "en")), looks["english"])
    sheet.write_string(2, 0, unit, looks["section"])
    sheet.write_string(3, 0, when, looks["section"])
    sheet.set_row(0, 28)
    row = _steps(sheet, 5, setting)
    row = _legend(sheet, row + 1, setting)
    row = _sheets(sheet, row + 1, pages, setting)
    sheet.protect("", PROTECTION)
    paper(sheet, (0, 0), row, _RIGHT, setting.footer)
    sheet.set_portrait()


def _whose(setting: Setting, due: datetime, language: Language) -> tuple[str, str, str]:
    """Return what the form is called, whose it is and when it is due."""
    about = setting.programme.programme
    name = {"period": period_words(setting.month, language), "programme": about.name[language]}
    until = f"{day(due, language)} {due:%H:%M}"
    return (
        say("template.title", language, **name) + setting.status(language),
        say("template.guide_unit", language, unit=setting.unit(language)),
        say("template.guide_due", language, day=until, issuer=about.issuer[language]),
    )


def _steps(sheet: Any, row: int, setting: Setting) -> int:
    looks = setting.looks
    how = "  ".join(say("template.guide_how", language) for language in LANGUAGES)
    sheet.write_string(row, 0, how, looks["section"])
    for number, step in enumerate(_STEPS, 1):
        row += 1
        text = both(f"step_{step}", day=f"{setting.month}-15")
        sheet.write_number(row, 0, number, looks["number"])
        sheet.merge_range(row, 1, row, _RIGHT, "", looks["wrapped"])
        _in_two_languages(sheet, row, 1, text, looks, "wrapped")
        sheet.set_row(row, height_of([(text, sum(_WIDTHS[1:]))]))
    return row + 1


def _in_two_languages(sheet: Any, row: int, at: int, text: str, looks: Looks, look: str) -> None:
    chinese, _, english = text.partition("\n")
    parts = (looks["plain"], chinese, looks["english"], f"\n{english}")
    sheet.write_rich_string(row, at, *parts, looks[look])


def _legend(sheet: Any, row: int, setting: Setting) -> int:
    for state in ("must", "open", "locked"):
        sheet.write_blank(row, 1, None, setting.looks[f"{state}_sample"])
        text = "  ".join(say(f"template.legend_{state}", language) for language in LANGUAGES)
        sheet.write_string(row, 2, text, setting.looks["plain"])
        row += 1
    return row


def _sheets(sheet: Any, row: int, pages: Sequence[Page], setting: Setting) -> int:
    looks = setting.looks
    for at, name in enumerate(("sheet", "task", "rows", "done"), 1):
        sheet.write_string(row, at, both(f"column_{name}"), looks["head"])
    sheet.set_row(row, 36)
    for page in pages:
        row += 1
        title = str(TABLES[page.table].title)
        anew = "_new_year" if page.table == "projects" and setting.is_new_year else ""
        hint = both(f"hint_{page.table}{anew}")
        sheet.write_url(row, 1, f"internal:'{title}'!A1", looks["link"], title)
        _in_two_languages(sheet, row, 2, hint, looks, "cell")
        given = say("template.rows", count=page.given) if page.given else ""
        sheet.write_string(row, 3, given, looks["centre"])
        _done(sheet, row, page, title, looks["centre"])
        sheet.set_row(row, height_of([(hint, _WIDTHS[2])]))
    return row


def _done(sheet: Any, row: int, page: Page, title: str, look: Any) -> None:
    """Write how many of the rows that wait to be filled in are, as a formula."""
    if not page.awaited or not page.given:
        sheet.write_blank(row, 4, None, look)
        return
    at = next(c.at for c in columns_of(page) if c.name == page.awaited[0])
    ends = [xl_rowcol_to_cell(FIRST + r, at) for r in (0, page.given - 1)]
    formula = f"=COUNT('{title}'!{':'.join(ends)})&\" / {page.given}\""
    filled = sum(page.value(r, page.awaited[0]) is not None for r in range(page.given))
    sheet.write_formula(row, 4, formula, look, f"{filled} / {page.given}")
