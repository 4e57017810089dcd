"""One project's page: its ledger alone, its days and amounts, and what is said, tabulated and drawn of it."""

import json
import re
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, planned, spent
from saying import said

from sanshi_report import figures, metrics, tables
from sanshi_report.blocks import plain
from sanshi_report.errors import UsageError
from sanshi_report.exact import fen_of
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import profile
from sanshi_report.report import Report
from sanshi_report.style import Language
from sanshi_report.tables import Table

PERMITS = [
    {"permit": "土地", "status": "已办结", "applied_on": "2024-03-04", "due_on": "2024-03-20",
     "granted_on": "2024-03-29"},
    {"permit": "立项", "status": "已办结", "applied_on": "2024-01-08", "due_on": "2024-02-01",
     "granted_on": "2024-01-15"},
    {"permit": "规划", "status": "办理中", "applied_on": "2024-06-03", "due_on": "2024-06-20"},
    {"permit": "环评", "status": "办理中", "applied_on": "2024-06-03", "due_on": "2024-07-20"},
    {"permit": "安评", "status": "未启动", "due_on": "2024-08-20"},
    {"permit": "用能", "status": "不需要"},
]  # fmt: skip
NODES = [
    {"node_id": "N1", "node": "桩基", "due_on": "2024-03-31", "done_on": "2024-03-30"},
    {"node_id": "N2", "node": "基础", "due_on": "2024-04-30", "done_on": "2024-05-10"},
    {"node_id": "N3", "node": "封顶", "due_on": "2024-06-20"},
    {"node_id": "N4", "node": "竣工", "due_on": "2024-07-31"},
]


def rows_of(project: str, rows: list[dict[str, Any]], **more: Any) -> list[dict[str, Any]]:
    return [{"project_id": project, **more, **row} for row in rows]


@cache
def whole() -> Ledger:
    """X1 has its land and no start; H1 invested 6.6 of 12 and 10 before the year, of 40."""
    return ledger(
        projects=[
            new("X1", "2024-05-15", total_investment="20"),
            old("H1", "12", total_investment="40", invested_before="10", planned_completion="2025-12-31"),
        ],
        plan=planned("H1", *["1"] * 12),
        progress=[
            *spent("X1", "0"),
            *({**row, "physical_pct": 40.5, "evidence": "核查"} for row in spent("H1", *["1.1"] * 6)),
        ],
        permits=[
            *rows_of("X1", PERMITS, department="自然资源部门"),
            {"project_id": "H1", "permit": "施工许可", "department": "住房城乡建设部门", "status": "已办结",
             "granted_on": "2022-05-10"},
        ],
        nodes=[*rows_of("H1", NODES), {"node_id": "N9", "project_id": "X1", "node": "开工", "due_on": "2024-05-15"}],
        inputs=rows_of("H1", [
            {"month": "2024-05", "input": "人", "unit": "人", "needed": "100", "secured": "50"},
            {"month": "2024-06", "input": "人", "unit": "人", "needed": "100", "secured": "80"},
        ]),
        funding=rows_of("H1", [{"source": "银行贷款", "planned": "30", "in_place": "10.5"}]),
        problems=rows_of("H1", [
            {"problem_id": "W1", "raised_on": "2024-03-01", "category": "用地报批", "tier": "多部门", "owner": "甲局",
             "due_on": "2024-03-20", "closed_on": "2024-03-25", "description": "组卷"},
            {"problem_id": "W2", "raised_on": "2024-05-01", "category": "劳动力", "tier": "现场", "owner": "甲局",
             "due_on": "2024-06-20", "description": "用工"},
        ]),
        actions=rows_of("H1", [{"action_id": "J1", "meeting_on": "2024-06-05", "content": "示例H1：赶工",
                                "owner": "甲局", "due_on": "2024-07-05"}]),
        meetings=rows_of("H1", [{"held_on": "2024-01-10", "level": "专班"}]),
    )  # fmt: skip


@cache
def own(project: str) -> Ledger:
    return profile.only(whole(), project)


def told(block: str, project: str, facts: Ledger | None = None, language: Language = "zh") -> str:
    """What the notebook says of a project in a block, without the marks of Markdown."""
    piece = said(facts or whole(), block, language, name="project_profile", project=project)
    return re.sub(r"\\(\W)", r"\1", str(piece))


