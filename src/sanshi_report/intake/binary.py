"""What the binary workbooks tell besides plain values: xlsb, and xls since Excel 5."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from sanshi_report.intake.cells import Odd, Unreadable
from sanshi_report.intake.faults import cell_name
from sanshi_report.intake.formats import BUILT_IN
from sanshi_report.intake.ole import streams_of
from sanshi_report.intake.seen import NONE, Look, Unseen, in_format, style_of
from sanshi_report.intake.sheetxml import plain_edge
from sanshi_report.intake.strings import marked_strings

__all__ = ["comments_of_xlsb", "look_into_xls", "look_into_xlsb"]

_ERRORS = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
}
_EDGES = ("页眉", "页脚")


@dataclass
class _Book:
    """The fonts, formats and styles of a workbook as they are met."""

    formats: dict[int, str] = field(default_factory=lambda: dict(BUILT_IN))
    fonts: list[Look] = field(default_factory=list)
    used: list[tuple[int, int]] = field(default_factory=list)
    texts: dict[int, Look] = field(default_factory=dict)
    skips: bool = False  # an xls has no font number 4

    def add_font(self, data: bytes) -> None:
        """Take in a font record; both formats begin alike."""
        bits, _, _, raised = struct.unpack_from("<HHHH", data, 2)
        marks = {1: frozenset({"raised"}), 2: frozenset({"lowered"})}.get(raised, frozenset())
        self.fonts.append(Look("", marks, bool(bits & 8)))

    def font(self, number: int) -> Look:
        number -= self.skips and number > 4
        return self.fonts[number] if number < len(self.fonts) else NONE

    def styles(self) -> list[Look]:
        """Return what each style does."""
        found = []
        for font, number in self.used:
            code = self.formats.get(number, f"[{number}]")
            found.append(in_format(self.font(font), code))
        return found

    def rich(self, length: int, runs: Sequence[tuple[int, int]]) -> Look | None:
        """Return the look of a text of runs of (first character, font); the cell's font comes before."""
        starts = [first for first, _ in runs] + [length]
        looks = [
            self.font(f) for (first, f), end in zip(runs, starts[1:], strict=True) if end > first
        ]
        if runs and runs[0][0] > 0:
            looks.insert(0, NONE)
        whole = bool(looks) and all(look.struck for look in looks)
        marks = frozenset[str]().union(*(look.marks for look in looks))
        if not whole and any(look.struck for look in looks):
            marks |= {"struck"}
        return Look("", marks, whole) if marks or whole else None


# xlsb -----------------------------------------------------------------------------------------------


def look_into_xlsb(
    read: Callable[[str], bytes],
    targets: dict[str, str],
    asides: Callable[[str], list[tuple[str, str]]],
) -> Callable[[str, int], Unseen]:
    """Return what tells the unseen of a sheet of an xlsb by its name.

    Parameters
    ----------
    read : callable
        Returns a part of the archive.
    targets : dict[str, str]
        The parts the workbook refers to, by reference.
    asides : callable
        Returns the texts around a sheet, by its part.
    """
    parts: dict[str, str] = {}
    for kind, data in _xlsb_records(read("workbook.bin")):
        if kind == 156:
            by, after = _wide_string(data, 8)
            name = _wide_string(data, after)[0]
            if name in parts:
                raise Unreadable("file_repeats", what=name[:60])
            parts[name] = targets[by]
    book = _xlsb_book(read)
    styles = book.styles()

    def look(name: str, _: int) -> Unseen:
        sheet = _xlsb_sheet(read(parts[name]), styles, book)
        sheet.asides += asides(parts[name])
        return sheet

    return look


def _xlsb_book(read: Callable[[str], bytes]) -> _Book:
    book, inside = _Book(), False
    for kind, data in _xlsb_records(_or_none(read, "styles.bin")):
        if kind == 43:
            book.add_font(data)
        elif kind == 44:
            book.formats[struct.unpack_from("<H", data)[0]] = _wide_string(data, 2)[0]
        elif kind in {617, 618}:
            inside = kind == 617
        elif kind == 47 and inside:
            number, font = struct.unpack_from("<HH", data, 2)
            book.used.append((font, number))
    count = 0
    for kind, data in _xlsb_records(_or_none(read, "sharedStrings.bin")):
        if kind == 19:
            if data[0] & 1:
                text, at = _wide_string(data, 1)
                runs = struct.unpack_from(
                    f"<{2 * struct.unpack_from('<I', data, at)[0]}H", data, at + 4
                )
                if look := book.rich(len(text), list(zip(runs[::2], runs[1::2], strict=True))):
                    book.texts[count] = look
            count += 1
    return book


def _or_none(read: Callable[[str], bytes], part: str) -> bytes:
    try:
        return read(part)
    except KeyError:
        return b""


