"""A client that proves possession of its key (RFC 9449), and can do it wrongly in every way."""

from __future__ import annotations

import base64
import json
import time
import uuid
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import get_default_algorithms

__all__ = ["Prover", "encode"]

_ALGORITHMS = get_default_algorithms()
_REQUIRED = ("crv", "e", "kty", "n", "x", "y")


def encode(data: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _dump(members: dict[str, Any]) -> bytes:
    kept = {name: value for name, value in members.items() if value is not None}
    return json.dumps(kept, separators=(",", ":")).encode()


@dataclass
class Prover:
    """A client's key; on P-256 if none is given."""

    algorithm: str = "ES256"
    private: Any = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1()), repr=False
    )

    def jwk(self) -> dict[str, Any]:
        """The public key."""
        members: Any = _ALGORITHMS[self.algorithm].to_jwk(self.private.public_key(), as_dict=True)
        return {name: members[name] for name in _REQUIRED if name in members}

    @property
    def thumbprint(self) -> str:
        """What a token that is bound to this key holds as ``cnf.jkt``."""
        return encode(sha256(json.dumps(self.jwk(), separators=(",", ":")).encode()).digest())

    def proof(
        self,
        method: str,
        url: str,
        token: str,
        header: dict[str, Any] | bytes | None = None,
        **claims: Any,
    ) -> str:
        """A proof for one request; ``header`` and ``claims`` change it, None takes a member out."""
        if not isinstance(header, bytes):
            own = {"typ": "dpop+jwt", "alg": self.algorithm, "jwk": self.jwk()}
            header = _dump({**own, **(header or {})})
        payload = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": url,
            "iat": int(time.time()),
            "ath": encode(sha256(token.encode()).digest()),
        }
        signed = f"{encode(header)}.{encode(_dump({**payload, **claims}))}"
        signature = _ALGORITHMS[self.algorithm].sign(signed.encode(), self.private)
        return f"{signed}.{encode(signature)}"
