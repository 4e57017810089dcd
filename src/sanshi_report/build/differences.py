"""How two releases differ, figure by figure: their KPI tables, and the tables behind their reports."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sanshi_report.build.plan import frame_file, frames_of

__all__ = [
    "Difference",
    "between_releases",
    "between_tables",
    "declared_keys",
    "read_rows",
    "row_names",
]

_IDENTIFYING = (
    "project_id", "node_id", "permit", "problem_id", "action_id", "incident_id", "practice_id", "input", "source",
    "rule", "table", "key", "figure", "column", "field", "kpi", "scope", "scope_value", "responsible_unit", "sender",
    "owner", "level", "tier", "kind", "month", "known_at", "known_in", "listed_in", "lag", "held_on", "item", "what",
    "lead_official", "scoring_item", "from_project", "to_project", "opens", "due_on", "on", "category", "year", "goal",
    "made_on", "about", "name",
)  # fmt: skip
"""Columns that say what a row is about where no key is declared, the surest first."""

_KEYS = {"kpis.csv": ["kpi", "scope", "scope_value"]}
"""Files whose rows are known by a contract."""

_ALWAYS_NEW = {"as_of"}


@dataclass(frozen=True)
class Difference:
    """One cell that is not the same, or one row that only one side has.

    Attributes
    ----------
    place : str
        The file, or the table of the ledger.
    row : str
        What the row is about.
    column : str
        The column; empty for a whole row.
    old, new : str
        What it was and what it is; empty for a cell without a value, and on the side that lacks the row.
    origin : str
        Where the new value was sent, if it comes from the ledger.
    """

    place: str
    row: str
    column: str
    old: str
    new: str
    origin: str = ""


def between_releases(one: Path, other: Path) -> list[Difference]:
    """Return how the KPI table and the tables that both releases have differ, from `one` to `other`."""
    found = []
    keys = declared_keys(other)
    for path in sorted((one / "kpis.csv", *(one / "tables").glob("*.csv"))):
        name = path.relative_to(one).as_posix()
        if path.is_file() and (other / name).is_file():
            texts = (path.read_text("utf-8-sig"), (other / name).read_text("utf-8-sig"))
            found += between_tables(*texts, name, keys.get(name, ()))
    return found


def declared_keys(release: Path) -> dict[str, list[str]]:
    """Return by which columns the rows of a release's frames are known, as their metrics declare it, by file."""
    return {
        frame_file(name): key
        for notebook in sorted(release.glob("*.ipynb"))
        for name, key in frames_of(notebook).items()
    }


def between_tables(
    old: str, new: str, place: str, declared: Sequence[str] = ()
) -> list[Difference]:
    """Return how two CSV tables differ, row by row as far as their rows can be told apart.

    A row is known by its declared key, else by its identifying columns; where nothing sets rows apart, by its
    number.
    """
    if old == new:
        return []
    before, after = read_rows(old), read_rows(new)
    key = _key(place, before, after, declared=declared)
    mine, theirs = (dict(zip(_names(rows, key), rows, strict=True)) for rows in (before, after))
    return list(_compared(mine, theirs, place))


def read_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV table, missing cells as empty ones."""
    return [
        {name: cell or "" for name, cell in row.items() if name is not None}
        for row in csv.DictReader(io.StringIO(text))
    ]


def row_names(
    rows: Sequence[dict[str, str]], place: str, declared: Sequence[str] = ()
) -> list[str]:
    """Return what each row of a table is about, as `between_tables` names it."""
    return _names(rows, _key(place, rows, declared=declared))


def _compared(
    mine: dict[str, dict[str, str]], theirs: dict[str, dict[str, str]], place: str
) -> Iterator[Difference]:
    for row, old in mine.items():
        new = theirs.get(row)
        if new is None:
            yield Difference(place, row, "", _told(old), "")
            continue
        for column in dict.fromkeys([*old, *new]):
            was, now = old.get(column, ""), new.get(column, "")
            if column not in _ALWAYS_NEW and was != now:
                yield Difference(place, row, column, was, now)
    for row, new in theirs.items():
        if row not in mine:
            yield Difference(place, row, "", "", _told(new))


def _key(place: str, *sides: Sequence[dict[str, str]], declared: Sequence[str] = ()) -> list[str]:
    """Return the declared key, or the fewest columns that set rows apart on all sides; none if nothing does."""

    def sets_apart(key: Sequence[str]) -> bool:
        held = ([tuple(row.get(name, "") for name in key) for row in side] for side in sides)
        return all(len(set(rows)) == len(rows) for rows in held)

    if place in _KEYS:
        return _KEYS[place]
    # The other release may be from before a column had its name.
    if declared and all(set(declared) <= row.keys() for side in sides for row in side[:1]):
        return list(declared)
    names = next((rows[0] for rows in sides if rows), {})
    known = [name for name in _IDENTIFYING if name in names]
    if not known or not sets_apart(known):
        return []
    while len(known) > 1 and sets_apart(known[:-1]):
        known.pop()
    for name in known[:-1]:
        fewer = [other for other in known if other != name]
        known = fewer if sets_apart(fewer) else known
    return known


def _names(rows: Sequence[dict[str, str]], key: Sequence[str]) -> list[str]:
    return [
        " ".join(filter(None, (row[name] for name in key))) if key else f"#{number}"
        for number, row in enumerate(rows, start=1)
    ]


def _told(row: dict[str, str]) -> str:
    """Return a whole row in short."""
    return " | ".join(cell for cell in row.values() if cell)
