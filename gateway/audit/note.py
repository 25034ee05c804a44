"""Signed notes and their Ed25519 keys (c2sp.org/signed-note).

A note is a text that ends in a newline, an empty line, and signature lines
``— <name> base64(key id[4] ‖ signature)``. A verifier ignores signatures of keys that it does not
know, and refuses the note when a key that it knows did not make its signature.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Signer", "Verifier", "sign", "verify"]

_ED25519: Final = b"\x01"
_PRIVATE: Final = "PRIVATE+KEY+"
_DASH: Final = "\N{EM DASH} "
_MAX_SIGNATURES: Final = 100


@dataclass(frozen=True, slots=True)
class Verifier:
    """A named public key."""

    name: str
    key_id: bytes
    key: Ed25519PublicKey

    @classmethod
    def parse(cls, text: str) -> Verifier:
        """Reads ``name+hex(key id)+base64(type ‖ public key)``.

        Raises:
            ValueError: The text is no Ed25519 verifier key, or its id is not that of its key.
        """
        name, key_id, raw = _fields(text.strip())
        verifier = cls.of(name, Ed25519PublicKey.from_public_bytes(raw))
        if verifier.key_id != key_id:
            raise ValueError("the key's id does not belong to the key")
        return verifier

    @classmethod
    def of(cls, name: str, key: Ed25519PublicKey) -> Verifier:
        """A verifier for a name and a key."""
        return cls(name, _key_id(name, key.public_bytes_raw()), key)

    def __str__(self) -> str:
        """The verifier key as files hold it."""
        raw = base64.b64encode(_ED25519 + self.key.public_bytes_raw()).decode()
        return f"{self.name}+{self.key_id.hex()}+{raw}"


@dataclass(frozen=True, slots=True)
class Signer:
    """A named private key."""

    name: str
    key_id: bytes
    key: Ed25519PrivateKey = field(repr=False)

    @classmethod
    def parse(cls, text: str) -> Signer:
        """Reads ``PRIVATE+KEY+name+hex(key id)+base64(type ‖ seed)``.

        Raises:
            ValueError: The text is no Ed25519 signer key, or its id is not that of its key.
        """
        text = text.strip()
        if not text.startswith(_PRIVATE):
            raise ValueError("the text is no signer key")
        name, key_id, seed = _fields(text[len(_PRIVATE) :])
        signer = cls.of(name, Ed25519PrivateKey.from_private_bytes(seed))
        if signer.key_id != key_id:
            raise ValueError("the key's id does not belong to the key")
        return signer

    @classmethod
    def of(cls, name: str, key: Ed25519PrivateKey) -> Signer:
        """A signer for a name and a key.

        Raises:
            ValueError: The name is empty or holds spaces, plus signs or control characters.
        """
        if not _is_name(name):
            raise ValueError("a key's name has no spaces, plus signs or control characters")
        return cls(name, _key_id(name, key.public_key().public_bytes_raw()), key)

    def secret(self) -> str:
        """The signer key as files hold it."""
        raw = base64.b64encode(_ED25519 + self.key.private_bytes_raw()).decode()
        return f"{_PRIVATE}{self.name}+{self.key_id.hex()}+{raw}"

    @property
    def verifier(self) -> Verifier:
        """The public half."""
        return Verifier(self.name, self.key_id, self.key.public_key())


def sign(text: str, signer: Signer) -> str:
    """The signed note of a text that ends in a newline.

    Raises:
        ValueError: The text does not end in a newline, or holds other control characters.
    """
    if not _is_text(text):
        raise ValueError("a note's text ends in a newline and has no other control characters")
    signature = base64.b64encode(signer.key_id + signer.key.sign(text.encode())).decode()
    return f"{text}\n{_DASH}{signer.name} {signature}\n"


def verify(note: str, verifiers: Iterable[Verifier]) -> str:
    """The text of a note that at least one known key has signed.

    Raises:
        VerificationError: The note is malformed, a known key's signature is wrong, or no known
            key has signed it.
    """
    text, signatures = _split(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    seen = 0
    for line in signatures:
        name, key_id, signature = _signature(line)
        verifier = known.get((name, key_id))
        if verifier is None:
            continue
        try:
            verifier.key.verify(signature, text.encode())
        except InvalidSignature:
            raise VerificationError(f"the signature of {name} is wrong") from None
        seen += 1
    if not seen:
        raise VerificationError("no known key has signed this")
    return text


def _split(note: str) -> tuple[str, list[str]]:
    text, gap, tail = note.rpartition("\n\n")
    text += "\n"
    if not gap or not _is_text(text) or not tail.endswith("\n") or not _is_text(tail):
        raise VerificationError("this is no signed note")
    lines = tail[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise VerificationError("the note has too many signatures")
    return text, lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        raw = _decode(encoded)
    except ValueError:
        raw = b""
    if not line.startswith(_DASH) or not _is_name(name) or len(raw) < 5:
        raise VerificationError("a signature line of the note is malformed")
    return name, raw[:4], raw[4:]


def _fields(text: str) -> tuple[str, bytes, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        raw, number = _decode(encoded), bytes.fromhex(key_id)
    except ValueError:
        raise ValueError("the text is no note key") from None
    if not _is_name(name) or len(number) != 4 or raw[:1] != _ED25519 or len(raw) != 33:
        raise ValueError("the text is no Ed25519 note key")
    return name, number, raw[1:]


def _decode(text: str) -> bytes:
    """Base64 in its one canonical spelling."""
    raw = base64.b64decode(text, validate=True)
    if base64.b64encode(raw).decode() != text:
        raise ValueError("the text is not canonical base64")
    return raw


def _key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + _ED25519 + public).digest()[:4]


def _is_name(name: str) -> bool:
    return bool(name) and name.isprintable() and "+" not in name and not any(map(str.isspace, name))


def _is_text(text: str) -> bool:
    if not text.endswith("\n"):
        return False
    if text.isascii() and text.replace("\n", "").isprintable():
        return True
    return not any(
        ord(character) < 0x20 or 0xD800 <= ord(character) < 0xE000
        for character in text
        if character != "\n"
    )
