"""Building many periods: all of them told, none stopped by another, the same on a cluster."""

import os
import signal
import subprocess
import sys
import time
from threading import Event, Timer
from types import SimpleNamespace

import pytest
from workspaces import make_workspace

import notebooks
from sanshi_report import cli
from sanshi_report.build import build_periods, manifest, periods
from sanshi_report.errors import BuildError, DataError, UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Workspace

# Started in the background a process ignores Ctrl-C, and so would all it starts.
RUN = """import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from sanshi_report.cli import main
main()
"""
FAMILY = """reports:
  - {name: monthly_bulletin, title: {zh: 通报, en: Bulletin}, every: month, layout: plain}
  - {name: annual_review, title: {zh: 年度总结, en: Review}, every: year, layout: plain}
"""
SAY = notebooks.PROSE
LIGHT = "from IPython.display import display"


def range_of(text):
    return ReportPeriod.parse_range(text)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_workspace(tmp_path_factory.mktemp("periods") / "ws", SAY, setup=LIGHT)
    programme = root / "parameters/2024.yaml"
    text = programme.read_text(encoding="utf-8")
    head, _, rest = text.partition("reports:\n")
    programme.write_text(f"{head}{FAMILY}\n{rest[rest.index('page:') :]}", encoding="utf-8")
    notebooks.write(root / "notebooks/annual_review.ipynb", SAY, setup=LIGHT)
    return root


@pytest.fixture
def here(monkeypatch):
    """Run tasks in this process, one after the other."""
    from concurrent.futures import ThreadPoolExecutor

    monkeypatch.setattr(periods, "_processors", lambda most: ThreadPoolExecutor(1))


@pytest.fixture
def builds(monkeypatch):
    """Stand in for `build`; what was asked for is recorded, February fails."""
    asked = {}

    def build(workspace, period, *, reports, progress, kernels, **options):
        asked[str(period)] = reports
        progress(f"{period} …")
        if str(period) == "2024-02":
            raise DataError("period_without_data", period=period, as_of="", months="", month="")
        entry = {"report": "monthly_bulletin", "formats": ["html", "pdf"]}
        return SimpleNamespace(is_new=str(period) != "2024-03", reports=(entry,))

    monkeypatch.setattr(periods, "build", build)
    return asked


def test_a_period_that_fails_does_not_stop_the_others(root, here, builds):
    told, done = [], []
    outcomes = build_periods(
        Workspace(root), range_of("2024-01..2024-04"), progress=told.append, done=done.append
    )
    assert [(str(one.period), one.state) for one in outcomes] == [
        ("2024-01", "made"),
        ("2024-02", "failed"),
        ("2024-03", "current"),
        ("2024-04", "made"),
    ]
    assert outcomes[1].error.key == "period_without_data"
    assert told == [f"2024-0{n} …" for n in (1, 2, 3, 4)]
    assert sorted(str(one.period) for one in done) == [f"2024-0{n}" for n in (1, 2, 3, 4)]


def test_slides_are_made_in_the_periods_that_have_them(root, here, monkeypatch):
    def build(workspace, period, *, formats, **options):
        if str(period) != "2024-02":
            raise UsageError(
                "format_not_offered", found="pptx", period=period, known="review_meeting"
            )
        return SimpleNamespace(is_new=True, reports=())

    monkeypatch.setattr(periods, "build", build)
    asked = Workspace(root), range_of("2024-01..2024-02")
    outcomes = build_periods(*asked, formats=["pptx"])
    assert [one.state for one in outcomes] == ["not_due", "made"]
    with pytest.raises(UsageError) as caught:
        build_periods(asked[0], range_of("2024-03..2024-04"), formats=["pptx"])
    assert caught.value.key == "format_not_offered"
    assert caught.value.values["period"] == "2024-03..2024-04"


def test_a_report_is_made_in_the_periods_that_owe_it(root, here, builds):
    names = ["monthly_bulletin", "annual_review"]
    build_periods(Workspace(root), range_of("2024-11..2024-12"), reports=names)
    assert builds == {"2024-11": ["monthly_bulletin"], "2024-12": names}
    outcomes = build_periods(
        Workspace(root), range_of("2024-11..2024-12"), reports=["annual_review"]
    )
    assert [one.state for one in outcomes] == ["not_due", "made"]


def test_a_range_that_owes_nothing_is_told(root, here, builds):
    with pytest.raises(UsageError) as caught:
        build_periods(Workspace(root), range_of("2024-01..2024-03"), reports=["annual_review"])
    assert caught.value.key == "nothing_due"


