"""Kill `sanshi receive` sixty times at random moments, and count what was lost and what was left over.

After each kill the same file is received again, as whoever saw the failure would do.
"""

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sanshi_report.ledger import receive
from sanshi_report.ledger.chain import Chain
from sanshi_report.sample.workbooks import files
from sanshi_report.workspace import Workspace

KILLS = 60
PROGRAM = """
import sys
from pathlib import Path
from sanshi_report.ledger import receive
from sanshi_report.workspace import Workspace
print("ready", flush=True)
receive(Workspace(Path(sys.argv[1])), sys.argv[2:], "2024-06", "示例甲局")
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        workspace = Workspace(root)
        for needed in (workspace.raw, workspace.processed, workspace.parameter_folder):
            needed.mkdir(parents=True)
        book = next(data for name, data in files().items() if name.endswith(".xlsx"))
        whole = timed(workspace, made(root, -1, book))
        chance, counts = random.Random(2024), Counter[str]()
        for number in range(KILLS):
            moment = chance.uniform(0, 1.1 * whole)
            attempt(workspace, made(root, number, book), moment, counts)
        names = {f"{row['period']}/{row['file']}" for row in Chain.read(workspace.raw).rows}
        there = {p.relative_to(workspace.raw).as_posix() for p in workspace.raw.glob("*/*")}
        left = [p.name for p in workspace.raw.rglob(".*")]
    rows = {
        "killed before the receipt was written": counts["before"],
        "killed after it": counts["after"],
        "ended before it could be killed": counts["ended"],
        "killed with copies half made": counts["dirty"],
        "files received twice or not at all": abs(len(names) - KILLS - 1),
        "receipts without a file": len(names - there),
        "files without a receipt": len(there - names),
        "leftovers after the next command": len(left),
    }
    print(f"sanshi receive, {KILLS} times, killed within {1.1 * whole:.2f} s of having started:")
    for what, count in rows.items():
        print(f"  {what:<40} {count:>3}")
    sys.exit(any(list(rows.values())[4:]))


def made(root: Path, number: int, book: bytes) -> Path:
    """Write a workbook that differs from all others in what follows its last byte."""
    path = root / f"{number}.xlsx"
    path.write_bytes(book[:-2] + len(str(number)).to_bytes(2, "little") + str(number).encode())
    return path


def started(workspace: Workspace, path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(workspace.root), str(path)]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    running.stdout.readline()
    return running


def timed(workspace: Workspace, path: Path) -> float:
    running, begun = started(workspace, path), time.perf_counter()
    running.wait()
    return time.perf_counter() - begun


def attempt(workspace: Workspace, path: Path, after: float, counts: Counter[str]) -> None:
    """Kill a receiver some seconds after it started, count what came of it, receive the file again."""
    before = len(Chain.read(workspace.raw).rows)
    running = started(workspace, path)
    time.sleep(after)
    running.send_signal(signal.SIGKILL)
    ended = running.wait() == 0
    is_written = len(Chain.read(workspace.raw).rows) > before
    counts["dirty"] += any(workspace.raw.rglob(".*"))
    receive(workspace, [path], "2024-06", "示例甲局")
    counts["ended" if ended else "after" if is_written else "before"] += 1


if __name__ == "__main__":
    main()
