"""What has changed since a period was published: in its figures, its tables and the ledger behind them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sanshi_report.build import manifest
from sanshi_report.build.differences import Difference, between_releases
from sanshi_report.build.editions import Edition, differences_csv, reasons
from sanshi_report.build.place import writing
from sanshi_report.build.plan import Plan
from sanshi_report.build.release import remake, renderer_named
from sanshi_report.build.verify import elsewhere, plan_again
from sanshi_report.errors import BuildError
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Workspace

__all__ = ["Changes", "diff"]


@dataclass(frozen=True)
class Changes:
    """How what is known differs from what was published.

    Attributes
    ----------
    published, known : datetime
        The moments the published release and this comparison look from.
    reasons : tuple of mapping
        What came in, was taken back or was corrected in between; see `editions`.
    kpis, tables, ledger : tuple of Difference
        Every figure that differs, in the KPI table, in the tables of the reports, and in the ledger.
    listing : Path or None
        The file that has all of them; None if there are none.
    """

    published: datetime
    known: datetime
    reasons: tuple[Mapping[str, str], ...]
    kpis: tuple[Difference, ...]
    tables: tuple[Difference, ...]
    ledger: tuple[Difference, ...]
    listing: Path | None


def diff(
    workspace: Workspace,
    period: str | ReportPeriod | None,
    as_of: str | datetime | None = None,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Changes:
    """Compare a period's release with what its reports would say now; nothing published is touched.

    All differences go to `data/processed/<period>/diff.csv`, which is removed when there are none.

    Parameters
    ----------
    as_of : str or datetime, optional
        `"now"`, a day or a moment; now unless given.

    Raises
    ------
    BuildError
        If there is no release.
    ReportError
        If the reports cannot be made from what is known.
    """
    at = ReportPeriod.parse(period)
    release = workspace.output / str(at)
    about = manifest.read(release)
    if about is None:
        raise BuildError("diff_nothing", period=at)
    parameters = workspace.parameters(at)
    with elsewhere(workspace, parameters, keep_read=True) as scratch:
        plan = plan_again(scratch, at, about, renderer_named("builtin"), as_of or "now")
        unrendered = tuple(replace(task, formats=()) for task in plan.tasks)
        remake(replace(plan, tasks=unrendered), Edition(), progress)
        found = between_releases(release, plan.release)
        ledger = _ledger(plan, about)
        why = tuple(reasons(plan, about))
    listing = workspace.processed / str(at) / "diff.csv"
    everything = [*found, *ledger]
    _list(everything, listing)
    return Changes(
        published=datetime.fromisoformat(about["as_of"]),
        known=plan.as_of,
        reasons=why,
        kpis=tuple(one for one in found if one.place == "kpis.csv"),
        tables=tuple(one for one in found if one.place != "kpis.csv"),
        ledger=tuple(ledger),
        listing=listing if everything else None,
    )


def _ledger(plan: Plan, about: Mapping[str, Any]) -> list[Difference]:
    from sanshi_report.ledger import compared, load

    workspace, period, parameters = plan.workspace, plan.period, plan.parameters
    then = load(workspace, period, about["as_of"], parameters)
    now = load(workspace, period, plan.as_of, parameters)
    rows = compared(then, now).fillna("").to_dict("records")
    return [
        Difference(row["table"], row["key"], row["column"], row["old"], row["new"], row["origin"])
        for row in rows
    ]


def _list(found: list[Difference], listing: Path) -> None:
    with writing(listing.parent):
        if not found:
            listing.unlink(missing_ok=True)
            return
        listing.parent.mkdir(parents=True, exist_ok=True)
        # The byte-order mark is what makes Excel read Chinese in a CSV.
        listing.write_text(differences_csv(found), encoding="utf-8-sig", newline="")
