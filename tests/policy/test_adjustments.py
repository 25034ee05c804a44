"""Overrides and exceptions fit what they change."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.known import Known

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.model import Policy

BASE = """\
roles: {analyst: {}}
scanners:
  injection: {kind: injection, on: [user], flag_at: 0.5, block_at: 0.8}
  pii:
    kind: pii
    on: [user]
    entities: {US_SSN: redact, CREDIT_CARD: {action: block, min_score: 0.6}}
  secrets: {kind: secrets, on: [user], action: redact, entities: {JWT: flag}}
  words: {kind: pattern, on: [user], action: redact, patterns: {BIRD: bird}}
  unused: {kind: secrets, on: [user], action: redact}
rules:
  - {id: chat, allow: {roles: [analyst]}, scan: [injection, pii, secrets, words]}
  - {id: stop, deny: {models: [m]}}
"""
KNOWN = Known(entities={"pii": ["CREDIT_CARD", "US_SSN", "PERSON"], "secrets": ["JWT", "PEM"]})
EXCEPTION = (
    "exceptions: [{id: e, rule: %s, suppress: {%s}, match: {%s}, reason: r, approved_by: a, "
    "expires: 2027-03-31}]"
)


def an_override(settings: str, mode: str = "enforce") -> str:
    return f"rules: [{{id: o, mode: {mode}, override: {{{settings}}}}}]"


@pytest.mark.parametrize(
    ("settings", "at", "message"),
    [
        ("scanner: inject, block_at: 0.5", "scanner", "there is no scanner 'inject'; did you mean"),
        (
            "scanner: pii, block_at: 0.5",
            "block_at",
            "an override of a scanner of kind pii takes no 'block_at'; it takes entities",
        ),
        ("scanner: pii, action: block", "action", "an override of a scanner of kind pii takes no"),
        (
            "scanner: injection, action: block",
            "action",
            "an override of a scanner of kind injection takes no 'action'; it takes flag_at, block",
        ),
        (
            "scanner: words, entities: {BIRD: block}",
            "entities",
            "an override of a scanner of kind pattern takes no 'entities'; it takes action",
        ),
        ("scanner: pii, entities: {SSN: block}", "SSN", "a scanner of kind pii finds no 'SSN'"),
        (
            "scanner: secrets, entities: {PERSON: block}",
            "PERSON",
            "a scanner of kind secrets finds no 'PERSON'",
        ),
        (
            "scanner: injection, block_at: 0.4",
            "block_at",
            "block_at 0.4 is less than flag_at 0.5; what is blocked must at least be flagged",
        ),
        (
            "scanner: pii, roles: [nobody], entities: {US_SSN: block}",
            "nobody",
            "there is no role 'nobody'",
        ),
        (
            "scanner: pii, routes: [nowhere], entities: {US_SSN: block}",
            "nowhere",
            "there is no route 'nowhere'",
        ),
    ],
)
@pytest.mark.parametrize("mode", ["enforce", "shadow"])
def test_an_override_that_does_not_fit(
    problems: Callable[..., list[str]], mode: str, settings: str, at: str, message: str
) -> None:
    text = an_override(settings, mode)
    (found,) = problems(BASE, text, known=KNOWN)
    assert found.startswith(f"b.yaml:1:{text.index(at) + 1}: {message}")


@pytest.mark.parametrize(
    ("settings", "what"),
    [
        ("scanner: injection, block_at: 0.85", "block_at"),
        ("scanner: injection, flag_at: 0.55", "flag_at"),
        ("scanner: secrets, action: flag", "action"),
        ("scanner: words, action: allow", "action"),
        ("scanner: pii, entities: {US_SSN: flag}", "entities.US_SSN"),
        ("scanner: pii, entities: {CREDIT_CARD: {action: block, min_score: 0.7}}",
         "entities.CREDIT_CARD"),
        ("scanner: secrets, entities: {PEM: flag}", "entities.PEM"),
        ("scanner: secrets, entities: {JWT: allow}", "entities.JWT"),
        ("scanner: secrets, entities: {PEM: {action: block, min_score: 0.6}}", "entities.PEM"),
    ],
)  # fmt: skip
def test_attack_an_override_in_force_that_weakens_a_scanner_is_refused(
    problems: Callable[..., list[str]],
    load: Callable[..., Policy],
    settings: str,
    what: str,
) -> None:
    (found,) = problems(BASE, an_override(settings), known=KNOWN)
    assert f"{what} is weaker than the scanner's own; an override that is enforced" in found
    (shadow,) = load(BASE, an_override(settings, "shadow"), known=KNOWN).overrides
    assert shadow.shadow


@pytest.mark.parametrize(
    "settings",
    [
        "scanner: injection, flag_at: 0.3, block_at: 0.4",
        "scanner: injection, block_at: 0.8",
        "scanner: secrets, action: block",
        "scanner: secrets, entities: {JWT: redact, PEM: block}",
        "scanner: words, action: block, when: {tools: present}",
        "scanner: pii, entities: {PERSON: {action: flag, min_score: 0.9}}",
        "scanner: pii, entities: {PERSON: flag, US_SSN: block, CREDIT_CARD: block}",
    ],
)
def test_what_makes_a_scanner_stricter_fits(load: Callable[..., Policy], settings: str) -> None:
    (override,) = load(BASE, an_override(settings), known=KNOWN).overrides
    assert (override.id, override.shadow) == ("o", False)


@pytest.mark.parametrize(
    ("rule", "suppress", "match", "problem"),
    [
        (
            "chatt",
            "scanner: pii, entities: [US_SSN]",
            "roles: [analyst]",
            "b.yaml:1:22: there is no rule 'chatt'; did you mean 'chat'?",
        ),
        (
            "stop",
            "scanner: pii, entities: [US_SSN]",
            "roles: [analyst]",
            "b.yaml:1:22: 'stop' is no allow rule; an exception weakens a scanner of an allow rule",
        ),
        (
            "chat",
            "scanner: pi, entities: [US_SSN]",
            "roles: [analyst]",
            "b.yaml:1:45: there is no scanner 'pi'; did you mean 'pii'?",
        ),
        (
            "chat",
            "scanner: unused, entities: [JWT]",
            "roles: [analyst]",
            "b.yaml:1:45: the rule 'chat' does not scan with 'unused'; known are injection, pii,",
        ),
        (
            "chat",
            "scanner: pii, entities: [US_SSN]",
            "roles: [analist]",
            "b.yaml:1:96: there is no role 'analist'; did you mean 'analyst'?",
        ),
        (
            "chat",
            "scanner: pii, entities: [PERSON]",
            "roles: [analyst]",
            "b.yaml:1:70: the scanner 'pii' looks for no 'PERSON'; known are CREDIT_CARD, US_SSN",
        ),
        (
            "chat",
            "scanner: secrets, entities: [PERSON]",
            "roles: [analyst]",
            "b.yaml:1:74: a scanner of kind secrets finds no 'PERSON'; known are JWT, PEM",
        ),
        (
            "chat",
            "scanner: words, entities: [BRD]",
            "roles: [analyst]",
            "b.yaml:1:72: the scanner 'words' looks for no 'BRD'; did you mean 'BIRD'?",
        ),
        (
            "chat",
            "scanner: injection, entities: [X]",
            "roles: [analyst]",
            "b.yaml:1:45: an exception cannot spare single injections; give these requests a rule",
        ),
    ],
)
def test_an_exception_that_does_not_fit(
    problems: Callable[..., list[str]], rule: str, suppress: str, match: str, problem: str
) -> None:
    (found,) = problems(BASE, EXCEPTION % (rule, suppress, match), known=KNOWN)
    assert found.startswith(problem)


@pytest.mark.parametrize(("scanner", "entity"), [("pii", "US_SSN"), ("secrets", "PEM"),
                                             ("words", "BIRD")])  # fmt: skip
def test_an_exception_that_fits(load: Callable[..., Policy], scanner: str, entity: str) -> None:
    suppress = f"scanner: {scanner}, entities: [{entity}]"
    policy = load(BASE, EXCEPTION % ("chat", suppress, "claim: team, any_of: [x]"), known=KNOWN)
    (exception,) = policy.exceptions
    assert (exception.scanner, exception.entities) == (scanner, frozenset({entity}))


def test_without_what_can_be_found_entities_of_secrets_are_not_checked(
    load: Callable[..., Policy],
) -> None:
    suppress = "scanner: secrets, entities: [ANYTHING]"
    assert load(BASE, EXCEPTION % ("chat", suppress, "roles: [analyst]")).exceptions
