"""Earned schedule of continuing projects: how far in time the money invested has brought them.

SPI compares amounts (invested ÷ planned) and drifts back to 1 as a year closes, however late; SPI(t)
compares months (months of plan earned ÷ months gone by) and does not. Both are of this year's monthly plans: a
project without all twelve, together the annual plan, has neither, and is in neither of the whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sanshi_report.columns import keyed_by
from sanshi_report.exact import PRECISE, half_up
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.membership import first_months
from sanshi_report.metrics.investment import plans_by_month, since_joining
from sanshi_report.metrics.scopes import IDENTITY
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = ["Curves", "by_project", "curves", "total"]

RECENT = 3
"""How many months count as recent."""

_MEASURES = [
    "baseline", "planned_value", "invested_ytd", "spi", "earned_months", "elapsed_months", "spi_t",
    "months_behind", "spi_recent",
]  # fmt: skip


@dataclass(frozen=True)
class Curves:
    """Cumulative money by project (rows) from the year's beginning on (columns, the first 0).

    Attributes
    ----------
    projects : pandas.DataFrame
        Identity, `baseline` (`plan` or `time`) and `first_month` (see `membership.first_months`) of each row.
    planned : numpy.ndarray
        Twelfths of a fen after 0 … 12 months, so that an even spread of the annual plan is exact.
    invested : numpy.ndarray
        Fen after 0 … the months elapsed.
    """

    projects: pd.DataFrame
    planned: NDArray[np.int64]
    invested: NDArray[np.int64]


@keyed_by("project_id")
def by_project(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the earned schedule of each continuing project with an annual plan, in the register's order.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its identity; `baseline`: `plan` where all twelve monthly plans are there and add up
        to the annual plan, else `time`, and every measure of plans is missing; of a project
        that joined all is measured since then; `Int64` fen `planned_value` to the period's end and
        `invested_ytd`, invested this year;
        `spi` = earned ÷ planned value; `earned_months`: after how many months the baseline reaches
        the earned value, in proportion within a month, 12 once the annual plan is reached;
        `elapsed_months` (`Int64`); `spi_t` = earned ÷ elapsed months; `months_behind` = elapsed −
        earned months, negative if ahead; `spi_recent`: `spi` of the last three months alone. Ratios
        and months are `Decimal`, None where nothing was planned.

    Examples
    --------
    >>> earned = report.metrics.earned.by_project()
    >>> earned[["project_id", "planned_value", "invested_ytd", "spi", "months_behind"]].iloc[1:3]
      project_id  planned_value  invested_ytd             spi    months_behind
    1        H02    62040000000   67440000000  1.087040618956  -0.454048600017
    2        H03    60000000000   66000000000  1.100000000000  -0.588235294118
    """
    told = curves(ledger)
    is_by_plan, firsts = told.projects["baseline"].eq("plan"), told.projects["first_month"]
    # A project that joined is measured from then on.
    rows = [
        _measured((planned if by_plan else 0 * planned)[first - 1 :], invested[first - 1 :])
        for planned, invested, by_plan, first in zip(
            told.planned, told.invested, is_by_plan, firsts, strict=True
        )
    ]
    frame = _framed(rows, told.projects.index).join(told.projects)
    return frame[["project_id", *IDENTITY, *_MEASURES]]


