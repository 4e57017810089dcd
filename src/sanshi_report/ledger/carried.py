"""What one year hands on to the next: money so far, what has started, and what is done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd

from sanshi_report.ledger.past import latest

__all__ = ["carried", "invested_through"]


def invested_through(history: Mapping[str, pd.DataFrame], year: int) -> pd.Series:
    """Return what was invested in each project by the end of a year, as far as known.

    Returns
    -------
    pandas.Series
        Fen by `project_id`, of the projects in that year's register: what it says had been invested before,
        and the year's months. A new build of which it says nothing began from nothing; of a continuing
        project it is then not known, and missing.
    """
    registers = history["projects"]
    register = latest("projects", registers[registers["origin"].str.startswith(f"{year}-")])
    progress = latest("progress", history["progress"])
    months = progress[progress["month"].str.startswith(f"{year}-")]
    money = months.groupby("project_id")["invested"].sum()
    begun = register.set_index("project_id")
    before = begun["invested_before"].mask(
        begun["kind"].eq("new_build") & begun["invested_before"].isna(), 0
    )
    return before + money.reindex(begun.index, fill_value=0)


def carried(
    known: Mapping[str, pd.DataFrame], history: Mapping[str, pd.DataFrame], year: int
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Return what is known at the end of a year as the next one begins with it, and who is completed.

    What has started goes on as a continuing project; what was invested by then is what was invested before;
    the plan of the new year is not known. Completed projects are left out, with all that is said of them.

    Parameters
    ----------
    known, history : Mapping[str, pandas.DataFrame]
        As a `Ledger` of the year has them.

    Returns
    -------
    tables : dict[str, pandas.DataFrame]
    completed : list of str
        Numbers of the projects left out.
    """
    end = pd.Timestamp(date(year, 12, 31))
    projects = known["projects"]
    done = projects["completed_on"].le(end)
    started = projects["started_on"].le(end)
    money = projects["project_id"].map(invested_through(history, year))
    projects = projects.assign(
        kind=projects["kind"].mask(started, "continuing"),
        invested_before=money.astype("Int64"),
        annual_plan=pd.array([pd.NA] * len(projects), dtype="Int64"),
    )
    completed = list(projects.loc[done, "project_id"])
    tables = {
        table: rows[~rows["project_id"].isin(completed)].reset_index(drop=True)
        if "project_id" in rows
        else rows
        for table, rows in (dict(known) | {"projects": projects}).items()
    }
    return tables, completed
