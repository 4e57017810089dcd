"""Everything on a sheet that speaks of units, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from sanshi_report.intake.cells import Marked, Odd
from sanshi_report.intake.faults import cell_name
from sanshi_report.intake.files import Sheet
from sanshi_report.intake.formats import Formatted
from sanshi_report.intake.headers import Header
from sanshi_report.intake.units import Stated, bare, declared, mentioned, scaled, squeezed

__all__ = ["Codes", "bare_units", "codes", "cumulative", "remarks", "stated"]

_MAY_SAY = re.compile(
    "[元圆圓币亿億万萬百千$€£]|单位|usd|eur|hkd|jpy|gbp|cny|rmb|yuan|dollar|illion|thousand", re.I
)
_SHORT = 12
_ITEMS = range(1, 100)
_CUMULATIVE = re.compile("累计|年初至今|年初以来|开工以来")
_NOT = re.compile("不含|不是|不得|不计|不填|非累计|勿|剔除|扣除")


@dataclass(frozen=True)
class Codes:
    """A column of cells by distinct value: `distinct[codes[i]]` is the i-th cell."""

    distinct: list[Any]
    codes: Any

    def where(self, test: Callable[[Any], bool]) -> Any:
        """Return for each cell whether it passes."""
        return np.array([test(value) for value in self.distinct], dtype=bool)[self.codes]


def codes(values: tuple[Any, ...]) -> Codes:
    """Return the cells of a column by distinct value."""
    if bool in set(map(type, values)):  # True would pass for the number 1
        values = tuple(str(v).upper() if isinstance(v, bool) else v for v in values)
    distinct = list(dict.fromkeys(values))
    index = {value: number for number, value in enumerate(distinct)}
    return Codes(distinct, np.fromiter(map(index.__getitem__, values), np.intp, len(values)))


def stated(
    file: str, sheet: Sheet, header: Header, every: list[Codes], skipped: Any, *, counted: bool
) -> list[Stated]:
    """Return every unit that is stated outside the headings of the table's columns, with its place.

    Parameters
    ----------
    file : str
        The file's name without suffix.
    every : list[Codes]
        The columns below the header.
    skipped : numpy.ndarray of bool
        Which rows below the header are no rows of the table.
    counted : bool
        Whether the table counts people or things; then units of several of them matter, too.
    """
    known = {column.at for column in header.columns.values()}
    around = [("文件名", file), ("工作表名", sheet.name)]
    around += [(aside.where, aside.text) for aside in sheet.asides]
    around += _above(sheet, header, known)
    found = [Stated(unit, where) for where, text in around for unit in mentioned(text)]
    if counted:
        found += [Stated(unit, where) for where, text in around for unit in scaled(text)]
    for at, column in enumerate(every):
        for number, cell in enumerate(column.distinct):
            if not isinstance(cell, str) or not _MAY_SAY.search(cell[:2000]):
                continue
            units = mentioned(cell)
            lines = np.flatnonzero(column.codes == number)
            beside = at not in known and len(cell) <= _SHORT
            if not beside and units and not skipped[lines].all():
                units = declared(cell)
            if counted and skipped[lines].all():
                units |= scaled(cell)
            where = cell_name(int(lines[0]) + header.below, at)
            found += [Stated(unit, where) for unit in units]
        if at not in known:
            found += bare_units(column, at, header.below)
    return found


def _above(sheet: Sheet, header: Header, known: set[int]) -> Iterator[tuple[str, str]]:
    """Yield what stands above the table or in its header beside its own headings."""
    for line, row in enumerate(sheet.rows[: header.below]):
        for at, cell in enumerate(row):
            is_heading = line >= header.top and at in known
            if not is_heading and (line, at) not in header.groups and (text := _words(cell)):
                yield cell_name(line, at), text


def cumulative(sheet: Sheet, header: Header) -> tuple[str, str] | None:
    """Return the cell and the text of a title that says amounts add up over months, if one does.

    Where the table also has a column of its own for that, beside ours, the title may be about that one.
    """
    if any(_CUMULATIVE.search(header.headings[at]) for at in header.extra):
        return None
    known = {column.at for column in header.columns.values()}
    above = (
        (where, squeezed(text).replace(" ", "")) for where, text in _above(sheet, header, known)
    )
    said = (one for one in above if _CUMULATIVE.search(one[1]) and not _NOT.search(one[1]))
    return next(said, None)


def _words(cell: Any) -> str:
    """Return the words that a cell shows, those that only its number format brings included."""
    if isinstance(cell, Formatted):
        return re.sub(r"[0#?.,\d]+", " ", cell.code)  # digits would make an amount of the unit
    return str(cell) if isinstance(cell, str | Odd | Marked) else ""


def remarks(sheet: Sheet) -> list[tuple[str, str]]:
    """Return the units that a sheet of words declares, with where: it speaks of the others.

    Numbers that count its items, 1, 2, 3, leave it one; a sheet of other numbers speaks for itself.
    """
    cells = [
        (cell_name(line, at), cell)
        for line, row in enumerate(sheet.rows)
        for at, cell in enumerate(row)
        if cell != ""
    ]
    numbers = [cell for _, cell in cells if isinstance(cell, int | float | Formatted)]
    if not all(type(number) is float and number in _ITEMS for number in numbers):
        return []
    texts = [(f"{sheet.name} {where}", _words(cell)) for where, cell in cells]
    texts += [(f"{sheet.name} {aside.where}", aside.text) for aside in sheet.asides]
    return [(where, unit) for where, text in texts for unit in declared(text)]


def bare_units(column: Codes, at: int, below: int) -> list[Stated]:
    """Return the cells of a column that are nothing but a money unit."""
    return [
        Stated(unit, cell_name(int(np.argmax(column.codes == number)) + below, at))
        for number, cell in enumerate(column.distinct)
        if isinstance(cell, str) and len(cell) <= _SHORT and (unit := bare(cell))
    ]
