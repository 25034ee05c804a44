"""Embedded tests, run with a small scanner of real words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from gateway.errors import AuditUnavailable
from gateway.policy.suite import CaseResult, run_suite
from gateway.terms import Action

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from gateway.policy.model import Policy
    from gateway.terms import Provenance

POLICY = """
roles:
  analyst: {}
  lead: {inherits: [analyst]}
  eng: {match: {claim: groups, any_of: [eng]}}
scanners:
  words: {kind: pattern, on: [user, answer], action: flag, patterns: {W: w}}
  other: {kind: pattern, on: [user], action: flag, patterns: {W: w}}
rules:
  - {id: chat, allow: {roles: [analyst, eng], models: [m]}, scan: [words]}
  - {id: stop, deny: {models: [bad]}, reason: bad}
tests:
  - name: t
    given: {%s, route: messages}
    expect: {%s}
"""
WORDS = {"red": ("words", Action.REDACT), "stop": ("words", Action.BLOCK), "w": ("x", Action.FLAG)}


@dataclass(frozen=True)
class Word:
    scanner: str
    entity: str
    action: Action


def scan(text: str, provenance: Provenance, scanners: tuple[str, ...]) -> Iterable[Word]:
    """Finds words that stand for actions; tool texts are not read."""
    assert scanners == ("words",)
    if provenance != "tool":
        for word in text.split():
            if word in WORDS:
                yield Word(WORDS[word][0], word.upper(), WORDS[word][1])


def unable(_text: str, _provenance: Provenance, _scanners: tuple[str, ...]) -> Iterable[Word]:
    raise AuditUnavailable("out of order")


def run(load: Callable[..., Policy], given: str, expect: str) -> CaseResult:
    (result,) = run_suite(load(POLICY % (given, expect)), scan)
    return result


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        ("role: analyst, model: m, prompt: hello", "decision: allow"),
        ("role: analyst, model: m", "decision: allow, rule: chat"),
        ("role: analyst, model: m, prompt: red", "decision: redact"),
        ("role: analyst, model: m, prompt: red", "decision: redact, scanner: words, entity: RED"),
        ("role: analyst, model: m, prompt: w red stop", "decision: block, entity: STOP"),
        ("role: analyst, model: m, system: red, prompt: w", "decision: redact"),
        ("role: analyst, model: m, prompt: w, answer: red", "decision: redact"),
        ("role: analyst, model: m, document: stop", "decision: block"),
        ("role: analyst, model: m, tool: stop", "decision: allow"),
        ("role: lead, model: m", "decision: allow"),
        ("roles: [lead, eng], model: m", "decision: allow"),
        ("roles: [], model: m", "decision: deny"),
        ("role: analyst, model: bad, prompt: stop", "decision: deny, rule: stop"),
        ("role: analyst, model: other", "decision: deny"),
        ("claims: {groups: [eng]}, model: m", "decision: allow"),
        ("claims: {groups: [hr]}, model: m", "decision: deny"),
        ("claims: {roles: [analyst]}, model: m", "decision: allow"),
        ("claims: {roles: [eng]}, model: m", "decision: deny"),
        ("claims: {}, model: m", "decision: deny"),
    ],
)
def test_a_test_that_says_what_happens_passes(
    load: Callable[..., Policy], given: str, expect: str
) -> None:
    result = run(load, given, expect)
    assert (result.passed, result.why) == (True, "")


@pytest.mark.parametrize(
    ("given", "expect", "why"),
    [
        (
            "role: analyst, model: m, prompt: red",
            "decision: allow",
            "expected allow, got redact (found words RED: redact)",
        ),
        (
            "role: analyst, model: m, prompt: hello",
            "decision: block",
            "expected block, got allow (the scanners found nothing)",
        ),
        (
            "role: analyst, model: other, prompt: hello",
            "decision: allow",
            "expected allow, got deny (no rule allows this model to these roles on this route)",
        ),
        (
            "role: analyst, model: bad",
            "decision: deny, rule: chat",
            "expected the rule 'chat' to decide, but it was denied by rule stop",
        ),
        (
            "role: analyst, model: m, prompt: red",
            "decision: redact, scanner: other",
            "expected redact by other (found words RED: redact)",
        ),
        (
            "role: analyst, model: m, prompt: red stop",
            "decision: block, entity: RED",
            "expected block by RED (found words RED: redact, words STOP: block)",
        ),
        (
            "role: analyst, model: m",
            "decision: allow, scanner: words",
            "expected allow by words (the scanners found nothing)",
        ),
    ],
)
def test_a_test_that_says_something_else_fails_and_says_why(
    load: Callable[..., Policy], given: str, expect: str, why: str
) -> None:
    result = run(load, given, expect)
    assert (result.passed, result.why) == (False, why)


def test_a_failure_is_a_problem_at_the_place_of_the_test(
    load: Callable[..., Policy], folder: Path
) -> None:
    problem = run(load, "role: analyst, model: m", "decision: deny").problem()
    assert str(problem) == (
        f"{folder}/a.yaml:14:5: the test 't' fails: "
        "expected deny, got allow (the scanners found nothing)"
    )


def test_a_scanner_that_does_not_work_fails_the_test(load: Callable[..., Policy]) -> None:
    policy = load(POLICY % ("role: analyst, model: m, prompt: hello", "decision: allow"))
    (result,) = run_suite(policy, unable)
    assert (result.passed, result.why) == (False, "a text of it could not be scanned")


def test_a_denied_request_is_not_scanned(load: Callable[..., Policy]) -> None:
    policy = load(POLICY % ("role: analyst, model: bad, prompt: hello", "decision: deny"))
    (result,) = run_suite(policy, unable)
    assert result.passed


def test_the_texts_of_a_test_are_in_no_failure(load: Callable[..., Policy]) -> None:
    result = run(load, "role: analyst, model: m, prompt: my secret is red", "decision: allow")
    assert "secret" not in repr(result)


WHOLE = """
roles: {analyst: {}}
limits: {human: {requests: 60/min}}
scanners:
  words: {kind: pattern, on: [user], action: redact, patterns: {RED: red, STOP: stop}}
