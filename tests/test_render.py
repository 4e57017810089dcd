"""From a notebook's outputs to the page."""

import base64
import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
import render_sample as sample
from pypdf import PdfReader

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
    bundle,
)
from sanshi_report.errors import RenderError
from sanshi_report.render import (
    DataFile,
    Indicator,
    Sources,
    StatedCell,
    choose,
    text_of,
)
from sanshi_report.render.content import Text, compose, safe_svg
from sanshi_report.render.markup import clean
from sanshi_report.render.outputs import Prose, outputs_of, publishable, read_notebook
from sanshi_report.render.page import block_html
from sanshi_report.render.paper import tree
from sanshi_report.render.table import shares, write_table

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50">{}</svg>'


def figure(**about: str) -> dict:
    named = {"label": "fig-a", "caption": "图名", "alt_text": "说明"} | about
    return sample.drawing(**named, svg=SVG.format(""))


def composed(*markdown: str, language: str = "zh") -> list[str]:
    drawing = Figure("fig-a", (Run("图名"),), (Run("说明"),), SVG.format(""))
    outputs = [drawing, *(Prose(text) for text in markdown)]
    return [b.html.strip() for b in compose(outputs, language).blocks if isinstance(b, Text)]


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    target = folder / "report.html"
    choose("builtin").render(sample.document(sample.write(folder)), "html", target)
    return target


def test_the_outputs_are_prose_figures_and_tables_in_order() -> None:
    kinds = [type(one) for one in outputs_of(sample.notebook())]
    assert kinds == [Prose, Table, Prose, Figure, Prose, Table]


def test_two_runs_have_one_normal_form() -> None:
    first = sample.notebook()
    second = json.loads(json.dumps(first))
    for cell in second["cells"]:
        cell["id"] = "other"
        cell["execution_count"] = 77
        cell["metadata"] = {"papermill": {"duration": 9.9}}
    second["metadata"] = {"papermill": {"start_time": "2031-12-31T00:00:00"}}
    assert publishable(first) == publishable(second)


def test_the_normal_form_keeps_nothing_of_the_run() -> None:
    text = json.dumps(publishable(sample.notebook()), ensure_ascii=False)
    for trace in (
        "papermill",
        "/home/someone",
        "import sanshi_report",
        "给分析员看的说明",
        "style=",
    ):
        assert trace not in text


def test_the_normal_form_tells_quarto_labels_and_captions() -> None:
    sources = ["".join(cell["source"]) for cell in publishable(sample.notebook())["cells"]]
    assert sources[1] == '#| label: "tbl-sectors"\n#| tbl-cap: "分领域投资完成情况"'
    assert sources[3].startswith(
        '#| label: "fig-starts"\n#| fig-cap: "新建项目累计开工数"\n#| fig-alt: '
    )


def test_the_normal_form_of_a_normal_form_is_itself() -> None:
    once = publishable(sample.notebook())
    assert publishable(once) == once


def test_cells_tagged_for_removal_are_not_published() -> None:
    hidden = sample.cell(sample.prose("不发布"))
    hidden["metadata"] = {"tags": ["remove-cell"]}
    shown = sample.cell(sample.prose("发布"))
    assert outputs_of({"cells": [hidden, shown]}) == [Prose("发布")]


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"execution_count": None}, "notebook_not_run"),
        ({"outputs": [{"output_type": "error", "ename": "E"}]}, "notebook_not_run"),
    ],
)
def test_a_cell_that_did_not_run_is_refused(tmp_path: Path, change: dict, key: str) -> None:
    path = sample.write(tmp_path, sample.cell(sample.prose("好")), sample.cell() | change)
    with pytest.raises(RenderError) as caught:
        read_notebook(path)
    assert caught.value.key == key
    assert caught.value.values["cell"] == 2


