"""Small notebooks for tests that run and build them."""

import json

SETUP = """from IPython.display import display
from sanshi_report import ledger
from sanshi_report.workspace import Workspace

workspace = Workspace.find()
parameters = workspace.parameters(period)
facts = ledger.load(workspace, period, as_of, parameters)"""
PROSE = """display({"text/markdown": "## 总体\\n\\n项目和总投资见附表。"}, raw=True)"""
TABLE = """from sanshi_report.blocks import Cell, Grid, Row, Run, Table, bundle
head, body = (tuple(Cell((Run(text),)) for text in row) for row in (["项目", "万"], ["示例", "3.21"]))
annex = Table("tbl-annex", (Run("附表"),), Grid((Row(head, "head"),), (Row(body),)))
display(
    bundle(annex) | {"text/csv": "name,value\\n示例,3.214\\n"},
    metadata={"sanshi": {"label": "tbl-annex"}},
    raw=True,
)"""
END = 'from IPython.display import display\ndisplay({"text/plain": "完"}, metadata={"sanshi": {"end": True}}, raw=True)'


def code(source, *tags):
    metadata = {"tags": list(tags)} if tags else {}
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": "",
        "metadata": metadata,
        "outputs": [],
        "source": source,
    }


PARAMETERS = 'period = None\nas_of = None\nlanguage = "zh"'


def notebook(*sources, parameters=PARAMETERS, setup=SETUP, end=END):
    """Return a report notebook whose cells after the set-up are `sources`."""
    cells = [code(parameters, "parameters"), code(setup), *map(code, sources)]
    if end:
        cells.append(code(end, "end"))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def write(path, *sources, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook(*sources, **options), ensure_ascii=False), encoding="utf-8")
    return path
