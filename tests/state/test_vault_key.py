"""The key file of pseudonyms: random, private, and read strictly."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.state.vault_key import create_vault_key, new_vault_key, read_vault_key

if TYPE_CHECKING:
    from pathlib import Path


def test_a_key_is_written_once_and_read_back(tmp_path: Path) -> None:
    path = create_vault_key(tmp_path / "p.key")
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(read_vault_key(path)) == 32
    assert read_vault_key(path) == read_vault_key(path)
    with pytest.raises(ConfigurationError):
        create_vault_key(path)


def test_every_key_is_another() -> None:
    assert new_vault_key() != new_vault_key()


@pytest.mark.parametrize(
    "content",
    [b"", b"no base64!", base64.b64encode(b"short"), base64.b64encode(b"a" * 32), b"\xff" * 44],
)
def test_what_is_no_key_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(ConfigurationError, match=r"p\.key: is no key of 32 random bytes"):
        read_vault_key(path)


def test_a_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = create_vault_key(tmp_path / "p.key")
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="open to others"):
        read_vault_key(path)