@pytest.mark.parametrize(
    ("outputs", "key"),
    [
        ([figure(alt_text="")], "figure_without_alt"),
        ([figure(), figure()], "label_repeated"),
        ([figure(label="图一")], "label_malformed"),
        ([sample.display(bundle(sample.table("表一", "甲", ["乙"])))], "label_malformed"),
        ([sample.display({"text/html": "<table></table>"})], "output_bare"),
        ([sample.display({"image/svg+xml": SVG.format("")})], "output_bare"),
        ([sample.display({MIME: [{"kind": "poem"}]})], "output_malformed"),
        (
            [
                sample.display(
                    {
                        MIME: [
                            {
                                "kind": "paragraph",
                                "text": [{"text": "好", "light": "x"}],
                                "level": 0,
                                "number": 0,
                                "numbered": True,
                            }
                        ]
                    }
                )
            ],
            "output_malformed",
        ),
        ([sample.display({"text/plain": "3"})], "nothing_to_publish"),
    ],
)
def test_what_cannot_be_published_is_named(outputs: list, key: str) -> None:
    with pytest.raises(RenderError) as caught:
        outputs_of({"cells": [sample.cell(*outputs)]})
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("dirty", "kept"),
    [
        ("<p onclick='x()'>好<script>alert(1)</script></p>", "<p>好</p>"),
        ('<a href="javascript:x()">链</a>', "链"),
        ('<img src="http://x/y.png"><p>文</p>', "<p>文</p>"),
        (
            '<span class="light light-red evil">■ 滞后</span>',
            '<span class="light light-red">■\xa0滞后</span>',
        ),
        ("<p><strong>未闭合", "<p><strong>未闭合</strong></p>"),
        ("1 &lt; 2 &amp; 3", "1 &lt; 2 &amp; 3"),
    ],
)
def test_foreign_markup_is_reduced_to_what_a_report_needs(dirty: str, kept: str) -> None:
    assert clean(dirty) == kept


def test_a_table_is_written_as_its_rows_mean() -> None:
    head = Row((Cell((Run("项目"),)), Cell((Run("投资（亿元）"),), "right")), "head")
    group = Row((Cell((Run("工业"),), columns=2),), "group")
    row = Row((Cell((Run("甲 <b>"),)), Cell((Run("■ 滞后", light="red"),), "right")))
    total = Row((Cell((Run("合计"),)), Cell((Run("1.20"),), "right")), "total")
    assert write_table(Grid((head,), (group, row, total), ((Run("注：甲 & 乙。"),),))) == (
        '<table><thead><tr><th scope="col">项目</th>'
        '<th scope="col" class="right">投资<span class="unit">（亿元）</span></th></tr></thead>'
        '<tbody><tr class="group"><th scope="rowgroup" colspan="2"><span class="stuck">工业</span></th></tr>'
        '<tr><th scope="row">甲 &lt;b&gt;</th><td class="right whole">'
        '<span class="light light-red">■\xa0滞后</span></td></tr>'
        '<tr class="total"><th scope="row">合计</th><td class="right">1.20</td></tr></tbody>'
        '<tfoot><tr><td colspan="2">注：甲 &amp; 乙。</td></tr></tfoot></table>'
    )


def test_a_light_nobody_defined_is_only_text() -> None:
    assert clean('<span class="light-blue">■</span>') == "■"


def test_columns_share_a_line_by_what_they_hold() -> None:
    head = Row((Cell((Run("项目"),)), Cell((Run("投资"),))), "head")
    grid = Grid((head,), (Row((Cell((Run("示" * 40),)), Cell((Run("1234.56"),)))),))
    first, second = shares(grid, 30)
    assert first + second == pytest.approx(1)
    # Six digits and a point at 0.56 em, and the padding.
    assert second * 30 == pytest.approx(7 * 0.56 + 0.9)


def test_a_line_too_short_for_all_goes_where_it_saves_lines() -> None:
    rows = tuple(
        Row((Cell((Run("示" * 24),)), Cell((Run("示" * 6),)), Cell((Run("6月28日"),))))
        for _ in range(9)
    )
    texts, names, dates = (share * 30 - 0.9 for share in shares(Grid((), rows), 30))
    # The date is 2 characters, 3 digits and 3 gaps; the name fits; the text gets what is left.
    assert dates == pytest.approx(2 + 3 * 0.56 + 3 * 0.25)
    assert names == pytest.approx(6)
    assert 24 / 2 < texts < 24


def test_one_long_name_makes_no_other_name_break() -> None:
    names = ["示" * 8] * 9 + ["示" * 12]
    tasks = ["示" * 4] * 9 + ["示" * 20]
    rows = tuple(Row((Cell((Run(n),)), Cell((Run(t),)))) for n, t in zip(names, tasks, strict=True))
    # 22 em are left of 23.8: room for a whole name of 8, and for half a task of 20 beside it.
    name, task = (share * 23.8 - 0.9 for share in shares(Grid((), rows), 23.8))
    assert name >= 8
    assert task >= 10


def test_the_day_of_a_date_that_wraps_stays_whole() -> None:
    row = Row((Cell((Run("示" * 40),)), Cell((Run("2021年12月20日"),))))
    _, date = (share * 20 - 0.9 for share in shares(Grid((), (row,)), 20))
    # 12月20日: two characters, four digits, three gaps.
    assert date >= 2 + 4 * 0.56 + 3 * 0.25 - 1e-9


