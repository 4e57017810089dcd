import ast
import json
import re
from collections import Counter
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from ledgers import ROOT

from sanshi_report.render.outputs import publishable
from sanshi_report.workspace import Workspace

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
FORBIDDEN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While,
             ast.With, ast.Try, ast.If, ast.comprehension)  # fmt: skip
PLUMBING = {"apply", "groupby", "merge", "join", "concat", "pivot", "pivot_table", "melt", "map",
            "read_csv", "read_excel", "to_csv", "open", "Path", "iterrows", "assign", "loc", "iloc"}  # fmt: skip

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_report = pytest.mark.parametrize(
    "path",
    [
        ROOT / "notebooks" / f"{report.name}.ipynb"
        for report in Workspace.find(ROOT).parameters("2024-06").programme.reports
    ],
    ids=lambda path: path.stem,
)


def cells(path: Path, kind: str = "code") -> list[dict[str, Any]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == kind]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_there_are_notebooks_to_hold() -> None:
    assert {"monthly_bulletin", "explore"} <= {path.stem for path in NOTEBOOKS}


@every_notebook
def test_code_cells_are_short(path: Path) -> None:
    lines = [len(source(cell).splitlines()) for cell in cells(path)]
    assert max(lines) <= 8
    assert median(lines) <= 3


@every_notebook
def test_cells_call_and_do_not_compute(path: Path) -> None:
    for cell in cells(path):
        for node in ast.walk(ast.parse(source(cell))):
            assert not isinstance(node, FORBIDDEN), (cell["id"], ast.unparse(node))
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
            is_door = ast.unparse(node) == "sanshi_report.open"
            assert is_door or name not in PLUMBING, (cell["id"], name)


@every_notebook
def test_no_path_is_written_into_a_cell(path: Path) -> None:
    for cell in cells(path):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert "/" not in node.value, (cell["id"], node.value)
                assert not node.value.endswith((".csv", ".xlsx", ".yaml")), node.value


@every_notebook
def test_the_first_three_cells_are_fixed(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    title, parameters, setup = notebook["cells"][:3]
    assert title["cell_type"] == "markdown"
    assert source(title).startswith("# ")
    assert parameters["metadata"] == {"tags": ["parameters"]}
    lines = source(parameters).splitlines()
    assert lines[:3] == ["period = None", "as_of = None", 'language = "zh"']
    assert set(lines[3:]) <= {"week = None", "official = None", "project = None"}
    assert len([line for line in source(setup).splitlines() if line]) <= 3
    assert source(setup).splitlines()[-1].startswith("report = sanshi_report.open(")


@every_notebook
def test_every_section_has_a_heading_of_its_own(path: Path) -> None:
    sections = cells(path, "markdown")[1:]
    headings = [source(cell).partition("\n")[0] for cell in sections]
    assert all(re.fullmatch(r"## \S{2,16}", heading) for heading in headings), headings
    assert len(set(headings)) == len(headings)


@every_report
def test_the_headings_of_a_notebook_are_not_printed(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    said = {"data": {"text/markdown": "甲。"}, "metadata": {}, "output_type": "display_data"}
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = [said], number
    printed = json.dumps(publishable(notebook), ensure_ascii=False)
    assert "甲。" in printed
    for cell in cells(path, "markdown"):
        assert source(cell).partition("\n")[0] not in printed


@every_notebook
def test_a_name_means_one_thing(path: Path) -> None:
    assigned = [
        node.id
        for cell in cells(path)
        for node in ast.walk(ast.parse(source(cell)))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    ]
    assert [name for name, times in Counter(assigned).items() if times > 1] == []


@every_notebook
def test_nothing_of_a_run_is_kept(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert notebook["metadata"] == {
        "kernelspec": {
            "display_name": "Python 3 (ipykernel)",
            "language": "python",
            "name": "python3",
        }
    }
    for cell in cells(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        assert set(cell["metadata"]) <= {"tags"}
    names = [cell["id"] for cell in notebook["cells"]]
    assert len(set(names)) == len(names)


@every_report
def test_a_report_asks_in_markdown_and_ends_in_the_mark(path: Path) -> None:
    *body, last = cells(path)
    assert len(cells(path, "markdown")) >= 5
    assert last["metadata"] == {"tags": ["end"]}
    assert source(last) in ("report.end()", "own.end()")  # of the whole, or of one project
    assert all(cell["metadata"] == {} for cell in body[1:])


@every_report
def test_no_figure_is_typed_into_a_report(path: Path) -> None:
    for cell in cells(path):
        for node in ast.walk(ast.parse(source(cell))):
            if isinstance(node, ast.Constant):
                assert not isinstance(node.value, int | float), source(cell)
    for cell in cells(path, "markdown")[1:]:
        assert not any(character.isdigit() for character in source(cell)), source(cell)


def test_the_bulletin_follows_the_order_its_readers_expect() -> None:
    code = cells(ROOT / "notebooks" / "monthly_bulletin.ipynb")[2:]
    last = [source(cell).splitlines()[-1] for cell in code]
    blocks = [line.split('"')[1] for line in last if line.startswith("report.say(")]
    assert blocks == [
        "opening", "leaders_page", "overall", "moves", "permits", "investment", "sectors", "standing",
        "inputs", "completions", "actions", "meetings", "problems", "escalation", "incidents", "recognition",
        "nodes", "outlook", "outlook_starts", "outlook_record", "practices", "notes", "annex",
    ]  # fmt: skip
