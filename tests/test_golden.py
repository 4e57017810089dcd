"""June's figures on the committed sample: none changes unnoticed, and each is true to the workbooks.

The second half reads `data/raw` with openpyxl and adds up in `Decimal`, without the package, so that a
mistake of the package cannot confirm itself. Update the golden table with `pytest --update-golden`.
"""

import csv
from collections import Counter
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import openpyxl
import pytest

from sanshi_report.ledger import load
from sanshi_report.metrics import kpis
from sanshi_report.metrics.kpis import kpis_csv
from sanshi_report.workspace import Workspace

REPOSITORY = Path(__file__).parents[1]
RAW = REPOSITORY / "data" / "raw"
GOLDEN = Path(__file__).parent / "golden" / "kpis-2024-06.csv"

END = datetime(2024, 6, 30)
CUTOFF = datetime.fromisoformat("2024-07-05T23:59:59+08:00")
KEYS = {
    "项目台账": ("项目编号",),
    "月度计划": ("项目编号", "月份"),
    "节点计划": ("节点编号",),
    "月度进展": ("项目编号", "月份"),
    "手续办理": ("项目编号", "手续"),
    "要素保障": ("项目编号", "月份", "要素"),
    "资金来源": ("项目编号", "来源"),
    "问题台账": ("问题编号",),
    "交办事项": ("事项编号",),
    "安全廉政": ("编号",),
}
SCOPES = {
    "kind": "建设性质",
    "sector": "领域",
    "tier": "级别",
    "county": "属地",
    "project": "项目编号",
}


def test_junes_kpis_are_those_of_the_golden_table(request):
    workspace = Workspace.find(REPOSITORY)
    made = kpis_csv(kpis(load(workspace, "2024-06"), workspace.parameters("2024-06")))
    if request.config.getoption("--update-golden"):
        GOLDEN.write_text(made, encoding="utf-8", newline="\n")
    golden = GOLDEN.read_text(encoding="utf-8")
    changed = Counter(made.splitlines())
    changed.subtract(golden.splitlines())
    told = [("+" if n > 0 else "-") + line for line, n in changed.items() if n]
    assert told == [], "`pytest --update-golden` takes these over, if they are meant"
    assert made == golden


@pytest.fixture(scope="module")
def sheets():
    """Every sheet as known at the cutoff: the last row received for a key, amounts in 亿元."""
    known = {title: {} for title in KEYS}
    with (RAW / "receipts.csv").open(encoding="utf-8", newline="") as file:
        receipts = sorted(csv.DictReader(file), key=lambda receipt: receipt["received_at"])
    for receipt in receipts:
        if (
            receipt["period"] <= "2024-06"
            and datetime.fromisoformat(receipt["received_at"]) <= CUTOFF
        ):
            book = openpyxl.load_workbook(RAW / receipt["period"] / receipt["file"])
            for title in known.keys() & set(book.sheetnames):
                for row in rows_of(book[title]):
                    known[title][tuple(row[name] for name in KEYS[title])] = row
    return {title: list(rows.values()) for title, rows in known.items()}


def rows_of(sheet):
    """Yield the rows below the title and the headings, numbers as the decimals they were typed as."""
    heads = [cell.value for cell in sheet[2]]
    for cells in sheet.iter_rows(min_row=3, values_only=True):
        if cells[0] == "合计":
            continue
        row = {}
        for head, value in zip(heads, cells, strict=True):
            name, _, unit = head.rstrip("）").partition("（")
            if isinstance(value, int | float):
                value = Decimal(repr(value))
                value = value / 10000 if unit == "万元" else value
            row[name] = value
        yield row


@pytest.fixture(scope="module")
def register(sheets):
    return {row["项目编号"]: row for row in sheets["项目台账"]}


@pytest.fixture(scope="module")
def golden():
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        return {(r["kpi"], r["scope"], r["scope_value"]): r for r in csv.DictReader(file)}


def happened(day):
    return day is not None and day <= END


def overdue(rows, due, done):
    return [row for row in rows if happened(row[due]) and not happened(row[done])]


def ones(rows, label=None):
    """Return what counts rows: (project, label, 1) each."""
    return [(row["项目编号"], label and row[label], Decimal(1)) for row in rows]


