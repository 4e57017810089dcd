"""What a figure is, and the few parts that all figures are drawn from."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias, cast

import altair as alt
import pandas as pd

from sanshi_report import blocks
from sanshi_report.style import Language, csv_text, say
from sanshi_report.style.chart import COLOURS, FONT_SIZE, WIDTH, svg

__all__ = [
    "Figure",
    "Rows",
    "at",
    "base",
    "fitted",
    "height",
    "key",
    "layered",
    "missing",
    "months_axis",
    "records",
    "text_width",
    "tips",
]

Rows: TypeAlias = list[dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Figure:
    """A chart with what a renderer needs to place it.

    Attributes
    ----------
    chart : altair chart
        What is drawn.
    label : str
        Also the name of the CSV file.
    data : DataFrame
        What it is drawn from, fen and exact decimals.
    caption, alt : Text
        Its caption, and what it shows in words: `Report.figure` says them.
    """

    chart: alt.TopLevelMixin
    label: str
    data: pd.DataFrame
    caption: blocks.Text = ()
    alt: blocks.Text = ()

    def told(self, said: Sequence[blocks.Paragraph]) -> Figure:
        """Return the figure with its caption, and what it shows in words."""
        caption, shows = (one.text for one in said)
        return replace(self, caption=caption, alt=shows)

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        shown = blocks.bundle(self.block)
        return shown | {"text/csv": csv_text(self.data)}, {"sanshi": {"label": self.label}}

    @property
    def block(self) -> blocks.Figure:
        """Return the figure as it is published."""
        # Checking against Vega-Lite's schema takes longer than drawing; the tests do it.
        spec = _without_breaks(self.chart.to_dict(validate=False))
        return blocks.Figure(self.label, self.caption, self.alt, svg(spec), spec)


def _without_breaks(spec: dict[str, Any]) -> dict[str, Any]:
    """Return a specification without Unicode's own line breaks, for which no font has a glyph."""
    text = json.dumps(spec, ensure_ascii=False)
    return cast(dict[str, Any], json.loads(re.sub("[\u2028\u2029]", " ", text)))


def at(value: Any, unit: int | Fraction = 1) -> float | None:
    """Return where an exact value lies on a scale in `unit`; missing stays missing."""
    return None if missing(value) else round(float(Fraction(value) / unit), 4)


def missing(value: Any) -> bool:
    """Return whether a cell holds nothing."""
    return value is None or bool(pd.isna(value))


def records(frame: pd.DataFrame) -> Rows:
    """Return a frame's rows as dictionaries."""
    return cast(Rows, frame.to_dict("records"))


def base(rows: Rows) -> alt.Chart:
    """Return a chart over plain records."""
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def layered(layers: Iterable[alt.Chart], **properties: Any) -> alt.LayerChart:
    """Return marks drawn over one another."""
    return cast(alt.LayerChart, alt.layer(*layers).properties(**properties))


def fitted(layers: Iterable[alt.Chart], height: int) -> alt.LayerChart:
    """Return marks as a drawing exactly as wide as the page's figures, axes included."""
    fit = alt.AutoSizeParams(type="fit", contains="padding")
    return layered(layers, width=WIDTH, height=height, autosize=fit)


def height(field: str, top: float) -> alt.Y:
    """Return a vertical scale from 0 to `top` without an axis, for marks that carry their value."""
    return alt.Y(f"{field}:Q", title=None, axis=None, scale=alt.Scale(domain=[0, top], nice=False))


def months_axis(order: list[str]) -> alt.X:
    """Return an axis of months, in their own order and not the characters'."""
    return alt.X("month:O", sort=order, title=None, axis=alt.Axis(ticks=False, labelPadding=6))


def tips(language: Language, **fields: str) -> list[alt.Tooltip]:
    """Return tooltips, `field=label`; the label's catalogue entry is `labels.<label>`."""
    return [
        alt.Tooltip(f"{field}:N", title=say(f"labels.{label}", language))
        for field, label in fields.items()
    ]


def key(entries: Iterable[tuple[str, str, str]], *, y: int, down: bool = False) -> list[alt.Chart]:
    """Return symbols with their words where the data leaves room: on a line, or one under another.

    Parameters
    ----------
    entries : iterable of (str, str, str)
        Symbol, its colour, words.
    y : int
        Height of the first, in px from the top of the drawing area; negative is above it.
    down : bool
        One under another.
    """
    marks, x = [], 0
    for symbol, colour, words in entries:
        quiet = base([{}]).mark_text(align="left", x=x + FONT_SIZE + 4, y=y, color=COLOURS["soft"])
        sign = base([{}]).mark_text(align="left", x=x, y=y, color=colour)
        marks += [sign.encode(text=alt.value(symbol)), quiet.encode(text=alt.value(words))]
        if down:
            y += FONT_SIZE + 9
        else:
            x += 2 * FONT_SIZE + 6 + round(FONT_SIZE * text_width(words))
    return marks


def text_width(text: str) -> float:
    """Return about how many em wide a text is: a Chinese character 1, others a little over half."""
    return sum(1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.56 for c in text)
