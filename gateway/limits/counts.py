"""What is counted in memory for one quota: requests, tokens, or requests in flight."""

# ruff: noqa: ARG002  # each kind of count takes what all are given, and uses what it needs
from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from gateway.limits.quota import BUSY, NEVER, Reading
from gateway.limits.window import Window

if TYPE_CHECKING:
    from gateway.limits.estimate import Estimate
    from gateway.limits.quota import Quota

__all__ = ["Count", "FlightCount", "RequestCount", "TokenCount", "new_count"]


class Count(Protocol):
    """A count; times are microseconds of a clock that never goes back."""

    def read(self, now: int, quota: Quota, tokens: Estimate) -> Reading:
        """Where it stands, and when a request of so many tokens fits."""

    def take(self, now: int, quota: Quota, lease: object, tokens: Estimate) -> Reading:
        """Counts a request that fits, and says where it stands then."""

    def settle(self, now: int, quota: Quota, lease: object, tokens: int | None) -> None:
        """Counts what a request has used instead of what was set aside; None: keeps that."""

    def idle(self, now: int) -> bool:
        """Whether nothing is counted."""


class RequestCount:
    """Requests, each from when it was taken until its window has passed."""

    __slots__ = ("_window",)

    def __init__(self) -> None:
        self._window = Window()

    def read(self, now: int, quota: Quota, tokens: Estimate) -> Reading:
        """Where it stands, and when one more request fits."""
        window = self._window
        window.advance(now)
        excess = window.total + 1 - quota.amount
        wait = 0
        if excess > 0:
            wait = window.wait(now, excess) if quota.amount else NEVER
        return Reading(quota, window.total, window.last(now), wait)

    def take(self, now: int, quota: Quota, lease: object, tokens: Estimate) -> Reading:
        """Counts a request."""
        self._window.add(quota.lapse(now), 1)
        return Reading(quota, self._window.total, self._window.last(now), 0)

    def settle(self, now: int, quota: Quota, lease: object, tokens: int | None) -> None:
        """Does nothing: a request has been made, whatever became of it."""

    def idle(self, now: int) -> bool:
        """Whether nothing is counted."""
        self._window.advance(now)
        return self._window.total == 0


class TokenCount:
    """Tokens: what is set aside until a request ends, and what it used until a window later."""

    __slots__ = ("_aside", "_flights", "_window")

    def __init__(self) -> None:
        self._window = Window()
        self._flights: dict[object, int] = {}
        self._aside = 0

    def read(self, now: int, quota: Quota, tokens: Estimate) -> Reading:
        """Where it stands, and when so many more tokens fit."""
        self._window.advance(now)
        return self._reading(now, quota, self._wait(now, quota, tokens))

    def take(self, now: int, quota: Quota, lease: object, tokens: Estimate) -> Reading:
        """Sets aside the most that a request may use."""
        self._flights[lease] = tokens.most
        self._aside += tokens.most
        return self._reading(now, quota, 0)

    def settle(self, now: int, quota: Quota, lease: object, tokens: int | None) -> None:
        """Counts what was used from now on: it was used at some time until now."""
        aside = self._flights.pop(lease)
        self._aside -= aside
        self._window.advance(now)
        self._window.add(quota.lapse(now), aside if tokens is None else tokens)

    def idle(self, now: int) -> bool:
        """Whether nothing is counted and nothing set aside."""
        self._window.advance(now)
        return self._window.total == 0 and not self._flights

    def _wait(self, now: int, quota: Quota, tokens: Estimate) -> int:
        excess = self._window.total + self._aside + tokens.likely - quota.amount
        if excess <= 0:
            return 0
        if tokens.likely > quota.amount:
            return NEVER
        return self._window.wait(now, excess) if excess <= self._window.total else BUSY

    def _reading(self, now: int, quota: Quota, wait: int) -> Reading:
        reset = quota.horizon if self._flights else self._window.last(now)
        return Reading(quota, self._window.total + self._aside, reset, wait)


class FlightCount:
    """Requests in flight."""

    __slots__ = ("_flights",)

    def __init__(self) -> None:
        self._flights: set[object] = set()

    def read(self, now: int, quota: Quota, tokens: Estimate) -> Reading:
        """How many there are, and whether one more fits."""
        wait = 0
        if len(self._flights) >= quota.amount:
            wait = BUSY if quota.amount else NEVER
        return Reading(quota, len(self._flights), 0, wait)

    def take(self, now: int, quota: Quota, lease: object, tokens: Estimate) -> Reading:
        """Counts a request."""
        self._flights.add(lease)
        return Reading(quota, len(self._flights), 0, 0)

    def settle(self, now: int, quota: Quota, lease: object, tokens: int | None) -> None:
        """Counts it no more."""
        self._flights.discard(lease)

    def idle(self, now: int) -> bool:
        """Whether none is in flight."""
        return not self._flights


def new_count(quota: Quota) -> Count:
    """An empty count of a quota's kind."""
    if quota.kind == "requests":
        return RequestCount()
    return TokenCount() if quota.kind == "tokens" else FlightCount()
