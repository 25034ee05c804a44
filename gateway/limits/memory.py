"""Limits that one process counts in its memory."""

from __future__ import annotations

import time
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final

from gateway.errors import StateLost
from gateway.limits.counts import new_count
from gateway.limits.estimate import MOST_TOKENS
from gateway.limits.headers import rate_headers
from gateway.limits.quota import quotas_of
from gateway.limits.refusal import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gateway.limits.counts import Count
    from gateway.limits.estimate import Estimate
    from gateway.limits.limiter import Charge
    from gateway.limits.quota import Quota, Reading

__all__ = ["CAPACITY", "MemoryLease", "MemoryLimiter"]

CAPACITY: Final = 100_000
"""The most counts that are kept: each up to two kilobytes."""

_TIDY: Final = 64  # counts that one request may have to look after
_REST: Final = 10_000_000  # microseconds before a count is looked after again


def _microseconds() -> int:
    return time.monotonic_ns() // 1000


class MemoryLimiter:
    """Counts in the memory of one process; nothing between look and count is awaited.

    When it is full, no count is forgotten: a request that needs a new one raises ``StateLost``.

    Args:
        clock: Microseconds that only ever rise.
        capacity: The most counts.
    """

    def __init__(self, clock: Callable[[], int] = _microseconds, capacity: int = CAPACITY) -> None:
        self._clock = clock
        self._capacity = capacity
        self._counts: dict[str, Count] = {}
        # When to look whether a count is idle.
        self._looks: list[tuple[int, str, int]] = []

    def __len__(self) -> int:
        """How many counts are kept."""
        return len(self._counts)

    async def take(self, charges: Sequence[Charge], tokens: Estimate) -> MemoryLease:
        """Counts a request in all its limits, or in none of them.

        Raises:
            RateLimited: One of them is used up.
            StateLost: There is no room for another count.
        """
        now = self._clock()
        self._tidy(now, _TIDY)
        held = [(quota, self._counts.get(quota.key)) for quota in quotas_of(charges)]
        pairs = [(quota, count or new_count(quota)) for quota, count in held]
        readings = [count.read(now, quota, tokens) for quota, count in pairs]
        if any(reading.wait for reading in readings):
            raise refusal(readings, tokens, time.time())
        self._keep(now, [pair for pair, (_, count) in zip(pairs, held, strict=True) if not count])
        lease = MemoryLease(self._clock, pairs)
        taken = [count.take(now, quota, lease.name, tokens) for quota, count in pairs]
        lease.describe(taken)
        return lease

    async def close(self) -> None:
        """Does nothing: the memory goes with the process."""

    def _keep(self, now: int, pairs: Sequence[tuple[Quota, Count]]) -> None:
        if len(self._counts) + len(pairs) > self._capacity:
            self._tidy(now, len(self._counts))
            if len(self._counts) + len(pairs) > self._capacity:
                raise StateLost("memory: no room for another count")
        for quota, count in pairs:
            self._counts[quota.key] = count
            rest = max(quota.horizon, _REST)
            heappush(self._looks, (now + rest, quota.key, rest))

    def _tidy(self, now: int, most: int) -> None:
        for _ in range(most):
            if not self._looks or self._looks[0][0] > now:
                return
            _, key, rest = heappop(self._looks)
            if self._counts[key].idle(now):
                del self._counts[key]
            else:
                heappush(self._looks, (now + rest, key, rest))


class MemoryLease:
    """What a request holds of its limits; one that nobody holds any more keeps what it set aside.

    Attributes:
        name: What the counts know it by.
        headers: The rate-limit headers that SDKs read, for the answer.
    """

    def __init__(self, clock: Callable[[], int], pairs: Sequence[tuple[Quota, Count]]) -> None:
        self.name = object()
        self._clock = clock
        self._pairs = pairs
        self.headers: tuple[tuple[bytes, bytes], ...] = ()

    def describe(self, readings: Sequence[Reading]) -> None:
        """Makes the headers of where the quotas stand."""
        self.headers = rate_headers(readings, time.time())

    async def settle(self, tokens: int | None) -> None:
        """Ends it; only the first call counts."""
        self._end(None if tokens is None else min(max(tokens, 0), MOST_TOKENS))

    def __del__(self) -> None:
        self._end(None)

    def _end(self, tokens: int | None) -> None:
        pairs, self._pairs = self._pairs, ()
        now = self._clock()
        for quota, count in pairs:
            count.settle(now, quota, self.name, tokens)
