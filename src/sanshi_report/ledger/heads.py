"""How far the list of receipts is known to have come: every manifest and the signature say so.

The chain shows that lines follow from one another. That it was not cut short, or written anew from some
line on, is shown by what kept its head at some time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from sanshi_report.errors import DataError
from sanshi_report.ledger.chain import NAME, Chain, Head, Problem, Problems
from sanshi_report.ledger.signing import Signature, private_key, sign, signature
from sanshi_report.workspace import Workspace

__all__ = ["proven", "sign_all", "signatures"]

SIGNATURE = "receipts.sig"
RELEASE_SIGNATURE = "manifest.sig"


def proven(workspace: Workspace, *, even_signed_wrongly: bool = False) -> Chain:
    """Return the list of receipts after comparing it with every head that was kept.

    Raises
    ------
    Problems
        If the list is not sound in itself, is shorter than it was, or is another than it was.
    """
    # First what was kept, for somebody may be receiving: the list only grows.
    signed = _signature(workspace)
    kept = dict(_kept(workspace.output))
    if signed.head is not None:
        kept.setdefault(signed.head, signed.file)
    chain = Chain.read(workspace.raw)
    problems = list(_differing(chain, kept))
    if signed.state == "wrong" and not even_signed_wrongly:
        problems.append(("signature_wrong", {"file": signed.file}))
    if problems:
        raise Problems("receipts_invalid", problems)
    return chain


def _kept(output: Path) -> Iterator[tuple[Head, str]]:
    """Yield the head in each manifest under a folder, and where it is; older manifests have none."""
    for file in sorted(output.rglob("manifest.json"), reverse=True):
        try:
            head = json.loads(file.read_bytes())["receipts"]
            yield (
                Head(int(head["number"]), str(head["sha256"])),
                f"output/{file.relative_to(output)}",
            )
        except (OSError, ValueError, KeyError, TypeError):
            continue


def _differing(chain: Chain, kept: Mapping[Head, str]) -> Iterator[Problem]:
    """Yield each head that is not, or no longer, in the list, with the lines among which to look."""
    sound = 0
    for head in sorted(kept, key=lambda head: head.number):
        values = {"file": NAME, "kept": kept[head], "line": head.number + 1}
        if not 0 <= head.number <= chain.head.number:
            yield "chain_cut", {**values, "first": chain.head.number + 2}
        elif chain.digests[head.number] != head.sha256:
            yield "chain_rewritten", {**values, "first": sound + 2}
        else:
            sound = head.number


# Signing


def sign_all(workspace: Workspace, key: str, period: str = "") -> list[Signature]:
    """Sign the head of the list, and the manifest of one period's release if it is named.

    Parameters
    ----------
    key : str
        The file of the private key, outside the workspace.

    Raises
    ------
    UsageError
        If the key cannot be used.
    DataError
        If the list is not in order, or there is no such release.
    """
    private = private_key(workspace, key)
    head = proven(workspace, even_signed_wrongly=True).head
    made = {workspace.raw / SIGNATURE: f"sanshi receipts {head.number} {head.sha256}"}
    if period:
        made[_release(workspace, period) / RELEASE_SIGNATURE] = _of_release(workspace, period)
    for file, statement in made.items():
        sign(private, statement, file)
    return [signature(workspace, file) for file in made]


def signatures(workspace: Workspace, period: str) -> tuple[Signature, Signature]:
    """Return what is known of the signatures of the list and of a release."""
    release = signature(workspace, _release(workspace, period) / RELEASE_SIGNATURE)
    if release.state == "good" and release.statement != _of_release(workspace, period):
        release = replace(release, state="wrong")
    return _signature(workspace), release


def _signature(workspace: Workspace) -> Signature:
    found = signature(workspace, workspace.raw / SIGNATURE)
    return replace(found, state="wrong") if found.state == "good" and not found.head else found


def _release(workspace: Workspace, period: str) -> Path:
    return workspace.output / period


def _of_release(workspace: Workspace, period: str) -> str:
    try:
        manifest = (_release(workspace, period) / "manifest.json").read_bytes()
    except OSError:
        raise DataError("sign_nothing", period=period) from None
    return f"sanshi release {period} {hashlib.sha256(manifest).hexdigest()}"
