"""What a refused caller hears, and what the audit log does."""

from __future__ import annotations

from limiting import charge, exactly

from gateway.limits.quota import BUSY, NEVER, Reading, quotas_of
from gateway.limits.refusal import refusal
from gateway.terms import Limit

QUOTAS = quotas_of([charge(60, 200, 4, seconds=60)])
REQUESTS, TOKENS, FLIGHTS = (
    Reading(quota, quota.amount, 30_000_000, 0) for quota in QUOTAS
)  # fmt: skip


def waiting(reading: Reading, wait: int) -> Reading:
    return Reading(reading.quota, reading.used, reading.reset, wait)


def test_it_fits_when_the_last_limit_has_room() -> None:
    found = refusal(
        [waiting(REQUESTS, 12_000_001), waiting(TOKENS, 400_000), FLIGHTS], exactly(9), 0
    )
    assert found.retry_after == 13
    assert found.reason == (
        "limit human per subject: 60 of 60 requests in 60 s; "
        "limit human per subject: 200 of 200 tokens in 60 s, 9 more asked for"
    )


def test_a_moment_is_a_second() -> None:
    assert refusal([waiting(REQUESTS, 1)], exactly(0), 0).retry_after == 1


def test_who_waits_for_others_tries_soon() -> None:
    found = refusal([waiting(FLIGHTS, BUSY)], exactly(0), 0)
    assert found.retry_after == 1
    assert found.reason == "limit human per subject: 4 of 4 requests at a time"


def test_what_never_fits_waits_a_window_and_is_not_to_be_repeated() -> None:
    found = refusal([waiting(TOKENS, NEVER), waiting(FLIGHTS, BUSY)], exactly(201), 0)
    assert found.retry_after == 60
    assert dict(found.headers)[b"x-should-retry"] == b"false"
    assert "a request of 201 tokens, of 200 tokens in 60 s" in found.reason


def test_a_limit_of_no_request_at_a_time_waits_a_second() -> None:
    quota = quotas_of([charge(concurrent=0)])[0]
    assert refusal([Reading(quota, 0, 0, NEVER)], exactly(0), 0).retry_after == 1


def test_it_says_where_the_limits_stand() -> None:
    headers = dict(refusal([waiting(REQUESTS, 5_000_000)], exactly(0), 0).headers)
    assert headers[b"x-ratelimit-remaining-requests"] == b"0"
    assert headers[b"x-ratelimit-reset-requests"] == b"30s"
    assert b"x-should-retry" not in headers


def test_the_client_reads_a_constant() -> None:
    one = refusal([waiting(REQUESTS, 1)], exactly(0), 0)
    other = refusal([waiting(FLIGHTS, BUSY)], exactly(0), 0)
    assert one.message == other.message == "The rate limit is reached."
    assert (one.status, one.code) == (429, "rate_limited")


def test_no_key_stands_in_a_reason() -> None:
    found = refusal([waiting(reading, 1) for reading in (REQUESTS, TOKENS, FLIGHTS)], exactly(0), 0)
    assert "ada" not in found.reason
    assert isinstance(REQUESTS.quota.limit, Limit)
