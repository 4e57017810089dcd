"""How well the cadence of dispatch meetings was kept since January, by month and by body."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percents
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.cadence import by_window
from sanshi_report.metrics.scopes import with_projects
from sanshi_report.workspace import Parameters

__all__ = ["by_body", "by_month"]


@keyed_by("level", "month")
def by_month(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return, by level and month, the windows that ended in it and how many were met.

    Returns
    -------
    pandas.DataFrame
        By level in the parameters' order, January to the period's month: `level`, `every`, `month`;
        `Int64`: `bodies` with a window ending in the month, `kept_bodies` that missed none, `windows` =
        `met` + `missed`; `kept_pct` = met ÷ windows, None in a month without windows.

    Examples
    --------
    >>> months = report.metrics.compliance.by_month()
    >>> months[["level", "month", "windows", "met", "kept_pct"]].head(2)
        level    month  windows  met          kept_pct
    0  指挥部  2024-01        0    0              None
    1  指挥部  2024-02        1    1  100.000000000000
    """
    facts = _judged(ledger, parameters)
    bodies = facts.groupby(["level", "month", "body"])[["windows", "met", "missed"]].sum()
    bodies["bodies"] = 1
    bodies["kept_bodies"] = bodies["missed"].eq(0).astype("int64")
    rules = parameters.programme.cadence
    months = [f"{ledger.period.year}-{n:02d}" for n in range(1, ledger.period.months_elapsed + 1)]
    rows = pd.MultiIndex.from_product([[r.level for r in rules], months], names=["level", "month"])
    sums = bodies.groupby(["level", "month"]).sum().reindex(rows, fill_value=0).astype("Int64")
    frame = sums.reset_index().astype({"level": "str", "month": "str"})
    every = frame["level"].map({rule.level: rule.every for rule in rules}).astype("str")
    frame = _with_share(frame.assign(every=every))
    counts = ["bodies", "kept_bodies", "windows", "met", "missed"]
    return frame[["level", "every", "month", *counts, "kept_pct"]]


@keyed_by("level", "project_id")
def by_body(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each body's record from January to the period's end, the most missed first at each level.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its `name`, `task_force`, `responsible_unit` (missing for a programme-wide level);
        `level`; `Int64`: `windows` = `met` + `missed`; `kept_pct`; `last_held_on`: its last window's
        meeting, missing if it held none.

    Examples
    --------
    >>> bodies = report.metrics.compliance.by_body()
    >>> bodies[["level", "project_id", "windows", "met", "missed", "kept_pct"]].head(4)
              level project_id  windows  met  missed          kept_pct
    0        指挥部        NaN        3    3       0  100.000000000000
    1  指挥部办公室        NaN        6    5       1   83.333333333333
    2          专班        H08       12    6       6   50.000000000000
    3          专班        H07       12    8       4   66.666666666667
    """
    facts = _judged(ledger, parameters)
    sums = facts.groupby(["level", "body"], sort=False).agg(
        windows=("windows", "sum"),
        met=("met", "sum"),
        missed=("missed", "sum"),
        last_held_on=("held_on", "max"),
    )
    frame = _with_share(sums.reset_index())
    frame["project_id"] = frame.pop("body").replace("", None).astype("str")
    place = {rule.level: n for n, rule in enumerate(parameters.programme.cadence)}
    frame = frame.assign(place=frame["level"].map(place))
    frame = frame.sort_values(["place", "missed"], ascending=[True, False], kind="stable")
    columns = ["project_id", "level", "windows", "met", "missed", "kept_pct", "last_held_on"]
    frame = frame[columns].astype(dict.fromkeys(("windows", "met", "missed"), "Int64"))
    return with_projects(frame, ledger, ["name", "task_force", "responsible_unit"])


def _judged(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    facts = by_window(ledger, parameters)
    met = facts["held_on"].notna()
    return facts.assign(
        month=facts["closes"].dt.strftime("%Y-%m"),
        body=facts["project_id"].fillna(""),
        windows=1,
        met=met.astype("int64"),
        missed=(~met).astype("int64"),
    )


def _with_share(frame: pd.DataFrame) -> pd.DataFrame:
    share = percents(frame["met"], frame["windows"])
    return frame.assign(kept_pct=pd.Series(share, index=frame.index, dtype=object))
