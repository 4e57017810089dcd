"""The office's lists: a value renamed in the parameters works from the template to the report."""

from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest
import yaml
from forms import fill
from submissions import invested, new_workspace, project, submit

from sanshi_report import metrics
from sanshi_report.blocks import as_html
from sanshi_report.checking import check
from sanshi_report.ledger import load, receive
from sanshi_report.ledger.readback import read_back
from sanshi_report.metrics.kpis import kpis
from sanshi_report.schemas import TABLES, listed
from sanshi_report.tables.handling import incidents as incidents_table
from sanshi_report.tables.profile import months
from sanshi_report.template import make
from sanshi_report.workspace import LISTS, Workspace

RENAMED = {
    "sectors": ("工业", "工业制造"),
    "project_tiers": ("市本级", "市级"),
    "permits": ("环评", "环境影响评价批复"),
    "inputs": ("人", "劳动力"),
    "evidence": ("核查", "现场核查"),
    "funding_sources": ("银行贷款", "金融贷款"),
    "problem_categories": ("用地报批", "用地审批"),
    "problem_tiers": ("单一部门", "一个部门"),
    "incident_types": ("安全", "安全生产"),
    "cadence": ("专班", "工作专班"),
}


def rename(workspace: Workspace, year: int, *, former: bool, names=RENAMED) -> None:
    """Give one value of every list another name, and say what it was called if `former`."""
    file = workspace.parameter_folder / f"{year}.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    for name, (old, new) in names.items():
        key = "level" if name == "cadence" else "value"
        [term] = [term for term in content[name] if term[key] == old]
        term[key] = new
        if former:
            term["was"] = [old]
        elif name == "permits":
            # Who does not say the former name names it anew wherever it stands.
            for other in content["problem_categories"]:
                other["permit"] = new if other.get("permit") == old else other.get("permit", "")
            for other in content["permits"]:
                other["after"] = [new if one == old else one for one in other.get("after", [])]
    totals = content["control_totals"]["continuing_by_sector"]
    totals["工业制造"] = totals.pop("工业")
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def submitted(workspace: Workspace, period: str, at: str, names: int) -> None:
    """A file that uses a value of every list, by its first (0) or its second (1) name."""
    word = {name: both[names] for name, both in RENAMED.items()}
    own = {"sector": word["sectors"], "tier": word["project_tiers"], "task_force": "示例第一专班"}
    month = {"project_id": "H1", "month": period}
    submit(
        workspace, period, at,
        projects=[project("H1", **own, lead_official="示例领导甲"), project("X1", "新建", **own)],
        progress=[invested("H1", period, "0.50", evidence=word["evidence"])],
        permits=[{"project_id": "H1", "permit": word["permits"], "department": "生态环境部门",
                  "status": "办理中", "applied_on": "2024-01-04"}],
        inputs=[{**month, "input": word["inputs"], "unit": "人", "needed": 10, "secured": 6}],
        funding=[{"project_id": "H1", "source": word["funding_sources"], "planned": "5.00",
                  "in_place": "3.20"}],
        problems=[{"problem_id": "W1", "project_id": "X1", "raised_on": "2024-01-09",
                   "category": word["problem_categories"], "tier": word["problem_tiers"],
                   "owner": "示例甲局", "due_on": "2024-01-20", "description": "未组卷"}],
        meetings=[{"held_on": "2024-01-05", "level": word["cadence"], "project_id": "H1"}],
        incidents=[{"incident_id": "A1", "project_id": "H1", "occurred_on": "2024-01-08",
                    "incident": word["incident_types"], "severity": "一般", "description": "轻伤"}],
    )  # fmt: skip


def values_of(frame, scope: str) -> list[str]:
    return list(dict.fromkeys(frame.loc[frame["scope"] == scope, "scope_value"]))


def test_every_column_with_a_list_names_one_of_the_parameters() -> None:
    assert {name for _, _, name in listed()} == set(LISTS) == set(RENAMED)


