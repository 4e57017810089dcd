"""A received file opened safely: whatever it holds, either sheets of cells or the rule that prevents it."""

from __future__ import annotations

import csv
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from sanshi_report.intake import unseen
from sanshi_report.intake.cells import Marked, Odd, Unreadable
from sanshi_report.intake.encodings import decoded
from sanshi_report.intake.formats import Formatted, date_as_shown, effect_of, text_effect_of
from sanshi_report.intake.seen import Look, Unseen
from sanshi_report.intake.xmls import XML_BROKEN

__all__ = ["SUFFIXES", "Aside", "Sheet", "sheets_of"]

_Result = TypeVar("_Result")

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv")
"""What is read."""

_MOST_BYTES = 1 << 29
_MOST_RATIO = 250
_RATIO_FROM = 1 << 26
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_BROKEN = (
    CalamineError,
    zipfile.BadZipFile,
    zlib.error,
    XML_BROKEN,
    struct.error,
    ValueError,
    LookupError,
    OverflowError,
    RecursionError,
    EOFError,
    NotImplementedError,  # zipfile, of a compression it does not know
    OSError,
)


@dataclass(frozen=True)
class Aside:
    """A text of a sheet that is no cell's value: `where` it is (`批注 D7`, `页眉`, `文本框`), and the text."""

    where: str
    text: str


@dataclass(frozen=True)
class Sheet:
    """One sheet as a grid of values from A1 on.

    Attributes
    ----------
    name : str
        As its tab says; for a CSV the file's name without suffix.
    rows : list[list[Any]]
        Equally long rows of str, float, int, bool, date, datetime, time, timedelta, or `Formatted`,
        `Marked` and `Odd`; blank is ''.
    merged : list of ((row, column), (row, column))
        First and last cell of each merged range, 0-based.
    typed : bool
        False for CSV, where everything is text.
    hidden : bool
        Whether the sender does not see it.
    share : float
        The part of the file's sheets read so far, this one included; 1 for the last.
    problem : Unreadable or None
        Why the sheet has no rows although it should.
    hidden_rows, hidden_columns : frozenset[int]
        0-based; hidden, of no height or width, filtered out, or in a closed group.
    asides : list[Aside]
        Every text that is no cell's value: comments, print headers and footers, texts of drawings.
    struck, faint, rounded : frozenset[(row, column)]
        Cells struck out as a whole; that can hardly be seen; whose number is shown rounded to one that differs
        from it by more than a hundredth.
    conditional : list[str]
        Areas in which a condition may hide values, strike them out or show others.
    widths : list[int]
        Of a CSV, how many fields each line has; empty for a workbook.
    """

    name: str
    rows: list[list[Any]]
    merged: list[tuple[tuple[int, int], tuple[int, int]]] = field(default_factory=list)
    typed: bool = True
    hidden: bool = False
    share: float = 1.0
    problem: Unreadable | None = None
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    asides: list[Aside] = field(default_factory=list)
    struck: frozenset[tuple[int, int]] = frozenset()
    faint: frozenset[tuple[int, int]] = frozenset()
    rounded: frozenset[tuple[int, int]] = frozenset()
    conditional: list[str] = field(default_factory=list)
    widths: list[int] = field(default_factory=list)


