"""Where the numbers of a report stand: every one that its prose states is found again in the data.

A number is held against the KPI table, the tables and figures of its report, and the parameters. One
that stands nowhere stops the build. One that stands somewhere is given its places, the likeliest first:
its unit must fit, and what its sentence names counts for more than what merely has the same value.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from sanshi_report.build.differences import read_rows, row_names
from sanshi_report.build.quantities import Quantity, Unit, plain, quantities, quotable
from sanshi_report.catalogue import Language, say
from sanshi_report.exact import FEN_PER
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.suspicion import RULES
from sanshi_report.render.outputs import Figure, Prose, Table, outputs_of
from sanshi_report.schemas import TABLES
from sanshi_report.style import LIGHTS
from sanshi_report.style.data import MONEY
from sanshi_report.workspace import Parameters

__all__ = [
    "KPI_TABLE",
    "PARAMETERS",
    "Place",
    "Places",
    "Statement",
    "Trace",
    "known",
    "places_in",
    "places_of",
    "statements",
]

KPI_TABLE = "kpis.csv"
PARAMETERS = "parameters"
# What sentences call a number of all things there are.
_TARGETS = ("required", "needed", "raised", "owed", "planned", "windows")
_ALL_ROWS = ("n", "total", "listed", "items", "projects", "units")
_UNITS_OF_COLUMNS: Mapping[str, Unit] = {
    "_pct": "percent", "points": "points", "days": "days", "months": "months"
}  # fmt: skip
# Words of one character are everywhere, and a cell as long as a paragraph names nothing.
_NAME = re.compile(r"(?=.*[^\W\d_])(?![-\d.:TZ+ ]+$).{2,40}")
_SAME_BREATH = re.compile(r"[，,、：:（(]")


@dataclass(frozen=True)
class Place:
    """Somewhere a number stands.

    Attributes
    ----------
    file : str
        File of the release, or `parameters`.
    how : {"cell", "rows", "equal"}
        The value of a cell; how many rows the file has; how many of them have the same value in a column.
    line : int
        The cell's row, or the first of the rows counted; 1 is the first under the heading.
    row, column : str
        What the row is about and the column; for rows counted by value, that value.
    value : Decimal
        The number there, without its sign.
    unit : {"money", "percent", "points", "days", "months", "count"} or None
        What it counts; None where the file does not tell.
    names : frozenset of str
        By what a sentence may name the row.
    kpi : str
        Code of the indicator; empty for none.
    """

    file: str
    how: Literal["cell", "rows", "equal"]
    line: int
    row: str
    column: str
    value: Decimal
    unit: Unit | None
    names: frozenset[str] = frozenset()
    kpi: str = ""


@dataclass(frozen=True)
class Trace:
    """A quantity and where it stands.

    Attributes
    ----------
    quantity : Quantity
    places : tuple of Place
        All that fit, the likeliest first.
    is_certain : bool
        Whether the first is the only one that its sentence can mean: its unit says so, or its name.
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