def test_a_renamed_value_of_every_list_is_offered_received_checked_and_counted(
    tmp_path: Path,
) -> None:
    workspace = new_workspace(tmp_path / "w")
    rename(workspace, 2024, former=False)
    submitted(workspace, "2024-01", "2024-02-02", 1)
    form = openpyxl.load_workbook(make(workspace, "2024-02", "示例甲局").path)
    hidden = {cell.value for row in form[form.sheetnames[-1]].iter_rows() for cell in row}
    assert {new for _, new in RENAMED.values()} <= hidden
    titles = {column.title for column in TABLES["projects"].columns.values()}
    assert not {old for old, _ in RENAMED.values()} & (hidden - titles)
    notes = {cell.comment.text for sheet in form for cell in sheet[4] if cell.comment}
    assert not any("示例：环评" in note or "示例：专班" in note for note in notes)
    fill(form["月度进展"], {"项目编号": "H1"}, 本月完成投资=0.25, 数据依据="现场核查")
    fill(form["问题台账"], {"问题编号": "W1"}, 层级="一个部门", 办理情况="已组卷")
    form.save(tmp_path / "示例甲局.xlsx")
    back = read_back(workspace, tmp_path / "示例甲局.xlsx", "2024-02", [])
    assert back.faults == []
    now = datetime.fromisoformat("2024-03-04T12:00:00+08:00")
    receive(workspace, [tmp_path / "示例甲局.xlsx"], "2024-02", "示例甲局", now=now)
    checked = check(workspace, "2024-02")
    assert checked.faults == ()
    parameters, ledger = workspace.parameters("2024-02"), checked.ledger
    found = kpis(ledger, parameters).astype(object)
    assert values_of(found, "sector") == ["工业制造"]
    assert values_of(found, "tier") == ["市级"]
    # Each value of a list has its row, under the name of now.
    assert "环境影响评价批复" in values_of(found, "permit")
    assert "环评" not in values_of(found, "permit")
    assert "金融贷款" in values_of(found, "source")
    control = found[(found["kpi"] == "projects.count") & (found["scope"] == "tier")].iloc[0]
    assert (control["target"], control["actual"]) == (2, 2)
    assert metrics.escalation.suggested(ledger, parameters)["tier"].tolist() == ["一个部门"]
    january = load(workspace, "2024-01")
    before = workspace.parameters("2024-01")
    assert metrics.labour.troughs(january, before)["secured_pct"].tolist() == [60]
    tasks = metrics.tasks.due_next(january, before)
    forces = tasks[tasks["kind"].eq("meeting") & tasks["task"].eq("工作专班")]
    assert set(forces["owner"]) == {"示例第一专班"}
    verified = metrics.quality.evidence_by_month(ledger)["verified_amount"].tolist()
    assert verified == [5 * 10**9, 25 * 10**8]


