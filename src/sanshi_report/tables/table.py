"""What a table is: a frame, what of it is shown and how, and its three forms: HTML, Markdown, CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from html import escape
from typing import Any, Literal

import pandas as pd
from great_tables import GT, loc
from great_tables import html as markup
from great_tables import style as css

from sanshi_report.style import (
    LIGHTS,
    MISSING,
    Language,
    csv_text,
    escape_markdown,
    light_html,
    light_markdown,
    say,
)

__all__ = ["Column", "Table", "plain"]

Kind = Literal["text", "number", "light"]


def plain(value: Any) -> str:
    """Return a text on one line; missing is `—`."""
    return MISSING if value is None or pd.isna(value) else " ".join(str(value).split())


@dataclass(frozen=True)
class Column:
    """One column shown.

    Attributes
    ----------
    name : str
        Column of the frame.
    title : str
        Its heading.
    show : callable
        Turns a value into the text of a cell; not used for lights.
    kind : {"text", "number", "light"}
        A number is set flush right; a light has its symbol, word and colour.
    under : str
        A heading shared with its neighbours, above its own.
    of_row : bool
        `show` is given the whole row, as a dictionary.
    """

    name: str
    title: str
    show: Callable[[Any], str] = plain
    kind: Kind = "text"
    under: str = ""
    of_row: bool = False


@dataclass(frozen=True, eq=False)
class Table:
    """A table with what a renderer needs to place it.

    Attributes
    ----------
    frame : DataFrame
        The rows; money in fen.
    columns : tuple of Column
        What is shown, in order. The first heads its row.
    label, caption : str
        The label is also the name of the CSV file.
    language : {"zh", "en"}
        Language of the lights and of 无.
    group : str
        Column whose values head groups of rows, in the order they come in; empty for no groups.
    groups : mapping
        Groups to show in this order, by value, each with its heading; one without rows says 无.
    total : str
        Boolean column that marks rows of totals; empty for none.
    notes : tuple of str
        Remarks under the table.
    wide : bool
        Wants a landscape page.
    """

    frame: pd.DataFrame
    columns: tuple[Column, ...]
    label: str
    caption: str
    language: Language
    group: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    total: str = ""
    notes: tuple[str, ...] = ()
    wide: bool = False

    def html(self) -> str:
        """Return the table as HTML whose bytes depend on nothing but its content."""
        return self._built().as_raw_html()

    def markdown(self) -> str:
        """Return the table as a pipe table and its notes."""
        rule = {"text": ":---", "number": "---:", "light": ":---"}
        lines = [
            [escape_markdown(f"{c.under} {c.title}") for c in self.columns],
            [rule[c.kind] for c in self.columns],
        ]
        for heading, row in self._rows():
            if row is None:
                lines.append([f"**{escape_markdown(heading)}**", *[""] * (len(self.columns) - 1)])
            else:
                lines.append(
                    [self._cell(c, row, light_markdown, escape_markdown) for c in self.columns]
                )
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        return "\n\n".join([table, *map(escape_markdown, self.notes)])

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        data = {
            "text/html": self.html(),
            "text/markdown": self.markdown(),
            "text/csv": csv_text(self.frame),
        }
        about = {"label": self.label, "caption": self.caption, "wide": self.wide}
        return data, {"sanshi": about}

    @property
    def _is_grouped(self) -> bool:
        return bool(self.group) and bool(self.groups or len(self.frame))

    def _rows(self) -> Iterable[tuple[str, dict[Any, Any] | None]]:
        """Yield each row with its group's heading, and before each group the heading alone."""
        if not self._is_grouped:
            yield from (("", row) for row in self.frame.to_dict("records") or [{}])
            return
        values = self.groups or {value: value for value in self.frame[self.group].unique()}
        for value, heading in values.items():
            yield heading, None
            rows = self.frame[self.frame[self.group] == value].to_dict("records")
            yield from ((heading, row) for row in rows or [{}])

    def _cell(
        self,
        column: Column,
        row: dict[Any, Any],
        light: Callable[[Any, Language], str],
        text: Callable[[Any], str],
    ) -> str:
        if not row:
            return say("labels.none", self.language) if column is self.columns[0] else ""
        if column.kind == "light":
            return light(row[column.name], self.language)
        return text(column.show(row if column.of_row else row[column.name]))

    def _built(self) -> GT:
        shown = [(heading, row) for heading, row in self._rows() if row is not None]
        names = [f"c{n}" for n in range(len(self.columns))]
        cells = [[self._cell(c, row, light_html, escape) for c in self.columns] for _, row in shown]
        frame = pd.DataFrame(cells, columns=names, dtype="str")
        if self._is_grouped:
            frame["group"] = [heading for heading, _ in shown]
        stub = names[0]
        built = GT(
            frame,
            id=self.label,
            rowname_col=stub,
            groupname_col="group" if self._is_grouped else None,
        )
        built = built.tab_stubhead(markup(escape(self.columns[0].title)))
        built = built.cols_label(
            {n: markup(escape(c.title)) for n, c in zip(names, self.columns, strict=True)}
        )
        for name, column in zip(names, self.columns, strict=True):
            # Already escaped; a formatter's result is not escaped again.
            built = built.fmt(str, columns=name)
            align = "right" if column.kind == "number" else "left"
            built = built.cols_align(align, columns=name)
        for heading in dict.fromkeys(column.under for column in self.columns):
            if heading:
                under = [n for n, c in zip(names, self.columns, strict=True) if c.under == heading]
                built = built.tab_spanner(markup(escape(heading)), columns=under, id=under[0])
        totals = [n for n, (_, row) in enumerate(shown) if self.total and row and row[self.total]]
        if totals:
            bold = css.text(weight="bold")
            built = built.tab_style(bold, [loc.body(rows=totals), loc.stub(rows=totals)])
        for note in self.notes:
            built = built.tab_source_note(markup(escape(note)))
        return _dressed(built, self.label)


def _dressed(built: GT, label: str) -> GT:
    """Give a table the report's look where it is shown as it is, such as in JupyterLab."""
    lights = "".join(
        f"#{label} .light-{light.code} {{ color: {light.colour}; white-space: nowrap; }}"
        for light in LIGHTS.values()
    )
    numbers = f"#{label} td.gt_right {{ font-variant-numeric: tabular-nums; white-space: nowrap; }}"
    return built.tab_options(
        table_font_size="14px",
        table_font_names=["Noto Sans SC", "PingFang SC", "Microsoft YaHei", "sans-serif"],
        row_group_font_weight="bold",
        column_labels_font_weight="bold",
        data_row_padding="4px",
    ).opt_css(lights + numbers)
