"""Proofs of possession of a key, one for each request: DPoP (RFC 9449)."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import StateLost, StateUnavailable, Unauthenticated
from gateway.identity.base64url import encode
from gateway.identity.jwk import BadKeySet, read_key
from gateway.identity.jws import check_header, read_jws
from gateway.identity.thumbprint import thumbprint

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.identity.htu import PublicUrls
    from gateway.identity.jws import Jws
    from gateway.ingress.guard import RequestHead
    from gateway.state.state import State
    from gateway.terms import Principal

__all__ = ["HEADER", "WINDOW", "Proofs"]

HEADER: Final = b"dpop"
WINDOW: Final = 60.0
"""Seconds by which a proof's ``iat`` may differ from now, either way."""

_REMEMBERED: Final = 3 * WINDOW
# A proof counts for two windows; the third is for replicas whose clocks differ.
_MAX_LENGTH: Final = 4 * 2**10
_MAX_ID: Final = 256
_ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
_TYPE: Final = "dpop+jwt"


@dataclass(frozen=True, slots=True)
class Proofs:
    """Checks the proofs of requests; what they rest on is public but for the state.

    A proof is never held: every request brings its own, and each counts once. The gateway gives
    out no nonces (RFC 9449 §9), as its one 401 could not carry them; a proof made ahead of its
    time counts for no longer than ``WINDOW`` after it was dated.

    Attributes:
        urls: The addresses that clients call.
        state: Remembers the proofs that have been used, for three windows.
        clock: Unix time in seconds.
    """

    urls: PublicUrls
    state: State = field(repr=False)
    clock: Callable[[], float] = field(repr=False)

    async def check(self, head: RequestHead, principal: Principal, key: str) -> None:
        """Checks the one proof of a request, by the steps of RFC 9449 §4.3.

        Args:
            head: The request.
            principal: Whose token it carries.
            key: The thumbprint of the key that the token is bound to.

        Raises:
            Unauthenticated: The proof is missing, does not hold, or has been used.
            StateUnavailable: Whether it has been used cannot be told now.
        """
        jws = _one_proof(head)
        _check_header(jws.header)
        _check_signature(jws, key)
        self._check_request(jws.claims, head)
        if jws.claims.get("ath") != encode(principal.key):
            raise Unauthenticated("proof: ath is not the SHA-256 of the token")
        await self._use(_identifier(jws.claims), key)

    def _check_request(self, claims: Mapping[str, Any], head: RequestHead) -> None:
        if claims.get("htm") != head.method:
            raise Unauthenticated("proof: htm is not the request's method")
        if not self.urls.match(claims.get("htu"), head.raw_path):
            raise Unauthenticated("proof: htu is not the request's address")
        made = claims.get("iat")
        if isinstance(made, bool) or not isinstance(made, int | float):
            raise Unauthenticated("proof: iat is no number")
        if not abs(self.clock() - made) <= WINDOW:
            raise Unauthenticated("proof: iat is too long ago or ahead")

    async def _use(self, identifier: str, key: str) -> None:
        """Marks a proof as used (RFC 9449 §11.1), the last of all checks."""
        mark = f"dpop:{key}:{encode(sha256(identifier.encode()).digest())}"
        try:
            fresh = await self.state.add(mark, _REMEMBERED)
        except StateLost:
            raise StateUnavailable(
                "proof: whether it has been used cannot be told",
                message="The gateway cannot check this request now; try again later.",
            ) from None
        if not fresh:
            raise Unauthenticated("proof: it has been used before")


def _one_proof(head: RequestHead) -> Jws:
    found = [value for name, value in head.headers if name == HEADER]
    if len(found) != 1:
        raise Unauthenticated("proof: there are two" if found else "proof: there is none")
    if len(found[0]) > _MAX_LENGTH:
        raise Unauthenticated("proof: it has more than 4 KiB")
    try:
        return read_jws(found[0].decode("latin-1"))
    except Unauthenticated as refusal:
        raise Unauthenticated(f"proof: {refusal.reason}") from None


def _check_header(header: Mapping[str, Any]) -> None:
    if header.get("typ") != _TYPE:
        raise Unauthenticated("proof: its type is not dpop+jwt")
    if header.get("alg") not in _ALGORITHMS:
        raise Unauthenticated("proof: algorithm: not one of those that are taken")
    try:
        check_header({name: value for name, value in header.items() if name != "jwk"})
    except Unauthenticated as refusal:
        raise Unauthenticated(f"proof: {refusal.reason}") from None


def _check_signature(jws: Jws, key: str) -> None:
    """The embedded key is the one that the token names, meets our policy, and has signed."""
    jwk = jws.header.get("jwk")
    if not isinstance(jwk, dict) or thumbprint(jwk) != key:
        raise Unauthenticated("proof: its key is not the one that the token is bound to")
    try:
        public = read_key(jwk, (jws.header["alg"],))
    except BadKeySet as error:
        raise Unauthenticated(f"proof: its key is refused: {error}") from None
    if public is None:
        raise Unauthenticated("proof: its key is not for its algorithm")
    if not public.verify(jws.signed, jws.signature):
        raise Unauthenticated("proof: its signature does not hold")


def _identifier(claims: Mapping[str, Any]) -> str:
    identifier = claims.get("jti")
    if not isinstance(identifier, str) or not 0 < len(identifier) <= _MAX_ID:
        raise Unauthenticated(f"proof: jti is not 1 to {_MAX_ID} characters")
    return identifier
