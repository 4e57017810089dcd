"""Random ledgers come back from messy workbooks as they went in; random damage gives tables or faults."""

import io
import random
import re
import zipfile
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_workbooks import HEAD, NAME, PROGRAMME, Styled, ods, xlsx

from sanshi_report.intake import Reading, read
from sanshi_report.schemas import DTYPES, TABLES, validate

OLD = (Path(__file__).parent / "files" / "progress.xls").read_bytes()
EASY = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,  # the suite says the same every time; run it by hand with more examples to search
    database=None,
    suppress_health_check=list(HealthCheck),
)

FULL = str.maketrans(
    "0123456789.,-/ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "０１２３４５６７８９．，－／ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ",
)
IDS = st.from_regex(r"[A-Z]{1,2}[0-9]{2,3}|00[1-9]|NA", fullmatch=True)
DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
NOTES = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="#"),
    min_size=3,
    max_size=20,
).filter(lambda text: text.strip("-—–―─－"))


@st.composite
def facts(draw: Any) -> list[dict[str, Any]]:
    """Rows of progress as they are meant: money in fen."""
    keys = draw(
        st.lists(
            st.tuples(IDS, st.just(2024), st.integers(1, 6)),
            min_size=1,
            max_size=8,
            unique=True,
        )
    )
    return [
        {
            "project_id": project,
            "month": f"{year}-{month:02d}",
            "invested": draw(st.integers(0, 10**13))
            * draw(st.sampled_from([1, 100, 10**6]))
            % 10**13,
            "physical_pct": draw(st.none() | st.integers(1, 100)),
            "physical_note": draw(st.none() | NOTES),
            "started_on": draw(st.none() | DAYS),
            "workers": draw(st.none() | st.integers(0, 5000)),
            "evidence": draw(st.none() | st.sampled_from(["自报", "三方确认", "核查"])),
        }
        for project, year, month in keys
    ]


def day_cell(value: date, how: int) -> Any:
    shapes: list[Callable[[date], Any]] = [
        lambda d: d,
        lambda d: f"{d.year}年{d.month}月{d.day}日",
        lambda d: f"{d.year}.{d.month}.{d.day}",
        lambda d: f"{d.year}/{d.month:02d}/{d.day}",
        lambda d: f"{d:%Y-%m-%d}".translate(FULL),
        lambda d: int(f"{d:%Y%m%d}"),
        lambda d: f"\u3000{d:%Y%m%d}\xa0",
    ]
    return shapes[how % len(shapes)](value)


def money_cell(fen: int, unit: int, how: int) -> Any:
    amount = Decimal(fen) / unit
    shapes: list[Callable[[Decimal], Any]] = [
        lambda a: (
            float(a) if len(f"{a.normalize():f}".replace(".", "").strip("0")) <= 15 else f"{a:f}"
        ),
        lambda a: f"{a:f}",
        lambda a: f"{a:,f}",
        lambda a: f" {a:,f}".translate(FULL),
    ]
    return shapes[how % len(shapes)](amount)


def messy(rows: list[dict[str, Any]], how: random.Random) -> list[list[Any]]:
    """The same rows as somebody types them."""
    unit_name, unit = how.choice(
        [("", 10**10), ("（亿元）", 10**10), ("(万元)", 10**6), ("\n【元】", 10**2)]
    )
    columns = list(rows[0])
    how.shuffle(columns)
    titles = {name: str(TABLES["progress"].columns[name].title) for name in columns}
    head = [
        how.choice([titles[c], f" {titles[c][:2]}\n{titles[c][2:]}", f"{titles[c]}*", c])
        for c in columns
    ]
    head[columns.index("invested")] += unit_name

    def cell(name: str, value: Any) -> Any:
        if value is None:
            return how.choice([None, "", "—", "-", "/", "无", "\u3000"])
        if name == "invested":
            return money_cell(value, unit, how.randrange(9))
        if name == "started_on":
            return day_cell(value, how.randrange(9))
        if name == "month":
            year, month = map(int, value.split("-"))
            return how.choice(
                [
                    value,
                    f"{year}年{month}月",
                    f"{year}/{month}",
                    f"{year}{month:02d}",
                    date(year, month, 1),
                ]
            )
        if name == "physical_pct":
            return how.choice(
                [
                    value,
                    f"{value}%",
                    f"{value}％",
                    str(value).translate(FULL),
                    Styled(value / 100, "0.0%"),
                ]
            )
        if name == "project_id":
            return how.choice([value, value.translate(FULL), f"\xa0{value} "])
        return how.choice([value, f" {value}\u3000"]) if isinstance(value, str) else value

    out: list[list[Any]] = [["三十工程月度进展"], []][: how.randrange(3)]
    out.append(head)
    for row in rows:
        out.append([cell(name, row[name]) for name in columns])
        if how.random() < 0.2:
            out.append([])
        if how.random() < 0.2:
            out.append(
                [how.choice(["合计", "小 计"]) if c == "project_id" else None for c in columns]
            )
    return out


