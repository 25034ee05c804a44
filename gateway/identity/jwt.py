"""Tokens (RFC 7519) to principals, by RFC 8725: the settings decide, the token only claims."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from gateway.errors import Unauthenticated
from gateway.identity.jwk import is_kid
from gateway.identity.jws import check_header, check_type, read_jws
from gateway.identity.registered import check_registered
from gateway.identity.roles import principal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.identity.jwk import Key
    from gateway.identity.jwks import KeySet, KeySource
    from gateway.identity.jws import Jws
    from gateway.settings import IssuerSettings
    from gateway.terms import Principal

__all__ = ["Issuer", "Verifier"]

_CACHE_SIZE: Final = 4096


@dataclass(frozen=True, slots=True)
class Issuer:
    """One issuer: what the settings say of it, and where its keys are."""

    settings: IssuerSettings
    source: KeySource


@dataclass(frozen=True, slots=True)
class _Held:
    """A token that was verified, and what that rested on."""

    principal: Principal
    source: KeySource
    keys: KeySet
    until: float


class Verifier:
    """Verifies tokens.

    A verified token is held by its full SHA-256 for as long as it and its key last and the
    issuer's key set is the very one it was verified with: a reloaded set, or a key taken out of
    it, sends every token back through verification.

    A token that is refused before its signature is looked at (unknown issuer or key, wrong
    algorithm, refused header) costs a signature check nevertheless, against some key of the
    issuer or, where it has none, of another, so that a clock does not tell these refusals from a
    wrong signature. A token that was revoked while it was held costs one as well. Two differences
    remain: a malformed token is refused at once, which tells its sender nothing that it does not
    know, and the first token with an unknown ``kid`` may wait for one fetch of the keys, which
    are public.

    Args:
        issuers: Whose tokens are taken.
        revoked: Why a principal's token no longer counts although it verifies; None where it
            does. It is asked for every request, also for tokens that are held.
        clock: Unix time in seconds.
        cache_size: How many verified tokens are held.
    """

    def __init__(
        self,
        issuers: Sequence[Issuer],
        *,
        revoked: Callable[[Principal], str | None] = lambda _: None,
        clock: Callable[[], float] = time.time,
        cache_size: int = _CACHE_SIZE,
    ) -> None:
        self._issuers = {issuer.settings.issuer: issuer for issuer in issuers}
        self._revoked = revoked
        self._clock = clock
        self._cache_size = cache_size
        self._cache: OrderedDict[bytes, _Held] = OrderedDict()

    async def verify(self, token: str) -> Principal:
        """The principal of a token in compact form.

        Raises:
            Unauthenticated: The token does not hold; the reason starts with a stable word.
        """
        if not token.isascii():
            raise Unauthenticated("malformed: not ASCII")
        digest = sha256(token.encode()).digest()
        return self._known(digest) or await self._verify(token, digest)

    def known(self, token: str) -> Principal | None:
        """The principal of a token that is held and still counts; it is hashed and not read."""
        return self._known(sha256(token.encode()).digest())

    def spend(self, token: str) -> None:
        """Spends the time of a signature check on a token that is held and refused anyway."""
        jws = read_jws(token)
        self._spend(self._issuers.get(jws.claims["iss"]), jws)

    def _known(self, digest: bytes) -> Principal | None:
        held = self._cache.get(digest)
        if held is None:
            return None
        if not self._still_holds(held):
            del self._cache[digest]
            return None
        self._cache.move_to_end(digest)
        return held.principal

    def _still_holds(self, held: _Held) -> bool:
        return (
            held.source.keys is held.keys
            and self._clock() < held.until
            and self._revoked(held.principal) is None
        )

    async def _verify(self, token: str, digest: bytes) -> Principal:
        jws = read_jws(token)
        name = jws.claims.get("iss")
        issuer = self._issuers.get(name) if isinstance(name, str) else None
        try:
            key, keys = await self._key(issuer, jws)
        except Unauthenticated:
            self._spend(issuer, jws)
            raise
        if issuer is None or not key.verify(jws.signed, jws.signature):
            raise Unauthenticated("signature: it does not hold")
        check_type(jws.header, issuer.settings.token_types)
        expires = check_registered(jws.claims, issuer.settings, self._clock())
        caller = principal(jws.claims, issuer.settings, key=digest, expires=expires)
        revoked = self._revoked(caller)
        if revoked is not None:
            raise Unauthenticated(revoked)
        self._hold(_Held(caller, issuer.source, keys, min(expires, key.until)))
        return caller

    async def _key(self, issuer: Issuer | None, jws: Jws) -> tuple[Key, KeySet]:
        """The key that must have made the signature, and the set that it is of."""
        if issuer is None:
            raise Unauthenticated("issuer: not one of ours")
        check_header(jws.header)
        algorithm, kid = jws.header.get("alg"), jws.header.get("kid")
        if algorithm not in issuer.settings.algorithms:
            raise Unauthenticated("algorithm: not one of the issuer's")
        if kid is not None and not is_kid(kid):
            raise Unauthenticated("unknown kid: it cannot name a key")
        if issuer.source.keys is None:
            raise Unauthenticated("keys unavailable: the issuer's keys could not be fetched")
        key = await issuer.source.find(kid)
        keys = issuer.source.keys
        if key is None or keys is None:
            raise Unauthenticated("unknown kid: the issuer has no such key")
        if key.algorithm != algorithm:
            raise Unauthenticated("algorithm: not the key's")
        return key, keys

    def _spend(self, issuer: Issuer | None, jws: Jws) -> None:
        """Spends the time of a signature check on a token that is refused anyway."""
        own = [issuer] if issuer is not None and issuer.source.keys is not None else []
        algorithm = jws.header.get("alg")
        found = [
            key
            for one in own or self._issuers.values()
            if one.source.keys is not None
            and (key := one.source.keys.stand_in(algorithm)) is not None
        ]
        # For an unknown issuer a key of the token's own algorithm, as a wrong signature would cost.
        fitting = (key for key in found if key.algorithm == algorithm)
        stand_in = next(fitting, found[0] if found else None)
        if stand_in is not None:
            stand_in.verify(jws.signed, jws.signature)

    def _hold(self, held: _Held) -> None:
        self._cache[held.principal.key] = held
        if len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)
