import re
from decimal import Decimal
from functools import cache
from typing import Any

import pytest
from ledgers import ledger, new, old, parameters, planned, spent, told
from saying import said

from sanshi_report import figures, metrics, tables
from sanshi_report.blocks import plain
from sanshi_report.figures import Figure
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import annual
from sanshi_report.style import Language
from sanshi_report.tables import Table
from sanshi_report.workspace import Pace

RULES = parameters("2024-12")
PROJECTS = [
    old("H1", "12", name="示例甲", total_investment="40", invested_before="10",
        planned_completion="2024-11-30", completed_on="2024-11-20",
        planned_commissioning="2024-12-31"),
    old("H2", "24", name="示例乙", sector="民生", responsible_unit="示例乙局",
        total_investment="60", planned_completion="2028-06-30"),
    new("X1", "2024-03-15", name="示例丙", started_on="2024-06-13", planned_completion="2025-08-31"),
    new("X2", "2024-09-30", name="示例丁", started_on="2024-06-28"),
]  # fmt: skip
SPENT = [*spent("H1", *["1.1"] * 12), *spent("H2", *["1.5"] * 12), *spent("X1", *["0"] * 6, "0.5")]
PLANS = [*planned("H1", *["1"] * 12), *planned("H2", *["2"] * 12)]


def problem(number: str, category: str, raised: str, due: str, closed: str | None) -> Any:
    return {
        "problem_id": number, "project_id": "H2", "raised_on": raised, "category": category,
        "tier": "多部门", "owner": "自然资源部门", "due_on": due, "closed_on": closed,
        "description": "三户未签",
    }  # fmt: skip


PROBLEMS = [
    problem("W1", "征地清表", "2024-03-01", "2024-03-20", "2024-03-11"),
    problem("W2", "征地清表", "2024-03-01", "2024-03-20", "2024-04-01"),
    problem("W3", "征地清表", "2024-11-01", "2024-11-20", None),
    problem("W4", "招标采购", "2024-05-01", "2024-05-20", "2024-05-05"),
]
PERMITS = [
    {"project_id": "X1", "permit": permit, "department": department, "status": "已办结",
     "applied_on": "2024-01-02", "due_on": due, "granted_on": granted}
    for permit, department, due, granted in (
        ("土地", "自然资源部门", "2024-02-01", "2024-05-01"),
        ("环评", "生态环境部门", "2024-02-01", "2024-02-11"),
        ("施工许可", "住房城乡建设部门", "2024-02-10", "2024-06-10"),
    )
]  # fmt: skip
NODES = [
    {"node_id": "N1", "project_id": "H2", "node": "封顶", "due_on": "2024-12-10"},
    {"node_id": "N2", "project_id": "H2", "node": "装修", "due_on": "2025-03-31"},
    {"node_id": "N3", "project_id": "H2", "node": "验收", "due_on": "2025-04-01"},
]
PRACTICE = {
    "practice_id": "P1", "project_id": "X1", "recorded_on": "2024-02-23", "title": "并联办理",
    "content": "四项同步受理",
}  # fmt: skip
INCIDENT = {
    "incident_id": "A1", "project_id": "H2", "occurred_on": "2024-06-10", "incident": "安全",
    "severity": "一般", "description": "轻伤",
}  # fmt: skip


@cache
def year() -> Ledger:
    return ledger(
        "2024-12", projects=PROJECTS, progress=SPENT, plan=PLANS, problems=PROBLEMS,
        permits=PERMITS, nodes=NODES, practices=[PRACTICE], incidents=[INCIDENT],
    )  # fmt: skip


def rows(table: Table, role: str = "body") -> list[list[str]]:
    return [[plain(c.text) for c in row.cells] for row in table.block.grid.body if row.role == role]


def words(figure: Figure) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", figure._repr_mimebundle_()[0]["image/svg+xml"])


def test_targets_are_held_against_what_was_reached() -> None:
    goals = annual.targets(year(), RULES)
    found = goals[["goal", "scope_value", "target", "actual", "gap"]].to_numpy().tolist()
    assert found == [
        ["start", "", 9, 2, -7],
        ["start", "", 14, 2, -12],
        ["start", "", 17, 2, -15],
        ["investment", "", 36, Decimal("31.2"), Decimal("-4.8")],
        ["investment", "工业", 12, Decimal("13.2"), Decimal("1.2")],
        ["investment", "民生", 24, 18, -6],
        ["completion", "", 1, 1, 0],
        ["commissioning", "", 1, 0, -1],
    ]
    assert goals["is_met"].tolist() == [False, False, False, False, True, False, True, False]
    assert goals["rate_pct"].tolist()[4] == 110


