"""Checking tells all faults of all files, and hands back what each sender has to mend."""

from datetime import datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from submissions import invested, new_workspace, project, submit

from sanshi_report.checking import check
from sanshi_report.errors import DataError
from sanshi_report.ledger import receive, withdraw
from sanshi_report.workspace import CHINA, Workspace

REGISTER = [project("H1"), project("X1", "新建")]


@pytest.fixture
def faulty(tmp_path: Path) -> Workspace:
    """Two units' workbooks with a fault each."""
    workspace = new_workspace(tmp_path)
    submit(workspace, "2024-05", "2024-06-02", projects=REGISTER)
    for file, amount in (("甲.xlsx", "3千万"), ("乙.xlsx", "-1")):
        submit(
            workspace, "2024-06", "2024-07-02", file, progress=[invested("H1", "2024-06", amount)]
        )
    return workspace


def test_each_sender_gets_a_copy_with_the_cell_marked_and_commented(faulty: Workspace) -> None:
    checked = check(faulty, "2024-06")
    assert checked.ledger is None
    assert [fault.file for fault in checked.faults] == ["2024-06/甲.xlsx", "2024-06/乙.xlsx"]
    home = faulty.processed / "2024-06" / "returned" / "2024-06"
    assert list(checked.returned) == [home / "甲.xlsx", home / "乙.xlsx"]
    cell = load_workbook(home / "甲.xlsx")["月度进展"]["C2"]
    assert cell.value == "3千万"
    assert cell.fill.fgColor.rgb.endswith("FFC7CE")
    assert cell.comment is not None
    assert "3千万" in (faulty.processed / "2024-06" / "faults.csv").read_text(encoding="utf-8-sig")


def test_what_was_sent_back_goes_once_the_mended_file_replaces_it(faulty: Workspace) -> None:
    check(faulty, "2024-06")
    for file in ("甲.xlsx", "乙.xlsx"):
        at = datetime(2024, 7, 3, 9, tzinfo=CHINA)
        withdraw(faulty, "2024-06", file, "填错", "示例甲局", now=at)
    mended = [invested("H1", "2024-06", "0.3")]
    submit(faulty, "2024-06", "2024-07-03", "甲改.xlsx", progress=mended)
    checked = check(faulty, "2024-06", "now")
    assert checked.ledger is not None
    assert not checked.listing.exists()
    assert not (faulty.processed / "2024-06" / "returned").exists()


def test_progress_counts_all_files_by_size_and_ends_at_one(faulty: Workspace) -> None:
    told: list[tuple[str, float]] = []
    check(faulty, "2024-06", progress=lambda name, share: told.append((name, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert {name for name, _ in told} == {
        "2024-05/示例甲局.xlsx",
        "2024-06/甲.xlsx",
        "2024-06/乙.xlsx",
    }


def test_files_of_one_name_but_other_suffixes_come_back_apart(faulty: Workspace) -> None:
    table = faulty.root / "甲.csv"
    table.write_text("project_id,month,invested\nH1,2024-13,1\n", encoding="utf-8")
    receive(faulty, [table], "2024-06", "示例甲局", now=datetime(2024, 7, 3, tzinfo=CHINA))
    checked = check(faulty, "2024-06")
    assert [copy.name for copy in checked.returned] == ["甲.xlsx", "乙.xlsx", "甲.csv.xlsx"]


def test_a_file_that_came_too_late_is_named_and_not_counted(faulty: Workspace) -> None:
    for file in ("甲.xlsx", "乙.xlsx"):
        withdraw(
            faulty, "2024-06", file, "填错", "示例甲局", now=datetime(2024, 7, 3, tzinfo=CHINA)
        )
    with pytest.raises(DataError, match=r"There is no data for 2024-06"):
        check(faulty, "2024-06")
    rows = [invested("H1", "2024-06", "0.3")]
    submit(faulty, "2024-06", "2024-07-09", "迟.xlsx", progress=rows)
    with pytest.raises(DataError, match=r"迟\.xlsx \(2024-07-09 12:00\).*add --as-of now"):
        check(faulty, "2024-06")
    submit(faulty, "2024-06", "2024-07-04", "早.xlsx", earlier="时钟曾快五天",
           progress=[invested("H1", "2024-06", "0.2")])  # fmt: skip
    assert [receipt.file for receipt in check(faulty, "2024-06").late] == ["迟.xlsx"]
    assert check(faulty, "2024-06", "2024-07-10").late == ()
