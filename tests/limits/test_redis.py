"""The limiter in Redis: many replicas, gateways that die, servers that fail, clocks that jump."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from limiters import InRedis
from limiting import DAY, charge, exactly, refused, taken

from gateway.errors import StateLost
from gateway.limits.estimate import Estimate
from gateway.limits.redis import LIFE, RedisLimiter
from gateway.state.link import Link

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from redis_server import RedisServer

SECOND = 1_000_000
SOON = 30.0


@pytest.fixture
async def limiters(redis_server: RedisServer) -> AsyncIterator[list[RedisLimiter]]:
    """Four replicas."""
    made = [RedisLimiter(Link(redis_server.url, 20.0)) for _ in range(4)]
    yield made
    for limiter in made:
        await limiter.close()


@pytest.fixture
async def limiter(limiters: list[RedisLimiter]) -> RedisLimiter:
    return limiters[0]


@pytest.fixture
async def ticking(redis_server: RedisServer) -> AsyncIterator[InRedis]:
    made = InRedis(redis_server.url)
    await made.tick(0)
    yield made
    await made.limiter.close()


async def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SOON
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def renewed(server: RedisServer, later: float) -> bool:
    """Whether no lease of a request in flight lapses before a moment."""
    keys = server.do("KEYS", "gateway:*:flights")
    pairs = [pair for key in keys for pair in server.do("ZRANGE", key, 0, -1, "WITHSCORES")]
    return bool(pairs) and all(float(lapse) >= later for _, lapse in pairs)


async def test_a_thousand_requests_at_once_over_four_replicas(
    limiters: list[RedisLimiter],
) -> None:
    limit = charge(300, 50_000, 200)
    leases = await asyncio.gather(
        *(taken(limiters[n % 4], limit, tokens=exactly(10)) for n in range(1000))
    )
    held = [lease for lease in leases if lease]
    assert len(held) == 200
    await asyncio.gather(*(lease.settle(10) for lease in held))
    more = await asyncio.gather(
        *(taken(limiters[n % 4], limit, tokens=exactly(10)) for n in range(1000))
    )
    assert sum(lease is not None for lease in more) == 100


async def test_a_budget_holds_over_four_replicas(limiters: list[RedisLimiter]) -> None:
    used = []

    async def call(n: int) -> None:
        likely = 1 + n % 50
        lease = await taken(
            limiters[n % 4], charge(tokens=5000), tokens=Estimate(likely, 4 * likely)
        )
        if lease is not None:
            await asyncio.sleep(0)
            used.append(4 * likely)
            await lease.settle(4 * likely)

    for _ in range(3):
        await asyncio.gather(*(call(n) for n in range(300)))
    assert 5000 - 50 < sum(used) <= 5000 + 3 * 50


PROCESS = """
import asyncio, sys
sys.path.insert(0, sys.argv[2])
from limiting import charge, exactly, taken
from gateway.limits.opening import open_limiter

async def main():
    limiter = open_limiter(sys.argv[1], 60.0)
    async def call():
        lease = await taken(limiter, charge(100, 10_000, 50), tokens=exactly(100))
        if lease:
            await lease.settle(100)
        return lease is not None
    print(sum(await asyncio.gather(*(call() for _ in range(150)))))
    await limiter.close()

