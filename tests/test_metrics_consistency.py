"""Contradictions between sources, planted one by one: each is caught, and what a report then says holds no both."""

from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, lights, new, old, parameters, planned, spent, told
from saying import said

from sanshi_report import tables
from sanshi_report.blocks import plain
from sanshi_report.errors import DataError
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import consistency, investment, starts, tasks
from sanshi_report.workspace import Parameters

STILL = {"lights": lights(stalled=2)}


def found(facts: Ledger, rule: str, **rules: Any) -> pd.DataFrame:
    rows = consistency.register(facts, parameters(**rules))
    return rows[rows["rule"].eq(rule)].reset_index(drop=True)


def words(facts: Ledger, block: str, rules: Parameters | None = None, **more: Any) -> str:
    piece = said(facts, block, rules=rules, **more)
    parts = getattr(piece, "pieces", (piece,))
    return "\n".join(
        plain(one.text)
        for part in parts
        for one in getattr(part, "blocks", ())
        if hasattr(one, "text")
    )


def problem(number: str, project: str, closed_on: str | None = None, **more: Any) -> dict[str, Any]:
    return {
        "problem_id": number, "project_id": project, "raised_on": "2024-05-20", "tier": "现场",
        "category": "征地清表", "owner": "示例乙局", "due_on": "2024-06-20", "closed_on": closed_on,
        "description": "协议未签",
    } | more  # fmt: skip


def red(**tables: Any) -> Ledger:
    """A continuing project of which 30 % of the plan is done in June: 20 points behind."""
    return ledger(projects=[old("H1", "10")], progress=spent("H1", *["0.5"] * 6), **tables)


def test_a_cause_that_is_solved_is_not_printed_as_the_cause() -> None:
    facts = red(problems=[problem("W1", "H1", "2024-06-14")])
    (row,) = found(facts, "cause_closed").to_dict("records")
    assert (row["key"], row["found"], row["against"]) == ("W1", "2024-06-14", "red")
    assert row["handled"] == "said"
    page = words(facts, "red", name="review_meeting")
    assert "原因　原列问题已销号：“协议未签”（6月14日）。" in page
    assert "责成示例甲局于7月15日前说明" in page


def test_a_cause_that_is_solved_by_the_cutoff_is_none_either() -> None:
    assert len(found(red(problems=[problem("W1", "H1", "2024-07-05")]), "cause_closed")) == 1
    assert found(red(problems=[problem("W1", "H1", "2024-07-06")]), "cause_closed").empty


def test_a_red_light_without_a_cause_says_that_none_is_reported() -> None:
    (row,) = found(red(), "no_cause").to_dict("records")
    assert (row["project_id"], row["against"]) == ("H1", "red")
    assert "原因　未报原因，责成示例甲局" in words(red(), "red", name="review_meeting")
    assert found(red(problems=[problem("W1", "H1")]), "no_cause").empty


@pytest.mark.parametrize(
    ("note", "is_doubted"),
    [
        ("开展前期工作", True),
        ("场平与临建", True),
        (None, True),
        ("正在挖土", True),
        ("桩基施工", False),
        ("场平与临建完成，桩基施工20根", False),
        ("厂房封顶", False),
    ],
)
def test_a_start_before_its_works_is_doubted(note: str | None, is_doubted: bool) -> None:
    june = {"project_id": "X1", "month": "2024-06", "invested": "0.1", "physical_note": note}
    facts = ledger(projects=[new("X1", "2024-06-20", started_on="2024-06-18")], progress=[june])
    rows = found(facts, "before_stage")
    assert len(rows) == is_doubted
    assert ("形象进度尚未报到认定开工的环节" in words(facts, "starts")) == is_doubted
    if is_doubted:
        assert (rows.loc[0, "item"], rows.loc[0, "against"]) == ("桩基施工", "2024-06-18")


STOPPED = ledger(
    projects=[new("X1", "2024-04-20", started_on="2024-04-18"), old("H1", "10")],
    progress=[*spent("X1", None, None, None, "0.1", "0", "0"), *spent("H1", *["1"] * 4, "0", "0")],
)


def test_what_stands_still_is_never_green_and_is_named_with_the_starts() -> None:
    rules = parameters(**STILL)
    rows = found(STOPPED, "standing_still", **STILL)
    assert rows["project_id"].tolist() == ["X1", "H1"]
    assert rows["found"].tolist() == ["2024-05", "2024-05"]
    assert starts.register(STOPPED, rules)["light"].tolist() == ["stalled"]
    # 40 % of the plan, 10 points behind: a warning, but for the two months without money.
    assert investment.by_project(STOPPED, rules)["light"].tolist() == ["stalled"]
    by_scope = investment.by_group(STOPPED, rules, "project")
    assert by_scope["light"].tolist() == ["stalled"]
    told = words(STOPPED, "starts", rules)
    assert "已开工而停滞的项目：示例X1（示例甲局，自5月起2个月没有投资）。" in told


