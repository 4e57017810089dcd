"""What commands show: lines in both languages, and tables that fit the window."""

from __future__ import annotations

import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from sanshi_report.catalogue import LANGUAGES, say

if TYPE_CHECKING:
    import pandas as pd

    from sanshi_report.build import Changes, Outcome, Proof
    from sanshi_report.build.differences import Difference
    from sanshi_report.checking import Checked
    from sanshi_report.doctor import Finding
    from sanshi_report.intake import Fault
    from sanshi_report.ledger import Receipt
    from sanshi_report.ledger.readback import ReadBack
    from sanshi_report.template.new_year import NewYear

__all__ = [
    "announce",
    "announce_outcome",
    "both",
    "complain",
    "confirmed",
    "reading",
    "show_changes",
    "show_faults",
    "show_findings",
    "show_late",
    "show_new_year",
    "show_outcomes",
    "show_proof",
    "show_read_back",
    "show_read_back_again",
    "show_receipts",
    "show_received",
    "show_returned",
]

_MOST_FAULTS = 50
_MOST_AMOUNTS = 200
_STYLES = {"good": "green", "note": "yellow", "bad": "bold red"}
_SYMBOLS = {"good": "●", "note": "▲", "bad": "■"}


def both(key: str, **values: Any) -> str:
    """Return a catalogue entry in both languages, on one line."""
    return " | ".join(say(key, language, **values) for language in LANGUAGES)


def announce(line: str) -> None:
    """Say on standard error what is being done."""
    print(line, file=sys.stderr, flush=True)


def complain(text: str) -> None:
    """Say on standard error what went wrong."""
    announce(f"✗ {text}")


@contextmanager
def reading() -> Iterator[Callable[[str, float], None]]:
    """Show a bar on standard error while files are read, where somebody is looking at it."""
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}"),
    )
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    with bar:
        task = bar.add_task("", total=1.0)
        yield lambda name, share: bar.update(task, completed=share, description=escape(name))


def announce_outcome(outcome: Outcome) -> None:
    """Say on standard error what became of a period."""
    count = len(outcome.release.reports) if outcome.release else 0
    announce(both(f"cli.period_{outcome.state}", period=outcome.period, count=count))


def show_outcomes(outcomes: Sequence[Outcome]) -> bool:
    """Count the documents of every report, tell every failure, and say whether there was none."""
    files: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        for entry in outcome.release.reports if outcome.release else ():
            files.setdefault(entry["report"], Counter()).update(["", *entry["formats"]])
    total: Counter[str] = sum(files.values(), Counter())
    formats = [name for name in total if name]
    rows = [
        (name, *(str(count[column]) for column in ("", *formats)))
        for name, count in {**files, both("cli.count_total"): total}.items()
    ]
    _print((both("cli.count_report"), both("cli.count_documents"), *formats), rows)
    failed = [outcome for outcome in outcomes if outcome.state == "failed"]
    for outcome in failed:
        complain(f"{outcome.period}: {outcome.error}")
    return not failed


def show_proof(proof: Proof) -> None:
    """Say of every file of a release whether making it again gave the same bytes."""
    for name, state in proof.states.items():
        print(f"{'●' if state == 'same' else '■'} {both(f'cli.file_{state}', file=name)}")
    show_signatures(proof)
    differ = sum(state != "same" for state in proof.states.values())
    announce(both("cli.verified", same=len(proof.states) - differ, differ=differ))
    if differ and proof.made_by != proof.made_again_by:
        announce(both("cli.other_program", then=proof.made_by, now=proof.made_again_by))


def show_signatures(proof: Proof) -> None:
    """Say of the list of receipts and of the release whether they are signed, and whether that holds."""
    of_list, of_release = proof.signatures
    if of_list.state == of_release.state == "no_key":
        announce(both("cli.signature_no_key"))
        return
    announce(both(f"cli.signature_{of_list.state}", **vars(of_list)))
    if of_list.state == "good" and of_list.head and proof.lines > of_list.head.number:
        announce(both("cli.signature_behind", count=proof.lines - of_list.head.number))
    state = "unsigned" if of_release.state == "missing" else of_release.state
    announce(both(f"cli.signature_{state}", **vars(of_release)))


