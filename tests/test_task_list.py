"""The task list: its counts add up whichever way they are taken, and its words and tables show them."""

from functools import cache
from typing import Any

import pandas as pd
import pytest
from ledgers import ROOT, ledger, new, old, parameters, spent
from saying import said

from sanshi_report import figures, tables
from sanshi_report.blocks import plain
from sanshi_report.ledger import Ledger, load
from sanshi_report.metrics import tasks, workload
from sanshi_report.report import Report
from sanshi_report.style import Language
from sanshi_report.tables import Table
from sanshi_report.workspace import Workspace

COUNTS = ["listed", "done", "late", "not_done", "dropped"]


def node(number: int, due_on: str, done_on: str | None = None) -> dict[str, Any]:
    days = {"due_on": due_on, "done_on": done_on}
    return {"node_id": f"N{number}", "project_id": "X1", "node": f"第{number}层", **days}


def book(period: str = "2024-06", **changed: Any) -> Ledger:
    """X1 should have started in May; H1 is 1 亿元 behind June's pace of 6."""
    rows: dict[str, Any] = {
        "projects": [new("X1", "2024-05-20"), old("H1", "12", responsible_unit="示例乙局")],
        "progress": spent("H1", *["1"] * 5),
        "permits": [
            {"project_id": "X1", "permit": "土地", "department": "自然资源部门", "status": "办理中",
             "due_on": "2024-07-10"},
        ],
        "nodes": [node(1, "2024-06-28"), node(2, "2024-07-12"), node(3, "2024-07-19")],
        "actions": [{"action_id": "J1", "meeting_on": "2024-06-05", "content": "排查", "owner": "各责任单位",
                     "due_on": "2024-07-15"}],
    }  # fmt: skip
    return ledger(period, **rows | changed)


JULY: dict[str, Any] = {
    "projects": [
        new("X1", "2024-05-20", started_on="2024-07-30"),
        old("H1", "12", responsible_unit="示例乙局"),
    ],
    "progress": [*spent("H1", *["1"] * 5), *spent("H1", *[None] * 6, "1.5")],
    "permits": [
        {"project_id": "X1", "permit": "土地", "department": "自然资源部门", "status": "不需要"}
    ],
    "nodes": [
        node(1, "2024-06-28", "2024-07-05"),
        node(2, "2024-07-12", "2024-07-15"),
        node(3, "2024-07-19"),
    ],
    "meetings": [
        {"held_on": day, "level": "项目", "project_id": "X1"}
        for day in ("2024-07-02", "2024-07-09", "2024-07-16", "2024-07-23")
    ],
}


@cache
def scored() -> pd.DataFrame:
    listed = tasks.due_next(book(), parameters())
    july = book("2024-07", **JULY)
    rows = tasks.score(july, parameters("2024-07"), listed)
    return workload.carried(rows, tasks.due_next(july, parameters("2024-07")))


def rows(table: Table, role: str = "body") -> list[list[str]]:
    body = table.block.grid.body
    return [[plain(cell.text) for cell in row.cells] for row in body if row.role == role]


def test_every_listed_task_is_in_exactly_one_status() -> None:
    # start, permit, three nodes, money, action; the office, and for both projects force and unit.
    assert tasks.tally(scored())[COUNTS].iloc[0].tolist() == [12, 3, 1, 7, 1]
    kinds = tasks.tally(scored(), "kind").set_index("scope_value")[COUNTS]
    assert kinds.T.to_dict("list") == {
        "start": [1, 1, 0, 0, 0],  # overdue in June, asked for by 31 July
        "permit": [1, 0, 0, 0, 1],  # found not to be needed
        "node": [3, 1, 1, 1, 0],  # the overdue one, three days late, not done
        "investment": [1, 0, 0, 1, 0],  # 6.5 of 7
        "action": [1, 0, 0, 1, 0],
        "meeting": [5, 1, 0, 4, 0],  # X1's four weeks
    }
    for by in ("kind", "owner"):
        assert tasks.tally(scored(), by)[COUNTS].sum().tolist() == [12, 3, 1, 7, 1]