def test_what_nobody_foresaw_fails_its_own_period_only(root, here, monkeypatch):
    monkeypatch.setattr(periods, "build", lambda *_, **__: 1 / 0)
    outcomes = build_periods(Workspace(root), range_of("2024-01..2024-02"))
    assert [one.error.key for one in outcomes] == ["unforeseen", "unforeseen"]


def test_an_interruption_stops_what_has_not_begun(root, here, monkeypatch):
    begun, gate = [], Event()

    def build(workspace, period, **_):
        begun.append(str(period))
        if len(begun) > 1:
            gate.wait(60)
        return SimpleNamespace(is_new=True, reports=())

    def interrupt(outcome):
        Timer(0.5, gate.set).start()
        raise KeyboardInterrupt

    monkeypatch.setattr(periods, "build", build)
    with pytest.raises(KeyboardInterrupt):
        build_periods(Workspace(root), range_of("2024-03..2024-12"), done=interrupt)
    assert begun in (["2024-03"], ["2024-03", "2024-04"])


def test_the_count_is_shown_and_failures_after_it(root, here, builds, capsys):
    status = cli.run(["build", "2024-01..2024-04", "--root", str(root)])
    written = capsys.readouterr()
    assert status == 1
    row = next(line for line in written.out.splitlines() if "monthly_bulletin" in line)
    assert row.replace("│", " ").split() == ["monthly_bulletin", "3", "3", "3"]
    assert "✗ 2024-02: 截至" in written.err
    assert "2024-03: up to date, 1 document(s)" in written.err


@pytest.mark.parametrize(
    "asked", ["2024-04..2024-01", "2024-01..2024-Q3", "2024-01..", "..", "x..y"]
)
def test_a_range_that_is_none_is_refused(root, asked, capsys):
    assert cli.run(["build", "--periods", asked, "--root", str(root)]) == 2
    assert capsys.readouterr().err.startswith("✗ ")


def test_a_cluster_runs_the_same_tasks(root, builds):
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        outcomes = build_periods(
            Workspace(root), range_of("2024-01..2024-03"), scheduler=cluster.scheduler_address
        )
    assert [one.state for one in outcomes] == ["made", "failed", "current"]
    assert isinstance(outcomes[1].error, DataError)
    assert set(builds) == {"2024-01", "2024-02", "2024-03"}


def test_a_scheduler_that_is_not_there_is_told(root, monkeypatch):
    monkeypatch.setattr(periods, "_CONNECT_SECONDS", 1)
    with pytest.raises(UsageError) as caught:
        build_periods(Workspace(root), range_of("2024-01"), scheduler="tcp://127.0.0.1:9")
    assert caught.value.key == "scheduler_unreachable"


# With real processes


def start(root, *arguments):
    variables = {k: v for k, v in os.environ.items() if not k.startswith("SANSHI_")}
    command = [sys.executable, "-c", RUN, "build", *arguments, "--root", str(root)]
    return subprocess.Popen(
        [*command, "--renderer", "builtin", "--formats", "html"],
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_processes_build_whole_releases(root):
    first = start(root, "2024-01..2024-02")
    _, err = first.communicate(timeout=300)
    assert first.returncode == 0, err
    assert {path.name for path in (root / "output").iterdir()} == {
        ".staging",
        "2024-01",
        "2024-02",
    }
    for month in ("2024-01", "2024-02"):
        release = root / "output" / month
        about = manifest.read(release)
        assert about["period"] == month
        assert len(manifest.intact(release, about)) == len(about["outputs"])
    assert "monthly_bulletin.html" in err


@pytest.mark.parametrize("to_whole_terminal", [True, False])
def test_an_interruption_leaves_nothing_half_placed_and_no_process(root, to_whole_terminal):
    running = start(root, "2024-04..2024-12", "--force")
    for line in running.stderr:
        if "monthly_bulletin" in line:
            break
    send = os.killpg if to_whole_terminal else os.kill
    send(running.pid, signal.SIGINT)
    _, err = running.communicate(timeout=120)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    staged = list((root / "output/.staging").iterdir())
    assert [path for path in staged if path.suffix != ".lock"] == []
    for release in (root / "output").glob("2024-*"):
        about = manifest.read(release)
        assert len(manifest.intact(release, about)) == len(about["outputs"])
    deadline = time.monotonic() + 20
    while session_lives(running.pid) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not session_lives(running.pid)


def session_lives(leader):
    try:
        os.killpg(leader, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_worker_that_dies_is_told(root, here, monkeypatch):
    from concurrent.futures import BrokenExecutor

    def died(*_, **__):
        raise BrokenExecutor("killed")

    monkeypatch.setattr(periods, "build", died)
    outcomes = build_periods(Workspace(root), range_of("2024-01"))
    assert outcomes[0].error.key == "worker_died"
    assert isinstance(outcomes[0].error, BuildError)
