import hashlib
import os
import random
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
import xlsxwriter
from submissions import invested, new_workspace, project, submit

from sanshi_report import child, intake
from sanshi_report.ledger import keeping, load, receive, sources, withdraw
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    submit(
        workspace, "2024-06", "2024-07-02",
        projects=[project("X1", "新建", scope="第一行\n第二行"), project("H1")],
        progress=[invested("H1", "2024-06", "0.1", physical_pct=45.5, started_on="2024-06-01")],
        inputs=[
            {"project_id": "H1", "month": "2024-06", "input": "地", "unit": "亩", "needed": "1.10",
             "secured": "0.123456789012345678"},
        ],
    )  # fmt: skip
    return workspace


def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files read from now on."""
    seen: list[str] = []
    read = intake.read

    def noted(path: Path, programme: object, *, name: str, progress: object) -> object:
        seen.append(name)
        return read(path, programme, name=name, progress=progress)  # type: ignore[arg-type]

    monkeypatch.setattr(intake, "read", noted)
    return seen


def entry(workspace: Workspace) -> Path:
    (found,) = (workspace.processed / "tables").iterdir()
    return found


def test_a_file_is_read_once_and_kept_exactly(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = reads(monkeypatch)
    first, second = load(workspace, "2024-06"), load(workspace, "2024-06")
    assert seen == ["2024-06/示例甲局.xlsx"]
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(first, table), getattr(second, table))
    assert str(second.inputs.loc[0, "secured"]) == "0.123456789012345678"
    assert second.projects.loc[0, "scope"] == "第一行\n第二行"


@pytest.mark.parametrize(
    "damage",
    [
        lambda kept: kept.write_bytes(kept.read_bytes()[:-10]),
        lambda kept: kept.write_bytes(kept.read_bytes() + b"x"),
        lambda kept: kept.write_bytes(b""),
        lambda kept: kept.write_bytes(b"PAR1 nonsense PAR1"),
        lambda kept: kept.unlink(),
        lambda kept: kept.write_bytes(hashlib.sha256(kept.read_bytes()[32:]).digest() + kept.read_bytes()[32:]),
    ],
    ids=["cut", "longer", "empty", "garbage", "gone", "without its name"],
)  # fmt: skip
def test_a_damaged_entry_is_read_again_from_the_file_and_made_good(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, damage: Callable[[Path], object]
) -> None:
    load(workspace, "2024-06")
    whole = entry(workspace).read_bytes()
    damage(entry(workspace))
    seen = reads(monkeypatch)
    assert len(load(workspace, "2024-06").progress) == 1
    assert len(load(workspace, "2024-06").progress) == 1
    assert seen == ["2024-06/示例甲局.xlsx"]
    assert entry(workspace).read_bytes() == whole


def test_the_entry_of_another_file_under_this_ones_name_is_not_taken(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(workspace, "2024-06", "2024-07-03", "乙.xlsx", progress=[invested("H1", "2024-06", "9")])
    expected = load(workspace, "2024-06")
    one, other = sorted((workspace.processed / "tables").iterdir())
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)
    seen = reads(monkeypatch)
    found = load(workspace, "2024-06")
    assert seen == ["2024-06/示例甲局.xlsx", "2024-06/乙.xlsx"]
    for table in TABLES:
        pd.testing.assert_frame_equal(getattr(found, table), getattr(expected, table))


def test_an_entry_of_other_code_is_not_taken(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "_code", lambda: "the version before")
    load(workspace, "2024-06")
    old = entry(workspace).read_bytes()
    monkeypatch.undo()
    seen = reads(monkeypatch)
    load(workspace, "2024-06")
    assert seen == ["2024-06/示例甲局.xlsx"]
    both = (workspace.processed / "tables").iterdir()
    (current,) = [file for file in both if file.read_bytes() != old]
    # The old one, brought under the new one's name, is no more taken.
    current.write_bytes(old)
    load(workspace, "2024-06")
    assert len(seen) == 2


def test_a_file_exchanged_while_it_is_read_is_not_kept(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = intake.read

    def exchanged(path: Path, *given: object, **named: object) -> object:
        found = read(path, *given, **named)  # type: ignore[arg-type]
        path.write_bytes(path.read_bytes() + b"\0")
        return found

    monkeypatch.setattr(intake, "read", exchanged)
    load(workspace, "2024-06")
    assert not (workspace.processed / "tables").exists()


def test_no_flipped_bit_gives_other_data_or_an_error(workspace: Workspace) -> None:
    load(workspace, "2024-06")
    kept = entry(workspace)
    whole = kept.read_bytes()
    chance = random.Random(2024)
    taken = 0
    for _ in range(3000):
        damaged = bytearray(whole)
        damaged[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        kept.write_bytes(damaged)
        taken += sources._load(kept) is not None
    assert taken == 0
    kept.write_bytes(whole)
    assert sources._load(kept) is not None


def test_changed_lists_make_a_file_be_read_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(workspace, "2024-06")
    path = workspace.parameter_folder / "2024.yaml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("环境容量", "环境指标"), encoding="utf-8"
    )
    seen = reads(monkeypatch)
    load(workspace, "2024-06")
    assert seen == ["2024-06/示例甲局.xlsx"]


def test_a_folder_that_cannot_be_written_only_costs_time(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace.processed / "tables").write_text("in the way")
    seen = reads(monkeypatch)
    assert len(load(workspace, "2024-06").progress) == 1
    assert len(load(workspace, "2024-06").progress) == 1
    assert len(seen) == 2


def test_a_faulty_file_is_not_kept(workspace: Workspace) -> None:
    submit(workspace, "2024-06", "2024-07-03", progress=[invested("H1", "2024-06", "x")])
    for _ in range(2):
        with pytest.raises(intake.FaultsFound):
            load(workspace, "2024-06")
    assert len(list((workspace.processed / "tables").iterdir())) == 1


def test_what_was_ignored_in_a_file_is_remembered(workspace: Workspace) -> None:
    path = workspace.root / "outbox" / "更多.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("随手记").write(0, 0, "x")
        sheet = book.add_worksheet("月度进展")
        sheet.write_row(0, 0, ["项目编号", "月份", "本月完成投资", "联系电话"])
        sheet.write_row(1, 0, ["H1", "2024-06", 0.1, "1"])
    at = load(workspace, "2024-06").as_of.replace(day=4)
    receive(workspace, [path], "2024-06", "甲", now=at)
    first, second = load(workspace, "2024-06").warnings, load(workspace, "2024-06").warnings
    assert [(w.sheet, w.rule) for w in first if w.file.endswith("更多.xlsx")] == [
        ("随手记", "sheet_ignored"),
        ("月度进展", "unit_assumed"),
        ("月度进展", "columns_ignored"),
    ]
    assert list(map(astuple, first)) == list(map(astuple, second))
    assert [w.text("zh") for w in first] == [w.text("zh") for w in second]


def rows(root: Path) -> int:
    return len(load(Workspace(root), "2024-06").progress)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes")
def test_many_reading_at_once_all_get_the_tables(workspace: Workspace) -> None:
    with ProcessPoolExecutor(3) as pool:
        assert list(pool.map(rows, [workspace.root] * 6)) == [1] * 6
    assert [path.name for path in (workspace.processed / "tables").glob(".*")] == []


def test_files_are_told_as_they_are_read(workspace: Workspace) -> None:
    told: list[tuple[str, float]] = []
    load(workspace, "2024-06", progress=lambda name, done: told.append((name, done)))
    assert {name for name, _ in told} == {"2024-06/示例甲局.xlsx"}
    assert told[-1][1] == 1


@pytest.fixture
def starts(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """An entry for each time that a child is started ahead."""
    seen: list[bool] = []
    monkeypatch.setattr(child, "start", lambda: seen.append(True))
    return seen


def test_the_reader_is_started_ahead_only_if_a_file_must_be_read(
    workspace: Workspace, starts: list[bool]
) -> None:
    keeping.read_ahead(workspace, "2024-06")
    assert starts == [True]
    load(workspace, "2024-06")
    keeping.read_ahead(workspace, "2024-06")
    assert starts == [True]
    submit(workspace, "2024-06", "2024-07-03", "乙.xlsx", progress=[invested("H1", "2024-06", "9")])
    keeping.read_ahead(workspace, "2024-06")
    assert starts == [True, True]


@pytest.mark.parametrize("period", ["2024-13", None, "2031-06"])
def test_what_is_wrong_is_left_to_whoever_reads(
    workspace: Workspace, starts: list[bool], period: str | None
) -> None:
    keeping.read_ahead(workspace, period)
    assert starts == []


def test_deciding_whether_to_start_it_waits_for_no_large_library(workspace: Workspace) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from sanshi_report.ledger.keeping import read_ahead\n"
        "from sanshi_report.workspace import Workspace\n"
        "read_ahead(Workspace(Path(sys.argv[1])), '2024-06')\n"
        "sys.exit(', '.join({'pandas', 'numpy', 'pyarrow'} & set(sys.modules)) or 0)\n"
    )
    command = [sys.executable, "-c", program, str(workspace.root)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_withdrawn_file_is_read_once_to_count_its_faults(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    faulty = [invested("H1", "2024-06", "x"), invested("H1", "2024-05", "y")]
    submit(workspace, "2024-06", "2024-07-03", "乙.xlsx", progress=faulty)
    at = load_time(workspace, day=4)
    withdraw(workspace, "2024-06", "乙.xlsx", "退回", "经办人", now=at)
    counted = [load(workspace, "2024-06").returned.loc[0, "faults"]]
    monkeypatch.setattr(intake, "read", lambda *_, **__: pytest.fail("read again"))
    counted.append(load(workspace, "2024-06").returned.loc[0, "faults"])
    assert counted == [2, 2]


def load_time(workspace: Workspace, day: int) -> datetime:
    return workspace.cutoff(ReportPeriod.parse("2024-06")).replace(day=day)
