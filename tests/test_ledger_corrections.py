from pathlib import Path

import pandas as pd
import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report.intake import FaultsFound
from sanshi_report.ledger import load, triangle
from sanshi_report.workspace import Workspace

ENTRY = """
- who: 示例工程办
  when: 2024-07-04
  why: 单位误填为万元，已电话核实
  table: progress
  key: {project_id: H1, month: 2024-06}
  column: invested
  expected: 3.00
  value: 0.30
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    submit(
        workspace, "2024-06", "2024-07-02",
        projects=[project("X1", "新建"), project("H1")],
        progress=[
            invested("H1", "2024-06", "3", workers=12),
            invested("X1", "2024-06", "1", started_on="2024-06-20"),
        ],
    )  # fmt: skip
    return workspace


def write(workspace: Workspace, *entries: str) -> None:
    path = workspace.raw / "corrections.yaml"
    path.write_text("".join(entries), encoding="utf-8")


def of_h1(workspace: Workspace, period: str = "2024-06", as_of: str | None = None) -> int:
    progress = load(workspace, period, as_of=as_of).progress
    found = progress[(progress["project_id"] == "H1") & (progress["month"] == "2024-06")]
    return int(found["invested"].iloc[0])


def faults(workspace: Workspace, period: str = "2024-06", as_of: str | None = None) -> list[str]:
    with pytest.raises(FaultsFound) as found:
        load(workspace, period, as_of=as_of)
    for fault in found.value.faults:
        assert fault.text("zh")
        assert fault.text("en")
    return [f"{fault.cell} {fault.rule} {fault.found}".strip() for fault in found.value.faults]


def test_a_correction_sets_one_cell_and_is_listed(workspace: Workspace) -> None:
    write(workspace, ENTRY)
    ledger = load(workspace, "2024-06")
    row = ledger.progress[ledger.progress["project_id"] == "H1"].iloc[0]
    assert (row["invested"], row["workers"]) == (3_000_000_000, 12)
    assert row["origin"] == "2024-06/示例甲局.xlsx#月度进展!2 + corrections.yaml#1"
    assert str(row["known_at"]) == "2024-07-04 23:59:59+08:00"
    used = ledger.corrections.iloc[0]
    assert used[["number", "who", "table", "key", "column", "old", "new"]].tolist() == [
        1, "示例工程办", "progress", "H1 2024-06", "invested", "3", "0.3",
    ]  # fmt: skip
    assert used["why"] == "单位误填为万元，已电话核实"
    assert pd.isna(used["expires"])
    change = ledger.revisions.iloc[0]
    assert change[["old", "new", "new_origin"]].tolist() == ["3", "0.3", row["origin"]]
    assert str(change["difference"]) == "-2.7"


def test_a_correction_counts_only_from_when_it_was_made(workspace: Workspace) -> None:
    write(workspace, ENTRY.replace("2024-07-04", "2024-07-08"))
    assert of_h1(workspace) == 30_000_000_000
    assert load(workspace, "2024-06").corrections.empty
    assert of_h1(workspace, as_of="2024-07-08") == 3_000_000_000


def test_a_correction_counts_to_the_end_of_the_day_it_expires(workspace: Workspace) -> None:
    write(workspace, ENTRY, "  expires: 2024-07-20\n")
    assert of_h1(workspace) == 3_000_000_000
    assert of_h1(workspace, as_of="2024-07-20") == 3_000_000_000
    assert of_h1(workspace, as_of="2024-07-21") == 30_000_000_000


def test_a_figure_the_sender_repeats_wrong_stays_corrected(workspace: Workspace) -> None:
    write(workspace, ENTRY)
    submit(workspace, "2024-07", "2024-08-02", progress=[invested("H1", "2024-06", "3.0")])
    assert of_h1(workspace, "2024-07") == 3_000_000_000
    figures = triangle(load(workspace, "2024-07").history, 2024)
    assert figures.loc["2024-06"].tolist() == [13_000_000_000]


def test_a_figure_the_sender_mended_makes_the_correction_a_fault_until_it_expires(
    workspace: Workspace,
) -> None:
    write(workspace, ENTRY)
    submit(workspace, "2024-07", "2024-08-02", progress=[invested("H1", "2024-06", "0.31")])
    assert of_h1(workspace) == 3_000_000_000  # June as published
    assert faults(workspace, "2024-07") == ["#1 correction_stale 0.31"]
    write(workspace, ENTRY, "  expires: 2024-08-01\n")
    assert of_h1(workspace, "2024-07") == 3_100_000_000
    assert of_h1(workspace) == 3_000_000_000


def test_corrections_of_one_cell_follow_each_other(workspace: Workspace) -> None:
    second = ENTRY.replace("07-04", "07-05").replace("0.30", "0.33").replace("3.00", "0.30")
    write(workspace, second, ENTRY)
    assert of_h1(workspace) == 3_300_000_000
    assert load(workspace, "2024-06").corrections["number"].tolist() == [2, 1]


def test_a_correction_that_matches_nothing_is_a_fault(workspace: Workspace) -> None:
    write(workspace, ENTRY.replace("H1", "H2"), ENTRY.replace("3.00", "2.99"))
    assert faults(workspace) == ["#1 correction_nothing", "#2 correction_stale 3"]


def test_a_correction_of_a_later_month_does_not_touch_an_earlier_report(
    workspace: Workspace,
) -> None:
    write(workspace, ENTRY.replace("month: 2024-06", "month: 2024-07"))
    assert of_h1(workspace) == 30_000_000_000
    nodes = """
