"""One project's tables: who and what it is, its months, permits, nodes, inputs, problems, actions, plans."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.exact import fen_of, yi_of
from sanshi_report.schemas import TABLES
from sanshi_report.style import Count, Language, say
from sanshi_report.style.status import STATUSES
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = [
    "actions",
    "identity",
    "inputs",
    "months",
    "nodes",
    "permits",
    "plans",
    "points",
    "problems",
]


def identity(
    projects: pd.DataFrame, life: pd.DataFrame, parameters: Parameters, language: Language
) -> Table:
    """Tabulate who and what a project is, two facts on a line.

    Parameters
    ----------
    projects : DataFrame
        The ledger's projects: one row.
    life : DataFrame
        `metrics.profile.life` of it.
    """
    row = {**projects.iloc[0], **life.iloc[0]}
    columns = TABLES["projects"].columns
    titles = {name: str(columns[name].title) for name in columns}
    if language == "en":
        titles = {name: str(columns[name].description).capitalize() for name in columns}
    for name in (
        "groundbreaking_on",
        "started_on",
        "completed_on",
        "commissioned_on",
        "physical_pct",
    ):
        titles[name] = say(f"project_profile.{name}", language)
    shown = {name: _fact(name, row[name], parameters, language) for name in titles if name in row}
    pairs = [(one, two) for one, two in _FACTS if {one, two} <= set(shown)]
    frame = pd.DataFrame(
        [(titles[a], shown[a], titles[b], shown[b]) for a, b in pairs],
        columns=["item", "value", "other_item", "other_value"],
        dtype="str",
    )
    item, value = (say(f"project_profile.{name}", language) for name in ("item", "value"))
    return Table(
        frame,
        (
            Column("item", item),
            Column("value", value),
            Column("other_item", item),
            Column("other_value", value),
        ),
        "tbl-identity",
        say("project_profile.tbl_identity", language),
        language,
    )


_FACTS = (
    ("project_id", "sector"),
    ("kind", "tier"),
    ("county", "lead_official"),
    ("task_force", "responsible_unit"),
    ("scope", "total_investment"),
    ("invested_before", "annual_plan"),
    ("planned_start", "started_on"),
    ("groundbreaking_on", "physical_pct"),
    ("planned_completion", "completed_on"),
    ("planned_commissioning", "commissioned_on"),
)


def points(given: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate what a project's score is made of.

    Parameters
    ----------
    given : DataFrame
        Its rows of `metrics.scoring.points`.
    """
    heads = Heads(parameters, language)

    def number(name: str, *, signed: bool = False) -> Column:
        title = heads.word(f"project_profile.{name}")
        return Column(name, title, lambda value: style.number(value, 2, signed=signed), "number")

    def measured(row: dict[str, Any]) -> str:
        if row["unit"] == "%":
            return style.pct(row["measured"])
        return style.number(row["measured"], 2 if row["unit"] == "分" else 0)

    return Table(
        given,
        (
            Column(
                "scoring_item",
                heads.word("project_profile.points_item"),
                lambda item: heads.word(f"project_profile.item_{item}"),
            ),
            Column(
                "measured", heads.word("project_profile.measured"), measured, "number", of_row=True
            ),
            number("rate"),
            number("points", signed=True),
        ),
        "tbl-points",
        say("project_profile.tbl_points", language),
        language,
        notes=(
            say(
                "project_profile.note_points",
                language,
                version=parameters.programme.scoring.version,
            ),
        ),
    )


