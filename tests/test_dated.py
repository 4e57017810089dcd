"""Decisions with dates: what is in force on a day, and that periods before stay what they were."""

import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from submissions import invested, new_workspace, project, submit
from workspaces import bare_workspace, edit_parameters, make_workspace

from sanshi_report.build import build, diff, verify
from sanshi_report.errors import ParameterError
from sanshi_report.ledger import load
from sanshi_report.ledger.totals import TotalsDiffer
from sanshi_report.metrics.kpis import kpis
from sanshi_report.workspace import Workspace
from sanshi_report.workspace.dated import Dated

HOME = Path(__file__).parents[1]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bare_workspace(tmp_path)


def refused(workspace: Workspace, period: str = "2024-01") -> str:
    with pytest.raises(ParameterError) as caught:
        workspace.parameters(period)
    return caught.value.text("en")


def test_a_value_by_days_is_the_latest_that_has_begun() -> None:
    dated = Dated({"a": {"from": {2024: 1, date(2024, 3, 15): 2}}}, 2024)
    assert dated.problems == []
    assert dated.on(date(2024, 3, 14)) == {"a": 1}
    assert dated.on(date(2024, 3, 15)) == {"a": 2}


def test_a_day_beside_other_keys_says_from_when_all_of_it_holds() -> None:
    dated = Dated({"list": [{"value": "a"}, {"value": "b", "from": 2025}]})
    assert dated.on(date(2024, 12, 31)) == {"list": [{"value": "a"}]}
    assert dated.on(date(2025, 1, 1)) == {"list": [{"value": "a"}, {"value": "b"}]}


def test_an_empty_value_ends_what_held_before() -> None:
    dated = Dated(["x", {"from": {2024: "y", date(2024, 7, 1): None}}], 2024)
    assert dated.on(date(2024, 6, 30)) == ["x", "y"]
    assert dated.on(date(2024, 7, 1)) == ["x"]


def test_days_within_days_are_settled_too() -> None:
    dated = Dated({"a": {"from": {2024: {"b": {"from": {2024: 1, date(2024, 2, 1): 2}}}}}}, 2024)
    assert dated.on(date(2024, 1, 31)) == {"a": {"b": 1}}
    assert dated.on(date(2024, 2, 1)) == {"a": {"b": 2}}
    assert dated.on(date(2024, 1, 31)) == {"a": {"b": 1}}


@pytest.mark.parametrize(
    ("stated", "needle"),
    [
        ({date(2024, 3, 15): 1, date(2024, 2, 1): 2}, "must rise and differ"),
        ({2024: 1, date(2024, 1, 1): 2}, "must rise and differ"),
        ({2024: 1, date(2025, 2, 1): 2}, "must lie in 2024; found 2024, 2025-02-01"),
        ({"2024-03": 1}, "a day (2024-03-15) or a year (2024)"),
        ({True: 1}, "a day (2024-03-15) or a year (2024)"),
        ({}, "a day (2024-03-15) or a year (2024)"),
        ("2024-03-15", "a day (2024-03-15) or a year (2024)"),
        (None, "a day (2024-03-15) or a year (2024)"),
        (2023, "must lie in 2024; found 2023"),
    ],
)
def test_days_that_are_none_or_in_no_order_are_told_with_their_key(stated, needle) -> None:
    [problem] = Dated({"pace": {"basis": {"from": stated}}}, 2024).problems
    assert problem.startswith("pace.basis.from: ")
    assert needle in problem


def test_values_by_day_bear_nothing_beside_them() -> None:
    [problem] = Dated({"pace": {"from": {2024: {}}, "basis": "time"}}, 2024).problems
    assert "move the other keys under its days" in problem


def test_each_period_has_what_was_in_force_at_its_end(workspace: Workspace) -> None:
    edit_parameters(
        workspace, "2024.yaml", "starts: 17}", "starts: {from: {2024: 17, 2024-03-15: 16}}}"
    )
    assert [workspace.parameters(p).programme.milestones[2].starts for p in
            ("2024-01", "2024-02", "2024-03", "2024-Q1", "2024")] == [17, 17, 16, 16, 16]  # fmt: skip