def quoted(value: Any) -> str:
    """A cell as Excel writes it into a CSV."""
    if isinstance(value, Styled):
        value = f"{value.number * 100:g}%"
    if isinstance(value, float):
        value = f"{Decimal(repr(value)):f}"
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"'


def meant(rows: list[dict[str, Any]]) -> pd.DataFrame:
    columns = TABLES["progress"].columns
    kinds = {name: DTYPES[(column.metadata or {})["kind"]] for name, column in columns.items()}
    return pd.DataFrame(
        {
            name: pd.array([row.get(name) for row in rows], dtype=kind)
            for name, kind in kinds.items()
        }
    )


def says_something(reading: Reading) -> bool:
    """Nothing is passed over in silence: there are tables, or it is said why not."""
    return bool(reading.tables or reading.faults)


def opened(path: Path) -> Reading:
    """What a file is read as, its tables and messages in order."""
    reading = read(path, PROGRAMME, name=NAME)
    for table, frame in reading.tables.items():
        validate(frame.drop(columns="origin"), TABLES[table])
    for fault in [*reading.faults, *reading.warnings]:
        assert fault.text("zh")
        assert fault.text("en")
    return reading


@given(facts(), st.randoms(use_true_random=False), st.sampled_from(["xlsx", "csv", "gbk"]))
@EASY
def test_random_rows_come_back_from_messy_files(
    rows: list[dict[str, Any]], how: random.Random, form: str
) -> None:
    with TemporaryDirectory() as folder:
        grid = messy(rows, how)
        if form == "xlsx":
            path = xlsx(Path(folder) / "unit.xlsx", {"月度进展": grid})
        else:
            path = Path(folder) / "progress.csv"
            text = "\n".join(",".join(map(quoted, line)) for line in grid)
            path.write_text(text, encoding="gb18030" if form == "gbk" else "utf-8")
        reading = opened(path)
    assert [fault.text() for fault in reading.faults] == []
    pd.testing.assert_frame_equal(reading.tables["progress"].drop(columns="origin"), meant(rows))


UNIT_WORDS = st.sampled_from(
    ["元", "千元", "万元", "百万元", "千万元", "亿元", "美元", "万美元", "港币"]
)
SAID = st.builds(
    lambda frame, unit: frame.format(unit),
    st.sampled_from(
        [
            "单位：{}",
            "（{}）",
            "金额单位为{}",
            "注：以{}计",
            "以下均以{}为单位",
            "情况表（{}）",
            "计量单位:{}",
            "人民币{}",
        ]
    ),
    UNIT_WORDS,
)
NOTED = st.text("累计划预估上年月税含不万亿千百元%‰①②¹²½0123456789KMUSD", min_size=1, max_size=6)
MARKS = st.sampled_from([*"①²½⁺*†‰%万亿千kKmM¥$€约余多+~", "(1)", "[1]", "左右"])
CODES = st.sampled_from(
    ['0"%"', "$0", '0"K"', "0,,", ";;;", '0.00"万元"', '"约"0', "0‰", "[>1]0;0%", '0"千元"', "0.0,"]
)


