"""What every outlook does with its draws: the seed, the interval, the chance."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from sanshi_report.exact import percent
from sanshi_report.workspace import Outlook

__all__ = ["Draws", "chance", "generator", "interval"]

Draws = NDArray[np.int64]
"""One row per draw."""


def generator(rule: Outlook) -> np.random.Generator:
    """Return a generator that gives the same draws every time."""
    return np.random.default_rng(rule.seed)


def interval(draws: Draws, rule: Outlook) -> tuple[Draws, Draws, Draws]:
    """Return low, median and high of each column: the parameters' central share lies from low to high.

    Each is one of the drawn values (nearest rank).
    """
    ordered = np.sort(draws, axis=0)
    size = len(ordered)
    tail = (100 - rule.interval_pct) * size
    low = ordered[-(-tail // 200) - 1]
    high = ordered[-(-(200 * size - tail) // 200) - 1]
    return low, ordered[-(-size // 2) - 1], high


def chance(reached: NDArray[np.bool_]) -> Decimal | None:
    """Return in how many per cent of the draws something is reached."""
    return percent(int(reached.sum()), len(reached))
