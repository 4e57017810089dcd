"""What a period owes, as which documents, and about whom."""

import json
import shutil
from types import SimpleNamespace

import pandas as pd
import pytest
import render_sample as sample
from workspaces import make_workspace

import notebooks
from sanshi_report.blocks import bundle
from sanshi_report.build import build, manifest, plan, release
from sanshi_report.build.calendar import (
    Instance,
    Register,
    Subjects,
    due_in,
    instances,
    is_due,
    reports_asked_for,
)
from sanshi_report.errors import UsageError
from sanshi_report.ledger import load
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Report, Text, Workspace


def report(name, every):
    return Report(name=name, title=Text(zh=name, en=name), every=every, layout="plain")


BULLETIN = report("monthly_bulletin", "month")
DIGEST = report("weekly_digest", "week")
REVIEW = report("review_meeting", "two_months")
ANNUAL = report("annual_review", "year")
PROFILE = report("project_profile", "on_request")
LISTED = [BULLETIN, DIGEST, REVIEW, ANNUAL, PROFILE]


def period(text):
    return ReportPeriod.parse(text)


def asked(at, names=None, **subjects):
    given = Subjects(**subjects)
    chosen = reports_asked_for(LISTED, period(at), names, given)
    return [one.name for one in instances(chosen, period(at), given)]


def refusal(at, names=None, **subjects):
    with pytest.raises(UsageError) as caught:
        asked(at, names, **subjects)
    return caught.value


@pytest.mark.parametrize(
    ("one", "months"),
    [
        (BULLETIN, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        (DIGEST, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]),
        (REVIEW, [2, 4, 6, 8, 10, 12]),
        (ANNUAL, [12]),
        (PROFILE, []),
    ],
    ids=lambda one: getattr(one, "name", ""),
)
def test_a_report_is_due_in_the_months_of_its_calendar(one, months):
    assert [n for n in range(1, 13) if is_due(one, period(f"2024-{n:02d}"))] == months


def test_a_quarter_or_year_owes_nothing():
    assert not any(is_due(one, period(at)) for one in LISTED for at in ("2024-Q2", "2024"))
    assert refusal("2024-Q2").key == "nothing_due"


def test_a_month_owes_a_digest_for_every_week_whose_sunday_is_in_it():
    # Sundays of June 2024: 2, 9, 16, 23 and 30.
    assert asked("2024-06") == [
        "monthly_bulletin",
        "weekly_digest-2024-W22",
        "weekly_digest-2024-W23",
        "weekly_digest-2024-W24",
        "weekly_digest-2024-W25",
        "weekly_digest-2024-W26",
        "review_meeting",
    ]


def test_every_week_of_the_year_has_its_digest_in_one_month():
    names = [n for m in range(1, 13) for n in asked(f"2024-{m:02d}", ["weekly_digest"])]
    # 2024 has 52 Sundays; the week of 30 December ends in January 2025.
    assert len(names) == len(set(names)) == 52
    assert (names[0], names[-1]) == ("weekly_digest-2024-W01", "weekly_digest-2024-W52")


def test_december_owes_the_annual_review():
    assert "annual_review" in asked("2024-12")
    assert "annual_review" not in asked("2024-11")


def test_an_official_and_a_week_narrow_the_digest_and_ask_for_it():
    assert asked("2024-06", weeks=("2024-W23",), officials=("示例领导甲", "示例领导乙")) == [
        "weekly_digest-2024-W23-示例领导甲",
        "weekly_digest-2024-W23-示例领导乙",
    ]


def test_projects_ask_for_their_profiles_once_each_report():
    assert asked("2024-05", projects=("H05", "X03")) == [
        "project_profile-H05",
        "project_profile-X03",
    ]
    assert asked("2024-05", ["monthly_bulletin", "project_profile"], projects=("H05",)) == [
        "monthly_bulletin",
        "project_profile-H05",
    ]


