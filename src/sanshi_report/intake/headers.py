"""Where a sheet's header is, which column of the table each heading names, and in which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sanshi_report.intake.cells import Unreadable, is_missing, plain
from sanshi_report.intake.faults import cell_name, shown
from sanshi_report.intake.files import Sheet
from sanshi_report.intake.handed_out import REFERENCE
from sanshi_report.schemas import TABLES

__all__ = ["Column", "Header", "facts_of", "find_header", "stated_units", "table_of"]

_WITHIN = 30
_BRACKETS = str.maketrans("【[〔{<《】]〕}>》", "(((((())))))")
_NOTE = re.compile(r"\(([^()]*)\)")
_UNITS = {"亿元": "亿元", "亿": "亿元", "万元": "万元", "万": "万元", "元": "元"}
_SCALE = re.compile(r"[亿万千‰]|小数")
_STATED = re.compile(r"单位:?(?:人民币)?([亿万千百十]*元)(?![\u4e00-\u9fff])")
_TITLED = re.compile(r"\(([亿万千百十]*元)\)")
_SUFFIX = re.compile(r"(?:金额|额|数|日期|时间|[/:,、_-]?(?:亿元|万元|元))")
_NUMBERING = re.compile(r"[甲乙丙丁戊己]|栏次|\(?[0-9]{1,3}\)?")
_TAB_NUMBER = re.compile(r"^(?:附件|附表|表)?[0-9]{0,2}[.、_:-]?")


@dataclass(frozen=True)
class Column:
    """A column of a table found in a sheet: its key, its title, where it is, the unit of its money."""

    name: str
    title: str
    at: int
    unit: str = ""


@dataclass
class Header:
    """A header and what is wrong with it.

    Attributes
    ----------
    below : int
        The first row after it, 0-based.
    columns : dict[str, Column]
        By key.
    headings : dict[int, str]
        Every heading by column, known or not, as shown.
    problems : list of (row, column, heading, found, Unreadable)
        Faults of single header cells.
    """

    below: int
    columns: dict[str, Column] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)
    problems: list[tuple[int, int, str, str, Unreadable]] = field(default_factory=list)

    @property
    def extra(self) -> list[int]:
        """Columns with a heading that is none of the table's."""
        known = {column.at for column in self.columns.values()}
        return [at for at in self.headings if at not in known]


def facts_of(table: str, name: str) -> dict[str, Any]:
    """Return how a column is read: the metadata of its schema."""
    return dict(TABLES[table].columns[name].metadata or {})


def table_of(name: str) -> str | None:
    """Return the table whose title or key a sheet's name is, spaces, width and numbering aside."""
    wanted = _TAB_NUMBER.sub("", "".join(plain(name).casefold().split()))
    return next((key for key, one in TABLES.items() if wanted in {key, one.title}), None)


def stated_units(row: list[Any]) -> set[str]:
    """Return the money units a row declares for the whole sheet: `单位：万元`, or `（万元）` in a title."""
    cells = [cell for cell in row if not is_missing(cell)]
    texts = [cell[:200] for cell in cells if isinstance(cell, str) and "元" in cell[:200]]
    units: set[str] = set()
    for text in texts:
        line = "".join(plain(text).translate(_BRACKETS).split())
        units.update(_STATED.findall(line))
        if len(cells) == 1:
            units.update(_TITLED.findall(line))
    return units


@cache
def _names(table: str) -> dict[str, str]:
    titles = {_heading(str(c.title))[0]: name for name, c in TABLES[table].columns.items()}
    return titles | {name: name for name in TABLES[table].columns}


def _heading(cell: object) -> tuple[str, str]:
    """Return a heading without spaces, marks and notes in brackets; and those notes."""
    if not isinstance(cell, str) or len(cell) > 200 or cell.startswith(REFERENCE):
        return "", ""
    text = "".join(plain(cell).translate(_BRACKETS).casefold().split())
    notes = [note for note in _NOTE.findall(text) if not re.search("必填|选填|填写", note)]
    return _NOTE.sub("", text).strip("*:★※"), ",".join(notes)


def find_header(table: str, sheet: Sheet) -> Header | None:
    """Find the header of `table` in the first rows of `sheet`: one row, or two where cells are merged.

    Returns
    -------
    Header or None
        None where no row has two of the table's headings.
    """
    names = _names(table)
    top = sheet.rows[:_WITHIN]
    known = [{at for at, cell in enumerate(row) if _heading(cell)[0] in names} for row in top]
    best = max(map(len, known), default=0)
    if best < 2:
        return None
    main = next(number for number, at in enumerate(known) if len(at) == best)
    upper, lower = _two_rows(sheet, main, known)
    finder = _Finder(table, sheet, upper, lower)
    below = lower + 1
    if below < len(sheet.rows) and _is_numbering(sheet.rows[below]):
        below += 1
    return finder.header(below)


