"""When a published release is revised, what it says of that, and what stays of the former one."""

import json

import pytest
import yaml
from builds import contents, files_of, published, say, workspace_of
from workspaces import make_workspace

from sanshi_report.build import build, manifest


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("template") / "ws")


@pytest.fixture
def workspace(template, tmp_path, monkeypatch):
    return workspace_of(template, tmp_path / "工作区", monkeypatch)


def test_figures_that_changed_after_the_cutoff_make_a_revised_edition(workspace, monkeypatch):
    build(workspace, "2024-06")
    before = published(workspace)
    made = build(workspace, "2024-06", as_of="2024-12-31")
    about = manifest.read(made.folder)
    assert made.edition == about["edition"] == 2
    (former,) = about["supersedes"]
    assert (former["edition"], former["as_of"]) == (1, "2024-07-05T23:59:59+08:00")
    assert contents(made.folder / former["folder"]) == before
    assert "修订版（第2版）" in (made.folder / "monthly_bulletin.html").read_text()
    assert not build(workspace, "2024-06", as_of="2024-12-31").is_new


def test_a_revised_edition_says_what_changed_and_why(workspace):
    build(workspace, "2024-06")
    corrections = {
        "who": "示例*办*", "when": "2024-08-01", "why": "笔误", "table": "progress",
        "key": {"project_id": "H05", "month": "2024-06"}, "column": "invested", "expected": "1", "value": "2",
    }  # fmt: skip
    (workspace.raw / "corrections.yaml").write_text(
        yaml.safe_dump([corrections], allow_unicode=True)
    )
    made = build(workspace, "2024-06", as_of="2024-12-31")
    (former,) = manifest.read(made.folder)["supersedes"]
    assert former["changed"] == [{"kpi": "x", "old": "1.5", "new": "2.5"}]
    assert former["cells"] == 1
    book = json.loads((made.folder / "monthly_bulletin.ipynb").read_text())
    note = book["cells"][0]["outputs"][0]["data"]["text/markdown"]
    assert note.startswith("## 修订说明")
    assert "[former/1/monthly_bulletin.html](former/1/monthly_bulletin.html)" in note
    assert (
        "示例丙县政府2024年7月9日报送的 2024\\-06\\/示例丙县补报\\.xlsx（迟报；更正6月投资）"
        in note
    )
    assert "示例\\*办\\*于2024年8月1日更正 H05 2024\\-06 的本月完成投资：笔误。" in note
    assert "- x：1.5改为2.5" in note
    listed = (made.folder / "former/changes-1-2.csv").read_text().splitlines()
    assert listed == ["place,row,column,old,new,origin", "kpis.csv,x portfolio,actual,1.5,2.5,"]
    assert (made.folder / "tables/monthly_bulletin-revised.csv").is_file()


def test_a_revised_edition_keeps_its_note_when_it_is_made_again(workspace):
    build(workspace, "2024-06")
    first = build(workspace, "2024-06", as_of="2024-12-31")
    before = published(workspace)
    build(workspace, "2024-06", as_of="2024-12-31", force=True)
    after = published(workspace)
    before.pop("manifest.json"), after.pop("manifest.json")
    assert after == before
    assert first.edition == 2


def test_a_later_look_at_unchanged_figures_is_no_revision(workspace):
    build(workspace, "2024-06")
    made = build(workspace, "2024-06", as_of="2024-07-06")
    assert (made.edition, (made.folder / "former").exists()) == (1, False)


def test_a_draft_before_the_cutoff_is_simply_replaced(workspace, monkeypatch):
    say(monkeypatch, "总投资见附表", table="name,value\n示例,1\n")
    build(workspace, "2024-06", as_of="2024-07-05T12:00")
    say(monkeypatch, "总投资见附表")
    assert build(workspace, "2024-06").edition == 1


def test_former_editions_stay_through_later_builds(workspace):
    build(workspace, "2024-06")
    build(workspace, "2024-06", as_of="2024-12-31")
    made = build(workspace, "2024-06", as_of="2024-12-31", force=True)
    assert made.edition == 2
    assert "former/1/kpis.csv" in files_of(made.folder)
