"""What the workbook reader leaves out: error values, formulas without a result, number formats, size.

calamine gives a blank for `#REF!` and for a formula that was never calculated, and 0.45 for a cell that shows
45 %. Read on, a blank would mean "not reported" and 0.45 something else than the sender saw. So the parts of
a file that tell are looked at here, whatever its format, before calamine is trusted with it.
"""

from __future__ import annotations

import posixpath
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from xml.etree import ElementTree
from zipfile import ZipFile

from sanshi_report.intake.cells import Odd, Unreadable
from sanshi_report.intake.formats import BUILT_IN, is_always_plain
from sanshi_report.intake.ole import streams_of

__all__ = ["Look", "Unseen", "look_into_archive", "look_into_xls"]

Cell = tuple[int, int]
Look = Callable[[str, int], "Unseen"]
"""Tells what one worksheet holds, by its name and its 0-based number among the worksheets."""

_MOST_CELLS = 30_000_000
_ERRORS = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
}
_TELLING = re.compile(r"%|[亿万千元]|^0{2,}$|[0#?],+(?![0#?,])")


@dataclass
class Unseen:
    """What one sheet holds besides plain values; positions are 0-based (row, column).

    Attributes
    ----------
    rows, columns : int
        At least the size of the rectangle from A1 that holds every value.
    odd : dict
        Cells whose value calamine drops.
    formats : dict
        Number formats that change what a number says: percent, scaled, with a unit, zero-filled.
    merged : list
        First and last cell of each merged range, where calamine does not know them.
    """

    rows: int = 0
    columns: int = 0
    odd: dict[Cell, Odd] = field(default_factory=dict)
    formats: dict[Cell, str] = field(default_factory=dict)
    merged: list[tuple[Cell, Cell]] = field(default_factory=list)

    def refuse_too_large(self) -> None:
        """Raise `Unreadable` if the rectangle is more than can be held."""
        if self.rows * self.columns > _MOST_CELLS:
            raise Unreadable("sheet_too_large", rows=self.rows, columns=self.columns)

    def stretch(self, row: int, column: int) -> None:
        """Make the size include one cell."""
        self.rows = max(self.rows, row + 1)
        self.columns = max(self.columns, column + 1)


# Office Open XML ------------------------------------------------------------------------------------

_NUMBERED = re.compile(rb' r="(?:(\d+)"|([A-Z]{2,3})\d)')
_CELL = rb"<(?:\w+:)?c\b([^>]*?)/?>"
_UNCALCULATED = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)\s*"
    rb"(<(?:\w+:)?v\s*/>|<(?:\w+:)?v[^>]*>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_VALUE = re.compile(rb"<(?:\w+:)?v[^>]*>([^<]*)<")
_NAMED = re.compile(rb'\sr="([A-Z]{1,3})(\d+)"')


class _Package:
    """The parts of an Office archive, by lower-case path from the folder of its workbook part."""

    def __init__(self, archive: ZipFile, workbook: str) -> None:
        self.archive = archive
        self.base = workbook.rpartition("/")[0]
        self.parts = {_slashed(name): name for name in archive.namelist()}

    def read(self, path: str) -> bytes:
        path = path[1:] if path.startswith("/") else posixpath.join(self.base, path)
        return self.archive.read(self.parts[posixpath.normpath(_slashed(path))])

    def xml(self, path: str) -> ElementTree.Element:
        return ElementTree.fromstring(self.read(path))

    def has(self, path: str) -> bool:
        return _slashed(posixpath.join(self.base, path)) in self.parts

    def targets(self, workbook: str) -> dict[str | None, str]:
        """Return the path of each part the workbook refers to, by its reference."""
        relations = self.xml(f"_rels/{workbook}.rels")
        return {node.get("Id"): node.get("Target") or "" for node in relations}


def _slashed(name: str) -> str:
    return name.replace("\\", "/").casefold()


def look_into_archive(archive: ZipFile) -> Look:
    """Return what tells the unseen of a sheet of an xlsx, xlsm, xlsb or ods by its name and number.

    Raises
    ------
    Unreadable
        If the archive is none of these, or encrypted.
    """
    for name in map(_slashed, archive.namelist()):
        folder, _, part = name.rpartition("/")
        if part in {"workbook.xml", "workbook.bin"} and folder in {"", "xl"}:
            look = _look_into_xlsx if part == "workbook.xml" else _look_into_xlsb
            return look(_Package(archive, name))
    if "content.xml" in archive.namelist():
        return _look_into_ods(archive)
    raise Unreadable("file_damaged")


def _look_into_xlsx(package: _Package) -> Look:
    if package.has("sharedStrings.xml"):
        strings = package.read("sharedStrings.xml")
        stated = re.search(rb'\suniqueCount="(\d+)"', strings[:4096])
        if stated and int(stated[1]) > len(strings):  # calamine sets aside what is stated
            raise Unreadable("file_damaged")
    targets = package.targets("workbook.xml")
    styles = _telling_styles(package)
    parts: dict[str, str] = {}
    for node in package.xml("workbook.xml").iter():
        if _local(node) == "sheet":
            by = next((v for k, v in node.attrib.items() if k.endswith("}id")), "")
            parts[node.get("name", "")] = targets.get(by, "")
    return lambda name, _: _xml_sheet(package.read(parts[name]), styles)


