"""How far the figures can be relied on: what was revised, what was approved to change, what backs them."""

from __future__ import annotations

from typing import NamedTuple

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.exact import percents
from sanshi_report.ledger import Ledger, mean_absolute_revision, membership, published_before
from sanshi_report.ledger import triangle as reported_triangle
from sanshi_report.ledger.corrections import COLUMNS
from sanshi_report.metrics import submissions, suspicion
from sanshi_report.metrics.scopes import happened, with_projects
from sanshi_report.workspace import Parameters

__all__ = [
    "State",
    "changes",
    "corrections",
    "effect",
    "evidence",
    "evidence_by_month",
    "mean_absolute",
    "revised",
    "state",
    "triangle",
]

FIGURES = ("projects", "plan", "progress")
"""Tables whose cells are figures or days already published; elsewhere a new value is just news."""

GRADES = {"self_reported": "自报", "confirmed": "三方确认", "verified": "核查"}
"""The grades of evidence, in the ledger's words."""


class State(NamedTuple):
    """What a report that is not about the data says of them.

    Attributes
    ----------
    evidence, evidence_by_month, revised, effect, changes, corrections : DataFrame
        From the functions of these names.
    units : DataFrame
        `submissions.by_unit`.
    suspicions : DataFrame
        `suspicion.suspicions`.
    """

    evidence: pd.DataFrame
    evidence_by_month: pd.DataFrame
    units: pd.DataFrame
    suspicions: pd.DataFrame
    revised: pd.DataFrame
    effect: pd.DataFrame
    changes: pd.DataFrame
    corrections: pd.DataFrame


def state(ledger: Ledger, parameters: Parameters) -> State:
    """Return what can be said of the data in short.

    Examples
    --------
    >>> state = report.metrics.quality.state()
    >>> state.evidence
       projects  reported  missing  self_reported  confirmed  verified
    0        30        30        0             12         17         1
    >>> state.effect[["kind", "published_ytd", "revised_ytd"]]
             kind  published_ytd   revised_ytd
    0  continuing   604877000000  604167000000
    1   new_build    52953000000   51753000000
    """
    found = suspicion.suspicions(ledger, parameters)
    return State(
        evidence=evidence(ledger),
        evidence_by_month=evidence_by_month(ledger),
        units=submissions.by_unit(ledger, parameters, found),
        suspicions=found,
        revised=revised(ledger),
        effect=effect(ledger),
        changes=changes(ledger),
        corrections=corrections(ledger),
    )


@keyed_by("table", "key", "column")
def revised(ledger: Ledger) -> pd.DataFrame:
    """Return the figures and days published before that later submissions changed, net.

    Returns
    -------
    pandas.DataFrame
        In register order, then by month: the columns of `ledger.revised()` after `project_id` and the
        project's `name`. Texts, and cells that were empty before, are left out.

    Examples
    --------
    >>> revised = report.metrics.quality.revised()
    >>> revised[["key", "column", "old", "new", "difference", "unit"]].head(2)
               key    column     old     new difference  unit
    0  H05 2024-05  invested  0.8225  0.8375     0.0150  亿元
    1  H06 2024-05  invested  3.4941  3.4081    -0.0860  亿元
    """
    rows = ledger.revised()
    known = rows["table"].isin(FIGURES) & rows["old"].notna()
    is_day = rows["column"].str.fullmatch(r"planned_.*|.*_on") & rows["column"].ne("reported_on")
    rows = rows[known & (rows["unit"].notna() | is_day)]
    place = {project: n for n, project in enumerate(ledger.projects["project_id"])}
    rows = rows.assign(_place=rows["project_id"].map(place))
    rows = rows.sort_values(["_place", "month", "column"], kind="stable").drop(columns="_place")
    return with_projects(rows, ledger, ["name"])


@keyed_by("project_id", "field", "approved_on")
def changes(ledger: Ledger) -> pd.DataFrame:
    """Return the changes approved in the period, by day.

    Returns
    -------
    pandas.DataFrame
        `project_id`, its `name`, `field`, `old`, `new`, `reason`, `approved_by`, `approved_on`.

    Examples
    --------
    >>> report.metrics.quality.changes()[["project_id", "field", "new", "approved_on"]]
      project_id     field                           new approved_on
    0        H09  月度计划  6月0.6866亿元，8月0.9748亿元  2024-06-05
    1        X03  计划开工                    2024-08-30  2024-06-20
    """
    table = ledger.changes
    start = pd.Timestamp(ledger.period.start)
    rows = table[table["approved_on"].ge(start) & happened(table["approved_on"], ledger)]
    columns = ["project_id", "field", "old", "new", "reason", "approved_by", "approved_on"]
    rows = rows[columns].sort_values(["approved_on", "project_id"], kind="stable")
    return with_projects(rows, ledger, ["name"])


