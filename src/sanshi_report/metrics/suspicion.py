"""Suspicions: what can be read but is unusual, each with the row it rests on; they stop nothing."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import decimal_of, percent, yi_of
from sanshi_report.ledger import (
    Ledger,
    invested_through,
    membership,
    published,
    published_before,
)
from sanshi_report.ledger.membership import entered_on
from sanshi_report.metrics import moved, plans
from sanshi_report.metrics.moved import exact_text, plainly
from sanshi_report.metrics.scopes import with_projects
from sanshi_report.period import ReportPeriod
from sanshi_report.schemas import key_of
from sanshi_report.workspace import Parameters

__all__ = ["RULES", "by_month", "by_report", "by_rule", "summary", "suspicions"]

RULES = (
    "unchanged", "falling", "beyond_total", "carried", "idle", "apart", "moved_late", "by_moving",
    "unapproved", "future", "self_reported",
)  # fmt: skip
"""Every rule, in the order in which a report lists them."""

COLUMNS: dict[str, Any] = {
    "rule": "str",
    "project_id": "str",
    "month": "str",
    "table": "str",
    "key": "str",
    "item": "str",
    "figure": "str",
    "found": "str",
    "against": "str",
    "measured": object,
    "limit": object,
    "unit": "str",
    "origin": "str",
}

_SEEN = ("invested", "physical_pct", "workers")
_EVENTS = {
    "nodes": ("done_on",),
    "progress": (
        "groundbreaking_on", "started_on", "completed_on", "commissioned_on", "reported_on",
    ),
    "permits": ("applied_on", "granted_on"),
    "problems": ("raised_on", "closed_on"),
    "actions": ("meeting_on", "closed_on"),
    "meetings": ("held_on",),
    "incidents": ("occurred_on", "closed_on"),
    "practices": ("recorded_on",),
    "moves": ("approved_on",),
    "changes": ("approved_on",),
}  # fmt: skip
"""Days on which something has happened, as against days planned or promised."""

_ITEMS = plans.NAMES | {
    "meetings": "level", "incidents": "description", "practices": "title", "moves": "reason",
    "changes": "field",
}  # fmt: skip


@keyed_by("rule", "table", "key", "figure")
def suspicions(
    ledger: Ledger, parameters: Parameters, before: Ledger | None = None
) -> pd.DataFrame:
    """Return what is suspicious at the period's end.

    A state (a figure that does not change, money beyond the total …) is listed as long as it lasts; an
    event (a plan that moved late …) only in the first report that could tell of it.

    Parameters
    ----------
    before : Ledger, optional
        What the report before was made from; worked out from the history unless given.

    Returns
    -------
    pandas.DataFrame
        By rule in the order of `RULES`, then in the register's order: `rule`; `project_id`, the
        project's `name` and `responsible_unit` (missing where on none); `month`; the `table`, `key` and
        `figure` of the cell, and its `item`: the node, permit … in the ledger's words, if it is of one;
        `found` and `against`: exact text, money in 亿元, days `2024-06-28`; `measured` and `limit`:
        `Decimal` in `unit`; `origin` of the row.

        ============== ============================= ========================= =====================
        rule           found                         against                   measured
        ============== ============================= ========================= =====================
        unchanged      the figure                    month it began            months it has stood
        falling        year to date, or physical %   what it was               by how much it fell
        beyond_total   invested so far               total investment          the excess
        carried        said to be invested before    what the ledger adds up   the difference
        idle           day of the start, if known    month it began            months without money
        apart          physical %                    financial %               points, signed
        moved_late     the new plan                  the old one, missed       days before it was due
        by_moving      when done, or what was spent  the original plan         days or 亿元 past it
        unapproved     the current plan              the original              days or 亿元 moved
        future         the day                       day it was received       days in between
        self_reported  self-reported this month      all invested this month   share in %
        ============== ============================= ========================= =====================

    Examples
    --------
    >>> found = report.metrics.suspicion.suspicions()
    >>> found[["rule", "key", "figure", "found", "against", "limit"]].head(3)
            rule          key        figure       found  against limit
    0  unchanged  H12 2024-06      invested      0.2382  2024-04     3
    1  unchanged  H12 2024-06  physical_pct          74  2024-04     3
    2       idle  X02 2024-06      invested  2024-04-18  2024-05     2
    """
    before = published_before(ledger) if before is None else before
    plans_before = moved.found(before, parameters)
    return _listed(ledger, parameters, before, moved.found(ledger, parameters), plans_before)


def _listed(
    ledger: Ledger,
    parameters: Parameters,
    before: Ledger,
    plans_now: moved.Moved,
    plans_before: moved.Moved,
) -> pd.DataFrame:
    """Return `suspicions`, with what its two ledgers' moved plans gave rise to."""
    rows = [
        *_unchanged(ledger, parameters),
        *_falling(ledger, before),
        *_beyond_total(ledger),
        *_carried(ledger),
        *_idle(ledger, parameters),
        *_apart(ledger, parameters),
        *moved.rows(plans_now, plans_before),
        *_future(ledger),
        *_self_reported(ledger, parameters),
    ]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    place = {project: n for n, project in enumerate(ledger.projects["project_id"])}
    order = frame.assign(
        _rule=frame["rule"].map({rule: n for n, rule in enumerate(RULES)}),
        _place=frame["project_id"].map(place),
    ).sort_values(["_rule", "_place", "month", "key", "figure"], kind="stable")
    named = with_projects(order[list(COLUMNS)], ledger, ["name", "responsible_unit"])
    return named[["rule", *(name for name in named if name != "rule")]]


