"""What a sheet says besides its values: hidden, struck, marked, commented, out of order."""

import re
import struct
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from intake_workbooks import (
    HEAD,
    NAME,
    PROGRAMME,
    Formula,
    Styled,
    faults,
    ods,
    repacked,
    values,
    xlsb,
    xlsx,
)
from openpyxl.comments import Comment

from sanshi_report.intake import read
from sanshi_report.intake.cells import Marked, Odd
from sanshi_report.intake.files import Aside, Sheet, sheets_of
from sanshi_report.intake.formats import Formatted

SHEET = "xl/worksheets/sheet1.xml"
GOOD = ["H01", "2024-06", 1.5]


def first(path: Path) -> Sheet:
    return next(sheets_of(path))


def written(folder: Path, fill: Any) -> Path:
    """Write a workbook whose one sheet `fill` fills in."""
    path = folder / "a.xlsx"
    book = xlsxwriter.Workbook(path)
    fill(book, book.add_worksheet("月度进展"))
    book.close()
    return path


def test_hidden_rows_and_columns(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        for row in range(6):
            sheet.write_row(row, 0, range(6))
        sheet.set_row(1, None, None, {"hidden": True})
        sheet.set_row(3, 0)
        sheet.set_column(2, 3, None, None, {"hidden": True})
        sheet.set_column(5, 5, 0)

    sheet = first(written(tmp_path, fill))
    assert sheet.hidden_rows == {1, 3}
    assert sheet.hidden_columns == {2, 3, 5}


def test_rows_hidden_by_a_filter_or_in_a_closed_group(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in range(1, 7):
        book.active.append([row])
    book.active.row_dimensions.group(2, 3, hidden=True)
    book.active.column_dimensions.group("A", "B", hidden=True)
    book.save(tmp_path / "a.xlsx")
    sheet = first(tmp_path / "a.xlsx")
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1, 2}, {0, 1})


