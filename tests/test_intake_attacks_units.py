"""Units that a sheet states anywhere: each is read rightly or refused."""

from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from attacks import GOOD, UNITED, WAN, Attack, Make, amounts_taken, csv, drawn, sheet, taken
from intake_workbooks import HEAD, NAME, PROGRAMME, Styled, ods, xlsx

from sanshi_report.intake import read

# Units ----------------------------------------------------------------------------------------------

STATEMENTS = (
    "单位：万元",
    "金额单位为万元",
    "以下金额均以万元计",
    "注：本表金额以万元为单位",
    "（万元）",
    "计量单位:万元",
    "本表数据以人民币万元填报",
    "單位：萬元",
    "投资额(单位：人民币万元)",
    "货币单位：万",
    "币种：人民币，单位：万元",
)
UNKNOWN = (
    "单位：千元",
    "单位：百万元",
    "金额以十万元计",
    "单位：美元",
    "（万美元）",
    "RMB million",
    "in thousand yuan",
    "Unit: USD",
    "单位：10万元",
    "单位：仟元",
    "€",
    "单位：K",
)

SAID = (*HEAD[:2], "本月完成投资（亿元）")
BESIDE = (
    "金额：万",
    "单位：W元",
    "danwei: wanyuan",
    "以萬圓計",
    "单位：万块",
    "注：表中每1代表一万元",
    "注：投资额按“万”口径填报",
)

UNITS = [
    *(Attack(f"beside a heading in 亿元: {t}", sheet([t], SAID, GOOD)) for t in BESIDE),
    Attack("a unit in three cells", sheet(["单位：", "万", "元"], SAID, GOOD)),
    Attack(
        "a unit written down a column",
        sheet([*HEAD, None, "单"], [*GOOD, None, "位"], [None] * 4 + ["万"], [None] * 4 + ["元"]),
    ),
    *(Attack(f"above: {t}", sheet([t], HEAD, GOOD), 1750 * WAN) for t in STATEMENTS),
    *(
        Attack(f"above, shared row: {t}", sheet([t, None, "2024年6月"], HEAD, GOOD), 1750 * WAN)
        for t in STATEMENTS
    ),
    *(Attack(f"below: {t}", sheet(HEAD, GOOD, [f"注：{t}"]), 1750 * WAN) for t in STATEMENTS),
    *(
        Attack(f"right of the table: {t}", sheet([*HEAD, None, t], GOOD), 1750 * WAN)
        for t in STATEMENTS[:4]
    ),
    *(
        Attack(f"comment: {t}", drawn(lambda b, p, t=t: p.write_comment("C2", t)), 1750 * WAN)
        for t in STATEMENTS
    ),
    *(
        Attack(f"print header: {t}", drawn(lambda b, p, t=t: p.set_header(f"&R{t}")), 1750 * WAN)
        for t in STATEMENTS[:5]
    ),
    Attack(
        "print footer", drawn(lambda b, p: p.set_footer('&L&"宋体,常规"单位：万元')), 1750 * WAN
    ),
    Attack("text box", drawn(lambda b, p: p.insert_textbox("F2", "单位：万元")), 1750 * WAN),
    *(Attack(f"not known: {t}", sheet([t], HEAD, GOOD)) for t in UNKNOWN),
    *(Attack(f"not known, in a note: {t}", sheet(HEAD, GOOD, [f"说明：{t}"])) for t in UNKNOWN),
    Attack("a column of units", sheet([*HEAD, "单位"], [*GOOD, "万元"]), 1750 * WAN),
    Attack(
        "a column of units that differ",
        sheet([*HEAD, "金额单位"], [*GOOD, "万元"], ["H02", "2024-06", 1, "亿元"]),
    ),
    Attack("a column of currencies", sheet([*HEAD, "币种"], [*GOOD, "美元"])),
    Attack(
        "a second block in 万元",
        sheet([*HEAD[:2], "本月完成投资（亿元）"], ["H01", "2024-05", 1], UNITED, GOOD),
    ),
    Attack(
        "a second block, cumulative",
        sheet(HEAD, ["H01", "2024-05", 1], [*HEAD[:2], "累计完成投资"], GOOD),
    ),
    Attack("title and note differ", sheet(["单位：亿元"], HEAD, GOOD, ["注：单位为万元"])),
    Attack("title and heading differ", sheet(["单位：亿元"], UNITED, GOOD)),
    Attack(
        "comment and heading differ", drawn(lambda b, p: p.write_comment("C1", "已改为元"), UNITED)
    ),
    Attack("the file's name", sheet(HEAD, GOOD), 1750 * WAN, "2024-06/某局（万元）.xlsx"),
    Attack(
        "the CSV's name",
        csv("项目编号,月份,本月完成投资\nH01,2024-06,1750\n", "progress（万元）.csv"),
        1750 * WAN,
        "2024-06/progress（万元）.csv",
    ),
    Attack("the sheet's name", sheet(HEAD, GOOD, name="月度进展（万元）"), 1750 * WAN),
    Attack(
        "ods title",
        lambda f: ods(f / "unit.ods", "月度进展", [["进展（万元）", "", "6月"], HEAD, GOOD]),
        1750 * WAN,
    ),
    Attack(
        "only one of two columns",
        sheet(
            ["项目编号", "来源", "计划（万元）", "到位"], ["H01", "银行贷款", 5, 3], name="资金来源"
        ),
    ),
    *(
        Attack(f"format {c}", sheet(HEAD, ["H01", "2024-06", Styled(1750, c)]), 1750 * WAN)
        for c in ('0"万元"', "0.00万元", '#,##0"万元"', '[$-804]0"万"')
    ),
    Attack(
        "ods format",
        lambda f: ods(f / "unit.ods", "月度进展", [HEAD, ["H01", "2024-06", "1750万元"]]),
        1750 * WAN,
    ),
]