- {who: 甲, when: 2024-07-04, why: 乙, table: nodes, key: {node_id: N1}, column: due_on,
   expected: 2024-06-30, value: 2024-07-31, period: 2024-07}
"""
    write(workspace, nodes)
    assert of_h1(workspace) == 30_000_000_000
    submit(workspace, "2024-07", "2024-08-02", progress=[invested("H1", "2024-07", "1")])
    assert faults(workspace, "2024-07") == ["#1 correction_nothing"]


def test_the_day_a_project_started_is_corrected_where_it_holds(workspace: Workspace) -> None:
    entry = """
- {who: 甲, when: 2024-07-04, why: 未达实质性开工标准, table: projects, key: {project_id: X1},
   column: started_on, expected: 2024年6月20日, value: }
"""
    write(workspace, entry)
    ledger = load(workspace, "2024-06")
    assert ledger.projects["started_on"].isna().all()
    assert ledger.corrections["old"].tolist() == ["2024-06-20"]
    assert ledger.corrections["new"].isna().all()
    write(workspace, entry.replace("value: ", "value: 2024-06-28"))
    assert str(load(workspace, "2024-06").projects["started_on"].iloc[0])[:10] == "2024-06-28"
    write(workspace, entry.replace("6月20日", "6月21日"))
    assert faults(workspace) == ["#1 correction_stale 2024-06-20"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("  who: 示例工程办\n", ""), "correction_keys"),
        (("- who: 示例工程办", "- who: "), "correction_unsigned"),
        (("  why: 单位误填为万元，已电话核实", "  why: "), "correction_unsigned"),
        (("when: 2024-07-04", "when: 七月四日"), "correction_when"),
        (("when: 2024-07-04", "when: "), "correction_when"),
        (("when: 2024-07-04", "when: now"), "correction_when"),
        (("table: progress", "table: nothing"), "correction_column nothing.invested"),
        (("column: invested", "column: month"), "correction_column progress.month"),
        (("column: invested", "column: started_on"), "correction_column progress.started_on"),
        ((", month: 2024-06", ""), "correction_key"),
        (("value: 0.30", "value: 0.30万"), "own_unit"),
        (("value: 0.30", "value: [0.30]"), "correction_value"),
        (("value: 0.30", "value: -1"), "negative"),
        (("value: 0.30", "value: "), "required"),
        (("value: 0.30", "value: 0.30\n  extra: 1"), "correction_keys"),
    ],
)
def test_an_entry_that_is_no_correction_is_a_fault(
    workspace: Workspace, change: tuple[str, str], fault: str
) -> None:
    assert change[0].lstrip() in ENTRY
    entry = (
        ENTRY.replace("- who: 示例工程办\n", "-\n")
        if not change[1] and "who" in change[0]
        else ENTRY
    )
    write(workspace, entry.replace(*change))
    assert faults(workspace) == [f"#1 {fault}"]


@pytest.mark.parametrize("content", ["a: [", "key: value", "\x00"])
def test_a_file_that_is_no_list_of_corrections_is_a_fault(
    workspace: Workspace, content: str
) -> None:
    write(workspace, content)
    assert faults(workspace) == ["corrections_unreadable"]


def test_a_key_given_twice_is_a_fault_with_its_line(workspace: Workspace) -> None:
    write(workspace, ENTRY, "  value: 0.31\n")
    with pytest.raises(FaultsFound, match="line 10: duplicate key value"):
        load(workspace, "2024-06")


def test_aliases_of_aliases_are_a_fault_at_once(workspace: Workspace) -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 20)]
    write(workspace, "\n".join(["a0: &a0 [x]", *levels]))
    with pytest.raises(FaultsFound, match="at most 1000000 characters"):
        load(workspace, "2024-06")


def test_an_empty_file_of_corrections_corrects_nothing(workspace: Workspace) -> None:
    write(workspace, "# none so far\n")
    assert load(workspace, "2024-06").corrections.empty