def test_comments_edges_and_text_boxes_are_asides(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write(6, 3, 1)
        sheet.write_comment("D7", "按万元填报", {"author": "甲"})
        sheet.set_header('&L&"宋体,常规"&12单位：万元&R&P')
        sheet.set_footer("&C制表人")
        sheet.insert_textbox(1, 1, "以下金额以万元计")

    asides = first(written(tmp_path, fill)).asides
    assert {(one.where, one.text) for one in asides} >= {
        ("批注 D7", "按万元填报"),
        ("页脚", "制表人"),
        ("文本框", "以下金额以万元计"),
    }
    assert [one.text for one in asides if one.where == "页眉"] == ["单位：万元"]


def test_cells_struck_out_whole_in_part_or_raised(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        struck, raised = (
            book.add_format({"font_strikeout": True}),
            book.add_format({"font_script": 1}),
        )
        sheet.write(0, 0, "甲", struck)
        sheet.write(0, 1, 2.5, struck)
        sheet.write_rich_string(0, 2, "1.7", raised, "5")
        sheet.write_rich_string(0, 3, struck, "旧", "新")
        sheet.write(0, 4, 12, raised)
        sheet.write_rich_string(0, 5, "甲", book.add_format({"bold": True}), "乙")
        sheet.write(0, 6, "", struck)

    sheet = first(written(tmp_path, fill))
    assert sheet.struck == {(0, 0), (0, 1)}
    assert sheet.rows[0][:6] == [
        "甲",
        2.5,
        Marked("1.75", frozenset({"raised"})),
        Marked("旧新", frozenset({"struck"})),
        Marked("12", frozenset({"raised"})),
        "甲乙",
    ]


def test_a_raised_digit_in_an_amount_is_a_fault_and_in_a_note_is_not(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        raised = book.add_format({"font_script": 1})
        sheet.write_row(0, 0, [*HEAD, "形象进度说明"])
        sheet.write_row(1, 0, ["H01", "2024-06"])
        sheet.write_rich_string(1, 2, "1.7", raised, "5")
        sheet.write_rich_string(1, 3, "铺设 12 m", raised, "2")

    assert faults(read(written(tmp_path, fill), PROGRAMME, name=NAME)) == [("C2", "marked")]


@pytest.mark.parametrize("code", [";;;", '"约"0', "0,,", '0"%"', "$0", "0‰", "# ?/?"])
@pytest.mark.parametrize("suffix", ["xlsx", "xlsb"])
def test_a_format_that_shows_another_number_is_a_fault(
    tmp_path: Path, code: str, suffix: str
) -> None:
    rows = [HEAD, ["H01", "2024-06", Styled(1.5, code)]]
    if suffix == "xlsx":
        path = xlsx(tmp_path / "a.xlsx", {"月度进展": rows})
    else:
        path = xlsb(tmp_path / "a.xlsb", "月度进展", rows)
    [(cell, rule)] = faults(read(path, PROGRAMME, name=NAME))
    assert (cell, rule) == ("C2", "format_hides" if code == ";;;" else "own_unit")


def test_a_hidden_text_and_a_hidden_date_are_faults(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        hidden = book.add_format({"num_format": ";;;"})
        sheet.write(0, 0, "甲", hidden)
        sheet.write(0, 1, 45000, hidden)
        sheet.write(0, 2, 45000, book.add_format({"num_format": ";yyyy-mm-dd"}))

    [row] = first(written(tmp_path, fill)).rows
    assert [cell.rule for cell in row if isinstance(cell, Odd)] == ["format_hides"] * 3


ODS_STYLES = (
    '<office:automatic-styles xmlns:number="urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0" '
    'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0">'
    '<number:number-style style:name="N1"><number:number number:decimal-places="2" '
    'number:min-integer-digits="1"/><number:text>万元</number:text></number:number-style>'
    '<number:number-style style:name="N2"><number:text/></number:number-style>'
    '<number:number-style style:name="N3P0"><number:number number:decimal-places="2" '
    'number:min-integer-digits="1" number:grouping="true"/></number:number-style>'
    '<number:number-style style:name="N3"><number:text>-</number:text><number:number '
    'number:decimal-places="2" number:min-integer-digits="1" number:grouping="true"/>'
    '<style:map style:condition="value()&gt;=0" style:apply-style-name="N3P0"/></number:number-style>'
    '<number:number-style style:name="N4"><number:number number:display-factor="1000" '
    'number:min-integer-digits="1"/></number:number-style>'
    + "".join(
        f'<style:style style:name="c{n}" style:family="table-cell" style:data-style-name="N{n}"/>'
        for n in range(1, 5)
    )
    + '<style:style style:name="s" style:family="table-cell"><style:text-properties '
    'style:text-line-through-style="solid"/></style:style></office:automatic-styles>'
)


def styled_ods(folder: Path, cells: str) -> Path:
    path = ods(folder / "a.ods", "月度进展", [["x"]])

    def change(xml: bytes) -> bytes:
        text = xml.decode().replace("<office:body>", f"{ODS_STYLES}<office:body>")
        return re.sub("<table:table-row>.*</table:table-row>", cells, text).encode()

    return repacked(path, "content.xml", change)


def ods_cell(style: str, shows: str = "1.50", more: str = "") -> str:
    return (
        f'<table:table-cell xmlns:s="urn:s" table:style-name="{style}" office:value-type="float" '
        f'office:value="1.5" {more}><text:p>{shows}</text:p></table:table-cell>'
    )


def test_every_repeated_cell_of_an_ods_keeps_its_format(tmp_path: Path) -> None:
    repeated = ods_cell("c1", "1.50万元", 'table:number-columns-repeated="2"')
    path = styled_ods(
        tmp_path, f'<table:table-row table:number-rows-repeated="2">{repeated}</table:table-row>'
    )
    unit = Formatted(1.5, '0.00"万元"')
    assert first(path).rows == [[unit, unit], [unit, unit]]


def test_number_styles_of_an_ods(tmp_path: Path) -> None:
    cells = "".join(ods_cell(style, "") for style in ("c2", "c3", "c4", "s"))
    sheet = first(styled_ods(tmp_path, f"<table:table-row>{cells}</table:table-row>"))
    hidden, plain, scaled, struck = sheet.rows[0]
    assert (hidden.rule, plain, struck) == ("format_hides", 1.5, 1.5)
    assert scaled.effect.what == "other"
    assert sheet.struck == {(0, 3)}


def test_hidden_rows_and_comments_of_an_ods(tmp_path: Path) -> None:
    note = "<office:annotation><text:p>按万元</text:p></office:annotation>"
    cell = ods_cell("c3").replace("<text:p>", f"{note}<text:p>")
    rows = (
        '<table:table-column table:visibility="collapse"/>'
        f"<table:table-row>{cell}</table:table-row>"
        f'<table:table-row table:visibility="filter">{ods_cell("c3")}</table:table-row>'
    )
    sheet = first(styled_ods(tmp_path, rows))
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({1}, {0})
    assert sheet.asides == [Aside("批注 A1", "按万元")]


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        (b'<c r="B2"', b'<c r="A2"', "A2"),
        (b'<c r="C2"', b'<c r="A2"', "A2"),
        (b'<c r="C2"', b'<c r="C3"', "C3"),
        (b'<row r="3"', b'<row r="2"', "2:2"),
        (b'<row r="3"', b'<row r="1"', "1:1"),
        (b'<c r="C2"><v>1.5</v>', b'<c r="C2"><v>1.5</v><v>2</v>', "C2"),
    ],
)
def test_what_occurs_twice_or_out_of_place_is_a_fault(
    tmp_path: Path, old: bytes, new: bytes, what: str
) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, GOOD, ["H02", "2024-06", 2]]})
    repacked(path, SHEET, lambda xml: xml.replace(old, new))
    [fault] = read(path, PROGRAMME, name=NAME).faults
    assert (fault.rule, values(fault)["what"]) == ("file_repeats", what)


