"""The leaders' page: what it judges, what it asks, and how it is set."""

from typing import Any

import pytest
from ledgers import ledger, lights, new, old, parameters, planned, spent

from sanshi_report import figures, metrics
from sanshi_report.blocks import plain
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import briefing
from sanshi_report.report import Report


def problem(number: str, project: str, tier: str = "市政府", **more: Any) -> dict[str, Any]:
    return {
        "problem_id": number, "project_id": project, "raised_on": "2024-06-01", "tier": tier,
        "category": "资金筹措", "owner": "财政金融部门", "due_on": "2024-06-20",
        "description": f"{number}未定",
    } | more  # fmt: skip


def facts(*invested: str, started: int = 9, **more: Any) -> Ledger:
    """Continuing projects with a plan of 10 each and that much invested, and nine builds due in May."""
    builds = [
        new(f"X{n}", "2024-05-20", started_on="2024-05-18" if n <= started else None)
        for n in range(1, 10)
    ]
    projects = [*builds, *(old(f"H{n}", "10") for n in range(1, len(invested) + 1))]
    rows = [
        row for n, amount in enumerate(invested, 1) for row in spent(f"H{n}", *[None] * 5, amount)
    ]
    return ledger(projects=projects, progress=rows, **more)


@pytest.mark.parametrize(
    ("given", "overall"),
    [
        (facts("5", "6"), "well"),
        (facts("4.9", "6"), "fair"),  # one of them in warning
        (facts("5", "6", started=8), "mixed"),  # one start short
        (facts("3.9", "9"), "mixed"),  # one of them red
        (facts("3.9", "3.8"), "behind"),  # both: the whole is red
        (facts("5", "6", started=4), "behind"),  # fewer than half of nine
    ],
)
def test_the_judgement_follows_what_is_behind(given: Ledger, overall: str) -> None:
    assert briefing.judgement(given, parameters()).iloc[0]["overall"] == overall


def test_projects_are_counted_by_light_and_long_red_ones_apart() -> None:
    # H1 has stood at nothing since January: 8 points behind, then more than 10 from February on.
    given = facts("3.9", "6", started=8)
    row = briefing.judgement(given, parameters()).iloc[0]
    assert row[["green", "yellow", "stalled", "red", "not_rated"]].tolist() == [9, 1, 0, 1, 0]
    assert row["long_red"] == 1


def test_three_matters_are_asked_one_a_project_the_worst_light_first() -> None:
    given = facts(
        "4.9", "3.9", "6", "6",
        problems=[
            problem("W1", "H1"),
            problem("W2", "H2"),
            problem("W3", "H2"),
            problem("W4", "H3"),
            problem("W5", "H4", "常务会或常委会"),
            problem("W6", "H4", "现场", raised_on="2024-06-29"),
        ],
    )  # fmt: skip
    rows = briefing.asks(given, parameters())
    assert rows["number"].tolist() == [1, 2, 3]
    # Red, then yellow; of the green ones the highest level.
    assert rows["problem_id"].tolist() == ["W2", "W1", "W5"]
    assert rows["level"].tolist() == ["市政府", "市政府", "常务会或常委会"]


@pytest.mark.parametrize(
    ("due_on", "decide_by"), [("2024-07-20", "2024-07-20"), ("2024-07-05", "2024-07-31")]
)
def test_a_day_promised_that_is_past_gives_way_to_the_months_end(
    due_on: str, decide_by: str
) -> None:
    given = facts("3.9", problems=[problem("W1", "H1", due_on=due_on)])
    assert f"{briefing.asks(given, parameters()).iloc[0]['decide_by']:%Y-%m-%d}" == decide_by


