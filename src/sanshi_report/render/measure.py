"""Reckoning what nobody typesets before it is shown: lines of text in a column, rows on pages."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from sanshi_report.render.table import ems

__all__ = ["lines_of", "parts"]


def parts(
    heights: Sequence[float],
    room: float,
    *,
    foot: float = 0.0,
    again: float = 0.0,
    needs: Sequence[float] | None = None,
) -> list[tuple[int, int]]:
    """Return from where to where the rows go on each slide: as few as can be, and evenly filled.

    Parameters
    ----------
    foot : float
        What the last slide must hold besides.
    again : float
        What each slide but the first may repeat.
    needs : sequence of float
        The height a row needs together with what must not be parted from it.
    """
    needs = needs or heights

    def packed(limit: float) -> list[tuple[int, int]]:
        starts, filled = [0], 0.0
        for n, height in enumerate(heights):
            last = foot if n == len(heights) - 1 else 0.0
            if n > starts[-1] and filled + max(needs[n], height + last) > limit:
                starts.append(n)
                filled = again
            filled += height
        return list(zip(starts, [*starts[1:], len(heights)], strict=True))

    fewest = packed(room)
    if len(fewest) > 1:
        least = (sum(heights) + foot) / len(fewest)
        steps = [least + n * (room - least) / 24 for n in range(24)]
        even = (found for limit in steps if len(found := packed(limit)) == len(fewest))
        return next(even, fewest)
    return fewest


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column `width` em wide, words and marks unbroken."""
    # A little less than there is: faces differ.
    width *= 0.97
    lines, filled = 1, 0.0
    for token in re.findall(_TOKEN, text):
        length = ems(token.rstrip(" "))
        if filled and filled + length > width:
            lines, filled = lines + 1, 0.0
        # A word longer than the line is broken anyway.
        lines += max(0, math.ceil(length / width) - 1)
        filled = (filled + ems(token)) if length <= width else length % width
    return lines


_CLOSING = "，。；：、！？）》”’」』〉】…％%"
_TOKEN = re.compile(
    rf"[（《“‘「『〈【]*[\u2e80-\uffef](?<![{_CLOSING}])[{_CLOSING}]*[ ]*"
    rf"|[^\s\u2e80-\uffef]+(?:\u00a0[^\s\u2e80-\uffef]+)*[{_CLOSING}]*[ ]*|\S[ ]*|[ ]+"
)
