"""Building a release: what is made, what is kept, and what a failure leaves."""

import errno
import os
import shutil

import filelock
import pytest
from builds import contents, files_of, published, say, workspace_of
from workspaces import make_workspace

import notebooks
from sanshi_report.build import build, documents, manifest, place, release
from sanshi_report.errors import BuildError, DataError, ParameterError, ReportError, UsageError
from sanshi_report.workspace import Workspace

ALL = [
    "kpis.csv",
    "kpis.json",
    "manifest.json",
    "monthly_bulletin.docx",
    "monthly_bulletin.html",
    "monthly_bulletin.ipynb",
    "monthly_bulletin.pdf",
    "revisions.csv",
    "sources/monthly_bulletin.csv",
    "tables/monthly_bulletin-annex.csv",
]


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("template") / "ws")


@pytest.fixture
def workspace(template, tmp_path, monkeypatch):
    return workspace_of(template, tmp_path / "工作区", monkeypatch)


def nothing_is_left_over(workspace):
    hidden = [name for name in files_of(workspace.output) if ".staging" in name]
    return hidden in ([], [".staging/2024-06.lock"])


def test_a_release_has_every_file_and_a_manifest_that_proves_them(workspace):
    made = build(workspace, "2024-06")
    assert files_of(made.folder) == ALL
    assert (made.is_new, made.edition, made.renderer) == (True, 1, "copier 1")
    about = manifest.read(made.folder)
    assert about["period"] == "2024-06"
    assert about["as_of"] == "2024-07-05T23:59:59+08:00"
    assert about["data_status"] == "sample"
    assert {o["path"] for o in about["outputs"]} == set(ALL) - {"manifest.json"}
    assert manifest.intact(made.folder, about) == set(ALL) - {"manifest.json"}
    inputs = {entry["path"]: entry["sha256"] for entry in about["inputs"]}
    assert inputs["data/raw/2024-06/工程办汇总.xlsx"] == manifest.sha256_of(
        workspace.raw / "2024-06/工程办汇总.xlsx"
    )
    assert not any("2024-07" in path for path in inputs)
    assert nothing_is_left_over(workspace)


def test_the_notebook_is_given_the_period_the_moment_and_the_language(workspace, monkeypatch):
    runs = say(monkeypatch, "总投资见附表")
    build(workspace, "2024-06", languages=["en"])
    assert runs == [{"period": "2024-06", "as_of": "2024-07-05T23:59:59+08:00", "language": "en"}]
    assert "monthly_bulletin.en.pdf" in published(workspace)


def test_building_again_does_nothing(workspace, monkeypatch):
    first = build(workspace, "2024-06")
    before = published(workspace)
    runs = say(monkeypatch, "总投资见附表")
    again = build(workspace, "2024-06")
    assert not again.is_new
    assert again.files == first.files
    assert runs == []
    assert published(workspace) == before


def test_force_makes_everything_again(workspace, monkeypatch):
    build(workspace, "2024-06")
    runs = say(monkeypatch, "总投资见附表")
    assert build(workspace, "2024-06", force=True).is_new
    assert len(runs) == 1


@pytest.mark.parametrize("name", ["monthly_bulletin.pdf", "kpis.csv", "manifest.json"])
def test_a_file_that_was_changed_or_lost_is_made_again(workspace, name):
    build(workspace, "2024-06")
    before = published(workspace)
    (workspace.output / "2024-06" / name).write_text("edited")
    build(workspace, "2024-06")
    after = published(workspace)
    before.pop("manifest.json"), after.pop("manifest.json")
    assert after == before


def test_what_an_official_edited_is_kept_aside(workspace):
    build(workspace, "2024-06")
    release = workspace.output / "2024-06"
    (release / "monthly_bulletin.docx").write_text("edited by hand")
    (release / "remarks.txt").write_text("added by hand")
    told = []
    build(workspace, "2024-06", progress=told.append)
    kept = contents(workspace.output / ".edited/2024-06")
    assert sorted(kept.values()) == [b"added by hand", b"edited by hand"]
    assert all(name in "\n".join(told) for name in kept)
    assert files_of(release) == ALL


def test_one_format_more_keeps_those_there_are(workspace):
    build(workspace, "2024-06", formats=["html", "pdf"])
    build(workspace, "2024-06", formats=["docx"])
    assert files_of(workspace.output / "2024-06") == ALL


