"""Numbers that say something else than they seem to: each is read rightly or refused."""

from pathlib import Path

import pytest
from attacks import GOOD, UNITED, WAN, Attack, amounts_taken, drawn, line, raw, sheet
from intake_workbooks import Styled, xlsb

# Numbers --------------------------------------------------------------------------------------------

NUMBERS = [
    *(
        Attack(f"number {text!r}", sheet(UNITED, ["H01", "2024-06", text]))
        for text in (
            "1.75①",
            "10²",
            "1½",
            "１．７５①",
            "1.75⁺",
            "Ⅳ",
            "㈠",
            "1.75*",
            "1.75[1]",
            "约1.75",
            "1.75左右",
            "1.7五",
            "1.75+",
            "3千万",
            "1.75亿",
            "1,75",
            "1.750,00",
            "1 75",
            "1.75 / 2",
            "1~2",
            "1e3",
            "0x10",
            "(1.75)",
            "¥1.75",
            "$1.75",
            "1.75%",
            "1.75‰",
            "٣",
            "१",
            "一",
            "1.75.",
            "..5",
            "1'750",
            "1·75",
            "1。75",
            "TRUE",
            "1\n2",
            "1.75\u20e3",
            "1\u200b750x",
            "-1",
            "−1",
            "1.75-",
            "＋－1",
        )
    ),
    *(
        Attack(f"format {code}", sheet(UNITED, ["H01", "2024-06", Styled(1.0, code)]))
        for code in (
            '0"%"',
            "$0",
            "€0",
            "0 €",
            '0"K"',
            '0"M"',
            ";;;",
            "0‰",
            "0,",
            "0,,",
            "0.0,",
            '[>100]0;0"x"',
            '"约"0',
            '0"0"',
            "0%",
            "0.00%",
            '0" 亿"',
            "[h]:mm",
            '"-"0',
            "¥0.00",
            '0"千元"',
            "yyyy-mm-dd",
            '0"."00',
            "0\\0",
            '[Red]0"千"',
            "[$USD] 0",
            "[$¥-804]0",
            '"单价"0',
            '@"万"',
            "0 0",
        )
    ),
    *(
        Attack(
            f"format {code} of a whole number",
            sheet(UNITED, ["H01", "2024-06", Styled(1.0, code)]),
            WAN,
        )
        for code in ("0.00E+00", "# ?/?", "0;0", '0;"无"', "0.00_);(0.00%)", "00")
    ),
    Attack(
        "struck digits",
        drawn(
            lambda b, p: p.write_rich_string(
                "C2", "17", b.add_format({"font_strikeout": True}), "50"
            ),
            UNITED,
            GOOD[:2],
        ),
    ),
    Attack(
        "raised digit",
        drawn(
            lambda b, p: p.write_rich_string("C2", "10", b.add_format({"font_script": 1}), "2"),
            UNITED,
            GOOD[:2],
        ),
    ),
    Attack(
        "a cell struck out",
        drawn(
            lambda b, p: p.write_number("C2", 1750, b.add_format({"font_strikeout": True})),
            UNITED,
            GOOD[:2],
        ),
    ),
    Attack(
        "a raised number",
        drawn(
            lambda b, p: p.write_number("C2", 1750, b.add_format({"font_script": 1})),
            UNITED,
            GOOD[:2],
        ),
    ),
    Attack("a formula never calculated", raw(line('<c r="C2"><f>1+1</f></c>'))),
    Attack(
        "a formula never calculated, with a remark", raw(line('<c r="C2"><f><!-- x -->1+1</f></c>'))
    ),
    Attack("an error, oddly written", raw(line('<c r="C2" t = "e"><v>#REF!</v></c>'))),
    Attack(
        "a number hidden in xlsb",
        lambda f: xlsb(
            f / "unit.xlsb", "月度进展", [UNITED, ["H01", "2024-06", Styled(1.0, ";;;")]]
        ),
    ),
    Attack(
        "a percent in words in xlsb",
        lambda f: xlsb(
            f / "unit.xlsb", "月度进展", [UNITED, ["H01", "2024-06", Styled(1.0, '0"%"')]]
        ),
    ),
]


@pytest.mark.parametrize("attack", NUMBERS, ids=str)
def test_no_wrong_value_is_taken(attack: Attack, tmp_path: Path) -> None:
    assert amounts_taken(attack, tmp_path) in (None, [attack.truth])