def body(table: Table) -> list[list[str]]:
    rows = table.block.grid.body
    return [[plain(cell.text) for cell in row.cells] for row in rows if row.role == "body"]


def test_a_ledger_is_narrowed_to_one_project_in_every_table() -> None:
    facts = own("H1")
    assert facts.projects["project_id"].tolist() == ["H1"]
    assert len(facts.permits) == 1
    assert len(facts.history["nodes"]) == 4
    assert profile.only(whole()).projects["project_id"].tolist() == ["X1"]


def test_an_unknown_project_is_refused_with_those_like_it() -> None:
    with pytest.raises(UsageError) as caught:
        profile.only(whole(), "H2")
    assert str(caught.value).endswith("Did you mean one of: H1?")


def test_the_life_of_a_project_says_what_the_rest_needs() -> None:
    row = profile.life(own("H1")).iloc[0]
    assert row["invested_to_date"] == fen_of("16.6")
    assert row["to_invest"] == fen_of("23.4")
    assert row["months_to_completion"] == 18
    assert row["to_invest_per_month"] == fen_of("1.3")
    assert row["invested_per_month"] == fen_of("1.1")
    assert profile.life(own("X1")).iloc[0]["to_invest_per_month"] == Decimal(
        "6666666666.666666666667"
    )  # 20 ÷ 30


def test_a_completion_in_the_past_needs_no_speed() -> None:
    facts = ledger(projects=[old("H1", "12", planned_completion="2024-05-31")])
    row = profile.life(facts).iloc[0]
    assert row["months_to_completion"] == 0
    assert pd.isna(row["to_invest_per_month"])


def test_the_path_runs_from_the_permit_to_the_planned_completion() -> None:
    path = profile.trajectory(own("H1"))
    told = [
        (row.stage, f"{row.on:%Y-%m-%d}", row.amount_to_date / 10**10) for row in path.itertuples()
    ]
    assert told[:3] == [
        ("begun", "2022-05-10", 0),
        ("before", "2023-12-31", 10),
        ("month", "2024-01-31", 11.1),
    ]
    assert told[-3:] == [
        ("month", "2024-06-30", 16.6),
        ("year", "2024-12-31", 22),
        ("whole", "2025-12-31", 40),
    ]
    assert profile.trajectory(own("X1"))["stage"].tolist() == ["before", *["month"] * 6, "whole"]


def test_months_have_a_rate_only_where_there_is_a_plan() -> None:
    year = profile.months(own("H1"), parameters())
    assert year["completion_pct"].tolist()[5] == 55
    assert year["completion_pct"].isna().tolist() == [False] * 6 + [True] * 6
    assert year["physical_pct"].iloc[0] == 40.5
    year = profile.months(own("X1"), parameters())
    assert year["planned"].isna().all()
    assert year["completion_pct"].isna().all()
    table = tables.profile.months(year, parameters(), "zh")
    assert table.columns.split()[:3] == ["month", "invested", "invested_cum"]


def test_permits_stand_in_the_order_of_the_list_each_with_its_status() -> None:
    steps = profile.permit_steps(own("X1"), parameters())
    assert dict(zip(steps["permit"], steps["status"], strict=True)) == {
        "立项": "done", "土地": "late_done", "规划": "overdue", "环评": "open", "用能": "not_needed",
        "安评": "to_come",
    }  # fmt: skip
    assert steps["permit"].tolist()[:2] == ["立项", "土地"]
    assert steps["working_days"].tolist()[:2] == [5, 19]


def test_nodes_problems_and_actions_say_how_late_they_are() -> None:
    nodes = profile.nodes(own("H1"))
    assert nodes["status"].tolist() == ["done", "late_done", "overdue", "to_come"]
    assert nodes["days_late"].fillna(-1).tolist() == [-1, 10, 10, -1]
    problems = profile.problems(own("H1"))
    assert problems["problem_id"].tolist() == ["W2", "W1"]
    assert problems["status"].tolist() == ["overdue", "late_done"]
    assert problems["days_late"].tolist() == [10, 5]
    assert profile.actions(own("H1"))["status"].tolist() == ["to_come"]


