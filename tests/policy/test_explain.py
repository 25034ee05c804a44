"""A decision, explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gateway.policy.days import parse_day
from gateway.policy.decision import Ask
from gateway.policy.explain import Explanation, explain
from gateway.policy.probes import PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.model import Policy

POLICY = """
roles: {analyst: {}, developer: {}}
limits: {human: {requests: 60/min}}
scanners:
  words: {kind: pattern, on: [user], action: redact, patterns: {A: a, B: b}}
  orders: {kind: injection, on: [user], block_at: 0.9}
rules:
  - id: small
    allow: {roles: [analyst], models: [m]}
    clamp: {temperature: {lte: 0.5}}
    limits: human
    scan: [words, orders]
  - {id: also, allow: {roles: [developer], models: [m]}, scan: [words]}
  - {id: deny, deny: {models: [n]}}
  - {id: stricter, override: {scanner: orders, block_at: 0.8}}
exceptions:
  - id: spared
    rule: small
    suppress: {scanner: words, entities: [B, A]}
    match: {claim: team, any_of: [legal]}
    reason: r
    approved_by: a
    expires: 2027-03-31
"""
DAY = parse_day("2027-03-31")


@pytest.fixture
def explained(load: Callable[..., Policy]) -> Callable[..., Explanation]:
    policy = load(POLICY)

    def explaining(
        *roles: str, model: str = "m", excepted: tuple[str, ...] = ("spared",), day: int = DAY
    ) -> Explanation:
        exceptions = frozenset(excepted)
        ask = Ask(frozenset(roles), "messages", model, PLAIN.parameters, exceptions, day)
        return explain(policy, ask)

    return explaining


def test_what_decided_comes_first(explained: Callable[..., Explanation]) -> None:
    states = [(one.rule, one.state) for one in explained("analyst").rules]
    assert states == [
        ("small", "decides"),
        ("stricter", "applies"),
        ("also", "misses"),
        ("deny", "misses"),
    ]
    assert explained("analyst").decision.reason == "allowed by rule small"


def test_scanners_have_their_settings_and_what_changed_them(
    explained: Callable[..., Explanation],
) -> None:
    found = {one.spec.name: one for one in explained("analyst").scanners}
    assert found["orders"].spec.block_at == 0.8
    assert found["orders"].changed_by == ("stricter",)
    assert found["words"].changed_by == ("spared",)
    unspared = {one.spec.name: one for one in explained("analyst", excepted=()).scanners}
    assert unspared["words"].changed_by == ()
    assert explained("analyst", model="n").scanners == ()


def test_an_exception_that_applies_is_named_with_what_it_spares(
    explained: Callable[..., Explanation],
) -> None:
    (found,) = explained("analyst").exceptions
    assert (found.exception, found.scanner, found.entities) == ("spared", "words", ("A", "B"))
    assert (found.applies, found.why) == (True, "")


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"day": DAY + 1}, "it has ended on 2027-03-31"),
        ({"excepted": ()}, "it is not made for this caller"),
        ({"model": "n"}, "its rule small does not allow this request"),
    ],
)
def test_an_exception_that_does_not_apply_says_why(
    explained: Callable[..., Explanation], asked: dict[str, object], why: str
) -> None:
    (found,) = explained("analyst", **asked).exceptions
    assert (found.applies, found.why) == (False, why)


def test_an_exception_of_one_rule_spares_nothing_where_another_scans_too(
    explained: Callable[..., Explanation],
) -> None:
    (found,) = explained("analyst", "developer").exceptions
    assert found.why.startswith("another rule scans with it too and spares nothing")


def test_limits_and_changes_are_those_of_the_decision(
    explained: Callable[..., Explanation],
) -> None:
    decision = explained("analyst").decision
    assert [use.limit.name for use in decision.limits] == ["human"]
