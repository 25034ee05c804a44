"""A new home: what is in it, who may read it, and that nothing is ever overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.errors import ConfigurationError
from gateway.settings import AuditSettings, load_settings
from gateway.starter import create_home

if TYPE_CHECKING:
    from pathlib import Path


def test_a_home_is_complete_and_loads(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    written = create_home(home, port=8123, demo_port=9123)
    assert {path.relative_to(home).as_posix() for path in written} == {
        "gateway.yaml", "policies/policy.yaml", "policies/scanners.yaml", "policies/tests.yaml",
        "keys/auditor.pub", "keys/auditor.key", "keys/log.vkey", "keys/log.key",
        "keys/issuer.jwks.json", "keys/issuer.key", "keys/pseudonyms.key", "keys/index.key",
    }  # fmt: skip
    settings = load_settings(home / "gateway.yaml")
    assert settings.listen.port == 8123
    assert settings.upstreams["demo"].url == "http://127.0.0.1:9123"
    assert isinstance(settings.audit, AuditSettings)
    assert settings.audit.signing_key == home / "keys" / "log.key"


def test_private_keys_are_for_their_owner_only(tmp_path: Path) -> None:
    written = create_home(tmp_path / "home")
    for path in written:
        if path.suffix == ".key":
            assert path.stat().st_mode & 0o777 == 0o600, path.name
    assert (tmp_path / "home" / "keys").stat().st_mode & 0o777 == 0o700


def test_every_home_has_keys_of_its_own(tmp_path: Path) -> None:
    create_home(tmp_path / "a")
    create_home(tmp_path / "b")
    for name in ("auditor.key", "log.key", "issuer.key", "pseudonyms.key"):
        assert (tmp_path / "a/keys" / name).read_bytes() != (
            tmp_path / "b/keys" / name
        ).read_bytes()


@pytest.mark.parametrize("name", ["gateway.yaml", "policies", "keys"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(ConfigurationError, match="exists already; choose another folder"):
        create_home(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be written: Not a directory"):
        create_home(tmp_path / "file" / "home")
