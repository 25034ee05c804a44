"""The limiter in memory: its bounds, and what becomes of it when it is full."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from limiting import charge, exactly, refused, taken

from gateway.errors import StateLost
from gateway.limits.memory import MemoryLimiter

if TYPE_CHECKING:
    from collections.abc import Awaitable

MINUTE = 60_000_000


class Clock:
    now = 0

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_a_refusal_says_after_how_many_seconds_it_fits(clock: Clock) -> None:
    limiter = MemoryLimiter(clock)
    for clock.now in (0, 10_000_000):
        assert await taken(limiter, charge(2, seconds=60))
    clock.now = 30_500_000
    refusal = await refused(limiter, charge(2, seconds=60))
    assert refusal.retry_after == 30
    clock.now += 30_000_000
    assert await taken(limiter, charge(2, seconds=60))


async def test_counts_of_callers_who_left_are_forgotten(clock: Clock) -> None:
    limiter = MemoryLimiter(clock)
    for n in range(1000):
        clock.now += MINUTE
        lease = await taken(limiter, charge(5, 100, 2, who=f"caller {n}", seconds=60))
        assert lease
        await lease.settle(1)
    assert len(limiter) <= 12


async def test_a_count_in_use_is_never_forgotten(clock: Clock) -> None:
    limiter = MemoryLimiter(clock)
    lease = await taken(limiter, charge(tokens=100, concurrent=1, seconds=60), tokens=exactly(100))
    for n in range(1000):
        clock.now += MINUTE
        await taken(limiter, charge(5, who=f"caller {n}", seconds=60))
    refusal = await refused(limiter, charge(tokens=100, concurrent=1, seconds=60))
    assert "1 of 1 requests at a time" in refusal.reason
    assert lease
    await lease.settle(None)
    refusal = await refused(limiter, charge(tokens=100, seconds=60), tokens=exactly(1))
    assert "100 of 100 tokens" in refusal.reason


async def test_a_flood_of_callers_pushes_nobody_out(clock: Clock) -> None:
    limiter = MemoryLimiter(clock, capacity=100)
    for n in range(100):
        assert await taken(limiter, charge(1, who=f"caller {n}", seconds=60))
    with pytest.raises(StateLost):
        await limiter.take([charge(1, who="one more", seconds=60)], exactly(0))
    await refused(limiter, charge(1, who="caller 0", seconds=60))
    clock.now += 2 * MINUTE
    assert await taken(limiter, charge(1, who="one more", seconds=60))


async def test_a_refused_caller_takes_no_room(clock: Clock) -> None:
    limiter = MemoryLimiter(clock)
    for n in range(100):
        await refused(limiter, charge(tokens=1, who=f"caller {n}"), tokens=exactly(2))
    assert len(limiter) == 0


async def test_a_request_without_room_for_all_its_counts_takes_none(clock: Clock) -> None:
    limiter = MemoryLimiter(clock, capacity=3)
    assert await taken(limiter, charge(1, who="a"), charge(1, who="b"))
    with pytest.raises(StateLost):
        await limiter.take([charge(1, who="c"), charge(1, who="d")], exactly(0))
    assert len(limiter) == 2
    assert await taken(limiter, charge(1, who="c"))


async def test_nothing_is_awaited_between_look_and_count() -> None:
    # A second request that gets in between would see the same room.
    limiter = MemoryLimiter()
    taking: Awaitable[Any] = limiter.take([charge(1)], exactly(0))
    assert await asyncio.wait_for(taking, 5)
    steps = 0
    coroutine = limiter.take([charge(1, who="other")], exactly(0))
    try:
        while True:
            coroutine.send(None)
            steps += 1
    except StopIteration:
        assert steps == 0


async def test_a_lease_that_nobody_holds_any_more_ends(clock: Clock) -> None:
    limiter, limit = MemoryLimiter(clock), charge(tokens=100, concurrent=1)
    await limiter.take([limit], exactly(60))
    assert await taken(limiter, limit, tokens=exactly(40))
    assert "100 of 100 tokens" in (await refused(limiter, limit, tokens=exactly(1))).reason
