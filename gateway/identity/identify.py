"""From headers to the principal: what the rest of the gateway knows of identity."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Place, Problem
from gateway.identity.bearer import token_from
from gateway.identity.file_keys import FileKeys
from gateway.identity.jwt import Issuer, Verifier
from gateway.identity.url_keys import Timing, UrlKeys

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from gateway.identity.jwks import KeySource
    from gateway.ingress.guard import RequestHead
    from gateway.settings import IdentitySettings, IssuerSettings
    from gateway.terms import Principal

__all__ = ["Identity"]


class Identity:
    """Verifies who calls.

    Args:
        settings: The issuers.
        transport: How JWKS URLs are fetched; httpx's own if not given.
        clock: Unix time in seconds.
    """

    def __init__(
        self,
        settings: IdentitySettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuers = tuple(
            Issuer(issuer, _source(issuer, transport)) for issuer in settings.issuers
        )
        self._verifier = Verifier(self._issuers, clock=clock)

    async def start(self) -> None:
        """Reads every issuer's keys and keeps them up to date.

        An issuer whose URL does not answer is tried again in the background; until it does, its
        tokens are refused.

        Raises:
            ConfigurationError: A key file is missing or refused.
        """
        started = await asyncio.gather(
            *(issuer.source.start() for issuer in self._issuers), return_exceptions=True
        )
        failures = [failure for failure in started if isinstance(failure, BaseException)]
        if not failures:
            return
        await self.close()
        problems = [
            problem
            for failure in failures
            if isinstance(failure, ConfigurationError)
            for problem in failure.problems
        ]
        raise ConfigurationError(problems) if problems else failures[0]

    async def close(self) -> None:
        """Stops keeping keys up to date."""
        for issuer in self._issuers:
            await issuer.source.close()

    async def identify(self, head: RequestHead, source: str | None) -> Principal:
        """The principal whose token a request carries; ``source`` is the address it came from.

        Raises:
            Unauthenticated: With the true reason, for the audit log only. It starts with a stable
                word: ``no token``, ``two tokens``, ``scheme``, ``too long``, ``encrypted``,
                ``malformed``, ``issuer``, ``header``, ``algorithm``, ``unknown kid``,
                ``keys unavailable``, ``signature``, ``type``, ``audience``, ``claims``,
                ``expired``, ``not yet valid``, ``lifetime``, ``overage``, ``subject``, ``tenant``.
        """
        return await self._verifier.verify(token_from(head.headers))

    def unavailable(self) -> tuple[str, ...]:
        """The issuers that have no keys now, so that their tokens are refused."""
        return tuple(
            issuer.settings.issuer for issuer in self._issuers if issuer.source.keys is None
        )


def _source(issuer: IssuerSettings, transport: httpx.AsyncBaseTransport | None) -> KeySource:
    if issuer.jwks_file is not None:
        return FileKeys(issuer.jwks_file, issuer.algorithms)
    if issuer.jwks_url is not None:
        timing = Timing(ttl=issuer.jwks_ttl)
        return UrlKeys(issuer.jwks_url, issuer.algorithms, timing=timing, transport=transport)
    raise ConfigurationError(Problem(Place("identity.issuers"), "an issuer has no source of keys"))
