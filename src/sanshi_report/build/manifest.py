"""The manifest: what a release was made from, and the digest of every file in it."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from sanshi_report import __version__
from sanshi_report.build.plan import Plan, Task
from sanshi_report.catalogue import LANGUAGES
from sanshi_report.errors import BuildError

__all__ = [
    "NAME",
    "compose",
    "intact",
    "is_inside",
    "is_own",
    "read",
    "sha256_of",
    "tables_of",
    "tables_of_all",
    "text_of",
    "write",
]

NAME = "manifest.json"

_PART = re.compile(r"[^\\:\x00-\x1f\x7f\ud800-\udfff]{1,255}")
_ENTRY = ("name", "report", "about", "subject", "language", "key", "formats")


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(release: Path) -> dict[str, Any] | None:
    """Return the manifest of a release; None if there is none that can be understood.

    Raises
    ------
    BuildError
        If it names a file or folder that would not be inside the release.
    """
    try:
        content: dict[str, Any] = json.loads((release / NAME).read_text(encoding="utf-8"))
        outputs = [
            (str(o["path"]), str(o["sha256"]), float(o["seconds"])) for o in content["outputs"]
        ]
        reports = [{name: entry[name] for name in _ENTRY} for entry in content["reports"]]
        known = content["data_key"], content["as_of"], int(content["edition"]), content["inputs"]
        folders = [former["folder"] for former in content["supersedes"]]
        spoken = {entry["language"] for entry in reports} <= set(LANGUAGES)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (outputs and reports and known and spoken):
        return None
    for name in (*(path for path, _, _ in outputs), *folders, *(one["name"] for one in reports)):
        if not is_inside(name):
            raise BuildError("manifest_unsafe", file=release / NAME, found=repr(name)[:80])
    return content


def is_inside(name: object) -> bool:
    """Return whether a path, as a manifest writes it, leads nowhere but into its own folder.

    No `..`, no root, drive or backslash, nothing that a terminal or another system reads differently.
    """
    parts = name.split("/") if isinstance(name, str) else [""]
    return all(_PART.fullmatch(part) and part.strip(". ") for part in parts)


def intact(release: Path, manifest: Mapping[str, Any]) -> set[str]:
    """Return the files of a release that are still what the manifest says; a link is none of them."""
    return {
        output["path"]
        for output in manifest["outputs"]
        if is_own(release, output["path"])
        and sha256_of(release / output["path"]) == output["sha256"]
    }


def is_own(release: Path, name: str) -> bool:
    """Return whether a file stands in a release itself, reached through no link."""
    path = release / name
    steps = (path, *(p for p in path.parents if p.is_relative_to(release)))
    return path.is_file() and not any(step.is_symlink() for step in steps)


def tables_of(name: str, names: Iterable[str], files: Iterable[str]) -> list[str]:
    """Return the tables of one document, which are named after it, among the files of a release.

    Parameters
    ----------
    names : iterable of str
        All documents of the release: where one's name begins another's, the longest that fits is meant.
    """
    longest = sorted(names, key=len, reverse=True)
    return [
        file
        for file in files
        if name == next((one for one in longest if file.startswith(f"tables/{one}-")), None)
    ]


def tables_of_all(names: Iterable[str], files: Iterable[str]) -> list[str]:
    """Return the tables of all documents; other tables of a release are frames of metrics."""
    starts = tuple(f"tables/{name}-" for name in names)
    return [file for file in files if file.startswith(starts)]


def compose(
    plan: Plan,
    folder: Path,
    seconds: Mapping[str, float],
    edition: Mapping[str, Any],
    subjects: Mapping[str, str],
) -> dict[str, Any]:
    """Return the manifest of the release staged in `folder`.

    Parameters
    ----------
    seconds : mapping of str to float
        How long each file took to make, by its path in the release.
    edition : mapping
        `edition`, a number from 1, and `supersedes`, what it replaces.
    subjects : mapping of str to str
        The name of whom or what each document is about, by the document's name.
    """
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in files]
    return {
        "period": str(plan.period),
        "as_of": plan.as_of.isoformat(),
        "data_status": plan.parameters.programme.programme.data_status,
        **edition,
        "receipts": {"number": plan.head.number, "sha256": plan.head.sha256},
        "inputs": _listed(plan.inputs),
        "parameters": [
            entry | ({"in_force": found} if (found := plan.in_force.get(entry["path"])) else {})
            for entry in _listed(plan.settings)
        ],
        "code": {"version": __version__, "revision": _revision()},
        "python": platform.python_version(),
        "packages": _packages(),
        "renderer": {"name": plan.renderer.name, "version": plan.renderer.version},
        "data_key": plan.data_key,
        "reports": [{**_entry(task), "subject": subjects[task.name]} for task in plan.tasks],
        "outputs": [
            {"path": name, "sha256": sha256_of(path), "seconds": round(seconds.get(name, 0.0), 3)}
            for name, path in zip(names, files, strict=True)
            if not name.startswith("former/")
        ],
    }


def write(manifest: Mapping[str, Any], folder: Path) -> None:
    """Write a manifest into a staged release."""
    (folder / NAME).write_text(text_of(manifest), encoding="utf-8")


def text_of(manifest: Mapping[str, Any]) -> str:
    """Return a manifest as it is written."""
    return json.dumps(manifest, ensure_ascii=False, indent=2) + "\n"


def _entry(task: Task) -> dict[str, Any]:
    return {
        "name": task.name,
        "report": task.instance.report.name,
        "about": task.instance.about,
        "language": task.language,
        "key": task.key,
        "formats": list(task.formats),
    }


def _listed(digests: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"path": path, "sha256": digest} for path, digest in sorted(digests.items())]


def _packages() -> dict[str, str]:
    found = {d.metadata["Name"].lower(): d.version for d in distributions()}
    return dict(sorted(found.items()))


def _revision() -> str | None:
    """Return the commit the program is at, with `+` if files differ from it; None outside git."""
    package = Path(__file__).parents[1]
    try:
        commit = _git(package, "rev-parse", "HEAD")
        changed = _git(package, "status", "--porcelain", "--untracked-files=no", "--", ".")
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + ("+" if changed else "")


def _git(folder: Path, *arguments: str) -> str:
    # Asking must not lock what somebody else may be committing.
    command = ["git", "--no-optional-locks", "-C", str(folder), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
