"""What was received and still counts: `data/raw/<period>/`, `receipts.csv` and `withdrawals.csv`.

Both lists only ever grow, and each change replaces the list in one rename, so that a power cut leaves
either the old list or the new one.

No pandas here: planning a build must be quick.
"""

from __future__ import annotations

import csv
import hashlib
import io
import os
import re
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sanshi_report.catalogue import say
from sanshi_report.errors import DataError, UsageError
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import CHINA, Workspace

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Problems",
    "Receipt",
    "Withdrawal",
    "effective",
    "moment",
    "receipts",
    "too_late",
    "verified",
]

IGNORED = re.compile(r"\.|~\$|thumbs\.db$|desktop\.ini$", re.IGNORECASE)
"""Names that office programs and file managers leave beside the files one looks at."""

_SHOWN = 20


class Problems(DataError):
    """Several problems told together, each a catalogue key and its values.

    Parameters
    ----------
    key : str
        Entry that introduces them; has `{count}` and `{details}`.
    problems : sequence of (str, dict)
        An entry of the same file and its values for each problem.
    """

    def __init__(self, key: str, problems: Sequence[tuple[str, dict[str, Any]]]) -> None:
        super().__init__(key, problems=list(problems))

    def text(self, language: Any) -> str:
        """Return the introduction and a line per problem, the first twenty, in one language."""
        problems = self.values["problems"]
        lines = [say(f"errors.{key}", language, **values) for key, values in problems[:_SHOWN]]
        if len(problems) > _SHOWN:
            lines.append(say("errors.and_more", language, count=len(problems) - _SHOWN))
        details = "\n".join(f"  - {line}" for line in lines)
        return say(f"errors.{self.key}", language, count=len(problems), details=details)


@dataclass(frozen=True)
class Receipt:
    """A file as it was received.

    Attributes
    ----------
    received_at : datetime
        When, with its UTC offset.
    period : str
        The month it reports on.
    file : str
        Its name under `data/raw/<period>/`.
    sha256 : str
        Digest of its bytes.
    submitted_by, note : str
        Who sent it, and what was said with it.
    is_known : bool
        The same bytes had been received before: this is the earlier receipt, and nothing was added.
    """

    received_at: datetime
    period: str
    file: str
    sha256: str
    submitted_by: str
    note: str
    is_known: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """Where the file lies under `data/raw/`."""
        return f"{self.period}/{self.file}"


@dataclass(frozen=True)
class Withdrawal:
    """A received file that does not count from a moment on; it stays where it is."""

    withdrawn_at: datetime
    period: str
    file: str
    sha256: str
    withdrawn_by: str
    reason: str


RECEIPT_COLUMNS = ("received_at", "period", "file", "sha256", "submitted_by", "note")
WITHDRAWAL_COLUMNS = ("withdrawn_at", "period", "file", "sha256", "withdrawn_by", "reason")


def moment(value: str | date | datetime | None, default: datetime) -> datetime:
    """Return the moment a report looks from, in China time.

    Parameters
    ----------
    value : str, date, datetime or None
        `"now"`, a day (its end is meant), a day and time (China time unless it has an offset), or None
        for `default`.

    Raises
    ------
    UsageError
        If the text is none of these.
    """
    if value is None or value == "":
        return default.astimezone(CHINA)
    if value == "now":
        return datetime.now(CHINA)
    try:
        if isinstance(value, str):
            value = date.fromisoformat(value) if len(value) <= 10 else datetime.fromisoformat(value)
        if not isinstance(value, datetime):
            value = datetime.combine(value, time(23, 59, 59))
        return value.astimezone(CHINA) if value.tzinfo else value.replace(tzinfo=CHINA)
    except (ValueError, OverflowError):
        raise UsageError("as_of_malformed", found=repr(value)) from None


def receipts(workspace: Workspace) -> pd.DataFrame:
    """Return every receipt, in order of receipt, with its withdrawal where there is one.

    Returns
    -------
    pandas.DataFrame
        The columns of `receipts.csv`, then `withdrawn_at`, `withdrawn_by`, `reason`.
    """
    held, gone = lists(workspace)
    rows = []
    for receipt in held:
        end = next((w for w in gone if _ends(w, receipt)), None)
        late = asdict(end) if end else {}
        rows.append(
            {
                **{name: getattr(receipt, name) for name in RECEIPT_COLUMNS},
                **{name: late.get(name) for name in ("withdrawn_at", "withdrawn_by", "reason")},
            }
        )
    return table_of(rows)


