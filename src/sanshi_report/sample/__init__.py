"""A made-up year of the programme: twelve months of workbooks, always the same bytes.

Thirty projects with neutral names add up to every published total. Their year is told in `story.yaml`;
`works` and `office` work out every table from it as it stands on any day; `workbooks` sends what is new.
"""

from __future__ import annotations

from pathlib import Path

from sanshi_report.errors import UsageError
from sanshi_report.sample.workbooks import files

__all__ = ["make"]


def make(workspace_root: Path) -> list[Path]:
    """Write the sample's `data/raw` under a workspace and return its files, in order.

    Files that are already there with the same content stay untouched.

    Raises
    ------
    UsageError
        If a file there differs; nothing is written then, for received files are never replaced.
    """
    raw = workspace_root / "data" / "raw"
    content = {raw / name: data for name, data in files().items()}
    present = {path for path in content if path.exists() or path.is_symlink()}
    differing = [p for p in present if not p.is_file() or p.read_bytes() != content[p]]
    if differing:
        names = "\n".join(sorted(str(path.relative_to(raw)) for path in differing))
        raise UsageError("sample_differs", folder=raw, count=len(differing), files=names)
    for path, data in content.items():
        if path not in present:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial = path.with_name(f".{path.name}.part")
            partial.write_bytes(data)
            partial.replace(path)
    return list(content)
