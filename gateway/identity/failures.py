"""How often tokens from one address were refused of late, so that guessing has an end."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Failures"]

_WINDOW: Final = 60.0
_MAX_SOURCES: Final = 65_536
_NOT_THEIRS: Final = ("no token", "keys unavailable", "revocation", "too many failures")
"""First words of refusals that say nothing against whoever sent the token."""


@dataclass(slots=True)
class _Count:
    """Refusals in the minute that began at ``start``, and in the one before."""

    start: float
    now: int = 0
    before: int = 0


class Failures:
    """Counts refused tokens by source: an IPv4 address, or the /64 network of an IPv6 address.

    The last minute is estimated from two whole ones, the older by the part of it that still
    counts. Each source has a count of its own and costs the same few bytes however often it
    fails. When there are too many sources, the one whose last failure is the longest ago is
    forgotten, which lets it try again and shuts nobody out.

    Args:
        limit: Refusals per minute of one source; 0 for no bound.
        clock: Seconds that only ever rise.
        max_sources: How many sources are remembered.
    """

    def __init__(
        self,
        limit: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        max_sources: int = _MAX_SOURCES,
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._max_sources = max_sources
        self._counts: OrderedDict[str, _Count] = OrderedDict()

    def exhausted(self, source: str | None) -> bool:
        """Whether a source has used up its refusals; one without an address never has."""
        count = self._counts.get(_network(source)) if source else None
        if count is None:
            return False
        age = self._roll(count)
        return count.now + count.before * (1 - age / _WINDOW) >= self._limit

    def note(self, source: str | None, reason: str) -> None:
        """Counts a refusal, unless its reason says nothing against the source."""
        if not self._limit or not source or reason.startswith(_NOT_THEIRS):
            return
        name = _network(source)
        count = self._counts.setdefault(name, _Count(self._clock()))
        self._roll(count)
        count.now += 1
        self._counts.move_to_end(name)
        if len(self._counts) > self._max_sources:
            self._counts.popitem(last=False)

    def _roll(self, count: _Count) -> float:
        """Moves a count on to the present minute; how many seconds of that have passed."""
        age = self._clock() - count.start
        whole = int(age // _WINDOW)
        if whole:
            count.before, count.now = (count.now if whole == 1 else 0), 0
            count.start += whole * _WINDOW
        return age - whole * _WINDOW


def _network(source: str) -> str:
    """What counts as one source: an IPv6 subscriber has a whole /64 (RFC 6177) to choose from."""
    try:
        address = ip_address(source)
    except ValueError:
        return source
    return f"{int(address) >> 64:x}/64" if isinstance(address, IPv6Address) else str(address)
