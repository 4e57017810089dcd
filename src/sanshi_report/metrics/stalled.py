"""Projects that stand still: begun and not completed, and without money for months on end, or said to be stopped."""

from __future__ import annotations

import pandas as pd

from sanshi_report.columns import keyed_by
from sanshi_report.ledger import Ledger
from sanshi_report.ledger.membership import entered_on
from sanshi_report.metrics.scopes import happened, with_projects
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Parameters

__all__ = ["idle", "overriding", "register", "runs"]


@keyed_by("project_id")
def register(ledger: Ledger, parameters: Parameters) -> pd.DataFrame:
    """Return the projects begun that stand still at the period's end, by the rule for their light.

    Returns
    -------
    pandas.DataFrame
        In the register's order: `project_id`, its `name`, `responsible_unit`, `kind`; `months_idle` (`Int64`):
        months on end without money, 0 where there was some; `idle_since`: the first of these, missing where there is
        none; `stopped_by`: the open problem, or else the latest note on the works, that says the site is stopped,
        missing where none does.

    Examples
    --------
    >>> report.metrics.stalled.register()[["project_id", "months_idle", "idle_since"]]
      project_id  months_idle idle_since
    0        X02            2    2024-05
    """
    rule = parameters.programme.lights.stalled
    months = idle(ledger).set_index("project_id")
    long = months[months["months_idle"].ge(rule.after_months)]
    said = _said(ledger, rule.words)
    working = _working(ledger)
    rows = working[working["project_id"].isin(long.index) | working["project_id"].isin(said.index)]
    rows = with_projects(rows[["project_id", "kind"]], ledger, ["name", "responsible_unit"])
    return rows.assign(
        months_idle=rows["project_id"].map(months["months_idle"]).fillna(0).astype("Int64"),
        idle_since=rows["project_id"].map(months["idle_since"]).astype("str"),
        stopped_by=rows["project_id"].map(said).astype("str"),
    )[["project_id", "name", "responsible_unit", "kind", "months_idle", "idle_since", "stopped_by"]]


def overriding(
    lights: pd.Series, projects: pd.Series, ledger: Ledger, parameters: Parameters
) -> pd.Series:
    """Return lights in which every project of `register` that is not red is `stalled`, whatever it was."""
    is_stalled = projects.isin(register(ledger, parameters)["project_id"])
    return lights.mask(is_stalled & lights.ne("red"), "stalled").astype("str")


def idle(ledger: Ledger) -> pd.DataFrame:
    """Return the projects begun and not completed that had no money in the latest month, or in more.

    A month that was not reported has none; the month of the start itself is not counted.

    Returns
    -------
    pandas.DataFrame
        `project_id`, `month` (the latest), `months_idle`: how many months on end, `idle_since`: the first of them;
        `started_on`, missing for most continuing projects; `origin` of the latest month's row, missing where nothing
        was reported.

    Examples
    --------
    >>> report.metrics.stalled.idle()[["project_id", "months_idle", "idle_since"]]
      project_id  months_idle idle_since
    0        X02            2    2024-05
    """
    working, progress, last = _working(ledger), ledger.progress, ledger.period.last_month
    grid = pd.MultiIndex.from_product(
        [working["project_id"], _months_through(progress, last)], names=["project_id", "month"]
    )
    rows = pd.DataFrame(index=grid).reset_index()
    cells = progress[["project_id", "month", "invested", "origin"]]
    rows = rows.merge(cells, on=["project_id", "month"], how="left")
    rows["is_idle"] = rows["invested"].fillna(0).eq(0)
    rows = rows.join(working.set_index("project_id")[["began", "started_on"]], on="project_id")
    # A project that joined this year owes nothing for the months before.
    entered = entered_on(rows["project_id"], ledger.moves, ledger.period.end)
    entered = entered.dt.strftime("%Y-%m").fillna("")
    found = runs(rows[rows["month"].gt(rows["began"]) & rows["month"].ge(entered)], "is_idle")
    found = found[found["is_idle"] & found["month"].eq(last)]
    names = {"months": "months_idle", "since": "idle_since"}
    columns = ["project_id", "month", *names.values(), "started_on", "origin"]
    return found.rename(columns=names)[columns].reset_index(drop=True)


def runs(frame: pd.DataFrame, figure: str) -> pd.DataFrame:
    """Return progress with how many calendar months each value has stood (`months`), and `since` which."""
    rows = frame.sort_values(["project_id", "month"])
    number = rows["month"].str.slice(0, 4).astype(int) * 12 + rows["month"].str.slice(5).astype(int)
    broken = (
        rows["project_id"].ne(rows["project_id"].shift())
        | number.diff().ne(1)
        | rows[figure].ne(rows[figure].shift()).fillna(True).astype(bool)
    )
    run = rows.groupby(broken.cumsum())
    return rows.assign(months=run.cumcount() + 1, since=run["month"].transform("first"))


def _working(ledger: Ledger) -> pd.DataFrame:
    """Return the projects begun and not completed, with the month they `began` in, empty for continuing ones."""
    projects = ledger.projects
    started = projects["started_on"].where(happened(projects["started_on"], ledger))
    began = started.dt.strftime("%Y-%m").mask(projects["kind"].eq("continuing"), "")
    completed = happened(projects["completed_on"], ledger)
    working: pd.DataFrame = projects.assign(began=began)[began.notna() & ~completed]
    return working


def _months_through(progress: pd.DataFrame, last: str) -> list[str]:
    """Return every month from the first reported to the last."""
    reported = progress.loc[progress["month"] <= last, "month"]
    first = ReportPeriod.parse(reported.min() if len(reported) else last)
    return [str(month) for month in first.through(ReportPeriod.parse(last))]


def _said(ledger: Ledger, words: list[str]) -> pd.Series:
    """Return, by project, the open problem or else the latest note on the works that has one of some words."""
    problems = ledger.problems
    is_open = happened(problems["raised_on"], ledger) & ~happened(problems["closed_on"], ledger)
    latest = ledger.progress[ledger.progress["month"].eq(ledger.period.last_month)]
    texts = pd.concat(
        [
            problems[is_open].set_index("project_id")["description"],
            latest.set_index("project_id")["physical_note"],
        ]
    ).astype("str")
    named = texts.map(lambda text: any(word in text for word in words if isinstance(text, str)))
    found = texts[named.fillna(False).astype(bool)]
    first: pd.Series = found[~found.index.duplicated()]
    return first
