"""Projects behind that owe an explanation, and whether the ledger holds one.

A problem that is still open, an approved change of plan, or a note on a late node explains; which light asks for it
is decided in the parameters. A problem that was solved explains nothing any more: `solved` lists these.
"""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import investment, starts
from sanshi_report.metrics.lights import LIGHTS
from sanshi_report.metrics.scopes import (
    IDENTITY,
    days_of,
    done_since,
    happened,
    period_end,
    with_projects,
)
from sanshi_report.workspace import Parameters

__all__ = ["lights", "missing", "register", "solved"]

OF_PLANS = "计划"
"""What every field of a plan has in its name; a change of another field explains no delay."""


@keyed_by("project_id")
def register(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the projects that show the parameters' light or a worse one, and what explains them.

    Returns
    -------
    pandas.DataFrame
        Worst light first, then in the register's order, new builds first: `project_id`, its identity, `kind`,
        `light`; `gap_points` (None for new builds), `months_late` (`Int64`, missing for continuing
        projects); `Int64` counts `problems` (open at the period's end and not closed by the cutoff either),
        `changes` (of a plan, approved in as many months as the parameters say), `notes` (on nodes due and not done, or
        due in the period, but for those that only record an approval); `explanation`: their texts joined by ；,
        missing if there is none; `is_explained`; `solved_problems` (`Int64`): how many rows `solved` has of it;
        `answer_by`: the day by which one without an explanation is to give it.

    Examples
    --------
    >>> behind = report.metrics.explanations.register()
    >>> behind[["project_id", "light", "gap_points", "months_late", "is_explained"]].head(2)
      project_id light        gap_points  months_late  is_explained
    0        X05   red              None            3          True
    1        H05   red  -17.000000000000         <NA>          True
    """
    owed = LIGHTS[
        LIGHTS.index(parameters.programme.explanations.from_light) : LIGHTS.index("red") + 1
    ]
    rows = lights(ledger, parameters)
    rows = rows[rows["light"].isin(owed)]
    told = pd.concat([_problems(ledger), _changes(ledger, parameters), _notes(ledger)])
    sources = ["problems", "changes", "notes"]
    counts = pd.crosstab(told["project_id"], told["source"]).reindex(columns=sources, fill_value=0)
    texts = told.groupby("project_id", sort=False)["text"].agg("；".join).rename("explanation")
    rows = rows.join(counts, on="project_id").join(texts.astype("str"), on="project_id")
    rows[sources] = rows[sources].fillna(0).astype("Int64")
    rows["is_explained"] = rows["explanation"].notna()
    closed = _solved(ledger, parameters)["project_id"].value_counts()
    rows["solved_problems"] = rows["project_id"].map(closed).fillna(0).astype("Int64")
    days = parameters.programme.explanations.answer_days
    rows["answer_by"] = (period_end(ledger) + pd.Timedelta(days=days)).as_unit("us")
    worst = rows["light"].map({light: -n for n, light in enumerate(LIGHTS)})
    order = rows.assign(worst=worst).sort_values("worst", kind="stable")
    return order.drop(columns="worst").reset_index(drop=True)


@keyed_by("project_id")
def missing(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the rows of `register` that nothing explains.

    Examples
    --------
    >>> missing = report.metrics.explanations.missing()
    >>> missing[["project_id", "light", "gap_points", "problems", "notes"]]
      project_id   light        gap_points  problems  notes
    0        H08     red  -12.000000000000         0      0
    1        H01  yellow   -4.000000000000         0      0
    2        H06  yellow   -5.000000000000         0      0
    3        H10  yellow   -3.000000000000         0      0
    """
    return register(ledger, parameters).query("~is_explained").reset_index(drop=True)


@keyed_by("problem_id")
def solved(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the problems that explained a light still shown, and were solved.

    Returns
    -------
    pandas.DataFrame
        Of the projects of `register`, in its order, by day: `project_id`, its `name`; `problem_id`, `description`,
        `closed_on`: in as many months as the parameters say, up to the cutoff.

    Examples
    --------
    >>> report.metrics.explanations.solved()[["project_id", "problem_id", "closed_on"]].head(3)
      project_id problem_id  closed_on
    0        H05  W2024-002 2024-05-10
    1        H08  W2024-006 2024-06-14
    2        H08  W2024-021 2024-06-20
    """
    shown = register(ledger, parameters)["project_id"].tolist()
    rows = _solved(ledger, parameters)
    rows = rows[rows["project_id"].isin(shown)]
    place = rows["project_id"].map(shown.index)
    rows = rows.assign(place=place.astype("int64")).sort_values(
        ["place", "closed_on", "problem_id"]
    )
    columns = ["project_id", "problem_id", "description", "closed_on"]
    return with_projects(rows[columns], ledger, ["name"])


def _solved(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    rows = _with_closing(ledger)
    since = period_end(ledger) + pd.offsets.MonthEnd(-parameters.programme.explanations.months)
    return rows[rows["closed_on"].gt(since) & happened(rows["raised_on"], ledger)]


def _with_closing(ledger: Ledger) -> pd.DataFrame:
    """Return the problems, each with the day it was closed on up to the cutoff."""
    rows, since = ledger.problems, done_since(ledger, "problems", "closed_on")
    by_end = rows["closed_on"].where(happened(rows["closed_on"], ledger))
    return rows.assign(closed_on=by_end.fillna(days_of(rows["problem_id"], since)))


@keyed_by("project_id")
def lights(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every project with its light and what it was given for.

    Returns
    -------
    pandas.DataFrame
        New builds, then continuing projects, each in the register's order: `project_id`, its identity, `kind`,
        `light`; `gap_points` and `months_late`, each missing for the other kind.

    Examples
    --------
    >>> report.metrics.explanations.lights()[["project_id", "kind", "light"]].head(3)
      project_id       kind      light
    0        X01  new_build      green
    1        X02  new_build    stalled
    2        X03  new_build  not_rated
    """
    builds = starts.register(ledger, parameters).assign(kind="new_build", gap_points=None)
    money = investment.by_project(ledger, parameters).assign(kind="continuing")
    columns = ["project_id", *IDENTITY, "kind", "light", "gap_points", "months_late"]
    frame = pd.concat(
        [builds.reindex(columns=columns), money.reindex(columns=columns)], ignore_index=True
    )
    return frame.astype(
        {"kind": "str", "light": "str", "gap_points": "object", "months_late": "Int64"}
    )


def _told(rows: pd.DataFrame, source: str, text: str) -> pd.DataFrame:
    return pd.DataFrame({"project_id": rows["project_id"], "source": source, "text": rows[text]})


def _problems(ledger: Ledger) -> pd.DataFrame:
    rows = _with_closing(ledger)
    is_open = happened(rows["raised_on"], ledger) & rows["closed_on"].isna()
    return _told(rows[is_open], "problems", "description")


def _changes(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    rows = ledger.changes
    months = parameters.programme.explanations.months
    since = period_end(ledger) + pd.offsets.MonthEnd(-months)
    recent = rows["approved_on"].gt(since) & happened(rows["approved_on"], ledger)
    of_plans = rows["field"].str.contains(OF_PLANS, regex=False)
    return _told(rows[recent & of_plans], "changes", "reason")


def _notes(ledger: Ledger) -> pd.DataFrame:
    rows = ledger.nodes
    due = happened(rows["due_on"], ledger)
    this_period = rows["due_on"].ge(pd.Timestamp(ledger.period.start))
    late = ~happened(rows["done_on"], ledger)
    told = rows[due & (late | this_period) & rows["note"].notna()]
    return _told(told[~_approvals(told, ledger)], "notes", "note")


def _approvals(notes: pd.DataFrame, ledger: Ledger) -> pd.Series:
    """Return which notes name the day that a change of their project was approved on: records, and no causes."""
    days = ledger.changes.groupby("project_id")["approved_on"].agg(list)
    found = [
        any(f"{day:%Y-%m-%d}" in note for day in days.get(project, []))
        for project, note in zip(notes["project_id"], notes["note"], strict=True)
    ]
    return pd.Series(found, index=notes.index, dtype="bool")
