"""The scripts on their own: what they leave in Redis, and that nothing outlives its use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from limiters import InRedis
from limiting import charge, exactly, refused, taken

from gateway.limits.estimate import Estimate
from gateway.limits.quota import GRAINS
from gateway.limits.redis import LIFE
from gateway.limits.scripts import RENEW, SETTLE, TAKE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from redis_server import RedisServer

SECOND = 1_000_000
NOW = 1_800_000_000 * SECOND + 123_456
KEY = "gateway:{limits}:ada:"
HOUR = 3600 * SECOND


@pytest.fixture
async def ticking(redis_server: RedisServer) -> AsyncIterator[InRedis]:
    made = InRedis(redis_server.url)
    await made.tick(NOW)
    yield made
    await made.limiter.close()


async def test_moments_are_kept_to_the_microsecond(
    ticking: InRedis, redis_server: RedisServer
) -> None:
    await taken(ticking.limiter, charge(5, seconds=3600))
    assert redis_server.do("HGETALL", f"{KEY}requests:{HOUR}") == {str(NOW + HOUR): "1"}


async def test_a_window_has_few_fields_however_much_is_counted(
    ticking: InRedis, redis_server: RedisServer
) -> None:
    for step in range(200):
        await ticking.tick(NOW + step * HOUR // 100)
        assert await taken(ticking.limiter, charge(10**6, seconds=3600))
    assert redis_server.do("HLEN", f"{KEY}requests:{HOUR}") <= GRAINS + 2


async def test_what_has_lapsed_is_removed(ticking: InRedis, redis_server: RedisServer) -> None:
    for step in (0, 1, 2):
        await ticking.tick(NOW + step)
        await taken(ticking.limiter, charge(5, seconds=3600))
    await ticking.tick(NOW + HOUR + 1)
    await taken(ticking.limiter, charge(5, seconds=3600))
    assert sorted(redis_server.do("HGETALL", f"{KEY}requests:{HOUR}")) == [
        str(NOW + HOUR + 2),
        str(NOW + 2 * HOUR + 1),
    ]


async def test_what_was_set_aside_is_removed_when_it_is_settled(
    ticking: InRedis, redis_server: RedisServer
) -> None:
    limit = charge(tokens=10**15, concurrent=9, seconds=3600)
    leases = [
        await taken(ticking.limiter, limit, tokens=Estimate(1, most)) for most in (10**12, 7, 0)
    ]
    asides = f"{KEY}tokens:{HOUR}:asides"
    assert int(redis_server.do("HGET", asides, "sum")) == 10**12 + 7
    for lease in leases:
        assert lease
        await lease.settle(0)
    assert redis_server.do("HGETALL", asides) == {"sum": "0"}
    assert redis_server.do("EXISTS", f"{KEY}tokens:{HOUR}:flights") == 0
    assert redis_server.do("EXISTS", f"{KEY}concurrent:flights") == 0
    assert redis_server.do("EXISTS", f"{KEY}tokens:{HOUR}") == 0


async def test_a_refused_request_writes_nothing(
    ticking: InRedis, redis_server: RedisServer
) -> None:
    assert not await taken(ticking.limiter, charge(5, 10, 0), tokens=exactly(5))
    assert redis_server.do("KEYS", "gateway:*") == []


async def test_a_request_in_flight_is_sorted_by_when_its_lease_lapses(
    ticking: InRedis, redis_server: RedisServer
) -> None:
    await taken(ticking.limiter, charge(concurrent=2))
    [[name, score]] = redis_server.do("ZRANGE", f"{KEY}concurrent:flights", 0, -1, "WITHSCORES")
    assert float(score) == NOW + LIFE * SECOND
    assert len(name) == 16


async def test_a_lease_that_has_lapsed_is_not_brought_back_by_its_renewal(
    ticking: InRedis, redis_server: RedisServer
) -> None:
    key = f"{KEY}concurrent:flights"
    await taken(ticking.limiter, charge(concurrent=2))
    redis_server.do("DEL", key)
    await ticking.limiter._extend([(key, name, 0) for name in ticking.limiter._open])
    assert redis_server.do("EXISTS", key) == 0


async def test_who_waits_waits_for_the_first_to_lapse_in_whatever_order_they_came(
    ticking: InRedis,
) -> None:
    await ticking.tick(NOW + HOUR)
    await taken(ticking.limiter, charge(2, seconds=3600))
    await ticking.tick(NOW)  # the clock is set back: the first request lapses after the second
    await taken(ticking.limiter, charge(2, seconds=3600))
    assert (await refused(ticking.limiter, charge(2, seconds=3600))).retry_after == 3600


async def test_asides_without_their_requests_are_forgotten(
    ticking: InRedis, redis_server: RedisServer
) -> None:
    limit = charge(tokens=100, seconds=3600)
    await taken(ticking.limiter, limit, tokens=exactly(100))
    redis_server.do("DEL", f"{KEY}tokens:{HOUR}:flights")
    assert await taken(ticking.limiter, limit, tokens=exactly(100))


@pytest.mark.parametrize("script", [TAKE, SETTLE, RENEW])
def test_the_scripts_read_no_other_clock_and_no_chance(script: str) -> None:
    assert script.count("redis.call('TIME')") == 1
    for word in ("os.", "math.random", "math.randomseed", "loadstring"):
        assert word not in script
