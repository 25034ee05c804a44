"""One rule of a policy, its references resolved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.policy.matrix import Condition

__all__ = ["Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may or may not do what.

    Attributes:
        id: Its name, unique in the policy.
        allows: Whether it allows what it matches; otherwise it denies.
        roles: The roles it is about; none means any caller.
        routes: The routes it is about; none means any route.
        models: Globs of the models it is about, sets written out; none means any model.
        reason: What the client reads when this rule denies.
        scan: The scanners that read what this rule allows.
        when: What must be so of the request's parameters for the rule to be about it.
        require: What must be so for the rule to allow.
        clamp: What is made so of what it allows.
        limits: Names of the limits in which it counts what it allows.
        shadow: Whether it is measured only, and decides nothing.
        until: The last day (since 1970-01-01, UTC) on which it is measured.
    """

    id: str
    allows: bool
    roles: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    reason: str | None = None
    scan: frozenset[str] = frozenset()
    when: tuple[Condition, ...] = ()
    require: tuple[Condition, ...] = ()
    clamp: tuple[Condition, ...] = ()
    limits: frozenset[str] = frozenset()
    shadow: bool = False
    until: int | None = None

    @property
    def conditional(self) -> bool:
        """Whether it asks for the request's parameters."""
        return bool(self.when or self.require or self.clamp)

    def covers_route(self, route: str) -> bool:
        """Whether the rule is about this route."""
        return not self.routes or route in self.routes
