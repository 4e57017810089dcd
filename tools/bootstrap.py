"""Make `.venv`: the packages of the hashed lock, this project, and Quarto if it can be had.

Run by the Makefile with a plain Python, so it uses the standard library only. Each stage leaves a
record when it is over, and only then: what was interrupted is done again, what is done is not.
"""

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
LOG = VENV / "setup.log"
INSTALLED = VENV / "installed"  # what the packages were installed from, and where
QUARTO_TRIED = VENV / "quarto-tried"  # how the one attempt went
READY = VENV / "ready"  # read by the Makefile: the folder this environment was made in

QUARTO = "quarto-cli==1.9.38"
QUARTO_SECONDS = 60
PROGRESS_SECONDS = 10
# Makes a notebook that was run look to git as it was before; as in .pre-commit-config.yaml.
STRIP = ".venv/bin/nbstripout --keep-id --extra-keys metadata.language_info --"
MIRROR_SETTINGS = ("index-url", "find-links", "no-index")


class SetupError(Exception):
    """The set-up cannot go on; the message says why and what to do."""


def say(text: str) -> None:
    """Print one progress line at once."""
    print(f"set-up: {text}", flush=True)


def base_python() -> str:
    """Return the interpreter outside any virtual environment; ours may be about to go."""
    return getattr(sys, "_base_executable", None) or sys.executable


def clean_environment(**extra: str) -> dict[str, str]:
    """Return the environment for installers: all their settings, bar those that lead elsewhere."""
    ours = {"PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    drop = {"PYTHONPATH", "PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "VIRTUAL_ENV"}
    kept = {name: value for name, value in os.environ.items() if name not in drop}
    return kept | ours | extra


def run(command: list[str], *, total: int = 0, **extra: str) -> None:
    """Run a command into the log; with `total`, say now and then how many packages are fetched."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(command)}\n")
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean_environment(**extra),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        assert process.stdout is not None
        tail, fetched, spoke = [""], 0, time.monotonic()
        for line in process.stdout:
            log.write(line)
            tail = [*tail[-11:], line.rstrip()]
            fetched += line.startswith(("Collecting ", "Processing "))
            if total and line.startswith("Installing collected packages"):
                say("  all fetched; unpacking")
            elif total and time.monotonic() - spoke > PROGRESS_SECONDS:
                spoke = time.monotonic()
                say(f"  {fetched} of about {total} packages fetched")
        if process.wait():
            raise SetupError("\n    ".join([" ".join(command), *tail]))


def has_own_pip_settings() -> bool:
    """Tell whether pip was told where to find packages; uv does not read pip's settings."""
    command = [base_python(), "-m", "pip", "config", "list"]
    listed = subprocess.run(command, env=clean_environment(), capture_output=True, text=True)
    return any(name in listed.stdout for name in MIRROR_SETTINGS)


def installers() -> list[list[str]]:
    """Return the commands that can install, best first."""
    found = []
    if (VENV / "bin" / "pip").exists():
        found.append([str(VENV_PYTHON), "-m", "pip", "install", "--progress-bar", "off"])
    if uv := shutil.which("uv"):
        options = ["--quiet", "--compile-bytecode", "--python", str(VENV_PYTHON)]
        found.insert(len(found) * has_own_pip_settings(), [uv, "pip", "install", *options])
    return found


def install(arguments: list[str], *, total: int = 0, **extra: str) -> None:
    """Install with the first installer that can."""
    *others, last = installers()
    for command in others:
        try:
            return run([*command, *arguments], total=total, **extra)
        except SetupError:
            say(f"{Path(command[0]).name} could not install them; trying another way")
    return run([*last, *arguments], total=total, **extra)


def make_venv() -> None:
    """Make an empty virtual environment in place of whatever is there."""
    if VENV.is_symlink():
        raise SetupError(f"{VENV} is a link; remove it, and run make again")
    shutil.rmtree(VENV, ignore_errors=True)
    say(f"making .venv with Python {sys.version.split()[0]}")
    try:
        run([base_python(), "-m", "venv", str(VENV)])
    except SetupError as error:
        uv = shutil.which("uv")
        if uv is None:
            raise SetupError(
                f"{error}\n  This Python cannot make a virtual environment. On Debian or Ubuntu:\n"
                "  apt install python3-venv. Or name another Python: make PYTHON=python3.12"
            ) from None
        run([uv, "venv", "--quiet", "--allow-existing", "--python", base_python(), str(VENV)])