def _xlsb_sheet(content: bytes, styles: list[Look], book: _Book) -> Unseen:
    sheet, row, last = Unseen(), -1, -1
    for kind, data in _xlsb_records(content):
        if kind == 0:
            number = struct.unpack_from("<I", data)[0]
            if number <= row:
                raise Unreadable("file_repeats", what=f"{number + 1}:{number + 1}")
            row, last = number, -1
            if data[11] & 0x10 or int.from_bytes(data[8:10], "little") < 20:
                sheet.hidden_rows.add(row)
        elif 2 <= kind <= 11 or kind == 62:
            column, style = struct.unpack_from("<II", data)
            if column <= last:
                raise Unreadable("file_repeats", what=cell_name(row, column))
            last = column
            sheet.stretch(row, column)
            look = style_of(styles, style & 0xFFFFFF)
            if kind in {3, 11}:
                look = replace(look, odd=Odd("error_value", _ERRORS.get(data[8], "#?")))
            elif kind == 62:  # a text with parts of its own, which calamine leaves out
                look = replace(look, odd=Odd("marked", _wide_string(data, 9)[0]))
            elif kind == 7 and book.texts:
                look = look.over(book.texts.get(struct.unpack_from("<I", data, 8)[0]))
            if look != NONE:
                sheet.looks[row, column] = look
        elif kind == 176:
            top, bottom, left, right = struct.unpack_from("<IIII", data)
            sheet.merged.append(((top, left), (bottom, right)))
        elif kind == 60:
            first, final, width, _, bits = struct.unpack_from("<IIIIH", data)
            if bits & 1 or not width:
                sheet.hidden_columns.update(range(first, min(final + 1, 1 << 14)))
        elif kind == 479:
            sheet.asides += _xlsb_edges(data)
    return sheet


def _xlsb_edges(data: bytes) -> Iterator[tuple[str, str]]:
    at = 2
    for n in range(6):
        if data[at : at + 4] == b"\xff\xff\xff\xff":
            at += 4
            continue
        text, at = _wide_string(data, at)
        if words := plain_edge(text):
            yield _EDGES[n % 2], words


