"""The PDF and the Word file: layout, fonts, and that nothing is lost on the way."""

import io
import json
import os
import subprocess
import sys
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import docx
import pytest
import render_sample as sample
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from pypdf import PageObject, PdfReader

from sanshi_report.blocks import bundle
from sanshi_report.errors import RenderError
from sanshi_report.render import Fonts, choose, text_of


@cache
def made(format: str, layout: str = "gbt9704") -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = sample.write(Path(folder))
        target = Path(folder) / f"report.{format}"
        choose("builtin").render(sample.document(path, layout=layout), format, target)
        return target.read_bytes()


def pdf(layout: str = "gbt9704") -> PdfReader:
    return PdfReader(io.BytesIO(made("pdf", layout)))


def word(layout: str = "gbt9704") -> Any:
    return docx.Document(io.BytesIO(made("docx", layout)))


def places(page: PageObject, size: int) -> list[tuple[float, float]]:
    """Return where text of a size starts on a page, in points from its lower left corner."""
    found: list[tuple[float, float]] = []

    def visit(text: str, space: list[float], line: list[float], _: Any, points: float) -> None:
        if text.strip() and round(points) == size:
            x = line[4] * space[0] + line[5] * space[2] + space[4]
            y = line[4] * space[1] + line[5] * space[3] + space[5]
            found.append((x, y))

    page.extract_text(visitor_text=visit)
    return found


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_the_pdf_says_it_is_for_archiving() -> None:
    assert b"<pdfaid:part>2</pdfaid:part>" in made("pdf")
    assert b"<pdfaid:conformance>B</pdfaid:conformance>" in made("pdf")


def test_the_pdf_is_an_a4_official_document_with_wide_tables_turned() -> None:
    sizes = [(round(float(p.mediabox.width)), round(float(p.mediabox.height))) for p in pdf().pages]
    assert sizes[0] == (595, 842)
    assert sizes[-1] == (842, 595)
    turned = sizes.index((842, 595))
    assert set(sizes[:turned]) == {(595, 842)}
    assert set(sizes[turned:]) == {(842, 595)}


def test_lines_of_the_official_layout_are_28_95_points_apart() -> None:
    heights = sorted({round(y, 2) for _, y in places(pdf().pages[0], 16)}, reverse=True)
    gaps = [a - b for a, b in pairwise(heights)]
    assert sum(gap == pytest.approx(28.95, abs=0.02) for gap in gaps) >= 5


def test_every_page_carries_the_notice_and_its_number() -> None:
    for number, page in enumerate(pdf().pages, 1):
        text = squeezed(page.extract_text())
        assert "示例数据·非真实项目" in text
        assert f"—{number}—" in text


def test_page_numbers_stand_at_the_outer_edge() -> None:
    for number, page in enumerate(pdf().pages, 1):
        number_at = max(x for x, y in places(page, 14) if y < 120)
        assert (number_at > float(page.mediabox.width) / 2) == (number % 2 == 1)


def test_a_number_and_its_unit_stay_on_one_line(tmp_path: Path) -> None:
    # The line of 28 characters would end, in one paragraph or another, at each place within 8.10亿元.
    text = "\n\n".join("示" * length + "8.10亿元；" for length in range(20, 28))
    path = sample.write(tmp_path, sample.cell(sample.prose(text)))
    choose("builtin").render(sample.document(path), "pdf", tmp_path / "a.pdf")
    lines = PdfReader(tmp_path / "a.pdf").pages[0].extract_text().splitlines()
    told = [line.replace("\u2060", "") for line in lines if "8.10" in line]
    assert [squeezed(line).lstrip("示") for line in told] == ["8.10亿元；"] * 8


@pytest.mark.parametrize("layout", ["gbt9704", "plain"])
def test_a_figure_is_scaled_once(layout: str) -> None:
    sizes: set[float] = set()

    def visit(text: str, space: list[float], _: list[float], __: Any, size: float) -> None:
        if text.strip() == "月":
            sizes.add(round(space[0] * size, 2))

    for page in pdf(layout).pages:
        page.extract_text(visitor_text=visit)
    # Labels of 13 px, of which 16 print as 10.5 points.
    assert sizes == {8.53}


def test_the_pdf_says_everything_the_page_says() -> None:
    text = squeezed("".join(page.extract_text() for page in pdf().pages))
    for said in (
        "三十工程",
        "1099.73",
        "一、总体情况",
        "表1分领域投资完成情况",
        "图1新建项目累计开工数",
        "注：单位为亿元&百分点。",
        "见图1和表1。",
        "■滞后",
        "累计实质性开工（个）",
        squeezed(sample.HOSTILE),
    ):
        assert squeezed(said) in text


def test_a_wide_table_repeats_its_headings_on_every_page() -> None:
    texts = [squeezed(p.extract_text()) for p in pdf().pages if p.mediabox.width > 700]
    assert len(texts) >= 2
    assert all("项目单位总投资年度计划" in text for text in texts)


