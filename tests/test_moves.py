"""Projects that join, leave, are split and renamed, followed through the figures and the reports of a year."""

from decimal import Decimal as D
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from forms import YI, rows
from moving import a_year_of_moves, move
from saying import said
from submissions import invested, submit

from sanshi_report import metrics, template
from sanshi_report.blocks import plain
from sanshi_report.errors import UsageError
from sanshi_report.ledger import Ledger, load, published
from sanshi_report.ledger.totals import TotalsDiffer
from sanshi_report.period import ReportPeriod
from sanshi_report.report import Report
from sanshi_report.template.new_year import new_year
from sanshi_report.workspace import Parameters, Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return a_year_of_moves(tmp_path_factory.mktemp("w"))


@pytest.fixture(scope="module")
def known(workspace: Workspace) -> dict[str, tuple[Ledger, Parameters]]:
    """Ledger and parameters of each month from March to June."""
    months = [f"2024-{month:02d}" for month in range(3, 7)]
    return {at: (load(workspace, at), workspace.parameters(at)) for at in months}


@pytest.fixture(scope="module")
def june(known: dict[str, tuple[Ledger, Parameters]]) -> tuple[Ledger, Parameters]:
    return known["2024-06"]


def cells(frame: pd.DataFrame, key: str, *columns: str) -> dict[str, list[object]]:
    return {row[key]: [row[name] for name in columns] for row in frame.to_dict("records")}


# Figures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("month", "there", "money", "plan"),
    [
        ("2024-03", ["X1", "H1", "H2", "H3"], "1.2", "6"),
        ("2024-04", ["X1", "H1", "H2", "H3", "H4"], "1.8", "7.8"),
        ("2024-05", ["X1", "H1", "H3", "H4"], "1.5", "5.8"),
        ("2024-06", ["X1", "H1", "H4", "H31", "H32"], "2.15", "5.8"),
    ],
)
def test_each_month_has_the_projects_of_its_last_day_and_their_money(
    known: dict[str, tuple[Ledger, Parameters]], month: str, there: list[str], money: str, plan: str
) -> None:
    ledger, parameters = known[month]
    assert ledger.projects["project_id"].tolist() == there
    total = metrics.investment.total(ledger, parameters).iloc[0]
    assert total["invested_ytd"] == int(D(money) * YI)
    assert total["annual_plan"] == int(D(plan) * YI)


def test_control_totals_that_still_hold_what_left_are_missed(tmp_path: Path) -> None:
    workspace = a_year_of_moves(tmp_path)
    left = move("H1", "退出", "2024-06-20", "2024-06-20")
    submit(workspace, "2024-06", "2024-07-04", "退出.xlsx", moves=[left])
    with pytest.raises(TotalsDiffer, match="4"):
        load(workspace, "2024-06")


def test_pace_counts_from_the_month_a_project_joined(june: tuple[Ledger, Parameters]) -> None:
    frame = metrics.investment.by_project(*june)
    told = cells(frame, "project_id", "completion_pct", "pace_pct", "light", "rank")
    assert {name: row[2:] for name, row in told.items()} == {
        "H1": ["red", 4], "H4": ["green", 1], "H31": ["red", 2], "H32": ["red", 3],
    }  # fmt: skip
    # H4: three of the nine months from April on; H31 and H32 take over the months of H3.
    assert told["H4"][:2] == [D(50), D("33.333333333333")]
    assert told["H31"][:2] == [D("33.333333333333"), D(50)]


