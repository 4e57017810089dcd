import re
from functools import cache
from typing import Any

import pytest
from ledgers import ledger, new, old, parameters, planned, spent
from saying import said

from sanshi_report import figures, metrics, tables
from sanshi_report.blocks import plain
from sanshi_report.figures import Figure
from sanshi_report.ledger import Ledger
from sanshi_report.style import Language
from sanshi_report.tables import Table

HOSTILE = "示例<script>|*_&"
PROJECTS = [
    old("H1", "12", name="示例甲"),
    old("H2", "24", name="示例乙", responsible_unit="示例乙局", lead_official="示例领导乙"),
    new("X1", "2024-03-15", name=HOSTILE),
    new("X2", "2024-05-30", name="示例丁", started_on="2024-05-28"),
]
SPENT = [*spent("H1", *["1.1"] * 6), *spent("H2", "2", "2", "2", "2", "0.5", "0.5")]
PROBLEM = {
    "problem_id": "W1", "project_id": "H2", "raised_on": "2024-05-01", "category": "资金筹措",
    "tier": "多部门", "owner": "财政金融部门", "due_on": "2024-06-20", "description": "贷款未批",
}  # fmt: skip
PERMITS = [
    {"project_id": "X1", "permit": permit, "department": "自然资源部门", "status": status,
     "applied_on": applied, "due_on": "2024-03-01", "granted_on": granted}
    for permit, status, applied, granted in (
        ("立项", "已办结", "2024-01-02", "2024-02-20"),
        ("土地", "办理中", "2024-01-31", None),
        ("环评", "不需要", None, None),
    )
]  # fmt: skip
PLANS = [*planned("H1", *["1"] * 12), *planned("H2", *["2"] * 12)]


@cache
def book(period: str = "2024-06") -> Ledger:
    return ledger(
        period, projects=PROJECTS, progress=SPENT, plan=PLANS, problems=[PROBLEM], permits=PERMITS
    )


def say(block: str, facts: Ledger, language: Language = "zh") -> str:
    return str(said(facts, block, language, name="review_meeting"))


def moved(period: str = "2024-06", language: Language = "zh") -> str:
    return say("moved", book(period), language)


def leaders(facts: Ledger, language: Language = "zh") -> str:
    return say("leaders", facts, language)


@cache
def waterfall(period: str = "2024-06", language: Language = "zh") -> Figure:
    figure: Figure = said(book(period), "fig_waterfall", language, name="review_meeting")
    return figure


@cache
def pages(facts: Ledger, language: Language = "zh") -> list[Any]:
    shown = {"figures": figures, "tables": tables}
    return list(said(facts, "red", language, name="review_meeting", **shown))


def words(figure: Figure) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", figure._repr_mimebundle_()[0]["image/svg+xml"])


def rows(table: Table) -> list[list[str]]:
    return [
        [plain(c.text) for c in row.cells] for row in table.block.grid.body if row.role == "body"
    ]


def test_the_first_page_names_who_leads_who_lags_and_what_waits_for_whom() -> None:
    text = leaders(book())
    assert (
        "**先进**　续建：示例甲（示例甲局）、示例乙（示例乙局）；新建：示例丁（示例甲局）" in text
    )
    assert "示例甲局，开工逾期3个月）、示例乙（示例乙局，差12.50个百分点）。" in text
    assert "**请定**　1项：市政府1项。" in text
    assert "**To decide.** 1 matter: City government 1." in leaders(book(), "en")


def test_nothing_to_name_is_said() -> None:
    text = leaders(ledger())
    assert "没有滞后项目" in text
    assert "没有需要提请决定的事项" in text


def test_what_moved_is_told_with_who_pulled_and_who_dragged() -> None:
    text = moved()
    assert text.startswith("## 上次讲评以来的变化\n\n新开工1个：示例丁。续建项目完成投资3.20亿元。")
    assert "拉动最大的是示例甲（0.20亿元）；拖累最大的是示例乙（3.00亿元）。" in text
    assert "退步的有示例乙（[■ 滞后]" in text
    assert moved("2024-02").startswith("## 年初以来的变化\n\n没有新开工项目。")
    assert "1 new build started: 示例丁. Continuing projects invested 0.320 billion yuan." in moved(
        language="en"
    )


def test_the_waterfall_leads_from_the_last_review_to_this_one() -> None:
    figure = waterfall()
    assert plain(figure.caption) == "续建投资由超出序时进度0.40亿元变为落后2.40亿元，各项目的贡献"
    shown = words(figure)
    assert shown[: shown.index("序时进度")] == ["上次讲评", "示例甲", "示例乙", "本次讲评"]
    assert {"+0.40", "+0.20", "−3.00", "−2.40"} <= set(shown)
    assert plain(waterfall("2024-02").caption).startswith("年初以来续建投资超出序时进度0.20亿元")


def test_decisions_name_the_level_and_why() -> None:
    waiting = metrics.review.decisions(book(), parameters())
    table = tables.review.decisions(waiting, parameters(), "zh")
    assert rows(table) == [
        ["示例乙", "市政府", "贷款未批", "财政金融部门", "6月20日", "在多部门超时限30天"]
    ]
    assert rows(tables.review.other_decisions(waiting, parameters(), "zh"))[0][0] == "无"


def test_indicators_have_a_column_for_the_last_review() -> None:
    table = tables.review.position(
        metrics.review.position(book(), parameters()), parameters(), "zh"
    )
    found = {row[0]: row[1:7] for row in rows(table)}
    assert found["本年累计完成投资"] == ["亿元", "36.00", "15.60", "−20.40", "12.40", "+3.20"]