def show_changes(changes: Changes) -> None:
    """Show what changed since a release, the first fifty figures of each kind, and why."""
    from sanshi_report.build.editions import reason_text  # late: slow to import

    then, now = (f"{at:%Y-%m-%d %H:%M}" for at in (changes.published, changes.known))
    announce(both("cli.compared", then=then, now=now))
    for one in changes.reasons:
        print("▲ " + " | ".join(reason_text(one, to) for to in LANGUAGES))
    for kind, first in (("ledger", "origin"), ("kpis", ""), ("tables", "place")):
        found: Sequence[Difference] = getattr(changes, kind)
        names = [*filter(None, [first]), "row", "column", "old", "new"]
        rows = [[getattr(one, name) or "—" for name in names] for one in found[:_MOST_FAULTS]]
        if rows:
            headings = [both(f"cli.diff_{name}") for name in names]
            _print(headings, rows, both(f"cli.diff_in_{kind}", count=len(found)), lines=False)
    if changes.listing is None:
        print(both("cli.no_difference"))
    else:
        announce(both("cli.differences", file=changes.listing))


def show_faults(faults: Sequence[Fault]) -> None:
    """Show faults as a table for each file, the first fifty."""
    headings = [both(f"cli.fault_{name}") for name in ("place", "found", "rule")]
    by_file: dict[str, list[tuple[str, str, str]]] = {}
    for fault in faults[:_MOST_FAULTS]:
        place = " › ".join(filter(None, (fault.sheet, fault.cell, fault.column)))
        advice = "\n".join(fault.advice(to) for to in LANGUAGES)
        by_file.setdefault(fault.file, []).append((place, fault.found, advice))
    for file, rows in by_file.items():
        _print(headings, rows, file)


def show_returned(checked: Checked) -> None:
    """Show the marked copies to send back, and what to do when a mended file comes."""
    for copy in checked.returned:
        announce(both("cli.returned", file=copy))
    if checked.returned:
        file = dict.fromkeys(fault.file for fault in checked.faults if "/" in fault.file)
        period, _, name = next(iter(file)).partition("/")
        announce(both("cli.resend", period=period, file=shlex.quote(name)))


def show_new_year(begun: NewYear) -> None:
    """Show what was written for a new year, and what comes next."""
    for file in (begun.parameters, begun.register):
        announce(
            both("cli.new_year_wrote" if file in begun.written else "cli.new_year_left", file=file)
        )
    if begun.register in begun.written:
        known = "cli.new_year_known" if begun.last else "cli.new_year_empty"
        announce(both(known, last=begun.last))
    if begun.completed:
        announce(both("cli.new_year_completed", projects="、".join(begun.completed)))
    keys = {
        "file": begun.parameters.name,
        "count": len(begun.unfilled),
        "keys": " ".join(begun.unfilled),
    }
    announce(both("cli.new_year_fill" if begun.unfilled else "cli.new_year_filled", **keys))
    for language in LANGUAGES:
        announce(say("cli.new_year_next", language, workbook=begun.register, year=begun.year))
    for file in begun.written:
        print(file)


def show_late(receipts: Iterable[Receipt], cutoff: datetime) -> None:
    """Show which files came after a cutoff."""
    for receipt in receipts:
        at = f"{cutoff:%Y-%m-%d %H:%M}"
        announce(both("cli.late", file=f"data/raw/{receipt.name}", cutoff=at))


def show_received(receipts: Iterable[Receipt], period: str, cutoff: datetime) -> None:
    """Show what was received for a period, and what about it may be unexpected."""
    for receipt in receipts:
        key = "cli.known" if receipt.is_known else "cli.received"
        print(both(key, file=f"data/raw/{receipt.name}", sha256=receipt.sha256[:12]), flush=True)
        if receipt.period != period:
            name = shlex.quote(receipt.file)
            command = f"sanshi withdraw {name} --period {receipt.period} --reason 原因 --by 经办人"
            values = {"other": receipt.period, "period": period, "withdraw": command}
            announce(both("cli.known_elsewhere", **values))
        elif receipt.received_at > cutoff:
            show_late([receipt], cutoff)


