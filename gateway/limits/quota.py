"""One number of one limit, for one caller, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from math import ceil
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.limits.limiter import Charge
    from gateway.terms import Limit, Rate

__all__ = ["BUSY", "GRAINS", "NEVER", "Kind", "Quota", "Reading", "quotas_of"]

Kind = Literal["requests", "tokens", "concurrent"]

GRAINS: Final = 64
"""A rate up to this amount remembers each request; a greater one so many parts of its window."""

NEVER: Final = -1
"""The wait of a request that never fits."""

BUSY: Final = 1_000_000
"""The wait, in microseconds, for requests in flight: nobody knows when they end."""

_MOST: Final = 10**15  # sums of a few of these are still exact in the numbers of Redis's scripts


@dataclass(frozen=True, slots=True)
class Quota:
    """One number of one limit, for one caller.

    Attributes:
        limit: The limit of the policy.
        kind: Which number of it.
        key: Where its count is kept. It holds the window's length: when a policy changes a window,
            counting begins anew; when it changes an amount, what is counted stays.
        amount: So many.
        length: In so many microseconds; 0 for requests at the same time.
        grain: Microseconds that are remembered as one; 0 where every moment is.
    """

    limit: Limit
    kind: Kind
    key: str
    amount: int
    length: int = 0
    grain: int = 0

    def lapse(self, at: int) -> int:
        """When what is counted at a moment counts no more, in microseconds.

        Never too early: what happened within a grain lapses with the grain's end.
        """
        end = (at // self.grain + 1) * self.grain if self.grain else at
        return end + self.length

    @property
    def horizon(self) -> int:
        """No count lapses later than this after now, in microseconds."""
        return self.length + _grain(self.length)


@dataclass(frozen=True, slots=True)
class Reading:
    """Where a quota stands.

    Attributes:
        quota: The quota.
        used: What is counted; of tokens also what is set aside.
        reset: Microseconds until nothing is counted, if nothing more comes.
        wait: Microseconds until the request fits: 0 when it does, or ``NEVER``.
    """

    quota: Quota
    used: int
    reset: int
    wait: int


def quotas_of(charges: Sequence[Charge]) -> tuple[Quota, ...]:
    """Every number that a request counts in."""
    return tuple(chain.from_iterable(map(_quotas, charges)))


@lru_cache(maxsize=4096)
def _quotas(charge: Charge) -> tuple[Quota, ...]:
    limit, found = charge.limit, []
    if limit.requests is not None:
        found.append(_rate(charge, "requests", limit.requests))
    if limit.tokens is not None:
        found.append(_rate(charge, "tokens", limit.tokens))
    if limit.concurrent is not None:
        key = f"{charge.key}:concurrent"
        found.append(Quota(limit, "concurrent", key, min(limit.concurrent, _MOST)))
    return tuple(found)


def _rate(charge: Charge, kind: Kind, rate: Rate) -> Quota:
    length = ceil(rate.seconds * 1_000_000)
    amount = min(rate.amount, _MOST)
    grain = 0 if amount <= GRAINS else _grain(length)
    return Quota(charge.limit, kind, f"{charge.key}:{kind}:{length}", amount, length, grain)


def _grain(length: int) -> int:
    return -(-length // GRAINS)
