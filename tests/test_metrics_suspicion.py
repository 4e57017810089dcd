"""Each suspicion: one that is there, and the nearest that is not."""

from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from ledgers import new, old, parameters, spent, told

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import suspicion

JUNE = parameters("2024-06")


def at_once(period: str = "2024-06", **tables: Any) -> Ledger:
    """A ledger whose submissions all came in one file on 3 July."""
    return told(period, (period, "2024-07-03", tables))


def found(ledger: Ledger, rule: str) -> list[dict[str, Any]]:
    rows = suspicion.suspicions(ledger, JUNE)
    return rows[rows["rule"] == rule].to_dict("records")


def only(ledger: Ledger, rule: str) -> dict[str, Any]:
    (row,) = found(ledger, rule)
    return row


# A figure that does not change


def test_a_figure_unchanged_for_three_months_is_suspected_with_its_row() -> None:
    rows = spent("H1", "0.5", "0.2", "0.4", "0.3", "0.3", "0.3")
    row = only(at_once(projects=[old("H1", "12")], progress=rows), "unchanged")
    assert (row["figure"], row["found"], row["against"]) == ("invested", "0.3", "2024-04")
    assert (row["measured"], row["limit"], row["unit"]) == (3, 3, "月")
    assert (row["project_id"], row["month"], row["key"]) == ("H1", "2024-06", "H1 2024-06")
    assert (row["name"], row["responsible_unit"]) == ("示例H1", "示例甲局")
    assert row["origin"] == "2024-06/示例甲局.xlsx#progress!7"


@pytest.mark.parametrize(
    "amounts",
    [
        ("0.5", "0.2", "0.4", "0.4", "0.3", "0.3"),  # two months
        ("0.3", "0.3", "0.3", "0.3", "0.3", "0.31"),  # ended
        ("0.5", "0.2", "0.3", None, "0.3", "0.3"),  # a month missing between
        ("0.5", "0.2", "0.4", "0", "0", "0"),  # nothing at all: see idle
    ],
)
def test_a_figure_that_changed_stopped_or_is_nothing_is_not_unchanged(
    amounts: tuple[str | None, ...],
) -> None:
    ledger = at_once(projects=[old("H1", "12")], progress=spent("H1", *amounts))
    assert found(ledger, "unchanged") == []


def test_works_in_per_cent_may_stand_still_only_at_the_end() -> None:
    rows = [
        {**row, "physical_pct": pct}
        for project in ("H1", "H2")
        for row, pct in zip(
            spent(project, "0.1", "0.2", "0.3"), [40, 40, 40] if project == "H1" else [100] * 3,
            strict=True,
        )
    ]  # fmt: skip
    ledger = at_once("2024-03", projects=[old("H1", "12"), old("H2", "12")], progress=rows)
    row = only(ledger, "unchanged")
    assert (row["project_id"], row["figure"], row["found"]) == ("H1", "physical_pct", "40")


# Falling


def test_a_year_to_date_below_the_last_reports_is_suspected() -> None:
    ledger = told(
        "2024-06",
        ("2024-05", "2024-06-03", {"projects": [old("H1", "12"), old("H2", "12")],
                                   "progress": [*spent("H1", "1", "2"), *spent("H2", "1", "2")]}),
        ("2024-06", "2024-07-03", {"progress": [
            {"project_id": "H1", "month": "2024-02", "invested": "1.2"},
            {"project_id": "H1", "month": "2024-06", "invested": "0.5"},
            {"project_id": "H2", "month": "2024-02", "invested": "1.2"},
            {"project_id": "H2", "month": "2024-06", "invested": "0.8"}]}),
    )  # fmt: skip
    row = only(ledger, "falling")  # H1: 3 → 2.7; H2: 3 → 3.0 does not fall
    assert (row["project_id"], row["found"], row["against"]) == ("H1", "2.7", "3")
    assert (row["measured"], row["unit"]) == (Decimal("0.3"), "亿元")
    assert row["origin"] == "2024-06/示例甲局.xlsx#progress!3"


