"""Where a sheet's header is, which column of the table each heading names, and in which unit."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from sanshi_report.intake.cells import Unreadable, is_missing, plain
from sanshi_report.intake.faults import cell_name, shown
from sanshi_report.intake.files import Sheet
from sanshi_report.intake.handed_out import REFERENCE
from sanshi_report.intake.units import KNOWN, noted, squeezed
from sanshi_report.schemas import TABLES

__all__ = ["Column", "Header", "facts_of", "find_header", "is_same_heading", "table_of"]

_WITHIN = 30
_NOTE = re.compile(r"\(([^()]*)\)")
_ASKED = {"必填", "选填", "必填项", "选填项"}
_NUMBERING = re.compile(r"[甲乙丙丁戊己]|栏次|\(?[0-9]{1,3}\)?")
_TAB_NUMBER = re.compile(r"^(?:附件|附表|表)?[0-9]{0,2}[.、_:-]?")
_GROUP_WORDS = (
    "基本|情况|信息|项目|投资|资金|进度|进展|形象|日期|时间|节点|办理|手续|要素|指标|内容|主要|其他|其中|"
    "建设|填报|联系|责任|单位|人员|工期|本月|月度|年度|规模|概况|开工|竣工|投产|问题|事项|会议|完成"
)


@dataclass(frozen=True)
class Column:
    """A column of a table found in a sheet.

    Attributes
    ----------
    name, title : str
        Its key and its Chinese heading.
    at : int
        Where it is, 0-based.
    unit : str
        The unit its money is in: as its heading says, else as the sheet does, else assumed.
    assumed : bool
        Whether nothing on the sheet says the unit.
    """

    name: str
    title: str
    at: int
    unit: str = ""
    assumed: bool = False


@dataclass
class Header:
    """A header and what is wrong with it.

    Attributes
    ----------
    top, below : int
        Its first row, and the first row after it, 0-based.
    columns : dict[str, Column]
        By key.
    headings : dict[int, str]
        Every heading by column, known or not, as shown.
    problems : list of (row, column, heading, found, Unreadable)
        Faults of single header cells.
    groups : set of (row, column)
        Cells above the header that give the columns below them, and no others, their unit.
    """

    top: int
    below: int
    columns: dict[str, Column] = field(default_factory=dict)
    headings: dict[int, str] = field(default_factory=dict)
    problems: list[tuple[int, int, str, str, Unreadable]] = field(default_factory=list)
    groups: set[tuple[int, int]] = field(default_factory=set)

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


@cache
def _names(table: str) -> dict[str, str]:
    titles = {_heading(str(c.title))[0]: name for name, c in TABLES[table].columns.items()}
    return titles | {name: name for name in TABLES[table].columns}


def _heading(cell: object) -> tuple[str, str]:
    """Return a heading without spaces, marks and notes in brackets; and those notes, joined by commas."""
    if not isinstance(cell, str) or len(cell) > 200 or cell.startswith(REFERENCE):
        return "", ""
    return _split(cell)


@lru_cache(maxsize=4096)
def _split(cell: str) -> tuple[str, str]:
    text = squeezed(cell).replace(" ", "")
    return _NOTE.sub("", text).strip("*:★※"), ",".join(_NOTE.findall(text))


def is_same_heading(one: object, other: object) -> bool:
    """Return whether two cells are one heading with the same notes, marks aside."""
    return _heading(one) == _heading(other)


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
    return (note or text) in {*KNOWN, "%", "人"} and not (note and text)


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
        self.upper, self.lower = upper, lower
        self.rows = sheet.rows
        self.groups: set[tuple[int, int]] = set()
        self.two = upper != lower
        self.over = self._spread(lower - 1) if lower else []
        self.above = [self.rows[row][at] for row, at in self.over] or [""] * len(self.rows[lower])

    def header(self, below: int) -> Header:
        header = Header(self.upper, below)
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
                unit = self._unit(name, at, note, title)
            except Unreadable as why:
                header.problems.append((self.lower, at, title, shown(seen), why))
                unit = ""
            header.columns[name] = Column(name, title, at, unit)
        self._near_misses(header)
        header.groups = self.groups
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

    def _unit(self, name: str, at: int, note: str, title: str) -> str:
        """Return the money unit a heading gives; whatever else it says of its column is a fault.

        Raises
        ------
        Unreadable
            If a note is neither a known unit nor 必填 or 选填, or the group above may change what is meant.
        """
        facts = facts_of(self.table, name)
        own = _units_in(note, facts, title)
        group, group_note = _heading(self.above[at])
        if not self.two:
            # A unit in brackets over some columns is theirs; alone in its row it is the whole sheet's.
            if facts["kind"] != "money" or not group_note or not self._shares_row(at):
                return own
            above = _units_in(group_note, facts, title)
            self.groups.add(self.over[at])
            if own and above and own != above:
                raise Unreadable("unit_unknown", unit=f"{group_note}、{note}")
            return own or above
        text = _heading(self.rows[self.lower][at])[0]
        if group and text and group not in self.names and group + text not in self.names:
            self._check_group(group, title)
        return own or _units_in(group_note, facts, title)

    def _shares_row(self, at: int) -> bool:
        row, _ = self.over[at]
        return sum(not is_missing(cell) for cell in self.rows[row]) > 1

    def _check_group(self, group: str, title: str) -> None:
        """Refuse words over a heading that are not known to leave its meaning alone (累计, 上年, 5月)."""
        titles = sorted(map(re.escape, self.names), key=len, reverse=True)
        if re.sub("|".join([*titles, _GROUP_WORDS]), "", group).strip("、和及:()/"):
            raise Unreadable("heading_unclear", meant=title)

    def _near_misses(self, header: Header) -> None:
        """Refuse a heading that has in it that of a column not otherwise there: it may be meant."""
        for at in header.extra:
            text = _heading(self.rows[self.lower][at])[0]
            near = [t for t, n in self.names.items() if n not in header.columns and len(t) > 1]
            meant = next((title for title in near if title in text), None)
            if meant and at not in {problem[1] for problem in header.problems}:
                why = Unreadable("heading_unclear", meant=meant)
                found = header.headings[at]
                header.problems.append((self.lower, at, found, found, why))

    def _spread(self, number: int) -> list[tuple[int, int]]:
        """Return for each column the cell of a row that stands over it.

        A merged cell stands over its columns; in a header of two rows without merges, a cell reaches to
        the next one.
        """
        row = self.rows[number]
        over = [(number, at) for at in range(len(row))]
        merged = [(a, b) for a, b in self.sheet.merged if a[0] <= number <= b[0]]
        for (top, left), (_, right) in merged:
            for at in range(left, min(right + 1, len(row))):
                over[at] = (top, left)
        if not merged and self.two:
            for at in range(1, len(row)):
                if is_missing(row[at]) and not is_missing(self.rows[self.lower][at]):
                    over[at] = over[at - 1]
        return over


def _units_in(notes: str, facts: dict[str, Any], title: str) -> str:
    """Return the money unit in a heading's notes, empty where there is none.

    Raises
    ------
    Unreadable
        If a note is no known unit of the column and does not say whether it must be filled in.
    """
    found: set[str] = set()
    for part in filter(None, re.split("[,，;、]", notes)):
        own = facts["unit"] if facts["kind"] != "money" else None
        if part in _ASKED or (own and part in {own, f"单位:{own}"}):
            continue
        unit = noted(part)
        if unit is None:
            raise Unreadable("heading_unclear", meant=title)
        if facts["kind"] != "money":
            raise Unreadable("unit_unknown", unit=part)
        found.add(unit)
    if len(found) > 1:
        raise Unreadable("unit_unknown", unit=notes)
    return next(iter(found), "")
