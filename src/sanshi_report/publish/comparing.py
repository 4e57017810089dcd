"""Two periods beside each other: a page for each two neighbours, and one to choose any two from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from sanshi_report.catalogue import Language
from sanshi_report.publish.contents import before, period_both
from sanshi_report.publish.issues import Issue
from sanshi_report.publish.pages import Page, both, in_line, spoken
from sanshi_report.publish.projects import Project
from sanshi_report.style import period_words

__all__ = ["by_two", "comparable"]

_OF_PROJECTS = "investment.completion_pct"


def by_two(
    issues: Sequence[Issue], projects: Sequence[Project], name: Mapping[Language, str]
) -> Iterator[Page]:
    """Yield the page to choose from and one for each period and the one before it; none for one period alone.

    Parameters
    ----------
    issues : sequence of Issue
        Latest first.
    name : mapping of Language to str
        What the programme is called.
    """
    pairs = [(former, issue) for issue in reversed(issues) if (former := before(issues, issue))]
    if not pairs:
        return
    yield Page(
        "compare",
        "compare.html",
        both("site.title_compare", programme=name),
        both("site.lead_compare"),
        {"pairs": [(former, now, _name(former, now)) for former, now in reversed(pairs)]},
    )
    yield from in_line(_pair(former, now, projects, name) for former, now in pairs)


def _name(former: Issue, now: Issue) -> str:
    return f"compare/{former.period}_{now.period}"


def _pair(
    former: Issue, now: Issue, projects: Sequence[Project], name: Mapping[Language, str]
) -> Page:
    told = [kpi for kpi in now.parameters.kpis if kpi in now.figures()]
    values = {
        "former": former,
        "now": now,
        "kpis": [(kpi, _change(former, now, kpi)) for kpi in told],
        "projects": [
            (one, former.figures("project", one.number), now.figures("project", one.number))
            for one in projects
            if one.number in former.projects or one.number in now.projects
        ],
        "kpi": _OF_PROJECTS,
    }
    words = {"before": period_both(former.period), "now": period_both(now.period)}
    title = both("site.title_pair", programme=name, **words)
    return Page(_name(former, now), "pair.html", title, both("site.lead_pair", **words), values)


def _change(former: Issue, now: Issue, kpi: str) -> Decimal | None:
    """Return the difference of two published values, exactly; None where there is but one."""
    rows = [issue.figures().get(kpi) for issue in (former, now)]
    was, is_now = (row["actual"] if row else "" for row in rows)
    return Decimal(is_now) - Decimal(was) if was and is_now else None


def comparable(issues: Sequence[Issue], projects: Sequence[Project], language: Language) -> str:
    """Return the script that holds what any two periods are compared by: as it is read, and lights by code."""
    latest = issues[0].parameters
    content: dict[str, Any] = {
        "periods": {str(issue.period): period_words(issue.period, language) for issue in issues},
        "kpis": {
            code: [
                kpi.label[language],
                [spoken(issue, issue.figures(), code, language) for issue in issues],
            ]
            for code, kpi in latest.kpis.items()
        },
        "projects": [
            [
                one.row["name"],
                one.page + (".html" if language == "zh" else f".{language}.html"),
                [issue.lights.get(one.number, "") for issue in issues],
                [
                    spoken(issue, issue.figures("project", one.number), _OF_PROJECTS, language)
                    for issue in issues
                ],
            ]
            for one in projects
        ],
    }
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return f"const PERIODS = {text};\n"
