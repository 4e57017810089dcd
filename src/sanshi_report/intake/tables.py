"""Sheets into tables: which table a sheet is, where its header is, what each row says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from sanshi_report.intake.cells import Reader, Unreadable, is_missing, plain
from sanshi_report.intake.faults import Fault, cell_name, shown
from sanshi_report.intake.files import Sheet, sheets_of
from sanshi_report.schemas import DTYPES, TABLES, key_of
from sanshi_report.workspace import Programme

__all__ = ["Reading", "read", "read_many"]

_HEADER_WITHIN = 30
_BRACKETS = str.maketrans("【[〔{】]〕}", "(((())))")
_HEADING = re.compile(r"([^()]*)(?:\(([^()]*)\))?[:*]*")
_UNITS = {"亿元": "亿元", "亿": "亿元", "万元": "万元", "万": "万元", "元": "元"}
_PERMITTED_NOTES = {"percent": {"%", "百分比"}, "count": {"人", "名"}}
_TOTAL = re.compile(r"(?:.{0,12})(?:合计|小计|总计|共计)(?:[:(].*)?")
_IDENTIFIERS = {"project_id", "node_id", "problem_id", "action_id", "incident_id", "practice_id"}


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes
    ----------
    tables : dict[str, pandas.DataFrame]
        By table key: the columns of its schema, in order and of its types, then `origin`
        (`2024-06/file.xlsx#月度进展!7`). Only tables that occurred, only rows without a fault.
    faults : list[Fault]
        Everything to be mended.
    warnings : list[Fault]
        What was ignored.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def read(
    path: Path,
    programme: Programme,
    *,
    name: str,
    progress: Callable[[float], None] | None = None,
) -> Reading:
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
        Told the number of sheets read so far.
    """
    result = _Result(name, _lists(programme))
    try:
        for number, sheet in enumerate(sheets_of(path), 1):
            result.add(sheet)
            if progress:
                progress(number)
        result.close()
    except Unreadable as problem:
        result.fault("", "", "", "", problem)
    return result.reading


def read_many(
    files: Mapping[str, Path],
    programme: Programme,
    *,
    progress: Callable[[str, int], None] | None = None,
) -> Reading:
    """Read several received files into one reading; the same key may occur in more than one of them.

    Parameters
    ----------
    files : Mapping[str, Path]
        Each file by the name faults and `origin` give it.
    progress : callable, optional
        Told a file's name and the bytes of all files read so far.
    """
    parts: list[Reading] = []
    done = 0
    for name, path in files.items():
        parts.append(read(path, programme, name=name))
        done += path.stat().st_size if path.exists() else 0
        if progress:
            progress(name, done)
    tables = {
        table: pd.concat([p.tables[table] for p in parts if table in p.tables], ignore_index=True)
        for table in TABLES
        if any(table in p.tables for p in parts)
    }
    return Reading(
        tables, [f for p in parts for f in p.faults], [w for p in parts for w in p.warnings]
    )


def _lists(programme: Programme) -> dict[tuple[str, str], list[str]]:
    return {
        ("projects", "sector"): [t.value for t in programme.sectors],
        ("permits", "permit"): [t.value for t in programme.permits],
        ("inputs", "input"): [t.value for t in programme.inputs],
        ("funding", "source"): [t.value for t in programme.funding_sources],
        ("problems", "category"): [t.value for t in programme.problem_categories],
    }


@dataclass(frozen=True)
class _Column:
    """A column of a table found in a sheet."""

    name: str
    title: str
    at: int
    unit: str = "亿元"


@dataclass
class _Result:
    """Gathers what one file yields."""

    file: str
    lists: dict[tuple[str, str], list[str]]
    reading: Reading = field(default_factory=Reading)
    found: bool = False

    def fault(self, sheet: str, cell: str, column: str, found: object, why: Unreadable) -> None:
        text = shown(found)
        self.reading.faults.append(
            Fault(self.file, sheet, cell, column, text, why.rule, why.values)
        )

    def warn(self, sheet: str, cell: str, found: object, rule: str, **values: Any) -> None:
        self.reading.warnings.append(Fault(self.file, sheet, cell, "", shown(found), rule, values))

    def close(self) -> None:
        if not self.found:
            raise Unreadable("no_table", sheets="、".join(str(s.title) for s in TABLES.values()))

    def add(self, sheet: Sheet) -> None:
        table = _table_of(sheet.name)
        if table is None:
            if not sheet.hidden:
                self.warn(sheet.name, "", "", "sheet_ignored")
            return
        self.found = True
        grid = _Grid(self, table, sheet)
        if (frame := grid.frame()) is not None:
            before = self.reading.tables.get(table)
            both = frame if before is None else pd.concat([before, frame], ignore_index=True)
            self.reading.tables[table] = both


