"""From a notebook as run to what is published of it, and to what the renderers are told about it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sanshi_report.build.editions import Edition
from sanshi_report.build.plan import Plan, Task
from sanshi_report.catalogue import Language, say
from sanshi_report.period import ReportPeriod
from sanshi_report.render import Document, Fonts, publishable

__all__ = ["document", "publish"]


def publish(run: Mapping[str, Any], task: Task, folder: Path) -> None:
    """Write a run's normal form and its tables into a staged release.

    A table `tbl-annex` of the report `monthly_bulletin` becomes `tables/monthly_bulletin-annex.csv`.
    """
    text = json.dumps(publishable(run), ensure_ascii=False, indent=1, sort_keys=True)
    (folder / f"{task.name}.ipynb").write_text(text + "\n", encoding="utf-8")
    tables = folder / "tables"
    tables.mkdir(exist_ok=True)
    for label, content in _tables(run):
        name = f"{task.name}-{label.removeprefix('tbl-')}.csv"
        (tables / name).write_text(content, encoding="utf-8", newline="")


def document(plan: Plan, task: Task, notebook: Path, edition: Edition) -> Document:
    """Return what is printed around a published notebook."""
    from sanshi_report.style import day, period_words

    programme, language = plan.parameters.programme, task.language
    fonts = programme.page.fonts
    is_sample = programme.programme.data_status == "sample"
    return Document(
        notebook=notebook,
        title=task.report.title[language],
        subtitle=period_words(plan.period, language),
        issuer=programme.programme.issuer[language],
        issue=_issue(task.report.every, plan.period, language),
        date_line=day(plan.as_of, language),
        language=language,
        layout=task.report.layout,
        notice=say("build.sample_data", language) if is_sample else "",
        timestamp=plan.as_of,
        fonts=Fonts(
            body=fonts.body,
            heading=fonts.heading,
            folders=tuple(plan.workspace.root / folder for folder in fonts.folders),
        ),
        ribbon=edition.ribbon(language),
    )


def _issue(every: str, period: ReportPeriod, language: Language) -> str:
    number = {"month": period.months_elapsed, "two_months": period.months_elapsed // 2}.get(every)
    return say("build.issue", language, year=period.year, n=number) if number else ""


def _tables(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for cell in run["cells"]:
        for output in cell.get("outputs", ()):
            content = output.get("data", {}).get("text/csv")
            if content is not None:
                text = content if isinstance(content, str) else "".join(content)
                yield output["metadata"]["sanshi"]["label"], text
