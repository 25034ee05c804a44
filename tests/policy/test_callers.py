"""Callers that stand for all."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from gateway.errors import Place
from gateway.policy.callers import MAX_CALLERS, Caller, ask_of, caller_of_case, callers_of
from gateway.policy.case import Case, Expectation
from gateway.policy.decision import Ask
from gateway.policy.exceptions import PolicyException
from gateway.policy.model import ClaimMatch, Policy, Role
from gateway.policy.probes import PLAIN
from gateway.policy.rule import Rule
from gateway.terms import Action, EntityRule, ScannerSpec

ROLES = {
    "analyst": Role(),
    "developer": Role(inherits=("analyst",)),
    "contractor": Role(ClaimMatch("employment.kind", frozenset({"agency", "contractor"}))),
}
PII = ScannerSpec(
    "pii", "pii", frozenset({"user"}), MappingProxyType({"PERSON": EntityRule(Action.REDACT)})
)
CHAT = Rule("chat", allows=True, roles=frozenset({"analyst"}), scan=frozenset({"pii"}))


def policy(*rules: Rule, exceptions: tuple[PolicyException, ...] = ()) -> Policy:
    return Policy(roles=ROLES, rules=rules, scanners=(PII,), exceptions=exceptions)


def exception(
    roles: frozenset[str] = frozenset(), claim: str | None = None, *any_of: str
) -> PolicyException:
    return PolicyException(
        id="legal",
        rule="chat",
        scanner="pii",
        entities=frozenset({"PERSON"}),
        roles=roles,
        claim=claim,
        any_of=frozenset(any_of),
        reason="r",
        approved_by="a",
        expires=99_999,
    )


def case(roles: tuple[str, ...] | None, claims: dict[str, object] | None = None) -> Case:
    return Case(
        name="t",
        place=Place("p.yaml"),
        roles=roles,
        claims=claims,
        route="messages",
        model="m",
        texts=(),
        expect=Expectation("allow"),
    )


def labels(*policies: Policy) -> list[str]:
    return [caller.label for caller in callers_of(*policies)]


def test_there_is_nobody_and_one_for_each_role() -> None:
    assert labels(policy()) == [
        "a caller without a role",
        "role analyst",
        "role contractor",
        "role developer",
    ]


def test_a_role_that_a_policy_gives_by_other_claims_has_callers_of_its_own() -> None:
    new = Policy(roles={**ROLES, "contractor": Role(ClaimMatch("employment.kind", frozenset("x")))})
    found = labels(policy(), new)
    assert "employment.kind=agency" in found
    assert "employment.kind=contractor" not in found, "no policy tells it from an agency"
    assert "employment.kind=x" in found


def test_a_role_that_needs_a_claim_now_has_a_caller_whose_token_only_names_it() -> None:
    new = Policy(roles={**ROLES, "analyst": Role(ClaimMatch("groups", frozenset({"a"})))})
    (named,) = (one for one in callers_of(policy(), new) if one.label == "roles=analyst")
    assert named.roles_in(policy()) == {"analyst"}
    assert named.roles_in(new) == frozenset()


def test_a_claim_is_looked_up_by_its_path() -> None:
    caller = Caller("c", None, {"employment": {"kind": "agency"}})
    assert caller.roles_in(policy()) == {"contractor"}


def test_roles_that_are_given_bring_what_they_inherit() -> None:
    assert Caller("c", ("developer", "unknown")).roles_in(policy()) == {"developer", "analyst"}


def test_a_role_that_is_denied_something_is_asked_about_with_each_other() -> None:
    # A contractor alone may do nothing; what the rule denies shows in a developer who is one too.
    deny = Rule("no", allows=False, roles=frozenset({"contractor"}))
    assert "roles contractor and developer" in labels(policy(deny))
    assert "roles contractor and developer" not in labels(policy(CHAT))


def test_a_role_that_is_denied_something_is_had_by_claims_too() -> None:
    deny = Rule("no", allows=False, roles=frozenset({"contractor"}))
    narrower = {**ROLES, "contractor": Role(ClaimMatch("employment.kind", frozenset({"agency"})))}
    new = Policy(roles=narrower, rules=(deny,))
    (both,) = (
        one
        for one in callers_of(policy(deny), new)
        if one.label == "employment.kind=contractor and roles=developer"
    )
    assert both.roles_in(policy(deny)) == {"contractor", "developer", "analyst"}
    assert both.roles_in(new) == {"developer", "analyst"}


def test_two_roles_of_one_claim_are_two_values_of_it() -> None:
    roles = {name: Role(ClaimMatch("groups", frozenset({name}))) for name in ("a", "b")}
    deny = Rule("no", allows=False, roles=frozenset({"a"}))
    other = Policy(roles={"a": Role(), "b": roles["b"]})
    found = {one.label: one for one in callers_of(Policy(roles=roles, rules=(deny,)), other)}
    assert found["groups=a b"].roles_in(Policy(roles=roles)) == {"a", "b"}


def test_an_exception_has_those_whom_it_is_for_and_whom_its_rule_is_about() -> None:
    for_legal = exception(frozenset({"contractor"}), "team", "legal")
    found = policy(CHAT, exceptions=(for_legal,))
    callers = [caller for caller in callers_of(found) if caller.exceptions_in(found)]
    assert [caller.label for caller in callers] == ["roles contractor and analyst with team=legal"]
    assert callers[0].roles_in(found) == {"analyst", "contractor"}


@pytest.mark.parametrize(
    "made", [exception(frozenset({"analyst"})), exception(frozenset(), "team", "legal")]
)
def test_an_exception_is_met_by_somebody(made: PolicyException) -> None:
    found = policy(CHAT, exceptions=(made,))
    assert any(caller.exceptions_in(found) == {"legal"} for caller in callers_of(found))
    assert any(caller.exceptions_in(found) == frozenset() for caller in callers_of(found))


def test_callers_of_tests_are_among_them() -> None:
    found = Policy(
        roles=ROLES,
        tests=(
            case(("analyst", "contractor")),
            case(None, {"roles": ["developer"], "employment": {"kind": "agency"}}),
            case(("developer",)),
        ),
    )
    assert [one.label for one in callers_of(found)][-2:] == [
        "roles analyst and contractor",
        "the caller of the test 't'",
    ]


def test_the_caller_of_a_test_has_its_roles_or_its_claims() -> None:
    assert caller_of_case(case(("developer",))).roles_in(policy()) == {"developer", "analyst"}
    assert caller_of_case(case(())).label == "a caller without a role"
    claims: dict[str, object] = {"roles": ["analyst", "contractor"]}
    assert caller_of_case(case(None, claims)).roles_in(policy()) == {"analyst"}


def test_a_test_that_has_roles_and_claims_is_given_the_roles_whatever_the_claims_say() -> None:
    caller = caller_of_case(case(("developer",), {"employment": {"kind": "agency"}}))
    assert caller.roles_in(policy()) == {"developer", "analyst"}
    assert caller.label == "role developer with the claims of the test 't'"
    legal = caller_of_case(case(("analyst",), {"team": "legal"}))
    assert legal.exceptions_in(policy(CHAT, exceptions=(exception(frozenset(), "team", "legal"),)))


def test_a_test_asks_for_what_it_says_on_its_day() -> None:
    found = policy(CHAT, exceptions=(exception(frozenset(), "team", "legal"),))
    asked = replace(case(("analyst",), {"team": ["legal"]}), day=7, parameters=PLAIN.parameters)
    assert ask_of(found, asked) == Ask(
        frozenset({"analyst"}), "messages", "m", PLAIN.parameters, frozenset({"legal"}), 7
    )


def test_on_a_route_of_ones_own_nothing_is_known_of_its_parameters() -> None:
    own = replace(policy(CHAT), own={"messages": "m"})
    asked = replace(case(("analyst",)), parameters=PLAIN.parameters)
    assert ask_of(own, asked).parameters == own.said_on("messages", PLAIN.parameters)
    assert ask_of(policy(CHAT), asked).parameters == PLAIN.parameters


def test_there_are_never_more_than_can_be_asked() -> None:
    roles = {f"r{number}": Role() for number in range(200)}
    deny = Rule("no", allows=False, roles=frozenset(roles))
    found = callers_of(Policy(roles=roles, rules=(deny,)))
    assert len(found) == MAX_CALLERS


def test_claims_of_a_test_are_in_no_repr() -> None:
    assert "secret" not in repr(caller_of_case(case(None, {"name": "secret"})))
