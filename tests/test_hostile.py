"""Texts that mean something to programs, from a submission through every form of a report."""

import csv
import io
import json
import re
import zipfile
from html.parser import HTMLParser

import docx
import pptx
import pypdf
import pytest
from hostile import TEXTS, hostile_workspace, receive_texts
from workspaces import make_workspace

from sanshi_report.blocks import Figure, Paragraph, Table, plain
from sanshi_report.build import build
from sanshi_report.errors import BuildError
from sanshi_report.publish import publish
from sanshi_report.render.outputs import outputs_of, read_notebook
from sanshi_report.template import make as template
from sanshi_report.workspace import Workspace

NAMES = """from sanshi_report.style import escape_markdown
names = "、".join(map(escape_markdown, facts.projects["name"]))
display({"text/markdown": "## 名称\\n\\n" + names}, raw=True)"""
DOCUMENTS = ["monthly_bulletin", "review_meeting", "project_profile-H05"]
SHOWN = [" ".join(text.split()) for text in TEXTS]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    workspace = hostile_workspace(tmp_path_factory.mktemp("hostile") / "ws")
    build(
        workspace,
        "2024-06",
        reports=["monthly_bulletin", "review_meeting", "project_profile"],
        projects=["H05"],
        renderer="builtin",
    )
    return workspace


@pytest.fixture(scope="module")
def release(workspace):
    return workspace.output / "2024-06"


class Page(HTMLParser):
    """What a browser makes of a page: its text, and its elements with their attributes."""

    def __init__(self, path):
        super().__init__()
        self.words, self.elements, self.scripts, self.drawn = [], [], [], []
        self.inside, self.is_drawing = None, False
        self.feed(path.read_text(encoding="utf-8"))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.inside = tag
        self.is_drawing |= tag == "svg"
        if tag not in ("a", "b", "code", "em", "span", "strong", "sub", "sup", "text", "tspan"):
            self.words.append(" ")

    def handle_endtag(self, tag):
        self.inside = None
        self.is_drawing &= tag != "svg"

    def handle_data(self, data):
        if self.inside == "script":
            self.scripts.append(data)
        elif self.inside != "style":
            (self.drawn if self.is_drawing else self.words).append(data)

    @property
    def text(self):
        """What stands in the page besides its drawings."""
        return " ".join("".join(self.words).split())


@pytest.fixture(scope="module")
def pages(release):
    return {name: Page(release / f"{name}.html") for name in DOCUMENTS}


def missing_in(text, shown=SHOWN):
    """Return the texts that a text does not have, spaces aside."""
    tight = "".join(text.split())
    return [one for one in shown if "".join(one.split()) not in tight]


def seen_in(page):
    return [one for one in SHOWN if one in page.text]


def test_every_text_stands_in_the_bulletin_s_page(pages):
    assert missing_in(pages["monthly_bulletin"].text) == []


def test_the_other_pages_have_their_share(pages):
    assert len(seen_in(pages["review_meeting"])) >= 10
    assert len(seen_in(pages["project_profile-H05"])) >= 10


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_has_no_script_but_the_report_s_own(pages, name):
    page = pages[name]
    kinds = [values.get("type") for tag, values in page.elements if tag == "script"]
    if not kinds:  # a page without charts has none at all
        return
    assert kinds[-1] is None
    assert set(kinds[:-1]) == {"application/json"}
    for data in page.scripts[: len(kinds) - 1]:
        json.loads(data)
    assert page.scripts[-1].lstrip().startswith(("(", "import", "var", "const", "let", "/", "!"))
    handlers = [n for _, values in page.elements for n in values if n.startswith("on")]
    assert handlers == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_asks_no_other_host_and_leads_to_none(pages, name):
    tags = {tag for tag, _ in pages[name].elements}
    assert not tags & {"img", "iframe", "object", "embed", "link", "base", "form", "input", "video"}
    for _, values in pages[name].elements:
        for attribute in ("href", "src", "xlink:href", "action", "srcset", "style"):
            value = values.get(attribute) or ""
            assert (
                not value
                or value.startswith(("#", "data:text/csv;base64,"))
                or attribute == "style"
            ), value
            assert "//" not in value, value
            assert "javascript" not in value


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_page_s_places_have_one_name_each(pages, name):
    ids = [values["id"] for _, values in pages[name].elements if "id" in values]
    assert len(set(ids)) == len(ids)
    leads = {v["href"][1:] for t, v in pages[name].elements if t == "a" and v["href"][:1] == "#"}
    assert leads - set(ids) == set()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_published_notebook_reads_as_it_was_written(release, pages, name):
    outputs = outputs_of(read_notebook(release / f"{name}.ipynb"))
    kinds = {type(one) for one in outputs}
    assert kinds == {Paragraph, Figure, Table}
    tables = " ".join(
        plain(cell.text)
        for one in outputs
        if isinstance(one, Table)
        for row in (*one.grid.head, *one.grid.body)
        for cell in row.cells
    )
    prose = "".join(plain(one.text) for one in outputs if isinstance(one, Paragraph))
    drawn = "".join(
        f"{plain(o.caption)} {plain(o.alt)} {' '.join(strings(o.spec))} "
        for o in outputs
        if isinstance(o, Figure)
    )
    assert missing_in(tables + prose + drawn, seen_in(pages[name])) == []
    assert "<script" not in json.dumps([o.svg for o in outputs if isinstance(o, Figure)])


