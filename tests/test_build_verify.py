"""Making a release again proves its bytes, or says which file differs and why it may."""

import pytest
from builds import Copier, contents, say, workspace_of
from workspaces import make_workspace

from sanshi_report import cli
from sanshi_report.build import build, manifest, plan, verify
from sanshi_report.errors import BuildError, DataError


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return make_workspace(tmp_path_factory.mktemp("verify") / "ws")


@pytest.fixture
def workspace(template, tmp_path, monkeypatch):
    monkeypatch.setattr(Copier, "name", "builtin")  # the manifest says which is to be used again
    monkeypatch.setattr(plan, "_program", lambda: "unchanged while tests run")
    return workspace_of(template, tmp_path / "ws", monkeypatch)


def differing(proof):
    return {name: state for name, state in proof.states.items() if state != "same"}


def test_a_release_made_again_has_the_same_bytes_and_stays_as_it_is(workspace):
    made = build(workspace, "2024-06")
    before = contents(workspace.output)
    proof = verify(workspace, "2024-06")
    assert proof.holds
    assert set(proof.states) == set(contents(made.folder)) - {"manifest.json"}
    assert contents(workspace.output) == before


def test_what_was_asked_for_is_asked_for_again(workspace):
    build(workspace, "2024-06", languages=["en"], formats=["html"], as_of="2024-07-01")
    proof = verify(workspace, "2024-06")
    assert proof.holds
    assert "monthly_bulletin.en.html" in proof.states
    assert "monthly_bulletin.en.pdf" not in proof.states


def test_a_revised_edition_is_made_again_as_one(workspace):
    build(workspace, "2024-06")
    build(workspace, "2024-06", as_of="2024-12-31")
    proof = verify(workspace, "2024-06")
    assert proof.holds
    assert "修订版" in (workspace.output / "2024-06/monthly_bulletin.html").read_text("utf-8")


def test_a_file_that_comes_out_otherwise_is_named(workspace, monkeypatch):
    build(workspace, "2024-06")
    say(monkeypatch, "总投资 见附表")
    assert differing(verify(workspace, "2024-06")) == dict.fromkeys(
        [
            *(f"monthly_bulletin.{ending}" for ending in ("docx", "html", "ipynb", "pdf")),
            "sources/monthly_bulletin.csv",
        ],
        "different",
    )


def test_a_file_edited_since_is_told_apart(workspace):
    build(workspace, "2024-06")
    (workspace.output / "2024-06/monthly_bulletin.docx").write_text("edited")
    (workspace.output / "2024-06/kpis.json").unlink()
    proof = verify(workspace, "2024-06")
    assert not proof.holds
    assert differing(proof) == {"monthly_bulletin.docx": "edited", "kpis.json": "edited"}


@pytest.mark.parametrize(
    ("name", "was", "now"),
    [
        # Another comment or space decides nothing; another name does.
        ("parameters/2024.yaml", "zh: 三十工程,", "zh: 卅工程,"),
        ("notebooks/monthly_bulletin.ipynb", "", "\n"),
    ],
)
def test_parameters_or_notebooks_that_changed_are_named(workspace, name, was, now):
    build(workspace, "2024-06")
    text = (workspace.root / name).read_text(encoding="utf-8")
    (workspace.root / name).write_text(
        text.replace(was, now) if was else text + now, encoding="utf-8"
    )
    with pytest.raises(BuildError) as caught:
        verify(workspace, "2024-06")
    assert caught.value.key == "verify_sources_changed"
    assert name in str(caught.value)


def test_a_received_file_that_changed_is_named(workspace):
    build(workspace, "2024-06")
    (workspace.raw / "2024-05/工业领域.xlsx").write_bytes(b"other")
    with pytest.raises(DataError, match="工业领域"):
        verify(workspace, "2024-06")


def test_a_period_never_built_is_told(workspace):
    with pytest.raises(BuildError) as caught:
        verify(workspace, "2024-05")
    assert caught.value.key == "verify_nothing"


def test_the_command_lists_every_file_and_fails_if_one_differs(workspace, capsys):
    build(workspace, "2024-06")
    assert cli.run(["verify", "2024-06", "--root", str(workspace.root)]) == 0
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == len(manifest.read(workspace.output / "2024-06")["outputs"])
    assert all(line.startswith("● ") for line in listed)
    (workspace.output / "2024-06/kpis.csv").write_text("edited")
    assert cli.run(["verify", "2024-06", "--root", str(workspace.root)]) == 1
    assert any(
        line.startswith("■ ") and "kpis.csv" in line
        for line in capsys.readouterr().out.splitlines()
    )
