import dataclasses
from pathlib import Path

import pytest
from submissions import ROOT, invested, new_workspace, project, submit

from sanshi_report.errors import DataError
from sanshi_report.ledger import load, reconcile
from sanshi_report.workspace import Workspace


def registered(root: Path, *projects: dict[str, object], **control: object) -> Workspace:
    workspace = new_workspace(root, **control)
    submit(
        workspace, "2024-06", "2024-07-02",
        projects=projects, progress=[invested("H1", "2024-06", "0.1")],
    )  # fmt: skip
    return workspace


def refusal(workspace: Workspace) -> str:
    with pytest.raises(DataError) as found:
        load(workspace, "2024-06")
    return found.value.text("zh") + "\n" + found.value.text("en")


def test_a_ledger_that_adds_up_loads(tmp_path: Path) -> None:
    workspace = registered(tmp_path, project("X1", "新建"), project("H1"))
    ledger = load(workspace, "2024-06")
    assert ledger.mismatches == ()
    assert reconcile(ledger, workspace.parameters("2024-06")) == []


def test_one_ten_thousandth_too_much_names_both_figures_in_every_group(tmp_path: Path) -> None:
    text = refusal(
        registered(tmp_path, project("X1", "新建"), project("H1", total_investment="10.01"))
    )
    assert "全部项目总投资：台账 20.01 亿元，控制总数 20.00 亿元，多 0.01 亿元" in text
    assert "续建项目总投资：台账 10.01 亿元，控制总数 10.00 亿元，多 0.01 亿元" in text
    assert "续建工业项目总投资：台账 10.01 亿元，控制总数 10.00 亿元，多 0.01 亿元" in text
    assert "新建项目总投资" not in text
    assert "3 control total(s)" in text
    assert "the ledger has 20.01 (100 million yuan), the control total is 20.00" in text


def test_a_fen_is_a_mismatch_and_shown(tmp_path: Path) -> None:
    text = refusal(
        registered(tmp_path, project("X1", "新建"), project("H1", annual_plan="1.9999999999"))
    )
    assert (
        "续建项目年度计划投资：台账 1.9999999999 亿元，控制总数 2.00 亿元，少 0.0000000001 亿元"
        in text
    )


def test_counts_and_levels_are_held_to_the_totals(tmp_path: Path) -> None:
    text = refusal(
        registered(
            tmp_path,
            project("X1", "新建", tier="县区"),
            project("X2", "新建", total_investment="0"),
            project("H1", sector="民生"),
        )
    )
    assert "全部项目数：台账 3，控制总数 2，多 1" in text
    assert "新建项目数：台账 2，控制总数 1，多 1" in text
    assert "续建民生项目数：台账 1，控制总数 0，多 1" in text
    assert "续建工业项目数：台账 0，控制总数 1，少 1" in text
    assert "总投资：台账 20.00" not in text


def test_city_level_projects_are_counted(tmp_path: Path) -> None:
    text = refusal(registered(tmp_path, project("X1", "新建", tier="县区"), project("H1")))
    assert "全部项目中市级项目数：台账 1，控制总数 2，少 1" in text


def test_totals_that_only_warn_are_kept_for_the_report(tmp_path: Path) -> None:
    workspace = registered(
        tmp_path, project("X1", "新建"), project("H1", total_investment="10.01"), mode="warn"
    )
    ledger = load(workspace, "2024-06")
    assert [(m.group, m.figure, m.found - m.expected) for m in ledger.mismatches] == [
        ("projects", "total_investment", 100_000_000),
        ("continuing", "total_investment", 100_000_000),
        ("工业", "total_investment", 100_000_000),
    ]


def test_the_sample_year_reconciles_and_a_hundredth_more_does_not(tmp_path: Path) -> None:
    ledger = load(Workspace(ROOT), "2024-06")
    parameters = Workspace(ROOT).parameters("2024-06")
    assert reconcile(ledger, parameters) == []
    projects = ledger.projects.copy()
    projects.loc[projects["kind"].eq("new_build").idxmax(), "total_investment"] += 100_000_000
    changed = dataclasses.replace(ledger, projects=projects)
    texts = [mismatch.text("en") for mismatch in reconcile(changed, parameters)]
    assert texts == [
        "Total investment of all projects: the ledger has 1099.74 (100 million yuan), "
        "the control total is 1099.73 (100 million yuan), 0.01 (100 million yuan) too much",
        "Total investment of the new builds: the ledger has 363.77 (100 million yuan), "
        "the control total is 363.76 (100 million yuan), 0.01 (100 million yuan) too much",
    ]
