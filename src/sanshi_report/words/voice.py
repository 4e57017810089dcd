"""How values are put into words, in one language."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sanshi_report import style
from sanshi_report.blocks import Run
from sanshi_report.catalogue import Language, say
from sanshi_report.columns import Column
from sanshi_report.exact import decimal_of
from sanshi_report.period import ReportPeriod
from sanshi_report.words.values import Value, is_missing
from sanshi_report.workspace import CHINA, Parameters

__all__ = ["Voice", "shown_again"]


@dataclass(frozen=True)
class Voice:
    """How values are put into words: in a language, with the lists' names, the report's year left unsaid."""

    parameters: Parameters
    language: Language

    def run(self, value: Value, form: str = "") -> Run:
        """Return a value as text that knows where it is from."""
        light = value.raw if value.column.kind == "light" and not is_missing(value.raw) else ""
        return Run(self.text(value, form), value.at, form, light)

    def text(self, value: Value, form: str = "") -> str:
        """Return a value as a reader sees it.

        Parameters
        ----------
        form : str
            `size` leaves out the sign, `rounded` does and rounds to one decimal, `signed` writes the plus too;
            `month` says the month of a day, `year` its year too, `dated` that of a month in another year; `day`
            leaves out the time of a moment; `short` says a month short, `bare` a month or an amount without its unit,
            `signed_bare` an amount with its sign alone; `hundredths`, `one` and `whole` round a number to two
            decimals, one or none; `plain` leaves it the decimals it has; `none` says that a number is none; `term`
            says a text as the parameters' lists have it in the language, `terms` several joined by `、`; `table` says a
            value as a cell of a table has it.
        """
        language, entry = self.language, value.column
        raw: Any = decimal_of(value.raw) if isinstance(value.raw, float) else value.raw
        if is_missing(raw):
            return style.MISSING
        if form == "none" and not raw:
            return "no"
        # A sentence says with its own words which way a number goes, unless it asks for the sign.
        entry = replace(entry, signed=form == "signed")
        raw = abs(raw) if form in ("size", "rounded") else raw
        match entry.kind:
            case _ if form == "term":
                return self._term(str(raw))
            case _ if form == "terms":
                return style.listed([self._term(one) for one in str(raw).split("、")], language)
            case _ if form == "table":
                return self._in_table(raw, value)
            case "fen" if form in ("bare", "signed_bare"):
                return style.yi(raw, language, signed=form == "signed_bare")
            case "yi":
                # An average; finer than money is said elsewhere.
                average = style.number(
                    raw / (1 if language == "zh" else 10), 3, signed=form == "signed"
                )
                return say("labels.money", language, amount=average)
            case "day" if form:
                return self._day(raw, form)
            case "month" if form == "dated" and raw[:4] != str(self.parameters.period.year):
                return style.period_words(ReportPeriod.parse(raw), language)
            case "month" if form:
                name = style.month(raw, language, short=form == "short")
                return name.removesuffix("月") if form == "bare" else name
            case "moment" if not form:
                local = raw.astimezone(CHINA)
                between = "" if language == "zh" else ", "
                return f"{style.day(local, language)}{between}{local:%H:%M}"
            case "moment":
                return style.day(raw.astimezone(CHINA), language)
            case "period":
                return style.period_words(ReportPeriod.parse(raw), language)
        return self._shown(raw, entry, value, "prose", form)

    def _in_table(self, raw: Any, value: Value) -> str:
        return self._shown(raw, value.column, value, "table")

    def _shown(
        self, raw: Any, entry: Column, value: Value, where: style.Form, form: str = ""
    ) -> str:
        return style.shown(
            raw,
            entry,
            self.language,
            form=where,
            year=self.parameters.period.year,
            term=lambda code: self._code(code, entry),
            unit=value.row.get("unit", "") if entry.kind == "by_unit" else "",
            places=self._places(value, form),
        )

    def _day(self, raw: date, form: str) -> str:
        if form == "month":
            return style.month(f"{raw:%Y-%m}", self.language, short=True)
        return style.day(raw, self.language)

    def _code(self, code: str, entry: Column) -> str:
        known = entry.values
        return known[code][self.language] if code in known else self._term(code)

    def _term(self, text: str) -> str:
        return " ".join(self.parameters.term(text, self.language).split())

    def _places(self, value: Value, form: str) -> int | None:
        if form == "plain":
            return max(0, -int(decimal_of(value.raw).normalize().as_tuple().exponent))
        given = {"hundredths": 2, "one": 1, "rounded": 1, "whole": 0}.get(form)
        kpi = self.parameters.kpis.get(value.row.get("kpi", ""))
        is_indicator = given is None and kpi and value.column.kind == "by_unit"
        return kpi.decimals if is_indicator and kpi else given


def shown_again(run: Run, value: Value, voice: Voice) -> bool:
    """Return whether a value is still said as a run has it."""
    return run == replace(voice.run(value, run.form), strong=run.strong)
