"""Every messy shape of sheets, headers and rows that must be read, and every ambiguity that must not."""

from pathlib import Path
from typing import Any

import pytest
from intake_workbooks import (
    HEAD,
    NAME,
    PROGRAMME,
    Formula,
    Merged,
    Rows,
    faults,
    progress,
    repacked,
    values,
    xlsx,
)

from sanshi_report.intake import Reading, read

YI = 10**10  # fen
UNIT_SAID = (*HEAD[:2], "本月完成投资（亿元）")


def sheet(folder: Path, name: str, rows: Rows) -> Reading:
    return read(xlsx(folder / "unit.xlsx", {name: rows}), PROGRAMME, name=NAME)


def only(reading: Reading, table: str = "progress") -> dict[str, Any]:
    assert reading.faults == []
    [row] = reading.tables[table].to_dict("records")
    return row


# Headers --------------------------------------------------------------------------------------------


def test_title_rows_above_the_header(tmp_path: Path) -> None:
    rows = [
        [Merged("三十工程月度进展表", across=2)],
        ["填报单位：示例甲局", None, "2024年6月"],
        HEAD,
        ["H01", "2024-06", 1.5],
    ]
    row = only(sheet(tmp_path, "月度进展", rows))
    assert row["invested"] == 15 * 10**9
    assert row["origin"] == "2024-06/unit.xlsx#月度进展!4"


@pytest.mark.parametrize(
    "head",
    [
        ("项目\n编号", " 月　份 ", "本月完成\r\n投资"),
        ("＊项目编号", "月份：", "本月完成投资*"),
        ("项目编号（必填）", "月份(必填)", "本月完成投资【亿元】（必填）"),
        ("project_id", "month", "invested"),
        ("PROJECT_ID", "Month", "Invested (亿元)"),
    ],
)
def test_headings_with_line_breaks_spaces_marks_or_codes(tmp_path: Path, head: Any) -> None:
    assert only(progress(tmp_path, ["H01", "2024-06", 1.5], head=head))["invested"] == 15 * 10**9


@pytest.mark.parametrize(
    ("heading", "fen"),
    [
        ("本月完成投资", 12 * YI),
        ("本月完成投资（亿元）", 12 * YI),
        ("本月完成投资（万元）", 12 * 10**6),
        ("本月完成投资(单位：万元)", 12 * 10**6),
        ("本月完成投资\n[元]", 12 * 10**2),
        ("本月完成投资（万元，必填）", 12 * 10**6),
        ("本月完成投资（人民币：亿元）", 12 * YI),
    ],
)
def test_the_unit_in_the_heading(tmp_path: Path, heading: str, fen: int) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 12], head=(*HEAD[:2], heading))
    assert only(reading)["invested"] == fen


@pytest.mark.parametrize(
    "above", [["单位：万元"], [None, None, "单位:人民币 万元"], ["月度进展表（万元）"]]
)
def test_the_unit_stated_above_the_table(tmp_path: Path, above: list[Any]) -> None:
    rows = [["进展情况"], above, HEAD, ["H01", "2024-06", 12]]
    assert only(sheet(tmp_path, "月度进展", rows))["invested"] == 12 * 10**6


def test_a_heading_and_a_title_may_not_name_different_units(tmp_path: Path) -> None:
    rows = [["单位：万元"], (*HEAD[:2], "本月完成投资（亿元）"), ["H01", "2024-06", 12]]
    [fault] = sheet(tmp_path, "月度进展", rows).faults
    assert fault.rule == "unit_conflict"
    assert values(fault)["units"] == "万元（A1）、亿元（本月完成投资（亿元））"


