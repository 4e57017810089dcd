"""XML of unknown origin, in one linear pass: no entities of its own, no endless nesting."""

from __future__ import annotations

from collections.abc import Callable
from xml.etree.ElementTree import Element
from xml.parsers import expat

__all__ = ["XML_BROKEN", "local", "parser", "text_of", "tree_of"]

XML_BROKEN = expat.ExpatError
_DEEPEST = 200


def local(name: str) -> str:
    """Return a name without its prefix."""
    return name.rpartition(":")[2]


def parser(
    start: Callable[[str, dict[str, str]], None],
    end: Callable[[str], None],
    text: Callable[[str], None] | None = None,
) -> expat.XMLParserType:
    """Return a parser that calls `start` and `end` with names as written, and `text`.

    What it meets in a document type, where entities are defined, is refused with `ValueError`, as
    is nesting that no workbook needs.
    """
    depth = 0

    def deeper(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            raise ValueError("nested too deep")
        start(name, attributes)

    def shallower(name: str) -> None:
        nonlocal depth
        depth -= 1
        end(name)

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartElementHandler = deeper
    made.EndElementHandler = shallower
    made.StartDoctypeDeclHandler = refuse
    if text:
        made.CharacterDataHandler = text
    return made


def tree_of(xml: bytes) -> Element:
    """Return a small document as a tree whose tags have lost their prefixes.

    Raises
    ------
    ValueError, XML_BROKEN
        If it is not well formed, or refused.
    """
    root = Element("")
    path = [root]

    def start(name: str, attributes: dict[str, str]) -> None:
        node = Element(local(name), attributes)
        path[-1].append(node)
        path.append(node)

    def text(words: str) -> None:
        at = path[-1]
        if len(at):
            at[-1].tail = (at[-1].tail or "") + words
        else:
            at.text = (at.text or "") + words

    def end(_: str) -> None:
        path.pop()

    parser(start, end, text).Parse(xml, True)
    return root[0]


def text_of(node: Element, *tags: str) -> str:
    """Return the texts of the nodes of some tags inside a node, joined."""
    return "".join("".join(one.itertext()) for one in node.iter() if one.tag in tags)
