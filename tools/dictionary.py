"""Write the data dictionary into the pages that carry it, from the tables' schemas.

Run it after a schema or the meaning of a column has changed; a test compares.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sanshi_report.catalogue import LANGUAGES, Language, entries, say
from sanshi_report.schemas import TABLES, key_of
from sanshi_report.workspace import Workspace

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES: dict[Language, str] = {"zh": "data.zh-CN.md", "en": "data.md"}
MARKS = "<!-- dictionary -->", "<!-- /dictionary -->"

WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "head": "| 列 | 代码 | 必填 | 写法 | 含义 |",
        "key": "主键：",
        "yes": "是",
        "new_build": "新建",
        "continuing": "续建",
        "text": "文字",
        "month": "月份",
        "choice": "选项",
        "money": "金额",
        "count": "整数",
        "percent": "百分数",
        "quantity": "数量",
        "date": "日期",
        "or": "、",
        "listed": "参数 `{list}` 所列",
    },
    "en": {
        "head": "| heading | code | required | written as | meaning |",
        "key": "Key: ",
        "yes": "yes",
        "new_build": "new builds",
        "continuing": "continuing",
        "text": "text",
        "month": "month",
        "choice": "one of",
        "money": "amount",
        "count": "whole number",
        "percent": "per cent",
        "quantity": "quantity",
        "date": "day",
        "or": ", ",
        "listed": "a value of `{list}`",
    },
}


def dictionary(language: Language) -> str:
    """Return every table with its key and columns, as Markdown."""
    words = WORDS[language]
    lines = []
    for table, schema in TABLES.items():
        name = schema.title if language == "zh" else f"{schema.description} ({schema.title})"
        key = words["or"].join(f"`{part}`" for part in key_of(table))
        lines += [f"### {name} `{table}`", "", f"{words['key']}{key}", "", words["head"]]
        lines.append("|---|---|---|---|---|")
        lines += [
            "| " + " | ".join(_column(table, name, language)) + " |" for name in schema.columns
        ]
        lines.append("")
    return "\n".join(lines).strip()


def _column(table: str, name: str, language: Language) -> tuple[str, ...]:
    words, column = WORDS[language], TABLES[table].columns[name]
    facts: dict[str, Any] = column.metadata or {}
    when = facts["required_when"]
    written = words[facts["kind"]]
    if facts["list"]:
        written = words["listed"].format(list=facts["list"])
    elif facts["codes"]:
        written += (": " if language == "en" else "：") + words["or"].join(facts["codes"])
    elif facts["unit"]:
        written += f" ({facts['unit']})" if language == "en" else f"（{facts['unit']}）"
    duty = words["yes"] if facts["required"] else words[when] if when else ""
    return str(column.title), f"`{name}`", duty, written, _meaning(table, name, language)


def _meaning(table: str, name: str, language: Language) -> str:
    shared = f"define_{name}" in entries("template")
    key = f"template.define_{name}" if shared else f"template.define_{table}_{name}"
    if name == "started_on":
        about = Workspace.find(DOCS.parent).parameters("2024-01").programme.programme
        return say(key, language, start=about.start_definition[language])
    return say(key, language)


def page(language: Language) -> str:
    """Return a page with the dictionary as it should be."""
    text = (DOCS / PAGES[language]).read_text(encoding="utf-8")
    between = re.compile(f"{MARKS[0]}.*{MARKS[1]}", re.DOTALL)
    return between.sub(lambda _: f"{MARKS[0]}\n\n{dictionary(language)}\n\n{MARKS[1]}", text)


if __name__ == "__main__":
    for language in LANGUAGES:
        (DOCS / PAGES[language]).write_text(page(language), encoding="utf-8")
