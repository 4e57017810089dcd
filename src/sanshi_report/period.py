"""The reporting period: a month, a quarter or a year, and the weeks within it, each written in one way."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from sanshi_report.errors import UsageError

__all__ = ["ReportPeriod"]

_PATTERN = re.compile(r"([0-9]{4})(?:-(?:(0[1-9]|1[0-2])|Q([1-4])))?")
_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")
_DAY = timedelta(days=1)


@dataclass(frozen=True, order=True)
class ReportPeriod:
    """A calendar month (`2024-06`), quarter (`2024-Q2`), year (`2024`) or ISO week (`2024-W23`).

    A week runs from Monday to Sunday, belongs to the month and year it ends in, and has no months.
    Periods order by their first day, the shorter first; they are hashable and print as they are written.

    Examples
    --------
    >>> june = ReportPeriod.parse("2024-06")
    >>> june.end, june.months_elapsed
    (datetime.date(2024, 6, 30), 6)
    >>> str(june.previous()), [str(week) for week in june.weeks]
    ('2024-05', ['2024-W22', '2024-W23', '2024-W24', '2024-W25', '2024-W26'])
    >>> ReportPeriod.parse("2024-Q2").months
    ['2024-04', '2024-05', '2024-06']
    """

    start: date
    _months: int = field(repr=False)

    @classmethod
    def parse(cls, text: object) -> Self:
        """Read a period.

        Raises
        ------
        UsageError
            If `text` is missing or is not written exactly `YYYY-MM`, `YYYY-Qn` or `YYYY`.
        """
        if isinstance(text, cls):
            return text
        if text is None or text == "":
            raise UsageError("period_missing")
        match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
        if match is None or match[1] < "1900":
            raise UsageError("period_malformed", found=repr(text))
        year, month, quarter = int(match[1]), match[2], match[3]
        if month:
            return cls(date(year, int(month), 1), 1)
        if quarter:
            return cls(date(year, 3 * int(quarter) - 2, 1), 3)
        return cls(date(year, 1, 1), 12)

    @classmethod
    def parse_week(cls, text: object) -> Self:
        """Read an ISO week.

        Raises
        ------
        UsageError
            If `text` is not written exactly `YYYY-Wnn` or that year has no such week.
        """
        match = _WEEK.fullmatch(text) if isinstance(text, str) else None
        try:
            if match:
                return cls(date.fromisocalendar(int(match[1]), int(match[2]), 1), 0)
        except ValueError:
            pass
        raise UsageError("week_malformed", found=repr(text))

    @classmethod
    def parse_range(cls, text: object) -> list[Self]:
        """Read `2024-01..2024-12`, or one period, into the periods it covers, in order.

        Raises
        ------
        UsageError
            If an end is malformed, the ends differ in kind, or the range runs backwards.
        """
        first, dots, last = text.partition("..") if isinstance(text, str) else (text, "", "")
        start = cls.parse(first)
        return list(start.through(cls.parse(last))) if dots else [start]

    @property
    def end(self) -> date:
        """Last day of the period."""
        if self.is_week:
            return self.start + 6 * _DAY
        last = self.start.month + self._months - 1
        return date(self.start.year, last, monthrange(self.start.year, last)[1])

    @property
    def year(self) -> int:
        """Calendar year it ends in."""
        return self.end.year

    @property
    def is_month(self) -> bool:
        """Whether this is one calendar month."""
        return self._months == 1

    @property
    def is_week(self) -> bool:
        """Whether this is a week."""
        return self._months == 0

    @property
    def months(self) -> list[str]:
        """The `YYYY-MM` of every month in the period; none in a week."""
        return [f"{self.year}-{self.start.month + i:02d}" for i in range(self._months)]

    @property
    def months_elapsed(self) -> int:
        """Whole months of the year gone by at the period's end: 6 for June, 5 for a week within it."""
        after = self.end + _DAY
        return after.month - 1 if after.year == self.year else 12

    @property
    def last_month(self) -> str:
        """The `YYYY-MM` of the latest month that is over at the period's end."""
        first = (self.end + _DAY).replace(day=1)
        return f"{first - _DAY:%Y-%m}"

    @property
    def weeks(self) -> list[Self]:
        """The weeks that end in the period, in order."""
        sunday = self.start + (6 - self.start.weekday()) * _DAY
        count = (self.end - sunday).days // 7 + 1
        return [type(self)(sunday + (7 * n - 6) * _DAY, 0) for n in range(count)]

    @property
    def following(self) -> Self:
        """What is to be planned at the period's end: the next month, or after a week the next week."""
        return self.next() if self.is_week else self.parse(self.last_month).next()

    def next(self) -> Self:
        """Return the period of the same kind that follows."""
        return self._shift(1)

    def previous(self) -> Self:
        """Return the period of the same kind that comes before."""
        return self._shift(-1)

    def through(self, last: Self) -> Iterator[Self]:
        """Yield every period of this kind from this one to `last`, both included.

        Raises
        ------
        UsageError
            If `last` is of another kind or comes before this one.
        """
        if last._months != self._months or last < self:
            raise UsageError("period_range", first=str(self), last=str(last))
        at = self
        while at <= last:
            yield at
            at = at.next()

    def _shift(self, steps: int) -> Self:
        if self.is_week:
            return type(self)(self.start + 7 * steps * _DAY, 0)
        month = self.start.year * 12 + self.start.month - 1 + steps * self._months
        return type(self)(date(month // 12, month % 12 + 1, 1), self._months)

    def __str__(self) -> str:
        if self.is_week:
            year, week, _ = self.start.isocalendar()
            return f"{year}-W{week:02d}"
        if self._months == 12:
            return f"{self.year}"
        if self._months == 3:
            return f"{self.year}-Q{self.start.month // 3 + 1}"
        return self.months[0]
