"""Moves that contradict one another, the register or the months are faults, each with its cell and the way out."""

from pathlib import Path
from typing import Any

import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report.intake import FaultsFound
from sanshi_report.ledger import load
from sanshi_report.workspace import Workspace

FILE = "2024-06/进出.xlsx"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """H1 and H2 have invested in April and May; H8 and H9 are registered and have told nothing."""
    workspace = new_workspace(tmp_path, 0, 2, mode="warn")
    submit(
        workspace, "2024-05", "2024-06-03",
        projects=[project("H1"), project("H2"), project("H8"), project("H9")],
        progress=[invested("H1", "2024-04", "0.30"), invested("H1", "2024-05", "0.50"),
                  invested("H2", "2024-05", "0.20")],
    )  # fmt: skip
    return workspace


def move(project_id: str, kind: str, day: str, **values: Any) -> dict[str, Any]:
    return {
        "project_id": project_id, "move": kind, "effective_on": day, "reason": "示例原因",
        "approved_by": "示例会议", "approved_on": "2024-06-01", **values,
    }  # fmt: skip


def faults(workspace: Workspace, *moves: dict[str, Any], **tables: Any) -> list[tuple[str, ...]]:
    """Return cell, what was found and rule of each fault of a file with moves."""
    submit(workspace, "2024-06", "2024-07-02", "进出.xlsx", moves=list(moves), **tables)
    try:
        load(workspace, "2024-06")
    except FaultsFound as found:
        for fault in found.faults:
            for language in ("zh", "en"):
                assert "{" not in fault.text(language)
        return [(f.sheet, f.cell, f.found, f.rule) for f in found.faults]
    return []


def of_moves(cell: str, found: str, rule: str) -> list[tuple[str, ...]]:
    return [("进出调整", cell, found, rule)]


def test_what_contradicts_nothing_is_taken_in(workspace: Workspace) -> None:
    rows = [
        move("H2", "退出", "2024-06-20"),
        move("H1", "更名", "2024-06-10", new_name="示例新名"),
        move("H9", "进入", "2024-07-01"),
    ]
    assert faults(workspace, *rows) == []


def test_an_approval_after_the_day_of_effect_is_no_fault(workspace: Workspace) -> None:
    assert faults(workspace, move("H2", "退出", "2024-06-20", approved_on="2024-06-30")) == []


def test_a_project_nobody_registered_cannot_move(workspace: Workspace) -> None:
    found = faults(workspace, move("H7", "退出", "2024-06-20"))
    assert found == of_moves("A2", "H7", "project_unknown")


def test_a_part_must_be_registered_and_another_spelling_is_told(workspace: Workspace) -> None:
    row = move("H2", "拆分", "2024-06-01", into="h9")
    assert faults(workspace, row) == of_moves("D2", "h9", "project_spelling")


@pytest.mark.parametrize(
    ("row", "cell", "found", "rule"),
    [
        (move("H2", "拆分", "2024-06-01", new_name="甲"), "D2", "甲", "move_stray_new_name"),
        (move("H2", "退出", "2024-06-01", into="H9"), "D2", "H9", "move_stray_into"),
        (move("H2", "更名", "2024-06-01"), "", "", "move_without_new_name"),
        (move("H9", "拆分", "2024-06-01", into="H9"), "D2", "H9", "move_into_itself"),
    ],
)
def test_each_kind_of_move_has_its_own_cell_and_no_other(
    workspace: Workspace, row: dict[str, Any], cell: str, found: str, rule: str
) -> None:
    told = faults(workspace, row)
    assert (found, rule) in [(one[2], one[3]) for one in told]
    if cell:
        assert ("进出调整", cell, found, rule) in told


def test_a_split_must_say_into_what(workspace: Workspace) -> None:
    rows = [
        move("H2", "拆分", "2024-06-01"),
        move("H1", "拆分", "2024-06-01", into="H9"),
    ]
    assert ("进出调整", "D2", "", "move_without_into") in faults(workspace, *rows)


def test_a_project_leaves_once(workspace: Workspace) -> None:
    rows = [move("H2", "退出", "2024-06-10"), move("H2", "退出", "2024-06-20")]
    assert faults(workspace, *rows) == of_moves("A3", "H2", "move_goes_twice")


def test_a_project_that_was_split_cannot_leave(workspace: Workspace) -> None:
    progress = [invested("H9", "2024-05", "0.20")]
    rows = [move("H2", "拆分", "2024-06-10", into="H9"), move("H2", "退出", "2024-06-20")]
    assert faults(workspace, *rows, progress=progress) == of_moves("A3", "H2", "move_goes_twice")


def test_a_part_comes_of_one_split_alone(workspace: Workspace) -> None:
    progress = [invested("H9", "2024-04", "0.30"), invested("H9", "2024-05", "0.70")]
    rows = [
        move("H1", "拆分", "2024-06-10", into="H9"),
        move("H2", "拆分", "2024-06-20", into="H9"),
    ]
    told = faults(workspace, *rows, progress=progress)
    assert ("进出调整", "D3", "H9", "move_comes_twice") in told


