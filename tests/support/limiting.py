"""Limits, charges and estimates in few words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gateway.errors import RateLimited
from gateway.limits.estimate import Estimate
from gateway.limits.limiter import Charge
from gateway.terms import Limit, Rate

if TYPE_CHECKING:
    from gateway.limits.limiter import Lease, Limiter

__all__ = ["DAY", "charge", "exactly", "refused", "taken"]

DAY = 86_400
"""A window that no test outlasts."""


def charge(
    requests: int | None = None,
    tokens: int | None = None,
    concurrent: int | None = None,
    *,
    who: str = "ada",
    seconds: float = DAY,
    name: str = "human",
) -> Charge:
    """A charge of one caller."""
    limit = Limit(
        name,
        requests=None if requests is None else Rate(requests, seconds),
        tokens=None if tokens is None else Rate(tokens, seconds),
        concurrent=concurrent,
    )
    return Charge(limit, who)


def exactly(tokens: int) -> Estimate:
    """An estimate that knows."""
    return Estimate(tokens, tokens)


async def taken(limiter: Limiter, *charges: Charge, **more: Any) -> Lease | None:
    """The lease of a request, or None where it is refused."""
    try:
        return await limiter.take(charges, more.get("tokens", exactly(0)))
    except RateLimited:
        return None


async def refused(
    limiter: Limiter, *charges: Charge, tokens: Estimate | None = None
) -> RateLimited:
    """The refusal of a request that must be refused."""
    try:
        await limiter.take(charges, tokens or exactly(0))
    except RateLimited as refusal:
        return refusal
    raise AssertionError("the request was taken")
