"""Signing is possible and never needed: what holds, what is missing and what is wrong are told apart."""

import base64
from datetime import datetime
from pathlib import Path

import pytest
from submissions import new_workspace

from sanshi_report import cli
from sanshi_report.errors import DataError, ReportError
from sanshi_report.ledger import new_key, receive, sign_all, signatures, verified
from sanshi_report.workspace import CHINA, Workspace

NOW = datetime(2024, 7, 3, 18, tzinfo=CHINA)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Two files received, and as much of June's release as can be signed."""
    workspace = new_workspace(tmp_path / "w")
    take(workspace, "a")
    take(workspace, "b")
    (workspace.output / "2024-06").mkdir(parents=True)
    (workspace.output / "2024-06/manifest.json").write_text('{"edition": 1}')
    return workspace


@pytest.fixture
def key(workspace: Workspace, tmp_path: Path) -> str:
    file = tmp_path / "signer.key"
    new_key(workspace, str(file))
    return str(file)


def take(workspace: Workspace, name: str) -> None:
    path = workspace.root / "outbox" / f"{name}.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"{name}\n1\n", encoding="utf-8")
    receive(workspace, [path], "2024-06", "甲", now=NOW)


def states(workspace: Workspace) -> list[str]:
    return [one.state for one in signatures(workspace, "2024-06")]


def listed(workspace: Workspace) -> list[bytes]:
    return (workspace.raw / "receipts.csv").read_bytes().splitlines(keepends=True)


def test_without_a_key_nothing_is_asked(workspace: Workspace) -> None:
    assert states(workspace) == ["no_key", "no_key"]
    assert len(verified(workspace, "2024-06", NOW)) == 2


def test_a_new_key_is_read_by_its_owner_alone_and_its_public_part_is_in_the_parameters(
    workspace: Workspace, key: str
) -> None:
    assert Path(key).stat().st_mode & 0o777 == 0o600
    assert Path(key).read_text().startswith("-----BEGIN PRIVATE KEY-----\n")
    public = (workspace.parameter_folder / "signing.pub").read_text()
    assert public.startswith("-----BEGIN PUBLIC KEY-----\n")
    assert states(workspace) == ["missing", "missing"]


def test_the_list_and_a_release_are_signed(workspace: Workspace, key: str) -> None:
    made = sign_all(workspace, key, "2024-06")
    assert [one.file for one in made] == ["data/raw/receipts.sig", "output/2024-06/manifest.sig"]
    assert made[0].statement.startswith("sanshi receipts 2 ")
    # SHA-256 of {"edition": 1}, worked out with sha256sum.
    digest = "bc9bacf7b9ee2453d8d7b4078291e39bc85abf792c223d883c3028c77492257e"
    assert made[1].statement == f"sanshi release 2024-06 {digest}"
    assert states(workspace) == ["good", "good"]


def test_what_comes_after_the_signature_leaves_it_good(workspace: Workspace, key: str) -> None:
    sign_all(workspace, key)
    take(workspace, "c")
    assert states(workspace) == ["good", "missing"]
    assert len(verified(workspace, "2024-06", NOW)) == 3


def test_a_tail_cut_off_below_the_signed_line_is_told(workspace: Workspace, key: str) -> None:
    sign_all(workspace, key)
    (workspace.raw / "receipts.csv").write_bytes(b"".join(listed(workspace)[:-1]))
    (workspace.raw / "2024-06/b.csv").unlink()
    with pytest.raises(DataError, match=r"cut off from line 3 on: data/raw/receipts\.sig says"):
        verified(workspace, "2024-06", NOW)


def test_a_last_line_edited_below_the_signature_is_told(workspace: Workspace, key: str) -> None:
    sign_all(workspace, key)
    lines = listed(workspace)
    (workspace.raw / "receipts.csv").write_bytes(
        b"".join([*lines[:-1], lines[-1].replace("甲".encode(), "乙".encode())])
    )
    with pytest.raises(DataError, match=r"Among lines 2 to 3 of data/raw/receipts\.csv"):
        verified(workspace, "2024-06", NOW)