def test_a_milestone_to_come_is_neither_met_nor_missed() -> None:
    goals = annual.targets(ledger("2024-06", projects=PROJECTS), parameters("2024-06"))
    assert goals["is_met"].isna().tolist()[:3] == [False, True, True]


def test_where_nothing_was_due_nothing_is_met() -> None:
    # Its completion and production are planned for 2026.
    goals = annual.targets(ledger("2024-12", projects=[new("X1", "2024-03-01")]), RULES)
    ends = goals[goals["goal"].isin(["completion", "commissioning"])]
    assert ends["target"].tolist() == [0, 0]
    assert ends["is_met"].isna().all()
    assert [row[-1] for row in rows(tables.annual.targets(ends, RULES, "zh"))] == ["— 无到期"] * 2


def test_a_score_is_basic_bonus_and_deduction() -> None:
    found = annual.standings(year(), RULES)
    assert list(found["kind"]) == ["continuing", "continuing", "new_build", "new_build"]
    for row in found.to_dict("records"):
        assert row["basic"] + row["bonus"] + row["deducted"] == row["score"]
    by_name = found.set_index("name")
    assert by_name.loc["示例甲", "bonus"] == 5
    # Two whole months late, ten points each.
    assert by_name.loc["示例丙", "deducted"] == -20
    assert by_name.loc["示例丁", "bonus"] == 5


def test_every_point_is_explained_in_the_order_of_the_places() -> None:
    explained = annual.explained(year(), RULES)
    assert list(explained["name"].drop_duplicates()) == ["示例甲", "示例乙", "示例丁", "示例丙"]
    sums = explained.groupby("name")["points"].sum()
    scores = explained.drop_duplicates("name").set_index("name")["score"]
    assert sums.to_dict() == scores.to_dict()


def test_problems_by_category_say_how_long_they_took() -> None:
    found = annual.by_category(year(), RULES).set_index("category")
    assert list(found.index) == ["征地清表", "招标采购"]
    columns = ["raised", "closed", "open", "closed_late", "projects", "longest_days"]
    assert found.loc["征地清表", columns].tolist() == [3, 2, 1, 1, 1, 31]
    # 10 and 31 days.
    assert found.loc["征地清表", "median_days"] == Decimal("20.5")


def test_a_late_start_names_the_permit_that_held_it_longest() -> None:
    row = annual.late_starts(year(), RULES).iloc[0]
    assert (row["name"], row["days_late"]) == ("示例丙", 90)
    # The construction permit was later still, but it waits for the others.
    assert (row["permit"], row["permit_days_late"]) == ("土地", 90)


def topping_out(due: str, done: str | None) -> Any:
    return {"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": due, "done_on": done}


@cache
def moved_in_june() -> Ledger:
    return told(
        "2024-06",
        ("2024-05", "2024-06-01", {"projects": PROJECTS[:1], "nodes": [topping_out("2024-05-31", None)]}),
        ("2024-06", "2024-07-01", {"nodes": [topping_out("2024-06-20", "2024-06-18")]}),
    )  # fmt: skip


def test_moved_plans_are_counted_by_how_they_came_out() -> None:
    found = annual.plans_moved(moved_in_june()).set_index("verdict")["items"]
    assert found.to_dict() == {
        "in_time": 0, "by_moving": 1, "spared": 0, "late": 0, "missed": 0, "to_come": 0,
    }  # fmt: skip


def test_what_goes_over_into_the_next_year() -> None:
    row = annual.carried(year(), RULES).iloc[0]
    assert row.drop("to_invest").to_dict() == {
        "year": 2025, "projects": 3, "problems": 1, "actions": 0, "nodes": 1, "nodes_to_come": 1, "completions": 1,
    }  # fmt: skip
    assert row["to_invest"] == 95 * 10**9
    assert list(annual.to_complete(year())["name"]) == ["示例丙"]


def test_the_whole_life_adds_up() -> None:
    row = annual.life(year()).iloc[0]
    assert row["total_investment"] == 120 * 10**10
    assert row["invested_to_date"] == 417 * 10**9
    assert row["invested_pct"] == Decimal("34.75")


@pytest.mark.parametrize(
    "ask",
    [annual.targets, annual.standings, annual.explained, annual.by_category, annual.late_starts, annual.carried],
)  # fmt: skip
def test_an_empty_year_has_the_same_columns(ask: Any) -> None:
    assert list(ask(ledger("2024-12"), RULES).columns) == list(ask(year(), RULES).columns)


def review(block: str, facts: Ledger | None = None, language: Language = "zh") -> str:
    return str(said(facts or year(), block, language, name="annual_review"))


