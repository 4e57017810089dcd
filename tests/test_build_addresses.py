"""Addresses followed in published data: what was said is found there again, whatever the texts are."""

from pathlib import Path

import pandas as pd
import pytest
from ledgers import parameters

from sanshi_report.blocks import Address, Cell, Figure, Grid, Paragraph, Row, Run, Table, Text
from sanshi_report.build.addresses import Addresses
from sanshi_report.columns import keyed
from sanshi_report.render.outputs import Output, Prose
from sanshi_report.style import csv_text
from sanshi_report.words import Rows, Voice
from sanshi_report.words.choosing import FILTERS

VOICE = Voice(parameters(), "zh")
# As a project may be called; "9" sees to it that none is passed over as mere words.
NAMES = (
    "NA9", "nan", "'=1+1", "=1+1", "''=x9", "'@9", "-5", "'-5", "+7", "007", "1e5", "True", "9,b", "9 b", "50%",
    "%20", "x=9", "x<9", "é\u20289", "9\nb", "  9 ", "\t9", "2024-06-30", "ＡＢ１",
)  # fmt: skip


def frame() -> pd.DataFrame:
    texts = pd.array(NAMES, dtype="str")
    numbers = pd.array([f"P{n}" for n in range(len(NAMES))], dtype="str")
    late = pd.array(range(len(NAMES)), dtype="Int64")
    columns = {"project_id": numbers, "name": texts, "owner": texts, "months_late": late}
    return keyed(pd.DataFrame(columns), "project_id", name="starts.register")


def published(folder: Path, of: pd.DataFrame) -> Addresses:
    name = of.attrs["frame"]
    (folder / f"{name}.csv").write_text(csv_text(of), encoding="utf-8", newline="")
    return Addresses(folder, {name: of.attrs["key"]}, VOICE)


@pytest.mark.parametrize("at", range(len(NAMES)), ids=map(repr, NAMES))
def test_a_name_is_found_again_where_it_stands(at: int, tmp_path: Path) -> None:
    said = VOICE.run(Rows(frame())[at].name)
    assert published(tmp_path, frame()).strays([Paragraph((said,))]) == []


def test_rows_are_chosen_again_by_whatever_name(tmp_path: Path) -> None:
    addresses, groups = published(tmp_path, frame()), FILTERS["groups"](Rows(frame()), "owner")
    assert len(groups) == len(NAMES)
    said = [VOICE.run(FILTERS[how](one, *what)) for one in groups
            for how, what in (("count", ()), ("total", ("months_late",)))]  # fmt: skip
    assert addresses.strays([Paragraph(tuple(said))]) == []


def test_what_was_changed_is_a_stray(tmp_path: Path) -> None:
    addresses = published(tmp_path, frame())
    at = Address("starts.register", "P3", "months_late")
    kept = [
        Run("3", at),
        Run("4", at),
        Run("3"),
        Run("3", at._replace(row="P99")),
        Run("3", at._replace(frame="x")),
    ]
    assert [one.run for one in addresses.strays([Paragraph(tuple(kept))])] == kept[1:]


SAID = (Run("差9个"),)
AT = Address("starts.register", "P9", "months_late")


def table(caption: Text = (), heading: Text = (), note: Text = ()) -> Table:
    rows = (Row((Cell(heading),), "group"), Row((Cell((Run("甲"),)),)))
    return Table("tbl-a", caption, Grid((Row((Cell((Run("项目"),)),), "head"),), rows, (note,)))


@pytest.mark.parametrize(
    "output",
    [
        Prose("甲差9个"),
        Paragraph(SAID),
        Paragraph(SAID, level=2),
        Figure("fig-a", SAID, (), ""),
        Figure("fig-a", (), SAID, ""),
        table(caption=SAID),
        table(heading=SAID),
        table(note=SAID),
    ],
    ids=["markdown", "prose", "heading", "figure", "shown", "caption", "group", "remark"],
)
def test_a_number_without_an_address_is_a_stray_wherever_it_is_said(
    output: Output, tmp_path: Path
) -> None:
    addresses = published(tmp_path, frame())
    assert next(one.run.text for one in addresses.strays([output])).endswith("差9个")


def test_a_number_with_its_address_is_none_wherever_it_is_said(tmp_path: Path) -> None:
    said = (Run("差"), Run("9", AT), Run("个"))
    outputs = [Paragraph(said), Figure("fig-a", said, said, ""), table(said, said, said)]
    assert published(tmp_path, frame()).strays(outputs) == []


def test_keys_that_read_alike_stay_apart(tmp_path: Path) -> None:
    alike = pd.DataFrame({
        "project_id": pd.array(["A B", "A", None, "C"], dtype="str"),
        "permit": pd.array(["C", "B C", "C", None], dtype="str"),
        "days_overdue": pd.array([1, 2, 3, 4], dtype="Int64"),
    })  # fmt: skip
    two = keyed(alike, "project_id", "permit", name="permits.overdue")
    rows = Rows(two)
    assert [one.days_overdue.at.row for one in rows] == ["A%20B C", "A B%20C", " C", "C "]
    said = tuple(VOICE.run(one.days_overdue) for one in rows)
    assert published(tmp_path, two).strays([Paragraph(said)]) == []
