"""Submissions that would put a wrong figure into the ledger: each is read rightly or refused, never otherwise.

Every row of the table is one file. `truth` is what its sender means, in fen; None where that cannot be known
and nothing may be taken. A file passes if it has a fault, or if what it gives is exactly the truth.
"""

import warnings
import zipfile
from datetime import date, datetime
from pathlib import Path

import pytest
from attacks import GOOD, UNITED, YI, Attack, amounts_taken, csv, line, raw, sheet
from intake_workbooks import NAME, PROGRAMME, Styled, xlsx
from test_intake_attacks_numbers import NUMBERS
from test_intake_attacks_units import HEADINGS, UNITS

from sanshi_report.intake import read

# Months, days, keys ---------------------------------------------------------------------------------

KEYS = [
    *(
        Attack(f"month {m!r}", sheet(UNITED, ["H01", m, 1750]))
        for m in (
            "2024-1-7",
            "2024-07",
            "2024-09",
            "2025-07",
            "2023-07",
            "2023-12",
            "6月",
            "06",
            "2024年",
            "上半年",
            "2024-6①",
            "2024-1~6",
            "1-6月",
            "2024.1.7",
            "20240107",
            "2024Q2",
            "二〇二四年六月",
            "24-06",
            "2024-06-15",
            "06/2024",
            "2024年6月7月",
            date(2024, 1, 7),
            datetime(2024, 7, 1),
        )
    ),
    *(
        Attack(f"day {d!r}", sheet([*UNITED, "实质性开工日期"], [*GOOD, d]))
        for d in (
            "2024-6-1①",
            "6月5日",
            "2024-06-05 25:99",
            "2024-02-30",
            "05/06/2024",
            "24.6.5",
            "2024-6-5、2024-7-1",
            "2024年6月",
            "月底",
            45458,
            "2024-06-05T12:61",
            "2024-6-5²",
            "六月五日",
            "2024-06-0５x",
            "6.5",
            "20240631",
        )
    ),
    *(
        Attack(
            f"day shown as {code}",
            sheet([*UNITED, "实质性开工日期"], [*GOOD, Styled(45448, code)]),
        )
        for code in (
            'm"月"d"日"',
            "m/d",
            "d-mmm",
            'yyyy"年"m"月"',
            "mmm-yy",
            '"计划"yyyy-mm-dd',
            "hh:mm",
            "[$-130000]yyyy-mm-dd",
            "dddd",
            "yyyy",
            "aaaa",
            ";;;",
        )
    ),
    *(
        Attack(f"month shown as {code}", sheet(UNITED, ["H01", Styled(45444, code), 1750]))
        for code in ('m"月"', "mmm", 'm"月"d"日"', "dd", "yyyy")
    ),
    Attack(
        "keys that differ by case",
        sheet(
            ["问题编号", "项目编号", "提出日期", "类别", "层级", "责任单位", "承诺解决", "内容"],
            *(
                ([k, "H01", "2024-06-01", "征地清表", "现场", "甲", "2024-06-30", "乙"])
                for k in ("W2024-001", "w2024-001")
            ),
            name="问题台账",
        ),
    ),
    Attack("keys that differ by width and case", sheet(UNITED, GOOD, ["ｈ01", "2024-06", 3])),
    Attack("the same key twice", sheet(UNITED, GOOD, ["Ｈ０１", "2024年6月", 3])),
    Attack("a percentage above 100", sheet([*UNITED, "形象进度(%)"], [*GOOD, 145])),
    Attack("a percentage that may be a share", sheet([*UNITED, "形象进度(%)"], [*GOOD, 0.45])),
    Attack("half a worker", sheet([*UNITED, "在场人数"], [*GOOD, 1.5])),
]

# Files ----------------------------------------------------------------------------------------------

C2 = '<c r="C2"><v>1750</v></c>'
CSV = "项目编号,月份,本月完成投资（万元）,形象进度(%)"


