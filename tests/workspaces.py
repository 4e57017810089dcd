"""Workspaces for tests that build: the sample ledger, the real parameters, a small notebook."""

import re
import shutil
from pathlib import Path

import notebooks

PROJECT = Path(__file__).resolve().parent.parent

ONE_REPORT = """reports:
  - {name: monthly_bulletin, title: {zh: 通报, en: Bulletin}, every: month, layout: gbt9704}
"""


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
