"""Which renderer a build uses."""

from __future__ import annotations

import os
import shutil
from typing import Literal

from sanshi_report.errors import RenderError
from sanshi_report.render.document import Renderer

__all__ = ["choose"]


def choose(renderer: Literal["auto", "quarto", "builtin"] = "auto") -> Renderer:
    """Return the renderer asked for; `auto` takes Quarto where there is one.

    Quarto is the executable QUARTO_PATH names, else the one on PATH.

    Raises
    ------
    RenderError
        If Quarto was asked for and there is none.
    """
    # Late, so that naming a format waits for no typesetter.
    from sanshi_report.render.builtin import Builtin

    found = shutil.which(os.environ.get("QUARTO_PATH") or "quarto")
    if renderer == "quarto" and not found:
        raise RenderError("quarto_missing")
    if renderer == "builtin" or not found:
        return Builtin()
    from sanshi_report.render.quarto import Quarto

    return Quarto(found)
