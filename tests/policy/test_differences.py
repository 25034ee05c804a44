"""How two decisions about the same request differ, in words."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from gateway.policy.decision import Decision, ShadowRule, ShadowScan
from gateway.policy.differences import (
    differences,
    effect,
    show_limit,
    show_settings,
    show_values,
    specs_of,
)
from gateway.policy.exceptions import PolicyException
from gateway.policy.model import Policy
from gateway.policy.rule import Rule
from gateway.terms import Action, EntityRule, Limit, LimitUse, Rate, ScannerSpec

PII = ScannerSpec(
    "pii",
    "pii",
    frozenset({"user", "answer"}),
    MappingProxyType(
        {"PERSON": EntityRule(Action.REDACT), "US_SSN": EntityRule(Action.BLOCK, 0.7)}
    ),
)
ORDERS = ScannerSpec("orders", "injection", frozenset({"user"}), flag_at=0.5, block_at=0.8)
WORDS = ScannerSpec(
    "words",
    "pattern",
    frozenset({"user"}),
    action=Action.BLOCK,
    patterns=MappingProxyType({"A": "a"}),
)
SPARED = PolicyException(
    "legal", "r", "pii", frozenset({"PERSON"}), frozenset({"x"}), None, frozenset(), "r", "a", 9
)
RULE = Rule("r", allows=True, roles=frozenset({"x"}), scan=frozenset({"pii"}))
POLICY = Policy(scanners=(PII, ORDERS, WORDS), rules=(RULE,), exceptions=(SPARED,))
(VARIANT,) = (spec.name for spec in POLICY.scanners if spec.of)
HUMAN = Limit("human", requests=Rate(60, 60.0))

ALLOWED = Decision(
    allowed=True,
    rules=("r",),
    reason="allowed by rule r",
    message=None,
    scanners=("pii",),
    capture="sealed",
    on_scanner_error=Action.BLOCK,
    limits=(LimitUse(HUMAN),),
)
DENIED = replace(
    ALLOWED, allowed=False, reason="denied by rule d", message="no", scanners=(), limits=()
)
READS = (
    "pii=reads, pii.entities.PERSON=redact from 0.5, pii.entities.US_SSN=block from 0.7, "
    "pii.on=[answer, user]"
)


def differ(old: Decision, new: Decision) -> list[tuple[str, str, str]]:
    found = differences(effect(POLICY, old), effect(POLICY, new))
    return [(one.kind, one.before, one.after) for one in found]


@pytest.mark.parametrize("decision", [ALLOWED, DENIED])
def test_the_same_is_no_difference(decision: Decision) -> None:
    assert differ(decision, decision) == []


def test_other_rules_that_decide_the_same_are_no_difference() -> None:
    assert differ(ALLOWED, replace(ALLOWED, rules=("s",), reason="allowed by rule s")) == []
    assert differ(DENIED, replace(DENIED, rules=("e",), reason="denied by rule e")) == []


def test_newly_allowed_and_newly_denied_say_why() -> None:
    assert differ(DENIED, ALLOWED) == [("allowed", "denied by rule d", "allowed by rule r")]
    assert differ(ALLOWED, DENIED) == [("denied", "allowed by rule r", "denied by rule d")]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (
            {"scanners": ("pii", "words")},
            ("scanners", "none",
             "words=reads, words.action=block, words.on=[user], words.patterns.A=a"),
        ),
        ({"scanners": ()}, ("scanners", READS, "none")),
        ({"scanners": (VARIANT,)}, ("scanners", "pii.entities.PERSON=redact from 0.5",
                                        "pii.entities.PERSON=allow from 0.5")),
        ({"changes": {"n": 1, "tools": ("a", "b")}}, ("changes", "none", "n=1, tools=[a, b]")),
        ({"limits": ()}, ("limits", "human: 60 in 60 s requests per subject", "none")),
        (
            {"limits": (LimitUse(replace(HUMAN, per="role"), ("a", "b")),)},
            (
                "limits",
                "human: 60 in 60 s requests per subject",
                "human: 60 in 60 s requests per role (a, b)",
            ),
        ),
        (
            {"unknown_fields": "refuse"},
            ("terms", "unknown_fields=scan", "unknown_fields=refuse"),
        ),
        (
            {"unknown_conversations": "allow"},
            ("terms", "unknown_conversations=refuse", "unknown_conversations=allow"),
        ),
        ({"capture": "none"}, ("terms", "capture=sealed", "capture=none")),
        (
            {"on_scanner_error": Action.FLAG, "on_state_error": "allow"},
            (
                "terms",
                "on_scanner_error=block, on_state_error=refuse",
                "on_scanner_error=flag, on_state_error=allow",
            ),
        ),
        (
            {"shadow": (ShadowRule("s", "deny"),)},
            ("shadow", "nothing is measured", "s would deny"),
        ),
        (
            {"shadow_scans": (ShadowScan("s", (VARIANT,)),)},
            (
                "shadow",
                "nothing is measured",
                "s would read with pii.entities.PERSON=allow from 0.5",
            ),
        ),
    ],
)  # fmt: skip
def test_what_differs_in_what_is_allowed_is_told(
    changed: dict[str, Any], words: tuple[str, str, str]
) -> None:
    new = replace(ALLOWED, **changed)
    kind, before, after = words
    assert differ(ALLOWED, new) == [words]
    assert differ(new, ALLOWED) == [(kind, after, before)]


def test_what_the_client_reads_of_rules_is_told() -> None:
    assert differ(DENIED, replace(DENIED, message="never")) == [
        ("terms", "the client reads 'no'", "the client reads 'never'")
    ]
    assert differ(DENIED, replace(DENIED, message=None)) == [
        ("terms", "the client reads 'no'", "the client reads no reason")
    ]
    # What the gateway says where no rule denies follows from the rules, and is told with them.
    assert differ(DENIED, replace(DENIED, message=None, rules=())) == []


def test_what_brings_about_that_a_request_opens_or_closes_is_its_cause() -> None:
    def cause(old: Decision, new: Decision) -> str:
        (found,) = differences(effect(POLICY, old), effect(POLICY, new))
        return found.cause

    unallowed = replace(DENIED, rules=(), reason="no rule allows it")
    assert cause(DENIED, ALLOWED) == "denied by rule d"
    assert cause(ALLOWED, DENIED) == "denied by rule d"
    assert cause(unallowed, ALLOWED) == "allowed by rule r"
    assert cause(ALLOWED, unallowed) == "allowed by rule r"


def test_what_is_measured_of_what_newly_opens_is_no_change_of_its_own() -> None:
    measured = replace(ALLOWED, shadow=(ShadowRule("s", "deny"),))
    assert [kind for kind, _, _ in differ(DENIED, measured)] == ["allowed"]


def test_settings_of_what_is_denied_are_not_told() -> None:
    assert differ(DENIED, replace(DENIED, capture="none")) == []


def test_a_variant_has_the_name_of_its_scanner() -> None:
    (spec,) = specs_of(POLICY, [VARIANT])
    assert (spec.name, spec.of) == ("pii", "")


def test_settings_are_named_by_their_paths() -> None:
    assert show_settings((ORDERS,)) == {
        "orders": "reads",
        "orders.on": ("user",),
        "orders.flag_at": 0.5,
        "orders.block_at": 0.8,
    }


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        (Limit("a", tokens=Rate(200_000, 3600.0)), "a: 200000 in 3600 s tokens per subject"),
        (
            Limit("b", per="tenant", requests=Rate(1, 0.5), concurrent=4),
            "b: 1 in 0.5 s requests, 4 at a time per tenant",
        ),
    ],
)
def test_a_limit_is_one_line(limit: Limit, words: str) -> None:
    assert show_limit(limit) == words


def test_no_values_are_none() -> None:
    assert show_values({}) == "none"


def test_the_regions_of_telephone_numbers_are_told_where_a_policy_says_them() -> None:
    assert "pii.regions" not in show_settings((PII,))
    assert show_settings((replace(PII, regions=("DE", "FR")),))["pii.regions"] == ("DE", "FR")
