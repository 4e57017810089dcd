"""The renderers as nbconvert exporters: `jupyter nbconvert --to sanshi_pdf`, or JupyterLab's menu.

An analyst who has run a report notebook by hand exports it from *File → Save and Export Notebook As* and
gets the very page, PDF or Word file a build would render, marked as a working copy. A release is made
by `build` alone.
"""

from __future__ import annotations

import ast
import json
import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets.config import Config

from sanshi_report.build.calendar import Instance
from sanshi_report.build.documents import document
from sanshi_report.catalogue import Language, say
from sanshi_report.errors import UsageError
from sanshi_report.ledger import moment
from sanshi_report.render import Format, choose
from sanshi_report.render.outputs import publishable
from sanshi_report.workspace import Workspace

__all__ = ["DocxExporter", "HtmlExporter", "PdfExporter"]


class _ReportExporter(Exporter):
    """Renders an executed report notebook; see `Exporter` for the interface."""

    format: ClassVar[Format]

    @property
    def default_config(self) -> Config:
        """Leave out what the notebook's author has tagged as not for the reader."""
        config = Config({"TagRemovePreprocessor": {"enabled": True}})
        config.TagRemovePreprocessor.remove_cell_tags = {"remove-cell"}
        config.merge(super().default_config)
        return config

    def from_notebook_node(
        self, nb: NotebookNode, resources: Any = None, **kwargs: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Return the document and nbconvert's resources.

        Raises
        ------
        ReportError
            If the notebook was not run, is no report of the parameters, or has no period.
        """
        values = _parameters_of(nb)
        nb, resources = super().from_notebook_node(nb, resources, **kwargs)
        workspace = Workspace.find()
        parameters = workspace.parameters(values.get("period"))
        name = str(resources.get("metadata", {}).get("name", "")).partition(".")[0]
        reports = {report.name: report for report in parameters.programme.reports}
        if name not in reports:
            raise UsageError("report_unknown", found=name, known=", ".join(reports))
        language: Language = "en" if values.get("language") == "en" else "zh"
        with TemporaryDirectory() as scratch:
            notebook, target = (
                Path(scratch, f"{name}.ipynb"),
                Path(scratch, f"{name}.{self.format}"),
            )
            notebook.write_text(json.dumps(publishable(nb), ensure_ascii=False), encoding="utf-8")
            source = document(
                workspace,
                parameters,
                Instance.of(reports[name], values),
                notebook,
                language=language,
                as_of=moment(values.get("as_of"), parameters.cutoff),
                ribbon=say("build.working_copy", language),
            )
            choose("auto").render(source, self.format, target)
            made = target.read_bytes()
        return (made.decode() if self.format == "html" else made), resources


class HtmlExporter(_ReportExporter):
    """The report as one HTML file."""

    format = "html"
    file_extension = ".html"
    output_mimetype = "text/html"
    export_from_notebook = "三十工程报告 (HTML)"


class PdfExporter(_ReportExporter):
    """The report as PDF/A."""

    format = "pdf"
    file_extension = ".pdf"
    output_mimetype = "application/pdf"
    export_from_notebook = "三十工程报告 (PDF)"


class DocxExporter(_ReportExporter):
    """The report as a Word file."""

    format = "docx"
    file_extension = ".docx"
    output_mimetype = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    export_from_notebook = "三十工程报告 (Word)"


def _parameters_of(nb: NotebookNode) -> dict[str, Any]:
    """Return what the parameter cells say, the injected one last, and SANSHI_PERIOD for no period."""
    values: dict[str, Any] = {}
    for tag in ("parameters", "injected-parameters"):
        for cell in nb.cells:
            if tag in cell.metadata.get("tags", ()):
                values |= _literals(cell.source)
    values["period"] = values.get("period") or os.environ.get("SANSHI_PERIOD")
    return values


def _literals(source: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    found[target.id] = statement.value.value
    return found