def comments_of_xlsb(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield the comments of a part of comments."""
    where = ""
    for kind, data in _xlsb_records(content):
        if kind == 635:
            row, _, column, _ = struct.unpack_from("<IIII", data, 4)
            where = cell_name(row, column)
        elif kind == 637:
            yield f"批注 {where}", _wide_string(data, 1)[0]


def _xlsb_records(content: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(content):
        kind, at = _varied(content, at, 2)
        size, at = _varied(content, at, 4)
        yield kind, content[at : at + size]
        at += size


def _varied(content: bytes, at: int, most: int) -> tuple[int, int]:
    value = 0
    for n in range(most):
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            break
    return value, at


def _wide_string(data: bytes, at: int) -> tuple[str, int]:
    end = at + 4 + 2 * struct.unpack_from("<I", data, at)[0]
    if end > len(data):
        raise ValueError("a text longer than its record")
    return data[at + 4 : end].decode("utf-16-le"), end


# xls ------------------------------------------------------------------------------------------------


def look_into_xls(content: bytes) -> Callable[[str, int], Unseen]:
    """Return what tells the unseen of a sheet of an xls by its number.

    Raises
    ------
    Unreadable
        If the file is encrypted or is no workbook.
    """
    streams = streams_of(content)
    stream = streams.get("workbook", streams.get("book"))
    if stream is None:
        raise Unreadable("file_encrypted" if "encryptedpackage" in streams else "file_damaged")
    book, starts = _Book(skips=True), []
    shared: list[bytes] = []
    before = 0
    modern = True  # since Excel 97; before, texts have one byte a character and no flags
    for kind, data in _xls_records(stream, 0):
        if kind == 0x809:
            modern = struct.unpack_from("<H", data)[0] >= 0x600
        elif kind == 0x2F:
            raise Unreadable("file_encrypted")
        elif kind == 0x31:
            book.add_font(data)
        elif kind == 0x41E:
            book.formats[struct.unpack_from("<H", data)[0]] = _xls_text(data[2:], modern, 2)
        elif kind == 0xE0:
            font, number = struct.unpack_from("<HH", data)
            book.used.append((font, number))
        elif kind == 0x85:
            starts.append((struct.unpack_from("<I", data)[0], data[5] == 0))
        elif kind == 0xFC or (kind == 0x3C and before == 0xFC):
            shared.append(data)
        before = before if kind == 0x3C else kind
    book.texts = marked_strings(shared, book.rich)
    styles = book.styles()
    sheets = [
        (is_sheet, _xls_sheet(stream, start, styles, book, modern)) for start, is_sheet in starts
    ]
    worksheets = [sheet for is_sheet, sheet in sheets if is_sheet]
    return lambda _, number: worksheets[number]


def _xls_sheet(stream: bytes, start: int, styles: list[Look], book: _Book, modern: bool) -> Unseen:
    sheet, cells = Unseen(), set[tuple[int, int]]()
    drawn = _Drawn(modern)

    def add(row: int, column: int, style: int, look: Look | None = None) -> None:
        if (row, column) in cells:
            raise Unreadable("file_repeats", what=cell_name(row, column))
        cells.add((row, column))
        sheet.stretch(row, column)
        own = style_of(styles, style)
        own = replace(own, odd=look.odd) if look and look.odd else own.over(look)
        if own != NONE:
            sheet.looks[row, column] = own

    for kind, data in _xls_records(stream, start):
        if kind == 0x200:
            top, bottom, _, right = struct.unpack_from(
                "<HHHH" if len(data) == 10 else "<IIHH", data
            )
            sheet.stretch(bottom, right)
            if top > bottom:
                raise Unreadable("file_damaged")
        elif kind in {0x06, 0x203, 0x204, 0x205, 0xD6, 0xFD, 0x27E}:
            row, column, style = struct.unpack_from("<HHH", data)
            add(row, column, style, _xls_look(kind, data, book, modern))
        elif kind == 0xBD:
            row, first = struct.unpack_from("<HH", data)
            for n, at in enumerate(range(4, len(data) - 2, 6)):
                add(row, first + n, struct.unpack_from("<H", data, at)[0])
        elif kind == 0x208:
            row, _, _, height = struct.unpack_from("<HHHH", data)
            if data[12] & 0x20 or height & 0x7FFF < 20:
                sheet.hidden_rows.add(row)
        elif kind == 0x7D:
            first, last, width, _, bits = struct.unpack_from("<HHHHH", data)
            if bits & 1 or not width:
                sheet.hidden_columns.update(range(first, min(last + 1, 256)))
        else:
            drawn.take(kind, data)
    sheet.refuse_too_large()
    sheet.asides += drawn.asides()
    return sheet


def _xls_look(kind: int, data: bytes, book: _Book, modern: bool) -> Look | None:
    """Return what a cell's record tells besides its style and its value."""
    error = None
    if kind == 0x205 and data[7]:
        error = data[6]
    elif kind == 0x06 and data[12:14] == b"\xff\xff" and data[6] == 2:
        error = data[8]
    if error is not None:
        return Look(odd=Odd("error_value", _ERRORS.get(error, "#?")))
    if kind == 0xFD:
        return book.texts.get(struct.unpack_from("<I", data, 6)[0])
    if kind == 0xD6 and not modern:
        length = struct.unpack_from("<H", data, 6)[0]
        runs = data[9 + length : 9 + length + 2 * data[8 + length]]
        return book.rich(length, list(zip(runs[::2], runs[1::2], strict=True)))
    return None


@dataclass
class _Drawn:
    """The texts of comments, drawings and print edges of one sheet of an xls."""

    modern: bool
    number: int = 0
    awaited: int = 0
    texts: dict[int, str] = field(default_factory=dict)
    notes: list[tuple[str, int]] = field(default_factory=list)
    found: list[tuple[str, str]] = field(default_factory=list)

    def take(self, kind: int, data: bytes) -> None:
        """Take in a record, if it is about any of them."""
        if kind in {0x14, 0x15} and data:
            words = plain_edge(_xls_text(data, self.modern, 2))
            self.found += [(_EDGES[kind - 0x14], words)] if words else []
        elif kind == 0x1C and len(data) >= 8:
            row, column, _, number = struct.unpack_from("<HHHH", data)
            if self.modern:
                self.notes.append((cell_name(row, column), number))
            else:
                text = data[6:].decode("gb18030", "replace")
                self.found.append((f"批注 {cell_name(row, column)}", text))
        elif kind == 0x5D and len(data) >= 8:
            self.number = struct.unpack_from("<H", data, 6)[0]
        elif kind == 0x1B6:
            self.awaited = struct.unpack_from("<H", data, 10)[0]
        elif kind == 0x3C and self.awaited and data:
            text = data[1:].decode("utf-16-le" if data[0] & 1 else "latin-1", "replace")
            self.texts[self.number] = self.texts.get(self.number, "") + text[: self.awaited]
            self.awaited -= min(self.awaited, len(text))

    def asides(self) -> list[tuple[str, str]]:
        """Return where each text stands, and the text."""
        named = [(f"批注 {cell}", self.texts.pop(number, "")) for cell, number in self.notes]
        every = [*self.found, *named, *(("文本框", text) for text in self.texts.values())]
        return [(where, text.strip()) for where, text in every if text.strip()]


def _xls_records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Yield the records of one substream, those of substreams inside it (charts) left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        depth += kind == 0x809
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + size]
        depth -= kind == 0x0A
        if depth <= 0:
            return
        at += 4 + size


def _xls_text(data: bytes, modern: bool, size: int) -> str:
    """Return a text after its length, which takes up `size` bytes since Excel 97 and one before."""
    if not modern:
        return data[1 : 1 + data[0]].decode("gb18030", "replace")
    length = int.from_bytes(data[:size], "little")
    text = data[size + 1 :]
    wide = data[size] & 1
    return (
        text[: 2 * length].decode("utf-16-le", "replace")
        if wide
        else text[:length].decode("latin-1")
    )
