"""What is wrong in a received file: where, what was found, which rule it breaks and how to mend it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from sanshi_report.catalogue import Language, say
from sanshi_report.errors import DataError

__all__ = ["Fault", "FaultsFound", "cell_name", "faults_table", "row_and_column", "shown"]

_SHOWN = 60
_LISTED = 20
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\ufeff\ud800-\udfff]")


def cell_name(row: int, column: int) -> str:
    """Return the spreadsheet name of the cell at 0-based `row` and `column`: (6, 3) is D7."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def row_and_column(cell: str) -> tuple[int, int]:
    """Return the 0-based row and column of a cell's name; (-1, -1) of no cell."""
    letters = cell.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - 64
    return (int(cell[len(letters) :]) - 1, column - 1) if letters else (-1, -1)


def shown(value: object) -> str:
    """Return a found value as it may stand in a message: one short line, nothing invisible in it."""
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    cut = text[: _SHOWN + 1]
    clean = _UNPRINTABLE.sub(lambda m: f"\\x{ord(m[0]):02x}" if m[0] not in "\n\t" else " ", cut)
    return clean if len(text) <= _SHOWN else f"{clean[:_SHOWN]}…"


@dataclass(frozen=True)
class Fault:
    """One thing the sender must mend, or, as a warning, should know.

    Attributes
    ----------
    file : str
        The file as receipts name it, such as `2024-06/unit.xlsx`.
    sheet, cell, column : str
        The sheet, the cell (`D7`) and the column's heading; empty where the fault is about more.
    found : str
        What stands there, shortened.
    rule : str
        Key of the catalogue's `faults` file; `<rule>_mend` says what to do.
    values : Mapping[str, Any]
        What the sentences' placeholders stand for.
    """

    file: str
    sheet: str
    cell: str
    column: str
    found: str
    rule: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def reason(self, language: Language = "zh") -> str:
        """Return the rule that is broken."""
        return self._say(self.rule, language)

    def mend(self, language: Language = "zh") -> str:
        """Return what the sender should do."""
        return self._say(f"{self.rule}_mend", language)

    def advice(self, language: Language = "zh") -> str:
        """Return the rule that is broken and what to do, as two sentences."""
        reason, mend = self.reason(language), self.mend(language)
        return say("faults.advice", language, reason=reason, mend=mend)

    def place(self) -> str:
        """Return the place on one line: file, sheet, cell, column, as far as they apply."""
        return " › ".join(part for part in (self.file, self.sheet, self.cell, self.column) if part)

    def text(self, language: Language = "zh") -> str:
        """Return place, value found, rule and mend as one sentence."""
        found = say("faults.quoted", language, found=self.found) if self.found else ""
        return say(
            "faults.sentence",
            language,
            place=self.place(),
            found=found,
            reason=self.reason(language),
            mend=self.mend(language),
        )

    def _say(self, key: str, language: Language) -> str:
        about = {"column": self.column, "found": self.found, "sheet": self.sheet}
        return say(f"faults.{key}", language, **(about | dict(self.values)))


class FaultsFound(DataError):
    """Received files have faults; `faults` holds every one of them."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("faults_found", faults=tuple(faults))

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault of every file."""
        return tuple(self.values["faults"])

    def text(self, language: Any) -> str:
        """Return the number of faults and the first of them, in one language."""
        lines = [fault.text(language) for fault in self.faults[:_LISTED]]
        if len(self.faults) > _LISTED:
            lines.append(say("faults.further", language, count=len(self.faults) - _LISTED))
        return say(
            "faults.faults_found", language, count=len(self.faults), details="\n".join(lines)
        )


def faults_table(faults: Iterable[Fault]) -> pd.DataFrame:
    """Return the faults as rows for `faults.csv`.

    A spreadsheet runs a cell that begins like a formula; such cells get a leading apostrophe.

    Returns
    -------
    pandas.DataFrame
        Text columns `file, sheet, cell, column, found, rule, mend, rule_en, mend_en, code`; one row per
        fault, in the order given.
    """
    rows = [
        {
            "file": fault.file,
            "sheet": fault.sheet,
            "cell": fault.cell,
            "column": fault.column,
            "found": fault.found,
            "rule": fault.reason("zh"),
            "mend": fault.mend("zh"),
            "rule_en": fault.reason("en"),
            "mend_en": fault.mend("en"),
            "code": fault.rule,
        }
        for fault in faults
    ]
    columns = [
        "file",
        "sheet",
        "cell",
        "column",
        "found",
        "rule",
        "mend",
        "rule_en",
        "mend_en",
        "code",
    ]
    safe = [{key: harmless(text) for key, text in row.items()} for row in rows]
    return pd.DataFrame(safe, columns=columns, dtype="str")


def harmless(text: str) -> str:
    """Return text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
