"""Short names of texts, which nobody outside of this process can work out or make collide.

A universal hash with a secret key: the tag that AES-GCM gives to associated data with nothing to
encrypt (GMAC, NIST SP 800-38D). Two texts have the same tag with a chance of their length in blocks
to 2^128, whatever they are, as long as nobody sees a tag; and no tag ever leaves the process. So
one nonce is enough, which for anything that is sent or stored it would not be. It costs a tenth of
a cryptographic hash, and every text of every request is named.
"""

from __future__ import annotations

import os
from typing import Final

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import GCM

__all__ = ["Fingerprints"]

_NONCE: Final = bytes(12)
_PIECE: Final = 2**17


class Fingerprints:
    """Names texts with a key of its own; safe between threads."""

    __slots__ = ("_cipher", "_key")

    def __init__(self) -> None:
        self._key = os.urandom(32)
        self._cipher = AESGCM(self._key)

    def of(self, text: str, circumstances: bytes = b"") -> bytes:
        """The name, 16 bytes, of a text under circumstances that are always of one length."""
        if len(text) > _PIECE:
            return self._of_long(text, circumstances)
        data = circumstances + text.encode("utf-8", "surrogatepass")
        return self._cipher.encrypt(_NONCE, b"", data)

    def _of_long(self, text: str, circumstances: bytes) -> bytes:
        # Piece by piece, so that a long text is not held in two spellings.
        state = Cipher(AES(self._key), GCM(_NONCE)).encryptor()
        state.authenticate_additional_data(circumstances)
        for at in range(0, len(text), _PIECE):
            piece = text[at : at + _PIECE].encode("utf-8", "surrogatepass")
            state.authenticate_additional_data(piece)
        state.finalize()
        return state.tag
