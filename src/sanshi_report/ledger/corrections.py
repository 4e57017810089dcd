"""What the office overrides: `data/raw/corrections.yaml`, a list of single cells set right with a reason.

A correction counts from `when` to the end of `expires`, so that a report as known earlier, or rebuilt after a
sender has mended the figure, stays what it was. It is a fault if the cell no longer holds what the
correction expects: somebody must look.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import yaml

from sanshi_report.catalogue import yamls
from sanshi_report.errors import UsageError
from sanshi_report.intake import Fault
from sanshi_report.intake.cells import Reader, Unreadable, is_missing
from sanshi_report.intake.headers import facts_of
from sanshi_report.ledger.inbox import moment
from sanshi_report.ledger.model import PROJECT_DATES
from sanshi_report.ledger.revisions import written
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES, key_of
from sanshi_report.workspace import CHINA, LISTS, Parameters, Workspace

__all__ = [
    "COLUMNS",
    "FILE",
    "MARK",
    "Correction",
    "correct",
    "correct_dates",
    "in_force",
    "listed",
    "read",
]

_Words = Mapping[str, Mapping[str, str]]

FILE = "corrections.yaml"

MARK = f" + {FILE}#"
"""Stands in the origin of a corrected row between where it was sent and the number of the correction."""

_REQUIRED = ("who", "when", "why", "table", "key", "column", "expected", "value")
_OPTIONAL = ("expires", "period")

COLUMNS: dict[str, Any] = {
    "number": "int64",
    "who": "str",
    "when": "datetime64[us, Asia/Shanghai]",
    "why": "str",
    "table": "str",
    "key": "str",
    "column": "str",
    "old": "str",
    "new": "str",
    "expires": "datetime64[us, Asia/Shanghai]",
}
"""One row per correction in force. `number` counts the entries of the file from 1; `old` and `new` are exact
text, money in 亿元."""


@dataclass(frozen=True)
class Correction:
    """One cell set right.

    Attributes
    ----------
    number : int
        Its place in the file, from 1.
    who, why : str
        Who decided it and the reason.
    when, expires : datetime
        From when and until when it counts; `expires` may be None.
    table, column : str
        The cell's table and column.
    key : Mapping[str, Any]
        The values of the table's key.
    expected, value : Any
        What the cell must hold and what it is to hold; None for empty, money in fen.
    period : str
        The first month whose reports it concerns; empty for all.
    """

    number: int
    who: str
    when: datetime
    why: str
    table: str
    key: Mapping[str, Any]
    column: str
    expected: Any
    value: Any
    expires: datetime | None
    period: str

    @property
    def is_acceptance(self) -> bool:
        """Whether it lets the figure stand that is there, as one beyond a limit."""
        return self.value is not None and bool(self.expected == self.value)

    @property
    def mark(self) -> str:
        """What follows a corrected row's origin."""
        return f"{MARK}{self.number}"

    def rows(self, frame: pd.DataFrame) -> pd.Series[bool]:
        """Return which rows of a frame have the key."""
        found = pd.Series(True, index=frame.index)
        for name, part in self.key.items():
            found &= _equals(frame[name], part)
        return found

    def fault(self, rule: str, found: object = "", **values: Any) -> Fault:
        """Return a fault that names this correction."""
        title = str(TABLES[_home(self.table, self.column)].columns[self.column].title)
        return Fault(
            FILE, TABLES[self.table].title or "", f"#{self.number}", title, str(found), rule, values
        )


