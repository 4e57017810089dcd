"""What the offices keep: permits, problems, assigned actions, meetings, incidents, practices, changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from sanshi_report.exact import yi_of
from sanshi_report.sample.days import (
    MONTHS,
    chance,
    from_workday,
    month_end,
    month_of,
    workday,
    workdays_after,
)
from sanshi_report.sample.story import Change, Moment, Project, Row, story
from sanshi_report.sample.works import invested, monthly_plan, node_days

__all__ = ["TABLES"]

# For each permit: days before the start it is applied for, working days promised, department, and the
# character its document number goes by. Construction permits come last, a week or two before the start.
PERMITS = {
    "立项": (170, 15, "发展改革部门", "发改"),
    "土地": (140, 60, "自然资源部门", "自然资"),
    "环评": (110, 30, "生态环境部门", "环审"),
    "用能": (105, 20, "发展改革部门", "能审"),
    "安评": (100, 25, "应急管理部门", "应急"),
    "规划": (75, 20, "自然资源部门", "规"),
    "施工许可": (27, 10, "住房城乡建设部门", "建施"),
}
NOT_NEEDED = {"基础设施": ("用能",), "民生": ("用能", "安评")}
ASKS = {
    "用地报批": "完成用地报批并交地",
    "征地清表": "完成清表交地",
    "杆线迁改": "完成杆线迁改",
    "资金筹措": "落实资金并拨付到位",
    "规划许可": "完成规划条件调整并发证",
    "施工许可": "完成施工许可办理",
    "方案设计": "完成方案论证并定稿",
    "招标采购": "完成招标采购并签约",
    "环境影响评价": "完成环评审批",
    "劳动力": "补足施工班组",
}


def permits(at: Moment) -> list[Row]:
    """Return every permit and how far it has come."""
    return [_permit(p, permit, at) for p in story().projects for permit in PERMITS]


def _permit(p: Project, permit: str, at: Moment) -> Row:
    lead, promised, department, character = PERMITS[permit]
    row: Row = {
        "project_id": p.id, "permit": permit, "department": department, "status": "不需要",
        "applied_on": None, "due_on": None, "granted_on": None, "document_no": None,
    }  # fmt: skip
    late = next(((date.fromisoformat(d), date.fromisoformat(g))
                 for q, kind, d, g in story().late_permits if (q, kind) == (p.id, permit)), None)  # fmt: skip
    if permit in NOT_NEEDED.get(p.sector, ()) and not late:
        return row
    applied, due, granted = _permit_days(p, permit, lead, promised)
    if late:
        due, granted = late
    number = chance(3, 180, p.id, permit, "number")
    is_granted = granted <= at.sent
    return row | {
        "status": "已办结" if is_granted else "办理中" if applied <= at.sent else "未启动",
        "applied_on": at.known(applied), "due_on": due, "granted_on": at.known(granted),
        "document_no": f"示例{character}〔{granted.year}〕{number}号" if is_granted else None,
    }  # fmt: skip


@cache
def _permit_days(p: Project, permit: str, lead: int, promised: int) -> tuple[date, date, date]:
    """Return applied, promised, granted: counted back from the start, most within the time promised."""
    # Continuing projects had theirs before they began, two years ago or so.
    planned, started = p.planned_start, p.started
    if planned is None or started is None:
        planned = started = date(2022, chance(2, 11, p.id, "began"), 15)
    start = min(planned, started)
    applied = from_workday(start - timedelta(days=lead - chance(0, 8, p.id, permit, "applied")))
    due = workdays_after(applied, promised)
    granted = workdays_after(applied, promised * chance(55, 108, p.id, permit, "speed") // 100)
    if permit == "施工许可" and started > planned:  # cannot be applied for until the rest is there
        applied = workday(started - timedelta(days=chance(14, 20, p.id, "last applied")))
        granted = workday(started - timedelta(days=chance(3, 6, p.id, "last")))
    return applied, due, min(granted, workday(started - timedelta(days=2)))


def problems(at: Moment) -> list[Row]:
    """Return the problems raised by the period's end."""
    return [row for row in _all_problems(at) if row["raised_on"] <= at.end]


