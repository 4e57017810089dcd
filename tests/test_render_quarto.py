"""Which renderer is chosen, what Quarto is handed, and that both say the same."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import render_sample as sample
import yaml
from pypdf import PdfReader

from sanshi_report.errors import RenderError
from sanshi_report.render import FORMATS, QUARTO_ONLY, choose, quarto, text_of, tried

PROJECT = Path(__file__).resolve().parent.parent
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
    assert caught.value.values["found"] == "1.8.27"
    assert caught.value.values["needed"] == "1.9"


BROKEN = "#!/bin/sh\necho 'deno: cannot execute binary file' >&2\nexit 126\n"


def script(folder: Path, text: str) -> Path:
    """Return a `quarto` that is a shell script."""
    path = folder / "quarto"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (BROKEN, "deno: cannot execute binary file"),
        ("#!/bin/sh\necho 1.8.27\n", "Quarto 1.8.27 < 1.9"),
        ("#!/nowhere/sh\n", "No such file or directory"),
        ("#!/bin/sh\nkill -9 $$\n", "SIGKILL"),
        ("#!/bin/sh\nexit 0\n", "--version: ''"),
        ("#!/bin/sh\necho not quarto\n", "--version: 'not quarto'"),
        (None, "not found"),
    ],
)
def test_auto_says_once_why_quarto_will_not_do_and_takes_the_builtin_renderer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, reason: str
) -> None:
    path = script(tmp_path, text) if text else tmp_path / "missing"
    monkeypatch.setenv("QUARTO_PATH", str(path))
    notes: list[RenderError] = []
    assert choose("auto", notes.append).name == "builtin"
    assert len(notes) == 1
    assert reason in notes[0].values["reason"]
    with pytest.raises(RenderError):
        choose("quarto")


def test_a_program_that_is_no_quarto_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(script(tmp_path, BROKEN)))
    with pytest.raises(RenderError) as caught:
        choose("quarto")
    assert str(caught.value).splitlines()[1] == (
        f"{tmp_path}/quarto does not run as Quarto: deno: cannot execute binary file. "
        "Install Quarto anew, or use RENDERER=builtin."
    )


def test_a_quarto_that_takes_too_long_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path, "import time; time.sleep(60)")))
    found = choose("quarto")
    document = sample.document(sample.write(tmp_path))
    monkeypatch.setattr(quarto, "_SECONDS", 1)
    with pytest.raises(RenderError, match="had not made the pdf after 1 seconds"):
        found.render(document, "pdf", tmp_path / "report.pdf")


def test_a_quarto_path_that_leads_nowhere_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(tmp_path / "missing"))
    with pytest.raises(RenderError, match="missing, which is not there or cannot be run"):
        choose("quarto")


def test_a_quarto_that_cannot_set_a_line_is_found_out_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path, "sys.exit('ERROR: no typst')")))
    found, notes = choose("auto"), []
    assert found.name == "quarto"
    assert tried(found, "auto", notes.append).name == "builtin"
    assert [note.values["reason"] for note in notes] == ["no typst"]
    with pytest.raises(RenderError, match="no typst"):
        tried(found, "quarto")


def test_a_quarto_that_works_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path)))
    found = choose("auto")
    assert tried(found, "auto") is found
    builtin = choose("builtin")
    assert tried(builtin, "auto") is builtin


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
        ("print('no such thing'); sys.exit(3)", "quarto_failed", {"reason": "no such thing"}),
        ("sys.exit(3)", "quarto_failed", {"reason": "status 3"}),
        ("pass", "quarto_failed", {"reason": "status 0"}),
        ("os.kill(os.getpid(), 9)", "quarto_killed", {"reason": "SIGKILL"}),
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


def test_quarto_s_own_error_is_shown_once_in_each_language_without_the_transcript(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = (
        "print('pandoc --to html'); "
        "sys.exit('\\x1b[1m\\x1b[31mERROR: \\nThe file main.typ is wrong.\\x1b[39m\\n"
        "  at line 3\\n\\nStack trace:')"
    )
    monkeypatch.setenv("QUARTO_PATH", str(fake(tmp_path, told)))
    with pytest.raises(RenderError) as caught:
        choose("quarto").render(
            sample.document(sample.write(tmp_path)), "pdf", tmp_path / "report.pdf"
        )
    assert str(caught.value).splitlines() == [
        "Quarto 没有生成 pdf：The file main.typ is wrong. at line 3。请排除这个原因，或改用 RENDERER=builtin。",
        "Quarto did not make the pdf: The file main.typ is wrong. at line 3. Mend that, or use RENDERER=builtin.",
    ]


def test_quarto_is_asked_for_no_colour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUARTO_PATH", str(script(tmp_path, "#!/bin/sh\necho 1.9.$NO_COLOR\n")))
    assert choose("quarto").version == "1.9.1"


# What Quarto does for an author who renders a notebook: it finds `_quarto.yml` above it, and runs the
# filters that it names in the notebook's folder, as src/core/jupyter/jupyter-filters.ts has it.
AUTHOR = """#!{python}
import json, pathlib, subprocess, sys, yaml
notebook = pathlib.Path(sys.argv[2])
project = next(f for f in notebook.resolve().parents if (f / "_quarto.yml").is_file())
settings = yaml.safe_load((project / "_quarto.yml").read_text(encoding="utf-8"))
content = notebook.read_text(encoding="utf-8")
for script in settings["ipynb-filters"]:
    content = subprocess.run([sys.executable, script], cwd=notebook.parent, input=content,
                             check=True, capture_output=True, encoding="utf-8").stdout
