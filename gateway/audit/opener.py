"""Opens sealed parts for who holds a recipient's private key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit.envelope import VERSION, open_envelope, segment_id
from gateway.audit.seal import NONCE
from gateway.errors import VerificationError

if TYPE_CHECKING:
    from gateway.audit.binding import Binding
    from gateway.audit.envelope import SegmentKeys
    from gateway.audit.recipients import AuditorKey

__all__ = ["Erased", "Opener"]

_HEAD: Final = 1 + NONCE


class Erased(VerificationError):
    """The subject's salt is gone: nobody can open the sealed part any more."""


class Opener:
    """Opens sealed parts with one recipient's private key; keeps the keys of segments it opened."""

    __slots__ = ("_keys", "_private")

    def __init__(self, private: AuditorKey) -> None:
        self._private = private
        self._keys: dict[str, SegmentKeys] = {}

    def open(
        self, envelope: bytes, sealed: bytes, binding: Binding, salt: bytes | None = None
    ) -> bytes:
        """The plaintext of a sealed part.

        Args:
            envelope: That of the binding's segment.
            sealed: The sealed part.
            binding: What it belongs to.
            salt: The sealed salt of the binding's subject in this segment; None where the store
                holds none.

        Raises:
            Erased: The part belongs to a subject whose salt the store does not hold.
            VerificationError: The envelope is not that of the binding's segment, is not sealed
                to this key or breaks its commitment, or the sealed part or its salt belongs
                elsewhere.
        """
        keys = self._keys.get(binding.segment)
        if keys is None:
            if segment_id(envelope) != binding.segment:
                raise VerificationError("the segment's envelope was changed")
            keys = self._keys[binding.segment] = open_envelope(
                envelope, binding.writer, self._private
            )
        if len(sealed) <= NONCE or sealed[0] != keys.version:
            raise VerificationError("the sealed part has an unknown version")
        cipher = AESGCM(keys.record(_salt(keys, binding, salt), binding.event))
        try:
            return cipher.decrypt(
                sealed[1:_HEAD], sealed[_HEAD:], binding.associated_data(keys.version)
            )
        except InvalidTag:
            raise VerificationError("the sealed part does not belong to this record") from None


def _salt(keys: SegmentKeys, binding: Binding, sealed: bytes | None) -> bytes:
    """The salt in the keys of the subject's records; version 1 has none."""
    if keys.version == 1 or binding.subject is None:
        return b""
    if sealed is None:
        raise Erased("the sealed part was erased: its subject's salt is gone")
    if len(sealed) <= NONCE or sealed[0] != VERSION:
        raise VerificationError("the salt of the record's subject has an unknown version")
    data = binding.subject.associated_data(binding.segment)
    try:
        return AESGCM(keys.salts).decrypt(sealed[1:_HEAD], sealed[_HEAD:], data)
    except InvalidTag:
        raise VerificationError("the salt of the record's subject was changed") from None
