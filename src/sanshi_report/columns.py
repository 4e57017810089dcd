"""What each column that is published is: its kind and its heading; and by which columns a frame's rows are known.

A name has one meaning wherever it stands. `columns.yaml` lists the names; what a column of the ledger is comes from
its schema. Which columns tell rows apart is a matter of the frame: a metric says it with `keyed_by`.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, wraps
from importlib.resources import files
from typing import Any, ParamSpec

import pandas as pd

from sanshi_report.catalogue import Language
from sanshi_report.catalogue.yamls import parse
from sanshi_report.schemas import TABLES

__all__ = ["KINDS", "Column", "Unit", "column", "key_of", "keyed", "keyed_by", "register"]

P = ParamSpec("P")
Unit = str
"""`money`, `percent`, `points`, `days`, `months` or `count`."""

_INT, _EXACT = frozenset({"Int64"}), frozenset({"object"})
_TEXT, _DAY = frozenset({"str"}), frozenset({"datetime64[us]"})
KINDS: dict[str, frozenset[str]] = {
    "text": _TEXT,
    "code": _TEXT,
    "light": _TEXT,
    "month": _TEXT,
    "period": _TEXT,
    "flag": frozenset({"bool", "boolean"}),
    "day": _DAY,
    "moment": frozenset({"datetime64[us, Asia/Shanghai]"}),
    "year": _INT,
    "count": _EXACT | _INT,
    "fen": _EXACT | _INT,
    "yi": _EXACT,
    "percent": _EXACT | {"Float64", "Int64"},
    "points": _EXACT,
    "ratio": _EXACT | {"Float64"},
    "score": _EXACT,
    "days": _EXACT | _INT,
    "workdays": _EXACT | _INT,
    "months": _EXACT | _INT,
    "quantity": _EXACT,
    "by_unit": _EXACT,
    "exact": _EXACT,
}
"""Each kind of column with the dtypes it may have; `object` is `Decimal`, or a day or fen of kind `exact`."""

_UNITS: dict[str, Unit] = {
    "fen": "money", "yi": "money", "percent": "percent", "points": "points", "days": "days",
    "workdays": "days", "months": "months", "count": "count",
}  # fmt: skip
_UNITS_OF_ROWS: dict[str, Unit] = {
    "亿元": "money", "%": "percent", "个百分点": "points", "天": "days", "月": "months", "个": "count",
    "项": "count", "次": "count", "起": "count",
}  # fmt: skip
_OF_LEDGER = {
    "money": "fen", "date": "day", "choice": "code", "percent": "percent", "count": "count",
    "quantity": "quantity", "month": "month", "text": "text",
}  # fmt: skip


@dataclass(frozen=True)
class Column:
    """An entry of the register.

    Attributes
    ----------
    name : str
    kind : str
        One of `KINDS`.
    zh, en : str
        Its heading.
    signed : bool
        Whether a number in it has its sign when it is positive too: a gap or a change.
    values : mapping
        What the codes in it are called in each language, if they are in no list of the parameters.
    """

    name: str
    kind: str
    zh: str
    en: str
    signed: bool = False
    values: Mapping[str, Mapping[Language, str]] = field(default_factory=dict)

    def title(self, language: Language) -> str:
        """Return its heading."""
        return self.zh if language == "zh" else self.en

    def unit(self, row: dict[str, str] | None = None) -> Unit | None:
        """Return what a number in it counts; None where that is nothing of `Unit`.

        Parameters
        ----------
        row : mapping, optional
            The row, whose `unit` says it for a column of kind `by_unit`.
        """
        if self.kind != "by_unit":
            return _UNITS.get(self.kind)
        row = row or {}
        # An indicator that is nothing else is a number of something.
        unit = _UNITS_OF_ROWS.get(row.get("unit", ""), "count" if "kpi" in row else None)
        # What lies between two percentages is told in points.
        return "points" if unit == "percent" and self.name in ("gap", "change") else unit


@cache
def register() -> dict[str, Column]:
    """Return every column by name: those of `columns.yaml` and those of the ledger."""
    text = files("sanshi_report").joinpath("columns.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = parse(text)
    found: dict[str, Column] = {}
    for schema in TABLES.values():
        for name, of_ledger in schema.columns.items():
            kind = _OF_LEDGER[(of_ledger.metadata or {})["kind"]]
            words: dict[str, Any] = {
                "zh": str(of_ledger.title),
                "en": str(of_ledger.description).capitalize(),
            }
            found.setdefault(name, Column(name, **{"kind": kind} | words | entries.pop(name, {})))
    return found | {name: Column(name, **entry) for name, entry in entries.items()}


def column(name: str) -> Column:
    """Return a column's entry.

    Raises
    ------
    LookupError
        If there is none: a programming error.
    """
    known = register()
    found = known.get(name) or known.get(re.sub(r"_\d+(?:-\d{2})?$", "", name))
    if found is None:
        raise LookupError(
            f"nothing is known of a column {name!r}: add what it is and its heading to columns.yaml, "
            "or give it the name of a column there that means the same"
        )
    return found


def keyed_by(*key: str) -> Callable[[Callable[P, pd.DataFrame]], Callable[P, pd.DataFrame]]:
    """Let a metric's frame carry its name, such as `starts.counts` or `starts.counts.sector`, and its key.

    One made from another says so: `workload.volume.due_next` is made from `tasks.due_next`.

    Parameters
    ----------
    *key : str
        The columns that tell its rows apart; none for a frame of one row.

    Raises
    ------
    LookupError
        When the metric returns a column that the register does not know.
    """

    def declare(metric: Callable[P, pd.DataFrame]) -> Callable[P, pd.DataFrame]:
        signature = inspect.signature(metric)
        home = metric.__module__.removeprefix("sanshi_report.metrics.")

        @wraps(metric)
        def named(*args: P.args, **kwargs: P.kwargs) -> pd.DataFrame:
            made = metric(*args, **kwargs)
            asked = signature.bind(*args, **kwargs)
            asked.apply_defaults()
            for name in made.columns:
                column(name)
            given = list(asked.arguments.values())
            particular = [_made_by(given[0]), *(one for one in given if isinstance(one, str))]
            name = ".".join(filter(None, [home, metric.__name__, *particular]))
            return keyed(made, *key, name=name)

        named.key = key  # type: ignore[attr-defined]
        return named

    return declare


def _made_by(given: object) -> str:
    """Return the metric that a frame is from, without its module; nothing for what is no frame."""
    name = str(given.attrs.get("frame", "")) if isinstance(given, pd.DataFrame) else ""
    return name.partition(".")[2].partition("@")[0]


def keyed(made: pd.DataFrame, *key: str, name: str = "") -> pd.DataFrame:
    """Return a frame with the columns by which its rows are known, and a name if it has one."""
    made = made.copy(deep=False)
    made.attrs = {"frame": name, "key": list(key)}
    return made


def key_of(made: pd.DataFrame) -> list[str]:
    """Return the columns by which the rows of a frame are known, as far as it still has them."""
    key: list[Any] = made.attrs.get("key", [])
    return key if set(key) <= set(made.columns) else []
