"""Acceptance, completion and commissioning of the year's projects."""

import pandas as pd
from ledgers import ledger, new, old, parameters

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import acceptance


def node(node_id: str, project: str, name: str, due_on: str, done_on: str | None = None) -> dict:
    return {"node_id": node_id, "project_id": project, "node": name, "due_on": due_on,
            "done_on": done_on}  # fmt: skip


def told() -> Ledger:
    return ledger(
        projects=[
            # done a day early; production a week late
            old("H1", "1", planned_completion="2024-03-31", completed_on="2024-03-30",
                planned_commissioning="2024-05-20", commissioned_on="2024-05-27"),
            # in acceptance, due on the period's last day
            old("H2", "1", planned_completion="2024-06-30", planned_commissioning="2024-08-31"),
            old("H3", "1", planned_completion="2024-12-31"),
            old("H4", "1", planned_completion="2025-01-01"),
            # completed before the year, produces in it
            old("H5", "1", planned_completion="2023-11-30", completed_on="2023-12-20",
                planned_commissioning="2024-02-29"),
            # all before the year
            old("H6", "1", planned_completion="2023-01-31", completed_on="2023-01-31",
                planned_commissioning="2023-06-30", commissioned_on="2023-06-30"),
            # ahead of its time
            new("X1", "2023-01-01", planned_completion="2025-06-30", completed_on="2024-06-10"),
        ],
        nodes=[
            node("N1", "H2", "主体工程联合验收", "2024-06-10", "2024-06-14"),
            node("N2", "H2", "竣工备案", "2024-06-25"),
            node("N3", "H2", "设备安装", "2024-03-31"),
            node("N4", "H2", "试生产方案", "2024-07-31", "2024-07-02"),  # after the period
            node("N5", "H4", "联合验收", "2024-12-20"),
        ],
    )  # fmt: skip


def test_the_projects_that_complete_or_produce_this_year() -> None:
    frame = acceptance.register(told(), parameters()).set_index("project_id")
    assert frame.index.tolist() == ["H5", "H1", "H2", "H3", "X1"]
    assert frame["stage"].to_dict() == {
        "H5": "completed", "H1": "commissioned", "H2": "accepting", "H3": "works", "X1": "completed",
    }  # fmt: skip


def test_days_late_run_to_the_day_done_or_the_periods_end() -> None:
    frame = acceptance.register(told(), parameters()).set_index("project_id")
    assert frame.index.tolist() == ["H5", "H1", "H2", "H3", "X1"]
    assert frame["completion_days_late"].tolist() == [20, -1, 0, pd.NA, -385]
    # H5 was to produce on 29 February: 1 + 31 + 30 + 31 + 30 - 1 = 122 days ago
    assert frame["commissioning_days_late"].tolist() == [122, 7, pd.NA, pd.NA, pd.NA]
    assert frame.loc["H1", "days_to_production"] == 58
    assert frame["days_to_production"].isna().sum() == 4


def test_acceptance_steps_are_nodes_named_for_them() -> None:
    frame = acceptance.register(told(), parameters()).set_index("project_id")
    assert frame.loc["H2", ["steps", "steps_done"]].tolist() == [3, 1]
    assert frame.loc["H1", ["steps", "steps_done"]].tolist() == [0, 0]
    rows = acceptance.steps(told(), parameters())
    second = rows[rows["project_id"].eq("H2")]
    assert list(zip(second["step"], second["status"], strict=True)) == [
        ("联合验收", "late_done"),
        ("竣工备案", "overdue"),
        ("试生产", "open"),
        ("竣工", "overdue"),
        ("投产", "open"),
    ]
    assert second["due_on"].iloc[3] == pd.Timestamp("2024-06-30")
    first = rows[rows["project_id"].eq("H1")]
    assert list(zip(first["step"], first["status"], strict=True)) == [
        ("竣工", "done"),
        ("投产", "late_done"),
    ]
    assert "H4" not in rows["project_id"].tolist()
    assert rows[rows["project_id"].eq("H3")]["step"].tolist() == ["竣工"]


def test_an_empty_ledger_completes_nothing() -> None:
    assert acceptance.register(ledger(), parameters()).empty
    assert acceptance.steps(ledger(), parameters()).empty
