"""The middle and the upper end of a few whole numbers, by group, exactly."""

from __future__ import annotations

from decimal import Decimal

import pandas as pd

__all__ = ["medians", "nearest_ranks"]


def medians(values: pd.Series, keys: pd.Series, groups: pd.Index) -> pd.Series:
    """Return the median of each group's values.

    Parameters
    ----------
    values : pandas.Series
        Whole numbers; missing ones are left out.
    keys : pandas.Series
        The group of each value.
    groups : pandas.Index
        The groups wanted, in order.

    Returns
    -------
    pandas.Series
        `Decimal` by group, whole or ending in .5: between two middle values, their mean; None for a
        group without values.
    """
    place, size, kept = _ranked(values, keys)
    low = kept[place == (size + 1) // 2]
    high = kept[place == size // 2 + 1]
    sums = low.set_index("key")["value"] + high.set_index("key")["value"]
    middle = {key: Decimal(int(twice)) / 2 for key, twice in sums.items()}
    return pd.Series([middle.get(group) for group in groups], index=groups, dtype=object)


def nearest_ranks(values: pd.Series, keys: pd.Series, groups: pd.Index, pct: int) -> pd.Series:
    """Return, by group, the smallest value that at least `pct` per cent of the group do not exceed.

    The parameters are those of `medians`; the result is `Int64`, always one of the values, missing for
    a group without any.
    """
    place, size, kept = _ranked(values, keys)
    ranked = kept[place == -(-size * pct // 100)].set_index("key")["value"]
    return ranked.reindex(groups).astype("Int64")


def _ranked(values: pd.Series, keys: pd.Series) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    """Return each value's place in its group from 1, its group's size, and the values by size."""
    frame = pd.DataFrame({"key": keys, "value": values.astype("Int64")}).dropna()
    frame = frame.sort_values("value", kind="stable")
    groups = frame.groupby("key", sort=False)["value"]
    return groups.cumcount() + 1, groups.transform("size").astype("int64"), frame
