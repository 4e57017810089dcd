import json
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, planned, spent
from pydantic import ValidationError

from sanshi_report.errors import ParameterError
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import kpis, outlook, starts
from sanshi_report.metrics.kpis import kpis_csv, kpis_json
from sanshi_report.metrics.scopes import within
from sanshi_report.schemas import KPIS, TABLES, validate
from sanshi_report.workspace import Kpi, Pace, Parameters


def rows(table: pd.DataFrame, kpi: str, scope: str) -> dict[str, list[str]]:
    """Target, actual, gap and status of a KPI by value of a scope, as published."""
    lines = [
        line
        for line in json.loads(kpis_json(table))
        if (line["kpi"], line["scope"]) == (kpi, scope)
    ]
    return {
        line["scope_value"]: [line[c] for c in ("target", "actual", "gap", "status")]
        for line in lines
    }


@pytest.fixture(scope="module")
def table(small: Ledger, june: Parameters) -> pd.DataFrame:
    return kpis(small, june)


PORTFOLIO = {
    "projects.count": ["30", "4", "-26", None],
    "investment.total": ["1099.73", "100", "-999.73", None],
    "starts.milestone": ["9", "1", "-8", "yellow"],
    "starts.due": [None, "1", None, None],
    "starts.started": [None, "1", None, None],
    "starts.due_not_started": [None, "1", None, None],
    "starts.early": [None, "1", None, None],
    "investment.ytd": ["22", "9.75", "-12.25", None],
    "investment.completion_pct": [
        "50.000000000000",
        "44.318181818182",
        "-5.681818181818",
        "yellow",
    ],
    "investment.plan_to_date": ["9", "9.75", "0.75", None],
    "investment.new_builds": [None, "0.2", None, None],
    "nodes.done": ["2", "1", "-1", None],
    "nodes.overdue": [None, "1", None, None],
    "permits.granted": ["2", "1", "-1", None],
    "permits.overdue": [None, "1", None, None],
    "problems.closed": ["2", "1", "-1", None],
    "problems.overdue": [None, "1", None, None],
    "actions.closed": ["2", "1", "-1", None],
    "actions.overdue": [None, "1", None, None],
    "funding.in_place": ["40.5", "10.5", "-30", None],
    "completions.done": ["1", "1", "0", None],
    "commissioning.done": ["0", "0", "0", None],
    "incidents.count": ["0", "1", "1", None],
}


def test_every_kpi_of_the_portfolio(table: pd.DataFrame, june: Parameters) -> None:
    found = {code: rows(table, code, "portfolio").get("") for code in june.kpis}
    assert {code: row for code, row in found.items() if row} == PORTFOLIO
    assert set(found) - set(PORTFOLIO) == {"meetings.held", "inputs.secured_pct"}


def test_kpis_of_the_other_scopes(table: pd.DataFrame) -> None:
    assert rows(table, "projects.count", "kind") == {
        "新建": ["17", "2", "-15", None],
        "续建": ["13", "2", "-11", None],
    }
    assert rows(table, "projects.count", "tier") == {
        "市本级": ["18", "3", "-15", None],
        "县区": [None, "1", None, None],
    }
    assert rows(table, "permits.granted", "permit") == {
        "立项": ["1", "1", "0", None],
        "土地": ["1", "0", "-1", None],
        # On the office's list, and nobody has reported of them.
        **dict.fromkeys(("规划", "环评", "用能", "安评", "施工许可"), [None] * 4),
    }
    assert rows(table, "problems.closed", "level") == {
        "现场": ["1", "1", "0", None],
        "多部门": ["1", "0", "-1", None],
        **dict.fromkeys(("单一部门", "市政府", "常务会或常委会"), [None] * 4),
    }
    assert rows(table, "inputs.secured_pct", "input") == {
        "人": ["100.000000000000", "75.000000000000", "-25.000000000000", None],
        **dict.fromkeys(("地", "钱", "环境容量"), [None] * 4),
    }
    assert rows(table, "funding.in_place", "source") == {
        "市级财政资金": ["10.5", "0", "-10.5", None],
        "银行贷款": ["30", "10.5", "-19.5", None],
        **dict.fromkeys(
            (
                "中央预算内投资",
                "地方政府专项债券",
                "其他上级资金",
                "特许经营",
                "政府引导基金",
                "社会资本",
            ),
            [None] * 4,
        ),
    }
    # Three projects not completed; H2 was on 20 May.
    assert rows(table, "meetings.held", "level") == {
        "指挥部": ["1", "0", "-1", None],
        "指挥部办公室": ["1", "1", "0", None],
        "专班": ["6", "0", "-6", None],
        "项目": ["15", "0", "-15", None],
    }


