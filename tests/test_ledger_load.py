from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report import schemas
from sanshi_report.errors import UsageError
from sanshi_report.intake import FaultsFound
from sanshi_report.ledger import Ledger, load, published, withdraw
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import CHINA, Workspace, default_cutoff

REGISTER = [project("X1", "新建"), project("H1")]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """X1 and H1 registered in May's submission, received on 3 June."""
    workspace = new_workspace(tmp_path)
    submit(workspace, "2024-05", "2024-06-03", projects=REGISTER)
    return workspace


def amounts(ledger: Ledger) -> dict[tuple[str, str], int]:
    rows = ledger.progress[["project_id", "month", "invested"]].itertuples(index=False)
    return {(row.project_id, row.month): row.invested for row in rows}


def day(frame: pd.DataFrame, column: str, row: int = 0) -> str:
    return str(frame[column].iloc[row])[:10]


def test_every_table_has_its_types_and_provenance_even_when_nothing_was_sent(
    workspace: Workspace,
) -> None:
    ledger = load(workspace, "2024-05")
    for table in schemas.TABLES:
        frame = getattr(ledger, table)
        expected = schemas.empty(table)
        assert frame[list(expected)].dtypes.to_dict() == expected.dtypes.to_dict(), table
    dates = ["groundbreaking_on", "started_on", "completed_on", "commissioned_on"]
    assert list(ledger.projects) == [*schemas.empty("projects"), *dates]
    assert {str(ledger.projects[name].dtype) for name in dates} == {"datetime64[us]"}


def test_a_cell_keeps_its_exact_value_its_file_its_row_and_when_it_became_known(
    workspace: Workspace,
) -> None:
    submit(
        workspace,
        "2024-05",
        "2024-06-04T18:30:05",
        progress=[
            invested("H1", "2024-05", "0.1", physical_pct=12.5, workers=320),
            invested("X1", "2024-05", "9.8765432101"),
        ],
        inputs=[
            {"project_id": "H1", "month": "2024-05", "input": "地", "unit": "亩",
             "needed": 1.1, "secured": "0.30"},
        ],
    )  # fmt: skip
    ledger = load(workspace, "2024-05")
    assert amounts(ledger) == {
        ("H1", "2024-05"): 1_000_000_000,
        ("X1", "2024-05"): 98_765_432_101,
    }
    assert ledger.progress["origin"].tolist() == [
        "2024-05/示例甲局-2.xlsx#月度进展!2",
        "2024-05/示例甲局-2.xlsx#月度进展!3",
    ]
    known_at = datetime(2024, 6, 4, 18, 30, 5, tzinfo=CHINA)
    assert ledger.progress["known_at"].tolist() == [known_at, known_at]
    assert ledger.inputs.loc[0, ["needed", "secured"]].tolist() == [Decimal("1.1"), Decimal("0.3")]
    assert ledger.projects["kind"].tolist() == ["new_build", "continuing"]


def test_a_report_knows_what_was_received_by_its_cutoff_and_for_its_period(
    workspace: Workspace,
) -> None:
    submit(workspace, "2024-06", "2024-07-03", progress=[invested("H1", "2024-06", "0.30")])
    submit(workspace, "2024-07", "2024-07-04", progress=[invested("H1", "2024-06", "0.50")])
    submit(
        workspace, "2024-06", "2024-07-05T23:59:59", progress=[invested("H1", "2024-05", "0.20")]
    )
    submit(
        workspace, "2024-06", "2024-07-06T00:00:00", progress=[invested("H1", "2024-06", "0.40")]
    )

    june = {("H1", "2024-05"): 2_000_000_000, ("H1", "2024-06"): 3_000_000_000}
    assert amounts(load(workspace, "2024-06")) == june
    later = {("H1", "2024-05"): 2_000_000_000, ("H1", "2024-06"): 4_000_000_000}
    assert amounts(load(workspace, "2024-06", as_of="now")) == later
    assert amounts(load(workspace, "2024-06", as_of="2024-07-06")) == later
    assert amounts(load(workspace, "2024-06", as_of="2024-07-03")) == {
        ("H1", "2024-06"): 3_000_000_000
    }
    assert amounts(load(workspace, "2024-07")) == later  # the July file was received earlier


