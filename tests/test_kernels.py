"""Kernels: forked warm, each from clean memory, none left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import notebooks
import sanshi_report
from sanshi_report.build import execute as execution
from sanshi_report.build.execute import execute
from sanshi_report.errors import BuildError
from sanshi_report.kernels import Kernels, environment

VALUES = {"period": "2024-06", "as_of": "2024-07-05T23:59:59+08:00", "language": "zh"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    with Kernels(tmp_path_factory.mktemp("root")) as kernels:
        yield kernels


@pytest.fixture
def run(kernels, tmp_path):
    """Run a notebook of some cells and return what they printed, cell by cell."""

    def run(*sources, kernels=kernels):
        path = notebooks.write(tmp_path / "report.ipynb", *sources, setup="")
        done = execute(path, tmp_path / "run.ipynb", VALUES, kernels)
        return printed(done)

    return run


def printed(notebook):
    outputs = [output for cell in notebook["cells"] for output in cell.get("outputs", ())]
    return [output["text"].strip() for output in outputs if output["output_type"] == "stream"]


def test_parameters_reach_the_notebook(run):
    assert run("print(period, language)") == ["2024-06 zh"]


def test_notebooks_cannot_see_each_other(run):
    run("import pandas\npandas.trace = mine = 1\nimport random; random.seed(1)")
    assert run("import pandas\nprint(hasattr(pandas, 'trace'), 'mine' in globals())") == [
        "False False"
    ]


def test_every_notebook_has_its_own_process_with_libraries_already_there(run):
    source = "import os, sys\nprint(os.getpid(), 'altair' in sys.modules)"
    first, second = run(source)[0].split(), run(source)[0].split()
    assert first[0] != second[0]
    assert first[1] == second[1] == "True"


def test_a_notebook_runs_in_the_folder_of_notebooks(run, tmp_path):
    assert run("import os\nprint(os.getcwd())") == [str(tmp_path)]


def test_the_environment_leaves_out_what_could_change_a_result(monkeypatch, tmp_path):
    monkeypatch.setenv("VSCODE_PID", "1")
    monkeypatch.setenv("PANDERA_VALIDATION_ENABLED", "False")
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("SANSHI_PERIOD", "2024-05")
    monkeypatch.setenv("TZ", "America/New_York")
    monkeypatch.setenv("LC_NUMERIC", "de_DE.UTF-8")
    found = environment(tmp_path, tmp_path / "scratch")
    gone = {"VSCODE_PID", "PANDERA_VALIDATION_ENABLED", "SANSHI_PERIOD", "LC_NUMERIC"}
    assert gone & set(found) == set()
    assert found["SANSHI_ROOT"] == str(tmp_path)
    assert (found["TZ"], found["PYTHONHASHSEED"], found["LC_ALL"]) == (
        "Asia/Shanghai",
        "0",
        "C.UTF-8",
    )
    assert found["OPENBLAS_NUM_THREADS"] == "1"
    assert found["PYTHONPATH"] == str(Path(sanshi_report.__file__).parents[1])


def test_start_up_files_of_the_user_are_not_run(run, tmp_path, monkeypatch):
    startup = Path.home() / ".ipython"  # whatever is there, the kernel looks elsewhere
    (shown,) = run("print(get_ipython().ipython_dir)")
    assert not shown.startswith(str(startup))


@pytest.mark.parametrize(
    "deed", ["import os; os._exit(0)", "import os; os.kill(os.getpid(), 9)"], ids=["left", "killed"]
)
def test_a_kernel_that_dies_fails_the_run(run, deed):
    with pytest.raises(BuildError) as caught:
        run(deed)
    assert caught.value.key == "kernel_died"


def test_a_kernel_works_after_another_has_died(run):
    with pytest.raises(BuildError):
        run("import os; os._exit(1)")
    assert run("print(1 + 1)") == ["2"]


def test_a_cell_that_never_ends_is_stopped(run, monkeypatch):
    monkeypatch.setattr(execution, "CELL_SECONDS", 1)
    begun = time.perf_counter()
    with pytest.raises(BuildError) as caught:
        run("import time; time.sleep(60)")
    assert caught.value.key == "cell_timeout"
    assert time.perf_counter() - begun < 10


def test_ended_kernels_are_collected(run, kernels):
    for _ in range(2):
        run("print('one of several')")
    assert children(kernels._nursery._process.pid) == []


def test_kernels_are_forked_from_a_process_of_one_thread(run, kernels):
    run("print('warm')")
    assert len(list(Path(f"/proc/{kernels._nursery._process.pid}/task").iterdir())) == 1


def test_an_ordinary_kernel_serves_where_there_is_no_fork(tmp_path, run):
    with Kernels(tmp_path, warm=False) as cold:
        assert run("import os\nprint(os.environ['TZ'])", kernels=cold) == ["Asia/Shanghai"]


def test_leaving_at_once_does_not_wait_for_imports(tmp_path):
    begun = time.perf_counter()
    with Kernels(tmp_path) as kernels:
        folder = kernels.folder
    assert time.perf_counter() - begun < 1
    assert not folder.exists()


def test_a_nursery_that_cannot_start_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with Kernels(tmp_path) as kernels, pytest.raises(BuildError) as caught:
        kernels._nursery.ask(poll=0)
    assert caught.value.key == "kernel_not_started"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_no_process_outlives_a_build_however_it_ends(tmp_path, number):
    deed = "import subprocess, time\nsubprocess.Popen(['sleep', '300'])\ntime.sleep(300)"
    path = notebooks.write(tmp_path / "report.ipynb", "open('begun', 'w').close()", deed, setup="")
    program = (
        "import signal, sys\nfrom pathlib import Path\n"
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from sanshi_report.build.execute import execute\nfrom sanshi_report.kernels import Kernels\n"
        f"with Kernels(Path('.')) as kernels:\n"
        f"    print(kernels._nursery._process.pid, kernels.folder, flush=True)\n"
        f"    execute(Path({str(path)!r}), Path('run.ipynb'), {VALUES!r}, kernels)\n"
    )
    build = subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    nursery, folder = build.stdout.readline().split()
    wait_until((tmp_path / "begun").exists)
    wait_until(lambda: len(descendants(int(nursery))) == 2)  # the kernel and its sleep
    family = [int(nursery), *descendants(int(nursery))]
    build.send_signal(number)
    build.wait(timeout=10)
    build.stdout.close()
    wait_until(lambda: not any(map(alive, family)) and not Path(folder).exists())
    assert [process for process in family if alive(process)] == []
    assert not Path(folder).exists()


def wait_until(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def alive(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children(process):
    found = []
    for task in Path(f"/proc/{process}/task").iterdir():
        found += map(int, (task / "children").read_text().split())
    return found


def descendants(process):
    return [pid for child in children(process) for pid in (child, *descendants(child))]
