"""What a sender may not see, or sees otherwise than it is: read, and told to whoever receives the file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from attacks import GOOD, UNITED
from intake_workbooks import NAME, PROGRAMME, repacked

from sanshi_report.intake import read

SHEET = "xl/worksheets/sheet1.xml"


def told(path: Path) -> list[tuple[str, str]]:
    """The rules told of a file that has no fault, with the places."""
    reading = read(path, PROGRAMME, name=NAME)
    assert reading.faults == []
    assert len(reading.tables["progress"]) == 1
    for warning in reading.warnings:
        assert warning.text("zh") != warning.text("en")
    return [
        (one.rule, one.values.get("cells") or one.values.get("rows", ""))
        for one in reading.warnings
    ]


def looking(folder: Path, amount: Any = GOOD[2], **look: Any) -> Path:
    """A workbook whose amount in C2 has a look."""
    path = folder / "unit.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("月度进展")
        page.write_row(
            0, 0, UNITED, book.add_format({"font_color": "white", "bg_color": "#1F3864"})
        )
        page.write_row(1, 0, GOOD)
        page.write(1, 2, amount, book.add_format(look))
    return path


@pytest.mark.parametrize(
    ("look", "found"),
    [
        ({"font_color": "white"}, [("cells_faint", "C2")]),
        ({"font_size": 1}, [("cells_faint", "C2")]),
        ({"font_color": "#EEEEEE", "bg_color": "#EEEEEE"}, [("cells_faint", "C2")]),
        ({"font_color": "white", "bg_color": "white"}, [("cells_faint", "C2")]),
        ({"font_color": "white", "bg_color": "#1F3864"}, []),
        ({"font_color": "#C00000"}, []),
        ({"font_size": 8}, []),
    ],
)
def test_a_value_that_can_hardly_be_seen_is_told(
    look: dict[str, Any], found: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert told(looking(tmp_path, **look)) == found


@pytest.mark.parametrize(
    ("amount", "code", "found"),
    [
        (1.75, "0", [("cells_rounded", "C2")]),
        (0.4, "0", [("cells_rounded", "C2")]),
        (0.123, "0.00", [("cells_rounded", "C2")]),
        (1750.4, "#,##0", []),
        (1.75, "0.00", []),
        (1.75, "General", []),
        (1750, "0", []),
        (0.1234, "0.0000", []),
    ],
)
def test_a_number_shown_as_another_is_told(
    amount: float, code: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    assert told(looking(tmp_path, amount, num_format=code)) == found


def changed(folder: Path, change: Callable[[bytes], bytes]) -> Path:
    """A workbook whose sheet was changed by hand."""
    return repacked(looking(folder), SHEET, change)


@pytest.mark.parametrize("height", ["0", "0.5", ".75", "0.99"])
def test_a_row_lower_than_a_point_is_told_as_hidden(height: str, tmp_path: Path) -> None:
    row = f'<row r="2" ht="{height}" customHeight="1"'.encode()
    path = changed(tmp_path, lambda xml: xml.replace(b'<row r="2"', row))
    assert told(path) == [("rows_hidden", "2")]


@pytest.mark.parametrize("usual", [b'zeroHeight="1"', b'defaultRowHeight="0"'])
def test_rows_that_are_hidden_unless_they_say_otherwise_are_told(
    usual: bytes, tmp_path: Path
) -> None:
    def hide(xml: bytes) -> bytes:
        start = xml.index(b"<sheetFormatPr")
        end = xml.index(b"/>", start)
        return xml[:start] + b"<sheetFormatPr " + usual + xml[end:]

    assert told(changed(tmp_path, hide)) == [("rows_hidden", "2")]
    shown = b'<row r="2" ht="15"'
    path = changed(tmp_path, lambda xml: hide(xml).replace(b'<row r="2"', shown))
    assert told(path) == []


@pytest.mark.parametrize(
    ("look", "found"),
    [
        ({"num_format": ";;;"}, [("formats_conditional", "C2:C9")]),
        ({"num_format": '0"万"'}, [("formats_conditional", "C2:C9")]),
        ({"font_strikeout": True}, [("formats_conditional", "C2:C9")]),
        ({"font_color": "white"}, [("formats_conditional", "C2:C9")]),
        ({"font_color": "#C00000", "bold": True}, []),
        ({"font_color": "white", "bg_color": "#C00000"}, []),
        ({"num_format": "0.00"}, []),
    ],
)
def test_a_condition_that_may_hide_or_change_a_value_is_told(
    look: dict[str, Any], found: list[tuple[str, str]], tmp_path: Path
) -> None:
    path = tmp_path / "unit.xlsx"
    with xlsxwriter.Workbook(path) as book:
        page = book.add_worksheet("月度进展")
        page.write_row(0, 0, UNITED)
        page.write_row(1, 0, GOOD)
        rule = {"type": "cell", "criteria": ">", "value": 0, "format": book.add_format(look)}
        page.conditional_format("C2:C9", rule)
    assert told(path) == found
