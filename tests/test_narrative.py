from dataclasses import replace
from datetime import datetime
from typing import Any

import pandas as pd
import pytest
from ledgers import ledger, new, old, parameters, planned, spent, told
from saying import said

from sanshi_report import metrics
from sanshi_report.columns import keyed
from sanshi_report.ledger import Ledger
from sanshi_report.report import Report
from sanshi_report.style import Language
from sanshi_report.workspace import Pace, Text

OLD = [
    old("H1", "12", name="示例甲", responsible_unit="示例甲局"),
    old("H2", "24", name="示例乙", responsible_unit="示例乙局", sector="民生"),
]
SPENT = [*spent("H1", *["1.1"] * 6), *spent("H2", *["1"] * 6)]
DONE, LATE, OPEN = (
    {"action_id": n, "meeting_on": "2024-06-05", "content": "办证", "owner": owner, "due_on": due}
    for n, owner, due in (
        ("J1", "示例甲局", "2024-06-20"),
        ("J2", "自然资源部门", "2024-06-20"),
        ("J3", "示例甲局", "2024-07-20"),
    )
)
PROBLEM = {
    "problem_id": "W1", "project_id": "H1", "raised_on": "2024-05-01", "category": "征地清表",
    "tier": "多部门", "owner": "自然资源部门", "due_on": "2024-06-20", "description": "三户未签",
}  # fmt: skip
INCIDENT = {
    "incident_id": "A1", "project_id": "H1", "occurred_on": "2024-06-10", "incident": "安全",
    "severity": "一般", "description": "轻伤",
}  # fmt: skip


def builds(started: int, due: int, early: int = 0) -> list[Any]:
    """New builds: `due` by May, `started` of them; `early` more planned for August and started."""
    return [
        *(new(f"X{n}", "2024-05-10", started_on="2024-05-10" if n < started else None) for n in range(due)),
        *(new(f"Y{n}", "2024-08-10", started_on="2024-06-10") for n in range(early)),
    ]  # fmt: skip


def starts(facts: Ledger, language: Language = "zh") -> str:
    return str(said(facts, "starts", language))


def overall(facts: Ledger, language: Language = "zh") -> str:
    return str(said(facts, "overall", language))


def investment(facts: Ledger, language: Language = "zh", **rules_given: Any) -> str:
    return str(said(facts, "investment", language, parameters(str(facts.period), **rules_given)))


def standing(facts: Ledger, language: Language = "zh") -> str:
    return str(said(facts, "standing", language))


def actions(rows: list[Any], language: Language = "zh") -> str:
    return str(said(ledger(actions=rows), "actions", language))


def problems(rows: list[Any], language: Language = "zh") -> str:
    return str(said(ledger(projects=OLD, problems=rows), "problems", language))


def incidents(rows: list[Any], language: Language = "zh") -> str:
    return str(said(ledger(projects=OLD, incidents=rows), "incidents", language))


def test_the_opening_says_what_as_of_when_and_that_it_is_a_sample() -> None:
    facts = replace(ledger(), as_of=datetime.fromisoformat("2024-07-05T15:59:59+00:00"))
    rules = replace(parameters(), remarks=Text(zh="六月*三夏*", en="harvest"))
    lines = str(said(facts, "opening", rules=rules)).split("\n\n")
    assert lines[1] == (
        "现将2024年6月三十工程推进情况通报如下。数据截至2024年6月30日，以2024年7月5日23:59前收到的报送资料为准。"
        "所列项目及其数据均为示例数据，不对应任何真实项目。"
    )
    assert lines[2] == r"六月\*三夏\*"


def test_the_overall_position_names_size_starts_and_investment() -> None:
    facts = ledger(projects=[*builds(8, 9), *OLD], progress=SPENT)
    text = overall(facts)
    assert text.startswith("## 总体情况\n\n三十工程共安排项目11个，总投资110.00亿元。")
    assert (
        "其中，新建项目9个，总投资90.00亿元；续建项目2个，总投资20.00亿元，年度计划投资36.00亿元。"
        in text
    )
    assert "累计实质性开工8个，距6月30日前开工9个的节点目标还差1个。" in text
    assert (
        "1—6月续建项目累计完成投资12.60亿元，占年度计划的35.00%，低于序时进度15.00个百分点" in text
    )
    assert "（[■ 滞后]{.light .light-red}）" in text


