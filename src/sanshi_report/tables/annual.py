"""The year in tables: its targets, scores with every point explained, what it taught, what goes over."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.columns import column
from sanshi_report.exact import FEN_PER
from sanshi_report.style import MISSING, Language, say
from sanshi_report.tables.heads import Heads
from sanshi_report.tables.review import scoring_rule
from sanshi_report.tables.table import Column, Table, plain
from sanshi_report.workspace import Parameters

__all__ = [
    "acceptance",
    "categories",
    "late_starts",
    "lives",
    "points",
    "scores",
    "targets",
    "to_complete",
]

VERDICTS = {"honour": "●", "criticise": "■", "none": "", "not_rated": MISSING}


def targets(goals: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the year's targets: required, actual, gap, met or not.

    Parameters
    ----------
    goals : DataFrame
        `metrics.annual.targets`.
    """
    heads = Heads(parameters, language)

    def name(row: dict[str, Any]) -> str:
        values = {
            "day": style.day(row["due_on"], language, year=False),
            "sector": row["scope_value"],
        }
        if row["scope_value"]:
            values["sector"] = parameters.term(row["scope_value"], language)
            return heads.word("annual_review.target_sector", **values)
        return heads.word(f"annual_review.target_{row['goal']}", **values)

    def figure(name: str, title: str = "", *, signed: bool = False) -> Column:
        def show(row: dict[str, Any]) -> str:
            return _amount(row[name], row["unit"], language, signed)

        return Column(
            name, heads.word(f"annual_review.{title or name}"), show, "number", of_row=True
        )

    def result(row: dict[str, Any]) -> str:
        met = row["is_met"]
        unmet = "to_come" if row["target"] else "none_due"
        key = unmet if pd.isna(met) else "met" if met else "missed"
        return heads.word(f"annual_review.{key}")

    return Table(
        goals,
        (
            Column("goal", heads.word("annual_review.target"), name, of_row=True),
            Column("unit", heads.word("unit"), lambda unit: heads.word(f"unit_{unit}")),
            figure("target", "target_amount"),
            figure("actual"),
            figure("gap", signed=True),
            heads.pct("rate_pct", "annual_review.rate_pct"),
            Column("is_met", heads.word("annual_review.result"), result, of_row=True),
        ),
        "tbl-targets",
        say("annual_review.tbl_targets", language),
        language,
    )


def _amount(value: Any, unit: str, language: Language, signed: bool) -> str:
    if unit == "亿元":
        fen = None if value is None else int(value * FEN_PER["亿元"])
        return style.yi(fen, language, signed=signed)
    return style.number(value, 0, signed=signed)


def scores(standings: pd.DataFrame, kind: str, parameters: Parameters, language: Language) -> Table:
    """Tabulate the scores of one kind of project by place in its sector, with what they consist of.

    Parameters
    ----------
    standings : DataFrame
        `metrics.annual.standings`.
    kind : {"continuing", "new_build"}
        Which; the two are never in one table.
    """
    heads = Heads(parameters, language)

    def number(name: str, *, signed: bool = False) -> Column:
        return Column(
            name,
            heads.word(f"annual_review.{name}"),
            lambda value: style.number(value, 2, signed=signed) if value else "0",
            "number",
        )

    def verdict(code: str) -> str:
        return f"{VERDICTS[code]} {heads.word(f'annual_review.{code}')}".strip()

    order = [term.value for term in parameters.programme.sectors]
    rows = standings[standings["kind"].eq(kind)].sort_values(["rank_in_sector", "project_id"])
    present = [value for value in order if rows["sector"].eq(value).any()]
    return Table(
        rows.reset_index(drop=True),
        (
            heads.text("name", "project"),
            heads.term("responsible_unit"),
            heads.number("rank_in_sector", "annual_review.rank_in_sector"),
            heads.number("rank", "annual_review.rank_in_kind"),
            number("basic"),
            number("bonus", signed=True),
            number("deducted", signed=True),
            number("score"),
            Column("verdict", heads.word("annual_review.verdict"), verdict),
        ),
        f"tbl-scores-{kind.replace('_', '-')}",
        say(f"annual_review.tbl_scores_{kind}", language),
        language,
        group="sector",
        groups={value: parameters.term(value, language) for value in present},
        notes=(scoring_rule(parameters, language), say("annual_review.note_scores", language)),
    )