@pytest.mark.parametrize(
    ("call", "key"),
    [
        (("2024-06", ["annual_review"]), "report_not_due"),
        (("2024-05", ["review_meeting"]), "report_not_due"),
        (("2024-06", ["bulletin"]), "report_unknown"),
        (("2024-06", ["project_profile"]), "report_needs_project"),
    ],
)
def test_what_is_not_owed_is_refused(call, key):
    assert refusal(*call).key == key


def test_a_report_that_is_not_due_says_when_it_is():
    error = refusal("2024-05", ["review_meeting"])
    assert "2024-02, 2024-04, 2024-06, 2024-08, 2024-10, 2024-12" in error.text("zh")
    assert "every two months" in error.text("en")
    assert due_in(BULLETIN, 2024, "en") == "it is due every month (2024-01 … 2024-12)"


def test_what_a_report_is_not_about_is_refused():
    error = refusal("2024-06", ["monthly_bulletin"], projects=("H05",))
    assert error.key == "setting_unused"
    assert "PROJECT" in str(error)
    assert "project_profile" in str(error)
    assert (
        refusal("2024-06", ["monthly_bulletin"], officials=("示例领导甲",)).key == "setting_unused"
    )


@pytest.mark.parametrize(
    ("week", "key"),
    [("2024-W27", "week_outside"), ("2024-W60", "week_malformed"), ("23", "week_malformed")],
)
def test_a_week_that_is_none_of_the_period_s_is_refused(week, key):
    assert refusal("2024-06", weeks=(week,)).key == key


def test_a_name_is_fit_for_a_file_whatever_the_ledger_calls_somebody():
    one = Instance(DIGEST, week="2024-W23", official="../甲 乙")
    assert one.name == "weekly_digest-2024-W23-_甲_乙-d8e68f41"


def test_two_officials_never_share_a_file():
    names = ("甲 乙", "甲_乙", "甲/乙", "甲\u200b乙", "甲" * 30_000, "甲" * 30_001)
    found = [Instance(DIGEST, week="2024-W23", official=one).name for one in names]
    assert len(set(found)) == 6
    assert max(len(one.encode()) for one in found) < 200


def test_a_notebook_is_told_what_its_report_is_about():
    assert Instance(BULLETIN).about == {}
    assert Instance(DIGEST, week="2024-W23").about == {"week": "2024-W23", "official": None}
    assert Instance(PROFILE, project="H05").about == {"project": "H05"}
    for one in (Instance(DIGEST, week="2024-W23", official="甲"), Instance(PROFILE, project="H05")):
        assert Instance.of(one.report, one.about) == one


# Whom the ledger knows


@pytest.fixture
def register():
    empty = {table: pd.DataFrame() for table in TABLES}
    projects = pd.DataFrame(
        {
            "project_id": ["H05", "H06", "X03"],
            "name": ["示例产业园", "示例水库", "示例学校"],
            "lead_official": ["示例领导甲", "示例领导乙", "示例领导甲"],
        }
    )
    progress = pd.DataFrame({"project_id": ["H05", "X03"]})
    plan = pd.DataFrame({"project_id": ["H05", "H06", "X03"]})
    return Register(
        SimpleNamespace(
            **{**empty, "projects": projects, "progress": progress, "plan": plan},
            left=projects.head(0),
        )
    )


def unknown(register, **about):
    one = Instance(DIGEST if "official" in about else PROFILE, **about)
    assert not register.knows(one)
    with pytest.raises(UsageError) as caught:
        register.require(one, period("2024-06"))
    return caught.value


def test_whom_the_ledger_knows_can_be_reported_on(register):
    for one in (Instance(BULLETIN), Instance(PROFILE, project="H05"),
                Instance(DIGEST, week="2024-W23", official="示例领导乙")):  # fmt: skip
        assert register.knows(one)
        register.require(one, period("2024-06"))


def test_an_unknown_project_is_told_with_those_of_like_number_or_name(register):
    assert "H05 示例产业园" in str(unknown(register, project="H0"))
    error = unknown(register, project="示例学校")
    assert error.key == "project_unknown"
    assert "X03 示例学校" in str(error)
    assert "H06 示例水库" in str(unknown(register, project="zzz"))


