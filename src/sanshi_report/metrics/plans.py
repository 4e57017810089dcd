"""Plans that moved: the original, the approved and the current one kept apart, and what the moving hid.

A plan here is a day something was promised for, a month's planned investment, or a figure of the register.
The original is the first that was submitted; the approved one is what the latest record of the change says;
the current one is in the ledger. What the office corrected was never a plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import fen_of
from sanshi_report.intake.cells import Reader, Unreadable, plain
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.corrections import MARK
from sanshi_report.ledger.revisions import OF_THE_YEAR, by_time
from sanshi_report.metrics.scopes import happened, period_end, with_projects
from sanshi_report.schemas import TABLES, key_of

__all__ = ["items", "moves", "register"]

DONE: Mapping[str, Mapping[str, str]] = {
    "projects": {
        "planned_start": "started_on",
        "planned_completion": "completed_on",
        "planned_commissioning": "commissioned_on",
        "annual_plan": "",
        "total_investment": "",
    },
    "plan": {"planned_investment": ""},
    "nodes": {"due_on": "done_on"},
    "permits": {"due_on": "granted_on"},
    "problems": {"due_on": "closed_on"},
    "actions": {"due_on": "closed_on"},
}
"""The planned columns of each table, each with the column that says when it was done."""

NAMES = {"nodes": "node", "permits": "permit", "problems": "description", "actions": "content"}
_MOVES: dict[str, Any] = {
    "project_id": "str",
    "table": "str",
    "key": "str",
    "item": "str",
    "month": "str",
    "figure": "str",
    "plan_before": object,
    "plan_after": object,
    "moved_on": "datetime64[us]",
    "is_approved": "bool",
    "approved": object,
    "approved_on": "datetime64[us]",
    "approved_by": "str",
    "reason": "str",
    "outcome": object,
    "known_at": "datetime64[us, Asia/Shanghai]",
    "origin": "str",
}


@keyed_by("table", "key", "figure", "known_at")
def moves(ledger: Ledger) -> pd.DataFrame:
    """Return every step in which a plan moved.

    Returns
    -------
    pandas.DataFrame
        In order of becoming known: `project_id`, its `name` and `responsible_unit`; `table`, `key` and
        `figure` of the cell; `item`: the node, permit, problem or action in the ledger's words, missing
        for the register and monthly plans; `month` of a monthly plan; `plan_before` and `plan_after`:
        `Timestamp` or fen; `moved_on`: the day the change was approved, or became known if no record of it has the new
        value (`is_approved` is then False); `approved`: what the latest record about the item says,
        None if there is none that can be read, with its `approved_on`, `approved_by` and `reason`;
        `outcome`: when it was done, or what was invested in the month of a plan, None if nothing was;
        `known_at` and `origin` of the new value.

    Examples
    --------
    >>> moves = report.metrics.plans.moves()
    >>> moves[["key", "plan_before", "plan_after", "is_approved"]].head(3)
               key          plan_before           plan_after  is_approved
    0  H03 2024-03          11400000000          13400000000         True
    1  H03 2024-05          13800000000          11800000000         True
    2      H05-N05  2024-05-23 00:00:00  2024-06-20 00:00:00         True
    """
    parts = [
        row
        for table, columns in DONE.items()
        for figure, done in columns.items()
        for row in _steps(ledger, table, figure, done)
    ]
    # Column by column: as rows, a fen beside a None would become a float.
    frame = pd.DataFrame(
        {name: pd.Series([row[name] for row in parts], dtype=_MOVES[name]) for name in _MOVES}
    )
    frame = by_time(frame, ["table", "key", "figure"])
    return with_projects(frame, ledger, ["name", "responsible_unit"])


@keyed_by("table", "key", "figure")
def register(ledger: Ledger) -> pd.DataFrame:
    """Return every item whose plan has moved, with its three plans.

    Returns
    -------
    pandas.DataFrame
        One row per cell that no longer is what was first submitted, or came back to it, in the register's
        order, then by day: the columns of
        `moves` with `original` and `current` for `plan_before` and `plan_after`, `times` it moved, and `verdict`:
        `in_time` by both plans; `by_moving`: only by the current one; `spared`: not done, and overdue but
        for the move; `late`: done after both days; `missed`: not done, overdue by both, or less invested
        than both; `tightened`: kept, or not overdue, by the original plan alone; `to_come`; missing for
        figures of the register.

    Examples
    --------
    >>> report.metrics.plans.register()[["key", "approved", "outcome", "verdict"]].head(3)
               key             approved              outcome    verdict
    0  H03 2024-03          13400000000          12502000000  tightened
    1  H03 2024-05          11800000000          17311000000    in_time
    2      H05-N05  2024-06-20 00:00:00  2024-06-14 00:00:00  by_moving
    """
    return items(moves(ledger), ledger)


@keyed_by("table", "key", "figure")
def items(steps: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return `register`, from the `moves` of the same ledger.

    Examples
    --------
    >>> steps = report.metrics.plans.moves()
    >>> items = report.metrics.plans.items(steps, report.ledger)
    >>> items[["key", "original", "current", "verdict"]].head(3)
               key             original              current    verdict
    0  H03 2024-03          11400000000          13400000000  tightened
    1  H03 2024-05          13800000000          11800000000    in_time
    2      H05-N05  2024-05-23 00:00:00  2024-06-20 00:00:00  by_moving
    """
    cell = ["table", "key", "figure"]
    last = steps.drop_duplicates(cell, keep="last").set_index(cell)
    first = steps.drop_duplicates(cell).set_index(cell)
    times = steps.groupby(cell).size()
    rows = last.assign(
        original=first["plan_before"], current=last["plan_after"], times=times.astype("Int64")
    )
    rows = rows.reset_index()
    verdicts = [_verdict(row, ledger) for row in rows.to_dict("records")]
    rows["verdict"] = pd.Series(verdicts, index=rows.index, dtype="str")
    columns = [
        "project_id", "name", "responsible_unit", "table", "key", "item", "month", "figure",
        "original", "approved", "current", "times", "is_approved", "moved_on", "approved_on",
        "approved_by", "reason", "outcome", "verdict", "origin",
    ]  # fmt: skip
    place = {project: n for n, project in enumerate(ledger.projects["project_id"])}
    rows = rows.assign(_place=rows["project_id"].map(place))
    rows = rows.sort_values(["_place", "moved_on", "key"], kind="stable", ignore_index=True)
    return rows[columns]


