"""The laws of a limiter against a plain list of everything that happened, by any clock.

Windows hold what they promise wherever they begin; nothing is refused without cause; a refused
request fits after the wait that it was told; budgets are exceeded by one request at most.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from limiters import InMemory, InRedis, Ticking
from limiting import charge

from gateway.errors import RateLimited
from gateway.limits.estimate import Estimate
from gateway.limits.quota import GRAINS, quotas_of

if TYPE_CHECKING:
    from redis_server import RedisServer

    from gateway.limits.limiter import Charge, Lease

SECOND = 1_000_000
LENGTH = 640 * SECOND  # long, so that no key of Redis lapses by its own time meanwhile
GRAIN = LENGTH // GRAINS


@dataclass
class Call:
    """One request that was taken."""

    at: int
    tokens: Estimate
    lease: Lease
    ended: int | None = None
    used: int = 0


@dataclass
class Play:
    """Everything that happened."""

    calls: list[Call] = field(default_factory=list)
    refused: list[tuple[int, int, RateLimited]] = field(default_factory=list)


Step = tuple[str, int, int]
PAUSES = st.one_of(
    st.integers(0, LENGTH + GRAIN),
    st.integers(0, GRAIN // 3),
    st.integers(LENGTH - GRAIN, LENGTH + GRAIN),
    st.sampled_from([1, GRAIN, LENGTH // 2, LENGTH - 1, LENGTH, LENGTH + 1]),
)
TAKES = st.tuples(st.just("take"), st.integers(0, 40), st.integers(0, 60))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("wait"), PAUSES, st.just(0)),
        TAKES,
        TAKES,
        st.tuples(st.just("burst"), st.integers(1, 70), st.integers(0, 3)),
        st.tuples(st.just("settle"), st.integers(0, 5), st.integers(0, 100)),
        st.tuples(st.just("settle"), st.integers(0, 5), st.integers(0, 100)),
        st.tuples(st.just("keep"), st.integers(0, 5), st.just(0)),
    ),
    min_size=5,
    max_size=60,
)


def single(steps: list[Step]) -> list[Step]:
    """The steps with bursts as so many small requests."""
    return [
        one
        for what, many, size in steps
        for one in ([("take", size, size)] * many if what == "burst" else [(what, many, size)])
    ]


async def play(ticking: Ticking, limit: Charge, steps: list[Step]) -> Play:
    now, played, flying = 7 * SECOND, Play(), list[Call]()
    await ticking.tick(now)
    for what, one, other in single(steps):
        if what == "wait":
            now += one
            await ticking.tick(now)
        elif what == "take":
            tokens = Estimate(one, one + other)
            try:
                lease = await ticking.limiter.take([limit], tokens)
            except RateLimited as refusal:
                played.refused.append((now, tokens.likely, refusal))
            else:
                flying.append(Call(now, tokens, lease))
                played.calls.append(flying[-1])
        elif flying:
            call = flying.pop(one % len(flying))
            call.ended, call.used = now, call.tokens.most
            if what == "settle":
                call.used = call.tokens.most * other // 100
            await call.lease.settle(call.used if what == "settle" else None)
    return played


def run(kind: str, request: pytest.FixtureRequest, limit: Charge, steps: list[Step]) -> Play:
    async def example() -> Play:
        ticking: Ticking = InMemory()
        if kind == "redis":
            server: RedisServer = request.getfixturevalue("shared_redis")
            server.do("FLUSHALL")
            ticking = InRedis(server.url, life=10**6)
        try:
            return await play(ticking, limit, steps)
        finally:
            await ticking.limiter.close()

    return asyncio.run(example())


both = pytest.mark.parametrize("kind", ["memory", "redis"])
lawful = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
AMOUNTS = st.sampled_from([1, 2, 5, GRAINS, GRAINS + 1])


@both
@lawful
@given(steps=STEPS, amount=AMOUNTS)
def test_no_window_holds_more_requests_than_the_limit(
    kind: str, request: pytest.FixtureRequest, steps: list[Step], amount: int
) -> None:
    played = run(kind, request, charge(amount, seconds=LENGTH / SECOND), steps)
    times = [call.at for call in played.calls]
    for begin in times:
        assert sum(begin <= at < begin + LENGTH for at in times) <= amount
    # Refused only with cause: a great amount may remember a moment for one grain longer.
    slack = 0 if amount <= GRAINS else GRAIN
    for now, _, _ in played.refused:
        assert sum(now - LENGTH - slack < at <= now for at in times) >= amount


@both
@lawful
@given(steps=STEPS, budget=st.sampled_from([10, GRAINS, 100, 300]))
def test_no_window_holds_more_tokens_than_the_budget_and_one_requests_excess(
    kind: str, request: pytest.FixtureRequest, steps: list[Step], budget: int
) -> None:
    played = run(kind, request, charge(tokens=budget, seconds=LENGTH / SECOND), steps)
    excess = max((call.tokens.most - call.tokens.likely for call in played.calls), default=0)
    done = [call for call in played.calls if call.ended is not None]
    for begin in {call.at for call in done} | {call.ended or 0 for call in done}:
        # Tokens are used at some time between the two; a call counts if it may have been now.
        inside = [one for one in done if one.at < begin + LENGTH and (one.ended or 0) >= begin]
        assert sum(call.used for call in inside) <= budget + excess


@both
@lawful
@given(steps=STEPS, budget=st.sampled_from([10, GRAINS, 100, 300]))
def test_tokens_are_refused_only_with_cause(
    kind: str, request: pytest.FixtureRequest, steps: list[Step], budget: int
) -> None:
    played = run(kind, request, charge(tokens=budget, seconds=LENGTH / SECOND), steps)
    for now, likely, _ in played.refused:
        held = sum(
            call.tokens.most if call.ended is None or call.ended > now else call.used
            for call in played.calls
            if call.at <= now and (call.ended is None or call.ended > now - LENGTH - GRAIN)
        )
        # Calls that ended or began in this very moment stand on either side.
        edge = sum(c.tokens.most for c in played.calls if c.ended == now)
        assert held + edge + likely > budget


@both
@lawful
@given(steps=STEPS, amount=st.integers(1, 4))
def test_no_more_requests_are_in_flight_than_the_limit(
    kind: str, request: pytest.FixtureRequest, steps: list[Step], amount: int
) -> None:
    now, flying = 0, 0
    played = run(kind, request, charge(concurrent=amount), steps)
    events = [(call.at, 1) for call in played.calls]
    events += [(call.ended, -1) for call in played.calls if call.ended is not None]
    for now, change in sorted(events):
        flying += change
        assert flying <= amount, now
    for when, _, _ in played.refused:
        begun = sum(call.at <= when for call in played.calls)
        ended = sum(call.ended is not None and call.ended < when for call in played.calls)
        assert begun - ended >= amount


@both
@lawful
@given(steps=STEPS, amount=AMOUNTS, tokens=st.sampled_from([60, 300]))
def test_a_refused_request_fits_after_the_wait_that_it_was_told(
    kind: str, request: pytest.FixtureRequest, steps: list[Step], amount: int, tokens: int
) -> None:
    limit = charge(amount, tokens, seconds=LENGTH / SECOND)

    async def example() -> None:
        ticking: Ticking = InMemory()
        if kind == "redis":
            server: RedisServer = request.getfixturevalue("shared_redis")
            server.do("FLUSHALL")
            ticking = InRedis(server.url, life=10**6)
        try:
            played = await play(ticking, limit, steps)
            for call in played.calls:
                await call.lease.settle(None)
            now = 7 * SECOND + sum(step[1] for step in steps if step[0] == "wait")
            wanted, waits = Estimate(30, 30), list[int]()
            while len(waits) < 2:
                try:
                    await ticking.limiter.take([limit], wanted)
                    break
                except RateLimited as refusal:
                    waits.append(refusal.retry_after or 0)
                    await ticking.tick(now + waits[-1] * SECOND)
            assert len(waits) < 2, "it did not fit after the wait"
            assert all(0 < wait * SECOND <= LENGTH + GRAIN + SECOND for wait in waits)
        finally:
            await ticking.limiter.close()

    assert quotas_of([limit])[0].length == LENGTH
    asyncio.run(example())
