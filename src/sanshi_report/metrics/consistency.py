"""What one source says and another denies, before a reader finds it.

Most contradictions change what a report says: its words are worked out so that they cannot hold both. Those that
no words can bridge stop the release (`refuse`) until the submission is mended. All are listed with the data.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report.catalogue import LANGUAGES, say
from sanshi_report.columns import keyed_by
from sanshi_report.errors import DataError
from sanshi_report.ledger import Ledger
from sanshi_report.metrics import (
    explanations,
    investment,
    plans,
    problems,
    quality,
    stalled,
    starts,
    tasks,
)
from sanshi_report.metrics.moved import exact_text
from sanshi_report.metrics.scopes import with_projects
from sanshi_report.workspace import Parameters, Stages

__all__ = ["RULES", "by_rule", "refuse", "register"]

RULES = (
    "cause_closed", "no_cause", "before_stage", "standing_still", "unsolved_closed", "task_done",
    "two_dates", "one_contributor", "last_month",
)  # fmt: skip
"""Every rule, in the order in which a report lists them."""

_COLUMNS: dict[str, Any] = {
    **dict.fromkeys(
        ("rule", "handled", "project_id", "table", "key", "figure", "item", "found", "against"),
        "str",
    ),
    "measured": object,
    "unit": "str",
    "origin": "str",
    "other_origin": "str",
}
_DONE = {
    "start": ("projects", "started_on"), "permit": ("permits", "granted_on"),
    "node": ("nodes", "done_on"), "problem": ("problems", "closed_on"),
    "action": ("actions", "closed_on"),
}  # fmt: skip
"""The table and the column that say a task of each kind is done."""


@keyed_by("rule", "table", "key", "figure")
def register(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return every contradiction between sources, with what each says and where.

    Returns
    -------
    pandas.DataFrame
        By rule in the order of `RULES`, then in the register's order: `rule`; `handled`: `said` (the report says it in
        so many words), `both` (it shows both figures), `left_out` (of a list), `doubted` (told as a suspicion) or
        `stops`; `project_id`, its `name` and `responsible_unit` (missing where on none); the `table`, `key` and
        `figure` of the cell, and its `item`; `found` and `against`: exact text as `suspicion.suspicions` has it, or a
        light; `measured` (`Decimal`) in `unit`, None where nothing is; `origin` and `other_origin`: the rows.

        =============== ========================== ============================ ===================
        rule            found                      against                      measured
        =============== ========================== ============================ ===================
        cause_closed    day the cause was solved   the light still shown
        no_cause                                   the light nobody explained
        before_stage    note on the works, if any  day of the start
        standing_still  first month without money  what says it is stopped      months without money
        unsolved_closed day it was solved, if told what is told of its handling
        task_done       day it was done            the list's day
        two_dates       the current plan           the first plan               days between
        one_contributor the group's light          its light without the one
        last_month      as known now               as published                 亿元 between
        =============== ========================== ============================ ===================

    Examples
    --------
    >>> told = report.metrics.consistency.register()
    >>> told[["rule", "project_id", "found", "against", "handled"]].head(3)
               rule project_id       found against handled
    0  cause_closed        H01  2024-04-29  yellow    said
    1  cause_closed        H06  2024-06-18  yellow    said
    2  cause_closed        H08  2024-06-14     red    said
    """
    rows = [
        *_causes(ledger, parameters),
        *_before_stage(ledger, parameters),
        *_standing_still(ledger, parameters),
        *_unsolved_closed(ledger, parameters),
        *_tasks_done(ledger, parameters),
        *_two_dates(ledger),
        *_one_contributor(ledger, parameters),
        *_last_month(ledger),
    ]
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    frame["measured"] = frame["measured"].where(frame["measured"].notna(), None)
    place = {project: n for n, project in enumerate(ledger.projects["project_id"])}
    order = frame.assign(
        _rule=frame["rule"].map(RULES.index).astype("int64"),
        _place=frame["project_id"].map(place),
    ).sort_values(["_rule", "_place", "key", "figure"], kind="stable")
    named = with_projects(order[list(_COLUMNS)], ledger, ["name", "responsible_unit"])
    return named[["rule", *(name for name in named if name != "rule")]]


