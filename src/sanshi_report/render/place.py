"""Putting a finished file where it belongs, whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["place"]


def place(data: bytes, target: Path) -> None:
    """Write `data` to `target` in one step, readable as the umask says; a failure leaves what was there."""
    unfinished = target.with_name(f".{target.name}-{os.getpid()}")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(target)
    except OSError as error:
        error.filename = str(target)  # a full disk names no file
        raise
    finally:
        unfinished.unlink(missing_ok=True)
