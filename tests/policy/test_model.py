"""The compiled policy: roles, inheritance and grants."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest
from examples import OWN
from hypothesis import given
from hypothesis import strategies as st

from gateway.policy.exceptions import PolicyException
from gateway.policy.model import ClaimMatch, Policy, Role
from gateway.policy.override import Override
from gateway.policy.probes import PLAIN
from gateway.policy.variants import TooManyVariants
from gateway.terms import PARAMETERS, WORDLESS, Action, EntityRule, Principal, ScannerSpec

NAMES = ["a", "b", "c", "d", "e"]


def policy_of(**roles: Role) -> Policy:
    return Policy(roles=MappingProxyType(roles))


def principal(*roles: str, key: bytes = b"k", **claims: Any) -> Principal:
    return Principal("sub", "iss", roles, None, claims, key, 0.0)


def test_a_role_without_match_is_its_name_among_the_tokens_roles() -> None:
    policy = policy_of(analyst=Role(), developer=Role())
    assert policy.roles_of(principal("analyst", "unknown")) == {"analyst"}


def test_a_role_with_match_is_given_by_its_claim_and_not_by_its_name() -> None:
    policy = policy_of(dev=Role(match=ClaimMatch("realm.groups", frozenset({"eng", "ops"}))))
    assert policy.roles_of(principal(realm={"groups": ["hr", "ops"]})) == {"dev"}
    assert policy.roles_of(principal("dev", key=b"2", realm={"groups": ["hr"]})) == frozenset()
    assert policy.roles_of(principal("dev", key=b"3")) == frozenset()


def test_a_claim_that_is_not_text_gives_no_role() -> None:
    policy = policy_of(one=Role(match=ClaimMatch("level", frozenset({"1", "True"}))))
    for number, value in enumerate((1, True, {"1": 1}, [1], ["1", 2], None)):
        assert policy.roles_of(principal(key=bytes([number]), level=value)) == frozenset()


def test_roles_are_inherited_at_any_remove() -> None:
    policy = policy_of(a=Role(inherits=("b",)), b=Role(inherits=("c",)), c=Role(), d=Role())
    assert policy.roles_of(principal("a")) == {"a", "b", "c"}


def test_roles_are_remembered_by_token_and_never_mixed_up_between_tokens() -> None:
    policy = policy_of(a=Role(), b=Role())
    first = policy.roles_of(principal("a", key=b"1"))
    assert policy.roles_of(principal("a", key=b"1")) is first
    assert policy.roles_of(principal("b", key=b"2")) == {"b"}
    assert policy.roles_of(principal("b", key=b"1")) == {"b"}


def test_names_of_no_role_are_left_out() -> None:
    assert policy_of(a=Role()).with_inherited(["a", "gone"]) == {"a"}


def test_what_a_policy_remembers_is_no_part_of_it() -> None:
    policy = policy_of(a=Role())
    fresh = replace(policy)
    policy.roles_of(principal("a"))
    assert policy == fresh
    assert repr(policy) == repr(fresh)
    assert " object at 0x" not in repr(policy)


def test_control_is_what_any_of_the_roles_grants() -> None:
    policy = policy_of(
        a=Role(control=frozenset({"audit.read"})),
        b=Role(control=frozenset({"policy.read"})),
        c=Role(control=frozenset({"metrics.read"})),
    )
    assert policy.control_of(frozenset({"a", "b", "gone"})) == {"audit.read", "policy.read"}
    assert policy.control_of(frozenset()) == frozenset()


def test_what_a_role_may_control_is_inherited() -> None:
    policy = policy_of(
        lead=Role(inherits=("auditor",)), auditor=Role(control=frozenset({"audit.read"}))
    )
    assert policy.control_of(policy.roles_of(principal("lead"))) == {"audit.read"}


@given(
    st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(NAMES)).map(tuple)),
    st.frozensets(st.sampled_from(NAMES)),
    st.frozensets(st.sampled_from(NAMES)),
)
def test_more_roles_never_inherit_less(
    inherits: dict[str, tuple[str, ...]], few: frozenset[str], more: frozenset[str]
) -> None:
    policy = policy_of(**{name: Role(inherits=inherits.get(name, ())) for name in NAMES})
    assert policy.with_inherited(few) <= policy.with_inherited(few | more)
    assert few & policy.roles.keys() <= policy.with_inherited(few)
    assert policy.with_inherited(policy.with_inherited(few)) == policy.with_inherited(few)


def test_attack_a_token_never_gets_the_roles_of_another_with_the_same_role_names() -> None:
    policy = policy_of(dev=Role(match=ClaimMatch("groups", frozenset({"eng"}))))
    assert policy.roles_of(principal("x", key=b"1", groups=["eng"])) == {"dev"}
    assert policy.roles_of(principal("x", key=b"2", groups=["hr"])) == frozenset()


def exception(name: str, role: str, team: str | None = None) -> PolicyException:
    any_of = frozenset({team} if team else set())
    claim = "team" if team else None
    entities = frozenset({"PERSON"})
    return PolicyException(
        name, "r", "pii", entities, frozenset({role}), claim, any_of, "", "", 100
    )


def test_exceptions_are_those_that_fit_the_callers_roles_and_claims() -> None:
    policy = replace(
        policy_of(lawyer=Role(inherits=("analyst",)), analyst=Role()),
        exceptions=(exception("x", "analyst", "legal"), exception("y", "lawyer")),
    )
    assert policy.exceptions_of(principal("analyst", key=b"1", team="legal")) == {"x"}
    assert policy.exceptions_of(principal("analyst", key=b"2", team="hr")) == frozenset()
    assert policy.exceptions_of(principal("lawyer", key=b"3", team=["legal"])) == {"x", "y"}
    assert policy.exceptions_of(principal(key=b"4", team="legal")) == frozenset()


def test_exceptions_are_remembered_by_token() -> None:
    policy = replace(policy_of(a=Role()), exceptions=(exception("x", "a"),))
    first = policy.exceptions_of(principal("a", key=b"1"))
    assert policy.exceptions_of(principal("a", key=b"1")) is first


def test_attack_a_token_never_gets_the_exceptions_of_another() -> None:
    policy = replace(policy_of(a=Role()), exceptions=(exception("x", "a", "legal"),))
    assert policy.exceptions_of(principal("a", key=b"1", team="legal")) == {"x"}
    assert policy.exceptions_of(principal("a", key=b"2", team="hr")) == frozenset()
    assert policy.exceptions_of(principal("b", key=b"1", team="legal")) == frozenset()


PII = ScannerSpec(
    "pii", "pii", frozenset({"user"}), MappingProxyType({"PERSON": EntityRule(Action.REDACT)})
)


def test_scanners_are_followed_by_their_variants() -> None:
    secrets = ScannerSpec("secrets", "secrets", frozenset({"user"}))
    policy = Policy(scanners=(PII, secrets), exceptions=(exception("x", "a"),))
    assert [spec.name for spec in policy.scanners] == ["pii", "pii~-x", "secrets"]
    assert policy.base_scanners == (PII, secrets)


def test_a_policy_with_other_parts_has_other_variants_and_remembers_nothing() -> None:
    policy = Policy(scanners=(PII,), exceptions=(exception("x", "a"),))
    assert replace(policy).scanners == policy.scanners
    assert replace(policy, exceptions=()).scanners == (PII,)
    assert replace(policy).plans is not policy.plans


def test_too_many_variants_make_no_policy() -> None:
    many = tuple(
        Override(f"o{n}", "pii", entities=MappingProxyType({f"E{n}": EntityRule(Action.BLOCK)}))
        for n in range(7)
    )
    with pytest.raises(TooManyVariants):
        Policy(scanners=(PII,), overrides=many)
    assert len(Policy(scanners=(PII,), overrides=many[:6]).scanners) == 64


def test_of_parameters_on_a_route_of_ones_own_only_what_is_measured_is_known() -> None:
    policy = Policy(own=MappingProxyType({"inhouse.generate": "m"}))
    said = PLAIN.parameters
    assert policy.said_on("messages", said) is said
    assert policy.said_on("inhouse.generate", None) is None
    found = policy.said_on("inhouse.generate", said)
    assert found == replace(said, inexpressible=frozenset(PARAMETERS) - WORDLESS)
    assert found == replace(said, inexpressible=OWN.format.read({}).parameters.inexpressible)
