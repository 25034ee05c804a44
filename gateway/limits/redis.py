"""Limits that many processes and replicas count together in Redis."""

from __future__ import annotations

import asyncio
import secrets
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from gateway.errors import StateLost
from gateway.limits.estimate import MOST_TOKENS
from gateway.limits.headers import rate_headers
from gateway.limits.quota import Reading, quotas_of
from gateway.limits.refusal import refusal
from gateway.limits.scripts import RENEW, SETTLE, TAKE

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator, Sequence

    from gateway.limits.estimate import Estimate
    from gateway.limits.limiter import Charge
    from gateway.limits.quota import Quota
    from gateway.state.link import Link

__all__ = ["LIFE", "RENEWAL", "RedisLease", "RedisLimiter"]

LIFE: Final = 30.0
"""Seconds after which the lease of a gateway that is gone lapses."""

RENEWAL: Final = 10.0
"""Seconds between two renewals of the leases of requests in flight."""

_PREFIX: Final = "gateway:{limits}:"  # one hash tag: a script's keys must lie together in a cluster
_BATCH: Final = 200  # keys of one renewal; a script holds everybody up while it runs
_KEEP: Final = -1


class RedisLimiter:
    """Counts in Redis, in one script per request and one more when it has ended.

    Args:
        link: The way to the server; closed together with the limiter.
        life: Seconds that a lease holds unless it is renewed.
        renewal: Seconds between two renewals.
    """

    def __init__(self, link: Link, *, life: float = LIFE, renewal: float = RENEWAL) -> None:
        self._link = link
        self._life = round(life * 1_000_000)
        self._renewal = renewal
        self._take = link.client.register_script(TAKE)
        self._settle = link.client.register_script(SETTLE)
        self._renew = link.client.register_script(RENEW)
        self._open: dict[str, Sequence[Quota]] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._keeper: asyncio.Task[None] | None = None

    async def take(self, charges: Sequence[Charge], tokens: Estimate) -> RedisLease:
        """Counts a request in all its limits, or in none of them.

        Raises:
            RateLimited: One of them is used up.
            StateLost: Redis did not answer in time.
        """
        quotas = quotas_of(charges)
        name = secrets.token_hex(8)
        asking = self._spawn(self._count(name, quotas, tokens))
        try:
            readings = await asyncio.shield(asking)
        except (asyncio.CancelledError, StateLost):
            # It may have been counted for all that.
            self._spawn(self._take_back(asking, name, quotas))
            raise
        if any(reading.wait for reading in readings):
            raise refusal(readings, tokens, time.time())
        self._open[name] = [quota for quota in quotas if quota.kind != "requests"]
        if self._keeper is None:
            self._keeper = asyncio.create_task(self._keep())
        return RedisLease(self, name, quotas, tokens.most, rate_headers(readings, time.time()))

    async def end(self, name: str, quotas: Sequence[Quota], tokens: int, most: int) -> None:
        """Ends a lease; what Redis does not hear of it lapses there.

        Args:
            name: The lease.
            quotas: What it counts in.
            tokens: Tokens used; -1 keeps what was set aside.
            most: Tokens set aside.
        """
        self.forget(name)
        await asyncio.shield(self._spawn(self._tell(name, quotas, tokens, most)))

    def forget(self, name: str) -> None:
        """Renews a lease no longer."""
        self._open.pop(name, None)

    async def close(self) -> None:
        """Ends what is under way, and closes every connection."""
        if self._keeper is not None:
            self._keeper.cancel()
        while self._tasks:
            await asyncio.wait(set(self._tasks))
        await self._link.close()

    async def _count(self, name: str, quotas: Sequence[Quota], tokens: Estimate) -> list[Reading]:
        arguments = [name, tokens.likely, tokens.most, self._life, *_arguments(quotas)]
        keys = [key for quota in quotas for key in _keys(quota)]

        async def work() -> list[Reading]:
            numbers = iter(map(int, await self._take(keys, arguments)))
            return [
                Reading(quota, used, reset, wait)
                for quota, used, reset, wait in zip(quotas, numbers, numbers, numbers, strict=True)
            ]

        return await self._link.ask(work)

    async def _tell(self, name: str, quotas: Sequence[Quota], tokens: int, most: int) -> None:
        held = [quota for quota in quotas if quota.kind != "requests"]
        if not held:
            return
        arguments = [name, tokens, most, *_arguments(held)]
        keys = [key for quota in held for key in _keys(quota)]
        with suppress(StateLost):
            await self._link.ask(lambda: self._settle(keys, arguments))

    async def _take_back(
        self, asking: asyncio.Task[list[Reading]], name: str, quotas: Sequence[Quota]
    ) -> None:
        with suppress(StateLost):
            await asking
        await self._tell(name, quotas, 0, 0)

    async def _keep(self) -> None:
        """Renews the leases of requests in flight, for ever."""
        while True:
            await asyncio.sleep(self._renewal)
            held = [(name, quota) for name, quotas in self._open.items() for quota in quotas]
            renewals = [renewal for name, quota in held for renewal in _renewals(name, quota)]
            for start in range(0, len(renewals), _BATCH):
                with suppress(StateLost):
                    await self._extend(renewals[start : start + _BATCH])

    async def _extend(self, renewals: Sequence[tuple[str, str, int]]) -> None:
        keys = [key for key, _, _ in renewals]
        arguments: list[str | int] = [self._life]
        for _, name, horizon in renewals:
            arguments += [name, horizon]
        await self._link.ask(lambda: self._renew(keys, arguments))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._forget)
        return task

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # marks it as seen where the caller has left


class RedisLease:
    """What a request holds of its limits; one that nobody holds any more is not renewed.

    Attributes:
        headers: The rate-limit headers that SDKs read, for the answer.
    """

    def __init__(
        self,
        limiter: RedisLimiter,
        name: str,
        quotas: Sequence[Quota],
        most: int,
        headers: tuple[tuple[bytes, bytes], ...],
    ) -> None:
        self.headers = headers
        self._limiter = limiter
        self._name = name
        self._quotas = quotas
        self._most = most
        self._settled = False

    async def settle(self, tokens: int | None) -> None:
        """Ends it; only the first call counts, and it goes on when its caller is cancelled."""
        if self._settled:
            return
        self._settled = True
        used = _KEEP if tokens is None else min(max(tokens, 0), MOST_TOKENS)
        await self._limiter.end(self._name, self._quotas, used, self._most)

    def __del__(self) -> None:
        self._limiter.forget(self._name)


def _keys(quota: Quota) -> Iterator[str]:
    """The keys of a quota, in the order in which the scripts read them."""
    if quota.kind != "concurrent":
        yield f"{_PREFIX}{quota.key}"
    if quota.kind != "requests":
        yield f"{_PREFIX}{quota.key}:flights"
    if quota.kind == "tokens":
        yield f"{_PREFIX}{quota.key}:asides"


def _arguments(quotas: Sequence[Quota]) -> Iterator[str | int]:
    for quota in quotas:
        yield from (quota.kind, quota.amount, quota.length, quota.grain, quota.horizon)


def _renewals(name: str, quota: Quota) -> Iterator[tuple[str, str, int]]:
    for key in _keys(quota):
        if key != f"{_PREFIX}{quota.key}":
            yield key, name, quota.horizon
