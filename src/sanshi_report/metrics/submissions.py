"""Who has reported, when, and how well: by responsible unit and month."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percent, percents
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.membership import entered_on
from sanshi_report.metrics import completeness
from sanshi_report.workspace import Parameters

__all__ = ["STATUSES", "by_sender", "by_unit", "punctuality", "record", "returned", "summary"]

STATUSES = ("on_time", "late", "partial", "missing")

CONFIRMED = ("三方确认", "核查")
"""The grades of evidence that somebody besides the unit stands behind."""


@keyed_by("responsible_unit", "month")
def punctuality(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return for each responsible unit and month whether its projects' progress came by the cutoff.

    Returns
    -------
    pandas.DataFrame
        Units in the register's order, each with the months from January, or from when its first project joined,
        to the period's end:
        `responsible_unit`, `month`; `Int64` counts of projects: `projects` = `on_time` + `late` +
        `missing`; `received_at`: when the last of them first came, missing if none did; `status`:
        `missing` (nothing came), `partial` (something is missing still), `late` (all came, some after
        the month's cutoff) or `on_time`.

    Examples
    --------
    >>> punctuality = report.metrics.submissions.punctuality()
    >>> punctuality[["responsible_unit", "month", "projects", "on_time", "status"]].head(2)
      responsible_unit    month  projects  on_time   status
    0         示例甲局  2024-01         5        5  on_time
    1         示例甲局  2024-02         5        5  on_time
    """
    months, projects = list(parameters.cutoffs), ledger.projects[["project_id", "responsible_unit"]]
    grid = projects.merge(pd.DataFrame({"month": pd.Series(months, dtype="str")}), how="cross")
    entered = entered_on(grid["project_id"], ledger.moves, ledger.period.end)
    grid = grid[grid["month"].ge(entered.dt.strftime("%Y-%m").fillna(""))]
    sent = ledger.history["progress"].groupby(["project_id", "month"])["known_at"].min()
    grid = grid.join(sent, on=["project_id", "month"])
    cutoffs = grid["month"].map({m: pd.Timestamp(at) for m, at in parameters.cutoffs.items()})
    grid["missing"] = grid["known_at"].isna()
    grid["late"] = grid["known_at"] > pd.to_datetime(cutoffs, utc=True)
    grid["on_time"] = ~grid["missing"] & ~grid["late"]
    groups = grid.groupby(["responsible_unit", "month"], sort=False)
    frame = groups[["on_time", "late", "missing"]].sum().astype("Int64")
    frame.insert(0, "projects", groups.size().astype("Int64"))
    frame["received_at"] = groups["known_at"].max()
    status = np.select(
        [frame["missing"] == frame["projects"], frame["missing"] > 0, frame["late"] > 0],
        ["missing", "partial", "late"],
        "on_time",
    )
    return frame.assign(status=pd.Series(status, index=frame.index, dtype="str")).reset_index()


