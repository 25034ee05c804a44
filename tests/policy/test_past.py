"""A request of the past."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.past import Content, Past
from gateway.policy.probes import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.model import Policy

POLICY = """
roles:
  analyst: {}
  developer: {inherits: [analyst]}
  contractor: {match: {claim: kind, any_of: [agency]}}
scanners: {words: {kind: pattern, on: [user], action: redact, patterns: {A: a}}}
rules: [{id: r, allow: {roles: [analyst], models: [m]}, scan: [words]}]
exceptions:
  - id: legal
    rule: r
    suppress: {scanner: words, entities: [A]}
    match: {roles: [analyst], claim: team, any_of: [legal]}
    reason: r
    approved_by: a
    expires: 2099-01-01
"""


@pytest.fixture
def policy(load: Callable[..., Policy]) -> Policy:
    return load(POLICY)


def past(
    roles: tuple[str, ...],
    claims: dict[str, object] | None = None,
    named: tuple[str, ...] | None = None,
) -> Past:
    content = None if claims is None else Content(PLAIN.parameters, (), claims, named, {})
    return Past("ada", roles, "messages", "m", "allow", ("r",), content)


def test_without_claims_the_roles_are_those_recorded(policy: Policy) -> None:
    assert past(("developer", "gone")).roles_in(policy) == {"developer", "analyst"}
    assert past(("contractor",)).roles_in(policy) == {"contractor"}


def test_with_claims_they_give_the_roles_that_have_a_match(policy: Policy) -> None:
    assert past(("contractor",), {"kind": "staff"}).roles_in(policy) == frozenset()
    assert past((), {"kind": "agency"}).roles_in(policy) == {"contractor"}
    assert past(("developer",), {}).roles_in(policy) == {"developer", "analyst"}


def test_the_roles_of_the_token_come_before_those_recorded(policy: Policy) -> None:
    # A role that was inherited then, and is not now, is no role of the token.
    assert past(("developer", "analyst"), {}, ("analyst",)).roles_in(policy) == {"analyst"}
    assert past(("analyst",), {}, ()).roles_in(policy) == frozenset()


def test_exceptions_are_for_those_whose_claims_are_known(policy: Policy) -> None:
    assert past(("analyst",), {"team": "legal"}).exceptions_in(policy) == {"legal"}
    assert past(("analyst",), {"team": "sales"}).exceptions_in(policy) == frozenset()
    assert past(("analyst",)).exceptions_in(policy) == frozenset()


def test_nothing_that_was_sealed_is_in_a_repr() -> None:
    content = Content(
        PLAIN.parameters, (("user", "canary"),), {"c": "canary"}, None, {"s": "canary"}
    )
    assert "canary" not in repr(content)
