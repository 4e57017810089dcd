"""What has changed since a release: told to the cell, and nothing published touched."""

import csv
import json
import shutil
from decimal import Decimal

import pytest
import yaml
from builds import Copier, NoKernels, outcome, write_data
from workspaces import make_workspace

from sanshi_report import cli
from sanshi_report.build import build, diff, release
from sanshi_report.build.differences import Difference
from sanshi_report.errors import BuildError
from sanshi_report.workspace import Workspace

LATE = "2024-06/示例丙县补报.xlsx#月度进展!3"
CORRECTION = {
    "who": "示例办", "when": "2024-08-01", "why": "笔误", "table": "progress",
    "key": {"project_id": "H05", "month": "2024-05"}, "column": "invested", "value": "0.9",
}  # fmt: skip


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("diff") / "ws")


@pytest.fixture
def workspace(template, tmp_path, monkeypatch):
    """A workspace whose release of June was made at its cutoff."""
    shutil.copytree(template, tmp_path / "ws")
    monkeypatch.setattr(release, "choose", lambda *_: Copier())
    monkeypatch.setattr(release, "Kernels", NoKernels)
    monkeypatch.setattr(release, "write_data", write_data)

    def execute(notebook, target, parameters, kernels):
        run = outcome("总投资见附表")
        target.write_text(json.dumps(run), encoding="utf-8")
        return run

    monkeypatch.setattr(release, "execute", execute)
    workspace = Workspace(tmp_path / "ws")
    build(workspace, "2024-06")
    return workspace


def contents(folder):
    return {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_what_came_in_later_is_told_to_the_cell_with_its_file(workspace):
    before = contents(workspace.output)
    changes = diff(workspace, "2024-06", "2024-12-31")
    assert changes.published.isoformat() == "2024-07-05T23:59:59+08:00"
    assert changes.known.isoformat() == "2024-12-31T23:59:59+08:00"
    assert [(why["what"], why["file"]) for why in changes.reasons] == [
        ("received", "2024-06/示例丙县补报.xlsx")
    ]
    assert changes.ledger == (
        Difference("progress", "H07 2024-06", "invested", "1.503", "1.153", LATE),
        Difference("progress", "H07 2024-06", "evidence", "自报", "核查", LATE),
    )
    assert changes.kpis == (Difference("kpis.csv", "x portfolio", "actual", "1.5", "2.5"),)
    assert changes.tables == ()
    with changes.listing.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3
    amount = next(row for row in rows if row["column"] == "invested")
    assert Decimal(amount["new"]) - Decimal(amount["old"]) == Decimal("-0.35")
    assert contents(workspace.output) == before


def test_where_nothing_changed_nothing_is_listed(workspace):
    diff(workspace, "2024-06", "2024-12-31")
    changes = diff(workspace, "2024-06", "2024-07-06")
    assert (changes.reasons, changes.kpis, changes.tables, changes.ledger) == ((), (), (), ())
    assert changes.listing is None
    assert not (workspace.processed / "2024-06/diff.csv").exists()


def test_the_moment_is_now_unless_given(workspace):
    assert diff(workspace, "2024-06").known.year >= 2025


def test_a_correction_is_told_as_the_reason_and_in_the_origin(workspace):
    held = yaml.safe_dump([{**CORRECTION, "expected": "0.8375"}], allow_unicode=True)
    (workspace.raw / "corrections.yaml").write_text(held, encoding="utf-8")
    changes = diff(workspace, "2024-06", "2024-08-02")
    assert [why["what"] for why in changes.reasons] == ["received", "corrected"]
    mended = next(one for one in changes.ledger if one.row == "H05 2024-05")
    assert (mended.column, mended.old, mended.new) == ("invested", "0.8375", "0.9")
    assert mended.origin.endswith(" + corrections.yaml#1")


def test_without_a_release_there_is_nothing_to_compare_with(workspace):
    with pytest.raises(BuildError) as caught:
        diff(workspace, "2024-05")
    assert caught.value.key == "diff_nothing"


def test_the_command_shows_where_and_why(workspace, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    root = str(workspace.root)
    assert cli.run(["diff", "2024-06", "--as-of", "2024-12-31", "--root", root]) == 0
    shown = capsys.readouterr()
    assert "▲ 截止后收到示例丙县政府2024年7月9日报送的 2024-06/示例丙县补报.xlsx" in shown.out
    assert "│ H07 2024-06 │ invested" in shown.out
    assert "diff.csv" in shown.err
    assert cli.run(["diff", "2024-06", "--as-of", "2024-07-06", "--root", root]) == 0
    assert "指标、表格和台账都没有不同" in capsys.readouterr().out
    assert cli.run(["diff", "2024-01", "--root", root]) == 1
