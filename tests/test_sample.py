import shutil
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from python_calamine import CalamineWorkbook

from sanshi_report.errors import UsageError
from sanshi_report.ledger import load
from sanshi_report.sample import make
from sanshi_report.sample.days import workdays_after
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Workspace

REPOSITORY = Path(__file__).parents[1]
YI = 10**10


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    root = tmp_path_factory.mktemp("sample")
    shutil.copytree(REPOSITORY / "parameters", root / "parameters")
    make(root)
    return Workspace.find(root)


@pytest.fixture(scope="module")
def june(workspace):
    return load(workspace, "2024-06")


@pytest.fixture(scope="module")
def december(workspace):
    return load(workspace, "2024-12")


def spent(ledger, kind="continuing"):
    """Return 亿元 invested this year by sector, to four places, which is all a 万元 has."""
    of_kind = ledger.projects[ledger.projects.kind == kind].set_index("project_id")
    rows = ledger.progress[ledger.progress.project_id.isin(of_kind.index)]
    return (
        (rows.groupby(rows.project_id.map(of_kind.sector)).invested.sum() / YI).round(4).to_dict()
    )


def ids(frame, mask):
    return set(frame.project_id[mask])


def test_committed_submissions_are_what_the_generator_makes(workspace):
    made = {
        p.relative_to(workspace.raw): p.read_bytes()
        for p in workspace.raw.rglob("*")
        if p.is_file()
    }
    raw = REPOSITORY / "data" / "raw"
    lists = (raw / name for name in ("receipts.csv", "corrections.yaml"))
    committed = {p.relative_to(raw): p.read_bytes() for p in (*raw.rglob("*.xlsx"), *lists)}
    assert committed.keys() == made.keys()
    assert [str(path) for path in made if made[path] != committed[path]] == []


def test_workbooks_hold_nothing_of_the_clock_or_the_compressor(workspace):
    with zipfile.ZipFile(workspace.raw / "2024-06" / "工程办汇总.xlsx") as book:
        assert {member.date_time for member in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.compress_type for member in book.infolist()} == {zipfile.ZIP_STORED}
        assert "2024-07-04T" in book.read("docProps/core.xml").decode()


def test_every_month_has_four_workbooks_and_some_a_late_or_returned_one(workspace):
    counts = {
        folder.name: len(list(folder.iterdir()))
        for folder in workspace.raw.iterdir()
        if folder.is_dir()
    }
    assert counts == {f"2024-{m:02d}": 5 if m in (6, 9, 11) else 4 for m in range(1, 13)}


def test_a_wrong_submission_was_sent_back_and_sent_again(workspace):
    september = load(workspace, "2024-09")
    (row,) = september.returned.to_dict("records")
    assert (row["file"], row["faults"]) == ("民生领域（初报）.xlsx", 2)
    months = september.progress[september.progress["month"] == "2024-09"]
    assert len(months) == 30


def test_one_county_reported_late_and_one_cell_was_set_right(workspace):
    november = load(workspace, "2024-11")
    latest = november.progress[november.progress["month"] == "2024-11"]
    assert set(november.projects["project_id"]) - set(latest["project_id"]) == {"X05"}
    known = load(workspace, "2024-11", "2024-12-31").progress
    assert ((known["project_id"] == "X05") & (known["month"] == "2024-11")).sum() == 1
    assert november.corrections["key"].tolist() == ["X13 2024-08"]
    assert load(workspace, "2024-08").corrections.empty


def test_june_fills_every_sheet_but_that_of_moves_of_which_2024_had_none(workspace):
    filled = set()
    for path in (workspace.raw / "2024-06").iterdir():
        book = CalamineWorkbook.from_path(path)
        filled |= {n for n in book.sheet_names if len(book.get_sheet_by_name(n).to_python()) > 2}
    assert filled == {schema.title for schema in TABLES.values()} - {TABLES["moves"].title}