def test_a_project_that_left_comes_back_under_a_new_number(workspace: Workspace) -> None:
    rows = [move("H2", "退出", "2024-03-10"), move("H2", "进入", "2024-05-20")]
    assert faults(workspace, *rows) == of_moves("C2", "2024-03-10", "move_goes_first")


def test_a_project_that_leaves_on_the_day_it_joins_was_never_in(workspace: Workspace) -> None:
    rows = [move("H9", "进入", "2024-06-10"), move("H9", "退出", "2024-06-10")]
    assert faults(workspace, *rows) == of_moves("C3", "2024-06-10", "move_goes_first")


@pytest.mark.parametrize(("day", "is_in"), [("2024-06-09", True), ("2024-06-10", False)])
def test_a_project_is_renamed_while_it_is_in(workspace: Workspace, day: str, is_in: bool) -> None:
    rows = [move("H2", "退出", "2024-06-10"), move("H2", "更名", day, new_name="示例新名")]
    told = faults(workspace, *rows)
    assert told == ([] if is_in else of_moves("C3", day, "move_when_out"))


def test_a_project_is_not_renamed_before_it_joins(workspace: Workspace) -> None:
    rows = [move("H9", "进入", "2024-06-10"), move("H9", "更名", "2024-06-09", new_name="新")]
    assert faults(workspace, *rows) == of_moves("C3", "2024-06-09", "move_when_out")


def test_a_renaming_to_the_name_there_is_says_nothing(workspace: Workspace) -> None:
    row = move("H2", "更名", "2024-06-10", new_name="示例H2")
    assert faults(workspace, row) == of_moves("D2", "示例H2", "move_same_name")


def test_a_renamed_project_may_go_by_both_names_but_by_no_third(workspace: Workspace) -> None:
    assert faults(workspace, move("H2", "更名", "2024-06-10", new_name="示例新名")) == []
    submit(workspace, "2024-06", "2024-07-03", "甲.xlsx", projects=[project("H2")])
    assert load(workspace, "2024-06").projects["name"].tolist()[1] == "示例新名"
    third = [project("H2", name="示例第三名")]
    submit(workspace, "2024-06", "2024-07-04", "乙.xlsx", projects=third)
    with pytest.raises(FaultsFound) as found:
        load(workspace, "2024-06")
    assert [(f.file, f.cell, f.found, f.rule) for f in found.value.faults] == [
        ("2024-06/乙.xlsx", "B2", "示例第三名", "move_third_name")
    ]


def test_no_month_before_a_project_joined_is_its_own(workspace: Workspace) -> None:
    plan = [{"project_id": "H1", "month": "2024-05", "planned_investment": "0.1"}]
    told = faults(workspace, move("H1", "进入", "2024-05-20"), plan=plan)
    assert told == of_moves("C2", "2024-05-20", "move_progress_before")


def test_no_plan_before_a_project_joined_is_its_own(workspace: Workspace) -> None:
    plan = [
        {"project_id": "H9", "month": month, "planned_investment": "0.1"}
        for month in ("2024-05", "2024-06")
    ]
    told = faults(workspace, move("H9", "进入", "2024-06-20"), plan=plan)
    assert told == of_moves("C2", "2024-06-20", "move_plan_before")


def test_the_parts_must_share_all_months_before_the_split(workspace: Workspace) -> None:
    rows = [move("H1", "拆分", "2024-06-10", into=into) for into in ("H8", "H9")]
    shared = [
        invested("H8", "2024-04", "0.10"), invested("H9", "2024-04", "0.20"),
        invested("H8", "2024-05", "0.30"), invested("H9", "2024-05", "0.30"),
    ]  # fmt: skip
    submit(workspace, "2024-06", "2024-07-02", "进出.xlsx", moves=rows, progress=shared)
    with pytest.raises(FaultsFound, match=r"2024-05 0\.6 ≠ 0\.5") as found:
        load(workspace, "2024-06")
    (fault,) = found.value.faults
    assert (fault.cell, fault.rule) == ("D2", "move_parts_differ")
    assert "2024-04" not in fault.text("zh")
    mended = [invested("H9", "2024-05", "0.20")]
    submit(workspace, "2024-06", "2024-07-03", "更正.xlsx", progress=mended)
    assert load(workspace, "2024-06").projects["project_id"].tolist() == ["H2", "H8", "H9"]


def test_parts_need_not_have_told_before_the_split_takes_effect(workspace: Workspace) -> None:
    rows = [move("H1", "拆分", "2024-07-01", into=into) for into in ("H8", "H9")]
    assert faults(workspace, *rows) == []
    assert load(workspace, "2024-06").projects["project_id"].tolist() == ["H1", "H2"]
