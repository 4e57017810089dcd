"""What `receive` reads back before it signs: amounts with their units, changes, doubts; and what it asks."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from intake_workbooks import xlsx
from submissions import invested, new_workspace, project, submit

from sanshi_report import cli
from sanshi_report.ledger.inbox import lists
from sanshi_report.ledger.readback import counting, read_back, read_back_again
from sanshi_report.workspace import Workspace

HEAD = ["项目编号", "月份", "本月完成投资（亿元）"]
BARE = ["项目编号", "月份", "本月完成投资"]


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A continuing project of 10.00 that invested 0.20, 0.30 and 0.25 from January to March."""
    workspace = new_workspace(tmp_path / "ws")
    months = [("2024-01", "0.20"), ("2024-02", "0.30"), ("2024-03", "0.25")]
    submit(
        workspace, "2024-03", "2024-04-03",
        projects=[project("H1"), project("X1", "新建")],
        progress=[invested("H1", month, amount, workers=30) for month, amount in months],
    )  # fmt: skip
    return workspace


def sent(folder: Path, *rows: Any, name: str = "月度进展") -> Path:
    return xlsx(folder / "四月.xlsx", {name: rows})


def received(workspace: Workspace) -> int:
    return len(lists(workspace)[0])


def receive(workspace: Workspace, path: Path, *options: str) -> int:
    given = ["--period", "2024-04", "--from", "示例甲局", "--root", str(workspace.root)]
    return cli.run(["receive", str(path), *given, *options])


def read(workspace: Workspace, path: Path) -> Any:
    return read_back(workspace, path, "2024-04", counting(workspace))


def at_a_terminal(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    typed = io.StringIO(answer)
    monkeypatch.setattr(typed, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stdin", typed)


def test_an_amount_is_read_back_in_the_unit_of_its_sheet(
    workspace: Workspace, tmp_path: Path
) -> None:
    found = read(
        workspace, sent(tmp_path, [*HEAD[:2], "本月完成投资（万元）"], ["H1", "2024-04", 2500])
    )
    [row] = found.amounts.to_dict("records")
    assert (row["key"], row["column"], row["amount"], row["unit"], row["assumed"]) == (
        "H1 2024-04", "本月完成投资", 2500, "万元", False,
    )  # fmt: skip
    assert not found.doubtful


def test_an_assumed_unit_is_refused_without_a_yes_and_nothing_is_changed(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    list_before = (workspace.raw / "receipts.csv").read_bytes()
    path = sent(tmp_path, BARE, ["H1", "2024-04", 0.25])
    assert receive(workspace, path) == 2
    shown = capsys.readouterr()
    assert "0.25 亿元" in shown.out
    assert "单位未注明，按亿元" in shown.out
    assert "--yes" in shown.err
    assert (workspace.raw / "receipts.csv").read_bytes() == list_before
    assert not (workspace.raw / "2024-04").exists()


def test_a_yes_beforehand_is_recorded(workspace: Workspace, tmp_path: Path) -> None:
    assert receive(workspace, sent(tmp_path, BARE, ["H1", "2024-04", 0.25]), "--yes") == 0
    assert lists(workspace)[0][-1].accepted == "yes"


def test_a_yes_at_the_terminal_is_recorded(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_a_terminal(monkeypatch, "y\n")
    assert receive(workspace, sent(tmp_path, BARE, ["H1", "2024-04", 0.25])) == 0
    assert lists(workspace)[0][-1].accepted == "asked"


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_anything_but_a_yes_receives_nothing(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    at_a_terminal(monkeypatch, answer)
    assert receive(workspace, sent(tmp_path, BARE, ["H1", "2024-04", 0.25])) == 2
    assert received(workspace) == 1


def test_a_clear_file_is_received_without_a_question(workspace: Workspace, tmp_path: Path) -> None:
    assert receive(workspace, sent(tmp_path, HEAD, ["H1", "2024-04", 0.25])) == 0
    assert lists(workspace)[0][-1].accepted == ""


@pytest.mark.parametrize(
    ("amount", "usual"),
    [
        (1.5, None),  # five times 0.30, its highest month
        (1.51, "0.0400–1.5000"),
        (0.04, None),  # a fifth of 0.20, its lowest
        (0.039, "0.0400–1.5000"),
        (2500, "0.0400–1.5000"),
    ],
)
def test_a_month_that_leaves_its_projects_range_needs_a_yes(
    workspace: Workspace, tmp_path: Path, amount: float, usual: str | None
) -> None:
    found = read(workspace, sent(tmp_path, HEAD, ["H1", "2024-04", amount]))
    assert found.amounts["usual"].dropna().tolist() == ([usual] if usual else [])
    assert found.doubtful == bool(usual)


def test_a_month_beyond_the_total_needs_a_yes_though_no_other_month_is_known(
    workspace: Workspace, tmp_path: Path
) -> None:
    found = read(workspace, sent(tmp_path, HEAD, ["X1", "2024-04", 10.01]))
    assert found.amounts["usual"].tolist() == ["0.0000–10.0000"]


def test_what_changes_is_read_back_cell_by_cell(workspace: Workspace, tmp_path: Path) -> None:
    path = sent(
        tmp_path, [*HEAD, "在场人数"], ["H1", "2024-03", 0.26, None], ["H1", "2024-04", 0.2, 5]
    )
    changes = read(workspace, path).changes[["table", "key", "column", "old", "new"]]
    changes = changes.fillna("")
    assert changes.iloc[:2].to_numpy().tolist() == [
        ["progress", "H1 2024-03", "invested", "0.25", "0.26"],
        ["progress", "H1 2024-03", "workers", "30", ""],
    ]
    assert changes.iloc[2, :4].tolist() == ["progress", "H1 2024-04", "", ""]


def test_faults_are_read_back_and_need_a_yes(
    workspace: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert receive(workspace, sent(tmp_path, HEAD, ["H1", "2024-04", "1.75①"])) == 2
    assert "1.75①" in capsys.readouterr().out


def test_a_receipt_shows_again_what_was_new_when_it_came(
    workspace: Workspace, tmp_path: Path
) -> None:
    assert receive(workspace, sent(tmp_path, HEAD, ["H1", "2024-03", 0.4])) == 0
    submit(
        workspace, "2024-04", "2030-01-01", "后来.xlsx", progress=[invested("H1", "2024-03", "0.5")]
    )  # fmt: skip
    receipt, found = read_back_again(workspace, 2)
    assert receipt.number == 2
    row = found.changes.iloc[0]
    assert (row["old"], row["new"]) == ("0.25", "0.4")
    assert cli.run(["receipts", "--show", "2", "--root", str(workspace.root)]) == 0
    assert cli.run(["receipts", "--show", "9", "--root", str(workspace.root)]) == 1


def test_a_csv_is_read_back_by_its_own_name(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "progress.csv"
    path.write_text("项目编号,月份,本月完成投资（亿元）\nH1,2024-04,0.25\n", encoding="utf-8")
    assert receive(workspace, path) == 0
    assert received(workspace) == 2
