"""A new year: from the last report of the old one to the first of the new, command by command."""

import json
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
import yaml
from forms import YI, fill, rows
from submissions import invested, new_workspace, project, submit

from sanshi_report import cli
from sanshi_report.errors import ParameterError
from sanshi_report.ledger import invested_through, load, receiving
from sanshi_report.metrics import suspicion
from sanshi_report.template.new_year import new_year
from sanshi_report.workspace import CHINA, Workspace
from sanshi_report.workspace.next_year import next_year

HOME = Path(__file__).parents[1]
REPORTS = """reports:
  - {name: monthly_bulletin, title: {zh: 通报, en: Bulletin}, every: month, layout: gbt9704}
"""


def a_year(root: Path) -> Workspace:
    """December 2024: H1 goes on, H2 is completed, X1 has started, X2 has not; H3 has no sum before."""
    workspace = new_workspace(root, 2, 3)
    submit(
        workspace, "2024-01", "2024-02-03",
        projects=[
            project("H1", invested_before="4.00"), project("H2", invested_before="7.50"),
            project("H3", responsible_unit="示例乙局"),
            project("X1", "新建"), project("X2", "新建", responsible_unit="示例乙局"),
        ],
        progress=[invested("H1", "2024-01", "0.50"), invested("H3", "2024-01", "0.20")],
        nodes=[{"node_id": "H1-N1", "project_id": "H1", "node": "封顶", "due_on": "2025-03-31"},
               {"node_id": "H2-N1", "project_id": "H2", "node": "验收", "due_on": "2025-01-31"}],
        problems=[{"problem_id": "W1", "project_id": "X1", "raised_on": "2024-01-09",
                   "category": "用地报批", "tier": "单一部门", "owner": "示例甲局",
                   "due_on": "2024-03-15", "description": "未组卷"}],
        actions=[{"action_id": "J1", "meeting_on": "2024-01-05", "content": "报送进展",
                  "owner": "示例甲局", "due_on": "2025-02-28"}],
    )  # fmt: skip
    submit(
        workspace, "2024-12", "2025-01-03",
        progress=[invested("H1", "2024-12", "0.25"),
                  invested("H2", "2024-12", "2.00", completed_on="2024-12-20"),
                  invested("X1", "2024-12", "0.30", started_on="2024-12-05"),
                  invested("X2", "2024-12", "0")],
    )  # fmt: skip
    return workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return a_year(tmp_path / "w")


def approved(workspace: Workspace) -> None:
    """Fill in what was approved for 2025: H1, H3 and X1 go on, X2 starts."""
    file = workspace.parameter_folder / "2025.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    old = {"count": 3, "total_investment": 30, "annual_plan": 6}
    none = {"count": 0, "total_investment": 0, "annual_plan": 0}
    content["control_totals"] = {
        "projects": {"count": 4, "total_investment": 40, "city_level": 4},
        "new_build": {"count": 1, "total_investment": 10},
        "continuing": old,
        "continuing_by_sector": {"工业": old, "基础设施": none, "民生": none},
    }
    content["milestones"] = [{"due_on": date(2025, 6, 30), "starts": 1}]
    for season in content["labour"]["seasons"]:
        season |= {"starts_on": date(2025, 2, 1), "ends_on": date(2025, 2, 9)}
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def register_of(begun):
    return openpyxl.load_workbook(begun.register)


# The parameters -------------------------------------------------------------------------------------


def test_all_that_is_approved_anew_is_empty_and_its_comments_are_kept() -> None:
    text = next_year((HOME / "parameters/2024.yaml").read_text(encoding="utf-8"), 2025)
    assert "  projects: {count: , total_investment: , city_level: }\n" in text
    assert text.count("  - {due_on: , starts: }\n") == 3
    assert "- {value: 三夏, en: Summer harvest, starts_on: , ends_on: }" in text
    assert "# substantive starts of new builds, cumulative" in text
    assert "# The programme of 2025. Money is in 亿元." in text
    assert "  year: 2025\n" in text
    assert "    yellow_from: -10 " in text


def test_lists_and_rules_are_those_in_force_at_the_years_end() -> None:
    text = (HOME / "parameters/2024.yaml").read_text(encoding="utf-8")
    text = text.replace("yellow_from: -10 ", "yellow_from: {from: {2024: -10, 2024-07-01: -5}} ")
    text = text.replace("en: Design,", "en: Design, from: 2024-05-01,")
    gone = "- from: {2024: {value: 劳动力, en: L}, 2024-09-01: }"
    text, times = re.subn(r"(?s)- \{value: 劳动力, en: Labour,.*?\}\}", gone, text)
    assert times == 1
    after = next_year(text, 2025)
    assert "yellow_from: -5" in after
    assert "{value: 方案设计, en: Design," in after
    assert "劳动力" not in after
    assert not re.search(r"\bfrom:", after)


