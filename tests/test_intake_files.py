"""Files of every format, and files that are damaged, dangerous or enormous."""

import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest
from intake_workbooks import (
    HEAD,
    NAME,
    PROGRAMME,
    Formula,
    Merged,
    Styled,
    faults,
    ods,
    packed,
    progress,
    repacked,
    values,
    xlsb,
    xlsx,
)

from sanshi_report.intake import Reading, read

OLD = Path(__file__).parent / "files" / "progress.xls"
"""One sheet of progress, saved by LibreOffice: a percentage, a zero-filled id, an error value."""

WIDE = (*HEAD, "形象进度(%)", "竣工日期")
GOOD = ["H01", "2024-06", 1.5]


def opened(path: Path) -> Reading:
    return read(path, PROGRAMME, name=NAME)


def only_fault(path: Path) -> str:
    reading = opened(path)
    assert reading.tables == {}
    [fault] = reading.faults
    for language in ("zh", "en"):
        assert fault.text(language).startswith(NAME)
    return fault.rule


# Formats --------------------------------------------------------------------------------------------


def written(folder: Path, suffix: str) -> Path:
    rows: list[Any] = [WIDE, [Styled(1, "000"), "2024-06", 1.5, Styled(0.45, "0%"), None],
                       ["H02", "2024-06", 2, None, "#REF!"]]  # fmt: skip
    path = folder / f"unit.{suffix}"
    if suffix == "xlsb":
        return xlsb(path, "月度进展", rows)
    if suffix == "ods":
        rows[1][0] = "001"
        return ods(path, "月度进展", rows)
    if suffix == "xls":
        return OLD
    rows[2][4] = Formula("=#REF!", "#REF!")
    return xlsx(path, {"月度进展": rows})


@pytest.mark.parametrize("suffix", ["xlsx", "xlsb", "ods", "xls"])
def test_every_format_tells_errors_percentages_and_filled_ids(tmp_path: Path, suffix: str) -> None:
    reading = opened(written(tmp_path, suffix))
    assert [(f.cell, f.found, f.rule) for f in reading.faults] == [("E3", "#REF!", "error_value")]
    [row] = reading.tables["progress"].to_dict("records")
    assert (row["project_id"], row["invested"], row["physical_pct"]) == ("001", 15 * 10**9, 45.0)


def test_a_suffix_may_be_wrong_as_long_as_the_content_is_a_workbook(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "unit.xlsx", {"月度进展": [HEAD, GOOD]}).rename(tmp_path / "unit.xls")
    assert opened(path).faults == []


def test_merged_cells_of_an_ods_are_seen(tmp_path: Path) -> None:
    rows = [HEAD, [Merged("H01", down=1), "2024-05", 1], [None, "2024-06", 2]]
    frame = opened(ods(tmp_path / "unit.ods", "月度进展", rows)).tables["progress"]
    assert list(frame["project_id"]) == ["H01", "H01"]


def test_macros_are_not_run_and_do_not_hinder(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "unit.xlsm", {"月度进展": [HEAD, GOOD]})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0 not run")
        archive.writestr("xl/externalLinks/externalLink1.xml", b"<externalLink/>")
    assert opened(path).faults == []


def test_cells_that_do_not_name_themselves_are_found(tmp_path: Path) -> None:
    rows = [HEAD, ["H01", "2024-06", Formula("=1/0", "#DIV/0!")]]
    path = xlsx(tmp_path / "unit.xlsx", {"月度进展": rows})

    def nameless(xml: bytes) -> bytes:
        for cell in (b"A1", b"B1", b"C1", b"A2", b"B2", b"C2"):
            xml = xml.replace(b' r="%s"' % cell, b"")
        return xml

    assert faults(opened(repacked(path, "xl/worksheets/sheet1.xml", nameless))) == [
        ("C2", "error_value")
    ]


def test_single_quoted_attributes_hide_no_error(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "u.xlsx", {"月度进展": [HEAD, ["H01", "2024-06", Formula("=1/0", "#DIV/0!")]]}
    )
    repacked(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(b't="e"', b"t='e'"))
    assert faults(opened(path)) == [("C2", "error_value")]


def test_an_empty_text_is_a_result(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "u.xlsx", {"月度进展": [(*HEAD, "形象进度说明"), [*GOOD, Formula("=A1", "x")]]}
    )
    repacked(
        path,
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b't="str"><f>A1</f><v>x</v>', b't="str"><f>A1</f><v></v>'),
    )
    assert opened(path).faults == []


# CSV ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("name", ["progress.csv", "月度进展.csv", "示例甲局-progress-2.csv"])
def test_csv_in_each_encoding_named_after_its_table(
    tmp_path: Path, encoding: str, name: str
) -> None:
    path = tmp_path / name
    path.write_text(
        '项目编号,月份,本月完成投资（万元）,数据依据\nNA,2024年6月,"1,234.5",自报\n',
        encoding=encoding,
    )
    reading = opened(path)
    assert reading.faults == []
    [row] = reading.tables["progress"].to_dict("records")
    assert (row["project_id"], row["month"], row["invested"]) == ("NA", "2024-06", 1234_500_000)


