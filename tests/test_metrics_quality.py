from dataclasses import replace
from datetime import datetime

import pandas as pd
from ledgers import ledger, old, spent

from sanshi_report.ledger.revisions import revisions
from sanshi_report.metrics import quality

PROJECTS = [old("H1", "12"), old("H2", "24")]


def test_only_figures_and_days_published_before_count_as_revised() -> None:
    first = ledger(
        projects=PROJECTS,
        progress=[{**spent("H2", "1.0")[0], "physical_note": "基础", "reported_on": "2024-02-01"}],
        nodes=[{"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-06-01"}],
    )
    second = ledger(
        projects=PROJECTS,
        progress=[
            {**spent("H2", "1.2")[0], "physical_note": "主体", "reported_on": "2024-03-01"}
        ],
        nodes=[
            {"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-06-01",
             "done_on": "2024-05-30"}
        ],
    )  # fmt: skip
    history = {}
    for name in ("progress", "nodes"):
        before, after = getattr(first, name).copy(), getattr(second, name).copy()
        before["known_at"] = datetime.fromisoformat("2024-02-01T10:00:00+08:00")
        after["known_at"] = datetime.fromisoformat("2024-06-30T10:00:00+08:00")
        history[name] = pd.concat([before, after], ignore_index=True)
    cutoff = datetime.fromisoformat("2024-06-05T23:59:59+08:00")
    facts = replace(second, revisions=revisions(history), last_cutoff=cutoff)
    found = quality.revised(facts)
    assert found[["name", "column", "old", "new"]].to_numpy().tolist() == [
        ["示例H2", "invested", "1", "1.2"]
    ]


def test_only_changes_of_the_period_are_listed() -> None:
    change = {
        "project_id": "H1", "field": "年度计划投资", "old": "11", "new": "12", "reason": "增补",
        "approved_by": "示例办公室", "approved_on": "2024-06-20",
    }  # fmt: skip
    later = {**change, "field": "计划竣工", "approved_on": "2024-07-01"}
    earlier = {**change, "field": "计划开工", "approved_on": "2024-05-31"}
    frame = quality.changes(ledger(projects=PROJECTS, changes=[later, change, earlier]))
    assert frame["field"].tolist() == ["年度计划投资"]
    assert frame["name"].tolist() == ["示例H1"]


def test_evidence_counts_the_last_month_alone() -> None:
    progress = [
        {**row, "evidence": "核查"} for row in spent("H1", *["1"] * 6)
    ] + [{**row, "evidence": "自报"} for row in spent("H2", *["1"] * 5)]  # fmt: skip
    counts = quality.evidence(ledger(projects=PROJECTS, progress=progress)).iloc[0].to_dict()
    assert counts == {
        "projects": 2, "reported": 1, "missing": 1, "self_reported": 0, "confirmed": 0, "verified": 1,
    }  # fmt: skip