def test_a_section_that_opens_with_a_wide_table_goes_with_it() -> None:
    wide = next(page for page in pdf().pages if page.mediabox.width > 700)
    assert "三、附表" in squeezed(wide.extract_text())


def test_slides_have_a_cover_and_a_page_for_each_section() -> None:
    pages = [squeezed(page.extract_text()) for page in pdf("landscape").pages]
    assert {round(float(p.mediabox.width)) for p in pdf("landscape").pages} == {842}
    assert "示例市“三十工程”指挥部办公室" in pages[0]
    assert ["一、总体情况" in page for page in pages[:3]] == [False, True, False]
    assert "二、新建项目开工情况" in pages[2]


def test_the_leaders_page_stands_before_the_masthead_and_is_not_counted(tmp_path: Path) -> None:
    form = sample.table("tbl-briefing", "领导摘要", ["栏", "内容"], ["判断", "总体可控"])
    shown = sample.display(bundle(form), label="tbl-briefing")
    path = sample.write(
        tmp_path,
        sample.cell(sample.prose("各责任单位：")),
        sample.cell(sample.prose("## 领导摘要 {-}"), shown),
        sample.cell(sample.prose("## 总体情况")),
    )
    choose("builtin").render(sample.document(path), "pdf", tmp_path / "a.pdf")
    first, second = (squeezed(page.extract_text()) for page in PdfReader(tmp_path / "a.pdf").pages)
    assert "总体可控" in first
    assert "—1—" not in first
    assert "各责任单位：" in second
    assert "—1—" in second


def test_a_plain_report_has_no_red_head() -> None:
    text = pdf("plain").pages[0].extract_text()
    assert text.index("通报") < text.index("指挥部办公室")


@pytest.mark.parametrize("text", ["𠀀与𪚥", "[𪚥]{.light-red} 𠀀"])
def test_characters_without_a_glyph_are_named(tmp_path: Path, text: str) -> None:
    path = sample.write(tmp_path, sample.cell(sample.prose(text)))
    with pytest.raises(RenderError) as caught:
        choose("builtin").render(sample.document(path), "pdf", tmp_path / "a.pdf")
    assert caught.value.key == "glyph_missing"
    assert caught.value.values == {"characters": "𠀀 (U+20000), 𪚥 (U+2A6A5)", "missing": "𠀀𪚥"}
    assert not (tmp_path / "a.pdf").exists()


@pytest.mark.parametrize("format", ["pdf", "docx", "pptx"])
def test_a_character_a_drawing_cannot_show_is_named(tmp_path: Path, format: Any) -> None:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 30">'
        '<text x="9" y="20" font-family="Noto Sans SC">𪚥</text></svg>'
    )
    shown = sample.drawing("fig-a", "图", "图", svg)
    path = sample.write(tmp_path, sample.cell(shown))
    with pytest.raises(RenderError) as caught:
        choose("builtin").render(sample.document(path), format, tmp_path / "a")
    assert caught.value.values == {"characters": "𪚥 (U+2A6A5)", "missing": "𪚥"}


def test_a_character_without_a_shape_of_its_own_is_named_by_its_number(tmp_path: Path) -> None:
    path = sample.write(tmp_path, sample.cell(sample.prose("甲\ue000乙")))
    with pytest.raises(RenderError) as caught:
        choose("builtin").render(sample.document(path), "pdf", tmp_path / "a.pdf")
    assert caught.value.values == {"characters": "\ue000 (U+E000)", "missing": "\ue000"}


def test_a_drawing_may_be_told_at_any_length(tmp_path: Path) -> None:
    shown = sample.figure("fig-a", "图", "长" * 30_000)
    path = sample.write(tmp_path, sample.cell(shown))
    choose("builtin").render(sample.document(path), "pdf", tmp_path / "a.pdf")
    assert "图" in PdfReader(tmp_path / "a.pdf").pages[0].extract_text()


def test_a_font_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = sample.write(tmp_path, sample.cell(sample.prose("文")))
    document = sample.document(path, fonts=Fonts(body="没有的字体"))
    with pytest.raises(RenderError) as caught:
        choose("builtin").render(document, "pdf", tmp_path / "a.pdf")
    assert caught.value.key == "font_missing"
    assert caught.value.values == {"family": "没有的字体"}


def test_word_has_real_headings_under_a_title() -> None:
    styles = {p.text: p.style.name for p in word().paragraphs}
    assert styles["关于 2024 年 6 月“三十工程”推进情况的通报"] == "Title"
    assert styles["一、总体情况"] == "Heading 1"
    assert styles["（一）里程碑完成情况"] == "Heading 2"
    assert styles["示例市“三十工程”指挥部办公室"] == "红头"
    assert styles["表1 分领域投资完成情况"] == "Table Caption"


