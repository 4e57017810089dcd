"""How what is known now differs from what was known then."""

import pandas as pd
from ledgers import new, old, told

from sanshi_report.ledger import Ledger, compared

NODE = {"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-06-20"}
FIRST = {
    "projects": [old("H1", "12"), new("X1", "2024-06-30")],
    "progress": [{"project_id": "H1", "month": "2024-06", "invested": "1.5"}],
    "nodes": [NODE],
}


def june(*later: tuple[str, str, dict[str, list[dict[str, str]]]]) -> Ledger:
    return told("2024-06", ("2024-06", "2024-07-03", FIRST), *later)


def differences(*later: tuple[str, str, dict[str, list[dict[str, str]]]]) -> list[list[str | None]]:
    found = compared(june(), june(*later)).astype(object)
    rows: list[list[str | None]] = found.where(found.notna(), None).to_numpy().tolist()
    return rows


def test_the_same_ledger_does_not_differ() -> None:
    assert differences() == []
    again = {"progress": [{"project_id": "H1", "month": "2024-06", "invested": "1.5"}]}
    assert differences(("2024-06", "2024-07-09", again)) == []


def test_a_changed_cell_is_told_exactly_with_where_it_came_from() -> None:
    later = {"progress": [{"project_id": "H1", "month": "2024-06", "invested": "1.4999999999"}],
             "nodes": [{**NODE, "due_on": "2024-07-20"}]}  # fmt: skip
    assert differences(("2024-06", "2024-07-09", later)) == [
        ["nodes", "N1", "due_on", "2024-06-20", "2024-07-20", "2024-06/示例甲局.xlsx#nodes!2"],
        [
            "progress",
            "H1 2024-06",
            "invested",
            "1.5",
            "1.4999999999",
            "2024-06/示例甲局.xlsx#progress!2",
        ],
    ]


def test_a_row_that_came_and_one_that_went_are_told_whole() -> None:
    later = june(("2024-06", "2024-07-09", {"nodes": [{**NODE, "node_id": "N2"}]}))
    (come,) = compared(june(), later).to_dict("records")
    assert (come["key"], come["new"]) == ("N2", "H1 | 封顶 | 2024-06-20")
    assert pd.isna(come["column"])
    assert pd.isna(come["old"])
    (went,) = compared(later, june()).to_dict("records")
    assert (went["key"], went["old"]) == ("N2", "H1 | 封顶 | 2024-06-20")
    assert pd.isna(went["origin"])


def test_a_projects_start_is_told_with_the_project() -> None:
    begun = {
        "progress": [
            {"project_id": "X1", "month": "2024-06", "invested": "0", "started_on": "2024-06-28"}
        ]
    }
    found = differences(("2024-06", "2024-07-09", begun))
    assert ["projects", "X1", "started_on", None, "2024-06-28"] in [row[:5] for row in found]


def test_a_cell_that_was_emptied_is_told() -> None:
    late = {"nodes": [{**NODE, "note": "备注"}]}
    one, other = june(("2024-06", "2024-07-04", late)), june()
    (row,) = compared(one, other).to_dict("records")
    assert (row["column"], row["old"]) == ("note", "备注")
    assert pd.isna(row["new"])
