"""What is said about a fault, in messages, in faults.csv and in the workbook sent back."""

import csv
import pickle
import re
from importlib.resources import files
from pathlib import Path

import pandas as pd
import pytest
from intake_workbooks import (
    HEAD,
    NAME,
    PROGRAMME,
    Formula,
    Merged,
    ods,
    progress,
    xlsb,
    xlsx,
)
from openpyxl import Workbook, load_workbook

from sanshi_report import intake as package
from sanshi_report.catalogue import entries
from sanshi_report.intake import Fault, FaultsFound, faults_table, read
from sanshi_report.intake.faults import cell_name, row_and_column, shown
from sanshi_report.intake.marking import mark

OLD = Path(__file__).parent / "files" / "progress.xls"


@pytest.mark.parametrize(
    ("row", "column", "name"), [(6, 3, "D7"), (0, 25, "Z1"), (9, 26, "AA10"), (0, 16383, "XFD1")]
)
def test_cells_are_named_as_in_a_spreadsheet(row: int, column: int, name: str) -> None:
    assert cell_name(row, column) == name
    assert row_and_column(name) == (row, column)


def test_a_fault_says_where_what_why_and_how_to_mend(tmp_path: Path) -> None:
    [fault] = progress(tmp_path, ["H01", "2024-06", "3千万"]).faults
    assert fault.text() == (
        "2024-06/unit.xlsx › 月度进展 › C2 › 本月完成投资：“3千万”，数字自带单位或文字，无法确定其数值。"
        "请换算成表头所示单位，只填数字。"
    )
    assert fault.text("en") == (
        "2024-06/unit.xlsx › 月度进展 › C2 › 本月完成投资: “3千万” – a number with a unit or words of its own; "
        "its value is uncertain. Convert it to the unit of the heading and enter only the number."
    )


def test_every_rule_has_its_sentence_and_its_mend() -> None:
    said = set(entries("faults"))
    for file in files(package).iterdir():
        if file.name.endswith(".py"):
            source = file.read_text(encoding="utf-8")
            used = re.findall(r'(?:Unreadable|Odd)\(\s*"(\w+)"', source)
            used += re.findall(r'"((?:sheet|columns)_(?:ignored|hidden))"', source)
            for rule in used:
                assert {rule, f"{rule}_mend"} <= said, f"{file.name}: {rule}"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.1 + 0.2, "0.3"),
        ("a\nb", "a b"),
        ("a\x00b\u202e", "a\\x00b\\x202e"),
        ("长" * 100, "长" * 60 + "…"),
    ],
)
def test_found_values_are_shown_short_and_harmless(value: object, text: str) -> None:
    assert shown(value) == text


def test_faults_found_lists_the_first_and_counts_the_rest(tmp_path: Path) -> None:
    reading = progress(tmp_path, *[[f"H{n:02d}", "2024-06", "约"] for n in range(25)])
    error = FaultsFound(reading.faults)
    assert error.text("zh").startswith("收到的数据有 25 处问题")
    assert error.text("zh").splitlines()[-1] == "另有 5 处，见 faults.csv。"
    again = pickle.loads(pickle.dumps(error))
    assert (again.faults, str(again)) == (error.faults, str(error))


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_nothing_in_the_listing_is_a_formula(tmp_path: Path, start: str) -> None:
    fault = Fault(
        f"{start}1/a.xlsx", f"{start}s", "C2", f"{start}c", f'{start}HYPERLINK("x")', "not_number"
    )
    path = tmp_path / "faults.csv"
    faults_table([fault]).to_csv(path, index=False)
    with path.open(encoding="utf-8", newline="") as lines:
        [row] = csv.DictReader(lines)
    assert row["found"] == f'\'{start}HYPERLINK("x")'
    assert not any(text.startswith(start) for text in row.values())


def test_the_listing_has_a_row_for_each_fault_and_keeps_its_columns_when_empty(
    tmp_path: Path,
) -> None:
    table = faults_table(progress(tmp_path, ["H01", "6月", "3千万"]).faults)
    assert list(table["cell"]) == ["B2", "C2"]
    assert list(table["code"]) == ["month_no_year", "own_unit"]
    assert list(table["mend"]) == ["请写成 2024-06", "请换算成表头所示单位，只填数字"]
    assert list(faults_table([])) == list(table)


# The workbook sent back -----------------------------------------------------------------------------


def marked(path: Path, folder: Path) -> Workbook:
    target = folder / "marked.xlsx"
    mark(path, read(path, PROGRAMME, name=NAME).faults, target)
    assert [file.name for file in folder.glob(".marked*")] == []
    return load_workbook(target)


