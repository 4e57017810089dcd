"""A process of its own for files of unknown origin, with limits: whatever a file does, it does it there.

One child serves file after file and is replaced when it dies. It is a fresh interpreter, not a fork of this one,
which may hold threads and locks; so it also costs its imports once, less than a second, while forking would be
free but unsafe. Whoever knows early that it will be needed starts it before importing anything large, so that
both import at the same time. The child ends with its parent, however that ends, asked or not.
"""

from __future__ import annotations

import atexit
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

__all__ = ["LIMITS", "Limits", "NotStartedError", "TooCostlyError", "run", "start"]

_Result = TypeVar("_Result")
# What nearly every request needs is imported before any limit holds.
_PROGRAM = "import sanshi_report.intake.tables; from sanshi_report.child import serve; serve()"
# One thread and the plain allocator: what libraries set aside for speed would count as used. And no trace
# of a panic: to make one for want of memory, with none left, can hang.
_FRUGAL = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "RUST_BACKTRACE": "0",
}


@dataclass(frozen=True)
class Limits:
    """What reading one file may cost.

    Attributes
    ----------
    memory : int
        Bytes on top of what the program itself takes up; a workbook of 200,000 rows needs 0.5 GiB.
    processor, wall : int
        Seconds of processor, and by the clock; those 200,000 rows need about 5.
    start : int
        Seconds by the clock until the child is there.
    """

    memory: int = 2 << 30
    processor: int = 120
    wall: int = 300
    start: int = 120


LIMITS = Limits()
"""The one place to set them."""


class TooCostlyError(Exception):
    """The child died over a file, or had to be ended."""


class NotStartedError(Exception):
    """There is no child; the machine is out of something."""


def start() -> None:
    """Start the child, where there is none, without waiting for it.

    That it could not be started is told to whoever needs it.
    """
    global _child
    with _LOCK, suppress(NotStartedError):
        _child = _living()


def run(
    function: Callable[..., _Result],
    *arguments: Any,
    progress: Callable[[float], None] | None = None,
    limits: Limits | None = None,
    **named: Any,
) -> _Result:
    """Return what a function of some module returns when called in the child.

    Parameters
    ----------
    progress : callable, optional
        Handed on: the function gets a `progress` that calls this one here.

    Raises
    ------
    TooCostlyError
        If the child died, or ran out of memory or time.
    NotStartedError
        If no child could be started.
    Exception
        What the function raises.
    """
    global _child
    request = pickle.dumps((function, arguments, named, progress is not None, limits or LIMITS))
    with _LOCK:
        while True:
            _child = _living()
            used = _child.served > 0
            try:
                result: _Result = _child.ask(request, progress, limits or LIMITS)
                return result
            except TooCostlyError:
                # What earlier files left behind must not decide; the file has a child for itself.
                if not used:
                    raise
            finally:
                if not _child.lives():
                    _child = None


def _living() -> _Child:
    """Return the child, or a new one where there is none."""
    return _child if _child is not None and _child.lives() else _Child()


class _Child:
    """The child as seen from here."""

    def __init__(self) -> None:
        self.owner = os.getpid()
        self.served = 0
        self.is_ready = False
        try:
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=os.environ | _FRUGAL,
            )
        except OSError as error:
            raise NotStartedError from error
        assert process.stdin
        assert process.stdout
        self.process, self.requests, self.answers = process, process.stdin, process.stdout

    def lives(self) -> bool:
        """Return whether it can be asked; never true of one inherited through a fork."""
        return self.owner == os.getpid() and self.process.poll() is None

    def ask(self, request: bytes, progress: Callable[[float], None] | None, limits: Limits) -> Any:
        """Hand over a request and wait for the answer."""
        if not self.is_ready:
            try:
                self._answer(limits.start, None)
            except TooCostlyError as error:
                raise NotStartedError from error
            self.is_ready = True
        try:
            self.requests.write(request)
            self.requests.flush()
        except OSError as error:
            self.end()
            raise TooCostlyError from error
        self.served += 1
        return self._answer(limits.wall, progress)

    def _answer(self, wall: float, progress: Callable[[float], None] | None) -> Any:
        timer = threading.Timer(wall, self.process.kill)
        timer.daemon = True
        timer.start()
        whole = False
        try:
            while True:
                kind, value = pickle.load(self.answers)
                if kind != "told":
                    break
                if progress:
                    progress(value)
            whole = kind != "costly"
        except (EOFError, OSError, pickle.UnpicklingError) as error:
            raise TooCostlyError from error
        finally:
            timer.cancel()
            if not whole:  # also when this process was interrupted
                self.end()
        if kind == "costly":
            raise TooCostlyError
        if kind == "raised":
            raise value
        return value

    def end(self) -> None:
        """End it and wait for it, so that nothing of it is left."""
        if self.owner == os.getpid():
            self.process.kill()
            self.process.wait()
            for stream in (self.requests, self.answers):
                with suppress(OSError):
                    stream.close()