@keyed_by("rule")
def by_rule(found: pd.DataFrame) -> pd.DataFrame:
    """Return for every rule, in order, how many `suspicions` there are and on how many `projects`.

    Examples
    --------
    >>> found = report.metrics.suspicion.suspicions()
    >>> report.metrics.suspicion.by_rule(found).head(2)
            rule  suspicions  projects
    0  unchanged           2         1
    1    falling           0         0
    """
    rules = pd.Index(RULES, dtype="str", name="rule")
    groups = found.groupby("rule")
    counts = {"suspicions": groups.size(), "projects": groups["project_id"].nunique()}
    frame = pd.DataFrame({name: n.reindex(rules, fill_value=0) for name, n in counts.items()})
    return frame.astype("Int64").reset_index()


@keyed_by("rule")
def by_report(ledger: Ledger, listed: pd.DataFrame) -> pd.DataFrame:
    """Return what this report lists by rule, beside the last and the whole year.

    Parameters
    ----------
    listed : pandas.DataFrame
        `by_month`.

    Returns
    -------
    pandas.DataFrame
        `by_rule` of this month's; `suspicions_before`: how many the report of the month before had,
        missing in January; `suspicions_of_year`: how many the year's reports had together. `Int64`.

    Examples
    --------
    >>> listed = report.metrics.suspicion.by_month()
    >>> rules = report.metrics.suspicion.by_report(listed)
    >>> rules[["rule", "suspicions", "projects", "suspicions_before"]].head(2)
            rule  suspicions  projects  suspicions_before
    0  unchanged           2         1                  0
    1    falling           0         0                  0
    """
    now, before = _reports(ledger, listed)
    frame = by_rule(now)
    earlier = pd.NA if before is None else by_rule(before)["suspicions"]
    return frame.assign(
        suspicions_before=pd.Series(earlier, index=frame.index, dtype="Int64"),
        suspicions_of_year=by_rule(listed)["suspicions"],
    )


@keyed_by()
def summary(ledger: Ledger, listed: pd.DataFrame) -> pd.DataFrame:
    """Return how much this report lists in all.

    Parameters
    ----------
    listed : pandas.DataFrame
        `by_month`.

    Returns
    -------
    pandas.DataFrame
        One row, `Int64`: `suspicions`, `on_projects`, how many projects they are on; `suspicions_before`
        in the report of the month before and `suspicions_more` since, missing in January.

    Examples
    --------
    >>> listed = report.metrics.suspicion.by_month()
    >>> report.metrics.suspicion.summary(listed)
       suspicions  on_projects  suspicions_before  suspicions_more
    0           6            5                  2                4
    """
    now, before = _reports(ledger, listed)
    earlier = None if before is None else len(before)
    counts = {
        "suspicions": len(now),
        "on_projects": now["project_id"].nunique(),
        "suspicions_before": earlier,
        "suspicions_more": None if earlier is None else len(now) - earlier,
    }
    return pd.DataFrame([counts]).astype("Int64")