def test_one_month_without_money_is_no_standstill_and_red_stays_red() -> None:
    one = ledger(
        projects=[new("X1", "2024-04-20", started_on="2024-05-18"), old("H1", "10")],
        progress=[*spent("X1", *[None] * 4, "0", "0"), *spent("H1", "1", *["0"] * 5)],
    )
    rules = parameters(**STILL)
    assert starts.register(one, rules)["light"].tolist() == ["green"]
    assert investment.by_project(one, rules)["light"].tolist() == ["red"]


def test_a_site_said_to_be_stopped_stands_still_at_once() -> None:
    facts = ledger(
        projects=[new("X1", "2024-06-20", started_on="2024-06-18")],
        progress=spent("X1", *[None] * 5, "0.1"),
        problems=[problem("W1", "X1", description="资金未到，现场停工")],
    )
    rules = parameters(**STILL)
    assert starts.register(facts, rules)["light"].tolist() == ["stalled"]
    assert "示例X1（示例甲局；资金未到，现场停工）" in words(facts, "starts", rules)


def test_what_was_completed_stands_still_by_right() -> None:
    facts = ledger(
        projects=[old("H1", "10", completed_on="2024-03-31")], progress=spent("H1", "5", "5")
    )
    assert found(facts, "standing_still", **STILL).empty


def test_a_problem_closed_by_the_cutoff_is_not_listed_as_unsolved() -> None:
    facts = red(
        problems=[
            problem("W1", "H1", "2024-07-03", progress="已解决，销号"),
            problem("W2", "H1", description="管线未迁"),
        ]
    )
    (row,) = found(facts, "unsolved_closed").to_dict("records")
    assert (row["key"], row["handled"], row["found"]) == ("W1", "left_out", "2024-07-03")
    consistency.refuse(facts, parameters())
    report = words(facts, "problems")
    assert "尚未解决2个" in report
    assert "又销号1个：示例H1“协议未签”（7月3日），下表不再列出" in report


def test_a_problem_said_to_be_solved_without_its_day_stops_the_release() -> None:
    facts = red(problems=[problem("W1", "H1", progress="已解决，销号")])
    assert found(facts, "unsolved_closed")["handled"].tolist() == ["stops"]
    with pytest.raises(DataError) as stopped:
        consistency.refuse(facts, parameters())
    assert stopped.value.key == "contradictions"
    for language in ("zh", "en"):
        text = stopped.value.text(language)
        assert all(
            part in text for part in ("test#problems!0", "W1", "已解决，销号", "corrections.yaml")
        )


@pytest.mark.parametrize("progress", ["正在办理", "计划6月底前解决", None])
def test_a_problem_that_is_being_handled_stops_nothing(progress: str | None) -> None:
    facts = red(problems=[problem("W1", "H1", progress=progress)])
    consistency.refuse(facts, parameters())
    assert found(facts, "unsolved_closed").empty


def test_a_task_done_by_the_cutoff_is_not_issued() -> None:
    node = {"project_id": "H1", "node": "封顶", "due_on": "2024-07-10"}
    facts = red(
        nodes=[
            node | {"node_id": "N1", "done_on": "2024-07-05"},
            node
            | {"node_id": "N2", "done_on": "2024-07-06"},  # after the cutoff: not known to be done
            node | {"node_id": "N3"},
        ]
    )
    issued = tasks.due_next(facts, parameters())
    assert issued.loc[issued["kind"].eq("node"), "key"].tolist() == ["node:N2", "node:N3"]
    (row,) = found(facts, "task_done").to_dict("records")
    assert (row["key"], row["found"]) == ("node:N1", "2024-07-05")
    assert "已经完成的1项不再列入" in words(facts, "opening", name="task_list")


def test_a_start_put_off_shows_both_days_and_both_counts() -> None:
    facts = told(
        "2024-06",
        ("2024-01", "2024-02-01", {"projects": [new("X1", "2024-06-28"), new("X2", "2024-05-30")]}),
        ("2024-06", "2024-07-01", {"projects": [new("X1", "2024-08-30")]}),
    )
    (row,) = found(facts, "two_dates").to_dict("records")
    assert (row["key"], row["found"], row["against"]) == ("X1", "2024-08-30", "2024-06-28")
    assert row["measured"] == 63
    counts = starts.counts(facts, parameters()).iloc[0]
    assert counts[["due", "due_originally"]].tolist() == [1, 2]
    lights_of = starts.register(facts, parameters()).set_index("project_id")
    assert lights_of.loc["X1", ["light", "light_originally"]].tolist() == ["not_rated", "yellow"]
    assert "按原计划应开工2个、应开未开2个：示例X1原计划6月28日开工，现计划8月30日。" in words(
        facts, "starts"
    )


