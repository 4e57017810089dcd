"""Receiving that is killed, at every step, or meets a full disk: nothing is lost and nothing is left."""

import os
import resource
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from submissions import new_workspace

from sanshi_report.errors import DataError
from sanshi_report.ledger import Receipt, receive, receiving, verified, withdraw
from sanshi_report.ledger.inbox import lists
from sanshi_report.render.place import place
from sanshi_report.workspace import CHINA, Workspace

NOW = datetime(2024, 7, 3, 18, tzinfo=CHINA)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path / "w")
    take(workspace, "first")
    return workspace


def take(workspace: Workspace, *names: str) -> list[Receipt]:
    paths = []
    for name in names:
        paths.append(workspace.root / "outbox" / f"{name}.csv")
        paths[-1].parent.mkdir(exist_ok=True)
        paths[-1].write_text(f"{name}\n1\n", encoding="utf-8")
    return receive(workspace, paths, "2024-06", "甲", now=NOW)


def everything(workspace: Workspace) -> list[str]:
    return sorted(p.relative_to(workspace.raw).as_posix() for p in workspace.raw.rglob("*"))


def killed_at(step: int, workspace: Workspace) -> bool:
    """Receive two files in another process that dies before its step in the file system."""
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event: str, arguments: tuple[object, ...]) -> None:
            about = [str(one) for one in arguments[:2]]
            if event.partition(".")[0] not in ("open", "os", "shutil") or not any(
                "/data/raw" in one for one in about
            ):
                return
            left[0] -= 1
            if left[0] < 0:
                os._exit(9)

        sys.addaudithook(hook)
        take(workspace, "a", "b")
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 9)
    return os.waitstatus_to_exitcode(status) == 9


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_before_any_step_nothing_is_lost_and_the_next_command_clears_up(
    tmp_path: Path,
) -> None:
    steps = taken_in = 0
    while True:
        workspace = new_workspace(tmp_path / str(steps))
        take(workspace, "first")
        if not killed_at(steps, workspace):
            break
        withdraw(workspace, "2024-06", "first.csv", "误报", "经办人", now=NOW)
        held = [receipt.file for receipt in lists(workspace)[0]]
        assert held in (["first.csv"], ["first.csv", "a.csv", "b.csv"]), steps
        files = [f"2024-06/{name}" for name in sorted(held)]
        assert everything(workspace) == ["2024-06", *files, "receipts.csv"], steps
        taken_in += len(held) > 1
        take(workspace, "a", "b")
        counted = [receipt.file for receipt in verified(workspace, "2024-06", NOW)]
        assert counted == ["a.csv", "b.csv"], steps
        steps += 1
    assert steps > 20
    assert 0 < taken_in < steps


def test_what_earlier_versions_left_is_removed(workspace: Workspace) -> None:
    (workspace.raw / "2024-06/.receiving-4711-0.csv").write_text("x")
    (workspace.raw / ".receipts.csv-4711").write_text("x")
    take(workspace, "a")
    assert everything(workspace) == [
        "2024-06", "2024-06/a.csv", "2024-06/first.csv", "receipts.csv",
    ]  # fmt: skip


def test_what_another_process_is_still_receiving_is_left_alone(workspace: Workspace) -> None:
    seen: list[str] = []

    def meanwhile(candidates: object) -> str:
        take(workspace, "other")
        seen.extend(one.copy.read_text() for one in candidates)  # type: ignore[attr-defined]
        return "yes"

    path = workspace.root / "outbox/slow.csv"
    path.write_text("slow\n1\n")
    (slow,) = receive(workspace, [path], "2024-06", "乙", now=NOW, confirm=meanwhile)
    assert seen == ["slow\n1\n"]
    assert (slow.number, slow.accepted) == (3, "yes")
    assert [receipt.file for receipt in lists(workspace)[0]] == [
        "first.csv", "other.csv", "slow.csv",
    ]  # fmt: skip


def test_an_interruption_after_the_list_was_written_takes_nothing_back(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = receiving.append

    def written_then_interrupted(*arguments: object) -> None:
        write(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(receiving, "append", written_then_interrupted)
    with pytest.raises(KeyboardInterrupt):
        take(workspace, "a")
    files = [receipt.file for receipt in verified(workspace, "2024-06", NOW)]
    assert files == ["first.csv", "a.csv"]


def test_a_file_system_without_second_names_serves_too(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", unsupported)
    take(workspace, "a")
    assert everything(workspace) == [
        "2024-06", "2024-06/a.csv", "2024-06/first.csv", "receipts.csv",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "room", "named"), [(5000, 2000, "2024-06/big.csv"), (10, 300, "receipts.csv")]
)
def test_a_full_disk_is_told_with_the_file_that_could_not_be_written(
    workspace: Workspace, size: int, room: int, named: str
) -> None:
    path = workspace.root / "outbox/big.csv"
    path.write_text("x" * size)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(DataError) as refused:
            receive(workspace, [path], "2024-06", "甲", now=NOW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    text = refused.value.text("en")
    assert f"could not be written: {workspace.raw / named} (File too large)" in text
    assert everything(workspace) == ["2024-06", "2024-06/first.csv", "receipts.csv"]


@pytest.mark.parametrize(("mask", "file", "folder"), [(0o077, 0o600, 0o700), (0o027, 0o640, 0o750)])
def test_what_receiving_and_checking_write_follows_the_umask(
    workspace: Workspace, mask: int, file: int, folder: int
) -> None:
    root = workspace.root.with_name("masked")
    path = workspace.root / "outbox/first.csv"
    before = os.umask(mask)
    try:
        masked = new_workspace(root)
        program = "from sanshi_report.cli import main; main()"
        command = [sys.executable, "-c", program]
        at = ["--period", "2024-06", "--root", str(root)]
        receives = [*command, "receive", str(path), "--yes", "--from", "甲", *at]
        subprocess.run(receives, check=True, capture_output=True)
        subprocess.run([*command, "check", "--as-of", "now", *at], check=False, capture_output=True)
        why = ["--reason", "误报", "--by", "甲"]
        subprocess.run([*command, "withdraw", "first.csv", *why, *at], check=True)
    finally:
        os.umask(before)
    modes = {
        path.relative_to(root).as_posix(): path.stat().st_mode & 0o777 for path in root.rglob("*")
    }
    assert {"data/raw/receipts.csv", "data/raw/2024-06/first.csv"} <= modes.keys()
    assert any("processed" in name for name in modes)
    wrong = {
        name: oct(mode)
        for name, mode in modes.items()
        if mode != (folder if (root / name).is_dir() else file)
    }
    assert wrong == {}
    assert masked.raw.exists()


def test_a_rendered_document_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        place(b"whole", tmp_path / "bulletin.pdf")
    finally:
        os.umask(before)
    assert (tmp_path / "bulletin.pdf").stat().st_mode & 0o777 == 0o640
    assert [path.name for path in tmp_path.iterdir()] == ["bulletin.pdf"]
