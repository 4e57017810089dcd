"""The report on the data, cell by cell, over a small ledger in which everything goes wrong once."""

import ast
import json
import re
from dataclasses import replace
from functools import cache
from typing import Any

import pandas as pd
import pytest
from ledgers import ROOT, new, old, parameters, spent, told

from sanshi_report import figures, tables
from sanshi_report.blocks import plain
from sanshi_report.intake import Fault
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.inbox import table_of
from sanshi_report.report import Report
from sanshi_report.style import Language

HOSTILE = "示例<b>|*_&"
UNIT = "示例乙局"
BACKED = {"evidence": "核查", "physical_pct": 10, "physical_note": "基础", "workers": 9,
          "reported_by": "示例", "reported_on": "2024-02-01"}  # fmt: skip


def change(field: str, new: str, on: str) -> dict[str, str]:
    return {"project_id": "X1", "field": field, "old": "—", "new": new, "reason": "示例",
            "approved_by": "示例工程指挥部", "approved_on": on}  # fmt: skip


def report(project: str, month: str, amount: str, **values: Any) -> dict[str, Any]:
    return {"project_id": project, "month": month, "invested": amount, **values}


@cache
def march() -> Ledger:
    """甲 has H1 and X1, on time; 乙 has H2, late in February and missing in March.

    H1's February is revised from 2 to 1.5; X1's start is put off from 20 March to 30 April, and approved.
    """
    projects = [
        old("H1", "12"),
        old("H2", "12", responsible_unit=UNIT, name=HOSTILE),
        new("X1", "2024-03-20"),
    ]
    facts = told(
        "2024-03",
        ("2024-01", "2024-02-03", {"projects": projects, "progress": [
            report("H1", "2024-01", "1", **BACKED), report("H2", "2024-01", "1"), report("X1", "2024-01", "0")]}),
        ("2024-02", "2024-03-03", {"progress": [
            report("H1", "2024-02", "2", **BACKED), report("X1", "2024-02", "0")]}),
        ("2024-02", "2024-03-09", {"progress": [report("H2", "2024-02", "1")]}),
        ("2024-03", "2024-04-03", {
            "projects": [new("X1", "2024-04-30")],
            "progress": [report("H1", "2024-02", "1.5", **BACKED), report("X1", "2024-03", "0"),
                         report("H1", "2024-03", "1", **{**BACKED, "evidence": "自报", "physical_pct": 45})],
            "changes": [change("计划开工", "2024-04-30", "2024-03-10")]}),
    )  # fmt: skip
    at = pd.Timestamp("2024-02-02T09:00+08:00").to_pydatetime()
    gone = {"period": "2024-01", "file": "错.xlsx", "sha256": "0" * 64, "submitted_by": UNIT, "received_at": at,
            "note": "", "withdrawn_at": at, "withdrawn_by": "工程办", "reason": "整表错位"}  # fmt: skip
    days = {
        "when": pd.to_datetime(["2024-04-01"], utc=True),
        "expires": pd.to_datetime([None], utc=True),
    }
    mended = {"number": [1], "who": ["工程办"], "why": ["笔误"], "table": ["progress"], "key": ["H1 2024-01"],
              "column": ["invested"], "old": ["0.9"], "new": ["1"], **days}  # fmt: skip
    return replace(
        facts,
        returned=table_of([gone]).assign(faults=pd.Series([4], dtype="Int64")),
        corrections=pd.DataFrame(mended),
        warnings=(Fault("2024-03/示例甲局.xlsx", "月度进展", "", "备注", "", "column_unknown"),),
        receipts=table_of([
            {"period": period, "file": "示例甲局.xlsx", "submitted_by": "示例甲局", "received_at": at}
            for period in ("2024-01", "2024-02", "2024-03")
        ]),
    )  # fmt: skip


@cache
def pieces(facts: Ledger, language: Language = "zh") -> dict[str, Any]:
    """What each cell of the notebook returns, by the cell's name."""
    book = json.loads((ROOT / "notebooks/data_quality.ipynb").read_text(encoding="utf-8"))
    report = Report(facts, parameters(str(facts.period)), language, "data_quality")
    names: dict[str, Any] = {"figures": figures, "tables": tables, "report": report}
    returned = {}
    for cell in book["cells"]:
        if cell["cell_type"] == "code" and cell["id"] not in {"parameters", "setup"}:
            tree = ast.parse("".join(cell["source"]))
            last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, cell["id"], "exec"), names)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), cell["id"], "eval"), names)
                returned[cell["id"]] = value
    return returned


