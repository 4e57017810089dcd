"""The cadence of dispatch meetings since January, by window, month and body."""

from decimal import Decimal

import pandas as pd
from ledgers import ledger, old, parameters

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import cadence, compliance


def meeting(held_on: str, level: str, project_id: str | None = None) -> dict:
    return {"held_on": held_on, "level": level, "project_id": project_id}


def march() -> Ledger:
    return ledger(
        "2024-03",
        projects=[
            old("H1", "1"),
            old("H2", "1", completed_on="2024-02-20"),
            old("H3", "1", task_force=None),
        ],
        meetings=[
            meeting("2024-02-29", "指挥部"),
            meeting("2024-01-08", "指挥部办公室"),
            meeting("2024-03-05", "指挥部办公室"),
            meeting("2024-01-10", "专班", "H1"),
            meeting("2024-01-15", "专班", "H1"),  # the same half again
            meeting("2024-02-16", "专班", "H1"),
            meeting("2024-03-31", "专班", "H1"),
            meeting("2024-01-31", "专班", "H2"),
            meeting("2024-04-01", "专班", "H1"),  # after the period
        ],
    )


def test_by_window_a_body_met_or_did_not() -> None:
    frame = cadence.by_window(march(), parameters())
    forces = frame[frame["level"].eq("专班")].set_index(["project_id", "closes"])["held_on"]
    assert forces["H1"].dropna().to_dict() == {
        pd.Timestamp("2024-01-15"): pd.Timestamp("2024-01-10"),
        pd.Timestamp("2024-02-29"): pd.Timestamp("2024-02-16"),
        pd.Timestamp("2024-03-31"): pd.Timestamp("2024-03-31"),
    }
    # H2 was completed within February's second half; it owes that no more.
    assert forces["H2"].index.tolist() == [
        pd.Timestamp("2024-01-15"),
        pd.Timestamp("2024-01-31"),
        pd.Timestamp("2024-02-15"),
    ]
    pairs = frame[frame["level"].eq("指挥部")]
    assert pairs["opens"].tolist() == [pd.Timestamp("2024-01-01")]
    assert pairs["project_id"].isna().all()
    # Sundays from 7 January to 31 March: thirteen; the first week begins on New Year's Day.
    weeks = frame[frame["level"].eq("项目") & frame["project_id"].eq("H1")]
    assert len(weeks) == 13
    assert weeks["opens"].iloc[0] == pd.Timestamp("2024-01-01")


def test_by_month_the_windows_that_ended_in_it() -> None:
    frame = compliance.by_month(march(), parameters()).set_index(["level", "month"])
    assert frame.index.tolist()[:3] == [("指挥部", f"2024-0{n}") for n in (1, 2, 3)]
    counts = ["bodies", "kept_bodies", "windows", "met", "missed"]
    assert frame.loc[("指挥部", "2024-01"), counts].tolist() == [0, 0, 0, 0, 0]
    assert frame.loc[("指挥部", "2024-01"), "kept_pct"] is None
    assert frame.loc[("指挥部", "2024-02"), counts].tolist() == [1, 1, 1, 1, 0]
    assert frame.loc["指挥部办公室"]["missed"].tolist() == [0, 1, 0]
    # January: H1 met one half of two, H2 one of two. February: H1 one of two, H2 none of its one.
    assert frame.loc[("专班", "2024-01"), counts].tolist() == [2, 0, 4, 2, 2]
    assert frame.loc[("专班", "2024-02"), counts].tolist() == [2, 0, 3, 1, 2]
    assert frame.loc[("专班", "2024-02"), "kept_pct"] == Decimal("33.333333333333")
    assert frame.loc[("专班", "2024-03"), counts].tolist() == [1, 0, 2, 1, 1]


def test_by_body_the_most_missed_first() -> None:
    frame = compliance.by_body(march(), parameters())
    forces = frame[frame["level"].eq("专班")].set_index("project_id")
    assert forces.index.tolist() == ["H1", "H2"]
    assert forces.loc["H1", ["windows", "met", "missed"]].tolist() == [6, 3, 3]
    assert forces.loc["H1", "kept_pct"] == Decimal(50)
    assert forces.loc["H2", ["windows", "met", "missed"]].tolist() == [3, 1, 2]
    assert forces.loc["H2", "name"] == "示例H2"
    assert forces["last_held_on"].tolist() == [
        pd.Timestamp("2024-03-31"),
        pd.Timestamp("2024-01-31"),
    ]
    office = frame[frame["level"].eq("指挥部办公室")].iloc[0]
    assert office[["windows", "met", "missed"]].tolist() == [3, 2, 1]
    assert pd.isna(office["project_id"])
    assert frame["level"].drop_duplicates().tolist() == ["指挥部", "指挥部办公室", "专班", "项目"]


def test_the_months_missed_agree_with_the_periods_own_count() -> None:
    owed = cadence.owed_and_held(march(), parameters()).set_index("scope_value")["missed"]
    frame = compliance.by_month(march(), parameters())
    last = frame[frame["month"].eq("2024-03")].set_index("level")["missed"]
    assert last.to_dict() == owed.to_dict()


def test_without_projects_only_the_programme_owes_meetings() -> None:
    frame = compliance.by_month(ledger("2024-02"), parameters())
    assert frame["windows"].tolist() == [0, 1, 1, 1, 0, 0, 0, 0]
    assert compliance.by_body(ledger("2024-02"), parameters())["missed"].tolist() == [1, 2]
