"""What may be typed into a cell: drop-down lists, and bounds for dates and numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from xlsxwriter.utility import xl_col_to_name

from sanshi_report.catalogue import LANGUAGES, say
from sanshi_report.intake.headers import facts_of
from sanshi_report.schemas import TABLES
from sanshi_report.template.known import Known
from sanshi_report.workspace import Programme

__all__ = ["Checks", "both", "lists"]

_FIRST, _LAST = date(1990, 1, 1), date(2100, 12, 31)
_MOST = {"money": 100_000, "count": 1_000_000, "quantity": 1_000_000_000}
"""As reading permits them."""

_CHANGEABLE = (
    "planned_start", "planned_completion", "planned_commissioning", "annual_plan",
    "total_investment", "scope", "lead_official", "task_force", "responsible_unit",
)  # fmt: skip
"""Columns of the register that `changes` usually is about."""


def both(key: str, **values: Any) -> str:
    """Return a catalogue entry of the template in Chinese, and below it in English."""
    return "\n".join(say(f"template.{key}", language, **values) for language in LANGUAGES)


def lists(known: Known, programme: Programme) -> tuple[dict[Any, list[str]], dict[Any, list[str]]]:
    """Return by (table, column) the only values there can be, and values that are usual."""
    only: dict[Any, list[str]] = {}
    usual: dict[Any, list[str]] = {}
    counties = list(known.tables["projects"]["county"].unique())
    departments = [permit.department for permit in programme.permits]
    for table, schema in TABLES.items():
        for name in schema.columns:
            facts = facts_of(table, name)
            if facts["list"]:
                only[table, name] = list(programme.stored(facts["list"]))
            elif facts["codes"]:
                only[table, name] = list(facts["codes"])
            elif facts["kind"] == "month":
                only[table, name] = _months(known, later=table == "plan")
            elif name in {"responsible_unit", "owner"}:
                usual[table, name] = known.units
            elif name == "department":
                more = known.tables[table]["department"].dropna()
                usual[table, name] = list(dict.fromkeys([*departments, *more]))
    usual["projects", "county"] = counties
    usual["changes", "field"] = [str(TABLES["projects"].columns[n].title) for n in _CHANGEABLE]
    return only, {where: values for where, values in usual.items() if values}


def _months(known: Known, later: bool) -> list[str]:
    """Return the months of the year, the one reported first, then those before it."""
    of_year = [f"{known.period.year}-{month:02d}" for month in range(1, 13)]
    at = 1 + of_year.index(str(known.period))
    return of_year[at - 1 :: -1] + (of_year[at:] if later else [])


@dataclass
class Checks:
    """The checks of a workbook.

    Attributes
    ----------
    only, usual : Mapping
        As `lists` returns them.
    page : str
        Name of the sheet that holds them, a column each.
    register : str
        Formula of the project numbers the workbook knows.
    period : str
        The month reported, for examples.
    """

    only: Mapping[Any, list[str]]
    usual: Mapping[Any, list[str]]
    page: str
    register: str
    period: str
    columns: list[list[str]] = field(init=False)

    def __post_init__(self) -> None:
        self.columns = []
        for values in (*self.only.values(), *self.usual.values()):
            if values not in self.columns:
                self.columns.append(values)

    def of(self, table: str, name: str) -> dict[str, Any] | None:
        """Return what xlsxwriter is told about a column, or None where anything goes."""
        facts = facts_of(table, name)
        title = str(TABLES[table].columns[name].title)[:32]
        check = self._listed(table, name) or self._bounded(facts["kind"], f"{self.period}-15")
        if check is None:
            return None
        return {"input_title": title, "error_title": title, **check}

    def invested(self, most: float | None) -> dict[str, Any] | None:
        """Return the check of what one project invested in a month."""
        check = self.of("progress", "invested")
        if most is None or check is None:
            return check
        limit = f"{most:.15g}"
        return {**check, "maximum": limit, "error_message": both("refuse_invested", most=limit)}

    def _listed(self, table: str, name: str) -> dict[str, Any] | None:
        if name == "into" or (name == "project_id" and table != "projects"):
            return {"validate": "list", "source": self.register, "error_type": "warning",
                    "input_message": both("prompt_project"),
                    "error_message": both("refuse_project")}  # fmt: skip
        if values := self.only.get((table, name)):
            is_month = facts_of(table, name)["kind"] == "month"
            prompt = both("prompt_month", month=self.period) if is_month else both("prompt_choice")
            return {"validate": "list", "source": self._range(values), "input_message": prompt,
                    "error_message": both("refuse_choice")}  # fmt: skip
        if values := self.usual.get((table, name)):
            return {"validate": "list", "source": self._range(values), "show_error": False,
                    "input_message": both("prompt_suggestion")}  # fmt: skip
        return None

    def _range(self, values: list[str]) -> str:
        letter = xl_col_to_name(self.columns.index(values), col_abs=True)
        return f"='{self.page}'!{letter}$1:{letter}${len(values)}"

    def _bounded(self, kind: str, day: str) -> dict[str, Any] | None:
        if kind == "date":
            bounds = {"minimum": _FIRST, "maximum": _LAST}
            return {"validate": "date", "criteria": "between", **bounds,
                    "input_message": both("prompt_date", day=day),
                    "error_message": both("refuse_date", day=day)}  # fmt: skip
        if kind == "percent":
            # Between 0 and 1 it would be unclear whether a share is meant; reading refuses it.
            return {"validate": "custom", "value": "=AND(ISNUMBER([]),OR([]=0,AND([]>=1,[]<=100)))",
                    "input_message": both("prompt_percent"),
                    "error_message": both("refuse_percent")}  # fmt: skip
        if kind in _MOST:
            most = _MOST[kind]
            whole = "integer" if kind == "count" else "decimal"
            return {"validate": whole, "criteria": "between", "minimum": 0, "maximum": most,
                    "input_message": both(f"prompt_{kind}"),
                    "error_message": both(f"refuse_{kind}", most=most)}  # fmt: skip
        return None
