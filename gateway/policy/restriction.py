"""What an answer may do: which tools it calls, where its links lead, what it copies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.policy.matrix import Condition
    from gateway.terms import ScannerSpec

__all__ = ["Restriction"]


@dataclass(frozen=True, slots=True)
class Restriction:
    """A rule about answers; it allows and denies no request.

    Attributes:
        id: The rule's name.
        scanners: What reads the answer for it; findings carry the rule's name.
        roles: The roles it is about; none means any caller.
        routes: The routes it is about; none means any route.
        models: Globs of the models it is about; none means any model.
        when: What must be so of the request's parameters.
        shadow: Whether it is measured only, and never acts.
        until: The last day (since 1970-01-01, UTC) on which it is measured.
    """

    id: str
    scanners: tuple[ScannerSpec, ...]
    roles: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    shadow: bool = False
    until: int | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its scanners."""
        return tuple(one.name for one in self.scanners)

    def covers_route(self, route: str) -> bool:
        """Whether the rule is about this route."""
        return not self.routes or route in self.routes
