"""The headers that say where the limits stand, as SDKs and tools read them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from limiting import charge

from gateway.limits.headers import rate_headers, seconds
from gateway.limits.quota import NEVER, Reading, quotas_of

NOW = 1_800_000_000.0  # 2027-01-15T08:00:00Z


def reading(used: int, of: int = 100, reset: float = 0, wait: int = 0, kind: int = 0) -> Reading:
    quota = quotas_of([charge(of, of)])[kind]
    return Reading(quota, used, round(reset * 1_000_000), wait)


def headers(*readings: Reading) -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in rate_headers(readings, NOW)}


def test_both_families_say_the_same() -> None:
    assert headers(reading(40, reset=360)) == {
        "x-ratelimit-limit-requests": "100",
        "x-ratelimit-remaining-requests": "60",
        "x-ratelimit-reset-requests": "6m0s",
        "anthropic-ratelimit-requests-limit": "100",
        "anthropic-ratelimit-requests-remaining": "60",
        "anthropic-ratelimit-requests-reset": "2027-01-15T08:06:00Z",
    }


def test_tokens_have_their_own() -> None:
    found = headers(reading(40, kind=0), reading(99, kind=1))
    assert found["x-ratelimit-remaining-requests"] == "60"
    assert found["x-ratelimit-remaining-tokens"] == "1"


def test_requests_at_the_same_time_have_none() -> None:
    assert headers(Reading(quotas_of([charge(concurrent=3)])[0], 1, 0, 0)) == {}


def test_the_tightest_limit_is_shown() -> None:
    found = headers(reading(10, of=1000), reading(5, of=8), reading(90, of=100))
    assert found["x-ratelimit-limit-requests"] == "8"


def test_of_two_as_tight_the_slower_is_shown() -> None:
    found = headers(reading(10, reset=5), reading(10, reset=50), reading(10, reset=7))
    assert found["x-ratelimit-reset-requests"] == "50s"


def test_a_limit_that_never_lets_the_request_through_is_the_tightest() -> None:
    found = headers(reading(100), reading(0, of=50, wait=NEVER))
    assert found["x-ratelimit-limit-requests"] == "50"


def test_what_goes_beyond_leaves_nothing() -> None:
    assert headers(reading(300))["x-ratelimit-remaining-requests"] == "0"


@pytest.mark.parametrize(
    ("reset", "written"),
    [(0, "0s"), (0.001, "1s"), (59, "59s"), (59.5, "1m0s"), (3599, "59m59s"), (7265, "2h1m5s")],
)
def test_durations_are_whole_seconds_rounded_up(reset: float, written: str) -> None:
    assert headers(reading(1, reset=reset))["x-ratelimit-reset-requests"] == written


@given(st.integers(0, 2**60), st.integers(0, 10**15), st.integers(0, 10**15))
def test_every_header_is_plain_and_every_time_can_be_read(reset: int, used: int, of: int) -> None:
    quota = quotas_of([charge(of)])[0]
    found = rate_headers([Reading(quota, used, reset, 0)], NOW)
    for name, value in found:
        assert name == name.lower()
        assert value.decode().isprintable()
    when = datetime.fromisoformat(dict(found)[b"anthropic-ratelimit-requests-reset"].decode())
    assert when >= datetime.fromtimestamp(NOW, UTC)


def test_seconds_are_rounded_up() -> None:
    assert [seconds(n) for n in (0, 1, 999_999, 1_000_000, 1_000_001)] == [0, 1, 1, 1, 2]
