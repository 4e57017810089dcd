"""One project's tables: who and what it is, its months, permits, nodes, inputs, problems, actions, plans."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.columns import column
from sanshi_report.exact import fen_of, yi_of
from sanshi_report.schemas import TABLES
from sanshi_report.style import Count, Language, say
from sanshi_report.style.status import STATUSES
from sanshi_report.tables.table import Record, Says, Table, plain, word
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
    return Table(
        frame,
        "item value other_item other_value",
        "tbl-identity",
        parameters,
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

    def measured(row: Record) -> str:
        if row["unit"] == "%":
            return style.pct(row["measured"])
        return style.number(row["measured"], 2 if row["unit"] == "分" else 0)

    return Table(
        given,
        "scoring_item measured rate points",
        "tbl-points",
        parameters,
        language,
        says={
            "scoring_item": lambda row: say(
                f"project_profile.item_{row['scoring_item']}", language
            ),
            "measured": measured,
        },
        right="measured",
    )


def months(year: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate a project's year by month.

    Parameters
    ----------
    year : DataFrame
        `metrics.profile.months`.
    """
    frame = year[year["invested"].notna() | year["planned"].notna()].reset_index(drop=True)
    has_plan = bool(frame["planned_cum"].notna().any())
    of_month, so_far = ("planned invested", "planned_cum invested_cum")
    if not has_plan:
        of_month, so_far = "invested", "invested_cum"

    def evidence(row: Record) -> str:
        return parameters.word("evidence", plain(row["evidence"]), language)

    return Table(
        frame,
        f"month {of_month} {so_far} {'completion_pct ' * has_plan}physical_pct workers evidence",
        "tbl-months",
        parameters,
        language,
        under={
            say("project_profile.of_month", language): of_month,
            say("project_profile.so_far", language): so_far,
        },
        says={"evidence": evidence},
    )


def permits(steps: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate a project's permits.

    Parameters
    ----------
    steps : DataFrame
        `metrics.profile.permit_steps`.
    """
    return Table(
        steps,
        "permit department applied_on due_on granted_on working_days status document_no",
        "tbl-permits",
        parameters,
        language,
        titles={"due_on": say("project_profile.promised_on", language)},
        says={"status": _status(language)},
    )


def nodes(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate a project's nodes.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.nodes`.
    """
    return Table(
        rows,
        "node due_on done_on days_late status note",
        "tbl-nodes",
        parameters,
        language,
        says={"status": _status(language)},
    )


def inputs(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate a project's inputs as last reported, and when least of each was secured.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.inputs`.
    """
    return Table(
        rows,
        "input unit month needed secured shortfall secured_pct worst_month worst_pct",
        "tbl-inputs",
        parameters,
        language,
    )


def problems(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate every problem raised about a project.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.problems`.
    """

    def problem(row: Record) -> str:
        category = parameters.term(row["category"], language)
        return word("of_category", language, category=category, text=plain(row["description"]))

    return Table(
        rows,
        "description tier owner raised_on due_on closed_on status",
        "tbl-problems",
        parameters,
        language,
        says={"description": problem, "status": _status(language)},
    )


def actions(rows: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate every action assigned about a project.

    Parameters
    ----------
    rows : DataFrame
        `metrics.profile.actions`.
    """

    def content(row: Record) -> str:
        return plain(row["content"]).removeprefix(f"{plain(row['name'])}：")

    return Table(
        rows,
        "content owner meeting_on due_on closed_on status",
        "tbl-actions",
        parameters,
        language,
        says={"content": content, "status": _status(language)},
    )


def plans(moved: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the plans of a project that moved: the original, the approved and the present one.

    Parameters
    ----------
    moved : DataFrame
        `metrics.plans.register`.
    """

    def item(row: Record) -> str:
        found = TABLES[row["table"]].columns[row["figure"]]
        title = str(found.title if language == "zh" else found.description)
        about = row["item"] if plain(row["item"]) != style.MISSING else row["month"]
        return title if plain(about) == style.MISSING else f"{plain(about)} {title}"

    def verdict(row: Record) -> str:
        code = plain(row["verdict"])
        return code if code == style.MISSING else say(f"project_profile.verdict_{code}", language)

    texts = {name: moved[name].map(_written).astype("str") for name in _PLANS}
    columns = ["table", "item", "month", "figure", *_PLANS, "reason", "verdict"]
    frame = moved.assign(**texts)[columns].reset_index(drop=True)
    return Table(
        frame,
        f"item {' '.join(_PLANS)} reason verdict",
        "tbl-plans",
        parameters,
        language,
        titles={"item": say("project_profile.plan", language)},
        says={"item": item, "verdict": verdict}
        | {name: _planned(name, parameters, language) for name in _PLANS},
    )


_PLANS = ("original", "approved", "current")


def _status(language: Language) -> Says:
    def show(row: Record) -> str:
        code = row["status"]
        said = say(f"project_profile.status_{code}", language)
        late = row.get("days_late")
        if late is not None and pd.notna(late) and "closed_on" in row:
            said = word("with_days", language, word=said, days=Count(late))
        return f"{STATUSES[code][0]} {said}"

    return show


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
        return say(f"labels.kind_{value}", language)
    if name == "tier":
        return parameters.word("project_tiers", value, language)
    return parameters.term(plain(value), language)


def _written(value: Any) -> str | None:
    """Return a day or an amount (fen) as it stands in CSV."""
    if value is None or pd.isna(value):
        return None
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else f"{yi_of(value):f}"


def _planned(name: str, parameters: Parameters, language: Language) -> Says:
    """Return how what `_written` wrote is said."""

    def show(row: Record) -> str:
        text = plain(row[name])
        if text == style.MISSING:
            return text
        value = pd.Timestamp(text) if "-" in text else fen_of(text)
        return style.shown(value, column(name), language, year=parameters.period.year)

    return show
