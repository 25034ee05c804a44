"""Values in the shared state that nobody reads there: encrypted, each bound to its name."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import os
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import StateLost

if TYPE_CHECKING:
    from gateway.state.state import State

__all__ = ["MOST_BYTES", "Vault"]

MOST_BYTES: Final = 2**20
"""The largest value, as JSON."""
_NONCE: Final = 12


class Vault:
    """Keeps JSON values under AES-256-GCM.

    Args:
        state: Where they lie.
        key: 32 secret bytes; names and values are protected by keys derived from it.
    """

    def __init__(self, state: State, key: bytes) -> None:
        self._state = state
        self._names = hmac.digest(key, b"gateway vault names v1", "sha256")
        self._cipher = AESGCM(hmac.digest(key, b"gateway vault values v1", "sha256"))

    async def keep(self, name: bytes, value: Any, seconds: float) -> None:
        """Keeps a value for so many seconds, in place of the one before.

        Raises:
            StateLost: The state did not answer in time, or the value is too large.
        """
        # A model may escape half of a surrogate pair in JSON: no text, and yet a value to keep.
        plain = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        if len(plain) > MOST_BYTES:
            raise StateLost("vault: the value is too large")
        key, nonce = self._key(name), os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, plain, key.encode())
        await self._state.keep(key, base64.b64encode(sealed).decode(), seconds)

    async def kept(self, name: bytes) -> Any:
        """The value under a name; None where there is none, or it was not written with this key.

        Raises:
            StateLost: The state did not answer in time.
        """
        key = self._key(name)
        found = await self._state.kept(key)
        if found is None:
            return None
        try:
            sealed = base64.b64decode(found, validate=True)
            plain = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], key.encode())
            return json.loads(plain.decode("utf-8", "surrogatepass"))
        except (InvalidTag, binascii.Error, ValueError):
            return None

    def _key(self, name: bytes) -> str:
        return hmac.digest(self._names, name, "sha256").hex()
