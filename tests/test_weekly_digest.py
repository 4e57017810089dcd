"""A lead official's week: what is counted, judged at its Sunday, and said."""

from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd
import pytest
from ledgers import ROOT, ledger, new, old, parameters, spent
from saying import said

from sanshi_report import tables
from sanshi_report.blocks import plain
from sanshi_report.errors import UsageError
from sanshi_report.ledger import Ledger, load
from sanshi_report.metrics import weekly
from sanshi_report.report import Report
from sanshi_report.style import Language
from sanshi_report.workspace import Workspace

JIA, YI = "示例领导甲", "示例领导乙"


def problem(
    number: int, raised_on: str, due_on: str, closed_on: str | None = None
) -> dict[str, Any]:
    return {
        "problem_id": f"W{number}", "project_id": "X1", "raised_on": raised_on, "due_on": due_on,
        "closed_on": closed_on, "category": "用地报批", "tier": "现场", "owner": "示例乙局",
        "description": f"第{number}件",
    }  # fmt: skip


def node(number: int, due_on: str, done_on: str | None = None) -> dict[str, Any]:
    days = {"due_on": due_on, "done_on": done_on}
    return {"node_id": f"N{number}", "project_id": "H1", "node": f"第{number}层", **days}


@cache
def june() -> Ledger:
    """The week judged is 10–16 June."""
    meetings = [
        ("2024-06-11", "专班", "H1"),
        ("2024-06-12", "项目", "H1"),
        ("2024-06-17", "项目", "X1"),
    ]
    return ledger(
        projects=[
            new("X1", "2024-03-15", lead_official=JIA),
            old("H1", "12", lead_official=YI),
            new("X2", "2024-06-14", started_on="2024-06-14", lead_official=JIA),
            new("X3", "2024-09-01", task_force=None),
        ],
        progress=[*spent("H1", "0.5", "0.5", "0.5", "0.5", "0.5", "4"), *spent("X1", *[None] * 5, "1")],
        problems=[
            problem(1, "2024-05-01", "2024-06-01"),  # overdue by 15 days
            problem(2, "2024-06-10", "2024-06-14"),  # raised this week, and overdue
            problem(3, "2024-05-01", "2024-06-12", "2024-06-16"),  # solved on the Sunday
            problem(4, "2024-06-11", "2024-06-30", "2024-06-13"),  # raised and solved
            problem(5, "2024-05-01", "2024-06-01", "2024-06-09"),  # solved the Sunday before
            problem(6, "2024-05-01", "2024-06-01", "2024-06-17"),  # not solved yet
            problem(7, "2024-05-01", "2024-07-01"),
            problem(8, "2024-06-17", "2024-07-01"),  # not raised yet
        ],
        nodes=[node(1, "2024-06-16"), node(2, "2024-06-23"), node(3, "2024-06-24")],
        meetings=[{"held_on": d, "level": level, "project_id": p} for d, level, p in meetings],
    )  # fmt: skip


@cache
def sunday() -> Ledger:
    return weekly.judged(june(), "2024-W24")


@cache
def week() -> tuple[pd.DataFrame, ...]:
    rules = parameters()
    projects, items = weekly.projects(sunday(), rules), weekly.items(sunday(), rules)
    meetings = weekly.meetings(sunday(), rules)
    names = weekly.officials(sunday())
    return projects, items, meetings, weekly.summary(projects, items, meetings, names)


def digest(facts: Ledger, week: str = "2024-W24") -> Report:
    return Report(facts, parameters(str(facts.period)), "zh", "weekly_digest").in_week(week)


def sections(official: str | None = None) -> list[Any]:
    """What stands under each official: words, a table of projects, one of things if there are any."""
    shown = said(digest(june()), "official", name="weekly_digest", official=official, tables=tables)
    return list(shown)


def test_the_week_is_the_one_asked_for_or_the_periods_last() -> None:
    assert str(sunday().period) == "2024-W24"
    assert str(weekly.judged(june()).period) == "2024-W26"
    with pytest.raises(UsageError, match="2024-W22, 2024-W23, 2024-W24, 2024-W25, 2024-W26"):
        weekly.judged(june(), "2024-W27")
    with pytest.raises(UsageError, match="YYYY-Wnn"):
        weekly.judged(june(), "24")