def test_the_pace_of_all_weighs_each_by_its_plan(june: tuple[Ledger, Parameters]) -> None:
    total = metrics.investment.total(*june).iloc[0]
    # (2 + 1.2 + 0.8) × 6/12 + 1.8 × 3/9 = 2.6 of 5.8
    assert total["pace_pct"] == D("44.827586206897")
    assert total["gap_points"] == D("-7.758620689656")
    curve = metrics.investment.by_month(*june)["pace_cum"].tolist()
    assert curve[2] == YI  # H4 not yet there: 4 × 3/12
    assert (curve[5], curve[11]) == (26 * YI // 10, 58 * YI // 10)


def test_a_joined_project_must_reach_its_own_pace_next_month(
    known: dict[str, tuple[Ledger, Parameters]],
) -> None:
    tasks = metrics.tasks.due_next(*known["2024-04"]).query("kind == 'investment'")
    told = cells(tasks, "project_id", "to_reach", "to_invest")
    # By the end of May H4 owes 2/9 of 1.8, H1 5/12 of 2: 0.8333333333 to the fen above.
    assert told["H4"] == [4 * YI // 10, 2 * YI // 10]
    assert told["H1"] == [8_333_333_334, 4_333_333_334]


def test_plans_of_a_joined_project_begin_with_it(tmp_path: Path) -> None:
    workspace = a_year_of_moves(tmp_path)
    plan = [
        {"project_id": "H4", "month": f"2024-{month:02d}", "planned_investment": "0.20"}
        for month in range(4, 13)
    ]
    submit(workspace, "2024-06", "2024-07-04", "计划.xlsx", plan=plan)
    ledger, parameters = load(workspace, "2024-06"), workspace.parameters("2024-06")
    frame = metrics.investment.by_project(ledger, parameters)
    assert cells(frame, "project_id", "plan_to_date")["H4"] == [6 * YI // 10]
    earned = metrics.earned.by_project(ledger, parameters)
    told = cells(earned, "project_id", "baseline", "spi", "earned_months", "elapsed_months")
    # 0.90 invested of 0.60 planned in three months: four months and a half of its plan.
    assert told["H4"] == ["plan", D("1.5"), D("4.5"), 3]


def test_what_left_is_in_no_list_and_no_score(june: tuple[Ledger, Parameters]) -> None:
    ledger, parameters = june
    gone = {"H2", "H3"}
    frames = [
        metrics.tasks.due_next(ledger, parameters),
        metrics.scoring.scores(ledger, parameters),
        metrics.problems.open_problems(ledger, parameters),
        metrics.cadence.by_body(ledger, parameters),
        metrics.suspicion.suspicions(ledger, parameters),
        metrics.lifetime.register(ledger),
    ]
    assert [gone & set(frame["project_id"].dropna()) for frame in frames] == [set()] * 6
    kpis = metrics.kpis(ledger, parameters)
    assert not gone & set(kpis["scope_value"])


def test_an_incident_on_a_project_that_left_is_counted_and_named(
    june: tuple[Ledger, Parameters],
) -> None:
    ledger, parameters = june
    assert metrics.incidents.so_far(ledger)["name"].tolist() == ["示例H2"]
    assert metrics.incidents.summary(ledger, parameters).loc[0, "incidents"] == 1


def test_a_unit_owes_no_report_of_months_its_projects_were_not_in(
    june: tuple[Ledger, Parameters],
) -> None:
    came = metrics.submissions.punctuality(*june)
    assert "示例乙局" not in set(came["responsible_unit"])
    joined = came[came["responsible_unit"].eq("示例丙局")]
    assert joined["month"].tolist() == ["2024-04", "2024-05", "2024-06"]
    assert joined["status"].tolist() == ["on_time"] * 3
    # The parts told January to May in July, for H3: nobody was late.
    own = came[came["responsible_unit"].eq("示例甲局")]
    assert own["late"].tolist() == [0] * 6


def test_meetings_are_owed_from_the_day_a_project_joined(june: tuple[Ledger, Parameters]) -> None:
    windows = metrics.cadence.by_window(*june).query("level == '专班'")
    first = windows.groupby("project_id")["opens"].min()
    assert first["H1"] == pd.Timestamp("2024-01-01")
    assert first["H4"] == pd.Timestamp("2024-04-16")
    assert first["H31"] == pd.Timestamp("2024-06-16")


def test_last_month_is_quoted_as_printed_with_what_left_since(
    known: dict[str, tuple[Ledger, Parameters]], june: tuple[Ledger, Parameters]
) -> None:
    ledger, _ = june
    for month in ("2024-04", "2024-05"):
        printed, parameters = known[month]
        at = ReportPeriod.parse(month)
        again = published(ledger, at, parameters.cutoff)
        assert metrics.kpis(again, parameters).equals(metrics.kpis(printed, parameters))


def test_leaving_is_no_revision_and_a_split_neither(june: tuple[Ledger, Parameters]) -> None:
    assert metrics.quality.effect(june[0])["difference_ytd"].tolist() == [0, 0]
    triangle = metrics.quality.triangle(*june)
    assert triangle["difference_ytd"].dropna().tolist() == [0] * 21
    found = metrics.suspicion.suspicions(*june)
    assert found[found["rule"].eq("falling")].empty


def test_the_move_is_not_yet_seen_by_a_report_before_its_day(
    known: dict[str, tuple[Ledger, Parameters]], workspace: Workspace
) -> None:
    later = load(workspace, "2024-05", "2024-07-10")
    assert later.projects["project_id"].tolist() == ["X1", "H1", "H3", "H4"]
    assert metrics.membership.moves(later)["move"].tolist() == ["joined", "left"]
    assert metrics.membership.moves(known["2024-03"][0]).empty


def test_the_numbers_of_the_register_reconcile(june: tuple[Ledger, Parameters]) -> None:
    row = metrics.membership.counts(june[0]).iloc[0].to_dict()
    assert row == {
        "at_year_begin": 4, "joined_projects": 1, "left_projects": 1, "split_projects": 1,
        "made_projects": 2, "projects": 5,
    }  # fmt: skip
    assert 4 + 1 - 1 - 1 + 2 == 5


# Reports --------------------------------------------------------------------------------------------


def test_the_bulletin_says_who_came_and_went(june: tuple[Ledger, Parameters]) -> None:
    text = str(said(june[0], "moves", rules=june[1]))
    assert (
        "年初共有项目4个，今年以来进入1个、退出1个，1个拆分为2个，现有5个。"
        "退出的项目不再列入各项统计和考核，其本年退出前完成的投资0.85亿元不计入本期累计。"
    ) in text
    assert "本期调整2项：示例X1自6月5日起更名为示例X1（新名）" in text
    assert "示例H3（示例甲局）自6月10日起拆分为示例H3一期、示例H3二期" in text
    assert "（示例原因；示例指挥部于6月6日批准）" in text
    assert "示例H2（" not in text  # it left in May


def test_an_approval_after_the_day_is_said(known: dict[str, tuple[Ledger, Parameters]]) -> None:
    ledger, parameters = known["2024-05"]
    text = str(said(ledger, "moves", rules=parameters))
    assert (
        "示例H2（示例乙局）自5月20日起退出（示例原因；示例指挥部于5月28日批准，批准晚于生效）"
        in text
    )
    english = str(said(ledger, "moves", "en", rules=parameters))
    assert "approved by 示例指挥部 on 28 May, after it took effect" in english
    assert (
        "The year began with 4 projects; 1 has joined since, 1 has left; there are 4 now."
        in english
    )


def test_a_move_that_became_known_late_is_new(tmp_path: Path) -> None:
    workspace = a_year_of_moves(tmp_path)
    late = move("H4", "更名", "2024-05-25", "2024-06-20", new_name="示例H4（新名）")
    submit(workspace, "2024-06", "2024-07-04", "补报.xlsx", moves=[late])
    moves = metrics.membership.moves(load(workspace, "2024-06"))
    told = moves[moves["is_new"]]
    assert told["name"].tolist() == ["示例H4", "示例X1", "示例H3"]


def test_without_moves_the_bulletin_has_no_such_section(
    known: dict[str, tuple[Ledger, Parameters]],
) -> None:
    from sanshi_report import tables

    ledger, parameters = known["2024-03"]
    assert str(said(ledger, "moves", rules=parameters)) == ""
    assert tables.bulletin.moves(metrics.membership.moves(ledger), parameters, "zh") is None


def test_the_table_has_the_years_moves(june: tuple[Ledger, Parameters]) -> None:
    report = Report(*june, "zh", "monthly_bulletin")
    table = report.table("bulletin.moves", report.metrics.membership.moves())
    assert "今年以来的进出调整" in str(table.block)
    assert "由各部分按实分担" in str(table.block)
    body = [[plain(cell.text) for cell in row.cells] for row in table.block.grid.body]
    assert body[1] == [
        "5月20日", "示例H2", "退出", "—", "示例原因", "示例指挥部", "5月28日", "0.85",
    ]  # fmt: skip
    assert [row[2] for row in body] == ["进入", "退出", "更名", "拆分"]


def test_tasks_of_a_project_that_went_are_dropped_not_missed(
    june: tuple[Ledger, Parameters],
) -> None:
    listed = metrics.tasks.last_list(*june)
    scored = metrics.tasks.score(*june, listed)
    own = scored[scored["project_id"].eq("H3")]
    assert set(own["kind"]) >= {"investment", "problem"}
    assert set(own["status"]) == {"dropped"}
    assert "H2" not in set(listed["project_id"].dropna())


def profile(facts: tuple[Ledger, Parameters], project: str, language: str = "zh") -> str:
    whole = Report(*facts, language, "project_profile")
    own = whole.only(project)
    return str(said(whole, "opening", name="project_profile", own=own))


def test_the_file_of_a_project_that_left_is_that_of_its_last_month(
    june: tuple[Ledger, Parameters],
) -> None:
    text = profile(june, "H2")
    assert "截至2024年5月31日" in text
    assert "本项目自5月20日起退出三十工程" in text
    assert "今年此前完成投资0.85亿元，不再评定预警灯。" in text
    assert "预警灯为" not in text


def test_the_files_of_a_split_say_of_what_and_into_what(june: tuple[Ledger, Parameters]) -> None:
    assert "自6月10日起拆分为示例H3一期、示例H3二期，原编号不再使用" in profile(june, "H3")
    part = profile(june, "H31")
    assert "本项目由示例H3（编号H3）自6月10日起拆分而来" in part
    assert "今年以来完成投资0.40亿元，占年度计划的33.33%" in part
    assert "It was made on 10 June, when 示例H3 (H3) was split" in profile(june, "H31", "en")


@pytest.mark.parametrize("found", ["X1", "示例X1", "示例X1（新名）"])
def test_a_renamed_project_is_found_by_both_names(
    june: tuple[Ledger, Parameters], found: str
) -> None:
    text = profile(june, found)
    assert "本项目原名示例X1，自6月5日起更名为示例X1（新名）" in text


def test_a_name_nobody_had_is_not_found(june: tuple[Ledger, Parameters]) -> None:
    with pytest.raises(UsageError):
        metrics.profile.only(june[0], "示例X1（第三名）")


# Forms ----------------------------------------------------------------------------------------------


def form(workspace: Workspace, period: str, tmp_path: Path, unit: str = "") -> openpyxl.Workbook:
    return openpyxl.load_workbook(template.make(workspace, period, unit, to=tmp_path).path)


def test_no_form_asks_for_a_project_that_left_by_the_months_end(
    workspace: Workspace, tmp_path: Path
) -> None:
    book = form(workspace, "2024-07", tmp_path)
    there = ["X1", "H1", "H4", "H31", "H32"]
    assert [number for (number,) in rows(book["月度进展"], "项目编号")] == there
    assert [number for (number,) in rows(book["项目台账"], "项目编号")] == there
    assert rows(book["问题台账"], "问题编号")[0] == ("W2",)
    assert rows(book["进出调整"], "项目编号") == []
    with pytest.raises(UsageError):
        form(workspace, "2024-07", tmp_path, "示例乙局")


def test_the_new_years_register_has_those_that_are_left(tmp_path: Path) -> None:
    workspace = a_year_of_moves(tmp_path / "w")
    book = openpyxl.load_workbook(new_year(workspace, "2025").register)
    told = rows(book["项目台账"], "项目编号", "项目名称", "年初前累计投资")
    assert told == [
        ("X1", "示例X1（新名）", 0), ("H1", "示例H1", None), ("H4", "示例H4", None),
        ("H31", "示例H3一期", None), ("H32", "示例H3二期", None),
    ]  # fmt: skip


def test_months_told_of_a_project_after_it_left_do_not_count(tmp_path: Path) -> None:
    workspace = a_year_of_moves(tmp_path)
    stray = [invested("H2", "2024-06", "0.30")]
    submit(workspace, "2024-06", "2024-07-04", "示例乙局.xlsx", progress=stray)
    ledger = load(workspace, "2024-06")
    total = metrics.investment.total(ledger, workspace.parameters("2024-06")).iloc[0]
    assert total["invested_ytd"] == 215 * YI // 100
    assert metrics.membership.moves(ledger)["invested_until"].tolist()[1] == 85 * YI // 100