def points(explained: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate for every project scored what each of its points was given for.

    Parameters
    ----------
    explained : DataFrame
        `metrics.annual.explained`.
    """
    heads = Heads(parameters, language)
    place = {"investment": "main", "start": "main", "nodes": "nodes", "meetings": "meetings"}
    adds = explained["points"].map(lambda given: given > 0).astype(bool)
    pieces = adds.map({True: "bonus", False: "deducted"})
    told = explained.assign(
        part=explained["scoring_item"].map(place).fillna(pieces).astype("str"),
        text=[_point(row, heads) for row in explained.to_dict("records")],
    )
    texts = told.pivot_table(index="project_id", columns="part", values="text", aggfunc="；".join)
    texts = texts.reindex(columns=["main", "nodes", "meetings", "bonus", "deducted"]).astype("str")
    rows = explained.drop_duplicates("project_id")[["project_id", "name", "kind", "rank", "score"]]
    rows = rows.join(texts, on="project_id").reset_index(drop=True)
    present = [kind for kind in ("continuing", "new_build") if rows["kind"].eq(kind).any()]
    score = heads.word("annual_review.score")
    return Table(
        rows,
        (
            heads.text("name", "project"),
            heads.number("rank", "annual_review.rank_in_kind"),
            heads.text("main", "annual_review.main"),
            *(Column(name, _item(name, language), plain) for name in ("nodes", "meetings")),
            heads.text("bonus", "annual_review.bonus"),
            heads.text("deducted", "annual_review.deducted"),
            Column("score", score, lambda value: style.number(value, 2), "number"),
        ),
        "tbl-points",
        say("annual_review.tbl_points", language),
        language,
        group="kind",
        groups={kind: heads.word(f"annual_review.kind_{kind}") for kind in present},
        notes=(say("annual_review.note_points", language),),
        wide=True,
    )


def _point(row: dict[Any, Any], heads: Heads) -> str:
    """Return what one item gave and why: `91.67%×20＝18.33`, with its name unless its column has it."""
    measured, rate = row["measured"], style.number(row["rate"])
    places = 2 if row["unit"] in ("%", "分") else 0
    key = "limit" if row["scoring_item"] == "limit" else "share" if row["unit"] == "%" else "each"
    return heads.word(
        f"annual_review.point_{key}",
        item=_item(row["scoring_item"], heads.language),
        measured=style.number(measured, places),
        unit=heads.word(f"annual_review.unit_{row['unit']}"),
        rate=heads.word("annual_review.bracketed", rate=rate) if row["rate"] < 0 else rate,
        points=style.number(row["points"], 2, signed=key != "share"),
    )


def _item(code: str, language: Language) -> str:
    return column("scoring_item").values[code][language]  # noqa: PD011  no frame


def categories(by_category: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate what kinds of problem there were and how long they took.

    Parameters
    ----------
    by_category : DataFrame
        `metrics.annual.by_category`.
    """
    heads = Heads(parameters, language)
    counts = ("raised", "closed", "closed_late", "open", "projects")
    return Table(
        by_category,
        (
            heads.term("category", "annual_review.category"),
            *(heads.number(name, f"annual_review.{name}") for name in counts),
            Column("median_days", heads.word("annual_review.median_days"), _days, "number"),
            heads.number("longest_days", "annual_review.longest_days"),
        ),
        "tbl-categories",
        say("annual_review.tbl_categories", language),
        language,
    )


def _days(value: Any) -> str:
    return style.number(value, 0 if value is None or value == int(value) else 1)


def late_starts(late: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the new builds that started late and the permit that held them longest.

    Parameters
    ----------
    late : DataFrame
        `metrics.annual.late_starts`.
    """
    heads = Heads(parameters, language)
    return Table(
        late,
        (
            heads.text("name", "project"),
            heads.term("responsible_unit"),
            heads.day("planned_start"),
            heads.day("started_on"),
            heads.number("days_late", "annual_review.days_late"),
            heads.term("permit", "annual_review.permit"),
            heads.term("department", "annual_review.department"),
            heads.number("permit_days_late", "annual_review.permit_days_late"),
        ),
        "tbl-late-starts",
        say("annual_review.tbl_late_starts", language),
        language,
    )


def acceptance(register: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the year's completions and commissionings: planned, done, how late.

    Parameters
    ----------
    register : DataFrame
        `metrics.acceptance.register`.
    """
    heads = Heads(parameters, language)

    return Table(
        register,
        (
            heads.text("name", "project"),
            heads.term("responsible_unit"),
            heads.day("planned_completion", "annual_review.planned"),
            heads.day("completed_on", "annual_review.done"),
            heads.number("completion_days_late", "annual_review.late"),
            heads.day("planned_commissioning", "annual_review.planned_production"),
            heads.day("commissioned_on", "annual_review.done_production"),
            heads.number("days_to_production", "annual_review.days_to_production"),
        ),
        "tbl-acceptance",
        say("annual_review.tbl_acceptance", language),
        language,
        notes=(say("annual_review.note_acceptance", language),),
    )


def to_complete(coming: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate what is to be completed by the end of next year.

    Parameters
    ----------
    coming : DataFrame
        `metrics.annual.to_complete`.
    """
    heads = Heads(parameters, language)
    return Table(
        coming,
        (
            heads.text("name", "project"),
            heads.term("responsible_unit"),
            Column(
                "planned_completion",
                heads.word("planned_completion"),
                lambda day: style.day(
                    day, language, year=day.year <= parameters.period.year, short=True
                ),
            ),
            heads.money("total_investment"),
            heads.pct("invested_pct", "annual_review.invested_pct"),
            _physical(heads),
            heads.money("to_invest", "annual_review.to_invest"),
        ),
        "tbl-to-complete",
        say("annual_review.tbl_to_complete", language, year=str(parameters.period.year + 1)),
        language,
    )


def lives(register: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate how far every project is in its whole life.

    Parameters
    ----------
    register : DataFrame
        `metrics.lifetime.register`.
    """
    heads = Heads(parameters, language)
    rows = register
    present = [kind for kind in ("continuing", "new_build") if rows["kind"].eq(kind).any()]
    return Table(
        rows,
        (
            heads.text("name", "project"),
            heads.term("sector"),
            heads.term("responsible_unit"),
            heads.money("total_investment"),
            heads.money("invested_before", "annual_review.invested_before"),
            heads.money("invested_ytd", "annual_review.invested_ytd"),
            heads.money("invested_to_date", "annual_review.invested_to_date"),
            heads.pct("invested_pct", "annual_review.invested_pct"),
            _physical(heads),
            Column("planned_completion", heads.word("planned_completion"), _day(language)),
            Column("completed_on", heads.word("annual_review.completed_on"), _day(language)),
        ),
        "tbl-lives",
        say("annual_review.tbl_lives", language),
        language,
        group="kind",
        groups={kind: heads.word(f"annual_review.kind_{kind}") for kind in present},
        wide=True,
    )


def _physical(heads: Heads) -> Column:
    def show(value: Any) -> str:
        return style.pct(None if pd.isna(value) else Decimal(str(value)), 0)

    return Column("physical_pct", heads.word("annual_review.physical_pct"), show, "number")


def _day(language: Language) -> Callable[[Any], str]:
    return lambda value: style.day(value, language, short=True)
