"""Exceptions: who is spared which findings of a named scanner of a named rule, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.claims import strings_at

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["PolicyException"]


@dataclass(frozen=True, slots=True)
class PolicyException:
    """One exception; it weakens a scanner, and never opens a route or a model.

    Attributes:
        id: Its name, unique in the policy.
        rule: The allow rule whose scanner it weakens.
        scanner: The scanner.
        entities: What the scanner lets pass.
        roles: The caller has one of these; none means any.
        claim: The claim of the token that is looked at, if any.
        any_of: What the claim must hold, at least one of them.
        reason: Why there is an exception.
        approved_by: Who answers for it.
        expires: The last day (since 1970-01-01, UTC) on which it holds.
    """

    id: str
    rule: str
    scanner: str
    entities: frozenset[str]
    roles: frozenset[str]
    claim: str | None
    any_of: frozenset[str]
    reason: str
    approved_by: str
    expires: int

    def is_for(self, roles: frozenset[str], claims: Mapping[str, object]) -> bool:
        """Whether it is made for a caller with these roles and claims, on any day."""
        by_role = not self.roles or not self.roles.isdisjoint(roles)
        if self.claim is None:
            return by_role and bool(self.roles)
        return by_role and not self.any_of.isdisjoint(strings_at(claims, self.claim))
