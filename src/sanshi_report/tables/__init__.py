"""Tables from metric frames: every cell escaped, every number exact and right-aligned, lights as words.

Each function takes metric frames, the parameters (for names and rules) and the language, and gives a
`Table`. An empty one says 无 and is not left out, so that no indicator vanishes from one month to the next.
"""

from sanshi_report.tables import annual, bulletin, data_changes, data_quality, profile, review
from sanshi_report.tables.annex import continuing_projects, new_projects
from sanshi_report.tables.handling import actions, incidents, nodes, problems
from sanshi_report.tables.outcomes import (
    finished,
    meetings_held,
    outcome,
    outcome_owners,
    unfinished,
)
from sanshi_report.tables.progress import groups, overview, ranking, starts
from sanshi_report.tables.quality import changes, revisions
from sanshi_report.tables.table import Table
from sanshi_report.tables.tasks import (
    meetings_owed,
    task_matrix,
    task_volume,
    tasks_by_owner,
    tasks_by_project,
)
from sanshi_report.tables.weekly import week_items, week_projects, week_summary

__all__ = [
    "Table",
    "actions",
    "annual",
    "bulletin",
    "changes",
    "continuing_projects",
    "data_changes",
    "data_quality",
    "finished",
    "groups",
    "incidents",
    "meetings_held",
    "meetings_owed",
    "new_projects",
    "nodes",
    "outcome",
    "outcome_owners",
    "overview",
    "problems",
    "profile",
    "ranking",
    "review",
    "revisions",
    "starts",
    "task_matrix",
    "task_volume",
    "tasks_by_owner",
    "tasks_by_project",
    "unfinished",
    "week_items",
    "week_projects",
    "week_summary",
]
