"""Sentences from metric frames, in the style of an official bulletin; no number is typed into prose.

Each function gives one piece of a report as `Prose`, its heading included where it opens a section.
"""

from sanshi_report.narrative import (
    outlook,
    review,
)
from sanshi_report.narrative.prose import Prose, end, heading, in_turn
from sanshi_report.narrative.tasks import (
    finished_lead,
    last_tasks,
    meetings_lead,
    next_tasks,
    owners_lead,
    projects_lead,
    tasks_opening,
)
from sanshi_report.narrative.verdicts import recognition
from sanshi_report.narrative.weekly import week_opening, week_overview, week_sections

__all__ = [
    "Prose",
    "end",
    "finished_lead",
    "heading",
    "in_turn",
    "last_tasks",
    "meetings_lead",
    "next_tasks",
    "outlook",
    "owners_lead",
    "projects_lead",
    "recognition",
    "review",
    "tasks_opening",
    "week_opening",
    "week_overview",
    "week_sections",
]
