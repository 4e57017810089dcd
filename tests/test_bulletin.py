"""What the bulletin says, tabulates and draws beyond starts and investment."""

from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters
from saying import said

from sanshi_report import metrics, tables
from sanshi_report.blocks import plain
from sanshi_report.columns import keyed
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import acceptance, bulletin, escalation, labour
from sanshi_report.report import Report
from sanshi_report.style import Language
from sanshi_report.tables import Table

NEW = [
    new("X1", "2024-05-15"),
    new("X2", "2024-05-15", started_on="2024-05-20"),
    new("X3", "2024-07-15"),
    new("X4", "2024-09-15", started_on="2024-06-10"),
]


def permit(project: str, name: str, **days: str) -> dict[str, Any]:
    status = "已办结" if "granted_on" in days else "办理中"
    department = {"施工许可": "住房城乡建设部门"}.get(name, "自然资源部门")
    return {
        "project_id": project,
        "permit": name,
        "department": department,
        "status": status,
        **days,
    }


PERMITS = [
    permit("X1", "土地", applied_on="2024-03-01", due_on="2024-04-01", granted_on="2024-04-01"),
    permit("X1", "规划", applied_on="2024-05-06", due_on="2024-06-10"),
    permit("X2", "土地", applied_on="2024-02-19", due_on="2024-03-01", granted_on="2024-03-11"),
    permit("X4", "土地", applied_on="2024-03-04", due_on="2024-04-30", granted_on="2024-05-01"),
    permit("X3", "施工许可", applied_on="2024-06-20", due_on="2024-07-10"),
]


def book(**given: Any) -> Ledger:
    return ledger(**{"projects": NEW, "permits": PERMITS, **given})


@cache
def june() -> Ledger:
    return book()


def body(table: Table, role: str = "body") -> list[list[str]]:
    rows = table.block.grid.body
    return [[plain(cell.text) for cell in row.cells] for row in rows if row.role == role]


def test_days_from_land_to_start_are_counted_over_those_that_have_both() -> None:
    row = bulletin.land(june(), parameters()).iloc[0]
    assert row["started"] == 2  # 11 March to 20 May, 1 May to 10 June
    assert (row["median_days"], row["longest_days"]) == (55, 70)
    assert (row["waiting"], row["longest_waiting"], row["longest_waiting_days"]) == (
        1,
        "示例X1",
        90,
    )
    row = bulletin.land(book(permits=[]), parameters()).iloc[0]
    assert (row["started"], row["waiting"], row["median_days"]) == (0, 0, None)


def test_permits_are_said_with_the_slowest_and_the_days_from_land_to_start() -> None:
    rules = parameters()
    times = bulletin.permit_times(june(), rules)
    text = str(said(june(), "permits"))
    assert "全部项目应办手续5项，已办结3项，超过承诺时限未办结1项。" in text
    # 1 March to 1 April: 21 working days; 19 February to 11 March: 15; to 1 May from 4 March:
    # 41, with two days off for Qingming, two Sundays worked, and 1 May a holiday
    assert "土地用时最长，中位数21个工作日，九成在41个工作日以内。" in text
    assert (
        "拿地到开工：已开工的2个项目中位数55天，最长70天；已拿地未开工1个，最长的示例X1已90天。"
        in text
    )
    row = next(row for row in body(tables.bulletin.permits(times, rules, "zh")) if row[0] == "土地")
    assert row == ["土地", "3", "3", "1", "0", "21", "41", "—"]