def test_word_is_set_in_the_official_fonts_and_measures() -> None:
    document = word()
    styles, section = document.styles, document.sections[0]
    faces = {
        name: styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Body Text", "Heading 1", "Title")
    }
    assert faces == {"Body Text": "仿宋", "Heading 1": "黑体", "Title": "宋体"}
    assert styles["Body Text"].font.size.pt == 16
    assert styles["Body Text"].paragraph_format.line_spacing.pt == pytest.approx(28.95)
    margins = (section.top_margin, section.bottom_margin, section.left_margin, section.right_margin)
    assert [round(margin.mm) for margin in margins] == [37, 35, 28, 26]


def test_word_has_real_tables_whose_headings_repeat() -> None:
    first, second = word().tables
    assert [cell.text for cell in first.rows[3].cells] == [
        "示例甲材料产业园一期",
        "68.20",
        "35.01",
        "●\xa0正常",
    ]
    assert [cell.text for cell in first.rows[0].cells][1:3] == ["年度投资", "年度投资"]
    assert len(second.rows) == 31
    heads = [row._tr.trPr.find(qn("w:tblHeader")) is not None for row in second.rows]
    assert heads == [True] + [False] * 30


def test_word_turns_the_page_for_a_wide_table() -> None:
    sections = word().sections
    assert [s.orientation for s in sections] == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]
    assert sections[1].page_width.mm == pytest.approx(297, abs=0.1)


def test_word_keeps_a_lights_colour_in_a_style() -> None:
    runs = [run for p in word().paragraphs for run in p.runs if run.style.name == "灯-red"]
    assert "".join(run.text for run in runs) == "■\xa0滞后"


def test_word_numbers_its_pages_at_the_outer_edge() -> None:
    document = word()
    section = document.sections[0]
    assert document.settings.odd_and_even_pages_header_footer
    assert section.footer.paragraphs[0].alignment == 2
    assert section.even_page_footer.paragraphs[0].alignment == 0
    for footer in (section.footer, section.even_page_footer):
        assert footer.paragraphs[0]._p.find(qn("w:fldSimple")).get(qn("w:instr")) == "PAGE"
    assert section.header.paragraphs[0].text == "示例数据 · 非真实项目"


def test_word_describes_its_pictures() -> None:
    shape = word().inline_shapes[0]
    described = shape._inline.docPr.get("descr")
    assert described.startswith("柱状图：1 至 6 月累计实质性开工依次为")
    assert shape.width.mm <= 156


def test_word_says_everything_the_page_says(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(made("docx"))
    (tmp_path / "a.html").write_bytes(made("html"))
    page = text_of(tmp_path / "a.html").split("\n")
    doc = text_of(tmp_path / "a.docx").split("\n")
    start, end = page.index("一、总体情况"), page.index("30 个项目的进展见表2。")
    wanted = [squeezed(line) for line in page[start:end] if not line[0].isdigit()]
    assert [line for line in wanted if line not in {squeezed(one) for one in doc}] == []


def test_the_bytes_depend_on_nothing_but_the_notebook(tmp_path: Path) -> None:
    program = (
        "import sys, hashlib; from pathlib import Path; import render_sample as s\n"
        "from sanshi_report.render import choose\n"
        "here = Path(sys.argv[1]); path = Path(sys.argv[2])\n"
        "for f in ('html', 'pdf', 'docx', 'pptx'):\n"
        "    choose('builtin').render(s.document(path), f, here / f'a.{f}')\n"
        "    print(hashlib.sha256((here / f'a.{f}').read_bytes()).hexdigest())\n"
    )
    elsewhere = tmp_path / "别处 with space"
    elsewhere.mkdir()
    path = sample.write(elsewhere)
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    changed = {
        "TZ": "America/Los_Angeles",
        "LC_ALL": "C",
        "PYTHONHASHSEED": "4",
        "TMPDIR": str(temporary),
        "PYTHONPATH": str(Path(__file__).parent),
        "SOURCE_DATE_EPOCH": "1",
        "RAYON_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", program, str(elsewhere), str(path)],
        env=os.environ | changed,
        cwd=elsewhere,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    here = [sha256(made(format)).hexdigest() for format in ("html", "pdf", "docx", "pptx")]
    assert done.stdout.split() == here
    assert list(temporary.iterdir()) == []


def test_text_split_into_lines_is_the_same_text(tmp_path: Path) -> None:
    path = sample.write(tmp_path)
    spelt = json.loads(path.read_text(encoding="utf-8"))
    for cell in spelt["cells"]:
        for output in cell.get("outputs", ()):
            for kind, text in output.get("data", {}).items():
                # What is JSON stays JSON.
                spelt_out = text.splitlines(keepends=True) if isinstance(text, str) else text
                output["data"][kind] = spelt_out
    path.write_text(json.dumps(spelt), encoding="utf-8")
    choose("builtin").render(sample.document(path), "pdf", tmp_path / "a.pdf")
    assert (tmp_path / "a.pdf").read_bytes() == made("pdf")