def sheets_of(path: Path) -> Iterator[Sheet]:
    """Yield the sheets of a received file, one at a time.

    Raises
    ------
    Unreadable
        If the file cannot be opened or must not be.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise Unreadable("file_format", allowed=" ".join(SUFFIXES))
    try:
        if path.stat().st_size == 0:
            raise Unreadable("file_empty")
        yield from _csv_sheet(path) if suffix == ".csv" else _workbook_sheets(path)
    except OSError as error:
        raise Unreadable("file_unreadable", why=error.strerror or str(error)) from error


# CSV ------------------------------------------------------------------------------------------------


def _csv_sheet(path: Path) -> Iterator[Sheet]:
    text = decoded(path.read_bytes())
    csv.field_size_limit(1 << 24)
    rows: list[list[Any]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), strict=True):
            rows.append(row)
    except csv.Error as error:
        raise Unreadable("csv_syntax", line=len(rows) + 1, why=str(error)) from error
    widths = list(map(len, rows))
    width = max(widths, default=0)
    Unseen(len(rows), width).refuse_too_large()
    for row in rows:
        row.extend([""] * (width - len(row)))
    yield Sheet(path.stem, rows, typed=False, widths=widths)


# Workbooks ------------------------------------------------------------------------------------------


def _workbook_sheets(path: Path) -> Iterator[Sheet]:
    with path.open("rb") as file:
        old = file.read(len(_OLE)) == _OLE
        try:
            if old:
                yield from _calamine_sheets(file, unseen.look_into_xls(path.read_bytes()))
                return
            with zipfile.ZipFile(file) as archive:
                _refuse_bomb(path, archive)
                yield from _calamine_sheets(file, unseen.look_into_archive(archive))
        except PasswordError as error:
            raise Unreadable("file_encrypted") from error
        except _BROKEN as error:
            raise Unreadable("file_damaged") from error


def _calamine_sheets(file: BinaryIO, look: unseen.Looking) -> Iterator[Sheet]:
    file.seek(0)
    # An open file, not its path: calamine then goes by what is in it, not by its suffix.
    with _guarded(CalamineWorkbook.from_filelike, file) as book:
        tabs = [tab for tab in book.sheets_metadata if tab.typ is SheetTypeEnum.WorkSheet]
        for number, tab in enumerate(tabs, 1):
            hidden = tab.visible is not SheetVisibleEnum.Visible
            share = number / len(tabs)
            try:
                beyond = look(tab.name, number - 1)
                beyond.refuse_too_large()
            except Unreadable as why:
                yield Sheet(tab.name, [], hidden=hidden, share=share, problem=why)
                continue
            rows, merged = _guarded(_grid, book, tab.name)
            rounded = _rounded(rows, beyond.looks)
            looked = _put_back(rows, beyond.looks)
            yield Sheet(
                tab.name,
                rows,
                merged or beyond.merged,
                hidden=hidden,
                share=share,
                hidden_rows=frozenset(beyond.hidden_rows),
                hidden_columns=frozenset(beyond.hidden_columns),
                asides=[Aside(where, text) for where, text in beyond.asides],
                struck=frozenset(at for at in looked if beyond.looks[at].struck),
                faint=frozenset(at for at in looked if beyond.looks[at].faint),
                rounded=rounded,
                conditional=beyond.conditional,
            )


def _grid(book: CalamineWorkbook, name: str) -> tuple[list[list[Any]], list[Any]]:
    sheet = book.get_sheet_by_name(name)
    return sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or []


def _guarded(call: Callable[..., _Result], *arguments: Any) -> _Result:
    """Call calamine; its panics, which are no `Exception`, mean a damaged file."""
    try:
        return call(*arguments)
    except BaseException as error:
        if type(error).__name__ == "PanicException":
            if "pointer is null" in str(error):  # an object for which no memory was left
                raise MemoryError from None
            raise Unreadable("file_damaged") from None
        raise


def _rounded(
    rows: list[list[Any]], looks: dict[tuple[int, int], Look]
) -> frozenset[tuple[int, int]]:
    """Return the cells whose number is shown rounded to one that differs by more than a hundredth of it."""
    found = set()
    for (at, column), look in looks.items():
        if look.places is not None and at < len(rows) and column < len(rows[at]):
            value = rows[at][column]
            if type(value) is float and abs(round(value, look.places) - value) > abs(value) / 100:
                found.add((at, column))
    return frozenset(found)


def _put_back(rows: list[list[Any]], looks: dict[tuple[int, int], Look]) -> list[tuple[int, int]]:
    """Set the cells that calamine left blank and mark those that look otherwise than they are.

    Returns
    -------
    list of (row, column)
        The cells with a look and a value.
    """
    odd = [at for at, look in looks.items() if look.odd]
    width = max(len(rows[0]) if rows else 0, 1 + max((column for _, column in odd), default=-1))
    if odd:
        rows.extend([] for _ in range(1 + max(row for row, _ in odd) - len(rows)))
        for row in rows:
            row.extend([""] * (width - len(row)))
    found = []
    for (at, column), look in looks.items():
        if at < len(rows) and column < len(rows[at]) and (look.odd or rows[at][column] != ""):
            rows[at][column] = look.odd or _as_shown(rows[at][column], look)
            found.append((at, column))
    return found


def _as_shown(value: Any, look: Look) -> Any:
    """Return a value as its looks show it."""
    shown = _as_formatted(value, look.code) if look.code else value
    if look.marks and not isinstance(shown, Odd):
        return Marked(f"{shown:.15g}" if isinstance(shown, float) else str(shown), look.marks)
    return shown


def _as_formatted(value: Any, code: str) -> Any:
    """Return a value as its number format shows it."""
    if type(value) in {int, float}:
        effect = effect_of(code, value)
        if effect.what == "hides":
            return Odd("format_hides", f"{value:.15g}")
        return value if effect.what == "plain" else Formatted(float(value), code)
    if isinstance(value, str) and value and (effect := text_effect_of(code)).what != "plain":
        return Odd("format_hides", value if effect.what == "hides" else f"{value} [{code}]")
    if isinstance(value, date):
        hides = effect_of(code, 1).what == "hides"
        return Odd("format_hides", str(value)) if hides else date_as_shown(value, code)
    return value


def _refuse_bomb(path: Path, archive: zipfile.ZipFile) -> None:
    """Refuse an archive that unpacks to more than it says, or to abnormally much.

    Raises
    ------
    Unreadable
        Also if it is encrypted.
    """
    entries = archive.infolist()
    if any(entry.flag_bits & 1 for entry in entries):
        raise Unreadable("file_encrypted")
    size = sum(entry.file_size for entry in entries)
    if size > _MOST_BYTES or (size > _RATIO_FROM and size > _MOST_RATIO * path.stat().st_size):
        raise Unreadable("file_bomb", size=size >> 20, limit=_MOST_BYTES >> 20)
    with path.open("rb") as file:
        for entry in entries:
            if entry.compress_type == zipfile.ZIP_STORED:
                continue
            if entry.compress_type != zipfile.ZIP_DEFLATED:
                raise Unreadable("file_damaged")
            file.seek(entry.header_offset + 26)
            name, extra = struct.unpack("<HH", file.read(4))
            file.seek(name + extra, 1)
            _check_size(file.read(entry.compress_size), entry.file_size)


def _check_size(packed: bytes, stated: int) -> None:
    inflater = zlib.decompressobj(-15)
    size = 0
    while packed:
        size += len(inflater.decompress(packed, 1 << 20))
        if size > stated:
            raise Unreadable("file_damaged")
        packed = inflater.unconsumed_tail
