"""Verifying: a release made again from the same files must have the same bytes."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from sanshi_report.build import manifest
from sanshi_report.build.calendar import Subjects
from sanshi_report.build.editions import Edition
from sanshi_report.build.place import copy, writing
from sanshi_report.build.plan import Plan, Request, make_plan
from sanshi_report.build.release import remake, renderer_named
from sanshi_report.errors import BuildError, RenderError
from sanshi_report.ledger import Signature, proven, signatures
from sanshi_report.period import ReportPeriod
from sanshi_report.render import Renderer, tried
from sanshi_report.workspace import Parameters, Workspace

__all__ = ["Proof", "elsewhere", "plan_again", "verify"]

State = Literal["same", "different", "edited"]


@dataclass(frozen=True)
class Proof:
    """What came of making a release again.

    Attributes
    ----------
    states : mapping of str to {"same", "different", "edited"}
        By file: the bytes are the same; making it again gives other bytes, or no such file; or the file
        in the release is not what was made.
    made_by, made_again_by : str
        The program's revision then and now, `—` where it is not known.
    signatures : tuple of Signature
        Those of the list of receipts and of the release.
    lines : int
        How many the list of receipts has.
    """

    states: Mapping[str, State]
    made_by: str
    made_again_by: str
    signatures: tuple[Signature, Signature]
    lines: int

    @property
    def holds(self) -> bool:
        """Whether every file is the same, and what should be signed is: the list, where there is a key."""
        of_list, of_release = (one.state for one in self.signatures)
        is_signed = of_list in ("good", "no_key") and of_release != "wrong"
        return is_signed and set(self.states.values()) == {"same"}


def verify(
    workspace: Workspace,
    period: str | ReportPeriod | None,
    *,
    progress: Callable[[str], None] = lambda _: None,
) -> Proof:
    """Make a period's release again, elsewhere and from nothing, and compare every file.

    Raises
    ------
    BuildError
        If there is no release, or its data, parameters or notebooks are no longer what they were.
    DataError
        If the list of receipts is not the one that releases and the signature know.
    ReportError
        If it cannot be made again.
    """
    at = ReportPeriod.parse(period)
    release = workspace.output / str(at)
    about = manifest.read(release)
    if about is None:
        raise BuildError("verify_nothing", period=at)
    lines = proven(workspace).head.number
    renderer = _renderer_of(about, at)
    with elsewhere(workspace, workspace.parameters(at)) as scratch:
        plan = plan_again(scratch, at, about, renderer, about["as_of"])
        _require_same_sources(plan, about)
        edition = Edition(about["edition"], tuple(about["supersedes"]))
        made = remake(plan, edition, progress)
    again = {output["path"]: output["sha256"] for output in made["outputs"]}
    intact = manifest.intact(release, about)
    states: dict[str, State] = {}
    for output in about["outputs"]:
        name, digest = output["path"], output["sha256"]
        same = again.pop(name, None) == digest
        states[name] = "edited" if name not in intact else "same" if same else "different"
    states.update(dict.fromkeys(again, "different"))
    signed = signatures(workspace, str(at))
    return Proof(states, _revision(about), _revision(made), signed, lines)


def _renderer_of(about: Mapping[str, Any], period: ReportPeriod) -> Renderer:
    """Return the renderer that made a release, or say what to do where there is no Quarto for it."""
    name, version = about["renderer"]["name"], about["renderer"]["version"]
    try:
        return tried(renderer_named(name), name)
    except RenderError as error:
        reason = error.values["reason"]
        raise BuildError(
            "verify_without_quarto", period=period, version=version, reason=reason
        ) from error


@contextmanager
def elsewhere(
    workspace: Workspace, parameters: Parameters, *, keep_read: bool = False
) -> Iterator[Workspace]:
    """Give another workspace with the same sources, and with nothing computed from them.

    Parameters
    ----------
    keep_read : bool
        Share what has been read of received files, which saves reading them again.
    """
    with tempfile.TemporaryDirectory(prefix="sanshi-verify-") as folder, writing(Path(folder)):
        other = Workspace(Path(folder).resolve())
        for source in (workspace.parameter_folder, workspace.notebooks, workspace.raw):
            shutil.copytree(
                source, other.root / source.relative_to(workspace.root), copy_function=_again
            )
        other.output.mkdir()
        if keep_read:
            (workspace.processed / "tables").mkdir(parents=True, exist_ok=True)
            other.processed.mkdir(parents=True)
            (other.processed / "tables").symlink_to(workspace.processed / "tables")
        for fonts in parameters.programme.page.fonts.folders:
            place = other.root / fonts
            if not place.exists():
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(workspace.root / fonts)
        # A notebook that fails is to be found after this folder is gone.
        failed = workspace.output / ".failed"
        failed.mkdir(exist_ok=True)
        (other.output / ".failed").symlink_to(failed)
        yield other


def _again(source: str, target: str) -> None:
    copy(Path(source), Path(target))


def plan_again(
    workspace: Workspace,
    period: ReportPeriod,
    about: Mapping[str, Any],
    renderer: Renderer,
    as_of: str | datetime,
) -> Plan:
    """Plan every document that a manifest names, as known at a moment."""
    request = Request([], None, None, as_of, Subjects())
    parameters = workspace.parameters(period)
    return make_plan(workspace, parameters, request, renderer, about["reports"])


def _require_same_sources(plan: Plan, about: Mapping[str, Any]) -> None:
    # Of a parameter file what it decides for this period must be the same, not what it decides for others.
    entries = (*about["inputs"], *about["parameters"])
    then = {entry["path"]: entry.get("in_force", entry["sha256"]) for entry in entries}
    dated = {entry["path"] for entry in about["parameters"] if "in_force" in entry}
    decided = {path: digest for path, digest in plan.in_force.items() if path in dated}
    now = {**plan.inputs, **plan.settings, **decided}
    changed = sorted(path for path in {**then, **now} if then.get(path) != now.get(path))
    if changed:
        listed = "\n".join(f"  - {path}" for path in changed)
        raise BuildError("verify_sources_changed", period=plan.period, files=listed)


def _revision(about: Mapping[str, Any]) -> str:
    return str(about["code"]["revision"] or "—")
