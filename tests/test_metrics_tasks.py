"""The task list of the coming month, and what became of last month's."""

from dataclasses import replace
from decimal import Decimal

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, planned, spent

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import tasks
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Cadence, Pace

YI = 10**10


def permit(project: str, name: str, status: str, due_on: str | None, **values: str) -> dict:
    row = {"project_id": project, "permit": name, "department": "自然资源部门", "status": status}
    return row | {"due_on": due_on} | values


def node(node_id: str, due_on: str, done_on: str | None = None) -> dict:
    return {
        "node_id": node_id,
        "project_id": "H1",
        "node": "封顶",
        "due_on": due_on,
        "done_on": done_on,
    }


def problem(problem_id: str, due_on: str, closed_on: str | None = None) -> dict:
    return {
        "problem_id": problem_id, "project_id": "X1", "raised_on": "2024-05-01", "tier": "现场",
        "category": "用地报批", "owner": "示例乙局", "description": "组卷", "due_on": due_on,
        "closed_on": closed_on,
    }  # fmt: skip


def action(action_id: str, due_on: str, closed_on: str | None = None) -> dict:
    days = {"meeting_on": "2024-05-05", "due_on": due_on, "closed_on": closed_on}
    return {"action_id": action_id, **days, "content": "交地", "owner": "示例丙局"}


def told(period: str = "2024-06", **changed: list[dict]) -> Ledger:
    tables: dict[str, list] = {
        "projects": [
            new("X1", "2024-05-20"),
            new("X2", "2024-07-31", task_force=None),
            new("X3", "2024-08-01", task_force=None),
            new("X4", "2024-06-01", started_on="2024-06-03", task_force=None),
            old("H1", "12", task_force=None),
            old("H2", "10", task_force=None),
            old("H3", None, task_force=None),
        ],
        "progress": [*spent("H1", "5"), *spent("H2", "7")],
        "permits": [
            permit("X1", "土地", "办理中", "2024-03-31"),
            permit("X2", "规划", "未启动", "2024-07-31"),
            permit("X2", "环评", "未启动", "2024-08-01"),
            permit("X2", "用能", "不需要", "2024-07-01"),
            permit("X2", "立项", "已办结", "2024-07-01", granted_on="2024-06-01"),
            permit("X2", "安评", "未启动", None),
        ],
        "nodes": [
            node("N1", "2024-06-30"),
            node("N2", "2024-07-01"),
            node("N3", "2024-07-15", "2024-06-20"),
            node("N4", "2024-08-01"),
        ],
        "problems": [
            problem("W1", "2024-06-20"),
            problem("W2", "2024-07-10"),
            problem("W3", "2024-09-01"),
        ],
        "actions": [action("J1", "2024-07-05"), action("J2", "2024-05-31", "2024-05-30")],
    }
    return ledger(period, **tables | changed)


def test_what_july_owes() -> None:
    frame = tasks.due_next(told(), parameters())
    assert frame["key"].tolist() == [
        "start:X1", "start:X2", "permit:X1:土地", "permit:X2:规划", "node:N1", "node:N2",
        "investment:H1", "problem:W1", "problem:W2", "action:J1",
        "meeting:专班:X1", "meeting:指挥部办公室", "meeting:项目:X1",
    ]  # fmt: skip
    assert frame["owner"].tolist() == [
        "示例甲局", "示例甲局", "自然资源部门", "自然资源部门", "示例甲局", "示例甲局", "示例甲局",
        "示例乙局", "示例乙局", "示例丙局", "示例第一专班", "指挥部办公室", "示例甲局",
    ]  # fmt: skip
    assert frame.set_index("key")["task"].loc["node:N1"] == "封顶"
    assert frame["name"].isna().tolist() == [False] * 9 + [True, False, True, False]


def test_what_is_overdue_is_asked_for_by_the_months_end() -> None:
    frame = tasks.due_next(told(), parameters()).set_index("key")
    assert frame[frame["is_overdue"]].index.tolist() == [
        "start:X1", "permit:X1:土地", "node:N1", "investment:H1", "problem:W1",
    ]  # fmt: skip
    assert frame.loc["start:X1", "due_on"] == pd.Timestamp("2024-07-31")
    assert frame.loc["start:X1", "original_due_on"] == pd.Timestamp("2024-05-20")
    assert frame.loc["node:N2", "due_on"] == pd.Timestamp("2024-07-01")


