"""Secrets that are no secrets: too short, made by hand, published, or a public key."""

from __future__ import annotations

import base64
import math
import re
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.serialization import load_der_public_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["weakness_of"]

# RFC 7518 §3.2: a key is at least as long as the hash; a shorter one is guessed from one token.
_LEAST_BYTES: Final = {"HS256": 32, "HS384": 48, "HS512": 64}
_LEAST_BITS: Final = 128
_LEAST_LETTERS: Final = 12

# Words of placeholders; about one random secret in a million holds one by chance.
_WORDS: Final = (
    b"secret", b"password", b"passphrase", b"changeme", b"change-", b"change_", b"replace",
    b"example", b"default", b"insecure", b"placeholder", b"at-least", b"private", b"qwerty",
    b"123456", b"abcdef", b"letmein", b"please", b"testing", b"localhost",
)  # fmt: skip
_SENTENCE: Final = re.compile(rb"[a-z .,'_-]+|[A-Z .,'_-]+")

# Keys of specifications, tutorials and templates that people copy, and that attackers try first:
# RFC 7515 A.1, RFC 7520 §3.5, FastAPI's tutorial, and three that stand in Spring's.
_PUBLISHED: Final = (
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow",
    "hJtXIZ2uSN5kbQfbtTNWbpdmhkV8FJG-Onbc6mxCcYg",
    "09d25e094faa6ca2556c818166b7a9563b93f7099f6f0f4caa6cf63b88e8d3e7",
    "404e635266556a586e3272357538782f413f4428472b4b6250645367566b5970",
    "5367566b59703373367639792f423f4528482b4d6251655468576d5a71347437",
    "3cfa76ef14937c1c0ea519f8fc057a80fcd04a7420f8e8bcd0a7567c272e007b",
)
_KEY_MARKS: Final = (b"-----BEGIN", b'"kty"', b"ssh-rsa ", b"ssh-ed25519 ", b"ecdsa-sha2-")
_ALPHABETS: Final = (frozenset(b"0123456789"), frozenset(b"0123456789abcdef"),
                     frozenset(b"0123456789ABCDEF"))  # fmt: skip


def weakness_of(secret: bytes, algorithm: str) -> str | None:
    """Why nobody should rest on this secret; None where nothing is known against it.

    Args:
        secret: The secret's bytes as they are used.
        algorithm: ``HS256``, ``HS384`` or ``HS512``.

    Returns:
        A reason that quotes nothing of the secret.
    """
    least = _LEAST_BYTES[algorithm]
    if len(secret) < least:
        return f"is shorter than the {least} bytes that {algorithm} needs (RFC 7518 §3.2)"
    if _is_key(secret):
        return "is a key file or a certificate, which others may have"
    if _is_published(secret):
        return "is published: it stands in a specification, a tutorial or a template"
    if any(word in secret.lower() for word in _WORDS) or _SENTENCE.fullmatch(secret):
        return "is made of words"
    if _is_poor(secret) or _repeats(secret) or _repeats([b - a for a, b in pairwise(secret)]):
        return "is made by hand: it repeats itself, or has too few different letters"
    return None


def _is_key(secret: bytes) -> bool:
    if any(mark in secret for mark in _KEY_MARKS):
        return True
    try:
        load_der_public_key(secret)
    except ValueError:
        return False
    return True


def _is_published(secret: bytes) -> bool:
    text = secret.lower()
    return any(one.lower().encode() in text or secret in _raw(one) for one in _PUBLISHED)


def _raw(published: str) -> Iterator[bytes]:
    """What libraries make of a text that they take for base64 or for hexadecimal digits."""
    padded = published + "=" * (-len(published) % 4)
    yield base64.urlsafe_b64decode(padded)
    if len(published) == 64:
        yield base64.b64decode(published.upper())
        yield bytes.fromhex(published)


def _is_poor(secret: bytes) -> bool:
    """Whether it has less than 128 bits even if its letters were drawn at random."""
    letters = frozenset(secret)
    alphabet = next((len(one) for one in _ALPHABETS if letters <= one), 256)
    return len(secret) * math.log2(alphabet) < _LEAST_BITS or len(letters) < min(
        _LEAST_LETTERS, alphabet
    )


def _repeats(values: Sequence[int]) -> bool:
    """Whether the second half is given by the first, as in a text that is said twice."""
    return any(values[at:] == values[:-at] for at in range(1, len(values) // 2 + 1))
