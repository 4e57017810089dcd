"""Reading back what a file was understood to say, before it is signed for.

Nothing that had to be assumed, and no figure that leaves what is known of its project, enters the ledger
unseen: whoever receives the file sees it and says yes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from sanshi_report import intake
from sanshi_report.errors import DataError
from sanshi_report.exact import FEN_PER
from sanshi_report.intake import Fault
from sanshi_report.ledger.comparing import COLUMNS, differences
from sanshi_report.ledger.inbox import Receipt, digest_of, lists
from sanshi_report.ledger.past import latest
from sanshi_report.ledger.sources import read_all
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES, key_of
from sanshi_report.workspace import Workspace

__all__ = ["AMOUNTS", "ReadBack", "counting", "read_back", "read_back_again"]

AMOUNTS = ("table", "key", "column", "amount", "unit", "assumed", "usual")
"""Columns of `ReadBack.amounts`."""

_FACTOR = 5
"""How many times above the highest or below the lowest of its other months an amount is still usual."""

_FEWEST = 3
"""Months of a project that must be known to say what is usual."""


@dataclass(frozen=True)
class ReadBack:
    """What one file was understood to say.

    Attributes
    ----------
    file : str
        As messages name it, `2024-06/unit.xlsx`.
    rows : dict[str, int]
        By table, how many rows count.
    amounts : pandas.DataFrame
        A row for each amount of money: text `table`, `key`, `column`; `amount` as it stands on the sheet
        (`Decimal`, in `unit`); `assumed`, whether no unit was stated; `usual`, missing, or the range in
        亿元 that a month leaves (`0.10–2.50`).
    changes : pandas.DataFrame
        What differs from what is known; columns as in `comparing.COLUMNS`.
    faults, warnings : sequence of Fault
        What must be mended; what was ignored, is hidden, struck out or assumed.
    """

    file: str
    rows: dict[str, int]
    amounts: pd.DataFrame
    changes: pd.DataFrame
    faults: Sequence[Fault]
    warnings: Sequence[Fault]

    @property
    def doubtful(self) -> bool:
        """Whether somebody must say yes: a fault, an assumed unit, or an amount out of its range."""
        amounts = self.amounts
        return bool(self.faults) or bool(amounts["assumed"].any() or amounts["usual"].notna().any())


def read_back(
    workspace: Workspace, path: Path, period: str, before: Sequence[Receipt], name: str = ""
) -> ReadBack:
    """Return what a file would say in the ledger, against what is known from earlier receipts.

    Parameters
    ----------
    path : Path
        The file; it need not be received yet.
    period : str
        The month it is for.
    before : sequence of Receipt
        What counted before it, oldest first.
    name : str, optional
        How messages call the file; by default by period and its own name.
    """
    parameters = workspace.parameters(period)
    file = name or f"{ReportPeriod.parse(period)}/{path.name}"
    reading = intake.read(path, parameters.programme, name=file)
    known = {
        table: latest(table, rows)
        for table, rows in read_all(workspace, before, parameters).history.items()
    }
    changes = [
        row
        for table, rows in reading.tables.items()
        for row in differences(table, _same_keys(table, known[table], rows), rows)
    ]
    return ReadBack(
        file=file,
        rows={table: len(rows) for table, rows in reading.tables.items()},
        amounts=_amounts(reading, known),
        changes=pd.DataFrame(changes, columns=list(COLUMNS), dtype="str"),
        faults=reading.faults,
        warnings=reading.warnings,
    )


def counting(workspace: Workspace, before: int | None = None) -> list[Receipt]:
    """Return the receipts that counted before the line of a number was written; by default all of now."""
    held, gone = lists(workspace)
    ended = {w.withdraws for w in gone if before is None or w.number < before}
    return [r for r in held if r.number not in ended and (before is None or r.number < before)]


def read_back_again(workspace: Workspace, number: int) -> tuple[Receipt, ReadBack]:
    """Return a receipt and what its file was understood to say when it was taken in.

    Raises
    ------
    DataError
        If no receipt has the number, or its file is not what was received.
    """
    found = next((r for r in lists(workspace)[0] if r.number == number), None)
    if found is None:
        raise DataError("receipt_unknown", number=number)
    path = workspace.raw / found.name
    if not path.is_file() or digest_of(path) != found.sha256:
        raise DataError("receipt_file_differs", number=number, file=f"data/raw/{found.name}")
    before = counting(workspace, number)
    return found, read_back(workspace, path, found.period, before, found.name)


def _same_keys(table: str, known: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the known rows that have the key of one of some others."""
    keys = key_of(table)
    wanted = pd.MultiIndex.from_frame(rows[keys])
    return known[pd.MultiIndex.from_frame(known[keys]).isin(wanted)]


def _amounts(reading: intake.Reading, known: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    found = []
    for table, rows in reading.tables.items():
        schema = TABLES[table]
        money = [n for n, c in schema.columns.items() if (c.metadata or {})["kind"] == "money"]
        keys = [" ".join(map(str, key)) for key in rows[key_of(table)].itertuples(index=False)]
        sheets = [origin.partition("#")[2].rpartition("!")[0] for origin in rows["origin"]]
        for name in money:
            for key, sheet, fen in zip(keys, sheets, rows[name], strict=True):
                unit, assumed = reading.units[sheet].get(name, ("", False))
                if unit and not pd.isna(fen):
                    amount = Decimal(int(fen)) / FEN_PER[unit]
                    found.append([table, key, schema.columns[name].title, amount, unit, assumed])
    frame = pd.DataFrame(found, columns=list(AMOUNTS[:-1]))
    frame["assumed"] = frame["assumed"].astype(bool)
    projects = [f for f in (known["projects"], reading.tables.get("projects")) if f is not None]
    totals = pd.concat(projects).drop_duplicates("project_id", keep="last").set_index("project_id")
    new = reading.tables.get("progress")
    return frame.assign(usual=_out_of_range(new, known["progress"], totals, frame))


def _out_of_range(
    new: pd.DataFrame | None, known: pd.DataFrame, totals: pd.DataFrame, amounts: pd.DataFrame
) -> pd.Series[str]:
    """Return for each month's investment the usual range it leaves, missing where it does not.

    A month is usual from a fifth of the project's lowest other month to five times its highest, where three
    are known, and never beyond the project's total.
    """
    usual: dict[Any, str] = {}
    if new is None:
        return pd.Series(usual, index=amounts.index, dtype="str")
    total = totals["total_investment"].to_dict()
    own = pd.concat([known, new]).drop_duplicates(["project_id", "month"], keep="last")
    own = own[own["invested"].gt(0)]
    by_project = {str(key): group for key, group in own.groupby("project_id")}
    for at, key in amounts.loc[amounts["table"] == "progress", "key"].items():
        project, month = str(key).rsplit(" ", 1)
        others = by_project.get(project, own[:0])
        this = others.loc[others["month"] == month, "invested"]
        rest = others.loc[others["month"] != month, "invested"]
        known_enough = len(rest) >= _FEWEST
        least = int(rest.min()) // _FACTOR if known_enough else 0
        ends = [int(rest.max()) * _FACTOR] if known_enough else []
        ends += [int(total[project])] if not pd.isna(total.get(project)) else []
        if not this.empty and ends and not least <= int(this.iloc[0]) <= min(ends):
            low, high = (Decimal(fen) / FEN_PER["亿元"] for fen in (least, min(ends)))
            usual[at] = f"{low:.4f}–{high:.4f}"
    return pd.Series(usual, index=amounts.index, dtype="str")
