"""Columns that many tables share, headed from the catalogue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sanshi_report import style
from sanshi_report.style import Language, say
from sanshi_report.tables.table import Column, plain
from sanshi_report.workspace import Parameters

__all__ = ["Heads", "light_rules"]


@dataclass(frozen=True)
class Heads:
    """Makes columns for one report's language and names."""

    parameters: Parameters
    language: Language

    def word(self, key: str, **values: Any) -> str:
        """Return a catalogue text, of `labels` unless the key names its file."""
        return say(key if "." in key else f"labels.{key}", self.language, **values)

    def text(self, name: str, title: str = "") -> Column:
        """Return a column of ledger text."""
        return Column(name, self.word(title or name), plain)

    def term(self, name: str, title: str = "") -> Column:
        """Return a column of values from the parameters' lists."""
        return Column(name, self.word(title or name), self._term)

    def county(self) -> Column:
        """Return the column that says which county a project belongs to, or that it is the city's."""
        return self.term("county")

    def day(self, name: str, title: str = "") -> Column:
        """Return a column of days; the year is left out where it is the report's own."""
        return Column(name, self.word(title or name), self._day)

    def number(self, name: str, title: str = "", under: str = "") -> Column:
        """Return a column of whole numbers."""
        return self._figure(name, style.count, title, under)

    def money(self, name: str, title: str = "", under: str = "") -> Column:
        """Return a column of amounts in the language's unit."""
        return self._figure(name, lambda fen: style.yi(fen, self.language), title, under)

    def pct(self, name: str, title: str = "", under: str = "") -> Column:
        """Return a column of percentages."""
        return self._figure(name, style.pct, title, under)

    def points(self, name: str, title: str = "", under: str = "") -> Column:
        """Return a column of signed percentage points."""
        return self._figure(name, style.points, title, under)

    def light(self, name: str = "light", title: str = "") -> Column:
        """Return a column of warning lights."""
        return Column(name, self.word(title or name), kind="light")

    def _figure(self, name: str, show: Callable[[Any], str], title: str, under: str) -> Column:
        return Column(
            name, self.word(title or name), show, "number", self.word(under) if under else ""
        )

    def _term(self, value: Any) -> str:
        return (
            plain(value)
            if plain(value) == style.MISSING
            else self.parameters.term(value, self.language)
        )

    def _day(self, value: Any) -> str:
        known = plain(value) != style.MISSING
        year = known and value.year != self.parameters.period.year
        return style.day(value, self.language, year=year, short=True)


def light_rules(parameters: Parameters, language: Language, *kinds: str) -> tuple[str, ...]:
    """Return the rules behind the lights of a table, with their version.

    Parameters
    ----------
    *kinds : {"progress", "starts"}
        Which lights the table shows.
    """
    lights = parameters.programme.lights
    words = {code: style.light_word(code, language) for code in style.LIGHTS}
    progress, begun = lights.progress, lights.starts
    texts = {
        "progress": say(
            f"prose.rule_{progress.basis}",
            language,
            green_from=_threshold(progress.green_from),
            yellow_from=_threshold(progress.yellow_from),
            **words,
        ),
        "starts": say(
            f"prose.rule_starts{'' if begun.yellow_after_months else '_at_once'}",
            language,
            yellow_after=style.Count(begun.yellow_after_months),
            red_after=style.Count(begun.red_after_months),
            **words,
        ),
    }
    version = say("prose.rule_version", language, version=lights.version)
    return (version + "".join(texts[kind] for kind in kinds),)


def _threshold(value: Any) -> str:
    return style.number(value, max(0, -value.normalize().as_tuple().exponent))