rules:
  - id: chat
    allow: {roles: [analyst], models: [m]}
    require: {max_tokens: {lte: 4096}, tools: {names: [search]}, prompt_chars: {lte: 50}}
    clamp: {temperature: {lte: 1}, system: {prefix: Be brief.}}
    limits: human
    scan: [words]
  - {id: no-images, deny: {when: {images: present}}}
  - {id: no-tools, mode: shadow, until: 2027-01-31, deny: {when: {tools: present}}}
  - {id: sharper, mode: shadow, override: {scanner: words, action: block}}
exceptions:
  - id: legal
    rule: chat
    suppress: {scanner: words, entities: [RED]}
    match: {claim: team, any_of: [legal]}
    reason: red is a name
    approved_by: ciso
    expires: 2027-03-31
tests:
  - name: t
    given: {role: analyst, route: messages, model: m, %s}
    expect: {%s}
"""


@dataclass(frozen=True)
class Reader:
    """Reads with the scanners that the policy has, variants included."""

    policy: Policy

    def __call__(
        self, text: str, provenance: Provenance, scanners: tuple[str, ...]
    ) -> Iterable[Word]:
        for spec in self.policy.scanners:
            if spec.name in scanners and provenance in spec.on:
                for entity in spec.patterns:
                    if entity.lower() in text.split():
                        yield Word(spec.shown, entity, spec.action)


def run_whole(load: Callable[..., Policy], given: str, expect: str) -> CaseResult:
    policy = load(WHOLE % (given, expect))
    (result,) = run_suite(policy, Reader(policy))
    return result


SYSTEM = "system_prefix: Be brief."


@pytest.mark.parametrize(
    ("given", "expect"),
    [
        ("prompt: hello", f"decision: allow, rule: chat, changes: {{{SYSTEM}}}"),
        ("prompt: hello, system: Be brief. Be kind.", "decision: allow, changes: {}"),
        ("parameters: {max_tokens: 5000}", "decision: deny"),
        (
            "parameters: {max_tokens: absent, temperature: 2}",
            f"decision: allow, changes: {{max_tokens: 4096, temperature: 1, {SYSTEM}}}",
        ),
        ("parameters: {tools: [search]}", "decision: allow, shadow: [no-tools]"),
        ("parameters: {tools: [search]}, day: 2027-01-31", "decision: allow, shadow: [no-tools]"),
        ("parameters: {tools: [search]}, day: 2027-02-01", "decision: allow, shadow: []"),
        ("parameters: {tools: [search, mail]}", "decision: deny"),
        ("parameters: {images: 1}", "decision: deny, rule: no-images"),
        ("prompt: " + "x" * 51, "decision: deny"),
        ("parameters: {prompt_chars: 51}", "decision: deny"),
        ("prompt: hello", "decision: allow, limits: [human], exceptions: [], shadow: []"),
        ("prompt: red", "decision: redact, entity: RED, shadow: [sharper]"),
        ("prompt: red, claims: {team: legal}", "decision: allow, exceptions: [legal]"),
        ("prompt: red, claims: {team: sales}", "decision: redact, exceptions: []"),
        ("prompt: red, claims: {team: legal}, day: 2027-03-31", "decision: allow"),
        ("prompt: red, claims: {team: legal}, day: 2027-04-01", "decision: redact"),
        ("prompt: stop, claims: {team: legal}", "decision: redact, exceptions: [legal]"),
    ],
)
def test_parameters_claims_and_days_of_a_test_decide(
    load: Callable[..., Policy], given: str, expect: str
) -> None:
    result = run_whole(load, given, expect)
    assert (result.passed, result.why) == (True, "")


@pytest.mark.parametrize(
    ("given", "expect", "why"),
    [
        (
            "prompt: hello",
            "decision: allow, changes: {}",
            "expected the changes none, got system_prefix: a text of 9 characters",
        ),
        (
            "prompt: hello",
            "decision: allow, limits: []",
            "expected the limits none, got human",
        ),
        (
            "prompt: red, claims: {team: legal}",
            "decision: allow, exceptions: []",
            "expected the exceptions none, got legal",
        ),
        (
            "parameters: {tools: [search]}",
            "decision: allow, shadow: [sharper]",
            "expected the rules in shadow mode sharper, got no-tools",
        ),
    ],
)
def test_what_else_is_expected_and_does_not_come_fails_the_test(
    load: Callable[..., Policy], given: str, expect: str, why: str
) -> None:
    result = run_whole(load, given, expect)
    assert (result.passed, result.why) == (False, why)