def test_what_is_not_done_is_carried_but_missed_meetings_are_not() -> None:
    carried = scored().set_index("key")["is_carried"]
    assert carried[carried].index.tolist() == ["node:N3", "investment:H1", "action:J1"]


def test_volumes_add_up_and_name_the_most_overdue_first() -> None:
    listed = tasks.due_next(book(), parameters())
    assert workload.volume(listed).iloc[0].tolist() == ["", 12, 3, 9]
    kinds = workload.volume(listed, "kind").set_index("scope_value")
    assert kinds.T.to_dict("list") == {
        "start": [1, 1, 0], "permit": [1, 0, 1], "node": [3, 1, 2], "investment": [1, 1, 0],
        "action": [1, 0, 1], "meeting": [5, 0, 5],
    }  # fmt: skip
    owners = workload.volume(listed, "owner")
    assert owners["scope_value"].tolist()[:2] == ["示例甲局", "示例乙局"]
    assert owners["listed"].tolist()[:2] == [5, 2]
    assert owners["listed"].sum() == 12


def test_projects_show_their_tasks_and_what_is_on_no_project_comes_last() -> None:
    frame = workload.by_project(tasks.due_next(book(), parameters()), book())
    assert frame["project_id"].isna().tolist() == [False, False, True]
    assert frame["listed"].tolist() == [7, 3, 2]
    assert frame["overdue"].tolist() == [2, 1, 0]
    assert frame["to_invest"].isna().tolist() == [True, False, True]
    assert frame["to_invest"].iloc[1] == 2 * 10**10  # 7 − 5
    assert frame[[f"{kind}_tasks" for kind in tasks.KINDS]].iloc[0].tolist() == [
        1,
        1,
        3,
        0,
        0,
        0,
        2,
    ]


def test_meetings_stand_beside_each_other() -> None:
    frame = workload.meetings(scored(), parameters())
    assert frame["project_id"].tolist() == ["H1", "X1"]
    assert frame[["owed_1", "met_1", "status_1"]].to_numpy().tolist() == [
        [2, 0, "not_done"],
        [2, 0, "not_done"],
    ]
    assert frame[["owner_2", "owed_2", "met_2", "status_2"]].to_numpy().tolist() == [
        ["示例乙局", 4, 0, "not_done"],
        ["示例甲局", 4, 4, "done"],
    ]
    assert workload.without_meetings(scored())["key"].str.startswith("meeting:专班").sum() == 0


def test_the_list_is_said_and_scored_in_words() -> None:
    july = Report(book("2024-07", **JULY), parameters("2024-07"), "zh", "task_list")
    rows = july.metrics.tasks.score(tasks.due_next(book(), parameters()))
    rows = july.metrics.workload.carried(rows, july.metrics.tasks.due_next())
    text = str(said(july, "last", name="task_list", scored=rows))
    assert text.startswith("## 7月任务完成情况")
    # 2 ÷ (8 − 1); meetings of the projects are counted apart
    assert (
        "7月清单列入8项：按期完成2项、逾期完成1项、未完成4项、不再需要1项，按期完成率28.57%。"
        in text
    )
    assert "未完成事项中有3项转入8月清单。" in text
    text = str(said(book(), "next", name="task_list"))
    assert "7月清单列入8项，其中已逾期、须在月底前完成的3项，当月到期的5项。" in text
    assert "应开工项目：示例X1（示例甲局）。" in text
    assert "1个续建项目当月需完成投资共2.00亿元" in text
    text = str(said(book("2024-12"), "next", "en", name="task_list"))
    assert text.startswith("## Tasks of January 2025")


