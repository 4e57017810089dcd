"""The reconciliation gate: the ledger must add up to the control totals, to the last fen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from sanshi_report.catalogue import Language, say
from sanshi_report.errors import DataError
from sanshi_report.exact import half_up, yi_of
from sanshi_report.workspace import Parameters, Total

if TYPE_CHECKING:
    from sanshi_report.ledger.model import Ledger

__all__ = ["Mismatch", "TotalsDiffer", "reconcile"]


@dataclass(frozen=True)
class Mismatch:
    """A control total that the ledger does not add up to.

    Attributes
    ----------
    group : str
        `projects`, `new_build`, `continuing`, or a sector of the continuing projects.
    figure : str
        `count`, `city_level`, `total_investment` or `annual_plan`.
    expected, found : int
        The control total and the ledger's figure: fen for money, else projects.
    """

    group: str
    figure: str
    expected: int
    found: int

    def text(self, language: Language = "zh") -> str:
        """Return both figures and their difference in a sentence."""
        named = self.group in {"projects", "new_build", "continuing"}
        group = f"errors.totals_in_{self.group if named else 'sector'}"
        direction = "over" if self.found > self.expected else "under"
        return say(
            "errors.totals_mismatch",
            language,
            group=say(group, language, sector=self.group),
            figure=say(f"errors.totals_of_{self.figure}", language),
            found=self._written(self.found, language),
            expected=self._written(self.expected, language),
            direction=say(f"errors.totals_{direction}", language),
            difference=self._written(abs(self.found - self.expected), language),
        )

    def _written(self, value: int, language: Language) -> str:
        if self.figure in {"count", "city_level"}:
            return str(value)
        exact = yi_of(value) or Decimal(0)
        # Two places as everywhere, more where the figure has more.
        shown = half_up(exact, 2) if half_up(exact, 2) == exact else exact
        return say("errors.totals_money", language, value=f"{shown:f}")


class TotalsDiffer(DataError):
    """The ledger does not add up to the control totals."""

    def __init__(self, mismatches: Sequence[Mismatch]) -> None:
        super().__init__("totals_differ", mismatches=tuple(mismatches))

    @property
    def mismatches(self) -> tuple[Mismatch, ...]:
        """Every control total that is missed."""
        return tuple(self.values["mismatches"])

    def text(self, language: Any) -> str:
        """Return every mismatch with both figures, in one language."""
        details = "\n".join(f"  - {mismatch.text(language)}" for mismatch in self.mismatches)
        return say(f"errors.{self.key}", language, count=len(self.mismatches), details=details)


def reconcile(ledger: Ledger, parameters: Parameters) -> list[Mismatch]:
    """Return every control total of the parameters that the ledger's projects miss."""
    totals = parameters.programme.control_totals
    projects = ledger.projects
    continuing = projects[projects["kind"] == "continuing"]
    groups: list[tuple[str, Total, pd.DataFrame]] = [
        ("projects", totals.projects, projects),
        ("new_build", totals.new_build, projects[projects["kind"] == "new_build"]),
        ("continuing", totals.continuing, continuing),
    ]
    groups += [
        (sector, total, continuing[continuing["sector"] == sector])
        for sector, total in totals.continuing_by_sector.items()
    ]
    return [
        Mismatch(group, figure, expected, found)
        for group, total, rows in groups
        for figure, found in _figures(rows).items()
        if (expected := getattr(total, figure)) is not None and expected != found
    ]


def _figures(projects: pd.DataFrame) -> dict[str, int]:
    return {
        "count": len(projects),
        "city_level": int((projects["tier"] == "city").sum()),
        "total_investment": int(projects["total_investment"].sum()),
        "annual_plan": int(projects["annual_plan"].sum()),
    }
