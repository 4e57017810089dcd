"""Received files as people make them: a few rows in, a workbook of any format out."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import xlsxwriter

from sanshi_report.intake import Fault, Reading, read
from sanshi_report.workspace import Programme, Workspace

PROGRAMME: Programme = Workspace.find().parameters("2024-06").programme

Rows = Sequence[Sequence[Any]]
HEAD = ("项目编号", "月份", "本月完成投资")
NAME = "2024-06/unit.xlsx"


@dataclass(frozen=True)
class Styled:
    """A number with a number format."""

    number: float
    code: str


@dataclass(frozen=True)
class Formula:
    """A formula with its stored result."""

    text: str
    result: Any


@dataclass(frozen=True)
class Merged:
    """A value whose cell is merged with those `down` and `across` from it."""

    value: Any
    down: int = 0
    across: int = 0


def xlsx(path: Path, sheets: Mapping[str, Rows], **options: Any) -> Path:
    """Write a workbook; None is a blank cell."""
    book = xlsxwriter.Workbook(
        path, {"strings_to_formulas": False, "strings_to_urls": False, **options}
    )
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for row, values in enumerate(rows):
            for column, value in enumerate(values):
                if isinstance(value, Merged):
                    sheet.merge_range(
                        row, column, row + value.down, column + value.across, value.value
                    )
                elif isinstance(value, Styled):
                    code = book.add_format({"num_format": value.code})
                    sheet.write_number(row, column, value.number, code)
                elif isinstance(value, Formula):
                    sheet.write_formula(row, column, value.text, None, value.result)
                elif isinstance(value, date | datetime):
                    sheet.write_datetime(row, column, value, day)
                elif isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write(row, column, value)
    book.close()
    return path


def xlsb(path: Path, name: str, rows: Rows) -> Path:
    """Write a workbook of one sheet in Excel's binary format; an error value is written as `#REF!`."""
    formats = sorted({v.code for row in rows for v in row if isinstance(v, Styled)})
    extent = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    records = [_record(129), _record(148, extent), _record(145)]
    for number, values in enumerate(rows):
        records.append(_record(0, struct.pack("<IIHHBI", number, 0, 300, 0, 0, 0)))
        for column, value in enumerate(values):
            style = 1 + formats.index(value.code) if isinstance(value, Styled) else 0
            head = struct.pack("<II", column, style)
            if value == "#REF!":
                records.append(_record(3, head + b"\x17"))
            elif isinstance(value, str):
                records.append(_record(6, head + _text(value)))
            elif isinstance(value, Styled | int | float):
                plain = value.number if isinstance(value, Styled) else value
                records.append(_record(5, head + struct.pack("<d", plain)))
    records += [_record(146), _record(130)]
    codes = [
        _record(44, struct.pack("<H", 164 + n) + _text(code)) for n, code in enumerate(formats)
    ]
    used = [0, *range(164, 164 + len(formats))]
    xfs = [_record(47, struct.pack("<HHHHHBBH", 0, code, 0, 0, 0, 0, 0, 0)) for code in used]
    bundle = struct.pack("<II", 0, 1) + _text("rId1") + _text(name)
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    parts = {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.bin": _record(131)
        + _record(143)
        + _record(156, bundle)
        + _record(144)
        + _record(132),
        "xl/_rels/workbook.bin.rels": (
            f'<Relationships><Relationship Id="rId1" Type="{relation}/worksheet" '
            f'Target="worksheets/sheet1.bin"/></Relationships>'
        ).encode(),
        "xl/worksheets/sheet1.bin": b"".join(records),
        "xl/styles.bin": b"".join(
            [
                *(_record(615, _count(codes)), *codes, _record(616)),
                *(_record(617, _count(xfs)), *xfs, _record(618)),
            ]
        ),
    }
    return packed(path, parts)


def _record(kind: int, data: bytes = b"") -> bytes:
    return _varied(kind) + _varied(len(data)) + data


def _count(items: Sequence[Any]) -> bytes:
    return struct.pack("<I", len(items))


def _varied(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def ods(path: Path, name: str, rows: Rows) -> Path:
    """Write an OpenDocument sheet; `#REF!` is an error value, as LibreOffice writes it."""
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, values))}</table:table-row>" for values in rows
    )
    spaces = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{short}:1.0"'
        for short in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {spaces}><office:body><office:spreadsheet>"
        f"<table:table table:name={quoteattr(name)}>{lines}</table:table>"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = b"application/vnd.oasis.opendocument.spreadsheet"
    manifest = b"<manifest/>"
    parts = {"mimetype": kind, "content.xml": content.encode(), "META-INF/manifest.xml": manifest}
    return packed(path, parts)


def _ods_cell(value: Any) -> str:
    if value is None:
        return "<table:table-cell/>"
    if value == "#REF!":
        return (
            '<table:table-cell table:formula="of:=#REF!" office:value-type="string" '
            'office:string-value=""><text:p>#REF!</text:p></table:table-cell>'
        )
    if isinstance(value, Styled):
        kind = "percentage" if "%" in value.code else "float"
        shown = f"{value.number * 100:g}%" if "%" in value.code else f"{value.number:g}"
        return (
            f'<table:table-cell office:value-type="{kind}" office:value="{value.number}">'
            f"<text:p>{shown}</text:p></table:table-cell>"
        )
    if isinstance(value, Merged):
        spanned = f'table:number-rows-spanned="{value.down + 1}" table:number-columns-spanned="1"'
        return _ods_cell(value.value).replace("<table:table-cell", f"<table:table-cell {spanned}")
    if isinstance(value, str):
        text = f"<text:p>{escape(value)}</text:p>"
        return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    number = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {number}><text:p>{value:g}</text:p></table:table-cell>"


def packed(path: Path, parts: Mapping[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def repacked(path: Path, part: str, change: Any) -> Path:
    """Change one part of an archive in place."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part] = change(parts[part])
    return packed(path, parts)


def progress(folder: Path, *rows: Sequence[Any], head: Sequence[Any] = HEAD) -> Reading:
    """Read a workbook of one sheet of progress."""
    path = xlsx(folder / "unit.xlsx", {"月度进展": [head, *rows]})
    return read(path, PROGRAMME, name=NAME)


def faults(reading: Reading) -> list[tuple[str, str]]:
    """Where the faults are and which rules they break."""
    return [(fault.cell, fault.rule) for fault in reading.faults]


def values(fault: Fault) -> Any:
    """What the sentences of a fault say besides its place."""
    return asdict(fault)["values"]