@keyed_by()
def evidence(ledger: Ledger) -> pd.DataFrame:
    """Return what the last month's reports rest on.

    Returns
    -------
    pandas.DataFrame
        One row of `Int64` counts of projects: `projects`, `reported`, `missing` = projects − reported;
        `self_reported`, `confirmed`, `verified` of those reported.

    Examples
    --------
    >>> report.metrics.quality.evidence()
       projects  reported  missing  self_reported  confirmed  verified
    0        30        30        0             12         17         1
    """
    rows = ledger.progress[ledger.progress["month"] == ledger.period.months[-1]]
    counts = {
        "projects": len(ledger.projects),
        "reported": len(rows),
        "missing": len(ledger.projects) - len(rows),
        **{name: int(rows["evidence"].eq(value).sum()) for name, value in GRADES.items()},
    }
    return pd.DataFrame([counts]).astype("Int64")


@keyed_by("month")
def evidence_by_month(ledger: Ledger) -> pd.DataFrame:
    """Return what each month's money of the year rests on, all projects together.

    Returns
    -------
    pandas.DataFrame
        One row per month reported: `month`; fen: `invested` = `self_reported_amount` +
        `confirmed_amount` + `verified_amount` + `unstated_amount` (no evidence named);
        `unconfirmed_amount`, self-reported or unstated, and `self_reported_pct`, its share;
        `change_points` of that share on the last month before that had one, None where there is none.

    Examples
    --------
    >>> evidence = report.metrics.quality.evidence_by_month()
    >>> evidence[["month", "invested", "self_reported_amount", "self_reported_pct"]].head(2)
         month     invested  self_reported_amount self_reported_pct
    0  2024-01  89782000000           31723000000   35.333363034907
    1  2024-02  35547000000           13928000000   39.181928151461
    """
    rows = ledger.progress[ledger.progress["month"].str.startswith(f"{ledger.period.year}-")]
    grades = {word: f"{name}_amount" for name, word in GRADES.items()}
    names = [*grades.values(), "unstated_amount"]
    graded = rows.assign(grade=rows["evidence"].map(grades).fillna("unstated_amount"))
    sums = graded.pivot_table("invested", "month", "grade", aggfunc="sum")
    frame = sums.reindex(columns=names).fillna(0).astype("Int64")
    frame.insert(0, "invested", frame.sum(axis=1))
    own = frame["self_reported_amount"] + frame["unstated_amount"]
    share = pd.Series(percents(own, frame["invested"]), index=frame.index, dtype=object)
    known = share.dropna()
    before = dict(zip(known.index[1:], known, strict=False))
    change = [s - before[m] if m in before else None for m, s in share.items()]
    frame = frame.assign(
        unconfirmed_amount=own,
        self_reported_pct=share,
        change_points=pd.Series(change, index=frame.index, dtype=object),
    ).rename_axis(columns=None)
    return frame.reset_index().astype({"month": "str"})


@keyed_by("kind")
def effect(ledger: Ledger) -> pd.DataFrame:
    """Return what revisions did to the totals of the last report.

    Returns
    -------
    pandas.DataFrame
        `continuing`, then `new_build`: `kind`; `through` (`2024-05`: the year up to that month); fen:
        `published_ytd`, invested in the year as that report had it, `revised_ytd`, in the same months
        by what is known now, and their `difference_ytd`. No rows in January, whose last report was
        about another year, or where there was none.

    Examples
    --------
    >>> effect = report.metrics.quality.effect()
    >>> effect[["kind", "through", "published_ytd", "revised_ytd", "difference_ytd"]]
             kind  through  published_ytd   revised_ytd  difference_ytd
    0  continuing  2024-05   604877000000  604167000000      -710000000
    1   new_build  2024-05    52953000000   51753000000     -1200000000
    """
    before = published_before(ledger)
    now = ledger.at(before.period)
    is_first = before.period.year != ledger.period.year or before.projects.empty
    last = f"{before.period.end:%Y-%m}"
    rows = [
        {
            "kind": kind,
            "through": last,
            "published_ytd": _year_to_date(before, kind, last),
            "revised_ytd": _year_to_date(now, kind, last),
        }
        for kind in ([] if is_first else ["continuing", "new_build"])
    ]
    kinds = {"kind": "str", "through": "str", "published_ytd": "Int64", "revised_ytd": "Int64"}
    frame = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
    return frame.assign(difference_ytd=frame["revised_ytd"] - frame["published_ytd"])


