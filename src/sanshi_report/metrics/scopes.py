"""Groups of projects: which values a scope has, in which order, and sums over them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import pandas as pd

from sanshi_report.ledger import Ledger, membership
from sanshi_report.schemas import TABLES, key_of
from sanshi_report.workspace import CHINA, Parameters

__all__ = [
    "PROJECT_SCOPES",
    "days_of",
    "done_since",
    "happened",
    "in_order",
    "listed",
    "months_past",
    "period_end",
    "placed",
    "tally",
    "with_projects",
    "within",
]

PROJECT_SCOPES = ("portfolio", "kind", "sector", "tier", "county", "project")
"""The scopes that divide the projects themselves; the others divide what is said about them."""

IDENTITY = ["name", "sector", "tier", "county", "lead_official", "task_force", "responsible_unit"]


def period_end(ledger: Ledger) -> pd.Timestamp:
    """Return the day everything is judged at."""
    return pd.Timestamp(ledger.period.end)


def happened(days: pd.Series, ledger: Ledger) -> pd.Series:
    """Return whether each day is known and not after the period's end."""
    return days.le(period_end(ledger))


def done_since(ledger: Ledger, table: str, day: str) -> pd.Series:
    """Return what was done after the period's end and, as far as known by the cutoff, no later than it.

    Nothing after a week: its list is that of its Sunday, whatever the month's report knows since.

    Parameters
    ----------
    table, day : str
        A table of the ledger, and its column that says when something was done.

    Returns
    -------
    pandas.Series
        That day of each such row, by the key of the table.
    """
    days: pd.Series = ledger.known[table].set_index(key_of(table))[day]
    end = period_end(ledger)
    cutoff = end if ledger.period.is_week else pd.Timestamp(ledger.as_of.astimezone(CHINA).date())
    return days[days.gt(end) & days.le(cutoff)]


def days_of(keys: pd.Series, days: pd.Series) -> pd.Series:
    """Return the day that `days` has for each key, missing where it has none; of no days at all too."""
    return pd.Series(days.reindex(keys).array, index=keys.index).astype("datetime64[us]")


def within(ledger: Ledger, projects: Iterable[str]) -> Ledger:
    """Return the ledger of a part of the programme: what is told of some projects, by number, and nothing else."""
    ids = set(projects)
    frames = {name: getattr(ledger, name) for name in (*TABLES, "left", "revisions")}
    narrowed: dict[str, Any] = dict(_of_projects(frames, ids))
    return replace(
        ledger,
        **narrowed,
        history=_of_projects(ledger.history, ids),
        known=_of_projects(ledger.known, ids),
        past=ledger.past and ledger.past.of_projects(ids),
        whole=ledger.whole or ledger,
    )


def _of_projects(tables: Mapping[str, pd.DataFrame], ids: set[str]) -> dict[str, pd.DataFrame]:
    return {
        name: membership.concerning(frame, ids)
        if name == "moves"
        else frame[frame["project_id"].isin(ids)]
        for name, frame in tables.items()
    }


def months_past(planned: pd.Series, until: pd.Series | pd.Timestamp) -> pd.Series:
    """Return how many whole months have gone by from the end of each planned day's month to a day.

    That month's last day is 0, the next month's last day 1, and any day between them still 0.

    Returns
    -------
    pandas.Series
        `Int64`, negative for a day in an earlier month, missing where a day is.
    """
    after = until + pd.Timedelta(days=1)
    time: Any = after.dt if isinstance(after, pd.Series) else after
    months: pd.Series = (time.year - planned.dt.year) * 12 + time.month - planned.dt.month
    return months.astype("Int64") - 1


def _words(by: str, parameters: Parameters) -> dict[str, str]:
    """Return the workbook's word for each code of a `projects` column that holds codes."""
    if by == "tier":
        return parameters.programme.words("project_tiers")
    metadata: dict[str, Any] = TABLES["projects"].columns[by].metadata or {}
    return {code: word for word, code in metadata["codes"].items()}


def _scope_of(projects: pd.DataFrame, by: str, parameters: Parameters) -> pd.Series:
    """Return each project's value in a project scope."""
    if by == "portfolio":
        return pd.Series("", index=projects.index, dtype="str")
    if by == "project":
        return projects["project_id"]
    values = projects[by]
    return values.replace(_words(by, parameters)) if by in {"kind", "tier"} else values


