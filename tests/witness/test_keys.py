from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.audit.keys import create_keys, load_verifiers
from gateway.audit.note import Kind
from gateway.errors import ConfigurationError
from gateway.witness.keys import create_witness_keys, load_cosigner

if TYPE_CHECKING:
    from pathlib import Path


def test_a_pair_cosigns_and_is_known_by_its_public_half(tmp_path: Path) -> None:
    private, public = tmp_path / "w.key", tmp_path / "w.vkey"
    create_witness_keys(private, public, "witness.example")
    signer = load_cosigner(private)
    assert (signer.name, signer.kind) == ("witness.example", Kind.COSIGNATURE)
    assert load_verifiers(public) == (signer.verifier,)
    assert private.stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_over(tmp_path: Path) -> None:
    private, public = tmp_path / "w.key", tmp_path / "w.vkey"
    create_witness_keys(private, public, "a")
    with pytest.raises(ConfigurationError):
        create_witness_keys(private, public, "b")
    assert load_cosigner(private).name == "a"


def test_a_name_that_no_key_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name"):
        create_witness_keys(tmp_path / "a", tmp_path / "b", "two words")


def test_a_logs_key_does_not_cosign(tmp_path: Path) -> None:
    create_keys(tmp_path, "log.example")
    with pytest.raises(ConfigurationError, match="does not cosign"):
        load_cosigner(tmp_path / "log.key")


def test_a_key_that_is_none_or_open_to_others_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="gateway witness init"):
        load_cosigner(tmp_path / "none")
    (tmp_path / "x").write_text("nonsense")
    (tmp_path / "x").chmod(0o600)
    with pytest.raises(ConfigurationError, match="no witness's key"):
        load_cosigner(tmp_path / "x")
    (tmp_path / "x").chmod(0o644)
    with pytest.raises(ConfigurationError, match="open to others"):
        load_cosigner(tmp_path / "x")