def test_the_permit_that_holds_up_a_start_is_named() -> None:
    table = said(june(), "tbl_held_up")
    assert body(table, "group") == [["应开未开（1个）"], ["下月应开工（1个）"]]
    assert body(table) == [
        ["示例X1", "5月15日", "1", "规划", "自然资源部门", "6月10日", "20"],
        ["示例X3", "7月15日", "1", "施工许可", "住房城乡建设部门", "7月10日", "—"],
    ]
    done = [
        {"project_id": "X1", "permit": "立项", "department": "发展改革部门", "status": "已办结"}
    ]
    clear = bulletin.waiting(book(permits=done), parameters())
    found = [row[2:4] for row in body(tables.bulletin.held_up(clear, parameters(), "zh"))]
    # X1 has what it needs; of X3 no permit was reported.
    assert found == [["0", "手续齐备"], ["—", "未填报"]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_matrix_shows_new_builds_until_all_is_granted(language: Language) -> None:
    figure = said(june(), "fig_permits", language)
    if language == "zh":
        assert plain(figure.caption) == "新建项目应办手续5项，已办结3项，逾期未办结1项"
        assert "示例X1 规划 逾期未办结、示例X3 施工许可 办理中" in plain(figure.alt)
    assert said(book(permits=PERMITS[:1]), "fig_permits", language) is None


HANDS = [
    {"project_id": project, "month": month, "input": "人", "unit": "人", "needed": "100", "secured": secured}
    for project, month, secured in (
        ("X1", "2024-05", "95"), ("X2", "2024-05", "95"), ("X1", "2024-06", "60"), ("X2", "2024-06", "115"),
    )
]  # fmt: skip


def test_inputs_are_said_with_what_can_be_lent() -> None:
    facts, rules = book(inputs=HANDS), parameters()
    coverage = metrics.inputs.coverage(facts, rules)
    text = str(said(facts, "inputs"))
    assert text.endswith(
        "6月各要素落实率：人87.50%。1个项目缺劳动力，共缺40人；富余项目可调剂15人，其余25人需另行组织。"
    )
    table = tables.bulletin.inputs(coverage, rules, "zh")
    assert body(table) == [["人", "人", "200", "175", "87.50%", "40", "1"]]
    table = tables.bulletin.loans(labour.loans(facts, rules), rules, "zh")
    assert body(table) == [["示例X2", "示例X1", "15", "同一属地"]]


def test_nothing_spare_and_nothing_reported_are_said() -> None:
    text = str(said(book(inputs=HANDS[2:3]), "inputs", "en"))
    assert "1 project lacks labour, 40 hands in all, and none has any to spare." in text
    assert str(said(book(), "inputs")).endswith("6月没有报送要素需求。")


def test_labour_marks_troughs_and_names_a_season_once() -> None:
    months = pd.DataFrame(
        {
            "month": pd.array(["2024-08", "2024-09", "2024-10"], dtype="str"),
            "needed": [Decimal(100)] * 3,
            "secured": [Decimal(95), Decimal(80), Decimal(70)],
            "secured_pct": [Decimal(95), Decimal(80), Decimal(70)],
            "season": pd.array([None, "三秋", "三秋、国庆"], dtype="str"),
            "is_trough": [False, True, True],
        }
    )

    def labour_in(period: str, rows: pd.DataFrame) -> Any:
        report = Report(ledger(period), parameters(period), "zh", "monthly_bulletin")
        troughs = report.remembered(keyed(rows, "month", name="labour.troughs"))
        return report.figure("bulletin.labour", troughs)

    figure = labour_in("2024-10", months)
    assert plain(figure.caption) == "10月劳动力落实70.00%；今年9月、10月低于90%"
    drawn = figure._repr_mimebundle_()[0]["image/svg+xml"]
    assert drawn.count(">三秋<") == 1
    assert ">国庆<" in drawn
    assert ">▼70%<" in drawn
    assert "10月 70 / 100 70% 三秋、国庆。" in plain(figure.alt)
    assert plain(labour_in("2024-08", months.head(1)).caption).endswith("今年各月均不低于90%")
    assert labour_in("2024-06", months.head(0)) is None


def test_completions_name_what_is_late() -> None:
    facts = book(
        projects=[
            old("H1", "12", planned_completion="2024-05-31", planned_commissioning="2024-12-31"),
            old("H2", "12", planned_completion="2024-06-30", completed_on="2024-06-20",
                planned_commissioning="2025-03-31"),
        ],
        permits=[],
    )  # fmt: skip
    register = acceptance.register(facts, parameters())
    text = str(said(facts, "completions"))
    assert "本年计划竣工2个，已竣工1个；计划投产1个，已投产0个。" in text
    assert text.endswith("逾期未竣工：示例H1（示例甲局，计划5月31日）。")
    table = tables.bulletin.completions(register, parameters(), "zh")
    assert body(table)[1] == ["示例H2", "6月30日", "6月20日", "2025年3月31日", "—", "0/0", "已竣工"]
    assert str(said(ledger(), "completions")).endswith("本年没有计划竣工或投产的项目。")


def test_meetings_tell_who_kept_the_cadence() -> None:
    held = [
        {"held_on": "2024-06-05", "level": "指挥部"},
        {"held_on": "2024-06-05", "level": "指挥部办公室"},
        *(
            {"held_on": day, "level": "专班", "project_id": "H1"}
            for day in ("2024-06-04", "2024-06-20")
        ),
        {"held_on": "2024-06-04", "level": "项目", "project_id": "H1"},
    ]
    facts, rules = book(projects=[old("H1", "12")], permits=[], meetings=held), parameters()
    by_level = bulletin.meetings(facts, rules)
    assert by_level[["met", "missed", "windows_so_far", "met_so_far"]].to_numpy().tolist() == [
        [1, 0, 3, 1], [1, 0, 6, 1], [2, 0, 12, 2], [1, 4, 26, 1],
    ]  # fmt: skip
    text = str(said(facts, "meetings"))
    assert "本月指挥部、指挥部办公室、专班均按频次召开；项目应开5次，缺4次，涉及1个项目。" in text
    assert text.endswith("缺会较多的项目：示例H1（4次）。")
    table = tables.bulletin.meetings(by_level, rules, "zh")
    assert body(table)[2] == ["专班", "每半月", "2", "2", "0", "12", "2", "16.67%"]
    figure = said(facts, "fig_meetings")
    assert "专班16.7%" in plain(figure.caption)
    assert "项目截至6月30日的时段0/1" in plain(figure.alt)


def test_headquarters_is_no_project() -> None:
    text = str(said(book(projects=[old("H1", "12")], permits=[], meetings=[]), "meetings"))
    assert (
        "指挥部应开1次，缺1次；指挥部办公室应开1次，缺1次；专班应开2次，缺2次，涉及1个项目" in text
    )


def test_problems_whose_time_is_up_are_lifted_a_tier() -> None:
    problem = {"problem_id": "W1", "project_id": "X1", "raised_on": "2024-05-01", "category": "用地报批",
               "owner": "甲局", "due_on": "2024-06-20", "description": "组卷", "tier": "多部门"}  # fmt: skip
    top = {**problem, "problem_id": "W2", "raised_on": "2024-03-01", "tier": "常务会或常委会"}
    facts, rules = book(problems=[problem, top]), parameters()
    text = str(said(facts, "escalation"))
    assert text.endswith(
        "建议提级协调的问题2个：在常务会或常委会需尽快议定的，示例X1（超61天）；由多部门升至市政府的，示例X1（超30天）。"
    )
    table = tables.bulletin.tiers(escalation.by_tier(facts, rules), rules, "zh")
    assert body(table)[2] == ["多部门", "30", "1", "0", "1", "1", "1", "60", "60"]
    assert str(said(june(), "escalation")).endswith("没有到层级时限仍未解决的问题。")


def test_recognition_counts_each_kind_and_names_who_owes_an_explanation() -> None:
    text = str(said(june(), "recognition"))
    # X1 is due, X2 and X4 have started; X3 owes nothing yet.
    assert "续建项目0个、新建项目3个参加评分" in text
    assert "而没有待解决的问题或其他原因说明的项目：示例X1（示例甲局）" in text
    assert str(said(ledger(), "recognition")).endswith("的项目均已说明原因。")


def test_only_this_months_practice_is_told() -> None:
    rows = [
        {"practice_id": "P1", "recorded_on": "2024-05-20", "title": "旧", "content": "旧"},
        {"practice_id": "P2", "recorded_on": "2024-06-20", "title": "调剂*", "content": "少停工 9 天",
         "project_id": "X1"},
        {"practice_id": "P3", "recorded_on": "2024-06-21", "title": "会商", "content": "当场答复"},
    ]  # fmt: skip
    text = str(said(book(practices=rows), "practices"))
    assert text.split("\n\n")[1:] == [
        r"**调剂\***　示例X1：少停工 9 天。",
        "**会商**　当场答复。",
    ]
    assert str(said(book(), "practices")).endswith("本期没有新报送的经验做法。")
