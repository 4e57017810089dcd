"""Workspaces for tests that build: the sample ledger, the real parameters, a small notebook."""

import shutil
from pathlib import Path

import notebooks

PROJECT = Path(__file__).resolve().parent.parent


def make_workspace(root, *sources, **options):
    """Return a workspace folder whose bulletin is a small notebook."""
    for name in ("data/raw", "parameters"):
        shutil.copytree(PROJECT / name, root / name)
    (root / "data/processed").mkdir()
    (root / "output").mkdir()
    cells = sources or (notebooks.PROSE, notebooks.TABLE)
    notebooks.write(root / "notebooks/monthly_bulletin.ipynb", *cells, **options)
    return root
