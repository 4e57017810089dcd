"""Every YAML file is read in one bounded way."""

import time
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from sanshi_report.catalogue import yamls

PACKAGE = Path(yamls.__file__).parents[1]

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 20)
)


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize(
    ("text", "rule", "line"),
    [
        ("a: 1\nb: 2\na: 3", "yaml_twice", 3),
        ("- a: {b: 1,\n    b: 1}", "yaml_twice", 2),
        ("a: &a [*a]", "yaml_alias", 1),
        ("a: &a {b: *a}", "yaml_alias", 1),
        ("a: 1\nb: *nobody", "yaml_alias", 2),
        ("[" * 900_000, "yaml_deep", 1),
        ("- " * 400_000, "yaml_deep", 1),
        ("? " * 300_000, "yaml_deep", 1),
        ("\n".join(" " * n + "a:" for n in range(1000)), "yaml_deep", 33),
        (BOMB, "yaml_large", None),
        ("a: &a 1\nb: [" + "*a, " * 200_000 + "]", "yaml_large", None),
        (f"a: &a {'x' * 9000}\nb: [{'*a, ' * 200}]", "yaml_large", None),
        ("k: v\n" * 1_000_000, "yaml_large", None),
    ],
)
def test_a_text_that_is_too_much_or_says_a_thing_twice_is_refused_within_a_second(
    text: str, rule: str, line: int | None, plain: bool
) -> None:
    began = time.process_time()
    with pytest.raises(yamls.Refused) as found:
        yamls.parse(text, plain=plain)
    assert time.process_time() - began < 1
    assert (found.value.rule, found.value.values.get("line")) == (rule, line)
    assert " | " in str(found.value)


@pytest.mark.parametrize(
    "value",
    ["2024-02-30", ".inf", "9" * 6000, "190:20:30.15", "!!int x", "!!int ''", "!!bool x",
     "!!timestamp x", "!!float x"],
)  # fmt: skip
def test_what_looks_like_a_value_and_is_none_is_refused_with_its_line(value: str) -> None:
    with pytest.raises(yamls.Refused) as found:
        yamls.parse(f"a: 1\nb: {value}")
    assert (found.value.rule, found.value.values["line"]) == ("yaml_value", 2)


def test_an_alias_stands_for_what_it_names() -> None:
    assert yamls.parse("a: &a {b: 1.10}\nc: [*a, *a]") == {
        "a": {"b": Decimal("1.10")},
        "c": [{"b": Decimal("1.10")}] * 2,
    }


def test_a_decimal_is_exact_and_a_plain_reading_leaves_text() -> None:
    assert yamls.parse("a: 0.1\nb: 2024-06") == {"a": Decimal("0.1"), "b": "2024-06"}
    assert yamls.parse("a: 0.10\nb: yes", plain=True) == {"a": "0.10", "b": "yes"}


def test_a_file_in_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_bytes("a: 1\nb: 工业\n".encode("gb18030"))
    with pytest.raises(yamls.Refused, match="line 2 is not UTF-8"):
        yamls.read(file)


def test_a_file_that_is_too_large_is_refused_unread(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("# 工业\n" * 500_000, encoding="utf-8")
    with pytest.raises(yamls.Refused) as found:
        yamls.read(file)
    assert found.value.rule == "yaml_large"


@given(st.text(alphabet="ab:-?[]{},&*!|>'\"#%@ \n\t0.~<=", max_size=60))
@settings(max_examples=500, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    for plain in (False, True):
        try:
            first = yamls.parse(text, plain=plain)
        except yaml.YAMLError:  # any other error fails the test
            continue
        assert repr(yamls.parse(text, plain=plain)) == repr(first)


def test_no_other_module_reads_yaml_that_has_not_been_read_here() -> None:
    readers = [
        file.name
        for file in PACKAGE.rglob("*.py")
        if any(call in file.read_text(encoding="utf-8") for call in ("yaml.load", "yaml.safe_load"))
    ]
    # A new year keeps the comments of the last, which has been read before.
    assert sorted(readers) == ["next_year.py", "yamls.py"]