def _telling_styles(package: _Package) -> dict[int, str]:
    if not package.has("styles.xml"):
        return {}
    formats = dict(BUILT_IN)
    styles: dict[int, str] = {}
    for node in package.xml("styles.xml").iter():
        if _local(node) == "numFmt":
            formats[int(node.get("numFmtId", -1))] = node.get("formatCode", "")
        elif _local(node) == "cellXfs":
            for number, xf in enumerate(node):
                code = formats.get(int(xf.get("numFmtId", 0)), "?")
                if not is_always_plain(code):
                    styles[number] = code
    return styles


def _xml_sheet(xml: bytes, styles: dict[int, str]) -> Unseen:
    if xml.find(b"='", 200) > 0:  # after the XML declaration
        xml = re.sub(rb"='([^'\"<>]*)'", rb'="\1"', xml)
    numbers, letters = zip((b"0", b"Z"), *set(_NUMBERED.findall(xml)), strict=True)
    rows = max(xml.count(b"<row"), xml.count(b":row"), *map(int, filter(None, numbers)))
    sheet = Unseen(rows, 1 + max(map(_column_number, letters)))
    if b't="e"' in xml:
        for match in re.finditer(_CELL.replace(b"([^>]*?)", b'(?=[^>]*\\st="e")([^>]*?)'), xml):
            value = _VALUE.search(xml, match.end())
            text = value[1].decode("ascii", "replace") if value else "#?"
            sheet.odd[_position(xml, match)] = Odd("error_value", text)
    if b"<f" in xml or b":f" in xml:
        for match in _UNCALCULATED.finditer(xml):
            # An empty text is a result; LibreOffice and Excel write it as a value of type str.
            if match[2] is None or b't="str"' not in match[1]:
                sheet.odd[_position(xml, match)] = Odd("no_cached_value", "=")
    if styles:
        wanted = b"|".join(b"%d" % number for number in styles)
        for match in re.finditer(
            _CELL.replace(b"([^>]*?)", b'(?=[^>]*\\ss="(%s)")([^>]*?)' % wanted), xml
        ):
            sheet.formats[_position(xml, match)] = styles[int(match[1])]
    return sheet


def _position(xml: bytes, cell: re.Match[bytes]) -> Cell:
    if named := _NAMED.search(cell[0]):
        return int(named[2]) - 1, _column_number(named[1])
    # Cells need not name themselves; then they stand one after another.
    start = max(xml.rfind(b"<row", 0, cell.start()), xml.rfind(b":row", 0, cell.start()))
    before = xml[start : cell.start()]
    column = len(re.findall(rb"<(?:\w+:)?c\b", before))
    number = re.search(rb'\sr="(\d+)"', before.split(b">", 1)[0])
    row = int(number[1]) if number else len(re.findall(rb"<(?:\w+:)?row\b", xml[: cell.start()]))
    return row - 1, column


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _local(node: ElementTree.Element) -> str:
    return str(node.tag).rpartition("}")[2]


# OpenDocument ---------------------------------------------------------------------------------------

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_ODS_ERROR = re.compile(r"#(?:REF!|DIV/0!|N/A|NAME\?|NULL!|NUM!|VALUE!)|Err:[0-9]+")


def _look_into_ods(archive: ZipFile) -> Look:
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Unreadable("file_encrypted")
    sheets: dict[str, Unseen] = {}
    sheet, row = Unseen(), 0
    with archive.open("content.xml") as content:
        for event, node in ElementTree.iterparse(content, ("start", "end")):
            if event == "start" and node.tag == f"{_TABLE}table":
                sheet, row = sheets.setdefault(node.get(f"{_TABLE}name", ""), Unseen()), 0
            elif event == "end" and node.tag == f"{_TABLE}table-row":
                repeated = int(node.get(f"{_TABLE}number-rows-repeated", 1))
                _ods_row(sheet, row, repeated, node)
                row += repeated
                node.clear()
    for one in sheets.values():  # calamine would take them all in at once
        one.refuse_too_large()
    return lambda name, _: sheets[name]


def _ods_row(sheet: Unseen, row: int, repeated: int, node: ElementTree.Element) -> None:
    column = 0
    for cell in node:
        wide = int(cell.get(f"{_TABLE}number-columns-repeated", 1))
        kind = cell.get(f"{_OFFICE}value-type")
        shows = "".join(cell.itertext())
        formula = cell.get(f"{_TABLE}formula")
        if kind or shows or formula:
            sheet.stretch(row + repeated - 1, column + wide - 1)
        where = (row, column)
        if _ODS_ERROR.fullmatch(shows) and (formula or kind != "string"):
            sheet.odd[where] = Odd("error_value", shows)
        elif formula and not kind and not len(cell):
            sheet.odd[where] = Odd("no_cached_value", "=")
        elif kind in {"float", "percentage", "currency"} and (code := _ods_format(shows)):
            sheet.formats[where] = code
        down = int(cell.get(f"{_TABLE}number-rows-spanned", 1))
        across = int(cell.get(f"{_TABLE}number-columns-spanned", 1))
        if down > 1 or across > 1:
            sheet.merged.append((where, (row + down - 1, column + across - 1)))
        column += wide


