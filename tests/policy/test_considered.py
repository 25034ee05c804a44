"""One rule, looked at for one request."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from gateway.policy.callers import callers_of
from gateway.policy.considered import Considered, consider
from gateway.policy.days import parse_day
from gateway.policy.decide import decide
from gateway.policy.decision import Ask
from gateway.policy.probes import PLAIN, probes_of
from gateway.policy.witness import witnesses
from gateway.terms import Parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gateway.policy.model import Policy
    from gateway.terms import Value

POLICY = """
roles: {analyst: {}, developer: {inherits: [analyst]}, batch: {}}
models: {small: [m-small, "s-*"]}
scanners:
  words: {kind: pattern, on: [user], action: redact, patterns: {A: a}}
  orders: {kind: injection, on: [user]}
rules:
  - id: small
    allow: {roles: [analyst], routes: [messages], models: [small], when: {stream: false}}
    require: {max_tokens: {lte: 100}}
    clamp: {temperature: {lte: 1.0}}
    scan: [words]
  - id: pinned
    allow: {roles: [analyst], models: [small], when: {n: 3}}
    clamp: {system: {pinned: Be brief.}}
    scan: [words]
  - id: pinned-otherwise
    allow: {roles: [analyst], models: [small], when: {n: 3}}
    clamp: {system: {pinned: Be kind.}}
    scan: [words]
  - id: no-tools
    deny: {roles: [batch], when: {tools: present}}
  - id: tried
    mode: shadow
    until: 2027-01-31
    deny: {models: [m-small]}
  - id: endless
    mode: shadow
    allow: {roles: [batch], models: [m-small]}
  - id: stricter
    override: {scanner: words, action: block, when: {images: present}}
  - id: elsewhere
    override: {scanner: orders, block_at: 0.8}
"""
DAY = parse_day("2027-01-31")


def parameters(**said: tuple[Value, ...]) -> Parameters:
    values: Mapping[str, tuple[Value, ...]] = {**PLAIN.parameters.values, **said}
    return Parameters(values, PLAIN.parameters.stated | said.keys())


def ask(*roles: str, route: str = "messages", model: str = "m-small", **said: object) -> Ask:
    given = parameters(**said)  # type: ignore[arg-type]
    return Ask(frozenset(roles), route, model, given, frozenset(), DAY)


def considered(policy: Policy, asked: Ask) -> dict[str, Considered]:
    return {one.rule: one for one in consider(policy, asked, decide(policy, asked))}


@pytest.fixture
def policy(load: Callable[..., Policy]) -> Policy:
    return load(POLICY)


@pytest.mark.parametrize(
    ("asked", "rule", "state", "why"),
    [
        (ask("analyst"), "small", "decides", ()),
        (ask("batch"), "small", "misses", ("roles: analyst; the caller has batch",)),
        (ask(), "small", "misses", ("roles: analyst; the caller has none",)),
        (ask("analyst", route="embeddings"), "small", "misses", ("routes: messages",)),
        (ask("analyst", model="m-large"), "small", "misses", ("models: m-small, s-*",)),
        (
            ask("batch", route="embeddings", model="x"),
            "small",
            "misses",
            ("roles: analyst; the caller has batch", "routes: messages", "models: m-small, s-*"),
        ),
        (ask("analyst", stream=(True,)), "small", "misses", ("when: stream = false",)),
        (ask("analyst", max_tokens=(101,)), "small", "misses", ("require: max_tokens <= 100",)),
        (ask("analyst", n=(2,)), "pinned", "misses", ("when: n = 3",)),
        (ask("analyst", n=(3,)), "pinned", "decides", ()),
        (
            ask("analyst", n=(3,)),
            "pinned-otherwise",
            "fits",
            ("what it clamps and requires cannot be satisfied together with pinned, small",),
        ),
        (
            ask("analyst", "batch", tools=("x",)),
            "small",
            "fits",
            ("a deny rule wins: no-tools",),
        ),
        (ask("batch", tools=("x",)), "no-tools", "decides", ()),
        (ask("batch"), "no-tools", "misses", ("when: tools present",)),
        (ask("analyst"), "tried", "measured", ()),
        (ask("batch"), "endless", "measured", ()),
        (ask("analyst", images=(1,)), "stricter", "applies", ()),
        (ask("analyst"), "stricter", "misses", ("when: images present",)),
        (
            ask("batch", images=(1,)),
            "stricter",
            "fits",
            ("the request is denied, so nothing is scanned",),
        ),
        (
            ask("analyst"),
            "elsewhere",
            "fits",
            ("the scanner orders does not read this request",),
        ),
    ],
)
def test_each_rule_says_what_became_of_it_and_why(
    policy: Policy, asked: Ask, rule: str, state: str, why: tuple[str, ...]
) -> None:
    found = considered(policy, asked)[rule]
    assert (found.state, found.why) == (state, why)


def test_what_cannot_be_told_counts_against_the_request_and_is_said(policy: Policy) -> None:
    unknown = replace(ask("analyst", "batch"), parameters=None)
    found = considered(policy, unknown)
    assert found["small"].why == (
        "when: stream = false (cannot be told)",
        "require: max_tokens <= 100 (cannot be told)",
        "clamp: temperature <= 1.0 (cannot be told)",
    )
    assert found["no-tools"].state == "decides"
    assert found["no-tools"].why == (
        "when: tools present (cannot be told, which counts against the request)",
    )


def test_a_rule_in_shadow_mode_ends_after_its_last_day(policy: Policy) -> None:
    late = replace(ask("analyst"), day=DAY + 1)
    assert considered(policy, late)["tried"].why == (
        "its time in shadow mode has ended on 2027-01-31",
    )
    assert considered(policy, late)["endless"].why == ("roles: batch; the caller has analyst",)


def test_rules_stand_in_their_order_with_their_kinds(policy: Policy) -> None:
    found = list(considered(policy, ask("analyst")).values())
    assert [(one.rule, one.kind, one.shadow) for one in found] == [
        ("small", "allow", False),
        ("pinned", "allow", False),
        ("pinned-otherwise", "allow", False),
        ("no-tools", "deny", False),
        ("tried", "deny", True),
        ("endless", "allow", True),
        ("stricter", "override", False),
        ("elsewhere", "override", False),
    ]


def test_whatever_is_asked_those_that_decide_are_those_of_the_decision(policy: Policy) -> None:
    rules = [(*rule.when, *rule.require, *rule.clamp) for rule in policy.rules]
    rules += [override.when for override in policy.overrides]
    probes = [probe.parameters for probe in probes_of(rules)]
    models = witnesses(glob for rule in policy.rules for glob in rule.models)
    seen = 0
    for caller in callers_of(policy):
        for model in models:
            for given in (None, *probes):
                asked = Ask(caller.roles_in(policy), "messages", model, given, frozenset(), DAY)
                decision = decide(policy, asked)
                found = list(consider(policy, asked, decision))
                assert {one.rule for one in found if one.state == "decides"} == {*decision.rules}
                assert all(one.why for one in found if one.state in {"misses", "fits"})
                measured = {one.rule for one in found if one.state == "measured"}
                assert measured >= {one.rule for one in decision.shadow}
                seen += 1
    assert seen > 100