def test_disorder_far_down_in_a_long_table_is_seen(tmp_path: Path) -> None:
    rows = [[f"H{n}", "2024-06", n] for n in range(3000)]
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, *rows]})
    repacked(path, SHEET, lambda xml: xml.replace(b'<c r="C2500"', b'<c r="B2500"'))
    [fault] = read(path, PROGRAMME, name=NAME).faults
    assert (fault.rule, values(fault)["what"]) == ("file_repeats", "B2500")


def test_looks_far_down_in_a_long_table_are_seen(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[f"H{n}", "2024-06", n] for n in range(3000)]
    rows[2000][2] = Styled(1, '0"万元"')
    rows[2001][2] = Styled(1, '0"万元"')
    rows[2500][2] = Formula("=1/0", "#DIV/0!")
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, *rows]})
    assert faults(read(path, PROGRAMME, name=NAME)) == [
        ("C2002", "own_unit"), ("C2003", "own_unit"), ("C2502", "error_value")]  # fmt: skip


@pytest.mark.parametrize("part", [SHEET, "xl/styles.xml", "docProps/app.xml"])
def test_an_archive_that_holds_a_part_twice_is_a_fault(tmp_path: Path, part: str) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, GOOD]})
    with zipfile.ZipFile(path) as archive:
        content = archive.read(part)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as archive:
        archive.writestr(part, content)
    assert [f.rule for f in read(path, PROGRAMME, name=NAME).faults] == ["file_repeats"]


@pytest.mark.parametrize("written_as", [b't="e"', b"t='e'", b't = "e"', b'\n t="e"'])
def test_an_error_however_it_is_written(tmp_path: Path, written_as: bytes) -> None:
    rows = [HEAD, ["H01", "2024-06", Formula("=1/0", "#DIV/0!")]]
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": rows})
    repacked(path, SHEET, lambda xml: xml.replace(b't="e"', written_as))
    assert faults(read(path, PROGRAMME, name=NAME)) == [("C2", "error_value")]


@pytest.mark.parametrize(
    "formula",
    [b"<f>1+1</f>", b"<f>1+1</f><!-- x -->", b"<!-- <v>9</v> --><f>1+1</f>", b"<f><![CDATA[1+1]]></f><v/>",
     b"<f>1+1</f><v></v>", b"<f/>", b"<?x <v>1</v>?><f>1</f>"],
)  # fmt: skip
def test_an_uncalculated_formula_whatever_stands_beside_it(tmp_path: Path, formula: bytes) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, GOOD]})
    repacked(path, SHEET, lambda xml: xml.replace(b"<v>1.5</v>", formula))
    assert faults(read(path, PROGRAMME, name=NAME)) == [("C2", "no_cached_value")]