# Headings -------------------------------------------------------------------------------------------

HEADINGS = [
    Attack(f"heading {heading}", sheet([*HEAD[:2], heading], GOOD))
    for heading in (
        *(
            f"本月完成投资（{note}）"
            for note in (
                "累计",
                "本年累计",
                "计划",
                "预计",
                "不含税",
                "USD",
                "%",
                "‰",
                "百人",
                "上月",
                "1-6月",
                "自开工",
                "含上年",
                "万元，累计",
                "千万元",
                "万元/月",
                "估",
                "调整后",
                "5月",
                "不含征迁",
                "万美元",
                "港币",
                "K",
            )
        ),
        "本月完成投资①",
        "本月完成投资²",
        "本月完成投资累计",
        "上月本月完成投资",
        "本月计划完成投资",
        "本月完成投资（万元",
        "本月完成投资*注",
        "累计本月完成投资(万元)",
        "本月完成投资（万元）（累计）",
    )
] + [
    Attack("heading 在场人数（百人）", sheet([*UNITED, "在场人数（百人）"], [*GOOD, 3])),
    Attack("heading 形象进度(‰)", sheet([*UNITED, "形象进度(‰)"], [*GOOD, 45])),
    Attack("group 累计", sheet([None, None, "全年累计"], UNITED, GOOD), 1750 * WAN),
    Attack(
        "group 上年 over two rows",
        sheet(["项目编号", "月份", "上年"], [None, None, "本月完成投资（万元）"], GOOD),
    ),
    Attack("the same heading twice", sheet([*UNITED, "本月完成投资（亿元）"], [*GOOD, 1])),
]
SAYS = {"validate": "list", "source": ["1"]}
WORKERS = (*UNITED, "在场人数")
STAFFED = (*GOOD, 3)


def charted(book: Any, page: Any) -> None:
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=月度进展!$C$2:$C$2"})
    chart.set_title({"name": "各项目投资（万元）"})
    page.insert_chart("F2", chart)


def chart_alone(folder: Path) -> Path:
    path = folder / "unit.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page, sheet = book.add_worksheet("月度进展"), book.add_chartsheet("图")
        page.write_row(0, 0, HEAD)
        page.write_row(1, 0, GOOD)
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=月度进展!$C$2:$C$2"})
        chart.set_title({"name": "单位：万元"})
        sheet.set_chart(chart)
    return path


def titled(code: str, value: Any = 2024) -> Make:
    """A workbook with a cell above its table to which only the number format adds words."""

    def make(folder: Path) -> Path:
        path = folder / "unit.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet("月度进展")
            page.write(0, 0, value, book.add_format({"num_format": code}))
            page.write_row(1, 0, HEAD)
            page.write_row(2, 0, GOOD)
        return path

    return make


def remarked(text: str, head: Any = HEAD, name: str = "填表要求", **others: Any) -> Make:
    """A workbook in which another sheet says something."""
    sheets = {"月度进展": [head, GOOD], name: [[text]], **others}
    return lambda folder: xlsx(folder / "unit.xlsx", sheets)


