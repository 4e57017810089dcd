"""The warm kernel: libraries imported once, a fresh forked process for each notebook.

A nursery process imports everything a notebook needs and then forks a kernel whenever it is asked.
Each kernel starts from the same clean memory, so notebooks cannot see each other and a start takes
a tenth of a second instead of several. Where there is no fork, a kernel is an ordinary new process.

Kernels never outlive a build: the nursery ends them when its input closes, however that happens.
"""

from __future__ import annotations

import gc
import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, Self, cast

from sanshi_report.errors import BuildError

if TYPE_CHECKING:
    from jupyter_client.manager import AsyncKernelManager

__all__ = ["Kernels", "environment", "lighten_imports", "serve"]

_LIBRARIES = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "pandas",
    "altair",
    "vl_convert",
)
_OWN_LIBRARIES = ("ledger.loading", "metrics", "figures", "tables", "report")
_START_SECONDS = 120
_LONGEST_SOCKET_PATH = 100  # the kernel's limit is 107 bytes, and jupyter appends to the name


def lighten_imports() -> None:
    """Leave out a grammar that jsonschema compiles for over a second and nothing here uses."""
    sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]


def environment(root: Path, folder: Path) -> dict[str, str]:
    """Return the environment notebooks run in: the caller's, less whatever could change a result.

    Parameters
    ----------
    root : Path
        The workspace, which notebooks find through SANSHI_ROOT.
    folder : Path
        Where IPython may keep its own files, so that no start-up file of the user's is run.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTHON", "SANSHI_", "PANDERA_", "IPYTHON", "LC_", "LANG"))
        and name not in ("VSCODE_PID", "JPY_PARENT_PID")
    }
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    return (
        kept
        | dict.fromkeys(threads, "1")
        | {
            "IPYTHONDIR": str(folder),
            "JE_ARROW_MALLOC_CONF": "background_thread:false",  # a fork copies one thread only
            "LC_ALL": "C.UTF-8",
            "PYTHONHASHSEED": "0",
            "PYTHONPATH": str(Path(__file__).parents[1]),  # the same package as the caller's
            "PYTHONUTF8": "1",
            "SANSHI_ROOT": str(root),
            "TZ": "Asia/Shanghai",
        }
    )


class Kernels:
    """A context in which notebooks get their kernels.

    Parameters
    ----------
    root : Path
        The workspace the notebooks work on.
    warm : bool
        Whether to fork kernels from a warm process; by default, wherever the system can.

    Attributes
    ----------
    folder : Path
        Scratch space that goes when the context ends.
    """

    folder: Path

    def __init__(self, root: Path, *, warm: bool = hasattr(os, "fork")) -> None:
        self._root, self._warm = root, warm
        self._nursery: _Nursery | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="sanshi-"))
        self._environment = environment(self._root, self.folder)
        if self._warm:
            self._nursery = _Nursery(self._environment, self.log, self.last_words)
        return self

    def __exit__(self, *_: object) -> None:
        if self._nursery:
            self._nursery.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> Path:
        """What kernels wrote to their standard error outside of cells, such as a crash."""
        return self.folder / "kernels.log"

    def last_words(self) -> str:
        """Return the last line of the log, or nothing."""
        try:
            return self.log.read_text(errors="replace").strip().rpartition("\n")[2]
        except OSError:
            return ""

    def manager(self) -> type[AsyncKernelManager]:
        """Return the class that starts kernels here, for `papermill.execute_notebook`."""
        return _manager_class(self.folder, self._environment, self._nursery)


class _Nursery:
    """The process kernels are forked from; asked one thing at a time."""

    def __init__(
        self, variables: Mapping[str, str], log: Path, last_words: Callable[[], str]
    ) -> None:
        self._lock = threading.Lock()
        self._last_words = last_words
        self._asked = 0
        with log.open("wb") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-c", "from sanshi_report.kernels import serve; serve()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(variables),
                start_new_session=True,  # Ctrl-C is for the build, which then ends its kernels
            )

    def ask(self, **request: Any) -> Any:
        """Return the answer to one request.

        Raises
        ------
        BuildError
            If the nursery died or does not answer in time.
        """
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        with self._lock:
            self._asked += 1
            try:
                requests.write(json.dumps([self._asked, request]).encode() + b"\n")
                requests.flush()
                number = 0
                while number != self._asked:  # Ctrl-C may have left an answer unread
                    ready = select.select([answers], [], [], _START_SECONDS)[0]
                    number, answer = json.loads(answers.readline() if ready else b"")
                return answer
            except (OSError, ValueError) as error:
                reason = self._last_words() or error
                raise BuildError("kernel_not_started", reason=reason) from error

    def close(self) -> None:
        """End the nursery and every kernel it still has."""
        if not self._asked:
            self._process.kill()  # it may still be importing, and has no kernels
        with suppress(OSError):
            assert self._process.stdin is not None
            self._process.stdin.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        assert self._process.stdout is not None
        self._process.stdout.close()


class _Forked:
    """A forked kernel, with the part of `subprocess.Popen` that jupyter's provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, nursery: _Nursery, connection: str, folder: str) -> None:
        self._nursery = nursery
        self.pid: int = nursery.ask(fork=connection, folder=folder)

    def poll(self) -> int | None:
        """Return the exit status, or None while it runs."""
        status: int | None = self._nursery.ask(poll=self.pid)
        return status

    def wait(self) -> int | None:
        """Return the exit status of a kernel known to have ended."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Signal the kernel and whatever it started."""
        self._nursery.ask(signal=self.pid, number=number)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)