@pytest.mark.parametrize(
    ("started", "zh", "en"),
    [
        (8, "距6月30日前开工9个的节点目标还差1个", "1 short of the milestone of 9 by 30 June"),
        (9, "达到6月30日前开工9个的节点目标", "meeting the milestone of 9 by 30 June"),
        (11, "超过6月30日前开工9个的节点目标2个", "2 more than the milestone of 9 by 30 June"),
    ],
)
def test_starts_against_the_latest_milestone(started: int, zh: str, en: str) -> None:
    facts = ledger(projects=builds(started, 12))
    assert zh in overall(facts)
    assert en in overall(facts, "en")


def test_before_the_first_milestone_nothing_is_missed() -> None:
    facts = ledger("2024-01", projects=[*builds(8, 9), *OLD])
    assert "累计实质性开工0个，首个节点为6月30日前开工9个。" in overall(facts)
    assert "截至1月31日，尚无项目到计划开工时间，累计实质性开工0个。" in starts(facts)
    assert "no new build was due to start" in starts(facts, "en")


def test_starts_name_what_is_late_with_its_unit() -> None:
    text = starts(ledger(projects=builds(0, 1)))
    assert "按计划应开工1个，其中1个应开未开，累计实质性开工0个。" in text
    assert "应开未开项目：示例X0（示例甲局，计划5月10日开工，已逾期51天）。" in text
    assert "提前开工项目" not in text
    english = starts(ledger(projects=builds(0, 1)), "en")
    assert "1 new build was due to start, of which 1 had not; no new builds had" in english
    assert "示例X0 (示例甲局; planned for 10 May, 51 days late)" in english


def test_starts_all_in_time_and_some_early() -> None:
    text = starts(ledger(projects=[*builds(3, 3, early=1), new("Z", "2024-12-01")]))
    assert "按计划应开工3个，均已开工，另有1个提前开工，累计实质性开工4个。" in text
    assert "提前开工项目：示例Y0（示例甲局，6月10日开工，计划为8月10日）。" in text
    assert "下一节点为9月30日前开工14个，还需开工10个。" in text
    assert "应开未开项目" not in text


def test_a_milestone_reached_before_its_day() -> None:
    text = starts(ledger(projects=[*builds(15, 15), new("Z", "2024-12-01")]))
    assert "下一节点为9月30日前开工14个，已提前达到。" in text


def test_everything_has_started() -> None:
    text = starts(ledger("2024-12", projects=builds(17, 17)))
    assert "17个新建项目已全部开工。" in text
    assert "下一节点" not in text


def test_the_definition_of_a_start_is_the_parameters() -> None:
    definition = parameters().programme.programme.start_definition
    assert definition.zh in starts(ledger())
    assert definition.en in starts(ledger(), "en")


def test_investment_against_pace_and_plan() -> None:
    plans = [*planned("H1", *["1"] * 12), *planned("H2", *["2"] * 12)]
    text = investment(ledger(projects=OLD, progress=SPENT, plan=plans))
    assert (
        "1—6月，续建项目累计完成投资12.60亿元，占年度计划的35.00%，低于序时进度15.00个百分点"
        in text
    )
    assert "比累计月度计划18.00亿元少5.40亿元。6月完成投资2.10亿元，当期计划为3.00亿元。" in text
    assert "序时进度按已过月数占全年的比例计算，本期为50.00%。" in text


def test_the_basis_of_the_pace_is_said() -> None:
    plans = [*planned("H1", *["0"] * 6, *["2"] * 6), *planned("H2", *["1"] * 6, *["3"] * 6)]
    facts = ledger(projects=OLD, progress=SPENT, plan=plans)
    text = investment(facts, pace=Pace(basis="plan"))
    assert "序时进度按累计月度计划占年度计划的比例计算，本期为16.67%。" in text
    assert "高于序时进度18.33个百分点（[● 正常]{.light .light-green}）" in text


def test_january_is_not_said_twice() -> None:
    facts = ledger("2024-01", projects=OLD, progress=SPENT)
    assert "1月，续建项目累计完成投资2.10亿元，占年度计划的5.83%" in investment(facts)
    assert "当期计划" not in investment(facts)
    assert "invested 0.210 billion yuan in January, 5.83%" in investment(facts, "en")


def test_without_annual_plans_there_is_no_rate() -> None:
    facts = ledger(projects=[old("H1", None)], progress=spent("H1", "1"))
    assert "1—6月，续建项目累计完成投资1.00亿元，未下达年度计划，不考核进度。" in investment(facts)
    assert "%" not in investment(facts).replace("本期为50.00%", "")


