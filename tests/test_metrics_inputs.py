from decimal import Decimal

from ledgers import ledger, new, old, parameters

from sanshi_report.metrics import inputs

D = Decimal
TWO = [new("X1", "2024-03-15"), old("H1", "12", sector="民生")]


def row(project: str, name: str, needed: str, secured: str, **values: str) -> dict:
    base = {"project_id": project, "month": "2024-06", "input": name, "unit": "人"}
    return {**base, "needed": needed, "secured": secured, **values}


INPUTS = [
    row("X1", "钱", "0.3", "0.1", unit="亿元"),
    row("H1", "钱", "0.2", "0.2", unit="亿元"),
    row("X1", "人", "100", "60"),
    row("H1", "人", "20", "30"),
    row("X1", "地", "10", "5", unit="亩"),
    row("H1", "地", "1", "1", unit="公顷"),
    row("H1", "环境容量", "0", "0", unit="吨"),
    row("H1", "人", "999", "1", month="2024-05"),
]


def test_coverage_sums_this_month_in_one_unit() -> None:
    frame = inputs.coverage(ledger(projects=TWO, inputs=INPUTS), parameters())
    assert frame["scope_value"].tolist() == ["人", "地", "钱", "环境容量"]
    labour, land, money, capacity = frame.to_dict("records")
    assert (labour["needed"], labour["secured"]) == (D(120), D(90))
    assert (labour["shortfall"], labour["spare"]) == (D(40), D(10))
    assert (labour["secured_pct"], labour["short_projects"]) == (D(75), 1)
    assert money["secured_pct"] == D(60)
    assert money["needed"] == D("0.5")
    assert land["needed"] is None
    assert land["secured_pct"] is None
    assert land["short_projects"] == 1
    assert capacity["secured_pct"] is None


def test_shortfalls_by_project() -> None:
    frame = inputs.shortfalls(ledger(projects=TWO, inputs=INPUTS), parameters())
    assert frame["input"].tolist() == ["人", "地", "钱"]
    assert frame["shortfall"].tolist() == [D(40), D(5), D("0.2")]
    assert frame["secured_pct"].tolist() == [D(60), D(50), D("33.333333333333")]
    assert frame["name"].tolist() == ["示例X1"] * 3


def test_funding_by_source_and_by_scope() -> None:
    rows = [
        {"project_id": "X1", "source": "银行贷款", "planned": "3", "in_place": "1"},
        {"project_id": "H1", "source": "银行贷款", "planned": "6", "in_place": "2"},
        {"project_id": "H1", "source": "中央预算内投资", "planned": "1.5"},
    ]
    june = ledger(projects=TWO, funding=rows)
    sources = inputs.funding(june, parameters())
    assert sources["scope_value"].tolist() == ["中央预算内投资", "银行贷款"]
    assert sources["planned"].tolist() == [15 * 10**9, 9 * 10**10]
    assert sources["in_place"].tolist() == [0, 3 * 10**10]
    assert sources["in_place_pct"].tolist() == [D(0), D("33.333333333333")]
    kinds = inputs.funding(june, parameters(), "kind")
    assert kinds["in_place_pct"].tolist() == [D("33.333333333333"), D("26.666666666667")]


def test_nothing_reported() -> None:
    nothing = ledger(projects=TWO)
    assert inputs.coverage(nothing, parameters()).empty
    assert inputs.shortfalls(nothing, parameters()).empty
    assert inputs.funding(nothing, parameters()).empty
    assert inputs.funding(nothing, parameters(), "project")["in_place_pct"].tolist() == [None, None]
