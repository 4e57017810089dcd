"""Files are read in a process of its own, within limits."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from intake_workbooks import HEAD, NAME, PROGRAMME, xlsx

from sanshi_report import child
from sanshi_report.intake import read
from sanshi_report.intake.marking import mark

LIMITS = child.Limits(memory=1 << 28, processor=2, wall=20)


def run(source: str, *, limits: child.Limits = LIMITS) -> object:
    """Evaluate an expression in the child."""
    return child.run(eval, source, {}, limits=limits)


@pytest.mark.parametrize(
    "source",
    [
        "__import__('os').abort()",
        "__import__('os').kill(__import__('os').getpid(), 9)",
        "__import__('os')._exit(0)",
        "bytearray(1 << 30)",
        "['x' * 1000 + str(n) for n in range(10**7)]",
        "sum(1 for _ in iter(int, 1))",
        "__import__('ctypes').string_at(0)",
    ],
)
def test_whatever_ends_the_child_is_told_and_the_next_one_serves(source: str) -> None:
    with pytest.raises(child.TooCostlyError):
        run(source)
    assert run("6 * 7") == 42


def test_a_child_that_sleeps_is_ended_by_the_clock() -> None:
    limits = child.Limits(memory=1 << 28, processor=2, wall=1)
    begun = time.monotonic()
    with pytest.raises(child.TooCostlyError):
        run("__import__('time').sleep(60)", limits=limits)
    assert time.monotonic() - begun < 30


def test_one_child_serves_many_files() -> None:
    assert len({run("__import__('os').getpid()") for _ in range(200)}) == 1


def test_what_a_function_raises_comes_back() -> None:
    with pytest.raises(ZeroDivisionError):
        run("1 / 0")


def test_what_is_printed_there_does_no_harm(capfd: pytest.CaptureFixture[str]) -> None:
    run("print('x' * 100000) or __import__('os').system('echo y')")
    assert capfd.readouterr() == ("", "")


def test_progress_is_told_in_order(tmp_path: Path) -> None:
    told: list[float] = []
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD, ["H01", "2024-06", 1]], "别的": [["x"]]})
    read(path, PROGRAMME, name=NAME, progress=told.append)
    assert told == [0.5, 1.0]


def test_a_file_that_unfolds_beyond_the_memory_is_a_fault_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "LIMITS", LIMITS)
    path = tmp_path / "a.xlsx"
    xlsx(path, {"月度进展": [HEAD, *(["超" * 30_000, "2024-06", 1] for _ in range(8000))]})
    reading = read(path, PROGRAMME, name=NAME)
    assert [(f.file, f.rule) for f in reading.faults] == [(NAME, "file_too_costly")]
    for language in ("zh", "en"):
        assert reading.faults[0].text(language).startswith(NAME)
    mark(path, reading.faults, tmp_path / "b.xlsx")
    assert (tmp_path / "b.xlsx").is_file()


def test_no_child_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, threading, time\n"
        "from sanshi_report import child\n"
        "print(child.run(os.getpid), flush=True)\n"
        'child.run(eval, "sum(1 for _ in iter(int, 1))")\n'
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    served = int(parent.stdout.readline())
    time.sleep(0.5)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not is_running(served):
            return
        time.sleep(0.1)
    raise AssertionError("the child still runs")


def is_running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_an_interrupt_ends_the_child() -> None:
    program = (
        "import os, signal, threading\n"
        "from sanshi_report import child\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a shell may have it ignored
        "print(child.run(os.getpid), flush=True)\n"
        "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()\n"
        'try:\n    child.run(eval, "sum(1 for _ in iter(int, 1))")\n'
        "except KeyboardInterrupt:\n    print(child._child)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    served, left = done.stdout.split()
    assert (left, is_running(int(served)), done.stderr) == ("None", False, "")


def test_a_child_that_cannot_start_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_child", None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    path = xlsx(tmp_path / "a.xlsx", {"月度进展": [HEAD]})
    assert [f.rule for f in read(path, PROGRAMME, name=NAME).faults] == ["reader_not_started"]


def started(*then: str) -> tuple[int, str]:
    """Start a child ahead in a process that then does something and ends; its number and what was said."""
    program = "from sanshi_report import child\nchild.start()\nprint(child._child.process.pid, flush=True)\n"
    done = subprocess.run(
        [sys.executable, "-c", program + "\n".join(then)],
        capture_output=True,
        text=True,
        timeout=300,
    )
    return int(done.stdout.split()[0]), done.stderr


@pytest.mark.parametrize(
    ("then", "said"),
    [
        ("", ""),
        ("raise SystemExit(2)", ""),
        ("raise ValueError('x')", "ValueError: x"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import os; os._exit(1)", ""),
        ("import os; os.abort()", ""),
    ],
)
def test_a_child_started_ahead_and_never_asked_ends_with_its_parent(then: str, said: str) -> None:
    process, complaint = started(then)
    assert said in complaint
    for _ in range(600):
        if not is_running(process):
            return
        time.sleep(0.1)
    raise AssertionError("the child still runs")


def test_the_child_started_ahead_is_the_one_that_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_child", None)
    child.start()
    ahead = child._child
    assert ahead
    try:
        child.start()
        assert run("__import__('os').getpid()") == ahead.process.pid
    finally:
        ahead.end()


def test_a_child_started_ahead_that_died_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_child", None)
    child.start()
    assert child._child
    child._child.process.kill()
    child._child.process.wait()
    assert run("6 * 7") == 42
    child._child.end()


def test_a_child_that_dies_while_it_starts_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_child", None)
    monkeypatch.setattr(child, "_PROGRAM", "raise SystemExit(3)")
    child.start()
    with pytest.raises(child.NotStartedError):
        run("6 * 7")
    assert child._child is None


def test_that_none_can_be_started_ahead_is_told_to_whoever_needs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "_child", None)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "nothing"))
    child.start()
    with pytest.raises(child.NotStartedError):
        run("6 * 7")