def _table_of(name: str) -> str | None:
    wanted = "".join(plain(name).casefold().split())
    for key, schema in TABLES.items():
        if wanted in {key, schema.title}:
            return key
    return None


class _Grid:
    """One sheet read as one table."""

    def __init__(self, result: _Result, table: str, sheet: Sheet) -> None:
        self.result = result
        self.table = table
        self.sheet = sheet
        self.schema = TABLES[table]
        self.names: dict[str, str] = {}
        for name, column in self.schema.columns.items():
            self.names[_heading(str(column.title))[0]] = name
            self.names[name] = name

    def fault(self, row: int, at: int, column: str, found: object, why: Unreadable) -> None:
        self.result.fault(self.sheet.name, cell_name(row, at), column, found, why)

    def frame(self) -> pd.DataFrame | None:
        """Return the table without its faulty rows; None where no header or a required column is missing."""
        header = self._header_row()
        if header is None:
            titles = [c.title for c in self.schema.columns.values() if _facts(c)["required"]]
            why = Unreadable("header_missing", headings="、".join(map(str, titles)))
            self.result.fault(self.sheet.name, "", "", "", why)
            return None
        columns = self._columns(header)
        if columns is None:
            return None
        return self._rows(header, columns)

    def _header_row(self) -> int | None:
        counts = [
            sum(_heading(cell)[0] in self.names for cell in row if isinstance(cell, str) and cell)
            for row in self.sheet.rows[:_HEADER_WITHIN]
        ]
        best = max(counts, default=0)
        return counts.index(best) if best >= 2 else None

    def _columns(self, header: int) -> list[_Column] | None:
        found: dict[str, _Column] = {}
        extra: list[str] = []
        for at, cell in enumerate(self.sheet.rows[header]):
            if is_missing(cell):
                continue
            text, note = _heading(cell) if isinstance(cell, str) else ("", "")
            if text not in self.names:
                extra.append(f"{shown(cell)}({cell_name(header, at)})")
                continue
            name = self.names[text]
            title = str(self.schema.columns[name].title)
            if name in found:
                first = cell_name(header, found[name].at)
                self.fault(header, at, title, cell, Unreadable("column_twice", first=first))
                continue
            found[name] = _Column(name, title, at, self._unit(header, at, name, cell, note))
        if extra:
            listed = "、".join(extra[:10]) + ("…" if len(extra) > 10 else "")
            self.result.warn(
                self.sheet.name, "", "", "columns_ignored", count=len(extra), columns=listed
            )
        complete = True
        for name, column in self.schema.columns.items():
            if name not in found and _facts(column)["required"]:
                why = Unreadable("column_missing")
                self.result.fault(self.sheet.name, "", str(column.title), "", why)
                complete = False
        return list(found.values()) if complete else None

    def _unit(self, row: int, at: int, name: str, cell: object, note: str) -> str:
        facts = _facts(self.schema.columns[name])
        if facts["kind"] == "money":
            if note and note not in _UNITS:
                self.fault(row, at, str(cell), cell, Unreadable("unit_unknown", unit=note))
            return _UNITS.get(note, "亿元")
        if note and note not in _PERMITTED_NOTES.get(facts["kind"], {note}):
            self.fault(row, at, str(cell), cell, Unreadable("unit_unknown", unit=note))
        return ""

    def _reader(self, column: _Column) -> Reader:
        facts = _facts(self.schema.columns[column.name])
        codes = {"".join(k.split()): v for k, v in facts["codes"].items()}
        codes |= {v: v for v in codes.values()}
        codes |= {v: v for v in self.result.lists.get((self.table, column.name), [])}
        return Reader(
            facts["kind"],
            codes,
            column.name in _IDENTIFIERS or column.name in key_of(self.table),
            column.unit or "亿元",
            self.sheet.typed,
        )

    def _rows(self, header: int, columns: list[_Column]) -> pd.DataFrame:
        rows = self.sheet.rows[header + 1 :]
        skip = self._skipped(rows, columns)
        numbers = np.flatnonzero(~skip)
        kept = [rows[i] for i in numbers.tolist()] if skip.any() else rows
        lines = numbers + header + 1
        bad = np.zeros(len(kept), dtype=bool)
        data: dict[str, Any] = {}
        for column in columns:
            data[column.name] = self._read(column, kept, lines, bad)
        for name, schema in self.schema.columns.items():
            if name not in data:
                data[name] = _array([None], _facts(schema)["kind"]).take([0] * len(kept))
        frame = pd.DataFrame({name: data[name] for name in self.schema.columns})
        self._needed(frame, columns, lines, bad)
        self._twice(frame, columns, lines, bad)
        origin = f"{self.result.file}#{self.sheet.name}!"
        frame["origin"] = pd.array([f"{origin}{i + 1}" for i in lines.tolist()], dtype="str")
        return frame[~bad].reset_index(drop=True) if bad.any() else frame

    def _skipped(self, rows: list[list[Any]], columns: list[_Column]) -> Any:
        blank = np.ones(len(rows), dtype=bool)
        total = np.zeros(len(rows), dtype=bool)
        key = {c.at for c in columns if c.name in {*key_of(self.table), "name"}}
        known = {c.at for c in columns}
        for at in range(len(rows[0]) if rows else 0):
            values = [row[at] for row in rows]
            distinct = dict.fromkeys(values)
            if at in known:
                missing = {v for v in distinct if is_missing(v)}
                blank &= np.fromiter((v in missing for v in values), bool, len(values))
            if at in key or at not in known:
                totals = {v for v in distinct if isinstance(v, str) and _is_total(v)}
                if totals:
                    total |= np.fromiter((v in totals for v in values), bool, len(values))
        return blank | total

    def _read(self, column: _Column, rows: list[list[Any]], lines: Any, bad: Any) -> Any:
        """Return one column's array; faults are noted and their rows marked in `bad`."""
        facts = _facts(self.schema.columns[column.name])
        values = [row[column.at] for row in rows]
        if bool in set(map(type, values)):
            values = [str(v).upper() if isinstance(v, bool) else v for v in values]
        distinct = list(dict.fromkeys(values))
        index = {value: i for i, value in enumerate(distinct)}
        codes = np.fromiter(map(index.__getitem__, values), np.intp, len(values))
        known = self._reader(column).many(distinct)
        meant = [known[value] for value in distinct]
        wrong = [isinstance(m, Unreadable) or (m is None and facts["required"]) for m in meant]
        if any(wrong):
            for i in np.flatnonzero(np.array(wrong)[codes]).tolist():
                why = meant[codes[i]] or Unreadable("required")
                self.fault(int(lines[i]), column.at, column.title, values[i], why)
                bad[i] = True
            meant = [None if isinstance(m, Unreadable) else m for m in meant]
        return _array(meant, facts["kind"]).take(codes)

    def _needed(self, frame: pd.DataFrame, columns: list[_Column], lines: Any, bad: Any) -> None:
        at = {c.name: c.at for c in columns}
        for name, schema in self.schema.columns.items():
            kind = _facts(schema)["required_when"]
            if not kind:
                continue
            lacking = ((frame["kind"] == kind) & frame[name].isna()).to_numpy(dtype=bool) & ~bad
            why = Unreadable(
                "required_when", kind={"continuing": "续建", "new_build": "新建"}[kind]
            )
            if name not in at and lacking.any():
                self.result.fault(self.sheet.name, "", str(schema.title), "", why)
            for i in np.flatnonzero(lacking).tolist():
                if name in at:
                    self.fault(int(lines[i]), at[name], str(schema.title), "", why)
            bad |= lacking

    def _twice(self, frame: pd.DataFrame, columns: list[_Column], lines: Any, bad: Any) -> None:
        key = list(key_of(self.table))
        again = frame.duplicated(key).to_numpy() & ~bad
        if not again.any():
            return
        at = {c.name: c.at for c in columns}
        title = "、".join(str(self.schema.columns[k].title) for k in key)
        first: dict[tuple[Any, ...], int] = {}
        for i, values in enumerate(frame[key].astype("str").itertuples(index=False, name=None)):
            if bad[i]:
                continue
            earlier = first.setdefault(values, i)
            if earlier != i:
                where = cell_name(int(lines[earlier]), at[key[0]])
                why = Unreadable("key_twice", first=where)
                self.fault(int(lines[i]), at[key[0]], title, " ".join(map(str, values)), why)
        bad |= again


def _facts(column: Any) -> dict[str, Any]:
    return dict(column.metadata or {})


def _heading(cell: str) -> tuple[str, str]:
    """Return a heading without spaces, marks and the note in brackets; and that note."""
    text = "".join(plain(cell).translate(_BRACKETS).split()).casefold().lstrip("*")
    match = _HEADING.fullmatch(text)
    return (match[1], match[2] or "") if match else (text, "")


def _is_total(text: str) -> bool:
    return len(text) < 60 and _TOTAL.fullmatch("".join(plain(text).split())) is not None


def _array(values: list[Any], kind: str) -> Any:
    dtype = DTYPES[kind]
    if dtype is object:
        array = np.empty(len(values), dtype=object)
        array[:] = values
        return pd.Series(array, dtype=object).array
    return pd.array(values, dtype=dtype)
