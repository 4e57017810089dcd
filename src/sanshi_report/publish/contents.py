"""The pages that lead to the reports: home, the periods, each period, the reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sanshi_report.build import manifest
from sanshi_report.build.calendar import is_due
from sanshi_report.build.plan import LEDGER, trail_name
from sanshi_report.catalogue import LANGUAGES, Language
from sanshi_report.period import ReportPeriod
from sanshi_report.publish.issues import Issue
from sanshi_report.publish.pages import Page, both, in_line
from sanshi_report.style import LIGHTS, day, period_words

__all__ = ["before", "contents", "period_both"]

_ASKED = (
    ("decided", "tables/review.decisions.csv", "level"),
    ("raised", "tables/escalation.suggested.csv", "escalate_to"),
)
"""Frames that say what is to be decided, the surest first, and the column that says by whom."""
_OF_ASKED = ("name", "category", "description", "owner", "due_on")


def contents(issues: Sequence[Issue], cutoff: datetime) -> Iterator[Page]:
    """Yield home, the list of periods, each period, and the list of reports.

    Parameters
    ----------
    issues : sequence of Issue
        Latest first, at least one.
    cutoff : datetime
        The moment that the next period's reports look from.
    """
    programme = issues[0].parameters.programme.programme
    name = {to: programme.name[to] for to in LANGUAGES}
    yield _home(issues, cutoff, name)
    yield Page(
        "periods",
        "periods.html",
        both("site.title_periods", programme=name),
        both("site.lead_periods", n=len(issues)),
    )
    yield from in_line(_period(issue, name) for issue in reversed(issues))
    yield Page(
        "reports",
        "reports.html",
        both("site.title_reports", programme=name),
        both("site.lead_reports"),
        {"issued": {to: _issued(issues, to) for to in LANGUAGES}},
    )


def before(issues: Sequence[Issue], issue: Issue) -> Issue | None:
    """Return the period of the same kind that comes before one, if it is in the site."""
    wanted = issue.period.previous()
    return next((one for one in issues if one.period == wanted), None)


def period_both(period: ReportPeriod) -> dict[Language, str]:
    """Return a period in words, in each language."""
    return {to: period_words(period, to) for to in LANGUAGES}


def _home(issues: Sequence[Issue], cutoff: datetime, name: Mapping[Language, str]) -> Page:
    now = issues[0]
    former = before(issues, now)
    counted = Counter(now.lights.values())
    values = {
        "now": now,
        "before": former,
        "tally": {code: counted[code] for code in LIGHTS if counted[code]},
        "moved": _moved(former, now) if former else [],
        "comparison": f"compare/{former.period}_{now.period}" if former else "",
        "asked": _asked(issues),
        "coming": _coming(now, cutoff),
        "newest": {to: _newest(issues, to) for to in LANGUAGES},
    }
    known = {to: day(now.as_of, to) for to in LANGUAGES}
    lead = both("site.lead_home", period=period_both(now.period), day=known)
    return Page("index", "home.html", both("site.title", programme=name), lead, values)


def _moved(former: Issue, now: Issue) -> list[dict[str, str]]:
    """Return the projects whose light is another than before, in the register's order."""
    return [
        {
            "project": project,
            "name": now.projects[project]["name"] if project in now.projects else project,
            "before": former.lights.get(project, ""),
            "now": light,
        }
        for project, light in sorted(now.lights.items())
        if former.lights.get(project, "") != light
    ]


def _asked(issues: Sequence[Issue]) -> dict[str, Any] | None:
    """Return what the latest period in which anything is to be decided asks for; None if none does."""
    for issue in issues:
        for kind, file, level in _ASKED:
            if rows := issue.records(file):
                columns = (*_OF_ASKED[:-2], level, *_OF_ASKED[-2:])
                return {
                    "kind": kind, "issue": issue, "file": file, "rows": rows, "columns": columns,
                }  # fmt: skip
    return None


def _coming(now: Issue, cutoff: datetime) -> dict[str, Any]:
    period, programme = now.period.following, now.parameters.programme
    due = [report for report in programme.reports if is_due(report, period)]
    later = [one for one in programme.milestones if one.due_on > now.period.end]
    return {
        "period": period,
        "cutoff": cutoff,
        "reports": due,
        "milestone": min(later, key=lambda one: one.due_on, default=None),
    }


def _newest(issues: Sequence[Issue], language: Language) -> list[tuple[Issue, str, Any]]:
    """Return the latest document of each report."""
    found: dict[str, tuple[Issue, str, Any]] = {}
    for issue in issues:
        for report, entries in issue.documents(language).items():
            found.setdefault(report, (issue, report, entries[-1]))
    return [one for one in found.values() if not one[2]["about"].get("project")]


def _issued(
    issues: Sequence[Issue], language: Language
) -> dict[str, list[tuple[Issue, list[Mapping[str, Any]]]]]:
    """Return every report with the periods it was issued for, and its documents then."""
    found: dict[str, list[tuple[Issue, list[Mapping[str, Any]]]]] = {}
    for issue in issues:
        for report, entries in issue.documents(language).items():
            found.setdefault(report, []).append((issue, entries))
    return found


def _period(issue: Issue, name: Mapping[Language, str]) -> Page:
    period = period_both(issue.period)
    files = [path for path in issue.outputs if not path.startswith(f"{LEDGER}/")]
    documents = [entry["name"] for entry in issue.about["reports"]]
    tables: dict[str, list[str]] = {}
    for document in documents:
        tables[document] = manifest.tables_of(document, documents, files)
        tables[document] += [trail for trail in [trail_name(document)] if trail in files]
    named = {path for paths in tables.values() for path in paths}
    frames = [path for path in files if path.startswith("tables/") and path not in named]
    values = {
        "issue": issue,
        "former": list(_former(issue)),
        "data": [f for f in files if f.endswith((".csv", ".json")) and "/" not in f]
        + [manifest.NAME],
        "tables": {document: paths for document, paths in tables.items() if paths},
        "frames": frames,
    }
    known = {to: day(issue.as_of, to) for to in LANGUAGES}
    return Page(
        f"periods/{issue.period}",
        "period.html",
        both("site.title_period", period=period, programme=name),
        both("site.lead_period", period=period, day=known),
        values,
    )


def _former(issue: Issue) -> Iterator[tuple[int, datetime, str]]:
    """Yield edition, moment and a file to open of each edition that was superseded."""
    for former in issue.about["supersedes"]:
        folder = issue.release / former["folder"]
        first = next((path.name for path in sorted(folder.glob("*.html"))), manifest.NAME)
        moment = datetime.fromisoformat(former["as_of"])
        yield former["edition"], moment, f"{issue.period}/{former['folder']}/{first}"
