"""Every way of writing a cell that must be read, and every one that must not be guessed."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from intake_workbooks import (
    HEAD,
    NAME,
    PROGRAMME,
    Formula,
    Styled,
    faults,
    progress,
    xlsx,
)

from sanshi_report.intake import Reading, read

YI = 10**10  # fen


def only(reading: Reading, table: str = "progress") -> dict[str, Any]:
    assert reading.faults == []
    [row] = reading.tables[table].to_dict("records")
    return row


@pytest.mark.parametrize(
    ("cell", "fen"),
    [
        (1.5, 15 * 10**9),
        (0.1 + 0.2, 3 * 10**9),
        (1099.73, 109973 * 10**8),
        (0, 0),
        ("１２．５", 125 * 10**9),
        ("1,234.5", 12345 * 10**9),
        ("１，２３４．５", 12345 * 10**9),
        ("\u3000 12.5\xa0", 125 * 10**9),
        ("+3", 3 * YI),
        (Formula("=1+1", 2), 2 * YI),
        (Styled(12.5, "#,##0.00"), 125 * 10**9),
        (Styled(12.5, '0.00"亿元"'), 125 * 10**9),
    ],
)
def test_amounts(tmp_path: Path, cell: Any, fen: int) -> None:
    assert only(progress(tmp_path, ["H01", "2024-06", cell]))["invested"] == fen


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("3千万", "own_unit"),
        ("12万元", "own_unit"),
        ("￥12", "own_unit"),
        ("45%", "own_unit"),
        (Styled(12.5, '0.00"万元"'), "own_unit"),
        (Styled(125000, '0!.0,"万"'), "own_unit"),
        (Styled(12500000, "0.00,,"), "own_unit"),
        (Styled(0.12, "0%"), "own_unit"),
        ("约12", "not_number"),
        ("1,23", "not_number"),
        ("1 2", "not_number"),
        ("1.2E+03", "scientific"),
        ("", "required"),
        ("—", "required"),
        (-0.5, "negative"),
        ("-0.5", "negative"),
        (0.00000000001, "finer_than_fen"),
        (99999999, "too_large"),
        (True, "not_number"),
        (date(2024, 6, 1), "date_for_number"),
        (Formula("=1/0", "#DIV/0!"), "error_value"),
        ("#REF!", "error_value"),
        ("########", "error_value"),
        (Formula("=A1", ""), "no_cached_value"),
        ('=HYPERLINK("http://example.invalid","1")', "not_number"),
    ],
)
def test_amounts_that_must_not_be_guessed(tmp_path: Path, cell: Any, rule: str) -> None:
    assert faults(progress(tmp_path, ["H01", "2024-06", cell])) == [("C2", rule)]


@pytest.mark.parametrize(
    "cell",
    [
        date(2024, 6, 15),
        datetime(2024, 6, 15, 8, 30),
        "2024年6月15日",
        "2024 年 06 月 15 日",
        "２０２４年６月１５日",
        "2024.6.15",
        "2024-6-15",
        "2024/6/15",
        "20240615",
        20240615,
        "2024-06-15 00:00:00",
        Formula("=DATE(2024,6,15)", "2024-06-15"),
    ],
)
def test_dates(tmp_path: Path, cell: Any) -> None:
    row = only(progress(tmp_path, ["H01", "2024-06", 1, cell], head=(*HEAD, "实质性开工日期")))
    assert row["started_on"] == pd.Timestamp(2024, 6, 15)


def test_dates_of_the_1904_system(tmp_path: Path) -> None:
    rows = [(*HEAD, "实质性开工日期"), ["H01", "2024-06", 1, date(2024, 6, 15)]]
    path = xlsx(tmp_path / "mac.xlsx", {"月度进展": rows}, date_1904=True)
    assert only(read(path, PROGRAMME, name=NAME))["started_on"] == pd.Timestamp(2024, 6, 15)


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("6月15日", "date_no_year"),
        ("6-15", "date_no_year"),
        ("6.15", "date_no_year"),
        (6.15, "date_no_year"),
        ("24/6/15", "date_no_year"),
        ("6/15/24", "date_no_year"),
        ("2024年6月", "date_no_day"),
        ("2024.6", "date_no_day"),
        ("2024-13-01", "no_such_day"),
        ("2024-02-30", "no_such_day"),
        ("0204-06-15", "year_range"),
        (45458, "date_shape"),
        ("6月底前", "date_shape"),
        ("待定", "date_shape"),
        (Styled(0.5, "h:mm"), "time_alone"),
    ],
)
def test_dates_that_must_not_be_guessed(tmp_path: Path, cell: Any, rule: str) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 1, cell], head=(*HEAD, "实质性开工日期"))
    assert faults(reading) == [("D2", rule)]


@pytest.mark.parametrize(
    ("cell", "month"),
    [
        ("2024-06", "2024-06"),
        ("2024-6", "2024-06"),
        ("2024年6月", "2024-06"),
        ("２０２４年０６月份", "2024-06"),
        ("2024.6", "2024-06"),
        (2024.6, "2024-06"),
        ("2024/06", "2024-06"),
        ("202406", "2024-06"),
        (202406, "2024-06"),
        (date(2024, 6, 1), "2024-06"),
        ("2024-06-30", "2024-06"),
        ("2024.1", "2024-01"),
        (2024.03, "2024-03"),
    ],
)
def test_months(tmp_path: Path, cell: Any, month: str) -> None:
    assert only(progress(tmp_path, ["H01", cell, 1]))["month"] == month


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        ("6月", "month_no_year"),
        (6, "month_shape"),
        ("2024-13", "no_such_month"),
        ("2024-00", "no_such_month"),
        ("2024年", "month_shape"),
        ("第二季度", "month_shape"),
        (2024.1, "month_or_october"),
        ("2024-1-7", "month_is_day"),
        (date(2024, 1, 7), "month_is_day"),
        ("2024-07", "month_ahead"),
        ("2023-06", "month_other_year"),
        ("无", "required"),
    ],
)
def test_months_that_must_not_be_guessed(tmp_path: Path, cell: Any, rule: str) -> None:
    assert faults(progress(tmp_path, ["H01", cell, 1])) == [("B2", rule)]


@pytest.mark.parametrize("cell", ["—", "-", "/", "无", "", None, "——", "－", "\u3000", " / "])
def test_what_means_missing(tmp_path: Path, cell: Any) -> None:
    head = (*HEAD, "形象进度说明", "竣工日期", "在场人数", "形象进度(%)")
    row = only(progress(tmp_path, ["H01", "2024-06", 1, cell, cell, cell, cell], head=head))
    assert [
        pd.isna(row[name]) for name in ("physical_note", "completed_on", "workers", "physical_pct")
    ] == [True] * 4


@pytest.mark.parametrize(
    ("cell", "read_as"),
    [
        ("NA", "NA"),
        ("001", "001"),
        (Styled(1, "000"), "001"),
        (7, "7"),
        ("Ｈ０１", "H01"),
        (" H01\u3000", "H01"),
        ("1E5", "1E5"),
        ("nan", "nan"),
        ("TRUE", "TRUE"),
    ],
)
def test_ids_stay_text(tmp_path: Path, cell: Any, read_as: str) -> None:
    assert only(progress(tmp_path, [cell, "2024-06", 1]))["project_id"] == read_as


def test_an_id_that_became_a_date_is_a_fault(tmp_path: Path) -> None:
    assert faults(progress(tmp_path, [date(2024, 1, 2), "2024-06", 1])) == [("A2", "date_for_id")]


@pytest.mark.parametrize("code", ['0.00"万元"', '#,##0.00 "万元"', "0.0\\万\\元", 'General"万"'])
def test_a_unit_in_the_format_may_repeat_the_headings(tmp_path: Path, code: str) -> None:
    reading = progress(
        tmp_path, ["H01", "2024-06", Styled(12.5, code)], head=(*HEAD[:2], "本月完成投资(万元)")
    )
    assert only(reading)["invested"] == 12_500_000


@pytest.mark.parametrize(
    "text",
    [
        '=HYPERLINK("http://example.invalid")',
        "<script>alert(1)</script>",
        "Ａ区（一期）",
        "第一行\n第二行",
        "@甲",
        "a\u3000b",
    ],
)
def test_free_text_is_kept_as_it_stands(tmp_path: Path, text: str) -> None:
    row = only(
        progress(tmp_path, ["H01", "2024-06", 1, f"  {text}\u3000"], head=(*HEAD, "形象进度说明"))
    )
    assert row["physical_note"] == text


@pytest.mark.parametrize(
    ("cell", "percent"),
    [(45, 45.0), ("45%", 45.0), ("４５．５％", 45.5), (Styled(0.45, "0%"), 45.0), (Styled(1, "0.0%"), 100.0),
     (1, 1.0), ("0.45%", 0.45), (0, 0.0), (100, 100.0)],
)  # fmt: skip
def test_percentages(tmp_path: Path, cell: Any, percent: float) -> None:
    row = only(progress(tmp_path, ["H01", "2024-06", 1, cell], head=(*HEAD, "形象进度(%)")))
    assert row["physical_pct"] == percent


@pytest.mark.parametrize(
    ("cell", "rule"),
    [(0.45, "percent_or_share"), ("0.45", "percent_or_share"), (Styled(45, "0%"), "percent_range"),
     (101, "percent_range"), (-1, "percent_range"), ("过半", "not_number")],
)  # fmt: skip
def test_percentages_that_must_not_be_guessed(tmp_path: Path, cell: Any, rule: str) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 1, cell], head=(*HEAD, "形象进度(%)"))
    assert faults(reading) == [("D2", rule)]


@pytest.mark.parametrize(
    ("cell", "rule"),
    [(12.5, "not_whole"), ("320人", "own_unit"), (-3, "negative"), (10**12, "too_large")],
)
def test_counts_that_are_none(tmp_path: Path, cell: Any, rule: str) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 1, cell], head=(*HEAD, "在场人数"))
    assert faults(reading) == [("D2", rule)]


def test_values_must_be_on_the_programmes_lists(tmp_path: Path) -> None:
    sheets = {
        "手续办理": [("项目编号", "手续", "牵头部门", "状态"), ["H01", "环 评", "甲", "办理中"],
                 ["H01", "林评", "甲", "办好了"]],
        "资金来源": [("项目编号", "来源", "计划"), ["H01", "银行贷款", 1], ["H01", "彩票", 1]],
        "要素保障": [("项目编号", "月份", "要素", "单位", "需求量", "已落实"),
                 ["H01", "2024-06", "地", "亩", 12.5, "1,000"], ["H01", "2024-06", "水", "吨", 1, 1]],
    }  # fmt: skip
    reading = read(xlsx(tmp_path / "unit.xlsx", sheets), PROGRAMME, name=NAME)
    assert [(f.sheet, f.cell, f.rule) for f in reading.faults] == [
        ("手续办理", "B3", "not_listed"),
        ("手续办理", "D3", "not_listed"),
        ("资金来源", "B3", "not_listed"),
        ("要素保障", "C3", "not_listed"),
    ]
    assert list(reading.tables["permits"]["permit"]) == ["环评"]
    assert list(reading.tables["inputs"]["secured"]) == [Decimal(1000)]


def test_a_mixed_column_keeps_every_row_apart(tmp_path: Path) -> None:
    head = (*HEAD, "形象进度说明")
    notes = [1, True, "1", 1.5, date(2024, 6, 1)]
    rows = [[f"H0{number}", "2024-06", 1, note] for number, note in enumerate(notes)]
    frame = progress(tmp_path, *rows, head=head).tables["progress"]
    assert list(frame["physical_note"]) == ["1", "TRUE", "1", "1.5", "2024-06-01"]


@pytest.mark.parametrize(
    ("heading", "length", "fits"),
    [
        ("填报人", 200, True),
        ("填报人", 201, False),
        ("形象进度说明", 5_000, True),
        ("形象进度说明", 5_001, False),
    ],
)
def test_names_and_prose_have_a_length_that_a_page_can_hold(
    tmp_path: Path, heading: str, length: int, fits: bool
) -> None:
    reading = progress(tmp_path, ["H01", "2024-06", 1, "超" * length], head=(*HEAD, heading))
    assert faults(reading) == ([] if fits else [("D2", "too_long")])
