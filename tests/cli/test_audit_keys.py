from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from made_up_log import new_signer

from gateway.audit.note import Kind
from gateway.cli.audit_keys import read_keys, witness_keys
from gateway.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from gateway.audit.note import Verifier


def _file(folder: Path, *keys: Verifier) -> Path:
    path = folder / f"{keys[0].name}-{keys[0].kind}.vkey"
    path.write_text("".join(f"{key}\n" for key in keys))
    return path


def test_a_file_may_hold_several_keys(tmp_path: Path) -> None:
    keys = [new_signer(name).verifier for name in ("log", "log", "other")]
    assert read_keys((_file(tmp_path, *keys[:2]), _file(tmp_path, keys[2]))) == keys
    with pytest.raises(ConfigurationError, match="No such file"):
        read_keys((tmp_path / "none",))


def test_a_witness_has_a_key_of_its_own_for_cosignatures(tmp_path: Path) -> None:
    log, one = new_signer("log").verifier, new_signer("one", Kind.COSIGNATURE).verifier
    two = new_signer("two", Kind.COSIGNATURE).verifier
    files = _file(tmp_path, one), _file(tmp_path, two)
    assert witness_keys(files, [log]) == [one, two]
    for wrong in (
        (_file(tmp_path, log),),
        (_file(tmp_path, log.cosigner),),
        (files[0], files[0]),
        (_file(tmp_path, new_signer("plain").verifier),),
    ):
        with pytest.raises(ConfigurationError, match="no witness's key"):
            witness_keys(wrong, [log])
