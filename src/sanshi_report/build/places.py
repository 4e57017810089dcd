"""Where numbers stand: every cell, and every number of rows, that a document's text may state.

These are the KPI table, the tables and figures of its report, and the parameters; each with its unit, and with
what a sentence may call its row.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, cast

import pandas as pd

from sanshi_report import style
from sanshi_report.build.differences import read_rows, row_key, row_names
from sanshi_report.build.quantities import Quantity, Unit, plain, quotable
from sanshi_report.catalogue import Language, entries, say
from sanshi_report.columns import column as register_of
from sanshi_report.columns import register
from sanshi_report.exact import FEN_PER
from sanshi_report.ledger import Ledger
from sanshi_report.schemas import TABLES
from sanshi_report.style import LIGHTS
from sanshi_report.workspace import Parameters

__all__ = [
    "KPI_TABLE",
    "PARAMETERS",
    "Place",
    "Places",
    "known",
    "names_in",
    "places_in",
    "places_of",
]

KPI_TABLE = "kpis.csv"
PARAMETERS = "parameters"
# Entries of the catalogue that name what a cell holds as a code.
_NAMING = (
    "task_list.kind_",
    "build.said_",
)
# A cell as long as a paragraph names nothing.
_NAME = re.compile(r"(?=.*[^\W\d_])(?![-\d.:TZ+ ]+$).{1,40}")


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

    @property
    def where(self) -> tuple[str, str, str]:
        """File, column and, in a table of indicators, the indicator."""
        return self.file, self.column, self.kpi


@dataclass(frozen=True)
class Places:
    """All numbers that a document may state, with where they stand.

    Attributes
    ----------
    quoted : tuple of str
        Texts of the data, whose own numbers are passed over.
    names : mapping of str to tuple of str
        What sentences call the values of cells.
    """

    quoted: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
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

    def fitting(self, one: Quantity) -> tuple[Place, ...]:
        """Return the places that have the value and could have the unit of what is shown."""
        # A list may give its unit once, before its numbers; only what has none can be a number of rows.
        is_count = one.unit == "count" and not one.places
        return tuple(
            place
            for place in self.equal_to(one)
            if place.unit in (one.unit, None) or one.unit == "count"
            if place.how == "cell" or is_count
        )

    def equal_to(self, one: Quantity) -> Iterator[Place]:
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

    def named_in(self, text: str) -> dict[str, int]:
        """Return the names of rows that a text has, with where each ends last."""
        text = text.lower()
        found = {name: _last(lower, text) for name, lower in self._names.items()}
        spans = {name: (at, at + len(name)) for name, at in found.items() if at >= 0}
        return {
            name: end
            for name, (start, end) in spans.items()
            if not any(a <= start and end <= b and b - a > end - start for a, b in spans.values())
        }

    @cached_property
    def columns(self) -> Mapping[str, frozenset[str]]:
        """Return the columns of each file that have numbers."""
        found: dict[str, set[str]] = defaultdict(set)
        for places in self._found.values():
            for place in places:
                found[place.file].add(place.column if place.how == "cell" else "")
        return {file: frozenset(columns) for file, columns in found.items()}

    @cached_property
    def rows(self) -> Mapping[tuple[str, str, str], tuple[frozenset[str], ...]]:
        """Return by what the rows with a number may be named, by file, column and indicator."""
        found: dict[tuple[str, str, str], dict[int, frozenset[str]]] = defaultdict(dict)
        for places in self._found.values():
            for place in places:
                if place.how == "cell":
                    found[place.where][place.line] = place.names
        return {column: tuple(lines.values()) for column, lines in found.items()}

    @cached_property
    def _values(self) -> list[Decimal]:
        return sorted(self._found)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        names = {n for places in self._found.values() for place in places for n in place.names}
        return {name: name.lower() for name in sorted(names)}


def places_of(text: str, file: str, names: Mapping[str, tuple[str, ...]]) -> Iterator[Place]:
    """Yield every number of a CSV table, how many rows it has, and how often each value occurs.

    Parameters
    ----------
    names : mapping of str to tuple of str
        What else sentences call the values of cells.
    """
    rows = read_rows(text)
    about = row_names(rows, file)
    key = row_key(rows, file)
    for line, (row, named) in enumerate(zip(rows, about, strict=True), 1):
        # The row of an indicator is named by its scope.
        cells = [row.get("scope_value", "")] if "kpi" in row else _about(row, key)
        called = _names_of(cells, names)
        for column, cell in row.items():
            value = _number(cell)
            if value is not None:
                unit = cast(Unit | None, register_of(column).unit(row))
                code = row.get("kpi", "")
                yield Place(file, "cell", line, named, column, value, unit, called, code)
    if file == KPI_TABLE:
        # Nobody counts indicators.
        return
    yield Place(file, "rows", 1, "", "", Decimal(len(rows)), "count")
    for column in rows[0] if rows else ():
        first: dict[str, list[int]] = defaultdict(list)
        for line, row in enumerate(rows, 1):
            first[row[column]].append(line)
        for cell, lines in first.items():
            if not cell or _number(cell) is not None:
                continue
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
    names = names_in(ledger, parameters, language)
    return Places(quotable(texts), names).and_of(
        [*places_of(table, KPI_TABLE, names), *places_in(parameters)]
    )


def names_in(
    ledger: Ledger, parameters: Parameters, language: Language
) -> dict[str, tuple[str, ...]]:
    """Return what sentences call the values of cells: projects, days, lights, kinds and, in English, terms."""
    called: dict[str, list[str]] = defaultdict(list)
    if language == "en":
        for term, english in parameters.english.items():
            called[term].append(english)
    for frame in (ledger.projects, ledger.left):
        for code, name in zip(frame["project_id"], frame["name"], strict=True):
            called[code].append(name)
    for code in LIGHTS:
        called[code].append(say(f"labels.light_{code}", language))
    for entry in _NAMING:
        file, _, start = entry.partition(".")
        for key in entries(file):
            if key.startswith(start):
                called[key.removeprefix(start)].append(say(f"{file}.{key}", language))
    for column in register().values():
        for code, words in column.values.items():  # noqa: PD011  no frame
            called[code].append(words[language])
    for day in pd.date_range(f"{parameters.period.year}-01-01", f"{parameters.period.year}-12-31"):
        called[f"{day:%Y-%m-%d}"].append(style.day(day, language, year=False))
        month = f"{day:%Y-%m}"
        # A month's figures are those of its last day.
        called[month] = [style.month(month, language), style.day(day, language, year=False)]
    return {code: tuple(dict.fromkeys(names)) for code, names in called.items()}


def _last(name: str, text: str) -> int:
    """Return where a text has a name last; -1 for nowhere. 1月 is no part of 11月, 人 none of 人民."""
    if len(name) == 1:
        alone = re.findall(rf"(?:^|.*[,、:;]){name}(?=[(]|$)", text)
        return len(alone[-1]) - 1 if alone else -1
    at = text.rfind(name)
    return -1 if at > 0 and name[0].isdigit() and text[at - 1].isdigit() else at


def _about(row: Mapping[str, str], key: Sequence[str]) -> list[str]:
    """Return the cells that tell a row from others, and its project's."""
    return [row[name] for name in dict.fromkeys([*key, "project_id", "name"]) if name in row]


def _names_of(cells: Iterable[str], names: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    known = {name for cell in cells for name in (cell, *names.get(cell, ()))}
    return frozenset(plain(name) for name in known if _NAME.fullmatch(name))


def _number(cell: str) -> Decimal | None:
    try:
        number = abs(Decimal(cell))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


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