def _steps(ledger: Ledger, table: str, figure: str, done: str) -> Iterator[dict[str, Any]]:
    """Yield the steps of one column, its cells' versions compared in pairs."""
    key = key_of(table)
    versions = ledger.history[table]
    versions = versions[versions[figure].notna()]
    if table == "projects" and figure in OF_THE_YEAR:
        # A new year's plan is another plan, not the old one moved.
        versions = versions[versions["origin"].str.startswith(f"{ledger.period.year}-")]
    versions = versions[versions.duplicated(key, keep=False)]
    if versions.empty:
        return
    versions = _uncorrected(versions)
    group = versions.groupby(key, sort=False, dropna=False).ngroup()
    before = versions.groupby(group)[figure].shift()
    steps = versions.assign(before=before)[before.notna() & before.ne(versions[figure])]
    current = getattr(ledger, table).set_index(key)
    changes = ledger.changes[happened(ledger.changes["approved_on"], ledger)]
    for row in steps.to_dict("records"):
        own = tuple(row[name] for name in key)
        at = own if len(own) > 1 else own[0]
        if at not in current.index:
            continue
        records = changes[_concerns(changes, table, figure, row)].to_dict("records")
        said = [_said(record["new"], figure, row.get("month")) for record in records]
        approved = [record for record, new in zip(records, said, strict=True) if new == row[figure]]
        record = (approved or records or [{}])[-1]
        yield {
            "project_id": row["project_id"],
            "table": table,
            "key": " ".join(map(str, own)),
            "item": row.get(NAMES.get(table, "")),
            "month": row.get("month"),
            "figure": figure,
            "plan_before": row["before"],
            "plan_after": row[figure],
            "moved_on": approved[-1]["approved_on"] if approved else _day(row["known_at"]),
            "is_approved": bool(approved),
            "approved": said[-1] if said else None,
            **{name: record.get(name) for name in ("approved_on", "approved_by", "reason")},
            "outcome": _done(ledger, table, row, current.loc[at].get(done) if done else None),
            "known_at": row["known_at"],
            "origin": row["origin"],
        }


