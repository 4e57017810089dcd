"""Which renderer is chosen, what Quarto is handed, and that both say the same."""

import json
import os
import re
import shutil
import stat
import sys
from pathlib import Path

import pytest
import render_sample as sample
from pypdf import PdfReader

from sanshi_report.errors import RenderError
from sanshi_report.render import FORMATS, QUARTO_ONLY, choose, text_of

REAL = shutil.which(os.environ.get("QUARTO_PATH") or "quarto")

FAKE = """#!{python}
import json, os, pathlib, sys
if sys.argv[1:] == ["--version"]:
    print({version!r})
    sys.exit()
here = pathlib.Path.cwd()
seen = dict(command=sys.argv[1:], files=sorted(f.name for f in here.iterdir()), folder=str(here))
seen["settings"] = json.loads((here / "_quarto.yml").read_text())
seen["report"] = (here / "report.qmd").read_text()
names = ("TYPST_FONT_PATHS", "TYPST_IGNORE_SYSTEM_FONTS", "SOURCE_DATE_EPOCH")
seen["environment"] = {{name: os.environ.get(name) for name in names}}
pathlib.Path({seen!r}).write_text(json.dumps(seen))
{act}
"""
WRITE = """to = sys.argv[sys.argv.index("--to") + 1]
ending = dict(typst="pdf", revealjs="html").get(to, to)
(here / f"report.{ending}").write_bytes(b"made by quarto")
(here / "left-over.log").write_text("x")"""


def fake(folder: Path, act: str = WRITE, version: str = "1.9.38") -> Path:
    script = folder / "bin" / "quarto"
    script.parent.mkdir()
    seen = str(folder / "seen.json")
    text = FAKE.format(python=sys.executable, seen=seen, act=act, version=version)
    script.write_text(text, encoding="utf-8")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return script


def test_without_quarto_the_builtin_renderer_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QUARTO_PATH", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    assert choose("auto").name == "builtin"
    assert choose("auto").version.startswith("pandoc 3.")
    with pytest.raises(RenderError) as caught:
        choose("quarto")
    assert caught.value.key == "quarto_missing"


def test_quarto_is_found_by_its_variable_and_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = fake(tmp_path)
    monkeypatch.setenv("QUARTO_PATH", str(script))
    assert (choose("auto").name, choose("auto").version) == ("quarto", "1.9.38")
    assert choose("builtin").name == "builtin"
    monkeypatch.delenv("QUARTO_PATH")
    monkeypatch.setenv("PATH", str(script.parent))
    assert choose("quarto").name == "quarto"


def test_a_quarto_too_old_to_archive_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path, version="1.8.27")))
    assert choose("auto").name == "builtin"
    with pytest.raises(RenderError) as caught:
        choose("quarto")
    assert caught.value.key == "quarto_old"
    assert caught.value.values == {"found": "1.8.27", "needed": "1.9"}


def test_quarto_works_in_a_private_project_and_only_its_result_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path)))
    target = tmp_path / "out" / "report.pdf"
    target.parent.mkdir()
    choose("quarto").render(sample.document(sample.write(tmp_path)), "pdf", target)
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert target.read_bytes() == b"made by quarto"
    assert [one.name for one in target.parent.iterdir()] == ["report.pdf"]
    assert not Path(seen["folder"]).exists()
    assert seen["command"] == ["render", "report.qmd", "--to", "typst", "--no-execute"]
    assert {"about.json", "fig-starts.svg", "layout.typ", "main.typ"} <= set(seen["files"])
    assert seen["settings"]["lang"] == "zh-CN"
    assert seen["settings"]["pdf-standard"] == "a-2b"
    assert seen["settings"]["execute"] == {"enabled": False}
    assert "pylopdf_fonts_zh_cn" in seen["environment"]["TYPST_FONT_PATHS"]
    assert seen["environment"]["TYPST_IGNORE_SYSTEM_FONTS"] == "true"
    assert seen["environment"]["SOURCE_DATE_EPOCH"] == "1720195199"


def test_no_name_in_the_ledger_can_speak_to_quarto(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path)))
    choose("quarto").render(
        sample.document(sample.write(tmp_path)), "html", tmp_path / "report.html"
    )
    report = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))["report"]
    inside = report.removeprefix("```{=pandoc-json}\n").removesuffix("\n```\n")
    assert not {"{{", "<", "`"} & {inside[at : at + n] for at in range(len(inside)) for n in (1, 2)}
    assert "{{&lt; env HOME &gt;}}" in json.dumps(json.loads(inside))


