"""Every number a report states must be in the data."""

from pathlib import Path

import pytest

from sanshi_report.build.check import Known, numbers_in
from sanshi_report.workspace import Workspace

KPIS = """period,kpi,scope,target,actual,gap
2024-06,investment.total,portfolio,1099.73,1099.73,0
2024-06,investment.completion_pct,portfolio,50,48.164073536109,-1.835926463891
2024-06,starts.milestone,portfolio,9,8,-1
"""


@pytest.fixture
def known():
    known = Known()
    known.add_csv(KPIS)
    return known


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("纳入30个项目，总投资1099.73亿元", ["30", "1099.73"]),
        ("低于序时进度1.84个百分点（−1.84）", ["1.84", "1.84"]),
        ("完成48.16%，比上月提高7,001.5万", ["48.16", "7,001.5"]),
        ("Ｈ０１总投资３５．５亿元", ["35.5"]),
        ("X01、H13和P-2024-03三个", []),
        ("2024年6月30日、6月30日、1—6月、2024年、2024-06、2024-06-30T23:59:59", []),
        ("30 June 2024, June 2024 and 5 July", []),
        ("第6期、第2季度、图3、表12", []),
        ("1. 第一项\n2. 第二项：3个", ["3"]),
        ("## 5. Problems\n\n### 5.1 Raised: 7", ["7"]),
        ("为2024个", ["2024"]),
        ("in 30 June projects 31", ["31"]),
    ],
)
def test_quantities_are_told_from_dates_ordinals_and_identifiers(text, stated):
    assert numbers_in(text) == stated


@pytest.mark.parametrize(
    "text",
    [
        "总投资1099.73亿元",
        "完成48.16%",
        "完成48.2%",
        "完成48.164073536109%",
        "低于序时进度1.84个百分点",
        "节点要求9个，已开工8个，差1个",
        "序时进度50.00%",
        "invested 109.973 billion yuan",
        "三类指标共3项",
    ],
)
def test_figures_of_the_tables_are_known_however_they_are_rounded(known, text):
    assert known.unknown_in(text) == []


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("总投资1099.74亿元", ["1099.74"]),
        ("完成48.17%", ["48.17"]),
        ("完成48%", ["48"]),
        ("已开工17个", ["17"]),
        ("**红灯**[■ 滞后]{.light .light-red}12个", ["12"]),
        ("1. 其中4项", ["4"]),
    ],
)
def test_a_number_typed_in_is_caught(known, text, unknown):
    assert known.unknown_in(text) == unknown


def test_how_many_rows_a_table_has_and_how_often_a_value_occurs_are_known():
    known = Known()
    known.add_csv("name,light\n甲,red\n乙,red\n丙,red\n丁,green\n戊,green\n己,yellow\n庚,yellow\n")
    assert known.unknown_in("7个项目：滞后3个，正常2个，黄1个") == []
    assert known.unknown_in("共8个") == ["8"]


def test_targets_and_thresholds_of_the_parameters_are_known():
    known = Known()
    known.add_parameters(Workspace(Path(__file__).parents[1]).parameters("2024-06").programme)
    assert known.unknown_in("9、14、17；735.97、151.76、68.20、13.70；−10；30个中18个") == []
    assert known.unknown_in("151.77") == ["151.77"]


def test_what_the_data_says_may_be_quoted_with_its_numbers(known):
    known.add_quotations(["迁改10千伏线路3.5公里", "无数字"])
    assert known.unknown_in("问题：迁改10千伏线路3.5公里。") == []
    assert known.unknown_in("迁改10千伏线路，长3.5公里") == ["10", "3.5"]


def test_markup_is_not_read_for_numbers(known):
    text = '见 @fig-7 与[附表](#tbl-12){.x5}<span style="width:77%">8</span>，\\(9\\)'
    assert known.unknown_in(text) == []


def test_a_figure_may_state_what_it_is_drawn_from(known):
    assert known.unknown_in("1月12.34亿元", ["12.341"]) == []
    assert known.unknown_in("1月12.35亿元", ["12.341"]) == ["12.35"]
