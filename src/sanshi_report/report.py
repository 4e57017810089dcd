"""One object to hold: a period's ledger, parameters and language, and what can be asked, said and shown of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, wraps
from operator import attrgetter
from typing import Any

import pandas as pd

from sanshi_report import figures, metrics, style, tables
from sanshi_report.blocks import Block, as_markdown, bundle
from sanshi_report.catalogue import Language
from sanshi_report.columns import KINDS, key_of, keyed
from sanshi_report.ledger import Ledger, open_ledger
from sanshi_report.words import Decided, Rows, Voice, Words
from sanshi_report.workspace import Parameters

(_MOMENT,) = KINDS["moment"]

__all__ = ["End", "Metrics", "Pages", "Piece", "Report", "open_report"]


def open_report(
    words: str = "",
    period: str | None = None,
    as_of: str | datetime | None = None,
    language: Language = "zh",
) -> Report:
    """Return the report of a period, known to analysts as `sanshi_report.open`.

    Parameters
    ----------
    words : str
        Whose words it says, such as `monthly_bulletin`; none for exploring.
    period : str, optional
        By default the one that SANSHI_PERIOD names, else the latest month that anything was received for.
    as_of : str or datetime, optional
        `"now"`, a day or a moment; by default the period's cutoff.
    language : {"zh", "en"}

    Raises
    ------
    ReportError
        If the period, its parameters or its data are not in order.

    Examples
    --------
    >>> report = sanshi_report.open("monthly_bulletin", "2024-06")
    >>> report
    <Report monthly_bulletin 2024年6月: .metrics .say() .ledger .parameters>
    >>> report.metrics.starts.position()[["started", "required", "starts_gap", "light"]]
       started  required  starts_gap   light
    0        8         9          -1  yellow
    """
    parameters, ledger = open_ledger(period, as_of)
    return Report(ledger, parameters, language, words)


@dataclass(frozen=True, eq=False)
class Piece:
    """What a notebook cell shows: blocks, with the data of those that a reader may take along."""

    blocks: tuple[Block, ...]

    def __str__(self) -> str:
        return as_markdown(self.blocks)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, Any]:
        return bundle(*self.blocks)


@dataclass(frozen=True, eq=False)
class Pages:
    """Several pieces of a report from one cell, shown one after another."""

    pieces: tuple[Any, ...]

    def __iter__(self) -> Iterator[Any]:
        return iter(self.pieces)

    def _ipython_display_(self) -> None:
        # Only a notebook shows pieces; metrics and tests need no IPython.
        from IPython.display import display

        for piece in self.pieces:
            display(piece)  # type: ignore[no-untyped-call]


@dataclass(frozen=True, eq=False)
class End:
    """The mark that a notebook was run to its last cell, with every frame that its words are about.

    Attributes
    ----------
    frames : mapping
        By name: `key`, the columns by which its rows are known, and its rows as `csv`.
    """

    frames: Mapping[str, Any]

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        return {"text/plain": "■"}, {"sanshi": {"end": True, "frames": dict(self.frames)}}


@dataclass(eq=False)
class Report:
    """A report of one period.

    Attributes
    ----------
    ledger : Ledger
    parameters : Parameters
    language : {"zh", "en"}
    name : str
        Whose words it says; empty for none.
    part : str
        The project or week that it is about, as names of frames have it; empty for all.
    frames : dict of str to DataFrame
        What metrics have returned so far, by name.
    results : dict
        The same and what is no frame, by what was called.
    """

    ledger: Ledger
    parameters: Parameters
    language: Language = "zh"
    name: str = ""
    part: str = ""
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    results: dict[tuple[str, ...], Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        period = style.period_words(self.parameters.period, self.language)
        return f"<Report {self.name or '—'} {period}: .metrics .say() .ledger .parameters>"

    @cached_property
    def metrics(self) -> Metrics:
        """The metrics by module, each worked out once: `report.metrics.starts.register()`."""
        return Metrics(self, metrics)

    def only(self, project: str | None = None, **part: str | None) -> Report:
        """Return the report of one project, or of the projects of one county, sector or unit.

        No target of the whole programme is the part's own: it has no milestones.

        Parameters
        ----------
        project : str, optional
            Its number; by default the first of the register.
        **part : str
            Instead of a project, a column of the register and its value: `county="示例甲县"`; without a
            value, that of the first project.

        Raises
        ------
        UsageError
            If there is no such project or value; it names those like it.

        Examples
        --------
        >>> report.only("H08").ledger.projects[["project_id", "name", "county"]]
          project_id          name  county
        7        H08  示例水库工程  市本级
        >>> report.only(county="示例甲区").ledger.projects[["project_id", "name", "county"]]
           project_id                      name    county
        2         H03          示例光伏组件项目  示例甲区
        11        H12  示例城市更新片区（一期）  示例甲区
        """
        ((column, value),) = part.items() or {"project_id": project}.items()
        ledger = metrics.profile.only(self.ledger, value, column)
        known = str(ledger.projects[column].iloc[0])
        known = style.label_part(known if column == "project_id" else f"{column}={known}")
        return Report(ledger, self.parameters, self.language, self.name, known)

    def say(self, block: str, *, when: bool = True, **frames: Any) -> Piece:
        """Return a block of the report's words.

        Parameters
        ----------
        when : bool
            Whether there is anything to say at all; otherwise nothing is shown.
        **frames : DataFrame or named tuple of them
            What it speaks of, each as a metric of this report returned it.

        Raises
        ------
        LookupError
            If there is no such block, or a frame is not from a metric.

        Examples
        --------
        >>> endings = report.metrics.acceptance.register()
        >>> print(report.say("completions", endings=endings))
        ## 竣工投产情况
        <BLANKLINE>
        本年计划竣工4个，已竣工1个；计划投产3个，已投产0个。
        """
        return Piece(tuple(self.words.block(block, **self._known(frames))) if when else ())

    def pages(self, rows: pd.DataFrame, *parts: Any, **frames: Any) -> Pages:
        """Return what is shown for each of some rows, one row after another.

        Parameters
        ----------
        rows : DataFrame
            Rows of a metric's frame; a block knows the one it is said for as `row`.
        *parts : str or sequence
            What a row has, in this order: a block by its name, or what of a sequence stands where the row does
            in `rows`. What is None, or says nothing, is left out.
        **frames : DataFrame or named tuple of them
            What the blocks speak of besides.

        Examples
        --------
        >>> red, waiting = meeting.metrics.review.red(), meeting.metrics.review.decisions()
        >>> pages = meeting.pages(red, "red", waiting=waiting)
        >>> len(pages.pieces), str(pages.pieces[0]).splitlines()[0]
        (4, '## 滞后项目：示例绿色建材项目')
        """
        known = self._known(frames)
        found = [
            Piece(tuple(self.words.block(part, row=row, **known)))
            if isinstance(part, str)
            else part[at]
            for at, row in enumerate(Rows(rows))
            for part in parts
        ]
        return Pages(
            tuple(one for one in found if one is not None and getattr(one, "blocks", True))
        )

    def in_week(self, week: str | None = None) -> Report:
        """Return the report judged at the Sunday of one of the period's weeks, by default the last.

        Its frames are called after the week, so that those of several weeks stand side by side.

        Raises
        ------
        UsageError
            If the week is malformed or does not end in the period; those that do are named.

        Examples
        --------
        >>> week = report.in_week("2024-W23")
        >>> week.metrics.weekly.projects()[["project_id", "completion_pct", "month", "light"]].head(2)
          project_id   completion_pct    month   light
        0        H01  37.914285714286  2024-05  yellow
        1        H02  42.744696969697  2024-05   green
        """
        ledger = metrics.weekly.judged(self.ledger, week)
        return Report(ledger, self.parameters, self.language, self.name, str(ledger.period))

    def figure(self, name: str, *frames: Any, **more: Any) -> Any:
        """Return what `figures.<name>` draws, with its words; nothing comes of no drawing.

        The block `fig_<name>` says the caption, then in words what is drawn.

        Parameters
        ----------
        name : str
            Such as `starts`, or `bulletin.labour`, whose block is `fig_labour`.
        *frames : DataFrame
            What is drawn, each as a metric of this report returned it, in the order of the drawing's parameters.
            Of a drawing for each row of the first, a block knows the row as `row`, and whether it is the `first`.
        **more : DataFrame or str
            The rest of what is drawn by name, and what the words speak of besides.

        Returns
        -------
        Figure or None, or a list of them
            A list where there is a drawing for each row of a frame.

        Raises
        ------
        LookupError
            If there is no such drawing or block, or a frame is not from a metric.

        Examples
        --------
        >>> staircase, milestones = report.metrics.starts.staircase(), report.metrics.starts.milestones()
        >>> position = report.metrics.starts.position()
        >>> drawn = report.figure("starts", staircase, milestones, position=position)
        >>> "".join(run.text for run in drawn.caption)
        '截至6月底累计开工8个，距6月30日前开工9个的节点目标还差1个'
        """
        return self._worded(figures, "fig", name, frames, more)

    def table(self, name: str, *frames: Any, **more: Any) -> Any:
        """Return what `tables.<name>` sets, with its words; nothing comes of no table.

        The block `tbl_<name>` says the caption, then, as headings, what heads each group of rows, and the remarks
        under the table. What it takes, returns and raises is as `figure`.
        """
        return self._worded(tables, "tbl", name, frames, more)

    def end(self) -> End:
        """Return the mark of a notebook's last cell."""
        return End(
            {
                name: {"key": key_of(frame), "csv": style.csv_text(frame)}
                for name, frame in sorted(self.frames.items())
            }
        )

    @cached_property
    def words(self) -> Words:
        """The report's words."""
        period = self.remembered(_period(self.ledger))
        given = {
            "programme": Decided(self.parameters.programme, self.language, "programme"),
            "remarks": Decided(self.parameters, self.language).remarks,
            "period": Rows(period),
        }
        return Words(self.name, Voice(self.parameters, self.language), given)

    def remembered(self, result: Any) -> Any:
        """Return a metric's result for the caller to change, its frames known by name from now on."""
        if isinstance(result, pd.DataFrame):
            if name := result.attrs.get("frame"):
                if self.part:
                    # What a metric gives of a part is not what it gives of all.
                    name = f"{name}@{self.part}"
                    result = keyed(result, *result.attrs["key"], name=name)
                self.frames[name] = result
            return result.copy(deep=False)
        if isinstance(result, tuple) and hasattr(result, "_asdict"):
            return type(result)(*map(self.remembered, result))
        return result

    def _worded(
        self, module: Any, kind: str, name: str, frames: Sequence[Any], more: Mapping[str, Any]
    ) -> Any:
        """Return what a function of a module makes of frames, with what its block says."""
        make = attrgetter(name)(module)
        takes = list(inspect.signature(make).parameters)
        given = dict(zip(takes, frames, strict=False)) | dict(more)
        own = {"parameters": self.parameters, "language": self.language}
        made = make(**{one: value for one, value in (own | given).items() if one in takes})
        block = f"{kind}_{name.rpartition('.')[2]}"
        if not isinstance(made, list):
            return made and made.told(self.words.block(block, **self._known(given)))
        rows = Rows(given.pop(takes[0]))
        known = self._known(given)
        return [
            one and one.told(self.words.block(block, row=row, first=at == 0, **known))
            for at, (one, row) in enumerate(zip(made, rows, strict=True))
        ]

    def _known(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return what words are given as they see it: frames as rows, several together by their names."""
        return {
            name: self._known(one._asdict())
            if hasattr(one, "_asdict")
            else self._rows(name, one)
            if isinstance(one, pd.DataFrame)
            else one
            for name, one in given.items()
        }

    def _rows(self, name: str, frame: pd.DataFrame) -> Rows:
        whole = self.frames.get(frame.attrs.get("frame", ""))
        if whole is None or len(whole) != len(frame):
            raise LookupError(
                f"{name} is not what a metric of this report returned: choose rows in the words, "
                "or make a metric of it"
            )
        return Rows(frame)


class Metrics:
    """The metrics of one report by module; each is worked out once, and every caller gets a copy of its own."""

    def __init__(self, report: Report, module: Any) -> None:
        self._report, self._module = report, module

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or not hasattr(self._module, name):
            raise AttributeError(f"{self._module.__name__} has no {name!r}")
        found = getattr(self._module, name)
        if inspect.ismodule(found):
            return Metrics(self._report, found)
        return self._asked(found) if callable(found) else found

    def __dir__(self) -> list[str]:
        return list(self._module.__all__)

    def _asked(self, metric: Callable[..., Any]) -> Callable[..., Any]:
        report = self._report

        @wraps(metric)
        def asked(*more: Any) -> Any:
            given = (report.ledger, report.parameters)[: _taken(metric)]
            if any(isinstance(one, pd.DataFrame) for one in more):
                return report.remembered(metric(*given, *more))
            call = (metric.__module__, metric.__name__, *map(str, more))
            if call not in report.results:
                report.results[call] = metric(*given, *more)
            return report.remembered(report.results[call])

        return asked


def _taken(metric: Callable[..., Any]) -> int:
    """Return how many of ledger and parameters a metric takes before what is particular to it."""
    names = list(inspect.signature(metric).parameters)
    return 2 if names[:2] == ["ledger", "parameters"] else int(names[:1] == ["ledger"])


def _period(ledger: Ledger) -> pd.DataFrame:
    """Return what sentences say of the period itself, in one row."""
    period = ledger.period
    following = period.following
    facts: dict[str, tuple[Any, str]] = {
        "report_period": (str(period), "str"),
        "start": (pd.Timestamp(period.start), "datetime64[us]"),
        "end": (pd.Timestamp(period.end), "datetime64[us]"),
        "next_end": (pd.Timestamp(following.end), "datetime64[us]"),
        "year_end": (pd.Timestamp(period.year, 12, 31), "datetime64[us]"),
        "cutoff": (ledger.as_of, _MOMENT),
        "last_cutoff": (ledger.last_cutoff, _MOMENT),
        "first_month": (f"{period.year}-01", "str"),
        "last_month": (period.last_month, "str"),
        "next_month": (f"{following.start:%Y-%m}", "str"),
        "is_first": (period.previous().year != period.year, "bool"),
        "is_january": (period.months_elapsed == 1, "bool"),
        "is_one_month": (period.is_month, "bool"),
    }
    frame = pd.DataFrame({name: [value] for name, (value, _) in facts.items()})
    frame = frame.astype({name: kind for name, (_, kind) in facts.items()})
    return keyed(frame, name="period")
