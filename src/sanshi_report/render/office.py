"""What the two office formats share: the facts a file states about itself, and settled bytes."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC
from typing import Any

from sanshi_report.render.document import Document

__all__ = ["settled", "state"]

_EPOCH = (1980, 1, 1, 0, 0, 0)


def state(properties: Any, document: Document) -> None:
    """Set a file's core properties to what the document says of itself."""
    properties.title, properties.author = document.title, document.issuer
    properties.last_modified_by = ""
    properties.language = "zh-CN" if document.language == "zh" else "en-GB"
    properties.created = properties.modified = document.timestamp.astimezone(UTC)


def settled(data: bytes, replaced: Mapping[str, bytes] | None = None) -> bytes:
    """Return an office file with the same parts, in one order and with one date.

    Parameters
    ----------
    replaced : mapping of str to bytes, optional
        What to put in place of the parts of these names.
    """
    replaced = replaced or {}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as read, zipfile.ZipFile(out, "w") as write:
        for name in sorted(read.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            part = zipfile.ZipInfo(name, _EPOCH)
            part.compress_type = zipfile.ZIP_DEFLATED
            part.external_attr = 0o644 << 16
            whole = replaced[name] if name in replaced else read.read(name)
            write.writestr(part, whole, compresslevel=6)
    return out.getvalue()