def test_sectors_are_said_one_after_another() -> None:
    facts = ledger(projects=OLD, progress=SPENT)
    text = str(said(facts, "sectors"))
    assert "分领域看，工业完成6.60亿元，占年度计划的55.00%，高于序时进度5.00个百分点" in text
    assert "；民生完成6.00亿元，占年度计划的25.00%，低于序时进度25.00个百分点" in text
    english = str(said(facts, "sectors", "en"))
    assert "Industry invested 0.660 billion yuan, 55.00% of its annual plan" in english


def test_ahead_and_behind_are_named_with_their_units() -> None:
    text = standing(ledger(projects=[*OLD, old("H3", None)], progress=SPENT))
    assert (
        "纳入考核的续建项目2个，其中正常1个、预警0个、滞后1个。另有1个项目无年度计划，不考核。"
        in text
    )
    assert "进度居前的项目：示例甲（示例甲局，55.00%）。" in text
    assert "滞后项目：示例乙（示例乙局，25.00%）。" in text
    assert "预警项目" not in text
    assert "与上月相比，各项目的预警灯没有变化。" in text


def test_lights_that_changed_are_named() -> None:
    progress = [*spent("H1", *["1"] * 5, "0.5"), *spent("H2", *["1"] * 5, "7")]
    text = standing(ledger(projects=OLD, progress=progress))
    green, yellow, red = (
        f"[{word}]{{.light .light-{code}}}"
        for word, code in (("● 正常", "green"), ("▲ 预警", "yellow"), ("■ 滞后", "red"))
    )
    assert f"与上月相比，好转的有示例乙（{red}→{green}）；" in text
    assert f"；退步的有示例甲（{green}→{yellow}）。" in text


def test_nothing_is_compared_in_january() -> None:
    assert "上月" not in standing(ledger("2024-01", projects=OLD, progress=SPENT))


def test_standing_without_projects() -> None:
    assert standing(ledger()).endswith("\n\n无。")
    assert standing(ledger(), "en").endswith("\n\nNone.")


def test_actions_are_counted_by_how_they_went() -> None:
    text = actions([DONE | {"closed_on": "2024-06-18"}, LATE, OPEN])
    assert "本期跟踪交办事项3项（本期新交办3项），按期办结1项，正在办理1项，逾期未办结1项。" in text
    assert "逾期未办结事项的责任单位：自然资源部门（1项）。" in text
    english = actions([LATE], "en")
    assert "1 assigned action was followed up (1 new in this period): 1 overdue." in english
    assert "Overdue with: Natural resources (1)." in english
    assert "本期没有在办的交办事项。" in actions([])


def test_problems_none_open_and_all_closed() -> None:
    assert "本年度尚未提出问题。" in problems([])
    text = problems([PROBLEM, PROBLEM | {"problem_id": "W2", "closed_on": "2024-06-01"}])
    assert "累计提出问题2个，已销号1个，尚未解决1个，其中逾期1个。按层级分：多部门1个。" in text
    assert "逾期问题的责任单位：自然资源部门（1个）。" in text
    closed = problems([PROBLEM | {"closed_on": "2024-06-01"}])
    assert closed.endswith("累计提出问题1个，已全部销号。")
    assert problems([PROBLEM | {"closed_on": "2024-06-01"}], "en").endswith(
        "1 problem has been raised, and all are closed."
    )


def test_incidents_are_never_hidden() -> None:
    assert "本年度未发生安全、质量和廉政事件。" in incidents([])
    assert "本期发生安全、质量和廉政事件1起，本年累计1起，其中1起正在处理。" in incidents(
        [INCIDENT]
    )
    earlier = INCIDENT | {"occurred_on": "2024-02-10", "closed_on": "2024-03-01"}
    assert "本期未发生安全、质量和廉政事件，本年累计1起，均已处理完毕。" in incidents([earlier])
    assert "1 safety, quality or integrity incident occurred" in incidents([INCIDENT], "en")


def test_nodes_of_next_month_and_overdue() -> None:
    node = {"node_id": "N1", "project_id": "H1", "node": "封顶", "due_on": "2024-06-25"}
    facts = ledger(projects=OLD, nodes=[node, node | {"node_id": "N2", "due_on": "2024-07-31"}])

    assert "截至6月30日，逾期未完成节点1个。7月到期节点1个，" in str(said(facts, "nodes"))
    assert "1 node was overdue. 1 node falls due in July" in str(said(facts, "nodes", "en"))
    assert "截至6月30日，无逾期节点。7月无到期节点。" in str(said(ledger(), "nodes"))


def notes(facts: Ledger, language: Language = "zh", revised: int = 0) -> str:
    rules = parameters(str(facts.period))
    report = Report(facts, rules, language, "monthly_bulletin")
    if revised:
        state = metrics.quality.state(facts, rules)
        again = state.evidence.loc[[0] * revised].assign(key=[f"{n}" for n in range(revised)])
        state = state._replace(revised=keyed(again, "key", name="quality.revised"))
        return str(said(report, "notes", state=report.remembered(state)))
    return str(said(report, "notes"))


