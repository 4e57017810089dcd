"""Where two releases differ: cell by cell where rows can be told apart, whole rows otherwise."""

from sanshi_report.build.differences import Difference, between_releases, between_tables
from sanshi_report.build.editions import differences_csv

KPIS = "as_of,kpi,scope,scope_value,actual\n{at},a,portfolio,,{one}\n{at},a,sector,工业,{two}\n"


def test_the_same_tables_do_not_differ():
    assert between_tables(KPIS, KPIS, "kpis.csv") == []


def test_a_changed_figure_is_named_by_its_row_and_column_and_the_moment_is_none():
    old, new = KPIS.format(at="1", one="1.5", two="2"), KPIS.format(at="2", one="1.5", two="2.25")
    assert between_tables(old, new, "kpis.csv") == [
        Difference("kpis.csv", "a sector 工业", "actual", "2", "2.25")
    ]


def test_a_row_is_known_by_the_fewest_columns_that_set_it_apart():
    old = "project_id,month,invested\nH1,2024-05,1\nH1,2024-06,2\nH2,2024-05,3\n"
    new = "project_id,month,invested\nH2,2024-05,3\nH1,2024-05,1\nH1,2024-06,2.5\n"
    assert between_tables(old, new, "t") == [Difference("t", "H1 2024-06", "invested", "2", "2.5")]
    one = "project_id,month,name\nH1,2024-05,甲\nH2,2024-05,乙\n"
    assert between_tables(one, one.replace("乙", "丙"), "t") == [
        Difference("t", "H2", "name", "乙", "丙")
    ]


def test_rows_that_only_one_side_has_are_told_whole():
    old = "node_id,node,days\nN1,封顶,3\nN2,桩基,\n"
    new = "node_id,node,days\nN2,桩基,\nN3,场平,1\n"
    assert between_tables(old, new, "t") == [
        Difference("t", "N1", "", "N1 | 封顶 | 3", ""),
        Difference("t", "N3", "", "", "N3 | 场平 | 1"),
    ]


def test_rows_nothing_sets_apart_are_known_by_their_number():
    old = "project_id,note\nH1,a\nH1,b\n"
    assert between_tables(old, old.replace("b", "c"), "t") == [
        Difference("t", "#2", "note", "b", "c")
    ]
    assert between_tables("n\n1\n", "n\n2\n", "t") == [Difference("t", "#1", "n", "1", "2")]


def test_a_column_that_came_or_went_is_told_cell_by_cell():
    found = between_tables("project_id,a\nH1,1\n", "project_id,b\nH1,2\n", "t")
    assert found == [Difference("t", "H1", "a", "1", ""), Difference("t", "H1", "b", "", "2")]


def test_a_table_without_rows_can_gain_some():
    assert between_tables("project_id,a\n", "project_id,a\nH1,2\n", "t") == [
        Difference("t", "H1", "", "", "H1 | 2")
    ]


def test_releases_are_compared_in_the_tables_both_have(tmp_path):
    for name, figure in (("one", "1"), ("other", "2")):
        (tmp_path / name / "tables").mkdir(parents=True)
        (tmp_path / name / "kpis.csv").write_text(KPIS.format(at=name, one=figure, two="3"))
        (tmp_path / name / "tables" / "a.csv").write_text(f"n\n{figure}\n")
    (tmp_path / "one/tables/gone.csv").write_text("n\n1\n")
    assert between_releases(tmp_path / "one", tmp_path / "other") == [
        Difference("kpis.csv", "a portfolio", "actual", "1", "2"),
        Difference("tables/a.csv", "#1", "n", "1", "2"),
    ]


def test_what_a_spreadsheet_would_run_is_made_harmless():
    found = [
        Difference("t", "=1", "a", "+1", "@x", "f.xlsx#表!2"),
        Difference("t", "r", "a", "-1.5", "-x"),
    ]
    assert differences_csv(found).splitlines()[1:] == [
        "t,'=1,a,'+1,'@x,f.xlsx#表!2",
        "t,r,a,-1.5,'-x,",
    ]


def test_a_row_is_known_by_its_declared_key_even_where_another_would_do():
    old, new = "verdict,items\nin_time,6\nlate,3\n", "verdict,items\nin_time,6\nlate,4\n"
    assert between_tables(old, new, "t", ["verdict"]) == [
        Difference("t", "late", "items", "3", "4")
    ]
    assert between_tables(old, new, "t") == [Difference("t", "#2", "items", "3", "4")]
    # A release from before the column had its name is still compared.
    assert between_tables(old, new, "t", ["judgement"]) == [
        Difference("t", "#2", "items", "3", "4")
    ]