def install_packages() -> None:
    """Install the locked packages, each checked against its hash."""
    count = sum(
        line[:1].isalnum() and "==" in line
        for line in LOCK.read_text(encoding="utf-8").splitlines()
    )
    say(f"installing about {count} packages, once; this takes one to five minutes")
    install(["--require-hashes", "-r", str(LOCK)], total=count)


def install_project() -> None:
    """Install this project itself, as links to `src/`."""
    say("installing sanshi_report")
    arguments = ["--no-deps", "--no-build-isolation", "-e", "."]
    install(arguments, PIP_REQUIRE_HASHES="0", UV_REQUIRE_HASHES="0")
    # Python reads these files in the locale's encoding, so this folder's name, which may be
    # Chinese, must not be in one: under LC_ALL=C or GBK no Python would start here.
    for link in VENV.glob("lib/python3.*/site-packages/*sanshi_report.pth"):
        link.write_text(os.path.relpath(ROOT / "src", link.parent) + "\n", encoding="ascii")
    run([str(VENV_PYTHON), "-c", "import sanshi_report"])


def origin() -> str:
    """Return what the environment depends on: this folder, this Python, this lock."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    return f"{ROOT}\n{sys.version}\n{digest}\n"


def remove_quarto() -> None:
    """Remove all that an attempt at Quarto may have left."""
    for pattern in ("lib*/python3.*/site-packages/quarto_cli*", "bin/quarto", "quarto-download"):
        for path in VENV.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def attempt_quarto(seconds: int) -> str:
    """Try to install Quarto, in bounded time; return how it went, in a few words."""
    download = VENV / "quarto-download"
    download.mkdir(exist_ok=True)
    command = [*installers()[0], "--no-deps", QUARTO]
    with LOG.open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=clean_environment(TMPDIR=str(download)),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
        try:
            outcome = "" if process.wait(seconds) == 0 else "could not be downloaded"
        except subprocess.TimeoutExpired:
            outcome = f"was not there after {seconds} seconds"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
    shutil.rmtree(download, ignore_errors=True)
    if not outcome and not (VENV / "bin" / "quarto").exists():
        outcome = "was installed without its program"
    return outcome


def try_quarto(seconds: int) -> None:
    """Install Quarto if nobody has, and record the outcome; never fails the set-up."""
    if os.environ.get("SANSHI_QUARTO") == "skip":
        outcome = "skipped (SANSHI_QUARTO=skip)"
    elif os.environ.get("QUARTO_PATH") or shutil.which("quarto"):
        outcome = "already on this machine"
    else:
        say(f"trying to install Quarto (optional, at most {seconds} seconds)")
        remove_quarto()
        try:
            problem = attempt_quarto(seconds)
        except BaseException:
            remove_quarto()
            raise
        if problem:
            remove_quarto()
        outcome = f"{problem}; the built-in renderer serves" if problem else "installed"
    say(f"Quarto: {outcome}")
    QUARTO_TRIED.write_text(outcome + "\n", encoding="utf-8")


def keep_outputs_from_git() -> None:
    """Define the filter that .gitattributes names, if this folder is a repository of its own."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        return
    for name, value in (("clean", STRIP), ("smudge", "cat")):
        run([git, "config", f"filter.nbstripout.{name}", value])


def set_up() -> None:
    """Bring `.venv` up to date with the lock, the project and this folder."""
    READY.unlink(missing_ok=True)
    if not INSTALLED.exists() or INSTALLED.read_text(encoding="utf-8") != origin():
        make_venv()
        install_packages()
    install_project()
    INSTALLED.write_text(origin(), encoding="utf-8")
    keep_outputs_from_git()
    if not QUARTO_TRIED.exists():
        try_quarto(QUARTO_SECONDS)
    READY.write_text(f"{ROOT}\n", encoding="utf-8")
    say("ready")


def up_to_date() -> bool:
    """Tell whether another make finished the set-up while this one waited for it."""
    sources = (LOCK, ROOT / "pyproject.toml")
    return (
        READY.exists()
        and INSTALLED.read_text(encoding="utf-8") == origin()
        and VENV_PYTHON.exists()
        and all(READY.stat().st_mtime >= path.stat().st_mtime for path in sources)
    )


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Hold the set-up for one process at a time; others wait."""
    with LOCK.open("r+b") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another make is setting up; waiting for it")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Set up, or with the argument `quarto` try Quarto again with ten minutes' patience."""
    try:
        with alone():
            if sys.argv[1:] == ["quarto"]:
                try_quarto(10 * QUARTO_SECONDS)
            elif not up_to_date():
                set_up()
    except (SetupError, OSError) as error:
        print(f"set-up failed: {error}\n  The whole log: {LOG}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nset-up interrupted; the next make does it again", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