def test_inputs_remember_their_worst_month() -> None:
    row = profile.inputs(own("H1"), parameters()).iloc[0]
    assert (row["month"], row["secured_pct"]) == ("2024-06", 80)
    assert (row["worst_month"], row["worst_pct"]) == ("2024-05", 50)


def test_what_is_said_of_a_continuing_project() -> None:
    text = told("opening", "H1")
    assert "今年以来完成投资6.60亿元，占年度计划的55.00%，高于序时进度5.00个百分点" in text
    text = told("money", "H1")
    assert "6月完成投资1.10亿元，当期计划1.00亿元；今年以来完成6.60亿元。" in text
    assert "进度绩效指数（SPI）为1.10，按时间计（SPI(t)）为1.10。" in text
    assert "占总投资40.00亿元的41.50%，形象进度40.5%。" in text
    assert "还有18个月，今后月均需完成1.30亿元，今年以来月均完成1.10亿元。" in text


def test_what_is_said_of_a_new_build_that_has_not_started() -> None:
    assert "计划5月15日开工，至今未开工，计划月末后已过1个月，预警灯为[▲ 预警]" in told(
        "opening", "X1"
    )
    text = told("permits", "X1")
    assert "应办手续5项，已办结2项。超过承诺时限未办结的1项：规划。" in text
    assert "3月29日拿地，至今93天尚未开工。" in text
    text = told("permits", "X1", language="en")
    assert "2 of the 5 permits needed have been granted. 1 is past the day promised" in text


def test_land_granted_after_the_start_is_said_to_be_late() -> None:
    facts = ledger(
        projects=[new("X1", "2024-05-15", started_on="2024-03-26")],
        permits=rows_of("X1", PERMITS[:1], department="自然资源部门"),
    )
    assert "3月29日拿地，晚于实质性开工3天。" in told("permits", "X1", facts)
    text = told("permits", "X1", facts, "en")
    assert "The land was granted on 29 March, 3 days after the start." in text


def test_a_month_without_a_plan_is_not_held_against_none() -> None:
    assert "6月完成投资0.00亿元；今年以来完成0.00亿元。" in told("money", "X1")


def test_a_quarter_is_said_with_its_own_name_and_the_plans_of_its_months() -> None:
    facts = ledger(
        "2024-Q2",
        projects=[old("H1", "12")],
        plan=planned("H1", *["1"] * 12),
        progress=spent("H1", *["1.1"] * 6),
    )
    text = told("money", "H1", facts)
    assert "2024年第2季度完成投资3.30亿元，当期计划3.00亿元；今年以来完成6.60亿元。" in text


def test_what_is_open_and_what_is_done_is_counted() -> None:
    assert told("nodes", "H1").endswith(
        "全年节点4个，到期3个，已完成2个（其中逾期完成1个），逾期未完成1个。下一节点为竣工，7月31日到期。"
    )
    assert told("duties", "H1").endswith(
        "提出问题2个，已销号1个，尚未解决1个，其中逾期1个。交办事项1项，已办结0项，正在办理1项，其中逾期0项。"
    )
    assert told("inputs", "H1").endswith(
        "尚未足额落实的要素：人（落实80.00%）。资金计划30.00亿元，已到位10.50亿元。"
    )


@pytest.mark.parametrize("started", ["2024-05-15", "2024-05-10", "2024-05-20"])
def test_a_start_is_early_late_or_as_planned(started: str) -> None:
    facts = ledger(projects=[new("X1", "2024-05-15", started_on=started)])
    words = {"2024-05-15": "已于计划的5月15日", "2024-05-10": "早于计划的5月15日",
             "2024-05-20": "晚于计划的5月15日"}  # fmt: skip
    assert words[started] in told("opening", "X1", facts)


def test_the_score_is_shown_with_what_it_is_made_of() -> None:
    rules = parameters()
    scores = profile.score(own("H1"), metrics.scoring.scores(whole(), rules))
    points = profile.points(own("H1"), metrics.scoring.points(whole(), rules))
    assert points["points"].sum() == scores["score"].iloc[0]
    assert told("score", "H1").endswith("分，在1个参加评分的同类项目中列第1名。")
    assert body(tables.profile.points(points, rules, "zh"))[0] == [
        "投资完成（对照序时）", "110.00%", "60.00", "+66.00",
    ]  # fmt: skip


