"""What can be typed is documented, and what is documented can be typed."""

import importlib.util
import os
import re
from pathlib import Path

import pytest
import yaml
from test_architecture import RANKS

from sanshi_report import metrics
from sanshi_report.ledger import corrections, open_ledger
from sanshi_report.metrics import suspicion
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Workspace
from sanshi_report.workspace.programme import Suspicions

PROJECT = Path(__file__).resolve().parent.parent
MAKEFILE = (PROJECT / "Makefile").read_text(encoding="utf-8")
READMES = ("README.md", "README.zh-CN.md")
REFERENCES = ("docs/reference.md", "docs/zh/reference.md")
PAGES = sorted(
    page.relative_to(PROJECT).as_posix()
    for page in (PROJECT / "docs").rglob("*.md")
    if page.parent.name != "examples"  # words of a report, which no page links to
)
EVERY_PAGE = [*READMES, "CONTRIBUTING.md", "CHANGELOG.md", *PAGES]
MOST_LINES = 100


def read(name):
    return (PROJECT / name).read_text(encoding="utf-8")


def code_in(name):
    """Return all code of a Markdown file: its spans and its blocks."""
    return "\n".join(re.findall(r"```.*?```|`[^`]+`", read(name), re.DOTALL))


def targets():
    return set(re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE))


def settings():
    return set(re.search(r"^SETTINGS := (.*)$", MAKEFILE, re.MULTILINE).group(1).split())


