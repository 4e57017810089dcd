"""Write the pages about the indicators, from the catalogue and from `docs/indicators.yaml`.

Run it after an indicator or its definition has changed; a test compares.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sanshi_report.catalogue import LANGUAGES, Language, yamls
from sanshi_report.workspace import Kpi, Workspace

ROOT = Path(__file__).resolve().parents[1]
PAGES: dict[Language, Path] = {
    "zh": ROOT / "docs/zh/indicators.md",
    "en": ROOT / "docs/indicators.md",
}

WORDS: dict[Language, dict[str, str]] = {
    "zh": {
        "kpis": "## 指标表 `kpis.csv`",
        "others": "## 其他公布数字",
        "unit": "单位",
        "formula": "公式",
        "source": "来源",
        "scopes": "范围",
        "counts": "计入",
        "omits": "不计",
        "example": "例",
        "kind": {"new_build": "只含新建项目", "continuing": "只含续建项目"},  # type: ignore[dict-item]
        "colon": "：",
        "at": "报告期",
        "empty": "空",
    },
    "en": {
        "kpis": "## The table `kpis.csv`",
        "others": "## Other published figures",
        "unit": "Unit",
        "formula": "Formula",
        "source": "Source",
        "scopes": "Scopes",
        "counts": "Counts",
        "omits": "Leaves out",
        "example": "Example",
        "kind": {"new_build": "new builds alone", "continuing": "continuing projects alone"},  # type: ignore[dict-item]
        "colon": ": ",
        "at": "period",
        "empty": "empty",
    },
}


def told() -> dict[str, Any]:
    """Return `docs/indicators.yaml`."""
    found: dict[str, Any] = yamls.read(ROOT / "docs/indicators.yaml")
    return found


def page(language: Language) -> str:
    """Return a page as it should be."""
    words, more = WORDS[language], told()
    catalogue = Workspace.find(ROOT).parameters("2024-01").kpis
    parts = [more["head"][language], words["kpis"]]
    parts += [
        _entry(
            f"{kpi.label[language]} `{code}`",
            _facts(kpi, language),
            more["figures"].get(code),
            language,
        )
        for code, kpi in catalogue.items()
    ]
    parts.append(words["others"])
    for entry in more["others"].values():
        facts = {"unit": entry["unit"][language], "formula": entry["formula"][language]}
        facts["source"] = f"`{entry['example']['frame']}`"
        parts.append(_entry(entry["title"][language], facts, entry, language))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _facts(kpi: Kpi, language: Language) -> dict[str, str]:
    words: Any = WORDS[language]
    source = f"`{kpi.of.frame}`" if kpi.of else f"`{kpi.rows.table}`" if kpi.rows else ""
    kind = f" ({words['kind'][kpi.kind]})" if kpi.kind else ""
    return {
        "unit": kpi.unit,
        "formula": kpi.formula[language],
        "source": source,
        "scopes": ", ".join(f"`{scope}`" for scope in kpi.scopes) + kind,
    }


def _entry(title: str, facts: dict[str, str], more: Any, language: Language) -> str:
    words = WORDS[language]
    lines = [f"### {title}", ""]
    facts = facts | {name: more[name][language] for name in ("counts", "omits") if more}
    lines += [f"- **{words[name]}**{words['colon']}{text}" for name, text in facts.items()]
    if more:
        lines += _example(more["example"], language)
    return "\n".join(lines)


def _example(example: dict[str, Any], language: Language) -> list[str]:
    words = WORDS[language]
    period = example.get("period", "2024-06")
    lines = [
        "",
        f"{words['example']} ({words['at']} {period}){words['colon']}{example['why'][language]}",
        "",
    ]
    for table, rows in [*example["given"].items(), ("=", example["gives"])]:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        lines.append(
            f"| {table if table == '=' else f'`{table}`'} | "
            + " | ".join(f"`{c}`" for c in columns)
            + " |"
        )
        lines.append("|" + "---|" * (len(columns) + 1))
        lines += [
            "| | " + " | ".join(_cell(row.get(name), words["empty"]) for name in columns) + " |"
            for row in rows
        ]
        lines.append("")
    return lines[:-1]


def _cell(value: Any, empty: str) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return empty if value is None or value == "" else str(value)


if __name__ == "__main__":
    for language in LANGUAGES:
        PAGES[language].write_text(page(language), encoding="utf-8")