def test_frames_of_one_project_have_names_of_their_own() -> None:
    report = Report(whole(), parameters(), "zh", "project_profile")
    about = report.only("H1")
    assert about.metrics.incidents.so_far().attrs["frame"] == "incidents.so_far@H1"
    assert report.metrics.incidents.so_far().attrs["frame"] == "incidents.so_far"
    assert report.frames.keys() == {"incidents.so_far"}


def test_tables_show_status_with_its_symbol() -> None:
    facts, rules = own("H1"), parameters()
    nodes = tables.profile.nodes(profile.nodes(facts), rules, "zh")
    assert body(nodes)[1:3] == [
        ["基础", "4月30日", "5月10日", "10", "▲ 逾期完成", "—"],
        ["封顶", "6月20日", "—", "10", "■ 逾期未完成", "—"],
    ]
    problems = tables.profile.problems(profile.problems(facts), rules, "zh")
    assert body(problems)[0][-1] == "■ 逾期未完成（10天）"
    actions = tables.profile.actions(profile.actions(facts), rules, "zh")
    assert body(actions)[0][:2] == ["赶工", "甲局"]


def test_a_moved_plan_stands_beside_its_original() -> None:
    columns = ["table", "item", "month", "figure", "original", "approved", "current", "reason", "verdict"]  # fmt: skip
    moved = pd.DataFrame(
        [
            ("nodes", "封顶", None, "due_on", pd.Timestamp("2024-05-23"), None,
             pd.Timestamp("2024-06-20"), "设备", "spared"),
            ("plan", None, "2024-07", "planned_investment", fen_of("1.2"), fen_of("1"), fen_of("1"), None, "to_come"),
        ],
        columns=columns,
    )  # fmt: skip
    table = tables.profile.plans(moved.astype({"item": "str", "month": "str"}), parameters(), "zh")
    assert body(table) == [
        ["封顶 计划完成", "5月23日", "—", "6月20日", "设备", "按原计划已逾期"],
        ["2024-07 计划完成投资", "1.20", "1.00", "1.00", "—", "未到期"],
    ]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_figures_draw_both_kinds(language: Language) -> None:
    for project, panels in (("H1", 2), ("X1", 1)):
        facts, rules = own(project), parameters()
        year, path = profile.months(facts, rules), profile.trajectory(facts)
        figure = figures.profile.money(year, path, rules, language)
        spec = json.loads(figure.chart.to_json())
        assert len(spec["vconcat"]) == panels
    figure = said(whole(), "fig_time", language, name="project_profile", project="X1")
    if language == "zh":
        assert (
            plain(figure.caption) == "手续已办结2项，应办5项；全年节点1个，已完成0个，逾期未完成1个"
        )
        assert "规划 逾期未完成" in plain(figure.alt)


def test_meetings_owed_and_held_are_counted_by_level() -> None:
    figure = said(whole(), "fig_meetings", name="project_profile", project="H1")
    assert figure.data.to_numpy().tolist() == [["专班", 1, 12], ["项目", 0, 26]]
    assert "专班开1次/应开12次" in plain(figure.caption)
    assert "专班1月16日至1月31日" in plain(figure.alt)


def test_a_page_about_nothing_says_so() -> None:
    facts = ledger(projects=[new("X1", "2024-09-15")])
    rules = parameters()
    assert told("nodes", "X1", facts).endswith("没有编报节点。")
    assert figures.profile.funding(metrics.inputs.funding(facts, rules), rules, "zh") is None
    steps, land = profile.permit_steps(facts, rules), metrics.durations.land_to_start(facts, rules)
    assert figures.profile.time(steps, land, profile.nodes(facts), rules, "zh") is None
    assert body(tables.profile.problems(profile.problems(facts), rules, "zh"))[0][0] == "无"


def test_days_that_a_project_does_not_have_are_days_all_the_same():
    alone = profile.standing(profile.only(whole(), "H1"), parameters())
    assert alone["kind"].tolist() == ["continuing"]
    assert alone["planned_start"].isna().all()
    assert alone.dtypes[["planned_start", "started_on"]].tolist() == ["datetime64[us]"] * 2