def test_works_that_fall_are_suspected_and_works_that_stand_are_not() -> None:
    rows = [
        {**row, "physical_pct": pct}
        for row, pct in zip(
            [*spent("H1", "0.1", "0.2"), *spent("H2", "0.1", "0.2")], [40, 38, 40, 40], strict=True
        )
    ]
    ledger = at_once("2024-02", projects=[old("H1", "12"), old("H2", "12")], progress=rows)
    row = only(ledger, "falling")
    assert (row["project_id"], row["found"], row["against"]) == ("H1", "38", "40")
    assert (row["measured"], row["unit"]) == (2, "个百分点")


# More than there is


def test_more_invested_than_the_total_is_suspected_from_the_first_fen() -> None:
    ledger = at_once(
        projects=[old("H1", "12", total_investment="5", invested_before="4"),
                  old("H2", "12", total_investment="5", invested_before="4")],
        progress=[*spent("H1", "0.5", "0.5000000001"), *spent("H2", "0.5", "0.5")],
    )  # fmt: skip
    row = only(ledger, "beyond_total")
    assert (row["project_id"], row["found"], row["against"]) == ("H1", "5.0000000001", "5")
    assert row["measured"] == Decimal("0.0000000001")


# Started and not moving


def test_a_started_project_without_money_for_two_months_is_suspected() -> None:
    ledger = at_once(
        projects=[new("X1", "2024-04-30"), new("X2", "2024-05-31"), old("H1", "12"), old("H2", "12")],
        progress=[
            *[{**row, "started_on": "2024-04-18"} for row in spent("X1", "0", "0", "0", "0.3", "0", "0")],
            *[{**row, "started_on": "2024-05-02"} for row in spent("X2", "0", "0", "0", "0", "0", "0")],
            *spent("H1", "1", "1", "1", "1", None, None),
            *spent("H2", "1", "1", "1", "1", "0.1", "0"),
        ],
    )  # fmt: skip
    rows = found(ledger, "idle")  # X2 has been under way for one whole month only
    assert [row["project_id"] for row in rows] == ["X1", "H1"]
    assert (rows[0]["found"], rows[0]["against"], rows[0]["measured"]) == (
        "2024-04-18",
        "2024-05",
        2,
    )
    assert rows[0]["limit"] == 2
    assert pd.isna(rows[1]["found"])
    assert pd.isna(rows[1]["origin"])


def test_a_completed_or_unstarted_project_may_rest() -> None:
    ledger = at_once(
        projects=[new("X1", "2024-12-31"), old("H1", "12")],
        progress=[*spent("X1", "0", "0", "0"), {**spent("H1", "1")[0], "completed_on": "2024-01-31"}],
    )  # fmt: skip
    assert found(ledger, "idle") == []


# Works and money apart


def test_works_more_than_twenty_points_from_the_money_are_suspected() -> None:
    ledger = at_once(
        "2024-01",
        projects=[old("H1", "12", total_investment="10"), old("H2", "12", total_investment="10"),
                  old("H3", "12", total_investment="10", invested_before="5")],
        progress=[{**spent("H1", "1")[0], "physical_pct": 31},
                  {**spent("H2", "1")[0], "physical_pct": 30},
                  {**spent("H3", "1")[0], "physical_pct": 39}],
    )  # fmt: skip
    rows = found(ledger, "apart")  # H1: 31 − 10 = 21; H2: 30 − 10 = 20; H3: 39 − 60 = −21
    assert [(row["project_id"], row["measured"]) for row in rows] == [("H1", 21), ("H3", -21)]
    assert (rows[0]["found"], rows[0]["against"], rows[0]["limit"]) == ("31", "10", 20)


# Plans that moved


