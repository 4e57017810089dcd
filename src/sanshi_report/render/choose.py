"""Which renderer a build uses."""

from __future__ import annotations

import os
import shutil
from typing import Literal

from sanshi_report.errors import RenderError
from sanshi_report.render.document import Renderer

__all__ = ["choose"]


def choose(renderer: Literal["auto", "quarto", "builtin"] = "auto") -> Renderer:
    """Return the renderer asked for; `auto` takes Quarto where there is one that will do.

    Quarto is the executable QUARTO_PATH names, else the one on PATH.

    Raises
    ------
    RenderError
        If Quarto was asked for and there is none, or one too old.
    """
    # Late, so that what needs no typesetter waits for none.
    from sanshi_report.render.builtin import Builtin

    found = shutil.which(os.environ.get("QUARTO_PATH") or "quarto")
    if renderer == "quarto" and not found:
        raise RenderError("quarto_missing")
    if renderer == "builtin" or not found:
        return Builtin()
    from sanshi_report.render.quarto import OLDEST, Quarto

    quarto = Quarto(found)
    if quarto.is_recent:
        return quarto
    if renderer == "quarto":
        raise RenderError("quarto_old", found=quarto.version, needed=OLDEST)
    return Builtin()
