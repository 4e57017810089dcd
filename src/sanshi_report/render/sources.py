"""The end of an HTML report: where its numbers come from, in a form that can be followed."""

from __future__ import annotations

import base64
import csv
import io
from html import escape

from sanshi_report.catalogue import Language, say
from sanshi_report.render.document import DataFile, Indicator, Sources, StatedCell
from sanshi_report.style.text import MINUS, MISSING

__all__ = ["ANCHOR", "download", "sources_html"]

ANCHOR = "sources"
_BOM = "\ufeff"


def download(data: DataFile, document: str, words: str, title: str = "") -> str:
    """Return a link that saves data as a CSV file; the data is in the link, so it works offline."""
    # A spreadsheet takes a file without the mark for one in the machine's own encoding.
    content = base64.b64encode((_BOM + data.text).encode()).decode()
    name = f"{document}-{data.label.removeprefix('tbl-')}.csv"
    told = f' title="{escape(title)}"' if title else ""
    return (
        f'<a class="csv" download="{escape(name)}"{told} '
        f'href="data:text/csv;base64,{content}">{escape(words)}</a>'
    )


def sources_html(sources: Sources, document: str, language: Language) -> str:
    """Return the section."""
    trail = download(DataFile(ANCHOR, sources.trail), document, f"sources/{document}.csv")
    files = escape(say("render.sources_files", language, trail="\0")).replace("\0", trail)
    parts = [
        f'<section class="sources"><h2 id="{ANCHOR}">{say("render.sources", language)}</h2>',
        f"<p>{escape(say('render.sources_lead', language))}</p><p>{files}</p>",
        _indicators(sources.indicators, language) if sources.indicators else "",
        _data(sources.data, document, language) if sources.data else "",
        _submissions(sources, language),
        "</section>",
    ]
    return "\n".join(filter(None, parts))


def _indicators(indicators: tuple[Indicator, ...], language: Language) -> str:
    heads = say("render.sources_head", language).split("|")
    head = "".join(
        f'<th scope="col"{_right(n)}>{escape(title)}</th>' for n, title in enumerate(heads)
    )
    return (
        f"<h3>{escape(say('render.sources_indicators', language))}</h3>"
        f'<div class="table"><div class="scroll" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(_indicator(one, language) for one in indicators)}</tbody></table></div></div>"
    )


def _indicator(one: Indicator, language: Language) -> str:
    told = say("render.sources_reads", language, formula=one.formula, files=", ".join(one.reads))
    unit = f"，{one.unit}" if language == "zh" else f", {one.unit}" if one.unit else ""
    title = (
        f'<tr class="group" id="kpi-{one.code}"><th colspan="4" scope="rowgroup">'
        f"{escape(one.label)}{escape(unit)} <code>{one.code}</code>"
        f'<span class="formula">{escape(told)}</span></th></tr>'
    )
    rows = (
        f'<tr><th scope="row">{escape(scope)}</th>'
        + "".join(
            f'<td class="right">{escape(value).replace("-", MINUS) or MISSING}</td>'
            for value in values
        )
        + "</tr>"
        for scope, *values in one.rows
    )
    return title + "".join(rows)


def _right(column: int) -> str:
    return ' class="right"' if column else ""


def _data(data: tuple[DataFile, ...], document: str, language: Language) -> str:
    items = (
        f'<li id="{_anchor(one)}">{download(one, document, one.label.removeprefix("tbl-"))} '
        f"<small>{say('render.sources_rows', language, n=_rows(one.text))}</small>"
        f"{''.join(map(_cell, one.cells))}</li>"
        # What the page shows nowhere else stands last, for its numbers take room.
        for one in sorted(data, key=lambda one: bool(one.cells))
    )
    return (
        f"<h3>{escape(say('render.sources_data', language))}</h3>"
        f'<ul class="files">{"".join(items)}</ul>'
    )


def _cell(cell: StatedCell) -> str:
    row = f"{escape(cell.row)} " if cell.row else ""
    value = escape(cell.value).replace("-", MINUS)
    return (
        f' <span class="cell" id="{escape(cell.anchor)}">{row}<code>{escape(cell.column)}</code> '
        f"<b>{value}</b></span>"
    )


def _anchor(data: DataFile) -> str:
    # The labels of tables and figures are taken by these themselves.
    return data.label if data.label.startswith("data-") else f"csv-{data.label}"


def _rows(text: str) -> int:
    return sum(1 for _ in csv.reader(io.StringIO(text))) - 1


def _submissions(sources: Sources, language: Language) -> str:
    items = "".join(
        f"<li>{escape(path)} <code>{digest[:16]}</code></li>"
        for path, digest in sources.submissions
    )
    summary = say("render.sources_submissions", language, n=len(sources.submissions))
    return f'<details><summary>{escape(summary)}</summary><ul class="files">{items}</ul></details>'
