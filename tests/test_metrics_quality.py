"""How far the figures can be relied on: who reported, what is empty, what backs it, what was revised."""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd
from ledgers import ledger, new, old, parameters, spent, told

from sanshi_report.intake import Fault
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.revisions import revisions
from sanshi_report.metrics import completeness, quality, submissions, suspicion

MARCH = parameters("2024-03")
YI = 10**10


def by_key(frame: pd.DataFrame, *key: str) -> dict[Any, dict[str, Any]]:
    return {tuple(row[k] for k in key): row for row in frame.to_dict("records")}


def row_of(project: str, month: str, amount: str, **values: Any) -> dict[str, Any]:
    return {"project_id": project, "month": month, "invested": amount, **values}


# Who reported, and when


def quarter() -> Ledger:
    """Three projects of two units; cutoffs on the 5th. 甲: H1, H2; 乙: H3."""
    projects = [old("H1", "12"), old("H2", "12"), old("H3", "12", responsible_unit="示例乙局")]
    return told(
        "2024-03",
        ("2024-01", "2024-02-03", {"projects": projects, "progress": [
            row_of("H1", "2024-01", "1"), row_of("H2", "2024-01", "1"), row_of("H3", "2024-01", "1")]}),
        ("2024-02", "2024-03-05", {"progress": [row_of("H1", "2024-02", "1")]}),
        ("2024-02", "2024-03-06", {"progress": [row_of("H2", "2024-02", "1"), row_of("H1", "2024-02", "2")]}),
        ("2024-03", "2024-04-03", {"progress": [
            row_of("H1", "2024-03", "1", evidence="自报"), row_of("H3", "2024-02", "1")]}),
    )  # fmt: skip


def test_a_unit_is_on_time_late_partial_or_missing() -> None:
    rows = by_key(submissions.punctuality(quarter(), MARCH), "responsible_unit", "month")
    status = {key: row["status"] for key, row in rows.items()}
    assert status == {
        ("示例甲局", "2024-01"): "on_time",
        ("示例甲局", "2024-02"): "late",  # H2 on the 6th; H1 was revised, not late
        ("示例甲局", "2024-03"): "partial",  # H2 is missing
        ("示例乙局", "2024-01"): "on_time",
        ("示例乙局", "2024-02"): "late",  # with March's submission
        ("示例乙局", "2024-03"): "missing",
    }
    february = rows["示例甲局", "2024-02"]
    counts = [february[name] for name in ("projects", "on_time", "late", "missing")]
    assert counts == [2, 1, 1, 0]
    assert february["received_at"] == pd.Timestamp("2024-03-06T12:00", tz="Asia/Shanghai")
    assert pd.isna(rows["示例乙局", "2024-03"]["received_at"])


def test_the_years_reports_due_and_in_time_are_summed() -> None:
    row = submissions.summary(quarter(), MARCH).iloc[0]
    assert row[["months", "units", "due", "on_time"]].tolist() == [3, 2, 6, 2]
    assert row["on_time_pct"] == Decimal("33.333333333333")


def test_a_units_report_is_told_with_what_is_missing_and_what_backs_it() -> None:
    receipts = pd.DataFrame(
        {"period": ["2024-03"], "file": ["示例甲局.xlsx"], "submitted_by": ["示例填报单位"]}
    )
    facts = replace(quarter(), receipts=receipts)
    found = suspicion.suspicions(facts, MARCH)
    rows = by_key(submissions.by_unit(facts, MARCH, found), "responsible_unit")
    one, other = rows["示例甲局",], rows["示例乙局",]
    assert (one["status"], one["missing_projects"], one["submitted_by"]) == (
        "partial", "示例H2", "示例填报单位",
    )  # fmt: skip
    assert (one["invested"], one["self_reported_pct"]) == (YI, Decimal(100))
    assert (other["status"], other["invested"], other["self_reported_pct"]) == ("missing", 0, None)
    assert other["missing_projects"] == "示例H3"
    # H1's progress lacks all but the evidence; in the register H1 and H2 lack official, scope, money before, day.
    assert one["gaps"] == 5 + 2 * 4