def test_a_meeting_too_many_meets_no_other_window() -> None:
    held = [
        {"held_on": f"2024-06-{day:02d}", "level": "专班", "project_id": "X1"} for day in (3, 4, 5)
    ]
    june = ledger(projects=[new("X1", "2024-03-15"), new("X2", "2024-03-15")], meetings=held)
    # Two projects, two halves: three meetings in one of the four.
    assert rows(kpis(june, parameters()), "meetings.held", "level")["专班"] == [
        "4",
        "1",
        "-3",
        None,
    ]


def test_a_window_met_before_its_month_is_owed_and_met_in_the_month_it_ends_in() -> None:
    held = [{"held_on": "2024-05-27", "level": "项目", "project_id": "X1"}]
    june = ledger(projects=[new("X1", "2024-03-15")], meetings=held)
    assert rows(kpis(june, parameters()), "meetings.held", "level")["项目"] == [
        "5",
        "1",
        "-4",
        None,
    ]


def test_a_kpi_of_one_kind_has_that_kinds_projects_alone(table: pd.DataFrame) -> None:
    assert list(rows(table, "investment.ytd", "project")) == ["H1", "H2"]
    assert list(rows(table, "investment.ytd", "county")) == ["示例甲区"]
    assert list(rows(table, "starts.due", "project")) == ["X1", "X2"]
    assert list(rows(table, "starts.due", "county")) == ["示例乙县", "示例甲区"]
    assert rows(table, "investment.new_builds", "project")["X1"] == [None, "0", None, None]


def test_every_row_of_the_contract_and_no_other(table: pd.DataFrame, june: Parameters) -> None:
    validate(table, KPIS)
    found = set(zip(table["kpi"], table["scope"], strict=True))
    assert found == {(code, scope) for code, kpi in june.kpis.items() for scope in kpi.scopes}
    assert set(table["period"]) == {"2024-06"}
    assert set(table["as_of"]) == {"2024-07-05T23:59:59+08:00"}
    assert all(
        table["unit"] == table["kpi"].map({code: kpi.unit for code, kpi in june.kpis.items()})
    )


def test_the_gap_is_actual_less_target_to_the_last_place(table: pd.DataFrame) -> None:
    both = table[table["target"].notna() & table["actual"].notna()]
    assert len(both) > 50
    assert (both["actual"] - both["target"]).tolist() == both["gap"].tolist()
    assert table.drop(both.index)["gap"].isna().all()


def test_before_the_first_milestone_it_has_no_target() -> None:
    may = ledger("2024-05", projects=[new("X1", "2024-03-15", started_on="2024-05-01")])
    table = kpis(may, parameters("2024-05"))
    assert rows(table, "starts.milestone", "portfolio") == {"": [None, "1", None, "not_rated"]}


@pytest.mark.parametrize(("started", "status"), [(8, "yellow"), (9, "green")])
def test_the_milestone_is_green_when_met(started: int, status: str) -> None:
    builds = [new(f"X{n}", "2024-03-15", started_on="2024-06-30") for n in range(started)]
    table = kpis(ledger(projects=builds), parameters())
    assert rows(table, "starts.milestone", "portfolio")[""][3] == status


def test_a_project_without_plan_is_not_rated(june: Parameters) -> None:
    table = kpis(ledger(projects=[old("H1", None)], progress=spent("H1", "1")), june)
    rated = rows(table, "investment.completion_pct", "project")
    assert rated == {"H1": ["50.000000000000", None, None, "not_rated"]}
    assert rows(table, "investment.ytd", "project") == {"H1": [None, "1", None, None]}
    assert rows(table, "investment.plan_to_date", "project") == {"H1": [None] * 4}


def test_amounts_are_exact_to_the_fen(june: Parameters) -> None:
    parts = ["363.76", "341.00", "349.31", "45.66"]
    projects = [old(f"H{n}", "0.0000000001", total_investment=part) for n, part in enumerate(parts)]
    table = kpis(ledger(projects=projects), june)
    assert rows(table, "investment.total", "portfolio")[""] == ["1099.73", "1099.73", "0", None]
    assert rows(table, "investment.ytd", "project")["H0"][:3] == [
        "0.0000000001",
        "0",
        "-0.0000000001",
    ]


