"""Two periods beside each other, and the charts over all periods: what was published, and nothing else."""

import json
import re

import pytest
from altair.utils.schemapi import SchemaValidationError
from sites import dead_links, workspace_in, write_release
from vl_convert import vegalite_to_vega

from sanshi_report.publish import publish


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    return publish(workspace_in(tmp_path_factory.mktemp("site"))).folder


def text_of(path):
    html = path.read_text("utf-8").partition("<main")[2]
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def held(path, name):
    return json.loads(re.fullmatch(rf"const {name} = (.*);\n", path.read_text("utf-8"))[1])


def test_a_change_is_the_difference_of_what_was_published(tmp_path):
    one = workspace_in(tmp_path)
    kpis = (one.output / "2024-05/kpis.csv").read_text("utf-8")
    # 48.469293621508 − 40.05 = 8.419293621508 and 73.557 − 60.0049 = 13.5521, 8 − 9 = −1.
    kpis = kpis.replace("48.469293621508", "40.05").replace("73.557", "60.0049")
    kpis = kpis.replace("starts.started,portfolio,,,8", "starts.started,portfolio,,,9")
    write_release(one.output / "2024-05", more={"kpis.csv": kpis})
    folder = publish(one).folder
    text = text_of(folder / "compare/2024-05_2024-06.html")
    assert "完成年度计划 40.05% / 50.00% 48.47% / 50.00% +8.42个百分点" in text
    assert "本年累计完成投资 60.00亿元 / 151.76亿元 73.56亿元 / 151.76亿元 +13.55亿元" in text
    assert "已开工 9个 8个 −1个" in text
    english = text_of(folder / "compare/2024-05_2024-06.en.html")
    assert "+8.42 points" in english
    assert "+1.355 billion yuan" in english


def test_lights_stand_beside_each_other_and_a_change_is_marked(site):
    text = text_of(site / "compare/2024-05_2024-06.html")
    assert "示例生物制造项目 ▲ 预警 ■ 滞后 33.00% 33.00%" in text
    html = (site / "compare/2024-05_2024-06.html").read_text("utf-8")
    assert html.count('<tr class="moved">') == 1


def test_an_indicator_that_only_one_period_has_shows_no_change(tmp_path):
    one = workspace_in(tmp_path)
    kpis = (one.output / "2024-05/kpis.csv").read_text("utf-8")
    lacking = "".join(x for x in kpis.splitlines(keepends=True) if "starts.started,portf" not in x)
    write_release(one.output / "2024-05", more={"kpis.csv": lacking})
    assert "已开工 — 8个 —" in text_of(publish(one).folder / "compare/2024-05_2024-06.html")


def test_one_period_alone_is_compared_with_nothing(tmp_path):
    folder = publish(workspace_in(tmp_path), keep=1).folder
    assert not (folder / "compare.html").exists()
    assert not (folder / "compare").exists()
    assert dead_links(folder) == []


def test_any_two_periods_can_be_compared_from_what_the_script_holds(site):
    content = held(site / "assets/periods.zh.js", "PERIODS")
    assert list(content["periods"]) == ["2024-06", "2024-05"]
    assert content["kpis"]["investment.ytd"] == ["本年累计完成投资", ["73.56亿元", "73.56亿元"]]
    assert content["projects"][0] == [
        "示例生物制造项目", "projects/H05.html", ["red", "yellow"], ["33.00%", "33.00%"],
    ]  # fmt: skip


@pytest.mark.parametrize("ending", [".html", ".en.html"])
def test_the_charts_hold_every_light_and_share_that_was_published(site, ending):
    html = (site / f"explore{ending}").read_text("utf-8")
    spec = json.loads(re.search(r'class="vega-spec">(.*?)</script>', html, re.DOTALL)[1])
    try:
        vegalite_to_vega(spec)
    except (ValueError, SchemaValidationError) as error:
        pytest.fail(str(error))
    lights, shares = (
        {(row["project"], row["period"]): row for row in chart["data"]["values"]}
        for chart in spec["vconcat"]
    )
    symbols = {where: row["symbol"] for where, row in lights.items()}
    assert symbols == {
        ("示例生物制造项目", "2024-05"): "▲",
        ("示例生物制造项目", "2024-06"): "■",
        ("示例加工<项目>", "2024-05"): "—",
        ("示例加工<项目>", "2024-06"): "—",
    }
    assert {where: (row["share"], row["pace"]) for where, row in shares.items()} == {
        ("示例生物制造项目", "2024-05"): (33.0, 50.0),
        ("示例生物制造项目", "2024-06"): (33.0, 50.0),
    }


def test_the_charts_are_drawn_where_no_script_runs(site):
    html = (site / "explore.html").read_text("utf-8")
    drawing = re.search(
        r'<div class="drawing" role="img" aria-label="上图[^"]+">(.*?)</div>', html, re.DOTALL
    )[1]
    assert "示例生物制造项目" in drawing
    assert "示例加工&lt;项目&gt;" in drawing
    assert len(list((site / "assets").glob("charts-*.js"))) == 1
