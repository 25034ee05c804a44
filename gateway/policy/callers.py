"""Callers that stand for all: one for each role, each claim that gives one, and those of tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.claims import strings_at
from gateway.terms import Principal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.policy.case import Case
    from gateway.policy.exceptions import PolicyException
    from gateway.policy.model import Policy, Role

__all__ = ["Caller", "caller_of_case", "callers_of"]

_ROLES_CLAIM: Final = "roles"
"""Where a test's claims name the token's roles; the settings' own path is unknown to a policy."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks.

    Attributes:
        label: Who it is, in words.
        roles: The roles that are taken as given; None where the claims give them.
        claims: The claims of the token.
    """

    label: str
    roles: tuple[str, ...] | None
    claims: Mapping[str, object] = field(
        default_factory=lambda: MappingProxyType({}), repr=False, hash=False
    )

    def roles_in(self, policy: Policy) -> frozenset[str]:
        """The roles of this caller by a policy, inherited ones included."""
        if self.roles is not None:
            return policy.with_inherited(self.roles)
        named = strings_at(self.claims, _ROLES_CLAIM)
        return policy.find_roles(Principal("test", "test", named, None, self.claims, b"", 0.0))

    def exceptions_in(self, policy: Policy) -> frozenset[str]:
        """The ids of the exceptions that a policy makes for this caller, on any day."""
        roles = self.roles_in(policy)
        return frozenset(one.id for one in policy.exceptions if one.is_for(roles, self.claims))


def caller_of_case(case: Case) -> Caller:
    """The caller of an embedded test."""
    if case.claims is None:
        roles = case.roles or ()
        return Caller(_role_label(roles), roles)
    return Caller(f"the caller of the test {case.name!r}", None, case.claims)


def callers_of(*policies: Policy) -> tuple[Caller, ...]:
    """Callers that policies may tell apart; of those that none does, the first.

    A caller without a role, one for each role and for each claim that gives one, one for each
    exception, and those of the embedded tests.
    """
    found: dict[tuple[object, ...], Caller] = {}
    for caller in _candidates(policies):
        key = tuple((caller.roles_in(one), caller.exceptions_in(one)) for one in policies)
        found.setdefault(key, caller)
    return tuple(found.values())


def _candidates(policies: tuple[Policy, ...]) -> Iterator[Caller]:
    yield Caller("a caller without a role", ())
    for name in sorted({name for policy in policies for name in policy.roles}):
        yield Caller(_role_label((name,)), (name,))
    for policy in policies:
        for role in policy.roles.values():
            yield from _by_claim(role)
        for exception in policy.exceptions:
            yield from _by_exception(policy, exception)
        yield from (caller_of_case(case) for case in policy.tests)


def _by_claim(role: Role) -> Iterator[Caller]:
    if role.match is not None:
        for value in sorted(role.match.any_of):
            claim = role.match.claim
            yield Caller(f"{claim}={value}", None, MappingProxyType({claim: value}))


def _by_exception(policy: Policy, exception: PolicyException) -> Iterator[Caller]:
    rule = next((rule for rule in policy.rules if rule.id == exception.rule), None)
    for role in sorted(exception.roles or (rule.roles if rule else ()) or policy.roles):
        for value in sorted(exception.any_of) or [""]:
            claims = {exception.claim: value} if exception.claim and value else {}
            label = _role_label((role,)) + (f" with {exception.claim}={value}" if claims else "")
            yield Caller(label, (role,), MappingProxyType(claims))


def _role_label(roles: tuple[str, ...]) -> str:
    if not roles:
        return "a caller without a role"
    return f"role{'' if len(roles) == 1 else 's'} {', '.join(roles)}"