def test_money_to_be_at_pace_when_july_ends() -> None:
    frame = tasks.due_next(told(), parameters()).set_index("key")
    # H1: 12 × 7/12 = 7, of which 5 are there. H2 has 7 of the 5.833… it needs.
    assert frame.loc["investment:H1", ["to_invest", "to_reach"]].tolist() == [2 * YI, 7 * YI]
    close = told(progress=[*spent("H1", "7.5"), *spent("H2", "5.5")])
    frame = tasks.due_next(close, parameters()).set_index("key")
    # 10 × 7/12 = 5.8333333333… is rounded up to the fen; H2 is ahead of June's pace of 5.
    assert frame.loc["investment:H2", "to_reach"] == 58_333_333_334
    assert frame.loc["investment:H2", "to_invest"] == 3_333_333_334
    assert not frame.loc["investment:H2", "is_overdue"]
    assert "investment:H1" not in frame.index


def test_money_follows_the_monthly_plans_where_they_are_the_pace() -> None:
    plans = [*planned("H1", *["0.5"] * 6, *["1.5"] * 6), *planned("H2", *["0.5"] * 8, *["1.5"] * 4)]
    june = told(plan=plans)
    rules = parameters(pace=Pace(basis="plan"))
    frame = tasks.due_next(june, rules).set_index("key")
    assert "investment:H1" not in frame.index  # 6 × 0.5 + 1.5 = 4.5, and 5 are there


def test_january_has_no_plan_to_be_at_pace_with() -> None:
    frame = tasks.due_next(told("2024-12"), parameters())
    assert "investment" not in frame["kind"].tolist()
    assert frame.loc[frame["kind"] == "start", "due_on"].unique() == pd.Timestamp("2025-01-31")


def test_meetings_owed_in_july() -> None:
    frame = tasks.due_next(told(), parameters()).set_index("key")
    # Two halves; one month; four Sundays (7, 14, 21, 28). The headquarters' pair ends in August.
    owed = frame["meetings"].dropna().to_dict()
    assert owed == {"meeting:专班:X1": 2, "meeting:指挥部办公室": 1, "meeting:项目:X1": 4}


JULY = {
    "projects": [
        new("X1", "2024-05-20", started_on="2024-07-30"),
        new("X2", "2024-09-30", task_force=None),
        new("X3", "2024-08-01", task_force=None),
        old("H1", "12", task_force=None),
    ],
    "progress": spent("H1", "5", None, None, None, None, None, "2"),
    "permits": [
        permit("X1", "土地", "已办结", "2024-03-31"),  # granted, nobody says when
        permit("X2", "规划", "不需要", "2024-07-31"),
    ],
    "nodes": [node("N1", "2024-06-30", "2024-07-20"), node("N2", "2024-07-01", "2024-07-02")],
    "problems": [problem("W1", "2024-06-20", "2024-08-02"), problem("W2", "2024-07-10", "2024-07-10")],
    "actions": [],
    "meetings": [
        {"held_on": "2024-07-03", "level": "专班", "project_id": "X1"},
        {"held_on": "2024-07-31", "level": "专班", "project_id": "X1"},
        {"held_on": "2024-07-03", "level": "项目", "project_id": "X1"},
    ],
}  # fmt: skip


@pytest.fixture
def scored() -> pd.DataFrame:
    listed = tasks.due_next(told(), parameters())
    return tasks.score(told("2024-07", **JULY), parameters(), listed)


def test_every_item_is_scored(scored: pd.DataFrame) -> None:
    assert dict(zip(scored["key"], scored["status"], strict=True)) == {
        "start:X1": "done",  # overdue before, asked for by 31 July
        "start:X2": "not_done",
        "permit:X1:土地": "done",
        "permit:X2:规划": "dropped",
        "node:N1": "done",
        "node:N2": "late",
        "investment:H1": "done",
        "problem:W1": "not_done",  # closed in August
        "problem:W2": "done",
        "action:J1": "dropped",  # withdrawn
        "meeting:专班:X1": "done",
        "meeting:指挥部办公室": "not_done",
        "meeting:项目:X1": "not_done",
    }


def test_a_score_says_what_was_reached_and_what_was_moved(scored: pd.DataFrame) -> None:
    rows = scored.set_index("key")
    assert rows.loc["investment:H1", "invested_ytd"] == 7 * YI
    assert rows["met"].dropna().to_dict() == {
        "meeting:专班:X1": 2, "meeting:指挥部办公室": 0, "meeting:项目:X1": 1,
    }  # fmt: skip
    assert rows["now_due_on"].dropna().to_dict() == {"start:X2": pd.Timestamp("2024-09-30")}
    assert rows.loc["node:N2", "done_on"] == pd.Timestamp("2024-07-02")
    assert pd.isna(rows.loc["problem:W1", "done_on"])


def test_one_fen_short_is_not_done() -> None:
    listed = tasks.due_next(told(), parameters())
    short = spent("H1", "5", None, None, None, None, None, "1.9999999999")
    july = told("2024-07", **JULY | {"progress": short})
    scored = tasks.score(july, parameters(), listed).set_index("key")
    assert scored.loc["investment:H1", "status"] == "not_done"


