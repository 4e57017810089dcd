"""How many projects there are and what they cost in total, beside the programme's control totals."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scopes import tally
from sanshi_report.workspace import Parameters

__all__ = ["register", "summary"]


@keyed_by("project_id")
def register(ledger: Ledger) -> pd.DataFrame:
    """Return the ledger's projects as they are registered.

    Examples
    --------
    >>> projects = report.metrics.projects.register()
    >>> projects[["project_id", "kind", "total_investment", "annual_plan"]].head(2)
      project_id        kind  total_investment   annual_plan
    0        H01  continuing     1286000000000  245000000000
    1        H02  continuing      624000000000  132000000000
    """
    return ledger.projects


@keyed_by("scope_value")
def summary(ledger: Ledger, parameters: Parameters, by: str | None = None) -> pd.DataFrame:
    """Return the register's size by scope.

    Returns
    -------
    pandas.DataFrame
        `scope_value`; `Int64` counts `projects`, `projects_control`; `Int64` fen `total_investment`,
        `total_investment_control`. A control total is missing where the parameters give none, and in a
        part of the programme.

    Examples
    --------
    >>> kinds = report.metrics.projects.summary("kind")
    >>> kinds[["scope_value", "projects", "total_investment"]]
      scope_value  projects  total_investment
    0        新建        17     3637600000000
    1        续建        13     7359700000000
    """
    facts = ledger.projects.assign(projects=1)
    frame = tally(facts, ledger.projects, parameters, by, ["projects", "total_investment"])
    controls = parameters.programme.control_totals
    known = {
        "portfolio": {"": controls.projects},
        "kind": {"新建": controls.new_build, "续建": controls.continuing},
    }.get(by or "portfolio", {})
    if ledger.whole:
        known = {}
    counts = {value: control.count for value, control in known.items()}
    if by == "tier" and not ledger.whole and controls.projects.city_level is not None:
        city = parameters.programme.words("project_tiers")["city"]
        counts = {city: controls.projects.city_level}
    money = {value: control.total_investment for value, control in known.items()}
    return frame.assign(
        projects_control=frame["scope_value"].map(counts).astype("Int64"),
        total_investment_control=frame["scope_value"].map(money).astype("Int64"),
    )