def test_officials_stand_in_the_registers_order_and_nobody_last() -> None:
    assert weekly.officials(june()) == [JIA, YI, weekly.NOBODY]
    assert weekly.officials(june(), YI) == [YI]
    with pytest.raises(UsageError, match="示例领导甲、示例领导乙"):
        weekly.officials(june(), "示例领导丁")
    with pytest.raises(UsageError, match=JIA):
        weekly.officials(june(), "")


def test_every_thing_stands_once_in_the_group_that_matters_most() -> None:
    items = week()[1]
    assert items.groupby("group", sort=False)["key"].agg(list).to_dict() == {
        "new": ["problem:W2"],
        "closed": ["problem:W3", "problem:W4"],
        "overdue": ["start:X1", "problem:W1", "problem:W6", "node:N1"],
        "coming": ["node:N2"],
        "open": ["problem:W7"],
    }
    days = items.set_index("key")["days_overdue"].dropna().to_dict()
    assert days == {
        "problem:W2": 2, "start:X1": 93, "problem:W1": 15, "problem:W6": 15, "node:N1": 0,
    }  # fmt: skip


def test_projects_stand_with_the_money_of_the_last_whole_month() -> None:
    projects = week()[0].set_index("project_id")
    # 2.5 of 12 by May is 20.83 %, against a pace of 41.67 %.
    assert projects.loc["H1", "invested_ytd"] == 25 * 10**9
    assert round(projects.loc["H1", "gap_points"], 2) == Decimal("-20.83")
    assert projects["light"].to_dict() == {
        "X1": "yellow", "H1": "red", "X2": "green", "X3": "not_rated",
    }  # fmt: skip
    assert projects["month"].unique().tolist() == ["2024-05"]
    assert projects.loc["X1", "invested_ytd"] == 0


def test_meetings_of_the_week_and_of_the_next() -> None:
    frame = week()[2].set_index(["project_id", "level"])[["held", "missed", "owed_next"]]
    # Saturday 15 June ends a half-month; the next ends on the 30th, after next week.
    assert frame.T.to_dict("list") == {
        ("H1", "专班"): [1, 0, 0],
        ("H1", "项目"): [1, 0, 1],
        ("X1", "专班"): [0, 1, 0],
        ("X1", "项目"): [0, 1, 1],
        ("X2", "专班"): [0, 1, 0],
        ("X2", "项目"): [0, 1, 1],
    }


def test_an_officials_week_in_numbers() -> None:
    summary = week()[3].set_index("lead_official")
    assert summary.loc[JIA].to_dict() == {
        "projects": 2, "green": 1, "yellow": 1, "red": 0, "raised": 2, "closed": 2,
        "open_problems": 4, "late_problems": 3, "stalled": 0, "overdue": 4, "coming": 0, "held": 0, "missed": 4,
        "owed_next": 2,
    }  # fmt: skip
    assert summary.loc[YI, ["overdue", "coming", "held", "missed"]].tolist() == [1, 1, 2, 0]
    assert summary.loc[weekly.NOBODY, "projects"] == 1
    assert summary["projects"].sum() == 4


def test_before_the_years_first_month_is_over_no_money_is_told() -> None:
    january = ledger("2024-01", projects=[old("H1", "12"), new("X1", "2024-01-02")])
    first = digest(january, "2024-W01")
    projects = first.metrics.weekly.projects()
    assert projects["light"].tolist() == ["not_rated", "yellow"]
    assert projects["invested_ytd"].isna().all()
    text = str(first.say("opening"))
    assert "2024年1月1日至1月7日（周一至周日）" in text
    assert "本年度尚无已结束的月份" in text


