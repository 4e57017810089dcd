"""What words are given: frames, rows and cells of metrics, and what the office decided; each knows where it stands.

A cell prints as the text that its column's kind asks for and takes its address along. It compares like what it
holds. It is never bare text: joining or adding it to a string, which would lose the address, raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn

import pandas as pd
from pydantic import BaseModel

from sanshi_report.blocks import Address
from sanshi_report.catalogue import Language
from sanshi_report.columns import Column, column, key_of

__all__ = ["PARAMETERS", "Decided", "Row", "Rows", "Value", "in_address", "is_missing", "quoted"]

PARAMETERS = "parameters"
"""Stands for a frame in the address of what the office decided."""

_PARTING = re.compile(r"[%,\s]", re.ASCII)


def is_missing(raw: Any) -> bool:
    """Return whether a cell holds nothing."""
    return raw is None or raw is pd.NaT or bool(pd.isna(raw))


class Value:
    """A cell: what it holds, where it stands, and what its column is.

    Attributes
    ----------
    raw : object
        What it holds; missing is None or NA.
    at : Address
    column : Column
        Its entry in the register.
    row : mapping
        The other cells of its row, which may say its unit.
    """

    __slots__ = ("at", "column", "raw", "row")
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self, raw: Any, at: Address, column: Column, row: Mapping[str, Any] | None = None
    ) -> None:
        self.raw, self.at, self.column, self.row = raw, at, column, row or {}

    @property
    def is_number(self) -> bool:
        """Whether it is a quantity, and not a day, a name or the year."""
        is_counted = isinstance(self.raw, int | Decimal | float) and not isinstance(self.raw, bool)
        return is_counted and self.column.kind != "year"

    def __bool__(self) -> bool:
        return not is_missing(self.raw) and bool(self.raw)

    def __eq__(self, other: object) -> bool:
        return self._compared(other, lambda one, two: one == two)

    def __lt__(self, other: Any) -> bool:
        return self._compared(other, lambda one, two: one < two)

    def __gt__(self, other: Any) -> bool:
        return self._compared(other, lambda one, two: one > two)

    def __le__(self, other: Any) -> bool:
        return self._compared(other, lambda one, two: one <= two)

    def __ge__(self, other: Any) -> bool:
        return self._compared(other, lambda one, two: one >= two)

    def __str__(self) -> str:
        raise TypeError(f"{self.at} would lose its address: print it with {{{{ }}}} alone")

    def __repr__(self) -> str:
        return f"<{self.raw!r} at {' '.join(self.at)}>"

    def _compared(self, other: Any, how: Callable[[Any, Any], bool]) -> bool:
        if is_missing(self.raw):
            raise TypeError(f"{self.at} holds nothing: ask `is missing` before comparing it")
        return bool(how(self.raw, other.raw if isinstance(other, Value) else other))


class Row:
    """A row of a frame; its cells are its attributes."""

    __slots__ = ("_cells", "_frame", "_key")

    def __init__(self, cells: Mapping[str, Any], frame: str, key: str) -> None:
        self._cells, self._frame, self._key = cells, frame, key

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_") or name not in self._cells:
            raise AttributeError(f"{self._frame} has no column {name!r}")
        return self._cell(name)

    def __getitem__(self, name: str) -> Value:
        # Documents look here last; what they would swallow would tell the author nothing.
        if name not in self._cells:
            raise ValueError(
                f"{self._frame} has no column {name!r}; it has: {', '.join(self._cells)}"
            )
        return self._cell(name)

    def _cell(self, name: str) -> Value:
        at = Address(self._frame, self._key, name)
        return Value(self._cells[name], at, column(name), self._cells)


class Rows:
    """A frame as words see it: its rows in order, each by its key too; of one row, its cells.

    Parameters
    ----------
    frame : DataFrame
        What a metric returned, or some of its rows in any order.

    Raises
    ------
    LookupError
        If the frame has no name, its key does not tell its rows apart, or the register lacks a column.
    """

    def __init__(self, frame: pd.DataFrame, steps: tuple[str, ...] | None = ()) -> None:
        self._name = str(frame.attrs.get("frame", ""))
        if not self._name:
            raise LookupError(f"a frame of {list(frame)} has no name: a metric gives it one")
        for name in frame:
            column(str(name))
        key = key_of(frame)
        self._frame, self._steps = frame, steps
        self._cells: list[dict[str, Any]] = frame.to_dict("records")  # type: ignore[assignment]
        self.keys = [_row_key(cells, key) for cells in self._cells]
        if len(set(self.keys)) < len(self.keys):
            raise LookupError(f"{self._name}: its key {key} does not tell its rows apart")

    def __iter__(self) -> Iterator[Row]:
        return (self._row(at) for at in range(len(self._cells)))

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return self._part(self._frame.iloc[at], None)
        if isinstance(at, str) and at not in self.keys:
            columns = ", ".join(map(str, self._frame))
            raise ValueError(
                f"{self._name} has neither a column nor a row {at!r}; columns: {columns}"
            )
        return self._row(self.keys.index(at) if isinstance(at, str) else range(len(self))[at])

    def __getattr__(self, name: str) -> Value:
        if name.startswith("_"):
            raise AttributeError(name)
        if len(self) != 1:
            raise AttributeError(
                f"{self._name} has {len(self)} rows: say of which {name!r} is meant"
            )
        return self._row(0)[name]

    def __str__(self) -> NoReturn:
        raise TypeError(f"{self._name} is a frame, not a text")

    def _row(self, at: int) -> Row:
        return Row(self._cells[at], self._name, self.keys[at])

    def _part(self, frame: pd.DataFrame, step: str | None) -> Rows:
        # What has no step that can be followed has no count either.
        if self._steps is None or step is None:
            return Rows(frame, None)
        return Rows(frame, (*self._steps, step))


def _row_key(cells: Mapping[str, Any], key: Iterable[str]) -> str:
    """Return how an address names a row: the cells of its key, parted by a space, what parts them quoted."""
    parts = [in_address(cells[name]) for name in key]
    return " ".join(map(quoted, parts)) if len(parts) > 1 else "".join(parts)


def in_address(raw: Any) -> str:
    """Return a cell as addresses have it; a missing one is empty."""
    if is_missing(raw):
        return ""
    return f"{raw:%Y-%m-%d}" if isinstance(raw, date) else str(raw)


def quoted(text: str) -> str:
    """Return a text as a part of an address, without the signs that part them; `unquote` gives it back."""
    return _PARTING.sub(lambda sign: f"%{ord(sign[0]):02X}", text)


class Decided:
    """What the office decided, as words see it: texts in the report's language, and values.

    Parameters
    ----------
    given : object
        A model of the parameters, a list or a mapping in it.
    path : str
        Where in the parameters it stands, `milestones[1]`, counted from 1.
    """

    def __init__(self, given: Any, language: Language, path: str = "") -> None:
        self._given, self._language, self._path = given, language, path

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._found(name)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, int):
            return self._wrapped(self._given[at], f"{self._path}[{at + 1}]")
        return self._found(at.raw if isinstance(at, Value) else at)

    def __iter__(self) -> Iterator[Any]:
        return (self[at] for at in range(len(self._given)))

    def __len__(self) -> int:
        return len(self._given)

    def __bool__(self) -> bool:
        return bool(self._given)

    def _found(self, name: str) -> Any:
        given = self._given
        found = given[name] if isinstance(given, Mapping) else getattr(given, name)
        return self._wrapped(found, f"{self._path}.{name}".lstrip("."))

    def _wrapped(self, found: Any, path: str) -> Any:
        if isinstance(found, Mapping | BaseModel) and {"zh", "en"} == set(_names(found)):
            found = found[self._language]  # type: ignore[index]
        if isinstance(found, bool) or found is None:
            return found
        if isinstance(found, str | int | Decimal | date):
            kind = (
                "text" if isinstance(found, str) else "day" if isinstance(found, date) else "number"
            )
            return Value(found, Address(PARAMETERS, path, ""), Column(path, kind, "", ""))
        return Decided(found, self._language, path)

    def at(self, path: str) -> Any:
        """Return what stands at a path of an address."""
        found: Any = self
        for name, number in re.findall(r"([^.\[\]]+)|\[(\d+)\]", path):
            found = found[name or int(number) - 1]
        return found


def _names(found: Any) -> Iterable[str]:
    return found if isinstance(found, Mapping) else type(found).model_fields
