"""An executed notebook's publishable outputs: paragraphs, figures and tables, in their order.

Code and the cells written for the analyst are not published; a report is what its cells returned.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sanshi_report.blocks import (
    MIME,
    Block,
    Figure,
    Paragraph,
    Table,
    as_markdown,
    bundle,
    pack,
    plain,
    unbundle,
)
from sanshi_report.errors import RenderError
from sanshi_report.render.table import write_table

__all__ = [
    "Output",
    "Prose",
    "outputs_of",
    "publishable",
    "read_notebook",
]


@dataclass(frozen=True)
class Prose:
    """Sentences and headings as Markdown, in which no number can stand, for none has an address there.

    Attributes
    ----------
    markdown : str
        Pandoc Markdown.
    """

    markdown: str


Output = Prose | Block


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

    Printed text and bare representations are an analyst's aids and are passed over; a bare drawing or table
    would be missed in the report and is refused.

    Raises
    ------
    RenderError
        If a figure or table is bare or has no label, a drawing no alternative text, two share a label, or
        nothing is publishable.
    """
    found = [
        one
        for number, cell in enumerate(notebook["cells"], 1)
        if _is_published(cell)
        for output in cell["outputs"]
        if output["output_type"] in ("display_data", "execute_result")
        for one in _read(output, number)
    ]
    labels = [one.label for one in found if isinstance(one, Figure | Table)]
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


def _is_published(cell: Mapping[str, Any]) -> bool:
    hidden = {"remove-cell", "remove-output"} & set(cell["metadata"].get("tags", ()))
    return cell["cell_type"] == "code" and not hidden


def _read(output: Mapping[str, Any], cell: int) -> Iterator[Output]:
    """Yield what an output of a cell publishes; `cell` is the cell's number, from 1."""
    data = output["data"]
    if MIME in data:
        try:
            blocks = unbundle(data)
        except (KeyError, TypeError, ValueError) as error:
            raise RenderError("output_malformed", cell=cell, reason=error) from error
        for block in blocks:
            _check(block)
            yield block
    elif "image/svg+xml" in data or "<table" in "".join(data.get("text/html", "")):
        raise RenderError("output_bare", cell=cell)
    elif "text/markdown" in data:
        yield Prose("".join(data["text/markdown"]))


def _check(block: Block) -> None:
    if isinstance(block, Paragraph):
        return
    caption = plain(block.caption)
    if isinstance(block, Figure) and not plain(block.alt).strip():
        raise RenderError("figure_without_alt", figure=block.label or caption or "SVG")
    if not re.fullmatch(r"(fig|tbl)-[A-Za-z0-9_-]+", block.label):
        raise RenderError("label_malformed", label=block.label, caption=caption)


def _plain_output(one: Output) -> dict[str, Any]:
    match one:
        case Prose():
            data: dict[str, Any] = {"text/markdown": one.markdown}
        case Paragraph():
            data = {MIME: pack([one]), "text/markdown": as_markdown([one])}
        case Figure():
            data = bundle(one)
        case Table():
            data = {MIME: pack([one]), "text/html": write_table(one.grid)}
    return {"data": data, "metadata": {}, "output_type": "display_data"}


def _options(one: Output) -> str:
    """Return what Quarto is told of a cell."""
    options = {}
    if isinstance(one, Figure | Table):
        kind = "fig" if isinstance(one, Figure) else "tbl"
        options = {"label": one.label, f"{kind}-cap": plain(one.caption)}
    if isinstance(one, Figure):
        options["fig-alt"] = plain(one.alt)
    # JSON strings are YAML strings, whatever the caption holds.
    return "\n".join(f"#| {key}: {json.dumps(v, ensure_ascii=False)}" for key, v in options.items())