def test_the_targets_in_words() -> None:
    text = review("targets")
    assert "全年列入考核的目标8项，完成2项，未完成6项。" in text
    assert "12月31日前应开工17个，实际开工2个，差15个，未完成。" in text
    assert "续建项目完成投资31.20亿元，占年度计划36.00亿元的86.67%，还差4.80亿元。" in text
    assert "工业完成13.20亿元，占年度计划12.00亿元的110.00%，超出1.20亿元。" in text
    assert "计划投产1个，实际投产0个。全年发生安全、质量和廉政事件1起，尚未处理完毕1起。" in text
    assert "Of 8 targets, 2 were met and 6 missed." in review("targets", language="en")


def test_a_milestone_to_come_is_said_to_be_so() -> None:
    text = review("targets", ledger("2024-06", projects=PROJECTS))
    assert "6月30日前应开工9个，实际开工2个，差7个，未完成；9月30日前应开工14个，尚未到期" in text
    assert "全年未发生安全、质量和廉政事件。" in text


def test_a_year_in_which_nothing_was_planned_has_no_rate_to_tell() -> None:
    text = review("targets", ledger("2024-12", projects=[new("X1", "2025-03-15")]))
    assert "投资目标" not in text
    assert "计划竣工0个，实际竣工0个" in text


def test_honours_and_criticism_state_what_the_points_are_for() -> None:
    text = review("honours")
    assert "示例丙（示例甲局），新建项目第2名，" in text
    assert "开工75.00、开工逾期−20.00、" in text
    assert "没有100分及以上的项目，0个拟表扬。" in review("honours", ledger("2024-12"))


def test_the_rule_is_told_with_its_points() -> None:
    text = review("ranking")
    assert "续建项目基本分为投资60分、节点20分、调度20分" in text
    assert "开工逾期每个月−10分" in text
    assert "按期竣工每个+5分" in text
    assert "续建项目2个参加评分，居前的是示例甲（示例甲局，" in text


def test_scores_are_ranked_within_the_sector_and_each_kind_alone() -> None:
    standings = annual.standings(year(), RULES)
    table = tables.annual.scores(standings, "continuing", RULES, "zh")
    assert rows(table, "group") == [["工业"], ["民生"]]
    assert [row[:4] for row in rows(table)] == [
        ["示例甲", "示例甲局", "1", "1"],
        ["示例乙", "示例乙局", "1", "2"],
    ]


def test_the_annex_works_every_point_out() -> None:
    table = tables.annual.points(annual.explained(year(), RULES), RULES, "zh")
    found = {row[0]: row[2:7] for row in rows(table)}
    assert found["示例甲"][0] == "110.00%×75＝82.50"
    assert found["示例甲"][3] == "按期竣工1个×5＝+5.00"
    assert found["示例丙"][4] == "开工逾期2个月×（−10）＝−20.00"


def test_lessons_come_from_the_figures() -> None:
    text = review("lessons")
    assert "全年提出问题4个，已解决3个，其中1个超过承诺期限才解决。" in text
    assert "解决用时（中位数）最长的是征地清表（20.5天）、招标采购（4天）" in text
    assert "晚于计划开工1个，最晚的是示例丙，晚90天；超承诺最久的手续是土地（1个项目）。" in text
    assert "Clearance (20.5 days)" in review("lessons", language="en")


def test_moved_plans_are_told_by_how_they_came_out() -> None:
    assert "按原计划也完成的0项，靠调整才算按期的1项，" in review("lessons", moved_in_june())


def test_what_nobody_closed_and_no_permit_held_up_goes_without_saying() -> None:
    facts = ledger("2024-12", projects=PROJECTS, problems=PROBLEMS[2:3])
    text = review("lessons", facts)
    assert "提出最多的是征地清表（1个）。" in text
    assert "最晚的是示例丙，晚90天。" in text
    assert review("lessons", ledger("2024-12")) == "### 教训"


def test_good_practice_is_told_with_its_project() -> None:
    assert "**并联办理**（示例丙）：四项同步受理。" in review("practices")
    general = ledger("2024-12", practices=[PRACTICE | {"project_id": None}])
    assert "**并联办理**：四项同步受理。" in review("practices", general)
    assert review("practices", ledger("2024-12")).endswith("\n\n无。")


def test_the_years_reach_to_the_last_completion() -> None:
    text = review("years")
    assert "累计完成投资41.70亿元，占34.75%。已竣工1个。" in text
    # 示例丁 was planned for 2026 and 示例丙 for 2025.
    assert "按计划，2025年竣工1个、2026年竣工1个、2028年竣工1个。" in text
    assert "最后竣工的是示例乙，计划2028年6月30日，届时已跨入下一个五年规划期。" in text
    shown = words(figures.annual.years(metrics.lifetime.by_year(year()), "zh"))
    assert "1个，总投资40.00，累计33.3%" in shown


