"""Which renderer a build uses."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from typing import Literal

from sanshi_report.errors import RenderError
from sanshi_report.render.document import Renderer

__all__ = ["Choice", "choose", "tried"]

Choice = Literal["auto", "quarto", "builtin"]
Note = Callable[[RenderError], None]


def choose(choice: Choice = "auto", note: Note = lambda _: None) -> Renderer:
    """Return the renderer asked for; `auto` takes Quarto where there is one that will do.

    Quarto is the executable QUARTO_PATH names, else the one on PATH.

    Parameters
    ----------
    note : callable
        For `auto`, told why a Quarto that is there, or that QUARTO_PATH names, is not taken.

    Raises
    ------
    RenderError
        If Quarto was asked for and there is none, one too old, or one that does not start.
    """
    # Imported here because they are slow, and most commands render nothing.
    from sanshi_report.render.builtin import Builtin

    named = os.environ.get("QUARTO_PATH")
    if choice == "builtin" or (choice == "auto" and not named and not shutil.which("quarto")):
        return Builtin()
    try:
        return _quarto(named)
    except RenderError as error:
        if choice == "quarto":
            raise
        note(error)
        return Builtin()


def tried(renderer: Renderer, choice: Choice, note: Note = lambda _: None) -> Renderer:
    """Return the renderer if it can set one line; for `auto` the built-in one where Quarto cannot.

    Parameters and errors are those of `choose`. Ask before anything slow is done.
    """
    from sanshi_report.render.builtin import Builtin
    from sanshi_report.render.specimen import set_specimen

    if renderer.name != "quarto":
        return renderer
    try:
        set_specimen(renderer, "一")
    except RenderError as error:
        if choice == "quarto":
            raise
        note(error)
        return Builtin()
    return renderer


def _quarto(named: str | None) -> Renderer:
    from sanshi_report.render.quarto import OLDEST, Quarto

    found = shutil.which(named or "quarto")
    if not found:
        reason = f"{named or 'quarto'}: not found"
        raise RenderError("quarto_path" if named else "quarto_missing", path=named, reason=reason)
    quarto = Quarto(found)
    if not quarto.is_recent:
        reason = f"Quarto {quarto.version} < {OLDEST}"
        raise RenderError("quarto_old", found=quarto.version, needed=OLDEST, reason=reason)
    return quarto