def test_what_went_wrong_is_counted_by_unit_and_month() -> None:
    held = ["2024-01", "2024-03"]
    receipts = pd.DataFrame(
        {"period": held, "file": ["a.xlsx", "b.xlsx"], "submitted_by": ["示例甲局", "示例汇总单位"]}
    )
    gone = pd.DataFrame(
        {"period": ["2024-02", "2024-02"], "file": ["c.xlsx", "d.xlsx"], "submitted_by": ["示例甲局"] * 2,
         "faults": pd.Series([3, pd.NA], dtype="Int64")}
    )  # fmt: skip
    notes = tuple(Fault("2024-03/b.xlsx", "表", "", "列", "", "column_unknown") for _ in range(2))
    facts = replace(quarter(), receipts=receipts, returned=gone, warnings=notes)
    listed = suspicion.by_month(facts, MARCH)
    rows = by_key(submissions.record(facts, MARCH, listed), "sender", "month")
    assert [unit for unit, _ in rows][::3] == ["示例甲局", "示例乙局", "示例汇总单位"]
    february = rows["示例甲局", "2024-02"]
    assert (february["overdue"], february["returned"], february["faults"]) == (1, 2, 3)
    assert rows["示例乙局", "2024-03"]["overdue"] == 1
    assert rows["示例汇总单位", "2024-03"]["notes"] == 2
    assert rows["示例甲局", "2024-03"]["notes"] == 0
    assert rows["示例甲局", "2024-01"]["suspicions"] == 0
    year = submissions.by_sender(submissions.record(facts, MARCH, listed))
    assert year["sender"].tolist() == ["示例甲局", "示例乙局", "示例汇总单位"]
    assert year["notes"].tolist() == [0, 0, 2]
    assert year["returned"].tolist() == [2, 0, 0]


# What is empty


def test_completeness_is_the_share_of_recommended_cells_that_are_filled() -> None:
    permit = {"project_id": "H1", "department": "示例部门"}
    facts = told(
        "2024-03",
        ("2024-03", "2024-04-03", {
            "projects": [old("H1", "12", lead_official="示例领导甲"), new("X1", "2024-06-30", scope="示例")],
            "progress": [row_of("H1", "2024-02", "1"), row_of("H1", "2024-03", "1", workers=3, evidence="自报")],
            "permits": [
                {**permit, "permit": "立项", "status": "已办结", "granted_on": "2024-01-05", "due_on": "2024-02-01"},
                {**permit, "permit": "土地", "status": "办理中", "applied_on": "2024-01-05"},
                {**permit, "permit": "规划", "status": "不需要"},
                {**permit, "permit": "环评", "status": "未启动"}]}),
    )  # fmt: skip
    rows = by_key(completeness.by_table(facts), "table")
    # H1: official, force, scope, before, commissioning; X1: the same but "before". PROJECT has the force.
    assert [rows["projects",][n] for n in ("rows", "cells", "filled")] == [2, 9, 4]
    assert rows["projects",]["filled_pct"] == Decimal("44.444444444444")
    assert (rows["projects",]["weakest"], rows["projects",]["weakest_empty"]) == (
        "planned_commissioning",
        2,
    )
    # March only: of six cells, workers and evidence.
    assert [rows["progress",][n] for n in ("rows", "cells", "filled")] == [1, 6, 2]
    # 立项 applied, due, granted, number: 2 of 4; 土地 applied, due: 1 of 2; 环评 due: 0 of 1.
    assert [rows["permits",][n] for n in ("rows", "cells", "filled")] == [4, 7, 3]
    assert rows["funding",]["filled_pct"] is None
    assert pd.isna(rows["funding",]["weakest"])
    gaps = completeness.gaps(facts)
    assert len(gaps) == (9 - 4) + (6 - 2) + (7 - 3)
    land = gaps[gaps["key"] == "H1 土地"].to_dict("records")
    assert [(g["figure"], g["origin"]) for g in land] == [
        ("due_on", "2024-03/示例甲局.xlsx#permits!3")
    ]