def read(workspace: Workspace, parameters: Parameters) -> tuple[list[Correction], list[Fault]]:
    """Return the corrections on file, and a fault for each entry that is not one.

    An entry may use any word that was on a list up to the period; what was renamed has its name of now.
    """
    words = _words(parameters)
    try:
        # Every scalar stays text, to be read by the rules for cells.
        entries = yamls.read(workspace.raw / FILE, plain=True) or []
    except FileNotFoundError:
        return [], []
    except (OSError, yaml.YAMLError) as error:
        why = " ".join(str(error).split())
        return [], [Fault(FILE, "", "", "", "", "corrections_unreadable", {"why": why})]
    if not isinstance(entries, list):
        why = "a list is expected"
        return [], [Fault(FILE, "", "", "", "", "corrections_unreadable", {"why": why})]
    good, faults = [], []
    for number, entry in enumerate(entries, 1):
        try:
            good.append(_entry(number, entry, words))
        except Unreadable as problem:
            column = str(entry.get("column", "")) if isinstance(entry, dict) else ""
            found = str(problem.values.get("found", ""))
            faults.append(
                Fault(FILE, "", f"#{number}", column, found, problem.rule, problem.values)
            )
    return sorted(good, key=lambda correction: correction.when), faults


def _entry(number: int, entry: Any, words: _Words) -> Correction:
    """Return one entry of the file as a correction, or raise `Unreadable`."""
    if not isinstance(entry, dict) or not set(_REQUIRED) <= set(entry) <= {*_REQUIRED, *_OPTIONAL}:
        raise Unreadable(
            "correction_keys", required=" ".join(_REQUIRED), optional=" ".join(_OPTIONAL)
        )
    table, column, key = entry["table"], entry["column"], entry["key"]
    if table not in TABLES or column not in _correctable(table):
        raise Unreadable("correction_column", found=f"{table}.{column}")
    if not isinstance(key, dict) or set(key) != set(key_of(table)):
        raise Unreadable("correction_key", names=" ".join(key_of(table)))
    if not all(isinstance(entry[name], str) and entry[name].strip() for name in ("who", "why")):
        raise Unreadable("correction_unsigned")
    try:
        when = _moment(entry["when"])
        expires = _moment(entry["expires"]) if entry.get("expires") else None
        period = str(ReportPeriod.parse(entry["period"])) if entry.get("period") else ""
    except UsageError:
        raise Unreadable("correction_when") from None
    parts = {name: _cell(table, name, key[name], words) for name in key_of(table)}
    expected = _cell(table, column, entry["expected"], words)
    value = _cell(table, column, entry["value"], words)
    if value is None and _facts(table, column).get("required"):
        raise Unreadable("required")
    return Correction(
        number=number,
        who=entry["who"].strip(),
        when=when,
        why=entry["why"].strip(),
        table=table,
        key=parts,
        column=column,
        expected=expected,
        value=value,
        expires=expires,
        period=period or str(parts.get("month", "")),
    )


def _words(parameters: Parameters) -> _Words:
    """Return what the ledger keeps for every word of a list, in the words of the period."""
    now = parameters.programme
    found: dict[str, dict[str, str]] = {name: {} for name in LISTS}
    for programme in (*parameters.by_month.values(), now):
        for name, words in programme.lists().items():
            former = now.former(name)
            found[name] |= {word: former.get(kept, kept) for word, kept in words.items()}
    return found


def _moment(text: Any) -> datetime:
    if not text or text == "now":
        raise UsageError("as_of_malformed", found=repr(text))
    return moment(text, datetime.now(CHINA))


def _correctable(table: str) -> set[str]:
    """Return the columns that can be corrected: not the key; a project's dates where they hold."""
    own = set(TABLES[table].columns) - set(key_of(table))
    if table == "progress":
        return own - set(PROJECT_DATES)
    return own | set(PROJECT_DATES) if table == "projects" else own


def _home(table: str, column: str) -> str:
    """Return the table whose schema has a column: a project's dates are reported with its progress."""
    return "progress" if table == "projects" and column in PROJECT_DATES else table


def _facts(table: str, column: str) -> dict[str, Any]:
    return facts_of(_home(table, column), column)


def _cell(table: str, column: str, text: Any, words: _Words) -> Any:
    """Return what a value of the file means in a column, by the rules for cells of a CSV."""
    if not isinstance(text, str):
        raise Unreadable("correction_value")
    if is_missing(text):
        return None
    facts = _facts(table, column)
    codes = dict(words.get(facts["list"], facts["codes"]))
    codes |= {code: code for code in codes.values()}
    return Reader(facts["kind"], codes, column in key_of(table), typed=False)(text)