def test_register_adds_up_to_the_published_totals(december):
    projects = december.projects
    continuing = projects[projects.kind == "continuing"]
    assert len(projects) == 30
    assert projects.total_investment.sum() == 1099_73 * YI // 100
    assert projects.total_investment[projects.kind == "new_build"].sum() == 363_76 * YI // 100
    assert continuing.total_investment.sum() == 735_97 * YI // 100
    assert continuing.annual_plan.sum() == 151_76 * YI // 100
    assert (projects.tier == "city").sum() == 18
    by_sector = continuing.groupby("sector").agg(
        count=("name", "size"), total=("total_investment", "sum"), plan=("annual_plan", "sum")
    )
    assert by_sector.T.to_dict() == {
        "工业": {"count": 5, "total": 341 * YI, "plan": 68_20 * YI // 100},
        "基础设施": {"count": 4, "total": 349_31 * YI // 100, "plan": 69_86 * YI // 100},
        "民生": {"count": 4, "total": 45_66 * YI // 100, "plan": 13_70 * YI // 100},
    }
    new_builds = projects[projects.kind == "new_build"].sector.value_counts().to_dict()
    assert new_builds == {"工业": 5, "基础设施": 6, "民生": 6}
    assert projects.planned_completion.max().year == 2028


def test_names_are_made_up(december):
    projects = december.projects
    for column in ("name", "lead_official", "task_force", "responsible_unit"):
        assert projects[column].str.startswith("示例").all()
    assert set(projects.county) == {
        "市本级",
        "示例甲区",
        "示例乙区",
        "示例丙县",
        "示例丁县",
        "示例戊县",
    }
    assert projects.task_force.is_unique


@pytest.mark.parametrize("period", ["june", "december"])
def test_monthly_plans_add_up_to_annual_plans_and_sources_to_totals(period, request):
    ledger = request.getfixturevalue(period)
    register = ledger.projects.set_index("project_id")
    planned = ledger.plan.groupby("project_id").planned_investment.agg(["size", "sum"])
    assert (planned["size"] == 12).all()
    assert planned["sum"].to_dict() == register.annual_plan.dropna().to_dict()
    sources = ledger.funding.groupby("project_id").planned.sum()
    assert sources.to_dict() == register.total_investment.to_dict()


def test_by_june_eight_of_nine_due_have_started(june):
    new = june.projects[june.projects.kind == "new_build"]
    due, started = new.planned_start <= "2024-06-30", new.started_on.notna()
    assert (due.sum(), started.sum()) == (9, 8)
    assert ids(new, due & ~started) == {"X04", "X05", "X09"}
    assert ids(new, ~due & started) == {"X07", "X12"}


def test_starts_catch_up_by_the_september_and_december_milestones(december):
    started = december.projects.started_on
    assert (started <= "2024-09-30").sum() == 14
    assert (started <= "2024-12-31").sum() == 17


def test_june_as_published_is_a_little_behind_pace(june):
    # Industry: 24.50·46 % + (13.20·52 % − 0.12 not yet reported) + 12·55 % + 9·96 % + 9.50·33 %, and so on;
    # infrastructure holds 0.35 that the hydropower station reported too much.
    assert spent(june) == {"工业": 36.389, "基础设施": 30.534, "民生": 6.634}


def test_december_is_a_little_over_the_year_and_one_project_clearly_under(december):
    assert spent(december) == {"工业": 68.436, "基础设施": 70.8338, "民生": 13.938}
    year = december.progress.groupby("project_id").invested.sum() / YI
    assert year["H05"] == pytest.approx(7.79)  # 82 % of 9.50
    assert december.projects.completed_on.notna().sum() == 4
    assert december.projects.commissioned_on.notna().sum() == 2


def test_a_late_file_corrects_june_only_for_those_who_ask_later(workspace, june):
    def hydropower(ledger):
        rows = ledger.progress[ledger.progress.month == "2024-06"].set_index("project_id")
        return rows.invested["H07"]

    assert hydropower(june) == 1_5030 * 10**6
    assert hydropower(load(workspace, "2024-06", as_of="2024-07-10")) == 1_1530 * 10**6


def test_later_files_revise_earlier_months_up_and_down(december):
    money = december.revisions[december.revisions.column == "invested"]
    signs = money.difference.map(lambda d: d > 0).value_counts().to_dict()
    assert signs == {True: 6, False: 7}


def test_troughs_at_spring_festival_and_the_two_harvests(december):
    continuing = december.progress[december.progress.project_id.str.startswith("H")]
    month = continuing.groupby("month").invested.sum()
    for trough in (2, 6, 10):
        before, at, after = (month[f"2024-{m:02d}"] for m in (trough - 1, trough, trough + 1))
        assert at < before
        assert at < after or trough == 6  # July is the flood season
    hands = december.progress.groupby("month").workers.sum()
    assert hands["2024-02"] < hands["2024-01"] / 2


def test_some_records_are_there_to_be_suspected(december):
    spending = december.progress.set_index(["project_id", "month"]).invested.unstack()  # noqa: PD010
    assert len(set(spending.loc["H12", ["2024-04", "2024-05", "2024-06"]])) == 1
    assert spending.loc["X02", ["2024-05", "2024-06"]].sum() == 0
    register = december.projects.set_index("project_id")
    assert register.started_on["X02"] == pd.Timestamp(2024, 4, 18)
    over = register.invested_before + spending.sum(axis=1) > register.total_investment
    assert list(over.index[over.fillna(False)]) == ["H04"]


def test_start_was_moved_just_before_it_was_missed(workspace, june):
    move = june.changes[june.changes.field == "计划开工"].iloc[0]
    assert (move.project_id, move.old, move.new) == ("X03", "2024-06-28", "2024-08-30")
    may = load(workspace, "2024-05").projects.set_index("project_id")
    assert may.planned_start["X03"] == pd.Timestamp(2024, 6, 28)
    assert june.projects.set_index("project_id").planned_start["X03"] == pd.Timestamp(2024, 8, 30)


def test_problems_actions_and_meetings_of_every_sort(december):
    problems, actions = december.problems, december.actions
    assert set(problems.tier) == {"现场", "单一部门", "多部门", "市政府", "常务会或常委会"}
    assert problems.closed_on.isna().any()
    assert (problems.closed_on > problems.due_on).any()
    assert (actions.closed_on > actions.due_on).any()
    assert (actions.closed_on <= actions.due_on).any()
    held = december.meetings.level.value_counts()
    assert (held["指挥部"], held["指挥部办公室"]) == (6, 11)  # the office missed February
    assert held["专班"] < 24 * 30
    assert set(december.incidents.incident) == {"安全", "质量"}
    assert set(december.progress.evidence.dropna()) == {"自报", "三方确认", "核查"}


def test_permits_follow_one_another_to_the_start(december):
    permits = december.permits.merge(
        december.projects[["project_id", "started_on"]], on="project_id"
    )
    done = permits[permits.granted_on.notna()]
    assert (done.granted_on >= done.applied_on).all()
    new = done[done.started_on.notna()]
    assert (new.granted_on < new.started_on).all()


def test_ground_is_cleared_before_the_start_and_piles_follow(december):
    nodes = december.nodes[december.nodes.project_id == "X05"]
    assert list(nodes.node.str.split("（").str[0].drop_duplicates()) == [
        "施工招标", "场平与临建", "实质性开工", "桩基施工", "基础施工", "厂房主体施工", "厂房封顶", "围护与地坪",
    ]  # fmt: skip
    order = nodes.sort_values("node_id").node.tolist()
    assert order.index("场平与临建") < order.index("实质性开工")


def test_works_of_every_new_build_are_past_its_clearing_once_it_has_started(december):
    new = december.projects[december.projects.kind == "new_build"].set_index("project_id")
    rows = december.progress[december.progress.project_id.isin(new.index)]
    begun = rows.project_id.map(new.started_on) <= pd.to_datetime(rows.month + "-01")
    notes = set(rows[begun].physical_note.dropna())
    assert not notes & {"场平与临建", "便道与临建", "开展前期工作"}
    assert {"桩基施工", "桩基与开挖"} <= notes
    cleared = december.nodes[december.nodes.node.isin(["场平与临建", "便道与临建"])]
    cleared = cleared[cleared.project_id.isin(new.index)]
    assert len(cleared) == 17
    assert (cleared.done_on < cleared.project_id.map(new.started_on)).all()


def test_projects_that_finish_this_year_go_through_acceptance(june, december):
    def acceptance(ledger):
        steps = ledger.nodes[ledger.nodes.node.isin(["联合验收", "竣工备案", "试生产"])]
        days = steps[["due_on", "done_on"]].apply(lambda column: column.dt.strftime("%m-%d"))
        return [tuple(row) for row in steps[["project_id"]].join(days).fillna("").to_numpy()]

    assert acceptance(june)[3:6] == [
        ("H04", "06-20", "06-19"),
        ("H04", "06-28", "06-26"),  # the 30th is a Sunday
        ("H04", "08-09", ""),
    ]
    assert acceptance(december) == [
        ("H03", "12-20", "12-13"),
        ("H03", "12-31", "12-20"),
        ("H03", "03-10", ""),  # of 2025
        ("H04", "06-20", "06-19"),
        ("H04", "06-28", "06-26"),
        ("H04", "08-09", "08-06"),
        ("H12", "11-20", "12-13"),  # moved with the completion, from 20 and 30 September
        ("H12", "11-29", "12-20"),
        ("H13", "10-21", "10-18"),
        ("H13", "10-31", "10-25"),
        ("H13", "11-08", "11-22"),
    ]


def test_some_sites_have_hands_to_lend_while_others_lack_them(june):
    labour = june.inputs[(june.inputs.month == "2024-06") & (june.inputs.input == "人")]
    over = (labour.secured - labour.needed).set_axis(labour.project_id)
    # Stopped: 30 % of 180 needed; nearly finished: 40 % of 200; just begun: 50 % of 90.
    assert over[over > 0].to_dict() == {"H04": 62, "X02": 78, "X16": 15}
    counties = june.projects.set_index("project_id").county
    lacking = counties[over.index[over < 0]]
    assert {"市本级", "示例丙县"} <= set(lacking)  # where X02 and X16 are


def test_working_days_skip_weekends_and_holidays():
    # 2024-02-09 is the last working day before Spring Festival; Sunday the 18th was worked instead.
    assert workdays_after(pd.Timestamp(2024, 2, 9).date(), 1) == pd.Timestamp(2024, 2, 18).date()


def test_making_it_again_touches_nothing_and_a_differing_file_is_refused(tmp_path):
    paths = make(tmp_path)
    stamps = [path.stat().st_mtime_ns for path in paths]
    assert make(tmp_path) == paths
    assert [path.stat().st_mtime_ns for path in paths] == stamps
    paths[0].write_bytes(b"mine")
    paths[1].unlink()
    with pytest.raises(UsageError) as refusal:
        make(tmp_path)
    assert str(paths[0].relative_to(tmp_path / "data" / "raw")) in str(refusal.value)
    assert paths[0].read_bytes() == b"mine"
    assert not paths[1].exists()
