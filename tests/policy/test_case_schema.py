"""The schema of embedded tests."""

from __future__ import annotations

import pytest

from gateway.document import read_text, validate
from gateway.errors import ConfigurationError
from gateway.policy.case_schema import CaseModel, ParametersModel
from gateway.terms import PARAMETERS

TEXT = "name: t\ngiven: {%s, route: messages, model: m}\nexpect: {%s}\n"
CALLER = "role: a"
RESULT = "decision: allow"


def read(given: str = CALLER, expect: str = RESULT) -> CaseModel:
    return validate(CaseModel, read_text(TEXT % (given, expect), "p.yaml"))


def problem_of(given: str = CALLER, expect: str = RESULT) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(given, expect)
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize("caller", ["role: a", "roles: [a, b]", "roles: []", "claims: {x: [1]}",
                                    "role: a, claims: {team: legal}",
                                    "roles: [a], claims: {}"])  # fmt: skip
def test_a_caller_has_roles_or_claims_or_both(caller: str) -> None:
    assert read(caller).given.route == "messages"


@pytest.mark.parametrize("caller", ["prompt: hello", "role: a, roles: [b]"])
def test_a_caller_is_somebody_and_one(caller: str) -> None:
    assert problem_of(caller).startswith(
        "p.yaml:2:1: given: say who asks with role or roles, with claims, or with both"
    )


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ("{max_token: 1}", "unknown key 'max_token'; did you mean 'max_tokens'?"),
        ("{max_tokens: lots}", "given.parameters.max_tokens: 'lots' is not a count"),
        ("{max_tokens: {lte: 1}}", "given.parameters.max_tokens: {'lte': 1} is not a count"),
        ("{temperature: 3}", "given.parameters.temperature: input should be less than or equal"),
        ("{stream: 1}", "given.parameters.stream: input should be a valid boolean"),
        ("{tools: search}", "given.parameters.tools: must be a list"),
        ("{reasoning_effort: hi}", "given.parameters.reasoning_effort: 'hi' is no effort"),
        ("{system: Be brief.}", "given.parameters.system: is a text of the test: write it as"),
    ],
)
def test_a_parameter_that_no_request_has_is_named(parameters: str, problem: str) -> None:
    found = problem_of(f"{CALLER}, parameters: {parameters}")
    assert found.partition(": ")[2].startswith(problem)


def test_every_parameter_can_be_given_but_the_system_text_which_is_a_text() -> None:
    assert tuple(ParametersModel.model_fields) == PARAMETERS


@pytest.mark.parametrize(
    ("expect", "problem"),
    [
        (
            "decision: denied",
            "expect.decision: input should be 'allow', 'flag', 'tokenise', 'redact', 'block'",
        ),
        ("decision: deny, scanner: s", "expect: a denied request is not scanned, changed or coun"),
        ("decision: deny, changes: {}", "expect: a denied request is not scanned, changed or"),
        ("decision: deny, limits: []", "expect: a denied request is not scanned, changed or"),
        ("decision: deny, exceptions: [e]", "expect: a denied request is not scanned, changed"),
        ("decision: allow, limits: human", "expect.limits: must be a list"),
        (
            "decision: allow, changes: {stream: true}",
            "unknown key 'stream'; did you mean 'system'?",
        ),
        ("decision: allow, changes: {max_tokens: {lte: 1}}", "expect.changes.max_tokens: {'lte':"),
    ],
)
def test_an_expectation_that_cannot_come_true_is_named(expect: str, problem: str) -> None:
    assert problem_of(expect=expect).partition(": ")[2].startswith(problem)


def test_a_denied_request_may_be_one_that_a_shadow_rule_allows() -> None:
    assert read(expect="decision: deny, shadow: [try]").expect.shadow == ("try",)


def test_a_day_is_a_date() -> None:
    assert read(f"{CALLER}, day: 1970-01-02").given.day == 1
    assert "given.day: must be a date" in problem_of(f"{CALLER}, day: tomorrow")
