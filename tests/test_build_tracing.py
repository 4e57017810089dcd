"""Every number a report states must be in the data, and lead to where it is."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from sanshi_report.build.places import Places, names_in, places_in
from sanshi_report.build.quantities import quantities, quotable
from sanshi_report.build.tracing import Statement, traces
from sanshi_report.workspace import Workspace

KPIS = """period,kpi,scope,scope_value,target,actual,unit,gap
2024-06,investment.total,portfolio,,1099.73,1099.73,亿元,0
2024-06,investment.completion_pct,portfolio,,50,48.164073536109,%,-1.835926463891
2024-06,starts.milestone,portfolio,,9,8,个,-1
2024-06,investment.completion_pct,sector,工业,50,53.36,%,3.36
2024-06,permits.granted,portfolio,,181,152,项,-29
2024-06,nodes.done,portfolio,,181,162,个,-19
"""
FILE = "tables/report-problems.csv"
PROBLEMS = """problem_id,name,owner,days_overdue,is_overdue
W1,示例水库工程,市政府,12,True
W2,示例铁路专用线,自然资源部门,3,True
W3,示例铁路专用线,自然资源部门,,False
"""


@pytest.fixture
def known():
    return Places().and_csv(KPIS, "kpis.csv")


def traced(places, text, near=(), own=""):
    """Where each number of a text stands: the number, its file, row and column, and whether that is certain.

    A number is written with what its sentence calls it: `[8:overdue]`.
    """
    parts = re.split(r"\[([\d.]+):([^]]+)\]", text)
    plain, values = parts[0], []
    for shown, name, following in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        values.append((len(plain), len(plain) + len(shown), name))
        plain += shown + following
    statement = Statement(0, plain, (), values=tuple(values), is_prose=True)
    return [
        (t.quantity.shown, t.places[0].row, t.places[0].column, t.is_certain)
        if t.places
        else t.quantity.shown
        for t in traces(places, statement, near, own)
    ]


def unknown(places, text, **more):
    return [one for one in traced(places, text, **more) if isinstance(one, str)]


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
        ('见 @fig-7 与[附录](#tbl-12){.x5}<span style="width:77%">8</span>，\\(9\\)', ["8", "9"]),
    ],
)
def test_quantities_are_told_from_dates_ordinals_identifiers_and_markup(text, stated):
    assert [one.shown for one in quantities(text)] == stated


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("投资73.56亿元", "money"),
        ("invested 7.356 billion yuan", "money"),
        ("完成48.47%", "percent"),
        ("低于序时进度1.53个百分点", "points"),
        ("1.53 points behind the pace", "points"),
        ("已逾期3个月", "months"),
        ("中位数46个工作日", "days"),
        ("超15天", "days"),
        ("共8个", "count"),
        ("得12.50分", "count"),
    ],
)
def test_a_quantity_has_the_unit_that_follows_it(text, unit):
    assert [one.unit for one in quantities(text)] == [unit]


def test_a_quantity_knows_its_digits_in_the_markdown():
    text = "**Ｈ０１**投资３５．５亿元，[▲ 预警]{.light .light-yellow}4个"
    assert [text[one.start : one.end] for one in quantities(text)] == ["３５．５", "4"]


def test_what_the_data_says_may_be_quoted_with_its_numbers():
    quoted = quotable(["迁改10千伏线路3.5公里", "无数字", None])
    assert quoted == ("迁改10千伏线路3.5公里",)
    assert quantities("问题：迁改10千伏线路3.5公里。", quoted) == []
    assert len(quantities("迁改10千伏线路，长3.5公里", quoted)) == 2


@pytest.mark.parametrize("name", ["10", "99.73", "0", "１０", "9", "7", "73亿元"])
def test_a_project_that_is_called_a_number_hides_no_part_of_one(name):
    (found,) = quantities("总投资1099.73亿元", quotable([name]))
    assert (found.shown, found.unit) == ("1099.73", "money")


def test_a_project_that_is_called_a_number_is_quoted_where_it_stands_alone():
    found = quantities("10已开工，共3个、10, 10.", quotable(["10"]))
    assert [one.shown for one in found] == ["3"]


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
    ],
)
def test_figures_of_the_tables_are_known_however_they_are_rounded(known, text):
    assert unknown(known, text) == []


@pytest.mark.parametrize(
    ("text", "strays"),
    [
        ("总投资1099.74亿元", ["1099.74"]),
        ("完成48.17%", ["48.17"]),
        ("完成48%", ["48"]),
        ("已开工17个", ["17"]),
        ("**红灯**[■ 滞后]{.light .light-red}12个", ["12"]),
        ("1. 其中4项", ["4"]),
        ("共6项指标", ["6"]),
    ],
)
def test_a_number_typed_in_is_caught(known, text, strays):
    assert unknown(known, text) == strays


@pytest.mark.parametrize(
    "text", ["完成1099.73%", "投资48.16亿元", "逾期8天", "高于序时进度53.36个百分点"]
)
def test_a_number_of_another_unit_does_not_count(known, text):
    assert len(unknown(known, text)) == 1


def test_a_figure_may_state_what_it_is_drawn_from(known):
    drawn = Statement(0, "1月12.34亿元，2月12.35亿元", (), drawn=("12.341",))
    assert [bool(one.places) for one in traces(known, drawn)] == [True, False]


def test_targets_and_thresholds_of_the_parameters_are_known():
    rules = Workspace(Path(__file__).parents[1]).parameters("2024-06")
    places = Places().and_of(places_in(rules))
    assert unknown(places, "9、14、17；735.97亿元、151.76亿元、68.20亿元；−10；30个中18个") == []
    assert unknown(places, "151.77亿元") == ["151.77"]
    assert traced(places, "年度计划151.76亿元")[0][1] == "control_totals.continuing.annual_plan"


def test_a_year_is_no_quantity():
    assert [q.shown for q in quantities("2025 and 4", values=[(0, 4, "year")])] == ["4"]


def test_a_number_leads_to_the_cell_of_an_indicator_that_its_sentence_calls_by_name(known):
    text = (
        "完成[48.16:investment_completion_pct]%，低于[1.84:investment_completion_pct_gap]个百分点；"
        "工业完成[53.36:investment_completion_pct]%，进度[50:investment_completion_pct_target]%"
    )
    assert traced(known, text) == [
        ("48.16", "investment.completion_pct portfolio", "actual", True),
        ("1.84", "investment.completion_pct portfolio", "gap", True),
        ("53.36", "investment.completion_pct sector 工业", "actual", True),
        ("50", "investment.completion_pct sector 工业", "target", True),
    ]


def test_a_number_that_is_called_nothing_is_never_said_to_be_certain(known):
    assert [one[3] for one in traced(known, "总投资1099.73亿元，手续152项")] == [False, False]


def test_of_two_indicators_with_one_value_the_one_that_is_named_is_meant(known):
    for name in ("permits_granted", "nodes_done"):
        found = traced(known, f"应办[181:{name}_target]项")
        assert found == [("181", f"{name.replace('_', '.')} portfolio", "target", True)]


def test_part_of_a_columns_name_will_do_where_no_other_column_has_it():
    table = "name,days_late,age_days,months_late\n示例水库工程,7,7,3\n"
    places = Places().and_csv(table, FILE)
    assert traced(places, "迟[3:months]个月", [FILE]) == [
        ("3", "示例水库工程", "months_late", True)
    ]
    assert traced(places, "迟[7:days]天", [FILE])[0][3] is False


def test_a_count_leads_to_the_rows_that_are_counted(known):
    places = known.and_csv(PROBLEMS, FILE)
    # What the sentence calls a number is a value of a column, a column, or all rows.
    assert traced(places, "[2:自然资源部门]个", [FILE]) == [("2", "自然资源部门", "owner", True)]
    assert traced(places, "逾期[2:overdue]个", [FILE]) == [("2", "True", "is_overdue", True)]
    assert traced(places, "共[3:rows]个", own=FILE) == [("3", "", "", True)]


def test_a_whole_number_that_stands_in_many_places_is_not_said_to_come_from_one(known):
    places = known.and_csv(PROBLEMS, FILE)
    assert traced(places, "另有1个")[0][3] is False
    assert traced(places, "已逾期[12:days_overdue]天", [FILE])[0][3] is False
    found = traced(places, "示例水库工程已逾期[12:days_overdue]天", [FILE])
    assert found == [("12", "W1", "days_overdue", True)]


def test_the_project_named_last_is_meant():
    table = "name,score\n示例水库工程,7\n示例铁路专用线,7\n示例新校区,7\n"
    places = Places().and_csv(table, FILE)
    text = "示例水库工程（示例甲局，[7:score]分）、示例铁路专用线（示例乙局；[7:score]分）"
    assert [one[1] for one in traced(places, text, [FILE])] == ["示例水库工程", "示例铁路专用线"]


def test_a_heading_names_what_its_section_is_about():
    table = "name,score\n示例水库工程,7\n示例铁路专用线,7\n"
    places = Places().and_csv(table, FILE)
    text = "## 示例铁路专用线\n\n得[7:score]分"
    assert traced(places, text, [FILE]) == [("7", "示例铁路专用线", "score", True)]


def test_english_may_name_it_after_the_number():
    table = "kind,projects\n新建,17\n续建,17\n"
    places = Places(names={"新建": ("new builds",), "续建": ("continuing projects",)})
    places = places.and_csv(table, FILE)
    text = "[17:projects] continuing projects and [17:projects] new builds"
    assert [one[1] for one in traced(places, text, [FILE])] == ["续建", "新建"]


def test_the_row_of_all_is_meant_where_no_other_is_named():
    table = "scope_value,done\n工业,5\n民生,5\n,5\n"
    places = Places().and_csv(table, FILE)
    assert traced(places, "完成[5:done]个", [FILE]) == [("5", "", "done", True)]
    assert traced(places, "民生完成[5:done]个", [FILE]) == [("5", "民生", "done", True)]


def test_a_part_that_is_named_is_not_the_whole_even_if_it_is_all_there_is():
    own = "tables/report-data-own.csv"
    places = (
        Places().and_csv("found\n1\n", own).and_csv("rule,found\n开而不动,1\n日期在未来,0\n", FILE)
    )
    found = traced(places, "疑点[1:found]条：开而不动[1:found]条", [FILE], own)
    assert found == [("1", "#1", "found", True), ("1", "开而不动", "found", True)]


def test_a_row_that_the_text_does_not_name_is_not_said_to_be_meant(known):
    places = known.and_csv("scope_value,done\n工业,5\n民生,4\n", FILE)
    assert traced(places, "完成[5:done]个", [FILE])[0][3] is False
    assert traced(places, "民生完成[5:done]个", [FILE])[0][3] is False


def test_what_a_text_was_written_from_comes_before_what_merely_has_the_same_column():
    places = Places().and_csv("done\n5\n", FILE).and_csv("done\n5\n", "tables/report-data-own.csv")
    statement = Statement(0, "5", (), values=((0, 1, "done"),), is_prose=True)
    (found,) = traces(places, statement, [FILE], "tables/report-data-own.csv")
    assert found.places[0].file == "tables/report-data-own.csv"


def test_a_word_of_one_character_names_a_row_only_where_it_stands_alone():
    table = "input,secured_pct\n人,70\n地,70\n钱,80\n"
    places = Places().and_csv(table, FILE)
    text = "人[70:secured_pct]%、地（落实[70:secured_pct]%）"
    assert [one[1] for one in traced(places, text, [FILE])] == ["人", "地"]
    assert traced(places, "本地人员[70:secured_pct]%", [FILE])[0][3] is False


def test_a_parameter_is_called_by_the_end_of_its_path():
    rules = Workspace(Path(__file__).parents[1]).parameters("2024-06")
    places = Places().and_of(places_in(rules))
    found = traced(places, "节点[20:scoring_nodes_points]分")
    assert found == [("20", "scoring.nodes.points", "", True)]


def test_what_is_called_by_another_name_in_a_sentence_is_found_by_it():
    table = "project_id,days_late\nH08,7\nH09,7\n"
    names = {"H08": ("示例水库工程",), "H09": ("示例铁路专用线",)}
    places = Places(names=names).and_csv(table, FILE)
    text = "示例铁路专用线迟[7:days_late]天"
    assert traced(places, text, [FILE]) == [("7", "H09", "days_late", True)]


def test_a_month_names_its_row_and_so_does_its_last_day():
    rules = Workspace(Path(__file__).parents[1]).parameters("2024-06")
    names = names_in(SimpleNamespace(projects={"project_id": [], "name": []}), rules, "zh")
    assert names["2024-09"] == ("9月", "9月30日")
    places = Places(names=names).and_csv("month,required\n2024-09,14\n2024-10,14\n", FILE)
    text = "9月30日前开工[14:required]个"
    assert traced(places, text, [FILE]) == [("14", "2024-09", "required", True)]