def test_one_format_of_new_data_makes_the_others_again_too(workspace, monkeypatch):
    build(workspace, "2024-06")
    say(monkeypatch, "总投资和计划见附表")
    (workspace.parameter_folder / "2024-06.yaml").write_text("remarks: {zh: 新, en: new}\n")
    build(workspace, "2024-06", formats=["html"])
    assert files_of(workspace.output / "2024-06") == ALL
    assert "总投资和计划" in (workspace.output / "2024-06/monthly_bulletin.pdf").read_text()


def test_another_language_leaves_the_first_as_it_was(workspace, monkeypatch):
    build(workspace, "2024-06")
    before = published(workspace)
    runs = say(monkeypatch, "total in the annex")
    build(workspace, "2024-06", languages=["en"], formats=["html"])
    after = published(workspace)
    assert [run["language"] for run in runs] == ["en"]
    assert {name for name in after if name not in before} == {
        "monthly_bulletin.en.html",
        "monthly_bulletin.en.ipynb",
        "sources/monthly_bulletin.en.csv",
        "tables/monthly_bulletin.en-annex.csv",
    }
    assert all(after[name] == before[name] for name in before if name != "manifest.json")


def test_a_changed_notebook_is_run_again(workspace, monkeypatch):
    build(workspace, "2024-06")
    runs = say(monkeypatch, "总投资见附表")
    path = workspace.notebooks / "monthly_bulletin.ipynb"
    notebooks.write(path, notebooks.PROSE)
    build(workspace, "2024-06")
    assert len(runs) == 1


# What a failure leaves


def test_a_number_typed_in_stops_the_report_and_is_named(workspace, monkeypatch):
    build(workspace, "2024-06")
    before = published(workspace)
    say(monkeypatch, "总投资1099.73亿元，同比增长12.5%")
    with pytest.raises(BuildError, match=r"总投资1099\.73亿元，同比增长12\.5%") as caught:
        build(workspace, "2024-06", force=True)
    assert "output/.failed/2024-06/monthly_bulletin.ipynb" in str(caught.value)
    assert published(workspace) == before
    assert nothing_is_left_over(workspace)


def test_a_failed_notebook_is_kept_and_named(workspace, monkeypatch):
    build(workspace, "2024-06")
    before = published(workspace)

    def execute(notebook, target, parameters, kernels):
        target.write_text("as far as it went", encoding="utf-8")
        raise BuildError("end_not_reached", notebook=notebook.name)

    monkeypatch.setattr(release, "execute", execute)
    with pytest.raises(BuildError, match=r"output/\.failed/2024-06/monthly_bulletin\.ipynb"):
        build(workspace, "2024-06", force=True)
    kept = workspace.output / ".failed/2024-06/monthly_bulletin.ipynb"
    assert kept.read_text() == "as far as it went"
    assert published(workspace) == before


@pytest.mark.parametrize(
    ("number", "key"),
    [(errno.ENOSPC, "disk_full"), (errno.EROFS, "not_writable"), (errno.EIO, "file_system")],
)
def test_a_disk_that_fails_is_told_and_nothing_published_changes(
    workspace, monkeypatch, number, key
):
    build(workspace, "2024-06")
    before = published(workspace)

    def fail(path):
        raise OSError(number, os.strerror(number), str(path))

    monkeypatch.setattr(place, "_sync", fail)
    with pytest.raises(BuildError) as caught:
        build(workspace, "2024-06", force=True)
    assert caught.value.key == key
    assert published(workspace) == before
    assert nothing_is_left_over(workspace)


def test_an_output_folder_that_is_none_is_told(workspace):
    shutil.rmtree(workspace.output)
    workspace.output.write_text("")
    with pytest.raises(BuildError) as caught:
        build(workspace, "2024-06")
    assert caught.value.key == "file_system"


def test_something_else_in_the_place_of_the_release_is_left_there(workspace):
    (workspace.output / "2024-06").write_text("mine")
    with pytest.raises(BuildError) as caught:
        build(workspace, "2024-06")
    assert caught.value.key == "release_not_folder"
    assert (workspace.output / "2024-06").read_text() == "mine"