out = project / settings["project"]["output-dir"] / notebook.name
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(content, encoding="utf-8")
"""


def test_an_author_s_own_quarto_gets_what_the_report_prints_outside_notebooks(
    tmp_path: Path,
) -> None:
    for name in ("_quarto.yml", "tools/quarto_page.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    (tmp_path / "notebooks").mkdir()
    notebook = sample.write(tmp_path / "notebooks")
    run = json.loads(notebook.read_text(encoding="utf-8"))
    title = {"cell_type": "markdown", "id": "title", "metadata": {}, "source": "# 通报\n\n说明。"}
    question = {"cell_type": "markdown", "id": "ask", "metadata": {}, "source": "## 卷首\n\n何时？"}
    notebook.write_text(json.dumps(run | {"cells": [title, question, *run["cells"]]}))
    before = notebook.read_bytes()
    author = script(tmp_path, AUTHOR.format(python=sys.executable))
    command = [author, "render", notebook, "--execute", "-P", "period:2024-06"]
    subprocess.run(command, check=True, cwd=tmp_path)
    assert notebook.read_bytes() == before
    made = json.loads((tmp_path / "output/quarto" / notebook.name).read_text(encoding="utf-8"))
    first, *cells = made["cells"]
    assert first["source"] == ["# 通报"]
    assert {cell["cell_type"] for cell in cells} == {"code"}
    assert all(line.startswith("#| ") for cell in cells for line in cell["source"])
    kinds = [list(output["data"]) for cell in cells for output in cell["outputs"]]
    assert {kind for found in kinds for kind in found} == {"text/markdown", "image/svg+xml"}
    said = ["".join(lines) for c in cells for o in c["outputs"] for lines in o["data"].values()]
    assert any(text.startswith("```{=html}\n<table") for text in said)
    assert not any("vega-spec" in text for text in said)


def test_an_author_s_pages_ask_no_other_host_and_are_not_tracked() -> None:
    settings = yaml.safe_load((PROJECT / "_quarto.yml").read_text(encoding="utf-8"))
    assert settings["project"]["output-dir"].startswith("output/")
    assert settings["lang"] == "zh-CN"
    assert settings["echo"] is False
    assert settings["format"]["html"]["embed-resources"] is True
    assert settings["format"]["html"]["html-math-method"] == "plain"
    assert "output/*" in (PROJECT / ".gitignore").read_text(encoding="utf-8").splitlines()


def test_a_notebook_that_was_not_run_gives_an_author_its_title() -> None:
    done = subprocess.run(
        [sys.executable, PROJECT / "tools/quarto_page.py"],
        input=(PROJECT / "notebooks/monthly_bulletin.ipynb").read_bytes(),
        capture_output=True,
        check=True,
    )
    (title,) = json.loads(done.stdout)["cells"]
    assert title["source"] == ["# 三十工程推进情况通报"]


def is_running(pid: int) -> bool:
    """Say whether a process is there and more than an entry that nobody has read."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] not in "ZX"


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes under /proc")
def test_a_quarto_that_hangs_is_ended_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As the real one does, the script starts another program and waits for it.
    hangs = f"#!/bin/sh\nsleep 300 &\necho $! > {tmp_path}/pid\nwait\n"
    monkeypatch.setenv("QUARTO_PATH", str(script(tmp_path, hangs)))
    monkeypatch.setattr(quarto, "_SECONDS", 1)
    begun = time.monotonic()
    with pytest.raises(RenderError) as caught:
        choose("quarto")
    assert time.monotonic() - begun < 20
    assert caught.value.key == "quarto_broken"
    assert caught.value.values["reason"] == "> 1 s"
    assert "RENDERER=builtin" in str(caught.value)
    pid = int((tmp_path / "pid").read_text(encoding="utf-8"))
    until = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(pid)


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
