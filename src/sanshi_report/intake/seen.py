"""What one sheet of any format holds besides plain values."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sanshi_report.intake.cells import Odd, Unreadable
from sanshi_report.intake.formats import is_always_plain, places_of

__all__ = ["NONE", "Cell", "Look", "Unseen", "in_format", "style_of"]

Cell = tuple[int, int]
_MOST_CELLS = 30_000_000
_FEW_PLACES = 2


@dataclass(frozen=True)
class Look:
    """How one cell looks, as far as that changes what it says.

    Attributes
    ----------
    code : str
        Its number format; '' where that shows every value as it is.
    marks : frozenset[str]
        `struck` (some of the text), `raised`, `lowered`.
    struck : bool
        Whether all of it is struck out.
    odd : Odd or None
        What stands there, where there is no value.
    faint : bool
        Whether it can hardly be seen: in the colour of its ground, or tiny.
    places : int or None
        How many decimals are shown of a number, where these are few.
    """

    code: str = ""
    marks: frozenset[str] = frozenset()
    struck: bool = False
    odd: Odd | None = None
    faint: bool = False
    places: int | None = None

    def over(self, text: Look | None) -> Look:
        """Return the look of a cell of this style whose text has a look of its own."""
        if text is None:
            return self
        return replace(self, marks=text.marks, struck=text.struck)


NONE = Look()


def in_format(look: Look, code: str) -> Look:
    """Return a look with a number format."""
    if not is_always_plain(code):
        return replace(look, code=code)
    places = places_of(code)
    return look if places is None or places > _FEW_PLACES else replace(look, places=places)


@dataclass
class Unseen:
    """What one sheet holds besides plain values; positions are 0-based (row, column).

    Attributes
    ----------
    rows, columns : int
        At least the size of the rectangle from A1 that holds every value.
    looks : dict
        Cells that look otherwise than what they hold, or whose value the workbook reader drops.
    merged : list
        First and last cell of each merged range, where the workbook reader does not know them.
    hidden_rows, hidden_columns : set
        What the sender does not see.
    asides : list of (where, text)
        Texts that are no cell's value.
    conditional : list of str
        Areas in which a condition may hide values, strike them out or show others.
    """

    rows: int = 0
    columns: int = 0
    looks: dict[Cell, Look] = field(default_factory=dict)
    merged: list[tuple[Cell, Cell]] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    asides: list[tuple[str, str]] = field(default_factory=list)
    conditional: list[str] = field(default_factory=list)

    def refuse_too_large(self) -> None:
        """Raise `Unreadable` if the rectangle is more than can be held."""
        if self.rows * self.columns > _MOST_CELLS:
            raise Unreadable("sheet_too_large", rows=self.rows, columns=self.columns)

    def stretch(self, row: int, column: int) -> None:
        """Make the size include one cell."""
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)


def style_of(styles: list[Look], number: int) -> Look:
    """Return a cell's style; without any style at all, number 0 is the plain one.

    Raises
    ------
    Unreadable
        If there is none of this number, so that nobody can say how the cell looks.
    """
    if number == 0 and not styles:
        return NONE
    if not 0 <= number < len(styles):
        raise Unreadable("file_damaged")
    return styles[number]