def test_an_unfilled_year_is_refused_with_every_key_to_fill(workspace: Workspace) -> None:
    begun = new_year(workspace, "2025")
    with pytest.raises(ParameterError) as caught:
        workspace.parameters("2025-01")
    keys = ["control_totals.projects.city_level", "milestones.2.starts", "labour.seasons.3.ends_on"]
    assert all(key in str(caught.value) and key in begun.unfilled for key in keys)
    assert len(begun.unfilled) == 31


def test_the_old_year_is_read_as_before_while_the_new_one_is_not_filled(
    workspace: Workspace,
) -> None:
    new_year(workspace, "2025")
    assert len(load(workspace, "2024-12").projects) == 5


# The register ---------------------------------------------------------------------------------------


def test_what_was_invested_by_the_end_of_a_year_is_added_up(workspace: Workspace) -> None:
    sums = invested_through(load(workspace, "2024-12").history, 2024)
    assert sums.drop("H3").to_dict() == {
        "H1": 475 * 10**8, "H2": 95 * 10**9, "X1": 3 * 10**9, "X2": 0,
    }  # fmt: skip
    assert sums.isna()["H3"]  # 0.20 this year, and before it nobody knows


def test_the_register_carries_what_goes_on_and_leaves_out_what_is_completed(
    workspace: Workspace,
) -> None:
    begun = new_year(workspace, "2025")
    sheet = register_of(begun)["项目台账"]
    assert rows(sheet, "项目编号", "建设性质", "年初前累计投资", "年度计划投资") == [
        ("H1", "续建", 4.75, None), ("H3", "续建", None, None),
        ("X1", "续建", 0.3, None), ("X2", "新建", 0, None),
    ]  # fmt: skip
    assert list(begun.completed) == ["H2"]
    assert str(begun.last) == "2024-12"


def test_open_problems_actions_and_nodes_and_twelve_months_a_project_are_in_it(
    workspace: Workspace,
) -> None:
    form = register_of(new_year(workspace, "2025"))
    assert rows(form["问题台账"], "问题编号")[0] == ("W1",)
    assert rows(form["交办事项"], "事项编号")[0] == ("J1",)
    assert [one for (one,) in rows(form["节点计划"], "节点编号") if "N1" in one[-2:]] == ["H1-N1"]
    planned = rows(form["月度计划"], "项目编号", "月份")
    months = [month for number, month in planned if number == "H1"]
    assert months == [f"2025-{month:02d}" for month in range(1, 13)]
    assert len(planned) == 4 * 12


def test_nothing_is_written_over_what_is_there(workspace: Workspace) -> None:
    begun = new_year(workspace, "2025")
    begun.register.write_bytes(b"filled in")
    text = "programme: mine\n"
    begun.parameters.write_text(text, encoding="utf-8")
    again = new_year(workspace, "2025")
    assert list(again.written) == []
    assert begun.register.read_bytes() == b"filled in"
    assert begun.parameters.read_text(encoding="utf-8") == text


def test_a_year_begins_where_nothing_was_ever_received(tmp_path: Path) -> None:
    begun = new_year(new_workspace(tmp_path / "w"), "2025")
    assert begun.last is None
    assert rows(register_of(begun)["项目台账"], "项目编号") == []


@pytest.mark.parametrize("year", ["", "25", "2025-01", "1024", "二〇二五", "../2025"])
def test_what_is_no_year_is_refused(workspace: Workspace, year: str) -> None:
    assert cli.run(["new-year", year, "--root", str(workspace.root)]) == 2


def test_a_year_before_all_parameters_says_which_file_is_missing(workspace: Workspace) -> None:
    with pytest.raises(ParameterError, match=r"2023\.yaml"):
        new_year(workspace, "2024")


# Later submissions ----------------------------------------------------------------------------------