def _reports(ledger: Ledger, listed: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return what this report lists and what that of the month before did; None in January."""
    year = ReportPeriod.parse(f"{ledger.period.year}").months[: ledger.period.months_elapsed]
    this, *before = (listed[listed["listed_in"] == month] for month in reversed(year[-2:]))
    return this, before[0] if before else None


@keyed_by("rule", "table", "key", "figure", "listed_in")
def by_month(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return what each report of the year listed, this one and those before it.

    Returns
    -------
    pandas.DataFrame
        The columns of `suspicions`, and `listed_in`: the month of the report, by which the rows are
        ordered. Earlier months are judged by what was known at their own cutoffs.

    Examples
    --------
    >>> listed = report.metrics.suspicion.by_month()
    >>> listed[["rule", "key", "figure", "found", "against", "listed_in"]].head(2)
        rule          key        figure found          against listed_in
    0  apart  H10 2024-01  physical_pct    60  34.536294691224   2024-01
    1  apart  H10 2024-02  physical_pct    61  35.248645720477   2024-02
    """
    reports, last_cutoff = [], None
    for month, cutoff in parameters.cutoffs.items():
        at = ReportPeriod.parse(month)
        if at.end >= ledger.period.end:
            break
        reports.append(published(ledger, at, cutoff, last_cutoff))
        last_cutoff = cutoff
    reports.append(ledger)
    # Each ledger is the one before of the next: its plans are gone through once.
    before = published_before(reports[0])
    plans_before, parts = moved.found(before, parameters), []
    for report in reports:
        plans_now = moved.found(report, parameters)
        listed = _listed(report, parameters, before, plans_now, plans_before)
        parts.append(listed.assign(listed_in=f"{report.period.end:%Y-%m}"))
        before, plans_before = report, plans_now
    return pd.concat(parts, ignore_index=True).astype({"listed_in": "str"})


def _row(rule: str, about: dict[Any, Any], figure: str, **values: Any) -> dict[str, Any]:
    """Return a suspicion about a row, of progress unless `table` and `key` are given."""
    key = f"{about['project_id']} {about['month']}"
    cell = {name: about[name] for name in ("project_id", "month", "origin")}
    return {"rule": rule, "table": "progress", "key": key, "figure": figure, **cell, **values}


def _runs(frame: pd.DataFrame, figure: str) -> pd.DataFrame:
    """Return frame with how many calendar months each value has stood (`months`), and `since` which."""
    rows = frame.sort_values(["project_id", "month"])
    number = rows["month"].str.slice(0, 4).astype(int) * 12 + rows["month"].str.slice(5).astype(int)
    broken = (
        rows["project_id"].ne(rows["project_id"].shift())
        | number.diff().ne(1)
        | rows[figure].ne(rows[figure].shift()).fillna(True).astype(bool)
    )
    run = rows.groupby(broken.cumsum())
    return rows.assign(months=run.cumcount() + 1, since=run["month"].transform("first"))


def _unchanged(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    limit = parameters.programme.suspicions.unchanged_months
    progress, last = ledger.progress, ledger.period.months[-1]
    completed = ledger.projects.set_index("project_id")["completed_on"].notna()
    going_on = ~progress["project_id"].map(completed).fillna(False).astype(bool)
    for figure in _SEEN:
        value = progress[figure]
        # Nothing yet and all done are allowed to last.
        counts = value.gt(0) & ~((figure == "physical_pct") & value.ge(100))
        runs = _runs(progress[going_on & counts.fillna(False).astype(bool)], figure)
        found = runs[runs["month"].eq(last) & runs["months"].ge(limit)]
        for row in found.to_dict("records"):
            yield _row(
                "unchanged", row, figure, found=exact_text(row[figure], figure), against=row["since"],
                measured=Decimal(row["months"]), limit=Decimal(limit), unit="月",
            )  # fmt: skip


def _falling(ledger: Ledger, before: Ledger) -> Iterator[dict[str, Any]]:
    """Yield the years to date that are less than the last report's, and physical progress that fell."""
    yield from _fallen_money(ledger, before)
    progress, last = ledger.progress.sort_values("month", kind="stable"), ledger.period.months[-1]
    known = progress[progress["physical_pct"].notna()]
    earlier = known[known["month"] < last].groupby("project_id")["physical_pct"].last()
    now = known[known["month"] == last]
    now = now.assign(earlier=now["project_id"].map(earlier))
    for row in now[now["physical_pct"] < now["earlier"]].to_dict("records"):
        new, old = decimal_of(row["physical_pct"]), decimal_of(row["earlier"])
        yield _row(
            "falling", row, "physical_pct", found=plainly(new), against=plainly(old),
            measured=old - new, limit=Decimal(0), unit="个百分点",
        )  # fmt: skip


def _fallen_money(ledger: Ledger, before: Ledger) -> Iterator[dict[str, Any]]:
    year, last = f"{ledger.period.year}-", ledger.period.months[-1]
    now = ledger.progress[ledger.progress["month"].str.startswith(year)]
    then = before.progress[before.progress["month"].str.startswith(year)]
    sums = pd.DataFrame(
        {
            "now": now.groupby("project_id")["invested"].sum(),
            "then": then.groupby("project_id")["invested"].sum(),
        }
    ).astype("Int64")
    sums = sums[sums.index.isin(ledger.projects["project_id"])]
    # The order of receipts, which is that of the history; the clock may have stood otherwise.
    places = {origin: n for n, origin in enumerate(ledger.history["progress"]["origin"])}
    fallen = sums[(sums["now"].fillna(0) < sums["then"]).fillna(False).astype(bool)]
    for project_id, row in fallen.iterrows():
        own = now.loc[now["project_id"] == project_id, "origin"]
        origin = max(own, key=lambda one: places.get(one, -1), default=None)
        new, old = _zero(row["now"]), _zero(row["then"])
        yield _row(
            "falling", {"project_id": project_id, "month": last, "origin": origin}, "invested",
            found=exact_text(new, "invested"), against=exact_text(old, "invested"), measured=yi_of(old - new),
            limit=Decimal(0), unit="亿元",
        )  # fmt: skip


def _to_date(ledger: Ledger) -> pd.DataFrame:
    """Return each project's money to date and its total, with its last row of the year's progress."""
    own = ledger.progress[ledger.progress["month"].str.startswith(f"{ledger.period.year}-")]
    rows = own.sort_values("month", kind="stable").drop_duplicates("project_id", keep="last")
    money = ledger.projects.set_index("project_id")[["invested_before", "total_investment"]]
    spent = own.groupby("project_id")["invested"].sum()
    rows = rows.join(money, on="project_id")
    to_date = rows["invested_before"].fillna(0) + rows["project_id"].map(spent).astype("Int64")
    return rows.assign(to_date=to_date.astype("Int64"))


def _beyond_total(ledger: Ledger) -> Iterator[dict[str, Any]]:
    rows = _to_date(ledger)
    beyond = rows["to_date"].gt(rows["total_investment"]).fillna(False).astype(bool)
    for row in rows[beyond].to_dict("records"):
        yield _row(
            "beyond_total", row, "invested", found=exact_text(row["to_date"], "invested"),
            against=exact_text(row["total_investment"], "invested"),
            measured=yi_of(row["to_date"] - row["total_investment"]), limit=Decimal(0), unit="亿元",
        )  # fmt: skip


def _carried(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield the projects of which the register does not say what the years before add up to."""
    sums = invested_through(ledger.history, ledger.period.year - 1)
    known = ledger.projects["project_id"].map(sums).astype("Int64")
    rows = ledger.projects.assign(known=known, said=ledger.projects["invested_before"].fillna(0))
    for row in rows[rows["known"].ne(rows["said"]).fillna(False)].to_dict("records"):
        yield _row(
            "carried", row | {"month": ledger.period.months[-1]}, "invested_before",
            found=exact_text(row["said"], "invested"), against=exact_text(row["known"], "invested"),
            measured=yi_of(row["said"] - row["known"]), limit=Decimal(0), unit="亿元",
            table="projects", key=row["project_id"],
        )  # fmt: skip


def _idle(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    """Yield the started projects without money in the last months; a month not reported has none."""
    limit = parameters.programme.suspicions.idle_months_after_start
    projects, progress, last = ledger.projects, ledger.progress, ledger.period.months[-1]
    is_old = projects["kind"] == "continuing"
    began = projects["started_on"].dt.strftime("%Y-%m").mask(is_old, "")
    working = projects.assign(began=began)[began.notna() & projects["completed_on"].isna()]
    months = _months_through(progress, last)
    grid = pd.MultiIndex.from_product(
        [working["project_id"], months], names=["project_id", "month"]
    )
    rows = pd.DataFrame(index=grid).reset_index()
    cells = progress[["project_id", "month", "invested", "origin"]]
    rows = rows.merge(cells, on=["project_id", "month"], how="left")
    rows["is_idle"] = rows["invested"].fillna(0).eq(0)
    rows = rows.join(working.set_index("project_id")[["began", "started_on"]], on="project_id")
    entered = entered_on(rows["project_id"], ledger.moves, ledger.period.end)
    entered = entered.dt.strftime("%Y-%m").fillna("")
    rows = rows[rows["month"].gt(rows["began"]) & rows["month"].ge(entered)]
    runs = _runs(rows, "is_idle")
    found = runs[runs["is_idle"] & runs["month"].eq(last) & runs["months"].ge(limit)]
    for row in found.to_dict("records"):
        yield _row(
            "idle", row, "invested", found=exact_text(row["started_on"], "started_on"),
            against=row["since"], measured=Decimal(row["months"]), limit=Decimal(limit), unit="月",
        )  # fmt: skip


def _months_through(progress: pd.DataFrame, last: str) -> list[str]:
    """Return every month from the first reported to the last."""
    reported = progress.loc[progress["month"] <= last, "month"]
    first = ReportPeriod.parse(reported.min() if len(reported) else last)
    return [str(month) for month in first.through(ReportPeriod.parse(last))]


def _apart(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    limit = decimal_of(parameters.programme.suspicions.physical_financial_points)
    rows = _to_date(ledger)
    rows = rows[rows["month"].eq(ledger.period.months[-1]) & rows["physical_pct"].notna()]
    for row in rows.to_dict("records"):
        physical = decimal_of(row["physical_pct"])
        financial = percent(row["to_date"], row["total_investment"])
        if financial is not None and abs(physical - financial) > limit:
            yield _row(
                "apart", row, "physical_pct", found=plainly(physical), against=plainly(financial),
                measured=physical - financial, limit=limit, unit="个百分点",
            )  # fmt: skip


def _future(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield days on which something is said to have happened that came after the file was received."""
    members = membership.at(ledger.known, ledger.period.end)
    for table, columns in _EVENTS.items():
        key, known = key_of(table), members[table]
        known = known.assign(received=known["known_at"].dt.tz_localize(None).dt.normalize())
        for figure in columns:
            for row in known[known[figure] > known["received"]].to_dict("records"):
                about = {name: row.get(name) for name in ("project_id", "origin")}
                yield {
                    "rule": "future",
                    **about,
                    "month": row.get("month", f"{row['known_at']:%Y-%m}"),
                    "table": table,
                    "item": row.get(_ITEMS.get(table, "")),
                    "key": " ".join(filter(None, (exact_text(row[name], name) for name in key))),
                    "figure": figure,
                    "found": exact_text(row[figure], figure),
                    "against": exact_text(row["received"], figure),
                    "measured": Decimal((row[figure] - row["received"]).days),
                    "limit": Decimal(0),
                    "unit": "天",
                }


def _self_reported(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    limit = decimal_of(parameters.programme.suspicions.self_reported_share_pct)
    last = ledger.period.months[-1]
    rows = ledger.progress[ledger.progress["month"] == last]
    whole = int(rows["invested"].sum())
    own = int(rows.loc[~rows["evidence"].isin(("三方确认", "核查")), "invested"].sum())
    share = percent(own, whole)
    if share is not None and share > limit:
        about = {"project_id": None, "month": last, "origin": None}
        yield _row("self_reported", about, "invested", found=exact_text(own, "invested"),
                   against=exact_text(whole, "invested"), measured=share, limit=limit, unit="%") | {
            "key": last
        }  # fmt: skip


def _zero(value: Any) -> int:
    return 0 if pd.isna(value) else int(value)