def _uncorrected(history: pd.DataFrame) -> pd.DataFrame:
    """Return a history in which what the office corrected stands for what was sent."""
    mended = history.loc[history["origin"].str.contains(MARK, regex=False), "origin"]
    return history[~history["origin"].isin(mended.str.split(MARK, regex=False).str[0])]


def _concerns(
    changes: pd.DataFrame, table: str, figure: str, row: Mapping[Any, Any]
) -> pd.Series[bool]:
    """Return which records of changes are about a cell, by the project and the words of `field`."""
    schema = TABLES[table]
    if table == "projects":
        names = [str(schema.columns[figure].title)]
    elif table == "plan":
        names = [str(schema.title)]
    else:
        names = [row[n] for n in (key_of(table)[-1], NAMES[table]) if isinstance(row[n], str)]
    pattern = "|".join(re.escape(plain(name)) for name in names)
    about = changes["field"].map(plain).astype("str").str.contains(pattern)
    return about & changes["project_id"].eq(row["project_id"])


def _said(text: str, figure: str, month: Any) -> pd.Timestamp | int | None:
    """Return what a record says the new plan is; None if it cannot be read.

    Several months of a plan stand in one record, such as `3月1.34亿元，5月1.18亿元`.
    """
    text = plain(text)
    if figure in {"planned_investment", "annual_plan", "total_investment"}:
        named = rf"(?<!\d){int(month[5:])}月[^\d]{{0,4}}" if isinstance(month, str) else "^"
        found = re.search(rf"{named}(\d+(?:\.\d+)?)(亿元|万元)?", text)
        try:
            return fen_of(found[1], found[2] or "亿元") if found else None
        except ValueError:
            return None
    try:
        return pd.Timestamp(Reader("date", {}, False, typed=False)(text))
    except Unreadable:
        return None


def _done(
    ledger: Ledger, table: str, row: Mapping[Any, Any], day: Any
) -> pd.Timestamp | int | None:
    if table == "plan":
        progress = ledger.progress
        own = progress["project_id"].eq(row["project_id"]) & progress["month"].eq(row["month"])
        return int(progress.loc[own, "invested"].iloc[-1]) if own.any() else None
    return None if pd.isna(day) or day > period_end(ledger) else day


def _day(moment: pd.Timestamp) -> pd.Timestamp:
    return moment.tz_localize(None).normalize() if pd.notna(moment) else pd.NaT


def _verdict(row: Mapping[Any, Any], ledger: Ledger) -> str | None:
    """Return what became of an item by its original and by its current plan."""
    original, current, done = row["original"], row["current"], row["outcome"]
    end = period_end(ledger)
    if row["table"] == "plan":
        if row["month"] > f"{end:%Y-%m}":
            return "to_come"
        kept = (done or 0) >= original, (done or 0) >= current
        return _KEPT[kept] or "missed"
    if not isinstance(current, pd.Timestamp):
        return None
    if done is not None:
        return _KEPT[done <= original, done <= current] or "late"
    overdue = original <= end, current <= end
    return {
        (False, False): "to_come",
        (True, False): "spared",
        (False, True): "tightened",
        (True, True): "missed",
    }[overdue]


_KEPT = {
    (True, True): "in_time",
    (False, True): "by_moving",
    (True, False): "tightened",
    (False, False): "",
}
"""What it is called to have kept the original and the current plan."""
