"""Projects since their beginning and to the last completion."""

from decimal import Decimal

import pandas as pd
from ledgers import ledger, new, old, spent

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import lifetime

YI = 10**10


def told() -> Ledger:
    progress = [*spent("H1", "1", "1.5"), *spent("H2", "3"), *spent("H1", "9", year=2023)]
    for row, physical in zip(progress, ("30", "35", "100", "20"), strict=True):
        row["physical_pct"] = float(physical)
    return ledger(
        projects=[
            old("H1", "5", total_investment="12.5", invested_before="2.5",
                planned_completion="2026-06-30"),
            old("H2", "3", total_investment="7.5", invested_before="5",
                planned_completion="2025-01-31", completed_on="2024-06-20"),
            new("X1", "2024-01-01", total_investment="30", planned_completion="2028-10-31"),
        ],
        progress=progress,
    )  # fmt: skip


def test_since_the_beginning() -> None:
    frame = lifetime.register(told()).set_index("project_id")
    assert frame["invested_before"].tolist() == [25 * YI // 10, 5 * YI, 0]
    assert frame["invested_ytd"].tolist() == [25 * YI // 10, 3 * YI, 0]
    assert frame["invested_to_date"].tolist() == [5 * YI, 8 * YI, 0]
    assert frame["to_invest"].tolist() == [75 * YI // 10, -5 * YI // 10, 30 * YI]
    assert frame["invested_pct"].tolist() == [Decimal(40), Decimal("106.666666666667"), Decimal(0)]
    assert frame["physical_pct"].tolist() == [35.0, 100.0, pd.NA]
    assert frame["completion_year"].tolist() == [2026, 2024, 2028]


def test_completions_to_the_last_year() -> None:
    frame = lifetime.by_year(told()).set_index("year")
    assert frame.index.tolist() == [2024, 2025, 2026, 2027, 2028]
    assert frame["planned_completions"].tolist() == [0, 1, 1, 0, 1]
    assert frame["completions"].tolist() == [1, 0, 1, 0, 1]
    assert frame["done"].tolist() == [1, 0, 0, 0, 0]
    # 7.5, then 20 of 50, then all
    assert frame["cumulative_pct"].tolist() == [15, 15, 40, 40, 100]


def test_no_projects_have_no_life() -> None:
    assert lifetime.register(ledger()).empty
    assert lifetime.by_year(ledger()).empty