def in_force(
    corrections: Iterable[Correction], period: ReportPeriod, as_of: datetime
) -> list[Correction]:
    """Return the corrections that count for a period as known at a moment, oldest first."""
    return [
        c
        for c in corrections
        if c.when <= as_of
        and (c.expires is None or as_of <= c.expires)
        and c.period <= f"{period.end:%Y-%m}"
    ]


def correct(
    history: Mapping[str, pd.DataFrame], corrections: Sequence[Correction]
) -> tuple[dict[str, pd.DataFrame], list[Fault]]:
    """Return the history with a corrected version after each version that a correction concerns.

    A sender may repeat the wrong figure later: the correction then follows that version as well.
    """
    result, faults = dict(history), []
    for correction in corrections:
        if correction.column in PROJECT_DATES:
            continue
        frame = result[correction.table]
        own = frame[correction.rows(frame)]
        right = _equals(own[correction.column], correction.expected)
        if own.empty or not right.iloc[-1]:
            faults.append(_stale(correction, own))
            continue
        if correction.is_acceptance:
            continue
        current = own["known_at"] > correction.when
        current |= own.index == own.index[~current].max()
        copies = own[current & right].copy()
        copies[correction.column] = pd.Series(
            [correction.value] * len(copies),
            index=copies.index,
            dtype=frame[correction.column].dtype,
        )
        copies["known_at"] = copies["known_at"].clip(lower=pd.Timestamp(correction.when))
        copies["origin"] = copies["origin"] + correction.mark
        # Right after the version it sets right: the order is that of receipts, whatever the clock said.
        both = pd.concat([frame, copies]).sort_index(kind="stable")
        result[correction.table] = both.reset_index(drop=True)
    return result, faults


def correct_dates(
    projects: pd.DataFrame, corrections: Sequence[Correction]
) -> tuple[pd.DataFrame, list[Fault]]:
    """Return projects with the corrected dates of start, completion and so on."""
    projects, faults = projects.copy(), []
    for correction in corrections:
        if correction.column not in PROJECT_DATES:
            continue
        rows = correction.rows(projects)
        if not _equals(projects.loc[rows, correction.column], correction.expected).any():
            faults.append(_stale(correction, projects[rows]))
            continue
        value = pd.NaT if correction.value is None else pd.Timestamp(correction.value)
        projects.loc[rows, correction.column] = value
    return projects, faults


def _stale(correction: Correction, own: pd.DataFrame) -> Fault:
    kind = _facts(correction.table, correction.column)["kind"]
    if own.empty:
        return correction.fault("correction_nothing")
    found = written(own[correction.column].iloc[-1:], kind)[0]
    expected = written(pd.Series([correction.expected], dtype=object), kind)[0]
    return correction.fault("correction_stale", found or "", expected=expected or "—")


def _equals(values: pd.Series[Any], wanted: Any) -> pd.Series[bool]:
    """Return where a column holds a value; None is equal to missing."""
    if wanted is None:
        return values.isna()
    return values.eq(wanted).fillna(False).astype(bool)


def listed(corrections: Sequence[Correction]) -> pd.DataFrame:
    """Return corrections as a frame; see `COLUMNS`."""
    rows = []
    for c in corrections:
        kind = _facts(c.table, c.column)["kind"]
        old, new = written(pd.Series([c.expected, c.value], dtype=object), kind)
        parts = written(pd.Series(list(c.key.values()), dtype=object), "text")
        key = " ".join(part for part in parts if part)
        rows.append([c.number, c.who, c.when, c.why, c.table, key, c.column, old, new, c.expires])
    frame = pd.DataFrame(rows, columns=list(COLUMNS))
    for name in ("when", "expires"):
        frame[name] = pd.to_datetime(frame[name], utc=True)
    return frame.astype(COLUMNS)
