"""Days, months and fixed variety: what the sample year needs besides its story."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from functools import cache

import chinese_calendar

from sanshi_report.period import ReportPeriod

__all__ = ["MONTHS", "chance", "from_workday", "month_end", "month_of", "workday", "workdays_after"]

MONTHS = ReportPeriod.parse("2024").months
"""The twelve months of the sample year, `YYYY-MM`."""


@cache
def is_workday(day: date) -> bool:
    """Return whether people work on a day, by the official holiday calendar."""
    return bool(chinese_calendar.is_workday(day))


def chance(low: int, high: int, *key: object) -> int:
    """Return a whole number from `low` to `high`, always the same for the same key.

    A digest rather than a random generator: it is alike on every machine and Python, and adding
    a row changes no other row.
    """
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return low + int.from_bytes(digest[:8], "big") % (high - low + 1)


def month_of(day: date) -> str:
    """Return the `YYYY-MM` a day lies in."""
    return f"{day:%Y-%m}"


@cache
def month_end(month: str) -> date:
    """Return the last day of a month written `YYYY-MM`."""
    return ReportPeriod.parse(month).end


def workday(day: date) -> date:
    """Return the day itself, or the last working day before it."""
    while not is_workday(day):
        day -= timedelta(days=1)
    return day


def workdays_after(day: date, count: int) -> date:
    """Return the working day that is `count` working days after `day`."""
    while count > 0:
        day += timedelta(days=1)
        count -= is_workday(day)
    return day


def from_workday(day: date) -> date:
    """Return the day itself, or the first working day after it."""
    while not is_workday(day):
        day += timedelta(days=1)
    return day
