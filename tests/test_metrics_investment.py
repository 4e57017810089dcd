from decimal import Decimal
from fractions import Fraction

import pandas as pd
import pytest
from ledgers import ledger, lights, new, old, parameters, planned, spent

from sanshi_report.exact import half_up, yi_of
from sanshi_report.metrics import investment
from sanshi_report.workspace import Pace

D = Decimal
YI = 10**10

PROJECTS = [
    old("H1", "12"),
    old("H2", "10", tier="county"),
    old("H3", "8", sector="民生"),
    old("H4", "5", sector="民生"),
    new("X1", "2024-03-01", annual_plan="3"),
]
PROGRESS = [
    *spent("H1", "1", "1", "1", "1", "1", "1"),  # 6 of 12: on the pace
    *spent("H2", "1", "1", "1", "0.5", "0.5"),  # 4 of 10 by May, June not reported
    *spent("H3", "0", "0", "0", "0", "1", "1"),  # 2 of 8
    *spent("H4", "1", "0.5", "0.25", "0.25", "0", "0.5"),  # 2.5 of 5
    *spent("X1", "0", "0", "0", "0", "0.2", "0.3"),
]


def june(**tables: object) -> pd.DataFrame:
    rows = {"projects": PROJECTS, "progress": PROGRESS} | tables
    frame = investment.by_project(ledger(**rows), parameters())  # type: ignore[arg-type]
    return frame.set_index("project_id")