def test_notes_say_who_reported_and_on_what_evidence() -> None:
    progress = [row | {"evidence": "三方确认"} for row in spent("H1", *["1.1"] * 6)]
    text = notes(ledger(projects=OLD, progress=progress))
    assert (
        "1. 本期2个项目中，1个已报送月度进展，1个未报送；未报送的按零投资计入累计数。"
        "其中三方确认1个、核查0个、自报0个。"
    ) in text
    assert "本月完成投资中自报占0.00%，未超过50%的界线。未按时报齐的单位：" in text
    both = notes(ledger(projects=OLD, progress=SPENT))
    assert "本期2个项目均已报送月度进展。" in both


def test_notes_tell_revisions_since_the_last_cutoff() -> None:
    cutoff = datetime.fromisoformat("2024-06-05T23:59:59+08:00")
    facts = replace(ledger(projects=OLD, progress=SPENT), last_cutoff=cutoff)
    assert "上期通报截止（2024年6月5日）以来，此前已报数据没有修订。" in notes(facts)
    assert "修订此前已报数据2处" in notes(facts, revised=2)
    assert "1 figure reported earlier was revised" in notes(facts, "en", 1)
    first = replace(ledger("2024-01", projects=OLD), last_cutoff=cutoff)
    assert "上期" not in notes(first)


def test_hostile_names_stay_literal() -> None:
    projects = [old("H1", "12", name="示例*甲*<b>", responsible_unit="[局](http://x)")]
    text = standing(ledger(projects=projects, progress=SPENT))
    assert r"示例\*甲\*\<b\>（\[局\]\(http\:\/\/x\)，55.00%）" in text


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("period", ["2024-01", "2024-06", "2024-12"])
def test_nothing_at_all_can_be_reported(language: Language, period: str) -> None:
    facts = ledger(period)
    texts = [starts(facts, language), overall(facts, language), investment(facts, language)]
    texts += [standing(facts, language), notes(facts, language)]
    assert all(text.startswith(("## ", "### ")) for text in texts)
    assert not any("nan" in text.lower().replace("finan", "") for text in texts)


def test_the_end_is_marked_and_carries_what_the_words_are_about() -> None:
    report = Report(ledger(projects=OLD), parameters(), "zh", "monthly_bulletin")
    said(report, "sectors")
    data, about = report.end()._repr_mimebundle_()
    assert set(data) == {"text/plain"}
    assert about["sanshi"]["end"] is True
    frames = about["sanshi"]["frames"]
    assert frames["investment.by_group.sector"]["key"] == ["scope_value"]
    assert frames["investment.by_group.sector"]["csv"].splitlines()[1].startswith("工业,1,12,")


def test_notes_count_what_looks_unusual_by_rule() -> None:
    text = notes(ledger(projects=OLD, progress=spent("H1", "1", "1", "1", "0.2", "0.2", "0.2")))
    assert "本期数据疑点3条，涉及2个项目：数字连续不变1条、开而不动1条、自报占比过高1条。" in text
    quiet = [row | {"evidence": "核查"} for p in ("H1", "H2") for row in spent(p, "0.1", "0.2")]
    assert "本期数据没有疑点。" in notes(ledger("2024-02", projects=OLD, progress=quiet))


def test_notes_say_what_revisions_did_to_the_last_total() -> None:
    first = {"projects": OLD, "progress": spent("H1", "1", "2")}
    later = [{"project_id": "H1", "month": "2024-02", "invested": "1.75"}]
    facts = told(
        "2024-03", ("2024-02", "2024-03-03", first), ("2024-03", "2024-04-03", {"progress": later})
    )
    text = notes(facts)
    assert "上期公布的续建项目1—2月累计投资3.00亿元，按现有数据为2.75亿元，相差−0.25亿元。" in text
    assert "新建项目1—2月" not in text
    english = notes(facts, "en")
    assert "in Jan–Feb was published as 0.300 billion yuan and is 0.275 billion yuan" in english


def test_notes_point_to_the_offices_corrections() -> None:
    days = {
        "when": pd.to_datetime(["2024-07-01"], utc=True),
        "expires": pd.to_datetime([None], utc=True),
    }
    listed = pd.DataFrame({"number": [1], "why": ["笔误"], **days})
    facts = replace(ledger(projects=OLD), corrections=listed)
    assert "工程办更正报送数据1处，明细见下表。" in notes(facts)
