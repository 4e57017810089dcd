"""The task list: what the coming month owes, worked out from the ledger, and what became of last month's.

A ledger judged at the end of a week gives the list of the week that follows, which has no money in it:
money is reported by the month. An item has a key that stays the same from list to list, so that one can
be scored against the ledger of the next month or week.
"""

from __future__ import annotations

from dataclasses import replace
from math import ceil
from typing import Any

import numpy as np
import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percents
from sanshi_report.ledger import Ledger, published_before
from sanshi_report.ledger.membership import first_months
from sanshi_report.metrics import cadence, investment, nodes, permits, problems, starts
from sanshi_report.metrics.investment import since_joining
from sanshi_report.metrics.scopes import happened, period_end
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = ["KINDS", "STATUSES", "due_next", "last_list", "score", "tally"]

KINDS = ("start", "permit", "node", "investment", "problem", "action", "meeting")
STATUSES = ("done", "late", "not_done", "dropped")


_COLUMNS: dict[str, Any] = {
    "key": "str",
    "kind": "str",
    "project_id": "str",
    "name": "str",
    "owner": "str",
    "task": "str",
    "due_on": "datetime64[us]",
    "original_due_on": "datetime64[us]",
    "is_overdue": "bool",
    "to_invest": "Int64",
    "to_reach": "Int64",
    "meetings": "Int64",
}
_FOUND: dict[str, Any] = {
    "key": "str",
    "is_owed": "boolean",
    "is_done": "boolean",
    "done_on": "datetime64[us]",
    "now_due_on": "datetime64[us]",
    "invested_ytd": "Int64",
    "missed": "Int64",
}


@keyed_by("key")
def due_next(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the tasks of the month (or week) that follows the period.

    Starts, permits, nodes, problems and actions due by the end of that month and not done at the period's
    end, those already overdue among them; the money each continuing project must invest to be at pace
    when the month ends (none in January, which has no plan yet); the meetings each body owes.

    Returns
    -------
    pandas.DataFrame
        By kind, day and key: `key`, such as `permit:X05:土地`; `kind`, one of `KINDS`; `project_id` and
        the project's `name`, missing where on none; `owner`: who must act (the department of a permit,
        the owner of a problem or action, the body of a meeting, else the responsible unit); `task`: the
        node, permit, description, content or level in the ledger's words, missing for starts and
        investment; `due_on`: when this list asks for it, which is the month's last day for what is
        overdue; `original_due_on`; `is_overdue`: due by the period's end, or behind pace; `to_invest`: fen
        in the month, with `to_reach`, invested this year by its end; `meetings`: how many are
        owed. The last three are `Int64`, missing for other kinds.

    Examples
    --------
    >>> listed = report.metrics.tasks.due_next()
    >>> listed[["key", "owner", "due_on", "original_due_on", "is_overdue"]].head(2)
             key         owner     due_on original_due_on  is_overdue
    0  start:X05  示例戊县政府 2024-07-31      2024-03-28        True
    1  start:X04  示例丙县政府 2024-07-31      2024-05-20        True
    """
    month = ledger.period.following
    parts = [
        _starts(ledger, parameters, month),
        _permits(ledger, month),
        _nodes(ledger),
        _investment(ledger, parameters, month),
        _problems(ledger, parameters, month),
        _actions(ledger, month),
        _meetings(ledger, parameters, month),
    ]
    frame = pd.concat([part.assign(kind=kind) for kind, part in zip(KINDS, parts, strict=True)])
    frame = frame.reset_index(drop=True).reindex(columns=list(_COLUMNS))
    late = frame["is_overdue"].astype("boolean")
    overdue = late.where(late.notna(), happened(frame["original_due_on"], ledger)).astype(bool)
    due_on = frame["original_due_on"].mask(overdue, pd.Timestamp(month.end))
    frame = frame.assign(is_overdue=overdue, due_on=due_on).astype(_COLUMNS)
    place = frame["kind"].map({kind: n for n, kind in enumerate(KINDS)})
    frame = frame.assign(place=place).sort_values(["place", "original_due_on", "key"])
    return frame.drop(columns="place").reset_index(drop=True)


@keyed_by("key")
def last_list(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the list that the month before issued for this one, from what was then known.

    Empty in the programme's first month.

    Examples
    --------
    >>> report.metrics.tasks.last_list()[["key", "owner", "due_on", "is_overdue"]].head(2)
             key         owner     due_on  is_overdue
    0  start:X05  示例戊县政府 2024-06-30        True
    1  start:X04  示例丙县政府 2024-06-30        True
    """
    before = published_before(ledger)
    listed = due_next(before, parameters)
    return listed.head(0) if before.projects.empty else listed


