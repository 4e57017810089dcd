"""What a report says of a small ledger: the cells of its notebook, as far as one block needs them."""

import ast
import json
import re
from functools import cache
from typing import Any

from ledgers import ROOT, parameters

from sanshi_report import figures, tables
from sanshi_report.ledger import Ledger
from sanshi_report.report import Report
from sanshi_report.style import Language
from sanshi_report.workspace import Parameters

_BLOCKS = {"figure": "fig_", "table": "tbl_"}
_IMPORTED = {"figures": figures, "tables": tables}


class Names(dict[str, Any]):
    """The names a notebook gives, each worked out when it is asked for."""

    def __init__(self, name: str, report: Report, given: dict[str, Any]) -> None:
        super().__init__(given, report=report)
        self.name = name

    def __missing__(self, asked: str) -> Any:
        given, _ = cells_of(self.name)
        if asked not in given:
            raise KeyError(asked)
        self[asked] = eval(given[asked], _IMPORTED, self)
        return self[asked]


@cache
def cells_of(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a notebook assigns to each name, and the call that says, draws or sets each block."""
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    code = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
    given, saying = {}, {}
    for node in (node for source in code[2:] for node in ast.parse(source).body):
        if isinstance(node, ast.Assign):
            given |= {
                t.id: ast.unparse(node.value) for t in node.targets if isinstance(t, ast.Name)
            }
        if told := re.match(r"(?:\w+ = )?\w+\.(say|pages|figure|table|form)\(", ast.unparse(node)):
            call = node.value  # type: ignore[attr-defined]
            name = next(one.value for one in call.args if isinstance(one, ast.Constant))
            block = _BLOCKS.get(told[1], "") + name.rpartition(".")[2]
            saying.setdefault(block, ast.unparse(call))
    return given, saying


def said(
    facts: Ledger | Report,
    block: str,
    language: Language = "zh",
    rules: Parameters | None = None,
    name: str = "monthly_bulletin",
    **given: Any,
) -> Any:
    """Return a notebook's block, pages, figure or table; what is `given` stands for its own."""
    if not isinstance(facts, Report):
        facts = Report(facts, rules or parameters(str(facts.period)), language, name)
    _, saying = cells_of(name)
    return eval(saying[block], _IMPORTED, Names(name, facts, given))
