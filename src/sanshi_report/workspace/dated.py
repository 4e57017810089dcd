"""Decisions with dates: what a parameter file says on one day.

Wherever a value stands in a file, `from:` may stand instead, with the values by the day from which each
holds; or, in a mapping, beside its other keys, with the day from which all of it holds:

    milestones: {from: {2024: [...], 2024-03-15: [...]}}
    sectors: [..., {value: 文旅, en: Tourism, from: 2024-03-15}]

A day is `2024-03-15` or a year, which means its first. A value without `from:` holds from the beginning.
What does not hold yet is not there; nor is what has an empty value from a day on.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date, datetime
from itertools import pairwise
from typing import Any

from sanshi_report.catalogue import LANGUAGES, say

__all__ = ["Dated", "settled"]

_KEY = "from"
_NOT_THERE = object()


class Dated:
    """The content of one parameter file.

    Parameters
    ----------
    content : Any
        As YAML has it.
    year : int, optional
        The only year in which a day may lie.

    Attributes
    ----------
    problems : list of str
        What is wrong with its days, each with its key and the way out.
    days : list of datetime.date
        Every day from which something holds, in order.
    """

    def __init__(self, content: Any, year: int | None = None) -> None:
        self._content = content
        self._year = year
        self.problems: list[str] = []
        self.days = sorted({day for key, node in _nodes(content) for day in self._of(key, node)})

    def on(self, day: date) -> Any:
        """Return what the file says on a day."""
        content = {"": deepcopy(self._content)}
        settled(content, day)
        return content.get("")

    def _of(self, key: str, node: dict[Any, Any]) -> list[date]:
        """Return the days of one `from:`, or say what is wrong with them."""
        stated = node[_KEY]
        written = list(stated) if isinstance(stated, dict) else [stated]
        days = [day for one in written if (day := _first_day(one))]
        values = {"found": ", ".join(map(str, written)), "year": self._year}
        if isinstance(stated, dict) and len(node) > 1:
            self._tell(key, "from_beside", values)
        elif not days or len(days) < len(written):
            self._tell(key, "from_no_day", values)
        elif any(later <= before for before, later in pairwise(days)):
            self._tell(key, "from_order", values)
        elif self._year and {day.year for day in days} != {self._year}:
            self._tell(key, "from_other_year", values)
        else:
            return days
        return []

    def _tell(self, key: str, rule: str, values: dict[str, Any]) -> None:
        texts = (say(f"errors.{rule}", language, **values) for language in LANGUAGES)
        self.problems.append(f"{key}: {' | '.join(texts)}")


def _nodes(node: Any, key: str = "") -> Iterator[tuple[str, dict[Any, Any]]]:
    """Yield the key and the content of every mapping with a `from:`."""
    if isinstance(node, dict):
        if _KEY in node:
            yield f"{key}.{_KEY}".strip("."), node
        parts = [(str(name), value) for name, value in node.items()]
    else:
        parts = (
            [(str(at), value) for at, value in enumerate(node)] if isinstance(node, list) else []
        )
    for name, value in parts:
        yield from _nodes(value, f"{key}.{name}".strip("."))


def _first_day(stated: Any) -> date | None:
    """Return the day that a day or a year begins with; None of anything else."""
    if type(stated) is int and 1990 <= stated <= 2100:
        return date(stated, 1, 1)
    return stated if isinstance(stated, date) and not isinstance(stated, datetime) else None


def settled(node: Any, day: date) -> None:
    """Put what holds on a day in the place of every `from:` within a list or mapping, which keeps its kind."""
    for at in list(node) if isinstance(node, dict) else range(len(node) - 1, -1, -1):
        value = node[at]
        while isinstance(value, dict) and _KEY in value:
            value = _holding(value, day)
        if value is _NOT_THERE:
            del node[at]
            continue
        node[at] = value
        if isinstance(value, dict | list):
            settled(value, day)


def _holding(node: dict[Any, Any], day: date) -> Any:
    """Return what a mapping with a `from:` stands for on a day; it may be one with a `from:` again."""
    stated = node[_KEY]
    if isinstance(stated, dict):
        begun = [value for one, value in stated.items() if (at := _first_day(one)) and at <= day]
        return _NOT_THERE if not begun or begun[-1] is None else begun[-1]
    begins = _first_day(stated)
    if not begins or begins > day:
        return _NOT_THERE
    del node[_KEY]
    return node
