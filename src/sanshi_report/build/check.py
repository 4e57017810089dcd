"""Checking a report before it is published: every number it states must be in the data."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sanshi_report.exact import FEN_PER, half_up
from sanshi_report.ledger import Ledger
from sanshi_report.render.outputs import Figure, Prose, Table, outputs_of, read_notebook
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Parameters

__all__ = ["Known", "known_numbers", "numbers_in", "statements"]

_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
)
# What looks like a number and states no quantity. Nothing else is let through.
_NOT_QUANTITIES = re.compile(
    rf"""
    \d{{4}}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}})?)?  # 2024-06-30, with or without a time
  | \d{{4}}-(?:\d{{2}}|Q\d)(?!\d)                               # 2024-06, 2024-Q2
  | \d{{4}}年(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?                    # 2024年, 2024年6月, 2024年6月30日
  | (?<!\d)\d{{1,2}}(?:[-–—至]\d{{1,2}})?月(?:\d{{1,2}}日)?       # 6月, 1—6月, 6月30日
  | (?<!\d)\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?!\d)                  # 23:59
  | \b\d{{1,2}}\s(?:{_MONTH})\b(?:\s\d{{4}})?                   # 30 June 2024
  | \b(?:{_MONTH})\s\d{{4}}\b                                   # June 2024
  | 第\d+                                                       # 第6期, 第2季度
  | [图表]\d+ | \b(?:Figure|Table|No\.)\s?\d+                    # what the renderers number
  | ^\#+\s\d+(?:\.\d+)*\.?\s                                  # a heading's number
  | ^\s*\d{{1,2}}(?:[.)]\s|、)                                 # a list's own numbering
  | [A-Za-z][\w-]*\d[\w-]*                                      # X01, H13, P-2024-03
    """,
    re.VERBOSE | re.MULTILINE | re.ASCII,
)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?", re.ASCII)
_MARKUP = re.compile(
    r"<[^>]*>"  # tags
    r"|\]\([^)]*\)"  # the address of a link
    r"|\{[.#][^}]*\}"  # attributes of a span or heading
    r"|(?<![A-Za-z0-9])@(?:fig|tbl)-[\w-]+"  # references
    r"|\\(?=[!-/:-@\[-`{-~])"  # the backslash of an escaped character
)


class Known:
    """The numbers a document may state: figures of the KPI table, of its tables, and of the parameters.

    A number in a sentence is known if one of these, without its sign, rounds half up to it at the number
    of decimals the sentence shows. A whole number must equal a whole number.
    """

    def __init__(self) -> None:
        self._exact: set[Decimal] = set()
        self._rounded: dict[int, set[Decimal]] = {}
        self._quoted: set[str] = set()

    def and_tables(self, tables: Iterable[Path]) -> Known:
        """Return what is known here and in CSV files besides."""
        known = Known()
        known._exact |= self._exact
        known._quoted |= self._quoted
        for table in tables:
            known.add_csv(table.read_text(encoding="utf-8-sig"))
        return known

    def add_csv(self, text: str) -> None:
        """Learn every number of a CSV table, how many rows it has, and how often each value occurs."""
        rows = list(csv.reader(io.StringIO(text)))[1:]
        self.add_values(cell for row in rows for cell in row)
        self.add_values([str(len(rows))])
        for column in zip(*rows, strict=False):
            self.add_values(str(times) for times in Counter(column).values())

    def add_values(self, values: Iterable[Any]) -> None:
        """Learn numbers; text that is none is passed over."""
        for value in values:
            try:
                number = abs(Decimal(value))
            except (InvalidOperation, TypeError, ValueError):
                continue
            if number.is_finite():
                self._exact.add(number)
        self._rounded.clear()

    def add_parameters(self, model: BaseModel) -> None:
        """Learn the targets and thresholds of the parameters; amounts are in 亿元."""
        self.add_values(_numbers_of(model.model_dump()))

    def add_quotations(self, texts: Iterable[Any]) -> None:
        """Learn texts of the data that may be quoted with the numbers in them."""
        words = (_plain(text) for text in texts if isinstance(text, str))
        self._quoted.update(text for text in words if re.search(r"\d", text))

    def unknown_in(self, text: str, besides: Sequence[str] = ()) -> list[str]:
        """Return the numbers of a Markdown text that are not known, as they stand in it.

        Parameters
        ----------
        besides : sequence of str
            Numbers that count as known in this text only.
        """
        plain = _plain(_MARKUP.sub("", text))
        for quotation in sorted(self._quoted, key=len, reverse=True):
            plain = plain.replace(quotation, " ")
        strange = [shown for shown in numbers_in(plain) if not self._knows(shown)]
        if not (strange and besides):
            return strange
        own = Known()
        own.add_values(besides)
        return [shown for shown in strange if not own._knows(shown)]

    def _knows(self, shown: str) -> bool:
        value = Decimal(shown.replace(",", ""))
        places = len(shown.partition(".")[2])
        if places == 0:
            return value in self._exact
        if places not in self._rounded:
            shown_as = set(self._exact)
            if places == 3:  # how English shows money: in billions, a tenth of 亿元
                shown_as.update(number / 10 for number in self._exact)
            self._rounded[places] = {half_up(number, places) for number in shown_as}
        return value in self._rounded[places]


def known_numbers(folder: Path, ledger: Ledger, parameters: Parameters) -> Known:
    """Return what every document of a staged release may state, besides the numbers of its own tables.

    These are the KPI table, the parameters, and quotations of the data.
    """
    known = Known()
    known.add_csv((folder / "kpis.csv").read_text(encoding="utf-8-sig"))
    known.add_parameters(parameters.programme)
    known.add_quotations(_texts_of(parameters.programme.model_dump()))
    known.add_quotations(parameters.remarks.model_dump().values() if parameters.remarks else ())
    for table in TABLES:
        frame = getattr(ledger, table)
        for column in frame.select_dtypes("str"):
            known.add_quotations(frame[column].dropna().unique())
    return known


def statements(notebook: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield what a published notebook says in words, and the numbers it may state besides the known ones.

    Captions and alternative texts of a figure may state what the figure is drawn from.
    """
    for output in outputs_of(read_notebook(notebook)):
        match output:
            case Prose():
                yield output.markdown, []
            case Figure():
                drawn = re.findall(r"-?\d+(?:\.\d+)?", output.spec)
                yield from ((text, drawn) for text in (output.caption, output.alt))
            case Table():
                yield output.caption, []


def numbers_in(text: str) -> list[str]:
    """Return the quantities stated in a text, not its dates, ordinals and identifiers."""
    return _NUMBER.findall(_NOT_QUANTITIES.sub(" ", _plain(text)))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _texts_of(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts_of(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts_of(inner)


def _numbers_of(value: Any, name: str = "") -> Iterator[Any]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _numbers_of(inner, str(key))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for inner in value:
            yield from _numbers_of(inner, name)
    elif isinstance(value, int | Decimal) and not isinstance(value, bool):
        is_money = name in ("total_investment", "annual_plan")
        yield Decimal(value) / FEN_PER["亿元"] if is_money else value