@dataclass(frozen=True)
class Places:
    """All numbers that a document may state, with where they stand.

    Attributes
    ----------
    quoted : tuple of str
        Texts of the data, whose own numbers are passed over.
    labels : mapping of str to str
        What indicators are called, by code.
    names : mapping of str to str
        What sentences call the values of cells.
    """

    quoted: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    _found: Mapping[Decimal, tuple[Place, ...]] = field(default_factory=dict)

    def and_csv(self, text: str, file: str) -> Places:
        """Return these and all numbers of a CSV table."""
        return self.and_of(places_of(text, file, self.names))

    def and_of(self, places: Iterable[Place]) -> Places:
        """Return these and others."""
        found = defaultdict(tuple, self._found)
        new: dict[Decimal, list[Place]] = defaultdict(list)
        for place in places:
            new[place.value].append(place)
        for value, more in new.items():
            found[value] += tuple(more)
        return replace(self, _found=dict(found))

    def traces(self, statement: Statement, near: Collection[str] = ()) -> list[Trace]:
        """Return every quantity of a statement with its places.

        Parameters
        ----------
        near : collection of str
            Files that the text is most likely about.
        """
        found = quantities(statement.text, self.quoted, statement.values)
        traces = [self._trace(one, near) for one in found]
        if not statement.drawn or all(trace.places for trace in traces):
            return traces
        drawn = Places().and_of(
            Place("", "cell", 0, "", "", abs(Decimal(number)), None) for number in statement.drawn
        )
        return [trace if trace.places else drawn._trace(trace.quantity, ()) for trace in traces]

    def _trace(self, one: Quantity, near: Collection[str]) -> Trace:
        equal = list(self._equal_to(one))
        fitting = [place for place in equal if place.unit in (one.unit, None)]
        if one.unit == "count":
            # A list may give its unit once, before its numbers.
            fitting = fitting or equal
        breath = _breath(one.said)
        present = {name: one.said.rfind(name) for name in self._names if name in one.said}
        ranked = sorted(
            (
                (self._cost(place, one, near, breath, present), at)
                for at, place in enumerate(fitting)
            ),
        )
        places = tuple(fitting[at] for _, at in ranked)
        return Trace(one, places, is_certain=self._is_certain(one, places, near, breath))

    def _is_certain(
        self, one: Quantity, places: Sequence[Place], near: Collection[str], breath: str
    ) -> bool:
        """Say whether chance is out: decimals do not coincide; a count is named, or its column is."""
        if one.places or not places:
            return bool(places)
        first = places[0]
        if self._calling(first, one, near) or self._likeness(first, breath) > 2:
            return first.how != "rows"
        rivals = [p for p in places[1:] if (p.file, p.row) == (first.file, first.row)]
        named = any(name in breath for name in first.names)
        return named and (not rivals or first.file == KPI_TABLE)

    def _equal_to(self, one: Quantity) -> Iterator[Place]:
        """Yield the places whose value, rounded half up, is what is shown; a whole number must be equal."""
        if not one.places:
            yield from self._found.get(one.value, ())
            return
        # English has money in billions of yuan, a tenth of 亿元, with three decimals.
        for scale in (1, 10) if one.unit == "money" and one.places == 3 else (1,):
            half = Decimal(scale).scaleb(-one.places) / 2
            first = bisect_left(self._values, one.value * scale - half)
            last = bisect_left(self._values, one.value * scale + half)
            for value in self._values[first:last]:
                yield from self._found[value]

    def _cost(
        self,
        place: Place,
        one: Quantity,
        near: Collection[str],
        breath: str,
        present: Mapping[str, int],
    ) -> tuple[int, int]:
        """Return how far-fetched it is that a quantity is what stands at a place, then how far off it is named."""
        named = max((present[name] + len(name) for name in place.names & present.keys()), default=0)
        is_close = named > len(one.said) - len(breath)
        called = self._calling(place, one, near)
        cost = 0 if place.file in near else 1 if place.file == KPI_TABLE else 3
        cost += {"cell": 0, "rows": 1, "equal": 0 if named or called else 3}[place.how]
        cost -= (4 if is_close else 2) if named else 0
        cost -= 2 * called + min(self._likeness(place, breath), 4)
        if place.file == KPI_TABLE and not (named or called or self._likeness(place, breath)):
            cost += 3
        return cost + (place.unit is None), -named

    def _calling(self, place: Place, one: Quantity, near: Collection[str]) -> int:
        """Return how much what a sentence calls a number speaks for a place: 3 if that is its very name."""
        name = one.name
        if not name or place.file not in (*near, KPI_TABLE, PARAMETERS):
            return 0
        if place.file == PARAMETERS:
            return int(name in re.split(r"[._]", place.row))
        if place.how == "rows":
            return 1 if name in _ALL_ROWS else 0
        if place.how == "equal" and place.column in (name, f"is_{name}"):
            return 3 if place.row == "True" else 0
        own = place.row if place.how == "equal" else place.column
        if own == name or place.kpi.partition(".")[2] == name:
            return 3
        if place.kpi and own == "target" and name in _TARGETS:
            return 1
        return 2 if own and name.endswith(f"_{own}") else 1 if name in own.split("_") else 0

    def _likeness(self, place: Place, breath: str) -> int:
        """Return how many characters of an indicator's name are said, all of them in English; 0 for fewer than 2."""
        label = "" if place.names else self.labels.get(place.kpi, "")
        if label.isascii():
            return len(label) if label and label.lower() in breath.lower() else 0
        like = _longest_common(label, breath)
        return 3 if like == len(label) else like if like > 1 else 0

    @cached_property
    def _values(self) -> list[Decimal]:
        return sorted(self._found)

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(
            name for places in self._found.values() for place in places for name in place.names
        )


def places_of(text: str, file: str, names: Mapping[str, str]) -> Iterator[Place]:
    """Yield every number of a CSV table, how many rows it has, and how often each value occurs.

    Parameters
    ----------
    names : mapping of str to str
        What else sentences call the values of cells.
    """
    rows = read_rows(text)
    about = row_names(rows, file)
    yield Place(file, "rows", 1, "", "", Decimal(len(rows)), "count")
    for line, (row, named) in enumerate(zip(rows, about, strict=True), 1):
        # The row of an indicator is named by its scope.
        cells = [row.get("scope_value", "")] if "kpi" in row else row.values()
        called = _names_of(cells, names)
        for column, cell in row.items():
            value = _number(cell)
            if value is not None:
                unit = _unit(column, row)
                code = row.get("kpi", "")
                yield Place(file, "cell", line, named, column, value, unit, called, code)
    for column in rows[0] if rows else ():
        first: dict[str, list[int]] = defaultdict(list)
        for line, row in enumerate(rows, 1):
            first[row[column]].append(line)
        for cell, lines in first.items():
            called = _names_of([cell], names)
            number = Decimal(len(lines))
            yield Place(file, "equal", lines[0], cell, column, number, "count", called)


