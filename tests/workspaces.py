"""Workspaces for tests that build: the sample ledger, the real parameters, a small notebook."""

import re
import shutil
from pathlib import Path

import notebooks
from sanshi_report.workspace import Workspace

PROJECT = Path(__file__).resolve().parent.parent

ONE_REPORT = """reports:
  - {name: monthly_bulletin, title: {zh: 通报, en: Bulletin}, every: month, layout: gbt9704}
"""


def bare_workspace(folder):
    """Return a workspace with the parameters alone: nothing was received."""
    shutil.copytree(PROJECT / "parameters", folder / "parameters")
    (folder / "data/raw").mkdir(parents=True)
    return Workspace.find(folder)


def edit_parameters(workspace, name, old, new):
    """Replace a text that stands in a parameter file, where it stands first."""
    file = workspace.parameter_folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def make_workspace(root, *sources, **options):
    """Return a workspace folder whose bulletin is a small notebook."""
    for name in ("data/raw", "parameters"):
        shutil.copytree(PROJECT / name, root / name)
    programme = root / "parameters/2024.yaml"
    text = programme.read_text(encoding="utf-8")
    programme.write_text(re.sub(r"(?m)^reports:\n(  .*\n)+", ONE_REPORT, text), encoding="utf-8")
    (root / "data/processed").mkdir()
    (root / "output").mkdir()
    cells = sources or (notebooks.PROSE, notebooks.TABLE)
    notebooks.write(root / "notebooks/monthly_bulletin.ipynb", *cells, **options)
    return root
