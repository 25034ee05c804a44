"""What came of an embedded test, against what was expected."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest

from gateway.policy.case import Expectation
from gateway.policy.decision import Decision, ShadowRule, ShadowScan
from gateway.policy.outcome import Outcome, difference, outcome_of
from gateway.terms import Action, Limit, LimitUse

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gateway.policy.case import Verdict


@dataclass(frozen=True)
class Word:
    scanner: str
    entity: str
    action: Action


DECISION = Decision(
    allowed=True,
    rules=("chat",),
    reason="allowed by rule chat",
    message=None,
    scanners=("words",),
    capture="sealed",
    on_scanner_error=Action.BLOCK,
    changes={"temperature": 1.0, "tools": ("a", "b"), "system": "a secret text"},
    limits=(LimitUse(Limit("human")), LimitUse(Limit("all"))),
    exceptions=("legal",),
)
DENIED = replace(DECISION, allowed=False, rules=("stop",), reason="denied by rule stop")
FLAG = Word("words", "W", Action.FLAG)
BLOCK = Word("words", "W", Action.BLOCK)
SPARED = Word("words", "V", Action.ALLOW)


def outcome(decision: Decision = DECISION, *hits: Word, shadow: Sequence[str] = ()) -> Outcome:
    return Outcome(decision, hits, frozenset(shadow))


@pytest.mark.parametrize(
    "expect",
    [
        Expectation("allow"),
        Expectation("allow", rule="chat"),
        Expectation(
            "allow", changes={"temperature": 1, "tools": ("a", "b"), "system": "a secret text"}
        ),
        Expectation("allow", limits=frozenset({"human", "all"})),
        Expectation("allow", exceptions=frozenset({"legal"})),
        Expectation("allow", shadow=frozenset({"try"})),
    ],
)
def test_what_is_as_expected_differs_in_nothing(expect: Expectation) -> None:
    assert difference(expect, outcome(DECISION, SPARED, shadow=["try"])) == ""


@pytest.mark.parametrize(
    ("expect", "why"),
    [
        (Expectation("deny"), "expected deny, got allow (the scanners found nothing)"),
        (
            Expectation("allow", rule="stop"),
            "expected the rule 'stop' to decide, but it was allowed by rule chat",
        ),
        (
            Expectation("allow", changes={}),
            (
                "expected the changes none, got system: a text of 13 characters, temperature: 1, "
                "tools: [a, b]"
            ),
        ),
        (
            Expectation("allow", changes={"max_tokens": 4096, "reasoning_effort": "low"}),
            (
                "expected the changes max_tokens: 4096, reasoning_effort: low, got system: a text "
                "of 13 characters, temperature: 1, tools: [a, b]"
            ),
        ),
        (
            Expectation("allow", limits=frozenset({"human"})),
            "expected the limits human, got all, human",
        ),
        (Expectation("allow", limits=frozenset()), "expected the limits none, got all, human"),
        (
            Expectation("allow", exceptions=frozenset({"other"})),
            "expected the exceptions other, got legal",
        ),
        (
            Expectation("allow", shadow=frozenset({"try"})),
            "expected the rules in shadow mode try, got none",
        ),
    ],
)
def test_what_differs_is_said_without_any_text(expect: Expectation, why: str) -> None:
    assert difference(expect, outcome()) == why


@pytest.mark.parametrize(
    ("hits", "verdict"),
    [((), "allow"), ((SPARED,), "allow"), ((FLAG,), "flag"), ((FLAG, BLOCK), "block")],
)
def test_the_strongest_finding_gives_the_verdict(hits: tuple[Word, ...], verdict: Verdict) -> None:
    assert outcome(DECISION, *hits).verdict == verdict
    assert outcome(DENIED, *hits).verdict == "deny"
    assert difference(Expectation(verdict), outcome(DECISION, *hits)) == ""


def shadowed(decision: Decision = DECISION) -> Decision:
    scans = (ShadowScan("strict", ("words~strict",)), ShadowScan("same", ("words~same",)))
    return replace(decision, shadow=(ShadowRule("try", "deny"),), shadow_scans=scans)


def scan(scanners: Sequence[str]) -> Iterable[Word]:
    return {
        "words": [FLAG, FLAG],
        "words~strict": [BLOCK, FLAG],
        "words~same": [SPARED, FLAG, FLAG],
    }[scanners[0]]


def test_shadow_rules_and_scans_count_where_they_would_have_done_otherwise() -> None:
    found = outcome_of(shadowed(), scan)
    assert found.shadow == {"try", "strict"}
    assert found.hits == (FLAG, FLAG)


def test_a_denied_request_is_read_by_nobody() -> None:
    def unwanted(_scanners: Sequence[str]) -> Iterable[Word]:
        raise AssertionError

    found = outcome_of(shadowed(DENIED), unwanted)
    assert not found.hits
    assert found.shadow == {"try"}
