from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.head import Head, sign_head, verify_head
from gateway.audit.note import Signer, sign
from gateway.errors import VerificationError

_SIGNER = Signer.of("log.example", Ed25519PrivateKey.generate())
_HEAD = Head("writer-1", 41, bytes(range(32)))


def test_a_head_survives_its_signature() -> None:
    note = sign_head(_HEAD, _SIGNER)
    assert note.startswith("log.example/writer/writer-1\n41\nAAECAw")
    assert verify_head(note, [_SIGNER.verifier]) == _HEAD


def test_a_head_of_another_key_is_refused() -> None:
    other = Signer.of("log.example", Ed25519PrivateKey.generate())
    with pytest.raises(VerificationError):
        verify_head(sign_head(_HEAD, other), [_SIGNER.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "log.example/writer/w\n1\n",
        "log.example/writer/w\none\nAAAA\n",
        "log.example/writer/w\n1\n!\n",
        "other.example/writer/w\n1\nAAAA\n",
    ],
)
def test_a_signed_text_that_is_no_head_of_this_log_is_refused(text: str) -> None:
    with pytest.raises(VerificationError):
        verify_head(sign(text, _SIGNER), [_SIGNER.verifier])