def change(project: str, field: str, new: str, on: str) -> dict[str, str]:
    return {"project_id": project, "field": field, "old": "—", "new": new, "reason": "示例",
            "approved_by": "示例工程指挥部", "approved_on": on}  # fmt: skip


def moved(was: str, now: str, approved_on: str | None, done_on: str | None = None) -> Ledger:
    """A node first due on one day, put off to another in June's submission."""
    node = {"node_id": "N1", "project_id": "H1", "node": "封顶"}
    changes = [change("H1", "节点 N1 计划完成", now, approved_on)] if approved_on else []
    return told(
        "2024-06",
        ("2024-05", "2024-06-03", {"projects": [old("H1", "12")], "nodes": [{**node, "due_on": was}]}),
        ("2024-06", "2024-07-03",
         {"nodes": [{**node, "due_on": now, "done_on": done_on}], "changes": changes}),
    )  # fmt: skip


def test_a_plan_that_moved_just_before_it_was_missed_is_suspected() -> None:
    row = only(moved("2024-06-20", "2024-08-31", "2024-05-20"), "moved_late")  # 31 days before
    assert (row["found"], row["against"]) == ("2024-08-31", "2024-06-20")
    assert (row["measured"], row["limit"], row["unit"]) == (31, 31, "天")
    assert (row["table"], row["key"], row["figure"]) == ("nodes", "N1", "due_on")
    assert row["month"] == "2024-06"
    assert row["origin"] == "2024-06/示例甲局.xlsx#nodes!2"


@pytest.mark.parametrize(
    "ledger",
    [
        moved("2024-06-20", "2024-08-31", "2024-05-19"),  # 32 days before
        moved("2024-06-20", "2024-08-31", "2024-06-10", "2024-06-20"),  # not missed
        moved("2024-07-01", "2024-08-31", "2024-06-10"),  # not due yet
        moved("2024-06-20", "2024-06-10", "2024-06-01"),  # brought forward
    ],
)
def test_a_plan_moved_in_good_time_or_never_missed_is_not(ledger: Ledger) -> None:
    assert found(ledger, "moved_late") == []


def test_a_plan_moved_after_it_was_missed_is_suspected_too() -> None:
    row = only(moved("2024-06-20", "2024-08-31", None), "moved_late")  # known on 3 July
    assert row["measured"] == -13


def test_an_event_is_listed_once_however_long_its_plan_stays_moved() -> None:
    node = {"node_id": "N1", "project_id": "H1", "node": "封顶"}
    sent = [
        ("2024-05", "2024-06-03",
         {"projects": [old("H1", "12")], "nodes": [{**node, "due_on": "2024-06-20"}]}),
        ("2024-06", "2024-07-03", {"nodes": [{**node, "due_on": "2024-08-31"}]}),
        ("2024-07", "2024-08-03", {"progress": spent("H1", "1")}),
    ]  # fmt: skip
    assert len(found(told("2024-06", *sent), "moved_late")) == 1
    assert found(told("2024-07", *sent), "moved_late") == []
    assert len(found(told("2024-07", *sent), "unapproved")) == 1  # a state, until there is a record


def test_a_monthly_plan_lowered_shortly_before_the_months_end_is_suspected() -> None:
    def lowered(invested: str) -> Ledger:
        return told(
            "2024-06",
            ("2024-05", "2024-06-03", {"projects": [old("H1", "12")], "plan": [
                {"project_id": "H1", "month": "2024-06", "planned_investment": "0.7866"}]}),
            ("2024-06", "2024-07-03", {
                "plan": [{"project_id": "H1", "month": "2024-06", "planned_investment": "0.6866"}],
                "progress": [{"project_id": "H1", "month": "2024-06", "invested": invested}],
                "changes": [change("H1", "月度计划", "6月0.6866亿元，8月0.9748亿元", "2024-06-05")]}),
        )  # fmt: skip

    row = only(lowered("0.7865"), "moved_late")
    assert (row["found"], row["against"], row["measured"]) == ("0.6866", "0.7866", 25)
    met = only(lowered("0.7865"), "by_moving")
    assert (met["found"], met["measured"], met["unit"]) == ("0.7865", Decimal("0.0001"), "亿元")
    assert found(lowered("0.7866"), "moved_late") == []
    assert found(lowered("0.7866"), "by_moving") == []