def test_a_narrow_table_does_not_fill_the_line() -> None:
    grid = Grid((), (Row((Cell((Run("甲乙丙丁"),)), Cell((Run("1"),)))),))
    assert sum(shares(grid, 60)) == pytest.approx((4 + 2 + 2 * 0.9) * 1.6 / 60)


def test_references_become_numbers_without_the_spaces_markdown_needs() -> None:
    assert composed("见 @fig-a 和 @fig-a。") == [
        '<p>见<a href="#fig-a">图1</a>和<a href="#fig-a">图1</a>。</p>'
    ]
    assert composed("see @fig-a here", language="en") == [
        '<p>see <a href="#fig-a">Figure 1</a> here</p>'
    ]


def test_what_only_looks_like_a_reference_stays_text() -> None:
    assert composed(r"见 \@fig-a 与 @fig-zzz") == ["<p>见 @fig-a 与 @fig-zzz</p>"]


def test_lines_of_chinese_join_without_a_space() -> None:
    assert composed("第一行，\n第二行") == ["<p>第一行，第二行</p>"]


def test_what_looks_like_a_table_in_prose_stays_text() -> None:
    assert composed("| 甲 | 乙 |\n|---|---|\n| 1 | 2 |") == [
        "<p>| 甲 | 乙 | |---|---| | 1 | 2 |</p>"
    ]


def test_an_unclosed_fence_harms_only_its_own_piece() -> None:
    assert composed("```\n甲", "## 乙")[1] == '<h2 id="乙">乙</h2>'


AT = Address("starts.register", "X1", "months_late")


def passages(*paragraphs: Paragraph, language: str = "zh", places: dict | None = None) -> list[str]:
    """Return paragraphs as the page has them."""
    content = compose(paragraphs, language, linked=True, places=places)
    document = sample.document(Path("x.ipynb"))
    return [block_html(block, document, content.places) for block in content.blocks]


def headed(language: str, *headings: tuple[int, bool]) -> list[str]:
    """Return the numbers that headings of these levels get; those not to be numbered are False."""
    given = [Paragraph((Run("甲"),), level, numbered=numbered) for level, numbered in headings]
    content = compose(given, language)
    return [text.removesuffix("甲") for _, _, text in content.headings]


def test_headings_are_numbered_as_official_documents_number_them() -> None:
    levels = [(2, True), (3, True), (4, True), (4, True), (3, True), (2, True), (3, True)]
    assert headed("zh", *levels) == ["一、", "（一）", "1. ", "2. ", "（二）", "二、", "（一）"]
    assert headed("en", *levels) == ["1. ", "1.1 ", "1.1.1 ", "1.1.2 ", "1.2 ", "2. ", "2.1 "]


def test_sections_beyond_ten_are_numbered_on() -> None:
    assert headed("zh", *[(2, True)] * 21)[9:21:5] == ["十、", "十五、", "二十、"]


def test_an_annex_has_no_number_and_its_parts_begin_anew() -> None:
    levels = [(2, True), (3, True), (2, False), (3, True), (2, True)]
    assert headed("zh", *levels) == ["一、", "（一）", "", "（一）", "二、"]
    assert headed("en", *levels) == ["1. ", "1.1 ", "", "1. ", "2. "]


def test_headings_of_one_text_are_two_places() -> None:
    twice = [Paragraph((Run("甲 <乙>"),), 2)] * 2
    assert passages(*twice) == [
        '<h2 id="sec-甲-乙">一、甲 &lt;乙&gt;</h2>',
        '<h2 id="sec-甲-乙-2">二、甲 &lt;乙&gt;</h2>',
    ]


def test_items_that_count_on_are_one_list() -> None:
    items = [Paragraph((Run(text),), number=n) for n, text in ((1, "甲"), (2, "乙"), (2, "丙"))]
    assert passages(*items) == [
        "<ol>\n<li>甲</li>\n<li>乙</li>\n</ol>",
        '<ol start="2">\n<li>丙</li>\n</ol>',
    ]


def test_text_of_a_paragraph_is_never_markup() -> None:
    (html,) = passages(Paragraph((Run("**甲** <i>[x](y) @fig-a"), Run("乙", strong=True))))
    assert html == "<p>**甲** &lt;i&gt;[x](y) @fig-a<strong>乙</strong></p>"


def test_a_value_with_digits_leads_to_its_place() -> None:
    text = (Run("逾期"), Run("3个月", AT), Run("■ 滞后", AT, light="red"), Run("无", AT))
    (html,) = passages(Paragraph(text), places={AT: ("csv-tbl-a", '见"x"<b>')})
    assert html == (
        '<p>逾期<a class="fact" href="#csv-tbl-a" title="见&quot;x&quot;&lt;b&gt;" tabindex="-1">'
        '3个月</a><span class="light light-red">■\xa0滞后</span>无</p>'
    )