def test_a_section_names_what_needs_attention() -> None:
    first, _, _, second, _, _, third, _ = sections()
    assert str(first).startswith("## 示例领导甲\n\n牵头项目2个：")
    assert "本周新提出问题2个。本周解决问题2个。尚未解决的问题4个，其中逾期3个。" in str(first)
    assert "示例X1（[▲ 预警]{.light .light-yellow}，4项逾期，最长93天）" in str(first)
    assert "1项逾期，最长0天" in str(second)
    assert str(third).startswith("## 未明确牵头领导的项目")
    assert "请重点关注" not in str(third)


def test_a_digest_for_one_official_has_only_his_section_and_no_table_of_all() -> None:
    first, standing, _ = sections(official=YI)
    assert str(first).startswith("## 示例领导乙\n\n牵头项目1个：")
    assert len(standing.frame) == 1
    assert tables.week_summary(week()[3].head(1), parameters(), "zh") is None


def test_the_overview_adds_up_all_officials_and_names_those_with_most_overdue() -> None:
    report = digest(june())
    frames = [getattr(report.metrics.weekly, n)() for n in ("projects", "items", "meetings")]
    summary = report.metrics.weekly.summary(*frames, report.metrics.weekly.officials())
    items = report.metrics.weekly.items()
    text = str(report.say("overview", summary=summary, items=items))
    assert text.startswith("## 总体情况\n\n2位牵头领导负责的4个项目中，正常1个、预警1个、滞后1个。")
    assert "逾期事项共5项，下周到期1项；" in text
    assert text.endswith("逾期事项最多的责任主体：示例乙局（3项）、示例甲局（2项）。")


def test_one_official_in_all_needs_no_overview() -> None:
    report = digest(ledger(projects=[old("H1", "12", lead_official=YI)]))
    frames = [getattr(report.metrics.weekly, n)() for n in ("projects", "items", "meetings")]
    summary = report.metrics.weekly.summary(*frames, report.metrics.weekly.officials())
    items = report.metrics.weekly.items()
    assert str(report.say("overview", summary=summary, items=items)) == ""


def test_frames_are_called_after_their_week() -> None:
    one, other = digest(june(), "2024-W23"), digest(june(), "2024-W24")
    assert one.metrics.weekly.projects().attrs["frame"] == "weekly.projects@2024-W23"
    assert other.metrics.weekly.projects().attrs["frame"] == "weekly.projects@2024-W24"
    (told,) = other.say("opening").blocks
    assert {run.at.frame for run in told.text if run.at} == {"parameters", "period@2024-W24"}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_tables_show_each_officials_own(language: Language) -> None:
    projects, items, meetings, summary = week()
    standing = tables.week_projects(summary, projects, meetings, parameters(), language)
    listed = tables.week_items(summary, items, parameters(), language)
    assert [len(table.frame) for table in standing] == [2, 1, 1]
    assert [table and len(table.frame) for table in listed] == [7, 2, None]
    grid = standing[0].block.grid
    cells = [[plain(cell.text) for cell in row.cells] for row in grid.body]
    if language == "zh":
        assert cells[0][:2] == ["示例X1", "计划3月15日"]
        assert cells[0][-1] == "■ 专班缺1次、■ 项目缺1次"
        assert cells[1][1] == "6月14日开工"


def test_the_samples_weeks_add_up_over_the_officials() -> None:
    workspace = Workspace.find(ROOT)
    rules = workspace.parameters("2024-06")
    now = weekly.judged(load(workspace, "2024-06"), "2024-W23")
    projects, items = weekly.projects(now, rules), weekly.items(now, rules)
    meetings = weekly.meetings(now, rules)
    summary = weekly.summary(projects, items, meetings, weekly.officials(now))
    assert summary["projects"].sum() == 30
    assert summary[["held", "missed"]].sum().tolist() == meetings[["held", "missed"]].sum().tolist()
    assert summary["overdue"].sum() == items["days_overdue"].notna().sum()
    assert items["key"].is_unique
    late = now.nodes[now.nodes["due_on"].le("2024-06-09") & now.nodes["done_on"].isna()]
    late = late[late["node"].ne("实质性开工")]  # a start is listed once, as such
    assert set("node:" + late["node_id"]) == set(
        items.query("kind == 'node' and group == 'overdue'")["key"]
    )
