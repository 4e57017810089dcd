import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from functools import cache
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, planned, spent
from saying import said

from sanshi_report.blocks import MIME, plain, unbundle
from sanshi_report.figures import Figure, data_quality, profile, tasks
from sanshi_report.figures.figure import text_width
from sanshi_report.figures.timeline import clock, ruled
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import inputs
from sanshi_report.style import Language
from sanshi_report.style.chart import WIDTH

HOSTILE = "示例</script><b>&"
NINE = [new(f"X{n}", "2024-06-01", started_on="2024-06-10" if n < 8 else None) for n in range(9)]
OLD = [
    old("H1", "12", name="示例甲"),
    old("H2", "24", name=HOSTILE, sector="民生"),
    old("H3", None, name="示例丙"),
]


def book(period: str = "2024-06", **tables: Any) -> Ledger:
    tables = {
        "projects": [*NINE, *OLD],
        "progress": [*spent("H1", *["1.1"] * 6), *spent("H2", *["1"] * 6)],
        "plan": [*planned("H1", *["1"] * 12), *planned("H2", *["2"] * 12)],
        **tables,
    }
    return ledger(period, **tables)


def draw(facts: Ledger, language: Language = "zh") -> dict[str, Figure]:
    names = ("starts", "investment", "completion", "sectors")
    return {name: said(facts, f"fig_{name}", language) for name in names}


@cache
def june(language: Language = "zh") -> dict[str, Figure]:
    return draw(book(), language)


@cache
def drawing(figure: Figure) -> str:
    return figure._repr_mimebundle_()[0]["image/svg+xml"]


def words(figure: Figure) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", drawing(figure))


def test_starts_say_how_many_are_missing() -> None:
    figure = june()["starts"]
    assert plain(figure.caption) == "截至6月底累计开工8个，距6月30日前开工9个的节点目标还差1个"
    shown = words(figure)
    assert {"目标9", "目标14", "目标17", "差1个", "8"} <= set(shown)
    assert "✓达到" not in shown
    assert figure.data["to_go"].dropna().tolist() == [1, 6, 9]


def test_a_month_to_come_has_no_starts_to_point_at() -> None:
    shown = [row["told"] for row in june()["starts"].chart.layer[0].data["values"]]
    assert shown == ["0"] * 5 + ["8"] + ["—"] * 6


def test_months_too_close_to_be_named_are_named_at_equal_steps() -> None:
    first, last = pd.Timestamp(2024, 1, 1), pd.Timestamp(2024, 12, 31)
    scale, px = clock(first, last, 0, 360)
    _, names = ruled(first, last, scale, px, 20, "zh")
    # 30 px to a month; December with a gap needs 15 times 2.12, and 6.
    words = [row["words"] for row in names.data["values"]]
    assert words == ["1月", "3月", "5月", "7月", "9月", "11月"]


def test_starts_say_that_the_milestone_was_met() -> None:
    figure = draw(book(projects=[*NINE[:8], new("X9", "2024-06-01", started_on="2024-06-30")]))
    assert plain(figure["starts"].caption).endswith("达到6月30日前开工9个的节点目标")
    assert "✓达到" in words(figure["starts"])


def test_starts_before_the_first_milestone() -> None:
    figure = draw(book("2024-01"), "en")["starts"]
    assert plain(figure.caption) == (
        "no projects had started by the end of January; the first milestone is 9 by 30 June"
    )
    assert "1 short" not in words(figure)


def test_investment_against_pace_in_the_caption() -> None:
    figure = june()["investment"]
    assert plain(figure.caption) == (
        "截至6月底续建项目完成投资12.60亿元，占年度计划35.00%，低于序时进度15.00个百分点"
    )
    shown = words(figure)
    assert shown.count("2.10") == 6
    assert "12.60（完成35.0%）" in shown
    assert "年度计划 36.00" in shown


def test_months_stand_in_the_order_of_the_year() -> None:
    for figure in (june()["starts"], june()["investment"]):
        shown = [word for word in words(figure) if re.fullmatch(r"\d+月", word)]
        assert shown == [f"{n}月" for n in range(1, 13)]


def test_completion_ranks_the_rated_and_leaves_the_others_out() -> None:
    figure = june()["completion"]
    assert plain(figure.caption) == "2个续建项目中，正常1个、预警0个、滞后1个"
    shown = words(figure)
    assert [word for word in shown if word.startswith("示例")] == [
        "示例甲",
        "示例&lt;/script&gt;&lt;b&gt;&amp;",
    ]
    assert {"55.0%", "25.0%", "序时进度50.0%"} <= set(shown)
    assert "示例丙" not in shown


