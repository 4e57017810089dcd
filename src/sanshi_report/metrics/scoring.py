"""Scores by the rule of the parameters: every score is the exact sum of points that each say what earned them.

A share item gives its points for the whole of something and a part of them for a part; where nothing of the kind
was due, its points go to the other shares in proportion, so that nothing is neither kept nor missed. An each item
gives points a piece, or takes them. The two kinds of project have different items and are never ranked together.
A project that owed nothing yet (a new build neither due nor started, a continuing project without an annual plan)
is not scored.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import PRECISE, half_up, percents
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import (
    acceptance,
    compliance,
    incidents,
    investment,
    nodes,
    problems,
    starts,
)
from sanshi_report.metrics.scopes import IDENTITY, months_past, period_end
from sanshi_report.workspace import Each, Parameters, Scoring, Share

__all__ = ["ITEMS", "points", "scores"]

ITEMS = (
    "investment", "start", "start_late", "nodes", "meetings", "early_start", "completion",
    "commissioning", "problems_overdue", "actions_overdue", "incidents", "limit",
)  # fmt: skip
"""What points are given for, in order."""

UNITS = {
    "investment": "%", "start": "%", "start_late": "月", "nodes": "%", "meetings": "%",
    "early_start": "个", "completion": "个", "commissioning": "个", "problems_overdue": "个",
    "actions_overdue": "项", "incidents": "起", "limit": "分",
}  # fmt: skip

SHARES = ("investment", "start", "nodes", "meetings")


@keyed_by("project_id", "scoring_item")
def points(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every item that gave a project points or took them, or could have given some.

    Returns
    -------
    pandas.DataFrame
        By project in the register's order, then item: `project_id`, its `name`, `kind`; `scoring_item`, one of
        `ITEMS`; `measured` (`Decimal`): per cent of the whole (investment against pace, 100 for a start
        made, nodes done of those due this year or left over from the last, meeting windows met), whole
        months late, or how many; `unit`; `rate`: points for the whole, or for each; `points`: measured ×
        rate within the item's bounds, to `exact.PRECISE` places. `limit` is what brings the sum within 0
        and the highest score. Items are there where there is something to measure or count.

    Examples
    --------
    >>> points = report.metrics.scoring.points()
    >>> points[["project_id", "scoring_item", "measured", "rate", "points"]].head(3)
      project_id scoring_item         measured rate           points
    0        H01   investment  92.000000000000   60             55.2
    1        H01        nodes  83.333333333333   20  16.666666666667
    2        H01     meetings  81.578947368421   20  16.315789473684
    """
    measures = _measures(ledger, parameters)
    rule = parameters.programme.scoring
    stretch = _stretched(measures, rule)
    parts = []
    for item in ITEMS[:-1]:
        rows = measures.dropna(subset=item)
        entry: Share | Each = getattr(rule, item)
        factors = stretch[rows.index] if item in SHARES else [Fraction(1)] * len(rows)
        rates = [Fraction(entry.points) * factor for factor in factors]
        pairs = zip(rows[item], rates, strict=True)
        given = [_given(measured, rate, entry) for measured, rate in pairs]
        parts.append(
            rows[["project_id", "name", "kind"]].assign(
                scoring_item=item,
                measured=rows[item],
                rate=pd.Series(map(_written, rates), index=rows.index, dtype=object),
                points=pd.Series(given, index=rows.index, dtype=object),
            )
        )
    frame = pd.concat(parts)
    frame = pd.concat([frame, _limits(frame, rule.limit)])
    frame["unit"] = frame["scoring_item"].map(UNITS)
    frame["place"] = frame["scoring_item"].map({item: n for n, item in enumerate(ITEMS)})
    frame = frame.rename_axis("at").sort_values(["at", "place"])
    columns = ["project_id", "name", "kind", "scoring_item", "measured", "unit", "rate", "points"]
    texts = {"scoring_item": "str", "unit": "str"}
    return frame[columns].astype(texts).reset_index(drop=True)