@st.composite
def altered(draw: Any) -> list[list[Any]]:
    """A sheet in 亿元 as somebody changed it who may mean something else."""
    head: list[Any] = [*HEAD[:2], "本月完成投资（亿元）"]
    rows: list[list[Any]] = [["H01", "2024-05", 1.5], ["H02", "2024-06", 12.25]]
    where = draw(st.integers(0, 1))
    match draw(
        st.sampled_from(["above", "below", "beside", "note", "mark", "key", "header", "format"])
    ):
        case "above":
            return [[draw(SAID), *draw(st.sampled_from([[], [None, "2024年6月"]]))], head, *rows]
        case "below":
            return [head, *rows, [f"说明：{draw(SAID)}"]]
        case "beside":
            return [[*head, "单位"], *([*row, draw(UNIT_WORDS)] for row in rows)]
        case "note":
            head[2] = f"本月完成投资（亿元）（{draw(NOTED)}）"
        case "mark":
            rows[where][2] = f"{rows[where][2]}{draw(MARKS)}"
        case "key":
            rows[where][:2] = [rows[1 - where][0].translate(FULL).lower(), rows[1 - where][1]]
        case "header":
            rows.insert(where + 1, [*head[:2], f"本月完成投资（{draw(UNIT_WORDS)}）"])
        case "format":
            rows[where][2] = Styled(rows[where][2], draw(CODES))
    return [head, *rows]


@given(altered(), st.sampled_from(["xlsx", "csv"]))
@settings(EASY, max_examples=150)
def test_what_changes_the_meaning_of_a_sheet_gives_the_same_tables_or_a_fault(
    grid: list[list[Any]], form: str
) -> None:
    with TemporaryDirectory() as folder:
        if form == "xlsx" or any(isinstance(cell, Styled) for row in grid for cell in row):
            path = xlsx(Path(folder) / "unit.xlsx", {"月度进展": grid})
        else:
            path = Path(folder) / "progress.csv"
            path.write_text("\n".join(",".join(map(quoted, row)) for row in grid), encoding="utf-8")
        reading = opened(path)
    if not reading.faults:
        frame = reading.tables["progress"]
        amounts = dict(zip(frame["project_id"], frame["invested"], strict=True))
        assert amounts == {"H01": 15 * 10**9, "H02": 1225 * 10**8}


def workbook() -> bytes:
    with TemporaryDirectory() as folder:
        rows = [HEAD, ["H01", "2024-06", 1.5], ["H02", "2024-06", "12,000"]]
        return xlsx(Path(folder) / "a.xlsx", {"月度进展": rows}).read_bytes()


def open_document() -> bytes:
    with TemporaryDirectory() as folder:
        return ods(Path(folder) / "a.ods", "月度进展", [HEAD, ["H01", "2024-06", 1.5]]).read_bytes()


CSV = "项目编号,月份,本月完成投资\nH01,2024-06,1.5\n".encode()
WHOLE = {".xlsx": workbook(), ".xls": OLD, ".ods": open_document(), ".csv": CSV}

DAMAGE = st.lists(
    st.tuples(
        st.integers(0, 2**16),
        st.sampled_from(["set", "cut", "add", "end"]),
        st.binary(min_size=1, max_size=6),
    ),
    min_size=1,
    max_size=4,
)


def damaged(content: bytes, damage: list[tuple[int, str, bytes]]) -> bytes:
    for where, kind, noise in damage:
        at = where % (len(content) + 1)
        after = {"set": at + len(noise), "cut": at + 7, "add": at, "end": len(content)}[kind]
        content = content[:at] + (noise if kind in {"set", "add"} else b"") + content[after:]
    return content