def test_slides_for_a_browser_are_one_file_that_may_ask_for_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = (
        WRITE
        + f"""
shutil = __import__("shutil")
shutil.copy("head.html", {str(tmp_path / "head.html")!r})"""
    )
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path, keep)))
    target = tmp_path / "report.slides.html"
    choose("quarto").render(sample.document(sample.write(tmp_path)), "revealjs", target)
    seen = json.loads((tmp_path / "seen.json").read_text(encoding="utf-8"))
    assert target.read_bytes() == b"made by quarto"
    assert seen["command"] == ["render", "report.qmd", "--to", "revealjs", "--no-execute"]
    options = seen["settings"]["format"]["revealjs"]
    wanted = {"embed-resources": True, "auto-stretch": False, "html-math-method": "plain"}
    assert wanted.items() <= options.items()
    policy = (tmp_path / "head.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in policy
    assert "http:" not in policy


def test_slides_for_a_browser_take_quarto(tmp_path: Path) -> None:
    target = tmp_path / "report.slides.html"
    with pytest.raises(RenderError) as caught:
        choose("builtin").render(sample.document(sample.write(tmp_path)), "revealjs", target)
    assert caught.value.key == "format_needs_quarto"
    assert "FORMATS=pptx" in str(caught.value)
    assert not target.exists()


@pytest.mark.parametrize(
    ("act", "key", "values"),
    [
        ("print('no such thing'); sys.exit(3)", "quarto_failed", {"status": 3}),
        ("pass", "quarto_failed", {"status": 0}),
        (
            "sys.exit('error: the text `\"𪚥\"` could not be displayed with font')",
            "glyph_missing",
            {"characters": "𪚥 (U+2A6A5)"},
        ),
    ],
)
def test_a_failure_of_quarto_is_told_and_leaves_the_former_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, act: str, key: str, values: dict
) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path, act)))
    target = tmp_path / "report.pdf"
    target.write_text("从前的", encoding="utf-8")
    with pytest.raises(RenderError) as caught:
        choose("quarto").render(sample.document(sample.write(tmp_path)), "pdf", target)
    assert caught.value.key == key
    assert values.items() <= caught.value.values.items()
    assert target.read_text(encoding="utf-8") == "从前的"


@pytest.mark.skipif(not REAL, reason="NO QUARTO HERE: its output was not compared; set QUARTO_PATH")
def test_both_renderers_say_the_same(tmp_path: Path) -> None:
    document = sample.document(sample.write(tmp_path))
    said = {}
    shared = [format for format in FORMATS if format not in QUARTO_ONLY]
    for name in ("builtin", "quarto"):
        for format in shared:
            target = tmp_path / f"{name}.{format}"
            choose(name).render(document, format, target)
            pages = PdfReader(target).pages if format == "pdf" else []
            said[name, format] = [p.extract_text() for p in pages] or text_of(target).split("\n")
    for format in shared:
        assert said["quarto", format] == said["builtin", format]
        again = tmp_path / f"again.{format}"
        choose("quarto").render(document, format, again)
        assert again.read_bytes() == (tmp_path / f"quarto.{format}").read_bytes()


@pytest.mark.skipif(
    not REAL, reason="NO QUARTO HERE: its slides were not looked at; set QUARTO_PATH"
)
def test_slides_for_a_browser_say_what_the_others_say(tmp_path: Path) -> None:
    document = sample.document(sample.write(tmp_path), layout="landscape")
    first, second = tmp_path / "a.slides.html", tmp_path / "b.slides.html"
    for target in (first, second):
        choose("quarto").render(document, "revealjs", target)
    assert first.read_bytes() == second.read_bytes()
    choose("builtin").render(document, "pptx", tmp_path / "a.pptx")
    said = "".join(text_of(first).split())
    lines = ["".join(line.split()) for line in text_of(tmp_path / "a.pptx").split("\n")]
    assert [line for line in lines if line not in said] == []
    page = first.read_text(encoding="utf-8")
    assert not re.findall(r"<(?:script|link|img|iframe)[^>]*(?:src|href)=.?(?:https?:)?//", page)
