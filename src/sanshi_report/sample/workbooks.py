"""The submissions: who sends which tables when, and the Excel workbooks they send.

Each workbook carries what its sender has not told before: rows that are new, and rows that changed.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from functools import cache
from typing import Any

import xlsxwriter
import yaml
from xlsxwriter.utility import xl_col_to_name

from sanshi_report.exact import FEN_PER
from sanshi_report.ledger import chain
from sanshi_report.sample import office, works
from sanshi_report.sample.days import MONTHS, chance, month_end
from sanshi_report.sample.story import Moment, Row, story
from sanshi_report.schemas import TABLES, key_of

__all__ = ["Submission", "files"]

BEIJING = timezone(timedelta(hours=8))
STATES = works.TABLES | office.TABLES
OFFICE_TABLES = ("projects", "plan", "actions", "meetings", "incidents", "practices", "changes")
SECTOR_TABLES = ("progress", "nodes", "permits", "inputs", "funding", "problems", "meetings")
SENDERS = {"工业": "示例甲局", "基础设施": "示例乙局", "民生": "示例丁局"}
WIDTHS = {"text": 14, "month": 10, "choice": 10, "money": 18, "count": 10, "percent": 12,
          "quantity": 10, "date": 13}  # fmt: skip
"""Column widths by kind of column, and below by name, in digits; a Chinese character takes two."""
LONG = {"name": 28, "scope": 54, "description": 50, "content": 50, "reason": 32, "physical_note": 20,
        "subject": 36, "title": 28, "document_no": 24, "old": 26, "new": 26, "node": 22, "note": 22,
        "department": 20, "owner": 22, "source": 20, "approved_by": 22, "field": 24, "sector": 11,
        "task_force": 19, "reported_by": 20, "progress": 18, "unit": 8, "input": 10,
        "permit": 10, "project_id": 10}  # fmt: skip


@dataclass(frozen=True)
class Submission:
    """One received file: for which period, from whom, when, and what it covers."""

    period: str
    file: str
    received_at: datetime
    sender: str
    tables: tuple[str, ...]
    sector: str | None = None
    county: str | None = None
    note: str = ""
    money_unit: str = "亿元"
    without: str | None = None
    """A county whose progress is left out."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """What stands in some columns of the first row of progress instead of what should."""

    def covers(self, table: str, row: Row) -> bool:
        """Return whether a row is this sender's to report."""
        project = row.get("project_id")
        if table == "meetings":  # sectors tell their projects' meetings, the office its own
            return (project is None) == (self.sector is None) and self._of(project)
        if table == "progress" and self.without == story().project(row["project_id"]).county:
            return row["month"] != self.period and self._of(project)
        return table in self.tables and self._of(project)

    def _of(self, project_id: str | None) -> bool:
        if project_id is None:
            return True
        project = story().project(project_id)
        return self.sector in (None, project.sector) and self.county in (None, project.county)


def submissions() -> list[Submission]:
    """Return the year's submissions in the order they arrive."""
    sent = [one for month in MONTHS for one in _monthly(month)]
    sent.append(
        Submission(
            "2024-06", "示例丙县补报.xlsx", datetime(2024, 7, 9, 16, 20, tzinfo=BEIJING),
            "示例丙县政府", ("progress",), "基础设施", "示例丙县", "迟报；更正6月投资",
        )
    )  # fmt: skip
    sent += [
        Submission(
            one["month"], f"{one['county']}补报.xlsx", _moment(one["at"]), one["sender"],
            ("progress",), one["sector"], one["county"], one["note"],
        )
        for one in story().late
    ]  # fmt: skip
    for one in story().returned:
        good = next(s for s in sent if (s.period, s.sector) == (one["month"], one["sector"]))
        at = good.received_at - timedelta(minutes=int(one["minutes"]))
        file = f"{one['sector']}领域（初报）.xlsx"
        sent.append(replace(good, file=file, received_at=at, wrong=one["cells"]))
    return sorted(sent, key=lambda one: one.received_at)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