@pytest.mark.parametrize("damage", ["statement", "code", "nonsense", "other_file", "bytes"])
def test_a_signature_that_does_not_hold_is_told(
    workspace: Workspace, key: str, damage: str
) -> None:
    sign_all(workspace, key, "2024-06")
    file = workspace.raw / "receipts.sig"
    statement, code, _ = file.read_text().split("\n")
    good = base64.b64decode(code)
    changed = {
        "statement": f"{statement.replace('receipts 2', 'receipts 1')}\n{code}\n".encode(),
        "code": f"{statement}\n{base64.b64encode(good[::-1]).decode()}\n".encode(),
        "nonsense": b"signed, truly",
        "other_file": (workspace.output / "2024-06/manifest.sig").read_bytes(),
        "bytes": b"\xff\xfe\x00",
    }
    file.write_bytes(changed[damage])
    assert states(workspace)[0] == "wrong"
    with pytest.raises(DataError, match=r"The signature in data/raw/receipts\.sig was not made"):
        verified(workspace, "2024-06", NOW)


def test_a_manifest_changed_after_signing_is_told(workspace: Workspace, key: str) -> None:
    sign_all(workspace, key, "2024-06")
    (workspace.output / "2024-06/manifest.json").write_text('{"edition": 2}')
    assert states(workspace) == ["good", "wrong"]


def test_another_key_does_not_sign(workspace: Workspace, key: str, tmp_path: Path) -> None:
    other = tmp_path / "other.key"
    public = workspace.parameter_folder / "signing.pub"
    mine = public.read_bytes()
    public.unlink()
    new_key(workspace, str(other))
    public.write_bytes(mine)
    with pytest.raises(ReportError, match="does not belong to the public key"):
        sign_all(workspace, str(other))


def test_a_replaced_key_signs_again(workspace: Workspace, key: str, tmp_path: Path) -> None:
    sign_all(workspace, key)
    (workspace.parameter_folder / "signing.pub").unlink()
    new_key(workspace, str(tmp_path / "next.key"))
    assert states(workspace)[0] == "wrong"
    sign_all(workspace, str(tmp_path / "next.key"))
    assert states(workspace)[0] == "good"


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("", "Name the file of the private key"),
        ("w/parameters/mine.key", "must not lie in the workspace"),
        ("absent.key", "cannot be read"),
        ("w/../open.key", "Others can read"),
    ],
)
def test_a_key_that_cannot_be_used_is_refused(
    workspace: Workspace, key: str, tmp_path: Path, where: str, says: str
) -> None:
    (tmp_path / "open.key").write_bytes(Path(key).read_bytes())
    (tmp_path / "open.key").chmod(0o644)
    with pytest.raises(ReportError) as refused:
        sign_all(workspace, str(tmp_path / where) if where else "")
    assert says in refused.value.text("en")
    assert not (workspace.raw / "receipts.sig").exists()


def test_a_key_is_never_made_over_another(workspace: Workspace, key: str, tmp_path: Path) -> None:
    with pytest.raises(ReportError, match="There is a public key already"):
        new_key(workspace, str(tmp_path / "next.key"))
    (workspace.parameter_folder / "signing.pub").unlink()
    with pytest.raises(ReportError, match="could not be written"):
        new_key(workspace, key)
    with pytest.raises(ReportError, match="must not lie in the workspace"):
        new_key(workspace, str(workspace.root / "my.key"))


def test_the_command_makes_a_key_and_signs(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    root = ["--root", str(workspace.root)]
    assert cli.run(["sign", "--new-key", str(tmp_path / "k"), *root]) == 0
    monkeypatch.setenv("SANSHI_SIGNING_KEY", str(tmp_path / "k"))
    assert cli.run(["sign", *root]) == 0
    assert "Signed: data/raw/receipts.sig (sanshi receipts 2 " in capsys.readouterr().out
    assert cli.run(["sign", "--period", "2024-05", *root]) == 1
    assert "no release of 2024-05" in capsys.readouterr().err
