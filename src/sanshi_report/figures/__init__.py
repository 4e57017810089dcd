"""Charts a reader takes in at a glance: one message each, said in the caption, labels at the marks.

Every function takes metric frames and gives a `Figure`. Numbers that are shown are formatted from
exact values; floats only place the marks.
"""

from sanshi_report.figures import annual, briefing, bulletin, curves, data_quality, profile, review
from sanshi_report.figures.figure import Figure
from sanshi_report.figures.money import investment, sectors
from sanshi_report.figures.projects import completion
from sanshi_report.figures.starts import starts
from sanshi_report.figures.tasks import outcome, workload

__all__ = [
    "Figure",
    "annual",
    "briefing",
    "bulletin",
    "completion",
    "curves",
    "data_quality",
    "investment",
    "outcome",
    "profile",
    "review",
    "sectors",
    "starts",
    "workload",
]
