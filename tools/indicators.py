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
        "head": """# 指标

*[English](../indicators.md)*

每项公布数字的定义，足以从台账另行算出。本页由 `tools/indicators.py` 依据 `parameters/metrics.yaml` 和 `docs/indicators.yaml`
生成，各例由测试计算核对。

**时点。** 一律按报告期最后一日判断（当日到期即到期、当日完成即完成），只用截止时间前收到、且其时未撤回的报送；期末以后的日期，
已报的也视为尚未发生。截止后撤回的，不影响当时的报告。同一行以后收到的为准；但完成、办结、解决等日期报过即算，以后漏填不撤销，确未完成的由工程办更正。
“上期”“上月”的数字与当时公布的完全一致。

**未填报不是完成。** 没有报的为空（表中为“—”或“未填报”），不作0，也不作完成；没有到期的不说完成。问题、交办、会议、事件没有记录即没有发生，为0。

**范围。** 项目范围（建设性质、领域、级别、属地、项目）的每个值有一行，本范围没有项目的值没有行；手续、要素、资金来源、问题层级、会议层级按参数清单每个值有一行。
县区等局部不套用全市的目标。

**精度。** 金额精确到分；比例保留12位小数（四舍五入），差距＝实际−目标，按保留值相减；平均数、评分也不先取整，只在显示时四舍五入。
""",
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
        "head": """# Indicators

*[中文](zh/indicators.md)*

What each published figure is, so that it can be worked out from the ledger by somebody else. `tools/indicators.py` writes
this page from `parameters/metrics.yaml` and `docs/indicators.yaml`; tests work out the examples.

**The moment.** Everything is judged at the period's last day (due on it is due, done on it is done), by what was received by
the cutoff and not withdrawn by then; a later day has not happened, though it may be known. A withdrawal after a cutoff leaves
that cutoff's report as it was. Of one row the version received last holds; but a day on which something was done stands once
told: a later row that leaves it empty does not undo it, the office does, by a correction. What a report says of the last one
is exactly what that one printed.

**Absent is not done.** What nobody reported is empty (“—” or “not reported” in tables), neither 0 nor done, and where nothing
was due nothing is called met. Problems, actions, meetings and incidents without a record did not happen: 0.

**Scopes.** Each value that projects have (kind, sector, tier, county, project) has a row, a value without a project concerned
has none; each value on the office's lists (permits, inputs, sources, tiers of problems, levels of meetings) has one. A part of
the programme, such as a county, has no target of the whole.

**Precision.** Money is exact to the fen (0.01 yuan); rates have 12 decimals, half up, and gap = actual − target of the figures
as published. Averages and scores are not rounded either, only where they are shown.
""",
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
    parts = [words["head"], words["kpis"]]
    parts += [
        _entry(f"{kpi.label[language]} `{code}`", _facts(kpi, language), more["figures"].get(code), language)
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
    lines = ["", f"{words['example']} ({words['at']} {period}){words['colon']}{example['why'][language]}", ""]
    for table, rows in [*example["given"].items(), ("=", example["gives"])]:
        columns = list(dict.fromkeys(name for row in rows for name in row))
        lines.append(f"| {table if table == '=' else f'`{table}`'} | " + " | ".join(f"`{c}`" for c in columns) + " |")
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
