"""X-Wing keys, against the known answers of draft-connolly-cfrg-xwing-kem, appendix C."""

from __future__ import annotations

import base64
from hashlib import sha256

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from gateway.audit.recipients import private_pem, public_pem
from gateway.audit.xwing import XWingPrivateKey, XWingPublicKey

_SEED = bytes.fromhex("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
_STARTS = "e2236b35a8c24b39b10aa1323a96a919a2ced88400633a7b07131713fc14b2b5b19cfc3d"
_ENDS = "859edb06eff389b27dce59844570216223593d4ba32d9abac8cd049040ef6534"
_DIGEST = "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb"


def test_the_drafts_seed_makes_the_drafts_public_key() -> None:
    public = XWingPrivateKey.from_private_bytes(_SEED).public_key().public_bytes_raw()
    assert len(public) == 1216
    assert public.hex().startswith(_STARTS)
    assert public.hex().endswith(_ENDS)
    assert sha256(public).hexdigest() == _DIGEST


def test_keys_come_back_from_their_files() -> None:
    key = XWingPrivateKey.generate()
    again = XWingPrivateKey.parse(key.pem())
    assert again is not None
    assert again.seed == key.seed
    public = XWingPublicKey.parse(key.public_key().pem())
    assert public is not None
    assert public.public_bytes_raw() == key.public_key().public_bytes_raw()


def test_two_keys_differ() -> None:
    assert XWingPrivateKey.generate().seed != XWingPrivateKey.generate().seed


def test_the_files_are_well_formed_for_others_who_do_not_know_the_algorithm() -> None:
    key = XWingPrivateKey.generate()
    with pytest.raises(UnsupportedAlgorithm, match=r"1\.3\.6\.1\.4\.1\.62253\.25722"):
        load_pem_public_key(key.public_key().pem())
    with pytest.raises(UnsupportedAlgorithm, match=r"1\.3\.6\.1\.4\.1\.62253\.25722"):
        load_pem_private_key(key.pem(), password=None)


def test_files_of_other_keys_are_not_read() -> None:
    key, xwing = X25519PrivateKey.generate(), XWingPrivateKey.generate()
    assert XWingPublicKey.parse(public_pem(key.public_key())) is None
    assert XWingPrivateKey.parse(private_pem(key)) is None
    assert XWingPrivateKey.parse(xwing.public_key().pem()) is None
    assert XWingPublicKey.parse(xwing.pem()) is None
    assert XWingPublicKey.parse(b"") is None


def _pem(der: bytes, kind: str) -> bytes:
    text = base64.encodebytes(der).decode()
    return f"-----BEGIN {kind} KEY-----\n{text}-----END {kind} KEY-----\n".encode()


@pytest.mark.parametrize("change", [slice(0, -1), slice(1, None)], ids=["cut", "begun late"])
def test_what_says_that_it_is_x_wing_and_is_not_is_refused(change: slice) -> None:
    key = XWingPrivateKey.generate()
    private = base64.b64decode(b"".join(key.pem().splitlines()[1:-1]))
    public = base64.b64decode(b"".join(key.public_key().pem().splitlines()[1:-1]))
    with pytest.raises(ValueError, match="X-Wing"):
        XWingPrivateKey.parse(_pem(private[change], "PRIVATE"))
    with pytest.raises(ValueError, match="X-Wing"):
        XWingPublicKey.parse(_pem(public[change], "PUBLIC"))


def test_the_private_half_is_in_no_representation() -> None:
    key = XWingPrivateKey.from_private_bytes(_SEED)
    assert repr(_SEED)[2:-1] not in repr(key)
    assert "seed" not in repr(key)
