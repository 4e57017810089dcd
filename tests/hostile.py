"""The sample workspace with texts in it that mean something to a program which was not meant to read them."""

import shutil
from datetime import datetime
from itertools import count

import pandas as pd
from submissions import workbook
from workspaces import PROJECT

from sanshi_report.exact import yi_of
from sanshi_report.ledger import load, receive
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Workspace

AT = "2024-07-05T22:00:00+08:00"

TEXTS = (
    "</script><script>alert(1)</script>",
    "<!-- <script>",
    "--> ]]> </style></svg></text>",
    "{{ 7*7 }} {% raw %} {{< include /etc/passwd >}}",
    "$(id) $x$ $$y$$ ${HOME}",
    "`code` ```{=typst} ~~~",
    '#set page(width: 1pt) #import "x" #read("/etc/passwd")',
    r"\input{/etc/passwd} \* \\ \n",
    "javascript:alert(1) data:text/html,x",
    "示例\u200b零\u200d宽\ufeff字",
    "=cmd|' /C calc'!A0",
    "'=1+1 ''@2",
    "@SUM(A1) +1+1 -2+3",
    "-1+1|x",
    "甲|乙\n丙\t丁|---|",
    "@fig-x @tbl-annex [@cite] [^1]",
    "[x](y) [x](javascript:alert(1)) ![](http://evil.example/x.png)",
    "<img src=http://evil.example/x onerror=alert(1)>",
    "&lt;b&gt; &amp;amp; &#60;i&#62; &copy;",
    "\"'><a href='http://evil.example'>",
    "# 标题\n## 再来\n- 列表\n1. 一",
    "*粗* **粗** _斜_ ~~删~~ ^上^ ~下~ == [x]{.light .light-red}",
    "sanshi-piece-ends-here",
    ":::{.column} <https://evil.example> https://evil.example www.evil.example",
    "%PDF-1.7 %% \u2028换行\u2029段 //注 /*注*/ <label> @label",
    "null undefined NaN __proto__ constructor",
    "。，！？…——《》",
    "- - -",
    "../../../etc/passwd C:\\Windows\\x",
)
"""Any of them may be the name of a project, a unit, a person or a problem."""

_KEPT = {
    "project_id", "node_id", "problem_id", "action_id", "incident_id", "practice_id", "sector", "county",
    "permit", "input", "source", "category", "tier", "level", "unit", "incident", "severity", "field",
    "move", "evidence", "body", "old", "new",
}  # fmt: skip
"""Columns whose values are on a list, or that tell rows apart."""


def hostile_workspace(root):
    """Return a copy of the sample whose June submissions are followed by one with hostile texts."""
    for name in ("data/raw", "parameters", "notebooks"):
        shutil.copytree(PROJECT / name, root / name)
    (root / "output").mkdir()
    (root / "data/processed").mkdir()
    workspace = Workspace(root)
    receive_texts(workspace, TEXTS)
    return workspace


def receive_texts(workspace, texts, names=tuple(TABLES)):
    """Receive tables as they are known of June 2024 with their free texts replaced."""
    _only_until_june(workspace.raw)
    ledger = load(workspace, "2024-06", datetime.fromisoformat(AT), workspace.parameters("2024-06"))
    numbers = count()
    tiers = workspace.parameters("2024-06").programme.words("project_tiers")
    tables = {name: _rows(getattr(ledger, name), name, texts, numbers, tiers) for name in names}
    filled = {name: rows for name, rows in tables.items() if rows}
    file = workbook(workspace.root / "outbox/hostile.xlsx", **filled)
    receive(workspace, [file], "2024-06", "示例<b>甲局</b>", now=datetime.fromisoformat(AT))


def _only_until_june(raw):
    head, *lines = (raw / "receipts.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    known = [line for line in lines if line.split(",")[2] < "2024-07-05"]
    (raw / "receipts.csv").write_text("".join([head, *known]), encoding="utf-8")
    for file in raw.glob("2024-*/*"):
        if not any(f",{file.parent.name},{file.name}," in line for line in known):
            file.unlink()


def _rows(frame, table, texts, numbers, tiers):
    columns = TABLES[table].columns
    rows = []
    for line, record in enumerate(frame.to_dict("records")):
        row = {}
        for name, column in columns.items():
            value, about = record.get(name), column.metadata
            if value is None or pd.isna(value):
                continue
            words = {code: word for word, code in about["codes"].items()}
            words |= tiers if (table, name) == ("projects", "tier") else {}
            row[name] = _written(value, about["kind"], words)
            if about["kind"] == "text" and name not in _KEPT:
                # There are fewer texts than projects: each is the name of one.
                row[name] = texts[(line if name == "name" else next(numbers)) % len(texts)]
        rows.append(row)
    return rows


def _written(value, kind, words):
    match kind:
        case "money":
            return f"{yi_of(value):f}"
        case "date":
            return f"{value:%Y-%m-%d}"
        case "choice":
            return words.get(value, value)
    return str(value)