def test_two_builds_of_a_period_do_not_run_at_once(workspace):
    (workspace.output / ".staging").mkdir()
    with (
        filelock.FileLock(workspace.output / ".staging/2024-06.lock"),
        pytest.raises(BuildError) as caught,
    ):
        build(workspace, "2024-06")
    assert caught.value.key == "build_running"


def test_a_total_a_hundredth_off_stops_the_build_with_both_figures(workspace, monkeypatch):
    monkeypatch.setattr(release, "write_data", documents.write_data)
    path = workspace.parameter_folder / "2024.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("total_investment: 1099.73", "total_investment: 1099.74"), "utf-8")
    with pytest.raises(ParameterError, match=r"(?s)1099\.73.*1099\.74|1099\.74.*1099\.73"):
        build(workspace, "2024-06")
    assert files_of(workspace.output) == []


def test_a_stray_file_stops_the_build_even_if_nothing_else_changed(workspace):
    build(workspace, "2024-06")
    (workspace.raw / "2024-06/stray.csv").write_text("a,b\n")
    with pytest.raises(DataError, match=r"stray\.csv"):
        build(workspace, "2024-06")


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"period": "2024-13"}, "period_malformed"),
        ({"period": "2024-06; touch x"}, "period_malformed"),
        ({"period": ""}, "period_missing"),
        ({"period": "2024-Q2"}, "nothing_due"),
        ({"period": "2024-06", "formats": ["odt"]}, "format_unknown"),
        ({"period": "2024-06", "formats": []}, "format_unknown"),
        ({"period": "2024-06", "languages": ["fr"]}, "language_unknown"),
        ({"period": "2024-06", "reports": ["bulletin"]}, "report_unknown"),
        ({"period": "2024-06", "renderer": "word"}, "renderer_unknown"),
    ],
)
def test_a_wrong_call_is_refused_before_anything_runs(workspace, options, key):
    with pytest.raises(UsageError) as caught:
        build(workspace, **options)
    assert caught.value.key == key
    assert files_of(workspace.output) == []


def test_a_period_without_data_is_told(workspace):
    shutil.rmtree(workspace.raw)
    workspace.raw.mkdir()
    with pytest.raises(DataError) as caught:
        build(workspace, "2024-06")
    assert caught.value.key == "period_without_data"


def test_a_report_without_its_notebook_is_told(workspace):
    (workspace.notebooks / "monthly_bulletin.ipynb").unlink()
    with pytest.raises(ReportError, match=r"notebooks/monthly_bulletin\.ipynb"):
        build(workspace, "2024-06")


# Placing


@pytest.fixture
def folders(tmp_path):
    staged, old = tmp_path / ".staging/2024-06", tmp_path / "2024-06"
    for folder, text in ((staged, "new"), (old, "old")):
        folder.mkdir(parents=True)
        (folder / "kpis.csv").write_text(text)
    return staged, old


@pytest.mark.parametrize("can_exchange", [True, False])
def test_placing_replaces_the_whole_release(folders, monkeypatch, can_exchange):
    if not can_exchange:
        monkeypatch.setattr(place, "_exchange", lambda *_: False)
    staged, final = folders
    (final / "gone.csv").write_text("old")
    place.place(staged, final)
    assert contents(final) == {"kpis.csv": b"new"}


def test_a_release_moved_aside_comes_back_if_the_new_one_cannot_be_placed(folders, monkeypatch):
    staged, final = folders
    monkeypatch.setattr(place, "_exchange", lambda *_: False)
    shutil.rmtree(staged)
    monkeypatch.setattr(place, "_flush", lambda _: None)
    with pytest.raises(OSError, match="No such file"):
        place.place(staged, final)
    assert contents(final) == {"kpis.csv": b"old"}


def test_a_build_killed_between_two_renames_is_set_right_by_the_next(workspace):
    build(workspace, "2024-06")
    before = published(workspace)
    (workspace.output / "2024-06").rename(workspace.output / ".staging/2024-06.former")
    with place.staging(workspace, Workspace.parameters(workspace, "2024-06").period):
        assert published(workspace) == before


def test_a_file_that_two_reports_share_is_taken_over_once(tmp_path):
    release, staged = tmp_path / "release.csv", tmp_path / "staged" / "tables" / "frame.csv"
    release.write_text("name\n", encoding="utf-8")
    place.copy(release, staged)
    place.copy(release, staged)
    assert staged.read_text(encoding="utf-8") == "name\n"