def test_sectors_follow_the_parameters_and_translate() -> None:
    figure = june("en")["sectors"]
    names = [word for word in words(figure) if word in ("Industry", "Livelihood", "Infrastructure")]
    assert names == ["Industry", "Livelihood"]
    assert (
        plain(figure.caption)
        == "Annual plan completed by sector: Industry 55.00% and Livelihood 25.00%"
    )
    assert "55.0% ● On track" in words(figure)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_figure_says_itself_in_words(language: Language) -> None:
    for figure in june(language).values():
        data, about = figure._repr_mimebundle_()
        shown = figure.block
        assert plain(shown.alt).count(plain(shown.caption)) == 1
        assert about["sanshi"]["label"] == shown.label == figure.label
        assert data["text/csv"].count("\n") == len(figure.data) + 1


def test_a_hostile_name_is_data_of_the_figure_and_no_markup() -> None:
    data, _ = june()["completion"]._repr_mimebundle_()
    assert set(data) == {MIME, "image/svg+xml", "text/csv"}
    (figure,) = unbundle(data)
    assert HOSTILE in json.dumps(figure.spec, ensure_ascii=False)
    assert "<script" not in data["image/svg+xml"]


def test_text_is_large_enough_on_paper() -> None:
    for figure in june().values():
        svg = drawing(figure)
        width, height = map(float, re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg).groups())
        assert abs(width - WIDTH) <= 8
        smallest = min(float(size) for size in re.findall(r'font-size="([\d.]+)px"', svg))
        # 16 px print as 10.5 pt, and less where 105 mm of height are the limit.
        assert smallest * min(10.5 / 16, 105 / 25.4 * 72 / height) >= 7, figure.label


def right_edges(figure: Figure) -> dict[str, float]:
    """Return about where each text that begins at its place ends, in px from the drawing's left."""
    found: dict[str, float] = {}

    def visit(element: ET.Element, left: float) -> None:
        moved = re.match(r"translate\(([-\d.]+)", element.get("transform", ""))
        left += float(moved[1]) if moved else 0
        if element.text and element.get("text-anchor") == "start":
            size = float(element.get("font-size", "").removesuffix("px"))
            found[element.text] = left + size * text_width(element.text)
        for inner in element:
            visit(inner, left)

    visit(ET.fromstring(drawing(figure)), 0)
    return found


def test_the_longest_bar_leaves_room_for_its_words() -> None:
    money = [("政府引导基金", "296.40", "148.97"), ("银行贷款", "284.23", "127.20")]
    rows = [
        {"project_id": "H1", "source": source, "planned": planned, "in_place": in_place}
        for source, planned, in_place in money
    ]
    facts, rules = book(funding=rows), parameters()
    figure = profile.funding(inputs.funding(facts, rules), rules, "zh")
    edges = right_edges(figure)
    assert {"148.97 / 296.40 · 50.3%", "127.20 / 284.23 · 44.8%"} <= edges.keys()
    assert max(edges.values()) <= WIDTH


def grey(colour: str) -> float:
    red, green, blue = (int(colour[n : n + 2], 16) for n in (1, 3, 5))
    return 0.299 * red + 0.587 * green + 0.114 * blue


@pytest.mark.parametrize(
    "colours",
    [
        data_quality._GRADES.values(),
        [colour for _, colour, _ in tasks._STATUSES.values()],
        [colour for _, colour, _ in tasks._LOADS.values()],
    ],
)
def test_parts_of_a_bar_differ_without_colour(colours: Iterable[str]) -> None:
    greys = sorted(grey(colour) for colour in colours)
    assert all(lighter - darker >= 35 for darker, lighter in pairwise(greys))


def test_figures_are_drawn_to_the_same_bytes() -> None:
    for name, again in draw(book()).items():
        assert drawing(again) == drawing(june()[name])
        assert again.chart.to_dict() == june()[name].chart.to_dict()


def test_a_programme_without_projects_is_drawn_too() -> None:
    for figure in draw(ledger()).values():
        assert drawing(figure).startswith("<svg")


def test_december_with_everything_started() -> None:
    projects = [new(f"X{n}", "2024-06-01", started_on="2024-12-31") for n in range(17)]
    figure = draw(book("2024-12", projects=projects))["starts"]
    assert plain(figure.caption) == "截至12月底累计开工17个，达到12月31日前开工17个的节点目标"
    assert pd.isna(figure.data["to_go"].iloc[0])
