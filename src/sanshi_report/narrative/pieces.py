"""Several pieces of a report from one cell, such as a page for each of some projects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Pieces"]


@dataclass(frozen=True, eq=False)
class Pieces:
    """Prose, figures and tables that a notebook shows one after another.

    Attributes
    ----------
    pieces : tuple of object
        Each knows how to show itself in a notebook.
    """

    pieces: tuple[object, ...]

    def __iter__(self) -> Iterator[object]:
        return iter(self.pieces)

    def _ipython_display_(self) -> None:
        # Only a notebook shows pieces; metrics and tests need no IPython.
        from IPython.display import display

        for piece in self.pieces:
            display(piece)  # type: ignore[no-untyped-call]
