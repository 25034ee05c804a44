from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.identity.failures import Failures

ONE, TWO = "203.0.113.9", "203.0.113.10"


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def fail(failures: Failures, source: str | None, times: int = 1, reason: str = "signature") -> None:
    for _ in range(times):
        failures.note(source, reason)


def test_a_source_is_exhausted_by_its_own_refusals_only(clock: Clock) -> None:
    failures = Failures(3, clock=clock)
    fail(failures, ONE, 2)
    assert not failures.exhausted(ONE)
    fail(failures, ONE)
    assert failures.exhausted(ONE)
    assert not failures.exhausted(TWO)


def test_after_a_minute_it_may_try_again_little_by_little(clock: Clock) -> None:
    failures = Failures(4, clock=clock)
    fail(failures, ONE, 4)
    for later, exhausted in ((59, True), (60, True), (61, False), (74, False), (76, False)):
        clock.now = 1000.0 + later
        assert failures.exhausted(ONE) is exhausted, later
    fail(failures, ONE, 2)  # the old four count three quarters of themselves at most
    assert failures.exhausted(ONE)
    clock.now = 1000.0 + 91
    assert not failures.exhausted(ONE)


@pytest.mark.parametrize("later", [120, 180, 10_000])
def test_what_is_older_than_two_minutes_counts_no_more(clock: Clock, later: float) -> None:
    failures = Failures(2, clock=clock)
    fail(failures, ONE, 100)
    clock.now += later
    assert not failures.exhausted(ONE)
    fail(failures, ONE, 1)
    assert not failures.exhausted(ONE)


@given(st.lists(st.floats(0, 30), max_size=60), st.integers(1, 9))
def test_no_minute_has_more_than_twice_the_limit(pauses: list[float], limit: int) -> None:
    clock = Clock()
    failures, counted = Failures(limit, clock=clock), list[float]()
    for pause in pauses:
        clock.now += pause
        if not failures.exhausted(ONE):
            fail(failures, ONE)
            counted.append(clock.now)
        assert sum(when > clock.now - 60 for when in counted) <= 2 * limit


@pytest.mark.parametrize(
    "reason",
    [
        "no token",
        "keys unavailable: the issuer's keys could not be fetched",
        "revocation unknown: the list of revoked tokens is too old",
        "too many failures: the token was not read",
    ],
)
def test_what_is_no_fault_of_the_source_is_not_counted(clock: Clock, reason: str) -> None:
    failures = Failures(1, clock=clock)
    fail(failures, ONE, 5, reason)
    assert not failures.exhausted(ONE)


@pytest.mark.parametrize("reason", ["two tokens", "malformed: x", "revoked: the token", "proof: x"])
def test_real_refusals_are_counted(clock: Clock, reason: str) -> None:
    failures = Failures(1, clock=clock)
    fail(failures, ONE, 1, reason)
    assert failures.exhausted(ONE)


def test_zero_is_no_bound(clock: Clock) -> None:
    failures = Failures(0, clock=clock)
    fail(failures, ONE, 1000)
    assert not failures.exhausted(ONE)
    assert len(failures._counts) == 0


@pytest.mark.parametrize("source", [None, ""])
def test_a_request_from_nowhere_is_not_counted(clock: Clock, source: str | None) -> None:
    failures = Failures(1, clock=clock)
    fail(failures, source, 5)
    assert not failures.exhausted(source)


def test_the_addresses_of_one_ipv6_subscriber_are_one_source(clock: Clock) -> None:
    failures = Failures(2, clock=clock)
    fail(failures, "2001:db8:0:7::1")
    fail(failures, "2001:db8:0:7:ffff::2")
    assert failures.exhausted("2001:db8:0:7:1:2:3:4")
    assert not failures.exhausted("2001:db8:0:8::1")
    assert not failures.exhausted("2001:db8::1")


def test_neighbours_of_ipv4_and_sockets_without_address_are_sources_of_their_own(
    clock: Clock,
) -> None:
    failures = Failures(1, clock=clock)
    fail(failures, "testclient")
    assert failures.exhausted("testclient")
    assert not failures.exhausted("10.0.0.1")
    assert not failures.exhausted("::a00:1")


# Attacks.


def test_a_flood_of_sources_is_bounded_and_locks_nobody_out(clock: Clock) -> None:
    failures = Failures(3, clock=clock, max_sources=100)
    fail(failures, ONE, 3)
    for number in range(5000):
        fail(failures, f"198.51.{number // 250}.{number % 250}", 3)
    assert len(failures._counts) == 100
    assert not failures.exhausted(ONE)  # forgotten, which lets it try again
    assert not failures.exhausted(TWO)


def test_a_source_that_goes_on_failing_is_not_forgotten(clock: Clock) -> None:
    failures = Failures(3, clock=clock, max_sources=2)
    fail(failures, ONE, 3)
    for number in range(50):
        fail(failures, f"198.51.100.{number}")
        fail(failures, ONE)
    assert failures.exhausted(ONE)


def test_asking_costs_no_memory(clock: Clock) -> None:
    failures = Failures(3, clock=clock)
    fail(failures, ONE)
    for number in range(1000):
        assert not failures.exhausted(f"198.51.{number // 250}.{number % 250}")
    assert len(failures._counts) == 1


def test_a_source_costs_the_same_however_often_it_fails(clock: Clock) -> None:
    failures = Failures(3, clock=clock)
    fail(failures, ONE)
    (count,) = failures._counts.values()
    before = sys.getsizeof(count)
    fail(failures, ONE, 10_000)
    assert sys.getsizeof(count) == before
    assert not hasattr(count, "__dict__")
