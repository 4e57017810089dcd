"""The chain of receipts: what was tampered with is told by line, and the order is that of the numbers."""

import hashlib
import itertools
import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report import cli
from sanshi_report.errors import DataError
from sanshi_report.ledger import effective, load, receive, receiving, verified, withdraw
from sanshi_report.ledger.inbox import lists
from sanshi_report.workspace import CHINA, Workspace

AT = {hour: datetime(2024, 7, 3, hour, tzinfo=CHINA) for hour in range(24)}
LATE = datetime(2024, 8, 1, tzinfo=CHINA)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Five lines: a, b, c and d received at 9, 10, 11 and 13 o'clock; a withdrawn at 12."""
    workspace = new_workspace(tmp_path / "w")
    for hour, name in ((9, "a"), (10, "b"), (11, "c")):
        take(workspace, name, hour)
    withdraw(workspace, "2024-06", "a.csv", "误报", "经办人", now=AT[12])
    take(workspace, "d", 13)
    return workspace


def take(workspace: Workspace, name: str, hour: int, content: str = "", **options: object) -> None:
    path = workspace.root / "outbox" / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(content or f"{name}\n1\n", encoding="utf-8")
    receive(workspace, [path], "2024-06", "甲", now=AT[hour], **options)  # type: ignore[arg-type]


def counting(workspace: Workspace) -> list[str]:
    return [receipt.file for receipt in effective(workspace, "2024-06", LATE)]


def listed(workspace: Workspace) -> list[bytes]:
    return (workspace.raw / "receipts.csv").read_bytes().splitlines()


def put(workspace: Workspace, lines: list[bytes]) -> None:
    (workspace.raw / "receipts.csv").write_bytes(b"\n".join(lines) + b"\n")


def chained(lines: list[bytes]) -> list[bytes]:
    """Number lines and give them their digests, as somebody would who knows how."""
    made = lines[:1]
    for number, line in enumerate(lines[1:], 1):
        rest = line.split(b",", 2)[2]
        above = hashlib.sha256(made[-1]).hexdigest().encode()
        made.append(b"%d,%s,%s" % (number, above, rest))
    return made


def keep_head(workspace: Workspace, period: str, number: int) -> None:
    """Write as much of a manifest as says how far the list had come."""
    digest = hashlib.sha256(listed(workspace)[number]).hexdigest()
    folder = workspace.output / period
    folder.mkdir(parents=True)
    content = {"receipts": {"number": number, "sha256": digest}}
    (folder / "manifest.json").write_text(json.dumps(content))


def told(workspace: Workspace) -> str:
    with pytest.raises(DataError) as found:
        verified(workspace, "2024-06", LATE)
    return found.value.text("en")


def test_each_line_holds_the_digest_of_the_one_above(workspace: Workspace) -> None:
    lines = listed(workspace)
    assert [line.split(b",")[0] for line in lines] == [b"number", b"1", b"2", b"3", b"4", b"5"]
    for above, line in itertools.pairwise(lines):
        assert line.split(b",")[1].decode() == hashlib.sha256(above).hexdigest()
    assert counting(workspace) == ["b.csv", "c.csv", "d.csv"]


# Tampering


def test_a_file_edited_with_its_digest_is_told_by_its_line(workspace: Workspace) -> None:
    file = workspace.raw / "2024-06/b.csv"
    old = hashlib.sha256(file.read_bytes()).hexdigest().encode()
    file.write_text("b\n2\n")
    new = hashlib.sha256(file.read_bytes()).hexdigest().encode()
    put(workspace, [line.replace(old, new) for line in listed(workspace)])
    text = told(workspace)
    assert "1 problem(s)" in text
    assert "Line 3 of data/raw/receipts.csv (2024-06/b.csv) was changed" in text


def test_a_line_deleted_with_its_file_is_told_by_the_line_after(workspace: Workspace) -> None:
    (workspace.raw / "2024-06/b.csv").unlink()
    lines = listed(workspace)
    put(workspace, lines[:2] + lines[3:])
    text = told(workspace)
    assert "1 problem(s)" in text
    assert "Line 3 of data/raw/receipts.csv has the number 3 where 2 is due: lines are miss" in text


def test_a_backdated_line_is_told(workspace: Workspace) -> None:
    put(workspace, [line.replace(b"03T11:00", b"01T11:00") for line in listed(workspace)])
    text = told(workspace)
    assert "Line 4 of data/raw/receipts.csv (2024-06/c.csv) was changed" in text
    assert "Line 4 of data/raw/receipts.csv has the time 2024-07-01T11:00:00+08:00" in text


