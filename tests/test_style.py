import json
import os
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction
from html import escape as html_escape

import altair as alt
import nbformat
import pandas as pd
import pytest

from sanshi_report import style
from sanshi_report.exact import fen_of
from sanshi_report.period import ReportPeriod
from sanshi_report.render.pandoc import convert
from sanshi_report.style import Count
from sanshi_report.style.chart import svg


@pytest.mark.parametrize(
    ("amount", "zh", "en"),
    [
        ("1099.73", "1099.73", "109.973"),
        ("0.005", "0.01", "0.001"),
        ("0.0049", "0.00", "0.000"),
        ("12", "12.00", "1.200"),
        ("-0.53", "−0.53", "−0.053"),
        ("-0.001", "0.00", "0.000"),
    ],
)
def test_amounts_round_half_up_without_thousands_separators(amount: str, zh: str, en: str) -> None:
    assert style.yi(fen_of(amount), "zh") == zh
    assert style.yi(fen_of(amount), "en") == en


def test_an_amount_in_a_sentence_carries_its_unit() -> None:
    assert style.money(fen_of("151.76"), "zh") == "151.76亿元"
    assert style.money(fen_of("151.76"), "en") == "15.176 billion yuan"


def test_what_is_missing_shows_as_a_dash() -> None:
    shown = [style.yi(pd.NA), style.pct(None), style.points(None), style.day(pd.NaT)]
    shown += [style.count(pd.NA), style.light_word(None), style.escape_markdown(None)]
    assert set(shown) == {"—"}


def test_a_gap_is_worked_out_before_rounding() -> None:
    gap = Fraction(9716, 100) - Fraction(250, 3)  # 97.16 % against 10 months of 12
    assert style.points(gap, 1) == "+13.8"
    assert style.points(Decimal("-1.745")) == "−1.75"
    assert style.points(Decimal("-0.004")) == "0.00"


def test_percentages_round_half_up() -> None:
    assert style.pct(Decimal("48.465")) == "48.47%"
    assert style.pct(Decimal("48.45"), 1) == "48.5%"


def test_days_months_and_periods_in_words() -> None:
    day = pd.Timestamp(2024, 6, 3)
    assert style.day(day) == "2024年6月3日"
    assert style.day(day, year=False) == "6月3日"
    assert style.day(day, "en") == "3 June 2024"
    assert style.day(day, "en", year=False, short=True) == "3 Jun"
    assert style.month("2024-12") == "12月"
    assert style.month("2024-12", "en", short=True) == "Dec"
    words = [style.period_words(ReportPeriod.parse(p)) for p in ("2024-06", "2024-Q2", "2024")]
    assert words == ["2024年6月", "2024年第2季度", "2024年"]


def test_english_counts_agree_with_their_noun() -> None:
    text = "{n:project|projects} {n:~was|were} late, {n} in all"
    assert text.format(n=Count(1)) == "1 project was late, 1 in all"
    assert text.format(n=Count(3)) == "3 projects were late, 3 in all"
    assert f"{Count(0):project|projects}" == "no projects"


def test_enumerations() -> None:
    assert style.listed(["甲", "乙", "丙"]) == "甲、乙、丙"
    assert style.listed(["A", "B", "C"], "en") == "A, B and C"
    assert style.listed(["A"], "en") == "A"
    assert style.listed([], "en") == ""


def test_a_light_is_a_symbol_a_word_and_a_colour() -> None:
    assert style.light_word("red") == "■ 滞后"
    assert style.light_html("yellow") == '<span class="light light-yellow">▲ 预警</span>'
    assert style.light_word("green", "en") == "● On track"
    assert len({light.symbol for light in style.LIGHTS.values()}) == 5


