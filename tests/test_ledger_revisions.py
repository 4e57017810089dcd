from decimal import Decimal
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from submissions import invested, new_workspace, project, submit

from sanshi_report.ledger import load, mean_absolute_revision, since, triangle
from sanshi_report.ledger.revisions import revisions
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import empty
from sanshi_report.workspace import Workspace, default_cutoff


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Three months of two projects, with May revised in June's submission and again in July's."""
    workspace = new_workspace(tmp_path)
    submit(
        workspace, "2024-05", "2024-06-03",
        projects=[project("X1", "新建"), project("H1")],
        progress=[invested("H1", "2024-05", "0.30", workers=5), invested("X1", "2024-05", "1.00")],
    )  # fmt: skip
    submit(
        workspace, "2024-06", "2024-07-03", file="示例乙局.xlsx",
        progress=[
            invested("H1", "2024-05", "0.25", workers=5, evidence="核查"),
            invested("H1", "2024-06", "0.40"),
            invested("X1", "2024-05", "1.00"),
        ],
        permits=[{"project_id": "X1", "permit": "环评", "department": "示例部门", "status": "办理中"}],
    )  # fmt: skip
    submit(
        workspace, "2024-07", "2024-08-02",
        projects=[project("H1", name="示例新名", planned_completion="2027-06-30")],
        progress=[
            invested("H1", "2024-05", "0.30", evidence="核查"),
            invested("H1", "2024-06", "0.35"),
            invested("H1", "2024-07", "0.50"),
        ],
        permits=[{"project_id": "X1", "permit": "环评", "department": "示例部门", "status": "已办结"}],
    )  # fmt: skip
    return workspace


def cells(frame: pd.DataFrame) -> list[tuple[str, ...]]:
    names = ["table", "key", "column", "old", "new", "difference"]
    return [
        tuple("" if pd.isna(value) else str(value) for value in row)
        for row in frame[names].itertuples(index=False)
    ]


def test_every_changed_cell_is_a_revision_in_order_of_becoming_known(workspace: Workspace) -> None:
    found = load(workspace, "2024-07").revisions
    assert cells(found) == [
        ("progress", "H1 2024-05", "invested", "0.3", "0.25", "-0.05"),
        ("progress", "H1 2024-05", "evidence", "", "核查", ""),
        ("projects", "H1", "name", "示例H1", "示例新名", ""),
        ("projects", "H1", "planned_completion", "2026-12-31", "2027-06-30", ""),
        ("progress", "H1 2024-05", "invested", "0.25", "0.3", "0.05"),
        ("progress", "H1 2024-06", "invested", "0.4", "0.35", "-0.05"),
        ("progress", "H1 2024-05", "workers", "5", "", ""),
        ("permits", "X1 环评", "status", "办理中", "已办结", ""),
    ]
    first = found.iloc[0]
    assert first[["project_id", "month", "unit"]].tolist() == ["H1", "2024-05", "亿元"]
    assert first["old_origin"] == "2024-05/示例甲局.xlsx#月度进展!2"
    assert first["new_origin"] == "2024-06/示例乙局.xlsx#月度进展!2"
    assert str(first["first_known_at"]) == "2024-06-03 12:00:00+08:00"
    assert str(first["known_at"]) == "2024-07-03 12:00:00+08:00"
    assert pd.isna(found.iloc[2]["month"])
    assert pd.isna(found.iloc[2]["unit"])


def test_a_report_revises_what_the_report_before_could_print(workspace: Workspace) -> None:
    assert cells(load(workspace, "2024-05").revised()) == []
    assert cells(load(workspace, "2024-06").revised()) == [
        ("progress", "H1 2024-05", "invested", "0.3", "0.25", "-0.05"),
        ("progress", "H1 2024-05", "evidence", "", "核查", ""),
    ]
    july = load(workspace, "2024-07")
    assert str(july.last_cutoff) == "2024-07-05 23:59:59+08:00"
    assert ("progress", "H1 2024-06", "invested", "0.4", "0.35", "-0.05") in cells(july.revised())
    assert "permits" not in set(july.revised()["table"])


def test_changes_there_and_back_cancel(workspace: Workspace) -> None:
    ledger = load(workspace, "2024-07")
    june = default_cutoff(ReportPeriod.parse("2024-05"))
    net = cells(since(ledger.revisions, june, ["progress"]))
    assert net == [
        ("progress", "H1 2024-05", "evidence", "", "核查", ""),
        ("progress", "H1 2024-05", "workers", "5", "", ""),
    ]


def test_two_changes_since_then_are_one_from_first_to_last(workspace: Workspace) -> None:
    submit(workspace, "2024-07", "2024-08-03", progress=[invested("H1", "2024-06", "0.31")])
    net = load(workspace, "2024-07").revised()
    row = net[(net["month"] == "2024-06") & (net["column"] == "invested")]
    assert cells(row) == [("progress", "H1 2024-06", "invested", "0.4", "0.31", "-0.09")]
    assert row["old_origin"].tolist() == ["2024-06/示例乙局.xlsx#月度进展!3"]
    assert row["new_origin"].tolist() == ["2024-07/示例甲局-2.xlsx#月度进展!2"]


def test_without_a_second_version_there_is_nothing_revised(workspace: Workspace) -> None:
    found = load(workspace, "2024-05").revisions
    assert found.empty
    assert found.dtypes.astype(str).to_dict()["known_at"] == "datetime64[us, Asia/Shanghai]"


def test_the_triangle_gives_year_to_date_as_known_at_each_cutoff(workspace: Workspace) -> None:
    figures = triangle(load(workspace, "2024-07").history, 2024)
    expected = {
        "2024-05": [13, None, None],
        "2024-06": [12.5, 16.5, None],
        "2024-07": [13, 16.5, 21.5],
    }
    for known, column in expected.items():
        fen = [None if value is None else int(value * 10**9) for value in column]
        assert [None if pd.isna(v) else int(v) for v in figures[known]] == fen, known
    assert figures.index.tolist() == ["2024-05", "2024-06", "2024-07"]
    assert {str(kind) for kind in figures.dtypes} == {"Int64"}


def test_the_triangle_can_be_of_one_kind_and_other_cutoffs(workspace: Workspace) -> None:
    history = load(workspace, "2024-07").history
    continuing = triangle(history, 2024, kind="continuing")
    assert continuing.loc["2024-05"].tolist() == [3_000_000_000, 2_500_000_000, 3_000_000_000]
    late = {"2024-06": default_cutoff(ReportPeriod.parse("2024-05"))}
    assert triangle(history, 2024, "continuing", late).loc["2024-05", "2024-06"] == 3_000_000_000
    assert triangle(history, 2023).empty


def test_a_month_reported_late_has_no_first_figure(workspace: Workspace, tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "late")
    submit(workspace, "2024-05", "2024-06-03", projects=[project("X1", "新建"), project("H1")],
           progress=[invested("H1", "2024-04", "0.1")])  # fmt: skip
    submit(workspace, "2024-06", "2024-07-03",
           progress=[invested("H1", "2024-05", "0.2"), invested("H1", "2024-06", "0.3")])  # fmt: skip
    figures = triangle(load(workspace, "2024-06").history, 2024)
    assert pd.isna(figures.loc["2024-05", "2024-05"])
    assert figures.loc["2024-05", "2024-06"] == 3_000_000_000
    assert mean_absolute_revision(figures).empty


def test_the_mean_absolute_revision_is_exact_by_age(workspace: Workspace) -> None:
    # After one month: May 1.30 to 1.25 and June 1.65 to 1.65; after two: May 1.30 to 1.30.
    found = mean_absolute_revision(triangle(load(workspace, "2024-07").history, 2024))
    assert found["lag"].tolist() == [1, 2]
    assert found["months"].tolist() == [2, 1]
    assert found["mean_absolute"].tolist() == [Decimal("0.025"), Decimal(0)]
    assert found["mean"].tolist() == [Decimal("-0.025"), Decimal(0)]


VERSIONS = st.lists(
    st.tuples(
        st.sampled_from(["H1", "H2"]),
        st.sampled_from(["2024-05", "2024-06"]),
        st.integers(0, 3),
        st.sampled_from([None, "自报", "核查"]),
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(VERSIONS)
def test_the_first_versions_and_the_revisions_give_the_latest(
    versions: list[tuple[str, str, int, str | None]],
) -> None:
    rows = [
        {"project_id": p, "month": m, "invested": n * 10**10, "evidence": e, "origin": f"2024-06/a.csv#x!{i}",
         "known_at": pd.Timestamp("2024-07-01", tz="Asia/Shanghai") + pd.Timedelta(minutes=i)}
        for i, (p, m, n, e) in enumerate(versions)
    ]  # fmt: skip
    blank = empty("progress")
    history = pd.DataFrame(rows, columns=list(blank)).astype(blank.dtypes.to_dict())
    expected, told = {}, {}
    for project_id, month, amount, evidence in versions:
        told.setdefault(f"{project_id} {month}", {"invested": str(amount), "evidence": evidence})
        expected[f"{project_id} {month}"] = {"invested": str(amount), "evidence": evidence}
    for change in revisions({"progress": history}).itertuples():
        old = None if pd.isna(change.old) else change.old
        assert told[change.key][change.column] == old
        told[change.key][change.column] = None if pd.isna(change.new) else change.new
    assert told == expected
