"""Signing, for offices that want it: who holds the private key vouches for the list of receipts.

A signature is a small text file beside what it is about: a line that states it, and the Ed25519 signature
of that line in base64. The public key is `parameters/signing.pub`, for the whole programme; the private key
stays outside the workspace. Without a public key nothing is asked of anybody.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from sanshi_report.errors import DataError, ParameterError, UsageError
from sanshi_report.ledger.chain import Head, naming, write
from sanshi_report.workspace import Workspace

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["Signature", "new_key", "private_key", "public_key", "sign", "signature"]

_FRESH = os.O_WRONLY | os.O_CREAT | os.O_EXCL

State = Literal["no_key", "missing", "wrong", "good"]


@dataclass(frozen=True)
class Signature:
    """What is known of one signature.

    Attributes
    ----------
    file : str
        Where it is, or would be, relative to the workspace.
    state : {"no_key", "missing", "wrong", "good"}
        There is no public key to check it with; it is not there; it was not made with that key, or the
        line was changed; it holds.
    statement : str
        The line that is signed; empty if there is none.
    """

    file: str
    state: State
    statement: str

    @property
    def head(self) -> Head | None:
        """The head that was signed, if the line states one."""
        what, _, rest = self.statement.rpartition("receipts ")
        number, _, digest = rest.partition(" ")
        return Head(int(number), digest) if what == "sanshi " and number.isdecimal() else None


def _public_file(workspace: Workspace) -> Path:
    return workspace.parameter_folder / "signing.pub"


def public_key(workspace: Workspace) -> bytes | None:
    """Return the programme's public key, 32 bytes; None if it has none.

    Raises
    ------
    ParameterError
        If the file is no Ed25519 public key.
    """
    file = _public_file(workspace)
    if not file.exists():
        return None
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(file.read_bytes())
    except (OSError, ValueError) as error:
        raise ParameterError("public_key_unreadable", file=file.name) from error
    if not isinstance(key, Ed25519PublicKey):
        raise ParameterError("public_key_unreadable", file=file.name)
    return key.public_bytes_raw()


def signature(workspace: Workspace, file: Path) -> Signature:
    """Return what is known of the signature in a file."""
    name = file.relative_to(workspace.root).as_posix()
    public = public_key(workspace)
    try:
        statement, _, code = file.read_text(encoding="utf-8").partition("\n")
    except FileNotFoundError:
        return Signature(name, "missing" if public else "no_key", "")
    except (OSError, UnicodeDecodeError):
        return Signature(name, "wrong", "")
    if public is None:
        return Signature(name, "no_key", statement)
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        signed = base64.b64decode(code, validate=False)
        Ed25519PublicKey.from_public_bytes(public).verify(signed, statement.encode())
    except (ValueError, InvalidSignature):
        return Signature(name, "wrong", statement)
    return Signature(name, "good", statement)


def private_key(workspace: Workspace, path: str) -> Ed25519PrivateKey:
    """Return the private key in a file outside the workspace.

    Raises
    ------
    UsageError
        If no file is named, it lies in the workspace, others can read it, it is no Ed25519 key, or is not
        the one that the public key belongs to.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    file = _outside(workspace, path)
    try:
        is_open = file.stat().st_mode & 0o077
        key = load_pem_private_key(file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        raise UsageError("private_key_unreadable", file=file) from error
    if is_open:
        raise UsageError("private_key_open", file=file)
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError("private_key_unreadable", file=file)
    if key.public_key().public_bytes_raw() != public_key(workspace):
        raise UsageError("private_key_other", file=file)
    return key


def new_key(workspace: Workspace, path: str) -> Path:
    """Make a key: the private part in a file that only its owner reads, the public part in the parameters.

    Returns
    -------
    Path
        The file of the public key.

    Raises
    ------
    UsageError
        If the file lies in the workspace or cannot be made, or the programme has a key already.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    file, public = _outside(workspace, path), _public_file(workspace)
    if public.exists():
        raise UsageError("public_key_there", file=public.name)
    key = Ed25519PrivateKey.generate()
    pem, info = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    try:
        with naming(file), os.fdopen(os.open(file, _FRESH, 0o600), "wb") as to:
            to.write(secret)
    except OSError as error:
        raise UsageError("private_key_unmade", file=file, reason=error.strerror) from error
    write(public, key.public_key().public_bytes(pem, info))
    return public


def _outside(workspace: Workspace, path: str) -> Path:
    if not path:
        raise UsageError("private_key_unnamed")
    file = Path(path).expanduser().resolve()
    if file.is_relative_to(workspace.root):
        raise UsageError("private_key_inside", file=file)
    return file


def sign(key: Ed25519PrivateKey, statement: str, file: Path) -> None:
    """Write the signature of a statement, a line of text.

    Raises
    ------
    DataError
        If the file cannot be written.
    """
    code = base64.b64encode(key.sign(statement.encode())).decode()
    try:
        write(file, f"{statement}\n{code}\n".encode())
    except OSError as error:
        raise DataError(
            "receipts_unwritable", file=error.filename, reason=error.strerror
        ) from error
