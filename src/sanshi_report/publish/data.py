"""The data of the site: tables with a mark that spreadsheets read, a workbook and a data package for each period."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pandas as pd
import xlsxwriter

from sanshi_report.build import manifest
from sanshi_report.catalogue import LANGUAGES, Language, say
from sanshi_report.columns import Column
from sanshi_report.columns import column as entry_of
from sanshi_report.exact import FEN_PER
from sanshi_report.publish.issues import Issue
from sanshi_report.publish.pages import Page, both
from sanshi_report.style import light_word, read_cell

__all__ = ["by_content", "data_page", "of_period", "package_folder", "together"]

_BOM = b"\xef\xbb\xbf"
_UNITED = {
    "fen": "money", "yi": "money", "percent": "percent", "points": "points", "days": "days",
    "workdays": "workdays", "months": "months",
}  # fmt: skip
_TYPES = {
    "text": "string", "code": "string", "light": "string", "period": "string", "exact": "string",
    "month": "yearmonth", "year": "year", "flag": "boolean", "day": "date", "moment": "datetime",
}  # fmt: skip
"""What a data package calls a kind of column; all others are numbers."""
_KPI_KEY = ["period", "kpi", "scope", "scope_value"]
_REGISTER = (
    "period", "project_id", "name", "sector", "kind", "tier", "county", "responsible_unit", "light",
)  # fmt: skip
_OF_PROJECTS = ("kind", "sector", "tier", "county")
_SCOPES = ("portfolio", "project", *_OF_PROJECTS, "permit", "input", "source", "level")
_SHEET = 31
"""The longest name a sheet of a workbook may have."""


def data_page(issues: Sequence[Issue], name: Mapping[Language, str]) -> Page:
    """Return the page that leads to all data."""
    title, lead = both("site.title_data", programme=name), both("site.lead_data")
    tables = {issue.period: [name for name in _names(issue) if name != "kpis"] for issue in issues}
    return Page("data", "data.html", title, lead, {"issues": issues, "tables": tables})


def together(issues: Sequence[Issue]) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the data of all periods: the KPI tables in one, and the lights of the projects."""
    tables = {
        "kpis": (_all_kpis(issues), _KPI_KEY),
        "lights": (_all_lights(issues), ["period", "project_id"]),
    }
    yield from _packaged("data", tables, issues, "")


