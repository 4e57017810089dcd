"""What words are given: frames, rows and cells of metrics, and what the office decided; each knows where it stands.

A cell prints as the text that its column's kind asks for and takes its address along. It compares like what it
holds. It is never bare text: joining or adding it to a string, which would lose the address, raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, NoReturn
from urllib.parse import unquote

import pandas as pd
from pydantic import BaseModel

from sanshi_report import style
from sanshi_report.blocks import Address, Run
from sanshi_report.catalogue import Language, say
from sanshi_report.columns import Column, column, key_of
from sanshi_report.exact import decimal_of
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import CHINA, Parameters

__all__ = [
    "FILTERS",
    "PARAMETERS",
    "Decided",
    "Row",
    "Rows",
    "Value",
    "Voice",
    "is_missing",
    "resolved",
    "row_key",
    "shown_again",
]

PARAMETERS = "parameters"
"""Stands for a frame in the address of what the office decided."""

_COUNT = Column("#", "count", "", "")
_STEP = re.compile(r"(?P<column>\w+)(?P<sign>!?=|<=|<|>)(?P<wanted>.*)")
_PARTING = re.compile(r"[%,\s]", re.ASCII)
_OF_ROWS = re.compile(r"(sum|distinct)\((\w+)\)")


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
        return self.__getattr__(name)

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
        self.keys = [row_key(cells, key) for cells in self._cells]
        if len(set(self.keys)) < len(self.keys):
            raise LookupError(f"{self._name}: its key {key} does not tell its rows apart")

    def __iter__(self) -> Iterator[Row]:
        return (self._row(at) for at in range(len(self._cells)))

    def __len__(self) -> int:
        return len(self._cells)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return self._part(self._frame.iloc[at], None)
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

    def _where(self, step: str) -> Rows:
        return self._part(_chosen(self._frame, step), step)


def where(rows: Rows, name: str, *wanted: Any) -> Rows:
    """Return the rows that have one of some values in a column, by default those where it is true."""
    return rows._where(f"{name}={_told(wanted or (True,))}")


def unless(rows: Rows, name: str, *unwanted: Any) -> Rows:
    """Return the rows that have none of some values in a column, by default those where it is not true."""
    return rows._where(f"{name}!={_told(unwanted or (True,))}")


def above(rows: Rows, name: str, limit: int | Value) -> Rows:
    """Return the rows with more than that in a column."""
    return rows._where(f"{name}>{_told((limit,))}")


def below(rows: Rows, name: str, limit: int | Value) -> Rows:
    """Return the rows with less than that in a column."""
    return rows._where(f"{name}<{_told((limit,))}")


def until(rows: Rows, name: str, day: Value) -> Rows:
    """Return the rows with a day in a column that is not after another."""
    return rows._where(f"{name}<={_plain(day.raw)}")


def known(rows: Rows, name: str) -> Rows:
    """Return the rows that have something in a column."""
    return rows._where(f"{name}!=")


def by(rows: Rows, *names: str) -> Rows:
    """Return the rows in the order of some columns; `-name` has the largest first; equals keep their order."""
    frame = rows._frame
    for name in reversed(names):
        order = list(frame[name.lstrip("-")])
        at = sorted(range(len(order)), key=lambda n: order[n], reverse=name.startswith("-"))
        frame = frame.iloc[at]
    return Rows(frame, rows._steps)


def most(rows: Rows, name: str, number: int) -> Rows:
    """Return the rows with most in a column, the largest first: that many, and those equal to the last of them."""
    ranked = by(above(rows, name, 0), f"-{name}")
    amounts = ranked._frame[name]
    return ranked._part(ranked._frame[amounts >= amounts.iloc[:number].min()], None)


def end(rows: Rows, at: int) -> Row | Rows:
    """Return the first row (0) or the last (-1); of none, the rows, which count as false."""
    return rows._row(range(len(rows))[at]) if len(rows) else rows


def groups(
    rows: Rows, name: str, most_first: bool | str = False, order: Iterable[Any] = ()
) -> list[Rows]:
    """Return the rows of each value in a column.

    Parameters
    ----------
    most_first : bool or str
        The group with most rows first, or with most in that column; else as they first come in.
    order : iterable
        Values, or entries of a list of the parameters, in whose order the groups come.
    """
    found = [where(rows, name, value) for value in rows._frame[name].dropna().unique()]
    if most_first:
        column = most_first if isinstance(most_first, str) else ""
        return sorted(found, key=lambda g: -(total(g, column).raw if column else len(g)))
    names = [getattr(one, "value", one) for one in order]
    wanted = [name.raw if isinstance(name, Value) else name for name in names]
    return sorted(found, key=lambda g: wanted.index(g._cells[0][name])) if wanted else found


def count(rows: Rows) -> Value:
    """Return how many rows there are, with what they are rows of."""
    return _of_rows(rows, "#", _COUNT)


def total(rows: Rows, name: str) -> Value:
    """Return the sum of a column; what is missing adds nothing."""
    return _of_rows(rows, f"sum({name})", column(name))


def distinct(rows: Rows, name: str) -> Value:
    """Return how many different values there are in a column."""
    return _of_rows(rows, f"distinct({name})", _COUNT)


def _of_rows(rows: Rows, what: str, entry: Column) -> Value:
    if rows._steps is None:
        raise TypeError(f"rows of {rows._name} cut off somewhere are no number to state")
    at = Address(rows._name, " ".join(rows._steps), what)
    return Value(_worked_out(rows._frame, what), at, entry, rows._cells[0] if rows._cells else None)


def resolved(rows: Rows, at: Address) -> Value:
    """Return the value at an address of a frame.

    Raises
    ------
    LookupError
        If nothing stands there.
    """
    if not (at.column == "#" or _OF_ROWS.fullmatch(at.column)):
        row: Row = rows[at.row]
        return row[at.column]
    for step in at.row.split(" ") if at.row else ():
        rows = rows._where(step)
    named = _OF_ROWS.fullmatch(at.column)
    is_sum = named is not None and named[1] == "sum"
    return _of_rows(rows, at.column, column(named[2]) if named and is_sum else _COUNT)


def _worked_out(frame: pd.DataFrame, what: str) -> Any:
    named = _OF_ROWS.fullmatch(what)
    if named is None:
        return len(frame)
    cells = frame[named[2]].dropna()
    return cells.nunique() if named[1] == "distinct" else sum(cells, 0)


def row_key(cells: Mapping[str, Any], key: Iterable[str]) -> str:
    """Return how an address names a row: the cells of its key, parted by a space; a missing one is left out."""
    return " ".join(filter(None, (_plain(cells[name]) for name in key)))


def _chosen(frame: pd.DataFrame, step: str) -> pd.DataFrame:
    found = _STEP.fullmatch(step)
    assert found
    cells, sign, told = frame[found["column"]], found["sign"], found["wanted"]
    if sign == "<=":
        kept = [not is_missing(cell) and _plain(cell) <= told for cell in cells]
    elif sign in "<>":
        limit = int(told)
        kept = [not is_missing(c) and (c > limit if sign == ">" else c < limit) for c in cells]
    else:
        wanted = {unquote(one) for one in told.split(",")}
        kept = [(_plain(cell) in wanted) is (sign == "=") for cell in cells]
    return frame[pd.Series(kept, index=frame.index, dtype=bool)]


def _told(wanted: Iterable[Any]) -> str:
    plain = (_plain(one.raw if isinstance(one, Value) else one) for one in wanted)
    return ",".join(_PARTING.sub(lambda sign: f"%{ord(sign[0]):02X}", one) for one in plain)


def _plain(raw: Any) -> str:
    if is_missing(raw):
        return ""
    return f"{raw:%Y-%m-%d}" if isinstance(raw, date) else str(raw)


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


@dataclass(frozen=True)
class Voice:
    """How values are put into words: in a language, with the lists' names, the report's year left unsaid."""

    parameters: Parameters
    language: Language

    def run(self, value: Value, form: str = "") -> Run:
        """Return a value as text that knows where it is from."""
        light = value.raw if value.column.kind == "light" and not is_missing(value.raw) else ""
        return Run(self.text(value, form), value.at, form, light)

    def text(self, value: Value, form: str = "") -> str:
        """Return a value as a reader sees it.

        Parameters
        ----------
        form : str
            `size` leaves out the sign, `signed` writes the plus too; `month` says the month of a day, `year` its
            year too, `dated` that of a month in another year; `day` leaves out the time of a moment; `short` and
            `bare` say a month short, or without its unit; `hundredths`, `one` and `whole` round a number to two
            decimals, one or none; `plain` leaves it the decimals it has; `none` says that a number is none;
            `term` says a text as the parameters' lists have it in the language.
        """
        language, entry = self.language, value.column
        raw: Any = decimal_of(value.raw) if isinstance(value.raw, float) else value.raw
        if is_missing(raw):
            return style.MISSING
        if form == "none" and not raw:
            return "no"
        # A sentence says with its own words which way a number goes, unless it asks for the sign.
        entry = replace(entry, signed=form == "signed")
        raw = abs(raw) if form == "size" else raw
        match entry.kind:
            case _ if form == "term":
                return self._term(str(raw))
            case "fen" if form == "bare":
                return style.yi(raw, language)
            case "yi":
                # An average; finer than money is said elsewhere.
                average = style.number(
                    raw / (1 if language == "zh" else 10), 3, signed=form == "signed"
                )
                return say("labels.money", language, amount=average)
            case "day" if form:
                return self._day(raw, form)
            case "month" if form == "dated" and raw[:4] != str(self.parameters.period.year):
                return style.period_words(ReportPeriod.parse(raw), language)
            case "month" if form:
                name = style.month(raw, language, short=form == "short")
                return name.removesuffix("月") if form == "bare" else name
            case "moment" if not form:
                local = raw.astimezone(CHINA)
                between = "" if language == "zh" else ", "
                return f"{style.day(local, language)}{between}{local:%H:%M}"
            case "moment":
                return style.day(raw.astimezone(CHINA), language)
            case "period":
                return style.period_words(ReportPeriod.parse(raw), language)
        return style.shown(
            raw,
            entry,
            language,
            form="prose",
            year=self.parameters.period.year,
            term=lambda code: self._code(code, entry),
            unit=value.row.get("unit", "") if entry.kind == "by_unit" else "",
            places=self._places(value, form),
        )

    def _day(self, raw: date, form: str) -> str:
        if form == "month":
            return style.month(f"{raw:%Y-%m}", self.language, short=True)
        return style.day(raw, self.language)

    def _code(self, code: str, entry: Column) -> str:
        known = entry.values  # noqa: PD011  no frame
        return known[code][self.language] if code in known else self._term(code)

    def _term(self, text: str) -> str:
        return " ".join(self.parameters.term(text, self.language).split())

    def _places(self, value: Value, form: str) -> int | None:
        if form == "plain":
            return max(0, -int(decimal_of(value.raw).normalize().as_tuple().exponent))
        given = {"hundredths": 2, "one": 1, "whole": 0}.get(form)
        kpi = self.parameters.kpis.get(value.row.get("kpi", ""))
        is_indicator = given is None and kpi and value.column.kind == "by_unit"
        return kpi.decimals if is_indicator and kpi else given


def shown_again(run: Run, value: Value, voice: Voice) -> bool:
    """Return whether a value is still said as a run has it."""
    return run == replace(voice.run(value, run.form), strong=run.strong)


FILTERS = {
    one.__name__: one
    for one in (where, unless, above, below, until, known, by, most, groups, count, total, distinct)
}
"""What chooses rows and says how many, as documents know it."""
