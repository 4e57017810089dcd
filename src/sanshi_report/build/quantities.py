"""The quantities a text states: what is a number and not a date, an ordinal, an identifier or a quotation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

__all__ = ["Quantity", "Unit", "plain", "quantities", "quotable"]

Unit = Literal["money", "percent", "points", "days", "months", "count"]

_MONTH = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
)
# What looks like a number and states no quantity. Nothing else is let through.
_NOT_QUANTITIES = re.compile(
    rf"""
    \d{{4}}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}})?)?  # 2024-06-30, with or without a time
  | \d{{4}}-(?:\d{{2}}|Q\d)(?!\d)                               # 2024-06, 2024-Q2
  | \d{{4}}年(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?                    # 2024年, 2024年6月, 2024年6月30日
  | (?<!\d)\d{{1,2}}(?:[-–—至]\d{{1,2}})?月(?:\d{{1,2}}日)?       # 6月, 1—6月, 6月30日
  | (?<!\d)\d{{1,2}}:\d{{2}}(?::\d{{2}})?(?!\d)                  # 23:59
  | \b\d{{1,2}}\s(?:{_MONTH})\b(?:\s\d{{4}})?                   # 30 June 2024
  | \b(?:{_MONTH})\s\d{{4}}\b                                   # June 2024
  | 第\d+                                                       # 第6期, 第2季度
  | [图表]\d+ | \b(?:Figure|Table|No\.)\s?\d+                    # what the renderers number
  | ^\#+\s\d+(?:\.\d+)*\.?\s                                  # a heading's number
  | ^\s*\d{{1,2}}(?:[.)]\s|、)                                 # a list's own numbering
  | [A-Za-z][\w-]*\d[\w-]*                                      # X01, H13, P-2024-03
    """,
    re.VERBOSE | re.MULTILINE | re.ASCII,
)
_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?", re.ASCII)
_MARKUP = re.compile(
    r"<[^>]*>"  # tags
    r"|\]\([^)]*\)"  # the address of a link
    r"|\{[.#][^}]*\}"  # attributes of a span or heading
    r"|(?<![A-Za-z0-9])@(?:fig|tbl)-[\w-]+"  # references
    r"|\\(?=[!-/:-@\[-`{-~])"  # the backslash of an escaped character
)
_UNITS: dict[Unit, re.Pattern[str]] = {
    "money": re.compile(r"\s?(?:亿元|billion)"),
    "points": re.compile(r"\s?(?:个百分点|percentage points?\b|points? (?:ahead|behind))"),
    "percent": re.compile(r"\s?%"),
    "months": re.compile(r"\s?(?:个月|months?\b)"),
    "days": re.compile(r"\s?(?:天|个?工作日|(?:working )?days?\b)"),
}
_CLAUSE_END = re.compile(r"[,;.:()]|\band\b|[^ -~]")
_SENTENCE_END = re.compile(r"[。\n]|\.\s")


@dataclass(frozen=True)
class Quantity:
    """A number in a Markdown text.

    Attributes
    ----------
    start, end : int
        Where its digits stand in the text.
    shown : str
        The digits.
    unit : {"money", "percent", "points", "days", "months", "count"}
        What follows them says; a count if nothing does.
    said : str
        What its sentence says before it.
    after : str
        What its clause says after it, in English: what it counts, or when. Chinese says that before.
    name : str
        What its sentence calls it in the catalogue; empty where that is not known.
    """

    start: int
    end: int
    shown: str
    unit: Unit
    said: str
    name: str = ""
    after: str = ""

    @property
    def value(self) -> Decimal:
        """Its value as shown."""
        return Decimal(self.shown.replace(",", ""))

    def line_of(self, text: str) -> str:
        """Return the line of the text that it stands in."""
        first = text.rfind("\n", 0, self.start) + 1
        return text[first:].partition("\n")[0].strip()

    @property
    def places(self) -> int:
        """How many decimals it is shown with."""
        return len(self.shown.partition(".")[2])


def quantities(
    markdown: str, quoted: Sequence[str] = (), values: Sequence[tuple[int, int, str]] = ()
) -> list[Quantity]:
    """Return the quantities stated in a text, in their order.

    Parameters
    ----------
    quoted : sequence of str
        `quotable` texts of the data: numbers in them are not the report's.
    values : sequence of (int, int, str)
        Where values stand in the text, and their names.
    """
    text, places = _unmarked(markdown)
    own = text
    for quotation in quoted:
        if quotation in own:
            own = _alone(quotation).sub(" " * len(quotation), own)
    bare = _NOT_QUANTITIES.sub(lambda found: " " * len(found[0]), own)
    found = []
    for number in _NUMBER.finditer(bare):
        start, end = places[number.start()], places[number.end() - 1] + 1
        within = (value for value in values if value[0] <= start and end <= value[1])
        name = next((value[2] for value in within), "")
        if name == "year":
            continue
        unit, said = _unit(bare, number.end()), _sentence(text[: number.start()])
        after = _CLAUSE_END.split(text[number.end() :], maxsplit=1)[0]
        found.append(Quantity(start, end, number[0], unit, said, name, after))
    return found


def quotable(texts: Iterable[object]) -> tuple[str, ...]:
    """Return the texts that have a digit in them as they read in `plain`, the longest first."""
    words = {plain(text) for text in texts if isinstance(text, str)}
    return tuple(sorted((w for w in words if re.search(r"\d", w)), key=lambda w: (-len(w), w)))


def plain(text: str) -> str:
    """Return a text with its full-width digits and signs as ordinary ones."""
    return unicodedata.normalize("NFKC", text)


def _alone(quotation: str) -> re.Pattern[str]:
    """Return a quotation that is not part of a number: a project called 10 is not quoted in 1099.73."""
    before = r"(?<!\d)(?<!\d[.,])" if quotation[0].isdigit() else ""
    after = r"(?!\d|[.,]\d)" if quotation[-1].isdigit() else ""
    return re.compile(before + re.escape(quotation) + after)


def _unmarked(markdown: str) -> tuple[str, list[int]]:
    """Return a text without its markup, `plain`, and where each of its characters stands in the Markdown."""
    hidden = {at for found in _MARKUP.finditer(markdown) for at in range(*found.span())}
    pairs = [
        (character, at)
        for at, original in enumerate(markdown)
        if at not in hidden
        for character in plain(original)
    ]
    return "".join(character for character, _ in pairs), [at for _, at in pairs]


def _sentence(text: str) -> str:
    """Return the sentence that a text ends in; a semicolon ends one, but not within brackets."""
    last = _SENTENCE_END.split(text)[-1]
    start = depth = 0
    for at, character in enumerate(last, 1):
        depth = max(0, depth + {"(": 1, ")": -1}.get(character, 0))
        start = at if character == ";" and not depth else start
    return last[start:]


def _unit(text: str, at: int) -> Unit:
    return next((unit for unit, words in _UNITS.items() if words.match(text, at)), "count")