def test_tables_say_the_name_of_now(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    rename(workspace, 2024, former=False)
    submitted(workspace, "2024-01", "2024-02-02", 1)
    parameters, ledger = workspace.parameters("2024-01"), load(workspace, "2024-01")
    chinese = incidents_table(metrics.incidents.so_far(ledger), parameters, "zh").block
    assert "安全生产" in as_html([chinese])
    english = incidents_table(metrics.incidents.so_far(ledger), parameters, "en").block
    assert "Safety" in as_html([english])
    months_of = metrics.profile.months(ledger.at(ledger.period), parameters)
    assert "现场核查" in as_html([months(months_of, parameters, "zh").block])


@pytest.mark.parametrize("former", [True, False])
def test_a_value_renamed_in_a_new_year_leaves_last_years_files_valid(
    tmp_path: Path, former: bool
) -> None:
    workspace = new_workspace(tmp_path / "w")
    submitted(workspace, "2024-01", "2024-02-02", 0)
    text = (workspace.parameter_folder / "2024.yaml").read_text(encoding="utf-8")
    (workspace.parameter_folder / "2025.yaml").write_text(
        text.replace("2024", "2025"), encoding="utf-8"
    )
    rename(workspace, 2025, former=former)
    submitted(workspace, "2025-01", "2025-02-02", 1)
    assert load(workspace, "2024-01").problems["category"].tolist() == ["用地报批"]
    ledger = load(workspace, "2025-01")
    assert ledger.problems["category"].tolist() == ["用地审批"]
    assert ledger.permits["permit"].tolist() == (
        ["环境影响评价批复"] if former else ["环评", "环境影响评价批复"]
    )


def test_what_was_reported_under_a_former_name_is_the_same_thing(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    submitted(workspace, "2024-01", "2024-02-02", 0)
    rename(workspace, 2024, former=True)
    ledger = load(workspace, "2024-01")
    assert ledger.inputs["input"].tolist() == ["劳动力"]
    assert ledger.projects["sector"].tolist() == ["工业制造", "工业制造"]
    assert ledger.progress["evidence"].tolist() == ["核查"]  # what rules know it by
    assert ledger.revisions.empty


def test_a_name_without_its_former_one_refuses_files_that_use_that(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    submitted(workspace, "2024-01", "2024-02-02", 0)
    rename(workspace, 2024, former=False)
    faults = check(workspace, "2024-01").faults
    assert {fault.column for fault in faults if fault.rule == "not_listed"} == {
        "领域", "级别", "手续", "要素", "来源", "类别", "层级", "类型",
    }  # fmt: skip  # 核查 is also the code, which every file may use
    assert any("工业制造" in fault.text("zh") for fault in faults)


def test_a_value_renamed_from_a_day_on_is_read_by_the_month_of_its_file(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    file = workspace.parameter_folder / "2024.yaml"
    text = file.read_text(encoding="utf-8")
    content = yaml.safe_load(text)
    [term] = [term for term in content["problem_categories"] if term["value"] == "用地报批"]
    now = {**term, "value": "用地审批", "was": ["用地报批"]}
    at = content["problem_categories"].index(term)
    content["problem_categories"][at] = {"from": {2024: term, datetime(2024, 3, 15).date(): now}}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    submitted(workspace, "2024-01", "2024-02-02", 0)
    for period, at in (("2024-02", "2024-03-02"), ("2024-03", "2024-04-02")):
        submit(workspace, period, at, progress=[invested("H1", period, "0.50")])
    assert load(workspace, "2024-02").problems["category"].tolist() == ["用地报批"]
    assert load(workspace, "2024-03").problems["category"].tolist() == ["用地审批"]


def test_a_correction_may_use_the_words_of_its_time(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    submitted(workspace, "2024-01", "2024-02-02", 0)
    (workspace.raw / "corrections.yaml").write_text(
        "- {who: 张三, when: 2024-02-03, why: 核对, table: problems, key: {problem_id: W1}, "
        "column: category, expected: 用地报批, value: 征地清表}\n", encoding="utf-8",
    )  # fmt: skip
    rename(workspace, 2024, former=True)
    assert load(workspace, "2024-01").problems["category"].tolist() == ["征地清表"]


def test_a_value_taken_off_its_list_is_left_for_the_unit_to_choose(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    submitted(workspace, "2024-01", "2024-02-02", 0)
    file = workspace.parameter_folder / "2024.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    categories = content["problem_categories"]
    [at] = [at for at, term in enumerate(categories) if term["value"] == "用地报批"]
    categories[at] = {"from": {2024: categories[at], date(2024, 2, 1): None}}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    form = openpyxl.load_workbook(make(workspace, "2024-02", "示例甲局").path)
    fill(form["问题台账"], {"问题编号": "W1"}, 类别="征地清表")
    assert load(workspace, "2024-01").problems["category"].tolist() == ["用地报批"]
