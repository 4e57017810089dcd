"""The rules behind lights and scores, as notes under the tables that show them."""

from __future__ import annotations

from typing import Any

from sanshi_report import style
from sanshi_report.style import Language, say
from sanshi_report.workspace import Parameters

__all__ = ["light_rules", "scoring_rule"]


def light_rules(parameters: Parameters, language: Language, *kinds: str) -> tuple[str, ...]:
    """Return the rules behind the lights of a table, with their version.

    Parameters
    ----------
    *kinds : {"progress", "starts"}
        Which lights the table shows.
    """
    lights = parameters.programme.lights
    words = {code: style.light_word(code, language) for code in style.LIGHTS}
    progress, begun = lights.progress, lights.starts
    texts = {
        "progress": say(
            f"prose.rule_{progress.basis}",
            language,
            green_from=_threshold(progress.green_from),
            yellow_from=_threshold(progress.yellow_from),
            **words,
        ),
        "starts": say(
            f"prose.rule_starts{'' if begun.yellow_after_months else '_at_once'}",
            language,
            yellow_after=style.Count(begun.yellow_after_months),
            red_after=style.Count(begun.red_after_months),
            **words,
        ),
    }
    version = say("prose.rule_version", language, version=lights.version)
    months = style.Count(lights.stalled.after_months)
    still = say("prose.rule_stalled", language, months=months, **words)
    space = "" if language == "zh" else " "
    return (version + space.join([*(texts[kind] for kind in kinds), still]),)


def _threshold(value: Any) -> str:
    return style.number(value, max(0, -value.normalize().as_tuple().exponent))


def scoring_rule(parameters: Parameters, language: Language, said: str) -> str:
    """Return what honours and what names, with the rule's version, in the words of a catalogue file."""
    rule = parameters.programme.scoring
    key = "rule_scoring" if rule.honour_despite_incident else "rule_scoring_incident"
    return say(
        f"{said}.{key}",
        language,
        version=rule.version,
        honour=style.number(rule.honour_from),
        criticise=style.number(rule.criticise_below),
    )
