"""Which rows each sheet of a template begins with, which cells may be changed, and what stands beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from sanshi_report.catalogue import say
from sanshi_report.exact import yi_of
from sanshi_report.ledger.model import PROJECT_DATES
from sanshi_report.schemas import TABLES
from sanshi_report.template.known import Known
from sanshi_report.workspace import Programme

__all__ = ["SHEETS", "Cell", "Page", "Reference", "page"]

Cell = str | float | datetime
"""What stands in a cell; money in 亿元."""

SHEETS = (
    "progress", "nodes", "permits", "problems", "actions", "inputs", "funding", "plan", "meetings",
    "incidents", "practices", "changes", "moves", "projects",
)  # fmt: skip
"""The tables in the order in which they are filled in."""

_OPEN = {
    "plan": {"planned_investment"},
    "nodes": {"done_on", "note"},
    "permits": {"status", "applied_on", "due_on", "granted_on", "document_no"},
    "funding": {"in_place"},
    "problems": {"tier", "closed_on", "progress"},
    "actions": {"closed_on"},
    "incidents": {"description", "closed_on"},
}
"""Columns that may be changed though filled in; an empty cell always may."""

_AWAITED = {"progress": ("invested",), "inputs": ("needed", "secured")}
_AWAITED_IN_JANUARY = _AWAITED | {"plan": ("planned_investment",)}

_SPARE = {
    "progress": 5, "plan": 6, "nodes": 6, "permits": 6, "inputs": 6, "funding": 6, "problems": 8,
    "actions": 5, "meetings": 6, "incidents": 3, "practices": 3, "changes": 6, "moves": 4,
    "projects": 3,
}  # fmt: skip
_SPARE_AT_FIRST = 40
"""Rows for what is new; and where nothing is known yet."""

_MEETINGS = 7
"""Meetings a project has in a month: every week, and its task force every half month."""

_NUMBERED = {"nodes": "N", "problems": "W", "actions": "J", "incidents": "A", "practices": "P"}
"""Tables whose new rows come with a number: two units might make up the same one."""


@dataclass(frozen=True)
class Reference:
    """A locked column for looking at.

    Attributes
    ----------
    key : str
        Its heading is the catalogue's `reference_<key>`.
    after : str
        The column of the table it follows.
    kind : str
        As in `schemas`.
    values : sequence
        What it says beside each row handed out; of a formula, its result.
    formulas : sequence of str
        In them, `[name]` is the cell of that column or reference in the same row.
    below : str
        A formula for the rows after those.
    """

    key: str
    after: str
    kind: str
    values: Sequence[Cell | None]
    formulas: Sequence[str] = ()
    below: str = ""


@dataclass(frozen=True)
class Page:
    """One sheet as it is handed out.

    Attributes
    ----------
    rows : list of dict
        What stands in it, row by row and by column; what is empty is left out.
    given : int
        How many of the rows are known ones; the rest merely have a number.
    spare : int
        How many empty rows follow.
    awaited : tuple of str
        Columns to be filled in on the known rows.
    opened : frozenset of str
        Columns that may be changed where they are filled.
    is_closed : bool
        Whether known rows may not be touched at all.
    counts_untouched : bool
        Whether a known row says something though nobody touched it, as in the register of a new year.
    limits : sequence of float or None
        The most that can be invested in the project of each known row, 亿元.
    """

    table: str
    rows: list[dict[str, Cell]]
    given: int
    spare: int
    awaited: tuple[str, ...] = ()
    opened: frozenset[str] = frozenset()
    is_closed: bool = False
    counts_untouched: bool = False
    references: list[Reference] = field(default_factory=list)
    limits: Sequence[float | None] = ()

    @property
    def height(self) -> int:
        """Rows below the headings."""
        return len(self.rows) + self.spare

    def value(self, row: int, column: str) -> Cell | None:
        """Return what stands in a cell."""
        return self.rows[row].get(column) if row < len(self.rows) else None

    def awaits(self, row: int) -> bool:
        """Return whether something is still to be filled in on a known row."""
        return row < self.given and any(self.value(row, name) is None for name in self.awaited)

    def is_open(self, row: int, column: str) -> bool:
        """Return whether the unit may write into a cell."""
        if row < self.given and self.is_closed:
            return False
        return column in self.opened or self.value(row, column) is None


def page(known: Known, table: str, programme: Programme) -> Page:
    """Return the sheet of a table."""
    frame = _ROWS.get(table, _nothing)(known)
    rows = _cells(table, frame, programme)
    given = len(rows)
    spare = _SPARE_AT_FIRST if known.tables["projects"].empty else _SPARE[table]
    if table == "nodes" and known.is_january:
        spare *= max(1, len(known.own))
    if table == "meetings":
        spare += _MEETINGS * len(known.own)
    if table in _NUMBERED:
        number = next(iter(TABLES[table].columns))
        rows += [{number: text} for text in _numbers(known, table, spare)]
        spare = 0
    anew = table == "projects" and known.is_new_year
    awaited = _AWAITED_IN_JANUARY if known.is_january else _AWAITED
    return Page(
        table,
        rows,
        given,
        spare,
        awaited=("annual_plan",) if anew else awaited.get(table, ()),
        opened=frozenset(TABLES[table].columns if anew else _OPEN.get(table, ())),
        is_closed=table == "projects" and not anew,
        counts_untouched=anew and not known.unit,
        references=_references(known, table, frame),
        limits=_amounts(_register(known)["total_investment"]) if table == "progress" else (),
    )


def _numbers(known: Known, table: str, count: int) -> list[str]:
    whose = f"{known.unit}-" if known.unit else ""
    month = str(known.period).replace("-", "")
    return [f"{_NUMBERED[table]}{month}-{whose}{n:02d}" for n in range(1, count + 1)]


# Rows -----------------------------------------------------------------------------------------------


def _nothing(known: Known) -> pd.DataFrame:
    return pd.DataFrame()


def _projects(known: Known) -> pd.DataFrame:
    """Return the unit's projects and those in which it must do something."""
    concerned = set(known.own)
    for table in ("permits", "problems", "actions"):
        concerned |= set(_ROWS[table](known)["project_id"].dropna())
    projects = known.tables["projects"]
    return projects[projects["project_id"].isin(concerned)]


