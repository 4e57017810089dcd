"""What a reader of a report can follow: each number of its prose to its place, and each place to the ledger.

A release carries, for each document, `sources/<document>.csv` with every number that its prose states, and
once, `ledger/*.csv` with the rows behind all of them, each with the file, sheet and row it came in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pandas as pd

from sanshi_report.blocks import Address, Paragraph
from sanshi_report.build.addresses import Addresses, Stated, stated
from sanshi_report.build.differences import read_rows
from sanshi_report.build.manifest import tables_of
from sanshi_report.build.place import keep_failed
from sanshi_report.build.places import KPI_TABLE, PARAMETERS, Place, Places, known
from sanshi_report.build.plan import (
    LEDGER,
    Plan,
    Task,
    frame_file,
    frames_of,
    table_name,
    trail_name,
)
from sanshi_report.build.tracing import Statement, Trace, statements, traces
from sanshi_report.catalogue import Language, say
from sanshi_report.errors import BuildError, RenderError
from sanshi_report.ledger import Ledger
from sanshi_report.metrics.kpis import indicator_of
from sanshi_report.render import DataFile, Indicator, Sources, StatedCell
from sanshi_report.render.outputs import outputs_of, read_notebook
from sanshi_report.schemas import TABLES
from sanshi_report.style import csv_text
from sanshi_report.words import Voice
from sanshi_report.workspace import Parameters

__all__ = ["Trails", "trail_csv", "write_ledger"]

_SHOWN = 20
ANCHOR = "sources"

Found = Sequence[tuple[Statement, Sequence[Trace]]]
"""What a document says, and the quantities in each of it."""


def write_ledger(ledger: Ledger, folder: Path) -> None:
    """Write every table of a ledger into a staged release, with where each row came in."""
    (folder / LEDGER).mkdir(exist_ok=True)
    for table in TABLES:
        path = folder / LEDGER / f"{table}.csv"
        path.write_text(csv_text(getattr(ledger, table)), encoding="utf-8", newline="")


def trail_csv(found: Found, told: Sequence[Mapping[str, Any]] = ()) -> str:
    """Return every number of a document's prose and the likeliest place it stands, as CSV.

    `file`, `line` (1 under the heading), `row` and `column` lead to `value`, of which `shown` is the rounded
    form without its sign; `how` is `cell`, or `rows` and `equal` for a number of rows: all of the file, or those
    with the value `row` in `column`. `is_certain` is True where the sentence calls the number what its
    column is called and the text tells its row; `others` is how many other places have the same value.
    """
    rows: list[dict[str, Any]] = [{"number": at, **row} for at, row in enumerate(told, 1)]
    for statement, said in found:
        for trace in said if statement.is_prose else ():
            quantity, place = trace.quantity, trace.places[0]
            rows.append(
                {
                    "number": len(rows) + 1,
                    "said": quantity.said[-30:],
                    "shown": quantity.shown,
                    "unit": quantity.unit,
                    "file": place.file,
                    "how": place.how,
                    "line": place.line,
                    "row": place.row,
                    "column": place.column,
                    "value": f"{place.value:f}",
                    "kpi": place.kpi,
                    "is_certain": trace.is_certain,
                    "others": len(trace.places) - 1,
                }
            )
    frame = pd.DataFrame(rows, columns=_TRAIL)
    texts = [name for name in _TRAIL if name not in ("number", "line", "is_certain", "others")]
    return csv_text(frame.astype(dict.fromkeys(texts, "str")))


_TRAIL = [
    "number", "said", "shown", "unit", "file", "how", "line", "row", "column", "value", "kpi",
    "is_certain", "others",
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
    _known: dict[Language, Places] = field(default_factory=dict)
    _followed: dict[str, dict[Address, None]] = field(default_factory=dict)

    def lay(self, task: Task) -> None:
        """Find where every number stands that a document states; write it down, and into its notebook.

        Raises
        ------
        BuildError
            If one stands nowhere.
        """
        places = self._known_in(task.language)
        notebook = self.folder / f"{task.name}.ipynb"
        for name in dict.fromkeys([*self._tables(task), *map(frame_file, frames_of(notebook))]):
            places = places.and_csv(self._read(name), name)
        content = read_notebook(notebook)
        told = self._addressed(task, notebook, content)
        found = []
        for one in statements(content):
            near = {table_name(task.name, label) for label in one.around}
            own = table_name(task.name, one.label) if one.label else ""
            found.append((one, traces(places, one, near, own)))
        self._refuse_strays(task, notebook, found)
        trail = self.folder / trail_name(task.name)
        trail.parent.mkdir(exist_ok=True)
        trail.write_text(trail_csv(found, told), encoding="utf-8", newline="")
        self._mark(task, notebook, found)

    def _addressed(
        self, task: Task, notebook: Path, content: Mapping[str, Any]
    ) -> list[dict[str, Any]]:
        """Return the trail of every number that has an address.

        Raises
        ------
        BuildError
            If a number has none, or something else stands there.
        """
        blocks = [block for block in outputs_of(content) if isinstance(block, Paragraph)]
        addresses = self._addresses(task)
        if strays := addresses.strays(blocks):
            listed = "\n".join(f"  - {one.sentence}" for one in strays)
            kept = keep_failed(self.plan.workspace, self.plan.period, notebook)
            raise BuildError("number_unknown", report=task.name, numbers=listed, kept=kept)
        told = [
            (one, one.run.at)
            for one in stated(blocks)
            if one.run.at and addresses.value(one.run.at).is_number
        ]
        self._followed[task.name] = dict.fromkeys(at for _, at in told)
        return [_trail_row(one, at, addresses) for one, at in told]

    def _addresses(self, task: Task) -> Addresses:
        frames = frames_of(self.folder / f"{task.name}.ipynb")
        voice = Voice(self.plan.parameters, task.language)
        return Addresses(self.folder / "tables", frames, voice)

    def sources(self, task: Task) -> Sources:
        """Return what stands at the end of a document about where its numbers come from."""
        trail = self._read(trail_name(task.name))
        scopes: dict[str, set[str]] = {}
        for row in read_rows(trail):
            if row["kpi"] and row["file"] == KPI_TABLE:
                scopes.setdefault(row["kpi"], set()).add(_scope(row["row"], row["kpi"]))
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
                DataFile(_label(task.name, name), self._read(name), self._stated(task, name, trail))
                for name in self._tables(task)
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

    def _stated(self, task: Task, name: str, trail: str) -> tuple[StatedCell, ...]:
        """Return the cells that a document states of data that its page shows in no table or figure."""
        label = _label(task.name, name)
        if not label.startswith("data-"):
            return ()
        stated = {
            (row["line"], row["column"]): self._row_words(row["row"], task.language)
            for row in read_rows(trail)
            if row["file"] == name and row["how"] == "cell"
        }
        return tuple(
            StatedCell(f"{label}.{line}.{column}", stated[str(line), column], column, value)
            for line, row in enumerate(read_rows(self._read(name)), 1)
            for column, value in row.items()
            if (str(line), column) in stated
        )

    def _row_words(self, row: str, language: Language) -> str:
        """Return what a row is about as a text names it; nothing for the row of all."""
        names = self._known_in(language).names
        parts = (unquote(part) for part in row.split(" ") if part)
        known = (names.get(part, (part,))[0] for part in parts)
        return "" if row.startswith("#") else " ".join(known)

    def _refuse_strays(self, task: Task, notebook: Path, found: Found) -> None:
        strays = {
            f"{trace.quantity.shown} ← {trace.quantity.line_of(one.text)[:80]}": None
            for one, stated in found
            for trace in stated
            if not trace.places
        }
        if strays:
            listed = "\n".join(f"  - {stray}" for stray in strays)
            kept = keep_failed(self.plan.workspace, self.plan.period, notebook)
            raise BuildError("number_unknown", report=task.name, numbers=listed, kept=kept)

    def _mark(self, task: Task, notebook: Path, found: Found) -> None:
        content = json.loads(notebook.read_text(encoding="utf-8"))
        for one, said in found:
            if not one.is_prose:
                continue
            output = content["cells"][one.output]["outputs"][0]
            about = output["metadata"].setdefault("sanshi", {})
            about.pop("values", None)
            about["facts"] = [self._fact(trace, task) for trace in said]
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        notebook.write_text(text + "\n", encoding="utf-8", newline="")

    def _fact(self, trace: Trace, task: Task) -> dict[str, Any]:
        place, quantity = trace.places[0], trace.quantity
        target = "sources" if place.file == PARAMETERS else _label(task.name, place.file)
        if target.startswith("data-") and place.how == "cell":
            target += f".{place.line}.{place.column}"
        told = self._told(place, task.language)
        return {
            "start": quantity.start,
            "end": quantity.end,
            "target": f"kpi-{place.kpi}" if place.kpi else target,
            "title": told
            if trace.is_certain
            else say("build.source_equal_to", task.language, place=told),
        }

    def _told(self, place: Place, language: Language) -> str:
        """Return in words where a number stands."""
        values = {
            "file": place.file,
            "row": place.row,
            "column": place.column,
            "value": f"{place.value:f}",
        }
        if place.file == PARAMETERS:
            return say("build.source_parameter", language, **values)
        if not place.kpi or place.column not in ("target", "actual", "gap"):
            return say(f"build.source_{place.how}", language, **values)
        scope = _scope(place.row, place.kpi)
        return self._of_indicator(place.kpi, scope, place.column, values["value"], language)

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
        rows = {_scope(f"{r['scope']} {r['scope_value']}", ""): r for r in self._kpis[code]}
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
        called = self._known_in(language).names.get(value, (value,))
        return called[0] or say("build.scope_portfolio", language)

    def _unit(self, code: str, language: Language) -> str:
        unit = self.plan.parameters.kpis[code].unit
        if language == "zh" or unit == "%":
            return unit
        # English counts things by their names.
        return "hundred million yuan" if unit == "亿元" else ""

    def _known_in(self, language: Language) -> Places:
        if language not in self._known:
            self._known[language] = known(self.folder, self.ledger, self.plan.parameters, language)
        return self._known[language]

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
        "is_certain": True,
        "others": 0,
    }


def _cells_with(ledger: Ledger, characters: str) -> Iterator[str]:
    """Yield the cells that have any of some characters: file, sheet, row and column."""
    for table, frame in ledger.history.items():
        for name, column in TABLES[table].columns.items():
            if column.metadata["kind"] == "text":
                found = frame[frame[name].str.contains(f"[{re.escape(characters)}]", na=False)]
                yield from (f"data/raw/{origin} {column.title}" for origin in found["origin"])


def _scope(row: str, code: str) -> str:
    """Return the scope of an indicator's row, `sector 工业`; a table of them without scopes is about all."""
    return row.removeprefix(code).strip() or "portfolio"


def _label(document: str, name: str) -> str:
    label = Path(name).stem.removeprefix(f"{document}-")
    return label if label.startswith(("fig-", "data-")) else f"tbl-{label}"