def test_a_reporting_unit_is_no_money_unit(tmp_path: Path) -> None:
    rows = [["填报单位：元氏示例局"], HEAD, ["H01", "2024-06", 12]]
    assert only(sheet(tmp_path, "月度进展", rows))["invested"] == 12 * YI


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([(*HEAD[:2], "本月完成投资（千元）"), ["H01", "2024-06", 12]], ("C1", "unit_unknown")),
        (
            [(*HEAD[:2], "本月完成投资（万元/亿元）"), ["H01", "2024-06", 12]],
            ("C1", "unit_unknown"),
        ),
        ([["单位：百万元"], HEAD, ["H01", "2024-06", 12]], ("A1", "unit_stated_unknown")),
        ([["单位：万元"], ["单位：元"], HEAD, ["H01", "2024-06", 12]], ("A2", "unit_conflict")),
        (
            [(*HEAD[:2], "本月完成投资（亿元）"), ["H01", "2024-06", 12], ["注：金额单位：万元"]],
            ("", "unit_conflict"),
        ),
        ([(*HEAD[:2], "本月完成投资（累计）"), ["H01", "2024-06", 12]], ("C1", "heading_unclear")),
        (
            [(*HEAD[:2], "本月完成投资（含征迁）"), ["H01", "2024-06", 12]],
            ("C1", "heading_unclear"),
        ),
        ([(*HEAD, "在场人数（万人）"), ["H01", "2024-06", 12, 1]], ("D1", "unit_unknown")),
    ],
)
def test_an_unclear_unit_is_a_fault(tmp_path: Path, rows: Rows, fault: tuple[str, str]) -> None:
    reading = sheet(tmp_path, "月度进展", rows)
    assert faults(reading) == [fault]


def test_columns_in_any_order(tmp_path: Path) -> None:
    row = only(
        progress(
            tmp_path,
            [320, 1.5, "自报", "2024-06", "H01"],
            head=("在场人数", HEAD[2], "数据依据", *HEAD[1::-1]),
        )
    )
    assert (row["project_id"], row["month"], row["workers"], row["evidence"]) == (
        "H01",
        "2024-06",
        320,
        "自报",
    )


def test_extra_columns_are_warned_and_ignored(tmp_path: Path) -> None:
    reading = progress(
        tmp_path, [1, "H01", "2024-06", 1.5, "x"], head=("序号", *UNIT_SAID, "联系人")
    )
    assert list(reading.tables["progress"].columns)[:3] == ["project_id", "month", "invested"]
    assert reading.faults == []
    [warning] = reading.warnings
    assert warning.rule == "columns_ignored"
    assert values(warning) == {"count": 2, "columns": "序号(A1)、联系人(E1)"}


def test_data_under_no_heading_is_warned(tmp_path: Path) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 1.5, 7], head=UNIT_SAID)
    assert [values(w)["columns"] for w in reading.warnings] == ["D1"]


def test_two_header_rows(tmp_path: Path) -> None:
    rows = [
        [
            Merged("项目编号", down=1),
            Merged("月份", down=1),
            Merged("进度", across=1),
            None,
            Merged("本月", across=1),
        ],
        [None, None, "形象进度(%)", "形象进度说明", "完成投资（万元）", "在场人数"],
        ["H01", "2024-06", 45, "三层", 150, 30],
    ]
    row = only(sheet(tmp_path, "月度进展", rows))
    assert (row["invested"], row["physical_pct"], row["physical_note"]) == (
        150 * 10**6,
        45.0,
        "三层",
    )


@pytest.mark.parametrize(
    ("total", "outcome"),
    [
        ("总投资（亿元）", 3 * YI),
        ("总投资（万元）", 3 * 10**6),
        ("总投资", [("L2", "unit_partly")]),
    ],
)
def test_a_group_heading_gives_its_unit_to_its_columns_only(
    tmp_path: Path, total: str, outcome: Any
) -> None:
    rows = [
        [None] * 9 + [Merged("投资（万元）", across=1), None, "工期"],
        ["项目编号", "项目名称", "领域", "建设性质", "级别", "属地", "责任单位", "计划竣工", "计划开工",
         "年初前累计投资", "年度计划投资", total],
        ["H01", "示例", "工业", "续建", "市本级", "甲区", "甲局", "2026-12-31", None, 100, 200, 3],
    ]  # fmt: skip
    reading = sheet(tmp_path, "项目台账", rows)
    if isinstance(outcome, list):
        assert faults(reading) == outcome
        return
    row = only(reading, "projects")
    assert (row["invested_before"], row["annual_plan"]) == (100 * 10**6, 200 * 10**6)
    assert row["total_investment"] == outcome