def of_period(issue: Issue, made_from: str) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of a period's data, from the site's folder.

    These are every table of its release as CSV, the package that describes them, and in each language a
    workbook of the KPI table and of the frames that reports were written from.

    Parameters
    ----------
    made_from : str
        A digest of all that these files come from, which the package keeps.
    """
    tables: dict[str, tuple[str, list[str]]] = {name: (text, []) for name, text in _tables(issue)}
    yield from _packaged(package_folder(issue), tables, [issue], made_from)
    for language in LANGUAGES:
        ending = "" if language == "zh" else f".{language}"
        yield f"{package_folder(issue)}{ending}.xlsx", _workbook(issue, language)


def package_folder(issue: Issue) -> str:
    """Return the folder of a period's tables, from the site's folder."""
    return f"data/{issue.period}"


def _names(issue: Issue) -> dict[str, str]:
    """Return the KPI table, every table and frame of a release, and the trails of its numbers: file by name."""
    return {
        path.removeprefix("tables/").removesuffix(".csv").replace("/", "."): path
        for path in issue.outputs
        if path == "kpis.csv" or path.startswith(("tables/", "sources/"))
    }


def by_content(issue: Issue) -> dict[str, str]:
    """Return the file in the site of each table of a period, by the SHA-256 of its content there."""
    return {
        sha256(_BOM + text.encode()).hexdigest(): f"{package_folder(issue)}/{name}.csv"
        for name, text in _tables(issue)
    }


def _tables(issue: Issue) -> Iterator[tuple[str, str]]:
    """Yield name and text of each."""
    for name, path in _names(issue).items():
        yield name, issue.text(path)


def _all_kpis(issues: Sequence[Issue]) -> str:
    rows = [dict(row) for issue in reversed(issues) for row in issue.rows("kpis.csv")]
    return _written(list(rows[0]), rows)


def _all_lights(issues: Sequence[Issue]) -> str:
    rows = [
        {**row, "period": str(issue.period), "light": issue.lights.get(number, "")}
        for issue in reversed(issues)
        for number, row in issue.projects.items()
    ]
    return _written(_REGISTER, rows)


def _written(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


# --- a data package ---


def _packaged(
    folder: str,
    tables: Mapping[str, tuple[str, list[str]]],
    issues: Sequence[Issue],
    made_from: str,
) -> Iterator[tuple[str, bytes]]:
    """Yield tables as CSV, and the package that describes them, after the Frictionless Data Package."""
    resources = []
    for name, (text, key) in tables.items():
        content = _BOM + text.encode()
        yield f"{folder}/{name}.csv", content
        resources.append(_resource(name, text, content, key))
    programme = issues[0].parameters.programme.programme
    told = ", ".join(str(issue.period) for issue in issues)
    package = {
        "profile": "tabular-data-package",
        "name": _plain(f"{programme.year}-{folder.replace('/', '-')}"),
        "title": f"{programme.name['zh']} | {programme.name['en']}",
        "description": "\n".join(say("site.package", to, periods=told) for to in LANGUAGES),
        "created": max(issue.as_of for issue in issues).isoformat(),
        **({"madeFrom": made_from} if made_from else {}),
        "resources": resources,
    }
    yield f"{folder}/datapackage.json", _json(package)


def _resource(name: str, text: str, content: bytes, key: list[str]) -> dict[str, Any]:
    columns = next(csv.reader(io.StringIO(text)), [])
    schema: dict[str, Any] = {
        "fields": [_field(column) for column in columns],
        "missingValues": [""],
    }
    return {
        "profile": "tabular-data-resource",
        "name": _plain(name),
        "path": f"{name}.csv",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{sha256(content).hexdigest()}",
        "schema": schema | ({"primaryKey": key} if key else {}),
    }


def _field(name: str) -> dict[str, Any]:
    about = _known(name)
    if about is None:
        return {"name": name, "type": "any"}
    kind = _TYPES.get(about.kind, "number")
    more: dict[str, Any] = {}
    if kind == "boolean":
        more = {"trueValues": ["True"], "falseValues": ["False"]}
    if kind == "datetime":
        more = {"format": "any"}
    unit = _unit(about, "en")
    return {
        "name": name,
        "type": kind,
        "title": f"{about.zh} | {about.en}",
        **({"unit": f"{_unit(about, 'zh')} | {unit}"} if unit else {}),
        **more,
    }


def _plain(name: str) -> str:
    """Return a name as packages may have it; one that had to be changed stays apart from others."""
    plain = re.sub(r"[^-a-z0-9._]+", "_", name.lower())
    return plain if plain == name else f"{plain}-{sha256(name.encode()).hexdigest()[:8]}"


def _json(content: Any) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()


# --- a workbook ---


def _workbook(issue: Issue, language: Language) -> bytes:
    """Return the period's tables as one workbook: headings in words with their units, names instead of codes."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_numbers": False}) as book:
        book.set_properties({"created": _naive(issue.as_of)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        formats = {
            "head": bold,
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
            "link": book.add_format({"font_color": "#0b4f9e", "underline": 1}),
        }
        contents = book.add_worksheet(say("site.sheet_contents", language))
        contents.set_column(0, 0, 40)
        contents.write_string(0, 0, say("site.sheet_lead", language), bold)
        documents = [entry["name"] for entry in issue.about["reports"]]
        own = set(manifest.tables_of_all(documents, issue.outputs))
        frames = [one for one in _tables(issue) if f"tables/{one[0]}.csv" not in own]
        for line, (name, text) in enumerate(frames, 1):
            title = _sheet_name(name, [sheet.get_name() for sheet in book.worksheets()])
            sheet = book.add_worksheet(title)
            rows = _fill(sheet, text, issue, language, formats)
            contents.write_url(line, 0, f"internal:'{title}'!A1", formats["link"], name)
            contents.write_number(line, 1, rows)
    return buffer.getvalue()


def _fill(
    sheet: Any, text: str, issue: Issue, language: Language, formats: Mapping[str, Any]
) -> int:
    """Write a CSV table into a sheet and return how many rows it has."""
    names, *rows = [row for row in csv.reader(io.StringIO(text)) if row] or [[]]
    abouts = [_known(name) for name in names]
    for at, (name, about) in enumerate(zip(names, abouts, strict=True)):
        heading = _heading(name, about, language)
        # The ledger has a column of this name too, which means another thing.
        is_scope = name == "scope" and "kpi" in names
        heading = say("site.head_scope", language) if is_scope else heading
        sheet.write_string(0, at, heading, formats["head"])
    sheet.set_column(0, max(0, len(names) - 1), 14)
    for line, row in enumerate(rows, 1):
        for at, (cell, about) in enumerate(zip(row, abouts, strict=True)):
            value = read_cell(cell, about.kind if about else "text")
            _write(sheet, (line, at), value, about, issue, language, formats)
    sheet.freeze_panes(1, 1)
    if rows:
        sheet.autofilter(0, 0, len(rows), len(names) - 1)
    return len(rows)


def _write(
    sheet: Any,
    at: tuple[int, int],
    value: Any,
    about: Column | None,
    issue: Issue,
    language: Language,
    formats: Mapping[str, Any],
) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_string(*at, say(f"labels.{'yes' if value else 'no'}", language))
        case pd.Timestamp():
            sheet.write_datetime(*at, _naive(value), formats["day"])
        case int() | Decimal():
            is_money = about is not None and about.kind == "fen"
            sheet.write_number(*at, float(Decimal(value) / FEN_PER["亿元"] if is_money else value))
        case _:
            sheet.write_string(*at, _said(str(value), about, issue, language))


def _said(text: str, about: Column | None, issue: Issue, language: Language) -> str:
    """Return what a code is called; other text as it is."""
    if about is not None and about.name == "scope" and text in _SCOPES:
        return _scope(text, language)
    if about is None or about.kind not in ("code", "light"):
        return text
    if about.kind == "light":
        return light_word(text, language)
    if about.name == "kpi" and text in issue.parameters.kpis:
        return issue.parameters.kpis[text].label[language]
    if about.name == "tier" and text in issue.parameters.programme.words("project_tiers"):
        return issue.parameters.word("project_tiers", text, language)
    words = about.values  # noqa: PD011  no frame
    return words[text][language] if text in words else issue.parameters.term(text, language)


def _scope(scope: str, language: Language) -> str:
    """Return what a scope of the KPI table is called."""
    key = f"site.head_{scope}" if scope in _OF_PROJECTS else f"labels.{scope}"
    if scope in ("portfolio", "project", *_OF_PROJECTS):
        return say("build.scope_portfolio" if scope == "portfolio" else key, language)
    return entry_of(scope).title(language)


def _naive(moment: datetime) -> datetime:
    """Return a moment as a workbook has it: by its own clock."""
    return moment.replace(tzinfo=None)


def _heading(name: str, about: Column | None, language: Language) -> str:
    if about is None:
        return name
    unit = _unit(about, language)
    if not unit or about.title(language).endswith((")", "）")):
        return about.title(language)
    return f"{about.title(language)}（{unit}）" if language == "zh" else f"{about.en} ({unit})"


def _unit(about: Column, language: Language) -> str:
    return say(f"site.in_{_UNITED[about.kind]}", language) if about.kind in _UNITED else ""


def _known(name: str) -> Column | None:
    """Return a column's entry; None for one that the register does not know, as of an older release."""
    try:
        return entry_of(name) if name else None
    except LookupError:
        return None


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    """Return a name for a sheet, short enough and unlike those there are."""
    plain = re.sub(r"[\[\]:*?/\\']", "_", name)
    short, number = plain[:_SHEET], 1
    while short.lower() in (one.lower() for one in taken):
        number += 1
        short = f"{plain[: _SHEET - 1 - len(str(number))]}~{number}"
    return short