def test_comments_written_by_another_program(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["B2"] = 1
    book.active["B2"].comment = Comment("单位是万元", "甲")
    book.save(tmp_path / "a.xlsx")
    assert Aside("批注 B2", "单位是万元") in first(tmp_path / "a.xlsx").asides


def test_a_csv_tells_how_many_fields_each_line_has(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text("a,b,c\n1,2\n\n1,2,3,4\n", encoding="utf-8")
    assert first(path).widths == [3, 2, 0, 4]


def test_thousands_of_rows_without_numbers_take_no_time(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, ["H01", "2024-06", Styled(0.5, "0%")]]})
    row = b'<row><c s="1"><v>1</v></c><c s="1"><v>0.5</v></c><c s="1"><v>.5</v></c></row>'
    repacked(path, SHEET, lambda xml: xml.replace(b"</sheetData>", row * 20_000 + b"</sheetData>"))
    sheet = first(path)
    assert sheet.rows[20_001] == [Formatted(1, "0%"), Formatted(0.5, "0%"), Formatted(0.5, "0%")]


def test_the_looks_of_an_xls() -> None:
    """Its shared texts go over several records; the marked one that row 201 uses comes after them."""
    sheet = first(Path(__file__).parent / "files" / "looks.xls")
    assert sheet.rows[0][:3] == [Formatted(1.5, '0"万元"'), Odd("format_hides", "1.5"), 1.5]
    assert sheet.rows[0][4:8] == [
        Marked("12", frozenset({"raised"})),
        Formatted(0.5, "0%"),
        Formatted(7.0, "000"),
        Marked("旧新", frozenset({"struck"})),
    ]
    assert sheet.rows[200][7] == Marked("1.75", frozenset({"raised"}))
    assert sheet.struck == {(0, 3), (1, 8)}
    assert (sheet.hidden_rows, sheet.hidden_columns) == ({2, 3}, {3, 4})
    assert sheet.asides == [Aside("页眉", "单位：万元"), Aside("页脚", "制表")]


def test_hidden_rows_of_an_xlsb(tmp_path: Path) -> None:
    path = xlsb(tmp_path / "a.xlsb", "月度进展", [HEAD, GOOD, GOOD])
    shown, hidden = (struct.pack("<IIHH", 1, 0, 300, bits) for bits in (0, 0x1000))
    repacked(path, "xl/worksheets/sheet1.bin", lambda part: part.replace(shown, hidden))
    assert first(path).hidden_rows == {1}


def test_rows_of_an_xlsb_that_come_twice_are_a_fault(tmp_path: Path) -> None:
    path = xlsb(tmp_path / "a.xlsb", "月度进展", [HEAD, GOOD, GOOD])
    once, again = (struct.pack("<IIHH", row, 0, 300, 0) for row in (2, 1))
    repacked(path, "xl/worksheets/sheet1.bin", lambda part: part.replace(once, again))
    assert [f.rule for f in read(path, PROGRAMME, name=NAME).faults] == ["file_repeats"]


@pytest.mark.parametrize(
    ("part", "old", "new", "rule"),
    [
        (SHEET, b's="1"', b's="99"', "file_damaged"),
        (SHEET, b's="1"', b's="-1"', "file_damaged"),
        ("xl/_rels/workbook.xml.rels", b'"styles.xml"', b'"theme/theme1.xml"', "file_damaged"),
        ("xl/_rels/workbook.xml.rels", b'"rId2"', b'"rId1"', "file_repeats"),
    ],
)
def test_a_style_that_cannot_be_found_is_a_fault(
    tmp_path: Path, part: str, old: bytes, new: bytes, rule: str
) -> None:
    rows = [HEAD, ["H01", "2024-06", Styled(1.5, '0"万元"')]]
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": rows})
    repacked(path, part, lambda xml: xml.replace(old, new))
    assert [f.rule for f in read(path, PROGRAMME, name=NAME).faults] == [rule]
