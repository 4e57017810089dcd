from dataclasses import replace
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, lights, new, old, parameters, planned, spent
from saying import said

from sanshi_report import metrics, tables
from sanshi_report.blocks import Grid, as_markdown, pack, plain
from sanshi_report.columns import keyed
from sanshi_report.ledger import Ledger
from sanshi_report.style import Language
from sanshi_report.tables import Table
from sanshi_report.workspace import Parameters

HOSTILE = "示例<script>x</script>|*_&"
PROJECTS = [
    new("X1", "2024-03-15", name=HOSTILE),
    new("X2", "2024-09-30", started_on="2024-06-01", sector="民生", county="市本级"),
    old("H1", "12", name="示例甲", total_investment="100.5", lead_official="示例领导甲"),
    old("H2", "24", name="示例乙", sector="民生", tier="county", county="示例乙县"),
    old("H3", "12", name="示例丙", sector="民生"),
]
PROGRESS = [*spent("H1", *["1.1"] * 6), *spent("H2", *["1"] * 6), *spent("H3", *["0.9"] * 6)]
PROBLEM = {
    "problem_id": "W1", "project_id": "H1", "raised_on": "2024-05-01", "category": "征地清表",
    "tier": "多部门", "owner": "自然资源部门", "due_on": "2024-06-20", "description": "三户未签",
}  # fmt: skip


def book(**given: Any) -> Ledger:
    return ledger(**{"projects": PROJECTS, "progress": PROGRESS, **given})


def grid(table: Table) -> Grid:
    return table.block.grid


def rows(table: Table, role: str = "body") -> list[list[str]]:
    return [[plain(c.text) for c in row.cells] for row in grid(table).body if row.role == role]


def notes(table: Table) -> str:
    return "".join(plain(note) for note in grid(table).notes)


def overview(facts: Ledger, language: Language = "zh") -> Table:
    return table("overview", facts, language)


def groups(facts: Ledger, language: Language = "zh") -> Table:
    return table("groups", facts, language)


def ranking(facts: Ledger, rules: Parameters | None = None) -> Table:
    return table("ranking", facts, rules=rules)


def starts(facts: Ledger, language: Language = "zh") -> Table:
    return table("starts", facts, language)


def table(
    name: str, facts: Ledger, language: Language = "zh", rules: Parameters | None = None
) -> Table:
    """Return a table as the bulletin sets it."""
    made: Table = said(facts, f"tbl_{name}", language, rules)
    return made


def test_the_overview_sets_target_beside_actual() -> None:
    found = {row[0]: row[1:] for row in rows(overview(book()))}
    assert found["开工节点"][:4] == ["个", "9", "1", "−8"]
    assert found["本年累计完成投资"] == ["亿元", "48.00", "18.00", "−30.00", "—"]
    assert found["完成年度计划"][:4] == ["%", "50.00", "37.50", "−12.50"]
    assert "■" in found["完成年度计划"][4]


def test_money_in_english_is_in_billions() -> None:
    found = {row[0]: row[1:4] for row in rows(overview(book(), "en"))}
    assert found["Invested this year"] == ["billion yuan", "4.800", "1.800"]


def test_totals_stand_between_sectors_and_tiers() -> None:
    table = groups(book())
    assert rows(table, "total") == [
        ["合计", "3", "48.00", "3.00", "18.00", "37.50%", "−12.50",
         "■ 滞后"]
    ]  # fmt: skip
    assert [row[0] for row in rows(table)] == ["工业", "民生", "其中：市本级", "其中：县区"]
    assert [row[5] for row in rows(table)] == ["55.00%", "31.67%", "50.00%", "25.00%"]


def test_the_ranking_is_within_each_sector() -> None:
    table = ranking(book())
    assert rows(table, "group") == [["工业"], ["民生"]]
    assert [row[:2] for row in rows(table)] == [["示例甲", "1"], ["示例丙", "1"], ["示例乙", "2"]]
    assert [row[6] for row in rows(table)] == ["+9.17", "+7.50", "+4.17"]
    assert [row[7] for row in rows(table)] == ["+5.00", "−5.00", "−25.00"]


