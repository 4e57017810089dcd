"""The note on a heading: what the column means, whether it must be filled, its unit, an example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sanshi_report.catalogue import LANGUAGES, Language, entries, say
from sanshi_report.intake.headers import facts_of
from sanshi_report.schemas import TABLES
from sanshi_report.workspace import Programme

__all__ = ["note"]


def note(table: str, name: str, programme: Programme) -> str:
    """Return the note on a heading, a few lines of Chinese and one of English."""
    chinese, english = (_parts(table, name, programme, language) for language in LANGUAGES)
    return "\n".join([*chinese, f"{TABLES[table].columns[name].description}: {'; '.join(english)}"])


def _parts(table: str, name: str, programme: Programme, language: Language) -> list[str]:
    facts = facts_of(table, name)
    shared = f"define_{name}" in entries("template")
    meaning = f"template.define_{name}" if shared else f"template.define_{table}_{name}"
    values = (
        {"start": programme.programme.start_definition[language]} if name == "started_on" else {}
    )
    when = facts["required_when"]
    duty = "required" if facts["required"] else f"required_{when}" if when else "optional"
    parts = [say(meaning, language, **values).rstrip("."), say(f"template.note_{duty}", language)]
    if facts["unit"]:
        parts.append(say("template.note_unit", language, unit=facts["unit"]))
    if example := _example(facts, programme):
        parts.append(say("template.note_example", language, example=example))
    return parts


def _example(facts: Mapping[str, Any], programme: Programme) -> str:
    """Return what could stand in the column: of a list, a value that is on it."""
    example = str(facts["example"])
    values = programme.stored(facts["list"]) if facts["list"] else {example: ""}
    return example if example in values else next(iter(values), "")
