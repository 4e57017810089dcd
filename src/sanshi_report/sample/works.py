"""What is built: the register, the money and works month by month, the nodes, inputs and funding."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from sanshi_report.sample.days import MONTHS, chance, month_end, month_of, workday
from sanshi_report.sample.story import Moment, Project, Row, story

__all__ = ["TABLES", "invested", "monthly_plan", "node_days", "reported"]

WAN = 10**6
"""One 万元 in fen: sample amounts are whole numbers of it."""

# Shares of each half-year's money by month. Work dips at Spring Festival (February), the summer harvest
# (June) and the autumn harvest with the National Day holiday (October), more than planned; Q4 catches up.
PLANNED = (12, 6, 19, 21, 23, 19), (17, 18, 17, 14, 18, 16)
DONE = (12, 5, 19, 23, 24, 17), (15, 16, 15, 11, 20, 23)
# New builds spend this many per mille of their total in an ordinary month, times the month's activity in %.
NEW_BUILD_RATE = 25
ACTIVITY = dict(zip(MONTHS, (100, 45, 100, 110, 110, 85, 95, 100, 95, 75, 115, 125), strict=True))
# Hands on site in % of those needed: people go home for the festival and the two harvests.
LABOUR = dict(zip(MONTHS, (85, 38, 96, 98, 97, 72, 94, 96, 90, 76, 97, 98), strict=True))

PHASES = {
    "工业": "场平与临建 桩基施工 基础施工 厂房主体施工 厂房封顶 围护与地坪 设备基础 设备安装 管线与单机调试 联动调试",
    "基础设施": "便道与临建 桩基与开挖 下部结构 主体结构一段 主体结构二段 主体结构三段 附属工程 机电安装 面层 联调联试",
    "民生": "场平与临建 桩基施工 地下结构 主体施工至三层 主体封顶 二次结构 外立面 机电安装 室内装修 室外配套",
}
PREPARATION = "可研批复 初步设计批复 勘察招标 土地组卷 施工图审查 施工招标"
# Days a step of acceptance comes before completion (the last: before commissioning), planned and real.
ACCEPTANCE = {"联合验收": (10, 7), "竣工备案": (0, 0), "试生产": (21, 14)}
SOURCES = {
    "工业": {"社会资本": 60, "银行贷款": 30, "政府引导基金": 10},
    "基础设施": {"中央预算内投资": 15, "地方政府专项债券": 25, "其他上级资金": 10, "市级财政资金": 10,
                "银行贷款": 25, "特许经营": 15},
    "民生": {"中央预算内投资": 20, "地方政府专项债券": 40, "其他上级资金": 10, "市级财政资金": 20, "银行贷款": 10},
}  # fmt: skip


def shared(amount: int, weights: Mapping[str, int]) -> dict[str, int]:
    """Share fen out by weight in whole 万元; the last non-zero weight takes what rounding left."""
    total = sum(weights.values())
    shares = {key: amount * weight // total // WAN * WAN for key, weight in weights.items()}
    last = [key for key, weight in weights.items() if weight][-1]
    shares[last] += amount - sum(shares.values())
    return shares


def _halves(
    first: int, second: int, weight: Callable[[str, int], int], shape: tuple[tuple[int, ...], ...]
) -> dict[str, int]:
    weights = {m: weight(m, w) for m, w in zip(MONTHS, shape[0] + shape[1], strict=True)}
    halves = [dict(list(weights.items())[:6]), dict(list(weights.items())[6:])]
    return shared(first, halves[0]) | shared(second, halves[1])


def _percent(amount: int, percent: object) -> int:
    return int(amount * Fraction(str(percent)) / 100 // WAN * WAN)


@cache
def monthly_plan(project: Project, day: date) -> dict[str, int]:
    """Return the planned fen of each month as approved by a day; they add up to the annual plan."""
    assert project.plan is not None
    first = _percent(project.plan, project.planned_h1)
    plan = _halves(first, project.plan - first, lambda _, w: w, PLANNED)
    for change in story().changes:
        if change.project == project.id and change.on <= day:
            for month, amount in change.shift.items():
                plan[month] += amount
    return plan


@cache
def invested(project: Project) -> dict[str, int]:
    """Return the fen truly spent in each month of the year."""
    if project.plan is None:
        return {month: _new_build_spends(project, month) for month in MONTHS}
    first = _percent(project.plan, project.done_h1)
    whole = _percent(project.plan, project.done_year)

    def varied(month: str, weight: int) -> int:
        return weight * chance(86, 114, project.id, month, "pace")

    spent = _halves(first, whole - first, varied, DONE)
    copied = story().copied.get(project.id, [])
    if copied:  # a clerk repeats one figure; the half-year's true total stays
        total = sum(spent[month] for month in copied)
        even = total // len(copied) // WAN * WAN
        spent.update(dict.fromkeys(copied, even))
        spent[MONTHS[2]] += total - even * len(copied)
    return spent


def _new_build_spends(project: Project, month: str) -> int:
    started = project.started
    if started is None or month_of(started) > month or month in story().idle.get(project.id, []):
        return 0
    rate = NEW_BUILD_RATE * ACTIVITY[month] * chance(85, 115, project.id, month, "pace")
    if month == month_of(started):
        rate = rate * (31 - min(started.day, 25)) // 50
    return project.total * rate // 10**7 // WAN * WAN


def reported(project: Project, month: str, sent: date) -> int:
    """Return the fen a submission of that day gives for a month: wrong until its revision."""
    excess = sum(
        r.excess
        for r in story().revisions
        if (r.project, r.month) == (project.id, month) and sent < r.known
    )
    return invested(project)[month] + excess


def financial_pct(project: Project, month: str) -> int:
    """Return the share of the total spent by a month's end, in whole per cent rounded down."""
    spent = (project.before or 0) + sum(v for m, v in invested(project).items() if m <= month)
    return min(100, spent * 100 // project.total)


def physical_pct(project: Project, month: str) -> int:
    """Return physical progress in %: the money's share and a little of its own, never falling."""
    copied = story().copied.get(project.id, [])
    month = copied[0] if month in copied else month
    if project.completed and month >= month_of(project.completed):
        return 100
    ahead = story().ahead_physically.get(project.id, chance(-2, 4, project.id, "physical"))
    share = financial_pct(project, month)
    return max(0, min(98, share + ahead)) if share else 0


def projects(at: Moment) -> list[Row]:
    """Return the register as approved by the period's end."""
    rows = []
    for original in story().projects:
        p = story().changed(original, at.end)
        rows.append({
            "project_id": p.id, "name": p.name, "sector": p.sector,
            "kind": "新建" if p.is_new else "续建", "tier": p.tier, "county": p.county,
            "lead_official": p.lead, "task_force": p.task_force, "responsible_unit": p.unit,
            "scope": p.scope, "total_investment": p.total, "invested_before": p.before,
            "annual_plan": p.plan, "planned_start": p.planned_start,
            "planned_completion": p.planned_completion,
            "planned_commissioning": p.planned_commissioning,
        })  # fmt: skip
    return rows


def plan(at: Moment) -> list[Row]:
    """Return the monthly plans of continuing projects."""
    return [
        {"project_id": p.id, "month": month, "planned_investment": amount}
        for p in story().projects
        if p.plan is not None
        for month, amount in monthly_plan(p, at.end).items()
    ]


def progress(at: Moment) -> list[Row]:
    """Return every month's progress so far, as known on the day of sending."""
    return [
        _progress(p, m, at) for m in MONTHS if m <= at.month for p in story().projects
    ]  # fmt: skip


def _progress(p: Project, month: str, at: Moment) -> Row:
    # A row is written shortly after its month, and says what had happened by then.
    written = min(at.sent, month_end(month) + timedelta(days=chance(1, 3, p.id, month, "day")))
    amount = reported(p, month, at.sent)
    revised = amount != reported(p, month, written)
    grade = chance(1, 10, p.id, month, "evidence")
    physical = physical_pct(p, month)

    def happened(day: date | None) -> date | None:
        return day if day and day <= written else None

    row: Row = {
        "project_id": p.id, "month": month, "invested": amount, "physical_pct": physical,
        "physical_note": _phase(p, physical, month),
        "groundbreaking_on": happened(p.groundbreaking), "started_on": happened(p.started),
        "completed_on": happened(p.completed), "commissioned_on": happened(p.commissioned),
        "workers": workers(p, month),
        "evidence": "核查" if revised or grade == 1 else "自报" if grade <= 4 else "三方确认",
        "reported_by": f"示例填报员{p.task_force[3:-2]}", "reported_on": written,
    }  # fmt: skip
    return row | dict.fromkeys(story().blank.get(p.id, {}).get(month, ()))


def _phase(p: Project, physical: int, month: str) -> str:
    if p.completed and month >= month_of(p.completed):
        return "已竣工"
    if p.started and month_of(p.started) > month:
        return "开展前期工作"
    # The first permanent pile is the start, so a started new build is past clearing its ground.
    return PHASES[p.sector].split()[max(int(p.is_new), min(9, physical // 10))]


def is_active(p: Project, month: str) -> bool:
    """Return whether people are at work on the project in a month."""
    begun = p.started is None or month_of(p.started) <= month
    return begun and not (p.completed and month_of(p.completed) < month)


def hands_needed(p: Project) -> int:
    """Return how many people the works ordinarily need."""
    return (80 + 3 * p.total // 10**10) // 10 * 10


@cache
def workers(p: Project, month: str) -> int:
    """Return the people on site."""
    if not is_active(p, month):
        return 0
    return hands_needed(p) * LABOUR[month] * chance(92, 102, p.id, month, "hands") // 10000


def nodes(at: Moment) -> list[Row]:
    """Return the year's nodes, with what is done of them: works month by month, then acceptance."""
    return [
        node
        for p in story().projects
        for node in (*(_node(p, n, at) for n in range(_months_of_works(p))), *_acceptance(p, at))
    ]


def _months_of_works(p: Project) -> int:
    """Return how many months have a node of the works: those before the month of completion."""
    month = month_of(p.planned_completion)
    return MONTHS.index(month) if month in MONTHS else len(MONTHS)


@cache
def node_days(p: Project, number: int) -> tuple[date, date]:
    """Return when a node was first due, and when it is truly done."""
    node_id = f"{p.id}-N{number + 1:02d}"
    due = workday(month_end(MONTHS[number]) - timedelta(days=chance(0, 12, node_id, "due")))
    done = due + timedelta(days=_delay(p, node_id))
    if p.planned_start and p.started:
        start = p.planned_start.month - 1
        late = p.started - p.planned_start
        if number == start:
            return p.planned_start, p.started
        if number < start:  # preparation ends before the start, and drags on when the start does
            dragged = number >= start - 2 and late.days > 0
            return due, min(done + late if dragged else done, p.started - timedelta(days=1))
        done = max(done, p.started + (due - p.planned_start))
    return due, done


def _node(p: Project, number: int, at: Moment) -> Row:
    node_id = f"{p.id}-N{number + 1:02d}"
    due, done = node_days(p, number)
    note = None
    for change in story().changes:
        if change.column == node_id:  # the new date is kept, which the old one would not have been
            moved = date.fromisoformat(change.new)
            done = workday(moved - timedelta(days=chance(0, 6, node_id, "moved")))
            if change.on <= at.end:
                due, note = moved, f"{change.on:%Y-%m-%d} 批准调整"
    return {
        "node_id": node_id, "project_id": p.id, "node": _node_names(p)[number], "due_on": due,
        "done_on": at.known(done), "note": note,
    }  # fmt: skip


def _acceptance(p: Project, at: Moment) -> list[Row]:
    """Return the steps of acceptance, whose dates move with the completion they lead to."""
    current = story().changed(p, at.end)
    moved = [c.on for c in story().changes
             if (c.project, c.column) == (p.id, "planned_completion") and c.on <= at.end]  # fmt: skip
    rows = []
    for number, step in enumerate(story().acceptance.get(p.id, []), _months_of_works(p) + 1):
        planned, real = current.planned_completion, p.completed
        if step == "试生产":
            planned, real = current.planned_commissioning, p.commissioned
        due, done = (timedelta(days=days) for days in ACCEPTANCE[step])
        rows.append({
            "node_id": f"{p.id}-N{number:02d}", "project_id": p.id, "node": step,
            "due_on": workday(planned - due),
            "done_on": at.known(workday(real - done)) if real else None,
            "note": f"{moved[-1]:%Y-%m-%d} 批准调整" if moved and step != "试生产" else None,
        })  # fmt: skip
    return rows


def _delay(p: Project, node_id: str) -> int:
    """Return days late: those behind with the money are behind with the nodes."""
    behind = 0 if p.plan is None else max(0, 50 - int(p.done_h1))
    return chance(-5, 3 + 3 * behind, node_id, "delay")


@cache
def _node_names(p: Project) -> list[str]:
    """Return what each month's node is; where one step takes several months, they are numbered."""
    steps = [_step(p, number) for number in range(_months_of_works(p))]
    return [
        f"{step}（{steps[:number].count(step) + 1}）" if steps.count(step) > 1 else step
        for number, step in enumerate(steps)
    ]


def _step(p: Project, number: int) -> str:
    """Return the step of the works in a month: preparation before a start, then phase after phase.

    Clearing the ground, the first phase, ends preparation: a start is the first permanent pile.
    """
    phases = PHASES[p.sector].split()
    if p.planned_start is None:
        first = financial_pct(p, MONTHS[0])
        last = 100 if p.completed else financial_pct(p, MONTHS[11])
        span = _months_of_works(p) - 1
        return phases[min(9, (first + (last - first) * number // span) // 10)]
    start = p.planned_start.month - 1
    if number == start:
        return "实质性开工"
    if number < start:
        preparation = [*PREPARATION.split(), phases[0]]
        steps = len(preparation)
        return preparation[steps - start + number if start <= steps else number * steps // start]
    return phases[1 + (number - start - 1) // 2]


def inputs(at: Moment) -> list[Row]:
    """Return labour, land, money and environmental capacity, needed and secured, for the month."""
    return [row for p in story().projects for row in _inputs(p, at.month)]


def _inputs(p: Project, month: str) -> list[Row]:
    rows: list[tuple[str, str, int | Fraction, int | Fraction, str]] = []
    if is_active(p, month):
        hands = hands_needed(p) * story().lighter.get(p.id, {}).get(month, 100) // 100
        rows.append(("人", "人", hands, workers(p, month), "人力资源社会保障部门"))
    if p.is_new and p.started:
        acres = p.total * 12 // 10**10
        ready = month_of(p.started - timedelta(days=45)) <= month
        part = 100 if ready else 40 + 3 * MONTHS.index(month)
        rows.append(("地", "亩", acres, acres * part // 100, "自然资源部门"))
    if p.plan is not None:
        needed = sum(v for m, v in monthly_plan(p, month_end(month)).items() if m <= month)
        cover = 76 if p.done_h1 < 35 else chance(93, 100, p.id, month, "cover")
        rows.append(
            (
                "钱",
                "亿元",
                Fraction(needed, 10**10),
                Fraction(needed * cover // 100 // WAN * WAN, 10**10),
                "财政金融部门",
            )
        )
    if p.sector == "工业":
        tons = 20 + p.total // 10**10
        part = 100 if not p.started or month_of(p.started - timedelta(days=60)) <= month else 60
        rows.append(("环境容量", "吨", tons, tons * part // 100, "生态环境部门"))
    return [
        {"project_id": p.id, "month": month, "input": kind, "unit": unit, "needed": needed,
         "secured": secured, "department": department}
        for kind, unit, needed, secured, department in rows
    ]  # fmt: skip


def funding(at: Moment) -> list[Row]:
    """Return each project's sources; what they plan adds up to the total investment."""
    rows = []
    for p in story().projects:
        # Money in place runs a little ahead of the works, and behind where financing is the trouble.
        lead = -4 if p.plan and p.done_h1 < 35 else 8 if p.plan or is_active(p, at.month) else 15
        ready = max(5, min(100, financial_pct(p, at.month) + lead))
        for source, planned in shared(p.total, SOURCES[p.sector]).items():
            rows.append({
                "project_id": p.id, "source": source, "planned": planned,
                "in_place": planned * ready // 100 // WAN * WAN if ready < 100 else planned,
            })  # fmt: skip
    return rows


TABLES: dict[str, Callable[[Moment], list[Row]]] = {
    "projects": projects,
    "plan": plan,
    "nodes": nodes,
    "progress": progress,
    "inputs": inputs,
    "funding": funding,
}
"""The tables this module knows, each as it stands at a moment."""