def test_a_group_that_one_project_turns_is_told_without_it() -> None:
    # 6 + 4.5 of 10 + 10: 52.5 %; without the first 45 %.
    facts = ledger(
        projects=[old("H1", "10"), old("H2", "10")],
        progress=[*spent("H1", *["1"] * 6), *spent("H2", *["0.75"] * 6)],
    )
    rows = found(facts, "one_contributor")
    assert set(rows["key"]) == {"", "工业", "市本级"}
    assert set(rows["found"]) == {"green"}
    assert set(rows["against"]) == {"yellow"}
    assert "工业剔除示例H1后，完成年度计划的45.00%，低于序时进度5.00个百分点（▲ 预警）。" in words(
        facts, "sectors"
    )


def test_a_group_of_one_has_nothing_to_be_told_without() -> None:
    facts = ledger(projects=[old("H1", "10")], progress=spent("H1", "6"))
    assert investment.without_largest(facts, parameters(), "sector").empty


def test_both_yardsticks_give_their_light() -> None:
    facts = ledger(
        projects=[old("H1", "10")], progress=spent("H1", *["0.75"] * 6),
        plan=planned("H1", *["0.7"] * 6, *["0.9"] * 5, "1.3"),
    )  # fmt: skip
    row = investment.by_project(facts, parameters()).iloc[0]
    assert (row["light"], row["plan_light"]) == ("yellow", "green")
    assert row["plan_gap_points"] == 3  # 4.5 done of 4.2 planned: 0.3 of 10
    assert "按月度计划衡量达到计划的：示例H1。" in words(facts, "standing")


def test_a_figure_of_the_last_report_that_moved_is_listed_as_printed_and_as_known() -> None:
    projects = {"projects": [old("H1", "10")]}
    facts = told(
        "2024-06",
        ("2024-05", "2024-06-01", projects | {"progress": spent("H1", "1", "1", "1", "1", "1")}),
        ("2024-06", "2024-07-01", {"progress": spent("H1", None, None, None, None, "0.4", "1")}),
    )
    (row,) = found(facts, "last_month").to_dict("records")
    assert (row["key"], row["found"], row["against"]) == ("continuing", "4.4", "5")


def test_the_data_quality_report_lists_every_rule_and_every_contradiction() -> None:
    facts = red(problems=[problem("W1", "H1", "2024-06-14")])
    counts = consistency.by_rule(facts, parameters()).set_index("rule")["contradictions"]
    assert counts.index.tolist() == list(consistency.RULES)
    assert counts["cause_closed"] == 1
    report = words(facts, "consistency", name="data_quality")
    assert "原因已销号1处" in report


def test_an_empty_ledger_contradicts_nothing() -> None:
    assert consistency.register(ledger(), parameters()).empty
    consistency.refuse(ledger(), parameters())


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_of_contradiction_is_tabulated(language: Any) -> None:
    node = {"project_id": "H1", "node": "封顶", "due_on": "2024-07-10", "node_id": "N1"}
    facts = ledger(
        projects=[
            new("X1", "2024-04-20", started_on="2024-04-18"),
            old("H1", "10"),
            old("H2", "10"),
            old("H3", "10", sector="民生"),
        ],
        progress=[
            *spent("X1", None, None, None, "0.1", "0", "0"),
            *spent("H1", *["1"] * 6),
            *spent("H2", *["0.75"] * 6),
            *spent("H3", *["0.5"] * 6),
        ],
        problems=[
            problem("W1", "H2", "2024-06-14"),
            problem("W2", "X1", description="现场停工"),
            problem("W3", "H1", "2024-07-03", progress="已解决"),
        ],
        nodes=[node | {"done_on": "2024-07-05"}],
    )
    rules = parameters(**STILL)
    rows = consistency.register(facts, rules)
    assert set(rows["rule"]) == set(consistency.RULES) - {"two_dates", "last_month"}
    block = tables.data_quality.contradictions(rows, rules, language).block
    body = [row for row in block.grid.body if row.role == "body"]
    assert len(body) == len(rows)
    told = {plain(row.cells[3].text) for row in body}
    still = {
        "zh": "自5月起2个月没有投资；停工情况：现场停工",
        "en": "no money for 2 months, since May",
    }
    assert any(text.startswith(still[language]) for text in told)
