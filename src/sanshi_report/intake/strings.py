"""The shared texts of an xls: a table cut into records at any byte, of which only the marked ones matter."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence

from sanshi_report.intake.seen import Look

__all__ = ["marked_strings"]

Runs = Sequence[tuple[int, int]]


def marked_strings(
    blocks: Sequence[bytes], look: Callable[[int, Runs], Look | None]
) -> dict[int, Look]:
    """Return the looks of those shared texts that have one, by number.

    Parameters
    ----------
    blocks : sequence of bytes
        The record of shared texts and those that continue it; may be empty.
    look : callable
        Returns the look of a text of some length and runs of (first character, font), if it has one.

    Raises
    ------
    IndexError, struct.error
        If the table ends too early.
    """
    found: dict[int, Look] = {}
    if not blocks:
        return found
    table = _Blocks(blocks)
    count = struct.unpack("<II", table.take(8))[1]
    for number in range(count):
        if table.ended():
            break  # some programs count more than they write
        length, flags = struct.unpack("<HB", table.take(3))
        runs = struct.unpack("<H", table.take(2))[0] if flags & 8 else 0
        extra = struct.unpack("<I", table.take(4))[0] if flags & 4 else 0
        table.skip_text(length, bool(flags & 1))
        pairs = struct.unpack(f"<{2 * runs}H", table.take(4 * runs))
        table.take(extra)
        if runs and (one := look(length, list(zip(pairs[::2], pairs[1::2], strict=True)))):
            found[number] = one
    return found


class _Blocks:
    """Bytes cut into blocks."""

    def __init__(self, blocks: Sequence[bytes]) -> None:
        self.blocks = blocks
        self.block = self.at = 0

    def ended(self) -> bool:
        """Return whether nothing is left."""
        while self.block < len(self.blocks) and self.at >= len(self.blocks[self.block]):
            self.block, self.at = self.block + 1, 0
        return self.block == len(self.blocks)

    def take(self, size: int) -> bytes:
        """Return the next bytes, across blocks."""
        parts = []
        while size > 0:
            if self.ended():
                raise IndexError("the shared texts end too early")
            part = self.blocks[self.block][self.at : self.at + size]
            parts.append(part)
            self.at += len(part)
            size -= len(part)
        return b"".join(parts)

    def skip_text(self, length: int, wide: bool) -> None:
        """Pass over characters; where a block ends among them, the next says anew how wide they are."""
        while length > 0:
            left = (len(self.blocks[self.block]) - self.at) // (1 + wide)
            some = min(length, left)
            self.at += some * (1 + wide)
            length -= some
            if length > 0:
                self.block, self.at = self.block + 1, 1
                wide = bool(self.blocks[self.block][0] & 1)