def test_a_project_without_plan_is_listed_and_not_rated() -> None:
    table = ranking(book(projects=[old("H1", "12", name="示例甲"), old("H9", None, name="示例丁")]))
    assert rows(table)[-1][0] == "示例丁"
    assert rows(table)[-1][1] == "—"
    assert "不考核" in rows(table)[-1][8]


def test_the_rule_and_its_version_stand_under_every_light() -> None:
    for table in (overview(book()), groups(book()), ranking(book())):
        assert "预警规则test版" in notes(table)
        assert "0个百分点及以上为● 正常，−10个百分点及以上为▲ 预警" in notes(table)
    ratio = parameters(lights=lights("ratio", 100, 60))
    assert "100%及以上为● 正常，60%及以上为▲ 预警" in notes(ranking(book(), ratio))
    assert "计划开工月末仍未开工为▲ 预警、逾期满3个月为■ 滞后" in notes(starts(book()))


def test_starts_list_what_is_late_and_what_is_early() -> None:
    table = starts(book())
    assert rows(table, "group") == [["应开未开（1个）"], ["提前开工（1个）"]]
    late, early = rows(table)
    assert late[4:7] == ["3月15日", "—", "107"]
    assert early[0] == "示例X2"
    assert early[4:7] == ["9月30日", "6月1日", "—"]


def test_counties_and_sectors_have_english_names() -> None:
    assert rows(starts(book(), "en"))[1][1:3] == ["Livelihood", "City"]


def test_an_empty_list_says_so() -> None:
    nothing = starts(ledger())
    assert rows(nothing, "group") == [["应开未开（0个）"], ["提前开工（0个）"]]
    assert [row[0] for row in rows(nothing)] == ["无", "无"]
    problems = table("problems", ledger(), "en")
    assert [row[0] for row in rows(problems)] == ["None"]
    assert as_markdown([problems.block]).splitlines()[2].startswith("| None |")


def test_a_year_without_incidents_has_no_table_of_them() -> None:
    facts = ledger()
    assert tables.incidents(metrics.incidents.so_far(facts), parameters(), "zh") is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_table_can_be_empty(language: Language) -> None:
    facts, rules = ledger(), parameters()
    by_project = metrics.investment.by_project(facts, rules)
    register = metrics.starts.register(facts, rules)
    built = [
        tables.actions(metrics.problems.follow_up(facts), rules, language),
        tables.nodes(metrics.nodes.overdue(facts), metrics.nodes.due_next(facts), rules, language),
        tables.revisions(
            metrics.quality.revised(Ledger.of({}, facts.period, facts.as_of)), rules, language
        ),
        tables.changes(metrics.quality.changes(facts), rules, language),
        tables.ranking(by_project, rules, language),
        tables.continuing_projects(by_project, facts.projects, rules, language),
        tables.new_projects(
            register,
            metrics.investment.new_builds(facts, rules, "project"),
            facts.projects,
            rules,
            language,
        ),
        groups(facts, language),
        overview(facts, language),
    ]
    for table in built:
        assert grid(table).body, table.label


def test_hostile_text_is_shown_and_not_obeyed() -> None:
    table = starts(book())
    data, about = table._repr_mimebundle_()
    assert "<script>x" not in data["text/html"]
    assert "示例&lt;script&gt;x&lt;/script&gt;|*_&amp;" in data["text/html"]
    assert rows(table)[0][0] == "示例<script>x</script>|*_&"
    assert r"示例\<script\>x\<\/script\>\|\*\_\&" in data["text/markdown"]
    assert about == {"sanshi": {"label": "tbl-starts"}}


def test_every_markdown_row_has_every_column() -> None:
    for table in (starts(book()), groups(book()), ranking(book())):
        lines = as_markdown([table.block]).split("\n\n")[0].splitlines()
        assert {line.replace(r"\|", "").count("|") for line in lines} == {
            len(table.columns.split()) + 1
        }


def test_numbers_are_set_flush_right() -> None:
    cells = grid(ranking(book())).body[1].cells
    assert [cell.align for cell in cells] == [
        "left", "right", "left", "right", "right", "right", "right", "right", "left",
    ]  # fmt: skip


def test_the_same_table_has_the_same_bytes() -> None:
    assert pack([groups(book()).block]) == pack([groups(book()).block])


