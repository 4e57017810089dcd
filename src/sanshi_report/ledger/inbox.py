"""What was received and still counts: `data/raw/<period>/` and the list of it, `receipts.csv`.

The order of things is that of the list's numbers; when something was received says only whether a report
knew of it. The list only ever grows, and each change replaces it in one rename, so that a power cut
leaves either the old list or the new one.

No pandas here: planning a build must be quick.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sanshi_report.errors import DataError, UsageError
from sanshi_report.ledger.chain import Chain, Problems
from sanshi_report.ledger.heads import proven
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
    number : int
        Its number in the list, which decides the order.
    earlier : str
        Why `received_at` may lie before that of the number before; empty where it does not.
    accepted : {"", "asked", "yes"}
        How taking it in was confirmed: not, when asked, or beforehand with an option.
    is_known : bool
        The same bytes had been received before: this is the earlier receipt, and nothing was added.
    """

    received_at: datetime
    period: str
    file: str
    sha256: str
    submitted_by: str
    note: str
    number: int = 0
    earlier: str = ""
    accepted: str = ""
    is_known: bool = field(default=False, compare=False)

    @property
    def name(self) -> str:
        """Where the file lies under `data/raw/`."""
        return f"{self.period}/{self.file}"


@dataclass(frozen=True)
class Withdrawal:
    """A received file that does not count from a moment on; it stays where it is.

    `withdraws` is the number of its receipt, `number` the withdrawal's own.
    """

    withdrawn_at: datetime
    period: str
    file: str
    sha256: str
    withdrawn_by: str
    reason: str
    withdraws: int
    number: int = 0
    earlier: str = ""


RECEIPT_COLUMNS = (
    "number", "received_at", "period", "file", "sha256", "submitted_by", "note", "earlier", "accepted",
)  # fmt: skip
WITHDRAWAL_COLUMNS = ("withdrawn_at", "withdrawn_by", "reason")


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
        The columns of `RECEIPT_COLUMNS`, then `withdrawn_at`, `withdrawn_by`, `reason`.
    """
    held, gone = divided(proven(workspace))
    ends = {withdrawal.withdraws: asdict(withdrawal) for withdrawal in gone}
    return table_of([ends.get(receipt.number, {}) | asdict(receipt) for receipt in held])


def table_of(rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """Return receipts as a frame: times in China time, `number` as `Int64`, the rest text."""
    import pandas as pd

    columns = [*RECEIPT_COLUMNS, *WITHDRAWAL_COLUMNS]
    frame = pd.DataFrame(list(rows), columns=columns)
    for column in columns:
        if column in {"received_at", "withdrawn_at"}:
            times = pd.to_datetime(frame[column], utc=True)
            frame[column] = times.dt.tz_convert("Asia/Shanghai").dt.as_unit("us")
        else:
            frame[column] = frame[column].astype("Int64" if column == "number" else "str")
    return frame


def effective(
    workspace: Workspace, period: str | ReportPeriod, as_of: datetime
) -> tuple[Receipt, ...]:
    """Return the receipts that count for a period as known at a moment, in order of their numbers.

    Raises
    ------
    DataError
        If a list is damaged.
    """
    held, gone = lists(workspace)
    end = ReportPeriod.parse(period).end
    return tuple(
        r
        for r in held
        if ReportPeriod.parse(r.period).end <= end
        and r.received_at <= as_of
        and ending(r, gone, as_of) is None
    )


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
    ended = {w.withdraws for w in gone}
    return tuple(
        r
        for r in held
        if at.start <= ReportPeriod.parse(r.period).end <= at.end
        and r.received_at > as_of
        and r.number not in ended
    )


def verified(
    workspace: Workspace, period: str | ReportPeriod, as_of: datetime
) -> tuple[Receipt, ...]:
    """Return `effective` receipts after comparing every file up to the period with its receipt.

    Raises
    ------
    DataError
        If the list is not the one that releases and the signature know; if a file has no receipt, is not
        what was received, or is gone, each with the command that mends it; or if nothing was received
        for the period's last month.
    """
    at = ReportPeriod.parse(period)
    proven(workspace)
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
    ended = {w.withdraws for w in gone}
    due = [r for r in held if r in needed or r.number not in ended]
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


def ending(receipt: Receipt, gone: Sequence[Withdrawal], as_of: datetime) -> Withdrawal | None:
    """Return the withdrawal that had ended a receipt at a moment, if there was one."""
    ends = (w for w in gone if w.withdraws == receipt.number and w.withdrawn_at <= as_of)
    return next(ends, None)


def lists(workspace: Workspace) -> tuple[list[Receipt], list[Withdrawal]]:
    """Return receipts and withdrawals in order of their numbers."""
    return divided(Chain.read(workspace.raw))


def divided(chain: Chain) -> tuple[list[Receipt], list[Withdrawal]]:
    """Return the receipts and the withdrawals that a list has, in order of their numbers."""
    held, gone = [], []
    for row in chain.rows:
        what = (row["received_at"], row["period"], row["file"], row["sha256"])
        who = (row["submitted_by"], row["note"])
        number, earlier = row["number"], row["earlier"]
        if row["withdraws"]:
            gone.append(Withdrawal(*what, *who, row["withdraws"], number, earlier))
        else:
            held.append(Receipt(*what, *who, number, earlier, row["accepted"]))
    return held, gone
