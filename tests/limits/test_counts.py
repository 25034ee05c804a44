"""The counts in memory, one by one, by a clock of the test's own."""

from __future__ import annotations

import pytest
from limiting import charge, exactly

from gateway.limits.counts import (
    FlightCount,
    RequestCount,
    TokenCount,
    new_count,
)
from gateway.limits.estimate import Estimate
from gateway.limits.quota import BUSY, NEVER, Quota, quotas_of

SECOND = 1_000_000
REQUESTS, TOKENS, FLIGHTS = quotas_of([charge(2, 50, 2, seconds=10)])


def wait(count: RequestCount | TokenCount | FlightCount, now: int, quota: Quota, n: int = 0) -> int:
    return count.read(now, quota, exactly(n)).wait


def test_a_quota_gets_the_count_of_its_kind() -> None:
    assert isinstance(new_count(REQUESTS), RequestCount)
    assert isinstance(new_count(TOKENS), TokenCount)
    assert isinstance(new_count(FLIGHTS), FlightCount)


def test_a_request_fits_again_when_the_oldest_has_lapsed() -> None:
    count = RequestCount()
    count.take(0, REQUESTS, "a", exactly(0))
    count.take(4 * SECOND, REQUESTS, "b", exactly(0))
    assert wait(count, 5 * SECOND, REQUESTS) == 5 * SECOND
    assert wait(count, 10 * SECOND - 1, REQUESTS) == 1
    assert wait(count, 10 * SECOND, REQUESTS) == 0


def test_tokens_count_from_when_the_request_has_ended() -> None:
    count = TokenCount()
    count.take(0, TOKENS, "a", exactly(50))
    assert wait(count, 99 * SECOND, TOKENS, 1) == BUSY
    count.settle(100 * SECOND, TOKENS, "a", 50)
    assert wait(count, 101 * SECOND, TOKENS, 1) == 9 * SECOND
    assert wait(count, 110 * SECOND, TOKENS, 50) == 0


def test_tokens_fit_when_enough_have_lapsed() -> None:
    count = TokenCount()
    for n in range(5):
        count.take(n * SECOND, TOKENS, n, exactly(10))
        count.settle(n * SECOND, TOKENS, n, 10)
    assert wait(count, 5 * SECOND, TOKENS, 10) == 5 * SECOND
    assert wait(count, 5 * SECOND, TOKENS, 25) == 7 * SECOND
    assert wait(count, 5 * SECOND, TOKENS, 50) == 9 * SECOND
    assert wait(count, 5 * SECOND, TOKENS, 51) == NEVER


def test_what_is_set_aside_is_waited_for_like_a_request_in_flight() -> None:
    count = TokenCount()
    count.take(0, TOKENS, "a", Estimate(5, 30))
    count.take(0, TOKENS, "b", Estimate(5, 15))
    count.settle(0, TOKENS, "b", 15)
    assert wait(count, SECOND, TOKENS, 20) == 9 * SECOND
    assert wait(count, SECOND, TOKENS, 21) == BUSY


@pytest.mark.parametrize("quota", [REQUESTS, TOKENS, FLIGHTS])
def test_a_count_is_idle_when_nothing_counts_any_more(quota: Quota) -> None:
    count = new_count(quota)
    assert count.idle(0)
    count.take(0, quota, "a", exactly(5))
    assert not count.idle(SECOND)
    count.settle(2 * SECOND, quota, "a", 5)
    assert count.idle(12 * SECOND)


def test_a_reading_says_when_all_is_free() -> None:
    count = TokenCount()
    assert count.read(0, TOKENS, exactly(1)).reset == 0
    assert count.take(0, TOKENS, "a", exactly(5)).reset == TOKENS.horizon
    count.settle(SECOND, TOKENS, "a", 5)
    assert count.read(3 * SECOND, TOKENS, exactly(1)).reset == 8 * SECOND
