"""The schema of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.document import read_text, validate
from gateway.errors import ConfigurationError
from gateway.policy.schema import PolicyFile
from gateway.terms import Action

if TYPE_CHECKING:
    from gateway.policy.rule_schema import RuleModel

ALLOW = "rules:\n  - id: one\n    allow: {roles: [a]}\n"
DENY = "rules:\n  - id: one\n    deny: {roles: [a]}\n"
OVERRIDE = "rules:\n  - id: one\n    override: {scanner: s, block_at: 0.5}\n"


def rule(text: str) -> RuleModel:
    return validate(PolicyFile, read_text(text, "p.yaml")).rules[0]


def problem_of(text: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        validate(PolicyFile, read_text(text, "p.yaml"))
    (problem,) = caught.value.problems
    return str(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("rules: [{id: a}]", "p.yaml:1:9: rules.0: a rule has exactly one of allow, deny, overrid"),
        (
            "rules: [{id: a, allow: {roles: [a]}, deny: {roles: [a]}}]",
            "p.yaml:1:9: rules.0: a rule has exactly one of allow, deny, override and restrict",
        ),
        (
            ALLOW + "    override: {scanner: s, block_at: 1}",
            "p.yaml:2:5: rules.0: a rule has exactly one of allow, deny, override and restrict",
        ),
        (
            "rules: [{id: a, allow: {}}]",
            "p.yaml:1:17: rules.0.allow: name at least one of roles, routes and models",
        ),
        (
            "rules: [{id: a, allow: {when: {stream: false}}}]",
            "p.yaml:1:17: rules.0.allow: name at least one of roles, routes and models",
        ),
        (
            "rules: [{id: a, deny: {}}]",
            "p.yaml:1:17: rules.0.deny: name at least one of roles, routes, models and when",
        ),
        ("rules: [{id: a, deny: {models: []}}]", "p.yaml:1:24: rules.0.deny.models: must not be"),
        ("rules: [{id: a, deny: {when: {}}}]", "p.yaml:1:24: rules.0.deny.when: must not be empty"),
        (DENY + "    scan: [s]", "p.yaml:2:5: rules.0: a deny rule has no scan: what is denied"),
        (DENY + "    require: {n: 1}", "p.yaml:2:5: rules.0: a deny rule has no require"),
        (DENY + "    clamp: {n: {lte: 1}}", "p.yaml:2:5: rules.0: a deny rule has no clamp"),
        (DENY + "    limits: human", "p.yaml:2:5: rules.0: a deny rule has no limits"),
        (OVERRIDE + "    scan: [s]", "p.yaml:2:5: rules.0: an override rule has no scan: it bel"),
        (OVERRIDE + "    limits: [a]", "p.yaml:2:5: rules.0: an override rule has no limits"),
        (OVERRIDE + "    reason: x", "p.yaml:2:5: rules.0: an override rule has no reason"),
        (ALLOW + "    limits: []", "p.yaml:4:5: rules.0.limits: must not be empty"),
        (ALLOW + "    limits: {human: 1}", "p.yaml:4:5: rules.0.limits: must be a list"),
        (ALLOW + "    require: {}", "p.yaml:4:5: rules.0.require: must not be empty"),
        (ALLOW + "    mode: shadw", "p.yaml:4:5: rules.0.mode: input should be 'enforce' or 'sh"),
        (ALLOW + "    until: 2027-01-31", "p.yaml:2:5: rules.0: until is for rules in shadow mode"),
        (
            ALLOW + "    mode: shadow\n    until: 31.1.2027",
            "p.yaml:5:5: rules.0.until: must be a date such as 2027-01-31",
        ),
        (
            ALLOW + "    mode: shadow\n    until: 2027-02-29",
            "p.yaml:5:5: rules.0.until: must be a date such as 2027-01-31",
        ),
        (
            ALLOW + "    require: {n: 3}\n    clamp: {n: {lte: 2}}",
            "p.yaml:2:5: rules.0: nothing that n is clamped to is what is required of it",
        ),
        (
            "rules: [{id: a, override: {scanner: s}}]",
            "p.yaml:1:17: rules.0.override: name at least one of flag_at, block_at, action and ent",
        ),
        (
            "rules: [{id: a, override: {scanner: s, roles: [a], entities: {}}}]",
            "p.yaml:1:17: rules.0.override: name at least one of flag_at, block_at, action and ent",
        ),
        ("rules: [{id: a, override: {block_at: 1}}]", "p.yaml:1:17: the key 'scanner' is missing"),
        (
            "rules: [{id: a, override: {scanner: s, block_at: 1.5}}]",
            "p.yaml:1:40: rules.0.override.block_at: input should be less than or equal to 1",
        ),
        (
            "rules: [{id: a, override: {scanner: s, patterns: {A: b}}}]",
            "p.yaml:1:40: unknown key 'patterns'; known are action, block_at, entities, flag_at",
        ),
    ],
)
def test_a_rule_that_makes_no_sense_is_named_at_its_place(text: str, problem: str) -> None:
    assert problem_of(text).startswith(problem)


def test_a_deny_rule_may_be_about_parameters_alone() -> None:
    model = rule("rules: [{id: a, deny: {when: {tools: present}}}]")
    assert (model.kind, model.matcher.roles) == ("deny", ())
    assert model.matcher.when is not None


def test_one_limit_needs_no_list() -> None:
    assert rule(ALLOW + "    limits: human").limits == ("human",)
    assert rule(ALLOW + "    limits: [human, batch]").limits == ("human", "batch")


def test_a_rule_is_enforced_if_it_does_not_say() -> None:
    assert rule(ALLOW).mode == "enforce"
    shadow = rule(OVERRIDE + "    mode: shadow\n    until: 2027-01-31")
    assert (shadow.kind, shadow.mode, shadow.until) == ("override", "shadow", 20849)


def test_an_override_knows_what_it_changes() -> None:
    text = (
        "rules: [{id: a, override: {scanner: s, roles: [a], action: block, entities: {X: flag}}}]"
    )
    override = rule(text).override
    assert override is not None
    assert override.changed == {"action", "entities"}
    assert override.entities["X"].action is Action.FLAG