def strings(value):
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [text for one in value for text in strings(one)]
    return [value] if isinstance(value, str) else []


def test_a_figure_s_data_has_the_names_as_they_are(release):
    outputs = outputs_of(read_notebook(release / "monthly_bulletin.ipynb"))
    drawn = {" ".join(s.split()) for o in outputs if isinstance(o, Figure)
             for s in strings(o.spec)}  # fmt: skip
    assert "</script><script>alert(1)</script>" in " ".join(drawn)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_pdf_has_the_text_and_nothing_to_run(release, pages, name):
    reader = pypdf.PdfReader(release / f"{name}.pdf")
    text = "".join(page.extract_text() for page in reader.pages)
    # What has no width is not on paper, and a hyphen before a digit is set as a minus.
    told = (text.replace("\N{MINUS SIGN}", "-"), *seen_in(pages[name]))
    text, *seen = (re.sub("[\u200b-\u200d\ufeff]", "", one) for one in told)
    assert missing_in(text, seen) == []
    for page in reader.pages:
        for link in page.get("/Annots", []):
            assert "/URI" not in link.get_object().get("/A", {})
    assert not {"/JavaScript", "/OpenAction", "/AA", "/EmbeddedFiles"} & {*reader.trailer["/Root"]}


def xml_of(path):
    with zipfile.ZipFile(path) as parts:
        return {
            n: parts.read(n).decode() for n in parts.namelist() if n.endswith((".xml", ".rels"))
        }


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_word_file_has_the_text_and_no_field_or_outside_link(release, pages, name):
    path = release / f"{name}.docx"
    body = docx.Document(str(path)).element.body
    text = "".join(node.text or "" for node in body.iter("{*}t"))
    text += "".join(node.get("descr") or "" for node in body.iter("{*}docPr"))
    assert missing_in(text, seen_in(pages[name])) == []
    parts = xml_of(path)
    assert not re.search(r'TargetMode="External"', "".join(parts.values()))
    fields = re.findall(r'instr="([^"]*)"|<w:instrText[^>]*>([^<]*)', "".join(parts.values()))
    assert {"".join(field).strip() for field in fields} == {"PAGE"}


def test_slides_have_the_text_and_no_outside_link(release, pages):
    path = release / "review_meeting.pptx"
    slides = pptx.Presentation(str(path)).slides
    tree = [node for slide in slides for node in slide.shapes._spTree.iter()]
    text = "".join(node.text or "" for node in tree if str(node.tag).endswith("}t"))
    text += "".join(node.get("descr") or "" for node in tree)
    assert missing_in(text, seen_in(pages["review_meeting"])) == []
    assert 'TargetMode="External"' not in "".join(xml_of(path).values())


def test_no_cell_of_a_table_is_a_formula(release):
    found = 0
    for path in release.rglob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))):
            for cell in row:
                is_number = re.fullmatch(r"-[\d.]+(E[+-]?\d+)?", cell)
                assert is_number or cell[:1] not in ("=", "+", "-", "@", "\t", "\r"), path
                found += cell.startswith("'=cmd|' /C calc'!A0")
    assert found > 10


def test_a_table_has_the_texts_as_they_came(release):
    with (release / "ledger/projects.csv").open(encoding="utf-8", newline="") as file:
        names = {row["name"].removeprefix("'") for row in csv.DictReader(file)}
    assert [text for text in SHOWN if text not in {" ".join(name.split()) for name in names}] == []


def test_the_indicators_are_whole(release):
    scopes = {row["scope_value"] for row in json.loads((release / "kpis.json").read_text())}
    assert {"H05", "工业"} <= scopes


def test_no_template_has_a_formula_of_a_sender_s_making(workspace):
    made = template(workspace, "2024-07")
    with zipfile.ZipFile(made.path) as parts:
        text = {
            n: parts.read(n).decode() for n in parts.namelist() if n.endswith((".xml", ".rels"))
        }
    assert "=cmd|" in text["xl/sharedStrings.xml"]
    formulas = re.findall(r"<(?:f|formula1)>([^<]*)<", "".join(text.values()))
    assert formulas
    assert [one for one in formulas if re.search(r"cmd|SUM\(A1|http|etc", one)] == []
    assert "External" not in "".join(text.values())


def test_a_character_that_no_font_has_is_told_with_its_cells(tmp_path):
    workspace = Workspace(make_workspace(tmp_path / "ws", NAMES))
    receive_texts(workspace, ["示例项目", "示例😀", "示例𠮷[]-^"], ["projects"])
    with pytest.raises(BuildError) as caught:
        build(workspace, "2024-06", renderer="builtin", formats=["html", "pdf"])
    told = str(caught.value)
    assert "😀 (U+1F600), 𠮷 (U+20BB7)" in told
    assert "data/raw/2024-06/hostile.xlsx#项目台账!3 项目名称" in told
    assert "!2 项目名称" not in told
    assert not (workspace.output / "2024-06").exists()


@pytest.mark.parametrize("name", ["index.html", "index.en.html"])
def test_the_site_shows_the_subject_and_leads_nowhere_else(workspace, name):
    page = Page(publish(workspace).folder / name)
    assert seen_in(page)
    sources = [values.get("src") or "assets/" for tag, values in page.elements if tag == "script"]
    assert all(source.startswith("assets/") for source in sources)
    for tag, values in page.elements:
        assert "//" not in (values.get("href") or ""), (tag, values)
