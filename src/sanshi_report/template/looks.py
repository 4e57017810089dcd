"""How a template looks: fonts, colours, column widths, row heights, paper."""

from __future__ import annotations

from typing import Any

__all__ = ["SENTENCES", "Looks", "height_of", "paper", "width_of"]

BODY: dict[str, Any] = {"font_name": "宋体", "font_size": 11, "valign": "vcenter"}
GRID: dict[str, Any] = {"border": 1, "border_color": "#BFBFBF"}
_GREY, _DIM = "#F0F0F0", "#595959"
_STATES: dict[str, dict[str, Any]] = {
    "open": {"bg_color": "#FFFBE0", "locked": False},
    "locked": {"bg_color": _GREY},
    "reference": {"bg_color": _GREY, "font_color": _DIM, "italic": True},
}
_KINDS: dict[str, dict[str, Any]] = {
    "text": {"num_format": "@", "text_wrap": True},
    "long": {"text_wrap": True},
    "month": {"num_format": "@", "align": "center"},
    "choice": {"num_format": "@", "align": "center", "text_wrap": True},
    "money": {"num_format": "0.00??"},
    "count": {"num_format": "0"},
    "percent": {},
    "quantity": {},
    "date": {"num_format": "yyyy-mm-dd", "align": "center"},
}
_OTHERS: dict[str, dict[str, Any]] = {
    "title": {"font_name": "黑体", "font_size": 15},
    "hint": {"font_color": "#1F3864"},
    "english": {"font_size": 9, "font_color": _DIM},
    "head": {**GRID, "font_name": "黑体", "bg_color": "#DCE6F1", "align": "center", "text_wrap": True},
    "head_reference": {**GRID, "bg_color": _GREY, "font_color": _DIM, "italic": True, "align": "center",
                       "text_wrap": True},
    "star": {"font_name": "黑体", "font_color": "#C00000"},
    "must": {"bg_color": "#FFD966"},
    "alarm": {"font_color": "#C00000", "bold": True},
    "section": {"font_name": "黑体", "font_size": 12},
    "plain": {},
    "number": {"align": "center", "valign": "top"},
    "wrapped": {"text_wrap": True, "valign": "top"},
    "cell": {**GRID, "text_wrap": True},
    "centre": {**GRID, "align": "center"},
    "link": {**GRID, "font_color": "#0563C1", "underline": 1},
    "must_sample": {**GRID, "bg_color": "#FFD966"},
    "open_sample": {**GRID, "bg_color": "#FFFBE0"},
    "locked_sample": {**GRID, "bg_color": _GREY},
}  # fmt: skip

_WIDTHS = {"text": 14, "month": 9, "choice": 11, "money": 12, "count": 8, "percent": 10,
           "quantity": 10, "date": 11.5}  # fmt: skip
_WIDE = {"name": 26, "scope": 36, "description": 42, "content": 44, "reason": 28, "physical_note": 20,
         "subject": 44, "title": 28, "document_no": 22, "old": 20, "new": 20, "node": 24, "note": 28,
         "department": 22, "owner": 18, "source": 18, "approved_by": 22, "field": 18, "sector": 10,
         "task_force": 14, "reported_by": 9, "progress": 28, "unit": 8, "input": 10, "permit": 10,
         "project_id": 9, "node_id": 23, "problem_id": 23, "action_id": 23, "incident_id": 23,
         "practice_id": 23, "check": 12, "dates": 16.5, "tier": 13, "category": 13, "evidence": 10,
         "severity": 10, "county": 11, "lead_official": 12}  # fmt: skip
"""Widths in digits, of which a Chinese character takes two: by kind, and of some columns by name."""
SENTENCES = {
    "scope",
    "description",
    "content",
    "reason",
    "physical_note",
    "subject",
    "note",
    "progress",
}
"""Columns of longer texts, for which the format of numbers typed does not matter."""

_LINE = 15.5


class Looks:
    """The formats of one workbook, made as they are needed."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self._made: dict[tuple[str, ...], Any] = {}

    def cell(self, kind: str, state: str) -> Any:
        """Return the format of a cell of some kind that is `open`, `locked` or a `reference`."""
        if (kind, state) not in self._made:
            look = {**BODY, **GRID, **_KINDS[kind], **_STATES[state]}
            self._made[kind, state] = self._book.add_format(look)
        return self._made[kind, state]

    def __getitem__(self, name: str) -> Any:
        if (name,) not in self._made:
            plain = name in {"must", "alarm"}  # these only add to the format that is there
            look = _OTHERS[name] if plain else {**BODY, **_OTHERS[name]}
            self._made[name,] = self._book.add_format(look)
        return self._made[name,]


def width_of(table: str, name: str, kind: str) -> float:
    """Return the width of a column."""
    if table == "progress" and name == "name":
        return 20  # the most columns: names take two lines rather than the print become too small
    return _WIDE.get(name, _WIDTHS[kind])


def lines_of(text: str, width: float) -> int:
    """Return how many lines a text takes in a column."""
    signs = [sum(1 + (ord(sign) > 0x2E80) for sign in line) for line in text.split("\n")]
    return sum(max(1, -(-count // int(width - 1))) for count in signs)


def height_of(texts: list[tuple[str, float]]) -> float:
    """Return the height of a row that shows some texts whole, each with its column's width."""
    return _LINE * max((lines_of(text, width) for text, width in texts), default=1) + 5


def paper(sheet: Any, heads: tuple[int, int], last: int, right: int, footer: str) -> None:
    """Set a sheet for printing: A4 across, as wide as the paper, headings on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.repeat_rows(*heads)
    sheet.print_area(0, 0, last, right)
    sheet.set_footer(footer)