@keyed_by()
def total(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the measures of `by_project` of all projects with monthly plans together: one row.

    Returns
    -------
    pandas.DataFrame
        `projects` measured and `without_plan` (`Int64`), those left out; `baseline`, missing where none is
        measured; the other measures.

    Examples
    --------
    >>> schedule = report.metrics.earned.total()
    >>> schedule[["planned_value", "invested_ytd", "spi", "spi_t", "months_behind"]]
       planned_value  invested_ytd             spi           spi_t   months_behind
    0   741710000000  735570000000  0.991721831983  0.992697048847  0.043817706921
    """
    told = curves(ledger)
    by_plan = told.projects["baseline"].eq("plan").to_numpy()
    planned, invested = told.planned[by_plan].sum(axis=0), told.invested[by_plan].sum(axis=0)
    frame = _framed([_measured(planned, invested)], pd.RangeIndex(1))
    frame["baseline"] = pd.Series(["plan" if by_plan.any() else None], dtype="str")
    for name, number in (("projects", by_plan.sum()), ("without_plan", (~by_plan).sum())):
        frame[name] = pd.Series([int(number)], dtype="Int64")
    return frame[["projects", "without_plan", *_MEASURES]]


def curves(ledger: Ledger) -> Curves:
    """Return the curves of the continuing projects with an annual plan, in the register's order.

    Without complete monthly plans the annual plan is spread evenly, of a project that joined over the months since
    (to the twelfth of a fen): an outlook needs some shape of the year.
    """
    year = ReportPeriod.parse(f"{ledger.period.year}").months
    elapsed = year[: ledger.period.months_elapsed]
    is_rated = ledger.projects["annual_plan"].notna()
    projects = ledger.projects[is_rated & ledger.projects["kind"].eq("continuing")]
    annual = projects["annual_plan"].astype("int64").to_numpy()
    plans = plans_by_month(ledger, projects["project_id"])
    is_complete = plans.notna().all(axis=1).to_numpy() & (_whole(plans).sum(axis=1) == annual)
    firsts = first_months(projects["project_id"], ledger.moves, ledger.period.end)
    even = [_spread(int(plan), int(first)) for plan, first in zip(annual, firsts, strict=True)]
    spread = np.array(even, dtype="int64").reshape(len(annual), 12)
    monthly = np.where(is_complete[:, None], _whole(plans) * 12, spread)
    invested = _by_month(ledger.progress, "invested", projects["project_id"], elapsed)
    baseline = pd.Series(np.where(is_complete, "plan", "time"), index=projects.index, dtype="str")
    frame = projects[["project_id", *IDENTITY]].assign(baseline=baseline, first_month=firsts)
    frame = frame.reset_index(drop=True)
    return Curves(frame, _cumulative(monthly), _cumulative(_whole(invested)))


def _spread(annual: int, first: int) -> NDArray[np.int64]:
    """Return an annual plan spread evenly over the months from the first on, in twelfths of a fen."""
    reached = [12 * annual * since_joining(first, month) for month in range(13)]
    return np.diff(np.array([int(amount) for amount in reached], dtype="int64"))


def _by_month(
    table: pd.DataFrame, column: str, projects: pd.Series, months: list[str]
) -> pd.DataFrame:
    rows = table[table["month"].isin(months)]
    wide = rows.pivot_table(index="project_id", columns="month", values=column, aggfunc="sum")
    return wide.reindex(index=projects, columns=months)


def _whole(frame: pd.DataFrame) -> NDArray[np.int64]:
    return frame.fillna(0).to_numpy(dtype="int64").reshape(frame.shape)


def _cumulative(monthly: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.pad(monthly.cumsum(axis=1), ((0, 0), (1, 0)))


def _measured(planned: NDArray[np.int64], invested: NDArray[np.int64]) -> dict[str, object]:
    """Return the measures of one pair of curves."""
    months = len(invested) - 1
    before = max(0, months - RECENT)
    earned_months = _reached(planned, 12 * int(invested[-1]))
    planned_value = Fraction(int(planned[months]), 12)
    recently_planned = Fraction(int(planned[months] - planned[before]), 12)
    return {
        "planned_value": int(planned_value) if planned[-1] else None,
        "invested_ytd": int(invested[-1]),
        "spi": _ratio(int(invested[-1]), planned_value),
        "earned_months": None if earned_months is None else half_up(earned_months, PRECISE),
        "elapsed_months": months,
        "spi_t": None if earned_months is None else half_up(earned_months / months, PRECISE),
        "months_behind": None
        if earned_months is None
        else half_up(months - earned_months, PRECISE),
        "spi_recent": _ratio(int(invested[-1] - invested[before]), recently_planned),
    }


def _reached(planned: NDArray[np.int64], earned: int) -> Fraction | None:
    """Return after how many months a cumulative plan reaches an amount; None for a plan of nothing."""
    if planned[-1] == 0:
        return None
    if earned >= planned[-1]:
        return Fraction(len(planned) - 1)
    whole = int(np.searchsorted(planned, earned, side="right")) - 1
    step = int(planned[whole + 1] - planned[whole])
    return whole + Fraction(earned - int(planned[whole]), step)


def _ratio(part: int, whole: Fraction) -> object:
    return half_up(part / whole, PRECISE) if whole else None


def _framed(rows: list[dict[str, object]], index: pd.Index) -> pd.DataFrame:
    names = [name for name in _MEASURES if name != "baseline"]
    frame = pd.DataFrame(rows, index=index, columns=names, dtype=object)
    return frame.astype(dict.fromkeys(["planned_value", "invested_ytd", "elapsed_months"], "Int64"))
