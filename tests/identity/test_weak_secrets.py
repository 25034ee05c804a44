from __future__ import annotations

import base64
import hashlib
import secrets
import string
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.weak_secrets import weakness_of
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from tests.identity.conftest import Signer

SIZES = {"HS256": 32, "HS384": 48, "HS512": 64}


@pytest.mark.parametrize("algorithm", SIZES)
def test_random_secrets_are_taken(algorithm: str) -> None:
    for number in range(200):
        raw = hashlib.shake_256(f"{algorithm} {number}".encode()).digest(64)
        for secret in (raw, raw[: SIZES[algorithm]], base64.b64encode(raw), raw.hex().encode(),
                       raw.hex().upper().encode(), base64.urlsafe_b64encode(raw)[:64]):  # fmt: skip
            assert weakness_of(secret, algorithm) is None


@pytest.mark.parametrize(("algorithm", "size"), SIZES.items())
def test_a_secret_is_at_least_as_long_as_the_hash(algorithm: str, size: int) -> None:
    """RFC 7518 §3.2."""
    secret = secrets.token_bytes(size)
    assert weakness_of(secret, algorithm) is None
    shorter = weakness_of(secret[:-1], algorithm)
    assert shorter is not None
    assert f"shorter than the {size} bytes" in shorter
    assert "shorter" in str(weakness_of(b"", algorithm))


PUBLISHED = [
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "404E635266556A586E3272357538782F413F4428472B4B6250645367566B5970",
    "404e635266556a586e3272357538782f413f4428472b4b6250645367566b597033733676397924",
]


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_secrets(text: str) -> None:
    assert "published" in str(weakness_of(text.encode(), "HS256"))


def test_published_secrets_as_libraries_decode_them() -> None:
    for raw in (
        base64.urlsafe_b64decode(PUBLISHED[0] + "=="),
        base64.urlsafe_b64decode(PUBLISHED[1] + "="),
        bytes.fromhex(PUBLISHED[2]),
        base64.b64decode(PUBLISHED[3]),
    ):
        assert "published" in str(weakness_of(raw, "HS256"))


@pytest.mark.parametrize(
    "text",
    [
        "your-256-bit-secret-your-256-bit-secret",
        "a-string-secret-at-least-256-bits-long",
        "a-valid-string-secret-that-is-at-least-512-bits-long-which-is-very-long",
        "your-super-secret-jwt-token-with-at-least-32-characters-long",
        "ChangeMe!ChangeMe!ChangeMe!ChangeMe!",
        "Passw0rdPassword1234567890!?Qwertz",
        "the quick brown fox jumps over the lazy dog",
        "CORRECT-HORSE-BATTERY-STAPLE-CORRECT",
        "jwt_signing_key_of_our_production_cluster",
    ],
)
def test_words(text: str) -> None:
    assert "words" in str(weakness_of(text.encode(), "HS256"))


@pytest.mark.parametrize(
    "secret",
    [
        bytes(32),
        b"a" * 64,
        b"\xff" * 48,
        b"ab12" * 16,
        b"Xk29fj3Lq0PzT7v" * 3,
        hashlib.sha256(b"half").digest()[:16] * 2,
        bytes(range(32)),
        bytes(range(64, 0, -2)) * 2,
        b"0123456789" * 4,
        b"3141592653589793238462643383279502",
        b"00112233445566778899aabbccddeef",
        b"AbAbAbBaBaAbAbABABabAbAbAbBaBaAbAbABABab",
        (string.digits + string.ascii_letters).encode(),
    ],
)
def test_made_by_hand(secret: bytes) -> None:
    assert weakness_of(secret, "HS256") is not None


def test_public_key_as_secret(signers: dict[str, Signer]) -> None:
    """The other half of the confusion of RS256 and HS256: an operator who shares the public key."""
    public = signers["RS256"].private.public_key()
    for secret in (
        public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH),
        dumps(signers["RS256"].jwk()),
        dumps({"keys": [signers["RS256"].jwk()]}),
        b"\n-----BEGIN CERTIFICATE-----\n" + secrets.token_hex(64).encode(),
    ):
        assert "key file" in str(weakness_of(secret, "HS256"))


@given(st.binary(max_size=80), st.sampled_from(sorted(SIZES)))
def test_a_weakness_quotes_nothing_of_the_secret(secret: bytes, algorithm: str) -> None:
    found = weakness_of(secret, algorithm)
    if found is not None and len(secret) > 3 and secret.isascii():
        assert secret.decode() not in found
