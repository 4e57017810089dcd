"""The list of receipts as a chain: each line has a number and the digest of the line above it.

`data/raw/receipts.csv` has a line for every file that came and for every withdrawal, in the order in which
they were recorded. Below the header stand the lines numbered 1, 2, 3 …; `previous` is the SHA-256, in
hexadecimal, of the bytes of the line above as they are on disk, without what ends the line; above number 1
stands the header. So a line cannot be changed, taken out, put in or moved without another one saying so.
Only the last lines can be cut off unseen: what keeps the head, its number and digest, notices that.

No pandas here: planning a build must be quick.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sanshi_report.catalogue import say
from sanshi_report.errors import DataError, UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import CHINA

__all__ = [
    "COLUMNS",
    "NAME",
    "OLD_COLUMNS",
    "OLD_WITHDRAWALS",
    "Chain",
    "Head",
    "Problems",
    "append",
    "naming",
    "parsed",
    "whole",
    "write",
]

NAME = "receipts.csv"

COLUMNS = (
    "number", "previous", "received_at", "period", "file", "sha256", "submitted_by", "note",
    "withdraws", "earlier", "accepted",
)  # fmt: skip
"""`withdraws` is the number of the receipt that a line takes back, with who decides in `submitted_by` and why
in `note`; empty where a file came. `earlier` is why the time may lie before that of the line above.
`accepted` is how taking the file in was confirmed."""

ACCEPTED = ("", "asked", "yes")
"""Not confirmed, asked and confirmed, or confirmed beforehand with an option."""

OLD_COLUMNS = ("received_at", "period", "file", "sha256", "submitted_by", "note")
"""The list as it was before its lines were numbered."""

OLD_WITHDRAWALS = "withdrawals.csv"
"""A list of its own, before withdrawals were lines of the chain."""

_SHOWN = 20

Problem = tuple[str, dict[str, Any]]


class Problems(DataError):
    """Several problems told together, each a catalogue key and its values.

    Parameters
    ----------
    key : str
        Entry that introduces them; has `{count}` and `{details}`.
    problems : sequence of (str, dict)
        An entry of the same file and its values for each problem.
    """

    def __init__(self, key: str, problems: Sequence[Problem]) -> None:
        super().__init__(key, problems=list(problems))

    def text(self, language: Any) -> str:
        """Return the introduction and a line per problem, the first twenty, in one language."""
        problems = self.values["problems"]
        told = [say(f"errors.{key}", language, **values) for key, values in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            told.append(say("errors.and_more", language, count=len(problems) - _SHOWN))
        details = "\n".join(f"  - {line}" for line in told)
        return say(f"errors.{self.key}", language, count=len(problems), details=details)


@dataclass(frozen=True)
class Head:
    """How far the list had come at some time: the number of its last line, and that line's digest.

    `number` is 0, and the digest that of the header, before anything was received.
    """

    number: int
    sha256: str


@dataclass(frozen=True)
class Chain:
    """A list whose lines follow from one another.

    Attributes
    ----------
    rows : tuple of dict
        The lines below the header by column, in order; `number` and `withdraws` are int (0 for empty),
        `received_at` is a datetime in China time.
    digests : tuple of str
        SHA-256 of each line: at `n`, of the line numbered `n`; at 0, of the header.
    """

    rows: tuple[dict[str, Any], ...]
    digests: tuple[str, ...]

    @property
    def head(self) -> Head:
        """Its last line."""
        return Head(len(self.rows), self.digests[-1])

    @classmethod
    def read(cls, folder: Path, *, beside_old: bool = False) -> Chain:
        """Return the list in a folder; one without lines if there is none yet.

        Parameters
        ----------
        beside_old : bool
            Also where an old list of withdrawals still lies beside it.

        Raises
        ------
        Problems
            If a line is malformed or does not follow from the one above; each is named.
        DataError
            If the list is of the old form.
        """
        try:
            content = (folder / NAME).read_bytes()
        except FileNotFoundError:
            content = whole([])
        except OSError as error:
            raise _invalid("receipts_unreadable", reason=error.strerror or error) from error
        found = _split(content)
        is_old = found and _cells(found[0]) == list(OLD_COLUMNS)
        if is_old or (not beside_old and (folder / OLD_WITHDRAWALS).exists()):
            raise DataError("receipts_old")
        if not found or _cells(found[0]) != list(COLUMNS):
            raise _invalid("receipts_header", columns=",".join(COLUMNS))
        rows = [parsed(COLUMNS, _cells(line) or []) for line in found[1:]]
        chain = cls(tuple(row or {} for row in rows), tuple(map(_digest, found)))
        problems: list[Problem] = [
            ("receipts_line", {"file": NAME, "line": at, "found": line.decode(errors="replace")})
            for at, (line, row) in enumerate(zip(found[1:], rows, strict=True), 2)
            if row is None
        ]
        problems = problems or [*_breaks(chain), *_contradictions(chain)]
        if problems:
            raise Problems("receipts_invalid", problems)
        return chain


def _invalid(key: str, **values: Any) -> Problems:
    return Problems("receipts_invalid", [(key, {"file": NAME, **values})])


def _header() -> bytes:
    return ",".join(COLUMNS).encode()


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()


def _split(content: bytes) -> list[bytes]:
    """Return the lines of a list, without their ends and the mark that some programs put in front."""
    found = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    if not found[-1]:
        found.pop()
    return [line.removesuffix(b"\r") for line in found]


def _cells(line: bytes) -> list[str] | None:
    """Return the cells of one line; None if it is no line of a CSV."""
    try:
        found = list(csv.reader([line.decode()], strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    return found[0] if len(found) == 1 else None


def parsed(columns: Sequence[str], cells: Sequence[str]) -> dict[str, Any] | None:
    """Return a line as values by column, or None if it cannot be one; columns it lacks are empty."""
    if len(cells) != len(columns):
        return None
    row: dict[str, Any] = dict.fromkeys(COLUMNS, "") | dict(zip(columns, cells, strict=True))
    plain = row["file"] not in {"", ".", ".."} and not re.search(r"[\\/\x00]", row["file"])
    try:
        at = datetime.fromisoformat(row["received_at"])
        month = ReportPeriod.parse(row["period"])
    except (ValueError, UsageError):
        return None
    numbers = [row[name] for name in ("number", "withdraws")]
    if at.tzinfo is None or not month.is_month or not plain or row["accepted"] not in ACCEPTED:
        return None
    if not re.fullmatch(r"[0-9a-f]{64}", row["sha256"]):
        return None
    if not all(re.fullmatch(r"([1-9][0-9]{0,8})?", number) for number in numbers):
        return None
    number, withdraws = (int(number or 0) for number in numbers)
    at = at.astimezone(CHINA)
    return {**row, "number": number, "withdraws": withdraws, "received_at": at}


def _breaks(chain: Chain) -> Iterator[Problem]:
    """Yield every place at which a line does not follow from the one above."""
    numbers = {row["number"] for row in chain.rows}
    seen: set[int] = set()
    due = 1
    for at, row in enumerate(chain.rows, 1):
        number = row["number"]
        values = {"file": NAME, "line": at + 1, "above": at, "number": number, "due": due}
        if number in seen:
            yield "chain_repeated", values
        elif number != due:
            yield "chain_moved" if due in numbers else "chain_missing", values
        elif row["previous"] != chain.digests[at - 1]:
            above = chain.rows[at - 2] if at > 1 else {"period": "—", "file": "—"}
            what = f"{above['period']}/{above['file']}"
            said, found = row["previous"][:12], chain.digests[at - 1][:12]
            yield "chain_altered", {**values, "what": what, "said": said, "found": found}
        seen.add(number)
        due = number + 1


def _contradictions(chain: Chain) -> Iterator[Problem]:
    """Yield every line that says what no line says: a time out of order, a withdrawal of nothing."""
    counting: dict[int, tuple[str, ...]] = {}
    last = None
    for line, row in enumerate(chain.rows, 2):
        if last and row["received_at"] < last and not row["earlier"]:
            times = {"at": row["received_at"].isoformat(), "last": last.isoformat()}
            yield "chain_older", {"file": NAME, "line": line, **times}
        last = row["received_at"]
        same = (row["period"], row["file"], row["sha256"])
        if not row["withdraws"]:
            counting[row["number"]] = same
        elif counting.pop(row["withdraws"], None) != same:
            yield "chain_withdraws", {"file": NAME, "line": line, "number": row["withdraws"]}


def whole(rows: Iterable[Mapping[str, Any]]) -> bytes:
    """Return the content of a list that has these rows, numbered from 1."""
    return _header() + b"\n" + _lines(rows, _header(), 0)


def _lines(rows: Iterable[Mapping[str, Any]], above: bytes, number: int) -> bytes:
    """Return rows as the lines that follow a line.

    Parameters
    ----------
    rows : iterable of mapping
        Values by column; `number` and `previous` are set here, what is missing is empty.
    above, number : bytes, int
        The line they follow, without its end, and its number.
    """
    made = []
    for row in rows:
        number += 1
        values = {**row, "number": number, "previous": _digest(above)}
        values["received_at"] = row["received_at"].isoformat()
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(
            [values.get(name, "") or "" for name in COLUMNS]
        )
        above = text.getvalue().encode()
        made.append(above + b"\n")
    return b"".join(made)


def append(folder: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Add lines to the list in one rename, what was there untouched to the byte.

    Whoever calls this holds the lock of the list and has read it.
    """
    path = folder / NAME
    content = path.read_bytes() if path.exists() else whole([])
    there = _split(content)
    before = content if content.endswith(b"\n") else content + b"\n"
    write(path, before + _lines(rows, there[-1], len(there) - 1))


def write(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, and onto the disk, in place of the one there."""
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with naming(path), temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    handle = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let a failure name the file that was to be written: a full disk names none, or a passing one."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise
