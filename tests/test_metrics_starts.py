from dataclasses import replace

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters

from sanshi_report.metrics import starts
from sanshi_report.period import ReportPeriod

PROJECTS = [
    new("X1", "2024-03-15"),  # due, not started, three months past March
    new("X2", "2024-06-30"),  # due on the last day, not started
    new("X3", "2024-05-01", started_on="2024-06-30", groundbreaking_on="2024-05-20"),
    new("X4", "2024-09-30", started_on="2024-06-01", sector="民生", tier="county"),  # early
    new("X5", "2024-07-01", sector="民生", county="示例乙县"),  # not due
    new("X6", "2024-06-01", started_on="2024-07-01"),  # known to start, but after June
    new("X7", "2023-12-31", started_on="2023-12-20"),
    old("H1", "12"),
]


def test_the_register_of_starts_in_june() -> None:
    frame = starts.register(ledger(projects=PROJECTS), parameters()).set_index("project_id")
    assert frame.index.tolist() == ["X1", "X2", "X3", "X4", "X5", "X6", "X7"]
    assert frame.index[frame["is_due"]].tolist() == ["X1", "X2", "X3", "X6", "X7"]
    assert frame.index[frame["is_started"]].tolist() == ["X3", "X4", "X7"]
    assert frame.index[frame["is_due_not_started"]].tolist() == ["X1", "X2", "X6"]
    assert frame.index[frame["is_early"]].tolist() == ["X4"]
    assert frame["months_late"].dropna().to_dict() == {"X1": 3, "X2": 0, "X6": 0}
    assert frame["light"].to_dict() == {
        "X1": "red",
        "X2": "yellow",
        "X3": "green",
        "X4": "green",
        "X5": "not_rated",
        "X6": "yellow",
        "X7": "green",
    }


def test_a_day_after_the_period_has_not_come() -> None:
    frame = starts.register(ledger(projects=PROJECTS), parameters()).set_index("project_id")
    assert pd.isna(frame.loc["X6", "started_on"])
    assert frame.loc["X3", "started_on"] == pd.Timestamp(2024, 6, 30)


def test_months_late_count_across_the_turn_of_the_year() -> None:
    january = ledger("2024-01", projects=[new("X1", "2023-11-30")])
    assert starts.register(january, parameters("2024-01"))["months_late"].tolist() == [2]


def test_counts_reconcile_at_every_scope() -> None:
    june = ledger(projects=PROJECTS)
    total = starts.counts(june, parameters()).iloc[0]
    assert total[["due", "started", "due_not_started", "early"]].tolist() == [5, 3, 3, 1]
    for by in (None, "sector", "tier", "county", "project"):
        frame = starts.counts(june, parameters(), by=by)
        kept = frame["due"] - frame["due_not_started"] + frame["early"]
        assert frame["started"].tolist() == kept.tolist()
        assert frame["due"].sum() == 5


def test_counts_by_group_name_every_group_in_the_parameters_order() -> None:
    sectors = starts.counts(ledger(projects=PROJECTS[::-1]), parameters(), by="sector")
    assert sectors["scope_value"].tolist() == ["工业", "民生"]
    assert sectors["due"].tolist() == [5, 0]
    assert sectors["early"].tolist() == [0, 1]
    tiers = starts.counts(ledger(projects=PROJECTS[::-1]), parameters(), by="tier")
    assert tiers["scope_value"].tolist() == ["市本级", "县区"]
    assert tiers["started"].tolist() == [2, 1]


def test_milestones_past_and_to_come() -> None:
    frame = starts.milestones(ledger(projects=PROJECTS), parameters())
    assert frame["required"].tolist() == [9, 14, 17]
    assert frame["planned_starts"].tolist() == [5, 7, 7]
    assert frame["is_past"].tolist() == [True, False, False]
    assert frame["started"].isna().tolist() == [False, True, True]
    assert frame.loc[0, ["started", "starts_gap", "light"]].tolist() == [3, -6, "yellow"]
    assert frame["light"].tolist() == ["yellow", "not_rated", "not_rated"]


def test_a_milestone_is_met_on_its_day_not_after() -> None:
    nine = [new(f"X{n}", "2024-06-30", started_on="2024-06-30") for n in range(8)]
    late = new("X8", "2024-06-30", started_on="2024-07-01")
    july = starts.milestones(ledger("2024-07", projects=[*nine, late]), parameters("2024-07"))
    assert july.loc[0, ["started", "starts_gap", "light"]].tolist() == [8, -1, "yellow"]
    position = starts.position(ledger("2024-07", projects=[*nine, late]), parameters("2024-07"))
    assert position.loc[0, ["required", "started", "starts_gap", "light"]].tolist() == [
        9,
        9,
        0,
        "green",
    ]


def test_before_the_first_milestone_nothing_is_required() -> None:
    may = ledger("2024-05", projects=PROJECTS)
    position = starts.position(may, parameters("2024-05")).iloc[0]
    assert pd.isna(position["required"])
    assert pd.isna(position["starts_gap"])
    assert (position["started"], position["light"]) == (1, "not_rated")


def test_the_staircase_stops_at_the_period() -> None:
    frame = starts.staircase(ledger(projects=PROJECTS), parameters())
    assert frame["month"].iloc[[0, -1]].tolist() == ["2024-01", "2024-12"]
    assert frame["required"].tolist() == [0, 0, 0, 0, 0, 9, 9, 9, 14, 14, 14, 17]
    assert frame["planned_starts"].tolist() == [1, 1, 2, 2, 3, 5, 6, 6, 7, 7, 7, 7]
    assert frame["started"].tolist()[:6] == [1, 1, 1, 1, 1, 3]
    assert frame["started"].iloc[6:].isna().all()


def test_december_with_everything_started() -> None:
    all_started = [new(f"X{n}", "2024-12-31", started_on="2024-12-31") for n in range(17)]
    december = ledger("2024-12", projects=all_started)
    milestones = starts.milestones(december, parameters("2024-12"))
    assert milestones["started"].tolist() == [0, 0, 17]
    assert milestones["light"].tolist() == ["yellow", "yellow", "green"]
    assert starts.staircase(december, parameters("2024-12"))["started"].iloc[-1] == 17
    counts = starts.counts(december, parameters("2024-12")).iloc[0]
    assert counts[["due", "started", "due_not_started", "early"]].tolist() == [17, 17, 0, 0]


def test_no_project_at_all() -> None:
    nothing = ledger()
    assert starts.register(nothing, parameters()).empty
    assert starts.counts(nothing, parameters(), by="sector").empty
    assert starts.counts(nothing, parameters()).iloc[0].tolist() == [""] + [0] * 6
    assert starts.milestones(nothing, parameters())["starts_gap"].tolist()[0] == -9
    assert starts.staircase(nothing, parameters())["planned_starts"].sum() == 0


@pytest.mark.parametrize(
    ("week", "months"),
    [("2024-W26", 0), ("2024-W27", 0), ("2024-W30", 0), ("2024-W31", 1)],
)  # to 30 June, 7 and 28 July, 4 August
def test_months_late_are_whole_months_at_a_weeks_end_too(week: str, months: int) -> None:
    told = replace(
        ledger("2024-08", projects=[new("X1", "2024-06-20")]), period=ReportPeriod.parse_week(week)
    )
    assert starts.register(told, parameters())["months_late"].tolist() == [months]