def in_order(values: Iterable[str], by: str, parameters: Parameters) -> list[str]:
    """Return the distinct values in the order of the parameters' list, then as they first appear.

    Missing values are left out.
    """
    place = {value: at for at, value in reversed(list(enumerate(listed(by, parameters))))}
    distinct = dict.fromkeys(value for value in values if pd.notna(value))
    return sorted(distinct, key=lambda value: place.get(value, len(place)))


def listed(by: str, parameters: Parameters) -> list[str]:
    """Return the parameters' list of a scope's values; empty where the office decides none."""
    year = parameters.programme
    lists: dict[str, list[str]] = {
        "kind": list(_words("kind", parameters).values()),
        "tier": list(_words("tier", parameters).values()),
        "sector": [term.value for term in year.sectors],
        "permit": [term.value for term in year.permits],
        "department": [term.department for term in year.permits],
        "input": [term.value for term in year.inputs],
        "source": [term.value for term in year.funding_sources],
        "category": [term.value for term in year.problem_categories],
        "level": [term.value for term in year.problem_tiers],
    }
    return lists.get(by, [])


def tally(
    facts: pd.DataFrame,
    projects: pd.DataFrame,
    parameters: Parameters,
    by: str | None,
    columns: list[str],
    unreported: int | None = 0,
) -> pd.DataFrame:
    """Sum facts by scope.

    Parameters
    ----------
    facts : pandas.DataFrame
        One row per thing counted or amount, with `project_id` (missing where it belongs to none) and
        `columns`; for a scope that is not one of `PROJECT_SCOPES`, a column of that name.
    projects : pandas.DataFrame
        The projects concerned: each of their values has a row.
    by : str or None
        The scope; None is `portfolio`, which also holds the facts that belong to no project.
    columns : list of str
        What to sum: integers, money, or booleans to count.
    unreported : int or None
        What a value has of which there are no facts: 0 where that means that nothing happened (a problem, an
        incident), None where it means that nobody has told (a permit, a node, a source of funds).

    Returns
    -------
    pandas.DataFrame
        `scope_value` (empty for `portfolio`) and `columns` as `Int64`; a sum of nothing but missing
        amounts is missing.
    """
    keys, values = placed(facts, projects, parameters, by)
    sums = facts[columns].astype("Int64").groupby(keys, sort=False).sum(min_count=1)
    told = sums.reindex(values)
    if unreported is not None:
        told.loc[~told.index.isin(sums.index)] = unreported
    return told.reset_index()


def placed(
    facts: pd.DataFrame, projects: pd.DataFrame, parameters: Parameters, by: str | None
) -> tuple[pd.Series, pd.Index]:
    """Return each fact's value in a scope, and the scope's values in order.

    The parameters are those of `tally`; a fact that belongs to no value has none.
    """
    by = by or "portfolio"
    if by == "portfolio":
        keys, values = pd.Series("", index=facts.index, dtype="str"), [""]
    elif by in PROJECT_SCOPES:
        scope = _scope_of(projects, by, parameters)
        keys = facts["project_id"].map(dict(zip(projects["project_id"], scope, strict=True)))
        values = in_order(scope, by, parameters)
    else:
        keys = facts[by]
        values = in_order(keys, by, parameters)
    return keys.astype("str"), pd.Index(values, dtype="str", name="scope_value")


def with_projects(
    frame: pd.DataFrame, ledger: Ledger, columns: list[str] | None = None
) -> pd.DataFrame:
    """Put each row's project's identity columns after its `project_id`; missing where it has none.

    Projects that left have theirs too.
    """
    wanted = IDENTITY if columns is None else columns
    known = ledger.projects.set_index("project_id")[wanted]
    left = ledger.left.set_index("project_id")[wanted]
    if len(left := left[~left.index.isin(known.index)]):
        known = pd.concat([known, left])
    named = frame.join(known, on="project_id")
    others = [column for column in frame.columns if column != "project_id"]
    return named[["project_id", *wanted, *others]].reset_index(drop=True)
