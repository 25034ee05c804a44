"""What is revoked, kept up to date beside the requests."""

from __future__ import annotations

import asyncio
import contextlib
import math
import random
import time
from itertools import chain
from typing import TYPE_CHECKING

import structlog

from gateway.identity.revocation_lists import revocation_lists
from gateway.identity.revoked import RevokedTokens

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.identity.revoked import Revocation
    from gateway.settings import RevocationSettings
    from gateway.state.state import State
    from gateway.terms import Principal

__all__ = ["Revocations"]

_log = structlog.get_logger("gateway.identity")


class Revocations:
    """What is revoked, as of ``refresh`` seconds ago; nothing counts as known after ``max_age``.

    Args:
        settings: Where revocations stand; without it nothing is ever revoked.
        state: The shared state, where the settings want it.
        issuers: The issuers of the settings; a revocation of another is pointed out in the log.
        clock: Seconds that only rise.

    Raises:
        ConfigurationError: The settings want a shared state and there is none.
    """

    def __init__(
        self,
        settings: RevocationSettings | None,
        state: State | None = None,
        *,
        issuers: frozenset[str] = frozenset(),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._issuers = issuers
        self._clock = clock
        self._lists = revocation_lists(settings, state) if settings is not None else []
        self._read_at = [-math.inf] * len(self._lists)
        self._until = math.inf if settings is None else -math.inf
        self._seen: tuple[tuple[Revocation, ...], ...] = ()
        self._revoked = RevokedTokens()
        self._task: asyncio.Task[None] | None = None

    @property
    def known(self) -> bool:
        """Whether what is revoked is known well enough to take any token."""
        return self._clock() <= self._until

    def reason(self, who: Principal) -> str | None:
        """Why a principal's token is not taken; None where nothing is against it."""
        if not self.known:
            return "revocation unknown: the list of revoked tokens is too old"
        return self._revoked.reason(who)

    async def start(self) -> None:
        """Reads every list, and goes on doing so.

        Raises:
            ConfigurationError: The file is missing, or a line of it is not understood.
        """
        if self._settings is None:
            return
        for one in self._lists:
            await one.start()
        await self.refresh()
        self._task = asyncio.create_task(self._refresh_forever(self._settings.refresh))

    async def close(self) -> None:
        """Stops reading."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        for one in self._lists:
            await one.close()

    async def refresh(self) -> None:
        """Reads every list once; one that cannot be read keeps what it held."""
        if self._settings is None:
            return
        began = self._clock()
        read = await asyncio.gather(*(one.read() for one in self._lists))
        seen = tuple(one.entries for one in self._lists)
        if seen != self._seen:
            # In a thread, as a long list takes a while.
            self._revoked = await asyncio.to_thread(RevokedTokens, chain.from_iterable(seen))
            self._seen = seen
            self._point_out_strangers(seen)
        ages = zip(read, self._read_at, strict=True)
        self._read_at = [began if good else before for good, before in ages]
        self._until = min(self._read_at) + self._settings.max_age

    async def _refresh_forever(self, pause: float) -> None:
        while True:
            # Sooner than promised, as reading takes time; at random, so that replicas spread.
            await asyncio.sleep(pause * random.uniform(0.8, 0.9))  # noqa: S311  # jitter
            try:
                await self.refresh()
            except Exception as error:  # noqa: BLE001  # reading goes on, and max_age decides
                _log.error("revocation_refresh_failed", error=type(error).__name__)

    def _point_out_strangers(self, seen: tuple[tuple[Revocation, ...], ...]) -> None:
        named = {one.issuer for one in chain.from_iterable(seen)} - {None}
        unknown = named - self._issuers if self._issuers else ()
        if unknown:
            _log.warning("revocation_of_unknown_issuer", issuers=len(unknown))
