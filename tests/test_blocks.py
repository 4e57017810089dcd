"""What an output says, as data and as JupyterLab shows it."""

import json

import pytest

from sanshi_report.blocks import (
    MIME,
    Address,
    Cell,
    Figure,
    Grid,
    Paragraph,
    Row,
    Run,
    Table,
    as_html,
    as_markdown,
    bundle,
    texts_in,
    unbundle,
    unpack,
)

AT = Address("starts.register", "X1", "months_late")
LATE = Run("3", AT)
RED = Run("■ 滞后", light="red")


def words(text: str, **about: object) -> Cell:
    return Cell((Run(text),), **about)


def table() -> Table:
    head = (
        Row((words("项目", rows=2), words("本年", align="center", columns=2)), "head"),
        Row((words("逾期", align="right"), words("灯")), "head"),
    )
    body = (
        Row((words("工业", columns=3),), "group"),
        Row((words("甲|<b>"), Cell((LATE,), "right"), Cell((RED,)))),
    )
    return Table("tbl-a", (Run("开工"),), Grid(head, body, ((Run("注*"),),)), wide=True)


FIGURE = Figure("fig-a", (Run("图"),), (Run("说明"),), "<svg/>", {"mark": "bar"})


@pytest.mark.parametrize(
    "block", [Paragraph((Run("第"), LATE, RED), number=2), Paragraph((Run("附件"),), 2, numbered=False),
              table(), FIGURE],
)  # fmt: skip
def test_what_a_cell_returns_is_read_back_as_it_was(block: object) -> None:
    assert unbundle(json.loads(json.dumps(bundle(block)))) == (block,)


def test_a_drawing_is_in_an_output_once() -> None:
    data = bundle(FIGURE)
    assert data["image/svg+xml"] == "<svg/>"
    assert "<svg" not in json.dumps(data[MIME])


def test_every_value_of_a_table_is_found_with_its_address() -> None:
    assert [run.at for text in texts_in(table()) for run in text if run.at] == [AT]


def test_a_run_is_no_string() -> None:
    with pytest.raises(TypeError):
        f"{LATE}"


def test_markdown_has_a_cell_for_every_column() -> None:
    assert as_markdown([table()]) == (
        "| 项目 | 本年 逾期 | 本年 灯 |\n| --- | --- | --- |\n| 工业 |  |  |\n"
        "| 甲\\|\\<b\\> | 3 | [■ 滞后]{.light .light-red} |\n\n注\\*"
    )


def test_jupyter_gets_a_table_s_sides_spans_and_colours() -> None:
    html = as_html([table()])
    assert '<caption style="caption-side: top; text-align: left' in html
    assert 'rowspan="2">项目</th>' in html
    assert 'text-align: center; padding: 4px 8px" colspan="2">本年</th>' in html
    assert '<td style="text-align: right; padding: 4px 8px; white-space: nowrap">3</td>' in html
    assert 'style="color: #b3191b">■\xa0滞后</span>' in html
    assert "甲|&lt;b&gt;</td>" in html


PARAGRAPH = {"kind": "paragraph", "level": 0, "number": 0, "numbered": True, "text": []}
CELL = {"kind": "table", "label": "tbl-a", "caption": [], "wide": False, "notes": [], "head": []}


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "poem"},
        {"kind": "paragraph", "text": []},
        PARAGRAPH | {"level": '2 onclick="x"'},
        PARAGRAPH | {"text": [{"text": "x", "light": '"><script>'}]},
        PARAGRAPH | {"text": [{"text": "x", "at": ["frame", "row"]}]},
        CELL | {"body": [{"role": "body", "cells": [[[], 'left" onclick="x', 1, 1]]}]},
        CELL | {"body": [{"role": "evil", "cells": []}]},
    ],
)
def test_what_is_no_block_is_refused(data: dict[str, object]) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        unpack([data])


def test_prose_reads_as_html_with_coloured_lights_and_nothing_live() -> None:
    said = [
        Paragraph((Run("总体"),), level=2),
        Paragraph((Run("甲（"), Run("■ 滞后", light="red"), Run("）*二<b>，"),
                   Run("三_四", strong=True), Run("<i>"))),
        Paragraph((Run("一"),), number=1),
    ]  # fmt: skip
    assert as_html(said).split("\n") == [
        "<h2>总体</h2>",
        '<p>甲（<span class="light light-red" style="color: #b3191b">■\u00a0滞后</span>）*二&lt;b&gt;，'
        "<strong>三_四</strong>&lt;i&gt;</p>",
        "<p>1. 一</p>",
    ]