def amounts(rows, column, label=None):
    return [(row["项目编号"], label and row[label], row[column] or Decimal(0)) for row in rows]


@pytest.fixture(scope="module")
def facts(sheets, register):
    """Of each KPI that adds up: what its target (None if it has none) and its actual are the sum of."""
    projects = list(register.values())
    dates = {name: {} for name in ("实质性开工日期", "竣工日期", "投产日期")}
    for row in sheets["月度进展"]:
        for name, days in dates.items():
            if happened(row[name]):
                days[row["项目编号"]] = row[name]
    started, completed, commissioned = dates.values()
    new = [row for row in projects if row["建设性质"] == "新建"]
    old = [row for row in projects if row["建设性质"] == "续建"]
    due = [row for row in new if happened(row["计划开工"])]
    spent = [row for row in sheets["月度进展"] if "2024-01" <= row["月份"] <= "2024-06"]
    is_old = {row["项目编号"] for row in old}
    ytd = [row for row in spent if row["项目编号"] in is_old]
    plan = [row for row in sheets["月度计划"] if row["月份"] <= "2024-06"]
    nodes = sheets["节点计划"]
    nodes_due = [row for row in nodes if happened(row["计划完成"])]
    permits = [r for r in sheets["手续办理"] if r["状态"] != "不需要"]
    problems = [r for r in sheets["问题台账"] if happened(r["提出日期"])]
    actions = [r for r in sheets["交办事项"] if happened(r["会议日期"])]

    def done(rows, column):
        return [row for row in rows if happened(row[column])]

    def among(rows, days):
        return [row for row in rows if row["项目编号"] in days]

    not_started = [row for row in due if row["项目编号"] not in started]
    early = [row for row in among(new, started) if row not in due]
    spent_new = [row for row in spent if row["项目编号"] not in is_old]
    return {
        "starts.due": (None, ones(due)),
        "starts.started": (None, ones(among(new, started))),
        "starts.due_not_started": (None, ones(not_started)),
        "starts.early": (None, ones(early)),
        "investment.ytd": (amounts(old, "年度计划投资"), amounts(ytd, "本月完成投资")),
        "investment.plan_to_date": (amounts(plan, "计划完成投资"), amounts(ytd, "本月完成投资")),
        "investment.new_builds": (None, amounts(spent_new, "本月完成投资")),
        "nodes.done": (ones(nodes_due), ones(done(nodes_due, "实际完成"))),
        "nodes.overdue": (None, ones(overdue(nodes, "计划完成", "实际完成"))),
        "permits.granted": (ones(permits, "手续"), ones(done(permits, "办结日期"), "手续")),
        "permits.overdue": (None, ones(overdue(permits, "承诺办结", "办结日期"), "手续")),
        "problems.closed": (ones(problems, "层级"), ones(done(problems, "解决日期"), "层级")),
        "problems.overdue": (None, ones(overdue(problems, "承诺解决", "解决日期"), "层级")),
        "actions.closed": (ones(actions), ones(done(actions, "办结日期"))),
        "actions.overdue": (None, ones(overdue(actions, "期限", "办结日期"))),
        "funding.in_place": (
            amounts(sheets["资金来源"], "计划", "来源"),
            amounts(sheets["资金来源"], "到位", "来源"),
        ),
        "completions.done": (ones(done(projects, "计划竣工")), ones(among(projects, completed))),
        "commissioning.done": (
            ones(done(projects, "计划投产")),
            ones(among(projects, commissioned)),
        ),
        "incidents.count": ([], ones(done(sheets["安全廉政"], "日期"))),
    }


def total(entries, scope, value, register):
    """Return the sum of the entries that a scope's value takes in."""
    if scope == "portfolio":
        return sum(amount for _, _, amount in entries)
    if scope in SCOPES:
        return sum(a for p, _, a in entries if p and register[p][SCOPES[scope]] == value)
    return sum(amount for _, label, amount in entries if label == value)


def number(text):
    return Decimal(text) if text else None


def percent(part, whole):
    return (100 * part / whole).quantize(Decimal("1e-12"), ROUND_HALF_UP)


