"""A set of an issuer's public keys (RFC 7517 §5)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from gateway.errors import BadRequest
from gateway.identity.jwk import BadKeySet, Key, read_key
from gateway.ingress.strict_json import loads

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["MAX_BYTES", "KeySet", "KeySource", "read_key_set"]

MAX_BYTES: Final = 256 * 2**10
_MAX_KEYS: Final = 32
_MAX_DEPTH: Final = 8


@dataclass(frozen=True, slots=True, eq=False)
class KeySet:
    """Keys by their ``kid``; the set's identity is its version.

    Attributes:
        keys: The keys that have a name.
        only: The key of a set that holds just one, for tokens without ``kid``.
        digest: SHA-256 of the document that it was read from.
    """

    keys: Mapping[str, Key]
    only: Key | None
    digest: bytes

    def find(self, kid: str | None) -> Key | None:
        """The key of this name; without a name, the only key there is."""
        return self.only if kid is None else self.keys.get(kid)

    def stand_in(self, algorithm: object) -> Key | None:
        """Any key, of this algorithm if there is one: to spend the time of a verification."""
        keys = list(self.keys.values())
        if self.only is not None:
            keys.append(self.only)
        fitting = (key for key in keys if key.algorithm == algorithm)
        return next(fitting, keys[0] if keys else None)


class KeySource(Protocol):
    """Where an issuer's keys come from; kept up to date in the background."""

    @property
    def keys(self) -> KeySet | None:
        """The set that counts now; None while there is none."""

    async def find(self, kid: str | None) -> Key | None:
        """The key of this name, asking the source again, within bounds, if it is not known."""

    async def start(self) -> None:
        """Reads the keys and keeps them up to date.

        Raises:
            ConfigurationError: The settings are wrong; an issuer that is down is no such error.
        """

    async def close(self) -> None:
        """Stops keeping them up to date."""


def read_key_set(data: bytes, algorithms: Sequence[str]) -> KeySet:
    """A JWKS document, at most 256 KiB and 32 keys, as the keys for an issuer's algorithms.

    Raises:
        BadKeySet: It is no key set, two keys have one name, or a key is refused (``read_key``).
    """
    if len(data) > MAX_BYTES:
        raise BadKeySet(f"it is larger than {MAX_BYTES} bytes")
    members = _members(data)
    if len(members) > _MAX_KEYS:
        raise BadKeySet(f"it holds more than {_MAX_KEYS} keys")
    read = [read_key(member, algorithms) for member in members]
    keys = [key for key in read if key is not None]
    names = [member["kid"] for member in members if "kid" in member]
    if len(set(names)) != len(names):
        raise BadKeySet("two keys have the same kid")
    if not keys:
        raise BadKeySet("it holds no key for the issuer's algorithms")
    if len(keys) > 1 and any(key.kid is None for key in keys):
        raise BadKeySet("one of several keys has no kid")
    named = {key.kid: key for key in keys if key.kid is not None}
    only = keys[0] if len(keys) == 1 else None
    return KeySet(MappingProxyType(named), only, sha256(data).digest())


def _members(data: bytes) -> list[Any]:
    try:
        document = loads(data, max_depth=_MAX_DEPTH)
    except BadRequest as error:
        raise BadKeySet(error.reason) from None
    members = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(members, list):
        raise BadKeySet("it is no object with a list of keys")
    return members
