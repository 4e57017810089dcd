"""Which projects came into the programme and went within the year, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger, membership

__all__ = ["counts", "moves"]

Row = Mapping[Any, Any]


@keyed_by("project_id", "move", "effective_on")
def moves(ledger: Ledger) -> pd.DataFrame:
    """Return what moved this year by the period's end, by day.

    Returns
    -------
    pandas.DataFrame
        `project_id`; its `name` before the move, of one that joined since then; `responsible_unit`; `move`: `joined`,
        `left`, `split` or `renamed`; `effective_on`; `became`: the names of the projects a split made, or the new
        name, missing for the others; `reason`, `approved_by`, `approved_on`; `invested_until` (`Int64` fen): what
        was invested this year up to the month in which a project left or was split, missing for other moves;
        `is_new`: in this period, or unknown to the report before; `is_belated`: approved after it took effect.

    Examples
    --------
    >>> report.metrics.membership.moves().empty
    True
    """
    whole = ledger.whole or ledger
    rows = membership.of_year(ledger.moves, ledger.period.end)
    rows = rows.sort_values(["effective_on", "project_id"], kind="stable")
    frame = rows.drop_duplicates(["project_id", "move", "effective_on"]).reset_index(drop=True)
    facts, names = frame.to_dict("records"), _names(whole)
    units = pd.concat([whole.projects, whole.left]).set_index("project_id")["responsible_unit"]
    texts = {
        "name": [_old_name(row, whole) or names.get(row["project_id"]) for row in facts],
        "responsible_unit": [units.to_dict().get(row["project_id"]) for row in facts],
        "became": [_became(row, rows, names) for row in facts],
    }
    is_new = frame["effective_on"].ge(pd.Timestamp(ledger.period.start))
    if ledger.last_cutoff is not None:
        is_new |= frame["known_at"].gt(pd.Timestamp(ledger.last_cutoff))
    spent = [_invested_until(row, whole) for row in facts]
    frame = frame.assign(
        **{name: pd.Series(told, index=frame.index, dtype="str") for name, told in texts.items()},
        invested_until=pd.Series(spent, index=frame.index, dtype="Int64"),
        is_new=is_new.astype(bool),
        is_belated=frame["approved_on"].gt(frame["effective_on"]).astype(bool),
    )
    columns = [
        "project_id", "name", "responsible_unit", "move", "effective_on", "became", "reason",
        "approved_by", "approved_on", "invested_until", "is_new", "is_belated",
    ]  # fmt: skip
    return frame[columns]


@keyed_by()
def counts(ledger: Ledger) -> pd.DataFrame:
    """Return how many projects there were, came and went, in one row.

    Returns
    -------
    pandas.DataFrame
        `Int64`: `at_year_begin` + `joined_projects` − `left_projects` − `split_projects` + `made_projects`, the parts
        of these, = `projects` there are.

    Examples
    --------
    >>> counts = report.metrics.membership.counts()
    >>> counts[["at_year_begin", "joined_projects", "left_projects", "projects"]]
       at_year_begin  joined_projects  left_projects  projects
    0             30                0              0        30
    """
    rows = membership.of_year(ledger.moves, ledger.period.end)
    ids = {kind: own["project_id"].nunique() for kind, own in rows.groupby("move")}
    ever = pd.concat([ledger.projects["project_id"], ledger.left["project_id"]])
    came = membership.entered_on(ever, rows, ledger.period.end).notna()
    numbers = {
        "at_year_begin": int((~came).sum()),
        **{f"{kind}_projects": ids.get(kind, 0) for kind in ("joined", "left", "split")},
        "made_projects": rows.loc[rows["move"].eq("split"), "into"].nunique(),
        "projects": len(ledger.projects),
    }
    return pd.DataFrame([numbers]).astype("Int64")


def _names(ledger: Ledger) -> dict[str, str]:
    """Return the name of every project there is, or was this year."""
    known = pd.concat([ledger.left, ledger.projects])
    return dict(zip(known["project_id"], known["name"], strict=True))


def _became(row: Row, rows: pd.DataFrame, names: Mapping[str, str]) -> str | None:
    if row["move"] == "renamed":
        return str(row["new_name"])
    if row["move"] != "split":
        return None
    parts = rows.loc[rows["move"].eq("split") & rows["project_id"].eq(row["project_id"]), "into"]
    return "、".join(names.get(part, part) for part in parts)


def _old_name(row: Row, ledger: Ledger) -> str | None:
    """Return what the renaming before, or the register, called a project that was renamed."""
    if row["move"] != "renamed":
        return None
    own, history = ledger.moves, ledger.history["projects"]
    own = own[own["project_id"].eq(row["project_id"]) & own["move"].eq("renamed")]
    earlier = own[own["effective_on"] < row["effective_on"]].sort_values("effective_on")
    if len(earlier):
        return str(earlier["new_name"].iloc[-1])
    names = history.loc[history["project_id"].eq(row["project_id"]), "name"]
    others = names[names.ne(row["new_name"])]
    return str(others.iloc[0]) if len(others) else None


def _invested_until(row: Row, ledger: Ledger) -> int | None:
    if row["move"] not in membership.ENDINGS:
        return None
    progress, last = ledger.known["progress"], f"{row['effective_on']:%Y-%m}"
    own = progress["project_id"].eq(row["project_id"])
    rows = progress[own & progress["month"].between(f"{last[:4]}-01", last)]
    return int(rows["invested"].sum())
