"""Problems by tier: how old the open ones are, and which should go one tier up because time is up."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger, reported_for
from sanshi_report.metrics import problems
from sanshi_report.metrics.scopes import period_end
from sanshi_report.metrics.spread import medians
from sanshi_report.workspace import Parameters

__all__ = ["by_tier", "suggested"]


@keyed_by("tier")
def by_tier(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the problems of each tier.

    Returns
    -------
    pandas.DataFrame
        One row per tier of the parameters, the lowest first: `tier`; `tier_days`, the days it has;
        `raised` = `closed` + `open`; `overdue` and `time_up` (see `suggested`), of those open;
        `oldest_days` and `median_days` (`Decimal`), the age of those open, missing without any. Counts
        and days are `Int64`.

    Examples
    --------
    >>> by_tier = report.metrics.escalation.by_tier()
    >>> by_tier[["tier", "tier_days", "open", "time_up", "oldest_days"]].head(3)
           tier  tier_days  open  time_up  oldest_days
    0      现场          7     0        0         <NA>
    1  单一部门         15     3        2           41
    2    多部门         30     2        2          110
    """
    tiers = parameters.programme.problem_tiers
    order = pd.Index([term.value for term in tiers], dtype="str", name="tier")
    counts = problems.summary(ledger, parameters, "level").set_index("scope_value")
    frame = counts.reindex(order, fill_value=0)
    days = pd.Series([term.days for term in tiers], index=order, dtype="Int64")
    frame.insert(0, "tier_days", days)
    facts = _timed(ledger, parameters)
    time_up = facts[facts["days_past"].ge(0)].groupby("tier").size()
    frame["time_up"] = time_up.reindex(order, fill_value=0).astype("Int64")
    frame["oldest_days"] = facts.groupby("tier")["age_days"].max().reindex(order).astype("Int64")
    frame["median_days"] = medians(facts["age_days"], facts["tier"], order)
    return frame.reset_index()


@keyed_by("problem_id")
def suggested(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the open problems that have been at their tier for all the days it has, longest past first.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its `name`, `sector`, `responsible_unit`; `problem_id`, `raised_on`, `category`,
        `tier`, `owner`, `due_on`, `description`, `progress`; `tier_since`: the day it was raised, or
        the first day of the period whose submission first gave its present tier; `days_at_tier`,
        `tier_days`, `days_past` = days_at_tier − tier_days (`Int64`); `escalate_to`: the next tier up,
        missing at the highest, where a decision is due.

    Examples
    --------
    >>> suggested = report.metrics.escalation.suggested()
    >>> suggested[["problem_id", "tier", "days_at_tier", "days_past", "escalate_to"]].head(2)
      problem_id    tier  days_at_tier  days_past escalate_to
    0  W2024-007  多部门           110         80      市政府
    1  W2024-011  多部门            75         45      市政府
    """
    facts = _timed(ledger, parameters)
    rows = facts[facts["days_past"].ge(0)]
    names = [term.value for term in parameters.programme.problem_tiers]
    above = pd.Series(names[1:], index=names[:-1], dtype="str")
    rows = rows.assign(escalate_to=rows["tier"].map(above).astype("str"))
    columns = [
        "project_id", "name", "sector", "responsible_unit", "problem_id", "raised_on", "category",
        "tier", "owner", "due_on", "description", "progress", "tier_since", "days_at_tier",
        "tier_days", "days_past", "escalate_to",
    ]  # fmt: skip
    order = rows.sort_values(["days_past", "problem_id"], ascending=[False, True])
    return order[columns].reset_index(drop=True)


def _timed(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the open problems with the time they have spent at their tier."""
    facts = problems.open_problems(ledger, parameters)
    lifted = facts["problem_id"].map(_last_change(ledger)).astype("datetime64[us]")
    since = lifted.where(lifted.gt(facts["raised_on"]), facts["raised_on"])
    allowed = {term.value: term.days for term in parameters.programme.problem_tiers}
    days = (period_end(ledger) - since).dt.days.astype("Int64")
    tier_days = facts["tier"].map(allowed).astype("Int64")
    return facts.assign(
        tier_since=since, days_at_tier=days, tier_days=tier_days, days_past=days - tier_days
    )


def _last_change(ledger: Ledger) -> dict[str, pd.Timestamp]:
    """Return, by problem, the first day of the period whose submission last changed its tier."""
    versions = ledger.history["problems"]
    before = versions.groupby("problem_id")["tier"].shift()
    changed = versions[before.notna() & before.ne(versions["tier"])]
    starts = reported_for(changed["origin"]).map(lambda period: pd.Timestamp(period.start))
    known = starts[starts <= period_end(ledger)]
    return dict(zip(changed.loc[known.index, "problem_id"], known, strict=True))
