"""What a table is: a frame, what of it is shown and how."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal

import pandas as pd

from sanshi_report import blocks
from sanshi_report.blocks import Cell, Grid, Row, Run, Text
from sanshi_report.style import MISSING, Language, csv_text, light_word, say

__all__ = ["Column", "Table", "plain"]

Kind = Literal["text", "number", "light"]


def plain(value: Any) -> str:
    """Return a text on one line; missing is `—`."""
    return MISSING if value is None or pd.isna(value) else " ".join(str(value).split())


@dataclass(frozen=True)
class Column:
    """One column shown.

    Attributes
    ----------
    name : str
        Column of the frame.
    title : str
        Its heading.
    show : callable
        Turns a value into the text of a cell; not used for lights.
    kind : {"text", "number", "light"}
        A number is set flush right; a light has its symbol, word and colour.
    under : str
        A heading shared with its neighbours, above its own.
    of_row : bool
        `show` is given the whole row, as a dictionary.
    """

    name: str
    title: str
    show: Callable[[Any], str] = plain
    kind: Kind = "text"
    under: str = ""
    of_row: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """A table with what a renderer needs to place it.

    Attributes
    ----------
    frame : DataFrame
        The rows; money in fen.
    columns : tuple of Column
        What is shown, in order. The first heads its row.
    label, caption : str
        The label is also the name of the CSV file.
    language : {"zh", "en"}
        Language of the lights and of 无.
    group : str
        Column whose values head groups of rows, in the order they come in; empty for no groups.
    groups : mapping
        Groups to show in this order, by value, each with its heading; one without rows says 无.
    total : str
        Boolean column that marks rows of totals; empty for none.
    notes : tuple of str
        Remarks under the table.
    wide : bool
        Wants a landscape page.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    label: str
    caption: str
    language: Language
    group: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    notes: tuple[str, ...] = ()
    wide: bool = False

    @property
    def block(self) -> blocks.Table:
        """Return the table as it is published."""
        grid = Grid(self._head(), tuple(self._body()), tuple(map(_words, self.notes)))
        return blocks.Table(self.label, _words(self.caption), grid, self.wide)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = blocks.bundle(self.block)
        return shown | {"text/csv": csv_text(self.frame)}, {"sanshi": {"label": self.label}}

    @property
    def _is_grouped(self) -> bool:
        return bool(self.group) and bool(self.groups or len(self.frame))

    def _head(self) -> tuple[Row, ...]:
        """Return the headings; those shared by neighbours stand above their own."""
        own = [Cell(_words(c.title), _side(c)) for c in self.columns]
        if not any(column.under for column in self.columns):
            return (Row(tuple(own), "head"),)
        above: list[Cell] = []
        for under, of in groupby(zip(self.columns, own, strict=True), lambda one: one[0].under):
            cells = [cell for _, cell in of]
            if under:
                above.append(Cell(_words(under), "center", columns=len(cells)))
            else:
                above += [replace(cell, rows=2) for cell in cells]
        below = [cell for column, cell in zip(self.columns, own, strict=True) if column.under]
        return Row(tuple(above), "head"), Row(tuple(below), "head")

    def _body(self) -> Iterator[Row]:
        if not (self.group and (self.groups or len(self.frame))):
            yield from self._rows(self.frame)
            return
        for value, heading in (self.groups or _named(self.frame[self.group])).items():
            yield Row((Cell(_words(heading), columns=len(self.columns)),), "group")
            yield from self._rows(self.frame[self.frame[self.group] == value])

    def _rows(self, frame: pd.DataFrame) -> Iterator[Row]:
        """Yield the rows of a frame; of an empty one, a row that says 无."""
        for row in frame.to_dict("records"):
            cells = tuple(Cell(self._shown(c, row), _side(c)) for c in self.columns)
            yield Row(cells, "total" if self.total and row[self.total] else "body")
        if frame.empty:
            none, *empty = (Cell((), _side(column)) for column in self.columns)
            yield Row((replace(none, text=_words(say("labels.none", self.language))), *empty))

    def _shown(self, column: Column, row: dict[Any, Any]) -> Text:
        if column.kind == "light":
            code = row[column.name]
            light = "" if plain(code) == MISSING else code
            return (Run(light_word(code, self.language), light=light),)
        return _words(column.show(row if column.of_row else row[column.name]))


def _words(text: str) -> Text:
    """Return a text on one line, as runs."""
    line = plain(text)
    return (Run(line),) if line else ()


def _side(column: Column) -> Literal["left", "right"]:
    return "right" if column.kind == "number" else "left"


def _named(values: pd.Series[Any]) -> dict[Any, str]:
    return {value: str(value) for value in values.unique()}
