"""The words of reports: what a document may say, what keeps its address, and that both languages say the same."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from ledgers import ROOT, ledger, new, old, parameters
from saying import said as heard

import sanshi_report
from sanshi_report.blocks import Address, Paragraph, Run, as_markdown, plain, texts_in
from sanshi_report.catalogue import LANGUAGES
from sanshi_report.columns import keyed
from sanshi_report.report import Pages, Report
from sanshi_report.words import Rows, Voice, Words, WordsError, templates
from sanshi_report.words.choosing import FILTERS

DOCUMENTS = Path(sanshi_report.__file__).parent / "words"
REPORTS = sorted(path.name.removesuffix(".zh.md") for path in DOCUMENTS.glob("*.zh.md"))
every_report = pytest.mark.parametrize("name", [name for name in REPORTS if name != "shared"])

STARTS = pd.DataFrame(
    {
        "project_id": pd.array(["X1", "X2", "X3"], dtype="str"),
        "name": pd.array(["示例甲", "示例2号", "示例丙"], dtype="str"),
        "months_late": pd.array([2, pd.NA, 1], dtype="Int64"),
        "is_early": [False, True, False],
        "light": pd.array(["red", "green", None], dtype="str"),
    }
)


def starts() -> Rows:
    return Rows(keyed(STARTS, "project_id", name="starts.register"))


def words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, language: Any = "zh"
) -> Words:
    folder = tmp_path / "words"
    folder.mkdir(exist_ok=True)
    block = f"{{% block a %}}\n{said}\n{{% endblock %}}"
    (folder / f"trial.{language}.md").write_text(block, "utf-8")
    (folder / f"shared.{language}.md").write_text("", "utf-8")
    monkeypatch.setattr(templates, "_FOLDER", folder)
    return Words("trial", Voice(parameters(), language), {})


@pytest.fixture
def said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    def say(text: str, language: Any = "zh") -> list[Paragraph]:
        return words(tmp_path, monkeypatch, text, language).block("a", rows=starts())

    return say


def test_a_value_keeps_where_it_is_from(said: Any) -> None:
    (one,) = said("逾期{{ rows['X1'].months_late }}个月。")
    assert one.text == (
        Run("逾期"), Run("2", Address("starts.register", "X1", "months_late")), Run("个月。"),
    )  # fmt: skip


def test_a_number_of_rows_says_of_which(said: Any) -> None:
    (one,) = said("{{ rows | unless('is_early') | count }}个")
    assert one.text[0] == Run("2", Address("starts.register", "is_early!=True", "#"))


def test_a_sum_leaves_out_what_is_missing_and_says_of_which_rows(said: Any) -> None:
    (one,) = said("{{ rows | unless('light', 'green') | total('months_late') }}个月")
    assert one.text[0] == Run("3", Address("starts.register", "light!=green", "sum(months_late)"))


@pytest.mark.parametrize(
    ("number", "named"), [(1, "甲、乙"), (2, "甲、乙"), (3, "甲、乙、丙"), (9, "甲、乙、丙")]
)
def test_whoever_has_as_many_as_the_last_named_is_named_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, named: str
) -> None:
    frame = pd.DataFrame(
        {"name": list("丙甲丁乙戊"), "gaps": pd.array([1, 4, 0, 4, None], dtype="Int64")}
    )
    rows = Rows(keyed(frame.astype({"name": "str"}), "name", name="submissions.by_unit"))
    saying = (
        f"{{% call(row) listed(rows | most('gaps', {number})) %}}{{{{ row.name }}}}{{% endcall %}}"
    )
    (one,) = words(tmp_path, monkeypatch, saying).block("a", rows=rows)
    assert plain(one.text) == named


def test_a_percentage_is_said_as_it_was_reported_where_the_words_ask_for_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = pd.DataFrame({"physical_pct": pd.array([33.3], dtype="Float64")})
    rows = Rows(keyed(frame, name="profile.life"))
    saying = "{{ rows.physical_pct | plain }}，{{ rows.physical_pct }}"
    (one,) = words(tmp_path, monkeypatch, saying).block("a", rows=rows)
    assert plain(one.text) == "33.3%，33.30%"


@pytest.mark.parametrize(("language", "told"), [("zh", "0.024亿元"), ("en", "0.002 billion yuan")])
def test_an_average_is_said_finer_than_money(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: Any, told: str
) -> None:
    rows = Rows(
        keyed(pd.DataFrame({"mean_absolute": [Decimal("0.0239")]}), name="quality.mean_absolute")
    )
    (one,) = words(tmp_path, monkeypatch, "{{ rows.mean_absolute }}", language).block(
        "a", rows=rows
    )
    assert plain(one.text) == told


def test_an_empty_line_parts_paragraphs_and_other_lines_are_layout(said: Any) -> None:
    paragraphs = said("### 开工\n一，\n  二。\n\n\n三。")
    assert [(plain(one.text), one.level) for one in paragraphs] == [
        ("开工", 3),
        ("一，二。", 0),
        ("三。", 0),
    ]


def test_english_lines_join_with_one_space_and_none_before_a_comma(said: Any) -> None:
    (one,) = said("a\nb\n  {% if true %} c{% endif %}\n, d .", "en")
    assert plain(one.text) == "a b c, d."


def test_items_are_numbered_in_their_order(said: Any) -> None:
    paragraphs = said("#. 一\n{% if false %}\n#. 二\n{% endif %}\n#. 三")
    assert [(plain(one.text), one.number) for one in paragraphs] == [("一", 1), ("三", 2)]


def test_strong_words_stay_strong_over_a_value(said: Any) -> None:
    (one,) = said("**{{ rows['X1'].name }}逾期**，")
    assert [(run.text, run.strong) for run in one.text] == [
        ("示例甲", True),
        ("逾期", True),
        ("，", False),
    ]
    assert as_markdown([one]) == "**示例甲逾期**，"


def test_a_name_is_never_read_as_markup(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = STARTS.assign(name=pd.array(["# *甲*", "{{ 7 }}", "</script>"], dtype="str"))
    rows = Rows(keyed(frame, "project_id", name="starts.register"))
    document = words(
        tmp_path, monkeypatch, "{% call(row) listed(rows) %}{{ row.name }}{% endcall %}"
    )
    (one,) = document.block("a", rows=rows)
    assert one.level == 0
    assert [run.text for run in one.text] == ["# *甲*", "、", "{{ 7 }}", "、", "</script>"]


@pytest.mark.parametrize(
    "text",
    [
        "9个",
        "{# 9 #}9",
        "{{ 9 }}",
        "{{ '9' }}",
        "{{ rows | length }}",
        "{{ 4 + 5 }}",
        "{{ rows['X1'].months_late ~ '' }}",
        "{{ rows['X1'].months_late | string }}",
        "{{ rows['X1'].months_late | join }}",
        "{{ '%s' % rows['X1'].months_late }}",
        "{{ '{}'.format(rows['X1'].months_late) }}",
        "{{ rows['X1'].months_late.raw }}",
        "{{ rows['X1'].months_late | int }}",
        "{{ rows['X1'].months_late | abs }}",
        "{{ rows['X1'].months_late | round }}",
        "{{ [rows['X1'].months_late] | sum }}",
        "{{ rows.keys | length }}",
        "{{ loop }}",
        "{% for row in rows %}{{ loop.index }}{% endfor %}",
        "{{ rows[:2] | count }}",
        "{{ range(9) | list }}",
        "{{ dict(a=9) }}",
        "{{ rows }}",
        "{{ rows['X2'].months_late < 3 }}",
        "{{ unknown }}",
    ],
)
def test_a_number_without_an_address_cannot_be_said(said: Any, text: str) -> None:
    with pytest.raises((WordsError, ValueError), match=r"words/trial.zh.md:2"):
        said(text)


def test_what_a_metric_did_not_return_cannot_be_spoken_of() -> None:
    report = Report(
        ledger(projects=[new("X1", "2024-05-01")]), parameters(), "zh", "monthly_bulletin"
    )
    register = report.metrics.starts.register()
    with pytest.raises(LookupError, match="not what a metric of this report returned"):
        report.say("nodes", overdue=register[register["is_early"]], due_next=register)


def test_a_metric_is_worked_out_once_and_each_caller_may_change_its_own() -> None:
    report = Report(ledger(projects=[new("X1", "2024-05-01")]), parameters())
    first = report.metrics.starts.register()
    first["name"] = "changed"
    assert report.metrics.starts.register()["name"].to_list() == ["示例X1"]
    assert report.metrics.starts.register().attrs["frame"] == "starts.register"


def test_a_frame_made_from_another_says_from_which() -> None:
    report = Report(ledger(projects=[old("H1", "12")]), parameters())
    workload = report.metrics.workload
    listed = report.metrics.tasks.due_next()
    items = workload.without_meetings(listed)
    names = [workload.volume(some, "owner").attrs["frame"] for some in (listed, items)]
    assert names == [
        "workload.volume.due_next.owner",
        "workload.volume.without_meetings.due_next.owner",
    ]


def test_pages_stand_row_by_row_without_what_says_nothing() -> None:
    facts = ledger(projects=[old("H1", "12"), old("H2", "24")])
    report = Report(facts, parameters(), "zh", "review_meeting")
    red, due = report.metrics.review.red(), report.metrics.review.due()
    assert red["project_id"].to_list() == ["H1", "H2"]
    pages = report.pages(red, ["甲", "乙"], "nothing_due", [None, "丙"], due=due)
    nothing = "下月任务清单中没有该项目待办的问题和交办事项。"
    assert [str(page) for page in pages] == ["甲", nothing, "乙", nothing, "丙"]
    last = report.pages(red.tail(1), ["丁"], "no_red", red=red)
    assert [str(page) for page in last] == ["丁"]


def test_pages_are_shown_one_after_another(capsys: pytest.CaptureFixture[str]) -> None:
    Pages(("甲", "乙"))._ipython_display_()
    assert capsys.readouterr().out.split() == ["甲", "乙"]


def test_the_month_of_another_year_is_said_with_its_year() -> None:
    def month(period: str) -> str:
        report = Report(ledger(period), parameters(period), "zh", "task_list")
        return plain(report.say("owners").blocks[0].text)

    assert month("2024-11") == "12月任务清单（按责任主体）"
    assert month("2024-12") == "2025年1月任务清单（按责任主体）"


def test_frames_by_scope_have_names_of_their_own() -> None:
    report = Report(ledger(projects=[old("H1", "12")]), parameters())
    assert (
        report.metrics.investment.by_group("sector").attrs["frame"] == "investment.by_group.sector"
    )
    assert report.metrics.investment.total().attrs["frame"] == "investment.by_group"


def test_a_report_tells_what_can_be_asked() -> None:
    report = Report(ledger(), parameters(), "zh", "monthly_bulletin")
    assert (
        repr(report) == "<Report monthly_bulletin 2024年6月: .metrics .say() .ledger .parameters>"
    )
    assert "starts" in dir(report.metrics)
    assert {"register", "counts"} <= set(dir(report.metrics.starts))


@every_report
def test_both_languages_have_the_same_blocks_in_the_same_order(name: str) -> None:
    blocks = [re.findall(r"{% block (\w+) %}", text(name, language)) for language in LANGUAGES]
    assert blocks[0] == blocks[1]
    assert len(set(blocks[0])) == len(blocks[0])


@every_report
def test_every_block_is_said_by_a_notebook(name: str) -> None:
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    code = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    blocks = re.findall(r"{% block (\w+) %}", text(name, "zh"))
    assert [
        block
        for block in blocks
        if not re.search(rf'["._]{re.sub("^(fig|tbl)_", "", block)}"', code)
    ] == []


def test_every_shared_macro_and_filter_is_used() -> None:
    documents = "\n".join(text(name, "zh") for name in REPORTS)
    macros = re.findall(r"{% macro (\w+)\(", text("shared", "zh"))
    assert macros == re.findall(r"{% macro (\w+)\(", text("shared", "en"))
    assert [macro for macro in macros if len(re.findall(rf"\b{macro}\(", documents)) < 2] == []
    assert [name for name in FILTERS if not re.search(rf"\| {name}\b", documents)] == []


@pytest.mark.parametrize("period", ["2024-01", "2024-06"])
def test_both_languages_state_the_same_addresses(period: str) -> None:
    stated = [addresses(period, language) for language in LANGUAGES]
    assert stated[0] == stated[1]
    assert len(stated[0]) > 100


def addresses(period: str, language: Any) -> set[tuple[str, Address]]:
    """Every address that the bulletin states, by block."""
    report = sanshi_report.open("monthly_bulletin", period, None, language)
    found: set[tuple[str, Address]] = set()
    for block in re.findall(r"{% block (\w+) %}", text("monthly_bulletin", "zh")):
        shown = heard(report, block)
        is_one = block.startswith(("fig_", "tbl_"))
        blocks = ([shown.block] if shown else []) if is_one else shown.blocks
        runs = [run for one in blocks for said in texts_in(one) for run in said]
        found.update((block, run.at) for run in runs if run.at)
    return found


def text(name: str, language: str) -> str:
    return (DOCUMENTS / f"{name}.{language}.md").read_text(encoding="utf-8")