def months(year: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate a project's year by month.

    Parameters
    ----------
    year : DataFrame
        `metrics.profile.months`.
    """
    heads = Heads(parameters, language)

    def pair(names: tuple[str, str], under: str) -> list[Column]:
        titles = ("project_profile.planned", "project_profile.invested")
        both = [heads.money(*one, under) for one in zip(names, titles, strict=True)]
        return both if has_plan else both[1:]

    frame = year[year["invested"].notna() | year["planned"].notna()].reset_index(drop=True)
    has_plan = bool(frame["planned_cum"].notna().any())
    return Table(
        frame,
        (
            Column("month", heads.word("month"), lambda month: style.month(month, language)),
            *pair(("planned", "invested"), "project_profile.of_month"),
            *pair(("planned_cum", "invested_cum"), "project_profile.so_far"),
            *([heads.pct("completion_pct")] if has_plan else []),
            Column(
                "physical_pct",
                heads.word("project_profile.physical_pct"),
                lambda value: style.MISSING if pd.isna(value) else f"{value:g}%",
                "number",
            ),
            heads.number("workers", "project_profile.workers"),
            Column(
                "evidence",
                heads.word("project_profile.evidence"),
                lambda value: parameters.word("evidence", plain(value), language),
            ),
        ),
        "tbl-months",
        say("project_profile.tbl_months", language),
        language,
    )


def permits(steps: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate a project's permits.

    Parameters
    ----------
    steps : DataFrame
        `metrics.profile.permit_steps`.
    """
    heads = Heads(parameters, language)
    return Table(
        steps,
        (
            heads.term("permit", "project_profile.permit"),
            heads.term("department", "project_profile.department"),
            heads.day("applied_on", "project_profile.applied_on"),
            heads.day("due_on", "project_profile.promised_on"),
            heads.day("granted_on", "project_profile.granted_on"),
            heads.number("working_days", "project_profile.working_days"),
            _status(heads),
            heads.text("document_no", "project_profile.document_no"),
        ),
        "tbl-permits",
        say("project_profile.tbl_permits", language),
        language,
        notes=(say("project_profile.note_permits", language),),
    )


def nodes(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate a project's nodes.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.nodes`.
    """
    heads = Heads(parameters, language)
    return Table(
        rows,
        (
            heads.text("node"),
            heads.day("due_on", "planned_on"),
            heads.day("done_on", "project_profile.done_on"),
            heads.number("days_late", "days_overdue"),
            _status(heads),
            heads.text("note", "project_profile.note"),
        ),
        "tbl-nodes",
        say("project_profile.tbl_nodes", language),
        language,
    )


def inputs(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate a project's inputs as last reported, and when least of each was secured.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.inputs`.
    """
    heads = Heads(parameters, language)

    def month(value: Any) -> str:
        return style.MISSING if pd.isna(value) else style.month(value, language)

    def amount(name: str) -> Column:
        return Column(name, heads.word(f"project_profile.{name}"), style.quantity, "number")

    return Table(
        rows,
        (
            heads.term("input", "project_profile.input"),
            heads.text("unit"),
            Column("month", heads.word("month"), month),
            amount("needed"),
            amount("secured"),
            amount("shortfall"),
            heads.pct("secured_pct", "project_profile.secured_pct"),
            Column("worst_month", heads.word("project_profile.worst_month"), month),
            heads.pct("worst_pct", "project_profile.worst_pct"),
        ),
        "tbl-inputs",
        say("project_profile.tbl_inputs", language),
        language,
    )


def problems(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate every problem raised about a project.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.problems`.
    """
    heads = Heads(parameters, language)

    def problem(row: dict[str, Any]) -> str:
        category = parameters.term(row["category"], language)
        return heads.word("of_category", category=category, text=plain(row["description"]))

    return Table(
        rows,
        (
            Column("description", heads.word("description"), problem, of_row=True),
            heads.term("tier", "project_profile.tier"),
            heads.term("owner", "responsible_unit"),
            heads.day("raised_on", "project_profile.raised_on"),
            heads.day("due_on"),
            heads.day("closed_on", "project_profile.closed_on"),
            _status(heads),
        ),
        "tbl-problems",
        say("project_profile.tbl_problems", language),
        language,
    )


def actions(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate every action assigned about a project.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.actions`.
    """
    heads = Heads(parameters, language)

    def content(row: dict[str, Any]) -> str:
        return plain(row["content"]).removeprefix(f"{plain(row['name'])}：")

    return Table(
        rows,
        (
            Column("content", heads.word("action"), content, of_row=True),
            heads.term("owner", "responsible_unit"),
            heads.day("meeting_on", "assigned_on"),
            heads.day("due_on"),
            heads.day("closed_on", "project_profile.closed_on"),
            _status(heads),
        ),
        "tbl-actions",
        say("project_profile.tbl_actions", language),
        language,
    )


def plans(moved: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the plans of a project that moved: the original, the approved and the present one.

    Parameters
    ----------
    moved : DataFrame
        `metrics.plans.register`.
    """
    heads = Heads(parameters, language)

    def item(row: dict[str, Any]) -> str:
        column = TABLES[row["table"]].columns[row["figure"]]
        title = str(column.title if language == "zh" else column.description)
        about = row["item"] if plain(row["item"]) != style.MISSING else row["month"]
        return title if plain(about) == style.MISSING else f"{plain(about)} {title}"

    def value(name: str) -> Column:
        title = heads.word(f"project_profile.{name}")
        return Column(name, title, lambda text: _planned(text, parameters, language))

    def verdict(code: Any) -> str:
        known = plain(code) != style.MISSING
        return heads.word(f"project_profile.verdict_{code}") if known else style.MISSING

    texts = {name: moved[name].map(_written).astype("str") for name in _PLANS}
    columns = ["table", "item", "month", "figure", *_PLANS, "reason", "verdict"]
    frame = moved.assign(**texts)[columns].reset_index(drop=True)
    return Table(
        frame,
        (
            Column("item", heads.word("project_profile.plan"), item, of_row=True),
            *map(value, _PLANS),
            heads.text("reason", "change_reason"),
            Column("verdict", heads.word("project_profile.verdict"), verdict),
        ),
        "tbl-plans",
        say("project_profile.tbl_plans", language),
        language,
        notes=(say("project_profile.note_plans", language),),
    )


_PLANS = ("original", "approved", "current")


def _status(heads: Heads) -> Column:
    def show(row: dict[str, Any]) -> str:
        code = row["status"]
        word = heads.word(f"project_profile.status_{code}")
        late = row.get("days_late")
        if late is not None and pd.notna(late) and "closed_on" in row:
            word = heads.word("with_days", word=word, days=Count(late))
        return f"{STATUSES[code][0]} {word}"

    return Column("status", heads.word("project_profile.status"), show, of_row=True)


def _fact(name: str, value: Any, parameters: Parameters, language: Language) -> str:
    if plain(value) == style.MISSING:
        return style.MISSING
    if isinstance(value, pd.Timestamp):
        return style.day(value, language)
    if name in {"total_investment", "invested_before", "annual_plan"}:
        return style.money(value, language)
    if name == "physical_pct":
        return f"{value:g}%"
    if name == "kind":
        return say(f"project_profile.kind_{value}", language)
    if name == "tier":
        return parameters.word("project_tiers", value, language)
    return parameters.term(plain(value), language)


def _written(value: Any) -> str | None:
    """Return a day or an amount (fen) as it stands in CSV."""
    if value is None or pd.isna(value):
        return None
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{yi_of(value):f}"


def _planned(text: Any, parameters: Parameters, language: Language) -> str:
    """Return what `_written` wrote, as a reader sees it."""
    if plain(text) == style.MISSING:
        return style.MISSING
    if "-" not in text:
        return style.yi(fen_of(text), language)
    day = pd.Timestamp(text)
    return style.day(day, language, year=day.year != parameters.period.year, short=True)
