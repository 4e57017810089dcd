"""The real bulletin of June, from workbooks to documents, made twice in different surroundings."""

import csv
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal

import pytest
from workspaces import PROJECT

from sanshi_report.render import text_of

PUBLISHED = ["1099.73", "363.76", "735.97", "151.76"]
ONLY = ["--report", "monthly_bulletin"]
RUN = "from sanshi_report.cli import main; main()"


def make_root(folder):
    for name in ("data/raw", "parameters", "notebooks"):
        shutil.copytree(PROJECT / name, folder / name)
    (folder / "output").mkdir()
    (folder / "data/processed").mkdir()
    return folder


def sanshi(root, *arguments, **variables):
    hidden = ("SANSHI_", "QUARTO_", "LC_", "LANG", "TZ", "PYTHONHASHSEED")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(hidden)}
    return subprocess.run(
        [sys.executable, "-c", RUN, *arguments],
        env={**kept, "SANSHI_ROOT": str(root), "SANSHI_RENDERER": "builtin", **variables},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = make_root(tmp_path_factory.mktemp("whole") / "ws")
    done = sanshi(root, "build", "2024-06", *ONLY)
    assert done.returncode == 0, done.stderr
    return root


@pytest.fixture(scope="module")
def release(root):
    return root / "output/2024-06"


def test_the_bulletin_is_there_in_every_form(release):
    names = {path.name for path in release.iterdir()}
    assert names == {
        "kpis.csv",
        "kpis.json",
        "ledger",
        "manifest.json",
        "monthly_bulletin.docx",
        "monthly_bulletin.html",
        "monthly_bulletin.ipynb",
        "monthly_bulletin.pdf",
        "revisions.csv",
        "sources",
        "tables",
    }
    assert (release / "monthly_bulletin.pdf").read_bytes().startswith(b"%PDF-")
    assert all(path.stat().st_size for path in release.rglob("*"))


@pytest.mark.parametrize("ending", ["html", "docx"])
def test_its_text_states_the_published_totals_and_that_the_data_is_a_sample(release, ending):
    text = text_of(release / f"monthly_bulletin.{ending}")
    assert [figure for figure in PUBLISHED if figure not in text] == []
    assert "6月30日前开工9个" in text
    assert "示例数据" in text


def test_the_kpi_table_states_the_published_totals(release):
    with (release / "kpis.csv").open(encoding="utf-8-sig") as file:
        rows = {(r["kpi"], r["scope"], r["scope_value"]): r for r in csv.DictReader(file)}
    assert Decimal(rows["investment.total", "portfolio", ""]["actual"]) == Decimal("1099.73")
    assert rows["starts.milestone", "portfolio", ""]["target"] == "9"
    assert rows["investment.ytd", "portfolio", ""]["target"] == "151.76"


def test_the_published_notebook_tells_nothing_of_the_run(release):
    text = (release / "monthly_bulletin.ipynb").read_text(encoding="utf-8")
    assert "papermill" not in text
    assert str(release.parents[1]) not in text
    assert "execution" not in json.loads(text)["metadata"]


def test_other_surroundings_and_what_is_received_later_change_no_byte(release, tmp_path):
    """The release knows of December's revisions; this one is made in July, somewhere else."""
    elsewhere = make_root(tmp_path / "另一 处")
    left = as_of_july(elsewhere / "data/raw")
    assert 0 < left < len(list((release.parents[1] / "data/raw").glob("2024-*/*")))
    surroundings = {
        "TZ": "America/New_York",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "7",
        "VSCODE_PID": "1",
        "HOME": str(tmp_path),
        "OMP_NUM_THREADS": "2",
    }
    done = sanshi(elsewhere, "build", "2024-06", *ONLY, **surroundings)
    assert done.returncode == 0, done.stderr
    made, now = manifest_of(elsewhere / "output/2024-06"), manifest_of(release)
    assert (made.pop("receipts")["number"], now.pop("receipts")["number"]) == (24, 52)
    assert made == now


def as_of_july(raw):
    """Take away what June's report could not know, and say how many files are left."""
    head, *lines = (raw / "receipts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    known = [line for line in lines if line.split(",")[2] < "2024-07-06"]
    (raw / "receipts.csv").write_text("".join([head, *known]), encoding="utf-8")
    for file in raw.glob("2024-*/*"):
        if not any(f",{file.parent.name},{file.name}," in line for line in known):
            file.unlink()
    return len(known)


def test_nothing_to_do_takes_no_large_library(root):
    program = (
        "import sys\nfrom pathlib import Path\n"
        "from sanshi_report.build import build\nfrom sanshi_report.workspace import Workspace\n"
        f"made = build(Workspace(Path({str(root)!r})), '2024-06', reports=['monthly_bulletin'], renderer='builtin')\n"
        "print(made.is_new, 'pandas' in sys.modules, 'papermill' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout == "False False False\n", done.stderr


def test_the_english_bulletin_joins_the_chinese_one(root, release):
    before = {path.name for path in release.iterdir()}
    done = sanshi(root, "build", "2024-06", *ONLY, "--language", "en", "--formats", "html")
    assert done.returncode == 0, done.stderr
    after = {path.name for path in release.iterdir()}
    assert after - before == {"monthly_bulletin.en.html", "monthly_bulletin.en.ipynb"}
    assert "109.973 billion yuan" in text_of(release / "monthly_bulletin.en.html")


def test_what_is_known_later_differs_where_diff_says(root, release):
    done = sanshi(root, "diff", "2024-06", "--as-of", "2025-01-31")
    assert done.returncode == 0, done.stderr
    with (root / "data/processed/2024-06/diff.csv").open(encoding="utf-8-sig") as file:
        found = {(r["place"], r["row"], r["column"]): r for r in csv.DictReader(file)}
    cell = found["progress", "H07 2024-06", "invested"]
    assert cell["origin"] == "2024-06/示例丙县补报.xlsx#月度进展!3"
    fall = Decimal(cell["old"]) - Decimal(cell["new"])
    assert fall == Decimal("0.35")
    for scope in ("portfolio", "sector 基础设施", "project H07"):
        total = found["kpis.csv", f"investment.ytd {scope}", "actual"]
        assert Decimal(total["old"]) - Decimal(total["new"]) == fall
    assert not any("H01" in row for _, row, _ in found)
    ranked = found["tables/monthly_bulletin-ranking.csv", "H07", "invested_ytd"]
    assert Decimal(ranked["old"]) - Decimal(ranked["new"]) == fall


def manifest_of(folder):
    """Return a manifest without how long things took."""
    content = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    for output in content["outputs"]:
        output.pop("seconds")
    return content
