"""Files that would put a wrong figure into the ledger, and how each is judged."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xlsxwriter
from intake_workbooks import HEAD, NAME, PROGRAMME, packed, xlsx

from sanshi_report.intake import Reading, read

WAN, YI = 10**6, 10**10  # fen
GOOD = ("H01", "2024-06", 1750)
UNITED = (*HEAD[:2], "本月完成投资（万元）")

Make = Callable[[Path], Path]


@dataclass(frozen=True)
class Attack:
    """A file to make, how receipts call it, and what its one row of progress means."""

    label: str
    make: Make
    truth: int | None = None
    name: str = NAME

    def __str__(self) -> str:
        return self.label


def sheet(*rows: Any, name: str = "月度进展") -> Make:
    return lambda folder: xlsx(folder / "unit.xlsx", {name: rows})


def drawn(change: Callable[[Any, Any], Any], head: Any = HEAD, row: Any = GOOD) -> Make:
    """A workbook to which xlsxwriter adds something: a comment, a header, a format."""

    def make(folder: Path) -> Path:
        path = folder / "unit.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet("月度进展")
            page.write_row(0, 0, head)
            page.write_row(1, 0, row)
            change(book, page)
        return path

    return make


def csv(text: str, name: str = "progress.csv", encoding: str = "utf-8") -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text.encode(encoding))
        return path

    return make


def raw(rows: str, styles: str = "", shared: str = "") -> Make:
    """A workbook of hand-written XML: what stands between `<sheetData>` and its end."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = "".join(
        f'<c r="{"ABC"[n]}1" t="inlineStr"><is><t>{t}</t></is></c>' for n, t in enumerate(UNITED)
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{relation}"><sheets>'
        '<sheet name="月度进展" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{relation}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet {space}><sheetData><row r="1">{head}</row>{rows}'
        "</sheetData></worksheet>",
        "xl/styles.xml": f"<styleSheet {space}>{styles}</styleSheet>",
        "xl/sharedStrings.xml": f"<sst {space}>{shared}</sst>",
    }
    return lambda folder: packed(folder / "unit.xlsx", {n: t.encode() for n, t in parts.items()})


def line(cell: str, row: str = '<row r="2">') -> str:
    ids = '<c r="A2" t="inlineStr"><is><t>H01</t></is></c><c r="B2" t="inlineStr"><is><t>2024-06</t></is></c>'
    return f"{row}{ids}{cell}</row>"


def taken(reading: Reading) -> dict[str, list[Any]]:
    """What would enter the ledger."""
    return {
        table: frame.drop(columns="origin").to_dict("records")
        for table, frame in reading.tables.items()
    }


def amounts_taken(attack: Attack, folder: Path) -> list[int] | None:
    """Read a file; return the amounts that were taken from it, or None if faults say why it was not."""
    reading = read(attack.make(folder), PROGRAMME, name=attack.name)
    for fault in [*reading.faults, *reading.warnings]:
        assert fault.text("zh")
        assert fault.text("en")
    return None if reading.faults else [row["invested"] for row in taken(reading)["progress"]]
