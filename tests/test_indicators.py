"""The pages about the indicators: in step with the catalogue, and every example worked out."""

import sys
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ledgers import PROJECT, Row, ledger, parameters, planned

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import kpis
from sanshi_report.workspace import Workspace

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
indicators = import_module("indicators")

TOLD: dict[str, Any] = indicators.told()
# What an example leaves out because it does not matter to it.
OTHERS: dict[str, Row] = {
    "projects": {**PROJECT, "name": "示例", "kind": "continuing", "planned_completion": "2026-12-31"},
    "nodes": {"node": "封顶"},
    "permits": {"department": "示例部门", "status": "办理中"},
    "problems": {"category": "用地报批", "tier": "现场", "owner": "示例局", "due_on": "2024-12-31",
                 "description": "示例"},
    "actions": {"content": "示例", "owner": "示例局", "due_on": "2024-12-31"},
    "incidents": {"incident": "安全", "severity": "一般", "description": "示例"},
}  # fmt: skip


def given(example: dict[str, Any]) -> Ledger:
    tables = {}
    for table, rows in example["given"].items():
        whole = [OTHERS.get(table, {}) | {n: v or None for n, v in row.items()} for row in rows]
        if table == "plan" and "months" in rows[0]:
            whole = [one for row in rows for one in planned(row["project_id"], *row["months"])]
        tables[table] = whole
    return ledger(example.get("period", "2024-06"), **tables)


def same(found: Any, wanted: Any) -> bool:
    if wanted is None:
        return bool(pd.isna(found))
    if isinstance(found, pd.Timestamp):
        return f"{found:%Y-%m-%d}" == wanted
    if isinstance(found, str):
        return found == wanted
    return bool(pd.notna(found)) and Decimal(str(found)) == Decimal(str(wanted))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_is_what_the_catalogue_says(language: Any) -> None:
    text = indicators.PAGES[language].read_text(encoding="utf-8")
    assert text == indicators.page(language), "run .venv/bin/python tools/indicators.py"


def test_every_indicator_of_the_catalogue_is_explained() -> None:
    assert list(TOLD["figures"]) == list(Workspace.find(ROOT).parameters("2024-06").kpis)


@pytest.mark.parametrize("code", TOLD["figures"])
def test_an_indicators_example_comes_out(code: str) -> None:
    example = TOLD["figures"][code]["example"]
    facts = given(example)
    table = kpis(facts, parameters(str(facts.period)))
    rows = table[table["kpi"].eq(code)].set_index(["scope", "scope_value"])
    for wanted in example["gives"]:
        row = rows.loc[(wanted["scope"], wanted.get("scope_value", ""))]
        told = {name: wanted.get(name) for name in ("target", "actual", "gap", "status")}
        if not code.endswith(("completion_pct", "milestone")):
            del told["status"]
        assert {name: row[name] for name, value in told.items() if not same(row[name], value)} == {}


@pytest.mark.parametrize("name", TOLD["others"])
def test_another_figures_example_comes_out(name: str) -> None:
    example = TOLD["others"][name]["example"]
    facts = given(example)
    home, metric = example["frame"].split(".")
    frame = getattr(import_module(f"sanshi_report.metrics.{home}"), metric)(
        facts, parameters(str(facts.period))
    )
    for wanted in example["gives"]:
        key = [k for k in frame.attrs["key"] if k in wanted]
        rows = [
            row for row in frame.to_dict("records") if all(same(row[k], wanted[k]) for k in key)
        ]
        assert len(rows) == 1
        wrong = {n: rows[0][n] for n, value in wanted.items() if not same(rows[0][n], value)}
        assert wrong == {}
