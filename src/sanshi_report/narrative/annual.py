"""The year in words: targets, places, honours and criticism, outlooks, years to come, lessons, next year."""

from __future__ import annotations

from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.scoring import UNITS
from sanshi_report.narrative.prose import Prose, Voice, fact, stacked
from sanshi_report.style import Count, Language, escape_markdown
from sanshi_report.workspace import Each, Parameters, Share

__all__ = [
    "annex",
    "heading",
    "honours",
    "lessons",
    "next_year",
    "opening",
    "outlooks",
    "practices",
    "ranking",
    "schedule",
    "targets",
    "years",
]

_NAMED = 3
_OF_ALL = {
    "target": "investment_ytd_target",
    "actual": "investment_ytd",
    "gap": "investment_ytd_gap",
    "rate_pct": "investment_completion_pct",
}
"""Indicators that hold the year's investment of all continuing projects."""
_EACH = (
    "early_start", "completion", "commissioning", "start_late", "problems_overdue",
    "actions_overdue", "incidents",
)  # fmt: skip


def opening(ledger: Ledger, parameters: Parameters, language: Language) -> Prose:
    """Return the lead: which year, as known when."""
    voice = Voice(parameters, language)
    about = parameters.programme.programme
    lead = voice(
        "annual_review.opening",
        year=str(ledger.period.year),
        programme=about.name[language],
        end=style.day(ledger.period.end, language),
        known=voice.moment(ledger.as_of),
    )
    sample = voice("sample_data") if about.data_status == "sample" else ""
    return Prose(voice.joined(lead, sample))


def heading(name: str, parameters: Parameters, language: Language) -> Prose:
    """Return a section's heading alone."""
    year = str(parameters.period.year + 1)
    return Prose(Voice(parameters, language)(f"annual_review.head_{name}", year=year))


