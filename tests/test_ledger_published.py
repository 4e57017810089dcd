"""What a report says of the last one is what that one printed."""

import re
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report.intake import FaultsFound
from sanshi_report.ledger import Ledger, load, published_before, withdraw
from sanshi_report.metrics import investment, quality, submissions, suspicion
from sanshi_report.metrics.kpis import kpis, kpis_csv
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import CHINA, Workspace

SAMPLE = Workspace.find(Path(__file__).parents[1])
MONTHS = ReportPeriod.parse("2024").months


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """May of a new build and a continuing project."""
    workspace = new_workspace(tmp_path)
    submit(workspace, "2024-05", "2024-06-02", "五月.xlsx", projects=[project("X1", "新建"), project("H1")],
           progress=[invested("H1", "2024-05", "0.5"), invested("X1", "2024-05", "0.1")])  # fmt: skip
    return workspace


def june(workspace: Workspace) -> Ledger:
    """June's report, its workbook received in July."""
    submit(workspace, "2024-06", "2024-07-02", "六月.xlsx",
           progress=[invested("H1", "2024-06", "0.3"), invested("X1", "2024-06", "0.1")])  # fmt: skip
    return load(workspace, "2024-06")


def printed(workspace: Workspace, period: str) -> str:
    return kpis_csv(kpis(load(workspace, period), workspace.parameters(period)))


def quoted(workspace: Workspace, ledger: Ledger) -> str:
    """The indicators of the month before as a report knows them."""
    before = published_before(ledger)
    return kpis_csv(kpis(before, workspace.parameters(before.period)))


@pytest.fixture(scope="module")
def sample() -> dict[str, Ledger]:
    return {month: load(SAMPLE, month) for month in MONTHS}


@pytest.mark.parametrize(("last", "month"), list(pairwise(MONTHS)))
def test_every_month_of_the_sample_quotes_what_the_last_one_printed(
    sample: dict[str, Ledger], last: str, month: str
) -> None:
    rules = SAMPLE.parameters(last)
    quoted = kpis(published_before(sample[month]), rules)
    assert kpis_csv(quoted) == kpis_csv(kpis(sample[last], rules))


@pytest.mark.parametrize(("last", "month"), list(pairwise(MONTHS)))
def test_the_completion_and_light_of_last_month_are_those_printed(
    sample: dict[str, Ledger], last: str, month: str
) -> None:
    now = investment.by_project(sample[month], SAMPLE.parameters(month))
    then = investment.by_project(sample[last], SAMPLE.parameters(last))
    assert now["completion_pct_previous"].tolist() == then["completion_pct"].tolist()
    assert now["light_previous"].tolist() == then["light"].tolist()
    assert quality.effect(sample[month])["published_ytd"].iloc[0] == then["invested_ytd"].sum()


def test_a_file_withdrawn_since_is_in_what_was_printed(workspace: Workspace) -> None:
    submit(workspace, "2024-05", "2024-06-03", "补报.xlsx",
           progress=[invested("H1", "2024-05", "0.9")])  # fmt: skip
    before = printed(workspace, "2024-05")
    at = datetime(2024, 6, 20, 9, tzinfo=CHINA)
    withdraw(workspace, "2024-05", "补报.xlsx", "退回重报", "经办人", now=at)
    assert ",investment.ytd,project,H1,2,0.9," in before
    now = june(workspace)
    assert quoted(workspace, now) == before
    row = quality.effect(now).set_index("kind").loc["continuing"]
    # In units of 0.01 yuan: 0.90 亿元 was printed, 0.50 is known now.
    assert row[["published_ytd", "revised_ytd"]].tolist() == [9_000_000_000, 5_000_000_000]


def test_a_file_withdrawn_before_the_cutoff_is_not(workspace: Workspace) -> None:
    submit(workspace, "2024-05", "2024-06-03", "补报.xlsx",
           progress=[invested("H1", "2024-05", "0.9")])  # fmt: skip
    at = datetime(2024, 6, 4, 9, tzinfo=CHINA)
    withdraw(workspace, "2024-05", "补报.xlsx", "退回重报", "经办人", now=at)
    assert ",investment.ytd,project,H1,2,0.5," in quoted(workspace, june(workspace))


def test_a_faulty_file_withdrawn_since_stops_nothing(workspace: Workspace) -> None:
    submit(
        workspace, "2024-05", "2024-06-03", "错.xlsx", progress=[invested("H1", "2024-05", "3千万")]
    )
    with pytest.raises(FaultsFound):
        load(workspace, "2024-05")
    at = datetime(2024, 6, 20, 9, tzinfo=CHINA)
    withdraw(workspace, "2024-05", "错.xlsx", "退回重报", "经办人", now=at)
    assert ",investment.ytd,project,H1,2,0.5," in quoted(workspace, june(workspace))


