"""How two ledgers differ, cell by cell: what is known now against what was known then."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report.ledger.model import PROJECT_DATES, Ledger
from sanshi_report.ledger.revisions import written
from sanshi_report.schemas import PROVENANCE, TABLES, key_of

__all__ = ["COLUMNS", "compared", "differences"]

COLUMNS = ("table", "key", "column", "old", "new", "origin")


def compared(old: Ledger, new: Ledger) -> pd.DataFrame:
    """Return every cell in which two ledgers differ, both as judged at their period's end.

    Returns
    -------
    pandas.DataFrame
        Text: `table`; `key` of the row, its parts separated by spaces; `column`, missing where a whole
        row came or went; `old` and `new`: exact text, money in 亿元, of a whole row its cells; `origin`
        of the new row, missing where it went.
    """
    rows = [
        row
        for table in TABLES
        for row in differences(table, getattr(old, table), getattr(new, table))
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")


def differences(table: str, old: pd.DataFrame, new: pd.DataFrame) -> list[list[Any]]:
    """Return every cell in which two frames of one table differ, as rows of `COLUMNS`."""
    before, after = _texts(table, old), _texts(table, new)
    cells = before.columns.drop("origin")
    both = after.index.intersection(before.index, sort=False)
    was, now = before.loc[both, cells], after.loc[both, cells]
    differs = was.ne(now).fillna(True).astype(bool) & ~(was.isna() & now.isna())
    found: list[list[Any]] = [
        [table, key, column, was.loc[key, column], now.loc[key, column], after.loc[key, "origin"]]
        for key in both[differs.any(axis=1)]
        for column in cells[differs.loc[key]]
    ]
    gone = before.index.difference(both, sort=False)
    come = after.index.difference(both, sort=False)
    found += [[table, key, None, _whole(before.loc[key]), None, None] for key in gone]
    found += [
        [table, key, None, None, _whole(after.loc[key]), after.loc[key, "origin"]] for key in come
    ]
    return found


def _texts(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table as exact text, by its rows' keys, with their origins."""
    columns = TABLES[table].columns
    texts = {
        str(name): written(frame[name], _kind(columns, str(name)))
        for name in frame.columns
        if name not in PROVENANCE
    }
    keys = pd.DataFrame({name: texts.pop(name) for name in key_of(table)}).fillna("")
    index = [" ".join(filter(None, parts)) for parts in keys.to_numpy()]
    values = {**texts, "origin": frame["origin"].tolist()}
    return pd.DataFrame(values, index=pd.Index(index, dtype="str"), dtype="str")


def _kind(columns: Any, name: str) -> str:
    if name in PROJECT_DATES:
        return "date"
    return str((columns[name].metadata or {})["kind"])


def _whole(row: pd.Series[Any]) -> str:
    return " | ".join(row.drop("origin").dropna())
