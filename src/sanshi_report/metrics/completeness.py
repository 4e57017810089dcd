"""How much of what should be told is told: recommended cells, filled or empty."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percent, percents
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import with_projects
from sanshi_report.schemas import TABLES, key_of

__all__ = ["RECOMMENDED", "by_table", "gaps", "summary"]

_Condition = Callable[[pd.DataFrame], "pd.Series[bool]"]


def _always(rows: pd.DataFrame) -> pd.Series[bool]:
    return pd.Series(True, index=rows.index)


def _continuing(rows: pd.DataFrame) -> pd.Series[bool]:
    return rows["kind"].eq("continuing")


def _permit(*statuses: str) -> _Condition:
    return lambda rows: rows["status"].isin(statuses)


RECOMMENDED: Mapping[str, Mapping[str, _Condition]] = {
    "projects": {
        "lead_official": _always,
        "task_force": _always,
        "scope": _always,
        "invested_before": _continuing,
        "planned_commissioning": _always,
    },
    "progress": {
        "physical_pct": _always,
        "physical_note": _always,
        "workers": _always,
        "evidence": _always,
        "reported_by": _always,
        "reported_on": _always,
    },
    "permits": {
        "applied_on": _permit("办理中", "已办结"),
        "due_on": _permit("未启动", "办理中", "已办结"),
        "granted_on": _permit("已办结"),
        "document_no": _permit("已办结"),
    },
    "inputs": {"department": _always},
    "funding": {"in_place": _always},
    "problems": {"progress": _always},
    "meetings": {"subject": _always},
}
"""Cells that may be empty and should not be, each with the rows in which it should be filled. Elsewhere
everything is required, or is empty until something happens."""


@keyed_by("table")
def by_table(ledger: Ledger) -> pd.DataFrame:
    """Return the share of recommended cells that are filled, table by table.

    Tables that report by the month count with the period's months, the others with all their rows.

    Returns
    -------
    pandas.DataFrame
        One row per table of `RECOMMENDED`, in the contract's order: `table`; `Int64` counts: `rows`,
        `cells` recommended, `filled`; `filled_pct` (None without cells); `weakest`: the column with the
        most empty cells, missing if none is, and `weakest_empty`, how many.

    Examples
    --------
    >>> tables = report.metrics.completeness.by_table()
    >>> tables[["table", "rows", "cells", "filled", "filled_pct", "weakest"]].head(2)
          table  rows  cells  filled        filled_pct        weakest
    0  projects    30    133     133  100.000000000000            NaN
    1  progress    30    180     178   98.888888888889  physical_note
    """
    rows = []
    for table in (name for name in TABLES if name in RECOMMENDED):
        frame = _rows(ledger, table)
        wanted = {figure: when(frame) for figure, when in RECOMMENDED[table].items()}
        empty = {figure: int((w & frame[figure].isna()).sum()) for figure, w in wanted.items()}
        cells = sum(int(w.sum()) for w in wanted.values())
        weakest = max(empty, key=lambda figure: empty[figure])
        rows.append(
            {
                "table": table,
                "rows": len(frame),
                "cells": cells,
                "filled": cells - sum(empty.values()),
                "weakest": weakest if empty[weakest] else None,
                "weakest_empty": empty[weakest],
            }
        )
    counts = dict.fromkeys(("rows", "cells", "filled", "weakest_empty"), "Int64")
    found = pd.DataFrame(rows).astype({**counts, "table": "str", "weakest": "str"})
    share = pd.Series(percents(found["filled"], found["cells"]), dtype=object)
    found.insert(4, "filled_pct", share)
    return found


@keyed_by()
def summary(ledger: Ledger) -> pd.DataFrame:
    """Return `by_table` of all tables together: `cells`, `filled`, `empty` (`Int64`) and `filled_pct`, one row.

    Examples
    --------
    >>> report.metrics.completeness.summary()
       cells  filled  empty       filled_pct
    0   2164    2162      2  99.907578558226
    """
    cells, filled = (int(n) for n in by_table(ledger)[["cells", "filled"]].sum())
    counts = pd.DataFrame([{"cells": cells, "filled": filled, "empty": cells - filled}])
    share = pd.Series([percent(filled, cells)], dtype=object)
    return counts.astype("Int64").assign(filled_pct=share)


@keyed_by("table", "key", "figure")
def gaps(ledger: Ledger) -> pd.DataFrame:
    """Return every recommended cell that is empty.

    Returns
    -------
    pandas.DataFrame
        By table, in the ledger's order: `project_id` (missing where on none), the project's `name` and
        `responsible_unit`; `table`, `key` and `figure` of the cell; `origin` of its row.

    Examples
    --------
    >>> report.metrics.completeness.gaps()[["key", "figure", "origin"]]
               key         figure                             origin
    0  X16 2024-06  physical_note  2024-06/民生领域.xlsx#月度进展!11
    1  X16 2024-06    reported_by  2024-06/民生领域.xlsx#月度进展!11
    """
    rows = []
    for table, figures in RECOMMENDED.items():
        frame, key = _rows(ledger, table), key_of(table)
        for figure, when in figures.items():
            for row in frame[when(frame) & frame[figure].isna()].to_dict("records"):
                parts = [row[name] for name in key if pd.notna(row[name])]
                rows.append(
                    {
                        "project_id": row["project_id"],
                        "table": table,
                        "key": " ".join(f"{p:%Y-%m-%d}" if hasattr(p, "day") else p for p in parts),
                        "figure": figure,
                        "origin": row["origin"],
                    }
                )
    wanted = ["project_id", "table", "key", "figure", "origin"]
    found = pd.DataFrame(rows, columns=wanted, dtype="str")
    return with_projects(found, ledger, ["name", "responsible_unit"])


def _rows(ledger: Ledger, table: str) -> pd.DataFrame:
    frame: pd.DataFrame = getattr(ledger, table)
    if "month" in key_of(table):
        frame = frame[frame["month"].isin(ledger.period.months)]
    return frame