def test_the_data_behind_a_table_is_exact() -> None:
    text = groups(book())._repr_mimebundle_()[0]["text/csv"]
    header, first = text.splitlines()[:2]
    line = dict(zip(header.split(","), first.split(","), strict=True))
    assert line["annual_plan"] == "12"
    assert line["invested_ytd"] == "6.6"
    assert line["completion_pct"] == "55.000000000000"


def test_problems_are_grouped_from_the_highest_tier() -> None:
    facts = book(
        problems=[PROBLEM, PROBLEM | {"problem_id": "W2", "tier": "市政府", "due_on": "2024-07-31"}]
    )
    built = table("problems", facts)
    assert rows(built, "group") == [["市政府层级（1个）"], ["多部门层级（1个）"]]
    assert rows(built)[1] == ["示例甲", "征地清表：三户未签", "自然资源部门", "6月20日", "10", "—"]


def test_actions_say_how_late_they_are() -> None:
    action = {
        "action_id": "J1", "meeting_on": "2024-06-05", "project_id": "H1",
        "content": "示例甲：签完三户", "owner": "自然资源部门", "due_on": "2024-06-20",
    }  # fmt: skip
    facts = book(
        actions=[
            action,
            action | {"action_id": "J2", "project_id": None, "closed_on": "2024-06-20"},
        ]
    )
    found = rows(tables.actions(metrics.problems.follow_up(facts), parameters(), "zh"))
    assert found[0] == [
        "示例甲",
        "签完三户",
        "自然资源部门",
        "6月5日",
        "6月20日",
        "逾期未办结（10天）",
    ]
    assert found[1][:2] == ["—", "示例甲：签完三户"]
    assert found[1][5] == "按期办结"


def test_nodes_show_what_is_overdue_before_what_is_coming() -> None:
    node = {"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-06-25"}
    facts = book(nodes=[node, node | {"node_id": "N2", "node": "竣工", "due_on": "2024-07-31"}])
    built = table("nodes", facts)
    assert rows(built, "group") == [["逾期未完成（1个）"], ["下月到期（1个）"]]
    assert [[row[1], row[3], row[4]] for row in rows(built)] == [
        ["封顶", "6月25日", "5"],
        ["竣工", "7月31日", "—"],
    ]


def test_revised_figures_show_before_now_and_the_difference() -> None:
    revised = pd.DataFrame(
        {
            "name": ["示例甲", "示例甲"], "table": ["progress", "projects"],
            "month": ["2024-05", None], "column": ["invested", "planned_start"],
            "old": ["0.82", "2024-06-28"], "new": ["0.84", "2024-08-30"],
            "difference": pd.Series([Decimal("0.02"), None], dtype=object),
            "unit": ["亿元", None],
            "new_origin": ["2024-06/甲.xlsx#月度进展!7", "2024-06/乙.xlsx#项目台账!3 + corrections.yaml#1"],
        }
    )  # fmt: skip
    found = rows(tables.revisions(revised, parameters(), "zh"))
    assert found[0] == ["示例甲", "本月完成投资", "5月", "0.82", "0.84", "+0.02", "2024-06/甲.xlsx"]
    assert found[1] == [
        "示例甲", "计划开工", "—", "6月28日", "8月30日", "—", "2024-06/乙.xlsx + corrections.yaml",
    ]  # fmt: skip


def test_the_annexed_registers_keep_the_kinds_apart() -> None:
    facts, rules = book(plan=planned("H1", *["1"] * 12)), parameters()
    old_ones = tables.continuing_projects(
        metrics.investment.by_project(facts, rules), facts.projects, rules, "zh"
    )
    new_ones = tables.new_projects(
        metrics.starts.register(facts, rules),
        metrics.investment.new_builds(facts, rules, "project"),
        facts.projects,
        rules,
        "zh",
    )
    assert old_ones.wide
    assert new_ones.wide
    assert [row[0] for row in rows(old_ones)] == ["示例甲", "示例乙", "示例丙"]
    assert len(rows(new_ones)) == 2
    assert [plain(cell.text) for cell in grid(old_ones).head[0].cells if cell.columns == 3] == [
        "本年度投资"
    ]
    assert rows(old_ones)[0][3] == "100.50"


