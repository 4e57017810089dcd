"""The text of a CSV: what its bytes mean, or that it cannot be told."""

from __future__ import annotations

import re
from functools import cache

from sanshi_report.intake.cells import Unreadable
from sanshi_report.schemas import TABLES

__all__ = ["decoded"]

_NEVER = re.compile("[\x80-\x9f\ue000-\uf8ff\ufffd\U000f0000-\U0010ffff]")
_CELLS = re.compile("[,;\t]")
_WITHIN = 200


def decoded(content: bytes) -> str:
    """Return the text of a CSV in UTF-8 or GB18030, or in UTF-16 with its mark.

    Nearly all bytes are some text in GB18030, and EUC-KR or EUC-JP even one of common characters; no count of
    characters tells. So there a word must be found that was known before: a heading, or a value of a list.

    Raises
    ------
    Unreadable
        If the text is in another encoding, or that cannot be ruled out.
    """
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _proven(content, "utf-16")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    else:
        return _dense(text)
    # UTF-8 with a few broken bytes often passes as GB18030; the Chinese that is still whole tells.
    salvaged = content.decode("utf-8", "replace")
    if sum("\u3000" <= one <= "\u9fff" for one in salvaged) > salvaged.count("\ufffd"):
        raise Unreadable("csv_encoding", line=line)
    return _proven(content, "gb18030")


def _proven(content: bytes, encoding: str) -> str:
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise Unreadable("csv_encoding", line=line) from error
    if strange := _NEVER.search(text):
        raise Unreadable("csv_encoding", line=text.count("\n", 0, strange.start()) + 1)
    lines = text.split("\n", _WITHIN)[:_WITHIN]
    _dense(text)
    known = _known_words()
    if text.isascii() or any(_word(cell) in known for one in lines for cell in _CELLS.split(one)):
        return text
    foreign = (n for n, one in enumerate(text.split("\n"), 1) if not one.isascii())
    raise Unreadable("csv_encoding", line=next(foreign))


def _dense(text: str) -> str:
    """Return a text; what is full of zeros is UTF-16 without its mark, or UTF-32."""
    if text.count("\0") > len(text) // 8:
        raise Unreadable("csv_encoding", line=1)
    return text


def _word(cell: str) -> str:
    return "".join(re.split("[(（]", cell)[0].split()).strip('"*：:')


@cache
def _known_words() -> frozenset[str]:
    """Return the Chinese words of two or more characters that tables have as headings or fixed values."""
    words = set()
    for table in TABLES.values():
        for column in table.columns.values():
            words.add(_word(str(column.title)))
            words.update((column.metadata or {}).get("codes", ()))
    return frozenset(word for word in words if len(word) > 1 and not word.isascii())
