"""Moves (进出调整) that contradict one another, the register or the months; each fault names its cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from sanshi_report.exact import yi_of
from sanshi_report.intake import Fault
from sanshi_report.ledger import membership
from sanshi_report.ledger.checks import Places, place_of
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES

__all__ = ["contradictions"]

_OWN = {"into": "split", "new_name": "renamed"}
"""Columns that belong to one kind of move: they must be filled in there, and nowhere else."""

Row = Mapping[Any, Any]


def contradictions(
    places: Places,
    known: Mapping[str, pd.DataFrame],
    history: Mapping[str, pd.DataFrame],
    period: ReportPeriod,
) -> Iterator[Fault]:
    """Yield a fault for every move of the period's year that something contradicts.

    Parameters
    ----------
    known, history : Mapping[str, pandas.DataFrame]
        As `past.Known` has them.
    """
    moves = membership.of_year(known["moves"], period.end, by_then=False)
    if moves.empty:
        return
    yield from _cells(places, moves)
    yield from _order(places, moves)
    yield from _names(places, moves, known["projects"], history["projects"])
    done = membership.of_year(moves, period.end)
    yield from _before_joining(places, done, known)
    yield from _parts(places, done, known)


def _cells(places: Places, moves: pd.DataFrame) -> Iterator[Fault]:
    """Yield what is missing of a split or a renaming, and what has no place in another move."""
    for row in moves.to_dict("records"):
        for column, kind in _OWN.items():
            there, wanted = not pd.isna(row[column]), row["move"] == kind
            if there != wanted:
                rule = f"move_without_{column}" if wanted else f"move_stray_{column}"
                yield _fault(places, row, column, rule)
        if row["move"] == "split" and row["into"] == row["project_id"]:
            yield _fault(places, row, "into", "move_into_itself")


def _order(places: Places, moves: pd.DataFrame) -> Iterator[Fault]:
    """Yield projects that come twice or go twice, and moves on days when their project is not in the programme."""
    rows: list[Row] = list(moves.sort_values("effective_on", kind="stable").to_dict("records"))
    comes: dict[str, Row] = {}
    goes: dict[str, Row] = {}
    for row in rows:
        for first, project, column in _ways(row):
            before = comes.setdefault(project, row) if first else goes.setdefault(project, row)
            if before is not row and not _is_same_split(before, row, first):
                rule = "move_comes_twice" if first else "move_goes_twice"
                yield _told(places, row, column, rule, before, project)
    for project, row in goes.items():
        come = comes.get(project)
        if come is not None and row["effective_on"] <= come["effective_on"]:
            yield _told(places, row, "effective_on", "move_goes_first", come, project)
    for row in rows:
        if row["move"] != "renamed":
            continue
        come, go = comes.get(row["project_id"]), goes.get(row["project_id"])
        if go is not None and row["effective_on"] >= go["effective_on"]:
            yield _told(places, row, "effective_on", "move_when_out", go, row["project_id"])
        elif come is not None and row["effective_on"] < come["effective_on"]:
            yield _told(places, row, "effective_on", "move_when_out", come, row["project_id"])


def _ways(row: Row) -> Iterator[tuple[bool, str, str]]:
    """Yield whether a move lets a project come (else go), which one, and the column that says so."""
    if row["move"] == "joined":
        yield True, row["project_id"], "project_id"
    if row["move"] in membership.ENDINGS:
        yield False, row["project_id"], "project_id"
    if row["move"] == "split" and not pd.isna(row["into"]):
        yield True, row["into"], "into"


def _is_same_split(one: Row, other: Row, comes: bool) -> bool:
    """Return whether two rows let a project go as two parts of one split."""
    is_split = one["move"] == other["move"] == "split"
    return not comes and is_split and bool(one["effective_on"] == other["effective_on"])


def _names(
    places: Places, moves: pd.DataFrame, projects: pd.DataFrame, history: pd.DataFrame
) -> Iterator[Fault]:
    """Yield renamings to the name a project always had, and a register that later says a third one."""
    now = {row["project_id"]: row for row in projects.to_dict("records")}
    for project, rows in moves[moves["new_name"].notna()].groupby("project_id", sort=False):
        own = history[history["project_id"] == project]
        given = set(rows["new_name"])
        row = rows.iloc[-1].to_dict()
        if len(own) and set(own["name"]) == given and len(given) == 1:
            yield _fault(places, row, "new_name", "move_same_name")
        before = set(own.loc[own["known_at"] <= row["known_at"], "name"])
        said = now.get(project)
        if said is not None and said["name"] not in before | given:
            yield places.fault(
                said["origin"], "projects", "name", said["name"], "move_third_name",
                project=project, names="、".join(sorted(before | given)),
            )  # fmt: skip


def _before_joining(
    places: Places, moves: pd.DataFrame, known: Mapping[str, pd.DataFrame]
) -> Iterator[Fault]:
    """Yield projects that joined within the year and are told of in its months before."""
    for row in moves[moves["move"].eq("joined")].to_dict("records"):
        first = f"{row['effective_on']:%Y-%m}"
        for table in ("progress", "plan"):
            rows = known[table][known[table]["project_id"] == row["project_id"]]
            early = rows[rows["month"].between(f"{first[:4]}-01", first) & rows["month"].ne(first)]
            if len(early):
                told = early.sort_values("month").iloc[0]
                yield _fault(
                    places, row, "effective_on", f"move_{table}_before", month=told["month"],
                    place=place_of(places, told["origin"], table, "month"),
                )  # fmt: skip


def _parts(
    places: Places, moves: pd.DataFrame, known: Mapping[str, pd.DataFrame]
) -> Iterator[Fault]:
    """Yield splits whose parts do not share all that was invested before, month by month."""
    progress, registered = known["progress"], known["projects"]["project_id"]
    splits = moves[moves["move"].eq("split") & moves["into"].isin(registered)]
    for project, rows in splits.groupby("project_id", sort=False):
        row = rows.iloc[0].to_dict()
        split = f"{row['effective_on']:%Y-%m}"
        months = progress["month"].between(f"{split[:4]}-01", split) & progress["month"].ne(split)
        told = progress[months].astype({"invested": "Int64"})
        whole = told[told["project_id"].eq(project)].groupby("month")["invested"].sum()
        parts = told[told["project_id"].isin(rows["into"])].groupby("month")["invested"].sum()
        both = pd.DataFrame({"whole": whole, "parts": parts}).astype("Int64").fillna(0)
        differ = both[both["whole"] != both["parts"]]
        if len(differ):
            shown = [
                f"{month} {yi_of(parts)} ≠ {yi_of(whole)}"
                for month, whole, parts in zip(
                    differ.index, differ["whole"], differ["parts"], strict=True
                )
            ]
            parts_named = "、".join(rows["into"])
            yield _fault(
                places, row, "into", "move_parts_differ", parts=parts_named, months="；".join(shown)
            )


def _told(places: Places, row: Row, column: str, rule: str, other: Row, project: str) -> Fault:
    """Return a fault of one move that another contradicts, whose day and cell it names."""
    place = place_of(places, other["origin"], "moves", "effective_on")
    day = f"{other['effective_on']:%Y-%m-%d}"
    return _fault(places, row, column, rule, about=project, day=day, place=place)


def _fault(places: Places, row: Row, column: str, rule: str, **values: Any) -> Fault:
    found = row[column]
    if isinstance(found, pd.Timestamp):
        found = f"{found:%Y-%m-%d}"
    elif pd.isna(found):
        found = ""
    codes = TABLES["moves"].columns["move"].metadata["codes"]
    word = next(word for word, code in codes.items() if code == row["move"])
    told = {"project": row["project_id"], "move": word, **values}
    return places.fault(row["origin"], "moves", column, found, rule, **told)