def test_unfinished_tasks_say_how_far_they_came() -> None:
    july = Report(book(), parameters("2024-07"), "zh", "task_list")
    items = july.remembered(workload.without_meetings(scored()))
    table = july.table("unfinished", items)
    assert [row[2:6] for row in rows(table)] == [
        ["第3层", "示例甲局", "7月19日", "转下月"],
        ["投资2.00亿元（累计达7.00亿元）", "示例乙局", "7月31日", "累计完成6.50亿元，转下月"],
        ["排查", "各责任单位", "7月15日", "转下月"],
        ["召开指挥部办公室会议1次", "指挥部办公室", "7月31日", "已开0次，应开1次"],
        ["第2层", "示例甲局", "7月12日", "7月15日完成，晚3天"],
    ]
    assert rows(table, "group") == [["■ 未完成（4项）"], ["▲ 逾期完成（1项）"]]
    table = july.table("finished", items)
    assert [row[5] for row in rows(table)] == ["7月30日完成", "7月5日完成", "— 不再需要"]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_each_owners_tasks_stand_together_with_room_to_sign(language: Language) -> None:
    report = Report(book(), parameters(), language, "task_list")
    listed = report.metrics.workload.without_meetings(report.metrics.tasks.due_next())
    owners = report.metrics.workload.volume(listed, "owner")
    table = report.table("tasks_by_owner", listed, owners)
    assert len(rows(table)) == len(listed) == 8
    assert all(row[-1] == "" for row in rows(table))
    assert len(rows(table, "group")) == len(owners)
    if language == "zh":
        assert rows(table, "group")[0] == ["示例甲局（4项）"]
        assert rows(table)[0] == ["示例X1", "开工", "实质性开工", "7月31日", "5月20日", ""]
    projects = report.metrics.workload.by_project(listed, book())
    table = report.table("tasks_by_project", listed, projects)
    assert len(rows(table)) == 8
    assert len(rows(table, "group")) == 3


def test_the_first_month_has_no_list_to_score() -> None:
    empty = scored().head(0)
    january = Report(book("2024-01"), parameters("2024-01"), "zh", "task_list")
    listed = january.metrics.tasks.due_next()
    carried = january.metrics.workload.carried(january.metrics.tasks.score(listed.head(0)), listed)
    text = str(said(january, "last", scored=carried, name="task_list"))
    assert text == "## 1月任务完成情况\n\n1月没有下达任务清单，本期无可评价的事项。"
    assert figures.outcome(tasks.tally(empty, "kind"), "zh") is None
    table = tables.unfinished(empty, parameters("2024-01"), "zh")
    assert [row[0] for row in rows(table)] == ["无", "无"]


def test_figures_say_their_counts() -> None:
    july = Report(book(), parameters("2024-07"), "zh", "task_list")
    figure = july.figure("outcome", july.remembered(tasks.tally(scored(), "kind")))
    assert plain(figure.caption) == "6月清单12项中，按期完成3项、逾期完成1项、未完成7项"
    assert "调度会 按期完成 1 逾期完成 0 未完成 4 不再需要 0" in plain(figure.alt)
    listed = tasks.due_next(book(), parameters())
    figure = july.figure("workload", july.remembered(workload.volume(listed, "owner")))
    assert plain(figure.caption).startswith(
        "7月任务较多的责任主体：示例甲局（5项）、示例乙局（2项）"
    )
    figure = july.figure("workload", july.remembered(workload.volume(listed.head(0), "owner")))
    assert plain(figure.caption) == "7月没有任务"


def test_the_samples_december_scores_novembers_list() -> None:
    workspace = Workspace.find(ROOT)
    december = load(workspace, "2024-12")
    rules = workspace.parameters("2024-12")
    listed = tasks.last_list(december, rules)
    issued = tasks.due_next(load(workspace, "2024-11"), workspace.parameters("2024-11"))
    assert listed["key"].tolist() == issued["key"].tolist()
    assert listed["due_on"].tolist() == issued["due_on"].tolist()
    rows = tasks.score(december, rules, listed)
    whole = tasks.tally(rows)[COUNTS].iloc[0].tolist()
    assert whole == [128, 90, 10, 28, 0]
    for by in ("kind", "owner"):
        parts = tasks.tally(rows, by)[COUNTS]
        assert parts.sum().tolist() == whole
        assert (parts.drop(columns="listed").sum(axis=1) == parts["listed"]).all()
    kinds = tasks.tally(rows, "kind").set_index("scope_value")[COUNTS]
    assert kinds.loc["node"].tolist() == [50, 27, 7, 16, 0]
    assert kinds.loc["start"].tolist() == [1, 0, 1, 0, 0]
