"""What cannot be in one year's decisions, though each of them alone could."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sanshi_report.exact import yi_of

if TYPE_CHECKING:
    from sanshi_report.workspace.programme import Programme, Total

__all__ = ["LISTS", "Problem", "incoherent"]

LISTS = (
    "sectors", "project_tiers", "permits", "inputs", "evidence", "funding_sources",
    "problem_categories", "problem_tiers", "incident_types", "cadence",
)  # fmt: skip
"""The lists of the parameters whose values files use."""

_CODES = {"project_tiers": {"city"}, "evidence": {"自报", "三方确认", "核查"}}
"""The codes that rules ask for: one value of the list must have each."""

Problem = tuple[str, str, dict[str, Any]]
"""A key of the parameters, the entry of the catalogue's `errors`, and what its placeholders stand for."""


def incoherent(year: Programme) -> Iterator[Problem]:
    """Yield everything that contradicts itself."""
    yield from _lists(year)
    yield from _permits(year)
    yield from _milestones(year)
    yield from _totals(year)
    yield from _days(year)
    yield from _shares(year)
    for key, names in (
        ("reports", [report.name for report in year.reports]),
        ("acceptance", [step.value for step in year.acceptance]),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            yield key, "parameters_twice", {"found": ", ".join(twice)}


def _lists(year: Programme) -> Iterator[Problem]:
    """Yield words that stand for two things, and codes that rules ask for in vain or do not know."""
    for name in LISTS:
        terms = getattr(year, name)
        words = [word for term in terms for word in (term.value, *term.was)]
        kept = [term.stored for term in terms]
        twice = {one for many in (words, kept) for one in many if many.count(one) > 1}
        if twice:
            yield name, "parameters_twice", {"found": ", ".join(sorted(twice))}
        for code in sorted(_CODES.get(name, set()) - set(kept)):
            yield name, "code_missing", {"code": code}
    for code in sorted({term.stored for term in year.evidence} - _CODES["evidence"]):
        codes = ", ".join(sorted(_CODES["evidence"]))
        yield "evidence", "code_unknown", {"found": code, "codes": codes}
    if len(year.labour_inputs) > 1:
        yield "inputs", "parameters_twice", {"found": "is_labour"}


def _permits(year: Programme) -> Iterator[Problem]:
    """Yield permits named that there are not, and prerequisites that go round in a circle."""
    now = {former: term.value for term in year.permits for former in term.was}
    after = {term.value: {now.get(one, one) for one in term.after} for term in year.permits}
    named = [(f"permits.{at}.after", term.after) for at, term in enumerate(year.permits)]
    named += [
        (f"problem_categories.{at}.permit", [term.permit])
        for at, term in enumerate(year.problem_categories)
        if term.permit
    ]
    for key, names in named:
        unknown = sorted(set(names) - set(after) - set(now))
        if unknown:
            values = {"found": ", ".join(unknown), "known": ", ".join(after)}
            yield key, "permit_unknown", values
    while free := [name for name, needed in after.items() if not needed & set(after)]:
        for name in free:
            del after[name]
    if after:
        yield "permits", "permits_circle", {"found": ", ".join(after)}


def _milestones(year: Programme) -> Iterator[Problem]:
    builds, before = year.control_totals.new_build.count, None
    for at, goal in enumerate(year.milestones):
        key = f"milestones.{at}"
        if goal.due_on.year != year.programme.year:
            yield f"{key}.due_on", "day_outside_year", {"found": goal.due_on}
        if goal.starts > builds:
            yield f"{key}.starts", "starts_beyond_builds", {"found": goal.starts, "count": builds}
        if before and (goal.due_on <= before.due_on or goal.starts < before.starts):
            found = f"{before.due_on} {before.starts}, {goal.due_on} {goal.starts}"
            yield key, "milestones_fall", {"found": found}
        before = goal


def _totals(year: Programme) -> Iterator[Problem]:
    totals = year.control_totals
    sectors = [term.value for term in year.sectors]
    if set(totals.continuing_by_sector) != set(sectors):
        found = ", ".join(totals.continuing_by_sector)
        values = {"found": found, "sectors": ", ".join(sectors)}
        yield "control_totals.continuing_by_sector", "totals_of_sectors", values
    if totals.continuing.annual_plan is None:
        yield "control_totals.continuing.annual_plan", "not_filled", {}
    kinds = [("new_build", totals.new_build), ("continuing", totals.continuing)]
    by_sector = [
        (f"continuing_by_sector.{name}", one) for name, one in totals.continuing_by_sector.items()
    ]
    for key, one in (("projects", totals.projects), *kinds, *by_sector):
        for part, whole in (("annual_plan", "total_investment"), ("city_level", "count")):
            less, more = getattr(one, part), getattr(one, whole)
            if less is not None and less > more:
                values = {"found": _figure(part, less), "whole": whole, "of": _figure(whole, more)}
                yield f"control_totals.{key}.{part}", "part_beyond_whole", values
    yield from _sums("projects", totals.projects, kinds)
    yield from _sums("continuing", totals.continuing, by_sector)


def _sums(key: str, whole: Total, parts: list[tuple[str, Total]]) -> Iterator[Problem]:
    """Yield every figure of a group that is not the sum of its parts, where each part gives it."""
    for figure in ("count", "total_investment", "annual_plan", "city_level"):
        stated = getattr(whole, figure)
        amounts = [getattr(part, figure) for _, part in parts]
        if stated is None or None in amounts or sum(amounts) == stated:
            continue
        values = {
            "found": _figure(figure, stated),
            "sum": _figure(figure, sum(amounts)),
            "parts": " + ".join(name for name, _ in parts),
        }
        yield f"control_totals.{key}.{figure}", "totals_no_sum", values


def _figure(figure: str, value: int) -> str:
    return str(value) if figure in {"count", "city_level"} else f"{yi_of(value)}"


def _days(year: Programme) -> Iterator[Problem]:
    for at, season in enumerate(year.labour.seasons):
        for end in ("starts_on", "ends_on"):
            day = getattr(season, end)
            if day.year != year.programme.year:
                yield f"labour.seasons.{at}.{end}", "day_outside_year", {"found": day}


def _shares(year: Programme) -> Iterator[Problem]:
    """Yield every share, and every number of points or months, beyond what there can be."""
    score, progress = year.scoring, year.lights.progress
    both = score.nodes.points + score.meetings.points
    bounded: list[tuple[str, Any, Any, Any]] = [
        ("labour.trough_below_pct", year.labour.trough_below_pct, 0, 100),
        ("suspicions.self_reported_share_pct", year.suspicions.self_reported_share_pct, 0, 100),
        ("suspicions.physical_financial_points", year.suspicions.physical_financial_points, 0, 100),
        ("outlook.min_months", year.outlook.min_months, 1, 12),
        ("limits.leap_min_months", year.limits.leap_min_months, 1, 11),
        ("lights.starts.yellow_after_months", year.lights.starts.yellow_after_months, 0,
         year.lights.starts.red_after_months),
        ("scoring.honour_from", score.honour_from, 0, score.limit),
        ("scoring.investment.points", score.investment.points, 0, score.limit - both),
        ("scoring.start.points", score.start.points, 0, score.limit - both),
    ]  # fmt: skip
    lowest = -100 if progress.basis == "points" else 0
    for name in ("green_from", "yellow_from"):
        bounded.append((f"lights.progress.{name}", getattr(progress, name), lowest, 200))
    for key, value, least, most in bounded:
        if not least <= Decimal(value) <= most:
            yield key, "out_of_bounds", {"found": value, "least": least, "most": most}
