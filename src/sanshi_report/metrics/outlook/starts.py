"""The outlook of starts: when the permits still missing may be granted, and the start after the last.

How long a permit takes is drawn from those granted so far (calendar days from application to grant): its own
kind where enough are known, else all kinds. One under way takes longer than it has already waited; one not
applied for is applied for as late as its promise allows at the median of such durations, or today; one that
`comes_last` follows the others. From the last grant to the start is drawn from the new builds started.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sanshi_report.columns import keyed_by
from sanshi_report.exact import PRECISE, half_up
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import durations
from sanshi_report.metrics import starts as starting
from sanshi_report.metrics.outlook.draws import Draws, chance, generator, interval
from sanshi_report.metrics.scopes import IDENTITY, period_end
from sanshi_report.workspace import Outlook, Parameters

__all__ = ["Simulated", "simulated", "start_chances", "starts"]

_FORECAST = ["starts_low", "starts_median", "starts_high", "probability_pct"]


@dataclass(frozen=True)
class Simulated:
    """Starts as drawn; days are counted from 1970.

    Attributes
    ----------
    projects : pandas.DataFrame
        `durations.holding_up`: the new builds not started.
    days : numpy.ndarray
        The day each of them (columns) starts, by draw (rows).
    started : pandas.Series
        The days the others started on.
    """

    projects: pd.DataFrame
    days: Draws
    started: pd.Series

    def counts(self, day: pd.Timestamp) -> Draws:
        """Return, by draw, how many new builds have started by a day."""
        counts: Draws = (self.days <= _number(day)).sum(axis=1, dtype="int64")
        return counts + int(self.started.le(day).sum())


@keyed_by("due_on")
def starts(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the outlook of each start milestone, by day.

    Returns
    -------
    pandas.DataFrame
        `due_on`, `required`, `planned_starts` by the ledger's own planned starts, `is_past`; `started` by its day,
        or so far while to come; `status`: `settled` where past, else `forecast`, or `too_short` where fewer
        durations are known than the parameters ask for; `months_left` to its month; `starts_per_month`
        (`Decimal`): starts lacking ÷ months left; `starts_plain` (`Decimal`): starts so far + this year's
        average per month × months left; `starts_low`, `starts_median`, `starts_high` by its day;
        `probability_pct` of the
        draws that reach what is required; `interval_pct`. Counts are `Int64`. A settled milestone has its
        outcome for all three, and 100 or 0 per cent.

    Examples
    --------
    >>> coming = report.metrics.outlook.starts()
    >>> coming[["due_on", "required", "status", "starts_median", "probability_pct"]].tail(2)
          due_on  required    status  starts_median  probability_pct
    1 2024-09-30        14  forecast             14  71.930000000000
    2 2024-12-31        17  forecast             17  95.910000000000
    """
    rule = parameters.programme.outlook
    frame = starting.milestones(ledger, parameters).drop(columns=["starts_gap", "light"])
    drawn, now = simulated(ledger, parameters), starting.register(ledger, parameters)["started_on"]
    this_year = int(now.ge(pd.Timestamp(ledger.period.year, 1, 1)).sum())
    average = Fraction(this_year, ledger.period.months_elapsed)
    rows = []
    for milestone in frame.to_dict("records"):
        left = max(0, milestone["due_on"].month - ledger.period.months_elapsed)
        if milestone["is_past"]:
            status, so_far = "settled", int(milestone["started"])
            counts: Draws | None = np.array([so_far])
        else:
            status, so_far = "forecast" if drawn else "too_short", int(now.notna().sum())
            counts = drawn.counts(milestone["due_on"]) if drawn else None
        lacking = max(0, milestone["required"] - so_far)
        per_month = half_up(Fraction(lacking, left), PRECISE) if left else None
        plain = half_up(so_far + average * left, PRECISE)
        forecast = _forecast(counts, milestone["required"], rule)
        rows.append([so_far, status, left, per_month, plain, *forecast])
    columns = ["started", "status", "months_left", "starts_per_month", "starts_plain", *_FORECAST]
    outlook = pd.DataFrame(rows, columns=columns, dtype=object)
    frame = frame.drop(columns="started").join(outlook)
    frame["interval_pct"] = rule.interval_pct
    whole = ["started", "months_left", *_FORECAST[:3], "interval_pct"]
    return frame.astype({"status": "str", **dict.fromkeys(whole, "Int64")})