def test_an_unknown_official_is_told_with_those_there_are(register):
    error = unknown(register, week="2024-W23", official="示例领导丙")
    assert error.key == "official_unknown"
    assert "示例领导甲" in str(error)


def test_a_project_of_which_nothing_was_reported_is_told(register):
    error = unknown(register, project="H06")
    assert error.key == "project_without_data"
    assert "H06 示例水库" in str(error)


# Building them

FAMILY = """reports:
  - {name: monthly_bulletin, title: {zh: 通报, en: Bulletin}, every: month, layout: gbt9704}
  - {name: weekly_digest, title: {zh: 周报, en: Digest}, every: week, layout: plain}
  - {name: annual_review, title: {zh: 年度总结, en: Review}, every: year, layout: plain}
  - {name: project_profile, title: {zh: 一项目一档, en: Profile}, every: on_request, layout: plain}
"""


class Copier:
    name = "copier"
    version = "1"

    def render(self, document, format, target):
        target.write_text(f"{document.title}|{document.issue}|{document.subtitle}", "utf-8")


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_workspace(tmp_path_factory.mktemp("calendar") / "ws")
    programme = root / "parameters/2024.yaml"
    text = programme.read_text(encoding="utf-8")
    head, _, rest = text.partition("reports:\n")
    programme.write_text(f"{head}{FAMILY}\n{rest[rest.index('page:') :]}", encoding="utf-8")
    for name in ("weekly_digest", "annual_review", "project_profile"):
        notebooks.write(root / f"notebooks/{name}.ipynb", notebooks.PROSE)
    return root


@pytest.fixture(scope="module")
def june(root):
    return load(Workspace(root), "2024-06")


@pytest.fixture
def workspace(root, june, monkeypatch):
    """A workspace where every notebook has a table of its own, and whom it was told about."""
    told = []

    def execute(notebook, target, parameters, kernels):
        told.append({"notebook": notebook.stem, **parameters})
        run = notebooks.notebook("show()")
        for number, cell in enumerate(run["cells"], 1):
            cell["execution_count"] = number
        shown = {
            **bundle(sample.table("tbl-annex", "附表", ["甲"], ["1"])),
            "text/csv": f"told\n{sorted(map(str, parameters.values()))}\n",
        }
        about = {"sanshi": {"label": "tbl-annex"}}
        run["cells"][2]["outputs"] = [
            {"data": shown, "metadata": about, "output_type": "display_data"}
        ]
        target.write_text(json.dumps(run), encoding="utf-8")
        return run

    def write_data(_, folder):
        for name in ("kpis.csv", "kpis.json", "revisions.csv"):
            (folder / name).write_text(
                "kpi,scope,scope_value,actual\nx,portfolio,,1\n", encoding="utf-8"
            )
        return june

    monkeypatch.setattr(release, "execute", execute)
    monkeypatch.setattr(release, "write_data", write_data)
    monkeypatch.setattr(plan, "_program", lambda: "unchanged while tests run")
    monkeypatch.setattr(release, "choose", lambda *_: Copier())
    monkeypatch.setattr(release.Kernels, "__init__", lambda self, root: None)
    folder = root / "data/processed/scratch"
    folder.mkdir(exist_ok=True)
    monkeypatch.setattr(release.Kernels, "folder", folder, raising=False)
    monkeypatch.setattr(release.Kernels, "__enter__", lambda self: self)
    monkeypatch.setattr(release.Kernels, "__exit__", lambda *_: None)
    yield SimpleNamespace(root=root, told=told, home=Workspace(root))
    shutil.rmtree(root / "output")
    (root / "output").mkdir()


def stems(folder, ending=".html"):
    return sorted(path.name.removesuffix(ending) for path in folder.glob(f"*{ending}"))


