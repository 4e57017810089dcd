"""Every sentence and label the product shows, in Chinese and English, from YAML files beside this one.

A key is `<file>.<entry>`; an entry has `zh` and `en`. A missing key or placeholder is a programming
error and raises at once, so no report is published with a hole in a sentence.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal, cast, get_args

from sanshi_report.catalogue import yamls

__all__ = ["LANGUAGES", "Language", "entries", "say"]

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


@cache
def _file(name: str) -> dict[str, dict[str, str]]:
    text = files(__name__).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    return cast(dict[str, dict[str, str]], yamls.parse(text) or {})


def entries(name: str) -> dict[str, dict[str, str]]:
    """Return all entries of one catalogue file, by key without the file's name."""
    return dict(_file(name))


def say(key: str, language: Language = "zh", **values: Any) -> str:
    """Return the text of `key` in `language`, its `{placeholders}` filled from `values`.

    Raises
    ------
    KeyError
        If the key, the language or a placeholder's value is missing.

    Examples
    --------
    >>> say("labels.money", amount="0.72"), say("labels.money", "en", amount="0.072")
    ('0.72亿元', '0.072 billion yuan')
    """
    name, _, entry = key.partition(".")
    text = _file(name)[entry][language]
    return text.format_map(values) if values else text