def test_every_cell_that_may_be_empty_is_recommended_or_empty_for_a_reason() -> None:
    from sanshi_report.schemas import TABLES

    until_it_happens = {
        "progress": {"groundbreaking_on", "started_on", "completed_on", "commissioned_on"},
        "nodes": {"done_on", "note"},
        "problems": {"closed_on"},
        "actions": {"closed_on", "project_id"},
        "meetings": {"project_id"},
        "incidents": {"closed_on", "project_id"},
        "practices": {"project_id"},
        "moves": {"into", "new_name"},  # of a split, of a renaming
        "projects": {"annual_plan", "planned_start"},  # required where they apply
    }
    for table, schema in TABLES.items():
        optional = {n for n, c in schema.columns.items() if not c.metadata["required"]}
        known = set(completeness.RECOMMENDED.get(table, {})) | until_it_happens.get(table, set())
        assert optional == known, table


# What backs the money


def test_the_months_money_is_told_by_what_backs_it() -> None:
    facts = told("2024-02", ("2024-02", "2024-03-03", {
        "projects": [old("H1", "12"), old("H2", "12"), old("H3", "12"), old("H4", "12")],
        "progress": [row_of("H1", "2024-01", "1", evidence="核查"),
                     row_of("H1", "2024-02", "1", evidence="自报"), row_of("H2", "2024-02", "2", evidence="三方确认"),
                     row_of("H3", "2024-02", "4", evidence="核查"), row_of("H4", "2024-02", "1")]}))  # fmt: skip
    january, february = quality.evidence_by_month(facts).to_dict("records")
    assert january["self_reported_pct"] == 0
    names = (
        "invested",
        "self_reported_amount",
        "confirmed_amount",
        "verified_amount",
        "unstated_amount",
    )
    assert [february[name] // YI for name in names] == [8, 1, 2, 4, 1]
    assert february["self_reported_pct"] == 25
    assert january["change_points"] is None
    assert february["change_points"] == 25


# What was revised


def revised() -> Ledger:
    """H1 and X1 in January to March; January's figures fall in March's submission."""
    return told(
        "2024-03",
        ("2024-01", "2024-02-03", {"projects": [old("H1", "12"), new("X1", "2024-06-30")],
                                   "progress": [row_of("H1", "2024-01", "1"), row_of("X1", "2024-01", "3")]}),
        ("2024-02", "2024-03-03", {"progress": [row_of("H1", "2024-02", "2"), row_of("X1", "2024-02", "3")]}),
        ("2024-03", "2024-04-03", {"progress": [
            row_of("H1", "2024-01", "0.6"), row_of("H1", "2024-03", "1.5"), row_of("X1", "2024-02", "3.5")]}),
    )  # fmt: skip


def test_what_revisions_did_to_the_last_reports_totals_is_told_by_kind() -> None:
    one, other = quality.effect(revised()).to_dict("records")
    amounts = ("published_ytd", "revised_ytd", "difference_ytd")
    assert (one["kind"], one["through"]) == ("continuing", "2024-02")
    assert [one[name] for name in amounts] == [3 * YI, 26 * YI // 10, -4 * YI // 10]
    assert other["kind"] == "new_build"
    assert [other[name] for name in amounts] == [6 * YI, 65 * YI // 10, 5 * YI // 10]


def test_before_the_years_second_report_no_total_can_have_been_revised() -> None:
    facts = told("2024-01", ("2024-01", "2024-02-03", {"projects": [old("H1", "12")],
                                                       "progress": spent("H1", "1")}))  # fmt: skip
    assert quality.effect(facts).empty


def test_the_triangle_has_each_month_as_each_report_had_it() -> None:
    rows = by_key(quality.triangle(revised(), MARCH), "month", "known_in")
    assert {key: row["invested_ytd"] / YI for key, row in rows.items()} == {
        ("2024-01", "2024-01"): 1,
        ("2024-01", "2024-02"): 1,
        ("2024-01", "2024-03"): 0.6,
        ("2024-02", "2024-02"): 3,
        ("2024-02", "2024-03"): 2.6,
        ("2024-03", "2024-03"): 4.1,
    }
    assert rows["2024-02", "2024-03"]["difference_ytd"] == -4 * YI // 10
    ages = quality.mean_absolute(revised(), MARCH)
    # After a month: January 0, February 0.4; after two: January 0.4.
    assert ages["mean_absolute"].tolist() == [Decimal("0.2"), Decimal("0.4")]
    assert ages["mean"].tolist() == [Decimal("-0.2"), Decimal("-0.4")]


def test_without_corrections_the_list_has_its_columns_and_no_rows() -> None:
    listed = quality.corrections(revised())
    assert listed.empty
    assert list(listed)[:4] == ["number", "who", "when", "why"]


# What counts as revised, changed and evidenced


PROJECTS = [old("H1", "12"), old("H2", "24")]


def test_only_figures_and_days_published_before_count_as_revised() -> None:
    first = ledger(
        projects=PROJECTS,
        progress=[{**spent("H2", "1.0")[0], "physical_note": "基础", "reported_on": "2024-02-01"}],
        nodes=[{"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-06-01"}],
    )
    second = ledger(
        projects=PROJECTS,
        progress=[
            {**spent("H2", "1.2")[0], "physical_note": "主体", "reported_on": "2024-03-01"}
        ],
        nodes=[
            {"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-06-01",
             "done_on": "2024-05-30"}
        ],
    )  # fmt: skip
    history = {}
    for name in ("progress", "nodes"):
        before, after = getattr(first, name).copy(), getattr(second, name).copy()
        before["known_at"] = datetime.fromisoformat("2024-02-01T10:00:00+08:00")
        after["known_at"] = datetime.fromisoformat("2024-06-30T10:00:00+08:00")
        history[name] = pd.concat([before, after], ignore_index=True)
    cutoff = datetime.fromisoformat("2024-06-05T23:59:59+08:00")
    facts = replace(second, revisions=revisions(history), last_cutoff=cutoff)
    found = quality.revised(facts)
    assert found[["name", "column", "old", "new"]].to_numpy().tolist() == [
        ["示例H2", "invested", "1", "1.2"]
    ]


def test_only_changes_of_the_period_are_listed() -> None:
    change = {
        "project_id": "H1", "field": "年度计划投资", "old": "11", "new": "12", "reason": "增补",
        "approved_by": "示例办公室", "approved_on": "2024-06-20",
    }  # fmt: skip
    later = {**change, "field": "计划竣工", "approved_on": "2024-07-01"}
    earlier = {**change, "field": "计划开工", "approved_on": "2024-05-31"}
    found = quality.changes(ledger(projects=PROJECTS, changes=[later, change, earlier]))
    assert found["field"].tolist() == ["年度计划投资"]
    assert found["name"].tolist() == ["示例H1"]


def test_evidence_counts_the_last_month_alone() -> None:
    progress = [
        {**row, "evidence": "核查"} for row in spent("H1", *["1"] * 6)
    ] + [{**row, "evidence": "自报"} for row in spent("H2", *["1"] * 5)]  # fmt: skip
    counts = quality.evidence(ledger(projects=PROJECTS, progress=progress)).iloc[0].to_dict()
    assert counts == {
        "projects": 2, "reported": 1, "missing": 1, "self_reported": 0, "confirmed": 0, "verified": 1,
    }  # fmt: skip
