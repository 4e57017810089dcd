"""One parameter file: read, checked as it stands on every day, and asked what is in force on one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Generic, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sanshi_report.catalogue import LANGUAGES, say, yamls
from sanshi_report.workspace.coherence import incoherent
from sanshi_report.workspace.dated import Dated
from sanshi_report.workspace.programme import Programme

__all__ = ["InForce", "told"]

_Model = TypeVar("_Model", bound=BaseModel)


class InForce(Generic[_Model]):
    """What a file decides, by day.

    Parameters
    ----------
    file : Path
    model : type
        What the file holds on any one day.
    problems : list of str
        Takes what is wrong with the file, whatever day it is about: each problem once, with its key.
    year : int, optional
        The only year in which days may lie; from its first day on everything must be there.

    Attributes
    ----------
    is_valid : bool
        Whether nothing is wrong, so that `on` can be asked.
    """

    def __init__(
        self, file: Path, model: type[_Model], problems: list[str], year: int | None = None
    ) -> None:
        self.file = file
        self._known: list[tuple[date, _Model]] = []
        found = list(dict.fromkeys(self._read(model, year)))
        self.is_valid = not found
        problems += found

    def on(self, day: date) -> _Model:
        """Return what is in force on a day."""
        return next(read for begins, read in reversed(self._known) if begins <= day)

    def _read(self, model: type[_Model], year: int | None) -> Iterator[str]:
        name = self.file.name
        try:
            content = yamls.read(self.file)
        except yaml.YAMLError as error:
            yield f"{name}: {' '.join(str(error).split())}"
            return
        dated = Dated({} if content is None else content, year)
        yield from (f"{name}: {problem}" for problem in dated.problems)
        if dated.problems:
            return
        first = date(year, 1, 1) if year else date.min
        seen: set[str] = set()
        for day in dict.fromkeys((first, *dated.days)):
            content = dated.on(day)
            keys = " ".join(_unfilled(content)) if year else ""
            found = [told(keys, "not_filled")] if keys else self._on(content, day, model)
            for problem in found:
                if problem not in seen:
                    seen.add(problem)
                    when = f" ({day})" if day != first else ""
                    yield f"{name}{when}: {problem}"

    def _on(self, content: Any, day: date, model: type[_Model]) -> Iterator[str]:
        """Keep what the file says from a day on, or yield what is wrong with it."""
        try:
            read = model.model_validate(content)
        except ValidationError as error:
            for problem in error.errors():
                key = ".".join(str(part) for part in problem["loc"]) or "(file)"
                yield f"{key}: {problem['msg']} (found {problem['input']!r:.60})"
            return
        self._known.append((day, read))
        if isinstance(read, Programme):
            yield from (told(*problem) for problem in incoherent(read))


def _unfilled(node: Any, key: str = "") -> Iterator[str]:
    """Yield the key of everything that is there without a value."""
    if node is None:
        yield key.strip(".") or "(file)"
    parts = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for name, value in parts:
        yield from _unfilled(value, f"{key}.{name}")


def told(key: str, rule: str, values: dict[str, Any] | None = None) -> str:
    """Return what is wrong with a key, in both languages."""
    texts = (say(f"errors.{rule}", language, **(values or {})) for language in LANGUAGES)
    return f"{key}: {' | '.join(texts)}"