def test_csv_by_codes_with_formulas_kept_as_text(tmp_path: Path) -> None:
    path = tmp_path / "projects.csv"
    path.write_text(
        "project_id,name,sector,kind,tier,county,responsible_unit,total_investment,planned_start,"
        "planned_completion\n"
        '001,"=HYPERLINK(""http://example.invalid"")",工业,new_build,city,甲区,甲局,1.5,2024-06-30,20261231\n',
        encoding="utf-8",
    )
    [row] = opened(path).tables["projects"].to_dict("records")
    assert (row["project_id"], row["kind"], row["tier"]) == ("001", "new_build", "city")
    assert row["name"] == '=HYPERLINK("http://example.invalid")'


def test_csv_lines_end_only_where_lines_end(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    text = 'project_id,month,invested,physical_note\r\nH01,2024-06,1,"一\n二"\r\n\r\nH02,2024-06,1,一\u2028二\x85三\r\n'
    path.write_bytes(text.encode())
    frame = opened(path).tables["progress"]
    assert list(frame["physical_note"]) == ["一\n二", "一\u2028二\x85三"]
    assert list(frame["origin"].str.rpartition("!")[2]) == ["2", "4"]


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (
            "项目编号,月份,本月完成投资\n示例甲乙丙丁,2024-06,1\n".encode()[:-20]
            + b"\xe4\xff,2024-06,1\n",
            "csv_encoding",
        ),
        (b"\xff\xfe\x00\x81", "csv_encoding"),
        ("项目编号,月份\n".encode() + b'"H01,2024-06\n', "csv_syntax"),
        (b"", "file_empty"),
        (b"a,b,c\n1,2,3\n", "header_missing"),
    ],
)
def test_a_csv_that_cannot_be_read(tmp_path: Path, content: bytes, rule: str) -> None:
    path = tmp_path / "progress.csv"
    path.write_bytes(content)
    assert only_fault(path) == rule


def test_a_csv_line_with_a_comma_too_many_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text("项目编号,月份,本月完成投资\nH01,2024-06,1,234\n", encoding="utf-8")
    assert [(f.cell, f.found, f.rule) for f in opened(path).faults] == [
        ("D2", "234", "csv_shifted")
    ]


def test_a_csv_line_with_a_comma_too_few_or_empty_ones_too_many_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    lines = [
        "项目编号,月份,本月完成投资,形象进度(%)",
        "H01,2024-06,1",
        "H02,2024-06,1,75,,",
        ",,,,,,",
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(f.cell, f.rule, values(f)) for f in opened(path).faults] == [
        ("C2", "csv_shifted", {"fields": 3, "expected": 4}),
        ("E3", "csv_shifted", {"fields": 6, "expected": 4}),
    ]


def test_the_line_of_broken_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_bytes("项目编号,月份,本月完成投资\nH01,2024-06,1\n示例".encode() + b"\xe4\xe5\n")
    [fault] = opened(path).faults
    assert values(fault)["line"] == 3


def test_a_csv_month_that_lost_its_zero_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text("project_id,month,invested\nH01,2024.1,1\n", encoding="utf-8")
    assert faults(opened(path)) == [("B2", "month_or_october")]


def test_a_csv_with_another_name_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("project_id,month,invested\nH01,2024-06,1\n", encoding="utf-8")
    assert only_fault(path) == "sheet_looks_like"


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("H\x0001", "control_character"),
        ("超" * 40_000, "too_long"),
        ("a\x1bb", "control_character"),
        ("H\u202e10", "control_character"),
        ("\u2066H01", "control_character"),
    ],
)
def test_null_bytes_and_endless_cells(tmp_path: Path, cell: str, rule: str) -> None:
    path = tmp_path / "progress.csv"
    path.write_text(f"project_id,month,invested\n{cell},2024-06,1\n", encoding="utf-8")
    reading = opened(path)
    assert faults(reading) == [("A2", rule)]
    assert "\x00" not in reading.faults[0].text()
    assert len(reading.faults[0].found) <= 70


# Hostile --------------------------------------------------------------------------------------------


def test_what_is_no_workbook_is_a_fault(tmp_path: Path) -> None:
    good = xlsx(tmp_path / "good.xlsx", {"月度进展": [HEAD, GOOD]}).read_bytes()
    contents = {
        "truncated.xlsx": good[: len(good) // 2],
        "beginning.xlsx": good[:40],
        "text.xlsx": b"not a workbook at all",
        "page.xls": b"<html><table><tr><td>H01</td></tr></table></html>",
        "old.xls": OLD.read_bytes()[:3000],
        "header.xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    }
    for name, content in contents.items():
        path = tmp_path / name
        path.write_bytes(content)
        assert only_fault(path) == "file_damaged", name


def test_an_archive_without_a_workbook_is_a_fault(tmp_path: Path) -> None:
    assert only_fault(packed(tmp_path / "a.xlsx", {"readme.txt": b"x"})) == "file_damaged"
    assert (
        only_fault(packed(tmp_path / "b.xlsx", {"xl/workbook.xml": b"<a>", "xl/x": b""}))
        == "file_damaged"
    )


def test_other_suffixes_missing_files_and_folders_are_faults(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(b"x")
    (tmp_path / "folder.xlsx").mkdir()
    assert only_fault(tmp_path / "a.docx") == "file_format"
    assert only_fault(tmp_path / "missing.xlsx") == "file_unreadable"
    assert only_fault(tmp_path / "folder.xlsx") == "file_unreadable"


@pytest.mark.parametrize("suffix", ["xlsx", "xls", "ods"])
def test_password_protected_files_are_faults(suffix: str) -> None:
    assert only_fault(OLD.with_name(f"encrypted.{suffix}")) == "file_encrypted"


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, GOOD]})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/zeros.bin", bytes(100 << 20))
    assert path.stat().st_size < 200_000
    assert only_fault(path) == "file_bomb"


