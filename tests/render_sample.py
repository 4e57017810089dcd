"""A small executed notebook with everything a report may hold, made without running one."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import altair as alt
import pandas as pd
import vl_convert
from pylopdf_fonts_zh_cn import sans_path

from sanshi_report.blocks import Cell, Figure, Grid, Row, Run, Table, bundle
from sanshi_report.render import Document
from sanshi_report.style import escape_markdown

HOSTILE = "示例<script>alert(1)</script>#[x]_*$@\\{{< env HOME >}}```项目"
LIGHTS = {"green": "● 正常", "yellow": "▲ 预警", "red": "■ 滞后", "not_rated": "— 不考核"}


def light(status: str) -> Run:
    return Run(LIGHTS[status], light=status)


def cell(*outputs: dict[str, Any], source: str = "show()") -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": 1,
        "id": "a1",
        "metadata": {"papermill": {"duration": 0.31}},
        "outputs": list(outputs),
        "source": source,
    }


def display(data: dict[str, Any], **about: Any) -> dict[str, Any]:
    metadata = {"sanshi": about} if about else {}
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def prose(text: str) -> dict[str, Any]:
    return display({"text/markdown": text, "text/plain": "Prose(...)"})


def cells(*texts: Any, numbers: Collection[int] = ()) -> tuple[Cell, ...]:
    return tuple(
        Cell((one if isinstance(one, Run) else Run(one),), "right" if at in numbers else "left")
        for at, one in enumerate(texts)
    )


def table(label: str, caption: str, head: list[str], *rows: list[str]) -> Table:
    """Return a table of texts."""
    body = tuple(Row(cells(*row)) for row in rows)
    return Table(label, (Run(caption),), Grid((Row(cells(*head), "head"),), body))


def sectors_table() -> dict[str, Any]:
    """Return the table of sectors: groups of rows, and one heading over two."""
    frame = sectors()
    above = [Cell(c.text, rows=2) for c in cells("项目", "年度投资", "状态")]
    above[1] = Cell(above[1].text, "center", columns=2)
    head = (
        Row(tuple(above), "head"),
        Row(tuple(Cell((Run(t),), "right") for t in ("计划", "完成")), "head"),
    )
    body = []
    for sector, rows in frame.groupby("领域", sort=False):
        body.append(Row((Cell((Run(str(sector)),), columns=4),), "group"))
        body += [Row(cells(*row[1:], numbers=(1, 2))) for row in rows.itertuples(index=False)]
    grid = Grid(head, tuple(body), ((Run("注：单位为亿元 & 百分点。"),),))
    return display(bundle(Table("tbl-sectors", (Run("分领域投资完成情况"),), grid)))


def annex_table() -> dict[str, Any]:
    """Return a wide table."""
    frame, numbers = annex(), range(2, 10)
    body = tuple(Row(cells(*row, numbers=numbers)) for row in frame.itertuples(index=False))
    head = Row(cells(*frame.columns, numbers=numbers), "head")
    grid = Grid((head,), body, ((Run("注：单位为亿元 & 百分点。"),),))
    return display(bundle(Table("tbl-annex", (Run("三十工程项目进展总表"),), grid, wide=True)))


def drawing(label: str, caption: str, alt_text: str, svg: str) -> dict[str, Any]:
    return display(bundle(Figure(label, (Run(caption),), (Run(alt_text),), svg)))


def figure(label: str, caption: str, alt_text: str) -> dict[str, Any]:
    vl_convert.register_font_directory(str(sans_path().parent))
    months = pd.DataFrame({"月份": [f"{m}月" for m in range(1, 7)], "开工": [0, 1, 3, 4, 7, 8]})
    chart = (
        alt.Chart(months, width=560, height=240)
        .mark_bar(color="#2f6f9f")
        .encode(
            x=alt.X("月份", sort=None, axis=alt.Axis(labelAngle=0, title=None)),
            y=alt.Y("开工", title="累计实质性开工（个）"),
            tooltip=["月份", "开工"],
        )
        .configure(font="Noto Sans SC")
        .configure_axis(labelFontSize=13, titleFontSize=13, titleFontWeight="normal")
    )
    spec = chart.to_dict()
    svg = vl_convert.vegalite_to_svg(json.dumps(spec))
    return display(bundle(Figure(label, (Run(caption),), (Run(alt_text),), svg, spec)))


def sectors() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "领域": ["工业", "工业", "基础设施", "民生"],
            "项目": ["示例甲材料产业园一期", HOSTILE, "示例乙快速通道", "示例丙医院新院区"],
            "计划": ["68.20", "12.30", "69.86", "13.70"],
            "完成": ["35.01", "3.02", "34.93", "6.02"],
            "状态": [light("green"), light("red"), light("yellow"), light("not_rated")],
        }
    )


def annex() -> pd.DataFrame:
    rows = [
        {
            "项目": f"示例第{n}号综合整治与提升改造工程",
            "单位": f"示例{'甲乙丙丁戊'[n % 5]}区人民政府",
            "总投资": f"{n * 3.66:.2f}",
            "年度计划": f"{n * 0.5:.2f}",
            "本月完成": f"{n * 0.05:.2f}",
            "累计完成": f"{n * 0.24:.2f}",
            "完成率（%）": f"{48 + n % 7}.3",
            "序时差（百分点）": f"{n % 7 - 2}.3",
            "计划开工": f"2024-0{n % 9 + 1}",
            "实际开工": "—" if n % 3 else "2024-06-15",
            "状态": light(["green", "yellow", "red"][n % 3]),
            "存在问题": "土地报批和电力迁改未完成，正在协调" if n % 4 == 0 else "—",
        }
        for n in range(1, 31)
    ]
    return pd.DataFrame(rows)


OVERALL = """## 一、总体情况