def test_an_empty_ledger_has_the_rows_of_the_portfolio(june: Parameters) -> None:
    table = kpis(ledger(), june)
    assert set(table["scope"]) == {"portfolio", "permit", "level", "input", "source"}
    assert rows(table, "permits.granted", "portfolio") == {"": [None] * 4}
    assert rows(table, "problems.closed", "portfolio") == {"": ["0", "0", "0", None]}
    assert rows(table, "investment.completion_pct", "portfolio")[""] == [
        "50.000000000000", None, None, "not_rated",
    ]  # fmt: skip


def test_the_files_are_plain_and_always_the_same(
    table: pd.DataFrame, small: Ledger, june: Parameters
) -> None:
    lines = kpis_csv(table).splitlines()
    head = "2024-06,2024-07-05T23:59:59+08:00"
    assert lines[0] == "period,as_of,kpi,scope,scope_value,target,actual,unit,gap,status"
    assert f"{head},starts.due,portfolio,,,1,个,," in lines
    assert f"{head},investment.ytd,project,H1,12,6,亿元,-6," in lines
    assert (
        f"{head},investment.completion_pct,project,H1,50.000000000000,50.000000000000,%,0.000000000000,green"
        in lines
    )
    assert "E-" not in kpis_csv(table)
    assert "\r" not in kpis_csv(table)
    assert kpis_csv(kpis(small, june)) == kpis_csv(table)
    first = json.loads(kpis_json(table))[0]
    assert list(first) == list(KPIS.columns)
    assert (first["target"], first["status"]) == ("30", None)
    assert len(json.loads(kpis_json(table))) == len(lines) - 1


def test_a_spreadsheet_takes_no_value_for_a_formula(june: Parameters) -> None:
    table = kpis(ledger(projects=[old("=HYPERLINK(1)", "1")]), june)
    assert ",project,'=HYPERLINK(1)," in kpis_csv(table)
    assert table["scope_value"].eq("=HYPERLINK(1)").any()


def declared(june: Parameters, **entry: Any) -> Parameters:
    """The parameters with one indicator, as the catalogue declares it."""
    texts = {"zh": "示例", "en": "Sample"}
    told = {
        "label": texts,
        "formula": texts,
        "unit": "个",
        "decimals": 0,
        "reads": ["projects", "problems"],
    }
    return replace(june, kpis={"local.sample": Kpi.model_validate(told | entry)})


def test_an_indicator_of_a_frame_needs_no_code(small: Ledger, june: Parameters) -> None:
    of = {"frame": "investment.by_group", "actual": "invested_month"}
    rules = declared(june, of=of, unit="亿元", scopes=["sector"])
    # H1 and H2 in June.
    assert rows(kpis(small, rules), "local.sample", "sector") == {
        "工业": [None, "1", None, None],
        "民生": [None, "0.25", None, None],
    }


def test_an_indicator_that_counts_rows_needs_no_code(small: Ledger, june: Parameters) -> None:
    told = {"table": "problems", "where": {"category": ["用地报批"]}, "during": "year"}
    rules = declared(june, rows=told, fixed_target=0, scopes=["portfolio", "county", "level"])
    table = kpis(small, rules)
    assert rows(table, "local.sample", "portfolio") == {"": ["0", "1", "1", None]}
    assert rows(table, "local.sample", "county") == {
        "示例乙县": ["0", "1", "1", None],
        "示例甲区": ["0", "0", "0", None],
    }
    assert rows(table, "local.sample", "level")["多部门"] == ["0", "1", "1", None]


def test_an_indicator_that_sums_a_column_has_the_rows_of_its_time_and_kind(
    small: Ledger, june: Parameters
) -> None:
    money = {"table": "progress", "sum": "invested"}
    for during, amount in (("period", "0.2"), ("year", "0.2"), ("ever", "0.2")):
        rules = declared(june, rows=money | {"during": during}, kind="new_build", unit="亿元",
                         scopes=["portfolio"])  # fmt: skip
        assert rows(kpis(small, rules), "local.sample", "portfolio")[""][1] == amount
    rules = declared(june, rows=money | {"during": "period"}, unit="亿元", scopes=["portfolio"],
                     target_rows={"table": "plan", "sum": "planned_investment", "during": "period"})  # fmt: skip
    # 1 + 0.25 + 0.2 of 1 + 0.5
    assert rows(kpis(small, rules), "local.sample", "portfolio")[""][:2] == ["1.5", "1.45"]


