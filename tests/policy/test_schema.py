"""The schema of a policy file: what is wrong is named at its place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.document import read_text, validate
from gateway.errors import ConfigurationError
from gateway.policy.schema import PolicyFile
from gateway.terms import Action, Rate

if TYPE_CHECKING:
    from collections.abc import Callable

RULES = "rules:\n  - id: one\n    allow: {roles: [a]}\n"
SCANNERS = "scanners:\n  s:\n    kind: pii\n    on: [user]\n"


def read(text: str) -> PolicyFile:
    return validate(PolicyFile, read_text(text, "p.yaml"))


def problems_of(text: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(text)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            SCANNERS + "    entities: {US_SSN: {action: tokenise, keep_format: true}}",
            "p.yaml:5:5: scanners.s.entities: US_SSN has no format to keep; keep_format is for",
        ),
        (
            SCANNERS + "    entities: {CREDIT_CARD: {action: redact, keep_format: true}}",
            "p.yaml:5:16: scanners.s.entities.CREDIT_CARD: keep_format is for the action tokenise",
        ),
        (
            "defaults: {on_scanner_error: tokenise}",
            "p.yaml:1:1: defaults: on_scanner_error is block, flag or allow",
        ),
        ("defaults: {mode: shadow}", "p.yaml:1:12: defaults.mode: input should be 'enforce'"),
        ("defaults: {decision: allow}", "p.yaml:1:12: defaults.decision: input should be 'deny'"),
    ],
)
def test_what_this_version_does_not_do_is_refused_and_never_ignored(
    text: str, problem: str
) -> None:
    (found,) = problems_of(text)
    assert found.startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("versoin: 1", "p.yaml:1:1: unknown key 'versoin'; did you mean 'version'?"),
        ("limit: 1", "p.yaml:1:1: unknown key 'limit'; did you mean 'limits'?"),
        ("roles: {a: {inherit: [b]}}", "p.yaml:1:13: unknown key 'inherit'; did you mean 'inh"),
        (RULES + "    scans: []", "p.yaml:4:5: unknown key 'scans'; did you mean 'scan'?"),
        (
            "rules: [{id: a, allow: {route: [x]}}]",
            "p.yaml:1:25: unknown key 'route'; did you mean 'routes'?",
        ),
        (
            SCANNERS + "    entities: {X: {action: flag, min_scor: 1}}",
            "p.yaml:5:34: unknown key 'min_scor'; did you mean 'min_score'?",
        ),
        (
            SCANNERS + "    entities: {X: blok}",
            "p.yaml:5:16: scanners.s.entities.X.action: 'blok' is no action; did you mean 'block'",
        ),
        (
            "roles: {a: {control: [audit.reed]}}",
            (
                "p.yaml:1:23: roles.a.control.0: 'audit.reed' is nothing to grant; did you mean "
                "'audit.read'?"
            ),
        ),
    ],
)
def test_a_misspelt_word_gets_the_one_that_was_meant(text: str, problem: str) -> None:
    assert problems_of(text)[0].startswith(problem)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("version: 2", "p.yaml:1:1: version: input should be 1"),
        ("version: '1'", "p.yaml:1:1: version: input should be 1"),
        ("metadata: {name: a, revision: 1.5}", "p.yaml:1:21: metadata.revision: input should be"),
        ("metadata: {name: a, revision: true}", "p.yaml:1:21: metadata.revision: input should be"),
        ("metadata: {name: ''}", "p.yaml:1:12: metadata.name: must not be empty"),
        ("models: {a: gpt-5}", "p.yaml:1:10: models.a: must be a list"),
        ("models: {a: [5]}", "p.yaml:1:14: models.a.0: must be text; quote it"),
        ("models: {a: []}", "p.yaml:1:10: models.a: must not be empty"),
        ("roles: [a]", "p.yaml:1:1: roles: must be a mapping of keys to values"),
        ("roles: {'a b': {}}", "p.yaml:1:9: roles.a b: 'a b' is no name here"),
        (
            "roles: {a: {match: {claim: g, any_of: []}}}",
            "p.yaml:1:31: roles.a.match.any_of: must not be empty",
        ),
        ("roles: {a: {match: {claim: g}}}", "p.yaml:1:13: the key 'any_of' is missing; add it"),
        (SCANNERS.replace("user", "usr"), "p.yaml:4:10: scanners.s.on.0: input should be 'system'"),
        (SCANNERS.replace("[user]", "[]"), "p.yaml:4:5: scanners.s.on: must not be empty"),
        (SCANNERS + "    block_at: 1.1", "p.yaml:5:5: scanners.s.block_at: input should be less"),
        (SCANNERS + "    flag_at: -1", "p.yaml:5:5: scanners.s.flag_at: input should be greater"),
        (
            "defaults: {on_scanner_error: redact}",
            "p.yaml:1:1: defaults: on_scanner_error is block, flag or allow",
        ),
        ("defaults: {on_state_error: deny}", "p.yaml:1:12: defaults.on_state_error: input should"),
        ("defaults: {unknown_fields: deny}", "p.yaml:1:12: defaults.unknown_fields: input should"),
        ("limits: {a: {}}", "p.yaml:1:10: limits.a: name at least one of requests, tokens and con"),
        ("limits: {a: 60/min}", "p.yaml:1:10: limits.a: must be a mapping of keys to values"),
        ("limits: {a: {requests: 60}}", "p.yaml:1:14: limits.a.requests: 60 is not a rate such"),
        ("limits: {a: {concurrent: 0}}", "p.yaml:1:14: limits.a.concurrent: input should be gre"),
        (
            "limits: {a: {concurrent: 4, per: subjct}}",
            "p.yaml:1:29: limits.a.per: input should be 'subject', 'role', 'tenant' or 'everyone'",
        ),
        (
            "limits: {a: {concurrent: 4, reserve: 10}}",
            "p.yaml:1:10: limits.a: reserve is for a limit of tokens",
        ),
        ("defaults: {capture: off}", "p.yaml:1:12: defaults.capture: input should be 'sealed' or"),
    ],
)
def test_a_wrong_value_is_named_at_its_place(text: str, problem: str) -> None:
    (found,) = problems_of(text)
    assert found.startswith(problem)


def test_all_problems_are_reported_at_once_in_the_order_of_the_file() -> None:
    found = problems_of("version: 2\nroles: 1\nmodels: 1\nrules: 1\n")
    assert [line.split(":")[1] for line in found] == ["1", "2", "3", "4"]


def test_a_bare_action_stands_for_its_long_form() -> None:
    file = read(SCANNERS + "    entities: {A: block, B: {action: redact, min_score: 0.8}}")
    entities = file.scanners["s"].entities
    assert (entities["A"].action, entities["A"].min_score) == (Action.BLOCK, 0.5)
    assert (entities["B"].action, entities["B"].min_score) == (Action.REDACT, 0.8)


def test_a_role_may_have_no_settings() -> None:
    assert read("roles:\n  analyst:\n").roles["analyst"].match is None


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("rules:", "p.yaml:1:1: rules"),
        ("limits:", "p.yaml:1:1: limits"),
        ("metadata: {name: a, owner: }", "p.yaml:1:21: metadata.owner"),
        ("roles: {a: {match: }}", "p.yaml:1:13: roles.a.match"),
        ("rules: [{id: a, allow: {roles: [b], when: }}]", "p.yaml:1:37: rules.0.allow.when"),
        (RULES + "    require:", "p.yaml:4:5: rules.0.require"),
        (RULES + "    limits: ~", "p.yaml:4:5: rules.0.limits"),
        (RULES + "    require: {max_tokens: }", "p.yaml:4:15: rules.0.require.max_tokens"),
        (RULES + "    require: {n: {lte: }}", "p.yaml:4:19: rules.0.require.n.lte"),
    ],
)
def test_attack_a_condition_that_was_forgotten_does_not_open_a_rule(text: str, place: str) -> None:
    advice = "has no value: give it one, or take the key out"
    assert problems_of(text) == [f"{place}: {advice}"]


def test_a_limit_counts_per_subject_if_it_does_not_say() -> None:
    limit = read("limits: {human: {requests: 60/min, tokens: 200k/hour}}").limits["human"]
    assert (limit.per, limit.reserve, limit.concurrent) == ("subject", 4096, None)
    assert (limit.requests, limit.tokens) == (Rate(60, 60), Rate(200_000, 3600))


def test_an_empty_file_holds_nothing() -> None:
    assert read("") == PolicyFile()


def test_attack_a_number_that_yaml_1_1_would_read_as_truth_stays_text() -> None:
    file = read("roles: {on: {match: {claim: no, any_of: [yes, off]}}}")
    match = file.roles["on"].match
    assert match is not None
    assert (match.claim, match.any_of) == ("no", ("yes", "off"))


def test_problems_reach_the_caller_of_load(problems: Callable[..., list[str]]) -> None:
    assert problems("rols: {}") == ["a.yaml:2:1: unknown key 'rols'; did you mean 'roles'?"]
