"""Scores, point by point."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, spent

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import scoring
from sanshi_report.workspace import Parameters, Scoring


def rules(**changed: Any) -> Parameters:
    rule = {
        "version": "test", "limit": 110,
        "investment": {"points": 60, "cap_pct": 120}, "start": {"points": 60},
        "nodes": {"points": 20}, "meetings": {"points": 20},
        "start_late": {"points": -10, "most": 60}, "early_start": {"points": 5, "most": 5},
        "completion": {"points": 5, "most": 5}, "commissioning": {"points": 5, "most": 5},
        "problems_overdue": {"points": -1, "most": 2}, "actions_overdue": {"points": -1, "most": 5},
        "incidents": {"points": -5, "most": 20},
        "honour_from": 100, "criticise_below": 85, "honour_despite_incident": False,
    }  # fmt: skip
    # No project owes meetings here.
    office = [level for level in parameters().programme.cadence if level.scope == "programme"]
    return parameters(scoring=Scoring.model_validate(rule | changed), cadence=office)


def scored(told: Ledger, project: str, rule: Parameters | None = None) -> dict[str, Decimal]:
    """The points of one project by item; they must add up to its score."""
    rule = rule or rules()
    rows = (
        scoring.points(told, rule)
        .query("project_id == @project")
        .set_index("scoring_item")["points"]
    )
    score = scoring.scores(told, rule).set_index("project_id")["score"][project]
    assert sum(rows) == score
    return rows.to_dict()


def node(node_id: str, project: str, due_on: str, done_on: str | None = None) -> dict:
    return {"node_id": node_id, "project_id": project, "node": "封顶", "due_on": due_on,
            "done_on": done_on}  # fmt: skip


@pytest.mark.parametrize(
    ("invested", "points"),
    [
        ("5", "75"),  # at pace
        ("4.858", "72.87"),  # 97.16 % of pace: 75 × 0.9716
        ("6", "90"),  # 120 %
        ("9", "90"),  # more than the cap
        ("0", "0"),
    ],
)
def test_investment_earns_its_share_of_pace_up_to_the_cap(invested: str, points: str) -> None:
    june = ledger(
        projects=[old("H1", "10")],
        progress=spent("H1", invested),
        nodes=[node("N1", "H1", "2024-05-31")],
    )
    # Of 60 + 20 + 20 there is no meeting to be had: 60 is 75 in 100.
    assert scored(june, "H1")["investment"] == Decimal(points)


def test_what_was_not_due_is_neither_kept_nor_missed() -> None:
    june = ledger(projects=[old("H1", "10")], progress=spent("H1", "4"))
    # 80 % of the pace; nodes and meetings go to the investment, 60 of 60 + 20 + 20.
    assert scored(june, "H1") == {"investment": 80}
    rates = scoring.points(june, rules())["rate"]
    assert rates.tolist() == [100]


def test_nodes_of_the_year_are_those_due_in_it_and_those_left_over() -> None:
    june = ledger(
        projects=[old("H1", "10")],
        progress=spent("H1", "5"),
        nodes=[
            node("N1", "H1", "2023-10-31", "2023-12-31"),  # last year's, done in it
            node("N2", "H1", "2023-11-30", "2024-01-01"),  # left over, done since
            node("N3", "H1", "2023-12-31"),  # left over
            node("N4", "H1", "2024-06-30", "2024-06-30"),
            node("N5", "H1", "2024-07-01", "2024-06-01"),  # not due yet
        ],
    )
    # Two of three: 2 ÷ 3 × 25.
    assert scored(june, "H1") == {"investment": 75, "nodes": Decimal("16.666666666667")}


def test_a_score_is_not_made_of_rounded_parts() -> None:
    nodes = [node(f"N{n}", "H1", "2024-05-31", "2024-05-01" if n else None) for n in range(3)]
    june = ledger(projects=[old("H1", "9")], progress=spent("H1", "3"), nodes=nodes)
    # Investment 3 ÷ 4.5 of 75 = 50, nodes 2 ÷ 3 of 25: rounded parts would give 66.67 exactly.
    assert scoring.scores(june, rules())["score"].tolist() == [Decimal("66.666666666667")]


def test_nodes_and_meetings_earn_their_shares() -> None:
    june = ledger(
        "2024-01",
        projects=[old("H1", "12")],
        progress=spent("H1", "1"),
        nodes=[
            node("N1", "H1", "2024-01-10", "2024-01-09"),
            node("N2", "H1", "2024-01-20", "2024-01-31"),
            node("N3", "H1", "2024-01-31"),
            node("N4", "H1", "2024-02-01"),
        ],
        meetings=[{"held_on": "2024-01-10", "level": "专班", "project_id": "H1"}],
    )
    rule = rules()
    cadence = [level for level in parameters().programme.cadence if level.level == "专班"]
    rule = parameters(scoring=rule.programme.scoring, cadence=cadence)
    # Two of three nodes; one of January's two halves.
    assert scored(june, "H1", rule) == {
        "investment": Decimal(60), "nodes": Decimal("13.333333333333"), "meetings": Decimal(10),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("planned", "started", "items"),
    [
        ("2024-03-20", "2024-03-31", {"start": "100"}),  # in its month
        ("2024-03-20", "2024-04-29", {"start": "100"}),  # no whole month past it
        ("2024-03-20", "2024-04-30", {"start": "100", "start_late": "-10"}),
        ("2024-01-31", "2024-02-29", {"start": "100", "start_late": "-10"}),  # a whole, short month
        ("2024-03-20", "2024-02-29", {"start": "100", "early_start": "5"}),
        ("2023-06-20", "2024-05-01", {"start": "100", "start_late": "-60"}),  # ten months: the most
        ("2024-04-20", None, {"start": "0", "start_late": "-20", "limit": "20"}),  # late so far
        ("2024-06-20", None, {"start": "0"}),
        ("2024-09-20", "2024-06-20", {"start": "100", "early_start": "5"}),  # before it is due
    ],
)
def test_a_new_build_is_scored_by_its_start(
    planned: str, started: str | None, items: dict[str, str]
) -> None:
    june = ledger(projects=[new("X1", planned, started_on=started)])
    given = scored(june, "X1")
    wanted = {item: Decimal(points) for item, points in items.items()}
    assert given == wanted


def test_bonuses_for_completion_and_production_in_time_this_year() -> None:
    def row(name: str, planned: str, done: str, **more: str) -> Any:
        return old(name, "10", planned_completion=planned, completed_on=done, **more)

    june = ledger(
        projects=[
            row("H1", "2024-06-30", "2024-06-30", planned_commissioning="2024-07-31",
                commissioned_on="2024-06-30"),
            row("H2", "2024-05-31", "2024-06-01"),  # a day late
            row("H3", "2023-12-31", "2023-12-31"),  # last year's
        ],
        progress=[*spent("H1", "5"), *spent("H2", "5"), *spent("H3", "5")],
    )  # fmt: skip
    assert scored(june, "H1")["completion"] == 5
    assert scored(june, "H1")["commissioning"] == 5
    assert "completion" not in scored(june, "H2")
    assert "completion" not in scored(june, "H3")


def overdue(number: int, project: str) -> dict:
    return {
        "problem_id": f"W{number}", "project_id": project, "raised_on": "2024-05-01", "tier": "现场",
        "category": "劳动力", "owner": "示例乙局", "description": "用工", "due_on": "2024-06-10",
    }  # fmt: skip


def test_deductions_stop_at_their_most() -> None:
    june = ledger(
        projects=[old("H1", "10")],
        progress=spent("H1", "5"),
        problems=[overdue(n, "H1") for n in range(3)],
        actions=[
            {"action_id": "J1", "project_id": "H1", "meeting_on": "2024-05-05", "content": "交地",
             "owner": "示例乙局", "due_on": "2024-05-31"},
        ],
        incidents=[
            {"incident_id": f"A{n}", "project_id": "H1", "occurred_on": day, "incident": "安全",
             "severity": "一般", "description": "轻伤"}
            for n, day in enumerate(("2023-12-31", "2024-01-01", "2024-06-30"))
        ],
    )  # fmt: skip
    given = scored(june, "H1")
    assert given["problems_overdue"] == -2
    assert given["actions_overdue"] == -1
    assert given["incidents"] == -10
    row = scoring.points(june, rules()).set_index("scoring_item").loc["problems_overdue"]
    assert row[["measured", "rate", "unit"]].tolist() == [3, -1, "个"]


def test_a_score_stays_within_its_bounds_by_a_point_of_its_own() -> None:
    june = ledger(
        projects=[old("H1", "10", planned_completion="2024-06-30", completed_on="2024-06-10"),
                  new("X1", "2024-03-20")],
        progress=spent("H1", "9"),
        nodes=[node("N1", "X1", "2024-05-31")],
        problems=[overdue(1, "X1")],
    )  # fmt: skip
    # 120 + 5 = 125
    assert scored(june, "H1")["limit"] == -15
    # 0 for the start and the node, three months late, one problem overdue.
    assert scored(june, "X1")["limit"] == 31
    assert scoring.scores(june, rules()).set_index("project_id")["score"]["X1"] == 0


def test_kinds_are_ranked_apart_and_the_unscored_have_no_place() -> None:
    june = ledger(
        projects=[
            old("H1", "10"),
            old("H2", "10"),
            old("H3", "10", sector="民生", tier="county"),
            old("H4", None),
            new("X1", "2024-03-20"),
            new("X2", "2024-03-20", started_on="2024-03-01"),
            new("X3", "2024-07-20"),
        ],
        progress=[*spent("H1", "4"), *spent("H2", "5"), *spent("H3", "5"), *spent("H4", "5")],
    )
    frame = scoring.scores(june, rules()).set_index("project_id")
    assert frame["score"].tolist() == [80, 100, 100, None, 0, 100, None]
    assert frame["rank"].tolist() == [3, 1, 1, pd.NA, 2, 1, pd.NA]
    assert frame["rank_in_sector"].tolist() == [2, 1, 1, pd.NA, 2, 1, pd.NA]
    assert frame["rank_in_tier"].tolist() == [2, 1, 1, pd.NA, 2, 1, pd.NA]
    assert frame["of"].tolist() == [3, 3, 3, 3, 2, 2, 2]
    assert frame["verdict"].tolist() == [
        "criticise", "honour", "honour", "not_rated", "criticise", "honour", "not_rated",
    ]  # fmt: skip


def test_an_incident_bars_the_honour_unless_the_rule_says_otherwise() -> None:
    told = ledger(
        projects=[old("H1", "10")],
        progress=spent("H1", "6"),
        incidents=[{"incident_id": "A1", "project_id": "H1", "occurred_on": "2024-05-01",
                    "incident": "安全", "severity": "一般", "description": "轻伤"}],
    )  # fmt: skip
    frame = scoring.scores(told, rules())
    assert frame["score"].tolist() == [110]
    assert frame["verdict"].tolist() == ["none"]
    lenient = rules(honour_despite_incident=True)
    assert scoring.scores(told, lenient)["verdict"].tolist() == ["honour"]


def test_an_empty_ledger_scores_nobody() -> None:
    assert scoring.points(ledger(), rules()).empty
    assert scoring.scores(ledger(), rules()).empty