def _monthly(month: str) -> Iterator[Submission]:
    """Yield a month's four workbooks; they come from the 1st to the 5th of the next month."""
    for number, (sector, sender) in enumerate(SENDERS.items()):
        unit = "万元" if sector == "基础设施" else "亿元"
        late = [
            one["county"]
            for one in story().late
            if (one["month"], one["sector"]) == (month, sector)
        ]
        yield Submission(month, f"{sector}领域.xlsx", _arrival(month, number), sender, SECTOR_TABLES,
                         sector, money_unit=unit, without=late[0] if late else None)  # fmt: skip
    yield Submission(
        month, "工程办汇总.xlsx", _arrival(month, 3), "示例工程指挥部办公室", OFFICE_TABLES
    )


def _arrival(month: str, number: int) -> datetime:
    minutes = chance(0, 8 * 60, month, number, "arrival")
    day = month_end(month) + timedelta(days=1 + number + chance(0, 1, month, number, "day"))
    return datetime(day.year, day.month, day.day, 9, tzinfo=BEIJING) + timedelta(minutes=minutes)


@cache
def files() -> dict[str, bytes]:
    """Return the content of every file of the sample's `data/raw`, by path below it."""
    told: dict[str, dict[tuple[Any, ...], Row]] = {table: {} for table in TABLES}
    content: dict[str, bytes] = {}
    events: list[dict[str, Any]] = []
    for one in submissions():
        # What was returned told nothing.
        known = told if not one.wrong else {table: dict(rows) for table, rows in told.items()}
        sheets = {table: _news(one, table, known[table]) for table in TABLES}
        if one.wrong:
            sheets["progress"][0] |= one.wrong
        book = workbook(one, {table: rows for table, rows in sheets.items() if rows})
        content[f"{one.period}/{one.file}"] = book
        digest = hashlib.sha256(book).hexdigest()
        what = {"period": one.period, "file": one.file, "sha256": digest}
        who = {"received_at": one.received_at, "submitted_by": one.sender, "note": one.note}
        events.append(what | who)
        if one.wrong:
            events.append(what | _sent_back(one))
    content["receipts.csv"] = chain.whole(_numbered(events))
    entries = yaml.safe_dump(story().corrections, allow_unicode=True, sort_keys=False)
    content["corrections.yaml"] = (
        f"# 工程办更正（示例数据），写法见 docs/data.zh-CN.md\n{entries}".encode()
    )
    return content


def _sent_back(one: Submission) -> dict[str, Any]:
    """Return the withdrawal of a wrong submission, an hour after it came."""
    reasons = {(why["month"], why["sector"]): why for why in story().returned}
    why = reasons[one.period, str(one.sector)]
    at = one.received_at + timedelta(hours=1)
    return {"received_at": at, "submitted_by": why["by"], "note": why["reason"], "withdraws": True}