def twice(folder: Path) -> Path:
    """An archive that holds its sheet twice, with different figures."""
    path = raw(line(C2))(folder)
    with zipfile.ZipFile(path) as archive:
        parts = [(name, archive.read(name)) for name in archive.namelist()]
    sheet1 = next((name, content) for name, content in parts if name.endswith("sheet1.xml"))
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")  # zipfile warns of the second one
        for name, content in [*parts, (sheet1[0], sheet1[1].replace(b"1750", b"9"))]:
            archive.writestr(name, content)
    return path


FILES = [
    Attack("a cell twice", raw(line(C2 + '<c r="C2"><v>9</v></c>'))),
    Attack("a row twice", raw(line(C2) + line('<c r="C2"><v>9</v></c>'))),
    Attack("a sheet twice", twice),
    Attack("a cell of another row", raw(line('<c r="C3"><v>1750</v></c>'))),
    Attack("cells out of order", raw(line('<c r="D2"><v>9</v></c>' + C2))),
    Attack("a comma too many", csv(f"{CSV}\nH01,2024-06,1,050.5\n")),
    Attack("shifted fields", csv(f"{CSV}\nH01,2024-06,1,75,,\n")),
    Attack("a comma too few", csv(f"{CSV}\nH01,2024-06,1\n")),
    Attack("a field too many, empty", csv(f"{CSV}\nH01,2024-06,1,75,\n")),
    Attack("semicolons", csv(f"{CSV}\nH01,2024-06,1,75\n".replace(",", ";"))),
    *(
        Attack(
            f"CSV in {encoding}",
            csv(
                "项目编号,月份,本月完成投资,备注\nH01,2024-06,1750,工程进度正常\n",
                encoding=encoding,
            ),
            1750 * YI,
        )
        for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32")
    ),
    *(
        Attack(
            f"CSV of notes in {encoding}",
            csv(
                f"project_id,month,invested,physical_note\nH01,2024-06,1750,{text}\n",
                encoding=encoding,
            ),
        )
        for encoding, text in (
            ("big5", "工程進度正常，土地已徵收"),
            ("shift-jis", "工事の進捗は正常です"),
            ("euc-kr", "공사가 정상적으로 진행됨"),
            ("latin-1", "Überprüfung läuft, Qualität geprüft"),
        )
    ),
    Attack("an unclosed quote", csv(f'{CSV}\nH01,2024-06,"1,75\nH02,2024-06,3,4\n')),
]


@pytest.mark.parametrize("attack", [*KEYS, *FILES], ids=str)
def test_no_wrong_value_is_taken(attack: Attack, tmp_path: Path) -> None:
    assert amounts_taken(attack, tmp_path) in (None, [attack.truth])


def test_there_are_at_least_150_attacks() -> None:
    every = [*UNITS, *HEADINGS, *NUMBERS, *KEYS, *FILES]
    assert len({attack.label for attack in every}) == len(every) >= 150


HEAD_OF_PROBLEMS = (
    "问题编号",
    "项目编号",
    "提出日期",
    "类别",
    "层级",
    "责任单位",
    "承诺解决",
    "内容",
)


@pytest.mark.parametrize(
    ("first", "second", "rules"),
    [
        ("W2024-001", "W2024-0О1", ["id_letters"]),  # Cyrillic
        ("W2024-001", "Ｗ2024-002", []),
        ("W2024-001", "Ԝ2024-001", ["id_letters"]),
        ("W2024-001", "Ω2024-001", ["id_letters"]),
        ("W2024-001", "W2024-0O1", ["key_spelling"]),
        ("W2024-011", "W2024-0l1", ["key_spelling"]),
        ("问题-001", "問題-002", []),
        ("OIL-1", "01L-1", []),
    ],
)
def test_a_number_that_only_looks_like_another_is_refused(
    first: str, second: str, rules: list[str], tmp_path: Path
) -> None:
    rest = ("H01", "2024-06-01", "征地清表", "单一部门", "示例局", "2024-06-30", "内容")
    rows = [HEAD_OF_PROBLEMS, (first, *rest), (second, *rest)]
    path = xlsx(tmp_path / "unit.xlsx", {"问题台账": rows})
    assert [fault.rule for fault in read(path, PROGRAMME, name=NAME).faults] == rules
