"""Submissions that would put a wrong figure into the ledger: each is read rightly or refused, never otherwise.

Every row of the table is one file. `truth` is what its sender means, in fen; None where that cannot be known
and nothing may be taken. A file passes if it has a fault, or if what it gives is exactly the truth.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from intake_workbooks import HEAD, NAME, PROGRAMME, Styled, ods, packed, xlsb, xlsx

from sanshi_report.intake import Reading, read

WAN, YI = 10**6, 10**10  # fen
GOOD = ("H01", "2024-06", 1750)
UNITED = (*HEAD[:2], "本月完成投资（万元）")

Make = Callable[[Path], Path]


@dataclass(frozen=True)
class Attack:
    """A file to make, how receipts call it, and what its one row of progress means."""

    label: str
    make: Make
    truth: int | None = None
    name: str = NAME

    def __str__(self) -> str:
        return self.label


def sheet(*rows: Any, name: str = "月度进展") -> Make:
    return lambda folder: xlsx(folder / "unit.xlsx", {name: rows})


def drawn(change: Callable[[Any, Any], Any], head: Any = HEAD, row: Any = GOOD) -> Make:
    """A workbook to which xlsxwriter adds something: a comment, a header, a format."""

    def make(folder: Path) -> Path:
        path = folder / "unit.xlsx"
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet("月度进展")
            page.write_row(0, 0, head)
            page.write_row(1, 0, row)
            change(book, page)
        return path

    return make


def csv(text: str, name: str = "progress.csv", encoding: str = "utf-8") -> Make:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(text.encode(encoding))
        return path

    return make


def raw(rows: str, styles: str = "", shared: str = "") -> Make:
    """A workbook of hand-written XML: what stands between `<sheetData>` and its end."""
    space = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = "".join(
        f'<c r="{"ABC"[n]}1" t="inlineStr"><is><t>{t}</t></is></c>' for n, t in enumerate(UNITED)
    )
    parts = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook {space} xmlns:r="{relation}"><sheets>'
        '<sheet name="月度进展" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{relation}/worksheet" '
        'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet {space}><sheetData><row r="1">{head}</row>{rows}'
        "</sheetData></worksheet>",
        "xl/styles.xml": f"<styleSheet {space}>{styles}</styleSheet>",
        "xl/sharedStrings.xml": f"<sst {space}>{shared}</sst>",
    }
    return lambda folder: packed(folder / "unit.xlsx", {n: t.encode() for n, t in parts.items()})


def line(cell: str, row: str = '<row r="2">') -> str:
    ids = '<c r="A2" t="inlineStr"><is><t>H01</t></is></c><c r="B2" t="inlineStr"><is><t>2024-06</t></is></c>'
    return f"{row}{ids}{cell}</row>"


# Units ----------------------------------------------------------------------------------------------

STATEMENTS = (
    "单位：万元",
    "金额单位为万元",
    "以下金额均以万元计",
    "注：本表金额以万元为单位",
    "（万元）",
    "计量单位:万元",
    "本表数据以人民币万元填报",
    "單位：萬元",
    "投资额(单位：人民币万元)",
    "货币单位：万",
    "币种：人民币，单位：万元",
)
UNKNOWN = (
    "单位：千元",
    "单位：百万元",
    "金额以十万元计",
    "单位：美元",
    "（万美元）",
    "RMB million",
    "in thousand yuan",
    "Unit: USD",
    "单位：10万元",
    "单位：仟元",
    "€",
    "单位：K",
)

SAID = (*HEAD[:2], "本月完成投资（亿元）")
BESIDE = (
    "金额：万",
    "单位：W元",
    "danwei: wanyuan",
    "以萬圓計",
    "单位：万块",
    "注：表中每1代表一万元",
    "注：投资额按“万”口径填报",
)

UNITS = [
    *(Attack(f"beside a heading in 亿元: {t}", sheet([t], SAID, GOOD)) for t in BESIDE),
    Attack("a unit in three cells", sheet(["单位：", "万", "元"], SAID, GOOD)),
    Attack(
        "a unit written down a column",
        sheet([*HEAD, None, "单"], [*GOOD, None, "位"], [None] * 4 + ["万"], [None] * 4 + ["元"]),
    ),
    *(Attack(f"above: {t}", sheet([t], HEAD, GOOD), 1750 * WAN) for t in STATEMENTS),
    *(
        Attack(f"above, shared row: {t}", sheet([t, None, "2024年6月"], HEAD, GOOD), 1750 * WAN)
        for t in STATEMENTS
    ),
    *(Attack(f"below: {t}", sheet(HEAD, GOOD, [f"注：{t}"]), 1750 * WAN) for t in STATEMENTS),
    *(
        Attack(f"right of the table: {t}", sheet([*HEAD, None, t], GOOD), 1750 * WAN)
        for t in STATEMENTS[:4]
    ),
    *(
        Attack(f"comment: {t}", drawn(lambda b, p, t=t: p.write_comment("C2", t)), 1750 * WAN)
        for t in STATEMENTS
    ),
    *(
        Attack(f"print header: {t}", drawn(lambda b, p, t=t: p.set_header(f"&R{t}")), 1750 * WAN)
        for t in STATEMENTS[:5]
    ),
    Attack(
        "print footer", drawn(lambda b, p: p.set_footer('&L&"宋体,常规"单位：万元')), 1750 * WAN
    ),
    Attack("text box", drawn(lambda b, p: p.insert_textbox("F2", "单位：万元")), 1750 * WAN),
    *(Attack(f"not known: {t}", sheet([t], HEAD, GOOD)) for t in UNKNOWN),
    *(Attack(f"not known, in a note: {t}", sheet(HEAD, GOOD, [f"说明：{t}"])) for t in UNKNOWN),
    Attack("a column of units", sheet([*HEAD, "单位"], [*GOOD, "万元"]), 1750 * WAN),
    Attack(
        "a column of units that differ",
        sheet([*HEAD, "金额单位"], [*GOOD, "万元"], ["H02", "2024-06", 1, "亿元"]),
    ),
    Attack("a column of currencies", sheet([*HEAD, "币种"], [*GOOD, "美元"])),
    Attack(
        "a second block in 万元",
        sheet([*HEAD[:2], "本月完成投资（亿元）"], ["H01", "2024-05", 1], UNITED, GOOD),
    ),
    Attack(
        "a second block, cumulative",
        sheet(HEAD, ["H01", "2024-05", 1], [*HEAD[:2], "累计完成投资"], GOOD),
    ),
    Attack("title and note differ", sheet(["单位：亿元"], HEAD, GOOD, ["注：单位为万元"])),
    Attack("title and heading differ", sheet(["单位：亿元"], UNITED, GOOD)),
    Attack(
        "comment and heading differ", drawn(lambda b, p: p.write_comment("C1", "已改为元"), UNITED)
    ),
    Attack("the file's name", sheet(HEAD, GOOD), 1750 * WAN, "2024-06/某局（万元）.xlsx"),
    Attack(
        "the CSV's name",
        csv("项目编号,月份,本月完成投资\nH01,2024-06,1750\n", "progress（万元）.csv"),
        1750 * WAN,
        "2024-06/progress（万元）.csv",
    ),
    Attack("the sheet's name", sheet(HEAD, GOOD, name="月度进展（万元）"), 1750 * WAN),
    Attack(
        "ods title",
        lambda f: ods(f / "unit.ods", "月度进展", [["进展（万元）", "", "6月"], HEAD, GOOD]),
        1750 * WAN,
    ),
    Attack(
        "only one of two columns",
        sheet(
            ["项目编号", "来源", "计划（万元）", "到位"], ["H01", "银行贷款", 5, 3], name="资金来源"
        ),
    ),
    *(
        Attack(f"format {c}", sheet(HEAD, ["H01", "2024-06", Styled(1750, c)]), 1750 * WAN)
        for c in ('0"万元"', "0.00万元", '#,##0"万元"', '[$-804]0"万"')
    ),
    Attack(
        "ods format",
        lambda f: ods(f / "unit.ods", "月度进展", [HEAD, ["H01", "2024-06", "1750万元"]]),
        1750 * WAN,
    ),
]

# Headings -------------------------------------------------------------------------------------------

HEADINGS = [
    Attack(f"heading {heading}", sheet([*HEAD[:2], heading], GOOD))
    for heading in (
        *(
            f"本月完成投资（{note}）"
            for note in (
                "累计",
                "本年累计",
                "计划",
                "预计",
                "不含税",
                "USD",
                "%",
                "‰",
                "百人",
                "上月",
                "1-6月",
                "自开工",
                "含上年",
                "万元，累计",
                "千万元",
                "万元/月",
                "估",
                "调整后",
                "5月",
                "不含征迁",
                "万美元",
                "港币",
                "K",
            )
        ),
        "本月完成投资①",
        "本月完成投资²",
        "本月完成投资累计",
        "上月本月完成投资",
        "本月计划完成投资",
        "本月完成投资（万元",
        "本月完成投资*注",
        "累计本月完成投资(万元)",
        "本月完成投资（万元）（累计）",
    )
] + [
    Attack("heading 在场人数（百人）", sheet([*UNITED, "在场人数（百人）"], [*GOOD, 3])),
    Attack("heading 形象进度(‰)", sheet([*UNITED, "形象进度(‰)"], [*GOOD, 45])),
    Attack("group 累计", sheet([None, None, "全年累计"], UNITED, GOOD), 1750 * WAN),
    Attack(
        "group 上年 over two rows",
        sheet(["项目编号", "月份", "上年"], [None, None, "本月完成投资（万元）"], GOOD),
    ),
    Attack("the same heading twice", sheet([*UNITED, "本月完成投资（亿元）"], [*GOOD, 1])),
]

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

ATTACKS = [*UNITS, *HEADINGS, *NUMBERS, *KEYS, *FILES]


def taken(reading: Reading) -> dict[str, list[Any]]:
    """What would enter the ledger."""
    return {
        table: frame.drop(columns="origin").to_dict("records")
        for table, frame in reading.tables.items()
    }


@pytest.mark.parametrize("attack", ATTACKS, ids=str)
def test_no_wrong_value_is_taken(attack: Attack, tmp_path: Path) -> None:
    reading = read(attack.make(tmp_path), PROGRAMME, name=attack.name)
    for fault in [*reading.faults, *reading.warnings]:
        assert fault.text("zh")
        assert fault.text("en")
    if not reading.faults:
        assert attack.truth is not None, f"taken: {taken(reading)}"
        assert [row["invested"] for row in taken(reading)["progress"]] == [attack.truth]


def test_there_are_at_least_150_attacks() -> None:
    assert len({attack.label for attack in ATTACKS}) == len(ATTACKS) >= 150
