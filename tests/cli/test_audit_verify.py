"""``gateway audit verify``: what is known elsewhere, witnesses, and wrong calls."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

import orjson
import pytest
from audit_folder import fill, make_audit_folder, order
from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.checkpoint import Checkpoint, sign_checkpoint
from gateway.audit.keys import load_signer
from gateway.audit.note import Signer, Verifier, sign
from gateway.audit.store.opening import open_tree
from gateway.cli import main
from gateway.relay.mirror import FolderMirror

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from gateway.audit.ledger import Ledger
    from gateway.audit.store.tree import Kept


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = make_audit_folder(tmp_path)
    fill(made)
    order(tmp_path)
    yield made
    made._drop()


def _verify(folder: Path, *arguments: str) -> Result:
    config = {"GATEWAY_CONFIG": str(folder / "gateway.yaml")}
    return CliRunner().invoke(main, ["audit", "verify", *arguments], env=config)


def _newest(folder: Path) -> Kept:
    with closing(open_tree(f"sqlite:///{folder}/data/audit.db", 1.0)) as store:
        kept = store.newest()
    assert kept is not None
    return kept


def _roll_back(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "data/audit.db")) as db:
        db.execute("DELETE FROM tiles")
        db.execute("DELETE FROM checkpoints")
        db.execute("UPDATE lease SET size = 0")
        db.commit()


def _witness(folder: Path, name: str) -> Signer:
    signer = Signer.of(name, Ed25519PrivateKey.generate()).cosigner
    (folder / f"{name}.vkey").write_text(f"{signer.verifier}\n")
    return signer


def test_a_log_that_holds_says_how_far(tmp_path: Path, ledger: Ledger) -> None:
    result = _verify(tmp_path)
    assert result.exit_code == 0, result.stderr
    assert "3 records in the tree, 1 checkpoints, the newest covers 3 records, signed 2" in (
        result.stdout
    )
    found = orjson.loads(_verify(tmp_path, "--json").stdout)
    assert (found["ok"], found["tree"]["size"], found["tree"]["covered"]) == (True, 3, 3)


def test_a_checkpoint_in_a_file_shows_an_older_copy(tmp_path: Path, ledger: Ledger) -> None:
    kept = tmp_path / "kept.txt"
    kept.write_text(_newest(tmp_path).note)
    assert _verify(tmp_path, "--checkpoint", str(kept)).exit_code == 0
    _roll_back(tmp_path)
    assert _verify(tmp_path).exit_code == 0
    result = _verify(tmp_path, "--checkpoint", str(kept))
    assert result.exit_code == 1
    assert f"checkpoint {kept} is of 3 records" in result.stderr


def test_a_folder_that_mirrors_checkpoints_shows_an_older_copy(
    tmp_path: Path, ledger: Ledger
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    empty = _verify(tmp_path, "--checkpoint", str(mirror))
    assert (empty.exit_code, "has no checkpoint of this store" in empty.stderr) == (1, True)
    FolderMirror(mirror)(_newest(tmp_path))
    assert _verify(tmp_path, "--checkpoint", str(mirror)).exit_code == 0
    _roll_back(tmp_path)
    assert _verify(tmp_path, "--checkpoint", str(mirror)).exit_code == 1


def test_each_day_of_a_mirror_is_compared(tmp_path: Path, ledger: Ledger) -> None:
    mirror, kept = tmp_path / "mirror", _newest(tmp_path)
    mirror.mkdir()
    FolderMirror(mirror)(kept)
    (day,) = next(mirror.iterdir()).iterdir()
    forged = Checkpoint(kept.note.split("\n")[0], 2, bytes(32))
    note = sign_checkpoint(forged, load_signer(tmp_path / "keys/log.key"), 1)
    earlier = day.with_name("2026-01-31")
    earlier.mkdir()
    (earlier / f"{2:020d}").write_text(note)
    result = _verify(tmp_path, "--checkpoint", str(mirror))
    assert result.exit_code == 1
    assert f"checkpoint {mirror} of 2026-01-31 is not of this tree" in result.stderr


def test_witnesses_are_asked_for(tmp_path: Path, ledger: Ledger) -> None:
    one, _ = _witness(tmp_path, "one"), _witness(tmp_path, "two")
    both = ("--witness", str(tmp_path / "one.vkey"), "--witness", str(tmp_path / "two.vkey"))
    kept = _newest(tmp_path)
    text = kept.note.partition("\n\n")[0] + "\n"
    lines = sign(text, one, time=5).partition("\n\n")[2]
    with closing(sqlite3.connect(tmp_path / "data/audit.db")) as db:
        db.execute("UPDATE checkpoints SET note = note || ?", (lines,))
        db.commit()
    result = _verify(tmp_path, *both)
    assert (result.exit_code, "cosigned by 2 of the witnesses" in result.stderr) == (1, True)
    result = _verify(tmp_path, *both, "--quorum", "1")
    assert (result.exit_code, "witnesses have seen 3" in result.stdout) == (0, True)


def test_the_log_is_not_its_own_witness(tmp_path: Path, ledger: Ledger) -> None:
    line = (tmp_path / "keys/log.vkey").read_text().split()[0]
    own = tmp_path / "own.vkey"
    own.write_text(str(Verifier.parse(line).cosigner))
    witness = _witness(tmp_path, "one")
    plain = tmp_path / "plain.vkey"
    plain.write_text(str(Signer.of("one", witness.key).verifier))
    one = str(tmp_path / "one.vkey")
    for files in ([str(own)], [str(plain)], [one, one]):
        arguments = [part for file in files for part in ("--witness", file)]
        result = _verify(tmp_path, *arguments)
        assert (result.exit_code, "no witness's key" in result.stderr) == (2, True)


def test_a_wrong_call_is_a_sentence(tmp_path: Path, ledger: Ledger) -> None:
    _witness(tmp_path, "one")
    one = ("--witness", str(tmp_path / "one.vkey"))
    for arguments in (("--quorum", "1"), (*one, "--quorum", "2"), (*one, "--quorum", "0")):
        assert _verify(tmp_path, *arguments).exit_code == 2
    missing = _verify(tmp_path, "--checkpoint", str(tmp_path / "none"))
    assert (missing.exit_code, "No such file" in missing.stderr) == (2, True)
    (tmp_path / "odd").write_bytes(b"\xff")
    assert _verify(tmp_path, "--checkpoint", str(tmp_path / "odd")).exit_code == 1
