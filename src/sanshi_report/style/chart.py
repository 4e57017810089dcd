"""One look for every chart, drawn to the same bytes on any machine.

Importing this module makes the theme and the renderer Altair's own, so that a bare chart at the end of
a cell already looks like the report's.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any, cast

import altair as alt
import vl_convert
from pylopdf_fonts_zh_cn import sans_path

__all__ = ["COLOURS", "FONT", "FONT_SIZE", "WIDTH", "svg"]

WIDTH = 560
"""Width of a figure in px. It is drawn to be scaled: 16 px print as 10.5 pt in a figure 130 mm wide, and
show as 10 px on a telephone 390 px wide."""

FONT_SIZE = 16

FONT = (
    "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
)
"""The first is the one that ships with the package and that widths are measured in."""

COLOURS = {
    "ink": "#1b1f24",
    "soft": "#57606a",
    "line": "#c9ced4",
    "faint": "#e9ecef",
    "plan": "#dde1e6",
    "actual": "#1f5a94",
    "target": "#b45309",
}
"""What marks mean: `actual` is what happened, `target` what was required, greys are plans and frame."""


@cache
def _fonts() -> None:
    # On first use, not on import: vl-convert starts a thread that a forked kernel would lack.
    vl_convert.register_font_directory(str(sans_path().parent))


def svg(spec: dict[str, Any]) -> str:
    """Return a Vega-Lite specification as SVG; the same gives the same bytes."""
    _fonts()
    drawing: str = vl_convert.vegalite_to_svg(json.dumps(spec), vl_version="6.4")
    return drawing


@alt.theme.register("sanshi", enable=True)
def _theme() -> alt.theme.ThemeConfig:
    text: dict[str, Any] = {
        "labelFontSize": FONT_SIZE,
        "titleFontSize": FONT_SIZE,
        "titleFontWeight": "normal",
    }
    ink, soft, line = COLOURS["ink"], COLOURS["soft"], COLOURS["line"]
    lights = ["#1a7f37", "#8a5a00", "#b3191b"]
    config: dict[str, Any] = {
        "font": FONT,
        "background": "#ffffff",
        # English part names would be read aloud; the figure has alternative text of its own.
        "aria": False,
        "padding": 4,
        "view": {"stroke": None, "continuousWidth": WIDTH, "continuousHeight": 300, "step": 32},
        "axis": {
            **text,
            "labelColor": ink,
            "titleColor": soft,
            "domainColor": line,
            "tickColor": line,
            "gridColor": COLOURS["faint"],
            "labelFontWeight": "normal",
        },
        "axisX": {"labelAngle": 0, "grid": False},
        "axisY": {"ticks": False, "domain": False},
        "legend": {**text, "labelColor": ink, "titleColor": soft},
        "header": {**text, "labelColor": ink, "titleColor": soft},
        "title": {
            "fontSize": FONT_SIZE,
            "fontWeight": "normal",
            "color": soft,
            "anchor": "start",
        },
        "text": {"fontSize": FONT_SIZE, "color": ink},
        "bar": {"color": COLOURS["actual"]},
        "line": {"color": COLOURS["actual"], "strokeWidth": 3},
        "point": {"color": COLOURS["actual"], "filled": True, "size": 90},
        "tick": {"color": COLOURS["target"], "thickness": 4, "opacity": 1},
        "rule": {"color": COLOURS["target"], "strokeWidth": 2},
        "range": {"category": ["#1f5a94", "#b45309", "#3f7f6b", "#7a4f8f", "#8c8c8c", *lights]},
    }
    return {"config": cast(Any, config)}


def _render(spec: dict[str, Any], **_: Any) -> dict[str, Any]:
    # JupyterLab draws Vega-Lite 5 by itself, offline; these charts mean the same in 5 and 6.
    live = {**spec, "$schema": "https://vega.github.io/schema/vega-lite/v5.json"}
    return {"application/vnd.vegalite.v5+json": live, "image/svg+xml": svg(spec)}


alt.renderers.register("sanshi", _render)
alt.renderers.enable("sanshi")
