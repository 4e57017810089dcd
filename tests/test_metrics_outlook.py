"""Where the year is heading, and how good earlier outlooks were."""

from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, planned, spent

from sanshi_report.ledger import Ledger
from sanshi_report.metrics import outlook
from sanshi_report.metrics.outlook.draws import chance, interval
from sanshi_report.workspace import Outlook, Parameters

YI = 10**10


def rules(**changed: Any) -> Parameters:
    rule = {"min_months": 4, "min_durations": 5, "interval_pct": 80, "draws": 10_000, "seed": 7}
    return parameters(outlook=Outlook.model_validate(rule | changed))


def year(*invested: str) -> Ledger:
    """One project with a plan of 1 a month, and what it invested from January on."""
    return ledger(
        f"2024-{len(invested):02d}",
        projects=[old("H1", "12")],
        plan=planned("H1", *["1"] * 12),
        progress=spent("H1", *invested),
    )


def test_the_interval_is_the_central_share_of_the_draws() -> None:
    rule = rules().programme.outlook
    draws = np.arange(1, 101)[::-1, None] * np.array([1, 10])
    low, median, high = interval(draws, rule)
    assert (low.tolist(), median.tolist(), high.tolist()) == ([10, 100], [50, 500], [90, 900])
    assert interval(np.array([3]), rule) == (3, 3, 3)
    assert chance(draws[:, 0] > 25) == Decimal(75)


def test_what_is_required_and_where_the_average_leads() -> None:
    row = outlook.investment(year("0.5", "0.5", "0.5", "1", "1", "1.0000000006"), rules()).iloc[0]
    assert row[["months_known", "months_left"]].tolist() == [6, 6]
    assert row["annual_plan"] == 12 * YI
    assert row["to_invest"] == 75 * YI // 10 - 6
    # 7.4999999994 in six months: 1.2499999999
    assert row["to_invest_per_month"] == 12_499_999_999
    assert row["invested_per_month"] == 7_500_000_001
    assert row["invested_per_month_recently"] == 10_000_000_002
    assert row["invested_plain"] == 9 * YI + 12


