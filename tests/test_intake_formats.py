"""What number formats do to what they show."""

import pytest

from sanshi_report.intake.formats import BUILT_IN, Formatted, effect_of, text_effect_of


@pytest.mark.parametrize(
    "code",
    ["General", "0", "0.00", "#,##0", "#,##0.00", "#,##0.##", ".00", "0.00_ ", "0.00_);(0.00)",
     "0.00_ ;[Red]-0.00\\ ", "[红色]0.00", "[Color 10]0", "0.0?", "@", "G/通用格式", "0.00;-0.00;0",
     "#,##0_);[Red](#,##0)", "[$-804]0.0", '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ',
     "0;-0;0;@", "0.00\\ ", '0.00" "', "General;-General", "0.00;\\-0.00"],
)  # fmt: skip
@pytest.mark.parametrize("number", [1.5, -1.5, 0])
def test_plain_formats_show_every_number_as_it_is(code: str, number: float) -> None:
    assert effect_of(code, number).what == "plain"


@pytest.mark.parametrize(
    "code",
    ['0"%"', "0\\%", "$0", "€0", "0€", "¥0", "[$¥-804]0", "[$$-409]#,##0", '0.0"K"', '0"M"', "0‰", '0"‰"',
     "0,,", "0.0,", "#,##0,", "0!.0,", "0\\.0000", "[>100]0", '[=0]"无";0', "10", '"1"0', "0 0", "1",
     '"约"0', '"超过"0', "0.00E+00", "##0.0E+0", "# ?/?", "# ??/??", "# ?/100", '0"万元";0',
     "-0", "+0", "0-0", "0;0;0;@;0", "[DBNum1]0", "%0", "0%%", '0%"约"', '0"万"%', '"元"', '0"元/人"',
     '0"美元"', '0"万"0', '0"人"', "0x", '"12"', "0/0", "[Blue][>5]0", "0:00", "(0)"],
)  # fmt: skip
def test_everything_else_is_another_number_than_the_cell_holds(code: str) -> None:
    assert effect_of(code, 1.5).what == "other"


@pytest.mark.parametrize(
    ("code", "unit"),
    [('0.00"万元"', "万元"), ("0.00\\亿\\元", "亿元"), ("0.00万元", "万元"), ('#,##0" 万 元"', "万元"),
     ('0.00_ "亿"', "亿"), ('General"元"', "元"), ('0"万元";-0"万元";0"万元"', "万元"),
     ('[Red]0"千元"', "千元"), ('0.0"人民币""万元"', "万元")],
)  # fmt: skip
def test_a_unit_in_words_is_told(code: str, unit: str) -> None:
    effect = effect_of(code, 1.5)
    assert (effect.what, effect.unit) == ("unit", unit)


@pytest.mark.parametrize("code", ["0%", "0.00%", "0.0%;-0.0%", "[Red]0%", "#,##0.0#%", "0 %"])
def test_a_percentage_of_the_number(code: str) -> None:
    assert effect_of(code, 0.45).what == "percent"
    assert str(Formatted(0.45, code)) == "45%"


@pytest.mark.parametrize("code", [";;;", ";;", "[Red]", "_ ", '""', ";-0", "   ", "* ", "[>1]"])
def test_an_empty_section_hides_the_number(code: str) -> None:
    assert effect_of(code, 1.5).what in {"hides", "other"}
    assert (effect_of(code, 1.5).what == "hides") == (code != "[>1]")


@pytest.mark.parametrize(
    ("code", "number", "what"),
    [("0;;0", -1, "hides"), ("0;;0", 1, "plain"), ("0;-0;", 0, "hides"), ("0;-0;;@", 0, "hides"),
     ("0;-0;;@", 5, "plain"), ("#", 0, "hides"), ("#,###.##", 0, "hides"), ("#", 7, "plain"),
     ("0;0", -1, "other"),
     ('0;"亏"0', -1, "other"), ('0;"亏"0', 1, "plain"), ("0.00;[Red]0.00", -1, "other"), ("0.00;[Red]0.00", 1, "plain"),
     ('0;-0;"无"', 0, "other"), ('0;-0;"-"', 0, "plain"), ('0;-0;"-"??', 0, "plain"),
     ("0;;;", -3, "hides"), (";-0;", -3, "plain"), ("0%;0%", -0.5, "other"), ("@", -3, "plain"),
     ("0;@", -3, "plain"), ("000", 7, "filled"), ("00000", -7, "filled"), ("0000.0", 7, "plain"),
     ("yyyy-mm-dd", 45000, "date"), ('yyyy"年"m"月"', 45000, "date"), ("h:mm", 0.5, "date")],
)  # fmt: skip
def test_the_section_that_applies_decides(code: str, number: float, what: str) -> None:
    assert effect_of(code, number).what == what


@pytest.mark.parametrize(
    ("code", "what"),
    [("0.00", "plain"), ("@", "plain"), ("0;-0;0;@", "plain"), ("0;0;0;_(@_)", "plain"), (";;", "plain"),
     (";;;", "hides"), ("0;0;0;", "hides"), ('@"万元"', "other"), ('0;0;0;"约"@', "other"),
     ('0;0;0;"无"', "other"), ("0;@", "plain"), ("@@", "other")],
)  # fmt: skip
def test_texts_have_a_section_of_their_own(code: str, what: str) -> None:
    assert text_effect_of(code).what == what


def test_formats_known_by_their_number_alone() -> None:
    plain = [n for n, code in BUILT_IN.items() if effect_of(code, -1).what == "plain"]
    assert plain == [0, 1, 2, 3, 4, 37, 38, 39, 40, 41, 43, 49]


@pytest.mark.parametrize(
    ("number", "code", "kind", "unit", "read"),
    [(1.5, '0.0"万元"', "money", "万元", 1.5), (1.5, '0.0"万"', "money", "万元", 1.5),
     (1.5, '0.0"万元"', "money", "亿元", None), (1.5, '0"元"', "money", "元", 1.5), (1.5, "$0", "money", "元", None),
     (0.45, "0%", "percent", "", "45%"), (0.45, "0%", "money", "元", None), (5, "000", "count", "", 5),
     (5, "000", "text", "", "005"), (5, "000", "percent", "", None), (5, '0"万元"', "count", "", None),
     (-5, "000", "text", "", "-005")],
)  # fmt: skip
def test_what_a_column_reads_of_a_formatted_number(
    number: float, code: str, kind: str, unit: str, read: object
) -> None:
    assert Formatted(number, code).as_read(kind, unit) == read
