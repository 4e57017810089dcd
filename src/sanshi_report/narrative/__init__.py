"""Sentences from metric frames, in the style of an official bulletin; no number is typed into prose.

Each function gives one piece of a report as `Prose`, its heading included where it opens a section.
"""

from sanshi_report.narrative import (
    annual,
    bulletin,
    outlook,
    review,
)
from sanshi_report.narrative.handling import actions, incidents, nodes, problems
from sanshi_report.narrative.notes import annex, notes
from sanshi_report.narrative.programme import (
    investment,
    opening,
    overall,
    sectors,
    standing,
    starts,
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
    "actions",
    "annex",
    "annual",
    "bulletin",
    "end",
    "finished_lead",
    "heading",
    "in_turn",
    "incidents",
    "investment",
    "last_tasks",
    "meetings_lead",
    "next_tasks",
    "nodes",
    "notes",
    "opening",
    "outlook",
    "overall",
    "owners_lead",
    "problems",
    "projects_lead",
    "recognition",
    "review",
    "sectors",
    "standing",
    "starts",
    "tasks_opening",
    "week_opening",
    "week_overview",
    "week_sections",
]
