"""Templates: what is handed out, what may be typed, and what comes back."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from forms import YI, Form, accept, fill, handed_out, rows, sent, two_months
from submissions import new_workspace, project, submit
from workspaces import make_workspace

from sanshi_report import cli
from sanshi_report.errors import DataError, UsageError
from sanshi_report.intake import read
from sanshi_report.ledger import load, receive
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
        ("H1", "示例H1", 4.75, None)  # 4.00 before, 0.50 and 0.25 in the year
    ]
    assert rows(form["月度进展"], "月份", "〔参考〕上月末本年累计")[0] == ("2025-01", 0)
    assert "新年度须重新登记" in sheet["A2"].value
    _, reading = sent(form, workspace)
    assert [(w.sheet, w.rule) for w in reading.warnings][-1] == ("项目台账", "rows_unfilled")
    fill(sheet, {"项目编号": "H1"}, 年度计划投资=3)
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
