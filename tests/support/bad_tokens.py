"""Tokens that must not be taken, by what is wrong with them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import jwt
import orjson
from cryptography.hazmat.primitives.asymmetric import ec

if TYPE_CHECKING:
    from house import House

__all__ = ["BAD_TOKENS", "bad_token"]

BAD_TOKENS = (
    "garbage", "expired", "not yet valid", "audience", "issuer", "unknown kid", "signature",
    "algorithm", "malformed", "lifetime",
)  # fmt: skip
"""What is wrong; the audit log's reason starts with it, but for ``garbage``, ``malformed``."""


def bad_token(house: House, wrong: str) -> str:
    """A token of an analyst with exactly one thing wrong."""
    settings = house.settings.identity.issuers[0]
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": settings.issuer, "aud": settings.audience, "sub": "mallory", "iat": now,
        "nbf": now, "exp": now + 600, "roles": ["analyst"],
    }  # fmt: skip
    if wrong == "garbage":
        return "sk-this-is-no-token"
    if wrong == "algorithm":
        return jwt.encode(claims, "x" * 32, "HS256", {"kid": _kid(house)})
    changes: dict[str, dict[str, Any]] = {
        "expired": {"iat": now - 7200, "nbf": now - 7200, "exp": now - 3600},
        "not yet valid": {"nbf": now + 300},
        "audience": {"aud": "somebody-else"},
        "issuer": {"iss": "https://evil.test/"},
        "lifetime": {"exp": now + 10**6},
    }
    key: Any = (house.home / "keys" / "issuer.key").read_bytes()
    if wrong == "signature":
        key = ec.generate_private_key(ec.SECP256R1())
    kid = "nobody" if wrong == "unknown kid" else _kid(house)
    token = jwt.encode(claims | changes.get(wrong, {}), key, "ES256", {"kid": kid})
    # Padding is never canonical; a token cut short would be, once in sixteen times.
    return f"{token}=" if wrong == "malformed" else token


def _kid(house: House) -> str:
    keys = orjson.loads((house.home / "keys" / "issuer.jwks.json").read_bytes())["keys"]
    return str(keys[0]["kid"])