def test_the_counts_reconcile(scored: pd.DataFrame) -> None:
    total = tasks.tally(scored).iloc[0]
    wanted = ["listed", "done", "late", "not_done", "dropped"]
    assert total[wanted].tolist() == [13, 6, 1, 4, 2]
    assert total["done_pct"] == Decimal("54.545454545455")  # 6 of 11
    kinds = tasks.tally(scored, "kind")
    assert kinds["scope_value"].tolist() == [*tasks.KINDS]
    assert kinds[wanted].sum().tolist() == [13, 6, 1, 4, 2]
    owners = tasks.tally(scored, "owner").set_index("scope_value")
    assert owners.loc["自然资源部门", wanted].tolist() == [2, 1, 0, 0, 1]
    assert owners[wanted].sum().tolist() == [13, 6, 1, 4, 2]
    projects = tasks.tally(scored, "project_id").set_index("scope_value")
    assert projects["listed"].to_dict() == {"X1": 6, "X2": 2, "H1": 3}


def test_last_months_list_is_the_one_that_was_known_then() -> None:
    july = told("2024-07", nodes=[node("N1", "2024-09-30")])
    rows = pd.concat([told(nodes=[node("N1", "2024-07-10")]).nodes, july.nodes], ignore_index=True)
    stamps = ["2024-07-02T09:00:00+08:00", "2024-08-02T09:00:00+08:00"]
    rows["known_at"] = pd.Series(pd.to_datetime(stamps)).astype(rows["known_at"].dtype)
    rows["origin"] = ["2024-06/a.xlsx#节点计划!2", "2024-07/a.xlsx#节点计划!2"]
    projects = july.known["projects"].drop(columns=["started_on"])
    projects["known_at"] = rows["known_at"].iloc[0]
    projects["origin"] = "2024-06/a.xlsx#项目台账!2"
    empty = ledger().known
    july = replace(
        july,
        last_cutoff=pd.Timestamp("2024-07-05T23:59:59+08:00").to_pydatetime(),
        history=empty | {"nodes": rows, "projects": projects},
    )
    listed = tasks.last_list(july, parameters()).set_index("key")
    assert listed.loc["node:N1", "due_on"] == pd.Timestamp("2024-07-10")
    scored = tasks.score(july, parameters(), listed.reset_index()).set_index("key")
    assert scored.loc["node:N1", "status"] == "not_done"
    assert scored.loc["node:N1", "now_due_on"] == pd.Timestamp("2024-09-30")


def test_nothing_was_listed_before_the_first_month() -> None:
    first = replace(told("2024-01"), last_cutoff=told().as_of, history=ledger().known)
    listed = tasks.last_list(first, parameters())
    assert listed.empty
    scored = tasks.score(first, parameters(), listed)
    assert tasks.tally(scored)["listed"].tolist() == [0]
    assert tasks.tally(scored)["done_pct"].tolist() == [None]
    assert tasks.tally(scored, "kind").empty


def test_only_the_levels_of_the_cadence_owe_meetings() -> None:
    forces = [Cadence(level="专班", en="Task force", every="half_month", scope="project")]
    frame = tasks.due_next(ledger(projects=[old("H1", "12")]), parameters(cadence=forces))
    assert frame["key"].tolist() == ["investment:H1", "meeting:专班:H1"]


def test_a_week_is_planned_and_scored_like_a_month() -> None:
    june = told(
        nodes=[node("N1", "2024-06-07"), node("N2", "2024-06-16", "2024-06-14")],
        problems=[problem("W1", "2024-06-12", "2024-06-12"), problem("W2", "2024-06-17")],
        meetings=[{"held_on": "2024-06-12", "level": "专班", "project_id": "X1"}],
    )
    second = june.at(ReportPeriod.parse_week("2024-W23"))  # until 9 June
    listed = tasks.due_next(second, parameters())
    assert listed["key"].tolist() == [
        "start:X1", "permit:X1:土地", "node:N1", "node:N2", "problem:W1", "meeting:专班:X1",
        "meeting:项目:X1",
    ]  # fmt: skip
    assert listed["is_overdue"].tolist() == [True, True, True, False, False, False, False]
    assert listed.loc[listed["kind"] == "node", "due_on"].unique().tolist() == [
        pd.Timestamp("2024-06-16")
    ]
    third = june.at(ReportPeriod.parse_week("2024-W24"))
    scored = tasks.score(third, parameters(), listed).set_index("key")["status"]
    assert scored["node:N2"] == scored["problem:W1"] == scored["meeting:专班:X1"] == "done"
    assert scored["meeting:项目:X1"] == "not_done"
