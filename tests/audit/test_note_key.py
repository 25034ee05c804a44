from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.note_key import Kind, Signer, Verifier, decode


@pytest.mark.parametrize("kind", list(Kind))
def test_keys_of_every_kind_survive_their_text(kind: Kind) -> None:
    signer = Signer.of("log.example/x", Ed25519PrivateKey.generate(), kind)
    assert Signer.parse(signer.secret()).verifier == Verifier.parse(str(signer.verifier))
    assert Verifier.parse(str(signer.verifier)).kind is kind


def test_a_key_is_another_key_as_a_cosigner() -> None:
    signer = Signer.of("log.example", Ed25519PrivateKey.generate())
    assert signer.cosigner.verifier == signer.verifier.cosigner
    assert signer.cosigner.key_id != signer.key_id
    assert signer.cosigner.name == signer.name


@pytest.mark.parametrize("kind", [0, 2, 3, 5, 6, 255])
def test_keys_of_other_types_are_refused(kind: int) -> None:
    text = str(Signer.of("log", Ed25519PrivateKey.generate()).verifier)
    name, key_id, encoded = text.split("+", 2)
    raw = bytes([kind]) + decode(encoded)[1:]
    with pytest.raises(ValueError, match="no Ed25519 note key"):
        Verifier.parse(f"{name}+{key_id}+{base64.b64encode(raw).decode()}")


def test_a_key_does_not_show_itself() -> None:
    signer = Signer.of("log", Ed25519PrivateKey.generate())
    assert signer.key.private_bytes_raw().hex() not in repr(signer)
    assert "PrivateKey" not in repr(signer)


@pytest.mark.parametrize("text", ["A", "AB==", "AAAA ", "AAA=A", "\u00e9"])
def test_base64_has_one_spelling(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|ascii|padding|ASCII"):
        decode(text)
