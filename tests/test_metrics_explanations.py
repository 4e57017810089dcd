"""Projects behind that owe an explanation."""

from decimal import Decimal

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, spent

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import explanations
from sanshi_report.workspace import Parameters
from sanshi_report.workspace.programme import Explanations


def rules(light: str = "yellow", months: int = 3) -> Parameters:
    rule = Explanations.model_validate({"from_light": light, "months": months})
    return parameters(explanations=rule)


def problem(project: str, raised_on: str, text: str, closed_on: str | None = None) -> dict:
    return {
        "problem_id": f"W-{text}", "project_id": project, "raised_on": raised_on, "tier": "现场",
        "category": "用地报批", "owner": "示例乙局", "description": text, "due_on": "2024-06-30",
        "closed_on": closed_on,
    }  # fmt: skip


def change(project: str, field: str, approved_on: str, reason: str) -> dict:
    return {"project_id": project, "field": field, "old": "甲", "new": "乙", "reason": reason,
            "approved_by": "示例办公室", "approved_on": approved_on}  # fmt: skip


def node(
    node_id: str, project: str, due_on: str, note: str | None, done_on: str | None = None
) -> dict:
    return {"node_id": node_id, "project_id": project, "node": "封顶", "due_on": due_on,
            "done_on": done_on, "note": note}  # fmt: skip


def told(**tables: list[dict]) -> Ledger:
    return ledger(
        projects=[
            old("H1", "10"),  # 50 %: green
            old("H2", "10"),  # 49 %: yellow
            old("H3", "10"),  # 39 %: red
            old("H4", None),
            new("X1", "2024-07-01"),
            new("X2", "2024-06-20"),  # yellow
            new("X3", "2024-03-20"),  # red
            new("X4", "2024-03-20", started_on="2024-06-01"),
        ],
        progress=[*spent("H1", "5"), *spent("H2", "4.9"), *spent("H3", "3.9")],
        **tables,
    )


def test_who_owes_an_explanation_depends_on_the_light() -> None:
    frame = explanations.register(told(), rules())
    assert frame["project_id"].tolist() == ["X3", "H3", "X2", "H2"]
    assert frame["light"].tolist() == ["red", "red", "yellow", "yellow"]
    assert frame["gap_points"].tolist() == [None, Decimal(-11), None, Decimal(-1)]
    assert frame["months_late"].tolist() == [3, pd.NA, 0, pd.NA]
    assert explanations.register(told(), rules("red"))["project_id"].tolist() == ["X3", "H3"]
    assert explanations.missing(told(), rules("red"))["project_id"].tolist() == ["X3", "H3"]


@pytest.mark.parametrize(
    ("tables", "is_explained"),
    [
        ({"problems": [problem("H3", "2024-02-01", "组卷")]}, True),
        ({"problems": [problem("H3", "2024-02-01", "组卷", "2024-06-01")]}, False),  # solved
        ({"problems": [problem("H3", "2024-02-01", "组卷", "2024-07-05")]}, False),  # by the cutoff
        ({"problems": [problem("H3", "2024-02-01", "组卷", "2024-07-06")]}, True),  # after it
        ({"problems": [problem("H3", "2024-02-01", "组卷", "2024-05-31")]}, False),
        ({"problems": [problem("H3", "2024-07-01", "组卷")]}, False),  # raised later
        ({"problems": [problem("H2", "2024-02-01", "组卷")]}, False),  # another project's
        ({"changes": [change("H3", "月度计划", "2024-04-01", "汛期")]}, True),
        (
            {"changes": [change("H3", "月度计划", "2024-03-31", "汛期")]},
            False,
        ),  # over three months ago
        ({"changes": [change("H3", "计划竣工", "2024-07-01", "汛期")]}, False),  # approved later
        ({"changes": [change("H3", "牵头领导", "2024-06-01", "分工")]}, False),  # explains nothing
        ({"nodes": [node("N1", "H3", "2024-05-31", "设备未到")]}, True),
        ({"nodes": [node("N1", "H3", "2024-05-31", None)]}, False),
        ({"nodes": [node("N1", "H3", "2024-05-31", "设备未到", "2024-06-10")]}, False),
        (
            {"nodes": [node("N1", "H3", "2024-06-01", "设备未到", "2024-06-10")]},
            True,
        ),  # due in June
        ({"nodes": [node("N1", "H3", "2024-07-01", "设备未到")]}, False),
        (
            {
                "nodes": [node("N1", "H3", "2024-05-31", "2024-05-08 批准调整")],
                "changes": [change("H3", "牵头领导", "2024-05-08", "分工")],
            },
            False,
        ),  # a record of an approval
    ],
)
def test_what_counts_as_an_explanation(tables: dict, is_explained: bool) -> None:
    june = told(**tables)
    frame = explanations.register(june, rules()).set_index("project_id")
    assert frame.loc["H3", "is_explained"] == is_explained
    assert ("H3" in explanations.missing(june, rules())["project_id"].tolist()) != is_explained


def test_an_explanation_is_told_with_its_sources() -> None:
    june = told(
        problems=[problem("X3", "2024-02-01", "组卷"), problem("X3", "2024-05-01", "迁改")],
        changes=[change("X3", "计划开工", "2024-06-05", "顺延")],
        nodes=[node("N1", "X3", "2024-05-31", "缺图审")],
    )
    row = explanations.register(june, rules()).iloc[0]
    assert row["explanation"] == "组卷；迁改；顺延；缺图审"
    assert row[["problems", "changes", "notes"]].tolist() == [2, 1, 1]


def test_nobody_is_behind_in_an_empty_ledger() -> None:
    assert explanations.register(ledger(), rules()).empty
    assert explanations.missing(ledger(), rules()).empty
