"""Which headers cross the gateway, each way. What is not named here stays behind.

Never forwarded: ``Authorization``, ``Cookie``, ``Proxy-*``, ``X-Forwarded-*``, ``Forwarded``,
``Accept-Encoding``, hop-by-hop headers (RFC 9110 §7.6.1), and whatever chooses an account at the
provider (``OpenAI-Organization``, ``OpenAI-Project``): the account is the gateway's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Headers", "answer_headers", "request_headers"]

Headers = tuple[tuple[bytes, bytes], ...]
"""Header fields in their order, names in lower case."""

_FROM_CLIENT: Final = frozenset(
    {
        b"anthropic-beta",
        b"anthropic-version",
        b"openai-beta",
        b"user-agent",
    }
)
_IDEMPOTENCY: Final = b"idempotency-key"
_FROM_UPSTREAM: Final = frozenset(
    {
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
_NAME: Final = b"abcdefghijklmnopqrstuvwxyz0123456789-"
_PRINTABLE: Final = bytes(range(0x20, 0x7F))
_MAX_NAME: Final = 64
_MAX_VALUE: Final = 256
_MAX_FIELDS: Final = 64


def request_headers(
    client: Iterable[tuple[bytes, bytes]],
    *,
    accept: str,
    own: Callable[[bytes], bytes] | None = None,
) -> Headers:
    """The headers that go to the upstream, without its credential.

    Args:
        client: Those of the request.
        accept: The media type that is asked for.
        own: What stands for a word of the caller's that nobody else's may be the same as, such as
            ``Idempotency-Key``: by it a provider gives an answer again to whoever has its
            credential, and that is everybody. Without it no such word goes out.
    """
    kept = [(name, value) for name, value in client if name in _FROM_CLIENT]
    if own is not None:
        kept += [(name, own(value)) for name, value in client if name == _IDEMPOTENCY]
    return (
        *kept,
        (b"content-type", b"application/json"),
        (b"accept", accept.encode("ascii")),
        (b"accept-encoding", b"identity"),
    )


def answer_headers(upstream: Iterable[tuple[bytes, bytes]], media_type: str) -> Headers:
    """The headers of the upstream's answer that reach the client.

    The media type is the gateway's own word: what was read as UTF-8 would say something else to a
    client that believed another ``charset``. Of the others, those come through that are short and
    printable, each once; whatever is not would be cut, split or shown by whoever handles it next.
    """
    kept = {b"content-type": media_type.encode("ascii")}
    for name, value in upstream:
        lower = name.lower()
        if (lower in _FROM_UPSTREAM or lower.startswith(_FROM_UPSTREAM_PREFIXES)) and _is_plain(
            lower, value
        ):
            kept.setdefault(lower, value)
        if len(kept) == _MAX_FIELDS:
            break
    return tuple(kept.items())


def _is_plain(name: bytes, value: bytes) -> bool:
    return (
        len(name) <= _MAX_NAME
        and len(value) <= _MAX_VALUE
        and not name.translate(None, _NAME)
        and not value.translate(None, _PRINTABLE)
    )
