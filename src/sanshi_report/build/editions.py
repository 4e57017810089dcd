"""Editions: a published report whose figures changed is issued again as revised, saying what and why.

The former edition stays under `former/<n>/`, byte for byte, and `former/changes-<n>-<n+1>.csv` has every
figure that changed. What is said of a revision is kept in the manifest, so that it can be said again.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Self

from sanshi_report.build.differences import Difference, between_releases
from sanshi_report.build.place import copy
from sanshi_report.build.plan import Plan
from sanshi_report.catalogue import Language, say
from sanshi_report.exact import fen_of
from sanshi_report.workspace import Parameters

__all__ = ["Edition", "differences_csv", "reason_text", "reasons"]

FORMER = "former"
CORRECTIONS = "corrections.yaml"


@dataclass(frozen=True)
class Edition:
    """Which issue of a period's reports this is.

    Attributes
    ----------
    number : int
        1 for the first.
    supersedes : tuple of mapping
        Each earlier one, oldest first: `edition`, `as_of`, `folder`; `because`, what came in or was decided
        since; `changed`, the main figures that differ, and `cells`, how many do in all.
    is_revision : bool
        Whether this build, not an earlier one, made the present release a former one.
    changes : tuple of Difference
        If so, every figure that differs from it.
    """

    number: int = 1
    supersedes: tuple[Mapping[str, Any], ...] = ()
    is_revision: bool = False
    changes: tuple[Difference, ...] = ()

    @classmethod
    def of(cls, plan: Plan, standing: Mapping[str, Any] | None, folder: Path) -> Self:
        """Return the edition a staged release is, given the manifest of the present one.

        It is a revision if the present release was final (it knew all that was received by the cutoff),
        what went in has changed, and so have figures. Another look or a repair of the program is none.
        """
        if standing is None:
            return cls()
        earlier = tuple(standing["supersedes"])
        number = standing["edition"]
        is_final = datetime.fromisoformat(standing["as_of"]) >= plan.parameters.cutoff
        went_in = {entry["path"]: entry["sha256"] for entry in standing["inputs"]}
        same = went_in == plan.inputs and standing["as_of"] == plan.as_of.isoformat()
        found = between_releases(plan.release, folder) if is_final and not same else []
        if not found:
            return cls(number, earlier)
        former = {
            "edition": number,
            "as_of": standing["as_of"],
            "folder": f"{FORMER}/{number}",
            "because": list(reasons(plan, standing)),
            "changed": [
                {"kpi": one.row.split()[0], "old": one.old, "new": one.new}
                for one in found
                if one.place == "kpis.csv"
                and one.column == "actual"
                and one.row.endswith(" portfolio")
            ],
            "cells": len(found),
        }
        return cls(number + 1, (*earlier, former), is_revision=True, changes=tuple(found))

    @property
    def entry(self) -> dict[str, Any]:
        """What the manifest says about it."""
        return {"edition": self.number, "supersedes": [dict(one) for one in self.supersedes]}

    def ribbon(self, language: Language) -> str:
        """Return the banner of a revised report; empty for a first edition."""
        if not self.supersedes:
            return ""
        former = self.supersedes[-1]
        known = _day(former["as_of"], language)
        return say("build.revised", language, n=self.number, former=former["edition"], day=known)

    def annotate(self, notebook: Path, parameters: Parameters, language: Language) -> None:
        """Put what was revised and why at the head of a published notebook, and its figures beside it.

        Nothing is done for a first edition.
        """
        if not self.supersedes:
            return
        note = {
            "data": {"text/markdown": self._note(notebook.stem, parameters, language)},
            "metadata": {},
            "output_type": "display_data",
        }
        cell = {
            "cell_type": "code",
            "execution_count": 0,
            "id": "output-0",
            "metadata": {},
            "outputs": [note],
            "source": "",
        }
        content = json.loads(notebook.read_text(encoding="utf-8"))
        content["cells"].insert(0, cell)
        text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True)
        notebook.write_text(text + "\n", encoding="utf-8", newline="")
        former = self.supersedes[-1]
        figures = [
            Difference("kpis.csv", one["kpi"], "actual", one["old"], one["new"])
            for one in former["changed"]
        ]
        table = notebook.parent / "tables" / f"{notebook.stem}-revised.csv"
        table.write_text(differences_csv(figures), encoding="utf-8", newline="")

    def keep_former(self, release: Path, folder: Path) -> None:
        """Take earlier editions over into the staged `folder`, and the present one if it is superseded."""
        for path in sorted(release.rglob("*")) if release.is_dir() else ():
            name = path.relative_to(release)
            if path.is_symlink():
                continue
            if path.is_file() and name.parts[0] == FORMER:
                copy(path, folder / name)
            elif path.is_file() and self.is_revision:
                copy(path, folder / FORMER / str(self.number - 1) / name)
        if self.is_revision:
            listed = folder / _listing(self.number - 1)
            listed.write_text(differences_csv(self.changes), encoding="utf-8", newline="")

    def _note(self, name: str, parameters: Parameters, language: Language) -> str:
        from sanshi_report.style import escape_markdown

        former = self.supersedes[-1]
        values = {
            "n": self.number,
            "former": former["edition"],
            "day": _day(former["as_of"], language),
            "document": f"{former['folder']}/{name}.html",
            "cells": former["cells"],
            "listing": _listing(former["edition"]),
        }
        because = [reason_text(one, language, escape_markdown) for one in former["because"]]
        changed = [_figure(one, parameters, language) for one in former["changed"]]
        parts = [
            say("build.revised_head", language),
            say("build.revised_what", language, **values),
            say("build.revised_why", language),
            "\n".join(f"- {one}" for one in because or [say("build.because_other", language)]),
            say("build.revised_figures" if changed else "build.revised_no_figures", language),
            "\n".join(f"- {one}" for one in changed),
            say("build.revised_all", language, **values),
        ]
        return "\n\n".join(filter(None, parts))


def differences_csv(found: Sequence[Difference]) -> str:
    """Return differences as CSV; a text that a spreadsheet would run gets an apostrophe before it."""
    import pandas as pd

    from sanshi_report.style import csv_text

    names = ("place", "row", "column", "old", "new", "origin")
    rows = [[getattr(one, name) for name in names] for one in found]
    return csv_text(pd.DataFrame(rows, columns=list(names), dtype="str"))


def _listing(number: int) -> str:
    return f"{FORMER}/changes-{number}-{number + 1}.csv"


def reasons(plan: Plan, standing: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Yield what came in, was taken back, or was decided since the release of a manifest.

    Each says `what` it is: `received` (a `file` sent `by` a unit `on` a day, with its `note`), `withdrawn`
    (a `file`) or `corrected` (the `column` of a `cell` of a `table`, by `who`, `on` which day and `why`).
    """
    went_in = {entry["path"]: entry["sha256"] for entry in standing["inputs"]}
    for receipt in plan.receipts:
        if f"data/raw/{receipt.name}" not in went_in:
            yield {
                "what": "received",
                "file": receipt.name,
                "by": receipt.submitted_by,
                "on": receipt.received_at.isoformat(),
                "note": receipt.note,
            }
    for path in sorted(went_in):
        if path not in plan.inputs and not path.endswith(CORRECTIONS):
            yield {"what": "withdrawn", "file": path.removeprefix("data/raw/")}
    path = f"data/raw/{CORRECTIONS}"
    edited = plan.inputs.get(path) != went_in.get(path)
    yield from _corrections(plan, datetime.fromisoformat(standing["as_of"]), edited)