_LOCK = threading.Lock()
_child: _Child | None = None


@atexit.register
def _end_child() -> None:
    if _child is not None:
        _child.end()


# In the child ---------------------------------------------------------------------------------------


def serve() -> None:
    """Answer requests until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever is printed must not get among the answers
    base = _memory_now()
    _send(answers, "ready", None)
    while True:
        try:
            function, arguments, named, tells, limits = pickle.load(requests)
        except EOFError:
            return
        _limit(limits, base)
        _end_with_parent(True)
        if tells:
            named["progress"] = lambda share: _send(answers, "told", share)
        outcome = _outcome(function, arguments, named)
        _end_with_parent(False)  # before the answer: the next request may follow at once
        _send(answers, *outcome)


def _outcome(function: Callable[..., Any], arguments: Any, named: Any) -> tuple[str, Any]:
    try:
        return "done", function(*arguments, **named)
    except MemoryError:
        return "costly", None
    except Exception as error:
        error.__traceback__ = None if isinstance(error, OSError) else error.__traceback__
        try:
            pickle.loads(pickle.dumps(error))
        except Exception:
            return "raised", RuntimeError(traceback.format_exc())
        return "raised", error


def _send(stream: BinaryIO, kind: str, value: Any) -> None:
    try:
        content = pickle.dumps((kind, value), protocol=pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        content = pickle.dumps(("costly", None))
    try:
        stream.write(content)
        stream.flush()
    except OSError:
        os._exit(1)  # nobody listens any more


def _memory_now() -> int:
    """Return how many bytes the process has claimed so far; 0 where that is not told."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmData")).split()[1])
    return 0


def _limit(limits: Limits, base: int) -> None:
    """Set the limits for the next file; where the system knows none, the clock alone limits."""
    try:
        import resource
    except ImportError:  # Windows
        return
    used = resource.getrusage(resource.RUSAGE_SELF)
    wanted = {
        resource.RLIMIT_DATA: base + limits.memory,
        resource.RLIMIT_CPU: int(used.ru_utime + used.ru_stime) + limits.processor,
        resource.RLIMIT_CORE: 0,
    }
    for what, soft in wanted.items():
        hard = resource.getrlimit(what)[1]
        with suppress(OSError, ValueError):
            resource.setrlimit(what, (soft if hard < 0 else min(soft, hard), hard))


def _end_with_parent(on: bool) -> None:
    """Let the end of the parent, seen as the end of the requests, end this process at once or not."""
    try:
        import fcntl
        import select
    except ImportError:  # Windows; there the child ends when it next reads or writes
        return
    # By default it ends a process on Linux, and is ignored elsewhere.
    known = sys.platform == "linux"
    signal.signal(signal.SIGIO, signal.SIG_DFL if known else lambda *_: os._exit(1))
    fcntl.fcntl(0, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(0, fcntl.F_GETFL)
    wanted = flags | os.O_ASYNC if on else flags & ~os.O_ASYNC
    fcntl.fcntl(0, fcntl.F_SETFL, wanted)
    poll = select.poll()
    poll.register(0, select.POLLHUP)
    if on and poll.poll(0):
        os._exit(1)
