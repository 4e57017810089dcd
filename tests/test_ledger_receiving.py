import csv
import hashlib
import os
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from submissions import new_workspace

from sanshi_report.errors import DataError, UsageError
from sanshi_report.ledger import effective, moment, receipts, receive, receiving, verified, withdraw
from sanshi_report.ledger.inbox import Receipt
from sanshi_report.workspace import CHINA, Workspace

FILES = Path(__file__).parent / "files"
JULY_3 = datetime(2024, 7, 3, 18, 0, tzinfo=CHINA)
NOON = {day: datetime(2024, 7, day, 12, tzinfo=CHINA) for day in range(1, 32)}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return new_workspace(tmp_path / "w")


def outbox(workspace: Workspace, name: str, content: str = "项目编号\nH1\n") -> Path:
    path = workspace.root / "outbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(content, encoding="utf-8")
    return path


def lines(workspace: Workspace) -> list[list[str]]:
    with (workspace.raw / "receipts.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def files_in(workspace: Workspace, period: str = "2024-06") -> list[str]:
    folder = workspace.raw / period
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_a_received_file_is_copied_and_its_receipt_written(workspace: Workspace) -> None:
    path = outbox(workspace, "progress.csv")
    (receipt,) = receive(workspace, [path], "2024-06", "示例甲局", note="补报,说明", now=JULY_3)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert receipt == Receipt(JULY_3, "2024-06", "progress.csv", digest, "示例甲局", "补报,说明", 1)
    assert not receipt.is_known
    # SHA-256 of the header, worked out with sha256sum.
    above = "48c8f51975b1f83226daab498b34ab3f59a49de10a8c547e8c34beb91749b6a9"
    when = "2024-07-03T18:00:00+08:00"
    assert lines(workspace) == [
        ["number", "previous", "received_at", "period", "file", "sha256", "submitted_by", "note",
         "withdraws", "earlier", "accepted"],
        ["1", above, when, "2024-06", "progress.csv", digest, "示例甲局", "补报,说明", "", "", ""],
    ]  # fmt: skip
    assert (workspace.raw / "2024-06" / "progress.csv").read_bytes() == path.read_bytes()
    assert path.exists()
    assert files_in(workspace) == ["progress.csv"]


def test_another_content_under_a_taken_name_gets_a_number(workspace: Workspace) -> None:
    for content in ("a\n1\n", "a\n2\n", "a\n3\n"):
        receive(
            workspace, [outbox(workspace, "progress.csv", content)], "2024-06", "甲", now=JULY_3
        )
    receive(workspace, [outbox(workspace, "PROGRESS.csv", "a\n4\n")], "2024-06", "甲", now=JULY_3)
    assert files_in(workspace) == [
        "PROGRESS-4.csv", "progress-2.csv", "progress-3.csv", "progress.csv",
    ]  # fmt: skip
    assert (workspace.raw / "2024-06" / "progress.csv").read_text() == "a\n1\n"


def test_bytes_received_before_are_recognised_whatever_their_name_or_period(
    workspace: Workspace,
) -> None:
    receive(workspace, [outbox(workspace, "one.csv")], "2024-06", "甲", now=JULY_3)
    (again,) = receive(workspace, [outbox(workspace, "two.csv")], "2024-07", "乙")
    assert again.is_known
    assert again.name == "2024-06/one.csv"
    assert len(lines(workspace)) == 2
    assert not (workspace.raw / "2024-07").exists()


def test_two_copies_in_one_call_count_once(workspace: Workspace) -> None:
    same = [outbox(workspace, "one.csv"), outbox(workspace, "two.csv")]
    first, second = receive(workspace, same, "2024-06", "甲", now=JULY_3)
    assert (first.file, first.is_known) == ("one.csv", False)
    assert (second.file, second.is_known) == ("one.csv", True)
    assert files_in(workspace) == ["one.csv"]


def test_a_file_lying_in_the_folder_without_receipt_is_adopted_where_it_is(
    workspace: Workspace,
) -> None:
    path = workspace.raw / "2024-06" / "progress.csv"
    path.parent.mkdir()
    path.write_text("a\n1\n")
    (receipt,) = receive(workspace, [path], "2024-06", "甲", now=JULY_3)
    assert receipt.file == "progress.csv"
    assert files_in(workspace) == ["progress.csv"]


def test_a_file_changed_in_place_is_received_beside_its_former_self(workspace: Workspace) -> None:
    receive(workspace, [outbox(workspace, "progress.csv")], "2024-06", "甲", now=JULY_3)
    changed = workspace.raw / "2024-06" / "progress.csv"
    changed.write_text("a\n2\n")
    (receipt,) = receive(workspace, [changed], "2024-06", "甲", now=JULY_3)
    assert receipt.file == "progress-2.csv"


def encrypted(path: Path) -> None:
    """A workbook saved with a password, by LibreOffice or in Excel's way."""
    path.write_bytes((FILES / f"encrypted{path.suffix}").read_bytes())


def encrypted_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(bytes(content))


def bomb(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(100 << 20))


def link(path: Path) -> None:
    target = path.with_name("target.csv")
    target.write_text("a\n1\n")
    path.symlink_to(target)


@pytest.mark.parametrize(
    ("name", "make", "says"),
    [
        ("absent.xlsx", lambda path: None, "没有这个文件"),
        ("link.csv", link, "链接"),
        ("folder.xlsx", lambda path: path.mkdir(), "不是文件"),
        ("pipe.csv", os.mkfifo, "不是文件"),
        ("empty.xlsx", lambda path: path.write_bytes(b""), "空的"),
        ("locked.xlsx", encrypted, "密码"),
        ("locked.xls", encrypted, "密码"),
        ("locked.ods", encrypted, "密码"),
        ("zip.xlsx", encrypted_zip, "密码"),
        ("bomb.xlsx", bomb, "异常庞大"),
        ("truncated.xlsx", lambda path: path.write_bytes(b"PK\x03\x04 cut off"), "损坏"),
        ("text.xlsx", lambda path: path.write_text("not a workbook"), "损坏"),
        ("report.pdf", lambda path: path.write_bytes(b"%PDF"), "格式"),
        (".hidden.csv", lambda path: path.write_text("a"), "文件名"),
        ("~$open.xlsx", lambda path: path.write_text("a"), "文件名"),
        ("..\\..\\receipts.csv", lambda path: path.write_text("a"), "文件名"),
        ("no#1.csv", lambda path: path.write_text("a"), "文件名"),
        ("two\nlines.csv", lambda path: path.write_text("a"), "文件名"),
        (f"{'长' * 80}.csv", lambda path: path.write_text("a"), "文件名"),
    ],
)  # fmt: skip
def test_what_cannot_be_received_is_refused_and_nothing_is_kept(
    workspace: Workspace, name: str, make: object, says: str
) -> None:
    good = outbox(workspace, "good.csv")
    path = good.with_name(name)
    make(path)  # type: ignore[operator]
    with pytest.raises(DataError) as refused:
        receive(workspace, [good, path], "2024-06", "甲", now=JULY_3)
    assert says in refused.value.text("zh")
    assert str(path) in refused.value.text("en")
    assert not (workspace.raw / "receipts.csv").exists()
    assert files_in(workspace) == []


def test_every_refusal_is_told_at_once(workspace: Workspace) -> None:
    paths = [outbox(workspace, f"{number}.csv", "") for number in range(25)]
    with pytest.raises(DataError) as refused:
        receive(workspace, paths, "2024-06", "甲")
    text = refused.value.text("en")
    assert "25 file(s)" in text
    assert "0.csv" in text
    assert "19.csv" in text
    assert "20.csv" not in text
    assert "5 more" in text


def test_a_file_without_read_permission_is_refused(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = outbox(workspace, "closed.csv")

    opened = Path.open

    def denied(self: Path, *mode: str, **named: str) -> object:
        if self == path:
            raise PermissionError(13, "Permission denied", str(path))
        return opened(self, *mode, **named)

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(DataError, match="权限"):
        receive(workspace, [path], "2024-06", "甲")


def test_names_are_kept_inside_the_folder(workspace: Workspace) -> None:
    outbox(workspace, "x.csv")
    path = workspace.root / "outbox" / ".." / "outbox" / "x.csv"
    (receipt,) = receive(workspace, [path], "2024-06", "甲", now=JULY_3)
    assert receipt.name == "2024-06/x.csv"


@pytest.mark.parametrize(
    ("files", "period", "sender", "says"),
    [
        ([], "2024-06", "甲", "No file"),
        (["x.csv"], "2024-06", "  ", "Who sent"),
        (["x.csv"], "2024-Q2", "甲", "A month"),
        (["x.csv"], "2024-13", "甲", "not a reporting period"),
        (["x.csv"], "../2024-06", "甲", "not a reporting period"),
    ],
)
def test_a_wrong_call_is_refused(
    workspace: Workspace, files: list[str], period: str, sender: str, says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        receive(workspace, [outbox(workspace, name) for name in files], period, sender)
    assert says in refused.value.text("en")


def test_a_failure_while_writing_the_list_takes_the_copies_back(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    receive(workspace, [outbox(workspace, "a.csv", "a\n1\n")], "2024-06", "甲", now=JULY_3)
    before = (workspace.raw / "receipts.csv").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "receipts.csv")

    monkeypatch.setattr(receiving, "append", full)
    with pytest.raises(DataError, match="No space left on device"):
        receive(workspace, [outbox(workspace, "b.csv", "b\n1\n")], "2024-06", "甲", now=JULY_3)
    assert files_in(workspace) == ["a.csv"]
    assert (workspace.raw / "receipts.csv").read_bytes() == before
    monkeypatch.undo()
    receive(workspace, [outbox(workspace, "b.csv", "b\n1\n")], "2024-06", "甲", now=JULY_3)
    assert (workspace.raw / "receipts.csv").read_bytes().startswith(before)


def test_a_process_killed_midway_leaves_a_list_that_the_next_call_mends(
    workspace: Workspace,
) -> None:
    path = outbox(workspace, "a.csv", "a\n1\n")
    script = (
        "import os, sys; from pathlib import Path;"
        "from sanshi_report.ledger import receiving; from sanshi_report.workspace import Workspace;"
        "receiving.append = lambda *_: os._exit(9);"
        "receiving.receive(Workspace(Path(sys.argv[1])), [sys.argv[2]], '2024-06', '甲')"
    )
    killed = subprocess.run([sys.executable, "-c", script, workspace.root, path], check=False)
    assert killed.returncode == 9
    with pytest.raises(DataError, match=r"sanshi receive data/raw/2024-06/a\.csv --period 2024-06"):
        verified(workspace, "2024-06", JULY_3)
    receive(workspace, [path], "2024-06", "甲", now=JULY_3)
    assert [r.name for r in verified(workspace, "2024-06", JULY_3)] == ["2024-06/a.csv"]


def test_many_receiving_at_once_lose_nothing(workspace: Workspace) -> None:
    paths = [outbox(workspace, f"{number}.csv", f"a\n{number}\n") for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda path: receive(workspace, [path], "2024-06", "甲"), paths))
    assert len(lines(workspace)) == 13
    assert len(receipts(workspace)) == 12


def test_a_list_that_another_program_holds_is_waited_for_and_then_told(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "WAIT", 0.05)
    workspace.processed.mkdir()
    with (
        receiving.FileLock(workspace.processed / "receipts.lock"),
        pytest.raises(DataError, match="Another program"),
    ):
        receive(workspace, [outbox(workspace, "a.csv")], "2024-06", "甲")


def test_a_withdrawn_file_counts_no_longer_from_then_on(workspace: Workspace) -> None:
    path = outbox(workspace, "a.csv")
    receive(workspace, [path], "2024-06", "甲", now=NOON[3])
    receive(workspace, [outbox(workspace, "b.csv", "b")], "2024-06", "甲", now=NOON[3])
    withdraw(workspace, "2024-06", "a.csv", "误报\n重复", "经办人", now=NOON[10])

    def counted(day: int) -> list[str]:
        return [r.file for r in effective(workspace, "2024-06", NOON[day])]

    assert counted(2) == []
    assert counted(9) == ["a.csv", "b.csv"]
    assert counted(10) == ["b.csv"]
    number, _, when, *what = lines(workspace)[3]
    assert (number, when) == ("3", "2024-07-10T12:00:00+08:00")
    assert what[:2] == ["2024-06", "a.csv"]
    assert what[3:] == ["经办人", "误报 重复", "1", "", ""]
    assert receipts(workspace)["reason"].tolist()[0] == "误报 重复"
    assert len(lines(workspace)) == 4

    (back,) = receive(workspace, [path], "2024-06", "甲", now=NOON[20])
    assert (back.file, back.is_known) == ("a.csv", False)
    assert counted(15) == ["b.csv"]
    assert counted(20) == ["b.csv", "a.csv"]
    assert files_in(workspace) == ["a.csv", "b.csv"]


def test_a_file_is_withdrawn_under_the_name_that_messages_give_it(workspace: Workspace) -> None:
    receive(workspace, [outbox(workspace, "a.csv")], "2024-06", "甲", now=NOON[3])
    gone = withdraw(workspace, "2024-06", "data/raw/2024-06/a.csv", "填错", "甲", now=NOON[4])
    assert gone.file == "a.csv"
    assert effective(workspace, "2024-06", NOON[5]) == ()


def test_withdrawing_what_does_not_count_names_what_does(workspace: Workspace) -> None:
    receive(workspace, [outbox(workspace, "a.csv")], "2024-06", "甲", now=NOON[3])
    with pytest.raises(DataError, match=r"There are: a\.csv"):
        withdraw(workspace, "2024-06", "b.csv", "误报", "经办人", now=NOON[10])
    with pytest.raises(UsageError):
        withdraw(workspace, "2024-06", "a.csv", " ", "经办人", now=NOON[10])
    withdraw(workspace, "2024-06", "a.csv", "误报", "经办人", now=NOON[10])
    with pytest.raises(DataError, match="There are: —"):
        withdraw(workspace, "2024-06", "a.csv", "误报", "经办人", now=NOON[11])


def test_every_file_is_held_against_its_receipt(workspace: Workspace) -> None:
    for name in ("gone.csv", "changed.csv", "kept.csv"):
        receive(workspace, [outbox(workspace, name, name)], "2024-06", "甲", now=JULY_3)
    folder = workspace.raw / "2024-06"
    (folder / "gone.csv").unlink()
    (folder / "changed.csv").write_text("changed.csv ")
    (folder / "新 file.csv").write_text("a")
    (folder / "sub").mkdir()
    (folder / "sub" / "deep.csv").write_text("a")
    for ignored in (".DS_Store", "~$kept.xlsx", "Thumbs.db"):
        (folder / ignored).write_text("")
    (workspace.raw / "2024-07").mkdir()
    (workspace.raw / "2024-07" / "later.csv").write_text("a")
    with pytest.raises(DataError) as found:
        verified(workspace, "2024-06", JULY_3)
    text = found.value.text("en")
    assert "4 place(s)" in text
    assert "2024-06/gone.csv: a received file is gone" in text
    assert "sanshi withdraw gone.csv --period 2024-06" in text
    assert "2024-06/changed.csv: it is not what was received" in text
    assert "sanshi receive 'data/raw/2024-06/新 file.csv' --period 2024-06 --from" in text
    assert "2024-06/sub/deep.csv: it has no receipt" in text
    assert "later.csv" not in text


def test_a_lost_file_stops_only_reports_that_need_it(workspace: Workspace) -> None:
    receive(workspace, [outbox(workspace, "a.csv", "a")], "2024-06", "甲", now=NOON[3])
    receive(workspace, [outbox(workspace, "b.csv", "b")], "2024-06", "甲", now=NOON[3])
    (workspace.raw / "2024-06" / "a.csv").unlink()
    withdraw(workspace, "2024-06", "a.csv", "原件遗失", "经办人", now=NOON[10])
    assert [r.file for r in verified(workspace, "2024-06", NOON[11])] == ["b.csv"]
    with pytest.raises(DataError, match=r"a\.csv: a received file is gone"):
        verified(workspace, "2024-06", NOON[5])


def test_a_period_for_which_nothing_was_received_says_what_there_is(workspace: Workspace) -> None:
    receive(workspace, [outbox(workspace, "a.csv", "a")], "2024-05", "甲", now=NOON[3])
    receive(workspace, [outbox(workspace, "b.csv", "b")], "2024-06", "甲", now=NOON[3])
    for period in ("2024-07", "2024-Q3", "2024", "2024-04"):
        with pytest.raises(DataError) as found:
            verified(workspace, period, NOON[9])
        assert f"There is no data for {period}" in found.value.text("en")
        assert "2024-05 … 2024-06" in found.value.text("en")
    assert len(verified(workspace, "2024-Q2", NOON[9])) == 2
    assert len(verified(workspace, "2024-05", NOON[9])) == 1
    with pytest.raises(DataError, match="Every file for 2024-06 came after the cutoff, 2024-07-02"):
        verified(workspace, "2024-06", NOON[2])


@pytest.mark.parametrize(
    "line",
    [
        "2,{digest},2024-07-03T18:00:00,2024-06,a.csv,{digest},甲,,,,",
        "2,{digest},yesterday,2024-06,a.csv,{digest},甲,,,,",
        "2,{digest},2024-07-03T18:00:00+08:00,2024-6,a.csv,{digest},甲,,,,",
        "2,{digest},2024-07-03T18:00:00+08:00,2024-06,../a.csv,{digest},甲,,,,",
        "2,{digest},2024-07-03T18:00:00+08:00,2024-06,a.csv,short,甲,,,,",
        "2,{digest},2024-07-03T18:00:00+08:00,2024-06,a.csv,{digest},甲,,,",
        "two,{digest},2024-07-03T18:00:00+08:00,2024-06,a.csv,{digest},甲,,,,",
        "2,{digest},2024-07-03T18:00:00+08:00,2024-06,a.csv,{digest},甲,,one,,",
        "2,{digest},2024-07-03T18:00:00+08:00,2024-06,a.csv,{digest},甲,,,,perhaps",
        "",
    ],
)
def test_a_damaged_list_is_named_with_its_line(workspace: Workspace, line: str) -> None:
    receive(workspace, [outbox(workspace, "a.csv")], "2024-06", "甲", now=JULY_3)
    with (workspace.raw / "receipts.csv").open("a", encoding="utf-8") as file:
        file.write(line.format(digest="0" * 64) + "\n")
    for use in (
        lambda: effective(workspace, "2024-06", JULY_3),
        lambda: receipts(workspace),
        lambda: receive(workspace, [outbox(workspace, "b.csv", "b")], "2024-06", "甲"),
    ):
        with pytest.raises(DataError, match=r"Line 3 of data/raw/receipts\.csv"):
            use()
    assert files_in(workspace) == ["a.csv"]


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\xff\xfe\x00"])
def test_a_list_that_is_none_is_told(workspace: Workspace, content: bytes) -> None:
    (workspace.raw / "receipts.csv").write_bytes(content)
    with pytest.raises(DataError, match=r"receipts\.csv"):
        receipts(workspace)


def test_a_list_saved_by_a_spreadsheet_still_reads(workspace: Workspace) -> None:
    receive(workspace, [outbox(workspace, "a.csv")], "2024-06", "甲", now=JULY_3)
    path = workspace.raw / "receipts.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n").rstrip(b"\r\n"))
    receive(workspace, [outbox(workspace, "b.csv", "b")], "2024-06", "甲", now=JULY_3)
    assert [r.file for r in effective(workspace, "2024-06", JULY_3)] == ["a.csv", "b.csv"]


def test_a_moment_is_now_a_day_or_a_time_of_china() -> None:
    assert moment(None, JULY_3) == JULY_3
    assert moment("2024-07-05", JULY_3) == datetime(2024, 7, 5, 23, 59, 59, tzinfo=CHINA)
    assert moment("2024-07-05T18:00", JULY_3) == datetime(2024, 7, 5, 18, tzinfo=CHINA)
    assert moment("2024-07-05T10:00:00Z", JULY_3) == datetime(2024, 7, 5, 18, tzinfo=CHINA)
    assert abs((moment("now", JULY_3) - datetime.now(CHINA)).total_seconds()) < 5
    for wrong in ("yesterday", "2024-13-01", "2024-7-5", "20240705x"):
        with pytest.raises(UsageError):
            moment(wrong, JULY_3)


def test_receiving_does_not_wait_for_pandas() -> None:
    script = "import sys; from sanshi_report.ledger import receive, verified; print('pandas' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
