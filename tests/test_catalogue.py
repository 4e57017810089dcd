import re
from importlib.resources import files
from pathlib import Path

import pytest

from sanshi_report import catalogue
from sanshi_report.catalogue import LANGUAGES, entries, say

FILES = sorted(
    file.name.removesuffix(".yaml")
    for file in files(catalogue).iterdir()
    if file.name.endswith(".yaml")
)


def placeholders(text: str) -> set[str]:
    # `{reason_zh}` and `{reason_en}` are one value, already said in each language.
    return {re.sub(r"_(zh|en)$", "", name) for name in re.findall(r"(?<!\{)\{(\w+)", text)}


@pytest.mark.parametrize("name", FILES)
def test_every_entry_speaks_both_languages_with_the_same_placeholders(name: str) -> None:
    for key, texts in entries(name).items():
        assert set(texts) == set(LANGUAGES), f"{name}.{key}"
        assert all(isinstance(text, str) and text.strip() for text in texts.values()), key
        assert placeholders(texts["zh"]) == placeholders(texts["en"]), f"{name}.{key}"


def test_a_hole_in_a_sentence_raises() -> None:
    assert "2024-06" in say("errors.period_not_month", "en", period="2024-06")
    with pytest.raises(KeyError):
        say("errors.period_not_month", "en", wrong=1)
    with pytest.raises(KeyError):
        say("errors.no_such_entry")


def test_no_entry_of_a_report_is_left_behind() -> None:
    files = Path(catalogue.__file__).parents[1].rglob("*.py")
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    # say("prose.tbl_starts"), word("same_county"), say(f"bulletin.stage_{stage}"), word(f"unit_{unit}")
    whole = set(re.findall(r'["\'](?:\w+\.)?(\w+)["\']', code))
    made = [
        re.sub(r"\{.*?\}", r"\\w+", one)
        for one in re.findall(r'f"(\w+\.(?:[^" {]|\{[^}]*\})*)"', code)
    ]
    begun = tuple(re.findall(r'f"(\w+_)\{', code))
    left = [
        f"{name}.{key}"
        for name in ("annual_review", "bulletin", "consistency", "data_quality", "labels", "project_profile", "prose",
                     "review_meeting", "task_list", "weekly")
        for key in entries(name)
        if key not in whole and not key.startswith(begun)
        and not any(re.fullmatch(one, f"{name}.{key}") for one in made if one != rf"{name}.\w+")
    ]  # fmt: skip
    assert left == []
