"""What ``gateway.cli.remote`` understands of server-sent events."""

from __future__ import annotations

import pytest

from gateway.cli.remote import Remote, ServerEvent, _parse
from gateway.errors import ConfigurationError


@pytest.mark.parametrize(
    ("lines", "events"),
    [
        ([": keep-alive", ""], []),
        (["data: x", ""], [ServerEvent("message", "", "x")]),
        (["id: 7", "event: record", "data: {}", ""], [ServerEvent("record", "7", "{}")]),
        (["data:a", "data: b", ""], [ServerEvent("message", "", "a\nb")]),
        (["event: gap", "data: 1", "", "data: 2", ""],
         [ServerEvent("gap", "", "1"), ServerEvent("message", "", "2")]),
        (["data: cut off"], []),
        (["id: 7", ""], [ServerEvent("message", "7", "")]),
    ],
)  # fmt: skip
def test_a_stream_is_read_as_its_standard_says(lines: list[str], events: list[ServerEvent]) -> None:
    assert list(_parse(iter(lines))) == events


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "not a url", "http://[::1", "ftp://x"])
def test_a_gateway_that_is_not_there_is_named(url: str) -> None:
    remote = Remote(url, "token")
    with pytest.raises(ConfigurationError, match="check --url and --token"):
        remote.get("/gateway/whoami")
    with pytest.raises(ConfigurationError, match="check --url and --token"):
        next(remote.stream("/gateway/audit/stream", {}))


@pytest.mark.parametrize("token", ["bad\ntoken", "…"])
def test_a_token_that_is_no_header_is_refused_in_words(token: str) -> None:
    with pytest.raises(ConfigurationError, match="token"):
        Remote("http://127.0.0.1:1", token).get("/gateway/whoami")
