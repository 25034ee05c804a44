"""The refusal of a request that does not fit its limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gateway.errors import RateLimited
from gateway.limits.headers import rate_headers, seconds
from gateway.limits.quota import NEVER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.limits.estimate import Estimate
    from gateway.limits.quota import Reading

__all__ = ["refusal"]


def refusal(readings: Sequence[Reading], tokens: Estimate, now: float) -> RateLimited:
    """The refusal of a request of which some reading has a wait.

    It fits when the last of its quotas has room. One that never fits is told to come back after the
    whole window, as a policy may change, and that a mere repetition is of no use.

    Args:
        readings: Where every quota stands.
        tokens: What the request may cost.
        now: Unix time in seconds.
    """
    full = [reading for reading in readings if reading.wait]
    headers = rate_headers(readings, now)
    if any(reading.wait == NEVER for reading in full):
        headers += ((b"x-should-retry", b"false"),)
    reason = "; ".join(_words(reading, tokens) for reading in full)
    wait = max(max(reading.wait, 0) or reading.quota.length for reading in full)
    return RateLimited(reason, retry_after=max(1, seconds(wait)), headers=headers)


def _words(reading: Reading, tokens: Estimate) -> str:
    quota = reading.quota
    name = f"limit {quota.limit.name} per {quota.limit.per}"
    if quota.kind == "concurrent":
        return f"{name}: {reading.used} of {quota.amount} requests at a time"
    span = f"{quota.kind} in {quota.length / 1_000_000:g} s"
    if quota.kind == "tokens" and reading.wait == NEVER:
        return f"{name}: a request of {tokens.likely} tokens, of {quota.amount} {span}"
    more = f", {tokens.likely} more asked for" if quota.kind == "tokens" else ""
    return f"{name}: {reading.used} of {quota.amount} {span}{more}"
