"""Sheets into tables: which table a sheet is, what each row says, which rules it breaks."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

import pandas as pd

from sanshi_report.catalogue import say
from sanshi_report.intake.cells import Unreadable, folded
from sanshi_report.intake.faults import Fault, cell_name, row_and_column
from sanshi_report.intake.files import Sheet, sheets_of
from sanshi_report.intake.grids import Grid, Lists
from sanshi_report.intake.handed_out import GUIDE
from sanshi_report.intake.headers import facts_of, find_header, table_of
from sanshi_report.schemas import TABLES, key_of, listed

if TYPE_CHECKING:
    from sanshi_report.workspace import Programme

__all__ = ["Reading", "lists_of", "read"]

_SAMPLE = re.compile("示例|说明|样表|样例")


@dataclass(frozen=True)
class Reading:
    """What was read.

    Attributes
    ----------
    tables : dict[str, pandas.DataFrame]
        By table key: the columns of its schema, in order and of its types, then `origin`
        (`2024-06/file.xlsx#月度进展!7`). Only tables that occurred, only rows without a fault.
    faulty : dict[str, pandas.DataFrame]
        The same for rows with a fault, but only `project_id` (missing where unreadable) and `origin`.
    faults : list[Fault]
        Everything to be mended.
    warnings : list[Fault]
        What was ignored, hidden, struck out or had to be assumed.
    units : dict[str, dict[str, tuple[str, bool]]]
        By sheet and money column, the unit it was read in and whether that was assumed.
    """

    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    faulty: dict[str, pd.DataFrame] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    units: dict[str, dict[str, tuple[str, bool]]] = field(default_factory=dict)


def read(
    path: Path,
    lists: Lists,
    *,
    name: str,
    progress: Callable[[float], None] | None = None,
) -> Reading:
    """Read one received file in this process; see `reading.read`, which has a child do it."""
    result = _Result(name, lists)
    try:
        for sheet in sheets_of(path):
            result.add(sheet)
            if progress:
                progress(sheet.share)
    except Unreadable as problem:
        result.fault("", problem)
    return result.reading()


def lists_of(programme: Programme) -> Lists:
    """Return what the programme's lists permit, by table and column: words of now, then former ones."""
    words = programme.lists()
    return {(table, column): words[name] for table, column, name in listed()}


@dataclass
class _Result:
    """Gathers what one file yields."""

    file: str
    lists: Lists
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)
    grids: list[Grid] = field(default_factory=list)

    def fault(self, sheet: str, why: Unreadable) -> None:
        self.faults.append(Fault(self.file, sheet, "", "", "", why.rule, why.values))

    def add(self, sheet: Sheet) -> None:
        called = PurePosixPath(self.file)
        if not sheet.typed and called.suffix.lower() == ".csv":  # wherever its copy lies
            sheet = replace(sheet, name=called.stem)
        table = table_of(sheet.name) if sheet.typed else _table_of_csv(sheet.name)
        if table is None:
            self._ignore(sheet)
        elif sheet.problem:
            self.fault(sheet.name, sheet.problem)
        else:
            self.grids.append(Grid(self.file, table, sheet, self.lists))
            if sheet.hidden:
                self.warnings.append(Fault(self.file, sheet.name, "", "", "", "sheet_hidden"))

    def reading(self) -> Reading:
        """Check keys over the whole file and hand everything over, faults in reading order."""
        if not self.grids and not self.faults:
            self.fault(
                "", Unreadable("no_table", sheets="、".join(str(t.title) for t in TABLES.values()))
            )
        tables: dict[str, pd.DataFrame] = {}
        faulty: dict[str, pd.DataFrame] = {}
        for table in TABLES:
            grids = [g for g in self.grids if g.table == table and g.frame is not None]
            if grids:
                _refuse_twice(table, grids)
                tables[table] = _joined([g.clean() for g in grids])
                if "project_id" in TABLES[table].columns and any(g.bad.any() for g in grids):
                    faulty[table] = _joined([g.faulty() for g in grids])
        for grid in self.grids:
            self.faults.extend(sorted(grid.faults, key=lambda fault: row_and_column(fault.cell)))
            self.warnings.extend(grid.warnings)
        units = {
            grid.sheet.name: {c.name: (c.unit, c.assumed) for c in grid.columns.values() if c.unit}
            for grid in self.grids
        }
        return Reading(tables, faulty, self.faults, self.warnings, units)

    def _ignore(self, sheet: Sheet) -> None:
        ours = sheet.name == GUIDE or sheet.name.startswith(say("faults.summary_title"))
        if sheet.hidden or ours or not sheet.rows:
            return
        for table, schema in TABLES.items():
            header = None if _SAMPLE.search(sheet.name) else find_header(table, sheet)
            required = {name for name in schema.columns if facts_of(table, name)["required"]}
            if header and required <= set(header.columns):
                self.fault(sheet.name, Unreadable("sheet_looks_like", meant=schema.title))
                return
        self.warnings.append(Fault(self.file, sheet.name, "", "", "", "sheet_ignored"))


def _joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    return (
        frames[0].reset_index(drop=True)
        if len(frames) == 1
        else pd.concat(frames, ignore_index=True)
    )


def _table_of_csv(stem: str) -> str | None:
    """Return the one table a CSV's name names, as in `progress`, `progress-2` or `某局_月度进展`."""
    whole = table_of(stem)
    named = {table_of(part) for part in re.split(r"[-_.()（）\s]+", stem)} - {None}
    return whole or (named.pop() if len(named) == 1 else None)


def _refuse_twice(table: str, grids: list[Grid]) -> None:
    """Note every row whose key an earlier row of the same file has; the first one stands.

    A key that is an earlier one in other letters (case, width, dashes) is not believed to be another.
    """
    key = key_of(table)
    title = "、".join(grids[0].title(name) for name in key)
    spelt = cache(folded)
    first: dict[tuple[str, ...], tuple[tuple[str, ...], str]] = {}
    for grid in grids:
        column = next(grid.columns[name] for name in key if name in grid.columns)
        words = [_words(pd.DataFrame(grid.frame)[name]) for name in key]
        alike = zip(*(map(spelt, one) for one in words), strict=True)
        rows = zip(zip(*words, strict=True), alike, grid.keyless.tolist(), strict=True)
        for row, (values, same, lacks) in enumerate(rows):
            if lacks:
                continue
            if same not in first:
                where = cell_name(int(grid.lines[row]), column.at)
                at = where if len(grids) == 1 else f"{grid.sheet.name}!{where}"
                first[same] = values, at
                continue
            earlier, at = first[same]
            found, meant = (" ".join(filter(None, one)) for one in (values, earlier))
            why = (
                Unreadable("key_twice", first=at)
                if values == earlier
                else Unreadable("key_spelling", first=at, meant=meant)
            )
            grid.refuse(row, replace(column, title=title), found, why)


def _words(column: pd.Series[Any]) -> list[str]:
    """Return the cells of a key column as text; nothing is ''."""
    return [
        one if isinstance(one, str) else "" if pd.isna(one) else f"{one:%Y-%m-%d}"
        for one in column.tolist()
    ]