def test_the_published_totals_are_the_sums_of_the_workbooks(register, golden):
    projects = register.values()
    new = [row for row in projects if row["建设性质"] == "新建"]
    old = [row for row in projects if row["建设性质"] == "续建"]
    assert (len(register), len(new), len(old)) == (30, 17, 13)
    assert sum(row["总投资"] for row in projects) == Decimal("1099.73")
    assert sum(row["总投资"] for row in new) == Decimal("363.76")
    assert sum(row["总投资"] for row in old) == Decimal("735.97")
    assert sum(row["年度计划投资"] for row in old) == Decimal("151.76")
    assert sum(row["级别"] == "市本级" for row in projects) == 18
    stated = {
        ("投资", "portfolio", ""): "1099.73",
        ("投资", "kind", "新建"): "363.76",
        ("投资", "kind", "续建"): "735.97",
        ("个数", "portfolio", ""): "30",
        ("个数", "kind", "新建"): "17",
        ("个数", "kind", "续建"): "13",
    }
    for (what, *scope), figure in stated.items():
        row = golden["investment.total" if what == "投资" else "projects.count", *scope]
        assert (row["target"], row["actual"], row["gap"]) == (figure, figure, "0")


def test_junes_story_is_in_the_workbooks(facts, register):
    def of(kpi, scope="portfolio", value=""):
        target, actual = facts[kpi]
        sums = [
            None if part is None else total(part, scope, value, register)
            for part in (target, actual)
        ]
        return [
            None if one is None else format(one.normalize() if one else Decimal(0), "f")
            for one in sums
        ]

    assert of("starts.due") == [None, "9"]
    assert of("starts.started") == [None, "8"]
    assert of("starts.due_not_started") == [None, "3"]
    assert of("starts.early") == [None, "2"]
    assert of("investment.ytd") == ["151.76", "73.557"]
    assert of("investment.ytd", "sector", "工业") == ["68.2", "36.389"]
    assert of("investment.ytd", "sector", "基础设施") == ["69.86", "30.534"]
    assert of("investment.ytd", "sector", "民生") == ["13.7", "6.634"]
    assert of("investment.new_builds") == [None, "8.0955"]
    assert of("nodes.done") == ["181", "162"]
    assert of("permits.granted") == ["181", "152"]
    assert of("problems.closed") == ["24", "14"]
    assert of("actions.closed") == ["34", "23"]
    assert of("incidents.count") == ["0", "1"]


def test_every_figure_that_adds_up_is_the_sum_of_its_rows_at_every_scope(facts, register, golden):
    wrong, checked = [], Counter()
    for (kpi, scope, value), row in golden.items():
        if kpi not in facts:
            continue
        checked[kpi] += 1
        target, actual = facts[kpi]
        expected = [
            None if part is None else total(part, scope, value, register)
            for part in (target, actual)
        ]
        stated = [number(row["target"]), number(row["actual"])]
        if expected != stated:
            wrong.append((kpi, scope, value, expected, stated))
    assert wrong == []
    assert checked.keys() == facts.keys()


def test_completion_rates_and_their_lights_follow_from_the_sums(facts, register, golden):
    plan, ytd = facts["investment.ytd"]
    rows = {key[1:]: row for key, row in golden.items() if key[0] == "investment.completion_pct"}
    lights = Counter()
    for (scope, value), row in rows.items():
        whole = total(plan, scope, value, register)
        rate = percent(total(ytd, scope, value, register), whole)
        gap = rate - 50
        light = "green" if gap >= 0 else "yellow" if gap >= -10 else "red"
        lights[light] += scope == "project"
        assert (number(row["actual"]), row["status"]) == (rate, light)
        assert (number(row["target"]), number(row["gap"])) == (50, gap)
    # Green H02 H03 H04 H09 H11 H13; yellow H01 H06 H07 H10; red H05 (33 %), H08 (38 %), H12 (36 %).
    assert lights == {"green": 6, "yellow": 4, "red": 3}
    assert rows["portfolio", ""]["actual"] == "48.469293621508"


def test_inputs_secured_are_the_months_sums(sheets, golden):
    rows = [row for row in sheets["要素保障"] if row["月份"] == "2024-06"]
    for name in ("人", "地", "钱", "环境容量"):
        of_it = [row for row in rows if row["要素"] == name]
        share = percent(sum(r["已落实"] for r in of_it), sum(r["需求量"] for r in of_it))
        assert number(golden["inputs.secured_pct", "input", name]["actual"]) == share