def test_every_light_reads_on_white() -> None:
    for light in style.LIGHTS.values():
        red, green, blue = (int(light.colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        parts = [
            part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
            for part in (red, green, blue)
        ]
        luminance = 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        assert 1.05 / (luminance + 0.05) >= 4.5, light.code


@pytest.mark.parametrize(
    "name",
    [
        "示例<script>alert(1)</script>项目",
        "1. *一* _二_ `三` #四",
        "[链接](javascript:x) ![图](http://x/y.png)",
        "甲|乙 ~~丙~~ ^丁^ $x$ @fig-starts {.light-red} \\",
        "- 一\n- 二",
    ],
)
def test_ledger_text_stays_literal_in_markdown(name: str) -> None:
    escaped = style.escape_markdown(name)
    for text in (escaped, f"（{escaped}）"):
        html = convert(text, "markdown-smart", "html5")
        literal = text.replace(escaped, " ".join(name.split()))
        assert html.strip() == f"<p>{html_escape(literal, quote=False)}</p>"


def test_a_frame_is_written_exactly_and_opens_safely() -> None:
    frame = pd.DataFrame(
        {
            "name": pd.Series(["=1+1", "示例"], dtype="str"),
            "annual_plan": pd.array([fen_of("68.2"), None], dtype="Int64"),
            "completion_pct": pd.Series([Decimal("48.469293621508"), None], dtype=object),
            "kept_pct": pd.Series([Decimal(75), float("nan")], dtype=object),
            "workers": pd.array([3, None], dtype="Int64"),
        }
    )
    assert style.csv_text(frame) == (
        "name,annual_plan,completion_pct,kept_pct,workers\n"
        "'=1+1,68.2,48.469293621508,75,3\n示例,,,,\n"
    )


def test_a_frame_for_charts_has_plain_numbers() -> None:
    frame = pd.DataFrame(
        {
            "annual_plan": pd.array([fen_of("68.2"), None], dtype="Int64"),
            "gap_points": pd.Series([Decimal("-1.5"), None], dtype=object),
        }
    )
    plain = style.plottable(frame)
    assert plain["annual_plan"].iloc[0] == pytest.approx(68.2)
    assert plain["gap_points"].iloc[0] == -1.5
    assert plain.isna().iloc[1].all()


def bars() -> alt.Chart:
    data = alt.Data(values=[{"领域": "工业", "项": 3}, {"领域": "民生", "项": 1}])
    return alt.Chart(data).mark_bar().encode(x="项:Q", y=alt.Y("领域:N", sort=None))


def test_a_chart_in_a_notebook_is_live_and_valid() -> None:
    data = bars()._repr_mimebundle_()
    assert set(data) == {"application/vnd.vegalite.v5+json", "image/svg+xml"}
    output = nbformat.v4.new_output("display_data", data)
    cell = nbformat.v4.new_code_cell(outputs=[output])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))


def test_a_chart_draws_to_the_same_bytes_anywhere() -> None:
    script = (
        "import sys; sys.path.insert(0, 'tests'); from test_style import bars;"
        "from sanshi_report.style.chart import svg; sys.stdout.write(svg(bars().to_dict()))"
    )
    surroundings = os.environ | {"TZ": "America/Los_Angeles", "LC_ALL": "C", "VSCODE_PID": "1"}
    run = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script],
        capture_output=True,
        check=True,
        env=surroundings,
        encoding="utf-8",
    )
    assert run.stdout == svg(bars().to_dict())
    assert "工业" in run.stdout
    assert "Noto Sans SC" in run.stdout


def test_a_chart_names_nothing_outside() -> None:
    spec = json.dumps(bars().to_dict())
    assert "http" not in spec.replace("https://vega.github.io/schema/vega-lite/v6.4.1.json", "")


def test_quantities_keep_what_was_reported_to_two_decimals() -> None:
    shown = [style.quantity(Decimal(text)) for text in ("230.0", "4.18", "70.5968", "0")]
    assert shown == ["230", "4.18", "70.60", "0"]
    assert style.quantity(None) == "—"


def test_a_plan_s_day_and_its_money_are_written_in_one_column():
    cells = [pd.Timestamp("2024-06-28"), 1_2345_0000_0000, Decimal("1_2345_0000_0000.5"), None]
    written = style.csv_text(pd.DataFrame({"original": cells}, dtype=object))
    assert written == 'original\n2024-06-28\n123.45\n123.45000000005\n""\n'


def test_what_a_table_has_as_text_stays_so():
    plans = pd.DataFrame({"original": ["2024-06-28", "0.79"]}, dtype="str")
    assert style.csv_text(plans) == "original\n2024-06-28\n0.79\n"