def _numbered(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return events in the order of their times, each withdrawal with the number of what it takes back."""
    numbers: dict[str, int] = {}
    events = sorted(events, key=lambda event: event["received_at"])
    for number, event in enumerate(events, 1):
        if "withdraws" in event:
            event["withdraws"] = numbers[event["sha256"]]
        else:
            numbers[event["sha256"]] = number
    return events


def _news(one: Submission, table: str, told: dict[tuple[Any, ...], Row]) -> list[Row]:
    """Return the rows a sender has not told yet as they are, and remember them as told."""
    if table not in one.tables:
        return []
    moment = Moment(one.period, one.received_at.date())
    news = []
    for row in STATES[table](moment):
        key = tuple(row[column] for column in key_of(table))
        if one.covers(table, row) and told.get(key) != row:
            told[key] = row
            news.append(row)
    return news


def workbook(one: Submission, sheets: dict[str, list[Row]]) -> bytes:
    """Return an xlsx file whose bytes depend on nothing but its content."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True})
    book.set_properties({
        "title": f"{one.period} {one.file.removesuffix('.xlsx')}（示例数据）", "author": one.sender,
        "created": one.received_at.replace(tzinfo=None),
    })  # fmt: skip
    formats = _formats(book)
    for table, rows in sheets.items():
        _sheet(book, formats, one, table, rows)
    book.close()
    return _normalised(buffer.getvalue())


def _normalised(book: bytes) -> bytes:
    """Return the zip with fixed times and stored members: compressors differ between machines."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.create_system = 0
            target.writestr(member, source.read(name))
    return buffer.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    body = {"font_name": "宋体", "font_size": 11, "border": 1, "border_color": "#BFBFBF",
            "valign": "vcenter"}  # fmt: skip
    looks: dict[str, dict[str, Any]] = {
        "title": {"font_name": "黑体", "font_size": 14, "valign": "vcenter"},
        "head": body
        | {"font_name": "黑体", "bg_color": "#DCE6F1", "align": "center", "text_wrap": True},
        "text": body | {"text_wrap": True},
        "month": body | {"align": "center"},
        "choice": body | {"align": "center"},
        "money": body | {"num_format": "0.00##"},
        "wan": body | {"num_format": "0"},
        "count": body | {"num_format": "0"},
        "percent": body | {"num_format": "0"},
        "quantity": body | {"num_format": "General"},
        "date": body | {"num_format": "yyyy-mm-dd", "align": "center"},
    }
    return {name: book.add_format(look) for name, look in looks.items()}


def _sheet(
    book: Any, formats: dict[str, Any], one: Submission, table: str, rows: list[Row]
) -> None:
    """Write one table: a title, headings with units that stay in view, and the rows."""
    schema = TABLES[table]
    sheet = book.add_worksheet(schema.title)
    widths = {
        name: LONG.get(name, WIDTHS[column.metadata["kind"]])
        for name, column in schema.columns.items()
    }
    sheet.set_row(0, 26)
    sheet.set_row(1, 34)
    for line, row in enumerate(rows, 2):
        sheet.set_row(line, 16 * max(_lines(row[name], width) for name, width in widths.items()))
    period = f"{one.period[:4]}年{int(one.period[5:])}月"
    sheet.write_string(0, 0, f"{period}{schema.title}（示例数据）", formats["title"])
    for at, (name, column) in enumerate(schema.columns.items()):
        kind = column.metadata["kind"]
        unit = f"（{one.money_unit}）" if kind == "money" else ""
        sheet.set_column(at, at, widths[name])
        sheet.write_string(1, at, f"{column.title}{unit}", formats["head"])
        for line, row in enumerate(rows, 2):
            _cell(sheet, line, at, row[name], kind, one.money_unit, formats)
    if table == "projects" and len(rows) == len(story().projects):
        _totals(sheet, len(rows) + 2, list(schema.columns), rows, one.money_unit, formats)
    sheet.freeze_panes(2, 2)
    sheet.autofilter(1, 0, len(rows) + 1, len(schema.columns) - 1)
    sheet.set_landscape()
    sheet.set_paper(8 if len(widths) > 14 else 9)  # A3 for the widest, else A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)


def _lines(value: Any, width: int) -> int:
    """Return how many lines a text takes in a column."""
    if not isinstance(value, str):
        return 1
    return max(1, -(-sum(1 + (ord(sign) > 0x2E80) for sign in value) // (width - 1)))


def _totals(
    sheet: Any, line: int, names: list[str], rows: list[Row], unit: str, formats: dict[str, Any]
) -> None:
    """Write the register's totals below it, as formulas with their values."""
    for at in range(len(names)):
        sheet.write_blank(line, at, None, formats["text"])
    sheet.write_string(line, 0, "合计", formats["head"])
    for name in ("total_investment", "invested_before", "annual_plan"):
        at = names.index(name)
        total = sum(row[name] or 0 for row in rows)
        letter = xl_col_to_name(at)
        value = float(Decimal(total) / FEN_PER[unit])
        sheet.write_formula(line, at, f"=SUM({letter}3:{letter}{line})", formats["money"], value)


def _cell(
    sheet: Any, line: int, at: int, value: Any, kind: str, unit: str, formats: dict[str, Any]
) -> None:
    look = formats["wan" if kind == "money" and unit == "万元" else kind]
    if value is None:
        sheet.write_blank(line, at, None, look)
    elif isinstance(value, str):
        sheet.write_string(line, at, value, look)
    elif isinstance(value, date):
        sheet.write_datetime(line, at, datetime(value.year, value.month, value.day), look)
    elif kind == "money":
        sheet.write_number(line, at, float(Decimal(value) / FEN_PER[unit]), look)
    else:
        sheet.write_number(line, at, float(value), look)
