"""What crosses the gateway, each way, and what stays behind."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.upstream.headers import answer_headers, request_headers

CROSSING = (
    (b"user-agent", b"OpenAI/Python 3"),
    (b"anthropic-version", b"2023-06-01"),
    (b"anthropic-beta", b"x"),
    (b"openai-beta", b"y"),
    (b"idempotency-key", b"1"),
)
BACK = (
    (b"content-type", b"application/json"),
    (b"x-request-id", b"1"),
    (b"request-id", b"2"),
    (b"retry-after", b"3"),
    (b"x-ratelimit-remaining-tokens", b"4"),
    (b"anthropic-ratelimit-requests-limit", b"5"),
)


def test_what_a_provider_needs_crosses() -> None:
    assert request_headers(CROSSING, accept="application/json")[: len(CROSSING)] == CROSSING


@pytest.mark.parametrize(
    "name",
    [b"authorization", b"x-api-key", b"api-key", b"x-goog-api-key", b"cookie", b"host",
     b"forwarded", b"x-forwarded-for", b"x-real-ip", b"proxy-authorization", b"connection", b"te",
     b"transfer-encoding", b"content-length", b"accept-encoding", b"openai-organization",
     b"openai-project", b"x-stainless-os", b"x-gateway-event", b"traceparent", b"origin"],
)  # fmt: skip
def test_everything_else_of_a_client_stays_behind(name: bytes) -> None:
    sent = request_headers(((name, b"secret"),), accept="application/json")
    assert b"secret" not in dict(sent).values()


def test_the_gateway_says_itself_what_it_sends_and_takes() -> None:
    client = ((b"content-type", b"text/plain"), (b"accept", b"*/*"), (b"accept-encoding", b"gzip"))
    assert request_headers(client, accept="application/json") == (
        (b"content-type", b"application/json"),
        (b"accept", b"application/json"),
        (b"accept-encoding", b"identity"),
    )
    assert dict(request_headers((), accept="text/event-stream"))[b"accept"] == b"text/event-stream"


def test_what_an_sdk_reads_comes_back() -> None:
    assert answer_headers(BACK) == BACK
    assert answer_headers([(b"X-Request-ID", b"1")]) == ((b"x-request-id", b"1"),)


@pytest.mark.parametrize(
    "name",
    [b"set-cookie", b"server", b"connection", b"transfer-encoding", b"content-length", b"date",
     b"openai-organization", b"x-gateway-decision", b"x-gateway-event", b"server-timing",
     b"location", b"strict-transport-security", b"alt-svc", b"content-encoding", b"trailer"],
)  # fmt: skip
def test_everything_else_of_an_upstream_stays_behind(name: bytes) -> None:
    assert answer_headers([(name, b"x"), (name.title(), b"x")]) == ()


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=5)), max_size=8))
def test_only_named_headers_ever_cross(headers: list[tuple[bytes, bytes]]) -> None:
    ours = {b"content-type", b"accept", b"accept-encoding"}
    crossing = {name for name, _ in CROSSING} | ours
    assert {name for name, _ in request_headers(headers, accept="application/json")} <= crossing
    assert len(request_headers(headers, accept="text/event-stream")) <= len(headers) + 3
