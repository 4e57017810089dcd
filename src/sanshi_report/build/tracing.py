"""Where the numbers of a report stand: every one that its prose states is found again in the data.

A number is held against the KPI table, the tables and figures of its report, and the parameters. One
that stands nowhere stops the build. One that stands somewhere is given its places, the likeliest first:

1. the column is what the sentence calls the number: a placeholder of the catalogue, or a `narrative` fact,
   has the name of the column, of the indicator, or of the parameter that it states;
2. the row is what the text names, last before the number, or the row of all where it names none;
3. what the text was written from comes before its section's tables, these before the KPI table and others.

Where the first two hold, the place is certain; a mere equal value never is.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from typing import Any

from sanshi_report.blocks import Figure, Paragraph, Table
from sanshi_report.blocks import plain as plain_text
from sanshi_report.build.places import KPI_TABLE, PARAMETERS, Place, Places
from sanshi_report.build.quantities import Quantity, plain, quantities
from sanshi_report.render.outputs import Prose, outputs_of

__all__ = ["Statement", "Trace", "statements", "traces"]

# A row that is about nothing in particular is about all; it yields to one that the text names.
_TOTAL = (-1,)
_HEADING = re.compile(r"^#+\s.*", re.MULTILINE)


@dataclass(frozen=True)
class Trace:
    """A quantity and where it stands.

    Attributes
    ----------
    quantity : Quantity
    places : tuple of Place
        The likeliest, then all others that fit.
    is_certain : bool
        Whether the sentence tells the column and the row of the first.
    """

    quantity: Quantity
    places: tuple[Place, ...]
    is_certain: bool


@dataclass(frozen=True)
class Statement:
    """Something a notebook's output says in words.

    Attributes
    ----------
    output : int
        Which output, from 0.
    text : str
        Prose, a caption or an alternative text.
    around : tuple of str
        Labels of the tables, figures and data of the same section.
    label : str
        Label of the data it was written from, or of its own table or figure; empty for none.
    drawn : tuple of str
        Numbers that a figure is drawn from, which it may state.
    values : tuple of (int, int, str)
        Where values stand in the text, and what its sentences call them.
    is_prose : bool
        Whether it is running text.
    """

    output: int
    text: str
    around: tuple[str, ...]
    drawn: tuple[str, ...] = ()
    values: tuple[tuple[int, int, str], ...] = ()
    is_prose: bool = False
    label: str = ""


def traces(
    places: Places, statement: Statement, near: Collection[str] = (), own: str = ""
) -> list[Trace]:
    """Return every quantity of a statement with its places.

    Parameters
    ----------
    near : collection of str
        Files that the text is most likely about.
    own : str
        File of what the text was written from; empty for none.
    """
    found = quantities(statement.text, places.quoted, statement.values)
    if statement.is_prose:
        headings = "\n".join(_HEADING.findall(plain(statement.text)))
        return [_Reading(places, one, headings, near, own).trace() for one in found]
    # Nothing leads from a caption; its numbers need only be somewhere.
    stated = [Trace(one, places.fitting(one), is_certain=False) for one in found]
    if not statement.drawn or all(trace.places for trace in stated):
        return stated
    drawn = Places().and_of(
        Place("", "cell", 0, "", "", abs(Decimal(number)), None) for number in statement.drawn
    )
    return [
        trace if trace.places else replace(trace, places=drawn.fitting(trace.quantity))
        for trace in stated
    ]


def statements(notebook: Mapping[str, Any]) -> Iterator[Statement]:
    """Yield what a published notebook says in words, in the order of its outputs."""
    outputs = outputs_of(notebook)
    sections = list(accumulate(int(isinstance(o, Prose) and _has_heading(o)) for o in outputs))
    around: dict[int, list[str]] = defaultdict(list)
    for section, output in zip(sections, outputs, strict=True):
        if not isinstance(output, Paragraph) and output.label:
            around[section].append(output.label)
    for at, (section, output) in enumerate(zip(sections, outputs, strict=True)):
        match output:
            case Prose():
                near = tuple(around[section])
                yield Statement(
                    at, output.markdown, near, (), output.values, is_prose=True, label=output.label
                )
            case Figure():
                spec = json.dumps(output.spec, ensure_ascii=False)
                drawn = tuple(re.findall(r"-?\d+(?:\.\d+)?", spec))
                for text in (output.caption, output.alt):
                    yield Statement(at, plain_text(text), tuple(around[section]), drawn)
            case Table():
                yield Statement(at, plain_text(output.caption), tuple(around[section]))


def _has_heading(prose: Prose) -> bool:
    return bool(re.search(r"^#", prose.markdown, re.MULTILINE))


@dataclass(frozen=True)
class _Reading:
    """A quantity read in its text: which place is meant, and what speaks for it."""

    places: Places
    one: Quantity
    headings: str = ""
    near: Collection[str] = ()
    own: str = ""

    def trace(self) -> Trace:
        """Return the quantity with its places, the likeliest first."""
        fitting = self.places.fitting(self.one)
        if not fitting:
            return Trace(self.one, (), is_certain=False)
        # A small number stands in thousands of places; only those that it is called like are weighed.
        called = [self._calling(place) for place in fitting]
        most = max(called)
        likely = [place for place, much in zip(fitting, called, strict=True) if much == most]
        first = max(likely, key=self._weight)
        others = (place for place in fitting if place is not first)
        return Trace(self.one, (first, *others), is_certain=self._is_certain(first))

    def _weight(self, place: Place) -> tuple[Any, ...]:
        """Return what speaks for a place but its column: its row, then how close by it is."""
        standing = self._standing(place)
        return (
            min(standing, 0),
            # A part that the text names, though another table of the section has it, is not the whole.
            standing > 1 and self._closeness(place) > 1,
            self._closeness(place),
            ("rows", "equal", "cell").index(place.how),
            standing,
            self._positions(place.names),
            2 if place.unit == self.one.unit else int(place.unit is None),
        )

    def _is_certain(self, first: Place) -> bool:
        """Say whether chance is out: what the sentence calls it names the column, and the text the row."""
        needed = 0 if self._closeness(first) else 2
        return self._calling(first) > 0 and self._standing(first) >= needed

    def _closeness(self, place: Place) -> int:
        """Return 3 for what the text was written from, 2 for its section, 1 for what all documents share."""
        if place.file == self.own:
            return 3
        return 2 if place.file in self.near else int(place.file in (KPI_TABLE, PARAMETERS))

    def _calling(self, place: Place) -> int:
        """Return whether a sentence calls a number what holds it: 2 if by that very name, 1 by part of it."""
        name = self.one.name
        if not name or place.how == "rows":
            return 2 * (name == "rows" and place.file == self.own)
        if place.how == "equal":
            return 2 * ((place.column, place.row) == (f"is_{name}", "True") or place.row == name)
        if place.file == PARAMETERS:
            return 2 * f".{place.row}".replace(".", "_").endswith(f"_{name}")
        if place.kpi:
            # The indicator, such as `starts_due`, and its target or gap, `starts_milestone_gap`.
            side = "" if place.column == "actual" else f"_{place.column}"
            return 2 * (name == place.kpi.replace(".", "_") + side)
        if place.column == name:
            return 2
        alike = [c for c in self.places.columns[place.file] if name in c.split("_")]
        return int(alike == [place.column])

    def _standing(self, place: Place) -> int:
        """Return how the text tells the row of a place.

        2 if it names the row, 1 if that is of all, 0 if every row has the same; -1 if it does not tell, -2 if
        it names another.
        """
        if place.file == PARAMETERS or place.how == "rows":
            return 0
        if place.how == "equal":
            return int(bool(self._positions(place.names)))
        best, rows = self._best(place.where)
        mine = self._positions(place.names)
        if mine != best:
            return -2
        if self._alike[place.where, best] < rows:
            return -1
        return 0 if not best else 1 if best == _TOTAL else 2

    def _best(self, rows: tuple[str, str, str]) -> tuple[tuple[int, ...], int]:
        """Return how the best named of some rows are named, and how many are named like that."""
        if rows not in self._found_best:
            counts = Counter(self._positions(names) for names in self.places.rows[rows])
            best = max(counts)
            self._found_best[rows] = best, counts[best]
        return self._found_best[rows]

    def _positions(self, names: frozenset[str]) -> tuple[int, ...]:
        """Return where the text says names, the last first; a heading's are said before all."""
        if not names:
            return _TOTAL
        return tuple(sorted((self._spoken[n] for n in names & self._spoken.keys()), reverse=True))

    @cached_property
    def _spoken(self) -> dict[str, int]:
        before = dict.fromkeys(self.places.named_in(self.headings), 0)
        after = self.places.named_in(self.one.after)
        behind = {name: len(self.one.said) + end for name, end in after.items()}
        return before | self.places.named_in(self.one.said) | behind

    @cached_property
    def _found_best(self) -> dict[tuple[str, str, str], tuple[tuple[int, ...], int]]:
        return {}

    @cached_property
    def _alike(self) -> Counter[tuple[tuple[str, str, str], tuple[int, ...]]]:
        """How many rows that are named alike have this number in a column."""
        return Counter(
            (p.where, self._positions(p.names))
            for p in self.places.equal_to(self.one)
            if p.how == "cell"
        )
