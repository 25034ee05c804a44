"""Checked files become the policy that decides."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from gateway.policy.case import BEGINNING, Expectation
from gateway.policy.exceptions import PolicyException
from gateway.policy.matrix import Bounds, Condition
from gateway.policy.override import Override
from gateway.policy.rule import Rule
from gateway.policy.variants import MAX_VARIANTS
from gateway.terms import Action, EntityRule, Limit, Rate

if TYPE_CHECKING:
    from collections.abc import Callable

    from gateway.policy.model import Policy

BASE = """\
defaults: {on_state_error: allow, unknown_fields: refuse, unknown_conversations: allow}
roles: {analyst: {}, batch: {}}
models: {small: [m1, 'm2*']}
limits:
  human: {requests: 60/min, tokens: 200k/hour, concurrent: 4, per: role, reserve: 1k}
  all: {concurrent: 100, per: everyone}
scanners:
  injection: {kind: injection, on: [user], flag_at: 0.5, block_at: 0.8}
  pii: {kind: pii, on: [user], entities: {US_SSN: redact, CREDIT_CARD: block}}
rules:
  - id: chat
    allow: {roles: [analyst], models: [small], when: {stream: false}}
    require: {max_tokens: {lte: 4096}, tools: {names: [search]}}
    clamp: {temperature: {lte: 1.0}}
    limits: [human, all]
    scan: [injection, pii]
  - id: no-tools
    deny: {when: {tools: present}}
    mode: shadow
    until: 2027-01-31
  - id: stricter
    override:
      {scanner: pii, roles: [batch], routes: [messages], models: [small, m3], when: {n: 1},
       entities: {US_SSN: {action: block, min_score: 0.3}}}
  - id: sharper
    override: {scanner: injection, flag_at: 0.3, block_at: 0.85}
    mode: shadow
exceptions:
  - id: legal
    rule: chat
    suppress: {scanner: pii, entities: [US_SSN]}
    match: {roles: [analyst], claim: team, any_of: [legal, tax]}
    reason: contracts hold numbers
    approved_by: ciso@example.com
    expires: 2027-03-31
tests:
  - name: plain
    given: {roles: [analyst], claims: {team: legal}, route: messages, model: m1}
    expect: {decision: allow}
  - name: everything
    given: {role: analyst, route: messages, model: m1, day: 2027-04-01,
            parameters: {temperature: 2, tools: [search]}}
    expect:
      decision: allow
      changes: {temperature: 1, tools: [], system_prefix: x}
      limits: [human]
      exceptions: [legal]
      shadow: [no-tools]
"""


def test_limits_are_as_the_file_says(load: Callable[..., Policy]) -> None:
    policy = load(BASE)
    assert policy.limits == {
        "human": Limit("human", "role", Rate(60, 60), Rate(200_000, 3600), 4, 1000),
        "all": Limit("all", "everyone", concurrent=100),
    }
    assert policy.defaults.on_state_error == "allow"
    assert policy.defaults.unknown_fields == "refuse"
    assert policy.defaults.unknown_conversations == "allow"


def test_rules_have_their_conditions_and_limits(load: Callable[..., Policy]) -> None:
    chat, no_tools = load(BASE).rules
    assert chat == Rule(
        "chat",
        allows=True,
        roles=frozenset({"analyst"}),
        models=("m1", "m2*"),
        scan=frozenset({"injection", "pii"}),
        when=(Condition("stream", bounds=Bounds(one_of=(False,))),),
        require=(
            Condition("max_tokens", bounds=Bounds(lte=4096)),
            Condition("tools", names=("search",)),
        ),
        clamp=(Condition("temperature", bounds=Bounds(lte=1.0)),),
        limits=frozenset({"human", "all"}),
    )
    assert no_tools == Rule(
        "no-tools",
        allows=False,
        when=(Condition("tools", present=True),),
        shadow=True,
        until=20849,
    )


def test_overrides_stand_beside_the_rules(load: Callable[..., Policy]) -> None:
    stricter, sharper = load(BASE).overrides
    assert stricter == Override(
        "stricter",
        "pii",
        entities={"US_SSN": EntityRule(Action.BLOCK, 0.3)},
        roles=frozenset({"batch"}),
        routes=frozenset({"messages"}),
        models=("m1", "m2*", "m3"),
        when=(Condition("n", bounds=Bounds(one_of=(1,))),),
    )
    assert sharper == Override("sharper", "injection", flag_at=0.3, block_at=0.85, shadow=True)


def test_exceptions_are_as_the_file_says(load: Callable[..., Policy]) -> None:
    assert load(BASE).exceptions == (
        PolicyException(
            id="legal",
            rule="chat",
            scanner="pii",
            entities=frozenset({"US_SSN"}),
            roles=frozenset({"analyst"}),
            claim="team",
            any_of=frozenset({"legal", "tax"}),
            reason="contracts hold numbers",
            approved_by="ciso@example.com",
            expires=20908,
        ),
    )


def test_every_scanner_is_followed_by_what_may_become_of_it(load: Callable[..., Policy]) -> None:
    shown = [spec.shown for spec in load(BASE).scanners]
    assert [name for name, _ in groupby(shown)] == ["injection", "pii"]
    assert shown.count("injection") > 1
    assert shown.count("pii") > 2


def test_tests_have_parameters_a_day_and_expectations(load: Callable[..., Policy]) -> None:
    plain, everything = load(BASE).tests
    assert (plain.roles, plain.claims, plain.day) == (("analyst",), {"team": "legal"}, BEGINNING)
    assert plain.expect == Expectation("allow")
    assert everything.day == 20909
    assert everything.parameters.values["temperature"] == (2.0,)
    assert everything.expect.changes == {"temperature": 1, "tools": (), "system_prefix": "x"}
    assert everything.expect.limits == frozenset({"human"})
    assert everything.expect.exceptions == frozenset({"legal"})
    assert everything.expect.shadow == frozenset({"no-tools"})


def test_nothing_of_it_can_be_changed(load: Callable[..., Policy]) -> None:
    policy = load(BASE)
    changes = policy.tests[1].expect.changes
    for mapping in (policy.limits, policy.overrides[0].entities, changes):
        with pytest.raises(TypeError):
            mapping["x"] = None  # type: ignore[index]


def test_attack_exceptions_that_multiply_without_end_are_a_problem_of_the_file(
    problems: Callable[..., list[str]],
) -> None:
    names = [f"P{number}" for number in range(MAX_VARIANTS + 1)]
    patterns = ", ".join(f"{name}: {name}" for name in names)
    lines = [
        "rules: [{id: r, allow: {models: [m]}, scan: [s]}]",
        f"scanners: {{s: {{kind: pattern, on: [user], action: flag, patterns: {{{patterns}}}}}}}",
        "exceptions:",
    ]
    lines += [
        f"  - {{id: e-{name}, rule: r, suppress: {{scanner: s, entities: [{name}]}}, "
        f"match: {{claim: c, any_of: [{name}]}}, reason: r, approved_by: a, expires: 2027-01-01}}"
        for name in names
    ]
    (found,) = problems("\n".join(lines))
    assert found.startswith(f"a.yaml:{len(names) + 4}:5: exceptions and overrides make more than")
    assert found.endswith("let one exception or override say what several say")
