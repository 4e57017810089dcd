"""Modules form one line: each imports only from those before it."""

import ast
import subprocess
import sys
from pathlib import Path

import sanshi_report

PACKAGE = Path(sanshi_report.__file__).parent

RANKS = {
    "catalogue": 0,
    "child": 0,
    "errors": 0,
    "exact": 0,
    "period": 0,
    "workspace": 1,
    "schemas": 1,
    "columns": 2,
    "style": 3,
    "blocks": 4,
    "intake": 4,
    "ledger": 5,
    "sample": 6,
    "template": 6,
    "metrics": 6,
    "figures": 7,
    "tables": 7,
    "words": 7,
    "kernels": 8,
    "report": 8,
    "render": 8,
    "checking": 9,
    "doctor": 9,
    "build": 9,
    "publish": 10,
    "terminal": 10,
    "exporters": 10,
    "cli": 11,
}
# Inside the lowest rank these lean on one another, in this order.
FOUNDATIONS = ["catalogue", "exact", "errors", "period"]


def home_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported_by(source):
    """Yield the modules of the package that a source text imports, wherever in it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            first, _, rest = name.partition(".")
            if first == "sanshi_report" and rest.split(".")[0] in RANKS:
                yield rest.split(".")[0]


def may_import(home, other):
    if home == other or RANKS[other] < RANKS[home]:
        return True
    if home in FOUNDATIONS and other in FOUNDATIONS:
        return FOUNDATIONS.index(other) < FOUNDATIONS.index(home)
    return False


def complaint(path, home, other):
    return (
        f"{path}: `{home}` (rank {RANKS[home]}) imports `{other}` (rank {RANKS[other]}). "
        f"Move what it needs into a module before `{home}`, or move the code that needs it into one after `{other}`."
    )


def sources():
    found = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")
    return [path for path in found if home_of(path) in RANKS]


def test_every_module_has_a_rank():
    homes = {home_of(path) for path in PACKAGE.glob("*/*.py")}
    homes |= {home_of(path) for path in PACKAGE.glob("*.py")} - {"__init__"}
    assert homes <= set(RANKS), f"give {sorted(homes - set(RANKS))} a rank in {Path(__file__).name}"


def test_modules_import_only_from_those_before_them():
    offences = [
        complaint(path.relative_to(PACKAGE.parent), home_of(path), other)
        for path in sources()
        for other in sorted(set(imported_by(path.read_text(encoding="utf-8"))))
        if not may_import(home_of(path), other)
    ]
    assert offences == []


def test_an_offence_is_seen_wherever_it_stands():
    source = "def f():\n    from sanshi_report.build import plan\n    import sanshi_report.cli\n"
    assert list(imported_by(source)) == ["build", "cli"]
    assert not may_import("ledger", "build")
    assert not may_import("figures", "tables")
    assert may_import("ledger", "intake")


def test_nothing_is_imported_relatively():
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.level), path


IMPURE = {
    "open", "read_text", "write_text", "read_bytes", "write_bytes", "read_csv", "to_excel", "read_excel",
    "print", "now", "today", "getenv",
}  # fmt: skip
# A table worked out of constants; it remembers no ledger.
REMEMBERED = {"workdays.py": {"_totals"}}


def impure(source):
    """Return what a source text calls that a pure function does not."""
    called = {
        getattr(node.func, "attr", getattr(node.func, "id", ""))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
    }
    return called & IMPURE


def remembering(source):
    """Return the functions of a module that keep what they returned: hidden state between calls."""
    marks = {"cache", "lru_cache", "cached_property"}
    return {
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if any(getattr(n, "id", getattr(n, "attr", "")) in marks for n in ast.walk(mark))
    }


def metric_modules():
    return sorted((PACKAGE / "metrics").rglob("*.py"))


def test_metrics_read_and_write_nothing():
    assert {path.relative_to(PACKAGE).as_posix() for path in metric_modules()} >= {
        "metrics/starts.py", "metrics/outlook/money.py",
    }  # fmt: skip
    for path in metric_modules():
        assert impure(path.read_text(encoding="utf-8")) == set(), path


def test_metrics_remember_nothing_between_calls():
    for path in metric_modules():
        found = remembering(path.read_text(encoding="utf-8"))
        assert found == REMEMBERED.get(path.name, set()), path


def test_impurity_is_seen_wherever_it_stands():
    assert impure("def f():\n    def g():\n        return pd.read_csv('x')\n") == {"read_csv"}
    source = "@functools.lru_cache(maxsize=2)\ndef moves(ledger):\n    return ledger\n"
    assert remembering(source) == {"moves"}


def test_asking_for_help_and_naming_a_period_wait_for_no_large_library():
    program = (
        "import sys, sanshi_report.cli as cli\n"
        "cli.run(['--help']); cli.run(['build', '2024-13'])\n"
        "large = {'pandas', 'altair', 'papermill', 'docx', 'pptx', 'typst', 'vl_convert'}\n"
        "sys.exit(', '.join(sorted(large & set(sys.modules))) or 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
