"""Editions: a published report whose figures changed is issued again as revised, its former kept."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from sanshi_report.build.place import copy
from sanshi_report.build.plan import Plan
from sanshi_report.catalogue import Language, say

__all__ = ["Edition"]

FORMER = "former"


@dataclass(frozen=True)
class Edition:
    """Which issue of a period's reports this is.

    Attributes
    ----------
    number : int
        1 for the first.
    supersedes : tuple of mapping
        `edition`, `as_of` and `folder` of each earlier one, oldest first.
    is_revision : bool
        Whether this build, not an earlier one, made the present release a former one.
    """

    number: int = 1
    supersedes: tuple[Mapping[str, Any], ...] = ()
    is_revision: bool = False

    @classmethod
    def of(cls, plan: Plan, standing: Mapping[str, Any] | None, folder: Path) -> Self:
        """Return the edition a staged release is, given the manifest of the present one.

        It is a revision if the present release was final (it knew all that was received by the cutoff),
        what went in has changed, and so have figures. Another look or a repair of the program is none.
        """
        if standing is None:
            return cls()
        earlier = tuple(standing["supersedes"])
        number = standing["edition"]
        is_final = datetime.fromisoformat(standing["as_of"]) >= plan.parameters.cutoff
        went_in = {entry["path"]: entry["sha256"] for entry in standing["inputs"]}
        same = went_in == plan.inputs and standing["as_of"] == plan.as_of.isoformat()
        if not is_final or same or _figures(plan.release, folder) == _figures(folder, plan.release):
            return cls(number, earlier)
        former = {
            "edition": number,
            "as_of": standing["as_of"],
            "folder": f"{FORMER}/{number}",
        }
        return cls(number + 1, (*earlier, former), is_revision=True)

    @property
    def entry(self) -> dict[str, Any]:
        """What the manifest says about it."""
        return {"edition": self.number, "supersedes": [dict(one) for one in self.supersedes]}

    def ribbon(self, language: Language) -> str:
        """Return the banner of a revised report; empty for a first edition."""
        if not self.supersedes:
            return ""
        from sanshi_report.style import day

        former = self.supersedes[-1]
        known = day(datetime.fromisoformat(former["as_of"]), language)
        return say("build.revised", language, n=self.number, former=former["edition"], day=known)

    def keep_former(self, release: Path, folder: Path) -> None:
        """Take earlier editions over into the staged `folder`, and the present one if it is superseded."""
        for path in sorted(release.rglob("*")) if release.is_dir() else ():
            name = path.relative_to(release)
            if path.is_file() and name.parts[0] == FORMER:
                copy(path, folder / name)
            elif path.is_file() and self.is_revision:
                copy(path, folder / FORMER / str(self.number - 1) / name)


def _figures(one: Path, other: Path) -> dict[str, list[list[str]]]:
    """Return the KPI table without its `as_of`, and the tables both releases have."""
    names = [
        path.relative_to(one).as_posix()
        for path in sorted((one / "kpis.csv", *(one / "tables").glob("*.csv")))
        if path.is_file() and (other / path.relative_to(one)).is_file()
    ]
    return {name: _rows(one / name) for name in names}


def _rows(path: Path) -> list[list[str]]:
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    skipped = rows[0].index("as_of") if rows and "as_of" in rows[0] else None
    return [[cell for at, cell in enumerate(row) if at != skipped] for row in rows]