@keyed_by("key")
def score(ledger: Ledger, parameters: Parameters, listed: pd.DataFrame) -> pd.DataFrame:
    """Return what became of a list, judged at the end of the month it was for.

    Parameters
    ----------
    ledger : Ledger
        Of the month the list was for.
    listed : pandas.DataFrame
        A `due_next` of the month before.

    Returns
    -------
    pandas.DataFrame
        `listed` with `status`: `done` by the list's day, `late` but done by the month's end, `not_done`,
        or `dropped`: no longer owed (a permit found not needed, a project completed, or no longer in the
        programme, a row withdrawn);
        `done_on`; `now_due_on`: today's day in the ledger, where it differs from the list's original;
        `invested_ytd`: fen; `met`: of the meetings listed, how many windows had one (a second in
        one window meets no other). Investment is done if its target is reached, meetings if no window was
        missed; a permit granted on a day not told is done.

    Examples
    --------
    >>> last_list = report.metrics.tasks.last_list()
    >>> scored = report.metrics.tasks.score(last_list)
    >>> scored[["key", "due_on", "done_on", "status"]].head(3)
             key     due_on    done_on    status
    0  start:X05 2024-06-30        NaT  not_done
    1  start:X04 2024-06-30        NaT  not_done
    2  start:X15 2024-06-15 2024-06-12      done
    """
    found = pd.concat(
        [
            _done_starts(ledger, parameters),
            _done_permits(ledger),
            _done_rows(ledger.nodes, "node", "node_id", "done_on", ledger),
            _done_rows(ledger.problems, "problem", "problem_id", "closed_on", ledger),
            _done_rows(ledger.actions, "action", "action_id", "closed_on", ledger),
            _invested(ledger, parameters),
            _held(ledger, parameters),
        ]
    )
    found = found.reindex(columns=list(_FOUND)).astype(_FOUND)
    frame = listed.merge(found, how="left", on="key")
    is_owed = frame.pop("is_owed").fillna(False).astype(bool)
    reached = frame["invested_ytd"].ge(frame["to_reach"])
    is_done = frame.pop("is_done").fillna(reached).fillna(False).astype(bool)
    late = is_done & frame["done_on"].gt(frame["due_on"])
    status = np.select([~is_owed, late, is_done], ["dropped", "late", "done"], "not_done")
    moved = frame["now_due_on"].ne(frame["original_due_on"])
    return frame.assign(
        met=(frame["meetings"] - frame.pop("missed")).clip(lower=0),
        status=pd.Series(status, index=frame.index, dtype="str"),
        now_due_on=frame["now_due_on"].where(moved),
    )