def test_a_withdrawn_file_that_is_gone_is_left_out(workspace: Workspace) -> None:
    submit(workspace, "2024-05", "2024-06-03", "补报.xlsx",
           progress=[invested("H1", "2024-05", "0.9")])  # fmt: skip
    at = datetime(2024, 6, 20, 9, tzinfo=CHINA)
    withdraw(workspace, "2024-05", "补报.xlsx", "退回重报", "经办人", now=at)
    (workspace.raw / "2024-05/补报.xlsx").unlink()
    assert ",investment.ytd,project,H1,2,0.5," in quoted(workspace, june(workspace))


def test_a_correction_made_since_is_not_in_what_was_printed(workspace: Workspace) -> None:
    before = printed(workspace, "2024-05")
    (workspace.raw / "corrections.yaml").write_text(
        """- {who: 经办人, when: "2024-06-20 09:00", why: 核实, table: progress,
   key: {project_id: H1, month: 2024-05}, column: invested, expected: 0.5, value: 0.4}
""",
        encoding="utf-8",
    )
    assert quoted(workspace, june(workspace)) == before
    assert ",investment.ytd,project,H1,2,0.7," in printed(workspace, "2024-06")


@pytest.fixture
def new_year(tmp_path: Path) -> Workspace:
    """December and January; H2 has left at the turn of the year, and H1 has a new annual plan."""
    workspace = new_workspace(tmp_path, new=1, continuing=2)
    text = (workspace.parameter_folder / "2024.yaml").read_text(encoding="utf-8")
    smaller = new_workspace(tmp_path / "other", new=1, continuing=1)
    text = (smaller.parameter_folder / "2024.yaml").read_text(encoding="utf-8")
    text = text.replace("annual_plan: 2\n", "annual_plan: 3\n")
    next_year = re.sub(r"\b2024\b", "2025", text)
    (workspace.parameter_folder / "2025.yaml").write_text(next_year, encoding="utf-8")
    rows = [project("X1", "新建"), project("H1"), project("H2")]
    december = [invested(name, "2024-12", "0.5") for name in ("X1", "H1", "H2")]
    submit(workspace, "2024-12", "2025-01-02", "十二月.xlsx", projects=rows, progress=december)
    rows = [
        project("X1", "新建", invested_before="0.5"),
        project("H1", annual_plan="3.00", invested_before="0.5"),
    ]
    january = [invested(name, "2025-01", "0.2") for name in ("X1", "H1")]
    submit(workspace, "2025-01", "2025-02-02", "一月.xlsx", projects=rows, progress=january)
    return workspace


def test_a_project_that_left_is_in_what_was_printed_and_not_in_what_is(new_year: Workspace) -> None:
    before = quoted(new_year, load(new_year, "2025-01"))
    assert before == printed(new_year, "2024-12")
    assert ",projects.count,portfolio,,3,3," in before
    assert ",projects.count,portfolio,,2,2," in printed(new_year, "2025-01")


def test_a_new_years_plan_is_neither_a_revision_nor_a_suspicion(new_year: Workspace) -> None:
    january = load(new_year, "2025-01")
    assert not january.revised()["column"].isin(["annual_plan", "kind", "invested_before"]).any()
    found = suspicion.suspicions(january, new_year.parameters("2025-01"))
    assert "annual_plan" not in set(found["figure"])


def test_a_plan_moved_within_its_year_is_both(new_year: Workspace) -> None:
    more = project("H1", annual_plan="3.50", invested_before="0.5")
    submit(new_year, "2025-01", "2025-02-03", "改.xlsx", projects=[more])
    decided = new_year.parameter_folder / "2025.yaml"
    text = decided.read_text(encoding="utf-8")
    text = text.replace("control_totals:\n", "control_totals:\n  mode: warn\n")
    decided.write_text(text, encoding="utf-8")
    january = load(new_year, "2025-01")
    found = suspicion.suspicions(january, new_year.parameters("2025-01"))
    moved = found[found["figure"].eq("annual_plan")]
    assert moved[["rule", "against", "found"]].to_numpy().tolist() == [["unapproved", "3", "3.5"]]


def test_nobody_is_asked_about_a_project_that_left(new_year: Workspace) -> None:
    january, rules = load(new_year, "2025-01"), new_year.parameters("2025-01")
    found = suspicion.suspicions(january, rules)
    assert "H2" not in set(found["project_id"])
    units = submissions.by_unit(january, rules, found)
    assert units[["projects", "on_time", "missing"]].to_numpy().tolist() == [[2, 2, 0]]
    assert pd.isna(units["missing_projects"].iloc[0])