def test_an_even_past_leaves_no_doubt() -> None:
    row = outlook.investment(year(*["0.5"] * 6), rules()).iloc[0]
    assert row["status"] == "forecast"
    assert row[["invested_low", "invested_median", "invested_high"]].tolist() == [6 * YI] * 3
    assert row["probability_pct"] == 0
    on_plan = outlook.investment(year(*["1"] * 6), rules()).iloc[0]
    assert on_plan["probability_pct"] == 100
    fan = outlook.fan(year(*["0.5"] * 10), rules())
    assert fan["month"].tolist() == ["2024-11", "2024-12"]
    assert fan["invested_median"].tolist() == [55 * YI // 10, 6 * YI]


def test_the_probability_is_the_share_of_pasts_that_reach_the_target() -> None:
    # Eleven in hand by November; ten months of eleven were 1 or better.
    row = outlook.investment(year("0.5", "1.5", *["1"] * 9), rules()).iloc[0]
    assert abs(row["probability_pct"] - Decimal("90.91")) < 1
    assert row[["invested_low", "invested_median", "invested_high"]].tolist() == [12 * YI] * 3


def test_the_interval_is_wider_than_chance_alone_because_history_is_short() -> None:
    # 0 or 2 each month: six more give 6 on average. Were the odds known to be even, four central in five
    # draws would lie between 2 and 10 (P(≥ 5 of 6) = 7/64, 11 %); a past of six leaves more doubt.
    row = outlook.investment(year("0", "2", "0", "2", "0", "2"), rules()).iloc[0]
    assert row["invested_median"] == 12 * YI
    assert row["invested_low"] == 8 * YI
    assert row["invested_high"] == 16 * YI
    ends = outlook.money.paths(year("0", "2", "0", "2", "0", "2"), rules())[:, -1]
    extreme = np.isin(ends, [6 * YI, 18 * YI]).mean()
    assert extreme > 0.08  # 2 of 64 = 0.03 were the odds known


def test_the_same_ledger_gives_the_same_outlook() -> None:
    told = year("0.2", "0.9", "1.1", "0.7", "1.3")
    first, second = (outlook.fan(told, rules()) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    assert not outlook.fan(told, rules(seed=8)).equals(first)


def test_a_short_history_is_said_and_not_forecast() -> None:
    row = outlook.investment(year("1", "1", "1"), rules()).iloc[0]
    assert row["status"] == "too_short"
    assert row[["invested_low", "invested_median", "invested_high"]].isna().all()
    assert row["probability_pct"] is None
    assert row["invested_plain"] == 12 * YI
    assert outlook.fan(year("1", "1", "1"), rules()).empty
    assert outlook.investment(year("1", "1", "1"), rules(min_months=3))["status"][0] == "forecast"


@pytest.mark.parametrize(("december", "probability"), [("1", 100), ("0.9999999999", 0)])
def test_december_is_settled(december: str, probability: int) -> None:
    row = outlook.investment(year(*["1"] * 11, december), rules()).iloc[0]
    assert row["status"] == "settled"
    assert row["invested_low"] == row["invested_high"] == row["invested_ytd"]
    assert row["probability_pct"] == probability
    assert row["to_invest_per_month"] is None
    assert outlook.fan(year(*["1"] * 12), rules()).empty


def test_without_projects_nothing_is_forecast() -> None:
    row = outlook.investment(ledger(), rules()).iloc[0]
    assert row[["status", "annual_plan"]].tolist() == ["too_short", 0]
    assert outlook.starts(ledger(), rules())["status"].tolist() == [
        "settled",
        "too_short",
        "too_short",
    ]
    assert outlook.start_chances(ledger(), rules()).empty
    assert outlook.backtest(ledger(), rules()).empty


def permit(
    project: str,
    name: str,
    applied_on: str | None,
    granted_on: str | None,
    due_on: str | None = None,
) -> dict:
    status = "已办结" if granted_on else "办理中" if applied_on else "未启动"
    return {"project_id": project, "permit": name, "department": "自然资源部门", "status": status,
            "applied_on": applied_on, "granted_on": granted_on, "due_on": due_on}  # fmt: skip


def builds(period: str = "2024-06", known: int = 5) -> Ledger:
    """Builds whose permits took ten days each and that started five days after the last; and four others."""
    past = [new(f"P{n}", "2024-01-31", started_on="2024-01-26") for n in range(known)]
    return ledger(
        period,
        projects=[*past, *(new(f"X{n}", "2024-07-31") for n in range(1, 6))],
        permits=[
            *(permit(f"P{n}", "土地", "2024-01-01", "2024-01-11") for n in range(known)),
            *(permit(f"P{n}", "施工许可", "2024-01-11", "2024-01-21") for n in range(known)),
            permit(
                "X1", "土地", "2024-06-25", None
            ),  # granted 5 July, then 15 July, start on the 20th
            permit("X1", "施工许可", None, None),
            permit("X2", "土地", "2024-06-18", "2024-06-28"),  # start on 3 July
            permit("X3", "土地", "2024-05-01", None),  # overlong: from today, 10, 20 and 25 July
            permit("X3", "施工许可", None, None, "2024-06-10"),
            permit(
                "X4", "土地", None, None, "2024-09-30"
            ),  # applied for on 20 September: 5 October
            permit("X5", "土地", "2024-04-21", "2024-05-01"),  # overdue start: from today, 5 July
        ],
    )


def test_starts_follow_the_permits_and_their_durations() -> None:
    frame = outlook.start_chances(builds(), rules()).set_index("project_id")
    assert frame["expected_on"].astype("str").to_dict() == {
        "X1": "2024-07-20", "X2": "2024-07-03", "X3": "2024-07-25", "X4": "2024-10-05",
        "X5": "2024-07-05",
    }  # fmt: skip
    assert (frame["early_on"] == frame["late_on"]).all()
    assert frame["outstanding"].to_dict() == {"X1": 2, "X2": 0, "X3": 2, "X4": 1, "X5": 0}
    assert frame["probability_pct"].to_dict() == {
        "X1": 100,
        "X2": 100,
        "X3": 100,
        "X4": 0,
        "X5": 100,
    }


def test_each_milestone_has_its_outlook() -> None:
    frame = outlook.starts(builds(), rules()).set_index("due_on")
    assert frame["status"].tolist() == ["settled", "forecast", "forecast"]
    assert frame["started"].tolist() == [5, 5, 5]
    assert frame["starts_median"].tolist() == [5, 9, 10]
    assert frame["probability_pct"].tolist() == [0, 0, 0]
    assert frame["planned_starts"].tolist() == [5, 10, 10]
    # (14 − 5) ÷ 3 and (17 − 5) ÷ 6; 5 in six months so far
    assert frame["starts_per_month"].tolist() == [None, 3, 2]
    assert frame["starts_plain"].tolist() == [5, Decimal("7.5"), 10]


def test_a_draw_is_never_shorter_than_the_time_already_waited() -> None:
    told = builds()
    slow = [
        permit(f"S{n}", "土地", "2024-01-01", day)
        for n, day in enumerate(("2024-01-04", "2024-01-31"))
    ]  # 3 days and 30
    permits = pd.concat([told.permits, ledger(permits=slow).permits], ignore_index=True)
    told = Ledger.of({**told.known, "permits": permits}, told.period, told.as_of)
    frame = outlook.start_chances(told, rules(interval_pct=99)).set_index("project_id")
    # X1 has waited 5 of its days: 10 or 30 in all, so granted on 5 or 25 July.
    assert frame.loc["X1", "early_on"] == pd.Timestamp("2024-07-20")
    assert frame.loc["X1", "late_on"] == pd.Timestamp("2024-08-09")


def test_too_few_durations_are_said() -> None:
    frame = outlook.starts(builds(known=4), rules())
    assert frame["status"].tolist() == ["settled", "too_short", "too_short"]
    assert frame["starts_median"].tolist() == [4, pd.NA, pd.NA]
    assert outlook.start_chances(builds(known=4), rules()).empty


def test_past_outlooks_are_held_against_what_happened() -> None:
    told = year("1", "1", "1", "1", "0.5", "1.5")
    frame = outlook.backtest(told, rules())
    assert frame[["made_on", "about"]].to_numpy().tolist() == [
        ["2024-04", "2024-05"], ["2024-04", "2024-06"], ["2024-05", "2024-06"],
    ]  # fmt: skip
    assert frame["median"].tolist()[:2] == [5, 6]
    assert frame["actual"].tolist() == [Decimal("4.5"), 6, 6]
    assert frame["is_covered"].tolist() == [False, True, False]
    assert frame["error"].tolist() == [Decimal("0.5"), 0, Decimal("-0.5")]
    assert frame["error_pct"].tolist() == [
        Decimal("11.111111111111"), Decimal(0), Decimal("-8.333333333333"),
    ]  # fmt: skip
    row = outlook.backtest_summary(told, rules()).iloc[0]
    assert row[["what", "forecasts", "covered"]].tolist() == ["investment", 3, 1]
    assert row["coverage_pct"] == Decimal("33.333333333333")
    assert row["mean_error"] == Decimal("0.333333333333")
    assert row["mean_error_pct"] == Decimal("6.481481481481")


def test_past_outlooks_of_starts_are_scored_too() -> None:
    july = builds("2024-07")
    july.projects.loc[july.projects["project_id"].isin(["X2", "X5"]), "started_on"] = pd.Timestamp(
        "2024-07-10"
    )
    july = Ledger.of({**july.known, "projects": july.projects}, july.period, july.as_of)
    frame = outlook.backtest(july, rules()).query("what == 'starts' and made_on == '2024-06'")
    # June expected X1, X2, X3 and X5 in July: nine; X2 and X5 came.
    assert frame[["median", "actual", "error"]].to_numpy().tolist() == [[9, 7, 2]]
    assert frame["is_covered"].tolist() == [False]
    summary = outlook.backtest_summary(july, rules()).set_index("what")
    assert summary.loc["starts", "mean_error_pct"] is None
