"""What a template hands out, how it looks, and what it lets one type."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from forms import HEADINGS, Form, columns, handed_out, rows, two_months

from sanshi_report.schemas import TABLES
from sanshi_report.template import make
from sanshi_report.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return two_months(tmp_path / "w")


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    """The form of March, only to be looked at."""
    return handed_out(two_months(tmp_path_factory.mktemp("form") / "w"))


# What is handed out --------------------------------------------------------------------------------


def test_this_years_figures_up_to_last_month_stand_beside_the_investment(
    workspace: Workspace,
) -> None:
    path = make(workspace, "2024-03", "示例甲局").path
    for with_results, total in ((False, "=D5+N(E5)"), (True, 0.75)):
        sheet = openpyxl.load_workbook(path, data_only=with_results)["月度进展"]
        [row] = rows(sheet, "项目编号", "〔参考〕项目名称", "月份", "〔参考〕上月末本年累计", "本月完成投资",
                     "〔参考〕本年累计", "〔参考〕上月形象进度(%)", "〔参考〕已报日期")[:1]  # fmt: skip
        dates = "奠基 2024-01-05\n开工 2024-02-20"
        assert row == ("H1", "示例H1", "2024-03", 0.75, None, total, 25, dates)
    check = openpyxl.load_workbook(path)["月度进展"]["G5"].value
    assert check == '=IF(E5="","未填",IF(ROUND(F5,8)>6,"超总投资，请核对单位","已填"))'


def test_only_what_is_open_and_the_units_own_is_handed_out(form: Form) -> None:
    assert rows(form["项目台账"], "项目编号", "项目名称", "建设性质", "级别", "总投资") == [
        ("H1", "示例H1", "续建", "市本级", 10)
    ]
    # Done on 2 March, after the last report's day, but known.
    assert rows(form["节点计划"], "项目编号", "节点名称") == [("H1", "封顶")]
    assert rows(form["手续办理"], "项目编号", "手续", "状态") == [("H1", "环评", "办理中")]
    assert rows(form["月度计划"], "月份", "计划完成投资") == [("2024-03", 0.1), ("2024-04", 0.1)]
    assert rows(form["资金来源"], "来源", "计划", "到位") == [("银行贷款", 5, 3.2)]
    assert rows(form["要素保障"], "月份", "要素", "〔参考〕上月需求量", "需求量", "〔参考〕上月已落实")[0] == (
        "2024-03", "人", 320, None, 300,
    )  # fmt: skip
    assert rows(form["交办事项"], "事项编号", "内容")[0] == ("J1", "报送进展")
    assert rows(form["安全廉政"], "编号", "描述")[0] == ("A1", "轻伤")
    assert rows(form["调度记录"], "会议日期", "类型", "项目编号", "主题") == []


def test_new_items_come_with_numbers_that_no_other_unit_has(workspace: Workspace) -> None:
    numbers = [number for (number,) in rows(handed_out(workspace)["问题台账"], "问题编号")]
    assert numbers == [f"W202403-示例甲局-{n:02d}" for n in range(1, 9)]
    others = handed_out(workspace, unit="示例乙局")["问题台账"]
    assert not set(numbers) & {number for (number,) in rows(others, "问题编号")}


def test_a_department_gets_what_it_must_act_on_and_the_projects_concerned(
    workspace: Workspace,
) -> None:
    form = handed_out(workspace, unit="自然资源部门")
    assert rows(form["问题台账"], "问题编号", "项目编号")[0] == ("W1", "X1")
    assert rows(form["手续办理"], "项目编号", "手续") == [("X1", "土地")]
    assert rows(form["项目台账"], "项目编号") == [("X1",)]
    assert rows(form["月度进展"], "项目编号") == []


def test_known_cells_are_locked_and_only_cells_to_fill_in_are_not(form: Form) -> None:
    for sheet in form.worksheets:
        assert sheet.protection.sheet, sheet.title
        assert sheet.protection.password is None
    expected = {
        "月度进展": [
            "项目编号",
            "月份",
            "〔参考〕项目名称",
            "〔参考〕本年累计",
            "〔参考〕上月末本年累计",
        ],
        "节点计划": ["节点编号", "项目编号", "节点名称", "计划完成"],
        "手续办理": ["项目编号", "手续", "牵头部门"],
        "资金来源": ["项目编号", "来源", "计划"],
        "交办事项": ["事项编号", "会议日期", "内容", "责任单位", "期限"],
        "项目台账": [str(column.title) for column in TABLES["projects"].columns.values()],
    }
    for name, locked in expected.items():
        sheet = form[name]
        for heading, at in columns(sheet).items():
            is_open = not sheet.cell(HEADINGS + 1, at).protection.locked
            meant = heading not in locked and not heading.startswith("〔参考〕")
            assert is_open == meant, f"{name} {heading}"
        assert all(cell.protection.locked for cell in sheet[HEADINGS])
    last = form["项目台账"].max_row
    assert not form["项目台账"].cell(last, 1).protection.locked


def test_every_heading_has_a_note(form: Form) -> None:
    for schema in TABLES.values():
        for cell in form[schema.title][HEADINGS]:
            assert cell.comment, f"{schema.title} {cell.coordinate}"
            assert cell.comment.text.strip()
    text = form["月度进展"]["E4"].comment.text
    assert text == (
        "本月实际完成的投资，不是累计；没有填 0。\n必填\n单位：亿元\n示例：1.15\n"
        "invested this month: Invested in this month alone; 0 if nothing was; required; unit: 亿元; e.g. 1.15"
    )
    assert "续建项目必填" in form["项目台账"].cell(HEADINGS, 13).comment.text
    assert "首根永久性工程桩" in form["月度进展"].cell(HEADINGS, 13).comment.text


def test_it_prints_on_a4_across_with_headings_unit_and_page(form: Form) -> None:
    for schema in TABLES.values():
        sheet = form[schema.title]
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        # One page across, which is the default of the format, and as many down as it takes.
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (None, 0)
        assert sheet.print_title_rows == "$1:$4"
        footer = sheet.oddFooter
        assert (footer.left.text, footer.center.text) == ("示例甲局", "2024年3月（示例数据）")
        assert footer.right.text == "第 &P 页，共 &N 页"
        assert sheet.freeze_panes in {"B5", "C5", "D5", "E5"}


def test_sample_data_is_marked_and_official_data_is_not(workspace: Workspace) -> None:
    sheet = handed_out(workspace)["月度进展"]
    assert sheet["A1"].value == "2024年3月月度进展　示例甲局（示例数据）"
    parameters = workspace.parameter_folder / "2024.yaml"
    text = parameters.read_text(encoding="utf-8")
    parameters.write_text(
        text.replace("data_status: sample", "data_status: official"), encoding="utf-8"
    )
    sheet = openpyxl.load_workbook(make(workspace, "2024-03", "示例甲局", force=True).path)[
        "月度进展"
    ]
    assert sheet["A1"].value == "2024年3月月度进展　示例甲局"


def test_the_guide_says_when_it_is_due_and_what_each_sheet_asks_for(form: Form) -> None:
    guide = form["填写说明"]
    text = "\n".join(str(c.value) for row in guide.iter_rows() for c in row if c.value is not None)
    assert "请于2024年4月5日 23:59前报三十工程指挥部办公室" in text
    assert "due at Thirty Projects Programme Office by 5 April 2024 23:59" in text
    assert "=COUNT('月度进展'!E5:E5)&\" / 1\"" in text
    links = {cell.value for row in guide.iter_rows() for cell in row if cell.hyperlink}
    assert links == {schema.title for schema in TABLES.values()}


# What may be typed ---------------------------------------------------------------------------------


def check_of(form: Form, sheet: str, heading: str, row: int = HEADINGS + 1) -> Any:
    cell = form[sheet].cell(row, columns(form[sheet])[heading]).coordinate
    [found] = [v for v in form[sheet].data_validations.dataValidation if cell in v.sqref]
    return found


def offered(form: Form, sheet: str, heading: str) -> list[str]:
    page, _, area = check_of(form, sheet, heading).formula1.partition("!")
    assert page == "'下拉选项'"
    return [cell.value for (cell,) in form["下拉选项"][area.replace("$", "")]]


def test_lists_offer_what_reading_accepts(form: Form) -> None:
    assert form["下拉选项"].sheet_state == "hidden"
    assert offered(form, "月度进展", "数据依据") == ["自报", "三方确认", "核查"]
    assert offered(form, "手续办理", "状态") == ["未启动", "办理中", "已办结", "不需要"]
    assert offered(form, "项目台账", "建设性质") == ["新建", "续建"]
    assert offered(form, "项目台账", "领域") == ["工业", "基础设施", "民生"]
    assert offered(form, "要素保障", "要素") == ["人", "地", "钱", "环境容量"]
    assert offered(form, "问题台账", "类别")[:2] == ["用地报批", "征地清表"]
    assert offered(form, "月度进展", "月份") == ["2024-03", "2024-02", "2024-01"]
    assert offered(form, "月度计划", "月份")[:4] == ["2024-03", "2024-02", "2024-01", "2024-04"]
    assert "示例乙局" in offered(form, "问题台账", "责任单位")
    assert not check_of(form, "问题台账", "责任单位").showErrorMessage
    known = check_of(form, "调度记录", "项目编号")
    assert known.formula1 == "OFFSET('项目台账'!$A$5,0,0,MAX(1,COUNTA('项目台账'!$A$5:$A$8)),1)"
    assert known.errorStyle == "warning"


@pytest.mark.parametrize(
    ("sheet", "heading", "kind", "bounds"),
    [
        ("月度进展", "本月完成投资", "decimal", ("0", "10")),
        ("月度进展", "在场人数", "whole", ("0", "1000000")),
        ("月度进展", "实质性开工日期", "date", ("32874", "73415")),
        (
            "月度进展",
            "形象进度(%)",
            "custom",
            ("AND(ISNUMBER(I5),OR(I5=0,AND(I5>=1,I5<=100)))", None),
        ),
        ("要素保障", "需求量", "decimal", ("0", "1000000000")),
        ("资金来源", "到位", "decimal", ("0", "100000")),
        ("问题台账", "承诺解决", "date", ("32874", "73415")),
    ],
)
def test_numbers_and_dates_are_bounded_and_say_so(
    form: Form, sheet: str, heading: str, kind: str, bounds: tuple[str, str | None]
) -> None:
    check = check_of(form, sheet, heading)
    assert (check.type, check.formula1, check.formula2) == (kind, *bounds)
    assert check.showInputMessage
    assert re.search("[\u4e00-\u9fff]", check.prompt)
    assert check.showErrorMessage
    assert re.search("[\u4e00-\u9fff]", check.error)
    assert max(len(check.prompt), len(check.error)) <= 255
