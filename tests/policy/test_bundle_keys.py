"""The key files of signed policies."""

from __future__ import annotations

import stat
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.errors import ConfigurationError
from gateway.policy.bundle_keys import create_keys, load_signing_key, load_verifying_key

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def refused(load: Callable[[Path], object], path: Path) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(path)
    return str(caught.value).removeprefix(f"{path}: ")


def test_a_pair_signs_and_verifies(tmp_path: Path) -> None:
    private, public = create_keys(tmp_path / "keys")
    signature = load_signing_key(private).sign(b"policy")
    load_verifying_key(public).verify(signature, b"policy")


def test_the_private_key_is_its_owners_alone(tmp_path: Path) -> None:
    private, _ = create_keys(tmp_path)
    assert stat.S_IMODE(private.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["policy.key", "policy.pub"])
def test_no_key_is_ever_overwritten(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("precious")
    assert refused(create_keys, tmp_path).startswith(f"{tmp_path / name}: the file exists")
    assert [file.name for file in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "precious"


def test_no_key_is_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "policy.key").symlink_to(tmp_path / "elsewhere")
    assert "the file exists" in refused(create_keys, tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_keys_of_openssl_are_taken(tmp_path: Path) -> None:
    key, public = tmp_path / "k.key", tmp_path / "k.pub"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", key], check=True)
    subprocess.run(["openssl", "pkey", "-in", key, "-pubout", "-out", public], check=True)
    key.chmod(0o600)
    load_verifying_key(public).verify(load_signing_key(key).sign(b"x"), b"x")


def test_a_private_key_that_others_can_read_is_refused(tmp_path: Path) -> None:
    private, _ = create_keys(tmp_path)
    private.chmod(0o644)
    assert refused(load_signing_key, private).startswith("this private key is open to others")


def test_a_private_key_in_place_of_the_public_one_is_refused(tmp_path: Path) -> None:
    private, _ = create_keys(tmp_path)
    assert refused(load_verifying_key, private).startswith("this is a private key; name the public")


@pytest.mark.parametrize("load", [load_signing_key, load_verifying_key])
def test_what_is_no_key_is_refused(tmp_path: Path, load: Callable[[Path], object]) -> None:
    file = tmp_path / "k"
    assert refused(load, file).startswith("the key cannot be read: No such file")
    file.write_text("nothing")
    file.chmod(0o600)
    assert "key in PEM" in refused(load, file)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "k"
    key = X25519PrivateKey.generate()
    file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    file.chmod(0o600)
    assert refused(load_signing_key, file).startswith("this private key is not Ed25519")
    subprocess.run(["openssl", "pkey", "-in", file, "-pubout", "-out", tmp_path / "p"], check=True)
    assert refused(load_verifying_key, tmp_path / "p").startswith("this public key is not Ed25519")
