"""Callers that stand for all: for each role, for each claim that gives one, and those of tests.

A caller has several roles at once where that may matter: where one of them is named by what
narrows (a deny rule, an override, an exception), it is asked about together with each other role,
taken as given and by the claims that give both.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import islice, product
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gateway.claims import strings_at
from gateway.policy.decision import Ask
from gateway.terms import Principal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gateway.policy.case import Case
    from gateway.policy.exceptions import PolicyException
    from gateway.policy.model import Policy, Role

__all__ = ["MAX_CALLERS", "Caller", "ask_of", "caller_of_case", "callers_of"]

MAX_CALLERS: Final = 1000
"""So many callers are asked about at most."""

_ROLES_CLAIM: Final = "roles"
"""Where a test's claims name the token's roles; the settings' own path is unknown to a policy."""
_NOBODY: Final = "a caller without a role"


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who asks.

    Attributes:
        label: Who it is, in words.
        roles: The roles that are taken as given; None where the claims give them.
        claims: The claims of the token.
        tested: Whether it is known only as the caller of a test.
        paired: Whether it has several roles only to show what narrows one of them.
    """

    label: str
    roles: tuple[str, ...] | None
    claims: Mapping[str, object] = field(
        default_factory=lambda: MappingProxyType({}), repr=False, hash=False
    )
    tested: bool = False
    paired: bool = False

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
    claims = case.claims or {}
    if case.roles is None and case.claims is not None:
        return Caller(f"the caller of the test {case.name!r}", None, claims, tested=True)
    roles = case.roles or ()
    more = f" with the claims of the test {case.name!r}" if claims else ""
    return Caller(_role_label(roles) + more, roles, claims, tested=bool(claims))


def ask_of(policy: Policy, case: Case) -> Ask:
    """What an embedded test asks a policy."""
    caller = caller_of_case(case)
    roles, exceptions = caller.roles_in(policy), caller.exceptions_in(policy)
    parameters = policy.said_on(case.route, case.parameters)
    return Ask(roles, case.route, case.model, parameters, exceptions, case.day)


def callers_of(*policies: Policy) -> tuple[Caller, ...]:
    """Callers that policies may tell apart, at most ``MAX_CALLERS``; of those alike, one."""
    found: dict[tuple[object, ...], Caller] = {}
    for caller in _candidates(policies):
        key = tuple((caller.roles_in(one), caller.exceptions_in(one)) for one in policies)
        if found.setdefault(key, caller).tested:
            # Its claims say more than the name of a test.
            found[key] = caller
    return tuple(islice(found.values(), MAX_CALLERS))


def _candidates(policies: tuple[Policy, ...]) -> Iterator[Caller]:
    yield Caller(_NOBODY, ())
    roles = sorted({name for policy in policies for name in policy.roles})
    for name in roles:
        yield _with_roles(name)
    for policy in policies:
        for name, role in policy.roles.items():
            yield from _by_claim(name, role)
        for exception in policy.exceptions:
            yield from _by_exception(policy, exception)
        yield from (caller_of_case(case) for case in policy.tests)
    yield from islice(_pairs(policies, roles), 2 * MAX_CALLERS)


def _pairs(policies: tuple[Policy, ...], roles: list[str]) -> Iterator[Caller]:
    narrow = sorted({name for policy in policies for name in _narrowing(policy)})
    pairs = [(one, other) for one in narrow for other in roles if one != other]
    for pair in pairs:
        yield replace(_with_roles(*sorted(pair)), paired=True)
    for policy in policies:
        for one, other in pairs:
            for claim, more in product(_claims_of(policy, one), _claims_of(policy, other)[:1]):
                yield replace(_with_claims(claim, more), paired=True)


def _by_claim(name: str, role: Role) -> Iterator[Caller]:
    for claim in _claims(name, role):
        yield _with_claims(claim)


def _claims_of(policy: Policy, name: str) -> list[tuple[str, str]]:
    role = policy.roles.get(name)
    return [] if role is None else _claims(name, role)


def _claims(name: str, role: Role) -> list[tuple[str, str]]:
    """The claims, each with a value, that give a role."""
    if role.match is None:
        return [(_ROLES_CLAIM, name)]
    return [(role.match.claim, value) for value in sorted(role.match.any_of)]


def _with_claims(*claims: tuple[str, str]) -> Caller:
    """A caller whose token has these claims; of one claim, a list of its values."""
    values: dict[str, list[str]] = {}
    for claim, value in claims:
        values.setdefault(claim, []).append(value)
    label = " and ".join(f"{claim}={' '.join(held)}" for claim, held in values.items())
    return Caller(label, None, MappingProxyType(dict(values)))


def _by_exception(policy: Policy, exception: PolicyException) -> Iterator[Caller]:
    """Those for whom an exception is made, where its rule is about them."""
    rule = next((rule for rule in policy.rules if rule.id == exception.rule), None)
    about = sorted(rule.roles if rule and rule.roles else policy.roles)
    named: list[tuple[str, ...]] = [(role,) for role in sorted(exception.roles)] or [()]
    for one, others in product(about, named):
        roles = tuple(dict.fromkeys((*others, one)))
        if exception.claim is None:
            yield _with_roles(*roles)
        for value in sorted(exception.any_of):
            label = f"{_role_label(roles)} with {exception.claim}={value}"
            yield Caller(label, roles, MappingProxyType({str(exception.claim): value}))


def _narrowing(policy: Policy) -> Iterator[str]:
    """The roles of what may narrow for one role what another role is allowed."""
    for rule in policy.rules:
        if not rule.allows:
            yield from rule.roles
    for override in policy.overrides:
        yield from override.roles
    for restriction in policy.restrictions:
        yield from restriction.roles
    for exception in policy.exceptions:
        yield from exception.roles


def _with_roles(*roles: str) -> Caller:
    return Caller(_role_label(roles), roles)


def _role_label(roles: tuple[str, ...]) -> str:
    if not roles:
        return _NOBODY
    return f"role{'' if len(roles) == 1 else 's'} {' and '.join(roles)}"