def test_a_sum_that_last_years_ledger_does_not_bear_out_is_suspected(workspace: Workspace) -> None:
    new_year(workspace, "2025")
    approved(workspace)
    own = [
        project("H1", invested_before="4.75"), project("H3", invested_before="1.00"),
        project("X1", "续建", invested_before="0.40"), project("X2", "新建", invested_before="0"),
    ]  # fmt: skip
    submit(
        workspace,
        "2025-01",
        "2025-02-03",
        projects=own,
        progress=[invested("H1", "2025-01", "0.1")],
    )
    late = [invested("H1", "2024-12", "0.35")]
    submit(workspace, "2024-12", "2025-02-04", "更正.xlsx", progress=late)
    ledger = load(workspace, "2025-01")
    found = suspicion.suspicions(ledger, workspace.parameters("2025-01"))
    carried = found[found["rule"] == "carried"]
    assert carried[["project_id", "found", "against", "measured"]].to_numpy().tolist() == [
        ["H1", "4.75", "4.85", Decimal("-0.1")],
        ["X1", "0.4", "0.3", Decimal("0.1")],
    ]
    assert carried["origin"].tolist()[0] == "2025-01/示例甲局.xlsx#项目台账!2"


# From the one year to the other -----------------------------------------------------------------------


class Clock(datetime):
    """A clock that stands where it is put."""

    at = datetime(2025, 1, 6, 9, tzinfo=CHINA)

    @classmethod
    def now(cls, tz=None):
        cls.at += timedelta(minutes=1)
        return cls.at.astimezone(tz)


def test_from_the_last_report_of_a_year_to_the_first_of_the_next(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys
) -> None:
    root = ["--root", str(workspace.root)]
    monkeypatch.setattr(receiving, "datetime", Clock)
    notebooks = workspace.root / "notebooks"
    notebooks.mkdir()
    name = "monthly_bulletin.ipynb"
    (notebooks / name).write_bytes((HOME / "notebooks" / name).read_bytes())

    assert cli.run(["new-year", "2025", *root]) == 0
    told = capsys.readouterr()
    parameters, register = map(Path, told.out.split())
    assert "一、填齐 2025.yaml 中空着的 31 处：" in told.err
    assert "control_totals.projects.count" in told.err
    assert "已竣工，不再登记：H2" in told.err
    assert cli.run(["check", "2025-01", *root]) == 1
    assert "尚未填写" in capsys.readouterr().err

    approved(workspace)
    form = openpyxl.load_workbook(register)
    for number in ("H1", "H3", "X1"):
        fill(form["项目台账"], {"项目编号": number}, 年度计划投资=2)
    fill(form["项目台账"], {"项目编号": "H3"}, 年初前累计投资=1.2)
    for month in range(1, 13):
        fill(form["月度计划"], {"项目编号": "H1", "月份": f"2025-{month:02d}"}, 计划完成投资=0.15)
    form.save(register)
    received = ["receive", str(register), "--period", "2025-01", "--from", "工程办", "--yes", *root]
    assert cli.run(received) == 0
    capsys.readouterr()

    assert cli.run(["template", "2025-01", "--from", "示例甲局", *root]) == 0
    form = openpyxl.load_workbook(capsys.readouterr().out.strip())
    assert rows(form["项目台账"], "项目编号", "年初前累计投资", "年度计划投资") == [
        ("H1", 4.75, 2), ("X1", 0.3, 2),
    ]  # fmt: skip
    assert form["项目台账"]["B5"].protection.locked
    fill(form["月度进展"], {"项目编号": "H1"}, 本月完成投资=0.4)
    fill(form["月度进展"], {"项目编号": "X1"}, 本月完成投资=0.1)
    form.save(tmp_path / "示例甲局.xlsx")
    Clock.at = datetime(2025, 2, 4, 9, tzinfo=CHINA)
    sent = ["receive", str(tmp_path / "示例甲局.xlsx"), "--period", "2025-01", "--from", "示例甲局"]
    assert cli.run([*sent, "--yes", *root]) == 0

    assert cli.run(["check", "2025-01", *root]) == 0
    ledger = load(workspace, "2025-01")
    assert ledger.projects["project_id"].tolist() == ["H1", "H3", "X1", "X2"]
    assert ledger.projects["kind"].tolist() == ["continuing"] * 3 + ["new_build"]
    assert int(ledger.plan["planned_investment"].sum()) == 18 * YI // 10
    assert ledger.problems["problem_id"].tolist() == ["W1"]
    assert (
        cli.run(["build", "2025-01", "--report", "monthly_bulletin", "--formats", "html", *root])
        == 0
    )
    figures = json.loads((workspace.output / "2025-01/kpis.json").read_text(encoding="utf-8"))
    money = [f for f in figures if (f["kpi"], f["scope"]) == ("investment.ytd", "portfolio")]
    assert [(f["target"], f["actual"]) for f in money] == [("6", "0.5")]
    assert cli.run(["check", "2024-12", *root]) == 0
    forms = {file.name for file in (workspace.output / "templates/2025-01").iterdir()}
    assert forms == {"2025年项目登记.xlsx", "示例甲局.xlsx"}
    assert parameters.is_file()
