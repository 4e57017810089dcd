"""Building many periods at once: on this machine's processors, or on a Dask cluster.

Both are asked through `concurrent.futures`. A period is one task, so a release is made by one process from
beginning to end; on a cluster the workspace must be at the same path everywhere.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Literal

from sanshi_report.build.calendar import is_due
from sanshi_report.build.release import Release, build, noting
from sanshi_report.errors import BuildError, ReportError, UsageError, unforeseen
from sanshi_report.kernels import Kernels
from sanshi_report.period import ReportPeriod
from sanshi_report.render import choose, tried
from sanshi_report.workspace import Workspace

__all__ = ["Outcome", "build_periods"]

_CONNECT_SECONDS = 20
_IDLE = {"nothing_due", "format_not_offered"}


@dataclass(frozen=True)
class Outcome:
    """What became of one period.

    Attributes
    ----------
    period : ReportPeriod
        The period.
    release : Release or None
        What is published; None if nothing of what was asked for is due then, or it failed.
    error : ReportError or None
        Why it failed, or why there was nothing to do.
    """

    period: ReportPeriod
    release: Release | None = None
    error: ReportError | None = None

    @property
    def state(self) -> Literal["made", "current", "not_due", "failed"]:
        """What was done."""
        if self.release is None:
            return "not_due" if self.error is None or self.error.key in _IDLE else "failed"
        return "made" if self.release.is_new else "current"


def build_periods(
    workspace: Workspace,
    periods: Sequence[ReportPeriod],
    *,
    reports: Sequence[str] | None = None,
    scheduler: str = "",
    progress: Callable[[str], None] = print,
    done: Callable[[Outcome], None] = lambda _: None,
    **options: Any,
) -> list[Outcome]:
    """Make the reports of several periods; one that fails does not stop the others.

    Parameters
    ----------
    reports : sequence of str, optional
        Only these, in the periods in which they are due; by default all that are due.
    scheduler : str
        Address of a Dask scheduler, `tcp://…`; empty for this machine's processors.
    progress : callable
        Told in a few words what is being done, by the process that does it; must be importable there.
    done : callable
        Told what became of each period as it ends.
    **options
        Further arguments of `build`.

    Returns
    -------
    list of Outcome
        In the order of `periods`.

    Raises
    ------
    UsageError
        If nothing asked for is due in any of them, or the scheduler cannot be reached.
    """
    if not scheduler and options.get("renderer", "auto") == "auto":
        # Once for all periods, so that a Quarto that does not work is told of once.
        note = noting(f"{periods[0]}..{periods[-1]}", progress)
        options["renderer"] = tried(choose("auto", note), "auto", note).name
    task = {"root": workspace.root, "reports": reports, "progress": progress, **options}
    outcomes: dict[ReportPeriod, Outcome] = {}
    with _cluster(scheduler) if scheduler else _processors(len(periods)) as executor:
        futures = {executor.submit(_task, period, task): period for period in periods}
        try:
            for future in as_completed(futures):
                outcome = _outcome(future, futures[future])
                outcomes[outcome.period] = outcome
                done(outcome)
        except BaseException:
            for future in futures:
                future.cancel()
            raise
    if all(outcome.state == "not_due" for outcome in outcomes.values()):
        told = [o.error for o in outcomes.values() if o.error and o.error.key != "nothing_due"]
        key, values = (told[0].key, told[0].values) if told else ("nothing_due", {})
        raise UsageError(key, **values | {"period": f"{periods[0]}..{periods[-1]}"})
    return [outcomes[period] for period in periods]


def _outcome(future: Future[Outcome], period: ReportPeriod) -> Outcome:
    try:
        return future.result()
    except BrokenExecutor as error:
        return Outcome(period, error=BuildError("worker_died", reason=error))
    except Exception as error:
        return Outcome(period, error=unforeseen(error))


def _task(period: ReportPeriod, task: Mapping[str, Any]) -> Outcome:
    """Build one period, in whichever process this is."""
    options = dict(task)
    workspace = Workspace(options.pop("root"))
    options["progress"] = _heeding(options["progress"])
    try:
        with _interruptible():
            names = _due(workspace, period, options.pop("reports"))
            if names == []:
                return Outcome(period)
            made = build(workspace, period, reports=names, kernels=_kernels, **options)
            return Outcome(period, made)
    except ReportError as error:
        _let_go()
        return Outcome(period, error=error)
    except BaseException:
        _let_go()
        raise


def _due(
    workspace: Workspace, period: ReportPeriod, names: Sequence[str] | None
) -> list[str] | None:
    """Return which of the reports named a period owes or makes on request; unknown ones stay in."""
    if names is None:
        return None
    listed = {report.name: report for report in workspace.parameters(period).programme.reports}
    return [
        name
        for name in names
        if (report := listed.get(name)) is None
        or report.every == "on_request"
        or is_due(report, period)
    ]


# On this machine


class _Worker:
    """What a worker process of this machine keeps from one period to the next."""

    stop: Any = None
    kernels: Kernels | None = None


@contextmanager
def _processors(most: int) -> Iterator[Executor]:
    """Give a pool with a process for each processor, each with warm kernels."""
    # Spawned: a copy of this process would share its locks and whatever else it has open.
    context = get_context("spawn")
    stop = context.Event()
    count = min(_processor_count(), most)
    with ProcessPoolExecutor(count, context, initializer=_begin, initargs=(stop,)) as executor:
        try:
            yield executor
        except BaseException:
            stop.set()
            raise


def _processor_count() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _begin(stop: Any) -> None:
    _Worker.stop = stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # between periods; the caller says when to stop


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C, which every process of the terminal gets, end a period that is being built."""
    if _Worker.stop is None:
        yield
        return
    if _Worker.stop.is_set():
        raise KeyboardInterrupt
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def _heeding(progress: Callable[[str], None]) -> Callable[[str], None]:
    def tell(line: str) -> None:
        if _Worker.stop is not None and _Worker.stop.is_set():
            raise KeyboardInterrupt
        progress(line)

    return tell


def _kernels(root: Path) -> Any:
    """Return this worker's kernels, which stay warm; they end with its process."""
    if _Worker.stop is None:
        return Kernels(root)
    if _Worker.kernels is None:
        _Worker.kernels = Kernels(root).__enter__()
    return nullcontext(_Worker.kernels)


def _let_go() -> None:
    """End the kernels after a failure, which they may be part of."""
    if _Worker.kernels is not None:
        _Worker.kernels.__exit__()
        _Worker.kernels = None


# On a cluster


@contextmanager
def _cluster(address: str) -> Iterator[Executor]:
    distributed: Any = import_module("distributed")
    try:
        client = distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise UsageError("scheduler_unreachable", address=address, reason=reason) from error
    with client, client.get_executor(pure=False) as executor:
        yield executor
