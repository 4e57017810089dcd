"""An executed notebook's publishable outputs: prose, figures and tables, in their order.

Code and the cells written for the analyst are not published; a report is what its cells returned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanshi_report.errors import RenderError
from sanshi_report.render.table import Grid, read_table, write_table

__all__ = [
    "Fact",
    "Figure",
    "Output",
    "Prose",
    "Table",
    "outputs_of",
    "publishable",
    "read_notebook",
]


@dataclass(frozen=True)
class Fact:
    """A number in a text that leads to where it comes from.

    Attributes
    ----------
    start, end : int
        Where it stands in the Markdown.
    target : str
        Identifier of the place in the page.
    title : str
        The place in words.
    """

    start: int
    end: int
    target: str
    title: str


@dataclass(frozen=True)
class Prose:
    """Sentences and headings.

    Attributes
    ----------
    markdown : str
        Pandoc Markdown.
    label : str
        Names the data it was written from; empty for none.
    values : tuple of (int, int, str)
        Where values stand in the Markdown, and what its sentences call them.
    facts : tuple of Fact
        The numbers in it that have been traced.
    """

    markdown: str
    label: str = ""
    values: tuple[tuple[int, int, str], ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Figure:
    """A drawing; `spec` is the Vega-Lite JSON it was drawn from, or empty."""

    label: str
    caption: str
    alt: str
    svg: str
    spec: str

    @property
    def size(self) -> tuple[float, float]:
        """Return width and height in CSS pixels."""
        box = re.search(r'viewBox="[\d.+-]+ [\d.+-]+ ([\d.]+) ([\d.]+)"', self.svg)
        if not box:
            raise RenderError("figure_unsafe", figure=self.label, reason="viewBox?")
        return float(box[1]), float(box[2])


@dataclass(frozen=True)
class Table:
    """A table; `wide` asks for a landscape page on paper."""

    label: str
    caption: str
    grid: Grid
    wide: bool


Output = Prose | Figure | Table


def read_notebook(path: Path) -> dict[str, Any]:
    """Return the notebook at `path` as plain data.

    Raises
    ------
    RenderError
        If the file is missing, not a notebook of format 4, or was not run to its end.
    """
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RenderError("notebook_unreadable", file=path.name, reason=error) from error
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise RenderError("notebook_unreadable", file=path.name, reason="nbformat != 4")
    for number, cell in enumerate(notebook["cells"], 1):
        if cell["cell_type"] == "code" and "".join(cell["source"]).strip():
            failed = any(o["output_type"] == "error" for o in cell["outputs"])
            if failed or cell["execution_count"] is None:
                raise RenderError("notebook_not_run", file=path.name, cell=number)
    return notebook


def outputs_of(notebook: Mapping[str, Any]) -> list[Output]:
    """Return the publishable outputs of a notebook.

    Printed text and bare representations are an analyst's aids and are passed over.

    Raises
    ------
    RenderError
        If a figure or table has no label, a drawing no alternative text, two share a label, or
        nothing is publishable.
    """
    found = [one for cell in _code_cells(notebook) for one in _cell_outputs(cell)]
    labels = [one.label for one in found if not isinstance(one, Prose)]
    for label in labels:
        if labels.count(label) > 1:
            raise RenderError("label_repeated", label=label)
    if not found:
        raise RenderError("nothing_to_publish")
    return found


def publishable(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """Return the notebook's normal form: its published outputs and nothing of the run.

    Timings, identifiers, paths, counters, code and printed text are gone; each output has a cell of
    its own whose first lines say its label and caption the way Quarto reads them. Two runs over the
    same data have the same normal form.
    """
    cells = [
        {
            "cell_type": "code",
            "execution_count": number,
            "id": f"output-{number}",
            "metadata": {},
            "outputs": [_plain_output(one)],
            "source": _options(one),
        }
        for number, one in enumerate(outputs_of(notebook), 1)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _code_cells(notebook: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for cell in notebook["cells"]:
        hidden = {"remove-cell", "remove-output"} & set(cell["metadata"].get("tags", ()))
        if cell["cell_type"] == "code" and not hidden:
            yield cell


def _cell_outputs(cell: Mapping[str, Any]) -> Iterator[Output]:
    for output in cell["outputs"]:
        if output["output_type"] not in ("display_data", "execute_result"):
            continue
        data = {kind: _text(value) for kind, value in output["data"].items()}
        about = output.get("metadata", {}).get("sanshi", {})
        if "image/svg+xml" in data:
            yield _figure(data, about)
        elif "<table" in data.get("text/html", ""):
            yield _table(data["text/html"], about)
        elif "text/markdown" in data:
            yield _prose(data["text/markdown"], about)


def _prose(markdown: str, about: Mapping[str, Any]) -> Prose:
    values = tuple((start, end, name) for start, end, name in about.get("values", ()))
    facts = tuple(Fact(**fact) for fact in about.get("facts", ()))
    return Prose(markdown, about.get("label", ""), values, facts)


def _figure(data: Mapping[str, str], about: Mapping[str, Any]) -> Figure:
    label, caption, alt = (about.get(key, "") for key in ("label", "caption", "alt"))
    if not alt:
        raise RenderError("figure_without_alt", figure=label or caption or "SVG")
    spec = about.get("spec")
    compact = json.dumps(spec, ensure_ascii=False, separators=(",", ":")) if spec else ""
    return Figure(_checked_label(label, caption), caption, alt, data["image/svg+xml"], compact)


def _table(html: str, about: Mapping[str, Any]) -> Table:
    label, caption = about.get("label", ""), about.get("caption", "")
    grid = read_table(html)
    return Table(_checked_label(label, caption), caption, grid, bool(about.get("wide")))


def _checked_label(label: str, caption: str) -> str:
    if not re.fullmatch(r"(fig|tbl)-[A-Za-z0-9_-]+", label):
        raise RenderError("label_malformed", label=label, caption=caption)
    return label


def _text(value: object) -> str:
    return "".join(value) if isinstance(value, list) else str(value)


def _plain_output(one: Output) -> dict[str, Any]:
    about: dict[str, Any] = {}
    match one:
        case Prose():
            data = {"text/markdown": one.markdown}
            about = {"label": one.label, "values": one.values}
            about = {key: value for key, value in about.items() if value}
        case Figure():
            data = {"image/svg+xml": one.svg}
            about = {"label": one.label, "caption": one.caption, "alt": one.alt}
            about |= {"spec": json.loads(one.spec)} if one.spec else {}
        case Table():
            data = {"text/html": write_table(one.grid)}
            about = {"label": one.label, "caption": one.caption, "wide": one.wide}
    metadata = {"sanshi": about} if about else {}
    return {"data": data, "metadata": metadata, "output_type": "display_data"}


def _options(one: Output) -> str:
    match one:
        case Prose():
            options = {}
        case Figure():
            options = {"label": one.label, "fig-cap": one.caption, "fig-alt": one.alt}
        case Table():
            options = {"label": one.label, "tbl-cap": one.caption}
    # JSON strings are YAML strings, whatever the caption holds.
    return "\n".join(f"#| {key}: {json.dumps(v, ensure_ascii=False)}" for key, v in options.items())
