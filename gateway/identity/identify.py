"""From headers to the principal: what the rest of the gateway knows of identity."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from gateway.errors import ConfigurationError, Unauthenticated
from gateway.identity.bearer import presented
from gateway.identity.failures import Failures
from gateway.identity.jwt import Issuer, Verifier
from gateway.identity.possession import Possession
from gateway.identity.revocation import Revocations
from gateway.identity.sources import key_source
from gateway.ingress.proxies import Proxies
from gateway.state.memory import MemoryState

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from gateway.identity.binding import Binding
    from gateway.ingress.guard import RequestHead
    from gateway.settings import IdentitySettings
    from gateway.state.state import State
    from gateway.terms import Principal

__all__ = ["Identity"]


class Identity:
    """Verifies who calls.

    Args:
        settings: The issuers.
        proxies: Who is believed about the certificates of clients; nobody if not given.
        state: Where used proofs are remembered and shared revocations stand; this process's
            memory if not given, which holds no revocations.
        transport: How JWKS URLs are fetched; httpx's own if not given.
        clock: Unix time in seconds.
    """

    def __init__(
        self,
        settings: IdentitySettings,
        *,
        proxies: Proxies | None = None,
        state: State | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._issuers = tuple(
            Issuer(issuer, key_source(issuer, transport)) for issuer in settings.issuers
        )
        names = frozenset(issuer.issuer for issuer in settings.issuers)
        self._revocations = Revocations(settings.revocation, state, issuers=names)
        self._verifier = Verifier(self._issuers, revoked=self._revocations.reason, clock=clock)
        state = MemoryState() if state is None else state
        self._possession = Possession(settings, proxies or Proxies(), state, clock)
        self._failures = Failures(settings.max_failures)

    async def start(self) -> None:
        """Reads every issuer's keys and what is revoked, and keeps them up to date.

        An issuer whose URL does not answer is tried again in the background; until it does, its
        tokens are refused. So are all tokens until a shared state has said what is revoked.

        Raises:
            ConfigurationError: A file of keys, a secret or a file of revocations is missing or
                refused.
        """
        started = await asyncio.gather(
            *(issuer.source.start() for issuer in self._issuers),
            self._revocations.start(),
            return_exceptions=True,
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
        """Stops keeping keys and revocations up to date."""
        await self._revocations.close()
        for issuer in self._issuers:
            await issuer.source.close()

    async def identify(self, head: RequestHead, source: str | None) -> Principal:
        """The principal whose token a request carries, and who holds what the token is bound to.

        Args:
            head: The request; ``peer`` is where its connection came from.
            source: The address of the client, to which refusals are counted.

        Raises:
            Unauthenticated: With the true reason, for the audit log only. It starts with a stable
                word: ``no token``, ``two tokens``, ``scheme``, ``too long``, ``encrypted``,
                ``malformed``, ``too many failures``, ``issuer``, ``header``, ``algorithm``,
                ``unknown kid``, ``keys unavailable``, ``signature``, ``type``, ``audience``,
                ``claims``, ``expired``, ``not yet valid``, ``lifetime``, ``overage``, ``subject``,
                ``tenant``, ``actor``, ``revoked``, ``revocation unknown``, ``binding``,
                ``certificate``, ``proof``.
            StateUnavailable: Whether a proof has been used before cannot be told now.
        """
        try:
            return await self._identify(head, source)
        except Unauthenticated as refusal:
            self._failures.note(source, refusal.reason)
            raise

    async def _identify(self, head: RequestHead, source: str | None) -> Principal:
        shown = presented(head.headers)
        known = self._verifier.known(shown.token)
        if known is None and self._failures.exhausted(source):
            raise Unauthenticated("too many failures: the token was not read")
        principal = known or await self._verifier.verify(shown.token)
        try:
            await self._possession.check(head, shown.scheme, principal)
        except Unauthenticated:
            if known is not None:
                # Otherwise a clock would tell whoever has stolen a bound token that it is good.
                self._verifier.spend(shown.token)
            raise
        return principal

    async def examine(self, token: str) -> tuple[Principal, Binding]:
        """What a token says, and what its bearer would have to prove: for people, not for requests.

        Raises:
            Unauthenticated: As ``identify`` would, whatever stood beside the token.
        """
        shown = presented(((b"authorization", b"Bearer " + token.encode("utf-8", "replace")),))
        principal = await self._verifier.verify(shown.token)
        return principal, self._possession.needs(principal)

    def problem(self) -> str | None:
        """Why no token at all can be taken now; None where some can."""
        if not self._revocations.known:
            return "what is revoked is not known"
        everyone = len(self.unavailable()) == len(self._issuers)
        return "no issuer's keys are known" if everyone else None

    def unavailable(self) -> tuple[str, ...]:
        """The issuers that have no keys now, so that their tokens are refused."""
        return tuple(
            issuer.settings.issuer for issuer in self._issuers if issuer.source.keys is None
        )
