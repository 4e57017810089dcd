"""From each number of a report's prose to its place, and from there to the ledger; re-derived here by other means."""

import csv
import re
import shutil
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from html import unescape

import pytest
import yaml
from builds import Copier
from workspaces import PROJECT

from sanshi_report.build import build, release
from sanshi_report.build.differences import row_names
from sanshi_report.render.outputs import Prose, outputs_of, read_notebook
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Workspace

PERIODS = ("2024-06", "2024-12")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    """Every report there is, made of the sample data of June or December; nothing is typeset."""
    root = tmp_path_factory.mktemp("sources") / "ws"
    for name in ("data/raw", "parameters", "notebooks"):
        shutil.copytree(PROJECT / name, root / name)
    for name in ("output", "data/processed"):
        (root / name).mkdir()
    made = Workspace(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(release, "choose", lambda *_: Copier())
        build(made, "2024-06", formats=["html"], weeks=["2024-W23"])
        build(made, "2024-06", formats=["html"], reports=["project_profile"], projects=["H05"])
        others = ["monthly_bulletin", "task_list", "data_quality", "review_meeting"]
        build(made, "2024-06", formats=["html"], reports=others)
        build(made, "2024-12", formats=["html"], reports=["annual_review"])
        build(
            made, "2024-12", formats=["html"], reports=["monthly_bulletin"], languages=["zh", "en"]
        )
    return made


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def trails(workspace):
    for period in PERIODS:
        for path in sorted((workspace.output / period / "sources").glob("*.csv")):
            yield workspace.output / period, path


def stated(folder, row):
    """The value that a row of a trail leads to, read again from the file it names."""
    if row["file"] == "parameters":
        written = yaml.safe_load((PROJECT / "parameters/2024.yaml").read_text(encoding="utf-8"))
        by_default = Workspace(PROJECT).parameters("2024-06").programme.model_dump()
        for part in re.findall(r"[^.\[\]]+", row["row"]):
            at = int(part) - 1 if part.isdigit() else part
            by_default = by_default[at]
            written = by_default if isinstance(written, dict) and at not in written else written[at]
        return abs(Decimal(str(written)))
    table = rows_of(folder / row["file"])
    if row["how"] == "rows":
        return Decimal(len(table))
    if row["how"] == "equal":
        return Decimal(sum(one[row["column"]] == row["row"] for one in table))
    return abs(Decimal(table[int(row["line"]) - 1][row["column"]]))


def test_every_number_of_every_report_is_what_stands_where_it_leads(workspace):
    checked = Counter()
    for folder, trail in trails(workspace):
        for row in rows_of(trail):
            shown = Decimal(row["shown"].replace(",", ""))
            value = stated(folder, row)
            assert value == Decimal(row["value"]), (trail.name, row)
            if row["unit"] == "money" and trail.stem.endswith(".en"):
                value /= 10  # English has billions
            rounded = value.quantize(Decimal(1).scaleb(shown.as_tuple().exponent), ROUND_HALF_UP)
            assert rounded == shown, (trail.name, row)
            checked[re.split(r"[-.]", trail.stem)[0]] += 1
    assert set(checked) == {
        "annual_review", "data_quality", "monthly_bulletin", "project_profile", "review_meeting",
        "task_list", "weekly_digest",
    }  # fmt: skip
    assert min(checked.values()) > 20


def test_no_number_of_the_prose_is_left_out(workspace):
    for folder, trail in trails(workspace):
        outputs = outputs_of(read_notebook(folder / f"{trail.stem}.ipynb"))
        prose = [one for one in outputs if isinstance(one, Prose)]
        linked = [one.markdown[f.start : f.end] for one in prose for f in one.facts]
        assert len(linked) == len(rows_of(trail))
        # Amounts and percentages cannot be taken for anything else, so they are looked for directly.
        text = "\n".join(one.markdown for one in prose)
        sure = re.findall(r"(?<![\d.])\d+\.\d+(?=亿元|个百分点| billion yuan)", text)
        assert Counter(sure) - Counter(linked) == Counter(), trail.name


def test_nearly_every_number_leads_to_one_place(workspace):
    rows = [row for _, trail in trails(workspace) for row in rows_of(trail)]
    certain = sum(row["is_certain"] == "True" for row in rows)
    assert certain / len(rows) > 0.98


# What a reader of the sentence would look up, where another cell has the same number.
MEANT = [
    ("2024-06", "monthly_bulletin", "超过承诺时限未办结", "9", "kpis", "permits.overdue portfolio", "actual"),
    ("2024-06", "monthly_bulletin", "事项的责任单位:自然资源部门(", "2", "data-actions", "自然资源部门", "overdue"),
    ("2024-06", "monthly_bulletin", "问题的责任单位:自然资源部门(", "2", "data-problems", "自然资源部门", "overdue"),
    ("2024-06", "monthly_bulletin", "本期为", "50.00", "kpis", "investment.completion_pct portfolio", "target"),
    ("2024-06", "monthly_bulletin", "落在区间内1次(", "100.00", "data-outlook-record", "starts", "coverage_pct"),
    ("2024-06", "monthly_bulletin", "5.18亿元,相差−", "0.12", "data-notes", "new_build", "difference_ytd"),
    ("2024-06", "task_list", "不再需要", "0", "outcome", "", "dropped"),
    ("2024-06", "task_list", "住房城乡建设部门(", "6", "outcome-owners", "住房城乡建设部门", "not_done"),
    ("2024-06", "data_quality", "空缺最多的单位:示例丙县政府(", "2", "data-completeness", "示例丙县政府", "gaps"),
    ("2024-06", "data_quality", "疑点累计较多的单位:示例丁局(", "6", "data-record", "示例丁局", "suspicions"),
    ("2024-06", "review_meeting", "请定** ", "9", "data-decisions", "", "matters"),
    ("2024-06", "review_meeting", "已连续", "5", "data-red-H05", "H05", "months_red"),
    ("2024-06", "project_profile-H05", "当月计划", "0.79", "months", "2024-06", "planned"),
    ("2024-06", "project_profile-H05", "提出问题2个,已销号", "1", "data-duties", "problems", "closed"),
    ("2024-06", "weekly_digest-2024-W23", "新提出问题0个、解决", "0", "data-official-1", "", "closed"),
    ("2024-12", "annual_review", "示例中心医院二期(示例丁局,", "102.37", "scores-new-build", "X12", "score"),
    ("2024-12", "annual_review", "节点20.00、调度", "17.37", "data-points", "X07 meetings", "points"),
    ("2024-12", "monthly_bulletin.en", "示例光伏组件项目 (示例甲区政府; ", "104.00", "fig-completion", "H03",
     "completion_pct"),
]  # fmt: skip


@pytest.mark.parametrize(("period", "document", "said", "shown", "file", "row", "column"), MEANT)
def test_a_number_leads_to_what_its_sentence_means(
    workspace, period, document, said, shown, file, row, column
):
    path = f"{file}.csv" if file == "kpis" else f"tables/{document}-{file}.csv"
    found = next(
        one
        for one in rows_of(workspace.output / period / f"sources/{document}.csv")
        if one["shown"] == shown and (one["said"].endswith(said[-30:]))
    )
    assert (found["file"], found["row"], found["column"]) == (path, row, column)
    assert found["is_certain"] == "True"


def test_every_table_tells_its_rows_apart(workspace):
    for period in PERIODS:
        for path in sorted((workspace.output / period / "tables").glob("*.csv")):
            rows = rows_of(path)
            named = row_names(rows, path.name)
            assert len(rows) < 2 or len(set(named)) == len(rows), path.name
            assert len(rows) < 2 or not named[0].startswith("#"), path.name


def test_no_count_is_written_as_money(workspace):
    # Money is written in 亿元: a count under the name of an amount would be a ten-thousand-millionth.
    for period in PERIODS:
        for path in (workspace.output / period / "tables").glob("*.csv"):
            cells = [cell for row in rows_of(path) for cell in row.values()]
            assert not [c for c in cells if re.fullmatch(r"-?0\.0{6,8}[1-9]\d{0,3}", c)], path.name


def test_the_ledger_behind_them_says_where_each_row_came_in(workspace):
    folder = workspace.output / "2024-06/ledger"
    assert {path.stem for path in folder.iterdir()} == set(TABLES)
    for path in folder.iterdir():
        for row in rows_of(path):
            file, _, rest = row["origin"].partition("#")
            assert (PROJECT / "data/raw" / file).is_file(), row["origin"]
            assert re.fullmatch(r"[^!]+!\d+", rest), row["origin"]
    spent = sum(
        Decimal(row["invested"])
        for row in rows_of(folder / "progress.csv")
        if row["project_id"].startswith("H")
    )
    ytd = next(
        row for row in rows_of(folder.parent / "kpis.csv")
        if (row["kpi"], row["scope"]) == ("investment.ytd", "portfolio")
    )  # fmt: skip
    assert spent == Decimal(ytd["actual"])


def test_a_number_of_the_data_behind_a_text_leads_to_its_cell(workspace):
    folder = workspace.output / "2024-12"
    outputs = outputs_of(read_notebook(folder / "monthly_bulletin.ipynb"))
    facts = [
        (one.markdown[f.start : f.end], f.target.split("."))
        for one in outputs
        if isinstance(one, Prose)
        for f in one.facts
        if f.target.startswith("data-") and "." in f.target
    ]
    assert len(facts) > 50
    for shown, (label, line, column) in facts:
        value = Decimal(
            rows_of(folder / f"tables/monthly_bulletin-{label}.csv")[int(line) - 1][column]
        )
        places = Decimal(shown).as_tuple().exponent
        assert abs(value).quantize(Decimal(1).scaleb(places), ROUND_HALF_UP) == Decimal(shown)


def test_a_title_says_where_in_the_language_of_the_report(workspace):
    def titles(name):
        outputs = outputs_of(read_notebook(workspace.output / "2024-12" / f"{name}.ipynb"))
        return [f.title for one in outputs if isinstance(one, Prose) for f in one.facts]

    zh = titles("monthly_bulletin")
    assert "总投资（investment.total），全部，实际：1099.73亿元" in map(unescape, zh)
    en = titles("monthly_bulletin.en")
    assert "Total investment (investment.total), all, actual: 1099.73 hundred million yuan" in en