def test_a_later_decision_that_cannot_be_is_told_whatever_the_period(workspace: Workspace) -> None:
    edit_parameters(
        workspace, "2024.yaml", "starts: 17}", "starts: {from: {2024: 17, 2024-03-15: 18}}}"
    )
    text = refused(workspace)
    assert "2024.yaml (2024-03-15): milestones.2.starts" in text
    assert "18 starts are required of 17 new builds" in text


def test_what_must_be_there_must_be_there_from_the_beginning(workspace: Workspace) -> None:
    edit_parameters(workspace, "2024.yaml", "pace:\n", "pace:\n  from: 2024-03-15\n")
    assert "2024.yaml: pace: Field required" in refused(workspace, "2024-06")


@pytest.mark.parametrize(
    ("old", "new", "needle"),
    [
        ("starts: 9}", "starts: 20}", "milestones.0.starts: "),
        ("due_on: 2024-09-30", "due_on: 2024-06-30", "milestones must rise"),
        ("due_on: 2024-12-31", "due_on: 2025-01-31", "2025-01-31 is not in the programme's year"),
        ("count: 30", "count: 31", "is 31, and new_build + continuing add up to 30"),
        ("total_investment: 1099.73", "total_investment: 1099.74", "add up to 1099.73"),
        ("annual_plan: 68.20", "annual_plan: 68.21", "add up to 151.77"),
        ("city_level: 18", "city_level: 31", "31 is more than count, 30"),
        ("annual_plan: 151.76", "annual_plan: 800", "800 is more than total_investment, 735.97"),
        ("total_investment: 45.66", "total_investment: -45.66", "expected an amount"),
        ("starts_on: 2024-06-01", "starts_on: 2023-06-01", "labour.seasons.1.starts_on"),
        ("trough_below_pct: 90", "trough_below_pct: 900", "900 must be from 0 to 100"),
        ("self_reported_share_pct: 50", "self_reported_share_pct: 101", "from 0 to 100"),
        ("physical_financial_points: 20", "physical_financial_points: -1", "from 0 to 100"),
        ("yellow_after_months: 0", "yellow_after_months: 4", "4 must be from 0 to 3"),
        ("honour_from: 100", "honour_from: 111", "111 must be from 0 to 110"),
        ("start: {points: 60}", "start: {points: 71}", "71 must be from 0 to 70"),
        ("min_months: 4", "min_months: 13", "13 must be from 1 to 12"),
        ("{value: 县区, en: County", "{value: 市本级, en: County", "stands there twice: 市本级"),
        ("code: city}", "code: town}", "no value has code city"),
        ("{value: 核查, en: Verified, code: 核查}", "{value: 审计, en: Audited}", "no rule knows 审计"),
        ("{value: 地, en: Land}", "{value: 地, en: Land, is_labour: true}", "is_labour"),
        ("{value: 立项, en", "{value: 立项, was: [土地], en", "stands there twice: 土地"),
        ("Natural resources, after: [立项]", "Natural resources, after: [用地]", "no permit 用地"),
        ("en: Land approval, permit: 土地", "en: Land approval, permit: 用地", "no permit 用地"),
        ("en: Project approval,", "en: Project approval, after: [规划],", "wait for one another"),
        ("start_from: 桩基与开挖", "start_from: 打桩", "start_from must be one of order"),
        ("- {name: task_list,", "- {name: data_quality,", "stands there twice: data_quality"),
        ("count: 17,", "count: ,", "control_totals.new_build.count: "),
        ("city_level: 18", "city_level: ", "control_totals.projects.city_level: "),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_with_its_key(
    workspace: Workspace, old: str, new: str, needle: str
) -> None:
    edit_parameters(workspace, "2024.yaml", old, new)
    assert needle in refused(workspace)


def test_a_cutoff_before_the_period_is_refused(workspace: Workspace) -> None:
    edit_parameters(workspace, "2024-06.yaml", "2024-07-05", "2023-07-05")
    assert "2024-06.yaml: cutoff: " in refused(workspace, "2024-06")


def test_totals_of_a_sector_without_projects_may_be_nothing(tmp_path: Path) -> None:
    assert new_workspace(tmp_path / "w").parameters("2024-01").programme.milestones[0].starts == 1


# What was decided later leaves what was published before as it is ------------------------------------


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """January as published, and then decisions of March: a project less, a milestone, a KPI, a list value."""
    workspace = Workspace(make_workspace(tmp_path_factory.mktemp("dated") / "w"))
    metrics = (workspace.parameter_folder / "metrics.yaml").read_text(encoding="utf-8")
    without = re.sub(r"(?m)^  incidents\.count:\n(    .*\n?)+", "", metrics)
    assert without != metrics
    (workspace.parameter_folder / "metrics.yaml").write_text(without, encoding="utf-8")
    build(workspace, "2024-01", formats=["html"])
    dated = metrics.replace("  incidents.count:\n", "  incidents.count:\n    from: 2024-03-01\n")
    (workspace.parameter_folder / "metrics.yaml").write_text(dated, encoding="utf-8")
    edit_parameters(
        workspace, "2024.yaml", "starts: 17}", "starts: {from: {2024: 17, 2024-03-15: 16}}}"
    )
    edit_parameters(
        workspace, "2024.yaml", "mode: fault", "mode: {from: {2024: fault, 2024-03-15: warn}}"
    )
    for group, then, now in (
        (
            "projects",
            "count: 30, total_investment: 1099.73",
            "count: 29, total_investment: 1089.73",
        ),
        ("new_build", "count: 17, total_investment: 363.76", "count: 16, total_investment: 353.76"),
    ):
        rest = ", city_level: 18" if group == "projects" else ""
        old = f"{group}: {{{then}{rest}}}"
        dated = f"{group}: {{from: {{2024: {{{then}{rest}}}, 2024-03-15: {{{now}{rest}}}}}}}"
        edit_parameters(workspace, "2024.yaml", old, dated)
    rain = "  - {value: 雨季, en: Rain, from: 2024-03-15}\n"
    edit_parameters(workspace, "2024.yaml", "  - {value: 劳动力", f"{rain}  - {{value: 劳动力")
    return workspace


def test_what_was_published_before_a_decision_verifies(published: Workspace) -> None:
    proof = verify(published, "2024-01")
    assert set(proof.states.values()) == {"same"}


def test_building_what_was_published_before_a_decision_does_nothing(published: Workspace) -> None:
    assert build(published, "2024-01", formats=["html"]).is_new is False


def test_what_was_published_before_a_decision_has_not_changed(published: Workspace) -> None:
    changes = diff(published, "2024-01", "2024-02-05")
    assert (changes.kpis, changes.tables) == ((), ())


def test_an_indicator_is_given_from_its_day_on(published: Workspace) -> None:
    codes = {}
    for period in ("2024-02", "2024-03"):
        parameters = published.parameters(period)
        codes[period] = set(kpis(load(published, period), parameters)["kpi"])
    assert codes["2024-03"] - codes["2024-02"] == {"incidents.count"}


def test_a_decision_for_the_period_itself_is_noticed(published: Workspace) -> None:
    before = published.parameters("2024-01").in_force
    edit_parameters(
        published, "2024.yaml", "  limit: 110", "  limit: {from: {2024: 110, 2024-01-31: 111}}"
    )
    after = published.parameters("2024-01").in_force
    changed = [file.name for file in before if before[file] != after[file]]
    assert changed == ["2024.yaml"]


def test_a_target_of_march_is_held_against_march_alone(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "w")
    submit(workspace, "2024-01", "2024-02-02", projects=[project("H1"), project("X1", "新建")])
    dearer = project("X1", "新建", total_investment="12.00")
    february = invested("H1", "2024-02", "0.10")
    submit(workspace, "2024-02", "2024-03-02", "示例丙局.xlsx", progress=[february])
    submit(workspace, "2024-03", "2024-04-02", "示例乙局.xlsx", projects=[dearer])
    with pytest.raises(TotalsDiffer):
        load(workspace, "2024-03")
    file = workspace.parameter_folder / "2024.yaml"
    content = yaml.safe_load(file.read_text(encoding="utf-8"))
    for group, money in (("projects", 20), ("new_build", 10)):
        now = {"from": {2024: money, date(2024, 3, 15): money + 2}}
        content["control_totals"][group]["total_investment"] = now
    file.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    for period in ("2024-01", "2024-02", "2024-03"):
        assert load(workspace, period).mismatches == ()