@pytest.mark.parametrize(
    ("entry", "key"),
    [
        ({"of": {"frame": "starts.magic", "actual": "due"}}, "kpi_frame_unknown"),
        ({"of": {"frame": "magic.counts", "actual": "due"}}, "kpi_frame_unknown"),
        ({"of": {"frame": "starts.register", "actual": "name"}}, "kpi_frame_unknown"),
        ({"of": {"frame": "starts.counts", "actual": "magic"}}, "kpi_column_unknown"),
        ({"rows": {"table": "magic"}}, "kpi_reads_unknown"),
        ({"rows": {"table": "progress", "sum": "evidence"}}, "kpi_column_unknown"),
        ({"rows": {"table": "progress", "where": {"magic": ["x"]}}}, "kpi_column_unknown"),
        ({"rows": {"table": "nodes", "during": "year"}}, "kpi_undated"),
    ],
)
def test_a_declaration_that_leads_nowhere_says_where(
    small: Ledger, june: Parameters, entry: dict[str, Any], key: str
) -> None:
    with pytest.raises(ParameterError) as refused:
        kpis(small, declared(june, **entry, scopes=["portfolio"]))
    assert refused.value.key == key


@pytest.mark.parametrize(
    "entry", [{}, {"of": {"frame": "starts.counts", "actual": "due"}, "rows": {"table": "nodes"}}]
)
def test_an_indicator_has_one_source(june: Parameters, entry: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="either"):
        declared(june, **entry, scopes=["portfolio"])


def test_a_part_of_the_programme_has_no_target_of_the_whole(
    small: Ledger, june: Parameters
) -> None:
    county = within(small, small.projects.query("county == '示例乙县'")["project_id"])
    table = kpis(county, june)
    assert rows(table, "starts.milestone", "portfolio") == {"": [None, "0", None, "not_rated"]}
    assert rows(table, "projects.count", "portfolio") == {"": [None, "1", None, None]}
    assert rows(table, "projects.count", "kind") == {"新建": [None, "1", None, None]}
    assert rows(table, "projects.count", "tier") == {"县区": [None, "1", None, None]}
    assert rows(table, "meetings.held", "level")["指挥部"] == ["0", "0", "0", None]
    assert starts.milestones(county, june).empty
    assert starts.staircase(county, june)["required"].isna().all()
    assert outlook.starts(county, june).empty


def test_a_part_of_the_programme_keeps_the_basis_of_the_whole() -> None:
    told = ledger(
        projects=[old("H1", "12"), old("H2", "12", county="示例乙县")],
        plan=planned("H2", *["0.5"] * 6, *["1.5"] * 6),
        progress=spent("H2", "3"),
    )
    rules = parameters(pace=Pace(basis="plan"))
    part = within(told, told.projects.query("county == '示例乙县'")["project_id"])
    # H1 has no monthly plans, so the whole goes by the months, and H2's page with it.
    for facts in (told, part):
        assert rows(kpis(facts, rules), "investment.completion_pct", "project")["H2"][:2] == [
            "50.000000000000", "25.000000000000",
        ]  # fmt: skip


def test_some_scopes_alone_give_the_same_rows(
    small: Ledger, june: Parameters, table: pd.DataFrame
) -> None:
    some = kpis(small, june, scopes=["portfolio", "level"])
    expected = table[table["scope"].isin(["portfolio", "level"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(some, expected)


@pytest.mark.parametrize("code", PORTFOLIO | {"meetings.held": None, "inputs.secured_pct": None})
def test_a_kpi_is_worked_out_from_the_tables_it_says_it_reads(
    small: Ledger, table: pd.DataFrame, june: Parameters, code: str
) -> None:
    entry = june.kpis[code]
    others = {name: getattr(small, name).iloc[:0] for name in TABLES if name not in entry.reads}
    alone = kpis(replace(small, **others), replace(june, kpis={code: entry}))
    expected = table[table["kpi"] == code].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, expected)


def test_a_catalogue_that_reads_no_table_there_is_is_refused(
    small: Ledger, june: Parameters
) -> None:
    entry = june.kpis["nodes.done"].model_copy(update={"reads": ["节点"]})
    with pytest.raises(ParameterError) as refused:
        kpis(small, replace(june, kpis={"nodes.done": entry}))
    assert refused.value.key == "kpi_reads_unknown"
    assert "节点" in refused.value.text("zh")
