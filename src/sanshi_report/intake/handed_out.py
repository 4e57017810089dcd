"""What a template says for itself: reference columns, and rows that still are as they were handed out.

A template shows more than it asks for, and hands out rows the ledger already knows. Each such row carries a
mark of its cells: as long as they are the same the row tells nothing new, and what became known from somebody
else in the meantime is not set back to what the template was made from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import Any

from sanshi_report.exact import decimal_of
from sanshi_report.intake.cells import is_missing, plain

__all__ = ["AWAITS", "GUIDE", "MARK", "REFERENCE", "is_as_handed_out", "mark_of"]

REFERENCE = "〔参考〕"
"""What the headings of columns that are for looking at begin with; their cells are never read."""

MARK = f"{REFERENCE}预填标记"
"""The heading of the marks."""

GUIDE = "填写说明"
"""The sheet that says how to fill in the others."""

AWAITS = "待填"
"""What a mark begins with where the unit is expected to fill in the row."""


def mark_of(table: str, cells: Iterable[Any], awaits: bool = False) -> str:
    """Return the mark of a row of a table.

    Parameters
    ----------
    cells : iterable
        What stands in the table's columns, in the order of its schema; nothing is None or ''.
    awaits : bool
        Whether something is still to be filled in.
    """
    text = "\x1f".join([table, *map(_canonical, cells)])
    digest = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]
    return f"{AWAITS}-{digest}" if awaits else digest


def is_as_handed_out(mark: object, table: str, cells: Iterable[Any]) -> bool:
    """Return whether a row is still the one that its mark was made of."""
    return isinstance(mark, str) and mark == mark_of(table, cells, mark.startswith(AWAITS))


def _canonical(cell: Any) -> str:
    """Return a cell as text that saving with another program does not alter."""
    if cell is None or is_missing(cell):
        return ""
    if isinstance(cell, str):
        return "".join(plain(cell).split())
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return f"{decimal_of(cell).normalize():f}" if type(cell) in {int, float} else str(cell)
