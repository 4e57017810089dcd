"""The command line: exit statuses, plain messages, nothing run that should not be."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import openpyxl
import pytest
from workspaces import make_workspace

from sanshi_report import cli
from sanshi_report.errors import BuildError

HOSTILE = [
    "2024-06; touch x",
    "$(touch x)",
    "`touch x`",
    "2024-06\ntouch x",
    "../2024-06",
    "--help",
]


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    for name in [name for name in os.environ if name.startswith("SANSHI_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("cli") / "ws")


@pytest.fixture
def run(root, capsys):
    """Run a command on the workspace and return its exit status and what it wrote."""

    def run(*arguments, root=root):
        status = cli.run([*arguments, "--root", str(root)])
        written = capsys.readouterr()
        return status, written.out, written.err

    return run


@pytest.mark.parametrize("period", HOSTILE)
@pytest.mark.parametrize("given", ["argument", "environment"])
def test_a_hostile_period_is_refused_and_nothing_is_run(run, root, monkeypatch, period, given):
    monkeypatch.chdir(root)
    if given == "environment":
        monkeypatch.setenv("SANSHI_PERIOD", period)
        status, out, err = run("build")
    else:
        status, out, err = run("build", f"--period={period}")
    assert (status, out) == (2, "")
    assert "PERIOD" in err or "YYYY-MM" in err
    assert not list(root.rglob("x"))
    assert not list((root / "output").rglob("*"))


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["build"], 2),
        (["build", "2024-13"], 2),
        (["build", "2024-06", "--nonsense"], 2),
        (["build", "2024-06", "--formats", "odt"], 2),
        (["build", "2024-06", "--renderer", "quarto"], 1),
        (["build", "2031-01"], 1),
        (["check", "2031-01"], 1),
        (["nonsense"], 2),
        (["receive"], 2),
    ],
)
def test_a_mistake_gets_a_message_without_a_traceback(run, monkeypatch, arguments, status):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    found, out, err = run(*arguments)
    assert (found, out) == (status, "")
    assert err.startswith("✗ ")
    assert "Traceback" not in err


def test_messages_come_in_both_languages(run):
    _, _, err = run("build", "2024-13")
    assert "报告期 '2024-13' 不合规" in err
    assert "'2024-13' is not a reporting period" in err


def test_options_are_taken_from_the_environment(root, monkeypatch, capsys):
    monkeypatch.setenv("SANSHI_ROOT", str(root))
    monkeypatch.setenv("SANSHI_PERIOD", "2024-06")
    monkeypatch.setenv("SANSHI_FORMATS", "pdf,odt")
    assert cli.run(["build"]) == 2
    assert "'odt'" in capsys.readouterr().err


def test_a_root_that_is_no_workspace_is_refused(run, tmp_path):
    status, _, err = run("build", "2024-06", root=tmp_path)
    assert status == 2
    assert str(tmp_path) in err


def test_files_in_the_environment_are_split_as_a_shell_would(root, monkeypatch, tmp_path, capsys):
    csv = tmp_path / "六月 报表.csv"
    csv.write_text("meeting\n", encoding="utf-8")
    monkeypatch.setenv("SANSHI_FILES", f"'{csv}' {tmp_path}/absent.csv")
    monkeypatch.setenv("SANSHI_FROM", "示例甲局")
    assert cli.run(["receive", "--period", "2024-06", "--root", str(root)]) == 1
    err = capsys.readouterr().err
    assert "absent.csv" in err
    assert "六月" not in err


def test_quotes_that_do_not_pair_are_told(run, monkeypatch):
    monkeypatch.setenv("SANSHI_FILES", "'六月 报表.csv")
    status, _, err = run("receive", "--period", "2024-06", "--from", "示例甲局")
    assert status == 2
    assert "引号" in err


def test_a_good_period_checks_out(run):
    status, out, _ = run("check", "2024-06")
    assert status == 0
    assert "30 个项目" in out


def test_a_faulty_file_is_listed_cell_by_cell(run, tmp_path):
    root = make_workspace(tmp_path / "ws")
    faulty = tmp_path / "progress.csv"
    faulty.write_text("project_id,month,invested\nX01,2024-13,3千万\n", encoding="utf-8")
    assert (
        run("receive", str(faulty), "--yes", "--period", "2024-06", "--from", "甲", root=root)[0]
        == 0
    )
    status, out, err = run("check", "2024-06", "--as-of", "now", root=root)
    assert status == 1
    assert "progress.csv" in out
    listing = root / "data/processed/2024-06/faults.csv"
    assert str(listing) in err
    text = listing.read_text(encoding="utf-8-sig")
    assert "3千万" in text
    assert "2024-13" in text


def test_a_month_beyond_its_projects_total_stops_check_and_build_and_leaves_the_release(
    run, tmp_path
):
    root = make_workspace(tmp_path / "ws")
    assert run("build", "2024-06", "--formats", "html", root=root)[0] == 0
    release = {
        path: path.read_bytes() for path in (root / "output/2024-06").rglob("*") if path.is_file()
    }
    sent = tmp_path / "progress.csv"
    sent.write_text("project_id,month,invested\nH05,2024-06,8375\n", encoding="utf-8")
    run("receive", str(sent), "--yes", "--period", "2024-06", "--from", "甲", root=root)
    assert run("check", "2024-06", "--as-of", "now", root=root)[0] == 1
    status, _, err = run("build", "2024-06", "--as-of", "now", root=root)
    assert status == 1
    assert "expected: 8375, value: 8375" in err
    listing = (root / "data/processed/2024-06/faults.csv").read_text(encoding="utf-8-sig")
    assert "expected: 8375, value: 8375" in listing
    assert release == {path: path.read_bytes() for path in release}


def test_a_faulty_file_comes_with_the_commands_that_replace_it(run, tmp_path):
    root = make_workspace(tmp_path / "ws")
    faulty = tmp_path / "进度 progress.csv"
    faulty.write_text("project_id,month,invested\nX01,2024-13,1\n", encoding="utf-8")
    run("receive", str(faulty), "--yes", "--period", "2024-06", "--from", "甲", root=root)
    _, _, err = run("check", "2024-06", "--as-of", "now", root=root)
    assert "withdraw '进度 progress.csv' --period 2024-06" in err
    assert "returned/2024-06/进度 progress.csv.xlsx" in err


def test_a_late_file_and_a_file_of_another_period_are_pointed_out(run, tmp_path):
    root = make_workspace(tmp_path / "ws")
    late = tmp_path / "progress.csv"
    late.write_text("project_id,month,invested\nX01,2024-06,1\n", encoding="utf-8")
    _, _, err = run("receive", str(late), "--yes", "--period", "2024-06", "--from", "甲", root=root)
    assert "came after the cutoff, 2024-07-05 23:59" in err
    _, out, err = run(
        "receive", str(late), "--yes", "--period", "2024-05", "--from", "甲", root=root
    )
    assert "Received before" in out
    assert "filed under 2024-06, not 2024-05" in err
    assert "withdraw progress.csv --period 2024-06" in err


def test_one_project_a_hundredth_off_is_told_with_both_figures(run, tmp_path):
    root = make_workspace(tmp_path / "ws")
    book = openpyxl.load_workbook(root / "data/raw/2024-01/工程办汇总.xlsx")
    sheet = next(s for s in book.worksheets if s.title == "项目台账")
    header = next(row for row in sheet.iter_rows() if row[0].value == "项目编号")
    column = next(cell.column for cell in header if str(cell.value).startswith("总投资"))
    cell = sheet.cell(header[0].row + 1, column)
    unit = 100 if "万元" in str(header[column - 1].value) else 0.01
    cell.value = round(cell.value + unit, 2)
    book.save(tmp_path / "again.xlsx")
    command = [
        "receive",
        "--yes",
        str(tmp_path / "again.xlsx"),
        "--period",
        "2024-06",
        "--from",
        "甲",
    ]
    assert run(*command, root=root)[0] == 0
    status, _, err = run("build", "2024-06", "--as-of", "now", root=root)
    assert status == 1
    assert "1099.73" in err
    assert "1099.74" in err
    assert not (root / "output/2024-06").exists()


def test_receipts_are_listed_a_line_each(run):
    status, out, _ = run("receipts", "--period", "2024-06")
    lines = out.splitlines()
    assert status == 0
    assert any("2024-06/工程办汇总.xlsx" in line for line in lines)
    assert all("2024-06/" in line for line in lines)


def test_what_nobody_foresaw_becomes_one_line_and_a_log(run, monkeypatch):
    monkeypatch.setattr("sanshi_report.checking.check", lambda *_: 1 / 0)
    status, out, err = run("check", "2024-06")
    assert (status, out) == (1, "")
    assert "Traceback" not in err
    log = Path(err.rpartition("；详情见 ")[2].partition("，")[0])
    assert "ZeroDivisionError" in log.read_text(encoding="utf-8")
    log.unlink()


def test_debugging_shows_what_nobody_foresaw(run, monkeypatch):
    monkeypatch.setenv("SANSHI_DEBUG", "1")
    monkeypatch.setattr("sanshi_report.checking.check", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run("check", "2024-06")


def test_an_interruption_has_its_own_status(run, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("sanshi_report.checking.check", interrupted)
    assert run("check", "2024-06")[0] == 130


def test_a_failed_build_has_status_1(run, monkeypatch):
    def fail(*_, **__):
        raise BuildError("build_running", period="2024-06")

    monkeypatch.setattr("sanshi_report.build.build", fail)
    assert run("build", "2024-06")[0] == 1


def test_the_program_is_interrupted_without_a_traceback(root):
    program = subprocess.Popen(
        [sys.executable, "-c", "from sanshi_report.cli import main; main()", "check", "2024-12"],
        env={**os.environ, "SANSHI_ROOT": str(root), "SANSHI_AS_OF": "now"},
        stderr=subprocess.PIPE,
        text=True,
    )
    time.sleep(0.8)
    program.send_signal(signal.SIGTERM)
    _, err = program.communicate(timeout=20)
    assert program.returncode in (130, -signal.SIGTERM)  # the latter if it had hardly begun
    assert "Traceback" not in err


def test_output_that_nobody_reads_is_no_error(root):
    program = subprocess.Popen(
        [sys.executable, "-c", "from sanshi_report.cli import main; main()", "receipts"],
        env={**os.environ, "SANSHI_ROOT": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    program.stdout.close()
    err = program.stderr.read()
    assert program.wait(timeout=20) == 0
    assert err == b""
    program.stderr.close()


def test_the_doctor_finds_a_good_workspace_well(run):
    status, out, _ = run("doctor")
    assert status == 0, out
    assert "builtin" in out or "quarto" in out
    assert "2024-12" in out


def test_the_doctor_says_why_a_quarto_that_is_there_does_not_serve(run, tmp_path, monkeypatch):
    old = tmp_path / "quarto"
    old.write_text("#!/bin/sh\necho 1.8.27\n", encoding="utf-8")
    old.chmod(0o755)
    monkeypatch.setenv("QUARTO_PATH", str(old))
    status, out, _ = run("doctor")
    assert status == 0
    assert "1.8.27, is too old: 1.9 or newer is needed" in out
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / "missing"))
    status, out, _ = run("doctor")
    assert status == 0
    assert f"QUARTO_PATH names {tmp_path / 'missing'}" in out


def test_the_doctor_names_a_font_that_is_missing(run, tmp_path):
    root = make_workspace(tmp_path / "ws")
    path = root / "parameters/2024.yaml"
    text = path.read_text(encoding="utf-8").replace("body: Noto Serif SC", "body: 不存在的字体")
    path.write_text(text, encoding="utf-8")
    status, out, _ = run("doctor", root=root)
    assert status == 1
    assert "不存在的字体" in out


def test_the_sample_is_written_once_and_never_over_other_files(run, tmp_path):
    root = tmp_path / "ws"
    (root / "data/raw").mkdir(parents=True)
    (root / "parameters").mkdir()
    assert run("sample", root=root)[0] == 0
    assert run("sample", root=root)[0] == 0
    (root / "data/raw/receipts.csv").write_text("mine")
    assert run("sample", root=root)[0] == 2
    assert (root / "data/raw/receipts.csv").read_text() == "mine"