def _two_rows(sheet: Sheet, main: int, known: list[set[int]]) -> tuple[int, int]:
    """Return the first and the last row of the header of which `main` has the most headings."""
    row = sheet.rows[main]
    if main + 1 < len(sheet.rows):
        after = sheet.rows[main + 1]
        new = main + 1 < len(known) and known[main + 1] - known[main]
        units = [cell for cell in after if not is_missing(cell)]
        only_units = bool(units) and all(_is_unit_row_cell(cell) for cell in units)
        if only_units or (new and all(is_missing(after[at]) for at in known[main])):
            return main, main + 1
    if main and any(is_missing(row[at]) for at in known[main - 1] - known[main]):
        return main - 1, main
    return main, main


def _is_unit_row_cell(cell: object) -> bool:
    text, note = _heading(cell)
    return (note or text) in {*_UNITS, "%", "人"} and not (note and text)


def _is_numbering(row: list[Any]) -> bool:
    cells = [plain(f"{c:g}" if isinstance(c, float) else str(c)) for c in row if not is_missing(c)]
    return (
        len(cells) >= 3
        and cells[0] in {"1", "(1)", "甲", "栏次"}
        and all(_NUMBERING.fullmatch(cell) for cell in cells)
    )


class _Finder:
    """Reads the headings of one header of one or two rows."""

    def __init__(self, table: str, sheet: Sheet, upper: int, lower: int) -> None:
        self.table = table
        self.sheet = sheet
        self.names = _names(table)
        self.lower = lower
        self.rows = sheet.rows
        self.two = upper != lower
        self.above = self._spread(lower - 1) if lower else [""] * len(sheet.rows[lower])
        self.stated: set[str] = set().union(*map(stated_units, sheet.rows[:lower]))

    def header(self, below: int) -> Header:
        header = Header(below)
        for at, cell in enumerate(self.rows[self.lower]):
            name, note, seen = self._meaning(at, cell)
            if seen:
                header.headings[at] = shown(seen)
            if name is None:
                continue
            title = str(TABLES[self.table].columns[name].title)
            if name in header.columns:
                first = cell_name(self.lower, header.columns[name].at)
                why = Unreadable("column_twice", first=first)
                header.problems.append((self.lower, at, title, shown(seen), why))
                continue
            try:
                unit = self._unit(name, at, note)
            except Unreadable as why:
                header.problems.append((self.lower, at, title, shown(seen), why))
                unit = ""
            header.columns[name] = Column(name, title, at, unit)
        self._near_misses(header)
        return header

    def _meaning(self, at: int, cell: object) -> tuple[str | None, str, str]:
        """Return the column a heading names, its notes, and the heading as it stands."""
        text, note = _heading(cell)
        if not self.two:
            return self.names.get(text), note, "" if is_missing(cell) else str(cell)
        group, group_note = _heading(self.above[at])
        seen = " ".join(str(c).strip() for c in (self.above[at], cell) if not is_missing(c))
        if _is_unit_row_cell(cell):
            return self.names.get(group), note or text, seen
        if text:
            name = self.names.get(text) or self.names.get(group + text)
            return name, note or group_note, seen
        return self.names.get(group), group_note, seen

    def _unit(self, name: str, at: int, note: str) -> str:
        if facts_of(self.table, name)["kind"] != "money":
            if _SCALE.search(note):
                raise Unreadable("unit_unknown", unit=note)
            return ""
        if found := _unit_in(note):
            return found
        if found := _unit_in(_heading(self.above[at])[1]):
            return found
        if len(self.stated) > 1:
            raise Unreadable("unit_conflict", units="、".join(sorted(self.stated)))
        stated = next(iter(self.stated), "亿元")
        if stated not in _UNITS:
            raise Unreadable("unit_unknown", unit=stated)
        return stated

    def _near_misses(self, header: Header) -> None:
        """Refuse a heading that is nearly that of a column not otherwise there: it may be meant."""
        for at in header.extra:
            text = _heading(self.rows[self.lower][at])[0]
            for title, name in self.names.items():
                rest = text.removeprefix(title)
                if name not in header.columns and rest != text and _SUFFIX.fullmatch(rest):
                    why = Unreadable("heading_unclear", meant=title)
                    found = header.headings[at]
                    header.problems.append((self.lower, at, found, found, why))

    def _spread(self, number: int) -> list[Any]:
        """Return a row with merged cells filled in; without merges, a cell reaches to the next one."""
        row = list(self.rows[number])
        merged = [(a, b) for a, b in self.sheet.merged if a[0] <= number <= b[0]]
        for (top, left), (_, right) in merged:
            for at in range(left, min(right + 1, len(row))):
                row[at] = self.rows[top][left]
        if not merged and self.two:
            for at in range(1, len(row)):
                if is_missing(row[at]) and not is_missing(self.rows[self.lower][at]):
                    row[at] = row[at - 1]
        return row


def _unit_in(note: str) -> str | None:
    """Return the money unit a note names; None where it names none.

    Raises
    ------
    Unreadable
        If it names several, or one that is not known.
    """
    parts = [re.sub("^(?:单位|人民币)?:?", "", part) for part in re.split("[,;、]", note)]
    units = {_UNITS[part] for part in parts if part in _UNITS}
    doubtful = any(re.search("[亿万千百元]", part) for part in parts if part not in _UNITS)
    if len(units) > 1 or doubtful:
        raise Unreadable("unit_unknown", unit=note)
    return next(iter(units), None)
