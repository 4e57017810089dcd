"""Taking files in and letting them go: copies into `data/raw/<period>/`, and lines in the two lists.

A file lies in its folder before its receipt says so: what an interruption leaves behind is a file without
a receipt, which receiving it again mends.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from filelock import FileLock, Timeout

from sanshi_report.errors import DataError, UsageError
from sanshi_report.ledger.inbox import (
    IGNORED,
    RECEIPT_COLUMNS,
    WITHDRAWAL_COLUMNS,
    Problems,
    Receipt,
    Withdrawal,
    append,
    digest_of,
    effective,
    ending,
    line_of,
    lists,
)
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import CHINA, Workspace

__all__ = ["receive", "withdraw"]

SUFFIXES = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".csv")
"""What a submission may be."""

WAIT = 30
"""Seconds to wait for somebody else who is receiving."""


def receive(
    workspace: Workspace,
    files: Sequence[str | Path],
    period: str | ReportPeriod,
    submitted_by: str,
    note: str = "",
    now: datetime | None = None,
) -> list[Receipt]:
    """Copy files into the period's folder and write their receipts; all of them or none.

    A name already taken by other content gets a number. A file whose bytes were received before, for any
    period, is recognised and not taken again.

    Returns
    -------
    list of Receipt
        One per file, in the order given.

    Raises
    ------
    UsageError
        If the period is not a month, no file is named, or the sender is not.
    DataError
        If any file cannot be accepted, or the folder cannot be written; nothing is changed.
    """
    month = _month(period)
    sender = line_of(submitted_by)
    if not files:
        raise UsageError("receive_nothing")
    if not sender:
        raise UsageError("receive_no_sender")
    at = (now or datetime.now(CHINA)).astimezone(CHINA).replace(microsecond=0)
    folder = workspace.raw / month
    with _changing(workspace), _staging(folder) as placed:
        held, gone = lists(workspace)
        known = {r.sha256: r for r in held if ending(r, gone, at) is None}
        staged = _stage([Path(file) for file in files], folder)
        results: list[Receipt] = []
        fresh: list[Receipt] = []
        for name, temporary, digest in staged:
            if digest in known:
                results.append(replace(known[digest], is_known=True))
                continue
            file = _settle(temporary, folder, name, digest, [*held, *fresh], placed)
            receipt = Receipt(at, month, file, digest, sender, line_of(note))
            known[digest] = receipt
            results.append(receipt)
            fresh.append(receipt)
        if fresh:
            append(workspace.raw / "receipts.csv", RECEIPT_COLUMNS, fresh)
        placed.clear()
    return results


def withdraw(
    workspace: Workspace,
    period: str | ReportPeriod,
    file: str,
    reason: str,
    by: str,
    now: datetime | None = None,
) -> Withdrawal:
    """Let a received file count no longer from now on; reports as known earlier keep it.

    The file may be given by its name or, as messages name it, with its folder.

    Raises
    ------
    UsageError
        If the reason or the name of who withdraws is missing.
    DataError
        If no such file counts now; the message names those that do.
    """
    month = _month(period)
    file = PurePath(file).name
    if not line_of(reason) or not line_of(by):
        raise UsageError("withdraw_unexplained")
    at = (now or datetime.now(CHINA)).astimezone(CHINA).replace(microsecond=0)
    with _changing(workspace):
        counting = [r for r in effective(workspace, month, at) if r.period == month]
        found = [r for r in counting if r.file == file]
        if not found:
            names = "、".join(r.file for r in counting) or "—"
            raise DataError("withdraw_unknown", file=file, period=month, names=names)
        entry = Withdrawal(at, month, file, found[0].sha256, line_of(by), line_of(reason))
        append(workspace.raw / "withdrawals.csv", WITHDRAWAL_COLUMNS, [entry])
    return entry


def _month(period: str | ReportPeriod) -> str:
    at = ReportPeriod.parse(period)
    if not at.is_month:
        raise UsageError("period_not_month", period=at)
    return str(at)


# Taking files in


def _stage(files: Sequence[Path], folder: Path) -> list[tuple[str, Path, str]]:
    """Copy each file beside its future place; return name, copy and digest, or tell every problem."""
    problems: list[tuple[str, dict[str, Any]]] = []
    staged = []
    for number, path in enumerate(files):
        name = unicodedata.normalize("NFC", path.name)
        problem = _unacceptable(path, name)
        if problem is None:
            temporary = folder / f".receiving-{os.getpid()}-{number}{path.suffix.lower()}"
            try:
                digest = _copy(path, temporary)
            except OSError as error:
                if error.filename is None or Path(error.filename) != path:
                    raise
                problem = "receive_unreadable"
            else:
                staged.append((name, temporary, digest))
                problem = _unusable(temporary)
        if problem is not None:
            problems.append((problem, {"file": str(path), "kinds": " ".join(SUFFIXES)}))
    if problems:
        raise Problems("receive_refused", problems)
    return staged


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


def _copy(source: Path, target: Path) -> str:
    """Copy bytes to disk and return their digest, so that what was digested is what is kept."""
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("xb") as writer:
        while block := reader.read(1 << 20):
            digest.update(block)
            writer.write(block)
        writer.flush()
        os.fsync(writer.fileno())
    return digest.hexdigest()


def _settle(
    temporary: Path,
    folder: Path,
    name: str,
    digest: str,
    receipts: Sequence[Receipt],
    placed: list[Path],
) -> str:
    """Give a staged copy its place, never another's, and return the name it got."""
    month = folder.name
    # Names that differ in case alone are one file on many systems.
    taken = {path.name.casefold(): path for path in folder.iterdir()}
    for number in range(1, 10_000):
        stem, suffix = Path(name).stem, Path(name).suffix
        candidate = name if number == 1 else f"{stem}-{number}{suffix}"
        path = taken.get(candidate.casefold(), folder / candidate)
        named = {
            r.sha256
            for r in receipts
            if r.period == month and r.file.casefold() == candidate.casefold()
        }
        if not named and not os.path.lexists(path):
            temporary.rename(path)
            placed.append(path)
            return candidate
        is_plain = path.is_file() and not path.is_symlink()
        if is_plain and named <= {digest} and digest_of(path) == digest:
            return path.name  # it lies there already, without a receipt that counts
    raise DataError("receive_too_many", file=name, period=month)


@contextmanager
def _staging(folder: Path) -> Iterator[list[Path]]:
    """Make the folder, give a list for what is placed in it, and undo all of it on failure."""
    existed = folder.is_dir()
    folder.mkdir(exist_ok=True)
    placed: list[Path] = []
    try:
        yield placed
    finally:
        for path in [*placed, *folder.glob(f".receiving-{os.getpid()}-*")]:
            path.unlink(missing_ok=True)
        if not existed and not any(folder.iterdir()):
            folder.rmdir()


@contextmanager
def _changing(workspace: Workspace) -> Iterator[None]:
    """Hold the lock of the lists, and say plainly when they cannot be written."""
    try:
        workspace.processed.mkdir(parents=True, exist_ok=True)
        with FileLock(workspace.processed / "receipts.lock", timeout=WAIT):
            yield
    except Timeout:
        raise DataError("receipts_busy", seconds=WAIT) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError("receipts_unwritable", file=error.filename, reason=reason) from error
