"""Projects behind that owe an explanation, and whether the ledger holds one.

A problem, an approved change of plan, or a note on a late node explains; which light asks for it is decided
in the parameters.
"""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import investment, starts
from sanshi_report.metrics.lights import LIGHTS
from sanshi_report.metrics.scopes import IDENTITY, happened, period_end
from sanshi_report.workspace import Parameters

__all__ = ["missing", "register"]

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
        projects); `Int64` counts `problems` (open at the period's end or closed in the period), `changes` (of
        a plan, approved in as many months as the parameters say), `notes` (on nodes due and not done, or
        due in the period); `explanation`: their texts joined by ；, missing if there is none;
        `is_explained`.

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
    rows = _lights(ledger, parameters)
    rows = rows[rows["light"].isin(owed)]
    told = pd.concat([_problems(ledger), _changes(ledger, parameters), _notes(ledger)])
    sources = ["problems", "changes", "notes"]
    counts = pd.crosstab(told["project_id"], told["source"]).reindex(columns=sources, fill_value=0)
    texts = told.groupby("project_id", sort=False)["text"].agg("；".join).rename("explanation")
    rows = rows.join(counts, on="project_id").join(texts.astype("str"), on="project_id")
    rows[sources] = rows[sources].fillna(0).astype("Int64")
    rows["is_explained"] = rows["explanation"].notna()
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
      project_id   light       gap_points  problems  notes
    0        H01  yellow  -4.000000000000         0      0
    """
    return register(ledger, parameters).query("~is_explained").reset_index(drop=True)


def _lights(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every project with its light and what it was given for."""
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
    rows = ledger.problems
    alive = ~rows["closed_on"].lt(pd.Timestamp(ledger.period.start))
    return _told(rows[alive & happened(rows["raised_on"], ledger)], "problems", "description")


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
    return _told(rows[due & (late | this_period) & rows["note"].notna()], "notes", "note")
