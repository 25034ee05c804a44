"""One rule of a policy, its references resolved."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    id: str
    allows: bool
    roles: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    reason: str | None = None
    scan: frozenset[str] = frozenset()

    def covers_route(self, route: str) -> bool:
        """Whether the rule is about this route."""
        return not self.routes or route in self.routes
