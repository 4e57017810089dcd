"""Linked charts over all periods, drawn when the site is made and live where scripts run."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

import altair as alt
from markupsafe import Markup

from sanshi_report.catalogue import LANGUAGES, Language, say
from sanshi_report.figures.figure import base as base_of
from sanshi_report.figures.figure import layered
from sanshi_report.publish.issues import Issue
from sanshi_report.publish.pages import Page, Site, both, spoken
from sanshi_report.publish.projects import Project
from sanshi_report.render.content import safe_svg
from sanshi_report.render.page import chart_script
from sanshi_report.style import LIGHTS, light_word
from sanshi_report.style.chart import COLOURS, svg

__all__ = ["explored", "scripts"]

_KPI = "investment.completion_pct"
_NAME = "explore"
_WIDTH, _STEP = 560, 24


def explored(
    issues: Sequence[Issue], projects: Sequence[Project], name: Mapping[Language, str]
) -> Iterator[Page]:
    """Yield the page of charts; none without projects."""
    known = issues[0].parameters.kpis
    if _KPI not in known or not any(issue.lights for issue in issues) or not projects:
        return
    specs = {to: _spec(issues, projects, to) for to in LANGUAGES}
    values = {
        "bundle": _bundle(),
        "drawing": {to: Markup(safe_svg(svg(specs[to]), _NAME)) for to in LANGUAGES},
        "spec": {to: Markup(_held(specs[to])) for to in LANGUAGES},
    }
    title, lead = both("site.title_explore", programme=name), both("site.lead_explore")
    yield Page(_NAME, "explore.html", title, lead, values)


def scripts(site: Site) -> dict[str, str]:
    """Return the script that draws charts, by its file, if the site has the page of charts."""
    is_there = any(page.name == _NAME for page in site.pages)
    return {_bundle(): chart_script()} if is_there else {}


def _bundle() -> str:
    return f"assets/charts-{sha256(chart_script().encode()).hexdigest()[:8]}.js"


def _held(spec: Mapping[str, Any]) -> str:
    text = json.dumps(spec, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")


def _spec(
    issues: Sequence[Issue], projects: Sequence[Project], language: Language
) -> dict[str, Any]:
    """Return the specification of both charts; a press on a project above leaves it alone below."""
    chosen = alt.selection_point(name="project", fields=["project"], toggle="true")
    order = [str(issue.period) for issue in reversed(issues)]
    x = alt.X("period:O", sort=order, title=None, axis=alt.Axis(labelAngle=-40, labelOverlap=True))
    drawn = alt.vconcat(
        _lights(issues, projects, language, x, chosen),
        _progress(issues, projects, language, x)
        .transform_filter(chosen)
        .properties(name="progress"),
        spacing=24,
    )
    spec: dict[str, Any] = drawn.to_dict(validate=False)
    return spec


def _lights(
    issues: Sequence[Issue],
    projects: Sequence[Project],
    language: Language,
    x: alt.X,
    chosen: alt.Parameter,
) -> alt.LayerChart:
    rows = [
        {
            "project": one.row["name"],
            "period": str(issue.period),
            "light": light_word(light, language),
            "symbol": LIGHTS[light].symbol,
            "order": order,
        }
        for order, one in enumerate(projects)
        for issue in issues
        if (light := issue.lights.get(one.number))
    ]
    words = [light_word(code, language) for code in LIGHTS]
    colour = alt.Color(
        "light:N",
        title=None,
        scale=alt.Scale(domain=words, range=[light.colour for light in LIGHTS.values()]),
        legend=alt.Legend(orient="top"),
    )
    # By a number: a list of names would become a program, in which not every name can be written.
    sort = alt.EncodingSortField("order", op="min")
    y = alt.Y("project:N", sort=sort, title=None, axis=alt.Axis(labelLimit=280))
    base = base_of(rows).encode(x=x, y=y, tooltip=_tips(language, light="labels.light"))
    squares = base.mark_rect(stroke="#fff", strokeWidth=2, cursor="pointer").encode(color=colour)
    # No colour stands alone.
    signs = base.mark_text(color="#fff", fontSize=11, cursor="pointer").encode(text="symbol:N")
    pressed = squares.add_params(chosen).properties(name="lights")
    return layered([pressed, signs], width=_WIDTH - 200, height=alt.Step(_STEP))


def _progress(
    issues: Sequence[Issue], projects: Sequence[Project], language: Language, x: alt.X
) -> alt.LayerChart:
    rows: list[dict[str, Any]] = [
        {
            "project": one.row["name"],
            "period": str(issue.period),
            "share": float(figures[_KPI]["actual"]),
            "pace": float(figures[_KPI]["target"]),
            "said": spoken(issue, figures, _KPI, language),
        }
        for one in projects
        for issue in issues
        if (figures := issue.figures("project", one.number)).get(_KPI, {}).get("actual")
        and figures[_KPI]["target"]
    ]
    # The scale stays as it is where a project is chosen that has no plan.
    top = max([100.0, *(row["share"] for row in rows)])
    scale = alt.Scale(domain=[0, top], nice=True)
    title = issues[0].parameters.kpis[_KPI].label[language] + " (%)"
    base = base_of(rows).encode(x=x)
    share = base.encode(
        y=alt.Y("share:Q", title=title, scale=scale),
        detail="project:N",
        tooltip=_tips(language, said="site.completed"),
    )
    pace = base.mark_line(strokeDash=[6, 4], color=COLOURS["target"]).encode(
        y=alt.Y("pace:Q", scale=scale)
    )
    marks = [share.mark_line(opacity=0.6), share.mark_point(filled=True), pace]
    return layered(marks, width=_WIDTH - 200, height=260)


def _tips(language: Language, **fields: str) -> list[alt.Tooltip]:
    """Return what is told of a mark that is touched: its project, its period, and a value as it is read."""
    told = {"project": "labels.project", "period": "site.period", **fields}
    return [alt.Tooltip(f"{field}:N", title=say(key, language)) for field, key in told.items()]