def table_of(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return receipts as a frame: times in China time, the rest text."""
    import pandas as pd

    columns = [*RECEIPT_COLUMNS, "withdrawn_at", "withdrawn_by", "reason"]
    frame = pd.DataFrame(list(rows), columns=columns)
    zoned = {"received_at", "withdrawn_at"}
    for column in columns:
        if column in zoned:
            times = pd.to_datetime(frame[column], utc=True)
            frame[column] = times.dt.tz_convert("Asia/Shanghai").dt.as_unit("us")
        else:
            frame[column] = frame[column].astype("str")
    return frame


def effective(
    workspace: Workspace, period: str | ReportPeriod, as_of: datetime
) -> tuple[Receipt, ...]:
    """Return the receipts that count for a period as known at a moment, oldest first.

    Raises
    ------
    DataError
        If a list is damaged.
    """
    held, gone = lists(workspace)
    end = ReportPeriod.parse(period).end
    counted = [
        r
        for r in held
        if ReportPeriod.parse(r.period).end <= end
        and r.received_at <= as_of
        and ending(r, gone, as_of) is None
    ]
    return tuple(sorted(counted, key=lambda r: r.received_at))


def too_late(
    workspace: Workspace, period: str | ReportPeriod, as_of: datetime
) -> tuple[Receipt, ...]:
    """Return the receipts for a period's own months that came after a moment and still count.

    Raises
    ------
    DataError
        If a list is damaged.
    """
    at = ReportPeriod.parse(period)
    held, gone = lists(workspace)
    return tuple(
        r
        for r in held
        if at.start <= ReportPeriod.parse(r.period).end <= at.end
        and r.received_at > as_of
        and not any(_ends(w, r) for w in gone)
    )


def verified(
    workspace: Workspace, period: str | ReportPeriod, as_of: datetime
) -> tuple[Receipt, ...]:
    """Return `effective` receipts after comparing every file up to the period with its receipt.

    Raises
    ------
    DataError
        If a file has no receipt, is not what was received, or is gone, each with the command that mends
        it; or if nothing was received for the period's last month.
    """
    at = ReportPeriod.parse(period)
    counted = effective(workspace, at, as_of)
    problems = _irregular(workspace, at, counted)
    if problems:
        raise Problems("raw_irregular", problems)
    month = at.end.strftime("%Y-%m")
    if not any(r.period == month for r in counted):
        late = [r for r in too_late(workspace, at, as_of) if r.period == month]
        months = sorted({r.period for r in lists(workspace)[0]})
        raise DataError(
            "period_too_late" if late else "period_without_data",
            period=at,
            as_of=f"{as_of:%Y-%m-%d %H:%M}",
            files="、".join(f"{r.file} ({r.received_at:%Y-%m-%d %H:%M})" for r in late[:_SHOWN]),
            months=f"{months[0]} … {months[-1]}" if months else "—",
            month=month,
        )
    return counted


def _irregular(
    workspace: Workspace, period: ReportPeriod, counted: Sequence[Receipt]
) -> list[tuple[str, dict[str, Any]]]:
    held, gone = lists(workspace)
    needed = set(counted)
    # A withdrawn file that nobody needs any more may be lost without harm.
    due = [r for r in held if r in needed or not any(_ends(w, r) for w in gone)]
    problems: list[tuple[str, dict[str, Any]]] = []
    names = {r.name for r in held}
    for receipt in due:
        if ReportPeriod.parse(receipt.period).end > period.end:
            continue
        path = workspace.raw / receipt.name
        where = {"file": f"data/raw/{receipt.name}", "withdraw": _withdraw_command(receipt)}
        if not path.is_file() or path.is_symlink():
            problems.append(("file_missing", where))
        elif digest_of(path) != receipt.sha256:
            problems.append(("file_changed", {**where, "receive": _receive_command(receipt.name)}))
    for folder in sorted(workspace.raw.iterdir()):
        if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", folder.name) or not folder.is_dir():
            continue
        if ReportPeriod.parse(folder.name).end > period.end:
            continue
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(workspace.raw).as_posix()
            if path.is_dir() or IGNORED.match(path.name) or name in names:
                continue
            command = _receive_command(name)
            problems.append(("file_unreceived", {"file": f"data/raw/{name}", "receive": command}))
    return problems


def _receive_command(name: str) -> str:
    period = name.split("/")[0]
    return f"sanshi receive {shlex.quote(f'data/raw/{name}')} --period {period} --from 报送单位"


def _withdraw_command(receipt: Receipt) -> str:
    file = shlex.quote(receipt.file)
    return f"sanshi withdraw {file} --period {receipt.period} --reason 原因 --by 经办人"


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def line_of(text: str) -> str:
    """Return a text on one line, so that a row of a list is a line of the file."""
    return " ".join(text.split())


def _ends(withdrawal: Withdrawal, receipt: Receipt) -> bool:
    same = (withdrawal.period, withdrawal.file, withdrawal.sha256)
    return (
        same == (receipt.period, receipt.file, receipt.sha256)
        and receipt.received_at <= withdrawal.withdrawn_at
    )


def ending(receipt: Receipt, gone: Sequence[Withdrawal], as_of: datetime) -> Withdrawal | None:
    """Return the withdrawal that had ended a receipt at a moment, if there was one."""
    return next((w for w in gone if w.withdrawn_at <= as_of and _ends(w, receipt)), None)


# The two lists


def lists(workspace: Workspace) -> tuple[list[Receipt], list[Withdrawal]]:
    """Return receipts and withdrawals in the order they were written."""
    problems: list[tuple[str, dict[str, Any]]] = []
    held = [
        Receipt(**row) for row in _rows(workspace.raw / "receipts.csv", RECEIPT_COLUMNS, problems)
    ]
    gone = [
        Withdrawal(**row)
        for row in _rows(workspace.raw / "withdrawals.csv", WITHDRAWAL_COLUMNS, problems)
    ]
    if problems:
        raise Problems("receipts_invalid", problems)
    return held, gone


def _rows(
    path: Path, columns: Sequence[str], problems: list[tuple[str, dict[str, Any]]]
) -> list[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        lines = list(csv.reader(io.StringIO(text), strict=True))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        problems.append(("receipts_unreadable", {"file": path.name, "reason": str(error)}))
        return []
    if not lines or tuple(lines[0]) != tuple(columns):
        problems.append(("receipts_header", {"file": path.name, "columns": ",".join(columns)}))
        return []
    rows = []
    for number, cells in enumerate(lines[1:], start=2):
        if not any(cells):
            continue
        row = _row(cells, columns)
        if row is None:
            problems.append(
                ("receipts_line", {"file": path.name, "line": number, "found": ",".join(cells)})
            )
        else:
            rows.append(row)
    return rows


def _row(cells: Sequence[str], columns: Sequence[str]) -> dict[str, Any] | None:
    """Return a line of a list as values, or None if it cannot be one."""
    if len(cells) != len(columns):
        return None
    row: dict[str, Any] = dict(zip(columns, cells, strict=True))
    plain = row["file"] not in {"", ".", ".."} and not re.search(r"[\\/\x00]", row["file"])
    try:
        at = datetime.fromisoformat(row[columns[0]])
        month = ReportPeriod.parse(row["period"])
    except (ValueError, UsageError):
        return None
    digest = re.fullmatch(r"[0-9a-f]{64}", row["sha256"])
    if at.tzinfo is None or not month.is_month or not plain or digest is None:
        return None
    return {**row, columns[0]: at.astimezone(CHINA)}


def append(path: Path, columns: Sequence[str], entries: Sequence[Receipt | Withdrawal]) -> None:
    """Add lines to a list in one rename, what was there untouched to the byte."""
    before = path.read_bytes() if path.exists() else (",".join(columns) + "\n").encode()
    if not before.endswith(b"\n"):
        before += b"\n"
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for entry in entries:
        values = [getattr(entry, name) for name in columns]
        writer.writerow([values[0].isoformat(), *values[1:]])
    temporary = path.with_name(f".{path.name}-{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(before + text.getvalue().encode())
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