@keyed_by("project_id")
def scores(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every project's score, place and what it comes to.

    Returns
    -------
    pandas.DataFrame
        In the register's order: `project_id`, its identity, `kind`; `score` (`Decimal`): the sum of its
        `points`, None if not scored; `rank`, `rank_in_sector`, `rank_in_tier`: `Int64`, within its kind,
        ties share the better place; `of`: how many of its kind are scored; `verdict`: `honour`,
        `criticise`, `none` or `not_rated`. With an incident this year there is no honour unless the
        parameters say so.

    Examples
    --------
    >>> scores = report.metrics.scoring.scores()
    >>> scores[["project_id", "score", "rank", "of", "verdict"]].head(3)
      project_id             score  rank  of verdict
    0        H01   88.182456140351     9  13    none
    1        H02   98.151196172249     6  13    none
    2        H03  103.894736842105     3  13  honour
    """
    projects = ledger.projects[["project_id", *IDENTITY, "kind"]].reset_index(drop=True)
    given = points(ledger, parameters)
    sums = given.groupby("project_id")["points"].sum()
    score = [sums.get(project) for project in projects["project_id"]]
    frame = projects.assign(score=pd.Series(score, index=projects.index, dtype=object))
    for name, groups in (
        ("rank", ["kind"]),
        ("rank_in_sector", ["kind", "sector"]),
        ("rank_in_tier", ["kind", "tier"]),
    ):
        number = frame["score"].astype("Float64")
        ranks = number.groupby([frame[group] for group in groups]).rank("min", ascending=False)
        frame[name] = ranks.astype("Int64")
    frame["of"] = frame["score"].notna().groupby(frame["kind"]).transform("sum").astype("Int64")
    marred = set(given.loc[given["scoring_item"].eq("incidents"), "project_id"])
    return frame.assign(verdict=_verdicts(frame, marred, parameters))


def _verdicts(frame: pd.DataFrame, marred: set[str], parameters: Parameters) -> pd.Series:
    rule = parameters.programme.scoring
    barred = frame["project_id"].isin(marred) & (not rule.honour_despite_incident)
    high = _each(frame["score"], lambda score: score >= rule.honour_from)
    low = _each(frame["score"], lambda score: score < rule.criticise_below)
    verdicts = np.select([high & ~barred, low], ["honour", "criticise"], "none")
    verdict = pd.Series(verdicts, index=frame.index, dtype="str")
    return verdict.mask(frame["score"].isna(), "not_rated")


def _each(values: pd.Series, holds: Callable[[Decimal], bool]) -> pd.Series:
    """Return whether something holds of each value; of a missing one it does not."""
    found = [value is not None and holds(value) for value in values]
    return pd.Series(found, index=values.index, dtype="bool")


def _stretched(measures: pd.DataFrame, rule: Scoring) -> pd.Series:
    """Return by how much each project's shares count more because others of them do not apply."""
    factors = []
    for row in measures.to_dict("records"):
        first = "start" if row["kind"] == "new_build" else "investment"
        rates = {item: getattr(rule, item).points for item in (first, "nodes", "meetings")}
        there = sum(points for item, points in rates.items() if pd.notna(row[item]))
        factors.append(Fraction(sum(rates.values())) / Fraction(there))
    return pd.Series(factors, index=measures.index, dtype=object)


def _given(measured: Decimal, rate: Fraction, entry: Share | Each) -> Decimal:
    if isinstance(entry, Share):
        return _written(Fraction(min(measured, entry.cap_pct)) * rate / 100)
    return max(-entry.most, min(entry.most, measured * entry.points))


def _written(value: Fraction) -> Decimal:
    """Return an exact number as the shortest decimal, to `exact.PRECISE` places if it has no end."""
    short = half_up(value, PRECISE).normalize()
    return short if short.as_tuple().exponent <= 0 else short.quantize(Decimal(1))  # type: ignore[operator]


def _limits(given: pd.DataFrame, highest: Decimal) -> pd.DataFrame:
    """Return a row for each project whose points leave the bounds, with what brings them back."""
    rows = given.drop_duplicates("project_id")[["project_id", "name", "kind"]]
    sums = given.groupby("project_id")["points"].sum()
    totals = [sums[project] for project in rows["project_id"]]
    excess = [min(max(total, Decimal(0)), highest) - total for total in totals]
    column = pd.Series(excess, index=rows.index, dtype=object)
    limit = pd.Series(highest, index=rows.index, dtype=object)
    rows = rows.assign(
        scoring_item="limit", measured=pd.Series(totals, index=rows.index, dtype=object)
    )
    return rows.assign(rate=limit, points=column)[[gap != 0 for gap in excess]]


def _measures(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return each scored project with a `Decimal` column per item, None where it does not apply."""
    projects = ledger.projects[["project_id", "name", "kind"]]
    money = investment.by_project(ledger, parameters).set_index("project_id")["ratio_pct"]
    builds = _builds(ledger, parameters)
    frame = projects.join(money.rename("investment"), on="project_id").join(builds, on="project_id")
    frame = frame[frame["investment"].notna() | frame["start"].notna()]
    due = nodes.this_year(ledger)
    shares = {"nodes": pd.Series(percents(due["done"], due["due"]), index=due.index, dtype=object)}
    bodies = compliance.by_body(ledger, parameters).groupby("project_id")[["met", "windows"]].sum()
    met = percents(bodies["met"], bodies["windows"])
    shares["meetings"] = pd.Series(met, index=bodies.index, dtype=object)
    for item, share in shares.items():
        values = [share.get(project) for project in frame["project_id"]]
        frame = frame.assign(**{item: pd.Series(values, index=frame.index, dtype=object)})
    for item, count in _counts(ledger, parameters).items():
        numbers = [count.get(project, 0) for project in frame["project_id"]]
        values = [Decimal(int(number)) if number else None for number in numbers]
        frame = frame.assign(**{item: pd.Series(values, index=frame.index, dtype=object)})
    return frame.astype(dict.fromkeys(["investment", "start", "start_late", "early_start"], object))


def _builds(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the starts of new builds due or started: made or not, months late, months early."""
    rows = starts.register(ledger, parameters).query("is_due or is_started")
    started, planned = rows["started_on"], rows["planned_start"]
    # One that has not started is late up to now.
    months = months_past(planned, started.fillna(period_end(ledger)))
    is_early = started.dt.to_period("M") < planned.dt.to_period("M")
    made = [Decimal(100) if is_started else Decimal(0) for is_started in rows["is_started"]]
    late = [Decimal(int(month)) if month > 0 else None for month in months]
    early = [Decimal(1) if is_one else None for is_one in is_early]
    columns = {"start": made, "start_late": late, "early_start": early}
    return pd.DataFrame(columns, index=pd.Index(rows["project_id"]), dtype=object)


def _counts(ledger: Ledger, parameters: Parameters) -> dict[str, pd.Series]:
    """Return, by project, how many of each other thing there are this year."""
    first = pd.Timestamp(ledger.period.year, 1, 1)
    ends = acceptance.register(ledger, parameters)
    open_problems = problems.open_problems(ledger, parameters).query("is_overdue")
    actions = problems.follow_up(ledger).query("status == 'overdue'")
    happened = incidents.so_far(ledger)
    in_time = {
        step: ends[ends[done].ge(first) & ends[f"{step}_days_late"].le(0)]
        for step, done in (("completion", "completed_on"), ("commissioning", "commissioned_on"))
    }
    tables = {
        **in_time,
        "problems_overdue": open_problems,
        "actions_overdue": actions,
        "incidents": happened,
    }
    return {item: rows.groupby("project_id").size() for item, rows in tables.items()}
