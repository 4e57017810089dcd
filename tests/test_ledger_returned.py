"""The trail of submissions that were taken back."""

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report.ledger import load, withdraw
from sanshi_report.workspace import CHINA, Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """June with a good submission, and one with two faults withdrawn on 4 July."""
    workspace = new_workspace(tmp_path)
    submit(workspace, "2024-06", "2024-07-02", "好.xlsx", projects=[project("X1", "新建"), project("H1")],
           progress=[invested("H1", "2024-06", "0.3")])  # fmt: skip
    submit(workspace, "2024-06", "2024-07-03", "错.xlsx",
           progress=[invested("H1", "2024-06", "3千万"), invested("X1", "2024-13", "0.1")])  # fmt: skip
    at = datetime(2024, 7, 4, 9, tzinfo=CHINA)
    withdraw(workspace, "2024-06", "错.xlsx", "退回重报", "经办人", now=at)
    return workspace


def test_a_withdrawn_file_is_told_with_its_faults_and_the_reason(workspace: Workspace) -> None:
    ledger = load(workspace, "2024-06")
    (row,) = ledger.returned.to_dict("records")
    assert (row["file"], row["submitted_by"], row["faults"]) == ("错.xlsx", "示例甲局", 2)
    assert (row["withdrawn_by"], row["reason"]) == ("经办人", "退回重报")
    assert row["withdrawn_at"] == datetime(2024, 7, 4, 9, tzinfo=CHINA)
    assert len(ledger.receipts) == 1


def test_a_withdrawn_file_that_is_gone_keeps_its_trail(workspace: Workspace) -> None:
    (workspace.raw / "2024-06/错.xlsx").unlink()
    (row,) = load(workspace, "2024-06").returned.to_dict("records")
    assert pd.isna(row["faults"])


def test_what_is_withdrawn_later_or_from_a_later_period_is_not_told_yet(
    workspace: Workspace,
) -> None:
    for period, file, received in (
        ("2024-06", "后.xlsx", "2024-07-05T08:00"),
        ("2024-07", "七月.xlsx", "2024-07-05T09:00"),
    ):
        submit(workspace, period, received, file, progress=[invested("H1", period, "0.2")])
    for period, file, gone in (
        ("2024-07", "七月.xlsx", "2024-07-05T10:00"),
        ("2024-06", "后.xlsx", "2024-07-08T09:00"),
    ):
        at = datetime.fromisoformat(f"{gone}+08:00")
        withdraw(workspace, period, file, "重复", "经办人", now=at)
    assert load(workspace, "2024-06").returned["file"].tolist() == ["错.xlsx"]
    now = load(workspace, "2024-06", as_of="now").returned
    assert now["file"].tolist() == ["错.xlsx", "后.xlsx"]
