"""An office's own notebooks and words: a report for each county, as the how-to tells to make it."""

import re
import shutil

import pytest
from ledgers import ROOT
from workspaces import edit_parameters

from sanshi_report import open as open_report
from sanshi_report.build import build, verify
from sanshi_report.build.calendar import Subjects
from sanshi_report.build.plan import Request, make_plan
from sanshi_report.build.release import renderer_named
from sanshi_report.errors import ParameterError, ReportError, UsageError
from sanshi_report.words import WordsError
from sanshi_report.workspace import Report, Text, Workspace

COUNTIES = ["市本级", "示例甲区", "示例乙区", "示例丙县", "示例丁县", "示例戊县"]
LINE = re.search(
    r"(?m)^  - \{name: county_brief.*\n", (ROOT / "docs/how-to.md").read_text("utf-8")
)[0]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    root = tmp_path_factory.mktemp("own")
    for name in ("data/raw", "parameters", "notebooks"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("data/processed", "output", "notebooks/local"):
        (root / name).mkdir(exist_ok=True)
    for file in (ROOT / "docs/examples").glob("county_brief.*"):
        shutil.copy(file, root / "notebooks/local")
    found = Workspace.find(root)
    edit_parameters(found, "2024.yaml", "reports:\n", f"reports:\n{LINE}")
    return found


def planned(workspace, *names):
    parameters = workspace.parameters("2024-06")
    request = Request(names, None, ("html",), None, Subjects())
    return make_plan(workspace, parameters, request, renderer_named("builtin"), ()).tasks


@pytest.fixture(scope="module")
def brief(workspace):
    release = build(
        workspace, "2024-06", reports=["county_brief"], languages=["zh", "en"], formats=["html"]
    )

    def text(county, ending=".html"):
        page = (release.folder / f"county_brief-{county}{ending}").read_text("utf-8")
        return re.sub(r"\s+", "", re.sub(r"<(style|script).*?</\1>|<[^>]+>", "", page, flags=re.S))

    return text


def test_every_county_has_a_document_of_its_own_figures(brief):
    # 示例甲区 has H03 and H12: 7.716 亿元 of 12 + 3.1 planned, 51.099 %, against 50 % of the year.
    assert "本县区有2个项目，其中新建0个、续建2个" in brief("示例甲区")
    assert "完成投资7.72亿元，占年度计划的51.10%，高于序时进度1.10个百分点" in brief("示例甲区")
    assert "0.772billionyuanthisyear,51.10%oftheannualplan" in brief("示例甲区", ".en.html")
    assert "本县区有18个项目，其中新建10个、续建8个" in brief("市本级")


def test_no_target_of_the_programme_stands_as_a_county_s(workspace, monkeypatch):
    monkeypatch.setenv("SANSHI_ROOT", str(workspace.root))
    whole = open_report(period="2024-06")
    county = whole.only(county="市本级")
    assert whole.metrics.starts.position()["required"].tolist() == [9]
    assert county.metrics.starts.position()["required"].isna().all()
    assert county.metrics.starts.milestones().empty


def test_a_release_with_reports_of_an_office_s_own_verifies(workspace, brief):
    assert verify(workspace, "2024-06").holds


def test_there_is_a_document_for_each_value_of_the_register_s_column(workspace):
    names = [task.name for task in planned(workspace, "county_brief")]
    assert sorted(names) == sorted(f"county_brief-{county}" for county in COUNTIES)


def test_words_of_an_office_s_own_are_part_of_what_a_document_depends_on(workspace):
    before = {task.key for task in planned(workspace, "county_brief")}
    words = workspace.local / "county_brief.zh.md"
    kept = words.read_text("utf-8")
    words.write_text(kept.replace("没有未解决的问题", "没有问题"), "utf-8")
    after = {task.key for task in planned(workspace, "county_brief")}
    words.write_text(kept, "utf-8")
    assert not before & after


def test_an_office_s_own_notebook_stands_in_for_one_that_came_with_the_program(workspace):
    (came,) = workspace.notebook("task_list")
    own = workspace.local / "task_list.ipynb"
    shutil.copy(came, own)
    try:
        assert workspace.notebook("task_list") == (own,)
    finally:
        own.unlink()
    assert workspace.notebook("task_list") == (came,)


def test_a_report_without_a_notebook_is_told_where_one_is_looked_for(workspace):
    with pytest.raises(
        ParameterError, match=r"notebooks/local/none\.ipynb \| notebooks/none\.ipynb"
    ):
        workspace.notebook("none")


def test_a_number_typed_into_own_words_is_refused_by_file_and_line(workspace):
    words = workspace.local / "county_brief.zh.md"
    kept = words.read_text("utf-8")
    words.write_text(kept.replace("没有未解决的问题。", "没有第9个问题。"), "utf-8")
    try:
        with pytest.raises(
            ReportError, match=r"local/county_brief\.zh\.md:23: a number is typed in"
        ):
            build(
                workspace, "2024-06", reports=["county_brief"], languages=["zh"], formats=["html"]
            )
    finally:
        words.write_text(kept, "utf-8")


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("{{ money.nonsuch }}", r"local/trial\.zh\.md:2, block a: .* has no column 'nonsuch'; it has: "),
        ("{{ starts.nonsuch }}", r"zh\.md:2, block a: .* neither a column nor a row 'nonsuch'"),
        ("{% if money %}", r"local/trial\.zh\.md:3: .*endblock"),
        ("{{ money.light | nonsuch }}", r"local/trial\.zh\.md:2: No filter named 'nonsuch'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_own_words_is_told_by_line(workspace, monkeypatch, written, said):
    monkeypatch.setenv("SANSHI_ROOT", str(workspace.root))
    document = workspace.local / "trial.zh.md"
    document.write_text(f"{{% block a %}}\n{written}\n{{% endblock %}}\n", "utf-8")
    report = open_report("trial", "2024-06").only(county="市本级")
    with pytest.raises(WordsError, match=said):
        report.say(
            "a",
            money=report.metrics.investment.total(),
            starts=report.metrics.starts.register(),
        )
    document.unlink()


def test_words_that_are_not_there_are_told_by_their_name(workspace, monkeypatch):
    monkeypatch.setenv("SANSHI_ROOT", str(workspace.root))
    with pytest.raises(WordsError, match=r"no document trial\.en\.md"):
        open_report("trial", "2024-06", language="en").say("a")


@pytest.mark.parametrize("every", ["week", "on_request"])
def test_a_report_is_about_one_thing(every):
    with pytest.raises(ValueError, match="each is for reports of"):
        Report(name="a", title=Text(zh="a", en="a"), every=every, layout="plain", each="county")


def test_a_county_there_is_not_is_told_with_those_like_it(workspace, monkeypatch):
    monkeypatch.setenv("SANSHI_ROOT", str(workspace.root))
    with pytest.raises(UsageError, match="示例甲区") as told:
        open_report(period="2024-06").only(county="示例甲县")
    assert told.value.key == "part_unknown"


def test_frames_of_a_county_and_a_sector_called_alike_stay_apart(workspace, monkeypatch):
    monkeypatch.setenv("SANSHI_ROOT", str(workspace.root))
    report = open_report(period="2024-06")
    assert report.only(county="市本级").part != report.only(responsible_unit="示例甲局").part
    assert report.only(sector="工业").part != report.only(task_force="示例第一专班").part
