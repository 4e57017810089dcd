"""What later submissions changed in earlier ones, cell by cell, and how far year-to-date figures moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

from sanshi_report.exact import FEN_PER, PRECISE, decimal_of, half_up, yi_of
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES, key_of
from sanshi_report.workspace import default_cutoff

__all__ = [
    "COLUMNS",
    "by_time",
    "mean_absolute_revision",
    "no_revisions",
    "revisions",
    "since",
    "triangle",
    "written",
]

COLUMNS: dict[str, Any] = {
    "table": "str",
    "project_id": "str",
    "key": "str",
    "month": "str",
    "column": "str",
    "old": "str",
    "new": "str",
    "difference": object,
    "unit": "str",
    "old_origin": "str",
    "new_origin": "str",
    "first_known_at": "datetime64[us, Asia/Shanghai]",
    "known_at": "datetime64[us, Asia/Shanghai]",
}
"""One row per changed cell. `key` is the row's key, its parts separated by spaces; `old` and `new` are exact
text in `unit` (money in 亿元), missing where the cell was empty; `difference` is a `Decimal` in `unit`, or
None where it is not a number. `first_known_at` is when the row first became known, `known_at` when the new
value did."""

OF_THE_YEAR = ("kind", "annual_plan", "invested_before")
"""What the register says of one year only."""

_NUMBERS = {"money", "count", "percent", "quantity"}


def no_revisions() -> pd.DataFrame:
    """Return a revisions frame without rows."""
    return pd.DataFrame({name: pd.Series([], dtype=kind) for name, kind in COLUMNS.items()})


def revisions(history: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return every cell that a later version of its row changed, in order of becoming known.

    Parameters
    ----------
    history : Mapping[str, pandas.DataFrame]
        Every version of every row by table, oldest first.
    """
    parts = [part for table, frame in history.items() for part in _of_table(table, frame)]
    if not parts:
        return no_revisions()
    found = pd.concat(parts, ignore_index=True).astype(COLUMNS)
    return by_time(found, ["table", "key", "column"])


def by_time(found: pd.DataFrame, cell: list[str]) -> pd.DataFrame:
    """Return changes in order of becoming known, those of one `cell` always in the order they have.

    That is the order of receipts; the clock may have stood earlier at a later one.
    """
    times = found.groupby(cell, sort=False, dropna=False)["known_at"].cummax()
    return found.loc[times.sort_values(kind="stable").index].reset_index(drop=True)


def _of_table(table: str, history: pd.DataFrame) -> list[pd.DataFrame]:
    key = key_of(table)
    repeated = history[history.duplicated(key, keep=False)]
    if repeated.empty:
        return []
    group = repeated.groupby(key, sort=False, dropna=False).ngroup().to_numpy()
    first = repeated.groupby(group)["known_at"].transform("first")
    rows = repeated.assign(_group=group, _first=first).sort_values("_group", kind="stable")
    new, old = rows.iloc[1:], rows.iloc[:-1]
    same = new["_group"].to_numpy() == old["_group"].to_numpy()
    new, old = new[same].reset_index(drop=True), old[same].reset_index(drop=True)
    parts = []
    for name, column in TABLES[table].columns.items():
        if name in key:
            continue
        blank = new[name].isna() & old[name].isna()
        differs = (new[name].ne(old[name]).fillna(True) & ~blank).to_numpy(dtype=bool)
        if table == "projects" and name in OF_THE_YEAR:
            # Of another year it is another figure, not the same one changed.
            differs = differs & (new["origin"].str[:4] == old["origin"].str[:4]).to_numpy(bool)
        if differs.any():
            metadata: dict[str, Any] = column.metadata or {}
            parts.append(_changed(table, key, name, metadata, old[differs], new[differs]))
    return parts


def _changed(
    table: str,
    key: Sequence[str],
    name: str,
    metadata: Mapping[str, Any],
    old: pd.DataFrame,
    new: pd.DataFrame,
) -> pd.DataFrame:
    kind = metadata["kind"]
    before, after = _exact(old[name], kind), _exact(new[name], kind)
    labels = [[part for part in map(_shown, row) if part] for row in new[list(key)].to_numpy()]
    is_number = kind in _NUMBERS
    return pd.DataFrame(
        {
            "table": table,
            "project_id": new["project_id"].to_numpy() if "project_id" in new else None,
            "key": [" ".join(parts) for parts in labels],
            "month": new["month"].to_numpy() if "month" in new else None,
            "column": name,
            "old": list(map(_shown, before)),
            "new": list(map(_shown, after)),
            "difference": pd.Series(
                [
                    b - a if is_number and a is not None and b is not None else None
                    for a, b in zip(before, after, strict=True)
                ],
                dtype=object,
            ),
            "unit": metadata["unit"] if is_number else None,
            "old_origin": old["origin"].to_numpy(),
            "new_origin": new["origin"].to_numpy(),
            "first_known_at": new["_first"].array,
            "known_at": new["known_at"].array,
        }
    )


def written(values: pd.Series[Any], kind: str) -> list[str | None]:
    """Return cells as exact text, money in 亿元, days as `2024-06-15`; None for empty."""
    return [_shown(value) for value in _exact(values, kind)]