def _plan(known: Known) -> pd.DataFrame:
    """Return the months still to come that are planned; in January all twelve of every project."""
    rows = known.concerning("plan")
    rows = rows[rows["month"] >= str(known.period)]
    if not known.is_january:
        return rows
    months = [f"{known.period.year}-{month:02d}" for month in range(1, 13)]
    every = pd.MultiIndex.from_product([known.own, months], names=["project_id", "month"])
    planned = rows.set_index(["project_id", "month"])["planned_investment"]
    return planned.reindex(every.append(planned.index.difference(every))).reset_index()


def _nodes(known: Known) -> pd.DataFrame:
    rows = known.concerning("nodes")
    return rows[rows["done_on"].isna()].sort_values("due_on", kind="stable")


def _progress(known: Known) -> pd.DataFrame:
    return pd.DataFrame({"project_id": known.own, "month": str(known.period)})


def _permits(known: Known) -> pd.DataFrame:
    rows = known.concerning("permits")
    return rows[~rows["status"].isin(["已办结", "不需要"])]


def _inputs(known: Known) -> pd.DataFrame:
    """Return what each project last needed, of whatever quantity."""
    rows = known.concerning("inputs").sort_values("month", kind="stable")
    rows = rows[rows["month"] < str(known.period)]
    rows = rows.drop_duplicates(["project_id", "input"], keep="last").sort_index()
    names = ["project_id", "input", "unit", "department"]
    return rows[names].assign(month=str(known.period), last_needed=rows["needed"],
                              last_secured=rows["secured"])  # fmt: skip


def _unsettled(table: str) -> Callable[[Known], pd.DataFrame]:
    def rows(known: Known) -> pd.DataFrame:
        found = known.concerning(table)
        return found[found["closed_on"].isna()]

    return rows


_ROWS: dict[str, Callable[[Known], pd.DataFrame]] = {
    "projects": _projects,
    "plan": _plan,
    "nodes": _nodes,
    "progress": _progress,
    "permits": _permits,
    "inputs": _inputs,
    "funding": lambda known: known.concerning("funding"),
    "problems": _unsettled("problems"),
    "actions": _unsettled("actions"),
    "incidents": _unsettled("incidents"),
}


