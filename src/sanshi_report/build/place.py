"""Staging and placing: a release appears whole, in one rename, or not at all."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from sanshi_report.errors import BuildError
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Workspace

__all__ = ["copy", "keep_edited", "keep_failed", "place", "staging", "writing"]

_REASONS = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EROFS: "not_writable",
    errno.EACCES: "not_writable",
    errno.EPERM: "not_writable",
}


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Tell a full disk, a read-only folder and the like in plain words.

    Raises
    ------
    BuildError
        For any failure of the file system inside the context.
    """
    try:
        yield
    except OSError as error:
        where = error.filename if isinstance(error.filename, str | os.PathLike) else folder
        key = _REASONS.get(error.errno or 0, "file_system")
        raise BuildError(key, path=where, reason=error.strerror or error) from error


@contextmanager
def staging(workspace: Workspace, name: ReportPeriod | str) -> Iterator[Path]:
    """Hold the lock of a release, or of the site, and give an empty folder that becomes it.

    Parameters
    ----------
    name : ReportPeriod or str
        What it is called under `output/`.

    Raises
    ------
    BuildError
        If another build of it is running, or the output folder cannot be written to.
    """
    area = workspace.output / ".staging"
    with writing(workspace.output):
        area.mkdir(parents=True, exist_ok=True)
    lock = FileLock(area / f"{name}.lock", blocking=False)
    with writing(area):
        try:
            lock.acquire()
        except Timeout:  # an OSError too
            raise BuildError("build_running", period=name) from None
    folder = area / str(name)
    try:
        with writing(area):
            _recover(folder, workspace.output / str(name))
            folder.mkdir()
        yield folder
    finally:
        for leftover in (folder, _former(folder)):
            shutil.rmtree(leftover, ignore_errors=True)
        lock.release()


def place(folder: Path, release: Path) -> None:
    """Make the staged `folder` the `release`, replacing a former one, in one step.

    Where the system can exchange two folders, there is no moment without a release. Elsewhere the
    former is moved aside first and moved back if the second rename fails.
    """
    _flush(folder)
    if release.is_symlink() or (release.exists() and not release.is_dir()):
        raise BuildError("release_not_folder", path=release)
    if not release.exists():
        folder.rename(release)
    elif not _exchange(folder, release):
        former = _former(folder)
        release.rename(former)
        try:
            folder.rename(release)
        except BaseException:
            former.rename(release)
            raise
    with suppress(OSError):
        _sync(release.parent)


def keep_failed(workspace: Workspace, period: ReportPeriod, notebook: Path) -> str:
    """Keep a notebook that failed and return where, relative to the workspace; `—` if it could not be."""
    kept = workspace.output / ".failed" / str(period) / notebook.name
    try:
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(notebook, kept)
    except OSError:
        return "—"
    return kept.relative_to(workspace.root).as_posix()


def keep_edited(workspace: Workspace, period: ReportPeriod, intact: Set[str]) -> list[str]:
    """Keep what somebody changed in, or added to, the present release, and return where.

    An official may have edited the Word file in its place. It is about to be replaced, so a copy goes
    to `output/.edited/<period>/`, under a name of its own.

    Parameters
    ----------
    intact : set of str
        The files of the release that are as they were made.
    """
    release = workspace.output / str(period)
    kept = []
    for path in sorted(release.rglob("*")) if release.is_dir() else ():
        name = path.relative_to(release)
        made = name.as_posix() in intact or name.parts[0] in (
            "former",
            "manifest.json",
            "manifest.sig",
        )
        if made or path.is_symlink() or not path.is_file():
            continue
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        target = workspace.output / ".edited" / str(period) / name
        target = target.with_name(f"{target.stem}-{digest}{target.suffix}")
        if not target.exists():
            copy(path, target)
        kept.append(target.relative_to(workspace.root).as_posix())
    return kept


def copy(source: Path, target: Path) -> None:
    """Give a finished file a second name, or a copy where that cannot be; where it has the name, nothing is done."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and target.samefile(source):
        return
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _former(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.former")


def _recover(folder: Path, release: Path) -> None:
    # A build that was killed between two renames left the release under its other name.
    former = _former(folder)
    if former.exists() and not release.exists():
        former.rename(release)
    for leftover in (folder, former):
        if leftover.exists():
            shutil.rmtree(leftover)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders atomically; False where the system cannot."""
    if sys.platform != "linux":
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    here, swap = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    return bool(renameat2(here, os.fsencode(one), here, os.fsencode(other), swap) == 0)


def _flush(folder: Path) -> None:
    for path in sorted(folder.rglob("*"), reverse=True):
        _sync(path)
    _sync(folder)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