ELSEWHERE = [
    *(
        Attack(
            f"a prompt: {title} {text}",
            drawn(
                lambda _, page, t=title, m=text: page.data_validation(
                    "C2", {**SAYS, "input_title": t, "input_message": m}
                )
            ),
            1750 * WAN,
        )
        for title, text in (
            ("提示", "请按万元填报"),
            ("单位：万元", "请填数字"),
            ("", "单位：万元"),
        )
    ),
    Attack(
        "an error message",
        drawn(
            lambda _, page: page.data_validation(
                "C2", {**SAYS, "error_title": "填错了", "error_message": "金额以万元计"}
            )
        ),
        1750 * WAN,
    ),
    Attack(
        "a prompt with another unit than the heading",
        drawn(
            lambda _, page: page.data_validation("C2", {**SAYS, "input_message": "单位：元"}),
            UNITED,
        ),
    ),
    Attack("a chart's title", drawn(charted), 1750 * WAN),
    Attack("a chart's title against a heading", drawn(charted, (*HEAD[:2], "本月完成投资（元）"))),
    Attack("the title of a chart that is a sheet", chart_alone, 1750 * WAN),
    Attack(
        "another sheet, its items numbered",
        lambda folder: xlsx(
            folder / "unit.xlsx",
            {"月度进展": [HEAD, GOOD], "填表要求": [[1, "按月填报"], [2, "金额单位为万元"]]},
        ),
        1750 * WAN,
    ),
    Attack("a title's format", titled('0"年度（单位：万元）"'), 1750 * WAN),
    Attack("a title's format without quotes", titled("0年（万元）"), 1750 * WAN),
    Attack("a title's text format", titled('@"（万元）"', "月度进展"), 1750 * WAN),
    Attack("a title's format with an unknown unit", titled('0"（千元）"')),
    *(
        Attack(f"another sheet: {text}", remarked(text), 1750 * WAN)
        for text in ("金额单位为万元", "一、投资额均按万元填报。", "单位：万元")
    ),
    Attack(
        "another sheet before this one",
        lambda folder: xlsx(
            folder / "unit.xlsx", {"填表要求": [["以万元为单位"]], "月度进展": [HEAD, GOOD]}
        ),
        1750 * WAN,
    ),
    Attack("another sheet, unknown unit", remarked("金额单位为千元")),
    Attack("another sheet against the heading", remarked("金额单位为元", UNITED)),
    Attack(
        "two other sheets against each other", remarked("金额单位为元", 要求=[["金额单位为万元"]])
    ),
    Attack("the guide", remarked("金额单位为万元", name="填写说明"), 1750 * WAN),
    Attack(
        "another table speaks for itself",
        remarked("x", UNITED, 其他资金=[["单位：元"], ["甲", 3.0]]),
        1750 * WAN,
    ),
    Attack(
        "another sheet about amounts", remarked("总投资5000万元以上的项目须报", UNITED), 1750 * WAN
    ),
    *(
        Attack(f"people: {text}", sheet([text], WORKERS, STAFFED))
        for text in (
            "人数单位：百人",
            "单位：万元、百人",
            "人数以千人计",
            "在场人数按十人填报",
            "（百人）",
        )
    ),
    Attack("people one by one", sheet(["人数单位：人"], WORKERS, STAFFED), 1750 * WAN),
    Attack("people in words", sheet(["本月现场3千人，含分包"], WORKERS, STAFFED), 1750 * WAN),
    Attack("people where none are counted", sheet(["人数单位：百人"], UNITED, GOOD), 1750 * WAN),
    *(
        Attack(f"a cumulative title: {text}", sheet([text], UNITED, GOOD))
        for text in (
            "2024年6月累计完成投资表",
            "年初至今完成情况",
            "月度进展（累 计）",
            "开工以来投资",
        )
    ),
    Attack(
        "a title about a cumulative column",
        sheet(["当月及累计完成投资表"], (*UNITED, "累计投资"), (*GOOD, 9000)),
        1750 * WAN,
    ),
    Attack(
        "a title that excludes cumulative figures",
        sheet(["填当月数，不得填累计数"], UNITED, GOOD),
        1750 * WAN,
    ),
]

NAMED = [
    *(
        Attack(f"a tab called {name}", sheet(UNITED, GOOD, name=name), 1750 * WAN)
        for name in ("月度进展（6月）", "6月月度进展", "附表4 月度进展表", "表四、月度进展", "2024年6月 月度进展",
                     "月度进展_2024-06", "4.月度进展")
    ),
    *(
        Attack(f"another tab called {name}", sheet(UNITED, GOOD, name=name))
        for name in ("月度进展（累计）", "上年月度进展", "月度进展（计划数）", "月度进展草稿")
    ),
    *(
        Attack(f"headings {first}, {last}", sheet((first, "月份", last), GOOD), 1750 * WAN)
        for first, last in (
            ("1.项目编号", "3.本月完成投资（万元）"), ("(1)项目编号", "（3）本月完成投资（万元）"),
            ("一、项目编号", "三、本月完成投资（万元）"), ("项目编号（*）", "本月完成投资（万元，*必填）"),
            ("★项目编号（必填）", "本月完成投资*（万元）*"), ("项目编号（非必填）", "本月完成投资（万元）"),
        )
    ),
    Attack("a header said again with marks",
           sheet(UNITED, GOOD, ("项目编号（必填）", "★月份", "*本月完成投资（万元）")), 1750 * WAN),
]  # fmt: skip


@pytest.mark.parametrize("attack", [*UNITS, *HEADINGS, *ELSEWHERE, *NAMED], ids=str)
def test_no_wrong_value_is_taken(attack: Attack, tmp_path: Path) -> None:
    assert amounts_taken(attack, tmp_path) in (None, [attack.truth])


def test_a_heading_whose_star_is_raised_names_its_column(tmp_path: Path) -> None:
    path = tmp_path / "unit.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page, star = book.add_worksheet("月度进展"), book.add_format({"font_script": 1})
        page.write_row(0, 0, UNITED)
        page.write_rich_string("A1", "项目编号", star, "*")
        page.write_row(1, 0, GOOD)
    reading = read(path, PROGRAMME, name=NAME)
    assert reading.faults == []
    assert [row["invested"] for row in taken(reading)["progress"]] == [1750 * WAN]
