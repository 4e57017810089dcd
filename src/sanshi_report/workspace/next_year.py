"""The parameters of a new year: those of the year before, without the figures that are approved anew."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from ruamel.yaml import YAML

from sanshi_report.catalogue import LANGUAGES, say
from sanshi_report.workspace.dated import settled

__all__ = ["next_year"]


def next_year(text: str, year: int) -> str:
    """Return the parameter file of a year, made of one of an earlier year and keeping its comments.

    Lists, rules and reports are those in force at the end of the earlier year. Control totals, milestones
    and the days of seasons are empty: what is not approved yet must not be taken for approved.

    Parameters
    ----------
    text : str
        The earlier file, which is in order.
    """
    yaml = YAML()
    yaml.width = 10_000
    yaml.preserve_quotes = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    content = yaml.load(text)
    before = content["programme"]["year"]
    settled(content, date(before, 12, 31))
    for figures, name in _approved(content):
        figures[name] = None
    content["programme"]["year"] = year
    written = io.StringIO()
    yaml.dump(content, written)
    heads = (say("cli.new_year_head", to, year=year, before=before) for to in LANGUAGES)
    own = re.sub(r": null\b", ": ", written.getvalue())
    own = re.sub(r"#[^\n]*", lambda found: found[0].replace(str(before), str(year)), own)
    return "".join(f"# {head}\n" for head in heads) + own


def _approved(content: Any) -> Iterator[tuple[Any, str]]:
    """Yield where each figure or day stands that the new year's approvals bring."""
    totals = content["control_totals"]
    groups = [totals["projects"], totals["new_build"], totals["continuing"]]
    for group in (*groups, *totals["continuing_by_sector"].values(), *content["milestones"]):
        yield from ((group, name) for name in list(group))
    for season in content["labour"]["seasons"]:
        yield from ((season, name) for name in ("starts_on", "ends_on"))
