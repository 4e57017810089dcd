"""Working days between two days, by the official calendar of holidays and worked weekends.

The State Council publishes each year's holidays in the autumn before; a year not yet published has no
working days here, rather than a guess.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
from chinese_calendar import constants
from numpy.typing import NDArray

__all__ = ["covered_years", "working_days"]


def covered_years() -> tuple[int, int]:
    """Return the first and the last year whose holidays are known."""
    return min(constants.holidays).year, max(constants.holidays).year


def working_days(after: pd.Series, until: pd.Series) -> pd.Series:
    """Return how many working days lie after one day, up to and including another.

    Parameters
    ----------
    after, until : pandas.Series
        Days (`datetime64`), of the same index: an application and its grant, for instance.

    Returns
    -------
    pandas.Series
        `Int64`; 0 on the same day, negative where `until` is the earlier; missing where a day is, or
        where one lies outside the years covered.
    """
    return _elapsed(until) - _elapsed(after)


def _elapsed(days: pd.Series) -> pd.Series:
    """Return the working days from the calendar's beginning up to each day, itself included."""
    totals = _totals()
    place = (days - _first_day()).dt.days
    inside = place.between(0, len(totals) - 1)
    counts = totals[place.where(inside, 0).to_numpy(dtype="int64")]
    return pd.Series(counts, index=days.index, dtype="Int64").where(inside)


def _first_day() -> pd.Timestamp:
    return pd.Timestamp(covered_years()[0], 1, 1)


@cache
def _totals() -> NDArray[np.int64]:
    last = covered_years()[1]
    days = pd.date_range(_first_day(), pd.Timestamp(last, 12, 31))
    at_work = days.day_of_week.to_numpy() < 5
    at_work &= ~days.isin(pd.DatetimeIndex(list(constants.holidays)))
    at_work |= days.isin(pd.DatetimeIndex(list(constants.workdays)))
    return np.cumsum(at_work, dtype="int64")
