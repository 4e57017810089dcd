"""The site's data: what was published, in forms that spreadsheets and programs read without asking."""

import csv
import hashlib
import io
import json
import re

import openpyxl
import pytest
from sites import BULLETIN, KPIS, entry, workspace_in, write_release

from sanshi_report.publish import publish, site

FRAME = (
    "project_id,name,tier,annual_plan,completion_pct,due_on,light,note\n"
    "H05,示例,city,9.5,33.000000000000,2024-07-05,red,'=1+1\n"
)
WEEK = entry("weekly_digest-2024-W23-甲", "weekly_digest", week="2024-W23", official="甲")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    workspace = workspace_in(tmp_path_factory.mktemp("site"))
    more = {
        "tables/investment.by_project.csv": FRAME,
        "tables/weekly_digest-2024-W23-甲-annex.csv": "project_id\nH05\n",
    }
    write_release(workspace.output / "2024-06", [BULLETIN, WEEK], more=more)
    return workspace


@pytest.fixture(scope="module")
def data(workspace):
    return publish(workspace).folder / "data"


def rows_of(path):
    return list(csv.reader(io.StringIO(path.read_text("utf-8-sig"))))


def test_a_table_is_what_was_published_behind_the_mark_that_spreadsheets_read(data):
    content = (data / "2024-06/kpis.csv").read_bytes()
    assert content == b"\xef\xbb\xbf" + KPIS.encode()


def test_the_indicators_of_all_periods_stand_in_one_table_the_earliest_first(data):
    head, *rows = rows_of(data / "kpis.csv")
    assert head[:3] == ["period", "as_of", "kpi"]
    assert [row[0] for row in rows] == ["2024-05"] * 12 + ["2024-06"] * 12


def test_the_lights_of_all_periods_stand_in_one_table(data):
    _, *rows = rows_of(data / "lights.csv")
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("2024-05", "H05", "yellow"),
        ("2024-05", "X03", "not_rated"),
        ("2024-06", "H05", "red"),
        ("2024-06", "X03", "not_rated"),
    ]


@pytest.mark.parametrize("folder", [".", "2024-05", "2024-06"])
def test_a_package_describes_every_table_beside_it_and_no_other(data, folder):
    home = data / folder
    package = json.loads((home / "datapackage.json").read_text("utf-8"))
    assert package["profile"] == "tabular-data-package"
    resources = package["resources"]
    assert {one["path"] for one in resources} == {path.name for path in home.glob("*.csv")}
    names = [one["name"] for one in resources]
    assert sorted(set(names)) == sorted(names)
    assert all(re.fullmatch(r"[-a-z0-9._]+", name) for name in [package["name"], *names])
    for one in resources:
        content = (home / one["path"]).read_bytes()
        assert one["bytes"] == len(content)
        assert one["hash"] == f"sha256:{hashlib.sha256(content).hexdigest()}"
        head, *_ = rows_of(home / one["path"])
        assert [field["name"] for field in one["schema"]["fields"]] == head


def test_a_package_says_what_each_column_is_in_words_and_with_its_unit(data):
    package = json.loads((data / "2024-06/datapackage.json").read_text("utf-8"))
    (frame,) = [one for one in package["resources"] if one["name"] == "investment.by_project"]
    fields = {field["name"]: field for field in frame["schema"]["fields"]}
    assert fields["annual_plan"] == {
        "name": "annual_plan",
        "type": "number",
        "title": "年度计划 | Annual plan",
        "unit": "亿元 | 100 million yuan",
    }
    assert (fields["due_on"]["type"], fields["light"]["type"]) == ("date", "string")


def test_the_rows_of_the_joint_table_are_told_apart_by_its_key(data):
    package = json.loads((data / "datapackage.json").read_text("utf-8"))
    for one in package["resources"]:
        head, *rows = rows_of(data / one["path"])
        key = [head.index(name) for name in one["schema"]["primaryKey"]]
        assert len({tuple(row[at] for at in key) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("file", "head", "row"),
    [
        ("2024-06.xlsx",
         ["项目编号", "项目", "层级", "年度计划（亿元）", "完成比例（%）", "期限", "预警灯", "备注"],
         ["H05", "示例", "市本级", 9.5, 33, "2024-07-05", "■ 滞后", "=1+1"]),
        ("2024-06.en.xlsx",
         ["Project", "Project", "Tier", "Annual plan (100 million yuan)", "Completed (%)", "Due", "Light", "Note"],
         ["H05", "示例", "City", 9.5, 33, "2024-07-05", "■ Behind", "=1+1"]),
    ],
)  # fmt: skip
def test_a_workbook_has_headings_in_words_with_units_and_names_for_codes(data, file, head, row):
    sheet = openpyxl.load_workbook(data / file)["investment.by_project"]
    first, second = sheet.iter_rows()
    assert [cell.value for cell in first] == head
    told = [f"{c.value:%Y-%m-%d}" if c.is_date else c.value for c in second]
    assert told == row
    assert second[-1].data_type == "s"  # no formula


def test_a_workbook_says_of_what_an_indicator_is(data):
    sheet = openpyxl.load_workbook(data / "2024-06.xlsx")["kpis"]
    head, first, *_ = sheet.iter_rows(values_only=True)
    assert head[3:5] == ("范围类别", "范围")
    assert first[2:4] == ("开工节点", "全部")


def test_a_workbook_has_no_tables_of_documents_which_are_parts_of_frames(data):
    names = openpyxl.load_workbook(data / "2024-06.xlsx").sheetnames
    assert names == ["目录", "kpis", "investment.by_project", "starts.register"]


def test_data_is_made_again_only_if_what_it_comes_from_changed(workspace, data, monkeypatch):
    def made():
        return {
            p.relative_to(data): p.stat().st_ino for p in sorted(data.rglob("*")) if p.is_file()
        }

    calls = []
    make = site.data.of_period
    monkeypatch.setattr(
        site.data, "of_period", lambda issue, key: calls.append(str(issue.period)) or make(issue, key)
    )  # fmt: skip
    before = made()
    publish(workspace)
    assert (calls, made()) == ([], before)
    write_release(workspace.output / "2024-05", edition=2)
    publish(workspace)
    assert calls == ["2024-05"]
    monkeypatch.setattr(site, "program_digest", lambda: "another program")
    publish(workspace)
    assert calls == ["2024-05", "2024-06", "2024-05"]


@pytest.mark.parametrize("kept", ["", "{}", "[]", '{"madeFrom": null}', "{"])
def test_a_package_that_cannot_be_read_is_made_again(workspace, data, kept):
    publish(workspace)
    file = data / "2024-06/datapackage.json"
    good = file.read_bytes()
    file.unlink()
    file.write_text(kept)
    publish(workspace)
    assert file.read_bytes() == good
