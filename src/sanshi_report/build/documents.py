"""What goes into a release: the period's data, a notebook's outputs, and what surrounds them in print."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sanshi_report.build.calendar import Instance
from sanshi_report.build.plan import Plan, Task, frame_file, table_name
from sanshi_report.catalogue import Language, say
from sanshi_report.errors import BuildError
from sanshi_report.period import ReportPeriod
from sanshi_report.render import Document, Fonts, Sources
from sanshi_report.workspace import Parameters, Workspace

if TYPE_CHECKING:
    from sanshi_report.ledger import Ledger

__all__ = ["document", "publish", "when", "write_data"]


def write_data(plan: Plan, folder: Path) -> Ledger:
    """Write the period's KPI table, revisions and ledger into a staged release, and return the ledger.

    Raises
    ------
    DataError
        If the data contradict themselves: see `metrics.consistency`.
    """
    from sanshi_report.ledger.keeping import read_ahead

    read_ahead(plan.workspace, plan.period, plan.as_of)  # before the large imports
    from sanshi_report.build.sources import write_ledger
    from sanshi_report.ledger import load
    from sanshi_report.metrics.consistency import refuse
    from sanshi_report.metrics.kpis import kpis, kpis_csv, kpis_json
    from sanshi_report.style import csv_text

    ledger = load(plan.workspace, plan.period, plan.as_of, plan.parameters)
    refuse(ledger, plan.parameters)
    table = kpis(ledger, plan.parameters)
    _write(folder / "kpis.csv", kpis_csv(table))
    _write(folder / "kpis.json", kpis_json(table))
    _write(folder / "revisions.csv", csv_text(ledger.revisions))
    write_ledger(ledger, folder)
    return ledger


def publish(run: Mapping[str, Any], task: Task, folder: Path) -> None:
    """Write a run's normal form, its tables and the frames it speaks of into a staged release.

    A table `tbl-annex` of the report `monthly_bulletin` becomes `tables/monthly_bulletin-annex.csv`; a frame is
    `tables/<frame>.csv`, once for all documents. The notebook keeps the key of each of its frames.

    Raises
    ------
    BuildError
        If a frame is not what another document has under its name.
    """
    from sanshi_report.render.outputs import publishable

    content, frames = publishable(run), _frames(run)
    content["metadata"]["sanshi"] = {
        "frames": {name: frame["key"] for name, frame in frames.items()}
    }
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
    _write(folder / f"{task.name}.ipynb", text + "\n")
    (folder / "tables").mkdir(exist_ok=True)
    for label, rows in _tables(run):
        _write(folder / table_name(task.name, label), rows)
    for name, frame in frames.items():
        path = folder / frame_file(name)
        # One that another report has told already may be the present release's own file: it is not written again.
        if not path.is_file():
            _write(path, frame["csv"])
        elif path.read_text(encoding="utf-8") != frame["csv"]:
            raise BuildError("frame_differs", frame=name, report=task.name)


def document(
    workspace: Workspace,
    parameters: Parameters,
    instance: Instance,
    notebook: Path,
    *,
    language: Language,
    as_of: datetime,
    ribbon: str,
    subject: str = "",
    sources: Sources | None = None,
) -> Document:
    """Return what is printed around a published notebook.

    Parameters
    ----------
    subject : str
        The name of whom or what it is about, for the line under the title.
    sources : Sources, optional
        Where its numbers come from.
    """
    from sanshi_report.style import day

    programme, report = parameters.programme, instance.report
    fonts = programme.page.fonts
    is_sample = programme.programme.data_status == "sample"
    return Document(
        notebook=notebook,
        title=report.title[language],
        subtitle=" · ".join(filter(None, (subject, when(instance, parameters.period, language)))),
        issuer=programme.programme.issuer[language],
        issue=_issue(instance, parameters.period, language),
        date_line=day(_dated(instance, as_of), language),
        language=language,
        layout=report.layout,
        notice=say("build.sample_data", language) if is_sample else "",
        timestamp=as_of,
        fonts=Fonts(
            body=fonts.body,
            heading=fonts.heading,
            folders=tuple(workspace.root / folder for folder in fonts.folders),
        ),
        ribbon=ribbon,
        sources=sources,
    )


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="")


def when(instance: Instance, period: ReportPeriod, language: Language) -> str:
    """Return in words the time a document is about: its week or year, or else the period."""
    from sanshi_report.style import day, period_words

    if not instance.week:
        is_yearly = instance.report.every == "year"
        return period_words(ReportPeriod.parse(f"{period.year}") if is_yearly else period, language)
    week = ReportPeriod.parse_week(instance.week)
    first, last = (day(one, language, year=False) for one in (week.start, week.end))
    year, number, _ = week.start.isocalendar()
    return say("build.week", language, year=year, n=number, first=first, last=last)


def _dated(instance: Instance, as_of: datetime) -> date:
    """Return the day a document is of: that of its cutoff, but a week's is its Sunday."""
    return ReportPeriod.parse_week(instance.week).end if instance.week else as_of


def _issue(instance: Instance, period: ReportPeriod, language: Language) -> str:
    year, number = period.year, 0
    match instance.report.every:
        case "month":
            number = period.months_elapsed
        case "two_months":
            number = period.months_elapsed // 2
        case "week" if instance.week:
            year, number, _ = ReportPeriod.parse_week(instance.week).start.isocalendar()
    return say("build.issue", language, year=year, n=number) if number else ""


def _frames(run: Mapping[str, Any]) -> dict[str, Any]:
    outputs = (output for cell in run["cells"] for output in cell.get("outputs", ()))
    found: dict[str, Any] = {}
    for output in outputs:
        found |= output.get("metadata", {}).get("sanshi", {}).get("frames", {})
    return found


def _tables(run: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for cell in run["cells"]:
        for output in cell.get("outputs", ()):
            content = output.get("data", {}).get("text/csv")
            if content is not None:
                text = content if isinstance(content, str) else "".join(content)
                yield output["metadata"]["sanshi"]["label"], text