def targets(
    goals: pd.DataFrame, incidents: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return which of the year's targets were met, and the incidents.

    Parameters
    ----------
    goals : DataFrame
        `metrics.annual.targets`.
    incidents : DataFrame
        `metrics.incidents.so_far`.
    """
    voice = Voice(parameters, language)
    judged = goals["is_met"].dropna()
    facts = {
        "targets": Count(len(judged)),
        "met": Count(judged.sum()),
        "missed": Count(len(judged) - judged.sum()),
        "incidents": Count(len(incidents)),
        "incidents_open": Count(incidents["closed_on"].isna().sum()),
    }
    counts = voice("annual_review.targets_counts", **facts)
    parts = [_start(row, voice) for row in _rows(goals[goals["goal"].eq("start")])]
    begun = voice("annual_review.targets_starts", parts=voice("semicolon").join(parts))
    money = [_money(row, voice) for row in _rows(goals[goals["goal"].eq("investment")])]
    ends = {row["goal"]: row for row in _rows(goals)}
    done = voice(
        "annual_review.targets_ends",
        **{
            f"{step}_{name}": fact(name, Count(ends[step][name]))
            for step in ("completion", "commissioning")
            for name in ("target", "actual")
        },
    )
    still = "incidents" if facts["incidents_open"] else "incidents_closed"
    happened = voice(f"annual_review.{'incidents_none' if incidents.empty else still}", **facts)
    head = voice("annual_review.head_targets")
    text = voice.paragraphs(
        head, counts, begun if parts else "", voice.joined(*money), voice.joined(done, happened)
    )
    return Prose(text, "data-targets", pd.DataFrame([facts]).astype("Int64"))


def _start(row: dict[Any, Any], voice: Voice) -> str:
    key = "to_come" if pd.isna(row["is_met"]) else "met" if row["is_met"] else "missed"
    return voice(
        f"annual_review.start_{key}",
        day=voice.day(row["due_on"]),
        target=Count(row["target"]),
        actual=Count(row["actual"] or 0),
        gap=Count(abs(row["gap"] or 0)),
    )


def _money(row: dict[Any, Any], voice: Voice) -> str:
    key = "sector" if row["scope_value"] else "total"
    more = "more" if row["is_met"] else "less"
    values = {
        name: voice.money(int(abs(row[name]) * 10**10)) for name in ("target", "actual", "gap")
    }
    values["rate_pct"] = style.pct(row["rate_pct"])
    if key == "total":
        values = {name: fact(_OF_ALL[name], value) for name, value in values.items()}
    sector = voice.term(row["scope_value"]) if row["scope_value"] else ""
    return voice(f"annual_review.money_{key}_{more}", sector=sector, **values)


def schedule(
    whole: pd.DataFrame, by_project: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return the continuing projects' earned schedule, with who is furthest behind.

    Parameters
    ----------
    whole, by_project : DataFrame
        `metrics.earned.total` and `by_project`.
    """
    voice, row = Voice(parameters, language), whole.iloc[0]
    if row["spi_t"] is None:
        return Prose("")
    text = voice("annual_review.schedule", spi=style.number(row["spi"], 2),
                 spi_t=style.number(row["spi_t"], 2))  # fmt: skip
    late = [
        one for one in _rows(by_project) if one["spi_t"] is not None and one["months_behind"] > 0
    ]
    late.sort(key=lambda one: (-one["months_behind"], one["project_id"]))
    items = [
        voice.named(one, "annual_review.named_behind", months_behind=style.number(one["months_behind"], 1),
                    spi_t=style.number(one["spi_t"], 2))
        for one in late[:_NAMED]
    ]  # fmt: skip
    behind = voice("annual_review.schedule_behind", items=voice.listed(items)) if items else ""
    facts = pd.concat([whole, by_project], ignore_index=True).drop(columns=["tier", "county"])
    return Prose(voice.joined(text, behind), "data-schedule", facts)


def ranking(standings: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return how projects were scored and who came first and last of each kind.

    Parameters
    ----------
    standings : DataFrame
        `metrics.annual.standings`.
    """
    voice, rule = Voice(parameters, language), parameters.programme.scoring
    shares = {
        name: voice.listed([_full(item, getattr(rule, item), voice) for item in items])
        for name, items in (
            ("continuing", ("investment", "nodes", "meetings")),
            ("new_build", ("start", "nodes", "meetings")),
        )
    }
    pieces = voice.listed([_full(item, getattr(rule, item), voice) for item in _EACH])
    cap = style.number(rule.investment.cap_pct)
    method = voice("annual_review.method", pieces=pieces, scoring_investment_cap_pct=cap,
                   scoring_limit=style.number(rule.limit),
                   version=rule.version, **shares)  # fmt: skip
    found = []
    for kind in ("continuing", "new_build"):
        rows = standings[standings["kind"].eq(kind) & standings["score"].notna()]
        if rows.empty:
            continue
        first = [_scored(row, voice) for row in _rows(rows[rows["rank"].le(_NAMED)])]
        last = [_scored(row, voice) for row in _rows(rows.tail(_NAMED))]
        found.append(
            voice(
                f"annual_review.places_{kind}",
                of=Count(rows["of"].iloc[0]),
                first=voice.listed(first),
                last=voice.listed(last),
            )
        )
    return Prose(voice.paragraphs(voice("annual_review.head_ranking"), method, *found))


def _full(item: str, entry: Share | Each, voice: Voice) -> str:
    name = voice(f"annual_review.item_{item}")
    key = "rule_share" if isinstance(entry, Share) else "rule_each"
    unit = voice(f"annual_review.unit_{UNITS[item]}")
    return voice(
        f"annual_review.{key}",
        unit=unit,
        item=name,
        points=fact(
            f"scoring_{item}_points", style.number(entry.points, signed=key == "rule_each")
        ),
    )


def _scored(row: dict[Any, Any], voice: Voice) -> str:
    return voice.named(row, "annual_review.named_score", score=style.number(row["score"], 2))


def honours(
    standings: pd.DataFrame, explained: pd.DataFrame, parameters: Parameters, language: Language
) -> Prose:
    """Return who is honoured and who is criticised, each with what the points were given for.

    Parameters
    ----------
    standings, explained : DataFrame
        `metrics.annual.standings` and `explained`.
    """
    voice, rule = Voice(parameters, language), parameters.programme.scoring
    parts = [voice("annual_review.head_honours")]
    facts: dict[str, int] = {}
    bounds = {"honour": "honour_from", "criticise": "criticise_below"}
    for verdict, bound in bounds.items():
        rows = standings[standings["verdict"].eq(verdict)]
        number = Count(len(rows))
        key = f"list_{verdict}" if number else f"list_{verdict}_none"
        facts[verdict] = int(number)
        values = {verdict: number, f"scoring_{bound}": style.number(getattr(rule, bound))}
        parts.append(voice(f"annual_review.{key}", **values))
        for row in _rows(rows):
            own = explained[explained["project_id"].eq(row["project_id"])]
            items = [
                voice(
                    "annual_review.item_points",
                    item=voice(f"annual_review.item_{one['item']}"),
                    points=style.number(one["points"], 2),
                )
                for one in _rows(own)
            ]
            parts.append(voice.named(row, "annual_review.judged", score=style.number(row["score"], 2),
                                     rank=Count(row["rank"]), items=voice.listed(items),
                                     kind=voice(f"annual_review.kind_{row['kind']}")))  # fmt: skip
    data = stacked(pd.DataFrame([facts]), explained)
    return Prose(voice.paragraphs(*parts), "data-points", data)


def outlooks(
    backtest: pd.DataFrame, record: Prose, parameters: Parameters, language: Language
) -> Prose:
    """Return how the year's outlooks came out, and on which side those of the year's end were wrong.

    Parameters
    ----------
    backtest : DataFrame
        `metrics.outlook.backtest`.
    record : Prose
        `narrative.outlook.record`.
    """
    voice = Voice(parameters, language)
    ends = backtest["what"].eq("investment") & backtest["about"].str.endswith("-12")
    told = backtest[ends]
    counts = {
        "year_end_forecasts": len(told),
        "year_end_covered": int(told["is_covered"].sum()),
        "year_end_below": int(told["error"].lt(0).sum()),
        "year_end_above": int(told["error"].gt(0).sum()),
    }
    numbers = {name: Count(number) for name, number in counts.items()}
    text = voice("annual_review.outlooks_ends", **numbers) if len(told) else ""
    head = voice("annual_review.head_outlooks")
    text = voice.paragraphs(head, voice.joined(record.said, text))
    facts = pd.DataFrame([counts]).astype("Int64")
    if record.data is not None:
        facts = pd.concat([record.data, facts], axis=1)
    return Prose(text, "data-outlooks", facts)


def years(
    by_year: pd.DataFrame,
    life: pd.DataFrame,
    register: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return how far the programme is in its whole life, and when it will be complete.

    Parameters
    ----------
    by_year, life, register : DataFrame
        `metrics.lifetime.by_year`, `metrics.annual.life` and `metrics.lifetime.register`.
    """
    voice, whole = Voice(parameters, language), life.iloc[0]
    amounts = {name: voice.money(whole[name]) for name in ("total_investment", "invested_to_date")}
    lead = voice(
        "annual_review.life",
        projects=Count(whole["projects"]),
        invested_pct=style.pct(whole["invested_pct"]),
        **amounts,
    )
    coming = by_year[by_year["year"].gt(parameters.period.year)]
    parts = [
        voice("annual_review.year_count", year=str(year), n=fact(f"completions_{year}", Count(n)))
        for year, n in coming.set_index("year")["completions"].items()
        if n
    ]
    done = int(by_year["done"].sum())
    ended = voice("annual_review.years_done", done=Count(done)) if done else ""
    counts = {
        f"completions_{year}": n for year, n in coming.set_index("year")["completions"].items()
    }
    to_come = voice("annual_review.years_to_come", parts=voice.listed(parts)) if parts else ""
    last = register.dropna(subset="planned_completion").sort_values("planned_completion").tail(1)
    final = [
        voice(_final(row, parameters), name=escape_markdown(row["name"]),
              day=style.day(row["planned_completion"], voice.language))
        for row in _rows(last)
    ]  # fmt: skip
    text = voice.joined(lead, ended, to_come, *final)
    return Prose(voice.paragraphs(voice("annual_review.head_years"), text), "data-life",
                 life.assign(done=done, **counts))  # fmt: skip


def _final(row: dict[Any, Any], parameters: Parameters) -> str:
    # Five-year plans begin in the years after those that end in 0 and 5.
    now, then = parameters.period.year - 1, row["planned_completion"].year - 1
    return f"annual_review.years_last{'_plan' if now // 5 < then // 5 else ''}"


def practices(found: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return the year's good practice, each in its own paragraph.

    Parameters
    ----------
    found : DataFrame
        `metrics.annual.practices`.
    """
    voice = Voice(parameters, language)
    parts = [voice("annual_review.head_lessons"), voice("annual_review.head_practices")]
    for row in _rows(found):
        known = isinstance(row["name"], str)
        parts.append(
            voice(
                "annual_review.practice" if known else "annual_review.practice_general",
                title=escape_markdown(row["title"]),
                name=escape_markdown(row["name"]) if known else "",
                content=escape_markdown(row["content"]),
            )
        )
    if found.empty:
        parts.append(voice("none"))
    return Prose(voice.paragraphs(*parts))


def lessons(
    by_category: pd.DataFrame,
    late: pd.DataFrame,
    plans: pd.DataFrame,
    parameters: Parameters,
    language: Language,
) -> Prose:
    """Return what problems, late starts and moved plans taught.

    Parameters
    ----------
    by_category, late, plans : DataFrame
        `metrics.annual.by_category`, `late_starts` and `plans_moved`.
    """
    voice = Voice(parameters, language)
    parts = [voice("annual_review.head_lessons_learnt")]
    totals = {name: int(by_category[name].sum()) for name in ("raised", "closed", "closed_late")}
    if totals["raised"]:
        most = [
            voice("annual_review.category_count", category=voice.term(row["category"]), raised=Count(row["raised"]))
            for row in _rows(by_category.head(_NAMED))
        ]  # fmt: skip
        slow = by_category[by_category["median_days"].notna()]
        slowest = sorted(_rows(slow), key=lambda row: -row["median_days"])[:_NAMED]
        longest = [
            voice("annual_review.category_days", category=voice.term(row["category"]),
                  median_days=style.number(row["median_days"], 0 if row["median_days"] % 1 == 0 else 1))
            for row in slowest
        ]  # fmt: skip
        counts = {name: Count(number) for name, number in totals.items()}
        parts.append(
            voice("annual_review.lesson_problems", most=voice.listed(most),
                  slowest=voice.listed(longest), **counts)
        )  # fmt: skip
    if len(late):
        worst = late.iloc[0].to_dict()
        causes = late["permit"].dropna().value_counts()
        names = [
            voice("annual_review.permit_count", permit=voice.term(str(permit)),
                  n=fact(str(permit), Count(n)))
            for permit, n in causes.items()
        ]  # fmt: skip
        parts.append(
            voice("annual_review.lesson_starts", late_starts=Count(len(late)), days_late=Count(worst["days_late"]),
                  name=escape_markdown(worst["name"]), permits=voice.listed(names))
        )  # fmt: skip
    moved = {str(row["verdict"]): Count(row["items"]) for row in _rows(plans)}
    if sum(moved.values()):
        parts.append(voice("annual_review.lesson_plans", **moved))
    totals_frame = pd.DataFrame([totals | {"late_starts": len(late)}]).astype("Int64")
    facts = pd.concat([totals_frame, plans.set_index("verdict").T.reset_index(drop=True)], axis=1)
    return Prose(voice.paragraphs(*parts), "data-lessons", facts)


def next_year(carried: pd.DataFrame, parameters: Parameters, language: Language) -> Prose:
    """Return what goes over into the next year and must be taken up first.

    Parameters
    ----------
    carried : DataFrame
        `metrics.annual.carried`.
    """
    voice, row = Voice(parameters, language), carried.iloc[0]
    year = str(parameters.period.year + 1)
    counts = {name: Count(row[name]) for name in carried.columns if name != "to_invest"}
    text = voice.joined(
        voice("annual_review.next_projects", year=year, **counts),
        voice("annual_review.next_open", **counts),
        voice("annual_review.next_nodes", **counts) if counts["nodes_to_come"] else "",
    )
    ends = voice(
        "annual_review.next_ends", year=year, to_invest=voice.money(row["to_invest"]), **counts
    )
    head = voice("annual_review.head_next", year=year)
    return Prose(
        voice.paragraphs(head, text, ends if counts["completions"] else ""), "data-carried", carried
    )


def annex(parameters: Parameters, language: Language) -> Prose:
    """Return the annex's heading."""
    return Prose(Voice(parameters, language)("annual_review.head_annex"))


def _rows(frame: pd.DataFrame) -> list[dict[Any, Any]]:
    return frame.to_dict("records")
