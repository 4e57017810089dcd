"""Templates: what is handed out, what may be typed, and what comes back."""

import re
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from submissions import invested, new_workspace, project, submit
from workspaces import make_workspace

from sanshi_report import cli
from sanshi_report.errors import DataError, UsageError
from sanshi_report.intake import Reading, read
from sanshi_report.ledger import load, receive
from sanshi_report.schemas import TABLES
from sanshi_report.template import make
from sanshi_report.workspace import Workspace

HEADINGS = 4
"""The row of headings."""
YI = 10**10  # fen

Form = openpyxl.Workbook


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return two_months(tmp_path / "w")


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Form:
    """The form of March, only to be looked at."""
    return handed_out(two_months(tmp_path_factory.mktemp("form") / "w"))


def two_months(root: Path) -> Workspace:
    """One continuing project H1, invested 0.50 and 0.25 by February, and a new build X1 of another unit."""
    workspace = new_workspace(root)
    submit(
        workspace, "2024-01", "2024-02-03",
        projects=[
            project("H1", invested_before="4.00", lead_official="示例领导甲"),
            project("X1", "新建", responsible_unit="示例乙局"),
        ],
        progress=[invested("H1", "2024-01", "0.50", physical_pct=20, groundbreaking_on="2024-01-05")],
        plan=[{"project_id": "H1", "month": f"2024-{m:02d}", "planned_investment": "0.10"}
              for m in (2, 3, 4)],
        nodes=[{"node_id": "H1-N1", "project_id": "H1", "node": "封顶", "due_on": "2024-03-31"},
               {"node_id": "H1-N2", "project_id": "H1", "node": "桩基", "due_on": "2024-02-28"}],
        permits=[{"project_id": "H1", "permit": "环评", "department": "生态环境部门",
                  "status": "办理中", "applied_on": "2024-01-04"},
                 {"project_id": "X1", "permit": "土地", "department": "自然资源部门",
                  "status": "未启动"}],
        problems=[{"problem_id": "W1", "project_id": "X1", "raised_on": "2024-01-09",
                   "category": "用地报批", "tier": "单一部门", "owner": "自然资源部门",
                   "due_on": "2024-03-15", "description": "未组卷"}],
        inputs=[{"project_id": "H1", "month": "2024-01", "input": "人", "unit": "人",
                 "needed": 320, "secured": 300, "department": "示例人社部门"}],
        funding=[{"project_id": "H1", "source": "银行贷款", "planned": "5.00", "in_place": "3.20"}],
        actions=[{"action_id": "J1", "meeting_on": "2024-01-05", "content": "报送进展",
                  "owner": "示例甲局", "due_on": "2024-02-28"}],
        incidents=[{"incident_id": "A1", "project_id": "H1", "occurred_on": "2024-01-08",
                    "incident": "安全", "severity": "一般", "description": "轻伤"}],
    )  # fmt: skip
    submit(
        workspace, "2024-02", "2024-03-03",
        progress=[invested("H1", "2024-02", "0.25", physical_pct=25, started_on="2024-02-20")],
        nodes=[{"node_id": "H1-N2", "project_id": "H1", "node": "桩基", "due_on": "2024-02-28",
                "done_on": "2024-03-02"}],
    )  # fmt: skip
    return workspace


def handed_out(workspace: Workspace, period: str = "2024-03", unit: str = "示例甲局") -> Form:
    return openpyxl.load_workbook(make(workspace, period, unit).path)


def columns(sheet: Worksheet) -> dict[str, int]:
    """Where each heading stands, without its unit and star: {'本月完成投资': 5}."""
    cells = [cell for cell in sheet[HEADINGS] if cell.value]
    return {re.sub(r"\n（.元）|（..）|\*|\n", "", str(cell.value)): cell.column for cell in cells}


def rows(sheet: Worksheet, *headings: str) -> list[tuple[Any, ...]]:
    """What stands under some headings, rows without any of it left out."""
    at = [columns(sheet)[heading] for heading in headings]
    found = [
        tuple(sheet.cell(row, column).value for column in at)
        for row in range(HEADINGS + 1, sheet.max_row + 1)
    ]
    return [cells for cells in found if any(cell is not None for cell in cells)]


def fill(sheet: Worksheet, known: dict[str, Any], **typed: Any) -> None:
    """Type into the first row that says what is known (None: nothing), as far as the sheet lets one."""
    at = columns(sheet)
    row = next(
        row
        for row in range(HEADINGS + 1, sheet.max_row + 1)
        if all(sheet.cell(row, at[name]).value == value for name, value in known.items())
    )
    for name, value in typed.items():
        cell = sheet.cell(row, at[name])
        assert not cell.protection.locked, cell.coordinate
        cell.value = value