def test_of_files_received_in_the_same_second_the_later_receipt_wins(workspace: Workspace) -> None:
    for amount in ("0.30", "0.10", "0.20"):
        submit(workspace, "2024-06", "2024-07-03", progress=[invested("H1", "2024-06", amount)])
    assert amounts(load(workspace, "2024-06")) == {("H1", "2024-06"): 2_000_000_000}


def test_a_later_row_replaces_the_whole_row_and_keeps_its_place(workspace: Workspace) -> None:
    first = [
        invested("H1", "2024-05", "0.1", workers=10, evidence="自报"),
        invested("X1", "2024-05", "0.2"),
    ]
    submit(workspace, "2024-05", "2024-06-03", progress=first)
    submit(
        workspace, "2024-05", "2024-06-04", progress=[invested("H1", "2024-05", "0.1", workers=11)]
    )
    progress = load(workspace, "2024-05").progress
    assert progress["project_id"].tolist() == ["H1", "X1"]
    assert progress["workers"].iloc[0] == 11
    assert pd.isna(progress["evidence"].iloc[0])


def test_meetings_without_a_project_are_told_apart_by_day_and_level(workspace: Workspace) -> None:
    held: list[dict[str, Any]] = [
        {"held_on": "2024-05-10", "level": "指挥部", "subject": "一"},
        {"held_on": "2024-05-10", "level": "指挥部办公室"},
        {"held_on": "2024-05-10", "level": "专班", "project_id": "H1"},
        {"held_on": "2024-05-10", "level": "专班", "project_id": "X1"},
    ]
    submit(workspace, "2024-05", "2024-06-03", meetings=held)
    submit(workspace, "2024-05", "2024-06-04", meetings=[{**held[0], "subject": "二"}])
    meetings = load(workspace, "2024-05").meetings
    assert len(meetings) == 4
    assert meetings["subject"].tolist()[0] == "二"


def test_a_withdrawn_file_leaves_what_was_published_and_gives_way_afterwards(
    workspace: Workspace,
) -> None:
    submit(workspace, "2024-06", "2024-07-02", progress=[invested("H1", "2024-06", "0.30")])
    wrong = submit(workspace, "2024-06", "2024-07-03", progress=[invested("H1", "2024-06", "3.00")])
    at = datetime(2024, 7, 10, 12, tzinfo=CHINA)
    withdraw(workspace, "2024-06", wrong.file, "单位填错", "经办人", now=at)
    assert amounts(load(workspace, "2024-06")) == {("H1", "2024-06"): 30_000_000_000}
    now = load(workspace, "2024-06", as_of="now")
    assert amounts(now) == {("H1", "2024-06"): 3_000_000_000}
    assert len(now.receipts) == 2


def test_a_project_starts_on_the_latest_known_day_that_is_not_empty(workspace: Workspace) -> None:
    submit(
        workspace, "2024-05", "2024-06-03",
        progress=[invested("X1", "2024-05", "0.1", started_on="2024-05-20")],
    )  # fmt: skip
    submit(workspace, "2024-06", "2024-07-02", progress=[invested("X1", "2024-06", "0.1")])
    assert day(load(workspace, "2024-06").projects, "started_on") == "2024-05-20"
    submit(
        workspace, "2024-06", "2024-07-03",
        progress=[invested("X1", "2024-05", "0.1", started_on="2024-05-28")],
    )  # fmt: skip
    assert day(load(workspace, "2024-06").projects, "started_on") == "2024-05-28"
    # The clerk who sends May once more without the day does not take the start back.
    submit(workspace, "2024-06", "2024-07-04", progress=[invested("X1", "2024-05", "0.2")])
    assert day(load(workspace, "2024-06").projects, "started_on") == "2024-05-28"
    assert day(load(workspace, "2024-05").projects, "started_on") == "2024-05-20"