def test_a_second_row_of_units_and_a_row_of_numbers(tmp_path: Path) -> None:
    rows = [HEAD, [None, None, "（万元）"], ["甲", "1", "2"], ["H01", "2024-06", 12]]
    row = only(sheet(tmp_path, "月度进展", rows))
    assert (row["invested"], row["origin"]) == (12 * 10**6, "2024-06/unit.xlsx#月度进展!4")


def test_a_heading_merged_over_two_columns_of_data_is_a_fault(tmp_path: Path) -> None:
    rows = [[*HEAD[:2], Merged(HEAD[2], across=1)], ["H01", "2024-06", 1, 2]]
    assert faults(sheet(tmp_path, "月度进展", rows)) == [("C1", "heading_merged")]


def test_the_same_heading_twice_names_both_cells(tmp_path: Path) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 1, 2], head=(*HEAD, HEAD[2]))
    assert faults(reading) == [("D1", "column_twice")]
    assert values(reading.faults[0]) == {"first": "C1"}


def test_a_heading_that_nearly_fits_is_a_fault(tmp_path: Path) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 1, 320], head=(*HEAD, "在场人数额"))
    assert faults(reading) == [("D1", "heading_unclear")]


def test_a_missing_header_or_column_is_one_fault_each(tmp_path: Path) -> None:
    assert faults(progress(tmp_path, ["H01", "2024-06", 1], head=("甲", "乙", "丙"))) == [
        ("", "header_missing")
    ]
    reading = progress(tmp_path, ["H01", "2024-06"], head=HEAD[:2])
    assert [(f.rule, f.column) for f in reading.faults] == [("column_missing", "本月完成投资")]


def test_a_sheet_of_one_merged_cell_has_no_header(tmp_path: Path) -> None:
    assert faults(sheet(tmp_path, "月度进展", [[Merged("项目编号 月份", 30, 8)]])) == [
        ("", "header_missing")
    ]


# Sheets ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [" 月度 进展 ", "月度　进展", "progress", "ＰＲＯＧＲＥＳＳ", "4.月度进展", "表3 月度进展"],
)
def test_sheet_names_with_spaces_width_and_numbers(tmp_path: Path, name: str) -> None:
    assert only(sheet(tmp_path, name, [HEAD, ["H01", "2024-06", 1]]))["project_id"] == "H01"


def test_other_sheets_are_warned_unless_hidden_or_empty(tmp_path: Path) -> None:
    sheets = {"月度进展": [UNIT_SAID, ["H01", "2024-06", 1]], "联系方式": [["甲", "1"]], "空": []}
    reading = read(xlsx(tmp_path / "unit.xlsx", sheets), PROGRAMME, name=NAME)
    assert [(w.sheet, w.rule) for w in reading.warnings] == [("联系方式", "sheet_ignored")]


def test_a_table_may_have_two_sheets_but_a_key_only_one_row(tmp_path: Path) -> None:
    rows = [HEAD, ["H01", "2024-06", 1]]
    sheets = {"月度进展": rows, "2.月度进展": [HEAD, ["H02", "2024-06", 2], ["H01", "2024-06", 3]]}
    reading = read(xlsx(tmp_path / "unit.xlsx", sheets), PROGRAMME, name=NAME)
    assert [(f.sheet, f.cell, values(f)["first"]) for f in reading.faults] == [
        ("2.月度进展", "A3", "月度进展!A2")
    ]
    assert list(reading.tables["progress"]["project_id"]) == ["H01", "H02"]


def test_a_hidden_sheet_is_read_and_warned(tmp_path: Path) -> None:
    path = xlsx(
        tmp_path / "unit.xlsx", {"说明": [["x"]], "月度进展": [UNIT_SAID, ["H01", "2024-06", 1]]}
    )
    repacked(
        path,
        "xl/workbook.xml",
        lambda xml: xml.replace(
            'name="月度进展"'.encode(), 'name="月度进展" state="hidden"'.encode()
        ),
    )
    reading = read(path, PROGRAMME, name=NAME)
    assert len(reading.tables["progress"]) == 1
    assert [(w.sheet, w.rule) for w in reading.warnings] == [
        ("说明", "sheet_ignored"),
        ("月度进展", "sheet_hidden"),
    ]


def test_a_table_under_another_name_is_a_fault(tmp_path: Path) -> None:
    assert faults(sheet(tmp_path, "Sheet1", [HEAD, ["H01", "2024-06", 1]])) == [
        ("", "sheet_looks_like")
    ]