def sent(form: Form, workspace: Workspace, name: str = "报来.xlsx") -> tuple[Path, Reading]:
    """Save a form and read it as the office would."""
    path = workspace.root / name
    form.save(path)
    programme = workspace.parameters("2024-03").programme
    return path, read(path, programme, name=f"2024-03/{name}")


def accept(
    form: Form, workspace: Workspace, period: str = "2024-03", at: str = "2024-04-04"
) -> None:
    path, reading = sent(form, workspace)
    assert reading.faults == []
    receive(workspace, [path], period, "示例甲局", now=datetime.fromisoformat(f"{at}T12:00+08:00"))


# What comes back -----------------------------------------------------------------------------------


def test_a_form_filled_in_by_hand_is_received_and_read_as_typed(tmp_path: Path) -> None:
    sample = Workspace(make_workspace(tmp_path / "sample"))
    form = openpyxl.load_workbook(make(sample, "2024-07", "示例丙县政府").path)
    fill(form["月度进展"], {"项目编号": "H07"}, 本月完成投资=1.2345, **{"形象进度(%)": 41},
         形象进度说明="厂房基础完成", 在场人数=260, 数据依据="三方确认", 填报日期=datetime(2024, 8, 1))  # fmt: skip
    fill(
        form["月度进展"], {"项目编号": "X04"}, 本月完成投资=0, 实质性开工日期=datetime(2024, 7, 20)
    )
    fill(form["月度进展"], {"项目编号": None}, 项目编号="H07", 月份="2024-06", 本月完成投资=1.1)
    fill(form["手续办理"], {"项目编号": "X04", "手续": "环评"}, 状态="已办结",
         办结日期=datetime(2024, 7, 15), 文号="示例环审〔2024〕9号")  # fmt: skip
    fill(
        form["问题台账"],
        {"问题编号": "W2024-007"},
        办理情况="已批复",
        解决日期=datetime(2024, 7, 15),
    )
    fill(form["问题台账"], {"项目编号": None}, 项目编号="X16", 提出日期=datetime(2024, 7, 9), 类别="劳动力",
         层级="现场", 责任单位="示例丙县政府", 承诺解决=datetime(2024, 8, 9), 内容="缺木工\n20人")  # fmt: skip
    fill(form["要素保障"], {"项目编号": "H07", "要素": "人"}, 需求量=330, 已落实=300.5)
    fill(
        form["调度记录"],
        {"会议日期": None},
        会议日期=datetime(2024, 7, 5),
        类型="项目",
        项目编号="X16",
    )
    path = tmp_path / "示例丙县政府.xlsx"
    form.save(path)

    reading = read(path, sample.parameters("2024-07").programme, name="2024-07/a.xlsx")
    assert reading.faults == []
    assert [w.rule for w in reading.warnings] == ["rows_unfilled", "rows_unfilled"]
    assert reading.warnings[0].values == {"count": 1, "rows": "X16"}
    progress = reading.tables["progress"]
    assert list(progress["project_id"]) == ["H07", "X04", "H07"]
    assert list(progress["month"]) == ["2024-07", "2024-07", "2024-06"]
    assert list(progress["invested"]) == [12_345_000_000, 0, 11 * 10**9]
    assert progress.loc[0, ["physical_pct", "workers", "evidence"]].to_list() == [
        41,
        260,
        "三方确认",
    ]
    assert f"{progress.loc[1, 'started_on']:%Y-%m-%d}" == "2024-07-20"
    [permit] = reading.tables["permits"].to_dict("records")
    assert (permit["status"], permit["document_no"]) == ("已办结", "示例环审〔2024〕9号")
    assert f"{permit['due_on']:%Y-%m-%d}" == "2024-04-12"
    problems = reading.tables["problems"].set_index("problem_id")
    assert list(problems.index) == ["W2024-007", "W202407-示例丙县政府-01"]
    assert problems.loc["W2024-007", "progress"] == "已批复"
    assert problems.loc["W202407-示例丙县政府-01", "description"] == "缺木工\n20人"
    [need] = reading.tables["inputs"].to_dict("records")
    assert (need["month"], need["needed"], need["secured"]) == ("2024-07", 330, Decimal("300.5"))
    assert len(reading.tables["meetings"]) == 1
    assert all(reading.tables[t].empty for t in ("projects", "nodes", "plan", "funding", "actions"))

    receive(sample, [path], "2024-07", "示例丙县政府")
    ledger = load(sample, "2024-07", "now")
    latest = ledger.progress.set_index(["project_id", "month"])["invested"]
    assert (latest["H07", "2024-07"], latest["H07", "2024-06"]) == (12_345_000_000, 11 * 10**9)