def _cells(table: str, frame: pd.DataFrame, programme: Programme) -> list[dict[str, Cell]]:
    """Return the rows of a table as they are written into cells."""
    columns = {
        name: _written(column.metadata or {}, frame[name], programme)
        for name, column in TABLES[table].columns.items()
        if name in frame
    }
    return [
        {name: cells[i] for name, cells in columns.items() if cells[i] is not None}  # type: ignore[misc]
        for i in range(len(frame))
    ]


def _written(
    facts: dict[str, Any], values: pd.Series, programme: Programme
) -> Sequence[Cell | None]:
    """Return cells; a value that is no longer on its list is left for the unit to choose."""
    if facts["kind"] == "money":
        return _amounts(values)
    if facts["list"]:
        words = programme.words(facts["list"])
        return [words.get(value) for value in values]
    words = {code: word for word, code in facts["codes"].items()}
    return [None if pd.isna(value) else _cell(words.get(value, value)) for value in values]


def _cell(value: Any) -> Cell:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return value if isinstance(value, str) else float(value)


def _amounts(fen: pd.Series) -> list[float | None]:
    """Return money as 亿元."""
    return [None if pd.isna(value) else float(yi_of(value) or 0) for value in fen]


# References -----------------------------------------------------------------------------------------


def _references(known: Known, table: str, frame: pd.DataFrame) -> list[Reference]:
    references = []
    if table != "projects" and "project_id" in TABLES[table].columns:
        references.append(_names(known, frame))
    if table == "progress":
        references += _progress_references(known)
    if table == "inputs":
        for name, after in (("needed", "unit"), ("secured", "needed")):
            values = [_cell(value) for value in frame[f"last_{name}"]]
            references.append(Reference(name, after, "quantity", values))
    return references


def _names(known: Known, frame: pd.DataFrame) -> Reference:
    """Return the projects' names: a number says little to people."""
    names = known.tables["projects"].set_index("project_id")["name"]
    numbers = frame.get("project_id", pd.Series(dtype="str"))
    values = [names.get(number) for number in numbers]
    register = TABLES["projects"].title
    below = f"=IFERROR(VLOOKUP([project_id],'{register}'!$A:$B,2,FALSE),\"\")"
    return Reference("name", "project_id", "text", values, below=below)


def _register(known: Known) -> pd.DataFrame:
    return known.tables["projects"].set_index("project_id").loc[known.own]


def _progress_references(known: Known) -> list[Reference]:
    projects, progress = _register(known), known.tables["progress"]
    before = progress[progress["month"] < str(known.period)]
    this_year = before[before["month"] >= f"{known.period.year}-01"]
    invested = this_year.groupby("project_id")["invested"].sum().reindex(known.own, fill_value=0)
    reached = before.sort_values("month").groupby("project_id")["physical_pct"].last()
    room = _amounts(projects["total_investment"] - projects["invested_before"].fillna(0))
    blank, done, over = (say(f"template.check_{name}") for name in ("blank", "done", "over"))
    exceeds = "ROUND([total],8)>{:.15g}"
    # The register of last year does not say what that year added.
    unsure = [most is None or known.is_new_year for most in room]
    tests = ["FALSE" if no else exceeds.format(most) for no, most in zip(unsure, room, strict=True)]
    so_far = _amounts(invested)
    return [
        Reference("ytd", "month", "money", so_far),
        Reference("total", "invested", "money", so_far, ["=[ytd]+N([invested])"] * len(so_far)),
        Reference(
            "check", "invested", "text", [blank] * len(so_far),
            [f'=IF([invested]="","{blank}",IF({test},"{over}","{done}"))' for test in tests],
        ),
        Reference("physical", "invested", "percent",
                  [None if pd.isna(v) else float(v) for v in reached.reindex(known.own)]),
        Reference("dates", "physical_note", "text", list(map(_dates, projects.to_dict("records")))),
    ]  # fmt: skip


def _dates(project: Mapping[Any, Any]) -> str | None:
    """Return the dates a project has reported, which need not be reported again."""
    said = [
        say(f"template.date_{name}", day=f"{project[name]:%Y-%m-%d}")
        for name in PROJECT_DATES
        if not pd.isna(project[name])
    ]
    return "\n".join(said) or None
