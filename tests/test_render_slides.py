"""The slides: every word, table and picture of the report, each where it can be read."""

import io
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pptx
import render_sample as sample
from pptx.oxml.ns import qn

from sanshi_report.blocks import Cell, Row, Run, bundle, plain
from sanshi_report.render import choose, text_of
from sanshi_report.render.content import Content, Text, compose
from sanshi_report.render.deck import AREA, Picture, Sheet, Slide, Words, cut, said
from sanshi_report.render.outputs import outputs_of, read_notebook
from sanshi_report.style import LIGHTS

NOTICE = "示例数据 · 非真实项目"


@cache
def made(**changes: Any) -> bytes:
    with TemporaryDirectory() as folder:
        target = Path(folder) / "report.pptx"
        document = sample.document(sample.write(Path(folder)), layout="landscape", **changes)
        choose("builtin").render(document, "pptx", target)
        return target.read_bytes()


def shown(**changes: Any) -> Any:
    return pptx.Presentation(io.BytesIO(made(**changes)))


def titles() -> list[str]:
    return [slide.shapes.title.text for slide in shown().slides]


def tables() -> list[list[list[str]]]:
    frames = [shape for slide in shown().slides for shape in slide.shapes if shape.has_table]
    return [[[cell.text for cell in row.cells] for row in frame.table.rows] for frame in frames]


def slides_of(html: str) -> list[Slide]:
    """Return the slides of a report of nothing but prose, without the cover."""
    return cut(sample.document(Path("x.ipynb")), Content((Text(html),)))[1:]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_a_slide_is_16_to_9() -> None:
    assert (shown().slide_width, shown().slide_height) == (12192000, 6858000)


def test_each_heading_figure_and_table_has_its_slide() -> None:
    assert [title.replace("\xa0", " ") for title in titles()] == [
        "关于 2024 年 6 月“三十工程”推进情况的通报",
        "一、总体情况",
        "表1 分领域投资完成情况",
        "（一）里程碑完成情况",
        "（二）应开未开项目",
        "图1 新建项目累计开工数",
        "三、附表",
        "表2 三十工程项目进展总表",
        *["表2 三十工程项目进展总表（续）"] * (len(titles()) - 8),
    ]


def test_a_slide_says_which_headings_it_stands_under() -> None:
    above = {
        slide.shapes.title.text: shape.text
        for slide in shown().slides
        for shape in slide.placeholders
        if shape.placeholder_format.idx == 13
    }
    assert above["（一）里程碑完成情况"] == "二、新建项目开工情况"
    assert above["图1 新建项目累计开工数"] == "二、新建项目开工情况 · （二）应开未开项目"
    assert "一、总体情况" not in above


def test_the_cover_is_the_masthead() -> None:
    cover = shown(subtitle="2024 年 6 月", ribbon="第 2 版").slides[0]
    assert cover.slide_layout.name == "Title Slide"
    lines = [line for shape in cover.placeholders for line in shape.text.split("\n")]
    assert lines == [
        "关于 2024 年 6 月“三十工程”推进情况的通报",
        "2024 年 6 月",
        "示例市“三十工程”指挥部办公室",
        "第 6 期",
        "2024 年 7 月 5 日",
        NOTICE,
        "第 2 版",
    ]


def test_every_row_of_a_table_is_there_once_and_its_headings_on_every_slide() -> None:
    _, *parts = tables()
    assert len(parts) > 1
    assert {tuple(part[0]) for part in parts} == {
        ("项目", "单位", "总投资", "年度计划", "本月完成", "累计完成", "完成率（%）", "序时差（百分点）",
         "计划开工", "实际开工", "状态", "存在问题")
    }  # fmt: skip
    rows = [row for part in parts for row in part[1:]]
    assert [row[0] for row in rows[:30]] == [
        f"示例第{n}号综合整治与提升改造工程" for n in range(1, 31)
    ]
    assert rows[29][2:6] == ["109.80", "15.00", "1.50", "7.20"]
    assert [row[0] for row in rows[30:]] == ["注：单位为亿元 & 百分点。"]