def show_read_back(found: ReadBack) -> None:
    """Show what a file was understood to say: rows, amounts with their units, changes, remarks, faults."""
    from sanshi_report.schemas import TABLES  # late: slow to import

    def title(table: str, column: str = "") -> str:
        known = TABLES[table].columns
        return str(known[column].title if column in known else column or TABLES[table].title)

    print(both("cli.read_rows", file=found.file))
    for table, count in found.rows.items():
        print(f"  {both('cli.read_table', title=title(table), count=count)}")
    headings = [both(f"cli.read_{name}") for name in ("key", "column", "amount", "remark")]
    amounts = found.amounts
    doubtful = amounts["assumed"] | amounts["usual"].notna()
    first = amounts[doubtful].index.append(amounts[~doubtful].index)[:_MOST_AMOUNTS]
    rows = [
        (row["key"], row["column"], f"{_amount(row['amount'])} {row['unit']}", _remark(row))
        for row in amounts.loc[sorted(first)].to_dict("records")
    ]
    if rows:
        _print(headings, rows, both("cli.read_amounts", count=len(amounts)), lines=False)
    if len(amounts) > len(rows):
        print(both("cli.read_more", count=len(amounts) - len(rows)))
    changes = (
        found.changes.head(_MOST_FAULTS).fillna({"column": both("cli.read_new_row")}).fillna("—")
    )
    rows = [
        (
            f"{title(row['table'])} {row['key']}",
            title(row["table"], row["column"]),
            row["old"],
            row["new"],
        )
        for row in changes.to_dict("records")
    ]
    if rows:
        titles = [
            both(f"cli.{name}") for name in ("read_key", "read_column", "diff_old", "diff_new")
        ]
        _print(titles, rows, both("cli.read_changes", count=len(found.changes)), lines=False)
    for warning in found.warnings:
        print(f"▲ {warning.text('zh')} | {warning.text('en')}")
    show_faults(found.faults)


def _amount(value: Decimal) -> str:
    exact = f"{value.normalize():,f}"
    return exact if len(exact.partition(".")[2]) > 2 else f"{value:,.2f}"


def _remark(row: Any) -> str:
    said = [both("cli.read_assumed", unit=row["unit"])] if row["assumed"] else []
    if isinstance(row["usual"], str):
        said.append(both("cli.read_unusual", usual=row["usual"]))
    return "\n".join(said)


def show_read_back_again(receipt: Receipt, found: ReadBack) -> None:
    """Show how taking a file in was confirmed, and what it was understood to say."""
    at = f"{receipt.received_at:%Y-%m-%d %H:%M}"
    for to in LANGUAGES:
        how = say(f"cli.accepted_{receipt.accepted}", to)
        print(say("cli.read_again", to, number=receipt.number, at=at, how=how))
    show_read_back(found)


def confirmed() -> bool:
    """Ask somebody at a terminal, who says yes or anything else."""
    print(both("cli.read_ask"), end=" ", flush=True)
    return sys.stdin.readline().strip().casefold() in {"y", "yes", "是", "确认"}


def show_receipts(frame: pd.DataFrame) -> None:
    """Show receipts, a line each: number, when, file, digest, sender, note, and its withdrawal if there is one."""
    for row in frame.to_dict("records"):
        parts = [f"{row['number']:>4}", f"{row['received_at']:%Y-%m-%d %H:%M}"]
        parts += [f"{row['period']}/{row['file']}"]
        parts += [row["sha256"][:12], row["submitted_by"], row["note"]]
        if isinstance(row["withdrawn_by"], str):
            at = f"{row['withdrawn_at']:%Y-%m-%d %H:%M}"
            parts.append(both("cli.gone", at=at, by=row["withdrawn_by"], reason=row["reason"]))
        print("  ".join(filter(None, parts)))


def show_findings(findings: Iterable[Finding]) -> bool:
    """Show what was found as it comes; say whether none of it is bad."""
    console = Console()
    well = True
    for finding in findings:
        mark = Text(f"{_SYMBOLS[finding.state]} {both(f'doctor.state_{finding.state}')}")
        mark.stylize(_STYLES[finding.state])
        console.print(mark, Text(finding.subject, style="bold"))
        for line in finding.detail.splitlines():
            console.print(Text(f"    {line}"), soft_wrap=True)
        well &= finding.state != "bad"
    return well


def _print(
    headings: Iterable[str], rows: Iterable[Sequence[str]], title: str = "", *, lines: bool = True
) -> None:
    table = Table(
        title=Text(title, style="bold") if title else None, title_justify="left", show_lines=lines
    )
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))  # Text: what was received is not markup
    Console().print(table)