def places_in(parameters: Parameters) -> Iterator[Place]:
    """Yield the targets and thresholds of the parameters."""
    for path, value in _leaves(parameters.programme.model_dump()):
        is_money = path.rpartition(".")[2] in ("total_investment", "annual_plan")
        number = Decimal(value) / FEN_PER["亿元"] if is_money else abs(Decimal(value))
        yield Place(PARAMETERS, "cell", 0, path, "", number, "money" if is_money else None)


def known(folder: Path, ledger: Ledger, parameters: Parameters, language: Language) -> Places:
    """Return what every document in a language may state, besides the numbers of its own tables.

    These are the KPI table, the parameters, and quotations of the data.
    """
    frames = [getattr(ledger, table) for table in TABLES]
    texts = [
        *_texts(parameters.programme.model_dump()),
        *(parameters.remarks.model_dump().values() if parameters.remarks else ()),
        *(text for f in frames for c in f.select_dtypes("str") for text in f[c].dropna().unique()),
    ]
    table = (folder / KPI_TABLE).read_text(encoding="utf-8-sig")
    labels = {code: kpi.label[language] for code, kpi in parameters.kpis.items()}
    names = names_in(ledger, parameters, language)
    return Places(quotable(texts), labels, names).and_of(
        [*places_of(table, KPI_TABLE, names), *places_in(parameters)]
    )


def names_in(ledger: Ledger, parameters: Parameters, language: Language) -> dict[str, str]:
    """Return what sentences call the values of cells: projects, lights, rules and, in English, terms."""
    called = dict(zip(ledger.projects["project_id"], ledger.projects["name"], strict=True))
    called |= {code: say(f"labels.light_{code}", language) for code in LIGHTS}
    called |= {rule: say(f"data_quality.rule_{rule}", language) for rule in RULES}
    return called if language == "zh" else called | parameters.english


def statements(notebook: Mapping[str, Any]) -> Iterator[Statement]:
    """Yield what a published notebook says in words, in the order of its outputs."""
    outputs = outputs_of(notebook)
    sections = list(accumulate(int(isinstance(o, Prose) and _has_heading(o)) for o in outputs))
    around: dict[int, list[str]] = defaultdict(list)
    for section, output in zip(sections, outputs, strict=True):
        around[section] += [output.label] if output.label else []
    for at, (section, output) in enumerate(zip(sections, outputs, strict=True)):
        match output:
            case Prose():
                near = tuple(around[section])
                yield Statement(at, output.markdown, near, values=output.values, is_prose=True)
            case Figure():
                drawn = tuple(re.findall(r"-?\d+(?:\.\d+)?", output.spec))
                for text in (output.caption, output.alt):
                    yield Statement(at, text, tuple(around[section]), drawn)
            case Table():
                yield Statement(at, output.caption, tuple(around[section]))


def _has_heading(prose: Prose) -> bool:
    return bool(re.search(r"^#", prose.markdown, re.MULTILINE))


def _breath(said: str) -> str:
    """Return the last words before a number, in front of which nothing has paused."""
    return _SAME_BREATH.split(said.rstrip("（(，,、：: "))[-1]


def _names_of(cells: Iterable[str], names: Mapping[str, str]) -> frozenset[str]:
    found = [cell for cell in cells if _NAME.fullmatch(cell)]
    return frozenset(plain(name) for cell in found for name in (cell, names.get(cell, "")) if name)


def _number(cell: str) -> Decimal | None:
    try:
        number = abs(Decimal(cell))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _unit(column: str, row: Mapping[str, str]) -> Unit | None:
    if column in MONEY:
        return "money"
    for mark, unit in _UNITS_OF_COLUMNS.items():
        if mark in column:
            return unit
    stated = row.get("unit")
    if stated == "%":
        return "points" if column == "gap" else "percent"
    return "money" if stated == "亿元" else "count" if "kpi" in row else None


def _longest_common(one: str, other: str) -> int:
    """Return the length of the longest text that is part of both."""
    return max(
        (
            size
            for size in range(len(one), 1, -1)
            for at in range(len(one) - size + 1)
            if one[at : at + size] in other
        ),
        default=0,
    )


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, int | Decimal]]:
    match value:
        case dict():
            for key, inner in value.items():
                yield from _leaves(inner, f"{path}.{key}" if path else str(key))
        case list() | tuple():
            for number, inner in enumerate(value, 1):
                yield from _leaves(inner, f"{path}[{number}]")
        case int() | Decimal() if not isinstance(value, bool):
            yield path, value


def _texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for inner in value.values():
                yield from _texts(inner)
        case list() | tuple():
            for inner in value:
                yield from _texts(inner)
