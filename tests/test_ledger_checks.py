"""Faults that only show when all files lie side by side."""

from pathlib import Path
from typing import Any

import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report.intake import FaultsFound
from sanshi_report.intake.cells import folded
from sanshi_report.ledger import load
from sanshi_report.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    submit(workspace, "2024-05", "2024-06-03", projects=[project("X1", "新建"), project("H1")])
    return workspace


def faults(workspace: Workspace, period: str = "2024-06") -> list[tuple[str, ...]]:
    with pytest.raises(FaultsFound) as found:
        load(workspace, period)
    for fault in found.value.faults:
        assert fault.text("zh")
        assert fault.text("en")
    return [(f.file, f.sheet, f.cell, f.found, f.rule) for f in found.value.faults]


def problem(problem_id: str, project_id: str = "X1") -> dict[str, Any]:
    return {
        "problem_id": problem_id, "project_id": project_id, "raised_on": "2024-06-01",
        "category": "征地清表", "tier": "现场", "owner": "示例乙局", "due_on": "2024-06-15", "description": "甲",
    }  # fmt: skip


@pytest.mark.parametrize("written", ["h1", "ｈ１", "H 1", "Ｈ1"])
def test_a_project_written_otherwise_is_read_or_told_which_is_meant(
    workspace: Workspace, written: str
) -> None:
    submit(
        workspace, "2024-06", "2024-07-02", "乙.xlsx", progress=[invested(written, "2024-06", "1")]
    )
    if written == "Ｈ1":  # width alone is narrowed when the cell is read
        assert load(workspace, "2024-06").progress["project_id"].tolist() == ["H1"]
        return
    with pytest.raises(FaultsFound, match="register writes this project's number “H1”") as found:
        load(workspace, "2024-06")
    assert [(f.cell, f.rule) for f in found.value.faults] == [("A2", "project_spelling")]


def test_one_number_in_two_cases_in_two_files_is_a_fault_that_names_both(
    workspace: Workspace,
) -> None:
    submit(workspace, "2024-05", "2024-06-03", "甲.xlsx", problems=[problem("W2024-001")])
    submit(
        workspace, "2024-06", "2024-07-02", "乙.xlsx",
        problems=[problem("W2024-002"), problem("w2024—001")],
    )  # fmt: skip
    with pytest.raises(FaultsFound, match=r"2024-05/甲\.xlsx 问题台账!A2"):
        load(workspace, "2024-06")
    assert faults(workspace) == [("2024-06/乙.xlsx", "问题台账", "A3", "w2024—001", "key_spelling")]


def test_one_number_in_two_cases_in_one_file_is_a_fault(workspace: Workspace) -> None:
    rows = [problem("W1"), problem("w1")]
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", problems=rows)
    assert faults(workspace) == [("2024-06/乙.xlsx", "问题台账", "A3", "w1", "key_spelling")]


def test_two_spellings_in_the_register_are_a_fault(workspace: Workspace) -> None:
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", projects=[project("h1")])
    assert faults(workspace) == [("2024-06/乙.xlsx", "项目台账", "A2", "h1", "key_spelling")]


def test_numbers_that_differ_in_more_are_two_things(workspace: Workspace) -> None:
    rows = [problem("W1"), problem("W01"), problem("W-1"), problem("WI")]
    submit(workspace, "2024-06", "2024-07-02", "乙.xlsx", problems=rows)
    assert len(load(workspace, "2024-06").problems) == 4


def test_of_an_identifier_only_what_tells_things_apart_is_compared() -> None:
    assert folded("ｗ2024 –\u200b001") == "w2024-001"
    assert folded("H01") != folded("HO1")


@pytest.mark.parametrize(
    ("event", "cell"), [("started_on", "E"), ("completed_on", "E"), ("commissioned_on", "E")]
)
def test_two_days_for_one_project_in_one_file_name_both_cells(
    workspace: Workspace, event: str, cell: str
) -> None:
    submit(
        workspace, "2024-06", "2024-07-02", "乙.xlsx",
        progress=[
            invested("H1", "2024-05", "1", physical_pct=10, **{event: "2024-05-20"}),
            invested("X1", "2024-05", "1", **{event: "2024-05-21"}),
            invested("H1", "2024-06", "1", **{event: "2024-05-28"}),
        ],
    )  # fmt: skip
    with pytest.raises(FaultsFound, match=f"乙.xlsx 月度进展!{cell}2 says 2024-05-20"):
        load(workspace, "2024-06")
    assert faults(workspace) == [
        ("2024-06/乙.xlsx", "月度进展", f"{cell}4", "2024-05-28", "two_days")
    ]


def test_one_day_said_in_every_row_is_no_fault_and_a_later_file_may_say_another(
    workspace: Workspace,
) -> None:
    for period, at, day in (
        ("2024-05", "2024-06-04", "2024-05-20"),
        ("2024-06", "2024-07-02", "2024-05-28"),
    ):
        rows = [invested("H1", month, "1", started_on=day) for month in ("2024-04", "2024-05")]
        submit(workspace, period, at, "乙.xlsx", progress=rows)
    started = load(workspace, "2024-06").projects.set_index("project_id")["started_on"]
    assert str(started["H1"])[:10] == "2024-05-28"


def test_two_days_are_told_along_with_faulty_cells(workspace: Workspace) -> None:
    submit(
        workspace, "2024-06", "2024-07-02", "乙.xlsx",
        progress=[
            invested("H1", "2024-04", "1", started_on="2024-05-20"),
            invested("H1", "2024-05", "1", started_on="2024-05-28"),
            invested("X1", "2024-05", "x"),
        ],
    )  # fmt: skip
    assert [fault[-1] for fault in faults(workspace)] == ["not_number", "two_days"]


def test_a_corrected_figure_does_not_make_its_row_a_second_one(workspace: Workspace) -> None:
    submit(
        workspace, "2024-06", "2024-07-02", "乙.xlsx",
        progress=[invested("H1", "2024-06", "1", started_on="2024-05-20")], problems=[problem("W1")],
    )  # fmt: skip
    (workspace.raw / "corrections.yaml").write_text(
        "- {who: 甲, when: 2024-07-03, why: 乙, table: problems, key: {problem_id: W1}, column: tier,"
        " expected: 现场, value: 多部门}\n"
        "- {who: 甲, when: 2024-07-03, why: 乙, table: progress, key: {project_id: H1, month: 2024-06},"
        " column: invested, expected: 1, value: 2}\n",
        encoding="utf-8",
    )
    ledger = load(workspace, "2024-06")
    assert ledger.problems["tier"].tolist() == ["多部门"]
    assert ledger.progress["invested"].tolist() == [20_000_000_000]