def _corrections(plan: Plan, since: datetime, edited: bool) -> Iterator[dict[str, str]]:
    """Yield the corrections decided since; all, if their file was edited and none bears a later day."""
    from sanshi_report.ledger import corrections

    on_file, _ = corrections.read(plan.workspace, plan.parameters)
    counting = corrections.in_force(on_file, plan.period, plan.as_of)
    new = [one for one in counting if one.when > since] or (counting if edited else [])
    for row in corrections.listed(new).to_dict("records"):
        texts = {name: str(row[name]) for name in ("table", "column", "why", "who")}
        on = row["when"].isoformat()
        yield {"what": "corrected", "cell": row["key"], "on": on, **texts}


def reason_text(
    one: Mapping[str, str], language: Language, written: Callable[[str], str] = str
) -> str:
    """Return one of `reasons` as a sentence, what others wrote in it passed through `written`."""
    from sanshi_report.schemas import TABLES

    texts = {name: written(one.get(name, "")) for name in ("file", "by", "cell", "why", "who")}
    note = one.get("note", "")
    texts["note"] = say("build.because_note", language, note=written(note)) if note else ""
    if "on" in one:
        texts["day"] = _day(one["on"], language)
    if one["what"] == "corrected":
        column = (TABLES["progress"].columns | TABLES[one["table"]].columns)[one["column"]]
        texts["column"] = str(column.title if language == "zh" else column.description)
    return say(f"build.because_{one['what']}", language, **texts)


def _figure(one: Mapping[str, str], parameters: Parameters, language: Language) -> str:
    kpi = parameters.kpis.get(one["kpi"])
    label = kpi.label[language] if kpi else one["kpi"]
    old, new = (_amount(one[side], kpi, language) for side in ("old", "new"))
    return say("build.revised_figure", language, label=label, old=old, new=new)


def _amount(text: str, kpi: Any, language: Language) -> str:
    """Return a value of the KPI table as it is read."""
    from sanshi_report import style

    try:
        value = Decimal(text)
    except InvalidOperation:
        return text or style.MISSING
    if kpi is None:
        return text
    if kpi.unit == "亿元":
        return style.money(fen_of(value), language)
    if kpi.unit == "%":
        return style.pct(value, kpi.decimals)
    return style.number(value, kpi.decimals) + (kpi.unit if language == "zh" else "")


def _day(moment: str, language: Language) -> str:
    from sanshi_report.style import day

    return day(datetime.fromisoformat(moment), language)