def test_what_comes_of_deciding_nothing_is_reckoned() -> None:
    given = ledger(
        projects=[
            old("H1", "12"),
            new("X1", "2024-03-20"),
            new("X2", "2024-04-20", started_on="2024-04-18"),
        ],
        progress=[*spent("H1", "0.2", "0.2", "0.2", "0.6", "0.6", "0.6"), *spent("X2", *["0"] * 6)],
        problems=[problem("W1", "H1"), problem("W2", "X1"), problem("W3", "X2")],
    )
    rules = parameters(lights=lights(stalled=2))
    rows = briefing.asks(given, rules).set_index("project_id")
    assert rows["cost"].to_dict() == {"H1": "plan", "X1": "start", "X2": "stalled"}
    # 2.4 so far and six months of 0.6: 6.0 of 12.
    assert rows.loc["H1", "completion_year_end_pct"] == 50
    assert rows.loc["H1", "shortfall_year_end"] == 6 * 10**10
    assert rows.loc["X1", "months_late"] == 3
    assert rows.loc["X2", "months_idle"] == 2


def test_in_december_there_is_no_year_left_to_miss() -> None:
    given = ledger(
        "2024-12", projects=[old("H1", "12")], progress=spent("H1", *["0.5"] * 12),
        problems=[problem("W1", "H1")],
    )  # fmt: skip
    assert briefing.asks(given, parameters("2024-12"))["cost"].tolist() == ["later"]


def test_a_start_is_new_only_in_its_month() -> None:
    given = ledger(
        projects=[
            new("X1", "2024-06-20", started_on="2024-06-18"),
            new("X2", "2024-05-20", started_on="2024-05-18"),
        ]
    )
    rows = briefing.since_last_month(given, parameters())
    assert rows.loc[rows["is_new"], "project_id"].tolist() == ["X1"]


def page(given: Ledger, language: Any = "zh") -> list[list[str]]:
    report = Report(given, parameters(), language, "monthly_bulletin")
    told = report.metrics
    (form,) = report.form(
        "briefing",
        judgement=told.briefing.judgement(),
        position=told.starts.position(),
        counts=told.starts.counts(),
        total=told.investment.total(),
        without=told.investment.without_largest(),
        moved=told.briefing.since_last_month(),
        asked=told.briefing.asks(),
    ).blocks
    return [[plain(cell.text) for cell in row.cells] for row in form.grid.body]


PLANNED = facts(
    "4", "6", started=8, problems=[problem("W1", "H1")],
    plan=[*planned("H1", *["0.7"] * 6, *["0.9"] * 5, "1.3"), *planned("H2", *["1"] * 6, *["0.8"] * 5, "0")],
)  # fmt: skip


def test_the_page_says_both_yardsticks_and_asks_with_advice_who_when_and_otherwise() -> None:
    rows = dict(page(PLANNED)[:4])
    assert rows["判断"] == "总体可控，短板集中。没有滞后项目，预警2个。"
    assert "距6月30日前9个的节点差1个。按计划应开9个，1个未开。" in rows["开工"]
    assert rows["投资"] == (
        "续建完成年度计划的50.0%，与序时持平，低于月度计划1.0个百分点。"
        "剔除贡献最大的示例H2为40.0%（▲ 预警）。"
    )
    head, asked = page(PLANNED)[4]
    assert head == "请定"
    for part in (
        "W1未定。建议：",
        "谁：市政府议定，财政金融部门办理。",
        "何时：7月31日前。",
        "不办：后续节点推迟。",
    ):
        assert part in asked


@pytest.mark.parametrize("language", ["zh", "en"])
def test_there_is_room_to_write_remarks(language: Any) -> None:
    assert [row[0] for row in page(ledger(), language)[-4:]] == [
        {"zh": "批示", "en": "Remarks"}[language], "", "", "",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("given", [PLANNED, ledger()], ids=["some", "none"])
def test_the_drawing_has_a_tile_for_each_number_and_each_county(
    given: Ledger, language: Any
) -> None:
    rules = parameters()
    drawn = figures.briefing.glance(
        metrics.starts.position(given, rules),
        metrics.starts.counts(given, rules),
        metrics.investment.total(given, rules),
        briefing.judgement(given, rules),
        metrics.problems.summary(given, rules),
        metrics.problems.actions_summary(given, rules),
        briefing.projects(given, rules),
        rules,
        language,
    )
    drawn.chart.to_dict()
    svg = drawn.block.svg
    assert "NaN" not in svg
    assert svg.count("示例甲区") == bool(len(given.projects))