asyncio.run(main())
"""


def test_processes_count_together(redis_server: RedisServer) -> None:
    support = str(__import__("limiting").__file__).rpartition("/")[0]
    command = [sys.executable, "-c", PROCESS, redis_server.url, support]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    counts = [int(process.communicate(timeout=60)[0]) for process in processes]
    assert sum(counts) <= 100
    assert redis_server.do("ZCARD", "gateway:{limits}:ada:concurrent:flights") == 0
    window = redis_server.do("HVALS", f"gateway:{{limits}}:ada:requests:{DAY * SECOND}")
    assert sum(map(int, window)) == sum(counts)


async def test_every_key_lies_under_one_tag_and_lapses(
    limiter: RedisLimiter, redis_server: RedisServer
) -> None:
    lease = await taken(limiter, charge(5, 100, 2, seconds=60), tokens=exactly(50))
    assert lease
    for _ in range(2):
        keys = redis_server.do("KEYS", "*")
        assert keys
        for key in keys:
            assert key.startswith("gateway:{limits}:ada:")
            assert 0 < redis_server.do("PTTL", key) <= (60 + 1 + LIFE + 2) * 1000
        await lease.settle(7)


async def test_a_lease_of_a_gateway_that_died_lapses_and_counts_as_used(ticking: InRedis) -> None:
    limit = charge(tokens=100, concurrent=1, seconds=3600)
    assert await taken(ticking.limiter, limit, tokens=exactly(60))
    await ticking.tick(round(LIFE * SECOND) - 1)
    assert "1 of 1 requests at a time" in (await refused(ticking.limiter, limit)).reason
    await ticking.tick(round(LIFE * SECOND))
    refusal = await refused(ticking.limiter, limit, tokens=exactly(41))
    assert refusal.reason.count(";") == 0
    assert "60 of 100 tokens" in refusal.reason
    assert refusal.retry_after is not None
    assert 3600 <= refusal.retry_after <= 3600 + 60
    assert await taken(ticking.limiter, limit, tokens=exactly(40))


async def test_a_lease_is_kept_as_long_as_its_gateway_lives(
    redis_server: RedisServer,
) -> None:
    ticking = InRedis(redis_server.url, renewal=0.01)
    limit = charge(tokens=100, concurrent=1, seconds=3600)
    await ticking.tick(0)
    lease = await taken(ticking.limiter, limit, tokens=exactly(60))
    assert lease
    for round_ in range(1, 8):
        now = round_ * 20 * SECOND
        await ticking.tick(now)
        later = now + LIFE * SECOND
        await until(partial(renewed, redis_server, later))
        assert "1 of 1 requests at a time" in (await refused(ticking.limiter, limit)).reason
    await lease.settle(10)
    assert await taken(ticking.limiter, limit, tokens=exactly(90))
    await ticking.limiter.close()


async def test_a_lease_that_lapsed_counts_what_it_used_all_the_same(ticking: InRedis) -> None:
    limit = charge(tokens=100, seconds=3600)
    lease = await taken(ticking.limiter, limit, tokens=exactly(30))
    assert lease
    await ticking.tick(round(2 * LIFE * SECOND))
    await refused(ticking.limiter, limit, tokens=exactly(71))
    await lease.settle(50)
    assert "80 of 100 tokens" in (await refused(ticking.limiter, limit, tokens=exactly(21))).reason


async def test_a_clock_that_is_set_back_frees_nothing_and_locks_nobody_out(
    ticking: InRedis,
) -> None:
    limit = charge(2, 100, seconds=60)
    await ticking.tick(10_000 * SECOND)
    for _ in range(2):
        lease = await taken(ticking.limiter, limit, tokens=exactly(50))
        assert lease
        await lease.settle(50)
    await ticking.tick(5_000 * SECOND)
    refusal = await refused(ticking.limiter, limit, tokens=exactly(1))
    assert "2 of 2 requests" in refusal.reason
    assert "100 of 100 tokens" in refusal.reason
    assert refusal.retry_after in {60, 61}
    await ticking.tick(5_061 * SECOND)
    assert await taken(ticking.limiter, limit, tokens=exactly(100))


async def test_scripts_that_the_server_forgot_are_sent_again(
    limiter: RedisLimiter, redis_server: RedisServer
) -> None:
    lease = await taken(limiter, charge(5, 100, 2), tokens=exactly(60))
    assert lease
    redis_server.do("SCRIPT", "FLUSH")
    await lease.settle(10)
    redis_server.do("SCRIPT", "FLUSH")
    results = await asyncio.gather(*(taken(limiter, charge(5, 100)) for _ in range(20)))
    assert sum(lease is not None for lease in results) == 4


async def test_a_full_server_refuses_and_counts_nothing(own_redis: RedisServer) -> None:
    limiter = RedisLimiter(Link(own_redis.url, 5.0))
    limit = charge(3, 100, 3)
    assert await taken(limiter, limit, tokens=exactly(10))
    own_redis.do("CONFIG", "SET", "maxmemory", 1)
    for _ in range(5):
        with pytest.raises(StateLost, match="OutOfMemoryError"):
            await limiter.take([limit], exactly(10))
    own_redis.do("CONFIG", "SET", "maxmemory", 0)
    rest = [await taken(limiter, limit, tokens=exactly(10)) for _ in range(3)]
    assert sum(lease is not None for lease in rest) == 2
    await limiter.close()


async def test_a_replica_refuses(own_redis: RedisServer) -> None:
    limiter = RedisLimiter(Link(own_redis.url, 5.0))
    own_redis.do("REPLICAOF", "127.0.0.1", "1")
    with pytest.raises(StateLost):
        await limiter.take([charge(1)], exactly(0))
    own_redis.do("REPLICAOF", "NO", "ONE")
    assert await taken(limiter, charge(1))
    await limiter.close()


async def test_a_key_that_somebody_else_wrote_refuses(
    limiter: RedisLimiter, redis_server: RedisServer
) -> None:
    redis_server.do("SET", f"gateway:{{limits}}:ada:requests:{DAY * SECOND}", "unlimited")
    with pytest.raises(StateLost):
        await limiter.take([charge(1)], exactly(0))


async def test_a_killed_server_refuses_and_is_found_again(own_redis: RedisServer) -> None:
    limiter = RedisLimiter(Link(own_redis.url, 5.0))
    lease = await taken(limiter, charge(5, 100, 2), tokens=exactly(60))
    assert lease
    own_redis.kill()
    for _ in range(5):
        with pytest.raises(StateLost):
            await limiter.take([charge(1)], exactly(0))
    await asyncio.wait_for(lease.settle(10), SOON)
    own_redis.start()
    deadline = time.monotonic() + SOON
    while time.monotonic() < deadline:
        try:
            await limiter.take([charge(1)], exactly(0))
        except StateLost:
            await asyncio.sleep(0.02)
        else:
            break
    await refused(limiter, charge(1))
    await limiter.close()


async def test_a_frozen_server_holds_nobody(own_redis: RedisServer) -> None:
    limiter = RedisLimiter(Link(own_redis.url, 0.2))
    lease = await taken(limiter, charge(5, 100, 2), tokens=exactly(60))
    own_redis.freeze()
    began = time.monotonic()
    results = await asyncio.gather(
        *(limiter.take([charge(1)], exactly(0)) for _ in range(200)), return_exceptions=True
    )
    assert all(isinstance(result, StateLost) for result in results)
    assert lease
    await lease.settle(10)
    await limiter.close()
    assert time.monotonic() - began < SOON < 200 * 0.2
    own_redis.thaw()


async def test_a_caller_who_leaves_while_it_is_asked_gives_all_back(
    own_redis: RedisServer,
) -> None:
    limiter = RedisLimiter(Link(own_redis.url, 20.0))
    limit = charge(tokens=100, concurrent=5)
    last = await taken(limiter, limit, tokens=exactly(10))
    own_redis.freeze()
    leaving = [asyncio.create_task(limiter.take([limit], exactly(20))) for _ in range(4)]
    await asyncio.sleep(0.05)
    for task in leaving:
        task.cancel()
    await asyncio.gather(*leaving, return_exceptions=True)
    own_redis.thaw()
    await until(lambda: not limiter._tasks)
    assert last
    await last.settle(10)
    assert await taken(limiter, limit, tokens=exactly(90))
    assert own_redis.do("ZCARD", "gateway:{limits}:ada:concurrent:flights") == 1
    await limiter.close()


async def test_a_settlement_goes_on_when_its_caller_leaves(own_redis: RedisServer) -> None:
    limiter = RedisLimiter(Link(own_redis.url, 20.0))
    limit = charge(tokens=100, concurrent=1)
    lease = await taken(limiter, limit, tokens=exactly(100))
    assert lease
    own_redis.freeze()
    settling = asyncio.create_task(lease.settle(30))
    await asyncio.sleep(0.05)
    settling.cancel()
    await asyncio.gather(settling, return_exceptions=True)
    own_redis.thaw()
    await until(lambda: not limiter._tasks)
    assert await taken(limiter, limit, tokens=exactly(70))
    await limiter.close()


async def test_a_server_that_answers_nonsense_refuses(redis_server: RedisServer) -> None:
    for nonsense in ("return {}", "return {'a', 'b', 'c'}", "return 7", "return nil"):
        limiter = RedisLimiter(Link(redis_server.url, 5.0))
        limiter._take = limiter._link.client.register_script(nonsense)
        with pytest.raises(StateLost):
            await limiter.take([charge(1)], exactly(0))
        await limiter.close()


async def test_a_lease_that_nobody_holds_any_more_is_not_renewed(limiter: RedisLimiter) -> None:
    held = await taken(limiter, charge(concurrent=9))
    await limiter.take([charge(concurrent=9)], exactly(0))
    assert len(limiter._open) == 1
    assert held
    await held.settle(0)
    assert not limiter._open