def test_completion_pace_and_gap_of_each_continuing_project() -> None:
    frame = june()
    assert frame.index.tolist() == ["H1", "H2", "H3", "H4"]
    assert frame["invested_ytd"].tolist() == [6 * YI, 4 * YI, 2 * YI, 25 * YI // 10]
    assert frame["invested_month"].tolist()[0] == YI
    assert frame["completion_pct"].tolist() == [D(50), D(40), D(25), D(50)]
    assert frame["pace_pct"].tolist() == [D(50)] * 4
    assert frame["gap_points"].tolist() == [D(0), D(-10), D(-25), D(0)]
    assert frame["ratio_pct"].tolist() == [D(100), D(80), D(50), D(100)]
    assert frame["light"].tolist() == ["green", "yellow", "red", "green"]
    assert frame["to_better_points"].tolist() == [None, D(10), D(15), None]


def test_a_month_not_reported_is_missing_not_nothing() -> None:
    frame = june()
    assert pd.isna(frame.loc["H2", "invested_month"])
    assert frame.loc["H3", "invested_month"] == YI


def test_ties_share_a_rank_and_sectors_have_their_own() -> None:
    frame = june()
    assert frame["rank"].to_dict() == {"H1": 1, "H2": 3, "H3": 4, "H4": 1}
    assert frame["rank_in_sector"].to_dict() == {"H1": 1, "H2": 2, "H3": 2, "H4": 1}


def test_movement_since_the_month_before() -> None:
    frame = june()
    # In May H3 had 1 of 8 against a pace of 41.67: 12.5 %, red; H4 had 2 of 5: 40 %, yellow.
    assert frame.loc["H3", "completion_pct_previous"] == D("12.5")
    assert frame.loc["H3", "completion_change_points"] == D("12.5")
    assert frame.loc["H4", "completion_change_points"] == D(10)
    assert frame["light_previous"].tolist() == ["green", "yellow", "red", "yellow"]


def test_in_january_there_is_no_month_before() -> None:
    rows = {"projects": PROJECTS, "progress": [*PROGRESS, *spent("H1", "2", year=2023)]}
    january = investment.by_project(ledger("2024-01", **rows), parameters("2024-01"))
    assert january["completion_pct_previous"].isna().all()
    assert january["completion_change_points"].isna().all()
    assert january["light_previous"].isna().all()
    assert january["completion_pct"].tolist()[0] == D("8.333333333333")
    assert january["light"].tolist()[0] == "green"  # exactly on the pace of 1/12


def test_the_gap_is_taken_before_rounding() -> None:
    # October, 97.16 of 100: the rounded 97.16 − 83.33 gives 13.83, 97.2 − 83.3 would show 13.9.
    rows = {"projects": [old("H1", "100")], "progress": spent("H1", "97.16")}
    october = investment.by_project(ledger("2024-10", **rows), parameters("2024-10"))
    assert october["gap_points"].tolist() == [D("13.826666666667")]
    assert half_up(october["gap_points"].iloc[0], 1) == D("13.8")


def test_published_plans_add_up_exactly() -> None:
    plans = {"工业": "68.20", "基础设施": "69.86", "民生": "13.70"}
    projects = [old(f"H{n}", plan, sector=s) for n, (s, plan) in enumerate(plans.items())]
    total = investment.total(ledger(projects=projects), parameters())
    assert yi_of(total.loc[0, "annual_plan"]) == D("151.76")
    sectors = investment.by_group(ledger(projects=projects), parameters(), "sector")
    assert sectors["scope_value"].tolist() == list(plans)


def test_groups_are_rated_on_their_sums() -> None:
    june = ledger(projects=PROJECTS, progress=PROGRESS)
    sectors = investment.by_group(june, parameters(), "sector").set_index("scope_value")
    # 工业 10 of 22, 民生 4.5 of 13.
    assert sectors["projects"].to_dict() == {"工业": 2, "民生": 2}
    assert sectors["completion_pct"].tolist() == [D("45.454545454545"), D("34.615384615385")]
    assert sectors["gap_points"].tolist() == [D("-4.545454545455"), D("-15.384615384615")]
    assert sectors["light"].tolist() == ["yellow", "red"]
    tiers = investment.by_group(june, parameters(), "tier")
    assert tiers["scope_value"].tolist() == ["市本级", "县区"]
    assert tiers["annual_plan"].tolist() == [25 * YI, 10 * YI]
    total = investment.total(june, parameters()).iloc[0]
    assert (total["invested_ytd"], total["invested_month"]) == (145 * YI // 10, 25 * YI // 10)
    assert total["completion_pct"] == D("41.428571428571")


def test_a_group_of_one_is_rated_like_its_project() -> None:
    june = ledger(projects=PROJECTS, progress=PROGRESS)
    groups = investment.by_group(june, parameters(), "project")
    projects = investment.by_project(june, parameters())
    shared = ["invested_ytd", "completion_pct", "pace_pct", "gap_points", "ratio_pct", "light"]
    pd.testing.assert_frame_equal(groups[shared], projects[shared])


def test_a_project_without_plan_has_no_rate_and_spoils_no_sum() -> None:
    projects = [old("H1", "12"), old("H2", None), old("H3", "0")]
    progress = [*spent("H1", "6"), *spent("H2", "3"), *spent("H3", "1")]
    june = ledger(projects=projects, progress=progress)
    frame = investment.by_project(june, parameters())
    assert frame["completion_pct"].tolist() == [D(50), None, None]
    assert frame["gap_points"].tolist() == [D(0), None, None]
    assert frame["light"].tolist() == ["green", "not_rated", "not_rated"]
    assert frame["rank"].tolist()[0] == 1
    assert frame["rank"].isna().tolist() == [False, True, True]
    total = investment.total(june, parameters()).iloc[0]
    assert total["invested_ytd"] == 10 * YI
    # A plan of nothing is a plan: 7 of 12. Only H2's money has none.
    assert total["invested_rated"] == 7 * YI
    assert total["completion_pct"] == D("58.333333333333")


def test_months_after_the_period_and_other_years_do_not_count() -> None:
    progress = [*spent("H1", *["1"] * 12), *spent("H1", "5", year=2023)]
    frame = june(progress=progress)
    assert frame.loc["H1", "invested_ytd"] == 6 * YI


def test_plans_to_date() -> None:
    plan = [*planned("H1", *["1"] * 12), *planned("H2", "1", "2")]
    frame = june(plan=plan)
    # H2 has no plan for March to June: 3 is not what it was to reach by June.
    assert frame["plan_to_date"].iloc[0] == 6 * YI
    assert frame["plan_to_date"].isna().tolist() == [False, True, True, True]
    groups = investment.by_group(
        ledger(projects=PROJECTS, progress=PROGRESS, plan=plan), parameters(), "sector"
    )
    assert groups["plan_to_date"].iloc[0] == 6 * YI
    assert pd.isna(groups["plan_to_date"].iloc[1])


def test_a_plan_that_lacks_a_month_does_not_make_a_project_better() -> None:
    plan = [row for row in planned("H1", *["1"] * 6) if row["month"] != "2024-05"]
    rows = {
        "projects": [old("H1", "12"), old("H2", "12")],
        "progress": [*spent("H1", *["1"] * 6), *spent("H2", *["0.5"] * 6)],
    }
    told = ledger(**rows, plan=[*plan, *planned("H2", *["1"] * 6)])
    total = investment.total(told, parameters()).iloc[0]
    # H2 alone is held against its plan: 3 of 6.
    columns = ["invested_ytd", "invested_planned", "plan_to_date"]
    assert total[columns].tolist() == [9 * YI, 3 * YI, 6 * YI]
    assert total["without_plan"] == 1
    months = investment.by_month(told, parameters()).set_index("month")
    assert months.loc["2024-05", "planned"] == 1 * YI
    assert months.loc["2024-04", "planned_cum"] == 8 * YI
    assert months.loc["2024-05", "planned_cum"] == 5 * YI
    assert pd.isna(months.loc["2024-07", "planned"])


def test_pace_comes_from_the_plan_only_where_it_is_complete() -> None:
    plan = [
        *planned("H1", *["0.5"] * 6, *["1.5"] * 6),  # 3 of 12 by June: 25 %
        *planned("H2", *["1"] * 10),  # two months lacking
        *planned("H3", *["0.5"] * 12),  # 6, not the annual 8
    ]
    rows = {"projects": PROJECTS, "progress": PROGRESS, "plan": plan}
    by_plan = parameters(pace=Pace(basis="plan"))
    frame = investment.by_project(ledger(**rows), by_plan)
    # One basis for all, or a table would rank by two measures.
    assert frame["pace_basis"].tolist() == ["time"] * 4
    assert frame["pace_pct"].tolist() == [D(50)] * 4
    assert frame["gap_points"].tolist()[0] == D(0)
    assert investment.total(ledger(**rows), by_plan).loc[0, "pace_basis"] == "time"
    alone = {"projects": [old("H1", "12")], "progress": PROGRESS[:6], "plan": plan[:12]}
    whole = investment.total(ledger(**alone), by_plan).iloc[0]
    assert (whole["pace_basis"], whole["pace_pct"]) == ("plan", D(25))
    by_time = investment.by_project(ledger(**rows), parameters())
    assert by_time["pace_basis"].tolist() == ["time"] * 4


def test_pace_is_an_exact_fraction() -> None:
    frame = pd.DataFrame(
        {
            "annual_plan": pd.array([3, None], dtype="Int64"),
            "plan_to_date": pd.array([1, None], dtype="Int64"),
            "time_share": [Fraction(10, 12)] * 2,
        }
    )
    by_plan = investment.pace(frame, by_plan=True)
    assert by_plan["pace"].tolist() == [Fraction(1, 3), Fraction(10, 12)]
    assert by_plan["pace_basis"].tolist() == ["plan", "plan"]
    assert by_plan["pace_cum"].tolist()[0] == 1
    assert pd.isna(by_plan["pace_cum"].tolist()[1])


@pytest.mark.parametrize(("invested", "light"), [("3.2", "green"), ("3.1999999999", "yellow")])
def test_the_ratio_is_not_worked_out_from_rounded_percentages(invested: str, light: str) -> None:
    # May: 3.2 of 9.6 is 33.33… %, exactly four fifths of 41.66… %.
    rows = {"projects": [old("H1", "9.6")], "progress": spent("H1", invested)}
    rules = parameters("2024-05", lights=lights("ratio", green=80, yellow=60))
    assert investment.by_project(ledger("2024-05", **rows), rules)["light"].tolist() == [light]


def test_months_of_the_year() -> None:
    plan = planned("H1", *["1"] * 12)
    june = ledger(projects=PROJECTS, progress=PROGRESS, plan=plan)
    frame = investment.by_month(june, parameters())
    assert frame["month"].tolist()[5] == "2024-06"
    assert [yi_of(fen) for fen in frame["invested"][:6]] == [
        D("3"), D("2.5"), D("2.25"), D("1.75"), D("2.5"), D("2.5"),
    ]  # fmt: skip
    assert yi_of(frame.loc[5, "invested_cum"]) == D("14.5")
    assert frame.loc[6:, ["invested", "invested_cum"]].isna().all(axis=None)
    assert frame["planned_cum"].tolist()[-1] == 12 * YI
    # 35 a year: 2.91666… a month, to the fen.
    assert frame["pace_cum"].tolist()[0] == 29_166_666_667
    assert frame["pace_cum"].tolist()[5] == 175 * YI // 10
    assert frame["pace_cum"].tolist()[11] == 35 * YI


def test_months_follow_the_plan_where_it_is_the_pace() -> None:
    rows = {"projects": [old("H1", "12")], "plan": planned("H1", *["0.5"] * 6, *["1.5"] * 6)}
    frame = investment.by_month(ledger(**rows), parameters(pace=Pace(basis="plan")))
    assert [yi_of(fen) for fen in frame["pace_cum"]][5:7] == [D(3), D("4.5")]


def test_new_builds_have_money_but_no_pace() -> None:
    june = ledger(projects=PROJECTS, progress=PROGRESS)
    total = investment.new_builds(june, parameters()).iloc[0]
    assert (total["projects"], total["invested_ytd"]) == (1, YI // 2)
    months = investment.by_month(june, parameters(), kind="new_build")
    assert months["invested_cum"].tolist()[5] == YI // 2
    assert months["pace_cum"].isna().all()


def test_december_and_a_quarter() -> None:
    rows = {"projects": [old("H1", "12")], "progress": spent("H1", *["1"] * 12)}
    december = investment.by_project(ledger("2024-12", **rows), parameters("2024-12")).iloc[0]
    assert (december["completion_pct"], december["pace_pct"]) == (D(100), D(100))
    quarter = investment.by_project(ledger("2024-Q2", **rows), parameters("2024-Q2")).iloc[0]
    assert (quarter["invested_month"], quarter["invested_ytd"]) == (3 * YI, 6 * YI)
    assert quarter["completion_pct_previous"] == D(25)


def test_nothing_reported_and_no_project_at_all() -> None:
    idle = investment.by_project(ledger(projects=PROJECTS), parameters())
    assert idle["completion_pct"].tolist() == [D(0)] * 4
    assert idle["light"].tolist() == ["red"] * 4
    nothing = ledger()
    assert investment.by_project(nothing, parameters()).empty
    assert investment.by_group(nothing, parameters(), "county").empty
    total = investment.total(nothing, parameters()).iloc[0]
    assert (total["projects"], total["annual_plan"], total["light"]) == (0, 0, "not_rated")
    assert investment.by_month(nothing, parameters())["invested"].sum() == 0


def test_the_light_is_decided_on_the_published_twelve_places() -> None:
    # A plan of 100 000 亿元 is 10**15 fen: one fen short of half is 10**-13 %, ten are 10**-12 %.
    for fen_short, light in ((0, "green"), (1, "green"), (10, "yellow")):
        invested = f"{D(50_000) - fen_short * D('1E-10'):f}"
        rich = ledger(projects=[old("H1", "100000")], progress=spent("H1", invested))
        assert investment.by_project(rich, parameters())["light"].tolist() == [light]


def test_a_plan_of_nothing_gives_no_pace() -> None:
    rows = {"projects": [old("H1", "0")], "plan": planned("H1", *["0"] * 12)}
    frame = investment.by_project(ledger(**rows), parameters(pace=Pace(basis="plan")))
    assert frame.loc[0, ["pace_basis", "completion_pct", "light"]].tolist() == [
        "time",
        None,
        "not_rated",
    ]
