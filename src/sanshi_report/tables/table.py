"""What a table is: a frame, and which of its columns are shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Literal, TypeAlias

import pandas as pd

from sanshi_report import blocks
from sanshi_report.blocks import Address, Cell, Grid, Paragraph, Row, Run, Text
from sanshi_report.columns import column, key_of
from sanshi_report.style import MISSING, Language, csv_text, light_word, say, shown
from sanshi_report.workspace import Parameters

__all__ = ["Record", "Says", "Table", "light", "plain", "word"]

Record: TypeAlias = dict[Any, Any]
"""A row of a frame, by column."""

Says: TypeAlias = Callable[[Record], str | Text]
"""What one table says in a cell, made of the row."""

_NUMBERS = {
    "fen", "yi", "percent", "points", "ratio", "score", "count", "days", "workdays", "months",
    "quantity", "by_unit",
}  # fmt: skip


def plain(value: Any) -> str:
    """Return a text on one line; missing is `—`."""
    return MISSING if value is None or pd.isna(value) else " ".join(str(value).split())


def word(key: str, language: Language, **values: Any) -> str:
    """Return a catalogue text, of `labels` unless the key names its file."""
    return say(key if "." in key else f"labels.{key}", language, **values)


def light(code: Any, language: Language) -> Text:
    """Return a light."""
    return (Run(light_word(code, language), light="" if plain(code) == MISSING else code),)


@dataclass(frozen=True, eq=False)
class Table:
    """A table with what a renderer needs to place it.

    Headings and the way a value is shown are those of the register of columns.

    Attributes
    ----------
    frame : DataFrame
        The rows; money in fen. Cells of a metric's frame keep their addresses.
    columns : str
        Names of the columns shown, in order, parted by spaces. The first heads its row.
    label : str
        Also the name of the CSV file.
    parameters : Parameters
        For the names of things, the report's year and the indicators' decimals.
    language : {"zh", "en"}
        Language of everything the table says.
    titles : mapping of str to str
        Headings that are other than the register's, by column.
    under : mapping of str to str
        Headings shared by neighbours, each with the columns below it.
    says : mapping of str to callable
        Cells that are words made of the row, by column.
    right : str
        Columns of such words that are set flush right, as numbers are.
    group : str
        Column by whose values rows stand in groups; empty for no groups.
    groups : sequence of str
        Groups to show in this order, by value, one without rows saying 无; by default those there are.
    total : str
        Boolean column that marks rows of totals; empty for none.
    wide : bool
        Wants a landscape page.
    caption, headings, notes : Text, tuple of Text
        Its caption, what heads each group, and the remarks under it: `Report.table` says them.
    """

    frame: pd.DataFrame
    columns: str
    label: str
    parameters: Parameters
    language: Language
    titles: Mapping[str, str] = field(default_factory=dict)
    under: Mapping[str, str] = field(default_factory=dict)
    says: Mapping[str, Says] = field(default_factory=dict)
    right: str = ""
    group: str = ""
    groups: Sequence[str] = ()
    total: str = ""
    wide: bool = False
    caption: Text = ()
    headings: tuple[Text, ...] = ()
    notes: tuple[Text, ...] = ()

    def told(self, said: Sequence[Paragraph]) -> Table:
        """Return the table with its caption, the headings of its groups, and the remarks under it.

        Raises
        ------
        LookupError
            If there are not as many headings as groups.
        """
        caption, *rest = said
        headings = tuple(one.text for one in rest if one.level)
        if len(headings) != len(self._groups()):
            raise LookupError(
                f"{self.label}: {len(headings)} headings for {len(self._groups())} groups"
            )
        notes = tuple(one.text for one in rest if not one.level)
        return replace(self, caption=caption.text, headings=headings, notes=notes)

    @property
    def block(self) -> blocks.Table:
        """Return the table as it is published."""
        grid = Grid(self._head(), tuple(self._body()), self.notes)
        return blocks.Table(self.label, self.caption, grid, self.wide)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = blocks.bundle(self.block)
        return shown | {"text/csv": csv_text(self.frame)}, {"sanshi": {"label": self.label}}

    def _head(self) -> tuple[Row, ...]:
        """Return the headings; those shared by neighbours stand above their own."""
        shared = {name: heading for heading, names in self.under.items() for name in names.split()}
        own = {
            name: Cell(
                _words(self.titles.get(name) or column(name).title(self.language)), self._side(name)
            )
            for name in self.columns.split()
        }
        if not shared:
            return (Row(tuple(own.values()), "head"),)
        above: list[Cell] = []
        for heading, names in groupby(own, lambda name: shared.get(name, "")):
            below = [own[name] for name in names]
            if heading:
                above.append(Cell(_words(heading), "center", columns=len(below)))
            else:
                above += [replace(cell, rows=2) for cell in below]
        under = tuple(cell for name, cell in own.items() if name in shared)
        return Row(tuple(above), "head"), Row(under, "head")

    def _groups(self) -> list[str]:
        return list(self.groups or (self.frame[self.group].unique() if self.group else ()))

    def _body(self) -> Iterator[Row]:
        if not self._groups():
            yield from self._rows(self.frame)
        headings = self.headings or [()] * len(self._groups())
        for value, heading in zip(self._groups(), headings, strict=True):
            yield Row((Cell(heading, columns=len(self.columns.split())),), "group")
            yield from self._rows(self.frame[self.frame[self.group] == value])

    def _rows(self, frame: pd.DataFrame) -> Iterator[Row]:
        """Yield the rows of a frame; of an empty one, a row that says 无."""
        names = self.columns.split()
        for row in frame.to_dict("records"):
            cells = tuple(Cell(self._text(name, row), self._side(name)) for name in names)
            yield Row(cells, "total" if self.total and row[self.total] else "body")
        if frame.empty:
            none, *empty = (Cell((), self._side(name)) for name in names)
            yield Row((replace(none, text=_words(word("none", self.language))), *empty))

    def _side(self, name: str) -> Literal["left", "right"]:
        is_number = name not in self.says and column(name).kind in _NUMBERS
        return "right" if is_number or name in self.right.split() else "left"

    def _text(self, name: str, row: Record) -> Text:
        if name in self.says:
            said = self.says[name](row)
            return _words(said) if isinstance(said, str) else said
        about, value = column(name), row[name]
        at = self._address(name, row) if plain(value) != MISSING else None
        if about.kind == "light":
            return tuple(replace(run, at=at) for run in light(value, self.language))
        kpi = self.parameters.kpis.get(row.get("kpi", ""))
        text = shown(
            value,
            about,
            self.language,
            year=self.parameters.period.year,
            term=lambda code: self._term(name, code),
            unit=row.get("unit") or "",
            places=kpi.decimals if kpi and about.kind == "by_unit" else None,
        )
        return _words(text, at)

    def _term(self, name: str, code: str) -> str:
        """Return what a code of a column is called."""
        if name == "kpi":
            return self.parameters.kpis[code].label[self.language]
        words = column(name).values  # noqa: PD011  no frame
        if code in words:
            return words[code][self.language]
        if name == "unit":
            # Quantities stand in the unit they were reported in; amounts are in the language's.
            is_ours = any(column(one).kind == "by_unit" for one in self.columns.split())
            return word(f"unit_{code}", self.language) if is_ours else code
        return self.parameters.term(code, self.language)

    def _address(self, name: str, row: Record) -> Address | None:
        """Return where a value stands, if the frame is still a metric's with its key."""
        frame, key = self.frame.attrs.get("frame", ""), key_of(self.frame)
        if not frame or not (key or len(self.frame) == 1):
            return None
        return Address(frame, " ".join(_key(row[part]) for part in key), name)


def _key(value: Any) -> str:
    """Return a part of a row's key as text; what is missing has none."""
    if value is None or pd.isna(value):
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _words(text: str, at: Address | None = None) -> Text:
    """Return a text on one line, as runs."""
    line = plain(text)
    return (Run(line, at),) if line else ()
