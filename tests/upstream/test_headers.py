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
)
KIND = "application/json"
OURS = ((b"content-type", b"application/json"),)
BACK = (
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


def test_bug_a_key_for_asking_once_is_the_callers_own() -> None:
    client = ((b"idempotency-key", b"1"), (b"user-agent", b"x"))
    assert b"idempotency-key" not in dict(request_headers(client, accept="application/json"))
    sent = dict(request_headers(client, accept="application/json", own=lambda word: b"ada" + word))
    assert sent[b"idempotency-key"] == b"ada1"


def test_the_gateway_says_itself_what_it_sends_and_takes() -> None:
    client = ((b"content-type", b"text/plain"), (b"accept", b"*/*"), (b"accept-encoding", b"gzip"))
    assert request_headers(client, accept="application/json") == (
        (b"content-type", b"application/json"),
        (b"accept", b"application/json"),
        (b"accept-encoding", b"identity"),
    )
    assert dict(request_headers((), accept="text/event-stream"))[b"accept"] == b"text/event-stream"


def test_what_an_sdk_reads_comes_back() -> None:
    assert answer_headers(BACK, KIND) == (*OURS, *BACK)
    assert answer_headers([(b"X-Request-ID", b"1")], KIND) == (*OURS, (b"x-request-id", b"1"))


@pytest.mark.parametrize(
    "name",
    [b"set-cookie", b"server", b"connection", b"transfer-encoding", b"content-length", b"date",
     b"openai-organization", b"x-gateway-decision", b"x-gateway-event", b"server-timing",
     b"location", b"strict-transport-security", b"alt-svc", b"content-encoding", b"trailer"],
)  # fmt: skip
def test_everything_else_of_an_upstream_stays_behind(name: bytes) -> None:
    assert answer_headers([(name, b"x"), (name.title(), b"x")], KIND) == OURS


@pytest.mark.parametrize(
    "said", [b"application/json; charset=utf-7", b"application/json; charset=utf-16", b"text/html"]
)
def test_bug_the_upstreams_charset_is_no_word_to_the_client(said: bytes) -> None:
    assert answer_headers([(b"Content-Type", said)], KIND) == OURS


@pytest.mark.parametrize(
    "value", [b"a\x01b", b"\x1b[31m", b"a\x00", b"a\r\nset-cookie: b", b"\x9bm", b"a" * 257],
    ids=["control", "escape", "nul", "line", "8-bit", "long"],
)  # fmt: skip
def test_bug_a_value_that_is_not_plain_stays_behind(value: bytes) -> None:
    assert answer_headers([(b"x-request-id", value)], KIND) == OURS
    both = [(b"x-request-id", value), (b"request-id", b"2")]
    assert answer_headers(both, KIND) == (*OURS, (b"request-id", b"2"))


def test_a_field_comes_through_once_and_not_too_many_do() -> None:
    twice = [(b"x-request-id", b"1"), (b"X-Request-Id", b"2")]
    assert answer_headers(twice, KIND) == (*OURS, (b"x-request-id", b"1"))
    many = [(b"x-ratelimit-%d" % number, b"1") for number in range(1000)]
    assert len(answer_headers(many, KIND)) == 64
    for name in (b"x-ratelimit-" + b"a" * 99, b"x-ratelimit-a_b", b"x-ratelimit-a b"):
        assert answer_headers([(name, b"1")], KIND) == OURS


@given(st.lists(st.tuples(st.binary(max_size=20), st.binary(max_size=5)), max_size=8))
def test_only_named_headers_ever_cross(headers: list[tuple[bytes, bytes]]) -> None:
    ours = {b"content-type", b"accept", b"accept-encoding"}
    crossing = {name for name, _ in CROSSING} | ours
    assert {name for name, _ in request_headers(headers, accept="application/json")} <= crossing
    assert len(request_headers(headers, accept="text/event-stream")) <= len(headers) + 3