@keyed_by("rule")
def by_rule(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return for every rule how many `contradictions` there are, and how many of them stop the release (`stopping`).

    Examples
    --------
    >>> report.metrics.consistency.by_rule().head(3)
               rule  contradictions  stopping
    0  cause_closed               5         0
    1      no_cause               0         0
    2  before_stage               1         0
    """
    found = register(ledger, parameters)
    stopping = found.loc[found["handled"].eq("stops"), "rule"]
    counts = {"contradictions": found["rule"], "stopping": stopping}
    rules = pd.Index(RULES, dtype="str", name="rule")
    frame = pd.DataFrame(
        {name: of.value_counts().reindex(rules, fill_value=0) for name, of in counts.items()}
    )
    return frame.astype("Int64").reset_index()


def refuse(ledger: Ledger, parameters: Parameters) -> None:
    """Stop where sources contradict each other in a way that no words can bridge.

    Raises
    ------
    DataError
        Naming every such row, what it says and how to mend it.
    """
    rows = [row for row in _unsolved_closed(ledger, parameters) if row["handled"] == "stops"]
    if not rows:
        return
    details = {
        f"details_{language}": "\n".join(
            say(
                "errors.contradiction_unsolved_closed",
                language,
                problem=row["key"],
                origin=row["origin"],
                against=row["against"],
            )
            for row in rows
        )
        for language in LANGUAGES
    }
    raise DataError("contradictions", count=len(rows), **details)


def _row(
    rule: str, handled: str, table: str, key: str, figure: str, **cells: Any
) -> dict[str, Any]:
    return {"rule": rule, "handled": handled, "table": table, "key": key, "figure": figure, **cells}


def _causes(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    """Yield the causes that are solved while the light stays, and the lights that nothing explains."""
    shown = explanations.register(ledger, parameters).set_index("project_id")
    closed = explanations.solved(ledger, parameters)
    origins = ledger.problems.set_index("problem_id")["origin"]
    for row in closed.to_dict("records"):
        about = shown.loc[row["project_id"]]
        if about["is_explained"]:
            continue
        yield _row(
            "cause_closed", "said", "problems", row["problem_id"], "closed_on",
            project_id=row["project_id"], item=row["description"],
            found=exact_text(row["closed_on"], "closed_on"), against=about["light"],
            origin=origins[row["problem_id"]],
        )  # fmt: skip
    for project, about in shown[~shown["is_explained"] & shown["solved_problems"].eq(0)].iterrows():
        yield _row("no_cause", "said", "problems", str(project), "description", project_id=project,
                   against=about["light"])  # fmt: skip


def _before_stage(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    """Yield the starts whose works, as told since, have not come to what makes a start."""
    orders = {one.sector: one for one in parameters.programme.consistency.stages}
    last = ledger.progress[ledger.progress["month"].eq(ledger.period.last_month)]
    notes = last.set_index("project_id")[["physical_note", "origin"]]
    told = ledger.progress[ledger.progress["started_on"].notna()]
    origins = told.drop_duplicates("project_id").set_index("project_id")["origin"]
    begun = starts.register(ledger, parameters).query("is_started")
    finished = ledger.projects.set_index("project_id")["completed_on"]
    for row in begun.to_dict("records"):
        project, order = row["project_id"], orders.get(row["sector"])
        if order is None or project not in notes.index or pd.notna(finished[project]):
            continue
        note = notes.loc[project, "physical_note"]
        if _is_at_start(note, order):
            continue
        yield _row(
            "before_stage", "doubted", "progress", f"{project} {ledger.period.last_month}",
            "physical_note", project_id=project, item=order.start_from,
            found=None if pd.isna(note) else note, against=exact_text(row["started_on"], "started_on"),
            origin=notes.loc[project, "origin"], other_origin=origins.get(project),
        )  # fmt: skip


def _is_at_start(note: Any, order: Stages) -> bool:
    """Return whether a note on the works names the stage that makes a start, or a later one."""
    named = [at for at, stage in enumerate(order.order) if pd.notna(note) and stage in note]
    return bool(named) and max(named) >= order.order.index(order.start_from)


def _standing_still(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    latest = ledger.progress[ledger.progress["month"].eq(ledger.period.last_month)]
    origins = latest.set_index("project_id")["origin"]
    for row in stalled.register(ledger, parameters).to_dict("records"):
        yield _row(
            "standing_still", "said", "progress", f"{row['project_id']} {ledger.period.last_month}",
            "invested", project_id=row["project_id"], found=_text(row["idle_since"]),
            against=_text(row["stopped_by"]), measured=Decimal(int(row["months_idle"])), unit="月",
            origin=origins.get(row["project_id"]),
        )  # fmt: skip


def _unsolved_closed(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    """Yield the open problems that were closed by the cutoff, and those told to be solved without a day."""
    words = parameters.programme.consistency.closed_words
    rows = problems.open_problems(ledger, parameters)
    origins = ledger.problems.set_index("problem_id")["origin"]
    closings = ledger.known["problems"].set_index("problem_id")["closed_on"]
    for row in rows.to_dict("records"):
        said, day = _text(row["progress"]), row["closed_after"]
        is_said = any(word in (said or "") for word in words)
        if pd.isna(day) and not (is_said and pd.isna(closings[row["problem_id"]])):
            continue
        yield _row(
            "unsolved_closed", "stops" if pd.isna(day) else "left_out", "problems",
            row["problem_id"], "closed_on", project_id=row["project_id"], item=row["description"],
            found=exact_text(day, "closed_on"), against=said, origin=origins[row["problem_id"]],
        )  # fmt: skip


def _tasks_done(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    for row in tasks.finished(ledger, parameters).to_dict("records"):
        table, figure = _DONE[row["kind"]]
        yield _row(
            "task_done", "left_out", table, row["key"], figure, project_id=row["project_id"],
            item=row["task"], found=exact_text(row["done_on"], figure),
            against=exact_text(row["due_on"], "due_on"),
        )  # fmt: skip


def _two_dates(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield the days that moved so that what was due, or late, is so no more."""
    moved = plans.register(ledger)
    moved = moved[moved["verdict"].isin(["spared", "by_moving"]) & moved["table"].ne("plan")]
    for row in moved.to_dict("records"):
        yield _row(
            "two_dates", "both", row["table"], row["key"], row["figure"],
            project_id=row["project_id"], item=_text(row["item"]),
            found=exact_text(row["current"], row["figure"]),
            against=exact_text(row["original"], row["figure"]),
            measured=Decimal((row["current"] - row["original"]).days), unit="天", origin=row["origin"],
        )  # fmt: skip


def _one_contributor(ledger: Ledger, parameters: Parameters) -> Iterator[dict[str, Any]]:
    own = ledger.projects.set_index("name")["project_id"]
    for by in (None, "sector", "tier"):
        groups = investment.without_largest(ledger, parameters, by)
        for row in groups[groups["is_turned"]].to_dict("records"):
            yield _row(
                "one_contributor", "both", "progress", row["scope_value"], "invested",
                project_id=own[row["largest"]], item=row["scope_value"] or None, found=row["light"],
                against=row["light_without"],
            )  # fmt: skip


def _last_month(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Yield the totals of the last report that are others by now."""
    for row in quality.effect(ledger).query("difference_ytd != 0").to_dict("records"):
        yield _row(
            "last_month", "both", "progress", row["kind"], "invested", item=row["kind"],
            found=exact_text(row["revised_ytd"], "invested"),
            against=exact_text(row["published_ytd"], "invested"),
        )  # fmt: skip


def _text(value: Any) -> str | None:
    return None if value is None or pd.isna(value) else str(value)
