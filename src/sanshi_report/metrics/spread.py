"""Exact medians and percentiles of whole numbers, by group."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
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
    # Whole numbers and their halves are exact in binary.
    middle = values.astype("Int64").groupby(keys).median().reindex(groups)
    exact = [None if pd.isna(one) else Decimal(one) for one in middle]
    return pd.Series(exact, index=groups, dtype=object)


def nearest_ranks(values: pd.Series, keys: pd.Series, groups: pd.Index, pct: int) -> pd.Series:
    """Return, by group, the smallest value that at least `pct` per cent of the group do not exceed.

    The parameters are those of `medians`; the result is `Int64`, always one of the values, missing for
    a group without any.
    """
    ranked = values.astype("Int64").dropna().groupby(keys).agg(_quantile, pct)
    return ranked.reindex(groups).astype("Int64")


def _quantile(values: pd.Series, pct: int) -> int:
    return int(np.quantile(values.to_numpy("int64"), pct / 100, method="inverted_cdf"))