@keyed_by("scope_value")
def tally(scored: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Return how a scored list came out.

    Parameters
    ----------
    by : str or None
        `kind`, `owner`, `project_id` or `name`; items without one are left out.

    Returns
    -------
    pandas.DataFrame
        `scope_value` (empty for all) and `Int64`: `listed` = `done` + `late` + `not_done` + `dropped`;
        `done_pct`: done in time ÷ (listed − dropped).

    Examples
    --------
    >>> last_list = report.metrics.tasks.last_list()
    >>> scored = report.metrics.tasks.score(last_list)
    >>> by_kind = report.metrics.tasks.tally(scored, "kind")
    >>> by_kind[["scope_value", "listed", "done", "late", "not_done", "done_pct"]].head(3)
      scope_value  listed  done  late  not_done         done_pct
    0       start       5     1     0         4  20.000000000000
    1      permit      15     6     0         9  40.000000000000
    2        node      48    21     8        19  43.750000000000
    """
    keys = scored[by] if by else pd.Series("", index=scored.index)
    counts = pd.crosstab(keys, scored["status"]).reindex(columns=list(STATUSES), fill_value=0)
    order = [kind for kind in KINDS if kind in counts.index] if by == "kind" else [""]
    order = order if by in {None, "kind"} else list(dict.fromkeys(keys.dropna()))
    frame = counts.reindex(order, fill_value=0).astype("Int64")
    frame.insert(0, "listed", frame.sum(axis=1))
    share = percents(frame["done"], frame["listed"] - frame["dropped"])
    frame["done_pct"] = pd.Series(share, index=frame.index, dtype=object)
    frame.index = pd.Index(order, dtype="str", name="scope_value")
    frame.columns.name = None
    return frame.reset_index()


def _keyed(frame: pd.DataFrame, kind: str, *parts: str) -> pd.Series:
    keys = pd.Series(kind, index=frame.index, dtype="str")
    for part in parts:
        keys = keys + ":" + frame[part].astype("str")
    return keys.astype("str")


def _starts(ledger: Ledger, parameters: Parameters, month: ReportPeriod) -> pd.DataFrame:
    rows = starts.register(ledger, parameters)
    rows = rows[~rows["is_started"] & rows["planned_start"].le(pd.Timestamp(month.end))]
    return _named(rows, ledger).assign(
        key=_keyed(rows, "start", "project_id"), original_due_on=rows["planned_start"]
    )


def _permits(ledger: Ledger, month: ReportPeriod) -> pd.DataFrame:
    rows = permits.register(ledger).query("is_needed and not is_granted")
    rows = rows[rows["due_on"].le(pd.Timestamp(month.end))]
    return _named(rows, ledger).assign(
        key=_keyed(rows, "permit", "project_id", "permit"),
        owner=rows["department"],
        task=rows["permit"],
        original_due_on=rows["due_on"],
    )


def _nodes(ledger: Ledger) -> pd.DataFrame:
    rows = pd.concat([nodes.overdue(ledger), nodes.due_next(ledger)], ignore_index=True)
    return _named(rows, ledger).assign(
        key=_keyed(rows, "node", "node_id"), task=rows["node"], original_due_on=rows["due_on"]
    )


def _investment(ledger: Ledger, parameters: Parameters, month: ReportPeriod) -> pd.DataFrame:
    now = investment.by_project(ledger, parameters)
    if month.is_week or month.year != ledger.period.year:
        now = now.head(0)
    then = investment.by_project(replace(ledger, period=month), parameters).reindex(now.index)
    firsts = first_months(then["project_id"], ledger.moves, month.end)
    # In whole fen: the first amount that is not below the pace.
    reached = [
        pd.NA if pd.isna(annual) else ceil(int(annual) * since_joining(first, month.months_elapsed))
        for annual, first in zip(then["annual_plan"], firsts, strict=True)
    ]
    by_time = pd.Series(reached, index=then.index, dtype="Int64")
    target = by_time.where(then["pace_basis"].eq("time"), then["plan_to_date"])
    rows = now.assign(to_reach=target, to_invest=target - now["invested_ytd"])
    rows = rows[rows["to_invest"].gt(0).fillna(False)]
    behind = rows["gap_points"].map(lambda gap: gap is not None and gap < 0)
    return _named(rows, ledger).assign(
        key=_keyed(rows, "investment", "project_id"),
        original_due_on=pd.Timestamp(month.end),
        is_overdue=behind.astype("boolean"),
        to_reach=rows["to_reach"],
        to_invest=rows["to_invest"],
    )


def _problems(ledger: Ledger, parameters: Parameters, month: ReportPeriod) -> pd.DataFrame:
    rows = problems.open_problems(ledger, parameters)
    rows = rows[rows["due_on"].le(pd.Timestamp(month.end))]
    return _named(rows, ledger).assign(
        key=_keyed(rows, "problem", "problem_id"),
        owner=rows["owner"],
        task=rows["description"],
        original_due_on=rows["due_on"],
    )


def _actions(ledger: Ledger, month: ReportPeriod) -> pd.DataFrame:
    rows = problems.follow_up(ledger)
    rows = rows[rows["closed_on"].isna() & rows["due_on"].le(pd.Timestamp(month.end))]
    return _named(rows, ledger).assign(
        key=_keyed(rows, "action", "action_id"),
        owner=rows["owner"],
        task=rows["content"],
        original_due_on=rows["due_on"],
    )


def _meetings(ledger: Ledger, parameters: Parameters, month: ReportPeriod) -> pd.DataFrame:
    bodies = cadence.by_body(replace(ledger, period=month), parameters)
    rows = bodies[bodies["owed"].gt(0)]
    rules = parameters.programme.cadence
    is_force = rows["level"].isin([rule.level for rule in rules if rule.owner == "task_force"])
    owner = rows["task_force"].where(is_force, rows["responsible_unit"]).fillna(rows["level"])
    return _named(rows, ledger).assign(
        key=_meeting_keys(rows),
        owner=owner,
        task=rows["level"],
        original_due_on=pd.Timestamp(month.end),
        is_overdue=pd.Series(False, index=rows.index, dtype="boolean"),
        meetings=rows["owed"],
    )


def _meeting_keys(rows: pd.DataFrame) -> pd.Series:
    keys = _keyed(rows, "meeting", "level")
    return keys.where(rows["project_id"].isna(), keys + ":" + rows["project_id"]).astype("str")


def _named(rows: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return `project_id`, `name` and, as `owner`, the responsible unit, of each row's project."""
    known = ledger.projects.set_index("project_id")[["name", "responsible_unit"]]
    named = rows[["project_id"]].join(known, on="project_id")
    return named.rename(columns={"responsible_unit": "owner"})


def _done_starts(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    rows = starts.register(ledger, parameters)
    return pd.DataFrame(
        {
            "key": _keyed(rows, "start", "project_id"),
            "is_owed": True,
            "is_done": rows["is_started"],
            "done_on": rows["started_on"],
            "now_due_on": rows["planned_start"],
        }
    )


def _done_permits(ledger: Ledger) -> pd.DataFrame:
    rows = permits.register(ledger)
    return pd.DataFrame(
        {
            "key": _keyed(rows, "permit", "project_id", "permit"),
            "is_owed": rows["is_needed"],
            "is_done": rows["is_granted"],
            "done_on": rows["granted_on"].where(rows["is_granted"]),
            "now_due_on": rows["due_on"],
        }
    )


def _done_rows(
    table: pd.DataFrame, kind: str, id_column: str, done_on: str, ledger: Ledger
) -> pd.DataFrame:
    done = happened(table[done_on], ledger)
    return pd.DataFrame(
        {
            "key": _keyed(table, kind, id_column),
            "is_owed": True,
            "is_done": done,
            "done_on": table[done_on].where(done),
            "now_due_on": table["due_on"],
        }
    )


def _invested(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    rows = investment.by_project(ledger, parameters)
    return pd.DataFrame(
        {
            "key": _keyed(rows, "investment", "project_id"),
            "is_owed": True,
            "invested_ytd": rows["invested_ytd"],
            "now_due_on": period_end(ledger),
        }
    )


def _held(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    rows = cadence.by_body(ledger, parameters)
    return pd.DataFrame(
        {
            "key": _meeting_keys(rows),
            "is_owed": rows["windows"].gt(0),
            "is_done": rows["missed"].eq(0),
            "missed": rows["missed"],
            "now_due_on": period_end(ledger),
        }
    )