def test_an_archive_that_understates_its_size_is_not_opened(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, GOOD]})
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo("xl/worksheets/sheet1.xml")
    true, false = (n.to_bytes(4, "little") for n in (info.file_size, 10))
    content = path.read_bytes()
    assert content.count(true) >= 2
    path.write_bytes(content.replace(true, false))
    assert only_fault(path) == "file_damaged"


def test_a_lone_cell_far_away_does_not_fill_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    rows = [HEAD, GOOD]
    xlsx(
        path,
        {
            "月度进展": rows,
            "节点计划": [("节点编号", "项目编号", "节点名称", "计划完成"), ["N1", "H01", "a", "x"]],
        },
    )
    repacked(path, "xl/worksheets/sheet1.xml", lambda xml: xml.replace(
        b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'))  # fmt: skip
    reading = opened(path)
    assert [(f.sheet, f.rule) for f in reading.faults] == [
        ("月度进展", "sheet_too_large"),
        ("节点计划", "date_shape"),
    ]
    repeated = ods(tmp_path / "a.ods", "月度进展", [HEAD, GOOD])
    repacked(repeated, "content.xml", lambda xml: xml.replace(
        b"<table:table-cell", b'<table:table-cell table:number-columns-repeated="99999999"', 1))  # fmt: skip
    assert only_fault(repeated) == "sheet_too_large"


def test_an_xls_that_states_absurd_numbers_does_not_end_the_process(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    content = bytearray(OLD.read_bytes())
    dimensions = content.index(b"\x00\x02\x0e\x00")
    content[dimensions + 8 : dimensions + 12] = (2**31).to_bytes(4, "little")
    path.write_bytes(content)
    assert only_fault(path) == "sheet_too_large"
    content = bytearray(OLD.read_bytes())
    table, directory = (int.from_bytes(content[at : at + 4], "little") for at in (76, 48))
    link = 512 * (table + 1) + 4 * directory
    content[link : link + 4] = directory.to_bytes(4, "little")
    path.write_bytes(content)
    assert only_fault(path) == "file_damaged"


def test_an_xlsx_that_states_absurd_numbers_does_not_end_the_process(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, GOOD]})
    part = "xl/sharedStrings.xml"
    repacked(path, part, lambda xml: xml.replace(b'uniqueCount="', b'uniqueCount="99999999999'))
    assert only_fault(path) == "file_damaged"


def test_an_entity_bomb_is_a_fault(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, GOOD]})
    bomb = '<!DOCTYPE a [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghi", "bcdefghij", strict=True)
    )
    repacked(path, "xl/workbook.xml", lambda xml: bomb.encode() + b"]><workbook>&j;</workbook>")
    assert only_fault(path) == "file_damaged"


def test_five_thousand_columns_are_read_with_one_warning(tmp_path: Path) -> None:
    head = [*HEAD[:2], "本月完成投资（亿元）", *(f"列{n}" for n in range(4997))]
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [head, [*GOOD, *range(4997)]]})
    reading = opened(path)
    assert reading.faults == []
    assert [values(w)["count"] for w in reading.warnings] == [4997]


def test_a_long_csv_with_one_odd_cell_names_it(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    lines = [f"H{n:05d},2024-{n % 6 + 1:02d},{n / 100}" for n in range(100_000)]
    lines[76_543] = "H76543,2024-06,3千万"
    path.write_text("\n".join(["project_id,month,invested", *lines]), encoding="utf-8")
    reading = opened(path)
    assert faults(reading) == [("C76545", "own_unit")]
    assert len(reading.tables["progress"]) == 99_999
    assert int(reading.tables["progress"]["invested"].iloc[-1]) == 999_99 * 10**8


def test_standard_error_stays_quiet_when_the_reader_panics(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    content = bytearray(OLD.read_bytes())
    for at in range(0, len(content) - 4, 97):
        broken = content.copy()
        broken[at : at + 4] = zlib.crc32(bytes([at % 256])).to_bytes(4, "little")
        path = tmp_path / "broken.xls"
        path.write_bytes(broken)
        opened(path)
    assert capfd.readouterr().err == ""


def test_progress_reads_a_clean_sheet(tmp_path: Path) -> None:
    assert len(progress(tmp_path, GOOD).tables["progress"]) == 1
