"""What an answer says of its caller's limits, in the headers that SDKs and tools read.

OpenAI documents ``x-ratelimit-{limit,remaining,reset}-{requests,tokens}`` with durations such as
``6m0s``, Anthropic ``anthropic-ratelimit-{requests,tokens}-{limit,remaining,reset}`` with RFC 3339
times. Many tools read the first whatever the API, so every answer has both.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from math import ceil
from typing import TYPE_CHECKING, Final

from gateway.limits.quota import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.limits.quota import Reading

__all__ = ["rate_headers", "seconds"]

Headers = tuple[tuple[bytes, bytes], ...]

_NAMES: Final = {
    kind: tuple(
        name.encode()
        for name in (
            f"x-ratelimit-limit-{kind}",
            f"x-ratelimit-remaining-{kind}",
            f"x-ratelimit-reset-{kind}",
            f"anthropic-ratelimit-{kind}-limit",
            f"anthropic-ratelimit-{kind}-remaining",
            f"anthropic-ratelimit-{kind}-reset",
        )
    )
    for kind in ("requests", "tokens")
}
_FAR: Final = 253_402_300_799  # the end of the year 9999, the last that RFC 3339 can write


def rate_headers(readings: Sequence[Reading], now: float) -> Headers:
    """The headers for the tightest quota of requests and of tokens.

    Args:
        readings: Where every quota of the request stands.
        now: Unix time in seconds.
    """
    found: Headers = ()
    for kind, names in _NAMES.items():
        reading = _tightest([one for one in readings if one.quota.kind == kind])
        if reading is not None:
            found += tuple(zip(names, _values(reading, now), strict=True))
    return found


def seconds(microseconds: int) -> int:
    """Whole seconds, rounded up."""
    return ceil(microseconds / 1_000_000)


def _values(reading: Reading, now: float) -> tuple[bytes, ...]:
    limit, remaining = b"%d" % reading.quota.amount, b"%d" % _left(reading)
    reset = seconds(reading.reset)
    until = _moment(int(min(now + reset, _FAR)))
    return limit, remaining, _duration(reset), limit, remaining, until


def _tightest(readings: Sequence[Reading]) -> Reading | None:
    return min(readings, key=_tightness, default=None)


def _tightness(reading: Reading) -> tuple[bool, int, int]:
    return reading.wait != NEVER, _left(reading), -reading.reset


def _left(reading: Reading) -> int:
    return max(0, reading.quota.amount - reading.used)


def _duration(whole: int) -> bytes:
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return b"%dh%dm%ds" % (hours, minutes, rest)
    return b"%dm%ds" % (minutes, rest) if minutes else b"%ds" % rest


@lru_cache(maxsize=64)
def _moment(second: int) -> bytes:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