@given(st.sampled_from(list(WHOLE)), DAMAGE)
@EASY
def test_damaged_bytes_give_tables_or_faults(
    suffix: str, damage: list[tuple[int, str, bytes]]
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"progress{suffix}"
        path.write_bytes(damaged(WHOLE[suffix], damage))
        assert says_something(opened(path))


@given(st.sampled_from([".xlsx", ".ods"]), st.integers(0, 50), DAMAGE)
@EASY
def test_damage_inside_a_sound_archive_gives_tables_or_faults(
    suffix: str, which: int, damage: list[tuple[int, str, bytes]]
) -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE[suffix])) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    victim = list(parts)[which % len(parts)]
    parts[victim] = damaged(parts[victim], damage)
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"progress{suffix}"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in parts.items():
                archive.writestr(name, content)
        assert says_something(opened(path))


ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.text(max_size=12),
    st.integers(-(10**12), 10**12),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(date(1900, 3, 1), date(9999, 12, 31)),
    st.sampled_from(
        [
            "合计",
            "#REF!",
            "=1+1",
            "<script>",
            "项目编号",
            "2024-13",
            "-1",
            "3千万",
            "１２",
            "无",
            "注：",
        ]
    ),
)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), ANYTHING), min_size=1, max_size=6))
@EASY
def test_any_cell_gives_a_row_or_its_fault(changes: list[tuple[int, int, Any]]) -> None:
    rows: list[list[Any]] = [
        [*HEAD, "形象进度(%)", "竣工日期"],
        *(["H01", f"2024-{month:02d}", 1.5, 45, "2024-06-30"] for month in range(1, 5)),
    ]
    for row, column, value in changes:
        rows[row][column] = value
    with TemporaryDirectory() as folder:
        assert says_something(opened(xlsx(Path(folder) / "unit.xlsx", {"月度进展": rows})))


# The structure of a sheet, changed at random: the same table, or a fault, never other values.

LONG = 1050
"""Rows enough to be a long table."""

_PIECE = re.compile(rb"<[^>]+>|[^<]+")


def long_workbook() -> tuple[dict[str, bytes], pd.DataFrame]:
    rows = [[f"H{n}", "2024-06", n / 4] for n in range(LONG)]
    with TemporaryDirectory() as folder:
        path = xlsx(Path(folder) / "a.xlsx", {"月度进展": [HEAD, *rows]})
        frame = opened(path).tables["progress"].drop(columns="origin")
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name) for name in archive.namelist()}, frame


SOUND, SOUND_FRAME = long_workbook()
SHEET = "xl/worksheets/sheet1.xml"


def restructured(xml: bytes, change: tuple[str, int, int]) -> bytes:
    """Change the markup of a sheet without touching a text."""
    kind, where, other = change
    pieces = _PIECE.findall(xml)
    tags = [number for number, piece in enumerate(pieces) if piece.startswith(b"<")]
    # Half of the changes fall among the last rows.
    place = len(tags) - 1 - where % 300 if where % 2 else where % len(tags)
    at, to = tags[place], tags[min(len(tags) - 1, place + other)]
    if kind == "twice":
        pieces.insert(to, pieces[at])
    elif kind == "gone":
        del pieces[at]
    elif kind == "swapped":
        pieces[at], pieces[to] = pieces[to], pieces[at]
    elif kind == "nameless":
        pieces[at] = re.sub(rb' r="[^"]*"', b"", pieces[at])
    elif kind == "quotes":
        pieces[at] = pieces[at].replace(b'"', b"'")
    elif kind == "comment":
        pieces[at] += b"<!-- <c r='A1'><v>7</v></c> -->"
    elif kind == "typed":
        pieces[at] = pieces[at].replace(
            b"<c ", b'<c t="%s" ' % [b"e", b"str", b"b", b"s"][other % 4]
        )
    elif kind == "styled":
        pieces[at] = pieces[at].replace(b"<c ", b'<c s="%d" ' % (other % 3))
    return b"".join(pieces)


CHANGES = st.tuples(
    st.sampled_from(
        ["twice", "gone", "swapped", "nameless", "quotes", "comment", "typed", "styled"]
    ),
    st.integers(0, 2**16),
    st.integers(1, 11),
)


@given(CHANGES)
@settings(EASY, max_examples=60)
def test_a_sheet_with_changed_markup_gives_its_values_or_faults(
    change: tuple[str, int, int],
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.xlsx"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in SOUND.items():
                archive.writestr(name, restructured(content, change) if name == SHEET else content)
        reading = opened(path)
    if not reading.faults:
        frame = reading.tables["progress"].drop(columns="origin")
        pd.testing.assert_frame_equal(frame.reset_index(drop=True), SOUND_FRAME)