def _exact(values: pd.Series[Any], kind: str) -> list[Any]:
    """Return cells as exact values in the unit a reader knows: 亿元 for money, None for empty."""
    plain = [None if pd.isna(value) else value for value in values]
    if kind == "money":
        return [yi_of(value) for value in plain]
    if kind in {"count", "percent"}:
        return [
            None if v is None else decimal_of(v if kind == "percent" else int(v)) for v in plain
        ]
    return plain


def _shown(value: Any) -> str | None:
    if value is None or pd.isna(value):
        return None
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d}"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def since(
    found: pd.DataFrame, moment: datetime, tables: Sequence[str] | None = None
) -> pd.DataFrame:
    """Return the net change of each cell known at `moment` by what became known after it.

    A cell changed twice is one row, from the value known then to the latest; one changed there and back is
    none. What was not known at `moment` at all is not a revision.

    Parameters
    ----------
    found : pandas.DataFrame
        As `revisions` returns.
    moment : datetime
        With UTC offset; usually the cutoff of the report before.
    tables : sequence of str, optional
        Only these tables.
    """
    later = found[found["known_at"] > moment]
    if tables is not None:
        later = later[later["table"].isin(list(tables))]
    cell = ["table", "key", "column"]
    last = later.drop_duplicates(cell, keep="last").set_index(cell)
    first = later.drop_duplicates(cell).set_index(cell).reindex(last.index)
    net = last.assign(**{c: first[c] for c in ("old", "old_origin")})
    net["difference"] = pd.Series(
        [
            None if pd.isna(u) or pd.isna(a) or pd.isna(b) else Decimal(b) - Decimal(a)
            for u, a, b in zip(net["unit"], net["old"], net["new"], strict=True)
        ],
        index=net.index,
        dtype=object,
    )
    same = (net["old"] == net["new"]) | (net["old"].isna() & net["new"].isna())
    net = net[(net["first_known_at"] <= moment) & ~same].reset_index()
    return net[list(COLUMNS)]


def triangle(
    history: Mapping[str, pd.DataFrame],
    year: int,
    kind: str | None = None,
    cutoffs: Mapping[str, datetime] | None = None,
) -> pd.DataFrame:
    """Return year-to-date investment as it stood at the cutoff of each month.

    Parameters
    ----------
    history : Mapping[str, pandas.DataFrame]
        Every version of every row by table, oldest first.
    year : int
        The year summed over.
    kind : {"new_build", "continuing"}, optional
        Only projects of this kind, as last known.
    cutoffs : Mapping[str, datetime], optional
        The cutoff of each month's report, where it is not the usual one.

    Returns
    -------
    pandas.DataFrame
        One row per month from the first to the last reported (index `month`), one column per month at whose cutoff the
        figure was known; `Int64` fen, missing before the month was reported.
    """
    progress = history["progress"]
    progress = progress[progress["month"].str.startswith(f"{year}-")]
    if kind is not None:
        projects = history["projects"].drop_duplicates("project_id", keep="last")
        chosen = projects.loc[projects["kind"] == kind, "project_id"]
        progress = progress[progress["project_id"].isin(chosen)]
    reported = set(progress["month"])
    months = [
        month
        for month in ReportPeriod.parse(str(year)).months
        if reported and min(reported) <= month <= max(reported)
    ]
    submitted_for = progress["origin"].str.slice(0, 7)
    columns = {}
    for at in months:
        cutoff = (cutoffs or {}).get(at) or default_cutoff(ReportPeriod.parse(at))
        seen = progress[(progress["known_at"] <= cutoff) & (submitted_for <= at)]
        seen = seen.drop_duplicates(key_of("progress"), keep="last")
        monthly = seen.groupby("month")["invested"].sum()
        columns[at] = monthly.cumsum()[monthly.index <= at]
    return pd.DataFrame(columns, index=pd.Index(months, name="month"), dtype="Int64")


def mean_absolute_revision(figures: pd.DataFrame) -> pd.DataFrame:
    """Return by how much figures had moved 1, 2, … months after the report of their own month.

    Parameters
    ----------
    figures : pandas.DataFrame
        As `triangle` returns.

    Returns
    -------
    pandas.DataFrame
        `lag` (months after the report of the month itself), `months` (how many figures are that old),
        `mean_absolute` and `mean` (exact `Decimal`s in 亿元, 12 places).
    """
    first = np.diag(figures.to_numpy(dtype=object))
    rows = []
    for lag in range(1, len(figures)):
        moved = [
            int(now) - int(then)
            for now, then in zip(np.diag(figures.to_numpy(dtype=object), lag), first, strict=False)
            if not pd.isna(now) and not pd.isna(then)
        ]
        if not moved:
            continue
        scale = FEN_PER["亿元"] * len(moved)
        rows.append(
            {
                "lag": lag,
                "months": len(moved),
                "mean_absolute": half_up(Fraction(sum(map(abs, moved)), scale), PRECISE),
                "mean": half_up(Fraction(sum(moved), scale), PRECISE),
            }
        )
    return pd.DataFrame(rows, columns=["lag", "months", "mean_absolute", "mean"])