def test_what_spans_columns_and_rows_is_one_cell() -> None:
    first = next(s for slide in shown().slides for s in slide.shapes if s.has_table).table
    spans = {
        cell.text: (cell.span_width, cell.span_height)
        for row in first.rows
        for cell in row.cells
        if cell.is_merge_origin
    }
    assert spans["年度投资"] == (2, 1)
    assert spans["工业"] == (first._tbl.tblGrid.__len__(), 1)
    assert spans["项目"] == (1, 2)


def test_slides_say_everything_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "a.pptx").write_bytes(made())
    document = sample.document(sample.write(tmp_path), layout="landscape")
    choose("builtin").render(document, "html", tmp_path / "a.html")
    page = text_of(tmp_path / "a.html").split("\n")
    deck = squeezed(text_of(tmp_path / "a.pptx"))
    start, end = page.index("一、总体情况"), page.index("30 个项目的进展见表2。")
    wanted = [re.sub(r"^\d+\.", "", squeezed(line)) for line in page[start : end + 1]]
    # The heading that only stands over others is a running head.
    assert [line for line in wanted if line not in deck] == ["二、新建项目开工情况"]


def test_every_slide_carries_the_notice_and_all_but_the_cover_a_number() -> None:
    for number, slide in enumerate(shown().slides, 1):
        feet = {s.placeholder_format.idx: s.text for s in slide.placeholders if s.has_text_frame}
        assert feet[11] == NOTICE
        assert feet.get(12) == (str(number) if number > 1 else None)


def test_pictures_and_tables_are_described() -> None:
    pictures = [
        s for slide in shown().slides for s in slide.shapes if s._element.tag == qn("p:pic")
    ]
    described = [shape._element.nvPicPr.cNvPr.get("descr") for shape in pictures]
    assert described == ["柱状图：1 至 6 月累计实质性开工依次为 0、1、3、4、7、8 个。"]
    frames = [s for slide in shown().slides for s in slide.shapes if s.has_table]
    told = frames[0]._element.nvGraphicFramePr.cNvPr.get("descr")
    assert told == "表1 分领域投资完成情况"


def test_nothing_reaches_beyond_its_place() -> None:
    left, top, right, bottom = (
        round(length * 12700)
        for length in (AREA.left, AREA.top, AREA.left + AREA.width, AREA.top + AREA.height)
    )
    for slide in shown().slides:
        for shape in slide.shapes:
            if shape.has_table or shape._element.tag == qn("p:pic"):
                assert left - 99 <= shape.left
                assert shape.left + shape.width <= right + 99
                assert top - 99 <= shape.top
                assert shape.top + shape.height <= bottom + 99
                if shape.has_table:
                    assert sum(row.height for row in shape.table.rows) <= shape.height + 99


def test_each_shape_of_a_slide_has_a_number_of_its_own() -> None:
    for slide in shown().slides:
        numbers = [shape.shape_id for shape in slide.shapes]
        assert len(set(numbers)) == len(numbers)
        assert 0 not in numbers


def test_the_theme_has_chinese_fonts() -> None:
    part = next(
        rel.target_part
        for rel in shown().slide_master.part.rels.values()
        if rel.reltype.endswith("/theme")
    )
    assert re.findall(r'<a:(?:ea|latin) typeface="([^"]*)"', part.blob.decode()) == [
        "Arial", "微软雅黑", "Arial", "微软雅黑"
    ]  # fmt: skip


def test_a_light_has_its_colour_beside_its_symbol_and_word() -> None:
    text = [
        run
        for slide in shown().slides
        for run in slide.shapes._spTree.iter(qn("a:r"))
        if run.text == "■\xa0滞后"
    ]
    assert len(text) > 5
    colours = {run.find(f".//{qn('a:srgbClr')}").get("val") for run in text}
    assert colours == {LIGHTS["red"].colour[1:].upper()}
    assert {run.rPr.get("cap") for run in text} == {None}


def test_a_reference_leads_to_the_slide_of_its_figure() -> None:
    slide = next(s for s in shown().slides if s.shapes.title.text == "一、总体情况")
    link = next(slide.shapes._spTree.iter(qn("a:hlinkClick")))
    target = slide.part.related_part(link.get(qn("r:id"))).slide
    assert target.shapes.title.text == "图1 新建项目累计开工数"