@pytest.fixture(scope="module")
def arguments():
    """Every argument of every `sanshi` command, as {command: [argument, …]}."""
    from sanshi_report.cli import app

    names = [name for name in app if not name.startswith("-")]
    return {name: list(app[name].assemble_argument_collection()) for name in names}


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_is_two_screens_at_most(readme):
    assert len(read(readme).splitlines()) <= MOST_LINES


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_make_target_is_documented(reference):
    documented = set(re.findall(r"\bmake ([a-z][a-z-]+)", code_in(reference)))
    assert documented == targets()


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_no_page_names_a_make_target_there_is_not(name):
    assert set(re.findall(r"\bmake ([a-z][a-z-]+)", code_in(name))) <= targets()


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_setting_of_make_is_documented_and_no_other(reference):
    rows = re.findall(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", read(reference), re.MULTILINE)
    documented = {name for row in rows for name in re.findall(r"[A-Z_]+", row)}
    assert documented == settings() | {"PYTHON"}


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_examples_use_only_settings_there_are(name):
    used = set(re.findall(r"(?<![\w_])([A-Z_]+)=", code_in(name)))
    assert used <= settings() | {"PYTHON", "SANSHI_QUARTO", "PATH"}


def test_help_shows_every_setting():
    shown = "\n".join(re.findall(r"^#:(.*)$", MAKEFILE, re.MULTILINE))
    assert settings() <= set(re.findall(r"([A-Z_]+)=", shown))


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_command_is_documented_and_no_other(arguments, reference):
    documented = set(re.findall(r"\bsanshi ([a-z][a-z-]+)", code_in(reference)))
    assert documented == set(arguments)


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_no_page_names_a_command_there_is_not(arguments, name):
    assert set(re.findall(r"\bsanshi ([a-z][a-z-]+)", code_in(name))) <= set(arguments)


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_option_is_documented_and_no_other(arguments, reference):
    there_are = {
        name
        for collection in arguments.values()
        for argument in collection
        for name in argument.names
        if name.startswith("--")
    }
    documented = set(re.findall(r"(?<![\w-])--[a-z-]+", code_in(reference)))
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
    assert set(re.findall(r"^\t@\$\(SANSHI\) ([\w-]+)$", MAKEFILE, re.MULTILINE)) <= set(arguments)


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_report_is_in_the_table_and_no_other(reference):
    rows = re.findall(r"^\| `([a-z_]+)` \| [^`|]+ \|", read(reference), re.MULTILINE)
    listed = yaml.safe_load(read("parameters/2024.yaml"))["reports"]
    assert sorted(rows) == sorted(report["name"] for report in listed)


@pytest.mark.parametrize("reference", REFERENCES)
def test_every_section_that_the_reference_points_to_is_printed(reference):
    folder = PROJECT / "src/sanshi_report/catalogue"
    texts = [f.read_text(encoding="utf-8") for f in folder.glob("*.yaml")]
    headings = re.findall(r"zh: .?##+ [^、）]*[、）](?:\{month\})?([^\n\"]+)", "\n".join(texts))
    documents = (PROJECT / "src/sanshi_report/words").glob("*.zh.md")
    words = "\n".join(file.read_text(encoding="utf-8") for file in documents)
    headings += re.findall(
        r"^##+ (?:附[件表]　)?(?:{{[^}]*}})?([^\n{]+?)(?: {-})?$", words, re.MULTILINE
    )
    named = re.findall(r"「([^」]+)」", read(reference))
    assert len(named) > 30
    assert sorted(set(named) - set(headings)) == []


@pytest.mark.parametrize("page", ["docs/year.md", "docs/zh/year.md"])
def test_the_decisions_of_the_page_on_years_are_taken_in_as_it_says(page, tmp_path):
    blocks = [
        yaml.safe_load(one) for one in re.findall(r"```yaml\n(.*?)```", read(page), re.DOTALL)
    ]
    (tmp_path / "data/raw").mkdir(parents=True)
    folder = tmp_path / "parameters"
    folder.mkdir()
    for name in ("2024.yaml", "metrics.yaml"):
        content = yaml.safe_load(read(f"parameters/{name}"))
        for block in blocks:
            if "kpis" in block and "kpis" in content:
                content["kpis"] |= block["kpis"]
            elif "kpis" not in block and "kpis" not in content:
                content |= block
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (folder / name).write_text(text, encoding="utf-8")
    before, after = (Workspace(tmp_path).parameters(p) for p in ("2024-02", "2024-12"))
    counts = [p.programme.control_totals.projects.count for p in (before, after)]
    starts = [p.programme.milestones[2].starts for p in (before, after)]
    assert (counts, starts) == ([30, 29], [17, 16])
    assert before.programme.stored("incident_types").keys() == {"安全", "质量", "廉政", "其他"}
    assert after.programme.stored("incident_types").keys() == {"安全生产", "质量", "廉政", "环保"}
    assert after.programme.former("incident_types") == {"安全": "安全生产"}
    assert set(after.kpis) - set(before.kpis) == {"incidents.count"}


def links_in(name):
    """Return (page, anchor) of every link of a page into this repository, the page from its root."""
    prose = re.sub(r"```.*?```", "", read(name), flags=re.DOTALL)
    found = re.findall(r"(?<!!)\[[^\]]+\]\(([^)#:\s]*)(?:#([^)\s]+))?\)", prose)
    folder = (PROJECT / name).parent
    return [
        (os.path.relpath((folder / page).resolve() if page else PROJECT / name, PROJECT), anchor)
        for page, anchor in found
    ]


def anchors_of(name):
    """Return what the headings of a page are called in links, as GitHub has it."""
    prose = re.sub(r"^```.*?^```", "", read(name), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_links_between_documents_lead_somewhere(name):
    dead = [
        (page, anchor)
        for page, anchor in links_in(name)
        if not (PROJECT / page).exists() or (anchor and anchor not in anchors_of(page))
    ]
    assert dead == []


@pytest.mark.parametrize("readme", READMES)
def test_every_page_of_its_language_is_found_from_the_readme(readme):
    seen, coming = set(), [readme]
    other = READMES[1 - READMES.index(readme)]
    while coming:
        page = coming.pop()
        if page not in seen and page.endswith(".md") and page != other:
            seen.add(page)
            coming += [to for to, _ in links_in(page)]
    chinese = {page for page in PAGES if "zh" in page}
    own = chinese if "zh" in readme else set(PAGES) - chinese
    assert own - seen == set()


def test_contributing_has_every_module_in_the_order_of_its_rank():
    table = read("CONTRIBUTING.md").partition("## One way")[2].split("```")[1]
    ranks = [re.split(r"\s{2,}", line)[0].split() for line in table.strip().splitlines()]
    expected = {}
    for name, rank in RANKS.items():
        expected.setdefault(rank, set()).add(name)
    assert [set(names) for names in ranks] == [expected[rank] for rank in sorted(expected)]


def test_a_value_is_followed_from_cell_to_page_through_functions_there_are():
    text = read("CONTRIBUTING.md").partition("## One value, from cell to page")[2]
    steps = re.findall(r"(?m)^\d+\. ", text)
    assert 8 <= len(steps) < 12
    named = re.findall(r"`(\w+/\w+\.py)`\s+`(\w+)`", text)
    assert len(named) >= len(steps)
    lost = [
        f"{file} {name}"
        for file, name in named
        if not re.search(rf"(?m)^(def|class) {name}\b", read(f"src/sanshi_report/{file}"))
    ]
    assert lost == []


def test_the_value_that_is_followed_is_what_the_steps_say():
    parameters, ledger = open_ledger("2024-06")
    reported = ledger.progress.query("project_id == 'H08' and month == '2024-06'").iloc[0]
    assert reported["invested"] == 7_218_000_000
    assert reported["origin"] == "2024-06/基础设施领域.xlsx#月度进展!6"
    frame = metrics.investment.by_project(ledger, parameters).set_index("project_id").loc["H08"]
    assert (frame["annual_plan"], frame["invested_ytd"]) == (110_000_000_000, 41_800_000_000)
    assert (frame["completion_pct"], frame["light"]) == (38, "red")


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
