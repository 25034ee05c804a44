"""A request of the past, as far as its audit records tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gateway.terms import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gateway.policy.model import Policy
    from gateway.terms import Changes, Parameters, Provenance

__all__ = ["Content", "Past"]


@dataclass(frozen=True, slots=True)
class Content:
    """What was sealed of a request.

    Attributes:
        parameters: What it asked of the model.
        texts: Its texts and those of its answer.
        claims: The claims of the caller's token.
        token_roles: The token's roles; None where nothing says which claim they stand in.
        changes: What it was made to say.
    """

    parameters: Parameters
    texts: tuple[tuple[Provenance, str], ...] = field(repr=False)
    claims: Mapping[str, object] = field(repr=False)
    token_roles: tuple[str, ...] | None
    changes: Changes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Past:
    """A request that was decided on.

    Attributes:
        subject: Who asked.
        roles: The roles that the policy then in force gave, inherited ones included.
        route: The route asked for.
        model: The model asked for.
        verdict: What was decided: ``deny``, or the strongest action.
        rules: The rules that decided, and the exceptions.
        content: What was sealed, where it was opened.
    """

    subject: str
    roles: tuple[str, ...]
    route: str
    model: str
    verdict: str
    rules: tuple[str, ...]
    content: Content | None = None

    def roles_in(self, policy: Policy) -> frozenset[str]:
        """The roles by a policy: by the claims where they are known, else as recorded."""
        if self.content is None:
            return policy.with_inherited(self.roles)
        named = self.content.token_roles
        roles = self.roles if named is None else named
        caller = Principal(self.subject, "", roles, None, self.content.claims, b"", 0.0)
        return policy.find_roles(caller)

    def exceptions_in(self, policy: Policy) -> frozenset[str]:
        """Ids of the exceptions that a policy makes for the caller, as far as its claims say."""
        roles, claims = self.roles_in(policy), self.content.claims if self.content else {}
        return frozenset(one.id for one in policy.exceptions if one.is_for(roles, claims))