def _all_problems(at: Moment) -> list[Row]:
    rows = []
    for number, told in enumerate(story().problems, 1):
        project, raised, category, tier, owner, due, closed, description = told
        for lifted, when, day, higher in story().escalations:
            if (lifted, when) == (project, raised) and day <= at.end.isoformat():
                tier = higher
        closed_on = at.known(date.fromisoformat(closed) if closed else None)
        promised = date.fromisoformat(due)
        rows.append({
            "problem_id": f"W2024-{number:03d}", "project_id": project,
            "raised_on": date.fromisoformat(raised), "category": category, "tier": tier,
            "owner": story().project(project).unit if owner == "unit" else owner,
            "due_on": promised, "closed_on": closed_on, "description": description,
            "progress": "已解决，销号" if closed_on else
                        "已逾期，正在协调" if promised <= at.end else "正在办理",
        })  # fmt: skip
    return rows


def actions(at: Moment) -> list[Row]:
    """Return what the programme's meetings have assigned by the period's end, numbered in order."""
    rows = sorted(
        (*_general(), *_for_problems(), *_for_laggards()), key=lambda row: row["meeting_on"]
    )
    return [
        {"action_id": f"J2024-{number:03d}", **row, "closed_on": at.known(row["closed_on"])}
        for number, row in enumerate(rows, 1)
        if row["meeting_on"] <= at.end
    ]


def _action(
    meeting: date, project: str | None, content: str, owner: str, due: date, closed: date | None
) -> Row:
    return {"meeting_on": meeting, "project_id": project, "content": content, "owner": owner,
            "due_on": due, "closed_on": closed}  # fmt: skip


def _general() -> list[Row]:
    return [
        _action(date.fromisoformat(meeting), None, content, owner, date.fromisoformat(due),
                date.fromisoformat(closed) if closed else None)
        for meeting, content, owner, due, closed in story().assigned
    ]  # fmt: skip


def _for_problems() -> list[Row]:
    """Return one action for every problem beyond the site, from the first meeting that finds it open."""
    rows = []
    last = Moment(MONTHS[-1], date(2025, 12, 31))
    for problem in _all_problems(last):
        closed = problem["closed_on"]
        meeting = next((d for d in story().meetings if d > problem["raised_on"]), None)
        if problem["tier"] == "现场" or meeting is None or (closed and closed <= meeting):
            continue
        name = story().project(problem["project_id"]).name
        due = min(
            max(problem["due_on"], meeting + timedelta(days=10)), meeting + timedelta(days=30)
        )
        rows.append(_action(meeting, problem["project_id"], f"{name}：{ASKS[problem['category']]}",
                            problem["owner"], due, closed))  # fmt: skip
    return rows


def _for_laggards() -> list[Row]:
    """Return the plan to catch up each office meeting asks of two: behind pace, and worst last month."""
    rows = []
    for meeting in story().office:
        before = [m for m in MONTHS if m < month_of(meeting)]
        if not before:
            continue
        behind = [p for p in story().projects if p.plan is not None and _is_behind(p, before)]
        for p in sorted(behind, key=lambda p: _shortfall(p, before[-1]), reverse=True)[:2]:
            due = workdays_after(meeting, 8)
            done = workday(due + timedelta(days=chance(-6, 3, p.id, meeting)))
            content = f"{p.name}：制定赶工计划，明确追回序时的时间表，报指挥部办公室"
            rows.append(_action(meeting, p.id, content, p.unit, due, done))
    return rows


def _is_behind(p: Project, months: list[str]) -> bool:
    assert p.plan is not None
    return sum(invested(p)[m] for m in months) * 12 < p.plan * len(months)


def _shortfall(p: Project, month: str) -> Fraction:
    assert p.plan is not None
    return Fraction(monthly_plan(p, month_end(month))[month] - invested(p)[month], p.plan)


