"""Which documents a report is made into: slides are for meetings, and some for Quarto alone."""

import shutil

import pytest
from builds import Copier, say, workspace_of
from workspaces import make_workspace

from sanshi_report.build import build, release, verify
from sanshi_report.errors import BuildError, RenderError, UsageError


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("template") / "ws")


@pytest.fixture
def workspace(template, tmp_path, monkeypatch):
    return workspace_of(template, tmp_path / "工作区", monkeypatch)


def with_slides(workspace):
    """Let the workspace have a report for a meeting besides."""
    programme = workspace.parameter_folder / "2024.yaml"
    text = programme.read_text(encoding="utf-8")
    meeting = (
        "  - {name: review_meeting, title: {zh: 讲评, en: Review}, every: two_months, "
        "layout: landscape, slides: true}\n"
    )
    text = text.replace("layout: gbt9704}\n", "layout: gbt9704}\n" + meeting)
    programme.write_text(text, encoding="utf-8")
    bulletin = workspace.notebooks / "monthly_bulletin.ipynb"
    shutil.copy(bulletin, workspace.notebooks / "review_meeting.ipynb")
    return workspace


def formats_of(made):
    return {entry["name"]: entry["formats"] for entry in made.reports}


def test_only_a_report_for_a_meeting_is_made_into_slides(workspace):
    made = build(with_slides(workspace), "2024-06")
    assert formats_of(made) == {
        "monthly_bulletin": ["html", "pdf", "docx"],
        "review_meeting": ["html", "pdf", "docx", "pptx"],
    }
    assert (made.folder / "review_meeting.pptx").is_file()


def test_of_formats_asked_for_each_report_gets_those_it_offers(workspace):
    made = build(with_slides(workspace), "2024-06", formats=["pptx", "html"])
    assert formats_of(made) == {"monthly_bulletin": ["html"], "review_meeting": ["html", "pptx"]}


def test_asking_for_slides_makes_nothing_of_the_other_reports(workspace, monkeypatch):
    runs = say(monkeypatch, "总投资见附表")
    made = build(with_slides(workspace), "2024-06", formats=["pptx"])
    assert formats_of(made) == {"review_meeting": ["pptx"]}
    assert len(runs) == 1


@pytest.mark.parametrize(
    ("period", "reports"), [("2024-05", None), ("2024-06", ["monthly_bulletin"])]
)
def test_slides_that_no_report_asked_for_offers_are_refused(workspace, period, reports):
    with pytest.raises(UsageError) as caught:
        build(with_slides(workspace), period, reports=reports, formats=["pptx"])
    assert caught.value.key == "format_not_offered"
    assert caught.value.values["known"] == "review_meeting"
    assert "pptx" in str(caught.value)


def test_slides_for_a_browser_are_made_where_quarto_renders(workspace, monkeypatch):
    build(with_slides(workspace), "2024-06")
    monkeypatch.setattr(Copier, "name", "quarto")
    made = build(workspace, "2024-06")
    assert formats_of(made)["review_meeting"] == ["html", "pdf", "docx", "pptx", "revealjs"]
    assert (made.folder / "review_meeting.slides.html").is_file()


def test_slides_for_a_browser_are_refused_where_quarto_does_not_render(workspace):
    with pytest.raises(RenderError) as caught:
        build(with_slides(workspace), "2024-06", formats=["html", "revealjs"])
    assert caught.value.key == "format_needs_quarto"
    assert not (workspace.output / "2024-06").exists()


def test_slides_for_a_browser_go_where_quarto_no_longer_renders(workspace, monkeypatch):
    with monkeypatch.context() as here:
        here.setattr(Copier, "name", "quarto")
        build(with_slides(workspace), "2024-06")
    said = []
    made = build(workspace, "2024-06", progress=said.append)
    assert formats_of(made)["review_meeting"] == ["html", "pdf", "docx", "pptx"]
    told = [line for line in said if "leaves the release" in line]
    assert len(told) == 1
    assert "review_meeting.slides.html" in told[0]


class Broken(Copier):
    """A Quarto that cannot render."""

    name = "quarto"

    def render(self, document, format, target):
        raise RenderError("quarto_failed", format=format, reason="no typst")


def test_a_quarto_that_fails_is_found_out_before_any_notebook_runs(workspace, monkeypatch):
    runs = say(monkeypatch, "总投资见附表")
    monkeypatch.setattr(release, "choose", lambda *_: Broken())
    with pytest.raises(RenderError, match="no typst"):
        build(workspace, "2024-06", renderer="quarto")
    assert runs == []
    assert not (workspace.output / "2024-06").exists()


def test_auto_builds_without_a_quarto_that_fails_and_says_so_in_one_line(workspace, monkeypatch):
    monkeypatch.setattr(release, "choose", lambda *_: Broken())
    said = []
    made = build(workspace, "2024-06", formats=["html"], progress=said.append)
    assert made.renderer.startswith("builtin")
    assert [line for line in said if "Quarto" in line] == [
        "2024-06：有 Quarto 但用不了（no typst），改用内置渲染 | "
        "2024-06: there is a Quarto that cannot be used (no typst), so the built-in renderer is used"
    ]
    assert not build(workspace, "2024-06", formats=["html"]).is_new


def test_a_release_of_quarto_cannot_be_verified_without_it_and_says_what_to_do(
    workspace, monkeypatch
):
    monkeypatch.setattr(Copier, "name", "quarto")
    build(workspace, "2024-06")
    monkeypatch.setattr(release, "choose", lambda *_: Broken())
    with pytest.raises(BuildError) as caught:
        verify(workspace, "2024-06")
    assert caught.value.key == "verify_without_quarto"
    assert "make report PERIOD=2024-06 RENDERER=builtin" in str(caught.value)


def test_slides_of_a_report_that_no_longer_has_any_go_when_it_is_made_again(workspace):
    build(with_slides(workspace), "2024-06")
    programme = workspace.parameter_folder / "2024.yaml"
    text = programme.read_text(encoding="utf-8").replace(", slides: true", "")
    programme.write_text(text, encoding="utf-8")
    made = build(workspace, "2024-06")
    assert formats_of(made)["review_meeting"] == ["html", "pdf", "docx"]
    assert not (made.folder / "review_meeting.pptx").exists()
