"""Taking files in and letting them go: copies into `data/raw/<period>/`, and lines in the list of receipts.

Three steps: files are copied aside and looked at; whoever receives them may be shown what they say, and asked;
then, under the lock of the list, they get their places and their receipts. A file lies in its place before
its receipt says so. What a killed process leaves is removed by whoever holds the lock next.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path, PurePath

from filelock import FileLock, Timeout

from sanshi_report.errors import DataError, UsageError
from sanshi_report.ledger.aside import Candidate, clear, copied, own_folder, take_back
from sanshi_report.ledger.chain import Chain, append
from sanshi_report.ledger.heads import proven
from sanshi_report.ledger.inbox import Receipt, Withdrawal, digest_of, divided, line_of, lists
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import CHINA, Workspace

__all__ = ["Candidate", "holding", "receive", "unlisted", "withdraw"]

WAIT = 30
"""Seconds to wait for somebody else who is receiving."""


def receive(
    workspace: Workspace,
    files: Sequence[str | Path],
    period: str | ReportPeriod,
    submitted_by: str,
    note: str = "",
    now: datetime | None = None,
    *,
    earlier: str = "",
    confirm: Callable[[Sequence[Candidate]], str] = lambda _: "",
) -> list[Receipt]:
    """Copy files into the period's folder and write their receipts; all of them or none.

    A name already taken by other content gets a number. A file whose bytes were received before, for any
    period, is recognised and not taken again.

    Parameters
    ----------
    earlier : str
        Why the clock may stand before the last receipt's time; recorded if it does.
    confirm : callable
        Given the files before anything is received, and returns how that was confirmed, for the receipt's
        `accepted`; raises to receive none of them. No lock of the list is held meanwhile.

    Returns
    -------
    list of Receipt
        One per file, in the order given.

    Raises
    ------
    UsageError
        If the period is not a month, no file is named, or the sender is not.
    DataError
        If any file cannot be accepted, the clock was set back, or the folder cannot be written; nothing
        is changed.
    """
    month, sender = _month(period), line_of(submitted_by)
    if not files:
        raise UsageError("receive_nothing")
    if not sender:
        raise UsageError("receive_no_sender")
    with _telling(), ExitStack() as locked:
        locked.enter_context(holding(workspace))
        with own_folder(workspace, month, locked) as folder:
            candidates = copied(map(Path, files), folder, month)
            accepted = confirm(candidates)
            with holding(workspace) as chain:
                at = _time(now, chain, earlier)
                common = Receipt(
                    at, month, "", "", sender, line_of(note), accepted=accepted,
                    earlier=_excuse(at, chain, earlier),
                )  # fmt: skip
                try:
                    return _commit(workspace, chain, candidates, common)
                except BaseException:
                    # Not by what this process remembers: the list may have been written after all.
                    take_back(workspace, folder, {r.name for r in lists(workspace)[0]})
                    raise


def _commit(
    workspace: Workspace, chain: Chain, candidates: Sequence[Candidate], common: Receipt
) -> list[Receipt]:
    """Give candidates their places and receipts, which are `common` but for file, digest and number."""
    held, gone = divided(chain)
    ended = {withdrawal.withdraws for withdrawal in gone}
    known = {receipt.sha256: receipt for receipt in held if receipt.number not in ended}
    results: list[Receipt] = []
    fresh: list[Receipt] = []
    for one in candidates:
        if one.sha256 in known:
            results.append(replace(known[one.sha256], is_known=True))
            continue
        file = _settle(one, workspace.raw / common.period, [*held, *fresh])
        number = chain.head.number + len(fresh) + 1
        # Several files of one call have one time: only the first can be earlier than what was before.
        excuse = "" if fresh else common.earlier
        receipt = replace(common, file=file, sha256=one.sha256, number=number, earlier=excuse)
        known[one.sha256] = receipt
        results.append(receipt)
        fresh.append(receipt)
    if fresh:
        append(workspace.raw, [asdict(receipt) for receipt in fresh])
    return results


def withdraw(
    workspace: Workspace,
    period: str | ReportPeriod,
    file: str,
    reason: str,
    by: str,
    now: datetime | None = None,
    *,
    earlier: str = "",
) -> Withdrawal:
    """Let a received file count no longer from now on; reports as known earlier keep it.

    The file may be given by its name or, as messages name it, with its folder.

    Parameters
    ----------
    earlier : str
        Why the clock may stand before the last receipt's time; recorded if it does.

    Raises
    ------
    UsageError
        If the reason or the name of who withdraws is missing.
    DataError
        If no such file counts now, and the message names those that do; or if the clock was set back.
    """
    month = _month(period)
    file = PurePath(file).name
    if not line_of(reason) or not line_of(by):
        raise UsageError("withdraw_unexplained")
    with _telling(), holding(workspace) as chain:
        at = _time(now, chain, earlier)
        held, gone = divided(chain)
        ended = {withdrawal.withdraws for withdrawal in gone}
        counting = [r for r in held if r.period == month and r.number not in ended]
        found = [r for r in counting if r.file == file]
        if not found:
            names = "、".join(r.file for r in counting) or "—"
            raise DataError("withdraw_unknown", file=file, period=month, names=names)
        what = (month, file, found[-1].sha256, line_of(by), line_of(reason), found[-1].number)
        entry = Withdrawal(at, *what, chain.head.number + 1, _excuse(at, chain, earlier))
        who = {"received_at": at, "submitted_by": entry.withdrawn_by, "note": entry.reason}
        append(workspace.raw, [asdict(entry) | who])
    return entry


def _month(period: str | ReportPeriod) -> str:
    at = ReportPeriod.parse(period)
    if not at.is_month:
        raise UsageError("period_not_month", period=at)
    return str(at)


def _last(chain: Chain) -> datetime | None:
    return chain.rows[-1]["received_at"] if chain.rows else None


def _time(now: datetime | None, chain: Chain, earlier: str) -> datetime:
    """Return the time of an entry; the lock is held, so nobody is given one in between."""
    at = (now or datetime.now(CHINA)).astimezone(CHINA).replace(microsecond=0)
    last = _last(chain)
    if last and at < last and not line_of(earlier):
        times = {"at": at.isoformat(), "last": last.isoformat()}
        raise DataError("clock_back", number=chain.head.number, **times)
    return at


def _excuse(at: datetime, chain: Chain, earlier: str) -> str:
    last = _last(chain)
    return line_of(earlier) if last and at < last else ""


def _settle(candidate: Candidate, folder: Path, receipts: Sequence[Receipt]) -> str:
    """Give a candidate its place, never another's, and return the name it got."""
    folder.mkdir(exist_ok=True)
    name, month = candidate.name, folder.name
    # Names that differ in case alone are one file on many systems.
    taken = {path.name.casefold(): path for path in folder.iterdir()}
    for number in range(1, 10_000):
        stem, suffix = Path(name).stem, Path(name).suffix
        wanted = name if number == 1 else f"{stem}-{number}{suffix}"
        path = taken.get(wanted.casefold(), folder / wanted)
        named = {
            r.sha256
            for r in receipts
            if r.period == month and r.file.casefold() == wanted.casefold()
        }
        if not named and not os.path.lexists(path):
            _place(candidate.copy, path)
            return wanted
        is_plain = path.is_file() and not path.is_symlink()
        if is_plain and named <= {candidate.sha256} and digest_of(path) == candidate.sha256:
            return path.name  # it lies there already, without a receipt that counts
    raise DataError("receive_too_many", file=name, period=month)