def test_swapped_lines_are_told(workspace: Workspace) -> None:
    lines = listed(workspace)
    put(workspace, [*lines[:2], lines[3], lines[2], *lines[4:]])
    text = told(workspace)
    assert (
        "Line 3 of data/raw/receipts.csv has the number 3 where 2 is due, which stands els" in text
    )


def test_swapped_lines_with_their_numbers_swapped_back_are_told(workspace: Workspace) -> None:
    lines = listed(workspace)
    two, three = (b"2," + lines[3].split(b",", 1)[1], b"3," + lines[2].split(b",", 1)[1])
    put(workspace, [*lines[:2], two, three, *lines[4:]])
    assert "Line 2 of data/raw/receipts.csv (2024-06/a.csv) was changed, or lines" in told(
        workspace
    )


def test_an_inserted_line_is_told(workspace: Workspace) -> None:
    lines = listed(workspace)
    fake = lines[2].replace(b"b.csv", b"e.csv")
    put(workspace, [*lines[:3], fake, *lines[3:]])
    text = told(workspace)
    assert "Line 4 of data/raw/receipts.csv has the number 2, which stands above already" in text


def test_a_withdrawal_taken_out_is_told(workspace: Workspace) -> None:
    lines = listed(workspace)
    put(workspace, [*lines[:4], *lines[5:]])
    assert "Line 5 of data/raw/receipts.csv has the number 5 where 4 is due" in told(workspace)


def test_a_withdrawal_turned_on_another_file_is_told(workspace: Workspace) -> None:
    put(workspace, chained([line.replace(b",1,,", b",2,,") for line in listed(workspace)]))
    text = told(workspace)
    assert "Line 5 of data/raw/receipts.csv withdraws number 2, which is no receipt of" in text


def test_a_tail_cut_off_is_told_by_the_manifest_that_knew_it(workspace: Workspace) -> None:
    keep_head(workspace, "2024-06", 5)
    put(workspace, listed(workspace)[:-1])
    (workspace.raw / "2024-06/d.csv").unlink()
    text = told(workspace)
    assert "1 problem(s)" in text
    assert "cut off from line 6 on: output/2024-06/manifest.json says that it had come to" in text


def test_a_list_that_is_gone_is_told_by_the_manifest_that_knew_it(workspace: Workspace) -> None:
    keep_head(workspace, "2024-06", 5)
    (workspace.raw / "receipts.csv").unlink()
    assert "cut off from line 2 on" in told(workspace)


def test_a_chain_written_anew_is_told_with_the_lines_among_which_to_look(
    workspace: Workspace,
) -> None:
    keep_head(workspace, "2024-05", 2)
    keep_head(workspace, "2024-06", 4)
    put(workspace, chained([line.replace(b"c.csv", b"x.csv") for line in listed(workspace)]))
    (workspace.raw / "2024-06/c.csv").rename(workspace.raw / "2024-06/x.csv")
    text = told(workspace)
    assert "1 problem(s)" in text
    assert "Among lines 4 to 5 of data/raw/receipts.csv something was rewritten" in text
    assert "output/2024-06/manifest.json" in text


def test_what_was_received_after_a_manifest_contradicts_it_in_nothing(workspace: Workspace) -> None:
    keep_head(workspace, "2024-06", 4)
    (workspace.output / "2024-05").mkdir()
    (workspace.output / "2024-05/manifest.json").write_text('{"edition": 1}')
    assert [receipt.number for receipt in verified(workspace, "2024-06", LATE)] == [2, 3, 5]


def test_nothing_is_received_or_withdrawn_into_a_broken_chain(workspace: Workspace) -> None:
    lines = listed(workspace)
    put(workspace, lines[:2] + lines[3:])
    broken = (workspace.raw / "receipts.csv").read_bytes()
    with pytest.raises(DataError, match="lines are missing"):
        take(workspace, "e", 14)
    with pytest.raises(DataError, match="lines are missing"):
        withdraw(workspace, "2024-06", "c.csv", "误报", "经办人", now=AT[14])
    assert (workspace.raw / "receipts.csv").read_bytes() == broken
    assert not (workspace.raw / "2024-06/e.csv").exists()