def test_names_of_the_ledger_are_only_text() -> None:
    assert any(sample.HOSTILE in row[0] for row in tables()[0])


def test_file_facts_depend_on_no_clock() -> None:
    facts = shown().core_properties
    assert (facts.title, facts.author) == (titles()[0], "示例市“三十工程”指挥部办公室")
    assert str(facts.created) == str(facts.modified) == "2024-07-05 15:59:59"


# Cutting


def test_text_too_long_for_a_slide_goes_on_evenly_upon_the_next() -> None:
    # 48 characters to the line of 18 points, less a few to spare: 13 lines to the slide.
    paragraph = "<p>" + "示" * 90 + "</p>"
    first, second = slides_of("<h2>一、甲</h2>" + paragraph * 8)
    assert isinstance(first, Words)
    assert isinstance(second, Words)
    assert [said(one.title) for one in (first, second)] == ["一、甲", "一、甲（续）"]
    assert [len(first.blocks), len(second.blocks)] == [4, 4]
    assert (first.text, second.text) == (18.0, 18.0)


def test_a_paragraph_longer_than_a_slide_is_parted_between_sentences() -> None:
    found = slides_of("<h2>一、甲</h2><p>" + ("示" * 59 + "。") * 24 + "</p>")
    assert len(found) > 1
    texts = [said(block) for slide in found for block in slide.blocks]  # type: ignore[attr-defined]
    assert all(text.endswith("。") for text in texts)
    assert sum(map(len, texts)) == 24 * 60


def test_little_text_is_set_large() -> None:
    (only,) = slides_of("<h2>一、甲</h2><p>乙。</p>")
    assert isinstance(only, Words)
    assert only.text == 22.0


def test_a_heading_with_nothing_under_it_has_a_slide_and_one_over_others_none() -> None:
    html = "<h2>一、甲</h2><h2>二、乙</h2><h3>（一）丙</h3><p>丁。</p><h2>三、戊</h2>"
    found = [(said(slide.title), slide.above) for slide in slides_of(html)]
    assert found == [("一、甲", ""), ("（一）丙", "二、乙"), ("三、戊", "")]


def test_a_long_title_is_set_smaller() -> None:
    short, long = slides_of(f"<h2>一、甲</h2><h2>{'示' * 90}</h2>")
    assert short.size == 28.0
    # Two lines of 20 points hold 84 characters at most; three of 18 hold 144, and are no higher than 66.
    assert long.size == 18.0


def test_the_last_row_of_a_group_is_not_parted_from_its_name(tmp_path: Path) -> None:
    body = [
        row
        for group in range(1, 9)
        for row in (
            Row((Cell((Run(f"第{group}组"),), columns=2),), "group"),
            *(Row(sample.cells(f"示例{group}-{n}", str(n))) for n in range(1, 5)),
        )
    ]
    table = sample.table("tbl-a", "甲", ["项目", "数"])
    shown = sample.display(bundle(replace(table, grid=replace(table.grid, body=tuple(body)))))
    path = sample.write(tmp_path, sample.cell(shown))
    content = compose(outputs_of(read_notebook(path)), "zh")
    sheets = cut(sample.document(path, layout="landscape"), content)[1:]
    assert len(sheets) > 1
    names = []
    for sheet in sheets:
        assert isinstance(sheet, Sheet)
        assert [row.role for row in sheet.rows[:2]] == ["head", "group"]
        assert sheet.rows[-1].role == "body"
        assert sum(sheet.heights) <= AREA.height
        names += [plain(row.cells[0].text) for row in sheet.rows if row.role == "body"]
    assert names == [f"示例{group}-{n}" for group in range(1, 9) for n in range(1, 5)]


def test_a_figure_stands_alone_under_its_caption(tmp_path: Path) -> None:
    path = sample.write(tmp_path)
    content = compose(outputs_of(read_notebook(path)), "zh")
    found = [s for s in cut(sample.document(path), content) if isinstance(s, Picture)]
    assert [(s.anchor, said(s.title)) for s in found] == [("fig-starts", "图1 新建项目累计开工数")]
