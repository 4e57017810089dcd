"""The year in tables: its targets, scores with every point explained, what it taught, what goes over."""

from __future__ import annotations

import pandas as pd

from sanshi_report import style
from sanshi_report.columns import column
from sanshi_report.style import MISSING, Language, say
from sanshi_report.tables.progress import sectors_in
from sanshi_report.tables.table import Record, Says, Table, plain
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

    def name(row: Record) -> str:
        day = style.day(row["due_on"], language, year=False)
        sector = parameters.term(row["scope_value"], language)
        key = "sector" if row["scope_value"] else row["goal"]
        return say(f"annual_review.target_{key}", language, day=day, sector=sector)

    def result(row: Record) -> str:
        met, unmet = row["is_met"], "to_come" if row["target"] else "none_due"
        key: str = unmet if pd.isna(met) else "met" if met else "missed"
        return say(f"annual_review.{key}", language)

    return Table(
        goals,
        "goal unit target actual gap rate_pct is_met",
        "tbl-targets",
        parameters,
        language,
        says={"goal": name, "is_met": result},
    )


def scores(standings: pd.DataFrame, kind: str, parameters: Parameters, language: Language) -> Table:
    """Tabulate the scores of one kind of project by place in its sector, with what they consist of.

    Parameters
    ----------
    standings : DataFrame
        `metrics.annual.standings`.
    kind : {"continuing", "new_build"}
        Which; the two are never in one table.
    """

    def verdict(row: Record) -> str:
        code = row["verdict"]
        return f"{VERDICTS[code]} {say(f'annual_review.{code}', language)}".strip()

    rows = standings[standings["kind"].eq(kind)].sort_values(["rank_in_sector", "project_id"])
    return Table(
        rows.reset_index(drop=True),
        "name responsible_unit rank_in_sector rank basic bonus deducted score verdict",
        f"tbl-scores-{kind.replace('_', '-')}",
        parameters,
        language,
        says={"verdict": verdict} | {name: _points(name) for name in _POINTS.split()},
        right=_POINTS,
        group="sector",
        groups=sectors_in(rows, parameters),
    )


_POINTS = "basic bonus deducted score"


def _points(name: str) -> Says:
    """Return how points are said: none at all is 0."""
    return lambda row: style.shown(row[name], column(name), "zh") if row[name] else "0"


def points(explained: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate for every project scored what each of its points was given for.

    Parameters
    ----------
    explained : DataFrame
        `metrics.annual.explained`.
    """
    place = {"investment": "main", "start": "main", "nodes": "nodes", "meetings": "meetings"}
    adds = explained["points"].map(lambda given: given > 0).astype(bool)
    pieces = adds.map({True: "bonus", False: "deducted"})
    told = explained.assign(
        part=explained["scoring_item"].map(place).fillna(pieces).astype("str"),
        text=[_point(row, language) for row in explained.to_dict("records")],
    )
    texts = told.pivot_table(index="project_id", columns="part", values="text", aggfunc="；".join)
    texts = texts.reindex(columns=["main", "nodes", "meetings", "bonus", "deducted"]).astype("str")
    rows = explained.drop_duplicates("project_id")[["project_id", "name", "kind", "rank", "score"]]
    rows = rows.join(texts, on="project_id").reset_index(drop=True)
    present = [kind for kind in ("continuing", "new_build") if rows["kind"].eq(kind).any()]
    texts_of = ("nodes", "meetings", "bonus", "deducted")
    return Table(
        rows,
        "name rank main nodes meetings bonus deducted score",
        "tbl-points",
        parameters,
        language,
        titles={name: _item(name, language) for name in ("nodes", "meetings")},
        says={name: _text(name) for name in texts_of},
        group="kind",
        groups=present,
        wide=True,
    )


def _text(name: str) -> Says:
    return lambda row: plain(row[name])


def _point(row: Record, language: Language) -> str:
    """Return what one item gave and why: `91.67%×20＝18.33`, with its name unless its column has it."""
    measured, rate = row["measured"], style.number(row["rate"])
    places = 2 if row["unit"] in ("%", "分") else 0
    key = "limit" if row["scoring_item"] == "limit" else "share" if row["unit"] == "%" else "each"
    bracketed = say("annual_review.bracketed", language, rate=rate)
    return say(
        f"annual_review.point_{key}",
        language,
        item=_item(row["scoring_item"], language),
        measured=style.number(measured, places),
        unit=say(f"annual_review.unit_{row['unit']}", language),
        rate=bracketed if row["rate"] < 0 else rate,
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
    return Table(
        by_category,
        "category raised closed closed_late open projects median_days longest_days",
        "tbl-categories",
        parameters,
        language,
    )


def late_starts(late: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the new builds that started late and the permit that held them longest.

    Parameters
    ----------
    late : DataFrame
        `metrics.annual.late_starts`.
    """
    return Table(
        late,
        "name responsible_unit planned_start started_on days_late permit department "
        "permit_days_late",
        "tbl-late-starts",
        parameters,
        language,
    )


def acceptance(register: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate the year's completions and commissionings: planned, done, how late.

    Parameters
    ----------
    register : DataFrame
        `metrics.acceptance.register`.
    """
    return Table(
        register,
        "name responsible_unit planned_completion completed_on completion_days_late "
        "planned_commissioning commissioned_on days_to_production",
        "tbl-acceptance",
        parameters,
        language,
    )


def to_complete(coming: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate what is to be completed by the end of next year.

    Parameters
    ----------
    coming : DataFrame
        `metrics.annual.to_complete`.
    """
    return Table(
        coming,
        "name responsible_unit planned_completion total_investment invested_pct physical_pct "
        "to_invest",
        "tbl-to-complete",
        parameters,
        language,
    )


def lives(lives: pd.DataFrame, parameters: Parameters, language: Language) -> Table:
    """Tabulate how far every project is in its whole life.

    Parameters
    ----------
    lives : DataFrame
        `metrics.lifetime.register`.
    """
    present = [kind for kind in ("continuing", "new_build") if lives["kind"].eq(kind).any()]
    return Table(
        lives,
        "name sector responsible_unit total_investment invested_before invested_ytd "
        "invested_to_date invested_pct physical_pct planned_completion completed_on",
        "tbl-lives",
        parameters,
        language,
        titles={"invested_ytd": say("annual_review.invested_ytd", language)},
        group="kind",
        groups=present,
        wide=True,
    )
