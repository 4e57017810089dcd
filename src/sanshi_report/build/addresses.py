"""Where the numbers of a document stand: each is followed to its address, said again, and compared.

The address is followed in the data that the release holds, not in what the notebook had in memory; so a number
that is published is there for everyone, and is the one that was said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from sanshi_report.blocks import Address, Run, Table, Text, plain, texts_in
from sanshi_report.columns import keyed
from sanshi_report.exact import yi_of
from sanshi_report.render.outputs import Output, Prose
from sanshi_report.style import typed
from sanshi_report.words import PARAMETERS, Decided, Rows, Value, Voice, resolved, shown_again

__all__ = ["Addresses", "Stated", "stated"]


@dataclass(frozen=True)
class Stated:
    """A run with digits, and what its text says before it."""

    run: Run
    before: str

    @property
    def sentence(self) -> str:
        """Return the run after the end of what is said before it."""
        return f"{self.before[-40:]}{self.run.text}"


def stated(outputs: Iterable[Output]) -> Iterator[Stated]:
    """Yield every run with digits in the words of some outputs: in prose, captions, headings, remarks.

    Cells of tables are data.
    """
    for output in outputs:
        for text in _words_of(output):
            for at, run in enumerate(text):
                if any(character.isdigit() for character in run.text):
                    yield Stated(run, plain(text[:at]))


def _words_of(output: Output) -> Iterator[Text]:
    match output:
        case Prose():
            # Markdown has no addresses.
            yield from ((Run(line),) for line in output.markdown.splitlines())
        case Table():
            yield output.caption
            for row in output.grid.body:
                if row.role == "group":
                    yield from (cell.text for cell in row.cells)
            yield from output.grid.notes
        case _:
            yield from texts_in(output)


@dataclass(frozen=True)
class Addresses:
    """The addresses of a release.

    Attributes
    ----------
    folder : Path
        Its tables: `<frame>.csv` for each frame.
    keys : mapping of str to list of str
        The columns by which the rows of each frame are known.
    voice : Voice
        How its documents put values into words.
    """

    folder: Path
    keys: Mapping[str, list[str]]
    voice: Voice

    def strays(self, outputs: Iterable[Output]) -> list[Stated]:
        """Return what has digits and no address, or an address where something else stands."""
        return [one for one in stated(outputs) if not self._holds(one.run)]

    def value(self, at: Address) -> Value:
        """Return the value at an address.

        Raises
        ------
        LookupError
            If nothing stands there.
        """
        if at.frame == PARAMETERS:
            found = self._decided.at(at.row)
            if not isinstance(found, Value):
                raise LookupError(f"{at.row} is no value")
            return found
        return resolved(self._rows(at.frame), at)

    @staticmethod
    def is_cell(at: Address) -> bool:
        """Return whether a cell stands at an address, and not a number of rows or their sum."""
        return at.frame == PARAMETERS or at.column.isidentifier()

    def line(self, at: Address) -> int:
        """Return in which row of its file, counted from 1, the row of an address stands."""
        keys = self._rows(at.frame).keys
        return keys.index(at.row) + 1 if at.row in keys else 1

    def exact(self, at: Address) -> str:
        """Return the value at an address as its file has it: money in 亿元."""
        value = self.value(at)
        if value.column.kind == "fen":
            return f"{yi_of(value.raw):f}"
        return f"{value.raw:f}" if isinstance(value.raw, Decimal) else str(value.raw)

    def _holds(self, run: Run) -> bool:
        if run.at is None:
            return False
        try:
            return shown_again(run, self.value(run.at), self.voice)
        except (LookupError, AttributeError, TypeError, ValueError):
            return False

    def _rows(self, name: str) -> Rows:
        if name not in self._frames:
            if name not in self.keys:
                raise LookupError(f"no frame is called {name!r}")
            text = (self.folder / f"{name}.csv").read_text(encoding="utf-8")
            self._frames[name] = Rows(keyed(typed(text), *self.keys[name], name=name))
        return self._frames[name]

    @cached_property
    def _frames(self) -> dict[str, Rows]:
        return {}

    @cached_property
    def _decided(self) -> Decided:
        parameters: Any = self.voice.parameters
        return Decided(parameters, self.voice.language)
