"""How words choose rows of a frame, and what they say of them: how many there are, or the sum of a column.

What was chosen is told step by step in the address (`status=overdue owner=住建局`), so that it can be chosen again
from the published frame.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

import pandas as pd

from sanshi_report.blocks import Address
from sanshi_report.columns import Column, column
from sanshi_report.words.values import Row, Rows, Value, in_address, is_missing, quoted

__all__ = ["FILTERS", "end", "resolved"]

_COUNT = Column("#", "count", "", "")
_STEP = re.compile(r"(?P<column>\w+)(?P<sign>!?=|<=|<|>)(?P<wanted>.*)")
_OF_ROWS = re.compile(r"(sum|distinct)\((\w+)\)")


def where(rows: Rows, name: str, *wanted: Any) -> Rows:
    """Return the rows that have one of some values in a column, by default those where it is true."""
    return _where(rows, f"{name}={_told(wanted or (True,))}")


def unless(rows: Rows, name: str, *unwanted: Any) -> Rows:
    """Return the rows that have none of some values in a column, by default those where it is not true."""
    return _where(rows, f"{name}!={_told(unwanted or (True,))}")


def above(rows: Rows, name: str, limit: int | Value) -> Rows:
    """Return the rows with more than that in a column."""
    return _where(rows, f"{name}>{_told((limit,))}")


def below(rows: Rows, name: str, limit: int | Value) -> Rows:
    """Return the rows with less than that in a column."""
    return _where(rows, f"{name}<{_told((limit,))}")


def until(rows: Rows, name: str, day: Value) -> Rows:
    """Return the rows with a day in a column that is not after another."""
    return _where(rows, f"{name}<={in_address(day.raw)}")


def known(rows: Rows, name: str) -> Rows:
    """Return the rows that have something in a column."""
    return _where(rows, f"{name}!=")


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
        rows = _where(rows, step)
    named = _OF_ROWS.fullmatch(at.column)
    is_sum = named is not None and named[1] == "sum"
    return _of_rows(rows, at.column, column(named[2]) if named and is_sum else _COUNT)


def _worked_out(frame: pd.DataFrame, what: str) -> Any:
    named = _OF_ROWS.fullmatch(what)
    if named is None:
        return len(frame)
    cells = frame[named[2]].dropna()
    return cells.nunique() if named[1] == "distinct" else sum(cells, 0)


def _where(rows: Rows, step: str) -> Rows:
    return rows._part(_chosen(rows._frame, step), step)


def _chosen(frame: pd.DataFrame, step: str) -> pd.DataFrame:
    found = _STEP.fullmatch(step)
    assert found
    cells, sign, told = frame[found["column"]], found["sign"], found["wanted"]
    if sign == "<=":
        kept = [not is_missing(cell) and in_address(cell) <= told for cell in cells]
    elif sign in "<>":
        limit = int(told)
        kept = [not is_missing(c) and (c > limit if sign == ">" else c < limit) for c in cells]
    else:
        wanted = {unquote(one) for one in told.split(",")}
        kept = [(in_address(cell) in wanted) is (sign == "=") for cell in cells]
    return frame[pd.Series(kept, index=frame.index, dtype=bool)]


def _told(wanted: Iterable[Any]) -> str:
    plain = (in_address(one.raw if isinstance(one, Value) else one) for one in wanted)
    return ",".join(map(quoted, plain))


FILTERS = {
    one.__name__: one
    for one in (where, unless, above, below, until, known, by, most, groups, count, total, distinct)
}
"""What chooses rows and says how many, as documents know it."""
