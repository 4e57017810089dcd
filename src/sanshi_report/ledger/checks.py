"""What only shows when all files lie side by side; each fault names the cell it stands in.

Projects nobody registered, one thing under two spellings, two days for one event, two units for one input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pandas as pd

from sanshi_report.exact import FEN_PER
from sanshi_report.intake import Fault
from sanshi_report.intake.cells import folded
from sanshi_report.intake.faults import cell_name
from sanshi_report.intake.headers import facts_of
from sanshi_report.intake.reading import columns_of
from sanshi_report.ledger.corrections import FILE, MARK
from sanshi_report.ledger.model import PROJECT_DATES
from sanshi_report.schemas import TABLES, key_of
from sanshi_report.workspace import Workspace

__all__ = ["Places", "place_of", "spellings", "strangers", "two_days", "two_units"]


class Places:
    """Finds the cell of a column in the row that an origin names."""

    def __init__(self, workspace: Workspace) -> None:
        self._raw = workspace.raw
        self._columns = cache(columns_of)

    def cell(self, origin: str, table: str, column: str) -> str:
        """Return a cell's name, such as `D7`."""
        file, sheet, line = _parts(origin)
        at = self._columns(self._raw / file, sheet, table).get(column, 0)
        return cell_name(line - 1, at)

    def fault(
        self, origin: str, table: str, column: str, found: object, rule: str, **values: Any
    ) -> Fault:
        """Return a fault of a cell, or of the correction that set it."""
        title = str(TABLES[table].columns[column].title)
        if MARK in origin:
            number = f"#{origin.rpartition(MARK)[2]}"
            return Fault(FILE, str(TABLES[table].title), number, title, str(found), rule, values)
        file, sheet, _ = _parts(origin)
        cell = self.cell(origin, table, column)
        return Fault(file, sheet, cell, title, str(found), rule, values)


def _parts(origin: str) -> tuple[str, str, int]:
    """Return the file, the sheet and the line of a row."""
    file, _, place = origin.partition(MARK)[0].partition("#")
    sheet, _, line = place.rpartition("!")
    return file, sheet, int(line)


def strangers(places: Places, known: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Yield a fault for every row about a project that is not in the register, with the one it may mean."""
    registered = set(known["projects"]["project_id"])
    meant = {folded(project): project for project in sorted(registered, reverse=True)}
    for table, frame in known.items():
        for column in ("project_id", "into"):
            if column not in frame:
                continue
            strange = set(frame[column].dropna().unique()) - registered
            rows = frame[frame[column].isin(strange)] if strange else frame[:0]
            for origin, found in zip(rows["origin"], rows[column], strict=True):
                project = meant.get(folded(found))
                if project is None:
                    yield places.fault(origin, table, column, found, "project_unknown")
                else:
                    yield places.fault(
                        origin, table, column, found, "project_spelling", meant=project
                    )


def spellings(places: Places, history: Mapping[str, pd.DataFrame]) -> Iterator[Fault]:
    """Yield a fault for every row whose key an earlier one has in other letters.

    How a project is written in tables about it is for `strangers`.
    """
    for table, frame in history.items():
        key = key_of(table)
        words = [
            name
            for name in key
            if facts_of(table, name)["kind"] == "text"
            and (name != "project_id" or table == "projects")
        ]
        if not words or frame.empty:
            continue
        rows = frame[~frame["origin"].str.contains(MARK, regex=False)]
        alike = rows[key].copy()
        for name in words:
            alike[name] = rows[name].map(
                {text: folded(text) for text in rows[name].dropna().unique()}
            )
        groups = rows.groupby([alike[name] for name in key], sort=False, dropna=False)
        first = groups[[*words, "origin"]].transform("first")
        for name in words:
            other = rows[name].notna() & (rows[name] != first[name])
            for row, before in zip(
                rows[other].to_dict("records"), first[other].to_dict("records"), strict=True
            ):
                yield places.fault(
                    row["origin"], table, name, row[name], "key_spelling", meant=before[name],
                    first=place_of(places, before["origin"], table, name),
                )  # fmt: skip


def two_days(places: Places, progress: pd.DataFrame) -> Iterator[Fault]:
    """Yield a fault for every day of a project's that is not the one its file has given before.

    Of two files the later one holds; within one nobody can tell which day is meant.
    """
    sent = progress[~progress["origin"].str.contains(MARK, regex=False)]
    for event in PROJECT_DATES:
        rows = sent[sent[event].notna()]
        file = rows["origin"].str.split("#").str[0]
        first = rows.groupby([file, rows["project_id"]])[[event, "origin"]].transform("first")
        other = rows[event] != first[event]
        for row, before in zip(
            rows[other].to_dict("records"), first[other].to_dict("records"), strict=True
        ):
            yield places.fault(
                row["origin"], "progress", event, f"{row[event]:%Y-%m-%d}", "two_days",
                project=row["project_id"], day=f"{before[event]:%Y-%m-%d}",
                first=place_of(places, before["origin"], "progress", event),
            )  # fmt: skip


def two_units(places: Places, inputs: pd.DataFrame, year: int) -> Iterator[Fault]:
    """Yield a fault for every input of the year in another unit than it was first reported in.

    Amounts of money are one unit: they can be told in each other. Others cannot be added up.
    """
    rows = inputs[inputs["month"].str.startswith(f"{year}-")]
    unit = rows["unit"].mask(rows["unit"].isin(list(FEN_PER)), "亿元")
    first = rows.assign(unit=unit).groupby("input")[["unit", "origin"]].transform("first")
    other = unit != first["unit"]
    for row, before in zip(
        rows[other].to_dict("records"), first[other].to_dict("records"), strict=True
    ):
        yield places.fault(
            row["origin"], "inputs", "unit", row["unit"], "two_units", input=row["input"],
            unit=before["unit"], first=place_of(places, before["origin"], "inputs", "unit"),
        )  # fmt: skip


def place_of(places: Places, origin: str, table: str, column: str) -> str:
    """Return a cell with its file and sheet."""
    file, sheet, _ = _parts(origin)
    return f"{file} {sheet}!{places.cell(origin, table, column)}"