截至 2024 年 6 月 30 日，“三十工程”共 **30** 个项目，总投资 **1099.73** 亿元。其中，新建项目 17 个、总投资 363.76 亿元；
续建项目 13 个、总投资 735.97 亿元，年度计划投资 151.76 亿元。

1—6 月，续建项目累计完成投资 75.96 亿元，占年度计划的 50.1%，快于序时进度 0.1 个百分点，
[● 正常]{.light-green}。新建项目应开工 9 个、实际开工 8 个，比里程碑目标少 1 个，
[■ 滞后]{.light-red}，见 @fig-starts 和 @tbl-sectors。
"""

STARTS = (
    """## 二、新建项目开工情况

### （一）里程碑完成情况

按照年度安排，6 月底前应实质性开工不少于 9 个。“实质性开工”以首根工程桩施工为准，由指挥部办公室认定，
与奠基日期分别登记。

### （二）应开未开项目

1. 示例丁物流园：土地报批未完成，责任单位为示例甲区人民政府；
2. 示例戊学校：施工图审查未通过，责任单位为市教育局。

- 提前开工：示例己泵站（原计划 9 月）。

责任单位报称："""
    + escape_markdown(HOSTILE)
    + "。\n"
)

ANNEX = "## 三、附表\n\n30 个项目的进展见 @tbl-annex。\n"


@cache
def notebook() -> dict[str, Any]:
    """Return the sample, as a run of it would leave it."""
    stream = {"output_type": "stream", "name": "stderr", "text": ["/home/someone/x.py: Warning\n"]}
    alt_text = "柱状图：1 至 6 月累计实质性开工依次为 0、1、3、4、7、8 个。"
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"papermill": {"start_time": "2026-01-01T00:00:00"}},
        "cells": [
            {"cell_type": "markdown", "id": "t", "metadata": {}, "source": "# 给分析员看的说明"},
            cell(stream, source="import sanshi_report"),
            cell(prose(OVERALL)),
            cell(sectors_table()),
            cell(prose(STARTS)),
            cell(figure("fig-starts", "新建项目累计开工数", alt_text)),
            cell(prose(ANNEX), annex_table()),
        ],
    }


def write(folder: Path, *cells: dict[str, Any]) -> Path:
    """Write the sample, or a notebook of these cells, and return its path."""
    content = notebook() | {"cells": list(cells)} if cells else notebook()
    path = folder / "sample.ipynb"
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def document(path: Path, **changes: Any) -> Document:
    """Return the sample's document; every field can be changed."""
    fields: dict[str, Any] = {
        "notebook": path,
        "title": "关于 2024 年 6 月“三十工程”推进情况的通报",
        "subtitle": "",
        "issuer": "示例市“三十工程”指挥部办公室",
        "issue": "第 6 期",
        "date_line": "2024 年 7 月 5 日",
        "language": "zh",
        "layout": "gbt9704",
        "notice": "示例数据 · 非真实项目",
        "timestamp": datetime(2024, 7, 5, 23, 59, 59, tzinfo=timezone(timedelta(hours=8))),
    }
    return Document(**fields | changes)