def _year_to_date(ledger: Ledger, kind: str, last: str) -> int:
    own = ledger.projects.loc[ledger.projects["kind"] == kind, "project_id"]
    rows = ledger.progress[ledger.progress["project_id"].isin(own)]
    in_year = rows["month"].between(f"{ledger.period.year}-01", last)
    return int(rows.loc[in_year, "invested"].sum())


@keyed_by("month", "known_in")
def triangle(ledger: Ledger, parameters: Parameters, kind: str = "continuing") -> pd.DataFrame:
    """Return the year to date of each month as each report of the year had it, or would have.

    Returns
    -------
    pandas.DataFrame
        Of the projects there are now, by month, then by `known_in`, the month of the report: `month`; fen:
        `invested_ytd`, missing where nothing was known, `first_ytd`, as first reported, `difference_ytd` from
        that. The last report knows what this ledger knows.

    Examples
    --------
    >>> triangle = report.metrics.quality.triangle()
    >>> triangle[["month", "known_in", "invested_ytd", "difference_ytd"]].query("difference_ytd != 0").head(2)
          month known_in  invested_ytd  difference_ytd
    12  2024-03  2024-04  264286000000       420000000
    13  2024-03  2024-05  264286000000       420000000
    """
    figures = _triangle(ledger, parameters, kind)
    rows = [
        {"month": month, "known_in": at, "invested_ytd": figures.loc[month, at]}
        for month in figures.index
        for at in figures.columns
        if at >= month
    ]
    kinds = {"month": "str", "known_in": "str", "invested_ytd": "Int64"}
    frame = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
    first = frame.groupby("month")["invested_ytd"].transform("first")
    return frame.assign(first_ytd=first, difference_ytd=frame["invested_ytd"] - first)


@keyed_by("lag")
def mean_absolute(ledger: Ledger, parameters: Parameters, kind: str = "continuing") -> pd.DataFrame:
    """Return `ledger.mean_absolute_revision` of the `triangle`.

    Examples
    --------
    >>> report.metrics.quality.mean_absolute().head(2)
       lag  months   mean_absolute             mean
    0    1       5  0.023900000000  -0.007100000000
    1    2       4  0.012125000000   0.008875000000
    """
    ages = mean_absolute_revision(_triangle(ledger, parameters, kind))
    return ages.astype({"lag": "Int64", "months": "Int64"})


def _triangle(ledger: Ledger, parameters: Parameters, kind: str) -> pd.DataFrame:
    cutoffs = {**parameters.cutoffs, f"{ledger.period.end:%Y-%m}": ledger.as_of}
    history = {**ledger.history, "progress": _of_members(ledger)}
    return reported_triangle(history, ledger.period.year, kind, cutoffs)


def _of_members(ledger: Ledger) -> pd.DataFrame:
    """Return every version of the months of the projects there are, those before a split as the whole told them.

    What was told of projects that left would look like a revision once they are gone.
    """
    progress, day = ledger.history["progress"], ledger.period.end
    if ledger.moves.empty:
        return progress
    splits = membership.of_year(ledger.moves, day).query("move == 'split'")
    days = membership.ended_on(splits)
    parts = dict(zip(splits["into"], splits["effective_on"], strict=True))
    ids, month = progress["project_id"], progress["month"]
    until, since = (
        ids.map({project: f"{on:%Y-%m}" for project, on in known.items()}).fillna("")
        for known in (days, parts)
    )
    own = ids.isin(ledger.projects["project_id"]) & month.ge(since)
    return progress[own | month.lt(until)]


@keyed_by("number")
def corrections(ledger: Ledger) -> pd.DataFrame:
    """Return the office's corrections in force, in the order of its file: `corrections.COLUMNS` and `is_kept`.

    One that is kept changes nothing: it lets a figure beyond a limit stand.

    Examples
    --------
    >>> corrections = december.metrics.quality.corrections()
    >>> corrections[["number", "table", "key", "column", "old", "new"]]
       number     table          key    column   old       new
    0       1  progress  X13 2024-08  evidence  自报  三方确认
    """
    rows = ledger.corrections.reindex(columns=list(COLUMNS)).astype(COLUMNS)
    return rows.astype({"number": "Int64"}).assign(is_kept=rows["old"].eq(rows["new"]))
