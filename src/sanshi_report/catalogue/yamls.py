"""Reading YAML, the program's own and everybody else's, in one bounded way.

A key may stand once in a mapping, and decimals stay decimals. How large a text is with its aliases written
out, and how deep it goes, is found while it is scanned, before anything is built from it: a few lines of
aliases to aliases would else stand for more than any memory holds.
"""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

__all__ = ["DEEPEST", "LARGEST", "Refused", "parse", "read"]

LARGEST = 1_000_000
"""Characters of a text, and characters and `_NODE` for each node once aliases are written out."""

DEEPEST = 32
"""How many lists and mappings may stand in one another; parameters need five."""

_NODE = 8


class Refused(yaml.YAMLError):
    """A text that is not read, as against one that is no YAML.

    Parameters
    ----------
    rule : str
        Entry of the catalogue's `errors` file.
    **values : Any
        What the sentence's placeholders stand for.
    """

    def __init__(self, rule: str, **values: Any) -> None:
        self.rule = rule
        self.values = values
        super().__init__(rule)

    def __str__(self) -> str:
        from sanshi_report.catalogue import say  # it reads its own files with this module

        return " | ".join(say(f"errors.{self.rule}", lang, **self.values) for lang in ("zh", "en"))


class _Strict:
    """What both loaders do differently from PyYAML's own."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable):  # if not, PyYAML says so below
                if key in seen:
                    raise Refused("yaml_twice", found=key, line=key_node.start_mark.line + 1)
                seen.add(key)
        found: dict[Any, Any] = super().construct_mapping(node, deep)  # type: ignore[misc]
        return found

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)  # type: ignore[misc]
        except (ValueError, ArithmeticError, LookupError, AttributeError):
            # 2024-02-30, .inf, a number of 5,000 digits, a tag that does not fit
            found, line = str(node.value)[:60], node.start_mark.line + 1
            raise Refused("yaml_value", found=found, line=line) from None


class _Typed(_Strict, yaml.CSafeLoader):
    """Numbers, days and so on are what they look like."""


class _Plain(_Strict, yaml.CBaseLoader):
    """Every scalar stays text."""


_Typed.add_constructor(
    "tag:yaml.org,2002:float",
    lambda loader, node: Decimal(str(loader.construct_scalar(node))),  # type: ignore[arg-type]
)


def read(file: Path, *, plain: bool = False) -> Any:
    """Return the content of a file in UTF-8, None of an empty one; see `parse`.

    Raises
    ------
    OSError
        If it cannot be read.
    yaml.YAMLError
        As `parse` does.
    """
    with file.open("rb") as opened:
        content = opened.read(LARGEST * 4 + 1)
    if len(content) > LARGEST * 4:  # no character takes more bytes
        raise Refused("yaml_large", most=LARGEST)
    try:
        return parse(content.decode("utf-8-sig"), plain=plain)
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise Refused("yaml_not_utf8", line=line) from None


def parse(text: str, *, plain: bool = False) -> Any:
    """Return what a text says.

    Parameters
    ----------
    plain : bool
        Leave every scalar the text it is.

    Raises
    ------
    yaml.YAMLError
        If it is no YAML; `Refused` if it is too large or too deep, has a key twice, or has a value that is
        none, such as 2024-02-30.
    """
    if len(text) > LARGEST:
        raise Refused("yaml_large", most=LARGEST)
    loader = _Plain if plain else _Typed
    _measure(text, loader)
    return yaml.load(text, Loader=loader)


def _measure(text: str, loader: Any) -> None:
    """Refuse a text that is too deep, or too large once each alias is what it stands for."""
    size = 0
    sizes: dict[str, int] = {}
    around: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            # One inside what it stands for, or before it, has no size.
            if event.anchor not in sizes:
                raise Refused("yaml_alias", name=event.anchor, line=line)
            size += sizes[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            size += len(event.value) + _NODE
            if event.anchor:
                sizes[event.anchor] = len(event.value) + _NODE
        elif isinstance(event, yaml.CollectionStartEvent):
            around.append((event.anchor, size))
            size += _NODE
            if len(around) > DEEPEST:
                raise Refused("yaml_deep", most=DEEPEST, line=line)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = around.pop()
            if anchor:
                sizes[anchor] = size - before
        if size > LARGEST:
            raise Refused("yaml_large", most=LARGEST)
