"""Stand-ins with which a build takes no time: a renderer, kernels, data, and what a notebook says."""

import json
import shutil
from datetime import timedelta
from types import SimpleNamespace

import pandas as pd
import render_sample as sample

import notebooks
from sanshi_report.blocks import bundle
from sanshi_report.build import release
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Workspace


class Copier:
    """A renderer whose documents say what they were made from."""

    name = "copier"
    version = "1"

    def render(self, document, format, target):
        words = [document.title, document.subtitle, document.ribbon, document.notebook.read_text()]
        target.write_text(f"{format}\n" + "\n".join(words), encoding="utf-8")


class NoKernels:
    """Stands for the kernels where `execute` is replaced."""

    def __init__(self, root):
        self.folder = root / "data/processed/scratch"

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder)


def outcome(text, *, table="name,value\n示例,3.214\n"):
    """Return a notebook as if it had been run."""
    run = notebooks.notebook("say()", "show()")
    for number, cell in enumerate(run["cells"], 1):
        cell["execution_count"] = number
    prose = {"data": {"text/markdown": text}, "metadata": {}, "output_type": "display_data"}
    shown = {
        "data": bundle(sample.table("tbl-annex", "附表", ["项目"], ["示例"])) | {"text/csv": table},
        "metadata": {"sanshi": {"label": "tbl-annex"}},
        "output_type": "display_data",
    }
    run["cells"][2]["outputs"] = [prose]
    run["cells"][3]["outputs"] = [shown]
    return run


def write_data(plan, folder):
    """Write a KPI table in place of the real one: 1.5 at the cutoff, 2.5 as known later."""
    late = plan.as_of > plan.parameters.cutoff + timedelta(days=2)
    figure = "2.5" if late else "1.5"
    rows = (
        "as_of,kpi,scope,scope_value,actual\n"
        f"{plan.as_of},total,portfolio,,1099.73\n{plan.as_of},x,portfolio,,{figure}\n"
    )
    for name in ("kpis.csv", "kpis.json", "revisions.csv"):
        (folder / name).write_text(rows, encoding="utf-8")
    projects = pd.DataFrame(columns=["project_id", "name", "lead_official"], dtype="str")
    empty = {table: pd.DataFrame() for table in TABLES}
    return SimpleNamespace(**{**empty, "projects": projects})


def workspace_of(template, root, monkeypatch):
    """Return a copy of a workspace in which notebooks say what `say` is given and documents are copies of them."""
    shutil.copytree(template, root)
    monkeypatch.setattr(release, "choose", lambda *_: Copier())
    monkeypatch.setattr(release, "Kernels", NoKernels)
    monkeypatch.setattr(release, "write_data", write_data)
    say(monkeypatch, "总投资见附表")
    return Workspace(root)


def say(monkeypatch, text, **options):
    """Let every notebook say a text; return a list that fills with the parameters of the runs."""
    runs = []

    def execute(notebook, target, parameters, kernels):
        runs.append(dict(parameters))
        run = outcome(text, **options)
        target.write_text(json.dumps(run), encoding="utf-8")
        return run

    monkeypatch.setattr(release, "execute", execute)
    return runs


def files_of(folder):
    """Return the paths of all files under a folder, sorted."""
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def contents(folder):
    """Return the bytes of all files under a folder, by path."""
    return {name: (folder / name).read_bytes() for name in files_of(folder)}


def published(workspace):
    """Return the bytes of June's release, by path."""
    return contents(workspace.output / "2024-06")
