"""The streams of an OLE compound file, which is what an xls and a protected workbook are.

calamine trusts the numbers in such a file: a chain of sectors that bites its tail, or a length nobody could
have written, makes it loop for ever or end the whole process. Here they are errors.
"""

from __future__ import annotations

import struct

__all__ = ["streams_of"]

_LAST = 0xFFFFFFFA
_MOST_MINI_SECTORS = 4096
_MINI = 64


def streams_of(content: bytes) -> dict[str, bytes]:
    """Return every stream by its name in lower case.

    Raises
    ------
    ValueError, struct.error
        If the file contradicts itself.
    """
    shift, mini_shift = struct.unpack_from("<HH", content, 30)
    fat_length, first_directory, _, cutoff = struct.unpack_from("<IIII", content, 44)
    first_mini, mini_length = struct.unpack_from("<II", content, 60)
    if shift not in {9, 12} or mini_shift != 6:
        raise ValueError("unknown sector size")
    size = 1 << shift
    body = content[size:]
    if fat_length > len(content) // size or mini_length > _MOST_MINI_SECTORS:
        raise ValueError("longer than the file")
    fat = _numbers(
        b"".join(body[n * size : (n + 1) * size] for n in _fat_sectors(content, body, size))
    )
    directory = _chain(first_directory, fat, body, size)
    entries = [directory[at : at + 128] for at in range(0, len(directory), 128)]
    minis = _chain(struct.unpack_from("<I", entries[0], 116)[0], fat, body, size)
    mini_fat = _numbers(_chain(first_mini, fat, body, size))
    streams: dict[str, bytes] = {}
    for entry in entries:
        start, length = struct.unpack_from("<II", entry, 116)
        if entry[66] and length > len(content):
            raise ValueError("longer than the file")
        if entry[66] == 2:
            name = entry[: max(0, entry[64] - 2)].decode("utf-16-le", "replace").casefold()
            large = length >= cutoff
            whole = (
                _chain(start, fat, body, size) if large else _chain(start, mini_fat, minis, _MINI)
            )
            streams[name] = whole[:length]
    return streams


def _fat_sectors(content: bytes, body: bytes, size: int) -> list[int]:
    """Return the sectors of the allocation table, those of the first 109 and of the lists after them."""
    numbers = list(struct.unpack_from("<109I", content, 76))
    following = struct.unpack_from("<I", content, 68)[0]
    seen: set[int] = set()
    while following < _LAST:
        if following in seen:
            raise ValueError("a list of sectors without end")
        seen.add(following)
        *more, following = _numbers(body[following * size : (following + 1) * size])
        numbers += more
    return [number for number in numbers if number < _LAST]


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def _chain(start: int, fat: tuple[int, ...], body: bytes, size: int) -> bytes:
    parts: list[bytes] = []
    while start < len(fat):
        if len(parts) > len(fat):
            raise ValueError("a chain of sectors without end")
        parts.append(body[start * size : (start + 1) * size])
        start = fat[start]
    return b"".join(parts)