def _place(copy: Path, path: Path) -> None:
    """Give a copy its place as a second name, by which it is known if this process is killed."""
    try:
        os.link(copy, path)
    except FileExistsError:
        raise
    except OSError:  # a file system on which a file has one name only
        copy.rename(path)


# The lock


@contextmanager
def holding(workspace: Workspace) -> Iterator[Chain]:
    """Hold the lock of the list, and give the list; what killed processes left is gone then.

    Raises
    ------
    Timeout
        If somebody else holds the lock for too long.
    Problems
        If the list is not in order.
    """
    with _lock(workspace):
        chain = proven(workspace)
        clear(workspace, {r.name for r in divided(chain)[0]})
        yield chain


@contextmanager
def unlisted(workspace: Workspace) -> Iterator[None]:
    """Hold the lock of the list for who does not need the list to be in order."""
    with _telling(), _lock(workspace):
        yield


def _lock(workspace: Workspace) -> FileLock:
    workspace.processed.mkdir(parents=True, exist_ok=True)
    return FileLock(workspace.processed / "receipts.lock", timeout=WAIT)


@contextmanager
def _telling() -> Iterator[None]:
    """Say plainly when the list is busy or cannot be written."""
    try:
        yield
    except Timeout:
        raise DataError("receipts_busy", seconds=WAIT) from None
    except OSError as error:
        reason = error.strerror or str(error)
        raise DataError("receipts_unwritable", file=error.filename, reason=reason) from error
