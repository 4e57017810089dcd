from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from workspaces import bare_workspace, edit_parameters

from sanshi_report.errors import ParameterError, UsageError
from sanshi_report.workspace import CHINA, Workspace

HOME = Path(__file__).parents[1]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return bare_workspace(tmp_path)


def test_the_published_targets_are_held_exactly(workspace: Workspace) -> None:
    programme = workspace.parameters("2024-06").programme
    totals = programme.control_totals
    assert totals.projects.total_investment == 10_997_300_000_000
    assert totals.continuing.annual_plan == 1_517_600_000_000
    sectors = totals.continuing_by_sector.values()
    assert sum(t.annual_plan or 0 for t in sectors) == totals.continuing.annual_plan
    assert sum(t.total_investment for t in sectors) == totals.continuing.total_investment
    assert [(m.due_on, m.starts) for m in programme.milestones] == [
        (date(2024, 6, 30), 9),
        (date(2024, 9, 30), 14),
        (date(2024, 12, 31), 17),
    ]


def test_the_cutoff_defaults_to_the_end_of_the_fifth(workspace: Workspace) -> None:
    assert workspace.parameters("2024-07").cutoff == datetime(2024, 8, 5, 23, 59, 59, tzinfo=CHINA)
    assert workspace.parameters("2024-12").cutoff == datetime(2025, 1, 5, 23, 59, 59, tzinfo=CHINA)


def test_each_month_so_far_has_its_own_cutoff(workspace: Workspace) -> None:
    late = workspace.parameter_folder / "2024-03.yaml"
    late.write_text("cutoff: 2024-04-08T12:00:00+08:00\n", encoding="utf-8")
    parameters = workspace.parameters("2024-04")
    assert list(parameters.cutoffs) == ["2024-01", "2024-02", "2024-03", "2024-04"]
    assert parameters.cutoffs["2024-02"] == datetime(2024, 3, 5, 23, 59, 59, tzinfo=CHINA)
    assert parameters.cutoffs["2024-03"] == datetime(2024, 4, 8, 12, tzinfo=CHINA)
    assert parameters.cutoff == datetime(2024, 5, 5, 23, 59, 59, tzinfo=CHINA)
    assert late in parameters.files


def test_a_wrong_file_of_an_earlier_month_is_told(workspace: Workspace) -> None:
    (workspace.parameter_folder / "2024-03.yaml").write_text("cutof: 1\n", encoding="utf-8")
    assert workspace.parameters("2024-02").period.year == 2024
    with pytest.raises(ParameterError, match=r"2024-03\.yaml: cutof"):
        workspace.parameters("2024-04")


def test_every_problem_of_every_file_is_told_at_once(workspace: Workspace) -> None:
    edit_parameters(workspace, "2024.yaml", "total_investment: 1099.73", "total_investment: much")
    edit_parameters(workspace, "2024.yaml", "yellow_from: -10", "yelow_from: -10")
    edit_parameters(workspace, "metrics.yaml", "decimals: 0", "decimals: none")
    edit_parameters(workspace, "2024-06.yaml", "+08:00", "")
    with pytest.raises(ParameterError) as caught:
        workspace.parameters("2024-06")
    text = caught.value.text("en")
    for needle in (
        "2024.yaml: control_totals.projects.total_investment",
        "2024.yaml: lights.progress.yellow_from: Field required",
        "2024.yaml: lights.progress.yelow_from",
        "metrics.yaml: kpis.projects.count.decimals",
        "2024-06.yaml",
    ):
        assert needle in text


@pytest.mark.parametrize(
    ("old", "new", "needle"),
    [
        ("annual_plan: 151.76}", "}", "control_totals.continuing.annual_plan: "),
        ("starts: 14", "starts: 3", "milestones must rise"),
        ("year: 2024", "year: 2023", "2024-06-30 is not in the programme's year"),
        ("  year: 2024", "  year: 2024\n  year: 2025", "duplicate key year"),
        ("total_investment: 1099.73", "total_investment: 0.00000000001", "finer"),
        ("yellow_from: -10", "yellow_from: 10", "yellow_from must not be above"),
        ("sectors:", "sectors: [", "2024.yaml"),
        ("工业: {count", "矿业: {count", "are not the values of sectors"),
    ],
)
def test_a_wrong_target_is_refused(workspace: Workspace, old: str, new: str, needle: str) -> None:
    edit_parameters(workspace, "2024.yaml", old, new)
    with pytest.raises(ParameterError, match=r"2024\.yaml") as caught:
        workspace.parameters("2024-06")
    assert needle in caught.value.text("en")


def test_a_year_without_parameters_says_which_file_is_missing(workspace: Workspace) -> None:
    with pytest.raises(ParameterError, match=r"parameters/2031\.yaml"):
        workspace.parameters("2031-01")


def test_parameters_cannot_be_changed(workspace: Workspace) -> None:
    lights = workspace.parameters("2024-06").programme.lights
    with pytest.raises(ValueError, match="frozen"):
        lights.progress.yellow_from = Decimal(-50)


def test_a_term_has_its_english_name_and_a_stranger_keeps_its_own(workspace: Workspace) -> None:
    parameters = workspace.parameters("2024-06")
    assert parameters.term("工业", "en") == "Industry"
    assert parameters.term("工业", "zh") == "工业"
    assert parameters.term("示例甲区", "en") == "示例甲区"


def test_the_working_directory_never_decides(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SANSHI_ROOT", raising=False)
    monkeypatch.chdir(workspace.root)
    assert Workspace.find().root == HOME
    monkeypatch.setenv("SANSHI_ROOT", str(workspace.root))
    assert Workspace.find().root == workspace.root


def test_a_folder_that_is_no_workspace_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="parameters"):
        Workspace.find(tmp_path)


def test_the_period_comes_from_the_environment_when_none_is_given(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANSHI_PERIOD", "2024-07")
    assert str(workspace.parameters(None).period) == "2024-07"
    monkeypatch.delenv("SANSHI_PERIOD")
    with pytest.raises(UsageError, match="没有给出报告期"):
        workspace.parameters(None)


@pytest.mark.parametrize(
    ("old", "new", "needle"),
    [
        ("ends_on: 2024-02-24", "ends_on: 2024-02-01", "ends_on must not be before"),
        ("honour_from: 100", "honour_from: 60", "criticise_below must not be above"),
        ("{points: -1, most: 5}", "{points: 1, most: 5}", "nor a deduction positive"),
        ("{points: 60, cap_pct: 120}", "{points: 60, cap_pct: 90}", "cap_pct"),
        ("draws: 10000", "draws: 10", "outlook.draws"),
        ("from_light: yellow", "from_light: blue", "explanations.from_light"),
        ("leap_times: 20", "leap_times: 1", "limits.leap_times"),
        ("leap_times: 20", "leap_times: 1.0e+400", "limits.leap_times"),
        ("leap_min_months: 3", "leap_min_months: 0", "limits.leap_min_months"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    workspace: Workspace, old: str, new: str, needle: str
) -> None:
    edit_parameters(workspace, "2024.yaml", old, new)
    with pytest.raises(ParameterError, match=r"2024\.yaml") as caught:
        workspace.parameters("2024-06")
    assert needle in caught.value.text("en")


def test_seasons_and_acceptance_steps_have_english_names(workspace: Workspace) -> None:
    parameters = workspace.parameters("2024-06")
    assert parameters.term("三夏", "en") == "Summer harvest"
    assert parameters.term("联合验收", "en") == "Joint acceptance"
