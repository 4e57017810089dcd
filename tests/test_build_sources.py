"""From each number of a report's prose to its place, and from there to the ledger; re-derived here by other means."""

import csv
import re
import shutil
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import unquote

import pytest
from builds import Copier
from workspaces import PROJECT

from sanshi_report.blocks import Paragraph, plain, texts_in
from sanshi_report.build import build, release
from sanshi_report.build.differences import declared_keys, row_names
from sanshi_report.render.outputs import outputs_of, read_notebook
from sanshi_report.schemas import TABLES
from sanshi_report.style import LIGHTS
from sanshi_report.workspace import Workspace

PERIODS = ("2024-06", "2024-12")
KEPT = []


class Keeping(Copier):
    """Typesets nothing, and keeps what it was given."""

    def render(self, document, format, target):
        KEPT.append(document)
        super().render(document, format, target)


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
        patch.setattr(release, "choose", lambda *_: Keeping())
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
        found = Workspace(PROJECT).parameters("2024-06").programme.model_dump()
        for part in re.findall(r"[^.\[\]]+", row["row"].removeprefix("programme.")):
            found = found[int(part) - 1 if part.isdigit() else part]
        return Decimal(str(found))
    table = rows_of(folder / row["file"])
    if row["how"] == "cell":
        return Decimal(table[int(row["line"]) - 1][row["column"]])
    for step in filter(None, row["row"].split(" ")):
        name, sign, wanted = re.fullmatch(r"(\w+)(!=|<=|=|<|>)(.*)", step).groups()
        table = [one for one in table if chosen(one[name], sign, wanted)]
    cells = [one.get(re.sub(r"\w+\((\w+)\)", r"\1", row["column"])) for one in table]
    match row["column"].partition("(")[0]:
        case "#":
            return Decimal(len(table))
        case "distinct":
            return Decimal(len(set(filter(None, cells))))
    return sum((Decimal(cell) for cell in cells if cell), Decimal(0))


def chosen(cell, sign, wanted):
    if sign in ("=", "!="):
        return (cell in map(unquote, wanted.split(","))) is (sign == "=")
    if not cell:
        return False
    if sign == "<=":
        return cell <= wanted
    return Decimal(cell) > Decimal(wanted) if sign == ">" else Decimal(cell) < Decimal(wanted)


def number(text):
    return Decimal(re.search(r"\d+(?:\.\d+)?", text)[0])


def test_every_number_of_every_report_is_what_stands_where_it_leads(workspace):
    checked = Counter()
    for folder, trail in trails(workspace):
        for row in rows_of(trail):
            shown, value = number(row["shown"]), stated(folder, row)
            assert value == Decimal(row["value"]), (trail.name, row)
            value = abs(value)
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
        said = [
            one
            for one in outputs_of(read_notebook(folder / f"{trail.stem}.ipynb"))
            if isinstance(one, Paragraph)
        ]
        runs = [run for one in said for run in one.text if re.search(r"\d", run.text)]
        assert all(run.at for run in runs), trail.name
        # Amounts and percentages cannot be taken for anything else, so they are looked for directly.
        text = "\n".join(plain(one.text) for one in said)
        sure = re.findall(r"(?<![\d.])\d+\.\d+(?=亿元|%| billion yuan)", text)
        led = [number(row["shown"]) for row in rows_of(trail)]
        assert Counter(map(Decimal, sure)) - Counter(led) == Counter(), trail.name


# What a reader of the sentence would look up, where another cell has the same number.
MEANT = [
    ("2024-06", "monthly_bulletin", "三十工程共安排项目", "30", "projects.summary.kind", "", "sum(projects)"),
    ("2024-06", "monthly_bulletin", "超过承诺时限未办结", "9", "bulletin.permit_times", "", "sum(overdue)"),
    ("2024-06", "monthly_bulletin", "本期为", "50.00%", "investment.by_group", "", "pace_pct"),
]  # fmt: skip


@pytest.mark.parametrize(("period", "document", "said", "shown", "file", "row", "column"), MEANT)
def test_a_number_leads_to_what_its_sentence_means(
    workspace, period, document, said, shown, file, row, column
):
    found = next(
        one
        for one in rows_of(workspace.output / period / f"sources/{document}.csv")
        if one["shown"] == shown and one["said"].endswith(said[-30:])
    )
    assert (found["file"], found["row"], found["column"]) == (f"tables/{file}.csv", row, column)


def test_every_table_tells_its_rows_apart(workspace):
    for period in PERIODS:
        keys = declared_keys(workspace.output / period)
        for path in sorted((workspace.output / period / "tables").glob("*.csv")):
            rows = rows_of(path)
            named = row_names(rows, path.name, keys.get(f"tables/{path.name}", ()))
            assert len(rows) < 2 or len(set(named)) == len(rows), path.name
            assert len(rows) < 2 or not named[0].startswith("#"), path.name


def test_no_code_of_the_program_is_printed(workspace):
    codes = {
        code for table in TABLES.values() for column in table.columns.values()
        for code in column.metadata["codes"].values() if code.isascii()
    } | set(LIGHTS)  # fmt: skip
    assert {"new_build", "continuing", "split", "not_rated"} <= codes
    printed = re.compile(rf"(?<![\w.-])({'|'.join(sorted(codes))})(?![\w.-])")
    for period in PERIODS:
        for path in (workspace.output / period).glob("*.ipynb"):
            if path.stem.endswith(".en"):
                continue
            for one in outputs_of(read_notebook(path)):
                found = [printed.search(plain(text)) for text in texts_in(one)]
                assert not any(found), (path.name, [match[0] for match in found if match])


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


def test_a_title_says_where_in_the_language_of_the_report(workspace):
    zh = {
        told
        for document in KEPT
        if document.language == "zh"
        for _, told in document.sources.places.values()
    }
    en = {
        told
        for document in KEPT
        if document.language == "en"
        for _, told in document.sources.places.values()
    }
    assert "本年累计完成投资（investment.ytd），全部，目标：151.76亿元" in zh
    assert "Invested this year (investment.ytd), all, target: 151.76 hundred million yuan" in en
