from ledgers import ledger, new, old, parameters

from sanshi_report.metrics import cadence
from sanshi_report.period import ReportPeriod

RULES = {"指挥部": 0, "指挥部办公室": 1, "专班": 2, "项目": 3}


def meeting(held_on: str, level: str, project_id: str | None = None) -> dict:
    return {"held_on": held_on, "level": level, "project_id": project_id}


def levels(period: str, meetings: list[dict], projects: list | None = None) -> dict[str, list[int]]:
    """Windows, owed, held and missed by level."""
    rows = ledger(period, projects=projects or [], meetings=meetings)
    frame = cadence.owed_and_held(rows, parameters(period)).set_index("scope_value")
    return {
        level: frame.loc[level, ["windows", "owed", "held", "missed"]].tolist() for level in RULES
    }


def test_headquarters_owes_one_meeting_in_two_months() -> None:
    assert levels("2024-05", [])["指挥部"] == [0, 0, 0, 0]
    assert levels("2024-06", [])["指挥部"] == [1, 1, 0, 1]
    assert levels("2024-06", [meeting("2024-06-30", "指挥部")])["指挥部"] == [1, 1, 1, 0]
    # Met in May: nothing is owed in June any more.
    assert levels("2024-05", [meeting("2024-05-08", "指挥部")])["指挥部"] == [0, 0, 1, 0]
    assert levels("2024-06", [meeting("2024-05-08", "指挥部")])["指挥部"] == [1, 0, 0, 0]
    assert levels("2024-06", [meeting("2024-04-30", "指挥部")])["指挥部"] == [1, 1, 0, 1]


def test_the_office_owes_one_a_month() -> None:
    held = [meeting("2024-06-05", "指挥部办公室"), meeting("2024-06-28", "指挥部办公室")]
    assert levels("2024-06", held)["指挥部办公室"] == [1, 1, 2, 0]
    assert levels("2024-Q2", held)["指挥部办公室"] == [3, 3, 2, 2]
    # Two rows for two projects are one meeting of the office.
    twice = [
        meeting("2024-06-05", "指挥部办公室", "X1"),
        meeting("2024-06-05", "指挥部办公室", "X2"),
    ]
    assert levels("2024-06", twice)["指挥部办公室"] == [1, 1, 1, 0]


def test_a_task_force_owes_one_in_each_half_of_the_month() -> None:
    projects = [new("X1", "2024-03-15"), new("X2", "2024-03-15"), new("X3", "2024-03-15")]
    held = [
        meeting("2024-06-15", "专班", "X1"),
        meeting("2024-06-16", "专班", "X1"),
        meeting("2024-06-03", "专班", "X2"),
        meeting("2024-06-10", "专班", "X2"),  # twice in one half: the other is missed
    ]
    assert levels("2024-06", held, projects)["专班"] == [6, 6, 4, 3]
    frame = cadence.by_body(ledger(projects=projects, meetings=held), parameters())
    forces = frame[frame["level"] == "专班"].set_index("project_id")
    assert forces["missed"].to_dict() == {"X1": 0, "X2": 1, "X3": 2}
    assert forces["held"].to_dict() == {"X1": 2, "X2": 2, "X3": 0}
    # Two meetings in one half meet one window.
    assert forces["met"].to_dict() == {"X1": 2, "X2": 1, "X3": 0}


def test_weeks_belong_to_the_month_of_their_sunday() -> None:
    # June 2024 has five Sundays; the first week is 27 May – 2 June. July has four.
    one = [new("X1", "2024-03-15")]
    assert levels("2024-06", [], one)["项目"] == [5, 5, 0, 5]
    assert levels("2024-07", [], one)["项目"] == [4, 4, 0, 4]
    straddling = [meeting("2024-05-27", "项目", "X1")]
    assert levels("2024-06", straddling, one)["项目"] == [5, 4, 0, 4]
    assert levels("2024-06", [meeting("2024-05-26", "项目", "X1")], one)["项目"] == [5, 5, 0, 5]
    weekly = [meeting(f"2024-06-{day:02d}", "项目", "X1") for day in (2, 9, 16, 23, 30)]
    assert levels("2024-06", weekly, one)["项目"] == [5, 5, 5, 0]


def test_a_project_owes_until_it_is_completed_and_only_with_a_task_force() -> None:
    projects = [
        old("H1", "1", completed_on="2024-06-15"),
        old("H2", "1", completed_on="2024-05-20"),
        old("H3", "1", task_force=None),
        old("H4", "1"),
    ]
    assert levels("2024-06", [], projects)["专班"] == [2, 2, 0, 2]  # H4 alone
    later = [old("H1", "1", completed_on="2024-06-16")]
    assert levels("2024-06", [], later)["专班"] == [1, 1, 0, 1]


def test_meetings_of_no_project_are_held_but_owed_by_none() -> None:
    held = [meeting("2024-06-05", "专班"), meeting("2024-07-01", "专班")]
    assert levels("2024-06", held)["专班"] == [0, 0, 1, 0]


def test_bodies_that_kept_the_cadence_are_counted() -> None:
    projects = [new("X1", "2024-03-15"), new("X2", "2024-03-15")]
    held = [meeting("2024-06-15", "专班", "X1"), meeting("2024-06-30", "专班", "X1")]
    frame = cadence.owed_and_held(ledger(projects=projects, meetings=held), parameters())
    assert frame["scope_value"].tolist() == list(RULES)
    assert frame["bodies"].tolist() == [1, 1, 2, 2]
    assert frame["kept_bodies"].tolist() == [0, 0, 1, 0]


def test_january_and_december() -> None:
    one = [new("X1", "2024-03-15")]
    assert levels("2024-01", [], one)["项目"] == [4, 4, 0, 4]
    assert levels("2024-01", [], one)["指挥部"] == [0, 0, 0, 0]
    assert levels("2024-12", [], one)["项目"] == [5, 5, 0, 5]
    assert levels("2024-12", [], one)["指挥部"] == [1, 1, 0, 1]


def test_a_week_holds_the_windows_that_end_in_it() -> None:
    projects = [new("X1", "2024-03-15")]
    book = ledger(
        projects=projects,
        meetings=[meeting("2024-06-11", "项目", "X1"), meeting("2024-06-05", "专班", "X1")],
    )
    found = {}
    for number in (23, 24, 26):
        week = book.at(ReportPeriod.parse_week(f"2024-W{number}"))
        frame = cadence.owed_and_held(week, parameters()).set_index("scope_value")
        found[number] = frame[["windows", "held", "missed"]].to_numpy().tolist()
    # 3–9, 10–16 and 24–30 June: the half-month ends in the second, the month and the pair in the third.
    assert found[23] == [[0, 0, 0], [0, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert found[24] == [[0, 0, 0], [0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert found[26] == [[1, 0, 1], [1, 0, 1], [1, 0, 1], [1, 0, 1]]
