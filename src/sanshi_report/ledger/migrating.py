"""Turning the old lists, `receipts.csv` without numbers and `withdrawals.csv`, into one chain."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sanshi_report.ledger.chain import (
    NAME,
    OLD_COLUMNS,
    OLD_WITHDRAWALS,
    Chain,
    Problem,
    Problems,
    parsed,
    whole,
    write,
)
from sanshi_report.ledger.receiving import unlisted
from sanshi_report.workspace import Workspace

__all__ = ["migrate"]

_OLD_WITHDRAWN = ("withdrawn_at", "period", "file", "sha256", "withdrawn_by", "reason")

Row = dict[str, Any]


def migrate(workspace: Workspace) -> tuple[int, bool, list[str]]:
    """Give the lines of the old lists numbers in the order of their times, as reports counted them.

    A chain that is there already is left as it is.

    Returns
    -------
    count : int
        Lines that the chain has.
    is_new : bool
        Whether this made it.
    moved : list of str
        Received files that stood below a later one in the old list.

    Raises
    ------
    Problems
        If a line of an old list is malformed, or a withdrawal fits no receipt; nothing is changed.
    """
    with unlisted(workspace):
        old = workspace.raw / OLD_WITHDRAWALS
        problems: list[Problem] = []
        received = _old(workspace.raw / NAME, OLD_COLUMNS, problems)
        withdrawn = _old(old, _OLD_WITHDRAWN, problems)
        is_new = received is not None
        if (
            received is None
        ):  # a chain already, or nothing; the old list of withdrawals may have stayed
            received = list(Chain.read(workspace.raw, beside_old=True).rows)
        events = _linked(received, withdrawn or [], problems, is_new)
        if problems:
            raise Problems("receipts_invalid", problems)
        if is_new:
            write(workspace.raw / NAME, whole(events))
        old.unlink(missing_ok=True)
        times = [row["received_at"] for row in received]
        late = [at < max(times[:n], default=at) for n, at in enumerate(times)]
        moved = [f"{row['period']}/{row['file']}" for row, is_late in zip(received, late, strict=True)
                 if is_late and is_new]  # fmt: skip
        return len(Chain.read(workspace.raw).rows), is_new, moved


def _old(path: Path, columns: Sequence[str], problems: list[Problem]) -> list[Row] | None:
    """Return the lines of an old list, None if it is not there or is none."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file, strict=True))
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(("receipts_unreadable", {"file": path.name, "reason": error}))
        return None
    if not lines or tuple(lines[0]) != tuple(columns):
        if path.name != NAME:
            wanted = ",".join(columns)
            problems.append(("receipts_header", {"file": path.name, "columns": wanted}))
        return None
    rows = []
    for at, cells in enumerate(lines[1:], 2):
        if not any(cells):
            continue
        row = parsed(OLD_COLUMNS, cells)
        if row is None:
            found = {"file": path.name, "line": at, "found": ",".join(cells)}
            problems.append(("receipts_line", found))
        else:
            rows.append({**row, "_line": at})
    return rows


def _same(row: Row) -> tuple[str, str, str]:
    return row["period"], row["file"], row["sha256"]


def _linked(
    received: Sequence[Row], withdrawn: Sequence[Row], problems: list[Problem], is_new: bool
) -> list[Row]:
    """Return all lines in order, each withdrawal with the number of the receipt that it ends."""
    if not is_new:
        done = {(*_same(row), row["received_at"]) for row in received if row["withdraws"]}
        stray = [row for row in withdrawn if (*_same(row), row["received_at"]) not in done]
        problems.extend(map(_stray, stray))
        return []
    events = _in_order(received, withdrawn)
    counting: dict[tuple[str, str, str], int] = {}
    for number, event in enumerate(events, 1):
        if event.get("_ends"):
            event["withdraws"] = counting.pop(_same(event), 0)
            if not event["withdraws"]:
                problems.append(_stray(event))
        else:
            counting[_same(event)] = number
    return events


def _in_order(received: Sequence[Row], withdrawn: Sequence[Row]) -> list[Row]:
    """Return lines by time; at one instant, a file that comes a second time comes after its withdrawal."""
    events: list[tuple[datetime, int, Row]] = []
    seen: set[tuple[Any, ...]] = set()
    for row in received:
        what = (*_same(row), row["received_at"])
        events.append((row["received_at"], 2 if what in seen else 0, row))
        seen.add(what)
    events += [(row["received_at"], 1, {**row, "_ends": True}) for row in withdrawn]
    return [event for *_, event in sorted(events, key=lambda one: one[:2])]


def _stray(row: Row) -> Problem:
    what = f"{row['period']}/{row['file']}"
    return "migrate_stray", {"file": OLD_WITHDRAWALS, "line": row["_line"], "found": what}
