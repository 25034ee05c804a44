"""The thumbprint of a public key (RFC 7638): one name for one key, whoever computes it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from gateway.identity.base64url import encode
from gateway.ingress.strict_json import dumps

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["thumbprint"]

_MEMBERS: Final = {
    "RSA": ("e", "kty", "n"),
    "EC": ("crv", "kty", "x", "y"),
    "OKP": ("crv", "kty", "x"),
}
"""What names a key, in the order of RFC 7638 §3.2 and RFC 8037 §2: by the alphabet."""


def thumbprint(jwk: Mapping[str, Any]) -> str | None:
    """The SHA-256 of a JWK's required members, in base64url; None where they are not all texts."""
    kind = jwk.get("kty")
    names = _MEMBERS.get(kind, ()) if isinstance(kind, str) else ()
    members = {name: jwk[name] for name in names if isinstance(jwk.get(name), str)}
    if not names or len(members) != len(names):
        return None
    return encode(sha256(dumps(members)).digest())
