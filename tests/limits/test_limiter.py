"""What a limiter promises, in memory and in Redis.

Windows are a day long, so that nothing lapses meanwhile; what lapses when is tested with a clock in
``test_window``, ``test_memory`` and ``test_redis``.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from limiting import DAY, charge, exactly, refused, taken

from gateway.limits.estimate import Estimate

if TYPE_CHECKING:
    from gateway.limits.limiter import Limiter


async def test_as_many_requests_are_taken_as_the_limit_says(limiter: Limiter) -> None:
    results = [await taken(limiter, charge(requests=3)) for _ in range(5)]
    assert [lease is not None for lease in results] == [True, True, True, False, False]


async def test_callers_are_counted_apart(limiter: Limiter) -> None:
    assert await taken(limiter, charge(requests=1, who="ada"))
    assert await taken(limiter, charge(requests=1, who="bob"))
    await refused(limiter, charge(requests=1, who="ada"))


async def test_a_request_stays_counted_whatever_becomes_of_it(limiter: Limiter) -> None:
    lease = await taken(limiter, charge(requests=1))
    assert lease
    await lease.settle(0)
    await refused(limiter, charge(requests=1))


async def test_a_request_that_one_limit_refuses_counts_in_none(limiter: Limiter) -> None:
    wide, narrow = charge(10, 100, 10, who="wide"), charge(requests=1, who="narrow")
    lease = await taken(limiter, wide, narrow, tokens=exactly(10))
    assert lease
    for _ in range(20):
        await refused(limiter, wide, narrow, tokens=exactly(10))
    await lease.settle(10)
    for _ in range(9):
        assert await taken(limiter, wide, tokens=exactly(10))
    await refused(limiter, wide, tokens=exactly(10))


async def test_tokens_are_set_aside_and_settled(limiter: Limiter) -> None:
    lease = await taken(limiter, charge(tokens=100), tokens=exactly(100))
    assert lease
    await refused(limiter, charge(tokens=100), tokens=exactly(1))
    await lease.settle(40)
    await refused(limiter, charge(tokens=100), tokens=exactly(61))
    assert await taken(limiter, charge(tokens=100), tokens=exactly(60))


async def test_tokens_are_given_back_by_settling_none(limiter: Limiter) -> None:
    for _ in range(5):
        lease = await taken(limiter, charge(tokens=100), tokens=exactly(100))
        assert lease
        await lease.settle(0)


async def test_what_nobody_knows_counts_as_set_aside(limiter: Limiter) -> None:
    lease = await taken(limiter, charge(tokens=100), tokens=Estimate(30, 90))
    assert lease
    await lease.settle(None)
    await refused(limiter, charge(tokens=100), tokens=exactly(11))
    assert await taken(limiter, charge(tokens=100), tokens=exactly(10))


async def test_only_the_first_settling_counts(limiter: Limiter) -> None:
    lease = await taken(limiter, charge(tokens=100, concurrent=1), tokens=exactly(50))
    assert lease
    await lease.settle(20)
    await asyncio.gather(lease.settle(20), lease.settle(None), lease.settle(0))
    await refused(limiter, charge(tokens=100, concurrent=1), tokens=exactly(81))
    assert await taken(limiter, charge(tokens=100, concurrent=1), tokens=exactly(80))


async def test_what_is_likely_must_be_left_and_the_most_is_set_aside(limiter: Limiter) -> None:
    budget = charge(tokens=100)
    lease = await taken(limiter, budget, tokens=Estimate(30, 1000))
    assert lease
    await refused(limiter, budget, tokens=exactly(1))
    await lease.settle(70)
    assert await taken(limiter, budget, tokens=Estimate(30, 1000))


async def test_usage_beyond_the_estimate_counts_in_full(limiter: Limiter) -> None:
    lease = await taken(limiter, charge(tokens=100), tokens=exactly(10))
    assert lease
    await lease.settle(500)
    refusal = await refused(limiter, charge(tokens=1000), tokens=exactly(501))
    assert "500 of 1000 tokens" in refusal.reason


async def test_requests_at_the_same_time_end_with_their_leases(limiter: Limiter) -> None:
    first = await taken(limiter, charge(concurrent=2))
    second = await taken(limiter, charge(concurrent=2))
    assert first
    assert second
    refusal = await refused(limiter, charge(concurrent=2))
    assert refusal.retry_after == 1
    await first.settle(None)
    third = await taken(limiter, charge(concurrent=2))
    assert third
    await refused(limiter, charge(concurrent=2))


@pytest.mark.parametrize("amount", [3, 64, 65, 1000])
async def test_a_greater_amount_keeps_what_is_counted(limiter: Limiter, amount: int) -> None:
    for _ in range(3):
        assert await taken(limiter, charge(requests=3))
    rest = [await taken(limiter, charge(requests=amount)) for _ in range(amount)]
    assert sum(lease is not None for lease in rest) == amount - 3


async def test_another_window_counts_anew(limiter: Limiter) -> None:
    assert await taken(limiter, charge(1, 10, seconds=DAY), tokens=exactly(10))
    assert await taken(limiter, charge(1, 10, seconds=DAY - 1), tokens=exactly(10))
    await refused(limiter, charge(1, 10, seconds=DAY), tokens=exactly(10))


async def test_a_request_that_never_fits_is_told_so(limiter: Limiter) -> None:
    refusal = await refused(limiter, charge(tokens=100), tokens=exactly(101))
    assert refusal.reason == (
        "limit human per subject: a request of 101 tokens, of 100 tokens in 86400 s"
    )
    assert refusal.retry_after == DAY
    assert (b"x-should-retry", b"false") in refusal.headers


@pytest.mark.parametrize("limit", [charge(requests=0), charge(concurrent=0)])
async def test_a_limit_of_nothing_lets_nothing_through(limiter: Limiter, limit: object) -> None:
    refusal = await refused(limiter, limit)  # type: ignore[arg-type]
    assert (b"x-should-retry", b"false") in refusal.headers


async def test_a_refusal_names_each_limit_that_is_used_up(limiter: Limiter) -> None:
    limit = charge(1, 100, 1)
    lease = await taken(limiter, limit, tokens=exactly(60))
    assert lease
    refusal = await refused(limiter, limit, tokens=exactly(50))
    assert refusal.reason == (
        "limit human per subject: 1 of 1 requests in 86400 s; "
        "limit human per subject: 60 of 100 tokens in 86400 s, 50 more asked for; "
        "limit human per subject: 1 of 1 requests at a time"
    )
    assert refusal.message == "The rate limit is reached."
    assert refusal.retry_after is not None
    assert DAY - 100 <= refusal.retry_after <= DAY


async def test_an_answer_says_how_much_is_left(limiter: Limiter) -> None:
    wide, narrow = charge(100, 10_000, who="wide"), charge(requests=3, who="narrow")
    lease = await taken(limiter, wide, narrow, tokens=exactly(400))
    assert lease
    headers = dict(lease.headers)
    assert headers[b"x-ratelimit-limit-requests"] == b"3"
    assert headers[b"x-ratelimit-remaining-requests"] == b"2"
    assert headers[b"x-ratelimit-limit-tokens"] == b"10000"
    assert headers[b"x-ratelimit-remaining-tokens"] == b"9600"
    assert headers[b"anthropic-ratelimit-tokens-remaining"] == b"9600"


async def test_a_request_without_limits_is_taken(limiter: Limiter) -> None:
    lease = await taken(limiter, tokens=exactly(5))
    assert lease
    assert lease.headers == ()
    await lease.settle(5)


async def test_huge_amounts_count_exactly(limiter: Limiter) -> None:
    limit = charge(10**24, 10**24, 10**24)
    for _ in range(3):
        lease = await taken(limiter, limit, tokens=exactly(10**12))
        assert lease
        await lease.settle(10**30)
    last = await taken(limiter, limit, tokens=exactly(7))
    assert last
    headers = dict(last.headers)
    assert int(headers[b"x-ratelimit-remaining-tokens"]) == 10**15 - 3 * 10**12 - 7
    assert int(headers[b"x-ratelimit-remaining-requests"]) == 10**15 - 4


async def test_no_more_than_one_of_many_requests_goes_over_a_budget(limiter: Limiter) -> None:
    budget, used = charge(tokens=10_000), []

    async def call(size: int) -> None:
        lease = await taken(limiter, budget, tokens=Estimate(size, 3 * size))
        if lease is not None:
            await asyncio.sleep(0)
            used.append(3 * size)
            await lease.settle(3 * size)

    for _ in range(5):
        await asyncio.gather(*(call(10 * n) for n in range(1, 21)))
    assert 10_000 - 3 * 10 < sum(used) <= 10_000 + 2 * 200
