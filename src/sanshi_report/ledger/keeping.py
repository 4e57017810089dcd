"""Where what a received file says is kept once it has been read, and whether it still is what was kept.

An entry is one file. Its name is a digest of all it was made from: the file's bytes and name (rows say where
they stand), the lists of the month it is for, and the code that reads. It begins with a digest of that name and of
the rest, held against both before anything in it is looked at: a damaged, cut or renamed entry is read again
from the file, and so is one of other code.

No pandas here: whether files must be read has to be known before that is imported.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import sanshi_report
from sanshi_report import child
from sanshi_report.errors import ReportError
from sanshi_report.ledger.inbox import Receipt, effective, moment
from sanshi_report.period import ReportPeriod
from sanshi_report.workspace import Programme, Workspace

__all__ = ["keep", "kept", "place_of", "read_ahead"]

_DIGEST = hashlib.sha256().digest_size


def place_of(workspace: Workspace, receipt: Receipt, programme: Programme) -> Path:
    """Return where the tables of one file are kept."""
    parts = (receipt.sha256, receipt.name, json.dumps(programme.lists()), _code())
    return workspace.processed / "tables" / hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read_ahead(
    workspace: Workspace, period: str | ReportPeriod | None, as_of: str | datetime | None = None
) -> None:
    """Start the child that reads files if some file of a period must be read, without waiting for it.

    What is wrong is told to whoever reads the data itself.
    """
    with suppress(ReportError):
        parameters = workspace.parameters(period)
        counted = effective(workspace, parameters.period, moment(as_of, parameters.cutoff))
        lists = parameters.by_month
        places = [
            place_of(workspace, one, lists.get(one.period, parameters.programme)) for one in counted
        ]
        if not all(place.exists() for place in places):
            child.start()


def kept(place: Path) -> bytes | None:
    """Return what is kept, or None where there is nothing, or not what was kept under this name."""
    try:
        entry = place.read_bytes()
    except OSError:
        return None
    content = entry[_DIGEST:]
    return content if entry[:_DIGEST] == _seal(place, content) else None


def keep(place: Path, content: bytes) -> None:
    """Keep something in one rename; a full or closed disk does not matter."""
    building = place.with_name(f".{place.name}-{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        building.write_bytes(_seal(place, content) + content)
        building.replace(place)
    except OSError:
        with suppress(OSError):
            building.unlink(missing_ok=True)


def _seal(place: Path, content: bytes) -> bytes:
    """Return the digest of an entry under its name."""
    return hashlib.sha256(place.name.encode() + content).digest()


@cache
def _code() -> str:
    """Return a digest of everything that decides how a file is read, and its tables kept.

    Reading may use any module that the ledger may, and their words.
    """
    package = Path(sanshi_report.__file__).parent
    folders = (package / name for name in (".", "catalogue", "intake", "style", "workspace"))
    files = [
        file for folder in folders for kind in ("py", "yaml") for file in folder.glob(f"*.{kind}")
    ]
    files += [Path(__file__), Path(__file__).with_name("sources.py")]
    libraries = " ".join(version(name) for name in ("python-calamine", "pandas", "pyarrow"))
    digest = hashlib.sha256(f"{sys.version} {libraries}".encode())
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()