def test_faulty_cells_are_coloured_and_commented_and_the_rest_is_as_sent(tmp_path: Path) -> None:
    rows = [["三十工程"], HEAD, ["H01", "2024-06", "3千万"], ["H02", "2024-06", Formula("=1+1", 2)]]
    path = xlsx(tmp_path / "unit.xlsx", {"月度进展": rows, "联系方式": [["甲"]]})
    before = path.read_bytes()
    book = marked(path, tmp_path)
    assert path.read_bytes() == before
    assert book.sheetnames == ["问题清单", "月度进展", "联系方式"]
    sheet = book["月度进展"]
    assert sheet["C3"].fill.fgColor.rgb == "00FFC7CE"
    assert sheet["C3"].value == "3千万"
    assert "请换算成表头所示单位，只填数字。" in sheet["C3"].comment.text
    assert "is uncertain. Convert it" in sheet["C3"].comment.text
    assert sheet["C4"].value == "=1+1"
    assert [c.coordinate for row in sheet.rows for c in row if c.comment] == ["C3"]
    listed = [[cell.value for cell in row] for row in book["问题清单"].iter_rows(min_row=2)]
    assert [row[:4] for row in listed] == [["月度进展", "C3", "本月完成投资", "3千万"]]
    assert book["问题清单"]["B2"].hyperlink.location == "'月度进展'!C3"


def test_a_fault_inside_a_merged_cell_is_marked_on_it(tmp_path: Path) -> None:
    rows = [HEAD, ["H01", "2024-05", Merged(1, down=1)], ["H01", "2024-06", None]]
    sheet = marked(xlsx(tmp_path / "unit.xlsx", {"月度进展": rows}), tmp_path)["月度进展"]
    assert sheet["C2"].comment is not None


def test_formulas_of_the_sender_stay_text_in_the_list(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text(
        'project_id,month,invested\n=1+1,2024-06,"=HYPERLINK(""x"")"\n', encoding="utf-8"
    )
    book = marked(path, tmp_path)
    cell = book["问题清单"]["D2"]
    assert (cell.value, cell.data_type) == ('=HYPERLINK("x")', "s")
    copied = book["progress"]["A2"]
    assert (copied.value, copied.data_type) == ("=1+1", "s")
    assert book["progress"]["C2"].comment is not None


@pytest.mark.parametrize("suffix", ["xls", "xlsb", "ods"])
def test_other_formats_come_back_as_xlsx(tmp_path: Path, suffix: str) -> None:
    rows = [HEAD, ["H01", "2024-06", "#REF!"]]
    path = {
        "xls": lambda: OLD,
        "xlsb": lambda: xlsb(tmp_path / "unit.xlsb", "月度进展", rows),
        "ods": lambda: ods(tmp_path / "unit.ods", "月度进展", rows),
    }[suffix]()
    sheet = marked(path, tmp_path)["月度进展"]
    faulty = [c for row in sheet.rows for c in row if c.comment]
    assert [c.value for c in faulty] == ["#REF!"]
    assert sheet["A1"].value == "项目编号"


def test_a_file_that_cannot_be_opened_comes_back_as_the_list_alone(tmp_path: Path) -> None:
    path = tmp_path / "unit.xlsx"
    path.write_bytes(b"PK no workbook")
    book = marked(path, tmp_path)
    assert book.sheetnames == ["问题清单"]
    assert str(book["问题清单"]["E2"].value).startswith("文件已损坏")


def test_null_bytes_and_endless_cells_can_be_sent_back(tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text(
        f"project_id,month,invested\nH\x0001,2024-06,{'9' * 40_000}\n", encoding="utf-8"
    )
    assert marked(path, tmp_path)["progress"]["A2"].value == "H\ufffd01"


def test_a_mended_copy_reads_without_a_fault(tmp_path: Path) -> None:
    head = (*HEAD[:2], "本月完成投资（亿元）")
    path = xlsx(tmp_path / "unit.xlsx", {"月度进展": [head, ["H01", "2024-06", "3千万"]]})
    book = marked(path, tmp_path)
    book["月度进展"]["C2"] = 0.3
    book.save(tmp_path / "mended.xlsx")
    reading = read(tmp_path / "mended.xlsx", PROGRAMME, name=NAME)
    assert reading.faults == []
    assert [w.sheet for w in reading.warnings] == []
    assert pd.Series(reading.tables["progress"]["invested"]).tolist() == [3 * 10**9]


def test_a_thousand_faults_are_marked_and_the_rest_is_counted(tmp_path: Path) -> None:
    rows = [[f"H{number}", "2024-06", "3千万"] for number in range(1003)]
    book = marked(xlsx(tmp_path / "unit.xlsx", {"月度进展": [HEAD, *rows]}), tmp_path)
    assert str(book["问题清单"]["A1002"].value).startswith("另有 3 处")
    assert book["月度进展"]["C1001"].comment is not None
    assert book["月度进展"]["C1002"].comment is None
