"""Who is in the programme on a day: what the moves approved (进出调整) make of a year's register.

A project is in the programme from the day it joined, or the year's first, to the day before it left or was split.
A split ends its project: from its day on the parts stand in its place, each registered under a number of its own.
Moves of earlier years count no more: each year begins with a register of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date

import pandas as pd

__all__ = ["ENDINGS", "at", "concerning", "ended_on", "entered_on", "first_months", "of_year"]

ENDINGS = ("left", "split")
"""Moves from whose day on a project is in the programme no more."""

_KEPT = ("moves", "incidents")
"""Tables that keep the rows about projects that left: what happened on them did happen."""


def of_year(moves: pd.DataFrame, day: date, *, by_then: bool = True) -> pd.DataFrame:
    """Return the moves of a day's year, those that took effect by then, or all of them and later ones."""
    begun = moves["effective_on"].ge(pd.Timestamp(day.year, 1, 1))
    return moves[begun & (moves["effective_on"].le(pd.Timestamp(day)) | (not by_then))]


def at(
    known: Mapping[str, pd.DataFrame], day: date, keeping: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """Return the tables as they speak of the projects that are in the programme on a day.

    Parameters
    ----------
    known : Mapping[str, pandas.DataFrame]
        The latest version of every row by table.
    keeping : collection of str
        Numbers of projects that stay though they left.

    Returns
    -------
    dict[str, pandas.DataFrame]
        The tables, and `left`: the rows of `projects` that left or were split by then this year, with `left_on`.
        Nothing is told of these, nor of projects still to join, but in the tables of `_KEPT`. Projects have the
        name they were given by then.
    """
    moves, projects = known["moves"], known["projects"]
    if moves.empty:
        return {**known, "left": projects.head(0).assign(left_on=_on(projects.head(0), {}))}
    done = of_year(moves, day)
    ended, coming = ended_on(done), _entries(of_year(moves, day, by_then=False).drop(done.index))
    out = ({*ended, *coming}) - set(keeping)
    named = done[done["move"].eq("renamed")].sort_values("effective_on", kind="stable")
    names = dict(zip(named["project_id"], named["new_name"], strict=True))
    called = [
        names.get(project, name)
        for project, name in zip(projects["project_id"], projects["name"], strict=True)
    ]
    projects = projects.assign(name=pd.Series(called, index=projects.index, dtype="str"))
    kept = {
        table: frame[~frame["project_id"].isin(out)].reset_index(drop=True)
        if "project_id" in frame and table not in _KEPT
        else frame
        for table, frame in {**known, "projects": projects}.items()
    }
    left = projects[projects["project_id"].isin(list(ended))].reset_index(drop=True)
    return {**kept, "left": left.assign(left_on=_on(left, ended))}


def entered_on(projects: pd.Series, moves: pd.DataFrame, day: date) -> pd.Series:
    """Return when each of some projects joined, or was made by a split, this year; missing where it did not."""
    entries = _entries(of_year(moves, day))
    return _on(projects.to_frame("project_id"), entries)


def first_months(projects: pd.Series, moves: pd.DataFrame, day: date) -> pd.Series:
    """Return the first month of the year, 1 to 12, that counts for each of some projects (`Int64`).

    That of its joining, and 1 for all others: a part of a split takes over the months of the whole.
    """
    done = of_year(moves, day)
    joined = done[done["move"].eq("joined")]
    days = dict(zip(joined["project_id"], joined["effective_on"], strict=True))
    parts = _parts(done)
    wholes = dict(zip(parts["into"], parts["project_id"], strict=True))
    origins = [_origin(project, wholes) for project in projects]
    months = [days[one].month if one in days else 1 for one in origins]
    return pd.Series(months, index=projects.index, dtype="Int64")


def concerning(moves: pd.DataFrame, projects: Collection[str]) -> pd.DataFrame:
    """Return the moves of some projects and of those they were part of."""
    ids, before = set(projects), -1
    while len(ids) > before:
        before = len(ids)
        ids |= set(moves.loc[moves["into"].isin(ids), "project_id"])
    return moves[moves["project_id"].isin(ids)]


def ended_on(moves: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """Return by project the day it leaves or is split."""
    ends = moves[moves["move"].isin(ENDINGS)]
    return _first(zip(ends["project_id"], ends["effective_on"], strict=True))


def _parts(moves: pd.DataFrame) -> pd.DataFrame:
    return moves[moves["move"].eq("split") & moves["into"].notna()]


def _entries(moves: pd.DataFrame) -> dict[str, pd.Timestamp]:
    """Return by project the day it joins, or a split makes it."""
    joined, parts = moves[moves["move"].eq("joined")], _parts(moves)
    days = [*zip(joined["project_id"], joined["effective_on"], strict=True)]
    return _first([*days, *zip(parts["into"], parts["effective_on"], strict=True)])


def _first(days: Iterable[tuple[str, pd.Timestamp]]) -> dict[str, pd.Timestamp]:
    first: dict[str, pd.Timestamp] = {}
    for project, day in days:
        first[project] = min(day, first.get(project, day))
    return first


def _origin(project: str, wholes: Mapping[str, str]) -> str:
    """Return the project that one came of by splits, itself where by none."""
    seen = {project}
    while (whole := wholes.get(project)) is not None and whole not in seen:
        seen.add(whole)
        project = whole
    return project


def _on(projects: pd.DataFrame, days: Mapping[str, pd.Timestamp]) -> pd.Series:
    """Return the day of each row's project, missing where there is none."""
    found = [days.get(project, pd.NaT) for project in projects["project_id"]]
    return pd.Series(found, index=projects.index, dtype="datetime64[us]")