def test_what_is_later_than_the_period_has_not_happened_yet(workspace: Workspace) -> None:
    owner = {"owner": "示例乙局", "due_on": "2024-06-15"}
    submit(
        workspace, "2024-06", "2024-07-03",
        progress=[
            invested("X1", "2024-06", "0.1", groundbreaking_on="2024-06-30", started_on="2024-07-01"),
        ],
        plan=[{"project_id": "H1", "month": "2024-12", "planned_investment": "1"}],
        nodes=[
            {"node_id": "N1", "project_id": "X1", "node": "桩基", "due_on": "2024-06-30",
             "done_on": "2024-06-30"},
            {"node_id": "N2", "project_id": "X1", "node": "封顶", "due_on": "2024-06-30",
             "done_on": "2024-07-01"},
        ],
        problems=[
            {"problem_id": "W1", "project_id": "X1", "raised_on": "2024-06-30", "category": "征地清表",
             "tier": "现场", "description": "甲", "closed_on": "2024-07-02", **owner},
            {"problem_id": "W2", "project_id": "X1", "raised_on": "2024-07-01", "category": "征地清表",
             "tier": "现场", "description": "乙", **owner},
        ],
        actions=[
            {"action_id": "J1", "meeting_on": "2024-06-30", "content": "甲", "closed_on": "2024-06-30", **owner},
            {"action_id": "J2", "meeting_on": "2024-07-01", "content": "乙", **owner},
        ],
        meetings=[{"held_on": "2024-06-30", "level": "指挥部"}, {"held_on": "2024-07-01", "level": "指挥部"}],
        incidents=[
            {"incident_id": "A1", "occurred_on": "2024-06-30", "incident": "安全", "severity": "一般",
             "description": "甲", "closed_on": "2024-07-01"},
            {"incident_id": "A2", "occurred_on": "2024-07-01", "incident": "安全", "severity": "一般",
             "description": "乙"},
        ],
        practices=[
            {"practice_id": "P1", "recorded_on": "2024-06-30", "title": "甲", "content": "甲"},
            {"practice_id": "P2", "recorded_on": "2024-07-01", "title": "乙", "content": "乙"},
        ],
        changes=[
            {"project_id": "X1", "field": "计划开工", "old": "甲", "new": "乙", "reason": "丙",
             "approved_by": "丁", "approved_on": on}
            for on in ("2024-06-30", "2024-07-01")
        ],
        inputs=[
            {"project_id": "X1", "month": "2024-06", "input": "人", "unit": "人", "needed": 1, "secured": 1}
        ],
    )  # fmt: skip
    ledger = load(workspace, "2024-06")
    assert ledger.progress["month"].tolist() == ["2024-06"]
    assert day(ledger.progress, "groundbreaking_on") == "2024-06-30"
    assert ledger.progress["started_on"].isna().all()
    assert ledger.projects["started_on"].isna().all()
    assert day(ledger.projects, "groundbreaking_on") == "2024-06-30"
    assert ledger.plan["month"].tolist() == ["2024-12"]
    assert [str(d)[:10] for d in ledger.nodes["done_on"]] == ["2024-06-30", "NaT"]
    assert ledger.problems["problem_id"].tolist() == ["W1"]
    assert ledger.problems["closed_on"].isna().all()
    assert ledger.actions["action_id"].tolist() == ["J1"]
    assert day(ledger.actions, "closed_on") == "2024-06-30"
    assert len(ledger.meetings) == 1
    assert ledger.incidents["incident_id"].tolist() == ["A1"]
    assert ledger.incidents["closed_on"].isna().all()
    assert ledger.practices["practice_id"].tolist() == ["P1"]
    assert [str(d)[:10] for d in ledger.changes["approved_on"]] == ["2024-06-30"]
    assert ledger.inputs["month"].tolist() == ["2024-06"]
    assert len(ledger.known["problems"]) == 2


def permit(name: str, status: str, applied: str, granted: str, number: str = "") -> dict[str, Any]:
    return {
        "project_id": "X1", "permit": name, "department": "示例部门", "status": status,
        "applied_on": applied, "granted_on": granted, "document_no": number,
    }  # fmt: skip