def test_a_value_of_no_known_place_is_only_text() -> None:
    assert passages(Paragraph((Run("3", AT),)), places={}) == ["<p>3</p>"]


def test_paper_has_a_paragraph_s_words_and_no_links() -> None:
    given = (
        Paragraph((Run("甲 乙"),), 2),
        Paragraph((Run("3", AT, strong=True), Run("■ 滞后", light="red"))),
    )
    heading, text = tree(compose(given, "zh"), "plain")["blocks"]
    words = [
        {"t": "Str", "c": "一、"},
        {"t": "Str", "c": "甲"},
        {"t": "Space"},
        {"t": "Str", "c": "乙"},
    ]
    assert heading == {"t": "Header", "c": [2, ["sec-甲-乙", [], []], words]}
    light = {"t": "Span", "c": [["", ["light", "light-red"], []], [{"t": "Str", "c": "■\xa0滞后"}]]}
    assert text["c"] == [{"t": "Strong", "c": [{"t": "Str", "c": "3"}]}, light]


def test_a_published_paragraph_is_read_as_it_was_written() -> None:
    given = Paragraph((Run("逾期"), Run("3个月", AT, form="n", strong=True)), 2, numbered=False)
    run = {"cells": [sample.cell(sample.display(bundle(given, given)))]}
    published = publishable(run)
    assert outputs_of(published) == [given, given]
    assert [list(c["outputs"][0]["data"]) for c in published["cells"]] == [
        [MIME, "text/markdown"]
    ] * 2
    assert published["cells"][0]["outputs"][0]["data"]["text/markdown"] == "## 逾期**3个月**"


def test_two_drawings_never_share_an_identifier() -> None:
    drawing = SVG.format('<clipPath id="clip7"/><g clip-path="url(#clip7)"/>')
    assert 'id="fig-a-1"' in safe_svg(drawing, "fig-a")
    assert "url(#fig-b-1)" in safe_svg(drawing, "fig-b")


@pytest.mark.parametrize(
    "inside",
    [
        "<script>1</script>",
        '<g onload="x()"/>',
        '<image href="http://x/y.png"/>',
        '<rect fill="url(http://x/y)"/>',
        "<foreignObject/>",
        "<g>",
    ],
)
def test_a_drawing_that_could_act_or_fetch_is_refused(inside: str) -> None:
    with pytest.raises(RenderError) as caught:
        safe_svg(SVG.format(inside), "fig-a")
    assert caught.value.key == "figure_unsafe"


def test_the_page_says_everything_the_notebook_says(page: Path) -> None:
    lines = text_of(page).split("\n")
    assert lines[:5] == [
        "示例数据 · 非真实项目",
        "示例市“三十工程”指挥部办公室",
        "第 6 期2024 年 7 月 5 日",
        "关于 2024 年 6 月“三十工程”推进情况的通报",
        "一、总体情况",
    ]
    assert "表1 分领域投资完成情况" in lines
    assert "图1 新建项目累计开工数" in lines
    assert "示例甲材料产业园一期\t68.20\t35.01\t● 正常" in lines
    assert "注：单位为亿元 & 百分点。" in lines
    assert f"{sample.HOSTILE}\t12.30\t3.02\t■ 滞后" in lines