@keyed_by()
def summary(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return how punctual the year has been.

    Returns
    -------
    pandas.DataFrame
        One row: `Int64` `months` so far, `units`, `due`: reports due from them, `on_time`: complete and in
        time; `on_time_pct`, their share.

    Examples
    --------
    >>> report.metrics.submissions.summary()
       months  units  due  on_time       on_time_pct
    0       6     13   78       78  100.000000000000
    """
    came = punctuality(ledger, parameters)
    due, on_time = len(came), int(came["status"].eq("on_time").sum())
    counts = {
        "months": came["month"].nunique(),
        "units": came["responsible_unit"].nunique(),
        "due": due,
        "on_time": on_time,
    }
    share = pd.Series([percent(on_time, due)], dtype=object)
    return pd.DataFrame([counts]).astype("Int64").assign(on_time_pct=share)


@keyed_by("responsible_unit")
def by_unit(ledger: Ledger, parameters: Parameters, found: pd.DataFrame) -> pd.DataFrame:
    """Return each responsible unit's report of the period's last month, and how far it can be relied on.

    Parameters
    ----------
    found : pandas.DataFrame
        `suspicion.suspicions`.

    Returns
    -------
    pandas.DataFrame
        In the register's order: the columns of `punctuality` but `month`; `submitted_by`: who sent it,
        and `missing_projects`: names of those not reported, both joined by 、; `invested` fen in the
        month and `self_reported_pct`, the share nobody confirmed (None of nothing); `gaps`: recommended
        cells left empty; `suspicions`, `Int64`.

    Examples
    --------
    >>> found = report.metrics.suspicion.suspicions()
    >>> units = report.metrics.submissions.by_unit(found)
    >>> units[["responsible_unit", "projects", "on_time", "status", "suspicions"]].head(2)
      responsible_unit  projects  on_time   status  suspicions
    0         示例甲局         5        5  on_time           2
    1     示例甲区政府         2        2  on_time           2
    """
    last = ledger.period.months[-1]
    now = punctuality(ledger, parameters)
    frame = now[now["month"] == last].drop(columns="month").set_index("responsible_unit")
    projects = ledger.projects.set_index("project_id")
    rows = ledger.progress[ledger.progress["month"] == last]
    units = rows["project_id"].map(projects["responsible_unit"])
    sent_by = _senders(ledger, rows["origin"])
    frame["submitted_by"] = _joined(sent_by, units).reindex(frame.index)
    silent = projects[~projects.index.isin(set(rows["project_id"]))]
    named = _joined(silent["name"], silent["responsible_unit"])
    frame["missing_projects"] = named.reindex(frame.index).astype("str")
    own = rows["invested"].where(~rows["evidence"].isin(CONFIRMED), 0)
    money = pd.DataFrame({"invested": rows["invested"], "own": own}).groupby(units).sum()
    money = money.reindex(frame.index, fill_value=0).astype("Int64")
    frame["invested"] = money["invested"]
    frame["self_reported_pct"] = pd.Series(
        percents(money["own"], money["invested"]), index=frame.index, dtype=object
    )
    for name, counted in (("gaps", completeness.gaps(ledger)), ("suspicions", found)):
        sizes = counted.groupby("responsible_unit").size()
        frame[name] = sizes.reindex(frame.index, fill_value=0).astype("Int64")
    return frame.reset_index()


@keyed_by("sender", "month")
def record(ledger: Ledger, parameters: Parameters, listed: pd.DataFrame) -> pd.DataFrame:
    """Return what was wrong or unusual with each unit, month by month.

    Parameters
    ----------
    listed : pandas.DataFrame
        `suspicion.by_month`.

    Returns
    -------
    pandas.DataFrame
        Responsible units in the register's order, then whoever else sent files, each with the months to
        the period's end: `sender`, `month`, `Int64` counts: `suspicions` on its projects in that month's
        report; `overdue`: projects reported late or not; `returned`: files it sent that were taken back,
        and the `faults` in them; `notes`: what was ignored in the files it sent.

    Examples
    --------
    >>> listed = report.metrics.suspicion.by_month()
    >>> record = report.metrics.submissions.record(listed)
    >>> record[["sender", "month", "suspicions", "overdue", "faults"]].query("suspicions > 0").head(2)
         sender    month  suspicions  overdue  faults
    4  示例甲局  2024-05           1        0       0
    5  示例甲局  2024-06           2        0       0
    """
    came = punctuality(ledger, parameters)
    taken, heeded = ledger.returned, _notes(ledger)
    senders = [*ledger.receipts["submitted_by"], *taken["submitted_by"]]
    units = list(dict.fromkeys([*ledger.projects["responsible_unit"], *senders]))
    index = pd.MultiIndex.from_product([units, list(parameters.cutoffs)], names=["sender", "month"])
    sums = {
        "suspicions": listed.groupby(["responsible_unit", "listed_in"]).size(),
        "overdue": came.assign(n=came["late"] + came["missing"])
        .groupby(["responsible_unit", "month"])["n"]
        .sum(),
        "returned": taken.groupby(["submitted_by", "period"]).size(),
        "faults": taken.groupby(["submitted_by", "period"])["faults"].sum(),
        "notes": heeded.groupby(["submitted_by", "period"]).size(),
    }
    parts = {
        name: counts.rename_axis(index=["sender", "month"]).reindex(index, fill_value=0)
        for name, counts in sums.items()
    }
    frame = pd.DataFrame(parts, index=index).astype("Int64").reset_index()
    return frame.astype({"sender": "str", "month": "str"})


@keyed_by("sender")
def by_sender(record: pd.DataFrame) -> pd.DataFrame:
    """Return the year's sums of `record` for each unit: its counts, in the same order.

    Examples
    --------
    >>> listed = report.metrics.suspicion.by_month()
    >>> record = report.metrics.submissions.record(listed)
    >>> report.metrics.submissions.by_sender(record).head(2)
             sender  suspicions  overdue  returned  faults  notes
    0      示例甲局           3        0         0       0      0
    1  示例甲区政府           2        0         0       0      0
    """
    sums = record.drop(columns="month").groupby("sender", sort=False).sum()
    return sums.astype("Int64").reset_index()


@keyed_by("period", "file", "received_at")
def returned(ledger: Ledger) -> pd.DataFrame:
    """Return this year's submissions that were taken back, latest first: `ledger.returned` cut to size.

    Returns
    -------
    pandas.DataFrame
        `period`, `file`, `submitted_by`, `received_at`, `withdrawn_at`, `withdrawn_by`, `reason`,
        `faults`.

    Examples
    --------
    >>> returned = december.metrics.submissions.returned()
    >>> returned[["file", "submitted_by", "received_at", "faults"]]
                        file submitted_by               received_at  faults
    0  民生领域（初报）.xlsx     示例丁局 2024-10-03 10:09:00+08:00       2
    """
    columns = [
        "period", "file", "submitted_by", "received_at", "withdrawn_at", "withdrawn_by", "reason",
        "faults",
    ]  # fmt: skip
    rows = ledger.returned[ledger.returned["period"].str.startswith(f"{ledger.period.year}-")]
    return rows.sort_values("withdrawn_at", ascending=False, ignore_index=True)[columns]


def _notes(ledger: Ledger) -> pd.DataFrame:
    """Return each warning's file as receipts have it: `period` and `submitted_by`."""
    files = pd.Series([warning.file for warning in ledger.warnings], dtype="str")
    return pd.DataFrame({"period": files.str.slice(0, 7), "submitted_by": _senders(ledger, files)})


def _senders(ledger: Ledger, places: pd.Series[Any]) -> pd.Series[Any]:
    """Return who sent the file of each origin or file name."""
    receipts = ledger.receipts
    names = receipts["period"] + "/" + receipts["file"]
    known = dict(zip(names, receipts["submitted_by"], strict=True))
    return places.str.split("#").str[0].map(known).astype("str")


def _joined(values: pd.Series[Any], by: pd.Series[Any]) -> pd.Series[Any]:
    """Return the distinct values of each group, joined."""
    there = values[values.notna()]
    return there.groupby(by).agg(lambda own: "、".join(dict.fromkeys(own)))
