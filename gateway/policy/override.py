"""Other settings of a scanner for some requests: measured in shadow mode, or made stricter."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.policy.matrix import Condition
    from gateway.terms import Action, EntityRule

__all__ = ["Override"]


@dataclass(frozen=True, slots=True)
class Override:
    """A rule that neither allows nor denies, but sets a scanner differently.

    Attributes:
        id: Its name, unique among the rules of the policy.
        scanner: The scanner it changes.
        flag_at: The score from which an injection is flagged, if it changes that.
        block_at: The score from which an injection is blocked, if it changes that.
        action: What a finding does whose entity has no rule of its own, if it changes that.
        entities: The entities it changes.
        roles: The roles it is about; none means any caller.
        routes: The routes it is about; none means any route.
        models: Globs of the models it is about; none means any model.
        when: What must be so of the request's parameters.
        shadow: Whether the changed scanner runs beside the real one, and never acts.
        until: The last day (since 1970-01-01, UTC) on which it does so.
    """

    id: str
    scanner: str
    flag_at: float | None = None
    block_at: float | None = None
    action: Action | None = None
    entities: Mapping[str, EntityRule] = field(
        default_factory=lambda: MappingProxyType({}), hash=False
    )
    roles: frozenset[str] = frozenset()
    routes: frozenset[str] = frozenset()
    models: tuple[str, ...] = ()
    when: tuple[Condition, ...] = ()
    shadow: bool = False
    until: int | None = None

    def covers_route(self, route: str) -> bool:
        """Whether the override is about this route."""
        return not self.routes or route in self.routes