def test_a_last_completion_within_the_five_years_is_not_said_to_be_beyond() -> None:
    facts = ledger("2024-12", projects=[old("H1", "12", planned_completion="2025-12-31")])
    assert "最后竣工的是示例H1，计划2025年12月31日。" in review("years", facts)


def test_the_outlooks_of_the_year_end_are_counted_by_their_side() -> None:
    assert "其中对年底投资的展望8次，" in review("outlooks")
    until_june = ledger("2024-06", projects=PROJECTS, progress=SPENT[:6], plan=PLANS[:12])
    assert "其中对年底投资的展望" not in review("outlooks", until_june)


def test_the_next_year_starts_from_what_is_left() -> None:
    text = review("next")
    assert "## 2025年工作起步" in text
    assert "3个未竣工项目转入2025年。" in text
    assert "未解决问题1个、未办结交办事项0项、逾期节点1个。一季度到期节点1个。" in text
    assert "2025年计划竣工1个，还需投资9.50亿元" in text


@cache
def drawn(language: Language) -> list[Figure]:
    names = ("continuing", "builds", "outlooks", "years")
    return [said(year(), f"fig_{name}", language, name="annual_review") for name in names]


def test_when_all_is_complete_no_projects_go_on() -> None:
    facts = ledger("2024-12", projects=PROJECTS[:1])
    assert "No projects go on into 2025." in review("next", facts, "en")


def test_every_project_has_a_small_chart_with_its_word() -> None:
    continuing, builds, outlooks, _ = drawn("zh")
    assert words(continuing) == ["示例甲", "110.0% ●", "示例乙", "75.0% ■"]
    assert words(builds) == ["示例丙", "▲ 6月13日开工，晚90天", "示例丁", "● 6月28日开工，早94天"]
    assert plain(outlooks.caption).startswith("各月对年底投资的展望：8次中")


def test_a_small_chart_draws_the_pace_of_the_plan_where_that_is_the_pace() -> None:
    facts = ledger(
        "2024-06", projects=[old("H1", "12")], plan=planned("H1", *["0.5"] * 6, *["1.5"] * 6)
    )
    rules = parameters(pace=Pace(basis="plan"))
    months = metrics.monthly.by_project(facts, rules)
    by_project = metrics.investment.by_project(facts, rules)
    spec = figures.annual.continuing(months, by_project, rules, "zh").chart.to_dict()
    paces = [row["pace"] for row in drawn_rows(spec) if "pace" in row]
    # 0.5 a month of 12 is 4.1667 %; half a year of it 25 %.
    assert (paces[1], paces[6], paces[12]) == (4.1667, 25.0, 100.0)


def drawn_rows(spec: Any) -> list[dict[str, Any]]:
    """Return the rows of the layer that draws the pace."""
    layers = spec["concat"][0]["layer"]
    (layer,) = [one for one in layers if one["encoding"].get("y", {}).get("field") == "pace"]
    data = layer["data"]
    return list(spec["datasets"][data["name"]] if "name" in data else data["values"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_annual_figures_say_themselves(language: Language) -> None:
    for figure in drawn(language):
        shown = figure.block
        assert plain(shown.alt).count(plain(shown.caption)) == 1
        assert "NaN" not in shown.svg
        figure.chart.to_dict()


def test_a_year_without_projects_is_reviewed_too() -> None:
    facts = ledger("2024-12")
    names = ("continuing", "builds", "outlooks", "years")
    empty = [
        *(said(facts, f"fig_{name}", name="annual_review") for name in names),
        tables.annual.targets(annual.targets(facts, RULES), RULES, "zh"),
        tables.annual.points(annual.explained(facts, RULES), RULES, "zh"),
        tables.annual.acceptance(metrics.acceptance.register(facts, RULES), RULES, "zh"),
        tables.annual.lives(metrics.lifetime.register(facts), RULES, "zh"),
    ]
    for piece in empty:
        shown = piece._repr_mimebundle_()[0]
        assert shown.get("text/html") or shown["image/svg+xml"]
    assert review("schedule", facts) == ""


def test_who_is_behind_in_time_is_named_by_months() -> None:
    # 示例乙 put in 18 of 24, three quarters of twelve months of an even plan.
    assert "折合时间落后最多的是示例乙（示例乙局，落后3.0个月，SPI(t)为0.75）。" in review(
        "schedule"
    )
