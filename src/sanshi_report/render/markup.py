"""Foreign HTML, reduced to what a report may contain.

Everything not named here is dropped: scripts, styles, event handlers, identifiers, remote pictures.
Text is kept whatever it says, and comes out escaped.
"""

from __future__ import annotations

import re
from html import escape, unescape
from html.parser import HTMLParser

__all__ = ["clean", "plain"]

_INLINE = {"a", "b", "br", "code", "em", "i", "span", "strong", "sub", "sup"}
_BLOCK = {"blockquote", "h2", "h3", "h4", "h5", "hr", "li", "ol", "p", "pre", "ul"}
_VOID = {"br", "hr"}
_UNSEEN = {"script", "style", "template", "title", "noscript", "iframe", "object", "svg", "math"}
_KEPT_CLASSES = re.compile(r"light(-(green|yellow|stalled|red|not_rated))?|strong|fact")
_ADDRESS = re.compile(r"#|https?://|mailto:|former/[0-9]+/[^/:]+$")
"""Where a link may lead: into the page, to the web, or to a former edition beside it."""
_HEADING = re.compile(r"h[1-6]")


class _Cleaner(HTMLParser):
    """Writes the allowed part of what it is fed to `parts`."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._hidden = 0
        self._light = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Write an allowed tag with its allowed attributes."""
        if tag in _UNSEEN:
            self._hidden += 1
        elif tag in _INLINE | _BLOCK and not self._hidden:
            kept = _attributes(tag, attrs)
            wrote = bool(kept) or tag not in ("a", "span")
            self.parts.append(f"<{tag}{kept}>" if wrote else "")
            if tag not in _VOID:
                self._open.append((tag, wrote))
            self._light = "light" in kept

    def handle_endtag(self, tag: str) -> None:
        """Close the tag, and whatever was left open inside it."""
        if tag in _UNSEEN:
            self._hidden = max(0, self._hidden - 1)
        elif tag in [name for name, _ in self._open]:
            while self._close() != tag:
                pass
            self._light = False

    def _close(self) -> str:
        tag, wrote = self._open.pop()
        self.parts.append(f"</{tag}>" if wrote else "")
        return tag

    def handle_data(self, data: str) -> None:
        """Write text, escaped."""
        if not self._hidden:
            # A light's symbol and its word stay on one line.
            text = data.replace(" ", "\u00a0") if self._light else data
            self.parts.append(escape(text, quote=False))

    def finished(self) -> str:
        """Close what is open and return what was written."""
        while self._open:
            self._close()
        return "".join(self.parts)


def clean(html: str) -> str:
    """Return the allowed part of `html`, well formed."""
    cleaner = _Cleaner()
    cleaner.feed(html)
    cleaner.close()
    return cleaner.finished()


def plain(html: str) -> str:
    """Return the text of a piece of HTML on one line; no-break spaces stay."""
    text = unescape(re.sub(r"<[^>]*>", "", html))
    return re.sub(r"[ \t\r\n]+", " ", text).strip(" ")


def _attributes(tag: str, attrs: list[tuple[str, str | None]]) -> str:
    given = {name: value or "" for name, value in attrs}
    kept = {}
    classes = [c for c in given.get("class", "").split() if _KEPT_CLASSES.fullmatch(c)]
    if classes:
        kept["class"] = " ".join(classes)
    if tag == "a" and _ADDRESS.match(given.get("href", "")):
        kept["href"] = given["href"]
        if "fact" in classes:
            kept["title"] = given.get("title", "")
    if _HEADING.fullmatch(tag) and given.get("id"):
        kept["id"] = given["id"]
    if tag == "ol" and given.get("start", "").isdigit():
        kept["start"] = given["start"]
    return "".join(f' {name}="{escape(value)}"' for name, value in kept.items())