@pytest.mark.parametrize("command", ["check", "build", "receipts", "diff", "verify"])
def test_every_command_fails_on_a_broken_chain(
    workspace: Workspace, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    release = {"path": "a", "sha256": "0" * 64, "seconds": 0}
    entry = dict.fromkeys(("name", "report", "about", "subject", "key", "formats"), "a")
    report = entry | {"language": "zh"}
    about = {
        "outputs": [release], "reports": [report], "data_key": "", "as_of": "2024-07-05",
        "edition": 1, "supersedes": [], "inputs": [], "renderer": {"name": "builtin"},
    }  # fmt: skip
    (workspace.output / "2024-06").mkdir(parents=True)
    (workspace.output / "2024-06/manifest.json").write_text(json.dumps(about))
    workspace.notebooks.mkdir()
    lines = listed(workspace)
    put(workspace, lines[:2] + lines[3:])
    assert cli.run([command, "--period", "2024-06", "--root", str(workspace.root)]) == 1
    assert "Line 3 of data/raw/receipts.csv has the number 3" in capsys.readouterr().err


# Order


def test_a_file_withdrawn_and_received_again_within_one_second_counts(workspace: Workspace) -> None:
    withdraw(workspace, "2024-06", "b.csv", "误报", "经办人", now=AT[13])
    take(workspace, "b", 13)
    assert counting(workspace) == ["c.csv", "d.csv", "b.csv"]
    withdraw(workspace, "2024-06", "b.csv", "又误报", "经办人", now=AT[13])
    assert counting(workspace) == ["c.csv", "d.csv"]


def test_a_clock_set_back_is_refused_with_the_way_out(workspace: Workspace) -> None:
    with pytest.raises(DataError) as refused:
        take(workspace, "e", 12)
    text = refused.value.text("en")
    assert "2024-07-03T12:00:00+08:00, before that of the last entry (number 5), 2024-07" in text
    assert "--earlier REASON" in text
    with pytest.raises(DataError, match="--earlier"):
        withdraw(workspace, "2024-06", "b.csv", "误报", "经办人", now=AT[12])
    assert not (workspace.raw / "2024-06/e.csv").exists()
    assert len(listed(workspace)) == 6


def test_an_earlier_time_with_a_reason_is_recorded_and_comes_last_in_order(
    workspace: Workspace,
) -> None:
    take(workspace, "e", 8, earlier="时钟曾快\n五小时")
    take(workspace, "f", 9, earlier="用不着的原因")
    held, _ = lists(workspace)
    assert [(r.file, r.number, r.earlier) for r in held[-2:]] == [
        ("e.csv", 6, "时钟曾快 五小时"),
        ("f.csv", 7, ""),
    ]
    assert counting(workspace) == ["b.csv", "c.csv", "d.csv", "e.csv", "f.csv"]
    assert [r.file for r in effective(workspace, "2024-06", AT[8])] == ["e.csv"]


def test_the_later_number_wins_whatever_the_clock_said(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    submit(workspace, "2024-06", "2024-07-03T09:00", projects=[project("X1", "新建"), project("H1")],
           progress=[invested("H1", "2024-06", "0.1")])  # fmt: skip
    submit(workspace, "2024-06", "2024-07-04T09:00", progress=[invested("H1", "2024-06", "0.2")])
    submit(workspace, "2024-06", "2024-07-03T10:00", earlier="时钟曾快一天",
           progress=[invested("H1", "2024-06", "0.3")])  # fmt: skip
    ledger = load(workspace, "2024-06")
    assert ledger.progress["invested"].tolist() == [3_000_000_000]
    steps = ledger.revisions[["old", "new"]].to_numpy().tolist()
    assert steps == [["0.1", "0.2"], ["0.2", "0.3"]]


def test_a_correction_stays_with_its_version_whatever_the_clock_said(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path)
    submit(workspace, "2024-06", "2024-07-04T09:00", projects=[project("X1", "新建"), project("H1")],
           progress=[invested("H1", "2024-06", "0.1")])  # fmt: skip
    submit(workspace, "2024-06", "2024-07-03T10:00", earlier="时钟曾快一天",
           progress=[invested("H1", "2024-06", "0.3")])  # fmt: skip
    (workspace.raw / "corrections.yaml").write_text(
        "- {who: 李四, when: 2024-07-04T20:00, why: 核查, table: progress, column: invested,\n"
        "   key: {project_id: H1, month: 2024-06}, expected: 0.3, value: 0.4}\n",
        encoding="utf-8",
    )
    assert load(workspace, "2024-06").progress["invested"].tolist() == [4_000_000_000]


def test_how_taking_files_in_was_confirmed_is_recorded(workspace: Workspace) -> None:
    shown: list[str] = []

    def asked(candidates: object) -> str:
        with receiving.FileLock(workspace.processed / "receipts.lock", timeout=0):
            shown.extend(one.name for one in candidates)  # type: ignore[attr-defined]
        return "asked"

    take(workspace, "e", 14, confirm=asked)
    assert shown == ["e.csv"]
    assert listed(workspace)[-1].endswith(b",asked")
    assert lists(workspace)[0][-1].accepted == "asked"


def test_what_is_not_confirmed_is_not_received(workspace: Workspace) -> None:
    def refused(_: object) -> str:
        raise DataError("receipts_old")

    with pytest.raises(DataError):
        take(workspace, "e", 14, confirm=refused)
    assert len(listed(workspace)) == 6
    assert sorted(path.name for path in workspace.raw.iterdir()) == ["2024-06", "receipts.csv"]


# The old form


OLD = """received_at,period,file,sha256,submitted_by,note
2024-07-03T09:00:00+08:00,2024-06,a.csv,{a},甲,
2024-07-03T09:00:00+08:00,2024-06,b.csv,{b},甲,"补,报"
2024-07-03T09:00:00+08:00,2024-06,a.csv,{a},甲,再报
"""
OLD_WITHDRAWN = """withdrawn_at,period,file,sha256,withdrawn_by,reason
2024-07-03T09:00:00+08:00,2024-06,a.csv,{a},经办人,误报
"""


@pytest.fixture
def old(tmp_path: Path) -> Workspace:
    """a and b received, a withdrawn and received again, all within one second."""
    workspace = new_workspace(tmp_path / "old")
    folder = workspace.raw / "2024-06"
    folder.mkdir()
    for name in ("a", "b"):
        (folder / f"{name}.csv").write_text(f"{name}\n1\n", encoding="utf-8")
    write_old(workspace, "receipts.csv", OLD)
    write_old(workspace, "withdrawals.csv", OLD_WITHDRAWN)
    return workspace


def write_old(workspace: Workspace, name: str, text: str) -> None:
    digests = {n: hashlib.sha256(f"{n}\n1\n".encode()).hexdigest() for n in ("a", "b")}
    (workspace.raw / name).write_text(text.format(**digests), encoding="utf-8")


def migrate(workspace: Workspace) -> int:
    return cli.run(["receipts", "--migrate", "--root", str(workspace.root)])


@pytest.mark.parametrize(
    "command",
    ["check", "build", "receipts", "template", "withdraw a.csv --reason x --by y", "doctor"],
)
def test_every_command_says_in_one_line_how_to_migrate(
    old: Workspace, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    old.output.mkdir()
    where = [] if command == "doctor" else ["--period", "2024-06"]
    assert cli.run([*command.split(), *where, "--root", str(old.root)]) == 1
    found = capsys.readouterr()
    assert "Run once: sanshi receipts --migrate" in found.out + found.err


def test_old_lists_become_one_chain_in_the_order_of_their_times(
    old: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert migrate(old) == 0
    held, gone = lists(old)
    assert [(r.number, r.file, r.note) for r in held] == [
        (1, "a.csv", ""), (2, "b.csv", "补,报"), (4, "a.csv", "再报"),
    ]  # fmt: skip
    assert [(w.number, w.withdraws, w.withdrawn_by) for w in gone] == [(3, 1, "经办人")]
    assert counting(old) == ["b.csv", "a.csv"]
    assert not (old.raw / "withdrawals.csv").exists()
    made = (old.raw / "receipts.csv").read_bytes()
    assert migrate(old) == 0
    assert (old.raw / "receipts.csv").read_bytes() == made
    assert "nothing was changed: 4" in capsys.readouterr().out


def test_a_migration_killed_between_its_two_files_is_finished_by_the_next(old: Workspace) -> None:
    withdrawn = (old.raw / "withdrawals.csv").read_bytes()
    migrate(old)
    made = (old.raw / "receipts.csv").read_bytes()
    (old.raw / "withdrawals.csv").write_bytes(withdrawn)
    with pytest.raises(DataError, match="--migrate"):
        lists(old)
    assert migrate(old) == 0
    assert not (old.raw / "withdrawals.csv").exists()
    assert (old.raw / "receipts.csv").read_bytes() == made


def test_an_old_withdrawal_of_nothing_stops_the_migration(
    old: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    write_old(old, "withdrawals.csv", OLD_WITHDRAWN.replace("a.csv", "z.csv"))
    before = (old.raw / "receipts.csv").read_bytes()
    assert migrate(old) == 1
    assert "Line 2 of data/raw/withdrawals.csv withdraws what no receipt" in capsys.readouterr().err
    assert (old.raw / "receipts.csv").read_bytes() == before


def test_a_file_recorded_with_a_clock_set_back_is_named_when_migrated(
    old: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    write_old(
        old,
        "receipts.csv",
        OLD.replace("03T09:00:00+08:00,2024-06,b", "02T09:00:00+08:00,2024-06,b"),
    )
    assert migrate(old) == 0
    assert [r.file for r in lists(old)[0]] == ["b.csv", "a.csv", "a.csv"]
    assert re.search(r"2024-06/b\.csv was recorded after a later entry", capsys.readouterr().err)
