"""Every figure of every report: pure functions from a ledger and its parameters to a frame.

Nothing here reads or writes a file. Money is `Int64` fen; percentages and percentage points are
`Decimal` objects to `exact.PRECISE` places, None where there is nothing to divide by; a day after the
period's end has not happened. Every summary takes `by`, a scope of the KPI table, and gives one row per
`scope_value`, written as in the ledger (新建, 市本级 …) and in the order of the parameters' lists.

In the examples `report` is `sanshi_report.open("monthly_bulletin", "2024-06")` on the sample, and `december` that
of December; a report gives each metric its ledger and parameters.
"""

from sanshi_report.metrics import (
    acceptance,
    annual,
    bulletin,
    cadence,
    completeness,
    completions,
    earned,
    escalation,
    explanations,
    incidents,
    inputs,
    investment,
    labour,
    lifetime,
    membership,
    monthly,
    nodes,
    outlook,
    permits,
    plans,
    problems,
    profile,
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
    "bulletin",
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
    "labour",
    "lifetime",
    "membership",
    "monthly",
    "nodes",
    "outlook",
    "permits",
    "plans",
    "problems",
    "profile",
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
