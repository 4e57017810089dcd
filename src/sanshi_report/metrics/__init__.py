"""Every figure of every report: pure functions from a ledger and its parameters to a frame.

Nothing here reads or writes a file. Money is `Int64` fen; percentages and percentage points are
`Decimal` objects to `exact.PRECISE` places, None where there is nothing to divide by; a day after the
period's end has not happened. Every summary takes `by`, a scope of the KPI table, and gives one row per
`scope_value`, written as in the ledger (新建, 市本级 …) and in the order of the parameters' lists.
"""

from sanshi_report.metrics import (
    acceptance,
    annual,
    cadence,
    completeness,
    completions,
    earned,
    escalation,
    explanations,
    incidents,
    inputs,
    investment,
    lifetime,
    monthly,
    nodes,
    outlook,
    permits,
    plans,
    problems,
    projects,
    quality,
    review,
    scoring,
    starts,
    submissions,
    suspicion,
    tasks,
    weekly,
    workload,
)
from sanshi_report.metrics.kpis import kpis

__all__ = [
    "acceptance",
    "annual",
    "cadence",
    "completeness",
    "completions",
    "earned",
    "escalation",
    "explanations",
    "incidents",
    "inputs",
    "investment",
    "kpis",
    "lifetime",
    "monthly",
    "nodes",
    "outlook",
    "permits",
    "plans",
    "problems",
    "projects",
    "quality",
    "review",
    "scoring",
    "starts",
    "submissions",
    "suspicion",
    "tasks",
    "weekly",
    "workload",
]
