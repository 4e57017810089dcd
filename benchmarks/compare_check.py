"""`sanshi check` of the sample year here and at another revision, in turns, without and with kept tables.

    python benchmarks/compare_check.py [REVISION [TIMES]]

Tells the median and the range, by the clock and of processor. A busy machine stretches the clock, so compare
the ratios. Exit status 1 if reading everything takes more than 1.5 times what it took at the revision.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parents[1]
PROGRAM = "from sanshi_report.cli import main; main()"
WANTED = 1.5


def main() -> int:
    revision = sys.argv[1] if len(sys.argv) > 1 else "HEAD"
    times = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder) / "there"
        command = ["git", "-C", str(HERE), "worktree"]
        subprocess.run([*command, "add", "-q", "--detach", str(there), revision], check=True)
        try:
            trees = {revision: there, "here": HERE}
            ratios = [compare(Path(folder), trees, times, kept) for kept in (False, True)]
        finally:
            subprocess.run([*command, "remove", "--force", str(there)], check=True)
    return 0 if ratios[0] <= WANTED else 1


def compare(folder: Path, trees: dict[str, Path], times: int, kept: bool) -> float:
    """Return how many times as long the second tree takes by the clock, and tell it."""
    took: dict[str, list[tuple[float, float]]] = {name: [] for name in trees}
    for turn in range(times):
        for number, (name, tree) in enumerate(trees.items()):
            root = folder / f"root-{number}"
            if not root.exists():
                for part in ("parameters", "data/raw"):
                    shutil.copytree(tree / part, root / part)
            if not kept:
                shutil.rmtree(root / "data/processed", ignore_errors=True)
            elif turn == 0:
                checked(tree, root)
            took[name].append(checked(tree, root))
    for name, runs in took.items():
        clock, processor = zip(*runs, strict=True)
        print(
            f"{'kept' if kept else 'anew':5}{name[:12]:14}{median(clock):6.2f} s by the clock "
            f"({min(clock):.2f}–{max(clock):.2f}), {median(processor):.2f} s of processor"
        )
    first, second = (median(clock for clock, _ in runs) for runs in took.values())
    print(f"     {second / first:.2f} times as long")
    return second / first


def checked(tree: Path, root: Path) -> tuple[float, float]:
    """Return the seconds one check takes, by the clock and of processor."""
    before, begun = spent(), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", PROGRAM, "check", "--period", "2024-12", "--root", str(root)],
        env={**os.environ, "PYTHONPATH": str(tree / "src")},
        check=True,
        capture_output=True,
    )
    return time.perf_counter() - begun, spent() - before


def spent() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(main())