def addresses(table: Table) -> dict[str, tuple[str, str, str]]:
    """Return the addresses of a table's cells by what they show, of its first row of data."""
    body = next(row for row in table.block.grid.body if row.role == "body")
    return {run.text: tuple(run.at) for cell in body.cells for run in cell.text if run.at}


def test_a_cell_says_where_its_value_stands() -> None:
    found = addresses(ranking(book()))
    assert found["示例甲"] == ("investment.by_project", "H1", "name")
    assert found["+9.17"] == ("investment.by_project", "H1", "completion_change_points")


def test_a_frame_filtered_and_put_together_again_keeps_its_addresses() -> None:
    assert addresses(starts(book()))["3月15日"] == ("starts.register", "X1", "planned_start")


def test_a_frame_that_lost_its_key_has_no_addresses() -> None:
    register = metrics.starts.register(book(), parameters())
    built = shown_table(register.drop(columns="project_id"), "name planned_start")
    assert addresses(built) == {}


def test_words_made_of_a_row_and_what_is_missing_have_no_address() -> None:
    register = metrics.starts.register(book(), parameters())
    built = shown_table(register, "name started_on", says={"name": lambda row: row["name"] + "2"})
    assert "started_on" not in {at[2] for at in addresses(built).values()}
    assert "name" not in {at[2] for at in addresses(built).values()}


def shown_table(frame: pd.DataFrame, columns: str, **given: Any) -> Table:
    return Table(frame, columns, "tbl-a", parameters(), "zh", **given)


def test_a_key_of_days_and_words_is_one_line() -> None:
    frame = pd.DataFrame({"opens": [pd.Timestamp("2024-06-03")], "level": ["专班"], "held": [2]})
    built = shown_table(keyed(frame, "opens", "level", name="x.y"), "level held")
    assert addresses(built)["2"] == ("x.y", "2024-06-03 专班", "held")


def test_headings_and_sides_come_from_the_register() -> None:
    frame = pd.DataFrame({"name": ["甲"], "invested_ytd": [10**10], "gap_points": [Decimal("1.5")]})
    (head,) = shown_table(frame, "name invested_ytd gap_points").block.grid.head
    assert [plain(cell.text) for cell in head.cells] == ["项目", "累计完成", "与序时差距"]
    assert [cell.align for cell in head.cells] == ["left", "right", "right"]


def test_a_column_nobody_registered_is_named() -> None:
    with pytest.raises(LookupError, match="nonsense"):
        shown_table(pd.DataFrame({"nonsense": [1]}), "nonsense")._repr_mimebundle_()


def test_neighbours_share_a_heading_and_others_stand_through_both_rows() -> None:
    frame = pd.DataFrame({"name": ["甲"], "windows": [3], "met": [2], "missed": [1]})
    above, below = shown_table(
        frame, "name windows met missed", under={"本月": "windows met"}
    ).block.grid.head
    assert [(plain(c.text), c.columns, c.rows) for c in above.cells] == [
        ("项目", 1, 2), ("本月", 2, 1), ("缺", 1, 2),
    ]  # fmt: skip
    assert [plain(c.text) for c in below.cells] == ["应开", "已开"]


def test_an_indicator_is_shown_in_its_own_decimals_and_unit() -> None:
    frame = pd.DataFrame({
        "kpi": ["investment.ytd", "starts.milestone"], "unit": ["亿元", "个"],
        "actual": [Decimal("70.5"), Decimal(8)], "gap": [Decimal("-0.25"), Decimal(1)],
    })  # fmt: skip
    built = shown_table(frame, "unit actual gap")
    assert rows(built) == [["亿元", "70.50", "−0.25"], ["个", "8", "+1"]]
    english = replace(built, language="en")
    assert rows(english) == [["billion yuan", "7.050", "−0.025"], ["number", "8", "+1"]]


def test_a_quantity_keeps_the_unit_it_was_reported_in() -> None:
    frame = pd.DataFrame({"unit": ["亿元", "人"], "needed": [Decimal("151.76"), Decimal(460)]})
    built = replace(shown_table(frame, "unit needed"), language="en")
    assert rows(built) == [["亿元", "151.76"], ["人", "460"]]