def bundled(piece: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    found = {} if piece is None else piece._repr_mimebundle_()
    return found if isinstance(found, tuple) else (found, {})


def text(name: str, language: Language = "zh") -> str:
    return re.sub(r"\\(\W)", r"\1", str(pieces(march(), language)[name]))


def rows(name: str) -> list[list[str]]:
    body = pieces(march())[name].block.grid.body
    return [[plain(cell.text) for cell in row.cells] for row in body]


def drawn(name: str, language: Language = "zh") -> list[str]:
    svg = pieces(march(), language)[name]._repr_mimebundle_()[0]["image/svg+xml"]
    return re.findall(r"<text[^>]*>([^<]*)</text>", svg)


def test_the_state_of_the_data_is_told_side_by_side() -> None:
    said = text("overall")
    assert "**报送。**2个责任单位、3个项目，按时报齐1个单位，迟报0个，未报齐0个，未报1个。" in said
    assert "**依据。**本月完成投资1.00亿元，其中自报1.00亿元，占100.00%，超过50%的界线。" in said
    # H1 has had nine people three times; X1 was put off ten days before its day; nobody confirmed March.
    assert "**疑点。**共3条，涉及2个项目，比上月多3条。" in said
    assert (
        "修订已报数据2处，上期公布的续建项目累计投资由4.00亿元变为4.50亿元（+0.50亿元）。" in said
    )


def test_who_did_not_report_is_named() -> None:
    said = text("submissions")
    assert "未报：示例乙局。" in said
    assert "迟报：" not in said
    assert "本年3个月、2个单位应报6次，按时报齐4次，占66.67%。" in said
    assert rows("units-table")[0][:6] == ["示例甲局", "2", "● 按时", "4月3日", "本单位", "—"]
    assert rows("units-table")[1][2:6] == ["■ 未报", "—", "—", "示例<b>|*_&"]


def test_punctuality_is_drawn_for_every_unit_and_month() -> None:
    words = drawn("punctuality-figure")
    assert [words.count(sign) for sign in "●▲■◆"] == [4 + 1, 1 + 1, 1 + 1, 1]  # and the key
    figure = pieces(march())["punctuality-figure"]
    assert plain(figure.caption) == "本年应报6次，按时报齐4次，迟报1次，未报齐或未报1次"
    assert "示例乙局 2月 迟报、示例乙局 3月 未报" in plain(figure.alt)


def test_what_is_empty_is_counted_with_whom() -> None:
    assert "空缺最多的单位：示例甲局" in text("completeness")
    progress = next(row for row in rows("completeness-table") if row[0] == "月度进展")
    assert progress == ["月度进展", "2", "12", "6", "50.00%", "形象进度(%)（1处）"]


def test_what_backs_the_money_is_told_against_the_month_before() -> None:
    said = text("evidence")
    assert "其中核查0.00亿元、三方确认0.00亿元、自报1.00亿元。" in said
    assert "自报占100.00%，比上月高60.00个百分点，超过50%的界线。" in said  # February: 1 of 2.5
    assert "自报占比较高的单位：示例甲局（100.00%）。" in said
    assert {"50%", "40%", "100%"} <= set(drawn("evidence-figure"))


def test_suspicions_stand_under_their_rule_with_their_row() -> None:
    found = rows("suspicions-table")
    late = next(row for row in found if row[0] == "示例X1")
    assert late[3:] == [
        "计划开工", "原定3月20日，到期前10天改为4月30日", "2024-03/示例甲局.xlsx，projects第2行",
    ]  # fmt: skip
    assert ["到期前31天内或到期后才推迟、调减，且原计划未完成（1条）"] in found
    whole = next(row for row in found if row[0] == "全部项目")
    assert whole[4] == "自报1.00亿元，占1.00亿元的100.00%"
    by_rule = {row[0]: row[1:] for row in rows("rules-table")}
    assert by_rule["形象进度与投资进度相差20个百分点以上"] == ["0", "0", "0", "0"]
    assert by_rule["本月投资自报占比超过50%"] == ["1", "0", "0", "1"]
    assert by_rule["计划已变动，调整记录中没有相应批准"] == ["0", "0", "0", "0"]


def test_units_are_followed_through_the_year() -> None:
    assert "本年读取报送文件时忽略的内容（如多余的列）共1处：示例甲局（1处）。" in text("record")
    assert "退1" in drawn("record-figure")


def test_revisions_are_told_with_their_effect_and_their_file() -> None:
    said = text("revisions")
    assert "上期截止（2024年3月5日23:59）以来，已公布的数据修订2处，涉及2个项目。" in said
    assert "上期公布的续建项目1—2月累计投资4.00亿元，按现有数据为4.50亿元，相差+0.50亿元。" in said
    assert rows("revisions-table")[0][1:] == [
        "本月完成投资",
        "2月",
        "2.00",
        "1.50",
        "−0.50",
        "2024-03/示例甲局.xlsx",
    ]


def test_the_triangle_shows_what_each_report_had() -> None:
    # 乙's February came after that report's cutoff: 4 then, 4.5 now although 甲's fell by 0.5.
    assert rows("triangle-table") == [
        ["1月", "2.00", "·", "·"], ["2月", "", "4.00", "4.50"], ["3月", "", "", "5.50"],
    ]  # fmt: skip
    assert rows("ages-table") == [
        ["1个月", "2", "0.250", "+0.250"],
        ["2个月", "1", "0.000", "0.000"],
    ]
    assert "平均变动0.250亿元（2个月平均，不计方向）" in text("triangle")
    assert "+0.50" in drawn("triangle-figure")
    figure = pieces(march())["triangle-figure"]
    assert plain(figure.caption) == "续建项目累计投资首次公布后，最大上调0.50亿元"
    assert plain(figure.alt).endswith("1—2月（3月）+0.50。")


def test_plans_are_shown_as_first_sent_as_approved_and_as_they_are() -> None:
    assert rows("plans-table") == [
        ["示例X1"],
        ["计划开工", "3月20日", "4月30日", "4月30日", "3月10日", "—", "▲ 调整后未逾期"],
    ]
    assert "本年计划变动1项：有批准记录1项，无批准记录0项。" in text("plans")


def test_corrections_and_returns_are_listed_with_their_reasons() -> None:
    assert "工程办更正报送数据1处" in text("corrections")
    assert "本年退回报送1份，其中查出差错4处。" in text("corrections")
    assert rows("corrections-table") == [
        [
            "1",
            "月度进展 H1 2024-01：本月完成投资",
            "0.90亿元",
            "1.00亿元",
            "笔误",
            "工程办，2024年4月1日",
            "—",
        ]
    ]
    assert rows("returned-table") == [
        ["2024-01/错.xlsx", UNIT, "2月2日", "工程办，2024年2月2日", "整表错位", "4"]
    ]


def test_the_first_report_of_a_year_and_an_empty_ledger_can_be_told() -> None:
    for facts in (told("2024-01", ("2024-01", "2024-02-03", {"projects": [old("H1", "12")],
                                                            "progress": spent("H1", "1")})),
                  told("2024-01")):  # fmt: skip
        for language in ("zh", "en"):
            shown = pieces(facts, language)
            assert shown["triangle-figure"] is None
            assert shown["plans-table"] is None
            assert shown["annex"].blocks == ()
            for piece in shown.values():
                data, _ = bundled(piece)
                assert "nan" not in data.get("text/markdown", "").lower().replace("finan", "")


def test_the_english_report_says_the_same() -> None:
    said = text("overall", "en")
    assert "1 complete and on time, 0 late, 0 incomplete, 1 missing" in said
    assert "moved from 0.400 billion yuan to 0.450 billion yuan (+0.050 billion yuan)" in said
    assert plain(pieces(march(), "en")["punctuality-figure"].caption) == (
        "Of 6 reports due this year 4 came complete and on time, 1 late; 1 incomplete or missing"
    )


@pytest.mark.parametrize(
    ("language", "none", "stood"),
    [
        ("zh", "工程办没有更正报送数据。", "超出限额、经核实保留的数1处。"),
        ("en", "has corrected no reported cell.", "1 figure beyond a limit stands"),
    ],
)
def test_a_figure_let_stand_is_told_apart_from_one_corrected(
    language: Language, none: str, stood: str
) -> None:
    kept = march().corrections
    facts = replace(march(), corrections=kept.assign(old=kept["new"]))
    assert none in str(pieces(facts, language)["corrections"])
    assert stood in str(pieces(facts, language)["corrections"])
    assert stood not in text("corrections", language)
    assert none not in text("corrections", language)


def test_equal_units_are_all_named_and_none_beyond_them() -> None:
    projects = [old(f"H{n}", "12", responsible_unit=f"示例{n}局") for n in range(1, 6)]
    gaps = [
        report(f"H{n}", "2024-01", "1", **BACKED | dict.fromkeys(lacking))
        for n, lacking in enumerate([(), ("workers",), ("workers",), ("workers", "evidence"), ("workers",)], 1)
    ]  # fmt: skip
    facts = told("2024-01", ("2024-01", "2024-02-03", {"projects": projects, "progress": gaps}))
    named = str(pieces(facts)["completeness"]).split("空缺最多的单位：")[1].split("。")[0]
    # What the register lacks of each project counts with its unit, too.
    assert [unit[:4] for unit in named.split("、")] == ["示例4局", "示例2局", "示例3局", "示例5局"]


def test_a_month_is_held_against_the_last_one_that_invested_anything() -> None:
    progress = [
        report("H1", "2024-01", "1", evidence="核查"),
        report("H2", "2024-01", "3"),
        report("H1", "2024-02", "0"),
        report("H1", "2024-03", "1", evidence="核查"),
        report("H2", "2024-03", "1"),
    ]
    projects = [old("H1", "12"), old("H2", "12")]
    facts = told("2024-03", ("2024-03", "2024-04-03", {"projects": projects, "progress": progress}))
    assert "自报占50.00%，比上月低25.00个百分点" in str(pieces(facts)["evidence"])