def test_a_permit_granted_later_is_still_being_handled_and_one_applied_for_later_not_begun(
    workspace: Workspace,
) -> None:
    submit(
        workspace, "2024-06", "2024-07-03",
        permits=[
            permit("立项", "已办结", "2024-05-01", "2024-06-30", "示例〔1〕"),
            permit("土地", "已办结", "2024-05-01", "2024-07-01", "示例〔2〕"),
            permit("规划", "已办结", "2024-07-01", "2024-07-02", "示例〔3〕"),
            permit("环评", "办理中", "2024-07-01", ""),
            permit("用能", "办理中", "", ""),
            permit("安评", "不需要", "", ""),
            permit("施工许可", "已办结", "", ""),
        ],
    )  # fmt: skip
    permits = load(workspace, "2024-06").permits
    assert permits["status"].tolist() == [
        "已办结", "办理中", "未启动", "未启动", "办理中", "不需要", "已办结",
    ]  # fmt: skip
    assert permits["document_no"].dropna().tolist() == ["示例〔1〕"]
    assert permits["granted_on"].notna().tolist() == [True, *[False] * 6]
    assert permits["applied_on"].notna().tolist() == [True, True, *[False] * 5]


def test_the_same_knowledge_can_be_judged_at_an_earlier_end(workspace: Workspace) -> None:
    rows = [
        invested("X1", "2024-05", "0.1"),
        invested("X1", "2024-06", "0.2", started_on="2024-06-10"),
    ]
    submit(workspace, "2024-06", "2024-07-03", progress=rows)
    june = load(workspace, "2024-06")
    may = june.at(june.period.previous())
    assert may.period == ReportPeriod.parse("2024-05")
    assert may.as_of == june.as_of
    assert amounts(may) == {("X1", "2024-05"): 1_000_000_000}
    assert may.projects["started_on"].isna().all()
    assert day(june.projects, "started_on") == "2024-06-10"
    assert amounts(june.at(june.period)) == amounts(june)
    with pytest.raises(ValueError, match="ends after"):
        may.at(june.period)


def test_an_earlier_report_is_found_again_in_the_history(workspace: Workspace) -> None:
    submit(workspace, "2024-05", "2024-06-03", "甲.xlsx", progress=[invested("H1", "2024-05", "0.30")])  # fmt: skip
    submit(workspace, "2024-06", "2024-06-04", "乙.xlsx", progress=[invested("H1", "2024-05", "0.20")])  # fmt: skip
    submit(workspace, "2024-05", "2024-06-20", "丙.xlsx", progress=[invested("H1", "2024-05", "0.10")])  # fmt: skip
    may = ReportPeriod.parse("2024-05")
    told = published(load(workspace, "2024-06"), may, default_cutoff(may))
    expected = load(workspace, "2024-05")
    assert told.progress["invested"].tolist() == [3_000_000_000]
    for table in schemas.TABLES:
        assert getattr(told, table).equals(getattr(expected, table)), table


def test_quarters_and_years_take_in_the_months_up_to_their_end(workspace: Workspace) -> None:
    submit(workspace, "2024-06", "2024-07-03", progress=[invested("X1", "2024-06", "0.2")])
    quarter = load(workspace, "2024-Q2")
    assert amounts(quarter) == {("X1", "2024-06"): 2_000_000_000}
    assert str(quarter.as_of) == "2024-07-05 23:59:59+08:00"


def test_a_row_about_an_unregistered_project_is_a_fault_in_every_file_and_table(
    workspace: Workspace,
) -> None:
    submit(
        workspace, "2024-06", "2024-07-02",
        progress=[invested("H1", "2024-06", "0.1"), invested("Z9", "2024-06", "0.1")],
    )  # fmt: skip
    submit(
        workspace, "2024-06", "2024-07-03", file="示例乙局.xlsx",
        meetings=[
            {"held_on": "2024-06-01", "level": "指挥部"},
            {"held_on": "2024-06-01", "level": "专班", "project_id": "Z8"},
        ],
    )  # fmt: skip
    with pytest.raises(FaultsFound) as found:
        load(workspace, "2024-06")
    assert [(f.file, f.sheet, f.cell, f.found, f.rule) for f in found.value.faults] == [
        ("2024-06/示例甲局.xlsx", "月度进展", "A3", "Z9", "project_unknown"),
        ("2024-06/示例乙局.xlsx", "调度记录", "C3", "Z8", "project_unknown"),
    ]


