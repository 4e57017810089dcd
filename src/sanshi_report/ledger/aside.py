"""Files that are being received, before they are: copies set aside in a folder of their own.

Each process has its folder, `data/raw/.receiving-<period>-…`, and holds a lock in it while it lives. A folder
whose lock nobody holds was left by a process that was killed; what it had put in place without a receipt
is known by being the same file on disk as a copy in it.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Set
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from sanshi_report.ledger.chain import NAME, Problems, naming
from sanshi_report.ledger.inbox import IGNORED
from sanshi_report.workspace import Workspace

__all__ = ["SUFFIXES", "Candidate", "clear", "copied", "own_folder", "take_back"]

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv")
"""What a submission may be."""

_PREFIX = ".receiving-"
_LOCK = "lock"


@dataclass(frozen=True)
class Candidate:
    """A file that may be received: a copy of it that can be opened, whose digest is known.

    Attributes
    ----------
    source : Path
        The file as it was named.
    name : str
        The name it is to have.
    copy : Path
        The copy, which is what will be kept.
    sha256 : str
        Digest of the copy's bytes.
    """

    source: Path
    name: str
    copy: Path
    sha256: str


@contextmanager
def own_folder(workspace: Workspace, month: str, locked: ExitStack) -> Iterator[Path]:
    """Give a folder for copies, known to be in use until the end of the context.

    Parameters
    ----------
    month : str
        For what the files are received.
    locked : ExitStack
        Holds the lock of the list; closed as soon as the folder has a lock of its own.
    """
    made = 0
    while True:
        folder = workspace.raw / f"{_PREFIX}{month}-{os.getpid()}-{made}"
        try:
            folder.mkdir()
            break
        except (
            FileExistsError
        ):  # another thread's, or of a process of this number on another machine
            made += 1
    try:
        with FileLock(folder / _LOCK):
            locked.close()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def clear(workspace: Workspace, names: Set[str]) -> None:
    """Remove what killed processes left. Whoever calls this holds the lock of the list.

    Parameters
    ----------
    names : set of str
        The received files, by their place under `data/raw/`: they stay.
    """
    for folder in workspace.raw.glob(f"{_PREFIX}*"):
        with suppress(Timeout, OSError), FileLock(folder / _LOCK, blocking=False):
            take_back(workspace, folder, names)
            shutil.rmtree(folder, ignore_errors=True)
    # What was being written when the lock was lost; earlier versions copied into the period's folder.
    for pattern in (f".{NAME}-*", f"*/{_PREFIX}*"):
        for path in workspace.raw.glob(pattern):
            if path.parent.name[:1] != ".":
                path.unlink(missing_ok=True)


def take_back(workspace: Workspace, folder: Path, names: Set[str]) -> None:
    """Remove what was put in place from a folder of copies and has no receipt."""
    month = folder.name.removeprefix(_PREFIX)[:7]
    copies = {_identity(copy) for copy in folder.iterdir()}
    place = workspace.raw / month
    for path in place.iterdir() if place.is_dir() else ():
        if f"{month}/{path.name}" not in names and _identity(path) in copies:
            path.unlink()
    with suppress(OSError):
        place.rmdir()  # if it is empty


def _identity(path: Path) -> tuple[int, int]:
    found = path.lstat()
    return found.st_dev, found.st_ino


def copied(files: Iterable[Path], folder: Path, month: str) -> list[Candidate]:
    """Copy files into a folder, each looked at as far as opening it tells.

    Raises
    ------
    Problems
        If any of them cannot be received; all are named.
    """
    problems: list[tuple[str, dict[str, Any]]] = []
    found = []
    for number, path in enumerate(files):
        name = unicodedata.normalize("NFC", path.name)
        problem = _unacceptable(path, name)
        if problem is None:
            copy = folder / f"{number}{path.suffix.lower()}"
            try:
                digest = _copy(path, copy, folder.parent / month / name)
            except _Unreadable:
                problem = "receive_unreadable"
            else:
                found.append(Candidate(path, name, copy, digest))
                problem = _unusable(copy)
        if problem is not None:
            problems.append((problem, {"file": str(path), "kinds": " ".join(SUFFIXES)}))
    if problems:
        raise Problems("receive_refused", problems)
    return found


def _unacceptable(path: Path, name: str) -> str | None:
    """Return why a path is not to be copied at all."""
    try:
        mode = path.lstat().st_mode
    except (OSError, ValueError):
        return "receive_absent"
    if stat.S_ISLNK(mode):
        return "receive_link"
    if not stat.S_ISREG(mode):
        return "receive_not_file"
    if IGNORED.match(name) or re.search(r'[\\/:*?"<>|#\x00-\x1f\x7f]', name) or len(name) > 80:
        return "receive_name"
    if path.suffix.lower() not in SUFFIXES:
        return "receive_kind"
    return None


def _unusable(copy: Path) -> str | None:
    """Return why a copied file cannot be used, as far as opening it tells; its cells are read later."""
    if copy.stat().st_size == 0:
        return "receive_empty"
    if copy.suffix == ".csv":
        return None
    # Late, because everything else here does without pandas.
    from sanshi_report.intake import unopenable

    kinds = ("damaged", "encrypted", "bomb", "repeats", "too_costly")
    return {f"file_{kind}": f"receive_{kind}" for kind in kinds}.get(unopenable(copy) or "")


class _Unreadable(Exception):
    """The source, not the copy, is what fails."""


def _copy(source: Path, target: Path, place: Path) -> str:
    """Copy bytes to disk and return their digest, so that what was digested is what is kept.

    A failure to write names the `place` that the copy is for.
    """
    digest = hashlib.sha256()
    try:
        reader = source.open("rb")
    except OSError as error:
        raise _Unreadable from error
    with reader, naming(place), target.open("xb") as writer:
        while block := _read(reader):
            digest.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def _read(reader: Any) -> bytes:
    try:
        return bytes(reader.read(1 << 20))
    except OSError as error:
        raise _Unreadable from error