def meetings(at: Moment) -> list[Row]:
    """Return the meetings held by the period's end: programme, office, task forces, project units."""
    rows = [_meeting(d, "指挥部", None, "听取项目推进情况并讲评") for d in story().headquarters]
    rows += [
        _meeting(d, "指挥部办公室", None, "通报上月完成情况，印发本月推进任务清单")
        for d in story().office
    ]
    months = [m for m in MONTHS if m <= at.month]
    rows += [row for p in story().projects for m in months for row in _project_meetings(p, m)]
    return [row for row in rows if row["held_on"] <= at.end]


def _meeting(day: date, level: str, project: str | None, subject: str) -> Row:
    return {"held_on": day, "level": level, "project_id": project, "subject": subject}


@cache
def _project_meetings(p: Project, month: str) -> list[Row]:
    """Return a month's meetings of one project: weekly and half-monthly, but for some missed."""
    if p.completed and month_of(p.completed) < month:
        return []
    first, last = date.fromisoformat(f"{month}-01"), month_end(month)
    # Those behind, and everybody around Spring Festival, miss more.
    missed = 25 if month == "2024-02" else 14 if p.plan and p.done_h1 < 40 else 5
    rows = []
    for half, day in enumerate((first + timedelta(days=9), first + timedelta(days=22)), 1):
        held = workday(day + timedelta(days=chance(-3, 3, p.id, month, half)))
        if chance(1, 100, p.id, month, "task force", half) > missed:
            rows.append(_meeting(held, "专班", p.id, f"调度{p.name}手续、要素和节点"))
    weekday = chance(0, 4, p.id, "weekday")
    for day in (first + timedelta(days=n) for n in range(last.day)):
        if day.weekday() == weekday and workday(day) == day and chance(1, 100, p.id, day) > missed:
            rows.append(_meeting(day, "项目", p.id, "周调度，报牵头领导"))
    return rows


def incidents(at: Moment) -> list[Row]:
    """Return the incidents of the year so far."""
    return [
        {"incident_id": number, "project_id": project, "occurred_on": date.fromisoformat(day),
         "incident": kind, "severity": severity, "description": text,
         "closed_on": at.known(date.fromisoformat(closed))}
        for number, project, day, kind, severity, text, closed in story().incidents
        if day <= at.end.isoformat()
    ]  # fmt: skip


def practices(at: Moment) -> list[Row]:
    """Return the good practice written up so far."""
    return [
        {"practice_id": number, "project_id": project or None,
         "recorded_on": date.fromisoformat(day), "title": title, "content": content}
        for number, project, day, title, content in story().practices
        if day <= at.end.isoformat()
    ]  # fmt: skip


def changes(at: Moment) -> list[Row]:
    """Return the changes approved so far, with what stood before."""
    rows = []
    for change in story().changes:
        if change.on > at.end:
            continue
        old, new = _before_and_after(change)
        rows.append({
            "project_id": change.project, "field": change.field, "old": old, "new": new,
            "reason": change.reason, "approved_by": change.by, "approved_on": change.on,
        })  # fmt: skip
    return rows


def _before_and_after(change: Change) -> tuple[str, str]:
    """Return what a change altered, before and after, as the minutes would put it."""
    project = story().project(change.project)
    eve = change.on - timedelta(days=1)
    if change.shift:
        was, now = monthly_plan(project, eve), monthly_plan(project, change.on)
        months = sorted(change.shift)
        old, new = (
            "，".join(f"{int(m[5:])}月{yi_of(plan[m])}亿元" for m in months) for plan in (was, now)
        )
        return old, new
    if change.column.startswith(f"{project.id}-N"):
        return str(node_days(project, int(change.column[-2:]) - 1)[0]), change.new
    return str(getattr(story().changed(project, eve), change.column)), change.new


TABLES: dict[str, Callable[[Moment], list[Row]]] = {
    "permits": permits,
    "problems": problems,
    "actions": actions,
    "meetings": meetings,
    "incidents": incidents,
    "practices": practices,
    "changes": changes,
}
"""The tables this module knows, each as it stands at a moment."""