def test_what_was_in_time_only_because_its_plan_moved_is_suspected() -> None:
    row = only(moved("2024-06-20", "2024-06-28", "2024-04-01", "2024-06-25"), "by_moving")
    assert (row["found"], row["against"]) == ("2024-06-25", "2024-06-20")
    assert (row["measured"], row["unit"]) == (5, "天")
    in_time = moved("2024-06-20", "2024-06-28", "2024-04-01", "2024-06-20")
    late = moved("2024-06-20", "2024-06-28", "2024-04-01", "2024-06-29")
    assert found(in_time, "by_moving") == found(late, "by_moving") == []


def test_a_plan_moved_without_a_record_is_suspected() -> None:
    row = only(moved("2024-07-20", "2024-08-31", None), "unapproved")
    assert (row["found"], row["against"], row["measured"]) == ("2024-08-31", "2024-07-20", 42)
    assert found(moved("2024-07-20", "2024-08-31", "2024-06-20"), "unapproved") == []
    # Approved after the period's end it is not approved yet.
    assert len(found(moved("2024-07-20", "2024-08-31", "2024-07-01"), "unapproved")) == 1


def test_a_figure_of_the_register_changed_without_a_record_is_suspected() -> None:
    ledger = told(
        "2024-06",
        ("2024-05", "2024-06-03", {"projects": [old("H1", "12"), old("H2", "12")]}),
        ("2024-06", "2024-07-03", {
            "projects": [old("H1", "11"), old("H2", "11")],
            "changes": [change("H2", "年度计划投资", "11 亿元", "2024-06-20")]}),
    )  # fmt: skip
    row = only(ledger, "unapproved")
    assert (row["project_id"], row["figure"]) == ("H1", "annual_plan")
    assert (row["measured"], row["unit"]) == (-1, "亿元")


# Days that have not come


def test_a_day_after_the_file_was_received_is_suspected_and_the_same_day_is_not() -> None:
    permit = {"project_id": "H1", "department": "示例部门", "status": "已办结"}
    ledger = at_once(
        projects=[old("H1", "12")],
        permits=[{**permit, "permit": "土地", "granted_on": "2024-07-04", "due_on": "2024-12-31"},
                 {**permit, "permit": "规划", "granted_on": "2024-07-03"}],
        meetings=[{"held_on": "2024-07-10", "level": "指挥部"}],
    )  # fmt: skip
    land, meeting = found(ledger, "future")
    assert (land["project_id"], land["key"], land["figure"]) == ("H1", "H1 土地", "granted_on")
    assert (land["found"], land["against"], land["measured"]) == ("2024-07-04", "2024-07-03", 1)
    assert pd.isna(meeting["project_id"])
    assert (meeting["key"], meeting["measured"]) == ("2024-07-10 指挥部", 7)


# What nobody has confirmed


@pytest.mark.parametrize(("confirmed", "is_suspected"), [("0.99", True), ("1", False)])
def test_more_than_half_of_the_months_money_self_reported_is_suspected(
    confirmed: str, is_suspected: bool
) -> None:
    ledger = at_once(
        "2024-01",
        projects=[old("H1", "12"), old("H2", "12"), old("H3", "12")],
        progress=[{**spent("H1", "0.6")[0], "evidence": "自报"},
                  {**spent("H2", "0.4")[0], "evidence": None},  # nothing backs it either
                  {**spent("H3", confirmed)[0], "evidence": "核查"}],
    )  # fmt: skip
    rows = found(ledger, "self_reported")
    assert len(rows) == is_suspected
    if rows:  # 1 ÷ 1.99
        assert (rows[0]["found"], rows[0]["against"]) == ("1", "1.99")
        assert (rows[0]["measured"], rows[0]["limit"]) == (Decimal("50.251256281407"), 50)


