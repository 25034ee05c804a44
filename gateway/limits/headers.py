"""What an answer says of its caller's limits, in the headers that SDKs and tools read.

OpenAI documents ``x-ratelimit-{limit,remaining,reset}-{requests,tokens}`` with durations such as
``6m0s``, Anthropic ``anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`` with RFC 3339
times. Many tools read the first whatever the API, so every answer has both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Final

from gateway.limits.quota import NEVER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gateway.limits.quota import Reading

__all__ = ["rate_headers", "seconds"]

Headers = tuple[tuple[bytes, bytes], ...]

_FAR: Final = 253_402_300_799  # the end of the year 9999, the last that RFC 3339 can write


def rate_headers(readings: Sequence[Reading], now: float) -> Headers:
    """The headers for the tightest quota of requests and of tokens.

    Args:
        readings: Where every quota of the request stands.
        now: Unix time in seconds.
    """
    return tuple(
        (name.encode(), value.encode())
        for kind in ("requests", "tokens")
        if (reading := _tightest(one for one in readings if one.quota.kind == kind))
        for name, value in _headers(reading, now)
    )


def seconds(microseconds: int) -> int:
    """Whole seconds, rounded up."""
    return ceil(microseconds / 1_000_000)


def _headers(reading: Reading, now: float) -> Iterator[tuple[str, str]]:
    kind, limit, remaining = reading.quota.kind, str(reading.quota.amount), str(_left(reading))
    reset = seconds(reading.reset)
    yield f"x-ratelimit-limit-{kind}", limit
    yield f"x-ratelimit-remaining-{kind}", remaining
    yield f"x-ratelimit-reset-{kind}", _duration(reset)
    yield f"anthropic-ratelimit-{kind}-limit", limit
    yield f"anthropic-ratelimit-{kind}-remaining", remaining
    yield f"anthropic-ratelimit-{kind}-reset", _moment(now + reset)


def _tightest(readings: Iterable[Reading]) -> Reading | None:
    return min(readings, key=_tightness, default=None)


def _tightness(reading: Reading) -> tuple[bool, int, int]:
    return reading.wait != NEVER, _left(reading), -reading.reset


def _left(reading: Reading) -> int:
    return max(0, reading.quota.amount - reading.used)


def _duration(whole: int) -> str:
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{rest}s"
    return f"{minutes}m{rest}s" if minutes else f"{rest}s"


def _moment(when: float) -> str:
    return datetime.fromtimestamp(min(when, _FAR), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
