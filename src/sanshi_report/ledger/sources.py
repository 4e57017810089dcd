"""Received files as tables, each read once and then taken from what is kept of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from sanshi_report import intake
from sanshi_report.intake import Fault
from sanshi_report.ledger.inbox import Receipt, digest_of
from sanshi_report.ledger.keeping import keep, kept, place_of
from sanshi_report.schemas import DTYPES, PROVENANCE, TABLES, empty, listed
from sanshi_report.workspace import Parameters, Programme, Workspace

__all__ = ["Sources", "faults_in", "read_all", "renamed"]

_COMPRESSED = pa.ipc.IpcWriteOptions(compression="zstd")


@dataclass
class Sources:
    """What the received files say together.

    Attributes
    ----------
    history : dict[str, pandas.DataFrame]
        By table, every row of every file, oldest first, with `known_at` and `origin`.
    faulty : dict[str, pandas.DataFrame]
        By table, `project_id` and `origin` of every row with a fault, which is not in `history`.
    faults, warnings : list of Fault
        What must be mended, and what was ignored.
    """

    history: dict[str, pd.DataFrame] = field(default_factory=dict)
    faulty: dict[str, pd.DataFrame] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)


def read_all(
    workspace: Workspace,
    receipts: Sequence[Receipt],
    parameters: Parameters,
    progress: Callable[[str, float], None] = lambda *_: None,
) -> Sources:
    """Read the files of some receipts, oldest first, from what is kept where possible.

    Each is held against the lists in force at the end of the month it is for. Values that have another name
    by now are given it, so that all rows speak in the words of the period reported on.

    Parameters
    ----------
    parameters : Parameters
        Those of the period; a file of a year without parameters is read with the period's own.
    progress : callable, optional
        Told a file's name and how much of all files, by size, has been read, from 0 to 1.
    """
    found = Sources()
    parts: dict[str, list[pa.Table]] = {table: [] for table in TABLES}
    sizes = [(workspace.raw / receipt.name).stat().st_size for receipt in receipts]
    whole, done = max(1, sum(sizes)), 0
    for receipt, size in zip(receipts, sizes, strict=True):

        def tell(
            share: float, name: str = receipt.name, done: int = done, size: int = size
        ) -> None:
            progress(name, (done + share * size) / whole)

        programme = parameters.by_month.get(receipt.period, parameters.programme)
        place = place_of(workspace, receipt, programme)
        entry = _load(place)
        if entry is None:
            reading = intake.read(
                workspace.raw / receipt.name, programme, name=receipt.name, progress=tell
            )
            tables = {table: _to_arrow(table, frame) for table, frame in reading.tables.items()}
            entry = tables, reading.warnings
            found.faults += reading.faults
            for table, rows in reading.faulty.items():
                before = [found.faulty[table]] if table in found.faulty else []
                found.faulty[table] = pd.concat([*before, rows], ignore_index=True)
            # Not if the file was exchanged since its digest was taken.
            if not reading.faults and digest_of(workspace.raw / receipt.name) == receipt.sha256:
                _keep(place, *entry)
        tables, warnings = entry
        found.warnings += warnings
        for table, rows in tables.items():
            known_at = pa.array(
                [receipt.received_at.astimezone(UTC)] * len(rows), pa.timestamp("us", "UTC")
            )
            parts[table].append(rows.append_column("known_at", known_at))
        tell(1.0)
        done += size
    found.history = {table: _to_pandas(table, rows) for table, rows in parts.items()}
    found.history = renamed(found.history, parameters.programme)
    return found


def faults_in(workspace: Workspace, receipt: Receipt, programme: Programme) -> int:
    """Return how many faults a file has; that is kept, too."""
    path, place = workspace.raw / receipt.name, place_of(workspace, receipt, programme)
    counted = place.with_name(f"{place.name}-faults")
    known = kept(counted)
    if known is not None:
        return int(known)
    faults = intake.read(path, programme, name=receipt.name).faults
    judged = not {fault.rule for fault in faults} & {"reader_not_started", "file_too_costly"}
    if judged and digest_of(path) == receipt.sha256:
        keep(counted, b"%d" % len(faults))
    return len(faults)


def renamed(tables: Mapping[str, pd.DataFrame], programme: Programme) -> dict[str, pd.DataFrame]:
    """Return tables in which every value that was renamed has the name it has now."""
    result = dict(tables)
    for table, column, name in listed():
        former = programme.former(name)
        rows = result[table]
        if former and rows[column].isin(former.keys()).any():
            result[table] = rows.assign(**{column: rows[column].replace(former)})
    return result


def _to_arrow(table: str, frame: pd.DataFrame) -> pa.Table:
    """Return a clean table for keeping; decimals become text, which holds them exactly."""
    exactly: dict[str, Any] = {
        str(name): frame[name]
        .map(lambda value: None if value is None else str(value))
        .astype("str")
        for name in frame
        if name in TABLES[table].columns and frame[name].dtype == object
    }
    return pa.Table.from_pandas(
        frame.assign(**exactly), preserve_index=False
    ).replace_schema_metadata()


@cache
def _blank(table: str) -> pd.DataFrame:
    return empty(table)


def _to_pandas(table: str, parts: Sequence[pa.Table]) -> pd.DataFrame:
    if not parts:
        return _blank(table).copy()
    rows = pa.concat_tables(parts, promote_options="permissive")
    frame: pd.DataFrame = rows.to_pandas(
        types_mapper={pa.int64(): pd.Int64Dtype(), pa.float64(): pd.Float64Dtype()}.get
    )
    for name, column in TABLES[table].columns.items():
        dtype = DTYPES[(column.metadata or {})["kind"]]
        if dtype is object:
            values = [None if pd.isna(value) else Decimal(value) for value in frame[name]]
            frame[name] = pd.Series(values, index=frame.index, dtype=object)
        else:
            frame[name] = frame[name].astype(dtype)
    known_at = frame["known_at"].dt.tz_convert("Asia/Shanghai").dt.as_unit("us")
    return frame.assign(known_at=known_at)[[*TABLES[table].columns, *PROVENANCE]]


def _load(place: Path) -> tuple[dict[str, pa.Table], list[Fault]] | None:
    """Return what is kept of a file, if anything."""
    content = kept(place)
    if content is None:
        return None
    reader = pa.BufferReader(content)
    notes = json.loads(reader.read(int.from_bytes(reader.read(8), "big")))
    tables = {table: pa.ipc.open_stream(reader).read_all() for table in notes["tables"]}
    return tables, [Fault(**note) for note in notes["warnings"]]


def _keep(place: Path, tables: dict[str, pa.Table], warnings: Sequence[Fault]) -> None:
    notes: dict[str, Any] = {
        "tables": list(tables),
        "warnings": [asdict(warning) for warning in warnings],
    }
    text = json.dumps(notes, ensure_ascii=False).encode()
    sink = pa.BufferOutputStream()
    sink.write(len(text).to_bytes(8, "big") + text)
    for rows in tables.values():
        with pa.ipc.new_stream(sink, rows.schema, options=_COMPRESSED) as stream:
            stream.write_table(rows)
    keep(place, sink.getvalue().to_pybytes())