# The whole


def test_nothing_is_suspected_of_an_empty_ledger() -> None:
    rows = suspicion.suspicions(at_once(), JUNE)
    assert rows.empty
    assert rows["found"].dtype == "str"
    assert suspicion.by_rule(rows)["suspicions"].tolist() == [0] * len(suspicion.RULES)


def test_suspicions_come_by_rule_and_are_counted_by_it() -> None:
    ledger = at_once(
        projects=[new("X1", "2024-01-31"), old("H1", "12", total_investment="1")],
        progress=[*spent("H1", "0.5", "0.5", "0.5", "0.5", "0.5", "0.5")],
        meetings=[{"held_on": "2024-07-10", "level": "指挥部"}],
    )  # fmt: skip
    rows = suspicion.suspicions(ledger, JUNE)
    assert rows["rule"].tolist() == ["unchanged", "beyond_total", "future", "self_reported"]
    counts = suspicion.by_rule(rows).set_index("rule")
    assert counts.loc["unchanged"].tolist() == [1, 1]
    assert counts.loc["future"].tolist() == [1, 0]


def test_each_report_of_the_year_keeps_what_it_listed() -> None:
    ledger = told(
        "2024-03",
        ("2024-01", "2024-02-03", {"projects": [old("H1", "12", total_investment="3")],
                                   "progress": [{**spent("H1", "4")[0], "evidence": "核查"}]}),
        ("2024-02", "2024-03-03", {"progress": [
            {"project_id": "H1", "month": "2024-01", "invested": "1", "evidence": "核查"},
            {"project_id": "H1", "month": "2024-02", "invested": "1", "evidence": "核查"}]}),
        ("2024-03", "2024-04-03", {"progress": [
            {"project_id": "H1", "month": "2024-03", "invested": "1.5", "evidence": "核查"}]}),
    )  # fmt: skip
    rows = suspicion.by_month(ledger, parameters("2024-03"))
    assert rows[["listed_in", "rule", "found", "against"]].to_numpy().tolist() == [
        ["2024-01", "beyond_total", "4", "3"],
        ["2024-02", "falling", "2", "4"],
        ["2024-03", "beyond_total", "3.5", "3"],
    ]


def test_this_reports_suspicions_stand_beside_the_last_and_the_years() -> None:
    listed = pd.DataFrame(
        {"rule": ["idle", "idle", "apart", "idle"], "project_id": ["X1", "X2", "H1", "X1"],
         "listed_in": ["2024-05", "2024-05", "2024-06", "2024-06"]}
    ).astype("str")  # fmt: skip
    rows = suspicion.by_report(at_once(), listed).set_index("rule")
    columns = ["suspicions", "projects", "suspicions_before", "suspicions_of_year"]
    assert rows.loc["idle", columns].tolist() == [1, 1, 2, 3]
    assert rows.loc["apart", columns].tolist() == [1, 1, 0, 1]
    assert rows.loc["future", columns].tolist() == [0, 0, 0, 0]
    whole = suspicion.summary(at_once(), listed).iloc[0]
    assert whole.to_dict() == {
        "suspicions": 2, "on_projects": 2, "suspicions_before": 2, "suspicions_more": 0,
    }  # fmt: skip


def test_nothing_is_compared_with_the_year_before() -> None:
    listed = pd.DataFrame({"rule": [], "project_id": [], "listed_in": []}).astype("str")
    january = at_once("2024-01")
    assert suspicion.by_report(january, listed)["suspicions_before"].isna().all()
    assert suspicion.summary(january, listed)["suspicions_more"].isna().all()
