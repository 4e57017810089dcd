"""Which documents a report is made into: slides are for meetings, and some for Quarto alone."""

import shutil

import pytest
from builds import Copier, say, workspace_of
from workspaces import make_workspace

from sanshi_report.build import build
from sanshi_report.errors import RenderError, UsageError


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
    runs = say(monkeypatch, "总投资1099.73亿元")
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
    made = build(workspace, "2024-06")
    assert formats_of(made)["review_meeting"] == ["html", "pdf", "docx", "pptx"]


def test_slides_of_a_report_that_no_longer_has_any_go_when_it_is_made_again(workspace):
    build(with_slides(workspace), "2024-06")
    programme = workspace.parameter_folder / "2024.yaml"
    text = programme.read_text(encoding="utf-8").replace(", slides: true", "")
    programme.write_text(text, encoding="utf-8")
    made = build(workspace, "2024-06")
    assert formats_of(made)["review_meeting"] == ["html", "pdf", "docx"]
    assert not (made.folder / "review_meeting.pptx").exists()
