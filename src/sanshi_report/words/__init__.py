"""Reports in words: a document for each report and language, of which each notebook cell says a block."""

from sanshi_report.words.templates import Words, WordsError
from sanshi_report.words.values import (
    PARAMETERS,
    Decided,
    Row,
    Rows,
    Value,
    Voice,
    resolved,
    row_key,
    shown_again,
)

__all__ = [
    "PARAMETERS",
    "Decided",
    "Row",
    "Rows",
    "Value",
    "Voice",
    "Words",
    "WordsError",
    "resolved",
    "row_key",
    "shown_again",
]