def test_the_page_can_make_no_request(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]+)"', html)
    assert policy
    assert policy[1].startswith("default-src 'none'; script-src 'sha256-")
    assert "connect-src" not in policy[1]
    outside = re.sub(r"<script>.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r'(src|href|srcset|action|data)="(?!#)', outside)


def test_only_the_script_the_page_came_with_may_run(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(scripts[0].encode()).digest()).decode()
    assert len(scripts) == 1
    assert f"'sha256-{digest}'" in html


def test_the_page_is_navigable_without_sight(page: Path) -> None:
    html = page.read_text(encoding="utf-8")
    assert '<html lang="zh-CN">' in html
    assert '<a class="skip" href="#report">跳到正文</a>' in html
    assert html.count("<main ") == html.count("<h1>") == html.count("<nav ") == 1
    assert '<li><a href="#一总体情况">一、总体情况</a>' in html
    assert 'role="img" aria-label="柱状图：1 至 6 月累计实质性开工依次为' in html
    assert html.count('<th scope="row">') == 4 + 30


def test_a_page_without_charts_has_no_script(tmp_path: Path) -> None:
    path = sample.write(tmp_path, sample.cell(sample.prose("只有文字")))
    choose("builtin").render(sample.document(path), "html", tmp_path / "a.html")
    assert "<script" not in (tmp_path / "a.html").read_text(encoding="utf-8")


def test_english_words_come_from_the_catalogue(tmp_path: Path) -> None:
    path = sample.write(tmp_path, sample.cell(sample.prose("See @fig-a."), figure()))
    choose("builtin").render(sample.document(path, language="en"), "html", tmp_path / "a.html")
    html = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert '<html lang="en">' in html
    assert "Skip to the report" in html
    assert '<span class="number">Figure 1</span> 图名' in html


HOSTILE_SOURCES = Sources(
    indicators=(
        Indicator(
            "x.y",
            "指标<b>",
            "亿元",
            "甲 ÷ 乙<i>",
            ("ledger/progress.csv",),
            (("全部", "9", "8.5", "-0.5"),),
        ),
    ),
    data=(
        DataFile("tbl-sectors", "name,invested_ytd\n示例,1\n"),
        DataFile("data-said", "n\n-3\n4\n", (StatedCell("data-said.1.n", "甲<b>", "n", "-3"),)),
    ),
    trail="number,shown\n1,8.5\n",
    submissions=(("data/raw/2024-06/<甲>.xlsx", "ab" * 32),),
)


X_Y = Address("x", "", "y")


def traced(folder: Path) -> Path:
    """The sample with a number in its prose that has an address."""
    path = sample.write(folder)
    notebook = json.loads(path.read_text(encoding="utf-8"))
    said = Paragraph((Run("完成"), Run("8.5", X_Y), Run("亿元。")))
    notebook["cells"].append(sample.cell(sample.display(bundle(said))))
    path.write_text(json.dumps(notebook), encoding="utf-8")
    return path


def test_a_number_leads_to_its_indicator_and_a_table_to_its_data(tmp_path: Path) -> None:
    target = tmp_path / "report.html"
    places = {X_Y: ("kpi-x.y", '见 "x.y" \\ <script>[a](b)')}
    sources = replace(HOSTILE_SOURCES, places=places)
    document = sample.document(traced(tmp_path), sources=sources)
    choose("builtin").render(document, "html", target)
    html = target.read_text(encoding="utf-8")
    assert re.search(r'完成<a [^>]*href="#kpi-x\.y"[^>]*>8\.5</a>亿元。', html)
    assert 'title="见 &quot;x.y&quot; \\ &lt;script&gt;[a](b)"' in html
    assert '<tr class="group" id="kpi-x.y">' in html
    assert "甲 ÷ 乙&lt;i&gt;（取自 ledger/progress.csv）" in html
    assert '<td class="right">−0.5</td>' in html
    assert '<li id="data-said">' in html
    cell = '<span class="cell" id="data-said.1.n">甲&lt;b&gt; <code>n</code> <b>−3</b></span>'
    assert cell in html
    assert 'tabindex="-1"' in html
    assert '<a href="#sources">数字出处</a>' in html
    saved = re.search(r'download="sample-sectors\.csv"[^>]*base64,([^"]+)"', html)
    assert saved
    assert base64.b64decode(saved[1]).decode("utf-8-sig") == "name,invested_ytd\n示例,1\n"
    assert "&lt;甲&gt;.xlsx <code>abababababababab</code>" in html


def test_paper_and_working_copies_have_no_such_links(tmp_path: Path, page: Path) -> None:
    assert "数字出处" not in page.read_text(encoding="utf-8")
    for ending in ("pdf", "docx"):
        target = tmp_path / f"report.{ending}"
        document = sample.document(traced(tmp_path), sources=HOSTILE_SOURCES)
        choose("builtin").render(document, ending, target)
        said = (
            "".join(one.extract_text() for one in PdfReader(target).pages)
            if ending == "pdf"
            else text_of(target)
        )
        text = re.sub(r"\s", "", said)
        assert "完成8.5亿元。" in text
        assert "数字出处" not in text
        assert "x.y" not in text


def test_a_failed_rendering_leaves_the_former_file(tmp_path: Path) -> None:
    target = tmp_path / "out" / "a.html"
    target.parent.mkdir()
    target.write_text("从前的", encoding="utf-8")
    path = sample.write(tmp_path, sample.cell(figure(alt_text="")))
    with pytest.raises(RenderError):
        choose("builtin").render(sample.document(path), "html", target)
    assert [one.name for one in target.parent.iterdir()] == ["a.html"]
    assert target.read_text(encoding="utf-8") == "从前的"