def _manager_class(
    folder: Path, variables: Mapping[str, str], nursery: _Nursery | None
) -> type[AsyncKernelManager]:
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from jupyter_client.provisioning.local_provisioner import LocalProvisioner

    # Not the installed `python3` specification: a user's own could name another Python.
    spec = KernelSpec(
        argv=[sys.executable, "-P", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        display_name="Python 3",
        language="python",
    )

    class Provisioner(LocalProvisioner):
        async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
            if nursery is None:
                return await super().launch_kernel(cmd, **options)
            connection: str = self.parent.connection_file  # type: ignore[union-attr]
            self.process = cast(Any, _Forked(nursery, connection, options["cwd"]))
            return self.connection_info

    class Manager(AsyncKernelManager):
        kernel_spec = spec

        def __init__(self, **options: Any) -> None:
            path = Path(tempfile.mkdtemp(dir=folder)) / "kernel.json"
            sockets = os.name == "posix" and len(os.fsencode(path)) < _LONGEST_SOCKET_PATH
            transport = "ipc" if sockets else "tcp"
            super().__init__(connection_file=str(path), transport=transport, **options)

        async def _async_pre_start_kernel(self, **options: Any) -> Any:
            self.provisioner = Provisioner(kernel_id=self.kernel_id, kernel_spec=spec, parent=self)
            return await super()._async_pre_start_kernel(**options, env=dict(variables))

    return Manager


def serve() -> None:
    """Be the nursery: import the libraries, then answer requests until the input ends."""
    lighten_imports()
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)  # a library that prints must not garble the answers
    for library in _LIBRARIES:
        import_module(library)
    for library in _OWN_LIBRARIES:
        import_module(f"sanshi_report.{library}")
    gc.collect()
    gc.freeze()
    kernels: set[int] = set()
    try:
        for line in sys.stdin.buffer:
            number, request = json.loads(line)
            answer = _answer(request, kernels, answers)
            answers.write(json.dumps([number, answer]).encode() + b"\n")
    finally:
        for kernel in kernels:
            with suppress(ProcessLookupError):
                os.killpg(kernel, signal.SIGKILL)
        # The build does this too, unless it was killed.
        shutil.rmtree(os.environ["IPYTHONDIR"], ignore_errors=True)


def _answer(request: Mapping[str, Any], kernels: set[int], answers: Any) -> int | None:
    if "fork" in request:
        kernel = os.fork()
        if kernel == 0:
            answers.close()
            _be_kernel(request["fork"], request["folder"])
        with suppress(OSError):
            os.setpgid(kernel, kernel)  # whichever of the two comes first
        kernels.add(kernel)
        return kernel
    if "poll" in request:
        kernel = request["poll"]
        if kernel not in kernels:
            return 0
        # Collecting it here is what keeps an ended kernel from lingering as a zombie.
        ended, status = os.waitpid(kernel, os.WNOHANG)
        if not ended:
            return None
        kernels.discard(kernel)
        return os.waitstatus_to_exitcode(status)
    if request["signal"] in kernels:
        os.killpg(request["signal"], request["number"])
    return 0


def _be_kernel(connection: str, folder: str) -> NoReturn:
    status = 1
    try:
        os.setpgid(0, 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.chdir(folder)
        application = import_module("ipykernel.kernelapp").IPKernelApp
        # With a parent handle of 1 the kernel neither watches for its parent nor greets a terminal.
        quiet = ["--HistoryManager.enabled=False", "--IPKernelApp.parent_handle=1"]
        application.launch_instance(["-f", connection, *quiet])
        status = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Never back into the nursery's loop, and none of its exit handlers.
        os._exit(status)
