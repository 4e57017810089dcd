"""How everything looks: words and numbers in `text`, charts in `chart`.

Figures, tables, sentences and pages take their formats, light words and colours from here, so that
the same value reads the same wherever it stands.
"""

from sanshi_report.catalogue import Language, say
from sanshi_report.style.data import csv_text, plottable, typed
from sanshi_report.style.text import (
    LIGHTS,
    MISSING,
    Count,
    Light,
    count,
    day,
    escape_markdown,
    label_part,
    light_html,
    light_word,
    listed,
    money,
    month,
    number,
    pct,
    period_words,
    points,
    quantity,
    yi,
)
from sanshi_report.style.values import Form, shown

__all__ = [
    "LIGHTS",
    "MISSING",
    "Count",
    "Form",
    "Language",
    "Light",
    "count",
    "csv_text",
    "day",
    "escape_markdown",
    "label_part",
    "light_html",
    "light_word",
    "listed",
    "money",
    "month",
    "number",
    "pct",
    "period_words",
    "plottable",
    "points",
    "quantity",
    "say",
    "shown",
    "typed",
    "yi",
]
