"""A CSV is read in the encoding it is in, or not at all."""

import codecs

import pytest

from sanshi_report.intake.cells import Unreadable
from sanshi_report.intake.encodings import decoded

CHINESE = "项目编号,月份,本月完成投资,形象进度说明\nH01,2024-06,1.5,镕堃工程\n"
CODES = "project_id,month,invested,physical_note\nH01,2024-06,1,"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_encodings_that_are_read(encoding: str) -> None:
    assert decoded(CHINESE.encode(encoding)) == CHINESE


def test_utf_16_of_either_order_with_its_mark() -> None:
    assert decoded(codecs.BOM_UTF16_BE + CHINESE.encode("utf-16-be")) == CHINESE


@pytest.mark.parametrize(
    ("text", "encoding"),
    [("專案編號,月份,本月完成投資\nH01,2024-06,1\n", "big5"), (f"{CODES}開工\n", "big5"),
     (f"{CODES}一\n", "big5"), (f"{CODES}工事中です\n", "shift-jis"), (f"{CODES}工事中\n", "euc-jp"),
     (f"{CODES}착공하다\n", "euc-kr"), (f"{CODES}착공\n", "cp949"), (f"{CODES}é\n", "latin-1"),
     (f"{CODES}Straße Müller\n", "latin-1"), (f"{CODES}ÄÖÜäöü\n", "cp1252"), (f"{CODES}стройка\n", "koi8-r"),
     (f"{CODES}стройка\n", "cp1251"), (CHINESE, "utf-16-le"), (CHINESE, "utf-16-be"),
     (f"{CODES}a\n", "utf-16-le"), (f"{CODES}a\n", "utf-16-be"), (f"{CODES}a\n", "utf-32"),
    ],
)  # fmt: skip
def test_no_other_encoding_becomes_other_characters(text: str, encoding: str) -> None:
    with pytest.raises(Unreadable) as found:
        decoded(text.encode(encoding))
    assert found.value.rule == "csv_encoding"


def test_values_of_a_list_prove_an_encoding_under_code_headings() -> None:
    text = "project_id,kind\nH01,续建\n"
    assert decoded(text.encode("gb18030")) == text


def test_the_first_line_that_cannot_be_told_is_named() -> None:
    with pytest.raises(Unreadable) as found:
        decoded(f"{CODES}開工\n".encode("big5"))
    assert found.value.values["line"] == 2


def test_private_characters_are_no_text() -> None:
    with pytest.raises(Unreadable) as found:
        decoded(CHINESE.encode("gb18030") + "H02,\ue000\n".encode("gb18030"))
    assert found.value.values["line"] == 3
