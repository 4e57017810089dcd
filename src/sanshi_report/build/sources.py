"""What a reader of a report can follow: each number of its prose to its place, and each place to the ledger.

A release carries, for each document, `sources/<document>.csv` with every number that its prose states, and
once, `ledger/*.csv` with the rows behind all of them, each with the file, sheet and row it came in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd

from sanshi_report import style
from sanshi_report.blocks import Address, Paragraph
from sanshi_report.build.addresses import Addresses, Stated, stated
from sanshi_report.build.differences import read_rows
from sanshi_report.build.manifest import tables_of
from sanshi_report.build.place import keep_failed
from sanshi_report.build.plan import (
    LEDGER,
    Plan,
    Task,
    frame_file,
    frames_of,
    trail_name,
)
from sanshi_report.catalogue import Language, say
from sanshi_report.columns import register
from sanshi_report.errors import BuildError, RenderError
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.kpis import indicator_of
from sanshi_report.render import DataFile, Indicator, Sources, StatedCell
from sanshi_report.render.outputs import outputs_of, read_notebook
from sanshi_report.schemas import TABLES
from sanshi_report.style import LIGHTS, csv_text
from sanshi_report.words import PARAMETERS, Voice
from sanshi_report.workspace import Parameters

__all__ = ["Trails", "trail_csv", "write_ledger"]

_SHOWN = 20
ANCHOR = "sources"

KPI_TABLE = "kpis.csv"


def write_ledger(ledger: Ledger, folder: Path) -> None:
    """Write every table of a ledger into a staged release, with where each row came in."""
    (folder / LEDGER).mkdir(exist_ok=True)
    for table in TABLES:
        path = folder / LEDGER / f"{table}.csv"
        path.write_text(csv_text(getattr(ledger, table)), encoding="utf-8", newline="")


def trail_csv(told: Sequence[Mapping[str, Any]]) -> str:
    """Return every number of a document's prose with where it stands, as CSV.

    `file`, `line` (1 under the heading), `row` and `column` lead to `value`, of which `shown` is how it is said;
    `how` is `cell`, or `rows` for how many rows `row` describes, or the sum of a column over them.
    """
    rows = [{"number": at, **row} for at, row in enumerate(told, 1)]
    frame = pd.DataFrame(rows, columns=_TRAIL)
    texts = [name for name in _TRAIL if name not in ("number", "line")]
    return csv_text(frame.astype(dict.fromkeys(texts, "str")))


_TRAIL = [
    "number", "said", "shown", "unit", "file", "how", "line", "row", "column", "value", "kpi",
]  # fmt: skip


@dataclass
class Trails:
    """The trails of the documents of a staged release.

    Attributes
    ----------
    plan : Plan
    folder : Path
        The staged release, with its KPI table and the tables of its documents.
    ledger : Ledger
    """

    plan: Plan
    folder: Path
    ledger: Ledger
    _called: dict[Language, Mapping[str, str]] = field(default_factory=dict)
    _followed: dict[str, dict[Address, None]] = field(default_factory=dict)

    def lay(self, task: Task) -> None:
        """Write down where every number stands that a document's prose states.

        Raises
        ------
        BuildError
            If a number in its words has no address, or something else stands there.
        """
        notebook = self.folder / f"{task.name}.ipynb"
        outputs = outputs_of(read_notebook(notebook))
        addresses = self._addresses(task)
        self._refuse_strays(task, notebook, addresses.strays(outputs))
        said = [one for one in outputs if isinstance(one, Paragraph)]
        told = [
            (one, one.run.at)
            for one in stated(said)
            if one.run.at and addresses.value(one.run.at).is_number
        ]
        self._followed[task.name] = dict.fromkeys(at for _, at in told)
        trail = self.folder / trail_name(task.name)
        trail.parent.mkdir(exist_ok=True)
        rows = [_trail_row(one, at, addresses) for one, at in told]
        trail.write_text(trail_csv(rows), encoding="utf-8", newline="")

    def _addresses(self, task: Task) -> Addresses:
        frames = frames_of(self.folder / f"{task.name}.ipynb")
        voice = Voice(self.plan.parameters, task.language)
        return Addresses(self.folder / "tables", frames, voice)

    def sources(self, task: Task) -> Sources:
        """Return what stands at the end of a document about where its numbers come from."""
        trail = self._read(trail_name(task.name))
        scopes: dict[str, set[str]] = {}
        addresses = self._addresses(task)
        followed = self._followed[task.name]
        for at in followed:
            if found := _indicator_at(at, self.plan.parameters):
                code, scope, _ = found
                scopes.setdefault(code, set()).add(f"{scope} {at.row}".strip())
        codes = (code for code in self.plan.parameters.kpis if code in scopes)
        return Sources(
            indicators=tuple(self._indicator(code, scopes[code], task.language) for code in codes),
            data=tuple(
                DataFile(_label(task.name, name), self._read(name)) for name in self._tables(task)
            )
            + tuple(self._frames(addresses, followed, task.language)),
            trail=trail,
            places={at: self._place(at, addresses, task.language) for at in followed},
            submissions=tuple(sorted(self.plan.inputs.items())),
        )

    def placed(self, error: RenderError) -> RenderError:
        """Return an error with the cells it comes from: where characters came in that no font has."""
        missing = error.values.get("missing", "")  # noqa: PD011
        cells = list(islice(_cells_with(self.ledger, missing), _SHOWN)) if missing else []
        if not cells:
            return error
        listed = "\n".join(f"  - {cell}" for cell in cells)
        return RenderError("glyph_missing_in", **error.values, cells=listed)

    def _frames(
        self, addresses: Addresses, followed: Collection[Address], language: Language
    ) -> Iterator[DataFile]:
        """Yield each frame that some addresses lead to, with the cells that they mean."""
        cells: dict[str, list[StatedCell]] = {}
        for at in followed:
            if at.frame != PARAMETERS:
                cells.setdefault(at.frame, [])
                if addresses.is_cell(at) and not _indicator_at(at, self.plan.parameters):
                    row = self._row_words(at.row, language)
                    told = addresses.exact(at)
                    cells[at.frame].append(StatedCell(_anchor(at, addresses), row, at.column, told))
        for frame in sorted(cells):
            text = self._read(frame_file(frame))
            yield DataFile(frame, text, tuple(dict.fromkeys(cells[frame])))

    def _place(self, at: Address, addresses: Addresses, language: Language) -> tuple[str, str]:
        """Return where in a page an address leads, and what stands there, in words."""
        exact = addresses.exact(at)
        if at.frame == PARAMETERS:
            return ANCHOR, say("build.source_parameter", language, row=at.row, value=exact)
        if found := _indicator_at(at, self.plan.parameters):
            code, scope, side = found
            told = self._of_indicator(code, f"{scope} {at.row}".strip(), side, exact, language)
            return f"kpi-{code}", told
        values = {"file": frame_file(at.frame), "row": at.row, "column": at.column, "value": exact}
        if addresses.is_cell(at):
            key = "build.source_cell" if at.row else "build.source_single"
            return _anchor(at, addresses), say(key, language, **values)
        key = "build.source_rows" if at.column == "#" and not at.row else "build.source_of_rows"
        return f"csv-{at.frame}", say(key, language, **values)

    def _row_words(self, row: str, language: Language) -> str:
        """Return what a row is about as a text names it; nothing for the row of all."""
        called = self._called_in(language)
        parts = (unquote(part) for part in row.split(" ") if part)
        known = (called.get(part, part) for part in parts)
        return "" if row.startswith("#") else " ".join(known)

    def _refuse_strays(self, task: Task, notebook: Path, strays: Sequence[Stated]) -> None:
        if strays:
            listed = "\n".join(f"  - {one}" for one in dict.fromkeys(s.sentence for s in strays))
            kept = keep_failed(self.plan.workspace, self.plan.period, notebook)
            raise BuildError("number_unknown", report=task.name, numbers=listed, kept=kept)

    def _of_indicator(
        self, code: str, scope: str, side: str, value: str, language: Language
    ) -> str:
        return say(
            "build.source_kpi",
            language,
            label=self.plan.parameters.kpis[code].label[language],
            code=code,
            scope=self._scope_words(scope, language),
            side=say(f"build.side_{side}", language),
            value=value,
            unit=self._unit(code, language),
        ).strip()

    def _indicator(self, code: str, scopes: Iterable[str], language: Language) -> Indicator:
        kpi = self.plan.parameters.kpis[code]
        rows = {f"{r['scope']} {r['scope_value']}".strip(): r for r in self._kpis[code]}
        return Indicator(
            code=code,
            label=kpi.label[language],
            unit=self._unit(code, language),
            formula=kpi.formula[language],
            reads=tuple(f"{LEDGER}/{name}.csv" for name in kpi.reads),
            rows=tuple(
                (self._scope_words(scope, language), row["target"], row["actual"], row["gap"])
                for scope, row in rows.items()
                if scope in scopes
            ),
        )

    def _scope_words(self, scope: str, language: Language) -> str:
        _, _, value = scope.partition(" ")
        return self._called_in(language).get(value, value) or say("build.scope_portfolio", language)

    def _unit(self, code: str, language: Language) -> str:
        unit = self.plan.parameters.kpis[code].unit
        if language == "zh" or unit == "%":
            return unit
        # English counts things by their names.
        return "hundred million yuan" if unit == "亿元" else ""

    def _called_in(self, language: Language) -> Mapping[str, str]:
        if language not in self._called:
            self._called[language] = names_in(self.ledger, self.plan.parameters, language)
        return self._called[language]

    @cached_property
    def _kpis(self) -> Mapping[str, Sequence[Mapping[str, str]]]:
        found: dict[str, list[Mapping[str, str]]] = {}
        for row in read_rows(self._read(KPI_TABLE)):
            found.setdefault(row["kpi"], []).append(row)
        return found

    def _tables(self, task: Task) -> list[str]:
        names = [one.name for one in self.plan.tasks]
        files = sorted((self.folder / "tables").glob("*.csv"))
        return tables_of(task.name, names, [f"tables/{path.name}" for path in files])

    def _read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def names_in(ledger: Ledger, parameters: Parameters, language: Language) -> dict[str, str]:
    """Return what codes in the keys of rows are called: projects, lights, kinds, days, in English terms."""
    called: dict[str, str] = dict(parameters.english) if language == "en" else {}
    called |= dict(zip(ledger.projects["project_id"], ledger.projects["name"], strict=True))
    called |= {code: say(f"labels.light_{code}", language) for code in LIGHTS}
    for column in register().values():
        for code, words in column.values.items():  # noqa: PD011  no frame
            called.setdefault(code, words[language])
    for day in pd.date_range(f"{parameters.period.year}-01-01", f"{parameters.period.year}-12-31"):
        called[f"{day:%Y-%m-%d}"] = style.day(day, language, year=False)
        called[f"{day:%Y-%m}"] = style.month(f"{day:%Y-%m}", language)
    return called


def _indicator_at(at: Address, parameters: Parameters) -> tuple[str, str, str] | None:
    return None if at.frame == PARAMETERS else indicator_of(at.frame, at.column, parameters)


def _anchor(at: Address, addresses: Addresses) -> str:
    return f"{at.frame}.{addresses.line(at)}.{at.column}"


def _trail_row(one: Stated, at: Address, addresses: Addresses) -> dict[str, Any]:
    value, found = addresses.value(at), _indicator_at(at, addresses.voice.parameters)
    return {
        "said": one.before[-30:],
        "shown": one.run.text,
        "unit": value.column.unit(dict(value.row)) or "",
        "file": PARAMETERS if at.frame == PARAMETERS else frame_file(at.frame),
        "how": "cell" if addresses.is_cell(at) else "rows",
        "line": 0 if at.frame == PARAMETERS else addresses.line(at),
        "row": at.row,
        "column": at.column,
        "value": addresses.exact(at),
        "kpi": found[0] if found else "",
    }


def _cells_with(ledger: Ledger, characters: str) -> Iterator[str]:
    """Yield the cells that have any of some characters: file, sheet, row and column."""
    for table, frame in ledger.history.items():
        for name, column in TABLES[table].columns.items():
            if column.metadata["kind"] == "text":
                found = frame[frame[name].str.contains(f"[{re.escape(characters)}]", na=False)]
                yield from (f"data/raw/{origin} {column.title}" for origin in found["origin"])


def _label(document: str, name: str) -> str:
    label = Path(name).stem.removeprefix(f"{document}-")
    return label if label.startswith(("fig-", "data-")) else f"tbl-{label}"