def test_an_untouched_form_says_that_nothing_was_reported_and_changes_nothing(
    workspace: Workspace,
) -> None:
    form = handed_out(workspace, unit="")
    _, reading = sent(form, workspace)
    assert reading.faults == []
    assert all(table.empty for table in reading.tables.values())
    assert [(w.sheet, w.rule, w.values["rows"]) for w in reading.warnings] == [
        ("月度进展", "rows_unfilled", "H1、X1"),
        ("要素保障", "rows_unfilled", "H1"),
    ]
    before = load(workspace, "2024-02", "now")
    accept(form, workspace)
    after = load(workspace, "2024-03", "now")
    for table in TABLES:
        assert after.known[table].equals(before.known[table]), table
    assert after.revisions.equals(before.revisions)


def test_a_row_left_alone_does_not_set_back_what_others_reported_meanwhile(
    workspace: Workspace,
) -> None:
    form = handed_out(workspace)
    granted = {"project_id": "H1", "permit": "环评", "department": "生态环境部门", "status": "已办结",
               "applied_on": "2024-01-04", "granted_on": "2024-03-20"}  # fmt: skip
    submit(workspace, "2024-03", "2024-04-02", "部门.xlsx", permits=[granted])
    fill(form["月度进展"], {"项目编号": "H1"}, 本月完成投资=0.3)
    accept(form, workspace)
    ledger = load(workspace, "2024-03")
    assert list(ledger.permits["status"]) == ["已办结", "未启动"]
    assert list(ledger.progress["invested"]) == [YI // 2, YI // 4, 3 * YI // 10]


def test_a_row_filled_in_but_for_the_investment_is_a_fault(workspace: Workspace) -> None:
    form = handed_out(workspace)
    fill(form["月度进展"], {"项目编号": "H1"}, 在场人数=30)
    _, reading = sent(form, workspace)
    assert [(f.sheet, f.cell, f.column, f.rule) for f in reading.faults] == [
        ("月度进展", "E5", "本月完成投资", "required")
    ]


def test_a_value_typed_and_taken_back_counts_as_left_alone(workspace: Workspace) -> None:
    form = handed_out(workspace)
    fill(form["资金来源"], {"项目编号": "H1"}, 到位=3.5)
    fill(form["资金来源"], {"项目编号": "H1"}, 到位=3.2)
    fill(form["节点计划"], {"节点编号": "H1-N1"}, 备注="　")
    _, reading = sent(form, workspace)
    assert reading.tables["funding"].empty
    assert reading.tables["nodes"].empty


def test_columns_without_their_marks_are_read_as_any_others(workspace: Workspace) -> None:
    form = handed_out(workspace)
    sheet = form["资金来源"]
    sheet.delete_cols(sheet.max_column)
    _, reading = sent(form, workspace)
    assert list(reading.tables["funding"]["in_place"]) == [32 * 10**9]


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


# Beginnings ----------------------------------------------------------------------------------------


def test_the_first_template_of_all_is_blank_and_takes_the_register(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w", new=0)
    form = handed_out(workspace, "2024-01", "示例甲局")
    assert rows(form["月度进展"], "项目编号") == []
    fill(form["项目台账"], {"项目编号": None}, 项目编号="H1", 项目名称="示例H1", 领域="工业", 建设性质="续建",
         级别="市本级", 属地="示例甲区", 责任单位="示例甲局", 总投资=10, 年度计划投资=2,
         计划竣工=datetime(2026, 12, 31))  # fmt: skip
    fill(form["月度进展"], {"项目编号": None}, 项目编号="H1", 月份="2024-01", 本月完成投资=0.2)
    accept(form, workspace, "2024-01", "2024-02-03")
    ledger = load(workspace, "2024-01")
    assert list(ledger.projects["kind"]) == ["continuing"]
    assert list(ledger.progress["invested"]) == [2 * 10**9]


def test_a_new_year_asks_for_the_register_anew(workspace: Workspace) -> None:
    year = workspace.parameter_folder / "2024.yaml"
    text = year.read_text(encoding="utf-8")
    (workspace.parameter_folder / "2025.yaml").write_text(
        text.replace("2024", "2025"), encoding="utf-8"
    )
    form = openpyxl.load_workbook(make(workspace, "2025-01", "示例甲局").path)
    sheet = form["项目台账"]
    assert rows(sheet, "项目编号", "项目名称", "年初前累计投资", "年度计划投资") == [
        ("H1", "示例H1", None, None)
    ]
    assert rows(form["月度进展"], "月份", "〔参考〕上月末本年累计")[0] == ("2025-01", 0)
    assert "新年度须重新登记" in sheet["A2"].value
    _, reading = sent(form, workspace)
    assert [(w.sheet, w.rule) for w in reading.warnings][-1] == ("项目台账", "rows_unfilled")
    fill(sheet, {"项目编号": "H1"}, 年初前累计投资=4.75, 年度计划投资=3)
    _, reading = sent(form, workspace)
    assert reading.faults == []
    [row] = reading.tables["projects"].to_dict("records")
    assert (row["invested_before"], row["annual_plan"], row["tier"]) == (
        475 * 10**8,
        3 * YI,
        "city",
    )


def test_a_missed_control_total_is_no_reason_to_hand_nothing_out(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w", continuing=2)
    submit(workspace, "2024-01", "2024-02-03", projects=[project("H1")])
    with pytest.raises(DataError):
        load(workspace, "2024-01")
    assert rows(handed_out(workspace, "2024-02")["项目台账"], "项目编号") == [("H1",)]


# The file ------------------------------------------------------------------------------------------


def test_the_same_knowledge_gives_the_same_bytes(workspace: Workspace, tmp_path: Path) -> None:
    first = make(workspace, "2024-03", "示例甲局")
    assert first.is_new
    assert first.path == workspace.output / "templates/2024-03/示例甲局.xlsx"
    again = make(workspace, "2024-03", "示例甲局", to=tmp_path / "other.xlsx")
    assert again.path.read_bytes() == first.path.read_bytes()
    assert not make(workspace, "2024-03", " 示例甲局 ").is_new
    assert make(workspace, "2024-03").path.name == "全部.xlsx"


def test_a_form_that_was_filled_in_is_not_replaced(workspace: Workspace, tmp_path: Path) -> None:
    path = make(workspace, "2024-03", "示例甲局", to=tmp_path).path
    assert path == tmp_path / "示例甲局.xlsx"
    blank = path.read_bytes()
    path.write_bytes(b"filled in")
    with pytest.raises(UsageError, match="--force"):
        make(workspace, "2024-03", "示例甲局", to=tmp_path)
    assert path.read_bytes() == b"filled in"
    assert make(workspace, "2024-03", "示例甲局", to=tmp_path, force=True).is_new
    assert path.read_bytes() == blank


def test_a_unit_nobody_knows_is_told_with_those_like_it(workspace: Workspace) -> None:
    with pytest.raises(UsageError) as told:
        make(workspace, "2024-03", "示例丙局")
    assert "没有名为“示例丙局”的单位" in str(told.value)
    assert "示例乙局、示例甲局" in str(told.value) or "示例甲局、示例乙局" in str(told.value)
    assert "自然资源部门" not in str(told.value)
    assert not (workspace.output / "templates").exists()


@pytest.mark.parametrize(("period", "to"), [("2024-Q1", ""), ("2024-3", ""), ("2024-03", "a.docx")])
def test_what_cannot_be_a_template_is_refused(
    workspace: Workspace, tmp_path: Path, period: str, to: str
) -> None:
    with pytest.raises(UsageError):
        make(workspace, period, to=tmp_path / to if to else None)
    assert list(tmp_path.iterdir()) == [workspace.root]


def test_a_units_name_never_leads_out_of_the_folder(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    path = make(workspace, "2024-01", "../../甲局/二科 & 三科").path
    assert path.parent == workspace.output / "templates/2024-01"
    sheet = openpyxl.load_workbook(path)["月度进展"]
    assert sheet["A1"].value == "2024年1月月度进展　../../甲局/二科 & 三科（示例数据）"


def test_the_command_says_where_it_is(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANSHI_ROOT", str(workspace.root))
    monkeypatch.setenv("SANSHI_PERIOD", "2024-03")
    monkeypatch.setenv("SANSHI_FROM", "示例甲局")
    assert cli.run(["template"]) == 0
    shown = capsys.readouterr()
    assert shown.out == f"{workspace.output}/templates/2024-03/示例甲局.xlsx\n"
    assert "Template made" in shown.err
    monkeypatch.setenv("SANSHI_FROM", "示例丙局")
    assert cli.run(["template"]) == 2
    assert capsys.readouterr().err.startswith("✗ ")
