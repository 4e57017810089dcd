"""One sheet read as one table: which rows count, what each cell means, which rules are broken."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from sanshi_report.intake.cells import LONGEST, Odd, Reader, Unreadable, is_missing, plain
from sanshi_report.intake.faults import Fault, cell_name, shown
from sanshi_report.intake.files import Sheet
from sanshi_report.intake.handed_out import AWAITS, MARK, REFERENCE, is_as_handed_out
from sanshi_report.intake.headers import Column, Header, facts_of, find_header, is_same_heading
from sanshi_report.intake.units import ASSUMED, Stated, agreed, bare, declared, mentioned
from sanshi_report.schemas import DTYPES, MONTH, TABLES, key_of

__all__ = ["Grid", "Lists"]

Lists = Mapping[tuple[str, str], Mapping[str, str]]
"""By table and column, what the ledger keeps for each word of a list."""
"""The permitted values of (table, column), where the programme has a list."""

_TOTAL = re.compile(r".{0,12}(?:合计|小计|总计|共计)(?:[:(].*)?")
_FOOTER = re.compile(
    r"(?:注|备注|说明|附注|填表|填报|制表|审核|审批|复核|联系|单位|分管|主管|负责|电话|日期)[^:]{0,8}:.*",
    re.DOTALL,
)
_PERIOD = re.compile(MONTH)
_CELL_NAME = re.compile("[A-Z]{1,3}[0-9]+")
_MAY_SAY = re.compile(
    "[元圆圓币亿億万萬$€£]|单位|usd|eur|hkd|jpy|gbp|cny|rmb|yuan|dollar|illion|thousand", re.I
)
_SHORT = 12
_AMOUNTS = {"money", "count", "percent", "quantity"}
_KINDS = {"continuing": "续建", "new_build": "新建"}


@dataclass(frozen=True)
class _Codes:
    """A column of cells by distinct value: `distinct[codes[i]]` is the i-th cell."""

    distinct: list[Any]
    codes: Any

    def where(self, test: Callable[[Any], bool]) -> Any:
        """Return for each cell whether it passes."""
        return np.array([test(value) for value in self.distinct], dtype=bool)[self.codes]


def _codes(values: tuple[Any, ...]) -> _Codes:
    if bool in set(map(type, values)):  # True would pass for the number 1
        values = tuple(str(v).upper() if isinstance(v, bool) else v for v in values)
    distinct = list(dict.fromkeys(values))
    index = {value: number for number, value in enumerate(distinct)}
    return _Codes(distinct, np.fromiter(map(index.__getitem__, values), np.intp, len(values)))


class Grid:
    """One sheet read as one table.

    Attributes
    ----------
    faults, warnings : list[Fault]
        What was found wrong, and what was ignored.
    frame : pandas.DataFrame or None
        The table's columns, one row per row read; None if the header could not be used.
    lines : numpy.ndarray
        The 0-based row in the sheet of each row of `frame`.
    bad, keyless : numpy.ndarray of bool
        Which rows of `frame` have a fault; which have one in their key.
    """

    def __init__(self, file: str, table: str, sheet: Sheet, lists: Lists) -> None:
        self.file = file
        folder = file.rpartition("/")[0]
        self.period = folder if _PERIOD.fullmatch(folder) else ""
        self.table = table
        self.sheet = sheet
        self.lists = lists
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.names = list(TABLES[table].columns)
        self.columns: dict[str, Column] = {}
        self.frame: pd.DataFrame | None = None
        self.lines: Any = np.array([], dtype=np.intp)
        self.bad: Any = np.array([], dtype=bool)
        self.keyless: Any = np.array([], dtype=bool)
        self._load()

    def refuse(self, row: int, column: Column, found: object, why: Unreadable) -> None:
        """Note a fault in one row of `frame`, and count the row as bad."""
        self._fault(cell_name(int(self.lines[row]), column.at), column.title, found, why)
        self.bad[row] = True

    def title(self, name: str) -> str:
        """Return the Chinese heading of a column."""
        return str(TABLES[self.table].columns[name].title)

    def clean(self) -> pd.DataFrame:
        """Return the rows without a fault, with their origin."""
        frame = self._with_origin()
        return frame[~self.bad] if self.bad.any() else frame

    def faulty(self) -> pd.DataFrame:
        """Return which project each row with a fault is about, with its origin."""
        frame = self._with_origin()[self.bad]
        return pd.DataFrame(frame[["project_id", "origin"]])

    def _with_origin(self) -> pd.DataFrame:
        frame = pd.DataFrame(self.frame)
        origin = f"{self.file}#{self.sheet.name}!"
        frame["origin"] = pd.array([f"{origin}{at + 1}" for at in self.lines.tolist()], dtype="str")
        return frame

    def _fault(self, cell: str, column: str, found: object, why: Unreadable) -> None:
        self.faults.append(
            Fault(self.file, self.sheet.name, cell, column, shown(found), why.rule, why.values)
        )

    def _warn(self, rule: str, **values: Any) -> None:
        self.warnings.append(Fault(self.file, self.sheet.name, "", "", "", rule, values))

    def _load(self) -> None:
        """Read the sheet, noting every fault."""
        header = find_header(self.table, self.sheet)
        if header is None:
            titles = [self.title(name) for name in self.names if self._facts(name)["required"]]
            why = Unreadable("header_missing", headings="、".join(titles))
            self._fault("", "", "", why)
        elif self._accept(header):
            self.columns = header.columns
            self._fill_merged(header.below)
            self._load_rows(header)

    def _facts(self, name: str) -> dict[str, Any]:
        return facts_of(self.table, name)

    def _accept(self, header: Header) -> bool:
        for row, at, column, found, why in header.problems:
            self._fault(cell_name(row, at), column, found, why)
        missing = [n for n in self.names if n not in header.columns and self._facts(n)["required"]]
        for name in missing:
            self._fault("", self.title(name), "", Unreadable("column_missing"))
        return not header.problems and not missing

    def _fill_merged(self, below: int) -> None:
        """Give every row of a merged range its value; an amount or several columns cannot share one."""
        rows = self.sheet.rows
        merged = [(a, b) for a, b in self.sheet.merged if a[0] >= below and a[0] < len(rows)]
        blank = {
            row
            for (top, _), (bottom, _) in merged
            for row in range(top, min(bottom + 1, len(rows)))
            if all(map(is_missing, rows[row]))
        }
        for (top, left), (bottom, right) in merged:
            value = rows[top][left] if left < len(rows[top]) else ""
            if is_missing(value) or _is_total(value) or _is_footer(value):
                continue
            for column in [c for c in self.columns.values() if left <= c.at <= right]:
                amount = self._facts(column.name)["kind"] in _AMOUNTS
                if right > left and sum(left <= c.at <= right for c in self.columns.values()) > 1:
                    value = Odd("merged_across", shown(value))
                elif amount and bottom > top:
                    value = Odd("merged_amount", shown(value))
                for row in range(top, min(bottom + 1, len(rows))):
                    if row == top or row not in blank:
                        rows[row][column.at] = value

    def _load_rows(self, header: Header) -> None:
        self._mark_struck(header.below)
        rows = self.sheet.rows[header.below :]
        known = {column.at for column in self.columns.values()}
        every = [_codes(values) for values in zip(*rows, strict=True)]
        every = every or [_codes(())] * (1 + max(known))
        cells = {at: every[at] for at in known}
        others = {at: column for at, column in enumerate(every) if at not in known}
        skipped = self._skipped(cells, others, rows, header)
        keep = ~skipped
        keep &= ~self._as_handed_out(header, rows, keep)
        self._settle_unit(header, every, skipped)
        self._tell_ignored(header, others, keep)
        kept = np.flatnonzero(keep)
        self.lines = kept + header.below
        self._tell_hidden()
        self.bad = np.zeros(len(kept), dtype=bool)
        self.keyless = np.zeros(len(kept), dtype=bool)
        data = {}
        for name in self.names:
            if name in self.columns:
                at = self.columns[name].at
                data[name] = self._read(name, cells[at].distinct, cells[at].codes[keep])
            else:
                blank = _array([None], self._facts(name)["kind"])
                data[name] = blank.take(np.zeros(len(kept), dtype=np.intp))
        self.frame = pd.DataFrame(data)
        self._require_by_kind(self.frame)
        self._refuse_shifted(header, kept)
        self._refuse_months()

    def _skipped(
        self,
        cells: dict[int, _Codes],
        others: dict[int, _Codes],
        rows: list[list[Any]],
        header: Header,
    ) -> Any:
        """Return which rows say nothing: blank ones, totals, repeated headers, notes and signatures."""
        blank = np.ones(len(rows), dtype=bool)
        footer = np.ones(len(rows), dtype=bool)
        summed = np.zeros(len(rows), dtype=bool)
        for at, column in (cells | others).items():
            missing = column.where(is_missing)
            if at in cells:
                blank &= missing
            summed |= column.where(_is_total)
            footer &= missing | column.where(_is_footer)
        keys = [cells[self.columns[k].at] for k in key_of(self.table) if k in self.columns]
        titles = {self.title(key_of(self.table)[0]), key_of(self.table)[0]}
        repeated = keys[0].where(lambda v: isinstance(v, str) and plain(v).strip("*:") in titles)
        for i in np.flatnonzero(repeated).tolist():
            self._check_repeated(rows[i], i + header.below, header)
        # 合计 in another column makes a total only of a row that is about nothing in particular.
        total = summed & keys[0].where(is_missing)
        for key in keys:
            total |= key.where(_is_total)
        return blank | total | footer | repeated

    def _check_repeated(self, row: list[Any], line: int, header: Header) -> None:
        """Refuse a header said again in other words: the rows below it would mean something else."""
        above = self.sheet.rows[header.top : header.below]
        for column in self.columns.values():
            again = row[column.at]
            if not any(is_same_heading(again, first[column.at]) for first in above):
                why = Unreadable("header_differs", first=header.headings[column.at])
                self._fault(cell_name(line, column.at), column.title, again, why)

    def _settle_unit(self, header: Header, every: list[_Codes], skipped: Any) -> None:
        """Give the money columns without a unit of their own the one that the sheet states."""
        money = [name for name in self.columns if self._facts(name)["kind"] == "money"]
        stated = self._stated(header, every, skipped)
        if self.table == "inputs" and stated:  # there each row says its own unit
            at = self.columns["unit"].at
            stated += _bare_units(every[at], at, header.below)
        elif not money:
            return
        own = [
            Stated(self.columns[name].unit, header.headings[self.columns[name].at])
            for name in money
            if self.columns[name].unit
        ]
        try:
            unit = agreed(stated)
            for one in own if unit else ():
                agreed([*stated, one])
        except Unreadable as why:
            where = why.values["where"]
            self._fault(where if _CELL_NAME.fullmatch(where) else "", "", "", why)
            unit = None
        for name in money:
            column = self.columns[name]
            sure = bool(column.unit or unit)
            if not sure and {one.unit for one in own} - {ASSUMED}:
                partly = Unreadable("unit_partly", units="、".join(one.where for one in own))
                self._fault(cell_name(header.below - 1, column.at), column.title, "", partly)
            self.columns[name] = replace(
                column, unit=column.unit or unit or ASSUMED, assumed=not sure
            )
        assumed = [self.columns[name].title for name in money if self.columns[name].assumed]
        if assumed and not skipped.all():
            self._warn("unit_assumed", columns="、".join(assumed), unit=ASSUMED)

    def _stated(self, header: Header, every: list[_Codes], skipped: Any) -> list[Stated]:
        """Return every unit that is stated outside the headings of the table's columns, with its place."""
        around = [("文件名", PurePosixPath(self.file).stem), ("工作表名", self.sheet.name)]
        around += [(aside.where, aside.text) for aside in self.sheet.asides]
        known = {column.at for column in self.columns.values()}
        for line, row in enumerate(self.sheet.rows[: header.below]):
            for at, cell in enumerate(row):
                is_heading = line >= header.top and at in known
                if isinstance(cell, str) and not is_heading and (line, at) not in header.groups:
                    around.append((cell_name(line, at), cell))
        found = [Stated(unit, where) for where, text in around for unit in mentioned(text)]
        for at, column in enumerate(every):
            for number, cell in enumerate(column.distinct):
                if not isinstance(cell, str) or not _MAY_SAY.search(cell[:2000]):
                    continue
                units = mentioned(cell)
                if not units:
                    continue
                lines = np.flatnonzero(column.codes == number)
                beside = at not in known and len(cell) <= _SHORT
                if not beside and not skipped[lines].all():
                    units = declared(cell)
                where = cell_name(int(lines[0]) + header.below, at)
                found += [Stated(unit, where) for unit in units]
            if at not in known:
                found += _bare_units(column, at, header.below)
        return found

    def _as_handed_out(self, header: Header, rows: list[list[Any]], keep: Any) -> Any:
        """Return which rows still are as the template has them, and tell which of them wait to be filled in."""
        same = np.zeros(len(rows), dtype=bool)
        at = next((at for at, heading in header.headings.items() if heading == MARK), None)
        if at is None:
            return same
        places = [self.columns[name].at if name in self.columns else None for name in self.names]
        waiting = []
        for i in np.flatnonzero(keep).tolist():
            cells = ["" if place is None else rows[i][place] for place in places]
            same[i] = is_as_handed_out(rows[i][at], self.table, cells)
            if same[i] and rows[i][at].startswith(AWAITS):
                waiting.append(shown(cells[0]))
        if waiting:
            self._warn("rows_unfilled", count=len(waiting), rows=_listing(dict.fromkeys(waiting)))
        return same

    def _refuse_shifted(self, header: Header, kept: Any) -> None:
        """Refuse lines of a CSV with more or fewer fields than its header: their values may be shifted."""
        if not self.sheet.widths:
            return
        expected = self.sheet.widths[header.below - 1]
        for i, line in enumerate((kept + header.below).tolist()):
            if (fields := self.sheet.widths[line]) != expected:
                at = expected if fields > expected else fields - 1
                found = self.sheet.rows[line][at]
                why = Unreadable("csv_shifted", fields=fields, expected=expected)
                self.refuse(i, Column("", "", at), found, why)

    def _refuse_months(self) -> None:
        """Refuse months that a submission for this period cannot tell: later ones (but plans), other years."""
        if "month" not in self.columns or self.frame is None or not self.period:
            return
        year, ahead = int(self.period[:4]), self.table == "plan"
        last = f"{year + 1}-12" if ahead else self.period
        months = self.frame["month"]
        wrong = (months.notna() & ~months.between(f"{year}-01", last)).to_numpy(dtype=bool)
        for i in np.flatnonzero(wrong & ~self.keyless).tolist():
            month = str(months.iloc[i])
            rule = (
                "month_ahead"
                if month > self.period and month[:4] == self.period[:4]
                else "month_other_year"
            )
            self.refuse(i, self.columns["month"], month, Unreadable(rule, period=self.period))

    def _mark_struck(self, below: int) -> None:
        """Make faults of struck-out cells that hold a value, and tell of struck-out texts."""
        told = []
        for row, at in sorted(self.sheet.struck):
            column = next((c for c in self.columns.values() if c.at == at), None)
            rows = self.sheet.rows
            if not column or not below <= row < len(rows) or is_missing(rows[row][at]):
                continue
            if self._facts(column.name)["kind"] == "text" and column.name not in key_of(self.table):
                told.append(cell_name(row, at))
            else:
                rows[row][at] = Odd("struck_out", shown(rows[row][at]))
        if told:
            self._warn("cells_struck", count=len(told), cells=_listing(told))

    def _tell_hidden(self) -> None:
        rows = [str(n + 1) for n in sorted(self.sheet.hidden_rows & set(self.lines.tolist()))]
        if rows:
            self._warn("rows_hidden", count=len(rows), rows=_listing(rows))
        columns = [c.title for c in self.columns.values() if c.at in self.sheet.hidden_columns]
        if columns:
            self._warn("columns_hidden", count=len(columns), columns=_listing(columns))

    def _tell_ignored(self, header: Header, others: dict[int, _Codes], keep: Any) -> None:
        ignored = [
            f"{header.headings[at]}({cell_name(header.below - 1, at)})"
            for at in header.extra
            if not header.headings[at].startswith(REFERENCE)
        ]
        for at, column in others.items():
            beyond = not self.sheet.typed and at > max(header.headings)
            if at in header.headings or beyond or not (~column.where(is_missing) & keep).any():
                continue
            ignored.append(cell_name(header.below - 1, at))
            for (top, left), (bottom, right) in self.sheet.merged:
                if top <= header.below - 1 <= bottom and left < at <= right:
                    why = Unreadable("heading_merged")
                    title = header.headings.get(left, "")
                    self._fault(cell_name(header.below - 1, left), title, title, why)
        if ignored:
            self._warn("columns_ignored", count=len(ignored), columns=_listing(ignored))

    def _read(self, name: str, values: list[Any], codes: Any) -> Any:
        """Return one column's array; faults are noted and their rows marked in `bad`."""
        column, facts = self.columns[name], self._facts(name)
        used = np.zeros(len(values), dtype=bool)
        used[codes] = True
        known = self._reader(column).many(
            [v for v, u in zip(values, used.tolist(), strict=True) if u]
        )
        meant = [known.get(value) for value in values]
        wrong = np.array(
            [isinstance(m, Unreadable) or (m is None and facts["required"]) for m in meant],
            dtype=bool,
        )
        if wrong[codes].any():
            for i in np.flatnonzero(wrong[codes]).tolist():
                self.refuse(i, column, values[codes[i]], meant[codes[i]] or Unreadable("required"))
            if name in key_of(self.table):
                self.keyless |= wrong[codes]
            meant = [None if isinstance(m, Unreadable) else m for m in meant]
        return _array(meant, facts["kind"]).take(codes)

    def _reader(self, column: Column) -> Reader:
        facts = self._facts(column.name)
        codes = dict(self.lists.get((self.table, column.name), facts["codes"]))
        codes |= {code: code for code in codes.values()}
        identifies = column.name in key_of(self.table) or column.name == "project_id"
        longest = facts["longest"] if facts["kind"] == "text" else LONGEST
        return Reader(facts["kind"], codes, identifies, column.unit, self.sheet.typed, longest)

    def _require_by_kind(self, frame: pd.DataFrame) -> None:
        for name in self.names:
            kind = self._facts(name)["required_when"]
            if not kind:
                continue
            lacking = ((frame["kind"] == kind) & frame[name].isna()).to_numpy(
                dtype=bool
            ) & ~self.bad
            why = Unreadable("required_when", kind=_KINDS[kind])
            if name in self.columns:
                for i in np.flatnonzero(lacking).tolist():
                    self.refuse(i, self.columns[name], "", why)
            elif lacking.any():
                self._fault("", self.title(name), "", why)
                self.bad |= lacking


def _listing(names: Iterable[str]) -> str:
    """Return names in a row, the first ten of them."""
    every = list(names)
    return "、".join(every[:10]) + ("…" if len(every) > 10 else "")


def _bare_units(column: _Codes, at: int, below: int) -> list[Stated]:
    """Return the cells of a column that are nothing but a money unit."""
    return [
        Stated(unit, cell_name(int(np.argmax(column.codes == number)) + below, at))
        for number, cell in enumerate(column.distinct)
        if isinstance(cell, str) and len(cell) <= _SHORT and (unit := bare(cell))
    ]


def _is_total(value: Any) -> bool:
    return (
        isinstance(value, str)
        and len(value) < 60
        and _TOTAL.fullmatch("".join(plain(value).split())) is not None
    )


def _is_footer(value: Any) -> bool:
    return isinstance(value, str) and _FOOTER.fullmatch(plain(value[:400])) is not None


def _array(values: list[Any], kind: str) -> Any:
    dtype = DTYPES[kind]
    if dtype is object:
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return pd.Series(array, dtype=object).array
    return pd.array(values, dtype=dtype)
