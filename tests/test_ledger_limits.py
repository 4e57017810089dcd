"""A month beyond a limit is a fault unless the office lets this very figure stand."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from submissions import invested, new_workspace, project, submit

from sanshi_report.checking import check
from sanshi_report.intake import Fault, FaultsFound
from sanshi_report.ledger import limits, load
from sanshi_report.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    workspace = new_workspace(tmp_path)
    submit(
        workspace, "2024-01", "2024-02-02",
        projects=[project("X1", "新建"), project("H1", invested_before="9.00")],
    )  # fmt: skip
    return workspace


def send(workspace: Workspace, period: str, *amounts: str, project_id: str = "H1") -> None:
    """Months from January on, received on the second of the month after the period."""
    rows = [invested(project_id, f"2024-{n:02d}", amount) for n, amount in enumerate(amounts, 1)]
    submit(workspace, period, f"2024-{int(period[5:]) + 1:02d}-02", progress=rows)


def faults(workspace: Workspace, period: str, as_of: str | None = None) -> list[Fault]:
    with pytest.raises(FaultsFound) as found:
        load(workspace, period, as_of=as_of)
    return list(found.value.faults)


def told(workspace: Workspace, period: str) -> list[tuple[str, str, str]]:
    return [(f.cell, f.found, f.rule) for f in faults(workspace, period)]


def stand(workspace: Workspace, *found: Fault) -> None:
    """Write what the faults say into corrections.yaml, signed."""
    entries = []
    for fault in found:
        (entry,) = re.findall(r"- \{who.*\}", fault.mend("zh"))
        assert entry in fault.mend("en")
        entries.append(entry.replace("who: ,", "who: 甲,").replace("why: ,", "why: 已核实,"))
    (workspace.raw / "corrections.yaml").write_text("\n".join(entries), encoding="utf-8")


def test_a_month_beyond_the_total_is_a_fault_with_its_cell_and_limit(workspace: Workspace) -> None:
    send(workspace, "2024-02", "1", "10.0000000001")
    (fault,) = faults(workspace, "2024-02")
    assert (fault.file, fault.sheet, fault.cell, fault.found) == (
        "2024-02/示例甲局.xlsx", "月度进展", "C3", "10.0000000001 亿元",
    )  # fmt: skip
    assert fault.rule == "month_beyond_total"
    assert "总投资 10 亿元" in fault.text("zh")
    assert (
        "{who: , why: , when: 2024-03-05, table: progress, key: {project_id: H1, month: 2024-02}, "
        "column: invested, expected: 10.0000000001, value: 10.0000000001}" in fault.text("en")
    )


def test_a_month_of_exactly_the_total_is_none(workspace: Workspace) -> None:
    send(workspace, "2024-01", "10")
    assert len(load(workspace, "2024-01").progress) == 1


def test_a_year_to_date_beyond_the_total_is_a_fault_of_each_month_that_adds_to_it(
    workspace: Workspace,
) -> None:
    send(workspace, "2024-05", "4", "5", "2", "0", "1")
    assert told(workspace, "2024-05") == [
        ("C4", "2 亿元", "year_beyond_total"),
        ("C6", "1 亿元", "year_beyond_total"),
    ]


def test_what_was_invested_before_the_year_makes_a_suspicion_only(workspace: Workspace) -> None:
    send(workspace, "2024-02", "4", "5")  # 9.00 before this year
    assert len(load(workspace, "2024-02").progress) == 2


def test_a_leap_is_more_than_twenty_times_the_median_month(workspace: Workspace) -> None:
    send(workspace, "2024-04", "0.1", "0.2", "0.4", "4")
    assert len(load(workspace, "2024-04").progress) == 4
    send(workspace, "2024-05", "0.1", "0.2", "0.4", "4.0000000001")
    (fault,) = faults(workspace, "2024-05")
    assert (fault.cell, fault.rule) == ("C5", "leap")
    assert "中位数 0.2 亿元的 20 倍，即 4 亿元" in fault.text("zh")


def test_months_without_money_are_no_history_and_two_others_not_enough(
    workspace: Workspace,
) -> None:
    send(workspace, "2024-06", "0", "0", "0", "0.01", "0.01", "5")
    assert len(load(workspace, "2024-06").progress) == 6
    send(workspace, "2024-07", "0", "0", "0", "0.01", "0.01", "5.1", "0.01")
    assert told(workspace, "2024-07") == [("C7", "5.1 亿元", "leap")]


def test_a_figure_in_order_stays_so_when_money_slows_down_later(workspace: Workspace) -> None:
    send(workspace, "2024-01", "3")
    for month in range(2, 7):
        row = invested("H1", f"2024-{month:02d}", "0.01")
        submit(workspace, f"2024-{month:02d}", f"2024-{month + 1:02d}-02", progress=[row])
    assert len(load(workspace, "2024-06").progress) == 6
    # Sent again as it was, it is still the figure of January.
    submit(workspace, "2024-07", "2024-08-02", progress=[invested("H1", "2024-01", "3.0")])
    assert len(load(workspace, "2024-07").progress) == 6


def test_an_old_month_restated_is_judged_by_all_known_when_it_was(workspace: Workspace) -> None:
    send(workspace, "2024-04", "0.1", "0.1", "0.1", "0.1")
    submit(workspace, "2024-05", "2024-06-02", progress=[invested("H1", "2024-01", "3")])
    assert told(workspace, "2024-05") == [("C2", "3 亿元", "leap")]


def test_limits_are_parameters(workspace: Workspace) -> None:
    send(workspace, "2024-03", "0.1", "0.1", "0.6")
    assert len(load(workspace, "2024-03").progress) == 3
    path = workspace.parameter_folder / "2024.yaml"
    text = path.read_text(encoding="utf-8")
    changed = text.replace("leap_times: 20", "leap_times: 5.5")
    changed = changed.replace("leap_min_months: 3", "leap_min_months: 2")
    path.write_text(changed, encoding="utf-8")
    assert changed != text
    assert told(workspace, "2024-03") == [("C4", "0.6 亿元", "leap")]


def test_without_limits_in_the_parameters_twenty_times_and_three_months_hold(
    workspace: Workspace,
) -> None:
    path = workspace.parameter_folder / "2024.yaml"
    text = path.read_text(encoding="utf-8")
    without = text.replace("limits:\n  leap_min_months: 3\n  leap_times: 20\n", "")
    assert without != text
    path.write_text(without, encoding="utf-8")
    send(workspace, "2024-03", "0.1", "0.1", "2.1")
    assert len(load(workspace, "2024-03").progress) == 3
    send(workspace, "2024-04", "0.1", "0.1", "0.1", "2.0000000001")
    assert told(workspace, "2024-04") == [("C5", "2.0000000001 亿元", "leap")]


def test_a_planned_month_beyond_the_total_is_a_fault(workspace: Workspace) -> None:
    plan = [{"project_id": "H1", "month": "2024-11", "planned_investment": "11"}]
    submit(workspace, "2024-02", "2024-03-02", plan=plan)
    (fault,) = faults(workspace, "2024-02")
    assert (fault.sheet, fault.cell, fault.rule) == ("月度计划", "C2", "month_beyond_total")
    stand(workspace, fault)  # counts though the month itself is yet to come
    assert load(workspace, "2024-02").plan["planned_investment"].tolist() == [110_000_000_000]


@pytest.mark.parametrize("as_of", [None, "2024-08-20T14:30:20", "2024-08-20"])
def test_the_entry_that_a_fault_names_lets_the_figure_stand_unchanged(
    workspace: Workspace, as_of: str | None
) -> None:
    send(workspace, "2024-05", "0.1", "0.1", "0.1", "8", "11")
    found = faults(workspace, "2024-05", as_of)
    assert [fault.rule for fault in found] == ["leap", "month_beyond_total"]
    stand(workspace, *found)
    ledger = load(workspace, "2024-05", as_of=as_of)
    assert ledger.progress["invested"].tolist()[-1] == 110_000_000_000
    assert ledger.progress["origin"].tolist()[-1] == "2024-05/示例甲局.xlsx#月度进展!6"
    assert ledger.revisions.empty
    assert ledger.corrections[["old", "new", "why"]].to_numpy().tolist() == [
        ["8", "8", "已核实"], ["11", "11", "已核实"],
    ]  # fmt: skip


def test_an_entry_nobody_signed_lets_nothing_stand(workspace: Workspace) -> None:
    send(workspace, "2024-01", "11")
    (fault,) = faults(workspace, "2024-01")
    entry = re.findall(r"- \{who.*\}", fault.mend("zh"))[0]
    (workspace.raw / "corrections.yaml").write_text(entry, encoding="utf-8")
    assert "correction_unsigned" in [f.rule for f in faults(workspace, "2024-01")]


def test_an_entry_holds_for_its_figure_only(workspace: Workspace) -> None:
    send(workspace, "2024-01", "11")
    stand(workspace, *faults(workspace, "2024-01"))
    submit(workspace, "2024-02", "2024-03-02", progress=[invested("H1", "2024-01", "12")])
    assert [f.rule for f in faults(workspace, "2024-02")] == [
        "month_beyond_total", "correction_stale",
    ]  # fmt: skip


def test_a_correction_that_sets_a_figure_beyond_the_limit_is_itself_told(
    workspace: Workspace,
) -> None:
    send(workspace, "2024-01", "1.1")
    wrong = (
        "- {who: 甲, when: 2024-02-03, why: 乙, table: progress, "
        "key: {project_id: H1, month: 2024-01}, column: invested, expected: 1.1, value: 11}\n"
    )
    path = workspace.raw / "corrections.yaml"
    path.write_text(wrong, encoding="utf-8")
    (fault,) = faults(workspace, "2024-01")
    assert (fault.file, fault.cell, fault.rule) == ("corrections.yaml", "#1", "month_beyond_total")
    right = wrong.replace("02-03", "02-04").replace("expected: 1.1,", "expected: 11,")
    path.write_text(wrong + right, encoding="utf-8")
    assert load(workspace, "2024-01").progress["invested"].tolist() == [110_000_000_000]


def test_a_month_later_than_the_period_is_left_to_its_own_report(workspace: Workspace) -> None:
    send(workspace, "2024-01", "1")
    send(workspace, "2024-02", "1", "11")
    assert len(load(workspace, "2024-01", "now").progress) == 1
    assert told(workspace, "2024-02") == [("C3", "11 亿元", "month_beyond_total")]


def test_checking_lists_the_entry_and_marks_the_cell(workspace: Workspace) -> None:
    send(workspace, "2024-01", "11")
    checked: Any = check(workspace, "2024-01")
    assert checked.ledger is None
    assert "expected: 11, value: 11}" in checked.listing.read_text(encoding="utf-8-sig")
    assert [path.name for path in checked.returned] == ["示例甲局-2.xlsx"]


def test_every_project_is_judged_by_its_own_months(workspace: Workspace) -> None:
    send(workspace, "2024-04", "0.01", "0.01", "0.01", "0.01")
    send(workspace, "2024-05", "3", "3", "3", project_id="X1")
    assert len(load(workspace, "2024-05").progress) == 7


def test_what_was_reported_first_is_a_matter_of_receipts_not_of_the_clock() -> None:
    origins = [
        "2024-02/甲.xlsx#月度进展!2",
        "2024-03/甲.xlsx#月度进展!2",
        "2024-03/甲.xlsx#月度进展!3",
    ]
    history = pd.DataFrame(
        {
            "project_id": ["H1", "H1", "H1"],
            "month": ["2024-02", "2024-02", "2024-03"],
            "invested": [1, 2, 3],
            "known_at": pd.to_datetime(["2024-05-02", "2024-04-02", "2024-04-02"]),
            "origin": origins,
        }
    )
    rows = history.iloc[1:].rename(columns={"invested": "money"})[["project_id", "month", "money"]]
    timed = limits._with_times(rows, history)
    assert timed[["first", "since"]].to_numpy().tolist() == [[0, 1], [1, 1]]
