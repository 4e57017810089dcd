"""What a piece of prose is, and how sentences become paragraphs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from sanshi_report import style
from sanshi_report.style import Language, csv_text, escape_markdown, say
from sanshi_report.workspace import CHINA, Parameters

__all__ = ["Prose", "Voice", "end", "fact", "heading", "in_turn", "stacked"]


# A number in a sentence keeps the name that the sentence has for it: BEGIN name NAMED number END.
# A text of the data has none of these: it is set on one line, and these count as spaces.
_BEGIN, _NAMED, _END = "\x1c", "\x1d", "\x1e"
_MARKED = re.compile(f"{_BEGIN}([^{_NAMED}]*){_NAMED}([^{_END}]*){_END}")


@dataclass(frozen=True, eq=False)
class Prose:
    """Markdown for a reader, and the facts it states where no table or figure holds them.

    Attributes
    ----------
    said : str
        Paragraphs and headings as a `Voice` says them, the numbers in them named.
    label : str
        Name of the CSV file of `data`.
    data : DataFrame or None
        What the prose was written from.
    """

    said: str
    label: str = ""
    data: pd.DataFrame | None = None

    @property
    def markdown(self) -> str:
        """Return the paragraphs and headings for a reader."""
        return _MARKED.sub(r"\2", self.said)

    @property
    def values(self) -> list[tuple[int, int, str]]:
        """Return where each value that has digits stands in `markdown`, and the sentence's name for it."""
        found, marks = [], 0
        for one in _MARKED.finditer(self.said):
            name, value = one.groups()
            start = one.start() - marks
            found.append((start, start + len(value), name))
            marks += len(one[0]) - len(value)
        return found

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        # JupyterLab would show the attributes of a light; renderers take the Markdown.
        bundle = {"text/markdown": self.markdown, "text/html": style.markdown_html(self.markdown)}
        about: dict[str, Any] = {"values": self.values} if self.values else {}
        if self.data is not None:
            bundle["text/csv"] = csv_text(self.data)
            about["label"] = self.label
        return bundle, {"sanshi": about} if about else {}


@dataclass(frozen=True)
class _Value:
    """A value of a sentence that says its name with it if it has digits, unless parts of it do."""

    name: str
    value: Any

    def __format__(self, spec: str) -> str:
        text = format(self.value, spec)
        if _BEGIN in text or not any(character.isdigit() for character in text):
            return text
        return f"{_BEGIN}{self.name}{_NAMED}{text}{_END}"


@dataclass(frozen=True)
class _End:
    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, str], dict[str, Any]]:
        return {"text/plain": "■"}, {"sanshi": {"end": True}}


def fact(name: str, value: Any) -> Any:
    """Return a value for a sentence under the name of the column, or the indicator, that holds it.

    A sentence's own name for a value serves where it is that of the column; this is for where it is not.
    """
    return _Value(name, value)


def stacked(*frames: pd.DataFrame) -> pd.DataFrame:
    """Return facts one below another, counts as whole numbers though not every row has them."""
    kept = [
        frame.astype(dict.fromkeys(frame.select_dtypes("integer").columns, "Int64"))
        for frame in frames
    ]
    return pd.concat(kept, ignore_index=True)


def end() -> _End:
    """Return the mark that a notebook was run to its last cell; nothing of it is published."""
    return _End()


def heading(name: str, language: Language) -> Prose:
    """Return a section's heading alone."""
    return Prose(say(f"prose.head_{name}", language))


def in_turn(*pieces: Sequence[Any]) -> list[Any]:
    """Return the first of each list, then the second of each: sections with their tables, to display.

    What is None is left out.
    """
    sections = zip(*pieces, strict=True)
    return [piece for section in sections for piece in section if piece is not None]


@dataclass(frozen=True)
class Voice:
    """Says sentences in one report's language, with its names."""

    parameters: Parameters
    language: Language

    def __call__(self, key: str, **values: Any) -> str:
        """Return a sentence of the catalogue, of `prose` unless the key names its file."""
        # A mere number of something is called what the sentence is called.
        entry = key.rpartition(".")[2]
        named = {n: _Value(entry if n == "n" else n, value) for n, value in values.items()}
        return say(key if "." in key else f"prose.{key}", self.language, **named)

    def section(self, name: str, *paragraphs: str) -> Prose:
        """Return a headed section."""
        return Prose(self.paragraphs(self(f"head_{name}"), *paragraphs))

    def paragraphs(self, *paragraphs: str) -> str:
        """Return the paragraphs that say something, apart from one another."""
        return "\n\n".join(filter(None, paragraphs))

    def joined(self, *sentences: str) -> str:
        """Return the sentences that say something, one after another."""
        return ("" if self.language == "zh" else " ").join(filter(None, sentences))

    def listed(self, items: Sequence[str]) -> str:
        """Return an enumeration."""
        return style.listed(items, self.language)

    def day(self, value: Any) -> str:
        """Return a day, its year only where it is not the report's."""
        year = bool(pd.notna(value)) and value.year != self.parameters.period.year
        return style.day(value, self.language, year=year)

    def moment(self, value: Any) -> str:
        """Return a day and time of day, in China."""
        local = value.astimezone(CHINA)
        between = "" if self.language == "zh" else ", "
        return f"{style.day(local, self.language)}{between}{local:%H:%M}"

    def money(self, fen: Any) -> str:
        """Return an amount with its unit."""
        return style.money(fen, self.language)

    def pace(self, gap: Any) -> str:
        """Return where something stands against pace."""
        return style.against_pace(gap, self.language)

    def light(self, code: Any) -> str:
        """Return a light."""
        return style.light_markdown(code, self.language)

    def term(self, value: str) -> str:
        """Return a ledger value's name, as literal Markdown."""
        return escape_markdown(self.parameters.term(value, self.language))

    def named(self, row: dict[str, Any], key: str, **values: Any) -> str:
        """Return a project with its responsible unit and what is said of it."""
        name, unit = escape_markdown(row["name"]), escape_markdown(row["responsible_unit"])
        return self(key, name=name, unit=unit, **values)
