"""Filter for `quarto render`: reduce a notebook that was run to what its report prints.

Quarto hands the notebook to standard input and reads the result from standard output (`ipynb-filters`
in `_quarto.yml`). For any output of the type text/html it would load scripts from another host, so
tables become raw HTML in Markdown, which says the same.
"""

import json
import re
import sys
from typing import Any

from sanshi_report.blocks import MIME
from sanshi_report.errors import RenderError
from sanshi_report.render.outputs import publishable


def page(notebook: dict[str, Any]) -> dict[str, Any]:
    """Return the notebook with its title and its publishable outputs; not run, its title alone."""
    first = notebook["cells"][0]
    title = "".join(first["source"]).partition("\n")[0]
    try:
        printed = publishable(notebook)["cells"]
    except RenderError as error:
        if error.key != "nothing_to_publish":
            raise
        printed = []
    for cell in printed:
        for output in cell["outputs"]:
            output["data"] = _without_html(output["data"])
        cell["source"] = cell["source"].splitlines(keepends=True)
    return notebook | {"cells": [first | {"source": [title]}, *printed]}


def _without_html(data: dict[str, Any]) -> dict[str, list[str]]:
    data.pop(MIME, None)
    html = data.pop("text/html", "")
    if not data:
        longest = max(map(len, re.findall("`+", html)), default=0)
        fence = "`" * max(3, longest + 1)
        data = {"text/markdown": f"{fence}{{=html}}\n{html}\n{fence}\n"}
    return {kind: text.splitlines(keepends=True) for kind, text in data.items()}


if __name__ == "__main__":
    sys.stdin.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    json.dump(page(json.load(sys.stdin)), sys.stdout, ensure_ascii=False)