def test_a_file_without_any_table_is_a_fault(tmp_path: Path) -> None:
    assert faults(sheet(tmp_path, "联系方式", [["甲", "1"]])) == [("", "no_table")]


# Rows -----------------------------------------------------------------------------------------------


def test_totals_blank_rows_repeated_headers_and_signatures_are_skipped(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ["H01", "2024-06", 1],
        ["H01", "小 计", 1],
        [None, None, None],
        HEAD,
        ["H02", "2024-06", 2],
        [Merged("合计", across=1), None, Formula("=SUM(C2:C6)", 3)],
        ["总计（2个项目）", None, 3],
        ["填报人：示例甲", "审核人：示例乙", None],
        ["注：以上为6月数据"],
    ]
    reading = sheet(tmp_path, "月度进展", rows)
    assert reading.faults == []
    assert list(reading.tables["progress"]["project_id"]) == ["H01", "H02"]


def test_a_project_is_no_total_because_another_column_says_so(tmp_path: Path) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 1, "合计"], head=(*HEAD, "口径"))
    assert len(reading.tables["progress"]) == 1


def test_merged_ids_hold_for_all_their_rows(tmp_path: Path) -> None:
    rows = [HEAD, [Merged("H01", down=2), "2024-04", 1], [None, "2024-05", 2], [None, "2024-06", 3]]
    frame = sheet(tmp_path, "月度进展", rows).tables["progress"]
    assert list(frame["project_id"]) == ["H01", "H01", "H01"]
    assert list(frame["month"]) == ["2024-04", "2024-05", "2024-06"]


def test_merged_amounts_and_merged_columns_are_faults(tmp_path: Path) -> None:
    rows = [
        HEAD,
        ["H01", "2024-05", Merged(1, down=1)],
        ["H01", "2024-06", None],
        ["H02", Merged("2024-06", across=1), None],
    ]
    assert faults(sheet(tmp_path, "月度进展", rows)) == [
        ("C2", "merged_amount"),
        ("C3", "merged_amount"),
        ("B4", "merged_across"),
        ("C4", "merged_across"),
    ]


def test_the_same_key_twice_names_both_cells(tmp_path: Path) -> None:
    reading = progress(
        tmp_path, ["H01", "2024-06", 1], ["H02", "2024-06", 1], ["Ｈ０１", "2024年6月", "三"]
    )
    assert faults(reading) == [("A4", "key_twice"), ("C4", "not_number")]
    assert values(reading.faults[0]) == {"first": "A2"}
    assert list(reading.tables["progress"]["project_id"]) == ["H01", "H02"]


def test_what_a_kind_of_project_requires(tmp_path: Path) -> None:
    head = [
        "项目编号",
        "项目名称",
        "领域",
        "建设性质",
        "级别",
        "属地",
        "责任单位",
        "总投资",
        "计划竣工",
        "年度计划投资",
        "计划开工",
    ]
    common = ["市本级", "甲区", "甲局", 5, "2026-12-31"]
    rows = [
        head,
        ["H01", "甲", "工业", "续建", *common, None, None],
        ["X01", "乙", "民生", "新建", *common, None, "/"],
        ["H02", "丙", "工业", "continuing", *common, 2, None],
    ]
    reading = sheet(tmp_path, "项目台账", rows)
    assert faults(reading) == [("J2", "required_when"), ("K3", "required_when")]
    assert list(reading.tables["projects"]["kind"]) == ["continuing"]


def test_all_faults_of_all_sheets_are_told_in_reading_order(tmp_path: Path) -> None:
    sheets = {
        "月度进展": [HEAD, ["H01", "6月", "3千万"], [None, "2024-06", 1]],
        "节点计划": [
            ("节点编号", "项目编号", "节点名称", "计划完成"),
            ["N1", "H01", "封顶", "月底"],
        ],
    }
    reading = read(xlsx(tmp_path / "unit.xlsx", sheets), PROGRAMME, name=NAME)
    assert [(f.sheet, f.cell) for f in reading.faults] == [
        ("月度进展", "B2"),
        ("月度进展", "C2"),
        ("月度进展", "A3"),
        ("节点计划", "D2"),
    ]
