"""Which headers cross the gateway, each way. What is not named here stays behind.

Never forwarded: ``Authorization``, ``Cookie``, ``Proxy-*``, ``X-Forwarded-*``, ``Forwarded``,
``Accept-Encoding``, hop-by-hop headers (RFC 9110 §7.6.1), and whatever chooses an account at the
provider (``OpenAI-Organization``, ``OpenAI-Project``): the account is the gateway's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Headers", "answer_headers", "request_headers"]

Headers = tuple[tuple[bytes, bytes], ...]
"""Header fields in their order, names in lower case."""

_FROM_CLIENT: Final = frozenset(
    {
        b"anthropic-beta",
        b"anthropic-version",
        b"idempotency-key",
        b"openai-beta",
        b"user-agent",
    }
)
_FROM_UPSTREAM: Final = frozenset(
    {
        b"content-type",
        b"openai-processing-ms",
        b"openai-version",
        b"request-id",
        b"retry-after",
        b"retry-after-ms",
        b"x-request-id",
        b"x-should-retry",
    }
)
_FROM_UPSTREAM_PREFIXES: Final = (b"x-ratelimit-", b"anthropic-ratelimit-")


def request_headers(client: Iterable[tuple[bytes, bytes]], *, accept: str) -> Headers:
    """The headers that go to the upstream, without its credential."""
    kept = tuple((name, value) for name, value in client if name in _FROM_CLIENT)
    return (
        *kept,
        (b"content-type", b"application/json"),
        (b"accept", accept.encode("ascii")),
        (b"accept-encoding", b"identity"),
    )


def answer_headers(upstream: Iterable[tuple[bytes, bytes]]) -> Headers:
    """The headers of the upstream's answer that reach the client."""
    return tuple(
        (lower, value)
        for name, value in upstream
        if (lower := name.lower()) in _FROM_UPSTREAM or lower.startswith(_FROM_UPSTREAM_PREFIXES)
    )