def _ods_format(shows: str) -> str:
    """Return the telling number format that a number's shown text betrays, if any."""
    if re.fullmatch("0[0-9]+", shows):
        return "0" * len(shows)
    return re.sub(r"^-?[0-9.,]+", "0", shows) if _TELLING.search(shows) else ""


# Binary formats -------------------------------------------------------------------------------------


def _look_into_xlsb(package: _Package) -> Look:
    targets = package.targets("workbook.bin")
    parts: dict[str, str] = {}
    for kind, data in _xlsb_records(package.read("workbook.bin")):
        if kind == 156:
            by, after = _wide_string(data, 8)
            parts[_wide_string(data, after)[0]] = targets[by]
    styles = _xlsb_styles(package)
    return lambda name, _: _xlsb_sheet(package.read(parts[name]), styles)


def _xlsb_styles(package: _Package) -> dict[int, str]:
    if not package.has("styles.bin"):
        return {}
    formats, used, inside = dict(BUILT_IN), [], False
    for kind, data in _xlsb_records(package.read("styles.bin")):
        if kind == 44:
            formats[struct.unpack_from("<H", data)[0]] = _wide_string(data, 2)[0]
        elif kind in {617, 618}:
            inside = kind == 617
        elif kind == 47 and inside:
            used.append(formats.get(struct.unpack_from("<H", data, 2)[0], "?"))
    return {number: code for number, code in enumerate(used) if not is_always_plain(code)}


def _xlsb_sheet(content: bytes, styles: dict[int, str]) -> Unseen:
    sheet, row = Unseen(), 0
    for kind, data in _xlsb_records(content):
        if kind == 0:
            row = struct.unpack_from("<I", data)[0]
        elif 2 <= kind <= 11:
            column, style = struct.unpack_from("<II", data)
            sheet.stretch(row, column)
            if kind in {3, 11}:
                sheet.odd[row, column] = Odd("error_value", _ERRORS.get(data[8], "#?"))
            elif kind in {2, 5, 9} and (code := styles.get(style & 0xFFFFFF)):
                sheet.formats[row, column] = code
        elif kind == 176:
            top, bottom, left, right = struct.unpack_from("<IIII", data)
            sheet.merged.append(((top, left), (bottom, right)))
    return sheet


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
    return data[at + 4 : end].decode("utf-16-le"), end


def look_into_xls(content: bytes) -> Look:
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
    formats, used, starts = dict(BUILT_IN), [], []
    modern = True  # since Excel 97; before, texts have one byte a character and no flags
    for kind, data in _xls_records(stream, 0):
        if kind == 0x809:
            modern = struct.unpack_from("<H", data)[0] >= 0x600
        elif kind == 0x2F:
            raise Unreadable("file_encrypted")
        elif kind == 0x41E:
            formats[struct.unpack_from("<H", data)[0]] = _xls_format(data[2:], modern)
        elif kind == 0xE0:
            used.append(formats.get(struct.unpack_from("<H", data, 2)[0], "?"))
        elif kind == 0x85:
            starts.append((struct.unpack_from("<I", data)[0], data[5] == 0))
    styles = {number: code for number, code in enumerate(used) if not is_always_plain(code)}
    sheets = [(is_sheet, _xls_sheet(stream, start, styles)) for start, is_sheet in starts]
    worksheets = [sheet for is_sheet, sheet in sheets if is_sheet]
    return lambda _, number: worksheets[number]


def _xls_sheet(stream: bytes, start: int, styles: dict[int, str]) -> Unseen:
    sheet = Unseen()
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
            sheet.stretch(row, column)
            if code := styles.get(style):
                sheet.formats[row, column] = code
            error = None
            if kind == 0x205 and data[7]:
                error = data[6]
            elif kind == 0x06 and data[12:14] == b"\xff\xff" and data[6] == 2:
                error = data[8]
            if error is not None:
                sheet.odd[row, column] = Odd("error_value", _ERRORS.get(error, "#?"))
        elif kind == 0xBD:
            row, first = struct.unpack_from("<HH", data)
            sheet.stretch(row, first + len(data) // 6)
            for n, at in enumerate(range(4, len(data) - 2, 6)):
                if code := styles.get(struct.unpack_from("<H", data, at)[0]):
                    sheet.formats[row, first + n] = code
    sheet.refuse_too_large()
    return sheet


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


def _xls_format(data: bytes, modern: bool) -> str:
    if not modern:
        return data[1 : 1 + data[0]].decode("gb18030", "replace")
    length = struct.unpack_from("<H", data)[0]
    text = data[3:]
    return (
        text[: 2 * length].decode("utf-16-le", "replace")
        if data[2] & 1
        else text[:length].decode("latin-1")
    )
