"""Reports in words: a document for each report and language, of which each notebook cell says a block."""

from sanshi_report.words.choosing import resolved
from sanshi_report.words.templates import Words, WordsError
from sanshi_report.words.values import PARAMETERS, Decided, Row, Rows, Value
from sanshi_report.words.voice import Voice, shown_again

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
    "shown_again",
]
