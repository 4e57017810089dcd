"""The Makefile and its set-up, in a folder whose name has a space and Chinese characters."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

PROJECT = Path(__file__).resolve().parent.parent

# Stands for the program: says what reached it.
SANSHI = """#!/bin/sh
echo "command: $*"
env | grep ^SANSHI_ || true
"""

# Stands for uv: `-e .` makes the project importable; the rest does nothing, or fails if told so.
UV = """#!/bin/sh
echo "$*" >> uv-calls
site=$(echo .venv/lib/python3*/site-packages)
case "$*" in
*quarto-cli*) mkdir -p "$site/quarto_cli"; touch "$site/quarto_cli/half" .venv/bin/quarto; exit 1;;
*"-e ."*) echo "$PWD/src" > "$site/_sanshi_report.pth";;
*) test ! -e no-network;;
esac
"""


def write_program(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


@pytest.fixture
def folder(tmp_path):
    """A project with the real Makefile and set-up, and nothing to install."""
    folder = tmp_path / "三十 工程"
    for name in ("Makefile", "tools/bootstrap.py", "pyproject.toml"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / name, folder / name)
    (folder / "requirements.lock").touch()
    (folder / "src/sanshi_report").mkdir(parents=True)
    (folder / "src/sanshi_report/__init__.py").touch()
    write_program(tmp_path / "bin/uv", UV)
    return folder


@pytest.fixture
def ready(folder):
    """The same with the set-up done and a stand-in for the program."""
    write_program(folder / ".venv/bin/sanshi", SANSHI)
    (folder / ".venv/bin/python").symlink_to(sys.executable)
    (folder / ".venv/ready").write_text(f"{folder}\n", encoding="utf-8")
    return folder


def environment(folder, **extra):
    hidden = ("SANSHI_", "PIP_", "UV_", "MAKE", "QUARTO_", "LANGUAGE", "MFLAGS")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    path = f"{folder.parent / 'bin'}{os.pathsep}{os.defpath}"
    ours = {"PATH": path, "PIP_CONFIG_FILE": os.devnull, "PYTHON": sys.executable}
    return kept | ours | extra


def make(folder, *arguments, **extra):
    return subprocess.run(
        ["make", "-C", str(folder), "--no-print-directory", *arguments],
        cwd=folder.parent,
        env=environment(folder, **extra),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )


HOSTILE = [
    "2024-06; touch hostile",
    "$(shell touch hostile)",
    "${shell touch hostile}",
    "`touch hostile`",
    "$$(touch hostile)",
    "' & touch hostile & '",
    '" && touch hostile && "',
    "",
]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["PERIOD", "FILES"])
def test_a_value_reaches_the_program_as_typed_and_nothing_runs_it(ready, name, value):
    done = make(ready, "report", f"{name}={value}")
    assert done.returncode == 0
    assert f"SANSHI_{name}={value}" in done.stdout.splitlines()
    assert not list(ready.parent.rglob("hostile"))


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_from_the_environment_is_treated_alike(ready, value):
    done = make(ready, "report", PERIOD=value)
    assert f"SANSHI_PERIOD={value}" in done.stdout.splitlines()
    assert not list(ready.parent.rglob("hostile"))


def test_a_setting_that_was_not_given_does_not_reach_the_program(ready):
    assert "SANSHI_PERIOD" not in make(ready, "check").stdout


def test_several_files_reach_the_program_in_one_value(ready):
    done = make(ready, "receive", "FILES='六 月.xlsx' b.csv", "PERIOD=2024-06", "FROM=某局")
    assert "command: receive" in done.stdout
    assert "SANSHI_FILES='六 月.xlsx' b.csv" in done.stdout
    assert "SANSHI_FROM=某局" in done.stdout


@pytest.mark.parametrize("hostile", ["FORMAT=pdf", "period=2024-06", "X=$(shell touch hostile)"])
def test_a_misspelt_setting_is_refused_before_anything_runs(ready, hostile):
    done = make(ready, "report", "PERIOD=2024-06", hostile)
    assert done.returncode == 2
    assert f"Unknown setting {hostile.split('=')[0]};" in done.stderr
    assert "command:" not in done.stdout
    assert not list(ready.parent.rglob("hostile"))


def test_the_desktop_s_language_and_root_are_not_taken_for_settings(ready):
    done = make(ready, "report", LANGUAGE="en_US:en", ROOT="/somewhere", SANSHI_LANGUAGE="en")
    assert "SANSHI_LANGUAGE=en\n" in done.stdout
    assert "SANSHI_ROOT" not in done.stdout
    assert "SANSHI_LANGUAGE=zh\n" in make(ready, "report", "LANGUAGE=zh", LANGUAGE="en").stdout


def test_the_program_s_failure_is_make_s_failure(ready):
    write_program(ready / ".venv/bin/sanshi", "#!/bin/sh\nexit 1\n")
    assert make(ready, "check").returncode != 0


def test_make_alone_lists_every_target(folder):
    text = (folder / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.MULTILINE)
    listed = re.findall(r"^  make ([a-z-]+) ", make(folder).stdout, re.MULTILINE)
    assert sorted(listed) == sorted(set(phony.group(1).split()) - {"FORCE"})
    assert not (folder / ".venv").exists()


def test_make_refuses_to_run_from_another_folder(folder):
    done = subprocess.run(
        ["make", "-f", str(folder / "Makefile"), "check"],
        cwd=folder.parent,
        env=environment(folder),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "make -C FOLDER" in done.stderr


def is_up_to_date(folder, *arguments):
    return make(folder, "-q", ".venv/ready", *arguments).returncode == 0


def test_nothing_is_set_up_twice(ready):
    seconds = []
    for _ in range(5):
        started = time.perf_counter()
        assert is_up_to_date(ready)
        seconds.append(time.perf_counter() - started)
    assert min(seconds) < 0.1


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_newer_lock_or_project_is_set_up_again(ready, name):
    later = (ready / ".venv/ready").stat().st_mtime + 10
    os.utime(ready / name, (later, later))
    assert not is_up_to_date(ready)


def test_a_moved_folder_is_set_up_again(ready):
    moved = ready.with_name("moved")
    ready.rename(moved)
    assert not is_up_to_date(moved)


def test_a_vanished_python_is_set_up_again(ready):
    (ready / ".venv/bin/python").unlink()
    (ready / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert not is_up_to_date(ready)


def test_a_named_python_is_looked_at_again(ready):
    assert not is_up_to_date(ready, f"PYTHON={sys.executable}")


def test_an_old_python_is_refused_with_the_way_out(folder):
    write_program(folder.parent / "old python", "#!/bin/sh\nexit 1\n")
    done = make(folder, "check", f"PYTHON={folder.parent / 'old python'}")
    assert done.returncode == 2
    assert "Python 3.11 or newer is needed" in done.stderr
    assert "make PYTHON=python3.12" in done.stderr
    assert not (folder / ".venv").exists()


def test_set_up_tries_quarto_once_and_leaves_nothing_of_a_failed_attempt(folder):
    done = make(folder, ".venv/ready", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert "Quarto: could not be downloaded; the built-in renderer serves" in done.stdout
    assert not list((folder / ".venv").rglob("quarto_cli"))
    assert not (folder / ".venv/bin/quarto").exists()
    assert is_up_to_date(folder)

    (folder / ".venv/ready").unlink()
    assert make(folder, ".venv/ready").returncode == 0
    assert (folder / "uv-calls").read_text().count("quarto-cli==1.9.38") == 1


def test_a_failed_set_up_is_not_used_and_is_done_again_from_the_start(folder):
    (folder / "no-network").touch()
    (folder / "requirements.lock").write_text("not a requirement\n")
    done = make(folder, "check")
    assert done.returncode == 2
    assert "set-up failed" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (folder / ".venv/ready").exists()

    (folder / "no-network").unlink()
    (folder / "requirements.lock").write_text("")
    half = folder / ".venv/half"
    half.touch()
    assert make(folder, ".venv/ready", SANSHI_QUARTO="skip").returncode == 0
    assert not half.exists()
    assert "skipped" in (folder / ".venv/quarto-tried").read_text()


def test_an_attempt_at_quarto_ends_in_time_with_all_it_started(folder, monkeypatch):
    write_program(folder.parent / "bin/uv", "#!/bin/sh\n(sleep 1; touch survived) & wait\n")
    spec = importlib.util.spec_from_file_location("bootstrap", folder / "tools/bootstrap.py")
    bootstrap = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(bootstrap)
    (folder / ".venv").mkdir()
    monkeypatch.setattr(os, "environ", environment(folder))
    assert bootstrap.attempt_quarto(0.5) == "was not there after 0.5 seconds"
    time.sleep(1)
    assert not (folder / "survived").exists()
    assert not (folder / ".venv/quarto-download").exists()


def git(folder, *arguments):
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments],
        env=environment(folder, GIT_CONFIG_GLOBAL=os.devnull, GIT_CONFIG_SYSTEM=os.devnull),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def run_in_jupyterlab(path):
    """Leave in a notebook what JupyterLab leaves when it was run and saved."""
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notebook["metadata"]["language_info"] = {"name": "python", "version": "3.11.7"}
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] == "code":
            cell["execution_count"] = number
            cell["metadata"]["execution"] = {"iopub.execute_input": "2024-07-05T01:02:03Z"}
            cell["outputs"] = [{"name": "stdout", "output_type": "stream", "text": ["一\n"]}]
    path.write_text(json.dumps(notebook, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_running_the_notebooks_leaves_no_difference_in_git(folder):
    for name in ("notebooks", ".gitattributes"):
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(PROJECT / name, folder / name)
    git(folder, "init", "--quiet")
    assert make(folder, ".venv/ready", SANSHI_QUARTO="skip").returncode == 0
    (folder / ".venv/bin/nbstripout").symlink_to(Path(sys.executable).with_name("nbstripout"))
    git(folder, "add", "notebooks", ".gitattributes")
    paths = sorted((folder / "notebooks").glob("*.ipynb"))
    for path in paths:
        run_in_jupyterlab(path)
    assert git(folder, "diff", "--stat", "notebooks") == ""

    text = paths[0].read_text(encoding="utf-8")
    paths[0].write_text(
        text.replace("sanshi_report.open", "sanshi_report.another"), encoding="utf-8"
    )
    assert "1 file changed" in git(folder, "diff", "--stat", "notebooks")


@pytest.mark.skipif(not shutil.which("git"), reason="needs git")
def test_set_up_leaves_the_settings_of_a_repository_around_it_alone(folder):
    git(folder.parent, "init", "--quiet")
    assert make(folder, ".venv/ready", SANSHI_QUARTO="skip").returncode == 0
    assert "nbstripout" not in git(folder.parent, "config", "--list")


def test_the_hook_before_a_commit_strips_as_the_filter_does():
    bootstrap = (PROJECT / "tools/bootstrap.py").read_text(encoding="utf-8")
    hooks = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    entry = hooks["repos"][0]["hooks"][0]["entry"]
    assert f'STRIP = "{entry}"' in bootstrap
    assert "--keep-id" in entry


def test_no_hook_before_a_commit_is_fetched():
    config = yaml.safe_load((PROJECT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    assert [repo["repo"] for repo in config["repos"]] == ["local"]
    assert {hook["language"] for repo in config["repos"] for hook in repo["hooks"]} == {"system"}