def test_a_period_s_documents_each_say_what_they_are_about(workspace):
    made = build(workspace.home, "2024-06", formats=["html"])
    assert stems(made.folder) == [
        "monthly_bulletin",
        *(f"weekly_digest-2024-W{week}" for week in (22, 23, 24, 25, 26)),
    ]
    shown = (made.folder / "weekly_digest-2024-W23.html").read_text(encoding="utf-8")
    assert shown == "周报|2024年第23期|2024年第23周（6月3日—6月9日）"
    weeks = [told["week"] for told in workspace.told if told["notebook"] == "weekly_digest"]
    assert weeks == ["2024-W22", "2024-W23", "2024-W24", "2024-W25", "2024-W26"]
    assert (made.folder / "tables/weekly_digest-2024-W23-annex.csv").is_file()


def test_a_profile_joins_the_release_and_stays_in_it(workspace):
    build(workspace.home, "2024-06", reports=["monthly_bulletin"], formats=["html"])
    made = build(workspace.home, "2024-06", projects=["H05"], formats=["html"])
    assert stems(made.folder) == ["monthly_bulletin", "project_profile-H05"]
    shown = (made.folder / "project_profile-H05.html").read_text(encoding="utf-8")
    assert shown.startswith("一项目一档||H05 示例")
    assert shown.endswith(" · 2024年6月")
    assert [told["notebook"] for told in workspace.told] == ["monthly_bulletin", "project_profile"]
    assert not build(workspace.home, "2024-06", projects=["H05"], formats=["html"]).is_new


def test_one_official_s_digest_keeps_apart_from_everybody_s(workspace):
    digests = {"reports": ["weekly_digest"], "weeks": ["2024-W23"], "formats": ["html"]}
    build(workspace.home, "2024-06", **digests)
    made = build(workspace.home, "2024-06", officials=["示例领导甲"], **digests)
    assert stems(made.folder) == ["weekly_digest-2024-W23", "weekly_digest-2024-W23-示例领导甲"]
    assert stems(made.folder / "tables", ".csv") == [
        "weekly_digest-2024-W23-annex",
        "weekly_digest-2024-W23-示例领导甲-annex",
    ]
    assert [told["official"] for told in workspace.told] == [None, "示例领导甲"]


def test_all_projects_get_a_profile(workspace):
    made = build(workspace.home, "2024-06", projects=["all"], formats=["html"])
    assert len(stems(made.folder)) == 30


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"projects": ["Z99"]}, "project_unknown"),
        ({"projects": ["../../H05"]}, "project_unknown"),
        ({"officials": ["无此人"]}, "official_unknown"),
        ({"reports": ["annual_review"]}, "report_not_due"),
    ],
)
def test_what_cannot_be_reported_on_leaves_nothing(workspace, options, key):
    with pytest.raises(UsageError) as caught:
        build(workspace.home, "2024-06", **options)
    assert caught.value.key == key
    assert workspace.told == []
    assert not (workspace.root / "output/2024-06").exists()


def test_a_profile_of_a_project_that_left_the_ledger_is_let_go(workspace):
    build(workspace.home, "2024-06", reports=["monthly_bulletin"], formats=["html"])
    made = build(workspace.home, "2024-06", projects=["H05"], formats=["html"])
    about = manifest.read(made.folder)
    gone = next(entry for entry in about["reports"] if entry["name"] == "project_profile-H05")
    gone |= {"name": "project_profile-H99", "about": {"project": "H99"}}
    manifest.write(about, made.folder)
    build(workspace.home, "2024-06", reports=["monthly_bulletin"], formats=["html"], force=True)
    assert stems(made.folder) == ["monthly_bulletin"]


def test_a_table_belongs_to_the_document_with_the_longest_name():
    names = ["digest-W23", "digest-W23-甲", "digest-W2"]
    files = ["tables/digest-W23-annex.csv", "tables/digest-W23-甲-annex.csv", "kpis.csv"]
    assert manifest.tables_of("digest-W23", names, files) == files[:1]
    assert manifest.tables_of("digest-W23-甲", names, files) == files[1:2]
    assert manifest.tables_of("digest-W2", names, files) == []