def test_indicators_say_what_they_rest_on_and_the_earned_schedule() -> None:
    text = say("indicators", book())
    # 15.6 of 18 planned by June: 5.2 months of 3 each.
    assert "投资绩效指数（SPI）为0.87，时间绩效指数（SPI(t)）为0.87，折合时间差0.80个月" in text
    assert "SPI" not in say("indicators", ledger())


def test_honours_and_criticism_keep_the_kinds_apart() -> None:
    table = said(book(), "tbl_verdicts", name="review_meeting")
    groups = [plain(row.cells[0].text) for row in table.block.grid.body if row.role == "group"]
    assert groups[0].startswith("续建项目·拟表扬")
    assert groups[-1].startswith("新建项目·拟批评")
    nothing = tables.review.verdicts(
        metrics.scoring.scores(ledger(), parameters()), parameters(), "zh"
    )
    assert rows(nothing)[0][0] == "无"


def test_each_red_project_has_a_page_of_words_a_figure_and_a_list() -> None:
    prose, permits, todo, second, curve, _ = pages(book())
    assert str(prose).startswith(r"## 滞后项目：示例\<script\>\|\*\_\&")
    assert (
        "计划3月15日开工，已逾期3个月，还有1项手续未办结。关键手续是土地（自然资源部门），已超承诺121天，"
        in str(prose)
    )
    assert "未报原因，责成示例甲局" in str(prose)
    assert permits.label == "fig-permits-X1"
    assert "需办手续2项，已办结1项，超承诺1项" in plain(permits.caption)
    assert "■ 超承诺121天" in words(permits)
    assert str(todo) == "下月任务清单中没有该项目待办的问题和交办事项。"
    assert "牵头领导" not in str(second)  # no official beside criticism
    assert "占年度计划24.00亿元的37.50%，低于序时进度12.50个百分点" in str(second)
    assert "已连续1个月滞后。按月度计划折合落后1.5个月（SPI(t)为0.75）。" in str(second)
    assert "请市政府研究解决“贷款未批”；要完成年度计划，后续每月需完成投资2.50亿元。" in str(second)
    assert curve.label == "fig-curve-H2"


@pytest.mark.parametrize("project", ["示例 1", "../../x", "<b>", "H" * 30_000, "H01"])
def test_whatever_a_project_is_numbered_its_labels_are_plain_and_short(project: str) -> None:
    book = ledger(
        projects=[new(project, "2024-03-15"), old("H2", "24")],
        progress=spent("H2", *["1"] * 6),
        permits=[
            {"project_id": project, "permit": "土地", "department": "自然资源部门",
             "status": "办理中", "due_on": "2024-03-31"},
        ],
    )  # fmt: skip
    labels = [piece.label for piece in pages(book) if hasattr(piece, "label")]
    assert len(labels) >= 2
    assert [
        one for one in labels if not re.fullmatch(r"(fig|tbl|data)-[A-Za-z0-9_-]{1,60}", one)
    ] == []


def test_without_red_projects_one_page_says_so() -> None:
    assert say("no_red", ledger()) == "## 滞后项目\n\n本次讲评没有滞后项目。"
    assert pages(ledger()) == []
    assert say("no_red", book()) == ""


@cache
def outlook(facts: Ledger, language: Language = "zh") -> tuple[str, str, str, Figure]:
    return (
        say("outlook_money", facts, language),
        say("outlook_starts", facts, language),
        say("outlook_record", facts, language),
        said(facts, "fig_outlook", language, name="review_meeting"),
    )


def test_the_outlook_says_what_is_needed_and_how_sure_it_is() -> None:
    money, starts, record, figure = outlook(book())
    assert money.startswith(
        "要完成年度计划36.00亿元，还需投资20.40亿元，后6个月平均每月需完成3.40亿元；年初以来平均每月完成2.60亿元"
    )
    assert "有80%的把握在" in money
    assert "间隔不足5个，不作预测" in starts
    assert record.startswith("以往展望的检验（区间把握为80%）：投资作出")
    assert any(text.startswith("年底") for text in words(figure))
    assert figure.data["invested_median"].notna().sum() == 6


def test_too_short_a_past_is_said_and_not_forecast() -> None:
    money, _, record, figure = outlook(book("2024-02"))
    assert "目前只有2个月的数据，不足4个月，不作年底预测。" in money
    assert record == "此前没有可检验的展望。"
    assert figure.data["invested_median"].isna().all()


def test_a_year_that_is_over_is_settled() -> None:
    facts = book("2024-12")
    money, starts, _, _ = outlook(facts)
    assert money == "全年完成投资15.60亿元，比年度计划36.00亿元少20.40亿元。"
    assert "6月30日前应开工9个，实际1个，未达到目标" in starts
    assert "All milestones are past" in outlook(facts, "en")[1]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_figures_are_whole_and_say_themselves(language: Language) -> None:
    drawn = [
        waterfall(language=language),
        outlook(book(), language)[3],
    ]
    drawn += [piece for piece in pages(book(), language) if isinstance(piece, Figure)]
    for figure in drawn:
        shown = figure.block
        assert plain(shown.alt).count(plain(shown.caption)) == 1, figure.label
        assert "NaN" not in shown.svg
        figure.chart.to_dict()


@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_empty_programme_is_reviewed_too(language: Language) -> None:
    facts, rules = ledger(), parameters()
    position = metrics.review.position(facts, rules)
    empty = [
        said(facts, "fig_waterfall", language, name="review_meeting"),
        outlook(facts, language)[3],
        tables.review.position(position, rules, language),
        tables.review.decisions(metrics.review.decisions(facts, rules), rules, language),
    ]
    shown = [piece._repr_mimebundle_()[0] for piece in empty]
    assert all(one.get("text/html") or one["image/svg+xml"] for one in shown)