@keyed_by("project_id")
def start_chances(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return when each new build not started may start, by planned day; empty if history is too short.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its identity, `planned_start`, `outstanding` permits, `critical_permit`; `early_on`,
        `expected_on`, `late_on`: low, median and high of the days drawn; `probability_pct` of starting by
        the next milestone, None after the last.

    Examples
    --------
    >>> chances = report.metrics.outlook.start_chances()
    >>> chances[["project_id", "early_on", "expected_on", "late_on", "probability_pct"]].head(2)
      project_id   early_on expected_on    late_on   probability_pct
    0        X05 2024-09-13  2024-09-30 2024-10-20   50.080000000000
    1        X04 2024-08-17  2024-08-28 2024-09-07  100.000000000000
    """
    drawn, rule = simulated(ledger, parameters), parameters.programme.outlook
    columns = ["project_id", *IDENTITY, "planned_start", "outstanding", "critical_permit"]
    if drawn is None:
        waiting, days = durations.holding_up(ledger, parameters), np.zeros((1, 0), dtype="int64")
    else:
        waiting, days = drawn.projects, drawn.days
    frame = waiting[columns].head(days.shape[1]).reset_index(drop=True)
    ends = interval(days, rule)
    for name, numbers in zip(("early_on", "expected_on", "late_on"), ends, strict=True):
        frame[name] = numbers.astype("datetime64[D]").astype("datetime64[us]")
    due = [_number(day) for day in starting.required(ledger, parameters)["due_on"]]
    coming = next((day for day in due if day > _number(period_end(ledger))), None)
    chances = [None if coming is None else chance(column <= coming) for column in days.T]
    return frame.assign(probability_pct=pd.Series(chances, index=frame.index, dtype=object))


def simulated(ledger: Ledger, parameters: Parameters) -> Simulated | None:
    """Return the starts as drawn, or None where too few durations are known to draw from."""
    rule = parameters.programme.outlook
    granting = durations.timed(ledger)
    pools = _Pools.of(granting, ledger, parameters)
    if min(len(pools.all_kinds), len(pools.after_last)) < rule.min_durations:
        return None
    last = [term.value for term in parameters.programme.permits if term.comes_last]
    waiting = granting.assign(comes_last=granting["permit"].isin(last))
    waiting = waiting.sort_values(["comes_last", "permit"], kind="stable")
    by_project = dict(iter(waiting.groupby("project_id")))
    projects = durations.holding_up(ledger, parameters)
    # Of what is not reported nothing is known to be done: every permit on the list is still to be applied for.
    every = [term.value for term in parameters.programme.permits]
    untold = pd.DataFrame({"permit": every, "comes_last": [name in last for name in every]})
    untold = untold.reindex(columns=waiting.columns).assign(is_granted=False)
    days = [
        pools.start_days(untold if pd.isna(lacking) else by_project.get(project, waiting.head(0)))
        for project, lacking in zip(projects["project_id"], projects["outstanding"], strict=True)
    ]
    started = starting.register(ledger, parameters)["started_on"].dropna()
    table = np.column_stack(days) if days else np.zeros((rule.draws, 0), dtype="int64")
    return Simulated(projects, table, started)


def _forecast(counts: Draws | None, required: int, rule: Outlook) -> list[Any]:
    if counts is None:
        return [None] * len(_FORECAST)
    return [*(int(count) for count in interval(counts, rule)), chance(counts >= required)]


def _number(day: pd.Timestamp) -> int:
    return (day - pd.Timestamp(0)).days


@dataclass(frozen=True)
class _Pools:
    """Observed durations, in calendar days, and the generator that draws from them."""

    by_permit: dict[str, NDArray[np.int64]]
    all_kinds: NDArray[np.int64]
    after_last: NDArray[np.int64]
    today: int
    rule: Outlook
    random: np.random.Generator

    @classmethod
    def of(cls, granting: pd.DataFrame, ledger: Ledger, parameters: Parameters) -> _Pools:
        """Return what the permits granted and the builds started by the period's end took."""
        rule = parameters.programme.outlook
        days = (granting["granted_on"] - granting["applied_on"]).dt.days
        taken = granting.assign(taken=days)[granting["is_granted"] & days.ge(0)]
        last_grant = granting[granting["is_granted"]].groupby("project_id")["granted_on"].max()
        builds = starting.register(ledger, parameters).set_index("project_id")["started_on"]
        lags = (builds - last_grant.reindex(builds.index)).dt.days
        return cls(
            by_permit={
                str(permit): _sorted(rows)
                for permit, rows in taken.groupby("permit")["taken"]
                if len(rows) >= rule.min_durations
            },
            all_kinds=_sorted(taken["taken"]),
            after_last=_sorted(lags[lags.ge(0)]),
            today=_number(period_end(ledger)),
            rule=rule,
            random=generator(rule),
        )

    def start_days(self, permits: pd.DataFrame) -> Draws:
        """Return the days one build may start on, given the permits it needs, the last ones last."""
        granted_on = permits.loc[permits["is_granted"], "granted_on"].max()
        granted = self.today if pd.isna(granted_on) else _number(granted_on)
        ready = np.full(self.rule.draws, granted, dtype="int64")
        outstanding = permits[~permits["is_granted"]]
        for permit in outstanding.to_dict("records"):
            pool = self.by_permit.get(permit["permit"], self.all_kinds)
            ready = np.maximum(ready, self._after(pool, self._applied(permit, pool, ready)))
        # Where nothing is outstanding, the start has been waiting since the last grant.
        return np.maximum(self._after(self.after_last, ready), self.today + 1)

    def _applied(self, permit: dict[Any, Any], pool: NDArray[np.int64], ready: Draws) -> Draws:
        """Return the days a permit was or will be applied for."""
        if pd.notna(permit["applied_on"]):
            return np.full_like(ready, _number(permit["applied_on"]))
        if permit["comes_last"]:
            return np.maximum(ready, self.today)
        if pd.isna(permit["due_on"]):
            return np.full_like(ready, self.today)
        in_time = _number(permit["due_on"]) - int(pool[(len(pool) - 1) // 2])
        return np.full_like(ready, max(self.today, in_time))

    def _after(self, pool: NDArray[np.int64], since: Draws) -> Draws:
        """Return days later than today by a duration drawn from a pool, counted from `since`.

        What has waited longer than any in the pool is counted from today.
        """
        waited = self.today - since
        first = np.searchsorted(pool, waited, side="right")
        is_beyond = first == len(pool)
        first = np.where(is_beyond, 0, first)
        picked = self.random.integers(first, len(pool), size=len(since))
        return np.where(is_beyond, self.today, since) + pool[picked]


def _sorted(days: pd.Series) -> NDArray[np.int64]:
    return np.sort(days.to_numpy(dtype="int64"))
