"""JupyterLab's export menu gives what a build renders, marked as a working copy."""

import copy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import get_exporter

from sanshi_report.errors import ReportError
from sanshi_report.render import text_of

HOME = Path(__file__).parents[1]
OPENING = {"text/markdown": "## 一、总体情况\n\n总投资 1099.73 亿元。"}


def executed(period: str = "'2024-06'") -> Any:
    """Return a run notebook of one sentence, whose parameters cell sets `period`."""
    cells = [
        nbformat.v4.new_code_cell(
            f"period = {period}\nlanguage = 'zh'",
            metadata={"tags": ["parameters"]},
            execution_count=1,
        ),
        nbformat.v4.new_code_cell(
            "opening()",
            execution_count=2,
            outputs=[nbformat.v4.new_output("display_data", OPENING)],
        ),
        nbformat.v4.new_code_cell(
            "aside()",
            metadata={"tags": ["remove-cell"]},
            execution_count=3,
            outputs=[nbformat.v4.new_output("display_data", {"text/markdown": "只给自己看"})],
        ),
    ]
    return nbformat.v4.new_notebook(cells=cells)


def exported(kind: str, notebook: Any, name: str = "monthly_bulletin") -> str | bytes:
    resources = {"metadata": {"name": name}}
    made, _ = get_exporter(kind)().from_notebook_node(copy.deepcopy(notebook), resources)
    assert isinstance(made, str | bytes)
    return made


@pytest.fixture(autouse=True)
def _no_period_around(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SANSHI_PERIOD", raising=False)
    monkeypatch.setenv("SANSHI_ROOT", str(HOME))


def test_the_page_is_the_report_and_says_that_it_is_no_release(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(str(exported("sanshi_html", executed())), encoding="utf-8")
    text = text_of(page)
    assert "三十工程推进情况通报" in text
    assert "总投资 1099.73 亿元" in text.replace("总投资1099.73亿元", "总投资 1099.73 亿元")
    assert "分析稿" in text
    assert "只给自己看" not in text


@pytest.mark.parametrize(("kind", "start"), [("sanshi_pdf", b"%PDF-"), ("sanshi_docx", b"PK")])
def test_paper_and_word_come_too(kind: str, start: bytes) -> None:
    made = exported(kind, executed())
    assert isinstance(made, bytes)
    assert made.startswith(start)


def test_the_period_may_come_from_where_jupyterlab_was_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SANSHI_PERIOD", "2024-07")
    assert "2024年7月" in str(exported("sanshi_html", executed("None")))


@pytest.mark.parametrize(
    ("notebook", "name", "said"),
    [
        (executed("None"), "monthly_bulletin", "没有给出报告期"),
        (executed(), "scratch", "scratch"),
    ],
)
def test_what_cannot_be_a_report_says_why(notebook: Any, name: str, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        exported("sanshi_html", notebook, name)
