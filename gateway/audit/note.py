"""Signed notes with Ed25519 signatures and cosignatures (c2sp.org/signed-note, tlog-cosignature).

A note is a text that ends in a newline, an empty line, and signature lines
``— <name> base64(key id[4] ‖ signature)``. A verifier ignores signatures of keys that it does not
know, of whatever type, and refuses the note when a key that it knows did not make its signature.

A cosignature (type 04) is ``time[8] ‖ Ed25519`` over ``cosignature/v1``, a line ``time <seconds>``
and the text: it says when the text was the newest that the key's owner knew.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature

from gateway.audit.note_key import Kind, Signer, Verifier, decode, is_name
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "Kind",
    "Opened",
    "Signature",
    "Signer",
    "Verifier",
    "open_note",
    "read_note",
    "sign",
    "verify",
]

_DASH: Final = "\N{EM DASH} "
_MAX_SIGNATURES: Final = 100
_MAX_LENGTH: Final = 2**20
_MAX_TIME: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature that holds; ``time`` is the Unix seconds in a cosignature, None in others."""

    verifier: Verifier
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A note's text, and the signatures of known keys on it."""

    text: str
    signatures: tuple[Signature, ...]


def sign(text: str, *signers: Signer, time: int | None = None) -> str:
    """The signed note of a text that ends in a newline.

    Args:
        text: What is signed.
        signers: A line each, in this order.
        time: Unix seconds, for those who cosign.

    Raises:
        ValueError: The text does not end in a newline, or holds other control characters; or a
            cosigner has no time.
    """
    if not _is_text(text):
        raise ValueError("a note's text ends in a newline and has no other control characters")
    return f"{text}\n" + "".join(_line(text, signer, time) for signer in signers)


def verify(note: str, verifiers: Iterable[Verifier]) -> str:
    """The text of a note that at least one known key has signed.

    Raises:
        VerificationError: The note is malformed, a known key's signature is wrong, or no known
            key has signed it.
    """
    return open_note(note, verifiers).text


def open_note(note: str, verifiers: Iterable[Verifier]) -> Opened:
    """The text of a note that at least one known key has signed, and who has.

    Raises:
        VerificationError: As ``verify``.
    """
    opened = read_note(note, verifiers)
    if not opened.signatures:
        raise VerificationError("no known key has signed this")
    return opened


def read_note(note: str, verifiers: Iterable[Verifier]) -> Opened:
    """The text of a note, and which known keys have signed it, if any.

    Raises:
        VerificationError: The note is malformed, or a known key's signature is wrong.
    """
    text, lines = _split(note)
    known = {(verifier.name, verifier.key_id): verifier for verifier in verifiers}
    signatures = []
    for name, key_id, signature in map(_signature, lines):
        verifier = known.get((name, key_id))
        if verifier is not None:
            signatures.append(_check(text, verifier, signature))
    return Opened(text, tuple(signatures))


def _line(text: str, signer: Signer, time: int | None) -> str:
    prefix = b""
    if signer.kind is Kind.COSIGNATURE:
        if time is None or not 0 <= time <= _MAX_TIME:
            raise ValueError("a cosignature needs a time")
        prefix = time.to_bytes(8)
        signature = signer.key.sign(_cosigned(text, time))
    else:
        signature = signer.key.sign(text.encode())
    return f"{_DASH}{signer.name} {base64.b64encode(signer.key_id + prefix + signature).decode()}\n"


def _check(text: str, verifier: Verifier, signature: bytes) -> Signature:
    time, message = None, text.encode()
    if verifier.kind is Kind.COSIGNATURE:
        time, signature = int.from_bytes(signature[:8]), signature[8:]
        message = _cosigned(text, time)
    try:
        verifier.key.verify(signature, message)
    except InvalidSignature:
        raise VerificationError(f"the signature of {verifier.name} is wrong") from None
    if time is not None and time > _MAX_TIME:
        raise VerificationError(f"the cosignature of {verifier.name} has no time")
    return Signature(verifier, time)


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _split(note: str) -> tuple[str, list[str]]:
    text, gap, tail = note.rpartition("\n\n")
    text += "\n"
    if len(note) > _MAX_LENGTH or not gap or not _is_text(text):
        raise VerificationError("this is no signed note")
    if not tail.endswith("\n") or not _is_text(tail):
        raise VerificationError("this is no signed note")
    lines = tail[:-1].split("\n")
    if len(lines) > _MAX_SIGNATURES:
        raise VerificationError("the note has too many signatures")
    return text, lines


def _signature(line: str) -> tuple[str, bytes, bytes]:
    name, _, encoded = line.removeprefix(_DASH).partition(" ")
    try:
        raw = decode(encoded)
    except ValueError:
        raw = b""
    if not line.startswith(_DASH) or not is_name(name) or len(raw) < 5:
        raise VerificationError("a signature line of the note is malformed")
    return name, raw[:4], raw[4:]


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