def test_a_year_has_its_own_register_and_forgets_projects_that_left(workspace: Workspace) -> None:
    submit(
        workspace, "2024-12", "2025-01-03",
        progress=[invested("H1", "2024-12", "0.1"), invested("X1", "2024-12", "0.2", started_on="2024-12-05")],
        meetings=[{"held_on": "2024-12-05", "level": "指挥部"}],
    )  # fmt: skip
    text = (workspace.parameter_folder / "2024.yaml").read_text(encoding="utf-8")
    year = text.replace("2024-", "2025-").replace("year: 2024", "year: 2025")
    (workspace.parameter_folder / "2025.yaml").write_text(year, encoding="utf-8")
    submit(
        workspace, "2025-01", "2025-02-03",
        projects=[project("X2", "新建"), project("X1", invested_before="0.20")],
        progress=[invested("X1", "2025-01", "0.3")],
    )  # fmt: skip
    ledger = load(workspace, "2025-01")
    assert ledger.projects["project_id"].tolist() == ["X1", "X2"]
    assert ledger.projects["kind"].tolist() == ["continuing", "new_build"]
    assert day(ledger.projects, "started_on") == "2024-12-05"
    assert list(amounts(ledger)) == [("X1", "2024-12"), ("X1", "2025-01")]
    assert len(ledger.meetings) == 1
    assert load(workspace, "2024-12").projects["project_id"].tolist() == ["X1", "H1"]
    submit(workspace, "2025-01", "2025-02-04", progress=[invested("H1", "2025-01", "0.3")])
    with pytest.raises(FaultsFound, match="register has no project numbered “H1”"):
        load(workspace, "2025-01")


def test_faults_of_all_files_are_told_together(workspace: Workspace) -> None:
    submit(workspace, "2024-06", "2024-07-02", progress=[invested("H1", "2024-06", "-1")])
    submit(workspace, "2024-06", "2024-07-03", progress=[invested("H1", "2024-13", "1")])
    with pytest.raises(FaultsFound) as found:
        load(workspace, "2024-06")
    assert [(f.file, f.cell, f.found) for f in found.value.faults] == [
        ("2024-06/示例甲局.xlsx", "C2", "-1"),
        ("2024-06/示例甲局-2.xlsx", "B2", "2024-13"),
    ]


def test_an_unregistered_project_is_told_along_with_faulty_cells(workspace: Workspace) -> None:
    rows = [invested("Z9", "2024-13", "0.1"), invested("Z8", "2024-06", "0.1")]
    submit(workspace, "2024-06", "2024-07-02", progress=rows)
    with pytest.raises(FaultsFound) as found:
        load(workspace, "2024-06")
    assert [(f.cell, f.found, f.rule) for f in found.value.faults] == [
        ("B2", "2024-13", "no_such_month"),
        ("A3", "Z8", "project_unknown"),
        ("A2", "Z9", "project_unknown"),
    ]


def test_a_project_whose_registration_is_faulty_is_not_called_unknown(workspace: Workspace) -> None:
    newcomer = project("H2") | {"total_investment": "3千万"}
    rows = [invested("H2", "2024-06", "0.1")]
    submit(workspace, "2024-06", "2024-07-02", projects=[newcomer], progress=rows)
    with pytest.raises(FaultsFound) as found:
        load(workspace, "2024-06")
    assert [f.rule for f in found.value.faults] == ["own_unit"]


@pytest.mark.parametrize("as_of", ["soon", "2024-7-5", "2024-07-05T25:00"])
def test_a_malformed_moment_is_refused(workspace: Workspace, as_of: str) -> None:
    with pytest.raises(UsageError, match="is not a moment"):
        load(workspace, "2024-05", as_of=as_of)
