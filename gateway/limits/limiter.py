"""What a limiter promises, whatever keeps its counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.limits.estimate import Estimate
    from gateway.terms import Limit

__all__ = ["Charge", "Lease", "Limiter"]


@dataclass(frozen=True, slots=True)
class Charge:
    """One count that a request goes into.

    Attributes:
        limit: The limit of the policy.
        key: Who is counted: a digest, so that no name of a subject stands in a shared state.
    """

    limit: Limit
    key: str


class Lease(Protocol):
    """What a request holds of its limits until it has ended."""

    @property
    def headers(self) -> tuple[tuple[bytes, bytes], ...]:
        """The rate-limit headers that SDKs read, for the answer."""

    async def settle(self, tokens: int | None) -> None:
        """Ends it: counts the tokens that were used instead of those that were set aside.

        None keeps what was set aside, as nobody knows better; 0 gives all of it back. Only the
        first call counts. It never raises: what cannot be told to a lost state lapses there; and
        it goes on when its caller is cancelled.
        """


class Limiter(Protocol):
    """Counts requests, tokens and requests in flight."""

    async def take(self, charges: Sequence[Charge], tokens: Estimate) -> Lease:
        """Counts a request in all its limits, or in none of them.

        ``tokens.likely`` must be left of every budget, ``tokens.most`` is set aside. So however
        many requests begin at the same time, what they use together exceeds a budget by no more
        than one of them uses beyond what was likely, as long as none uses more than its most.

        Args:
            charges: Where it counts.
            tokens: What it may use, as far as is known beforehand.

        Raises:
            RateLimited: One of them is used up; says after how many seconds to try again.
            StateLost: The shared state did not answer in time.
        """

    async def close(self) -> None:
        """Closes every connection."""
