"""What can be typed is documented, and what is documented can be typed."""

import importlib.util
import re
from pathlib import Path

import pytest
import yaml

from sanshi_report.ledger import corrections
from sanshi_report.metrics import suspicion
from sanshi_report.schemas import TABLES
from sanshi_report.workspace.programme import Suspicions

PROJECT = Path(__file__).resolve().parent.parent
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
READMES = ("README.md", "README.zh-CN.md")
PAGES = sorted(page.relative_to(PROJECT).as_posix() for page in (PROJECT / "docs").glob("*.md"))


def read(name):
    return (PROJECT / name).read_text(encoding="utf-8")


def code_in(name):
    """Return all code of a Markdown file: its spans and its blocks."""
    return "\n".join(re.findall(r"```.*?```|`[^`]+`", read(name), re.DOTALL))


def targets():
    return set(re.findall(r"^([a-z]+):.*##", MAKEFILE, re.MULTILINE))


def settings():
    return set(re.search(r"^SETTINGS := (.*)$", MAKEFILE, re.MULTILINE).group(1).split())


@pytest.fixture(scope="module")
def arguments():
    """Every argument of every `sanshi` command, as {command: [argument, …]}."""
    from sanshi_report.cli import app

    names = [name for name in app if not name.startswith("-")]
    return {name: list(app[name].assemble_argument_collection()) for name in names}


@pytest.mark.parametrize("readme", READMES)
def test_every_make_target_is_documented_and_no_other(readme):
    documented = set(re.findall(r"\bmake ([a-z]+)", code_in(readme)))
    assert documented == targets()


def test_every_setting_of_make_is_documented_and_no_other():
    rows = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", read("README.md"), re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    assert documented == settings() | {"PYTHON"}


@pytest.mark.parametrize("readme", READMES)
def test_examples_use_only_settings_there_are(readme):
    used = set(re.findall(r"(?<![\w_])([A-Z_]+)=", code_in(readme)))
    assert used <= settings() | {"PYTHON", "SANSHI_QUARTO"}


def test_help_shows_every_setting():
    shown = "\n".join(re.findall(r"^#:(.*)$", MAKEFILE, re.MULTILINE))
    assert settings() <= set(re.findall(r"([A-Z_]+)=", shown))


def test_every_command_is_documented_and_no_other(arguments):
    documented = set(re.findall(r"\bsanshi ([a-z]+)", code_in("README.md")))
    assert documented == set(arguments)


def test_every_option_is_documented_and_no_other(arguments):
    there_are = {
        name
        for collection in arguments.values()
        for argument in collection
        for name in argument.names
        if name.startswith("--")
    }
    documented = set(re.findall(r"(?<![\w-])--[a-z-]+", code_in("README.md")))
    assert documented == there_are - {"--help", "--version"}


def test_every_setting_of_make_is_read_by_the_program(arguments):
    read_from = {
        variable
        for collection in arguments.values()
        for argument in collection
        for variable in argument.parameter.env_var
    }
    assert {f"SANSHI_{name}" for name in settings()} <= read_from


def test_every_command_of_the_makefile_exists(arguments):
    assert set(re.findall(r"^\t@\$\(SANSHI\) (\w+)$", MAKEFILE, re.MULTILINE)) <= set(arguments)


@pytest.mark.parametrize("readme", READMES)
def test_every_report_is_in_the_table_and_no_other(readme):
    rows = re.findall(r"^\| `([a-z_]+)` \| [^`|]+ \|", read(readme), re.MULTILINE)
    listed = yaml.safe_load(read("parameters/2024.yaml"))["reports"]
    assert sorted(rows) == sorted(report["name"] for report in listed)


@pytest.mark.parametrize("readme", READMES)
def test_every_section_that_the_readme_points_to_is_printed(readme):
    folder = PROJECT / "src/sanshi_report/catalogue"
    texts = [f.read_text(encoding="utf-8") for f in folder.glob("*.yaml")]
    headings = re.findall(r"zh: .?##+ [^、）]*[、）](?:\{month\})?([^\n\"]+)", "\n".join(texts))
    named = re.findall(r"「([^」]+)」", read(readme))
    assert len(named) > 30
    assert sorted(set(named) - set(headings)) == []


@pytest.mark.parametrize("name", [*READMES, "CONTRIBUTING.md", "CHANGELOG.md", *PAGES])
def test_links_between_documents_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#:]+)\)", read(name))
    assert [link for link in links if not (PROJECT / name).parent.joinpath(link).exists()] == []


def test_every_test_that_a_page_names_exists_and_both_languages_name_the_same():
    pages = ("docs/collecting.md", "docs/collecting.zh-CN.md")
    english, chinese = (re.findall(r"`(\w+\.py)::(\w+)`", read(page)) for page in pages)
    assert english == chinese
    assert len(english) > 40
    lost = [
        f"{file}::{name}"
        for file, name in english
        if not re.search(rf"^def {name}\(", read(f"tests/{file}"), re.MULTILINE)
    ]
    assert lost == []


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_data_dictionary_is_what_the_schemas_say(language):
    spec = importlib.util.spec_from_file_location("dictionary", PROJECT / "tools/dictionary.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    written = (tool.DOCS / tool.PAGES[language]).read_text(encoding="utf-8")
    assert written == tool.page(language), "run tools/dictionary.py"
    for table, schema in TABLES.items():
        assert all(f"| `{name}` |" in written for name in schema.columns), table


@pytest.mark.parametrize("name", ["docs/data.md", "docs/data.zh-CN.md"])
def test_every_key_of_a_correction_and_every_suspicion_is_documented_and_no_other(name):
    text = read(name)
    keys = re.search(
        r"corrections\.yaml\D.*?(?=```yaml)", text[text.index("## corrections") :], re.DOTALL
    )[0]
    rows = re.findall(r"^\| `(\w+)` \| (\S+) \|", keys, re.MULTILINE)
    required = {key for key, needed in rows if needed in {"yes", "是"}}
    assert required == set(corrections._REQUIRED)
    assert {key for key, _ in rows} - required == set(corrections._OPTIONAL)
    example = yaml.safe_load(re.search(r"```yaml\n(.*?)```", text, re.DOTALL)[1])
    assert required <= set(example[0]) <= {key for key, _ in rows}
    rules = re.findall(r"^\| `(\w+)` \| [^`|]+ \| (?:`(\w+)` )?\|$", text, re.MULTILINE)
    assert [rule for rule, _ in rules] == list(suspicion.RULES)
    limits = {limit for _, limit in rules if limit}
    assert limits == set(Suspicions.model_fields)
